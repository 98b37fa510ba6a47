"""The saturation widget without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._saturation import REACH, at, state


@pytest.mark.parametrize("y", [0.0, 1.0])
@pytest.mark.parametrize("z", [-8.0, -4.0, 0.0, 0.3, 8.0])
def test_the_slopes_are_those_that_differences_find(z, y):
    told = at(z, y)
    for name, cost in (("quadratic", bp.quadratic), ("crossEntropy", bp.binary_cross_entropy)):
        # through a alone 1 - a has lost digits at z = 8, hence the absolute part
        assert told[name] == pytest.approx(cost(bp.sigmoid(np.array([[z]])), np.array([[y]])), rel=1e-12, abs=1e-12)

        def cost_of(v, cost=cost):
            return cost.output_value(v, bp.sigmoid(v), np.array([[y]]), bp.sigmoid)

        slope = bp.complex_step(cost_of, np.array([[z]])).item()
        assert told[f"{name}Error"] == pytest.approx(slope, rel=1e-10)
        assert told[f"{name}Gradient"] * told["slope"] == pytest.approx(slope, rel=1e-10)
    assert told["ratio"] == pytest.approx(told["crossEntropyError"] / told["quadraticError"], rel=1e-10)


def test_the_state_is_json_and_starts_where_it_is_told():
    start = state(-2.5, 0)
    assert (start["z"], start["y"], start["reach"]) == (-2.5, 0, REACH)
    assert [row["z"] for row in start["told"]] == sorted(row["z"] for row in start["told"])
    json.dumps(start, allow_nan=False)


def test_the_words_hold_both_slopes():
    words = str(bp.widgets.saturation(y=0))
    assert "target 0" in words
    for z in (-4.0, 8.0):
        told = at(z, 0)
        row = next(line.split() for line in words.splitlines() if line.strip().startswith(number(z)))
        assert row == [number(told[name]) for name in ("z", "a", "slope", "quadraticError", "crossEntropyError", "ratio")]


@pytest.mark.parametrize(("z", "y", "message"), [(9.0, 1.0, "z is 9.0"), (float("nan"), 1.0, "z is nan"), (0.0, 0.5, "y is 0.5")])
def test_what_it_cannot_show_it_refuses_in_words(z, y, message):
    with pytest.raises(ValueError, match=message):
        bp.widgets.saturation(z, y)
