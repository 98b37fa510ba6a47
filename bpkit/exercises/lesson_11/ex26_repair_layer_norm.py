"""11.26: layer normalisation in code: the gradients for its input and for γ."""

from __future__ import annotations

from collections.abc import Callable
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
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_layer_norm(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (5, 2), (4, 1)):
        args = (
            rng.normal(size=(n, m)),
            rng.uniform(0.5, 2, size=(n, 1)) * (-1.0) ** np.arange(n)[:, None],
            rng.normal(size=(n, m)),
            float(rng.uniform(0.1, 0.4)),
        )
        cases.append(Case(f"{n} neurons, m = {m}", args))
    return cases


def _repair_layer_norm(x: Array, gamma: Array, g: Array, epsilon: float) -> list[Array]:
    centred = x - x.mean(axis=0)
    s = np.sqrt((centred**2).mean(axis=0) + epsilon)
    x_hat, d = centred / s, gamma * g
    return [(d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / s, (g * x_hat).sum(axis=1, keepdims=True)]


def _repair_layer_norm_oracle(x: Array, gamma: Array, g: Array, epsilon: float) -> list[Array]:
    return [
        oracles.gradient(lambda moved: np.sum(g * gamma * standardised(moved, epsilon)), x),
        oracles.gradient(lambda moved: np.sum(g * moved * standardised(x, epsilon)), gamma),
    ]


def _in_parts(scale: Callable[[Array, Array], Array] = lambda g, h: (g * h).sum(axis=1, keepdims=True), axis: int = 0, **parts: Any) -> Answer:
    """`scale` makes the gradient for γ; the other parts are those of the gradient for x."""
    back = normalised_parts(axis, **parts)
    return lambda x, gamma, g, epsilon: [back(x, gamma, g, epsilon), scale(g, standardised(x, epsilon, axis))]


def _with_gamma(back: Answer) -> Answer:
    """The gradient for x as given, that for γ right."""
    return lambda x, gamma, g, epsilon: [back(x, gamma, g, epsilon), (g * standardised(x, epsilon)).sum(axis=1, keepdims=True)]


def _gamma_outside(x: Array, gamma: Array, g: Array, epsilon: float) -> list[Array]:
    dx, dgamma = _repair_layer_norm(x, np.ones(gamma.shape), g, epsilon)
    return [gamma * dx, dgamma]


EXERCISE = Exercise(
    id="11.26",
    name="repair_layer_norm",
    title="Layer normalisation in code: the gradients for its input and for γ",
    points=2,
    minutes=5,
    difficulty=2,
    cases=_cases_layer_norm,
    zeros=(0,),
    allows=ALLOWED,
    part=("dx", "dγ"),
    reference=_repair_layer_norm,
    oracle=_repair_layer_norm_oracle,
    hints=(
        "Do the forward pass for all columns at once first: which axis do mean and variance run along?",
        "Two axes: what belongs to an example is summed over its neurons, what belongs to a neuron is summed over the examples.",
        "For x: γ times g first, then the two means down each column. For γ: g times the normalised values, summed along each row.",
    ),
    mistakes=(
        Mistake(
            "means over the batch",
            _in_parts(axis=1),
            "You normalise every neuron over the batch. Here every example is normalised by itself, over its neurons: it would come out "
            "the same if it were alone.",
        ),
        Mistake(
            "one mean for the whole batch",
            lambda x, gamma, g, epsilon: [
                part.reshape(want.shape)
                for part, want in zip(
                    (
                        normalised_parts(0)(x.reshape(-1, 1), np.repeat(gamma, x.shape[1], axis=1).reshape(-1, 1), g.reshape(-1, 1), epsilon),
                        (g * standardised(x.reshape(-1, 1), epsilon).reshape(x.shape)).sum(axis=1, keepdims=True),
                    ),
                    (x, gamma),
                    strict=True,
                )
            ],
            "Your mean and deviation are single numbers, over the whole batch. Each example has its own.",
        ),
        Mistake(
            "x for x̂ in dγ",
            lambda x, gamma, g, epsilon: [_repair_layer_norm(x, gamma, g, epsilon)[0], (g * x).sum(axis=1, keepdims=True)],
            "dx is right. Your dγ has x in it: what does γ multiply?",
        ),
        Mistake(
            "centred x for x̂ in dγ",
            lambda x, gamma, g, epsilon: [_repair_layer_norm(x, gamma, g, epsilon)[0], (g * (x - x.mean(axis=0))).sum(axis=1, keepdims=True)],
            "dx is right. Your dγ has x less its mean in it, not yet divided by s: what does γ multiply?",
        ),
        Mistake(
            "γ in dγ",
            lambda x, gamma, g, epsilon: [(r := _repair_layer_norm(x, gamma, g, epsilon))[0], gamma * r[1]],
            "dx is right. Your dγ has γ in it. The output is linear in γ: its slope is the other factor.",
        ),
        Mistake(
            "means along the other axis",
            _in_parts(mean=lambda d, axis: mean_over(d, 1 - axis), spread=lambda d, h, axis: h * mean_over(d * h, 1 - axis)),
            "dγ is right. You normalise along the right axis. On the way back, too, the means are taken over the neurons.",
        ),
        Mistake(
            "γ outside the means",
            _gamma_outside,
            "dγ is right. You multiply by γ at the end, as one may where all that is averaged has the same γ. In a column every number has its own.",
        ),
        *(Mistake(name, _with_gamma(answer), HALF_NORMALISED) for name, answer in half_normalised(0).items()),
        Mistake(
            "sums for both means",
            _in_parts(mean=lambda d, axis: len(d) * mean_over(d, axis), spread=lambda d, h, axis: len(d) * h * mean_over(d * h, axis)),
            SUMS_FOR_MEANS,
        ),
        Mistake(
            "divided by the examples",
            _in_parts(
                mean=lambda d, axis: len(d) / d.shape[1] * mean_over(d, axis),
                spread=lambda d, h, axis: len(d) / d.shape[1] * h * mean_over(d * h, axis),
            ),
            "dγ is right. For dx you divide the sums by the number of examples. They run over the neurons of one example.",
        ),
        Mistake(
            "mean and deviation held fast",
            _in_parts(mean=lambda d, axis: 0.0, spread=lambda d, h, axis: 0.0),
            "dγ is right. For dx you take mean and deviation for constants. They are made from the numbers of this very column.",
        ),
        Mistake(
            "dγ before dx",
            lambda x, gamma, g, epsilon: _repair_layer_norm(x, gamma, g, epsilon)[::-1],
            "Both are right, in the wrong order: the input comes first.",
        ),
        Mistake(
            "γ left out of the path through the mean",
            _with_gamma(weighted_partly(0, in_mean=False, in_deviation=True)),
            "In your dx the path through the mean has no γ. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "γ left out of the path through the deviation",
            _with_gamma(weighted_partly(0, in_mean=True, in_deviation=False)),
            "In your dx the path through the deviation has no γ. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "γ in neither mean",
            _with_gamma(weighted_partly(0, in_mean=False, in_deviation=False)),
            "In your dx γ multiplies g where it stands alone, and not in the two means. All three paths begin behind the product with γ.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "scale",
                    lambda g, h: (g * h).mean(axis=1, keepdims=True),
                    "dγ averaged",
                    "dx is right. Your dγ is a mean over the examples: the 1/m of the batch came in with g.",
                ),
                Slip(
                    "scale",
                    lambda g, h: g * h,
                    "dγ per example",
                    "dx is right. Your dγ has a column for each example; all of them share one γ.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda g, h: (g * h).sum(axis=0, keepdims=True).T,
                    "dγ summed over the neurons",
                    "dx is right. Your dγ has a number for each example. Every neuron has a γ of its own.",
                    alone=True,
                ),
                Slip(
                    "scale",
                    lambda g, h: g.sum(axis=1, keepdims=True),
                    "dβ for dγ",
                    "dx is right. What you return for γ belongs to β: what does γ multiply?",
                ),
                *normalised_slips("the neurons"),
            ),
            told=(frozenset({"no path through the mean", "no path through the deviation"}),),
        ),
    ),
)
