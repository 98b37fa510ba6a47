"""Activation functions side by side, each in its own panel and all to the same scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bpkit.core.functions import Activation
from bpkit.exhibits.readable import number
from bpkit.language import translated
from bpkit.plots._house import INK, NEUTRAL, POSITIVE, WIDTH, figure, house

_PANELS_A_ROW = 3


@house
def activation_gallery(activations: Sequence[Activation], *, reach: float = 4.0, width: float = WIDTH) -> Figure:
    """Draw activation functions side by side, with the same axes, so that their sizes compare.

    Parameters
    ----------
    activations : Activations
        Elementwise ones.
    reach : float
        z runs from -reach to reach.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is none, or one mixes the neurons of a layer.

    Examples
    --------
    >>> from bpkit.core.functions import relu, tanh
    >>> fig = activation_gallery([tanh, relu])
    >>> fig.axes[1].get_label()
    'relu: 0 at z = −4.00, 0 at 0, 4.00 at 4.00.'
    """
    for activation in activations:
        if not activation.elementwise:
            raise ValueError(f"{activation!r} mixes the neurons of a layer and is no curve over one z, expected elementwise activations")
    if not activations:
        raise ValueError("activations is empty, expected at least one")
    columns = min(len(activations), _PANELS_A_ROW)
    rows = -(-len(activations) // columns)
    z = np.linspace(-reach, reach, 401)
    fig, axes = figure(columns, rows, width=width, height=rows * 0.66 * width / columns + 0.3)
    panels = np.atleast_1d(axes).ravel()
    for panel in panels[len(activations) :]:
        panel.remove()
    for ax, activation in zip(panels, activations, strict=False):
        for line in (ax.axhline, ax.axvline):
            line(0, color=INK, linewidth=0.8)
        for level in (-1, 1):
            ax.axhline(level, color=NEUTRAL, linewidth=1.0, linestyle=(0, (2, 2)))
        ax.plot(z, activation(z), color=POSITIVE, linestyle="-")
        ax.set_title(repr(activation).replace("_", " "))
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-1.4, 3.2)
        ax.set_xticks([-reach, 0, reach])
        ax.set_yticks([-1, 0, 1, 2, 3])
        ends = [translated(f"{number(activation(np.array(float(at))))} at {'z = ' if at < 0 else ''}{number(at)}") for at in (-reach, 0, reach)]
        ax.set_label(f"{activation!r}{translated(': ')}{translated(', ').join(ends)}{translated('.')}")
    for ax in panels[max(0, len(activations) - columns) : len(activations)]:
        ax.set_xlabel("z")
    return fig
