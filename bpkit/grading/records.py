"""What is known of a graded class, as the journal gives it back and the reports take it."""

from __future__ import annotations

from dataclasses import dataclass

from bpkit.exercises.outcome import Entries, Status

UNSAFE = "[graded without a sandbox]"


@dataclass(frozen=True)
class Row:
    """One exercise of one student. Every text in it may be the student's: escape it.

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
    code, cell
        The learner's cell that defines the answer, and its number among the code cells, from 1; "" and 0 where there is none.
    """

    student: str
    lesson: str
    exercise: str
    name: str
    title: str
    points: float
    max: float
    status: Status
    mistake: str | None = None
    message: str = ""
    seconds: float = 0.0
    where: str = ""
    notes: tuple[str, ...] = ()
    entries: Entries | None = None
    code: str = ""
    cell: int = 0


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
    """

    student: str
    file: str
    rows: tuple[Row, ...]
    problems: tuple[str, ...] = ()
    key: str = ""
    lessons: tuple[str, ...] = ()
    sandbox: str = ""


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
    """

    seed: int
    sandboxed: bool
    started: str
    version: str
