"""The descent widget in a real browser, as a page without a kernel: what it computes there is what Python computes."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._descent import at

pytestmark = pytest.mark.browser
START = (-9.0, 1.5)


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.descent(start=START)


def expected(surface, eta, mu, start=START):
    told = at(surface, eta, mu, start)
    curvature = (1, 25) if surface == "ravine" else (1, 1)
    lost = "diverges" in (told["along"][1], told["across"][1])
    end = "never" if lost else "more than 2000" if told["steps"] is None else str(told["steps"])
    directions = (told["along"], told["across"])
    return [
        *map(number, curvature),
        *(number(eta * c) for c in curvature),
        *(number(factor) for factor, _ in directions),
        *(how for _, how in directions),
        number(told["limit"]),
        end,
    ]


def shown(page):
    return page.locator(".bpkit-rates td").all_inner_texts()


def eta_slider(place):
    return 10 ** (place / 40)


def test_the_browser_computes_what_python_computes(page):
    assert shown(page) == expected("ravine", 0.02, 0)
    focus(page)
    page.keyboard.press("PageUp")  # from the place nearest to 0.02, -68
    assert shown(page) == expected("ravine", eta_slider(-60), 0)
    for _ in range(5):
        page.keyboard.press("ArrowUp")
    assert shown(page) == expected("ravine", eta_slider(-60), 0.05)
    page.keyboard.press("b")
    assert shown(page) == expected("bowl", eta_slider(-60), 0.05)
    for _ in range(10):
        page.keyboard.press("PageUp")
    assert shown(page) == expected("bowl", eta_slider(16), 0.05)
    page.keyboard.press("r")
    assert shown(page) == expected("ravine", eta_slider(16), 0.05)
    assert "It diverges" in said(page)
    page.get_by_role("button", name="Reset").click()
    assert shown(page) == expected("ravine", 0.02, 0)


def test_the_sliders_move_by_their_own_keys(page):
    eta, mu = page.get_by_role("slider").all()
    eta.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-value").first.inner_text() == number(eta_slider(-67))
    mu.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert mu.get_attribute("aria-valuetext") == number(0.02, 2)
    assert page.locator(".bpkit-value").first.inner_text() == number(eta_slider(-67))


def test_a_click_in_the_picture_is_the_new_start(page):
    box = page.locator("svg.bpkit-field").bounding_box()
    scale = box["width"] / 640
    page.mouse.click(box["x"] + scale * (6 + 31.4 * 15), box["y"] + scale * (6 + 31.4 * 1.2))  # w = (5, 2)
    assert shown(page) == expected("ravine", 0.02, 0, (5.0, 2.0))
    place = page.locator(".bpkit-begin")
    assert float(place.get_attribute("cx")) == pytest.approx(6 + 31.4 * 15)


def test_the_longest_run_is_told_too(page):
    page.evaluate(
        """() => {
          const [eta, mu] = document.querySelectorAll(".bpkit-widget input");
          for (const [slider, value] of [[eta, -80], [mu, 0.99]]) {
            slider.value = value;
            slider.dispatchEvent(new Event("input"));
          }
        }"""
    )
    assert shown(page) == expected("ravine", 0.01, 0.99)
