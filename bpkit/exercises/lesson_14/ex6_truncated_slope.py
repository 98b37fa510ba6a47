"""14.6: a slope, whole and truncated, foretold by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Exercise, Mistake

U, INPUTS = 0.5, (-3.0, 2.0, 1.0)


def _last(u: Any) -> Any:
    h = 0.0
    for x in INPUTS:
        h = u * h + x
    return h


def _oracle() -> list[float]:
    step = 1e-30
    held = [0.0]
    for x in INPUTS:
        held.append(U * held[-1] + x)
    return [np.imag(_last(U + 1j * step)) / step, np.imag((U + 1j * step) * held[-2] + INPUTS[-1]) / step]


def _pair(value: Any) -> Array | None:
    """An answer as two numbers; None if it is something else."""
    try:
        found = np.asarray(value, float).ravel()
    except (TypeError, ValueError):
        return None
    return found if found.size == 2 and np.isfinite(found).all() else None


def _is(whole: float | None, kept: float | None) -> Callable[[Any], bool]:
    """Whether an answer has these two numbers; None stands for any."""

    def recognise(value: Any) -> bool:
        pair = _pair(value)
        return pair is not None and all(want is None or abs(got - want) < 1e-6 for got, want in zip(pair, (whole, kept), strict=True))

    return recognise


def _explain(value: Any) -> str | None:
    pair = _pair(value)
    if pair is None:
        return "Write two numbers in brackets: the whole slope, then the truncated one."
    right = [abs(got - want) < 1e-6 for got, want in zip(pair, _oracle(), strict=True)]
    if right == [True, False]:
        return "The whole slope is right, the truncated one is not. In it the state before the last step is a constant: which use of u still moves?"
    if right == [False, True]:
        return "The truncated slope is right, the whole one is not. The state before the last step was itself made with u."
    return "Neither of the two is right. Compute the three states first, then say for each use of u what it was multiplied with and how it goes on."


EXERCISE = Exercise(
    id="14.6",
    name="truncated_slope",
    title="A slope, whole and truncated, foretold by hand",
    points=2,
    minutes=7,
    difficulty=2,
    kind="value",
    reference=[-1.0, 0.5],
    oracle=_oracle,
    accepts=_is(-1.0, 0.5),
    explain=_explain,
    hints=(
        "Compute the states one after the other. Then give each use of u a name of its own: there is one for each moment.",
        "A use of u at moment t was multiplied with the state before it. From there its effect goes on to the last state through the uses that come "
        "later, one factor for each.",
        "The first use met the state 0. The second met the first state and goes on through one more factor u. The third met the second state and "
        "goes on through none. The whole slope is their sum, the truncated one keeps the third.",
    ),
    mistakes=(
        Mistake(
            "swapped",
            [0.5, -1.0],
            "These are the two numbers, in the other order: first the whole slope, then the truncated one.",
            _is(0.5, -1.0),
        ),
        Mistake(
            "the part left out",
            [-1.0, -1.5],
            "The whole slope is right. Your second number is what truncation leaves out; asked is what it keeps.",
            _is(-1.0, -1.5),
        ),
        Mistake(
            "truncated for whole",
            [0.5, 0.5],
            "Your two numbers are the same: the state before the last step is a constant in both. For the whole slope it is not, it was made with u.",
            _is(0.5, 0.5),
        ),
        Mistake(
            "whole for truncated",
            [-1.0, -1.0],
            "Your two numbers are the same: truncation would change nothing. Which of the uses of u does it hold fixed?",
            _is(-1.0, -1.0),
        ),
        Mistake(
            "factor u on the way left out",
            [-2.5, 0.5],
            "The truncated slope is right. In the whole one the earlier use has to get to the last state: on its way it is multiplied once more.",
            _is(-2.5, 0.5),
        ),
        Mistake(
            "averaged over two uses",
            [-0.5, 0.5],
            "The truncated slope is right. The whole one is the sum over the uses, and nothing is divided.",
            _is(-0.5, 0.5),
        ),
        Mistake(
            "a factor u too many",
            [-0.5, 0.25],
            "You have a factor u too many in each part: the slope of u times a state, by u, is the state alone.",
            _is(-0.5, 0.25),
        ),
        Mistake(
            "states a moment late",
            [0.75, 1.25],
            "You pair each use of u with the state that it made. It was multiplied with the state before.",
            _is(0.75, None),
        ),
        Mistake("averaged over the uses", [-1 / 3, 0.5], "You divide by the number of uses. Their slopes add up.", _is(-1 / 3, None)),
        Mistake(
            "signs lost",
            [2.0, 0.5],
            "The truncated slope is right. The first input is negative, and so is the first state: the two parts pull in opposite directions.",
            _is(2.0, 0.5),
        ),
        Mistake(
            "the last state for the truncated slope",
            [-1.0, 1.25],
            "The whole slope is right. The last use of u was multiplied with the state before it; you have the state that it made.",
            _is(-1.0, 1.25),
        ),
        Mistake(
            "slope of the state held",
            [-1.0, -3.0],
            "The whole slope is right. Your second number says how the state before the last step moves with u. Truncation holds that state: it is "
            "what the last use of u is multiplied with.",
            _is(-1.0, -3.0),
        ),
        Mistake(
            "u left out of its square's slope",
            [-4.0, 0.5],
            "The truncated slope is right. In the whole one the first input comes with the square of u, and the slope of a square has u in it.",
            _is(-4.0, 0.5),
        ),
        Mistake(
            "sign of the first input lost",
            [5.0, 0.5],
            "The truncated slope is right. In the whole one the first input is negative, and so is the part that it brings.",
            _is(5.0, 0.5),
        ),
        Mistake(
            "sign of the whole slope",
            [1.0, 0.5],
            "The truncated slope is right. The whole one has the right size and the wrong sign: which of its two parts is the larger?",
            _is(1.0, 0.5),
        ),
        Mistake(
            "u taken for 1",
            [-4.0, -1.0],
            "Those are the slopes where u is 1. Here u is one half.",
            _is(-4.0, -1.0),
        ),
        Mistake(
            "last input counted",
            [0.0, 0.5],
            "The truncated slope is right. In the whole one you count the last input as well: no u stands before it.",
            _is(0.0, 0.5),
        ),
        Mistake("the last state", [1.25, 1.25], "1.25 is the last state itself. Asked is how it moves with u.", _is(1.25, None)),
        Mistake(
            "inputs for states",
            [-1.0, 2.0],
            "The whole slope is right. The last use of u was multiplied with the state before it, not with the input of that moment.",
            _is(-1.0, 2.0),
        ),
    ),
)
