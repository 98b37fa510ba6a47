"""08.3: What guessing costs."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.core.functions import cross_entropy, softmax
from bpkit.exercises.lesson_08.shared import ALLOWED
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_classes(rng: np.random.Generator) -> list[Case]:
    return [Case(f"K = {K}", (K,)) for K in (10, 2, 3, int(rng.integers(11, 500)))]


def _chance_oracle(K: int) -> float:
    """The mean cost of a net that gives every class the same z, one example of each class."""
    z = np.full((K, K), 0.3)
    return float(cross_entropy.output_value(z, softmax(z), np.eye(K), softmax))


def _chance_loss(K: int) -> float:
    return -np.log(1 / K)


def _rounded(value: Any, K: int) -> bool:
    """Whether it is the cost, rounded to some digits behind the point."""
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) != 1 or np.iscomplexobj(value):
        return False
    return any(float(np.asarray(value).item()) == round(float(np.log(K)), digits) for digits in range(7))


EXERCISE = Exercise(
    id="08.3",
    name="chance_loss",
    title="What guessing costs",
    points=1,
    minutes=4,
    difficulty=1,
    allows=ALLOWED,
    cases=_cases_classes,
    reference=_chance_loss,
    oracle=_chance_oracle,
    hints=(
        "A net that knows nothing gives every class the same share of 1. How large is it?",
        "Cross-entropy with a one-hot target is minus the logarithm of one share: the one that the right class got.",
        "Minus the logarithm of one over K can be written without the minus sign. The logarithm is the natural one, as in the cost.",
    ),
    mistakes=(
        Mistake("log2", lambda K: np.log2(K), "That is the logarithm to base 2, so the cost in bits. Cross-entropy here uses the natural one."),
        Mistake("log10", lambda K: np.log10(K), "That is the logarithm to base 10. Cross-entropy uses the natural one."),
        Mistake("1/K", lambda K: 1 / K, "That is the share that each class gets, and the accuracy of guessing. Asked is the cost of it."),
        Mistake("share of wrong guesses", lambda K: 1 - 1 / K, "That is how often guessing is wrong. Asked is the cross-entropy."),
        Mistake("sign", lambda K: -np.log(K), "A cost is not negative: the logarithm of a share is, and the cost has a minus sign before it."),
        Mistake(
            "summed over the classes",
            lambda K: K * np.log(K),
            "You count the logarithm once for each class. The target is 1 for one class alone, and 0 takes out the others.",
        ),
        Mistake(
            "binary cross-entropy",
            lambda K: np.log(K) - (K - 1) * np.log(1 - 1 / K),
            "You add what the wrong classes cost, as for K separate sigmoids. With softmax only the right class's share counts.",
        ),
        Mistake(
            "mean over the outputs",
            lambda K: np.log(K) / K,
            "You divide by the number of classes. The mean is over examples; within an example the terms are added.",
        ),
        Mistake(
            "quadratic cost",
            lambda K: (1 - 1 / K) / 2,
            "That is what guessing costs by the quadratic cost. Asked is cross-entropy.",
        ),
        Mistake(
            "K - 1 classes",
            lambda K: float(np.log(K - 1)),
            "You share among K - 1 classes. The net gives a share to each of K, the right one too.",
        ),
        Mistake(
            "ten classes",
            lambda K: float(np.log(10)),
            "That is the cost for ten classes, whatever K is.",
        ),
        Mistake(
            "rounded",
            lambda K: round(float(np.log(K)), 2),
            "You round. Asked is the number itself: who compares a first cost with it decides how many digits count.",
            recognise=_rounded,
        ),
    ),
)
