"""From one source to two notebooks, and what is caught on the way."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from textwrap import dedent

import nbformat
import pytest

pytest.importorskip("jupytext")
pytest.importorskip("nbclient")

from bpkit.authoring import build, build_command, drawing
from bpkit.authoring.build import build_lesson, student_text, worked_text
from bpkit.authoring.drift import drift
from bpkit.authoring.execute import execute
from bpkit.authoring.source import read_source
from bpkit.course.folders import Course
from bpkit.errors import CourseError

HEADER = "# ---\n# jupyter:\n#   kernelspec:\n#     name: python3\n# ---\n\n"
LESSON = """\
# %% [markdown]
# # Two times
# Some text with $x$.

# %%
import math


def double(x):
    \"\"\"Twice x.\"\"\"
    # think of the sum
    # BEGIN SOLUTION
    both_together = x + x
    return both_together
    # END SOLUTION


print(double(2))
print(double(3))

# %% [markdown]
# ## Values

# %%
# which numbers?
# BEGIN SOLUTION
first_number, second_number = 3, math.floor(4.5)
total: int = first_number + second_number
# END SOLUTION
total

# %% tags=["solution"]
a_remark_for_the_solved_notebook = "kept out of the lesson"
"""


def course_at(folder):
    made = Course.at(folder)
    for part in (made.lessons, made.slides, made.solutions):
        part.mkdir()
    return made


@pytest.fixture
def course(tmp_path, monkeypatch):
    made = course_at(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(build_command, "find_course", lambda: made)
    return made


def write(course, text=LESSON, name="01_two_times"):
    path = course.solutions / f"{name}.py"
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def student(course, text):
    return nbformat.reads(student_text(read_source(write(course, text))), as_version=4).cells


def bpkit_build(*words):
    parser = argparse.ArgumentParser()
    build_command.add_arguments(parser)
    return build_command.run(parser.parse_args(words))


# -- stubs ------------------------------------------------------------------------------------------------------------


def test_a_block_in_a_function_becomes_a_return_and_what_stands_around_it_stays(course):
    code = student(course, LESSON)[1].source
    assert code == dedent(
        '''\
        import math


        def double(x):
            """Twice x."""
            # think of the sum
            return ...  # your code here


        print(double(2))
        print(double(3))'''
    )


def test_a_block_of_values_leaves_every_assigned_name(course):
    code = student(course, LESSON)[3].source
    assert code == (
        "# which numbers?\nfirst_number = ...  # your answer here\nsecond_number = ...  # your answer here\ntotal = ...  # your answer here\ntotal"
    )


def test_a_cell_tagged_solution_is_dropped(course):
    assert not any("remark" in cell.source for cell in student(course, LESSON))


def test_the_stub_stands_at_the_block_s_own_depth(course):
    block = [f"{' ' * 12}{line}" for line in ("# BEGIN SOLUTION", "y = 1", "return y", "# END SOLUTION")]
    text = "\n".join(["# %%", "class A:", "    def f(self, x):", "        if x:", *block, "        return 0"])
    assert "        if x:\n            return ...  # your code here\n        return 0" in student(course, text)[0].source


def test_names_assigned_in_branches_and_definitions_count_and_those_of_inner_functions_do_not(course):
    text = "# %%\n# BEGIN SOLUTION\nif True:\n    a = 1\nelse:\n    b = [c := 2]\ndef g():\n    inside = 3\na = 4\n# END SOLUTION\n"
    assert student(course, text)[0].source.split("\n") == [f"{name} = ...  # your answer here" for name in "abg"]


def test_two_blocks_in_one_cell_are_two_stubs(course):
    text = "# %%\n# BEGIN SOLUTION\na = 1\n# END SOLUTION\nprint(a)\n# BEGIN SOLUTION\nb = 2\n# END SOLUTION\n"
    assert student(course, text)[0].source == "a = ...  # your answer here\nprint(a)\nb = ...  # your answer here"


@pytest.mark.parametrize(
    ("cell", "line", "told"),
    [
        ("x = 1\n# BEGIN SOLUTION\nx = 2\n", 10, "without an END SOLUTION"),
        ("# BEGIN SOLUTION\nx = 2\n# BEGIN SOLUTION\n# END SOLUTION\n", 11, "began at line 10; blocks do not nest"),
        ("x = 2\n# END SOLUTION\n", 10, "END SOLUTION without a BEGIN"),
        ("# BEGIN SOLUTION\nprint(1)\n# END SOLUTION\n", 9, "assigns no name"),
        ("# BEGIN SOLUTION\n# only a remark\n# END SOLUTION\n", 9, "nothing stands between"),
        ("#BEGIN SOLUTION\nx = 2\n# END SOLUTION\n", 9, "found '#BEGIN SOLUTION', expected exactly"),
        ("### begin solution\nx = 2\n", 9, "expected exactly"),
        ("# BEGIN SOLUTION\nx = = 2\n# END SOLUTION\n", 10, "must be Python"),
    ],
)
def test_a_malformed_marker_is_told_with_file_and_line(course, cell, line, told):
    path = write(course, "# %% [markdown]\n# # A\n# %%\n" + cell)
    with pytest.raises(CourseError, match=re.escape(told)) as error:
        read_source(path)
    assert str(error.value).startswith(f"solutions/01_two_times.py:{line + 1}: ")
    assert "\n" not in str(error.value)


def test_the_line_told_is_the_marker_s(course):
    path = write(course, "# %% [markdown]\n# # A\n\n# %%\n\nx = 1\n# END SOLUTION\n")
    with pytest.raises(CourseError) as error:
        read_source(path)
    line = int(str(error.value).split(":")[1])
    assert path.read_text().split("\n")[line - 1] == "# END SOLUTION"


def test_a_marker_in_a_text_cell_is_refused(course):
    with pytest.raises(CourseError, match="text cell"):
        read_source(write(course, "# %% [markdown]\n# BEGIN SOLUTION\n# secret\n# END SOLUTION\n"))


def test_text_before_the_first_cell_is_refused(course):
    with pytest.raises(CourseError, match="found text under no"):
        read_source(write(course, "x = 1\n\n# %%\ny = 2\n"))


def test_a_source_that_is_not_text_is_one_line(course):
    path = course.solutions / "01_two_times.py"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CourseError, match="cannot be read as UTF-8"):
        read_source(path)


# -- ids --------------------------------------------------------------------------------------------------------------


def test_ids_name_lesson_section_and_place_and_survive_changes_in_other_sections(course):
    before = [cell.id for cell in read_source(write(course)).cells]
    assert before == ["01-two-times-1", "01-two-times-2", "01-values-1", "01-values-2", "01-values-3"]
    longer = LESSON.replace("# %% [markdown]\n# ## Values", "# %%\n1 + 1\n\n# %% [markdown]\n# ## Values")
    after = [cell.id for cell in read_source(write(course, longer)).cells]
    assert set(before) < set(after)


def test_ids_are_valid_and_unique_for_any_heading(course):
    headings = ["反向传播", "误差", "A" * 200, "σ′ — done?", "a", "a"]
    cells = read_source(write(course, "".join(f"# %% [markdown]\n# ## {heading}\n\n" for heading in headings))).cells
    ids = [cell.id for cell in cells]
    assert len(set(ids)) == len(headings)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)


# -- execution --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_solved_notebook_has_the_solution_its_outputs_and_no_marker(course):
    source = read_source(write(course))
    build_lesson(source, course)
    text = (course.solutions / "01_two_times.ipynb").read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert "BEGIN SOLUTION" not in text and "both_together = x + x" in text
    assert [cell.get("execution_count") for cell in notebook.cells if cell.cell_type == "code"] == [1, 2, 3]
    (stream,) = notebook.cells[1].outputs
    assert (stream.name, stream.text) == ("stdout", "4\n6\n")
    assert notebook.cells[3].outputs[0].data["text/plain"] == "7"
    assert notebook.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "bpkit": {"drawn_by": {}, "outputs": notebook.metadata.bpkit.outputs},
    }


@pytest.mark.slow
def test_two_builds_from_nothing_give_the_same_bytes(course):
    drawn = "# %%\nimport matplotlib.pyplot as plt\nplt.subplots(figsize=(2, 1))[1].plot([1, 2]);\n\n# %%\nprint({'b', 'a', 'c'})\n"
    source = read_source(write(course, LESSON + "\n" + drawn))
    files = [course.solutions / "01_two_times.ipynb", course.lessons / "01_two_times.ipynb"]
    seen = []
    for _ in range(2):
        assert sorted(build_lesson(source, course)) == sorted(files)
        seen.append([path.read_bytes() for path in files])
        for path in files:
            path.unlink()
    assert seen[0] == seen[1]
    assert b"image/png" in seen[0][0]


@pytest.mark.slow
def test_unchanged_files_are_not_rewritten_and_only_changed_sources_run_when_asked(course, monkeypatch):
    path = write(course)
    assert bpkit_build() == 0
    solved = course.solutions / "01_two_times.ipynb"
    before = solved.stat().st_mtime_ns, solved.stat().st_ino
    assert build_lesson(read_source(path), course) == []
    assert (solved.stat().st_mtime_ns, solved.stat().st_ino) == before
    path.write_text(path.read_text() + "\n# %%\nraise RuntimeError('ran')\n")
    with pytest.raises(CourseError, match="ran"):
        build_lesson(read_source(path), course, only_changed=True)
    path.write_text(HEADER + LESSON)
    monkeypatch.setattr(build, "execute", lambda source: pytest.fail("the cells ran"))
    assert build_lesson(read_source(path), course, only_changed=True) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ("raise ValueError('no\\nway')", "raised ValueError: no way"),
        ("import sys\nprint('hm', file=sys.stderr)", "wrote to stderr"),
        ("object()", "memory address"),
        ("print(object())", "memory address"),
        ("import os\nos._exit(3)", "kernel died"),
    ],
)
def test_what_would_not_last_is_refused_with_its_place(course, cell, told):
    path = write(course, f"# %%\nx = 1\n\n# %%\n{cell}\n")
    with pytest.raises(CourseError, match=told) as error:
        execute(read_source(path))
    assert str(error.value).startswith("solutions/01_two_times.py:")
    assert "\n" not in str(error.value)


def test_a_cell_may_raise_when_tagged_and_its_traceback_names_no_file(course):
    source = read_source(write(course, '# %% tags=["raises-exception"]\n1 / 0\n\n# %%\nprint("on")\n'))
    notebook = execute(source)
    assert notebook.cells[0].outputs[0].traceback == ["ZeroDivisionError: division by zero"]
    assert notebook.cells[1].outputs[0].text == "on\n"


def test_the_kernel_works_in_an_empty_folder(course):
    notebook = execute(read_source(write(course, "# %%\nimport os\nprint(os.listdir())\nopen('x', 'w').close()\n")))
    assert notebook.cells[0].outputs[0].text == "[]\n"
    assert not list(course.solutions.parent.glob("**/x"))


def test_a_cell_that_hangs_is_told(course):
    with pytest.raises(CourseError, match="more than 1 s"):
        execute(read_source(write(course, "# %%\nimport time\ntime.sleep(60)\n")), timeout=1)


# -- drift ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built_once(tmp_path_factory):
    made = course_at(tmp_path_factory.mktemp("built"))
    source = read_source(write(made))
    build_lesson(source, made)
    made.worked.write_text(worked_text([source]))
    return made


@pytest.fixture
def built(course, built_once):
    for folder in (built_once.lessons, built_once.solutions):
        shutil.copytree(folder, getattr(course, folder.name), dirs_exist_ok=True)
    assert drift(course) == []
    return course


def edit(path, change):
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def never_run(notebook):
    notebook["cells"][1].update(execution_count=None, outputs=[])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (never_run, "cell 01-two-times-2 was never run (solutions/01_two_times.py:12)"),
        (lambda nb: nb["cells"][1]["source"].append("\n1"), "cell 01-two-times-2 differs from solutions/01_two_times.py:12"),
        (lambda nb: nb["cells"].pop(0), "the cell of solutions/01_two_times.py:8 is missing"),
        (lambda nb: nb["cells"][0].update(id="added"), "cell added is not in solutions/01_two_times.py"),
        (lambda nb: nb["cells"].reverse(), "order, metadata or formatting"),
        (lambda nb: nb["metadata"].update(author="me"), "order, metadata or formatting"),
        (lambda nb: nb["cells"][1].update(execution_count=7), "order, metadata or formatting"),
        (lambda nb: nb.update(nbformat=9), "cannot be read"),
        (lambda nb: nb["cells"][1]["outputs"][0]["text"].append("5\n"), "its outputs are not those of its last build"),
        (lambda nb: nb["metadata"].pop("bpkit"), "does not say which code drew its pictures"),
    ],
)
def test_an_edited_solved_notebook_is_named_with_its_place(built, change, told):
    edit(built.solutions / "01_two_times.ipynb", change)
    problems = drift(built)
    assert any(told in problem and problem.startswith("solutions/01_two_times.ipynb: ") for problem in problems), problems


def other_code(patch, name):
    """Make a file of bpkit be another than it was."""
    assert (drawing._PACKAGE / name).is_file()
    known = drawing.digest
    patch.setattr(drawing, "digest", lambda path: "other" if path == drawing._PACKAGE / name else known(path))


PICTURES = """
# %%
import bpkit as bp
bp.plots.show(bp.plots.heat_map([[1, 2]]))

# %%
bp.widgets.notation(bp.nets.two_three_two()[0])
"""


@pytest.mark.slow
def test_a_picture_drawn_by_other_code_is_named_with_the_code(course, monkeypatch):
    path = write(course, PICTURES)
    assert bpkit_build() == 0
    drew = ["plots/_arrays.py", "plots/_house.py", "exhibits/palette.py", "core/image.py"]
    drew += ["widgets/_base.py", "widgets/js/common.js", "widgets/js/notation.css"]
    for name in drew:
        with monkeypatch.context() as patch:
            other_code(patch, name)
            assert drift(course) == [f"solutions/01_two_times.ipynb: its pictures were drawn before bpkit/{name} changed; run: bpkit build 01"]
    for name in ("plots/_tape.py", "widgets/js/tape.js", "widgets/_tape.py", "exhibits/guess.py", "core/network.py"):
        with monkeypatch.context() as patch:
            other_code(patch, name)
            assert drift(course) == []
    other_code(monkeypatch, drew[0])
    assert build_lesson(read_source(path), course, only_changed=True) == [course.solutions / "01_two_times.ipynb"]
    assert drift(course) == []


def test_comments_and_docstrings_draw_nothing(tmp_path):
    code = '"""Draws."""\n\nimport re\n\n\ndef draw():\n    """A line."""\n    return "# not a comment"  # black\n'
    seen = {}
    for name, text in {
        "as it was": code,
        "other words": code.replace("Draws.", "Draws\n\nall.").replace("# black", "").replace("A line", "One line"),
        "other text": code.replace("# not", "# no"),
        "other code": code.replace("return", "yield"),
        "other name": code.replace("def draw", "def drawn"),
    }.items():
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        seen[name] = drawing.digest(path)
    assert seen["as it was"] == seen["other words"]
    assert len(set(seen.values())) == 4


def test_a_widget_draws_by_its_script_its_styles_and_what_it_imports():
    assert set(drawing.drawn_by(["bpkit.widgets._base", "bpkit.widgets._v_curve"])) >= {
        "widgets/_base.py",
        "widgets/_v_curve.py",
        "exhibits/palette.py",
        *(f"widgets/js/{name}" for name in ("common.css", "common.js", "forward_pass.css", "saturation.css", "v_curve.css", "v_curve.js")),
    }


def test_an_edited_student_notebook_is_named(built, capsys):
    edit(built.lessons / "01_two_times.ipynb", lambda nb: nb["cells"][0]["source"].append("!"))
    assert bpkit_build("--check") == 1
    told = capsys.readouterr().out
    assert told == "lessons/01_two_times.ipynb: differs from what solutions/01_two_times.py makes; run: bpkit build 01\n"


def test_a_changed_source_drifts_both(built):
    path = built.solutions / "01_two_times.py"
    path.write_text(path.read_text().replace("print(double(3))", "print(double(4))"))
    assert [problem.split(":")[0] for problem in drift(built)] == [
        "solutions/01_two_times.ipynb",
        "lessons/01_two_times.ipynb",
        "solutions/worked.json",
    ]


def test_missing_and_stale_files_are_named(built):
    (built.lessons / "01_two_times.ipynb").rename(built.lessons / "02_old.ipynb")
    (built.solutions / "01_two_times.ipynb").unlink()
    assert [problem.split(";")[0] for problem in drift(built)] == [
        "solutions/01_two_times.ipynb: missing",
        "lessons/01_two_times.ipynb: missing",
        "lessons/02_old.ipynb: has no source in solutions",
    ]


def test_a_check_changes_no_file(built):
    before = {path: path.stat().st_mtime_ns for path in built.lessons.parent.rglob("*")}
    assert bpkit_build("--check", "01") == 0
    assert {path: path.stat().st_mtime_ns for path in built.lessons.parent.rglob("*")} == before


@pytest.mark.parametrize("spelling", ["first_number, second_number = 3, math.floor(4.5)", "first_number,second_number  =  3,\\\n  math.floor(4.5)"])
def test_solution_text_in_a_deck_is_found_however_it_is_spaced(built, spelling):
    (built.slides / "01_two_times.py").write_text(f"# %%\n{spelling}\n".replace("\\\n", "\n"))
    (problem,) = drift(built)
    assert problem.startswith("slides/01_two_times.py: gives away the solution of solutions/01_two_times.py:31")


@pytest.mark.slow
def test_solution_text_elsewhere_in_the_lesson_is_found(course):
    write(course, LESSON + "\n# %% [markdown]\n# By the way, `both_together = x + x`.\n")
    assert bpkit_build() == 0
    assert drift(course) == []  # a short line alone stands in many programs
    write(course, LESSON + "\n# %%\ny = '''\nboth_together = x + x\n\nreturn both_together'''\n")
    assert bpkit_build() == 0
    (problem,) = drift(course)
    assert problem.startswith("lessons/01_two_times.ipynb: gives away the solution of solutions/01_two_times.py:12: 'both_together = x + x")


def test_an_installed_wheel_has_no_sources_to_build(monkeypatch, tmp_path):
    monkeypatch.setattr(build_command, "find_course", lambda: Course(tmp_path, tmp_path))
    with pytest.raises(CourseError, match="clone the repository"):
        bpkit_build()


def test_an_unwritable_folder_is_one_line(course, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("bpkit.authoring.build.os.replace", refuse)
    write(course, "# %%\nx = 1\n")
    with pytest.raises(CourseError, match=r"01_two_times.ipynb: cannot be written: Permission denied"):
        bpkit_build()
    assert sys.exc_info()[0] is None


# -- comments and what is not Python ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["copy the weights", "echo of the input", "rm what is too small", "ls is short for least squares", "%time", "!make it"]
)
def test_a_comment_stays_a_comment(course, word):
    (cell,) = student(course, f"# %%\n# {word}\nx = 1\n")
    assert cell.source == f"# {word}\nx = 1"


def test_what_does_not_compile_is_told_with_the_source_s_line(course):
    write(course, "# %%\nx = 1\n\n# %%\n# a comment\ny = (1,\nz = 2\n")
    with pytest.raises(CourseError, match=r"^solutions/01_two_times\.py:1[23]: the cell is not Python: ") as error:
        bpkit_build()
    assert "\n" not in str(error.value)


def test_a_stub_that_does_not_compile_is_told_although_the_solution_does(course):
    write(course, "# %%\nx = [\n    # BEGIN SOLUTION\n    y := 1,\n    # END SOLUTION\n]\n")
    with pytest.raises(CourseError, match=r"^solutions/01_two_times\.py:\d+: "):
        bpkit_build()


@pytest.mark.parametrize("text", ["%timeit 1 + 1", "!true", "await thing()", "%%bash\necho 1"])
def test_what_the_notebook_understands_is_no_fault(course, text):
    read_source(write(course, f"# %%\n{text}\n"))


def test_a_cell_that_is_meant_to_fail_may_be_no_python(course):
    read_source(write(course, '# %% tags=["raises-exception"]\nx = (\n'))
