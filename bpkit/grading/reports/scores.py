"""What everybody's points are out of: the same for the whole class."""

from __future__ import annotations

from collections import Counter

from bpkit.exercises.outcome import Status
from bpkit.grading.records import Graded, Marked, Row

Scores = dict[str, tuple[float | None, float]]  # for each lesson the points, None where something could not run, and the possible ones


def by_lesson(submission: Graded) -> Scores:
    """A submission's points, lesson by lesson."""
    scores: Scores = {}
    for row in submission.rows:
        points, most = scores.get(row.lesson, (0.0, 0.0))
        scores[row.lesson] = (None if points is None or row.status == "could not run" else points + row.points, most + row.max)
    return scores


def on_points(submission: Graded | Marked) -> Graded:
    """As much of a submission as reports on points need: a row for each lesson, of which nothing has a number where something could not run."""
    rows: dict[str, tuple[float, float, Status]] = {}
    for row in submission.rows:
        points, most, status = rows.get(row.lesson, (0.0, 0.0, row.status))
        rows[row.lesson] = points + row.points, most + row.max, "could not run" if row.status == "could not run" else status
    found = (Row(submission.student, lesson, "", "", "", *about) for lesson, about in rows.items())
    return Graded(submission.student, "", tuple(found), versions="")


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
