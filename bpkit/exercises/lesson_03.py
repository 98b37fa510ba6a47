"""The exercises of lesson 03, gradient checking, with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.proof import Proof
from bpkit.exercises.run import Probe
from bpkit.exhibits.six_claims import six_claims

Array = np.ndarray
Function = Callable[[Any], Any]

# the same for all, so that the grader runs the notebook's cells once
_ALLOWED = ("relu", "six_claims")


def _array(value: Any) -> Array | None:
    """A returned value as an array of numbers, if it is one."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged list
        return None
    return array if array.dtype.kind in "biufc" else None


def _number(value: Any) -> float | None:
    """A returned value as one finite real number, if it is one, or a text that says one."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    array = _array(value)
    if array is None or array.size != 1 or array.dtype.kind == "c" or not np.isfinite(array).all():
        return None
    return float(array.item())


# ---- 03.1 the central difference -------------------------------------------------------------------------------------


def _cases_central(rng: np.random.Generator) -> list[Case]:
    cases = []
    for h in (0.5, 0.125, 0.03):
        x = float(rng.uniform(0.4, 1.4) * rng.choice([-1, 1]))
        # the slope stays above 1 and the bend is of order one, so that no scheme looks like another
        f = Probe("wave", (float(rng.uniform(0.5, 1.5)), float(rng.uniform(3.5, 4.5)), float(rng.uniform(1.6, 2.2))))
        cases.append(Case(f"f(x) = c + s·x + sin(k·x) with random c, s, k; x = {x:.3f}, h = {h:g}", (f, x, h)))
    return cases


def _central(f: Function, x: Any, h: float) -> Any:
    return (f(x + h) - f(x - h)) / (2 * h)


def _mean_slope(f: Function, x: float, h: float) -> float:
    """The mean of f' between x - h and x + h, by complex steps and Gauss's rule: no difference of f is taken."""
    nodes, weights = np.polynomial.legendre.leggauss(30)
    slopes = np.imag(f(x + h * nodes + 1e-30j)) / 1e-30
    return float(weights @ slopes / 2)


CENTRAL_DIFFERENCE = Exercise(
    id="03.1",
    name="central_difference",
    title="The slope of a function from two of its values",
    points=1,
    minutes=5,
    difficulty=1,
    allows=_ALLOWED,
    cases=_cases_central,
    reference=_central,
    oracle=_mean_slope,
    hints=(
        "Two values are needed, one on each side of x. Which points are they taken at?",
        "Rise over run: the difference of the two values, divided by how far apart the two points lie.",
        "From x - h to x + h it is twice h. Mind the brackets: everything below the fraction bar belongs together.",
    ),
    mistakes=(
        Mistake(
            "one-sided",
            lambda f, x, h: (f(x + h) - f(x)) / h,
            "You compare f(x + h) with f(x): a one-sided difference, whose error shrinks only like h. Take one step to each side.",
        ),
        Mistake(
            "one-sided, backwards",
            lambda f, x, h: (f(x) - f(x - h)) / h,
            "You compare f(x) with f(x - h): a one-sided difference, whose error shrinks only like h. Take one step to each side.",
        ),
        Mistake(
            "missing 2",
            lambda f, x, h: (f(x + h) - f(x - h)) / h,
            "Every slope is twice too large. How far apart are the two points at which you took f?",
        ),
        Mistake(
            "brackets around 2h missing",
            lambda f, x, h: (f(x + h) - f(x - h)) / 2 * h,
            "You divide by 2 and then multiply by h: `a / 2 * h` is read from left to right. What has to stand in brackets?",
        ),
        Mistake(
            "brackets around the difference missing",
            lambda f, x, h: f(x + h) - f(x - h) / (2 * h),
            "Only the second value is divided: `a - b / c` divides first. The whole difference stands above the bar.",
        ),
        Mistake(
            "no brackets at all",
            lambda f, x, h: f(x + h) - f(x - h) / 2 * h,
            "`a - b / 2 * h` divides b by 2, multiplies by h, and subtracts last. Both the difference and the 2h need brackets.",
        ),
        Mistake(
            "divided by h, times 2",
            lambda f, x, h: (f(x + h) - f(x - h)) / h * 2,
            "You divide by h and then multiply by 2: `a / h * 2` is read from left to right. What has to stand in brackets?",
        ),
        Mistake(
            "the value, not the slope",
            lambda f, x, h: f(x),
            "That is f(x) itself. How fast does f change around x?",
        ),
        Mistake(
            "difference not divided",
            lambda f, x, h: f(x + h) - f(x - h),
            "That is how much f rises between the two points. A slope is rise over run.",
        ),
        Mistake(
            "sign",
            lambda f, x, h: (f(x - h) - f(x + h)) / (2 * h),
            "Every slope has the opposite sign: where f rises you say that it falls. Which value comes first?",
        ),
        Mistake(
            "sum for difference",
            lambda f, x, h: (f(x + h) + f(x - h)) / (2 * h),
            "You add the two values. A constant f would get a slope that way, and it has none.",
        ),
        Mistake(
            "one-sided, divided by 2h",
            lambda f, x, h: (f(x + h) - f(x)) / (2 * h),
            "The points are x and x + h, and you divide by 2h. Either the second point or the distance does not fit the other.",
        ),
        Mistake(
            "half a step",
            lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / h,
            "You go half of h to each side. That is a central difference too, for another step: asked is h to each side.",
        ),
        Mistake(
            "second difference",
            lambda f, x, h: (f(x + h) - 2 * f(x) + f(x - h)) / h**2,
            "That is how f bends, its second derivative. For the slope f(x) itself is not needed.",
        ),
        Mistake(
            "a step of one's own",
            lambda f, x, h: _central(f, x, 1e-5),
            "You found the slope with another step than h. Use the h that your function is given.",
        ),
    ),
)


# ---- 03.2 the numerical gradient ----------------------------------------------------------------------------------------

_BEND = 1e5  # a step of 1e-7 that is left in W shows in the third digit


def _cases_gradient(rng: np.random.Generator) -> list[Case]:
    arrays = {
        "W 3×3": rng.normal(size=(3, 3)),
        "W 2×4": rng.normal(size=(2, 4)),
        "W 4×1": rng.normal(size=(4, 1)),
        "W 2×3 of int64": rng.permutation(np.arange(1, 7)).reshape(2, 3) * rng.choice([-1, 1], size=(2, 3)),
        "W 3×2 of float32": rng.normal(size=(3, 2)).astype(np.float32),
    }
    return [Case(label, (Probe("bent cost", (_BEND, *map(float, W.ravel()))), W)) for label, W in arrays.items()]


def _gradient(C: Function, W: Array, h: float = 6e-6) -> Array:
    w = np.array(W, dtype=float)
    gradient = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (C(up) - C(down)) / (2 * h)
    return gradient


def _slopes(C: Function, W: Array) -> Array:
    return oracles.gradient(C, W.astype(float))


def _misses(value: Any, C: Function, W: Array) -> Array | None:
    """How far a value of W's shape is off, entry by entry, relative to the largest slope; None for any other value."""
    found = _array(value)
    if found is None or found.dtype.kind == "c" or found.shape != W.shape or not np.isfinite(found).all():
        return None
    slopes = _slopes(C, W)
    return np.asarray((found - slopes) / np.abs(slopes).max())


_OFF = 2e-6  # as far as the judge lets differences go


def _right(value: Any, C: Function, W: Array) -> bool:
    misses = _misses(value, C, W)
    return misses is not None and float(np.abs(misses).max()) <= _OFF


def _flat(value: Any, C: Function, W: Array) -> bool:
    found = _array(value)
    if found is None or found.shape not in ((W.size,), (1, W.size), (W.size, 1)):  # the last may be W's own shape
        return False
    return _right(found.reshape(W.shape), C, W)


def _piles_up(value: Any, C: Function, W: Array) -> bool:
    """Whether the error grows by the same amount from entry to entry, as when each step is left where it is."""
    misses = _misses(value, C, W)
    if W.dtype.kind == "i" or W.dtype == np.float32:  # there other things may be wrong as well
        return misses is None or float(np.abs(misses).max()) > _OFF
    if misses is None:
        return False
    # measured from the first cost of all, the slopes themselves pile up as well
    slopes = _slopes(C, W)
    found = np.asarray(value, dtype=float) / np.abs(slopes).max()
    last = found - misses
    for order in ("C", "F"):
        for errors in (misses.ravel(order), np.diff(found.ravel(order), prepend=0) - last.ravel(order)):
            steps = np.diff(errors)
            if np.abs(steps).min() > _OFF and np.ptp(steps) < 1e-2 * np.abs(steps).max():
                return True
    return False


def _one_sided(value: Any, C: Function, W: Array) -> bool:
    """Whether every entry is off by the same, as K/2 · h comes out where only one side is looked at."""
    misses = _misses(value, C, W)
    if W.dtype.kind == "i" or W.dtype == np.float32:
        return misses is None or float(np.abs(misses).max()) > _OFF
    return misses is not None and float(np.abs(misses).min()) > _OFF and float(np.ptp(misses)) < 1e-2 * float(np.abs(misses).max())


def _integers_truncated(value: Any, C: Function, W: Array) -> bool:
    if W.dtype.kind == "i":
        misses = _misses(value, C, W)
        return misses is not None and not _right(value, C, W)
    return W.dtype == np.float32 or _right(value, C, W)


def _integer_result(value: Any, C: Function, W: Array) -> bool:
    if W.dtype.kind == "i":
        found = _array(value)
        return found is not None and found.dtype.kind == "i" and np.array_equal(found, np.trunc(_slopes(C, W)))
    return W.dtype == np.float32 or _right(value, C, W)


def _float32(value: Any, C: Function, W: Array) -> bool:
    misses = _misses(value, C, W)
    if misses is None:
        return False
    noisy = _OFF < float(np.abs(misses).max()) < 0.5
    throughout = getattr(value, "dtype", None) == np.float32
    return noisy if W.dtype == np.float32 else (noisy and throughout) or _right(value, C, W)


def _undivided(value: Any, C: Function, W: Array) -> bool:
    misses = _misses(value, C, W)
    return misses is not None and float(np.abs(misses).max()) > 0.9 and float(np.abs(np.asarray(value)).max()) < 0.02


def _in_numbers_of(working: Callable[[Array], Any], container: Callable[[Array], Any]) -> Callable[[Function, Array], Array]:
    """The right loop on a copy of one number type, with its results put into zeros of another."""

    def answer(C: Function, W: Array) -> Array:
        w, gradient, h = np.array(W, dtype=working(W)), np.zeros(W.shape, dtype=container(W)), 1e-5
        for i in np.ndindex(w.shape):
            kept = w[i]
            w[i] = kept + h
            up = C(w)
            w[i] = kept - h
            gradient[i] = (up - C(w)) / (2 * h)
            w[i] = kept
        return gradient

    return answer


def _not_restored(C: Function, W: Array) -> Array:
    w, h = np.array(W, dtype=float), 1e-5
    gradient = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w[i] += h
        up = C(w)
        w[i] -= 2 * h
        gradient[i] = (up - C(w)) / (2 * h)
    return gradient


def _forward_gradient(C: Function, W: Array) -> Array:
    w, h = np.array(W, dtype=float), 1e-5
    gradient = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up = w.copy()
        up[i] += h
        gradient[i] = (C(up) - C(w)) / h
    return gradient


def _whole_rows(C: Function, W: Array) -> Array:
    w, h = np.array(W, dtype=float), 1e-5
    gradient = np.zeros(w.shape)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += h
        down[i] -= h
        gradient[i] = (C(up) - C(down)) / (2 * h)
    return gradient


def _square_loop(C: Function, W: Array) -> Array:
    gradient = np.zeros(W.shape)
    for i in np.ndindex(len(W), len(W)):
        up, down = W.astype(float), W.astype(float)
        up[i] += 1e-5
        down[i] -= 1e-5
        gradient[i] = (C(up) - C(down)) / 2e-5
    return gradient


def _all_at_once(C: Function, W: Array) -> Array:
    w, h = np.array(W, dtype=float), 1e-5
    return np.full(w.shape, (C(w + h) - C(w - h)) / (2 * h))


def _explain_gradient(value: Any, C: Function, W: Array) -> str | None:
    misses = _misses(value, C, W)
    if misses is None or not _OFF < (worst := float(np.abs(misses).max())) < 0.02:
        return None
    return (
        f"For {' × '.join(map(str, W.shape))} of {W.dtype}: near the gradient, but off by {worst:.0e} of its largest entry. The loop is "
        "right; what is left "
        "is the step's error. Is h far from the best step, or is something float32 on the way?"
    )


NUMERICAL_GRADIENT = Exercise(
    id="03.2",
    name="numerical_gradient",
    title="The gradient of any cost, one entry at a time",
    points=3,
    minutes=11,
    difficulty=3,
    allows=_ALLOWED,
    cases=_cases_gradient,
    reference=_gradient,
    oracle=_slopes,
    explain=_explain_gradient,
    hints=(
        "A gradient is one slope for each entry of W. Go through the entries; for each, nudge that entry alone, up and down, and leave all "
        "others as they are.",
        "`for i in np.ndindex(W.shape)` gives the index of every entry of an array of any shape. Put the slope for entry i into place i of an array "
        "of zeros. Before you go on, everything must be as it was.",
        "Look at what you step in: a float64 copy of W, whatever number type W comes in. Look at what you write into: zeros that are "
        "float64 too. A step of "
        "about 6e-6 to each side.",
    ),
    mistakes=(
        Mistake(
            "flat result",
            lambda C, W: _gradient(C, W).ravel(),
            "The slopes are right, and stand in one line. A gradient has the shape of its W, so that one can be subtracted from the other.",
            _flat,
        ),
        Mistake(
            "integer result",
            _in_numbers_of(lambda W: float, lambda W: W.dtype),
            "For a W of integers your slopes are cut off to integers. Which number type has the array that you write them into? "
            "`np.zeros_like` takes over that of its model.",
            _integer_result,
        ),
        Mistake(
            "integer input truncated",
            _in_numbers_of(lambda W: W.dtype, lambda W: float),
            "It goes wrong for a W of integers: an integer array cannot hold 3.00001, so the step is cut off as it is stored. Step in a copy of "
            "another number type.",
            _integers_truncated,
        ),
        Mistake(
            "float32",
            _in_numbers_of(lambda W: np.float32 if W.dtype == np.float32 else float, lambda W: float),
            "It goes wrong in float32: with 7 digits a small step is lost in rounding. Step in a float64 copy, whatever W comes in.",
            _float32,
        ),
        Mistake(
            "x not restored",
            _not_restored,
            "The first entry is nearly right and the error grows from entry to entry: when you go on to the next, the one before is still displaced. "
            "Put each entry back before you nudge another.",
            _piles_up,
        ),
        Mistake(
            "one-sided",
            _forward_gradient,
            "Every entry is off by the same amount, and by less with a smaller step: you look at one side only. How much C bends cancels when you "
            "step to both sides.",
            _one_sided,
        ),
        Mistake(
            "missing 2",
            lambda C, W: 2 * _gradient(C, W),
            "Every slope is twice too large. How far apart are the two points?",
        ),
        Mistake(
            "sign",
            lambda C, W: -_gradient(C, W),
            "Every slope has the opposite sign. Which of the two costs comes first in the difference?",
        ),
        Mistake(
            "difference not divided",
            lambda C, W: 2e-5 * _gradient(C, W),
            "Your entries are tiny: they look like differences that nobody divided by the step.",
            _undivided,
        ),
        Mistake(
            "whole rows nudged",
            _whole_rows,
            "All entries of a row get the same number: `W[i]` is a whole row, and you nudge it as one. An entry of a matrix needs two indices.",
        ),
        Mistake(
            "as many columns as rows",
            _square_loop,
            "It is right for a square W, and leaves columns out (or runs over the edge) for others: both of your loops count the rows. How many "
            "columns has W?",
        ),
        Mistake(
            "all entries at once",
            _all_at_once,
            "Every entry gets the same number, the sum of all slopes: W + h moves all entries together. Nudge one of them and leave the others.",
        ),
        Mistake(
            "transposed",
            lambda C, W: _gradient(C, W).T,
            "The slopes are right and stand the wrong way round: entry (j, k) belongs to W[j, k].",
        ),
    ),
)


# ---- 03.3 relative error -------------------------------------------------------------------------------------------------

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
    a = base(3, 2)
    b = a * (1 + 1e-3 * rng.normal(size=(3, 2)))
    at = tuple(rng.integers((3, 2)))
    a[at] = 3e-3 * rng.uniform(0.5, 1)
    b[at] = a[at] * rng.uniform(0.3, 0.6)
    cases.append(Case("a small entry far off, 3×2", (a, b)))
    a = base(4, 2)
    a.flat[[2, 5]] = 0.0, 2e-9 * rng.uniform(0.5, 1)
    b = a * (1 + 1e-6 * rng.normal(size=(4, 2)))
    b.flat[5] = -5e-9 * rng.uniform(0.5, 1)
    cases.append(Case("an entry 0 on both sides and another near 0, 4×2", (a, b)))
    # both far below the floor: what is left is an absolute error
    a = base(2, 1) * 1e-6
    cases.append(Case("everything below the floor, 2×1", (a, a * rng.uniform(1.5, 3, size=(2, 1)))))
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
    found = _number(value)
    if found is None or found == (worst := _relative(a, b)):
        return None
    if found < 0:
        return "Your number is negative. An error has no sign."
    if found < worst:
        return "In one of the cases your number is smaller than the error of the worst entry: a wrong entry could hide. By what do you divide there?"
    return "In one of the cases your number is larger than the error of the worst entry. Is something below the bar smaller than it should be?"


RELATIVE_ERROR = Exercise(
    id="03.3",
    name="relative_error",
    title="How far two gradients differ, as one number",
    points=2,
    minutes=7,
    difficulty=2,
    allows=_ALLOWED,
    cases=_cases_relative,
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
    ),
)


# ---- 03.4 the best step ---------------------------------------------------------------------------------------------------


@cache
def _measured_best_step() -> float:
    """The step whose central difference was closest, in the median over functions and places of order one."""
    x = np.random.default_rng(0).uniform(0.5, 1.5, size=200)
    steps = 10.0 ** np.arange(-12, 0.01, 0.25)
    errors = []
    for f in (np.sin, np.exp, oracles.sigmoid, np.arctan):
        slope = np.imag(f(x + 1e-30j)) / 1e-30
        errors.append([np.median(np.abs(_central(f, x, h) - slope)) for h in steps])
    return float(steps[np.argmin(np.mean(np.log(errors), axis=0))])


def _step_between(low: float, high: float) -> Callable[[Any], bool]:
    """Recognises a step above `low` and up to `high`."""

    def within(value: Any) -> bool:
        step = _number(value)
        return step is not None and low < step <= high

    return within


def _explain_step(value: Any) -> str | None:
    step = _number(value)
    if step is None:
        return "Write one number, a power of ten will do, such as best_h = 1e-1."
    return "A step is a positive number." if step == 0 else None


BEST_H = Exercise(
    id="03.4",
    name="best_h",
    title="The best step for central differences in float64",
    points=1,
    minutes=3,
    difficulty=1,
    kind="value",
    allows=_ALLOWED,
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
            _step_between(2e-10, 0.99e-6),
        ),
        Mistake(
            "best for float32",
            5e-3,
            "That is the best step in float32, with its 7 digits. float64 has 16: the left branch starts much further down.",
            _step_between(1.01e-4, 2e-2),
        ),
        Mistake(
            "too large",
            0.1,
            "With so large a step the curve bends between the two points. Divide h by ten and the error falls to a hundredth: you are far out on "
            "the right branch.",
            _step_between(2e-2, 1e300),
        ),
        Mistake(
            "the exponent",
            -5,
            "That is no step, it looks like an exponent. Write the step itself, such as 1e-1.",
            lambda value: (step := _number(value)) is not None and step < 0,
        ),
    ),
)


# ---- 03.5 the complex step --------------------------------------------------------------------------------------------------

_LARGE = 1e9  # a value beside which a difference of f keeps few digits


def _cases_complex(rng: np.random.Generator) -> list[Case]:
    wave = (float(rng.uniform(0.5, 1.5)), float(rng.uniform(2.5, 3.5)), float(rng.uniform(1.2, 1.8)))
    x, y, *far = (float(value) for value in rng.uniform([0.4, -0.6, 0.4, 1.5], [1.4, -0.2, 1.4, 2.5]))
    return [
        Case(f"f(x) = c + s·x + sin(k·x) with random c, s, k; x = {x:.3f}", (Probe("wave", wave), x)),
        Case(f"f(x) = exp(x) / (1 + x²), x = {y:.3f}", (Probe("bell", (1.0,)), y)),
        *(Case(f"f(x) = 1000 million + s·x + sin(k·x) with random s, k; x = {z:.3f}", (Probe("wave", (_LARGE, *wave[1:])), z)) for z in far),
    ]


def _complex_step(f: Function, x: float) -> float:
    return float(np.imag(f(x + 1e-20j)) / 1e-20)


def _contour(f: Function, x: float) -> float:
    """f'(x) by Cauchy's integral around x."""
    turn = np.exp(2j * np.pi * np.arange(128) / 128)
    return float(np.mean(f(x + 0.5 * turn) / (0.5 * turn)).real)


def _ratio_to(wanted: Callable[[Function, float], float], test: Callable[[float], bool]) -> Callable[..., bool]:
    """Recognises a value by what multiple of something it is."""

    def recognise(value: Any, f: Function, x: float) -> bool:
        number = _number(value)
        return number is not None and test(number / wanted(f, x))

    return recognise


def _subtracts(value: Any, f: Function, x: float) -> bool:
    number = _number(value)
    if number is None:
        return False
    off = abs(number / _contour(f, x) - 1)
    return off > 2e-6 if abs(f(x)) > _LARGE / 2 else off < 1e-5


COMPLEX_STEP = Exercise(
    id="03.5",
    name="complex_step",
    title="The slope without a subtraction",
    points=1,
    minutes=5,
    difficulty=1,
    allows=_ALLOWED,
    cases=_cases_complex,
    reference=_complex_step,
    oracle=_contour,
    oracle_rtol=1e-6,  # the oracle averages values of size 1e9
    hints=(
        "Step sideways: call f once, at x plus a tiny imaginary number. Where in the result does the slope stand?",
        "By Taylor the real part of the result is f(x), and the imaginary part is h times the slope. Nothing has to be subtracted.",
        "In Python `1j` is the imaginary unit, and `.imag` (or `np.imag`) gives the imaginary part. h can be 1e-20. What is left to do with h times "
        "the slope?",
    ),
    mistakes=(
        Mistake(
            "real part",
            lambda f, x: np.real(f(x + 1e-20j)) / 1e-20,
            "Your numbers are huge: the value of f itself divided by the tiny step. The slope stands in the other part of the complex number.",
            _ratio_to(lambda f, x: float(f(x)), lambda ratio: abs(ratio) > 1e3),
        ),
        Mistake(
            "the value, not the slope",
            lambda f, x: np.real(f(x + 1e-20j)),
            "That is f(x) itself. What the imaginary step did to f stands in the imaginary part.",
        ),
        Mistake(
            "not divided by h",
            lambda f, x: np.imag(f(x + 1e-20j)),
            "Your numbers are tiny: the imaginary part is h times the slope.",
            _ratio_to(_contour, lambda ratio: 0 < abs(ratio) < 1e-3),
        ),
        Mistake(
            "the step is real",
            lambda f, x: np.imag(f(x + 1e-20)) / 1e-20,
            "The slope comes out as 0: beside x, a real step of 1e-20 is lost, and it leaves no imaginary part. Where does the imaginary unit enter?",
        ),
        Mistake(
            "a difference after all",
            lambda f, x: (f(x + 6e-6) - f(x - 6e-6)) / 12e-6,
            "It fails where f is large: there a difference of two values loses its digits. The complex step needs one value of f and subtracts "
            "nothing.",
            _subtracts,
        ),
        Mistake(
            "divided by 2h",
            lambda f, x: np.imag(f(x + 1e-20j)) / 2e-20,
            "Every slope is half of what it should be. There is one step of length h here, not one to each side.",
        ),
        Mistake(
            "imaginary part not taken",
            lambda f, x: f(x + 1e-20j) / 1e-20j,
            "You divide the whole complex number, and the value of f stays in it. Take out the imaginary part first.",
            lambda value, f, x: (z := _array(value)) is not None and z.dtype.kind == "c" and z.size == 1 and abs(z.item()) > 1e3,
        ),
        Mistake(
            "angle for imaginary part",
            lambda f, x: np.angle(f(x + 1e-20j)) / 1e-20,
            "You take the angle of the complex number, and get the slope divided by f(x). The height above the real axis is asked.",
        ),
        Mistake(
            "sign",
            lambda f, x: np.imag(f(x - 1e-20j)) / 1e-20,
            "Every slope has the opposite sign: you step in the direction of -i and divide by +h.",
        ),
    ),
)


# ---- 03.6 who is wrong? ------------------------------------------------------------------------------------------------------

_CLAIMS = {claim.letter: claim for claim in six_claims()}
_GUILTY = "ADF"


def _wrong_somewhere() -> str:
    """The claims that disagree with a complex step at random places, where no kink and no symmetry interferes."""
    rng = np.random.default_rng(4)
    found = ""
    for letter, claim in _CLAIMS.items():
        for _ in range(3):
            W = rng.normal(size=claim.W.shape)
            slopes = oracles.gradient(claim.C, W)
            if np.abs(claim.gradient(W) - slopes).max() > 1e-6 * np.abs(slopes).max():
                found += letter
                break
    return found


def _suspected(value: Any) -> set[str] | None:
    """The letters of an answer; None if it names something that is no claim."""
    if isinstance(value, str) and value.strip().lower() in ("", "none"):
        return set()
    letters = Proof.read(value)
    return set(letters) if (letters or value == []) and set(letters) <= set(_CLAIMS) else None


def _missing(letter: str) -> Callable[[Any], bool]:
    return lambda value: (found := _suspected(value)) is not None and letter not in found


def _accused(letter: str) -> Callable[[Any], bool]:
    return lambda value: (found := _suspected(value)) is not None and letter in found


def _explain_suspects(value: Any) -> str | None:
    if _suspected(value) is None:
        return 'Write the letters of the wrong gradients as text, such as "AB"; the claims are A to F.'
    return None


SUSPECTS = Exercise(
    id="03.6",
    name="suspects",
    title="Six claimed gradients: which are wrong?",
    points=2,
    minutes=8,
    difficulty=2,
    kind="value",
    allows=("check_grad", "complex_step", "numerical_gradient", "six_claims"),
    reference=_GUILTY,
    oracle=_wrong_somewhere,
    accepts=lambda value: _suspected(value) == set(_GUILTY),
    explain=_explain_suspects,
    hints=(
        "Check each claim at its own point first, entry by entry, and write the errors down. Which are clear either way?",
        "Before you accuse: does a shorter or longer step change the verdict? Is there a kink, a huge value, a tiny entry? A wrong "
        "gradient is wrong for "
        "every scheme.",
        "Before you acquit: how large is the error compared with 1e-7? And is the point a good one, or has it a symmetry that a mistake could hide "
        "behind? `claim.C` and `claim.gradient` take any W of the right shape.",
    ),
    mistakes=(
        Mistake(
            "nobody suspected",
            "none",
            "You acquit all six. One of them is off by half of its size at the very point that it came with. Print the two gradients side by side.",
            lambda value: _suspected(value) == set(),
        ),
        Mistake(
            "all suspected",
            "ABCDEF",
            "You accuse all six. At least one agrees with a complex step to the last digits. What does your check say at a random W?",
            lambda value: _suspected(value) == set(_CLAIMS),
        ),
        Mistake(
            "a plain one missed",
            "DF",
            "You missed the plainest one: it is off by half of its size, with every scheme and step.",
            _missing("A"),
        ),
        Mistake(
            "kink taken for a mistake",
            "ABDF",
            "One that you accuse is right. Its cost has kinks, and at the given point one lies within your step. Halve h a few times and watch the "
            "error, or take a complex step.",
            _accused("B"),
        ),
        Mistake(
            "round-off taken for a mistake",
            "ACDF",
            "One that you accuse is right. Its cost has a huge value, and the difference of two huge values has few digits left. Take a larger "
            "step, or a scheme that subtracts nothing.",
            _accused("C"),
        ),
        Mistake(
            "tiny entries taken for a mistake",
            "ADEF",
            "One that you accuse is right. Some of its entries are so small that the error in them is rounding alone. Has your relative error "
            "a floor?",
            _accused("E"),
        ),
        Mistake(
            "tolerance too loose",
            "AF",
            "You acquit one whose error is between 0.1 and 2 per cent at every step. That is no rounding: a right gradient in float64 agrees to many "
            "more digits. What may it have left out?",
            _missing("D"),
        ),
        Mistake(
            "hidden by symmetry",
            "AD",
            "You acquit one that is right only at the point that it came with. Look at that point: it is special. Check again at a random W.",
            _missing("F"),
        ),
    ),
)


# ---- 03.7 false alarms ---------------------------------------------------------------------------------------------------------


def _cases_kinks(rng: np.random.Generator) -> list[Case]:
    cases = []
    for shape, h in (((4, 4), 0.25), ((2, 6), 0.5), ((4, 1), 0.0625)):
        z = rng.uniform(2.5, 6, size=shape) * rng.choice([-1, 1], size=shape) * h
        places = rng.permutation(z.size)
        # on the kink, inside on either side, at both ends exactly; powers of two, so that z ± h is exact
        special = np.array([0.0, 0.7, -0.3, 1.0, -1.0, -0.6, 0.3, 1.6, -1.7]) * h
        count = min(len(special), z.size)
        z.flat[places[:count]] = special[:count]
        cases.append(Case(f"z {shape[0]}×{shape[1]}, h = {h:g}", (z, h)))
    return cases


def _straddles(z: Array, h: float) -> Array:
    return np.abs(z) < h


def _alarms(z: Array, h: float) -> Array:
    """Where the central difference of relu is not relu's slope, with relu'(0) = 0."""
    difference = (np.maximum(z + h, 0) - np.maximum(z - h, 0)) / (2 * h)
    return np.abs(difference - (z > 0)) > 1e-9


FALSE_ALARMS = Exercise(
    id="03.7",
    name="false_alarms",
    title="Where a ReLU's kink raises a false alarm",
    points=2,
    minutes=6,
    difficulty=2,
    allows=_ALLOWED,
    cases=_cases_kinks,
    reference=_straddles,
    oracle=_alarms,
    hints=(
        "A central difference looks at z - h and at z + h. For which z do these two lie on different pieces of relu?",
        "The kink is at 0. It lies strictly between z - h and z + h. Turn these two inequalities into one condition on z.",
        "How far may z be away from 0, to either side? Compare sizes; the comparison of an array with a number is an array of True and False.",
    ),
    mistakes=(
        Mistake(
            "all negatives",
            lambda z, h: z < 0,
            "You mark every negative z. Far below 0 relu is flat on both sides and its difference is 0, as is its slope: no alarm there.",
        ),
        Mistake(
            "only exact zeros",
            lambda z, h: z == 0,
            "You mark z = 0 alone. A difference takes a step to each side: a z that is near enough has the kink between its two points as well.",
        ),
        Mistake(
            "everything below h",
            lambda z, h: z < h,
            "You mark every z below h, also those far below 0. How far from 0 z lies decides, to either side.",
        ),
        Mistake(
            "one side only",
            lambda z, h: (z >= 0) & (z < h),
            "You mark only one side of the kink. A z a little below 0 reaches over it with its step upwards.",
        ),
        Mistake(
            "one side only, below",
            lambda z, h: (z > -h) & (z <= 0),
            "You mark only one side of the kink. A z a little above 0 reaches over it with its step downwards.",
        ),
        Mistake(
            "ends counted",
            lambda z, h: np.abs(z) <= h,
            "You also mark the z at which one of the two points lies on the kink exactly. Both points are then on the same piece of relu, "
            "whose ends belong to it: work out the difference for z = h.",
        ),
        Mistake(
            "mask inverted",
            lambda z, h: np.abs(z) >= h,
            "You mark the entries whose difference can be trusted. Asked are the others.",
        ),
        Mistake(
            "twice the reach",
            lambda z, h: np.abs(z) < 2 * h,
            "You mark z up to 2h away from the kink. The two points are 2h apart, but how far does each lie from z?",
        ),
        Mistake(
            "half the reach",
            lambda z, h: np.abs(z) < h / 2,
            "You mark z up to h/2 away from the kink. The step goes a whole h to each side.",
        ),
        Mistake(
            "kink exactly on z left out",
            lambda z, h: (np.abs(z) < h) & (z != 0),
            "You leave out z = 0 itself. There the difference says 1/2 and relu' says 0, as we agreed: that is an alarm too.",
        ),
        Mistake(
            "all positives",
            lambda z, h: z > 0,
            "You mark every positive z. Far above 0 relu is a straight line, and its difference is its slope: no alarm there.",
        ),
    ),
)


EXERCISES = (CENTRAL_DIFFERENCE, NUMERICAL_GRADIENT, RELATIVE_ERROR, BEST_H, COMPLEX_STEP, SUSPECTS, FALSE_ALARMS)
