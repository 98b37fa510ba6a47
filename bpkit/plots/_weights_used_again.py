"""A convolution as a matrix and its transpose: the same weights along every row, and turned round along every column."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number, subscript
from bpkit.plots._house import HUES, INK, NEUTRAL, WIDTH, cells_on, figure, house

_MOST_INPUTS = 10
_SHADES = (HUES[0], HUES[1], HUES[2], HUES[3], HUES[4])


@house
def weights_used_again(k: ArrayLike, n: int, *, row: int = 1, column: int = 2, width: float = WIDTH) -> Figure:
    """Draw the matrix of a convolution along a line, and beside it the transpose that carries errors back.

    Every weight of the kernel has a colour of its own, so that its uses are seen. A row of each matrix is framed: in the first the
    kernel stands as it is, in the second turned round.

    Parameters
    ----------
    k : (q,)
        The kernel, up to 5 weights.
    n : int
        How many inputs, up to 10 and not fewer than weights.
    row, column : int
        Which output and which input are framed, counted from 0.
    width : float
        In inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the kernel does not fit, or there is too much to draw.

    Examples
    --------
    >>> weights_used_again([1.0, 2.0], 3).axes[0].get_label()
    'T, 2 by 3. Each row holds the kernel one place further on; row 1: 0, 1.00, 2.00.'
    """
    kernel = np.asarray(k, dtype=float)
    if kernel.ndim != 1 or not 1 <= kernel.size <= len(_SHADES) or not kernel.size <= n <= _MOST_INPUTS:
        wanted = f"1 to {len(_SHADES)} weights and no more than {_MOST_INPUTS} inputs, no fewer than weights"
        raise ValueError(f"weights_used_again: a kernel of shape {kernel.shape} on {n} inputs, expected {wanted}")
    places = n - kernel.size + 1
    if not (0 <= row < places and 0 <= column < n):
        raise ValueError(f"weights_used_again: row {row} of {places} and column {column} of {n}, expected ones that are there")
    T = np.array([[j - i if 0 <= j - i < kernel.size else -1 for j in range(n)] for i in range(places)])  # which weight stands where
    fig, (left, right) = figure(2, width=width, height=width * n / (n + places + 2) + 0.8)
    left.get_gridspec().set_width_ratios([n, places])  # cells of one size in both
    fig.set_layout_engine("constrained", wspace=0.08)
    _matrix(left, T, kernel, row, ("z", "x"), "forwards: z = T x")
    _matrix(right, T.T, kernel, column, ("x", "δ"), "backwards: ∂F/∂x = Tᵀ δ")
    left.set_label(f"T, {places} by {n}. Each row holds the kernel one place further on; row {row}: {_said(T[row], kernel)}.")
    right.set_label(f"Its transpose, {n} by {places}. Each row holds the kernel turned round; row {column}: {_said(T[:, column], kernel)}.")
    return fig


def _said(places: np.ndarray, kernel: np.ndarray) -> str:
    return ", ".join(number(kernel[u]) if u >= 0 else "0" for u in places)


def _matrix(ax: Axes, which: np.ndarray, kernel: np.ndarray, framed: int, letters: tuple[str, str], title: str) -> None:
    rows, columns = which.shape
    cells_on(ax)
    ax.set_xlim(0, columns)
    ax.set_ylim(rows, 0)
    ax.set_aspect("equal")
    ax.xaxis.tick_top()
    ax.set_xticks(np.arange(columns) + 0.5, [f"{letters[1]}{subscript(j)}" for j in range(columns)])
    ax.set_yticks(np.arange(rows) + 0.5, [f"{letters[0]}{subscript(i)}" for i in range(rows)])
    for (i, j), u in np.ndenumerate(which):
        shade = to_rgba(NEUTRAL, 0.06) if u < 0 else to_rgba(_SHADES[u], 0.45)
        ax.add_patch(Rectangle((j, i), 1, 1, facecolor=shade, edgecolor=to_rgba(NEUTRAL, 0.4), linewidth=0.6))
        if u >= 0:
            ax.text(j + 0.5, i + 0.5, f"k{subscript(int(u))}", ha="center", va="center", fontsize=12)
    used = np.flatnonzero(which[framed] >= 0)
    ax.add_patch(Rectangle((used[0], framed), used.size, 1, fill=False, edgecolor=INK, linewidth=2.4, clip_on=False))
    ax.set_title(title, fontsize=12.5)
