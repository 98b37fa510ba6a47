"""Forward and backward pass against autograd over cost × activation × depth × batch size; bad input one line each."""

from itertools import product

import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp

ACTIVATIONS = [bp.identity, bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.softmax]
# the logarithms need outputs between 0 and 1
OUTPUTS = [*product(ACTIVATIONS, [bp.quadratic]), *product([bp.sigmoid, bp.softmax], [bp.binary_cross_entropy, bp.cross_entropy])]
# square and not square, so that a forgotten transpose fits somewhere and still shows
SIZES = [4, 3, 3, 5, 2]


def network(depth, *, activation=bp.sigmoid, output=None, cost=bp.quadratic, dtype=np.float64, seed=0):
    """A network with biases, too, away from zero."""
    rng = np.random.default_rng(seed)
    net = bp.init([*SIZES[:depth], 3], activation=activation, output=output, rng=rng, dtype=dtype)  # `init` refuses some pairs
    return bp.Network(net.W, [None, *(rng.normal(size=b.shape).astype(dtype) for b in net.b[1:])], net.activations, cost)


def data(net, m, seed=1):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(net.sizes[0], m)), oracle.targets(net.cost, (net.sizes[-1], m), rng)


@pytest.mark.parametrize(("output", "cost"), OUTPUTS, ids=repr)
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("depth", [1, 2, 3, 4])
def test_cost_and_every_gradient_agree_with_autograd(activation, output, cost, depth):
    net = network(depth, activation=activation, output=output, cost=cost)
    for m in (1, 2, 7):
        x, y = data(net, m)
        grads = bp.backward(net, bp.forward(net, x), y)
        want_cost, want = oracle.cost_and_gradients(net, x, y)
        assert_allclose(bp.cost_of(net, x, y), want_cost, rtol=1e-12)
        for l, (dW, db) in enumerate(want, start=1):
            # atol: sums of terms of order one, some of which cancel
            assert_allclose(grads.W[l], dW, rtol=1e-9, atol=1e-14, err_msg=f"W[{l}], m = {m}")
            assert_allclose(grads.b[l], db, rtol=1e-9, atol=1e-14, err_msg=f"b[{l}], m = {m}")


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_gradients_agree_with_complex_step_through_a_complex_network(activation):
    net = network(3, activation=activation)
    x, y = data(net, 5)
    grads = bp.backward(net, bp.forward(net, x), y)
    for l in range(1, net.L + 1):
        for j, k in np.ndindex(net.W[l].shape):
            W = [None, *(w.astype(complex) for w in net.W[1:])]
            W[l][j, k] += 1e-30j
            stepped = bp.Network(W, [None, *(b.astype(complex) for b in net.b[1:])], net.activations, net.cost)
            assert_allclose(grads.W[l][j, k], bp.cost_of(stepped, x, y).imag / 1e-30, rtol=1e-11, atol=1e-15)


def test_delta_is_per_example_and_one_over_m_stands_in_the_gradients_alone():
    net = network(3)
    x, y = data(net, 7)
    grads = bp.backward(net, bp.forward(net, x), y)
    single = [bp.backward(net, bp.forward(net, x[:, [i]]), y[:, [i]]) for i in range(7)]
    for l in range(1, net.L + 1):
        assert_allclose(grads.delta[l], np.hstack([one.delta[l] for one in single]), rtol=1e-12)
        assert_allclose(grads.W[l], np.mean([one.W[l] for one in single], axis=0), rtol=1e-11, atol=1e-16)
        assert_allclose(grads.b[l], np.mean([one.b[l] for one in single], axis=0), rtol=1e-11, atol=1e-16)


def test_lists_are_indexed_by_layer():
    net = network(3)
    x, y = data(net, 4)
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    assert net.W[0] is net.b[0] is net.activations[0] is cache.z[0] is grads.delta[0] is grads.W[0] is grads.b[0] is None
    assert_array_equal(cache.a[0], x)
    for l in range(1, net.L + 1):
        assert_allclose(cache.z[l], net.W[l] @ cache.a[l - 1] + net.b[l], rtol=1e-15)
        assert_array_equal(cache.a[l], net.activations[l](cache.z[l]))
        assert grads.delta[l].shape == cache.z[l].shape
        assert grads.W[l].shape == net.W[l].shape
        assert grads.b[l].shape == net.b[l].shape
    assert_array_equal(bp.predict(net, x), cache.output)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=repr)
def test_float32_stays_float32_whatever_the_data_is(activation):
    net = network(3, activation=activation, dtype=np.float32)
    x, y = data(net, 4)
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    assert {array.dtype for array in (*cache.a, *cache.z[1:], *grads.delta[1:], *grads.W[1:], *grads.b[1:])} == {np.dtype(np.float32)}
    double = network(3, activation=activation)
    # rtol, atol: float32 carries seven digits
    assert_allclose(grads.W[1], bp.backward(double, bp.forward(double, x), y).W[1], rtol=1e-4, atol=1e-6)


def test_whole_numbers_and_booleans_are_data():
    net = network(2)
    x = np.array([[0, 1], [1, 1], [0, 0], [1, 0]])
    assert_array_equal(bp.predict(net, x), bp.predict(net, x.astype(float)))
    assert_array_equal(bp.predict(net, x.astype(bool)), bp.predict(net, x.astype(float)))
    assert_array_equal(bp.predict(net, x.tolist()), bp.predict(net, x.astype(float)))


def test_nothing_is_mutated():
    net = network(3)
    x, y = data(net, 4)
    arrays = [x, y, *net.W[1:], *net.b[1:]]
    before = [array.copy() for array in arrays]
    bp.backward(net, bp.forward(net, x), y)
    bp.cost_of(net, x, y)
    for array, was in zip(arrays, before, strict=True):
        assert_array_equal(array, was)


@pytest.mark.parametrize("field", ["W", "b", "activations", "cost"])
def test_a_network_is_frozen(field):
    with pytest.raises(AttributeError, match="cannot assign to field"):
        setattr(network(2), field, None)


# ── init ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("activation", "variance"),
    [(bp.sigmoid, 1), (bp.tanh, 1), (bp.identity, 1), (bp.softplus, 1), (bp.softmax, 1), (bp.relu, 2), (bp.leaky_relu.with_slope(0.5), 1.6)],
    ids=repr,
)
def test_init_scales_the_weights_by_the_inputs_and_leaves_biases_at_zero(activation, variance):
    net = bp.init([400, 300, 5], activation=activation, rng=np.random.default_rng(0))
    # rtol: the sample variance of 120,000 normal numbers strays by 0.4 %
    assert_allclose(net.W[1].var() * 400, variance, rtol=0.02)
    assert not net.b[1].any()
    assert not net.b[2].any()


def test_init_draws_the_same_weights_from_the_same_seed_in_either_precision():
    double = bp.init([4, 3, 2], rng=np.random.default_rng(7))
    again = bp.init([4, 3, 2], rng=np.random.default_rng(7))
    single = bp.init([4, 3, 2], rng=np.random.default_rng(7), dtype=np.float32)
    for l in (1, 2):
        assert_array_equal(double.W[l], again.W[l])
        assert_array_equal(double.W[l].astype(np.float32), single.W[l])


def test_init_gives_the_last_layer_its_own_activation():
    net = bp.init([4, 3, 2, 5], activation=bp.relu, output=bp.softmax, rng=np.random.default_rng(0))
    assert net.activations == (None, bp.relu, bp.relu, bp.softmax)
    assert (net.L, net.sizes, net.n_parameters) == (3, (4, 3, 2, 5), 15 + 8 + 15)


@pytest.mark.parametrize(
    ("net", "text"),
    [
        (network(1), "Network(4-3, sigmoid, quadratic, float64)"),
        (network(3, activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy), "Network(4-3-3-3, relu → softmax, cross_entropy, float64)"),
        (
            bp.Network(network(3).W, network(3).b, [None, bp.tanh, bp.relu, bp.sigmoid], bp.quadratic),
            "Network(4-3-3-3, tanh → relu → sigmoid, quadratic, float64)",
        ),
        (
            bp.Network(network(3).W, network(3).b, [None, bp.relu, bp.tanh, bp.tanh], bp.quadratic),
            "Network(4-3-3-3, relu → tanh → tanh, quadratic, float64)",
        ),
    ],
)
def test_repr_of_a_network_is_one_short_line(net, text):
    assert repr(net) == text


def test_repr_of_cache_and_gradients_is_one_short_line():
    net = network(2)
    x, y = data(net, 5)
    cache = bp.forward(net, x)
    assert repr(cache) == "Cache(layers 4-3-3, m = 5)"
    assert repr(bp.backward(net, cache, y)).startswith("Gradients(layers 3-3, m = 5; ‖∂C/∂W‖ by layer: 0.")


@pytest.mark.parametrize(
    "sizes", [[784], [], [3, 0], [3, -1, 2], [2.5, 3], "34", 5, None, [3, None], [[3], [2]], [3, np.nan], np.zeros((2, 2))], ids=repr
)
def test_init_refuses_sizes_that_are_none(sizes):
    with pytest.raises(ValueError, match=r"sizes is .*expected at least two whole numbers above 0"):
        bp.init(sizes, rng=np.random.default_rng(0))


@pytest.mark.parametrize("rng", [0, None, np.random.RandomState(0), np.random], ids=["int", "None", "RandomState", "module"])
def test_init_wants_a_generator(rng):
    with pytest.raises(TypeError, match=r"init: rng is of type \w+, expected a Generator such as np.random.default_rng\(0\)"):
        bp.init([2, 2], rng=rng)


def test_init_refuses_what_is_no_activation_cost_or_dtype():
    rng = np.random.default_rng(0)
    with pytest.raises(TypeError, match=r"activations\[1\] is of type ufunc, expected an Activation such as bp.sigmoid"):
        bp.init([2, 2], activation=np.tanh, rng=rng)
    with pytest.raises(TypeError, match=r"cost is of type str, expected a Cost such as bp.quadratic"):
        bp.init([2, 2], cost="quadratic", rng=rng)
    with pytest.raises(TypeError, match="dtype is int64, expected float64 or float32"):
        bp.init([2, 2], rng=rng, dtype=int)


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.zeros(4), ValueError, r"x has shape \(4,\), expected \(4, m\), one example per column; a single example is x\[:, None\]"),
        (np.zeros((7, 4)), ValueError, r"x has shape \(7, 4\), expected \(4, m\).*; its examples seem to lie in rows, so pass x.T"),
        (np.zeros((5, 7)), ValueError, r"x has shape \(5, 7\), expected \(4, m\), one example per column$"),
        (np.zeros((4, 7, 1)), ValueError, r"x has shape \(4, 7, 1\), expected \(4, m\)"),
        (np.zeros((4, 0)), ValueError, r"x has shape \(4, 0\), expected at least one example"),
        (3.0, ValueError, r"x has shape \(\), expected \(4, m\)"),
        ([[1.0, 2.0], [3.0]], ValueError, "x is a list whose rows differ in length"),
        (np.full((4, 2), 1j), TypeError, "x has dtype complex128, expected real numbers"),
        (np.full((4, 2), None), TypeError, "x has dtype object, expected real numbers"),
        (np.full((4, 2), "1"), TypeError, "x has dtype <U1, expected real numbers"),
        (None, TypeError, "x has dtype object, expected real numbers"),
    ],
)
def test_forward_says_what_is_wrong_with_x(x, error, message):
    with pytest.raises(error, match=message) as raised:
        bp.forward(network(2), x)
    assert "\n" not in str(raised.value)


@given(
    x=hnp.arrays(np.float64, (4, 3), elements=st.floats(-1, 1)),
    row=st.integers(0, 3),
    column=st.integers(0, 2),
    bad=st.sampled_from([np.nan, np.inf, -np.inf]),
)
def test_forward_says_where_x_is_not_finite(x, row, column, bad):
    x[row, column] = bad
    with pytest.raises(ValueError, match=rf"^x is {bad} in row {row}, column {column}, expected finite numbers$"):
        bp.forward(network(2), x)


def test_numbers_that_float32_cannot_hold_are_refused_without_a_warning(recwarn):
    with pytest.raises(ValueError, match="x is inf in row 0, column 0, expected finite numbers"):
        bp.forward(network(1, dtype=np.float32), np.full((4, 2), 1e300))
    assert not recwarn


@given(shape=hnp.array_shapes(min_dims=0, max_dims=3, max_side=8))
def test_forward_takes_columns_of_the_right_length_and_nothing_else(shape):
    net = network(2)
    if len(shape) == 2 and shape[0] == 4:
        assert bp.predict(net, np.zeros(shape)).shape == (3, shape[1])
    else:
        with pytest.raises(ValueError, match=r"expected \(4, m\), one example per column"):
            bp.forward(net, np.zeros(shape))


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (np.zeros(3), ValueError, r"y has shape \(3,\), expected \(3, 5\), one example per column"),
        (np.zeros((3, 1)), ValueError, r"y has shape \(3, 1\), expected \(3, 5\)"),
        (np.zeros((1, 5)), ValueError, r"y has shape \(1, 5\), expected \(3, 5\)"),
        (np.zeros((5, 3)), ValueError, r"y has shape \(5, 3\), expected \(3, 5\).*so pass y.T"),
        (np.full((3, 5), np.nan), ValueError, "y is nan in row 0, column 0, expected finite numbers"),
        (np.full((3, 5), 1j), TypeError, "y has dtype complex128"),
    ],
)
def test_backward_and_cost_of_say_what_is_wrong_with_y(y, error, message):
    net = network(2)
    x = np.zeros((4, 5))
    with pytest.raises(error, match=message):
        bp.backward(net, bp.forward(net, x), y)
    with pytest.raises(error, match=message):
        bp.cost_of(net, x, y)


def test_backward_refuses_the_cache_of_another_network():
    other = bp.init([4, 5, 3], rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match="the cache is of layers 4-5-3, expected 4-3-3: it comes from another network"):
        bp.backward(network(2), bp.forward(other, np.zeros((4, 2))), np.zeros((3, 2)))


W1, B1 = np.zeros((3, 2)), np.zeros((3, 1))


@pytest.mark.parametrize(
    ("W", "b", "activations", "message"),
    [
        ([W1], [B1], [bp.sigmoid], "have lengths 1, 1 and 1, expected one length L"),
        ([None, W1], [None], [None, bp.sigmoid], "have lengths 2, 1 and 2"),
        ([W1, W1], [None, B1], [None, bp.sigmoid], r"W\[0\] is of type ndarray, expected None"),
        ([None, W1], [None, B1[:, 0]], [None, bp.sigmoid], r"b\[1\] has shape \(3,\), expected \(3, 1\)"),
        ([None, W1, W1], [None, B1, B1], [None, bp.sigmoid, bp.sigmoid], r"W\[2\] has shape \(3, 2\), expected \(3, 3\)"),
        ([None, W1[0]], [None, B1], [None, bp.sigmoid], r"W\[1\] has shape \(2,\), expected \(2, n_0\)"),
        ([None, W1.astype(int)], [None, B1], [None, bp.sigmoid], r"W\[1\] is of type int64, expected an array of floats"),
        ([None, W1], [None, B1.astype(np.float32)], [None, bp.sigmoid], r"b\[1\] is of type float32, expected an array of floats, of one dtype"),
        ([None, W1.tolist()], [None, B1], [None, bp.sigmoid], r"W\[1\] is of type list, expected an array of floats"),
    ],
)
def test_a_network_of_parts_that_do_not_fit_is_refused(W, b, activations, message):
    with pytest.raises((ValueError, TypeError), match=message):
        bp.Network(W, b, activations)


@pytest.mark.parametrize(
    ("sizes", "output", "cost", "why"),
    [
        ([2, 3], bp.sigmoid, bp.cross_entropy, "a probability of its own.*output=softmax, or cost=binary_cross_entropy"),
        ([2, 1], bp.softmax, bp.cross_entropy, "a single softmax output is always 1"),
        ([2, 1], bp.softmax, bp.binary_cross_entropy, "a single softmax output is always 1"),
        ([2, 1], bp.softmax, bp.quadratic, "a single softmax output is always 1"),
        ([2, 3], bp.relu, bp.cross_entropy, "relu outputs reach from 0 to inf.*use output=softmax"),
        ([2, 3], bp.softplus, bp.cross_entropy, "softplus outputs reach from 0 to inf"),
        ([2, 3], bp.tanh, bp.binary_cross_entropy, "tanh outputs reach from -1 to 1.*use output=sigmoid"),
        ([2, 3], bp.identity, bp.binary_cross_entropy, "identity outputs reach from -inf to inf"),
        ([2, 3], bp.leaky_relu, bp.binary_cross_entropy, "leaky_relu outputs reach"),
    ],
)
def test_outputs_that_the_cost_is_not_made_for_are_refused_with_the_reason(sizes, output, cost, why):
    with pytest.raises(ValueError, match=f"^init: .*{why}"):
        bp.init(sizes, output=output, cost=cost, rng=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("output", "cost"), [(bp.sigmoid, bp.binary_cross_entropy), (bp.softmax, bp.cross_entropy), (bp.softmax, bp.binary_cross_entropy)]
)
def test_outputs_that_the_cost_is_made_for_are_taken(output, cost):
    assert bp.init([2, 3], output=output, cost=cost, rng=np.random.default_rng(0)).cost is cost


@pytest.mark.parametrize("activation", [bp.identity, bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.softmax], ids=repr)
def test_no_output_leaves_its_reach(activation):
    a = activation(np.random.default_rng(0).normal(scale=100, size=(3, 500)))
    low, high = activation.reach
    assert low <= a.min() and a.max() <= high
