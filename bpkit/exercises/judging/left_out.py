"""What of the inputs an answer leaves out, as where a loop begins late or ends early."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import Mark, agree
from bpkit.exercises.judging.formula import Formula, cut, emptied, replaced
from bpkit.exercises.judging.multiples import times


def left_out(formula: Formula, marked: Sequence[tuple[Any, Mark]]) -> str:
    """The first or last of what the formula runs over, if an answer is right without it, as where a loop begins late or ends early."""
    names, inputs = formula.known.names, formula.known.seen(0)
    for place, at in itertools.product(range(len(inputs)), (0, -1)):
        for axis in range(np.ndim(inputs[place]) if isinstance(inputs[place], np.ndarray) else 0):
            if formula.right_for(marked, None, partial(replaced, place=place, change=partial(emptied, axis=axis, at=at)), emptied, place, axis, at):
                return _left_out_of(names[place], inputs[place], axis, at)
    for lengths, axes in formula.known.common_lengths:
        cases = [k for k, length in enumerate(lengths) if length > 1]  # a single one left out leaves nothing to compare
        place, axis = axes[0]
        if len(cases) < 2:
            continue
        for at in (0, -1):
            if all(_right_without(formula, marked[k][0], k, axes, at, lengths[k]) for k in cases):
                return _left_out_of(names[place], inputs[place], axis, at)
    return ""


def item_left_out(formula: Formula, results: Sequence[Any]) -> str:
    """The same for the first or last item of a list of arrays; what is made of a list of one tells nothing."""
    names, lists = formula.known.names, formula.known.inputs()
    for place, at in itertools.product(range(len(lists[0])), (0, -1)):
        if not all(isinstance(args[place], list) for args in lists):
            continue
        cases = [k for k, args in enumerate(lists) if len(args[place]) > 1]
        without = partial(replaced, place=place, change=itemgetter(slice(1, None) if at == 0 else slice(-1)))
        values = [formula.value_for(without, (replaced, place, at), k)[0] for k in cases]
        if len(cases) > 1 and all(value is not None and agree(results[k], value) for k, value in zip(cases, values, strict=True)):
            return _left_out_of_all(f"the last array of `{names[place]}`" if at else f"the first array of `{names[place]}`")
    return ""


def _right_without(formula: Formula, result: Any, k: int, axes: Sequence[tuple[int, int]], at: int, length: int) -> bool:
    """Whether a result is what the formula gives without one place of an axis; a mean may have been divided by the whole length."""
    value, _ = formula.value_for(partial(cut, axes=axes, at=at), (cut, tuple(axes), at), k)
    return value is not None and (agree(result, value) or agree(result, times((length - 1) / length, value)))


def _left_out_of(name: str, array: np.ndarray, axis: int, at: int) -> str:
    line = "entry" if array.ndim == 1 else ("row", "column")[axis] if array.ndim == 2 else f"place along axis {axis}"
    left = f"the last {line} of `{name}`" if at else f"the first {line} of `{name}`"
    return _left_out_of_all(left)


def _left_out_of_all(left: str) -> str:
    return f"Your numbers are the right ones with {left} left out. Does a loop or a slice of yours begin or end one place off?"
