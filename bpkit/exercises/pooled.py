"""Tells one column for all examples where each example has a column of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def column_for_all(column: Callable[..., np.ndarray], m_of: Callable[..., int]) -> Callable[..., bool]:
    """Recognises the column that `column` makes of a case's inputs: by itself, or repeated for each of the `m_of` examples."""

    def recognise(returned: Any, *args: Any) -> bool:
        try:
            found = np.asarray(returned, dtype=float)
        except (TypeError, ValueError):
            return False
        wanted = column(*args)
        if found.shape not in ((len(wanted), 1), (len(wanted), m_of(*args))):
            return False
        return bool(np.allclose(found, wanted, rtol=0, atol=1e-7 * np.abs(wanted).max(initial=0.0)))

    return recognise
