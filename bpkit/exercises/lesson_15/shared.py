"""What several exercises of lesson 15 need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray


def numbers_of(value: Any, count: int) -> list[float] | None:
    """An answer of so many numbers, in a list or an array; None if it is anything else."""
    if (
        not isinstance(value, Sequence | np.ndarray)
        or isinstance(value, str)
        or (isinstance(value, np.ndarray) and value.ndim == 0)
        or len(value) != count
    ):
        return None
    try:
        return [float(np.asarray(item).reshape(())) for item in value]
    except (TypeError, ValueError):
        return None


def nearly(value: Any, right: Sequence[Array]) -> bool:
    """Whether an answer's arrays are those that are right but for a small error, larger than any rounding, in one of them at least."""
    if not isinstance(value, list | tuple) or len(value) != len(right):
        return False
    if any(not isinstance(mine, Array) or (mine.shape, mine.dtype) != (part.shape, part.dtype) for mine, part in zip(value, right, strict=True)):
        return False
    errors = [float(np.abs(mine - part).max() / np.abs(part).max()) for mine, part in zip(value, right, strict=True)]
    return _ROUNDING < max(errors) < _SMALL


_ROUNDING, _SMALL = 1e-6, 0.1
