"""The saturation widget in a real browser, as a page without a kernel: what it computes there is what Python computes."""

from __future__ import annotations

import shutil

import pytest

import bpkit as bp
from bpkit.readable import number
from bpkit.widgets._saturation import at

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
    file.write_text(f'<!doctype html><html lang="en">{head}<body>{bp.widgets.saturation().to_html()}', encoding="utf-8")
    opened = chromium.new_page(color_scheme=request.param, viewport={"width": 1000, "height": 800})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text))
    opened.goto(file.as_uri())
    opened.wait_for_selector(".bpkit-widget")
    yield opened
    opened.close()
    assert complaints == []


def shown(page) -> list[str]:
    return page.locator(".bpkit-costs td").all_inner_texts()


def expected(z: float, y: float) -> list[str]:
    told = at(z, y)
    rows = [
        ("a",),
        ("crossEntropy", "quadratic"),
        ("crossEntropyGradient", "quadraticGradient"),
        ("slope", "slope"),
        ("crossEntropyError", "quadraticError"),
    ]
    return [number(told[name]) for row in rows for name in row]


def test_the_browser_computes_what_python_computes(page):
    assert shown(page) == expected(-4, 1)
    page.locator(".bpkit-widget").focus()
    for key, z in (("PageUp", -3), ("Home", -8), ("End", 8), ("PageDown", 7)):
        page.keyboard.press(key)
        assert shown(page) == expected(z, 1)
    page.get_by_role("button", name="target 0").click()
    assert shown(page) == expected(7, 0)
    page.get_by_role("button", name="Reset").click()
    assert shown(page) == expected(-4, 1)


def test_arrow_keys_move_z_from_the_slider_and_from_the_picture_alike(page):
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".bpkit-value").inner_text() == number(-3.9)
    page.locator(".bpkit-widget").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".bpkit-value").inner_text() == number(-4.1)
    assert page.get_by_role("slider").get_attribute("aria-valuetext") == number(-4.1)


def test_z_is_dragged_in_the_picture_and_stays_within_reach(page):
    box = page.locator("svg.bpkit-drag").bounding_box()
    middle = box["x"] + box["width"] * (66 + 624) / 2 / 640
    page.mouse.move(middle, box["y"] + 100)
    page.mouse.down()
    assert page.locator(".bpkit-value").inner_text() == "0"
    assert "4.00 times as steep" in page.locator(".bpkit-say").inner_text()
    page.mouse.move(box["x"] + box["width"] + 200, box["y"] + 100)
    assert page.locator(".bpkit-value").inner_text() == number(8)
    page.mouse.up()
    page.mouse.move(middle, box["y"] + 100)
    assert page.locator(".bpkit-value").inner_text() == number(8)
