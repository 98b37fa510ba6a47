"""course.html on a phone, on a laptop and on paper."""

from __future__ import annotations

import pytest
from grading_rows import RUN, a_class

from bpkit.grading.reports import course_page
from bpkit.grading.reports.class_figures import class_figures
from bpkit.grading.reports.files import file_names

pytestmark = pytest.mark.browser

# a bin per point, and twenty bins
LESSONS = {"few": ("00", "05"), "many": ("04", "05", "06")}
_SMALL_OR_CUT = """() => [...document.querySelectorAll(".bin .label, .bin b")].filter(e => e.textContent).filter(e =>
    parseFloat(getComputedStyle(e).fontSize) < 11 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.textContent)"""
_MEETING = """() => {
    const boxes = [...document.querySelectorAll(".bin .label, .bin b")].filter(e => e.textContent).map(e => e.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    return boxes.some((a, k) => boxes.slice(k + 1).some(b => meet(a, b)));
}"""


@pytest.fixture(params=LESSONS)
def opened(browser, tmp_path, request):
    """The page of a class, from disk."""
    students = a_class(120, lessons=LESSONS[request.param])
    (tmp_path / "course.html").write_text(course_page.page(RUN, class_figures(students), file_names(s.student for s in students)), encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "course.html").as_uri())
    yield page
    page.close()


@pytest.mark.parametrize("width", [390, 740, 1280])
def test_the_numbers_of_the_histogram_can_be_read(opened, width):
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.locator(".bin b").count() >= 17
    assert opened.evaluate(_SMALL_OR_CUT) == []
    assert not opened.evaluate(_MEETING), "numbers lie over one another"
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    longest = opened.evaluate("Math.max(...[...document.querySelectorAll('.bin i')].map(e => Math.max(e.offsetWidth, e.offsetHeight)))")
    assert longest > 100, "the tallest bar is drawn as one"


def test_on_paper_cards_are_whole_and_name_nobody(opened):
    opened.emulate_media(media="print")
    cards = opened.locator(".mistakes > li")
    assert cards.count() == 8
    assert set(cards.evaluate_all("all => all.map(e => getComputedStyle(e).breakInside)")) == {"avoid"}
    assert not opened.locator(".mistakes details").first.is_visible()
    opened.locator(".mistakes details").first.evaluate("e => { e.open = true }")
    assert not opened.locator(".mistakes .names").first.is_visible()
