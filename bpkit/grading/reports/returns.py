"""Packs the feedback pages into the archives that Moodle and Canvas hand out to students."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded, Run
from bpkit.grading.reports import moodle
from bpkit.grading.reports.feedback_pages import page
from bpkit.grading.reports.files import write_zip
from bpkit.grading.reports.rosters import Roster, listed

_NOT_IN_A_FOLDER = re.compile(r"[_/\\:*?\"<>|\x00-\x1f\x7f]+")


def moodle_feedback(
    run: Run, read: Callable[[], Iterable[Graded]], out: Path, roster: Roster | None = None, called: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """Write ``moodle_feedback.zip`` for *Upload multiple feedback files in a zip*; return what somebody should look at.

    Moodle takes a file for a person when a folder above it is called ``Name_number_assignfeedback_file_``: it looks between the first two
    underscores for the participant's number, so no name may have one, and passes over everything else without a word.

    Parameters
    ----------
    run
        What holds for all submissions.
    read
        Reads them from the first.
    out
        The folder that the archive goes to.
    roster
        The assignment's worksheet, which has the numbers of those whose submissions were not named by Moodle.
    called
        For each student the names of what they handed in.

    Raises
    ------
    CourseError
        If nobody's number is known, or the archive cannot be written.
    """
    rows = moodle.rows_of([submission.student for submission in read()], roster) if roster else {}

    def place(submission: Graded) -> tuple[str, str]:
        student = submission.student
        row = rows.get(student)
        if roster and row is not None:
            number, name = moodle.participant(roster, row), moodle.full_name(roster, row)
        else:
            names = {
                found["in_file"] or found["behind"]: each[: found.start()]
                for each in (student, *(called or {}).get(student, ()))
                if (found := moodle.NUMBER.search(each))
            }
            number, name = next(iter(names.items())) if len(names) == 1 else ("", "")
        return number, f"{_NOT_IN_A_FOLDER.sub(' ', name).strip() or 'Participant'}_{number}_assignfeedback_file_/feedback.html"

    lost, shared, files = _files(run, read, place)
    count = write_zip(out / "moodle_feedback.zip", files)
    if not count:
        (out / "moodle_feedback.zip").unlink()
        raise CourseError(
            f"--moodle-feedback: found no participant's number for {listed(lost) or 'anybody'}; expected folders as Moodle names them "
            "(Ada Lovelace_4711_assignsubmission_file), or --moodle with the assignment's worksheet"
        )
    return [
        f"{_pages(count)} for Moodle: View all submissions › Upload multiple feedback files in a zip",
        *_left_out(lost, shared, "number in Moodle"),
    ]


def canvas_comments(run: Run, read: Callable[[], Iterable[Graded]], out: Path, called: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """Write ``canvas_comments.zip`` for *Re-upload submissions*; return what somebody should look at.

    Canvas knows a file by the first two numbers between underscores in its name, those of the person and of the file that was handed in, and
    attaches it to a comment for that person, under the name of the file that was handed in. What could not be graded, or came in a zip file, is
    known by what it was `called`.

    Raises
    ------
    CourseError
        If nobody's file has these numbers, or the archive cannot be written.
    """

    def place(submission: Graded) -> tuple[str, str]:
        start = next(
            filter(None, map(_canvas_start, (*submission.file.split(", "), *(called or {}).get(submission.student, ()), submission.student))), ""
        )
        return start.split("_")[-2] if start else "", f"{start}_feedback.html"

    lost, shared, files = _files(run, read, place)
    count = write_zip(out / "canvas_comments.zip", files)
    if not count:
        (out / "canvas_comments.zip").unlink()
        raise CourseError(
            f"--canvas-comments: found no numbers of Canvas in the files of {listed(lost) or 'anybody'}; expected files as Canvas names them when "
            "all submissions are downloaded (lovelaceada_4711_99887_notebook.ipynb)"
        )
    return [
        f"{_pages(count)} for Canvas: Grades › the assignment's menu › Re-upload Submissions",
        "Canvas shows each page under the name of the file that was handed in (…ipynb): students open it with a browser",
        *_left_out(lost, shared, "file that Canvas has named"),
    ]


def _files(
    run: Run, read: Callable[[], Iterable[Graded]], place: Callable[[Graded], tuple[str, str]]
) -> tuple[list[str], list[str], Iterator[tuple[str, str]]]:
    """Whose number is not known, whose is that of several submissions, and the pages of the rest: nobody gets a page that may be another's."""
    places = {submission.student: place(submission) for submission in read()}
    count = Counter(number for number, _ in places.values())
    lost = [student for student, (number, _) in places.items() if not number]
    shared = [student for student, (number, _) in places.items() if number and count[number] > 1]
    left_out = {*lost, *shared}
    return lost, shared, ((places[each.student][1], page(run, each)) for each in read() if each.student not in left_out)


def _canvas_start(name: str) -> str:
    """The part of a downloaded file's name by which Canvas knows it again; "" where it would not."""
    pieces = name.split("_")
    numbers = [place for place, piece in enumerate(pieces) if re.fullmatch(r"[0-9]+", piece)]
    if pieces[0] == "anon" and len(pieces) > 3:  # anonymous grading: anon, a name of letters and digits, the file's number
        late = pieces[1] == "LATE"
        return "_".join(pieces[: 3 + late]) if pieces[2 + late].isdecimal() else ""
    return "_".join(pieces[: numbers[1] + 1]) if len(numbers) > 1 and len(pieces) > numbers[1] + 1 else ""


def _pages(count: int) -> str:
    return f"{count} feedback page{'' if count == 1 else 's'}"


def _left_out(lost: list[str], shared: list[str], what: str) -> list[str]:
    notes = [f"no {what} is known for {listed(lost)}, and no page of theirs is in it"] if lost else []
    return notes + ([f"several submissions have the {what} of {listed(shared)}, and no page of theirs is in it"] if shared else [])
