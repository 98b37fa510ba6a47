"""The differences against exact derivatives, and every verdict of the checks on a gradient with that very fault."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp
from bpkit.core import gradcheck
from bpkit.core.functions import Activation
from bpkit.core.gradcheck import NetworkSlopes
from bpkit.core.network import Gradients, Network

# Relative to the largest entry: what each scheme reaches on a smooth function of order one.
REACH = {"central": 1e-8, "richardson": 1e-10, "complex": 1e-13}
SCHEMES = sorted(REACH)


def smooth(np_):
    """One cost for numpy and for autograd's numpy; analytic, with no symmetry."""

    def C(w):
        v = w.reshape(-1)
        k = 1 + np.arange(v.size) / v.size
        return np_.sum(np_.sin(v * k)) + np_.sum(np_.exp(v / 2) * np_.cos(v[::-1])) + np_.sum(v) ** 2 / v.size

    return C


def relative(got, want):
    return np.abs(got - want).max() / np.abs(want).max()


# ── Differences ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("scheme", SCHEMES)
@settings(max_examples=25, deadline=None)
@given(shape=st.sampled_from([(1,), (4,), (3, 2), (2, 1, 3)]), seed=st.integers(0, 2**32 - 1))
def test_numerical_gradient_agrees_with_autograd_in_every_shape(scheme, shape, seed):
    w = np.random.default_rng(seed).normal(size=shape)
    before = w.copy()
    got = bp.numerical_gradient(smooth(np), w, scheme=scheme)
    assert got.shape == shape and got.dtype == np.float64
    assert relative(got, autograd.grad(smooth(anp))(w)) < REACH[scheme]
    assert_array_equal(w, before)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_numerical_gradient_takes_a_number(scheme):
    got = bp.numerical_gradient(lambda w: w**3, 2.0, scheme=scheme)
    assert got.shape == () and got == pytest.approx(12, rel=REACH[scheme])


def test_numerical_gradient_does_not_truncate_integers():
    W = np.array([[1, 2], [3, 4]])
    assert_allclose(bp.numerical_gradient(lambda w: (w**3).sum(), W), 3.0 * W**2, rtol=1e-8)
    assert W.dtype.kind == "i"
    assert_allclose(bp.numerical_gradient(lambda w: (np.array(w) ** 2).sum(), [[1, 2], [3, 4]]), 2.0 * W, rtol=1e-8)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_float32_stays_float32_and_gets_steps_of_its_own(scheme):
    w = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    seen = set()

    def C(v):
        seen.add(v.dtype)
        return np.tanh(v).sum()

    got = bp.numerical_gradient(C, w, scheme=scheme)
    # float32 has seven digits, of which a difference loses half
    assert_allclose(got, 1 - np.tanh(w.astype(np.float64)) ** 2, rtol=2e-3)
    assert seen <= {np.dtype(np.float32), np.dtype(np.complex64)}


def test_own_step_is_used():
    # the error of the central difference of w³ is h²
    assert bp.numerical_gradient(lambda w: (w**3).sum(), np.array([1.0]), h=0.1)[0] == pytest.approx(3.01, rel=1e-12)


def test_memory_layout_does_not_matter():
    w = np.asfortranarray(np.random.default_rng(0).normal(size=(3, 4)))
    assert_allclose(bp.numerical_gradient(lambda v: (v**2).sum(), w.T, scheme="complex"), 2 * w.T, rtol=1e-14)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("columns", [False, True])
def test_jacobian_agrees_with_the_activations_own(scheme, columns):
    z = np.random.default_rng(1).normal(size=(5, 1))
    for activation in (bp.softmax, bp.sigmoid, bp.tanh, bp.softplus):
        got = bp.numerical_jacobian(activation, z, scheme=scheme, columns=columns)
        assert relative(got, activation.jacobian(z)) < REACH[scheme]


def test_jacobian_has_a_row_per_output_and_a_column_per_input():
    A = np.arange(6.0).reshape(2, 3)
    assert_allclose(bp.numerical_jacobian(lambda x: A @ x, np.ones(3)), A, atol=1e-9)
    assert bp.numerical_jacobian(lambda x: x.sum(), np.ones((2, 2))).shape == (1, 4)
    with pytest.raises(ValueError, match=r"f returned shape \(3,\) for 4 columns, expected \(n, 4\)"):
        bp.numerical_jacobian(lambda x: np.ones(3), np.ones(2), columns=True)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_jacobian_does_not_believe_a_complex_step_of_what_is_not_analytic(dtype):
    x = np.array([1.5, -2.0, 3.0], dtype)
    for f in (lambda v: v * np.sign(v), lambda v: np.array([np.vdot(v, np.arange(3.0))]), lambda v: np.correlate(v, v, "full")):
        with pytest.raises(
            ValueError, match=r"f takes complex numbers but is not analytic: for ∂f_0/∂x_\d the complex step finds .*; use scheme='richardson'"
        ):
            bp.numerical_jacobian(f, x, scheme="complex")
    for f, slopes in ((bp.relu, [1, 0, 1]), (lambda v: bp.relu(v - x), [0, 0, 0]), (lambda v: 1e6 * np.sin(50 * v), 5e7 * np.cos(50 * x))):
        assert_allclose(np.diag(bp.numerical_jacobian(f, x, scheme="complex")), slopes, rtol=1e-5)  # at a kink it may be either slope


def test_complex_step_is_exact_to_rounding():
    x = np.random.default_rng(0).normal(size=4)
    assert bp.complex_step(np.exp, 1.0) == pytest.approx(np.e, rel=1e-15)
    assert_allclose(bp.complex_step(smooth(np), x), autograd.grad(smooth(anp))(x), rtol=1e-13)
    assert_allclose(bp.complex_step(bp.softmax, x), bp.softmax.jacobian(x), rtol=1e-13, atol=1e-16)
    for activation in (bp.sigmoid, bp.tanh, bp.softplus, bp.relu, bp.leaky_relu):
        assert_allclose(bp.complex_step(activation, 0.3), activation.prime(0.3), rtol=1e-14)


@pytest.mark.parametrize("f", [lambda w: abs(w).sum(), lambda w: float(w.real.sum()), lambda w: np.linalg.norm(w)])
def test_dropping_the_imaginary_part_is_said(f):
    for differentiate in (bp.complex_step, lambda f, x: bp.numerical_gradient(f, x, scheme="complex")):
        with pytest.raises(ValueError, match="imaginary part"):
            differentiate(f, np.array([1.0, -2.0]))


@pytest.mark.parametrize(
    ("C", "W", "message"),
    [
        (lambda w: w * 2, [1.0, 2.0], r"C returned an array of shape \(2,\), expected a number; sum or average it"),
        (lambda w: w.sum(keepdims=True), [1.0], r"C returned an array of shape \(1,\), expected a number; C\(W\).item\(\) is one"),
        (lambda w: None, [1.0], "C returned NoneType, expected a number"),
        (lambda w: "1", [1.0], "C returned str, expected a number"),
        (lambda w: np.nan, [1.0], "C is nan at the given W, expected a finite number"),
        (lambda w: w.sum(), [1.0, np.nan], r"W\[1\] is nan, expected finite numbers"),
        (lambda w: w.sum(), np.array(["a"]), "W has dtype <U1, expected real numbers"),
        (lambda w: w.sum(), np.array([1j]), "W has dtype complex128, expected real numbers"),
        (lambda w: w.sum(), [[1.0], [1.0, 2.0]], "W is a ragged list"),
    ],
)
def test_unusable_costs_and_parameters_are_refused_in_one_line(C, W, message):
    for call in (lambda: bp.numerical_gradient(C, W), lambda: bp.check_grad(C, W, W)):
        with pytest.raises((ValueError, TypeError), match=message) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_cost_that_differs_from_call_to_call_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="C is not repeatable: two calls with the same W"):
        bp.check_grad(lambda w: w.sum() + rng.normal(), np.ones(2), np.ones(2))


@pytest.mark.parametrize("size", [1, 5])
def test_cost_that_changes_its_argument_is_refused(size):
    def C(w):
        w *= 2
        return w.sum()

    with pytest.raises(ValueError, match="C changes its argument W in place"):
        bp.numerical_gradient(C, np.ones(size))


def test_cost_that_changes_another_parameter_is_refused():
    def C(p):
        p["b"] += 1e-3
        return p["W"].sum()

    with pytest.raises(ValueError, match=r"C (changes its argument b|is not repeatable)"):
        bp.check_grad(C, {"W": np.ones(2), "b": np.ones(2)}, {"W": np.ones(2), "b": np.zeros(2)})


@pytest.mark.parametrize("options", [{"scheme": "forward"}, {"h": 0}, {"h": -1.0}, {"h": np.nan}, {"entries": 0}, {"entries": 2.5}])
def test_unusable_options_are_refused(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} is .*expected"):
        bp.check_grad(lambda w: w.sum(), np.ones(2), np.ones(2), **options)


# ── check_grad ────────────────────────────────────────────────────────────────────────────────────────────────────────

W = np.random.default_rng(3).normal(size=(4, 4))
RIGHT = autograd.grad(smooth(anp))(W)


def edited(change):
    wrong = RIGHT.copy()
    change(wrong)
    return wrong


def negate_row(g):
    g[2] *= -1


def spoil_column(g):
    g[:, 1] += [0.3, -0.1, 0.7, 0.2]


def spoil_entry(g):
    g[3, 0] += 0.5


FAULTS = {
    "sign": (-RIGHT, "sign", "every entry is -1 × what it should be"),
    "factor": (2 * RIGHT, "factor", "every entry is 2 × what it should be"),
    "m": (5 * RIGHT, "factor", "every entry is 5 × what it should be, and 5 is m"),
    "1/m": (RIGHT / 5, "factor", "every entry is 1/5 × what it should be, and 1/5 is 1/m"),
    "transposed": (RIGHT.T, "transposed", "it is the transpose of what it should be"),
    "row": (edited(negate_row), "one row", "row 2 (counting from 0) alone is wrong: it is -1 × what it should be"),
    "column": (edited(spoil_column), "one column", "column 1 (counting from 0) alone is wrong"),
    "entry": (edited(spoil_entry), "one entry", "entry [3, 0] (counting from 0) alone is wrong"),
    "reversed": (RIGHT[::-1], "rows reversed", "its rows are right but in reverse order"),
    "stub": (0 * RIGHT, "zero", "every entry is 0"),
    "nan": (np.nan * RIGHT, "not finite", "every entry is NaN"),
    "shape": (RIGHT[:2], "shape", "it has shape (2, 4), expected (4, 4)"),
    "none": (None, "not numbers", "it is no array of numbers: found NoneType of dtype object"),
    "noise": (RIGHT + np.random.default_rng(0).normal(size=RIGHT.shape), None, "every entry is wrong; no simple pattern fits"),
}


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_named_as_itself(fault, scheme):
    wrong, kind, words = FAULTS[fault]
    report = bp.check_grad(smooth(np), W, wrong, scheme=scheme, factors={"m": 5})
    assert not report.ok
    assert (report["W"].status, report["W"].kind, report["W"].message) == ("wrong", kind, words)
    assert not report["W"].kinks.any()


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
def test_right_gradient_is_right(scheme):
    report = bp.check_grad(smooth(np), W, RIGHT, scheme=scheme)
    assert report.ok and report["W"].status == "right" and report["W"].kind is None
    assert 0 <= report.relative_error < REACH.get(scheme, 1e-13)
    assert report.worst is not None and str(report.worst).startswith("W[")


def test_right_gradient_without_complex_numbers_is_right():
    report = bp.check_grad(lambda w: float(smooth(np)(w)), W, RIGHT)
    assert report.ok and report["W"].scheme == "richardson"


def test_gradient_may_be_a_function():
    assert bp.check_grad(smooth(np), W, autograd.grad(smooth(anp))).ok


@pytest.mark.parametrize(("scheme", "error"), [("complex", 3e-9), ("central", 1e-6), ("richardson", 1e-6)])
def test_small_error_in_the_largest_entry_is_caught(scheme, error):
    wrong = RIGHT.copy()
    i = np.abs(wrong).argmax()
    wrong.flat[i] *= 1 + error
    report = bp.check_grad(smooth(np), W, wrong, scheme=scheme)
    assert report["W"].kind == "one entry" and report.worst.index == np.unravel_index(i, wrong.shape)
    assert report.relative_error == pytest.approx(error, rel=0.1)


def test_each_parameter_has_its_own_verdict():
    parameters = {"W": [None, W, W[:2]], "b": (np.ones(3), np.float64(2.0))}

    def C(p):
        return smooth(np)(p["W"][1]) + (p["W"][2] ** 2).sum() + np.sin(p["b"][0]).sum() * p["b"][1]

    given = {"W": [None, RIGHT, -2 * W[:2]], "b": (2 * np.cos(np.ones(3)), np.sin(1.0) * 3)}
    report = bp.check_grad(C, parameters, given)
    assert {p.name: (p.status, p.kind) for p in report.parameters} == {
        "W[1]": ("right", None),
        "W[2]": ("wrong", "sign"),
        "b[0]": ("right", None),
        "b[1]": ("right", None),
    }
    assert report.worst.name == "W[2]"
    assert "the gradient is wrong in W[2]" in str(report)
    with pytest.raises(KeyError, match="no parameter 'b'"):
        report["b"]


def test_lists_and_tuples_are_named_by_place():
    for kind in (list, tuple):
        report = bp.check_grad(lambda p: (p[0] ** 2).sum() + p[1].sum(), kind([W, W[0]]), kind([2 * W, np.ones(4)]))
        assert report.ok and [p.name for p in report.parameters] == ["W[0]", "W[1]"]
    # a list of numbers is an array written out
    assert [p.name for p in bp.check_grad(lambda w: (np.asarray(w) ** 2).sum(), [[1, 2], [3, 4]], [[2, 4], [6, 8]]).parameters] == ["W"]


def test_missing_part_of_a_gradient_is_refused():
    with pytest.raises(ValueError, match="analytic is a dict with 'W', expected one with 'b'"):
        bp.check_grad(lambda p: p["W"].sum() + p["b"].sum(), {"W": W, "b": W}, {"W": np.ones((4, 4))})


def test_two_zero_gradients_prove_nothing():
    report = bp.check_grad(lambda w: (w**2).sum(), np.zeros(3), np.zeros(3))
    assert not report.ok and report["W"].status == "not checked"
    assert report["W"].message == "both are zero: nothing was checked"
    assert "nothing was checked in W" in str(report)


def test_zero_beside_a_right_gradient_is_no_fault():
    report = bp.check_grad(lambda p: p[0].sum() + 0 * p[1].sum(), [np.ones(2), np.ones(2)], [np.ones(2), np.zeros(2)])
    assert report.ok and report["W[1]"].kind == "zero on both sides"


def test_gradient_hidden_by_the_rounding_of_the_cost_is_not_called_right():
    report = bp.check_grad(lambda w: float(1e9 + w.sum()), np.ones(3), np.ones(3) * 1.5)
    assert not report.ok
    tiny = bp.check_grad(lambda w: float(1e9 + 1e-3 * w.sum()), np.ones(3), np.full(3, 1e-3))
    assert not tiny.ok and tiny["W"].kind == "too small"


def test_numbers_that_cancel_inside_the_cost_raise_no_false_alarm():
    v = np.array([0.1, 0.2, 0.3])
    report = bp.check_grad(lambda w: float((1e6 + np.tanh(w)).sum() - 1e6 * w.size), v, 1 - np.tanh(v) ** 2)
    assert report.ok and report["W"].scheme == "richardson"


def test_cost_that_is_not_finite_beside_w_is_not_checked():
    report = bp.check_grad(lambda w: float(np.log(w).sum()), np.array([1.0, 1e-9]), np.array([1.0, 1e9]))
    assert not report.ok and report["W"].kind == "cost not finite"
    assert report["W"].message == "the cost is not finite next to W[1]"


def test_complex_step_is_not_believed_where_the_cost_is_not_analytic():
    """w / (1 + |w|) takes complex numbers and returns them, but |w| hides its slope; so does the forgotten chain rule."""
    v = np.array([-1.0, 0.5, 2.0])
    forgotten, right = 1 / (1 + np.abs(v)), 1 / (1 + np.abs(v)) ** 2
    assert not bp.check_grad(lambda w: (w / (1 + np.abs(w))).sum(), v, forgotten).ok
    report = bp.check_grad(lambda w: (w / (1 + np.abs(w))).sum(), v, right)
    assert report.ok and report["W"].scheme == "richardson" and report["W"].kind is None


def test_complex_step_is_refuted_in_the_one_entry_where_it_fails():
    """Sampled entries are analytic, entry 1 of 1000 is not."""
    v = np.full(1000, 0.5)

    def C(w):
        return (w**2).sum() - w[1] ** 2 + w[1] / (1 + np.abs(w[1]))

    right = 2 * v
    right[1] = 1 / 1.5**2
    report = bp.check_grad(C, v, right)
    assert report.ok and report["W"].scheme == "richardson"


@pytest.mark.parametrize("scheme", ["auto", "central", "richardson"])
@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.3, 1.0])
def test_every_slope_between_the_two_sides_of_a_kink_is_accepted(scheme, slope):
    v = np.array([-1.0, 0.0, 2.0])
    report = bp.check_grad(lambda w: np.abs(w).sum(), v, np.array([-1.0, slope, 1.0]), scheme=scheme)
    assert report.ok
    if slope:  # the central difference finds 0, and needs no help there
        assert report["W"].kind == "kink" and and_is(report["W"].kinks, [1])
        assert "1 entry stands at a kink" in report["W"].message


def and_is(mask, entries):
    return np.flatnonzero(mask).tolist() == entries


@pytest.mark.parametrize("scheme", ["auto", "central", "richardson"])
@pytest.mark.parametrize("complex_too", [False, True])
@pytest.mark.parametrize("frequency", [1, 30, 300, 3000])
def test_sharp_cost_raises_no_false_alarm_and_is_not_called_kinked(frequency, complex_too, scheme):
    v = np.array([0.3, -1.2, 0.05, 1.0])

    def C(w):
        total = np.sin(frequency * w).sum()
        return total if complex_too else float(total)

    right = frequency * np.cos(frequency * v)
    report = bp.check_grad(C, v, right, scheme=scheme)
    assert report.ok and report["W"].kind is None and not report["W"].kinks.any(), report
    negated = bp.check_grad(C, v, -right, scheme=scheme)
    assert negated["W"].kind == "sign", negated


@pytest.mark.parametrize("scheme", ["auto", "central", "richardson"])
def test_slope_outside_of_a_kink_is_wrong(scheme):
    v = np.array([-1.0, 0.0, 2.0])
    report = bp.check_grad(lambda w: np.abs(w).sum(), v, np.array([-1.0, 1.5, 1.0]), scheme=scheme)
    assert not report.ok and report["W"].kind == "one entry" and report.worst.index == (1,)


@pytest.mark.parametrize(("scheme", "distance"), [("central", 1e-5), ("richardson", 1e-5), ("richardson", 1e-3), ("auto", 1e-4)])
def test_kink_that_a_step_straddles_is_not_blamed_on_the_gradient(scheme, distance):
    v = np.array([-1.0, distance, 2.0])
    report = bp.check_grad(lambda w: np.abs(w).sum(), v, np.array([-1.0, 1.0, 1.0]), scheme=scheme)
    assert report.ok and report["W"].kind == "kink" and and_is(report["W"].kinks, [1])
    assert "so near a kink that the difference straddles it" in report["W"].message
    wrong = bp.check_grad(lambda w: np.abs(w).sum(), v, np.array([-1.0, -1.0, 1.0]), scheme=scheme)
    assert not wrong.ok and not wrong["W"].kinks.any() and wrong["W"].kind == "one entry"


def test_kinks_do_not_hide_a_wrong_row():
    v = np.random.default_rng(0).normal(size=(3, 4))
    v[0, 1] = 0
    given = np.sign(v)
    given[0, 1] = 1
    given[2] *= -1
    report = bp.check_grad(lambda w: np.abs(w).sum(), v, given)
    assert report["W"].kind == "one row" and "row 2" in report["W"].message and and_is(report["W"].kinks, [1])


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), fault=st.sampled_from(["sign", "factor", "transposed", "one row", "one entry", None]))
def test_hints_hold_on_random_functions(seed, fault):
    rng = np.random.default_rng(seed)
    A, w = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    right = A.T @ (1 / np.cosh(A @ w) ** 2)
    wrong = right.copy()
    i, j = rng.integers(3, size=2)
    if fault == "sign":
        wrong = -right
    elif fault == "factor":
        wrong = right * 3
    elif fault == "transposed":
        wrong = right.T
    elif fault == "one row":
        wrong[i] += rng.normal(size=3)
    elif fault == "one entry":
        wrong[i, j] += 1
    else:
        wrong = right + rng.normal(size=right.shape)
    report = bp.check_grad(lambda v: np.tanh(A @ v).sum(), w, wrong)
    assert not report.ok and report["W"].kind == fault


# ── check_network ─────────────────────────────────────────────────────────────────────────────────────────────────────

ACTIVATIONS = [bp.identity, bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.softmax]
ENDS = [
    (bp.sigmoid, bp.quadratic),
    (bp.sigmoid, bp.binary_cross_entropy),
    (bp.softmax, bp.cross_entropy),
    (bp.softmax, bp.quadratic),
    (bp.softmax, bp.binary_cross_entropy),
    (bp.identity, bp.quadratic),
]


def a_network(sizes, hidden, output, cost, m, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    net = bp.init(sizes, activation=hidden, output=output, cost=cost, rng=rng, dtype=dtype)
    b = [None, *(rng.normal(size=b.shape).astype(dtype) for b in net.b[1:])]
    x, y = rng.normal(size=(sizes[0], m)), rng.dirichlet(np.ones(sizes[-1]), size=m).T
    return Network(net.W, b, net.activations, net.cost), x, y


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=repr)
def test_backward_passes_for_every_activation_cost_and_depth(hidden, m, scheme):
    for output, cost in ENDS:
        for sizes in ([3, 2], [3, 4, 2], [3, 5, 4, 2]):
            net, x, y = a_network(sizes, hidden, output, cost, m)
            report = bp.check_network(net, x, y, scheme=scheme)
            assert report.ok, (net, report)
            assert [p.name for p in report.parameters] == [f"{part}[{l}]" for l in range(1, len(sizes)) for part in "Wb"]


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ACTIVATIONS, ids=repr)
def test_structured_slopes_are_those_of_the_whole_network_one_parameter_at_a_time(hidden):
    """The fast path against the plain one, which knows nothing of networks."""
    for output, cost in ENDS:
        net, x, y = a_network([3, 4, 3, 2], hidden, output, cost, 3)
        reports = {scheme: bp.check_network(net, x, y, scheme=scheme) for scheme in SCHEMES}
        for l in range(1, 4):
            for part in ("W", "b"):

                def C(v, l=l, part=part, net=net, x=x, y=y):
                    a = x.astype(v.dtype)
                    for k in range(1, 4):
                        z = (v if (part, k) == ("W", l) else net.W[k]) @ a + (v if (part, k) == ("b", l) else net.b[k])
                        a = net.activations[k](z)
                    return net.cost.output_value(z, a, y, net.activations[3])

                want = bp.numerical_gradient(C, getattr(net, part)[l], scheme="complex")
                for scheme, report in reports.items():
                    got = report[f"{part}[{l}]"].numerical
                    assert np.abs(got - want).max() <= REACH[scheme] * max(np.abs(want).max(), 1e-2), (net, part, l, scheme)


def with_part(grads, part, l, values):
    lists = {"W": list(grads.W), "b": list(grads.b)}
    lists[part][l] = values
    return Gradients(grads.delta, tuple(lists["W"]), tuple(lists["b"]))


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (lambda g, m: -g, "sign", "every entry is -1 × what it should be"),
        (lambda g, m: g * m, "factor", "every entry is 7 × what it should be, and 7 is m"),
        (lambda g, m: g / m, "factor", "every entry is 1/7 × what it should be, and 1/7 is 1/m"),
        (lambda g, m: g.T, "transposed", "it is the transpose of what it should be"),
        (lambda g, m: g * np.array([[1], [1], [0], [1]]), "one row", "row 2 (counting from 0) alone is wrong: all of it is 0"),
        (lambda g, m: g * np.array([[1, 2, 1, 1]]), "one column", "column 1 (counting from 0) alone is wrong: it is 2 × what it should be"),
        (lambda g, m: g[::-1], "rows reversed", "its rows are right but in reverse order"),
        (
            lambda g, m: g * np.array([[1.5], [2.5], [3.5], [4.5]]),
            "row factors",
            "each row is a multiple of what it should be, each by a factor of its own",
        ),
    ],
)
def test_fault_in_one_layer_is_named_and_the_other_layers_are_right(fault, kind, words, scheme):
    net, x, y = a_network([4, 4, 4, 2], bp.tanh, bp.sigmoid, bp.binary_cross_entropy, 7)
    right = bp.backward(net, bp.forward(net, x), y)
    report = bp.check_network(net, x, y, with_part(right, "W", 2, fault(right.W[2], 7)), scheme=scheme)
    assert (report["W[2]"].status, report["W[2]"].kind, report["W[2]"].message) == ("wrong", kind, words)
    assert all(p.ok for p in report.parameters if p.name != "W[2]")


def test_bias_that_misses_an_example_is_caught():
    net, x, y = a_network([3, 4, 2], bp.sigmoid, bp.sigmoid, bp.quadratic, 5)
    right = bp.backward(net, bp.forward(net, x), y)
    missing = right.delta[1][:, 1:].sum(axis=1, keepdims=True) / 5
    report = bp.check_network(net, x, y, with_part(right, "b", 1, missing))
    assert [p.name for p in report.parameters if not p.ok] == ["b[1]"]


def test_weight_decay_on_biases_is_caught():
    net, x, y = a_network([3, 4, 2], bp.sigmoid, bp.sigmoid, bp.quadratic, 5)
    right = bp.backward(net, bp.forward(net, x), y)
    report = bp.check_network(net, x, y, with_part(right, "b", 2, right.b[2] + 1e-6 * net.b[2]))
    assert [p.name for p in report.parameters if not p.ok] == ["b[2]"]


@pytest.mark.parametrize(("scheme", "error"), [("auto", 3e-9), ("complex", 3e-9), ("central", 3e-6)])
def test_one_entry_of_23860_a_little_off_is_caught(scheme, error):
    net, x, y = a_network([784, 30, 10], bp.sigmoid, bp.sigmoid, bp.quadratic, 10)
    right = bp.backward(net, bp.forward(net, x), y)
    assert sum(w.size for w in (*right.W[1:], *right.b[1:])) == 23860
    entry = np.unravel_index(np.argsort(np.abs(right.W[1]), axis=None)[-1000], right.W[1].shape)
    wrong = right.W[1].copy()
    wrong[entry] *= 1 + error
    report = bp.check_network(net, x, y, with_part(right, "W", 1, wrong), scheme=scheme)
    assert report["W[1]"].kind == "one entry" and report.worst.index == entry
    assert bp.check_network(net, x, y, scheme=scheme).ok


def test_float32_network_is_checked_at_its_own_parameters():
    for hidden in (bp.sigmoid, bp.relu, bp.softmax):
        net, x, y = a_network([20, 12, 3], hidden, bp.softmax, bp.cross_entropy, 6, dtype=np.float32)
        report = bp.check_network(net, x, y)
        assert report.ok and report.relative_error > 1e-9  # it was float32 that was judged
        right = bp.backward(net, bp.forward(net, x), y)
        assert bp.check_network(net, x, y, with_part(right, "W", 1, -right.W[1]))["W[1]"].kind == "sign"


def test_large_inputs_get_smaller_steps():
    net, x, y = a_network([4, 5, 2], bp.tanh, bp.sigmoid, bp.quadratic, 6)
    for scale in (1e-6, 255.0, 1e4):
        rescaled = Network([None, net.W[1] / scale, net.W[2]], net.b, net.activations, net.cost)
        for scheme in SCHEMES:
            assert bp.check_network(rescaled, x * scale, y, scheme=scheme).ok


def test_saturated_outputs_are_checked_from_z():
    net, x, y = a_network([3, 4, 2], bp.tanh, bp.sigmoid, bp.binary_cross_entropy, 5)
    certain = Network([None, net.W[1], 300 * net.W[2]], net.b, net.activations, net.cost)
    assert bp.check_network(certain, x, y.round()).ok
    certain = Network(certain.W, certain.b, [None, bp.tanh, bp.softmax], bp.cross_entropy)
    assert bp.check_network(certain, x, y.round()).ok


def relu_at_its_kink(distance=0.0):
    """z[1] = 0 (or nearly) for neuron 0 in example 0, whichever weight of that neuron moves."""
    net, x, y = a_network([2, 3, 1], bp.relu, bp.sigmoid, bp.quadratic, 3, seed=4)
    b = net.b[1].copy()
    b[0] = distance - (net.W[1] @ x)[0, 0]
    net = Network(net.W, [None, b, net.b[2]], net.activations, net.cost)
    return net, x, y


@pytest.mark.parametrize("scheme", ["central", "richardson"])
@pytest.mark.parametrize("distance", [1e-5, 1e-12])
def test_relu_that_a_step_straddles_is_named_as_a_kink(scheme, distance):
    net, x, y = relu_at_its_kink(distance)
    report = bp.check_network(net, x, y, scheme=scheme)
    assert report.ok
    for name in ("W[1]", "b[1]"):
        assert report[name].kind == "kink" and set(np.argwhere(report[name].kinks)[:, 0]) == {0}
    assert report["W[2]"].kind is None
    wrong = bp.backward(net, bp.forward(net, x), y)
    report = bp.check_network(net, x, y, with_part(wrong, "W", 1, -wrong.W[1]), scheme=scheme)
    assert report["W[1]"].status == "wrong"


def test_both_conventions_for_the_slope_of_relu_at_0_are_accepted():
    # powers of two, so that z is exactly 0
    W1, b1 = np.array([[0.5, 1.0], [1.0, -0.5]]), np.array([[-1.0], [0.25]])
    x, y = np.array([[2.0, 1.0], [0.0, -1.0]]), np.array([[0.0, 1.0]])
    net = Network([None, W1, np.array([[1.0, 2.0]])], [None, b1, np.array([[0.5]])], [None, bp.relu, bp.sigmoid], bp.quadratic)
    cache = bp.forward(net, x)
    assert cache.z[1][0, 0] == 0
    zero = bp.backward(net, cache, y)
    delta = (net.W[2].T @ zero.delta[2]) * (cache.z[1] >= 0)
    one = with_part(with_part(zero, "W", 1, delta @ x.T / 2), "b", 1, delta.sum(axis=1, keepdims=True) / 2)
    for scheme in ("auto", *SCHEMES):
        assert bp.check_network(net, x, y, zero, scheme=scheme).ok
        report = bp.check_network(net, x, y, one, scheme=scheme)
        assert report.ok and report["b[1]"].kind == "kink"


@dataclass(frozen=True, repr=False)
class Softsign(Activation):
    """Not analytic as written: |z|."""

    name = "softsign"
    forgetful: bool = False

    def __call__(self, z):
        return z / (1 + np.abs(z))

    def prime(self, z):
        return 1 / (1 + np.abs(z)) ** (1 if self.forgetful else 2)


@pytest.mark.parametrize("at", ["hidden", "output"])
def test_activation_that_is_not_analytic_is_checked_by_real_differences(at):
    for forgetful in (False, True):
        custom = Softsign(forgetful)
        hidden, output = (custom, bp.sigmoid) if at == "hidden" else (bp.tanh, custom)
        net, x, y = a_network([3, 4, 2], hidden, output, bp.quadratic, 5)
        report = bp.check_network(net, x, y)
        assert report.ok is not forgetful
        assert report["W[1]"].scheme == "richardson"


@dataclass(frozen=True, repr=False)
class Real(Activation):
    name = "real"

    def __call__(self, z):
        if np.iscomplexobj(z):
            raise TypeError("no complex numbers here")
        return np.arctan(z)

    def prime(self, z):
        return 1 / (1 + z * z)


def test_activation_that_refuses_complex_numbers_is_checked_by_real_differences():
    net, x, y = a_network([3, 4, 2], Real(), bp.sigmoid, bp.quadratic, 5)
    assert bp.check_network(net, x, y).ok


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_chunks_do_not_ask_the_system_for_memory_anew():
    program = """if True:
        import resource, numpy as np, bpkit as bp
        net, rng = bp.init([300, 30, 10], rng=np.random.default_rng(0)), np.random.default_rng(1)
        x, y = rng.uniform(size=(300, 10)), np.eye(10)
        before, _, after = (bp.check_network(net, x, y, scheme="central") and resource.getrusage(resource.RUSAGE_SELF).ru_minflt for _ in range(3))
        print(after - before)
    """
    pages = int(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
    assert pages < 2_000


@pytest.mark.parametrize("chunk", [1, 30, 60, 90, 150])
@pytest.mark.parametrize("zeros", [0.0, 0.5])
@pytest.mark.parametrize(
    "parts", [(bp.tanh, bp.softmax, bp.cross_entropy), (bp.relu, bp.sigmoid, bp.quadratic), (bp.softmax, bp.sigmoid, bp.quadratic)], ids=repr
)
def test_chunks_change_nothing(monkeypatch, chunk, zeros, parts):
    """However many neurons and inputs are taken at a time, and whichever examples nothing moves in."""
    net, x, y = a_network([6, 5, 4], *parts, 3)
    x[np.random.default_rng(3).uniform(size=x.shape) < zeros] = 0
    whole = bp.check_network(net, x, y, scheme="central")
    monkeypatch.setattr(NetworkSlopes, "chunk", chunk)
    single = bp.check_network(net, x, y, scheme="central")
    for a, b in zip(whole.parameters, single.parameters, strict=True):
        # a product of other shape sums in another order; the step divides that rounding
        assert_allclose(a.numerical, b.numerical, rtol=0, atol=1e-10)


def keeping_another_input(forward):
    """A forward pass that keeps as a[0] something else than what it multiplied by: examples before they were centred, say."""

    def faulty(net, x):
        cache = forward(net, x)
        return replace(cache, a=(cache.a[0] + 1, *cache.a[1:]))

    return faulty


def with_clipped_weights(forward):
    """A forward pass in which large weights of the first layer do not count in full."""

    def faulty(net, x):
        return forward(replace(net, W=(None, 0.3 * np.tanh(net.W[1] / 0.3), *net.W[2:])), x)

    return faulty


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
@pytest.mark.parametrize("fault", [keeping_another_input, with_clipped_weights])
def test_only_weights_that_are_moved_themselves_see_a_fault_of_the_forward_pass(fault, scheme, monkeypatch):
    """The backward pass and the derived slopes make the same mistake."""
    net, x, y = a_network([5, 6, 4], bp.tanh, bp.sigmoid, bp.quadratic, 3)
    monkeypatch.setattr(gradcheck, "forward", fault(gradcheck.forward))
    assert bp.check_network(net, x, y, scheme=scheme).ok
    report = bp.check_network(net, x, y, scheme=scheme, thorough=True)
    assert not report.ok and all(report[name].ok for name in ("b[1]", "W[2]", "b[2]"))
    found = report["W[1]"]
    assert (found.status, found.kind) == ("wrong", "moved itself")
    assert found.wrong[found.worst] and found.relative_error > 1e-3
    assert re.search(r"of 30 entries moved have another slope, first W\[1\]\[\d, \d\]", found.message)


def test_a_gradient_that_moved_weights_confirm_is_not_blamed_for_what_was_derived(monkeypatch):
    net, x, y = a_network([5, 6, 4], bp.tanh, bp.sigmoid, bp.quadratic, 3)
    monkeypatch.setattr(gradcheck, "forward", with_clipped_weights(gradcheck.forward))

    def slopes(part, l):
        def C(v):
            parts = {"W": list(net.W), "b": list(net.b)}
            parts[part][l] = v
            cache = gradcheck.forward(replace(net, W=tuple(parts["W"]), b=tuple(parts["b"])), x)
            return bp.quadratic(cache.output, y)

        return bp.numerical_gradient(C, getattr(net, part)[l], scheme="richardson")

    right = {part: [None, slopes(part, 1), slopes(part, 2)] for part in "Wb"}
    assert bp.check_network(net, x, y, right)["W[1]"].status == "wrong"
    assert bp.check_network(net, x, y, right, thorough=True)["W[1]"].status == "not checked"


# one activation stands for all with the scheme and the dtype that are not used unless asked for, three with those that are
MOVED = [
    pytest.param(hidden, dtype, scheme, marks=[] if hidden is bp.tanh or (not other and hidden in (bp.relu, bp.softmax)) else pytest.mark.slow)
    for hidden in ACTIVATIONS
    for other, dtype, scheme in [(False, np.float64, "auto"), (True, np.float32, "auto"), (True, np.float64, "central")]
]


@pytest.mark.slow
@pytest.mark.parametrize(("hidden", "dtype", "scheme"), MOVED)
def test_moved_weights_confirm_what_is_right_and_change_no_other_verdict(hidden, dtype, scheme):
    for output, cost in ENDS[1:3]:
        net, x, y = a_network([9, 8, 2], hidden, output, cost, 4, dtype=dtype)
        report = bp.check_network(net, x, y, scheme=scheme, thorough=True)
        assert report.ok, report
        net, x, y = a_network([3, 4, 2], hidden, output, cost, 4, dtype=dtype)
        right = bp.backward(net, bp.forward(net, x), y)
        for wrong in (-right.W[2], right.W[2].T, None, np.nan * right.W[2]):
            plain, thorough = (bp.check_network(net, x, y, with_part(right, "W", 2, wrong), scheme=scheme, thorough=t)["W[2]"] for t in (False, True))
            assert (plain.status, plain.kind, plain.message) == (thorough.status, thorough.kind, thorough.message)


def test_the_report_says_what_was_moved_and_what_was_derived():
    net, x, y = a_network([9, 8, 2], bp.tanh, bp.sigmoid, bp.quadratic, 4)
    derived = bp.check_network(net, x, y)
    assert derived.how == "moved: each z[l] of each example; derived: ∂C/∂W[l], as the slopes in z[l] times a[l-1]"
    assert bp.check_network(net, x, y, scheme="central").how == "moved: z[l], for each weight and bias by what a step of it adds"
    thorough = bp.check_network(net, x, y, thorough=True)
    assert thorough.how == derived.how + "; moved themselves, with a whole forward pass: 90 of 98 weights and biases"
    assert str(thorough).endswith("\n" + thorough.how) and thorough.how in thorough._repr_html_()


def test_dead_layer_is_not_checked_and_not_blamed():
    net, x, y = a_network([2, 3, 2], bp.relu, bp.sigmoid, bp.quadratic, 4)
    dead = Network(net.W, [None, net.b[1] - 100, net.b[2]], net.activations, net.cost)
    report = bp.check_network(dead, x, y)
    assert report.ok and report["W[1]"].kind == "zero on both sides"


def test_unusable_gradients_are_refused_in_one_line():
    net, x, y = a_network([2, 3, 2], bp.relu, bp.sigmoid, bp.quadratic, 4)
    right = bp.backward(net, bp.forward(net, x), y)
    with pytest.raises(TypeError, match="grads has no list W by layer"):
        bp.check_network(net, x, y, 3)
    with pytest.raises(ValueError, match=r"grads\.W has 2 layers, expected 3"):
        bp.check_network(net, x, y, {"W": list(right.W[1:]), "b": list(right.b)})
    with pytest.raises(ValueError, match="x has shape"):
        bp.check_network(net, x.T, y)
    assert bp.check_network(net, x, y, {"W": list(right.W), "b": list(right.b)}).ok


def test_network_and_data_are_left_alone():
    net, x, y = a_network([2, 3, 2], bp.relu, bp.sigmoid, bp.quadratic, 4)
    kept = [a.copy() for a in (*net.W[1:], *net.b[1:], x, y)]
    bp.check_network(net, x, y, scheme="central")
    for before, after in zip(kept, (*net.W[1:], *net.b[1:], x, y), strict=True):
        assert_array_equal(before, after)


# ── Reports ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Text(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.words, self.open = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("br", "img"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_html_says_what_the_text_says_and_takes_the_colours_of_the_page():
    report = bp.check_grad(lambda p: (p["<W>"] ** 2).sum(), {"<W>": W}, {"<W>": edited(spoil_entry) * 0 + np.where(np.eye(4), 9, 2 * W)})
    page = report._repr_html_()
    parsed = Text(page)
    assert not parsed.open
    words = " ".join(parsed.words)
    for p in report.parameters:
        assert p.name in words and p.message in words
    assert report.summary in words
    assert "<W>" not in page.replace("&lt;W&gt;", "")
    # no opaque colour: tints and currentColor only
    assert not re.search(r"#[0-9a-f]{3,6}\b|(?<!a)rgb\(|(color|fill):\s*(black|white)", page)
    assert "4 of 16 entries are wrong; they are drawn filled" in page


def test_report_cannot_be_changed():
    report = bp.check_grad(smooth(np), W, RIGHT)
    with pytest.raises(AttributeError):
        report.parameters = ()
    with pytest.raises(AttributeError):
        report["W"].status = "wrong"


def test_text_is_a_table():
    lines = str(bp.check_network(*a_network([3, 4, 2], bp.sigmoid, bp.sigmoid, bp.quadratic, 2))).splitlines()
    assert lines[0].startswith("Gradient check by complex step: the gradient is right")
    assert lines[1].split() == ["parameter", "shape", "error", "verdict"]
    assert [line.split()[0] for line in lines[2:-1]] == ["W[1]", "b[1]", "W[2]", "b[2]"]


# ---- costs that are not what they seem -------------------------------------------------------------------------------------


def _tanh_squares(dtype=np.float64, seed=0):
    """A cost of W computed in a number type, and its gradient in float64."""
    rng = np.random.default_rng(seed)
    W, x = rng.normal(size=(3, 4)), rng.normal(size=(4, 5))
    a = np.tanh(W @ x)
    return W, lambda W: np.sum(np.tanh(W.astype(dtype) @ x.astype(dtype)) ** 2), 2 * (a * (1 - a**2)) @ x.T


def test_a_cost_that_ignores_its_argument_is_named_and_the_gradient_is_not_blamed():
    W, C, gradient = _tanh_squares()
    report = bp.check_grad(lambda _: C(W), W, gradient)
    assert (report["W"].status, report["W"].kind, report.ok) == ("not checked", "nothing moved", False)
    assert "does it use its argument?" in report["W"].message
    both = bp.check_grad(lambda p: C(p["W"]), {"W": W, "v": np.ones(2)}, {"W": gradient, "v": np.ones(2)})
    assert both["W"].ok and both["v"].kind == "nothing moved"
    # where the gradient says the same there is nothing to tell
    assert bp.check_grad(lambda _: C(W), W, np.zeros_like(W))["W"].kind == "zero on both sides"
    with pytest.warns(UserWarning, match="does it use its argument"):
        assert not bp.numerical_gradient(lambda _: C(W), W).any()


def test_a_relu_that_is_dead_here_and_not_everywhere_is_no_cost_that_ignores_its_argument(recwarn):
    w = np.array([-0.5, -0.3])
    assert bp.check_grad(lambda w: np.maximum(w, 0).sum(), w, np.ones(2))["W"].status == "wrong"
    assert not bp.numerical_gradient(lambda w: np.maximum(w, 0).sum(), w).any()
    assert not recwarn.list


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("shown_as", [lambda cost: cost, float], ids=["float32", "a float"])
def test_a_cost_computed_in_float32_is_noticed_and_a_right_gradient_passes(seed, shown_as):
    W, C, gradient = _tanh_squares(np.float32, seed)
    report = bp.check_grad(lambda W: shown_as(C(W.real)), W, gradient)
    assert report.ok and not report["W"].kinks.any(), report
    assert "computed to some 7 digits" in report["W"].message
    wrong = gradient.copy()
    wrong[1, 2] += 0.01 * np.abs(gradient).max()
    assert bp.check_grad(lambda W: shown_as(C(W.real)), W, wrong)["W"].status == "wrong"


@pytest.mark.parametrize("seed", range(10))
def test_a_cost_that_is_rounded_is_noticed(seed):
    W, C, gradient = _tanh_squares(seed=seed)
    report = bp.check_grad(lambda W: round(float(C(W)), 4), W, gradient)
    assert report.ok and "digits: errors below" in report["W"].message
    assert bp.check_grad(lambda W: round(float(C(W)), 4), W, 1.5 * gradient)["W"].status == "wrong"


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "rounded",
    [
        lambda C, W: lambda w: round(0.01 * float(C(w)), 4),  # so coarse that it stands still where W moves by a hundredth
        lambda C, W: lambda w: float(np.float16(0.01 * C(w))),
        lambda C, W: lambda w: round(0.01 * float(C(w) - C(W)), 6),  # and is 0 at W
    ],
    ids=["four places", "float16", "zero"],
)
def test_a_right_gradient_of_a_cost_that_is_rounded_so_far_is_never_called_wrong(rounded, seed):
    W, C, gradient = _tanh_squares(seed=seed)
    right, wrong = (bp.check_grad(rounded(C, W), W, factor * 0.01 * gradient)["W"] for factor in (1, -1))
    assert right.status != "wrong" and not wrong.ok
    assert right.ok or right.kind == "too small"


@pytest.mark.parametrize("seed", range(12))
def test_a_cost_of_which_a_part_is_computed_in_float32_has_no_kinks(seed):
    W, C, gradient = _tanh_squares(np.float32, seed)
    right, wrong = (bp.check_grad(lambda W: float(C(W)) + 0.01 * float((W * W).sum()), W, f * gradient + 0.02 * W)["W"] for f in (1, 1.3))
    assert (right.status, right.kind, wrong.status) == ("right", None, "wrong")


def test_exact_costs_of_whole_numbers_are_not_taken_for_coarse_ones():
    report = bp.check_grad(lambda w: (w**2).sum(), np.array([1.0, 2.0, -3.0]), np.array([2.0, 4.0, -6.0]))
    assert report.ok and report["W"].message == ""


@pytest.mark.parametrize("seed", range(10))
def test_a_right_gradient_that_went_through_float32_is_right_and_a_wrong_one_is_not(seed):
    W, C, gradient = _tanh_squares(seed=seed)
    through = gradient.astype(np.float32).astype(np.float64)
    assert bp.check_grad(C, W, through).ok
    through[0, 0] += np.float32(1e-3)
    assert bp.check_grad(C, W, through)["W"].status == "wrong"


@pytest.mark.parametrize(
    "C",
    [lambda w: (w * np.sign(w)).sum(), lambda w: np.vdot(w, [1.0, 2.0, 3.0]), lambda w: np.correlate([1.0, 2.0, 3.0], w)[0]],
    ids=["sign", "vdot", "correlate"],
)
def test_an_explicit_complex_step_is_held_against_real_differences(C):
    w = np.array([0.5, -1.5, 2.0])
    slopes = bp.numerical_gradient(C, w)
    refused = r"not analytic: at W\[0\] the complex step finds .*, real differences .*; use scheme="
    with pytest.raises(ValueError, match=refused):
        bp.check_grad(C, w, slopes, scheme="complex")
    with pytest.raises(ValueError, match=refused):
        bp.numerical_gradient(C, w, scheme="complex")
    assert bp.check_grad(C, w, slopes, scheme="richardson").ok and bp.check_grad(C, w, np.round(slopes, 6)).ok


def test_one_entry_among_many_that_is_not_analytic_is_found():
    w = np.random.default_rng(0).normal(size=200) + 3

    def C(w):
        return (w**2).sum() + w[117] * np.sign(w[117])

    with pytest.raises(ValueError, match=r"at W\[117\]"):
        bp.check_grad(C, w, 2 * w + (np.arange(200) == 117), scheme="complex")


def test_the_headline_counts_what_was_checked():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 6))

    def C(p):  # the mean over the batch is taken away, and the bias with it
        z = p["W"] @ x + p["b"]
        return (np.tanh(z - z.mean(axis=1, keepdims=True)) ** 3).sum()

    at = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=(2, 1))}
    gradient = bp.numerical_gradient(lambda W: C({**at, "W": W}), at["W"], scheme="complex")
    report = bp.check_grad(C, at, {"W": gradient, "b": np.full((2, 1), 1e-17)})
    assert report.ok and report["b"].status == "not checked"
    assert report.relative_error < 1e-9 and report.worst.name == "W"


def test_a_penalty_on_the_weights_that_one_side_forgot_is_named():
    W, C, gradient = _tanh_squares()
    report = bp.check_grad(C, W, gradient + 0.1 * W)["W"]
    assert report.kind == "penalty" and "0.1 × W" in report.message
    assert bp.check_grad(C, W, gradient + 0.1 * np.abs(W))["W"].kind != "penalty"


def test_a_cost_that_returns_its_gradient_too_is_told_what_to_pass():
    W, C, gradient = _tanh_squares()
    with pytest.raises(TypeError, match=r"C returned a tuple of 2, expected a number; .*C\(W\)\[0\]"):
        bp.check_grad(lambda W: (C(W), gradient), W, gradient)


@pytest.mark.parametrize("seed", range(60))
def test_a_gradient_that_is_zero_by_construction_is_never_called_wrong(seed):
    rng = np.random.default_rng(seed)
    W, x, b = rng.normal(size=(2, 3)), rng.normal(size=(3, 6)), rng.normal(size=(2, 1))

    def C(b):  # rounding inside is that of terms of order one, though C is small
        z = W @ x + b
        return (np.tanh(z - z.mean(axis=1, keepdims=True)) ** 3).sum()

    assert bp.check_grad(C, b, np.zeros((2, 1)))["W"].kind in ("zero on both sides", "too small")
    assert bp.check_grad(C, b, np.full((2, 1), 0.1))["W"].status == "wrong"
    # what the gradient has of rounding does not count, and beside a parameter that was checked the whole is right
    both = bp.check_grad(lambda p: C(p["b"]) + (p["W"] ** 2).sum(), {"W": W, "b": b}, {"W": 2 * W, "b": rng.normal(scale=1e-17, size=(2, 1))})
    assert both.ok and both["b"].kind == "zero on both sides"


def test_a_shift_that_a_softmax_takes_off_again_is_zero_by_construction():
    z = np.random.default_rng(0).normal(size=(3, 5))

    def C(s):
        shifted = z + s - (z + s).max(axis=0)
        return np.log(np.exp(shifted).sum(axis=0)).sum() - shifted[0].sum()

    def report(given):
        return bp.check_grad(lambda p: C(p[0]) + (p[1] ** 2).sum(), [0.5, np.ones(2)], [given, 2 * np.ones(2)])

    assert report(1e-17).ok and report(1e-17)["W[0]"].kind == "zero on both sides"
    assert not report(0.1).ok


@pytest.mark.parametrize("zeros", [0.0, 0.2, 0.6])
@pytest.mark.parametrize("scheme", ["central", "richardson", "complex"])
def test_what_is_left_out_where_nothing_moves_is_no_part_of_a_slope(zeros, scheme):
    rng = np.random.default_rng(3)
    net = bp.init([6, 5, 4, 3], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng)
    x, y = rng.normal(size=(6, 7)) * (rng.uniform(size=(6, 7)) >= zeros), np.eye(3)[:, rng.integers(3, size=7)]
    right = bp.backward(net, bp.forward(net, x), y)
    report = bp.check_network(net, x, y, right, scheme=scheme)
    for l in range(1, 4):
        np.testing.assert_allclose(report[f"W[{l}]"].numerical, right.W[l], atol=1e-8)
        np.testing.assert_allclose(report[f"b[{l}]"].numerical, right.b[l], atol=1e-8)
    right.W[2][1, 2] += 0.1
    assert bp.check_network(net, x, y, right, scheme=scheme)["W[2]"].status == "wrong"


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
def test_where_every_relu_is_dead_nothing_moves_and_what_is_above_is_checked(scheme):
    rng = np.random.default_rng(3)
    W, b = (None, rng.normal(size=(4, 3)), rng.normal(size=(2, 4))), (None, np.full((4, 1), -50.0), rng.normal(size=(2, 1)))
    net = bp.Network(W, b, (None, bp.relu, bp.sigmoid), bp.quadratic)
    report = bp.check_network(net, rng.normal(size=(3, 5)), rng.uniform(size=(2, 5)), scheme=scheme)
    assert report.ok and [p.kind for p in report.parameters] == ["zero on both sides"] * 3 + [None]


# ---- a sample of the entries, where C is slow ------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["auto", *SCHEMES])
def test_a_sample_of_entries_is_looked_at_and_said(scheme):
    calls = []

    def C(w):
        calls.append(1)
        return smooth(np)(w)

    w = np.random.default_rng(0).normal(size=(30, 40))
    right = autograd.grad(smooth(anp))(w)
    report = bp.check_grad(C, w, right, scheme=scheme, entries=20)["W"]
    assert len(calls) < 1200 and report.ok
    assert report.message == "of 20 of its 1,200 entries: all are right"
    seen = np.isfinite(report.numerical)
    assert seen.sum() == 20
    assert relative(report.numerical[seen], right[seen]) < REACH.get(scheme, 1e-13)
    # always the same entries; a fault in one of them is seen and placed, one elsewhere is not
    for fault_in, ok in ((seen, False), (~seen, True)):
        wrong = right.copy()
        place = tuple(np.argwhere(fault_in)[3])
        wrong[place] += 1
        found = bp.check_grad(C, w, wrong, scheme=scheme, entries=20)["W"]
        assert found.ok is ok and (ok or (found.worst == place and f"entry [{place[0]}, {place[1]}]" in found.message))
    assert bp.check_grad(C, w, -right, scheme=scheme, entries=20)["W"].kind == "sign"
    assert bp.check_grad(C, w, right.T, scheme=scheme, entries=20)["W"].kind == "shape"
    assert bp.check_grad(C, w, [[1.0], [1.0, 2.0]], scheme=scheme, entries=20)["W"].status == "wrong"


def test_as_many_entries_as_there_are_is_a_whole_check():
    assert bp.check_grad(smooth(np), W, RIGHT, entries=16)["W"].message == ""


def test_a_slow_check_shows_a_bar_and_a_quick_one_does_not(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    bp.check_grad(smooth(np), W, RIGHT)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(gradcheck.Bar, "patience", 0.0)
    bp.check_grad(smooth(np), W, RIGHT, progress=False)
    assert capsys.readouterr() == ("", "")
    bp.check_grad(smooth(np), W, RIGHT)
    assert "values of C" in capsys.readouterr().err
