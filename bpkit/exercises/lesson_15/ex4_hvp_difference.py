"""15.4: a Hessian times a vector, by two gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.run import Probe

Gradient = Callable[[Array], Array]

_TOLERANCE = 1e-6


def _cases(rng: np.random.Generator) -> list[Case]:
    def drawn(shape: tuple[int, ...], size: float, length: float) -> tuple[Any, ...]:
        w, v = rng.uniform(0.4, 1.6, size=shape), rng.uniform(0.4, 1.6, size=shape)
        signs = np.where(np.arange(w.size).reshape(shape) % 3 == 1, -1, 1)
        # what is large is negative throughout: its size is that of its largest entry without the sign
        w_signs, v_signs = (-1 if size > 1 else signs), (-1 if length > 1 else signs[..., ::-1])
        if length > 1:
            v.flat[0] *= 1e-6  # the largest entry with its sign is next to nothing
        return Probe("sized gradient", (size,)), size * w * w_signs, length * v * v_signs

    # both at once; the first entry of w is next to nothing, the first of v is 0, and so is their sum
    w, v = rng.uniform(0.4, 1.6, size=4) * np.array([1e-6, 1, -1, 1]), rng.uniform(0.4, 1.6) * np.array([0, 1, -1, 0])
    return [
        Case("w and v of order 1", drawn((3, 3), 1.0, 1.0)),
        Case("v of order 1e-30", drawn((4,), 1.0, 1e-30)),
        Case("v of order 1e5", drawn((5,), 1.0, 1e5)),
        Case("w of order 1e6", drawn((2, 4), 1e6, 1.0)),
        Case("w of order 1e-9", (Probe("sized gradient", (1.0,)), *drawn((3,), 1e-9, 1.0)[1:])),
        Case("w of order 1e4, v of order 1e-8 and 0 in places", (Probe("sized gradient", (1e4,)), 1e4 * w, 1e-8 * v)),
        Case("one weight, v = 0", (Probe("sized gradient", (1.0,)), rng.normal(size=1), np.zeros(1))),
    ]


def _hvp_difference(gradient: Gradient, w: Array, v: Array) -> Array:
    if not v.any():
        return np.zeros_like(w)
    t = 1e-5 * max(1.0, np.abs(w).max()) / np.abs(v).max()
    return (gradient(w + t * v) - gradient(w - t * v)) / (2 * t)


def _by_complex_step(gradient: Gradient, w: Array, v: Array) -> Array:
    return np.imag(gradient(w + 1e-30j * v)) / 1e-30


def _accepts(value: Any, gradient: Gradient, w: Array, v: Array) -> bool:
    try:
        found = np.asarray(value)
        if found.shape != w.shape or found.dtype.kind not in "iuf":
            return False
    except ValueError:
        return False
    want = _by_complex_step(gradient, w, v)
    return bool(np.isfinite(found).all()) and float(np.abs(found - want).max()) <= _TOLERANCE * float(np.abs(want).max())


def _explain(value: Any, gradient: Gradient, w: Array, v: Array) -> str | None:
    want = _by_complex_step(gradient, w, v)
    if not isinstance(value, np.ndarray) or value.shape != want.shape or value.dtype.kind not in "iufc":
        return f"Return an array of numbers of the shape of w, {want.shape}."
    if value.dtype.kind == "c":
        return f"It is complex ({value.dtype}), expected real numbers."
    if not np.isfinite(value).all():
        return "Some entries are nan or infinite. What does your step become for this v?"
    size = f"largest entries of w: {np.abs(w).max():.2g}, of v: {np.abs(v).max():.2g}"
    if not want.any():
        return f"For v = 0 the product is 0, yours is not ({size})."
    factor = float(np.sum(value * want) / np.sum(want * want))
    if factor and np.abs(value - factor * want).max() <= 1e-5 * abs(factor) * np.abs(want).max() and abs(factor - 1) > 1e-4:
        return f"Your answer is {factor:.3g} times what is asked ({size}). By what did you multiply v, and by what did you divide?"
    error = float(np.abs(value - want).max() / np.abs(want).max())
    long, large = float(np.abs(v).max()), float(np.abs(w).max())
    if 0.1 < long < 10 and 0.1 < large < 10:
        bend = _bend(gradient, w, v)
        if _along(value, bend) is not None:
            return "That is how the product itself changes along v, as a second difference of gradients gives it. Asked is the first difference."
        if error < _SMALL and _along(value - want, bend) is not None:
            return (
                f"The error is {error:.1g} of the largest entry, {_TOLERANCE:g} is asked, and w and v are of order 1. It is the error that a "
                "difference to one side leaves. Take the gradient on both sides, at w + t v and at w - t v."
            )
        if error < _SMALL:
            return (
                f"The error is {error:.1g} of the largest entry, {_TOLERANCE:g} is asked, and w and v are of order 1. The formula comes near. Does "
                "the step fit? A long one sees how the slope bends, a short one sees rounding."
            )
        return f"The error is {error:.1g} of the largest entry, {_TOLERANCE:g} is asked, and w and v are of order 1. Is the formula itself right?"
    if large < 0.1:
        return f"The error is {error:.1g} of the largest entry, {_TOLERANCE:g} is asked ({size}). Is t v a movement at all where w is tiny?"
    where = (
        "long v: does t v become a long way" if long > 10 else "short v: is t v a movement at all" if long < 0.1 else "large w: is t v seen beside it"
    )
    return f"The error is {error:.1g} of the largest entry, {_TOLERANCE:g} is asked ({size}). Look at the {where}?"


_SMALL = 0.02  # an error that comes of a step


def _bend(gradient: Gradient, w: Array, v: Array) -> Array:
    """How the product with the Hessian changes along v."""
    t = 1e-4
    return (_by_complex_step(gradient, w + t * v, v) - _by_complex_step(gradient, w - t * v, v)) / (2 * t)


def _along(found: Array, bend: Array) -> float | None:
    """The number that `found` is `bend` times, but for small errors; None if there is none."""
    factor = float(np.sum(found * bend) / np.sum(bend * bend))
    return factor if factor and np.abs(found - factor * bend).max() <= 0.02 * np.abs(found).max() else None


def _diagonal(gradient: Gradient, w: Array, v: Array) -> Array:
    """Each entry moved by itself, and only that entry of the gradient looked at."""
    moved = np.zeros(w.shape)
    for place in np.ndindex(*w.shape):
        one = np.zeros(w.shape)
        one[place] = 1.0
        moved[place] = _by_complex_step(gradient, w, one)[place] * v[place]
    return moved


def _is_diagonal(value: Any, gradient: Gradient, w: Array, v: Array) -> bool:
    mine = _diagonal(gradient, w, v)
    if not isinstance(value, Array) or (value.shape, value.dtype.kind) != (mine.shape, "f"):
        return False
    return bool(np.abs(value - mine).max() <= 1e-5 * np.abs(mine).max())


def _central(step: Callable[[Array, Array], Any], divisor: Callable[[Array, Any], Any] = lambda v, t: 2 * t) -> Answer:
    def answer(gradient: Gradient, w: Array, v: Array) -> Any:
        if not v.any():
            return np.zeros_like(w)
        t = step(w, v)
        return (gradient(w + t * v) - gradient(w - t * v)) / divisor(v, t)

    return answer


def _right_step(w: Array, v: Array) -> Any:
    return 1e-5 * max(1.0, np.abs(w).max()) / np.abs(v).max()


def _unit(scaled_back: Callable[[Array], Any], half: float = 2.0) -> Answer:
    """Along v / |v|, then scaled back, or not."""

    def answer(gradient: Gradient, w: Array, v: Array) -> Any:
        length = np.linalg.norm(v)
        if length == 0:
            return np.zeros_like(w)
        h = 1e-5 * max(1.0, np.abs(w).max())
        return (gradient(w + h * v / length) - gradient(w - h * v / length)) / (half * h) * scaled_back(v)

    return answer


def _one_sided(gradient: Gradient, w: Array, v: Array) -> Any:
    if not v.any():
        return np.zeros_like(w)
    t = _right_step(w, v)
    return (gradient(w + t * v) - gradient(w)) / t


def _turned_by_steps(value: Any, gradient: Gradient, w: Array, v: Array) -> bool:
    """Whether it is the product with v whose entries were scaled by the sizes of their weights, or by these where they are above 1."""
    if not isinstance(value, Array) or value.shape != w.shape or value.dtype.kind != "f" or not np.isfinite(value).all():
        return False
    turned = [_by_complex_step(gradient, w, sizes * v) for sizes in (np.maximum(1.0, np.abs(w)), 1.0 + np.abs(w), np.abs(w))]
    largest = max(1.0, float(np.abs(w).max()))
    # what was divided by may be the step without the sizes, or with the largest of them
    return any(np.abs(value - t).max() <= 1e-5 * np.abs(t).max() for one in turned for t in (one, one / largest))


EXERCISE = Exercise(
    id="15.4",
    name="hvp_difference",
    title="A Hessian times a vector, by two gradients",
    points=3,
    minutes=8,
    difficulty=2,
    cases=_cases,
    zeros=(2,),
    reference=_hvp_difference,
    oracle=_by_complex_step,
    accepts=_accepts,
    explain=_explain,
    equivalent={
        "sign, return np.zeros_like(w) → return -np.zeros_like(w)": "-0 is 0",
        "constant, 1.0 → 3.0": "a movement of 3e-5 is as good as one of 1e-5",
    },
    hints=(
        "Move w along v, forwards and backwards, and see how the gradient changes. What you divide by must be what you multiplied v with.",
        "The step that matters is how far w moves, and that is t times v. For a v ten times as long, t must be a tenth.",
        "Let the largest entry of t times v be some 1e-5 of the larger of 1 and the largest entry of w. For v = 0 there is nothing to divide by.",
    ),
    mistakes=(
        Mistake(
            "step not divided by v's size",
            _central(lambda w, v: 1e-5 * max(1.0, np.abs(w).max())),
            "Right for a v of order 1. For a tiny v your two places are all but the same and the gradients cancel; for a huge one they lie far "
            "apart. Choose the step so that the movement, t times v, has a size that you know.",
        ),
        Mistake(
            "step blind to w",
            _central(lambda w, v: 1e-5 / np.abs(v).max()),
            "Right until w is large. A movement of 1e-5 beside a weight of a million is lost in its last digits. Is the size of w in your step, and "
            "without its sign?",
        ),
        Mistake(
            "movement by w alone",
            _central(lambda w, v: 1e-5 * np.abs(w).max() / np.abs(v).max()),
            "Right until w is tiny: your movement shrinks with it. The cost bends on the scale of the larger of 1 and the largest entry of w.",
        ),
        Mistake(
            "one fixed step",
            _central(lambda w, v: 1e-5),
            "The step is the same whatever w and v are. Look at the cases that fail: how far did w move there, compared with w?",
        ),
        Mistake(
            "step blind to w, zero not seen to",
            lambda gradient, w, v: _central(lambda w, v: 1e-5 / np.abs(v).max())(gradient, w, v) / (1 if v.any() else np.zeros(())),
            "Two things: your step knows v's size but not w's, so that a movement of 1e-5 is lost beside a weight of a million; and for v = 0 it "
            "divides by 0.",
        ),
        Mistake(
            "zero not seen to",
            lambda gradient, w, v: _central(_right_step)(gradient, w, v) / (1 if v.any() else np.zeros(())),
            "All is right until v = 0: then your step divides by the size of v. What is a matrix times 0?",
        ),
        Mistake(
            "not scaled back",
            _unit(lambda v: 1.0),
            "You moved along v made one unit long, and the answer is the Hessian times that. Asked is the Hessian times v itself.",
        ),
        Mistake(
            "scaled the wrong way",
            _unit(lambda v: 1 / (np.linalg.norm(v) + 1e-300)),
            "You made v one unit long, and then divided by its length once more. The product is linear in v: twice the v, twice the answer.",
        ),
        Mistake(
            "scaled by the square",
            _unit(lambda v: np.sum(v * v)),
            "You scale back with the squared length. The product is linear in v: twice the v, twice the answer.",
        ),
        Mistake(
            "divided by t once",
            _central(_right_step, lambda v, t: t),
            "Your answer is twice what is asked. From the place before to the place behind it is two steps.",
        ),
        Mistake(
            "not divided",
            _central(_right_step, lambda v, t: 1.0),
            "That is the change of the gradient. By what movement was it made?",
        ),
        Mistake(
            "one-sided",
            _one_sided,
            "You compare with the gradient at w itself. The error is then proportional to the step, and 1e-6 is out of reach with this one.",
        ),
        Mistake(
            "backwards less forwards",
            lambda gradient, w, v: -_hvp_difference(gradient, w, v),
            "The sign is turned. Which of the two gradients comes first in the difference?",
        ),
        Mistake(
            "gradient times v",
            lambda gradient, w, v: gradient(w) * v,
            "That is the gradient, entry by entry times v. Asked is how the gradient changes when w moves along v.",
        ),
        Mistake(
            "v without its signs",
            lambda gradient, w, v: _hvp_difference(gradient, w, np.abs(v)),
            "You move along v without its signs. Only the length of the step is made of sizes.",
        ),
        Mistake(
            "diagonal alone",
            _diagonal,
            "Each entry of your answer comes of its own weight alone: that is the diagonal of the Hessian times v. All weights move along v at once, "
            "and each entry of the gradient feels all of them.",
            _is_diagonal,
        ),
        Mistake(
            "step far too small",
            _central(lambda w, v: 1e-12 * max(1.0, np.abs(w).max()) / np.abs(v).max()),
            "So small a step leaves a difference of rounding errors. Lesson 03's V-curve has its bottom elsewhere.",
        ),
        Mistake(
            "a step for each entry",
            lambda gradient, w, v: _by_complex_step(gradient, w, np.maximum(1.0, np.abs(w)) * v),
            "Each entry of v gets a step by its own weight, so that you move along another direction than v. One step belongs to all entries.",
            recognise=_turned_by_steps,
        ),
    ),
)
