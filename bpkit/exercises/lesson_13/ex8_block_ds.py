"""13.8: back to the scores of one block, without the others."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_13.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

# label, rows of values, keys of the block, all keys, queries
_SIZES = (("1 of 5 keys, 4 queries", 3, 1, 5, 4), ("3 of 6 keys, 3 queries", 3, 3, 6, 3), ("all 4 keys, 1 query", 2, 4, 4, 1),
          ("2 of 4 keys, 3 queries, scores around 900 and -900", 4, 2, 4, 3), ("a hidden key in 2 of 4", 2, 2, 4, 3))  # fmt: skip


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, d_v, b, n_k, n_q in _SIZES:
        S, V, g = (rng.normal(size=shape) for shape in ((n_k, n_q), (d_v, n_k), (d_v, n_q)))
        if "900" in label:
            S += np.array([900.0, -900.0, 0.0])
            S[0, 1] = -np.inf  # hidden, and below all others even so
        if "hidden" in label:
            S[:b, 1] = S[1, 2] = -np.inf  # all keys of the block are hidden from one query, one of them from another
        m = S.max(axis=0)
        lse = m + np.log(np.exp(S - m).sum(axis=0))
        cases.append(Case(label, (S[:b], lse, V[:, :b], g, V @ np.exp(S - lse))))
    return cases


def _block_dS(S: Array, lse: Array, V: Array, g: Array, o: Array) -> Array:
    return np.exp(S - lse) * (V.T @ g - (o * g).sum(axis=0))


def _oracle(S: Array, lse: Array, V: Array, g: Array, o: Array) -> Array:
    """Complex steps of Σ g ∘ o over the block's scores; the rest of the keys is what o and the weights of 1 leave."""
    A = np.exp(S - lse)
    rest, rest_values = 1 - A.sum(axis=0), o - V @ A

    def cost(moved: Array) -> Any:
        e = np.exp(moved - lse)
        return np.sum(g * (V @ e + rest_values) / (e.sum(axis=0) + rest))

    return oracles.gradient(cost, S)


def _in_parts(
    weights: Callable[[Array, Array], Array] = lambda S, lse: np.exp(S - lse),
    dA: Callable[[Array, Array], Array] = lambda V, g: V.T @ g,
    mean: Callable[[Array, Array, Array, Array], Any] = lambda o, g, A, dA: (o * g).sum(axis=0),
    sign: float = -1.0,
    factor: Callable[[Array], float] = lambda V: 1.0,
) -> Answer:
    def answer(S: Array, lse: Array, V: Array, g: Array, o: Array) -> Array:
        A, back = weights(S, lse), dA(V, g)
        return factor(V) * A * (back + sign * mean(o, g, A, back))

    return answer


def _of_the_block(S: Array, lse: Array) -> Array:
    e = np.exp(S - S.max(axis=0))
    return np.asarray(e / e.sum(axis=0))


_SLIPS = (
    Slip(
        "weights",
        _of_the_block,
        "weights of the block alone",
        "Your weights sum to 1 over this block. A query shares its attention over all keys: what does lse know of the others?",
    ),
    Slip(
        "weights",
        lambda S, lse: np.exp(S) / np.exp(lse),
        "overflow",
        "Right for moderate scores, but exp(900) is infinite, and infinite over infinite is not a number. What can be done before the exponential?",
        alone=True,
    ),
    Slip(
        "weights",
        lambda S, lse: np.exp(lse - S),
        "sign of the exponent",
        "Your weights are upside down: the largest score gets the smallest. Which of score and lse is taken from the other?",
        alone=True,
    ),
    Slip(
        "weights",
        lambda S, lse: np.exp(S) / lse,
        "divided by the log-sum-exp",
        "You divide by lse as if it were the sum of the exponentials. It is its logarithm.",
    ),
    Slip(
        "weights",
        lambda S, lse: np.exp(S),
        "exponentials for weights",
        "Your weights are the exponentials of the scores, which sum to no 1. What was lse kept for?",
    ),
    Slip(
        "weights",
        lambda S, lse: np.exp(S + lse),
        "lse added",
        "You add lse to the scores. A weight is an exponential over the sum of all: what does a division become in the exponent?",
        alone=True,
    ),
    Slip(
        "weights",
        lambda S, lse: S - lse,
        "logarithms for weights",
        "In front stands the logarithm of each weight. One function is missing.",
    ),
    Slip(
        "weights",
        lambda S, lse: S,
        "scores for weights",
        "In front stand the scores themselves. A weight is made of a score, with an exponential and with lse.",
        alone=True,
    ),
    Slip(
        "weights",
        lambda S, lse: np.ones_like(S),
        "weight in front left out",
        "After the row constant is subtracted, each entry still has to be multiplied by its own weight.",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: (A * dA).sum(axis=0),
        "mean over the block alone",
        "Your weighted mean runs over the keys of this block. Softmax's runs over all keys: where can you get that number without them?",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: 0.0,
        "row constant left out",
        "Only half of softmax's Jacobian is there. What do the weights of a query share?",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: (o * g).mean(axis=0),
        "mean over the rows of values",
        "You average over the rows of o. A dot product adds them up.",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: (o * g).sum(),
        "one constant for all queries",
        "You add all queries up. Each query is a column with a constant of its own.",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: g.sum(axis=0),
        "constant without o",
        "Your constant is a sum of g alone. It is a weighted mean over the keys, and the weights sit in o.",
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: (o * o).sum(axis=0),
        "o twice in the constant",
        "Your constant is made of o alone. It has to grow with g: twice the gradient, twice everything.",
        alone=True,
    ),
    Slip(
        "mean",
        lambda o, g, A, dA: dA.mean(axis=0),
        "plain mean of the block",
        "You subtract the plain mean of this block. Softmax's mean is weighted, and runs over all keys.",
    ),
    Slip("sign", 1.0, "constant added", "The constant has the wrong sign: what one key wins, the others lose.", alone=True),
    Slip(
        "factor",
        lambda V: 1 / math.sqrt(len(V)),
        "scale of the scores",
        "You divide by a root. Here the gradient of the scores themselves is asked, and the scale comes one step further back.",
        alone=True,
    ),
    Slip("factor", lambda V: -1.0, "sign", "Every sign is wrong. A way back has no minus sign of its own.", alone=True),
    Slip(
        "dA",
        lambda V, g: V.T @ np.ones_like(g),
        "g left out of the weights' gradients",
        "The gradients of your weights do not depend on g. A weight multiplies a value, and the result has the gradient g.",
        alone=True,
    ),
)


EXERCISE = Exercise(
    id="13.8",
    name="block_dS",
    title="Back to the scores of one block",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases,
    reference=_block_dS,
    plain=(0, 1, 2, 3, 4),
    oracle=_oracle,
    hints=(
        "The last line of 13.7 says it for one key and one query. Which of its symbols were given to you?",
        "The weights come back from the scores and lse; the gradients of the weights from the block's values and g.",
        "The constant is a dot product of two columns, one for each query, and knows all keys. Subtract it, then multiply by the weights.",
    ),
    mistakes=(
        *mistakes_of(_in_parts, _SLIPS, told=[frozenset({"weight in front left out", "row constant left out"})]),
        Mistake(
            "softmax entry by entry",
            lambda S, lse, V, g, o: (lambda A: A * (1 - A) * (V.T @ g))(np.exp(S - lse)),
            "You treat softmax as if each weight depended on its own score alone. They share one sum.",
        ),
        Mistake(
            "weights of the block alone, not shifted",
            _in_parts(lambda S, lse: np.exp(S) / np.exp(S).sum(axis=0)),
            "Your weights sum to 1 over this block, and overflow for large scores. A query looks at all keys: what does lse know of them?",
        ),
        Mistake(
            "o subtracted from g",
            lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ (g - o)),
            "You subtract o from g before the product. The constant is one number for each query: o meets g, not the values.",
        ),
        Mistake(
            "weight on the first part alone",
            lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ g) - (o * g).sum(axis=0),
            "Your row constant is not multiplied by the weight. The weight stands in front of the whole difference: brackets.",
        ),
        Mistake(
            "constant without g",
            lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ g - o.sum(axis=0)),
            "Your constant is a sum of o alone. It has to grow with g: twice the gradient, twice everything.",
        ),
        Mistake(
            "o and g of different queries",
            lambda S, lse, V, g, o: np.exp(S - lse) * (V.T @ g - (o.T @ g).sum(axis=0)),
            "Your constant pairs the result of every query with the g of one. A query's o meets its own g: column by column.",
        ),
        Mistake(
            "stopped at the weights",
            lambda S, lse, V, g, o: V.T @ g,
            "That is the gradient of the weights. Softmax stands between them and the scores.",
        ),
        Mistake(
            "weights themselves",
            lambda S, lse, V, g, o: np.exp(S - lse),
            "These are the weights of the forward pass, computed once more. What do they send back to the scores?",
        ),
        Mistake(
            "transposed",
            lambda S, lse, V, g, o: _block_dS(S, lse, V, g, o).T,
            "The numbers are right, rows and columns are swapped: a query is a column.",
        ),
        Mistake(
            "the block's largest score for the log-sum-exp",
            lambda S, lse, V, g, o: np.exp(S - S.max(axis=0)) * (V.T @ g - (o * g).sum(axis=0)),
            "You take off the block's largest score. That guards exp against overflow, and gives no weights yet. What has to be taken off "
            "a score, so that e to it is a weight?",
        ),
    ),
)
