"""Lesson 14's picture: what it draws, and that its words say it."""

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from bpkit import plots


def entries(ax):
    """What is written in the cells, by row and column."""
    return {(int(y), int(x)): text.get_text() for text in ax.texts for x, y in [text.get_position()]}


def test_the_matrix_and_its_transpose_hold_the_kernel_where_it_belongs():
    left, right = plots.weights_used_again([1.0, 2.0, -1.0], 6).axes
    T = {(i, i + u): f"k{'₀₁₂'[u]}" for i in range(4) for u in range(3)}
    assert entries(left) == T and entries(right) == {(j, i): name for (i, j), name in T.items()}


def test_each_weight_has_one_colour_in_both():
    shades = {}
    for ax in plots.weights_used_again([1.0, 2.0, -1.0], 5).axes:
        names = entries(ax)
        for cell in ax.patches[:-1]:
            place = (int(cell.get_y()), int(cell.get_x()))
            shades.setdefault(names.get(place), set()).add(cell.get_facecolor())
    assert len(shades) == 4 and all(len(found) == 1 for found in shades.values()) and len(set.union(*shades.values())) == 4


def test_the_framed_rows_are_what_the_words_say():
    left, right = plots.weights_used_again([1.0, 2.0, -1.0], 6, row=0, column=3).axes
    assert "row 0: 1.00, 2.00, −1.00, 0, 0, 0" in left.get_label() and "row 3: 0, −1.00, 2.00, 1.00" in right.get_label()
    for ax, y, x in ((left, 0, 0), (right, 3, 1)):
        frame = ax.patches[-1]
        assert (frame.get_y(), frame.get_x(), frame.get_width()) == (y, x, 3)


def test_what_does_not_fit_is_told():
    for k, n in (([1.0] * 6, 8), ([1.0, 2.0], 1), ([1.0], 11), ([], 3), (np.ones((2, 2)), 4)):
        with pytest.raises(ValueError, match="1 to 5 weights and no more than 10 inputs"):
            plots.weights_used_again(k, n)
    with pytest.raises(ValueError, match="row 4 of 4"):
        plots.weights_used_again([1.0, 2.0, -1.0], 6, row=4)
