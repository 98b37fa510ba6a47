"""The named equations of lesson 12, each with both sides as they are written. TODO: take the lesson's own."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, equation
from bpkit.equations.worlds import slope_of


def _scaling(rng: np.random.Generator) -> tuple[Array, Array]:
    c, x = rng.uniform(2, 3), rng.normal(size=(3, 2))
    return slope_of(lambda v: (c * v).sum(), x), np.full(x.shape, c)


EQUATIONS = (
    equation(
        "12.A",
        "The slope of a multiple is the factor.",
        "the same shape on both sides",
        "lesson 12",
        ours=Form(r"y = c x, \quad y' = c", _scaling),
        N=Form(r"y = c x, \quad y' = c", _scaling, stated=False),
        R=Form(r"y = x c, \quad y' = c", _scaling, stated=False),
        U=Form(r"y = c x, \quad y' = c", _scaling, stated=False),
        P=Form(r"y = c x, \quad y' = c", _scaling, stated=False),
    ),
)
