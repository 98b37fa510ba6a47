"""08.5: pixels on one scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_08.shared import ALLOWED, Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_standardise(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, k, blank, grey in ((4, 4, 3, [1], 0.5), (5, 8, 6, [1, 3], 0.25), (3, 6, 1, [0], -0.75)):
        spread, shift = rng.uniform(0.5, 3, size=(n, 1)), rng.normal(size=(n, 1))
        if n == 5:
            spread[0], shift[0] = 1e-5, 0.0  # a pixel that hardly changes is not one that never does
        train, test = rng.normal(size=(n, m)) * spread + shift, rng.normal(size=(n, k)) * spread + shift
        train[blank] = grey  # pixels that are always the same in the training set, and not in the test set
        cases.append(Case(f"train {n}×{m}, test {n}×{k}, pixel {', '.join(map(str, blank))} constant in train", (train, test)))
    return cases


def _scaled(train: Array, test: Array, shift: Any, spread: Any) -> list[Array]:
    return [(train - shift) / spread, (test - shift) / spread]


def _without_zeros(spread: Array) -> Array:
    return np.where(spread == 0, 1.0, spread)


def _standardise(train: Array, test: Array) -> list[Array]:
    return _scaled(train, test, train.mean(axis=1, keepdims=True), _without_zeros(train.std(axis=1, keepdims=True)))


def _standardise_oracle(train: Array, test: Array) -> list[Array]:
    """Pixel by pixel, with the spread from all pairs: the mean squared difference of two draws is twice the variance."""
    both = [train.copy(), test.copy()]
    for i, row in enumerate(train):
        centre = sum(row) / len(row)
        spread = np.sqrt(sum((a - b) ** 2 for a in row for b in row) / (2 * len(row) ** 2))
        for part in both:
            part[i] = (part[i] - centre) / (spread if spread > 0 else 1)
    return both


def _row_spread(x: Array, **options: Any) -> Array:
    return _without_zeros(x.std(axis=1, keepdims=True, **options))


def _row_mean(x: Array) -> Array:
    return x.mean(axis=1, keepdims=True)


def _is_small_for_zero(value: Any, train: Array, test: Array) -> bool:
    """Whether spreads up to some limit give way to 1, and those above stay."""
    spread, mean = _row_spread(train), _row_mean(train)
    return any(agree(value, _scaled(train, test, mean, np.where(spread <= limit, 1.0, spread))) for limit in (0.0, *spread[spread < 0.3]))


EXERCISE = Exercise(
    id="08.5",
    name="standardise",
    title="Pixels on one scale",
    points=2,
    minutes=8,
    difficulty=2,
    allows=ALLOWED,
    part=("train", "test"),
    cases=_cases_standardise,
    reference=_standardise,
    oracle=_standardise_oracle,
    hints=(
        "Each pixel is a row. It needs two numbers, its mean and its standard deviation, and both come from one of the two sets.",
        "Whatever you do to the training set, do exactly the same to the test set, with the same numbers.",
        "`mean` and `std` with `axis=1, keepdims=True` give a column. Where the standard deviation is 0, put 1 before you divide.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "test's own statistics",
            lambda train, test: [_standardise(train, test)[0], _scaled(test, test, _row_mean(test), _row_spread(test))[0]],
            "The training set is right. You scale the test set by its own mean and spread: "
            "the same picture would come out differently in another test set.",
        ),
        Mistake(
            "test's own statistics; constant pixels divided by 0",
            lambda train, test: [(part - _row_mean(part)) / part.std(axis=1, keepdims=True) for part in (train, test)],
            "Two things: each set is scaled by its own mean and spread, and a pixel that never changes has spread 0 and is divided by it.",
        ),
        Mistake(
            "constant pixels divided by 0",
            lambda train, test: _scaled(train, test, _row_mean(train), train.std(axis=1, keepdims=True)),
            "A pixel that never changes in the training set has standard deviation 0, and you divide by it. Divide such pixels by 1.",
        ),
        Mistake(
            "a tiny number for a constant pixel",
            lambda train, test: _scaled(train, test, _row_mean(train), train.std(axis=1, keepdims=True) + 1e-8),
            "Adding a tiny number to the standard deviation avoids 0/0. But where a pixel is constant in the training set and not in the test set, "
            "you divide by that tiny number and a pixel becomes larger than a million.",
        ),
        Mistake(
            "small spreads taken for 0",
            lambda train, test: _scaled(train, test, _row_mean(train), np.where(_row_spread(train) < 0.1, 1.0, _row_spread(train))),
            "A pixel that hardly changes keeps its small spread in your answer. "
            "Only where the standard deviation is exactly 0 does 1 take its place.",
            recognise=_is_small_for_zero,
        ),
        Mistake(
            "one mean and spread for all pixels",
            lambda train, test: _scaled(train, test, train.mean(), train.std()),
            "You take one mean and one spread for the whole set. Each pixel has its own.",
        ),
        Mistake(
            "each picture by its own",
            lambda train, test: [(part - part.mean(axis=0)) / part.std(axis=0) for part in (train, test)],
            "You scale every column, so every picture, by its own mean and spread. Asked is every pixel, over the pictures of the training set.",
        ),
        Mistake(
            "both sets together",
            lambda train, test: _scaled(train, test, _row_mean(np.hstack([train, test])), _row_spread(np.hstack([train, test]))),
            "Mean and spread are taken over both sets. Then the test set has a say in how the net is trained: it must not.",
        ),
        Mistake(
            "test set's numbers for both",
            lambda train, test: _scaled(train, test, _row_mean(test), _row_spread(test)),
            "Mean and spread come from the test set. They have to come from what the net may learn from.",
        ),
        Mistake(
            "test set as it was",
            lambda train, test: [_standardise(train, test)[0], test],
            "The training set is right. The test set comes back unchanged: a net that learned on one scale would be tested on another.",
        ),
        Mistake(
            "not centred",
            lambda train, test: _scaled(train, test, 0.0, _row_spread(train)),
            "The spread is right, but the mean is not subtracted.",
        ),
        Mistake(
            "only centred",
            lambda train, test: _scaled(train, test, _row_mean(train), 1.0),
            "The mean is subtracted, but the pixels keep their different spreads.",
        ),
        Mistake(
            "variance for standard deviation",
            lambda train, test: _scaled(train, test, _row_mean(train), _without_zeros(train.var(axis=1, keepdims=True))),
            "You divide by the variance. The standard deviation is its root, and has the unit of the pixel.",
        ),
        Mistake(
            "mean subtracted last",
            lambda train, test: [part / _row_spread(train) - _row_mean(train) for part in (train, test)],
            "You divide first and subtract the mean afterwards. The mean belongs to the pixels as they were.",
        ),
        Mistake(
            "divided by m - 1",
            lambda train, test: _scaled(train, test, _row_mean(train), _row_spread(train, ddof=1)),
            "Your standard deviation divides by m - 1. Here the spread of the training set itself is meant: divide by m, as `np.std` does by itself.",
        ),
        Mistake(
            "squeezed into 0 to 1",
            lambda train, test: _scaled(train, test, train.min(axis=1, keepdims=True), _without_zeros(np.ptp(train, axis=1, keepdims=True))),
            "You bring every pixel into the range from 0 to 1. Asked are mean 0 and standard deviation 1.",
        ),
        Mistake(
            "only the training set returned",
            lambda train, test: _standardise(train, test)[0],
            "Return both: the training set and the test set, each scaled.",
        ),
        Mistake(
            "constant pixels 0 in the test set",
            lambda train, test: [
                _standardise(train, test)[0],
                np.where(np.ptp(train, axis=1, keepdims=True) == 0, 0.0, _standardise(train, test)[1]),
            ],
            "A pixel that never changes in the training set comes out as 0 in your test set, whatever it is there. Divided by 1, what it is above "
            "its mean stays.",
        ),
        Mistake(
            "test's own mean alone",
            lambda train, test: [_standardise(train, test)[0], _scaled(train, test, _row_mean(test), _row_spread(train))[1]],
            "The training set is right. From the test set you take its own mean, and divide by the spread of the training set. Both numbers are to "
            "come from the training set.",
        ),
        Mistake(
            "test's own spread alone",
            lambda train, test: [_standardise(train, test)[0], _scaled(train, test, _row_mean(train), _row_spread(test))[1]],
            "The training set is right. From the test set you take the mean of the training set, and divide by its own spread. Both numbers are to "
            "come from the training set.",
        ),
        Mistake(
            "spreads below 1 raised to 1",
            lambda train, test: _scaled(train, test, _row_mean(train), np.maximum(_row_spread(train), 1.0)),
            "Every pixel whose standard deviation is below 1 is divided by 1 in your answer. The 1 stands in for a deviation of 0 only.",
        ),
    ),
)
