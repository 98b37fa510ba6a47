"""A hint and the solution are a click away in the card: in a live notebook, where it counts, and in one that was saved, where it opens."""

from __future__ import annotations

import json

import nbformat
import pytest

from bpkit.exercises import registry

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LESSON = "05_propagating_the_error.ipynb"
TASK, CHECK = "def hidden_error(W_next", 'bp.check("05.3", hidden_error)'
WRONG = [f"def hidden_error(W_next, delta_next, z):\n    return {answer}" for answer in ("W_next.T @ delta_next", "z", "-z")]

PHONE = {"width": 390, "height": 844}


def hints_counted(folder) -> int:
    return json.loads((folder / ".bpkit-progress.json").read_text())["exercises"]["05.3"]["hints"]


def wait_for_count(notebook, folder, number: int) -> None:
    for _ in range(50):
        if hints_counted(folder) == number:
            return
        notebook.page.wait_for_timeout(100)
    assert hints_counted(folder) == number


def test_hints_open_by_click_and_key_are_counted_and_the_solution_follows(lab, open_notebook, screens):
    notebook = open_notebook(LESSON)
    page, card = notebook.page, notebook.output(CHECK).locator(".bpkit-card")
    notebook.run("import numpy as np")
    for number, wrong in enumerate(WRONG):
        notebook.write(TASK, wrong)
        notebook.run(CHECK)
        assert card.get_by_text("Hint 1 of 3").is_visible()
        assert not card.get_by_text("Hint 2 of 3").is_visible() and card.get_by_text("Our solution").count() == 0
        if number == 0:
            card.get_by_text("Hint 1 of 3").click()
            wait_for_count(notebook, lab.folder, 1)
            card.locator(".bpkit-said").filter(has_text="after 2 more hints and 2 more different tries").wait_for()
    # a new card begins closed, and what was counted stays counted
    card.get_by_text("Hint 1 of 3").click()
    for key, name in (("Enter", "Hint 2 of 3"), ("Space", "Hint 3 of 3")):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == name
        page.keyboard.press(key)
    wait_for_count(notebook, lab.folder, 3)
    card.get_by_text("Our solution").click()
    assert "bp.sigmoid.prime(z)" in card.locator(".bpkit-solution pre").first.inner_text()
    for theme in ("Dark", "Light"):
        notebook.wear(theme)
        notebook.picture(screens / f"hints_{theme.lower()}.png", card, card)
    assert notebook.strangers() == []

    notebook.menu("File", "Save Notebook")
    page.wait_for_timeout(1500)
    page.goto("about:blank")
    lab.end_kernels()
    (lab.folder / ".bpkit-progress.json").unlink()
    kept = nbformat.read(lab.folder / LESSON, as_version=4)
    kept.cells[1].source += "\n\nThe signature of the notebook is no longer its own."
    nbformat.write(kept, lab.folder / LESSON)
    again = open_notebook(LESSON)
    card = again.output(CHECK).locator(".bpkit-card")
    card.scroll_into_view_if_needed()
    card.get_by_text("Hint 1 of 3").click()
    for key in ("Enter", "Space"):
        again.page.keyboard.press("Tab")
        again.page.keyboard.press(key)
    assert card.get_by_text(registry()["05.3"].hints[2][:40]).is_visible()
    card.scroll_into_view_if_needed()
    again.page.screenshot(path=screens / "hints_untrusted.png")


def test_in_notebook_7_on_a_phone_a_hint_opens_and_is_counted(classic, open_classic, screens):
    notebook = open_classic(LESSON, PHONE)
    card = notebook.output(CHECK).locator(".bpkit-card")
    notebook.run("import numpy as np")
    notebook.write(TASK, WRONG[0])
    notebook.run(CHECK)
    card.get_by_text("Hint 1 of 3").click()
    assert card.get_by_text(registry()["05.3"].hints[0][:30]).is_visible()
    wait_for_count(notebook, classic.folder, 1)
    card.get_by_text("Hint 2 of 3").scroll_into_view_if_needed()
    notebook.page.screenshot(path=screens / "hints_notebook7_phone.png")
