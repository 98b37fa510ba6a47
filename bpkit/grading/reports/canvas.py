"""Writes a gradebook for Canvas: a column per lesson, by the names and numbers of an exported gradebook if one is given."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.rosters import Roster, match, read_roster
from bpkit.grading.reports.spreadsheets import short, write_table

_PEOPLE = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
# Canvas writes these in English in every language, and its importer knows them in no other
_WORDS = {"Student": ("Student Name",), "ID": ("Student ID",)}
_ABOUT_PEOPLE = {*_PEOPLE, "Student Name", "Student ID", "LastName", "FirstName", "Integration ID", "Root Account"}
_TOTAL = re.compile("(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")  # the importer passes over headings with these
_NO_STUDENT = re.compile(r"\s*(?:Muted|Manual Posting.*)?\s*", re.IGNORECASE)  # what a row holds that says how grades are posted
_LEFT = {"ex", "n/a"}  # excused, not assigned: staff decided so in Canvas
_POSSIBLE = "Points Possible"
# Canvas names a downloaded file adalovelace_4711_99887_notebook.ipynb: person, then submission
_NUMBER = re.compile(r"^[^_]+(?:_LATE)?_(\d+)_\d+_")


def read(path: Path, chosen: Sequence[str] = ()) -> Roster:
    """Read a gradebook that Canvas exported (Grades › Export).

    Parameters
    ----------
    path
        The file.
    chosen
        Which column takes a lesson's points: its heading, or ``05=`` and the heading where there are several lessons.

    Raises
    ------
    CourseError
        If it is no such gradebook.
    """
    roster = read_roster(path, (), _WORDS, chosen)
    if roster.find("LastName") is None or roster.find("FirstName") is None:
        try:
            roster.column("Student")
        except CourseError as error:
            raise CourseError(f"{error}, or 'LastName' and 'FirstName', in English: Canvas's own importer knows no other language") from None
    roster.column("ID")
    if roster.delimiter not in ",;":
        roster.delimiter = ","  # the importer knows these two
    return roster


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
    chosen = _chosen(roster, lessons)
    columns = {lesson: chosen[lesson] if lesson in chosen else _column(roster, lesson) for lesson in lessons}
    people = [row for row in range(len(roster.rows)) if _is_person(roster, row)]
    found = match(points, roster, people, _identities(roster), _NUMBER)
    left = []
    for student, row in found.rows.items():
        for lesson, value in points[student].items():
            if value is None or not lesson:
                continue
            if roster.cell(row, columns[lesson]).casefold() in _LEFT:
                left.append(student)
            else:
                roster.fill(row, columns[lesson], str(short(value)))
    roster.write(out / "canvas.csv")
    notes = roster.notes + found.notes + _unfinished(points) + _other_scales(roster, columns, possible)
    if left:
        notes.append(f"{len(left)} {'cell stays' if len(left) == 1 else 'cells stay'} EX or N/A, as Canvas has it, e.g. that of {left[0]!r}")
    return notes


def _is_person(roster: Roster, row: int) -> bool:
    return _POSSIBLE not in roster.cell(row, 0) and not all(_NO_STUDENT.fullmatch(cell) for cell in roster.rows[row])


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
        column = roster.find(name)
        return lambda row: roster.cell(row, column) if column is not None else ""

    def mailbox(row: int) -> str:
        return cell("SIS Login ID")(row).partition("@")[0]

    def turned(row: int) -> str:
        return " ".join(reversed(cell("Student")(row).split(", ", 1)))

    def joined(row: int) -> str:
        return f"{cell('FirstName')(row)} {cell('LastName')(row)}"

    def sortable(row: int) -> str:
        return f"{cell('LastName')(row)}, {cell('FirstName')(row)}" if roster.find("LastName") is not None else ""

    return [*map(cell, ("ID", "SIS Login ID", "SIS User ID")), cell("Student"), turned, joined, sortable, mailbox]


def _column(roster: Roster, lesson: str) -> int:
    named = re.compile(rf"(?:^|\D)0*{int(lesson)}(?!\d)")
    closed = {column for row in range(len(roster.rows)) if _POSSIBLE in roster.cell(row, 0) for column in _read_only(roster, row)}
    assignments = [name for k, name in enumerate(roster.header) if name and name not in _ABOUT_PEOPLE and not _TOTAL.search(name) and k not in closed]
    # Canvas puts its own number of the assignment behind the name: Lesson 05 (4711)
    fitting = [name for name in assignments if named.search(re.sub(r"\s*\(\d+\)$", "", name))]
    if len(fitting) != 1:
        seen = ", ".join(map(repr, fitting or assignments)) or "none"
        expected = f"expected one with this number in its name, e.g. 'Lesson {lesson} (4711)', or --column '{lesson}=…' with the heading of one"
        raise CourseError(f"{roster.path}: found for lesson {lesson} the assignment columns {seen}, {expected}")
    return roster.column(fitting[0])


def _chosen(roster: Roster, lessons: Sequence[str]) -> dict[str, int]:
    """The columns that staff chose, by lesson."""
    columns: dict[str, int] = {}
    for words in roster.chosen:
        number, _, heading = words.partition("=")
        lesson = number.strip().zfill(2)
        if lesson not in lessons or not heading:
            if len(lessons) != 1 or (number.strip().isdecimal() and heading):
                graded = ", ".join(lessons) or "none"
                raise CourseError(f"found --column {words!r}, expected the number of a lesson that was graded ({graded}), = and a heading")
            lesson, heading = lessons[0], words
        if lesson in columns:
            raise CourseError(f"found --column twice for lesson {lesson}, expected one")
        columns[lesson] = roster.choose(heading.strip())
        if _TOTAL.search(roster.header[columns[lesson]]) or roster.header[columns[lesson]] in _ABOUT_PEOPLE:
            raise CourseError(f"{roster.path}: {roster.header[columns[lesson]]!r} is no assignment: Canvas's importer passes over it")
    return columns


def _read_only(roster: Roster, row: int) -> list[int]:
    return [column for column in range(len(roster.rows[row])) if re.search(r"read\s+only", roster.cell(row, column))]


def _unfinished(points: dict[str, dict[str, float | None]]) -> list[str]:
    count = sum(any(value is None for value in got.values()) for got in points.values())
    return (
        [f"{count} {'student has' if count == 1 else 'students have'} an exercise that could not run, and no number for that lesson"] if count else []
    )


def _other_scales(roster: Roster, columns: dict[str, int], possible: dict[str, float]) -> list[str]:
    notes = []
    for row in range(len(roster.rows)):
        if _POSSIBLE in roster.cell(row, 0):
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
