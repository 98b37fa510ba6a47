"""More cases than those drawn, with special numbers: what is wrong only at 0 or 1, where entries are equal or all of them 0, shows there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.model import Case
from bpkit.exercises.run import Probe

ROUND = (0.0, 1.0, -1.0, 1.0, 2.0)
POINTS = (0.0, 1.0, -1.0, 2.0)  # for single numbers


def round_case(cases: Sequence[Case], plain: Collection[int], rng: np.random.Generator) -> Case | None:
    """The case with the most numbers, with `ROUND` at random places of every array, and what comes first once more as the last; or None.

    Of an array of rows and columns that is its first column, so that one example is given twice; of one column or row, its first entry.
    Of four columns and more, in several rows, the last but one is nothing but zeros.

    Parameters
    ----------
    cases
        What an exercise draws.
    plain
        The positions of arguments that stay as they are: what is made from another, or has a range of its own.
    rng
        Draws the places.
    """
    sizes = [0 if case.refuses else sum(_numbers(arg) for place, arg in enumerate(case.args) if place not in plain) for case in cases]
    if not any(sizes):
        return None
    fullest = cases[int(np.argmax(sizes))]
    label = fullest.label
    return Case(
        f"{label}, round numbers and repeats among them",
        tuple(arg if place in plain else _rounded(arg, rng) for place, arg in enumerate(fullest.args)),
    )


def round_points(cases: Sequence[Case], plain: Collection[int], names: Sequence[str]) -> list[Case]:
    """The drawn cases with `POINTS` for their single numbers, each of these beginning with another one; none where an input is more than that.

    An input that is drawn above 0 alone stays there, and takes only those of `POINTS` that do. Once more they are 1 and 2 as `int`, as one
    writes them.

    Parameters
    ----------
    cases, plain
        As those of `round_case`.
    names
        Of the arguments.
    """
    if not cases or any(case.refuses is not None or not all(isinstance(arg, float | int | Probe) for arg in case.args) for case in cases):
        return []
    columns = {place: [case.args[place] for case in cases] for place in range(len(cases[0].args)) if place not in plain}
    points = {
        place: [point for point in POINTS if point > 0 or min(drawn) <= 0]
        for place, drawn in columns.items()
        if all(isinstance(arg, float) for arg in drawn)
    }
    if not points:
        return []
    rounds: list[dict[int, float | int]] = [{place: each[(k + place) % len(each)] for place, each in points.items()} for k in range(len(POINTS))]
    rounds.append({place: 1 + place % 2 for place in points})
    found = []
    for k, numbers in enumerate(rounds):
        args = tuple(numbers.get(place, arg) for place, arg in enumerate(cases[k % len(cases)].args))
        label = ", ".join(f"{name} = {arg:g}" for name, arg in zip(names, args, strict=True) if not isinstance(arg, Probe))
        found.append(Case(label if k < len(POINTS) else f"{label} as int", args))
    return found


def zero_cases(cases: Sequence[Case], places: Collection[int], names: Sequence[str]) -> list[Case]:
    """The first case with nothing but zeros in one argument, or 0 for a number, once for each of some places."""
    first = cases[0]
    return [
        Case(
            f"{names[place]} = 0" if isinstance(first.args[place], float) else f"{names[place]} 0 in every entry",
            tuple(_emptied(arg) if k == place else arg for k, arg in enumerate(first.args)),
        )
        for place in places
    ]


def _emptied(arg: Any) -> Any:
    if isinstance(arg, float):
        return 0.0
    return type(arg)(map(_emptied, arg)) if isinstance(arg, list | tuple) else np.zeros_like(arg)


def _is_real(arg: Any) -> bool:
    return isinstance(arg, np.ndarray) and arg.dtype == np.float64 and arg.size > 1


def _numbers(arg: Any) -> int:
    if isinstance(arg, list | tuple):
        return sum(map(_numbers, arg))
    return arg.size if _is_real(arg) else 0


def _rounded(arg: Any, rng: np.random.Generator) -> Any:
    if isinstance(arg, list | tuple):
        return type(arg)(_rounded(item, rng) for item in arg)
    if not _is_real(arg):
        return arg
    entries = arg.copy()
    # along the last axis that has room for something between the two
    axis = next((axis for axis in reversed(range(arg.ndim)) if arg.shape[axis] > 2), None)
    places = np.arange(arg.size).reshape(arg.shape)
    if axis is not None:
        along = np.moveaxis(entries, axis, 0)
        empty = len(along) > 3 and arg.size > len(along)
        places = np.delete(places, [0, -1, -2] if empty else [0, -1], axis)  # or a sum of round numbers might be that of others
    some = ROUND[: arg.size // 2]
    entries.flat[rng.permutation(places.ravel())[: len(some)]] = some
    if axis is not None:
        along[-1] = along[0]
        if empty:
            along[-2] = 0.0
    return entries
