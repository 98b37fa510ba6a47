"""The journal: whole hand-ins or none, one holder at a time, and one line when the disk says no."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bpkit.errors import CourseError
from bpkit.exercises.outcome import Entries
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded, Row


def _row(student: str, exercise: str, **more: object) -> Row:
    return Row(student, exercise[:2], exercise, "f", "F", 1, 2, "right", **more)  # type: ignore[arg-type]


def _graded(student: str, key: str, *exercises: str, sandbox: str = "nested") -> Graded:
    lessons = tuple(dict.fromkeys(exercise[:2] for exercise in exercises))
    return Graded(student, "05.ipynb", tuple(_row(student, exercise) for exercise in exercises), ("odd",), key, lessons, sandbox)


def test_rows_come_back_as_they_went_in(tmp_path: Path):
    entries = Entries("delta", np.array([[1.5, np.nan], [-0.0, np.inf]]), np.array([[True, False], [False, True]]))
    row = _row("李雷 <&", "05.1", mistake="sign", message="m", seconds=0.25, where="w", notes=("a", "b"), entries=entries, code="x = 1\n", cell=3)
    with Journal(tmp_path) as journal:
        journal.add(Graded("李雷 <&", "05.ipynb", (row,), ("a problem",), "k", ("05",), "nested"))
        (back,) = journal.submissions()
    assert (back.student, back.file, back.problems) == ("李雷 <&", "05.ipynb", ("a problem",))
    (got,) = back.rows
    assert got.entries is not None
    np.testing.assert_array_equal(got.entries.values, entries.values)
    np.testing.assert_array_equal(got.entries.wrong, entries.wrong)
    assert {**vars(got), "entries": None} == {**vars(row), "entries": None}


def test_a_new_hand_in_takes_the_place_of_the_old_for_its_lessons_only(tmp_path: Path):
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k1", "00.1", "00.2"))
        journal.add(_graded("anna", "k2", "05.1"))
        assert journal.has("anna", "k1") and journal.has("anna", "k2") and not journal.has("ben", "k1")
        journal.add(_graded("anna", "k3", "05.1", "05.2"))
        assert journal.has("anna", "k1") and not journal.has("anna", "k2")
        (anna,) = journal.submissions()
        assert [row.exercise for row in anna.rows] == ["00.1", "00.2", "05.1", "05.2"]


def test_a_submission_without_a_known_lesson_gives_way_to_one_that_has(tmp_path: Path):
    nothing = Graded("anna", "", (Row("anna", "", "", "", "", 0, 0, "could not run"),), (), "k0", (), "nested")
    with Journal(tmp_path) as journal:
        journal.add(nothing)
        journal.add(_graded("anna", "k1", "05.1"))
        (anna,) = journal.submissions()
        assert [row.exercise for row in anna.rows] == ["05.1"] and not journal.has("anna", "k0")


def test_a_hand_in_is_recorded_whole_or_not_at_all(tmp_path: Path):
    twice = Graded("anna", "", (_row("anna", "05.1"), _row("anna", "05.1")), (), "k", ("05",), "nested")
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k0", "05.1"))
        with pytest.raises(CourseError, match="UNIQUE"):
            journal.add(twice)
        assert journal.has("anna", "k0") and not journal.has("anna", "k")


def test_exercises_come_in_the_order_of_the_course(tmp_path: Path):
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k", "11.10", "11.9", "11.1", "05.3"))
        (anna,) = journal.submissions()
        assert [row.exercise for row in anna.rows] == ["05.3", "11.1", "11.9", "11.10"]


def test_the_seed_stays_and_cannot_be_guessed(tmp_path: Path):
    with Journal(tmp_path / "a") as one, Journal(tmp_path / "b") as two:
        assert one.seed(None) == one.seed(None) == one.run().seed
        assert one.seed(None) != two.seed(None)
        assert two.seed(7) == two.seed(None) == 7
    with Journal(tmp_path / "b") as again:
        assert again.seed(None) == 7


def test_a_run_without_a_sandbox_is_known_ever_after(tmp_path: Path):
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k1", "05.1"))
        assert journal.run().sandboxed
        journal.add(_graded("ben", "k2", "05.1", sandbox="none"))
        assert not journal.run().sandboxed


def test_the_commonest_lesson_comes_first(tmp_path: Path):
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k1", "00.1"))
        journal.add(_graded("ben", "k2", "05.1"))
        journal.add(_graded("cem", "k3", "05.1"))
        assert journal.lessons() == ["05", "00"]


def test_two_runs_cannot_hold_one_folder(tmp_path: Path):
    with Journal(tmp_path), pytest.raises(CourseError, match="another bpkit grade is writing to"):
        Journal(tmp_path)
    Journal(tmp_path).close()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match=r"cannot write to .*file/out"):
        Journal(tmp_path / "file" / "out")


def test_a_file_that_is_no_journal_is_one_line_and_left_alone(tmp_path: Path):
    (tmp_path / "grades.sqlite").write_text("my own notes, long enough to be no database header at all" * 10)
    with pytest.raises(CourseError, match="not a database"):
        Journal(tmp_path)
    assert (tmp_path / "grades.sqlite").read_text().startswith("my own notes")


def test_a_journal_of_another_form_is_refused(tmp_path: Path):
    Journal(tmp_path).close()
    with sqlite3.connect(tmp_path / "grades.sqlite") as db:
        db.execute("UPDATE about SET value = '99' WHERE key = 'form'")
    with pytest.raises(CourseError, match="another version of bpkit"):
        Journal(tmp_path)


FULL = """
import subprocess, sys
from pathlib import Path
out = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(out)], check=True)
from bpkit.errors import CourseError
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded, Row
kept = 0
try:
    with Journal(out) as journal:
        for k in range(100):
            row = Row(f"s{k}", "05", "05.1", "f", "F", 1, 1, "right", code="x" * 20_000)
            journal.add(Graded(f"s{k}", "", (row,), (), "k", ("05",), "nested"))
            kept += 1
except CourseError as error:
    print(f"{kept}|{error}")
subprocess.run(["mount", "-o", "remount,size=4m", str(out)], check=True)
with Journal(out) as journal:
    print(sum(1 for _ in journal.submissions()))
"""


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path):
    enter = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk to fill needs a mount namespace, which this user may not make")
    done = subprocess.run([*enter, sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    kept, message = first.split("|")
    assert "full" in message and "run it again" in message and int(kept) > 3
    assert int(second) == int(kept)
    assert json.loads(kept) == int(second)
