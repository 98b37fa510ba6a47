"""Lesson 15's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from judged import outcome_of

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge

# ---- right in other ways ---------------------------------------------------------------------------------------------


def quotient_in_loops(a, a_dot, b, b_dot):
    value, tangent = np.empty_like(a), np.empty_like(a)
    for place in np.ndindex(a.shape):
        value[place] = a[place] / b[place]
        tangent[place] = a_dot[place] / b[place] - a[place] * b_dot[place] / b[place] ** 2
    return value, tangent


def quotient_by_the_inverse(a, a_dot, b, b_dot):
    inverse, inverse_dot = 1 / b, -b_dot / b**2
    return [a * inverse, a_dot * inverse + a * inverse_dot]


def quotient_by_a_matrix(a, a_dot, b, b_dot):
    """A dual number as a 2×2 matrix."""
    one, epsilon = np.eye(2), np.array([[0.0, 1.0], [0.0, 0.0]])
    found = [
        (p * one + q * epsilon) @ np.linalg.inv(r * one + s * epsilon)
        for p, q, r, s in zip(a.ravel(), a_dot.ravel(), b.ravel(), b_dot.ravel(), strict=True)
    ]
    return [np.array([m[0, k] for m in found]).reshape(a.shape) for k in range(2)]


def layer_with_einsum(W, b, a, W_dot, b_dot, a_dot):
    z = np.einsum("jk,kx->jx", W, a) + b
    z_dot = np.einsum("jk,kx->jx", W, a_dot) + np.einsum("jk,kx->jx", W_dot, a) + b_dot
    return np.tanh(z), z_dot / np.cosh(z) ** 2


def layer_by_complex_step(W, b, a, W_dot, b_dot, a_dot):
    h = 1e-20
    z = (W + 1j * h * W_dot) @ (a + 1j * h * a_dot) + b + 1j * h * b_dot
    return [np.tanh(z).real, np.tanh(z).imag / h]


def hvp_with(size, length):
    """A central difference whose step is made of these sizes of w and v."""

    def hvp_difference(gradient, w, v):
        t = 1e-5 * max(1.0, size(w)) / (length(v) or 1.0)
        return (gradient(w + t * v) - gradient(w - t * v)) / (2 * t)

    return hvp_difference


def hvp_along_a_unit(gradient, w, v):
    length = np.linalg.norm(v)
    if length == 0:
        return 0 * v
    h = 1e-5 * (1 + np.linalg.norm(w))
    return length * (gradient(w + h * v / length) - gradient(w - h * v / length)) / (2 * h)


def hvp_of_fourth_order(gradient, w, v):
    size = np.max(np.abs(v))
    if not size > 0:
        return np.zeros(w.shape)
    t = 1e-3 * max(1, np.max(np.abs(w))) / size
    near, far = gradient(w + t * v) - gradient(w - t * v), gradient(w + 2 * t * v) - gradient(w - 2 * t * v)
    return (8 * near - far) / (12 * t)


def hvp_by_complex_step(gradient, w, v):
    return gradient(w + 1e-30j * v).imag / 1e-30


def net_with_one_example_at_a_time(W1, W2, x, y, V1, V2):
    H1, H2 = np.zeros_like(W1), np.zeros_like(W2)
    for j in range(x.shape[1]):
        a = np.tanh(W1 @ x[:, j])
        d, s = W2 @ a - y[:, j], 1 - a * a
        a_dot = s * (V1 @ x[:, j])
        d_dot = V2 @ a + W2 @ a_dot
        H1 += np.outer(s * (V2.T @ d + W2.T @ d_dot) - 2 * a * a_dot * (W2.T @ d), x[:, j])
        H2 += np.outer(d_dot, a) + np.outer(d, a_dot)
    return H1 / x.shape[1], H2 / x.shape[1]


def net_by_complex_step(W1, W2, x, y, V1, V2):
    W1, W2 = W1 + 1e-30j * V1, W2 + 1e-30j * V2
    a = np.tanh(W1 @ x)
    d = (W2 @ a - y) / x.shape[1]
    return [(((1 - a**2) * (W2.T @ d)) @ x.T).imag / 1e-30, (d @ a.T).imag / 1e-30]


def counts_by_holding(n, k):
    held = [l for l in range(n) if l % k == 0] + [n]
    most, again = len(held), 0
    while len(held) > 1:
        inside = held[-1] - held[-2] - 1
        again += inside
        most = max(most, len(held) + inside)
        held.pop()
    return np.array([most, again])


def counts_by_cases(n, k):
    full, rest = divmod(n, k)
    if rest == 0:
        return [full + k, n - full]
    return [full + 1 + max(rest, k - 1), n - full - 1]


def fixed_by_the_inverse(W, U, x, a, g):
    D = np.diag(1 - a.ravel() ** 2)
    delta = D @ np.linalg.inv(np.eye(len(a)) - (D @ W).T) @ g
    return np.outer(delta, a), U.T @ delta


def fixed_in_delta(W, U, x, a, g):
    """Solved for δ itself: δ = σ' ⊙ (g + Wᵀδ)."""
    D = np.diag(1 - a.ravel() ** 2)
    delta = np.linalg.solve(np.eye(len(a)) - D @ W.T, D @ g)
    return [delta * a.T, U.T @ delta]


def step_in_loops(W, g, scale, good, eta):
    for entry in g.flat:
        if not math.isfinite(entry):
            return W, scale / 2, 0
    new = W.copy()
    for place in np.ndindex(W.shape):
        new[place] -= eta * float(g[place]) / scale
    good += 1
    return (new, scale * 2, 0) if good == 4 else (new, scale, good)


def step_by_a_test_value(W, g, scale, good, eta):
    wide = g.astype(float)
    if np.isnan(wide).any() or np.isinf(wide).any():
        return [W, scale / 2, 0]
    good = (good + 1) % 4
    return [W - wide * (eta / scale), scale if good else scale * 2, good]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        ("15.1", quotient_in_loops),
        ("15.1", quotient_by_the_inverse),
        ("15.1", quotient_by_a_matrix),
        ("15.1", lambda a, a_dot, b, b_dot: [np.float32(a) / np.float32(b), np.float32((a_dot * b - a * b_dot) / b**2)]),
        ("15.2", layer_with_einsum),
        ("15.2", layer_by_complex_step),
        ("15.3", (1, 3, 20, 1, 1, 3, 40)),
        ("15.3", np.array([1, 3, 20, 1, 1, 3, 40])),
        ("15.3", [1.0, 3, np.int64(20), 1, 1, 3, 40]),
        ("15.4", hvp_along_a_unit),
        ("15.4", hvp_of_fourth_order),
        ("15.4", hvp_by_complex_step),
        ("15.5", net_with_one_example_at_a_time),
        ("15.5", net_by_complex_step),
        ("15.6", counts_by_holding),
        ("15.6", counts_by_cases),
        ("15.7", fixed_by_the_inverse),
        ("15.7", fixed_in_delta),
        ("15.8", step_in_loops),
        ("15.8", step_by_a_test_value),
    ],
)
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_other_right_ways_pass(exercise, answer, seed):
    found = outcome_of(exercise, answer, seed)
    assert found.passed, found.message


# ---- wrong in other ways -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("exercise", "answer", "told"),
    [
        ("15.1", lambda a, a_dot, b, b_dot: [a / b, 0 * a], "tangent"),
        ("15.1", lambda a, a_dot, b, b_dot: (a_dot * b - a * b_dot) / b**2, "expected a list of 2 items"),
        ("15.2", lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), np.tanh(W_dot @ a + W @ a_dot + b_dot)], "tangent of z through tanh"),
        ("15.3", [1, 3, 20, 1, 1, 3], "seven whole numbers"),
        ("15.3", "3 JVPs", "seven whole numbers"),
        ("15.3", [0.5, 1.5, 10, 0.5, 0.5, 1.5, 20], "seven whole numbers"),
        ("15.3", [-1, 3, 20, 1, 1, 3, 820], "seven whole numbers"),
        ("15.3", [1, 3, 20, 1, 1, 3, 41], "(g)"),
        ("15.3", [2, 3, 20, 2, 1, 3, 40], "(a), (d)"),
        ("15.4", lambda gradient, w, v: (gradient(w + 1e-4 * v) - gradient(w - 1e-4 * v)) / 2e-4, "short v"),
        ("15.4", lambda gradient, w, v: gradient(w + v) - gradient(w), "of order 1"),
        ("15.4", lambda gradient, w, v: gradient(w + 1e-30j * v) / 1e-30, "complex"),
        ("15.4", lambda gradient, w, v: (gradient(w + 1e-5 * v / np.linalg.norm(v)) - gradient(w)) / 1e-5 * np.linalg.norm(v), "1e-06 is asked"),
        ("15.4", lambda gradient, w, v: hvp_along_a_unit(gradient, w, v).sum(), "shape"),
        ("15.4", hvp_with(lambda w: np.abs(w).max(), lambda v: np.abs(v).max() + 1e-3), "short v"),
        ("15.4", hvp_with(lambda w: np.abs(w).max(), lambda v: max(v.max(), 1e-300)), "long v"),
        ("15.4", hvp_with(lambda w: w.max(), lambda v: np.abs(v).max()), "Right until w is large"),
        ("15.5", lambda W1, W2, x, y, V1, V2: [V1, V2], "part of W1"),
        ("15.6", lambda n, k: [2 * math.sqrt(n), n], "activations held"),
        ("15.6", lambda n, k: [n // k + k, n - n // k], "n = 10, k = 3"),
        ("15.7", lambda W, U, x, a, g: [np.zeros_like(W), np.zeros_like(x)], "every entry is 0"),
        ("15.8", lambda W, g, scale, good, eta: [W - eta * g / scale, scale, good], "right"),
    ],
)
def test_other_wrong_ways_are_refused_and_told(exercise, answer, told):
    found = outcome_of(exercise, answer)
    assert found.status == "wrong"
    assert told in found.message + found.where, found.message + " | " + found.where


def test_the_slips_that_most_make_are_named():
    def named(exercise, answer):
        return outcome_of(exercise, answer).mistake

    assert named("15.2", lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), W @ a_dot + W_dot @ a + b_dot]) == "slope left out"
    assert named("15.5", lambda W1, W2, x, y, V1, V2: [x_ * 1.0 for x_ in reversed(net_by_complex_step(W1, W2, x, y, V1, V2))]) == "W2 first"
    assert named("15.6", lambda n, k: [n + 1, 0]) == "nothing saved"


def test_unrolling_is_right_where_it_contracts_and_named_where_it_does_not():
    def unrolled(W, U, x, a, g):
        slope, u = 1 - a**2, g
        for _ in range(500):
            u = g + W.T @ (slope * u)
        return [slope * u @ a.T, U.T @ (slope * u)]

    found = outcome_of("15.7", unrolled)
    assert found.status == "wrong" and "right for 3 neurons, 3 inputs; 1 neuron, 4 inputs" in found.where


def test_so_many_iterations_back_are_told_by_their_number_and_not_where_that_part_is_right():
    def unrolled(steps):
        def answer(W, U, x, a, g):
            slope, u = 1 - a**2, g
            for _ in range(steps):
                u = g + W.T @ (slope * u)
            return [slope * u @ a.T, U.T @ (slope * u)]

        return answer

    def gradient_of_x_alone_wrong(W, U, x, a, g):
        slope = 1 - a**2
        delta = slope * np.linalg.solve(np.eye(len(a)) - (slope * W).T, g)
        return [delta @ a.T, 2 * U.T @ delta]

    assert "through 5 iterations" in outcome_of("15.7", unrolled(4)).message
    assert "run away" in outcome_of("15.7", unrolled(5000)).message
    assert "iterations" not in outcome_of("15.7", gradient_of_x_alone_wrong).message


@pytest.mark.parametrize("seed", range(5))
def test_what_is_right_on_most_inputs_alone_is_refused(seed):
    """The movement measured by w alone; the shorter segment's steps left out; the largest finite number taken for an overflow."""

    def blind_to_1(gradient, w, v):
        if not v.any():
            return 0 * w
        t = 1e-5 * np.abs(w).max() / np.abs(v).max()
        return (gradient(w + t * v) - gradient(w - t * v)) / (2 * t)

    def too_careful(W, g, scale, good, eta):
        if not np.abs(g).max() < 65504:
            return [W, scale / 2, 0]
        return [W - eta * g.astype(float) / scale, scale * (2 if good == 3 else 1), (good + 1) % 4]

    assert outcome_of("15.4", blind_to_1, seed).mistake == "movement by w alone"
    assert outcome_of("15.6", lambda n, k: [n // k + k, n // k * (k - 1)], seed).mistake == "steps of the shorter segment left out"
    assert outcome_of("15.8", too_careful, seed).mistake == "large taken for overflow"


def test_the_last_case_of_the_fixed_point_does_run_away():
    for seed in range(20):
        case = Judge.drawn(registry()["15.7"], seed).cases[2]
        W, U, x, a, _ = case.args
        assert np.allclose(np.tanh(W @ a + U @ x), a, atol=1e-12)
        assert np.abs(np.linalg.eigvals((1 - a**2) * W)).max() > 1.2


def test_the_small_gradients_are_lost_when_their_scale_is_taken_off_in_half_precision():
    _, g, scale, _, _ = Judge.drawn(registry()["15.8"], 0).cases[0].args
    assert g.dtype == np.float16 and np.abs(g.astype(float) / scale).max() < 2.0**-24


def hvp_by(difference):
    def answer(gradient, w, v):
        size = np.abs(v).max()
        return difference(gradient, w, v, max(1.0, np.abs(w).max()) / size) if size else np.zeros_like(v)

    return answer


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (lambda f, w, v, t: (f(w + 1e-4 * t * v) - f(w)) / (1e-4 * t), "a difference to one side leaves"),
        (lambda f, w, v, t: (f(w) - f(w - 1e-3 * t * v)) / (1e-3 * t), "a difference to one side leaves"),
        (lambda f, w, v, t: (f(w + 1e-13 * t * v) - f(w - 1e-13 * t * v)) / (2e-13 * t), "Does the step fit?"),
        (lambda f, w, v, t: (f(w + 1e-2 * t * v) - f(w - 1e-2 * t * v)) / (2e-2 * t), "Does the step fit?"),
        (lambda f, w, v, t: (f(w + 1e-4 * t * v) - 2 * f(w) + f(w - 1e-4 * t * v)) / (1e-4 * t) ** 2, "second difference"),
        (lambda f, w, v, t: (f(w + 1e-5 * t * v) + f(w - 1e-5 * t * v)) / (2e-5 * t), "Is the formula itself right?"),
    ],
)
def test_an_error_of_a_difference_is_told_by_what_it_is_made_of(difference, words):
    assert words in outcome_of("15.4", hvp_by(difference)).message


def test_the_diagonal_of_a_hessian_and_a_v_without_signs_are_named():
    def diagonal(gradient, w, v):
        found, t = np.zeros(w.shape), 1e-5 * max(1.0, np.abs(w).max())
        for place in np.ndindex(*w.shape):
            step = np.zeros(w.shape)
            step[place] = t
            found[place] = (gradient(w + step) - gradient(w - step))[place] / (2 * t) * v[place]
        return found

    assert outcome_of("15.4", diagonal).mistake == "diagonal alone"
    assert outcome_of("15.4", lambda gradient, w, v: hvp_along_a_unit(gradient, w, np.abs(v))).mistake == "v without its signs"


def test_the_blocks_of_a_hessian_are_told_apart_from_gauss_and_newton():
    def blocks(W1, W2, x, y, V1, V2):
        hvp = registry()["15.5"].reference
        return [hvp(W1, W2, x, y, V1, 0 * V2)[0], hvp(W1, W2, x, y, 0 * V1, V2)[1]]

    assert outcome_of("15.5", blocks).mistake == "each matrix by itself"
    crossed = outcome_of("15.5", lambda *given: [p - q for p, q in zip(net_by_complex_step(*given), blocks(*given), strict=True)])
    assert crossed.mistake is None


def test_u_as_it_stands_is_told_where_its_shape_allows_it():
    def where_it_fits(W, U, x, a, g):
        s = 1 - a * a
        delta = s * np.linalg.solve((np.eye(len(a)) - s * W).T, g)
        return [delta @ a.T, U @ delta if U.shape[0] == U.shape[1] else U.T @ delta]

    assert '"U not transposed"' in outcome_of("15.7", where_it_fits).message


def test_an_answer_that_is_near_is_told_so_and_one_that_is_far_is_not():
    def by_a_step(t):
        def answer(W, b, a, W_dot, b_dot, a_dot):
            moved = np.tanh((W + t * W_dot) @ (a + t * a_dot) + b + t * b_dot)
            return [np.tanh(W @ a + b), (moved - np.tanh(W @ a + b)) / t]

        return answer

    assert "difference with a step" in outcome_of("15.2", by_a_step(1e-2)).message
    assert "difference with a step" not in outcome_of("15.2", by_a_step(0.5)).message
    assert "something small added" in outcome_of("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / (b * b + 1e-3)]).message
    assert "something small added" not in outcome_of("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / (b * b + 1)]).message
    assert outcome_of("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / (b * b + 1e-14)]).passed

    def gradients(t):
        def moved(W1, W2, x, y):
            a = np.tanh(W1 @ x)
            r = (W2 @ a - y) / x.shape[1]
            return [((1 - a * a) * (W2.T @ r)) @ x.T, r @ a.T]

        def answer(W1, W2, x, y, V1, V2):
            ends = moved(W1 + t * V1, W2 + t * V2, x, y), moved(W1 - t * V1, W2 - t * V2, x, y)
            return [(p - q) / (2 * t) for p, q in zip(*ends, strict=True)]

        return answer

    assert "difference of gradients with a step" in outcome_of("15.5", gradients(1e-2)).message
    assert "difference of gradients with a step" not in outcome_of("15.5", gradients(1.0)).message


def _entrywise_steps(sizes):
    def answer(gradient, w, v):
        if not v.any():
            return np.zeros_like(w)
        t = 1e-5 / np.abs(v).max()
        step = t * sizes(w) * v
        return (gradient(w + step) - gradient(w - step)) / (2 * t)

    return answer


def _through_the_loop(before, beside):
    def answer(W, U, x, a, g):
        J = (1 - a * a) * W
        u = np.linalg.solve((np.eye(len(a)) - J).T, before(a) * g)
        return [(1 - a * a) * u @ beside(a).T, U.T @ ((1 - a * a) * u)]

    return answer


def _stepped_with(number):
    def answer(W, g, scale, good, eta):
        new = W - eta * np.nan_to_num(g.astype(float), posinf=number, neginf=-number) / scale
        if not np.isfinite(g).all():
            return [new, scale / 2, 0]
        return [new, 2 * scale, 0] if good == 3 else [new, scale, good + 1]

    return answer


NAMED_AND_NEAR = [
    ("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / np.abs(b + 1j * q) ** 2], "size squared below, as of a complex number"),
    ("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / (b * b + 2 * q * q)], None),
    ("15.1", lambda a, p, b, q: [a / b, np.sign(b) * (p * b - a * q) / b**2], "b times its size below"),
    ("15.1", lambda a, p, b, q: [a / b, np.sign(a) * (p * b - a * q) / b**2], None),
    ("15.4", _entrywise_steps(lambda w: np.maximum(1, np.abs(w))), "a step for each entry"),
    ("15.4", _entrywise_steps(lambda w: np.maximum(2, np.abs(w))), None),
    ("15.7", _through_the_loop(lambda a: 1 - a * a, lambda a: a), "slope on g too"),
    ("15.7", _through_the_loop(lambda a: 1.0, np.arctanh), "weighted input for the activation beside δ"),
    ("15.7", _through_the_loop(lambda a: 1.0, lambda a: a), "right"),
    ("15.7", _through_the_loop(lambda a: a, lambda a: a), None),
    ("15.8", _stepped_with(65504.0), "spoilt entries set to the largest number"),
    ("15.8", _stepped_with(1.0), None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_denominators_steps_and_loops_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def _slowed(rate):
    """Iterations back that go only a part of each step."""

    def answer(W, U, x, a, g):
        slope, u = 1 - a**2, g
        for _ in range(2000):
            u = u + rate * (g + W.T @ (slope * u) - u)
        return [(slope * u) @ a.T, U.T @ (slope * u)]

    return answer


def test_iterations_that_are_slowed_down_run_away_too():
    for seed in range(5):
        assert not any(outcome_of("15.7", _slowed(rate), seed).passed for rate in (0.1, 0.3, 0.5))


def _differenced(t):
    def moved(W, b, a, W_dot, b_dot, a_dot, t):
        return np.tanh((W + t * W_dot) @ (a + t * a_dot) + b + t * b_dot)

    return lambda *given: [moved(*given, 0), (moved(*given, t) - moved(*given, -t)) / (2 * t)]


def test_differences_with_a_short_step_are_told():
    for t in (1e-5, 1e-6):
        assert "difference with a step" in outcome_of("15.2", _differenced(t)).message
        assert not outcome_of("15.1", lambda a, p, b, q, t=t: [a / b, ((a + t * p) / (b + t * q) - (a - t * p) / (b - t * q)) / (2 * t)]).passed
    assert not outcome_of("15.1", lambda a, p, b, q: [a / b, (p * b - a * q) / (b * b + 1e-8)]).passed


def test_sizes_of_both_and_entries_that_are_0_decide_the_step():
    def with_size(of_w, of_v):
        def answer(gradient, w, v):
            if not v.any():
                return np.zeros_like(w)
            t = 1e-5 * max(1.0, of_w(w)) / of_v(v, w)
            return (gradient(w + t * v) - gradient(w - t * v)) / (2 * t)

        return answer

    def largest(v, *_):
        return np.abs(v).max()

    assert outcome_of("15.4", with_size(largest, largest)).passed
    for of_v in (
        lambda v, w: abs(v.max()),
        lambda v, w: abs(v.flat[0]),
        lambda v, w: abs(v.sum()),
        lambda v, w: largest(v) + 1e-16,
        lambda v, w: largest(v) if largest(w) <= 10 else 1.0,
    ):
        assert not outcome_of("15.4", with_size(largest, of_v)).passed


def _bounded(low, high):
    def answer(W, g, scale, good, eta):
        if not np.isfinite(g).all():
            return [W, max(scale / 2, low), 0]
        W = W - eta * g.astype(float) / scale
        return [W, min(2 * scale, high), 0] if good == 3 else [W, scale, good + 1]

    return answer


def test_a_scale_that_is_held_between_limits_is_named():
    assert outcome_of("15.8", _bounded(1.0, np.inf)).mistake == "scale kept from falling below 1"
    assert outcome_of("15.8", _bounded(0.0, 2.0**24)).mistake == "scale kept from growing"
    assert outcome_of("15.8", _bounded(0.0, 2.0**16)).mistake is None
    assert outcome_of("15.8", _bounded(0.0, np.inf)).passed
    assert not outcome_of("15.8", lambda W, g, *more: registry()["15.8"].reference(W, g, *more) if g.any() else [W, *more[:2]]).passed


def test_a_count_by_rounding_is_refused_for_long_segments():
    assert not outcome_of("15.6", lambda n, k: [(s := round(n / k + 0.49)) + max(n - (s - 1) * k, k - 1), n - s]).passed
