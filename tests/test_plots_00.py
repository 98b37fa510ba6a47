"""The picture of a weight's place: the line and the entry are the same weight, and the words say which."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("matplotlib")

import bpkit as bp
from bpkit import plots
from bpkit.plots import weight_place

NET = bp.nets.two_three_two().net


@pytest.mark.parametrize(("layer", "j", "k"), [(2, 0, 2), (1, 2, 0), (2, 1, 1)])
def test_the_wide_line_and_the_framed_entry_are_the_weight(layer, j, k):
    drawing, matrix = weight_place(NET, layer, j, k).axes
    widths = {patch.get_gid(): patch.get_linewidth() for patch in drawing.patches if str(patch.get_gid()).startswith("edge")}
    assert max(widths, key=widths.get) == f"edge-{layer}-{j}-{k}"
    assert len(widths) == 12
    bold = [text.get_text() for text in matrix.texts if text.get_weight() == "bold"]
    assert bold == [plots._notation.number(NET.W[layer][j, k], 2)]
    assert len(matrix.texts) == NET.W[layer].size


def test_rows_are_where_weights_lead_and_columns_where_they_come_from():
    matrix = weight_place(NET, 1, 2, 0).axes[1]
    assert (matrix.get_ylabel(), matrix.get_xlabel()) == ("to neuron", "from neuron")
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["1", "2", "3"]
    assert [label.get_text() for label in matrix.get_xticklabels()] == ["1", "2"]


def test_its_words_say_both():
    alt = plots.picture(weight_place(NET, 1, 2, 0)).alt
    assert "one line drawn wide: w¹₃₁, to neuron 3 of layer 1 from neuron 1 of layer 0" in alt
    assert "W¹, 3 × 2: row 3, column 1 is w¹₃₁ = −1.00" in alt


def test_it_is_drawn_without_a_complaint(recwarn):
    plots.picture(weight_place(bp.init([5, 4, 3], rng=np.random.default_rng(0)), 1, 3, 4))
    # what older versions of matplotlib deprecate elsewhere is not about this drawing
    assert [str(warning.message) for warning in recwarn if warning.category is UserWarning] == []


@pytest.mark.parametrize(
    ("net", "place", "told"),
    [
        (NET, (0, 0, 0), r"no weight W\[0\]"),
        (NET, (2, 2, 0), r"no weight W\[2\]\[2, 0\]"),
        (bp.init([7, 2], rng=np.random.default_rng(0)), (1, 0, 0), "up to 6"),
    ],
)
def test_what_it_cannot_draw_it_refuses_in_words(net, place, told):
    with pytest.raises(ValueError, match=told):
        weight_place(net, *place)
