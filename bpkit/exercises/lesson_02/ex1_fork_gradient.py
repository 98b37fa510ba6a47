"""02.1: both derivatives of a circuit in which every input forks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array, pair_of
from bpkit.exercises.measured import by_a_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.products import product_of
from bpkit.exercises.slips import Slip, pairs


def _away_from_zero(rng: np.random.Generator, low: float, high: float) -> float:
    """A number of either sign: inputs near 0 or 1 would hide a factor that is left out."""
    return float(rng.choice([-1, 1]) * rng.uniform(low, high))


def _cases_fork(rng: np.random.Generator) -> list[Case]:
    points: list[tuple[float, float]] = []
    for signs in ((-1, 1), (1, -1)):  # each derivative has each sign somewhere, and sizes that rounding does not hide
        while True:
            x, y = _away_from_zero(rng, 1.2, 1.8), _away_from_zero(rng, 0.4, 0.9)
            if tuple(np.sign(_fork()(x, y))) == signs:
                break
        points.append((x, y))
    x, y = -np.sign(points[0]) * rng.uniform((1.2, 0.4), (1.8, 0.9))  # and so has each input
    points.append((float(x), float(y)))
    return [Case(f"x = {x:.3f}, y = {y:.3f}", (x, y)) for x, y in points]


def _circuit(inputs: Array) -> Any:
    x, y = inputs
    return x * y * np.sin(x + y**2)


def _paths(combine: Callable[[Array, Array], Any]) -> Callable[[float, float], tuple[Any, ...]]:
    """An answer made of outer slopes ∂z/∂(u, v) and, for each input, inner slopes ∂(u, v)/∂x or ∂(u, v)/∂y."""

    def answer(x: float, y: float) -> tuple[Any, ...]:
        u, v = x * y, x + y**2
        outer = np.array([np.sin(v), u * np.cos(v)])
        return tuple(float(combine(outer, np.array(inner))) for inner in ((y, 1.0), (x, 2 * y)))

    return answer


def _with_outer(outer_slopes: Callable[[float, float], tuple[float, float]]) -> Callable[[float, float], tuple[Any, ...]]:
    """The right sum over paths, with other slopes of z."""

    def answer(x: float, y: float) -> tuple[Any, ...]:
        to_u, to_v = outer_slopes(x * y, x + y**2)
        return to_u * y + to_v, to_u * x + to_v * 2 * y

    return answer


def _fork(
    to_u: Callable[[float, float], float] = lambda u, v: float(np.sin(v)),
    to_v: Callable[[float, float], float] = lambda u, v: float(u * np.cos(v)),
    u_from: Callable[[float, float], tuple[float, float]] = lambda x, y: (y, x),
    v_from: Callable[[float, float], tuple[float, float]] = lambda x, y: (1.0, 2 * y),
    finish: Callable[[tuple[float, float]], Any] = lambda slopes: slopes,
    v_of: Callable[[float, float], float] = lambda x, y: x + y**2,
) -> Callable[[float, float], Any]:
    """Both sums over two paths, with some of the slopes on them replaced."""

    def answer(x: float, y: float) -> Any:
        u, v = x * y, v_of(x, y)
        a, b = to_u(u, v), to_v(u, v)
        return finish(tuple(a * through_u + b * through_v for through_u, through_v in zip(u_from(x, y), v_from(x, y), strict=True)))  # type: ignore[arg-type]

    return answer


def _angles(
    sine: Callable[[float, float], float] = lambda x, y: x + y**2, cosine: Callable[[float, float], float] = lambda x, y: x + y**2
) -> Callable[[float, float], tuple[float, float]]:
    """The right sums, with the sine or its slope taken at another place."""

    def answer(x: float, y: float) -> tuple[float, float]:
        to_u, to_v = float(np.sin(sine(x, y))), float(x * y * np.cos(cosine(x, y)))
        return to_u * y + to_v, to_u * x + to_v * 2 * y

    return answer


def _differences(x: float, y: float, h: float) -> tuple[float, float]:
    """How much z changes when one of the inputs moves by h."""
    here = _circuit(np.array([x, y]))
    return float(_circuit(np.array([x + h, y])) - here), float(_circuit(np.array([x, y + h])) - here)


def _which_path(returned: Any, x: float, y: float) -> str | None:
    """What stands on the path that is wrong, where the other one is right."""
    found, right = pair_of(returned), _paths(np.dot)(x, y)
    if found is None:
        return None
    u, v = x * y, x + y**2
    factors = {"2": 2.0, "x": x, "y": y, "u": u, "sin v": math.sin(v), "cos v": math.cos(v), "sin u": math.sin(u), "cos u": math.cos(u)}
    outer = math.sin(v), u * math.cos(v)
    for name, mine, want, inner in zip(("∂z/∂x", "∂z/∂y"), found, right, ((y, 1.0), (x, 2 * y)), strict=True):
        if math.isclose(mine, want, rel_tol=1e-7):
            continue
        if mine == 0:  # in which both paths may be missing
            return None
        for path, other in ((0, 1), (1, 0)):
            if words := product_of(mine - outer[other] * inner[other], factors, most=5):
                return f"In {name}, the path through {'uv'[other]} is right. On the path through {'uv'[path]} you have {words}."
        return None
    return None


_SLIPS = (
    Slip("to_u", lambda u, v: float(np.cos(v)), "cosine for ∂z/∂u", "z follows u with the sine itself, which is not differentiated there"),
    Slip("to_u", lambda u, v: 1.0, "sine left out of ∂z/∂u", "on the path through u the sine, which stands in front of u, is missing"),
    Slip("to_v", lambda u, v: float(np.cos(v)), "factor u left out", "on the path through v the factor in front of the sine is missing"),
    Slip("to_v", lambda u, v: float(u * np.sin(v)), "sine not differentiated", "on the path through v the sine stands where its derivative belongs"),
    Slip("to_v", lambda u, v: float(-u * np.cos(v)), "sign of the path through v", "the path through v comes with the opposite sign"),
    Slip("u_from", lambda x, y: (x, y), "slopes of u swapped", "x and y are exchanged in the slopes of u"),
    Slip("v_from", lambda x, y: (1.0, 1.0), "y² differentiated as y", "the square of y is differentiated as if it were y"),
    Slip("v_from", lambda x, y: (1.0, y), "2 of the square left out", "the 2 that comes down from the square of y is missing"),
    Slip("v_from", lambda x, y: (1.0, y**2), "square not differentiated", "the square of y stands where its derivative belongs"),
    Slip("v_from", lambda x, y: (0.0, 2 * y), "x's way through v left out", "x also moves v"),
    Slip("finish", lambda slopes: slopes[::-1], "x and y in the wrong order", "the two numbers stand in the wrong order"),
)


EXERCISE = Exercise(
    id="02.1",
    name="fork_gradient",
    title="Both derivatives of a circuit in which every input forks",
    points=2,
    minutes=7,
    difficulty=2,
    allows=("sigmoid",),
    part=("∂z/∂x", "∂z/∂y"),
    cases=_cases_fork,
    reference=_paths(lambda outer, inner: outer @ inner),
    explain=_which_path,
    oracle=lambda x, y: tuple(float(slope) for slope in oracles.gradient(_circuit, np.array([x, y]))),
    hints=(
        "Draw the circuit. How many ways lead from x to z, and how many from y?",
        "A way is worth the product of the slopes along it. First find the slope of z at u and at v, then the four slopes of u and v at x and y.",
        "For each input: slope of z at u times slope of u at the input, plus the same through v. Remember that v holds the square of y.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "one path only",
            _paths(lambda outer, inner: outer[1] * inner[1]),
            "Only the path through v is counted. If you wrote `=` twice, the second one overwrote the first: "
            "what arrives along several paths adds up.",
        ),
        Mistake(
            "path through v left out",
            _paths(lambda outer, inner: outer[0] * inner[0]),
            "Only the path through u is counted. The input also moves v, and v moves z.",
        ),
        Mistake(
            "product of paths",
            _paths(lambda outer, inner: np.prod(outer * inner)),
            "You multiply the two paths. Along a path slopes are multiplied; what arrives on different paths is joined in another way.",
        ),
        Mistake(
            "mean of paths",
            _paths(lambda outer, inner: outer @ inner / 2),
            "You average over the two paths. Each of them carries its whole share of the change.",
        ),
        Mistake(
            "sign of the path through v",
            _paths(lambda outer, inner: outer[0] * inner[0] - outer[1] * inner[1]),
            "The path through v comes with the opposite sign. Paths are added, whatever their sign; or is it the derivative of the sine?",
        ),
        Mistake(
            "inner slopes alone",
            _paths(lambda outer, inner: np.sum(inner)),
            "You add up how u and v move with the input. How strongly does z follow each of them?",
        ),
        Mistake(
            "outer slopes alone",
            _paths(lambda outer, inner: np.sum(outer)),
            "You add up how z moves with u and with v. How fast do u and v themselves move with the input?",
        ),
        Mistake(
            "outer slopes swapped",
            _paths(lambda outer, inner: outer[::-1] @ inner),
            "Each inner slope meets the outer slope of the other path. All factors of a path have to lie on that path.",
        ),
        Mistake(
            "factor u left out",
            _with_outer(lambda u, v: (float(np.sin(v)), float(np.cos(v)))),
            "The path through u is right. On the path through v look again at how z depends on v: what stands in front of the sine while v moves?",
        ),
        Mistake(
            "sine not differentiated",
            _with_outer(lambda u, v: (float(np.sin(v)), float(u * np.sin(v)))),
            "On the path through v the sine itself stands where its derivative belongs.",
        ),
        Mistake(
            "slope taken at u",
            _with_outer(lambda u, v: (float(np.sin(v)), float(u * np.cos(u)))),
            "The sine's slope is taken at u. Which number went into the sine?",
        ),
        Mistake(
            "y² differentiated as y",
            lambda x, y: (_paths(np.dot)(x, y)[0], float(np.sin(x + y**2) * x + x * y * np.cos(x + y**2))),
            "∂z/∂x is right. On the way from y to z through v: how fast does the square of y move?",
        ),
        Mistake(
            "x and y in the wrong order",
            lambda x, y: _paths(np.dot)(x, y)[::-1],
            "Both numbers are right and stand in the wrong order: first comes the derivative with respect to x.",
        ),
        Mistake(
            "cosine for ∂z/∂u",
            _fork(to_u=lambda u, v: float(np.cos(v))),
            "The path through v is right. On the path through u look again at how z depends on u: which factor stays as it is?",
        ),
        Mistake(
            "sine left out of ∂z/∂u",
            _fork(to_u=lambda u, v: 1.0),
            "The path through v is right. On the path through u something is missing: what does u stand beside in z?",
        ),
        Mistake(
            "z for ∂z/∂u",
            _fork(to_u=lambda u, v: float(u * np.sin(v))),
            "The path through v is right. On the path through u stands z itself, where its derivative belongs.",
        ),
        Mistake(
            "y of the square left out",
            _fork(v_from=lambda x, y: (1.0, 2.0)),
            "∂z/∂x is right. On the way from y to z through v: the square of y has a slope that depends on y.",
        ),
        Mistake(
            "slopes of u swapped",
            _fork(u_from=lambda x, y: (x, y)),
            "The paths through v are right. How fast does the product u move with x while y stands still?",
        ),
        Mistake(
            "2 of the square left out",
            _fork(v_from=lambda x, y: (1.0, y)),
            "∂z/∂x is right. On the way from y to z through v: which factor comes down from the square?",
        ),
        Mistake(
            "square not differentiated",
            _fork(v_from=lambda x, y: (1.0, y**2)),
            "∂z/∂x is right. On the way from y to z through v the square of y stands as it was, where its derivative belongs.",
        ),
        Mistake(
            "x's way through v left out",
            _fork(v_from=lambda x, y: (0.0, 2 * y)),
            "∂z/∂y is right. x forks as well: it moves u, and it also moves v.",
        ),
        Mistake(
            "y's way through v left out",
            _fork(v_from=lambda x, y: (1.0, 0.0)),
            "∂z/∂x is right. y forks as well: it moves u, and it also moves v.",
        ),
        Mistake(
            "x as a slope of v",
            _fork(v_from=lambda x, y: (x, 2 * y)),
            "∂z/∂y is right. x stands in v by itself: how fast does v move when x does?",
        ),
        Mistake(
            "through u for x, through v for y",
            lambda x, y: (float(np.sin(x + y**2)) * y, float(x * y * np.cos(x + y**2)) * 2 * y),
            "You go one path for each input. Each of them forks: both paths carry something, and it adds up.",
        ),
        Mistake(
            "slopes of z alone",
            lambda x, y: (float(np.sin(x + y**2)), float(x * y * np.cos(x + y**2))),
            "These are the slopes of z at u and at v. How fast do u and v themselves move with x, and with y?",
        ),
        Mistake("signs", _fork(finish=lambda slopes: (-slopes[0], -slopes[1])), "Both numbers have the opposite sign."),
        Mistake(
            "sizes alone",
            _fork(finish=lambda slopes: (abs(slopes[0]), abs(slopes[1]))),
            "Your numbers have lost their signs. Where z falls its derivative is negative.",
        ),
        Mistake(
            "degrees",
            _fork(lambda u, v: float(np.sin(np.deg2rad(v))), lambda u, v: float(u * np.cos(np.deg2rad(v)))),
            "The angle is in radians already. Did you convert it?",
        ),
        Mistake(
            "y² differentiated as y; x and y exchanged",
            lambda x, y: _fork(v_from=lambda x, y: (1.0, 1.0))(x, y)[::-1],
            "Two things: the square of y is differentiated as if it were y; and x and y have changed places, in the slopes of u or in the order of "
            "the two numbers.",
        ),
        *pairs(
            _fork,
            _SLIPS,
            ("slopes of u swapped; y² differentiated as y", "y² differentiated as y; x and y in the wrong order"),
        ),
        Mistake(
            "2y for y² in v",
            _fork(v_of=lambda x, y: x + 2 * y),
            "Your slopes are the right ones, at another v: you compute it with twice y in place of the square of y.",
        ),
        Mistake(
            "product of the slopes",
            lambda x, y: (y * float(np.cos(x + y**2)), 2 * x * y * float(np.cos(x + y**2))),
            "You differentiate both factors of z and multiply the slopes. A product has one path for each factor: differentiate one, keep the other.",
        ),
        Mistake(
            "y left out of u",
            _fork(u_from=lambda x, y: (y, 0.0)),
            "∂z/∂x is right. For ∂z/∂y only the path through v is there: y is a factor of u, too.",
        ),
        Mistake(
            "x left out of u",
            _fork(u_from=lambda x, y: (0.0, x)),
            "∂z/∂y is right. For ∂z/∂x only the path through v is there: x is a factor of u, too.",
        ),
        *(
            Mistake(
                f"slope taken at {name}",
                _angles(cosine=where),
                f"The sine's slope is taken at {name}. Which number went into the sine?",
            )
            for name, where in (("x", lambda x, y: x), ("y", lambda x, y: y))
        ),
        *(
            Mistake(
                f"sine of {name}",
                _angles(sine=where),
                f"The path through v is right. On the path through u stands the sine of {name}. Which number goes into the sine of the circuit?",
            )
            for name, where in (("u", lambda x, y: x * y), ("x", lambda x, y: x), ("y", lambda x, y: y))
        ),
        *(
            Mistake(f"{name} for v", _fork(v_of=v_of), f"Your slopes are the right ones, at another v: yours is {name}. Which two terms has v?")
            for name, v_of in (("x alone", lambda x, y: x), ("y² alone", lambda x, y: y**2), ("x - y²", lambda x, y: x - y**2))
        ),
        Mistake(
            "sum squared in v",
            _fork(v_of=lambda x, y: (x + y) ** 2),
            "Your slopes are the right ones, at another v: you square the sum of x and y, where y alone is squared.",
        ),
        Mistake(
            "sum squared in v and in its slopes",
            _fork(v_from=lambda x, y: (2 * (x + y), 2 * (x + y)), v_of=lambda x, y: (x + y) ** 2),
            "These are the slopes for another v: you square the sum of x and y, where y alone is squared.",
        ),
        Mistake(
            "measured",
            lambda x, y: tuple(difference / 1e-2 for difference in _differences(x, y, 1e-2)),
            "These are differences over a step, near the slopes and not equal to them. Nothing has to be measured here: go path by path.",
            recognise=lambda returned, x, y: by_a_step(returned, lambda h: _differences(x, y, h)),
        ),
        Mistake(
            "slopes of v added",
            _fork(v_from=lambda x, y: (1 + 2 * y, 1 + 2 * y)),
            "Both numbers have the sum of the two slopes of v. When x moves y stands still: each input has the slope of its own.",
        ),
    ),
)
