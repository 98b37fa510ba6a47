"""Lesson 06's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.judge import Judge


def slope(z):
    return bp.sigmoid(z) * (1 - bp.sigmoid(z))


# ---- right in other ways ---------------------------------------------------------------------------------------------


def weights_in_two_loops(delta, a_prev):
    return [[float(d[0] * a[0]) for a in a_prev] for d in delta]


def example_by_example(delta, a_prev):
    dW = np.zeros((len(delta), len(a_prev)))
    for d, a in zip(delta.T, a_prev.T, strict=True):
        dW += np.outer(d, a)
    return dW / delta.shape[1]


def running_mean(delta, a_prev):
    dW = 0
    for i in range(delta.shape[1]):
        dW = dW + (delta[:, [i]] * a_prev[:, i] - dW) / (i + 1)
    return dW


def bias_in_loops(delta):
    return [[sum(row) / len(row)] for row in delta]


def lists_from_the_front(W, b, x, y):
    """List index = layer, every list prepared beforehand."""
    L, m = len(W) - 1, x.shape[1]
    z, a, delta, dW, db = ([None] * (L + 1) for _ in range(5))
    a[0] = x
    for l in range(1, L + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = bp.sigmoid(z[l])
    delta[L] = (a[L] - y) * bp.sigmoid.prime(z[L])
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * bp.sigmoid.prime(z[l])
    for l in range(1, L + 1):
        dW[l] = delta[l] @ a[l - 1].T / m
        db[l] = delta[l].sum(axis=1, keepdims=True) / m
    return [dW, db]


def one_over_m_in_the_first_delta(W, b, x, y):
    """The 1/m may stand at the start of the way back, if it stands nowhere else."""
    a = [x]
    for l in range(1, len(W)):
        a.append(bp.sigmoid(W[l] @ a[-1] + b[l]))
    dW, db, delta = [None] * len(W), [None] * len(W), (a[-1] - y) / x.shape[1]
    for l in range(len(W) - 1, 0, -1):
        delta = delta * a[l] * (1 - a[l])
        dW[l], db[l] = np.einsum("jx,kx->jk", delta, a[l - 1]), delta @ np.ones((x.shape[1], 1))
        delta = W[l].T @ delta
    return dW, db


def example_after_example(W, b, x, y):
    parts = [lists_from_the_front(W, b, x[:, [i]], y[:, [i]]) for i in range(x.shape[1])]
    return [[None, *(np.mean(layer, axis=0) for layer in zip(*(part[k][1:] for part in parts), strict=True))] for k in range(2)]


def in_rows(W, b, x, y):
    """The whole algorithm in row convention, turned at the doors."""
    w, r = [None, *(v.T for v in W[1:])], [None, *(v.T for v in b[1:])]
    ys = [x.T]
    for l in range(1, len(w)):
        ys.append(bp.sigmoid(ys[-1] @ w[l] + r[l]))
    error, dW, db = (ys[-1] - y.T) * ys[-1] * (1 - ys[-1]), [None] * len(w), [None] * len(w)
    for l in range(len(w) - 1, 0, -1):
        dW[l], db[l] = (ys[l - 1].T @ error).T / len(error), error.mean(axis=0)[:, None]
        error = error @ w[l].T * ys[l - 1] * (1 - ys[l - 1])
    return dW, db


def rows_through_columns(delta, y_prev, w):
    d, a, W = delta.T, y_prev.T, w.T
    return [(d @ a.T / d.shape[1]).T, d.mean(axis=1, keepdims=True).T, ((W.T @ d) * a * (1 - a)).T]


def rows_by_einsum(delta, y_prev, w):
    z_prev = np.log(y_prev / (1 - y_prev))
    return (
        np.einsum("xk,xj->kj", y_prev, delta) / len(delta),
        np.einsum("xj->j", delta)[None, :] / len(delta),
        np.einsum("xj,kj,xk->xk", delta, w, slope(z_prev)),
    )


def flops_layer_by_layer(sizes, m):
    forward = backward = 0
    for l in range(1, len(sizes)):
        products = sizes[l] * sizes[l - 1] * m
        forward += products
        backward += products if l == 1 else 2 * products
    return forward, backward


RIGHT_WAYS = {
    "06.1": [
        weights_in_two_loops,
        np.outer,
        lambda delta, a_prev: delta * a_prev.T,
        lambda delta, a_prev: np.einsum("jo,ko->jk", delta, a_prev),
        lambda delta, a_prev: (a_prev @ delta.T).T,
        lambda delta, a_prev: np.kron(delta, a_prev.T),
    ],
    "06.2": [
        example_by_example,
        running_mean,
        lambda delta, a_prev: np.einsum("jx,kx->jk", delta, a_prev) / a_prev.shape[1],
        lambda delta, a_prev: np.mean([np.outer(d, a) for d, a in zip(delta.T, a_prev.T, strict=True)], axis=0),
        lambda delta, a_prev: (delta[:, None, :] * a_prev[None, :, :]).mean(axis=2),
        lambda delta, a_prev: (delta / delta.shape[1]) @ a_prev.T,
    ],
    "06.3": [
        bias_in_loops,
        lambda delta: delta @ np.full((delta.shape[1], 1), 1 / delta.shape[1]),
        lambda delta: np.mean(delta, axis=1).reshape(-1, 1),
        lambda delta: delta.T.mean(axis=0)[:, None],
        lambda delta: np.einsum("jx->j", delta)[:, np.newaxis] / delta.shape[1],
    ],
    "06.4": [
        lambda delta: delta.sum(axis=0).mean(),
        lambda delta: delta.mean(axis=1).sum(),
        lambda delta: sum(sum(row) for row in delta) / len(delta[0]),
        lambda delta: delta.mean() * len(delta),
        lambda delta: np.ones((1, len(delta))) @ delta @ np.ones((delta.shape[1], 1)) / delta.shape[1],
    ],
    "06.5": [lists_from_the_front, one_over_m_in_the_first_delta, example_after_example, in_rows],
    "06.6": [rows_through_columns, rows_by_einsum],
    "06.7": [
        lambda gradient, x, y: np.linalg.norm(gradient(np.hstack([x, x]), np.hstack([y, y]))) / np.linalg.norm(gradient(x, y)),
        lambda gradient, x, y: np.linalg.norm(gradient(np.tile(x, 2), np.tile(y, 2))) / np.linalg.norm(gradient(x, y)),
        lambda gradient, x, y: np.sqrt(np.sum(gradient(np.c_[x, x], np.c_[y, y]) ** 2) / np.sum(gradient(x, y) ** 2)),
    ],
    "06.8": [
        flops_layer_by_layer,
        lambda sizes, m: np.array([f := m * sum(n * k for n, k in itertools.pairwise(sizes)), 2 * f - m * sizes[0] * sizes[1]]),
        lambda sizes, m: [float(m * np.dot(sizes[:-1], sizes[1:])), float(m * (2 * np.dot(sizes[1:-1], sizes[2:]) + sizes[0] * sizes[1]))],
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["06.1", "06.2", "06.3", "06.6"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(exercise_id, lambda *given: reference(*(np.asarray(g, np.float32) for g in given)))
    assert outcome.passed and "float32" in outcome.notes[0]


def test_a_whole_net_in_float32_is_told_not_failed():
    def narrow(arrays):
        return [None if array is None else array.astype(np.float32) for array in arrays]

    outcome = outcome_of("06.5", lambda W, b, x, y: lists_from_the_front(narrow(W), narrow(b), x.astype(np.float32), y.astype(np.float32)))
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def spoilt(k, l, how):
    """A right answer to 06.5 in which one array is spoilt: k = 0 for the weights, l counts from the end if negative."""

    def answer(W, b, x, y):
        gradients = [list(part) for part in lists_from_the_front(W, b, x, y)]
        gradients[k][l] = how(gradients[k][l])
        return gradients

    return answer


def spoilt_in_both(l, how):
    def answer(W, b, x, y):
        gradients = [list(part) for part in lists_from_the_front(W, b, x, y)]
        for part in gradients:
            part[l] = how(part[l])
        return gradients

    return answer


def forward_with_relu(W, b, x, y):
    a = [x]
    for l in range(1, len(W)):
        a.append(np.maximum(W[l] @ a[-1] + b[l], 0))
    dW, db, delta = [None] * len(W), [None] * len(W), a[-1] - y
    for l in range(len(W) - 1, 0, -1):
        delta = delta * (a[l] > 0)
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta
    return dW, db


def changes_the_weights(W, b, x, y):
    gradients = lists_from_the_front(W, b, x, y)
    for l in range(1, len(W)):
        W[l] -= 0.1 * gradients[0][l]
    return gradients


def slopes_twice(W, b, x, y):
    """The slope is multiplied in once more before the error goes back."""
    L = len(W) - 1
    a = [x]
    for l in range(1, L + 1):
        a.append(bp.sigmoid(W[l] @ a[-1] + b[l]))
    dW, db, delta = [None] * (L + 1), [None] * (L + 1), (a[L] - y) * a[L] * (1 - a[L])
    for l in range(L, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
        delta = (W[l].T @ (delta * a[l] * (1 - a[l]))) * a[l - 1] * (1 - a[l - 1])
    return dW, db


def squeezed(mean):
    return mean if mean.squeeze().ndim else mean.squeeze()


def overwrites_delta(delta):
    delta /= delta.shape[1]
    return delta.sum(axis=1, keepdims=True)


def part_of_rows(k, how):
    def answer(delta, y_prev, w):
        parts = rows_through_columns(delta, y_prev, w)
        parts[k] = how(parts[k], delta, y_prev, w)
        return parts

    return answer


NET = "layers 4-3-3-3-2, m = 5"
BEYOND_THE_BANK = [
    ("06.1", lambda delta, a_prev: delta.ravel() * a_prev.ravel(), "shape", "expected shape (3, 3)"),
    ("06.1", lambda delta, a_prev: delta @ a_prev.T / len(delta), None, "every entry is 1/3 × what it should be"),
    ("06.1", lambda delta, a_prev: delta @ bp.sigmoid(a_prev).T, None, "each column is a multiple of what it should be"),
    ("06.1", lambda delta, a_prev: slope(delta) @ a_prev.T, None, "each row is a multiple of what it should be"),
    ("06.1", lambda delta, a_prev: [delta, a_prev], "shape", "expected shape (3, 3)"),
    ("06.2", lambda delta, a_prev: delta @ a_prev / delta.shape[1], "raised", "mismatch"),
    ("06.2", lambda delta, a_prev: delta @ a_prev.T / 3 / delta.shape[1], None, "every entry is 1/3 × what it should be"),
    ("06.2", lambda delta, a_prev: (delta * a_prev[: len(delta)].mean()).mean(axis=1, keepdims=True), "shape", "expected shape (3, 3)"),
    ("06.2", lambda delta, a_prev: np.mean(delta @ a_prev.T), "shape", "expected shape (3, 3)"),
    ("06.2", lambda delta, a_prev: np.outer(delta, a_prev) / delta.shape[1], "shape", "(15, 15)"),
    ("06.2", lambda delta, a_prev: np.abs(delta @ a_prev.T) / delta.shape[1], None, "the wrong sign and the right size"),
    ("06.3", overwrites_delta, "input mutated", "changes delta"),
    ("06.3", lambda delta: delta.mean(axis=1, keepdims=True).T, "shape", "a column is asked"),
    ("06.3", lambda delta: squeezed(delta.mean(axis=1, keepdims=True)), "shape", "1 neuron, m = 4: it is a single number, expected shape (1, 1)."),
    ("06.3", lambda delta: [sum(row) for row in delta] + [0.0], "shape", "expected shape (3, 1)"),
    ("06.3", lambda delta: delta.mean(axis=1, keepdims=True) / 4, None, "every entry is 1/4 × what it should be"),
    ("06.3", lambda delta: np.median(delta, axis=1, keepdims=True), None, "the result is not right"),
    ("06.4", lambda delta: np.full((len(delta), 1), delta.sum() / delta.shape[1]), "shape", "expected a single number"),
    ("06.4", lambda delta: delta.mean(axis=0), "shape", "expected a single number"),
    ("06.4", lambda delta: 2 * delta.sum() / delta.shape[1], None, "2 × what it should be"),
    ("06.4", lambda delta: float("nan"), "not finite", "nan"),
    ("06.5", spoilt(0, 1, lambda g: 3 * g), None, f"For {NET}: dW[1] is not right: every entry is 3 × what it should be"),
    ("06.5", spoilt(1, -1, np.ravel), "shape", "db[4]: it has shape (2,), expected shape (2, 1)"),
    ("06.5", spoilt(0, -1, lambda g: None), "returned None", "dW[4]: it is None"),
    ("06.5", spoilt_in_both(1, lambda g: g + g**2), None, "dW[2] and db[2] are right, dW[1] and db[1] are not: look at the step from δ of layer 2"),
    ("06.5", spoilt_in_both(1, lambda g: 0 * g), None, "dW[2] and db[2] are right, dW[1] and db[1] are 0: does your loop end before layer 1?"),
    ("06.5", slopes_twice, None, "dW[4] and db[4] are right, dW[3] and db[3] are not"),
    ("06.5", forward_with_relu, None, "dW[4] and db[4] of the last layer are wrong already. Look at the forward pass and at BP1."),
    ("06.5", lambda W, b, x, y: [[None, *(g / 4 for g in part[1:])] for part in lists_from_the_front(W, b, x, y)], None, "every entry is 1/4 ×"),
    ("06.5", changes_the_weights, "input mutated", "changes W"),
    ("06.5", lambda W, b, x, y: lists_from_the_front(W, b, x, y)[0], "shape", "expected a list of 2 items"),
    ("06.5", lambda W, b, x, y: list(zip(*lists_from_the_front(W, b, x, y), strict=True)), "shape", "expected a list of 2 items"),
    (
        "06.5",
        lambda W, b, x, y: [part[1:] for part in lists_from_the_front(W, b, x, y)],
        "shape",
        "dW: it is a list of 4 items, expected a list of 5",
    ),
    ("06.5", lambda W, b, x, y: [[0] * len(W), [0] * len(b)], "not None", "dW[0]: it is a single number, expected None"),
    ("06.5", lambda W, b, x, y: [[*part, part[-1]] for part in lists_from_the_front(W, b, x, y)], "shape", "a list of 6 items, expected a list of 5"),
    ("06.5", lambda W, b, x, y: [[*part, 0] for part in spoilt_in_both(1, np.square)(W, b, x, y)], "shape", "a list of 6 items"),
    ("06.5", lambda W, b, x, y: [np.stack, lists_from_the_front(W, b, x, y)], "shape", "dW: it is a function"),
    ("06.5", spoilt_in_both(1, lambda g: g * 1j), "dtype", "dW[1]: it is complex"),
    ("06.5", spoilt_in_both(2, lambda g: g * np.inf), "not finite", "dW[2]"),
    ("06.5", spoilt_in_both(2, lambda g: "none"), "dtype", "dW[2]: it is the text"),
    ("06.5", spoilt_in_both(2, lambda g: [[1.0], [2.0, 3.0]]), "shape", "dW[2]: it is a ragged list"),
    ("06.5", lambda W, b, x: x, "wrong arguments", "(W, b, x, y)"),
    (
        "06.6",
        part_of_rows(2, lambda part, *_: part.T),
        None,
        "delta_prev is not right: it is the transpose of what it should be (dw and db are right)",
    ),
    ("06.6", part_of_rows(1, lambda part, *_: 5 * part), None, "db is not right: every entry is 5 × what it should be (dw and delta_prev are right)"),
    ("06.6", part_of_rows(0, lambda part, delta, y, w: slope(y).T @ delta / len(delta)), None, "dw is not right"),
    ("06.6", lambda delta, y_prev, w: rows_through_columns(delta, y_prev, w)[:2], "shape", "expected a list of 3 items"),
    ("06.6", lambda delta, y_prev, w: y_prev @ w, "shape", "dw: it has shape (3,), expected shape (3, 3)"),
    ("06.7", lambda gradient, x, y: gradient(np.c_[x, x], np.c_[y, y]) / gradient(x, y), "shape", "expected a single number"),
    ("06.7", lambda gradient, x, y: np.linalg.norm(gradient(x, y)) / gradient(), "raised", "TypeError"),
    ("06.7", lambda gradient, x, y: gradient, "dtype", "a function"),
    ("06.7", lambda gradient, x, y: np.linalg.norm(gradient(np.tile(x, 4), np.tile(y, 4))) / np.linalg.norm(gradient(x, y)), None, "not right"),
    ("06.8", lambda sizes, m: m * sum(n * k for n, k in itertools.pairwise(sizes)), "shape", "expected a list of 2 items"),
    ("06.8", lambda sizes, m: [f := flops_layer_by_layer(sizes, m)[0], 3 * f], None, "backward is not right (forward is right)"),
    ("06.8", lambda sizes, m: [m * sum(sizes), 2 * m * sum(sizes)], None, "forward is not right"),
    ("06.8", lambda sizes, m: flops_layer_by_layer([sizes.pop(), *sizes[::-1]][::-1], m), "input mutated", "changes sizes"),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


def test_a_known_idea_written_in_another_way_is_still_named():
    def overwritten_in_a_loop(delta, a_prev):
        for d, a in zip(delta.T, a_prev.T, strict=True):
            dW = np.outer(d, a) / delta.shape[1]
        return dW

    assert outcome_of("06.2", overwritten_in_a_loop).mistake == "= for +="
    assert outcome_of("06.2", lambda delta, a_prev: delta @ a_prev.T / len(a_prev)).mistake is None  # another length than the bank's
    assert outcome_of("06.2", lambda delta, a_prev: [np.outer(d, a) for d, a in zip(delta.T, a_prev.T, strict=True)]).mistake == "one per example"
    assert outcome_of("06.3", sum).mistake == "sum over the neurons, flat"
    assert outcome_of("06.7", lambda gradient, x, y: np.linalg.norm(gradient(np.r_[x, x], np.r_[y, y]))).mistake == "rows doubled"
    assert outcome_of("06.7", lambda gradient, x, y: gradient(x.T, y.T)).mistake == "raised"  # another ValueError
    assert outcome_of("06.7", lambda gradient, x, y: np.linalg.norm(gradient(np.stack([x, x]), y)) / [1, [2]]).mistake == "raised"
    and_negative = lambda gradient, x, y: np.linalg.norm(gradient(np.c_[x, -x], np.c_[y, -y])) / np.linalg.norm(gradient(x, y))  # noqa: E731
    assert outcome_of("06.7", and_negative).mistake == "mirrored"
    assert outcome_of("06.7", lambda gradient, x, y: and_negative(gradient, abs(x), abs(y))).mistake is None
    assert outcome_of("06.4", lambda delta: delta.sum(axis=1, keepdims=True)).mistake == "shape"  # the bank's divides by m
    assert outcome_of("06.5", lambda W, b, x, y: [[None, *(-g for g in part[1:])] for part in lists_from_the_front(W, b, x, y)]).mistake == "y - a"
    assert outcome_of("06.7", lambda gradient, x, y: 2 * np.linalg.norm(gradient(x, y)) / np.linalg.norm(gradient(x, y))).mistake == "2: sum for mean"


def test_the_place_that_the_explanation_names_is_the_deepest_wrong_step():
    for l in (1, 2, 3):
        message = outcome_of("06.5", spoilt_in_both(l, np.square)).message
        if l < 3:
            assert f"dW[{l + 1}] and db[{l + 1}] are right, dW[{l}] and db[{l}] are not" in message
    assert "of the last layer are wrong already" in outcome_of("06.5", spoilt_in_both(-1, np.square)).message


def test_the_printed_gradient_of_the_last_layer_is_named():
    """Text P prints δ_p a_p, which multiplies entry by entry: where the layers differ in size it does not even run."""
    outcome = outcome_of("06.1", lambda delta, a_prev: np.multiply(delta, a_prev))
    assert outcome.mistake == "elementwise" and "printed text" in outcome.message


def test_updating_on_the_way_leaves_the_last_layer_right():
    exercise = registry()["06.5"]
    judge = Judge.drawn(exercise, 5)
    mistake = next(m for m in exercise.mistakes if m.name == "updated before propagated")
    case = judge.cases[0]
    wrong, right = mistake.answer(*case.args), exercise.reference(*case.args)
    np.testing.assert_allclose(wrong[0][-1], right[0][-1], rtol=1e-12)
    assert not np.allclose(wrong[0][-2], right[0][-2], rtol=1e-3)


@pytest.mark.slow
def test_the_messages_hold_no_expected_number():
    for exercise in of_lesson("06"):
        judge = Judge.drawn(exercise, 3)
        numbers = {f"{value:.6g}" for wanted in judge.expected for value in np.ravel(np.concatenate([np.ravel(leaf) for leaf in leaves(wanted)]))}
        for mistake in exercise.mistakes:
            message = judge(judge.run(mistake.answer)).message
            assert not any(len(number) > 4 and number in message for number in numbers), message


def leaves(value):
    if isinstance(value, list | tuple):
        return [leaf for item in value if item is not None for leaf in leaves(item)]
    return [np.asarray(value, dtype=float)]


# ---- slips that are named, and what is near them and is not ------------------------------------------------------------


def divided_in_every_turn(delta, a_prev, start=0.0):
    dW = start
    for d, a in zip(delta.T, a_prev.T, strict=True):
        dW = (dW + np.outer(d, a)) / delta.shape[1]
    return dW


def net_by(last, step):
    """Backpropagation with another error of the last layer, or another step back."""

    def answer(W, b, x, y):
        z, a, m = [None], [x], x.shape[1]
        for l in range(1, len(W)):
            z.append(W[l] @ a[-1] + b[l])
            a.append(bp.sigmoid(z[-1]))
        dW, db, delta = [None] * len(W), [None] * len(W), last(a[-1], y, z[-1])
        top = delta
        for l in range(len(W) - 1, 0, -1):
            dW[l], db[l] = delta @ a[l - 1].T / m, delta.mean(axis=1, keepdims=True)
            if l > 1:
                delta = step(W[l], delta, z[l - 1], top)
        return [dW, db]

    return answer


def bp1(a, y, z):
    return (a - y) * slope(z)


def bp2(W, delta, z, top):
    return W.T @ delta * slope(z)


def ratio(more_x, more_y):
    return lambda gradient, x, y: np.linalg.norm(gradient(more_x(x), more_y(y))) / np.linalg.norm(gradient(x, y))


def blocks(v):
    return np.hstack([v, v])


def one_by_one(v):
    return np.repeat(v, 2, axis=1)


def with_the_last_reversed(v):
    return np.hstack([v, v[:, ::-1]])


NAMED = [
    ("06.2", lambda delta, a: np.cov(delta, a, bias=True)[: len(delta), len(delta) :], "means taken away"),
    ("06.2", lambda delta, a: (delta - delta.mean()) @ a.T / delta.shape[1], None),
    ("06.2", lambda delta, a: delta[:, ::-1] @ a.T / delta.shape[1], "examples in reverse order"),
    ("06.2", lambda delta, a: delta @ np.roll(a, 1, axis=1).T / delta.shape[1], None),
    ("06.2", lambda delta, a: delta @ a.reshape(delta.shape[1], -1) / delta.shape[1], "reshape for transpose"),
    ("06.2", divided_in_every_turn, "divided in every turn of the loop"),
    ("06.2", lambda delta, a: divided_in_every_turn(delta, a, 1.0), None),
    ("06.2", lambda delta, a: delta @ a.T / max(delta.shape[1] - 1, 1), "divided by m - 1"),
    ("06.2", lambda delta, a: delta @ a.T / np.array(delta.shape[1] - 1.0), "divided by m - 1"),
    ("06.2", lambda delta, a: delta @ a.T / (delta.shape[1] + 1), None),
    ("06.3", lambda delta: delta.reshape(-1, len(delta)).mean(axis=0)[:, None], "reshape for transpose"),
    ("06.3", lambda delta: delta.sum(axis=1, keepdims=True) // delta.shape[1], "whole numbers"),
    ("06.3", lambda delta: np.round(delta.mean(axis=1, keepdims=True)), None),
    ("06.4", lambda delta: np.sqrt(np.sum(delta**2)) / len(delta[0]), "length of the errors over m"),
    ("06.4", lambda delta: np.sqrt(np.mean(delta**2)), None),
    ("06.4", lambda delta: float(delta.sum() // delta.shape[1]), "whole numbers"),
    ("06.5", net_by(lambda a, y, z: z - y, bp2), "last layer linear, slope and all"),
    ("06.5", net_by(bp1, lambda W, delta, z, top: W.T @ delta * (z > 0)), "slope of relu in BP2"),
    ("06.5", net_by(bp1, lambda W, delta, z, top: W.T @ delta * (z > 0) * slope(z)), None),
    ("06.5", net_by(bp1, lambda W, delta, z, top: (W.T @ delta).mean(axis=1, keepdims=True) * slope(z)), "δ averaged over the examples in BP2"),
    ("06.5", net_by(bp1, lambda W, delta, z, top: W.T @ top * slope(z)), "always from the last layer"),
    ("06.5", net_by(bp1, lambda W, delta, z, top: W.T @ (top if len(top) == len(W) else delta) * slope(z)), None),
    ("06.7", ratio(lambda v: np.tile(v, 3), lambda v: np.tile(v, 3)), "three copies"),
    ("06.7", ratio(blocks, with_the_last_reversed), "second copy in reverse order"),
    ("06.7", ratio(with_the_last_reversed, blocks), "second copy in reverse order"),
    ("06.7", ratio(one_by_one, blocks), "inputs doubled one by one, targets as a block"),
    ("06.7", ratio(blocks, one_by_one), "targets doubled one by one, inputs as a block"),
    ("06.7", ratio(blocks, lambda v: np.roll(blocks(v), 1, axis=1)), None),
    ("06.8", lambda sizes, m: [f := m * int(np.prod(sizes)), 2 * f - m * sizes[0] * sizes[1]], "sizes multiplied together"),
    ("06.8", lambda sizes, m: flops_layer_by_layer([n + 1 for n in sizes], m), None),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED)
def test_slips_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


def test_the_error_of_the_last_layer_sent_back_where_it_fits_is_seen_in_a_net_of_equal_layers():
    answer = net_by(bp1, lambda W, delta, z, top: W.T @ (top if len(top) == len(W) else delta) * slope(z))
    assert (
        outcome_of("06.5", answer).where
        == "right for layers 4-3-3-3-2, m = 5; layers 2-3-1, m = 1; layers 3-4, m = 2; wrong for layers 3-3-3-3, m = 3"
    )


def test_a_count_that_lacks_one_product_is_told_which():
    def off(k, sign):
        def answer(sizes, m):
            counts = list(flops_layer_by_layer(sizes, m))
            counts[k] += sign * m * sizes[-2] * sizes[-1]
            return counts

        return answer

    assert "forward lacks just the multiplications of one product with W[2]" in outcome_of("06.8", off(0, -1)).message
    assert "backward has too many, by just the multiplications of one product with W[2]" in outcome_of("06.8", off(1, 1)).message
    assert "just the multiplications" not in outcome_of("06.8", off(0, 2)).message


def test_a_ratio_that_never_changes_is_not_called_unmeasured():
    outcome = outcome_of("06.7", lambda gradient, x, y: np.linalg.norm(gradient(x, y) + gradient(x, y)) / np.linalg.norm(gradient(x, y)))
    assert "Give the function a batch of twice as many columns" in outcome.message and "call the function" not in outcome.message


def test_a_layer_looked_up_by_its_size_or_left_out_by_it_is_wrong_where_sizes_repeat():
    def looked_up(sizes, m):
        forward = sum(m * n * sizes[sizes.index(n) - 1] for n in sizes[1:])
        return [forward, 2 * forward - m * sizes[0] * sizes[1]]

    def left_out(sizes, m):
        products = [(n_prev, m * n * n_prev) for n_prev, n in itertools.pairwise(sizes)]
        return [sum(count for _, count in products), sum(count * (1 + (n_prev != sizes[0])) for n_prev, count in products)]

    def by_place(sizes, m):
        products = [m * sizes[l] * sizes[l - 1] for l in range(1, len(sizes))]
        return [sum(products), 2 * sum(products) - products[0]]

    assert [outcome_of("06.8", answer).status for answer in (looked_up, left_out, by_place)] == ["wrong", "wrong", "right"]
