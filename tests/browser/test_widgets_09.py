"""The widget of objectives in a real browser, as a page without a kernel."""

from __future__ import annotations

import shutil

import pytest

import bpkit as bp

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.objectives()


@pytest.fixture(params=["light", "dark"])
def page(chromium, widget, tmp_path, request):
    file = tmp_path / "page.html"
    head = f'<meta charset="utf-8"><title>widget</title><style>:root {{ color-scheme: {request.param} }}</style>'
    file.write_text(f'<!doctype html><html lang="en">{head}<body>{widget.to_html()}', encoding="utf-8")
    opened = chromium.new_page(color_scheme=request.param, viewport={"width": 1000, "height": 700})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.goto(file.as_uri())
    opened.wait_for_selector(".bpkit-widget")
    opened.locator(".bpkit-widget").focus()
    yield opened
    opened.close()
    assert complaints == []


def said(page) -> str:
    return page.locator(".bpkit-say").inner_text()


def test_keys_step_back_through_the_net_and_go_through_the_uses(page, widget):
    steps = widget.state["steps"]
    for count in range(1, 8):
        page.keyboard.press("ArrowRight")
        assert said(page) == steps[count]["say"]
    assert steps[7]["node"] == "A" and page.locator(".bpkit-way.bpkit-now").count() == 2
    page.keyboard.press("ArrowDown")
    assert said(page).startswith("What the use for P alone sends back to A: 2 A ⊙ δP, 2 × 3")
    assert page.locator(".bpkit-way.bpkit-now").count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "the use for z alone" in said(page)


def test_what_comes_back_is_written_only_once_it_is_found(page):
    assert page.locator(".bpkit-words").count() == 0 and page.locator(".bpkit-fill").count() == 0
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-words").count() == 0 and page.locator(".bpkit-fill").count() == 1
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-words").all_text_contents() == ["← 1"]


def test_an_objective_is_chosen_by_its_button_and_an_array_by_its_box(page, widget):
    page.get_by_role("button", name="ICA reconstruction").press("Enter")
    first = widget.state["nets"][2]["first"]
    assert said(page) == widget.state["steps"][first]["say"]
    assert page.evaluate("document.activeElement.textContent") == "ICA reconstruction"
    page.locator('.bpkit-box[aria-label^="W"]').click()
    assert said(page).startswith("δW = δh xᵀ + h δyᵀ")
    page.get_by_role("button", name="for y: h δyᵀ").click()
    assert said(page).startswith("What the use for y alone sends back to W")


@pytest.mark.parametrize("width", [480, 1200])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    for net in range(4):
        page.locator(".bpkit-chooser button").nth(net).click()
        for _ in range(2):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
