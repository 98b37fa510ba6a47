"""Writes a gradebook for Canvas: a column per lesson, by the names and numbers of an exported gradebook if one is given."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.rosters import Roster, match, read_roster
from bpkit.grading.reports.spreadsheets import short, write_table

_PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE = "Points Possible"
# Canvas names a downloaded file adalovelace_4711_99887_notebook.ipynb: person, then submission
_NUMBER = re.compile(r"^[^_]+(?:_LATE)?_(\d+)_\d+_")


def read(path: Path) -> Roster:
    """Read a gradebook that Canvas exported (Grades › Export).

    Raises
    ------
    CourseError
        If it is no such gradebook.
    """
    return read_roster(path, ("Student", "ID"))


def write(submissions: Iterable[Graded], out: Path, roster: Roster | None = None) -> list[str]:
    """Write ``canvas.csv``; return what somebody should look at.

    A lesson of which some exercise could not run gets no number: that is for a person to decide.

    Raises
    ------
    CourseError
        If the roster has no column for a lesson.
    """
    points: dict[str, dict[str, float | None]] = {}
    possible: dict[str, float] = {}
    for submission in submissions:
        points[submission.student], most = _points(submission)
        possible |= most
    lessons = sorted(lesson for lesson in possible if lesson)
    if roster is None:
        header = (*_PEOPLE, *(f"Lesson {lesson}" for lesson in lessons))
        first = (f"    {_POSSIBLE}", None, None, None, None, *(possible[lesson] for lesson in lessons))
        rows = ((student, None, None, student, None, *(points[student].get(lesson) for lesson in lessons)) for student in points)
        write_table(out / "canvas.csv", header, [first, *rows])
        return _unfinished(points)
    columns = {lesson: _column(roster, lesson) for lesson in lessons}
    people = [row for row in range(len(roster.rows)) if roster.cell(row, roster.column("ID"))]
    found = match(points, roster, people, _identities(roster), _NUMBER)
    for student, row in found.rows.items():
        for lesson, value in points[student].items():
            if value is not None and lesson:
                roster.fill(row, columns[lesson], str(short(value)))
    roster.write(out / "canvas.csv")
    return found.notes + _unfinished(points) + _other_scales(roster, columns, possible)


def _points(submission: Graded) -> tuple[dict[str, float | None], dict[str, float]]:
    got: dict[str, float | None] = {}
    most: dict[str, float] = defaultdict(float)
    for row in submission.rows:
        before = got.get(row.lesson, 0)
        got[row.lesson] = None if row.status == "could not run" or before is None else before + row.points
        most[row.lesson] += row.max
    return got, most


def _identities(roster: Roster) -> list[Callable[[int], str]]:
    def cell(name: str) -> Callable[[int], str]:
        column = roster.column(name)
        return lambda row: roster.cell(row, column)

    def turned(row: int) -> str:
        return " ".join(reversed(roster.cell(row, roster.column("Student")).split(", ", 1)))

    return [*(cell(name) for name in ("ID", "SIS Login ID", "SIS User ID") if name in roster.header), cell("Student"), turned]


def _column(roster: Roster, lesson: str) -> int:
    named = re.compile(rf"(?:^|\D)0*{int(lesson)}(?!\d)")
    assignments = [name for name in roster.header if name not in _PEOPLE]
    # Canvas puts its own number of the assignment behind the name: Lesson 05 (4711)
    fitting = [name for name in assignments if named.search(re.sub(r"\s*\(\d+\)$", "", name))]
    if len(fitting) != 1:
        seen = ", ".join(map(repr, fitting or assignments)) or "none"
        expected = f"expected one with this number in its name, e.g. 'Lesson {lesson} (4711)'"
        raise CourseError(f"{roster.path}: found for lesson {lesson} the assignment columns {seen}, {expected}")
    return roster.column(fitting[0])


def _unfinished(points: dict[str, dict[str, float | None]]) -> list[str]:
    count = sum(any(value is None for value in got.values()) for got in points.values())
    return (
        [f"{count} {'student has' if count == 1 else 'students have'} an exercise that could not run, and no number for that lesson"] if count else []
    )


def _other_scales(roster: Roster, columns: dict[str, int], possible: dict[str, float]) -> list[str]:
    notes = []
    for row in range(len(roster.rows)):
        if roster.cell(row, 0) == _POSSIBLE:
            for lesson, column in columns.items():
                there = roster.cell(row, column)
                if there and there != f"{possible[lesson]:g}" and _number(there) != possible[lesson]:
                    notes.append(f"lesson {lesson} gives {possible[lesson]:g} points, the gradebook says {there}")
    return notes


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
