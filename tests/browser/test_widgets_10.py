"""The tape widget in a real browser: keys, picked pushes, clicked nodes, both schemes, a narrow page."""

from __future__ import annotations

import pytest
from widget_page import fits, said, where

import bpkit as bp
from bpkit.core import tape
from bpkit.core.tape import Var

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def widget():
    w, x = Var(0.5), Var(2.0)
    return bp.widgets.tape(0.5 * (tape.tanh(w * tape.tanh(w * x)) - 1.0) ** 2, {"w": w, "x": x})


def test_keys_go_from_node_to_node_and_from_push_to_push(page, widget):
    for step in widget.state["steps"]:
        assert where(page).endswith(step["title"])
        for push in step.get("pushes", ()):
            assert said(page) == f"{step['title']}. {step['say']} {push['say']}."
            page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Home")
    assert page.locator(".bpkit-flow").count() == 0
    page.keyboard.press("End")
    assert page.locator(".bpkit-flow").count() == len(widget.state["arcs"])


def test_a_node_is_clicked_and_its_push_is_picked_in_the_table(page):
    page.get_by_role("button", name="v₃ = w · v₂").click()
    assert where(page).endswith("v₃ pushes")
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
    assert fits(page)
