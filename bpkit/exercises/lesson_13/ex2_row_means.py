"""13.2: TODO, say what is asked."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case("x of shape (3, 3)", (rng.normal(size=(3, 3)),)),
        Case("x of shape (2, 4)", (rng.normal(size=(2, 4)),)),
    ]


EXERCISE = Exercise(
    id="13.2",
    name="row_means",
    title="Take the mean of every row",
    points=1,
    minutes=4,
    difficulty=1,
    cases=_cases,
    reference=lambda x: x.mean(axis=1),
    oracle=lambda x: np.array([sum(row) / len(row) for row in x.tolist()]),
    hints=(
        "There are as many means as the array has rows.",
        "numpy's functions take an axis: the one along which entries are collected.",
        "Along a row the second index runs, and numpy counts axes from 0.",
    ),
    mistakes=(
        Mistake("columns", lambda x: x.mean(axis=0), "You averaged down the columns. Which index runs along a row?"),
        Mistake("sums", lambda x: x.sum(axis=1), "You added each row up, but did not divide. By how many entries?"),
    ),
)
