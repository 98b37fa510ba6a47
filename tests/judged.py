"""What the checker says to an answer, judged on inputs that do not change from run to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.outcome import Outcome


def outcome_of(exercise_id: str, answer: Callable[..., Any] | Any, seed: int = 11) -> Outcome:
    judge = Judge.drawn(registry()[exercise_id], seed)
    return judge(judge.run(answer))
