"""Patterns in the numbers of an answer that hold in every case, such as entries handed on as they came, or wrong ones under a sign."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL, Problem
from bpkit.exercises.judging.form import laid_along
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.records import Ended, Raised
from bpkit.exercises.judging.results import form_of, is_finite, same, wrong_parts
from bpkit.exercises.judging.values import SEQUENCES, leaves
from bpkit.exercises.outcome import Outcome

_NEAR, _FEW_NUMBERS = 0.02, 3  # of the right number; so many that are near by chance
# a bound is named where it is one of so many ways to choose as many entries
_FEW_BOUNDS = 5000
_FAR_APART = 100  # times as large
# by what an input may tell wrong entries from right ones
_SIGNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "less than 0": lambda array: array < 0,
    "more than 0": lambda array: array > 0,
    "0": lambda array: array == 0,
    "at most 0": lambda array: array <= 0,
    "at least 0": lambda array: array >= 0,
    "other than 0": lambda array: array != 0,
}
_BY_CHANCE = 1e-3  # of all ways to choose as many entries, at most so many may lie on one side


def one_array_throughout(known: Known, results: Sequence[Any]) -> str:
    """Whether every list that came back holds one and the same array again and again, where the right ones differ."""
    if len(results) < len(known.cases) or not all(isinstance(result, list) for result in results):
        return ""
    many = 0
    for mine, want in zip(results, known.expected, strict=True):
        if isinstance(want, list) and len(mine) == len(want):
            items = [(one, other) for one, other in zip(mine, want, strict=True) if isinstance(one, np.ndarray) and isinstance(other, np.ndarray)]
            if len({np.shape(one) for one, _ in items}) == 1 and len(items) > 1 and not all(same(items[0][1], other) for _, other in items):
                if not np.any(items[0][0]) or not all(np.array_equal(items[0][0], one) for one, _ in items):
                    return ""
                many += len(items) - 1
    if many < 2:
        return ""
    return "All arrays of your list are one and the same. Is a single array changed in place and put into the list again and again?"


def entries_of_an_input(known: Known, results: Sequence[Any], right: Sequence[bool]) -> str:
    """The input whose entries an answer hands on, in every case, where the right numbers are other ones in all that are wrong."""
    if known.exercise.driver != "call" or len(results) < len(known.cases) or right.count(False) < 2:
        return ""
    if not all(is_finite(result) and not isinstance(result, SEQUENCES) for result in results):
        return ""
    inputs = known.inputs()
    for place, name in enumerate(known.names[: len(inputs[0])]):
        found = [_entries_from(result, args[place]) for result, args in zip(results, inputs, strict=True)]
        wanted = [_entries_from(want, args[place]) for want, args, fine in zip(known.expected, inputs, right, strict=True) if not fine]
        if all(found) and not any(wanted):
            return f"Each of your numbers is an entry of `{name}` as it came."
    return ""


def off_by_an_input(known: Known, results: Sequence[Any]) -> str:
    """An input of whose entries the result has too many or too few, in every case: another factor in front of one term."""
    names, inputs = known.names, known.inputs()
    for place in range(min(len(names), len(inputs[0]))):
        given = [args[place] for args in inputs]
        if all(_off_by(result, want, array) for result, want, array in zip(results, known.expected, given, strict=True)):
            return f"Your numbers are off by a multiple of `{names[place]}`. Look at the term in which it stands by itself."
    return ""


def wrong_where(known: Known, results: Sequence[Any]) -> str:
    """The input by whose sign or size the wrong entries are told from the right ones, in every case; of several parts, for each that is wrong."""
    if known.exercise.driver != "call" or len(results) < max(2, len(known.cases)):
        return ""
    if not any(isinstance(value, SEQUENCES) for value in (*results, *known.expected)):
        words = _where(known, list(zip(results, known.expected, strict=True)))
        return f"The wrong entries are {words}." if words else ""
    told = []
    for part in wrong_parts(results, known.expected):
        words = _where(known, [(mine[part], want[part]) for mine, want in zip(results, known.expected, strict=True)])
        if words:
            name = known.part_name(part)
            told.append(f"The wrong entries of {name} are {words}.")
    return " ".join(told)


def _where(known: Known, pairs: Sequence[tuple[Any, Any]]) -> str:
    """In words what an input is where entries are wrong: there and nowhere else, or there alone."""
    wrong = []
    for mine, want in pairs:
        if not isinstance(want, np.ndarray) or not isinstance(mine, np.ndarray) or mine.shape != want.shape or not is_finite(mine):
            return ""
        wrong.append(np.abs(mine - want) > RTOL * (np.abs(want).max(initial=0.0) or 1.0))
    within = any(where.any() and not where.all() for where in wrong)
    inputs = known.inputs()
    sides = []
    for place, name in enumerate(known.names[: len(inputs[0])]):
        given = [args[place] for args in inputs]
        if not all(isinstance(array, np.ndarray) and array.shape == where.shape for array, where in zip(given, wrong, strict=True)):
            continue
        for words, signs in _SIGNS.items():
            if all(np.array_equal(signs(array), where) for array, where in zip(given, wrong, strict=True)) and _splits(wrong):
                return f"exactly those where `{name}` is {words}"
        numbers, where = np.concatenate([array.ravel() for array in given]), np.concatenate([where.ravel() for where in wrong])
        # what tells cases apart that are right or wrong as a whole tells nothing of their entries, unless they lie far from each other
        if bound := _beyond(name, numbers, where, 1 if within else _FAR_APART):
            return f"exactly those where {bound}"
        if not within or len(np.unique(numbers[where])) < where.sum():  # what goes wrong together lies on one side by chance
            continue
        for words in ("less than 0", "more than 0"):
            there = _SIGNS[words](numbers)
            if not (where & ~there).any() and math.comb(int(there.sum()), int(where.sum())) < _BY_CHANCE * math.comb(where.size, int(where.sum())):
                sides.append(f"all among those where `{name}` is {words}")
    return sides[0] if len(sides) == 1 else ""


def nearly_right(known: Known, results: Sequence[Any], told: Outcome) -> str:
    """Whether all numbers are near the right ones in every case, as those of an approximation are; of a single case it may have been told."""
    if (
        known.exercise.accepts is not None
        or len(results) < len(known.cases)
        or any(words in told.message for words in ("nearly right", "rounded", "near the gradient"))
    ):
        return ""
    if not all(is_finite(value) and form_of(value) == form_of(want) for value, want in zip(results, known.expected, strict=True)):
        return ""
    pairs = [(a, b) for one, want in zip(results, known.expected, strict=True) for a, b in zip(leaves(one), leaves(want), strict=True)]
    mine, right = (np.concatenate([array.ravel() for array in arrays]) for arrays in zip(*pairs, strict=True))
    wrong = np.abs(mine - right) > RTOL * np.abs(right)
    off = np.abs(mine - right)[wrong] / np.abs(right)[wrong]
    if wrong.sum() < _FEW_NUMBERS or off.max() > _NEAR or np.ptp(right[wrong]) < 10 * _NEAR * np.abs(right).max():
        return ""
    return f"Each of your numbers is within {100 * _NEAR:g} % of what it should be. Is something only approximated, rounded or cut off?"


def of_another_form(known: Known, results: Sequence[Any], right: Sequence[bool]) -> str:
    """The first case in which an answer does not even have the form that is asked, where another one shows wrong numbers only."""
    if known.exercise.accepts is not None:
        return ""
    for case, result, want, fine in zip(known.cases, results, known.expected, right, strict=False):
        if not case.label:  # a single case, which has been told
            return ""
        if isinstance(result, Raised):
            return f"For {case.label} it raised {result.type}: {result.message}."
        if fine or isinstance(result, Ended):
            continue
        problem = laid_along(result, want, known.exercise.part)
        if isinstance(problem, Problem) and problem.kind == "shape":
            return f"For {case.label}: {problem.part}{': ' if problem.part else ''}{problem.message}."
    return ""


def _splits(wrong: Sequence[np.ndarray]) -> bool:
    """Whether there are enough right and wrong entries for their places to be no chance."""
    together = np.concatenate([where.ravel() for where in wrong])
    return together.size >= 12 and 2 <= int(together.sum()) <= together.size - 2


def _beyond(name: str, numbers: np.ndarray, wrong: np.ndarray, apart: float) -> str:
    """The bound beyond which an input's numbers have the wrong entries and no right one, in words; empty where there is none, or by chance.

    What lies beyond it is larger, or smaller, by the factor `apart` at least.
    """
    if math.comb(int(wrong.size), int(wrong.sum())) < _FEW_BOUNDS or numbers.dtype.kind != "f":
        return ""
    for what, sizes in ((f"|{name}|", np.abs(numbers)), (name, numbers)):
        if sizes[wrong].min() > apart * sizes[~wrong].max():
            return f"`{what}` is {sizes[wrong].min():.4g} or more, and right where it is {sizes[~wrong].max():.4g} or less"
        if apart * sizes[wrong].max() < sizes[~wrong].min():
            return f"`{what}` is {sizes[wrong].max():.4g} or less, and right where it is {sizes[~wrong].min():.4g} or more"
    return ""


def _off_by(got: Any, want: Any, array: Any) -> bool:
    """Whether an array differs from the one that is wanted by a multiple of a third, which is no multiple of either."""
    arrays = [np.asarray(value) for value in (got, want, array) if isinstance(value, np.ndarray)]
    if len(arrays) < 3 or len({a.shape for a in arrays}) > 1 or arrays[0].size < 3 or any(a.dtype.kind != "f" for a in arrays):
        return False
    mine, right, given = arrays
    tolerance = RTOL * float(np.abs(right).max())

    def is_a_multiple(values: np.ndarray) -> bool:
        factor = float(np.vdot(values, given)) / (float(np.vdot(given, given)) or math.nan)
        return bool((np.abs(values - factor * given) <= tolerance).all())

    return is_a_multiple(mine - right) and not is_a_multiple(right) and float(np.abs(mine - right).max()) > 1e3 * tolerance


def _entries_from(value: Any, given: Any) -> bool:
    """Whether every number of an array is one of those of another, and they are no whole numbers, which may agree by chance."""
    if not isinstance(given, np.ndarray) or given.dtype.kind != "f" or isinstance(value, SEQUENCES):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool(np.any(array % 1)) and bool(np.isin(array, given).all())
