"""The map of the course in JupyterLab: its links open lessons and exercises, and it reads in light and in dark."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def tab(notebook, name):
    return notebook.page.locator(".lm-TabBar-tab.lm-mod-current", has_text=name)


def shown_map(notebook):
    notebook.run("import bpkit as bp")
    notebook.run('bp.check("00.1", lambda x: 2 * x, record=False)')
    notebook.run("bp.progress()")
    return notebook.output("bp.progress()")


def test_links_open_lessons_and_the_next_exercise(open_notebook, screens):
    notebook = open_notebook("00_start_here.ipynb")
    course_map = shown_map(notebook)
    assert "00.1 square · Square every entry (•, 2 min)" in course_map.inner_text()
    for theme in ("Dark", "Light"):
        notebook.wear(theme)
        notebook.picture(screens / f"progress_{theme.lower()}.png", course_map, course_map)
    course_map.get_by_role("link", name="05 Propagating the error: BP2").click()
    tab(notebook, "05_propagating_the_error.ipynb").wait_for()
    notebook.page.locator(".jp-Notebook:visible h1", has_text="05 · Propagating the error").wait_for()
    assert notebook.strangers() == []


def test_the_next_exercise_is_reached_by_keyboard(open_notebook):
    notebook = open_notebook("00_start_here.ipynb")
    shown_map(notebook).get_by_role("link", name="00.1 square").focus()
    notebook.page.keyboard.press("Enter")
    heading = notebook.page.locator(".jp-Notebook:visible h3", has_text="00.1 square")
    heading.wait_for()
    notebook.page.wait_for_function(
        "(h) => { const y = h.getBoundingClientRect().top; return y > 0 && y < innerHeight / 2 }", arg=heading.element_handle()
    )
