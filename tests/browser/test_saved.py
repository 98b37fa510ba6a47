"""Pictures and widgets in a notebook that was saved: its kernel is gone, or the notebook came from somewhere else and is not trusted."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import nbformat
import pytest

import bpkit as bp

ROOT = Path(__file__).resolve().parents[2]
LAPTOP = {"width": 1280, "height": 800}
pytestmark = [pytest.mark.browser, pytest.mark.slow]

_WIDGETS = """import numpy as np
import bpkit as bp
net, x, y = bp.nets.two_three_two()
chain = [[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]]
v = bp.tape.Var(0.5)
rng = np.random.default_rng(0)
data = rng.normal(size=(16, 6)), np.array([0, 1, 2, 0, 1, 2])
learnt = [bp.init([16, 5, 3], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng) for _ in range(2)]
given = {"errata_bench": ("T",), "error_flow": (net, x, y), "forward_pass": (net, x), "full_step": (net, x, y), "notation": (net,),
         "paths": chain, "tape": (v * v, {"v": v}), "training": (learnt, data, data)}"""
_EACH = "for name in bp.widgets.__all__: display(getattr(bp.widgets, name)(*given.get(name, ())))"
_STEPPED = "w = bp.widgets.error_flow(net, x, y)\nw.step = 1\nw"
_TWICE = "w"
_FIGURE = "bp.plots.show(bp.plots.network(net))"
_HISTORY = "bp.fit(net, x, y, epochs=5, eta=1.0, rng=rng, batch_size=1)[1]"
_REPORT = "W = np.arange(6.0).reshape(2, 3)\nbp.check_grad(lambda W: (W**2).sum(), W, 2 * W + np.eye(2, 3))"


def written(folder, name: str, cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, folder / name)


def seen(notebook) -> list[str]:
    """The words of the notebook's images, all of which are drawn."""
    notebook.page.wait_for_function("[...document.querySelectorAll('.bpkit-image')].every((image) => image.complete)")
    images = notebook.page.evaluate("[...document.querySelectorAll('.jp-Notebook img')].map((image) => [image.naturalWidth, image.alt])")
    assert all(width > 0 and len(words) > 20 for width, words in images)
    return [words for _, words in images]


def in_scheme(notebook, scheme: str) -> bool:
    """Whether the page gives its images this colour scheme, which is the one that they are drawn in."""
    schemes = notebook.page.evaluate("[...document.querySelectorAll('.bpkit-image')].map((image) => getComputedStyle(image).colorScheme)")
    return all((each == "dark") == (scheme == "Dark") for each in schemes)


@pytest.fixture
def saved(lab, open_notebook):
    """A notebook with everything that draws, run and saved; its kernel has ended."""
    cells = [_WIDGETS, _EACH, _STEPPED, "w", "print('the step is', w.step)", _FIGURE, _HISTORY, _REPORT]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = lab.folder / "day.ipynb"
    nbformat.write(notebook, file)
    live = open_notebook(file.name)
    live.run_all()
    widgets = live.page.locator(".bpkit-widget")
    widgets.nth(len(bp.widgets.__all__) + 1).wait_for()
    assert widgets.count() == len(bp.widgets.__all__) + 2
    # the same widget twice, and Python
    assert live.page.locator(".bpkit-where").all_inner_texts()[-2:] == ["Step 1 of 2: Layer 2, BP1"] * 2
    widgets.last.focus()
    live.page.keyboard.press("End")
    assert live.page.locator(".bpkit-where").all_inner_texts()[-2:] == ["Step 2 of 2: Layer 1, BP2"] * 2
    live.run("the step is")
    live.page.get_by_text("the step is 2").wait_for()
    live.write("the step is", "w.step = 0\nprint('the step is', w.step)")
    live.page.wait_for_function("document.querySelector('.jp-Notebook').textContent.split('Step 0 of 2: Forward').length >= 4")
    live.menu("File", "Save Notebook")
    live.page.wait_for_function("!document.querySelector('.jp-mod-current.jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty')")
    live.page.goto("about:blank")
    lab.end_kernels()
    return file


def test_on_the_second_day_every_widget_lives_without_its_kernel(saved, open_notebook):
    kept = nbformat.read(saved, as_version=4)
    assert "widget-view" not in nbformat.writes(kept)
    notebook = open_notebook(saved.name)
    notebook.page.locator(".bpkit-widget").nth(len(bp.widgets.__all__) + 1).wait_for()
    assert notebook.page.locator(".bpkit-widget").count() == len(bp.widgets.__all__) + 2
    assert len(seen(notebook)) == 3
    notebook.page.wait_for_timeout(2000)  # as long as widgets of the front end look for their models
    assert notebook.page.get_by_text("Error displaying widget").count() == 0
    notebook.page.locator(".bpkit-widget").last.focus()
    notebook.page.keyboard.press("End")
    assert notebook.page.locator(".bpkit-where").last.inner_text() == "Step 2 of 2: Layer 1, BP2"


def test_what_came_from_elsewhere_and_is_not_trusted_shows_every_picture(saved, open_notebook, screens):
    changed = nbformat.read(saved, as_version=4)
    changed.cells[0].source += "\n# the signature of the notebook is no longer its own"
    nbformat.write(changed, saved)
    notebook = open_notebook(saved.name)
    for theme in ("Dark", "Light"):
        notebook.wear(theme)
        assert notebook.page.locator(".bpkit-widget, .jp-Notebook script").count() == 0
        assert len(seen(notebook)) == len(bp.widgets.__all__) + 2 + 3
        for width in (1280, 600):
            notebook.page.set_viewport_size({"width": width, "height": 2400})
            notebook.page.screenshot(path=screens / f"untrusted_{theme.lower()}_{width}.png")
        notebook.page.set_viewport_size(LAPTOP)
        assert in_scheme(notebook, theme), theme


def test_a_solved_lesson_from_a_fresh_checkout_shows_its_pictures(lab, open_notebook, screens):
    shutil.copy(ROOT / "solutions" / "05_propagating_the_error.ipynb", lab.folder / "solved.ipynb")
    notebook = open_notebook("solved.ipynb")
    recorded = nbformat.read(lab.folder / "solved.ipynb", as_version=4)
    pages = [output.get("data", {}).get("text/html", "") for cell in recorded.cells for output in cell.get("outputs", ())]
    images = {unescape(words) for page in pages for words in re.findall(r'<img class="bpkit-image" alt="([^"]*)"', page)}
    # JupyterLab draws what is in sight
    found = set()
    for cell in notebook.page.locator(".jp-Notebook .jp-CodeCell").all():
        cell.scroll_into_view_if_needed()
        found.update(seen(notebook))
    assert found == images
    assert images
