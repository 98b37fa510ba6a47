"""11.4: text P repaired, for m examples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import BIASES, WEIGHTS, weight_gradient_by
from bpkit.exercises.lesson_11.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, beside, mistakes_of


def _cases_last_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 5), (2, 4, 3), (1, 2, 1)):
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
    bias: Callable[[Array], Any] = lambda delta: delta.mean(axis=1, keepdims=True),
    bias_by_weights: Callable[[Array, Array], Any] | None = None,
    **weights: Any,
) -> Answer:
    return lambda delta, a_prev: [weight_gradient_by(**weights)(delta, a_prev), bias_by_weights(delta, a_prev) if bias_by_weights else bias(delta)]


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
            "last example only",
            lambda delta, a_prev: [np.outer(delta[:, -1], a_prev[:, -1]), delta[:, -1:]],
            "Only the last example counts. Does each turn of your loop overwrite the one before?",
        ),
        Mistake(
            "halved",
            lambda delta, a_prev: [part / 2 for part in _repair_last_layer(delta, a_prev)],
            "Every entry is half of what it should be. The ½ of the quadratic cost has met its 2 in δ already.",
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
                *beside(WEIGHTS, "dW", "db is right."),
                *beside(BIASES, "db", "dW is right."),
                Slip(
                    "bias_by_weights",
                    lambda delta, a_prev: a_prev.mean(axis=1, keepdims=True),
                    "db per neuron before",
                    "dW is right. Your db has an entry for each neuron of the layer before. Line 5 confuses p and q as well; which is a bias of?",
                    alone=True,
                ),
                Slip(
                    "bias_by_weights",
                    lambda delta, a_prev: (delta @ a_prev.T / delta.shape[1]).sum(axis=1, keepdims=True),
                    "db from dW",
                    "dW is right. You add up its entries to get db. A bias is a weight whose activation is always 1: no activation of the layer "
                    "before comes in.",
                    alone=True,
                ),
            ),
            told=(frozenset({"no 1/m in dW", "sum over the examples in db"}),),
        ),
    ),
)
