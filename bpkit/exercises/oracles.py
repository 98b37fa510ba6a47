"""Derivatives that owe nothing to the formulas under test: complex steps through a plainly written forward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

_STEP = 1e-30  # a complex step has no cancellation, so it can be as small as you like


def sigmoid(z: np.ndarray) -> np.ndarray:
    """σ(z), written once more so that no error in `bpkit.core.functions` can hide."""
    return 1 / (1 + np.exp(-z))


def jacobian(f: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """All partial derivatives of a real-analytic `f` at `x`: shape ``f(x).shape + x.shape``."""
    columns = []
    for k in range(x.size):
        moved = x.astype(complex)
        moved.flat[k] += 1j * _STEP
        columns.append(np.imag(f(moved)) / _STEP)
    return np.stack(columns, axis=-1).reshape((*np.shape(columns[0]), *x.shape))


def gradient(cost: Callable[[np.ndarray], Any], x: np.ndarray) -> np.ndarray:
    """The gradient of a scalar, real-analytic `cost` at `x`, of x's shape."""
    return jacobian(lambda moved: np.asarray(cost(moved)), x)


def first_order(steps: Sequence[str], rests_on: dict[str, str]) -> str:
    """One order of a proof's steps in which each stands behind all that it rests on."""
    from graphlib import TopologicalSorter

    return "".join(TopologicalSorter({step: rests_on.get(step, "") for step in steps}).static_order())
