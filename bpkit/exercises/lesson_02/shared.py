"""What several exercises of lesson 02 need."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray


def pair_of(returned: Any) -> tuple[float, float] | None:
    """What was returned as two finite real numbers, or None."""
    try:
        pair = np.asarray(returned)
    except ValueError:  # a ragged list
        return None
    if pair.shape != (2,) or pair.dtype.kind not in "iuf" or not np.isfinite(pair).all():
        return None
    return float(pair[0]), float(pair[1])
