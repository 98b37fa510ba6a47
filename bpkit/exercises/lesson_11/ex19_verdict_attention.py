"""11.19: attention, from its output to queries, keys and values: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, attended, softmax_rows, verdict


def _tokens(sides: Callable[..., Pair]) -> Sides:
    """Four queries, three keys and values, d = 2; `sides` gets Q, K, V and G."""
    return lambda rng: sides(rng.normal(size=(4, 2)), rng.normal(size=(3, 2)), rng.normal(size=(3, 5)), rng.normal(size=(4, 5)))


def _scores(Q: Array, K: Array) -> Array:
    return Q @ K.T / np.sqrt(Q.shape[1])


def _slope_of_scores(Q: Array, K: Array, V: Array, G: Array) -> Array:
    return oracles.gradient(lambda S: np.sum(G * (softmax_rows(S) @ V)), _scores(Q, K))


def _printed_scores(Q: Array, K: Array, V: Array, G: Array) -> Array:
    P = softmax_rows(_scores(Q, K))
    return P * (G @ V.T - np.sum(G * (P @ V), axis=1, keepdims=True))


ATTENTION = Derivation(
    (
        Line(
            r"$S = \dfrac{Q K^\top}{\sqrt d}$, $\;P$ = softmax of each row of $S$, $\;O = PV$; $\;G = \dfrac{\partial C}{\partial O}$",
            "Line 1 is right: it says what is computed, a token in each row. The root keeps the scores of long vectors from growing.",
        ),
        Line(
            r"$\dfrac{\partial C}{\partial V} = P^\top G$",
            "Line 2 is right: V is the right factor of a matrix product. The root has no place in it, for V meets P after the softmax.",
            _tokens(
                lambda Q, K, V, G: (
                    oracles.gradient(lambda moved: np.sum(G * attended(Q, K, moved)), V),
                    softmax_rows(_scores(Q, K)).T @ G,
                )
            ),
        ),
        Line(
            r"$D = \dfrac{\partial C}{\partial P} = G V^\top$",
            "Line 3 is right: P is the left factor. That its rows must add up to 1 comes in only where P is made from S.",
            _tokens(lambda Q, K, V, G: (oracles.gradient(lambda P: np.sum(G * (P @ V)), softmax_rows(_scores(Q, K))), G @ V.T)),
        ),
        Line(
            r"$H_{ij} = \dfrac{\partial C}{\partial S_{ij}} = P_{ij} \left( D_{ij} - r_i \right)$ with "
            r"$r_i = \displaystyle\sum_c G_{ic}\, O_{ic}$",
            "Line 4 is right, though you expect the sum of P times D over the keys: put in what D and O are, and it is the same number.",
            _tokens(lambda Q, K, V, G: (_slope_of_scores(Q, K, V, G), _printed_scores(Q, K, V, G))),
        ),
        Line(
            r"back through the product of queries and keys: $\;\dfrac{\partial C}{\partial Q} = H K$",
            sides=_tokens(lambda Q, K, V, G: (oracles.gradient(lambda moved: np.sum(G * attended(moved, K, V)), Q), _printed_scores(Q, K, V, G) @ K)),
        ),
        Line(
            r"and $\;\dfrac{\partial C}{\partial K} = H^\top Q$",
            "Line 6 is wrong too, in the way of another line, but it is not the first. Its transpose is where it belongs.",
            _tokens(lambda Q, K, V, G: (oracles.gradient(lambda moved: np.sum(G * attended(Q, moved, V)), K), _printed_scores(Q, K, V, G).T @ Q)),
        ),
    ),
    wrong=5,
    all_right="One line is wrong. Compare two settings, d = 1 and d = 4: what changes in the forward pass, and which lines hear of it?",
)


EXERCISE = verdict(
    "11.19",
    "verdict_attention",
    "Attention: the first wrong line",
    ATTENTION,
    3,
    (
        "Shapes fit in all of these lines, so they tell nothing. Ask of each line what exactly it is a derivative by.",
        "Go through line 1 from left to right and tick off every operation. Each has to come up again on the way back.",
        "Set d to 1 and every line holds. Which operation of line 1 does nothing then?",
    ),
)
