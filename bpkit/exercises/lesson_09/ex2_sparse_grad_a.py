"""09.2: sparse coding: the gradient with respect to the dictionary A."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import DICTIONARY, SPARSE, Array, coded
from bpkit.exercises.model import Case, Exercise


def _cases_A(rng: np.random.Generator) -> list[Case]:
    return [Case(f"A {n}×{k}, m = {m}", (*coded(rng, n, k, m), float(rng.uniform(*((1.2, 2.0) if n == k else (0.3, 0.9)))))) for n, k, m in SPARSE]


def _sparse_A(A: Array, s: Array, x: Array, gamma: float) -> Array:
    return 2 * (A @ s - x) @ s.T + 2 * gamma * A


EXERCISE = Exercise(
    id="09.2",
    name="sparse_grad_A",
    title="Sparse coding: the gradient with respect to the dictionary A",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_A,
    zeros=(3,),
    reference=_sparse_A,
    oracle=lambda A, s, x, gamma: oracles.gradient(lambda moved: np.sum((moved @ s - x) ** 2) + gamma * np.sum(moved**2), A),
    hints=(
        "A is used twice: it multiplies s, and it is squared in the penalty. Two ways lead from A to the objective; what does that mean for its "
        "gradient?",
        "For the first use compare with BP4: the gradient of weights is the error in front of them times what came in, transposed. Here s came in.",
        "For the second use take one entry: how does γa² move with a? Each of the two parts has the shape of A. Add them.",
    ),
    mistakes=DICTIONARY,
)
