"""What several exercises of lesson 04 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL
from bpkit.exercises.model import Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.pooled import column_for_all
from bpkit.exercises.slips import Slip

Array = np.ndarray


def prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def softmax_columns(z: Array) -> Array:
    """Column by column; complex steps pass through it."""
    e = np.exp(z - np.max(z.real, axis=0))
    return e / e.sum(axis=0)


def shaped(returned: Any, shape: tuple[int, ...]) -> Array | None:
    """What was returned as finite numbers of that shape, or None."""
    try:
        array = np.asarray(returned)
    except ValueError:
        return None
    return array if array.shape == shape and array.dtype.kind in "biuf" and np.isfinite(array).all() else None


def overflows(right: Callable[[Array], Array], safe: float = 0.0) -> Callable[..., bool]:
    """Tells an answer that is right wherever it is a number, and elsewhere is nan or infinite, however it was written.

    Where z is smaller than `safe` it has to be a number.
    """

    def recognised(returned: Any, z: Array) -> bool:
        try:
            found, wanted = np.asarray(returned, dtype=float), np.asarray(right(z))
        except (TypeError, ValueError):
            return False
        if found.shape != wanted.shape:
            return False
        finite = np.isfinite(found)
        if np.any(~finite & (np.abs(z) < safe)):
            return False
        return bool(np.allclose(found[finite], wanted[finite], rtol=0, atol=RTOL * np.abs(wanted).max(initial=0.0)))

    return recognised


def columns_sum_to_zero(returned: Any, shape: tuple[int, ...], what: str) -> str | None:
    """The invariance under adding one number to a whole column of z, as a clue."""
    found = shaped(returned, shape)
    if found is None or np.allclose(found.sum(axis=0), 0, atol=1e-6 * np.abs(found).max()):
        return None
    sums = found.sum(axis=0)
    worst = int(np.argmax(np.abs(sums)))
    return (
        f"Add the same number to every z of an example: softmax stays as it is, and so does the cost. So each column of {what} has to sum to 0. "
        f"Your column {worst} (counting from 0) sums to {sums[worst]:.2g}."
    )


def subtracted_from_each(returned: Any, a: Array, g: Array, what: str) -> str | None:
    """Says that a ⊙ (g - a number for each example) was built, with another number than the weighted mean; None if something else was."""
    found = shaped(returned, a.shape)
    if found is None or len(a) < 3:  # of two outputs any two numbers may be of that form nearly
        return None
    subtracted = g - found / a
    if not np.allclose(subtracted, subtracted[0], rtol=1e-6, atol=1e-9):
        return None
    means = np.sum(a * g, axis=0)
    wrong = np.flatnonzero(~np.isclose(subtracted[0], means, rtol=1e-6, atol=1e-9))
    if not len(wrong):
        return None
    return (
        f"The factor a in front is right, and from each entry of {what} you subtract one number for each example, as it should be. It is another "
        f"number than the mean of {what} weighted with a: in column {wrong[0]} (counting from 0) you subtract {subtracted[0, wrong[0]]:.4g}."
    )


def vjp_of_softmax(a: Array, g: Array) -> Array:
    return a * (g - np.sum(a * g, axis=0))


def mean_of_the_examples(right: Callable[[Array, Array], Array], hint: str) -> Mistake:
    """One column for all examples, the mean of theirs."""

    def mean(one: Array, other: Array) -> Array:
        return right(one, other).mean(axis=1, keepdims=True)

    def repeated(one: Array, other: Array) -> Array:
        return np.repeat(mean(one, other), one.shape[1], axis=1)

    return Mistake("mean of the examples", repeated, hint, recognise=column_for_all(mean, lambda one, other: one.shape[1]))


# what stands for the mean of g, weighted with a, in the backward pass of softmax
MEANS = (
    Slip("mean", lambda a, g: g.mean(axis=0), "plain mean", "the plain mean is subtracted, where the Jacobian weighs each entry with its activation"),
    Slip("mean", lambda a, g: g.sum(axis=0), "sum not weighted", "a plain sum is subtracted, where each entry meets its activation before the sum"),
    Slip("mean", lambda a, g: np.sum(a * g), "one mean for all examples", "the weighted mean runs over all examples at once"),
    Slip("mean", lambda a, g: np.sum(a * g, axis=1, keepdims=True), "wrong axis", "the sum runs along the rows, over the examples"),
    Slip("mean", lambda a, g: np.mean(a * g, axis=0), "np.mean for a weighted mean", "the weighted sum is divided by the number of outputs"),
)
