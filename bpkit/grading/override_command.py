"""`bpkit override`: sets the points of one exercise of one student by hand, and keeps that through grading anew."""

from __future__ import annotations

import argparse
import math
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.journal import Journal
from bpkit.grading.records import Override
from bpkit.grading.reports import write_all

_EPILOG = """
examples:
  bpkit override ada 05.3 1 --why "right but for a sign in the last line" --out graded/
  bpkit override ada 05.3 --remove --out graded/      the grader's points count again
  bpkit override --out graded/                        lists what was set, and where the grader has since changed its mind

The points stand in every report, and why on the student's page and in grades.csv. They are kept when the class is graded again, also
when the student hands in something new. Full points make the answer right. The reports are written anew.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("student", nargs="?", metavar="STUDENT", help="whose points, as grades.csv calls the student (default: list all)")
    parser.add_argument("exercise", nargs="?", metavar="EXERCISE", help="the number of the exercise, e.g. 05.3")
    parser.add_argument("points", nargs="?", metavar="POINTS", help="from 0 to the exercise's most")
    parser.add_argument("--why", metavar="TEXT", help="the reason; the student reads it")
    parser.add_argument("--remove", action="store_true", help="undo: the grader's points count again")
    parser.add_argument("--out", default=".", metavar="DIR", help="the folder that `bpkit grade` wrote (default: the current one)")


def run(args: argparse.Namespace) -> int:
    """Set points, undo that, or list what was set."""
    folder = Path(args.out)
    if not (folder / "grades.sqlite").is_file():
        raise CourseError(f"there is no grades.sqlite in {folder}; expected with --out a folder that `bpkit grade --out` wrote")
    with Journal(folder) as journal:
        if args.student is None:
            for line in listed(journal) or ["No points were set by hand."]:
                print(line)
            return 0
        if args.exercise is None:
            raise CourseError(f"found the student {args.student!r} alone, expected STUDENT EXERCISE POINTS, or STUDENT EXERCISE --remove")
        if args.remove:
            _remove(journal, args)
        else:
            _set(journal, args)
        for note in write_all(journal.run(), journal.kept, folder, students=journal.there()):
            print(note)
    print(f"The reports are in {folder}. What `bpkit report` filled in for a platform is to be filled in again.")
    return 0


def _set(journal: Journal, args: argparse.Namespace) -> None:
    graded = journal.graded_points(args.student)
    if not graded:
        raise CourseError(f"there is no student {args.student!r} with graded exercises in {journal.path}; {_near(args.student, journal.students())}")
    if args.exercise not in graded:
        raise CourseError(f"{args.student} has no exercise {args.exercise!r} in {journal.path}; expected one of {', '.join(graded)}")
    before, most = graded[args.exercise]
    points = _number(args.points, most)
    why = " ".join((args.why or "").split())
    if not why:
        raise CourseError('found no reason, expected --why "…": the student reads it')
    decided = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    journal.decide(Override(args.student, args.exercise, points, why, before, decided))
    print(f"{args.student}, {args.exercise}: {points:g} of {most:g} points instead of {before:g}.")
    if args.student in journal.removed():
        print(f"{args.student} is not in this class any more and has no report; the points count if the next run has them again.")


def _remove(journal: Journal, args: argparse.Namespace) -> None:
    if args.points is not None or args.why is not None:
        raise CourseError("found --remove together with points or a reason, expected STUDENT EXERCISE --remove")
    if not journal.undo(args.student, args.exercise):
        there = ", ".join(f"{override.student} {override.exercise}" for override in journal.overrides()) or "none"
        raise CourseError(f"nothing was set for {args.student!r} {args.exercise!r} in {journal.path}; found: {there}")
    print(f"{args.student}, {args.exercise}: the grader's points count again.")


def listed(journal: Journal, in_doubt_only: bool = False) -> list[str]:
    """A line for each time that staff set points, or for those alone where something else was graded since."""
    lines, gone = [], set(journal.removed())
    for override in journal.overrides():
        now = journal.graded_points(override.student).get(override.exercise)
        line = f"{override.student}, {override.exercise}: {override.points:g} points, set {override.decided}: {override.why}"
        doubt = ""
        if override.student in gone:
            doubt = " [not in this class any more, or under another name]"
        elif now is None:
            doubt = " [nothing is graded there now]"
        elif now[0] != override.graded:
            doubt = f" [look again: the grader gave {override.graded:g} then, and gives {now[0]:g} now]"
        if doubt or not in_doubt_only:
            lines.append(line + doubt)
    return lines


def _number(text: str | None, most: float) -> float:
    try:
        points = float((text or "").replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:
        raise CourseError(f"found {'no points' if text is None else f'the points {text!r}'}, expected a number from 0 to {most:g}")
    return points


def _near(student: str, students: list[str]) -> str:
    near = get_close_matches(student.casefold(), (name.casefold() for name in students), 3, 0.5)
    shown = [name for name in students if name.casefold() in near] or students[:3]
    return f"expected a name of grades.csv, such as {', '.join(map(repr, shown))}"
