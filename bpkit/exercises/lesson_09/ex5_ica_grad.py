"""09.5: ICA's reconstruction cost: one matrix, used twice."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import RECONSTRUCTION, Array
from bpkit.exercises.model import Case, Exercise


def _cases_ica(rng: np.random.Generator) -> list[Case]:
    cases = []
    for k, n, m in ((2, 4, 5), (3, 3, 3), (4, 2, 1), (3, 1, 2)):
        cases.append(Case(f"W {k}×{n}, m = {m}", (rng.normal(size=(k, n)), rng.normal(size=(n, m)))))
    return cases


def _ica(W: Array, x: Array) -> Array:
    r = W.T @ (W @ x) - x
    return 2 * W @ r @ x.T + 2 * (W @ x) @ r.T


EXERCISE = Exercise(
    id="09.5",
    name="ica_grad",
    title="ICA's reconstruction cost: one matrix, used twice",
    points=3,
    minutes=12,
    difficulty=3,
    cases=_cases_ica,
    reference=_ica,
    oracle=lambda W, x: oracles.gradient(lambda moved: np.sum((moved.T @ (moved @ x) - x) ** 2), W),
    hints=(
        "Give the two uses two names: h = Px, y = Qᵀh, with P = Q = W. Differentiate with respect to each as if the other were a constant.",
        "The error at y is twice the residual. P is a matrix of weights with x coming in: what is the error at h? Q stands there transposed.",
        "For a matrix that is used transposed, take the gradient of the transposed matrix as usual, and turn it. Then both parts have the shape "
        "of W; add them.",
    ),
    mistakes=RECONSTRUCTION,
)
