"""01.3: the sigmoid, right for every number."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_01.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _sigma(z: Array) -> Array:
    """σ(z) for z of any size, without a warning."""
    return np.exp(-np.logaddexp(0, -z))


def _cases_sigmoid(rng: np.random.Generator) -> list[Case]:
    large = rng.normal(scale=3, size=(2, 4))
    large[0, 1], large[1, 2], large[1, 0] = -1000.0, 1000.0, -60.0
    large[0, 0] = rng.uniform(0.2, 0.8)  # one that a straight line through 0 and 1 does not cut off
    sizes = rng.uniform([6.1, 10.1, 15.6], [9, 12, 15.9], size=(2, 3))  # from 16 on a sigmoid that is cut off is right
    steep = rng.permutation((sizes * [[-1], [1]]).ravel()).reshape(2, 3)
    return [
        Case("z of shape (3, 3)", (rng.normal(scale=3, size=(3, 3)),)),
        Case("z of shape (2, 4), with 1000 and -1000 in it", (large,)),
        Case("z of shape (4,)", (rng.normal(scale=3, size=4),)),
        Case("z between 6 and 16 and between -16 and -6, shape (2, 3)", (steep,)),
        Case("z of whole numbers, shape (2, 1, 4)", (rng.permutation([-4, -3, -2, -1, 0, 1, 2, 4]).reshape(2, 1, 4),)),
    ]


def _numbers(returned: Any, z: Array) -> Array | None:
    """What was returned as an array of z's shape, or None."""
    try:
        a = np.asarray(returned, dtype=float)
    except (TypeError, ValueError):
        return None
    return a if a.shape == z.shape else None


def _overflows(returned: Any, z: Array) -> bool:
    """Right where z is moderate; somewhere not finite where it is large."""
    a, far = _numbers(returned, z), np.abs(z) > 700
    if a is None or not np.allclose(a[~far], _sigma(z[~far]), rtol=1e-6, atol=1e-9):
        return False
    return not far.any() or not np.isfinite(a[far]).all()


def _lacks_brackets(returned: Any, z: Array) -> bool:
    a, moderate = _numbers(returned, z), np.abs(z) < 500
    return a is not None and bool(np.allclose(a[moderate], 1 + np.exp(-z[moderate]), rtol=1e-6))


def _limited(returned: Any, z: Array) -> bool:
    """σ of z kept within some range, as told by the entries that lie furthest out."""
    a = _numbers(returned, z)
    if a is None or not ((a > 0) & (a < 1)).all():
        return False
    limit = np.max(np.abs(np.log(a) - np.log1p(-a)))
    return limit > 0.1 and bool(np.allclose(a, _sigma(np.clip(z, -limit, limit)), rtol=1e-6))  # at 0 it would be a constant


def _ends_set(returned: Any, z: Array) -> bool:
    """σ up to some size of z, and 0 or 1 beyond."""
    a = _numbers(returned, z)
    if a is None:
        return False
    right, size = np.abs(a - _sigma(z)) <= 1e-7, np.abs(z).astype(float)
    if not (right | (a == (z > 0))).all():
        return False
    bound = np.min(size, where=~right, initial=np.inf)
    # nobody sets such a limit below 1: numbers there have another reason
    return bool(bound >= 1 and (size[right & (a != (z > 0))] <= bound).all())


def _falls_and_overflows(returned: Any, z: Array) -> bool:
    """σ(-z) where z is moderate; somewhere not finite where it is large."""
    return _overflows(returned, -z)


def _which_curve(returned: Any, z: Array) -> str | None:
    """What can be said of a curve that is wrong nearly everywhere."""
    a = _numbers(returned, z)
    if a is None or not np.isfinite(a).all() or np.isclose(a, _sigma(z), rtol=1e-6).mean() > 0.3:
        return None
    if ((a < 0) | (a > 1)).any():
        return f"Your values run from {a.min():.3g} to {a.max():.3g}. Those of the sigmoid lie between 0 and 1."
    if np.ptp(a) == 0:
        return f"You return {a.flat[0]:.6g} for every z. The sigmoid rises with z."
    if (np.diff(a.ravel()[np.argsort(z, axis=None)]) < 0).any():
        return "Your values lie between 0 and 1, but somewhere they fall while z rises. The sigmoid rises everywhere."
    return "Your curve rises between 0 and 1, along another way than the sigmoid. Compare with the formula at z = 1, by hand."


def _e_over_e_plus_one(z: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.exp(z) / (np.exp(z) + 1)


EXERCISE = Exercise(
    id="01.3",
    name="sigmoid",
    title="The sigmoid, right for every number",
    points=2,
    minutes=6,
    difficulty=2,
    cases=_cases_sigmoid,
    reference=_sigma,
    oracle=lambda z: (1 + np.tanh(z / 2)) / 2,
    explain=_which_curve,
    hints=(
        "`np.exp` works entry by entry, so one line can serve an array of any shape. Then try your line on -1000, 0 and 1000.",
        "An exponential of a large positive number overflows to infinity. Infinity over infinity is not a number; 1 over infinity is 0, and that is "
        "right.",
        "Write it with a 1 above the fraction line, so that only the denominator can become infinite. numpy then warns of the overflow, and the "
        "value is right. `np.errstate` silences it.",
    ),
    mistakes=(
        Mistake(
            "overflow",
            _e_over_e_plus_one,
            "Right for moderate z, and not a number where z is large: there your exponential is infinite, above and below the fraction line. "
            "Divide both by it, on paper.",
            recognise=_overflows,
        ),
        Mistake(
            "sign; overflow",
            lambda z: _e_over_e_plus_one(-z),
            "Two things: your curve falls where the sigmoid rises; and where z is large and negative your exponential is infinite, above and below "
            "the fraction line, which is not a number.",
            recognise=_falls_and_overflows,
        ),
        Mistake(
            "nan replaced",
            lambda z: np.nan_to_num(_e_over_e_plus_one(z)),
            "Where the exponential is infinite you turn nan into 0: nothing complains any more, and the value is wrong. Divide above and below the "
            "fraction line by the exponential, on paper, and no nan comes up.",
        ),
        Mistake(
            "from -1 to 1",
            lambda z: np.tanh(z / 2),
            "Your curve has the sigmoid's shape and runs from -1 to 1. The sigmoid runs from 0 to 1.",
        ),
        Mistake(
            "from 0 to 2",
            lambda z: 1 + np.tanh(z / 2),
            "Your curve has the sigmoid's shape and runs from 0 to 2. The sigmoid runs from 0 to 1.",
        ),
        Mistake(
            "flatter",
            lambda z: _sigma(z / 2),
            "Your curve has the right ends and is half as steep in between. What stands in the exponent?",
        ),
        Mistake("squared", lambda z: _sigma(z) ** 2, "This is the square of the sigmoid. Which power has the denominator?"),
        Mistake(
            "falls; twice as steep",
            lambda z: _sigma(-2 * z),
            "Two things: your curve falls where the sigmoid rises; and it is twice as steep in between.",
        ),
        Mistake(
            "10 for e",
            lambda z: _sigma(np.log(10) * z),
            "You raise 10 to the power. The base of the sigmoid's exponential is e: `np.exp`.",
        ),
        Mistake(
            "e rounded",
            lambda z: _sigma(np.log(2.718) * z),
            "You raise 2.718 to the power: e has more digits. `np.exp` knows them.",
        ),
        Mistake("linear, cut off", lambda z: np.clip(z, 0, 1), "That is z itself, cut off at 0 and 1. Where is the exponential?"),
        Mistake("constant", lambda z: np.full(np.shape(z), 0.5), "You return 1/2 for every z. Does z enter your formula?"),
        Mistake(
            "one sum for all entries",
            lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
            "All your entries together add up to 1: that is the softmax of all of z. The sigmoid takes each z by itself.",
        ),
        Mistake(
            "sign",
            lambda z: _sigma(-z),
            "Your curve falls where the sigmoid rises. What should come out for a large positive z?",
        ),
        Mistake(
            "tanh",
            np.tanh,
            "This is tanh, which runs from -1 to 1. The sigmoid is its relative that runs from 0 to 1.",
        ),
        Mistake(
            "both signs alike",
            lambda z: _sigma(np.abs(z)),
            "For negative z you return what belongs to their size. Keeping the exponent from becoming large is right; which fraction does it need "
            "then, when z is negative?",
        ),
        Mistake(
            "brackets missing",
            lambda z: 1 + np.exp(np.minimum(-z, 700)),
            "You get numbers above 1. Division comes before addition: what belongs under the fraction line needs brackets.",
            recognise=_lacks_brackets,
        ),
        Mistake(
            "steeper",
            lambda z: _sigma(2 * z),
            "Your curve has the right ends and is twice as steep in between. If you start from tanh: at which argument?",
        ),
        Mistake(
            "2 for e",
            lambda z: _sigma(np.log(2) * z),
            "You raise 2 to the power. The base of the sigmoid's exponential is e: `np.exp`.",
        ),
        Mistake(
            "slope for value",
            lambda z: _sigma(z) * _sigma(-z),
            "This is the slope of the sigmoid. Asked is its value.",
        ),
        Mistake(
            "step",
            lambda z: (z > 0).astype(float),
            "You return 0 or 1 and nothing in between. The sigmoid passes smoothly from one to the other.",
        ),
        Mistake(
            "softmax",
            lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0),
            "Your columns add up to 1: that is the softmax, in which every entry depends on its whole column. The sigmoid takes each z by itself.",
        ),
        Mistake(
            "too tight a limit",
            lambda z: _sigma(np.clip(z, -5, 5)),
            "You limit z before the exponential, and too tightly: numbers of moderate size are changed. How large may z be before e to its size "
            "overflows?",
            recognise=_limited,
        ),
        Mistake(
            "0 and 1 beyond a limit",
            lambda z: np.where(np.abs(z) > 5, z > 0, _sigma(z)),
            "You return 0 and 1 beyond some z. There the sigmoid is near them, and not equal to them: the formula needs no such limit.",
            recognise=_ends_set,
        ),
        Mistake(
            "cut to whole numbers",
            lambda z: _sigma(z).astype(z.dtype),
            "For a z of whole numbers your values are cut to whole numbers. Which number type has the array that you write them into? "
            "`np.zeros_like` and "
            "`copy` take over that of their model.",
        ),
    ),
)
