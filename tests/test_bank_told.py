"""What learners' slips of every lesson are told, and answers in odd forms that are right: written from the notebooks alone."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools

import numpy as np
import pytest
from judged import judge_of, outcome_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.model import Case

sigmoid, slope = bp.sigmoid, bp.sigmoid.prime


def products(sizes, mode):
    if mode == "forward":
        return sum(sizes[0] * a * b for a, b in itertools.pairwise(sizes[1:]))
    return sum(sizes[-1] * a * b for a, b in itertools.pairwise(sizes[:-1]))


def differences(C, W, h=1e-5, forward=False):
    W, slopes = W.astype(float), np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[i] = h
        slopes[i] = (C(W + step) - C(W if forward else W - step)) / (2 * h)
    return slopes


def five_points(C, W, h=1e-3):
    return (4 * differences(C, W, h) - differences(C, W, 2 * h)) / 3


def in_columns(W, b, x, y, first, step, weights, biases):
    z, a = [None], [x]
    for l in range(1, len(W)):
        z.append(W[l] @ a[-1] + b[l])
        a.append(sigmoid(z[-1]))
    delta, dW, db = first(a[-1], y, z[-1]), [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dW[l], db[l] = weights(delta, a[l - 1]), biases(delta)
        if l > 1:
            delta = step(W[l], delta, z[l - 1], a[l - 1])
    return dW, db


def gradients(
    first=lambda a, y, z: (a - y) * slope(z),
    step=lambda W, delta, z, a: W.T @ delta * slope(z),
    weights=lambda delta, a: delta @ a.T / delta.shape[1],
    biases=lambda delta: delta.mean(axis=1, keepdims=True),
):
    return lambda W, b, x, y: in_columns(W, b, x, y, first, step, weights, biases)


def step(**parts):
    def answer(W, b, x, y, eta):
        moved = zip((W, b), gradients(**parts)(W, b, x, y), strict=True)
        return [[None, *(p - eta * g for p, g in zip(old[1:], new[1:], strict=True))] for old, new in moved]

    return answer


def last_layer(weights, biases):
    return lambda delta, a: [weights(delta, a), biases(delta)]


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


mean_weights, mean_biases = lambda d, a: d @ a.T / d.shape[1], lambda d: d.mean(axis=1, keepdims=True)
sums = {"weights": lambda d, a: d @ a.T, "biases": lambda d: d.sum(axis=1, keepdims=True)}
no_slope = lambda W, delta, z, a: W.T @ delta  # noqa: E731


def against_the_window_before(history, tol, patience):
    return len(history) > patience and min(history[-patience:]) >= min(history[-2 * patience : -patience]) - tol


def stream_from_zero(m, l, o, S, V):
    m = np.where(np.isinf(m), 0.0, m)
    new = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - new), np.exp(S - new)
    return new, kept * l + e.sum(axis=0), kept * o + V @ e


def through_time(x, h, U, g, back=lambda U: U.T, slope_of=lambda h: 1 - h**2, scale=1.0):
    dW, dU, db, carried = 0.0, 0.0, 0.0, 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = (g[t] + carried) * slope_of(h[t])
        dW, dU, db = dW + delta @ x[t].T, dU + delta @ h[t - 1].T, db + delta.sum(axis=1, keepdims=True)
        carried = back(U) @ delta
    return [scale * part for part in (dW, dU, db)]


def init_weights(rng, sizes, fan):
    return [None, *(rng.normal(0, np.sqrt(2 / fan(k)), (n, k)) for k, n in itertools.pairwise(sizes))]


def scaled_step(W, g, scale, good, eta, usable):
    if not usable:
        return W, scale / 2, 0
    W = W - eta * (g.astype(float) / scale)
    return (W, 2 * scale, 0) if good == 3 else (W, scale, good + 1)


def errors_through(W, z, delta, slope_of):
    delta = [*[None] * (len(W) - 1), delta]
    for l in range(len(W) - 2, 0, -1):
        delta[l] = W[l + 1].T @ delta[l + 1] * slope_of(z[l])
    return delta


def unit(matrix):
    return matrix / np.sqrt(np.sum(matrix * matrix))


def undone(G, shape, total):
    G = total(G, axis=tuple(range(G.ndim - len(shape))))
    return total(G, axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def smooth(Y, alpha):
    return np.where(Y == 1, 1 - alpha, alpha / len(Y))


def weighed(p, targets):
    return p * targets.sum(axis=0) - targets


def attention_back(Q, K, V, A, g):
    dA = V.T @ g
    dS = A * (dA - (A * dA).sum(axis=0)) / np.sqrt(len(Q))
    return [K @ dS, Q @ dS.T]


TOLD = [
    ("07.8", against_the_window_before, "window before for the best before"),
    ("12.8", lambda a, mask, p, g: [a * mask / (1 - p), g * ((a * mask) != 0) / (1 - p)], "mask read off the result"),
    ("13.6", stream_from_zero, "minus infinity taken for 0"),
    ("01.1", lambda W, a, b, j: float(W[j] @ (a[:, 0] + b[j, 0])), "bias inside the products"),
    ("01.2", lambda W, a, b: np.tanh(W @ a + b), "tanh applied"),
    ("02.6", lambda dx: np.prod(np.array([[1, 4], [2, 1.0]]) @ dx), "entries of dy multiplied"),
    ("02.7", lambda sizes, mode: sizes[0] * sizes[-1], "entries of the result"),
    ("02.7", lambda sizes, mode: 2 * products(sizes, mode), "as many additions as multiplications"),
    ("02.7", lambda s, mode: products(s, mode) - s[-1] * s[0] * (s[-2] if mode == "forward" else s[1]), "last product left out"),
    ("03.1", lambda f, x, h: (f(x + 2 * h) - f(x)) / (2 * h), "forward over two steps"),
    ("03.1", lambda f, x, h: (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h), "step relative to x"),
    ("03.2", lambda C, W: differences(C, W, forward=True), "one-sided; divided by 2h"),
    ("03.3", lambda a, b: np.max(abs(a - b) / np.maximum((abs(a) + abs(b)) / 2, 1e-4)), "mean of the two sizes below the bar"),
    ("03.5", lambda f, x: np.imag(f(x * (1 + 1e-30j))) / 1e-30, "step relative to x"),
    ("04.4", lambda z: np.exp(z - z.max(axis=0)) / np.exp(z).sum(axis=0), "shift below the bar left out"),
    ("04.8", lambda a, y: (a == a.max(axis=0)) - y, "answer for probabilities"),
    ("04.9", lambda a, y: -np.sum(a * np.log(y) + (1 - a) * np.log(1 - y)) / a.shape[1], "a and y swapped"),
    ("04.9", lambda a, y: -np.sum(y * np.log(a) + (1 - y) * np.log(a)) / a.shape[1], "one logarithm for both terms"),
    ("05.1", lambda W, z, k, j: W[k, j] * slope((W @ sigmoid(z))[k, 0]), "slope of the next layer"),
    ("05.2", lambda W, delta, z: W[:1].T @ delta[:1] * slope(z), "first path only"),
    ("05.3", lambda W, delta, z: W.T @ delta * z, "z for σ'"),
    ("05.3", lambda W, delta, z: -W.T @ delta * sigmoid(z), "a for σ'; sign"),
    ("05.3", lambda W, delta, z: W.T @ (delta * slope(W @ sigmoid(z))), "σ' at z of the next layer"),
    ("05.7", lambda W, z: slope(W @ sigmoid(z)) * W * slope(z).T, "slopes of both layers"),
    ("05.6", lambda delta: [np.linalg.norm(d) for d in delta[1:-1]], "norms alone"),
    ("06.1", lambda delta, a: delta.sum() * np.ones_like(delta) @ a.T, "errors added up"),
    ("06.2", lambda delta, a: a @ delta.T, "no 1/m; transposed"),
    ("06.4", lambda delta: abs(delta).sum() / delta.shape[1], "sizes added"),
    ("06.5", gradients(first=lambda a, y, z: a - y, step=no_slope), "σ' dropped in BP1; σ' dropped in BP2"),
    ("06.5", gradients(step=no_slope, **sums), "no 1/m; σ' dropped in BP2"),
    ("06.5", gradients(step=lambda W, delta, z, a: W.T @ delta * (1 - a**2)), "slope of tanh in BP2"),
    ("06.7", lambda g, x, y: np.sum(g(np.c_[x, x], np.c_[y, y])) / np.sum(g(x, y)), "sums for norms"),
    ("06.7", lambda g, x, y: np.max(g(np.c_[x, x], np.c_[y, y])) / np.max(g(x, y)), "largest entries for norms"),
    ("07.1", lambda W, dW, eta: W - eta * dW**2, "squared gradient"),
    ("07.2", step(step=no_slope, **sums), "no 1/m; slope dropped"),
    ("07.2", step(first=lambda a, y, z: a - y), "slope of the last layer dropped"),
    ("07.2", step(biases=lambda d: d.sum(axis=1, keepdims=True)), "db summed over the examples"),
    ("08.1", lambda labels, K: 2 * np.eye(K)[:, labels] - 1, "-1 for 0"),
    ("08.3", lambda K: np.log(10), "ten classes"),
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * np.sign(A), "signs in the penalty"),
    ("09.7", lambda X, A: (A + A.T) @ X / X.shape[1], "averaged over the columns"),
    ("10.5", lambda z, G: G * (z < 0), "negative z only"),
    ("03.5", lambda f, x: abs(f(x + 1e-30j)) / 1e-30, "size for imaginary part"),
    ("03.7", lambda z, h: abs(np.clip(z / (2 * h) + 0.5, 0, 1) - (z > 0)) > 1e-4, "tolerance inside the reach"),
    ("03.7", lambda z, h: (z < h + 1e-4) & (z > -h - 1e-4), "tolerance outside the reach"),
    ("08.2", lambda rng, sizes: init_weights(rng, sizes, lambda k: k + 1), "one more than the neurons before"),
    ("08.2", lambda rng, sizes: init_weights(rng, sizes, lambda k: k - 1), "one less than the neurons before"),
    ("10.5", lambda z, G: np.where(z > 1e-4, G, 0), "a tolerance above 0"),
    ("10.5", lambda z, G: np.where(z > -1e-4, G, 0), "a tolerance below 0"),
    ("11.12", lambda W, delta, a: W.T @ delta * (a > 1e-4), "a tolerance above 0"),
    ("15.8", lambda W, g, s, k, eta: scaled_step(W, g, s, k, eta, np.isfinite(g.max())), "the largest entry alone looked at"),
    ("04.6", lambda a, g: g - a * sum(g), "slope of the logarithm"),
    ("05.4", lambda W, z, d: errors_through(W, z, d, lambda z: np.cosh(z) ** -2.0), "slope of tanh at z"),
    ("09.2", lambda A, s, x, c: unit(A @ s - x) @ s.T + c * unit(A), "norms for their squares"),
    ("09.3", lambda V, s, eps: s / np.sqrt(V.T @ (V @ (s * s) + eps)), "Vᵀ under the root"),
    ("09.3", lambda V, s, eps: V.T @ (V @ (s * s) + eps) ** -1.5 * s, "differentiated twice"),
    ("10.4", functools.partial(lambda f, G, shape: f(G, shape, np.max), undone), "largest for sum"),
    ("11.22", lambda z, Y, alpha: softmax(z) * (1 + alpha / len(Y)) - smooth(Y, alpha), "targets that add up to more than 1"),
    ("11.22", lambda z, Y, alpha: softmax(z) * smooth(Y, alpha).sum() - smooth(Y, alpha), "the sum over everything"),
    ("11.22", lambda z, Y, alpha: weighed(softmax(z), (1 - alpha) * Y + alpha / Y.shape[1] * (1 - Y)), "α over the number of examples"),
    ("11.22", lambda z, Y, alpha: weighed(np.log(softmax(z)), smooth(Y, alpha)), "logarithm of p"),
    ("12.1", lambda z, c, b, e: c * (z - z.mean(axis=1, keepdims=True)) / np.hypot(z.std(axis=0), np.sqrt(e)) + b, "variance over the neurons"),
    ("12.1", lambda z, c, b, e: c * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=1, keepdims=True) + e) + b, "mean over the neurons"),
    ("12.1", lambda z, c, b, e: (c * (z.T - z.mean(axis=1)).T + b) / np.sqrt(z.var(axis=1, keepdims=True) + e), "β divided too"),
    ("12.1", lambda z, c, b, e: z - c * z.mean(1, keepdims=True) / np.sqrt(z.var(1, keepdims=True) + e) + b, "mean alone divided and scaled"),
    ("13.2", lambda d, q, mean, k: (mean**2 + k) / d**2 * q, "divided by the square of d"),
    ("13.2", lambda d, q, mean, k: q * d**-0.5 * (k + mean * mean), "divided by the root of d once more"),
    ("13.2", lambda d, q, mean, k: q * (k**0.5 + mean) ** 2, "square of mean and deviation together"),
    ("13.2", lambda d, q, mean, k: k + q, "variances added; mean of the keys left out"),
    ("13.4", lambda Q, K, V, A, g: [*attention_back(Q, K, V, A, g), V @ A @ A.T], "V for g in dV"),
    ("14.5", lambda x, h, U, g: through_time(x, h, U, g, slope_of=lambda h: h**2 + 1), "plus in the slope"),
    ("10.7", lambda z, g: softmax(z) - g, "g subtracted"),
    ("10.7", lambda z, g: g / np.exp(z - z.max(axis=0)).sum(axis=0) + 0 * z, "1 above the bar"),
    ("11.4", last_layer(mean_weights, lambda d: d.mean(axis=0, keepdims=True)), "mean over the neurons in db"),
    ("11.4", last_layer(lambda d, a: a @ d.T / d.shape[1], lambda d: d.sum(axis=1, keepdims=True)), "transposed in dW; sum over the examples in db"),
]


RIGHT = [
    ("07.5", lambda rng, m, size: [np.sort(batch) for batch in np.split(rng.permutation(m), range(size, m, size))]),
    ("02.7", lambda sizes, mode: float(products(sizes, mode))),
    ("03.2", five_points),
    ("03.4", np.finfo(float).eps ** (1 / 3)),
    ("03.7", lambda z, h: ~np.isclose((np.maximum(z + h, 0) - np.maximum(z - h, 0)) / (2 * h), z > 0)),
    ("08.2", lambda rng, sizes: init_weights(rng, sizes, lambda k: k)),
    ("04.9", lambda a, y: -np.nan_to_num(y * np.log(a) + (1 - y) * np.log1p(-a)).sum() / a.shape[1]),
    ("05.3", lambda W, delta, z: np.einsum("kj,kx,jx->jx", W, delta, sigmoid(z) * sigmoid(-z))),
    ("06.2", lambda delta, a: np.tensordot(delta, a, ([1], [1])) / delta.shape[1]),
    ("06.4", lambda delta: np.array([[delta.sum() / delta.shape[1]]])),
    ("07.2", lambda *given: tuple(map(tuple, step()(*given)))),
    ("10.7", lambda z, g: np.exp(z - np.logaddexp.reduce(z, axis=0)) * g),
    ("11.4", lambda delta, a: tuple(functools.reduce(np.add, part) for part in ([mean_weights(delta, a)], [mean_biases(delta)]))),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("exercise_id", "answer"), RIGHT, ids=[row[0] for row in RIGHT])
def test_an_odd_form_is_right(exercise_id, answer):
    for seed in (5, 11):
        outcome = outcome_of(exercise_id, answer, seed)
        assert outcome.status == "right", outcome.message


def test_what_is_right_to_seven_digits_is_no_overflow_and_is_not_cut_off():
    outcome = outcome_of("04.1", lambda z: (sigmoid(z + 1e-3) - sigmoid(z - 1e-3)) / 2e-3)
    assert outcome.mistake == "measured", outcome.message


def test_where_an_answer_does_not_even_fit_is_said_beside_where_it_is_wrong():
    message = outcome_of("04.3", lambda a, y, z: (a - y).T @ slope(z)).message
    assert "For 2 outputs, m = 5: it has shape (5, 5), expected shape (2, 5)." in message
    message = outcome_of("05.3", lambda W, delta, z: 1.3 * (W @ delta) * slope(z)).message
    assert "yours is" in message and "For W_next 1×4, m = 3 it raised ValueError" in message


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("06.1", lambda delta, a: -a @ delta.T, 'the negatives of those of "transposed"'),
        ("09.7", lambda X, A: -2 * A @ X, 'the negatives of those of "2AX"'),
        ("11.2", lambda W, delta, a: -W.T @ delta * (1 - a), 'the negatives of those of "1 - a, not squared"'),
        ("10.7", lambda z, g: -softmax(z), 'the negatives of those of "g left out"'),
    ],
)
def test_a_known_mistake_with_a_simple_factor_is_told(exercise_id, answer, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", None) and words in outcome.message, outcome.message


def test_what_a_mistake_is_told_is_not_said_of_its_multiple():
    """The hint speaks of the mistake alone: "db is right" is false of twice the numbers."""
    message = outcome_of("10.5", lambda z, G: 2 * G * np.heaviside(z, 0.5)).message
    assert 'two times those of "half at 0". Without that factor we would say: All is right but' in message
    message = outcome_of(
        "10.3", lambda A, B, G: [part / A.shape[1] for part in (G @ A.T if A.shape == G.shape == B.shape else G @ B.T, A.T @ G)]
    ).message
    assert "The gradient of B is right" not in message.split("Without that factor we would say:")[0]


def test_where_a_part_is_right_no_factor_is_said_of_all_parts():
    """The last part doubled is twice "halved in the first part", and nobody has halved anything."""
    for exercise_id in ("11.4", "11.26", "10.3", "06.6"):
        right = registry()[exercise_id].reference

        def doubled(*given, right=right):
            *first, last = right(*given)
            return [*first, 2 * np.asarray(last)]

        message = outcome_of(exercise_id, doubled).message
        assert "those of" not in message or "In " in message, message
        assert "two times those of" not in message and "multiplied by the" not in message


def test_whole_numbers_that_are_those_of_an_input_by_chance_are_not_taken_for_it():
    judge = judge_of("01.1", 11)
    given = iter([case.args for case in judge.cases] * 2)
    names = list(inspect.signature(judge.exercise.reference).parameters)
    message = judge(judge.run(lambda W, a, b, j: next(given)[names.index("j")])).message
    assert "as it came" not in message, message


SCALED = [
    ("09.1", lambda A, s, x: 2 * A.T @ (A @ s - x) * s, "the right ones, multiplied by `s`."),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2 + eps) ** -0.5 * s / eps, "the right ones, divided by `eps`."),
    ("14.3", lambda x, delta, shape, stride: stride * kernel_gradient(x, delta, shape, stride), "the right ones, multiplied by `stride`."),
    ("10.3", lambda A, B, G: (G @ B.T, A.T @ G * B), "In the gradient of B, your numbers are the right ones, multiplied by `B`."),
]


def kernel_gradient(x, delta, shape, stride):
    return registry()["14.3"].reference(x, delta, shape, stride)


@pytest.mark.parametrize(("exercise_id", "answer", "words"), SCALED, ids=[row[2] for row in SCALED])
def test_an_input_that_is_a_factor_too_many_is_told(exercise_id, answer, words):
    for seed in (5, 11):
        outcome = outcome_of(exercise_id, answer, seed)
        assert (outcome.status, outcome.mistake) == ("wrong", None) and words in outcome.message, outcome.message


def test_a_factor_that_is_an_input_in_one_case_alone_is_none():
    for factor in (lambda s: 1.01 * s, lambda s: s if s.shape[1] > 3 else s**3, lambda s: s.sum(axis=0)):
        message = outcome_of("09.1", lambda A, s, x, factor=factor: 2 * A.T @ (A @ s - x) * factor(s)).message
        assert "multiplied by `" not in message and "divided by `" not in message, message


def test_a_number_that_never_changes_is_not_taken_for_an_input_that_never_does():
    exercise = judge_of("15.8", 11).exercise
    constant = dataclasses.replace(exercise, cases=lambda rng: [Case(case.label, (*case.args[:-1], 2.0)) for case in exercise.cases(rng)])
    judge = Judge.drawn(constant, 11)
    rates = {case.args[list(inspect.signature(judge.exercise.reference).parameters).index("eta")] for case in judge.cases}
    factor = rates.pop()
    assert not rates, "eta is the same in every case"

    def scaled(*given):
        W, scale, good = judge.exercise.reference(*given)
        return [W, scale * factor, good]

    assert "`eta`" not in judge(judge.run(scaled)).message


ITEMS = [
    (lambda parts: sum(parts[:-1]) if len(parts) > 1 else parts[0], "with the last item of `parts` left out"),
    (lambda parts: sum(parts[1:]) if len(parts) > 1 else parts[0], "with the first item of `parts` left out"),
    (lambda parts: max(parts, key=np.linalg.norm), "an item of `parts` as it came"),
]


def pushing(pairs_of, root_too=True):
    def answer(root):
        order = bp.topological_order(root)
        for node in order:
            node.grad = np.zeros(np.shape(node.value))
        root.grad = np.ones(np.shape(root.value))
        for node in reversed(order if root_too else order[:-1]):
            for parent, grad in pairs_of(node):
                parent.grad = parent.grad + grad
        return None

    return answer


def variable(sum_slopes=lambda a, b: (1.0, 1.0), product_slopes=lambda a, b: (b, a), product=lambda a, b: a * b):
    class Var:
        def __init__(self, value, parents=(), slopes=()):
            self.value, self.parents, self.slopes, self.grad = value, parents, slopes, 0.0

        def __add__(self, other):
            return Var(self.value + other.value, (self, other), sum_slopes(self.value, other.value))

        def __mul__(self, other):
            return Var(product(self.value, other.value), (self, other), product_slopes(self.value, other.value))

        def push(self):
            for parent, slope in zip(self.parents, self.slopes, strict=True):
                parent.grad += slope * self.grad

    return Var


def pooled(x, g, size):
    dx = np.zeros(x.shape)
    for i, j, n in np.ndindex(*g.shape):
        k = int(np.argmax(x[i * size : (i + 1) * size, j * size : (j + 1) * size, n].T))
        dx[i * size + k // size, j * size + k % size, n] = g[i, j, n]
    return dx


def strided(x, delta, shape, stride):
    R, C, _ = delta.shape
    dK = np.zeros(shape)
    for u, v in np.ndindex(*dK.shape):
        dK[u, v] = (delta * x[u * stride : u * stride + R, v : v + stride * (C - 1) + 1 : stride]).sum()
    return dK


def one_largest(m, l, o, S, V):
    top = np.maximum(m, S.max())
    kept, e = np.exp(m - top), np.exp(S - top)
    return top, kept * l + e.sum(axis=0), kept * o + V @ e


def scores_for_weights(m, l, o, S, V):
    top = np.maximum(m, S.max(axis=0))
    kept, e = np.exp(m - top), np.exp(S - top)
    return top, kept * l + e.sum(axis=0), kept * o + V @ S


def curved(W1, W2, x, y, V1, V2):
    h = np.tanh(W1 @ x)
    dh, e = (1 - h**2) * (V1 @ x), W2 @ h - y
    de = V2 @ h + W2 @ dh
    back, moved = W2.T @ e, V2.T @ e + W2.T @ de
    return [(moved * (1 - h**2) - 2 * back * h * dh) @ x.T / x.shape[1], (de @ h.T + e @ h.T) / x.shape[1]]


SLIPPED = [
    ("09.2", lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * np.sign(A), "signs for A in the penalty"),
    ("09.3", lambda V, s, eps: s / np.sqrt(V.T @ (V @ (s * s)) + eps), "carried back under the root"),
    ("09.5", lambda W, x: 2 * W @ ((W.T @ W @ x - x) @ (x + W.T @ W @ x - x).T), "residual for x in the second part"),
    ("10.1", variable(sum_slopes=lambda a, b: (1.0, 0.0)), "slope of the second term 0"),
    ("10.1", variable(sum_slopes=lambda a, b: (0.0, 1.0)), "slope of the first term 0"),
    ("10.1", variable(product_slopes=lambda a, b: (b, 0.0)), "slope of the second factor 0"),
    ("10.1", variable(product_slopes=lambda a, b: (0.0, a)), "slope of the first factor 0"),
    ("10.1", variable(product=lambda a, b: a + b), "sum for the value of a product"),
    ("10.1", variable(product=lambda a, b: a - b), None),
    ("10.5", lambda z, G: np.where(z > 0, G, z), "z where relu is off"),
    ("10.5", lambda z, G: np.where(z > 0, G, 2 * z), None),
    ("10.6", pushing(lambda node: [(p, f(node.grad)) for p, f in zip(node.parents, node.vjps, strict=True)], root_too=False), "nothing pushed"),
    ("10.6", pushing(lambda node: [(p, node.grad) for p in node.parents]), "VJPs not applied"),
    ("10.6", pushing(lambda node: [(p, 2 * f(node.grad)) for p, f in zip(node.parents, node.vjps, strict=True)]), None),
    ("10.7", lambda z, g: softmax(z) + g, "g added"),
    ("10.7", lambda z, g: softmax(z) + 2 * g, None),
    ("10.7", lambda z, g: g / z, "slope of the logarithm of z"),
    ("10.7", lambda z, g: g / z**2, None),
    ("13.6", one_largest, "block's largest score of all queries"),
    ("13.6", scores_for_weights, "scores for their exponentials in o"),
    ("14.3", strided, "stride on the kernel's index in the rows"),
    ("14.4", pooled, "tiles counted down their columns"),
    ("15.5", curved, "a for its tangent in the part of W2"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("exercise_id", "answer", "cause"), [*TOLD, *SLIPPED], ids=[f"{row[0]} {row[2]}" for row in [*TOLD, *SLIPPED]])
def test_a_slip_is_named_however_it_is_written_and_what_is_near_it_is_not(exercise_id, answer, cause):
    for seed in (5, 11):
        outcome = outcome_of(exercise_id, answer, seed)
        assert (outcome.status, outcome.mistake) == ("wrong", cause), outcome.message


def test_entries_that_are_handed_on_are_told():
    message = outcome_of("10.4", lambda G, shape: np.resize(G, shape)).message
    assert "Each of your numbers is an entry of `G` as it came." in message, message
    for near in (lambda G, shape: np.resize(G, shape) + 1.5, lambda G, shape: np.resize(G.cumsum(), shape)):
        assert "as it came" not in outcome_of("10.4", near).message


def test_who_multiplies_where_shapes_fit_is_told_by_the_case_in_which_they_do():
    message = outcome_of("10.3", lambda A, B, G: (G @ B if G.shape[1] == len(B) else G @ B.T, A @ G if A.shape[1] == len(G) else A.T @ G)).message
    assert 'In the case A 3×3, B 3×3, your numbers are those of "untransposed"' in message
    # where the mistake fits its numbers count against it
    message = outcome_of("09.4", lambda parts: parts[0] if len(parts) == 2 else sum(parts)).message
    assert "In the case" not in message, message


def test_what_is_zero_but_for_rounding_is_no_formula_for_other_inputs():
    """Of alpha's many wrong values one leaves nothing, and so do many slips that have nothing to do with alpha."""
    for nothing in (0.0, 1e-17):
        message = outcome_of("11.22", lambda z, Y, alpha, nothing=nothing: np.full(z.shape, nothing)).message
        assert "in place of" not in message and "replaced" not in message, message


def test_a_multiple_in_one_case_alone_is_none_of_a_mistake():
    outcome = outcome_of("09.7", lambda X, A: -2 * A @ X if len(X) == 4 else -3 * A @ X)
    assert "2AX" not in outcome.message and outcome.status == "wrong"


def test_the_same_multiple_of_what_is_right_is_none_of_a_mistake_that_is_one_too():
    """Twice the answer is -2 times the answer with its sign turned: nothing says that a sign was turned."""
    message = outcome_of("06.1", lambda delta, a: 2 * delta @ a.T).message
    assert "every entry is 2 × what it should be" in message and "sign" not in message
    # where the factor goes with the batch it says something
    message = outcome_of("06.2", lambda delta, a: -delta @ a.T).message
    assert 'the negatives of those of "no 1/m"' in message


@pytest.mark.parametrize(
    ("exercise_id", "answer", "words"),
    [
        ("06.2", lambda delta, a: delta @ a.T / delta.size, "Your numbers are the right ones, divided by the number of rows of `delta`."),
        (
            "05.2",
            lambda W, delta, z: len(W) * (W.T @ delta) * slope(z),
            "Your numbers are the right ones, multiplied by the number of rows of `W_next`.",
        ),
        (
            "14.5",
            lambda x, h, U, g: through_time(x, h, U, g, back=lambda U: U, scale=1 / x[1].shape[1]),
            'those of "U not transposed", divided by the number of columns of `x`. Without that factor we would say:',
        ),
        (
            "14.5",
            lambda x, h, U, g: through_time(x, h, U, g, slope_of=lambda h: 1.0, scale=1 / x[1].shape[1]),
            'those of "slope left out", divided by the number of columns of `x`. Without that factor we would say:',
        ),
    ],
)
def test_a_size_that_was_divided_by_or_multiplied_with_is_told_also_beside_a_known_mistake(exercise_id, answer, words):
    for seed in (5, 11):
        outcome = outcome_of(exercise_id, answer, seed)
        assert (outcome.status, outcome.mistake) == ("wrong", None) and words in outcome.message, outcome.message


@pytest.mark.parametrize("factor", [lambda m: 1.5, lambda m: 1 / (m + 1), lambda m: 1 / m if m != 3 else 1.0])
def test_a_factor_that_is_a_size_in_some_cases_alone_is_none(factor):
    message = outcome_of("06.2", lambda delta, a: delta @ a.T / delta.shape[1] * factor(delta.shape[1])).message
    assert "the right ones" not in message and "the number of" not in message


def test_a_shape_the_other_way_round_is_no_proof_of_a_transpose():
    side_by_side = outcome_of("02.4", lambda outer, inner: np.hstack([outer @ inner, outer]))
    assert side_by_side.mistake == "shape" and "swapped" not in side_by_side.message
    for turned in (lambda labels, K: np.eye(K)[labels].reshape(len(labels), K) + 1.0, lambda labels, K: np.eye(K)[labels][::-1]):
        assert "swapped" not in outcome_of("08.1", turned).message
    # the transpose, and a multiple of it
    for scale in (1.0, -2.0):
        message = outcome_of("05.3", lambda W, delta, z, scale=scale: scale * (W.T @ delta * slope(z)).T).message
        assert "rows and columns are swapped" in message, message


def test_no_sign_is_blamed_where_a_matrix_product_was_taken():
    for answer in (lambda a, y, z: (a - y) @ slope(z) if len(a) == a.shape[1] else (a - y) @ slope(z).T, lambda a, y, z: (y - a) @ slope(z)):
        message = outcome_of("04.3", answer).message
        assert "changes no sign" not in message and "matrix product" in message, message
    # entries that are right but for their sign have no other fault
    one_sign = outcome_of("04.3", lambda a, y, z: (a - y) * slope(z) * np.where(np.arange(len(a))[:, None] == 0, -1, 1))
    assert "changes no sign" in one_sign.message, one_sign.message


ELSEWHERE = [
    ("13.2", lambda d, q, mean, k: 1.0, "the same in every case"),
    ("13.2", lambda d, q, mean, k: d, "`d` as it came"),
    ("14.2", lambda K, delta: spread(abs(K), delta), "`K` replaced by its size"),
    ("09.3", lambda V, s, eps: V.T @ (V @ s**2 + eps**2) ** -0.5 * s, "`eps` replaced by its square"),
    ("12.1", lambda z, c, b, e: c**2 * (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + e) + b, "`gamma` replaced by its square"),
    ("14.5", lambda x, h, U, g: through_time(x, h, U, g, back=lambda U: -U.T), "`U` replaced by its negative"),
    ("14.5", lambda x, h, U, g: [through_time(x, h, U, g)[k] for k in (1, 0, 2)], "in another order: asked are dW, dU, db"),
]


def spread(K, delta):
    rows, columns, m = delta.shape
    dx = np.zeros((rows + K.shape[0] - 1, columns + K.shape[1] - 1, m))
    for u, v in np.ndindex(K.shape):
        dx[u : u + rows, v : v + columns] += K[u, v] * delta
    return dx


@pytest.mark.parametrize(("exercise_id", "answer", "words"), ELSEWHERE, ids=[row[2] for row in ELSEWHERE])
def test_where_an_unexplained_answer_would_be_right_is_said_and_names_no_mistake(exercise_id, answer, words):
    for seed in (5, 11):
        outcome = outcome_of(exercise_id, answer, seed)
        assert outcome.status == "wrong" and outcome.mistake is None
        assert words in outcome.message, outcome.message


@pytest.mark.parametrize(
    "answer",
    [
        lambda V, s, eps: V.T @ (V @ s**2 + eps**2) ** -0.5 * s * (1 if s.shape[1] > 1 else 1.01),  # in some cases alone
        lambda V, s, eps: V.T @ (V @ s**2 + eps**2) ** -0.5 * s * (1 + 1e-5),  # nearly
        lambda V, s, eps: np.where(s > 0, 1.0, np.nan),
        lambda V, s, eps: [[1.0], [1.0, 2.0]],
        lambda V, s, eps: None,
    ],
)
def test_what_is_near_the_right_numbers_of_other_inputs_is_not_told_so(answer):
    assert "right ones" not in outcome_of("09.3", answer).message


def _attention_back(of_keys):
    """The backward pass of attention, where the keys' gradient is made with what `of_keys` makes of the queries and their gradient."""

    def answer(Q, K, V, A, g):
        dA = V.T @ g
        dS = A * (dA - (A * dA).sum(axis=0)) / np.sqrt(len(Q))
        return K @ dS, of_keys(Q, K @ dS) @ dS.T, g @ A.T

    return answer


def test_an_input_that_gave_way_to_a_result_is_told_and_what_is_near_it_is_not():
    overwritten = outcome_of("13.4", _attention_back(lambda Q, dQ: dQ))
    assert "In dK, your numbers are the right ones with `Q` replaced by dQ. Is `Q` overwritten before it is needed?" in overwritten.message
    assert outcome_of("13.4", _attention_back(lambda Q, dQ: Q)).passed
    for near in (lambda Q, dQ: Q - dQ, lambda Q, dQ: 1.01 * dQ):
        assert "overwritten" not in outcome_of("13.4", _attention_back(near)).message

    def x_gone(x, Wq, Wk, Wv, dQ, dK, dV):
        q, k, v = (d.reshape(-1, x.shape[1]) for d in (dQ, dK, dV))
        x = Wq.T @ q + Wk.T @ k + Wv.T @ v
        return x, q @ x.T, k @ x.T, v @ x.T

    assert "In dWq and dWk and dWv, your numbers are the right ones with `x` replaced by dx." in outcome_of("13.5", x_gone).message


def test_a_result_that_is_wrong_itself_is_not_said_to_have_taken_an_inputs_place():
    def doubled_too(Q, K, V, A, g):
        dQ, _, dV = _attention_back(lambda Q, dQ: Q)(Q, K, V, A, g)
        return 2 * dQ, _attention_back(lambda Q, dQ: dQ)(Q, K, V, A, g)[1], dV

    assert "overwritten" not in outcome_of("13.4", doubled_too).message


def test_an_answer_of_lists_has_no_array_that_could_have_taken_an_inputs_place():
    def other_biases(W, b, x, y, eta):
        new_W, new_b = registry()["07.2"].reference(W, b, x, y, eta)
        return [new_W, [None, *(bias + 0.1 * np.sin(bias) for bias in new_b[1:])]]

    told = outcome_of("07.2", other_biases)
    assert told.status == "wrong" and "overwritten" not in told.message


def test_the_place_of_a_single_wrong_entry_is_told_once():
    reference = registry()["06.2"].reference

    def answer(delta, a_prev):
        dW = reference(delta, a_prev)
        dW[0, 1] = 0.25 + dW[0, 1] ** 2
        return dW

    message = outcome_of("06.2", answer).message
    assert "entry [0, 1] (counting from 0) alone is wrong; yours is" in message and "first wrong entry" not in message


def test_where_an_input_is_negative_is_told_of_a_part_and_of_wrong_entries_that_are_there_alone():
    def turned(a, a_dot, b, b_dot):
        return [a / b, a_dot / b - a * b_dot / b**2 * np.sign(b)]

    assert "The wrong entries of the tangent are exactly those where `b` is less than 0." in outcome_of("15.1", turned).message

    def minus(z):
        e = np.exp(-np.abs(z))
        return np.where(z >= 0, 1 / (1 + e), e / (1 - np.minimum(e, 0.999)))

    assert "The wrong entries are all among those where `z` is less than 0." in outcome_of("01.3", minus).message

    def somewhere(z):
        return registry()["01.3"].reference(z) + 0.1 * (np.sin(50 * z) > 0.5)

    assert "all among" not in outcome_of("01.3", somewhere).message


def test_a_slope_missing_in_the_first_layer_is_told_though_nets_are_not_equally_deep():
    def errors(W, z, delta_L, first=1):
        delta = [None] * (len(W) - 1) + [delta_L]
        for layer in range(len(W) - 2, 0, -1):
            slope = bp.sigmoid.prime(z[layer])
            delta[layer] = (W[layer + 1].T @ delta[layer + 1]) * (1 if layer == first else slope)
        return delta

    assert "In delta[1], your numbers are the right ones, divided by `σ'(z[1])`." in outcome_of("05.4", errors).message
    assert "right ones, divided" not in outcome_of("05.4", lambda W, z, delta_L: errors(W, z, delta_L, 2)).message


def test_a_factor_made_of_another_part_of_the_answer_is_told():
    def tangent(slope):
        def answer(W, b, a, W_dot, b_dot, a_dot):
            v = np.tanh(W @ a + b)
            return [v, slope(v) * (W @ a_dot + W_dot @ a + b_dot)]

        return answer

    told = outcome_of("15.2", tangent(lambda v: (1 - v) ** 2)).message
    assert "In the tangent, your numbers are the right ones, multiplied by `1 - result[0]` and divided by `1 + result[0]`." in told
    assert "result[0]" not in outcome_of("15.2", tangent(lambda v: (1 - v) ** 2 + 0.1)).message


def kernel_from_the_far_end(x, delta, shape, stride, at=None):
    (r, c, _), dK = delta.shape, np.zeros(shape)
    down, along = (x.shape[k] - shape[k] - (delta.shape[k] - 1) * stride if at is None else at for k in (0, 1))
    for u, v in np.ndindex(*shape):
        dK[u, v] = np.sum(x[down + u : down + u + stride * r : stride, along + v : along + v + stride * c : stride] * delta)
    return dK


def back_through_the_fixed_point(W, U, x, a, g, more=1.0):
    slopes = 1 - a * a
    delta = slopes * np.linalg.solve((np.eye(len(a)) - slopes * W).T, g)
    return [delta @ a.T, U.T @ (delta + more * (W.T @ delta))]


def hessian_product(W1, W2, x, y, V1, V2, where=lambda moved_z, moved_a: moved_z):
    a, m = np.tanh(W1 @ x), x.shape[1]
    slopes, error = 1 - a * a, (W2 @ a - y) / m
    moved_z = V1 @ x
    moved_a = slopes * moved_z
    moved = (V2 @ a + W2 @ moved_a) / m
    first = slopes * (V2.T @ error + W2.T @ moved) - 2 * a * where(moved_z, moved_a) * (W2.T @ error)
    return [first @ x.T, moved @ a.T + error @ moved_a.T]


def l1(penalty):
    return lambda W, dW, eta, lam: W - eta * (dW + lam * penalty(W))


@pytest.mark.parametrize(
    ("exercise_id", "answer", "mistake"),
    [
        ("05.1", lambda W, z, k, j: W[k, j] * (sigmoid(z[j, 0] + 0.1) - sigmoid(z[j, 0])) / 0.1, "measured"),
        ("05.1", lambda W, z, k, j: W[k, j] * (sigmoid(z[j, 0] + 0.1) - sigmoid(z[j, 0])) / 0.12, None),
        ("02.6", lambda dx: 2 * (dx[0, 0] + 4 * dx[1, 0]) + 5 * dx[0, 0] * dx[1, 0], "entries of dx multiplied in dy"),
        ("02.6", lambda dx: 2 * (dx[0, 0] + 4 * dx[1, 0]) + 4 * dx[0, 0] * dx[1, 0], None),
        ("07.4", l1(lambda W: W / (np.abs(W) + 0.02)), "smoothed sign"),
        ("07.4", l1(lambda W: np.tanh(5 * W)), "smoothed sign"),
        ("07.4", l1(lambda W: 0.95 * np.sign(W)), None),
        ("07.4", l1(lambda W: np.sign(W) * (0.99 - 0.01 * np.abs(W))), None),
        ("14.1", lambda k, n: sum(w * np.eye(n - len(k) + 1, n, -u) for u, w in enumerate(k)), "diagonals on the other side"),
        ("14.1", lambda k, n: sum(w * np.eye(n - len(k) + 1, n, -2 * u) for u, w in enumerate(k)), None),
        ("14.3", kernel_from_the_far_end, "places counted from the far end"),
        ("15.7", back_through_the_fixed_point, "way through W added to the gradient of x"),
        ("15.7", functools.partial(back_through_the_fixed_point, more=0.7), None),
        ("15.5", hessian_product, "the tangent of z where the slope moves"),
        ("15.5", functools.partial(hessian_product, where=lambda moved_z, moved_a: moved_a + 0.3 * moved_z), None),
    ],
)
def test_these_slips_have_a_name_and_what_is_near_them_has_none(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


def test_who_adds_up_the_right_places_of_a_kernel_is_right():
    assert outcome_of("14.3", functools.partial(kernel_from_the_far_end, at=0)).status == "right"
    assert outcome_of("15.7", functools.partial(back_through_the_fixed_point, more=0.0)).status == "right"
    assert outcome_of("15.5", functools.partial(hessian_product, where=lambda moved_z, moved_a: moved_a)).status == "right"
