"""Who is in the class: a table with a line per person, which names those who handed in and tells who did not."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.collect import Submission, told_apart
from bpkit.grading.reports import rosters
from bpkit.grading.reports.headers import CANVAS, CANVAS_POSSIBLE, MOODLE, Headers

# what a person is known by → how its column may be called beside that, here and in Canvas's and Moodle's exports
_WORDS: Headers = {
    "name": ("Student", "Full name", "Student name", *CANVAS["Student"], *MOODLE["Full name"]),
    "first name": ("FirstName", *MOODLE["First name"]),
    "last name": ("LastName", *MOODLE["Last name"]),
    "login": ("Username", "SIS Login ID", "Login ID", "github_username", *MOODLE["Username"], *CANVAS["SIS Login ID"]),
    "id": (
        "Identifier",
        "ID number",
        "SIS User ID",
        "Student ID",
        "sid",
        "OrgDefinedId",
        *MOODLE["Identifier"],
        *MOODLE["ID number"],
        *CANVAS["SIS User ID"],
    ),
    "email": ("Email address", "E-mail", *MOODLE["Email address"]),
    "section": ("Group", "Groups", *CANVAS["Section"]),
}
NOTHING = ("nothing was handed in",)
# lines of the exports that are nobody's
_NOBODY = (*(words.casefold() for words in CANVAS_POSSIBLE), "student, test")


@dataclass(frozen=True)
class Enrolled:
    """One person of the class; what the table does not have is ""."""

    name: str
    login: str = ""
    id: str = ""
    email: str = ""
    section: str = ""

    def known_as(self) -> set[str]:
        """Under what this person's hand-in may lie, each as `_folded` writes it."""
        last, _, first = self.name.partition(",")
        names = [self.name, f"{first} {last}", f"{last}{first}"] if first else [self.name, " ".join(reversed(self.name.rsplit(" ", 1)))]
        known = [
            *names,
            f"{self.section}/{self.name}" if self.section else "",
            self.login,
            self.id,
            self.email,
            self.email.partition("@")[0],
            re.sub(r"\D", "", self.id),
        ]
        return {_folded(key) for key in known} - {""}


def read_roster(path: Path) -> list[Enrolled]:
    """The people of a table.

    Raises
    ------
    CourseError
        If it cannot be read, or has no column that names people, or nobody in it.
    """
    table = rosters.read_roster(path, _WORDS, "name, login, id, email, section")
    columns = {field: table.place(field) for field in _WORDS}
    if columns["name"] is None and columns["login"] is None and None in (columns["first name"], columns["last name"]):
        found = ", ".join(map(repr, table.header))
        raise CourseError(f"--roster {path}: found the columns {found}, expected one called name or login, and perhaps id, email, section")
    people: list[Enrolled] = []
    seen: set[tuple[str, ...]] = set()
    for row in range(len(table.rows)):
        cells = {field: "" if column is None else table.cell(row, column) for field, column in columns.items()}
        name = cells["name"] or f"{cells['first name']} {cells['last name']}".strip() or cells["login"]
        if name and not name.casefold().startswith(_NOBODY):
            person = Enrolled(name, cells["login"], cells["id"], cells["email"], cells["section"])
            known = (name, person.login, person.id, person.email)
            if known not in seen or not any(known[1:]):  # one person may have a line for each section
                people.append(person)
            seen.add(known)
    if not people:
        raise CourseError(f"--roster {path} names nobody; expected a line per student below its head")
    return people


def named(submissions: Sequence[Submission], people: Sequence[Enrolled]) -> tuple[list[Submission], list[str]]:
    """The submissions under the roster's names, with one for everybody who handed in nothing; and who is not on the roster.

    Whoever two people's keys fit stays under the name that the files have.
    """
    owners: dict[str, set[int]] = defaultdict(set)
    for number, person in enumerate(people):
        for key in person.known_as():
            owners[key].add(number)
    names = _names(people)
    whose: dict[int, list[Submission]] = defaultdict(list)
    strangers: list[Submission] = []
    for each in submissions:
        found = _owner(each.student, owners)
        if found is None:
            strangers.append(each)
        else:
            whose[found].append(each)
    known = [_together(names[number], whose[number]) for number in range(len(people))]
    taken = {each.student for each in known}
    apart = told_apart([f"{each.student} (not on the roster)" if each.student in taken else each.student for each in strangers])
    others = [replace(each, student=student) for each, student in zip(strangers, apart.values(), strict=True)]
    return sorted([*known, *others], key=lambda each: each.student), [each.student for each in others]


def _owner(student: str, owners: dict[str, set[int]]) -> int | None:
    """Whose hand-in it is: by its whole name, else by the number behind it or by what stands before that."""
    numbered = re.fullmatch(r"(.*) \((.*)\)", student)
    section = student.partition("/")[2]
    for key in (student, *(reversed(numbered.groups()) if numbered else ()), section):
        found = owners.get(_folded(key), set()) if key else set()
        if len(found) == 1:
            return next(iter(found))
    return None


def _together(student: str, parts: Sequence[Submission]) -> Submission:
    if not parts:
        return Submission(student, (), NOTHING)
    return Submission(
        student,
        tuple(path for part in parts for path in part.files),
        tuple(problem for part in parts for problem in part.problems),
        tuple(path for part in parts for path in part.others),
        max(part.submitted_at for part in parts),
        next((part.late for part in parts if part.late is not None), None),
        tuple(name for part in parts for name in part.called),
        tuple(pair for part in parts for pair in part.own_names),
    )


def _names(people: Sequence[Enrolled]) -> list[str]:
    """A name for each: their own, and behind it what tells people of one name apart."""
    count = Counter(person.name for person in people)
    apart = [person.login or person.id or person.email or person.section for person in people]
    names = [f"{person.name} ({by})" if by and count[person.name] > 1 else person.name for person, by in zip(people, apart, strict=True)]
    doubled = [name for name, times in Counter(names).items() if times > 1]
    if doubled:
        raise CourseError(f"--roster has {doubled[0]!r} twice, and no login, id or email tells them apart")
    return names


def _folded(text: str) -> str:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    return re.sub(r"[\s,._#-]+", "", plain)
