"""`bpkit build`: generate the notebooks, or check that none has drifted from its source."""

from __future__ import annotations

import argparse
import sys
import time

from bpkit.authoring.build import build_lesson, worked_text, write_if_changed
from bpkit.authoring.catalogues import as_po, catalogues, compiled, edition_asked_for, folder_of, read, spoken_file, translations, updated
from bpkit.authoring.drift import drift
from bpkit.authoring.edition import sources_of, unfinished
from bpkit.authoring.source import shown
from bpkit.course.folders import Course, files_of, find_course
from bpkit.errors import CourseError
from bpkit.language import SOURCE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons to build, by number; all of them if none is named")
    parser.add_argument("--check", action="store_true", help="write nothing: exit 1 and name every file that differs from its source")
    parser.add_argument(
        "--only-changed",
        action="store_true",
        help="run a lesson's cells only if its source or what draws for it changed (other changes in bpkit go unseen)",
    )
    parser.add_argument("--language", metavar="CODE", default=SOURCE, help="the edition to build or check (default: en)")
    parser.add_argument("--template", action="store_true", help="with --language: only bring its catalogues in step with the English texts")


def run(args: argparse.Namespace) -> int:
    """Build or check; 0 if all is well, 1 if a check found something."""
    course = find_course()
    if course.solutions is None or not course.solutions.is_dir():
        raise CourseError("no lesson sources here: an installed bpkit carries the lessons only; clone the repository to build them")
    code = args.language.lower() if args.template else edition_asked_for(course, args.language)
    if args.template:
        return _template(course, code)
    return _check(course, args.lessons, code) if args.check else _build(course, args.lessons, args.only_changed, code)


def _template(course: Course, code: str) -> int:
    if code == SOURCE:
        raise CourseError("--template belongs to --language CODE: English is what all others are translated from")
    folder = folder_of(course, code)
    for name, messages in catalogues(course).items():
        path = folder / f"{name}.po"
        catalogue = updated(read(path, code), messages, code)
        left = len(messages) - len(translations(catalogue))
        if write_if_changed(path, as_po(catalogue)):
            print(f"wrote {shown(path)}: {len(messages)} texts, {left} to translate or to look at", file=sys.stderr)
    return 0


def _check(course: Course, wanted: list[str], code: str) -> int:
    assert course.solutions is not None
    problems = drift(course, wanted, code)
    if code != SOURCE and not wanted:
        problems += unfinished(course, code)
    for problem in problems:
        print(problem)
    lessons = len(files_of(course.solutions, ".py", wanted))
    verdict = f"{len(problems)} faults" if problems else "every notebook agrees with its source, and no solution is given away"
    print(f"{lessons} lessons checked: {verdict}", file=sys.stderr)
    return 1 if problems else 0


def _build(course: Course, wanted: list[str], only_changed: bool, code: str) -> int:
    assert course.solutions is not None
    if code != SOURCE and write_if_changed(spoken_file(code), compiled(course, code)):
        print(f"wrote {shown(spoken_file(code))}", file=sys.stderr)
    target = course.edition(code)
    for source in sources_of(course, code, wanted):
        began = time.perf_counter()
        if sys.stderr.isatty():
            print(f"{source.slug}: running …", end="", file=sys.stderr, flush=True)
        try:
            written = build_lesson(source, target, only_changed=only_changed)
        finally:
            if sys.stderr.isatty():
                print("\r\033[K", end="", file=sys.stderr)
        what = f"wrote {', '.join(shown(path) for path in written)}" if written else "unchanged"
        print(f"{source.slug}: {len(source.cells)} cells, {time.perf_counter() - began:.1f} s, {what}", file=sys.stderr)
    assert target.worked is not None
    if write_if_changed(target.worked, worked_text(sources_of(course, code))):
        print(f"wrote {shown(target.worked)}", file=sys.stderr)
    return 0
