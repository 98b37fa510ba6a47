"""05.6: How much of the error survives each layer."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from bpkit.exercises.lesson_05.shared import Array, Layers
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_ratio(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 5), ((5, 4, 2, 3, 2), 1), ((2, 4, 3), 3)):
        scale = 1e-9 if m == 1 else 1.0  # a number added below the bar, against a division by 0, shows
        delta: Layers = [None, *(scale * rng.normal(size=(n, m)) * rng.uniform(0.2, 2.0) for n in sizes)]
        cases.append(Case(f"layers of {', '.join(map(str, sizes))} neurons, m = {m}", (delta,)))
    return cases


def _ratios(norm: Any) -> Any:
    return lambda delta: np.array([norm(here) / norm(behind) for here, behind in itertools.pairwise(delta[1:])])


def _gradient_ratio(delta: Layers) -> Array:
    return np.array([np.linalg.norm(delta[l]) / np.linalg.norm(delta[l + 1]) for l in range(1, len(delta) - 1)])


EXERCISE = Exercise(
    id="05.6",
    name="gradient_ratio",
    title="How much of the error survives each layer",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_ratio,
    allows=("sigmoid",),  # as its neighbours, so that the grader runs the notebook's cells once for all
    reference=_gradient_ratio,
    oracle=_ratios(lambda delta: np.sqrt(np.trace(delta.T @ delta))),
    hints=(
        "Going back from layer l + 1 to layer l, by what factor does the size of the error change?",
        "The size of a matrix here is the root of the sum of its squared entries: `np.linalg.norm(delta[l])`.",
        "For each l from 1 to L - 1, put the norm of layer l over the norm of layer l + 1. The result has L - 1 numbers, layer 1 first.",
    ),
    mistakes=(
        Mistake(
            "inverted",
            lambda delta: 1 / _ratios(np.linalg.norm)(delta),
            "You divide the later layer by the earlier one. The error travels backwards: a vanishing error should give numbers below 1.",
        ),
        Mistake(
            "squared norms",
            _ratios(lambda delta: np.sum(delta**2)),
            "Each number is the square of what is asked. Did you forget the root of the sum of squares?",
        ),
        Mistake(
            "compared with the last layer",
            lambda delta: np.array([np.linalg.norm(d) / np.linalg.norm(delta[-1]) for d in delta[1:-1]]),
            "You compare each layer with the last one. Asked is the factor of a single step, from layer l + 1 to layer l.",
        ),
        Mistake("sum for norm", _ratios(np.sum), "You add the entries up, so that positive and negative errors cancel. Their squares do not."),
        Mistake(
            "mean of sizes",
            _ratios(lambda delta: np.mean(np.abs(delta))),
            "You compare mean absolute values. Asked is the norm, root of the sum of squares.",
        ),
        Mistake(
            "largest entry for norm", _ratios(lambda delta: np.max(np.abs(delta))), "You compare the largest entries. The norm counts all of them."
        ),
        Mistake(
            "spectral norm",
            _ratios(lambda delta: np.linalg.norm(delta, 2)),
            "You use the matrix 2-norm, the largest stretch. Asked is the root of the sum of all squared entries, which is what "
            "`np.linalg.norm` gives when you name no order.",
        ),
        Mistake(
            "last layer first",
            lambda delta: _ratios(np.linalg.norm)(delta)[::-1],
            "The numbers are right and stand in reverse order: entry 0 belongs to layer 1.",
        ),
        Mistake(
            "difference for ratio",
            lambda delta: np.array([np.linalg.norm(a) - np.linalg.norm(b) for a, b in itertools.pairwise(delta[1:])]),
            "You subtract the norms. By what factor the error changes is asked.",
        ),
        Mistake(
            "norms alone",
            lambda delta: np.array([np.linalg.norm(a) for a in delta[1:-1]]),
            "Those are the norms themselves. Put each over that of the next layer.",
        ),
        Mistake(
            "sum of sizes",
            _ratios(lambda delta: np.sum(np.abs(delta))),
            "You compare sums of absolute values. Asked is the norm, root of the sum of squares.",
        ),
        Mistake(
            "mean of the examples' ratios",
            lambda delta: np.array([np.mean(np.linalg.norm(a, axis=0) / np.linalg.norm(b, axis=0)) for a, b in itertools.pairwise(delta[1:])]),
            "You take a ratio for each example and then their mean. Asked is the size of all entries together, one norm for a layer.",
        ),
        Mistake(
            "mean of the examples' norms",
            _ratios(lambda delta: np.mean(np.linalg.norm(delta, axis=0))),
            "You take a norm for each example and then their mean. Asked is the size of all entries together, one norm for a layer.",
        ),
        Mistake(
            "logarithms",
            lambda delta: np.log(_ratios(np.linalg.norm)(delta)),
            "Those are the logarithms of the ratios. They add up over the layers; asked is the factor itself.",
        ),
        Mistake(
            "root mean square",
            _ratios(lambda delta: np.sqrt(np.mean(delta**2))),
            "You take the mean of the squares, so the number of neurons drops out. Asked is the root of their sum.",
        ),
        Mistake(
            "compared with layer 1",
            lambda delta: np.array([np.linalg.norm(delta[1]) / np.linalg.norm(d) for d in delta[2:]]),
            "Above the bar always stands layer 1. Asked is the factor of a single step, from layer l + 1 to layer l.",
        ),
        Mistake(
            "first example only",
            _ratios(lambda d: np.linalg.norm(d[:, 0])),
            "You measure the first example alone. The size is that of the whole array, all examples in it.",
        ),
    ),
)
