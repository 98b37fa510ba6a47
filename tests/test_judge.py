"""The judge: what it trusts, what it says, and that an oracle that disagrees stops it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpkit.exercises import registry
from bpkit.exercises.feedback import outcome_html, outcome_text
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


def test_chance_that_does_not_come_from_the_given_generator_is_told():
    minibatches = Judge.drawn(registry()["07.5"], 1)

    def always_the_same(rng, m, size):
        order = np.random.default_rng(0).permutation(m)
        return [order[start : start + size] for start in range(0, m, size)]

    outcome = minibatches(minibatches.run(always_the_same))
    assert (outcome.status, outcome.mistake) == ("wrong", "generator not used") and "draws nothing from rng" in outcome.message


ENDINGS = ["returned", "mutated", "undrawn", "again", "raised", "too_slow", "signature"]
RECORD_KEYS = [*ENDINGS, "array", "list", "type", "message", "line", "todo", "none"]
json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(RECORD_KEYS),
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
        shown = outcome_text(outcome) + outcome_html(outcome)
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
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0, np.inf]), np.array([1.0, np.nan]), False),
        (np.array([1.1, np.inf]), np.array([1.0, np.inf]), False),
        (np.array([1.0 + 1e-9]), np.array([1.0]), True),
        (np.array([1.0 + 1e-5]), np.array([1.0]), False),
        (np.array([1.0, 1e-9]), np.array([1.0, 0.0]), True),
        (np.array([True]), np.array([1]), True),
        ("ab", np.ones(2), False),
    ],
)
def test_agreement_is_of_values_not_of_their_packing(got, want, same):
    assert agree(got, want) is same


# ---- answers of several lists ---------------------------------------------------------------------------------------

# with the judge's own words: what the exercise itself explains is tested with the exercise
FORWARD = dataclasses.replace(registry()["01.5"], explain=None)


@pytest.fixture(scope="module")
def forward_judge():
    return Judge.drawn(FORWARD, 1)


def changed(place, value):
    """The right answer of 01.5 with one entry of one of its lists replaced."""

    def forward(W, b, x):
        lists = [list(part) for part in FORWARD.reference(W, b, x)]
        lists[place[0]][place[1]] = value(lists[place[0]][place[1]])
        return lists

    return forward


def test_lists_within_a_list_are_compared_part_by_part_and_named(forward_judge):
    outcome = forward_judge(forward_judge.run(changed((1, 2), lambda a: a + 0.01 * a**2)))
    assert outcome.status == "wrong"
    assert "activations[2] is not right" in outcome.message and "zs[1] and zs[2] and zs[3] and activations[0]" in outcome.message
    assert outcome.entries.title.startswith("activations[2], ")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (changed((0, 1), lambda z: z.T), "shape", "zs[1]: it has shape (5, 3), expected shape (3, 5)"),
        (changed((1, 0), lambda x: None), "returned None", "activations[0]: it is None"),
        (lambda W, b, x: (None, FORWARD.reference(W, b, x)[1]), "returned None", "zs: it is None"),
        (lambda W, b, x: ([None, x], FORWARD.reference(W, b, x)[1]), "shape", "zs: it is a list of 2 items, expected a list of 4 items"),
        (lambda W, b, x: (1.5, 2.5), "shape", "zs: it is a single number, expected a list of 4 items"),
        (lambda W, b, x: FORWARD.reference(W, b, x)[0], "shape", "it returned a list of 4 items, expected a list of 2 items"),
    ],
)
def test_what_is_wrong_within_a_list_is_said_with_its_name(forward_judge, answer, kind, words):
    outcome = forward_judge(forward_judge.run(answer))
    assert (outcome.status, outcome.mistake) == ("wrong", kind), outcome.message
    assert words in outcome.message


@pytest.mark.parametrize(
    ("got", "want", "same"),
    [
        ([[1.0, 2.0], [3.0]], [[1.0, 2.0], [3.0]], True),
        ([[1.0, 2.0], [4.0]], [[1.0, 2.0], [3.0]], False),
        ([[1.0], [2.0, 3.0]], [[1.0, 2.0], [3.0]], False),
        ([["anything", 2.0]], [[None, 2.0]], True),
        (np.array([[1.0, 2.0]]), [[1.0, 2.0]], True),
        ([[[1.0]], [[2.0]]], [[[1.0]], [[2.0]]], True),
        ([[[1.0]], [2.0]], [[[1.0]], [[2.0]]], False),
    ],
)
def test_agreement_goes_into_lists_within_lists(got, want, same):
    assert agree(got, want) is same
