"""Finds who handed in what: one submission per sub-folder or file."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bpkit.errors import CourseError

_IGNORED = re.compile(r"\.|__pycache__$|__MACOSX$|Thumbs\.db$|desktop\.ini$")
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
    """

    student: str
    files: tuple[Path, ...]
    problems: tuple[str, ...] = ()
    others: tuple[Path, ...] = ()
    submitted_at: str = ""
    late: bool | None = None


def printable(name: str) -> str:
    """A file's name as text that can be written anywhere: undecodable bytes are spelled out, line ends become spaces."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f]", " ", text)


def collect(paths: Sequence[str]) -> list[Submission]:
    """The submissions below the given paths, in the order of the students' names.

    Raises
    ------
    CourseError
        If a path does not exist or is not a notebook or folder, or if there is nothing to grade.
    """
    found: dict[str, list[Path]] = {}  # by the name that the file system has
    problems: dict[str, list[str]] = {}
    beside: dict[str, list[Path]] = {}
    singles: list[Path] = []
    for text in paths:
        path = Path(text)
        if path.is_dir():
            try:
                children = sorted(path.iterdir())
            except OSError as error:
                raise CourseError(f"the folder {printable(text)} cannot be read: {error.strerror}") from None
            for child in children:
                if _IGNORED.match(child.name):
                    continue
                if child.is_symlink():
                    student = child.stem if child.suffix == ".ipynb" else child.name
                    problems.setdefault(student, []).append(f"{printable(child.name)} is a symbolic link; links are not followed")
                elif child.is_dir():
                    notebooks, others, told = _below(child)
                    found.setdefault(child.name, []).extend(notebooks)
                    beside.setdefault(child.name, []).extend(others)
                    problems.setdefault(child.name, []).extend(told)
                elif child.suffix == ".ipynb":
                    singles.append(child)
        elif not path.exists():
            raise CourseError(f"there is no {printable(text)}; expected a notebook (.ipynb) or a folder of them")
        elif path.suffix != ".ipynb":
            raise CourseError(f"{printable(text)} is not a notebook; expected a file that ends in .ipynb, or a folder of them")
        else:
            singles.append(path.resolve() if path.is_symlink() else path)
    singles = list({os.path.abspath(path): path for path in singles}.values())
    shared = Counter(path.stem for path in singles)
    for path in singles:
        # files of one name out of several folders are told apart by their folders
        name = path.stem if shared[path.stem] == 1 and path.stem not in found else f"{path.absolute().parent.name}/{path.stem}"
        found.setdefault(name, []).append(path)
    names = sorted(found.keys() | problems.keys())
    if not names:
        raise CourseError(f"no notebook found in {', '.join(map(printable, paths))}; expected .ipynb files, or a folder with one folder per student")
    students = told_apart(names)
    submissions = (_submission(students[name], found.get(name, []), problems.get(name, []), beside.get(name, [])) for name in names)
    return sorted(submissions, key=lambda each: each.student)


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


def _submission(student: str, files: list[Path], problems: list[str], others: list[Path]) -> Submission:
    files = sorted(files)
    if len(files) > MAX_FILES:
        problems = [*problems, f"{len(files)} notebooks were handed in; only the first {MAX_FILES} were looked at"]
    if not files and not problems:
        problems = ["the folder is empty"]
    return Submission(student, tuple(files[:MAX_FILES]), tuple(problems[:20]), tuple(sorted(others)[:MAX_FILES]))


def _below(folder: Path) -> tuple[list[Path], list[Path], list[str]]:
    """The notebooks anywhere below a student's folder, the other files, and what stands in the way of reading the rest."""
    notebooks: list[Path] = []
    others: list[Path] = []
    problems: list[str] = []

    def unreadable(error: OSError) -> None:
        problems.append(f"{printable(Path(error.filename or folder).name)} cannot be read: {error.strerror}")

    for place, folders, files in os.walk(folder, onerror=unreadable):
        here = Path(place)
        if len(here.relative_to(folder).parts) >= 6:
            folders.clear()
        folders[:] = sorted(name for name in folders if not _IGNORED.match(name))
        for name in folders:
            if (here / name).is_symlink():
                problems.append(f"{printable(name)} is a symbolic link; links are not followed")
        for name in sorted(files):
            if _IGNORED.match(name):
                continue
            if (here / name).is_symlink():
                problems.append(f"{printable(name)} is a symbolic link; links are not followed")
            elif name.endswith(".ipynb"):
                notebooks.append(here / name)
            else:
                others.append(here / name)
    if not notebooks and others:
        names = ", ".join(printable(path.name) for path in others[:5])
        problems.append(f"no notebook among {names}{' …' if len(others) > 5 else ''}")
    return notebooks, others, problems
