"""What the lessons say of themselves, read from the notebooks that learners open: title, minutes, how much there is to read and to see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from bpkit.course.folders import Course, files_of
from bpkit.errors import CourseError

_TITLE = re.compile(r"^# \d\d · (.+)$", re.MULTILINE)
_MINUTES = re.compile(r"\*\*Time\*\* (\d+) minutes")
# how fast a lesson is read, its formulas included. All tests of what a lesson promises rest on this one speed.
WORDS_A_MINUTE = 180
# a formula, a piece of code or an address is read as one word
_NOT_WORDS = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]+`|https?://\S+", re.DOTALL)


@dataclass(frozen=True)
class Lesson:
    """One lesson as it lies in the course.

    Parameters
    ----------
    slug
        The name of its files, e.g. ``"05_propagating_the_error"``.
    title
        Without the number.
    minutes
        What it promises.
    words
        Of prose; a formula counts as one.
    figures, widgets
        How many cells show one.
    """

    slug: str
    title: str
    minutes: int
    words: int
    figures: int
    widgets: int

    @property
    def number(self) -> str:
        """The two digits."""
        return self.slug[:2]

    @property
    def reading(self) -> float:
        """The minutes that its words take."""
        return self.words / WORDS_A_MINUTE


def plain_words(text: str) -> str:
    """The text with one word in place of each formula, piece of code and address."""
    return _NOT_WORDS.sub(" x ", text)


def read_lesson(notebook: Path) -> Lesson:
    """What a lesson's notebook says of itself.

    Raises
    ------
    CourseError
        If the file is no lesson: not a notebook, or without its title or its minutes.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        texts = {kind: ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind] for kind in ("markdown", "code")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{notebook.name} cannot be read as a notebook ({type(error).__name__})") from None
    prose = "\n\n".join(texts["markdown"])
    title, minutes = _TITLE.search(prose), _MINUTES.search(prose)
    if not title or not minutes:
        raise CourseError(f"{notebook.name} is no lesson: expected a heading like '# 05 · Title' and '**Time** 75 minutes'")
    figures, widgets = (sum(call in text for text in texts["code"]) for call in ("bp.plots.show(", "bp.widgets."))
    return Lesson(notebook.stem, title[1], int(minutes[1]), len(plain_words(prose).split()), figures, widgets)


def cell_with_heading(notebook: Path, words: str) -> str:
    """The id of the cell that has a heading which begins with these words; empty where there is none, or no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        heading = re.compile(rf"^#+ {re.escape(words)}\b", re.MULTILINE)
        return next((str(cell["id"]) for cell in cells if heading.search("".join(cell["source"]))), "")
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def contents(course: Course) -> list[Lesson]:
    """The lessons of a course, in order."""
    return [read_lesson(path) for path in files_of(course.lessons, ".ipynb")]
