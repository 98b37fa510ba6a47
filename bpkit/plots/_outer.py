"""BP4 as a multiplication table: every error of a layer times every activation that came in, one table for each example."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number, subscript
from bpkit.plots._house import INK, NEUTRAL, SIGNS, WIDTH, figure, house

_MOST_EXAMPLES = 4


@house
def outer_products(delta: ArrayLike, a_prev: ArrayLike, *, width: float = WIDTH) -> Figure:
    """Draw each example's table of δ_j a_k; behind several, their mean, which is the gradient of the weights.

    Parameters
    ----------
    delta : (n, m)
        Errors of the layer, up to 4 examples as columns. They label the rows.
    a_prev : (n_prev, m)
        Activations that come in. They label the columns.
    width : float
        In inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the two do not have the same number of examples, or more than can be drawn.

    Examples
    --------
    >>> outer_products([[2.0], [-1.0]], [[0.5], [3.0], [0.0]]).axes[0].get_label()
    'δ times aᵀ: row 1, error 2.00: 1.00, 6.00, 0; row 2, error −1.00: −0.500, −3.00, 0.'
    """
    delta, a_prev = np.asarray(delta, dtype=float), np.asarray(a_prev, dtype=float)
    if delta.ndim != 2 or a_prev.ndim != 2 or delta.shape[1] != a_prev.shape[1]:
        raise ValueError(f"outer_products: delta {delta.shape} and a_prev {a_prev.shape}, expected (n, m) and (n_prev, m)")
    n, m = delta.shape
    n_prev = len(a_prev)
    if not 1 <= m <= _MOST_EXAMPLES:
        raise ValueError(f"outer_products draws from 1 to {_MOST_EXAMPLES} examples, found {m}")
    tables = [np.outer(delta[:, x], a_prev[:, x]) for x in range(m)]
    panels = m + (m > 1)
    columns = min(panels, 2)
    rows = -(-panels // columns)
    side = min(width / columns, 1.1 * n_prev + 1.2)
    fig, axes = figure(columns, rows, width=columns * side, height=rows * (0.42 * n + 1.1))
    limit = max(float(np.abs(table).max()) for table in tables) or 1.0
    every: Any = np.ravel(axes)
    for x, (ax, table) in enumerate(zip(every, tables, strict=False)):
        _table(ax, table, limit, "δ times aᵀ" if m == 1 else f"example {x + 1}", delta[:, x], a_prev[:, x])
    if m > 1:
        _table(every[m], np.mean(tables, axis=0), limit, "mean: ∂C/∂W")
        every[m].add_patch(_frame(n_prev, n))
    for ax in every[panels:]:
        ax.remove()
    return fig


def _table(ax: Any, table: np.ndarray, limit: float, title: str, delta: np.ndarray | None = None, a: np.ndarray | None = None) -> None:
    n, n_prev = table.shape
    ax.pcolormesh(table, cmap=SIGNS, vmin=-limit, vmax=limit, edgecolor=to_rgba(NEUTRAL, 0.4), linewidth=0.6)
    ax.invert_yaxis()
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0, labelsize=10.5)
    ax.xaxis.tick_top()
    heads, sides = [""] * n_prev, [""] * n
    if a is not None and delta is not None:
        heads = [f"a{subscript(k + 1)}\n{number(value, 2)}" for k, value in enumerate(a)]
        sides = [f"δ{subscript(j + 1)} {number(value, 2)}" for j, value in enumerate(delta)]
    ax.set_xticks(np.arange(n_prev) + 0.5, heads)
    ax.set_yticks(np.arange(n) + 0.5, sides)
    for (j, k), value in np.ndenumerate(table):
        ax.text(k + 0.5, j + 0.5, number(value, 2), ha="center", va="center", fontsize=10.5)
    ax.set_title(title, fontsize=12)
    rows = (
        f"row {j + 1}{'' if delta is None else f', error {number(delta[j])}'}: {', '.join(number(value) for value in row)}"
        for j, row in enumerate(table)
    )
    ax.set_label(f"{title}: {'; '.join(rows)}.")


def _frame(columns: int, rows: int) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((0, 0), columns, rows, fill=False, edgecolor=INK, linewidth=2.2, clip_on=False)
