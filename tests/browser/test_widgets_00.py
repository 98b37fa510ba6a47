"""The names widget in a real browser, as a page without a kernel."""

from __future__ import annotations

import pytest
from widget_page import fits, focus, said, where

import bpkit as bp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.notation(bp.nets.two_three_two().net)


def line(page, to, layer, start):
    """The middle of a line, where one would click."""
    box = page.get_by_role("button", name=f"line to {to} of layer {layer} from {start}").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_a_line_that_is_clicked_says_its_names(page):
    line(page, 3, 1, 2)
    assert said(page).startswith("The weight to neuron 3 of layer 1 from neuron 2 of layer 0.")
    table = page.locator(".bpkit-names tbody").inner_text()
    assert "W[1][2, 1]" in table and page.locator(".bpkit-names td code").count() == 1


def test_arrows_go_from_neurons_to_lines_to_neurons(page):
    page.keyboard.press("ArrowRight")
    assert said(page).startswith("Neuron 2 of layer 2.")
    page.keyboard.press("ArrowUp")
    assert said(page).startswith("Neuron 1 of layer 2.")
    for _ in range(9):
        page.keyboard.press("ArrowLeft")
    assert said(page).startswith("Input 1;")
    assert page.locator(".bpkit-names thead th").all_text_contents() == ["", "activation"]


def test_while_it_asks_it_shows_no_names_until_the_answer_is_right(page, widget):
    question = widget.state["questions"][0]
    item = widget.state["columns"][question["column"]]["items"][question["item"]]
    page.get_by_role("button", name="Ask me").click()
    assert page.locator(".bpkit-names").count() == 0 and "which line is w¹₃₂" in said(page)
    line(page, 2, 2, 1)
    assert said(page) == "Not that one. The weight to neuron 2 of layer 2 from neuron 1 of layer 1. In this course it is called w²₂₁."
    assert page.locator(".bpkit-names").count() == 0
    line(page, item["j"] + 1, widget.state["columns"][question["column"]]["layer"], item["k"] + 1)
    assert said(page) == f"Right. {item['say']}" and page.locator(".bpkit-names").count() == 1
    page.get_by_role("button", name="Next question").click()
    assert where(page) == "Question 2 of 10"


def test_it_is_answered_by_keyboard_alone(page):
    page.get_by_role("button", name="Ask me").press("Enter")
    focus(page)
    for key in ("ArrowLeft", "ArrowLeft", "ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        assert "which line is" in said(page)
    page.keyboard.press("Enter")
    assert said(page) == "Right. The weight to neuron 3 of layer 1 from neuron 2 of layer 0."


@pytest.mark.parametrize("width", [480, 800, 1200, 1920])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
        assert fits(page)
