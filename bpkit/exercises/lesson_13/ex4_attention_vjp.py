"""13.4: the gradients of queries, keys and values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_13.shared import SOFTMAX_SLIPS, Array, scores_back, softmax_columns
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

# label, d, d_v, keys, queries
_SIZES = (("d = 2, 4 rows of values, 3 keys, 5 queries, some hidden", 2, 4, 3, 5), ("d = 3, 3 rows of values, 3 keys, 3 queries, causal", 3, 3, 3, 3),
          ("d = 1, 1 row of values, 4 keys, 1 query", 1, 1, 4, 1))  # fmt: skip


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, d, d_v, n_k, n_q in _SIZES:
        Q, K, V, g = (rng.normal(size=shape) for shape in ((d, n_q), (d, n_k), (d_v, n_k), (d_v, n_q)))
        mask = np.triu(np.ones((n_k, n_q), bool)) if "causal" in label else np.ones((n_k, n_q), bool)
        if "some hidden" in label:
            mask[[0, 2], [1, 4]] = False
        A = softmax_columns(np.where(mask, K.T @ Q / math.sqrt(d), -np.inf))
        cases.append(Case(label, (Q, K, V, A, g)))
    return cases


def _attention_vjp(Q: Array, K: Array, V: Array, A: Array, g: Array) -> tuple[Array, Array, Array]:
    dA = V.T @ g
    dS = A * (dA - (A * dA).sum(axis=0)) / np.sqrt(len(Q))
    return K @ dS, Q @ dS.T, g @ A.T


def _oracle(Q: Array, K: Array, V: Array, A: Array, g: Array) -> tuple[Array, Array, Array]:
    """Complex steps through the forward pass; a weight of 0 is one that the mask hides."""

    def cost(Q: Array, K: Array, V: Array) -> Any:
        return np.sum(g * (V @ softmax_columns(np.where(A > 0, K.T @ Q / math.sqrt(len(Q)), -np.inf))))

    return (
        oracles.gradient(lambda moved: cost(moved, K, V), Q),
        oracles.gradient(lambda moved: cost(Q, moved, V), K),
        oracles.gradient(lambda moved: cost(Q, K, moved), V),
    )


def _in_parts(
    softmax: Callable[[Array, Array], Array] = scores_back,
    scale: Callable[[Array, Array], tuple[float, float]] = lambda Q, K: (1 / math.sqrt(len(Q)),) * 2,
    dQ: Callable[[Array, Array, Array], Array] = lambda Q, K, dS: K @ dS,
    dK: Callable[[Array, Array, Array], Array] = lambda Q, K, dS: Q @ dS.T,
    dV: Callable[[Array, Array, Array], Array] = lambda V, A, g: g @ A.T,
    factor: Callable[[Array], float] = lambda g: 1.0,
) -> Answer:
    def answer(Q: Array, K: Array, V: Array, A: Array, g: Array) -> tuple[Array, Array, Array]:
        dS, (for_q, for_k) = softmax(A, V.T @ g), scale(Q, K)
        return factor(g) * for_q * dQ(Q, K, dS), factor(g) * for_k * dK(Q, K, dS), factor(g) * dV(V, A, g)

    return answer


_SLIPS = (
    *SOFTMAX_SLIPS,
    Slip(
        "scale",
        lambda Q, K: (1.0, 1.0),
        "scale left out",
        "dV is right, dQ and dK are too large by the same factor. What stands between the dot products and softmax in the forward pass, and what "
        "does it send back?",
    ),
    Slip(
        "scale",
        lambda Q, K: (1 / len(Q), 1 / len(Q)),
        "divided by d",
        "You divide dQ and dK by d. The forward pass divides by the root of d, and a factor comes back as it went.",
    ),
    Slip(
        "scale",
        lambda Q, K: (math.sqrt(len(Q)), math.sqrt(len(Q))),
        "scale inverted",
        "You multiply by the root of d on the way back. A step that divides going forward divides going back.",
        alone=True,
    ),
    Slip(
        "scale",
        lambda Q, K: (1 / math.sqrt(K.shape[1]),) * 2,
        "root of the number of keys",
        "Your scale is the root of the number of keys. It belongs to the length of one key.",
        alone=True,
    ),
    Slip(
        "scale",
        lambda Q, K: (1 / math.sqrt(Q.shape[1]),) * 2,
        "root of the number of queries",
        "Your scale is the root of the number of queries. It belongs to the length of one key.",
        alone=True,
    ),
    Slip(
        "scale",
        lambda Q, K: (1 / math.sqrt(len(Q)), 1.0),
        "scale in dQ alone",
        "dQ has the scale and dK has not. Both come from the gradient of the scores, and the scale stands behind both.",
    ),
    Slip(
        "scale",
        lambda Q, K: (1.0, 1 / math.sqrt(len(Q))),
        "scale in dK alone",
        "dK has the scale and dQ has not. Both come from the gradient of the scores, and the scale stands behind both.",
    ),
    Slip(
        "dK",
        lambda Q, K, dS: Q @ dS,
        "dK not turned round",
        "Your dK sums over the keys. A key is used by every query: over which index of the scores does its gradient add up?",
    ),
    Slip(
        "dK",
        lambda Q, K, dS: K @ dS.T,
        "keys for queries in dK",
        "Your dK is made of keys. In a score the key is multiplied by a query, so that is what comes back to the key.",
        alone=True,
    ),
    Slip(
        "dK",
        lambda Q, K, dS: (Q @ dS.T).T,
        "dK transposed",
        "Your dK has its rows and columns swapped. A gradient has the shape of what it belongs to.",
        alone=True,
    ),
    Slip(
        "dQ",
        lambda Q, K, dS: Q @ dS,
        "queries for keys in dQ",
        "Your dQ is made of queries. In a score the query is multiplied by a key, so that is what comes back to the query.",
        alone=True,
    ),
    Slip(
        "dQ",
        lambda Q, K, dS: K @ dS.T,
        "dQ turned round",
        "Your dQ sums over the queries. A query meets every key: over which index of the scores does its gradient add up?",
    ),
    Slip(
        "dQ",
        lambda Q, K, dS: (K @ dS).T,
        "dQ transposed",
        "Your dQ has its rows and columns swapped. A gradient has the shape of what it belongs to.",
        alone=True,
    ),
    Slip(
        "dV",
        lambda V, A, g: g @ A,
        "dV not turned round",
        "Your dV multiplies by the weights as they stand. A value goes to every query: over which index of the weights does its gradient add up?",
    ),
    Slip(
        "dV",
        lambda V, A, g: g @ scores_back(A, V.T @ g).T,
        "gradient of the scores for the weights in dV",
        "Your dV is made of the gradient of the scores. In the forward pass a value is multiplied by weights, and these come back beside g.",
        alone=True,
    ),
    Slip(
        "dV",
        lambda V, A, g: g @ (V.T @ g).T,
        "gradient of the weights for the weights in dV",
        "Your dV is made of the gradient of the weights. In the forward pass a value is multiplied by the weights, and these come back beside g.",
        alone=True,
    ),
    Slip(
        "dV",
        lambda V, A, g: (g @ A.T).T,
        "dV transposed",
        "Your dV has its rows and columns swapped. A gradient has the shape of what it belongs to.",
        alone=True,
    ),
    Slip(
        "dV",
        lambda V, A, g: np.repeat(g.mean(axis=1, keepdims=True), V.shape[1], axis=1),
        "dV without the weights",
        "Every value gets the same gradient in your dV. A value that nobody looks at moves nothing.",
        alone=True,
    ),
    Slip("factor", lambda g: -1.0, "sign", "Every sign is wrong. A way back has no minus sign of its own.", alone=True),
    Slip(
        "factor",
        lambda g: 1 / g.shape[1],
        "averaged over the queries",
        "You divide by the number of queries. There is no mean in attention: g has all factors in it.",
        alone=True,
    ),
)


EXERCISE = Exercise(
    id="13.4",
    name="attention_vjp",
    title="Attention backward: queries, keys and values",
    points=4,
    minutes=13,
    difficulty=3,
    cases=_cases,
    reference=_attention_vjp,
    plain=(0, 1, 3),
    oracle=_oracle,
    part=("dQ", "dK", "dV"),
    hints=(
        "Go back one step at a time, with the shape beside each: the product with the values, softmax, the scale, the product of keys and queries.",
        "A matrix product sends back two things, one to each factor; lesson 09 has both. Softmax sends back, in each column, what 04.6 found.",
        "The weights of a column compete: subtract the weighted mean, multiply by the weight, divide by the root of d. Then the keys meet this on "
        "one side for the queries, and the queries on the other side for the keys.",
    ),
    mistakes=(
        *mistakes_of(_in_parts, _SLIPS),
        Mistake(
            "V for g in dV",
            lambda Q, K, V, A, g: (*_attention_vjp(Q, K, V, A, g)[:2], V @ A @ A.T),
            "dQ and dK are right. dV is made of V and A alone: what has arrived from behind, g, is not in it.",
        ),
        Mistake(
            "scale in dV as well",
            lambda Q, K, V, A, g: (*_attention_vjp(Q, K, V, A, g)[:2], g @ A.T / math.sqrt(len(Q))),
            "dQ and dK are right, and dV has the scale in it. In the forward pass the values come after softmax: which step is scaled?",
        ),
        Mistake(
            "root of the values' length",
            lambda Q, K, V, A, g: [part * math.sqrt(len(Q) / len(V)) for part in _attention_vjp(Q, K, V, A, g)[:2]] + [g @ A.T],
            "Your scale is the root of the length of a value. It belongs to the length of a key.",
        ),
        Mistake(
            "dQ and dK swapped",
            lambda Q, K, V, A, g: [_attention_vjp(Q, K, V, A, g)[k] for k in (1, 0, 2)],
            "dQ and dK have changed places: the order is queries, keys, values.",
        ),
        Mistake(
            "dK and dV swapped",
            lambda Q, K, V, A, g: [_attention_vjp(Q, K, V, A, g)[k] for k in (0, 2, 1)],
            "dK and dV have changed places: the order is queries, keys, values.",
        ),
        Mistake(
            "values first",
            lambda Q, K, V, A, g: [_attention_vjp(Q, K, V, A, g)[k] for k in (2, 0, 1)],
            "The gradient of the values stands first. The order is queries, keys, values.",
        ),
        Mistake(
            "g of ones",
            lambda Q, K, V, A, g: _attention_vjp(Q, K, V, A, np.ones_like(g)),
            "Your answer does not depend on g, the gradient of the result. It is where the way back begins.",
        ),
        Mistake(
            "the result for g",
            lambda Q, K, V, A, g: _attention_vjp(Q, K, V, A, V @ A),
            "You send the result of the forward pass back. What comes back is its gradient g.",
        ),
        Mistake(
            "softmax of the weights",
            lambda Q, K, V, A, g: (*_attention_vjp(Q, K, V, softmax_columns(A), g)[:2], g @ A.T),
            "You apply softmax to what is a softmax already. A are the weights, not the scores.",
        ),
    ),
)
