"""06.2: BP4 for a batch."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.lesson_06.shared import cases_layer, weight_gradient_oracle
from bpkit.exercises.model import Exercise, Mistake

EXERCISE = Exercise(
    id="06.2",
    name="weight_gradient",
    title="BP4 for a batch",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=cases_layer(((3, 3, 5), (2, 4, 3), (4, 3, 1))),
    reference=lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    oracle=weight_gradient_oracle,
    hints=(
        "Each example gives one outer product, as in 06.1. The cost is the mean over the examples: what follows for its gradient?",
        "A matrix product sums over the index that both factors share. Which index do you want to sum over here?",
        "Errors times transposed activations sums the outer products over the examples. One division is left.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "no 1/m",
            lambda delta, a_prev: delta @ a_prev.T,
            "You sum over the examples; the cost is their mean. Twice the same examples would give twice the gradient.",
        ),
        Mistake(
            "1/m twice",
            lambda delta, a_prev: delta @ a_prev.T / delta.shape[1] ** 2,
            "You divide by the number of examples twice. δ belongs to one example and carries no 1/m: one division is enough.",
        ),
        Mistake(
            "transposed",
            lambda delta, a_prev: a_prev @ delta.T / delta.shape[1],
            "Rows and columns are swapped. The gradient has the shape of W: a row for each neuron that the weights lead to.",
        ),
        Mistake(
            "first example only",
            lambda delta, a_prev: delta[:, :1] @ a_prev[:, :1].T,
            "Only the first example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "= for +=",
            lambda delta, a_prev: np.outer(delta[:, -1], a_prev[:, -1]) / delta.shape[1],
            "Only the last example counts, divided by m. In a loop each example has to be added to what is there: `+=`.",
        ),
        Mistake(
            "last example only",
            lambda delta, a_prev: np.outer(delta[:, -1], a_prev[:, -1]),
            "Only the last example counts. Does each turn of your loop overwrite the one before?",
        ),
        Mistake(
            "one per example",
            lambda delta, a_prev: np.einsum("jx,kx->xjk", delta, a_prev),
            "You keep one gradient for each example. All examples share the weights: take the mean over them.",
        ),
        Mistake(
            "summed over the neurons",
            lambda delta, a_prev: delta.T @ a_prev / delta.shape[1],
            "Your product has a row and a column for each example: it summed over the neurons. Which index do both factors share that should vanish?",
        ),
        Mistake(
            "elementwise",
            lambda delta, a_prev: delta * a_prev / delta.shape[1],
            "You multiply entry by entry, so neuron j meets only the input with its own number. Each weight has two indices, j and k.",
        ),
        Mistake(
            "product of means",
            lambda delta, a_prev: delta.mean(axis=1, keepdims=True) @ a_prev.mean(axis=1, keepdims=True).T,
            "You average errors and activations first and multiply then. The mean of products is not the product of means.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta, a_prev: delta @ a_prev.T / delta.shape[0],
            "You divide by a number of neurons: they are rows. Examples are columns.",
        ),
        Mistake(
            "sign",
            lambda delta, a_prev: -delta @ a_prev.T / delta.shape[1],
            "Every sign is turned: the minus belongs to the update, not to the gradient.",
        ),
    ),
)
