"""The sources of answers: where the notebook has them, where the lesson's stub is, and when the course's own solution may be read."""

from __future__ import annotations

import difflib
import inspect
import json
import os
import sys
import textwrap
from contextlib import suppress
from hashlib import sha256
from typing import Any

from bpkit.course.folders import course_spoken, files_of
from bpkit.course.stubs import is_stub, names_bound, stub_of
from bpkit.errors import CourseError
from bpkit.exercises.model import Exercise
from bpkit.exercises.progress import Record

# set by `bpkit lab --no-solutions`, or by whoever starts the kernels of a graded course
LEFT_OUT = "BPKIT_NO_SOLUTIONS"
WRONG_TRIES = 3  # different ones, after which a solution opens if all hints are open too


def source_of_answer(exercise: Exercise, answer: Any) -> str:
    """The learner's own text of an answer: the last cell that gave its name a value, else the function's; empty where neither is known."""
    shell = _shell()
    if shell is not None:
        for cell in reversed(shell.user_ns.get("In", [])):
            if exercise.name in names_bound(str(cell)) and not is_stub(str(cell)):
                return str(cell).strip("\n")
    with suppress(OSError, TypeError):
        source = textwrap.dedent(inspect.getsource(answer)).strip("\n")
        return source if names_bound(source) else ""  # else a lambda inside the call itself
    return ""


def digest(source: str) -> str:
    """A few letters that tell two wrong tries apart; empty for no source."""
    return sha256("".join(source.split()).encode()).hexdigest()[:12] if source else ""


def stub(exercise: Exercise) -> str:
    """The lesson's cell as it came."""
    with suppress(CourseError):
        for notebook in files_of(course_spoken().lessons, ".ipynb", [exercise.lesson]):
            return stub_of(notebook, exercise.name)
    return ""


def left_out() -> bool:
    """Whether the course's staff keep the solutions to themselves."""
    return bool(os.environ.get(LEFT_OUT)) or all_worked() is None


def worked(exercise: Exercise) -> str:
    """The course's own solution; empty where it was left out."""
    return (all_worked() or {}).get(exercise.lesson, {}).get(exercise.name, "")


def is_open(exercise: Exercise, record: Record) -> bool:
    """Whether the learner may read the solution: their own is right, or they have had every hint and three different tries."""
    return record.status == "right" or (record.hints >= len(exercise.hints) and len(record.wrong) >= WRONG_TRIES)


def still_to_do(exercise: Exercise, record: Record) -> str:
    """What opens the solution."""
    hints, tries = len(exercise.hints) - record.hints, WRONG_TRIES - len(record.wrong)
    parts = [f"{hints} more hint{'s' if hints > 1 else ''}"] if hints > 0 else []
    if tries > 0:
        parts.append(f"{tries} more different {'tries' if tries > 1 else 'try'}")
    return f"The solution of {exercise.id} opens when yours is right, or after {' and '.join(parts)}."


def difference(mine: str, ours: str) -> str:
    """How two sources differ, line by line; empty where they are the same."""
    lines = list(difflib.unified_diff(mine.splitlines(), ours.splitlines(), lineterm="", n=len(ours.splitlines())))
    return "\n".join(lines[3:])


def put_below(source: str) -> bool:
    """Put code into a new cell below the one that runs, if the front end lets us."""
    shell = _shell()
    if shell is None:
        return False
    shell.set_next_input(source, replace=False)
    return True


def _shell() -> Any:
    """The notebook's own IPython; asked for without importing it, as where there is none it would take long and find none."""
    get = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get() if get else None


def all_worked() -> dict[str, dict[str, str]] | None:
    """The course's own solutions, by lesson and name; None where they were left out."""
    with suppress(CourseError, OSError, ValueError):
        place = course_spoken().worked
        if place is not None:
            found: dict[str, dict[str, str]] = json.loads(place.read_text(encoding="utf-8"))
            return found
    return None
