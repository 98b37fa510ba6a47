"""Activations and costs against autograd, complex step, exact values at the extremes, and each other."""

import pickle
import warnings
from itertools import product

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp
from bpkit.core.functions import in_place, values_in_place

ACTIVATIONS = [bp.identity, bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.softmax]
ELEMENTWISE = [sigma for sigma in ACTIVATIONS if sigma.elementwise]
COSTS = [bp.quadratic, bp.binary_cross_entropy, bp.cross_entropy]
named = {"ids": repr}
# columns of moderate numbers, where no formula of the oracle overflows
columns = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 4)), elements=st.floats(-20, 20))


@pytest.fixture(autouse=True)
def warnings_are_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
@given(z=columns)
def test_value_agrees_with_the_oracle(sigma, z):
    assert_allclose(sigma(z), oracle.ACTIVATIONS[sigma](z), rtol=1e-12, atol=1e-15)


class Steep(type(bp.sigmoid)):
    """A sigmoid with a formula of its own."""

    def __call__(self, z):
        return super().__call__(3 * np.asarray(z))


class Step(type(bp.relu)):
    """Whole numbers, all of them in one array."""

    def __call__(self, z):
        return np.broadcast_to(np.int64(1), np.shape(z))


@pytest.mark.parametrize("sigma", [*ACTIVATIONS, Steep(), Step()], ids=lambda sigma: type(sigma).__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_in_the_place_of_z_stands_the_same(sigma, dtype):
    z = np.random.default_rng(0).normal(size=(4, 30)).astype(dtype)
    z[0, :3] = 0, 800 if dtype is not np.complex128 else 80, -800 if dtype is not np.complex128 else -80
    y = np.random.default_rng(1).dirichlet(np.ones(4), 30).T.astype(dtype).real
    assert_array_equal(in_place(sigma, z.copy()), sigma(z))
    assert_allclose(values_in_place(bp.quadratic, z.copy(), y, sigma), bp.quadratic.per_example(sigma(z), y), rtol=1e-6)


@pytest.mark.parametrize(("cost", "sigma"), [(bp.cross_entropy, bp.softmax), (bp.binary_cross_entropy, bp.sigmoid)], **named)
def test_a_cost_that_looks_at_z_finds_it(cost, sigma):
    z, y = np.random.default_rng(0).normal(size=(4, 30)), np.random.default_rng(1).dirichlet(np.ones(4), 30).T
    assert_array_equal(values_in_place(cost, z.copy(), y, sigma), cost.output_values(z, sigma(z), y, sigma))


@pytest.mark.parametrize("sigma", ELEMENTWISE, **named)
def test_prime_agrees_with_autograd(sigma):
    z = np.random.default_rng(0).normal(scale=3, size=(5, 40))
    # atol: 1 - a² keeps sixteen digits of 1, not of itself
    assert_allclose(sigma.prime(z), oracle.derivative(sigma, z), rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
@pytest.mark.parametrize("n", [1, 2, 5])
def test_jacobian_agrees_with_autograd_and_with_complex_step(sigma, n):
    z = np.random.default_rng(n).normal(size=n)
    got = sigma.jacobian(z)
    assert_allclose(got, oracle.jacobian_of(sigma, z), rtol=1e-11, atol=1e-15)
    by_complex_step = np.stack([sigma(z + 1e-30j * np.eye(n)[k]).imag / 1e-30 for k in range(n)], axis=1)
    assert_allclose(got, by_complex_step, rtol=1e-12, atol=1e-15)
    assert_array_equal(sigma.jacobian(z[:, None]), got)


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
@given(z=columns, seed=st.integers(0, 2**32 - 1))
def test_vjp_is_the_transposed_jacobian_times_g_in_every_column(sigma, z, seed):
    g = np.random.default_rng(seed).normal(size=z.shape)
    got = sigma.vjp(z, sigma(z), g)
    for i in range(z.shape[1]):
        assert_allclose(got[:, i], sigma.jacobian(z[:, i]).T @ g[:, i], rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
@pytest.mark.parametrize("z", [-1e4, -1000.0, -40.0, 0.0, 40.0, 1000.0, 1e4])
def test_extreme_inputs_give_finite_values_without_a_warning(sigma, z):
    z = np.array([[z, 0.0], [0.0, z]])
    a = sigma(z)
    assert np.isfinite(a).all()
    assert np.isfinite(sigma.vjp(z, a, np.ones_like(z))).all()
    assert np.isfinite(sigma(z + 1e-30j)).all()
    for i in range(2):
        assert np.isfinite(sigma.jacobian(z[:, i])).all()


def test_extreme_values_are_right():
    z = np.array([-1000.0, -40.0, 40.0, 1000.0])
    assert_allclose(bp.sigmoid(z), [0, np.exp(-40), 1, 1], rtol=1e-15)
    assert_allclose(bp.softplus(z), [0, np.exp(-40), 40, 1000], rtol=1e-15)
    assert_array_equal(bp.softmax(np.array([[-1000.0, 1e4], [1000.0, 1e4]])), [[0, 0.5], [1, 0.5]])


def test_the_corner_of_relu_has_slope_zero_and_of_leaky_relu_its_slope():
    zero = np.array([[0.0, -0.0]])
    assert_array_equal(bp.relu.prime(zero), [[0, 0]])
    assert_array_equal(bp.leaky_relu.prime(zero), [[0.01, 0.01]])


def test_leaky_relu_takes_another_slope():
    steep = bp.leaky_relu.with_slope(0.3)
    assert_allclose(steep(np.array([-2.0, 2.0])), [-0.6, 2.0])
    assert steep != bp.leaky_relu == bp.leaky_relu.with_slope(0.01)
    assert repr(steep) == "leaky_relu(slope=0.3)"
    for slope in (-0.1, 1.0, np.nan):
        with pytest.raises(ValueError, match=r"slope is .*, expected 0 ≤ slope < 1"):
            bp.leaky_relu.with_slope(slope)


@given(z=columns, shift=st.floats(-500, 500))
def test_softmax_columns_are_distributions_that_do_not_feel_a_shift(z, shift):
    a = bp.softmax(z)
    assert_allclose(a.sum(axis=0), 1, rtol=1e-14)
    assert (a >= 0).all()
    assert_allclose(bp.softmax(z + shift), a, rtol=1e-10)


def test_softmax_prime_says_what_to_use_instead():
    with pytest.raises(TypeError, match=r"softmax.jacobian\(z\), or softmax.vjp"):
        bp.softmax.prime(np.zeros((2, 1)))


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
def test_float32_stays_float32_and_whole_numbers_become_float64(sigma):
    z = np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32)
    a = sigma(z)
    assert a.dtype == sigma.vjp(z, a, z).dtype == sigma.jacobian(z[:, 0]).dtype == np.float32
    assert sigma(np.array([[1, 2]])).dtype == np.float64


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
def test_activations_pass_nan_on_and_leave_their_input_alone(sigma):
    z = np.array([[np.nan, 1.0], [0.5, -1.0]])
    before = z.copy()
    a = sigma(z)
    assert np.isnan(a[0, 0])
    assert_array_equal(z, before)
    assert not np.shares_memory(a, z)


@pytest.mark.parametrize("thing", [*ACTIVATIONS, *COSTS], **named)
def test_activations_and_costs_are_frozen_values(thing):
    assert pickle.loads(pickle.dumps(thing)) == thing
    assert hash(thing) == hash(pickle.loads(pickle.dumps(thing)))
    with pytest.raises(AttributeError):
        thing.name = "another"


@pytest.mark.parametrize("sigma", ACTIVATIONS, **named)
@pytest.mark.parametrize("bad", [np.array(["a"]), np.array([None]), np.array([object()])], ids=["text", "None", "object"])
def test_what_is_not_a_number_is_refused(sigma, bad):
    with pytest.raises(TypeError, match=r"found an array of dtype .*, expected numbers"):
        sigma(bad)


def test_jacobian_wants_one_column():
    with pytest.raises(ValueError, match=r"z has shape \(2, 3\), expected one column"):
        bp.sigmoid.jacobian(np.zeros((2, 3)))


# ── Costs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("cost", COSTS, **named)
@pytest.mark.parametrize("m", [1, 2, 7])
def test_cost_and_its_gradient_agree_with_autograd(cost, m):
    rng = np.random.default_rng(m)
    a, y = rng.uniform(0.05, 0.95, (4, m)), oracle.targets(cost, (4, m), rng)
    assert_allclose(cost(a, y), oracle.COSTS[cost](a, y), rtol=1e-13)
    assert_allclose(cost.gradient(a, y), oracle.grad(oracle.COSTS[cost])(a, y) * m, rtol=1e-12)
    assert_allclose(cost.per_example(a, y).mean(), cost(a, y), rtol=1e-13)
    assert_allclose(cost.per_example(a[:, 0], y[:, 0]), cost(a[:, :1], y[:, :1]), rtol=1e-13)


@pytest.mark.parametrize("cost", COSTS, **named)
def test_cost_gradient_agrees_with_complex_step(cost):
    rng = np.random.default_rng(0)
    a, y = rng.uniform(0.05, 0.95, 4), oracle.targets(cost, (4, 1), rng)[:, 0]
    by_complex_step = [cost(a + 1e-30j * np.eye(4)[k], y).imag / 1e-30 for k in range(4)]
    assert_allclose(cost.gradient(a, y), by_complex_step, rtol=1e-13)


PAIRS = [
    (sigma, cost)
    for sigma, cost in product(ACTIVATIONS, COSTS)
    # the logarithms need outputs between 0 and 1
    if cost is bp.quadratic or sigma in (bp.sigmoid, bp.softmax)
]


@pytest.mark.parametrize(("sigma", "cost"), PAIRS, **named)
@pytest.mark.parametrize("m", [1, 2, 7])
def test_output_error_agrees_with_autograd(sigma, cost, m):
    rng = np.random.default_rng(m)
    z, y = rng.normal(size=(4, m)), oracle.targets(cost, (4, m), rng)
    assert_allclose(cost.output_error(z, sigma(z), y, sigma), oracle.output_error(sigma, cost, z, y), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("sigma", "cost"), PAIRS, **named)
def test_output_value_is_the_cost_of_the_outputs(sigma, cost):
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(4, 5)), oracle.targets(cost, (4, 5), rng)
    assert_allclose(cost.output_value(z, sigma(z), y, sigma), cost(sigma(z), y), rtol=1e-13)
    assert_allclose(cost.output_values(z, sigma(z), y, sigma), cost.per_example(sigma(z), y), rtol=1e-12)


@pytest.mark.parametrize(("sigma", "cost"), [(bp.sigmoid, bp.binary_cross_entropy), (bp.softmax, bp.cross_entropy)], **named)
def test_matched_pairs_cancel_to_exactly_a_minus_y_for_one_hot_targets(sigma, cost):
    z = np.random.default_rng(0).normal(scale=10, size=(4, 6))
    a, y = sigma(z), np.eye(4)[:, [0, 1, 2, 3, 0, 1]]
    assert_array_equal(cost.output_error(z, a, y, sigma), a - y)


def test_softmax_and_cross_entropy_with_targets_that_do_not_sum_to_one():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(4, 6)), rng.uniform(0, 3, (4, 6))
    got = bp.cross_entropy.output_error(z, bp.softmax(z), y, bp.softmax)
    assert_allclose(got, oracle.output_error(bp.softmax, bp.cross_entropy, z, y), rtol=1e-10)
    assert abs(got - (bp.softmax(z) - y)).max() > 0.1  # a - y alone would be wrong here


def test_softmax_and_quadratic_take_the_full_jacobian():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=(3, 1)), rng.uniform(size=(3, 1))
    a = bp.softmax(z)
    want = (np.diag(a[:, 0]) - a @ a.T) @ (a - y)
    assert_allclose(bp.quadratic.output_error(z, a, y, bp.softmax), want, rtol=1e-13)


def test_certain_outputs_cost_nothing_if_right_and_inf_if_wrong_from_a_alone():
    a, y = np.array([[0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 1.0, 1.0, 0.0]])
    assert_array_equal(bp.binary_cross_entropy.per_example(a, y), [0, 0, np.inf, np.inf])
    assert_array_equal(bp.binary_cross_entropy.gradient(a, y), [[1, -1, -np.inf, np.inf]])
    assert_array_equal(bp.cross_entropy.per_example(a, y), [0, 0, np.inf, 0])
    assert_array_equal(bp.cross_entropy.gradient(a, y), [[0, -1, -np.inf, 0]])


def test_certain_outputs_stay_finite_from_z():
    z, y = np.array([[-1000.0, 1000.0, -40.0, 40.0]]), np.array([[1.0, 0.0, 0.0, 1.0]])
    a = bp.sigmoid(z)
    assert_allclose(bp.binary_cross_entropy.output_values(z, a, y, bp.sigmoid), [1000, 1000, np.exp(-40), np.exp(-40)], rtol=1e-15)
    assert_allclose(bp.binary_cross_entropy.output_error(z, a, y, bp.sigmoid), [[-1, 1, 0, 0]], atol=1e-17)
    z, y = np.array([[-1000.0, 0.0], [1000.0, 0.0]]), np.array([[1.0, 1.0], [0.0, 0.0]])
    a = bp.softmax(z)
    assert_allclose(bp.cross_entropy.output_values(z, a, y, bp.softmax), [2000, np.log(2)], rtol=1e-15)
    assert_allclose(bp.cross_entropy.output_error(z, a, y, bp.softmax), [[-1, -0.5], [1, 0.5]])


@pytest.mark.parametrize("cost", COSTS, **named)
@given(a=hnp.array_shapes(min_dims=1, max_dims=2, max_side=4), y=hnp.array_shapes(min_dims=1, max_dims=2, max_side=4))
def test_shapes_that_differ_are_refused_before_they_broadcast(cost, a, y):
    if a == y:
        assert cost(np.full(a, 0.5), np.full(y, 0.5)) >= 0
        return
    for method in (cost, cost.per_example, cost.gradient):
        with pytest.raises(ValueError, match="the shape of the output a") as error:
            method(np.full(a, 0.5), np.full(y, 0.5))
        assert str(y) in str(error.value)
        assert str(a) in str(error.value)


@pytest.mark.parametrize(
    ("cost", "a", "y", "message"),
    [
        (bp.binary_cross_entropy, 0.5, 2.0, r"binary_cross_entropy: y contains 2, expected values in \[0, 1\]"),
        (bp.binary_cross_entropy, -0.5, 1.0, r"binary_cross_entropy: a contains -0.5, expected values in \[0, 1\]"),
        (bp.cross_entropy, 0.5, -1.0, "cross_entropy: y contains -1, expected values ≥ 0"),
        (bp.cross_entropy, -0.5, 1.0, "cross_entropy: a contains -0.5, expected values ≥ 0"),
    ],
)
def test_logarithms_refuse_what_they_cannot_take(cost, a, y, message):
    for method in (cost, cost.gradient):
        with pytest.raises(ValueError, match=message):
            method(np.array([[a]]), np.array([[y]]))


@pytest.mark.parametrize("cost", COSTS, **named)
def test_cost_of_a_complex_output_is_complex_and_of_a_real_one_a_plain_float(cost):
    a, y = np.array([[0.5, 0.25]]), np.array([[1.0, 0.0]])
    assert type(cost(a, y)) is float
    assert type(cost(a + 1e-30j, y)) is complex


@pytest.mark.parametrize(
    ("labels", "hint"),
    [
        (np.array([0, 2, 1, 0]), r"class labels from 0 on: np.eye\(3\)\[:, labels\]"),
        (np.array([[1.0, 3.0, 2.0, 1.0]]), r"class labels from 1 on: np.eye\(3\)\[:, labels - 1\]"),
        (np.array([[0], [2], [1], [0]]), "class labels from 0 on"),
        (np.array([0.5, 2, 1, 0]), r"(m\)|column|output a)$"),
        (np.array([0, 4, 1, 0]), r"(m\)|column|output a)$"),
        (np.array([0, 2, 1]), r"(m\)|column|output a)$"),
    ],
)
def test_labels_in_place_of_one_hot_columns_are_told_what_to_be(labels, hint):
    net = bp.init([2, 3], output=bp.softmax, cost=bp.cross_entropy, rng=np.random.default_rng(0))
    x = np.zeros((2, 4))
    a = bp.predict(net, x)
    for call in (lambda: bp.cost_of(net, x, labels), lambda: net.cost(a, labels), lambda: bp.accuracy(a, labels)):
        with pytest.raises(ValueError, match=hint) as raised:
            call()
        assert "\n" not in str(raised.value)


def test_the_one_hot_columns_that_labels_are_told_to_be_are_right():
    assert_array_equal(np.eye(3)[:, np.array([0, 2, 1])], [[1, 0, 0], [0, 0, 1], [0, 1, 0]])
