"""Finds each student's row in the file that a learning platform exported."""

from __future__ import annotations

import codecs
import csv
import io
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.headers import Headers

_BEHIND = re.compile(r"(.+) \((.+)\)")  # what tells people of one name apart stands behind it
_DELIMITERS = ",;\t:"  # those that the platforms offer


@dataclass
class Roster:
    """An exported table. Every cell that is not filled in is written back as it was found.

    Parameters
    ----------
    path
        Where it was read.
    header, rows
        Its cells.
    delimiter
        Between cells.
    words
        How the columns that we know may be called.
    notes
        What somebody should know of how it was read.
    called
        For each student the names of what they handed in, in which platforms put their numbers.
    """

    path: Path
    header: list[str]
    rows: list[list[str]]
    delimiter: str
    words: Headers = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    called: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def place(self, name: str) -> int | None:
        """Where a column stands, by its English name or a translation; None if it is not there."""
        keys = [key(title) for title in self.header]
        for word in (name, *self.words.get(name, ())):
            if key(word) in keys:
                return keys.index(key(word))
        return None

    def column(self, name: str) -> int:
        """Where a column must stand.

        Raises
        ------
        CourseError
            If there is no such column; the message names those there are.
        """
        place = self.place(name)
        if place is None:
            raise CourseError(f"{self.path}: found the columns {', '.join(map(repr, self.header))}, expected one called {name!r}")
        return place

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


def read_roster(path: Path, words: Headers, expected: str) -> Roster:
    """Read an exported table. Which columns it must have is for the caller to say.

    Parameters
    ----------
    path
        The file: UTF-8, or what a spreadsheet makes of it when somebody saves it (UTF-16, Windows-1252).
    words
        How its columns may be called.
    expected
        The columns to name if the file is empty.

    Raises
    ------
    CourseError
        If the file cannot be read as a table.
    """
    try:
        raw = path.read_bytes()
        if raw.startswith(b"PK\x03\x04"):
            raise CourseError(f"{path}: found a spreadsheet program's own file, expected CSV; save it as CSV (UTF-8)")
        text, notes = _decoded(raw)
        text = re.sub(r"\Asep=.[\r\n]+", "", text)  # a hint for spreadsheet programs
        # platforms write ; where the language of the person who exports has a decimal comma
        delimiter = max(_DELIMITERS, key=lambda mark: len(next(csv.reader(io.StringIO(text), delimiter=mark), [])))
        table = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path}: cannot be read as CSV in UTF-8: {error}") from error
    if not table:
        raise CourseError(f"{path}: the file is empty; expected the columns {expected}")
    return Roster(path, [name.strip() for name in table[0]], table[1:], delimiter, words, notes)


def _decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16"), ("the export is in UTF-16, which the platform does not expect; what was written is UTF-8",)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if b"\0" in raw:
            raise error
    return raw.decode("cp1252"), ("the export is not in UTF-8 and was read as Windows-1252; what was written is UTF-8: look at the names in it",)


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
            if name := key(identity(row)):
                index[name].add(row)
    found: dict[int, list[str]] = defaultdict(list)
    lost: list[str] = []
    unclear: list[str] = []
    for student in students:
        numbers = [there["in_file"] or there["behind"] for name in (student, *roster.called.get(student, ())) if (there := number.search(name))]
        candidates = [indices[0].get(key(each), set()) for each in numbers]
        behind = _BEHIND.fullmatch(student)
        names = (student, *(reversed(behind.groups()) if behind else ()), student.rpartition("/")[2])
        candidates += [index.get(key(name), set()) for name in names for index in indices]
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


def key(name: str) -> str:
    """The name as it is compared: without regard to case, width, blanks and the form of apostrophes."""
    return " ".join(unicodedata.normalize("NFKC", name).replace("\u2019", "'").casefold().split())


def as_number(text: str) -> float | None:
    """The number that a cell holds, with a decimal point or comma; None where it holds none."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def listed(names: list[str], most: int = 5) -> str:
    """Names for a sentence, in their order, cut after a few."""
    shown = ", ".join(repr(name) for name in sorted(names)[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
