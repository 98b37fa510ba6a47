"""03.1: the slope of a function from two of its values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises.lesson_03.shared import ALLOWED, Function, central_quotient
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Probe
from bpkit.exercises.slips import Slip, pairs


def _cases_central(rng: np.random.Generator) -> list[Case]:
    cases = []
    ways, sides = (rng.permutation([-1, 1, kind]) for kind in (-1, int(rng.choice([-1, 1]))))
    for h, way, side, (near, far) in zip((0.4, 0.125, 0.03), ways, sides, rng.permutation([(0.4, 0.8), (0.4, 1.4), (1.1, 1.4)]), strict=True):
        x = float(rng.uniform(near, far) * side)
        # f falls somewhere and rises somewhere; the slope's size stays above 1 and the bend is of order one, so that no scheme looks like another
        f = Probe("wave", (float(rng.uniform(0.5, 1.5)), float(way * rng.uniform(3.5, 4.5)), float(rng.uniform(1.6, 2.2))))
        cases.append(Case(f"f(x) = c + s·x + sin(k·x) with random c, s, k; x = {x:.3f}, h = {h:g}", (f, x, h)))
    return cases


def _mean_slope(f: Function, x: float, h: float) -> float:
    """The mean of f' between x - h and x + h, by complex steps and Gauss's rule: no difference of f is taken."""
    nodes, weights = np.polynomial.legendre.leggauss(30)
    slopes = np.imag(f(x + h * nodes + 1e-30j)) / 1e-30
    return float(weights @ slopes / 2)


def _quotient(
    rise: Callable[[float, float], float] = lambda up, down: up - down, run: Callable[[float], float] = lambda h: 2 * h
) -> Callable[[Function, float, float], float]:
    """The quotient with its rise or its run replaced."""
    return lambda f, x, h: rise(f(x + h), f(x - h)) / run(h)


_SLIPS = (
    Slip("rise", lambda up, down: down - up, "sign", "the sign is turned (which value comes first?)"),
    Slip("rise", lambda up, down: abs(up - down), "sign dropped", "the slope has lost its sign where f falls"),
    Slip("rise", lambda up, down: up + down, "sum for difference", "the two values are added, so that a constant f would get a slope"),
    Slip("run", lambda h: h, "missing 2", "the two points lie further apart than h"),
    Slip("run", lambda h: 2 / h, "brackets around 2h missing", "`a / 2 * h` is read from left to right, so that h multiplies"),
    Slip("run", lambda h: h / 2, "divided by h, times 2", "`a / h * 2` is read from left to right, so that 2 multiplies"),
    Slip("run", lambda h: 2.0, "divided by 2 only", "it is divided by 2 and not by h"),
    Slip("run", lambda h: 1.0, "difference not divided", "the rise is not divided by how far apart the points lie"),
)


EXERCISE = Exercise(
    id="03.1",
    name="central_difference",
    title="The slope of a function from two of its values",
    points=1,
    minutes=5,
    difficulty=1,
    allows=ALLOWED,
    cases=_cases_central,
    reference=central_quotient,
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
            "sign dropped",
            lambda f, x, h: abs(f(x + h) - f(x - h)) / (2 * h),
            "Where f rises you are right. Where it falls your slope has lost its sign: which way f goes belongs to a slope.",
        ),
        Mistake(
            "never below 0",
            lambda f, x, h: max(0.0, central_quotient(f, x, h)),
            "Where f rises you are right. Where it falls you say 0, as if it were flat. A slope may be negative.",
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
        *pairs(_quotient, _SLIPS),
        Mistake(
            "divided by 2 only",
            lambda f, x, h: (f(x + h) - f(x - h)) / 2,
            "You divide by 2 and not by h. How far apart are the two points?",
        ),
        Mistake(
            "twice the step, divided by 2h",
            lambda f, x, h: (f(x + 2 * h) - f(x - 2 * h)) / (2 * h),
            "You go twice h to each side. Which points does the step h lead to?",
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
            lambda f, x, h: central_quotient(f, x, 1e-5),
            "You found the slope with another step than h. Use the h that your function is given.",
        ),
        Mistake(
            "forward over two steps",
            lambda f, x, h: (f(x + 2 * h) - f(x)) / (2 * h),
            "Both steps go to the same side: x itself is one end, where it should be the middle.",
        ),
        Mistake(
            "step relative to x",
            lambda f, x, h: (f(x * (1 + h)) - f(x * (1 - h))) / (2 * h),
            "Your step is x times h, and you divide by h. Near x = 0 such a step vanishes: add h to x.",
        ),
        Mistake(
            "five points",
            lambda f, x, h: (8 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h),
            "That is a formula with four values of f, more exact for a smooth f. Asked is the one with two.",
        ),
        Mistake(
            "sum below the bar",
            lambda f, x, h: (f(x + h) - f(x - h)) / (2 + h),
            "Below the bar stands 2 + h. The two points are 2 times h apart.",
        ),
        Mistake(
            "half a step, divided by 2h",
            lambda f, x, h: (f(x + h / 2) - f(x - h / 2)) / (2 * h),
            "You go half of h to each side and divide by 2h. How far apart are your two points, and how far should they be?",
        ),
        Mistake(
            "weights of the four points exchanged",
            lambda f, x, h: (8 * (f(x + 2 * h) - f(x - 2 * h)) - (f(x + h) - f(x - h))) / (12 * h),
            "You mix four values of f, two on each side, and the two differences have each other's weights. Asked is the difference of two values, "
            "at x + h "
            "and x - h.",
        ),
        Mistake(
            "step grows with x",
            lambda f, x, h: central_quotient(f, x, h * max(1.0, abs(x))),
            "Your step grows with the size of x, as libraries choose theirs. Asked is the step h as it is given, whatever x is.",
        ),
        Mistake(
            "step with 1 + |x|",
            lambda f, x, h: central_quotient(f, x, h * (1 + abs(x))),
            "Your step grows with the size of x, as libraries choose theirs. Asked is the step h as it is given, whatever x is.",
        ),
        Mistake(
            "step times |x|",
            lambda f, x, h: central_quotient(f, x, h * abs(x)),
            "Your step is h times the size of x. Asked is the step h as it is given, whatever x is.",
        ),
        Mistake(
            "halved",
            lambda f, x, h: central_quotient(f, x, h) / 2,
            "Every slope is half of what it should be: there is a 2 too many. The mean of the two one-sided differences is right; they are divided "
            "by h, "
            "and their mean by nothing more.",
        ),
    ),
)
