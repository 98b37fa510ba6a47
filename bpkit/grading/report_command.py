"""`bpkit report`: writes the reports of a graded folder anew, without grading, and fills in what a platform exported."""

from __future__ import annotations

import argparse
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.journal import Journal
from bpkit.grading.override_command import listed
from bpkit.grading.reports import canvas, feedback_zips, moodle, write_all

_EPILOG = """
examples:
  bpkit report graded/ --canvas gradebook.csv      writes graded/canvas.csv, ready for Grades › Import
  bpkit report graded/ --moodle worksheet.csv      writes graded/moodle.csv, ready for Upload grading worksheet
  bpkit report graded/ --canvas gradebook.csv --column "05=Homework 3"    where the lesson's number is not in the heading
  bpkit report graded/ --moodle-feedback           writes graded/moodle-feedback.zip, for Upload multiple feedback files in a zip
  bpkit report graded/ --canvas-comments           writes graded/canvas-comments.zip, for Upload Submissions in the assignment's page

Both take the file that the platform exported and change only the grades in it. People are found by login, number, e-mail address or
name, and by what the platforms call a file when all submissions are downloaded at once. Whoever is not found, or has an exercise
that could not run, is named and gets no number.

The zips have each student's page under the name that the platform gave to what was handed in, so grade what you downloaded all at once.
For Moodle, a worksheet (--moodle CSV) tells who is who, too. Canvas shows a page under the name of the file that was handed in.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("folder", metavar="DIR", help="the folder that `bpkit grade` wrote")
    parser.add_argument("--canvas", metavar="CSV", help="a gradebook that Canvas exported, with a column for each lesson")
    parser.add_argument("--moodle", metavar="CSV", help="a grading worksheet that Moodle exported, in English, German, French, Spanish or Chinese")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="[NN=]HEADING",
        help="the column of that file that takes the points, of lesson NN where there are several",
    )
    parser.add_argument("--moodle-feedback", action="store_true", help="pack the students' pages into moodle-feedback.zip")
    parser.add_argument("--canvas-comments", action="store_true", help="pack the students' pages into canvas-comments.zip")


def run(args: argparse.Namespace) -> int:
    """Write the reports."""
    folder = Path(args.folder)
    if not (folder / "grades.sqlite").is_file():
        raise CourseError(f"there is no grades.sqlite in {folder}; expected a folder that `bpkit grade --out` wrote")
    if args.column and bool(args.canvas) == bool(args.moodle):
        found = "two files" if args.canvas else "no file"
        raise CourseError(f"found --column with {found}, expected it with one of --canvas and --moodle: it names a column of that file")
    canvas_roster = canvas.read(Path(args.canvas), args.column) if args.canvas else None
    moodle_roster = moodle.read(Path(args.moodle), args.column) if args.moodle else None
    with Journal(folder) as journal:
        about = journal.run()
        notes = write_all(about, journal.submissions, folder, canvas_roster, moodle_roster)
        notes += listed(journal, in_doubt_only=True)
        if args.moodle_feedback:
            notes += feedback_zips.write_moodle(about, journal.submissions, folder, moodle_roster)
        if args.canvas_comments:
            notes += feedback_zips.write_canvas(about, journal.submissions, folder)
    for note in notes:
        print(note)
    print(f"The reports are in {folder}.")
    return 0
