"""What lesson 15 says is so: its claims, each tested beyond the one place at which the lesson measures it."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.course.pages import plain

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "15_beyond_one_vjp.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")


def cell_that_defines(*names):
    """The lesson's own definitions, as a namespace."""
    space = {"np": np, "bp": bp}
    for cell in SOURCE.cells:
        if cell.kind == "code" and any(re.search(rf"^(?:def|class) {name}\b", cell.text, re.MULTILINE) for name in names):
            exec(cell.text, space)
    return space


def test_it_shows_its_own_figure_and_widget():
    code = [cell.text for cell in SOURCE.cells if cell.kind == "code"]
    assert any("bp.plots.held_activations(" in text for text in code) and any("bp.widgets.loss_scale(" in text for text in code)


def test_a_dot_stands_above_its_letter_in_plain_text():
    assert plain(r"\dot W^l \theta") == "W\N{COMBINING DOT ABOVE}^l θ"
    assert plain(r"\dot \omega^m") == "ω\N{COMBINING DOT ABOVE}^m"


# ---- dual numbers and passes -------------------------------------------------------------------------------------------


def test_the_lessons_duals_find_the_jvp_of_any_program_of_sums_and_products():
    Dual = cell_that_defines("Dual")["Dual"]
    rng = np.random.default_rng(1)
    for _ in range(20):
        x, v = rng.normal(size=(2, 3))

        def program(p, q, r):
            s = p * q + r
            return s * s - p * (q - r * s)

        found = program(*(Dual(value, tangent) for value, tangent in zip(x, v, strict=True)))
        assert found.value == pytest.approx(program(*x), rel=1e-13)
        assert found.tangent == pytest.approx(bp.jvp(lambda at: program(*at), x, v), rel=1e-9)


def test_two_jacobians_that_too_few_passes_do_not_tell_apart():
    rng = np.random.default_rng(2)
    J, P, Q = rng.normal(size=(4, 5)), rng.normal(size=(5, 4)), rng.normal(size=(4, 3))
    v, u = np.linalg.svd(P.T)[2][-1], np.linalg.svd(Q.T)[2][-1]
    other = J + np.outer(u, v)
    np.testing.assert_allclose(other @ P, J @ P, atol=1e-12)
    np.testing.assert_allclose(other.T @ Q, J.T @ Q, atol=1e-12)
    assert np.abs(other - J).max() > 0.1


def test_a_tridiagonal_jacobian_needs_three_passes_and_gives_itself_away_in_three():
    rng = np.random.default_rng(3)
    J = np.triu(np.tril(rng.normal(size=(100, 100)), 1), -1)
    together = [J @ (np.arange(100) % 3 == k) for k in range(3)]
    for i in range(100):
        for j in range(max(0, i - 1), min(100, i + 2)):
            assert together[j % 3][i] == pytest.approx(J[i, j], abs=1e-14)
    assert np.count_nonzero(J) == 298 > 2 * 100


def test_a_hessian_is_open_while_one_product_is_missing():
    q = np.linalg.qr(np.random.default_rng(4).normal(size=(6, 6)))[0]
    H = q @ np.diag(np.arange(1.0, 7)) @ q.T
    other = H + 5 * np.outer(q[:, 5], q[:, 5])
    np.testing.assert_allclose(other @ q[:, :5], H @ q[:, :5], atol=1e-12)
    assert not np.allclose(other, H)


# ---- checkpoints -------------------------------------------------------------------------------------------------------


def test_the_counts_of_the_running_code_are_those_of_the_formula_and_the_gradients_those_of_differences():
    space = cell_that_defines("first_pass", "backward_from")
    rng = np.random.default_rng(5)
    for n, k in ((12, 3), (12, 4), (12, 12), (12, 1), (10, 3), (7, 5)):
        W = [None, *(rng.normal(size=(3, 3)) for _ in range(n))]
        x, g = rng.normal(size=(2, 3, 2))
        dW, most, again = space["backward_from"](W, space["first_pass"](W, x, k), g, k)
        if n % k == 0:
            assert (most, again) == (n // k + k, n - n // k)

        def output(moved, at, W=W, n=n, x=x, g=g):
            a = x
            for l in range(1, n + 1):
                a = np.tanh((moved if l == at else W[l]) @ a)
            return np.sum(g * a)

        for l in (1, n // 2 + 1, n):
            nudged = bp.numerical_gradient(lambda moved, l=l, output=output: output(moved, l), W[l])
            np.testing.assert_allclose(dW[l], nudged, atol=1e-7)


def test_no_distance_that_divides_holds_less_than_twice_the_root_and_where_the_root_is_whole_no_distance_at_all():
    space = cell_that_defines("first_pass", "backward_from", "least_held")
    one, less = np.ones((1, 1)), set()
    for n in range(1, 40):
        W = [None, *n * [np.eye(1)]]
        held = {k: space["backward_from"](W, space["first_pass"](W, one, k), one, k)[1] for k in range(1, n + 1)}
        assert min(held[k] for k in held if n % k == 0) >= 2 * math.sqrt(n) - 1e-12
        if math.isqrt(n) ** 2 == n:
            assert min(held.values()) == held[math.isqrt(n)] == 2 * math.isqrt(n)
        less |= {(n, k) for k in held if held[k] < 2 * math.sqrt(n) - 1e-12}
        # the box: as many as there are segments, and the inside of a full one
        assert all(held[k] >= -(-n // k) + k - 1 >= 2 * math.sqrt(n + 1) - 1 - 1e-12 for k in held if n % k)
    assert (5, 2) in less and all(n % k for n, k in less)
    assert space["least_held"](100)[0] == 20 and 10 in space["least_held"](100)[1]


# ---- fixed points --------------------------------------------------------------------------------------------------------


def test_an_unrolled_sum_misses_the_solution_by_a_power_of_the_jacobian():
    rng = np.random.default_rng(6)
    J, g = rng.normal(size=(4, 4)) / 4, rng.normal(size=(4, 1))
    u, unrolled = np.linalg.solve(np.eye(4) - J.T, g), g
    for K in range(1, 9):
        unrolled = g + J.T @ unrolled
        np.testing.assert_allclose(u - unrolled, np.linalg.matrix_power(J.T, K + 1) @ u, atol=1e-12)


def test_one_neuron_has_the_slope_that_the_lesson_gives_and_none_at_one():
    for w in (0.0, 0.9, -2.5):
        ends = []
        for x in (1e-6, -1e-6):
            a = 0.0
            for _ in range(100):
                a -= (a - math.tanh(w * a + x)) / (1 - w * (1 - math.tanh(w * a + x) ** 2))
            ends.append(a)
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(1 / (1 - w), rel=1e-6)
    # at w = 1 the fixed point moves like the cube root of x
    moved = [x for a in (1e-2, 1e-3) for x in (math.atanh(a) - a,)]
    assert moved[0] / moved[1] == pytest.approx(1000, rel=1e-3)


# ---- sixteen bits --------------------------------------------------------------------------------------------------------


def test_the_limits_of_half_precision_are_those_of_the_text():
    half = np.finfo(np.float16)
    assert (half.max, half.smallest_normal, half.smallest_subnormal) == (65504, 2.0**-14, 2.0**-24)
    assert np.float16(2.0**-25) == 0 and np.float16(1.01 * 2.0**-25) == 2.0**-24
    with np.errstate(over="ignore"):
        assert np.float16(65519) == 65504 and np.isinf(np.float16(65520))


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_a_difference_of_gradients_is_off_by_a_sixth_of_the_gradients_third_derivative(size):
    """Of a cost with the gradient sin w: along v its third derivative is -cos w ⊙ v³."""
    w, v = np.linspace(0.2, 1.3, 5), size * np.array([1.0, -0.5, 0.8, 0.3, -1.2])
    t = 1e-3 / size
    off = (np.sin(w + t * v) - np.sin(w - t * v)) / (2 * t) - np.cos(w) * v
    np.testing.assert_allclose(off, -(t**2) / 6 * np.cos(w) * v**3, rtol=1e-3)


def test_a_power_of_two_changes_no_digit_while_all_is_normal_and_loses_some_when_it_is_not():
    rng = np.random.default_rng(7)
    a, b = (rng.uniform(0.05, 1.0, 5000).astype(np.float16) for _ in range(2))
    plain = (a * b).astype(float)
    for s in (2.0**-3, 2.0, 2.0**10):
        np.testing.assert_array_equal(((a * np.float16(s)) * b).astype(float) / s, plain)
    for s in (3.0, 1000.0):
        assert np.mean(((a * np.float16(s)) * b).astype(float) / s == plain) < 0.9
    assert not np.array_equal(((a * np.float16(2.0**-13)) * b).astype(float) * 2.0**13, plain)  # subnormal


def test_going_back_is_linear_in_the_loss():
    net, x, y = bp.nets.deep(6)
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    for l in range(6, 1, -1):
        doubled = net.activations[l - 1].vjp(cache.z[l - 1], cache.a[l - 1], net.W[l].T @ (1024 * grads.delta[l]))
        np.testing.assert_array_equal(doubled, 1024 * grads.delta[l - 1])
