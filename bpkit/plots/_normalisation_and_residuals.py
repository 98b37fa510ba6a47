"""The figure of lesson 12: whose cost moves when the weighted input of one example is nudged."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number
from bpkit.plots._house import NEGATIVE, NEUTRAL, POSITIVE, cells_on, figure, house

_LARGEST = 0.42  # radius of the largest disc, in cells


@house
def who_moves_whom(tables: Mapping[str, ArrayLike]) -> Figure:
    """Draw tables of ∂C_x/∂z_x' as discs, row x, column x'; below each column its sum, which is δ.

    Parameters
    ----------
    tables : title → (m, m)
        One for each kind of net, all drawn to one scale: the area of a disc is the size of its entry.

    Returns
    -------
    Figure
        `show` finds the words of all its tables there.

    Raises
    ------
    ValueError
        If there is no table, or one is not square.

    Examples
    --------
    >>> who_moves_whom({"plain": [[1.0, 0.0], [0.0, -2.0]]}).axes[0].get_label()
    'plain: 2 of 4 entries are not 0, all on the diagonal. Column sums, δ: 1.00, −2.00.'
    """
    arrays = {title: np.asarray(table, dtype=float) for title, table in tables.items()}
    if not arrays:
        raise ValueError("who_moves_whom: there is no table, expected one at least")
    for title, array in arrays.items():
        if array.ndim != 2 or array.shape[0] != array.shape[1] or not array.size:
            raise ValueError(f"who_moves_whom: {title!r} has shape {array.shape}, expected a square table (m, m)")
    fig, axes = figure(len(arrays), height=4.6)
    axes = list(np.atleast_1d(axes))
    largest = max(max(float(np.abs(array).max()), float(np.abs(array.sum(axis=0)).max())) for array in arrays.values()) or 1.0
    for ax, (title, array) in zip(axes, arrays.items(), strict=True):
        _draw(ax, array, largest)
        ax.set_title(title)
        ax.set_label(_in_words(title, array))
    axes[0].set_ylabel("whose cost moves")
    return fig


def _draw(ax: Axes, array: np.ndarray, largest: float) -> None:
    m = len(array)
    ax.set_xlim(0, m)
    ax.set_ylim(m + 1.45, 0)
    ax.set_aspect("equal")
    cells_on(ax)
    for k in range(m + 1):
        ax.plot([k, k], [0, m], color=NEUTRAL, alpha=0.35, linewidth=0.8, linestyle="-")
        ax.plot([0, m], [k, k], color=NEUTRAL, alpha=0.35, linewidth=0.8, linestyle="-")
    for (x, nudged), value in np.ndenumerate(array):
        _disc(ax, nudged + 0.5, x + 0.5, value, largest)
    for nudged, value in enumerate(array.sum(axis=0)):
        _disc(ax, nudged + 0.5, m + 0.75, value, largest)
        ax.text(nudged + 0.5, m + 1.36, _short(value), ha="center", va="center", fontsize=11)
    ax.set_xticks([k + 0.5 for k in range(m)], [str(k + 1) for k in range(m)])
    ax.set_yticks([*(k + 0.5 for k in range(m)), m + 0.75], [*(str(k + 1) for k in range(m)), "sum: δ"])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("whose weighted input is nudged")


def _disc(ax: Axes, x: float, y: float, value: float, largest: float) -> None:
    """Full and blue above zero, a ring and orange below, nothing for zero; the smallest can still be seen."""
    if abs(value) <= 1e-9 * largest:
        return
    radius = max(_LARGEST * np.sqrt(abs(value) / largest), 0.035)
    if value > 0:
        ax.add_patch(Circle((x, y), radius, facecolor=POSITIVE, linewidth=0))
    else:
        ax.add_patch(Circle((x, y), max(radius - 0.02, 0.02), facecolor="none", edgecolor=NEGATIVE, linewidth=2.6))


def _short(value: float) -> str:
    return f"{value:.3f}".replace("-", "−") if 0.001 <= abs(value) < 10 else number(value, 2)


def _in_words(title: str, array: np.ndarray) -> str:
    moved = np.abs(array) > 1e-9 * np.abs(array).max()
    where = "all on the diagonal" if not np.any(moved & ~np.eye(len(array), dtype=bool)) else "off the diagonal, too"
    sums = ", ".join(map(number, array.sum(axis=0)))
    return f"{title}: {int(moved.sum())} of {array.size} entries are not 0, {where}. Column sums, δ: {sums}."
