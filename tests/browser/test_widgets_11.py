"""The errata bench in a real browser, as a page without a kernel: buttons, slider, keys and the picture move the same thing."""

from __future__ import annotations

import shutil

import pytest

import bpkit as bp
from bpkit.clinic import ERRATA, compare
from bpkit.readable import number

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


@pytest.fixture(params=["light", "dark"])
def page(chromium, tmp_path, request):
    file = tmp_path / "page.html"
    head = f'<meta charset="utf-8"><title>widget</title><style>:root {{ color-scheme: {request.param} }}</style>'
    file.write_text(f'<!doctype html><html lang="en">{head}<body>{bp.widgets.errata_bench("A").to_html()}', encoding="utf-8")
    opened = chromium.new_page(color_scheme=request.param, viewport={"width": 1000, "height": 800})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.goto(file.as_uri())
    opened.wait_for_selector(".bpkit-bench")
    yield opened
    opened.close()
    assert complaints == []


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
        page.locator(".bpkit-bench").focus()
        page.keyboard.press("End")
        assert error_shown(page) == expected(key, -1)
        assert page.locator(".bpkit-off").count() > 0
        page.keyboard.press("Home")
        assert error_shown(page) == expected(key, 0)


def test_keys_and_slider_go_through_settings_and_errata(page):
    page.locator(".bpkit-bench").focus()
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
    page.locator(".bpkit-bench").focus()
    page.keyboard.press("End")
    box = page.locator("svg.bpkit-drag").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 62 / 400, box["y"] + 40)
    page.mouse.down()
    assert error_shown(page) == "round-off" and "is wrong" in page.locator(".bpkit-say").inner_text()
    page.mouse.move(box["x"] + 2 * box["width"], box["y"] + 40)
    assert error_shown(page) == expected("A", -1)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 62 / 400, box["y"] + 40)
    assert error_shown(page) == expected("A", -1)
