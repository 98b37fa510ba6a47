"""Writes each student's page: outcome, hint, place, the picture of wrong entries, and the student's own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from bpkit.exhibits.palette import report_style
from bpkit.grading.records import Graded, Run
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.pages import SIGNS, render, security_policy, text_of


def write(run: Run, submissions: Iterable[Graded], out: Path, names: dict[str, str]) -> None:
    """Write ``feedback/<student>.html`` for each submission."""
    for submission in submissions:
        write_whole(out / "feedback" / f"{names[submission.student]}.html", page(run, submission))


def page(run: Run, submission: Graded) -> str:
    """One student's page. It needs nothing but itself, and says nothing of other students, of the seed or of the answers wanted."""
    count: Counter[str] = Counter(row.status for row in submission.rows)
    return render(
        "feedback.html",
        run=run,
        submission=submission,
        points=sum(row.points for row in submission.rows),
        max=sum(row.max for row in submission.rows),
        tally=" · ".join(f"{count[status]} {status}" for status in SIGNS if count[status]),
        lessons=[(lesson, list(rows)) for lesson, rows in groupby(submission.rows, key=lambda row: row.lesson)],
        policy=security_policy(),
        style=report_style() + text_of("style.css") + text_of("feedback.css"),
    )
