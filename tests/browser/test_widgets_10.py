"""The tape widget in a real browser: keys, picked pushes, clicked nodes, both schemes, a narrow page."""

from __future__ import annotations

import pytest

import bpkit as bp
from bpkit import tape
from bpkit.tape import Var

pytestmark = pytest.mark.browser

W, X = Var(0.5), Var(2.0)
WIDGET = bp.widgets.tape(0.5 * (tape.tanh(W * tape.tanh(W * X)) - 1.0) ** 2, {"w": W, "x": X})


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


def test_keys_go_from_node_to_node_and_from_push_to_push(page):
    for step in WIDGET.state["steps"]:
        assert page.locator(".bpkit-where").inner_text().endswith(step["title"])
        for push in step.get("pushes", ()):
            assert said(page) == f"{step['title']}. {step['say']} {push['say']}."
            page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert page.locator(".bpkit-flow").count() == 0
    page.keyboard.press("End")
    assert page.locator(".bpkit-flow").count() == len(WIDGET.state["arcs"])


def test_a_node_is_clicked_and_its_push_is_picked_in_the_table(page):
    page.get_by_role("button", name="v₃ = w · v₂").click()
    assert page.locator(".bpkit-where").inner_text().endswith("v₃ pushes")
    page.get_by_role("button", name="to v₂").click()
    assert "v₃ gives v₂" in said(page)
    assert page.locator(".bpkit-active").get_attribute("aria-label").startswith("v₃ = w · v₂: value 0.381, gradient −0.553, complete")
    assert "still waiting for a user" in page.locator(".bpkit-open").get_attribute("aria-label")


def test_a_step_is_drawn_within_a_tenth_of_a_second(page):
    took = page.evaluate(
        """() => { const root = document.querySelector(".bpkit-widget"), start = performance.now();
        for (let k = 0; k < 10; k++) root.dispatchEvent(new KeyboardEvent("keydown", {key: k % 2 ? "ArrowLeft" : "ArrowRight"}));
        return (performance.now() - start) / 10 }"""
    )
    assert took < 100


def test_nothing_is_cut_off_on_a_narrow_page(page):
    page.set_viewport_size({"width": 480, "height": 900})
    page.keyboard.press("End")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
