"""What several exercises of lesson 03 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray


Function = Callable[[Any], Any]


# the same for all, so that the grader runs the notebook's cells once
ALLOWED = ("relu", "six_claims")


def as_array(value: Any) -> Array | None:
    """A returned value as an array of numbers, if it is one."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    return array if array.dtype.kind in "biufc" else None


def as_number(value: Any) -> float | None:
    """A returned value as one finite real number, if it is one, or a text that says one."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    array = as_array(value)
    if array is None or array.size != 1 or array.dtype.kind == "c" or not np.isfinite(array).all():
        return None
    return float(array.item())


def is_step(h: float, tolerance: float = 1e-6) -> bool:
    """Whether somebody writes such a step: one digit or two, and a power of ten."""
    if not (np.isfinite(h) and h > 0):
        return False
    digits = h / 10.0 ** (np.floor(np.log10(h) + 1e-9) - 1)
    return bool(abs(digits - np.round(digits)) < tolerance)


def central_quotient(f: Function, x: Any, h: float) -> Any:
    return (f(x + h) - f(x - h)) / (2 * h)
