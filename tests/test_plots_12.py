"""Lesson 12's picture: what it draws, and that its words say it."""

import numpy as np
import pytest

from bpkit import plots

PLAIN = np.diag([-0.5, 1.0, 0.25])
MIXED = np.array([[-0.5, 0.2, 0.0], [0.1, 1.0, -0.3], [0.4, -0.2, 0.25]])


@pytest.fixture
def drawn():
    pytest.importorskip("matplotlib")
    return plots.who_moves_whom({"plain": PLAIN, "mixed": MIXED})


def discs(ax):
    """Column, row (m for the sums), whether it is full, and its radius with the line around it."""
    return {
        (round(p.center[0] - 0.5), round(p.center[1] - 0.6)): (p.get_facecolor()[3] > 0, p.radius + (0 if p.get_facecolor()[3] else 0.02))
        for p in ax.patches
    }


def test_each_entry_that_is_not_zero_has_a_disc_and_each_column_its_sum(drawn):
    for ax, table in zip(drawn.axes, (PLAIN, MIXED), strict=True):
        found = discs(ax)
        wanted = {(k, x): value for (x, k), value in np.ndenumerate(table) if value} | {
            (k, 3): value for k, value in enumerate(table.sum(axis=0)) if value
        }
        assert {place for place in found if place in wanted} == set(found) == {place for place, value in wanted.items() if abs(value) > 1e-12}
        assert all(found[place][0] == (value > 0) for place, value in wanted.items() if place in found)


def test_areas_compare_over_all_tables(drawn):
    left, right = (discs(ax) for ax in drawn.axes)
    assert left[1, 1][1] == pytest.approx(right[1, 1][1])
    assert (left[1, 1][1] / left[0, 0][1]) ** 2 == pytest.approx(2, rel=0.01)


def test_its_words_say_who_moves_and_what_the_columns_add_up_to(drawn):
    plain, mixed = (ax.get_label() for ax in drawn.axes)
    assert plain == "plain: 3 of 9 entries are not 0, all on the diagonal. Column sums, δ: −0.500, 1.00, 0.250."
    assert "8 of 9" in mixed and "off the diagonal, too" in mixed


@pytest.mark.parametrize(
    ("tables", "words"), [({}, "no table"), ({"wide": np.ones((2, 3))}, r"'wide' has shape \(2, 3\)"), ({"row": [1.0]}, "square")]
)
def test_what_it_cannot_draw_it_refuses_in_words(tables, words):
    pytest.importorskip("matplotlib")
    with pytest.raises(ValueError, match=words):
        plots.who_moves_whom(tables)
