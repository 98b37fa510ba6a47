"""Where a weight stands: its line in the drawing of the net, and its entry in the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bpkit.core.network import Network
from bpkit.exhibits.readable import number, shape_of, superscript, symbol
from bpkit.plots._house import INK, NEUTRAL, PAPER, POSITIVE, WIDTH, cells_on, house
from bpkit.plots._networks import network, positions


@house
def weight_place(net: Network, layer: int, j: int, k: int, *, width: float = WIDTH) -> Figure:
    """Draw one weight twice: as the line to neuron j from neuron k, and as the entry in row j, column k.

    Parameters
    ----------
    net : Network
        With at most six neurons in a layer.
    layer, j, k : int
        The weight ``net.W[layer][j, k]``; j and k count from 0, the picture from 1 as on paper.
    width : float
        In inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the network has no such weight, or is too large to draw.

    Examples
    --------
    >>> import bpkit as bp
    >>> weight_place(bp.nets.two_three_two().net, 2, 0, 2).axes[1].get_label()
    'W², 2 × 3: row 1, column 3 is w²₁₃ = 0.500, the weight to neuron 1 of layer 2 from neuron 3 of layer 1.'
    """
    sizes = net.sizes
    if not 1 <= layer <= net.L or not 0 <= j < sizes[layer] or not 0 <= k < sizes[layer - 1]:
        raise ValueError(f"weight_place: the network {shape_of(sizes)} has no weight W[{layer}][{j}, {k}]")
    if max(sizes) > 6:
        raise ValueError(f"weight_place draws up to 6 neurons in a layer, found {max(sizes)}")
    fig = Figure(figsize=(width, min(0.46 * width, 0.12 * width + 0.75 * max(sizes))))
    fig.set_layout_engine("none")
    # placed by hand: a layout engine would size the drawing after its text had been sized
    drawing, matrix = fig.add_axes((0.0, 0.0, 0.63, 1.0)), fig.add_axes((0.71, 0.04, 0.28, 0.68))
    only = [None, *(np.zeros_like(W) for W in net.W[1:])]
    only[layer][j, k] = 1.0
    network(net, drawing, edge_values=only, edge_labels=False)
    left, right = drawing.get_xlim()
    drawing.set_xlim(left - 0.15, right + 0.15)  # room for the names of the layers
    start, end = positions(sizes)[layer - 1][k], positions(sizes)[layer][j]
    name = symbol("w", layer, j + 1, k + 1)
    along = (end - start) / np.hypot(*(end - start))
    aside = np.array([-along[1], along[0]]) * (0.36 if along[0] > 0 else -0.36)
    x, y = (start + end) / 2 + aside
    written = drawing.text(x, y, f"$w^{{{layer}}}_{{{j + 1}{k + 1}}}$", ha="center", va="center", fontsize=16, zorder=6)
    written.set_bbox({"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"})
    ends = f"to neuron {j + 1} of layer {layer} from neuron {k + 1} of layer {layer - 1}"
    drawing.set_label(f"The network {shape_of(sizes)} with one line drawn wide: {name}, {ends}.")
    _matrix(matrix, np.asarray(net.W[layer]), layer, j, k)
    matrix.set_label(
        f"W{superscript(layer)}, {sizes[layer]} × {sizes[layer - 1]}: row {j + 1}, column {k + 1} is {name} = {number(net.W[layer][j, k])}, "
        f"the weight {ends}."
    )
    return fig


def _matrix(ax: Any, W: np.ndarray, layer: int, j: int, k: int) -> None:
    n, n_prev = W.shape
    ax.set_aspect("equal")
    ax.set_xlim(-0.05, n_prev + 0.05)
    ax.set_ylim(n + 0.05, -0.05)
    cells_on(ax)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    for axis, count, picked, name in ((ax.xaxis, n_prev, k, "from neuron"), (ax.yaxis, n, j, "to neuron")):
        axis.set_ticks([i + 0.5 for i in range(count)], [str(i + 1) for i in range(count)])
        axis.set_label_text(name)
        axis.get_ticklabels()[picked].set(weight="bold", fontsize=14)
    ax.add_patch(Rectangle((0, j), n_prev, 1, facecolor=to_rgba(POSITIVE, 0.12), edgecolor="none"))
    ax.add_patch(Rectangle((k, 0), 1, n, facecolor=to_rgba(POSITIVE, 0.12), edgecolor="none"))
    for (row, column), value in np.ndenumerate(W):
        ax.add_patch(Rectangle((column, row), 1, 1, facecolor="none", edgecolor=to_rgba(NEUTRAL, 0.5), linewidth=0.8))
        mine = (row, column) == (j, k)
        ax.text(column + 0.5, row + 0.5, number(value, 2), ha="center", va="center", fontsize=13 if mine else 11, weight="bold" if mine else "normal")
    ax.add_patch(Rectangle((k, j), 1, 1, facecolor="none", edgecolor=INK, linewidth=2.6))
    ax.set_title(f"$W^{{{layer}}}$", loc="left", fontsize=15)
