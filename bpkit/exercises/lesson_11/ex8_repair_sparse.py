"""11.8: text U, example 1, repaired: the gradient for A."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, sum_of_squares
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_sparse(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k, m in ((3, 3, 3), (2, 4, 5), (4, 3, 1)):
        args = (rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m)), float(rng.uniform(0.3, 1.5)))
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
    mistakes=(
        Mistake(
            "∇_S as published",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X),
            "That is the published result: the slope of the first term at S, the net's input. It has the shape of S. Asked is the gradient for A.",
        ),
        Mistake(
            "∇_S plus the second term",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X) + 2 * gamma * A,
            "Your first term is still the slope at S; it can only be added to the second where A and S happen to agree in shape.",
        ),
        Mistake(
            "S put behind the published line",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X) @ S.T + 2 * gamma * A,
            "You put the missing activations behind the published line and kept what was there too. The error behind A has not yet "
            "gone back through A.",
        ),
        Mistake(
            "first term transposed",
            lambda A, S, X, gamma: 2 * S @ (A @ S - X).T + 2 * gamma * A,
            "The two factors are the right ones, the wrong way round: rows of A belong to entries of x, columns to entries of s.",
        ),
        Mistake(
            "S not transposed",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S + 2 * gamma * A,
            "The factors are the right ones. Each entry of the misfit has to meet each entry of s of the same example: which index is summed?",
        ),
        Mistake(
            "second term left out",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T,
            "The first term is right. F has a second one, and it depends on A.",
        ),
        Mistake(
            "γ once",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + gamma * A,
            "The first term is right. What is the slope of a square?",
        ),
        Mistake(
            "2 missing in the first term",
            lambda A, S, X, gamma: (A @ S - X) @ S.T + 2 * gamma * A,
            "The second term is right. The first is a sum of squares without a half in front.",
        ),
        Mistake(
            "both halved",
            lambda A, S, X, gamma: (A @ S - X) @ S.T + gamma * A,
            "Every entry is half of what a nudge shows. This F has no half in front of its squares.",
        ),
        Mistake(
            "γ squared",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + 2 * gamma**2 * A,
            "The first term is right. γ is not squared in F.",
        ),
        Mistake(
            "averaged over the examples",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T / S.shape[1] + 2 * gamma * A,
            "You divide the first term by the number of columns. F is a sum over them; a 1/m would have to stand in F.",
        ),
        Mistake(
            "sign",
            lambda A, S, X, gamma: 2 * (X - A @ S) @ S.T + 2 * gamma * A,
            "Your first term has the opposite sign: x minus As, or As minus x?",
        ),
    ),
)
