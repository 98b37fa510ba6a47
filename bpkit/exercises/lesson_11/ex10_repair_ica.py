"""11.10: text U, example 3, repaired: both uses of W."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import RECONSTRUCTION
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, sum_of_squares
from bpkit.exercises.model import Case, Exercise


def _cases_ica(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {p}×{n}, m = {m}", (rng.normal(size=(p, n)), rng.normal(size=(n, m)))) for p, n, m in ((4, 4, 5), (2, 4, 3), (3, 1, 1))]


def _repair_ica(W: Array, X: Array) -> Array:
    misfit = W.T @ W @ X - X
    return 2 * W @ misfit @ X.T + 2 * (W @ X) @ misfit.T


EXERCISE = Exercise(
    id="11.10",
    name="repair_ica",
    title="Text U, example 3, repaired: both uses of W",
    points=3,
    minutes=5,
    difficulty=3,
    cases=_cases_ica,
    allows=ALLOWED,
    reference=_repair_ica,
    oracle=lambda W, X: oracles.gradient(lambda V: sum_of_squares(V.T @ V @ X - X), W),
    hints=(
        "Two uses, two terms; one of the two printed terms is right. Give the misfit a name, and write both with it.",
        "Line 4 says what the error behind the first use is. What is left of two transposes, one over the other?",
        "The error behind the first use is W times twice the misfit; what comes in there is X. The other term stands in line 8 as it should.",
    ),
    mistakes=RECONSTRUCTION,
)
