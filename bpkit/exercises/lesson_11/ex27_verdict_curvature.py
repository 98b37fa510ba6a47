"""11.27: a Hessian-vector product from two gradients: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, verdict

_H = 0.05
Gradient = Callable[[Array], Array]


def _bowl(sides: Callable[..., Pair]) -> Sides:
    """A cost of degree 3 in four numbers, so that central differences of its gradient are exact; `sides` gets g, H(w), w, v and h."""

    def drawn(rng: np.random.Generator) -> Pair:
        A, c, w, v = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal(size=4), 2 * rng.normal(size=4)
        gradient: Gradient = lambda at: (A + A.T) @ at + c * at**2  # noqa: E731
        return sides(gradient, oracles.jacobian(gradient, w), w, v, _H)

    return drawn


def _unit(v: Array) -> Array:
    return v / np.linalg.norm(v)


def _differences(g: Gradient, w: Array, v: Array, h: float) -> Array:
    return (g(w + h * _unit(v)) - g(w - h * _unit(v))) / (2 * h)


CURVATURE = Derivation(
    (
        Line(
            r"$g(w) = \nabla C(w)$, $\;H$ its Jacobian at $w$; wanted is $Hv$. A step along $v$ itself would be long where $v$ is long, so "
            r"take its direction $u = v / \lVert v \rVert$ and $\varphi(t) = g(w + t\, u)$",
            "Line 1 is right: it says what is wanted and defines a direction and a curve. A step of known length is a good idea.",
        ),
        Line(
            r"by the chain rule $\varphi'(0) = H v$",
            sides=_bowl(lambda g, H, w, v, h: (oracles.jacobian(lambda t: g(w + t[0] * _unit(v)), np.zeros(1))[:, 0], H @ v)),
        ),
        Line(
            r"central differences: $\;\varphi'(0) = \dfrac{\varphi(h) - \varphi(-h)}{2h} + O(h^2)$",
            "Line 3 is right, whatever the curve: t moves by 2h between the two points. It says nothing yet of H.",
            _bowl(lambda g, H, w, v, h: (oracles.jacobian(lambda t: g(w + t[0] * _unit(v)), np.zeros(1))[:, 0], _differences(g, w, v, h))),
        ),
        Line(
            r"so $\;H v \approx \dfrac{g(w + h\, u) - g(w - h\, u)}{2h}$: two gradients, and no matrix",
            "Line 4 is not so, and not for the 2h: it joins two lines above. One of these two was wrong.",
            _bowl(lambda g, H, w, v, h: (H @ v, _differences(g, w, v, h))),
        ),
        Line(
            r"a check: $H$ is symmetric, so $a^\top (H b) = b^\top (H a)$ for any $a$ and $b$",
            "Line 5 is right, for every H of a smooth cost. Would it notice the fault, if a and b were of length 1?",
            _bowl(lambda g, H, w, v, h: (w @ (H @ v), v @ (H @ w))),
        ),
    ),
    wrong=2,
    all_right="One line is wrong. Double v: what happens to each side of each line?",
)


EXERCISE = verdict(
    "11.27",
    "verdict_curvature",
    "A Hessian-vector product: the first wrong line",
    CURVATURE,
    3,
    (
        "Take one variable and C = w²: then H is 2, a number. Put in v = 3 and follow every line.",
        "A question for both sides of a line: what becomes of it if v is made ten times as long?",
        "Line 1 makes two vectors out of one. Say for every line below which of the two it should hold, and which it holds.",
    ),
)
