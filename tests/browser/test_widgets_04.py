"""The saturation widget in a real browser, as a page without a kernel: what it computes there is what Python computes."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._saturation import at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.saturation()


def shown(page) -> list[str]:
    return page.locator(".bpkit-costs td").all_inner_texts()


def expected(z: float, y: float) -> list[str]:
    told = at(z, y)
    rows = [
        ("a",),
        ("crossEntropy", "quadratic"),
        ("crossEntropyGradient", "quadraticGradient"),
        ("slope", "slope"),
        ("crossEntropyError", "quadraticError"),
    ]
    return [number(told[name]) for row in rows for name in row]


def test_the_browser_computes_what_python_computes(page):
    assert shown(page) == expected(-4, 1)
    focus(page)
    for key, z in (("PageUp", -3), ("Home", -8), ("End", 8), ("PageDown", 7)):
        page.keyboard.press(key)
        assert shown(page) == expected(z, 1)
    page.get_by_role("button", name="target 0").click()
    assert shown(page) == expected(7, 0)
    page.get_by_role("button", name="Reset").click()
    assert shown(page) == expected(-4, 1)


def test_arrow_keys_move_z_from_the_slider_and_from_the_picture_alike(page):
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-value").inner_text() == number(-3.9)
    focus(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".bpkit-value").inner_text() == number(-4.1)
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == number(-4.1)


def test_z_is_dragged_in_the_picture_and_stays_within_reach(page):
    box = page.locator("svg.bpkit-drag").bounding_box()
    middle = box["x"] + box["width"] * (66 + 624) / 2 / 640
    page.mouse.move(middle, box["y"] + 100)
    page.mouse.down()
    assert page.locator(".bpkit-value").inner_text() == "0"
    assert "4.00 times as steep" in said(page)
    page.mouse.move(box["x"] + box["width"] + 200, box["y"] + 100)
    assert page.locator(".bpkit-value").inner_text() == number(8)
    page.mouse.up()
    page.mouse.move(middle, box["y"] + 100)
    assert page.locator(".bpkit-value").inner_text() == number(8)
