"""What one submission has to do and how much of it is done: known to init, and to the runner as it was when that was started."""

from __future__ import annotations

import time
import types
from dataclasses import dataclass, field

from .wire import Job


@dataclass
class Task:
    """One submission's work.

    Parameters
    ----------
    work
        Its cells, its exercises, and the parts of bpkit that these may call.
    limits
        As the grader sent them.
    alone
        Whether init is the first process of a pid namespace, so that all others in it are the submission's.
    running
        The module `exercises/run.py`.
    parts
        The modules of bpkit that the work names, where they are ready.
    deadline
        When its time is up.
    skip
        Statements that the runner did not survive, by cell and place.
    sent
        Exercises for which init has sent what came.
    """

    work: Job
    limits: Job
    alone: bool
    running: types.ModuleType
    parts: dict[str, types.ModuleType]
    deadline: float
    skip: set[tuple[int, int]] = field(default_factory=set)
    sent: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many exercises there are."""
        return len(self.work["exercises"])

    def left(self) -> list[int]:
        """The exercises that nothing was sent for."""
        return [number for number in range(self.count) if number not in self.sent]

    def patience(self, seconds: float) -> float:
        """How long something may last that may compute for `seconds`: never so long that nothing is left for what comes after it."""
        return min(self.running.PATIENCE * seconds, (self.deadline - time.monotonic()) / 3)
