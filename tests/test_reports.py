"""What is made of a run's rows: pages, tables and files for other programs."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest
from course_sources import source_of
from grading_rows import RUN, a_class, row, wrong

from bpkit.cli import main
from bpkit.course.folders import Course, find_course
from bpkit.course.pages import plain_words as shown
from bpkit.course.taught import sections, slides
from bpkit.errors import CourseError
from bpkit.exercises import registry
from bpkit.exercises.outcome import Entries
from bpkit.grading.choices import PARTIAL, SOLUTIONS, add_choice_arguments
from bpkit.grading.collect import Submission
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded, Kept, Override, Row
from bpkit.grading.reports import canvas, course_page, feedback_pages, gradescope, job_summary, junit, moodle, pages, spreadsheets, write_all
from bpkit.grading.reports.class_figures import class_figures, histogram
from bpkit.grading.reports.files import file_names, write_whole
from bpkit.grading.reports.pages import code_html, share
from bpkit.grading.reports.scores import on_points
from bpkit.grading.reports.spreadsheets import as_text, from_text
from bpkit.grading.reports.written import digest_of, digest_of_run

ATTACK = "<script>alert(1)</script><img src=//x.example onerror=alert(1)>\"'&"


def named(student: str, exercise: str, mistake: str, **more: Any) -> Row:
    """A row with the mistake of this name, with what the bank says of it."""
    names = [each.name for each in registry()[exercise].mistakes]
    return wrong(student, exercise, names.index(mistake), **more)


class _Page(HTMLParser):
    """What a page would fetch, run and link to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} has {name}"
            assert name != "src", f"{tag} fetches {value}"
            if name == "href":
                self.links.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _hostile() -> Graded:
    values = np.array([[1.0, np.nan], [-0.0, 1e300]])
    rows = (
        row(ATTACK, "05.1", "could not run", message=f"raised `ValueError: {ATTACK}`", code=f"def dz_next_dz():\n    return '</pre>{ATTACK}'"),
        wrong(ATTACK, "05.2", 0, notes=(f"defined twice: {ATTACK}",)),
        row(ATTACK, "05.3", "wrong", message=ATTACK, where=ATTACK, entries=Entries(ATTACK, values, np.isnan(values))),
        row(ATTACK, "05.4", "wrong", mistake=ATTACK, message="x"),
    )
    return Graded(ATTACK, f"{ATTACK}.ipynb", rows, (f"cell 3 raised {ATTACK}",))


# ---- the student's page -------------------------------------------------------------------------------------------


def test_a_feedback_page_runs_and_fetches_nothing_whatever_a_student_wrote():
    text = feedback_pages.page(RUN, _hostile())
    page = _Page(text)
    assert not {"script", "img", "iframe", "object", "link", "base", "form"} & set(page.tags)
    assert all(link.startswith("#") for link in page.links)
    assert "default-src 'none'" in unescape(text) and "script-src 'none'" in unescape(text)


def test_a_feedback_page_says_outcome_hint_place_and_notes_and_shows_the_learners_own_code():
    e = registry()["05.3"]
    values = np.arange(6.0).reshape(2, 3)
    rows = (
        wrong("ada", "05.3", 0, notes=("`hidden_error` is defined in two cells; the last counts",), code="def hidden_error(): return 'mine'"),
        row("ada", "05.4", "wrong", message="Look.", entries=Entries("W_next 2×3", values, values > 4)),
    )
    words = "".join(_Page(feedback_pages.page(RUN, Graded("ada", "ada.ipynb", rows, ("cell 7 raised ValueError",)))).words)
    for expected in (
        e.title,
        e.mistakes[0].name,
        e.mistakes[0].hint,
        "W_next 3×3, m = 5.",
        "is defined in two cells",
        "return 'mine'",
        "✗ 5",
        "cell 7 raised",
    ):
        assert expected in words
    assert "0 of 6 points" in words


def test_a_feedback_page_never_shows_the_seed():
    text = feedback_pages.page(replace(RUN, seed=8123456789), _hostile())
    assert "8123456789" not in text


@pytest.mark.parametrize(
    "write_page", [lambda run, s: feedback_pages.page(run, s), lambda run, s: course_page.page(run, class_figures([s]), file_names([s.student]))]
)
def test_pages_of_a_run_without_sandbox_are_stamped(write_page):
    submission = Graded("ada", "ada.ipynb", (row("ada", "05.1"),))
    assert "--unsafe-no-sandbox" in write_page(replace(RUN, sandboxed=False), submission)
    assert "--unsafe-no-sandbox" not in write_page(RUN, submission)


@pytest.mark.parametrize("code", ["", "def f(:\n  '''", "x = '\\", "'" * 5001, 'r"""<b>""" # <i>', "9e99 if ifs else 0x1F", "\x00\ud800"])
def test_code_is_coloured_without_losing_or_adding_a_character(code):
    html = code_html(code)
    assert "".join(_Page(f"<pre>{html}</pre>").words) == code.rstrip()


def test_a_huge_answer_is_cut_on_the_page_and_says_so():
    assert "80,000 more characters" in code_html("x" * 100_000)


# ---- file names --------------------------------------------------------------------------------------------------


ODD = [
    "../../etc/passwd",
    "..",
    ".",
    "",
    "a/b",
    "a:b",
    "a_b",
    "CON",
    "nul.txt",
    "Ada",
    "ada",
    "ﬁ",
    "fi",
    "é",
    "e\u0301",
    "x" * 300,
    "李雷" * 100,
    "\udc80",
    "a\nb",
    " a ",
    "a.",
]


def test_every_student_gets_a_file_of_their_own_on_every_file_system():
    names = file_names(ODD)
    assert list(names) == ODD
    assert len({name.casefold() for name in names.values()}) == len(ODD)
    for name in names.values():
        assert not re.search(r"[/\\:\x00-\x1f]", name) and name.strip(" .") == name != ""
        assert len(name.encode()) < 240


def test_plain_names_stay_as_they_are():
    assert file_names(["Ada Lovelace", "李雷", "s001@uni.example"]) == {name: name for name in ("Ada Lovelace", "李雷", "s001@uni.example")}


def test_a_name_that_looks_like_anothers_changed_name_does_not_take_its_file():
    changed = file_names(["a/b"])["a/b"]
    names = file_names(["a/b", changed])
    assert len(set(names.values())) == 2 and names[changed] == changed


def test_an_unwritable_place_is_one_line_and_leaves_no_partial_file(tmp_path):
    (tmp_path / "taken").write_text("a file where a folder has to be")
    with pytest.raises(CourseError, match=r"cannot write .*taken"):
        write_whole(tmp_path / "taken" / "x.html", "text")
    (tmp_path / "x.html").mkdir()
    with pytest.raises(CourseError, match=r"cannot write .*x\.html"):
        write_whole(tmp_path / "x.html", "text")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken", "x.html"]


# ---- the class -------------------------------------------------------------------------------------------------------


def test_figures_count_statuses_mistakes_points_and_who_needs_attention():
    class_of_four = [
        Graded("a", "a", (row("a", "05.1"), named("a", "05.3", "transpose forgotten"))),
        Graded("b", "b", (row("b", "05.1"), named("b", "05.3", "transpose forgotten"))),
        Graded("c", "c", (row("c", "05.1", "not attempted"), row("c", "05.3", "not attempted"))),
        Graded("d", "d", (row("d", "05.1", "could not run", message="no JSON"), row("d", "05.3", "wrong", message="?"))),
    ]
    figures = class_figures(class_of_four)
    one, three = figures.exercises
    assert (one.counts["right"], one.counts["not attempted"], one.counts["could not run"]) == (2, 1, 1)
    assert three.mistakes == (("transpose forgotten", 2), ("none of the known mistakes", 1))
    assert (figures.mistakes[0].mistake, figures.mistakes[0].students) == ("transpose forgotten", ("a", "b"))
    assert figures.hardest is three and figures.median_points == 0.5
    assert [(s.student, s.attention) for s in figures.attention] == [("c", "Nothing was attempted."), ("d", "05.1 could not run: no JSON")]
    assert dict(histogram(figures.students)) == {"0": 2, "1": 2, "2": 0, "3": 0, "4": 0}


def test_where_everybody_is_right_no_exercise_is_the_hardest():
    right = [Graded("a", "a", (row("a", "05.1"), row("a", "05.3", "not attempted")))]
    assert class_figures(right).hardest is None


def test_a_histogram_of_many_or_broken_points_has_twenty_bins_that_hold_everybody():
    students = class_figures([Graded(str(k), "", (Row(str(k), "05", "05.1", "f", "t", k / 2, 50, "right"),)) for k in range(101)]).students
    bins = histogram(students)
    assert len(bins) == 20 and sum(count for _, count in bins) == 101


def test_the_class_page_links_every_student_and_escapes_their_names():
    submissions = [*a_class(40), _hostile(), Graded("a/b c?#", "x", (row("a/b c?#", "05.1"),))]
    names = file_names(s.student for s in submissions)
    page = _Page(course_page.page(RUN, class_figures(submissions), names))
    assert page.tags.count("script") == 1
    assert {unquote(link) for link in page.links} == {f"feedback/{name}.html" for name in names.values()}


def test_bars_fill_their_width_and_say_their_numbers():
    exercise = class_figures(a_class(200)).exercises[3]
    pieces = course_page._segments(exercise)
    assert sum(piece["width"] for piece in pieces) == pytest.approx(100, abs=0.01)
    assert {piece["status"]: piece["count"] for piece in pieces} == dict(exercise.counts)


def test_a_submission_of_unknown_lesson_stands_in_every_report(tmp_path):
    lost = Graded("lost", "", (Row("lost", "", "", "", "", 0, 0, "could not run", message="no notebook among essay.pdf"),))
    write_all(RUN, lambda: [lost, *a_class(3)], tmp_path)
    assert "no notebook among essay.pdf" in (tmp_path / "feedback" / "lost.html").read_text()
    assert "Nothing could be run: no notebook among essay.pdf" in (tmp_path / "course.html").read_text()
    assert {line.split(",")[-1] for line in (tmp_path / "canvas.csv").read_text().splitlines() if "lost" in line} == {'""'}
    assert write_all(RUN, lambda: [lost], tmp_path) != []


def test_the_page_of_a_huge_class_stays_one_that_a_browser_can_show(monkeypatch):
    monkeypatch.setattr(course_page, "_MOST_STUDENTS", 5)
    monkeypatch.setattr(course_page, "_MOST_NAMES", 2)
    submissions = [Graded(f"s{k}", "", (wrong(f"s{k}", "05.3", 0),)) for k in range(7)]
    text = course_page.page(RUN, class_figures(submissions), file_names(f"s{k}" for k in range(7)))
    assert "The first 5 of 7 by name; summary.csv has everybody." in text and "and 5 more: see grades.csv" in text
    assert "s4.html" in text and "s5.html" not in text and "7 students" in text


def test_what_a_lecture_helps_against_comes_before_what_only_raises():
    raised = row("a", "05.1", "wrong", mistake="raised", message="it raised NameError")
    figures = class_figures([Graded("a", "", (raised, row("a", "05.2", "wrong", message="m"), wrong("a", "05.3", 0)))])
    assert [found.made[0].exercise for found in figures.mistakes] == ["05.3", "05.1", "05.2"]


def test_one_misconception_in_several_exercises_of_a_lesson_is_one_card_with_the_students_of_all():
    both = Graded("a", "", (named("a", "05.2", "σ' dropped"), named("a", "05.3", "σ' dropped")))
    told = named("b", "05.3", "σ' dropped")
    figures = class_figures([both, Graded("b", "", (replace(told, message="Another text."),)), Graded("c", "", (named("c", "05.3", "σ' dropped"),))])
    (found,) = figures.mistakes
    assert [(made.exercise, made.title, made.count) for made in found.made] == [(e, registry()[e].title, n) for e, n in (("05.2", 1), ("05.3", 3))]
    assert found.students == ("a", "b", "c") and found.messages == ((both.rows[0].message, ("05.2", "05.3")),)
    text = course_page.page(RUN, figures, file_names("abc"))
    assert text.count('<h3 class="breakable">') == 1 and text.count("You carried the error back") == 1
    assert all(f"{made.exercise} · {made.title}: " in unescape(text) for made in found.made)


def test_two_texts_of_one_card_say_whose_they_are_and_none_is_a_students_own():
    name = "w_jk for w_kj"
    hints = {each: next(known.hint for known in registry()[each].mistakes if known.name == name) for each in ("05.1", "05.2")}
    assert len(set(hints.values())) == 2
    pair = tuple(row("a", each, "wrong", mistake=name, message="The course staff set the points to 1.") for each in hints)
    words = unescape("".join(_Page(course_page.page(RUN, class_figures([Graded("a", "", pair)]), file_names("a"))).words))
    plain = " ".join(words.replace("`", "").split())
    assert all(f"{each}: {' '.join(hint.replace('`', '').split())}" in plain for each, hint in hints.items())
    assert "course staff" not in plain


@pytest.mark.parametrize(
    ("exercises", "mistake"),
    [
        (("01.3", "03.1"), "sign"),  # two lessons
        (("05.2", "05.3"), "raised"),  # the bank does not know it
        (("05.2", "05.3"), None),
        (("11.1", "11.3"), "line 1"),  # of two texts
        (("11.1", "11.3"), "all right"),
        (("11.2", "11.4"), "as published"),
    ],
)
def test_what_is_no_single_misconception_stays_a_card_for_each_exercise(exercises, mistake):
    rows = tuple(row("a", exercise, "wrong", mistake=mistake, message="m") for exercise in exercises)
    assert [len(found.made) for found in class_figures([Graded("a", "", rows)]).mistakes] == [1, 1]


def test_cards_stand_by_different_students_then_by_the_easiest_exercise_that_has_them():
    bank = registry()
    assert (bank["05.1"].difficulty, bank["05.2"].difficulty, bank["05.4"].difficulty) == (1, 2, 3)
    a = (named("a", "05.2", "σ' dropped"), named("a", "05.3", "σ' dropped"), named("a", "05.4", "σ' dropped"))
    b = (named("b", "05.2", "first path only"), named("b", "05.1", "σ' left out"), named("b", "05.4", "transpose forgotten"))
    c = (named("c", "05.4", "transpose forgotten"), row("c", "05.1", "wrong", message="m"), row("c", "05.2", "wrong", mistake="raised", message="m"))
    d = (named("d", "05.4", "slope of tanh"), named("d", "05.6", "inverted"))
    figures = class_figures([Graded(rows[0].student, "", rows) for rows in (a, b, c, d)])
    assert [(found.mistake, len(found.students)) for found in figures.mistakes] == [
        ("transpose forgotten", 2),
        ("σ' left out", 1),
        ("inverted", 1),  # of 05.6, the easier one, before what stands in 05.2 and 05.4
        ("first path only", 1),
        ("σ' dropped", 1),
        ("slope of tanh", 1),
        ("raised", 1),
        ("none of the known mistakes", 1),
    ]


# ---- from a mistake to where it is taught --------------------------------------------------------------------------


def _page_of_two(site: str = "") -> _Page:
    rows = (named("a", "05.2", "σ' dropped"), named("a", "05.3", "σ' dropped"))
    return _Page(course_page.page(replace(RUN, site=site), class_figures([Graded("a", "", rows)]), file_names("a")))


def test_a_card_says_section_and_slide_of_each_exercise_and_links_nothing_without_a_site():
    page = _page_of_two()
    words = " ".join("".join(page.words).split())
    assert "Taught in lesson 05, “All links: the proof in components”; slide 7 of its deck, “BP2, in components” (05.2)" in words
    assert "Taught in lesson 05, “The same as matrices”; slide 11 of its deck, “As matrices: where the transpose comes from” (05.3)" in words
    assert set(page.links) == {"feedback/a.html"}


@pytest.mark.parametrize("site", ["https://uni.example/bp", "../site", "/bp", "https://uni.example/'\"><script>alert(1)</script>"])
def test_with_the_sites_address_a_card_links_the_sections(site):
    page = _page_of_two(site)
    place = f"{site}/lessons/05_propagating_the_error.html"
    assert [link for link in page.links if not link.startswith("feedback/")] == [
        f"{place}#all-links-the-proof-in-components",
        f"{place}#the-same-as-matrices",
    ]
    assert page.tags.count("script") == 1


def test_one_section_for_two_exercises_is_said_once():
    pair = tuple(row("a", exercise, "wrong", mistake="elementwise", message="m") for exercise in ("04.6", "04.7"))
    places = course_page._places(class_figures([Graded("a", "", pair)]).mistakes)
    (found,) = class_figures([Graded("a", "", pair)]).mistakes
    same = {exercise: (places["04.6"][0], None) for exercise in ("04.6", "04.7")}
    assert [place.exercises for place in course_page._places_of(found, same)] == [["04.6", "04.7"]]
    assert [place.exercises for place in course_page._places_of(found, places)] == [["04.6"], ["04.7"]], "of two slides"


def test_a_course_without_lessons_or_decks_has_no_places(tmp_path, monkeypatch):
    course = Course(tmp_path / "lessons", tmp_path / "slides")
    assert sections(course, "05") == {} == slides(course)
    for folder, name, text in ((course.lessons, "05_broken.ipynb", b"["), (course.slides, "05_broken.py", b"\xff")):
        folder.mkdir()
        (folder / name).write_bytes(text)
    assert sections(course, "05") == {} == slides(course)

    def none_here():
        raise CourseError("no lessons found")

    monkeypatch.setattr(course_page, "course_spoken", none_here)
    assert "Taught in" not in "".join(_page_of_two().words)


@pytest.mark.parametrize("lesson", sorted({exercise.lesson for exercise in registry().values()}))
def test_every_exercise_stands_in_a_section(lesson):
    assert sections(find_course(), lesson).keys() == {exercise.id for exercise in registry().values() if exercise.lesson == lesson}


def test_every_exercise_has_one_slide_that_treats_it():
    course = find_course()
    found, told = slides(course), []
    for deck in sorted(course.slides.glob("*.py")):
        cells = [cell for cell in source_of(deck).cells if cell.metadata.get("slideshow", {}).get("slide_type") in ("slide", "subslide")]
        for number, cell in enumerate(cells, 1):
            for exercise in cell.metadata.get("treats", "").split():
                told.append(exercise)
                slide = found[exercise]
                assert (slide.lesson, slide.number, slide.title) == (deck.name[:2], number, shown(cell.text.splitlines()[0].lstrip("# ")))
    assert sorted(told) == sorted(registry()), "each once"
    assert slides(course, {"05", "11"}) == {exercise: slide for exercise, slide in found.items() if exercise[:2] in ("05", "11")}
    # a case of lesson 11 may take up what a later lesson's deck treats; all others have a slide of their own
    assert {exercise for exercise, slide in found.items() if slide.lesson != exercise[:2]} == {
        f"11.{number}" for number in (19, 20, 21, 22, 23, 24, 27, 28)
    }


def test_a_slide_of_another_lessons_deck_is_called_by_its_deck():
    page = _Page(course_page.page(RUN, class_figures([Graded("a", "", (named("a", "11.20", "times the root"),))]), file_names("a")))
    words = " ".join("".join(page.words).split())
    assert "Taught in lesson 11, “Case 10: attention”; slide 9 of deck 13, “Backward: through softmax, to queries and keys”" in words


@pytest.mark.slow
def test_headings_are_named_as_on_the_site():
    core, parser = (pytest.importorskip(name) for name in ("docutils.core", "myst_parser.parsers.docutils_"))
    from docutils.nodes import section

    course = find_course()
    for notebook in sorted(course.lessons.glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        prose = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        settings = {"myst_enable_extensions": ["dollarmath", "amsmath"], "report_level": 5, "halt_level": 5}
        page = core.publish_doctree(prose, parser=parser.Parser(), settings_overrides=settings)
        anchors = {name for heading in page.findall(section) for name in heading["ids"]}
        assert {found.anchor for found in sections(course, notebook.name[:2]).values()} <= anchors, notebook.name


def test_of_two_headings_of_one_name_the_page_alone_is_linked(tmp_path):
    text = "## Twice\n\n### 05.1 a · •\n\n## Once\n\n### 05.2 b · •\n\n### Twice\n\n### 05.3 c · •"
    (tmp_path / "05_x.ipynb").write_text(json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}))
    found = sections(Course(tmp_path, tmp_path), "05")
    assert [each.page for each in found.values()] == ["lessons/05_x.html", "lessons/05_x.html#once", "lessons/05_x.html#once"]


@pytest.mark.parametrize(
    "address",
    [
        *("", " ", "a b", "javascript:alert(1)", "ftp://uni.example", "file:///site", "https://", "https:site", "//uni.example", "uni.example/bp"),
        *("localhost:8000", "C:\\site", "https://uni.example/?a", "site#top", "https://uni.example:x/", "https://[::1", "https://uni.example/\n"),
    ],
)
def test_an_address_that_is_none_is_one_line(address, capsys):
    parser = argparse.ArgumentParser()
    add_choice_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--site", address])
    said = capsys.readouterr().err.splitlines()[-1]
    assert "expected an address that begins with http:// or https://, or a relative one such as ../site" in said and repr(address) in said


def test_the_folder_keeps_the_sites_address_until_staff_forget_it(tmp_path):
    write_all(RUN, lambda: [], tmp_path)
    with Journal(tmp_path) as journal:
        assert journal.run().site == ""
    for said, kept in (("https://uni.example/bp/", "https://uni.example/bp"), (None, "https://uni.example/bp"), ("../site", "../site"), ("none", "")):
        assert main(["report", str(tmp_path), *(["--site", said] if said else [])]) == 0
        with Journal(tmp_path) as journal:
            assert journal.run().site == kept


def test_the_sites_address_does_not_write_the_students_pages_anew():
    assert digest_of_run(replace(RUN, site="../site")) == digest_of_run(RUN) != digest_of_run(replace(RUN, solutions=True))


def test_the_class_page_has_the_exercises_in_the_order_of_the_course():
    ids = [exercise.id for exercise in registry().values()]
    figures = class_figures([Graded("a", "", tuple(row("a", exercise) for exercise in reversed(ids)))])
    assert [exercise.exercise for exercise in figures.exercises] == ids


def test_an_empty_class_has_a_page(tmp_path):
    assert write_all(RUN, lambda: [], tmp_path) == []
    assert "0 students" in (tmp_path / "course.html").read_text()


@pytest.mark.parametrize(("part", "whole", "said"), [(0, 9, "0 %"), (1, 900, "1 %"), (899, 900, "99 %"), (9, 9, "100 %"), (0, 0, "–")])
def test_percentages_say_none_and_all_only_where_it_is_so(part, whole, said):
    assert share(part, whole) == said


# ---- tables --------------------------------------------------------------------------------------------------------


FORMULAS = ['=HYPERLINK("http://x.example","a")', "+1", "-1+1", "@SUM(1)", "\r=1", " =1", "'=1", "＝1", "''+1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_formula_in_a_name_is_text_and_comes_back(name):
    assert as_text(name) == f"'{name}" and from_text(as_text(name)) == name


@pytest.mark.parametrize("name", ["Ada", "'t Hooft", "O'Neil", "a=b", "", "李雷"])
def test_an_ordinary_name_is_written_as_it_is(name):
    assert as_text(name) == name == from_text(name)


SEPARATED = ["\t=1", "x;=1+1;", "x;  -1", 'x;"=1+1"', "x|@SUM(1)", "a\t=1", "a\t\t'=1", ";=1", "=1;=1;'=1", ";;\t;=1", "x;'=1", "x;''+1"]


@pytest.mark.parametrize("text", SEPARATED)
def test_a_separator_of_another_country_starts_no_formula(text, tmp_path):
    write_all(RUN, lambda: [Graded(text, "f", (row(text, "05.1", "wrong", message=text),))], tmp_path)
    for file in ("grades.csv", "summary.csv", "canvas.csv", "moodle.csv"):
        raw = (tmp_path / file).read_text()
        for separator in ";|\t":
            for line in raw.splitlines():
                assert not [cell for cell in line.split(separator)[1:] if re.match(r"""['"\s]*[=+@＝-]""", cell) and not cell.startswith("'")], (
                    file,
                    line,
                )
    with (tmp_path / "grades.csv").open(newline="") as file:
        (told,) = csv.DictReader(file)
    assert from_text(told["message"]) == text == from_text(told["student"])


def test_grades_and_summary_have_the_promised_columns_and_numbers(tmp_path):
    submissions = a_class(5)
    write_all(RUN, lambda: submissions, tmp_path)
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        grades = list(csv.DictReader(file))
    assert list(grades[0]) == ["student", "lesson", "exercise", "points", "max", "status", "mistake", "message", "seconds"]
    assert [(g["student"], g["exercise"], g["status"]) for g in grades] == [(r.student, r.exercise, r.status) for s in submissions for r in s.rows]
    assert [g["lesson"] for g in grades[:3]] == ["00", "00", "05"]
    with (tmp_path / "summary.csv").open(newline="", encoding="utf-8") as file:
        assert [float(line["points"]) for line in csv.DictReader(file)] == [sum(r.points for r in s.rows) for s in submissions]


def test_the_summary_is_out_of_the_same_maximum_for_all(tmp_path):
    """Who handed in half of the lessons, or another one, did not have less to do."""
    whole, few = _submission("ada", "right", "right"), _submission("ben", "right", "right")
    part = Graded("cem", "f", tuple(row for row in few.rows if row.lesson == few.rows[0].lesson))
    other = Graded("dua", "f", (row("dua", "09.1", "right"),))
    more = Graded("eva", "f", (*whole.rows, row("eva", "09.1", "right")))
    spreadsheets.write_summary([whole, few, part, other, more], tmp_path)
    with (tmp_path / "summary.csv").open(newline="") as file:
        told = {line["student"]: (line["points"], line["max"]) for line in csv.DictReader(file)}
    everything = str(int(sum(r.max for r in whole.rows)))
    assert {most for _, most in told.values()} == {everything}
    assert told["ada"] == told["ben"] == told["cem"] == told["eva"] == (everything, everything) and told["dua"] == ("", everything)


LINKED = (
    *("see https://a.example/x?y=1|2", "www.a.example", "mailto:ada@a.example", "ask @ada", "ada@a.example", "xmpp:ada@a.example"),
    *("fixes #12", "GH-12", "commit 0a1b2c3d4e5f", "``` https://a.example ```", "`@ada`", "ftp://a.example"),
)


@pytest.mark.parametrize("text", LINKED)
def test_nothing_in_the_job_summary_becomes_a_link(text):
    """Outside code, GitHub makes links of bare addresses, people, issues and commits."""
    hostile = Graded(text, "f", (row("s", "05.1", "wrong", message=text),), (text,))
    shown = job_summary.markdown(RUN, lambda: [hostile])
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", shown)
    assert not re.search(r"example|ada|12|0a1b", outside), outside
    rows = [line for line in shown.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", line)) for line in rows}) == 1


def _times(out: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for folder in ("feedback", "gradescope") for path in (out / folder).iterdir()}


def test_pages_are_written_only_where_something_has_changed(tmp_path):
    submissions = a_class(6)
    write_all(RUN, lambda: submissions, tmp_path)
    before, content = _times(tmp_path), {path: path.read_bytes() for path in tmp_path.rglob("[!.]*") if path.is_file()}
    write_all(RUN, lambda: submissions, tmp_path)
    assert _times(tmp_path) == before
    first = submissions[0].student
    changed = [replace(submissions[0], rows=(replace(submissions[0].rows[0], title="Another title"), *submissions[0].rows[1:])), *submissions[1:]]
    write_all(RUN, lambda: changed, tmp_path)
    assert {name for name, time in _times(tmp_path).items() if time != before[name]} == {f"{first}.html", f"{first}.json"}
    assert "Another title" in (tmp_path / "feedback" / f"{first}.html").read_text()
    write_all(RUN, lambda: submissions, tmp_path)
    assert {path: path.read_bytes() for path in content} == content


def test_the_class_is_read_once_whatever_is_written(tmp_path):
    submissions, read = a_class(9), []

    def reads():
        for submission in submissions:
            read.append(submission.student)
            yield submission

    write_all(RUN, reads, tmp_path, students=[submission.student for submission in submissions])
    first = [submission.student for submission in submissions[:4]]
    assert read == [*(submission.student for submission in submissions), *first]  # the summary looks at the first ones


def test_a_row_for_each_lesson_is_enough_for_points(tmp_path):
    submissions = [
        *a_class(30),
        Graded("two", "f", (row("two", "05.1"), row("two", "04.1"), row("two", "05.2", "could not run"), row("two", "05.3"))),
        Graded("none", "", (Row("none", "", "", "", "", 0, 0, "could not run", None, "nothing was handed in"),)),
    ]
    for folder, form in (("rows", lambda each: each), ("points", on_points)):
        reduced = list(map(form, submissions))
        spreadsheets.write_summary(reduced, tmp_path / folder)
        notes = [canvas.write(reduced, tmp_path / folder), moodle.write(reduced, tmp_path / folder)]
        (tmp_path / folder / "notes").write_text(repr(notes))
    for name in ("summary.csv", "canvas.csv", "moodle.csv", "notes"):
        assert (tmp_path / "rows" / name).read_text() == (tmp_path / "points" / name).read_text()


def test_junit_is_what_an_xml_library_writes(tmp_path):
    odd = "a\"<&>'\t\n\x00 é"
    submissions = [*a_class(20), Graded(odd, "f", (row(odd, "05.1", "wrong", mistake=odd, message=odd, where=odd, notes=(odd,)), row(odd, "05.2")))]
    totals = junit.Totals()
    for submission in submissions:
        totals.add(submission)
    junit.write(submissions, totals, tmp_path)
    written = (tmp_path / "junit.xml").read_bytes().decode()
    tree = ElementTree.fromstring(written.encode())
    assert ElementTree.tostring(tree, encoding="unicode") == written.partition("\n")[2].rstrip("\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda s: replace(s, problems=("another problem",)),
        lambda s: replace(s, file="another.ipynb"),
        lambda s: replace(s, rows=(replace(s.rows[0], entries=Entries("t", np.array([[1.0, 2.0]]), np.array([[True, False]]))), *s.rows[1:])),
        lambda s: replace(s, rows=(replace(s.rows[0], notes=("a note",)), *s.rows[1:])),
    ],
)
def test_whatever_a_page_is_made_of_counts_as_a_change(change):
    submission = a_class(1)[0]
    assert digest_of(change(submission)) != digest_of(submission) == digest_of(a_class(1)[0])
    assert digest_of_run(replace(RUN, sandboxed=not RUN.sandboxed)) != digest_of_run(RUN)


@pytest.mark.parametrize(
    "change",
    [
        {"lesson": "06"},
        {"exercise": "05.9"},
        {"name": "other"},
        {"title": "Another title"},
        {"points": 0.5},
        {"points": -0.0},
        {"max": 3.0},
        {"status": "could not run"},
        {"mistake": None},
        {"mistake": ""},
        {"message": "it raised"},
        {"where": "z 2×2"},
        {"notes": ("a note",)},
        {"entries": Entries("t", np.array([[1.0, 2.0]]), np.array([[True, False]]))},
        {"code": ""},
        {"code": "pass <!-- cut -->"},
        {"message": "<!-- cut --> `<!-- cut -->`"},
    ],
    ids=str,
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_made_once_goes_to_nobody_who_has_something_else(language, change):
    run = replace(RUN, language=language)
    one = Graded("ada", "ada.ipynb", (wrong("ada", "05.3", 0),))
    two = replace(one, rows=(replace(one.rows[0], **change),))
    made = {}
    for order in ((one, two), (two, one)):
        for kept in (feedback_pages._card_once, feedback_pages._frame, gradescope._test_once, pages._coloured_once):
            kept.cache_clear()
        for each in order:
            texts = feedback_pages.page(run, each), gradescope.results(run, each)
            assert made.setdefault(each is one, texts) == texts
    assert made[True] != made[False]


@pytest.mark.parametrize("harm", ["edited", "gone", "no memory of it", "a memory of another kind"])
def test_a_page_that_is_not_what_was_written_is_written_anew(harm, tmp_path):
    submissions = a_class(2)
    write_all(RUN, lambda: submissions, tmp_path)
    page = tmp_path / "feedback" / f"{submissions[0].student}.html"
    content = page.read_bytes()
    page.write_bytes(content.replace(b"points", b"POINTS"))
    if harm == "gone":
        page.unlink()
    elif harm == "no memory of it":
        (tmp_path / ".reports").unlink()
    elif harm == "a memory of another kind":
        (tmp_path / ".reports").write_text("[1]")
    write_all(RUN, lambda: submissions, tmp_path)
    assert page.read_bytes() == content


def test_the_same_rows_give_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        write_all(RUN, lambda: a_class(12), tmp_path / folder)
    one, two = (
        {path.relative_to(tmp_path / f): path.read_bytes() for path in (tmp_path / f).rglob("[!.]*") if path.is_file()} for f in ("one", "two")
    )
    assert one == two and len(one) == 12 * 2 + 7


def _reports(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("[!.]*") if path.is_file() and "sqlite" not in path.name}


def _add(journal: Journal, student: str, *statuses: str, minutes: int = 0) -> None:
    """A hand-in of lesson 05, handed in so many minutes late."""
    exercises = [f"05.{k}" for k in range(1, len(statuses) + 1)]
    rows = [row(student, e, status, share=0.5 * (status == "wrong")) for e, status in zip(exercises, statuses, strict=True)]
    journal.add(Graded(student, f"{student}.ipynb", tuple(rows), key="k", lessons=("05",), sandbox="nested"))
    _attend(journal, student, minutes=minutes)


def _attend(journal: Journal, *students: str, minutes: int = 0, whole_class: bool = False) -> None:
    journal.attend([Submission(s, (), submitted_at=f"2031-03-03T12:{minutes:02}+00:00") for s in students], whole_class)


def _sql(journal: Journal, statement: str) -> None:
    with closing(sqlite3.connect(journal.path)) as database, database:
        database.execute(statement)


# what happens to a graded folder, each time after the one before
CHANGES: dict[str, Callable[[Journal], object]] = {
    "nothing": lambda journal: None,
    "graded anew": lambda journal: _add(journal, "ben", "right", "wrong"),
    "somebody new in between": lambda journal: _add(journal, "bea", "wrong", "right"),
    "points set by hand": lambda journal: journal.decide(Override("cem", "05.1", 1, "right but for a sign", 0, "2031-03-04 09:00 UTC")),
    "full points set by hand": lambda journal: journal.decide(Override("cem", "05.1", 2, "right after all", 0, "2031-03-04 10:00 UTC")),
    "other reasons": lambda journal: journal.decide(Override("cem", "05.1", 2, "right, I say", 0, "2031-03-04 10:00 UTC")),
    "a due time": lambda journal: journal.set_lateness("2031-03-03T11:00+00:00", None),
    "a rule for lateness": lambda journal: journal.set_lateness(None, "50% per hour"),
    "another rule": lambda journal: journal.set_lateness(None, "25% per hour"),
    "handed in later": lambda journal: _attend(journal, "ada", minutes=30),
    "partial credit": lambda journal: journal.choose({PARTIAL: True}),
    "solutions shown": lambda journal: journal.choose({SOLUTIONS: True}),
    "no rule any more": lambda journal: journal.set_lateness(None, "none"),
    "points by hand undone": lambda journal: journal.undo("cem", "05.1"),
    "somebody gone": lambda journal: _attend(journal, "ada", "bea", "cem", whole_class=True),
    "somebody back": lambda journal: _attend(journal, "ben"),
    "renamed": lambda journal: (_add(journal, "Bea B", "wrong", "right"), _attend(journal, "ada", "Bea B", "ben", "cem", whole_class=True)),
    "a name that takes another's file": lambda journal: _add(journal, "ADA", "right", "not attempted"),
    "that one gone": lambda journal: _attend(journal, "ada", "Bea B", "ben", "cem", whole_class=True),
    "graded by another numpy": lambda journal: _sql(journal, "UPDATE handins SET versions = 'numpy 1' WHERE student = 'ada'"),
    "a problem noted": lambda journal: _sql(journal, """UPDATE handins SET problems = '["left out"]' WHERE student = 'ada'"""),
    "another message": lambda journal: _sql(journal, "UPDATE grades SET message = 'looked at again' WHERE student = 'ben' AND exercise = '05.2'"),
    "other code": lambda journal: _sql(journal, "UPDATE grades SET code = 'pass' WHERE student = 'ben'"),
}


def test_what_is_made_anew_in_part_is_what_would_be_made_from_nothing(tmp_path):
    out = tmp_path / "graded"
    with Journal(out) as journal:
        for student in ("ada", "ben", "cem"):
            _add(journal, student, "wrong", "right")
        for number, (change, make) in enumerate(CHANGES.items()):
            before = _reports(out)
            make(journal)
            write_all(journal.run(), journal.kept, out)
            write_all(journal.run(), journal.kept, tmp_path / str(number))
            assert _reports(out) == _reports(tmp_path / str(number)), change
            assert number < 1 or _reports(out) != before, change


def test_only_who_has_changed_is_read(tmp_path):
    read = []

    def kept(journal: Journal) -> Iterator[Kept]:
        for each in journal.kept():
            yield each._replace(read=lambda each=each: (read.append(each.student), each.read())[1])

    with Journal(tmp_path) as journal:
        students = [f"s{k:02}" for k in range(12)]
        for student in students:
            _add(journal, student, "wrong", "right")
        write_all(journal.run(), lambda: kept(journal), tmp_path)
        assert set(read) == set(students)
        read.clear()
        _add(journal, "s09", "right", "right")
        write_all(journal.run(), lambda: kept(journal), tmp_path)
    assert read == ["s09", *students[:4]]  # the summary looks at the first ones, whether there are any more


def test_nothing_is_remembered_of_who_is_gone(tmp_path):
    submissions = a_class(4)
    write_all(RUN, lambda: submissions, tmp_path)
    write_all(RUN, lambda: submissions[1:], tmp_path)
    with closing(sqlite3.connect(tmp_path / ".reports")) as database:
        assert len(database.execute("SELECT 1 FROM made").fetchall()) == 3


@pytest.mark.parametrize("name", ["grades.csv", "junit.xml", "summary.csv", "course.html"])
def test_a_report_on_the_class_that_somebody_edited_is_written_anew(name, tmp_path):
    submissions = a_class(4)
    write_all(RUN, lambda: submissions, tmp_path)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_text("edited")
    write_all(RUN, lambda: submissions, tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_a_memory_that_is_damaged_inside_is_one_line_and_the_next_run_makes_all_anew(tmp_path):
    submissions = a_class(4)
    write_all(RUN, lambda: submissions, tmp_path)
    content = _reports(tmp_path)
    with closing(sqlite3.connect(tmp_path / ".reports")) as database, database:
        database.execute("UPDATE made SET marks = '[', suite = x'00'")
    with pytest.raises(CourseError, match=r"cannot write .*\.reports: .*run it again"):
        write_all(RUN, lambda: submissions, tmp_path)
    write_all(RUN, lambda: submissions, tmp_path)
    assert _reports(tmp_path) == content


def test_statuses_are_those_of_the_reports(tmp_path):
    with Journal(tmp_path) as journal:
        for student in ("ada", "ben", "cem"):
            _add(journal, student, "wrong", "right", "not attempted")
        for student in ("ben", "cem"):
            journal.decide(Override(student, "05.1", 2, "right after all", 0, "2031-03-04 10:00 UTC"))
        _attend(journal, "ada", "cem", whole_class=True)
        assert journal.statuses() == Counter(row.status for each in journal.submissions() for row in each.rows)
        assert journal.statuses()["right"] == 3


def test_every_report_with_words_names_the_python_and_the_numpy_that_graded(tmp_path):
    by_another = replace(Graded("ada", "f", (row("ada", "05.1"),)), versions="Python 3.11.9, numpy 1.26.4")
    write_all(RUN, lambda: [by_another], tmp_path)
    for name in ("feedback/ada.html", "gradescope/ada.json", "junit.xml"):
        assert "Python 3.11.9, numpy 1.26.4" in (tmp_path / name).read_text(), name
    for name in ("course.html", "summary.md"):
        assert RUN.versions in (tmp_path / name).read_text(), name


# ---- platforms --------------------------------------------------------------------------------------------------------


CANVAS = """\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Homework (11),Lesson 05 (4711),Notes
,,,,,Manual Posting,,
    Points Possible,,,,,10,4,(read only)
"Lovelace, Ada",101,u1,ada,A,9,,=keep
"李, 雷",102,u2,lei,A,8,2,
"Doe, Jo",103,u3,jo1,A,,,
"Doe, Jo",104,u4,jo2,A,,,
"Student, Test",105,,test,A,,,
"""


def _platform(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return path


def _submission(student: str, *statuses: str) -> Graded:
    return Graded(student, "f", tuple(row(student, f"05.{k}", status, message="m") for k, status in enumerate(statuses, 1)))


def test_canvas_rows_are_found_by_login_number_name_or_download_and_the_rest_stays(tmp_path):
    submissions = [
        _submission("ADA", "right", "wrong"),
        _submission("leili_LATE_102_998_05_lesson", "right", "right"),
        _submission("Jo Doe", "right", "right"),
        _submission("nobody", "right", "right"),
        _submission("test", "right", "could not run"),
    ]
    notes = canvas.write(submissions, tmp_path, canvas.read(_platform(tmp_path, CANVAS)))
    lines = (tmp_path / "canvas.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == CANVAS.splitlines()[0].removeprefix("\ufeff")
    assert lines[1:3] == CANVAS.splitlines()[1:3]
    assert lines[3] == '"Lovelace, Ada",101,u1,ada,A,9,1,=keep'
    assert lines[4] == '"李, 雷",102,u2,lei,A,8,3,'
    assert lines[5:] == CANVAS.splitlines()[5:]
    assert "no row was found for 'nobody'" in notes
    assert any("more than one row" in note and "'Jo Doe'" in note for note in notes)
    assert "2 rows have no submission and stay as they were" in notes
    assert "1 student has an exercise that could not run, and no number for that lesson" in notes
    assert "lesson 05 gives 3 points, the gradebook says 4" in notes


def test_two_submissions_of_one_person_fill_in_neither(tmp_path):
    notes = canvas.write([_submission("ada", "right"), _submission("101", "wrong")], tmp_path, canvas.read(_platform(tmp_path, CANVAS)))
    assert '"Lovelace, Ada",101,u1,ada,A,9,,=keep' in (tmp_path / "canvas.csv").read_text()
    assert any("'101', 'ada'" in note for note in notes)


def test_canvas_without_a_roster_lists_logins_under_the_columns_canvas_wants(tmp_path):
    assert canvas.write([_submission("ada", "right", "wrong")], tmp_path) == []
    lines = (tmp_path / "canvas.csv").read_text().splitlines()
    assert lines[0] == "Student,ID,SIS User ID,SIS Login ID,Section,Lesson 05"
    assert next(csv.reader(lines[1:2])) == ["    Points Possible", "", "", "", "", "3"]
    assert next(csv.reader(lines[2:3])) == ["ada", "", "", "ada", "", "1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Name,Grade\nada,1\n", r"found the columns 'Name', 'Grade', expected one called 'Student'"),
        ("", "the file is empty; expected the columns Student, ID"),
        ("Student,ID,Lesson 15 (2)\n", r"found for lesson 05 the assignment columns 'Lesson 15 \(2\)', expected one with this number"),
        ("Student,ID,Lesson 05 (2),HW 5 (3)\n", r"'Lesson 05 \(2\)', 'HW 5 \(3\)', expected one"),
    ],
)
def test_a_gradebook_that_does_not_fit_says_what_it_has_and_what_it_should_have(tmp_path, text, said):
    with pytest.raises(CourseError, match=said):
        canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_platform(tmp_path, text)))


def test_a_roster_that_is_no_text_or_not_there_is_one_line(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    for name, words in (("x.csv", "cannot be read as CSV"), ("absent.csv", "absent.csv cannot be read: No such file")):
        with pytest.raises(CourseError, match=words):
            canvas.read(tmp_path / name)


MOODLE = """Identifier;Full name;Email address;Status;Grade;Maximum Grade;Grade can be changed;Last modified (submission);Last modified (grade);Feedback comments
Participant 7;Ada Lovelace;ada@uni.example;Submitted;;100,00;Yes;Monday;-;good
Participant 8;雷 李;lei@uni.example;Submitted;;100,00;Yes;-;-;
Participant 9;Jo Doe;jo@uni.example;Submitted;55;100,00;No;-;-;
"""  # noqa: E501 - the platform's own header is that long


def test_moodle_grades_are_put_on_the_worksheets_scale_and_the_rest_stays(tmp_path):
    submissions = [
        _submission("Ada Lovelace_7_assignsubmission_file", "right", "wrong"),
        _submission("lei", "right", "right"),
        _submission("Jo Doe", "right"),
    ]
    notes = moodle.write(submissions, tmp_path, moodle.read(_platform(tmp_path, MOODLE)))
    lines = (tmp_path / "moodle.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "Participant 7;Ada Lovelace;ada@uni.example;Submitted;33.33;100,00;Yes;Monday;-;good"
    assert lines[2].split(";")[4] == "100.00"
    assert lines[3] == MOODLE.splitlines()[3]
    assert notes == ["1 grade is closed in Moodle and stays as it was"]


def test_moodle_gives_no_grade_where_something_could_not_run(tmp_path):
    notes = moodle.write([_submission("ada", "right", "could not run")], tmp_path, moodle.read(_platform(tmp_path, MOODLE)))
    assert (tmp_path / "moodle.csv").read_text().splitlines()[1].split(";")[4] == ""
    assert "1 student has an exercise that could not run, and no grade" in notes


def test_moodle_takes_the_maximum_of_the_class_and_not_of_each_student(tmp_path):
    """Who hands in a lesson worth three points has not done the one worth fourteen."""
    worth = sum(e.points for e in registry().values() if e.lesson == "05")
    whole = [Graded(name, "f", tuple(row(name, e) for e in registry() if e.startswith("05."))) for name in ("ada", "ben", "lei")]
    half = Graded("jo", "f", (*(row("jo", e) for e in registry() if e.startswith("05.")), row("jo", "00.1")))
    other = Graded("zoe", "f", (row("zoe", "00.1"), row("zoe", "00.2")))
    notes = moodle.write([*whole, half, other], tmp_path)
    with (tmp_path / "moodle.csv").open() as file:
        told = {line["Full name"]: (line["Grade"], line["Maximum Grade"]) for line in csv.DictReader(file)}
    assert told == {name: (f"{worth}", f"{worth}") for name in ("ada", "ben", "lei", "jo")} | {"zoe": ("", f"{worth}")}
    assert notes == ["1 student has handed in another lesson than the class (05), and no grade, e.g. 'zoe'"]


def test_moodle_takes_all_lessons_that_the_class_handed_in(tmp_path):
    both = Graded("ada", "f", (row("ada", "05.1"), row("ada", "06.1", "wrong")))
    one = Graded("ben", "f", (row("ben", "05.1"),))
    moodle.write([both, one], tmp_path)
    with (tmp_path / "moodle.csv").open() as file:
        told = {line["Full name"]: (float(line["Grade"]), float(line["Maximum Grade"])) for line in csv.DictReader(file)}
    worth = [registry()[e].points for e in ("05.1", "06.1")]
    assert told == {"ada": (worth[0], sum(worth)), "ben": (worth[0], sum(worth))}


def test_moodle_without_a_roster_has_its_columns(tmp_path):
    moodle.write([_submission("ada", "right")], tmp_path)
    lines = list(csv.reader((tmp_path / "moodle.csv").open()))
    assert lines[0] == MOODLE.splitlines()[0].split(";") and lines[1][1] == "ada" and lines[1][4:6] == ["1", "1"]


def test_gradescope_results_have_the_fields_and_types_that_it_reads(tmp_path):
    submission = a_class(1, seed=3)[0]
    gradescope.write(RUN, [submission], tmp_path, {submission.student: "one"})
    told = json.loads((tmp_path / "gradescope" / "one.json").read_text())
    assert told["score"] == sum(r.points for r in submission.rows)
    assert isinstance(told["execution_time"], int) and told["stdout_visibility"] == "hidden"
    for test, r in zip(told["tests"], submission.rows, strict=True):
        assert set(test) == {"score", "max_score", "status", "name", "number", "output", "output_format", "tags", "visibility"}
        assert (test["score"], test["max_score"], test["number"]) == (r.points, r.max, r.exercise)
        assert test["status"] == ("passed" if r.status == "right" else "failed")
        assert r.status in test["output"]
        assert r.status == "right" or r.message.replace("`", "") in test["output"].replace("`", "")


def test_gradescope_says_what_could_not_be_graded_and_that_there_was_no_sandbox():
    output = json.loads(gradescope.results(replace(RUN, sandboxed=False), _submission("ada", "right", "could not run")))["output"]
    assert "Graded without a sandbox." in output and "Could not be graded: 05.2." in output


def test_junit_counts_add_up_and_odd_characters_do_not_break_it(tmp_path):
    odd = Graded(
        "a\x00\x1b\ud800<&", "f", (row("a\x00\x1b\ud800<&", "05.1", "wrong", message="\x07]]>"), row("a", "05.2", "could not run", message="m"))
    )
    submissions = [*a_class(30), odd]
    totals = junit.Totals()
    for submission in submissions:
        totals.add(submission)
    junit.write(submissions, totals, tmp_path)
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    statuses = [r.status for s in submissions for r in s.rows]
    assert int(root.attrib["tests"]) == len(statuses) == len(root.findall("./testsuite/testcase"))
    for attribute, element, status in (
        ("failures", "failure", "wrong"),
        ("errors", "error", "could not run"),
        ("skipped", "skipped", "not attempted"),
    ):
        assert int(root.attrib[attribute]) == statuses.count(status) == len(root.findall(f"./testsuite/testcase/{element}")) > 0
    points = sum(float(p.attrib["value"]) for p in root.iterfind("./testsuite/testcase/properties/property[@name='points']"))
    assert points == sum(r.points for s in submissions for r in s.rows)


def test_the_job_summary_goes_where_github_asks_and_is_a_table(tmp_path):
    asked = tmp_path / "step"
    asked.write_text("before\n")
    job_summary.write(RUN, lambda: [_submission("ada", "right", "wrong")], tmp_path, {"GITHUB_STEP_SUMMARY": str(asked)})
    assert asked.read_text() == "before\n" + (tmp_path / "summary.md").read_text()
    rows = [line for line in asked.read_text().splitlines() if line.startswith("|")]
    assert len(rows) == 4 and len({len(re.findall(r"(?<!\\)\|", line)) for line in rows}) == 1


def test_student_text_stays_text_in_the_job_summary():
    text = job_summary.markdown(RUN, lambda: [Graded("a|b\n# [x](x) `c`", "f", (row("s", "05.1", "wrong", message="<img src=x> |"),))])
    assert "<img" not in text and "](" not in text and "\n# " not in text


def test_a_class_gets_a_line_per_exercise_in_the_job_summary():
    text = job_summary.markdown(RUN, lambda: a_class(50))
    assert text.count("\n| 05.") == 7 and "course.html" in text


def test_the_page_of_a_class_speaks_the_language_of_the_run():
    submissions = [
        Graded("ada", "ada.ipynb", (row("ada", "05.1"), wrong("ada", "05.3", 0))),
        Graded("bo", "bo.ipynb", (row("bo", "05.1", "could not run"),)),
        Graded("cy", "cy.ipynb", (row("cy", "05.1", "not attempted"),)),
    ]
    run = replace(RUN, language="zh", site="https://example.org/course")
    text = course_page.page(run, class_figures(submissions), file_names(s.student for s in submissions))
    assert '<html lang="zh">' in text
    assert 'href="https://example.org/course/zh/lessons/05_' in text
    shown = re.sub(r"(?s)<(style|script|code)\b.*?</\1>|<meta[^>]*>", " ", text)
    attributes = " | ".join(re.findall(r'(?:aria-label|title|data-words)="([^"]*)"', shown))
    words = f"{attributes} | {re.sub(r'<[^>]+>', ' | ', shown)}"
    assert "没做" in words
    english = re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]+)+", words)
    assert english == []


def test_gradescope_speaks_the_language_of_the_run_and_keeps_its_tags():
    ada = Graded("ada", "ada.ipynb", (row("ada", "05.1"), wrong("ada", "05.3", 0), row("ada", "05.2", "could not run")), versions="numpy 2.0")
    english, chinese = (json.loads(gradescope.results(replace(RUN, language=code, sandboxed=False), ada)) for code in ("en", "zh"))
    assert "Could not be graded: 05.2." in english["output"] and "这些无法评分：05.2。" in chinese["output"]
    for ours, theirs in zip(english["tests"], chinese["tests"], strict=True):
        assert {key for key in ours if ours[key] != theirs[key]} == {"name", "output"}
    words = re.sub(r"`[^`]*`|numpy|bpkit", "", "".join([chinese["output"], *(test["output"] for test in chinese["tests"])]))
    assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]+)+", words) == []


def test_templates_that_cannot_be_kept_compiled_are_compiled_each_time(tmp_path, monkeypatch):
    (tmp_path / f"_jinja2-cache-{os.getuid()}").write_text("somebody else's")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert pages._compiled() is None
