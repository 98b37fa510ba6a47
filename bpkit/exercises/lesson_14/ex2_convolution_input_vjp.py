"""14.2: the error of the input of a convolution."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_14.shared import Array, laid_on
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    sizes = (((3, 3), (3, 3), 2), ((2, 3), (4, 2), 3), ((3, 1), (2, 2), 1))
    cases = []
    for shape, places, m in sizes:
        K, delta = rng.normal(size=shape), rng.normal(size=(*places, m))
        if m == 3:
            K[1, 2] = K[0, 0]  # a weight is known by its place, not by its value
        cases.append(Case(f"K {shape[0]}×{shape[1]}, delta {places[0]}×{places[1]}, m = {m}", (K, delta)))
    return cases


def _reference(K: Array, delta: Array) -> Array:
    rows, columns, m = delta.shape
    height, width = K.shape
    dx = np.zeros((rows + height - 1, columns + width - 1, m))
    for u in range(height):
        for v in range(width):
            dx[u : u + rows, v : v + columns] += K[u, v] * delta
    return dx


def _oracle(K: Array, delta: Array) -> Array:
    # convolution is linear: how the outputs move with one input entry is the convolution of an image that is 1 there and 0 elsewhere
    height, width = (n + k - 1 for n, k in zip(delta.shape, K.shape, strict=False))
    moves = laid_on(np.eye(height * width).reshape(height, width, -1), K)
    return np.einsum("ijp,ije->pe", moves, delta).reshape(height, width, -1)


def _formula(
    kernel: Callable[[Array], Array] = lambda K: K,
    put: Callable[[Array, Array], Array] = lambda there, new: there + new,
    factor: Callable[[Array, Array], Any] = lambda K, delta: 1.0,
    size: Callable[[Array, Array], Any] = lambda dx, K: dx,
) -> Answer:
    """An answer with a part for each thing to get wrong: which kernel, how shares meet, a factor, what is kept."""

    def answer(K: Array, delta: Array) -> Array:
        rows, columns, m = delta.shape
        used = kernel(K)
        dx = np.zeros((rows + used.shape[0] - 1, columns + used.shape[1] - 1, m))
        for u, v in np.ndindex(*used.shape):
            dx[u : u + rows, v : v + columns] = put(dx[u : u + rows, v : v + columns], used[u, v] * delta)
        return factor(K, delta) * size(dx, K)

    return answer


def _by_places(K: Array, delta: Array) -> Array:
    """Each place puts its share where others have put theirs."""
    dx = np.zeros_like(_reference(K, delta))
    for i, j in np.ndindex(*delta.shape[:2]):
        dx[i : i + K.shape[0], j : j + K.shape[1]] = K[:, :, None] * delta[i, j]
    return dx


_AVERAGED = "averaged over the examples"

EXERCISE = Exercise(
    id="14.2",
    name="convolution_input_vjp",
    title="The error of the input of a convolution",
    points=2,
    minutes=9,
    difficulty=2,
    cases=_cases,
    reference=_reference,
    oracle=_oracle,
    hints=(
        "Which places of the output does one input entry reach? At each of them it met another weight of the kernel.",
        "Go through the weights in place of the inputs: weight (u, v) carried input (i + u, j + v) to output (i, j). Backwards it carries delta at "
        "(i, j) to that input.",
        "Start with zeros of the input's shape. For each weight add delta, scaled by the weight, to the block of that shape whose corner is (u, v).",
    ),
    mistakes=(
        Mistake(
            "kernel laid on delta",
            lambda K, delta: laid_on(delta, K) if min(np.subtract(delta.shape[:2], K.shape)) >= 0 else delta,
            "You laid the kernel on delta where it fits. Entries at the border of the input were used too, by fewer places: the result has the "
            "input's shape, which is larger than that of delta.",
        ),
        Mistake(
            "every weight everywhere",
            lambda K, delta: np.full((delta.shape[0] + K.shape[0] - 1, delta.shape[1] + K.shape[1] - 1, delta.shape[2]), K.sum() * delta.sum((0, 1))),
            "Every input entry gets all of it. An entry reaches only the places whose patch holds it.",
        ),
        Mistake(
            "= for +=, by places",
            _by_places,
            "Each place overwrites what the places before it have sent. An input entry under several patches collects from all of them.",
        ),
        Mistake(
            "last row and column of the kernel left out",
            lambda K, delta: np.pad(_reference(K[:-1, :-1], delta), ((0, 1), (0, 1), (0, 0))),
            "The last row and column of the kernel send nothing. `range(n)` ends before n: n itself is where it has to stop.",
        ),
        Mistake(
            "a row and a column too many",
            lambda K, delta: np.pad(_reference(K, delta), ((0, 1), (0, 1), (0, 0))),
            "You have one row and one column too many, and they stay 0. The last place of the kernel ends with the last entry of the input.",
        ),
        Mistake(
            "first example for all",
            lambda K, delta: np.repeat(_reference(K, delta[:, :, :1]), delta.shape[2], axis=2),
            "Every example gets the error of the first. Each goes back by itself: the last axis is carried along.",
        ),
        Mistake(
            "divided by the number of uses",
            lambda K, delta: _reference(K, delta) / _reference(np.ones_like(K), np.ones_like(delta)),
            "You divide what an entry collects by the number of places that used it. Shares add up: nothing is averaged.",
        ),
        Mistake(
            "not for each example",
            lambda K, delta: np.broadcast_to(_reference(K, delta).sum(axis=2, keepdims=True), _reference(K, delta).shape),
            "You add over the examples. The kernel is shared by all examples, the input is not: each example gets its own.",
        ),
        *mistakes_of(
            _formula,
            (
                Slip(
                    "kernel",
                    lambda K: K[::-1, ::-1],
                    "kernel turned the wrong way",
                    "Each share goes along the wrong weight: the kernel is turned by 180 degrees against what is needed. In the forward pass, which "
                    "input met the first weight of the kernel at output (0, 0)?",
                ),
                Slip(
                    "kernel",
                    lambda K: K[::-1],
                    "rows in the wrong order",
                    "The kernel's rows are in the wrong order, its columns are not. Turning by 180 degrees reverses both.",
                ),
                Slip(
                    "kernel",
                    lambda K: K[:, ::-1],
                    "columns in the wrong order",
                    "The kernel's columns are in the wrong order, its rows are not. Turning by 180 degrees reverses both.",
                ),
                Slip(
                    "kernel",
                    lambda K: K.T,
                    "kernel transposed",
                    "You swapped the kernel's rows and columns. The transpose in this step is that of the large matrix, whose rows are places; "
                    "the kernel itself is not transposed.",
                ),
                Slip(
                    "kernel",
                    lambda K: np.ones_like(K),
                    "kernel left out",
                    "You add up delta over the places, without the weights on the way. With which weight did the input reach each place?",
                ),
                Slip("kernel", lambda K: K**2, "weights squared", "Each share is scaled by its weight twice.", alone=True),
                Slip(
                    "put",
                    lambda there, new: new,
                    "= for +=",
                    "Each turn of your loop overwrites what came before. An input entry under several patches collects from all of them.",
                ),
                Slip(
                    "put",
                    lambda there, new: np.where(np.abs(new) > np.abs(there), new, there),
                    "largest share only",
                    "You keep the largest share of each entry. The shares of all places add up.",
                    alone=True,
                ),
                Slip("factor", lambda K, delta: -1.0, "sign", "The sign of every entry is turned."),
                Slip(
                    "factor",
                    lambda K, delta: 1 / delta.shape[2],
                    _AVERAGED,
                    "You divide by the number of examples. What comes in is the error of each example, and each goes back by itself.",
                ),
                Slip(
                    "factor",
                    lambda K, delta: 1 / K.size,
                    "divided by the kernel's size",
                    "You divide by the number of weights. An output is a sum over its patch, not a mean.",
                ),
                Slip(
                    "factor",
                    lambda K, delta: 1 / delta[:, :, 0].size,
                    "divided by the number of places",
                    "You divide by the number of places. Each place sends back its whole share.",
                    alone=True,
                ),
                Slip(
                    "size",
                    lambda dx, K: dx[: dx.shape[0] - K.shape[0] + 1, : dx.shape[1] - K.shape[1] + 1],
                    "cut off to the shape of delta",
                    "The result has the shape of delta. It belongs to the input, which has more rows and columns.",
                ),
            ),
        ),
        Mistake(
            "the mean of the examples in each",
            lambda K, delta: _reference(K, np.broadcast_to(delta.mean(axis=2, keepdims=True), delta.shape)),
            "Every image has the same numbers in your answer, a mean over the images. Each image has an error of its own.",
        ),
    ),
)
