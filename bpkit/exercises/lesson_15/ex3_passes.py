"""15.3: how many passes a Jacobian takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array, numbers_of
from bpkit.exercises.model import Exercise, Mistake

_RIGHT = [1.0, 3.0, 20.0, 1.0, 1.0, 3.0, 40.0]


def _columns_at_once(pattern: Array, at_most: int) -> int:
    """Into how many groups the columns fall, so that no row meets two of one group: a pass for each. Not counted beyond a number."""
    groups: list[Array] = []
    for column in pattern.T:
        k = next((k for k, taken in enumerate(groups) if not (taken & column).any()), len(groups))
        if k == at_most:
            break
        if k == len(groups):
            groups.append(np.zeros_like(column))
        groups[k] |= column
    return len(groups)


def _passes() -> list[float]:
    """The fewer of JVPs, which collect columns, and VJPs, which collect rows."""
    near = np.abs(np.subtract.outer(np.arange(100), np.arange(100)))
    known: list[Any] = [(1, 1000), (1000, 3), (20, 50), (1000, 1), near == 0, near <= 1, (40, 40)]  # along one direction: one column
    found = []
    for shape in known:
        pattern: Array = np.ones(shape, dtype=bool) if isinstance(shape, tuple) else shape
        fewer = pattern if pattern.shape[1] <= pattern.shape[0] else pattern.T
        count = _columns_at_once(fewer, fewer.shape[1])
        found.append(float(_columns_at_once(fewer.T, count)))  # the other side only as far as it could be cheaper
    return found


def _are_counts(found: list[float]) -> bool:
    """Whether these may be numbers of passes: who writes others has not counted."""
    return all(number >= 0 and number.is_integer() for number in found)


def _says(*places: tuple[int, float]) -> Callable[[Any], bool]:
    """Recognises an answer in which all of these numbers stand at their places."""

    def recognise(value: Any) -> bool:
        found = numbers_of(value, len(_RIGHT))
        return found is not None and _are_counts(found) and all(found[place] == number for place, number in places)

    return recognise


def _with(*places: tuple[int, float]) -> list[float]:
    changed = dict(places)
    return [changed.get(k, number) for k, number in enumerate(_RIGHT)]


def _mistake(name: str, hint: str, *places: tuple[int, float]) -> Mistake:
    return Mistake(name, _with(*places), hint, _says(*places))


def _explain(value: Any) -> str | None:
    found = numbers_of(value, len(_RIGHT))
    if found is None or not _are_counts(found):
        return "Write a list of seven whole numbers, one for each of (a) to (g), such as [1, 1, 1, 1, 1, 1, 1]."
    wrong = [f"({letter})" for letter, mine, right in zip("abcdefg", found, _RIGHT, strict=True) if mine != right]
    return f"Look at {', '.join(wrong)} again." if wrong else None


EXERCISE = Exercise(
    id="15.3",
    name="passes",
    title="How many passes, and of which kind",
    points=2,
    minutes=6,
    difficulty=2,
    kind="value",
    reference=_RIGHT,
    oracle=_passes,
    explain=_explain,
    hints=(
        "One JVP gives one column of the Jacobian, or a sum of columns. One VJP gives one row, or a sum of rows. Which are there fewer of?",
        "For (e) and (f): a sum of columns is as good as the columns themselves where no two of them have an entry in the same row.",
        "In a tridiagonal matrix the columns 1, 4, 7, … meet in no row. How many such families are there? For (g), symmetry spares you no pass: "
        "when all products but one are known, one number is still open.",
    ),
    mistakes=(
        _mistake(
            "forward mode for a gradient",
            "(a) asks for a gradient: one output, a thousand inputs. Forward mode needs a pass for each input. What is backpropagation for?",
            (0, 1000),
        ),
        _mistake(
            "reverse mode for a tall Jacobian",
            "(b) has three inputs and a thousand outputs. A VJP for each output is the long way: what does moving one input tell you?",
            (1, 1000),
        ),
        _mistake("every entry", "You count entries of the Jacobian in (b). A pass gives a whole column or a whole row.", (1, 3000)),
        _mistake(
            "the larger side",
            "In (c) you pay for each of the 50 inputs. Rows can be collected as well as columns.",
            (2, 50),
        ),
        _mistake("both sides added", "In (c) you count rows and columns. Either all rows or all columns say everything.", (2, 70)),
        _mistake(
            "a whole Jacobian for one direction",
            "(d) asks along one direction only. A JVP takes the direction, and never needs the Jacobian.",
            (3, 1000),
        ),
        _mistake(
            "diagonal one by one",
            "In (e) every output depends on its own input alone. What does J v hold when v is all ones?",
            (4, 100),
        ),
        _mistake(
            "tridiagonal one by one",
            "In (f) you move one input at a time. Two inputs that are far apart move different outputs: can they share a pass?",
            (5, 100),
        ),
        _mistake(
            "two families",
            "In (f) each output depends on three inputs, and no pass gives more than one number for each output.",
            (5, 2),
        ),
        _mistake(
            "Hessian by halves",
            "In (g) you let symmetry halve the passes. It halves the numbers to be found; but with 20 products known, what the Hessian does to "
            "a vector that is at right angles to the 20 is still open.",
            (6, 20),
        ),
        _mistake("entries of the Hessian", "In (g) you count entries. One HVP gives 40 of them.", (6, 1600)),
        _mistake("half the entries of the Hessian", "In (g) you count entries, each pair once. One HVP gives 40 entries.", (6, 820)),
        _mistake("Hessian in one pass", "In (g) one HVP gives the Hessian times one vector. That is not the Hessian.", (6, 1)),
    ),
)
