"""Each solved lesson in JupyterLab on a small laptop, beside the file pane: no cell must be scrolled sideways."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bpkit.language import LANGUAGES, SOURCE

ROOT = Path(__file__).resolve().parents[2]
SMALL_LAPTOP = {"width": 1024, "height": 768}
# a translation has the formulas of its original and other words between them: there the lessons with the longest names and tables stand for all
OF_TRANSLATIONS = ("04", "11")
LESSONS = [
    (code, path)
    for code in LANGUAGES
    for path in sorted((ROOT / "solutions" / ("" if code == SOURCE else code)).glob("[0-9][0-9]_*.ipynb"))
    if code == SOURCE or path.stem[:2] in OF_TRANSLATIONS
]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

# what is wider than the box that scrolls or hides it, with its formulas and tables that stick out; boxes to open are opened
WIDE = """() => {
    document.querySelectorAll(".jp-Notebook details").forEach(box => { box.open = true });
    const found = [];
    for (const box of document.querySelectorAll(".jp-Notebook .jp-Cell *")) {
        if (!box.clientWidth || box.closest("mjx-container, svg, .bpkit-sr")) continue;
        const style = getComputedStyle(box);
        if (style.overflowX === "visible" || style.visibility === "hidden" || box.scrollWidth <= box.clientWidth + 1) continue;
        const beyond = box.getBoundingClientRect().left + box.clientLeft + box.clientWidth + 1;
        const parts = [...box.querySelectorAll("mjx-table, mjx-mtext, mjx-container, table, pre, img")];
        const wide = parts.filter(part => part.getBoundingClientRect().right > beyond).map(part => part.textContent || part.tagName);
        found.push(`${box.scrollWidth} px in ${box.clientWidth}: ${box.textContent.trim().slice(0, 40)}: ${wide.slice(0, 3)}`);
    }
    return found;
}"""
# cells are drawn as the page finds time, formulas after their cells
DRAWN = """cells => document.querySelectorAll(".jp-Notebook .jp-Cell").length >= cells &&
    [...document.querySelectorAll(".jp-Notebook .jp-MarkdownOutput")].every(output => !/\\$[^$]+\\$/.test(output.textContent))"""


@pytest.fixture(scope="module")
def page(browser):
    opened = browser.new_page(viewport=SMALL_LAPTOP)
    opened.set_default_timeout(180_000)  # the longest lesson has nearly two hundred cells
    yield opened
    opened.close()


@pytest.mark.parametrize(("code", "lesson"), LESSONS, ids=[f"{code}-{path.stem[:2]}" for code, path in LESSONS])
def test_no_cell_of_a_lesson_is_wider_than_its_column(page, one_lab, code, lesson):
    name = f"{code}_{lesson.name}"
    shutil.copy(lesson, one_lab.folder / name)
    page.goto(one_lab.address(name).replace("?", "?reset&"))
    page.locator(".jp-Notebook .jp-Cell").first.wait_for()
    page.wait_for_function(DRAWN, arg=len(json.loads(lesson.read_text(encoding="utf-8"))["cells"]))
    assert page.evaluate(WIDE) == []
    one_lab.end_kernels()


def test_a_name_stands_beside_its_formula_or_below_it(page, one_lab, screens):
    """Two names of which one leaves its formula too little room."""
    long, short = r"x_j = \sum_{u=0}^{q-1} k_u\, \delta_{j-u}, \qquad \delta_i = 0 \text{ unless } 0 \le i \le n-q", r"\delta^L = a^L - y"
    text = "\n\n".join(rf"$${formula} \tag{{named like a convolution}}$$" for formula in (long, short))
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": text}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (one_lab.folder / "names.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    page.goto(one_lab.address("names.ipynb").replace("?", "?reset&"))
    page.locator(".jp-Notebook mjx-labels").nth(1).wait_for(state="attached")
    page.screenshot(path=screens / "names_of_formulas.png")
    formulas, names = (page.locator(f".jp-Notebook mjx-mtable > {part} > mjx-itable") for part in ("mjx-table", "mjx-labels"))
    (above, below), (beside, name) = ((formulas.nth(n).bounding_box(), names.nth(n).bounding_box()) for n in (0, 1))
    assert below["y"] >= above["y"] + above["height"] - 1
    assert abs(name["y"] - beside["y"]) < 10 and name["x"] > beside["x"] + beside["width"]
    column = page.locator(".jp-Notebook .jp-MarkdownOutput").bounding_box()
    assert all(column["x"] <= box["x"] and box["x"] + box["width"] <= column["x"] + column["width"] for box in (above, below, beside, name))
