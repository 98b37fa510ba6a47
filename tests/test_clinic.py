"""The six errata as experiments: each passes where it is said to hide, shows elsewhere, and its repair never fails."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from bpkit.exhibits.clinic import ERRATA, compare, descend

each = pytest.mark.parametrize("key", ERRATA)


@each
def test_the_repair_agrees_with_measurement_at_every_setting(key):
    for setting in ERRATA[key].settings:
        found = compare(key, setting)
        assert found.published.shape == found.corrected.shape == found.numerical.shape
        assert found.repaired_error < 1e-8  # what central differences can see


@each
def test_the_published_gradient_hides_at_the_first_setting_and_shows_at_the_last(key):
    first, last = ERRATA[key].settings[0], ERRATA[key].settings[-1]
    assert compare(key, first).error < (1e-5 if key == "R" else 1e-8)  # R's is passed by a loose check only
    assert compare(key, last).error > 0.03
    assert compare(key).error == compare(key, last).error


def test_the_order_s_error_is_linear_in_alpha_and_spares_the_last_layer():
    errors = [compare("R", alpha).error for alpha in (1.0, 0.1, 0.01, 0.001)]
    for larger, smaller in itertools.pairwise(errors):
        assert larger / smaller == pytest.approx(10, rel=0.02)
    found = compare("R", 1.0)
    np.testing.assert_allclose(found.published[4:], found.corrected[4:], rtol=1e-12)
    assert not np.allclose(found.published[:4], found.corrected[:4], rtol=1e-3)


def test_tanh_equals_its_slope_where_text_a_hides():
    z = ERRATA["A"].trial(0.0).at
    np.testing.assert_allclose(np.tanh(z), 1 - np.tanh(z) ** 2, rtol=1e-12)
    np.testing.assert_allclose(z, 0.72, atol=0.005)


@each
def test_descent_starts_at_one_cost_and_the_repair_only_goes_down(key):
    published, corrected = descend(key, 40)
    assert published.shape == corrected.shape == (41,) and published[0] == corrected[0]
    assert np.all(np.diff(corrected) < 0)


def test_what_each_wrong_gradient_does_is_what_the_lesson_says():
    ends = {key: tuple(costs[[0, -1]] for costs in descend(key)) for key in ERRATA}
    climbs = {key for key, (published, _) in ends.items() if published[1] > published[0]}
    assert climbs == {"U3", "T"}
    assert all(published[1] > 3 * corrected[1] for key, (published, corrected) in ends.items() if key in "A P U1")
    with_order, without = descend("R")
    assert np.max(np.abs(with_order - without)) < 0.01 * without[0]


def test_an_unknown_erratum_is_answered_with_those_there_are():
    for function in (compare, descend):
        with pytest.raises(ValueError, match=r"'Q'.*A, P, R, U1, U3, T"):
            function("Q")
