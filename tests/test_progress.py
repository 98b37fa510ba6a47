"""The learner's record and the map of the course: what is kept, what is shown, and what is said to do next."""

from __future__ import annotations

import json
import os
import re
import shutil

import pytest

import bpkit as bp
import bpkit.errors
from bpkit.course.folders import find_course
from bpkit.desk.copies import copy_lessons
from bpkit.exercises import progress as module
from bpkit.exercises import registry
from bpkit.exercises.feedback import ProgressMap
from bpkit.exercises.outcome import Outcome
from bpkit.exercises.progress import FILE, Record, load

# an exercise of a lesson that is still to come
AFTER_THE_LAST = f"{max(int(exercise_id[:2]) for exercise_id in registry()) + 1:02d}.1"
ALL = {exercise_id: Record("right", 1) for exercise_id in registry()}


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, content):
    (folder / FILE).write_text(json.dumps(content), encoding="utf-8")


def kept(folder):
    return json.loads((folder / FILE).read_text(encoding="utf-8"))


def right(exercise_id):
    module.record(Outcome(exercise_id, "", "right", "", 0, 0))


# ---- what is kept -----------------------------------------------------------------------------------------------------


def test_a_record_survives_a_restart(own_folder):
    bp.check("00.1", lambda x: x * x)
    bp.hint("05.3")
    again = load(own_folder)
    assert again.of("00.1") == Record("right", 1, 0) and again.of("05.3") == Record("not attempted", 0, 1)
    assert again.last == "05.3"


def test_a_file_of_an_older_version_counts_and_loses_nothing(own_folder):
    """It knows an exercise that is gone, lacks those that came later, and says less of each."""
    write(own_folder, {"version": 0, "exercises": {"00.1": {"status": "right"}, "05.99": {"status": "right", "tries": 3}}})
    assert bp.progress().of("00.1") == Record("right")
    assert f"1 of {len(registry())} exercises right" in str(bp.progress())
    right("00.2")
    assert kept(own_folder)["exercises"]["05.99"] == {"status": "right", "tries": 3}
    assert bp.progress().of("00.1").status == bp.progress().of("00.2").status == "right"
    assert kept(own_folder)["version"] == 1
    assert "Kept in your file: 05.99" in str(bp.progress())


def test_what_a_newer_version_wrote_is_kept(own_folder):
    newer = {"status": "mastered", "tries": "many", "hints": 1, "when": "today"}
    write(own_folder, {"version": 7, "theme": {"a": 1}, "exercises": {"00.1": newer, AFTER_THE_LAST: {"status": "right", "tries": 1, "hints": 0}}})
    assert bp.progress().of("00.1") == Record("not attempted", 0, 1)
    right("00.2")
    content = kept(own_folder)
    assert (content["version"], content["theme"]) == (7, {"a": 1})
    assert content["exercises"]["00.1"] == newer and content["exercises"][AFTER_THE_LAST]["status"] == "right"
    right("00.1")
    assert kept(own_folder)["exercises"]["00.1"] == {"status": "right", "tries": 1, "hints": 1, "when": "today"}


@pytest.mark.parametrize("text", ["{not json", "[]", '"words"', '{"exercises": []}', '{"exercises": {"00.1": "right"}}', "\x00"])
def test_a_damaged_file_is_set_aside_and_so_is_the_next(own_folder, text):
    for name in (".bpkit-progress.damaged.json", ".bpkit-progress.damaged2.json"):
        (own_folder / FILE).write_text(text)
        assert name in bp.progress().note
        assert (own_folder / name).read_text() == text
    right("00.1")
    assert bp.progress().of("00.1").status == "right"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_told(own_folder):
    write(own_folder, {})
    (own_folder / FILE).chmod(0)
    assert "could not be read" in str(bp.progress())


def test_new_lessons_come_without_touching_the_record(own_folder, tmp_path_factory):
    source = tmp_path_factory.mktemp("older")
    for name in ("00_start_here.ipynb", "01_forward_propagation.ipynb"):
        shutil.copy(find_course().lessons / name, source)
    copy_lessons(source, own_folder)
    right("01.1")
    before = (own_folder / FILE).read_bytes()
    copy_lessons(find_course().lessons, own_folder)
    assert (own_folder / FILE).read_bytes() == before
    assert "01 Forward propagation" in str(bp.progress()) and "✓○○○○○" in str(bp.progress())


def test_nothing_is_left_behind_by_writing(own_folder):
    for exercise_id in ("00.1", "00.2"):
        right(exercise_id)
    assert os.listdir(own_folder) == [FILE]


def test_an_outcome_that_says_nothing_of_the_answer_is_not_recorded(own_folder):
    bp.check("00.1", ...)
    bp.check("99.9", 1)
    assert not (own_folder / FILE).exists()


# ---- what comes next -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "last", "expected"),
    [
        ({}, "", "00.1"),
        ({"00.1": "right"}, "00.1", "00.2"),
        ({"00.1": "right", "00.2": "right"}, "00.2", "01.1"),
        ({"05.1": "wrong", "05.3": "right"}, "05.3", "05.1"),
        ({"05.1": "right", "01.1": "right"}, "01.1", "01.2"),  # where the learner was last, not where he went farthest
        ({"05.1": "right", "01.1": "right"}, "", "05.2"),  # a file that does not say where that was
        ({"05.1": "right"}, AFTER_THE_LAST, "05.2"),
        ({exercise_id: "right" for exercise_id in registry() if exercise_id != "02.3"}, "11.1", "02.3"),
    ],
)
def test_next_is_where_the_learner_was_then_what_follows_then_what_was_skipped(records, last, expected):
    progress = ProgressMap({exercise_id: Record(status) for exercise_id, status in records.items()}, last)
    _, exercise, _ = progress.up_next()
    assert exercise.id == expected
    assert re.search(rf"^Next: {re.escape(expected)} {exercise.name} · ", str(progress), re.MULTILINE)


def test_when_all_is_right_nothing_is_next():
    progress = ProgressMap(ALL)
    assert progress.up_next() is None
    assert "Everything is right." in str(progress) and "Everything is right." in progress._repr_mimebundle_()["text/html"]


def test_tries_and_hints_are_told():
    text = str(ProgressMap({"05.1": Record("wrong", 2, 1)}, "05.1"))
    assert "(•, 5 min; 2 tries, not right yet; 1 of 3 hints open)" in text


# ---- the map -------------------------------------------------------------------------------------------------------------


def test_every_lesson_has_a_line_with_points_and_state():
    progress = ProgressMap({"00.1": Record("right"), "00.2": Record("right"), "05.1": Record("wrong")})
    lines = {line[:2]: line for line in str(progress).splitlines()}
    for lesson in (each for each in progress.lessons() if each.title):
        assert lesson.title in lines[lesson.lesson] and f"{lesson.points} of {lesson.max_points} points" in lines[lesson.lesson]
    assert lines["00"].endswith("done") and lines["05"].endswith("0 of 7 right") and lines["01"].endswith("not begun")
    assert "✗○○○○○○" in lines["05"]


def test_the_sums_are_those_of_the_bank():
    most = sum(exercise.points for exercise in registry().values())
    lessons = len({exercise.lesson for exercise in registry().values()})
    assert f"{most} of {most} points; {len(ALL)} of {len(ALL)} exercises right; {lessons} of {lessons} lessons done" in str(ProgressMap(ALL))
    assert f"0 of {most} points" in str(ProgressMap())


def test_a_lesson_is_a_link_where_the_learner_has_it(own_folder):
    (own_folder / "05_propagating_the_error.ipynb").touch()
    html = ProgressMap({"05.1": Record("right")}, "05.1")._repr_mimebundle_()["text/html"]
    assert re.findall(r'<a href="([^"]+)"', html) == 2 * ["05_propagating_the_error.ipynb"]
    assert "<a " not in ProgressMap(folder=own_folder / "elsewhere")._repr_mimebundle_()["text/html"]


def test_the_next_exercise_is_a_link_to_its_cell(own_folder):
    name = "05_propagating_the_error.ipynb"
    shutil.copy(find_course().lessons / name, own_folder)
    html = ProgressMap({"05.1": Record("right")}, "05.1")._repr_mimebundle_()["text/html"]
    cell = re.search(rf'<a href="{name}#cell-id=([^"]+)"', html)[1]
    (found,) = (each for each in json.loads((own_folder / name).read_text())["cells"] if each["id"] == cell)
    assert "".join(found["source"]).startswith("### 05.2 hidden_error_sum ")


def test_marks_say_in_words_what_they_show():
    html = ProgressMap({"05.1": Record("wrong")})._repr_mimebundle_()["text/html"]
    assert 'role="img" aria-label="05.1 dz_next_dz: wrong" title="05.1 dz_next_dz: wrong">✗<' in html
    assert html.count('role="img"') == len(registry())


def test_without_the_lessons_at_hand_there_are_numbers_in_place_of_titles(monkeypatch):
    def none_there():
        raise bp.errors.CourseError("no lessons found")

    monkeypatch.setattr(module, "course_spoken", none_there)
    assert re.search(r"^Lesson 05 +○○○○○○○ +0 of 14 points  not begun$", str(ProgressMap()), re.MULTILINE)


def test_words_from_a_file_are_escaped(own_folder):
    write(own_folder, {"exercises": {"<script>": {"status": "right"}}})
    assert "<script>" not in bp.progress()._repr_mimebundle_()["text/html"]
