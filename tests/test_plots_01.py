"""The gallery of activation functions: one panel each, the same axes, the words beside it."""

import numpy as np
import pytest

import bpkit as bp
from bpkit import plots

pytest.importorskip("matplotlib")

SIX = [bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.identity]


@pytest.mark.parametrize("count", [1, 2, 4, 6])
def test_each_activation_has_a_panel_with_its_curve(count):
    fig = plots.activation_gallery(SIX[:count])
    assert [ax.get_title(loc="left") for ax in fig.axes] == [activation.name.replace("_", " ") for activation in SIX[:count]]
    for ax, activation in zip(fig.axes, SIX, strict=False):
        curve = max(ax.lines, key=lambda line: len(line.get_xdata()))
        np.testing.assert_allclose(curve.get_ydata(), activation(np.asarray(curve.get_xdata())), rtol=1e-12, atol=1e-15)


def test_all_panels_have_the_same_axes_so_that_sizes_compare():
    fig = plots.activation_gallery(SIX)
    assert len({(*ax.get_xlim(), *ax.get_ylim()) for ax in fig.axes}) == 1


def test_the_words_name_every_curve_and_its_values():
    alt = plots.picture(plots.activation_gallery(SIX)).alt
    assert "sigmoid: 0.0180 at z = −4.00, 0.500 at 0, 0.982 at 4.00." in alt
    assert all(activation.name in alt for activation in SIX)


def test_what_is_no_curve_is_refused():
    with pytest.raises(ValueError, match="softmax mixes the neurons"):
        plots.activation_gallery([bp.softmax])
    with pytest.raises(ValueError, match="empty"):
        plots.activation_gallery([])
