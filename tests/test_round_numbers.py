"""The cases with special numbers, and that they are there for every exercise that can have them."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of

from bpkit.exercises import find, registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.judging.round_numbers import POINTS, ROUND, round_case, round_points, zero_cases
from bpkit.exercises.judging.values import arrays_in
from bpkit.exercises.model import Case
from bpkit.exercises.run import Probe


def drawn(*args):
    return (Case("small", tuple(arg[:1] if isinstance(arg, np.ndarray) else arg for arg in args)), Case("large", args))


def test_the_fullest_case_comes_once_more_round_case_in_half_of_each_array():
    rng = np.random.default_rng(0)
    W, b, y = rng.normal(size=(3, 5)), rng.normal(size=(2, 1)), rng.normal(size=(3, 4))
    last = round_case(drawn(W, 0.5, [None, b], y, np.arange(4)), (3,), rng)
    assert last.label == "large, round numbers and repeats among them"
    changed, eta, (nothing, bias), kept, whole = last.args
    assert sorted(changed[:, 1:3][changed[:, 1:3] != W[:, 1:3]]) == sorted(ROUND)
    assert np.array_equal(changed[:, 0], W[:, 0]) and np.array_equal(changed[:, 4], W[:, 0]), "one example is given twice"
    assert not changed[:, 3].any(), "and one is 0"
    assert np.sum(bias != b) == 1 and 0 in bias
    assert (eta, nothing) == (0.5, None) and np.array_equal(kept, y) and np.array_equal(whole, np.arange(4))
    assert not set(W.flat) & set(ROUND), "the case that it is made from stays as drawn"


@pytest.mark.parametrize(("shape", "first", "last"), [((4,), 0, -1), ((5, 1), (0, 0), (-1, 0)), ((2, 3), (1, 0), (1, -1)), ((4, 2), (0, 1), (-1, 1))])
def test_what_comes_first_comes_again_and_no_round_number_is_lost(shape, first, last):
    for seed in range(20):
        case = round_case((Case("one", (np.random.default_rng(1).normal(size=shape),)),), (), np.random.default_rng(seed))
        assert case.args[0][first] == case.args[0][last]
        assert 0 in case.args[0]


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
    assert outcome.status == "wrong" and "round numbers and repeats among them" in outcome.message, outcome.message


def test_single_numbers_take_round_ones_each_in_its_turn_and_what_is_drawn_above_0_stays_there():
    f = Probe("bell", (1.0,))
    cases = (Case("one", (f, -0.3, 0.2, 3)), Case("two", (f, 0.4, 0.1, 5)))
    points = round_points(cases, (), ("f", "x", "h", "n"))
    *floats, last = points
    assert sorted(case.args[1] for case in floats) == sorted(POINTS)
    assert {case.args[2] for case in floats} == {1.0, 2.0}
    assert [case.args[3] for case in points] == [3, 5, 3, 5, 3] and all(case.args[0] is f for case in points)
    assert floats[0].label == "x = 1, h = 1, n = 3"
    assert {type(number) for case in floats for number in case.args[1:3]} == {float}
    assert last.args[1:3] == (2, 1) and {type(number) for number in last.args[1:3]} == {int} and last.label == "x = 2, h = 1, n = 3 as int"
    assert [case.args[2] for case in round_points(cases, (2,), ("f", "x", "h", "n"))] == [0.2, 0.1, 0.2, 0.1, 0.2]


@pytest.mark.parametrize("args", [(np.ones(3), 0.5), ([0.5], 0.5), (3, 4), ()])
def test_where_an_input_is_more_than_a_number_or_all_are_whole_none_takes_a_round_one(args):
    assert round_points((Case("one", args),), (), ("a", "b")) == []


def test_an_argument_is_all_zeros_in_a_case_of_its_own():
    W, parts = np.ones((2, 2)), [np.ones(3), np.ones((2, 1))]
    first, second = zero_cases((Case("small", (W, parts)), Case("large", (W, parts))), (0, 1), ("W", "parts"))
    assert (first.label, second.label) == ("W 0 in every entry", "parts 0 in every entry")
    assert not first.args[0].any() and first.args[1] is parts
    assert second.args[0] is W and [part.shape for part in second.args[1]] == [(3,), (2, 1)] and not any(part.any() for part in second.args[1])


def clipped(factor):
    return lambda grads, limit: [grad * factor(sum(float((other**2).sum()) for other in grads) ** 0.5, limit) for grad in grads]


def test_who_divides_by_the_length_of_a_gradient_of_zeros_is_told_so_and_a_known_mistake_beside_it_by_its_name():
    alone = outcome_of("14.8", clipped(lambda norm, limit: min(1, limit / norm)))
    assert alone.status == "wrong" and alone.message.startswith("For grads 0 in every entry: it raised ZeroDivisionError")
    assert outcome_of("14.8", clipped(lambda norm, limit: limit / norm)).mistake == "always scaled"
    assert outcome_of("14.8", clipped(lambda norm, limit: limit / norm if norm > limit else 1)).status == "right"


@pytest.mark.parametrize(
    ("exercise_id", "name", "answer"),
    [
        ("02.1", "x", lambda x, y: (0.0, 0.0) if x == 0 else find("02.1").reference(x, y)),
        ("02.1", "y", lambda x, y: (0.0, 0.0) if y == 0 else find("02.1").reference(x, y)),
        ("02.5", "r", lambda r, t: find("02.5").reference(r, t) / (r > 0)),
        ("02.5", "t", lambda r, t: np.eye(2) if t == 0 else find("02.5").reference(r, t)),
        ("03.5", "x", lambda f, x: 0.0 if x == 0 else find("03.5").reference(f, x)),
        ("07.6", "v", lambda W, v, dW, eta, mu: find("07.6").reference(W, v, dW, eta if v.any() else 1.0, mu)),
        ("07.7", "dW", lambda W, mean, square, dW, *more: find("07.7").reference(W, mean if dW.any() else 0 * mean, square, dW, *more)),
        ("07.3", "lam", lambda W, b, dW, db, eta, lam: find("07.3").reference(W, b, dW if lam else 0 * dW, db, eta, lam)),
        ("11.22", "alpha", lambda z, Y, alpha: find("11.22").reference(z, Y, alpha or 0.1)),
        ("12.1", "z", lambda z, gamma, beta, eps: find("12.1").reference(z, gamma, beta, eps) * z.any()),
    ],
)
def test_what_is_wrong_where_an_argument_is_0_alone_is_refused_and_the_case_named(exercise_id, name, answer):
    outcome = outcome_of(exercise_id, answer)
    assert outcome.status == "wrong" and any(
        words in outcome.where.split("; wrong for ")[1] for words in (f"{name} 0 in every entry", f"{name} = 0")
    ), outcome.where


def test_who_cuts_off_what_whole_numbers_leave_is_told_where():
    def slopes(x, y):
        dx, dy = np.zeros_like([x, y])
        return (dx, dy) if isinstance(x, int) else find("02.1").reference(x, y)

    outcome = outcome_of("02.1", slopes)
    assert outcome.status == "wrong" and " as int" in outcome.where
