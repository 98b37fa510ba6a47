"""11.11: a tutorial's relu: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, analytic_relu, verdict


def _tutorial(sides: Callable[..., Pair]) -> Sides:
    """One example as a row, a hidden relu layer, no biases; `sides` gets x, W1, W2 and y. One neuron of three is off."""

    def drawn(rng: np.random.Generator) -> Pair:
        x, W1 = rng.normal(size=(1, 4)), rng.normal(size=(4, 3))
        W1[:, 0] *= -np.sign((x @ W1)[0, 0])
        return sides(x, W1, rng.normal(size=(3, 2)), rng.normal(size=(1, 2)))

    return drawn


def _half_squares(x: Array, W1: Array, W2: Array, y: Array) -> Any:
    return 0.5 * np.sum((y - analytic_relu(x @ W1) @ W2) ** 2)


def _published_hidden(x: Array, W1: Array, W2: Array, y: Array) -> Array:
    h = analytic_relu(x @ W1)
    return ((y - h @ W2) @ W2.T) * (h >= 0)


def _downhill_weights(x: Array, W1: Array, W2: Array, y: Array) -> Array:
    slopes = oracles.gradient(lambda V: _half_squares(x, V, W2, y), W1), oracles.gradient(lambda V: _half_squares(x, W1, V, y), W2)
    return -np.concatenate([slope.ravel() for slope in slopes])


TUTORIAL = Derivation(
    (
        Line(
            r"$\mathrm{relu}(z) = [z \ge 0] \cdot z$, and $h = \mathrm{relu}(x W_1)$",
            "Line 1 is right, though you may expect > : where z is 0 the product is 0 either way. The brackets are 1 where the "
            "condition holds, else 0.",
            _tutorial(lambda x, W1, W2, y: (analytic_relu(x @ W1), (x @ W1 >= 0) * (x @ W1))),
        ),
        Line(
            r"the slope, found from the output: $\mathrm{relu}'(z) = [h \ge 0]$",
            sides=_tutorial(
                lambda x, W1, W2, y: (oracles.jacobian(analytic_relu, x @ W1).reshape(3, 3).diagonal(), (analytic_relu(x @ W1) >= 0)[0] * 1.0)
            ),
        ),
        Line(
            r"$o = h W_2$, and downhill at the output is $e_2 = y - o$",
            "Line 3 is right, though the sign is turned: for half the squared distance the gradient is o minus y, and downhill is its negative.",
            _tutorial(
                lambda x, W1, W2, y: (
                    -oracles.gradient(lambda o: 0.5 * np.sum((y - o) ** 2), analytic_relu(x @ W1) @ W2),
                    y - analytic_relu(x @ W1) @ W2,
                )
            ),
        ),
        Line(
            r"downhill at $z = x W_1$ is $e_1 = \left( e_2 W_2^\top \right) \odot [h \ge 0]$",
            "Line 4 is wrong, and only because of what a line above told it: going back through the weights and scaling by a slope is right.",
            _tutorial(
                lambda x, W1, W2, y: (
                    -oracles.gradient(lambda z: 0.5 * np.sum((y - analytic_relu(z) @ W2) ** 2), x @ W1),
                    _published_hidden(x, W1, W2, y),
                )
            ),
        ),
        Line(
            r"$W_1 \leftarrow W_1 + \eta\, x^\top e_1$ and $W_2 \leftarrow W_2 + \eta\, h^\top e_2$",
            "The plus in line 5 is right, for both e point downhill; and both were found before either weight moves. What it is handed for layer 1 "
            "was spoilt earlier.",
            _tutorial(
                lambda x, W1, W2, y: (
                    _downhill_weights(x, W1, W2, y),
                    np.concatenate(
                        [(x.T @ _published_hidden(x, W1, W2, y)).ravel(), (analytic_relu(x @ W1).T @ (y - analytic_relu(x @ W1) @ W2)).ravel()]
                    ),
                )
            ),
        ),
    ),
    wrong=2,
    all_right="One line is wrong. Put in a neuron whose z is -1, and follow it through every line.",
)


EXERCISE = verdict(
    "11.11",
    "verdict_relu",
    "A tutorial's relu: the first wrong line",
    TUTORIAL,
    2,
    (
        "Two neurons tell the story: one with z = 2, one with z = -1. Give every line both.",
        "Signs first: which of the lines are about going uphill, which about downhill, and do they agree among themselves?",
        "Each bracket is a question that is answered with 1 or 0. For which neurons could its answer ever be 0?",
    ),
)
