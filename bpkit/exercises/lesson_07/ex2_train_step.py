"""07.2: all gradients first, then the update."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_06.shared import backprop_by, explain_step, forward_pass, prime
from bpkit.exercises.lesson_07.shared import ALLOWS, Array, Convention, Layers, training_mistakes
from bpkit.exercises.model import Case, Exercise
from bpkit.exercises.oracles import gradient
from bpkit.exercises.slips import Slip


def _cases_train(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 4), ((4, 3, 1, 5, 2), 3), ((2, 3, 2), 1), ((3, 4), 2)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        x, y = rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m))
        if m == 3:
            x[:, -1] *= 6  # where the slopes are nearly 0, and not 0
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, b, x, y, float(rng.uniform(0.5, 3)))))
    return cases


_COLUMNS = Convention(
    forward=forward_pass,
    last=lambda z, a, y: (a - y) * prime(z),
    slope=lambda z, a: prime(z),
    carried=lambda W_next, delta: W_next.T @ delta,
    weights=lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    biases=lambda delta: delta.mean(axis=1, keepdims=True),
    axis=1,
)


def _moved(parameters: Layers, gradients: Layers, eta: float) -> Layers:
    return [None, *(p - eta * g for p, g in zip(parameters[1:], gradients[1:], strict=True))]


def _train_step(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    dW, db = backprop_by(W, b, x, y)
    return [_moved(W, dW, eta), _moved(b, db, eta)]


def _train_step_oracle(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    def new(parameters: Layers, l: int) -> Array:
        kept = parameters[l]

        def cost(moved: Array) -> Any:
            parameters[l] = moved
            return np.sum((forward_pass(W, b, x)[1][-1] - y) ** 2) / 2 / x.shape[1]

        try:
            return kept - eta * gradient(cost, kept)
        finally:
            parameters[l] = kept

    layers = range(1, len(W))
    return [[None, *(new(W, l) for l in layers)], [None, *(new(b, l) for l in layers)]]


def _explain_train_step(got: Any, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> str | None:
    return explain_step(got, W, b, eta, lambda: backprop_by(W, b, x, y))


EXERCISE = Exercise(
    id="07.2",
    name="train_step",
    title="All gradients first, then the update",
    points=3,
    minutes=10,
    difficulty=2,
    allows=ALLOWS,
    part=("W[{}]", "b[{}]"),
    explain=_explain_train_step,
    seconds=10.0,
    cases=_cases_train,
    reference=_train_step,
    plain=(3,),
    oracle=_train_step_oracle,
    hints=(
        "Two phases. The first only computes: forward, errors, gradients of every layer. The second changes parameters.",
        "BP2 needs the weights with which the forward pass was made. What does that say about when you may change them?",
        "Use your `backprop` of lesson 06 to get both lists of gradients, then make new lists: each array minus η times its gradient.",
    ),
    partial=True,
    mistakes=training_mistakes(
        _COLUMNS,
        slips=(
            Slip(
                "last",
                lambda z, a, y: a - y,
                "slope of the last layer dropped",
                "Already the last layer is wrong: its error lacks the slope of its own activation function.",
            ),
            Slip(
                "last",
                lambda z, a, y: (a - y) * prime(a),
                "last slope at a",
                "Already the last layer is wrong: you take the slope at its output, so the sigmoid is applied twice. It was applied to z.",
                alone=True,
            ),
            Slip(
                "carried",
                lambda W_next, delta: W_next @ delta,
                "transpose forgotten",
                "The last layer is right. On the way back you multiply by W as it stands; going back sums over where a weight leads to.",
            ),
            Slip(
                "biases",
                lambda delta: delta.sum(axis=1, keepdims=True),
                "db summed over the examples",
                "The weights are right. In the biases' gradients a sum stands for a mean.",
            ),
            Slip(
                "biases",
                lambda delta: delta,
                "db not averaged",
                "The weights are right. Your db has a column for each example, so your b gets one, too. All examples share one bias: take the mean.",
                alone=True,
            ),
            Slip(
                "biases",
                lambda delta: delta.mean(axis=1),
                "db flat",
                "The weights are right. Your db is a flat array, and a flat array minus a column makes a square: keep it standing.",
                alone=True,
            ),
            Slip(
                "weights",
                lambda delta, a_prev: delta @ a_prev.T,
                "dW summed over the examples",
                "The biases are right. In the weights' gradients a sum stands for a mean.",
                alone=True,
            ),
        ),
        rates=(
            Slip("rate", lambda m: 1.0 / m, "1/m twice", "Your step is too short by the number of examples: the mean is taken twice."),
            Slip("rate", lambda m: 1.0 * m, "no 1/m", "Your step is too long by the number of examples: somewhere a sum stands for a mean."),
        ),
    ),
)
