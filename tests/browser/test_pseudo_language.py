"""Layout that would burst in a language with longer words: widgets, cards and a feedback page, as wide as a laptop and as narrow as a phone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("babel")

from grading_rows import RUN, row, wrong
from pseudo_language import CODE, write_catalogue
from test_widgets import EXAMPLES
from widget_page import fits

import bpkit as bp
from bpkit import language
from bpkit.exercises.feedback import outcome_html, progress_html
from bpkit.exercises.outcome import Entries, Outcome
from bpkit.exercises.progress import Progress
from bpkit.grading.records import Graded
from bpkit.grading.reports import feedback_pages

pytestmark = pytest.mark.browser

WIDTHS = {"laptop": 1280, "phone": 390}


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    """The pseudo-language in force."""
    folder = tmp_path_factory.mktemp("pseudo")
    write_catalogue(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(language, "CATALOGUES", folder)
        language._catalogue.cache_clear()
        with language.speaking(CODE):
            yield
    language._catalogue.cache_clear()


@pytest.fixture(params=WIDTHS)
def width(request):
    return request.param


@pytest.fixture
def opened(browser, tmp_path, width):
    """A page that is open at a width, with the HTML that it is given."""

    def open_page(html: str):
        file = tmp_path / "page.html"
        whole = html if html.lstrip().lower().startswith("<!doctype") else f'<!doctype html><html lang="de"><meta charset="utf-8"><body>{html}'
        file.write_text(whole, encoding="utf-8")
        page = browser.new_page(viewport={"width": WIDTHS[width], "height": 800})
        page.goto(file.as_uri())
        pages.append(page)
        return page

    pages: list = []
    yield open_page
    for page in pages:
        page.close()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_widget_fits_and_keeps_its_buttons_whole(pseudo, opened, name):
    page = opened(EXAMPLES[name]().to_html())
    page.locator(".bpkit-widget").wait_for()
    assert fits(page)
    cut = page.evaluate("[...document.querySelectorAll('button')].filter((b) => b.scrollWidth > b.clientWidth + 1).map((b) => b.textContent)")
    assert cut == []
    assert "[" in page.locator(".bpkit-widget").get_attribute("aria-label")


def test_cards_fit(pseudo, opened):
    cards = [bp.check("00.1", answer, record=False) for answer in (abs, lambda x: 2 * x, lambda x: 1 / 0)]
    page = opened("".join(card._repr_mimebundle_()["text/html"] for card in (*cards, bp.hint("05.3"))))
    assert fits(page)


def test_a_wide_picture_of_entries_and_the_map_scroll_within_their_card(pseudo, opened):
    entries = Entries("delta", np.full((12, 14), -1.2345e-05), np.ones((12, 14), bool))
    cards = outcome_html(Outcome("05.3", "hidden_error", "wrong", f"`{'long_name_' * 9}`", 0, 2, entries=entries)), progress_html(Progress())
    page = opened("".join(cards))
    assert fits(page)
    assert page.locator(".bpkit-scroll").evaluate_all("boxes => boxes.map(box => box.tabIndex)") == [0, 0]
    assert page.locator(".bpkit-scroll").first.evaluate("box => box.scrollWidth > box.clientWidth")


def test_a_feedback_page_fits(pseudo, opened):
    rows = (row("ada", "05.1"), wrong("ada", "05.3", 0), row("ada", "05.2", "not attempted"))
    assert fits(opened(feedback_pages.page(replace(RUN, language=CODE), Graded("ada", "ada.ipynb", rows))))
