"""The descent widget without a browser: its numbers, its words, its page, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits.readable import number
from bpkit.widgets._descent import LONGEST, SURFACES, at, rate, state, trajectory


def test_a_path_is_momentum_s_rule_on_the_gradient_of_the_cost():
    c, start = (1.0, 25.0), (-9.0, 1.5)
    path = trajectory(c, start, 0.06, 0.4, 20)
    for before, here, after in zip(path, path[1:], path[2:], strict=False):
        slope = bp.complex_step(lambda w: (np.array(c) * w**2).sum() / 2, here)
        np.testing.assert_allclose(after - here, 0.4 * (here - before) - 0.06 * slope, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("c", "eta", "mu"), [(1, 0.02, 0), (25, 0.075, 0), (25, 0.082, 0), (25, 0.11, 0.4), (1, 0.11, 0.9), (25, 0.11, 0.9), (1, 2.3, 0.2)]
)
def test_the_factor_is_what_a_long_run_shows(c, eta, mu):
    factor, how = rate(c, eta, mu)
    matrix = np.array([[1 + mu - eta * c, -mu], [1, 0]])  # (w, w before) → (w after, w)
    assert abs(factor) == pytest.approx(np.abs(np.linalg.eigvals(matrix)).max(), rel=1e-12)
    assert (how == "diverges") == (abs(factor) > 1) == (eta * c > 2 * (1 + mu))
    if how == "swings":
        assert factor == pytest.approx(np.sqrt(mu))


def test_one_step_on_the_bowl():
    assert at("bowl", 1.0, 0.0, (-9, 1.5))["steps"] == 1 and rate(1.0, 1.0, 0.0) == (0.0, "arrives")


@pytest.mark.parametrize("mu", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("surface", SURFACES)
def test_the_limit_is_where_it_begins_to_diverge(surface, mu):
    limit = at(surface, 0.05, mu, (-9, 1.5))["limit"]
    below, above = (at(surface, limit * by, mu, (-9, 1.5)) for by in (0.99, 1.01))
    assert "diverges" not in (below["along"][1], below["across"][1]) and below["steps"] < LONGEST
    assert above["across"][1] == "diverges" and above["steps"] is None


def test_the_cost_stays_below_a_thousandth_from_the_told_step_on():
    for eta, mu in ((0.075, 0.0), (1 / 9, 4 / 9), (1 / 9, 0.9)):
        steps, path = at("ravine", eta, mu, (-9, 1.5))["steps"], trajectory((1, 25), (-9, 1.5), eta, mu, 500)
        costs = (np.array([1, 25]) * path**2).sum(axis=1) / 2
        assert np.all(costs[steps:] <= costs[0] / 1000) and costs[steps - 1] > costs[0] / 1000


def test_the_state_is_json_and_starts_where_it_is_told():
    begin = state("bowl", 0.5, 0.25, (3, -2))
    assert (begin["surface"], begin["eta"], begin["mu"], begin["start"]) == ("bowl", 0.5, 0.25, [3.0, -2.0])
    json.dumps(begin, allow_nan=False)


def test_the_words_hold_what_each_choice_does():
    words = str(bp.widgets.descent())
    told = at("ravine", 0.075, 0.0, (-9.0, 1.5))
    row = next(line.split() for line in words.splitlines() if "0.0750" in line)
    assert row == ["ravine", "0.0750", "0", number(told["limit"]), number(told["along"][0]), number(told["across"][0]), str(told["steps"])]
    assert words.count("diverges") == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"surface": "saddle"}, "'saddle', expected one of bowl, ravine"),
        ({"eta": 0.0}, "eta is 0.0"),
        ({"eta": float("nan")}, "eta is nan"),
        ({"mu": 1.0}, "mu is 1.0"),
        ({"start": (20, 0)}, "start is"),
        ({"start": (0, 0)}, "not both 0"),
    ],
)
def test_what_it_cannot_show_it_refuses_in_words(given, message):
    with pytest.raises(ValueError, match=message):
        bp.widgets.descent(**given)
