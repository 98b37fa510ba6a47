"""The grader and the lessons: as solved, every exercise is right; as handed out, none is attempted; and no cell is in the way."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpkit.exercises import of_lesson
from bpkit.grading.collect import Submission
from bpkit.grading.grade import Plan, close_sandboxes, grade_handed, read_submission

pytestmark = pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap")
ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted(path for path in (ROOT / "lessons").glob("[0-9][0-9]_*.ipynb") if of_lesson(path.name[:2]))


@pytest.fixture(scope="module", autouse=True)
def _sandboxes_end() -> Iterator[None]:
    yield
    close_sandboxes()


@pytest.mark.slow
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("folder", "status"), [("solutions", "right"), ("lessons", "not attempted"), ("solutions/zh", "right"), ("lessons/zh", "not attempted")]
)
def test_every_exercise_of_a_lesson_is_graded_as_it_stands(path: Path, folder: str, status: str):
    plan = Plan(20_311_203)
    graded = grade_handed(read_submission(Submission("ada", (ROOT / folder / path.name,)), plan), plan)
    assert {row.exercise: row.status for row in graded.rows} == {exercise.id: status for exercise in of_lesson(path.name[:2])}
    assert graded.problems == ()
