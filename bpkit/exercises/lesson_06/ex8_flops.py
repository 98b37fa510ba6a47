"""06.8: What forward and backward cost."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    drawn = [int(n) for n in rng.integers(3, 20, size=4)]
    return [
        Case("sizes [784, 30, 10], m = 10", ([784, 30, 10], 10)),
        Case(f"sizes {drawn}, m = 7", (drawn, 7)),
        Case("sizes [5, 4], m = 3", ([5, 4], 3)),
        Case("sizes [9, 5, 9, 5, 5, 5], m = 1", ([9, 5, 9, 5, 5, 5], 1)),  # repeated, so that no size says which layer it is, and no pair of them
    ]


def _forward_products(sizes: list[int], m: int) -> int:
    return m * sum(n * n_prev for n_prev, n in pairwise(sizes))


def _flops(sizes: list[int], m: int) -> list[int]:
    forward = _forward_products(sizes, m)
    return [forward, 2 * forward - m * sizes[0] * sizes[1]]


def _with_biases(sizes: list[int], m: int) -> list[int]:
    counts = [m * (n_prev + 1) * n for n_prev, n in pairwise(sizes)]
    return [sum(counts), 2 * sum(counts) - counts[0]]


def _explain_flops(got: Any, sizes: list[int], m: int) -> str | None:
    """Which matrix product the first wrong count lacks or has too many, if it is one."""
    if not isinstance(got, list) or len(got) != 2 or not all(isinstance(count, int | float) for count in got):
        return None
    products = {l: m * n * n_prev for l, (n_prev, n) in enumerate(pairwise(sizes), start=1)}
    if len(set(products.values())) < max(len(products), 2):
        return None  # nothing to tell them apart by
    for name, mine, right in zip(("forward", "backward"), got, _flops(sizes, m), strict=True):
        if mine == right:
            continue
        layer = next((l for l, product in products.items() if abs(mine - right) == product), None)
        if layer is None:
            return None
        if mine < right:
            return f"For sizes {sizes}, m = {m}: {name} lacks just the multiplications of one product with W[{layer}]."
        return f"For sizes {sizes}, m = {m}: {name} has too many, by just the multiplications of one product with W[{layer}]."
    return None


def _flops_oracle(sizes: list[int], m: int) -> list[int]:
    """Count the multiplications of every matrix product, product by product."""

    def product(rows: int, inner: int, columns: int) -> int:
        return rows * inner * columns

    forward = sum(product(sizes[l], sizes[l - 1], m) for l in range(1, len(sizes)))
    gradients = sum(product(sizes[l], m, sizes[l - 1]) for l in range(1, len(sizes)))
    errors = sum(product(sizes[l], sizes[l + 1], m) for l in range(1, len(sizes) - 1))
    return [forward, gradients + errors]


EXERCISE = Exercise(
    id="06.8",
    name="flops",
    title="What forward and backward cost",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    part=("forward", "backward"),
    cases=_cases_sizes,
    reference=_flops,
    oracle=_flops_oracle,
    explain=_explain_flops,
    hints=(
        "A product of an (n, k) and a (k, m) matrix takes n·k·m multiplications. List the matrix products of the forward pass.",
        "The backward pass has two kinds of matrix products: one for the gradient of each W, one for carrying the error back to each hidden layer.",
        "BP4 has as many multiplications as the forward pass, in every layer. BP2 runs through every W but one. Which one is left out?",
    ),
    mistakes=(
        Mistake(
            "backward = forward",
            lambda sizes, m: [_forward_products(sizes, m)] * 2,
            "You say that backward costs as much as forward. Count its matrix products: there are two kinds.",
        ),
        Mistake(
            "backward = twice forward",
            lambda sizes, m: [_forward_products(sizes, m), 2 * _forward_products(sizes, m)],
            "Nearly. The error is not carried back to the inputs: one matrix product fewer.",
        ),
        Mistake(
            "m left out",
            lambda sizes, m: _flops(sizes, 1),
            "That is the price of one example. The batch has m of them.",
        ),
        Mistake(
            "BP4 left out",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] - _forward_products(sizes, m)],
            "The second number counts the errors alone. The gradients of the weights are matrix products as well.",
        ),
        Mistake(
            "biases counted",
            lambda sizes, m: [_forward_products(sizes, m) + m * sum(sizes[1:]), _flops(sizes, m)[1] + m * sum(sizes[1:])],
            "You counted the biases too. They are added, not multiplied.",
        ),
        Mistake(
            "biases counted as weights",
            lambda sizes, m: _with_biases(sizes, m),
            "You counted a bias with the weights of each neuron, as one more input. Biases are added, not multiplied.",
        ),
        Mistake(
            "sizes multiplied together",
            lambda sizes, m: [m * math.prod(sizes), 2 * m * math.prod(sizes) - m * sizes[0] * sizes[1]],
            "Forward you multiply the sizes of all layers. Each layer has a product of its own, and the products are done one after the other.",
        ),
        Mistake(
            "additions counted",
            lambda sizes, m: [2 * count for count in _flops(sizes, m)],
            "You count each multiplication with its addition. Asked are multiplications alone.",
        ),
        Mistake(
            "last W left out",
            lambda sizes, m: [_forward_products(sizes, m), 2 * _forward_products(sizes, m) - m * sizes[-1] * sizes[-2]],
            "Nearly. You leave out BP2's product with the last W. That one is needed; which layer's error does nobody ask for?",
        ),
        Mistake(
            "slopes counted",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] + m * sum(sizes[1:-1])],
            "You counted the ⊙ with the slopes too. Asked are the multiplications in matrix products alone.",
        ),
        Mistake(
            "slopes of every layer counted",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] + m * sum(sizes[1:])],
            "You counted the ⊙ with the slopes too. Asked are the multiplications in matrix products alone.",
        ),
        Mistake(
            "both passes together",
            lambda sizes, m: [_forward_products(sizes, m), _forward_products(sizes, m) + _flops(sizes, m)[1]],
            "The second number contains the forward pass. Asked is the backward pass alone.",
        ),
        Mistake(
            "ratio",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] / _forward_products(sizes, m)],
            "The second number is the ratio of the two. Asked is the count of the backward pass itself.",
        ),
        Mistake("order swapped", lambda sizes, m: _flops(sizes, m)[::-1], "The numbers are right, in the other order: forward first."),
        Mistake(
            "biases counted forward",
            lambda sizes, m: [_forward_products(sizes, m) + m * sum(sizes[1:]), _flops(sizes, m)[1]],
            "Backward is right. Forward you count something for each bias as well. Biases are added: no multiplication.",
        ),
    ),
)
