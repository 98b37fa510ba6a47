"""Lesson 15's pictures: what they draw, and that their words say it."""

import numpy as np
import pytest

from bpkit import plots

pytest.importorskip("matplotlib")


def bars(ax):
    """Each bar as (row, from, to, whether it was computed again)."""
    return [(round(p.get_y() + 0.36), p.get_x(), p.get_x() + p.get_width(), p.get_hatch() is not None) for p in ax.patches]


@pytest.mark.parametrize(("n", "k", "most", "again"), [(16, 1, 17, 0), (16, 4, 8, 12), (16, 16, 17, 15), (10, 3, 6, 6), (11, 10, 11, 9)])
def test_what_is_held_is_drawn_counted_and_told(n, k, most, again):
    ax = plots.held_activations(n, (k,)).axes[0]
    assert f"at most {most} activations held at once, {again} steps done again" in ax.get_label()
    drawn = bars(ax)
    assert sum(hatched for *_, hatched in drawn) == again
    # after the first pass, no moment has more bars than are told
    counts = [sum(start <= t + 0.5 < end for _, start, end, _ in drawn) for t in range(n, 2 * n + again)]
    assert max(counts) == most and counts[-1] == 2


def test_every_layer_is_gone_back_through_once_and_the_input_stays_to_the_end():
    drawn = bars(plots.held_activations(12, (4,)).axes[0])
    ends = [end for row, _, end, _ in drawn if row == 0]
    assert ends == [12 + 12 + 9]
    last = {row: max(end for r, _, end, _ in drawn if r == row) for row in range(13)}
    assert [last[row] for row in range(1, 13)] == sorted((last[row] for row in range(1, 13)), reverse=True)


def test_bad_layers_and_distances_are_refused_in_a_line():
    with pytest.raises(ValueError, match="n is 1, expected a number of layers from 2 to 40"):
        plots.held_activations(1, (1,))
    for ks in ((), (0,), (17,)):
        with pytest.raises(ValueError, match="expected whole numbers from 1 to 16"):
            plots.held_activations(16, ks)


def test_the_window_counts_what_is_lost_on_both_sides():
    ax = plots.half_window([-30, -26, -25, -15, -14, 0, 14, 15], 1)
    assert "Of 8 numbers times 2¹" in ax.get_label()
    assert "12 % become 0, 25 % are subnormal, 50 % normal, 12 % infinite" in ax.get_label()
    heights = {round(p.get_x() + p.get_width() / 2 - 0.5): p.get_height() for p in ax.patches if p.get_width() < 1}
    assert heights == dict.fromkeys((-29, -25, -24, -14, -13, 1, 15, 16), 1)
    assert np.sum([p.get_hatch() is not None for p in ax.patches]) == 2
