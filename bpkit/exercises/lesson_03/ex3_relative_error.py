"""03.3: How far two gradients differ, as one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_03.shared import ALLOWED, Array, as_number
from bpkit.exercises.model import Case, Exercise, Mistake

_FLOOR = 1e-4


def _cases_relative(rng: np.random.Generator) -> list[Case]:
    def base(*shape: int) -> Array:
        return rng.uniform(0.5, 2, size=shape) * rng.choice([-1, 1], size=shape)

    cases = []
    # b is larger than a in size here, below it is smaller; a - b takes both signs
    for label, shape, sign in (("a negative entry off, 3×3", (3, 3), -1), ("a positive entry off, 2×4", (2, 4), 1)):
        a = base(*shape)
        at = tuple(rng.integers(shape))
        a[at] = sign * abs(a[at])
        b = a * (1 + 1e-9 * rng.normal(size=shape))
        b[at] = a[at] * rng.uniform(1.1, 1.4)
        cases.append(Case(label, (a, b)))
    a = base(6)
    b = a * (1 + 1e-3 * rng.normal(size=6))
    at, a_zero = rng.permutation(6)[:2]
    a[a_zero] = 0.0  # and not so b
    a[at] = 3e-3 * rng.uniform(0.5, 1)
    b[at] = -a[at] * rng.uniform(0.3, 0.6)  # apart by more than the larger of them
    cases.append(Case("a small entry far off, 6 entries", (a, b)))
    a = base(4, 2)
    a.flat[[2, 5]] = 0.0, 2e-9 * rng.uniform(0.5, 1)
    b = a * (1 + 1e-6 * rng.normal(size=(4, 2)))
    b.flat[5] = -5e-9 * rng.uniform(0.5, 1)
    cases.append(Case("an entry 0 on both sides and another near 0, 4×2", (a, b)))
    # both far below the floor: what is left is an absolute error
    a = base(2, 1) * 1e-6
    b = a * rng.uniform(1.5, 3, size=(2, 1))
    a[1], b[1] = 0.0, 8e-6 * rng.uniform(0.6, 1)  # 0 on one side only, and further off than the other entry
    cases.append(Case("everything below the floor, 2×1", (a, b)))
    return cases


def _relative(a: Array, b: Array) -> float:
    return float(np.max(np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), _FLOOR)))


def _relative_oracle(a: Array, b: Array) -> float:
    """The least t for which every entry is within t times the largest of |a|, |b| and the floor; by halving."""
    low, high = 0.0, 2.0
    for _ in range(80):
        t = (low + high) / 2
        gap = np.abs(a - b)
        within = (gap <= t * np.abs(a)) | (gap <= t * np.abs(b)) | (gap <= t * _FLOOR)
        low, high = (low, t) if within.all() else (t, high)
    return high


def _over(scale: Callable[[Array, Array], Any], gather: Callable[[Array], Any] = np.max) -> Callable[[Array, Array], Any]:
    """An answer |a - b| over a scale, gathered into one number."""
    return lambda a, b: gather(np.abs(a - b) / scale(a, b))


def _larger(a: Array, b: Array) -> Array:
    return np.maximum(np.abs(a), np.abs(b))


def _explain_relative(value: Any, a: Array, b: Array) -> str | None:
    found = as_number(value)
    if found is None or found == (worst := _relative(a, b)):
        return None
    if found < 0:
        return "Your number is negative. An error has no sign."
    if found < worst:
        return (
            "In one of the cases your number is smaller than the error of the worst entry: a wrong entry could hide. "
            "Go through one entry by hand: its distance, what it is divided by, and how the entries become one number."
        )
    return (
        "In one of the cases your number is larger than the error of the worst entry. Go through that entry by hand: its distance, what it is "
        "divided by, and how the entries become one number."
    )


def _of_the_largest_distance(a: Array, b: Array) -> float:
    worst = np.unravel_index(np.argmax(np.abs(a - b)), a.shape)
    return float(np.abs(a - b)[worst] / max(_larger(a, b)[worst], _FLOOR))


def _of_those_above_the_floor(a: Array, b: Array) -> float:
    errors = np.abs(a - b) / np.maximum(_larger(a, b), _FLOOR)
    return float(np.max(errors, where=_larger(a, b) > _FLOOR, initial=0.0))


EXERCISE = Exercise(
    id="03.3",
    name="relative_error",
    title="How far two gradients differ, as one number",
    points=2,
    minutes=7,
    difficulty=2,
    allows=ALLOWED,
    cases=_cases_relative,
    zeros=(1,),
    reference=_relative,
    oracle=_relative_oracle,
    explain=_explain_relative,
    hints=(
        "First an array: for each entry its own relative error. Then one number: the worst of them.",
        "Above the fraction bar the distance of a and b, never negative. Below it the largest of three: the size of a, the size of b, the floor; "
        "entry by entry.",
        "`np.maximum(u, v)` compares two arrays entry by entry; `np.max(u)` is the largest entry of one. You need the first below the bar, twice, "
        "and the second at the end.",
    ),
    mistakes=(
        Mistake(
            "mean of the two sizes below the bar",
            _over(lambda a, b: np.maximum((np.abs(a) + np.abs(b)) / 2, _FLOOR)),
            "Below the bar stands the mean of the two sizes. Some texts do that, and get a larger error; here it is the larger of the two.",
        ),
        Mistake(
            "squares",
            lambda a, b: float(np.max((a - b) ** 2 / np.maximum(np.maximum(a**2, b**2), _FLOOR))),
            "You compare squares. Then an error of a hundredth counts as a ten-thousandth: take the distance and the sizes as they are.",
        ),
        Mistake(
            "root of the sum of squares below the bar",
            _over(lambda a, b: np.maximum(np.sqrt(a**2 + b**2), _FLOOR)),
            "Below the bar stands the root of the sum of both squares. Take the larger of the two sizes.",
        ),
        Mistake(
            "no floor (0/0)",
            _over(_larger),
            "Where both entries are 0 you divide 0 by 0. Two zeros agree; the floor under the fraction keeps the number finite.",
        ),
        Mistake(
            "no floor, nan skipped",
            _over(_larger, np.nanmax),
            "Entries of size 1e-9 count as wholly wrong, though all that differs in them is rounding. Is there a floor, and is it high enough?",
        ),
        Mistake(
            "floor too low",
            _over(lambda a, b: np.maximum(_larger(a, b), 1e-8)),
            "Your floor is 1e-8, so low that entries that consist of rounding alone count as wrong. The lesson says how high it has to be, and why.",
        ),
        Mistake(
            "not symmetric: divided by a",
            _over(lambda a, b: np.maximum(np.abs(a), _FLOOR)),
            "You divide by the size of a alone. Swap a and b and another number comes out; neither gradient should be privileged.",
        ),
        Mistake(
            "not symmetric: divided by b",
            _over(lambda a, b: np.maximum(np.abs(b), _FLOOR)),
            "You divide by the size of b alone. Swap a and b and another number comes out; neither gradient should be privileged.",
        ),
        Mistake(
            "max hides small entries",
            lambda a, b: np.max(np.abs(a - b)) / np.max(np.maximum(_larger(a, b), _FLOOR)),
            "You compare the largest distance with the largest entry of all. A small entry may then be wrong altogether and nobody notices: "
            "each entry "
            "has to be compared with its own size.",
        ),
        Mistake(
            "norms hide small entries",
            lambda a, b: np.linalg.norm(a - b) / np.max([np.linalg.norm(a), np.linalg.norm(b), _FLOOR]),
            "You compare norms. A small entry may then be wrong altogether and hardly count: each entry has to be compared with its own size.",
        ),
        Mistake(
            "norms, added below the bar",
            lambda a, b: np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b)),
            "You compare norms, with the sum of both below the bar. A small entry may then be wrong altogether and hardly count: each entry "
            "has to be "
            "compared with its own size, the larger of the two.",
        ),
        Mistake(
            "mean for worst",
            _over(lambda a, b: np.maximum(_larger(a, b), _FLOOR), np.mean),
            "You average the errors: one wrong entry among thousands would vanish in the mean. What is the worst entry?",
        ),
        Mistake(
            "sum below the bar",
            _over(lambda a, b: np.maximum(np.abs(a) + np.abs(b), _FLOOR)),
            "Below the bar stands the sum of the two sizes. Some texts do that, and get about half of what is asked here: take the larger of "
            "the two.",
        ),
        Mistake(
            "smaller size below the bar",
            _over(lambda a, b: np.maximum(np.minimum(np.abs(a), np.abs(b)), _FLOOR)),
            "Below the bar stands the smaller of the two sizes. Which of them bounds the error by a fixed number, whatever a and b are?",
        ),
        Mistake(
            "summed for worst",
            _over(lambda a, b: np.maximum(_larger(a, b), _FLOOR), np.sum),
            "You add the errors of all entries. A large W would look worse than a small one; what is the worst entry?",
        ),
        Mistake(
            "best for worst",
            _over(lambda a, b: np.maximum(_larger(a, b), _FLOOR), np.min),
            "You report the entry that agrees best. One wrong entry has to show.",
        ),
        Mistake(
            "floor added",
            _over(lambda a, b: _larger(a, b) + _FLOOR),
            "You add the floor to every size. Then it also changes entries that are large enough; a floor only lifts what lies below it.",
        ),
        Mistake(
            "distance signed",
            lambda a, b: np.max((a - b) / np.maximum(_larger(a, b), _FLOOR)),
            "You take a - b with its sign. Where b is the larger one the error counts as negative, and the worst entry may be missed.",
        ),
        Mistake(
            "sizes signed",
            lambda a, b: np.max(np.abs(a - b) / np.maximum(np.maximum(a, b), _FLOOR)),
            "You compare the entries themselves, with their signs. For two negative entries nothing but the floor is left below the bar.",
        ),
        Mistake(
            "in per cent",
            lambda a, b: 100 * _relative(a, b),
            "Every number is a hundred times too large: per cent? Asked is the plain ratio, such as 0.01.",
        ),
        Mistake(
            "absolute error",
            lambda a, b: np.max(np.abs(a - b)),
            "That is the largest distance, an absolute error. Whether 0.001 is much depends on the size of the entry.",
        ),
        Mistake(
            "entry with the largest distance",
            _of_the_largest_distance,
            "You divide the largest distance by the size of its entry. Another entry may be closer and yet relatively worse: divide first, then "
            "take the "
            "largest.",
        ),
        Mistake(
            "geometric mean below the bar",
            _over(lambda a, b: np.maximum(np.sqrt(np.abs(a * b)), _FLOOR)),
            "Below the bar stands the root of the product of the two sizes. Asked is the larger of the two.",
        ),
        Mistake(
            "root mean square for worst",
            _over(lambda a, b: np.maximum(_larger(a, b), _FLOOR), lambda errors: np.sqrt(np.mean(errors**2))),
            "You take the root of the mean of the squared errors: one wrong entry among thousands would vanish in it. What is the worst entry?",
        ),
        Mistake(
            "small entries left out",
            _of_those_above_the_floor,
            "You leave out the entries below the floor. They count, too: with the floor below the bar in place of their size.",
        ),
    ),
)
