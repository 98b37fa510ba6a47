"""The training widget in a real browser: slider, keys and clicks lead to the numbers that Python found, at once."""

from __future__ import annotations

import numpy as np
import pytest
from widget_page import focus, said, slide, where

import bpkit as bp
from bpkit.exhibits.readable import number

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    scans = bp.data.digits()
    x, labels = scans.train.x[:, :300], scans.train.labels[:300]
    seen, watched = (x[:, :200], labels[:200]), (x[:, 200:], labels[200:])
    rng = np.random.default_rng(0)
    nets = [bp.init([64, 20, 10], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng)]
    for _ in range(6):
        nets.append(bp.fit(nets[-1], seen[0], np.eye(10)[:, seen[1]], epochs=1, eta=0.3, rng=rng, progress=False)[0])
    return bp.widgets.training(nets, seen, watched)


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


def test_the_slider_and_the_keys_lead_to_the_numbers_of_the_epoch(page, widget):
    state = widget.state
    for epoch in (6, 2, 0):
        slide(page, "epoch", epoch)
        assert where(page).startswith(f"Step {epoch} of 6")
        assert f"Cost {number(state['costs']['training'][epoch])} on the training set" in said(page)
        assert shown(page) == state["confusion"][epoch]
    focus(page)
    page.keyboard.press("ArrowRight")
    assert page.locator('input[aria-label="epoch"]').input_value() == "1"
    page.keyboard.press("End")
    assert f"{number(state['costs']['validation'][6])} on the validation set" in said(page)


def test_up_down_and_clicks_choose_a_class_which_stays_within_its_epoch(page, widget):
    slide(page, "epoch", 3)
    focus(page)
    counts = widget.state["confusion"][3]
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
