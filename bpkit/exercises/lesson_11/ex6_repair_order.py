"""11.6: text R repaired: one step of training, in rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_11.shared import ALLOWED, Array, Layers, loss_slopes, prime, row_forward
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_order(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, n in (((3, 3, 3, 3), 5), ((4, 2, 3), 3), ((2, 3, 4, 2), 1)):
        w: Layers = [None, *(rng.normal(size=pair) for pair in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(1, size)) for size in sizes[1:])]
        args = (w, b, rng.normal(size=(n, sizes[0])), rng.random(size=(n, sizes[-1])), float(rng.uniform(0.4, 0.8)))
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, {n} row{'s' if n > 1 else ''}", args))
    return cases


def _backwards(w: Layers, eps: Layers, last: Array, step: Callable[[int, Array], Array]) -> Layers:
    """∂L/∂ε of every layer, by `step(m, error of layer m)` for the layer before."""
    error: Layers = [None] * len(w)
    error[-1] = last
    for m in range(len(w) - 1, 1, -1):
        error[m - 1] = step(m, error[m])
    return error


def _row_errors(w: Layers, eps: Layers, y: Layers, t: Array) -> Layers:
    last = (y[-1] - t) * prime(eps[-1])
    return _backwards(w, eps, last, lambda m, error: (error @ w[m].T) * (1 - np.tanh(eps[m - 1]) ** 2))


def _rows_summed(error: Array) -> Array:
    return error.sum(axis=0, keepdims=True)


def _stepped(w: Layers, b: Layers, y: Layers, error: Layers, alpha: float, bias: Callable[[Array], Array] = _rows_summed) -> list[Layers]:
    layers = range(1, len(w))
    return [[None, *(w[m] - alpha * y[m - 1].T @ error[m] for m in layers)], [None, *(b[m] - alpha * bias(error[m]) for m in layers)]]


def _repair_order(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    eps, y = row_forward(w, b, x)
    return _stepped(w, b, y, _row_errors(w, eps, y, t), alpha)


def _repair_order_oracle(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    dw, db = loss_slopes(w, b, x, t)
    layers = range(1, len(w))
    return [[None, *(w[m] - alpha * dw[m] for m in layers)], [None, *(b[m] - alpha * db[m] for m in layers)]]


def _with_errors(errors: Callable[..., Layers], bias: Callable[[Array], Array] = _rows_summed) -> Callable[..., list[Layers]]:
    """A mistake in the errors, then the step as it should be."""

    def answer(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
        eps, y = row_forward(w, b, x)
        return _stepped(w, b, y, errors(w, eps, y, t, alpha), alpha, bias)

    return answer


def _slope_of(m: int, eps: Array, D: int) -> Array:
    return prime(eps) if m == D else 1 - np.tanh(eps) ** 2


def _in_published_order(slope_of_layer_before: bool) -> Callable[..., Layers]:
    def errors(w: Layers, eps: Layers, y: Layers, t: Array, alpha: float) -> Layers:
        def step(m: int, error: Array) -> Array:
            new = w[m] - alpha * y[m - 1].T @ error
            return (error @ new.T) * _slope_of(m - 1 if slope_of_layer_before else m, eps[m - 1], len(w) - 1)

        return _backwards(w, eps, (y[-1] - t) * prime(eps[-1]), step)

    return errors


def _slope_of_layer_behind(w: Layers, eps: Layers, y: Layers, t: Array, alpha: float) -> Layers:
    last = (y[-1] - t) * prime(eps[-1])
    return _backwards(w, eps, last, lambda m, error: (error @ w[m].T) * _slope_of(m, eps[m - 1], len(w) - 1))


def _forward_again(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    w, b = list(w), list(b)
    for m in range(len(w) - 1, 0, -1):
        eps, y = row_forward(w, b, x)
        error = _row_errors(w, eps, y, t)
        w[m], b[m] = w[m] - alpha * y[m - 1].T @ error[m], b[m] - alpha * _rows_summed(error[m])
    return [w, b]


def _sigmoid_throughout(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    eps: Layers = [None]
    y: Layers = [x]
    for m in range(1, len(w)):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(sigmoid(eps[m]))
    error = _backwards(w, eps, (y[-1] - t) * prime(eps[-1]), lambda m, error: (error @ w[m].T) * prime(eps[m - 1]))
    return _stepped(w, b, y, error, alpha)


def _moves(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    pairs = zip((w, b), _repair_order(w, b, x, t, alpha), strict=True)
    return [[None, *(new[m] - old[m] for m in range(1, len(w)))] for old, new in pairs]


def _in_parts(
    last: Callable[[Array, Array, Array], Array] = lambda eps, y, t: (y - t) * prime(eps),
    slope: Callable[[Array, Array], Any] = lambda eps, y: 1 - np.tanh(eps) ** 2,
    bias: Callable[[Array], Array] = _rows_summed,
    rate: Callable[[int], float] = lambda n: 1.0,
) -> Answer:
    def answer(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
        eps, y = row_forward(w, b, x)
        error = _backwards(w, eps, last(eps[-1], y[-1], t), lambda m, error: (error @ w[m].T) * slope(eps[m - 1], y[m - 1]))
        return _stepped(w, b, y, error, alpha * rate(len(x)), bias)

    return answer


EXERCISE = Exercise(
    id="11.6",
    name="repair_order",
    title="Text R repaired: one step of training, in rows",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_order,
    allows=ALLOWED,
    part=("w[{}]", "b[{}]"),
    reference=_repair_order,
    oracle=_repair_order_oracle,
    hints=(
        "Two phases, as in lesson 07: first find every gradient, then move every parameter. Nothing that moves may be read again.",
        "In line 6 two things are not what they should be: which ω stands there by then, and whose activation function the slope belongs to.",
        "Go back from layer D to layer 2 with the old weights, and keep each error. Then make new lists. With several rows, b sees every row: "
        "its gradient is the sum of the error's rows, and there is no 1/n in this text.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "as published",
            _with_errors(_in_published_order(slope_of_layer_before=False)),
            "That is the published loop: the last layer moves first, and the error goes back through what it has become. And the slope in line 6 is "
            "that of another layer's activation function.",
        ),
        Mistake(
            "update before propagate",
            _with_errors(_in_published_order(slope_of_layer_before=True)),
            "The last layer is right. You still send the error back through weights that have moved. Did you keep the old ones under another name? "
            "A name is no copy: after `-=` on the array both names show the new numbers.",
        ),
        Mistake(
            "slope of the layer behind",
            _with_errors(_slope_of_layer_behind),
            "The order is repaired. But line 6 also takes the slope of layer m's activation function at the input of layer m - 1. "
            "Here the last layer "
            "and the others differ in their function, so it shows.",
        ),
        Mistake(
            "forward again after each layer",
            _forward_again,
            "You run the forward pass again after every layer's update, so each layer gets the gradient of another net. One step of gradient descent "
            "takes all gradients at one place.",
        ),
        Mistake(
            "sigmoid in the hidden layers",
            _sigmoid_throughout,
            "You use the sigmoid in every layer. In this net the hidden layers are tanh, on the way forward and on the way back.",
        ),
        Mistake(
            "gradients for parameters",
            _moves,
            "You return by how much everything moves. Asked are the parameters after the step.",
        ),
        Mistake(
            "weights alone",
            lambda w, b, x, t, alpha: [_repair_order(w, b, x, t, alpha)[0], b],
            "The weights are right. The biases have not moved: they are parameters too.",
        ),
        Mistake(
            "α left out",
            lambda w, b, x, t, alpha: _repair_order(w, b, x, t, 1.0),
            "You move by the whole gradient. The step is α times as long.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "slope",
                    lambda eps, y: 1 - np.tanh(y) ** 2,
                    "slope at y",
                    "You take the slope of tanh at y, so tanh is applied twice. It was applied to ε.",
                ),
                Slip(
                    "slope",
                    lambda eps, y: y,
                    "y for the slope",
                    "On the way back you scale by the outputs of the layer, as text A does. It takes their slope.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda eps, y: 1.0,
                    "slope dropped",
                    "On the way back no slope comes in. ε of the layer before lies behind its activation function.",
                ),
                Slip(
                    "slope",
                    lambda eps, y: y * (1 - y),
                    "the sigmoid's slope for tanh",
                    "On the way back you use the sigmoid's slope, written through y. The hidden layers are tanh.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda eps, y: 1 - y,
                    "1 - y, not squared",
                    "On the way back your slope is 2 where y nears -1 and 0 where it nears 1. The curve of tanh looks the same on both sides.",
                    alone=True,
                ),
                Slip(
                    "last",
                    lambda eps, y, t: y - t,
                    "Loss' alone in the last layer",
                    "Line 2 is right as printed, with two factors; one of yours is missing. The loss is the quadratic one, so nothing cancels.",
                ),
                Slip(
                    "last",
                    lambda eps, y, t: (y - t) * (1 - np.tanh(eps) ** 2),
                    "tanh in the last layer",
                    "The last layer's slope is that of tanh. Its activation function is the sigmoid.",
                    alone=True,
                ),
                Slip(
                    "last",
                    lambda eps, y, t: (y - t) * prime(y),
                    "last slope at y",
                    "In the last layer you take the sigmoid's slope at y, so the sigmoid is applied twice. It was applied to ε.",
                    alone=True,
                ),
                Slip(
                    "bias",
                    lambda error: error,
                    "db not summed",
                    "The weights are right. Line 4 holds for one row: with several rows your b gets a row for each example. All rows share one bias.",
                    alone=True,
                ),
                Slip(
                    "bias",
                    lambda error: error.mean(axis=0, keepdims=True),
                    "db averaged",
                    "The weights are right, the biases take the mean over the rows. This text's L is a sum over the rows, for weights and biases "
                    "alike.",
                ),
                Slip(
                    "bias",
                    lambda error: error.sum(keepdims=True),
                    "db summed over the neurons",
                    "The weights are right. Your db is one number: the text's variant with one bias for a whole layer. Here every neuron has its "
                    "own.",
                    alone=True,
                ),
                Slip(
                    "rate",
                    lambda n: 2.0,
                    "no half in the loss",
                    "Every parameter moves twice as far as it should. The loss has a half in front of its squares.",
                    alone=True,
                ),
                Slip(
                    "rate",
                    lambda n: 1.0 / n,
                    "averaged over the rows",
                    "You divide by the number of rows. That is this course's cost; the text's L is a sum, and the task keeps it.",
                ),
                Slip(
                    "rate",
                    lambda n: -1.0,
                    "uphill",
                    "Every parameter moves the wrong way. A gradient points uphill.",
                ),
            ),
        ),
    ),
)
