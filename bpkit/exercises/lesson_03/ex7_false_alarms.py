"""03.7: Where a ReLU's kink raises a false alarm."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_03.shared import ALLOWED, Array
from bpkit.exercises.model import Case, Exercise, Mistake

_JUST = 2.0**-14


def _cases_kinks(rng: np.random.Generator) -> list[Case]:
    cases = []
    for shape, h in (((5, 5), 0.25), ((2, 6), 0.5), ((4, 1), 0.0625)):
        z = rng.uniform(2.5, 6, size=shape) * rng.choice([-1, 1], size=shape) * h
        places = rng.permutation(z.size)
        # on the kink, inside on either side, at both ends exactly; powers of two, so that z ± h is exact
        fractions = [0.0, 0.7, -0.3, 1.0, -1.0, -0.6, 0.3, 1.2, -1.2, 2.0, 0.5, 1.6, -1.7]
        # just inside and just outside the reach: off by less than most tolerances, by more than rounding
        special = np.array([*fractions, 1 - _JUST, _JUST - 1, 1 + _JUST, -1 - _JUST]) * h
        count = min(len(special), z.size)
        z.flat[places[:count]] = special[:count]
        cases.append(Case(f"z {shape[0]}×{shape[1]}, h = {h:g}", (z, h)))
    far = rng.uniform(2, 6, size=(2, 3)) * rng.choice([-1, 1], size=(2, 3))
    cases.append(Case("z 2×3, h = 0.5, no alarm at all", (far, 0.5)))
    # z ± h is rounded here: nothing lies at the ends, and slopes that are measured are seldom 1 exactly
    h = float(np.round(rng.uniform(0.08, 0.12), 3) + 1e-4)
    while True:
        z = np.concatenate([rng.uniform(0.1, 0.9, size=4), rng.uniform(1.1, 6, size=20)]) * np.tile([1, -1], 12) * h
        if all(np.any(marked != _straddles(z, h)) for marked in _to_the_last_digit(z, h)):
            return [*cases, Case(f"z 4×6, h = {h:g}", (rng.permutation(z).reshape(4, 6), h))]


def _straddles(z: Array, h: float) -> Array:
    return np.abs(z) < h


def _to_the_last_digit(z: Array, h: float) -> tuple[Array, ...]:
    """Where the central difference of relu is not its slope, compared in the ways in which somebody writes it; each is rounded in its own way."""
    rise = np.maximum(z + h, 0) - np.maximum(z - h, 0)
    return rise / (2 * h) != (z > 0), rise * (1 / (2 * h)) != (z > 0), rise != 2 * h * (z > 0)


def _rounding_counts(returned: Any, z: Array, h: float) -> bool:
    """Whether that is marked whose measured slope is not relu's to the last digit."""
    try:
        found = np.asarray(returned)
    except ValueError:  # a ragged list
        return False
    if found.shape != z.shape or found.dtype.kind not in "biuf":
        return False
    return any(np.array_equal(found, marked) for marked in _to_the_last_digit(z, h))


def _alarms(z: Array, h: float) -> Array:
    """Where the central difference of relu is not relu's slope, with relu'(0) = 0."""
    difference = (np.maximum(z + h, 0) - np.maximum(z - h, 0)) / (2 * h)
    return np.abs(difference - (z > 0)) > 1e-9


EXERCISE = Exercise(
    id="03.7",
    name="false_alarms",
    title="Where a ReLU's kink raises a false alarm",
    points=2,
    minutes=6,
    difficulty=2,
    allows=ALLOWED,
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
            "one answer for all",
            lambda z, h: np.full(z.shape, bool((np.abs(z) < h).any())),
            "One z near the kink is enough for you to mark all of them. Each entry has an answer of its own: where do you take `any`?",
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
            "tolerance inside the reach",
            lambda z, h: np.abs((np.maximum(z + h, 0) - np.maximum(z - h, 0)) / (2 * h) - (z > 0)) > 1e-3,
            "What lies just inside the reach is not marked, as if a small error were none. However little a difference is off, it is off: compare "
            "the size of z with h itself.",
        ),
        Mistake(
            "tolerance outside the reach",
            lambda z, h: np.abs(z) < h + 1e-3,
            "You also mark what lies just outside the reach, where both points are on the same piece of relu: compare the size of z with h itself.",
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
        Mistake(
            "everything above -h",
            lambda z, h: z > -h,
            "You mark every z above -h, also those far above 0, as if it mattered whether relu changes at all. There the difference is its slope.",
        ),
        Mistake(
            "upper end counted",
            lambda z, h: (z > -h) & (z <= h),
            "You also mark z = h. Its lower point lies on the kink exactly: work out the difference there.",
        ),
        Mistake(
            "lower end counted",
            lambda z, h: (z >= -h) & (z < h),
            "You also mark z = -h. Its upper point lies on the kink exactly: work out the difference there.",
        ),
        Mistake(
            "mask inverted; ends left out",
            lambda z, h: np.abs(z) > h,
            "Two things: you mark the entries whose difference can be trusted, where the others are asked; and z = h and z = -h belong to those.",
        ),
        Mistake(
            "ends counted; kink exactly on z left out",
            lambda z, h: (np.abs(z) <= h) & (z != 0),
            "Two things: z = 0 itself is an alarm too; and z = h and z = -h are none, both of their points lie on the same piece of relu.",
        ),
        Mistake(
            "above the kink only",
            lambda z, h: (z > 0) & (z < h),
            "Two things: a z a little below 0 reaches over the kink with its step upwards; and z = 0 itself is an alarm too.",
        ),
        Mistake(
            "below the kink only",
            lambda z, h: (z < 0) & (z > -h),
            "Two things: a z a little above 0 reaches over the kink with its step downwards; and z = 0 itself is an alarm too.",
        ),
        Mistake(
            "above the kink; end counted",
            lambda z, h: (z >= 0) & (z <= h),
            "Two things: a z a little below 0 reaches over the kink with its step upwards; and at z = h there is no alarm.",
        ),
        Mistake(
            "below the kink; end counted",
            lambda z, h: (z >= -h) & (z <= 0),
            "Two things: a z a little above 0 reaches over the kink with its step downwards; and at z = -h there is no alarm.",
        ),
        Mistake(
            "twice the reach; ends counted",
            lambda z, h: np.abs(z) <= 2 * h,
            "Two things: each of the two points lies h from z, not 2h; and where one lies on the kink exactly, there is no alarm.",
        ),
        Mistake(
            "half the reach; ends counted",
            lambda z, h: np.abs(z) <= h / 2,
            "Two things: each of the two points lies h from z, not h/2; and where one lies on the kink exactly, there is no alarm.",
        ),
        Mistake(
            "one condition or the other",
            lambda z, h: (z - h < 0) | (z + h > 0),
            "You mark z if one point lies below the kink or one above it, which holds for every z. Both at once are needed: `&`.",
        ),
        Mistake(
            "square compared with h",
            lambda z, h: z**2 < h,
            "You compare the square of z with h. Compare like with like: the size of z with h.",
        ),
        Mistake(
            "the differences",
            lambda z, h: (np.maximum(z + h, 0) - np.maximum(z - h, 0)) / (2 * h),
            "These are the central differences. Asked is where they are not relu's slope, as True and False.",
        ),
        Mistake(
            "distance to the reach",
            lambda z, h: np.abs(z) - h,
            "You subtract where you should compare. Asked are True and False: a comparison with `<` gives them.",
        ),
        Mistake("no alarm anywhere", lambda z, h: np.zeros(z.shape, bool), "You mark nothing. At z = 0 the difference is 1/2: an alarm."),
        Mistake(
            "compared to the last digit",
            lambda z, h: _to_the_last_digit(z, h)[0],
            "Where z ± h is rounded you also mark z far above the kink: the slope that you measure there is 1 but for rounding. Floats are seldom "
            "equal to the last digit; the size of z and h can be compared without measuring.",
            recognise=_rounding_counts,
        ),
    ),
)
