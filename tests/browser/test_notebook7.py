"""Lesson 05 in Jupyter Notebook 7, as it comes: no setting of bpkit's, and cells out of sight that are not on the page."""

from __future__ import annotations

import re

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "05_propagating_the_error.ipynb"
TASK = "def hidden_error(W_next"
CHECK = 'bp.check("05.3", hidden_error)'
WIDGET = "bp.widgets.error_flow(net, x, y)"
WRONG = "def hidden_error(W_next, delta_next, z):\n    return W_next.T @ delta_next"
RIGHT = f"{WRONG} * bp.sigmoid.prime(z)"


def shown(locator) -> str:
    locator.wait_for()
    return re.sub(r"\s+", " ", locator.inner_text())


def images(notebook) -> list[str]:
    """The words of all images that are drawn somewhere in the notebook, each scrolled to."""
    found, cells, number = [], notebook.page.locator(".jp-Notebook .jp-CodeCell"), 0
    # those further down come onto the page as it is scrolled
    while number < cells.count():
        cell, number = cells.nth(number), number + 1
        cell.scroll_into_view_if_needed()
        notebook.page.wait_for_timeout(200)  # what a cell shows is drawn once it is in sight
        for image in cell.locator("img").all():
            image.wait_for()
            width, words = image.evaluate("async (image) => { await image.decode(); return [image.naturalWidth, image.alt]; }")
            assert width > 0
            found.append(words)
    return found


def run_all(notebook) -> None:
    notebook.menu("Run", "Run All Cells")
    prompts = notebook.page.locator(".jp-Notebook .jp-CodeCell .jp-InputPrompt")
    # what is out of sight is attached, and not shown
    prompts.last.filter(has_text=re.compile(r"\[\d+\]")).wait_for(state="attached", timeout=30_000)
    notebook.wait_until_idle()


def test_a_lesson_runs_names_the_mistake_and_hints(open_classic, screens):
    notebook = open_classic(LESSON)
    run_all(notebook)
    for answer, verdict in ((WRONG, "05.3 hidden_error: wrong: σ' dropped"), (RIGHT, "05.3 hidden_error: right")):
        notebook.write(TASK, answer)
        notebook.run(CHECK)
        card = notebook.output(CHECK).locator(".bpkit-card")
        assert verdict in shown(card)
        card.scroll_into_view_if_needed()
        notebook.page.screenshot(path=screens / f"notebook7_{'right' if answer == RIGHT else 'wrong'}.png")
    # in the cell of the check, by which it is found again
    notebook.write(CHECK, f'bp.hint("05.3")  # {CHECK}')
    assert "1 of 3 hints open" in shown(notebook.output(CHECK))
    assert notebook.strangers() == []


def test_a_widget_moves_by_button_and_by_every_key_after_it(open_classic):
    notebook = open_classic(LESSON)
    run_all(notebook)
    page, widget = notebook.page, notebook.output(WIDGET).locator(".bpkit-widget")
    widget.scroll_into_view_if_needed()
    where = widget.locator(".bpkit-where")
    widget.get_by_role("button", name="Next").click()
    assert shown(where).startswith("Step 1 of 2")
    for key, step in (("ArrowRight", 2), ("ArrowLeft", 1), ("End", 2), ("Home", 0)):
        page.keyboard.press(key)
        assert shown(where).startswith(f"Step {step} of 2"), key
    # the notebook has not moved on to another cell
    assert notebook.cell(WIDGET).evaluate("(cell) => cell.contains(document.activeElement)")


def test_saved_and_opened_again_every_picture_stands_and_the_widget_lives(classic, open_classic, screens):
    notebook = open_classic(LESSON)
    run_all(notebook)
    before = images(notebook)
    notebook.menu("File", "Save Notebook")
    notebook.page.wait_for_timeout(1000)
    notebook.page.goto("about:blank")
    classic.end_kernels()
    kept = nbformat.read(classic.folder / LESSON, as_version=4)
    assert "bpkit-host" in nbformat.writes(kept) and "widget-view" not in nbformat.writes(kept)

    again = open_classic(LESSON)
    assert images(again) == before != []
    assert again.page.get_by_text("Error displaying widget").count() == 0
    widget = again.output(WIDGET).locator(".bpkit-widget")
    widget.scroll_into_view_if_needed()
    widget.get_by_role("button", name="Next").click()
    assert shown(widget.locator(".bpkit-where")).startswith("Step 1 of 2")
    again.page.screenshot(path=screens / "notebook7_again.png")

    # from somewhere else it is not trusted: the still picture stands in the widget's place
    again.page.goto("about:blank")
    classic.end_kernels()
    kept.cells[1].source += "\n# the signature of the notebook is no longer its own"
    nbformat.write(kept, classic.folder / LESSON)
    strange = open_classic(LESSON)
    assert len(images(strange)) == len(before) + 1
    assert strange.page.locator(".bpkit-widget").count() == 0
