"""11.22: the output error with smoothed labels, for the cost as it was defined."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, smoothed, softmax_columns
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_smoothing(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((4, 4), (3, 5), (5, 1)):
        Y = np.eye(n)[:, np.arange(m) // 2][rng.permutation(n)]  # classes that come twice, and some that never do
        cases.append(Case(f"{n} classes, m = {m}", (rng.normal(size=(n, m)), Y, float(rng.uniform(0.2, 0.4)))))
    return cases


def _repair_smoothing(z: Array, Y: Array, alpha: float) -> Array:
    p = np.exp(z) / np.exp(z).sum(axis=0)
    q = (1 - alpha) * Y + alpha / len(Y) * (1 - Y)
    return p * q.sum(axis=0) - q


def _repair_smoothing_oracle(z: Array, Y: Array, alpha: float) -> Array:
    return oracles.gradient(lambda moved: -np.sum(smoothed(Y, alpha) * np.log(softmax_columns(moved))), z)


def _in_parts(
    targets: Callable[[Array, float], Array] = smoothed,
    weight: Callable[[Array], Any] = lambda q: q.sum(axis=0, keepdims=True),
    p_of: Callable[[Array], Array] = softmax_columns,
    factor: Callable[[int], float] = lambda m: 1.0,
) -> Answer:
    def answer(z: Array, Y: Array, alpha: float) -> Array:
        q = targets(Y, alpha)
        return factor(z.shape[1]) * (p_of(z) * weight(q) - q)

    return answer


EXERCISE = Exercise(
    id="11.22",
    name="repair_smoothing",
    title="The output error with smoothed labels",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_smoothing,
    zeros=(2,),
    allows=ALLOWED,
    reference=_repair_smoothing,
    plain=(1,),
    oracle=_repair_smoothing_oracle,
    hints=(
        "The cost is line 1, as it stands. Do not change its targets: find the gradient that belongs to them.",
        "Split the sum of line 3 in two. One half has only the term k = j, in the other p_j stands before a sum that is nearly, but not quite, 1.",
        "Each example: its p, scaled by what its targets add up to, less its targets.",
    ),
    mistakes=(
        Mistake(
            "targets made to add up to 1",
            lambda z, Y, alpha: softmax_columns(z) - ((1 - alpha) * Y + alpha / len(Y)),
            "You mended the targets, so that yours add up to 1. That is the gradient of another cost; asked is that of line 1.",
        ),
        Mistake(
            "targets over their sum",
            lambda z, Y, alpha: softmax_columns(z) - smoothed(Y, alpha) / smoothed(Y, alpha).sum(axis=0, keepdims=True),
            "You divide the targets by their sum. Every entry is off by the same factor: line 1 has no such division.",
        ),
        Mistake(
            "α shared among the others",
            lambda z, Y, alpha: softmax_columns(z) - ((1 - alpha) * Y + alpha / (len(Y) - 1) * (1 - Y)),
            "You share α among the other classes, so that yours add up to 1. Line 1 gives each of them the n-th part of α.",
        ),
        Mistake(
            "the sum over the examples",
            lambda z, Y, alpha: softmax_columns(z) * smoothed(Y, alpha).sum(axis=1, keepdims=True) - smoothed(Y, alpha),
            "You add the targets up over the examples. Each example has a sum of its own, over its classes.",
        ),
        Mistake(
            "targets scaled, too",
            lambda z, Y, alpha: (softmax_columns(z) - smoothed(Y, alpha)) * smoothed(Y, alpha).sum(axis=0, keepdims=True),
            "You scale both terms by the sum of the targets. In line 3 it comes with p_j alone.",
        ),
        Mistake(
            "the sigmoid's slope, too",
            lambda z, Y, alpha: _repair_smoothing(z, Y, alpha) * softmax_columns(z) * (1 - softmax_columns(z)),
            "You multiply by a slope of the output once more. Line 3 is taken at z already.",
        ),
        Mistake(
            "p times 1 - α",
            lambda z, Y, alpha: softmax_columns(z) * (1 - alpha) - smoothed(Y, alpha),
            "You scale p by 1 - α, which is the target of the right class alone. The other classes have targets, too.",
        ),
        Mistake(
            "p smoothed",
            lambda z, Y, alpha: (1 - alpha) * softmax_columns(z) + alpha / len(Y) - Y,
            "You smooth what the net says, and leave the targets as they are. In line 1 it is the targets that are smoothed.",
        ),
        Mistake(
            "both repaired at once",
            lambda z, Y, alpha: softmax_columns(z) * (1 - alpha / len(Y)) - ((1 - alpha) * Y + alpha / len(Y)),
            "Your p is scaled as for the targets of line 1, and then you subtract others. Which targets does the cost have?",
        ),
        Mistake(
            "k = j alone",
            lambda z, Y, alpha: -smoothed(Y, alpha) * (1 - softmax_columns(z)),
            "You took the term k = j of line 3 and left out the others. Every p_k moves with z_j.",
        ),
        Mistake(
            "slope at p",
            lambda z, Y, alpha: -smoothed(Y, alpha) / softmax_columns(z),
            "That is the slope of C at p. Asked is the error, which is taken at z, before the softmax.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "weight",
                    lambda q: 1.0,
                    "p - q",
                    "That is the printed line. What you return does not add up to 0 over the classes, as line 5 asks: what do the targets add up to?",
                ),
                Slip(
                    "weight",
                    lambda q: 2 - q.sum(axis=0, keepdims=True),
                    "targets that add up to more than 1",
                    "Your p is scaled by more than 1. Add the targets of line 1 up once more, over the classes of one example.",
                    alone=True,
                ),
                Slip(
                    "weight",
                    lambda q: q.mean(axis=0, keepdims=True),
                    "the mean of the targets",
                    "Your p is scaled by the mean of the targets. In line 3 there is one term for each k, and they are added.",
                    alone=True,
                ),
                Slip(
                    "weight",
                    lambda q: q.sum(),
                    "the sum over everything",
                    "You add the targets of all examples up. Each example has a sum of its own, over its classes.",
                    alone=True,
                ),
                Slip(
                    "targets",
                    lambda Y, alpha: (1 - alpha) * Y + alpha / Y.shape[1] * (1 - Y),
                    "α over the number of examples",
                    "You share α out over the examples. In line 1 n is the number of classes, which stand below each other.",
                    alone=True,
                ),
                Slip(
                    "p_of",
                    lambda z: np.log(softmax_columns(z)),
                    "logarithm of p",
                    "The logarithm of p stands in your error. The logarithm belongs to the cost; its slope has been taken in line 2 already.",
                    alone=True,
                ),
                Slip(
                    "targets",
                    lambda Y, alpha: smoothed(Y, 1 - alpha),
                    "α and 1 - α exchanged",
                    "Your right class gets α, and the others share 1 - α. In line 1 it is the other way round.",
                    alone=True,
                ),
                Slip(
                    "targets",
                    lambda Y, alpha: Y,
                    "no smoothing",
                    "α has no say in your result. It is the error for plain one-hot targets.",
                ),
                Slip(
                    "targets",
                    lambda Y, alpha: (1 - alpha) * Y,
                    "the right class alone",
                    "Your targets are 0 for all classes but one. Line 1 gives every other class a little, too.",
                ),
                Slip(
                    "targets",
                    lambda Y, alpha: (1 - alpha) * Y + alpha * (1 - Y),
                    "all of α for every class",
                    "You give every other class the whole α. Line 1 gives it the n-th part.",
                ),
                Slip(
                    "p_of",
                    lambda z: 1 / (1 + np.exp(-z)),
                    "sigmoid for softmax",
                    "Your p are sigmoids, each by itself. Line 1 has a softmax.",
                ),
                Slip(
                    "p_of",
                    lambda z: softmax_columns(z.T).T,
                    "softmax over the examples",
                    "Your p add up to 1 over the examples. Each example is a column, with its classes below each other.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda m: 1.0 / m,
                    "averaged over the examples",
                    "You divide by the number of examples. An error belongs to one example; the mean comes with the weights' gradients.",
                ),
                Slip("factor", lambda m: -1.0, "sign", "Every entry has the opposite sign. The minus of C is in line 3 already."),
            ),
            # with plain one-hot targets the sum is 1
            told=(frozenset({"p - q", "no smoothing"}),),
        ),
    ),
)
