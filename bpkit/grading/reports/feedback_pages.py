"""Writes each student's page: outcome, hint, place, the picture of wrong entries, and the student's own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.exercises.keeping import all_worked, difference
from bpkit.exhibits.palette import report_style
from bpkit.grading.records import Graded, Row, Run
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.pages import SIGNS, render, security_policy, text_of
from bpkit.language import speaking, translated


def write(run: Run, submissions: Iterable[Graded], out: Path, names: dict[str, str]) -> None:
    """Write ``feedback/<student>.html`` for each submission."""
    for submission in submissions:
        write_whole(out / "feedback" / f"{names[submission.student]}.html", page(run, submission))


def page(run: Run, submission: Graded) -> str:
    """One student's page. It needs nothing but itself, and says nothing of other students or of the seed.

    Of the answers wanted it says nothing either, unless staff chose to show the course's solutions.

    Raises
    ------
    CourseError
        If they did, and this bpkit comes without them.
    """
    with speaking(run.language):
        return _page(run, submission)


def _page(run: Run, submission: Graded) -> str:
    count: Counter[str] = Counter(row.status for row in submission.rows)
    return render(
        "feedback.html",
        run=run,
        submission=submission,
        points=sum(row.points for row in submission.rows),
        max=sum(row.max for row in submission.rows),
        tally=" · ".join(f"{count[status]} {translated(status)}" for status in SIGNS if count[status]),
        lessons=[(lesson, list(rows)) for lesson, rows in groupby(submission.rows, key=lambda row: row.lesson)],
        solutions={row.exercise: _solution(row) for row in submission.rows if row.exercise} if run.solutions else {},
        policy=security_policy(),
        style=report_style() + text_of("style.css") + text_of("feedback.css"),
    )


@cache
def _worked() -> dict[str, dict[str, str]]:
    worked = all_worked()
    if worked is None:
        raise CourseError("this bpkit comes without the course's solutions: no page can show them; expected one that was not made for graders alone")
    return worked


def _solution(row: Row) -> tuple[str, str]:
    """The course's own solution of an exercise, and how the learner's code differs from it; each empty where there is none."""
    ours = _worked().get(row.lesson, {}).get(row.name, "")
    return ours, difference(row.code, ours) if row.code and ours else ""
