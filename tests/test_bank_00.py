"""Lesson 00's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from judged import outcome_of


def square_in_loops(x):
    if np.ndim(x) == 0:
        return x * x
    return [square_in_loops(entry) for entry in x]


def square_on_own_copy(x):
    result = np.array(x, dtype=float)
    result *= x
    return result


RIGHT_WAYS = {
    "00.1": [
        square_in_loops,
        square_on_own_copy,
        lambda x: x * x,
        np.square,
        lambda x: np.power(x, 2),
        lambda x: np.multiply(x, x),
        lambda x: np.abs(x) ** 2,
        lambda x: np.einsum("...,...->...", x, x),
        np.vectorize(lambda entry: math.pow(entry, 2)),
        lambda x: np.array(x) * np.array(x),
    ],
    "00.2": [[2, 3, 2], (2, 3, 2), np.array([2, 3, 2]), [2.0, 3.0, 2.0], [np.int64(2), 3, True + 1]],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


def test_float32_is_told_not_failed():
    outcome = outcome_of("00.1", lambda x: np.float32(x) ** 2)
    assert outcome.passed and "float32" in outcome.notes[0]


def forgets_to_return(x):
    x * x


def squares_in_place(x):
    x *= x
    return x


BEYOND_THE_BANK = [
    ("00.1", forgets_to_return, "returned None", "`return`"),
    ("00.1", squares_in_place, "input mutated", "changes x"),
    ("00.1", lambda x: -x * x, None, "-1 ×"),
    ("00.1", lambda x: x * x / 2, None, "1/2 ×"),
    ("00.1", lambda x: np.ravel(x) ** 2, "shape", "(6,)"),
    ("00.1", lambda x: np.transpose(x) ** 2, "shape", "rows and columns are swapped"),
    ("00.1", lambda x: x[0] ** 2, "raised", "TypeError"),
    ("00.1", lambda x: str(x * x), "dtype", "it is the text"),
    ("00.1", lambda x: [x * x, x * x], "shape", "expected a single number"),
    ("00.1", 9, "not a function", "without calling it"),
    ("00.1", lambda: 9, "wrong arguments", "expected (x)"),
    ("00.1", lambda x: x + x, "doubled", "doubled"),
    ("00.1", lambda x: x @ x.T if np.ndim(x) else x * x, "shape", "(2, 2)"),
    ("00.1", lambda x: np.dot(x, np.transpose(x)), "shape", "(2, 2)"),
    ("00.1", lambda x: np.float_power(x, x), "x to the power x", "whatever x is"),
    ("00.1", lambda x: np.round(x) ** 2, "x rounded", "before you squared it"),
    ("00.1", lambda x: np.floor(x) ** 2, None, "not right"),
    ("00.2", [2, 3, 3, 2], "shape", "a list of 4 items"),
    ("00.2", [2, 3, 2, 1], "cost counted as a layer", "no layer"),
    ("00.2", [2, 3, 2, 2], "shape", "a list of 4 items"),
    ("00.2", [2, 5, 7], "running totals", "by itself"),
    ("00.2", "2-3-2", "shape", "the text '2-3-2'"),
    ("00.2", ["2", "3", "2"], "dtype", "the text '2'"),
    ("00.2", [(3, 2), (2, 3)], "shape", "a list of 2 items"),
    ("00.2", [2, 4, 2], None, "layer 1 is not right"),
    ("00.2", [3, 2, 2], None, "layer 0 is not right"),
    ("00.2", {0: 2, 1: 3, 2: 2}, "shape", "a dictionary"),
    ("00.2", [3], "one number", "a number for each column"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: [[entry * entry for entry in row] for row in x] if np.ndim(x) else x * x,
        lambda x: x @ x if np.ndim(x) == 1 else x * x,
        lambda x: x if isinstance(x, np.ndarray) and x.dtype != float else x * x,
    ],
)
def test_an_array_need_be_no_matrix_and_may_hold_whole_numbers(wrong):
    for seed in range(5):
        assert not outcome_of("00.1", wrong, seed).passed
