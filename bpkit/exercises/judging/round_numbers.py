"""One more case with round numbers among those drawn: what is wrong only at 0 or 1, or where two entries are equal, shows there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.model import Case

ROUND = (0.0, 1.0, -1.0, 1.0, 2.0)


def round_case(cases: Sequence[Case], plain: Collection[int], rng: np.random.Generator) -> Case | None:
    """The case with the most numbers, with `ROUND` at random places of every array, half of it as drawn; None where no array takes them.

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
    return Case(f"{label}, round numbers among them", tuple(arg if place in plain else _rounded(arg, rng) for place, arg in enumerate(fullest.args)))


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
    some = ROUND[: arg.size // 2]
    entries.flat[rng.permutation(arg.size)[: len(some)]] = some
    return entries
