"""`bpkit report`: writes the reports of a graded folder anew, without grading, and fills in what a platform exported."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.choices import add_choice_arguments, chosen
from bpkit.grading.journal import Journal
from bpkit.grading.late import add_late_arguments
from bpkit.grading.override_command import listed
from bpkit.grading.reports import canvas, moodle, returns, write_all
from bpkit.grading.reports.pages import plural

_EPILOG = """
examples:
  bpkit report graded/ --canvas gradebook.csv      writes graded/canvas.csv, ready for Grades › Import
  bpkit report graded/ --moodle worksheet.csv      writes graded/moodle.csv, ready for Upload grading worksheet
  bpkit report graded/ --canvas-comments           writes graded/canvas_comments.zip, ready for Re-upload Submissions
  bpkit report graded/ --moodle-feedback           writes graded/moodle_feedback.zip, ready for Upload multiple feedback files in a zip
  bpkit report graded/ --site ../site              in course.html, each mistake links to the section of the course's site that treats it
  bpkit report graded/ --with-solutions            after the deadline: each page has the course's own solutions, beside the answers

--canvas and --moodle take the file that the platform exported and change only the grades in it. People are found by login, number,
e-mail address or name, and by what the platforms call a file when all submissions are downloaded at once. Whoever is not found, or
has an exercise that could not run, is named and gets no number.

Headers may be in English, German, French, Spanish or Chinese, separated by commas, semicolons, colons or tabs. Canvas itself writes and reads
English headers alone; a translated one is put back into English. Moodle takes a worksheet back only in the language in which it was
exported. Moodle's export of all grades of a course is taken, too, with --column.

The archives have a feedback page for each student. Moodle needs each participant's number: it stands in the names of downloaded folders, or
in the worksheet (--moodle). Canvas needs the names that it gave to the files when all submissions were downloaded.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("folder", metavar="DIR", help="the folder that `bpkit grade` wrote")
    parser.add_argument("--removed", action="store_true", help="list who was graded and is not in the class any more; write nothing")
    parser.add_argument("--canvas", metavar="CSV", help="a gradebook that Canvas exported, with a column for each lesson")
    parser.add_argument("--moodle", metavar="CSV", help="a grading worksheet that Moodle exported")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        type=_column,
        metavar="[NN=]NAME",
        help="the assignment's column (for lesson NN), where its name does not say the lesson",
    )
    add_late_arguments(parser)
    add_choice_arguments(parser)
    parser.add_argument("--canvas-comments", action="store_true", help="pack the feedback pages as Canvas takes them")
    parser.add_argument("--moodle-feedback", action="store_true", help="pack the feedback pages as Moodle takes them")


def _column(text: str) -> tuple[str, str]:
    lesson, name = re.fullmatch(r"(?:(\d\d?)=)?(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    if not name.strip():
        raise argparse.ArgumentTypeError(f"{text!r}, expected the name of a column, or a lesson and one, e.g. '05=Homework 3'")
    return lesson.zfill(2) if lesson else "", name


def run(args: argparse.Namespace) -> int:
    """Write the reports."""
    folder = Path(args.folder)
    if not (folder / "grades.sqlite").is_file():
        raise CourseError(f"there is no grades.sqlite in {folder}; expected a folder that `bpkit grade --out` wrote")
    if args.removed:
        with Journal(folder) as journal:
            print(*journal.removed() or ["nobody was removed"], sep="\n")
        return 0
    canvas_roster = canvas.read(Path(args.canvas)) if args.canvas else None
    moodle_roster = moodle.read(Path(args.moodle)) if args.moodle else None
    with Journal(folder) as journal:
        journal.set_lateness(args.due, args.late)
        journal.choose(chosen(args))
        about, called = journal.run(), journal.called()
        for roster in filter(None, (canvas_roster, moodle_roster)):
            roster.called = called
        notes = write_all(about, journal.kept, folder, canvas_roster, moodle_roster, dict(args.column), journal.there())
        notes += listed(journal, in_doubt_only=True)
        if unknown := journal.without_time():
            notes.append(f"when {plural(unknown, 'student')} handed in is not known: nothing was taken off for lateness there")
        if args.canvas_comments:
            notes += [f"canvas_comments.zip: {note}" for note in returns.canvas_comments(about, journal.submissions, folder, called)]
        if args.moodle_feedback:
            notes += [f"moodle_feedback.zip: {note}" for note in returns.moodle_feedback(about, journal.submissions, folder, moodle_roster, called)]
    print("\n".join(notes) + "\n" * bool(notes), end="")
    print(f"The reports are in {folder}.")
    return 0
