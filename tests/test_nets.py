"""The running nets stay what the lessons say they are; a guess is shown, not judged."""

import numpy as np
import pytest

import bpkit as bp


def test_the_running_nets_share_their_second_layer_and_so_their_errors():
    ours, x, y = bp.nets.two_three_two()
    other, other_x, other_y = bp.nets.three_three_two()
    assert ours.sizes == (2, 3, 2) and other.sizes == (3, 3, 2)
    np.testing.assert_array_equal(ours.W[2], other.W[2])
    delta = bp.backward(ours, bp.forward(ours, x), y).delta
    other_delta = bp.backward(other, bp.forward(other, other_x), other_y).delta
    np.testing.assert_allclose(delta[1], other_delta[1], rtol=1e-12)


def test_the_running_nets_are_the_same_every_time_and_can_be_changed_without_harm():
    first, second = bp.nets.two_three_two(), bp.nets.two_three_two()
    first.net.W[2][:] = 0
    first.y[:] = 7
    third = bp.nets.two_three_two()
    np.testing.assert_array_equal(second.net.W[2], third.net.W[2])
    np.testing.assert_array_equal(second.y, third.y)


def test_no_fixture_of_the_running_nets_hides_a_mistake():
    """Weights of both signs, no symmetry in the square matrix, no two slopes alike."""
    net, x, _ = bp.nets.three_three_two()
    W = net.W[1]
    assert not np.allclose(W, W.T)
    for l in (1, 2):
        assert (net.W[l] > 0).any() and (net.W[l] < 0).any()
    slopes = bp.sigmoid.prime(bp.forward(net, x).z[1]).ravel()
    assert len(set(slopes.round(3))) == 3


def test_a_deep_net_of_another_scale_has_the_same_directions():
    small, large = bp.nets.deep(3, scale=1.0), bp.nets.deep(3, scale=4.0)
    for l in (1, 2, 3):
        np.testing.assert_allclose(4 * small.net.W[l], large.net.W[l], rtol=1e-12)
    np.testing.assert_array_equal(small.x, large.x)
    assert np.std(small.net.W[1]) == pytest.approx(1 / np.sqrt(30), rel=0.1)  # 900 draws: 2 % of scatter


@pytest.mark.parametrize(("guess", "shown"), [(..., "none yet"), ("neuron 3", "neuron 3"), (0.123456, "0.1235"), (None, "None")])
def test_a_guess_is_shown_beside_the_measurement(guess, shown):
    text = repr(bp.beside(guess, np.float64(0.25)))
    assert shown in text.splitlines()[0]
    assert text.splitlines()[1].endswith("0.25")
