"""11.14: batch normalisation, every path from the output to the input."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import (
    ALLOWED,
    HALF_NORMALISED,
    SUMS_FOR_MEANS,
    Array,
    half_normalised,
    mean_over,
    normalised_parts,
    normalised_slips,
    standardised,
    weighted_partly,
)
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import mistakes_of


def _cases_batch_norm(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 2)):
        args = (
            rng.normal(size=(n, m)),
            rng.uniform(0.5, 2, size=(n, 1)) * (-1.0) ** np.arange(n)[:, None],
            rng.normal(size=(n, m)),
            float(rng.uniform(0.1, 0.4)),
        )
        cases.append(Case(f"{n} neurons, m = {m}", args))
    return cases


def _repair_batch_norm(z: Array, gamma: Array, g: Array, epsilon: float) -> Array:
    centred = z - z.mean(axis=1, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=1, keepdims=True) + epsilon)
    z_hat, d = centred / s, gamma * g
    return (d - d.mean(axis=1, keepdims=True) - z_hat * (d * z_hat).mean(axis=1, keepdims=True)) / s


def _with_centred(z: Array, gamma: Array, g: Array, epsilon: float) -> Array:
    centred, d = z - mean_over(z, 1), gamma * g
    return (d - mean_over(d, 1) - centred * mean_over(d * centred, 1)) / np.sqrt(mean_over(centred**2, 1) + epsilon)


def _in_parts(**parts: Any) -> Answer:
    return normalised_parts(1, **parts)


EXERCISE = Exercise(
    id="11.14",
    name="repair_batch_norm",
    title="Batch normalisation: the gradient for its input",
    points=3,
    minutes=6,
    difficulty=3,
    cases=_cases_batch_norm,
    zeros=(0,),
    allows=ALLOWED,
    reference=_repair_batch_norm,
    oracle=lambda z, gamma, g, epsilon: oracles.gradient(lambda moved: np.sum(g * gamma * standardised(moved, epsilon, axis=1)), z),
    hints=(
        "A nudge of one z goes three ways: straight to its own normalised value, and through the mean and the deviation to those of all examples.",
        "Do the three ways one at a time, the other two held fast, and add up. Everything is divided by s in the end.",
        "What comes straight; less its mean over the examples; less the normalised value times the mean, over the examples, of what comes straight "
        "times the normalised values. All over s.",
    ),
    mistakes=(
        Mistake(
            "sums for both means",
            normalised_parts(1, mean=lambda d, axis: len(d.T) * mean_over(d, axis), spread=lambda d, h, axis: len(d.T) * h * mean_over(d * h, axis)),
            SUMS_FOR_MEANS,
        ),
        Mistake(
            "mean and deviation held fast",
            normalised_parts(1, mean=lambda d, axis: 0.0, spread=lambda d, h, axis: 0.0),
            "You take mean and deviation for constants. They are made from the z of this very batch, so every z moves them.",
        ),
        Mistake(
            "means over all",
            normalised_parts(1, mean=lambda d, axis: d.mean(), spread=lambda d, h, axis: h * (d * h).mean()),
            "On the way back your means run over neurons and examples together. Every neuron has its own mean and deviation.",
        ),
        Mistake(
            "centred for normalised",
            _with_centred,
            "What comes back through the deviation holds z less its mean, not yet divided by s. Which of the two stands in the derivative of s?",
        ),
        Mistake(
            "z for ẑ",
            lambda z, gamma, g, epsilon: (
                ((d := gamma * g) - mean_over(d, 1) - z * mean_over(d * z, 1)) / np.sqrt(z.var(axis=1, keepdims=True) + epsilon)
            ),
            "What comes back through the deviation holds z itself. Which number stands in the derivative of s?",
        ),
        Mistake(
            "γ left out of the path through the mean",
            weighted_partly(1, in_mean=False, in_deviation=True),
            "The path through the mean has no γ in your answer. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "γ left out of the path through the deviation",
            weighted_partly(1, in_mean=True, in_deviation=False),
            "The path through the deviation has no γ in your answer. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "γ in neither mean",
            weighted_partly(1, in_mean=False, in_deviation=False),
            "γ multiplies g where it stands alone, and not in the two means. All three paths begin behind the product with γ.",
        ),
        *(Mistake(name, answer, HALF_NORMALISED) for name, answer in half_normalised(1).items()),
        Mistake(
            "γ twice",
            lambda z, gamma, g, epsilon: gamma * _repair_batch_norm(z, gamma, g, epsilon),
            "γ comes in twice. It stands in the forward pass once.",
        ),
        Mistake(
            "means along the other axis",
            _in_parts(mean=lambda d, axis: mean_over(d, 1 - axis), spread=lambda d, h, axis: h * mean_over(d * h, 1 - axis)),
            "You normalise along the right axis. On the way back, too, the means are taken over the examples.",
        ),
        Mistake(
            "means over the neurons",
            normalised_parts(0),
            "Your means run over the neurons of one example. Here every neuron is normalised by itself, over the examples: which axis are they?",
        ),
        *mistakes_of(_in_parts, normalised_slips("the examples"), told=(frozenset({"no path through the mean", "no path through the deviation"}),)),
    ),
)
