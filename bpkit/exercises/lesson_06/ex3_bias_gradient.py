"""06.3: BP3 for a batch."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import BIASES, Array, cases_delta
from bpkit.exercises.model import Exercise
from bpkit.exercises.slips import mistakes_of


def _bias_gradient_oracle(delta: Array) -> Array:
    return oracles.gradient(lambda b: np.sum(delta * (b + np.zeros_like(delta))) / delta.shape[1], np.zeros((len(delta), 1)))


EXERCISE = Exercise(
    id="06.3",
    name="bias_gradient",
    title="BP3 for a batch",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=cases_delta,
    reference=lambda delta: delta.mean(axis=1, keepdims=True),
    oracle=_bias_gradient_oracle,
    hints=(
        "A bias is added to its neuron's z with slope 1. For one example its derivative is the error itself.",
        "For a batch, take the mean over the examples, which are the columns. What shape has b?",
        "`np.mean` along the right axis; `keepdims=True` keeps the column standing.",
    ),
    partial=True,
    mistakes=mistakes_of(lambda bias: bias, BIASES),
)
