"""The judge: what it trusts, what it says, and that an oracle that disagrees stops it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpkit.exercises import registry
from bpkit.exercises.judge import BankError, Judge, agree, judge
from bpkit.exercises.run import encode

HIDDEN_ERROR = registry()["05.3"]


@pytest.fixture(scope="module")
def hidden_error():
    return Judge.drawn(HIDDEN_ERROR, 1)


def right_records(judge_):
    return judge_.run(HIDDEN_ERROR.reference)


def test_the_same_seed_draws_the_same_cases_and_another_draws_others():
    first, again, other = (Judge.drawn(HIDDEN_ERROR, seed).wire_cases for seed in (1, 1, 2))
    assert first == again != other


def test_a_reference_that_disagrees_with_its_oracle_judges_nothing():
    broken = dataclasses.replace(HIDDEN_ERROR, reference=lambda W_next, delta_next, z: W_next.T @ delta_next)
    with pytest.raises(BankError, match=r"05\.3: oracle and reference disagree"):
        _ = Judge.drawn(broken, 1).expected


def test_one_shot_judging_is_the_same(hidden_error):
    records = right_records(hidden_error)
    assert judge(HIDDEN_ERROR, hidden_error.cases, records) == hidden_error(records)


def test_too_few_records_are_not_an_answer(hidden_error):
    assert hidden_error(right_records(hidden_error)[:1]).status == "could not run"
    assert hidden_error([]).status == "could not run"


def test_another_result_the_second_time_is_not_right(hidden_error):
    records = right_records(hidden_error)
    records[-1]["again"] = encode(np.zeros((3, 5)))
    outcome = hidden_error(records)
    assert (outcome.status, outcome.mistake) == ("wrong", "not repeatable")


def test_a_changed_input_is_named_by_its_argument(hidden_error):
    records = [{**record, "mutated": [2]} for record in right_records(hidden_error)]
    outcome = hidden_error(records)
    assert outcome.mistake == "input mutated" and "changes z," in outcome.message


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["returned", "raised", "mutated", "again", "array", "list", "type", "message", "line", "todo", "none", "too_slow", "signature"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(json_like, max_size=4))
def test_no_forged_record_is_right_or_breaks_the_judge(records):
    assert Judge.drawn(HIDDEN_ERROR, 1)(records).status in ("wrong", "could not run", "not attempted")


def test_the_feedback_never_holds_an_expected_number(hidden_error):
    (first, *_) = hidden_error.expected
    for mistake in HIDDEN_ERROR.mistakes:
        outcome = hidden_error(hidden_error.run(mistake.answer))
        shown = str(outcome) + outcome._repr_mimebundle_()["text/html"]
        assert not any(f"{value:.3g}" in shown for value in first.ravel())


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        (np.ones((2, 1)), np.ones((2, 1)), True),
        ([[1], [1]], np.ones((2, 1)), True),
        (np.ones(2), np.ones((2, 1)), False),
        (np.ones((1, 1)), 1.0, True),
        ([None, np.ones(2)], [None, np.ones(2)], True),
        ([np.zeros(3), np.ones(2)], [None, np.ones(2)], True),
        ([np.ones(2)], [None, np.ones(2)], False),
        (np.array([1.0, np.nan]), np.array([1.0, 1.0]), False),
        (np.array([1.0 + 1e-9]), np.array([1.0]), True),
        (np.array([1.0 + 1e-5]), np.array([1.0]), False),
        (np.array([1.0, 1e-9]), np.array([1.0, 0.0]), True),
        (np.array([True]), np.array([1]), True),
        ("ab", np.ones(2), False),
    ],
)
def test_agreement_is_of_values_not_of_their_packing(got, want, same):
    assert agree(got, want) is same
