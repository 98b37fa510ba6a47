"""The errata bench in a real browser, as a page without a kernel: buttons, slider, keys and the picture move the same thing."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp
from bpkit.exhibits.clinic import ERRATA, compare
from bpkit.exhibits.readable import number

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.errata_bench("A")


def error_shown(page) -> str:
    return page.locator(".bpkit-costs td").first.inner_text()


def expected(key: str, place: int) -> str:
    error = compare(key, ERRATA[key].settings[place]).error
    return number(error) if error > 1e-8 else "round-off"


def test_every_erratum_at_both_ends_of_its_knob(page):
    for key in ERRATA:
        page.get_by_role("button", name=key, exact=True).click()
        assert error_shown(page) == expected(key, 0)
        assert page.locator(".bpkit-off").count() == 0 or key == "R"
        focus(page)
        page.keyboard.press("End")
        assert error_shown(page) == expected(key, -1)
        assert page.locator(".bpkit-off").count() > 0
        page.keyboard.press("Home")
        assert error_shown(page) == expected(key, 0)


def test_keys_and_slider_go_through_settings_and_errata(page):
    page.keyboard.press("ArrowRight")
    assert error_shown(page) == expected("A", 1)
    page.keyboard.press("ArrowUp")
    assert page.get_by_role("button", name="T", exact=True).get_attribute("aria-pressed") == "true"
    page.get_by_role("slider").focus()
    for _ in range(8):
        page.keyboard.press("ArrowRight")
    assert error_shown(page) == expected("T", 8)
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == number(ERRATA["T"].settings[8])


def test_the_setting_is_dragged_in_the_picture(page):
    page.keyboard.press("End")
    box = page.locator("svg.bpkit-drag").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 62 / 400, box["y"] + 40)
    page.mouse.down()
    assert error_shown(page) == "round-off" and "is wrong" in said(page)
    last = len(ERRATA["A"].settings) - 1
    for place in (2, 5, 3):
        page.mouse.move(box["x"] + box["width"] * (62 + 328 * place / last) / 400, box["y"] + 40)
        assert error_shown(page) == expected("A", place)
    page.mouse.move(box["x"] + 2 * box["width"], box["y"] + 40)
    assert error_shown(page) == expected("A", -1)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 62 / 400, box["y"] + 40)
    assert error_shown(page) == expected("A", -1)
