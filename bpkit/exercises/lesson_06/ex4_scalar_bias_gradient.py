"""06.4: one bias for a whole layer."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import Array, cases_delta
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.products import number_of


def _of_the_diagonal(returned: Any, delta: Array) -> bool:
    """Whether that is the sum of the diagonal, or its mean over the examples, the neurons or the diagonal itself."""
    number = number_of(returned)
    return number is not None and any(math.isclose(number, np.trace(delta) / n, rel_tol=1e-7) for n in (1, *delta.shape))


EXERCISE = Exercise(
    id="06.4",
    name="scalar_bias_gradient",
    title="One bias for a whole layer",
    points=1,
    minutes=5,
    difficulty=2,
    allows=("sigmoid",),
    cases=cases_delta,
    reference=lambda delta: delta.sum() / delta.shape[1],
    oracle=lambda delta: oracles.gradient(lambda b: np.sum(delta * (b + np.zeros_like(delta))) / delta.shape[1], np.zeros(())),
    hints=(
        "The one bias is added to every neuron's z. Along how many ways does it reach the cost?",
        "Ways add up. Over the neurons you sum; over the examples you take the mean, because the cost does.",
        "Sum everything, then divide by the number of columns.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "one per neuron",
            lambda delta: delta.mean(axis=1, keepdims=True),
            "You return a number for each neuron. This layer has one bias in all, so there is one derivative.",
        ),
        Mistake(
            "mean over the neurons",
            lambda delta: delta.mean(),
            "You take the mean over the neurons as well. The bias reaches the cost through each of them, and ways add up.",
        ),
        Mistake("sum over the examples", lambda delta: delta.sum(), "You sum over the examples; the cost is their mean."),
        Mistake(
            "one per example",
            lambda delta: delta.sum(axis=0),
            "You return a number for each example. The bias is shared by all of them.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta: delta.sum() / len(delta),
            "You divide by the number of rows, which are neurons. The mean runs over the examples, which are columns.",
        ),
        Mistake(
            "first example only",
            lambda delta: delta[:, 0].sum(),
            "Only the first example counts; the cost is the mean over all of them.",
        ),
        Mistake("sign", lambda delta: -delta.sum() / delta.shape[1], "The sign is turned: the minus belongs to the update."),
        Mistake(
            "last example only",
            lambda delta: delta[:, -1].sum(),
            "Only the last example counts; the cost is the mean over all of them.",
        ),
        Mistake(
            "first neuron only",
            lambda delta: delta[0].mean(),
            "Only the first neuron counts. The bias reaches the cost through each of them, and ways add up.",
        ),
        Mistake(
            "1/m twice",
            lambda delta: delta.sum() / delta.shape[1] ** 2,
            "You divide by the number of examples twice; δ carries no 1/m.",
        ),
        Mistake(
            "sizes added",
            lambda delta: np.abs(delta).sum() / delta.shape[1],
            "You add up sizes. Errors of different sign pull the bias different ways, and partly cancel.",
        ),
        Mistake(
            "length of the errors",
            lambda delta: np.linalg.norm(delta),
            "You take the length of all errors together, a root of squares. A derivative along several ways is a plain sum.",
        ),
        Mistake(
            "length of the errors over m",
            lambda delta: np.linalg.norm(delta) / delta.shape[1],
            "You divide the length of all errors together, a root of squares, by m. A derivative along several ways is a plain sum.",
        ),
        Mistake(
            "whole numbers",
            lambda delta: delta.sum() // delta.shape[1],
            "Your number is whole: `//` drops what stands behind the point.",
        ),
        Mistake("halved", lambda delta: delta.sum() / delta.shape[1] / 2, "Half of what it should be. The ½ of the cost has met its 2 in δ already."),
        Mistake(
            "mean length of the examples' errors",
            lambda delta: np.linalg.norm(delta, axis=0).mean(),
            "Over the neurons you take the length, a root of squares. A derivative along several ways is a plain sum.",
        ),
        Mistake(
            "diagonal only",
            lambda delta: np.trace(delta) / delta.shape[1],
            "You add up the diagonal of delta: the first neuron's error in the first example, the second's in the second. Every neuron counts in "
            "every example.",
            recognise=_of_the_diagonal,
        ),
        Mistake(
            "last neuron only",
            lambda delta: delta[-1].mean(),
            "Only the last neuron counts. The bias reaches the cost through each of them, and ways add up.",
        ),
        Mistake(
            "divided by m - 1",
            lambda delta: delta.sum() / max(delta.shape[1] - 1, 1),
            "You divide by m - 1, as for a variance that is estimated. The cost is the mean over the m examples.",
        ),
    ),
)
