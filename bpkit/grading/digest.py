"""Digests what decides a grade, so that whoever was graded by something else is graded anew."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import bpkit
from bpkit.exercises import of_lesson, registry
from bpkit.grading.import_graph import module_of, reached
from bpkit.grading.once import once

# The grader with the judge, and what it gives to the sandbox as files. What these import is found by itself.
_GRADER = ("grading/grade.py", "grading/inside/*.py")


@once
def bank_digest(lessons: tuple[str, ...] | None = None) -> str:
    """A digest of what decides the grades of these lessons (None: of all)."""
    package = Path(bpkit.__file__).parent
    digest = hashlib.sha256()
    for path in deciding_files(package, lessons):
        name = path.as_posix().removeprefix(f"{package.as_posix()}/")
        digest.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def deciding_files(package: Path, lessons: Iterable[str] | None = None) -> list[Path]:
    """The files of bpkit that decide a grade: the grader, the lessons' exercises, all that these import, and the data beside it.

    Parameters
    ----------
    package
        The folder of bpkit, or of a copy of it.
    lessons
        By their two digits; None for all.
    """
    chosen = ["[0-9][0-9]"] if lessons is None else list(lessons)
    patterns = [*_GRADER, *(f"exercises/lesson_{lesson}/ex*.py" for lesson in chosen)]
    modules = [path for pattern in patterns for path in package.glob(pattern)]
    exercises = registry().values() if lessons is None else [exercise for lesson in chosen for exercise in of_lesson(lesson)]
    homes = {bpkit._HOME[name] for exercise in exercises for name in exercise.allows}  # the sandbox gets what answers may call
    modules += [path for home in homes if (path := module_of(home, package.parent)) is not None]
    files = reached(modules)
    beside = [path for module in files if module.name == "__init__.py" for path in module.parent.iterdir()]
    data = [path for path in beside if path.suffix != ".py" and not path.name.startswith(".") and path.is_file()]
    return sorted({*files, *data})
