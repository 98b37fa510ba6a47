"""Lesson 05 as a learner meets it: run, wrong, told why, right, and the widget stepped through."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROJECTOR = {"width": 1920, "height": 1080}
LESSON = "05_propagating_the_error.ipynb"
TASK = "def hidden_error(W_next"
CHECK = 'bp.check("05.3", hidden_error)'
WIDGET = "bp.widgets.error_flow(net, x, y)"

ANSWER = """def hidden_error(W_next, delta_next, z):
    return {}"""
RIGHT = "(W_next.T @ delta_next) * bp.sigmoid.prime(z)"
WRONG = {
    "σ' dropped": "W_next.T @ delta_next",
    "transpose forgotten": "(W_next @ delta_next) * bp.sigmoid.prime(z)",
}


def shown(locator) -> str:
    locator.wait_for()
    return re.sub(r"\s+", " ", locator.inner_text())


def test_a_learner_is_told_the_mistake_and_then_that_it_is_right(open_notebook, screens):
    notebook = open_notebook(LESSON, sharpness=2)
    page = notebook.page
    assert page.locator(".jp-toast-message, .Toastify__toast").count() == 0
    notebook.run_all()
    assert page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    card = notebook.output(CHECK).locator(".bpkit-card")
    assert "05.3 hidden_error: not attempted" in shown(card)

    for mistake, expression in WRONG.items():
        notebook.write(TASK, ANSWER.format(expression))
        notebook.run(CHECK)
        assert f"05.3 hidden_error: wrong: {mistake}" in shown(card)
        assert "0 of 3 points" in shown(card)
    for theme in ("Dark", "Light"):
        notebook.wear(theme)
        card.scroll_into_view_if_needed()
        page.screenshot(path=screens / f"mistake_laptop_{theme.lower()}.png")
    task = page.locator(".jp-MarkdownCell", has_text="05.3 hidden_error")
    notebook.picture(screens / "exercise.png", task, notebook.cell(CHECK))

    notebook.write(TASK, ANSWER.format(RIGHT))
    notebook.run(CHECK)
    assert "05.3 hidden_error: right" in shown(card)
    assert "3 of 3 points" in shown(card)
    page.screenshot(path=screens / "right_laptop_light.png")
    assert notebook.requests
    assert notebook.strangers() == []


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_the_widget_steps_back_by_button_and_by_key(open_notebook, screens, theme):
    notebook = open_notebook(LESSON, PROJECTOR)
    page = notebook.page
    notebook.wear(theme)
    notebook.run_all()
    widget = notebook.output(WIDGET).locator(".bpkit-widget")
    widget.scroll_into_view_if_needed()
    where, said = widget.locator(".bpkit-where"), widget.get_by_role("status")
    assert shown(where).startswith("Step 0 of 2")

    widget.get_by_role("button", name="Next").click()
    assert shown(where).startswith("Step 1 of 2")
    output_error = shown(said)
    page.keyboard.press("ArrowRight")
    assert shown(where).startswith("Step 2 of 2")
    assert shown(said) != output_error
    first_neuron = shown(said)
    page.keyboard.press("ArrowDown")
    assert shown(said) != first_neuron
    page.screenshot(path=screens / f"widget_projector_{theme.lower()}.png")

    page.keyboard.press("Home")
    assert shown(where).startswith("Step 0 of 2")
    # the arrow keys reached the widget and no further: the notebook did not move on to another cell
    assert notebook.cell(WIDGET).evaluate("(cell) => cell.contains(document.activeElement)")
    assert notebook.strangers() == []


def test_on_a_small_screen_no_line_of_code_leaves_its_cell(open_notebook):
    notebook = open_notebook(LESSON, {"width": 1024, "height": 768})
    cells = notebook.page.locator(".jp-Notebook .jp-CodeCell .cm-scroller")
    assert cells.count() > 20
    assert cells.evaluate_all("(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent)") == []
