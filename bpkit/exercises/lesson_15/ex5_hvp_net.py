"""15.5: a Hessian times a vector, by going through the backward pass with tangents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array, nearly
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_0, n_1, n_2, m in ((3, 3, 3, 3), (2, 4, 3, 5), (4, 1, 1, 1)):
        W1, V1 = rng.normal(size=(2, n_1, n_0)) * 0.8
        W2, V2 = rng.normal(size=(2, n_2, n_1)) * 0.8
        if m == 5:  # so far that no difference with a step comes near
            V1, V2 = 1e4 * V1, 1e4 * V2
        cases.append(Case(f"a {n_0}-{n_1}-{n_2} net, m = {m}", (W1, W2, rng.normal(size=(n_0, m)), rng.normal(size=(n_2, m)), V1, V2)))
    return cases


def _hvp_net(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    m = x.shape[1]
    a = np.tanh(W1 @ x)
    delta2 = W2 @ a - y
    back = W2.T @ delta2
    Ra = (1 - a**2) * (V1 @ x)
    Rdelta2 = W2 @ Ra + V2 @ a
    Rback = W2.T @ Rdelta2 + V2.T @ delta2
    Rdelta1 = (1 - a**2) * Rback - 2 * a * Ra * back
    return [Rdelta1 @ x.T / m, (Rdelta2 @ a.T + delta2 @ Ra.T) / m]


def _by_second_differences(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    """Complex steps of the cost in each weight, differenced along V to the eighth order: no backward pass in it."""

    def gradient(t: float) -> list[Array]:
        moved, slopes = [W1 + t * V1, W2 + t * V2], []
        for k in range(2):
            nudges = 1e-30j * np.eye(moved[k].size).reshape(moved[k].size, *moved[k].shape)
            W = [nudges + moved[0] if k == 0 else moved[0], nudges + moved[1] if k == 1 else moved[1]]
            residual = W[1] @ np.tanh(W[0] @ x) - y
            slopes.append(np.imag(np.sum(residual**2, axis=(-2, -1))).reshape(moved[k].shape) / 1e-30 / (2 * x.shape[1]))
        return slopes

    h, total = 0.01 / max(1.0, np.abs(V1).max() / 2, np.abs(V2).max() / 2), [np.zeros_like(W1), np.zeros_like(W2)]
    for step, weight in ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280)):
        forwards, backwards = gradient(step * h), gradient(-step * h)
        total = [total[k] + weight * (forwards[k] - backwards[k]) / h for k in range(2)]
    return total


def _in_parts(
    Ra: Callable[..., Any] = lambda a, V1x: (1 - a**2) * V1x,
    Rdelta2: Callable[..., Any] = lambda W2, V2, a, Ra: W2 @ Ra + V2 @ a,
    Rback: Callable[..., Any] = lambda W2, V2, delta2, Rdelta2: W2.T @ Rdelta2 + V2.T @ delta2,
    Rdelta1: Callable[..., Any] = lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * Ra * back,
    outer2: Callable[..., Any] = lambda a, Ra, delta2, Rdelta2: Rdelta2 @ a.T + delta2 @ Ra.T,
    divisor: Callable[[int], float] = lambda m: m,
) -> Answer:
    def answer(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
        a = np.tanh(W1 @ x)
        delta2 = W2 @ a - y
        moves = Ra(a, V1 @ x)
        errors = Rdelta2(W2, V2, a, moves)
        first = Rdelta1(a, moves, W2.T @ delta2, Rback(W2, V2, delta2, errors))
        m = divisor(x.shape[1])
        return [first @ x.T / m, outer2(a, moves, delta2, errors) / m]

    return answer


def _gradient(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    a, m = np.tanh(W1 @ x), x.shape[1]
    delta2 = W2 @ a - y
    return [((1 - a**2) * (W2.T @ delta2)) @ x.T / m, delta2 @ a.T / m]


def _gauss_newton(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    a, m = np.tanh(W1 @ x), x.shape[1]
    moved = W2 @ ((1 - a**2) * (V1 @ x)) + V2 @ a
    return [((1 - a**2) * (W2.T @ moved)) @ x.T / m, moved @ a.T / m]


def _each_by_itself(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    return [_hvp_net(W1, W2, x, y, V1, 0 * V2)[0], _hvp_net(W1, W2, x, y, 0 * V1, V2)[1]]


def _target_moves(W1: Array, W2: Array, x: Array, y: Array, V1: Array, V2: Array) -> list[Array]:
    return list(_in_parts(Rdelta2=lambda W2, V2, a, Ra: W2 @ Ra + V2 @ a - y)(W1, W2, x, y, V1, V2))


def _explain(value: Any, *given: Array) -> str | None:
    if not nearly(value, _hvp_net(*given)):
        return None
    return (
        "You are off by less than a tenth of the largest entry, and that is more than rounding. Is it a difference of gradients with a step? The "
        "tangents of the lines give it without one."
    )


EXERCISE = Exercise(
    id="15.5",
    name="hvp_net",
    title="A Hessian times a vector on a net: every line gets its tangent",
    points=4,
    minutes=15,
    difficulty=3,
    part=("the part of W1", "the part of W2"),
    cases=_cases,
    reference=_hvp_net,
    explain=_explain,
    oracle=_by_second_differences,
    hints=(
        "Write the gradient's program first: a, delta2, what comes back through W2, delta1, two products. Below each line write the line of its "
        "tangent. Tangents of x and y are 0, those of W1 and W2 are V1 and V2.",
        "A product of two things that move has two terms: look for it in the forward pass, in the step back through W2, in delta1 and in the "
        "gradient of W2.",
        "In delta1 the slope moves as well: the tangent of 1 minus a squared is minus twice a times the tangent of a. It multiplies what came back.",
    ),
    mistakes=(
        Mistake(
            "the gradient",
            _gradient,
            "That is the gradient: V1 and V2 are not in it. Asked is how the gradient moves when the weights move along V.",
        ),
        Mistake(
            "Gauss and Newton's matrix",
            _gauss_newton,
            "You let the errors move and nothing else of the backward pass. That is the Gauss-Newton matrix times V, which is the Hessian's where "
            "the residual is 0. The weights, the slopes and the activations of the backward pass move too.",
        ),
        Mistake(
            "each matrix by itself",
            _each_by_itself,
            "Your part of W1 does not know V2, and that of W2 does not know V1. Both matrices move at once, and each gradient feels both.",
        ),
        Mistake(
            "target in the moving error",
            _target_moves,
            "In the error's tangent you subtract the target once more. It does not move: its tangent is 0.",
        ),
        Mistake(
            "gradient times V",
            lambda W1, W2, x, y, V1, V2: [part * V for part, V in zip(_gradient(W1, W2, x, y, V1, V2), (V1, V2), strict=True)],
            "That is the gradient, entry by entry times V. Asked is how the gradient moves when the weights move along V.",
        ),
        Mistake(
            "W2 first",
            lambda *given: _hvp_net(*given)[::-1],
            "Both arrays are right, in the other order: that of W1 comes first.",
        ),
        Mistake(
            "V along itself",
            lambda W1, W2, x, y, V1, V2: [part * V for part, V in zip(_hvp_net(W1, W2, x, y, V1, V2), (V1, V2), strict=True)],
            "You multiplied the result by V once more. V has gone in already.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "Ra",
                    lambda a, V1x: V1x,
                    "slope left out of a's tangent",
                    "The tangent of a is that of z. By what slope does tanh pass it on?",
                ),
                Slip(
                    "Rdelta2",
                    lambda W2, V2, a, Ra: W2 @ Ra,
                    "W2 does not move on the way forward",
                    "The output moves for two reasons: the activations move, and W2 moves. The second is missing.",
                ),
                Slip(
                    "Rdelta2",
                    lambda W2, V2, a, Ra: V2 @ a,
                    "a does not move on the way forward",
                    "The output moves for two reasons: W2 moves, and the activations move. The second is missing.",
                ),
                Slip(
                    "Rback",
                    lambda W2, V2, delta2, Rdelta2: W2.T @ Rdelta2,
                    "W2 does not move on the way back",
                    "The error comes back through W2, and W2 moves. That term is missing in the step back.",
                ),
                Slip(
                    "Rback",
                    lambda W2, V2, delta2, Rdelta2: V2.T @ delta2,
                    "the error does not move on the way back",
                    "What comes back is a product: W2 moves, and the error moves too. That term is missing.",
                    alone=True,
                ),
                Slip(
                    "Rback",
                    lambda W2, V2, delta2, Rdelta2: V2.T @ Rdelta2 + V2.T @ delta2,
                    "V2 beside the moving error",
                    "On the way back V2 meets both errors. In a product of two things that move, only one of them moves in each term.",
                    alone=True,
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback,
                    "the slope does not move",
                    "delta1 is a product of a slope and of what came back. The slope depends on a, and a moves.",
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback + 2 * a * Ra * back,
                    "sign of the moving slope",
                    "When a positive activation grows, does the slope of tanh grow?",
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - a * Ra * back,
                    "2 left out of the moving slope",
                    "The tangent of 1 minus a squared: what does a square hand on?",
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * (1 - a**2) * Ra * back,
                    "slope counted twice",
                    "The tangent of a holds the slope of tanh already, and in the moving slope you multiply by it again.",
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * back,
                    "a's tangent left out of the moving slope",
                    "The slope moves because a does: in your last term nothing says how fast.",
                    alone=True,
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * (1 - a**2) * back,
                    "slope of the slope for its tangent",
                    "You have how the slope moves with z. How fast does z move?",
                    alone=True,
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * Ra * back,
                    "a left out of the moving slope",
                    "The tangent of a square holds the number itself too: a is missing in your last term.",
                    alone=True,
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * Ra,
                    "what came back left out of the moving slope",
                    "delta1 is a product. When its slope moves, the other factor stands beside it: what came back.",
                    alone=True,
                ),
                Slip(
                    "Rdelta1",
                    lambda a, Ra, back, Rback: Rback - 2 * a * Ra * back,
                    "slope left out of delta1's tangent",
                    "What comes back moves, and the slope scales that movement too.",
                    alone=True,
                ),
                Slip(
                    "outer2",
                    lambda a, Ra, delta2, Rdelta2: Rdelta2 @ a.T + delta2 @ a.T,
                    "a for its tangent in the part of W2",
                    "The part of W1 is right. In that of W2 both terms hold a: in the one in which the error stands still, a moves.",
                    alone=True,
                ),
                Slip(
                    "outer2",
                    lambda a, Ra, delta2, Rdelta2: Rdelta2 @ a.T,
                    "a does not move in the gradient of W2",
                    "The gradient of W2 is a product of an error and an activation. Both move.",
                ),
                Slip(
                    "outer2",
                    lambda a, Ra, delta2, Rdelta2: delta2 @ Ra.T,
                    "the error does not move in the gradient of W2",
                    "The gradient of W2 is a product of an error and an activation. Both move, and the error's movement is missing.",
                    alone=True,
                ),
                Slip("divisor", lambda m: 1, "1/m left out", "The cost is a mean over the examples. Yours is the Hessian of their sum."),
            ),
            told=(),
        ),
        Mistake(
            "the tangent of z where the slope moves",
            _in_parts(Rdelta1=lambda a, Ra, back, Rback: (1 - a**2) * Rback - 2 * a * Ra / (1 - a**2) * back),
            "The part of W2 is right. In delta1 the slope 1 minus a squared moves with a, and you have the tangent of z there: one slope is missing.",
        ),
    ),
)
