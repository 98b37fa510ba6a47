"""The judge: what it trusts, what it says, and that an oracle that disagrees stops it."""

from __future__ import annotations

import dataclasses
import itertools
import re
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from judged import outcome_of

from bpkit.exercises import registry
from bpkit.exercises.feedback import outcome_html, outcome_text
from bpkit.exercises.judge import Judge, judge
from bpkit.exercises.judging.comparing import agree, apart, mark_of
from bpkit.exercises.judging.known import BankError
from bpkit.exercises.model import Case, Mistake
from bpkit.exercises.outcome import Outcome
from bpkit.exercises.run import Lone, encode
from bpkit.exercises.selftest import self_test

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


@pytest.mark.slow
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
        ([np.zeros(3), np.ones(2)], [None, np.ones(2)], False),
        ([np.ones(2)], [None, np.ones(2)], False),
        (np.array([1.0, np.nan]), np.array([1.0, 1.0]), False),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        (np.array([1.0, np.inf]), np.array([1.0, np.nan]), False),
        (np.array([1.1, np.inf]), np.array([1.0, np.inf]), False),
        (np.array([1.0 + 1e-9]), np.array([1.0]), True),
        (np.array([1.0 + 1e-5]), np.array([1.0]), False),
        (np.array([1.0 + 5e-7]), np.array([1.0]), False),
        (np.array([1 + 5e-6], np.float32), np.array([1.0]), True),
        (np.array([1 + 5e-6, 1.5], np.float32).astype(float), np.array([1.0, 1.5]), True),
        (np.array([0.5, 3.0]), np.array([0.500005, 3.0]), False),
        (Lone([2.5]), 2.5, False),
        (Lone([np.ones((2, 1))]), np.ones((2, 1)), False),
        (Lone([np.ones(2)]), [np.ones(2)], True),
        ([2.5], 2.5, True),
        (np.array([1.0, 1e-9]), np.array([1.0, 0.0]), True),
        (np.array([True]), np.array([1]), True),
        ("ab", np.ones(2), False),
    ],
)
def test_agreement_is_of_values_not_of_their_packing(got, want, same):
    assert agree(got, want) is same
    assert not (same and apart(mark_of(got), mark_of(want)))


@pytest.mark.parametrize("seed", range(20))
def test_what_agrees_is_not_told_apart_by_its_sum_and_most_other_results_are(seed):
    rng = np.random.default_rng(seed)
    sizes = 10.0 ** rng.uniform(-12, 12, size=4)
    want = [None, *(size * rng.normal(size=rng.integers(1, 40, size=2)) for size in sizes)]
    for dtype in (np.float64, np.float32):
        as_arrays = [None, *(part.astype(dtype) for part in want[1:])]
        for got in (as_arrays, [None, *(part.tolist() for part in as_arrays[1:])]):
            assert agree(got, want) and not apart(mark_of(got), mark_of(want))
    largest = 1 + int(np.argmax(sizes))
    other = [2 * part if k == largest else part for k, part in enumerate(want)]
    assert not agree(other, want) and apart(mark_of(other), mark_of(want))


@pytest.mark.parametrize("odd", [np.array([np.inf, 1.0]), np.array([np.nan]), [1.0, "a"], 1j, "a", None, float("inf"), np.array([1e308, 1e308])])
def test_a_sum_that_tells_nothing_is_no_mark(odd):
    with np.errstate(over="ignore"):
        assert mark_of(odd) is None and mark_of([odd, 1.0] if odd is not None else [object()]) is None


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
    assert "activations[2] is not right" in outcome.message and "zs[1] and zs[2] and zs[3] and zs[4] and activations[0]" in outcome.message
    assert outcome.entries.title.startswith("activations[2], ")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (changed((0, 1), lambda z: z.T), "shape", "zs[1]: it has shape (5, 3), expected shape (3, 5)"),
        (changed((1, 1), lambda a: None), "returned None", "activations[1]: it is None"),
        (lambda W, b, x: (None, FORWARD.reference(W, b, x)[1]), "returned None", "zs: it is None"),
        (lambda W, b, x: ([None, x], FORWARD.reference(W, b, x)[1]), "shape", "zs: it is a list of 2 items, expected a list of 5 items"),
        (lambda W, b, x: (1.5, 2.5), "shape", "zs: it is a single number, expected a list of 5 items"),
        (lambda W, b, x: FORWARD.reference(W, b, x)[0], "shape", "it returned a list of 5 items, expected a list of 2 items"),
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
        ([["anything", 2.0]], [[None, 2.0]], False),
        ([[None, 2.0]], [[None, 2.0]], True),
        (np.array([[1.0, 2.0]]), [[1.0, 2.0]], True),
        ([[[1.0]], [[2.0]]], [[[1.0]], [[2.0]]], True),
        ([[[1.0]], [2.0]], [[[1.0]], [[2.0]]], False),
    ],
)
def test_agreement_goes_into_lists_within_lists(got, want, same):
    assert agree(got, want) is same
    assert not (same and apart(mark_of(got), mark_of(want)))


# ---- what float32 explains -------------------------------------------------------------------------------------------


def mixed(W_next, delta_next, z):
    s = 3 + 1 / (1 + np.exp(-z.astype(np.float32))) - 3
    return (W_next.T @ delta_next) * (s * (1 - s)).astype(np.float64)


@pytest.mark.parametrize("seed", range(5))
def test_float32_on_the_way_to_float64_is_right_with_a_note(seed):
    judge_ = Judge.drawn(HIDDEN_ERROR, seed)
    outcome = judge_(judge_.run(mixed))
    assert outcome.passed and "float32" in outcome.notes[0]


@pytest.mark.parametrize("seed", range(10))
def test_a_float64_near_miss_is_no_rounding(seed):
    judge_ = Judge.drawn(registry()["03.5"], seed)
    assert judge_(judge_.run(lambda f, x: np.imag(f(x + 1e-3j)) / 1e-3)).status == "wrong"
    hidden = Judge.drawn(HIDDEN_ERROR, seed)
    assert hidden(hidden.run(lambda *given: HIDDEN_ERROR.reference(*given) * (1 + 5e-7))).status == "wrong"


# ---- words -----------------------------------------------------------------------------------------------------------


def test_a_trailing_comma_is_named(hidden_error):
    outcome = hidden_error(hidden_error.run(lambda *given: (HIDDEN_ERROR.reference(*given),)))
    assert (outcome.status, outcome.mistake) == ("wrong", "trailing comma")


def test_an_object_array_of_layers_and_fractions_are_right():
    all_errors = registry()["05.4"]

    def as_objects(W, z, delta_L):
        errors = np.empty(len(z), dtype=object)
        errors[1:] = all_errors.reference(W, z, delta_L)[1:]
        return errors

    for exercise, answer in ((all_errors, as_objects), (registry()["00.1"], np.vectorize(lambda x: Fraction(x) ** 2, otypes=[object]))):
        judge_ = Judge.drawn(exercise, 1)
        assert judge_(judge_.run(answer)).passed


def test_a_coinciding_case_is_a_guess_only_where_no_other_case_speaks_against_it(hidden_error):
    wrong = next(mistake for mistake in HIDDEN_ERROR.mistakes if mistake.name == "σ' dropped")

    def with_elsewhere(other):
        def answer(*given):
            square = given[0].shape[0] == given[0].shape[1]
            return wrong.answer(*given) if square else other(*given)

        return hidden_error(hidden_error.run(answer))

    differs = with_elsewhere(lambda *given: 1.5 * HIDDEN_ERROR.reference(*given))
    assert differs.mistake is None and "your numbers are those of" not in differs.message
    silent = with_elsewhere(lambda *given: wrong.answer(*given)[:1])
    assert silent.mistake is None and f'your numbers are those of "{wrong.name}"' in silent.message


def test_finite_numbers_speak_against_a_mistake_where_others_are_not_finite():
    """Two answers that overflow in the same places need not be one."""
    judge_ = Judge.drawn(registry()["08.6"], 0)
    wrong = next(mistake for mistake in judge_.exercise.mistakes if mistake.name == "normalised by row, empty rows divided by 0")

    def theirs(*given):
        with np.errstate(invalid="ignore"):
            return wrong.answer(*given)

    def squared(*given):
        return theirs(*given) ** 2

    def with_a_row_less(*given):
        return theirs(*given)[: None if given[-1] < 10 else -1]

    assert "your numbers are those of" not in judge_(judge_.run(squared)).message
    assert f'your numbers are those of "{wrong.name}"' in judge_(judge_.run(with_a_row_less)).message


@pytest.mark.parametrize("number", [0, 1])
def test_zeros_or_ones_in_one_case_are_no_sign_of_a_mistake(hidden_error, number):
    """They have many causes; a mistake that gives nothing else in any case is still named."""
    constant = Mistake("constant", lambda *given: np.full_like(given[2], number), "All the same.")
    judge_ = Judge.drawn(dataclasses.replace(HIDDEN_ERROR, mistakes=(constant,)), 1)
    outcome = judge_(judge_.run(lambda *given: constant.answer(*given)[: None if given[2].shape[1] > 1 else 1]))
    assert outcome.mistake is None and "your numbers are those of" not in outcome.message
    assert judge_(judge_.run(constant.answer)).mistake == "constant"


def test_of_many_cases_the_first_few_are_said():
    many = Judge.drawn(registry()["07.8"], 0)
    where = many(many.run(lambda history, tol, patience: history[-1] < tol)).where
    good, bad = where.split("; wrong for ")
    assert all(re.search(r"(?:; .+){4} and \d+ more$", labels) for labels in (good, bad))
    few = Judge.drawn(HIDDEN_ERROR, 0)
    assert " more" not in few(few.run(lambda W_next, delta_next, z: HIDDEN_ERROR.reference(W_next, delta_next, z[:, :1]))).where


def test_an_explanation_keeps_where_it_is_right_and_wrong():
    judge_ = Judge.drawn(dataclasses.replace(HIDDEN_ERROR, explain=lambda *given: "The words."), 1)
    outcome = judge_(judge_.run(lambda W_next, delta_next, z: HIDDEN_ERROR.reference(W_next, delta_next, z) * (1 + 0.1 * (z.shape[1] > 1))))
    assert outcome.message == "The words." and outcome.where.startswith("right for ")


def test_an_unexplained_answer_shows_the_learners_own_number(hidden_error):
    outcome = hidden_error(
        hidden_error.run(lambda *given: 0 * HIDDEN_ERROR.reference(*given) + 0.123456 + np.arange(given[2].size).reshape(given[2].shape))
    )
    assert "the first wrong entry is [0, 0], yours is 0.123456" in outcome.message
    number = Judge.drawn(registry()["05.1"], 1)
    assert "yours is 7.25" in number(number.run(lambda W_next, z, k, j: 7.25)).message


def test_an_array_for_a_number_is_answered_with_item(hidden_error):
    def answer(W_next, delta_next, z):
        out = np.zeros_like(z)
        for j in range(len(z)):
            out[j, 0] = W_next.T[[j]] @ delta_next[:, 0]
        return out

    assert "`.item()`" in hidden_error(hidden_error.run(answer)).message


def told(exercise_id, answer, seed=1):
    judge_ = Judge.drawn(registry()[exercise_id], seed)
    outcome = judge_(judge_.run(answer))
    assert (outcome.status, outcome.mistake) == ("wrong", None)
    return outcome.message


def kernel_gradient(x, delta, shape, stride):
    (rows, columns), out = delta.shape[:2], np.zeros(shape)
    for i, j in np.ndindex(rows, columns):
        out += np.sum(x[stride * i : stride * i + shape[0], stride * j : stride * j + shape[1]] * delta[i, j], axis=2)
    return out


def scattered(words, tokens, g):
    table = np.zeros((len(g), words))
    np.add.at(table, (slice(None), tokens), g)
    return table


LEFT_OUT = [
    ("05.2", lambda W, delta, z: registry()["05.2"].reference(W[1:], delta[1:], z), "first row of `W_next`"),
    ("05.2", lambda W, delta, z: registry()["05.2"].reference(W[:-1], delta[:-1], z), "last row of `W_next`"),
    ("06.2", lambda delta, a: delta[:, :-1] @ a[:, :-1].T / delta.shape[1], "last column of `delta`"),
    ("06.2", lambda delta, a: delta[:, 1:] @ a[:, 1:].T / max(delta.shape[1] - 1, 1), "first column of `delta`"),
    ("13.1", lambda words, tokens, g: scattered(words, tokens[:-1], g[:, :-1]), "last column of `g`"),
    ("14.2", lambda K, delta: registry()["14.2"].reference(np.vstack([K[:-1], 0 * K[-1:]]), delta), "last row of `K`"),
    ("11.16", lambda x, k, g: registry()["11.16"].reference(x, k, np.vstack([0 * g[:1], g[1:]])), "first row of `g`"),
    ("14.3", lambda x, delta, shape, stride: kernel_gradient(x, delta[:-1], shape, stride), "last place along axis 0 of `delta`"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "place"), LEFT_OUT)
def test_a_first_or_last_place_that_is_left_out_is_told(exercise_id, answer, place):
    assert f"the right ones with the {place} left out" in told(exercise_id, answer)


@pytest.mark.parametrize("exercise_id", ["05.2", "06.2"])
def test_nothing_is_called_left_out_where_another_factor_stands_with_it(exercise_id):
    shorter = next(answer for its_id, answer, _ in LEFT_OUT if its_id == exercise_id)
    assert "left out" not in told(exercise_id, lambda *given: 1.3 * shorter(*given))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda parts: sum(parts[:-1]) if len(parts) > 1 else parts[0], "with the last array of `parts` left out"),
        (lambda parts: sum(parts[1:]) if len(parts) > 1 else parts[0], "with the first array of `parts` left out"),
        (lambda parts: max(parts, key=np.linalg.norm), "one of the arrays in `parts`, as it came"),
    ],
)
def test_an_array_of_a_list_that_is_left_out_or_alone_left_is_told(answer, words):
    assert words in told("09.4", answer)
    assert words not in told("09.4", lambda parts: 1.01 * answer(parts) + 0.01)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda z, G: np.where(z > 0, G, 3 * z), "less than 0"),
        (lambda z, G: np.where(z > 0, G, z + 1), "at most 0"),
        (lambda z, G: np.where(z > 0, np.cos(G), 0), "more than 0"),
        (lambda z, G: np.where(z > 0, G, 0) + (z == 0), "0"),
    ],
)
def test_wrong_entries_that_an_input_tells_from_the_right_ones_are_told_by_it(answer, words):
    assert f"exactly those where `z` is {words}." in told("10.5", answer)

    def one_row_further(z, G):
        right = registry()["10.5"].reference(z, G)
        return right + np.roll(answer(z, G) - right, 1, axis=0)

    assert "exactly those where" not in told("10.5", one_row_further)


def test_a_mistake_made_only_where_the_shapes_allow_it_is_told_with_the_case():
    """Elsewhere it would raise, so being right there says nothing against it."""

    def order_turned(A, B, G):
        return (B.T @ G if len(A) == A.shape[1] == B.shape[1] else G @ B.T), A.T @ G

    message = told("10.3", order_turned)
    assert 'In the case A 3×3, B 3×3, your numbers are those of "gradient of A in the other order"' in message


@pytest.mark.parametrize(
    ("exercise_id", "answer"),
    [
        ("04.2", lambda a, y: 1e-12 * (a + y**2)),
        ("05.3", lambda W_next, delta_next, z: 1e-12 * np.cos(z)),
        ("11.22", lambda *given: 1e-17 * np.cos(given[0])),
    ],
)
def test_next_to_nothing_is_not_called_the_right_numbers_for_an_input_of_nothing(exercise_id, answer):
    assert "right ones with" not in told(exercise_id, answer)


def test_an_input_in_the_place_of_another_is_told():
    layer_jvp = registry()["15.2"].reference
    assert "`b` in place of `b_dot`" in told("15.2", lambda W, b, a, W_dot, b_dot, a_dot: layer_jvp(W, b, a, W_dot, b, a_dot))
    assert "in place of" not in told("15.2", lambda W, b, a, W_dot, b_dot, a_dot: layer_jvp(W, b, a, W_dot, 1.1 * b, a_dot))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda z: z.mean(axis=1, keepdims=True), "the mean over its columns"),
        (lambda z: z[:, -1:], "copies of its last column"),
    ],
)
def test_columns_that_became_one_are_told(change, words):
    message = told("05.3", lambda W, delta, z: HIDDEN_ERROR.reference(W, delta, 0 * z + change(z)))
    assert f"`z` replaced by {words}." in message and "no simple pattern" not in message
    near = told("05.3", lambda W, delta, z: HIDDEN_ERROR.reference(W, delta, 0.1 * z + change(z)))
    assert "replaced by" not in near and "no simple pattern" in near


def test_the_first_column_for_every_column_is_told():
    assert "`a` replaced by copies of its first column" in told("04.7", lambda a, y: registry()["04.7"].reference(0 * a + a[:, :1], y))


def test_another_factor_in_front_of_a_term_is_told():
    gradient = registry()["09.2"].reference
    message = told("09.2", lambda A, s, x, gamma: gradient(A, s, x, gamma) + 0.7 * np.linalg.norm(A) * A)
    assert "off by a multiple of `A`" in message
    assert "off by" not in told("09.2", lambda A, s, x, gamma: gradient(A, s, x, gamma) + 0.7 * A**2)


def in_each_part(x, gamma, g, epsilon):
    s = np.sqrt(x.var(axis=0) + epsilon)
    h, d = (x - x.mean(axis=0)) / s, gamma * g
    return [(d - d.mean(axis=0)) / s, (d * h).sum(axis=1, keepdims=True)]


def test_mistakes_of_single_parts_are_told_each_by_its_part():
    message = told("11.26", in_each_part)
    assert 'In dx, your numbers are those of "no path through the deviation". In dγ, your numbers are those of "γ in dγ".' in message
    hvp = registry()["15.5"].reference

    def mean_in_the_first_part_alone(*given):
        first, second = hvp(*given)
        return [first, given[2].shape[1] * second]

    assert 'In the part of W2, your numbers are those of "1/m left out".' in told("15.5", mean_in_the_first_part_alone)
    assert "your numbers are those of" not in told("11.26", lambda *given: [1.3 * part for part in in_each_part(*given)])


# ---- an exercise's own functions ---------------------------------------------------------------------------------------


def breaks(*given):
    raise ZeroDivisionError("no")


@pytest.mark.parametrize("name", ["explain", "accepts", "recognise"])
def test_a_function_of_the_bank_that_breaks_is_a_fault_of_the_bank_and_no_crash(name):
    mistake = dataclasses.replace(HIDDEN_ERROR.mistakes[0], recognise=breaks)
    broken = dataclasses.replace(HIDDEN_ERROR, **({"mistakes": (mistake,)} if name == "recognise" else {name: breaks}))
    judge_ = Judge.drawn(broken, 1)
    judge_.__dict__["expected"] = Judge.drawn(HIDDEN_ERROR, 1).expected
    outcome = judge_(judge_.run(lambda W_next, delta_next, z: z + 1))
    assert outcome.status == "wrong" and judge_.faults
    assert f"{name}" in judge_.faults[0] and "ZeroDivisionError" in judge_.faults[0]


def test_a_fault_of_the_bank_fails_its_self_test():
    broken = dataclasses.replace(HIDDEN_ERROR, mistakes=(dataclasses.replace(HIDDEN_ERROR.mistakes[0], recognise=breaks),))
    assert any("ZeroDivisionError" in fault for fault in self_test(broken, 1).faults)


def test_a_mistake_told_of_what_is_only_near_it_fails_the_self_test():
    wide = dataclasses.replace(HIDDEN_ERROR.mistakes[0], name="anything", recognise=lambda returned, *given: True)
    faults = self_test(dataclasses.replace(HIDDEN_ERROR, mistakes=(*HIDDEN_ERROR.mistakes, wide)), 1).faults
    assert any("near miss" in fault and "'anything'" in fault for fault in faults)


odd_numbers = st.sampled_from([np.nan, np.inf, -np.inf, 0, -1, 1.5, 1e300, 10**30, 10**500, True, 1j, Fraction(1, 3), Decimal("NaN")])
odd_arrays = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.bool_, np.complex128]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
odd_things = st.recursive(
    odd_numbers | odd_arrays | st.none() | st.text(max_size=4) | st.sampled_from([object(), {}, {1}, b"a", print, range(4), [1] * 200]),
    lambda inner: st.lists(inner, max_size=5) | st.tuples(inner) | st.tuples(inner, inner),
    max_leaves=10,
)
EXERCISES = [exercise for exercise in registry().values() if exercise.id != "08.4"]


@cache
def judge_of(exercise_id):
    return Judge.drawn(registry()[exercise_id], 1)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
@settings(max_examples=settings.default.max_examples // 8, deadline=None, suppress_health_check=list(HealthCheck))
@given(thing=odd_things)
def test_whatever_an_answer_returns_an_outcome_comes_back(exercise, thing):
    judge_ = judge_of(exercise.id)
    record = {"returned": encode(thing), "mutated": [], "undrawn": [], "narrow": False}
    outcome = judge_([dict(record) for _ in judge_.cases])
    assert isinstance(outcome, Outcome) and outcome_text(outcome) and outcome_html(outcome)
    assert not judge_.faults


RAGGED = [
    [[1.0], [2.0, 3.0]],
    [1, [2, 3]],
    [np.zeros(2), np.zeros(3)],
    [[1, 2], [3, [4]]],
    ([1.0], [2.0, 3.0], [4.0]),
    [[None, [1.0], [1.0, 2.0]], [None, 1.0]],
    [[[1.0], [2.0, 3.0]]] * 2,
]
SIZELESS = [np.zeros(0), np.zeros((0, 3)), np.full((1, 1, 1), 0.37), np.array(1j), np.array([None, 1.0]), [], [[]], np.ma.masked]


@pytest.mark.parametrize("exercise", registry().values(), ids=registry())
def test_no_function_of_the_bank_breaks_on_what_has_no_shape(exercise):
    judge_ = judge_of(exercise.id)
    for thing in (*RAGGED, *SIZELESS):
        zero = thing is np.ma.masked and exercise.kind == "value" and np.ndim(exercise.reference) == 0 and exercise.reference == 0  # it is kept as 0
        judged = judge_([{"returned": encode(thing), "mutated": [], "undrawn": []} for _ in judge_.cases])
        assert judged.status == ("right" if zero else "wrong")
    assert judge_.faults == []


def counting(calls):
    """An exercise whose mistakes count how often they are run: ten single slips and every two of them."""

    def counted(slips):
        def answer(x):
            calls[slips] = calls.get(slips, 0) + 1
            return x + sum(10.0**slip for slip in slips)

        return answer

    made = [slips for n in (2, 1) for slips in itertools.combinations(range(10), n)]
    mistakes = tuple(Mistake(str(slips), counted(slips), "Why?", slips=len(slips)) for slips in made)
    cases = lambda rng: [Case("first", (rng.normal(size=3),)), Case("second", (rng.normal(size=(2, 3)),))]  # noqa: E731
    return dataclasses.replace(
        HIDDEN_ERROR, reference=lambda x: x + 0.0, oracle=lambda x: x + 0.0, mistakes=mistakes, cases=cases, explain=None, equivalent={}
    )


@pytest.mark.parametrize(
    ("answer", "named", "run"),
    [
        (lambda x: x + 0.0, None, 0),
        (lambda x: x + 1.0, "(0,)", 3),  # the first of the single slips, in every case
        (lambda x: x + 1e9, "(9,)", 12),
        (lambda x: x + 11.0, "(0, 1)", 13),
        (lambda x: x - 0.5, None, 55),  # each once: the first case rejects it
    ],
)
def test_a_check_runs_no_more_of_the_mistakes_than_it_takes_to_tell(answer, named, run):
    calls = {}
    watched = Judge.drawn(counting(calls), 1)
    for _ in range(2):  # a second check runs none anew
        assert watched(watched.run(answer)).mistake == named
        assert sum(calls.values()) == run


def test_whether_an_answer_passes_is_told_without_any_mistake():
    calls = {}
    watched = Judge.drawn(counting(calls), 1)
    for answer in (lambda x: x + 0.0, lambda x: x + 1.0, lambda x: x - 0.5, lambda x: ..., lambda x: x.nothing):
        records = watched.run(answer)
        assert watched.passes(records) == (watched(records).status == "right")
    calls.clear()
    fresh = Judge.drawn(counting(calls), 1)
    assert not fresh.passes(fresh.run(lambda x: x + 1.0)) and calls == {}


def test_a_mistake_that_is_right_in_some_cases_is_judged_in_each():
    """A shared judge keeps what a mistake is in a case, for that case alone."""
    lost = Mistake("signs lost", np.abs, "Every sign is gone.")
    cases = lambda rng: [Case(label, (np.array(x),)) for label, x in (("a", [1.0, -2.0]), ("b", [1.0, 2.0]), ("c", [-3.0, 4.0]))]  # noqa: E731
    exercise = dataclasses.replace(
        HIDDEN_ERROR, reference=lambda x: x + 0.0, oracle=lambda x: x + 0.0, mistakes=(lost,), cases=cases, explain=None, equivalent={}
    )
    shared = Judge.drawn(exercise, 1)

    def raising(refused):
        def answer(x):
            if list(x) == refused:
                raise ValueError("no")
            return np.abs(x)

        return shared(shared.run(answer)).message

    # where the signs do not count the mistake raises nothing: whoever fails there made another one
    assert lost.hint not in raising([1.0, 2.0])
    assert lost.hint in raising([-3.0, 4.0])


def test_a_judge_shared_by_threads_runs_a_mistake_once_and_when_it_is_asked_for():
    calls = {}

    def slowly(answer):
        return lambda x: (time.sleep(1e-3), answer(x))[1]  # meanwhile, another thread goes on

    exercise = counting(calls)
    slow = tuple(dataclasses.replace(mistake, answer=slowly(mistake.answer)) for mistake in exercise.mistakes)
    watched = Judge.drawn(dataclasses.replace(exercise, mistakes=slow), 1)
    watched.verify()
    watched(watched.run(lambda x: x + 0.0))
    assert calls == {}
    records = [watched.run(lambda x, c=c: x - c) for c in (0.5, 1.5, 2.5, 3.5)]
    with ThreadPoolExecutor(len(records)) as pool:
        outcomes = list(pool.map(watched, records))
    assert [outcome.message for outcome in outcomes] == [Judge.drawn(counting({}), 1)(wrong).message for wrong in records]
    assert len(calls) == 55 and set(calls.values()) <= {1, 2, 3}  # in one case, or in more


def test_the_exercise_s_own_functions_see_arrays_that_they_cannot_change_and_lists_of_their_own():
    seen = []

    def accepts(value, a, parts):
        seen.append((a, parts))
        parts.clear()
        return bool(np.all(value == 2 * a))

    looked_at = dataclasses.replace(
        HIDDEN_ERROR,
        cases=lambda rng: [Case("one", (np.arange(3.0), [np.ones(2), [np.ones(1)]]))],
        plain=(0, 1),
        reference=lambda a, parts: 2 * a,
        oracle=lambda a, parts: a + a,
        mistakes=(),
        accepts=accepts,
        explain=None,
    )
    judge_ = Judge.drawn(looked_at, 1)
    for _ in range(2):
        assert judge_(judge_.run(lambda a, parts: 2 * a)).status == "right"
    (a, _), (again, _) = seen[-2:]
    assert again is a and not a.flags.writeable
    assert all(len(judge_.seen(0)[1]) == 2 for _ in range(2))
    # what is asked of the learner's code is another matter: its inputs are its own
    assert judge_(judge_.run(lambda a, parts: a.__iadd__(a))).mistake == "input mutated"


def test_a_generator_is_fresh_whenever_it_is_looked_at():
    judge_ = Judge.drawn(registry()["08.4"], 1)
    one, other = judge_.seen(0)[0], judge_.seen(0)[0]
    assert one is not other and one.random() == other.random()


@pytest.mark.parametrize(("numbers", "told_so"), [(lambda right: right, True), (lambda right: 2 * right, True), (lambda right: right**2 + 1, False)])
def test_to_reshape_is_advised_only_where_the_numbers_are_right_or_a_multiple(numbers, told_so):
    def answer(G, shape):
        right = registry()["10.4"].reference(G, shape)
        return numbers(right).reshape(shape[::-1]) if len(shape) == 2 and shape[0] == 1 else right

    judge_ = Judge.drawn(registry()["10.4"], 0)
    outcome = judge_(judge_.run(answer))
    assert outcome.mistake == "shape" and ("reshape it" in outcome.message) == told_so


# ---- what is seen of a wrong answer whose mistake no bank names -----------------------------------------------------------


def invented(reference, draw, part="[{}]"):
    """An exercise without any known mistake, on cases that a function draws: each a label and its inputs."""
    return dataclasses.replace(
        HIDDEN_ERROR,
        reference=reference,
        oracle=reference,
        mistakes=(),
        cases=lambda rng: [Case(label, args) for label, *args in draw(rng)],
        explain=None,
        equivalent={},
        part=part,
    )


def seen(exercise, answer):
    judge_ = Judge.drawn(exercise, 1)
    outcome = judge_(judge_.run(answer))
    assert outcome.status == "wrong" and judge_.faults == []
    return f"{outcome.message} {outcome.where}"


def layer(W, x):
    return W @ np.tanh(x)


def of_layers(rng):
    return [(f"{n}×{k}, m = {m}", rng.normal(size=(n, k)), rng.normal(size=(k, m))) for n, k, m in ((3, 3, 5), (2, 4, 3), (4, 3, 1), (5, 2, 4))]


LAYER = invented(layer, of_layers)
ONE_COLUMN = "right wherever `x` has one column, wrong wherever `x` has several columns"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda W, x: layer(W.T if W.shape[0] == W.shape[1] else W, x), "right wherever `W` is not square, wrong wherever `W` is square"),
        (lambda W, x: layer(W, x) * (1.5 if x.shape[1] == 1 else 1), "right wherever `x` has several columns, wrong wherever `x` has one column"),
        (lambda W, x: layer(W, x) + (x.shape[1] > 1) * x.sum() ** 2, ONE_COLUMN),
        (lambda W, x: layer(W, x) + 0.3 * (len(W) == 2), None),  # 2 rows, or 4 columns: the case has no property that is known to matter
        (lambda W, x: layer(W, x) + 0.3, None),
    ],
)
def test_what_parts_right_from_wrong_cases_is_told(answer, words):
    said = seen(LAYER, answer)
    assert words in said if words else "wherever" not in said


def test_where_single_entries_are_wrong_a_case_may_be_right_by_chance():
    """A single case that is wrong in a few places, or right because it is small, says nothing about its shape."""
    judge_ = Judge.drawn(LAYER, 1)
    largest = max(float(case.args[1].max()) for case in judge_.cases)
    assert "wherever" not in seen(LAYER, lambda W, x: layer(W, np.where(x == largest, 0, x)) + 1e-3 * (np.arange(x.shape[1]) == 2))


def sized(n, k):
    return float(n * n + 3 * k)


NUMBERS = invented(sized, lambda rng: [(f"n = {n}, k = {k}", n, k) for n, k in ((2, 3), (5, 5), (3, 8), (7, 0), (4, 4), (9, 2))])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, k: sized(n, k) + 0.5 * (n == k), "right wherever `n` and `k` differ, wrong wherever `n` and `k` are equal"),
        (lambda n, k: sized(n, k) + 0.5 * (k == 0), "right wherever `k` is not 0, wrong wherever `k` is equal to 0"),
        (lambda n, k: sized(n, k) + n, "Your number is the right one plus `n`."),
        (lambda n, k: sized(n, k) - 2, "Your number is off by the same amount in every case."),
        (lambda n, k: sized(n, k) * n, "Your numbers are the right ones, multiplied by `n`."),
        (lambda n, k: sized(n, k) + 1 + n % 3 + k / 7, "Your number is too large in every case."),
        (lambda n, k: sized(n, k) + (n == 3), None),
    ],
)
def test_single_numbers_are_told_by_what_they_are_off(answer, words):
    said = seen(NUMBERS, answer)
    assert words in said if words else "wherever" not in said and "Your number" not in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda W, x: W @ np.linalg.pinv(x).T, "with `x` replaced by the transpose of its pseudo-inverse"),
        (lambda W, x: W @ x[:, ::-1], "with `x` replaced by its columns in reverse order"),
        (lambda W, x: W @ np.round(x), "with `x` replaced by itself rounded to whole numbers"),
        (lambda W, x: W @ (x - x.mean(axis=1, keepdims=True)), "with `x` replaced by itself without the mean over its columns"),
        (lambda W, x: np.sqrt(W.shape[1]) * (W @ x), "multiplied by the root of the number of columns of `W`"),
        (lambda W, x: W @ W.T @ (W @ x), "multiplied by `W Wᵀ` from the left"),
        (lambda W, x: np.linalg.norm(x) * (W @ x), "multiplied by the norm of `x`"),
        (lambda W, x: W @ x + 0.1 * W @ x[:, ::-1], None),
        (lambda W, x: W @ W.T @ (W @ x) * 1.001, None),
    ],
)
def test_other_formulas_of_the_same_shape_are_told(answer, words):
    said = seen(invented(lambda W, x: W @ x, of_layers), answer)
    assert words in said if words else "Your numbers are" not in said


def slope(z):
    return 1 / (2 + np.exp(z) + np.exp(-z))


def of_errors(rng):
    return [(f"{n}×{m}", rng.normal(size=(n, m)), rng.normal(size=(n, m))) for n, m in ((3, 3), (2, 4), (4, 1))]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, z: d * slope(z) ** 2, "multiplied by `σ'(z)`"),
        (lambda d, z: d, "divided by `σ'(z)`"),
        (lambda d, z: d * slope(z) / (1 + np.exp(-z)), "multiplied by `σ(z)`"),
        (lambda d, z: d * slope(z) * (1 - z**2), "multiplied by `1 - z²`"),
        (lambda d, z: d * (1 - np.tanh(z) ** 2), "multiplied by `1 - tanh(z)²` and divided by `σ'(z)`"),
        (lambda d, z: -d * slope(z) * np.exp(z), "multiplied by `exp(z)`, and with the other sign"),
        (lambda d, z: d * slope(z) * (1.3 + z**2), None),
        (lambda d, z: d * slope(z) * 1.7, None),
    ],
)
def test_a_factor_made_of_an_input_is_told(answer, words):
    # asked by another quantity that is no input, so that no change of an input gives the same
    exercise = invented(lambda d, z: (d + 0.2 * d**3) * slope(z), of_errors)
    said = seen(exercise, lambda d, z: answer(d + 0.2 * d**3, z))
    assert f"the right ones, {words}." in said if words else "the right ones" not in said


def test_an_input_that_counts_by_its_signs_is_not_told_by_changes_that_keep_them():
    gated = invented(lambda d, z: d * (z > 0), of_errors)
    assert "replaced by" not in seen(gated, lambda d, z: d * (z.mean(axis=1, keepdims=True) > 0))
    assert "`z` replaced by its negative" in seen(gated, lambda d, z: d * (z < 0))


def outer(delta, a):
    return np.tanh(delta) @ np.sin(a).T / delta.shape[1]


def of_batches(rng):
    return [(f"m = {m}", rng.normal(size=(3, m)), rng.normal(size=(2, m))) for m in (5, 3, 1)]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, a: outer(d[:, -1:], a[:, -1:]), "with every column of `delta` and `a` replaced by the last one."),
        (lambda d, a: outer(d[:, :1], a[:, :1]) / d.shape[1], "replaced by the first one, and divided by their number."),
        (lambda d, a: outer(d.mean(axis=1, keepdims=True), a.mean(axis=1, keepdims=True)), "replaced by the mean of them all."),
        (lambda d, a: outer(d, a[:, ::-1]), "replaced by its columns in reverse order"),
        (lambda d, a: outer(d, a) * d.shape[1], "multiplied by the number of columns of `delta`"),
        (lambda d, a: outer(d, a) * d.shape[1] / max(d.shape[1] - 1, 1), "as if divided by one less than the number of columns of `delta`"),
        (lambda d, a: 0.9 * outer(d[:, -1:], a[:, -1:]) + 0.1 * outer(d, a), None),
    ],
)
def test_examples_pooled_wrongly_are_told(answer, words):
    said = seen(invented(outer, of_batches), answer)
    assert words in said if words else "replaced" not in said and "multiplied" not in said
    assert "`delta` has one column, wrong wherever `delta` has several" in said


def recursion(W, z, last):
    delta = [None] * len(z)
    delta[-1] = last
    for l in range(len(z) - 2, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * slope(z[l])
    return delta


def of_nets(rng):
    def net(*sizes, m):
        W = [None, *(rng.normal(size=(n, k)) for k, n in itertools.pairwise(sizes))]
        z = [None, *(rng.normal(size=(n, m)) for n in sizes[1:])]
        return f"layers {sizes}", W, z, rng.normal(size=(sizes[-1], m))

    return [net(3, 3, 3, 3, 3, m=4), net(2, 4, 3, 2, m=2), net(3, 2, 4, 3, m=1)]


ERRORS = invented(recursion, of_nets, part="delta[{}]")


def test_of_layers_made_backwards_the_first_that_is_made_wrongly_is_told():
    def spoilt(W, z, last):
        return recursion(W, [None, *(z_l + 0.3 * (l < 4) for l, z_l in enumerate(z[1:], 1))], last)

    said = seen(ERRORS, spoilt)
    assert "delta[3] is not right" in said and "(delta[4] is right); from the last one backwards, it is the first that is wrong" in said
    only = seen(ERRORS, lambda W, z, last: [d if l != 1 else d + 1 for l, d in enumerate(recursion(W, z, last))])
    assert "delta[1] is not right" in only and "backwards" not in only


def test_a_factor_in_the_layer_that_goes_wrong_first_is_told():
    def twice(W, z, last):
        delta = recursion(W, z, last)
        for l in range(len(z) - 2, 0, -1):
            delta[l] = W[l + 1].T @ delta[l + 1] * slope(z[l]) ** 2
        return delta

    assert "In delta[3], your numbers are the right ones, multiplied by `σ'(z[3])`." in seen(ERRORS, twice)
    assert "your numbers are" not in seen(ERRORS, lambda W, z, last: twice(W, [None, *(0.9 * z_l for z_l in z[1:])], last))


def test_forward_layers_are_told_in_their_own_order_and_parts_of_no_order_as_they_stand():
    def forward(x):
        z = [x, 2 * x, 3 * x]
        return [z, [np.tanh(z_l) for z_l in z]]

    def spoilt(x):
        z, a = forward(x)
        return [[z[0], z[1], z[2] + 1], [a[0], a[1] + 1, a[2] + 1]]

    draw = lambda rng: [("one", rng.normal(size=(3, 2))), ("two", rng.normal(size=(2, 4)))]  # noqa: E731
    assert "a[1] is not right" in seen(invented(forward, draw, ("z[{}]", "a[{}]")), spoilt)
    plain = seen(invented(lambda x: [x, 2 * x, 3 * x], draw), lambda x: [x + 1, 2 * x + 1, 3 * x + 2])
    assert "[0] is not right" in plain and "first that is wrong" not in plain


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda *given: recursion(*given)[:-1], "the last entry is missing, the rest is right"),
        (lambda *given: recursion(*given)[1:], "the rest is right, but None is missing at place 0"),
        (lambda *given: [None, *recursion(*given)], "the entry at place 1 is too many, the rest is right"),
        (lambda *given: [d for l, d in enumerate(recursion(*given)) if l != 2], "the entry at place 2 is missing, the rest is right"),
        (lambda *given: [None if d is None else d + 1 for d in recursion(*given)[:-1]], None),
        (lambda *given: [None if d is None else 0 * d for d in recursion(*given)[:-1]], None),
    ],
)
def test_the_item_that_a_list_lacks_is_told_where_the_rest_is_right(answer, words):
    said = seen(ERRORS, answer)
    assert words in said if words else "missing" not in said and "too many" not in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda W, x: layer(W, x)[:-1], "the last row is missing, the rest is right"),
        (lambda W, x: layer(W, x)[1:], "the first row is missing, the rest is right"),
        (lambda W, x: np.hstack([layer(W, x), x[:1, :1] * W[:, :1]]), "the last column is too many, the rest is right"),
        (lambda W, x: 2 * layer(W, x)[:-1], None),
    ],
)
def test_the_row_or_column_that_is_missing_is_told(answer, words):
    said = seen(LAYER, answer)
    assert words in said if words else "missing" not in said


def test_one_array_put_into_a_list_again_and_again_is_told():
    def pile(x):
        return [x, x + x**2, x**3]

    def one_array(x):
        kept, parts = np.zeros_like(x), []
        for part in pile(x):
            kept[:] = part
            parts.append(kept)
        return parts

    exercise = invented(pile, lambda rng: [("one", rng.normal(size=(3, 2))), ("two", rng.normal(size=(2, 4)))])
    assert "Is a single array changed in place" in seen(exercise, one_array)
    assert "changed in place" not in seen(exercise, lambda x: [*one_array(x)[:2], x])


def test_numbers_that_are_near_in_every_case_are_told_as_such():
    def coarse(W, x, h=0.05):
        return W @ np.tanh(x) * (1 + h * np.tanh(np.cos(7 * x.sum(axis=0))) / 4)

    assert "within 2 % of what it should be" in seen(LAYER, coarse)
    assert "within 2 %" not in seen(LAYER, lambda W, x: coarse(W, x, 0.9))


def test_a_small_constant_is_asked_for_where_rounding_leaves_no_such_difference():
    assert "is a small constant added or left out" in seen(LAYER, lambda W, x: W @ np.tanh(x * (1 + 1e-6)))
    assert "small constant" not in seen(LAYER, lambda W, x: W @ np.tanh(1.1 * x))


def test_a_bound_beyond_which_all_is_wrong_is_told_with_both_numbers():
    gated = invented(lambda d, z: d * slope(z), of_errors)
    said = seen(gated, lambda d, z: d * slope(z) + np.where(np.abs(z) > 1, d**2, 0))
    assert re.search(r"exactly those where `\|z\|` is 1\.\d+ or more, and right where it is 0\.\d+ or less", said)
    assert "exactly those" not in seen(gated, lambda d, z: d * slope(z) + np.where(np.cos(40 * z) > 0, d**2, 0))


def test_the_place_of_what_is_not_finite_is_told():
    def broken(W, x):
        out = layer(W, x)
        out[1, -1] = np.nan
        return out

    assert "1 of 15 entries are nan or infinite; the first is [1, 4]" in seen(LAYER, broken)


@pytest.mark.parametrize("flat", [np.ravel, np.transpose])
def test_a_row_where_a_column_is_asked_is_called_one(flat):
    told = outcome_of("11.28", lambda *given: flat(registry()["11.28"].reference(*given)))
    assert "the numbers stand in a row, a column is asked" in told.message


def test_a_part_with_the_numbers_of_another_is_told_so_and_no_order_of_parts_is_blamed():
    def copied(*given):
        dx, dWq, _dWk, dWv = registry()["13.5"].reference(*given)
        return [dx, dWq, dWv, dWv]

    told = outcome_of("13.5", copied)
    assert told.status == "wrong" and told.message.endswith("In dWk, your numbers are those that dWv should have."), told.message


def test_an_explanation_is_not_tried_on_special_numbers_where_many_formulas_agree():
    def path_lost_at_0(x, y):
        u, v = x * y, x + y**2
        by_u = np.sin(v) if u else 0.0
        return by_u * y + u * np.cos(v), by_u * x + u * np.cos(v) * 2 * y

    told = outcome_of("02.1", path_lost_at_0)
    assert told.status == "wrong" and "path" not in told.message and "0" in told.where, told


@pytest.mark.parametrize(("exercise_id", "constant"), [("02.1", (0.0, 0.0)), ("02.1", (1.0, 1.0)), ("05.1", 1.0)])
def test_a_result_that_never_changes_is_told_as_that_and_as_no_formula(exercise_id, constant):
    told = outcome_of(exercise_id, lambda *_: constant)
    assert "Your result is the same in every case" in told.message and "path" not in told.message and "·" not in told.message, told.message


@pytest.mark.parametrize(
    ("exercise_id", "answer"),
    [
        ("02.1", lambda x, y: (0.0, registry()["02.1"].reference(x, y)[1])),
        ("02.2", lambda W: 0 * W),
        ("14.1", lambda k, n: registry()["14.1"].reference(k, n) * (np.arange(n) > 0)),
    ],
)
def test_that_a_number_is_0_is_said_once(exercise_id, answer):
    message = outcome_of(exercise_id, answer).message
    assert " 0" in message and "yours is 0" not in message, message
