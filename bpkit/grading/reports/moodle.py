"""Writes a grading worksheet for Moodle: all lessons together, on the scale of an exported worksheet if one is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.headers import MOODLE, MOODLE_NO
from bpkit.grading.reports.rosters import Roster, as_number, key, match, read_roster
from bpkit.grading.reports.scores import Scores, by_lesson, class_maximum
from bpkit.grading.reports.spreadsheets import short, write_table

_COLUMNS = (
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum Grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
)
# Moodle names a downloaded folder "Ada Lovelace_4711_assignsubmission_file" and the person "Participant 4711", in German "Teilnehmer/in4711"
NUMBER = re.compile(r"_(?P<in_file>\d+)_assignsubmission| \((?P<behind>\d+)\)$")
_PARTICIPANT = re.compile(r"\d+$")


def read(path: Path) -> Roster:
    """Read what Moodle exported: the worksheet of an assignment (Submissions › Download grading worksheet) or the grader report's grades.

    Raises
    ------
    CourseError
        If it is neither.
    """
    roster = read_roster(path, MOODLE, "Identifier, Grade, Maximum Grade")
    if roster.place("Identifier") is None and any(roster.place(name) is not None for name in ("Username", "ID number", "Email address")):
        return roster
    roster.column("Identifier")
    roster.column("Grade")
    if roster.place("Maximum Grade") is None and roster.place("Scale") is not None:
        raise CourseError(f"{path}: the assignment is graded with words ({roster.header[roster.column('Scale')]!r}); expected one graded with points")
    roster.column("Maximum Grade")
    return roster


def write(submissions: Iterable[Graded], out: Path, roster: Roster | None = None, column: str | None = None) -> list[str]:
    """Write ``moodle.csv``; return what somebody should look at.

    Everybody's grade is out of the same maximum, that of the lessons that at least half of the class handed in: who handed in
    another one has not done this one. A submission of which some exercise of these lessons could not run, or that has none of
    these lessons, gets no number: that is for a person to decide.

    Parameters
    ----------
    submissions
        The class.
    out
        The folder that the file goes to.
    roster
        The export as `read` gives it.
    column
        The column to fill in where the export has all grades of a course; a worksheet has one.

    Raises
    ------
    CourseError
        If that column is not there or a row's maximum grade is not a number.
    """
    scores = {submission.student: by_lesson(submission) for submission in submissions}
    most = class_maximum(scores)
    totals = {student: _total(lessons, most) for student, lessons in scores.items()}
    whole = sum(most.values())
    failed = sum(any(lessons.get(lesson, (0, 0))[0] is None for lesson in ("", *most)) for lessons in scores.values())
    elsewhere = [student for student, lessons in scores.items() if lessons and not {"", *most} & set(lessons)]
    notes = []
    if failed:
        notes.append(f"{failed} {'student has' if failed == 1 else 'students have'} an exercise that could not run, and no grade")
    if elsewhere:
        has = "student has" if len(elsewhere) == 1 else "students have"
        notes.append(
            f"{len(elsewhere)} {has} handed in another lesson than the class ({', '.join(sorted(most))}), and no grade, e.g. {elsewhere[0]!r}"
        )
    if roster is None:
        rows = ((None, student, None, None, points, whole, None, None, None, None) for student, points in totals.items())
        write_table(out / "moodle.csv", _COLUMNS, rows)
        return notes
    grade, scale = _column(roster, column), roster.place("Maximum Grade")
    found = match(totals, roster, range(len(roster.rows)), _identities(roster), NUMBER)
    changeable, closed = roster.place("Grade can be changed"), []
    for student, row in found.rows.items():
        points = totals[student]
        if changeable is not None and key(roster.cell(row, changeable)) in map(key, MOODLE_NO):
            closed.append(student)
        elif points is not None and scale is None:
            roster.fill(row, grade, str(short(points)))
        elif points is not None and scale is not None:
            roster.fill(row, grade, f"{points / whole * _scale(roster, row, scale):.2f}")
    roster.write(out / "moodle.csv")
    if closed:
        one = len(closed) == 1
        notes.append(f"{len(closed)} {'grade is' if one else 'grades are'} closed in Moodle and {'stays as it was' if one else 'stay as they were'}")
    if scale is None:
        notes.append(f"the export says nothing of maximum grades; {roster.header[grade]!r} was filled in with points out of {short(whole)}")
    elif roster.place("Last modified (grade)") is None:
        notes.append("the worksheet has no column 'Last modified (grade)', without which Moodle does not take it back")
    return [*roster.notes, *found.notes, *notes]


def _column(roster: Roster, wanted: str | None) -> int:
    if roster.place("Identifier") is not None:  # a worksheet is of one assignment
        return roster.column("Grade")
    if wanted is None:
        columns = ", ".join(map(repr, roster.header))
        raise CourseError(f"{roster.path}: found the columns {columns}, expected a worksheet with 'Identifier' and 'Grade', or --column NAME")
    if key(wanted) not in map(key, roster.header):
        raise CourseError(f"{roster.path}: found the columns {', '.join(map(repr, roster.header))}, expected one called {wanted!r} (--column)")
    return [key(title) for title in roster.header].index(key(wanted))


def _total(lessons: Scores, most: dict[str, float]) -> float | None:
    """The points in the class's lessons; None where a person has to decide."""
    points = [lessons[lesson][0] for lesson in most if lesson in lessons]
    return sum(value for value in points if value is not None) if points and None not in points else None


def _scale(roster: Roster, row: int, column: int) -> float:
    text = roster.cell(row, column)
    number = as_number(text)
    if number is None:
        raise CourseError(f"{roster.path}: row {row + 2} has the Maximum Grade {text!r}, expected a number")
    return number


def participant(roster: Roster, row: int) -> str:
    """Moodle's number of a participant, which stands at the end of the identifier behind a word in Moodle's language; "" if there is none."""
    column = roster.place("Identifier")
    number = _PARTICIPANT.search(roster.cell(row, column)) if column is not None else None
    return number[0] if number else ""


def full_name(roster: Roster, row: int) -> str:
    """What a row calls its person; "" where grading is blind."""
    full, first, last = (roster.place(name) for name in ("Full name", "First name", "Last name"))
    if full is not None:
        return roster.cell(row, full)
    return " ".join(roster.cell(row, column) for column in (first, last) if column is not None)


def _identities(roster: Roster) -> list[Callable[[int], str]]:
    def cell(name: str) -> Callable[[int], str]:
        column = roster.place(name)
        return lambda row: "" if column is None else roster.cell(row, column)

    def mailbox(of: Callable[[int], str]) -> Callable[[int], str]:
        return lambda row: of(row).partition("@")[0]

    identifier, user, number, email = map(cell, ("Identifier", "Username", "ID number", "Email address"))
    named = [identifier, user, number, email, lambda row: full_name(roster, row)]
    return [lambda row: participant(roster, row), *named, mailbox(email), mailbox(user)]


def rows_of(students: Iterable[str], roster: Roster) -> dict[str, int]:
    """Each student's row, for those who have exactly one."""
    return match(students, roster, range(len(roster.rows)), _identities(roster), NUMBER).rows
