"""What a lesson in the making still lacks: the list ``solutions/NN_slug.todo``, which `bpkit new-lesson` writes and its author shortens.

The tests of the course ask `unfinished`, and nothing else, which of their rules a lesson may not keep yet. A finished course has no such list.
"""

from __future__ import annotations

from pathlib import Path

from bpkit.authoring.source import shown
from bpkit.course.folders import Course
from bpkit.errors import CourseError

# each stands for one rule of the tests; a line of a list begins with one of them and a colon
RULES = ("text", "terms", "names", "link", "placeholders")


def unfinished(course: Course) -> dict[str, tuple[str, ...]]:
    """The number of every lesson that has a list → the rules on it.

    Raises
    ------
    CourseError
        If a line is none of the rules; with file and line.
    """
    if course.solutions is None:
        return {}
    return {path.name[:2]: rules for path in sorted(course.solutions.glob("[0-9][0-9]_*.todo")) if (rules := _rules(path))}


def _rules(path: Path) -> tuple[str, ...]:
    rules = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        rule = line.partition(":")[0].strip()
        if rule and rule not in RULES:
            raise CourseError(f"{shown(path)}:{number}: found {rule[:40]!r}, expected a line that begins with one of: {', '.join(RULES)}")
        rules += [rule] if rule else []
    return tuple(rules)
