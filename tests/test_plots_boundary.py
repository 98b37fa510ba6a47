"""The plane as a net of two inputs sees it."""

import numpy as np
import pytest

import bpkit as bp
from bpkit import plots

pytest.importorskip("matplotlib")

X, Y = bp.data.xor()


def net_of(*layers):
    """A net with the given weights and biases, layer by layer."""
    W, b = zip(*((np.array(W, dtype=float), np.array(b, dtype=float).reshape(-1, 1)) for W, b in layers), strict=True)
    return bp.Network((None, *W), (None, *b), (None, *[bp.sigmoid] * len(W)))


def test_each_net_has_a_panel_and_its_line_is_where_the_output_is_one_half():
    one = net_of(([[2.0, 2.0]], [-1.0]))
    fig = plots.boundary({"a": one, "b": one}, X, Y)
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["a", "b"]
    line = fig.axes[0].collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(2 * line[:, 0] + 2 * line[:, 1], 1.0, atol=2e-3)


def test_the_words_say_which_examples_lie_on_the_wrong_side():
    one = net_of(([[2.0, 2.0]], [-1.0]))
    alt = plots.picture(plots.boundary({"or": one}, X, Y)).alt
    assert alt == "or: 3 of 4 examples lie on their side of the line where the output is one half; on the wrong side: (1, 1)."


def test_what_has_no_plane_is_refused():
    with pytest.raises(ValueError, match="has 3 inputs and 1 outputs, expected 2 and 1"):
        plots.boundary({"it": bp.init([3, 1], rng=np.random.default_rng(0))}, X, Y)
    with pytest.raises(ValueError, match="found no net"):
        plots.boundary({}, X, Y)
