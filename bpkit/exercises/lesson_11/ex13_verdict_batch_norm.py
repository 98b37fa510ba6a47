"""11.13: batch normalisation, from the output to the input: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, standardised, verdict


def _batch(sides: Callable[..., Pair]) -> Sides:
    """One neuron and five examples; `sides` gets z, g, γ and ε."""
    return lambda rng: sides(rng.normal(size=5), rng.normal(size=5), 1.3, 0.2)


def _scale(z: Array, epsilon: float, mu: Any = None) -> Any:
    """s as a function of z, and of μ by itself where that is given."""
    return np.sqrt(np.mean((z - (np.mean(z) if mu is None else mu)) ** 2) + epsilon)


def _printed_links(z: Array, epsilon: float) -> Array:
    """∂ẑ_i/∂z_j as printed."""
    z_hat = standardised(z, epsilon)
    return (np.eye(len(z)) - np.outer(z_hat, z_hat) / len(z)) / _scale(z, epsilon)


BATCH_NORM = Derivation(
    (
        Line(
            r"$\mu = \frac1m \sum_i z_i$, $\;v = \frac1m \sum_i (z_i - \mu)^2$, $\;s = \sqrt{v + \varepsilon}$, $\;\hat z_i = (z_i - \mu)/s$, "
            r"$\;y_i = \gamma \hat z_i + \beta$; "
            r"with $g_i = \partial C/\partial y_i$: $\;d_i = \dfrac{\partial C}{\partial \hat z_i} = \gamma\, g_i$",
            "Line 1 is right: four definitions, and one step back through a product. One neuron has one γ for all examples.",
            _batch(lambda z, g, gamma, epsilon: (oracles.gradient(lambda h: np.sum(g * (gamma * h + 0.5)), standardised(z, epsilon)), gamma * g)),
        ),
        Line(
            r"the variance does not feel the mean: $\;\dfrac{\partial v}{\partial \mu} = -\dfrac2m \displaystyle\sum_i (z_i - \mu) = 0$",
            "Line 2 is right, though it looks too good: the distances from the mean add up to 0. It speaks of v alone. What else holds μ?",
            _batch(
                lambda z, g, gamma, epsilon: (
                    # beside a number of order one, or rounding would be compared with rounding
                    1 + oracles.gradient(lambda mu: _scale(z, epsilon, mu[0]) ** 2, np.array([z.mean()])),
                    np.ones(1) - 2 / len(z) * np.sum(z - z.mean()),
                )
            ),
        ),
        Line(
            r"so what is left is the path through $s$: $\;\dfrac{\partial \hat z_i}{\partial z_j} = \dfrac1s \left( [i = j] - "
            r"\dfrac{\hat z_i\, \hat z_j}{m} \right)$",
            sides=_batch(lambda z, g, gamma, epsilon: (oracles.jacobian(lambda moved: standardised(moved, epsilon), z), _printed_links(z, epsilon))),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial z_j} = \displaystyle\sum_i d_i\, \frac{\partial \hat z_i}{\partial z_j} = "
            r"\dfrac1s \left( d_j - \hat z_j\, \frac1m \sum_i d_i\, \hat z_i \right)$",
            "Line 4 is not so, but all it does is to put what it was handed into the chain rule, and the sum over the examples is needed: "
            "they meet in μ and s. Who handed it over?",
            _batch(
                lambda z, g, gamma, epsilon: (
                    oracles.gradient(lambda moved: np.sum(gamma * g * standardised(moved, epsilon)), z),
                    gamma * g @ _printed_links(z, epsilon),
                )
            ),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial \gamma} = \displaystyle\sum_i g_i\, \hat z_i$ and "
            r"$\dfrac{\partial C}{\partial \beta} = \displaystyle\sum_i g_i$",
            "Line 5 is right, and there is no 1/m to add: C is the cost of the whole batch, so its 1/m came in with g.",
            _batch(
                lambda z, g, gamma, epsilon: (
                    oracles.gradient(lambda both: np.sum(g * (both[0] * standardised(z, epsilon) + both[1])), np.array([gamma, 0.5])),
                    np.array([np.sum(g * standardised(z, epsilon)), np.sum(g)]),
                )
            ),
        ),
    ),
    wrong=3,
    all_right="One line is wrong. Add the same number to every z: by how much does y move, and what do the lines say?",
)


EXERCISE = verdict(
    "11.13",
    "verdict_batch_norm",
    "Batch normalisation: the first wrong line",
    BATCH_NORM,
    3,
    (
        "Draw the graph of line 1: which quantities does an arrow from z_j reach, and through which of them the output of another example?",
        "One nudge: move every z by the same amount. What happens to every output, and what does each line predict?",
        "Count the ways from z_j to the normalised value of example i: there are three places in its formula where z_j has a say.",
    ),
)
