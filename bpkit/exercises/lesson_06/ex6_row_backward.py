"""06.6: one step back in row convention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import Array, prime
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_rows(rng: np.random.Generator) -> list[Case]:
    return [
        Case(
            f"m = {m} rows, {n_prev} neurons before, {n} here",
            (rng.normal(size=(m, n)), sigmoid(rng.normal(size=(m, n_prev))), rng.normal(size=(n_prev, n))),
        )
        for m, n_prev, n in ((3, 3, 3), (5, 4, 2), (1, 3, 4), (4, 2, 1))
    ]


def _row_backward(delta: Array, y_prev: Array, w: Array) -> list[Array]:
    return [y_prev.T @ delta / len(delta), delta.mean(axis=0, keepdims=True), (delta @ w.T) * y_prev * (1 - y_prev)]


def _row_backward_oracle(delta: Array, y_prev: Array, w: Array) -> list[Array]:
    m, before = len(delta), np.log(y_prev / (1 - y_prev))
    b = np.zeros((1, w.shape[1]))
    return [
        oracles.gradient(lambda moved: np.sum(delta * (y_prev @ moved)) / m, w),
        oracles.gradient(lambda moved: np.sum(delta * (y_prev @ w + moved)) / m, b),
        oracles.gradient(lambda moved: np.sum(delta * (sigmoid(moved) @ w)), before),
    ]


def _rows_with(**wrong: Callable[[Array, Array, Array], Any]) -> Callable[[Array, Array, Array], list[Any]]:
    """One step back with one of its three results replaced."""

    def answer(delta: Array, y_prev: Array, w: Array) -> list[Any]:
        right = zip(("dw", "db", "delta_prev"), _row_backward(delta, y_prev, w), strict=True)
        return [wrong[name](delta, y_prev, w) if name in wrong else value for name, value in right]

    return answer


EXERCISE = Exercise(
    id="06.6",
    name="row_backward",
    title="One step back in row convention",
    points=3,
    minutes=12,
    difficulty=3,
    part=("dw", "db", "delta_prev"),
    allows=("sigmoid",),
    cases=_cases_rows,
    reference=_row_backward,
    plain=(1,),
    oracle=_row_backward_oracle,
    hints=(
        "Every formula is the transpose of yours: transpose both sides, and turn each product around.",
        "Go by shapes. The gradient of w has w's shape (n_prev, n); the bias is a row (1, n); the error before has a row for each example.",
        "The slope of the layer before comes from y_prev, which is its sigmoid output: no z is needed. The mean over the rows runs down.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "column formulas",
            lambda delta, y_prev, w: [delta @ y_prev.T / delta.shape[1], delta.mean(axis=1, keepdims=True), (w.T @ delta) * y_prev * (1 - y_prev)],
            "You used the formulas for columns as they are. With examples as rows every product turns around.",
        ),
        Mistake(
            "y_prev not transposed",
            lambda delta, y_prev, w: [y_prev @ delta / len(delta), delta.mean(axis=0, keepdims=True), (delta @ w.T) * y_prev * (1 - y_prev)],
            "In the gradient of w the sum has to run over the examples, which are the rows of both factors. Which factor must be turned?",
        ),
        Mistake(
            "gradient of w transposed",
            lambda delta, y_prev, w: [delta.T @ y_prev / len(delta), *_row_backward(delta, y_prev, w)[1:]],
            "The gradient of w has w's shape: a row for each neuron before, a column for each neuron here.",
        ),
        Mistake(
            "w not transposed",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], (delta @ w) * y_prev * (1 - y_prev)],
            "The gradients are right. Going back, w has to be transposed here too: compare the shapes with layers of different size.",
        ),
        Mistake(
            "no 1/m",
            lambda delta, y_prev, w: [y_prev.T @ delta, delta.sum(axis=0, keepdims=True), _row_backward(delta, y_prev, w)[2]],
            "The gradients are sums over the examples; the cost is their mean.",
        ),
        Mistake(
            "divided by the number of columns",
            lambda delta, y_prev, w: [
                y_prev.T @ delta / delta.shape[1],
                delta.sum(axis=0, keepdims=True) / delta.shape[1],
                _row_backward(delta, y_prev, w)[2],
            ],
            "You divide by the number of columns, which are neurons here. Examples are rows.",
        ),
        Mistake(
            "slope left out",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], delta @ w.T],
            "The gradients are right. The error before lacks the slope of the activation that it passes.",
        ),
        Mistake(
            "σ' of y_prev",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], (delta @ w.T) * prime(y_prev)],
            "The gradients are right. You take the slope at y_prev, an activation already. A sigmoid's slope can be written with its output.",
        ),
        Mistake(
            "1/m in the error",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], _row_backward(delta, y_prev, w)[2] / len(delta)],
            "The gradients are right. The error belongs to one example each: no 1/m goes back.",
        ),
        Mistake(
            "no 1/m in dw",
            _rows_with(dw=lambda delta, y_prev, w: y_prev.T @ delta),
            "db and delta_prev are right. dw is the sum over the rows; the cost is the mean over the examples.",
        ),
        Mistake(
            "no 1/m in db",
            _rows_with(db=lambda delta, y_prev, w: delta.sum(axis=0, keepdims=True)),
            "dw and delta_prev are right. db is the sum over the rows; the cost is the mean over the examples.",
        ),
        Mistake(
            "db flat",
            _rows_with(db=lambda delta, y_prev, w: delta.mean(axis=0)),
            "dw and delta_prev are right, and db's numbers are. But they lie in a flat array, (n,); a bias is a row here, (1, n).",
        ),
        Mistake(
            "db over the neurons",
            _rows_with(db=lambda delta, y_prev, w: delta.mean(axis=1, keepdims=True)),
            "dw and delta_prev are right. Your mean for db runs along the rows, over the neurons. Examples are rows: it has to run down.",
        ),
        Mistake(
            "one bias for the layer",
            _rows_with(db=lambda delta, y_prev, w: delta.sum() / len(delta)),
            "dw and delta_prev are right. db is a single number, as for one bias in the whole layer (06.4). Here each neuron has its own.",
        ),
        Mistake(
            "db not averaged",
            _rows_with(db=lambda delta, y_prev, w: delta),
            "dw and delta_prev are right. db still has a row for each example, as in text R, which forgot the batch: take the mean over the rows.",
        ),
        Mistake(
            "y for its slope",
            _rows_with(delta_prev=lambda delta, y_prev, w: (delta @ w.T) * y_prev),
            "The gradients are right. Going back you multiply by the output y_prev, where the slope belongs.",
        ),
        Mistake(
            "through the new w",
            _rows_with(delta_prev=lambda delta, y_prev, w: (delta @ (w - y_prev.T @ delta / len(delta)).T) * y_prev * (1 - y_prev)),
            "The gradients are right. The error went back through weights that were changed already, as in text R. First go back, then update.",
        ),
        Mistake(
            "bias first",
            lambda delta, y_prev, w: [_row_backward(delta, y_prev, w)[k] for k in (1, 0, 2)],
            "The arrays stand in another order. Asked are dw, db, delta_prev.",
        ),
        Mistake(
            "error first",
            lambda delta, y_prev, w: [_row_backward(delta, y_prev, w)[k] for k in (2, 0, 1)],
            "The arrays stand in another order. Asked are dw, db, delta_prev, in the order in which they are found.",
        ),
        Mistake(
            "sign",
            lambda delta, y_prev, w: [-part for part in _row_backward(delta, y_prev, w)],
            "Every sign is turned: the minus belongs to the update.",
        ),
        *mistakes_of(
            _rows_with,
            (
                Slip(
                    "dw",
                    lambda delta, y_prev, w: y_prev.T @ delta / delta.shape[1],
                    "dw divided by the number of columns",
                    "db and delta_prev are right. You divide dw by the number of columns, which are neurons here. Examples are rows.",
                ),
                Slip(
                    "dw",
                    lambda delta, y_prev, w: (y_prev * (1 - y_prev)).T @ delta / len(delta),
                    "slope in dw",
                    "db and delta_prev are right. In dw stand slopes of the layer before. What came in along the weights is its output, "
                    "y_prev. Did you change y_prev itself on the way?",
                    alone=True,
                ),
                Slip(
                    "dw",
                    lambda delta, y_prev, w: delta.T @ y_prev,
                    "dw transposed, not averaged",
                    "db and delta_prev are right. dw has its rows and columns swapped, and is a sum over the rows where a mean is asked.",
                    alone=True,
                ),
                Slip(
                    "db",
                    lambda delta, y_prev, w: delta.sum(axis=1, keepdims=True),
                    "db summed over the neurons",
                    "dw and delta_prev are right. Your sum for db runs along the rows, over the neurons. Examples are rows: take the mean down.",
                    alone=True,
                ),
                Slip(
                    "delta_prev",
                    lambda delta, y_prev, w: (delta @ w.T) * (1 - y_prev**2),
                    "slope of tanh",
                    "The gradients are right. 1 - y² is the slope of tanh; the layer before is made of sigmoids.",
                ),
                Slip(
                    "delta_prev",
                    lambda delta, y_prev, w: (delta @ w.T) * (1 - y_prev),
                    "1 - y for the slope",
                    "The gradients are right. 1 - y is half of the sigmoid's slope; the other factor is missing.",
                ),
                Slip(
                    "delta_prev",
                    lambda delta, y_prev, w: -(delta @ w.T) * y_prev * (1 - y_prev),
                    "sign of delta_prev",
                    "The gradients are right. Going back the sign has turned: no minus stands on the way.",
                    alone=True,
                ),
                Slip(
                    "delta_prev",
                    lambda delta, y_prev, w: (delta * delta * (1 - delta)) @ w.T,
                    "slope at the wrong end",
                    "The gradients are right. You build a slope from delta. The slope comes from the layer that you arrive at, from y_prev.",
                    alone=True,
                ),
            ),
        ),
        Mistake(
            "no 1/m; slope left out",
            lambda delta, y_prev, w: [y_prev.T @ delta, delta.sum(axis=0, keepdims=True), delta @ w.T],
            "Two slips at once: the gradients are sums over the examples, where the mean is asked; and the error before lacks its slope.",
            slips=2,
        ),
    ),
)
