"""What a learner has done so far: a small file in the learner's own folder, and its picture."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from bpkit.exercises import registry
from bpkit.exercises.model import Outcome

FILE = ".bpkit-progress.json"
_VERSION = 1


@dataclass(frozen=True)
class Record:
    """One exercise so far: the best status reached, how often it was checked, how many hints were opened."""

    status: str = "not attempted"
    tries: int = 0
    hints: int = 0


@dataclass(frozen=True)
class Progress:
    """The course so far. Draws itself in a notebook; `str()` says the same in text."""

    records: Mapping[str, Record] = field(default_factory=dict)
    note: str = ""

    def of(self, exercise_id: str) -> Record:
        """What is known of one exercise."""
        return self.records.get(exercise_id, Record())

    def _lessons(self) -> list[tuple[str, list[tuple[str, str, str]], int, int]]:
        """Lesson, its exercises as (id, name, status), points reached, points there are."""
        bank = registry().values()
        rows = []
        for lesson in sorted({exercise.lesson for exercise in bank}):
            own = [exercise for exercise in bank if exercise.lesson == lesson]
            reached = sum(exercise.points for exercise in own if self.of(exercise.id).status == "right")
            rows.append((lesson, [(e.id, e.name, self.of(e.id).status) for e in own], reached, sum(e.points for e in own)))
        return rows

    def __str__(self) -> str:
        sign = {"right": "✓", "wrong": "✗"}
        lines = [
            f"lesson {lesson}  {''.join(sign.get(status, '○') for _, _, status in own)}  {reached} of {most} points"
            for lesson, own, reached, most in self._lessons()
        ]
        return "\n".join([*lines, *([self.note] if self.note else [])])

    def _repr_html_(self) -> str:
        colour = {"right": "#1a9850", "wrong": "#d9480f"}
        sign = {"right": "✓", "wrong": "✗"}
        rows = []
        for lesson, own, reached, most in self._lessons():
            marks = "".join(
                f'<span title="{escape(i)} {escape(name)}: {escape(status)}" style="display:inline-block;min-width:3.2em;text-align:center;margin:.1em;'
                f'padding:.15em .2em;border-radius:4px;border:1px solid rgba(128,128,128,.4);border-bottom:4px solid {colour.get(status, "rgba(128,128,128,.4)")}">'
                f"{sign.get(status, '○')} {escape(i.split('.')[1])}</span>"
                for i, name, status in own
            )
            rows.append(
                f'<tr><th scope="row" style="text-align:left;padding-right:1em">Lesson {lesson}</th><td style="text-align:left">{marks}</td>'
                f'<td style="padding-left:1em">{reached} of {most} points</td></tr>'
            )
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f'<table aria-label="Course progress">{"".join(rows)}</table>{note}'


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
