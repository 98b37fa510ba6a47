"""Where an exercise is taught: the section of its lesson, and a slide, of its lesson's deck or of another's."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from itertools import pairwise

from bpkit.course.folders import Course
from bpkit.course.pages import plain_words

_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
# in a deck's source: a cell that begins a slide, the exercises whose matter it treats, and its heading
_SLIDE = re.compile(r"^# %%.*\"slide_type\": \"(?:sub)?slide\"", re.MULTILINE)
_TREATS = re.compile(r' treats="([\d. ]+)"')
_SLIDE_TITLE = re.compile(r"^# #{1,2} (.+)$", re.MULTILINE)
_EXERCISE = re.compile(r"(\d\d\.\d+) ")


@dataclass(frozen=True)
class Section:
    """A section of a lesson.

    Parameters
    ----------
    lesson
        The name of the lesson's files, e.g. ``"05_propagating_the_error"``.
    title
        Its heading, in plain words.
    anchor
        The heading's name on the lesson's page of the course's site; empty where the page may call it otherwise.
    """

    lesson: str
    title: str
    anchor: str

    @property
    def page(self) -> str:
        """Where it stands on the course's site, from the site's own address on."""
        return f"lessons/{self.lesson}.html" + (f"#{self.anchor}" if self.anchor else "")


@dataclass(frozen=True)
class Slide:
    """A slide of a lesson's deck.

    Parameters
    ----------
    lesson
        The two digits of the deck's lesson.
    number
        Its place in the deck, from 1, as the deck shows it.
    title
        Its heading, in plain words.
    """

    lesson: str
    number: int
    title: str


def sections(course: Course, lesson: str) -> dict[str, Section]:
    """The section in which each exercise of a lesson stands, by the exercise; nothing where the course has no such lesson.

    Parameters
    ----------
    course
        Whose lesson.
    lesson
        Its two digits.
    """
    notebook = next(iter(sorted(course.lessons.glob(f"{lesson}_*.ipynb"))), None)
    if notebook is None:
        return {}
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        prose = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    found, heading = {}, ""
    headings = [(len(signs), words.strip()) for signs, words in _HEADING.findall(prose)]
    names = Counter(anchor(words) for _, words in headings)
    for depth, words in headings:
        exercise = _EXERCISE.match(words)
        if depth == 2:
            heading = words
        elif depth == 3 and exercise and heading:
            name = anchor(heading)
            # of two headings of one name, Sphinx numbers the second
            found[exercise[1]] = Section(notebook.stem, plain_words(heading), name if names[name] == 1 else "")
    return found


def slides(course: Course, lessons: Container[str] | None = None) -> dict[str, Slide]:
    """The slide that treats the matter of each exercise, where one does, by the exercise.

    Parameters
    ----------
    course
        Whose decks.
    lessons
        Whose exercises, by two digits; None for all.
    """
    found: dict[str, Slide] = {}
    for deck in sorted(course.slides.glob("[0-9][0-9]_*.py")):
        try:
            source = deck.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue
        starts = [begin.start() for begin in _SLIDE.finditer(source)]
        for number, (begin, end) in enumerate(pairwise([*starts, len(source)]), 1):
            head, _, body = source[begin:end].partition("\n")
            treats, title = _TREATS.search(head), _SLIDE_TITLE.search(body)
            treated = [exercise for exercise in treats[1].split() if lessons is None or exercise[:2] in lessons] if treats else []
            if treated and title:
                found |= dict.fromkeys(treated, Slide(deck.name[:2], number, plain_words(title[1].strip())))
    return found


def anchor(heading: str) -> str:
    """How Sphinx names a heading on its page.

    Examples
    --------
    >>> anchor("One link: from $z^l_j$ to $z^{l+1}_k$"), anchor("δ, and why at $z$")
    ('one-link-from-z-l-j-to-z-l-1-k', 'and-why-at-z')
    """
    letters = unicodedata.normalize("NFKD", heading.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", letters))
