"""The widget of one whole step in a real browser: keys, picked entries and where they come from, narrow pages."""

from __future__ import annotations

import numpy as np
import pytest

import bpkit as bp
from bpkit import nets

pytestmark = pytest.mark.browser

X = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
WIDGET = bp.widgets.full_step(nets.two_three_two().net, X, Y)


@pytest.fixture(params=["light", "dark"])
def page(browser, tmp_path, request):
    """The widget alone on a page from disk; it may say nothing on the console and ask for nothing."""
    file = tmp_path / "page.html"
    head = f'<meta charset="utf-8"><title>widget</title><style>:root {{ color-scheme: {request.param} }}</style>'
    file.write_text(f'<!doctype html><html lang="en">{head}<body>{WIDGET.to_html()}', encoding="utf-8")
    opened = browser.new_page(color_scheme=request.param, viewport={"width": 1280, "height": 800})
    asked, complaints = [], []
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.goto(file.as_uri())
    opened.wait_for_selector(".bpkit-widget")
    opened.locator(".bpkit-widget").focus()
    yield opened
    opened.close()
    assert asked == [file.as_uri()] and complaints == []


def said(page) -> str:
    return page.locator(".bpkit-say").inner_text()


def test_keys_go_from_step_to_step_and_from_entry_to_entry(page):
    for step in WIDGET.state["steps"]:
        assert page.locator(".bpkit-where").inner_text().endswith(step["title"])
        for name in step["new"]:
            for row in WIDGET.state["arrays"][name]["cells"]:
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
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("ArrowRight")
