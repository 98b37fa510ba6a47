"""Keeps every graded row in SQLite, so that a run can be killed at any moment and go on."""

from __future__ import annotations

import hashlib
import json
import marshal
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

import numpy as np

from bpkit.course.version import VERSION
from bpkit.errors import CourseError
from bpkit.exercises.outcome import Entries, Status
from bpkit.grading.choices import LANGUAGE, PARTIAL, SITE, SOLUTIONS
from bpkit.grading.collect import Submission
from bpkit.grading.late import HandedIn, Lateness, after, due_of, rule_of
from bpkit.grading.records import Graded, Kept, Override, Row, Run
from bpkit.language import SOURCE

try:
    import fcntl
except ImportError:  # Windows: no lock, and no sandbox either
    fcntl = None  # type: ignore[assignment]


class _Kind(NamedTuple):
    """How the values of one type stand in the database."""

    column: str
    store: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda stored: stored


def _entries_as_text(entries: Entries | None) -> str | None:
    if entries is None or entries.values.dtype.kind not in "biuf":
        return None
    return json.dumps([entries.title, entries.values.tolist(), entries.wrong.tolist()])


def _entries_of_text(text: str | None) -> Entries | None:
    if text is None:
        return None
    title, values, wrong = json.loads(text)
    return Entries(title, np.array(values), np.array(wrong, dtype=bool))


# A field of another type needs a line here; without it, this module does not load.
# Whoever changes how a type is written raises _WRITING, or values of old journals are misread.
_WRITING = 2
_KINDS: dict[Any, _Kind] = {
    str: _Kind("TEXT NOT NULL"),
    Status: _Kind("TEXT NOT NULL"),
    str | None: _Kind("TEXT"),
    float: _Kind("REAL NOT NULL"),
    int: _Kind("INTEGER NOT NULL"),
    tuple[str, ...]: _Kind("TEXT NOT NULL", json.dumps, lambda text: tuple(json.loads(text)) if text != "[]" else ()),
    Entries | None: _Kind("TEXT", _entries_as_text, _entries_of_text),
}


class Table:
    """How the records of a class are kept: a column for each field, found by its name.

    Parameters
    ----------
    name
        Of the table.
    record
        The class, a dataclass.
    primary
        The fields that name a record.
    left_out
        Fields that are kept elsewhere.
    """

    def __init__(self, name: str, record: type, primary: tuple[str, ...], left_out: tuple[str, ...] = ()) -> None:
        types = get_type_hints(record)
        self.record = record
        self.kinds = {field.name: _KINDS[types[field.name]] for field in fields(record) if field.name not in left_out}
        as_it_is = _Kind._field_defaults["read"]
        self._readers = [(place, kind.read) for place, kind in enumerate(self.kinds.values()) if kind.read is not as_it_is]
        columns = ", ".join(f'"{field}" {kind.column}' for field, kind in self.kinds.items())
        self.schema = f"CREATE TABLE IF NOT EXISTS {name} ({columns}, PRIMARY KEY ({', '.join(primary)}))"
        self.columns = ", ".join(f'"{field}"' for field in self.kinds)
        self.insert = f"INSERT INTO {name} ({self.columns}) VALUES ({', '.join(f':{field}' for field in self.kinds)})"

    def stored(self, record: Any) -> dict[str, Any]:
        """A record as the database takes it."""
        return {field: kind.store(getattr(record, field)) for field, kind in self.kinds.items()}

    def read(self, stored: tuple[Any, ...]) -> Any:
        """The record of a row that was selected by `columns`, where no field is kept elsewhere."""
        values = list(stored)
        for place, read in self._readers:
            values[place] = read(values[place])
        return self.record(*values)


_HANDINS = Table("handins", Graded, ("student", "key"), left_out=("rows",))
_GRADES = Table("grades", Row, ("student", "lesson", "exercise"))
# beside what was graded, which it outlives; no part of the form
_OVERRIDES = Table("overrides", Override, ("student", "exercise"))
# a journal with other columns has another form
_FORM = hashlib.sha256(f"{_WRITING} {_HANDINS.schema} {_GRADES.schema}".encode()).hexdigest()[:8]


# what SQLite and its module raise about a value, and not about the file
_OF_THE_VALUES = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError, sqlite3.ProgrammingError, ValueError, OverflowError)


def _settled(row: Row, in_part: bool, decided: Override | None) -> Row:
    """A row with its partial credit, if staff choose so; where they set the points by hand, theirs, and what they were instead of."""
    paid = row.with_partial_credit() if in_part else row
    return decided.over(replace(row, points=paid.points)) if decided else paid


class _Found(NamedTuple):
    """All that the database has of a student, as it stands there."""

    student: str
    rows: list[tuple[Any, ...]]
    parts: list[tuple[str, str, str]]
    overrides: list[tuple[Any, ...]]
    times: list[tuple[str, int | None]]


# 11.2 comes before 11.10
_OF_STUDENTS = (
    f"SELECT student, {_GRADES.columns} FROM grades {{}} ORDER BY student, lesson, LENGTH(exercise), exercise",
    "SELECT student, file, problems, versions FROM handins {} ORDER BY student, lessons, key",
    f"SELECT student, {_OVERRIDES.columns} FROM overrides {{}} ORDER BY student, LENGTH(exercise), exercise",
    "SELECT student, at, late FROM handed_in {} ORDER BY student",
)


class _ByStudent:
    """Rows that come by student, for whoever asks for the students in that order."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._groups = groupby(rows, key=itemgetter(0))
        self._next = next(self._groups, None)

    def of(self, student: str) -> list[tuple[Any, ...]]:
        """This student's, without the name."""
        while self._next is not None and self._next[0] < student:
            self._next = next(self._groups, None)
        if self._next is None or self._next[0] != student:
            return []
        found = [row[1:] for row in self._next[1]]
        self._next = next(self._groups, None)
        return found


class _Rules(NamedTuple):
    """What staff decided for everybody."""

    lateness: Lateness
    partial: bool


class Unkeepable(CourseError):
    """A hand-in's rows are nothing that a journal can hold; the journal itself is sound."""


class Journal:
    """The rows of one output folder. One process at a time may hold it.

    Parameters
    ----------
    out
        The folder; made if it is not there.

    Raises
    ------
    CourseError
        If the folder cannot be written, another run holds it, or its journal is not one of ours.
    """

    def __init__(self, out: Path) -> None:
        self.out, self.path = out, out / "grades.sqlite"
        try:
            out.mkdir(parents=True, exist_ok=True)
            self._lock = open(out / ".lock", "a+")  # noqa: SIM115 - held as long as the journal is
        except OSError as error:
            raise CourseError(f"cannot write to {out}: {error.strerror}; expected a folder for the grades") from None
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._lock.close()
                raise CourseError(f"another bpkit grade is writing to {out}; wait for it, or choose another --out") from None
        try:
            self._open()
        except BaseException:
            self._lock.close()
            raise

    def _open(self) -> None:
        with self._one_line():
            self._db = sqlite3.connect(self.path, isolation_level=None)
            try:
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=NORMAL")
                self._db.execute("CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
                form, seed = self.about("form", _FORM), self._db.execute("SELECT value FROM about WHERE key = 'seed'").fetchone()
                if form != _FORM:
                    again = f"; --seed {seed[0]} draws the same inputs" if seed else ""
                    raise CourseError(
                        f"{self.path} was written by another version of bpkit, whose rows have other columns (form {form}, expected {_FORM}): "
                        f"choose another --out, and everybody is graded anew{again}"
                    )
                absent = "CREATE TABLE IF NOT EXISTS absent (student TEXT PRIMARY KEY)"
                times = "CREATE TABLE IF NOT EXISTS handed_in (student TEXT PRIMARY KEY, at TEXT, late INTEGER)"
                called = "CREATE TABLE IF NOT EXISTS called (student TEXT PRIMARY KEY, names TEXT NOT NULL)"
                self._db.executescript(f"{_HANDINS.schema}; {_GRADES.schema}; {_OVERRIDES.schema}; {absent}; {times}; {called};")
            except BaseException:
                self._db.close()
                raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database and let others have the folder."""
        self._db.close()
        self._lock.close()

    def about(self, key: str, default: str) -> str:
        """What the folder has noted under `key`; on first use, `default`."""
        with self._one_line():
            self._db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", (key, default))
            return str(self._db.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()[0])

    def seed(self, wanted: int | None) -> int:
        """The seed of this folder: the one wanted, else the one that it has, else a new one that nobody can guess."""
        with self._one_line():
            if wanted is not None:
                self._db.execute("INSERT OR REPLACE INTO about VALUES ('seed', ?)", (str(wanted),))
        return int(self.about("seed", str(secrets.randbits(62))))

    def has(self, student: str, key: str) -> bool:
        """Whether this very hand-in has been graded, without trouble of ours."""
        with self._one_line():
            query = "SELECT 1 FROM handins WHERE student = ? AND key = ? AND trouble = ''"
            return self._db.execute(query, (student, key)).fetchone() is not None

    def troubles(self) -> dict[str, str]:
        """The students whose hand-in is not graded through no fault of theirs, and why."""
        with self._one_line():
            return dict(self._db.execute("SELECT student, trouble FROM handins WHERE trouble <> '' ORDER BY student"))

    def add(self, graded: Graded) -> None:
        """Record a graded hand-in, whole or not at all; it takes the place of an earlier one for the same lessons.

        Raises
        ------
        Unkeepable
            If something in it is nothing that a journal can hold.
        CourseError
            If the journal cannot be written.
        """
        with self._one_line():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for key, lessons in self._db.execute("SELECT key, lessons FROM handins WHERE student = ?", (graded.student,)).fetchall():
                    if not graded.lessons or not json.loads(lessons) or set(json.loads(lessons)) & set(graded.lessons):
                        self._db.execute("DELETE FROM handins WHERE student = ? AND key = ?", (graded.student, key))
                for lesson in {*graded.lessons, ""}:
                    self._db.execute("DELETE FROM grades WHERE student = ? AND lesson = ?", (graded.student, lesson))
                self._db.execute(_HANDINS.insert, _HANDINS.stored(graded))
                self._db.executemany(_GRADES.insert, map(_GRADES.stored, graded.rows))
                self._db.execute("COMMIT")
            except BaseException as error:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                if isinstance(error, _OF_THE_VALUES):
                    raise Unkeepable(f"{self.path} cannot hold it: {error}") from None
                raise

    def attend(self, submissions: Iterable[Submission], whole_class: bool) -> None:
        """Note who is there now, when each handed in and under which names; of a whole class, that nobody else is there any more.

        The rows of the others are kept.
        """
        submissions = list(submissions)
        times = [(each.student, each.submitted_at, each.late) for each in submissions]
        called = [(each.student, json.dumps(each.called)) for each in submissions]
        here = [(student,) for student, *_ in times]
        with self._one_line():
            self._db.execute("BEGIN IMMEDIATE")
            if whole_class:
                self._db.execute("INSERT OR IGNORE INTO absent SELECT DISTINCT student FROM grades")
            self._db.executemany("DELETE FROM absent WHERE student = ?", here)
            self._db.executemany("INSERT OR REPLACE INTO handed_in VALUES (?, ?, ?)", times)
            self._db.executemany("INSERT OR REPLACE INTO called VALUES (?, ?)", called)
            self._db.execute("COMMIT")

    def called(self) -> dict[str, tuple[str, ...]]:
        """For everybody, the names of the folders and files that their hand-in came in."""
        with self._one_line():
            return {student: tuple(json.loads(names)) for student, names in self._db.execute("SELECT student, names FROM called")}

    def set_lateness(self, due: str | None, rule: str | None) -> None:
        """Note the due time and what lateness costs, each if it is given; "none" forgets it.

        Raises
        ------
        CourseError
            If a rule is given and no due time is known.
        """
        with self._one_line():
            for key, value in (("due", due), ("late", rule)):
                if value == "none":
                    self._db.execute("DELETE FROM about WHERE key = ?", (key,))
                elif value is not None:
                    self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value))
        if rule not in (None, "none") and self._lateness().due is None:
            raise CourseError(f"--late {rule!r} needs to know when it was due: give --due, too, e.g. --due '2031-03-03 23:59'")

    def choose(self, choices: Mapping[str, bool | str]) -> None:
        """Note what staff choose about the reports (see `choices`); what is not named stays as it is."""
        with self._one_line():
            for key, value in choices.items():
                self._db.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (key, value if isinstance(value, str) else "yes" if value else "no"))

    def _chosen(self, choice: str) -> bool:
        return self._db.execute("SELECT 1 FROM about WHERE key = ? AND value = 'yes'", (choice,)).fetchone() is not None

    def _lateness(self) -> Lateness:
        known = dict(self._db.execute("SELECT key, value FROM about WHERE key IN ('due', 'late')"))
        return Lateness(due_of(known["due"]) if "due" in known else None, rule_of(known["late"]) if "late" in known else None)

    def without_time(self) -> int:
        """How many of those who are there handed in at a time that is not known, where that matters."""
        with self._one_line():
            if self._lateness().due is None:
                return 0
            there = "SELECT COUNT(DISTINCT student) FROM grades WHERE student NOT IN (SELECT student FROM absent)"
            timed = "SELECT student FROM handed_in WHERE at <> '' OR late = 0"
            (count,) = self._db.execute(f"{there} AND student NOT IN ({timed})").fetchone()
            return int(count)

    def removed(self) -> list[str]:
        """Who was graded and is not there any more: renamed, or gone."""
        with self._one_line():
            found = self._db.execute("SELECT student FROM absent WHERE student IN (SELECT student FROM grades) ORDER BY student")
            return [student for (student,) in found]

    def lessons(self) -> list[str]:
        """The lessons graded so far, the commonest first."""
        with self._one_line():
            found = self._db.execute(
                "SELECT lesson FROM grades WHERE lesson <> '' AND status <> 'could not run' "
                "GROUP BY lesson ORDER BY COUNT(DISTINCT student) DESC, lesson"
            )
            return [lesson for (lesson,) in found]

    def run(self) -> Run:
        """What all rows share."""
        started = self.about("started", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"))
        with self._one_line():
            unsafe = self._db.execute("SELECT 1 FROM handins WHERE sandbox = 'none'").fetchone()
            versions = [found for (found,) in self._db.execute("SELECT DISTINCT versions FROM handins ORDER BY versions")]
            solutions = self._chosen(SOLUTIONS)
            site, spoken = (self._db.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone() for key in (SITE, LANGUAGE))
        return Run(
            int(self.about("seed", "0")),
            unsafe is None,
            started,
            VERSION,
            "; ".join(versions),
            solutions,
            spoken[0] if spoken else SOURCE,
            site[0] if site else "",
        )

    def submissions(self) -> Iterator[Graded]:
        """Everything graded of those who are there, by student; one at a time, so that a large class needs no more memory than one."""
        with self._one_line():
            rules = self._rules()
            for found in self._everybody():
                yield self._graded(found, rules)

    def kept(self) -> Iterator[Kept]:
        """The same, each with a digest of all that it is made of, and made when it is asked for."""
        with self._one_line():
            rules = self._rules()
            about = repr(rules)
            for found in self._everybody():
                # the second version of the format says nothing but the values
                content = marshal.dumps((about, tuple(found)), 2)
                yield Kept(found.student, hashlib.blake2b(content, digest_size=16).hexdigest(), partial(self._graded, found, rules))

    def statuses(self) -> Counter[str]:
        """How many exercises of those who are there have which status."""
        with self._one_line():
            query = (
                "SELECT status, COUNT(*) FROM grades WHERE student NOT IN (SELECT student FROM absent) "
                "AND student NOT IN (SELECT student FROM overrides) GROUP BY status"
            )
            counts = Counter(dict(self._db.execute(query).fetchall()))
            rules, by_hand = self._rules(), {override.student for override in self.overrides()}
            for student in by_hand & set(self.there()):
                counts.update(row.status for row in self._read(student, rules).rows)
        return counts

    def there(self) -> list[str]:
        """Who has rows and is there, in the order of `submissions`."""
        query = "SELECT DISTINCT student FROM grades WHERE student NOT IN (SELECT student FROM absent) ORDER BY student"
        with self._one_line():
            return [student for (student,) in self._db.execute(query)]

    def _rules(self) -> _Rules:
        return _Rules(self._lateness(), self._chosen(PARTIAL))

    def _read(self, student: str, rules: _Rules) -> Graded:
        with self._one_line():
            found = (self._db.execute(query.format("WHERE student = ?"), (student,)) for query in _OF_STUDENTS)
            return self._graded(_Found(student, *([row[1:] for row in rows] for rows in found)), rules)

    def _everybody(self) -> Iterator[_Found]:
        """What the database has of those who are there, each table read once."""
        tables = [_ByStudent(self._db.execute(query.format(""))) for query in _OF_STUDENTS]
        for student in self.there():
            yield _Found(student, *(table.of(student) for table in tables))

    @staticmethod
    def _graded(found: _Found, rules: _Rules) -> Graded:
        """What reports say of a student: the grader's rows, and on them what staff have decided."""
        decided = {override.exercise: override for override in map(_OVERRIDES.read, found.overrides)}
        files = ", ".join(file for file, _, _ in found.parts if file)
        problems = tuple(text for _, texts, _ in found.parts for text in json.loads(texts))
        versions = "; ".join(sorted({version for _, _, version in found.parts}))
        rows = tuple(_settled(row, rules.partial, decided.get(row.exercise)) for row in map(_GRADES.read, found.rows))
        at, late = found.times[0] if found.times else ("", None)
        handed_in = HandedIn(at, None if late is None else bool(late))
        return after(Graded(found.student, files, rows, problems, versions=versions), decided, handed_in, rules.lateness)

    def overrides(self, student: str | None = None) -> list[Override]:
        """The points that staff gave, to one student or to all."""
        with self._one_line():
            query = f"SELECT {_OVERRIDES.columns} FROM overrides WHERE ?1 IS NULL OR student = ?1 ORDER BY student, LENGTH(exercise), exercise"
            return list(map(_OVERRIDES.read, self._db.execute(query, (student,)).fetchall()))

    def graded_points(self, student: str) -> dict[str, tuple[float, float]]:
        """What the grader gave a student for each exercise, and the most that there is; empty for whom it does not know."""
        with self._one_line():
            query = "SELECT exercise, points, max FROM grades WHERE student = ? AND exercise <> '' ORDER BY lesson, LENGTH(exercise), exercise"
            return {exercise: (points, most) for exercise, points, most in self._db.execute(query, (student,))}

    def students(self) -> list[str]:
        """Everybody who has rows."""
        with self._one_line():
            return [student for (student,) in self._db.execute("SELECT DISTINCT student FROM grades ORDER BY student")]

    def decide(self, override: Override) -> None:
        """Keep points that staff gave; they take the place of earlier ones."""
        with self._one_line():
            self._db.execute(_OVERRIDES.insert.replace("INSERT", "INSERT OR REPLACE", 1), _OVERRIDES.stored(override))

    def undo(self, student: str, exercise: str) -> bool:
        """Forget the points that staff gave; whether there were any."""
        with self._one_line():
            return self._db.execute("DELETE FROM overrides WHERE student = ? AND exercise = ?", (student, exercise)).rowcount > 0

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        """Turn what SQLite and the disk complain about into one line, a cause each."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the number only tells more of the same
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                why = f"{self.path} is in use by another program; close whatever has it open and run this again"
            elif code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                why = f"{self.path} is damaged, or no journal of bpkit ({error}); move it away to grade everybody anew, or put back a copy of it"
            elif code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
                why = f"{self.path} cannot be opened for writing ({error}); expected a file that you may write, in a folder that you may write to"
            else:
                why = f"cannot write {self.path}: {error}; the rows recorded so far are kept: make room and run it again"
            raise CourseError(why) from None
