"""Writes the page that lists the decks of a folder, from what each says of itself."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bpkit.authoring.build import write_if_changed
from bpkit.authoring.deck import About
from bpkit.authoring.deck_font import with_font
from bpkit.authoring.deck_words import ENGLISH, Words
from bpkit.errors import CourseError
from bpkit.exhibits.palette import page_style

_TEMPLATES = Path(__file__).parent / "templates"
_ABOUT = re.compile(r'<meta name="bpkit-deck" content="([^"]*)">')
_OURS = '<meta name="generator" content="bpkit">'
_HEAD = 4000  # characters within which a page says what it is


class Listed(NamedTuple):
    """A deck in its folder."""

    name: str
    about: About
    megabytes: float
    pdf: str


def decks_in(folder: Path) -> list[Listed]:
    """The decks that lie in a folder, in the order of their lessons; what is no deck is passed over."""
    found = []
    for path in sorted(folder.glob("[0-9][0-9]_*.html")):
        with path.open(encoding="utf-8", errors="replace") as file:
            said = _ABOUT.search(file.read(_HEAD))
        if said:
            pdf = path.with_suffix(".pdf")
            about = About(**json.loads(html.unescape(said[1])))
            found.append(Listed(path.name, about, path.stat().st_size / 1e6, pdf.name if pdf.is_file() else ""))
    return found


def sums(deck: Listed, words: Words = ENGLISH) -> str:
    """What a deck has, e.g. "17 slides for 45 minutes · 2 exercises in class · 1.3 MB"."""
    about = deck.about
    for_minutes = " for {minutes} minutes" if about.minutes else ""
    parts = [words(f"{_counted(about.slides, 'slide')}{for_minutes}", n=about.slides, minutes=about.minutes)]
    if about.exercises:
        parts.append(words(f"{_counted(about.exercises, 'exercise')} in class", n=about.exercises))
    if about.widgets:
        parts.append(words(_counted(about.widgets, "live figure"), n=about.widgets))
    return " · ".join([*parts, f"{deck.megabytes:.1f} MB"])


def _counted(number: int, word: str) -> str:
    return f"{{n}} {word}{'' if number == 1 else 's'}"


def write_index(folder: Path, words: Words = ENGLISH) -> Path:
    """Write ``index.html`` beside the decks of a folder, in the language of these words.

    Raises
    ------
    CourseError
        If an ``index.html`` that is not ours stands there.
    """
    place = folder / "index.html"
    if place.exists() and _OURS not in place.read_text(encoding="utf-8", errors="replace")[:_HEAD]:
        raise CourseError(f"{place} is not one that bpkit wrote; move it away, or choose another --out")
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    listed = [(deck, sums(deck, words)) for deck in decks_in(folder)]
    page = environment.get_template("deck/decks.html").render(decks=listed, style=page_style(), t=words, language=words.language)
    write_if_changed(place, with_font(page, words))
    return place
