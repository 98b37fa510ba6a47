"""An objective as a net of arrays: forward the values, backward the gradients."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from bpkit.exhibits.arrangement import BETWEEN, CELL, TITLE, Arrow, Box, arrange
from bpkit.exhibits.objectives import Node, Objective
from bpkit.exhibits.readable import compact, shape_words
from bpkit.language import translated
from bpkit.plots._house import INK, NEUTRAL, PAPER, SHARED, SIGNS, WIDTH, axes_for, drawing_on, house

_WIDTH = 1.25 * WIDTH  # small numbers stand in the cells
_MOST_ROWS, _MOST_COLUMNS = 4, 4
_WIDEST = 0.42  # inches for the width of a cell; wider ones only look coarse


@house
def objective(net: Objective, ax: Axes | None = None, *, width: float = _WIDTH, gradients: bool = True) -> Axes:
    """Draw a function of matrices as a net: a box for each array, an arrow for each use, on it what it sends back.

    Upper cells hold the values of the forward pass, lower ones the gradients. An array that is used more than once has a
    thick frame, and so have the arrows of its uses.

    Parameters
    ----------
    net : Objective
        From bpkit.exhibits.objectives.
    ax : Axes
        Where to draw; a new figure when left out.
    width : float
        In inches, at most.
    gradients : bool
        Whether to write the gradients' numbers; without them their cells stay empty.

    Returns
    -------
    Axes
        `show` finds its words there.

    Raises
    ------
    ValueError
        If an array has more rows or columns than can be read.

    Examples
    --------
    >>> from bpkit.exhibits import objectives
    >>> ax = objective(objectives.ica(**objectives.example("ICA reconstruction")))
    >>> ax.get_label()[:71]
    'ICA reconstruction, ‖WᵀW x − x‖², as a net. W, 3 × 2, is given and used'
    """
    for node in net.nodes:
        if node.value.shape[0] > _MOST_ROWS or node.value.shape[1] > _MOST_COLUMNS:
            found = shape_words(node.value.shape)
            raise ValueError(f"objective draws arrays of up to {_MOST_ROWS} × {_MOST_COLUMNS}, found {node.key} with {found}")
    drawn = arrange(net)
    margin = 0.2
    width = min(width, _WIDEST * (drawn.width + 2 * margin))
    ax = axes_for(ax, width, height=width * (drawn.height + 2 * margin) / (drawn.width + 2 * margin))
    drawing_on(ax, (-margin, drawn.width + margin), (drawn.height + margin, -margin))
    size = 72 * width / (drawn.width + 2 * margin)  # points in a unit
    shared = {node.key for node in net.nodes if node.gradient is not None and len(net.uses_of(node.key)) > 1}
    for arrow in drawn.arrows:
        _draw_arrow(ax, arrow, size, arrow.use.start in shared)
    for node in net.nodes:
        _draw_box(ax, node, drawn.boxes[node.key], size, node.key in shared, gradients)
    ax.set_label(_in_words(net))
    return ax


def _draw_arrow(ax: Axes, arrow: Arrow, size: float, shared: bool) -> None:
    codes = [Path.MOVETO, *[Path.LINETO] * (len(arrow.points) - 1)]
    patch = FancyArrowPatch(
        path=Path(np.array(arrow.points), codes),
        arrowstyle="-|>",
        mutation_scale=0.5 * size,
        linewidth=2.6 if shared else 1.2,
        color=SHARED if shared else NEUTRAL,
        fill=arrow.use.share is not None,
        joinstyle="miter",
        capstyle="butt",
        zorder=1,
    )
    ax.add_patch(patch)
    if arrow.use.back:
        text = ax.text(*arrow.words_at, f"← {arrow.use.back}", ha="center", va="center", fontsize=0.37 * size, zorder=3)
        text.set_bbox({"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"})


def _draw_box(ax: Axes, node: Node, box: Box, size: float, shared: bool, gradients: bool) -> None:
    given = node.gradient is None
    ax.add_patch(
        FancyBboxPatch(
            (box.left, box.top),
            box.width,
            box.height,
            boxstyle="round,pad=0,rounding_size=0.14",
            facecolor=PAPER,
            edgecolor=SHARED if shared else to_rgba(NEUTRAL, 0.7) if given else INK,
            linestyle=(0, (3, 2)) if given else "-",
            linewidth=2.6 if shared else 1.1,
            zorder=2,
        )
    )
    middle = box.middle[0]
    ax.text(middle, box.top + 0.5 * TITLE, node.label, ha="center", va="center", fontsize=0.42 * size, zorder=4)
    _cells(ax, node.value, middle, box.top + TITLE, size, tinted=False)
    if node.gradient is None:
        return
    below = box.top + TITLE + len(node.value) * CELL
    ax.text(middle, below + 0.5 * BETWEEN, f"δ{node.key}", ha="center", va="center", fontsize=0.38 * size, zorder=4)
    _cells(ax, node.gradient, middle, below + BETWEEN, size, tinted=True, written=gradients)


def _cells(ax: Axes, array: np.ndarray, middle: float, top: float, size: float, *, tinted: bool, written: bool = True) -> None:
    n, m = array.shape
    left, limit = middle - m / 2, float(np.abs(array).max()) or 1.0
    ax.pcolormesh(
        left + np.arange(m + 1),
        top + CELL * np.arange(n + 1),
        array if tinted and written else np.zeros_like(array),
        cmap=SIGNS,
        vmin=-limit,
        vmax=limit,
        edgecolor=to_rgba(NEUTRAL, 0.55),
        linewidth=0.6,
        zorder=3,
    )
    for (i, k), value in np.ndenumerate(array if written else np.zeros((0, 0))):
        ax.text(left + k + 0.5, top + (i + 0.5) * CELL, compact(value), ha="center", va="center", fontsize=0.29 * size, zorder=4)


def _in_words(net: Objective) -> str:
    sentences = [f"{net.name}, {net.formula}, as a net."]
    for node in net.nodes:
        uses = net.uses_of(node.key)
        if "=" not in node.label:
            ends = " and ".join(f"for {use.end}" for use in uses)
            twice = f" and used {len(uses)} times, {ends}" if len(uses) > 1 else f", {ends}"
            array = node.label
            sentences.append(f"{array}, {shape_words(node.value.shape)}, is given{twice}.")
        else:
            sentences.append(f"{node.label}, {shape_words(node.value.shape)}.")
    back = []
    for node in net.backward:
        shares = f" {translated('plus')} ".join(use.back for use in net.uses_of(node.key)) or "1"
        back.append(f"δ{node.key} = {shares}, {shape_words(node.value.shape)}")
    return f"{' '.join(map(translated, sentences))} {translated('Backward:')} {'; '.join(back)}."
