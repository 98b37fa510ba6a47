"""What one submission has to do and how much of it is done: known to init, and to the runner as it was when that was started."""

from __future__ import annotations

import json
import time
import types
from dataclasses import dataclass, field
from functools import cached_property

from .shell import Given
from .wire import Job


@dataclass(frozen=True)
class Prepared:
    """What all submissions with the same exercises have in common: the part of their work that is not their own, modules, the lesson's cells."""

    work: Job = field(default_factory=dict)
    parts: dict[str, types.ModuleType] = field(default_factory=dict)
    given: Given = field(default_factory=lambda: Given({}, {}))


@dataclass
class Task:
    """One submission's work.

    Parameters
    ----------
    own
        Its cells and files as JSON, and whatever is not ready: its exercises, and the parts of bpkit that these may call.
    ready
        The rest of its work, as every submission with the same exercises gets it.
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
    given
        The lesson's own cells, read ahead.
    skip
        Statements that the runner did not survive, by cell and place.
    sent
        Exercises for which init has sent what came.
    """

    own: bytes
    ready: Job
    limits: Job
    alone: bool
    running: types.ModuleType
    parts: dict[str, types.ModuleType]
    deadline: float
    given: Given = field(default_factory=lambda: Given({}, {}))
    skip: set[tuple[int, int]] = field(default_factory=set)
    sent: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """How many exercises there are."""
        return int(self.limits["exercises"])

    @cached_property
    def work(self) -> Job:
        """Its cells, files and exercises, and the parts of bpkit that these may call; read in the process that runs them."""
        return {**self.ready, **json.loads(self.own)}

    def left(self) -> list[int]:
        """The exercises that nothing was sent for."""
        return [number for number in range(self.count) if number not in self.sent]

    def patience(self, seconds: float) -> float:
        """How long something may last that may compute for `seconds`: never so long that nothing is left for what comes after it."""
        return min(self.running.PATIENCE * seconds, (self.deadline - time.monotonic()) / 3)
