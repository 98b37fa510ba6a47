"""03.5: the slope without a subtraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_03.shared import ALLOWED, Function, as_array, as_number
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Probe

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
        number = as_number(value)
        return number is not None and test(number / wanted(f, x))

    return recognise


def _subtracts(value: Any, f: Function, x: float) -> bool:
    number = as_number(value)
    if number is None:
        return False
    off = abs(number / _contour(f, x) - 1)
    return off > 2e-6 if abs(f(x)) > _LARGE / 2 else off < 1e-5


EXERCISE = Exercise(
    id="03.5",
    name="complex_step",
    title="The slope without a subtraction",
    points=1,
    minutes=5,
    difficulty=1,
    allows=ALLOWED,
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
            lambda value, f, x: (z := as_array(value)) is not None and z.dtype.kind == "c" and z.size == 1 and abs(z.item()) > 1e3,
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
