"""11.8: text U, example 1, repaired: the gradient for A."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import DICTIONARY
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, sum_of_squares
from bpkit.exercises.model import Case, Exercise


def _cases_sparse(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k, m, size in ((3, 3, 3, 0.6), (2, 4, 5, 1.5), (4, 1, 1, 0.0)):
        args = (rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m)), float(size * rng.uniform(0.8, 1.2)))
        cases.append(Case(f"A {n}×{k}, m = {m}", args))
    return cases


def _repair_sparse(A: Array, S: Array, X: Array, gamma: float) -> Array:
    return 2 * (A @ S - X) @ S.T + 2 * gamma * A


EXERCISE = Exercise(
    id="11.8",
    name="repair_sparse",
    title="Text U, example 1, repaired: the gradient for A",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_sparse,
    allows=ALLOWED,
    reference=_repair_sparse,
    oracle=lambda A, S, X, gamma: oracles.gradient(lambda moved: sum_of_squares(moved @ S - X) + gamma * sum_of_squares(moved), A),
    hints=(
        "A is a weight matrix: it leads from s to As. Lesson 06 has the formula for such a thing.",
        "BP4: the error behind the weights times the activations before them. Which of the three δ lies behind A, and what lies before it?",
        "The error is twice the misfit, the activations are S, turned; then the second term of line 1. Check that the result has A's shape.",
    ),
    mistakes=DICTIONARY,
)
