"""11.21: cross-entropy with smoothed labels: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, smoothed, softmax_columns, verdict


def _example(sides: Callable[..., Pair]) -> Sides:
    """Four classes and one example; `sides` gets z, y and α."""
    return lambda rng: sides(rng.normal(size=(4, 1)), np.eye(4)[:, [2]], 0.3)


def _slope(z: Array, q: Array) -> Array:
    return oracles.gradient(lambda moved: -np.sum(q * np.log(softmax_columns(moved))), z)


def _term_by_term(z: Array, q: Array) -> Array:
    p = softmax_columns(z)
    return np.array([[-sum(q[k, 0] * ((k == j) - p[j, 0]) for k in range(len(z)))] for j in range(len(z))])


SMOOTHING = Derivation(
    (
        Line(
            r"$p = \mathrm{softmax}(z)$, $\;C = -\displaystyle\sum_{k=1}^{n} q_k \ln p_k$ with smoothed targets "
            r"$q_k = (1 - \alpha)\, y_k + \dfrac{\alpha}{n}\, (1 - y_k)$",
            "Line 1 is right: it defines a cost. One may wish for other targets, but a definition cannot be false. Mind what exactly it says.",
        ),
        Line(
            r"$\dfrac{\partial \ln p_k}{\partial z_j} = [k = j] - p_j$",
            "Line 2 is right: the logarithm of p is z less the logarithm of a sum, and the slope of the second is p.",
            _example(
                lambda z, y, alpha: (
                    oracles.jacobian(lambda moved: np.log(softmax_columns(moved)), z)[:, 0, :, 0],
                    np.eye(4) - softmax_columns(z).T,
                )
            ),
        ),
        Line(
            r"$\delta_j = \dfrac{\partial C}{\partial z_j} = -\displaystyle\sum_k q_k \left( [k = j] - p_j \right)$",
            "Line 3 is right: the targets are numbers, so each term is differentiated by itself. Every one of them contains p_j.",
            _example(lambda z, y, alpha: (_slope(z, smoothed(y, alpha)), _term_by_term(z, smoothed(y, alpha)))),
        ),
        Line(
            r"and so, as for any targets of a softmax: $\;\delta_j = p_j - q_j$",
            sides=_example(lambda z, y, alpha: (_slope(z, smoothed(y, alpha)), softmax_columns(z) - smoothed(y, alpha))),
        ),
        Line(
            r"a check: to add a number to all $z_j$ changes no $p_k$, so $\displaystyle\sum_j \delta_j = 0$",
            "Line 5 is right, and a good check, for all that is done with a softmax. Has anybody carried it out on the line above?",
            _example(lambda z, y, alpha: (1 + np.sum(_slope(z, smoothed(y, alpha))), 1.0)),
        ),
        Line(
            r"a second check: with $\alpha = 0$ it is the $\delta$ without smoothing, $p_j - y_j$",
            "Line 6 is right, and therefore a weak check: at α = 0 nothing that smoothing does can show.",
            _example(lambda z, y, alpha: (_slope(z, smoothed(y, 0.0)), softmax_columns(z) - y)),
        ),
    ),
    wrong=4,
    all_right="One line is wrong. Carry out the check of line 5 on the line above it, with n = 4, α = 0.3 and any p you like.",
)


EXERCISE = verdict(
    "11.21",
    "verdict_smoothing",
    "Cross-entropy with smoothed labels: the first wrong line",
    SMOOTHING,
    3,
    (
        "A formula that you know by heart has a condition. What did the targets of lesson 04 have in common?",
        "Two of the lines are checks. Carry them out, with numbers, on the lines before them.",
        "Work the sum of line 3 out: it splits into two. In one of them p_j can be taken out; what is left there?",
    ),
)
