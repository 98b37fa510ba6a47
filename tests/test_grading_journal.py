"""The journal: whole hand-ins or none, one holder at a time, and one line when the disk says no."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import field, fields, make_dataclass, replace
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest

from bpkit.errors import CourseError
from bpkit.exercises.outcome import Entries
from bpkit.grading.journal import Journal, Table
from bpkit.grading.records import Graded, Row, columns_of


def _row(student: str, exercise: str, **more: object) -> Row:
    return Row(student, exercise[:2], exercise, "f", "F", 1, 2, "right", **more)  # type: ignore[arg-type]


def _graded(student: str, key: str, *exercises: str, sandbox: str = "nested") -> Graded:
    lessons = tuple(dict.fromkeys(exercise[:2] for exercise in exercises))
    return Graded(student, "05.ipynb", tuple(_row(student, exercise) for exercise in exercises), ("odd",), key, lessons, sandbox)


ENTRIES = Entries("delta", np.array([[1.5, np.nan], [-0.0, np.inf]]), np.array([[True, False], [False, True]]))


def _a_row(**more: object) -> Row:
    """A row in which every field has a value of its own, and none the value that it has by itself."""
    special = {"student": "李雷 <&", "status": "wrong", "notes": ("a", "b"), "entries": ENTRIES}
    kinds = {str: "text {}\n".format, str | None: "perhaps {}".format, float: lambda k: k + 0.5, int: lambda k: k}
    types = get_type_hints(Row)
    values = {field.name: special.get(field.name) or kinds[types[field.name]](k) for k, field in enumerate(fields(Row), 1)}
    return Row(**values | more)


def test_rows_come_back_as_they_went_in(tmp_path: Path):
    row = _a_row()
    values = [value for value in vars(row).values() if not isinstance(value, Entries)]
    assert len(set(values)) == len(values)
    assert all(getattr(row, field.name) is not field.default for field in fields(Row))
    with Journal(tmp_path) as journal:
        journal.add(Graded(row.student, "05.ipynb", (row,), ("a problem",), "k", ("05",), "nested"))
        (back,) = journal.submissions()
    assert (back.student, back.file, back.problems) == (row.student, "05.ipynb", ("a problem",))
    (got,) = back.rows
    assert got.entries is not None and got.entries.title == ENTRIES.title
    np.testing.assert_array_equal(got.entries.values, ENTRIES.values)
    np.testing.assert_array_equal(got.entries.wrong, ENTRIES.wrong)
    assert {**vars(got), "entries": None} == {**vars(row), "entries": None}


def test_a_new_column_is_one_edit(tmp_path: Path):
    """A field more is in the table, in grades.csv and in the journal's form, with nothing else changed."""
    more = make_dataclass("More", [("credit", float, field(default=0.0, metadata={"column": True}))], bases=(Row,), frozen=True)
    table = Table("grades", more, ("student", "lesson", "exercise"))
    row = more(**vars(_a_row()), credit=0.75)
    with sqlite3.connect(tmp_path / "db") as db:
        db.execute(table.schema)
        db.execute(table.insert, table.stored(row))
        (back,) = map(table.read, db.execute(f"SELECT {table.columns} FROM grades"))
    assert back.credit == 0.75 and back.points == row.points
    assert table.schema != Table("grades", Row, ("student", "lesson", "exercise")).schema
    assert columns_of(more) == (*columns_of(Row), "credit")


def test_a_field_that_could_not_be_kept_is_told_at_once():
    with pytest.raises(KeyError):
        Table("grades", make_dataclass("Odd", [("when", complex)]), ("when",))


@pytest.mark.parametrize("name", ["points", "max", "seconds"])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_row_holds_finite_numbers_only(name: str, number: float):
    with pytest.raises(ValueError, match=f"{name} is {number}, expected a finite number"):
        _a_row(**{name: number})


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


def test_a_damaged_journal_is_told_as_that(tmp_path: Path):
    with Journal(tmp_path) as journal:
        for k in range(50):
            journal.add(_graded(f"s{k}", "k", "05.1"))
    whole = (tmp_path / "grades.sqlite").read_bytes()
    (tmp_path / "grades.sqlite").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(CourseError, match=r"grades\.sqlite is damaged.*move it away"), Journal(tmp_path) as journal:
        list(journal.submissions())


def test_a_journal_that_somebody_has_locked_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Journal(tmp_path).close()
    patient = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: patient(*args, timeout=0.05, **more))
    holder = patient(tmp_path / "grades.sqlite")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CourseError, match=r"grades\.sqlite is in use by another program; close"), Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k", "05.1"))
    holder.rollback()
    holder.close()
    with Journal(tmp_path) as journal:
        journal.add(_graded("anna", "k", "05.1"))


def test_a_journal_of_another_form_is_refused_and_left_alone(tmp_path: Path):
    with Journal(tmp_path) as journal:
        journal.seed(77)
        journal.add(_graded("anna", "k", "05.1"))
    with sqlite3.connect(tmp_path / "grades.sqlite") as db:
        db.execute("UPDATE about SET value = '1' WHERE key = 'form'")
    with pytest.raises(CourseError, match=r"another version of bpkit, .*\(form 1, expected \w{8}\).*graded anew; --seed 77"):
        Journal(tmp_path)
    with sqlite3.connect(tmp_path / "grades.sqlite") as db:
        assert db.execute("SELECT COUNT(*) FROM grades").fetchone() == (1,)


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


def test_the_versions_that_graded_are_kept_by_hand_in_and_told_together(tmp_path: Path):
    here = f"Python {platform.python_version()}, numpy {np.__version__}"
    with Journal(tmp_path) as journal:
        journal.add(replace(_graded("anna", "k1", "05.1"), versions="Python 3.11.2, numpy 2.0.1"))
        journal.add(_graded("ben", "k2", "05.1"))
        assert [graded.versions for graded in journal.submissions()] == ["Python 3.11.2, numpy 2.0.1", here]
        assert journal.run().versions == "; ".join(sorted(("Python 3.11.2, numpy 2.0.1", here)))


def test_a_journal_that_cannot_be_opened_is_told_as_that(tmp_path: Path):
    (tmp_path / "grades.sqlite").mkdir()
    with pytest.raises(CourseError, match=r"grades\.sqlite cannot be opened for writing .* in a folder that you may write to"):
        Journal(tmp_path)
