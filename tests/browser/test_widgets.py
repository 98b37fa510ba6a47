"""The widgets in a real browser: as a page without a kernel, and in JupyterLab, where the arrow keys have other owners."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest
from widget_page import fits, focus, said, where

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.exhibits.readable import number

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    return bp.widgets.error_flow(*nets.two_three_two())


def test_keys_step_back_and_forth(page):
    assert where(page) == "Step 0 of 2: Forward"
    assert "The cost is 0.394" in said(page)
    page.keyboard.press("ArrowRight")
    assert where(page) == "Step 1 of 2: Layer 2, BP1"
    page.keyboard.press("ArrowRight")
    assert where(page) == "Step 2 of 2: Layer 1, BP2"
    page.keyboard.press("ArrowRight")
    assert where(page) == "Step 2 of 2: Layer 1, BP2"
    page.keyboard.press("ArrowLeft")
    assert where(page) == "Step 1 of 2: Layer 2, BP1"
    page.keyboard.press("Home")
    assert where(page) == "Step 0 of 2: Forward"
    page.keyboard.press("End")
    assert where(page) == "Step 2 of 2: Layer 1, BP2"


def test_buttons_step_and_keep_the_focus_at_the_ends(page):
    following = page.get_by_role("button", name="Next")
    for _ in range(3):
        following.click(force=True)  # the last click is on a button that says it is disabled
    assert where(page) == "Step 2 of 2: Layer 1, BP2"
    assert following.get_attribute("aria-disabled") == "true"
    page.keyboard.press("ArrowLeft")
    assert where(page) == "Step 1 of 2: Layer 2, BP1"
    page.get_by_role("button", name="First").click()
    assert where(page) == "Step 0 of 2: Forward"
    page.get_by_role("button", name="Last").click()
    page.get_by_role("button", name="Back").click()
    assert where(page) == "Step 1 of 2: Layer 2, BP1"


def test_whatever_has_the_focus_keeps_its_keys_from_the_notebook(page):
    """Jupyter takes keys first, and asks the focused element alone whether it wants them."""
    assert page.evaluate("document.activeElement.dataset.lmSuppressShortcuts") == "true"
    button = page.locator(".bpkit-widget button:enabled").first
    button.focus()
    assert button.get_attribute("data-lm-suppress-shortcuts") == "true"


def test_a_neuron_is_picked_by_mouse_by_enter_and_by_arrow_and_says_its_sum(page):
    net, x, y = nets.two_three_two()
    widget = bp.widgets.error_flow(net, x, y)
    sums = [neuron["say"] for neuron in widget.state["layers"][1]]
    focus(page)
    page.keyboard.press("End")
    assert said(page).endswith(f"{sums[0]}.")
    page.locator('.bpkit-neuron[role="button"]').nth(2).click()
    assert said(page).endswith(f"{sums[2]}.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert said(page).endswith(f"{sums[1]}.")
    assert page.evaluate('document.activeElement.getAttribute("aria-pressed")') == "true"
    page.keyboard.press("ArrowDown")
    assert said(page).endswith(f"{sums[2]}.")
    page.keyboard.press("ArrowDown")
    assert said(page).endswith(f"{sums[0]}.")


def test_the_table_shows_every_path_of_the_picked_neuron(page):
    net, x, y = nets.two_three_two()
    cache = bp.forward(net, x)
    delta = bp.backward(net, cache, y).delta
    focus(page)
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    numbers = page.locator(".bpkit-sum tr > td:nth-last-child(2)").all_inner_texts()
    products = net.W[2][:, 1] * delta[2][:, 0]
    slope = bp.sigmoid.prime(cache.z[1][1, 0])
    assert numbers == [*map(number, products), number(products.sum()), f"× {number(slope)}", number(delta[1][1, 0])]


def test_lines_are_as_wide_as_their_terms_and_dashed_where_negative(page):
    net, x, y = nets.two_three_two()
    delta = bp.backward(net, bp.forward(net, x), y).delta
    terms = net.W[2] * delta[2]
    focus(page)
    page.keyboard.press("End")
    drawn = page.evaluate(
        """[...document.querySelectorAll(".bpkit-flow")].map(flow => {
            const line = flow.querySelector("line");
            return [Number(line.getAttribute("stroke-width")), getComputedStyle(line).strokeDasharray !== "none"];
        })"""
    )
    widths = np.array([width for width, _ in drawn]).reshape(terms.shape)
    np.testing.assert_allclose(widths - 1.5, 10.5 * np.abs(terms) / np.abs(terms).max(), rtol=1e-9)
    np.testing.assert_array_equal(np.array([dashed for _, dashed in drawn]).reshape(terms.shape), terms < 0)


def test_python_and_the_browser_write_numbers_alike(page):
    values = [0, -0.0, 1, -1.5, 0.06821, 123.456, 999.5, 1234.5, 0.3125, -0.125, 12345.6, -3.14159e-6, 9.9999e-4, 1e-4, 2.5e10, 0.99951]
    assert page.evaluate("typeof number") == "undefined", "the module keeps its names to itself"
    source = page.evaluate('document.querySelector("script[type=module]").textContent')
    source = source[: source.rindex("mount(widget,")] + "globalThis.written = number;"
    page.add_script_tag(content=source, type="module")
    page.wait_for_function("globalThis.written !== undefined")
    for digits in (2, 3, 4):
        assert page.evaluate(f"{json.dumps(values)}.map(value => written(value, {digits}))") == [number(value, digits) for value in values]


def test_colours_follow_the_page_and_read_on_it(page):
    page.wait_for_timeout(500)
    assert (page.locator(".bpkit-widget").get_attribute("data-dark") is not None) == (page.scheme == "dark")
    focus(page)
    page.keyboard.press("End")
    page.wait_for_timeout(800)
    colours = page.evaluate(
        """() => {
            const style = (query, name) => getComputedStyle(document.querySelector(query))[name];
            return [style(".bpkit-widget", "color"), style(".bpkit-positive line", "stroke"), style(".bpkit-negative line", "stroke")];
        }"""
    )
    # Chromium's own dark canvas is #121212
    background = "rgb(255, 255, 255)" if page.scheme == "light" else "rgb(18, 18, 18)"
    for colour in colours:
        assert contrast(colour, background) >= 4.5


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2 of two colours given as rgb(…)."""
    lights = []
    for colour in (first, second):
        channels = np.array([float(part) for part in colour.strip("rgba()").split(",")[:3]]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        lights.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def test_everything_that_can_be_operated_has_a_name_and_a_place_in_the_tab_order(page):
    page.keyboard.press("End")
    names = []
    for _ in range(7):
        page.keyboard.press("Tab")
        names.append(page.evaluate('document.activeElement.getAttribute("aria-label") || document.activeElement.textContent'))
    assert names[:4] == ["First", "Back", "Next", "Last"]
    assert names[4:] == [f"error, layer 1, neuron {j}: {value}" for j, value in ((1, "−0.0675"), (2, "0.0937"), (3, "0.0236"))]
    assert page.locator(".bpkit-widget").get_attribute("aria-label") == "Error flowing back through the network 2-3-2"
    assert page.locator(".bpkit-say").get_attribute("aria-live") == "polite"
    ring = page.evaluate('getComputedStyle(document.activeElement.querySelector(".bpkit-ring")).stroke')
    assert ring.startswith("rgb"), "the focus is visible"


@pytest.mark.parametrize("width", [600, 1200])
def test_nothing_sticks_out_of_a_narrow_or_a_wide_page(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    focus(page)
    page.keyboard.press("End")
    assert fits(page)
    sides = page.evaluate('[".bpkit-stage > svg", ".bpkit-sum"].map(query => document.querySelector(query).getBoundingClientRect().left)')
    assert (sides[1] - sides[0] > 200) == (width == 1200), "the sum stands beside the picture where there is room"


def test_motion_is_left_out_where_the_reader_asks_for_that(page):
    page.emulate_media(reduced_motion="reduce")
    focus(page)
    page.keyboard.press("End")
    assert page.evaluate('getComputedStyle(document.querySelector(".bpkit-fresh")).animationName') == "none"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate('getComputedStyle(document.querySelector(".bpkit-fresh")).animationName') == "bpkit-wipe"


def test_two_widgets_on_one_page_step_on_their_own(browser, tmp_path):
    first = bp.widgets.error_flow(*nets.two_three_two()).to_html()
    other = bp.widgets.error_flow(*nets.three_three_two()).to_html()
    file = tmp_path / "two.html"
    file.write_text(f'<!doctype html><meta charset="utf-8"><body>{first}{first}{other}', encoding="utf-8")
    opened = browser.new_page()
    opened.goto(file.as_uri())
    opened.wait_for_function('document.querySelectorAll(".bpkit-widget").length === 3')
    opened.locator(".bpkit-widget").nth(1).focus()
    opened.keyboard.press("End")
    assert [text[:6] for text in opened.locator(".bpkit-where").all_inner_texts()] == ["Step 0", "Step 2", "Step 0"]
    opened.close()


# ── In JupyterLab ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab of its own with one notebook; gives its address and where its settings are."""
    pytest.importorskip("jupyterlab", reason="jupyterlab is not installed")
    nbformat = pytest.importorskip("nbformat")
    folder = tmp_path_factory.mktemp("lab")
    cells = [
        "import bpkit as bp\nnet, x, y = bp.nets.two_three_two()\nw = bp.widgets.error_flow(net, x, y)\nw",
        "print('the step is', w.step)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / "widget.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = tmp_path_factory.mktemp("settings")
    (settings / "@jupyterlab" / "apputils-extension").mkdir(parents=True)
    (settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
    private = {f"JUPYTER_{name}_DIR": str(settings / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    private["JUPYTERLAB_SETTINGS_DIR"] = str(settings)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    server = subprocess.Popen(
        [*command, "--IdentityProvider.token=open", f"--ServerApp.root_dir={folder}"],
        env={**os.environ, **private},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{address}/api?token=open", timeout=1).close()
            break
        except OSError:
            time.sleep(0.2)
    yield address, settings / "@jupyterlab" / "apputils-extension"
    server.terminate()
    server.wait(timeout=20)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_in_jupyterlab_the_arrow_keys_step_the_widget_and_python_knows(lab, browser, theme):
    address, settings = lab
    (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": theme}))
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    opened.goto(f"{address}/lab/tree/widget.ipynb?token=open&reset")
    opened.wait_for_selector(".jp-Notebook .jp-Cell")
    opened.wait_for_selector(f'body[data-jp-theme-name="{theme}"]', state="attached")
    opened.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    opened.get_by_role("menuitem", name="Run", exact=True).click()
    opened.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    opened.wait_for_selector(".bpkit-widget", timeout=60_000)
    opened.get_by_text("the step is 0").wait_for(timeout=60_000)
    widget = opened.locator(".bpkit-widget")
    widget.focus()
    for _ in range(2):
        opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowDown")
    assert where(opened) == "Step 2 of 2: Layer 1, BP2"
    assert "δ¹₂ = (0.254 + 0.144)" in said(opened)
    assert opened.locator(".jp-Notebook .jp-Cell").count() == 2
    opened.wait_for_function(f'document.querySelector(".bpkit-widget").hasAttribute("data-dark") === {str("Dark" in theme).lower()}')
    if folder := os.environ.get("BPKIT_SCREENSHOTS"):
        opened.wait_for_timeout(1000)
        opened.screenshot(path=f"{folder}/widget-{theme.split()[-1].lower()}.png")
    opened.locator(".jp-Cell").nth(1).locator(".cm-content").click()
    opened.keyboard.press("Shift+Enter")
    opened.get_by_text("the step is 2").wait_for(timeout=20_000)
    opened.close()
