"""The V-curve widget without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import bpkit as bp
from bpkit.widgets._v_curve import DTYPES, EXPONENTS, FUNCTIONS, SCHEMES, STEPS, at, state


def test_slopes_and_bends_are_those_of_the_functions():
    w = Fraction(3, 2)
    below = 1 + w * w
    for function in FUNCTIONS[:2]:
        assert function.slope == pytest.approx(float(-2 * w / below**2), rel=1e-15)
        assert function.bend == pytest.approx(abs(float((6 * w * w - 2) / below**3)), rel=1e-15)
        assert function.third == pytest.approx(abs(float(24 * w * (1 - w * w) / below**4)), rel=1e-15)
    for function in FUNCTIONS:
        assert function.value == pytest.approx(float(function.f(np.float64(function.w))), rel=1e-15)
        assert function.slope == pytest.approx(bp.complex_step(function.f, function.w), rel=1e-12)


def test_steps_are_powers_of_ten():
    np.testing.assert_allclose(STEPS, 10.0**EXPONENTS, rtol=1e-14)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_on_the_right_branch_the_bend_says_the_error(scheme):
    function = FUNCTIONS[0]
    for h in (1e-3, 1e-2):
        error = abs(at(function, scheme, "float64", h)[2] - function.slope)
        promised = h / 2 * function.bend if scheme == "one-sided" else h**2 / 6 * function.third
        # the next term of the series is smaller by a factor of order h
        assert error == pytest.approx(promised, rel=2 * h)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS[:2], ids=lambda function: function.short)
def test_on_the_left_branch_the_error_stays_below_the_bound(function, dtype):
    eps = {"float64": 2.0**-52, "float32": 2.0**-23}[dtype]
    for h in STEPS[EXPONENTS < -8 if dtype == "float64" else EXPONENTS < -4]:
        error = abs(at(function, "central", dtype, float(h))[2] - function.slope)
        # the argument w ± h is rounded too, and 1 + w² in between: hence a few times the bound for one rounding
        assert error <= 6 * eps * (function.value + function.w * abs(function.slope)) / (2 * h) + function.third * h**2


def test_the_complex_step_needs_no_luck():
    for function in FUNCTIONS:
        for h in (1e-20, 1e-12, 1e-9):
            assert at(function, "complex step", "float64", h)[2] == pytest.approx(function.slope, rel=1e-15)


def test_the_kink_raises_its_alarm_as_soon_as_it_lies_between():
    relu = FUNCTIONS[2]
    assert abs(at(relu, "central", "float64", 5e-5)[2] - 1) < 1e-11
    assert at(relu, "central", "float64", 1e-2)[2] == pytest.approx(0.505, rel=1e-12)


def test_the_state_is_json_and_every_series_has_a_value_for_each_step():
    start = state(1e-5)
    json.dumps(start, allow_nan=False)
    assert start["exponents"][start["start"]] == -5
    for function in start["functions"]:
        for dtype in DTYPES:
            for scheme in SCHEMES:
                assert len(function["errors"][dtype][scheme]) == len(function["pairs"][dtype][scheme]) == len(STEPS)


def test_the_pairs_are_the_numbers_that_were_compared():
    function = FUNCTIONS[0]
    for k in (20, 40, 60, 80):
        first, second = state(1.0)["functions"][0]["pairs"]["float64"]["central"][k]
        up, down, _ = at(function, "central", "float64", float(STEPS[k]))
        assert (float(first), float(second)) == pytest.approx((float(up), float(down)), abs=1e-16)


@pytest.mark.parametrize("h", [0.0, 1e-21, 2.0, float("nan")])
def test_what_it_cannot_show_it_refuses_in_words(h):
    with pytest.raises(ValueError, match="v_curve: h is"):
        bp.widgets.v_curve(h)
