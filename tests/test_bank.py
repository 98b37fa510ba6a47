"""Every exercise of the bank: its self-test, its texts, and the ways of answering that the bank's own mistakes do not cover."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import called, find, known, registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.lesson_05.ex5_proof_order import PROOF
from bpkit.exercises.mutants import try_mutants

EXERCISES = list(registry().values())
IDS = [exercise.id for exercise in EXERCISES]
DEEP = 8


@pytest.mark.slow
@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.kind == "function" and e.id != "08.4"], ids=lambda e: e.id)
def test_the_solution_is_right_whatever_is_drawn(exercise):
    """On more seeds than there is time to try every mistake on: a right answer that is refused is the worst that can happen."""
    for seed in range(DEEP, 150):
        judge = Judge.drawn(exercise, seed)
        outcome = judge(judge.run(exercise.reference))
        assert (outcome.status, outcome.notes) == ("right", ()), (seed, outcome.message)


@pytest.mark.parametrize("exercise", [exercise for exercise in EXERCISES if exercise.id != "08.4"], ids=lambda exercise: exercise.id)
def test_no_small_change_of_the_solution_passes(exercise):
    # 08.4 takes long, and its own tests change its steps one by one
    assert try_mutants(exercise).survivors == ()


@pytest.mark.parametrize("exercise", EXERCISES, ids=IDS)
def test_every_text_is_there_and_gives_no_code_away(exercise):
    assert exercise.points > 0 and exercise.minutes > 0
    assert len({mistake.name for mistake in exercise.mistakes}) == len(exercise.mistakes) >= 1
    for text in (*exercise.hints, *(mistake.hint for mistake in exercise.mistakes)):
        assert len(text) > 20 and text.rstrip("`)").endswith((".", "?")), text
        assert not re.search(r"\.T\b|@ ?delta|\*\*", text), f"gives the line away: {text}"


@pytest.mark.parametrize("exercise", [e for e in EXERCISES if e.kind == "function"], ids=lambda e: e.id)
def test_cases_follow_the_fixture_rules(exercise):
    rng = np.random.default_rng(0)
    cases = exercise.cases(rng)
    assert len({case.label for case in cases}) == len(cases) >= 2
    for case in cases:
        for arg in case.args:
            if isinstance(arg, np.ndarray) and arg.size > 1:
                # labels are whole numbers by nature, and masks are true or false
                assert arg.dtype == np.float64 or arg.dtype.kind in "ib" or str(arg.dtype) in case.label
                assert np.ptp(arg.astype(float)) != 0, "an input of equal entries hides mistakes"  # nan, where one is among them
                if arg.ndim == 2 and arg.shape[0] == arg.shape[1]:
                    assert not np.allclose(arg, arg.T), "a symmetric input hides a forgotten transpose"


def loops_hidden_error(W_next, delta_next, z):
    rows = []
    for j in range(len(z)):
        row = []
        for x in range(len(z[0])):
            a = 1 / (1 + np.exp(-z[j][x]))
            row.append(sum(W_next[k][j] * delta_next[k][x] for k in range(len(W_next))) * a * (1 - a))
        rows.append(row)
    return rows


def in_place_on_own_copy(W_next, delta_next, z):
    delta = (W_next.T @ delta_next).copy()
    delta *= bp.sigmoid.prime(z)
    return delta


def through_jacobians(W_next, delta_next, z):
    columns = [(W_next @ np.diag(bp.sigmoid.prime(z[:, x]))).T @ delta_next[:, x] for x in range(z.shape[1])]
    return np.stack(columns, axis=1)


def all_errors_in_reverse(W, z, delta_L):
    delta = [delta_L]
    for weights, here in zip(W[:1:-1], z[-2:0:-1], strict=True):
        delta.insert(0, weights.T @ delta[0] * bp.sigmoid.prime(here))
    return (None, *delta)


RIGHT_WAYS = {
    "00.1": [lambda x: x * x, np.square, lambda x: np.power(x, 2)],
    "05.1": [
        lambda W_next, z, k, j: W_next[k][j] * bp.sigmoid.prime(z)[j],
        lambda W_next, z, k, j: (W_next[k, j] * bp.sigmoid(z[j]) * (1 - bp.sigmoid(z[j]))).reshape(1, 1),
        lambda W_next, z, k, j: (W_next @ np.diag(bp.sigmoid.prime(z).ravel()))[k, j],
    ],
    "05.2": [loops_hidden_error, in_place_on_own_copy],
    "05.3": [
        loops_hidden_error,
        in_place_on_own_copy,
        through_jacobians,
        lambda W_next, delta_next, z: np.einsum("kj,km,jm->jm", W_next, delta_next, bp.sigmoid.prime(z)),
        lambda W_next, delta_next, z: (delta_next.T @ W_next).T * np.exp(-z) / (1 + np.exp(-z)) ** 2,
        lambda *given: in_place_on_own_copy(*given),
    ],
    "05.4": [all_errors_in_reverse],
    "05.5": ["GCDFBHAE", "d f b g c h a e", ["D", "G", "F", "C", "B", "H", "A", "E"]],
    "05.6": [
        lambda delta: [np.linalg.norm(delta[i]) / np.linalg.norm(delta[i + 1]) for i in range(1, len(delta) - 1)],
        lambda delta: np.sqrt([np.sum(d**2) / np.sum(e**2) for d, e in itertools.pairwise(delta[1:])]),
    ],
    "05.7": [
        lambda W_next, z: W_next @ np.diag(bp.sigmoid.prime(z)[:, 0]),
        lambda W_next, z: np.einsum("kj,jo->kj", W_next, bp.sigmoid.prime(z)),
        lambda W_next, z: [[W_next[k, j] * bp.sigmoid.prime(z[j, 0]) for j in range(len(z))] for k in range(len(W_next))],
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


def single(answer):
    """The same answer, computed in float32 throughout."""
    return lambda *given: answer(*(np.asarray(g, np.float32) for g in given)).astype(np.float32)


@pytest.mark.parametrize("exercise_id", ["05.2", "05.3", "05.7"])
def test_float32_is_told_not_failed(exercise_id):
    outcome = outcome_of(exercise_id, single(registry()[exercise_id].reference))
    assert outcome.passed
    assert "float32" in outcome.notes[0]


# wrong in ways that the bank does not know: the message has to help, and nothing may be called what it is not
BEYOND_THE_BANK = [
    ("05.1", lambda W_next, z, k, j: W_next[k, j], "wrong", "σ' left out", ""),
    ("05.1", lambda W_next, z, k, j: W_next[k] * bp.sigmoid.prime(z).T, "wrong", "shape", "expected a single number"),
    ("05.1", lambda W_next, z, k, j: abs(W_next[k, j]) * bp.sigmoid.prime(z[j, 0]), "wrong", "size of the weight", "falls when z_j rises"),
    ("05.1", lambda W_next, z, k, j: -W_next[k, j] * bp.sigmoid.prime(z[j, 0]), "wrong", "sign", "the weight says"),
    ("05.1", lambda W_next, z, k, j: np.sum(W_next * bp.sigmoid.prime(z).T, axis=1)[k], "wrong", "summed over the neurons j", "z_j alone moves"),
    ("05.1", lambda W_next, z, k, j: W_next[k, j] / bp.sigmoid.prime(z[j, 0]), "wrong", None, "not right"),
    ("05.1", lambda W_next, z, k, j: W_next[0, 0] * bp.sigmoid.prime(z[0, 0]), "wrong", None, "not right"),
    ("05.1", lambda W_next, z, k, j: print("done"), "wrong", "returned None", "`return`"),
    ("05.2", lambda W_next, delta_next, z: W_next.T @ delta_next * (1 - bp.sigmoid(z)), "wrong", "1 - a for σ'", "half of the sigmoid's slope"),
    ("05.2", lambda W_next, delta_next, z: W_next.T @ delta_next * (1 - bp.sigmoid(z) ** 2), "wrong", "slope of tanh", "These neurons are sigmoids"),
    ("05.2", lambda W_next, delta_next, z: in_place_on_own_copy(W_next[:-1], delta_next[:-1], z), "wrong", None, "last row of `W_next` left out"),
    ("05.2", lambda W_next, delta_next, z: W_next.T @ delta_next * bp.sigmoid.prime(z).mean(), "wrong", None, "no simple pattern"),
    ("05.3", lambda W_next, delta_next, z: in_place_on_own_copy(W_next, delta_next, z)[:, :1], "wrong", "shape", "expected shape (3, 5)"),
    ("05.3", lambda W_next, delta_next, z: np.abs(in_place_on_own_copy(W_next, delta_next, z)), "wrong", None, "the wrong sign"),
    ("05.3", lambda W_next, delta_next, z: 2 * in_place_on_own_copy(W_next, delta_next, z), "wrong", None, "2 ×"),
    ("05.3", lambda W_next, delta_next, z: in_place_on_own_copy(W_next, delta_next, z).T, "wrong", "shape", "rows and columns are swapped"),
    ("05.3", lambda W_next, delta_next, z: in_place_on_own_copy(W_next, delta_next, z) * 1j, "wrong", "dtype", "complex"),
    ("05.3", lambda W_next, delta_next, z: in_place_on_own_copy(W_next, delta_next, z) * np.nan, "wrong", "not finite", "nan"),
    ("05.3", lambda W_next, delta_next, z: {"delta": z}, "wrong", "dtype", "a dictionary"),
    ("05.3", lambda W_next, delta_next, z: np.array([[None]]), "wrong", "dtype", "it holds no numbers"),
    ("05.3", lambda W_next, delta_next, z: [[1.0, 2.0], [3.0]], "wrong", "shape", "ragged"),
    ("05.3", lambda W_next, delta_next: z, "wrong", "wrong arguments", "(W_next, delta_next, z)"),  # noqa: F821 - a learner's slip
    ("05.3", lambda W_next, delta_next, z: undefined, "wrong", "raised", "NameError"),  # noqa: F821 - a learner's slip
    ("05.3", 3.0, "wrong", "not a function", "without calling it"),
    ("05.4", lambda W, z, delta_L: delta_L, "wrong", "shape", "expected a list of"),
    ("05.4", lambda W, z, delta_L: [None, *(-d for d in all_errors_in_reverse(W, z, delta_L)[1:-1]), delta_L], "wrong", None, "-1 ×"),
    ("05.4", lambda W, z, delta_L: all_errors_in_reverse(W, z, 2 * delta_L), "wrong", None, "2 ×"),
    (
        "05.4",
        lambda W, z, delta_L: [None, 0 * z[1], *all_errors_in_reverse(W, z, delta_L)[2:]],
        "wrong",
        None,
        "delta[1] is not right: every entry is 0",
    ),
    ("05.4", lambda W, z, delta_L: z.pop(0) or all_errors_in_reverse(W, [None, *z], delta_L), "wrong", "input mutated", "changes z"),
    ("05.4", lambda W, z, delta_L: [None] * len(z), "wrong", "returned None", "delta[1]"),
    ("05.6", lambda delta: np.linalg.norm(delta[1]) / np.linalg.norm(delta[2]), "wrong", "shape", "expected shape (3,)"),
    ("05.6", lambda delta: [np.linalg.norm(d) for d in delta[1:-1]], "wrong", "norms alone", "of the next layer"),
    ("05.6", lambda delta: [100 * np.linalg.norm(a) / np.linalg.norm(b) for a, b in itertools.pairwise(delta[1:])], "wrong", None, "100 ×"),
    (
        "05.6",
        lambda delta: [np.linalg.norm(a) - np.linalg.norm(b) for a, b in itertools.pairwise(delta[1:])],
        "wrong",
        "difference for ratio",
        "By what factor",
    ),
    (
        "05.6",
        lambda delta: [np.sqrt(np.mean(a**2) / np.mean(b**2)) for a, b in itertools.pairwise(delta[1:])],
        "wrong",
        "root mean square",
        "root of their sum",
    ),
    ("05.7", lambda W_next, z: W_next * bp.sigmoid.prime(W_next @ bp.sigmoid(z)), "wrong", "slope of the next layer", "of this layer"),
    ("05.7", lambda W_next, z: W_next / bp.sigmoid.prime(z).T, "wrong", None, "column"),
    ("05.7", lambda W_next, z: -W_next * bp.sigmoid.prime(z).T, "wrong", "sign", "opposite sign"),
    ("05.5", "DFB", "wrong", None, "missing: ACEGH"),
    ("05.5", 12, "wrong", None, "no letters"),
    ("05.7", lambda W_next, z: in_place_on_own_copy(W_next, np.eye(len(W_next)), z), "wrong", "transposed", ""),
]


@pytest.mark.parametrize(("exercise_id", "answer", "status", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, status, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == (status, mistake), outcome.message
    assert words in outcome.message


def test_a_known_idea_written_with_another_shape_is_guessed_and_the_guess_said_as_one():
    def sum_over_j_with_zeros_of_z(W_next, delta_next, z):
        delta = np.zeros_like(z)
        for k in range(len(W_next)):
            for j in range(len(z)):
                delta[k] += W_next[k, j] * delta_next[k] * bp.sigmoid.prime(z[j])
        return delta

    outcome = outcome_of("05.2", sum_over_j_with_zeros_of_z)
    assert outcome.mistake is None
    assert 'In the case W_next 3×3, m = 5, your numbers are those of "sum over j"' in outcome.message


def test_partly_right_lists_say_which_layers_are_right():
    def wrong_in_the_first_layer(W, z, delta_L):
        delta = list(all_errors_in_reverse(W, z, delta_L))
        delta[1] = delta[1] + 0.01 * delta[1] ** 2
        return delta

    outcome = outcome_of("05.4", wrong_in_the_first_layer)
    assert "delta[1] is not right" in outcome.message and "delta[4] are right" in outcome.message


def test_every_order_of_the_proof_is_judged_by_its_first_illegal_step():
    rng = np.random.default_rng(3)
    for _ in range(500):
        order = "".join(rng.permutation(list(PROOF.letters)))
        illegal = PROOF.first_illegal(order)
        outcome = outcome_of("05.5", order)
        assert outcome.passed == (illegal is None)
        assert outcome.mistake == (None if illegal is None else illegal.too_early)


def test_every_exercise_is_found_by_the_name_of_its_answer():
    for exercise in EXERCISES:
        assert exercise in called([exercise.name, "not_there"]) and known(exercise.id) is exercise
    assert called(["var", "SPARSE_GRAD_A", ""]) == [] and known("05.33") is None


@pytest.mark.parametrize("unknown", ["05.33", "5.3", "", None, 5.3, "xx"])
def test_an_unknown_id_is_answered_with_what_there_is(unknown):
    assert "there is no exercise" in find(unknown)
