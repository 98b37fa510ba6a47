"""What everybody's points are out of: the same for the whole class."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from bpkit.grading.records import Graded, Row

Scores = dict[str, tuple[float | None, float]]  # for each lesson the points, None where something could not run, and the possible ones


def by_lesson(submission: Graded) -> Scores:
    """A submission's points, lesson by lesson."""
    scores: Scores = {}
    for row in submission.rows:
        points, most = scores.get(row.lesson, (0.0, 0.0))
        scores[row.lesson] = (None if points is None or row.status == "could not run" else points + row.points, most + row.max)
    return scores


def on_points(submission: Graded) -> Graded:
    """As much of a submission as reports on points need: a row for each lesson, of which nothing has a number where something could not run."""
    rows: dict[str, Row] = {}
    for row in submission.rows:
        if (so_far := rows.get(row.lesson)) is None:
            rows[row.lesson] = Row(submission.student, row.lesson, "", "", "", row.points, row.max, row.status)
        else:
            status = "could not run" if "could not run" in (so_far.status, row.status) else so_far.status
            rows[row.lesson] = replace(so_far, points=so_far.points + row.points, max=so_far.max + row.max, status=status)
    return Graded(submission.student, "", tuple(rows.values()), versions="")


def class_maximum(scores: dict[str, Scores]) -> dict[str, float]:
    """The possible points of each lesson that at least half of those who handed in a lesson have."""
    most: dict[str, float] = {}
    count: Counter[str] = Counter()
    for lessons in scores.values():
        for lesson, (_, possible) in lessons.items():
            if lesson:
                count[lesson] += 1
                most[lesson] = max(most.get(lesson, 0.0), possible)
    graded = sum(any(lessons) for lessons in scores.values())
    return {lesson: possible for lesson, possible in most.items() if 2 * count[lesson] >= graded}
