"""What a learner calls in a notebook: check, hint, progress."""

from __future__ import annotations

import dataclasses
import dis
import sys
import types
from functools import cache
from itertools import pairwise
from typing import Any

from bpkit.exercises import find, registry
from bpkit.exercises import progress as _progress
from bpkit.exercises.feedback import HintsCard, OutcomeCard, ProgressMap
from bpkit.exercises.judge import Judge, outcome
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import Outcome

# The notebook's inputs are the same every time, so that feedback can be talked about. The grader draws its own.
_SEED = 5


@cache
def _judge(exercise_id: str) -> Judge:
    return Judge.drawn(registry()[exercise_id], _SEED)


def _unknown(exercise_id: object, why: str) -> OutcomeCard:
    return OutcomeCard(str(exercise_id)[:40], "", "could not run", f"{why[0].upper()}{why[1:]}.", 0, 0)


def check(exercise_id: str, answer: Any) -> OutcomeCard:
    """Check an answer and say what is wrong with it.

    Parameters
    ----------
    exercise_id
        Lesson and number, e.g. ``"05.3"``.
    answer
        Your function itself (not called), or your value.

    Returns
    -------
    OutcomeCard
        An `Outcome` that shows itself in a notebook; ``.passed``, ``.status``, ``.mistake``, ``.message`` and ``.points`` tell the same to code.

    Source
    ------
    How answers are judged: by finite differences or complex steps of a forward pass first, by the formula second.

    Examples
    --------
    >>> check("00.1", lambda x: x * x).passed
    True
    >>> check("00.1", lambda x: 2 * x).mistake
    'doubled'
    >>> check("00.2", [2, 3, 2]).passed
    True
    """
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    judge = _judge(exercise.id)
    judged = _as_graded(exercise, answer, judge(judge.run(answer)))
    _progress.record(judged)
    return OutcomeCard.showing(judged)


def _as_graded(exercise: Exercise, answer: Any, judged: Outcome) -> Outcome:
    """The same outcome, unless a right answer calls what the grader does not have."""
    if not judged.passed or exercise.kind == "value":
        return judged
    taken = sorted(_taken_from_bpkit(answer) - set(exercise.allows))
    if not taken:
        return judged
    allowed = " and ".join(f"bp.{name}" for name in exercise.allows) or "numpy alone"
    message = f"The result is right, but it calls bp.{taken[0]}, which this exercise does not allow: write it with {allowed}."
    return dataclasses.replace(outcome(exercise, "wrong", message, mistake="not allowed"), where=judged.where)


def _taken_from_bpkit(answer: Any) -> set[str]:
    """The public names of bpkit that an answer, or what it calls of the learner's own, takes from the package or was given by import."""
    package = sys.modules["bpkit"]
    public = {id(value): name for name, value in vars(package).items() if name in package.__all__ and callable(value)}  # those in use so far
    todo: list[Any] = [answer]
    seen: set[int] = set()
    taken: set[str] = set()
    while todo and len(seen) < 1000:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if id(thing) in public:
            taken.add(public[id(thing)])
        elif isinstance(thing, type) and thing.__module__ == "__main__":
            todo += [part for part in vars(thing).values() if isinstance(part, types.FunctionType)]
        elif isinstance(thing, types.FunctionType) and not thing.__module__.startswith("bpkit."):
            for code in _codes(thing.__code__):
                named = {name: thing.__globals__[name] for name in code.co_names if name in thing.__globals__}
                modules = {name for name, value in named.items() if value is package}
                todo += [value for name, value in named.items() if name not in modules]
                steps = pairwise(dis.get_instructions(code))
                taken |= {str(then.argval) for one, then in steps if one.argval in modules and then.opname in ("LOAD_ATTR", "LOAD_METHOD")}
    return taken


def _codes(code: types.CodeType) -> list[types.CodeType]:
    """A function's code and that of the functions inside it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return [code, *(each for part in inner for each in _codes(part))]


def hint(exercise_id: str) -> HintsCard | OutcomeCard:
    """Open one more hint of an exercise, and show those opened so far.

    Examples
    --------
    >>> print(hint("05.33").message)
    There is no exercise '05.33'; lesson 05 has 05.1 to 05.7, written like "05.3".
    """
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    return HintsCard(exercise, _progress.open_hint(exercise.id, len(exercise.hints)))


def progress() -> ProgressMap:
    """The course so far: which exercises are right, and the points of each lesson."""
    return ProgressMap.showing(_progress.load())
