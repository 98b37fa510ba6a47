"""Tells slopes that somebody measured with a step where a formula is asked: near the right ones, and off by what the step leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_STEPS = np.outer(10.0 ** -np.arange(1, 7), (1, 2, 5)).ravel()  # with shorter ones rounding says nothing certain


def by_a_step(returned: Any, f: Callable[[float], Any]) -> bool:
    """Whether numbers are those of a difference of `f` over a step from 0, to one side or to both; `f` gives one number for each of them."""
    try:
        found = np.asarray(returned, dtype=float)
    except (TypeError, ValueError):
        return False
    here = np.asarray(f(0.0))
    if found.shape != here.shape or not np.isfinite(found).all():
        return False
    for h in _STEPS:
        up, down = np.asarray(f(h)), np.asarray(f(-h))
        slack = 1e-10 + 1e-14 / h
        if any(np.allclose(found, slope, rtol=slack, atol=slack) for slope in ((up - here) / h, (here - down) / h, (up - down) / (2 * h))):
            return True
    return False
