"""The streaming softmax in a real browser, as a page without a kernel: buttons and keys take the same blocks."""

from __future__ import annotations

import pytest
from widget_page import focus, said

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._attention import SCORES, VALUES, state

pytestmark = pytest.mark.browser
RUNS = {run["size"]: run["steps"] for run in state(SCORES, VALUES, 2)["runs"]}


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.attention()


def bars(page):
    return [float(bar.get_attribute("height")) for bar in page.locator(".bpkit-stream rect").all()]


def kept(page):
    return page.locator(".bpkit-sum td").all_inner_texts()


def test_every_step_shows_its_bars_and_what_is_kept(page):
    focus(page)
    for step in RUNS[2][1:]:
        page.keyboard.press("ArrowRight")
        assert said(page) == step["say"]
        assert kept(page) == [number(step[name]) for name in ("kept", "m", "l", "o", "result")]
        tall = [height / 202 for height in bars(page)]
        assert tall[: step["seen"]] == pytest.approx(step["terms"], abs=0.01) and not any(tall[step["seen"] :])
    page.keyboard.press("ArrowRight")
    assert said(page) == RUNS[2][-1]["say"]
    page.keyboard.press("Home")
    assert said(page) == RUNS[2][0]["say"] and not any(bars(page))


def test_another_size_keeps_as_many_keys_as_whole_blocks_allow(page):
    focus(page)
    page.keyboard.press("Home")
    page.get_by_role("button", name="2 keys in a block").click()
    for _ in range(3):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="4 keys in a block").click()
    assert said(page) == RUNS[4][1]["say"]
    focus(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert said(page) == RUNS[1][4]["say"]
    assert page.get_by_role("button", name="1 key in a block").get_attribute("aria-pressed") == "true"
    page.keyboard.press("End")
    assert page.get_by_role("button", name="Next").get_attribute("aria-disabled") == "true"
