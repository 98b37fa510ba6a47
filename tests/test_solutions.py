"""The course's own notebooks: solved ones were run and still give what they record, fresh ones run without an error."""

from __future__ import annotations

import ast
import re
import shutil

import nbformat
import pytest

pytest.importorskip("jupytext")
pytest.importorskip("nbclient")

from course_sources import source_of
from nbclient import NotebookClient
from notebook_runs import run_by_nbval

from bpkit.authoring.drift import drift
from bpkit.course.folders import files_of, find_course
from bpkit.exercises import registry
from bpkit.exercises.keeping import LEFT_OUT

COURSE = find_course()
assert COURSE.solutions is not None
SOURCES = files_of(COURSE.solutions, ".py")
each_lesson = pytest.mark.parametrize("slug", [path.stem for path in SOURCES])
# a kernel for each lesson takes half of the time of everything else: one lesson stands for all where it has to be quick
each_lesson_in_a_kernel = pytest.mark.parametrize(
    "slug", [pytest.param(path.stem, marks=[] if path.stem.startswith("05_") else pytest.mark.slow) for path in SOURCES]
)


def read(folder, slug):
    return nbformat.read(folder / f"{slug}.ipynb", as_version=4)


def checks(notebook):
    """The cells that check an answer the notebook asks for: (exercise, the outcome's text)."""
    for cell in notebook.cells:
        asked = re.fullmatch(r"bp\.check\((\"[\d.]+\"), (\w+)\)", cell.source)
        if asked:
            (output,) = cell.outputs
            yield ast.literal_eval(asked[1]), output.data["text/plain"]


def test_there_are_lessons():
    assert SOURCES


@pytest.mark.slow
def test_no_generated_file_differs_from_its_source():
    assert drift(COURSE) == []


@each_lesson
def test_a_notebook_with_pictures_says_what_drew_them(slug):
    notebook = read(COURSE.solutions, slug)
    page = "".join(output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    drew = notebook.metadata.bpkit.drawn_by
    assert ("bpkit-figure" in page) == ("plots/_house.py" in drew)
    assert ("bpkit-host" in page) == ("widgets/_base.py" in drew)


@each_lesson
def test_every_code_cell_of_the_solved_notebook_was_run(slug):
    # nbval passes a notebook that was never run: with nothing recorded there is nothing to compare
    cells = [cell for cell in read(COURSE.solutions, slug).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(
        output.output_type == "error" for cell in cells for output in cell.outputs if "raises-exception" not in cell.metadata.get("tags", [])
    )


@each_lesson
def test_the_lesson_checks_every_exercise_of_its_number_and_the_solutions_are_right(slug):
    outcomes = dict(checks(read(COURSE.solutions, slug)))
    assert sorted(outcomes) == sorted(identity for identity, exercise in registry().items() if exercise.lesson == slug[:2])
    assert [text for text in outcomes.values() if ": right (" not in text] == []


@each_lesson_in_a_kernel
def test_the_solved_notebook_gives_what_it_records(slug, tmp_path):
    # a copy, for checking writes the learner's progress beside the notebook
    shutil.copy(COURSE.solutions / f"{slug}.ipynb", tmp_path)
    done = run_by_nbval(tmp_path / f"{slug}.ipynb", {LEFT_OUT: "1"})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.slow
@each_lesson
def test_a_fresh_lesson_runs_without_an_error_and_nothing_counts_as_attempted(slug, tmp_path):
    notebook = read(COURSE.lessons, slug)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": str(tmp_path)}},
        extra_arguments=["--log-level=ERROR"],
    ).execute()
    outcomes = dict(checks(notebook))
    assert outcomes
    assert [text for text in outcomes.values() if ": not attempted" not in text] == []
    streams = [output.text for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    assert streams == []


@each_lesson
def test_every_solution_block_answers_an_exercise(slug):
    source = source_of(COURSE.solutions / f"{slug}.py")
    exercises = [exercise.name for exercise in registry().values() if exercise.lesson == slug[:2]]
    for cell in source.cells:
        for _ in cell.blocks:
            assert any(re.search(rf"\b{name}\b", cell.text) for name in exercises), source.place(cell)
