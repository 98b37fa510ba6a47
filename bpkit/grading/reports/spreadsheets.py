"""Writes CSV files that a spreadsheet opens as they are meant: a name stays a name and never becomes a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from pathlib import Path

from bpkit.grading.records import Graded, Row, columns_of
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.scores import Scores, by_lesson, class_maximum
from bpkit.grading.reports.told import KEPT

_COLUMNS = columns_of(Row)
_CELLS = attrgetter(*_COLUMNS)

# a cell that begins so is computed, and one behind a separator is one for whoever splits there, quoted or not
_COMPUTED = r"""['"\s]*[=+\-@＝＋－＠]"""
_FORMULA = re.compile(rf"(?:{_COMPUTED}|[\t\r\n])")
_BEHIND = re.compile(rf"([;|\t])(?={_COMPUTED})")
_BEHIND_MARKED = re.compile(rf"([;|\t])'(?={_COMPUTED})")


@lru_cache(KEPT)
def as_text(cell: str) -> str:
    """The cell so that a spreadsheet shows it and does not compute it.

    Spreadsheets take a cell for a formula when it begins with ``= + - @`` (or their wide forms), quoted in the file or
    not, and some look behind leading blanks. Some split at ``;``, a tab or ``|``, where the quotes of a cell between commas do
    not hold. A submission's folder may be called ``=HYPERLINK(…)``; so such a cell, and such a part of one, gets
    an apostrophe in front, which spreadsheets read as "text follows". Cells that already have apostrophes before such
    a sign get one more, so that removing one always gives the name back. Numbers are written as numbers.

    Examples
    --------
    >>> as_text("=1+1"), as_text("Ada"), as_text("'t Hooft"), as_text("'=1+1"), as_text("it raised;=1+1;")
    ("'=1+1", 'Ada', "'t Hooft", "''=1+1", "it raised;'=1+1;")
    """
    mark = "'" if _FORMULA.match(cell) else ""
    return mark + _BEHIND.sub(r"\1'", cell)


def from_text(cell: str) -> str:
    """What `as_text` was given."""
    return _BEHIND_MARKED.sub(r"\1", cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Iterable[str | float | None]]) -> None:
    """Write text, numbers and empty cells (None) under a header. Texts are quoted, so that no separator in them starts a new cell."""
    write_whole(path, _lines(header, rows))


def _lines(header: Sequence[str], rows: Iterable[Iterable[str | float | None]]) -> Iterator[str]:
    yield ",".join(header) + "\n"
    yield from _rows(rows)


def _rows(rows: Iterable[Iterable[str | float | None]]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    for row in rows:
        writer.writerow([as_text(cell) if isinstance(cell, str) else "" if cell is None else short(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def short(value: float) -> float:
    """The number without digits that say nothing: 2 for 2.0.

    Examples
    --------
    >>> short(2.0), short(0.1 + 0.2), short(2.9999999999)
    (2, 0.3, 3)
    """
    value = round(value, 6)
    return int(value) if value == int(value) else value


def write_grades(submissions: Iterable[Graded], out: Path) -> None:
    """Write ``grades.csv``: a row per student and exercise."""
    write_grade_lines(map(grade_lines, submissions), out)


def grade_lines(submission: Graded) -> str:
    """A submission's lines of ``grades.csv``."""
    return "".join(_rows(map(_CELLS, submission.rows)))


def write_grade_lines(lines: Iterable[str], out: Path) -> None:
    """Write ``grades.csv`` from what `grade_lines` makes."""
    write_whole(out / "grades.csv", chain([",".join(_COLUMNS) + "\n"], lines))


def write_summary(submissions: Iterable[Graded], out: Path) -> None:
    """Write ``summary.csv``: a row per student, out of the same maximum for all.

    That is the maximum of the lessons that at least half of the class handed in, and the points are those in these lessons; none
    where somebody handed in none of them.
    """
    scores: dict[str, Scores] = {}
    points: dict[str, dict[str, float]] = {}
    for submission in submissions:
        scores[submission.student] = by_lesson(submission)
        points[submission.student] = {lesson: 0.0 for lesson in scores[submission.student]}
        for row in submission.rows:
            points[submission.student][row.lesson] += row.points
    most = class_maximum(scores)
    whole = sum(most.values())

    def total(lessons: dict[str, float]) -> float | None:
        counted = [value for lesson, value in lessons.items() if lesson in most]
        return sum(counted) if counted else None

    write_table(out / "summary.csv", ("student", "points", "max"), ((student, total(lessons), whole) for student, lessons in points.items()))
