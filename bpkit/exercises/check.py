"""What a learner calls in a notebook: check, hint, solution, restore, reset, progress."""

from __future__ import annotations

import dataclasses
from functools import cache, partial
from typing import Any

from bpkit.exercises import clicks, find, keeping, registry
from bpkit.exercises import progress as _progress
from bpkit.exercises.borrowed import borrowed
from bpkit.exercises.feedback import CodeCard, Help, HintsCard, OutcomeCard, ProgressMap, solution_html
from bpkit.exercises.judge import Judge
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import Outcome, outcome
from bpkit.language import translated

# The notebook's inputs are the same every time, so that feedback can be talked about. The grader draws its own.
_SEED = 5


@cache
def _judge(exercise_id: str) -> Judge:
    return Judge.drawn(registry()[exercise_id], _SEED)


def _unknown(exercise_id: object, why: str) -> OutcomeCard:
    return OutcomeCard(str(exercise_id)[:40], "", "could not run", f"{why[0].upper()}{why[1:]}.", 0, 0)


def check(exercise_id: str, answer: Any, *, record: bool = True) -> OutcomeCard:
    """Check an answer and say what is wrong with it.

    When your notebook is graded, `check` says of every answer that it is right, whether it is or not: so the cells run as they do for
    a right answer, also below ``assert check(…).passed`` and in ``if check(…).passed:``. The points come from inputs that the grader draws.

    Parameters
    ----------
    exercise_id
        Lesson and number, e.g. ``"05.3"``.
    answer
        Your function itself (not called), or your value.
    record
        Whether it counts as a try of yours; a demonstration does not.

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
    if record:
        source = keeping.source_of_answer(exercise, answer)
        known = _progress.record(judged, source, keeping.digest(source))
        if judged.status == "wrong" and keeping.is_open(exercise, known) and not keeping.left_out():
            judged = dataclasses.replace(judged, notes=(*judged.notes, f'our solution is open now: bp.solution("{exercise.id}")'))
        return dataclasses.replace(OutcomeCard.showing(judged), help=_help(exercise, judged, known))
    return OutcomeCard.showing(judged)


def _help(exercise: Exercise, judged: Outcome, known: _progress.Record) -> Help:
    """What the card of a try opens at a click."""
    show = partial(clicks.listen, exercise.id, partial(_opened, exercise))
    return Help(exercise, not judged.passed, _solution_if_open(exercise, known), show)


def _opened(exercise: Exercise, number: int) -> tuple[str, str]:
    """Count hints that clicks have opened; what the card says to it."""
    known = _progress.hints_opened(exercise.id, min(number, len(exercise.hints)))
    if keeping.left_out():
        return "", ""
    ours = _solution_if_open(exercise, known)
    return ("", solution_html(ours)) if ours else (translated(keeping.still_to_do(exercise, known)), "")


def _solution_if_open(exercise: Exercise, known: _progress.Record) -> CodeCard | None:
    return None if keeping.left_out() or not keeping.is_open(exercise, known) else _solution(exercise, known)


def _as_graded(exercise: Exercise, answer: Any, judged: Outcome) -> Outcome:
    """The same outcome, unless a right answer calls what the grader does not have."""
    if not judged.passed or exercise.kind == "value":
        return judged
    taken = sorted(borrowed(answer) - set(exercise.allows))
    if not taken:
        return judged
    allowed = " and ".join(f"bp.{name}" for name in exercise.allows) or "numpy alone"
    message = f"The result is right, but it uses bp.{taken[0]}, which this exercise does not allow: write it with {allowed}."
    return dataclasses.replace(outcome(exercise, "wrong", message, mistake="not allowed"), where=judged.where)


def hint(exercise_id: str) -> HintsCard | OutcomeCard:
    """Open one more hint of an exercise, and show those opened so far.

    A click in the card of `check` opens the same hints. It counts as this does, but for a notebook that was saved and whose kernel has ended.

    Examples
    --------
    >>> print(hint("05.33").message)
    There is no exercise '05.33'; lesson 05 has 05.1 to 05.7, written like "05.3".
    """
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    return HintsCard(exercise, _progress.open_hint(exercise.id, len(exercise.hints)))


def solution(exercise_id: str) -> CodeCard | OutcomeCard:
    """The course's own solution beside yours: open when yours is right, or after all hints and three different wrong tries.

    Examples
    --------
    >>> print(solution("00.1").words)
    The solution of 00.1 opens when yours is right, or after 3 more hints and 3 more different tries.
    """
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    if keeping.left_out():
        return CodeCard(exercise, "The solutions are not in this copy of the course: ask the staff.")
    known = _progress.load().of(exercise.id)
    if not keeping.is_open(exercise, known):
        return CodeCard(exercise, keeping.still_to_do(exercise, known))
    return _solution(exercise, known)


def _solution(exercise: Exercise, known: _progress.Record) -> CodeCard:
    ours, mine = keeping.worked(exercise), known.answer or keeping.source_of_answer(exercise, None)
    changes = keeping.difference(mine, ours) if mine else ""
    words = ["Ours is this."]
    if changes:
        words.append("Below it, lines of yours that go have a minus, those that come a plus.")
        words += ["Both are right: what differs is form."] * (known.status == "right")
    elif mine:
        words.append("Yours is the same, line for line.")
    return CodeCard(exercise, " ".join(words), ours, changes)


def restore(exercise_id: str) -> CodeCard | OutcomeCard:
    """Bring back your last answer that was right, in a new cell below; nothing is overwritten."""
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    kept = _progress.load().of(exercise.id).answer
    if not kept:
        return CodeCard(exercise, f"No right answer of yours to {exercise.id} is kept.")
    return _below(exercise, "Your answer, as it was when it was right", kept)


def reset(exercise_id: str) -> CodeCard | OutcomeCard:
    """Bring the lesson's empty cell again, in a new cell below; nothing is overwritten."""
    exercise = find(exercise_id)
    if isinstance(exercise, str):
        return _unknown(exercise_id, exercise)
    stub = keeping.stub(exercise)
    return _below(exercise, "The cell as it came", stub) if stub else CodeCard(exercise, "The lesson's notebook is not here.")


def _below(exercise: Exercise, what: str, code: str) -> CodeCard:
    return CodeCard(exercise, f"{what}, in a new cell below." if keeping.put_below(code) else f"{what}, to paste into a cell.", code)


def progress() -> ProgressMap:
    """The course so far: which exercises are right, and the points of each lesson."""
    return ProgressMap.showing(_progress.load())
