"""The V-curve widget in a real browser, as a page without a kernel: it shows what Python measured, and answers keys, mouse and buttons."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._v_curve import FUNCTIONS, STEPS, at

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.v_curve()


def error_shown(page) -> str:
    return page.locator(".bpkit-slopes .bpkit-result td").inner_text()


def expected(function: int, scheme: str, dtype: str, k: int) -> str:
    told = FUNCTIONS[function]
    return number(abs(at(told, scheme, dtype, float(STEPS[k]))[2] - told.slope), 2)


def test_keys_move_the_step_and_the_scheme(page):
    assert error_shown(page) == expected(0, "central", "float64", 60)
    for key, k in (("ArrowLeft", 59), ("PageDown", 55), ("Home", 0), ("PageUp", 4), ("End", 80), ("ArrowRight", 80)):
        page.keyboard.press(key)
        assert error_shown(page) == expected(0, "central", "float64", k)
    page.keyboard.press("ArrowUp")
    assert error_shown(page) == expected(0, "one-sided", "float64", 80)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert error_shown(page) == expected(0, "complex step", "float64", 80)


def test_buttons_choose_number_type_and_function_and_reset_goes_back(page):
    page.get_by_role("button", name="float32").click()
    assert error_shown(page) == expected(0, "central", "float32", 60)
    page.get_by_role("button", name="1000 + …").click()
    assert error_shown(page) == expected(1, "central", "float32", 60)
    assert page.get_by_role("button", name="float32").get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="Reset").click()
    assert error_shown(page) == expected(0, "central", "float64", 60)


def test_it_says_in_words_what_rules_and_names_a_false_alarm(page):
    page.keyboard.press("End")
    assert "The bend of the curve decides" in said(page)
    for _ in range(10):
        page.keyboard.press("PageDown")
    assert "Rounding decides" in said(page)
    page.get_by_role("button", name="relu").click()
    focus(page)
    page.keyboard.press("End")
    assert "a false alarm" in said(page)


def test_the_common_digits_are_told_from_the_others(page):
    first, second = page.locator(".bpkit-digits").all_inner_texts()
    kept = page.locator(".bpkit-digits b").all_inner_texts()
    same = first[: len(first) - len(kept[0])]
    assert second.startswith(same) and kept[0][0] != kept[1][0]


def test_the_step_is_dragged_in_the_picture_and_stays_within_reach(page):
    box = page.locator("svg.bpkit-drag").bounding_box()
    page.mouse.move(box["x"] + box["width"] * (70 + 622) / 2 / 640, box["y"] + 100)
    page.mouse.down()
    assert page.locator(".bpkit-value").inner_text() == number(1e-10)
    page.mouse.move(box["x"] + box["width"] + 200, box["y"] + 100)
    assert page.locator(".bpkit-value").inner_text() == number(1.0)
    page.mouse.up()
