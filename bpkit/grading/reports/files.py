"""Writes a report's files whole or not at all, under names that every file system takes."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bpkit.errors import CourseError

_LONGEST = 150  # bytes of UTF-8; file systems take 255, and suffixes need room
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)  # devices on Windows


def write_whole(path: Path | str, content: Iterable[str]) -> None:
    """Put a text, or the pieces of one, in place at once: a reader, or a run that is killed, never finds half a file.

    Raises
    ------
    CourseError
        If the folder cannot be written or the disk is full.
    """
    folder, name = os.path.split(path)
    partial = os.path.join(folder, f".{name}.part")  # always the same, so that what a killed run left is written over
    try:
        try:
            file = open(partial, "wb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            file = open(partial, "wb")  # noqa: SIM115
        with file:
            # a file name that is not UTF-8 reaches us as surrogates, which no file may hold
            for piece in [content] if isinstance(content, str) else content:
                file.write(piece.encode("utf-8", "replace"))
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(partial)
        raise CourseError(f"cannot write {path}: {error.strerror}") from error


def write_zip(path: Path, files: Iterable[tuple[str, str]]) -> int:
    """Put an archive of texts in place at once; the same texts give the same bytes. Return how many there are.

    Raises
    ------
    CourseError
        If the folder cannot be written or the disk is full.
    """
    partial, count = path.with_name(f".{path.name}.part"), 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(partial, "w") as archive:
            for name, text in files:
                about = zipfile.ZipInfo(name)  # its date is 1980, whenever it is written
                about.external_attr = 0o644 << 16
                archive.writestr(about, text.encode("utf-8", "replace"), zipfile.ZIP_DEFLATED)
                count += 1
        os.replace(partial, path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise CourseError(f"cannot write {path}: {error.strerror}") from error
    return count


def file_names(students: Iterable[str]) -> dict[str, str]:
    """A file name (without suffix) for each student: the student's own name wherever a file can bear it.

    Names that had to be changed, or that a file system without upper and lower case would take for each other,
    end in eight hexadecimal digits that depend on the student alone.

    Examples
    --------
    >>> file_names(["ada", "李 雷"])
    {'ada': 'ada', '李 雷': '李 雷'}
    >>> file_names(["../ada"])
    {'../ada': '_ada-60088279'}
    """
    plain = {student: _plain(student) for student in dict.fromkeys(students)}
    bearers: dict[str, int] = {}
    for name in plain.values():
        bearers[_folded(name)] = bearers.get(_folded(name), 0) + 1
    taken: set[str] = set()
    names = {}
    for student, name in plain.items():
        if name != student or bearers[_folded(name)] > 1:
            digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
            name = f"{name}-{digest[:8]}"
            if _folded(name) in taken or _folded(name) in bearers:
                name = f"{name}-{digest}"
        taken.add(_folded(name))
        names[student] = name
    return names


def _plain(student: str) -> str:
    readable = unicodedata.normalize("NFC", student.encode("utf-8", "replace").decode("utf-8"))
    name = re.sub(r"[^\w .@+,()=-]+", "_", readable).strip(" .")
    name = name.encode("utf-8")[:_LONGEST].decode("utf-8", "ignore").strip(" .")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
