"""07.2: all gradients first, then the update."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_06.shared import backprop_by, explain_backprop, forward_pass
from bpkit.exercises.lesson_07.shared import ALLOWS, Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import gradient

Layers = list[Any]  # of arrays, None at the places of layers that have none


def _cases_train(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 4), ((4, 3, 5, 2), 3), ((2, 3, 2), 1)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        args = (W, b, rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m)), float(rng.uniform(0.5, 3)))
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", args))
    return cases


def _moved(parameters: Layers, gradients: Layers, eta: float) -> Layers:
    return [None, *(p - eta * g for p, g in zip(parameters[1:], gradients[1:], strict=True))]


def _train_step(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    dW, db = backprop_by(W, b, x, y)
    return [_moved(W, dW, eta), _moved(b, db, eta)]


def _train_step_oracle(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    def new(parameters: Layers, l: int) -> Array:
        kept = parameters[l]

        def cost(moved: Array) -> Any:
            parameters[l] = moved
            return np.sum((forward_pass(W, b, x)[1][-1] - y) ** 2) / 2 / x.shape[1]

        try:
            return kept - eta * gradient(cost, kept)
        finally:
            parameters[l] = kept

    layers = range(1, len(W))
    return [[None, *(new(W, l) for l in layers)], [None, *(new(b, l) for l in layers)]]


def _update_first(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """Each layer is updated before the error goes back through it."""
    _, a = forward_pass(W, b, x)
    W, b = list(W), list(b)
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        W[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1]
        b[l] = b[l] - eta * delta.mean(axis=1, keepdims=True)
        if l > 1:
            delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return [W, b]


def _two_steps(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    W, b = _train_step(W, b, x, y, eta)
    return _train_step(W, b, x, y, eta)


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    new_W, new_b = _train_step(W, b, x, y, eta)
    return [[*W[:-1], new_W[-1]], [*b[:-1], new_b[-1]]]


def _with_gradients(change: Callable[[Layers, Layers, int], tuple[Layers, Layers]]) -> Callable[..., list[Layers]]:
    def step(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        dW, db = backprop_by(W, b, x, y)
        dW, db = change(dW, db, x.shape[1])
        return [_moved(W, dW, eta), _moved(b, db, eta)]

    return step


def _scaled(layers: Layers, factor: float) -> Layers:
    return [None, *(factor * array for array in layers[1:])]


def _from_the_front(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """Layer by layer from the first, the gradient of each taken with those before it moved already."""
    W, b = list(W), list(b)
    for l in range(1, len(W)):
        dW, db = backprop_by(W, b, x, y)
        W[l], b[l] = W[l] - eta * dW[l], b[l] - eta * db[l]
    return [W, b]


def _weights_first(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """The biases' gradients are those of the net whose weights have moved."""
    new_W = _moved(W, backprop_by(W, b, x, y)[0], eta)
    return [new_W, _moved(b, backprop_by(new_W, b, x, y)[1], eta)]


def _one_example_at_a_time(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    for i in range(x.shape[1]):
        W, b = _train_step(W, b, x[:, [i]], y[:, [i]], eta)
    return [W, b]


def _slope_dropped(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """On the way back the slope of the hidden layers is missing."""
    _, a = forward_pass(W, b, x)
    new_W, new_b, delta = list(W), list(b), (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        new_W[l], new_b[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1], b[l] - eta * delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta
    return [new_W, new_b]


def _explain_train_step(got: Any, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> str | None:
    """Read the gradients back from the steps, and say where on the way back the first wrong one is."""
    if not isinstance(got, list) or len(got) != 2 or not all(isinstance(part, list) and len(part) == len(W) for part in got):
        return None
    pairs = [list(zip(old[1:], new[1:], strict=True)) for old, new in zip((W, b), got, strict=True)]
    if not all(isinstance(new, np.ndarray) and new.shape == old.shape for pair in pairs for old, new in pair):
        return None
    steps = [[None, *((old - new) / eta for old, new in pair)] for pair in pairs]
    words = explain_backprop(steps, W, b, x, y)
    return f"Going by how far each parameter moved, {words}" if words else None


EXERCISE = Exercise(
    id="07.2",
    name="train_step",
    title="All gradients first, then the update",
    points=3,
    minutes=10,
    difficulty=2,
    allows=ALLOWS,
    part=("W[{}]", "b[{}]"),
    explain=_explain_train_step,
    seconds=10.0,
    cases=_cases_train,
    reference=_train_step,
    oracle=_train_step_oracle,
    hints=(
        "Two phases. The first only computes: forward, errors, gradients of every layer. The second changes parameters.",
        "BP2 needs the weights with which the forward pass was made. What does that say about when you may change them?",
        "Use your `backprop` of lesson 06 to get both lists of gradients, then make new lists: each array minus η times its gradient.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "update before propagate",
            _update_first,
            "The last layer is right. You change a layer's weights and then send the error back through the changed ones, as a published text does. "
            "The error belongs to the net that made the forward pass.",
        ),
        Mistake("only the last layer", _last_layer_only, "Only the last layer moves. The hidden layers have gradients too: that is what BP2 is for."),
        Mistake(
            "biases not updated",
            lambda W, b, x, y, eta: [_train_step(W, b, x, y, eta)[0], b],
            "The weights are right, the biases stand still. They have gradients of their own.",
        ),
        Mistake(
            "update from the front",
            _from_the_front,
            "The first layer is right. The gradients of the others are those of a net whose first layers have moved already. "
            "All gradients belong to one net, the old one.",
        ),
        Mistake(
            "weights moved before the biases' gradients",
            _weights_first,
            "The weights are right. The biases' gradients were taken after the weights had moved. Compute all gradients, then move everything.",
        ),
        Mistake(
            "one example at a time",
            _one_example_at_a_time,
            "You take a step for each example. Asked is one step for all of them, with the mean of their gradients.",
        ),
        Mistake(
            "slopes of the hidden layers dropped",
            _slope_dropped,
            "The last layer is right. On the way back the error lacks the slope of each layer that it passes.",
        ),
        Mistake(
            "1/m twice",
            _with_gradients(lambda dW, db, m: (_scaled(dW, 1 / m), _scaled(db, 1 / m))),
            "Your step is too short by the number of examples: the mean is taken twice.",
        ),
        Mistake(
            "order swapped",
            lambda W, b, x, y, eta: _train_step(W, b, x, y, eta)[::-1],
            "The lists stand in the other order: the new weights first, then the new biases.",
        ),
        Mistake("sign", lambda W, b, x, y, eta: _train_step(W, b, x, y, -eta), "You step uphill: the cost grows. Minus η, or a - y turned round?"),
        Mistake(
            "no 1/m",
            _with_gradients(lambda dW, db, m: (_scaled(dW, m), _scaled(db, m))),
            "Your step is too long by the number of examples: somewhere a sum stands for a mean.",
        ),
        Mistake("η missing", lambda W, b, x, y, eta: _train_step(W, b, x, y, 1.0), "The step has the length of the gradient whatever η is."),
        Mistake(
            "gradients returned",
            lambda W, b, x, y, eta: backprop_by(W, b, x, y),
            "You return the gradients. Asked are the new weights and biases.",
        ),
        Mistake(
            "two steps",
            _two_steps,
            "You took the step twice. Is the update inside a loop that it should stand behind?",
        ),
    ),
)
