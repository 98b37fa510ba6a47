"""13.2: how widely a score is spread, said before it is measured."""

from __future__ import annotations

import itertools
import math

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for d, mean in ((2, 1.7), (3, -1.3), (4, 0.0), (1, 0.6)):
        var_q, var_k, factor = rng.uniform(1.5, 3.0), rng.uniform(0.2, 0.6), rng.uniform(0.8, 1.2)
        if d == 3:  # the wider of the two may be the keys
            var_q, var_k = var_k, var_q
        name = f"d = {d}, mean of the keys 0" if mean == 0 else f"d = {d}, mean of the keys not 0"
        cases.append(Case(name, (d, float(var_q), float(mean * factor), float(var_k))))
    return cases


def _by_counting(d: int, var_q: float, mean_k: float, var_k: float) -> float:
    """The variance over all equally likely outcomes, when each entry takes one of two values."""
    terms = [q * k for q in (-math.sqrt(var_q), math.sqrt(var_q)) for k in (mean_k - math.sqrt(var_k), mean_k + math.sqrt(var_k))]
    return float(np.var([sum(chosen) / math.sqrt(d) for chosen in itertools.product(terms, repeat=d)]))


def _score_variance(d: int, var_q: float, mean_k: float, var_k: float) -> float:
    return var_q * (var_k + mean_k**2)


def _explain(value: object, d: int, var_q: float, mean_k: float, var_k: float) -> str | None:
    """A number that is near, as one that was drawn."""
    right = _score_variance(d, var_q, mean_k, var_k)
    if isinstance(value, float) and 1e-7 < abs(value / right - 1) < _NEAR:
        return (
            f"Yours, {value:.6g}, is off by less than {_NEAR:.0%}, and it is not exact. If it comes from random draws, no number of them makes it "
            "exact: work it out from the means and variances."
        )
    return None


_NEAR = 0.1

EXERCISE = Exercise(
    id="13.2",
    name="score_variance",
    title="Predict how widely scores are spread",
    points=1,
    minutes=6,
    difficulty=2,
    cases=_cases,
    zeros=(1, 3),
    reference=_score_variance,
    oracle=_by_counting,
    explain=_explain,
    hints=(
        "Write the score as a sum of d products. Which of them depend on each other?",
        "For one product with mean 0 the variance is the mean of its square, and the mean of a product of independent things is the product of "
        "their means.",
        "The mean square of a key's entry is more than its variance when its mean is not 0. Then add d such terms, and see what the scale does to a "
        "variance.",
    ),
    mistakes=(
        Mistake(
            "without the scale",
            lambda d, var_q, mean_k, var_k: d * var_q * (var_k + mean_k**2),
            "That is the variance of the dot product. The score is divided by the root of d: what does that do to a variance?",
        ),
        Mistake(
            "scale not squared",
            lambda d, var_q, mean_k, var_k: math.sqrt(d) * var_q * (var_k + mean_k**2),
            "You divide the variance of the dot product by the root of d. The score is divided by it; a variance is made of squares.",
        ),
        Mistake(
            "divided by d once more",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + mean_k**2) / d,
            "That is the variance of the mean of the products, so with a scale of d. Attention divides by the root of d.",
        ),
        Mistake(
            "mean of the keys left out",
            lambda d, var_q, mean_k, var_k: var_q * var_k,
            "Right where the keys have mean 0. Where they have not, scores move more with the query. Take the mean of the square of q k.",
        ),
        Mistake(
            "mean of the keys left out, without the scale",
            lambda d, var_q, mean_k, var_k: d * var_q * var_k,
            "Two things: the mean of the keys is left out; and the scale of the score is.",
        ),
        Mistake(
            "mean of the keys left out, scale not squared",
            lambda d, var_q, mean_k, var_k: math.sqrt(d) * var_q * var_k,
            "Two things: the mean of the keys is left out; and the variance is divided by the root of d, not by d.",
        ),
        Mistake(
            "mean of the keys left out, divided by d once more",
            lambda d, var_q, mean_k, var_k: var_q * var_k / d,
            "Two things: the mean of the keys is left out; and you divide by d once more than the root does.",
        ),
        Mistake(
            "mean alone with d",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + d * mean_k**2),
            "Your part from the mean grows with d. Each of the d terms has both parts; the scale takes the d off both.",
        ),
        Mistake(
            "mean on both sides",
            lambda d, var_q, mean_k, var_k: (var_q + mean_k**2) * (var_k + mean_k**2),
            "You add the square of the mean on both sides. The queries have mean 0.",
        ),
        Mistake(
            "size of the mean, not squared",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + abs(mean_k)),
            "You add the mean of the keys to their variance. The variance is made of squares, and so is what the mean adds to it.",
        ),
        Mistake(
            "mean not squared",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + mean_k),
            "You add the mean of the keys to their variance. The variance is made of squares, and so is what the mean adds to it.",
        ),
        Mistake(
            "mean subtracted",
            lambda d, var_q, mean_k, var_k: var_q * (var_k - mean_k**2),
            "You subtract the square of the mean from the variance. It goes the other way round: the variance is the mean square without it.",
        ),
        Mistake(
            "mean alone",
            lambda d, var_q, mean_k, var_k: var_q * mean_k**2,
            "Only the mean of the keys is in your formula. Their spread counts too.",
        ),
        Mistake(
            "mean on the other side",
            lambda d, var_q, mean_k, var_k: var_k * (var_q + mean_k**2),
            "You add the square of the mean to the variance of the queries. The keys have that mean.",
        ),
        Mistake(
            "mean on the other side, added",
            lambda d, var_q, mean_k, var_k: var_q * var_k + mean_k**2,
            "You add the square of the mean by itself. In each product it meets an entry of the query.",
        ),
        Mistake(
            "standard deviation",
            lambda d, var_q, mean_k, var_k: math.sqrt(var_q * (var_k + mean_k**2)),
            "That is the standard deviation. Asked is the variance.",
        ),
        Mistake(
            "variances added",
            lambda d, var_q, mean_k, var_k: var_q + var_k + mean_k**2,
            "You add variances, as for a sum. A score is made of products.",
        ),
        Mistake(
            "divided by the root of d once more",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + mean_k**2) / math.sqrt(d),
            "The variance of the dot product grows with d, and the scale takes that d off. You take off a root of d more.",
        ),
        Mistake(
            "divided by the square of d",
            lambda d, var_q, mean_k, var_k: var_q * (var_k + mean_k**2) / d**2,
            "Your variance falls with the square of d. A sum of d terms grows with d, and the scale is squared once: what is left of d?",
        ),
        Mistake(
            "spread alone divided by d",
            lambda d, var_q, mean_k, var_k: var_q * var_k / d + var_q * mean_k**2,
            "You divide the part of the keys' spread by d and the part of their mean not. Both are sums of d terms, and have the same scale.",
        ),
        Mistake(
            "mean added by itself",
            lambda d, var_q, mean_k, var_k: var_q * var_k + mean_k,
            "You add the mean of the keys by itself. In each product it meets an entry of the query, and a variance is made of squares.",
        ),
        Mistake(
            "mean subtracted, not squared",
            lambda d, var_q, mean_k, var_k: var_q * (var_k - mean_k),
            "You subtract the mean of the keys from their variance. A mean square is more than a variance, and is made of squares.",
        ),
        Mistake(
            "square of mean and deviation together",
            lambda d, var_q, mean_k, var_k: var_q * (math.sqrt(var_k) + mean_k) ** 2,
            "You square the sum of the mean and the standard deviation. The mean of a square has no term with both: what lies around the mean "
            "lies to both sides.",
        ),
        Mistake(
            "standard deviation; mean of the keys left out",
            lambda d, var_q, mean_k, var_k: math.sqrt(var_q * var_k),
            "Two things: that is a standard deviation, asked is the variance; and the mean of the keys is left out.",
        ),
        Mistake(
            "variances added; mean of the keys left out",
            lambda d, var_q, mean_k, var_k: var_q + var_k,
            "Two things: you add variances, as for a sum, and a score is made of products; and the mean of the keys is left out.",
        ),
        Mistake(
            "variances squared; mean of the keys left out",
            lambda d, var_q, mean_k, var_k: (var_q * var_k) ** 2,
            "Two things: you square what is a mean of squares already; and the mean of the keys is left out.",
        ),
        Mistake(
            "variances squared",
            lambda d, var_q, mean_k, var_k: (var_q * (var_k + mean_k**2)) ** 2,
            "You square what is a mean of squares already.",
        ),
        Mistake(
            "root of the variances",
            lambda d, var_q, mean_k, var_k: math.sqrt(var_q) * (var_k + mean_k**2),
            "The standard deviation of the queries stands in your formula, and the mean square of the keys. Take squares of both.",
        ),
    ),
)
