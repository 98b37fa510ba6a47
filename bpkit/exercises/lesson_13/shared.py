"""What several exercises of lesson 13 need."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.slips import Slip

Array = np.ndarray


def scores_back(A: Array, dA: Array) -> Array:
    """Softmax back through its columns."""
    return A * (dA - (A * dA).sum(axis=0))


SOFTMAX_SLIPS = (
    Slip(
        "softmax",
        lambda A, dA: A * dA,
        "softmax's second part left out",
        "From the weights back to the scores only half of softmax's Jacobian is there. The weights of a query compete: what is subtracted?",
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (1 - A) * dA,
        "softmax entry by entry",
        "You treat softmax as if each weight depended on its own score alone. They share one sum.",
    ),
    Slip(
        "softmax",
        lambda A, dA: dA,
        "softmax skipped",
        "You carry the gradient of the weights on as if it were that of the scores. Softmax stands between the two.",
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (dA - (A * dA).sum(axis=1, keepdims=True)),
        "softmax's mean along rows",
        "You take softmax's weighted mean over the queries. Each query is a column with a softmax of its own.",
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (dA - dA.mean(axis=0)),
        "softmax's mean not weighted",
        "You subtract a plain mean of the weights' gradients. Softmax subtracts the mean that is weighted with the weights.",
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (dA - (A * dA).sum()),
        "one mean for all queries",
        "You subtract one weighted mean for all queries. Each column has its own.",
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (dA + (A * dA).sum(axis=0)),
        "softmax's second part added",
        "Softmax's weighted mean has the wrong sign: what one key wins, the others lose.",
        alone=True,
    ),
    Slip(
        "softmax",
        lambda A, dA: A * dA - (A * dA).sum(axis=0),
        "weight before the sum left out",
        "Your weighted mean is not multiplied by the weight. The weight stands in front of the whole difference: brackets.",
        alone=True,
    ),
    Slip(
        "softmax",
        lambda A, dA: A * (dA - dA.sum(axis=0)),
        "softmax's sum not weighted",
        "You subtract a plain sum of the weights' gradients. Softmax subtracts the mean that is weighted with the weights.",
        alone=True,
    ),
    Slip(
        "softmax",
        lambda A, dA: dA - (A * dA).sum(axis=0),
        "weight in front left out",
        "After the weighted mean is subtracted, each entry still has to be multiplied by its own weight.",
        alone=True,
    ),
)


def softmax_columns(S: Array) -> Array:
    """Down the columns, of complex scores too."""
    e = np.exp(S - S.real.max(axis=0))
    return np.asarray(e / e.sum(axis=0))
