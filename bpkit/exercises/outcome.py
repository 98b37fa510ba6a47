"""What became of an answer: the record that is judged, graded, kept and shown, and the outcomes that need no judging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from bpkit.exercises.model import Exercise

Status = Literal["right", "wrong", "not attempted", "could not run"]
# what stands for a status where there is room for one letter
SIGNS: dict[str, str] = {"right": "✓", "wrong": "✗", "not attempted": "○", "could not run": "!"}


@dataclass(frozen=True)
class Entries:
    """The learner's own numbers with the wrong ones marked: the picture of an unexplained answer.

    `values` and `wrong` have the same two-dimensional shape; no expected value is kept.
    """

    title: str
    values: np.ndarray
    wrong: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """What became of an answer.

    `points` are all or none. `share` is how much of a wrong answer is right, from 0 to below 1, where its exercise lets that count
    (`Exercise.partial`); whether it earns points is for the course's staff to say.
    """

    exercise: str
    name: str
    status: Status
    message: str
    points: float
    max_points: float
    mistake: str | None = None
    where: str = ""
    notes: tuple[str, ...] = ()
    entries: Entries | None = None
    share: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the answer is right."""
        return self.status == "right"


def outcome(exercise: Exercise, status: Any, message: str, **more: Any) -> Outcome:
    """An outcome of `exercise`; the points follow from the status."""
    points = exercise.points if status == "right" else 0
    return Outcome(exercise.id, exercise.name, status, message, points, exercise.points, **more)


def not_attempted(exercise: Exercise) -> Outcome:
    """The exercise was left as it came."""
    returns = "A method of {} still returns" if isinstance(exercise.reference, type) else "{} still returns"
    stub = ("{} is still" if exercise.kind == "value" else returns).format(exercise.name)
    return outcome(exercise, "not attempted", f"{stub} `...`. Write your answer in its place and run the cell again.")


def could_not_run(exercise: Exercise, reason: str) -> Outcome:
    """Nothing can be said about the answer, and why."""
    return outcome(exercise, "could not run", reason)
