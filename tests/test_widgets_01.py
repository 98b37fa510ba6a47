"""The forward-pass widget without a browser: where it starts, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.widgets._forward_pass import state

NET, X, _ = nets.three_three_two()


@pytest.mark.parametrize("activation", [bp.sigmoid, bp.tanh, bp.relu, bp.identity], ids=repr)
def test_the_state_starts_where_forward_does(activation):
    rng = np.random.default_rng(2)
    net = bp.init([4, 3, 2], activation=activation, rng=rng)
    x = rng.normal(size=(4, 1))
    start, cache = state(net, x), bp.forward(net, x)
    assert start["activations"] == [None, activation.name, activation.name]
    for l in (1, 2):
        assert start["W"][l] == net.W[l].tolist() and start["b"][l] == net.b[l][:, 0].tolist()
        assert start["z"][l] == cache.z[l][:, 0].tolist() and start["a"][l] == cache.a[l][:, 0].tolist()
    assert start["x"] == start["a"][0] == x[:, 0].tolist()
    json.dumps(start, allow_nan=False)


def test_the_sliders_reach_beyond_every_number():
    net = bp.Network((None, np.array([[7.5, -2.0]])), (None, np.array([[0.5]])), (None, bp.sigmoid), bp.quadratic)
    reach = state(net, np.array([[1.0], [-9.2]]))["reach"]
    assert reach == {"input": 10.0, "parameter": 8.0}
    assert state(NET, X)["reach"] == {"input": 3.0, "parameter": 4.0}


def test_the_words_hold_every_sum():
    words = str(bp.widgets.forward_pass(NET, X[:, 0]))
    assert "z¹₁ = 0.500 × 1.00 − 1.00 × 2.00 + 1.00 × −1.00 + 1.50 = −1.00, a¹₁ = 0.269" in words
    assert words.count("z²") == 2


@pytest.mark.parametrize(
    ("net", "x", "message"),
    [
        (bp.init([6, 2], rng=np.random.default_rng(0)), np.ones((6, 1)), "up to 5 layers of up to 5 neurons, found 6-2"),
        (bp.init([2, 2], output=bp.softmax, rng=np.random.default_rng(0)), np.ones((2, 1)), "found softmax"),
        (NET, np.ones((3, 2)), r"x has shape \(3, 2\), expected one example, \(3, 1\)"),
        (NET, np.ones((1, 3)), r"x has shape \(1, 3\)"),
    ],
)
def test_what_it_cannot_draw_it_refuses_in_words(net, x, message):
    with pytest.raises(ValueError, match=message):
        bp.widgets.forward_pass(net, x)
