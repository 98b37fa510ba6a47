"""The reports on a graded class: functions of a run, of what was read back from its journal, and of the folder to write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bpkit.grading.records import Graded, Kept, Run, marked
from bpkit.grading.reports import canvas, course_page, feedback_pages, gradescope, job_summary, junit, moodle, spreadsheets
from bpkit.grading.reports.class_figures import ClassCount
from bpkit.grading.reports.files import file_names
from bpkit.grading.reports.rosters import Roster
from bpkit.grading.reports.scores import on_points
from bpkit.grading.reports.written import Pieces, Written, digest_of, remembering


def write_all(
    run: Run,
    read: Callable[[], Iterable[Kept | Graded]],
    out: Path,
    canvas_roster: Roster | None = None,
    moodle_roster: Roster | None = None,
    columns: Mapping[str, str] | None = None,
    students: Iterable[str] | None = None,
) -> list[str]:
    """Write every report. The same rows give the same bytes; what is of one student is made anew where something of that student has changed.

    Parameters
    ----------
    run
        What holds for all submissions.
    read
        Gives them from the first, e.g. `Journal.kept`, of which only those are made of whom something has changed; that is done one at a
        time, so that the memory that it takes does not depend on what they hold.
    out
        The folder that the reports go to.
    canvas_roster, moodle_roster
        Tables that the platforms exported, read beforehand by `canvas.read` and `moodle.read`.
    columns
        Which of their columns to fill in: its name, by the lesson, or by "" where there is only one.
    students
        Whose they are, where that is known without `read`.

    Returns
    -------
    list of str
        What somebody should look at: students whom a roster does not know, grades left out.

    Raises
    ------
    CourseError
        If a file cannot be written or a roster lacks a column.
    """
    names = file_names(students if students is not None else (each.student for each in read()))
    count, totals = ClassCount(), junit.Totals()
    points: list[Graded] = []

    def lines(written: Written) -> Iterator[str]:
        for each in map(_as_kept, read()):
            pieces, has_pages = written.pieces(each), written.has_pages(each)
            if pieces is None or not has_pages:
                submission = each.read()
                if not has_pages:
                    feedback_pages.write(run, [submission], out, names)
                    gradescope.write(run, [submission], out, names)
                pieces = Pieces(spreadsheets.grade_lines(submission), marked(submission))
                written.keep(each, pieces, junit.suite(submission))
            count.add(pieces.marked)
            totals.add(pieces.marked)
            points.append(on_points(pieces.marked))
            yield pieces.grades

    with remembering(run, out, names) as written:
        spreadsheets.write_grade_lines(lines(written), out)
        spreadsheets.write_summary(points, out)
        junit.write_suites(written.suites(), totals, out)
        written.save()
    figures = count.figures()
    course_page.write(run, figures, out, names)
    job_summary.write(run, lambda: (each.read() for each in map(_as_kept, read())), out, figures=figures)
    notes = [f"canvas.csv: {note}" for note in canvas.write(points, out, canvas_roster, columns)]
    return notes + [f"moodle.csv: {note}" for note in moodle.write(points, out, moodle_roster, (columns or {}).get(""))]


def _as_kept(submission: Kept | Graded) -> Kept:
    return submission if isinstance(submission, Kept) else Kept(submission.student, digest_of(submission), lambda: submission)
