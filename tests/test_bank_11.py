"""Lesson 11's exercises as learners answer them: verdicts in any writing, other right repairs, and wrong ones beyond the bank."""

from __future__ import annotations

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.judge import Judge
from bpkit.exercises.lesson_11.derivations import DERIVATIONS

# ---- verdicts -------------------------------------------------------------------------------------------------------

VERDICTS = dict(zip([e.id for e in of_lesson("11") if e.kind == "value"], DERIVATIONS.values(), strict=True))


@pytest.mark.parametrize("derivation", DERIVATIONS.values(), ids=DERIVATIONS)
def test_numbers_contradict_no_line_before_the_one_that_is_called_wrong(derivation):
    for seed in range(5):
        assert derivation.first_false(np.random.default_rng(seed)) == derivation.wrong


@pytest.mark.parametrize("derivation", DERIVATIONS.values(), ids=DERIVATIONS)
def test_a_line_is_told_to_be_right_only_if_its_numbers_agree(derivation):
    for number, line in enumerate(derivation.lines, 1):
        said_right = line.verdict.startswith((f"Line {number} is right", f"Line {number} does what it says"))
        if number != derivation.wrong:
            assert said_right == line.holds(np.random.default_rng(7)) or "one layer further down" in line.verdict or "The plus" in line.verdict, (
                number
            )


@pytest.mark.parametrize(("exercise_id", "derivation"), VERDICTS.items())
def test_every_verdict_is_judged_and_named(exercise_id, derivation):
    for number in range(len(derivation.lines) + 1):
        outcome = outcome_of(exercise_id, number)
        expected = None if number == derivation.wrong else f"line {number}" if number else "all right"
        assert (outcome.passed, outcome.mistake) == (number == derivation.wrong, expected)


@pytest.mark.parametrize(("exercise_id", "derivation"), VERDICTS.items())
def test_a_verdict_may_be_written_in_several_ways(exercise_id, derivation):
    k = derivation.wrong
    for answer in (k, float(k), str(k), f"line {k}", f" Line {k} ", np.int64(k), np.array([k]), [k]):
        assert outcome_of(exercise_id, answer).passed, answer
    assert outcome_of(exercise_id, "all right").mistake == "all right"
    assert outcome_of(exercise_id, ...).status == "not attempted"


@pytest.mark.parametrize("answer", [-1, 99, 2.5, "the last", "", None, True, [1, 2], {"line": 2}, lambda: 2])
def test_what_names_no_line_is_told_what_to_write(answer):
    outcome = outcome_of("11.1", answer)
    assert outcome.status == "wrong" and outcome.mistake is None
    assert "Write the number of one line, 1 to 6" in outcome.message


def test_a_derivation_without_a_fault_has_no_false_line():
    sound = Derivation((Line("a"), Line("b", sides=lambda rng: (1.0, 1.0))), 0, "")
    assert sound.first_false(np.random.default_rng(0)) == 0 and sound.holds("all right")
    assert sound.table().splitlines()[2:] == ["| **1** | a |", "| **2** | b |"]


# ---- repairs, right in other ways -----------------------------------------------------------------------------------


def tanh_in_loops(W_next, delta_next, a):
    return [
        [sum(W_next[k][j] * delta_next[k][x] for k in range(len(W_next))) * (1 - a[j][x]) * (1 + a[j][x]) for x in range(len(a[0]))]
        for j in range(len(a))
    ]


def last_layer_example_by_example(delta, a_prev):
    dW, db = np.zeros((len(delta), len(a_prev))), np.zeros((len(delta), 1))
    for d, a in zip(delta.T, a_prev.T, strict=True):
        dW += np.outer(d, a) / delta.shape[1]
        db += d[:, None] / delta.shape[1]
    return dW, db


def order_through_columns(w, b, x, t, alpha):
    """The course's columns, turned at the doors; m keeps its own 1/m out."""
    W, c = [None, *(v.T for v in w[1:])], [None, *(v.T for v in b[1:])]
    D, a = len(w) - 1, [x.T]
    for m in range(1, D + 1):
        z = W[m] @ a[-1] + c[m]
        a.append(bp.sigmoid(z) if m == D else bp.tanh(z))
    delta = [None] * (D + 1)
    delta[D] = (a[D] - t.T) * a[D] * (1 - a[D])
    for m in range(D - 1, 0, -1):
        delta[m] = W[m + 1].T @ delta[m + 1] * (1 - a[m] ** 2)
    new_w = [None, *((W[m] - alpha * delta[m] @ a[m - 1].T).T for m in range(1, D + 1))]
    return new_w, [None, *((c[m] - alpha * delta[m].sum(axis=1, keepdims=True)).T for m in range(1, D + 1))]


def order_with_propagation_before_the_update(w, b, x, t, alpha):
    """The published loop with line 6 moved in front of line 5, on copies."""
    w, b, D = [None, *(v.copy() for v in w[1:])], [None, *(v.copy() for v in b[1:])], len(w) - 1
    eps, y = [None], [x]
    for m in range(1, D + 1):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(bp.sigmoid(eps[m]) if m == D else bp.tanh(eps[m]))
    error = (y[D] - t) * bp.sigmoid.prime(eps[D])
    for m in range(D, 0, -1):
        dw, db = y[m - 1].T @ error, error.sum(axis=0)
        if m > 1:
            error = bp.tanh.prime(eps[m - 1]) * (error @ w[m].T)
        w[m] -= alpha * dw
        b[m] -= alpha * db
    return w, b


def sparse_column_by_column(A, S, X, gamma):
    return 2 * gamma * A + sum(np.outer(2 * (A @ S[:, i] - X[:, i]), S[:, i]) for i in range(S.shape[1]))


def ica_with_names(W, X):
    hidden = W @ X
    back = 2 * (W.T @ hidden - X)
    return hidden @ back.T + (W @ back) @ X.T


def relu_in_loops(W_next, delta_next, a):
    delta = np.zeros_like(a)
    for (j, x), value in np.ndenumerate(a):
        if value > 0:
            delta[j, x] = W_next[:, j] @ delta_next[:, x]
    return delta


RIGHT_WAYS = {
    "11.2": [
        tanh_in_loops,
        lambda W_next, delta_next, a: np.einsum("kj,kx,jx->jx", W_next, delta_next, 1 - a * a),
        lambda W_next, delta_next, a: (delta_next.T @ W_next).T / np.cosh(np.arctanh(a)) ** 2,
        lambda W_next, delta_next, a: W_next.T @ delta_next * bp.tanh.prime(np.arctanh(a)),
    ],
    "11.4": [
        last_layer_example_by_example,
        lambda delta, a_prev: [np.einsum("px,qx->pq", delta, a_prev) / delta.shape[1], delta.mean(1)[:, None]],
        lambda delta, a_prev: ((delta[:, None] * a_prev[None]).mean(axis=2), np.mean(delta, axis=1, keepdims=True)),
        lambda delta, a_prev: [(a_prev @ delta.T).T / delta.shape[1], delta @ np.full((delta.shape[1], 1), 1 / delta.shape[1])],
    ],
    "11.6": [order_through_columns, order_with_propagation_before_the_update],
    "11.8": [
        sparse_column_by_column,
        lambda A, S, X, gamma: 2 * (A @ (S @ S.T) - X @ S.T + gamma * A),
        lambda A, S, X, gamma: 2 * np.einsum("nm,km->nk", A @ S - X, S) + 2 * gamma * A,
    ],
    "11.10": [
        ica_with_names,
        lambda W, X: 2 * W @ ((W.T @ W @ X - X) @ X.T + X @ (W.T @ W @ X - X).T),
        lambda W, X: sum(2 * W @ (r @ c.T + c @ r.T) for c in X.T[:, :, None] for r in [W.T @ W @ c - c]),
    ],
    "11.12": [
        relu_in_loops,
        lambda W_next, delta_next, a: np.where(a > 0, W_next.T @ delta_next, 0),
        lambda W_next, delta_next, a: W_next.T @ delta_next * np.sign(a),
        lambda W_next, delta_next, a: W_next.T @ delta_next * bp.relu.prime(a),
        lambda W_next, delta_next, a: np.einsum("kj,kx,jx->jx", W_next, delta_next, a != 0),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


def single(answer):
    """The same answer, computed in float32 throughout."""
    return lambda *given: np.asarray(answer(*(np.asarray(g, np.float32) for g in given)), np.float32)


@pytest.mark.parametrize("exercise_id", ["11.2", "11.8", "11.10", "11.12"])
def test_float32_is_told_not_failed(exercise_id):
    outcome = outcome_of(exercise_id, single(registry()[exercise_id].reference))
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- repairs, wrong in ways beyond the bank's own ---------------------------------------------------------------------


def published_order_in_place(w, b, x, t, alpha):
    D, eps, y = len(w) - 1, [None], [x]
    for m in range(1, D + 1):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(bp.sigmoid(eps[m]) if m == D else bp.tanh(eps[m]))
    error = (y[D] - t) * bp.sigmoid.prime(eps[D])
    for m in range(D, 0, -1):
        dw, db = y[m - 1].T @ error, error.sum(axis=0)
        w[m] -= alpha * dw
        b[m] -= alpha * db
        if m > 1:
            error = bp.tanh.prime(eps[m - 1]) * (error @ w[m].T)
    return w, b


def right_order_in_place(w, b, x, t, alpha):
    new_w, new_b = order_through_columns(w, b, x, t, alpha)
    for m in range(1, len(w)):
        w[m][...], b[m][...] = new_w[m], new_b[m]
    return w, b


def down_to_layer_0(w, b, x, t, alpha):
    """The published range: one turn too many."""
    D, eps, y = len(w) - 1, [None], [x]
    for m in range(1, D + 1):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(bp.sigmoid(eps[m]) if m == D else bp.tanh(eps[m]))
    error = (y[D] - t) * bp.sigmoid.prime(eps[D])
    for m in range(D, 0, -1):
        error = bp.tanh.prime(eps[m - 1]) * (error @ w[m].T)
    return w, b


def old_weights_by_name_only(w, b, x, t, alpha):
    """A repair that keeps the old weights as another name of the same array."""
    w, b = [None, *(v.copy() for v in w[1:])], [None, *(v.copy() for v in b[1:])]
    D, eps, y = len(w) - 1, [None], [x]
    for m in range(1, D + 1):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(bp.sigmoid(eps[m]) if m == D else bp.tanh(eps[m]))
    error = (y[D] - t) * bp.sigmoid.prime(eps[D])
    for m in range(D, 0, -1):
        old = w[m]
        w[m] -= alpha * y[m - 1].T @ error
        b[m] -= alpha * error.sum(axis=0)
        if m > 1:
            error = bp.tanh.prime(eps[m - 1]) * (error @ old.T)
    return w, b


BEYOND_THE_BANK = [
    ("11.2", lambda W_next, delta_next, a: 0.5 * (W_next.T @ delta_next) * (1 - a**2), None, "1/2 ×"),
    ("11.2", lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.sqrt(1 - a**2), "root of the slope", "sine and cosine"),
    ("11.2", lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a**4), None, "is not right"),
    ("11.2", lambda W_next, delta_next, a: (W_next @ delta_next) * (1 - a), "1 - a, not squared; transpose forgotten", "Two slips at once"),
    ("11.2", lambda W_next, delta_next, a: (W_next.T @ delta_next) / np.cosh(a) ** 2, "slope at a", "once too often"),
    ("11.2", lambda W_next, delta_next, a: (W_next.T @ delta_next) @ (1 - a**2).T, "shape", "expected shape"),
    ("11.2", lambda W_next, delta_next, a: -(W_next.T @ delta_next) * (1 - a**2), "sign", "rises everywhere"),
    ("11.2", lambda W_next, delta_next, a: (W_next.T @ delta_next) * bp.sigmoid.prime(a), "the sigmoid's slope, at a", "These neurons are tanh"),
    ("11.4", lambda delta, a_prev: [np.outer(delta, a_prev), delta], "shape", "dW: it has shape"),
    ("11.4", lambda delta, a_prev: delta @ a_prev.T / delta.shape[1], "shape", "expected a list of 2 items"),
    ("11.4", lambda delta, a_prev: [delta @ a_prev.T / delta.shape[1], delta.mean(axis=1)], "shape (n,) in db", "flat array"),
    ("11.4", lambda delta, a_prev: last_layer_example_by_example(delta, a_prev)[::-1], "b before W", "wrong order"),
    ("11.4", lambda delta, a_prev: [delta @ a_prev.T / len(a_prev), delta.mean(axis=1, keepdims=True)], None, "dW is not right"),
    ("11.4", lambda delta, a_prev: [a_prev @ delta.T, delta.mean(axis=1, keepdims=True)], "no 1/m in dW; transposed in dW", "Two slips"),
    ("11.4", lambda delta, a_prev: [2 * part for part in last_layer_example_by_example(delta, a_prev)], None, "2 ×"),
    ("11.6", old_weights_by_name_only, "update before propagate", "A name is no copy"),
    ("11.6", published_order_in_place, "update before propagate", "have moved"),
    ("11.6", right_order_in_place, "input mutated", "Work on a copy"),
    ("11.6", down_to_layer_0, "raised", "TypeError"),
    ("11.6", lambda w, b, x, t, alpha: order_through_columns(w, b, x, t, alpha)[0], "shape", "expected a list of 2 items"),
    ("11.6", lambda w, b, x, t, alpha: [order_through_columns(w, b, x, t, alpha)[0], b], "biases not updated", "parameters too"),
    ("11.6", lambda w, b, x, t, alpha: [order_through_columns(w, b, x, t, alpha)[0], [None, *(2 * p for p in b[1:])]], None, "b[1] is not right"),
    ("11.6", lambda w, b, x, t, alpha: order_through_columns(w, b, x, t, 1.0), "learning rate left out", "whole gradient"),
    ("11.6", lambda w, b, x, t, alpha: [part[1:] for part in order_through_columns(w, b, x, t, alpha)], "shape", "expected a list of 4 items"),
    ("11.8", lambda A, S, X, gamma: (2 * (A @ S - X) @ S.T + 2 * gamma * A).T, None, "the transpose"),
    ("11.8", lambda A, S, X, gamma: 4 * (A @ S - X) @ S.T + 2 * gamma * A, None, "is not right"),
    ("11.8", lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + 2 * gamma, "γ without A", "one number"),
    ("11.8", lambda A, S, X, gamma: 2 * A.T @ (A @ S - X) @ S.T + 2 * gamma * A, "sᵀ behind the gradient of s", "not gone back"),
    ("11.8", lambda A, S, X, gamma: np.sum((A @ S - X) ** 2), "shape", "a single number"),
    ("11.10", lambda W, X: ica_with_names(W, X).T, "transposed", "the shape of what it belongs to"),
    ("11.10", lambda W, X: 3 * ica_with_names(W, X), None, "3 ×"),
    ("11.10", lambda W, X: 2 * W.T @ (W.T @ W @ X - X), "shape", "expected shape"),
    ("11.12", lambda W_next, delta_next, a: (W_next.T @ delta_next)[a > 0], "shape", "expected shape"),
    ("11.12", lambda W_next, delta_next, a: W_next.T @ delta_next, "everything passes", "nothing were ever off"),
    ("11.12", lambda W_next, delta_next, a: (W_next @ delta_next) * (a >= 0), "everything passes; transpose forgotten", "Two slips"),
    ("11.12", lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a > 0.5), None, "is not right"),
    ("11.12", lambda W_next, delta_next, a: a > 0, "the mask alone", "slope of relu"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


ODD_VERDICTS = [np.inf, -np.inf, np.nan, [np.inf], [[1], [2, 3]], [], {}, None, True, 1j, "line", 2.5, np.array([]), np.array([[4]]), object()]


@pytest.mark.parametrize("exercise_id", [exercise.id for exercise in of_lesson("11") if exercise.kind == "value"])
def test_odd_verdicts_are_answered(exercise_id):
    judge = Judge.drawn(registry()[exercise_id], 0)
    for odd in ODD_VERDICTS:
        outcome = judge(judge.run(odd))
        assert outcome.status in ("wrong", "right") and outcome.message
    assert judge.faults == []


# ---- what the lesson says of its fixtures ------------------------------------------------------------------------------


def test_the_published_ica_gradient_passes_on_a_symmetric_w():
    rng = np.random.default_rng(0)
    published = next(m for m in registry()["11.10"].mistakes if m.name == "Wᵀ for W (text U)").answer
    W, X = rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
    np.testing.assert_allclose(published(W + W.T, X), ica_with_names(W + W.T, X), rtol=1e-10)
    assert not np.allclose(published(W, X), ica_with_names(W, X), rtol=0.1)
    with pytest.raises(ValueError, match="mismatch"):
        published(W[:2], X)
