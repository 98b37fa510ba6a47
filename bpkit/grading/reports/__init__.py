"""The reports on a graded class: functions of a run, of what was read back from its journal, and of the folder to write to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from bpkit.grading.records import Graded, Run
from bpkit.grading.reports import canvas, course_page, feedback_pages, gradescope, job_summary, junit, moodle, spreadsheets
from bpkit.grading.reports.class_figures import ClassCount
from bpkit.grading.reports.files import file_names
from bpkit.grading.reports.rosters import Roster
from bpkit.grading.reports.scores import on_points
from bpkit.grading.reports.written import Written


def write_all(
    run: Run,
    read: Callable[[], Iterable[Graded]],
    out: Path,
    canvas_roster: Roster | None = None,
    moodle_roster: Roster | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[str]:
    """Write every report. The same rows give the same bytes; the pages of a student are written where something of them has changed.

    Parameters
    ----------
    run
        What holds for all submissions.
    read
        Reads them from the first, e.g. `Journal.submissions`. That is done twice, one at a time, so that the memory that it takes
        does not depend on what they hold.
    out
        The folder that the reports go to.
    canvas_roster, moodle_roster
        Tables that the platforms exported, read beforehand by `canvas.read` and `moodle.read`.
    columns
        Which of their columns to fill in: its name, by the lesson, or by "" where there is only one.

    Returns
    -------
    list of str
        What somebody should look at: students whom a roster does not know, grades left out.

    Raises
    ------
    CourseError
        If a file cannot be written or a roster lacks a column.
    """
    count, totals = ClassCount(), junit.Totals()
    points: list[Graded] = []

    def counted() -> Iterator[Graded]:
        for submission in read():
            count.add(submission)
            totals.add(submission)
            points.append(on_points(submission))
            yield submission

    spreadsheets.write_grades(counted(), out)
    names = file_names(submission.student for submission in points)
    spreadsheets.write_summary(points, out)
    written = Written(out)

    def paged() -> Iterator[Graded]:
        for submission, changed in written.lacks(run, read(), names):
            if changed:
                feedback_pages.write(run, [submission], out, names)
                gradescope.write(run, [submission], out, names)
            yield submission

    junit.write(paged(), totals, out)
    written.save()
    figures = count.figures()
    course_page.write(run, figures, out, names)
    job_summary.write(run, read, out, figures=figures)
    notes = [f"canvas.csv: {note}" for note in canvas.write(points, out, canvas_roster, columns)]
    return notes + [f"moodle.csv: {note}" for note in moodle.write(points, out, moodle_roster, (columns or {}).get(""))]
