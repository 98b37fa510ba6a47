"""06.2: BP4 for a batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_06.shared import WEIGHTS, Array, cases_layer, weight_gradient_by, weight_gradient_oracle
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.slips import mistakes_of


def _by_one_less(value: Any, delta: Array, a_prev: Array) -> bool:
    """Whether sums are divided by one less than there are examples; of one example, whatever comes of a division by 0."""
    m = delta.shape[1]
    if not isinstance(value, np.ndarray) or value.shape != (len(delta), len(a_prev)) or value.dtype.kind != "f":
        return False
    return m == 1 or bool(np.allclose(value * (m - 1), delta @ a_prev.T, rtol=1e-6, atol=1e-9))


EXERCISE = Exercise(
    id="06.2",
    name="weight_gradient",
    title="BP4 for a batch",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=cases_layer(((3, 3, 5), (2, 4, 3), (4, 3, 1), (1, 3, 2))),
    reference=lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    oracle=weight_gradient_oracle,
    hints=(
        "Each example gives one outer product, as in 06.1. The cost is the mean over the examples: what follows for its gradient?",
        "A matrix product sums over the index that both factors share. Which index do you want to sum over here?",
        "Errors times transposed activations sums the outer products over the examples. One division is left.",
    ),
    partial=True,
    mistakes=(
        *mistakes_of(weight_gradient_by, WEIGHTS),
        Mistake(
            "divided by m - 1",
            lambda delta, a_prev: delta @ a_prev.T / max(delta.shape[1] - 1, 1),
            "You divide by m - 1, as for a variance that is estimated. The cost is the mean over the m examples.",
            recognise=_by_one_less,
        ),
    ),
)
