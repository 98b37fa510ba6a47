"""The error of a numerical slope over its step: by scheme, number type and function, with the digits that are lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpkit.exhibits.readable import number, superscript
from bpkit.widgets._base import CourseWidget, can_plot, module, style, table

SCHEMES = ("one-sided", "central", "complex step")
DTYPES = ("float64", "float32")
EXPONENTS = np.arange(-80, 1) / 4
# 10^exponent, without a power, which not every machine rounds alike
STEPS = np.array([float(f"1e{k // 4}") * (1.0, 1.7782794100389228, 3.1622776601683795, 5.623413251903491)[k % 4] for k in range(-80, 1)])
_REAL: dict[str, Any] = {"float64": np.float64, "float32": np.float32}
_COMPLEX: dict[str, Any] = {"float64": np.complex128, "float32": np.complex64}


@dataclass(frozen=True)
class _Function:
    """A function with its place, its slope there, and what the two errors depend on.

    Only + - × ÷ and comparisons: these round alike on every machine, so that every machine draws the same curve.
    """

    name: str
    short: str
    f: Callable[[Any], Any]
    w: float
    slope: float
    value: float
    bend: float  # |C''|, for the truncation error of one side
    third: float  # |C'''|, for that of two sides and of the complex step
    places: int  # decimals that float64 has there
    kink: float | None = None


FUNCTIONS = (
    _Function("C = 1/(1 + w²), w = 1.5", "1/(1 + w²)", lambda w: 1 / (1 + w * w), 1.5, -48 / 169, 4 / 13, 736 / 2197, 11520 / 28561, 17),
    _Function(
        "C = 1000 + 1/(1 + w²), w = 1.5", "1000 + …", lambda w: 1000 + 1 / (1 + w * w), 1.5, -48 / 169, 1000 + 4 / 13, 736 / 2197, 11520 / 28561, 13
    ),
    _Function("C = relu(w), w = 0.0001", "relu", lambda w: w if w.real > 0 else 0 * w + 0, 1e-4, 1.0, 1e-4, 0.0, 0.0, 20, kink=0.0),
)


class VCurve(CourseWidget):
    """What `v_curve` returns."""

    _esm = module("v_curve")
    _css = style("forward_pass", "saturation", "v_curve")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def v_curve(h: float = 1e-5) -> VCurve:
    """Move the step with ← and →, choose a scheme, a number type and a function, and watch error and lost digits.

    Parameters
    ----------
    h : float
        The step to start with, from 1e-20 to 1; the nearest quarter of a decade is taken.

    Returns
    -------
    VCurve
        Shows itself in a notebook; `str()` says the errors in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If h is out of reach.

    Examples
    --------
    >>> print(v_curve())
    Error of the slope of C = 1/(1 + w²), w = 1.5, by step, scheme and number type
       h  one-sided  central  complex step  central, float32
     10⁰       10⁻¹     10⁻¹          10⁻¹              10⁻¹
    10⁻²       10⁻³     10⁻⁵          10⁻⁵              10⁻⁵
    10⁻⁴       10⁻⁵     10⁻⁹          10⁻⁹              10⁻⁴
    10⁻⁶       10⁻⁷    10⁻¹¹         10⁻¹³              10⁻²
    10⁻⁸       10⁻⁹     10⁻⁹       < 10⁻¹⁵              10⁻¹
    """
    return VCurve(state(h), _still(h))


def _still(h: float) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    errors = {scheme: _errors(FUNCTIONS[0], scheme, "float64") for scheme in SCHEMES}
    errors["central, float32"] = _errors(FUNCTIONS[0], "central", "float32")
    return plots.picture(plots.v_curve(STEPS, errors, marked=float(h))).html


def at(function: _Function, scheme: str, dtype: str, h: float) -> tuple[Any, Any, float]:
    """The two numbers that a scheme compares, and the slope that it makes of them.

    Parameters
    ----------
    function : one of FUNCTIONS
    scheme : one of SCHEMES
    dtype : "float64" or "float32"
    h : float

    Returns
    -------
    first, second, slope
        For the complex step real and imaginary part.
    """
    with np.errstate(all="ignore"):
        if scheme == "complex step":
            value = function.f(_COMPLEX[dtype](complex(function.w, h)))
            return value.real, value.imag, float(value.imag) / h
        w, step = _REAL[dtype](function.w), _REAL[dtype](h)
        first, second = function.f(w + step), function.f(w - step if scheme == "central" else w)
        # the difference is taken in the number type, the division adds nothing to the error
        return first, second, float(first - second) / (2 * h if scheme == "central" else h)


def _errors(function: _Function, scheme: str, dtype: str) -> list[float]:
    return [abs(at(function, scheme, dtype, float(h))[2] - function.slope) for h in STEPS]


def state(h: float) -> dict[str, Any]:
    """All errors, and all pairs of values as text.

    Parameters
    ----------
    h : float
        Where to start.

    Returns
    -------
    dict
        "exponents" of the steps and the place "start" among them; for each of "functions" its "name" ("short" too) and "slope", "value", "bend",
        "third", "kink", and by number type and scheme "errors" and "pairs"; "steps", of which there is one.
    """
    if not 1e-20 <= h <= 1:
        raise ValueError(f"v_curve: h is {h}, expected a step from 1e-20 to 1")
    functions = []
    for function in FUNCTIONS:
        told: dict[str, Any] = {
            "name": function.name,
            "short": function.short,
            "slope": function.slope,
            "value": function.value,
            "bend": function.bend,
            "third": function.third,
            "reach": None if function.kink is None else abs(function.w - function.kink),
            "errors": {dtype: {scheme: _errors(function, scheme, dtype) for scheme in SCHEMES} for dtype in DTYPES},
            "pairs": {dtype: {scheme: _pairs(function, scheme, dtype) for scheme in SCHEMES} for dtype in DTYPES},
        }
        functions.append(told)
    return {
        "label": f"Error of the slope of {FUNCTIONS[0].name}, by step, scheme and number type",
        "exponents": EXPONENTS.tolist(),
        "start": int(np.argmin(np.abs(EXPONENTS - np.log10(h)))),
        "schemes": list(SCHEMES),
        "dtypes": {dtype: float(np.finfo(_REAL[dtype]).eps) for dtype in DTYPES},
        "functions": functions,
        "steps": [{"title": "Move h", "say": ""}],
    }


def _pairs(function: _Function, scheme: str, dtype: str) -> list[list[str]]:
    decimals = function.places if dtype == "float64" else function.places - 8
    pairs = []
    for h in STEPS:
        first, second, _ = at(function, scheme, dtype, float(h))
        texts = [f"{float(first):.{decimals}f}", f"{float(second):.{decimals}f}"]
        if scheme == "complex step":
            texts[1] = number(float(second), 16 if dtype == "float64" else 8)
        pairs.append([text.replace("-", "−") for text in texts])
    return pairs


_TOLD = (0, -2, -4, -6, -8)


def as_text(state: dict[str, Any]) -> str:
    """The orders of the errors at some steps, as a table."""
    errors = state["functions"][0]["errors"]
    columns = [*((scheme, errors["float64"][scheme]) for scheme in SCHEMES), ("central, float32", errors["float32"]["central"])]
    rows = [["h", *(name for name, _ in columns)]]
    for exponent in _TOLD:
        k = state["exponents"].index(exponent)
        rows.append([f"10{superscript(exponent)}", *(_order(series[k]) for _, series in columns)])
    return f"{state['label']}\n{table(rows)}"


def _order(error: float) -> str:
    return "< 10⁻¹⁵" if error < 1e-15 else f"10{superscript(round(float(np.log10(error))))}"
