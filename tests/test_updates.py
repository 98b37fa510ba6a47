"""Training steps against their formulas written out for one flat vector, and against what they must not touch."""

from itertools import pairwise

import numpy as np
import oracle
import pytest
from autograd.misc.optimizers import adam as autograd_adam
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp


@pytest.fixture
def net():
    return bp.init([3, 4, 2], activation=bp.tanh, rng=np.random.default_rng(0))


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return rng.normal(size=(3, 5)), rng.normal(size=(2, 5))


def flat(holder):
    """Every parameter of a network, a gradient or a velocity, in one vector."""
    return np.concatenate([array.ravel() for array in (*holder.W[1:], *holder.b[1:])])


def like(net, vector):
    """The network with these parameters."""
    arrays = [*net.W[1:], *net.b[1:]]
    parts = np.split(vector, np.cumsum([array.size for array in arrays])[:-1])
    shaped = [part.reshape(array.shape) for part, array in zip(parts, arrays, strict=True)]
    return bp.Network([None, *shaped[: net.L]], [None, *shaped[net.L :]], net.activations, net.cost)


def gradients(net, data):
    x, y = data
    return bp.backward(net, bp.forward(net, x), y)


def gradient_at(net, vector, data):
    """The oracle's gradient, in one vector."""
    _, layers = oracle.cost_and_gradients(like(net, vector), *data)
    return np.concatenate([*(dW.ravel() for dW, _ in layers), *(db.ravel() for _, db in layers)])


def walk(net, data, step, steps=6):
    """The parameters after each step."""
    state, path = None, [flat(net)]
    for _ in range(steps):
        net, state = step(net, gradients(net, data), state)
        path.append(flat(net))
    return path


def test_sgd_is_w_minus_eta_times_gradient(net, data):
    w = flat(net)
    for before, after in pairwise(walk(net, data, lambda net, grads, _: (bp.sgd(net, grads, eta=0.3), None))):
        assert_array_equal(before, w)
        w = w - 0.3 * gradient_at(net, w, data)
        assert_allclose(after, w, rtol=1e-10)
        w = after


def test_momentum_adds_up_a_velocity(net, data):
    w, v = flat(net), 0.0
    for after in walk(net, data, lambda net, grads, state: bp.momentum(net, grads, state, eta=0.1, mu=0.8))[1:]:
        v = 0.8 * v - 0.1 * gradient_at(net, w, data)
        w = w + v
        assert_allclose(after, w, rtol=1e-10)


def test_nesterov_holds_the_place_ahead_of_the_textbook_iteration(net, data):
    # the textbook: v ← μ v - η ∇C(θ + μ v), θ ← θ + v; the network in hand is θ + μ v
    theta, v = flat(net), 0.0
    for after in walk(net, data, lambda net, grads, state: bp.nesterov(net, grads, state, eta=0.1, mu=0.8))[1:]:
        v = 0.8 * v - 0.1 * gradient_at(net, theta + 0.8 * v, data)
        theta = theta + v
        assert_allclose(after, theta + 0.8 * v, rtol=1e-10)


def test_adam_agrees_with_its_formula_with_bias_corrections(net, data):
    w, m, s = flat(net), 0.0, 0.0
    settings = {"eta": 0.02, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}
    for t, after in enumerate(walk(net, data, lambda net, grads, state: bp.adam(net, grads, state, **settings))[1:], start=1):
        g = gradient_at(net, w, data)
        m, s = 0.8 * m + 0.2 * g, 0.95 * s + 0.05 * g**2
        w = w - 0.02 * (m / (1 - 0.8**t)) / (np.sqrt(s / (1 - 0.95**t)) + 1e-3)
        assert_allclose(after, w, rtol=1e-10)


def test_adam_agrees_with_autograds_own(net, data):
    want = autograd_adam(lambda w, _: gradient_at(net, w, data), flat(net), num_iters=6, step_size=0.01)
    got = walk(net, data, lambda net, grads, state: bp.adam(net, grads, state, eta=0.01))[-1]
    assert_allclose(got, want, rtol=1e-10)


def test_adams_first_step_has_length_eta_whatever_the_gradients_size(net, data):
    grads = gradients(net, data)
    after, _ = bp.adam(net, grads, eta=0.01)
    # rtol: ε / |g| of the smallest gradient entry
    assert_allclose(flat(net) - flat(after), 0.01 * np.sign(flat(grads)), rtol=1e-4)


@pytest.mark.parametrize("step", [bp.momentum, bp.nesterov], ids=lambda step: step.__name__)
def test_without_memory_momentum_and_nesterov_are_sgd(step, net, data):
    want = walk(net, data, lambda net, grads, _: (bp.sgd(net, grads, eta=0.2), None))
    got = walk(net, data, lambda net, grads, state: step(net, grads, state, eta=0.2, mu=0.0))
    assert_allclose(got, want, rtol=1e-13)


@pytest.mark.parametrize("cost", [bp.quadratic, bp.binary_cross_entropy], ids=repr)
def test_l1_and_l2_add_the_gradient_of_the_penalty_to_weights_alone(cost):
    net = bp.init([3, 4, 2], cost=cost, rng=np.random.default_rng(0))
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(3, 5)), rng.uniform(size=(2, 5))
    grads = bp.backward(net, bp.forward(net, x), y)
    both = bp.l1(net, bp.l2(net, grads, 0.3), 0.7)
    for l in (1, 2):
        assert_array_equal(both.b[l], grads.b[l])
        assert_array_equal(both.delta[l], grads.delta[l])
        for j, k in np.ndindex(net.W[l].shape):
            ends = []
            for h in (1e-5, -1e-5):
                W = [None, *(w.copy() for w in net.W[1:])]
                W[l][j, k] += h
                ends.append(bp.penalty(bp.Network(W, net.b, net.activations, net.cost), l1=0.7, l2=0.3))
            # rtol: what a central difference of step 1e-5 can see
            assert_allclose(both.W[l][j, k] - grads.W[l][j, k], (ends[0] - ends[1]) / 2e-5, rtol=1e-8)


def test_l1_leaves_a_weight_of_zero_in_peace(net, data):
    net.W[1][0, 0] = 0.0
    grads = gradients(net, data)
    assert bp.l1(net, grads, 0.5).W[1][0, 0] == grads.W[1][0, 0]


def test_penalty_counts_weights_and_no_bias(net):
    heavy = bp.Network(net.W, [None, *(b + 5.0 for b in net.b[1:])], net.activations, net.cost)
    w = np.concatenate([W.ravel() for W in net.W[1:]])
    assert_allclose(bp.penalty(heavy, l1=0.5, l2=0.25), 0.5 * abs(w).sum() + 0.125 * (w @ w), rtol=1e-14)


@pytest.mark.parametrize("step", [bp.momentum, bp.nesterov, bp.adam], ids=lambda step: step.__name__)
def test_steps_change_neither_network_nor_gradients_nor_state(step, net, data):
    grads = gradients(net, data)
    _, state = step(net, grads, eta=0.1)
    holders = [net, grads, *((state,) if step is not bp.adam else (state.mean, state.square))]
    before = [flat(holder) for holder in holders]
    after, later = step(net, grads, state, eta=0.1)
    bp.sgd(net, bp.l1(net, bp.l2(net, grads, 0.1), 0.1), eta=0.1)
    for holder, was in zip(holders, before, strict=True):
        assert_array_equal(flat(holder), was)
    assert after is not net
    assert later is not state


@pytest.mark.parametrize("step", [bp.sgd, bp.momentum, bp.nesterov, bp.adam], ids=lambda step: step.__name__)
def test_float32_stays_float32(step, data):
    net = bp.init([3, 4, 2], rng=np.random.default_rng(0), dtype=np.float32)
    after = step(net, gradients(net, data), eta=0.1)
    assert (after[0] if isinstance(after, tuple) else after).dtype == np.float32


@given(eta=st.one_of(st.floats(max_value=0), st.sampled_from([np.nan, np.inf])))
def test_a_learning_rate_must_be_above_zero(eta):
    net = bp.init([3, 2], rng=np.random.default_rng(0))
    grads = bp.backward(net, bp.forward(net, np.ones((3, 1))), np.ones((2, 1)))
    for step in (bp.sgd, bp.momentum, bp.nesterov, bp.adam):
        with pytest.raises(ValueError, match=r"eta is .*, expected a finite number above 0"):
            step(net, grads, eta=eta)


def test_settings_out_of_range_are_named(net, data):
    grads = gradients(net, data)
    with pytest.raises(ValueError, match=r"mu is 1\.0, expected 0 or above, and below 1"):
        bp.momentum(net, grads, eta=0.1, mu=1.0)
    with pytest.raises(ValueError, match=r"beta2 is -0\.1"):
        bp.adam(net, grads, beta2=-0.1)
    with pytest.raises(ValueError, match="l2 is -1, expected a finite number, 0 or above"):
        bp.l2(net, grads, -1)


def test_gradients_of_another_network_are_refused(net, data):
    other = bp.init([3, 5, 2], rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=r"the gradients' W have shapes .*\(5, 3\).*: they belong to another network"):
        bp.sgd(net, gradients(other, data), eta=0.1)


def test_reprs_are_short(net, data):
    grads = gradients(net, data)
    assert repr(bp.momentum(net, grads, eta=0.1)[1]) == "Velocity(layers 1 to 2)"
    assert repr(bp.adam(net, grads)[1]) == "AdamState(layers 1 to 2, t = 1)"
