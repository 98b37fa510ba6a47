"""The widget of one whole step in a real browser: keys, picked entries and where they come from, narrow pages."""

from __future__ import annotations

import numpy as np
import pytest
from widget_page import fits, said, where

import bpkit as bp
from bpkit.exhibits import nets

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    x = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
    y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    return bp.widgets.full_step(nets.two_three_two().net, x, y)


def test_keys_go_from_step_to_step_and_from_entry_to_entry(page, widget):
    for step in widget.state["steps"]:
        assert where(page).endswith(step["title"])
        for name in step["new"]:
            for row in widget.state["arrays"][name]["cells"]:
                for cell in row:
                    assert said(page) == f"{cell['say']}. {step['say']}"
                    page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")


def test_only_what_is_known_is_shown(page):
    for step in range(8):
        known = page.locator('.bpkit-arrays g[role="img"]').count()
        unknown = page.locator(".bpkit-unknown").count()
        assert known + unknown == 16  # x, y, and seven arrays in each of two layers
        if step in (0, 7):
            assert unknown == {0: 10, 7: 0}[step]
        page.keyboard.press("ArrowRight")


def test_a_picked_entry_shows_the_entries_that_it_was_made_of(page):
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.locator('[role="button"][aria-label^="∂C/∂w²₁₃"]').click()
    assert said(page).startswith("∂C/∂w²₁₃ = (−0.127 × 0.881")
    assert page.locator(".bpkit-from").count() == 6  # a row of δ and a row of a
    assert page.locator(".bpkit-picked").count() == 1
    assert page.locator('[role="button"][aria-pressed="true"]').get_attribute("aria-label").startswith("∂C/∂w²₁₃")


def test_numbers_stay_inside_their_cells(page):
    for _ in range(8):
        wide = page.evaluate(
            """() => [...document.querySelectorAll('.bpkit-arrays g[role="img"]')].flatMap((group) => {
                const cells = [...group.querySelectorAll('rect.bpkit-entry')];
                const texts = [...group.querySelectorAll('text')].slice(1);
                const width = (element) => element.getBoundingClientRect().width;
                return texts.filter((text, i) => width(text) > width(cells[i])).map((text) => text.textContent);
            })"""
        )
        assert wide == []
        page.keyboard.press("ArrowRight")


@pytest.mark.parametrize("width", [480, 1000, 1920])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for _ in range(8):
        assert fits(page)
        page.keyboard.press("ArrowRight")
