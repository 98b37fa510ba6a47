"""The learner's own copy of the lessons: new ones are added, untouched ones follow the course, and work is carried, never lost."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bpkit.course.folders import files_of
from bpkit.desk.carrying import Carried, Cell, carried, ids_of, texts_of
from bpkit.errors import CourseError
from bpkit.language import translated

# file name → what was shipped when the learner's copy was made: "file" is its SHA-256, "texts" that of its cells' texts, "ids" are its cells'
RECORD = ".bpkit-lessons.json"


@dataclass(frozen=True)
class Copied:
    """What became of each shipped lesson; one that is in none of these was left as it is, and nothing newer was shipped.

    Parameters
    ----------
    folder
        The learner's.
    added
        Was missing.
    updated
        Held nothing of the learner's.
    carried
        A new version with the learner's work in it, and the name under which the old file stays.
    kept
        Something newer is there, but no way to carry; with the reason.
    """

    folder: Path
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    carried: Mapping[str, tuple[Carried, str]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"Your lessons: {self.folder}"]
        lines += [f"  new: {name}" for name in self.added]
        lines += [f"  updated, you had not changed it: {name}" for name in self.updated]
        lines += [f"  updated, with {_work(work)} in it: {name} (as it was: {old})" for name, (work, old) in self.carried.items()]
        lines += [f"  kept as you left it: {name} ({why}; rename yours to get the new one)" for name, why in self.kept.items()]
        return "\n".join(map(translated, lines))


def _work(work: Carried) -> str:
    answers = f"your answers to {', '.join(work.answers)}" if work.answers else "your work"
    return f"{answers} and {work.own} cell{'s' if work.own > 1 else ''} of your own" if work.answers and work.own else answers


def copy_lessons(source: Path, folder: Path) -> Copied:
    """Bring the lessons of `source` to `folder` without ever losing a learner's work.

    A lesson that is missing is added. One that holds what bpkit once shipped, though it was run or saved, is brought up to date. Where a
    learner's work meets a new version, the work goes into the new version, and the file as it was stays beside it. A lesson whose shipped
    version is still the one that it was made from is left alone.

    Raises
    ------
    CourseError
        If there are no lessons, or the folder cannot be written, or it is the course's own.
    """
    lessons = files_of(source, ".ipynb")
    if not lessons:
        raise CourseError(f"no lessons in {source}; in a checkout `bpkit build` makes them")
    if folder == source.resolve():
        raise CourseError(f"{folder} is the course's own folder of lessons; choose another for your work")
    added, updated = [], []
    works: dict[str, tuple[Carried, str]] = {}
    kept: dict[str, str] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        record = _read_record(folder)
        for lesson in lessons:
            name, shipped, mine = lesson.name, lesson.read_bytes(), folder / lesson.name
            present = mine.read_bytes() if mine.exists() else None
            before = record.get(name, {})
            if present == shipped:
                pass
            elif present is None:
                added.append(name)
                replace_file(mine, shipped)
            elif before.get("file") == _digest(shipped):
                continue  # nothing newer
            elif _untouched(present, before):
                updated.append(name)
                replace_file(mine, shipped)
            else:
                why = _carry(mine, present, shipped, before, works)
                if why:
                    kept[name] = why
                    continue
            record[name] = _entry(shipped)
        replace_file(folder / RECORD, json.dumps(record, indent=1, sort_keys=True).encode())
    except OSError as error:
        raise CourseError(f"cannot keep lessons in {folder}: {error.strerror or error}; name a folder that you can write: bpkit lab DIR") from None
    return Copied(folder, tuple(added), tuple(updated), works, kept)


def _untouched(present: bytes, before: Mapping[str, Any]) -> bool:
    """Whether a file is what was shipped, perhaps run or saved since."""
    if _digest(present) == before.get("file"):
        return True
    notebook = _notebook(present)
    return notebook is not None and "texts" in before and _digest_of_texts(notebook) == before["texts"]


def _carry(mine: Path, present: bytes, shipped: bytes, before: Mapping[str, Any], works: dict[str, tuple[Carried, str]]) -> str:
    """Put the learner's work into the new version; why that was not possible, if it was not."""
    if not before:
        return "it is not the copy that bpkit made"
    old, new = _notebook(present), _notebook(shipped)
    if old is None:
        return "it cannot be read as a notebook, and bpkit has a newer one"
    if new is None or "ids" not in before:
        return "bpkit has a newer one"
    work = carried(old, new, before["ids"])
    aside = next(free for k in count(1) if not (free := mine.with_suffix(f".old{k if k > 1 else ''}.ipynb")).exists())
    replace_file(aside, present)
    replace_file(mine, (json.dumps(work.notebook, indent=1, ensure_ascii=False) + "\n").encode())
    works[mine.name] = work, aside.name
    return ""


def _notebook(content: bytes) -> Cell | None:
    try:
        notebook = json.loads(content)
        texts_of(notebook)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return notebook if isinstance(notebook, dict) else None


def _entry(shipped: bytes) -> dict[str, Any]:
    notebook = _notebook(shipped)
    more = {} if notebook is None else {"texts": _digest_of_texts(notebook), "ids": ids_of(notebook)}
    return {"file": _digest(shipped), **more}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _digest_of_texts(notebook: Cell) -> str:
    return _digest(json.dumps(texts_of(notebook)).encode())


def _read_record(folder: Path) -> dict[str, dict[str, Any]]:
    """What was shipped before; without a readable record every file there counts as the learner's. bpkit 0.1 kept the digest alone."""
    try:
        found = json.loads((folder / RECORD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    entries = {name: {"file": entry} if isinstance(entry, str) else entry for name, entry in found.items()}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


def replace_file(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, so that a full disk or a Ctrl-C leaves no half a lesson."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
