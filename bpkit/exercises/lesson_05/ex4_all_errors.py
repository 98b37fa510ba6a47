"""05.4: all errors of a net, last layer to first."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_05.shared import PATHS, SLOPES, TRANSPOSE_FORGOTTEN, Array, Layers, hidden_error_by, sigmoid_prime
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import mistakes_of


def _forward(W: Layers, b: Layers, z: Array, l: int) -> Layers:
    """Weighted inputs from layer l to the last, given z of layer l."""
    zs: Layers = [None] * l + [z]
    for weights, bias in zip(W[l + 1 :], b[l + 1 :], strict=True):
        zs.append(weights @ sigmoid(zs[-1]) + bias)
    return zs


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3, 3), 5), ((4, 3, 1, 5, 2), 3), ((2, 3, 2), 1), ((3, 4), 2)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        z = _forward(W, b, W[1] @ rng.normal(size=(sizes[0], m)) + b[1], 1)
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, z, rng.normal(size=(sizes[-1], m)))))
    return cases


def _backwards(W: Layers, z: Layers, delta_L: Array, step: Any) -> Layers:
    """δ of every layer, from the last to the first, by `step(l, δ of layer l + 1)`."""
    delta: Layers = [None] * len(z)
    delta[-1] = delta_L
    for layer in range(len(z) - 2, 0, -1):
        delta[layer] = step(layer, delta[layer + 1])
    return delta


def _step_by(**parts: Any) -> Answer:
    """The recursion with parts of BP2 done wrongly in every step."""
    step = hidden_error_by(**parts)
    return lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: step(W[l + 1], delta, z[l]))


def _all_errors(W: Layers, z: Layers, delta_L: Array) -> Layers:
    return _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * sigmoid_prime(z[l]))


def _all_errors_oracle(W: Layers, z: Layers, delta_L: Array) -> Layers:
    b: Layers = [None, None, *(z[l] - W[l] @ sigmoid(z[l - 1]) for l in range(2, len(z)))]

    def cost_from(layer: int) -> Any:
        return lambda moved: np.sum(delta_L * _forward(W, b, moved, layer)[-1])

    return [None, *(oracles.gradient(cost_from(layer), z[layer]) for layer in range(1, len(z)))]


def _without_slopes_between(W: Layers, z: Layers, delta_L: Array) -> Layers:
    bare = _backwards(W, z, delta_L, lambda l, delta: W[l + 1].T @ delta)
    return [None, *(part * sigmoid_prime(z[l]) for l, part in enumerate(bare[1:-1], start=1)), delta_L]


EXERCISE = Exercise(
    id="05.4",
    name="all_errors",
    title="All errors of a net, last layer to first",
    points=3,
    minutes=12,
    difficulty=3,
    allows=("sigmoid",),
    part="delta[{}]",
    cases=_cases_net,
    reference=_all_errors,
    oracle=_all_errors_oracle,
    hints=(
        "The last entry is given. Every other entry needs the one behind it, so the loop runs downwards.",
        "For layer l you need three things: the weights between l and l + 1, the error of layer l + 1, and z of layer l. Say which list index "
        "each has.",
        "Make a list as long as z, filled with None, and set its last entry. For l from L - 1 down to 1 apply 05.3 to W[l + 1], delta[l + 1] and "
        "z[l].",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "W of the wrong layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l].T @ delta) * sigmoid_prime(z[l])),
            "For layer l you use W[l], the weights that lead into layer l. The error comes back along the weights that lead out of it.",
        ),
        Mistake(
            "same W throughout",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[-1].T @ delta) * sigmoid_prime(z[l])),
            "Every step goes back through the last layer's weights. Each pair of neighbouring layers has its own.",
        ),
        Mistake(
            "z of the wrong layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * sigmoid_prime(z[l + 1])),
            "The weights are the right ones, the slopes are those of layer l + 1. The error arrives at layer l: whose activation function does it "
            "pass?",
        ),
        *mistakes_of(_step_by, (TRANSPOSE_FORGOTTEN, *SLOPES, *PATHS)),
        Mistake(
            "always from the last layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta_L) * sigmoid_prime(z[l])),
            "Each layer starts again from delta_L. The recursion goes layer by layer: what comes into layer l is the error of layer l + 1.",
        ),
        Mistake(
            "last layer scaled again",
            lambda W, z, delta_L: _all_errors(W, z, delta_L * sigmoid_prime(z[-1])),
            "You multiply delta_L by the last layer's slope. It is δ of the last layer already: BP1 has put that slope in.",
        ),
        Mistake(
            "front to back",
            lambda W, z, delta_L: [None, *_all_errors(W, z, delta_L)[:0:-1]],
            "The errors are right and stand in reverse order: delta[l] has to belong to layer l.",
        ),
        Mistake(
            "None at index 0 missing",
            lambda W, z, delta_L: _all_errors(W, z, delta_L)[1:],
            "The errors are right, one place too early. List index is layer: delta[0] is None, because the inputs have no error.",
        ),
        Mistake(
            "slopes in between left out",
            _without_slopes_between,
            "Each layer has its own slope, but the error went through the layers behind it without theirs. What is handed on is δ of the layer "
            "behind, its slope in it.",
        ),
        Mistake(
            "slope before the weights",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: W[l + 1].T @ (delta * sigmoid_prime(z[l + 1]))),
            "You multiply by the slope before you go back through the weights, so it is that of layer l + 1. On the way back the weights come "
            "first, then the slope of layer l.",
        ),
    ),
)
