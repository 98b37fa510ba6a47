"""Knows which pages of single students still say what would be written, so that only what has changed is written anew."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import bpkit
from bpkit.grading.records import Graded, Row, Run
from bpkit.grading.reports.files import write_whole

_FILE = ".reports"
_FIELDS = tuple(field.name for field in fields(Row) if field.name != "entries")


@cache
def _program() -> str:
    """A digest of the program that writes the pages: another one may write them otherwise."""
    digest = hashlib.sha256()
    for path in sorted(Path(bpkit.__file__).parent.rglob("*")):
        if path.suffix != ".pyc" and path.is_file():
            found = path.stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode("utf-8", "replace"))
    return digest.hexdigest()


def digest_of(run: Run, submission: Graded) -> str:
    """A digest of what a student's pages are made of."""
    digest = hashlib.sha256()
    told = (_program(), run, submission.student, submission.file, submission.problems)
    digest.update(repr(told).encode("utf-8", "backslashreplace"))
    for row in submission.rows:
        digest.update(repr([getattr(row, name) for name in _FIELDS]).encode("utf-8", "backslashreplace"))
        if row.entries is not None:
            digest.update(repr((row.entries.title, row.entries.values.shape, str(row.entries.values.dtype))).encode("utf-8", "backslashreplace"))
            digest.update(row.entries.values.tobytes() + row.entries.wrong.tobytes())
    return digest.hexdigest()


def _stamp(path: Path) -> list[int]:
    """What changes when anybody writes the file; nothing where it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return []
    return [found.st_size, found.st_mtime_ns, found.st_ino]


class Written:
    """What was written into an output folder, from what, and what the files looked like then.

    A file that anybody has changed since, or that an interrupted run has written, does not look so: it is written anew.

    Parameters
    ----------
    out
        The folder.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self._now: dict[str, list[Any]] = {}
        try:
            found = json.loads((out / _FILE).read_bytes())
        except (OSError, ValueError):
            found = {}
        self._before: dict[str, Any] = found if isinstance(found, dict) else {}

    def lacks(self, run: Run, submissions: Iterable[Graded], names: dict[str, str]) -> Iterable[tuple[Graded, bool]]:
        """Each submission, and whether its pages have to be written; they count as written when the next one is asked for."""
        for submission in submissions:
            name, digest = names[submission.student], digest_of(run, submission)
            now = [digest, *self._stamps(name)]
            changed = self._before.get(name) != now
            yield submission, changed
            self._now[name] = [digest, *self._stamps(name)] if changed else now

    def _stamps(self, name: str) -> list[list[int]]:
        return [_stamp(path) for path in self._files(name)]

    def _files(self, name: str) -> tuple[Path, Path]:
        return self._out / "feedback" / f"{name}.html", self._out / "gradescope" / f"{name}.json"

    def save(self) -> None:
        """Note what was written, and take away the pages of who is not there any more, where nobody has changed them."""
        for name in self._before.keys() - self._now.keys():
            if self._before[name][1:] == self._stamps(name):
                for path in self._files(name):
                    path.unlink(missing_ok=True)
        if self._now != self._before:
            write_whole(self._out / _FILE, json.dumps(self._now, separators=(",", ":")))
