"""Solved lessons as nbconvert's pages, a front end without a widget manager: with scripts the widget lives, without them its picture stands."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "solutions").glob("*.ipynb"))
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=LESSONS, ids=lambda file: file.stem[:2])
def exported(request, tmp_path):
    notebook = nbformat.read(request.param, as_version=4)
    file = tmp_path / "lesson.html"
    file.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    return file


def opened(browser, file, scripts: bool):
    """The page from disk, with nothing else within reach."""
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.route("**/*", lambda asked: asked.continue_() if asked.request.url.startswith(("file:", "data:")) else asked.abort())
    page.goto(file.as_uri(), wait_until="domcontentloaded")
    return page


def test_without_scripts_the_still_picture_stands(browser, exported):
    page = opened(browser, exported, scripts=False)
    pictures = page.locator(".bpkit-host img")
    assert pictures.count() >= 1 and page.locator(".bpkit-widget").count() == 0
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
    sizes = pictures.evaluate_all("all => all.map(image => [image.naturalWidth, image.getBoundingClientRect().width, image.alt.length])")
    assert all(drawn > 0 and shown > 200 and words > 20 for drawn, shown, words in sizes)
    page.context.close()


def test_with_scripts_the_widget_lives(browser, exported):
    page = opened(browser, exported, scripts=True)
    page.wait_for_selector(".bpkit-host .bpkit-widget")
    assert page.locator(".bpkit-host img").count() == 0
    page.context.close()
