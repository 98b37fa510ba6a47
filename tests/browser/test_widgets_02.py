"""The paths widget in a real browser, as a page without a kernel."""

from __future__ import annotations

import pytest
from widget_page import fits, said

import bpkit as bp
from bpkit.exhibits import nets

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    net, x, y = nets.two_three_two()
    cache = bp.forward(net, x)
    output = (cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])
    names = [["x₁", "x₂"], ["z¹₁", "z¹₂", "z¹₃"], ["z²₁", "z²₂"], ["C"]]
    return bp.widgets.paths([net.W[1], net.W[2] * bp.sigmoid.prime(cache.z[1]).T, output.T], names)


def test_keys_go_from_input_to_input_and_from_path_to_path(page, widget):
    first, second = widget.state["inputs"]
    page.keyboard.press("ArrowRight")
    assert said(page) == f"{first['say']}."
    page.keyboard.press("ArrowDown")
    assert said(page) == f"Path 1: {first['paths'][0]['say']}."
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert said(page) == f"Path 6: {first['paths'][5]['say']}."
    page.keyboard.press("ArrowRight")
    assert said(page) == f"{second['say']}."
    page.keyboard.press("End")
    assert said(page).endswith(f"{widget.state['back'][0]['say']}.")


def test_only_the_picked_path_is_lit(page):
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-flow").count() == 11
    page.get_by_role("button", name="x₁ → z¹₂ → z²₁ → C").click()
    assert page.locator(".bpkit-flow").count() == 3
    assert page.locator(".bpkit-label text").all_text_contents() == ["1.50", "−0.470", "−0.127"]
    page.get_by_role("button", name="x₁ → z¹₂ → z²₁ → C").click()
    assert page.locator(".bpkit-flow").count() == 11


def test_an_input_of_the_picture_leads_to_its_paths(page, widget):
    page.get_by_role("button", name="paths from x₂").click()
    assert said(page) == f"{widget.state['inputs'][1]['say']}."
    page.get_by_role("button", name="paths from x₁").press("Enter")
    assert said(page) == f"{widget.state['inputs'][0]['say']}."
    assert page.evaluate('document.activeElement.getAttribute("aria-label")') == "paths from x₁"


def test_on_the_way_back_a_quantity_is_picked_and_those_after_it_are_known(page, widget):
    page.keyboard.press("End")
    assert page.locator(".bpkit-tint").count() == 2
    for _ in widget.state["back"][1:]:
        page.keyboard.press("ArrowDown")
    assert page.locator(".bpkit-tint").count() == 8
    assert said(page).endswith(f"{widget.state['back'][-1]['say']}.")


@pytest.mark.parametrize("width", [480, 1200])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        assert fits(page)
