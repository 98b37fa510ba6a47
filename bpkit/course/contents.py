"""What the lessons say of themselves, read from the notebooks that learners open: title, minutes, how much there is to read and to see."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from bpkit.course.folders import Course, files_of
from bpkit.errors import CourseError

_TITLE = re.compile(r"^# \d\d · (.+)$", re.MULTILINE)
_MINUTES = re.compile(r"\*\*(?:Time\*\* (\d+) minutes|用时\*\* (\d+) 分钟)")
# How a lesson is read, by somebody who thinks along: prose at one speed, and time of their own for formulas and tables.
# All tests of what a lesson promises rest on these three.
WORDS_A_MINUTE = 150
SECONDS_A_FORMULA = 5
SECONDS_A_TABLE = 20
_FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_TABLE = re.compile(r"^\|(?:\s*:?-+:?\s*\|)+$", re.MULTILINE)  # the line below a table's head
# a piece of code or an address is read as one word
_NOT_WORDS = re.compile(rf"{_FORMULA.pattern}|`[^`\n]+`|https?://\S+", re.DOTALL)
_TAG = re.compile(r"</?\w[^<>\n]*>")
# a box that says so may be left closed
_OPTIONAL = re.compile(r"<details><summary>Optional\b.*?</details>", re.DOTALL)


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
        Of prose, without formulas. Neither these nor the next two are counted in a box that is optional.
    formulas, tables
        How many there are to read.
    figures, widgets
        How many cells show one.
    """

    slug: str
    title: str
    minutes: int
    words: int
    formulas: int
    tables: int
    figures: int
    widgets: int

    @property
    def number(self) -> str:
        """The two digits."""
        return self.slug[:2]

    @property
    def reading(self) -> float:
        """The minutes that its words, formulas and tables take."""
        return minutes_to_read(self.words, self.formulas, self.tables)


def minutes_to_read(words: int, formulas: int, tables: int) -> float:
    """How long so many words, formulas and tables take."""
    return words / WORDS_A_MINUTE + (formulas * SECONDS_A_FORMULA + tables * SECONDS_A_TABLE) / 60


def to_read(prose: str) -> tuple[int, int, int]:
    """The words, formulas and tables of a text, but for those in boxes that are optional."""
    text = _OPTIONAL.sub("", prose)
    words = sum(any(letter.isalnum() for letter in word) for word in plain_words(_TAG.sub(" ", _FORMULA.sub(" ", text))).split())
    return words, len(_FORMULA.findall(text)), len(_TABLE.findall(text))


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
    words, formulas, tables = to_read(prose)
    return Lesson(notebook.stem, title[1], int(minutes[1] or minutes[2]), words, formulas, tables, figures, widgets)


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
