"""Finds who handed in what: one submission per sub-folder or file."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.archives import MAX_DEPTH, BadArchive, unpacked
from bpkit.grading.layouts import IGNORED, Person, hidden_folders, is_notebook_name, stem_of
from bpkit.grading.notebooks import is_notebook, what_it_is
from bpkit.grading.recognise import recognised

MAX_FILES = 200


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    Parameters
    ----------
    student
        The sub-folder's name, or the file's without its ending.
    files
        The notebooks, in the order of their names.
    problems
        What else was there and cannot be graded, in words.
    others
        The files beside the notebooks, which these may import or read.
    submitted_at
        When it was handed in, as the platform tells: ISO 8601, with the offset from UTC where that is told; "" where the layout does not say.
    late
        Whether the platform calls it late; None where it does not say.
    called
        What the folders and files are called that it came in: platforms put their numbers there.
    own_names
        Of files that a platform gave other names, those that they had before.
    """

    student: str
    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()
    others: tuple[Path, ...] = ()
    submitted_at: str = ""
    late: bool | None = None
    called: tuple[str, ...] = ()
    own_names: tuple[tuple[Path, str], ...] = ()


def printable(name: str) -> str:
    """A file's name as text that can be written anywhere: undecodable bytes are spelled out, line ends become spaces."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def collect(
    paths: Sequence[str], layout: str = "", leave_out: Path | None = None, say: Callable[[str], None] = lambda words: None
) -> list[Submission]:
    """The submissions below the given paths, in the order of the students' names.

    Parameters
    ----------
    paths
        Notebooks, folders, or zip files of folders.
    layout
        How every folder is laid out; "" to see for ourselves.
    leave_out
        A folder that is nobody's, wherever it lies: where the grades go.
    say
        Told in one line for each folder how it is laid out and how many students that makes, and in one for each hidden folder with notebooks.

    Raises
    ------
    CourseError
        If a path does not exist or is not a notebook or folder, if a folder can be read in two ways, or if there is nothing to grade.
    """
    hands: dict[str, list[Person]] = {}  # by the name that the file system has
    from_where: dict[str, list[Path]] = {}
    singles: list[tuple[Path, ...]] = []  # a notebook, and what else is called so beside it
    for text in paths:
        path = Path(text)
        if path.suffix.lower() == ".zip" and path.is_file():
            try:
                path = unpacked(path.resolve())
            except BadArchive as error:
                raise CourseError(f"{printable(text)} {error}") from None
        if path.is_dir():
            for seen in recognised(path, layout, leave_out):
                for person in seen.people:
                    if person.plain_file:
                        singles.append(person.places)
                    else:
                        hands.setdefault(person.name, []).append(person)
                        from_where.setdefault(person.name, []).append(seen.folder)
                say(f"{seen.words[0].upper()}{seen.words[1:]}, {len(seen.people)} student{'s' if len(seen.people) != 1 else ''}.")
                if seen.left_out:
                    say(f"Left out, as no hand-in: {_few([printable(file.name) for file in seen.left_out])}.")
            for hidden in hidden_folders(path):
                say(f"{printable(hidden.name)} is left out: folders whose names begin with a dot are hidden; rename it if it is a student's.")
        elif not path.exists():
            raise CourseError(f"there is no {printable(text)}; expected a notebook (.ipynb) or a folder of them")
        elif not is_notebook_name(path.name):
            raise CourseError(f"{printable(text)} is not a notebook; expected a file that ends in .ipynb, or a folder of them")
        else:
            singles.append((path.resolve() if path.is_symlink() else path,))
    for name in [name for name, people in hands.items() if len(people) > 1 and _same_notebook(people)]:
        # one name in two folders, and one notebook: two sections with a person of that name in each
        for folder, person in zip(from_where[name], hands.pop(name), strict=True):
            hands.setdefault(f"{folder.absolute().name}/{name}", []).append(person)
    by_place = {os.path.abspath(places[0]): places for places in sorted(singles, key=len)}
    shared = Counter(stem_of(places[0]) for places in by_place.values())
    for path, *beside in by_place.values():
        # files of one name out of several folders are told apart by their folders
        stem = stem_of(path)
        name = stem if shared[stem] == 1 and stem not in hands else f"{path.absolute().parent.name}/{stem}"
        hands.setdefault(name, []).append(Person(name, "", (path, *beside)))
    if not hands:
        raise CourseError(f"no notebook found in {', '.join(map(printable, paths))}; expected .ipynb files, or a folder with one folder per student")
    students = told_apart(sorted(hands))
    return sorted((_submission(students[name], people) for name, people in hands.items()), key=lambda each: each.student)


def _few(names: Sequence[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def told_apart(names: Sequence[str]) -> dict[str, str]:
    """`printable` of each name; where that makes two names one, those that it has changed get a number of their own, the same each time.

    Examples
    --------
    >>> told_apart(["anna b", "anna\\tb", "cem\\td"])
    {'anna b': 'anna b', 'anna\\tb': 'anna b (025bf7)', 'cem\\td': 'cem d'}
    """
    count = Counter(map(printable, names))

    def student(name: str) -> str:
        shown = printable(name)
        if shown == name or count[shown] == 1:
            return shown
        digest = hashlib.sha256(os.fsencode(name)).hexdigest()
        short = f"{shown} ({digest[:6]})"
        return short if short not in count else f"{shown} ({digest})"  # somebody may be called so

    return {name: student(name) for name in names}


def _same_notebook(people: list[Person]) -> bool:
    """Whether a notebook of one name lies in the places of two of them."""
    names = Counter(name for person in people for name in {path.name for place in person.places if place.is_dir() for path in place.rglob("*.ipynb")})
    return any(count > 1 for count in names.values())


def _submission(student: str, people: list[Person]) -> Submission:
    notebooks: list[Path] = []
    others: list[Path] = []
    problems: list[str] = []
    for person in people:
        problems += person.told
        for place in person.places:
            found = _below(place) if place.is_dir() and not place.is_symlink() else _one(place)
            for whole, part in zip((notebooks, others, problems), found, strict=True):
                whole += part  # type: ignore[operator]
    if not notebooks:
        notebooks = [path for path in others if is_notebook(path)]
        others = [path for path in others if path not in notebooks]
    if not notebooks and others:
        problems += [f"{printable(path.name)} is not a notebook: {what_it_is(path)}" for path in others[:5]]
    files = sorted(notebooks)
    if len(files) > MAX_FILES:
        problems = [*problems, f"{len(files)} notebooks were handed in; only the first {MAX_FILES} were looked at"]
    if not files and not problems:
        problems = ["the folder is empty"]
    when = max((person.submitted_at for person in people), default="")
    said = [person.late for person in people if person.late is not None]
    late = any(said) if said else None
    called = tuple(printable(place.name) for person in people for place in person.places)[:MAX_FILES]
    own_names = tuple(pair for person in people for pair in person.own_names)
    return Submission(student, tuple(files[:MAX_FILES]), tuple(problems[:20]), tuple(sorted(others)[:MAX_FILES]), when, late, called, own_names)


Found = tuple[list[Path], list[Path], list[str]]


def _one(path: Path, depth: int = 0) -> Found:
    """A file: a notebook, something beside it, or a zip file with either."""
    if path.is_symlink():
        return [], [], [f"{printable(path.name)} is a symbolic link; links are not followed"]
    if is_notebook_name(path.name):
        return [path], [], []
    if path.suffix.lower() == ".zip" and depth < 2:
        try:
            return _below(unpacked(path.resolve()), depth + 1)
        except BadArchive as error:
            return [], [], [f"{printable(path.name)} {error}"]
    return [], [path], []


def _below(folder: Path, depth: int = 0) -> Found:
    """The notebooks anywhere below a student's folder, the other files, and what stands in the way of reading the rest."""
    notebooks: list[Path] = []
    others: list[Path] = []
    problems: list[str] = []

    def unreadable(error: OSError) -> None:
        problems.append(f"{printable(Path(error.filename or folder).name)} cannot be read: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not IGNORED.match(name))
        if folders and len(here.relative_to(folder).parts) >= MAX_DEPTH:
            problems.append(f"{printable(folders[0])} was not looked at: folders are nested more than {MAX_DEPTH} deep")
            folders.clear()
        for name in folders:
            if (here / name).is_symlink():
                problems.append(f"{printable(name)} is a symbolic link; links are not followed")
        for name in sorted(files):
            if not IGNORED.match(name):
                for whole, part in zip((notebooks, others, problems), _one(here / name, depth), strict=True):
                    whole += part  # type: ignore[operator]
    return notebooks, others, problems
