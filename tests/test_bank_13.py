"""Lesson 13's exercises: other right ways, other wrong ways."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("13.1", lambda x, c: np.multiply(x, c)),
        ("13.1", lambda x, c: [[c * entry for entry in row] for row in x]),
        ("13.2", lambda x: np.einsum("jk->j", x) / x.shape[1]),
        ("13.2", lambda x: [sum(row) / len(row) for row in x]),
    ],
)
def test_other_right_ways_pass(exercise, answer):
    assert outcome_of(exercise, answer).passed


@pytest.mark.parametrize(("exercise", "answer"), [("13.1", lambda x, c: c * x + 1), ("13.2", lambda x: x.max(axis=1))])
def test_other_wrong_ways_are_refused(exercise, answer):
    assert not outcome_of(exercise, answer).passed
