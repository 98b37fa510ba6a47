"""03.4: the best step for central differences in float64."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_03.shared import ALLOWED, as_number, central_quotient
from bpkit.exercises.model import Exercise, Mistake


@cache
def _measured_best_step() -> float:
    """The step whose central difference was closest, in the median over functions and places of order one."""
    x = np.random.default_rng(0).uniform(0.5, 1.5, size=200)
    steps = 10.0 ** np.arange(-12, 0.01, 0.25)
    errors = []
    for f in (np.sin, np.exp, oracles.sigmoid, np.arctan):
        slope = np.imag(f(x + 1e-30j)) / 1e-30
        errors.append([np.median(np.abs(central_quotient(f, x, h) - slope)) for h in steps])
    return float(steps[np.argmin(np.mean(np.log(errors), axis=0))])


def _step_between(low: float, high: float) -> Callable[[Any], bool]:
    """Recognises a step above `low` and up to `high`."""

    def within(value: Any) -> bool:
        step = as_number(value)
        return step is not None and low < step <= high

    return within


def _explain_step(value: Any) -> str | None:
    step = as_number(value)
    if step is None:
        return "Write one number, a power of ten will do, such as best_h = 1e-1."
    if step <= 0:
        return "A step is a positive number."
    if step < 1e-6:
        return "A larger step does better: at yours rounding still rules, the left branch of the V-curve."
    return "A smaller step does better: at yours the curve's bend rules, the right branch of the V-curve."


EXERCISE = Exercise(
    id="03.4",
    name="best_h",
    title="The best step for central differences in float64",
    points=1,
    minutes=3,
    difficulty=1,
    kind="value",
    allows=ALLOWED,
    reference=6e-6,
    oracle=_measured_best_step,
    accepts=_step_between(0.99e-6, 1.01e-4),
    explain=_explain_step,
    hints=(
        "Two errors work against each other. Which one grows with h, and which one shrinks?",
        "The V-curve has a left branch, where rounding rules, and a right one, where the curve's bend rules. The best step lies at the bottom.",
        "The bottom is where h² and ε/h are about equal, with ε = 2.2e-16: solve that for h, and round to a power of ten.",
    ),
    mistakes=(
        Mistake(
            "lost beside w",
            1e-20,
            "So small a step is lost: next to 1 a float64 has no room for it, so that w + h is stored as w and the difference is 0. A complex step "
            "may be so small, for it subtracts nothing.",
            _step_between(0.0, 1.11e-16),
        ),
        Mistake(
            "the machine epsilon",
            2.2e-16,
            "That is ε itself, how closely a number is stored. With such a step the two costs differ in their last digit at most, and no digit of "
            "the slope is left. The best step makes h² and ε/h about equal.",
            _step_between(2.0e-16, 2.3e-16),
        ),
        Mistake(
            "minus of the exponent left out",
            1e5,
            "That is far above 1: does the exponent lack its minus? A step is small.",
            _step_between(0.99e3, 1e300),
        ),
        Mistake(
            "smaller is better",
            1e-12,
            "So small a step lies far out on the left branch: the two costs agree in nearly all of their digits, and what is left after subtracting "
            "is rounding. Halve h there and the error doubles.",
            _step_between(0.0, 2e-10),
        ),
        Mistake(
            "best for one side",
            1e-8,
            "That is the best step of a one-sided difference, where h itself is set against ε/h. With a central difference the bend's error is a "
            "square: does the bottom move left or right?",
            _step_between(0.8e-8, 3e-8),
        ),
        Mistake(
            "best for float32",
            5e-3,
            "That is the best step in float32, with its 7 digits. float64 has 16: the left branch starts much further down.",
            _step_between(2.5e-3, 1.2e-2),
        ),
        Mistake(
            "too large",
            0.1,
            "With so large a step the curve bends between the two points. Divide h by ten and the error falls to a hundredth: you are far out on "
            "the right branch.",
            _step_between(1.2e-2, 1e300),
        ),
        Mistake(
            "the exponent",
            -5,
            "That is no step, it looks like an exponent. Write the step itself, such as 1e-1.",
            lambda value: as_number(value) in range(-16, 0),
        ),
    ),
)
