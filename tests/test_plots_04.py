"""Lesson 04's pictures: what they draw is what the costs say, and the words say what is drawn."""

import numpy as np
import pytest

import bpkit as bp
from bpkit import plots
from bpkit.exhibits.readable import number

pytest.importorskip("matplotlib")


@pytest.mark.parametrize(("z", "y"), [(-4.0, 1.0), (2.0, 0.0), (0.5, 0.3)])
def test_saturation_draws_each_cost_above_its_slope(z, y):
    above, below = plots.saturation(z, y).axes
    for cost, name in ((bp.binary_cross_entropy, "cross-entropy"), (bp.quadratic, "quadratic")):
        curve, slope = (next(line for line in ax.lines if line.get_label() == name) for ax in (above, below))
        over = np.asarray(curve.get_xdata())[None]
        a, target = bp.sigmoid(over), np.full_like(over, y)
        # log(1 - a) cancels where a is near 1; the curve is drawn from z, which does not
        np.testing.assert_allclose(curve.get_ydata(), cost.per_example(a, target), rtol=1e-12, atol=1e-12)
        found = bp.numerical_gradient(lambda v, cost=cost, target=target: cost.per_example(bp.sigmoid(v), target).sum(), over)
        np.testing.assert_allclose(slope.get_ydata(), found[0], atol=1e-6)  # the differences are no closer where the cost is large


def test_saturation_says_the_numbers_at_the_mark():
    alt = plots.picture(plots.saturation(-4.0)).alt
    a = bp.sigmoid(np.array(-4.0))
    assert f"cross-entropy {number(a - 1)}, quadratic {number((a - 1) * a * (1 - a))}" in alt
    assert f"cross-entropy {number(-np.log(a))}, quadratic {number((a - 1) ** 2 / 2)}" in alt


@pytest.mark.parametrize(("z", "y", "words"), [(9.0, 1.0, "z is 9.0"), (0.0, 1.5, "y is 1.5"), (float("nan"), 1.0, "z is nan")])
def test_saturation_refuses_what_it_cannot_draw(z, y, words):
    with pytest.raises(ValueError, match=words):
        plots.saturation(z, y)


def test_shares_draws_a_bar_for_each_output_and_fills_the_wanted_one():
    after = bp.softmax(np.array([[1.0], [3.0], [0.5]]))
    left, right = plots.shares({"before": bp.softmax(np.array([1.0, 2.0, 0.5])), "after": after}, wanted=1).axes
    np.testing.assert_allclose([bar.get_height() for bar in right.patches], after[:, 0], rtol=1e-12)
    assert [bar.get_facecolor()[3] > 0 for bar in left.patches] == [False, True, False]
    assert left.get_ylim() == right.get_ylim()


@pytest.mark.parametrize("columns", [{}, {"a": np.array([0.5, 0.6])}, {"a": np.array([1.5, -0.5])}])
def test_shares_refuses_what_is_no_probability(columns):
    with pytest.raises(ValueError, match="expected"):
        plots.shares(columns)


def test_outputs_by_step_draws_each_run_and_the_target():
    runs = {"quadratic": np.array([0.98, 0.9, 0.7]), "cross-entropy": np.array([[0.98], [0.5], [0.1]])}
    fig = plots.outputs_by_step(runs, target=0)
    (ax,) = fig.axes
    for line in ax.lines[1:]:
        np.testing.assert_array_equal(line.get_ydata(), runs[line.get_label()].ravel())
    assert "cross-entropy: 0.980 before the first step, 0.100 after 2." in plots.picture(fig).alt
    with pytest.raises(ValueError, match="empty"):
        plots.outputs_by_step({}, target=0)
