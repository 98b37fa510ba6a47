"""`bpkit override`: gives an answer points that staff decide on, and writes the reports anew."""

from __future__ import annotations

import argparse
import difflib
import math
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.decisions import Override, now
from bpkit.grading.journal import Journal
from bpkit.grading.reports import write_all

_EPILOG = """
examples:
  bpkit override ada 05.3 2 --why "right but for the last digit"     in graded/
  bpkit override ada 05.3 2 --why "seen by hand" --out week5/
  bpkit override ada 05.3 --lift                                     the grader's points again
  bpkit override --list

The points stand in place of the grader's in every report, with the reason on the student's page. They stay when the hand-in is graded anew, and
what lateness costs is not taken off them. An exercise that could not run counts as graded once it has them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("student", nargs="?", metavar="STUDENT", help="as the reports call them")
    parser.add_argument("exercise", nargs="?", metavar="EXERCISE", help="e.g. 05.3")
    parser.add_argument("points", nargs="?", metavar="POINTS", help="from 0 to what the exercise is worth")
    parser.add_argument("--why", default="", metavar="TEXT", help="the reason, for the student to read")
    parser.add_argument("--out", default="graded", metavar="DIR", help="the folder that `bpkit grade` wrote (default: %(default)s)")
    parser.add_argument("--lift", action="store_true", help="forget the points given before")
    parser.add_argument("--list", action="store_true", help="name all points given so")


def run(args: argparse.Namespace) -> int:
    """Record the points, and write the reports."""
    folder = Path(args.out)
    if not (folder / "grades.sqlite").is_file():
        raise CourseError(f"there is no grades.sqlite in {folder}; expected --out with a folder that `bpkit grade --out` wrote")
    with Journal(folder) as journal:
        if not args.list:
            print(_lift(journal, args) if args.lift else _give(journal, args))
            for note in [*write_all(journal.run(), journal.submissions, folder), *journal.staff_notes()]:
                print(note)
            print(f"The reports are in {folder}.")
            return 0
        for each, there in journal.overrides():
            gone = "" if there else " (no such row is graded now)"
            print(f"{each.student}  {each.exercise}  {each.points:g}  {each.at}  {each.why}{gone}")
    return 0


def _give(journal: Journal, args: argparse.Namespace) -> str:
    if args.points is None:
        raise CourseError("found no points, expected STUDENT EXERCISE POINTS --why TEXT")
    student, possible = _row(journal, args)
    why = " ".join(args.why.split())
    if not why:
        raise CourseError('found no reason, expected --why TEXT, which the student reads on the page, e.g. --why "seen by hand"')
    try:
        points = float(args.points.replace(",", "."))
    except ValueError:
        points = math.nan
    if not 0 <= points <= possible:
        raise CourseError(f"found the points {args.points!r}, expected a number from 0 to {possible:g}, which {args.exercise} is worth")
    journal.override(Override(student, args.exercise, points, why, now()))
    return f"{student} has {points:g} of {possible:g} points in {args.exercise}: {why}"


def _lift(journal: Journal, args: argparse.Namespace) -> str:
    given = {(each.student, each.exercise) for each, _ in journal.overrides()}
    # somebody may have left the class since
    student = args.student if (args.student, args.exercise) in given else _row(journal, args)[0]
    if not journal.lift(student, args.exercise):
        raise CourseError(f"{student} has no points of yours in {args.exercise}; `bpkit override --list` names all")
    return f"{student} has the grader's points in {args.exercise} again"


def _row(journal: Journal, args: argparse.Namespace) -> tuple[str, float]:
    """The student meant, and what the exercise is worth."""
    if args.student is None or args.exercise is None:
        raise CourseError("found no student or no exercise, expected STUDENT EXERCISE")
    possible = journal.possible(args.exercise)
    if not possible:
        raise CourseError(f"found the exercise {args.exercise!r}, expected one that is graded in {journal.path.parent}, e.g. 05.3")
    if args.student in possible:
        return args.student, possible[args.student]
    alike = [student for student in possible if student.casefold() == args.student.casefold()]
    if len(alike) == 1:
        return alike[0], possible[alike[0]]
    close = difflib.get_close_matches(args.student, possible, 3, 0.5) or list(possible)[:3]
    raise CourseError(f"found the student {args.student!r}, expected one with a row for {args.exercise}, as {', '.join(map(repr, close))}")
