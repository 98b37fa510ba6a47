"""What a learner calls in a notebook: check, hint, progress."""

from __future__ import annotations

from functools import cache
from typing import Any

from bpkit.exercises import find, registry
from bpkit.exercises import progress as _progress
from bpkit.exercises.feedback import HintsCard, OutcomeCard, ProgressMap
from bpkit.exercises.judge import Judge

# The notebook's inputs are the same every time, so that feedback can be talked about. The grader draws its own.
_SEED = 5


@cache
def _judge(exercise_id: str) -> Judge:
    return Judge.drawn(registry()[exercise_id], _SEED)


def _unknown(exercise_id: object, why: str) -> OutcomeCard:
    return OutcomeCard(str(exercise_id)[:40], "", "could not run", f"{why[0].upper()}{why[1:]}.", 0, 0)


def check(exercise_id: str, answer: Any) -> OutcomeCard:
    """Check an answer and say what is wrong with it.

    When your notebook is graded, `check` says of every answer that it is right, whether it is or not: so the cells run as they do for
    a right answer, also below ``assert check(…).passed`` and in ``if check(…).passed:``. The points come from inputs that the grader draws.

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
    outcome = judge(judge.run(answer))
    _progress.record(outcome)
    return OutcomeCard.showing(outcome)


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
