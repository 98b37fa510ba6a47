"""Whether one result is a multiple of another, and whether two that agree have enough in common to tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL_FLOAT32
from bpkit.exercises.judging.records import Ended
from bpkit.exercises.judging.results import same
from bpkit.exercises.judging.values import first_leaf
from bpkit.exercises.run import Unreadable


@dataclass(frozen=True)
class Lead:
    """The first array of a result, by what another is told to be no multiple of it in far less time than by its entries."""

    shape: tuple[int, ...]
    at: int
    largest: float
    total: float


def lead_of(value: Any) -> Lead | None:
    """What tells a result from what is no multiple of it; None where a multiple would tell nothing."""
    leaf = np.asarray(first_leaf(value)) if not isinstance(value, Ended | Unreadable) else np.zeros(())
    if not tells(leaf) or leaf.dtype.kind != "f":
        return None
    at = int(np.argmax(np.abs(leaf)))
    return Lead(leaf.shape, at, float(leaf.ravel()[at]), float(leaf.sum(dtype=float)))


def ratio_of(mine: Any, theirs: Any, lead: Lead | None = None) -> float | None:
    """The factor by which all numbers of two results differ; None if there is none. `lead` is that of `theirs`, where it is known."""
    lead = lead or lead_of(theirs)
    if lead is None or isinstance(mine, Ended | Unreadable):
        return None
    ours = np.asarray(first_leaf(mine))
    if ours.shape != lead.shape or ours.dtype.kind != "f":
        return None
    largest = float(ours.ravel()[lead.at])
    ratio = largest / (lead.largest or math.nan)
    if abs(ours.sum(dtype=float) - ratio * lead.total) > 2 * RTOL_FLOAT32 * ours.size * abs(largest):
        return None
    return ratio if math.isfinite(ratio) and ratio and same(mine, times(ratio, theirs)) else None


def times(factor: float, value: Any) -> Any:
    """A result of numbers, multiplied; anything else as it is."""
    if isinstance(value, list):
        return [times(factor, item) for item in value]
    return factor * value if isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind in "fc" else value


def tells(value: Any) -> bool:
    """Whether two arrays equal to this one have something in common: one number may agree by chance, and nan with any nan."""
    array = np.asarray(value)
    return array.size > 1 and (array.dtype.kind not in "fc" or bool(np.isfinite(array).any()))


def varies(value: Any) -> bool:
    """Whether two arrays equal to this one have something in common that few others have: zeros, or ones, have many causes."""
    array = np.asarray(value)
    if not tells(array) or array.dtype.kind not in "iufc":
        return tells(array)
    finite = array[np.isfinite(array)]
    return bool(np.ptp(np.abs(finite)) > 0)


def differ_in_size(given: Sequence[np.ndarray]) -> bool:
    """Whether some numbers of an input differ in size, within a case or between two: a factor that never changes may be no input."""
    return len({abs(float(number)) for value in given for number in value.flat}) > 1


def fits_in(value: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether real numbers, none of them 0, stand beside those of a shape, entry by entry or a row or column for all."""
    if value.dtype.kind not in "if" or not value.size or not np.isfinite(value).all() or np.any(value == 0):
        return False
    try:
        return np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        return False
