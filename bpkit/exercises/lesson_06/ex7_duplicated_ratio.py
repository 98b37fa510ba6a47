"""06.7: give every example twice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises.lesson_06.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Probe


def _cases_duplication(rng: np.random.Generator) -> list[Case]:
    cases: list[Case] = []
    # divided by m once, as it should be; not at all; twice; once; not at all, with a penalty, so that the gradient turns
    for power, (n, n_out, m), decay in ((1, (3, 3, 4), 0), (0, (4, 2, 3), 0), (2, (3, 2, 5), 0), (1, (2, 3, 1), 0), (0, (3, 4, 2), 2)):
        args = (Probe("linear gradient", (n, n_out, power, decay)), rng.normal(size=(n, m)), rng.normal(size=(n_out, m)))
        cases.append(Case(f"gradient function {len(cases) + 1}, m = {m}", args))
    return cases


def _ratio_of(duplicate: Callable[[Array], Array]) -> Callable[..., float]:
    return lambda gradient, x, y: float(np.linalg.norm(gradient(duplicate(x), duplicate(y))) / np.linalg.norm(gradient(x, y)))


def _twice(v: Array) -> Array:
    return np.concatenate([v, v], axis=1)


def _duplicated_ratio(gradient: Callable[..., Array], x: Array, y: Array) -> float:
    twice = gradient(np.concatenate([x, x], axis=1), np.concatenate([y, y], axis=1))
    return float(np.linalg.norm(twice) / np.linalg.norm(gradient(x, y)))


def _over_the_batch(gradient: Callable[..., Array], x: Array, y: Array, more_x: Array, more_y: Array) -> float:
    return float(np.linalg.norm(gradient(more_x, more_y)) / np.linalg.norm(gradient(x, y)))


def _and_mirrored(v: Array) -> Array:
    return np.concatenate([v, -v], axis=1)


EXERCISE = Exercise(
    id="06.7",
    name="duplicated_ratio",
    title="Give every example twice",
    points=1,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_duplication,
    reference=_duplicated_ratio,
    plain=(2,),
    oracle=_ratio_of(lambda v: np.repeat(v, 2, axis=1)),
    hints=(
        "The mean over examples does not change when every example is there twice. The function that you are given may or may not respect that.",
        "Make a batch in which every column stands twice, inputs and targets alike, and call the function on it.",
        "Put the norm of the second gradient over the norm of the first. `np.concatenate([x, x], axis=1)` doubles the columns.",
    ),
    mistakes=(
        Mistake(
            "inverted",
            lambda gradient, x, y: 1 / _ratio_of(_twice)(gradient, x, y),
            "You divide the other way round. Asked is the gradient of the doubled batch over the gradient of the batch.",
        ),
        Mistake(
            "2: sum for mean",
            lambda gradient, x, y: 2.0,
            "Yours is 2 whatever the function. That holds for a gradient that sums over the examples. Give the function a batch of twice as many "
            "columns, and measure.",
        ),
        Mistake(
            "1: nothing measured",
            lambda gradient, x, y: 1.0,
            "Yours is 1 whatever the function. That is what a right gradient gives; this test is there to find the others.",
        ),
        Mistake(
            "doubled numbers",
            lambda gradient, x, y: float(np.linalg.norm(gradient(2 * x, 2 * y)) / np.linalg.norm(gradient(x, y))),
            "You doubled the numbers. Asked is a batch in which every example stands twice.",
        ),
        Mistake(
            "mirrored",
            _ratio_of(_and_mirrored),
            "Beside every example stands its negative. Asked is a batch in which every example stands twice, as it is.",
        ),
        Mistake(
            "three copies",
            _ratio_of(lambda v: np.concatenate([v, v, v], axis=1)),
            "In your batch every example stands three times. Asked is twice.",
        ),
        Mistake(
            "second copy in reverse order",
            lambda gradient, x, y: _over_the_batch(gradient, x, y, _twice(x), np.concatenate([y, y[:, ::-1]], axis=1)),
            "In your second copy inputs and targets stand in different orders: examples meet the targets of others.",
        ),
        Mistake(
            "inputs doubled one by one, targets as a block",
            lambda gradient, x, y: _over_the_batch(gradient, x, y, np.repeat(x, 2, axis=1), _twice(y)),
            "Your inputs stand as 1, 1, 2, 2, your targets as 1, 2, 1, 2: examples meet the targets of others. Double both in the same way.",
        ),
        Mistake(
            "targets doubled one by one, inputs as a block",
            lambda gradient, x, y: _over_the_batch(gradient, x, y, _twice(x), np.repeat(y, 2, axis=1)),
            "Your targets stand as 1, 1, 2, 2, your inputs as 1, 2, 1, 2: examples meet the targets of others. Double both in the same way.",
        ),
        Mistake(
            "difference",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y))) - np.linalg.norm(gradient(x, y))),
            "You subtract the norms. A ratio tells the same for small gradients and large ones.",
        ),
        Mistake(
            "targets not doubled",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), y)) / np.linalg.norm(gradient(x, y))),
            "You doubled the inputs and not the targets: now the examples outnumber their answers. Both have a column for each example.",
        ),
        Mistake(
            "rows doubled",
            lambda gradient, x, y: _ratio_of(lambda v: np.concatenate([v, v]))(gradient, x, y),
            "The arrays do not fit the net: they have twice as many rows. Examples are columns: the batch gets twice as many, and keeps its rows.",
        ),
        Mistake(
            "squared",
            lambda gradient, x, y: _ratio_of(_twice)(gradient, x, y) ** 2,
            "You compare sums of squares. The norm is the root of that sum.",
        ),
        Mistake(
            "equal or not",
            lambda gradient, x, y: float(np.isclose(_ratio_of(_twice)(gradient, x, y), 1)),
            "You answer yes or no. The ratio says more: it tells a sum from a mean that was divided twice.",
        ),
        Mistake(
            "relative difference",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y)) - gradient(x, y)) / np.linalg.norm(gradient(x, y))),
            "You return how far apart the two gradients are. Asked is the norm of one over the norm of the other.",
        ),
        Mistake(
            "number of examples",
            lambda gradient, x, y: float(x.shape[1]),
            "That is the number of examples. Call the function on the batch and on the doubled batch, and compare what comes back.",
        ),
        Mistake(
            "sums for norms",
            lambda gradient, x, y: float(np.sum(gradient(_twice(x), _twice(y))) / np.sum(gradient(x, y))),
            "You compare sums of entries, in which positive and negative ones cancel. The norm is the root of the sum of squares.",
        ),
        Mistake(
            "largest entries for norms",
            lambda gradient, x, y: float(np.max(gradient(_twice(x), _twice(y))) / np.max(gradient(x, y))),
            "You compare the largest entries. The norm counts all of them.",
        ),
        Mistake(
            "norm of the quotients",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y)) / gradient(x, y))),
            "You divide entry by entry and take the norm then. First the two norms, then their quotient.",
        ),
        Mistake(
            "mean of the quotients",
            lambda gradient, x, y: float(np.mean(gradient(_twice(x), _twice(y)) / gradient(x, y))),
            "You divide entry by entry and take the mean. First the two norms, then their quotient: one small entry can rule a mean of quotients.",
        ),
        Mistake(
            "not divided",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y)))),
            "That is the norm for the doubled batch. Put it over the norm for the batch itself.",
        ),
        Mistake(
            "inputs doubled in size",
            lambda gradient, x, y: float(np.linalg.norm(gradient(2 * x, y)) / np.linalg.norm(gradient(x, y))),
            "You doubled the numbers in x. Asked is a batch in which every example stands twice, with its target.",
        ),
        Mistake(
            "first example alone given twice",
            lambda gradient, x, y: _over_the_batch(gradient, x, y, np.hstack([x, x[:, :1]]), np.hstack([y, y[:, :1]])),
            "Only the first example stands twice in your batch. Every example has to.",
        ),
        Mistake(
            "last example alone given twice",
            lambda gradient, x, y: _over_the_batch(gradient, x, y, np.hstack([x, x[:, -1:]]), np.hstack([y, y[:, -1:]])),
            "Only the last example stands twice in your batch. Every example has to.",
        ),
    ),
)
