"""02.6: the first-order change of z, through an intermediate variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.products import number_of
from bpkit.exercises.slips import Slip, pairs

_X0 = np.array([[1.0], [2.0]])


_Y0 = np.array([[5.0], [2.0]])


_F_PRIME = np.array([[2.0, 5.0]])


_G_PRIME = np.array([[1.0, 4.0], [2.0, 1.0]])


def _composed(x: Array) -> Any:
    y_1, y_2 = x[0, 0] + x[1, 0] ** 2, x[0, 0] * x[1, 0]
    return y_1 * y_2


def _cases_differential(rng: np.random.Generator) -> list[Case]:
    steps = [sign * size * np.abs(rng.normal(size=(2, 1))) for sign, size in ((1, 1), (-1, 1), (1, 0.01))]  # z rises along one, falls along another
    steps += [rng.permutation([[-1], [1]]) * np.abs(rng.normal(size=(2, 1)))]
    return [Case(f"dx = ({dx[0, 0]:.4f}, {dx[1, 0]:.4f})", (dx,)) for dx in steps]


def _linear_in_the_step(row: Array) -> Callable[[Array], float]:
    return lambda dx: float((row @ dx)[0, 0])


def _differential(dx: Array) -> float:
    x_1, x_2 = 1.0, 2.0
    dy_1 = dx[0, 0] + 2 * x_2 * dx[1, 0]
    dy_2 = x_2 * dx[0, 0] + x_1 * dx[1, 0]
    y_1, y_2 = x_1 + x_2**2, x_1 * x_2
    return float(y_2 * dy_1 + y_1 * dy_2)


def _steps(outer: Array = _F_PRIME, inner: Array = _G_PRIME) -> Callable[[Array], float]:
    """Both steps, with one of the two matrices replaced."""
    return _linear_in_the_step(outer @ inner)


def _change_of_y(dx: Array) -> Array:
    """How much y itself changes, two numbers."""
    x_1, x_2 = (_X0 + dx)[:, 0]
    return np.array([[x_1 + x_2**2], [x_1 * x_2]]) - _Y0


def _slopes_after_the_step(dx: Array) -> float:
    x_1, x_2 = (_X0 + dx)[:, 0]
    return _steps(np.array([[x_1 * x_2, x_1 + x_2**2]]), np.array([[1.0, 2 * x_2], [x_2, x_1]]))(dx)


_FACTORS = np.arange(-60, 61) / 2


def _which_slopes(returned: Any, dx: Array) -> str | None:
    """By which slopes the step was multiplied, where they are whole or half numbers."""
    number = number_of(returned)
    if number is None:
        return None
    table = _FACTORS[:, None] * dx[0, 0] + _FACTORS * dx[1, 0]
    near = np.argwhere(np.abs(table - number) < 1e-9 * np.abs(dx).max())
    if len(near) != 1:
        return None
    mine = _FACTORS[near[0]]
    right = [float(slope) for slope in (_F_PRIME @ _G_PRIME)[0]]
    told = f"Your number is {mine[0]:g} · dx_1 + {mine[1]:g} · dx_2."
    if (mine == right).any():
        return f"{told} One of these two slopes of z is right, that of x_{np.argmax(mine == right) + 1}."
    return f"{told} Neither of these two slopes of z is right. Work out y⁰ and the four partial derivatives of y at x⁰ one by one."


_WITHOUT_2 = np.array([[1.0, 2.0], [2.0, 1.0]])
_SWAPPED = np.array([[1.0, 4.0], [1.0, 2.0]])
_SLIPS = (
    Slip("outer", _X0[::-1].T, "slope of f taken at x", "the slopes of f are taken at x⁰, and f is applied to y"),
    Slip("outer", _Y0.T, "slopes of f swapped", "the two slopes of f have changed places"),
    Slip("outer", np.array([[2.0, 3.0]]), "y⁰ without its square", "y⁰ is not right: x_2 is squared in it"),
    Slip("inner", _G_PRIME.T, "inner matrix transposed", "the matrix of partial derivatives of y is turned round"),
    Slip("inner", _WITHOUT_2, "2 of the square left out", "in the inner matrix the 2 of the square is missing"),
    Slip("inner", _SWAPPED, "slopes of y_2 swapped", "in the inner matrix the slopes of the product have changed places"),
)


EXERCISE = Exercise(
    id="02.6",
    equivalent={"operator, x_2 ** 2 → x_2 * 2": "at x_2 = 2 the square is the double"},
    name="differential",
    title="The first-order change of z, through an intermediate variable",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_differential,
    zeros=(0,),
    reference=_differential,
    explain=_which_slopes,
    oracle=lambda dx: float(oracles.gradient(lambda t: _composed(_X0 + t[0] * dx), np.zeros(1))[0]),
    hints=(
        "Go in two steps: from dx to dy, and from dy to dz. What are the shapes of the two matrices that you need?",
        "First find y at the point. Then the 2×2 matrix of partial derivatives of y at x⁰, and the row of partial derivatives of f at y, not at x.",
        "dy is the 2×2 matrix times dx. Then dz is the row times dy: f is a product, so each factor's slope is the other factor, at the point.",
    ),
    mistakes=(
        Mistake(
            "inner factor missing",
            _linear_in_the_step(_F_PRIME),
            "You multiply the slopes of f at y by the step of x, as if y were x itself. How far does y move when x moves by dx? "
            "Both have two entries here, so the shapes do not warn you.",
        ),
        Mistake(
            "outer factor missing",
            _linear_in_the_step(np.ones((1, 2)) @ _G_PRIME),
            "You add up how far the entries of y move. How strongly does z follow each of them?",
        ),
        Mistake(
            "slope of f taken at x",
            _linear_in_the_step(_X0[::-1].T @ _G_PRIME),
            "The slopes of f are taken at x⁰. f is applied to y: which point is that?",
        ),
        Mistake(
            "slopes of f swapped",
            _linear_in_the_step(_Y0.T @ _G_PRIME),
            "The two slopes of f have changed places. In a product, what is the slope with respect to the first factor?",
        ),
        Mistake(
            "inner matrix transposed",
            _linear_in_the_step(_F_PRIME @ _G_PRIME.T),
            "The matrix of partial derivatives of y is turned round: a row belongs to one entry of y, a column to one entry of x.",
        ),
        Mistake(
            "2 of the square left out",
            _steps(inner=_WITHOUT_2),
            "One entry of the inner matrix is not right: look at the square again.",
        ),
        Mistake(
            "one path only",
            _linear_in_the_step(_F_PRIME[:, 1:] @ _G_PRIME[1:]),
            "Only the way through the second entry of y is counted. z follows both.",
        ),
        Mistake(
            "path through the second entry left out",
            _linear_in_the_step(_F_PRIME[:, :1] @ _G_PRIME[:1]),
            "Only the way through the first entry of y is counted. z follows both.",
        ),
        Mistake(
            "difference, not differential",
            lambda dx: float(_composed(_X0 + dx) - _composed(_X0)),
            "That is the change of z itself. The differential is its linear part: for twice the step it is exactly twice as large.",
        ),
        Mistake(
            "gradient without the step",
            lambda dx: _F_PRIME @ _G_PRIME,
            "These are the slopes of z. What remains is to take the step dx along them.",
        ),
        Mistake(
            "stopped at dy",
            lambda dx: _G_PRIME @ dx,
            "That is how y moves, two numbers. Asked is how z moves, one number.",
        ),
        Mistake(
            "product for sum",
            lambda dx: float(np.prod(_F_PRIME.T * (_G_PRIME @ dx))),
            "You multiply what arrives through the two entries of y. Shares of a change add up.",
        ),
        Mistake(
            "slopes of y_2 swapped",
            _steps(inner=_SWAPPED),
            "One row of the inner matrix is not right: in a product, what is the slope with respect to the first factor?",
        ),
        Mistake(
            "y⁰ without its square",
            _steps(np.array([[2.0, 3.0]])),
            "The inner matrix is right. Work out y⁰ again: what is squared in its first entry?",
        ),
        Mistake("minus for plus", _steps(np.array([[2.0, -5.0]])), "One share is subtracted. Shares of a change add up."),
        Mistake("signs", _steps(-_F_PRIME), "The sign is turned. With both entries of dx positive, does z rise or fall?"),
        Mistake(
            "size of dz",
            lambda dx: abs(_steps()(dx)),
            "Where z rises you are right. Where it falls its differential is negative.",
        ),
        Mistake(
            "z after the step",
            lambda dx: float(_composed(_X0)) + _steps()(dx),
            "That is z itself after the step, to first order. Asked is its change.",
        ),
        Mistake(
            "slopes of the other point",
            _slopes_after_the_step,
            "The slopes are taken at x⁰ + dx. Asked is the linear part at x⁰ itself.",
        ),
        Mistake(
            "slopes of f swapped; inner factor missing",
            _linear_in_the_step(_Y0.T),
            "Two things: the two slopes of f have changed places; and they are multiplied by the step of x, as if y were x itself.",
        ),
        Mistake(
            "slope of f taken at x; inner factor missing",
            _linear_in_the_step(_X0[::-1].T),
            "Two things: the slopes of f are taken at x⁰; and they are multiplied by the step of x, as if y were x itself.",
        ),
        Mistake(
            "first entry of dx only",
            lambda dx: float((_F_PRIME @ _G_PRIME)[0, 0] * dx[0, 0]),
            "Only the first entry of dx counts. z moves with both.",
        ),
        Mistake(
            "second entry of dx only",
            lambda dx: float((_F_PRIME @ _G_PRIME)[0, 1] * dx[1, 0]),
            "Only the second entry of dx counts. z moves with both.",
        ),
        Mistake(
            "halved",
            _steps(_F_PRIME / 2),
            "Your number is half of it. Each share counts fully: nothing is averaged.",
        ),
        *pairs(_steps, _SLIPS),
        Mistake(
            "entries of dy multiplied",
            lambda dx: float(np.prod(np.array([[1.0, 4.0], [2.0, 1.0]]) @ dx)),
            "You multiply the two entries of dy, as z multiplies y. The differential of a product is a sum: each factor moves while the other stays.",
        ),
        Mistake(
            "x⁰ turned round",
            lambda dx: float(np.array([2.0, 3.0]) @ np.array([[1.0, 2.0], [1.0, 2.0]]) @ dx[:, 0]),
            "You stand at (2, 1). x⁰ is (1, 2): its first entry is 1.",
        ),
        Mistake(
            "divided by the length of the step",
            lambda dx: _differential(dx) / float(np.linalg.norm(dx)),
            "You divide by the length of dx: that is a slope, how much z changes for each unit of the step. Asked is the change for this step.",
        ),
        Mistake(
            "change of y for its differential",
            lambda dx: float((_F_PRIME @ _change_of_y(dx))[0, 0]),
            "The slopes of f are right, and they meet the change of y itself. dy is its linear part, without squares and products of the step.",
        ),
        Mistake(
            "change of z from the differential of y",
            lambda dx: float(np.prod(_Y0 + _G_PRIME @ dx) - np.prod(_Y0)),
            "dy is right. From there you take the change of the product itself; dz is its linear part, without the product of the two steps.",
        ),
        Mistake(
            "entries of dx multiplied",
            lambda dx: float(np.prod(dx)),
            "You multiply the two entries of dx with each other. Each of them moves y and z by a share of its own, and shares add up.",
        ),
        Mistake(
            "entries of dx added",
            lambda dx: float(dx.sum()),
            "You add up the step itself. How far does y move when x moves by dx, and how strongly does z follow y?",
        ),
        Mistake(
            "entries of dx multiplied in dy",
            lambda dx: float(_F_PRIME[0] @ [dx[0, 0] + 4 * dx[1, 0], dx[0, 0] * dx[1, 0]]),
            "The first entry of dy is right. In the second you multiply the entries of dx. The differential of a product has one term for each "
            "factor: one moves, the other stays.",
        ),
    ),
)
