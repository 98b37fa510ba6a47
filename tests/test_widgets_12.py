"""Lesson 12's widget without a browser: its numbers, its words, its page, and what it refuses."""

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.widgets._normalisation_and_residuals import EPSILON, MODES, REACH, state

Z, G = (-1.0, -0.5, 1.75, 0.5), (-1.0, 1.0, -0.25, 1.0)
STATE = state(Z, G)
ROW, BACK = np.array([Z]), np.array([G])
ONE = np.ones((1, 1))


def test_the_state_is_json_and_begins_where_it_was_told():
    assert json.loads(json.dumps(STATE, allow_nan=False)) == STATE
    assert STATE["steps"][STATE["start"]]["z"] == list(Z)
    assert [step["z"][0] for step in STATE["steps"]] == np.arange(-REACH, REACH + 0.1, 0.25).tolist()
    assert all(step["z"][1:] == list(Z[1:]) for step in STATE["steps"])


def test_in_training_the_numbers_are_those_of_bpkit():
    for step in STATE["steps"]:
        z, told = np.array([step["z"]]), step["training"]
        np.testing.assert_allclose(told["zHat"], bp.batch_norm(z, ONE, 0 * ONE, EPSILON)[0], atol=1e-12)
        np.testing.assert_allclose(told["paths"][3], bp.batch_norm_vjp(z, ONE, BACK, EPSILON)[0][0], atol=1e-12)
        np.testing.assert_allclose(sum(np.array(path) for path in told["paths"][:3]), told["paths"][3], atol=1e-15)
        assert abs(sum(told["paths"][3])) < 1e-12 and len(set(told["paths"][1])) == 1


def test_in_evaluation_the_others_stand_still_and_only_the_direct_path_is_left():
    first = STATE["steps"][0]["evaluation"]
    for step in STATE["steps"]:
        told = step["evaluation"]
        assert told["zHat"][1:] == first["zHat"][1:] and told["paths"][0] == told["paths"][3] == first["paths"][3]
        assert not any(told["paths"][1]) and not any(told["paths"][2])
    here = STATE["steps"][STATE["start"]]
    np.testing.assert_allclose(here["evaluation"]["zHat"], here["training"]["zHat"])


def test_the_tables_of_the_still_picture_add_up_to_the_gradients():
    here = STATE["steps"][STATE["start"]]
    for mode in MODES:
        np.testing.assert_allclose(np.sum(STATE["tables"][mode], axis=0), here[mode]["paths"][3], atol=1e-12)
    assert np.count_nonzero(STATE["tables"]["evaluation"]) == 4 < np.count_nonzero(STATE["tables"]["training"])


def test_each_place_says_what_stands_there():
    text = str(bp.widgets.normalisation_and_residuals())
    assert text.count("training: ") == text.count("evaluation: ") == 3
    assert "add up to 0." in STATE["steps"][3]["training"]["say"] and "Only the direct path" in STATE["steps"][3]["evaluation"]["say"]


def test_the_largest_number_is_the_largest_of_all_places():
    assert STATE["largest"] == max(abs(v) for step in STATE["steps"] for mode in MODES for row in step[mode]["paths"] for v in row)


def test_without_a_kernel_it_is_one_piece_of_html_that_asks_for_nothing():
    page = bp.widgets.normalisation_and_residuals().to_html()
    assert page == bp.widgets.normalisation_and_residuals().to_html()
    assert "src=" not in page.replace('src="data:', "") and "http" not in page.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("z", "g", "words"),
    [
        ((1.0, 2.0), (1.0, 1.0), "expected 3 to 6 numbers"),
        ((1.0, 2.0, 3.0), (1.0, 1.0), r"expected \(3,\), a number for each example"),
        ((1.0, 2.0, 5.0), (1.0, 1.0, 1.0), "z holds 5, expected numbers from -4 to 4"),
        ((1.0, 2.0, 3.0), (1.0, np.nan, 1.0), "g holds nan"),
        ((1.0, 2.0, 2.0), (1.0, 1.0, 1.0), "all equal"),
    ],
)
def test_what_it_cannot_show_it_refuses_in_words(z, g, words):
    with pytest.raises(ValueError, match=words):
        bp.widgets.normalisation_and_residuals(z, g)
