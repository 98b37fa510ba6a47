"""The training widget in a real browser: slider, keys and clicks lead to the numbers that Python found, at once."""

from __future__ import annotations

import numpy as np
import pytest

import bpkit as bp
from bpkit.readable import number

pytestmark = pytest.mark.browser

SCANS = bp.data.digits()
X, LABELS = SCANS.train.x[:, :300], SCANS.train.labels[:300]
SEEN, WATCHED = (X[:, :200], LABELS[:200]), (X[:, 200:], LABELS[200:])


def _nets():
    rng = np.random.default_rng(0)
    nets = [bp.init([64, 20, 10], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng)]
    for _ in range(6):
        nets.append(bp.fit(nets[-1], SEEN[0], np.eye(10)[:, SEEN[1]], epochs=1, eta=0.3, rng=rng, progress=False)[0])
    return nets


WIDGET = bp.widgets.training(_nets(), SEEN, WATCHED)


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


def slide(page, epoch: int) -> None:
    page.locator('input[aria-label="epoch"]').evaluate(
        "(range, value) => { range.value = value; range.dispatchEvent(new Event('input', { bubbles: true })) }", str(epoch)
    )


def shown(page) -> list[list[int]]:
    """The confusion matrix as drawn."""
    rows = page.locator(".bpkit-class")
    counts = []
    for i in range(rows.count()):
        told = rows.nth(i).evaluate(
            """(row) => [...row.querySelectorAll('rect.bpkit-cell')].map((cell) => {
              const next = cell.nextElementSibling;
              return next && next.tagName === 'text' ? Number(next.textContent) : 0; })"""
        )
        counts.append(told)
    return counts


def test_the_slider_and_the_keys_lead_to_the_numbers_of_the_epoch(page):
    state = WIDGET.state
    for epoch in (6, 2, 0):
        slide(page, epoch)
        assert page.locator(".bpkit-where").inner_text().startswith(f"Step {epoch} of 6")
        assert f"Cost {number(state['costs']['training'][epoch])} on the training set" in said(page)
        assert shown(page) == state["confusion"][epoch]
    page.locator(".bpkit-widget").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator('input[aria-label="epoch"]').input_value() == "1"
    page.keyboard.press("End")
    assert f"{number(state['costs']['validation'][6])} on the validation set" in said(page)


def test_up_down_and_clicks_choose_a_class_which_stays_within_its_epoch(page):
    slide(page, 3)
    page.locator(".bpkit-widget").focus()
    counts = WIDGET.state["confusion"][3]
    for k in (1, 2):
        page.keyboard.press("ArrowDown")
        assert f"Class {k}: {counts[k][k]} of {sum(counts[k])} recognised" in said(page)
    page.locator(".bpkit-class").nth(8).click()
    assert f"Class 8: {counts[8][8]} of {sum(counts[8])} recognised" in said(page)
    assert page.locator('.bpkit-class[aria-pressed="true"]').count() == 1


def test_curves_and_weights_are_drawn_and_told(page):
    assert page.locator(".bpkit-curves path").count() == 2 and page.locator(".bpkit-curves circle").count() == 2
    assert page.locator(".bpkit-weights .bpkit-frame").count() == 12
    for picture in (".bpkit-curves", ".bpkit-weights"):
        assert page.locator(picture).get_attribute("role") == "img" and len(page.locator(picture).get_attribute("aria-label")) > 30
    assert "12 hidden neurons" in page.locator(".bpkit-weights").get_attribute("aria-label")
