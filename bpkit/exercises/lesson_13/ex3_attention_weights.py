"""13.3: how much each query looks at each key, with a mask and without overflow."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Array = np.ndarray


def _cases(rng: np.random.Generator) -> list[Case]:
    # columns of scores far above 0, far below, and near; the far ones so wide apart that float32 gives the same weights
    far_q, far_k = rng.normal(size=(2, 4)), rng.normal(size=(2, 3))
    far_q[0], far_k[0] = [47.0, -1200.0, 0.02, 30.0], [60.0, 30.0, 90.0]
    high_q, high_k = rng.normal(size=(3, 2)), rng.normal(size=(3, 4))
    high_q[0], high_k[0] = [150.0, 170.0], [0.001, 300.0, 0.004, -0.002]  # key 1 stands far above the others and is hidden
    return [
        Case(
            "d = 3, 3 keys, 3 queries",
            (rng.normal(size=(3, 3)), rng.normal(size=(3, 3)), np.array([[1, 1, 0], [0, 0, 1], [0, 1, 1]], bool)),
        ),
        Case(
            "d = 2, 4 keys, 3 queries",
            (1.5 * rng.normal(size=(2, 3)), rng.normal(size=(2, 4)), np.array([[1, 0, 1], [1, 1, 0], [0, 0, 1], [1, 0, 1]], bool)),
        ),
        Case("d = 1, 3 keys, 1 query", (rng.normal(size=(1, 1)), rng.normal(size=(1, 3)), np.array([[1], [0], [1]], bool))),
        Case("scores in the thousands, above and below 0", (far_q, far_k, np.array([[1, 1, 1, 1], [0, 1, 1, 1], [1, 0, 1, 1]], bool))),
        Case("a hidden key scores 25000", (high_q, high_k, np.array([[1, 1], [0, 0], [1, 1], [1, 1]], bool))),
    ]


def _attention_weights(Q: Array, K: Array, mask: Array) -> Array:
    S = np.where(mask, K.T @ Q / np.sqrt(len(Q)), -np.inf)
    e = np.exp(S - S.max(axis=0))
    return e / e.sum(axis=0)


def _oracle(Q: Array, K: Array, mask: Array) -> Array:
    """Each weight from the differences to the scores of the keys that the query may look at: 1 / Σ exp(s_i - s_j)."""
    S = np.array([[math.fsum(Q[:, t] * K[:, j]) for t in range(Q.shape[1])] for j in range(K.shape[1])]) / math.sqrt(len(Q))
    with np.errstate(over="ignore"):
        one_over = np.array([[sum(np.exp(S[i, t] - s) for i in np.flatnonzero(mask[:, t])) for t, s in enumerate(row)] for row in S])
    return 1 / np.where(mask, one_over, np.inf)


def _in_parts(
    scores: Callable[[Array, Array], Array] = lambda Q, K: K.T @ Q,
    scale: Callable[[Array, Array], float] = lambda Q, K: 1 / math.sqrt(len(Q)),
    hide: Callable[[Array, Array], Array] = lambda S, mask: np.where(mask, S, -np.inf),
    shift: Callable[[Array], Any] = lambda S: S.max(axis=0),
    share: Callable[[Array, Array], Array] = lambda e, mask: e / e.sum(axis=0),
) -> Answer:
    def answer(Q: Array, K: Array, mask: Array) -> Array:
        S = hide(scores(Q, K) * scale(Q, K), mask)
        return share(np.exp(S - shift(S)), mask)

    return answer


def _shares(e: Array) -> Array:
    return e / e.sum(axis=0)


def _clipped(bound: float) -> Answer:
    return _in_parts(hide=lambda S, mask: np.where(mask, np.clip(S, -bound, bound), -np.inf))


_BOUNDS = (10.0, 20.0, 30.0, 50.0, 80.0, 88.0, 100.0, 200.0, 300.0, 500.0, 600.0, 700.0, 709.0, 1000.0)


def _equal(value: Any, other: Array) -> bool:
    return isinstance(value, Array) and (value.shape, value.dtype.kind) == (other.shape, "f") and bool(np.abs(value - other).max() <= 1e-7)


_SLIPS = (
    Slip("scale", lambda Q, K: 1.0, "scale left out", "Your scores are the dot products themselves. By what does attention divide them, and why?"),
    Slip(
        "scale",
        lambda Q, K: 1 / len(Q),
        "divided by d",
        "You divide by d. A dot product of d terms grows like the root of d, and that is what the scale takes back.",
    ),
    Slip(
        "scale",
        lambda Q, K: 1 / math.sqrt(K.shape[1]),
        "root of the number of keys",
        "You take the root of the number of keys. The scale belongs to the length of one key: how many terms has a dot product?",
    ),
    Slip(
        "scale",
        lambda Q, K: math.sqrt(len(Q)),
        "multiplied by the root",
        "You multiply by the root of d, and make scores of many terms larger still.",
        alone=True,
    ),
    Slip(
        "hide",
        lambda S, mask: S,
        "mask left out",
        "Hidden keys get a share in your answer. Where the mask is False the weight must be 0, and the others must sum to 1.",
    ),
    Slip(
        "hide",
        lambda S, mask: np.where(mask, S, 0.0),
        "hidden scores 0",
        "You give hidden keys the score 0. The exponential of 0 is 1, so that they get a share all the same.",
    ),
    Slip(
        "hide",
        lambda S, mask: np.where(mask, -np.inf, S),
        "mask inverted",
        "You hide the keys that may be seen. The mask is True where a query may look.",
    ),
    Slip(
        "hide",
        lambda S, mask: S + mask,
        "mask added",
        "You add the mask, so that visible keys get 1 more. That makes their share e times as large; hidden ones keep theirs.",
    ),
    Slip(
        "hide",
        lambda S, mask: np.where(mask, S, -1e4),
        "hidden by a large number",
        "You hide keys by a large negative score. Where scores are as far down themselves it hides nothing: what is below every number?",
        alone=True,
    ),
)


def _by_the_smallest(value: Any, Q: Array, K: Array, mask: Array) -> bool:
    """Whether hidden keys have the smallest score of all, of their query, or of those that may be seen."""
    S = K.T @ Q / math.sqrt(len(Q))
    seen = np.where(mask, S, np.inf)
    hidden = (S.min(), S.min(axis=0), seen.min(), seen.min(axis=0))
    return any(_equal(value, _shares(np.exp(T - T.max(axis=0)))) for T in (np.where(mask, S, low) for low in hidden))


EXERCISE = Exercise(
    id="13.3",
    name="attention_weights",
    title="Weights that sum to 1 over the keys a query may see",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases,
    reference=_attention_weights,
    oracle=_oracle,
    hints=(
        "Three steps: a score for each pair of key and query, the mask, softmax. A query is a column of the result: along which axis do its weights "
        "sum to 1?",
        "A hidden key must get the weight 0, and softmax makes it by an exponential. Which score has the exponential 0?",
        "Put minus infinity where the mask is False, before anything else; then subtract each column's largest score, which may be seen for sure.",
    ),
    mistakes=(
        *mistakes_of(_in_parts, _SLIPS),
        Mistake(
            "wrong axis",
            lambda Q, K, mask: _in_parts(shift=lambda S: S.max(axis=1, keepdims=True), share=lambda e, mask: e / e.sum(axis=1, keepdims=True))(
                Q, K, mask
            ),
            "Each row sums to 1 in your answer: the queries share a key. A query is a column, and shares its attention over the keys.",
        ),
        Mistake(
            "wrong axis, not shifted",
            _in_parts(shift=lambda S: 0.0, share=lambda e, mask: e / e.sum(axis=1, keepdims=True)),
            "Two things: each row sums to 1 where each column should, for a query is a column; and large scores overflow.",
        ),
        Mistake(
            "sum along the wrong axis",
            _in_parts(share=lambda e, mask: e / e.sum(axis=1, keepdims=True)),
            "You look for the largest score in each column, and divide by the sum of each row. A query is a column in both steps.",
        ),
        Mistake(
            "one sum for all queries",
            _in_parts(share=lambda e, mask: e / e.sum()),
            "Your whole matrix sums to 1. Each query shares an attention of its own: every column has to.",
        ),
        Mistake(
            "rows for columns",
            _in_parts(lambda Q, K: Q @ K.T),
            "You multiply rows of Q with rows of K. A query and a key are columns here; papers that write rows have the other product.",
        ),
        Mistake(
            "nan replaced by 0",
            lambda Q, K, mask: np.nan_to_num(_in_parts(shift=lambda S: 0.0)(Q, K, mask)),
            "You put 0 where infinite was divided by infinite. Such a query then looks at nothing. What may you subtract from a column before?",
        ),
        Mistake(
            "queries for keys",
            _in_parts(lambda Q, K: Q.T @ K),
            "Your scores have a row for each query. Asked is a row for each key and a column for each query; on a square case no shape tells.",
        ),
        Mistake(
            "0 times minus infinity",
            lambda Q, K, mask: np.full(mask.shape, np.nan),
            "Nothing but nan. Do you multiply minus infinity by a mask? 0 times infinity is not a number: choose, with np.where.",
        ),
        Mistake(
            "wrong axis, scale left out",
            _in_parts(scale=lambda Q, K: 1.0, shift=lambda S: S.max(axis=1, keepdims=True), share=lambda e, mask: e / e.sum(axis=1, keepdims=True)),
            "Two things: each row sums to 1 where each column should, for a query is a column; and the scale is left out.",
        ),
        Mistake(
            "root of the number of queries",
            _in_parts(scale=lambda Q, K: 1 / math.sqrt(Q.shape[1])),
            "You take the root of the number of queries. The scale belongs to the length of one key: how many terms has a dot product?",
        ),
        Mistake(
            "causal whatever the mask",
            lambda Q, K, mask: _attention_weights(Q, K, np.triu(np.ones(mask.shape, bool))),
            "You hide what a causal mask hides. The mask that is given may be another.",
        ),
        Mistake(
            "hidden after softmax",
            lambda Q, K, mask: np.where(mask, _in_parts(hide=lambda S, mask: S)(Q, K, mask), 0.0),
            "You take hidden weights away after softmax. What is left no longer sums to 1. What must happen before it?",
        ),
        Mistake(
            "hidden keys decide the shift",
            lambda Q, K, mask: _in_parts(hide=lambda S, mask: S, share=lambda e, mask: _shares(np.where(mask, e, 0.0)))(Q, K, mask),
            "Right, but where a hidden key has by far the largest score: all exponentials that may be seen are 0 then, and 0 over 0 is not a number. "
            "Hide first, then look for the largest.",
        ),
        Mistake(
            "hidden keys decide the shift, guarded",
            _in_parts(hide=lambda S, mask: S, share=lambda e, mask: np.where(mask, e, 0.0) / (np.where(mask, e, 0.0).sum(axis=0) + 1e-12)),
            "Right, but where a hidden key has by far the largest score: all exponentials that may be seen are 0 then, and a small number below "
            "the line hides it. Hide first, then look for the largest.",
        ),
        Mistake(
            "overflow",
            _in_parts(shift=lambda S: 0.0),
            "Right for moderate scores, but exp(1000) is infinite, and the exponentials of scores far below 0 are all 0. What may you subtract from "
            "a column without changing its weights?",
        ),
        Mistake(
            "overflow, hidden by a product",
            _in_parts(hide=lambda S, mask: S, shift=lambda S: 0.0, share=lambda e, mask: _shares(e * mask)),
            "Right for moderate scores, but exp(1000) is infinite, and the exponentials of scores far below 0 are all 0. Hide first; then, what may "
            "you subtract from a column without changing its weights?",
        ),
        Mistake(
            "scores cut off",
            _clipped(500.0),
            "You cut scores off at some size, against overflow. Two that are cut off become equal, and get equal weights. What may you subtract from "
            "a column without changing its weights?",
            lambda value, *given: any(_equal(value, _clipped(bound)(*given)) for bound in _BOUNDS),
        ),
        Mistake(
            "shifted by the largest score of all",
            _in_parts(shift=lambda S: S.max()),
            "You subtract one number from all columns. In a column far below it all exponentials are 0. Each query has its own largest score.",
        ),
        Mistake(
            "not divided",
            _in_parts(share=lambda e, mask: e),
            "Your columns do not sum to 1: these are the exponentials. One step of softmax is missing.",
        ),
        Mistake(
            "scores themselves",
            lambda Q, K, mask: np.where(mask, K.T @ Q / np.sqrt(len(Q)), 0.0),
            "These are the scores, with 0 where the mask is False. Softmax makes weights of them.",
        ),
        Mistake(
            "plain shares of the scores",
            lambda Q, K, mask: _shares(np.where(mask, K.T @ Q / np.sqrt(len(Q)), 0.0)),
            "You divide each score by the sum of its column. Scores may be negative; weights are made of their exponentials.",
        ),
        Mistake(
            "scale after softmax",
            lambda Q, K, mask: _in_parts(scale=lambda Q, K: 1.0)(Q, K, mask) / math.sqrt(len(Q)),
            "You divide the weights by the root of d, so that they no longer sum to 1. The scale belongs to the scores.",
        ),
        Mistake(
            "mask transposed",
            lambda Q, K, mask: _attention_weights(Q, K, mask.T),
            "You turned the mask round. It has a row for each key, as the scores have.",
        ),
        Mistake(
            "transposed",
            lambda Q, K, mask: _attention_weights(Q, K, mask).T,
            "The numbers are right, rows and columns are swapped: a query is a column.",
        ),
        Mistake(
            "one where the weight is largest",
            lambda Q, K, mask: np.eye(K.shape[1])[np.where(mask, K.T @ Q, -np.inf).argmax(axis=0)].T,
            "Each query looks at one key alone in your answer. Softmax gives every visible key a share.",
        ),
        Mistake(
            "the same for all visible keys",
            lambda Q, K, mask: mask / mask.sum(axis=0),
            "Every visible key gets the same share in your answer, whatever the scores are.",
        ),
        Mistake(
            "hidden scores the smallest",
            lambda Q, K, mask: _in_parts(hide=lambda S, mask: np.where(mask, S, S.min()))(Q, K, mask),
            "Hidden keys get the smallest score that there is. Its exponential is small, and not 0: they get a share all the same.",
            recognise=_by_the_smallest,
        ),
    ),
)
