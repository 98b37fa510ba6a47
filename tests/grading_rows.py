"""Rows as a journal gives them back, for the tests of what is made of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import registry
from bpkit.exercises.outcome import Entries, Status
from bpkit.grading.records import Graded, Row, Run

RUN = Run(seed=7, sandboxed=True, started="2031-03-03 08:15 UTC", version="0.1.0", versions="Python 3.11.9, numpy 2.3.0")


def row(student: str, exercise: str, status: Status = "right", **more: Any) -> Row:
    """A row of the real bank."""
    e = registry()[exercise]
    points = e.points if status == "right" else 0
    code = more.pop("code", f"def {e.name}(W_next, delta_next, z):\n    return W_next.T @ delta_next * bp.sigmoid.prime(z)\n")
    return Row(student, e.lesson, exercise, e.name, e.title, points, e.points, status, code=code, **more)


def wrong(student: str, exercise: str, which: int, **more: Any) -> Row:
    """A row with the exercise's mistake number `which`."""
    mistake = registry()[exercise].mistakes[which]
    return row(student, exercise, "wrong", mistake=mistake.name, message=mistake.hint, where="W_next 3×3, m = 5", **more)


def a_class(size: int, seed: int = 0, lessons: tuple[str, ...] = ("00", "05")) -> list[Graded]:
    """Students of different strength, some blank, some whose notebook cannot be read."""
    rng = np.random.default_rng(seed)
    exercises = [e for e in registry().values() if e.lesson in lessons]
    submissions = []
    for k in range(size):
        student = f"s{k:04}"
        strength, fate = rng.uniform(0.2, 1.1), rng.uniform()
        rows = []
        for e in exercises:
            if fate < 0.01:
                rows.append(row(student, e.id, "could not run", message="the notebook is not JSON: it ends at line 12", code="", seconds=0.0))
            elif fate < 0.04 or rng.uniform() > strength + 0.5:
                rows.append(row(student, e.id, "not attempted", message=f"{e.name} still returns `...`.", code=f"def {e.name}():\n    return ...\n"))
            elif rng.uniform() < strength - 0.12 * (e.difficulty - 1):
                rows.append(row(student, e.id, seconds=float(rng.uniform(0.01, 0.08))))
            elif rng.uniform() < 0.1:
                values = rng.normal(size=(3, 5))
                entries = Entries("W_next 3×3, m = 5", values, values > 0.5)
                rows.append(row(student, e.id, "wrong", message="Some entries differ; look at the marked ones.", entries=entries))
            else:
                chances = 1.0 / (1 + np.arange(len(e.mistakes)))
                rows.append(wrong(student, e.id, int(rng.choice(len(e.mistakes), p=chances / chances.sum()))))
        submissions.append(Graded(student, f"{student}/05_propagating_the_error.ipynb", tuple(rows)))
    return submissions
