"""Lesson 07's pictures: what they draw is what they are given, and the words say what is drawn."""

import numpy as np
import pytest

from bpkit import plots
from bpkit.exhibits.readable import number

pytest.importorskip("matplotlib")

PATH = np.array([[-8.0, 1.0], [-4.0, -1.0], [-2.0, 0.5]])


def test_descent_draws_each_path_from_its_start_over_contours_of_the_cost():
    fig = plots.descent({"one": PATH, "two": PATH / 2}, (1, 25))
    for ax, path in zip(fig.axes, (PATH, PATH / 2), strict=True):
        line = max(ax.lines, key=lambda line: len(line.get_xdata()))
        np.testing.assert_array_equal(np.column_stack([line.get_xdata(), line.get_ydata()]), path)
        (contours,) = (each for each in ax.collections if hasattr(each, "levels"))
        start = path[0, 0] ** 2 / 2 + 25 * path[0, 1] ** 2 / 2
        # the start lies on one of the lines, so that it can be compared by eye
        assert np.min(np.abs(np.log(contours.levels / start))) < 1e-9
        assert ax.get_aspect() == 1.0
        assert number(start) in ax.get_title(loc="left") and "in 2 steps" in ax.get_title(loc="left")


def test_descent_cuts_off_a_path_that_leaves_and_says_where_it_went():
    diverging = np.array([[-8.0, 1.0]]) * (-1.5) ** np.arange(40)[:, None]
    fig = plots.descent({"too long": diverging}, (1, 25))
    (ax,) = fig.axes
    line = max(ax.lines, key=lambda line: len(line.get_xdata()))
    assert 2 < len(line.get_xdata()) < 40
    assert number(diverging[-1, 0]) in plots.picture(fig).alt


def test_descent_lays_panels_beside_each_other():
    fig = plots.descent({str(k): PATH for k in range(3)}, (1, 4), reach=(10, 4), columns=2)
    assert len(fig.axes) == 3 and fig.axes[0].get_position().y0 == pytest.approx(fig.axes[1].get_position().y0)


@pytest.mark.parametrize(
    ("paths", "curvature", "words"),
    [({}, (1, 2), "empty"), ({"a": PATH[0]}, (1, 2), "expected"), ({"a": PATH}, (1, 0), "above 0"), ({"a": PATH}, (1, 2, 3), "two numbers")],
)
def test_descent_refuses_what_it_cannot_draw(paths, curvature, words):
    with pytest.raises(ValueError, match=words):
        plots.descent(paths, curvature)


def test_cost_by_step_draws_every_run():
    runs = {"plain": np.array([1.0, 0.5, 0.25]), "other": ([0, 10], [2.0, 0.125])}
    fig = plots.cost_by_step(runs, xlabel="examples")
    (ax,) = fig.axes
    plain, other = ax.lines
    np.testing.assert_array_equal(plain.get_ydata(), runs["plain"])
    np.testing.assert_array_equal(other.get_xdata(), [0, 10])
    assert ax.get_yscale() == "log" and plain.get_linestyle() != other.get_linestyle()
    assert plots.picture(fig).alt == "cost C by examples. plain: 1.00 at 0, 0.250 at 2. other: 2.00 at 0, 0.125 at 10."


@pytest.mark.parametrize("runs", [{}, {"a": ([0, 1], [1.0])}, {"a": []}])
def test_cost_by_step_refuses_what_it_cannot_draw(runs):
    with pytest.raises(ValueError, match="expected"):
        plots.cost_by_step(runs)
