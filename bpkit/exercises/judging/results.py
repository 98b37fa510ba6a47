"""What two results have to do with each other, each of which may be a value or the way in which a call ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL, agree, as_array, distance
from bpkit.exercises.judging.records import Ended, Raised
from bpkit.exercises.judging.values import SEQUENCES, items_of, leaves
from bpkit.exercises.run import Unreadable


def same(mine: Any, other: Any) -> bool:
    """Whether two results are the same answer, or errors of the same type."""
    if isinstance(mine, Ended) or isinstance(other, Ended):
        return isinstance(mine, Raised) and isinstance(other, Raised) and mine.type == other.type
    return not isinstance(other, Unreadable) and agree(mine, other)


def form_of(value: Any) -> Any:
    """All of a result that `differ` asks for: how lists nest, and of what shape and kind the arrays are."""
    if isinstance(value, SEQUENCES):
        return tuple(map(form_of, value))
    if isinstance(value, Ended | Unreadable):
        return type(value)
    array = np.asarray(value)
    return None if value is None else (array.shape, array.dtype.kind, array.dtype.kind not in "fc" or bool(np.isfinite(array).all()))


def differ(mine: Any, other: Any) -> bool:
    """Whether two results are finite numbers of the same shapes, so that their not being the same says something."""
    if isinstance(mine, Ended | Unreadable) or isinstance(other, Ended | Unreadable):
        return False
    if not isinstance(other, SEQUENCES):
        array = as_array(mine, np.asarray(other))
        return isinstance(array, np.ndarray) and array.dtype.kind in "biufc" and bool(np.isfinite(array).all()) and bool(np.isfinite(other).all())
    items = items_of(mine)
    if not isinstance(items, list) or len(items) != len(other):
        return False
    return all(one is None if item is None else differ(one, item) for one, item in zip(items, other, strict=True))


def mostly_wrong(mine: Any, want: Any) -> bool:
    """Whether at least half of a result's numbers are wrong, or it holds no numbers in the form that is asked."""
    if not is_finite(mine) or not is_finite(want) or not differ(mine, want):
        return True
    pairs = list(zip(leaves(items_of(mine) if isinstance(want, SEQUENCES) else mine), leaves(want), strict=False))
    if any(one.size != other.size for one, other in pairs):
        return True
    wrong = [np.abs(one.ravel() - other.ravel()) > RTOL * (np.abs(other).max(initial=0.0) or 1.0) for one, other in pairs]
    return 2 * sum(int(where.sum()) for where in wrong) >= sum(where.size for where in wrong)


def is_negligible(value: Any, want: Any) -> bool:
    """Whether finite numbers are zero beside those that are wanted, but for rounding."""
    largest, wanted = (max((float(np.abs(leaf).max(initial=0)) for leaf in leaves(part)), default=0.0) for part in (value, want))
    return largest <= RTOL * wanted


def clash(mine: Any, other: Any) -> bool:
    """Whether two results have finite numbers in the same places that are not the same, whatever is not finite in others."""
    if isinstance(mine, Ended | Unreadable) or isinstance(other, Ended | Unreadable):
        return False
    if isinstance(other, SEQUENCES):
        items = items_of(mine)
        if not isinstance(items, list) or len(items) != len(other):
            return False
        return any(one is not None and item is not None and clash(one, item) for one, item in zip(items, other, strict=True))
    theirs = np.asarray(other)
    ours = as_array(mine, theirs)
    if not isinstance(ours, np.ndarray) or ours.dtype.kind not in "biufc" or theirs.dtype.kind not in "biufc":
        return False
    both = np.isfinite(ours) & np.isfinite(theirs)
    return not distance(ours[both], theirs[both]).close()


def breaks(value: Any, want: Any) -> bool:
    """Whether a result is an error, or not finite, or of another shape than what is wanted: no numbers to compare."""
    if isinstance(value, Ended | Unreadable):
        return isinstance(value, Raised)
    return not is_finite(value) or _shapes(value) != _shapes(want)


def _shapes(value: Any) -> Any:
    return tuple(map(_shapes, value)) if isinstance(value, SEQUENCES) else np.shape(value)


def is_finite(value: Any) -> bool:
    """Whether a value is made of finite real numbers, and has some."""
    try:
        arrays = [] if isinstance(value, Ended | Unreadable | str) or value is None else leaves(value)
    except ValueError:  # ragged
        return False
    return bool(arrays) and all(leaf.dtype.kind in "iuf" and leaf.size and bool(np.isfinite(leaf).all()) for leaf in arrays)


def has_nan(value: Any) -> bool:
    """Whether a result is made of numbers, and some of them are not finite."""
    try:
        arrays = [] if isinstance(value, Ended | Unreadable | str) or value is None else leaves(value)
    except ValueError:  # ragged
        return False
    return any(leaf.dtype.kind == "f" and not np.isfinite(leaf).all() for leaf in arrays)


def common_length(values: Iterable[Any]) -> int:
    """The number of items of each of some values; 0 where they have no number in common, or are no sequences."""
    sizes = {len(value) if isinstance(value, SEQUENCES) else 0 for value in values}
    return sizes.pop() if len(sizes) == 1 else 0


def few_parts(results: Sequence[Any], expected: Sequence[Any]) -> int:
    """The number of parts of answers of two to four parts, none of them empty; 0 for others."""
    size = common_length((*results, *expected))
    return size if 2 <= size <= 4 and not any(part is None for part in expected[0]) else 0


def wrong_parts(results: Sequence[Any], expected: Sequence[Any]) -> list[int]:
    """The places of the parts that are wrong in some case, of an answer of a few parts."""
    pairs = list(zip(results, expected, strict=True))
    return [part for part in range(few_parts(results, expected)) if not all(same(mine[part], want[part]) for mine, want in pairs)]
