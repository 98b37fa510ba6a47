"""Lesson 11's exercises as learners answer them: verdicts in any writing, other right repairs, and wrong ones beyond the bank."""

from __future__ import annotations

import numpy as np
import pytest
from judged import judge_of, outcome_of

pytest.importorskip("jupytext")

from course_sources import source_of

import bpkit as bp
from bpkit.course.folders import find_course
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
    assert outcome_of(exercise_id, "all right").mistake == (None if k == 0 else "all right")
    assert outcome_of(exercise_id, "all right").passed == (k == 0)
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


def test_some_derivation_is_right_all_through_and_most_are_not():
    """Or "there is always an error" would help."""
    wrong = [derivation.wrong for key, derivation in DERIVATIONS.items() if key.isdigit()]
    assert len(wrong) == 8 and 1 <= wrong.count(0) <= 2
    # and no line is the one to bet on
    assert max(wrong.count(line) for line in wrong) <= 2


def test_who_doubts_a_right_derivation_is_told_why_each_line_holds():
    right = next(derivation for derivation in DERIVATIONS.values() if derivation.wrong == 0)
    assert [m.name for m in right.mistakes()] == [f"line {number}" for number in range(1, len(right.lines) + 1)]
    assert all(line.verdict.startswith(f"Line {number} is right") for number, line in enumerate(right.lines, 1))


@pytest.mark.parametrize("key", DERIVATIONS)
def test_the_lesson_prints_the_lines_that_the_bank_judges(key):
    source = source_of(next(find_course().solutions.glob("11_*.py")))
    assert DERIVATIONS[key].table() in "\n\n".join(cell.text for cell in source.cells)


# what the boxes of the lesson call the popular wrong repair, and what the bank calls it
POPULAR = {
    "11.14": "no path through the deviation",
    "11.16": "g turned round for dk",
    "11.18": "mean over a word's tokens",
    "11.20": "root in dV",
    "11.22": "targets made to add up to 1",
    "11.24": "one step over the cut",
    "11.26": "means over the batch",
    "11.28": "length counted twice",
}


@pytest.mark.parametrize(("exercise_id", "name"), POPULAR.items())
def test_the_popular_wrong_repair_is_a_named_mistake_and_told_in_a_box_only(exercise_id, name):
    exercise = registry()[exercise_id]
    assert name in [mistake.name for mistake in exercise.mistakes]
    cells = [cell.text for cell in source_of(next(find_course().solutions.glob("11_*.py"))).cells]
    checked = next(k for k, text in enumerate(cells) if f'bp.check("{exercise_id}"' in text)
    # the case's table, two exercises of three cells each, the proof, the box
    assert "Popular wrong repair" in cells[checked + 3] and cells[checked + 3].startswith("<details>")
    assert not any("Popular wrong" in text for text in cells[checked - 6 : checked + 3])


# the printed lines, in code: each is a named mistake of the repair
PRINTED = {
    "11.14": "no path through the mean",
    "11.16": "kernel run forwards over g",
    "11.18": "last token only",
    "11.20": "root left out on the way back",
    "11.22": "p - q",
    "11.24": "stopped at the cut",
    "11.28": "product with the direction",
}


def hidden(exercise_id, rng):
    """Inputs on which the lesson says that the printed line passes."""
    z, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    W, h = 0.7 * rng.normal(size=(3, 3)), np.zeros((3, 3))
    for t in (1, 2):
        h[:, t] = np.tanh(W @ h[:, t - 1] + z[:, t])
    return {
        "11.14": (z, np.full((3, 1), 0.8), g - g.mean(axis=1, keepdims=True), 0.2),
        "11.16": (rng.normal(size=(5, 5)), np.array([[1.0, 2, 3], [4, 5, 4], [3, 2, 1]]), rng.normal(size=(3, 3))),
        "11.18": (np.array([3, 0, 1]), rng.normal(size=(3, 2)), 5),
        "11.20": (rng.normal(size=(3, 1)), rng.normal(size=(4, 1)), rng.normal(size=(4, 2)), rng.normal(size=(3, 2))),
        "11.22": (z, np.eye(3)[:, [0, 2, 1, 1]], 0.0),
        "11.24": (W, h, rng.normal(size=(3, 2)), 1),
        "11.28": (lambda w: w**2, z[:, :1], z[:, 1:2] / np.linalg.norm(z[:, 1:2]), 0.1),
    }[exercise_id]


@pytest.mark.parametrize(("exercise_id", "name"), PRINTED.items())
def test_a_printed_line_hides_where_the_lesson_says(exercise_id, name):
    exercise = registry()[exercise_id]
    printed = next(mistake for mistake in exercise.mistakes if mistake.name == name).answer
    given = hidden(exercise_id, np.random.default_rng(11))
    right, wrong = exercise.reference(*given), printed(*given)
    for one, other in zip(right, wrong, strict=True) if isinstance(right, list) else [(right, wrong)]:
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
    assert (outcome_of(exercise_id, printed).status, outcome_of(exercise_id, printed).mistake) == ("wrong", name)


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


def batch_norm_by_jacobian(z, gamma, g, epsilon):
    dz = np.zeros(z.shape)
    for n in range(len(z)):
        m, s = z.shape[1], np.sqrt(np.var(z[n]) + epsilon)
        h = (z[n] - np.mean(z[n])) / s
        J = (np.eye(m) - 1 / m - np.outer(h, h) / m) / s
        dz[n] = J @ (gamma[n, 0] * g[n])
    return dz


def batch_norm_step_by_step(z, gamma, g, epsilon):
    """Every arrow of the graph by itself."""
    m, mu = z.shape[1], z.mean(axis=1, keepdims=True)
    v = ((z - mu) ** 2).mean(axis=1, keepdims=True)
    d = gamma * g
    dv = np.sum(d * (z - mu), axis=1, keepdims=True) * -0.5 * (v + epsilon) ** -1.5
    dmu = -np.sum(d, axis=1, keepdims=True) / np.sqrt(v + epsilon) + dv * np.mean(-2 * (z - mu), axis=1, keepdims=True)
    return d / np.sqrt(v + epsilon) + dv * 2 * (z - mu) / m + dmu / m


def convolution_by_outputs(x, k, g):
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    for (i, j), slope in np.ndenumerate(g):
        dx[i : i + k.shape[0], j : j + k.shape[1]] += slope * k
        dk += slope * x[i : i + k.shape[0], j : j + k.shape[1]]
    return dx, dk


def convolution_by_windows(x, k, g):
    def slide(x, k):
        return np.einsum("ijab,ab->ij", np.lib.stride_tricks.sliding_window_view(x, k.shape), k)

    p, q = k.shape
    return [slide(np.pad(g, ((p - 1, p - 1), (q - 1, q - 1))), np.rot90(k, 2)), slide(x, g)]


def embedding_at(t, G, words):
    dE = np.zeros((words, G.shape[1]))
    np.add.at(dE, t, G)
    return dE


def attention_query_by_query(Q, K, V, G):
    root, dQ, dK, dV = Q.shape[1] ** 0.5, np.zeros(Q.shape), np.zeros(K.shape), np.zeros(V.shape)
    for i, q in enumerate(Q):
        p = np.exp(K @ q / root - max(K @ q / root))
        p = p / p.sum()
        ds = (np.diag(p) - np.outer(p, p)) @ (V @ G[i]) / root
        dQ[i] = ds @ K
        dK += np.outer(ds, q)
        dV += np.outer(p, G[i])
    return [dQ, dK, dV]


def attention_from_the_output(Q, K, V, G):
    """With line 4's r, and the root in front of the softmax's slope."""
    P = bp.softmax((Q @ K.T / np.sqrt(Q.shape[1])).T).T
    H = P * (G @ V.T - np.sum(G * (P @ V), axis=1)[:, None]) / np.sqrt(Q.shape[1])
    return H @ K, np.einsum("ij,id->jd", H, Q), P.T @ G


def smoothing_in_loops(z, Y, alpha):
    n, m = z.shape
    p, delta = bp.softmax(z), np.zeros((n, m))
    for x in range(m):
        q = [1 - alpha if Y[k, x] == 1 else alpha / n for k in range(n)]
        for j in range(n):
            delta[j, x] = -sum(q[k] * ((k == j) - p[j, x]) for k in range(n))
    return delta


def truncated_cost_by_cost(W, h, g, tau):
    """Each cost of the second piece goes back to the first moment by itself."""
    dW = np.zeros(W.shape)
    for last in range(tau + 1, g.shape[1] + 1):
        delta = g[:, last - 1] * (1 - h[:, last] ** 2)
        for t in range(last, 0, -1):
            dW += np.outer(delta, h[:, t - 1])
            delta = (W.T @ delta) * (1 - h[:, t - 1] ** 2)
    return dW


def truncated_as_a_difference(W, h, g, tau):
    """Both pieces together, less the first."""

    def back(g, T):
        dW, carried = np.zeros(W.shape), np.zeros(len(W))
        for t in range(T, 0, -1):
            delta = (g[:, t - 1] + carried) * (1 + h[:, t]) * (1 - h[:, t])
            dW, carried = dW + delta[:, None] * h[:, t - 1], delta @ W
        return dW

    return back(g, g.shape[1]) - back(g, tau)


def layer_norm_column_by_column(x, gamma, g, epsilon):
    dx, dgamma = np.zeros(x.shape), np.zeros(gamma.shape)
    for k in range(x.shape[1]):
        s = (np.var(x[:, k]) + epsilon) ** 0.5
        h, d = (x[:, k] - np.mean(x[:, k])) / s, gamma[:, 0] * g[:, k]
        dx[:, k] = (d - np.mean(d) - h * np.mean(d * h)) / s
        dgamma[:, 0] += g[:, k] * h
    return [dx, dgamma]


RIGHT_WAYS = {
    "11.14": [
        batch_norm_by_jacobian,
        batch_norm_step_by_step,
        lambda z, gamma, g, epsilon: gamma * batch_norm_by_jacobian(z, np.ones(gamma.shape), g, epsilon),
        lambda z, gamma, g, epsilon: batch_norm_step_by_step(z, gamma, g, epsilon).tolist(),
    ],
    "11.16": [convolution_by_outputs, convolution_by_windows],
    "11.18": [
        embedding_at,
        lambda t, G, words: np.eye(words)[t].T @ G,
        lambda t, G, words: [[float(sum(G[i][c] for i in range(len(t)) if t[i] == w)) for c in range(G.shape[1])] for w in range(words)],
    ],
    "11.20": [attention_query_by_query, attention_from_the_output],
    "11.22": [
        smoothing_in_loops,
        lambda z, Y, alpha: (1 - alpha / len(Y)) * bp.softmax(z) - (1 - alpha) * Y - alpha / len(Y) * (1 - Y),
    ],
    "11.24": [truncated_cost_by_cost, truncated_as_a_difference],
    "11.26": [layer_norm_column_by_column, lambda *given: [part.tolist() for part in layer_norm_column_by_column(*given)]],
    "11.28": [
        lambda grad, w, v, h: (grad(w + h * v) - grad(w - h * v)) / (2 * h),
        lambda grad, w, v, h: (grad(w + 1e-3 * v) - grad(w - 1e-3 * v)) / 2e-3,
        lambda grad, w, v, h: np.imag(grad(w + 1e-30j * v)) / 1e-30,
        lambda grad, w, v, h: (grad(w + v) - grad(w - v)) / 2,
    ],
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


@pytest.mark.parametrize("exercise_id", ["11.2", "11.8", "11.10", "11.12", "11.14", "11.22"])
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


def first_layer_left_alone(w, b, x, t, alpha):
    new_w, new_b = order_through_columns(w, b, x, t, alpha)
    return [None, w[1], *new_w[2:]], [None, b[1], *new_b[2:]]


def first_layer_moved_a_little(w, b, x, t, alpha):
    new_w, new_b = order_through_columns(w, b, x, t, alpha)
    return [None, w[1] + 0.01, *new_w[2:]], [None, b[1] + 0.01, *new_b[2:]]


def windows_output_by_output(x, k, g):
    dx = np.zeros_like(x)
    for i, j in np.ndindex(*g.shape):
        dx[i : i + k.shape[0], j : j + k.shape[1]] = g[i, j] * k
    return [dx, convolution_by_outputs(x, k, g)[1]]


def batch_norm_with(within):
    """Batch normalisation's gradient with other numbers in the mean on the path through the deviation."""

    def answer(z, gamma, g, epsilon):
        centred, d = z - z.mean(axis=1, keepdims=True), gamma * g
        s = np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
        return (d - d.mean(axis=1, keepdims=True) - centred / s * (d * within(z, centred, s)).mean(axis=1, keepdims=True)) / s

    return answer


def cut_behind(moments, W, h, g, tau):
    """The way back ends so many moments behind the cut."""
    first = max(tau - moments, 0)
    return truncated_cost_by_cost(W, h[:, first:], g[:, first:], tau - first)


def runs_pooled(t, G, words):
    dE = np.zeros((words, G.shape[1]))
    for i, token in enumerate(t):
        dE[token] = dE[token] + G[i] if i and t[i - 1] == token else G[i]
    return dE


def no_slope_up_to_the_cut(W, h, g, tau):
    dW, back = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        delta = (back + g[:, t - 1]) * (1 - h[:, t] ** 2) if t > tau else back
        dW += np.outer(delta, h[:, t - 1])
        back = W.T @ delta
    return dW


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
    ("11.14", lambda z, gamma, g, epsilon: -batch_norm_by_jacobian(z, gamma, g, epsilon), "sign", "points uphill"),
    ("11.14", lambda z, gamma, g, epsilon: z.shape[1] * batch_norm_by_jacobian(z, gamma, g, epsilon), "means not divided", "at the very end"),
    ("11.14", lambda z, gamma, g, epsilon: batch_norm_by_jacobian(z.T, gamma[:1] * np.ones((z.shape[1], 1)), g.T, epsilon).T, None, "is not right"),
    ("11.14", lambda z, gamma, g, epsilon: layer_norm_column_by_column(z, gamma, g, epsilon)[0], "means over the neurons", "which axis"),
    ("11.14", lambda z, gamma, g, epsilon: [gamma * g, g.sum(axis=1)], "shape", "expected shape"),
    ("11.16", lambda x, k, g: convolution_by_outputs(x, k[::-1, ::-1], g), "kernel run forwards over g", "a single 1"),
    ("11.16", lambda x, k, g: convolution_by_outputs(x, k, g)[::-1], "dk before dx", "the input comes first"),
    ("11.16", lambda x, k, g: convolution_by_outputs(x, k, g)[0], "shape", "expected a list of 2 items"),
    ("11.16", lambda x, k, g: [convolution_by_outputs(x, k, g)[0], g], None, "dk is not right"),
    ("11.18", lambda t, G, words: G, "shape", "expected shape"),
    ("11.18", lambda t, G, words: np.stack([G[t == w].sum(axis=0) for w in np.unique(t)]), "shape", "expected shape"),
    ("11.18", lambda t, G, words: embedding_at(t, G, words) / len(t), "averaged over the tokens", "G has it already"),
    ("11.18", lambda t, G, words: 2 * embedding_at(t, G, words), None, "2 ×"),
    ("11.20", lambda Q, K, V, G: attention_query_by_query(Q * Q.shape[1] ** 0.5, K, V, G), None, "dQ is not right"),
    ("11.20", lambda Q, K, V, G: [*attention_query_by_query(Q, K, V, G)[:2], G], None, "dV is not right"),
    ("11.20", lambda Q, K, V, G: [2 * part for part in attention_query_by_query(Q, K, V, G)], None, "2 ×"),
    ("11.22", lambda z, Y, alpha: smoothing_in_loops(z, Y, alpha).mean(axis=1), "shape", "expected shape"),
    ("11.22", lambda z, Y, alpha: bp.softmax(z) - Y, "no smoothing", "no say"),
    ("11.22", lambda z, Y, alpha: (1 - alpha) * (bp.softmax(z) - Y), "the right class alone", "all classes but one"),
    ("11.24", lambda W, h, g, tau: truncated_cost_by_cost(W, h, g, 0), "the costs of both pieces", "those after τ"),
    ("11.24", lambda W, h, g, tau: truncated_cost_by_cost(W, h, g, tau).T, "transposed", "swapped"),
    ("11.24", lambda W, h, g, tau: truncated_cost_by_cost(W, h, g, tau - 1), "the cost at the cut, too", "first piece"),
    ("11.24", lambda W, h, g, tau: truncated_cost_by_cost(2 * W, h, g, tau), None, "is not right"),
    ("11.26", lambda x, gamma, g, epsilon: layer_norm_column_by_column(x, gamma, g, epsilon)[0], "shape", "expected a list of 2 items"),
    ("11.26", lambda x, gamma, g, epsilon: [layer_norm_column_by_column(x, gamma, g, epsilon)[0], g.sum(axis=1)], "shape", "a column is asked"),
    ("11.26", lambda x, gamma, g, epsilon: [gamma * g, layer_norm_column_by_column(x, gamma, g, epsilon)[1]], None, "dx is not right"),
    ("11.6", first_layer_left_alone, None, "dW[1] and db[1] are 0: does your loop end before layer 1?"),
    ("11.6", first_layer_moved_a_little, None, "dW[1] and db[1] are not: look at the step from δ of layer 2"),
    ("11.2", lambda W_next, delta_next, a: (np.linalg.pinv(W_next) @ delta_next) * (1 - a**2), "pseudo-inverse for the transpose", "forward step"),
    ("11.8", lambda A, S, X, gamma: X @ S.T @ np.linalg.inv(S @ S.T + gamma * np.eye(len(S))), "the A that solves it", "gradient is 0"),
    ("11.8", lambda A, S, X, gamma: X @ S.T @ np.linalg.inv(S @ S.T + 2 * gamma * np.eye(len(S))), None, "is not right"),
    ("11.12", lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a.mean(1, keepdims=True) > 0), "on for any example", "Each example"),
    ("11.14", batch_norm_with(lambda z, centred, s: z), "the input in the mean", "one of the two is not normalised"),
    ("11.14", batch_norm_with(lambda z, centred, s: centred), "the centred input once", "one of the two is not normalised"),
    ("11.14", batch_norm_with(lambda z, centred, s: z / s), None, "is not right"),
    ("11.16", windows_output_by_output, "windows overwritten, output by output", "the window of each output"),
    ("11.18", lambda t, G, words: embedding_at(t - 1, G, words), "rows moved by one", "one place too high"),
    ("11.18", lambda t, G, words: embedding_at((t + 1) % words, G, words), None, "in another order"),
    ("11.24", no_slope_up_to_the_cut, "slope dropped before the cut", "through every tanh"),
    ("11.24", lambda W, h, g, tau: cut_behind(3, W, h, g, tau), None, "is not right"),
    ("11.24", lambda W, h, g, tau: cut_behind(1, W, h, g, tau), "one step over the cut", "stop there"),
    ("11.12", lambda W_next, delta_next, a: (W_next.T @ delta_next) * ((a > 0) & (a < 6)), "cut off where z is large", "no upper limit"),
    ("11.18", runs_pooled, None, "is not right"),
    ("11.28", lambda grad, w, v, h: v * (grad(w + (u := h * v / np.linalg.norm(v))) - grad(w - u)) / (2 * h), "entry by entry with v", "one number"),
    ("11.28", lambda grad, w, v, h: (grad(w + h * v) - grad(w)) / h, "one-sided, along v", "before and one behind"),
    ("11.28", lambda grad, w, v, h: (grad(w + h * v) - grad(w - h * v)) / (2 * h) / np.linalg.norm(v), "product with the direction", "ten times"),
    ("11.28", lambda grad, w, v, h: ((grad(w + h * v) - grad(w - h * v)) / (2 * h)).T, "shape", "expected shape"),
    ("11.28", lambda grad, w, v, h: 3 * (grad(w + v) - grad(w - v)) / 2, None, "3 ×"),
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


def test_the_printed_smoothed_errors_add_up_to_alpha_over_n():
    z, Y, alpha = np.random.default_rng(0).normal(size=(4, 5)), np.eye(4)[:, [0, 1, 2, 3, 0]], 0.3
    printed = next(m for m in registry()["11.22"].mistakes if m.name == "p - q").answer
    np.testing.assert_allclose(printed(z, Y, alpha).sum(axis=0), alpha / 4)
    np.testing.assert_allclose(registry()["11.22"].reference(z, Y, alpha).sum(axis=0), 0, atol=1e-12)


def test_the_mean_alone_adds_up_to_0_and_is_wrong():
    """So the check that finds the printed line of case 7 does not find its popular repair."""
    rng = np.random.default_rng(0)
    given = rng.normal(size=(2, 5)), np.ones((2, 1)), rng.normal(size=(2, 5)), 0.1
    by_name = {m.name: m.answer(*given) for m in registry()["11.14"].mistakes}
    np.testing.assert_allclose(by_name["no path through the deviation"].sum(axis=1), 0, atol=1e-12)
    assert np.abs(by_name["no path through the mean"].sum(axis=1)).min() > 0.01


def test_layer_norms_gradient_does_not_depend_on_who_else_is_in_the_batch():
    rng = np.random.default_rng(0)
    x, gamma, g = rng.normal(size=(4, 3)), rng.uniform(0.5, 2, size=(4, 1)), rng.normal(size=(4, 3))
    layer = registry()["11.26"].reference
    np.testing.assert_allclose(layer(x, gamma, g, 0.1)[0][:, :1], layer(x[:, :1], gamma, g[:, :1], 0.1)[0])
    batch = next(m for m in registry()["11.26"].mistakes if m.name == "means over the batch").answer
    assert not np.allclose(batch(x, gamma, g, 0.1)[0][:, :1], batch(x[:, :1], gamma, g[:, :1], 0.1)[0])


def _second_piece(back_before):
    """∂B/∂W, where before the cut an error comes back by `back_before`."""

    def answer(W, h, g, tau):
        dW, delta = np.zeros(W.shape), np.zeros(len(W))
        for t in range(g.shape[1], 0, -1):
            back = W.T @ delta + g[:, t - 1] if t > tau else back_before(W) @ delta
            delta = back * (1 - h[:, t] ** 2)
            dW += np.outer(delta, h[:, t - 1])
        return dW

    return answer


def _curvature(down, up):
    return lambda grad, w, v, h: up(v) * (grad(w + h * v / down(v)) - grad(w - h * v / down(v))) / (2 * h)


def _rows_step(hidden, last):
    """A step in rows with slopes made of ε and y."""

    def answer(w, b, x, t, alpha):
        D, eps, y = len(w) - 1, [None], [x]
        for m in range(1, D + 1):
            eps.append(y[-1] @ w[m] + b[m])
            y.append(1 / (1 + np.exp(-eps[m])) if m == D else np.tanh(eps[m]))
        new_w, new_b, error = [None] * (D + 1), [None] * (D + 1), (y[D] - t) * last(eps[D], y[D])
        for m in range(D, 0, -1):
            new_w[m], new_b[m] = w[m] - alpha * y[m - 1].T @ error, b[m] - alpha * error.sum(axis=0, keepdims=True)
            if m > 1:
                error = (error @ w[m].T) * hidden(eps[m - 1], y[m - 1])
        return [new_w, new_b]

    return answer


def _into_rows(rows_of):
    def answer(t, G, words):
        dE = np.zeros((words, G.shape[1]))
        np.add.at(dE, rows_of(t), G)
        return dE

    return answer


def _attention_with(taken_off):
    def answer(Q, K, V, G):
        root = np.sqrt(Q.shape[1])
        P = bp.softmax((Q @ K.T / root).T).T
        D = G @ V.T
        H = P * (D - taken_off(P, D)) / root
        return [H @ K, H.T @ Q, P.T @ G]

    return answer


NAMED_AND_NEAR = [
    ("11.2", lambda W, d, a: (W.T @ d) * np.mean(1 - a * a, axis=1)[:, None], "slope averaged over the examples"),
    ("11.2", lambda W, d, a: (W.T @ d) * (1 - np.mean(a, axis=1)[:, None] ** 2), "slope at the mean activation"),
    ("11.2", lambda W, d, a: (W.T @ d) * np.median(1 - a * a, axis=1)[:, None], None),
    ("11.6", _rows_step(lambda eps, y: 1 - np.tanh(y) ** 2, lambda eps, y: bp.sigmoid.prime(y)), "slopes at y in every layer"),
    ("11.6", _rows_step(lambda eps, y: 1 - y * y, lambda eps, y: bp.sigmoid.prime(y)), "last slope at y"),
    ("11.6", _rows_step(lambda eps, y: 1 - np.tanh(y / 2) ** 2, lambda eps, y: bp.sigmoid.prime(y)), None),
    ("11.8", lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + 2 * gamma * np.abs(A), "sizes for A in the penalty"),
    ("11.12", lambda W, d, a: (W.T @ d) * np.clip(a, 0, 1), "the activation for the slope, up to 1"),
    ("11.12", lambda W, d, a: (W.T @ d) * np.clip(a, 0, 0.5), None),
    ("11.18", _into_rows(np.sort), "tokens sorted, G not"),
    ("11.18", _into_rows(lambda t: np.unique(t, return_inverse=True)[1]), "numbered by the words that are named"),
    ("11.18", _into_rows(lambda t: np.sort(t)[::-1]), None),
    ("11.24", _second_piece(lambda W: W), "W forwards before the cut"),
    ("11.24", _second_piece(lambda W: (W + W.T) / 2), None),
    ("11.28", _curvature(lambda v: np.abs(v).max(), np.linalg.norm), "largest entry for the length in the direction"),
    ("11.28", _curvature(np.linalg.norm, lambda v: np.abs(v).max()), "largest entry for the length behind"),
    ("11.28", _curvature(lambda v: np.abs(v).max(), lambda v: np.abs(v).max()), "right"),
    ("11.28", _curvature(lambda v: np.abs(v).sum(), np.linalg.norm), None),
    ("11.20", _attention_with(lambda P, D: (P * D).sum()), "sum over everything in the softmax"),
    ("11.20", _attention_with(lambda P, D: (P * D).sum(axis=1, keepdims=True)), "right"),
    ("11.20", _attention_with(lambda P, D: (P * D).max()), None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_slips_of_the_repairs_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def test_as_many_classes_as_examples_do_not_hide_a_sum_over_the_examples():
    def along_rows(z, Y, alpha):
        n, m = z.shape
        p = np.exp(z) / np.exp(z).sum(axis=0)
        q = (1 - alpha) * Y + alpha / n * (1 - Y)
        return p * q.sum(axis=1, keepdims=True) - q if n == m else p * q.sum(axis=0) - q

    assert not outcome_of("11.22", along_rows).passed


def test_a_negative_gamma_a_single_layer_and_a_late_cut_are_among_the_cases():
    def sized(answer):
        return lambda z, gamma, g, epsilon: answer(z, np.abs(gamma), g, epsilon)

    for exercise_id in ("11.14", "11.26"):
        assert outcome_of(exercise_id, sized(registry()[exercise_id].reference)).mistake == "γ without its sign"
    assert any(len(case.args[0]) == 2 for case in judge_of("11.6", 0).cases)
    assert not outcome_of("11.24", lambda W, h, g, tau: registry()["11.24"].reference(W, h, g, (g.shape[1] + 1) // 2)).passed
    assert not outcome_of("11.12", lambda W, delta, a: (W.T @ delta) * (a > 1e-8)).passed
