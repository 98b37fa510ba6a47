"""13.1: TODO, say what is asked."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    c = float(rng.uniform(2.2, 3.2))
    return [
        Case("x of shape (3, 3)", (rng.normal(size=(3, 3)), c)),
        Case("x of shape (2, 4)", (rng.normal(size=(2, 4)), c)),
        Case("x a column", (rng.normal(size=(3, 1)), c)),
    ]


EXERCISE = Exercise(
    id="13.1",
    name="scaled",
    title="Scale every entry",
    points=1,
    minutes=4,
    difficulty=1,
    cases=_cases,
    reference=lambda x, c: c * x,
    oracle=lambda x, c: np.array([[entry / (1 / c) for entry in row] for row in x]),
    hints=(
        "The function gets an array and a number, and returns an array of the same shape.",
        "Each entry is treated on its own, and each in the same way.",
        "numpy multiplies an array by a number entry for entry.",
    ),
    mistakes=(
        Mistake("divided", lambda x, c: x / c, "You divided by c. What was asked makes the entries larger."),
        Mistake("added", lambda x, c: x + c, "You added c to every entry. To scale is to multiply."),
    ),
)
