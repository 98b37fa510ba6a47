"""Writes each student's results.json as Gradescope reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from bpkit.exercises.feedback import outcome_text
from bpkit.exercises.outcome import Outcome
from bpkit.grading.records import Graded, Row, Run
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.told import KEPT, Told, told
from bpkit.language import speaking, translated

# Gradescope knows two states; without one it goes by the points
_STATUS = {"right": "passed", "wrong": "failed", "not attempted": "failed", "could not run": "failed"}


def write(run: Run, submissions: Iterable[Graded], out: Path, names: dict[str, str]) -> None:
    """Write ``gradescope/<student>.json`` for each submission."""
    folder = out / "gradescope"
    for submission in submissions:
        write_whole(f"{folder}/{names[submission.student]}.json", results(run, submission))


def results(run: Run, submission: Graded) -> str:
    """One submission's results: a test per exercise, all visible to the student, plain text in the language of the run."""
    with speaking(run.language):
        about = json.dumps(_about(run, submission), ensure_ascii=False)
        tests = (_test(row) if (shared := told(row)) is None else _test_once(shared) for row in submission.rows)
        return f'{about[:-1]}, "tests": [{", ".join(tests)}]}}\n'


def _about(run: Run, submission: Graded) -> dict[str, Any]:
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
    }


def _test(row: Row | Told) -> str:
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
    test = {
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
    return json.dumps(test, ensure_ascii=False)


_test_once = lru_cache(KEPT)(_test)
