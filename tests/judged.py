"""What the checker says to an answer, judged on inputs that do not change from run to run."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.outcome import Outcome


@lru_cache(maxsize=200)
def judge_of(exercise_id: str, seed: int) -> Judge:
    """A judge that many answers come before, as a class's do: what is right and what each mistake gives is worked out once."""
    return Judge.drawn(registry()[exercise_id], seed)


def outcome_of(exercise_id: str, answer: Callable[..., Any] | Any, seed: int = 11) -> Outcome:
    judge = judge_of(exercise_id, seed)
    return judge(judge.run(answer))
