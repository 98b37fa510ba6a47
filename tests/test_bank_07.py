"""Lesson 07's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import random

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.judge import Judge

# ---- right in other ways ---------------------------------------------------------------------------------------------


def step_in_loops(W, dW, eta):
    return [[W[j][k] - eta * dW[j][k] for k in range(len(W[0]))] for j in range(len(W))]


def step_in_place_on_own_copy(W, dW, eta):
    new = W.copy()
    new -= eta * dW
    return new


def gradients_of(W, b, x, y):
    """Lists from the front, each index a layer."""
    L, m = len(W) - 1, x.shape[1]
    a, delta, dW, db = ([None] * (L + 1) for _ in range(4))
    a[0] = x
    for l in range(1, L + 1):
        a[l] = bp.sigmoid(W[l] @ a[l - 1] + b[l])
    delta[L] = (a[L] - y) * a[L] * (1 - a[L])
    for l in range(L - 1, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * a[l] * (1 - a[l])
    for l in range(1, L + 1):
        dW[l] = delta[l] @ a[l - 1].T / m
        db[l] = delta[l].sum(axis=1, keepdims=True) / m
    return dW, db


def train_in_two_phases(W, b, x, y, eta):
    dW, db = gradients_of(W, b, x, y)
    for l in range(1, len(W)):
        W[l] = W[l] - eta * dW[l]  # the lists are the caller's, see below
        b[l] = b[l] - eta * db[l]
    return W, b


def train_on_copies(W, b, x, y, eta):
    return train_in_two_phases(list(W), list(b), x, y, eta)


def train_with_delta_kept_ahead(W, b, x, y, eta):
    """Updating on the way is right if the error has gone back before its weights move."""
    a = [x]
    for l in range(1, len(W)):
        a.append(bp.sigmoid(W[l] @ a[-1] + b[l]))
    new_W, new_b, delta = [None] * len(W), [None] * len(W), (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        before = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
        new_W[l] = W[l] - eta * np.einsum("jx,kx->jk", delta, a[l - 1]) / x.shape[1]
        new_b[l] = b[l] - eta * np.mean(delta, axis=1).reshape(-1, 1)
        delta = before
    return [new_W, new_b]


def train_by_mean_of_examples(W, b, x, y, eta):
    parts = [gradients_of(W, b, x[:, [i]], y[:, [i]]) for i in range(x.shape[1])]
    dW, db = ([None, *(np.mean(layer, axis=0) for layer in zip(*(part[k][1:] for part in parts), strict=True))] for k in range(2))
    return [[None, *(w - eta * g for w, g in zip(p[1:], q[1:], strict=True))] for p, q in ((W, dW), (b, db))]


def batches_by_pieces(rng, m, size):
    order, pieces = list(rng.permutation(m)), []
    while order:
        pieces.append(order[:size])
        order = order[size:]
    return pieces


def batches_yielded(rng, m, size):
    order = rng.permutation(m)
    for start in range(0, m, size):
        yield order[start : start + size]


def batches_by_sorted_noise(rng, m, size):
    return np.split(np.argsort(rng.random(m)), np.arange(size, m, size))


def heavy_ball(W, v, dW, eta, mu):
    after = W + mu * v - eta * dW
    return after, after - W


def uphill_velocity(W, v, dW, eta, mu):
    """Other texts keep -v."""
    u = mu * (-v) + eta * dW
    return [W - u, -u]


def unscaled_velocity(W, v, dW, eta, mu):
    """Other libraries keep v / η."""
    u = mu * v / eta - dW
    return [W + eta * u, eta * u]


def adam_in_place_on_copies(W, m, v, dW, t, eta, beta1, beta2, eps):
    W, m, v = W.copy(), m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * dW
    v *= beta2
    v += (1 - beta2) * np.square(dW)
    W -= eta * (m / (1 - np.power(beta1, t))) / ((v / (1 - np.power(beta2, t))) ** 0.5 + eps)
    return W, m, v


def adam_in_loops(W, m, v, dW, t, eta, beta1, beta2, eps):
    new = [[[0.0] * W.shape[1] for _ in W] for _ in range(3)]
    for j in range(W.shape[0]):
        for k in range(W.shape[1]):
            mean = beta1 * m[j, k] + (1 - beta1) * dW[j, k]
            square = beta2 * v[j, k] + (1 - beta2) * dW[j, k] ** 2
            step = eta * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps)
            new[0][j][k], new[1][j][k], new[2][j][k] = W[j, k] - step, mean, square
    return new


def stop_by_counting(history, tol, patience):
    """The best so far moves only when it is beaten by more than tol."""
    best, waited = float("inf"), 0
    for cost in history:
        if cost < best - tol:
            best, waited = cost, 0
        else:
            waited += 1
    return waited >= patience


def stop_with_numpy(history, tol, patience):
    costs = np.array(history)
    if costs.size <= patience:
        return False
    return bool(costs[:-patience].min() - costs[-patience:].min() <= tol)


RIGHT_WAYS = {
    "07.1": [
        step_in_loops,
        step_in_place_on_own_copy,
        lambda W, dW, eta: W + (-eta) * dW,
        lambda W, dW, eta: np.subtract(W, np.multiply(eta, dW)),
        lambda W, dW, eta: -(eta * dW - W),
    ],
    "07.2": [train_on_copies, train_with_delta_kept_ahead, train_by_mean_of_examples],
    "07.3": [
        lambda W, b, dW, db, eta, lam: ((1 - eta * lam) * W - eta * dW, b - eta * db),
        lambda W, b, dW, db, eta, lam: [W - eta * dW - eta * lam * W, b - eta * db],
        lambda W, b, dW, db, eta, lam: [
            np.array([[w - eta * (g + lam * w) for w, g in zip(*r, strict=True)] for r in zip(W, dW, strict=True)]),
            b - eta * db,
        ],
    ],
    "07.4": [
        lambda W, dW, eta, lam: W - eta * dW - eta * lam * np.sign(W),
        lambda W, dW, eta, lam: W - eta * (dW + lam * ((W > 0) * 1.0 - (W < 0) * 1.0)),
        lambda W, dW, eta, lam: W - eta * (dW + lam * np.divide(W, np.abs(W), out=np.zeros_like(W), where=W != 0)),
        lambda W, dW, eta, lam: W - eta * (dW + lam * np.where(W == 0, 0, np.where(W > 0, 1, -1))),
    ],
    "07.5": [
        batches_by_pieces,
        batches_yielded,
        batches_by_sorted_noise,
        lambda rng, m, size: [list(piece) for piece in np.split(rng.choice(m, m, replace=False), range(size, m, size))],
        lambda rng, m, size: tuple(batches_by_pieces(rng, m, size)),
    ],
    "07.6": [heavy_ball, uphill_velocity, unscaled_velocity],
    "07.7": [adam_in_place_on_copies, adam_in_loops],
    "07.8": [
        stop_with_numpy,
        lambda history, tol, patience: len(history) > patience and not min(history[-patience:]) < min(history[:-patience]) - tol,
        lambda history, tol, patience: len(history) > patience and all(c >= min(history[:-patience]) - tol for c in history[-patience:]),
        lambda history, tol, patience: int(stop_with_numpy(history, tol, patience)),
        lambda history, tol, patience: len(history) >= patience + 1 and stop_by_slack(history, tol, patience),
        lambda history, tol, patience: np.float64(stop_with_numpy(history, tol, patience)),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["07.1", "07.3", "07.4", "07.6"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(exercise_id, lambda *given: reference(*(np.asarray(g, np.float32) for g in given)))
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def in_place(W, dW, eta):
    W -= eta * dW
    return W


def train_in_place(W, b, x, y, eta):
    dW, db = gradients_of(W, b, x, y)
    for l in range(1, len(W)):
        W[l] -= eta * dW[l]
        b[l] -= eta * db[l]
    return W, b


def train_with_linear_output(W, b, x, y, eta):
    a = [x]
    for l in range(1, len(W)):
        z = W[l] @ a[-1] + b[l]
        a.append(z if l == len(W) - 1 else bp.sigmoid(z))
    new_W, new_b, delta = [None] * len(W), [None] * len(W), a[-1] - y
    for l in range(len(W) - 1, 0, -1):
        new_W[l], new_b[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1], b[l] - eta * delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta * a[l - 1] * (1 - a[l - 1])
    return new_W, new_b


def train_with_wrong_slope(W, b, x, y, eta, slope=bp.sigmoid.prime):
    """The hidden slopes taken at the activations."""
    a = [x]
    for l in range(1, len(W)):
        a.append(bp.sigmoid(W[l] @ a[-1] + b[l]))
    new_W, new_b, delta = [None] * len(W), [None] * len(W), (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        new_W[l], new_b[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1], b[l] - eta * delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta * slope(a[l - 1])
    return new_W, new_b


def train_with_abrupt_slope(W, b, x, y, eta):
    return train_with_wrong_slope(W, b, x, y, eta, lambda a: a > 0.5)


def adam_in_place(W, m, v, dW, t, eta, beta1, beta2, eps):
    m *= beta1
    m += (1 - beta1) * dW
    v *= beta2
    v += (1 - beta2) * dW * dW
    return W - eta * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def momentum_in_place(W, v, dW, eta, mu):
    v *= mu
    v -= eta * dW
    return W + v, v


def stop_by_slack(history, tol, patience):
    return min(history[-patience:]) >= min(history[:-patience]) - tol


def fixed_seed(rng, m, size):
    order = np.random.default_rng(42).permutation(m)
    return [order[start : start + size] for start in range(0, m, size)]


def another_generator(rng, m, size):
    order = random.sample(range(m), m)
    return [np.array(order[start : start + size]) for start in range(0, m, size)]


def overlapping(rng, m, size):
    order = rng.permutation(m)
    return [order[start : start + size + 1] for start in range(0, m, size)]


def cut(order, m, size):
    return np.split(order, range(size, m, size))


def remainder_apart(rng, m, size):
    full = m // size * size
    order = rng.permutation(full)
    return [*(order[start : start + size] for start in range(0, full, size)), *([rng.permutation(np.arange(full, m))] if full < m else [])]


def one_pair_changed(rng, m):
    order = np.arange(m)
    order[[0, m - 1]] = order[[m - 1, 0]]
    rng.random()
    return order


def turned_in_each_batch(rng, m, size):
    return [batch[::-1] for batch in cut(np.arange(m), m, size)]


def pairs_swapped(rng, m, size):
    """Neighbours change places, nothing else."""
    order = np.arange(m)
    order[: m // 2 * 2] = order[: m // 2 * 2].reshape(-1, 2)[:, ::-1].ravel()
    return cut(order, m, size)


def blocks_turned_round(rng, m, size):
    return [rng.permutation(batch) for batch in cut(np.arange(m)[::-1], m, size)]


def filled_with_others(rng, m, size):
    order = rng.permutation(m)
    extra = [batch[0] for batch in cut(order, m, size)]
    *full, last = cut(order, m, size)
    return [*full, np.concatenate([last, extra[: size - len(last)]])]


def spawned(rng, m, size):
    return cut(rng.spawn(1)[0].permutation(m), m, size)


def one_array(rng, m, size):
    return rng.permutation(m)


def adam_with(change):
    def answer(*given):
        return change(list(adam_in_place_on_copies(*given)), *given)

    return answer


def adam_with_epsilon_before_the_correction(W, m, v, dW, t, eta, beta1, beta2, eps):
    m, v = beta1 * m + (1 - beta1) * dW, beta2 * v + (1 - beta2) * dW**2
    return W - eta * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + eps), m, v


REFERENCE = {exercise.id: exercise.reference for exercise in of_lesson("07")}
BEYOND_THE_BANK = [
    ("07.1", in_place, "input mutated", "changes W"),
    ("07.1", lambda W, dW, eta: W - 2 * eta * dW, None, "the result is not right: going by how far it moved, every entry is 2 × what it should be."),
    ("07.1", lambda W, dW, eta: W - eta * eta * dW, "η squared", "twice"),
    ("07.1", lambda W, dW, eta: W - eta * dW.T if W.shape[0] == W.shape[1] else W - eta * dW, None, "how far it moved, it is the transpose"),
    ("07.1", lambda W, dW, eta: W - eta * (dW + 0.1 * W), None, "× W."),
    ("07.1", lambda W, dW, eta: W - eta * dW + 0.5, None, "every entry is off by"),
    ("07.1", lambda W, dW, eta: W.copy(), None, "it is where it was before the step"),
    ("07.1", lambda W, dW, eta: W - eta * np.tanh(dW), None, "the result is not right"),
    ("07.1", lambda W, dW, eta: W - eta * dW * np.nan, "not finite", "nan"),
    ("07.1", lambda W, dW, eta: [W, dW], "shape", "expected shape (3, 3)"),
    ("07.1", lambda W, dW, eta: W - eta @ dW, "raised", "matmul"),
    ("07.1", lambda W, dW, eta: (W - eta * dW).T, None, "it is the transpose of what it should be"),
    ("07.1", lambda W, dW, eta: W - eta * dW.mean(), None, "the result is not right"),
    ("07.1", lambda W, dW: W - dW, "wrong arguments", "(W, dW, eta)"),
    ("07.2", train_in_place, "input mutated", "changes W and b"),
    ("07.2", train_in_two_phases, "input mutated", "changes W and b"),
    ("07.2", train_with_linear_output, None, "Going by how far each parameter moved, dW["),
    ("07.2", train_with_wrong_slope, "slope at a", "The last layer is right."),
    ("07.2", train_with_abrupt_slope, None, "look at the step from δ of layer"),
    ("07.2", lambda W, b, x, y, eta: train_on_copies(W, b, x, y, eta)[0], "shape", "expected a list of 2 items"),
    (
        "07.2",
        lambda W, b, x, y, eta: [part[1:] for part in train_on_copies(W, b, x, y, eta)],
        "shape",
        "W: it is a list of 3 items, expected a list of 4",
    ),
    (
        "07.2",
        lambda W, b, x, y, eta: [[*part, part[-1]] for part in train_on_copies(W, b, x, y, eta)],
        "shape",
        "a list of 5 items, expected a list of 4",
    ),
    ("07.2", lambda W, b, x, y, eta: [[w if w is None else w * 1j for w in p] for p in train_on_copies(W, b, x, y, eta)], "dtype", "complex"),
    ("07.2", lambda W, b, x, y, eta: [[w if w is None else "w" for w in p] for p in train_on_copies(W, b, x, y, eta)], "dtype", "the text 'w'"),
    ("07.2", lambda W, b, x, y, eta: None, "returned None", "`return`"),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * dW), b - eta * db], None, "(b is right)"),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W) / 2, b - eta * db], None, "(b is right)"),
    (
        "07.3",
        lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W), (b - eta * db).ravel()],
        "shape",
        "b: it has shape (3,), expected shape (3, 1)",
    ),
    ("07.3", lambda W, b, dW, db, eta, lam: np.sum(W * W), "shape", "expected a list of 2 items"),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + lam * W / np.abs(W)), "not finite", "2 of 9 entries"),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + lam), None, "the result is not right"),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam / 2 * W), b - eta * db], None, "× W (b is right)."),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W), b - eta * 3 * db], None, "every entry is 3 × what it should be (W is right)."),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (2 * dW + lam**2 * W), b - eta * db], None, "× W and by"),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + 2 * lam * np.sign(W)), None, "× the signs of W."),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + lam / 2 * W), None, "× W and by"),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + lam * np.sign(W).sum()), None, "the result is not right"),
    ("07.5", fixed_seed, "generator not used", "draws nothing from rng"),
    ("07.5", lambda rng, m, size: (rng.random(), fixed_seed(rng, m, size))[1], "generator not used", "another generator gives the same one"),
    (
        "07.5",
        lambda rng, m, size: (rng.random(), np.array_split(np.random.permutation(m), range(size, m, size)))[1],
        "generator not used",
        "somewhere else, too",
    ),
    ("07.5", another_generator, "generator not used", "draws nothing from rng"),
    ("07.5", one_array, None, "Return a list of arrays"),
    ("07.5", lambda rng, m, size: [], None, "The list is empty."),
    ("07.5", lambda rng, m, size: [b / 2 for b in batches_by_pieces(rng, m, size)], "raised", "TypeError"),
    ("07.5", overlapping, None, "stand there more than once"),
    ("07.5", lambda rng, m, size: cut(np.arange(m)[::-1], m, size), "turned round for shuffled", "from the back"),
    ("07.5", remainder_apart, "remainder not mixed in", "never meet the others"),
    ("07.5", lambda rng, m, size: [*map(np.sort, cut(one_pair_changed(rng, m), m, size))], None, "not right"),
    ("07.5", lambda rng, m, size: [np.multiply(batch, 1.0) for batch in batches_by_pieces(rng, m, size)], None, "Return a list of arrays of indices"),
    ("07.5", turned_in_each_batch, None, "neighbours of the old order"),
    ("07.5", blocks_turned_round, None, "Every batch holds neighbours of the old order"),
    ("07.5", lambda rng, m, size: [rng.permutation(m)[s : s + size] for s in range(0, m + 1, size)], "repeats", "draw anew"),
    ("07.5", lambda rng, m, size: np.split(rng.permutation(m), range(size, m + 1, size)), "an empty batch behind the last", "0/0"),
    ("07.5", lambda rng, m, size: [*cut(rng.permutation(m), m, size), []], "an empty batch behind the last", "0/0"),
    ("07.5", lambda rng, m, size: [[], *cut(rng.permutation(m), m, size)], None, "sizes [0, 5"),
    ("07.5", lambda rng, m, size: np.resize(rng.permutation(m), (-(-m // size), size)), "last batch filled up from the front", "count twice"),
    ("07.5", filled_with_others, None, "stand there more than once"),
    ("07.5", lambda rng, m, size: np.array_split(rng.permutation(m), -(-m // size)), None, "the batches have sizes [5, 5, 5, 4, 4]"),
    ("07.5", lambda rng, m, size: [b + 1 for b in cut(rng.permutation(m), m, size)], "counted from 1", "from 1 to m"),
    ("07.5", lambda rng, m, size: [b + 2 for b in cut(rng.permutation(m), m, size)], None, "found 2 to 24"),
    ("07.5", lambda rng, m, size: cut(rng.permutation(m), m, size)[1:], None, "are in no batch"),
    ("07.5", lambda rng, m, size: rng.permutation(m).reshape(-1, size), "raised", "cannot reshape"),
    ("07.6", momentum_in_place, "input mutated", "changes v"),
    ("07.6", lambda W, v, dW, eta, mu: [W + mu * v, mu * v], None, "W is not right: it is off by"),
    ("07.6", lambda W, v, dW, eta, mu: [W + mu * mu * v - eta * dW, mu * mu * v - eta * dW], None, "× the old v."),
    ("07.6", lambda W, v, dW, eta, mu: [heavy_ball(W, v, dW, eta, mu)[0], 2 * v], None, "(W is right)."),
    ("07.7", lambda W, m, v, dW, t, eta, b1, b2, eps: adam_in_place_on_copies(W, m, v, dW, t, eta, b1, b1, eps), "β1 for both", "a β of its own"),
    ("07.7", lambda W, m, v, dW, t, eta, b1, b2, eps: adam_in_place_on_copies(W, m, v, dW, t, eta, b2, b2, eps), None, "mean is not right"),
    ("07.7", adam_with_epsilon_before_the_correction, "ε beside the root of the uncorrected square", "enlarges ε too"),
    ("07.7", adam_with(lambda parts, W, *_: [W + 3 * (parts[0] - W), *parts[1:]]), None, "3 × what it should be (mean and square are right)."),
    ("07.7", adam_with(lambda parts, W, *_: [parts[0] - 0.01 * W, *parts[1:]]), None, "W (mean and square are right)."),
    ("07.6", lambda W, v, dW, eta, mu: [W + heavy_ball(W, v, dW, eta, mu)[1] / 2, heavy_ball(W, v, dW, eta, mu)[1]], None, "(v is right)"),
    ("07.6", lambda W, v, dW, eta, mu: (mu * v - eta * dW).sum(), "shape", "expected a list of 2 items"),
    ("07.7", adam_in_place, "input mutated", "changes mean and square"),
    (
        "07.7",
        adam_with(lambda parts, *_: [2 * parts[0], *parts[1:]]),
        None,
        "W is not right: every entry is 2 × what it should be (mean and square are right)",
    ),
    ("07.7", adam_with(lambda parts, *_: [parts[0], parts[1]]), "shape", "expected a list of 3 items"),
    ("07.7", adam_with(lambda parts, W, m, v, *_: [parts[0], m, v]), None, "mean is not right"),
    (
        "07.7",
        lambda W, m, v, dW, t, eta, beta1, beta2, eps: [W - eta * np.sign(dW), m, v],
        None,
        "mean is not right: it is where it was before the step",
    ),
    ("07.8", lambda history, tol, patience: False, "never stops", "You never stop"),
    ("07.8", lambda history, tol, patience: len(history) > 100, "never stops", "You never stop"),
    ("07.8", lambda history, tol, patience: True, "always stops", "You always stop"),
    ("07.8", lambda history, tol, patience: history[-1] < tol, "cost below tol", "small"),
    ("07.8", lambda history, tol, patience: min(history) <= tol, None, "in the window ["),
    ("07.8", stop_by_counting, "best lowered by progress alone", "A small fall lowers the best"),
    ("07.8", lambda history, tol, patience: len(history) > patience and history[0] - history[-1] <= tol, None, "in the window ["),
    ("07.8", lambda history, tol, patience: len(history) - 1 - np.argmin(history) >= patience, "tolerance ignored", "more than tol"),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, 0.0, patience), "tolerance ignored", "more than tol"),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, 1e-9, patience), "tolerance ignored", "more than tol"),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, 0.01, patience), None, "in the window ["),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, tol, 3), None, "With patience 1"),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, 2 * tol, patience), None, "You return True."),
    (
        "07.8",
        lambda history, tol, patience: stop_with_numpy([c / history[0] for c in history], tol, patience),
        None,
        "in the window [",
    ),
    ("07.8", lambda history, tol, patience: len(history) >= patience and stop_by_slack(history, tol, patience), "raised", "empty"),
    ("07.5", lambda rng, m, size: [np.arange(k, min(k + size, m)) for k in range(0, m, size)][::-1], "remainder in the first batch", "stands first"),
    ("07.5", lambda rng, m, size: rng.permutation(m) * 0 + 1, None, "Return a list of arrays"),
    ("07.8", lambda history, tol, patience: 2.5, None, "You return 2.5. Asked is True, to stop, or False."),
    ("07.8", lambda history, tol, patience: np.array(7), None, "You return 7. Asked is True"),
    ("07.8", lambda history, tol, patience: float("nan"), None, "You return nan"),
    ("07.8", lambda history, tol, patience: 1j, "dtype", "complex"),
    ("07.8", lambda history, tol, patience: "stop", "dtype", "the text 'stop'"),
    ("07.8", lambda history, tol, patience: abs(history[-1] - history[-patience]) < tol, None, "in the window ["),
    ("07.8", lambda history, tol, patience: history[-1] > tol, None, "You return True."),
    ("07.8", lambda history, tol, patience: stop_with_numpy(history, 3 * tol, patience), None, "You return True."),
    (
        "07.8",
        lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - np.median(history[-patience:]) <= tol,
        None,
        "You return True.",
    ),
    ("07.8", lambda history, tol, patience: min(history[:-patience]) - min(history[-patience:]) <= tol, "raised", "empty"),
    ("07.8", lambda history, tol, patience: history, "shape", "expected a single number"),
    ("07.8", lambda history, tol, patience: history.sort() or True, "always stops", ""),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message + outcome.where


def test_a_known_idea_written_in_another_way_is_still_named():
    assert outcome_of("07.1", lambda W, dW, eta: np.add(W, eta * dW)).mistake == "sign"
    assert outcome_of("07.3", lambda W, b, dW, db, eta, lam: [W - eta * (dW + 2 * lam * W), b - eta * db]).mistake == "2λ"
    assert outcome_of("07.4", lambda W, dW, eta, lam: W - eta * dW - lam * np.sign(W)).mistake == "η missing at the penalty"
    assert outcome_of("07.5", lambda rng, m, size: [rng.choice(m, size) for _ in range(0, m, size)]).mistake == "repeats"
    assert outcome_of("07.5", lambda rng, m, size: np.array_split(np.arange(m), range(size, m, size))).mistake == "not shuffled"
    assert outcome_of("07.5", lambda rng, m, size: rng.permutation(m)[: m // size * size].reshape(-1, size)).mistake == "remainder dropped"
    assert outcome_of("07.5", lambda rng, m, size: [rng.permutation(m)[s : s + size] for s in range(0, m, size)]).mistake == "repeats"
    assert (
        outcome_of("07.6", lambda W, v, dW, eta, mu: [W - heavy_ball(W, v, dW, eta, mu)[1], heavy_ball(W, v, dW, eta, mu)[1]]).mistake
        == "sign of the move"
    )
    assert outcome_of("07.8", lambda history, tol, patience: abs(history[-1] - history[-2]) <= tol).status == "wrong"


def test_text_r_leaves_the_last_layer_right():
    exercise = registry()["07.2"]
    judge = Judge.drawn(exercise, 5)
    mistake = next(m for m in exercise.mistakes if m.name == "update before propagate")
    case = judge.cases[0]
    wrong, right = mistake.answer(*case.args), exercise.reference(*case.args)
    np.testing.assert_allclose(wrong[0][-1], right[0][-1], rtol=1e-12)
    assert not np.allclose(wrong[0][-2], right[0][-2], rtol=1e-5)


@pytest.mark.parametrize("seeds", [range(50), pytest.param(range(50, 300), marks=pytest.mark.slow)])
def test_shuffling_that_happens_to_leave_neighbours_together_is_not_refused(seeds):
    """Whatever a fair shuffle gives is right: the cases are such that it never looks like one of the mistakes."""
    exercise = registry()["07.5"]
    for seed in seeds:
        judge = Judge.drawn(exercise, seed)
        assert judge(judge.run(batches_by_sorted_noise)).passed
        assert judge(judge.run(lambda rng, m, size: [np.sort(batch) for batch in batches_by_pieces(rng, m, size)])).passed


def test_the_grader_runs_the_lesson_s_cells_once():
    assert len({exercise.allows for exercise in of_lesson("07")}) == 1


def test_the_library_s_steps_are_the_exercises():
    net, x, y = bp.nets.two_three_two()
    grads = bp.backward(net, bp.forward(net, x), y)
    W, dW, b, db = net.W[2], grads.W[2], net.b[2], grads.b[2]
    still = np.zeros_like(W)
    np.testing.assert_array_equal(bp.sgd(net, grads, eta=0.3).W[2], REFERENCE["07.1"](W, dW, 0.3))
    regularised = bp.sgd(net, bp.l2(net, grads, 0.1), eta=0.3)
    for mine, theirs in zip(REFERENCE["07.3"](W, b, dW, db, 0.3, 0.1), (regularised.W[2], regularised.b[2]), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-14)
    np.testing.assert_allclose(REFERENCE["07.4"](W, dW, 0.3, 0.1), bp.sgd(net, bp.l1(net, grads, 0.1), eta=0.3).W[2], rtol=1e-14)
    moved, velocity = bp.momentum(net, grads, eta=0.3, mu=0.8)
    moved, velocity = bp.momentum(moved, grads, velocity, eta=0.3, mu=0.8)
    mine = REFERENCE["07.6"](*REFERENCE["07.6"](W, still, dW, 0.3, 0.8), dW, 0.3, 0.8)
    for got, want in zip(mine, (moved.W[2], velocity.W[2]), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)
    moved, state = bp.adam(net, grads, eta=0.3)
    moved, state = bp.adam(moved, grads, state, eta=0.3)
    first = REFERENCE["07.7"](W, still, still, dW, 1, 0.3, 0.9, 0.999, 1e-8)
    second = REFERENCE["07.7"](*first, dW, 2, 0.3, 0.9, 0.999, 1e-8)
    for got, want in zip(second, (moved.W[2], state.mean.W[2], state.square.W[2]), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-13)


# ---- slips that are named, and what is near them and is not ------------------------------------------------------------


def adam_with(mean_by=lambda u, g, b1: b1 * u + (1 - b1) * g, square_by=lambda s, g, b2, u: b2 * s + (1 - b2) * g**2, betas=None):
    """A step of Adam with other running means."""

    def answer(W, mean, square, dW, t, eta, beta1, beta2, eps):
        beta1, beta2 = betas or (beta1, beta2)
        u = mean_by(mean, dW, beta1)
        s = square_by(square, dW, beta2, u)
        return [W - eta * (u / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps), u, s]

    return answer


def averaged(value):
    return lambda s, g, b2, u: b2 * s + (1 - b2) * value(g, u)


ADAM = [
    (adam_with(betas=(0.9, 0.999)), "β of the text in place of those given"),
    (adam_with(betas=(0.9, 0.99)), None),
    (adam_with(square_by=averaged(lambda g, u: np.vdot(g, g))), "one square for the whole matrix"),
    (adam_with(square_by=averaged(lambda g, u: np.mean(g * g))), "one mean square for the whole matrix"),
    (adam_with(square_by=averaged(lambda g, u: np.max(g * g))), None),
    (adam_with(square_by=averaged(lambda g, u: (g - u) ** 2)), "variance for the square"),
    (adam_with(square_by=averaged(lambda g, u: (g + u) ** 2)), None),
    (adam_with(square_by=lambda s, g, b2, u: np.maximum(s, b2 * s + (1 - b2) * g**2)), "the square never falls"),
    (adam_with(square_by=lambda s, g, b2, u: np.minimum(s, b2 * s + (1 - b2) * g**2)), None),
]


@pytest.mark.parametrize(("answer", "mistake"), ADAM)
def test_other_running_means_of_adam_are_named_and_what_is_near_them_is_not(answer, mistake):
    outcome = outcome_of("07.7", answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


def test_a_wrong_running_mean_is_told_before_the_weights_that_follow_from_it():
    odd = outcome_of("07.7", adam_with(square_by=averaged(lambda g, u: np.abs(g) ** 1.5))).message
    assert odd.startswith("square is not right (mean is right). W follows from it")
    doubled = outcome_of("07.7", adam_with(square_by=lambda s, g, b2, u: 2 * (b2 * s + (1 - b2) * g**2))).message
    assert "square is not right: every entry is 2 × what it should be (mean is right). W follows from it" in doubled
    assert "off by" in outcome_of("07.7", adam_with(mean_by=lambda u, g, b1: u + (1 - b1) * g)).message
    both = outcome_of("07.7", adam_with(lambda u, g, b1: np.tanh(u), averaged(lambda g, u: np.cos(g)))).message
    assert both.startswith("mean is not right. W follows from it")
    assert "follows from it" not in outcome_of("07.7", lambda W, *rest: [W + 0.1 * W**2, *adam_with()(W, *rest)[1:]]).message


def test_a_slope_of_small_weights_that_is_cut_off_or_smoothed_is_wrong():
    def step(slope):
        return lambda W, dW, eta, lam: W - eta * (dW + lam * slope(W))

    def one_zero(W):
        slope = np.where(W > 0, 1.0, -1.0)
        slope.flat[np.abs(W).argmin()] = 0
        return slope

    wrong = (lambda W: np.where(np.abs(W) < 1e-3, 0, np.sign(W)), lambda W: np.tanh(1e3 * W), lambda W: np.sign(np.round(W, 3)), one_zero)
    assert [outcome_of("07.4", step(slope)).status for slope in wrong] == ["wrong"] * len(wrong)
    assert outcome_of("07.4", step(lambda W: 1.0 * (W > 0) - (W < 0))).status == "right"


def test_a_count_of_steps_that_is_capped_is_wrong():
    def adam(clock):
        def answer(W, mean, square, dW, t, eta, beta1, beta2, eps):
            mean, square, t = beta1 * mean + (1 - beta1) * dW, beta2 * square + (1 - beta2) * dW**2, clock(t)
            return [W - eta * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps), mean, square]

        return answer

    assert [outcome_of("07.7", adam(clock)).status for clock in (lambda t: min(t, 20), lambda t: t)] == ["wrong", "right"]


def test_an_order_that_is_hardly_shuffled_is_told_and_a_shuffle_that_starts_with_the_first_is_none():
    def cut(order):
        return lambda rng, m, size: np.split(order(rng, m), range(size, m, size))

    def one_half(rng, m):
        return np.concatenate([np.arange(m // 2), rng.permutation(np.arange(m // 2, m))])

    def neighbours(rng, m):
        order = np.arange(m)
        for k in np.flatnonzero(rng.random(m - 1) < 0.5):
            order[[k, k + 1]] = order[[k + 1, k]]
        return order

    for order in (one_half, lambda rng, m: np.concatenate([[2 * k, 2 * k + 1] for k in rng.permutation(m // 2)] + [np.arange(m // 2 * 2, m)])):
        assert outcome_of("07.5", cut(order)).mistake == "hardly shuffled"
    assert outcome_of("07.5", cut(neighbours)).status == "wrong"
    assert outcome_of("07.5", cut(lambda rng, m: np.argsort(rng.random(m)))).status == "right"
