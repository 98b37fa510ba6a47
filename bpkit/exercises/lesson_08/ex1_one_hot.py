"""08.1: labels as columns of targets."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_08.shared import ALLOWED, Array, one_hot_columns
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_labels(rng: np.random.Generator) -> list[Case]:
    seven = np.array([3, 0, 9, 1, 0, 5, 2])  # neither the largest class at its end nor every class
    four = np.array([2, 0, 3, 0])
    return [
        Case("K = 12, m = 7", (rng.permutation(seven), 12)),  # not the ten digits
        Case("K = 4, m = 4", (four[[0, *(1 + rng.permutation(3))]], 4)),
        Case("K = 3, m = 5", (rng.permutation([0, 1, 1, 2, 0]), 3)),
        Case("K = 5, m = 1", (np.array([int(rng.integers(1, 4))]), 5)),
    ]


def _one_hot_oracle(labels: Array, K: int) -> Array:
    """Entry k, x answers a question: does example x show class k?"""
    return np.array([[float(k == label) for label in labels] for k in range(K)])


def _by_occurrence(labels: Array, K: int) -> Array:
    _, places = np.unique(labels, return_inverse=True)
    return one_hot_columns(places.ravel(), K)


def _softened(value: Any, labels: Array, K: int) -> bool:
    """Whether each column gives most to the right class and an equal share of the rest to every other one."""
    right = one_hot_columns(labels, K) == 1
    if not isinstance(value, np.ndarray) or value.shape != right.shape or value.dtype.kind != "f" or K < 2:
        return False
    low, high = value[~right], value[right]
    return bool(np.ptp(low) < 1e-9 and np.ptp(high) < 1e-9 and 0 < low[0] < high[0] < 1)


EXERCISE = Exercise(
    id="08.1",
    name="one_hot",
    title="Labels as columns of targets",
    points=1,
    minutes=5,
    difficulty=1,
    allows=ALLOWED,
    cases=_cases_labels,
    reference=one_hot_columns,
    oracle=_one_hot_oracle,
    hints=(
        "Every example is a column, as everywhere in this course. How many rows does it have?",
        "Column x has a single 1. It stands in the row whose number is the label of example x; rows count from 0.",
        "Column k of the K × K identity matrix is the target of class k. Indexing with an array of labels picks columns, one for each label.",
    ),
    mistakes=(
        Mistake(
            "transposed", lambda labels, K: np.eye(K)[labels], "Your examples lie in rows. In this course a column is an example: K rows, m columns."
        ),
        Mistake(
            "off by one",
            lambda labels, K: np.eye(K)[:, labels - 1],
            "The ones stand one row too high, and class 0 lands in the last row. Labels and rows both count from 0.",
        ),
        Mistake(
            "off by one, downwards",
            lambda labels, K: np.eye(K)[:, (labels + 1) % K],
            "The ones stand one row too low. Labels and rows both count from 0.",
        ),
        Mistake(
            "off by one, transposed",
            lambda labels, K: np.eye(K)[labels - 1],
            "Your examples lie in rows, a column is asked for each; and labels count from 0, as rows do.",
        ),
        Mistake(
            "rows from the bottom",
            lambda labels, K: np.eye(K)[::-1][:, labels],
            "Class 0 has its one in the last row of yours. It belongs into the first.",
        ),
        Mistake(
            "zeros and ones swapped",
            lambda labels, K: 1 - one_hot_columns(labels, K),
            "You mark the classes that the example is not. One entry of a column is 1, the others are 0.",
        ),
        Mistake(
            "as many rows as classes that occur",
            lambda labels, K: np.eye(len(np.unique(labels)))[:, np.unique(labels, return_inverse=True)[1].ravel()],
            "You make a row for each class that occurs among these labels. A batch need not show every class: K says how many there are.",
        ),
        Mistake(
            "as many rows as the largest label asks for",
            lambda labels, K: np.eye(labels.max() + 1)[:, labels],
            "You take the largest label that occurs for the last class. A batch need not show every class: K says how many there are.",
        ),
        Mistake(
            "the label for the 1",
            lambda labels, K: one_hot_columns(labels, K) * labels,
            "You write the label itself into its row. A target is a share: 1 for the class, 0 for the others.",
        ),
        Mistake(
            "only the last example",
            lambda labels, K: one_hot_columns(labels, K) * (np.arange(len(labels)) == len(labels) - 1),
            "Only the last column has its one. Is something made anew inside your loop that should be made before it?",
        ),
        Mistake(
            "every class that occurs in every column",
            lambda labels, K: np.repeat(np.isin(np.arange(K), labels)[:, None].astype(float), len(labels), axis=1),
            "Every column of yours marks all the classes of the batch. Row and column have to be chosen in pairs: label x goes with column x.",
        ),
        Mistake(
            "ones up to the label",
            lambda labels, K: 1.0 * (np.arange(K)[:, None] <= np.asarray(labels)),
            "Every class up to the label gets a 1. One class is right, so each column holds a single 1.",
        ),
        Mistake(
            "reshape for transpose",
            lambda labels, K: np.eye(K)[labels].reshape(K, -1),
            "You made a row for each example and then used `reshape`, which keeps the order of the numbers: the ones end up in other places. "
            "A transpose swaps rows and columns.",
        ),
        Mistake(
            "rows numbered by the classes that occur",
            _by_occurrence,
            "Your rows are numbered by the classes that occur among these labels, in order. A class has its row even where it does not occur: "
            "row k belongs to class k.",
        ),
        Mistake(
            "softened",
            lambda labels, K: 0.9 * one_hot_columns(labels, K) + 0.1 / K,
            "Your targets are softened: the right class has less than 1 and the others more than 0. Asked are 1 and 0.",
            recognise=_softened,
        ),
        Mistake(
            "-1 for 0",
            lambda labels, K: 2.0 * (np.arange(K)[:, None] == np.asarray(labels)) - 1,
            "The other classes get -1. Targets are 1 for the right class and 0 elsewhere.",
        ),
        Mistake(
            "all ones in the first column",
            lambda labels, K: np.column_stack([np.isin(np.arange(K), labels), np.zeros((K, len(labels) - 1))]),
            "All your ones stand in column 0. The one of example x stands in column x.",
        ),
        Mistake(
            "labels sorted",
            lambda labels, K: one_hot_columns(np.sort(labels), K),
            "Your columns are the right ones, sorted by class. Column x belongs to example x, wherever it stands.",
        ),
    ),
)
