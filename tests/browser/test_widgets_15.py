"""The widget of the loss scale in a real browser, as a page without a kernel."""

from __future__ import annotations

import pytest
from widget_page import fits, said

import bpkit as bp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.loss_scale()


def test_keys_move_the_scale_and_the_bars_with_it(page, widget):
    steps = widget.state["steps"]
    gone = page.locator(".bpkit-half .bpkit-gone")
    first = gone.count()
    assert first == sum(each["power"] < -25 for each in widget.state["bins"])
    for power in (1, 2, 3):
        page.keyboard.press("ArrowRight")
        assert said(page) == steps[power]["say"] and gone.count() == first - power
    page.keyboard.press("ArrowLeft")
    assert said(page) == steps[2]["say"]
    page.keyboard.press("End")
    assert said(page) == steps[-1]["say"] and gone.count() > 0
    page.keyboard.press("Home")
    assert said(page) == steps[0]["say"]


def test_the_table_says_what_each_layer_loses(page, widget):
    def told():
        return [int(text.split()[0]) for text in page.locator(".bpkit-lost tbody td:first-of-type").all_text_contents()]

    assert told() == widget.state["steps"][0]["lost"]
    page.keyboard.press("End")
    assert told() == widget.state["steps"][-1]["lost"]


def test_reset_goes_back_to_the_start(page, widget):
    page.keyboard.press("End")
    page.get_by_role("button", name="Reset").click()
    assert said(page) == widget.state["steps"][0]["say"]


@pytest.mark.parametrize("width", [480, 1200])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for key in ("Home", "End"):
        page.keyboard.press(key)
        assert fits(page)
