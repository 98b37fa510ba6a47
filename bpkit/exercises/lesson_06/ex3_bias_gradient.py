"""06.3: BP3 for a batch."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import Array, cases_delta
from bpkit.exercises.model import Exercise, Mistake


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
    mistakes=(
        Mistake(
            "sum over the examples",
            lambda delta: delta.sum(axis=1, keepdims=True),
            "You sum over the examples; the cost is their mean.",
        ),
        Mistake(
            "shape (n,)",
            lambda delta: delta.mean(axis=1),
            "Your numbers lie in a flat array, shape (n,). Biases are columns, (n, 1): a flat array spreads over the rows when it meets a column.",
        ),
        Mistake(
            "summed over the neurons",
            lambda delta: delta.sum(axis=0, keepdims=True) / delta.shape[1],
            "You add up the neurons and keep the examples. Each neuron has a bias of its own, which all examples share.",
        ),
        Mistake(
            "mean over the neurons",
            lambda delta: delta.mean(axis=0, keepdims=True),
            "Your mean runs over the neurons. Examples are columns: it has to run along the rows.",
        ),
        Mistake(
            "mean over the neurons, flat",
            lambda delta: delta.mean(axis=0),
            "Your mean runs down, over the neurons, and a flat array came out. Examples are columns, and a column of biases is asked.",
        ),
        Mistake(
            "sum over the neurons, flat",
            lambda delta: delta.sum(axis=0),
            "Your sum runs down, over the neurons, and a flat array came out. Asked is the mean over the examples, standing as a column.",
        ),
        Mistake("one number", lambda delta: delta.mean(), "A single number came out. Each neuron has a bias of its own."),
        Mistake(
            "1/m twice",
            lambda delta: delta.mean(axis=1, keepdims=True) / delta.shape[1],
            "You divide by the number of examples twice; δ carries no 1/m.",
        ),
        Mistake(
            "sum, flat",
            lambda delta: delta.sum(axis=1),
            "Two things: you sum over the examples where the cost is their mean, and a flat array came out where a column is asked.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta: delta.sum(axis=1, keepdims=True) / len(delta),
            "The sum runs over the examples, as it should. But `len(delta)` counts rows, which are neurons.",
        ),
        Mistake(
            "first example only",
            lambda delta: delta[:, :1],
            "Only the first example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "last example only",
            lambda delta: delta[:, -1:],
            "Only the last example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "no mean at all",
            lambda delta: delta + 0.0,
            "That is one derivative for each example. The bias is shared by all examples: take their mean.",
        ),
        Mistake("sign", lambda delta: -delta.mean(axis=1, keepdims=True), "Every sign is turned: the minus belongs to the update."),
    ),
)
