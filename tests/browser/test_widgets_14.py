"""The kernel on its way in a real browser, as a page without a kernel: keys, buttons, and what the arrays say at each place."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.weights_used_again()


def arrays(page) -> list[str]:
    return page.locator('.bpkit-kernel [role="img"]').evaluate_all("(found) => found.map((one) => one.getAttribute('aria-label'))")


def test_keys_and_buttons_go_through_the_steps(page, widget):
    steps = widget.state["steps"]
    assert said(page).endswith(steps[0]["say"])
    page.keyboard.press("ArrowRight")
    assert said(page) == f"{steps[1]['title']}. {steps[1]['say']}"
    page.keyboard.press("End")
    assert said(page).endswith(steps[-1]["say"])
    page.get_by_role("button", name="Back", exact=True).click()
    assert said(page).endswith(steps[-2]["say"])
    page.keyboard.press("Home")
    assert said(page).endswith(steps[0]["say"])


def test_a_way_is_changed_at_the_same_place(page, widget):
    focus(page)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    ways = page.get_by_role("group", name="Ways").get_by_role("button")
    assert [ways.nth(k).get_attribute("aria-pressed") for k in range(3)] == ["true", "false", "false"]
    for k, name in enumerate(widget.state["ways"]):
        page.get_by_role("button", name=name, exact=True).click()
        assert said(page).startswith(f"{name}, place 0, 2.")
        assert ways.nth(k).get_attribute("aria-pressed") == "true"


def test_the_arrays_are_told_in_words_as_they_grow(page):
    assert arrays(page)[2] == "z, 2 by 3: unknown, unknown, unknown; unknown, unknown, unknown"
    page.keyboard.press("ArrowRight")
    assert arrays(page)[2].startswith("z, 2 by 3: −8.00, unknown")
    page.get_by_role("button", name="Back to the kernel").click()
    assert arrays(page)[1] == "∂F/∂K, 2 by 2: 1.00, 0; 3.00, −2.00"
    assert page.locator(".bpkit-grows").count() == 1 and page.locator(".bpkit-under").count() == 2


def test_nothing_is_cut_off(page):
    page.keyboard.press("End")
    stage = page.locator(".bpkit-kernel svg").bounding_box()
    for part in page.locator(".bpkit-kernel rect, .bpkit-kernel text").all():
        box = part.bounding_box()
        assert box["x"] >= stage["x"] - 1 and box["x"] + box["width"] <= stage["x"] + stage["width"] + 1
        assert box["y"] >= stage["y"] - 1 and box["y"] + box["height"] <= stage["y"] + stage["height"] + 1
