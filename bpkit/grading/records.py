"""What is known of a graded class, as the journal gives it back and the reports take it."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from bpkit.exercises.outcome import Entries, Status
from bpkit.language import SOURCE

UNSAFE = "[graded without a sandbox]"
_COLUMN = {"column": True}  # a field that stands in grades.csv


@dataclass(frozen=True)
class Row:
    """One exercise of one student. Every text in it may be the student's: escape it.

    The journal and grades.csv take their columns from these fields. A new field needs nothing there: the journal then has another
    form by itself, and a folder that was graded before is graded anew. A new kind of value needs its line in `journal`.

    Parameters
    ----------
    student, lesson, exercise
        Together they name the row; there is one row for each.
    name, title
        Of the exercise.
    points, max
        Earned and possible.
    status, mistake, message, where, notes, entries
        As in `Outcome`.
    seconds
        How long the exercise ran.
    share
        How much of a wrong answer is right (see `Outcome`).
    code, cell
        The learner's cell that defines the answer, and its number among the code cells, from 1; "" and 0 where there is none.

    Raises
    ------
    ValueError
        If one of its numbers is not finite: no journal and no spreadsheet could hold it.
    """

    student: str = field(metadata=_COLUMN)
    lesson: str = field(metadata=_COLUMN)
    exercise: str = field(metadata=_COLUMN)
    name: str
    title: str
    points: float = field(metadata=_COLUMN)
    max: float = field(metadata=_COLUMN)
    status: Status = field(metadata=_COLUMN)
    mistake: str | None = field(default=None, metadata=_COLUMN)
    message: str = field(default="", metadata=_COLUMN)
    seconds: float = field(default=0.0, metadata=_COLUMN)
    where: str = ""
    notes: tuple[str, ...] = ()
    entries: Entries | None = None
    share: float = 0.0
    code: str = ""
    cell: int = 0

    def __post_init__(self) -> None:
        for name, number in (("points", self.points), ("max", self.max), ("seconds", self.seconds), ("share", self.share)):
            if not math.isfinite(number):
                raise ValueError(f"{name} is {number}, expected a finite number")

    def with_partial_credit(self) -> Row:
        """The row with the points that what is right of it earns, to hundredths, and a note that says so."""
        points = math.floor(self.share * self.max * 100) / 100
        if self.status != "wrong" or points <= self.points:
            return self
        return replace(self, points=points, notes=(f"{points:g} of {self.max:g} points for what is right of it", *self.notes))


def columns_of(record: type) -> tuple[str, ...]:
    """The fields of a class of rows that stand in grades.csv, in their order."""
    return tuple(field.name for field in fields(record) if field.metadata.get("column"))


@dataclass(frozen=True)
class Graded:
    """What one student handed in, graded.

    Parameters
    ----------
    student
        Whose it is.
    file
        The notebooks that count, by name.
    rows
        One for each exercise of each lesson.
    problems
        What was odd: files left out, cells that raised.
    key
        Digest of the files, the bank, the seed and the way of grading: equal keys give equal rows.
    lessons
        The lessons that have rows.
    sandbox
        ``"nested"``, ``"single"`` or ``"none"``.
    trouble
        Why the grader or its machine, and not the submission, is to blame that something could not run; "" where nothing was.
        Such a submission counts as not graded: the next run tries it again.
    versions
        Of the Python and the numpy that graded it; by itself, those of the process that makes the record, here or on a worker.
    """

    student: str
    file: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    key: str = ""
    lessons: tuple[str, ...] = ()
    sandbox: str = ""
    trouble: str = ""
    versions: str = field(default_factory=lambda: f"Python {platform.python_version()}, numpy {np.__version__}")


class Mark(NamedTuple):
    """As much of a row as the figures of a class are made of."""

    lesson: str
    exercise: str
    name: str
    title: str
    points: float
    max: float
    status: Status
    mistake: str | None
    message: str
    seconds: float


class Marked(NamedTuple):
    """As much of a graded submission as the figures of a class are made of."""

    student: str
    rows: tuple[Mark, ...]


_BEFORE_MESSAGE = attrgetter(*Mark._fields[:8])


def marked(submission: Graded) -> Marked:
    """A submission without what only its student's pages show."""
    return Marked(submission.student, tuple(map(_mark, submission.rows)))


def _mark(row: Row) -> Mark:
    return Mark._make((*_BEFORE_MESSAGE(row), row.message if row.status in ("wrong", "could not run") else "", row.seconds))


class Kept(NamedTuple):
    """A student's submission where it is kept: not read yet, but known to be what it was as long as its digest is the same."""

    student: str
    digest: str
    read: Callable[[], Graded]


@dataclass(frozen=True)
class Override:
    """Points that staff gave instead of the grader's, and why.

    Parameters
    ----------
    student, exercise
        Whose, and for what.
    points
        What staff gave.
    why
        Staff's words; the student reads them.
    graded
        The points that the grader gave when staff decided.
    decided
        When that was, e.g. ``"2031-03-03 08:15 UTC"``.
    """

    student: str
    exercise: str
    points: float
    why: str
    graded: float
    decided: str

    def over(self, row: Row) -> Row:
        """The row with staff's points and words. Full points make it right; what could not run is judged now."""
        told = f"The course staff set the points to {self.points:g} (the grader gave {row.points:g}): {self.why}"
        if row.status == "right" or self.points >= row.max:
            message = f"{told} {UNSAFE}" if UNSAFE in row.message else told
            # of a right answer, notes are shown and the message is not
            notes = (f"{told[0].lower()}{told[1:].rstrip('.')}", *row.notes)
            return replace(row, points=self.points, status="right", mistake=None, message=message, notes=notes, entries=None)
        status: Status = "wrong" if row.status == "could not run" else row.status
        return replace(row, points=self.points, status=status, message=f"{told} – {row.message}")


@dataclass(frozen=True)
class Run:
    """What all rows of an output folder share.

    Parameters
    ----------
    seed
        Draws the hidden inputs.
    sandboxed
        Whether every submission ran in a sandbox.
    started
        When the folder was first graded into, e.g. ``"2031-03-03 08:15 UTC"``.
    version
        Of bpkit.
    versions
        Of Python and numpy, all that graded something in it.
    solutions
        Whether the feedback pages show the course's solutions.
    language
        Of the students' pages.
    site
        The address of the course's site; "" where staff have given none. Only the class's page has it, so it is no part of the
        text of a run, from which `written` sees whether the students' pages change.
    """

    seed: int
    sandboxed: bool
    started: str
    version: str
    versions: str
    solutions: bool = False
    language: str = SOURCE
    site: str = field(default="", repr=False)
