"""Arrays as heat maps."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number
from bpkit.plots._house import NEUTRAL, SIGNS, WIDTH, axes_for, cells_on, house


@house
def heat_map(
    array: ArrayLike, title: str = "", ax: Axes | None = None, *, limit: float | None = None, rows: str = "row", columns: str = "column"
) -> Axes:
    """Draw a matrix as coloured cells: blue above zero, orange below, faint near it; small ones with their numbers.

    Parameters
    ----------
    array : (rows, columns)
    title : str
    ax : Axes
        Where to draw; a new figure when left out.
    limit : float
        The size that gets the full colour, to compare several maps; the array's largest when left out.
    rows, columns : str
        What they stand for.

    Returns
    -------
    Axes
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the array is not a matrix.

    Examples
    --------
    >>> heat_map([[1.0, -2.0]], "W").get_label()
    'W, 1 × 2: row 1: 1.00, −2.00.'
    """
    array = np.asarray(array, dtype=float)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"heat_map: the array has shape {array.shape}, expected a matrix (rows, columns)")
    largest = float(np.abs(array[np.isfinite(array)]).max(initial=0.0)) if limit is None else float(limit)
    n, m = array.shape
    cell = min(0.85, WIDTH / (m + 1))
    ax = axes_for(ax, width=min(WIDTH, max(2.4, cell * m + 1.4)), height=min(max(1.5, cell * n * (0.7 if m <= 8 else 1) + 0.9), WIDTH))
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(array), cmap=SIGNS, vmin=-(largest or 1.0), vmax=largest or 1.0, edgecolor=to_rgba(NEUTRAL, 0.4), linewidth=0.6
    )
    ax.invert_yaxis()
    cells_on(ax)
    for axis, count, name in ((ax.xaxis, m, columns), (ax.yaxis, n, rows)):
        shown = range(0, count, 1 + (count - 1) // 12)
        axis.set_ticks([i + 0.5 for i in shown], [str(i + 1) for i in shown])
        axis.set_label_text(name)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    if m <= 8 and n <= 12:
        for (i, k), value in np.ndenumerate(array):
            ax.text(k + 0.5, i + 0.5, number(value, 2), ha="center", va="center", fontsize=11)
    else:
        ax.figure.colorbar(mesh, ax=ax, shrink=0.85, pad=0.02).outline.set_visible(False)
    if title:
        ax.set_title(title)
    ax.set_label(_map_in_words(array, title or "Matrix", rows))
    return ax


def _map_in_words(array: np.ndarray, title: str, rows: str) -> str:
    n, m = array.shape
    if array.size <= 24:
        said = "; ".join(f"{rows} {i + 1}: {', '.join(map(number, row))}" for i, row in enumerate(array))
    else:
        i, k = np.unravel_index(np.nanargmax(np.abs(array)), array.shape)
        said = f"from {number(np.nanmin(array))} to {number(np.nanmax(array))}, largest in size at {rows} {i + 1}, entry {k + 1}"
    return f"{title}, {n} × {m}: {said}."
