"""Lesson 15's widget without a browser: its numbers, its words, its page, and what it refuses."""

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.widgets._loss_scale import FATES, state


def test_the_state_is_json_and_counts_every_gradient_once():
    made = state(0, 12)
    assert json.loads(json.dumps(made, allow_nan=False)) == made
    assert sum(each["count"] for each in made["bins"]) == made["total"] == 12 * 30 * 30
    for step in made["steps"]:
        assert sum(step["shares"].values()) == pytest.approx(1, abs=1e-12) and list(step["shares"]) == list(FATES)


def test_what_is_lost_is_what_numpy_s_float16_loses():
    net, x, y = nets.deep(12)
    dW = bp.backward(net, bp.forward(net, x), y).W[1:]
    for step in state(0, 12)["steps"]:
        with np.errstate(over="ignore"):
            half = [(part * 2.0 ** step["power"]).astype(np.float16) for part in dW]
        assert step["lost"] == [round(100 * np.mean((part == 0) | np.isinf(part))) for part in half]
        assert ("skipped" in step["say"]) == any(np.isinf(part).any() for part in half)


def test_the_bars_and_the_shares_agree():
    """What lies below 2^-25 becomes 0: the bars that the browser draws in orange."""
    made = state(0, 12)
    for step in made["steps"]:
        below = sum(each["count"] for each in made["bins"] if each["power"] + step["power"] < -25)
        assert below / made["total"] == pytest.approx(step["shares"]["zero"], abs=1e-9)


def test_a_larger_scale_loses_less_below_and_more_above():
    steps = state(0, 12)["steps"]
    zero, infinite = ([step["shares"][fate] for step in steps] for fate in ("zero", "infinite"))
    assert zero == sorted(zero, reverse=True) and infinite == sorted(infinite)
    assert zero[0] > 0.2 and zero[14] == infinite[14] == 0 and infinite[-1] > 0.2


def test_without_a_kernel_it_is_one_piece_of_html_that_asks_for_nothing():
    page = bp.widgets.loss_scale().to_html()
    assert page == bp.widgets.loss_scale().to_html()
    assert "src=" not in page.replace('src="data:', "") and "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_its_words_say_what_becomes_of_the_gradients():
    words = str(bp.widgets.loss_scale())
    assert "Scale 2⁰: of 10800 gradients 24 % become 0" in words
    assert "none becomes 0" in words and "skipped" in words.splitlines()[-1]


@pytest.mark.parametrize(("given", "said"), [({"start": 29}, "from 0 to 28"), ({"start": -1}, "from 0 to 28"), ({"layers": 1}, "from 2 to 16")])
def test_what_it_cannot_show_it_refuses_in_words(given, said):
    with pytest.raises(ValueError, match=said):
        bp.widgets.loss_scale(**given)
