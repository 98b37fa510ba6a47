"""Odd slips of lessons 00 to 07 that are named, written as learners write them, and what is near them and is not."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.products import product_of


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def vjp(a, g):
    return a * (g - (a * g).sum(axis=0))


def norm(array):
    return np.sqrt(np.sum(np.square(array)))


def size_of(a, b):
    return np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4)


def pair_by_pair(delta, a_prev):
    dW = delta[:, [0]] @ a_prev[:, [0]].T
    for x in range(1, delta.shape[1]):
        dW = (dW + delta[:, [x]] @ a_prev[:, [x]].T) / 2
    return dW


def slope(z):
    return bp.sigmoid(z) * (1 - bp.sigmoid(z))


def written_into(make):
    def sigmoid(z):
        a = make(z)
        for i in np.ndindex(z.shape):
            a[i] = (1 + np.tanh(z[i] / 2)) / 2
        return a

    return sigmoid


def first_turn(sizes):
    for n_prev, n in itertools.pairwise(sizes):
        return n * n_prev + n
    return 0


def circuit(sine=lambda x, y: x + y**2, cosine=lambda x, y: x + y**2):
    def slopes(x, y):
        s, c = np.sin(sine(x, y)), x * y * np.cos(cosine(x, y))
        return y * s + c, x * s + 2 * y * c

    return slopes


def central(step):
    return lambda f, x, h: (f(x + step(x, h)) - f(x - step(x, h))) / (2 * step(x, h))


def cross_entropy(log, kept=lambda a: a):
    def cost(a, y):
        a = kept(a)
        with np.errstate(all="ignore"):
            terms = [
                0.0 if weight == 0 else weight * log(p) for q, t in zip(a.ravel(), y.ravel(), strict=True) for p, weight in ((q, t), (1 - q, 1 - t))
            ]
        return -sum(terms) / a.shape[1]

    return cost


def of_the_uncertain(a, y):
    return cross_entropy(np.log)(a[(a > 0) & (a < 1)][None], y[(a > 0) & (a < 1)][None]) * np.sum((a > 0) & (a < 1)) / a.shape[1]


def back(weights=lambda delta, a, W: delta @ a.T / a.shape[1], step=lambda delta, l: delta):
    def backprop(W, b, x, y):
        a, dW, db = [x], [None], [None]
        for l in range(1, len(W)):
            a.append(bp.sigmoid(W[l] @ a[-1] + b[l]))
        delta = (a[-1] - y) * a[-1] * (1 - a[-1])
        for l in range(len(W) - 1, 0, -1):
            dW.insert(1, weights(delta, a[l - 1], W[l]))
            db.insert(1, delta.mean(axis=1, keepdims=True))
            delta = step((W[l].T @ delta) * a[l - 1] * (1 - a[l - 1]), l)
        return [dW, db]

    return backprop


def trained(rate):
    def train_step(W, b, x, y, eta):
        moved = [zip(parameters[1:], part[1:], strict=True) for parameters, part in zip((W, b), back()(W, b, x, y), strict=True)]
        return [[None, *(p - eta * rate(l) * g for l, (p, g) in enumerate(pairs, start=1))] for pairs in moved]

    return train_step


def adam(square=lambda old, dW, beta: beta * old + (1 - beta) * dW**2, power=lambda beta, t: beta**t):
    def adam_step(W, mean, old, dW, t, eta, beta1, beta2, eps):
        u, s = beta1 * mean + (1 - beta1) * dW, square(old, dW, beta2)
        return [W - eta * u / (1 - power(beta1, t)) / (np.sqrt(s / (1 - power(beta2, t))) + eps), u, s]

    return adam_step


def over(turns):
    def loops(W_next, delta_next, z):
        delta = np.zeros(z.shape)
        for j in range(len(z)):
            for k in range(turns(W_next, z)):
                delta[j] = delta[j] + W_next[k, j] * delta_next[k] * slope(z[j])
        return delta

    return loops


NAMED = [
    ("01.1", lambda W, a, b, j: sum((W[j, k] + b[j, 0]) * a[k, 0] for k in range(len(a))), "bias beside each weight"),
    ("01.1", lambda W, a, b, j: sum((W[j, k] + b[0, 0]) * a[k, 0] for k in range(len(a))), None),
    ("01.1", lambda W, a, b, j: W[j] @ a[:, 0] + b[j, 0] * a[j, 0], "bias met by its activation"),
    ("01.1", lambda W, a, b, j: W[j] @ a[:, 0] + b[j, 0] * a[0, 0], None),
    ("01.1", lambda W, a, b, j: sum(W[j, k] * a[-k, 0] for k in range(len(a))) + b[j, 0], "counted from the end"),
    ("01.1", lambda W, a, b, j: sum(W[j, k] * a[-1 - k, 0] for k in range(len(a))) + b[j, 0], "activations in reverse order"),
    ("01.1", lambda W, a, b, j: 1 + W[j] @ a[:, 0] + b[j, 0], "total not begun at 0"),
    ("01.1", lambda W, a, b, j: max(W[j] * a[:, 0]) + b[j, 0], "largest product"),
    ("01.1", lambda W, a, b, j: min(W[j] * a[:, 0]) + b[j, 0], None),
    ("01.2", lambda W, a, b: W @ a / len(a[0]) + b, "divided by the number of examples"),
    ("01.2", lambda W, a, b: (W @ a + b) / len(a[0]), None),
    ("01.2", lambda W, a, b: np.hstack([W @ a[:, :1] + b, W @ a[:, 1:]]), "bias for the first example alone"),
    ("01.2", lambda W, a, b: np.hstack([W @ a[:, :-1], W @ a[:, -1:] + b]), None),
    ("01.2", lambda W, a, b: np.vstack([W[:1] @ a + b[0], W[1:] @ a]), "bias for the first neuron alone"),
    ("01.2", lambda W, a, b: W @ a + b * a.sum(axis=0), "bias beside each weight"),
    ("01.2", lambda W, a, b: W @ a + b * a.mean(axis=0), None),
    ("01.3", written_into(np.zeros_like), "cut to whole numbers"),
    ("01.3", written_into(lambda z: z.copy()), "cut to whole numbers"),
    ("01.3", lambda z: np.round((1 + np.tanh(z / 2)) / 2) if z.dtype.kind == "i" else (1 + np.tanh(z / 2)) / 2, None),
    ("01.6", first_turn, "first layer alone"),
    ("01.6", lambda sizes: sizes[-1] * sizes[-2] + sizes[-1], "last layer alone"),
    ("01.6", lambda sizes: sizes[-1] * sizes[-2] + sizes[-2], None),
    ("02.1", circuit(sine=lambda x, y: x), "sine of x"),
    ("02.1", circuit(sine=lambda x, y: x * y), "sine of u"),
    ("02.1", circuit(sine=lambda x, y: x, cosine=lambda x, y: x), "x alone for v"),
    ("02.1", circuit(sine=lambda x, y: x - y * y, cosine=lambda x, y: x - y * y), "x - y² for v"),
    ("02.1", circuit(sine=lambda x, y: x, cosine=lambda x, y: y), None),
    ("02.1", lambda x, y: circuit(cosine=lambda x, y: x + y**2)(x, y)[:1] * 2, None),
    ("02.2", lambda W: W - np.median(W, axis=1)[:, None], "median"),
    ("02.2", lambda W: W - np.sort(W, axis=1)[:, [0]], None),
    ("02.2", lambda W: (c := W - W.mean(axis=1, keepdims=True)) / np.sqrt((c**2).mean(axis=1, keepdims=True)), "rows scaled as well"),
    ("02.2", lambda W: (c := W - W.mean(axis=1, keepdims=True)) / np.linalg.norm(c, axis=1, keepdims=True), None),
    ("02.6", lambda dx: dx[0, 0] * dx[1, 0], "entries of dx multiplied"),
    ("02.6", lambda dx: dx[0, 0] - dx[1, 0], None),
    ("03.1", central(lambda x, h: h * max(abs(x), 1)), "step grows with x"),
    ("03.1", central(lambda x, h: h + h * abs(x)), "step with 1 + |x|"),
    ("03.1", central(lambda x, h: h * max(abs(x), 1.05)), None),
    ("03.1", lambda f, x, h: ((f(x + h) - f(x)) / (2 * h) + (f(x) - f(x - h)) / (2 * h)) / 2, "halved"),
    ("04.2", lambda a, y: np.where(y != 0, a - y, 0), "0 where nothing is wanted"),
    ("04.2", lambda a, y: np.where(y == 0, a - y, 0), None),
    ("03.3", lambda a, b: np.sqrt(np.mean((np.abs(a - b) / size_of(a, b)) ** 2)), "root mean square for worst"),
    ("03.3", lambda a, b: (np.abs(a - b) / size_of(a, b)).ravel()[np.argmax(np.abs(a - b))], "entry with the largest distance"),
    ("03.3", lambda a, b: max([0.0, *(np.abs(a - b) / size_of(a, b))[size_of(a, b) > 1e-4]]), "small entries left out"),
    ("03.3", lambda a, b: np.max(np.abs(a - b) / np.maximum(np.sqrt(np.abs(a) * np.abs(b)), 1e-4)), "geometric mean below the bar"),
    ("03.3", lambda a, b: np.sqrt(np.sum((np.abs(a - b) / size_of(a, b)) ** 2)), None),
    ("04.1", lambda z: 4 * slope(z), "four times"),
    ("04.1", lambda z: 1.5 * slope(z), None),
    ("04.3", lambda a, y, z: (a - y) * slope(a - y), "slope at a - y"),
    ("04.3", lambda a, y, z: (a - y) * slope(a + y), None),
    ("04.4", lambda z: softmax(softmax(z)), "softmax twice"),
    ("04.4", lambda z: softmax(softmax(softmax(z))), None),
    ("04.5", lambda z: np.diagflat(softmax(z)) - softmax(z), "a subtracted as a column"),
    ("04.5", lambda z: np.diag(softmax(z).ravel()) - softmax(z).ravel(), "a subtracted as a row"),
    ("04.5", lambda z: np.diagflat(softmax(z)) - 2 * softmax(z), None),
    ("04.5", lambda z: np.diagflat(np.exp(z)) - softmax(z) @ softmax(z).T, "exponentials on the diagonal"),
    ("04.6", lambda a, g: a * a - a * (a * g).sum(axis=0), "a for g in front"),
    ("04.6", lambda a, g: a * (a - (a * a).sum(axis=0)), None),
    ("04.6", lambda a, g: a * (1 - a) * (g - (a * g).sum(axis=0)), "1 - a multiplied in as well"),
    ("04.7", lambda a, y: vjp(a, a - y / y.sum(axis=0)), "targets divided by their sum"),
    ("04.7", lambda a, y: vjp(a, a - np.eye(len(y))[y.argmax(axis=0)].T), "largest target alone"),
    ("04.7", lambda a, y: vjp(a, a - np.eye(len(y))[y.argmin(axis=0)].T), None),
    ("04.7", lambda a, y: a - y + vjp(a, a - y), "a - y added"),
    ("04.8", lambda a, y: a * (y.sum(axis=0) - y), "y inside the bracket with the sum"),
    ("04.7", lambda a, y: (d := (a - y) * a * (1 - a)) - d.sum(axis=0) / len(d), "slopes less their plain mean"),
    ("04.7", lambda a, y: (d := (a - y) * a * (1 - a)) - d.sum(axis=0), None),
    ("04.9", of_the_uncertain, "certain and wrong costs nothing"),
    ("04.9", cross_entropy(lambda p: np.log(p) if p > 0 else 0.0), "certain and wrong costs nothing"),
    ("04.9", cross_entropy(lambda p: np.log(p) if p > 0 else 1.0), None),
    ("04.9", lambda a, y: a.shape[1] * cross_entropy(math.log)(a, y), "sum for mean"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z)[0, 0], "slope of the first neuron"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z).mean(), "mean of the slopes"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(W[k, j] * z[j, 0]), "slope at the weighted z"),
    ("05.1", lambda W, z, k, j: W[k, j] * (z[j, 0] >= 0), "slope of relu"),
    ("05.1", lambda W, z, k, j: W[k, j] * (0.01 if z[j, 0] < 0 else 1), None),
    ("05.2", over(lambda W, z: len(z)), "k over this layer"),
    ("05.2", over(lambda W, z: len(z) - 1), None),
    ("05.3", lambda W, delta, z: W.T @ delta * (z > 0), "slope of relu"),
    ("05.3", lambda W, delta, z: W.T @ delta * np.where(z > 0, 1, 0.01), None),
    ("05.7", lambda W, z: W * slope(W * z.ravel()), "slope at the weighted z"),
    ("05.7", lambda W, z: W * slope(W @ z), "slope of the next layer without its activations"),
    ("05.7", lambda W, z: W * (z > 0).ravel(), "slope of relu"),
    ("05.7", lambda W, z: W * (s := slope(z).ravel()) / s.sum(), "slopes divided by their sum"),
    ("05.7", lambda W, z: W * (s := slope(z).ravel()) / s.max(), None),
    ("05.6", lambda delta: [np.linalg.norm(delta[1]) / np.linalg.norm(d) for d in delta[2:]], "compared with layer 1"),
    ("05.6", lambda delta: [np.linalg.norm(p[:, 0]) / np.linalg.norm(q[:, 0]) for p, q in itertools.pairwise(delta[1:])], "first example only"),
    ("05.6", lambda delta: [np.linalg.norm(p[:, -1]) / np.linalg.norm(q[:, -1]) for p, q in itertools.pairwise(delta[1:])], None),
    ("06.2", pair_by_pair, "averaged pair by pair"),
    ("06.3", lambda delta: np.sqrt((delta**2).sum(axis=1))[:, None], "length for mean"),
    ("06.3", lambda delta: delta.sum(axis=1)[:, None] / max(len(delta[0]) - 1, 1), "divided by m - 1"),
    ("06.3", lambda delta: delta.sum(axis=1)[:, None] / (len(delta[0]) + 1), None),
    ("06.4", lambda delta: delta[-1].sum() / len(delta[0]), "last neuron only"),
    ("06.7", lambda g, x, y: norm(g(np.c_[x, x[:, 0]], np.c_[y, y[:, 0]])) / norm(g(x, y)), "first example alone given twice"),
    ("06.7", lambda g, x, y: norm(g(np.c_[x, x[:, 1:]], np.c_[y, y[:, 1:]])) / norm(g(x, y)), None),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * dW - eta * lam * sum(W.ravel()), b - eta * db], "sum of the weights"),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * dW - eta * lam * W / np.sqrt(np.sum(W**2)), b - eta * db], "divided by the length of W"),
    ("07.3", lambda W, b, dW, db, eta, lam: [W - eta * dW - eta * lam * W / len(W), b - eta * db], None),
    ("07.4", lambda W, dW, eta, lam: W - eta * (dW + lam * W / norm(W)), "divided by the length of W"),
    ("07.4", lambda W, dW, eta, lam: W - eta * dW - eta * lam * np.where(W > 0, 1, 0), "positive weights alone"),
    ("07.4", lambda W, dW, eta, lam: W - eta * dW - eta * lam * np.where(W > 0, 0, -1), None),
    ("06.4", lambda delta: np.mean(np.sqrt((delta**2).sum(axis=0))), "mean length of the examples' errors"),
    ("06.4", lambda delta: np.trace(delta) / delta.shape[1], "diagonal only"),
    ("06.4", lambda delta: np.trace(delta) / min(delta.shape), "diagonal only"),
    ("04.3", lambda a, y, z: (a - y) * slope(z).mean(axis=1)[:, None], "slopes averaged over the examples"),
    ("04.3", lambda a, y, z: (a - y) * np.median(slope(z), axis=1)[:, None], None),
    ("04.8", lambda a, y: a * y.sum(axis=0) - np.where(y == y.max(axis=0), y.sum(axis=0), 0), "most counted class alone"),
    ("07.7", adam(square=lambda old, dW, beta: np.maximum(beta * old, dW**2)), "larger of the two for mean square"),
    ("07.7", adam(square=lambda old, dW, beta: np.minimum(beta * old, dW**2)), None),
    ("07.7", adam(power=lambda beta, t: beta / t), "β over t"),
    ("07.7", adam(power=lambda beta, t: beta / (t + 1)), None),
    (
        "07.8",
        lambda history, tol, patience: len(history) > patience and history[-1] >= min(history[:-patience]) - tol,
        "last epoch for the best of the window",
    ),
    ("06.4", lambda delta: delta[0, 0] + delta[-1, -1], None),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED)
def test_odd_slips_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


def test_a_loop_that_is_too_short_where_the_next_layer_is_larger_is_told_by_its_index():
    outcome = outcome_of("05.2", over(lambda W, z: min(W.shape)))
    assert outcome.mistake is None and 'your numbers are those of "k over this layer"' in outcome.message
    assert "Among these" not in outcome.where


@pytest.mark.parametrize(
    "answer",
    [
        cross_entropy(np.log),
        cross_entropy(math.log),
        cross_entropy(np.log, lambda a: np.clip(a, 1e-9, 1 - 1e-9)),
        cross_entropy(lambda p: np.nan_to_num(np.log(p))),
    ],
    ids=["infinite", "an error", "very much", "the largest number"],
)
@pytest.mark.parametrize("seed", range(3))
def test_what_an_output_costs_that_is_certain_and_wrong_is_left_open_but_for_nothing(answer, seed):
    outcome = outcome_of("04.9", answer, seed)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


TOLD = [
    ("04.4", lambda z: softmax(z * 1.7), "larger by 1 in z has 5.474 times the share"),
    ("04.5", lambda z: np.tril(np.diagflat(softmax(z)) - softmax(z) @ softmax(z).T, -1), "Your column 0 (counting from 0) sums to"),
    ("04.6", lambda a, g: a * (g - (a * a * g).sum(axis=0)), "another number than the mean of g weighted with a: in column 0"),
    ("04.7", lambda a, y: a * (a - y - 0.3), "another number than the mean of a - y weighted with a: in column 0"),
    ("05.7", lambda W, z: W * (bp.sigmoid(z) ** 2).ravel(), "you multiply column 0 of W_next (counting from 0) by σ(z[0]) · σ(z[0])"),
    ("05.7", lambda W, z: W * slope(z).max(), "by σ'(z["),
    ("06.5", back(weights=lambda delta, a, W: delta @ a.T / a.shape[1] + 0.01 * W), "Every dW is off by 0.01 times its W."),
    ("06.5", back(weights=lambda delta, a, W: delta @ bp.sigmoid(a).T / a.shape[1]), "In dW[4] δ meets σ of what came in."),
    ("06.5", back(step=lambda delta, l: 3 * delta), "from layer 1 on 27, 9, 3, 1."),
    ("07.2", trained(lambda l: 1 / l), "from layer 1 on 1, 0.5, 0.3333."),
    ("01.1", lambda W, a, b, j: W[j] @ a[:, 0] - 2 * W[j, 0] * a[0, 0] + b[j, 0], "the products for k = 0, 1 and so on count -1, 1, 1 times"),
    ("01.1", lambda W, a, b, j: W[(j + 1) % len(W)] @ a[:, 0] + b[j, 0], "the sum with row 2 of W and the bias of neuron 1"),
    ("01.1", lambda W, a, b, j: W[j] @ np.roll(a[:, 0], 1) + b[j, 0], "in the order 2, 0, 1"),
    (
        "02.1",
        lambda x, y: (x * y * np.cos(x + y * y) + y * np.sin(x + y * y), x * y * np.cos(x + y * y) * 2 * y + 2 * np.sin(x + y * y)),
        "In ∂z/∂y, the path through v is right. On the path through u you have 2 · sin v.",
    ),
    ("02.5", lambda r, t: [[np.cos(t), -r * t * np.sin(t)], [np.sin(t), r * np.cos(t)]], "∂x/∂t = -r · t · sin t."),
    ("02.6", lambda dx: 4 * dx[0, 0] + 13 * dx[1, 0], "4 · dx_1 + 13 · dx_2. One of these two slopes of z is right, that of x_2."),
    ("02.6", lambda dx: 4.5 * dx[0, 0] - 3 * dx[1, 0], "4.5 · dx_1 + -3 · dx_2. Neither"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z[(j + 1) % len(z), 0]), "W_next[2, 0] · σ'(z[1])"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "words"), TOLD)
def test_a_number_is_told_by_the_terms_or_factors_that_it_is_made_of(exercise_id, answer, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", None) and words in outcome.message, outcome.message


NOT_TOLD = [
    ("04.4", lambda z: (e := np.exp(z - z.max(axis=0)) + 0.2) / e.sum(axis=0), "larger by 1 in z has"),
    ("04.6", lambda a, g: a * (g - a * 0.3), "one number for each example"),
    ("05.7", lambda W, z: W * 0.123, "you multiply column"),
    ("06.5", back(weights=lambda delta, a, W: delta @ a.T / a.shape[1] + 0.01 * W**2), "times its W"),
    ("06.5", back(weights=lambda delta, a, W: delta @ np.cos(a).T / a.shape[1]), "δ meets"),
    ("06.5", back(step=lambda delta, l: delta + 0.01), "from layer 1 on"),
    ("07.2", trained(lambda l: 0.5), "from layer 1 on"),
    ("01.1", lambda W, a, b, j: W[j] @ a[:, 0] + 0.3 * b[j, 0], "your number"),
    ("02.1", lambda x, y: (0.37, 0.91), "path through"),
    ("02.5", lambda r, t: [[np.cos(t), 0.77], [np.sin(t), r * np.cos(t)]], "You have"),
    ("02.6", lambda dx: 4.123 * dx[0, 0] + 13 * dx[1, 0], "dx_1 +"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z[j, 0]) * 0.731, "W_next["),
]


@pytest.mark.parametrize(("exercise_id", "answer", "words"), NOT_TOLD)
def test_a_number_that_is_made_of_something_else_is_told_by_no_terms(exercise_id, answer, words):
    outcome = outcome_of(exercise_id, answer)
    assert outcome.status == "wrong" and words not in outcome.message, outcome.message


def test_the_shortest_product_is_told_and_none_that_is_near_by_chance():
    factors = {"2": 2.0, "x": 1.3, "cos v": -0.4}
    assert product_of(2.6, factors) == "2 · x"
    assert product_of(-1.3 * 1.3 * 0.4, factors) == "x · x · cos v"
    assert product_of(1.3 * 0.4, factors) == "-x · cos v"
    assert product_of(2.6 * (1 + 1e-7), factors) is None
    assert product_of(0.0, factors) is None and product_of(float("nan"), factors) is None


@pytest.mark.parametrize("exercise", registry().values(), ids=list(registry()))
def test_no_two_mistakes_of_an_exercise_have_one_name(exercise):
    # what a mistake gives is kept by its name
    assert [name for name, many in Counter(mistake.name for mistake in exercise.mistakes).items() if many > 1] == []
