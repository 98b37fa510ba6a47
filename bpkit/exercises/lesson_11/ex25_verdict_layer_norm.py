"""11.25: layer normalisation, from the output to the input: the first wrong line, if there is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, standardised, verdict


def _columns(sides: Callable[..., Pair]) -> Sides:
    """Four neurons and three examples; `sides` gets X, γ, G and ε."""
    return lambda rng: sides(rng.normal(size=(4, 3)), rng.uniform(0.5, 2, size=(4, 1)), rng.normal(size=(4, 3)), 0.2)


def _deviation(x: Array, epsilon: float) -> Array:
    return np.sqrt(np.var(x, axis=0, keepdims=True) + epsilon)


def _links(x: Array, epsilon: float) -> Array:
    """∂x̂_i/∂x_j of one example as printed."""
    h, n = standardised(x, epsilon)[:, 0], len(x)
    return (np.eye(n) - 1 / n - np.outer(h, h) / n) / _deviation(x, epsilon)[0, 0]


def _printed(X: Array, gamma: Array, G: Array, epsilon: float) -> Array:
    h, d = standardised(X, epsilon), gamma * G
    return (d - d.mean(axis=0) - h * (d * h).mean(axis=0)) / _deviation(X, epsilon)


def _slope(X: Array, gamma: Array, G: Array, epsilon: float) -> Array:
    return oracles.gradient(lambda moved: np.sum(G * gamma * standardised(moved, epsilon)), X)


LAYER_NORM = Derivation(
    (
        Line(
            r"each example, a column $x$ of $n$ numbers, by itself: $\mu$ is its mean, $v$ its variance, $s = \sqrt{v + \varepsilon}$, "
            r"$\;\hat x_i = (x_i - \mu)/s$, $\;y_i = \gamma_i \hat x_i + \beta_i$; $\;\gamma$ and $\beta$ serve all columns; "
            r"$\;g_i = \partial C/\partial y_i$",
            "Line 1 is right: definitions. Mean and deviation belong to a column, γ and β to a row.",
        ),
        Line(
            r"$\dfrac{\partial C}{\partial \gamma_i}$ is the sum of $g_i\, \hat x_i$ over all columns, and "
            r"$\dfrac{\partial C}{\partial \beta_i}$ that of $g_i$",
            "Line 2 is right, without an 1/m: C is the cost of the batch, so g brought it. γ is used once in every column, and its uses add up.",
            _columns(
                lambda X, gamma, G, epsilon: (
                    oracles.gradient(lambda moved: np.sum(G * moved * standardised(X, epsilon)), gamma),
                    np.sum(G * standardised(X, epsilon), axis=1, keepdims=True),
                )
            ),
        ),
        Line(
            r"with $d_i = \dfrac{\partial C}{\partial \hat x_i} = \gamma_i\, g_i$ and $\dfrac{\partial s}{\partial x_j} = \dfrac{\hat x_j}{n}$, in "
            r"which the mean plays no part",
            "Line 3 is right: μ moves with x_j, but v does not feel it, for the distances from the mean add up to 0; and the ε under the root stands "
            "in s on both sides.",
            _columns(
                lambda X, gamma, G, epsilon: (
                    oracles.gradient(lambda x: np.sqrt(np.mean((x - np.mean(x)) ** 2) + epsilon), X[:, 0]),
                    standardised(X, epsilon)[:, 0] / len(X),
                )
            ),
        ),
        Line(
            r"$\dfrac{\partial \hat x_i}{\partial x_j} = \dfrac1s \left( [i = j] - \dfrac1n - \dfrac{\hat x_i\, \hat x_j}{n} \right)$",
            "Line 4 is right: the numerator gives the first two terms, the deviation the third. It also holds with an ε that is not small.",
            _columns(
                lambda X, gamma, G, epsilon: (
                    oracles.jacobian(lambda moved: standardised(moved, epsilon), X[:, :1])[:, 0, :, 0],
                    _links(X[:, :1], epsilon),
                )
            ),
        ),
        Line(
            r"so, in each column: $\;\dfrac{\partial C}{\partial x_j} = \dfrac1s \left( d_j - \frac1n \sum_i d_i - \hat x_j\, \frac1n "
            r"\sum_i d_i\, \hat x_i \right)$",
            "Line 5 is right: the Jacobian of line 4 does not change when it is transposed. γ has to stay under the sums, for it changes with i; and "
            "the sums run over the neurons of the column, not over the batch.",
            _columns(lambda X, gamma, G, epsilon: (_slope(X, gamma, G, epsilon), _printed(X, gamma, G, epsilon))),
        ),
        Line(
            r"a check: in each column $\sum_j \partial C/\partial x_j = 0$",
            "Line 6 is right, for every G: the same number added to a whole column moves no output.",
            _columns(
                lambda X, gamma, G, epsilon: (
                    1 + _slope(X, gamma, G, epsilon).sum(axis=0),
                    1 + np.zeros(3),
                )
            ),
        ),
    ),
    wrong=0,
)


EXERCISE = verdict(
    "11.25",
    "verdict_layer_norm",
    "Layer normalisation: the first wrong line",
    LAYER_NORM,
    3,
    (
        "Two kinds of sums stand here, along two axes. Say of each which axis it runs along, and why.",
        "Which numbers share a mean, and which share a γ? Hold every line against your answer.",
        "Put in numbers: n = 2 with x = (1, 3), ε = 3 gives s = 2. If you distrust a line, work out both of its sides.",
    ),
)
