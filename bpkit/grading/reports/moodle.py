"""Writes a grading worksheet for Moodle: all lessons together, on the scale of an exported worksheet if one is given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.rosters import Roster, match, read_roster
from bpkit.grading.reports.scores import Scores, by_lesson, class_maximum
from bpkit.grading.reports.spreadsheets import write_table

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
# Moodle names a downloaded folder "Ada Lovelace_4711_assignsubmission_file" and the person "Participant 4711"
_NUMBER = re.compile(r"_(\d+)_assignsubmission")


def read(path: Path) -> Roster:
    """Read a worksheet that Moodle exported (Submissions › Download grading worksheet).

    Raises
    ------
    CourseError
        If it is no such worksheet.
    """
    return read_roster(path, ("Identifier", "Grade", "Maximum Grade"))


def write(submissions: Iterable[Graded], out: Path, roster: Roster | None = None) -> list[str]:
    """Write ``moodle.csv``; return what somebody should look at.

    Everybody's grade is out of the same maximum, that of the lessons that at least half of the class handed in: who handed in
    another one has not done this one. A submission of which some exercise of these lessons could not run, or that has none of
    these lessons, gets no number: that is for a person to decide.

    Raises
    ------
    CourseError
        If a row's maximum grade is not a number.
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
    grade, scale = roster.column("Grade"), roster.column("Maximum Grade")
    found = match(totals, roster, range(len(roster.rows)), _identities(roster), _NUMBER)
    closed = []
    for student, row in found.rows.items():
        points = totals[student]
        if "Grade can be changed" in roster.header and roster.cell(row, roster.column("Grade can be changed")).casefold() == "no":
            closed.append(student)
        elif points is not None:
            roster.fill(row, grade, f"{points / whole * _scale(roster, row, scale):.2f}")
    roster.write(out / "moodle.csv")
    if closed:
        notes.append(f"{len(closed)} grades are closed in Moodle and stay as they were")
    return found.notes + notes


def _total(lessons: Scores, most: dict[str, float]) -> float | None:
    """The points in the class's lessons; None where a person has to decide."""
    points = [lessons[lesson][0] for lesson in most if lesson in lessons]
    return sum(value for value in points if value is not None) if points and None not in points else None


def _scale(roster: Roster, row: int, column: int) -> float:
    text = roster.cell(row, column)
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise CourseError(f"{roster.path}: row {row + 2} has the Maximum Grade {text!r}, expected a number") from None


def _identities(roster: Roster) -> list[Callable[[int], str]]:
    def cell(name: str) -> Callable[[int], str]:
        column = roster.column(name)
        return lambda row: roster.cell(row, column)

    def number(row: int) -> str:
        return roster.cell(row, roster.column("Identifier")).removeprefix("Participant ")

    def mailbox(row: int) -> str:
        return roster.cell(row, roster.column("Email address")).partition("@")[0]

    named = [cell(name) for name in ("Identifier", "Username", "ID number", "Email address", "Full name") if name in roster.header]
    return [number, *named, *([mailbox] if "Email address" in roster.header else [])]
