"""Writes a gradebook for Canvas: a column per lesson, by the names and numbers of an exported gradebook if one is given."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.headers import CANVAS, CANVAS_POSSIBLE, CANVAS_TOTALS
from bpkit.grading.reports.rosters import Roster, as_number, key, listed, match, read_roster
from bpkit.grading.reports.spreadsheets import short, write_table

_PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_POSSIBLE = "Points Possible"
_HIDDEN = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)  # all cells of the row that says which assignments are hidden
_ASSIGNMENT = re.compile(r"(.*?)\s*\((\d+)\)", re.DOTALL)  # Canvas puts its own number of the assignment behind the name: Lesson 05 (4711)
# Canvas names a downloaded file adalovelace_4711_99887_notebook.ipynb: person, then submission
_NUMBER = re.compile(r"^.+?(?:_LATE)?_(?P<in_file>\d+)_\d+_|^.+ \((?P<behind>\d+)\)$")


def read(path: Path) -> Roster:
    """Read a gradebook that Canvas exported (Grades › Export), in whatever form Canvas takes back.

    Raises
    ------
    CourseError
        If it is no such gradebook.
    """
    roster = read_roster(path, CANVAS, "Student, ID")
    if "Student" in roster.header[0]:  # that is how Canvas looks for it
        roster.words = {**CANVAS, "Student": (*CANVAS["Student"], roster.header[0])}
    if roster.place("LastName") is None or roster.place("FirstName") is None:
        roster.column("Student")
    roster.column("ID")
    return roster


def write(submissions: Iterable[Graded], out: Path, roster: Roster | None = None, columns: Mapping[str, str] | None = None) -> list[str]:
    """Write ``canvas.csv``; return what somebody should look at.

    A lesson of which some exercise could not run gets no number, and a cell that says EX (excused) or N/A (not assigned) keeps it: that is for a
    person to decide.

    Parameters
    ----------
    submissions
        The class.
    out
        The folder that the file goes to.
    roster
        The gradebook as `read` gives it.
    columns
        For a lesson, or for "" where there is only one, the name of the assignment's column.

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
    places = _columns(roster, lessons, columns or {})
    found = match(points, roster, [row for row in range(len(roster.rows)) if _is_person(roster, row)], _identities(roster), _NUMBER)
    kept = []
    for student, row in found.rows.items():
        for lesson, value in points[student].items():
            if lesson and roster.cell(row, places[lesson]).upper() in ("EX", "N/A"):
                kept.append(f"{student!r} ({roster.cell(row, places[lesson])})")
            elif value is not None and lesson:
                roster.fill(row, places[lesson], str(short(value)))
    scales = _other_scales(roster, places, possible)
    notes = _in_english(roster)
    roster.write(out / "canvas.csv")
    if kept:
        notes.append(f"excused or not assigned in Canvas, and left so: {', '.join(kept[:5])}{f' and {len(kept) - 5} more' if len(kept) > 5 else ''}")
    return [*roster.notes, *notes, *found.notes, *_unfinished(points), *scales]


def _is_person(roster: Roster, row: int) -> bool:
    """Whether Canvas takes the row for a student: it is neither of the two that describe the assignments."""
    return not _is_possible(roster, row) and any(not _HIDDEN.fullmatch(cell) for cell in roster.rows[row])


def _is_possible(roster: Roster, row: int) -> bool:
    first = key(roster.cell(row, 0))
    return "points possible" in first or first in map(key, CANVAS_POSSIBLE)


def _in_english(roster: Roster) -> list[str]:
    """Put the words that Canvas looks for into a header that somebody had translated."""
    foreign = []
    for name in CANVAS:
        place = roster.place(name)
        if place is not None and name not in roster.header[place]:
            foreign.append(roster.header[place])
            roster.header[place] = name
    for place, title in enumerate(roster.header):
        for name, words in CANVAS_TOTALS.items():
            for word in words:
                if word in title:
                    foreign.append(title)
                    roster.header[place] = title.replace(word, name)
    for row in range(len(roster.rows)):
        if _is_possible(roster, row) and _POSSIBLE not in roster.cell(row, 0):
            foreign.append(roster.cell(row, 0))
            roster.fill(row, 0, f"    {_POSSIBLE}")
    if not foreign:
        return []
    return [f"Canvas takes back English headers only, so {listed(foreign)} {'is' if len(foreign) == 1 else 'are'} English in what was written"]


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
        column = roster.place(name)
        return lambda row: "" if column is None else roster.cell(row, column)

    last, first, student, login = map(cell, ("LastName", "FirstName", "Student", "SIS Login ID"))

    def sorted_name(row: int) -> str:
        return student(row) or ", ".join(filter(None, (last(row), first(row))))

    def turned(row: int) -> str:
        return " ".join(reversed(sorted_name(row).split(", ", 1)))

    def mailbox(row: int) -> str:
        return login(row).partition("@")[0] if "@" in login(row) else ""

    return [cell("ID"), login, cell("SIS User ID"), cell("Integration ID"), sorted_name, turned, mailbox]


def _columns(roster: Roster, lessons: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Where each lesson's assignment stands."""
    assignments = _assignments(roster)
    if unknown := sorted(set(named) - {"", *lessons}):
        raise CourseError(f"--column {unknown[0]}={named[unknown[0]]}: found the lessons {', '.join(lessons) or 'none'} graded, expected one of them")
    if "" in named and len(lessons) > 1:
        raise CourseError(
            f"--column {named['']!r}: {len(lessons)} lessons are graded; expected one --column LESSON=NAME for each, e.g. {lessons[0]}=…"
        )
    return {lesson: _column(roster, assignments, lesson, named.get(lesson, named.get(""))) for lesson in lessons}


def _assignments(roster: Roster) -> list[int]:
    """The columns that Canvas takes for assignments: no persons, no totals, nothing that is read-only, no notes of the course's own."""
    known = {roster.place(name) for name in CANVAS}
    totals = [key(word) for name, words in CANVAS_TOTALS.items() for word in (name, *words)]
    possible = next((row for row in range(len(roster.rows)) if _is_possible(roster, row)), None)
    found = []
    for place, name in enumerate(roster.header):
        limit = roster.cell(possible, place) if possible is not None else ""
        if name and place not in known and not any(total in key(name) for total in totals) and (not limit or as_number(limit) is not None):
            found.append(place)
    numbered = [place for place in found if _ASSIGNMENT.fullmatch(roster.header[place])]
    return numbered or found


def _column(roster: Roster, assignments: Sequence[int], lesson: str, wanted: str | None) -> int:
    def title(place: int) -> str:
        named = _ASSIGNMENT.fullmatch(roster.header[place])
        return named[1] if named else roster.header[place]

    if wanted is None:
        number = re.compile(rf"(?:^|\D)0*{int(lesson)}(?!\d)")
        fitting = [place for place in assignments if number.search(title(place))]
        expected = f"expected one with this number in its name, e.g. 'Lesson {lesson} (4711)'; --column NAME says which"
    else:
        names = [(roster.header[place], title(place), (_ASSIGNMENT.fullmatch(roster.header[place]) or ("", "", ""))[2]) for place in assignments]
        exact = [place for place, each in zip(assignments, names, strict=True) if key(wanted) == key(each[0])]
        fitting = exact or [place for place, each in zip(assignments, names, strict=True) if key(wanted) in map(key, each)]
        expected = f"expected one called {wanted!r} (--column)"
    if len(fitting) != 1:
        seen = ", ".join(repr(roster.header[place]) for place in fitting or assignments) or "none"
        raise CourseError(f"{roster.path}: found for lesson {lesson} the assignment columns {seen}, {expected}")
    return fitting[0]


def _unfinished(points: dict[str, dict[str, float | None]]) -> list[str]:
    count = sum(any(value is None for value in got.values()) for got in points.values())
    return (
        [f"{count} {'student has' if count == 1 else 'students have'} an exercise that could not run, and no number for that lesson"] if count else []
    )


def _other_scales(roster: Roster, columns: dict[str, int], possible: dict[str, float]) -> list[str]:
    notes = []
    for row in range(len(roster.rows)):
        if _is_possible(roster, row):
            for lesson, column in columns.items():
                there = roster.cell(row, column)
                if there and as_number(there) != possible[lesson]:
                    notes.append(f"lesson {lesson} gives {possible[lesson]:g} points, the gradebook says {there}")
    return notes
