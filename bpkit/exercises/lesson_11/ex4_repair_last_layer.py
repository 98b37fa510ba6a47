"""11.4: text P repaired, for m examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_last_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 5), (2, 4, 3), (4, 2, 1)):
        cases.append(Case(f"layer of {n} behind {n_prev}, m = {m}", (rng.normal(size=(n, m)), rng.normal(size=(n_prev, m)))))
    return cases


def _repair_last_layer(delta: Array, a_prev: Array) -> list[Array]:
    return [delta @ a_prev.T / delta.shape[1], delta.mean(axis=1, keepdims=True)]


def _repair_last_layer_oracle(delta: Array, a_prev: Array) -> list[Array]:
    # the cost changes with W and b as the mean over the examples of δ · z does, when δ is its slope at z
    def cost(W: Array, b: Array) -> Any:
        return np.mean(np.sum(delta * (W @ a_prev + b), axis=0))

    W, b = np.zeros((len(delta), len(a_prev))), np.zeros((len(delta), 1))
    return [oracles.gradient(lambda moved: cost(moved, b), W), oracles.gradient(lambda moved: cost(W, moved), b)]


def _in_parts(
    crossed: Callable[[Array, Array], Array] = lambda delta, a_prev: delta @ a_prev.T,
    scale: Callable[[Array, int], float] = lambda delta, m: 1.0 / m,
    bias: Callable[[Array, Array], Any] = lambda delta, a_prev: delta.mean(axis=1, keepdims=True),
) -> Answer:
    return lambda delta, a_prev: [scale(delta, delta.shape[1]) * crossed(delta, a_prev), bias(delta, a_prev)]


EXERCISE = Exercise(
    id="11.4",
    name="repair_last_layer",
    title="Text P repaired, for m examples",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_last_layer,
    allows=ALLOWED,
    part=("dW", "db"),
    reference=_repair_last_layer,
    oracle=_repair_last_layer_oracle,
    hints=(
        "Repair the letters first, for one example: which activation belongs to the weight to p from q?",
        "For every pair (p, q) you need one number, so for one example the gradient is a table of products with a row for each "
        "p, a column for each q.",
        "Over m examples the table becomes a matrix product, errors on the left, activations turned on the right, and the one 1/m. "
        "The bias is a weight whose activation is always 1.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "no 1/m",
            lambda delta, a_prev: [delta @ a_prev.T, delta.sum(axis=1, keepdims=True)],
            "You sum over the examples. The cost of a batch is a mean, so its slope is one as well.",
        ),
        Mistake(
            "1/m twice",
            lambda delta, a_prev: [part / delta.shape[1] for part in _repair_last_layer(delta, a_prev)],
            "You divide by the number of examples twice.",
        ),
        Mistake(
            "neurons for examples",
            lambda delta, a_prev: [delta @ a_prev.T / len(delta), delta.sum(axis=1, keepdims=True) / len(delta)],
            "You divide by the number of neurons. The mean is over the examples, which are the columns.",
        ),
        Mistake(
            "sign",
            lambda delta, a_prev: [-part for part in _repair_last_layer(delta, a_prev)],
            "Every entry has the opposite sign. A gradient points uphill; the minus belongs to the step.",
        ),
        Mistake(
            "b before W",
            lambda delta, a_prev: _repair_last_layer(delta, a_prev)[::-1],
            "Both are right, in the wrong order: the weights come first.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "crossed",
                    lambda delta, a_prev: np.sum(delta * a_prev, axis=1, keepdims=True) * np.ones((len(delta), len(a_prev))),
                    "as published",
                    "That is the published line: every weight into neuron p gets the same gradient, whatever it comes from. And where the "
                    "two layers differ in size there is no a_p at all.",
                ),
                Slip(
                    "crossed",
                    lambda delta, a_prev: delta * a_prev,
                    "elementwise product",
                    "An elementwise product pairs neuron p with neuron p: the published letters, in code. Each error has to meet each activation.",
                    alone=True,
                ),
                Slip(
                    "crossed",
                    lambda delta, a_prev: a_prev @ delta.T,
                    "p and q swapped",
                    "You exchanged both letters: the error of neuron q with the activation of neuron p. A weight's gradient has the weight's shape: "
                    "rows are where it leads to.",
                ),
                Slip(
                    "crossed",
                    lambda delta, a_prev: np.ones((len(delta), 1)) * np.sum(delta * a_prev, axis=1)[None, :],
                    "both factors by their last index",
                    "You made both letters q. The error belongs to the neuron that the weight leads to, and that letter was right as printed.",
                    alone=True,
                ),
                Slip(
                    "crossed",
                    lambda delta, a_prev: delta.sum(axis=1, keepdims=True) * np.ones((1, len(a_prev))),
                    "a_prev left out",
                    "Your weights get what the bias gets. The gradient of a weight also holds the activation that came in along it.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda delta, m: 1.0,
                    "1/m in the biases only",
                    "The biases are right, the weights are summed over the examples. Weights and biases belong to the same cost.",
                ),
                Slip(
                    "scale",
                    lambda delta, m: 1.0 / m**2,
                    "1/m twice in the weights",
                    "The biases are right. In the weights you divide by the number of examples twice.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda delta, m: 1.0 / len(delta),
                    "weights over the number of neurons",
                    "The biases are right. In the weights you divide by the number of neurons: the examples are the columns.",
                    alone=True,
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: delta.sum(axis=1, keepdims=True),
                    "1/m in the weights only",
                    "The weights are right, the biases are summed over the examples. Weights and biases belong to the same cost.",
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: delta,
                    "db per example",
                    "The weights are right. Your db has a column for each example; the layer has one column of biases, which all examples share.",
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: a_prev.mean(axis=1, keepdims=True),
                    "db per neuron before",
                    "The weights are right. Your db has an entry for each neuron of the layer before. Line 5 confuses p and q as well; which is a "
                    "bias of?",
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: delta.sum(axis=0).mean().reshape(1, 1),
                    "one db for the layer",
                    "The weights are right. Your db is one number for the whole layer. Here every neuron has a bias of its own.",
                    alone=True,
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: (delta @ a_prev.T / delta.shape[1]).sum(axis=1, keepdims=True),
                    "db from dW",
                    "The weights are right. You add up their gradients to get that of the bias. A bias is a weight whose activation is always 1: no "
                    "activation of the layer before comes in.",
                    alone=True,
                ),
                Slip(
                    "bias",
                    lambda delta, a_prev: np.full((len(delta), 1), delta.mean()),
                    "db mixed over the neurons",
                    "The weights are right. Every neuron gets the mean of all of δ. Each has a bias of its own: along which axis do the examples "
                    "stand?",
                    alone=True,
                ),
            ),
            told=(frozenset({"1/m in the biases only", "1/m in the weights only"}),),
        ),
    ),
)
