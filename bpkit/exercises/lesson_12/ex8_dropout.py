"""12.8: dropout with a given mask, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_12.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for (n, m), p in zip(((3, 3), (2, 4), (4, 1)), (0.2, 0.4, 0.9), strict=True):
        mask = np.ones((n, m))
        mask.flat[rng.choice(n * m, size=max(1, n * m // 3), replace=False)] = 0
        if n == m:
            mask[0, 1], mask[1, 0] = 0.0, 1.0  # never symmetric
            mask = mask.astype(int)
        a = rng.normal(size=(n, m))
        if m > n:
            a[tuple(np.argwhere(mask)[-1])] = 0.0  # as a relu leaves it: kept, and 0 all the same
        label = f"a {n}×{m}, mask of whole numbers, p = {p}" if n == m else f"a {n}×{m}, p = {p}"
        cases.append(Case(label, (a, mask, p, rng.normal(size=(n, m)))))
    return cases


def _dropout(a: Array, mask: Array, p: float, g: Array) -> list[Array]:
    return [a * mask / (1 - p), g * mask / (1 - p)]


def _oracle(a: Array, mask: Array, p: float, g: Array) -> list[Array]:
    def forward(a: Array) -> Array:
        kept = np.zeros_like(a)
        for place in np.argwhere(mask):
            kept[tuple(place)] = a[tuple(place)]
        return kept + kept * p / (1 - p)

    return [forward(a), oracles.gradient(lambda moved: np.sum(g * forward(moved)), a)]


def _in_parts(
    forward: Callable[[Array, float], Any] = lambda mask, p: mask / (1 - p),
    backward: Callable[[Array, float], Any] = lambda mask, p: mask / (1 - p),
    arriving: Callable[[Array, Array], Array] = lambda a, g: g,
) -> Answer:
    return lambda a, mask, p, g: [a * forward(mask, p), arriving(a, g) * backward(mask, p)]


_SLIPS = (
    Slip("forward", lambda mask, p: mask, "not scaled forwards", "Your forward pass drops and does not scale: on average it gives too little."),
    Slip(
        "forward",
        lambda mask, p: mask * (1 - p),
        "scaled down forwards",
        "Your forward pass makes what is kept smaller. It has to make up for what is dropped.",
    ),
    Slip("forward", lambda mask, p: mask / p, "1/p forwards", "Your forward pass divides by the chance to be dropped. Divide by that of being kept."),
    Slip("forward", lambda mask, p: 1 / (1 - p), "mask left out forwards", "Your forward pass scales and drops nothing."),
    Slip(
        "forward",
        lambda mask, p: 1.0,
        "forward as if there were no dropout",
        "Your forward pass hands a on as it is. That is right in evaluation; here the mask drops.",
    ),
    Slip("forward", lambda mask, p: (1 - mask) / (1 - p), "mask turned forwards", "Your forward pass keeps what the mask drops: 1 means kept."),
    Slip(
        "backward",
        lambda mask, p: mask,
        "not scaled backwards",
        "Your backward pass does not scale. The forward pass multiplies by two factors: both come back.",
    ),
    Slip(
        "backward",
        lambda mask, p: mask * (1 - p),
        "scaled down backwards",
        "Your backward pass makes the gradient smaller. A product hands back the factor that it had forwards.",
    ),
    Slip(
        "backward",
        lambda mask, p: mask / p,
        "1/p backwards",
        "Your backward pass divides by the chance to be dropped. The forward pass divides by that of being kept.",
    ),
    Slip(
        "backward",
        lambda mask, p: 1 / (1 - p),
        "mask left out backwards",
        "Your backward pass sends a gradient to neurons that were dropped. They did nothing to the cost.",
    ),
    Slip(
        "backward",
        lambda mask, p: 1.0,
        "backward as if there were no dropout",
        "Your backward pass hands g on as it is. In front of it stands a product with the mask and a factor.",
    ),
    Slip(
        "backward",
        lambda mask, p: (1 - mask) / (1 - p),
        "mask turned backwards",
        "Your backward pass sends the gradient to what the mask drops: 1 means kept.",
    ),
    Slip(
        "backward",
        lambda mask, p: mask * mask / (1 - p) ** 2,
        "scaled twice backwards",
        "Your backward pass has the factor twice. g arrives behind the dropout and has not met it yet.",
    ),
    Slip("arriving", lambda a, g: a * g, "a in the gradient", "Your gradient has a in it. Dropout is linear in a: its slope has none."),
    Slip("arriving", lambda a, g: a, "a for g", "Your second result is the first one again. It is g that comes back."),
)


def _in_both(name: str, factor: Callable[[Array, float], Any], hint: str) -> Mistake:
    """The same slip on both ways, as it comes of one line that both use."""
    return Mistake(name, _in_parts(forward=factor, backward=factor), hint)


_BOTH_WAYS = (
    ("not scaled", lambda mask, p: mask, "You drop and do not scale, on neither way: on average what is handed on is too little."),
    (
        "scaled down",
        lambda mask, p: mask * (1 - p),
        "You make what is kept smaller, on both ways. It has to make up for what is dropped.",
    ),
    ("1/p", lambda mask, p: mask / p, "You divide by p, on both ways. p is the chance to be dropped; divide by that of being kept."),
    ("mask left out", lambda mask, p: 1 / (1 - p), "You scale and drop nothing, on both ways: the mask is not in your answer."),
    (
        "dropped entries passed on",
        lambda mask, p: np.where(mask == 1, 1 / (1 - p), 1.0),
        "What the mask drops is passed on as it is, on both ways. Dropped means 0.",
    ),
    (
        "root of 1 - p",
        lambda mask, p: mask / np.sqrt(1 - p),
        "You divide by the root of 1 - p, on both ways. That keeps the mean of the squares; asked is that the mean itself is kept.",
    ),
    ("mask turned", lambda mask, p: (1 - mask) / (1 - p), "You keep what the mask drops, on both ways: 1 means kept."),
    (
        "divided by the share that is kept",
        lambda mask, p: mask / mask.mean(),
        "You divide by the share of ones in this mask. Divide by the chance of being kept, which is the same for every draw: the mean over all draws "
        "is to be right.",
    ),
)
_TOLD = {frozenset({f"{name} forwards", f"{name} backwards"}) for name, *_ in _BOTH_WAYS}


EXERCISE = Exercise(
    id="12.8",
    name="dropout",
    title="Dropout with a given mask, forward and backward",
    points=1,
    minutes=6,
    difficulty=1,
    allows=ALLOWED,
    part=("forward", "∂C/∂a"),
    cases=_cases,
    reference=_dropout,
    plain=(1,),
    oracle=_oracle,
    hints=(
        "The mask has a 1 where a neuron is kept and a 0 where it is dropped. What has to happen to those that are kept, so that the sum stays the "
        "same on average?",
        "A neuron is kept with the chance 1 - p. Dividing by that chance makes up for the times when it is dropped.",
        "Forwards each entry of a is multiplied by a number that does not depend on a. Backwards the entry of g is multiplied by the same number.",
    ),
    mistakes=(
        *(_in_both(name, slip, hint) for name, slip, hint in _BOTH_WAYS),
        Mistake(
            "results swapped",
            lambda *given: _dropout(*given)[::-1],
            "The two results have changed places: first the forward pass, then the gradient.",
        ),
        *mistakes_of(_in_parts, _SLIPS, told=_TOLD),
        Mistake(
            "mask read off the result",
            lambda a, mask, p, g: [a * mask / (1 - p), g * (a * mask != 0) / (1 - p)],
            "Backwards you let through what is not 0 in the result. An activation may be kept and be 0 by itself: the mask says which are kept.",
        ),
        Mistake(
            "mask read off the sign of the result",
            _in_parts(arriving=lambda a, g: g * (a > 0)),
            "Your backward mask holds back what is not above 0 in the forward result. That is relu's; dropout drops by the mask that was drawn, and "
            "keeps negative numbers too.",
        ),
        Mistake(
            "factors cut to whole numbers",
            lambda a, mask, p, g: [part * (mask / (1 - p)).astype(mask.dtype) for part in (a, g)],
            "For a mask of whole numbers your factors are cut to whole numbers. Which number type has the array that you write them into? "
            "`np.zeros_like` and `copy` take over that of their model.",
        ),
        Mistake(
            "divided by the share that each example keeps",
            lambda a, mask, p, g: [part * mask / np.where(mask.any(axis=0), mask.mean(axis=0), 1.0) for part in (a, g)],
            "You divide by the share of ones in each column. Divide by the chance of being kept, which is the same for every draw.",
        ),
        Mistake(
            "divided by the share that each neuron keeps",
            lambda a, mask, p, g: [part * mask / np.where(mask.any(axis=1), mask.mean(axis=1), 1.0)[:, None] for part in (a, g)],
            "You divide by the share of ones in each row. Divide by the chance of being kept, which is the same for every draw.",
        ),
    ),
)
