"""Lesson 09's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.lesson_09.ex6_shared_proof_order import PROOF

# ---- right in other ways ---------------------------------------------------------------------------------------------


def s_in_loops(A, s, x):
    grad = [[0.0] * len(s[0]) for _ in s]
    for e in range(len(s[0])):
        for i in range(len(x)):
            r = sum(A[i][j] * s[j][e] for j in range(len(s))) - x[i][e]
            for j in range(len(s)):
                grad[j][e] += 2 * r * A[i][j]
    return grad


def A_in_loops(A, s, x, gamma):
    grad = 2 * gamma * A
    r = A @ s - x
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            for e in range(s.shape[1]):
                grad[i, j] += 2 * r[i, e] * s[j, e]
    return grad


def topographic_by_columns(V, s, eps):
    columns = [np.diag(c) @ V.T @ (1 / np.sqrt(V @ (c * c) + eps)) for c in s.T]
    return np.column_stack(columns)


def topographic_in_loops(V, s, eps):
    grad = np.zeros_like(s)
    for g in range(len(V)):
        for e in range(s.shape[1]):
            root = np.sqrt(sum(V[g, j] * s[j, e] ** 2 for j in range(len(s))) + eps)
            for j in range(len(s)):
                grad[j, e] += V[g, j] * s[j, e] / root
    return grad


def added_in_a_loop(parts):
    total = np.zeros_like(parts[0])
    for part in parts:
        total += part
    return total


def ica_use_by_use(W, x):
    P, Q = W, W
    r = Q.T @ P @ x - x
    to_P = 2 * Q @ r @ x.T
    to_Q_transposed = 2 * r @ (P @ x).T
    return to_P + to_Q_transposed.T


def ica_in_loops(W, x):
    grad = np.zeros_like(W)
    for column in x.T:
        h = W @ column
        r = W.T @ h - column
        grad += 2 * (np.outer(W @ r, column) + np.outer(h, r))
    return grad


RIGHT_WAYS = {
    "09.1": [
        s_in_loops,
        lambda A, s, x: 2 * (A.T @ A @ s - A.T @ x),
        lambda A, s, x: -2 * A.T @ (x - A @ s),
        lambda A, s, x: 2 * ((A @ s - x).T @ A).T,
        lambda A, s, x: 2 * np.einsum("ij,ie->je", A, A @ s - x),
        lambda A, s, x: bp.complex_step(lambda v: ((A @ v - x) ** 2).sum(), s),
    ],
    "09.2": [
        A_in_loops,
        lambda A, s, x, gamma: 2 * ((A @ s - x) @ s.T + gamma * A),
        lambda A, s, x, gamma: 2 * (s @ (A @ s - x).T).T + 2 * gamma * A,
        lambda A, s, x, gamma: 2 * A @ (s @ s.T + gamma * np.eye(len(s))) - 2 * x @ s.T,
        lambda A, s, x, gamma: sum(2 * np.outer(A @ c - d, c) for c, d in zip(s.T, x.T, strict=True)) + 2 * gamma * A,
    ],
    "09.3": [
        topographic_by_columns,
        topographic_in_loops,
        lambda V, s, eps: s * (V.T @ (1 / np.sqrt(V @ (s * s) + eps))),
        lambda V, s, eps: V.T @ (0.5 / np.sqrt(V @ np.square(s) + eps)) * 2 * s,
        lambda V, s, eps: np.einsum("gj,ge,je->je", V, (V @ s**2 + eps) ** -0.5, s),
    ],
    "09.4": [
        sum,
        added_in_a_loop,
        lambda parts: np.sum(parts, axis=0),
        lambda parts: np.array(parts).sum(0).tolist(),
        lambda parts: functools.reduce(lambda a, b: a + b, parts),
    ],
    "09.5": [
        ica_use_by_use,
        ica_in_loops,
        lambda W, x: 2 * W @ ((W.T @ W @ x - x) @ x.T + x @ (W.T @ W @ x - x).T),
        lambda W, x: 2 * W @ ((D := W.T @ W - np.eye(W.shape[1])) @ x @ x.T + x @ x.T @ D),
    ],
    "09.6": ["EBHDGAFC", "e b g a h d f c", ["E", "B", "G", "H", "A", "D", "F", "C"]],
    "09.7": [
        lambda X, A: A @ X + A.T @ X,
        lambda X, A: (X.T @ (A + A.T)).T,
        lambda X, A: np.einsum("ij,jp->ip", A, X) + np.einsum("ji,jp->ip", A, X),
        lambda X, A: [[sum((A[i][j] + A[j][i]) * X[j][p] for j in range(len(X))) for p in range(len(X[0]))] for i in range(len(X))],
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["09.1", "09.2", "09.3", "09.5", "09.7"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(exercise_id, lambda *given: reference(*(np.asarray(g, np.float32) for g in given)))
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def works_in_the_array_it_was_given(A, s, x):
    x -= A @ s
    return -2 * A.T @ x


def ica_of_the_last(W, x):
    for column in x.T:
        grad = ica_use_by_use(W, column[:, None])
    return grad


def adds_into_the_first_part(parts):
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total


BEYOND_THE_BANK = [
    ("09.1", works_in_the_array_it_was_given, "input mutated", "changes x"),
    ("09.1", lambda A, s, x: 2 * (A * s - x), "raised", "could not be broadcast"),
    ("09.1", lambda A, s, x: np.sum(2 * A.T @ (A @ s - x)), "shape", "expected shape (2, 5)"),
    ("09.1", lambda A, s, x: 8 * A.T @ (A @ s - x), None, "4 ×"),
    ("09.1", lambda A, s: 2 * A.T @ A @ s, "wrong arguments", "(A, s, x)"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * A.T, "raised", "broadcast"),
    ("09.2", lambda A, s, x, gamma: (2 * (A @ s - x) @ s.T, 2 * gamma * A), "shape", "(2, 4, 2)"),
    ("09.2", lambda A, s, x, gamma: (2 * (A @ s - x) @ s.T + 2 * gamma * A) / A.size, None, "1/8 ×"),
    ("09.2", lambda A, s, x, gamma: np.outer(2 * (A @ s - x), s) + 2 * gamma * A, "raised", "broadcast"),
    ("09.3", lambda V, s, eps: np.sum(np.sqrt(V @ s**2 + eps)), "the penalty itself", "one number"),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2 + eps) ** -1 / 2 * s, "power -1, then halved", "without brackets"),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2 + eps) ** -1.5 * s, "differentiated twice", "one less"),
    ("09.3", lambda V, s, eps: V.T @ np.sqrt(V @ s - 9) * s, "not finite", "nan"),
    ("09.4", adds_into_the_first_part, "input mutated", "changes parts"),
    ("09.4", lambda parts: np.sum(parts, axis=1), "shape", "(2, 3)"),
    ("09.4", lambda parts: parts[0] - parts[-1], None, "is not right"),
    ("09.4", lambda parts: print(sum(parts)), "returned None", "`return`"),
    ("09.5", lambda W, x: 2 * (W.T @ W @ x - x), "stopped at the residual", "where the way back begins"),
    ("09.5", lambda W, x: [2 * W @ (W.T @ W @ x - x) @ x.T, 2 * (W @ x) @ (W.T @ W @ x - x).T], "shape", "(2, 2, 4)"),
    ("09.5", lambda W, x: 2 * W @ (W.T @ W @ x - x) @ x.T + 2 * W @ x @ (W.T @ W @ x - x), "raised", "ValueError"),
    ("09.1", lambda A, s, x: 2 * np.linalg.pinv(A) @ (A @ s - x), "pseudo-inverse for Aᵀ", "undo the multiplication"),
    ("09.2", lambda A, s, x, gamma: 2 * np.outer((A @ s - x).sum(1), s.sum(1)) + 2 * gamma * A, "product of sums", "before you multiply"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * s.shape[1] * A, "penalty for each example", "stands once"),
    ("09.2", lambda A, s, x, gamma: (2 * A @ s - x) @ s.T + 2 * gamma * A, "2 on As only", "Leave the residual together"),
    ("09.3", lambda V, s, eps: V.T @ np.maximum(V @ s**2, eps) ** -0.5 * s, "ε as a lower limit", "lower limit"),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2) ** -0.5 * s, "ε left out", "is missing"),
    ("09.3", lambda V, s, eps: (W := V / V.sum(1)[:, None]).T @ (W @ s**2 + eps) ** -0.5 * s, "means of the groups", "becomes a mean"),
    ("09.5", ica_of_the_last, "last example only", "overwrite"),
    ("09.7", lambda X, A: (np.triu(A) + np.triu(A).T) @ X, "upper triangle mirrored", "one triangle"),
    # near a mistake of the bank, and not it
    ("09.1", lambda A, s, x: 2 * A.T @ (A @ s - x)[:, :1] + 0 * s, None, "every column is the same one: the first of those that should be there"),
    ("09.1", lambda A, s, x: 2 * np.linalg.pinv(A) @ (A @ s), None, "is not right"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s[:, ::-1].T + 2 * gamma * A, None, "is not right"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * len(A) * A, None, "off by a multiple of `A`"),
    ("09.3", lambda V, s, eps: V.T @ np.maximum(V @ s**2, eps / 2) ** -0.5 * s, None, "is not right"),
    ("09.5", lambda W, x: ica_use_by_use(W, x[:, 1:] if x.shape[1] > 1 else x), None, "first column of `x` left out"),
    ("09.7", lambda X, A: (np.triu(A) + np.tril(A).T) @ X, None, "is not right"),
    ("09.1", lambda A, s, x: 2 * A.T @ (A @ s - 2 * x), None, "`x` replaced by its double"),
    ("09.1", lambda A, s, x: A.T @ (x - A @ s), "sign; 2 missing", "Two slips at once"),
    ("09.1", lambda A, s, x: 2 * A.T @ (A @ s - x) / len(A), None, "1/4 ×"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T - gamma * A, None, "off by a multiple of `A`"),
    ("09.2", lambda A, s, x, gamma: 2 * (x - A @ s) @ s.T + gamma * A, "sign of the residual; γ once", "what is left"),
    ("09.2", lambda A, s, x, gamma: (A @ s - x) @ s.T - 2 * gamma * A, "2 missing in the first part; penalty subtracted", "Two slips"),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2 + 2 * eps) ** -0.5 * s, None, "is not right"),
    ("09.3", lambda V, s, eps: V @ (V @ s**2) ** -0.5 * s, "V for Vᵀ; ε left out", "Two slips"),
    ("09.4", lambda parts: sum(parts[1:]) + parts[0] / 2, None, "is not right"),
    ("09.4", lambda parts: sum({part.tobytes(): part for part in parts}.values()), "equal parts once", "counts once"),
    ("09.4", lambda parts: sum(parts[::2]), None, "is not right"),
    ("09.5", lambda W, x: 2 * W.T @ (W.T @ W @ x - x) @ x.T + 2 * (W.T @ W @ x - x) @ (W @ x).T, "Wᵀ for W (text U); not turned back", "Two"),
    ("09.5", lambda W, x: -W @ (W.T @ W @ x - x) @ x.T - (W @ x) @ (W.T @ W @ x - x).T, "sign; halved", "Two slips"),
    ("09.5", lambda W, x: 2 * W @ (W.T @ W @ x + x) @ x.T + 2 * (W @ x) @ (W.T @ W @ x + x).T, "x added", "squares a difference"),
    ("09.7", lambda X, A: 3 * A @ X, None, "is not right"),
    ("09.6", "EBGA", None, "missing: CDFH"),
    ("09.6", "EBGAHDFCZ", None, "not among them: Z"),
    ("09.6", 9, None, "no letters"),
    ("09.7", lambda X, A: X @ A + A @ X, "raised", "ValueError"),
    ("09.7", lambda X, A: A @ X * 2 + 0.1, None, "is not right"),
    ("09.7", lambda X, A: np.trace(A) * X, None, "is not right"),
]


@pytest.mark.filterwarnings("ignore:invalid value")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message, outcome.message


# ---- the fixtures see what the published forms hide -------------------------------------------------------------------


def test_a_symmetric_matrix_would_hide_what_the_cases_show():
    rng = np.random.default_rng(9)
    W, x = rng.normal(size=(4, 4)), rng.normal(size=(4, 2))
    published = next(m.answer for m in registry()["09.5"].mistakes if "text U" in m.name)
    right = registry()["09.5"].reference
    np.testing.assert_allclose(published(W + W.T, x), right(W + W.T, x), rtol=1e-12)
    assert not np.allclose(published(W, x), right(W, x), rtol=0.1)
    assert outcome_of("09.5", published).mistake == "Wᵀ for W (text U)"


def test_a_known_idea_written_another_way_is_still_named():
    assert outcome_of("09.7", lambda X, A: A.dot(X) + A.dot(X)).mistake == "2AX"
    assert outcome_of("09.2", lambda A, s, x, gamma: A.T @ (2 * (A @ s - x))).mistake == "∇_s for ∇_A (text U)"
    assert outcome_of("09.4", lambda parts: sum(parts) / len(parts)).mistake == "mean"


def test_every_order_of_the_proof_is_judged_by_its_first_illegal_step():
    rng = np.random.default_rng(3)
    for _ in range(300):
        order = "".join(rng.permutation(list(PROOF.letters)))
        illegal = PROOF.first_illegal(order)
        outcome = outcome_of("09.6", order)
        assert outcome.passed == (illegal is None)
        assert outcome.mistake == (None if illegal is None else illegal.too_early)


NAMED_AND_NEAR = [
    ("09.1", lambda A, s, x: 2 * A.T @ np.sign(A @ s - x), "absolute values for squares"),
    ("09.1", lambda A, s, x: A.T @ np.sign(A @ s - x), "absolute values for squares"),
    ("09.1", lambda A, s, x: 2 * A.T @ np.tanh(A @ s - x), None),
    ("09.2", lambda A, s, x, gamma: 2 * np.sign(A @ s - x) @ s.T + 2 * gamma * A, "signs of the residual"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * np.abs(A), "sizes for A in the penalty"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * np.maximum(A, 0), None),
    ("09.4", lambda parts: sum(parts[0] for _ in parts), "first part for every use"),
    ("09.4", lambda parts: parts[-1] * len(parts), "last part for every use"),
    ("09.4", lambda parts: np.sqrt(sum(part * part for part in parts)), "root of the sum of squares"),
    ("09.4", lambda parts: sum(part * part for part in parts), None),
    ("09.4", lambda parts: (len(parts) - 1) * parts[0] + parts[-1], None),
    ("09.3", lambda V, s, eps: V.T @ np.mean(1 / np.sqrt(V @ s**2 + eps), axis=1)[:, None] * s, "root's slope averaged over the examples"),
    ("09.3", lambda V, s, eps: V.T @ np.median(1 / np.sqrt(V @ s**2 + eps), axis=1)[:, None] * s, None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_signs_sizes_and_uses_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
