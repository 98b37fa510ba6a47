"""Remembers what was made of each student, so that only what has changed is made and written anew."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

import bpkit
from bpkit.errors import CourseError
from bpkit.exercises.keeping import all_worked
from bpkit.grading.records import Graded, Kept, Mark, Marked, Row, Run

_FILE = ".reports"
_FIELDS = tuple(field.name for field in fields(Row) if field.name != "entries")
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS made (student BLOB PRIMARY KEY, key TEXT NOT NULL, name TEXT NOT NULL, stamps TEXT NOT NULL, "
    "grades BLOB NOT NULL, suite BLOB NOT NULL, marks TEXT NOT NULL)"
)


@cache
def _program() -> str:
    """A digest of the program that writes the reports: another one may write them otherwise."""
    digest = hashlib.sha256()
    todo, told = [str(Path(bpkit.__file__).parent)], []
    while todo:
        for entry in os.scandir(todo.pop()):
            if entry.is_dir():
                todo += [entry.path] if entry.name != "__pycache__" else []
            else:
                found = entry.stat()
                told.append(f"{entry.path} {found.st_size} {found.st_mtime_ns}\n")
    digest.update("".join(sorted(told)).encode("utf-8", "replace"))
    return digest.hexdigest()


def digest_of_run(run: Run) -> str:
    """A digest of what all students' pages are made of."""
    told = (_program(), run, all_worked() if run.solutions else None)
    return hashlib.sha256(repr(told).encode("utf-8", "backslashreplace")).hexdigest()


def digest_of(submission: Graded) -> str:
    """A digest of what a student's pages are made of."""
    digest = hashlib.sha256()
    told = (submission.student, submission.file, submission.problems, submission.versions)
    digest.update(repr(told).encode("utf-8", "backslashreplace"))
    for row in submission.rows:
        digest.update(repr([getattr(row, name) for name in _FIELDS]).encode("utf-8", "backslashreplace"))
        if row.entries is not None:
            digest.update(repr((row.entries.title, row.entries.values.shape, str(row.entries.values.dtype))).encode("utf-8", "backslashreplace"))
            digest.update(row.entries.values.tobytes() + row.entries.wrong.tobytes())
    return digest.hexdigest()


def _stamp(path: str) -> list[int]:
    """What changes when anybody writes the file; nothing where it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ino]


class Pieces(NamedTuple):
    """A student's part of the reports on the class: the lines of grades.csv, and what is counted. The suite of junit.xml is read by itself."""

    grades: str
    marked: Marked


class _Known(NamedTuple):
    """From what a student's part was made, the name of the pages, and what these looked like when they were written."""

    key: str
    name: str
    stamps: str


class Written:
    """What was made for an output folder, from what, and what the students' pages looked like when they were written.

    A part that was made from something else is not given back. A page that anybody has changed since, or that an interrupted
    run has written, does not look as it did: it counts as not written.

    Parameters
    ----------
    run
        What all rows share.
    out
        The folder.
    names
        The file name of each student who is there.
    """

    def __init__(self, run: Run, out: Path, names: Mapping[str, str]) -> None:
        self._of_run, self._out, self._names = digest_of_run(run), out, names
        self._db = sqlite3.connect(out / _FILE, isolation_level=None)
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute(_SCHEMA)
            found = self._db.execute("SELECT student, key, name, stamps FROM made").fetchall()
        except BaseException:
            self._db.close()
            raise
        self._known = {student.decode("utf-8", "surrogatepass"): _Known(*about) for student, *about in found}

    def close(self) -> None:
        """Close it; what was not saved is forgotten."""
        self._db.close()

    def pieces(self, submission: Kept) -> Pieces | None:
        """What was made of a submission; None where it was made of something else."""
        known = self._known.get(submission.student)
        if known is None or known.key != self._key(submission):
            return None
        grades, marks = self._db.execute("SELECT grades, marks FROM made WHERE student = ?", (_blob(submission.student),)).fetchone()
        return Pieces(_text(grades), Marked(submission.student, tuple(map(Mark._make, json.loads(marks)))))

    def has_pages(self, submission: Kept) -> bool:
        """Whether the student's pages are there as they would be written."""
        name, known = self._names[submission.student], self._known.get(submission.student)
        return known is not None and (known.key, known.name) == (self._key(submission), name) and known.stamps == self._stamps(name)

    def keep(self, submission: Kept, pieces: Pieces, suite: str) -> None:
        """Note what was made of a submission; its pages are written."""
        student, name = submission.student, self._names[submission.student]
        made = (_blob(pieces.grades), _packed(_blob(suite)), json.dumps(pieces.marked.rows, separators=(",", ":")))
        self._db.execute(
            "INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?, ?, ?)", (_blob(student), self._key(submission), name, self._stamps(name), *made)
        )

    def suites(self) -> Iterator[str]:
        """Everybody's suite of junit.xml."""
        for student in self._names:
            yield _text(zlib.decompress(self._db.execute("SELECT suite FROM made WHERE student = ?", (_blob(student),)).fetchone()[0]))

    def save(self) -> None:
        """Keep all that was noted, and take away the pages of who is not there any more, where nobody has changed them."""
        there = set(self._names.values())
        for student, known in self._known.items():
            if known.name not in there and known.stamps == self._stamps(known.name):
                for path in self._files(known.name):
                    Path(path).unlink(missing_ok=True)
            if student not in self._names:
                self._db.execute("DELETE FROM made WHERE student = ?", (_blob(student),))
        self._db.execute("COMMIT")

    def _key(self, submission: Kept) -> str:
        return f"{self._of_run} {submission.digest}"

    def _stamps(self, name: str) -> str:
        return str([_stamp(path) for path in self._files(name)])

    def _files(self, name: str) -> tuple[str, str]:
        return f"{self._out}/feedback/{name}.html", f"{self._out}/gradescope/{name}.json"


@contextmanager
def remembering(run: Run, out: Path, names: Mapping[str, str]) -> Iterator[Written]:
    """What was made for a folder; nothing where it cannot be read.

    Raises
    ------
    CourseError
        If what is made now cannot be kept.
    """
    path = out / _FILE
    try:
        out.mkdir(parents=True, exist_ok=True)
        try:
            written = Written(run, out, names)
        except sqlite3.DatabaseError:  # of another version, or damaged
            path.unlink(missing_ok=True)
            written = Written(run, out, names)
        with closing(written):
            yield written
    except OSError as error:
        raise CourseError(f"cannot write {path}: {error.strerror}") from error
    except (sqlite3.DatabaseError, ValueError, zlib.error) as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise CourseError(f"cannot write {path}: {error}; run it again, and all reports are made anew") from error


def _blob(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _packed(blob: bytes) -> bytes:
    """Compressed, in half the time that `zlib.compress` takes for so little."""
    packer = zlib.compressobj(1)
    return packer.compress(blob) + packer.flush()


def _text(blob: bytes) -> str:
    return blob.decode("utf-8", "surrogatepass")
