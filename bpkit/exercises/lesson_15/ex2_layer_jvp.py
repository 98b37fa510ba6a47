"""15.2: how a layer's activation moves, when everything in it moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array, nearly
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 3), (2, 4, 3), (4, 2, 1)):
        W, W_dot = rng.normal(size=(2, n, n_prev))
        b, b_dot = rng.normal(size=(2, n, 1))
        a, a_dot = rng.normal(size=(2, n_prev, m))
        if n == 4:
            b[0] = 6.0  # all but flat, and not flat
        if n == 2:  # so fast that no difference with a step comes near
            W_dot, b_dot, a_dot = 1e4 * W_dot, 1e4 * b_dot, 1e4 * a_dot
        cases.append(Case(f"W {n}×{n_prev}, m = {m}", (W, b, a, W_dot, b_dot, a_dot)))
    return cases


def _layer_jvp(W: Array, b: Array, a: Array, W_dot: Array, b_dot: Array, a_dot: Array) -> list[Array]:
    value = np.tanh(W @ a + b)
    return [value, (1 - value**2) * (W @ a_dot + W_dot @ a + b_dot)]


def _by_complex_step(W: Array, b: Array, a: Array, W_dot: Array, b_dot: Array, a_dot: Array) -> list[Array]:
    h = 1e-30j
    z = (W + h * W_dot) @ (a + h * a_dot) + b + h * b_dot
    moved = np.sinh(z) / np.cosh(z)
    return [moved.real, moved.imag / 1e-30]


def _in_parts(
    by_a: Callable[..., Any] = lambda W, a, W_dot, a_dot: W @ a_dot,
    by_W: Callable[..., Any] = lambda W, a, W_dot, a_dot: W_dot @ a,
    by_b: Callable[..., Any] = lambda b, b_dot: b_dot,
    slope: Callable[[Array, Array], Any] = lambda z, value: 1 - value**2,
) -> Answer:
    def answer(W: Array, b: Array, a: Array, W_dot: Array, b_dot: Array, a_dot: Array) -> list[Array]:
        z = W @ a + b
        moves = by_a(W, a, W_dot, a_dot) + by_W(W, a, W_dot, a_dot) + by_b(b, b_dot)
        return [np.tanh(z), slope(z, np.tanh(z)) * moves]

    return answer


def _nothing(*given: Any) -> float:
    return 0.0


def _slope_at_the_moved_place(W: Array, b: Array, a: Array, W_dot: Array, b_dot: Array, a_dot: Array) -> list[Array]:
    z, moves = W @ a + b, W @ a_dot + W_dot @ a + b_dot
    return [np.tanh(z), (1 - np.tanh(z + moves) ** 2) * moves]


def _explain(value: Any, *given: Array) -> str | None:
    if not nearly(value, _layer_jvp(*given)):
        return None
    return (
        "You are off by less than a tenth of the largest entry, and that is more than rounding. Is the tangent a difference with a step? The rules "
        "give it without one."
    )


EXERCISE = Exercise(
    id="15.2",
    name="layer_jvp",
    title="The JVP of a layer, with weights that move too",
    points=2,
    minutes=6,
    difficulty=2,
    part=("the value", "the tangent"),
    cases=_cases,
    reference=_layer_jvp,
    explain=_explain,
    oracle=_by_complex_step,
    hints=(
        "Two steps: first the tangent of the weighted input z, then that of tanh(z). Which of the things in z move?",
        "z is a product of W and a, with b added, and all three move. A product of two things that move has two terms.",
        "The tangent of z has three terms: one for each of a, W and b. Then each entry is scaled by the slope of tanh at its own z.",
    ),
    mistakes=(
        Mistake(
            "layer of the tangents",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), np.tanh(W_dot @ a_dot + b_dot)],
            "You send the tangents through the layer as if they were values. A tangent passes by what is linear near the values: slopes, no tanh.",
        ),
        Mistake(
            "slope at the moved place",
            _slope_at_the_moved_place,
            "You take the slope of tanh where z has moved to. It is the slope at z itself.",
        ),
        Mistake(
            "tanh of z's tangent",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), np.tanh(W @ a_dot + W_dot @ a + b_dot)],
            "You send the tangent of z through tanh, as if it were a value. tanh passes a movement on with its slope at z.",
        ),
        Mistake(
            "product of the tangents",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), (1 - np.tanh(W @ a + b) ** 2) * (W_dot @ a_dot + b_dot)],
            "W's tangent meets a's tangent: that product stands beside ε², and is 0. Each term holds one tangent.",
        ),
        Mistake(
            "all moved by 1",
            lambda W, b, a, W_dot, b_dot, a_dot: [
                np.tanh(W @ a + b),
                np.tanh((W + W_dot) @ (a + a_dot) + b + b_dot) - np.tanh(W @ a + b),
            ],
            "You moved everything by its whole tangent and took the difference. A tangent is a speed at this place, not the way of a long step.",
        ),
        Mistake(
            "b's tangent outside the slope",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), (1 - np.tanh(W @ a + b) ** 2) * (W @ a_dot + W_dot @ a) + b_dot],
            "The tangent of b is added after the slope. The bias is added before tanh: what it moves goes through the slope as well.",
        ),
        Mistake(
            "slope on one term alone",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), (1 - np.tanh(W @ a + b) ** 2) * (W @ a_dot) + W_dot @ a + b_dot],
            "The slope meets one of the three terms. All of z goes through tanh.",
        ),
        Mistake(
            "product of the tangents too",
            lambda W, b, a, W_dot, b_dot, a_dot: [np.tanh(W @ a + b), (1 - np.tanh(W @ a + b) ** 2) * (W @ a_dot + W_dot @ (a + a_dot) + b_dot)],
            "One term too many: a product of two tangents stands beside ε², and is 0.",
        ),
        Mistake(
            "sigmoid for tanh",
            lambda W, b, a, W_dot, b_dot, a_dot: [
                1 / (1 + np.exp(-W @ a - b)),
                (W @ a_dot + W_dot @ a + b_dot) / (2 + np.exp(-W @ a - b) + np.exp(W @ a + b)),
            ],
            "That is a layer of sigmoid neurons. This one's activation is tanh.",
        ),
        Mistake(
            "tangent first",
            lambda *given: _layer_jvp(*given)[::-1],
            "Both arrays are right, in the other order: the value comes first.",
        ),
        Mistake(
            "z for the value",
            lambda W, b, a, W_dot, b_dot, a_dot: [W @ a + b, _layer_jvp(W, b, a, W_dot, b_dot, a_dot)[1]],
            "Your value is the weighted input. The layer goes on: an activation follows.",
        ),
        Mistake(
            "value and tangent of z",
            lambda W, b, a, W_dot, b_dot, a_dot: [W @ a + b, W @ a_dot + W_dot @ a + b_dot],
            "Both are those of the weighted input. The layer goes on: an activation follows.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip("by_a", _nothing, "a does not move", "The activations of the layer before move too. Their tangent is not in your answer."),
                Slip("by_W", _nothing, "W does not move", "The weights move too. Their tangent is not in your answer."),
                Slip("by_b", _nothing, "b does not move", "The biases move too. Their tangent is not in your answer."),
                Slip(
                    "by_b",
                    lambda b, b_dot: b + b_dot,
                    "b added to its tangent",
                    "The bias itself stands in your tangent. A constant that is added does not make anything move.",
                    alone=True,
                ),
                Slip(
                    "by_b",
                    lambda b, b_dot: b * b_dot,
                    "b multiplied by its tangent",
                    "b stands before its tangent as a factor. In z the bias is added, so that its tangent is added as it is.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda z, value: 1.0,
                    "slope left out",
                    "Your tangent is that of the weighted input. tanh is not a straight line: at what rate does it pass a movement on?",
                ),
                Slip(
                    "slope",
                    lambda z, value: 1 - z**2,
                    "1 - z² for the slope",
                    "The slope of tanh is 1 minus a square, but not the square of z.",
                ),
                Slip(
                    "slope",
                    lambda z, value: value,
                    "value for the slope",
                    "You scale by tanh(z) itself. How fast does it move?",
                ),
                Slip(
                    "slope",
                    lambda z, value: 1 - value,
                    "square forgotten in the slope",
                    "Your slope is 1 minus the value. One power is missing.",
                ),
                Slip(
                    "slope",
                    lambda z, value: 1 + value**2,
                    "plus in the slope",
                    "Your slope is 1 plus a square. tanh flattens out: where it is near 1, how fast can it move?",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda z, value: value * (1 - value),
                    "the sigmoid's slope",
                    "a(1 - a) is the slope of the sigmoid. This layer's activation is tanh.",
                ),
                Slip(
                    "slope",
                    lambda z, value: 1 - np.tanh(value) ** 2,
                    "slope at the value",
                    "You take the slope at tanh(z), so tanh is applied once too often.",
                    alone=True,
                ),
            ),
            told=(),
        ),
    ),
)
