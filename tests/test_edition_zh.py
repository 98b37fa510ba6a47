"""The Chinese edition is the English one in other words: cells, code, formulas, exercises, links and the numbers that come out."""

from __future__ import annotations

import base64
import dataclasses
import io
import re
import shutil
from collections import Counter

import nbformat
import pytest
from notebook_runs import run_by_nbval

pytest.importorskip("jupytext")
pytest.importorskip("babel")

from bpkit.authoring import deck_font
from bpkit.authoring.catalogues import deck_words, editions, exceptions, folder_of, spoken_file, to_do
from bpkit.authoring.edition import code_differs, deck_edition, unfinished
from bpkit.authoring.source import read_source
from bpkit.authoring.translation_lint import faults
from bpkit.authoring.wording import Message
from bpkit.course.contents import contents
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError
from bpkit.exercises import registry
from bpkit.exercises.keeping import LEFT_OUT
from bpkit.language.catalogue import Catalogue
from bpkit.plots._house import CHINESE_FONTS, chinese_font

COURSE = find_course()
CHINESE = COURSE.edition("zh")
assert COURSE.solutions is not None
assert CHINESE.solutions is not None
FOLDER = folder_of(COURSE, "zh")
LATER = to_do(FOLDER)
SLUGS = [path.stem for path in files_of(COURSE.solutions, ".py")]
LANDED = [slug for slug in SLUGS if f"lesson_{slug[:2]}" not in LATER]
each_lesson = pytest.mark.parametrize("slug", LANDED)
NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
HAN = re.compile(r"[\u3400-\u9fff]")


def pair(slug):
    """The solved notebook in English and in Chinese."""
    return [nbformat.read(folder / f"{slug}.ipynb", as_version=4) for folder in (COURSE.solutions, CHINESE.solutions)]


def printed(cell):
    """The text that a cell's run left, without what is drawn."""
    return "\n".join(output.get("text", "") or output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))


@pytest.mark.slow
def test_chinese_is_an_edition_and_nothing_in_it_is_behind():
    assert "zh" in editions(COURSE)
    assert list(unfinished(COURSE, "zh")) == []


def test_what_is_excused_is_still_there_and_has_a_reason():
    assert all(entry.why for entry in exceptions(FOLDER))
    assert {path.stem for path in FOLDER.glob("*.po")} | {f"{kind}_{slug[:2]}" for kind in ("deck", "lesson", "bank") for slug in SLUGS} >= LATER


@pytest.mark.slow
@each_lesson
def test_cells_tags_code_and_what_markdown_must_keep_are_the_same(slug):
    english, chinese = pair(slug)
    assert [(cell.id, cell.cell_type, cell.metadata) for cell in english.cells] == [
        (cell.id, cell.cell_type, cell.metadata) for cell in chinese.cells
    ]
    excused = exceptions(FOLDER)
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if one.cell_type == "code":
            assert code_differs(one.source, other.source) == "", one.id
        else:
            told = [line for line in faults(Message(one.source, one.id), other.source)]
            assert [line for line in told if not any(entry.covers(f"lesson_{slug[:2]}", one.source, line) for entry in excused)] == [], one.id
            assert HAN.search(other.source) or not re.search(r"[A-Za-z]{3}", one.source), f"{one.id} is not translated"


@each_lesson
def test_the_same_numbers_come_out(slug):
    for one, other in zip(*(notebook.cells for notebook in pair(slug)), strict=True):
        before, after = (Counter(NUMBER.findall(printed(cell))) for cell in (one, other))
        assert not before - after, one.id
        assert all(re.fullmatch(r"\d|10", number) for number in after - before), (
            f"{one.id}: words like 'doubled' or 'million' may become digits, no more"
        )


@each_lesson
def test_every_exercise_is_right_in_chinese(slug):
    said = [printed(cell) for cell in pair(slug)[1].cells if re.match(r"bp\.check\(\"[\d.]+\", \w+\)", cell.source)]
    assert len(said) >= sum(exercise.lesson == slug[:2] for exercise in registry().values())
    assert all("：对 (" in text for text in said)


@pytest.mark.slow
@pytest.mark.skipif(chinese_font() != CHINESE_FONTS[0], reason="figures were recorded with another font: apt install fonts-wqy-microhei")
@each_lesson
def test_the_chinese_notebook_gives_what_it_records(slug, tmp_path):
    shutil.copy(CHINESE.solutions / f"{slug}.ipynb", tmp_path)
    done = run_by_nbval(tmp_path / f"{slug}.ipynb", {"BPKIT_LANGUAGE": "zh", LEFT_OUT: "1"})
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


# ---- decks -----------------------------------------------------------------------------------------------------------------

DECKS = [path for path in files_of(COURSE.slides, ".py") if f"deck_{path.stem[:2]}" not in LATER]
each_deck = pytest.mark.parametrize("path", DECKS, ids=lambda path: path.stem)
MINUTES = re.compile(r"(\d+) minutes?\b(\.)?")
FORMULA = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
WORDS_OF_FORMULAS = re.compile(r"\\text\{[^{}]*\}")


@pytest.mark.slow
@each_deck
def test_slides_fragments_code_and_formulas_of_a_deck_are_the_same(path):
    english = read_source(path)
    chinese, left = deck_edition(english, COURSE, "zh")
    assert (chinese.language, left) == ("zh", "")
    assert [(cell.id, cell.kind, cell.metadata) for cell in english.cells] == [(cell.id, cell.kind, cell.metadata) for cell in chinese.cells]
    excused = [entry for entry in exceptions(FOLDER) if entry.catalogue in ("*", f"deck_{path.stem[:2]}")]
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if one.kind == "code":
            assert code_differs(one.text, other.text) == "", one.id
            continue
        told = [line for line in faults(Message(one.text, one.id), other.text) if not any(entry.text in one.text for entry in excused)]
        assert told == [], one.id
        plain = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", one.text, flags=re.DOTALL)
        assert HAN.search(other.text) or not re.search(r"[A-Za-z]{3,}[^A-Za-z]+[A-Za-z]{3,}", plain), f"{one.id} is not translated"
        if one.metadata["slideshow"]["slide_type"] == "notes" and (minutes := MINUTES.match(one.text)):
            assert other.text.startswith(f"{minutes[1]} 分钟"), f"{one.id}: the notes begin with the slide's time"


def laid_out(deck):
    """A deck as it unfolds: slides with their ids and times; in them the classes of cells, tables, bullets and figures."""
    slides = deck.html[deck.html.index('<div class="slides">') : deck.html.rindex("<script>/*!")]
    return re.findall(r'<section[^>]*>|<div class="(?:cell|slide)[^>]*>|<aside class="notes">|<(?:h[123]|table|tr|li|pre|figure|img)\b', slides)


@pytest.mark.slow
@pytest.mark.parametrize("number", [DECKS[0].stem[:2]] if DECKS else [])
def test_an_executed_deck_unfolds_in_the_same_way_and_computes_the_same(number):
    pytest.importorskip("nbconvert")
    from bpkit.authoring.deck import build_deck
    from bpkit.authoring.packages import packages

    try:
        fetched = packages(COURSE.slides)
    except CourseError as error:
        pytest.skip(str(error))
    source = read_source(next(path for path in DECKS if path.stem[:2] == number))
    english = build_deck(source, fetched)
    chinese = build_deck(deck_edition(source, COURSE, "zh")[0], fetched, deck_words(COURSE, "zh"), source)
    assert laid_out(english) == laid_out(chinese)
    assert len(laid_out(chinese)) > 50
    one, other = (Counter(WORDS_OF_FORMULAS.sub("", formula) for formula in FORMULA.findall(deck.html)) for deck in (english, chinese))
    assert one == other
    assert dataclasses.replace(english.about, title="", language="") == dataclasses.replace(chinese.about, title="", language="")
    assert HAN.search(chinese.about.title) and chinese.about.language == "zh"


@pytest.mark.slow
@pytest.mark.skipif("not deck_font.is_there()", reason="no open font with Chinese characters (Debian: apt install fonts-wqy-microhei)")
def test_the_font_has_every_character_of_every_deck():
    from bpkit.authoring.deck_words import Words

    said = "".join((FOLDER / f"{name}.po").read_text(encoding="utf-8") for name in ("decks", *(f"deck_{path.stem[:2]}" for path in DECKS)))
    wanted = set(deck_font.characters(said, Words("zh")))
    ttlib = pytest.importorskip("fontTools.ttLib")
    data = re.search(r"base64,([^\"]+)", deck_font.style_of(said, Words("zh")))[1]
    assert wanted - set(map(chr, ttlib.TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap())) == set()
    assert len(wanted) > 100


def test_lessons_have_the_same_numbers_and_minutes():
    english, chinese = contents(COURSE), contents(CHINESE)
    assert [(lesson.slug, lesson.minutes) for lesson in english] == [(lesson.slug, lesson.minutes) for lesson in chinese]


# ---- what the checker says -------------------------------------------------------------------------------------------------

SPOKEN = Catalogue(spoken_file("zh"))
TOLD = [exercise for exercise in registry().values() if f"bank_{exercise.lesson}" not in LATER]
ENGLISH = re.compile(r"(?:[A-Za-z][A-Za-z'’-]+[ ,;:]+){5,}")


@pytest.mark.slow
@pytest.mark.parametrize("exercise", TOLD, ids=lambda exercise: exercise.id)
def test_hints_names_and_messages_leave_no_english_sentence(exercise):
    said = {text: SPOKEN.translated(text) for text in (exercise.title, *exercise.hints, *(mistake.hint for mistake in exercise.mistakes))}
    said |= {mistake.name: SPOKEN.named(mistake.name) for mistake in exercise.mistakes}
    left = [text for text, chinese in said.items() if re.search(r"[a-z]{3} [a-z]{2}", text) and not HAN.search(chinese)]
    half = [chinese for chinese in said.values() if ENGLISH.search(re.sub(r"`[^`]*`|\$[^$]*\$", "", chinese))]
    assert (left, half) == ([], [])


@pytest.mark.parametrize("exercise", TOLD, ids=lambda exercise: exercise.id)
def test_two_names_of_mistakes_are_not_one_in_chinese(exercise):
    names = {mistake.name: SPOKEN.named(mistake.name) for mistake in exercise.mistakes}
    twice = [said for said, count in Counter(names.values()).items() if count > 1]
    assert twice == []
