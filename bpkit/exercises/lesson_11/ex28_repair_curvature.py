"""11.28: a Hessian-vector product from two gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_11.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.run import Probe
from bpkit.exercises.slips import Slip, mistakes_of

Gradient = Callable[[Array], Array]


def _cases_curvature(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, length, step in ((4, 3.0, 0.3), (3, 0.4, 0.1), (1, 1.7, 1.5)):
        v = rng.normal(size=(n, 1))
        args = (Probe("cubic gradient", (n, 0.8)), rng.normal(size=(n, 1)), length * v / np.linalg.norm(v), float(step * rng.uniform(0.8, 1.2)))
        cases.append(Case(f"{n} parameters, v of length {length}", args))
    return cases


def _repair_curvature(grad: Gradient, w: Array, v: Array, h: float) -> Array:
    length = np.linalg.norm(v)
    u = v / length
    return length * (grad(w + h * u) - grad(w - h * u)) / (2 * h)


def _repair_curvature_oracle(grad: Gradient, w: Array, v: Array, h: float) -> Array:
    return np.imag(grad(w + 1e-30j * v)) / 1e-30


def _in_parts(
    step: Callable[[Array], Array] = lambda v: v / np.linalg.norm(v),
    scale: Callable[[Array], Any] = np.linalg.norm,
    width: Callable[[float], float] = lambda h: 2 * h,
    behind: Callable[[Gradient, Array, Array], Array] = lambda grad, w, step: grad(w - step),
) -> Answer:
    def answer(grad: Gradient, w: Array, v: Array, h: float) -> Array:
        u = step(v)
        return scale(v) * (grad(w + h * u) - behind(grad, w, h * u)) / width(h)

    return answer


EXERCISE = Exercise(
    id="11.28",
    name="repair_curvature",
    title="A Hessian-vector product from two gradients",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_curvature,
    allows=ALLOWED,
    reference=_repair_curvature,
    oracle=_repair_curvature_oracle,
    hints=(
        "The difference of the two gradients over 2h is the product of H with something. With what?",
        "H is linear: its product with v is that with the direction of v, as many times as v is long.",
        "Two gradients, h before and h behind along the direction; their difference over 2h; then the length.",
    ),
    mistakes=(
        Mistake(
            "the curvature alone",
            lambda grad, w, v, h: np.sum(v * _repair_curvature(grad, w, v, h)),
            "You return one number, the product of v with what is asked. Asked is the vector.",
        ),
        Mistake(
            "sign",
            lambda grad, w, v, h: -_repair_curvature(grad, w, v, h),
            "Every entry has the opposite sign: the gradient before, less the gradient behind.",
        ),
        Mistake(
            "the gradient at w",
            lambda grad, w, v, h: grad(w),
            "That is the gradient itself. Asked is how it changes along v.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "scale",
                    lambda v: 1.0,
                    "product with the direction",
                    "That is what the printed line gives. Make v ten times as long: it stays, and what is asked becomes ten times as large.",
                ),
                Slip(
                    "scale",
                    lambda v: 1 / np.linalg.norm(v),
                    "over the length",
                    "You divide by the length of v. If v is made ten times as long, what is asked becomes ten times as large.",
                ),
                Slip(
                    "scale",
                    lambda v: np.sum(np.abs(v)),
                    "sum of sizes for the length",
                    "You scale by the sum of the sizes of v's entries. The length that v was divided by is another: the root of the sum of squares.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda v: v,
                    "entry by entry with v",
                    "Your last step multiplies entry by entry with v. Where v points has gone into the step; what is left is its length, one number.",
                    alone=True,
                ),
                Slip(
                    "step",
                    np.sign,
                    "signs for the direction",
                    "You step along the signs of v. Its direction is v over its length: small entries stay small.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda v: v,
                    "length counted twice",
                    "The length comes in twice: ten times the v asks for ten times the product, no more. A step along v itself has it already.",
                    alone=True,
                ),
                Slip(
                    "width",
                    lambda h: h,
                    "over h",
                    "You divide by h. Between the two places of a central difference lie two steps.",
                ),
                Slip(
                    "width",
                    lambda h: 1.0,
                    "not divided",
                    "You return a difference of gradients. A derivative divides it by the step.",
                    alone=True,
                ),
                Slip(
                    "behind",
                    lambda grad, w, step: grad(w),
                    "one-sided, over 2h",
                    "One of your gradients is taken at w itself. Then there lies only one step between the two; and one-sided, the bend comes in.",
                    alone=True,
                ),
            ),
        ),
        Mistake(
            "the direction of w",
            lambda grad, w, v, h: np.linalg.norm(v) * (grad(w + (u := h * w / np.linalg.norm(w))) - grad(w - u)) / (2 * h),
            "You step along w. Asked is how the gradient at w changes along v.",
        ),
        Mistake(
            "gradients added",
            _in_parts(behind=lambda grad, w, step: -grad(w - step)),
            "You add the two gradients. How the gradient changes is the difference of the two.",
        ),
        Mistake(
            "one-sided, along v",
            lambda grad, w, v, h: (grad(w + h * v) - grad(w)) / h,
            "The length is right. Your difference is one-sided, so it is off by a term that grows with h. Take one gradient before and one behind.",
        ),
        Mistake(
            "a whole step",
            lambda grad, w, v, h: grad(w + v) - grad(w),
            "You step the whole v. A derivative asks for a small step, and divides by it.",
        ),
        Mistake(
            "all parameters moved",
            lambda grad, w, v, h: (grad(w + h) - grad(w - h)) / (2 * h) * v,
            "You move every parameter by the same h, and bring v in afterwards, entry by entry. Move along v.",
        ),
        Mistake(
            "the gradient at v",
            lambda grad, w, v, h: grad(v),
            "That is the gradient at another place. Asked is how the gradient at w changes along v.",
        ),
        Mistake(
            "one-sided",
            _in_parts(behind=lambda grad, w, step: grad(w), width=lambda h: h),
            "Nearly: your difference is one-sided, so it is off by a term that grows with h. Take one gradient before and one behind.",
        ),
        Mistake(
            "largest entry for the length in the direction",
            _in_parts(step=lambda v: v / np.abs(v).max()),
            "You divide v by its largest entry and multiply by its length. What the step is divided by has to come back, whatever it is.",
        ),
        Mistake(
            "largest entry for the length behind",
            _in_parts(scale=lambda v: np.abs(v).max()),
            "You divide v by its length and multiply by its largest entry. What the step is divided by has to come back, whatever it is.",
        ),
    ),
)
