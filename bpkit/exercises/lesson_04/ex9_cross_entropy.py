"""04.9: binary cross-entropy, mean over the examples."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from bpkit.exercises.lesson_04.shared import Array, shaped
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, pairs


def _cases_probabilities(rng: np.random.Generator) -> list[Case]:
    certain = np.array([[0.0, 1.0, rng.uniform(0.2, 0.8)], [1.0, 0.0, rng.uniform(0.2, 0.8)]])
    right = np.where(certain == np.round(certain), certain, 1 - np.round(certain))  # the others cost much, beside which a tiny step does not show
    sure, wanted = sigmoid(rng.normal(size=(2, 3))), rng.uniform(size=(2, 3))
    sure[0, 1], wanted[0, 1] = 0.0, 1.0
    other, unwanted = 1 - sure, 1 - wanted  # as wrong from the other side
    between = sigmoid(rng.normal(size=(2, 5))), rng.uniform(size=(2, 5))
    between[1][0, 1] = between[0][0, 1]  # what is met exactly still costs, other than 0 and 1
    return [
        Case("3 outputs, m = 3", (sigmoid(rng.normal(size=(3, 3))), rng.integers(0, 2, size=(3, 3)).astype(float))),
        Case("2 outputs, m = 5, targets between 0 and 1", between),
        Case("4 outputs, m = 1", (sigmoid(rng.normal(size=(4, 1))), rng.uniform(size=(4, 1)))),
        Case("2 outputs, m = 3, some certain and right", (certain, right)),
        Case("2 outputs, m = 3, one certain and wrong", (sure, wanted), refuses=partial(_costs_little, sure, wanted)),
        Case("2 outputs, m = 3, one exactly 1 and wrong", (other, unwanted), refuses=partial(_costs_little, other, unwanted)),
    ]


def _certain_and_wrong(a: Array, y: Array) -> Array:
    """Where an output is exactly 0 or 1 and its target asks for something else: it costs infinitely much, or very much if it is kept away from "
    "there."""
    return ((a == 0) & (y > 0)) | ((a == 1) & (y < 1))


def _costs_little(a: Array, y: Array, returned: Any) -> bool:
    """Whether an output that is certain and wrong is left out: it costs more than 5 even if it is kept away from 0 and 1 by no more than is right."""
    found = shaped(returned, ())
    return found is not None and bool(abs(float(found) * a.shape[1]) < 5 + abs(_without(_certain_and_wrong(a, y), a, y)))


def _without(left_out: Array, a: Array, y: Array) -> float:
    """The sum over all outputs but some."""
    terms = _terms(y, np.where(left_out, 0.5, a)) + _terms(1 - y, np.where(left_out, 0.5, 1 - a))
    return float(np.sum(terms, where=~left_out))


def _terms(p: Array, q: Array) -> Array:
    """-p log q, with 0 log 0 = 0."""
    with np.errstate(divide="ignore"):
        return -np.where(p > 0, p * np.log(np.where(p > 0, q, 1)), 0)


def _cross_entropy(a: Array, y: Array) -> float:
    return float(np.sum(_terms(y, a) + _terms(1 - y, 1 - a)) / a.shape[1])


def _cross_entropy_oracle(a: Array, y: Array) -> float:
    """One entry at a time, each weight's limit taken where the weight is 0."""
    total = 0.0
    with np.errstate(divide="ignore"):
        for q, p in zip(a.ravel(), y.ravel(), strict=True):
            total += 0.0 if p == 0 else float(np.log(np.power(q, -p)))
            total += 0.0 if p == 1 else float(np.log(np.power(1 - q, p - 1)))
    return total / a.shape[1]


def _binary(
    first: Callable[[Array, Array], Array], second: Callable[[Array, Array], Array], log: Callable[..., Array] = np.log
) -> Callable[..., float]:
    """A cross-entropy whose two terms are -first · log a and -second · log(1 - a); 0 log 0 counts as 0."""

    def cost(a: Array, y: Array) -> float:
        with np.errstate(all="ignore"):
            terms = np.nan_to_num(first(a, y) * log(a)) + np.nan_to_num(second(a, y) * log(1 - a))
        return float(-np.sum(terms) / a.shape[1])

    return cost


def _or_nan(wrong: Callable[[Array, Array], float]) -> Callable[..., bool]:
    """Tells that wrong cost also where its writer did not take care of 0 · log 0: nan where an output is exactly 0 or 1."""

    def recognised(returned: Any, a: Array, y: Array) -> bool:
        if _certain_and_wrong(a, y).any():
            return True
        try:
            number = np.asarray(returned)
        except ValueError:  # a ragged list
            return False
        if number.size != 1 or number.dtype.kind != "f":
            return False
        found = float(number.item())
        if np.isnan(found):
            return bool(np.any((a == 0) | (a == 1)))
        return bool(np.isclose(found, wrong(a, y), rtol=1e-7, atol=0))

    return recognised


def _cost(
    second: Callable[[Array, Array], Array] = lambda a, y: 1 - y,
    first: Callable[[Array, Array], Array] = lambda a, y: y,
    mean: Callable[[Array], float] = lambda a: 1.0,
    factor: float = 1.0,
) -> Callable[[Array, Array], float]:
    """The cost with parts of it replaced, or put to it."""
    return lambda a, y: _binary(first, second)(a, y) * mean(a) * factor


def _swapped(returned: Any, a: Array, y: Array) -> bool:
    """Whether that is the cost with a and y exchanged; where a target is 0 or 1 it is that of targets kept away from there, or not finite."""
    try:
        number = np.asarray(returned)
    except ValueError:  # a ragged list
        return False
    if number.size != 1 or number.dtype.kind != "f":
        return False
    if _certain_and_wrong(a, y).any():
        return True
    if np.any((y == 0) | (y == 1)):
        return not np.isfinite(number).all() or _kept_away(float(number.item()), y, a)
    return bool(np.isclose(number.item(), np.sum(_terms(a, y) + _terms(1 - a, 1 - y)) / a.shape[1], rtol=1e-7, atol=0))


_SLIPS = (
    Slip("second", lambda a, y: 0 * y, "(1 - y) term missing", "the terms with 1 - y are missing"),
    Slip("second", lambda a, y: y, "y in the second term", "the second logarithm is weighted with y"),
    Slip("second", lambda a, y: y - 1, "second term subtracted", "the second term has the opposite sign"),
    Slip("first", lambda a, y: 0 * y, "y term missing", "the terms with y are missing"),
    Slip("mean", lambda a: a.shape[1], "sum for mean", "it is a sum over the examples, where their mean is asked"),
    Slip("mean", lambda a: 1 / a.shape[0], "mean over outputs too", "it is a mean over the outputs as well, which are summed"),
    Slip("mean", lambda a: a.shape[1] / a.shape[0], "mean over the outputs, sum over the examples", "outputs are averaged and examples summed"),
    Slip("factor", -1.0, "sign", "the cost is negative, as logarithms of probabilities are"),
    Slip("factor", 0.5, "halved", "it is half of it, and the ½ belongs to the quadratic cost"),
    Slip("factor", 1 / np.log(2), "log base 2", "the logarithms are to base 2, where they are natural"),
    Slip("factor", 1 / np.log(10), "log base 10", "the logarithms are to base 10, where they are natural"),
)
# of the first nothing is left, the other two have another name
_ELSEWHERE = (
    "(1 - y) term missing; y term missing",
    "(1 - y) term missing; mean over outputs too",
    "second term subtracted; y term missing",
)


def _kept_away(found: float, a: Array, y: Array) -> bool:
    """Whether that is the cost of outputs that were kept away from 0 and 1, by clipping or by adding to what goes into the logarithms."""
    for eps in np.outer(10.0 ** -np.arange(1, 17), (1, 2, 5)).ravel():
        low = np.minimum(eps, 0.5)
        for kept, other in ((np.clip(a, low, 1 - low), 1 - np.clip(a, low, 1 - low)), (a + eps, 1 - a + eps)):
            cost = -np.sum(y * np.log(kept) + (1 - y) * np.log(other)) / a.shape[1]
            if np.isclose(found, cost, rtol=1e-9, atol=0):
                return True
    return False


def _explain_cost(returned: Any, a: Array, y: Array) -> str | None:
    found = shaped(returned, ())
    if found is None:
        return None
    if _kept_away(float(found), a, y):
        return "Close, but not right to the last digits. How far do you keep the outputs away from 0 and 1? So far that it shows."
    if found < 0:
        return "Your cost is negative. Logarithms of probabilities are negative, a cost is not."
    return (
        "It gives another number. Write it out for one output and one example: what does it cost when the target is 1, when it is 0, when it is "
        "between? Then sum over the outputs, and take the mean over the examples."
    )


def _naive_cross_entropy(a: Array, y: Array) -> float:
    return float(-np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / a.shape[1])


EXERCISE = Exercise(
    id="04.9",
    name="cross_entropy",
    title="Binary cross-entropy, mean over the examples",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_probabilities,
    reference=_cross_entropy,
    plain=(0, 1),
    oracle=_cross_entropy_oracle,
    explain=_explain_cost,
    hints=(
        "Each output adds two terms, one for target 1 and one for target 0. Sum over the outputs, mean over the examples.",
        "An output that is exactly 0 where the target is 0 costs nothing: 0 · log 0 counts as 0. numpy says nan. Which entries may you take the "
        "logarithm of?",
        "Take logarithms only where their weight is not 0 (`np.where`, or `np.log(..., where=...)`), or keep a a tiny step away from 0 and 1.",
    ),
    mistakes=(
        Mistake(
            "log 0",
            _naive_cross_entropy,
            "Right, until an output is exactly 0 or 1: then 0 · log 0 is not a number in numpy. A certain and right output costs nothing.",
        ),
        *(
            Mistake(name, wrong, hint, recognise=_or_nan(wrong))
            for name, wrong, hint in (
                (
                    "sum for mean",
                    lambda a, y: _cross_entropy(a, y) * a.shape[1],
                    "You sum over the examples. The cost is their mean: it must not grow when the same examples are given twice.",
                ),
                (
                    "(1 - y) term missing",
                    _binary(lambda a, y: y, lambda a, y: 0 * y),
                    "Only the terms with y are there. An output of 0.9 with target 0 would cost nothing.",
                ),
                (
                    "y term missing",
                    _binary(lambda a, y: 0 * y, lambda a, y: 1 - y),
                    "Only the terms with 1 - y are there. An output of 0.1 with target 1 would cost nothing.",
                ),
                (
                    "sign",
                    lambda a, y: -_cross_entropy(a, y),
                    "Your cost is negative. Logarithms of probabilities are negative, a cost is not.",
                ),
                (
                    "mean over outputs too",
                    lambda a, y: _cross_entropy(a, y) / a.shape[0],
                    "You average over the outputs as well (`np.mean` over everything does). Outputs are summed, examples are averaged.",
                ),
                (
                    "mean over the outputs, sum over the examples",
                    lambda a, y: _cross_entropy(a, y) * a.shape[1] / a.shape[0],
                    "You sum over the examples and average over the outputs. Which of the two axes holds the examples?",
                ),
                (
                    "categorical; averaged over everything",
                    lambda a, y: _binary(lambda a, y: y, lambda a, y: 0 * y)(a, y) / a.shape[0],
                    "Two things: the terms with 1 - y are missing, and you average over the outputs, which are summed.",
                ),
                (
                    "one logarithm for both terms",
                    lambda a, y: _binary(lambda a, y: np.ones_like(y), lambda a, y: 0 * y)(a, y),
                    "Both of your logarithms are of a, so their weights add up to 1 and the targets do not matter. What is the second one of?",
                ),
                (
                    "log base 2",
                    lambda a, y: _cross_entropy(a, y) / np.log(2),
                    "You took logarithms to base 2. Here they are natural.",
                ),
                (
                    "log base 10",
                    lambda a, y: _cross_entropy(a, y) / np.log(10),
                    "You took logarithms to base 10. Here they are natural.",
                ),
                (
                    "second term subtracted",
                    _binary(lambda a, y: y, lambda a, y: y - 1),
                    "The minus in front belongs to both terms. Your second one has the opposite sign; where do the brackets end?",
                ),
                (
                    "y in the second term",
                    _binary(lambda a, y: y, lambda a, y: y),
                    "Your second logarithm is weighted with y. It is for targets near 0: which weight is large there?",
                ),
                (
                    "weights left out",
                    _binary(lambda a, y: np.ones_like(y), lambda a, y: np.ones_like(y)),
                    "Both logarithms count fully, whatever the target is. Each has a weight that the target gives it.",
                ),
                (
                    "targets rounded",
                    _binary(lambda a, y: np.round(y), lambda a, y: 1 - np.round(y)),
                    "You use each target as if it were 0 or 1. One in between weighs both logarithms.",
                ),
                (
                    "quadratic cost",
                    lambda a, y: float(np.sum((a - y) ** 2) / 2 / a.shape[1]),
                    "That is the quadratic cost. Cross-entropy is made of logarithms.",
                ),
                (
                    "halved",
                    lambda a, y: _cross_entropy(a, y) / 2,
                    "Half of what it should be. The ½ belongs to the quadratic cost.",
                ),
                (
                    "entropy of the targets subtracted",
                    lambda a, y: _cross_entropy(a, y) - _cross_entropy(y, y),
                    "You subtract what the targets would cost if the net gave exactly them. A target between 0 and 1 costs something even then.",
                ),
            )
        ),
        Mistake(
            "a and y swapped",
            lambda a, y: float(np.sum(_terms(a, np.clip(y, 1e-12, 1 - 1e-12)) + _terms(1 - a, 1 - np.clip(y, 1e-12, 1 - 1e-12))) / a.shape[1]),
            "Outputs and targets are swapped: the logarithm is taken of the outputs, weighted with the targets.",
            recognise=_swapped,
        ),
        *(dataclasses.replace(mistake, recognise=_or_nan(mistake.answer)) for mistake in pairs(_cost, _SLIPS, _ELSEWHERE)),
        Mistake(
            "certain and wrong costs nothing",
            lambda a, y: _without((a == 0) | (a == 1), a, y) / a.shape[1],
            "An output that is exactly 0 or 1 is left out of your sum, whatever its target is: one that is certain and wrong costs nothing. What "
            "counts as 0 is "
            "a logarithm whose weight is 0, and the weights are made of the target.",
        ),
    ),
)
