"""02.5: the Jacobian of polar coordinates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_polar(rng: np.random.Generator) -> list[Case]:
    points = [(float(rng.uniform(1.3, 2.5)), quarter * np.pi / 2 + float(rng.uniform(0.3, 0.6))) for quarter in (0, 1, 2)]
    return [Case(f"r = {r:.3f}, t = {t:.3f}", (r, t)) for r, t in points]


def _polar(rows: Callable[[float, float, float], list[list[float]]]) -> Callable[[float, float], Array]:
    return lambda r, t: np.array(rows(r, float(np.cos(t)), float(np.sin(t))))


_polar_jacobian = _polar(lambda r, cos, sin: [[cos, -r * sin], [sin, r * cos]])


EXERCISE = Exercise(
    id="02.5",
    name="polar_jacobian",
    title="The Jacobian of polar coordinates",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_polar,
    reference=_polar_jacobian,
    oracle=lambda r, t: oracles.jacobian(lambda p: np.array([p[0] * np.cos(p[1]), p[0] * np.sin(p[1])]), np.array([r, t])),
    hints=(
        "Two outputs, x and y, and two inputs, r and t. Draw an empty 2×2 matrix and write at its rows and columns what they stand for.",
        "Row 1 is about x: its first entry nudges r while t stands still, its second nudges t while r stands still. Row 2 does the same for y.",
        "The column of r has no r in it any more. In the column of t the factor r stays, the cosine becomes minus the sine, "
        "the sine becomes the cosine.",
    ),
    mistakes=(
        Mistake(
            "sign",
            _polar(lambda r, cos, sin: [[cos, r * sin], [sin, r * cos]]),
            "One entry has the wrong sign. For a small positive angle, does x grow or shrink when the angle grows?",
        ),
        Mistake(
            "sign on the sine's derivative",
            _polar(lambda r, cos, sin: [[cos, r * sin], [sin, -r * cos]]),
            "The column of t has both signs exchanged. Which of sine and cosine has a derivative with a minus sign?",
        ),
        Mistake(
            "rows and columns swapped",
            lambda r, t: _polar_jacobian(r, t).T,
            "The four numbers are right and stand in the wrong places: a row belongs to one output, x or y, a column to one input, r or t.",
        ),
        Mistake(
            "columns swapped",
            lambda r, t: _polar_jacobian(r, t)[:, ::-1],
            "The columns are exchanged: r is the first input, t the second.",
        ),
        Mistake(
            "rows in the wrong order",
            lambda r, t: _polar_jacobian(r, t)[::-1],
            "The rows are exchanged: x is the first output, y the second. Or have sine and cosine changed places? "
            "At the angle 0 the point lies on the x axis.",
        ),
        Mistake(
            "r left out",
            _polar(lambda r, cos, sin: [[cos, -sin], [sin, cos]]),
            "The column of t has no r in it. On a circle twice as large, does the same angle move the point further?",
        ),
        Mistake(
            "r in both columns",
            lambda r, t: r * _polar(lambda _, cos, sin: [[cos, -sin], [sin, cos]])(r, t),
            "In the column of r the factor r is still there. That factor is what you differentiate by.",
        ),
        Mistake(
            "functions not differentiated",
            _polar(lambda r, cos, sin: [[cos, r * cos], [sin, r * sin]]),
            "The column of r is right. In the column of t cosine and sine stand as they were, where their derivatives belong.",
        ),
        Mistake(
            "angle in degrees",
            lambda r, t: _polar_jacobian(r, float(np.deg2rad(t))),
            "The angle is in radians already. Did you convert it?",
        ),
        Mistake(
            "inverse",
            lambda r, t: np.linalg.inv(_polar_jacobian(r, t)),
            "That is how r and t move with x and y. Asked is the other direction.",
        ),
        Mistake(
            "determinant",
            lambda r, t: r,
            "That is the determinant. Asked is the whole matrix of partial derivatives.",
        ),
    ),
)
