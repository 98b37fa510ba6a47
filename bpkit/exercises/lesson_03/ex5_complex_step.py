"""03.5: the slope without a subtraction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from bpkit.exercises.lesson_03.shared import ALLOWED, Function, as_array, as_number, is_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Probe

_LARGE = 1e9  # a value beside which a difference of f keeps few digits


def _cases_complex(rng: np.random.Generator) -> list[Case]:
    wave = (float(rng.uniform(0.5, 1.5)), float(rng.uniform(2.5, 3.5)), float(rng.uniform(1.2, 1.8)))
    fast = (wave[0], -float(rng.uniform(14, 16)), float(rng.uniform(11, 12)))  # so bent that a step of 1e-3 shows
    x, y, *far = (float(value) for value in rng.uniform([0.4, -0.6, 0.4, 1.5], [1.4, -0.2, 1.4, 2.5]))
    turns = np.round(fast[2] * x / (2 * np.pi))
    x = float((2 * np.pi * turns + rng.uniform(-0.7, 0.7)) / fast[2])  # where the third derivative is large beside the first
    return [
        Case(f"f(x) = c + s·x + sin(k·x) with random c, s, k; x = {x:.3f}", (Probe("wave", fast), x)),
        Case(f"f(x) = exp(x) / (1 + x²), x = {y:.3f}", (Probe("bell", (1.0,)), y)),
        *(
            Case(f"f(x) = 1000 million + s·x + sin(k·x) with random s, k; x = {z:.3f}", (Probe("wave", (_LARGE, way * wave[1], wave[2])), z))
            for z, way in zip(far, (1, -1), strict=True)
        ),
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


def _two_digits(h: float) -> float:
    """The step nearest to a number that somebody writes."""
    return float(f"{h:.1e}") if np.isfinite(h) and h > 0 else np.nan


def _undivided(value: Any, f: Function, x: float) -> bool:
    """Whether it is the imaginary part for a step that somebody writes, as it came."""
    number = as_number(value)
    if number is None or not 0 < (ratio := number / _contour(f, x)) < 1e-3:
        return False
    return bool(np.isclose(number, np.imag(f(x + 1j * _two_digits(ratio))), rtol=1e-7, atol=0))


def _whole_divided(value: Any, f: Function, x: float) -> bool:
    """Whether it is the complex value beside x, divided by the step or by the step times i, with nothing taken out."""
    found = as_array(value)
    if found is None or found.dtype.kind != "c" or found.size != 1 or not np.isfinite(found).all() or abs(z := complex(found.item())) <= 1e3:
        return False
    h = _two_digits(abs(f(x)) / abs(z))

    def is_it(theirs: complex) -> bool:
        return bool(np.isclose(z.real, theirs.real, rtol=1e-6, atol=0) and np.isclose(z.imag, theirs.imag, rtol=1e-6, atol=0))

    return any(is_it(complex(f(x + sign * 1j * h) / by)) for sign in (1, -1) for by in (sign * h, sign * 1j * h))


def _imaginary_part_lost(value: Any, f: Function, x: float) -> bool:
    found = as_array(value)
    return found is not None and found.size == 1 and found.dtype.kind != "b" and complex(found.item()) == 0


_STEPS = np.outer(10.0 ** -np.arange(7), (1, 2, 5)).ravel()  # long ones that somebody writes


def _reaches() -> Iterator[tuple[float, float]]:
    """How far a difference looks up and down."""
    return ((up, down) for h in _STEPS for up, down in ((h, h), (h, 0.0), (0.0, h)))


def _subtracts(value: Any, f: Function, x: float) -> bool:
    number = as_number(value)
    if number is None:
        return False
    off = abs(number / _contour(f, x) - 1)
    if abs(f(x)) < _LARGE / 2:
        return off < 1e-3 or any(np.isclose(number, (f(x + up) - f(x - down)) / (up + down), rtol=1e-9, atol=0) for up, down in _reaches())
    # a difference of two floats is a whole number of their spacings; the steps that somebody writes are tried
    spacings = number * np.outer(10.0 ** -np.arange(1, 13), np.arange(1, 21)) / np.spacing(_LARGE)
    return off > 1e-10 and bool(np.any(np.abs(spacings - np.round(spacings)) < 1e-6 * np.maximum(1, np.abs(spacings) * 1e-8)))


def _out_of_digits(value: Any, f: Function, x: float) -> bool:
    """Whether it is the slope for a step so small that few digits of it are stored."""
    number = as_number(value)
    if number is None or abs(number / _contour(f, x) - 1) > 0.5:
        return False
    steps = (float(f"{digit}e-{power}") for power in range(316, 324) for digit in (1, 2, 5))
    return any(np.isclose(number, np.imag(f(x + 1j * h)) / h, rtol=1e-9, atol=0) for h in steps if h > 0)


def _steps_far(value: Any, f: Function, x: float) -> bool:
    """Whether it is a complex step of a length whose own error shows."""
    number = as_number(value)
    return number is not None and any(np.isclose(number, np.imag(f(x + 1j * h)) / h, rtol=1e-9, atol=0) for h in _STEPS)


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
            _ratio_to(lambda f, x: float(f(x)), lambda ratio: ratio > 1e3 and is_step(1 / ratio)),
        ),
        Mistake(
            "size for imaginary part",
            lambda f, x: np.abs(f(x + 1e-20j)) / 1e-20,
            "Your numbers are huge and never negative: `abs` of a complex number is its length, nearly all of which is the value of f itself. The "
            "slope stands in one part of the number.",
            _ratio_to(lambda f, x: abs(float(f(x))), lambda ratio: ratio > 1e3 and is_step(1 / ratio)),
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
            _undivided,
        ),
        Mistake(
            "no imaginary part left",
            lambda f, x: np.imag(f(x + 1e-20)) / 1e-20,
            "The slope comes out as 0: no imaginary part is left. A real step makes none, and steps of +ih and -ih make two that cancel in a sum. "
            "Where does the imaginary unit enter, and how often do you call f?",
            _imaginary_part_lost,
        ),
        Mistake(
            "a difference after all",
            lambda f, x: (f(x + 6e-6) - f(x - 6e-6)) / 12e-6,
            "It fails where f is large: there a difference of two values loses its digits. The complex step needs one value of f and subtracts "
            "nothing.",
            _subtracts,
        ),
        Mistake(
            "step too long",
            lambda f, x: np.imag(f(x + 1e-2j)) / 1e-2,
            "A complex step, and so long that its error shows, which grows like h². Nothing is subtracted here, so h may be as small as you like.",
            _steps_far,
        ),
        Mistake(
            "sign; divided by 2h",
            lambda f, x: np.imag(f(x - 1e-20j)) / 2e-20,
            "Two things: the sign (you step in the direction of -i and divide by +h); and there is one step of length h here, not one to each side.",
        ),
        Mistake(
            "sign dropped",
            lambda f, x: abs(_complex_step(f, x)),
            "Where f rises you are right. Where it falls your slope has lost its sign: which way f goes belongs to a slope.",
        ),
        Mistake(
            "never below 0",
            lambda f, x: max(0.0, _complex_step(f, x)),
            "Where f rises you are right. Where it falls you say 0, as if it were flat. A slope may be negative.",
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
            _whole_divided,
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
        Mistake(
            "step relative to x",
            lambda f, x: np.imag(f(x * (1 + 1e-20j))) / 1e-20,
            "Your imaginary step is x times h, and you divide by h: every slope comes out x times too large. Add ih to x.",
        ),
        Mistake(
            "step out of digits",
            lambda f, x: np.imag(f(x + 1e-321j)) / 1e-321,
            "A complex step, and so small that its own digits are lost: below about 1e-308 a float64 keeps fewer and fewer. Take a larger one.",
            _out_of_digits,
        ),
    ),
)
