"""Finds each student's row in the file that a learning platform exported."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.reports.files import write_whole


@dataclass
class Roster:
    """An exported table. Every cell that is not filled in is written back as it was found.

    Parameters
    ----------
    path, header, rows, delimiter
        Of the file.
    words
        For the English name of a column, what other languages call it.
    chosen
        The columns that staff chose for the points, as they named them.
    notes
        What somebody should look at in the file itself.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    delimiter: str
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    chosen: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def find(self, name: str) -> int | None:
        """Where a column stands, by its English name; None where there is none."""
        known = {_key(word) for word in (name, *self.words.get(name, ()))}
        return next((index for index, found in enumerate(self.header) if _key(found) in known), None)

    def column(self, name: str) -> int:
        """Where a column stands, by its English name.

        Raises
        ------
        CourseError
            If there is no such column; the message names those there are.
        """
        index = self.find(name)
        if index is None:
            raise CourseError(f"{self.path}: found the columns {', '.join(map(repr, self.header))}, expected one called {name!r}")
        return index

    def choose(self, name: str) -> int:
        """Where the column stands that staff named by its heading, by the heading without Canvas's number behind it, or by that number.

        Raises
        ------
        CourseError
            If none is called so, or several are.
        """
        fitting = [index for index, found in enumerate(self.header) if _key(name) in {_key(found), *map(_key, _title_and_number(found))}]
        if len(fitting) != 1:
            seen = ", ".join(repr(self.header[index]) for index in fitting or range(len(self.header)))
            raise CourseError(f"{self.path}: found for --column {name!r} the columns {seen}, expected the heading of one of them")
        return fitting[0]

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


def read_roster(path: Path, needed: Sequence[str], words: Mapping[str, Sequence[str]] | None = None, chosen: Sequence[str] = ()) -> Roster:
    """Read an exported table and see that it has the columns that are needed.

    Parameters
    ----------
    path
        The file: UTF-8, UTF-16 with a mark of its order, or what spreadsheets of Western Europe and China write.
    needed
        English names of columns.
    words, chosen
        As in `Roster`.

    Raises
    ------
    CourseError
        If the file cannot be read as a table or lacks a column.
    """
    try:
        guesses = _texts(path.read_bytes())
        rosters = [_parsed(path, text, words or {}, chosen) for text in guesses.values()]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: cannot be read as CSV in UTF-8: {error}") from error
    roster = next((each for each in rosters if all(each.find(name) is not None for name in needed)), rosters[0])
    for name in needed:
        roster.column(name)
    if "utf-8" not in guesses:
        roster.notes.append("the file that was read is not UTF-8, so letters beyond a to z may be wrong; export it anew rather than save it again")
    return roster


def _texts(content: bytes) -> dict[str, str]:
    """The text by its encoding; several where the file does not tell which it is."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return {"utf-8": content.decode("utf-16")}  # as sure as UTF-8 is
    try:
        return {"utf-8": content.decode("utf-8-sig")}
    except UnicodeDecodeError:
        texts = {}
        for encoding in ("cp1252", "gb18030"):
            with suppress(UnicodeDecodeError):
                texts[encoding] = content.decode(encoding)
        if not texts or b"\0" in content:
            raise
        return texts


def _parsed(path: Path, text: str, words: Mapping[str, Sequence[str]], chosen: Sequence[str]) -> Roster:
    # platforms write ; where the language of the person who exports has a decimal comma
    delimiter = max(",;\t", key=lambda mark: len(next(csv.reader(io.StringIO(text), delimiter=mark), [])))
    table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    if not table:
        raise CourseError(f"{path}: the file is empty; expected the table that the platform exported")
    return Roster(path, [name.strip() for name in table[0]], table[1:], delimiter, words, tuple(chosen))


def _title_and_number(heading: str) -> tuple[str, ...]:
    found = re.fullmatch(r"(.+?)\s*\((\d+)\)", heading)
    return found.groups() if found else ()


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
        for name in (student, student.partition("@")[0]) if "@" in student else (student,):
            candidates += [index.get(_key(name), set()) for index in indices]
        rows = next((rows for rows in candidates if rows), set())
        if len(rows) == 1:
            found[next(iter(rows))].append(student)
        else:
            (unclear if rows else lost).append(student)
    unclear += [student for sharing in found.values() if len(sharing) > 1 for student in sharing]
    rows_of = {sharing[0]: row for row, sharing in found.items() if len(sharing) == 1}
    notes = []
    if lost:
        notes.append(f"no row was found for {listed(lost)}")
    if unclear:
        notes.append(f"more than one row or submission fits, so none was filled in, for {listed(unclear)}")
    if without := len(people) - len(found):
        notes.append(
            f"{without} {'row has' if without == 1 else 'rows have'} no submission and {'stays as it was' if without == 1 else 'stay as they were'}"
        )
    return Match(rows_of, notes)


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def listed(names: list[str], most: int = 5) -> str:
    """Some of the names, and how many more there are."""
    shown = ", ".join(repr(name) for name in sorted(names)[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
