"""11.6: text R repaired: one step of training, in rows."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable

import numpy as np

from bpkit.exercises.lesson_06.shared import explain_step
from bpkit.exercises.lesson_07.shared import Convention, training_mistakes
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, Layers, loss_slopes, prime, row_forward
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip


def _cases_order(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, n in (((3, 3, 3, 3), 5), ((4, 2, 3), 3), ((2, 3, 4, 2, 2), 1), ((3, 2), 2)):
        w: Layers = [None, *(rng.normal(size=pair) for pair in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(1, size)) for size in sizes[1:])]
        far = 50 if n == 3 else 1  # beyond any limit that somebody may clip at
        alpha = rng.uniform(1.2, 1.6) if len(sizes) == 2 else rng.uniform(0.4, 0.8)
        args = (w, b, rng.normal(size=(n, sizes[0])), far * rng.random(size=(n, sizes[-1])), float(alpha))
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


def _repair_order(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    eps, y = row_forward(w, b, x)
    error, layers = _row_errors(w, eps, y, t), range(1, len(w))
    return [
        [None, *(w[m] - alpha * y[m - 1].T @ error[m] for m in layers)],
        [None, *(b[m] - alpha * error[m].sum(axis=0, keepdims=True) for m in layers)],
    ]


def _repair_order_oracle(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    dw, db = loss_slopes(w, b, x, t)
    layers = range(1, len(w))
    return [[None, *(w[m] - alpha * dw[m] for m in layers)], [None, *(b[m] - alpha * db[m] for m in layers)]]


_ROWS = Convention(
    forward=row_forward,
    last=lambda eps, y, t: (y - t) * prime(eps),
    slope=lambda eps, y: 1 - np.tanh(eps) ** 2,
    carried=lambda w_next, error: error @ w_next.T,
    weights=lambda error, y_prev: y_prev.T @ error,
    biases=lambda error: error.sum(axis=0, keepdims=True),
    axis=0,
)


def _slope_of_layer_behind(moved: bool) -> Answer:
    """The slope in line 6 is that of layer m's function, at the input of layer m - 1; with `moved` the weights have moved by then, too."""

    def answer(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
        eps, y = row_forward(w, b, x)
        new_w, new_b, error = list(w), list(b), (y[-1] - t) * prime(eps[-1])
        for m in range(len(w) - 1, 0, -1):
            new_w[m], new_b[m] = w[m] - alpha * y[m - 1].T @ error, b[m] - alpha * error.sum(axis=0, keepdims=True)
            if m > 1:
                slope = prime(eps[m - 1]) if m == len(w) - 1 else 1 - np.tanh(eps[m - 1]) ** 2
                error = (error @ (new_w if moved else w)[m].T) * slope
        return [new_w, new_b]

    return answer


def _sigmoid_everywhere(w: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    eps: Layers = [None]
    y: Layers = [x]
    for m in range(1, len(w)):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(sigmoid(eps[m]))
    return eps, y


EXERCISE = Exercise(
    id="11.6",
    equivalent={"constant, True → False": "a flat row is taken from a row all the same"},
    name="repair_order",
    title="Text R repaired: one step of training, in rows",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_order,
    allows=ALLOWED,
    part=("w[{}]", "b[{}]"),
    reference=_repair_order,
    explain=lambda got, w, b, x, t, alpha: explain_step(got, w, b, alpha, lambda: _ROWS.gradients(w, b, x, t)),
    plain=(3,),
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
            _slope_of_layer_behind(moved=True),
            "That is the published loop: the last layer moves first, and the error goes back through what it has become. And the slope in line 6 is "
            "that of another layer's activation function.",
        ),
        Mistake(
            "slope of the layer behind",
            _slope_of_layer_behind(moved=False),
            "The order is repaired. But line 6 also takes the slope of layer m's activation function at the input of layer m - 1. "
            "Here the last layer and the others differ in their function, so it shows.",
        ),
        Mistake(
            "sigmoid in the hidden layers",
            dataclasses.replace(_ROWS, forward=_sigmoid_everywhere, slope=lambda eps, y: prime(eps)).step,
            "You use the sigmoid in every layer. In this net the hidden layers are tanh, on the way forward and on the way back.",
        ),
        *training_mistakes(
            _ROWS,
            slips=(
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
                    lambda eps, y, t: (y - t) * (1 - y**2),
                    "slope of tanh from y in the last layer",
                    "In the last layer you use 1 - y², which is the slope of tanh. Its activation function is the sigmoid.",
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
                    "carried",
                    lambda w_next, error: error @ w_next,
                    "transpose forgotten",
                    "The last layer is right. On the way back you multiply by ω as it stands; going back sums over where a weight leads to.",
                ),
                Slip(
                    "biases",
                    lambda error: error,
                    "db not summed",
                    "The weights are right. Line 4 holds for one row: with several rows your b gets a row for each example. All rows share one bias.",
                    alone=True,
                ),
                Slip(
                    "biases",
                    lambda error: error.mean(axis=0, keepdims=True),
                    "db averaged",
                    "The weights are right, the biases take the mean over the rows. This text's L is a sum over the rows, for weights and biases "
                    "alike.",
                ),
                Slip(
                    "biases",
                    lambda error: error.sum(keepdims=True),
                    "db summed over the neurons",
                    "The weights are right. Your db is one number: the text's variant with one bias for a whole layer. Here every neuron has its "
                    "own.",
                    alone=True,
                ),
            ),
            rates=(
                Slip(
                    "rate",
                    lambda n: 1.0 / n,
                    "averaged over the rows",
                    "You divide by the number of rows. That is this course's cost; the text's L is a sum, and the task keeps it.",
                ),
            ),
        ),
        Mistake(
            "slopes at y in every layer",
            dataclasses.replace(_ROWS, last=lambda eps, y, t: (y - t) * prime(y), slope=lambda eps, y: 1 - np.tanh(y) ** 2).step,
            "You take every slope at y, so that each activation function is applied twice. They were applied to ε.",
        ),
    ),
)
