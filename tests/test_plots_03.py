"""Lesson 03's pictures: what they draw is what was measured, and the words say what is drawn."""

import numpy as np
import pytest

from bpkit import plots

pytest.importorskip("matplotlib")

from bpkit.plots._differences import LEAST

STEPS = np.array([1e-8, 1e-6, 1e-4, 1e-2])


def test_v_curve_draws_every_series_and_keeps_exact_results_on_the_bottom_line():
    errors = {"central": [1e-8, 1e-11, 1e-9, 1e-5], "complex step": [0.0, 1e-16, 1e-9, 1e-5]}
    ax = plots.v_curve(STEPS, errors, marked=1e-4)
    central, exact = ax.lines[:2]
    np.testing.assert_array_equal(central.get_xdata(), STEPS)
    np.testing.assert_array_equal(central.get_ydata(), errors["central"])
    assert exact.get_ydata()[0] == LEAST
    assert ax.get_xscale() == ax.get_yscale() == "log"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(errors)


def test_v_curve_says_where_each_scheme_is_best():
    words = plots.v_curve(STEPS, {"central": [1e-8, 2e-11, 1e-9, 1e-5], "complex step": [0.0, 1e-16, 1e-9, 1e-5]}, marked=1e-4).get_label()
    assert "central: least near h = 10⁻⁶, about 10⁻¹¹." in words
    assert "complex step: below 10⁻¹³ for h up to 10⁻⁶." in words
    assert "Marked: h = 1.00·10⁻⁴." in words


def test_v_curve_leaves_gaps_where_there_is_no_error():
    line = plots.v_curve(STEPS, {"central": [np.nan, 1e-11, 1e-9, 1e-5]}).lines[0]
    assert np.isnan(line.get_ydata()[0])


@pytest.mark.parametrize(
    ("h", "errors"),
    [(STEPS, {}), ([], {"a": []}), ([0.0, 1.0], {"a": [1, 1]}), (STEPS, {"a": [1.0]}), (STEPS, {"a": [-1.0, 1, 1, 1]}), (STEPS, {"a": [np.nan] * 4})],
)
def test_v_curve_refuses_what_it_cannot_draw(h, errors):
    with pytest.raises(ValueError, match="v_curve"):
        plots.v_curve(h, errors)


@pytest.mark.parametrize(
    ("z", "slope", "where"), [(-2.0, 0.0, "one piece"), (0.4, 0.7, "kink lies between"), (0.0, 0.5, "kink lies between"), (1.0, 1.0, "one piece")]
)
def test_kink_draws_the_chord_that_the_difference_takes(z, slope, where):
    ax = plots.kink([z], h=1.0).axes[0]
    chord = next(line for line in ax.lines if line.get_label() == "difference")
    (left, right), (low, high) = chord.get_xdata(), chord.get_ydata()
    assert (left, right) == (z - 1, z + 1)
    assert (high - low) / 2 == pytest.approx(slope, abs=1e-15)
    assert where in ax.get_label()


def test_kink_has_a_panel_for_each_place_on_one_scale():
    axes = plots.kink([-2.0, 0.4, 2.0], h=1.0).axes
    assert len(axes) == 3 and len({ax.get_xlim() for ax in axes}) == 1
    assert "says 0.70, should be 1" in axes[1].get_title(loc="left")


@pytest.mark.parametrize(("places", "h"), [([], 1.0), ([0.0], 0.0), ([0.0], -1.0)])
def test_kink_refuses_what_it_cannot_draw(places, h):
    with pytest.raises(ValueError, match="kink"):
        plots.kink(places, h=h)
