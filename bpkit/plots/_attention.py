"""Attention as two tables, weights forward and gradients backward; and one query that takes its keys in blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure

from bpkit.exhibits.readable import compact, number
from bpkit.plots._house import INK, NEUTRAL, POSITIVE, SHARED, SIGNS, WIDTH, cells_on, figure, house

_WEIGHTS = LinearSegmentedColormap.from_list("weights", [to_rgba(POSITIVE, 0.06), to_rgba(POSITIVE, 0.7)])


@house
def attention(A: np.ndarray, dS: np.ndarray, words: Sequence[str] | None = None, *, width: float = WIDTH) -> Figure:
    """Draw the weights of every query beside what comes back to its scores; what a mask hides is hatched.

    Parameters
    ----------
    A, dS : (n_k, n_q)
        Each column of A sums to 1. Where A is 0, the mask hides the key.
    words : list of n_k str, optional
        What stands at the places.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the shapes differ, or a column of A does not sum to 1.

    Examples
    --------
    >>> fig = attention(np.array([[1.0, 0.25], [0.0, 0.75]]), np.array([[0.0, -0.5], [0.0, 0.5]]))
    >>> fig.axes[0].get_label()
    'Weights: query 0: 1, hidden; query 1: 0.25, 0.75.'
    """
    A, dS = np.asarray(A, dtype=float), np.asarray(dS, dtype=float)
    if A.ndim != 2 or A.shape != dS.shape:
        raise ValueError(f"A has shape {A.shape} and dS {dS.shape}, expected the same two axes")
    if not np.allclose(A.sum(axis=0), 1):
        raise ValueError(f"the columns of A sum to {', '.join(map(number, A.sum(axis=0)))}, expected 1 each")
    hidden = A == 0
    n_k, n_q = A.shape
    fig, axes = figure(2, width=width, height=min(0.42 * width * (n_k + 1.6) / (n_q + 0.6), 1.1 * width))
    largest = float(np.abs(dS).max()) or 1.0
    panels = (
        ("Weights", "forward: weights $A$", A, _WEIGHTS, 0.0, float(A.max())),
        ("Gradients of the scores", r"backward: $\delta_S$", dS, SIGNS, -largest, largest),
    )
    for ax, (what, title, values, colours, low, high) in zip(axes, panels, strict=True):
        ax.imshow(np.ma.array(values, mask=hidden), cmap=colours, vmin=low, vmax=high, aspect="auto")
        for j, i in np.ndindex(A.shape):
            if hidden[j, i]:
                ax.fill(
                    [i - 0.5, i + 0.5, i + 0.5, i - 0.5],
                    [j - 0.5, j - 0.5, j + 0.5, j + 0.5],
                    fill=False,
                    hatch="///",
                    color=NEUTRAL,
                    # of a line that has no width matplotlib 3.8 takes no dashes, and the style's cycle would give it some
                    linestyle="-",
                    lw=0,
                    alpha=0.45,
                )
            else:
                ax.text(i, j, _short(float(values[j, i])), ha="center", va="center", fontsize=11.5, color=INK)
        for i in range(n_q):
            ax.text(i, n_k - 0.5 + 0.45, _short(float(values[:, i].sum())), ha="center", va="center", fontsize=11.5, color=INK, weight="bold")
        ax.text(-0.62, n_k - 0.5 + 0.45, "sum", ha="right", va="center", fontsize=11.5, color=INK, weight="bold")
        _places(ax, words, n_k, n_q)
        ax.set_title(title)
        queries = (f"query {i}: {', '.join('hidden' if hidden[j, i] else _short(float(values[j, i])) for j in range(n_k))}" for i in range(n_q))
        ax.set_label(f"{what}: {'; '.join(queries)}.")
    return fig


def _short(value: float) -> str:
    """Two places; what rounding left of a zero is a zero."""
    return compact(round(float(value), 2) + 0.0)


def _places(ax: Axes, words: Sequence[str] | None, n_k: int, n_q: int) -> None:
    """Keys down the side, queries on top."""
    cells_on(ax)
    ax.set_xlim(-0.5, n_q - 0.5)
    ax.set_ylim(n_k + 0.4, -0.5)
    keys = [str(j) for j in range(n_k)] if words is None else list(words)
    ax.set_yticks(range(n_k), keys)
    ax.set_xticks(range(n_q), keys if n_q == n_k else [str(i) for i in range(n_q)])
    ax.xaxis.tick_top()
    ax.set_xlabel("query")
    ax.xaxis.set_label_position("top")
    ax.set_ylabel("key")


@house
def attention_stream(scores: np.ndarray, size: int = 2, *, width: float = WIDTH) -> Figure:
    """Draw, block by block, what each key seen so far adds to the running sum: exp(s - m), with m the largest score so far.

    Parameters
    ----------
    scores : (n,)
        Of one query.
    size : int
        Keys in a block.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there are more than six blocks or none.

    Examples
    --------
    >>> fig = attention_stream(np.array([0.0, 1.0, 3.0, 2.0]))
    >>> fig.axes[1].get_label()
    'After 4 of 4 keys: m = 3.00, l = 1.55.'
    """
    s = np.asarray(scores, dtype=float).ravel()
    steps = [min(end, s.size) for end in range(size, s.size + size, size)] if size > 0 else []
    if not 1 <= len(steps) <= 6:
        raise ValueError(f"{s.size} scores in blocks of {size} make {len(steps)} pictures, expected 1 to 6")
    fig, axes = figure(len(steps), width=width, height=0.24 * width)
    for ax, seen in zip(np.atleast_1d(axes), steps, strict=True):
        m = s[:seen].max()
        e = np.exp(s[:seen] - m)
        begin = seen - 1 - (seen - 1) % size
        colours = [SHARED if j >= begin else POSITIVE for j in range(seen)]
        ax.bar(range(seen), e, color=colours, width=0.7)
        ax.bar(range(seen, s.size), [0.02] * (s.size - seen), color=NEUTRAL, width=0.7)
        ax.set_ylim(0, 1.08)
        ax.set_xlim(-0.6, s.size - 0.4)
        ax.set_xticks([])
        ax.set_yticks([0, 1], ["0", "1"] if ax is np.atleast_1d(axes)[0] else ["", ""])
        ax.grid(False, axis="x")
        ax.set_title(f"{seen} keys", fontsize=12)
        ax.set_xlabel(f"m = {number(m)}\nl = {number(e.sum())}")
        ax.set_label(f"After {seen} of {s.size} keys: m = {number(m)}, l = {number(e.sum())}.")
    np.atleast_1d(axes)[0].set_ylabel(r"$e^{s_j - m}$")
    return fig
