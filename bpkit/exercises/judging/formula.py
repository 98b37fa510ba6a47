"""What the right formula gives for other inputs than a case has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from bpkit.exercises.judging.changes import each, real
from bpkit.exercises.judging.comparing import Mark, agree, apart, mark_of
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.results import is_finite
from bpkit.exercises.judging.values import leaves

_NUDGE = 1.001
Args = list[Any]


@dataclass(frozen=True)
class Formula:
    """The right formula on changed inputs; what it gives is worked out once for each change and case."""

    known: Known

    def right_for(self, marked: Sequence[tuple[Any, Mark]], part: int | None, change: Callable[[Args], Args], *what: Any) -> bool:
        """Whether the formula gives these results for changed inputs in every case, and not zeros alone, which come of much else.

        `part` says which of several parts the results are, each a list of that part alone. `what` names the change, for its values
        are worked out once.
        """
        some = False
        for k, (result, mark) in enumerate(marked):
            value, its_mark = self.value_for(change, what, k)
            if value is not None and part is not None:
                value, its_mark = [value[part]], mark_of(value[part])
            if value is None or apart(mark, its_mark) or not agree(result, value):
                return False
            some = some or any(np.any(leaf) for leaf in leaves(value))
        return some

    def value_for(self, change: Callable[[Args], Args], what: Any, k: int) -> tuple[Any, Mark]:
        """What the formula gives for a case's inputs, changed, and its mark; None where that is nothing, or not finite numbers."""
        if (what, k) not in self._changed:
            try:
                value = self.known.exercise.reference(*change(self.known.seen(k)))
            except Exception:  # the formula may make nothing of such inputs
                value = None
            self._changed[what, k] = (value, mark_of(value)) if is_finite(value) else (None, None)
        return self._changed[what, k]

    @cached_property
    def _changed(self) -> dict[tuple[Any, int], tuple[Any, Mark]]:
        return {}

    def is_smooth(self, place: int) -> bool:
        """Whether a small change of an input moves what is right in some case; where it does not, its signs or its order alone count."""
        if place not in self._smooth:
            nudged = each(lambda value: real(value) * _NUDGE)
            values = [self.value_for(partial(replaced, place=place, change=nudged), (_NUDGE, place), k)[0] for k in range(len(self.known.cases))]
            self._smooth[place] = any(value is None or not agree(value, want) for value, want in zip(values, self.known.expected, strict=True))
        return self._smooth[place]

    @cached_property
    def _smooth(self) -> dict[int, bool]:
        return {}


def replaced(args: Args, place: int, change: Callable[[Any], Any]) -> Args:
    """The inputs with one of them changed."""
    return [*args[:place], change(args[place]), *args[place + 1 :]]


def all_replaced(args: Args, places: Sequence[int], change: Callable[[Any], Any]) -> Args:
    """The inputs with some of them changed alike."""
    return [change(arg) if place in places else arg for place, arg in enumerate(args)]


def swapped(args: Args, one: int, other: int) -> Args:
    """The inputs with two of them in each other's place."""
    args[one], args[other] = args[other], args[one]
    return args


def in_place_of(args: Args, one: int, other: int) -> Args:
    """The inputs with one of them in the place of another as well."""
    args[one] = args[other]
    return args


def cut(args: Args, axes: Sequence[tuple[int, int]], at: int) -> Args:
    """The inputs without one place of an axis that some of them share."""
    for place, axis in axes:
        args[place] = np.delete(args[place], at, axis)
    return args


def emptied(value: Any, axis: int, at: int) -> np.ndarray:
    """The same array of floats with zeros in the first or last place along an axis."""
    array = np.array(real(value))
    array[(slice(None),) * axis + (at,)] = 0
    return array
