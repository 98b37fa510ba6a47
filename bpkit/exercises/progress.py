"""What a learner has done so far: a small file in the learner's own folder, and its map of the course."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from bpkit.exercises import registry
from bpkit.exercises.model import Exercise, Outcome

FILE = ".bpkit-progress.json"
_VERSION = 1


@dataclass(frozen=True)
class Record:
    """One exercise so far: the best status reached, how often it was checked, how many hints were opened."""

    status: str = "not attempted"
    tries: int = 0
    hints: int = 0


@dataclass(frozen=True)
class LessonProgress:
    """One lesson so far."""

    lesson: str
    exercises: tuple[tuple[Exercise, str], ...]

    @property
    def points(self) -> int:
        """Points reached."""
        return sum(exercise.points for exercise, status in self.exercises if status == "right")

    @property
    def max_points(self) -> int:
        """Points there are."""
        return sum(exercise.points for exercise, _ in self.exercises)


@dataclass(frozen=True)
class Progress:
    """The course so far. Draws itself in a notebook; `str()` says the same in text."""

    records: Mapping[str, Record] = field(default_factory=dict)
    note: str = ""

    def of(self, exercise_id: str) -> Record:
        """What is known of one exercise."""
        return self.records.get(exercise_id, Record())

    def lessons(self) -> list[LessonProgress]:
        """Every lesson of the course, in order."""
        grouped = groupby(registry().values(), key=lambda exercise: exercise.lesson)
        return [LessonProgress(lesson, tuple((exercise, self.of(exercise.id).status) for exercise in own)) for lesson, own in grouped]

    def __str__(self) -> str:
        from bpkit.exercises.feedback import progress_text

        return progress_text(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        from bpkit.exercises.feedback import progress_html

        return {"text/plain": str(self), "text/html": progress_html(self)}


def load(folder: Path | None = None) -> Progress:
    """Read the learner's file; a file that cannot be read is set aside, never overwritten."""
    path = (folder or Path.cwd()) / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        records = {str(i): Record(str(r["status"]), int(r["tries"]), int(r["hints"])) for i, r in content["exercises"].items()}
        return Progress(records)
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        return Progress(note=f"Your progress could not be read ({error.strerror}: {path.name}).")
    except (ValueError, KeyError, TypeError, AttributeError):
        aside = path.with_suffix(".damaged.json")
        os.replace(path, aside)
        return Progress(note=f"{path.name} was damaged; it is kept as {aside.name}, and a new one is begun.")


def _save(progress: Progress, folder: Path) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one."""
    content: dict[str, Any] = {"version": _VERSION, "exercises": {i: vars(record) for i, record in sorted(progress.records.items())}}
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=FILE, delete=False) as file:
            json.dump(content, file, indent=1)
        os.replace(file.name, folder / FILE)
    except OSError:
        pass  # a folder that cannot be written to costs the record, never the feedback


def record(outcome: Outcome) -> None:
    """Remember an outcome. What was once right stays right."""
    folder = Path.cwd()
    progress = load(folder)
    before = progress.of(outcome.exercise)
    if outcome.status not in ("right", "wrong"):
        return
    status = "right" if "right" in (before.status, outcome.status) else "wrong"
    _save(Progress({**progress.records, outcome.exercise: Record(status, before.tries + 1, before.hints)}), folder)


def open_hint(exercise_id: str, available: int) -> int:
    """Open one more hint of an exercise; returns how many are open now."""
    folder = Path.cwd()
    progress = load(folder)
    before = progress.of(exercise_id)
    hints = min(before.hints + 1, available)
    _save(Progress({**progress.records, exercise_id: Record(before.status, before.tries, hints)}), folder)
    return hints
