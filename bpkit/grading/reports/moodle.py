"""Writes a grading worksheet for Moodle: all lessons together, on the scale of an exported worksheet if one is given."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded
from bpkit.grading.reports.rosters import Roster, match, read_roster
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
# What the language packs call the columns: German, French, Spanish, Chinese (simplified, traditional). Moodle's importer looks for the words
# of the language that the person who uploads has set.
_WORDS = {
    "Identifier": ("ID", "Identifiant", "Identificador", "标识符", "識別碼"),
    "Full name": ("Vollständiger Name", "Nom complet", "Nombre completo", "全名", "姓名"),
    "Email address": ("E-Mail-Adresse", "Adresse de courriel", "Dirección de correo", "Dirección Email", "电子邮件地址", "電子郵件信箱"),
    "Grade": ("Bewertung", "Note", "Calificación", "成绩", "成績"),
    "Maximum Grade": ("Bestwertung", "Note maximale", "Calificación máxima", "最高分", "最高成绩", "最高分數", "最高成績"),
    "Grade can be changed": (
        *("Bewertung kann geändert werden", "La note peut être modifiée", "La calificación puede cambiarse"),
        *("La calificación puede ser cambiada", "允许更改成绩"),
    ),
    "Username": ("Anmeldename", "Nom d'utilisateur", "Nombre de usuario", "用户名"),
    "ID number": ("ID-Nummer", "Numéro d'identification", "Número de ID", "ID 号"),
}
_CLOSED = {"no", "nein", "non", "否"}
# Moodle names a downloaded folder "Ada Lovelace_4711_assignsubmission_file" and the person "Participant 4711"
_NUMBER = re.compile(r"_(\d+)_assignsubmission")


def read(path: Path, chosen: Sequence[str] = ()) -> Roster:
    """Read a worksheet that Moodle exported (Submissions › Download grading worksheet).

    Parameters
    ----------
    path
        The file.
    chosen
        The column that takes the grades, if it is not the worksheet's own. With it, an export of the gradebook will do, too.

    Raises
    ------
    CourseError
        If it is no such worksheet.
    """
    if not chosen:
        return read_roster(path, ("Identifier", "Grade", "Maximum Grade"), _WORDS)
    if len(chosen) > 1:
        raise CourseError(f"found --column {len(chosen)} times, expected one for Moodle, where all lessons are one grade")
    roster = read_roster(path, (), _WORDS, chosen)
    roster.choose(chosen[0])
    if all(roster.find(name) is None for name in ("Identifier", "Username", "ID number", "Email address", "Full name")):
        roster.column("Identifier")
    return roster


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
    scores = {submission.student: _by_lesson(submission) for submission in submissions}
    most = _class_maximum(scores)
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
    grade = roster.choose(roster.chosen[0]) if roster.chosen else roster.column("Grade")
    scale, closing = roster.find("Maximum Grade"), roster.find("Grade can be changed")
    if scale is None:
        notes.append(f"the file has no maximum grade, so points are filled in as they are, out of {whole:g}")
    found = match(totals, roster, range(len(roster.rows)), _identities(roster), _NUMBER)
    closed = []
    for student, row in found.rows.items():
        points = totals[student]
        if closing is not None and roster.cell(row, closing).casefold() in _CLOSED:
            closed.append(student)
        elif points is not None:
            # a point is taken whatever mark the language of the upload has for decimals
            roster.fill(row, grade, f"{points if scale is None else points / whole * _scale(roster, row, scale):.2f}")
    roster.write(out / "moodle.csv")
    if closed:
        notes.append(f"{len(closed)} grades are closed in Moodle and stay as they were")
    return roster.notes + found.notes + notes


_Scores = dict[str, tuple[float | None, float]]  # for each lesson the points, None where something could not run, and the possible ones


def _by_lesson(submission: Graded) -> _Scores:
    scores: _Scores = {}
    for row in submission.rows:
        points, most = scores.get(row.lesson, (0.0, 0.0))
        scores[row.lesson] = (None if points is None or row.status == "could not run" else points + row.points, most + row.max)
    return scores


def _class_maximum(scores: dict[str, _Scores]) -> dict[str, float]:
    """The possible points of each lesson that at least half of those who handed in a lesson have."""
    most: dict[str, float] = {}
    count: Counter[str] = Counter()
    for lessons in scores.values():
        for lesson, (_, possible) in lessons.items():
            if lesson:
                count[lesson] += 1
                most[lesson] = max(most.get(lesson, 0.0), possible)
    graded = sum(any(lessons) for lessons in scores.values())
    return {lesson: possible for lesson, possible in most.items() if 2 * count[lesson] >= graded}


def _total(lessons: _Scores, most: dict[str, float]) -> float | None:
    """The points in the class's lessons; None where a person has to decide."""
    points = [lessons[lesson][0] for lesson in most if lesson in lessons]
    return sum(value for value in points if value is not None) if points and None not in points else None


def _scale(roster: Roster, row: int, column: int) -> float:
    text = roster.cell(row, column)
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise CourseError(f"{roster.path}: row {row + 2} has the Maximum Grade {text!r}, expected a number") from None


def participants(students: Sequence[str], roster: Roster) -> dict[str, tuple[str, str]]:
    """Of those whom a worksheet knows, the name there (else the student's) and the number that Moodle has for them."""
    number, *_ = identities = _identities(roster)
    names = roster.find("Full name")
    found = match(students, roster, range(len(roster.rows)), identities, _NUMBER).rows
    return {student: (roster.cell(row, names) if names is not None else student, number(row)) for student, row in found.items()}


def _identities(roster: Roster) -> list[Callable[[int], str]]:
    def cell(column: int) -> Callable[[int], str]:
        return lambda row: roster.cell(row, column)

    identifier, mail = roster.find("Identifier"), roster.find("Email address")

    def number(row: int) -> str:
        # "Participant 7", in other languages without a blank
        found = re.search(r"\d+$", roster.cell(row, identifier)) if identifier is not None else None
        return found[0] if found else ""

    def mailbox(row: int) -> str:
        return roster.cell(row, mail).partition("@")[0] if mail is not None else ""

    columns = (roster.find(name) for name in ("Identifier", "Username", "ID number", "Email address", "Full name"))
    return [number, *(cell(column) for column in columns if column is not None), mailbox]
