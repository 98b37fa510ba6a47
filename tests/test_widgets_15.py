"""Lesson 15's widget without a browser: its numbers, its words, its page, and what it refuses."""

import json

import pytest
from bpkit.widgets._beyond_one_vjp import state

import bpkit as bp


def test_the_state_is_json_and_has_every_factor():
    assert json.loads(json.dumps(state(4), allow_nan=False)) == state(4)
    assert [step["title"] for step in state(4)["steps"]] == ["c = 1", "c = 2", "c = 3", "c = 4"]


def test_without_a_kernel_it_is_one_piece_of_html_that_asks_for_nothing():
    page = bp.widgets.beyond_one_vjp().to_html()
    assert page == bp.widgets.beyond_one_vjp().to_html()
    assert "src=" not in page.replace('src="data:', "") and "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_what_it_cannot_show_it_refuses_in_words():
    with pytest.raises(ValueError, match="from 1 to 9"):
        bp.widgets.beyond_one_vjp(10)
