"""The batch norm widget in a real browser: keys, the slider, a drag, both modes, both schemes, a narrow page."""

from __future__ import annotations

import pytest
from widget_page import fits, said

import bpkit as bp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.normalisation_and_residuals()


def test_keys_move_the_example_and_change_the_mode(page, widget):
    steps, start = widget.state["steps"], widget.state["start"]
    assert said(page) == steps[start]["training"]["say"]
    page.keyboard.press("ArrowRight")
    assert said(page) == steps[start + 1]["training"]["say"]
    page.keyboard.press("t")
    assert said(page) == steps[start + 1]["evaluation"]["say"]
    assert page.locator(".bpkit-batch rect").count() == 8  # the direct path and the sum, of four examples
    page.keyboard.press("End")
    assert said(page) == steps[-1]["evaluation"]["say"]
    page.keyboard.press("T")
    page.keyboard.press("Home")
    assert said(page) == steps[0]["training"]["say"]
    assert page.locator(".bpkit-batch rect").count() == 16
    page.get_by_role("button", name="Reset").click()
    assert said(page) == steps[start]["training"]["say"]


def test_the_example_is_dragged(page, widget):
    box = page.locator(".bpkit-batch").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.957, box["y"] + box["height"] / 8, steps=4)
    page.mouse.up()
    assert said(page) == widget.state["steps"][-1]["training"]["say"]


def test_the_mode_buttons_say_which_is_pressed(page):
    page.get_by_role("button", name="evaluation").click()
    assert page.get_by_role("button", name="evaluation").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="training").get_attribute("aria-pressed") == "false"


def test_nothing_is_cut_off_on_a_narrow_page(page):
    page.set_viewport_size({"width": 480, "height": 900})
    page.keyboard.press("End")
    assert fits(page)
