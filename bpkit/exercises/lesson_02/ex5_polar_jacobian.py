"""02.5: the Jacobian of polar coordinates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.products import product_of
from bpkit.exercises.slips import Slip, pairs


def _cases_polar(rng: np.random.Generator) -> list[Case]:
    points = [(float(rng.uniform(1.3, 2.5)), quarter * np.pi / 2 + float(rng.uniform(0.3, 0.6))) for quarter in (0, 1, -2)]
    return [Case(f"r = {r:.3f}, t = {t:.3f}", (r, t)) for r, t in points]


Rows = Callable[[float, float, float], list[list[float]]]


def _polar_jacobian(r: float, t: float) -> Array:
    return np.array([[np.cos(t), -r * np.sin(t)], [np.sin(t), r * np.cos(t)]])


def _polar(
    rows: Rows = lambda r, cos, sin: [[cos, -r * sin], [sin, r * cos]], places: Callable[[Array], Array] = lambda J: J
) -> Callable[[float, float], Array]:
    return lambda r, t: places(np.array(rows(r, float(np.cos(t)), float(np.sin(t)))))


def _which_entries(returned: Any, r: float, t: float) -> str | None:
    """What stands in the entries that are wrong, where each is a product."""
    try:
        found = np.asarray(returned)
    except ValueError:  # a ragged list
        return None
    if found.shape != (2, 2) or found.dtype.kind not in "iuf":
        return None
    factors = {"2": 2.0, "r": r, "t": t, "cos t": math.cos(t), "sin t": math.sin(t)}
    names, told = np.array([["∂x/∂r", "∂x/∂t"], ["∂y/∂r", "∂y/∂t"]]), []
    for row, column in np.argwhere(~np.isclose(found, _polar_jacobian(r, t), rtol=1e-7, atol=0)):
        words = product_of(float(found[row, column]), factors)
        if words is None:
            return None
        told.append(f"{names[row, column]} = {words}")
    if len(told) == found.size:
        return f"You have {', '.join(told)}. Take one output and one input at a time: what stands still?"
    return f"You have {', '.join(told)}. The other entries are right." if told else None


_SLIPS = (
    Slip("rows", lambda r, cos, sin: [[cos, r * sin], [sin, r * cos]], "sign", "a minus is missing: when the angle grows, does x?"),
    Slip(
        "rows",
        lambda r, cos, sin: [[cos, r * sin], [sin, -r * cos]],
        "sign on the sine's derivative",
        "the minus stands at the derivative of the sine",
    ),
    Slip("rows", lambda r, cos, sin: [[cos, -sin], [sin, cos]], "r left out", "r is missing in what belongs to t"),
    Slip("rows", lambda r, cos, sin: [[cos, r * cos], [sin, r * sin]], "functions not differentiated", "for t cosine and sine stand as they were"),
    Slip("places", lambda J: J.T, "rows and columns swapped", "a row belongs to one output, a column to one input"),
    Slip("places", lambda J: J[:, ::-1], "columns swapped", "the columns are exchanged, r is the first input"),
    Slip("places", lambda J: J[::-1], "rows in the wrong order", "the rows are exchanged, or sine and cosine are"),
)


EXERCISE = Exercise(
    id="02.5",
    name="polar_jacobian",
    title="The Jacobian of polar coordinates",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_polar,
    zeros=(0,),
    reference=_polar_jacobian,
    explain=_which_entries,
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
        Mistake(
            "sign; r left out",
            _polar(lambda r, cos, sin: [[cos, sin], [sin, cos]]),
            "Two things: the column of t has no r in it; and one of its entries has the wrong sign. When the angle grows, does x?",
        ),
        Mistake(
            "r in the column of r only",
            _polar(lambda r, cos, sin: [[r * cos, -sin], [r * sin, cos]]),
            "The factor r stands in the wrong column: differentiated by r it disappears, differentiated by t it stays.",
        ),
        Mistake(
            "r in both columns; sign",
            _polar(lambda r, cos, sin: [[r * cos, r * sin], [r * sin, r * cos]]),
            "Two things: in the column of r the factor r is still there; and one entry in the column of t has the wrong sign.",
        ),
        Mistake(
            "nothing differentiated",
            _polar(lambda r, cos, sin: [[r * cos, r * cos], [r * sin, r * sin]]),
            "In each row stands the output itself, twice. Asked is how fast it moves, with r and with t.",
        ),
        Mistake(
            "functions not differentiated, r left out",
            _polar(lambda r, cos, sin: [[cos, cos], [sin, sin]]),
            "Both columns are that of r. In the column of t r stands still, and cosine and sine are differentiated.",
        ),
        Mistake(
            "r left out for x",
            _polar(lambda r, cos, sin: [[cos, -sin], [sin, r * cos]]),
            "In one entry of the column of t the factor r is missing.",
        ),
        Mistake(
            "r left out for y",
            _polar(lambda r, cos, sin: [[cos, -r * sin], [sin, cos]]),
            "In one entry of the column of t the factor r is missing.",
        ),
        Mistake(
            "minus for y too",
            _polar(lambda r, cos, sin: [[cos, -r * sin], [sin, -r * cos]]),
            "One entry in the column of t has a minus too many. Which of sine and cosine has a derivative with a minus sign?",
        ),
        Mistake(
            "minus in the column of r",
            _polar(lambda r, cos, sin: [[cos, -r * sin], [-sin, r * cos]]),
            "An entry in the column of r has a minus. With r nothing but r is differentiated: cosine and sine stay.",
        ),
        Mistake(
            "r squared",
            _polar(lambda r, cos, sin: [[cos, -(r**2) * sin], [sin, r**2 * cos]]),
            "The column of t has r in it twice.",
        ),
        Mistake(
            "divided by r",
            _polar(lambda r, cos, sin: [[cos, -sin / r], [sin, cos / r]]),
            "The column of t is divided by r. On a circle twice as large, does the same angle move the point further, or less far?",
        ),
        Mistake(
            "column of r without its functions",
            _polar(lambda r, cos, sin: [[1.0, -r * sin], [1.0, r * cos]]),
            "The column of t is right. In the column of r, r has the derivative 1, and beside it stands a factor that stays.",
        ),
        Mistake(
            "angle taken for degrees",
            lambda r, t: _polar_jacobian(r, float(np.rad2deg(t))),
            "The angle is in radians, and so are numpy's. Did you convert it?",
        ),
        *pairs(_polar, _SLIPS),
    ),
)
