"""Keeps every graded row in SQLite, so that a run can be killed at any moment and go on."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bpkit.errors import CourseError
from bpkit.exercises.outcome import Entries
from bpkit.grading.records import Graded, Row, Run

try:
    import fcntl
except ImportError:  # Windows: no lock, and no sandbox either
    fcntl = None  # type: ignore[assignment]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS handins (
    student TEXT NOT NULL, key TEXT NOT NULL, file TEXT NOT NULL, lessons TEXT NOT NULL, problems TEXT NOT NULL, sandbox TEXT NOT NULL,
    PRIMARY KEY (student, key)
);
CREATE TABLE IF NOT EXISTS grades (
    student TEXT NOT NULL, lesson TEXT NOT NULL, exercise TEXT NOT NULL, points REAL NOT NULL, max REAL NOT NULL, status TEXT NOT NULL,
    mistake TEXT, message TEXT NOT NULL, seconds REAL NOT NULL, details TEXT NOT NULL,
    PRIMARY KEY (student, lesson, exercise)
);
"""
_FORM = "1"


class Journal:
    """The rows of one output folder. One process at a time may hold it.

    Parameters
    ----------
    out
        The folder; made if it is not there.

    Raises
    ------
    CourseError
        If the folder cannot be written, another run holds it, or its journal is not one of ours.
    """

    def __init__(self, out: Path) -> None:
        self.out, self.path = out, out / "grades.sqlite"
        try:
            out.mkdir(parents=True, exist_ok=True)
            self._lock = open(out / ".lock", "a+")  # noqa: SIM115 - held as long as the journal is
        except OSError as error:
            raise CourseError(f"cannot write to {out}: {error.strerror}; expected a folder for the grades") from None
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
                raise CourseError(f"another bpkit grade is writing to {out}; wait for it, or choose another --out") from None
        with _one_line(self.path):
            self._db = sqlite3.connect(self.path, isolation_level=None)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        form = self.about("form", _FORM)
        if form != _FORM:
            raise CourseError(f"{self.path} was written by another version of bpkit (journal {form}, expected {_FORM}); choose another --out")

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let others have the folder."""
        self._db.close()
        self._lock.close()

    def about(self, key: str, default: str) -> str:
        """What the folder has noted under `key`; on first use, `default`."""
        with _one_line(self.path):
            self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, default))
            return str(self._db.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()[0])

    def seed(self, wanted: int | None) -> int:
        """The seed of this folder: the one wanted, else the one that it has, else a new one that nobody can guess."""
        with _one_line(self.path):
            if wanted is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES ('seed', ?)", (str(wanted),))
        return int(self.about("seed", str(secrets.randbits(62))))

    def has(self, student: str, key: str) -> bool:
        """Whether this very hand-in has been graded."""
        with _one_line(self.path):
            return self._db.execute("SELECT 1 FROM handins WHERE student = ? AND key = ?", (student, key)).fetchone() is not None

    def add(self, graded: Graded) -> None:
        """Record a graded hand-in, whole or not at all; it takes the place of an earlier one for the same lessons."""
        with _one_line(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for key, lessons in self._db.execute("SELECT key, lessons FROM handins WHERE student = ?", (graded.student,)).fetchall():
                    if not graded.lessons or not json.loads(lessons) or set(json.loads(lessons)) & set(graded.lessons):
                        self._db.execute("DELETE FROM handins WHERE student = ? AND key = ?", (graded.student, key))
                for lesson in {*graded.lessons, ""}:
                    self._db.execute("DELETE FROM grades WHERE student = ? AND lesson = ?", (graded.student, lesson))
                self._db.execute(
                    "INSERT INTO handins VALUES (?, ?, ?, ?, ?, ?)",
                    (graded.student, graded.key, graded.file, json.dumps(graded.lessons), json.dumps(graded.problems), graded.sandbox),
                )
                self._db.executemany("INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_as_stored, graded.rows))
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def lessons(self) -> list[str]:
        """The lessons graded so far, the commonest first."""
        with _one_line(self.path):
            found = self._db.execute(
                "SELECT lesson FROM grades WHERE lesson <> '' AND status <> 'could not run' "
                "GROUP BY lesson ORDER BY COUNT(DISTINCT student) DESC, lesson"
            )
            return [lesson for (lesson,) in found]

    def run(self) -> Run:
        """What all rows share."""
        started = self.about("started", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
        with _one_line(self.path):
            unsafe = self._db.execute("SELECT 1 FROM handins WHERE sandbox = 'none'").fetchone()
        return Run(int(self.about("seed", "0")), unsafe is None, started, version("bpkit-course"))

    def submissions(self) -> Iterator[Graded]:
        """Everything graded into this folder, by student; one at a time, so that a large class needs no more memory than one."""
        with _one_line(self.path):
            for (student,) in self._db.execute("SELECT DISTINCT student FROM grades ORDER BY student"):
                # 11.2 comes before 11.10
                in_order = "SELECT * FROM grades WHERE student = ? ORDER BY lesson, LENGTH(exercise), exercise"
                rows = self._db.execute(in_order, (student,)).fetchall()
                parts = self._db.execute("SELECT file, problems FROM handins WHERE student = ? ORDER BY lessons, key", (student,)).fetchall()
                files = ", ".join(file for file, _ in parts if file)
                yield Graded(student, files, tuple(map(_from_stored, rows)), tuple(text for _, texts in parts for text in json.loads(texts)))


def _as_stored(row: Row) -> tuple[Any, ...]:
    plain = (row.student, row.lesson, row.exercise, row.points, row.max, row.status, row.mistake, row.message, row.seconds)
    details = {"name": row.name, "title": row.title, "where": row.where, "notes": row.notes, "code": row.code, "cell": row.cell}
    if row.entries is not None and row.entries.values.dtype.kind in "biuf":
        details["entries"] = [row.entries.title, row.entries.values.tolist(), row.entries.wrong.tolist()]
    return (*plain, json.dumps(details))


def _from_stored(stored: tuple[Any, ...]) -> Row:
    student, lesson, exercise, points, most, status, mistake, message, seconds, text = stored
    details = json.loads(text)
    entries = None
    if "entries" in details:
        title, values, wrong = details["entries"]
        entries = Entries(title, np.array(values), np.array(wrong, dtype=bool))
    return Row(
        student,
        lesson,
        exercise,
        details["name"],
        details["title"],
        points,
        most,
        status,
        mistake,
        message,
        seconds,
        details["where"],
        tuple(details["notes"]),
        entries,
        details["code"],
        details["cell"],
    )


@contextmanager
def _one_line(path: Path) -> Iterator[None]:
    """Turn what SQLite and the disk complain about into one line."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise CourseError(f"cannot write {path}: {error}; the rows recorded so far are kept: make room and run it again") from None
