"""The case with round numbers, and that it is there for every exercise that can have it."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of

from bpkit.exercises import find, registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.judging.round_numbers import ROUND, round_case
from bpkit.exercises.judging.values import arrays_in
from bpkit.exercises.model import Case


def drawn(*args):
    return (Case("small", tuple(arg[:1] if isinstance(arg, np.ndarray) else arg for arg in args)), Case("large", args))


def test_the_fullest_case_comes_once_more_round_case_in_half_of_each_array():
    rng = np.random.default_rng(0)
    W, b, y = rng.normal(size=(3, 4)), rng.normal(size=(2, 1)), rng.normal(size=(3, 4))
    last = round_case(drawn(W, 0.5, [None, b], y, np.arange(4)), (3,), rng)
    assert last.label == "large, round numbers among them"
    changed, eta, (nothing, bias), kept, whole = last.args
    assert sorted(changed[changed != W]) == sorted(ROUND)
    assert np.sum(bias != b) == 1 and 0 in bias
    assert (eta, nothing) == (0.5, None) and np.array_equal(kept, y) and np.array_equal(whole, np.arange(4))
    assert not set(W.flat) & set(ROUND), "the case that it is made from stays as drawn"


@pytest.mark.parametrize("args", [(), (0.5, "abc"), (np.arange(3),), (np.ones((1, 1)),), ([None, np.zeros(0)],)])
def test_where_no_array_takes_them_there_is_no_such_case(args):
    assert round_case((Case("one", args),), (), np.random.default_rng(0)) is None


@pytest.mark.parametrize("exercise", [e for e in registry().values() if e.kind == "function"], ids=lambda e: e.id)
def test_every_real_array_that_an_exercise_leaves_free_meets_a_zero(exercise):
    cases = Judge.drawn(exercise, 0).cases
    for place in range(max(len(case.args) for case in cases)):
        given = [array for case in cases for array in arrays_in(case.args[place]) if array.dtype == np.float64 and array.size > 1]
        if given and place not in exercise.plain:
            assert any(np.any(array == 0) for array in given), place


@pytest.mark.parametrize("exercise_id", ["01.2", "02.4", "05.3", "06.2", "07.6", "09.5", "10.3", "12.3", "13.5", "14.2", "15.2"])
@pytest.mark.parametrize("number", [0.0, 1.0, -1.0])
def test_what_is_wrong_at_a_round_number_alone_is_refused_and_the_case_named(exercise_id, number):
    reference = find(exercise_id).reference

    def answer(*args):
        value = reference(*args)
        met = any(np.any(array == number) for arg in args for array in arrays_in(arg))
        return type(value)(part if part is None else part + met for part in value) if isinstance(value, list | tuple) else value + met

    outcome = outcome_of(exercise_id, answer)
    assert outcome.status == "wrong" and "round numbers among them" in outcome.message, outcome.message
