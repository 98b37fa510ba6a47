"""`bpkit similar`: lists nearly equal answers of a graded class, for staff to look at."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from bpkit.errors import CourseError
from bpkit.exhibits.palette import report_style
from bpkit.grading.grade import given_cells
from bpkit.grading.journal import Journal
from bpkit.grading.records import Row
from bpkit.grading.reports.files import file_names, write_whole
from bpkit.grading.reports.pages import plural, render, security_policy, share, text_of
from bpkit.grading.reports.spreadsheets import short, write_table
from bpkit.grading.similar import Pair, pairs

_MOST_SHOWN = 100  # pairs with their code on the page; the table has all
_EPILOG = """
example:
  bpkit similar graded/            writes graded/similar.html (side by side) and graded/similar.csv, for staff only

Answers are compared by their tokens: other names, blanks and line breaks change nothing, and a long comment that two share counts. What was handed
out is left out, and so is what more than three students and a tenth of the class (or more than twenty) wrote: a short exercise often has
one natural answer, and a large ring that shares one is not found here. A pair on this list is a reason to look and
to ask, and no verdict: people learn together, and from the same books.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("folder", metavar="DIR", help="the folder that `bpkit grade` wrote")
    parser.add_argument("--least", type=_percent, default=60, metavar="PERCENT", help="how much of an answer must be shared (default: %(default)s)")


def _percent(text: str) -> float:
    try:
        number = float(text.rstrip("%"))
    except ValueError:
        number = 0.0
    if not 0 < number <= 100:
        raise argparse.ArgumentTypeError(f"{text!r}, expected a percentage above 0 and up to 100")
    return number


def run(args: argparse.Namespace) -> int:
    """Compare, and write the list."""
    folder = Path(args.folder)
    if not (folder / "grades.sqlite").is_file():
        raise CourseError(f"there is no grades.sqlite in {folder}; expected a folder that `bpkit grade --out` wrote")
    with Journal(folder) as journal:
        found = pairs(journal.submissions(), {lesson: given_cells(lesson) for lesson in journal.lessons()}, args.least / 100)
        shown = {student for pair in found[:_MOST_SHOWN] for student in pair.students}
        code = {each.student: {row.exercise: row for row in each.rows} for each in journal.submissions() if each.student in shown}
        names = file_names(submission.student for submission in journal.submissions())
    rows = ((*pair.students, round(100 * pair.alike), short(round(pair.weight, 1)), ", ".join(pair.exercises)) for pair in found)
    write_table(folder / "similar.csv", ("student", "other", "percent", "weight", "exercises"), rows)
    write_whole(folder / "similar.html", _page(found, code, names))
    for pair in islice(found, 10):
        print(f"{share(pair.alike, 1):>5}  {pair.students[0]} and {pair.students[1]}: {', '.join(pair.exercises)}")
    print(f"{plural(len(found), 'pair')} to look at, in {folder / 'similar.html'} and similar.csv; a reason to ask, and no verdict. For staff only.")
    return 0


def _page(found: list[Pair], code: dict[str, dict[str, Row]], names: dict[str, str]) -> str:
    return render(
        "similar.html",
        pairs=found[:_MOST_SHOWN],
        count=len(found),
        code=code,
        page_of=lambda student: f"feedback/{quote(names[student])}.html",
        policy=security_policy(),
        style=report_style() + text_of("style.css") + text_of("feedback.css"),
    )
