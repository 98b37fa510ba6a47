"""The widget of objectives in a real browser, as a page without a kernel."""

from __future__ import annotations

import pytest
from widget_page import fits, said

import bpkit as bp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.objectives()


def test_keys_step_back_through_the_net_and_go_through_the_uses(page, widget):
    steps = widget.state["steps"]
    for count in range(1, 8):
        page.keyboard.press("ArrowRight")
        assert said(page) == steps[count]["say"]
    assert steps[7]["node"] == "A" and page.locator(".bpkit-way.bpkit-now").count() == 2
    page.keyboard.press("ArrowDown")
    assert said(page).startswith("What the use for P alone sends back to A: 2 A ⊙ δP, 2 × 3")
    assert page.locator(".bpkit-way.bpkit-now").count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "the use for z alone" in said(page)


def test_what_comes_back_is_written_only_once_it_is_found(page):
    assert page.locator(".bpkit-words").count() == 0 and page.locator(".bpkit-fill").count() == 0
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-words").count() == 0 and page.locator(".bpkit-fill").count() == 1
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-words").all_text_contents() == ["← 1"]


def test_an_objective_is_chosen_by_its_button_and_an_array_by_its_box(page, widget):
    page.get_by_role("button", name="ICA reconstruction").press("Enter")
    first = widget.state["nets"][2]["first"]
    assert said(page) == widget.state["steps"][first]["say"]
    assert page.evaluate("document.activeElement.textContent") == "ICA reconstruction"
    page.locator('.bpkit-box[aria-label^="W"]').click()
    assert said(page).startswith("δW = δh xᵀ + h δyᵀ")
    page.get_by_role("button", name="for y: h δyᵀ").click()
    assert said(page).startswith("What the use for y alone sends back to W")


@pytest.mark.parametrize("width", [480, 1200])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for net in range(4):
        page.locator(".bpkit-chooser button").nth(net).click()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        assert fits(page)
