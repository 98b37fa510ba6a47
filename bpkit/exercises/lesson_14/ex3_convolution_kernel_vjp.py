"""14.3: the gradient of a kernel, with a stride."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_14.shared import Array, laid_on
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.run import Shape
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    # a row over in the second, a row and a column in the third, so that sizes do not tell the stride;
    # never as many places as weights: a mean over the ones is no mean over the others
    sizes = (((6, 6), (3, 3), 1, 2), ((4, 7), (1, 3), 2, 3), ((7, 5), (2, 2), 2, 1), ((8, 8), (2, 2), 3, 2))
    cases = []
    for image, kernel, stride, m in sizes:
        places = [(n - k) // stride + 1 for n, k in zip(image, kernel, strict=True)]
        args = (rng.normal(size=(*image, m)), rng.normal(size=(*places, m)), Shape(kernel), stride)
        cases.append(Case(f"x {image[0]}×{image[1]}, kernel {kernel[0]}×{kernel[1]}, stride {stride}, m = {m}", args))
    return cases


def _reference(x: Array, delta: Array, shape: Sequence[int], stride: int) -> Array:
    rows, columns, _ = delta.shape
    dK = np.zeros(shape)
    for u in range(shape[0]):
        for v in range(shape[1]):
            met = x[u : u + stride * rows : stride, v : v + stride * columns : stride]
            dK[u, v] = np.sum(met * delta)
    return dK


def _oracle(x: Array, delta: Array, shape: Sequence[int], stride: int) -> Array:
    return oracles.gradient(lambda K: np.sum(delta * laid_on(x, K, stride)), np.zeros(tuple(shape)))


def _formula(
    met: Callable[[Array, int, int, Any, int], Array] = lambda x, u, v, places, s: x[u : u + s * places[0] : s, v : v + s * places[1] : s],
    error: Callable[[Array], Array] = lambda delta: delta,
    collect: Callable[[Array], Any] = np.sum,
    turn: Callable[[Array], Array] = lambda dK: dK,
    factor: Callable[[Array], float] = lambda delta: 1.0,
) -> Answer:
    """An answer with a part for each thing to get wrong: which inputs a weight met, the error, how products are collected, the order, a factor."""

    def answer(x: Array, delta: Array, shape: Sequence[int], stride: int) -> Array:
        dK = np.zeros(tuple(shape))
        for u, v in np.ndindex(*dK.shape):
            dK[u, v] = collect(met(x, u, v, delta.shape, stride) * error(delta))
        return factor(delta) * turn(dK)

    return answer


EXERCISE = Exercise(
    id="14.3",
    name="convolution_kernel_vjp",
    title="The gradient of a kernel, with a stride",
    points=3,
    minutes=10,
    difficulty=2,
    cases=_cases,
    reference=_reference,
    oracle=_oracle,
    hints=(
        "One weight is used once at every place, for every example. What does a shared weight get from its uses?",
        "At place (i, j) the weight (u, v) met one entry of x. Its row is u plus the row where the patch of that place begins; how far apart do "
        "patches begin?",
        "For fixed (u, v), the entries that it met are a slice of x with a step: it starts at u and v, takes as many rows and columns as delta has. "
        "Multiply by delta entry by entry, and sum over everything.",
    ),
    mistakes=(
        Mistake(
            "examples added up first",
            lambda x, delta, shape, stride: _reference(x.sum(axis=2, keepdims=True), delta.sum(axis=2, keepdims=True), shape, stride),
            "You add the examples up before you multiply. Each example pairs its own x with its own delta; the products are added.",
        ),
        Mistake(
            "turned like the input's",
            lambda x, delta, shape, stride: _formula(met=lambda x, u, v, p, s: x[::-1, ::-1][u : u + s * p[0] : s, v : v + s * p[1] : s])(
                x, delta, shape, stride
            ),
            "You turned the image. The kernel is turned on the way to the input; for the kernel's own gradient nothing is turned.",
        ),
        *mistakes_of(
            _formula,
            (
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[u : u + p[0], v : v + p[1]],
                    "stride left out",
                    "You take neighbouring entries of x. Patches begin a stride apart, so the entries that one weight met lie a stride apart.",
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[s * u : s * u + p[0], s * v : s * v + p[1]],
                    "stride on the kernel's index",
                    "The stride multiplies the weight's own index. It belongs to the place: patches lie a stride apart, the weights within a patch "
                    "do not.",
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[u : u + s * p[0] : s, v : v + p[1]],
                    "stride on the rows alone",
                    "The rows lie a stride apart, the columns do not. Places lie a stride apart in both directions.",
                    alone=True,
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[u : u + p[0], v : v + s * p[1] : s],
                    "stride on the columns alone",
                    "The columns lie a stride apart, the rows do not. Places lie a stride apart in both directions.",
                    alone=True,
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[s * u : s * u + p[0], v : v + s * p[1] : s],
                    "stride on the kernel's index in the rows",
                    "The columns are right. In the rows the stride multiplies the weight's own index: patches lie a stride apart, the weights within "
                    "a patch do not.",
                    alone=True,
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[u : u + s * p[0] : s, s * v : s * v + p[1]],
                    "stride on the kernel's index in the columns",
                    "The rows are right. In the columns the stride multiplies the weight's own index: patches lie a stride apart, the weights within "
                    "a patch do not.",
                    alone=True,
                ),
                Slip(
                    "met",
                    lambda x, u, v, p, s: x[: s * p[0] : s, : s * p[1] : s],
                    "every weight at the corner",
                    "All weights get the same number: you pair each of them with the first entry of the patches. Where in the patch does weight "
                    "(u, v) lie?",
                ),
                Slip(
                    "error",
                    lambda delta: delta[::-1, ::-1],
                    "delta turned by 180 degrees",
                    "You turned delta. Place (i, j) of the output saw the patch at (i, j): nothing is turned here.",
                ),
                Slip(
                    "error",
                    lambda delta: np.ones_like(delta),
                    "delta left out",
                    "You sum the entries that each weight met. That is how far the sum of all outputs moves; each output has its own error.",
                    alone=True,
                ),
                Slip(
                    "error", np.abs, "size of delta", "You take the size of delta. An error has a sign, and shares of both signs cancel.", alone=True
                ),
                Slip(
                    "collect",
                    lambda products: products[-1, -1].sum(),
                    "last place only",
                    "Only the last place counts: did each turn of a loop overwrite the one before? The weight is used at every place.",
                ),
                Slip(
                    "collect",
                    lambda products: products[..., -1].sum(),
                    "last example only",
                    "Only the last example counts. All examples share the kernel, so they are summed.",
                    alone=True,
                ),
                Slip(
                    "collect",
                    lambda products: products[..., 0].sum(),
                    "first example only",
                    "Only the first example counts. All examples share the kernel, so they are summed.",
                    alone=True,
                ),
                Slip(
                    "collect",
                    lambda products: products.sum() / products[..., 0].size,
                    "mean over the places",
                    "You average over the places. A shared weight gets the sum of what its uses send back: nothing is shared out.",
                ),
                Slip(
                    "turn",
                    lambda dK: dK[::-1, ::-1],
                    "gradient turned by 180 degrees",
                    "The numbers are right and lie turned by 180 degrees: entry (u, v) of the gradient belongs to entry (u, v) of the kernel.",
                ),
                Slip(
                    "turn",
                    lambda dK: dK[:, ::-1],
                    "columns in reverse order",
                    "The numbers are right, and the columns are in reverse order.",
                    alone=True,
                ),
                Slip(
                    "turn",
                    lambda dK: dK.T,
                    "transposed",
                    "Rows and columns of the gradient are swapped. It has the kernel's shape.",
                    alone=True,
                ),
                Slip(
                    "turn",
                    lambda dK: dK / dK.size,
                    "divided by the kernel's size",
                    "You divide by the number of weights. Each weight gets the sum of what its own uses send back.",
                    alone=True,
                ),
                Slip("factor", lambda delta: -1.0, "sign", "The sign of every entry is turned."),
                Slip(
                    "factor",
                    lambda delta: 1 / delta.shape[2],
                    "averaged over the examples",
                    "You divide by the number of examples. The mean belongs to the cost, and stands in delta already; uses are summed.",
                ),
                Slip(
                    "factor",
                    lambda delta: 2.0,
                    "doubled",
                    "Every entry is twice what it should be. Each use is one product.",
                    alone=True,
                ),
            ),
            # one number in all places stays where it is turned
            told=(frozenset({"every weight at the corner", "gradient turned by 180 degrees"}),),
        ),
        Mistake(
            "x averaged over the examples",
            lambda x, delta, shape, stride: _reference(np.broadcast_to(x.mean(axis=2, keepdims=True), x.shape), delta, shape, stride),
            "Every delta meets the mean of the images. It belongs to one image, and meets that one.",
        ),
        Mistake(
            "places counted from the far end",
            lambda x, delta, shape, stride: _reference(
                x[tuple(slice(x.shape[k] - shape[k] - (delta.shape[k] - 1) * stride, None) for k in (0, 1))], delta, shape, stride
            ),
            "Your places end with the image. They begin with it: where the stride leaves a rest, it stays over at the far end.",
        ),
    ),
)
