"""Lesson 14's widget without a browser: its numbers, its words, its page, and what it refuses."""

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.widgets._weights_used_again import state

RNG = np.random.default_rng(14)
X, K, DELTA = RNG.normal(size=(4, 5)), RNG.normal(size=(2, 3)), RNG.normal(size=(3, 3))


def test_the_state_is_json_and_goes_through_every_place_in_three_ways():
    told = state(X, K, DELTA)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert [step["way"] for step in told["steps"]] == [None] + [0] * 9 + [1] * 9 + [2] * 9
    assert [step["place"] for step in told["steps"][1:10]] == [[i, j] for i in range(3) for j in range(3)]


def test_what_stands_at_the_end_of_each_way_is_bpkits():
    told = state(X, K, DELTA)["steps"]
    x, kernel, delta = X[None, :, :, None], K[None, None], DELTA[None, :, :, None]
    dx, dK, _ = bp.convolution_vjp(x, kernel, delta)
    np.testing.assert_allclose(told[9]["right"], bp.convolution(x, kernel, np.zeros((1, 1)))[0, :, :, 0])
    np.testing.assert_allclose(told[18]["left"], dx[0, :, :, 0])
    np.testing.assert_allclose(told[27]["middle"], dK[0, 0])


def test_what_is_not_computed_yet_is_not_told():
    told = state(X, K, DELTA)["steps"]
    known = [sum(value is not None for row in step["right"] for value in row) for step in told[:10]]
    assert known == list(range(10))


def test_each_way_back_grows_place_by_place_from_zero():
    told = state(X, K, DELTA)["steps"]
    for first, side, share in ((10, "left", lambda i, j: K * DELTA[i, j]), (19, "middle", lambda i, j: X[i : i + 2, j : j + 3] * DELTA[i, j])):
        before = np.zeros(np.shape(told[first][side]))
        for step in told[first : first + 9]:
            i, j = step["place"]
            grown = np.array(step[side]) - before
            patch = grown[i : i + 2, j : j + 3] if side == "left" else grown
            np.testing.assert_allclose(patch, share(i, j), atol=1e-12)
            np.testing.assert_allclose(np.abs(grown).sum(), np.abs(patch).sum())
            before = np.array(step[side])


def test_its_arrays_stay_as_they_were():
    before = [array.copy() for array in (X, K, DELTA)]
    bp.widgets.weights_used_again(X, K, DELTA)
    assert all(np.array_equal(one, other) for one, other in zip(before, (X, K, DELTA), strict=True))


def test_without_a_kernel_it_is_one_piece_of_html_that_asks_for_nothing():
    page = bp.widgets.weights_used_again().to_html()
    assert page == bp.widgets.weights_used_again().to_html()
    assert "src=" not in page.replace('src="data:', "") and "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("x", "K", "delta", "told"),
    [
        (np.ones((7, 2)), np.ones((1, 1)), np.ones((7, 2)), "up to 6×6"),
        (np.ones(3), np.ones((1, 1)), np.ones((1, 3)), "expected matrices"),
        (np.ones((3, 3)), np.ones((2, 2)), np.ones((3, 3)), r"delta has shape \(3, 3\), expected \(2, 2\)"),
        (np.ones((2, 2)), np.ones((3, 3)), np.ones((0, 0)), "places of"),
    ],
)
def test_what_it_cannot_show_it_refuses_in_words(x, K, delta, told):
    with pytest.raises(ValueError, match=told):
        bp.widgets.weights_used_again(x, K, delta)
