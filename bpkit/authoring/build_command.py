"""`bpkit build`: generate the notebooks, or check that none has drifted from its source."""

from __future__ import annotations

import argparse
import sys
import time

from bpkit.authoring.build import build_lesson, worked_text, write_if_changed
from bpkit.authoring.drift import drift
from bpkit.authoring.source import read_source, shown
from bpkit.course.folders import Course, files_of, find_course
from bpkit.errors import CourseError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons to build, by number; all of them if none is named")
    parser.add_argument("--check", action="store_true", help="write nothing: exit 1 and name every file that differs from its source")
    parser.add_argument(
        "--only-changed",
        action="store_true",
        help="run a lesson's cells only if its source or what draws for it changed (other changes in bpkit go unseen)",
    )


def run(args: argparse.Namespace) -> int:
    """Build or check; 0 if all is well, 1 if a check found something."""
    course = find_course()
    if course.solutions is None or not course.solutions.is_dir():
        raise CourseError("no lesson sources here: an installed bpkit carries the lessons only; clone the repository to build them")
    return _check(course, args.lessons) if args.check else _build(course, args.lessons, args.only_changed)


def _check(course: Course, wanted: list[str]) -> int:
    assert course.solutions is not None
    problems = drift(course, wanted)
    for problem in problems:
        print(problem)
    lessons = len(files_of(course.solutions, ".py", wanted))
    verdict = f"{len(problems)} faults" if problems else "every notebook agrees with its source, and no solution is given away"
    print(f"{lessons} lessons checked: {verdict}", file=sys.stderr)
    return 1 if problems else 0


def _build(course: Course, wanted: list[str], only_changed: bool) -> int:
    assert course.solutions is not None
    sources = [read_source(path) for path in files_of(course.solutions, ".py", wanted)]
    for source in sources:
        began = time.perf_counter()
        if sys.stderr.isatty():
            print(f"{source.slug}: running …", end="", file=sys.stderr, flush=True)
        try:
            written = build_lesson(source, course, only_changed=only_changed)
        finally:
            if sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr)
        what = f"wrote {', '.join(shown(path) for path in written)}" if written else "unchanged"
        print(f"{source.slug}: {len(source.cells)} cells, {time.perf_counter() - began:.1f} s, {what}", file=sys.stderr)
    assert course.worked is not None
    if write_if_changed(course.worked, worked_text(read_source(path) for path in files_of(course.solutions, ".py"))):
        print(f"wrote {shown(course.worked)}", file=sys.stderr)
    return 0
