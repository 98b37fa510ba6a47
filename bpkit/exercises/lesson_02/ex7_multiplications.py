"""02.7: What forward and reverse order cost."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _forward_cheaper(rng: np.random.Generator, length: int) -> list[int]:
    """Different sizes whose product costs less in forward order; turned round, the two orders change places."""
    while True:
        sizes = [int(n) for n in rng.permutation(np.arange(2, 10))[:length]]
        forward, reverse = (_multiplications(sizes, mode) for mode in ("forward", "reverse"))
        if forward != reverse:
            return sizes if forward < reverse else sizes[::-1]


def _cases_multiplications(rng: np.random.Generator) -> list[Case]:
    cases = []
    for length in (4, 5):
        sizes = _forward_cheaper(rng, length)  # in reverse the last ones are
        cases += [Case(f"sizes {'-'.join(map(str, sizes))}, {mode}", (sizes, mode)) for mode in ("forward", "reverse")]
    one, two, three = (int(n) for n in rng.permutation(np.arange(2, 10))[:3])
    for sizes in ([one, two, one, 1, three, three, three, two], [one, two, three]):  # what comes again counts again; one product only
        cases += [Case(f"sizes {'-'.join(map(str, sizes))}, {mode}", (sizes, mode)) for mode in ("forward", "reverse")]
    sizes = [int(n) for n in rng.permutation(np.arange(2, 10))[:4]] + [1]
    return [*cases, *(Case(f"sizes {'-'.join(map(str, sizes))}, {mode}", (sizes, mode)) for mode in ("forward", "reverse"))]


def _each_product(sizes: Sequence[int], mode: str, price: Callable[[int, int, int], float]) -> float:
    """The sum over the products of `price(rows, between, columns)`."""
    if mode == "forward":
        return sum(price(n, n_prev, sizes[0]) for n_prev, n in itertools.pairwise(sizes[1:]))
    return sum(price(sizes[-1], n, n_prev) for n_prev, n in itertools.pairwise(sizes[:-1]))


def _multiplications(sizes: Sequence[int], mode: str) -> int:
    return int(_each_product(sizes, mode, lambda rows, between, columns: rows * between * columns))


def _other(mode: str) -> str:
    return "reverse" if mode == "forward" else "forward"


def _counted(sizes: Sequence[int], mode: str) -> int:
    """Multiply the Jacobians out by the definition of the product and count on the way."""
    jacobians = [np.arange(n * n_prev).reshape(n, n_prev) for n_prev, n in itertools.pairwise(sizes)]
    count = 0

    def product(left: Array, right: Array) -> Array:
        nonlocal count
        out = np.zeros((left.shape[0], right.shape[1]))
        for i, k, j in itertools.product(range(left.shape[0]), range(right.shape[1]), range(left.shape[1])):
            out[i, k] += left[i, j] * right[j, k]
            count += 1
        return out

    if mode == "forward":
        so_far = jacobians[0]
        for J in jacobians[1:]:
            so_far = product(J, so_far)
    else:
        so_far = jacobians[-1]
        for J in jacobians[-2::-1]:
            so_far = product(so_far, J)
    return count


EXERCISE = Exercise(
    id="02.7",
    name="multiplications",
    title="What forward and reverse order cost",
    points=2,
    minutes=9,
    difficulty=3,
    allows=("sigmoid",),
    cases=_cases_multiplications,
    reference=_multiplications,
    oracle=_counted,
    hints=(
        "How many multiplications does a product of a p×q matrix with a q×r matrix take? Each of its entries is a sum of how many products?",
        "Forward: what has been multiplied so far always has as many columns as there are inputs. Write its shape after each product. "
        "Reverse: which of its two sides stays the same there?",
        "L Jacobians need L - 1 products. Forward, product number l joins layer l + 1, layer l and the inputs; in reverse, the outputs and two "
        "neighbouring layers. Multiply three sizes for each product, and add.",
    ),
    mistakes=(
        Mistake(
            "orders swapped",
            lambda sizes, mode: _multiplications(sizes, _other(mode)),
            "Your two counts have changed places. Forward starts at the inputs, so the number of inputs stays in every product.",
        ),
        Mistake(
            "sum for product",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows + between + columns),
            "For each product you add the three sizes. How many entries does the result have, and what does each of them cost?",
        ),
        Mistake(
            "always forward",
            lambda sizes, mode: _multiplications(sizes, "forward"),
            "Forward is right. In reverse the product starts at the other end: which size stays in every product there?",
        ),
        Mistake(
            "always reverse",
            lambda sizes, mode: _multiplications(sizes, "reverse"),
            "Reverse is right. Forward the product starts at the other end: which size stays in every product there?",
        ),
        Mistake(
            "neighbours only",
            lambda sizes, mode: sum(a * b * c for a, b, c in zip(sizes, sizes[1:], sizes[2:], strict=False)),
            "You multiply the sizes of three neighbouring layers. After the first product one factor is a result, and its outer side is "
            "not the neighbouring layer's.",
        ),
        Mistake(
            "a product too many",
            lambda sizes, mode: (
                _multiplications(sizes, mode) + (sizes[1] * sizes[0] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-1] * sizes[-2])
            ),
            "You count one product for each Jacobian. Two matrices need one product, three need two: with what would the first one be multiplied?",
        ),
        Mistake(
            "matrix with a vector",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows * between if mode == "forward" else between * columns),
            "You count as if a single column (or row) were carried along. Here whole Jacobians are multiplied: how many columns, or rows, does the "
            "result so far have?",
        ),
        Mistake(
            "entries of the Jacobians",
            lambda sizes, mode: sum(n * n_prev for n_prev, n in itertools.pairwise(sizes)),
            "You count the entries of the Jacobians. Asked are the multiplications in their product.",
        ),
        Mistake(
            "product of all sizes",
            lambda sizes, mode: int(np.prod(sizes)),
            "You multiply all sizes with each other: that is the number of paths. Matrix products are done one after the other, and their costs add.",
        ),
        Mistake(
            "additions counted too",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows * columns * (2 * between - 1)),
            "You count additions as well. Asked are the multiplications alone.",
        ),
        Mistake(
            "first product only",
            lambda sizes, mode: sizes[2] * sizes[1] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-2] * sizes[-3],
            "That is the cost of the first product. Go on until all Jacobians are multiplied, and add the costs.",
        ),
        Mistake(
            "first product left out",
            lambda sizes, mode: (
                _multiplications(sizes, mode) - (sizes[2] * sizes[1] * sizes[0] if mode == "forward" else sizes[-1] * sizes[-2] * sizes[-3])
            ),
            "The first product is missing from your sum. Where does your loop start?",
        ),
        Mistake(
            "last product left out",
            lambda sizes, mode: _multiplications(sizes, mode) - sizes[-1] * sizes[-2 if mode == "forward" else 1] * sizes[0],
            "The last product is missing from your sum: the one that joins what has been multiplied so far with the last Jacobian in line. Where "
            "does your loop end?",
        ),
        Mistake(
            "last product only",
            lambda sizes, mode: sizes[-1] * sizes[-2 if mode == "forward" else 1] * sizes[0],
            "That is the cost of the last product. Those before it have to be paid, too: add them.",
        ),
        Mistake(
            "entries of the result",
            lambda sizes, mode: sizes[0] * sizes[-1],
            "That is how many entries the whole Jacobian has, whatever the order. Each of them is a sum of products, and so are those on the way.",
        ),
        Mistake(
            "as many additions as multiplications",
            lambda sizes, mode: 2 * _multiplications(sizes, mode),
            "Twice what is asked: you count an addition with each multiplication. Asked are the multiplications alone.",
        ),
        Mistake(
            "size of a hidden layer kept",
            lambda sizes, mode: (
                sum(n * n_prev * sizes[1] for n_prev, n in itertools.pairwise(sizes[1:]))
                if mode == "forward"
                else sum(n * n_prev * sizes[-2] for n_prev, n in itertools.pairwise(sizes[:-1]))
            ),
            "In each product you keep the size of the layer beside the end. What has been multiplied so far reaches to the end itself: how many "
            "columns has it forward, how many rows in reverse?",
        ),
        Mistake(
            "entries of each product",
            lambda sizes, mode: _each_product(sizes, mode, lambda rows, between, columns: rows * columns),
            "For each product you count the entries of its result. Each entry is a sum of several multiplications: how many?",
        ),
        Mistake(
            "inputs kept in reverse too",
            lambda sizes, mode: (
                _multiplications(sizes, mode) if mode == "forward" else sizes[0] * sum(n * n_prev for n_prev, n in itertools.pairwise(sizes[:-1]))
            ),
            "Forward is right. In reverse you keep the number of inputs in every product: what has been multiplied so far ends at the other side.",
        ),
        Mistake(
            "outputs kept forward too",
            lambda sizes, mode: (
                _multiplications(sizes, mode) if mode == "reverse" else sizes[-1] * sum(n * n_prev for n_prev, n in itertools.pairwise(sizes[1:]))
            ),
            "Reverse is right. Forward you keep the number of outputs in every product: what has been multiplied so far ends at the other side.",
        ),
        Mistake(
            "the cheaper order",
            lambda sizes, mode: min(_multiplications(sizes, "forward"), _multiplications(sizes, "reverse")),
            "Whatever the mode, you return the smaller of the two counts. Asked is what the order given costs, also where it is the dearer one.",
        ),
    ),
)
