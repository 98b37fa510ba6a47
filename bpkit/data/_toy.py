"""Sets small enough to see through, made from a generator."""

from __future__ import annotations

import numpy as np

from bpkit.core.functions import Array
from bpkit.data._digits import Examples


def xor() -> tuple[Array, Array]:
    """The four points that no single line separates: x (2, 4) and y (1, 4).

    Examples
    --------
    >>> x, y = xor()
    >>> y
    array([[0., 1., 1., 0.]])
    """
    return np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])


def spirals(m: int, *, arms: int = 3, noise: float = 0.1, rng: np.random.Generator) -> Examples:
    """Points on interleaved spirals, one label per arm.

    Parameters
    ----------
    m
        Points per arm.
    arms
        How many spirals.
    noise
        Standard deviation of the angle, in radians.
    rng
        The only source of chance.

    Returns
    -------
    Examples
        x (2, arms·m) within the unit disc, and labels.

    Examples
    --------
    >>> spirals(50, rng=np.random.default_rng(0))
    Examples(150 of 2 numbers, labels 0 to 2)
    """
    if m < 1 or arms < 2:
        raise ValueError(f"spirals: m is {m} and arms is {arms}, expected m ≥ 1 and arms ≥ 2")
    labels = np.repeat(np.arange(arms), m)
    radius = np.tile(np.linspace(0.05, 1, m), arms)
    angle = 2 * np.pi * labels / arms + 4 * radius + rng.normal(scale=noise, size=arms * m)
    return Examples(radius * np.stack([np.sin(angle), np.cos(angle)]), labels)
