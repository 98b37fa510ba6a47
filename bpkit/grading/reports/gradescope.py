"""Writes each student's results.json as Gradescope reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bpkit.exercises.feedback import outcome_text
from bpkit.exercises.outcome import Outcome
from bpkit.grading.records import Graded, Row, Run
from bpkit.grading.reports.files import write_whole
from bpkit.language import speaking, translated

# Gradescope knows two states; without one it goes by the points
_STATUS = {"right": "passed", "wrong": "failed", "not attempted": "failed", "could not run": "failed"}


def write(run: Run, submissions: Iterable[Graded], out: Path, names: dict[str, str]) -> None:
    """Write ``gradescope/<student>.json`` for each submission."""
    for submission in submissions:
        text = json.dumps(results(run, submission), ensure_ascii=False)
        write_whole(out / "gradescope" / f"{names[submission.student]}.json", text + "\n")


def results(run: Run, submission: Graded) -> dict[str, Any]:
    """One submission's results: a test per exercise, all visible to the student, plain text in the language of the run."""
    with speaking(run.language):
        return _results(run, submission)


def _results(run: Run, submission: Graded) -> dict[str, Any]:
    lines = [f"bpkit {run.version} with {submission.versions}", *map(translated, submission.problems)]
    if not run.sandboxed:
        lines.insert(0, translated("Graded without a sandbox."))
    failed = [row.exercise for row in submission.rows if row.status == "could not run"]
    if failed:
        lines.append(translated(f"Could not be graded: {', '.join(failed)}. The points there are not a judgement; ask the course staff."))
    return {
        "score": sum(row.points for row in submission.rows),
        "execution_time": round(sum(row.seconds for row in submission.rows)),
        "output": "\n".join(lines),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_test(row) for row in submission.rows],
    }


def _test(row: Row) -> dict[str, Any]:
    outcome = Outcome(
        exercise=row.exercise,
        name=row.name,
        status=row.status,
        message=row.message,
        points=row.points,
        max_points=row.max,
        mistake=row.mistake,
        where=row.where,
        notes=row.notes,
        entries=row.entries,
    )
    return {
        "score": row.points,
        "max_score": row.max,
        "status": _STATUS[row.status],
        "name": f"{row.exercise} {translated(row.title)}",
        "number": row.exercise,
        "output": outcome_text(outcome),
        "output_format": "text",
        "tags": [tag for tag in (f"lesson {row.lesson}", row.status, row.mistake) if tag],
        "visibility": "visible",
    }
