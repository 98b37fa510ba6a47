"""12.1: batch normalisation, forward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_12.shared import ALLOWED, Array, draw_gamma
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, width in ((4, 2, 2.0), (3, 3, 2e-4), (1, 5, 0.2), (2, 1, 0.5)):  # a batch of one leaves beta
        z = rng.normal(size=(n, m))
        if n > m > 1:
            z[0] *= 0.01  # a neuron that hardly varies: its variance lies below eps
        z += rng.normal(size=(n, 1))
        cases.append(
            Case(f"{n} neuron{'s' if n > 1 else ''}, m = {m}", (z, draw_gamma(rng, n), rng.normal(size=(n, 1)), float(width * rng.uniform(0.6, 1.4))))
        )
    return cases


def _batch_norm(z: Array, gamma: Array, beta: Array, eps: float) -> Array:
    centred = z - z.mean(axis=1, keepdims=True)
    variance = (centred * centred).mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt(variance + eps) + beta


def _oracle(z: Array, gamma: Array, beta: Array, eps: float) -> Array:
    """Neuron by neuron: the variance is half of the mean squared difference of two entries, drawn with repetition."""
    rows = []
    for row, c, b in zip(z, gamma[:, 0], beta[:, 0], strict=True):
        apart = row[:, None] - row[None, :]
        rows.append(c * apart.mean(axis=1) / np.sqrt((apart**2).mean() / 2 + eps) + b)
    return np.stack(rows)


def _in_parts(
    mean: Callable[[Array], Any] = lambda z: z.mean(axis=1, keepdims=True),
    variance: Callable[[Array], Any] = lambda z: z.var(axis=1, keepdims=True),
    divisor: Callable[[Any, float], Any] = lambda variance, eps: np.sqrt(variance + eps),
    joined: Callable[[Array, Array, Array], Array] = lambda z_hat, gamma, beta: gamma * z_hat + beta,
) -> Answer:
    return lambda z, gamma, beta, eps: joined((z - mean(z)) / divisor(variance(z), eps), gamma, beta)


_SLIPS = (
    Slip(
        "mean",
        lambda z: 0.0,
        "mean not subtracted",
        "You divide without subtracting the mean: the rows come out with the right width, around the wrong place.",
    ),
    Slip("mean", lambda z: z.mean(), "one mean for all neurons", "You subtract one mean from everything. Each neuron, a row, has a mean of its own."),
    Slip(
        "variance",
        lambda z: z.var(axis=1, ddof=1, keepdims=True) if z.shape[1] > 1 else np.nan * z,
        "divided by m - 1",
        "Your variance divides by m - 1, as statistics does to estimate. Here it is the plain mean of the squares.",
    ),
    Slip(
        "variance",
        lambda z: (z * z).mean(axis=1, keepdims=True),
        "mean square for variance",
        "Your variance is the mean of the squares of z itself. Take the mean off before you square.",
    ),
    Slip(
        "variance",
        lambda z: z.shape[1] * z.var(axis=1, keepdims=True),
        "sum of squares for variance",
        "Your variance is the sum of the squares. It is their mean.",
        alone=True,
    ),
    Slip(
        "mean",
        lambda z: z.mean(axis=0),
        "mean over the neurons",
        "Your mean is that of a column: one example with all of its neurons. The mean of a neuron is taken along its row.",
        alone=True,
    ),
    Slip(
        "mean",
        lambda z: np.median(z, axis=1, keepdims=True),
        "median for mean",
        "You subtract the median. μ is the mean of a row.",
        alone=True,
    ),
    Slip(
        "variance",
        lambda z: z.var(axis=0),
        "variance over the neurons",
        "Your variance is that of a column: one example with all of its neurons. The width of a neuron is taken along its row.",
        alone=True,
    ),
    Slip(
        "variance",
        lambda z: np.ptp(z, axis=1, keepdims=True) ** 2,
        "range for width",
        "You divide by the distance of the largest entry from the smallest. The width is the root of the mean square around the mean.",
        alone=True,
    ),
    Slip(
        "variance",
        lambda z: np.abs(z - z.mean(axis=1, keepdims=True)).mean(axis=1, keepdims=True) ** 2,
        "mean distance for width",
        "Your width is the mean distance from the mean. It is the root of the mean of the squares.",
        alone=True,
    ),
    Slip("variance", lambda z: z.var(), "one variance for all neurons", "You divide everything by one width. Each neuron, a row, has its own."),
    Slip("divisor", lambda v, eps: v + eps, "root forgotten", "You divide by the variance. The width is its root."),
    Slip("divisor", lambda v, eps: 1 / np.sqrt(v + eps), "multiplied by s", "You multiply by the width. To bring it to 1, divide by it.", alone=True),
    Slip("divisor", lambda v, eps: np.sqrt(v * eps), "times ε", "You multiply the variance by ε. ε is added, against dividing by 0.", alone=True),
    Slip("divisor", lambda v, eps: np.sqrt(v), "ε left out", "ε plays no part in your numbers. It is added to the variance."),
    Slip("divisor", lambda v, eps: np.sqrt(v) + eps, "ε outside of the root", "You add ε to the root. It belongs to the variance, under the root."),
    Slip(
        "divisor",
        lambda v, eps: np.sqrt(v + eps**2),
        "ε squared",
        "You add the square of ε to the variance. ε itself is added.",
    ),
    Slip(
        "joined",
        lambda z_hat, gamma, beta: z_hat,
        "γ and β left out",
        "Your rows are normalised and left so. γ and β give them a new width and place.",
    ),
    Slip("joined", lambda z_hat, gamma, beta: gamma * z_hat, "β left out", "β is missing: it is added at the end."),
    Slip("joined", lambda z_hat, gamma, beta: z_hat + beta, "γ left out", "γ is missing: it scales the normalised value."),
    Slip("joined", lambda z_hat, gamma, beta: gamma * (z_hat + beta), "γ on β too", "γ scales your β as well. β is added after the product."),
    Slip("joined", lambda z_hat, gamma, beta: beta * z_hat + gamma, "γ and β swapped", "γ and β have changed places: γ scales, β is added."),
    Slip("joined", lambda z_hat, gamma, beta: gamma * z_hat - beta, "β subtracted", "You subtract β. It is added."),
)


def _by_distances(value: Any, z: Array, gamma: Array, beta: Array, eps: float) -> bool:
    """Whether the width is a mean distance, with ε added, under one root with it, or left out."""
    u = z - z.mean(axis=1, keepdims=True)
    width = np.abs(u).mean(axis=1, keepdims=True)
    return any(agree(value, gamma * u / s + beta) for s in (width, width + eps, np.sqrt(width + eps)))


def _bounded(value: Any, z: Array, gamma: Array, beta: Array, eps: float) -> bool:
    """Whether ε is the least that the deviation may be, or the variance."""
    u = z - z.mean(axis=1, keepdims=True)
    s = u.std(axis=1, keepdims=True)
    return any(agree(value, gamma * u / bound + beta) for bound in (np.maximum(s, eps), np.sqrt(np.maximum(s * s, eps))))


EXERCISE = Exercise(
    id="12.1",
    name="batch_norm",
    title="Batch normalisation, forward",
    points=1,
    minutes=6,
    difficulty=1,
    allows=ALLOWED,
    cases=_cases,
    zeros=(0,),
    reference=_batch_norm,
    oracle=_oracle,
    hints=(
        "Each neuron is a row. Which two numbers of a row do you need, and along which axis of z are they taken?",
        "The mean of a row, as a column of shape (n, 1), can be subtracted from z as it is: `keepdims=True` keeps the column. Then the mean of the "
        "squares of what is left.",
        "Subtract the means, divide by the root of variance plus ε, then scale by γ and add β. The variance divides by m, not by m - 1.",
    ),
    mistakes=(
        Mistake(
            "layer norm",
            lambda z, gamma, beta, eps: gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps) + beta,
            "You normalise each column, which is one example with all of its neurons. Batch normalisation takes one neuron over all examples.",
        ),
        Mistake(
            "normalised over everything",
            lambda z, gamma, beta, eps: gamma * (z - z.mean()) / np.sqrt(z.var() + eps) + beta,
            "You take one mean and one variance of the whole array. Each neuron, a row, has its own.",
        ),
        Mistake(
            "mean alone divided",
            lambda z, gamma, beta, eps: gamma * (z - z.mean(axis=1, keepdims=True) / np.sqrt(z.var(axis=1, keepdims=True) + eps)) + beta,
            "You divide the mean by the width, and not z. Subtract first: brackets.",
        ),
        Mistake(
            "mean alone divided and scaled",
            lambda z, gamma, beta, eps: z - z.mean(axis=1, keepdims=True) / np.sqrt(z.var(axis=1, keepdims=True) + eps) * gamma + beta,
            "You divide and scale the mean, and not z. Subtract first: brackets.",
        ),
        Mistake(
            "β divided too",
            lambda z, gamma, beta, eps: (gamma * (z - z.mean(axis=1, keepdims=True)) + beta) / np.sqrt(z.var(axis=1, keepdims=True) + eps),
            "You divide β by the width as well. β is added at the end, to what is normalised already.",
        ),
        Mistake(
            "mean less z",
            lambda z, gamma, beta, eps: 2 * beta - _batch_norm(z, gamma, beta, eps),
            "You subtract z from its mean. What lies above the mean has to come out above 0.",
        ),
        Mistake(
            "keepdims forgotten",
            lambda z, gamma, beta, eps: gamma * (z - z.mean(axis=1)) / np.sqrt(z.var(axis=1) + eps) + beta,
            "Your means and variances are flat, of shape (n,). numpy lines a flat array up with the last axis, the examples. "
            "As columns, (n, 1), they belong to the neurons.",
        ),
        *mistakes_of(_in_parts, _SLIPS, told={frozenset({"one mean for all neurons", "one variance for all neurons"})}),
        Mistake(
            "mean distance and ε for the width",
            lambda z, gamma, beta, eps: gamma * (u := z - z.mean(axis=1, keepdims=True)) / (np.abs(u).mean(axis=1, keepdims=True) + eps) + beta,
            "Your width is the mean distance from the mean. s is the root of the mean square, with ε under it.",
            recognise=_by_distances,
        ),
        Mistake(
            "ε as a lower bound",
            _in_parts(divisor=lambda variance, eps: np.sqrt(np.maximum(variance, eps))),
            "You take the larger of the two, the width or ε. ε is added to the variance, also where it is not needed.",
            recognise=_bounded,
        ),
        Mistake(
            "γ and β before the normalisation",
            lambda z, gamma, beta, eps: _batch_norm(gamma * z + beta, np.ones_like(gamma), np.zeros_like(beta), eps),
            "You scale and shift first and normalise then, which takes β off again and most of γ. They come last.",
        ),
    ),
)
