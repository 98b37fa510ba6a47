"""11.17: a table of vectors, read by token: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, verdict

_ETA = 0.1


def _lookup(sides: Callable[..., Pair]) -> Sides:
    """Four words of three numbers, and five tokens of which two are the same; `sides` gets t, E and G."""
    return lambda rng: sides(np.array([2, 0, 2, 3, 0]), rng.normal(size=(4, 3)), rng.normal(size=(5, 3)))


def _one_hot(t: Array) -> Array:
    return np.array([[float(token == word) for word in range(4)] for token in t])


def _slope(t: Array, E: Array, G: Array) -> Array:
    return oracles.gradient(lambda moved: np.sum(G * moved[t]), E)


def _row_by_row(t: Array, G: Array) -> Array:
    dE = np.zeros((4, 3))
    for i, token in enumerate(t):
        dE[token] += G[i]
    return dE


def _at_once(t: Array, G: Array) -> Array:
    dE = np.zeros((4, 3))
    dE[t] += G
    return dE


EMBEDDING = Derivation(
    (
        Line(
            r"$X_i = E_{t_i}$: row $i$ of $X$ is the row of the table that token $t_i$ names; $\;G = \dfrac{\partial C}{\partial X}$",
            "Line 1 is right: it says what is looked up, and gives a name to a gradient.",
        ),
        Line(
            r"$X = T E$, where $T_{iw} = [t_i = w]$",
            "Line 2 is right, wasteful as it is: row i of T has a single 1, which picks one row of the table.",
            _lookup(lambda t, E, G: (E[t], _one_hot(t) @ E)),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial E} = T^\top G$",
            "Line 3 is right: it is the gradient for the right factor of a matrix product. That T holds no parameters does not matter to E.",
            _lookup(lambda t, E, G: (_slope(t, E, G), _one_hot(t).T @ G)),
        ),
        Line(
            r"row by row: $\;\dfrac{\partial C}{\partial E_w} = \displaystyle\sum_{i:\, t_i = w} G_i$, and 0 for a word that no token names",
            "Line 4 is right: it is line 3, one row at a time. A word that is not in the text has no say in the cost.",
            _lookup(lambda t, E, G: (_slope(t, E, G), np.array([sum((G[i] for i in range(5) if t[i] == w), np.zeros(3)) for w in range(4)]))),
        ),
        Line(
            r"as a loop: `dE = np.zeros_like(E)`, then for every $i$: `dE[t[i]] += G[i]`",
            "Line 5 is right: whoever comes second finds what the first has left, and adds to it.",
            _lookup(lambda t, E, G: (_slope(t, E, G), _row_by_row(t, G))),
        ),
        Line(
            r"the same without a loop: `dE = np.zeros_like(E)`, then `dE[t] += G`",
            sides=_lookup(lambda t, E, G: (_slope(t, E, G), _at_once(t, G))),
        ),
        Line(
            r"a step: `E -= eta * dE`",
            "Line 7 is a step as it should be, and words that no token names stay where they are. What it is handed was spoilt above.",
            _lookup(lambda t, E, G: (E - _ETA * _slope(t, E, G), E - _ETA * _at_once(t, G))),
        ),
    ),
    wrong=6,
    all_right="One line is wrong. Take a text in which a word comes twice, with different rows of G, and play each line by hand, or let numpy do it.",
)


EXERCISE = verdict(
    "11.17",
    "verdict_embedding",
    "A table read by token: the first wrong line",
    EMBEDDING,
    3,
    (
        "Take two tokens that name the same word, G with two different rows, and work out every line.",
        "Formulas and programs are both lines here. Run those that are programs, on t = [1, 1].",
        "Lines 3 to 6 all claim to be the same table. Ask of each what the second token of a word does to what the first has brought.",
    ),
)
