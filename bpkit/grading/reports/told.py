"""As much of a row as many students share: what is made of it is made once."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

from bpkit.exercises.outcome import Entries, Status
from bpkit.grading.records import Row
from bpkit.language import language

KEPT = 2048  # pieces of reports that are kept in memory, each of some kB


class Told(NamedTuple):
    """What a student is told of an exercise, but for their own code, in the language that is spoken; equal ones give equal bytes."""

    lesson: str
    exercise: str
    name: str
    title: str
    points: float
    max: float
    status: Status
    mistake: str | None
    message: str
    where: str
    notes: tuple[str, ...]
    language: str
    numbers: str  # as they are written: 2, 2.0 and True are equal, and so are 0.0 and -0.0
    entries: Entries | None = None


_SHARED = attrgetter(*Told._fields[:11])


def told(row: Row) -> Told | None:
    """What a row shares with others; None where it has a picture of a student's own numbers."""
    return None if row.entries is not None else Told._make((*_SHARED(row), language(), f"{row.points!r} {row.max!r}", None))
