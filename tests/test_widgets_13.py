"""Lesson 13's widget without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._attention import SCORES, VALUES, state


def test_every_size_of_block_ends_at_the_plain_result():
    s, v = np.array(SCORES), np.array(VALUES)
    e = np.exp(s)
    for run in state(SCORES, VALUES, 3)["runs"]:
        last = run["steps"][-1]
        assert last["result"] == pytest.approx(e @ v / e.sum(), rel=1e-12)
        assert last["m"] + np.log(last["l"]) == pytest.approx(np.log(e.sum()), rel=1e-12)
        assert last["seen"] == len(s)


def test_each_step_holds_the_sums_of_its_bars():
    for run in state(SCORES, VALUES, 2)["runs"]:
        for before, now in zip(run["steps"], run["steps"][1:], strict=False):
            assert now["l"] == pytest.approx(sum(now["terms"]), rel=1e-12)
            assert now["o"] == pytest.approx(np.dot(now["terms"], VALUES[: now["seen"]]), rel=1e-12)
            assert max(now["terms"]) == 1 and now["seen"] - now["fresh"] == before["seen"]
            if before["seen"]:
                np.testing.assert_allclose(now["terms"][: before["seen"]], np.array(before["terms"]) * now["kept"], rtol=1e-12)


def test_the_state_is_json_and_has_the_sizes_that_divide_the_keys_and_the_one_asked_for():
    begin = state(SCORES, VALUES, 3)
    assert json.loads(json.dumps(begin, allow_nan=False)) == begin
    assert [run["size"] for run in begin["runs"]] == [1, 2, 3, 4, 8] and begin["runs"][begin["start"]]["size"] == 3
    assert [step["seen"] for step in begin["runs"][2]["steps"]] == [0, 3, 6, 8]


def test_the_words_say_each_block():
    lines = str(bp.widgets.attention()).splitlines()
    assert lines[0] == "One query takes its keys in blocks, 2 keys in a block" and len(lines) == 6
    for line, step in zip(lines[2:], state(SCORES, VALUES, 2)["runs"][1]["steps"][1:], strict=True):
        assert number(step["l"]) in line and number(step["result"]) in line
    assert "stays 1.00, old sums stay" in str(bp.widgets.attention((1.0, 0.0), (1.0, 2.0), size=1))


def test_without_a_kernel_it_is_one_piece_of_html_with_a_picture_of_its_steps():
    pytest.importorskip("matplotlib")
    page = bp.widgets.attention().to_html()
    assert page == bp.widgets.attention().to_html()
    assert "After 2 of 8 keys: m = 0.600" in page[: page.index("<script")]
    # eight steps are too many side by side; the next size is drawn
    assert "After 2 of 8 keys" in bp.widgets.attention(size=1).to_html()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (((1.0,), (1.0,), 1), "1 scores and 1 values, expected as many of both, from 2 to 12"),
        (((1.0, 2.0), (1.0,), 1), "2 scores and 1 values"),
        (((1.0, 31.0), (1.0, 2.0), 1), "scores from -30 to 30"),
        (((1.0, float("nan")), (1.0, 2.0), 1), "scores from -30 to 30"),
        (((1.0, 2.0), (1.0, float("inf")), 1), "finite values"),
        (((1.0, 2.0), (1.0, 2.0), 3), "size is 3, expected a whole number from 1 to 2"),
    ],
)
def test_what_it_cannot_show_it_refuses_in_one_line(given, message):
    with pytest.raises(ValueError, match=message) as raised:
        bp.widgets.attention(*given)
    assert "\n" not in str(raised.value)
