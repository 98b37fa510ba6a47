"""What several exercises of lesson 06 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.exercises import oracles
from bpkit.exercises.model import Case
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray


Layers = list[Any]  # of arrays, None at the places of layers that have none


def prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def cases_layer(shapes: tuple[tuple[int, int, int], ...]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case(f"{n} neurons, {n_prev} before them, m = {m}", (rng.normal(size=(n, m)), rng.normal(size=(n_prev, m)))) for n, n_prev, m in shapes
        ]

    return cases


def weight_gradient_oracle(delta: Array, a_prev: Array) -> Array:
    # Σ δ ∘ z / m moves with the weights as the mean cost does, when δ is the slope of each example's cost at z
    start = np.zeros((delta.shape[0], a_prev.shape[0]))
    return oracles.gradient(lambda W: np.sum(delta * (W @ a_prev)) / delta.shape[1], start)


def cases_delta(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} neurons, m = {m}", (rng.normal(size=(n, m)),)) for n, m in ((3, 3), (2, 5), (4, 1))]


def forward_pass(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    z: Layers = [None]
    a: Layers = [x]
    for weights, bias in zip(W[1:], b[1:], strict=True):
        z.append(weights @ a[-1] + bias)
        a.append(sigmoid(z[-1]))
    return z, a


def backprop_by(
    W: Layers,
    b: Layers,
    x: Array,
    y: Array,
    *,
    first: Callable[..., Array] = lambda a, y, z: (a - y) * prime(z),
    step: Callable[..., Array] = lambda W_next, delta, z, a: (W_next.T @ delta) * prime(z),
    weights: Callable[..., Array] = lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    biases: Callable[..., Array] = lambda delta: delta.mean(axis=1, keepdims=True),
) -> list[Layers]:
    """The whole algorithm; a mistake replaces one of its four equations."""
    z, a = forward_pass(W, b, x)
    delta = first(a[-1], y, z[-1])
    dW: Layers = [None] * len(W)
    db: Layers = [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = step(W[l + 1], delta, z[l], a[l])
        dW[l], db[l] = weights(delta, a[l - 1]), biases(delta)
    return [dW, db]


def explain_backprop(got: Any, W: Layers, b: Layers, x: Array, y: Array) -> str | None:
    """Where on the way back the first wrong layer is, if dW and db of a layer are right together and wrong together."""
    if not isinstance(got, list) or len(got) != 2 or not all(isinstance(part, list) and len(part) == len(W) for part in got):
        return None  # the structure says it
    right: list[bool] = []
    wanted = backprop_by(W, b, x, y)
    for l in range(1, len(W)):
        both = {_is_near(mine[l], goal[l]) for mine, goal in zip(got, wanted, strict=True)}
        if len(both) > 1 or None in both:
            return None
        right.append(bool(both.pop()))
    L = len(right)
    if all(right):
        return None
    if not right[-1]:
        how = describe_difference(got[0][L], wanted[0][L], rtol=1e-5)
        told = f" In dW[{L}], {how}." if how.factor is not None else ""
        return f"dW[{L}] and db[{L}] of the last layer are wrong already.{told} Look at the forward pass and at BP1."
    l = max(l for l in range(1, L + 1) if not right[l - 1])
    return f"dW[{l + 1}] and db[{l + 1}] are right, dW[{l}] and db[{l}] are not: look at the step from δ of layer {l + 1} to δ of layer {l}."


def _is_near(mine: Any, goal: Array) -> bool | None:
    """Whether an array is the right one; None where it cannot be compared."""
    if not isinstance(mine, np.ndarray) or mine.shape != goal.shape or mine.dtype.kind not in "biuf" or not np.all(np.isfinite(mine)):
        return None
    return bool(np.allclose(mine, goal, rtol=0, atol=1e-5 * float(np.abs(goal).max())))
