"""What is shown goes through the catalogues: in a language of accents nothing is left without them, but code, formulas, names and numbers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest

pytest.importorskip("babel")

from grading_rows import RUN, row, wrong
from pseudo_language import CODE, accented, plain_words, write_catalogue
from test_widgets import EXAMPLES

import bpkit as bp
from bpkit import language
from bpkit.cli import main
from bpkit.course.contents import contents
from bpkit.course.folders import find_course
from bpkit.exercises import registry
from bpkit.grading.records import Graded
from bpkit.grading.reports import feedback_pages

pytestmark = pytest.mark.slow
# names that are the same in every language, and what other programs say
NAMES = ("bpkit", "sigmoid", "relu", "tanh", "softmax", "float", "Python", "JupyterLab", "numpy", "right", "Ctrl")
PYTHON = ("ValueError", "raise", "return")  # words of code in a message's text twin, where nothing sets them apart
ARGPARSE = (
    "usage",
    "options",
    "positional",
    "arguments",
    "show",
    "this",
    "help",
    "message",
    "and",
    "exit",
    "English",
)  # argparse itself, and what a language calls itself
SOURCES = ("Learning", "Deep", "Technology", "Application", "UFLDL", "NumPy", "tutorials", "MNIST")


@pytest.fixture
def pseudo(tmp_path, monkeypatch):
    """The pseudo-language in force."""
    write_catalogue(tmp_path)
    monkeypatch.setattr(language, "CATALOGUES", tmp_path)
    language._catalogue.cache_clear()
    with language.speaking(CODE):
        yield
    language._catalogue.cache_clear()


def shown(html: str) -> str:
    """What a page shows or says aloud, without code."""
    html = re.sub(r"<(script|style|code|pre)\b.*?</\1>", " ", html, flags=re.DOTALL)
    spoken = re.findall(r'(?:alt|aria-label|title)="([^"]*)"', html)
    return unescape("\n".join([re.sub(r"<[^<>]*>", "\n", html), *spoken]))


def test_the_language_is_as_long_as_german_and_keeps_what_a_translator_must():
    said = accented("The `W` of {name} is <b>not</b> $W^T$, though it should be.")
    assert re.findall(r"`W`|\{name\}|<b>|</b>|\$W\^T\$", said) == ["`W`", "{name}", "<b>", "</b>", "$W^T$"]
    assert len(said) >= 1.3 * len("The `W` of {name} is <b>not</b> $W^T$, though it should be.")
    assert plain_words("[Ţĥé] plain [ŵöŕð] W sigmoid", "sigmoid") == ["plain"]


def doubled(x):
    return 2 * x


def raising(x):
    raise ValueError("17")


@pytest.mark.parametrize("answer", [abs, doubled, raising, lambda x: None], ids=["right", "wrong", "raises", "none"])
def test_cards(pseudo, answer):
    card = bp.check("00.1", answer, record=False)
    name = registry()["00.1"].name
    for text in (str(card), shown(card._repr_mimebundle_()["text/html"])):
        assert plain_words(text, *NAMES, *PYTHON, name) == [], text


@pytest.mark.parametrize("exercise", ["01.1", "04.3", "05.3", "09.2", "12.1"])
def test_cards_of_mistakes_hints_and_solutions(pseudo, exercise):
    made = registry()[exercise]
    mistake = made.mistakes[0]
    said = language.translated(mistake.hint), language.named(mistake.name), *map(language.translated, made.hints), language.translated(made.title)
    assert [plain_words(text, *NAMES) for text in said] == [[]] * len(said)
    hints = bp.hint(exercise)
    assert plain_words(shown(hints._repr_mimebundle_()["text/html"]), *NAMES, made.name) == []


def test_the_map(pseudo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    course = bp.progress()
    names = {part for exercise in registry().values() for part in exercise.name.split("_")}
    names |= {word for lesson in contents(find_course()) for word in re.findall(r"\w+", lesson.title)}  # a lesson's title is its notebook's
    assert plain_words(shown(course._repr_mimebundle_()["text/html"]), *NAMES, *names) == []


@pytest.mark.parametrize("command", ["lab", "check"])
def test_help(pseudo, capsys, command):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert plain_words(re.sub(r"\s+", " ", capsys.readouterr().out), *NAMES, *ARGPARSE, command) == []


def test_the_feedback_page(pseudo):
    rows = [row("ada", "05.1"), wrong("ada", "05.3", 0), row("ada", "05.2", "not attempted")]
    page = feedback_pages.page(replace(RUN, language=CODE), Graded("ada", "ada.ipynb", tuple(rows)))
    assert plain_words(shown(page), *NAMES, "ada") == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_a_widget_says(pseudo, name):
    widget = EXAMPLES[name]()
    assert plain_words(str(widget), *NAMES, *SOURCES) == [], str(widget)
    page = widget.to_html()
    state = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page, flags=re.DOTALL)[0])
    asked = set(language.SAID_BY_SCRIPT.findall(widget._esm))
    assert asked == set(state["words"])
    assert plain_words(shown(page), *NAMES, *SOURCES) == []
    assert f'lang="{CODE}"' in page
