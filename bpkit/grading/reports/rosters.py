"""Finds each student's row in the file that a learning platform exported."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.reports.files import write_whole


@dataclass
class Roster:
    """An exported table. Every cell that is not filled in is written back as it was found."""

    path: Path
    header: list[str]
    rows: list[list[str]]
    delimiter: str

    def column(self, name: str) -> int:
        """Where a column stands.

        Raises
        ------
        CourseError
            If there is no such column; the message names those there are.
        """
        if name not in self.header:
            raise CourseError(f"{self.path}: found the columns {', '.join(map(repr, self.header))}, expected one called {name!r}")
        return self.header.index(name)

    def cell(self, row: int, column: int) -> str:
        """A cell's text; a row that ends early has empty cells."""
        return self.rows[row][column].strip() if column < len(self.rows[row]) else ""

    def fill(self, row: int, column: int, text: str) -> None:
        """Put a text in a cell."""
        self.rows[row] += [""] * (column + 1 - len(self.rows[row]))
        self.rows[row][column] = text

    def write(self, path: Path) -> None:
        """Write the table as it was found, with what was filled in."""
        text = io.StringIO()
        csv.writer(text, delimiter=self.delimiter, lineterminator="\n").writerows([self.header, *self.rows])
        write_whole(path, text.getvalue())


@dataclass(frozen=True)
class Match:
    """Which row belongs to which student, and what somebody should look at."""

    rows: dict[str, int]
    notes: list[str]


def read_roster(path: Path, needed: Sequence[str]) -> Roster:
    """Read an exported table and see that it has the columns that are needed.

    Raises
    ------
    CourseError
        If the file cannot be read as a table or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        # platforms write ; where the language of the person who exports has a decimal comma
        delimiter = max(",;\t", key=lambda mark: len(next(csv.reader(io.StringIO(text), delimiter=mark), [])))
        table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: cannot be read as CSV in UTF-8: {error}") from error
    if not table:
        raise CourseError(f"{path}: the file is empty; expected the columns {', '.join(needed)}")
    roster = Roster(path, [name.strip() for name in table[0]], table[1:], delimiter)
    for name in needed:
        roster.column(name)
    return roster


def match(
    students: Iterable[str], roster: Roster, people: Sequence[int], identities: Sequence[Callable[[int], str]], number: re.Pattern[str]
) -> Match:
    """Find one row for each student.

    Parameters
    ----------
    students
        Names of the submissions: a login, an e-mail address, a name, or what the platform calls a downloaded file.
    people
        The rows that stand for people.
    identities
        Cells that may identify somebody, the surest first, each as a function of the row.
    number
        Finds the platform's own number of a person in the name of a downloaded file; compared with the first identity.
    """
    indices: list[dict[str, set[int]]] = [defaultdict(set) for _ in identities]
    for row in people:
        for index, identity in zip(indices, identities, strict=True):
            if key := _key(identity(row)):
                index[key].add(row)
    found: dict[int, list[str]] = defaultdict(list)
    lost: list[str] = []
    unclear: list[str] = []
    for student in students:
        numbered = number.search(student)
        candidates = [indices[0].get(numbered[1], set())] if numbered else []
        candidates += [index.get(_key(student), set()) for index in indices]
        rows = next((rows for rows in candidates if rows), set())
        if len(rows) == 1:
            found[next(iter(rows))].append(student)
        else:
            (unclear if rows else lost).append(student)
    unclear += [student for sharing in found.values() if len(sharing) > 1 for student in sharing]
    rows_of = {sharing[0]: row for row, sharing in found.items() if len(sharing) == 1}
    notes = []
    if lost:
        notes.append(f"no row was found for {_listed(lost)}")
    if unclear:
        notes.append(f"more than one row or submission fits, so none was filled in, for {_listed(unclear)}")
    if without := len(people) - len(found):
        notes.append(
            f"{without} {'row has' if without == 1 else 'rows have'} no submission and {'stays as it was' if without == 1 else 'stay as they were'}"
        )
    return Match(rows_of, notes)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _listed(names: list[str], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in sorted(names)[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
