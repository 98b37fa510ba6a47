"""03.2: the gradient of any cost, one entry at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.exercises import oracles
from bpkit.exercises.lesson_03.shared import ALLOWED, Array, Function, as_array, is_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Probe

_BEND = 1e5  # about: a step of 1e-7 that is left in W shows in the third digit


def _cases_gradient(rng: np.random.Generator) -> list[Case]:
    arrays = {
        "W 3×3": rng.normal(size=(3, 3)),
        "W 1×4": rng.normal(size=(1, 4)),
        "W 4×1": rng.normal(size=(4, 1)),
        # with a 0 among them, of which no step is a share
        "W 2×3 of int64": rng.permutation(np.arange(6)).reshape(2, 3) * rng.choice([-1, 1], size=(2, 3)),
        "W 3×2 of float32": rng.normal(size=(3, 2)).astype(np.float32),
    }
    arrays["W 3×3"][2, 0] = arrays["W 3×3"][0, 1]  # no entry is found by its value
    # each bends by its own amount, so that what is off by the same everywhere is no step's doing
    return [Case(label, (Probe("bent cost", (float(rng.uniform(0.7, 1.3)) * _BEND, *map(float, W.ravel()))), W)) for label, W in arrays.items()]


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
    found = as_array(value)
    if found is None or found.dtype.kind == "c" or found.shape != W.shape or not np.isfinite(found).all():
        return None
    slopes = _slopes(C, W)
    return np.asarray((found - slopes) / np.abs(slopes).max())


_OFF = 2e-6  # as far as the judge lets differences go


def _right(value: Any, C: Function, W: Array) -> bool:
    misses = _misses(value, C, W)
    return misses is not None and float(np.abs(misses).max()) <= _OFF


def _flat(value: Any, C: Function, W: Array) -> bool:
    found = as_array(value)
    if found is None or found.shape not in ((W.size,), (1, W.size), (W.size, 1)):  # the last may be W's own shape
        return False
    return _right(found.reshape(W.shape), C, W)


def _bend(C: Function, W: Array) -> float:
    """How much C bends along any entry."""
    far = np.full(W.shape, 1e3)
    return float((C(W + far) + C(W - far) - 2 * C(W.astype(float))) / far.sum() ** 2)


def _sums_up(value: Any, C: Function, W: Array) -> bool:
    """Whether each entry is the sum of all slopes up to it, as when two copies are nudged to either side and never put back."""
    found = as_array(value)
    if found is None or found.dtype.kind == "c" or found.shape != W.shape or not np.isfinite(found).all():
        return False
    slopes = _slopes(C, W)
    if W.dtype == np.float32:  # there the copies may lose the step as well
        return not _right(value, C, W)
    sums = [np.cumsum(slopes).reshape(W.shape), np.cumsum(slopes.T).reshape(W.T.shape).T]
    return any(float(np.abs(found - wanted).max()) <= _OFF * float(np.abs(wanted).max()) for wanted in sums)


def _near(a: Any, b: Any) -> bool:
    return bool(np.abs(a - b) < 5e-3)


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
                begins = 2 * errors[0] / steps[0]  # at once, or after half a step, or a whole one
                if abs(begins) < 2.5 and _near(begins, np.round(begins)):
                    return True
    return False


def _one_sided(value: Any, C: Function, W: Array) -> bool:
    """Whether every entry is off by the same, as K/2 · h comes out where only one side is looked at."""
    misses = _misses(value, C, W)
    if W.dtype.kind == "i" or W.dtype == np.float32:
        return misses is None or float(np.abs(misses).max()) > _OFF
    if misses is None or float(np.abs(misses).min()) <= _OFF or float(np.ptp(misses)) >= 1e-2 * float(np.abs(misses).max()):
        return False
    step = 2 * float(np.abs(misses).mean()) * float(np.abs(_slopes(C, W)).max()) / _bend(C, W)
    return is_step(step, 0.02) or any(_near(step / known, 1) for known in _FROM_EPS)


_FROM_EPS = np.finfo(float).eps ** np.array([1 / 2, 1 / 3])


def _doubled(value: Any) -> Any:
    found = as_array(value)
    return None if found is None else 2 * found


def _integers_truncated(value: Any, C: Function, W: Array) -> bool:
    if W.dtype.kind == "i":
        misses = _misses(value, C, W)
        return misses is not None and not _right(value, C, W)
    return W.dtype == np.float32 or _right(value, C, W)


def _integer_result(value: Any, C: Function, W: Array) -> bool:
    if W.dtype.kind == "i":
        found = as_array(value)
        slopes, off = _slopes(C, W), 1e-6  # a slope of 1 may come out as 0.9999999, which is cut off to 0
        cut = (np.trunc(slopes - off), np.trunc(slopes + off))
        return found is not None and found.dtype.kind == "i" and found.shape == W.shape and bool(((found == cut[0]) | (found == cut[1])).all())
    return W.dtype == np.float32 or _right(value, C, W)


def _float32(value: Any, C: Function, W: Array) -> bool:
    misses = _misses(value, C, W)
    if misses is None:
        return False
    noisy = float(np.abs(misses).max()) < 0.5 and float(np.mean(np.abs(misses) > _OFF)) >= 0.5  # rounding spares few entries
    throughout = getattr(value, "dtype", None) == np.float32
    noisy = noisy and (throughout or not _follow(misses, _slopes(C, W)))
    return noisy if W.dtype == np.float32 else (noisy and throughout) or _right(value, C, W)


def _follow(values: Array, slopes: Array) -> bool:
    """Whether values are a multiple of the slopes and, as one side alone adds it, a number that is the same for all."""
    known = np.column_stack([slopes.ravel(), np.ones(slopes.size)])
    rest = values.ravel() - known @ np.linalg.lstsq(known, values.ravel(), rcond=None)[0]
    return float(np.abs(rest).max()) < 1e-2 * float(np.abs(values).max())


def _undivided(value: Any, C: Function, W: Array) -> bool:
    """Whether the entries are tiny and lie the way of the slopes; zeros lie no way at all, and only what is rounded may stray from it."""
    if _misses(value, C, W) is None:
        return False
    found, slopes = np.asarray(value, dtype=float), _slopes(C, W)
    size = float(np.linalg.norm(found))
    if not (size > 0 and float(np.abs(found).max()) < 0.02 and float(np.sum(found * slopes)) > 0.95 * size * float(np.linalg.norm(slopes))):
        return False
    if W.dtype.kind == "i" or W.dtype == np.float32:
        return True
    # up - down is 2h times the slope; a difference to one side holds the bend as well
    (times, _), *_ = np.linalg.lstsq(np.column_stack([slopes.ravel(), np.ones(W.size)]), found.ravel(), rcond=None)
    return is_step(float(times), 0.02) or any(_near(times / known, factor) for known in _FROM_EPS for factor in (1, 2))


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


def _relative_steps(C: Function, W: Array) -> Array:
    w = W.astype(float)
    gradient = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        h = 1e-5 * w[i]
        up[i] += h
        down[i] -= h
        gradient[i] = (C(up) - C(down)) / (2 * h) if h else np.nan
    return gradient


def _all_at_once(C: Function, W: Array) -> Array:
    w, h = np.array(W, dtype=float), 1e-5
    return np.full(w.shape, (C(w + h) - C(w - h)) / (2 * h))


def _explain_gradient(value: Any, C: Function, W: Array) -> str | None:
    misses = _misses(value, C, W)
    if misses is not None and not np.any(np.asarray(value)):
        return (
            "Every slope came out as 0. Does C get to see the nudge, are the two arrays that it gets really two, and do your results get into the "
            "array that you return?"
        )
    if misses is None or not _OFF < (worst := float(np.abs(misses).max())) < 0.02:
        return None
    if describe_difference(np.asarray(value, dtype=float), _slopes(C, W), rtol=_OFF).kind is not None:  # a step's error has no pattern
        return None
    return (
        f"For {' × '.join(map(str, W.shape))} of {W.dtype}: near the gradient, but off by {worst:.0e} of its largest entry. The loop is "
        "right; what is left "
        "is the step's error. Is h far from the best step, or is something float32 on the way?"
    )


EXERCISE = Exercise(
    id="03.2",
    name="numerical_gradient",
    title="The gradient of any cost, one entry at a time",
    points=3,
    minutes=11,
    difficulty=3,
    allows=ALLOWED,
    cases=_cases_gradient,
    reference=_gradient,
    plain=(1,),
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
            "neither copy restored",
            lambda C, W: np.cumsum(_gradient(C, W)).reshape(W.shape),
            "Each entry is the sum of all slopes up to it: the entries before are still displaced, up in one of your copies and down in the other. "
            "Put each entry back before you nudge another.",
            _sums_up,
        ),
        Mistake(
            "no step from 0",
            _relative_steps,
            "Where an entry is 0 your step is 0, too, and 0 / 0 is no number: your h is a share of the entry. Take one that does not vanish with it.",
        ),
        Mistake(
            "one-sided",
            _forward_gradient,
            "Every entry is off by the same amount, and by less with a smaller step: you look at one side only. How much C bends cancels when you "
            "step to both sides.",
            _one_sided,
        ),
        Mistake(
            "one-sided; divided by 2h",
            lambda C, W: _forward_gradient(C, W) / 2,
            "Half of a one-sided slope: one of your two costs is that of W itself, and you divide by 2h. Where does the other step go?",
            lambda value, C, W: _one_sided(_doubled(value), C, W),
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
