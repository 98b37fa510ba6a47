"""What can be seen from outside of a wrong answer that no mistake of the bank gives."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.core.describe import Difference, describe_difference
from bpkit.exercises.judging.comparing import RTOL, Problem, distance, is_lone
from bpkit.exercises.judging.form import laid_along
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.layers import first_made
from bpkit.exercises.judging.records import Raised, Signature, TooSlow, Uncallable
from bpkit.exercises.judging.values import PartLabel, leaves, parts_of, value_in_words
from bpkit.exercises.judging.which_cases import where_told
from bpkit.exercises.outcome import Entries, Outcome, outcome
from bpkit.exercises.run import ARRAY_FOR_NUMBER

_NEARLY = 1e-3  # of the largest entry: what is off by less was hardly made by another formula
_MORE_THAN_ROUNDING = (
    "; float64 does not round so much: is a small constant added or left out, a number cut off or rounded, or something only approximated?"
)


def described_outcome(known: Known, result: Any, k: int, right: Sequence[bool], narrow: bool) -> Outcome:
    """The outcome of a wrong answer that no mistake of the bank gives, told by what can be seen in one case.

    Parameters
    ----------
    result, k
        What came of the case number `k`, which is wrong.
    right
        Which cases are right.
    narrow
        Whether the code was seen to use float32 on the way.
    """
    exercise, label = known.exercise, known.cases[k].label
    place = f"For {label}: " if label else ""
    if isinstance(result, TooSlow):
        return outcome(exercise, "wrong", f"{place}stopped after {result.seconds:g} s. Does a loop never end?", mistake="too slow")
    if isinstance(result, Raised):
        at = f" at `{result.line}`" if result.line else ""
        advice = ". If it holds one number, `.item()` takes it out" if result.message == ARRAY_FOR_NUMBER else ""
        return outcome(
            exercise, "wrong", f"{place}it raised {result.type}{at}: {result.message}{advice}", mistake="raised", where=where_told(known, right)
        )
    if isinstance(result, Signature):
        message = f"{exercise.name} takes {result.found}, expected ({', '.join(known.names)})."
        return outcome(exercise, "wrong", message, mistake="wrong arguments")
    if isinstance(result, Uncallable):
        kind = "class" if isinstance(exercise.reference, type) else "function"
        message = f"{exercise.name} is {result.found}, expected a {kind}. Give the {kind} itself, without calling it."
        return outcome(exercise, "wrong", message, mistake="not a function")
    if is_lone(result, known.expected[k]):
        message = f"{place}it is a tuple of one item: a comma at the end of a line makes a tuple. Take the comma away."
        return outcome(exercise, "wrong", message, mistake="trailing comma", where=where_told(known, right))
    # at special numbers more than one formula gives what was found, as 0 and 1 are the products of many things: no explanation is sure there
    drawn = k < len(known.cases) - known.special
    if drawn and exercise.explain is not None and (words := known.ask("explain", exercise.explain, result, *known.seen(k))):
        return outcome(exercise, "wrong", str(words), where=where_told(known, right))
    if exercise.accepts is not None:
        return outcome(exercise, "wrong", f"{place}{exercise.name} is {value_in_words(result)}; that is not right.", where=where_told(known, right))
    problem = _first_problem(result, known.expected[k], exercise.part, narrow)
    if problem.kind != "unexplained":
        part = f"{problem.part}: " if problem.part else ""
        stop = "" if problem.message.endswith("?") else "."
        return outcome(exercise, "wrong", f"{place}{part}{problem.message}{stop}", mistake=problem.kind, where=where_told(known, right))
    entries = None
    if exercise.kind == "function" and problem.got is not None and problem.wrong is not None and problem.got.ndim <= 2:
        title = ", ".join(words for words in (problem.part, label) if words)
        entries = Entries(title, np.atleast_2d(problem.got), np.atleast_2d(problem.wrong))
    stop = "" if problem.yours.endswith("?") else "."
    message = f"{place}{problem.part or 'the result'} {problem.message}{problem.yours}{stop}"
    return outcome(exercise, "wrong", message, where=where_told(known, right), entries=entries)


def _first_problem(got: Any, want: Any, label: PartLabel, narrow: bool = False) -> Problem:
    """The first thing that is wrong with a returned value."""
    arrays = laid_along(got, want, label)
    if isinstance(arrays, Problem):
        return arrays
    parts = list(zip(parts_of(want, label), arrays, leaves(want), strict=True))
    right = [name for name, array, leaf in parts if distance(array, leaf).close(narrow)]
    wrong = {name: (array, leaf) for name, array, leaf in parts if name not in right}
    assert wrong, "a value that is not right has a part that is not right"
    first, way = first_made([name for name, *_ in parts], list(wrong))
    found = _wrong_numbers(*wrong[first], first)
    words = f" ({' and '.join(right)} {'is' if len(right) == 1 else 'are'} right)" if right else ""
    return dataclasses.replace(found, message=f"{found.message}{words}{way}")


def _wrong_numbers(got: np.ndarray, want: np.ndarray, part: str) -> Problem:
    """Numbers of the right shape that are not the right ones: which, and the pattern if there is one."""
    if want.dtype.kind not in "biuf":
        return Problem("unexplained", "is not right", part)
    if not np.isfinite(want).all():
        wrong = ~((got == want) | (np.isnan(got) & np.isnan(want)))
        return Problem("unexplained", "is not right", part, got, wrong)
    difference = describe_difference(got, want, rtol=RTOL)
    words = f": {difference}" if difference.kind is not None or got.size > 1 or "nearly right" in difference.words else ""
    yours = _yours(got, difference)
    if (
        RTOL < difference.relative_error < _NEARLY
        and any(words in difference.words for words in ("nearly right", "off by at most"))
        and got.dtype == np.float64
        and want.dtype.kind == "f"
    ):
        yours += _MORE_THAN_ROUNDING
    return Problem("unexplained", f"is not right{words}".rstrip("."), part, got, difference.wrong, yours)


def _yours(got: np.ndarray, difference: Difference) -> str:
    """The learner's own number where it first goes wrong; empty where it is 0 and that has been told."""
    if difference.kind == "zero":
        return ""
    if got.size == 1:
        return f"; yours is {got.item():.6g}"
    first = np.argwhere(difference.wrong)
    if difference.kind == "one entry":  # whose place has been told, and its number if that is 0
        if not got[tuple(first[0])]:
            return ""
        return f"; yours is {got[tuple(first[0])]:.6g}"
    return f"; the first wrong entry is {[int(k) for k in first[0]]}, yours is {got[tuple(first[0])]:.6g}" if len(first) else ""
