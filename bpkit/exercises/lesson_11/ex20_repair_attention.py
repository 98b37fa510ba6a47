"""11.20: attention, the gradients for queries, keys and values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, attended, softmax_rows
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_attention(rng: np.random.Generator) -> list[Case]:
    cases = []
    # as many queries as keys first: there a missing transpose runs
    for n, m, d, e in ((3, 3, 3, 3), (4, 3, 1, 5), (1, 4, 5, 1)):
        args = (rng.normal(size=(n, d)), rng.normal(size=(m, d)), rng.normal(size=(m, e)), rng.normal(size=(n, e)))
        cases.append(Case(f"n = {n}, m = {m}, d = {d}, e = {e}", args))
    return cases


def _repair_attention(Q: Array, K: Array, V: Array, G: Array) -> list[Array]:
    root = np.sqrt(Q.shape[1])
    P = np.exp(Q @ K.T / root)
    P = P / P.sum(axis=1, keepdims=True)
    D = G @ V.T
    H = P * (D - (P * D).sum(axis=1, keepdims=True))
    return [H @ K / root, H.T @ Q / root, P.T @ G]


def _repair_attention_oracle(Q: Array, K: Array, V: Array, G: Array) -> list[Array]:
    return [
        oracles.gradient(lambda moved: np.sum(G * attended(moved, K, V)), Q),
        oracles.gradient(lambda moved: np.sum(G * attended(Q, moved, V)), K),
        oracles.gradient(lambda moved: np.sum(G * attended(Q, K, moved)), V),
    ]


def _in_parts(
    scale: Callable[[Array, Array], float] = lambda Q, V: 1 / np.sqrt(Q.shape[1]),
    queries: Callable[[Array, Array, float], Array] = lambda H, K, scale: H @ K * scale,
    keys: Callable[[Array, Array, float], Array] = lambda H, Q, scale: H.T @ Q * scale,
    softmax: Callable[[Array, Array], Array] = lambda P, D: P * (D - (P * D).sum(axis=1, keepdims=True)),
    values: Callable[[Array, Array, Array], Array] = lambda P, G, Q: P.T @ G,
    forward: Callable[[Array, Array], Array] = lambda Q, K: softmax_rows(Q @ K.T / np.sqrt(Q.shape[1])),
) -> Answer:
    def answer(Q: Array, K: Array, V: Array, G: Array) -> list[Array]:
        P, factor = forward(Q, K), scale(Q, V)
        H = softmax(P, G @ V.T)
        return [queries(H, K, factor), keys(H, Q, factor), values(P, G, Q)]

    return answer


def _rooted(divisor: Callable[[Array, Array], float]) -> Answer:
    """The scores are divided by another number, on the way forward as well as on the way back."""

    def answer(Q: Array, K: Array, V: Array, G: Array) -> list[Array]:
        by = divisor(K, V)
        return _in_parts(scale=lambda Q, V: 1 / by, forward=lambda Q, K: softmax_rows(Q @ K.T / by))(Q, K, V, G)

    return answer


EXERCISE = Exercise(
    id="11.20",
    name="repair_attention",
    title="Attention: the gradients for queries, keys and values",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_attention,
    allows=ALLOWED,
    part=("dQ", "dK", "dV"),
    reference=_repair_attention,
    oracle=_repair_attention_oracle,
    hints=(
        "First make P anew, row by row: every row adds up to 1. Then follow the lines, and stop at the one that you have found.",
        "Between S and the product of queries and keys there is one more operation. What is its derivative?",
        "Dividing by a number on the way forward is dividing by it on the way back. It lies between S and both Q and K, and V never meets it.",
    ),
    mistakes=(
        Mistake(
            "as values, keys, queries",
            lambda Q, K, V, G: _repair_attention(Q, K, V, G)[::-1],
            "The three are right, in the wrong order: queries first, then keys, then values.",
        ),
        Mistake(
            "sign",
            lambda Q, K, V, G: [-part for part in _repair_attention(Q, K, V, G)],
            "Every entry has the opposite sign. A gradient points uphill; the minus belongs to the step.",
        ),
        Mistake(
            "root of the number of keys, forward too",
            _rooted(lambda K, V: np.sqrt(len(K))),
            "You divide by the root of the number of keys, forward and back. In line 1 it is the root of d, the length of a key.",
        ),
        Mistake(
            "root of the values' width, forward too",
            _rooted(lambda K, V: np.sqrt(V.shape[1])),
            "You divide by the root of the width of V, forward and back. In line 1 it is the root of d, the length of a key.",
        ),
        Mistake(
            "d without its root, forward too",
            _rooted(lambda K, V: K.shape[1]),
            "You divide by d, forward and back. In line 1 it is the root of d.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "scale",
                    lambda Q, V: 1.0,
                    "root left out on the way back",
                    "dV is right. The others are too large by one factor: your way forward divides by something that your way back has forgotten.",
                ),
                Slip(
                    "scale",
                    lambda Q, V: np.sqrt(Q.shape[1]),
                    "times the root",
                    "dV is right. In the others you multiply by the root: back through a division is a division.",
                ),
                Slip(
                    "scale",
                    lambda Q, V: 1 / Q.shape[1],
                    "d without its root",
                    "dV is right. The others are divided by d, as if queries and keys had each brought a root. The product is divided once.",
                ),
                Slip(
                    "scale",
                    lambda Q, V: 1 / np.sqrt(V.shape[1]),
                    "root of the values' width",
                    "dV is right. In the others you take the root of the width of V. The scores were divided by that of the queries and keys.",
                    alone=True,
                ),
                Slip(
                    "queries",
                    lambda H, K, scale: H @ K,
                    "root in dK only",
                    "dK and dV are right. Queries and keys come into the same product, and it is the product that was divided.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda Q, V: 1 / np.sqrt(len(V)),
                    "root of the number of keys",
                    "dV is right. In the others you take the root of the number of keys. The scores were divided by the root of the keys' length.",
                    alone=True,
                ),
                Slip(
                    "keys",
                    lambda H, Q, scale: H.T @ Q,
                    "root in dQ only",
                    "dQ and dV are right. Queries and keys come into the same product, and it is the product that was divided.",
                    alone=True,
                ),
                Slip(
                    "keys",
                    lambda H, Q, scale: H @ Q * scale,
                    "H not transposed for dK",
                    "dQ and dV are right. H has a row for each query and a column for each key; dK needs a row for each key.",
                    alone=True,
                ),
                Slip(
                    "softmax",
                    lambda P, D: P * D,
                    "row sum left out",
                    "dV is right. Your H has no sum in it: but every score of a row moves every P of that row, for they add up to 1.",
                ),
                Slip(
                    "softmax",
                    lambda P, D: P * (1 - P) * D,
                    "softmax taken entry by entry",
                    "dV is right. Your H has the slope of a sigmoid, each entry by itself. A score moves every P of its row.",
                ),
                Slip(
                    "softmax",
                    lambda P, D: P * (D - (P * D).sum(axis=0, keepdims=True)),
                    "sum over the queries",
                    "dV is right. Your sum in H runs down the columns; the softmax was taken along the rows.",
                ),
                Slip(
                    "softmax",
                    lambda P, D: P * (D - D.mean(axis=1, keepdims=True)),
                    "plain mean of the row",
                    "dV is right. In H you subtract the plain mean of each row of D. What is to be subtracted weighs the entries by P.",
                    alone=True,
                ),
                Slip(
                    "softmax",
                    lambda P, D: P * (D - D.sum(axis=1, keepdims=True)),
                    "plain sum of the row",
                    "dV is right. In H you subtract the plain sum of each row of D. What is to be subtracted weighs the entries by P.",
                    alone=True,
                ),
                Slip(
                    "softmax",
                    lambda P, D: D,
                    "softmax left out",
                    "dV is right. You go from P on to the scores as if there were no softmax between them.",
                    alone=True,
                ),
                Slip(
                    "values",
                    lambda P, G, Q: P @ G,
                    "P not transposed for dV",
                    "P has a row for each query. dV has a row for each key: sum over the queries.",
                ),
                Slip(
                    "values",
                    lambda P, G, Q: P.T @ G / np.sqrt(Q.shape[1]),
                    "root in dV",
                    "dQ and dK are right. V meets P after the softmax, and nothing divides it.",
                ),
                Slip(
                    "forward",
                    lambda Q, K: softmax_rows(Q @ K.T),
                    "root left out on the way forward",
                    "Your P is another one than line 1 makes: its scores are divided by the root of d.",
                ),
                Slip(
                    "forward",
                    lambda Q, K: softmax_rows((Q @ K.T / np.sqrt(Q.shape[1])).T).T,
                    "softmax down the columns",
                    "The columns of your P add up to 1. Each query shares out its attention among the keys: that is a row.",
                ),
            ),
        ),
        Mistake(
            "sum over everything in the softmax",
            _in_parts(softmax=lambda P, D: P * (D - (P * D).sum())),
            "dV is right. What you take off in H is one number for all queries. Each query is a row with a number of its own.",
        ),
    ),
)
