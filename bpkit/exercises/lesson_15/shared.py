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
