"""What a classifier sees, what it has learned to look for, and what it takes for what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike

from bpkit.plots._house import INK, NEGATIVE, NEUTRAL, POSITIVE, WIDTH, axes_for, cells_on, drawing_on, figure, house

_LEVELS = 8  # of darkness; more would not be told apart
_SIDE = 0.94  # of a pixel, so that the grid of pixels shows


@house
def images(
    columns: ArrayLike,
    titles: Sequence[object] = (),
    *,
    shape: tuple[int, int] = (8, 8),
    per_row: int = 10,
    alt: str = "",
    width: float = WIDTH,
) -> Figure:
    """Draw columns of numbers as small pictures side by side: scans, or the weights that lead to neurons.

    Parameters
    ----------
    columns : (pixels, m)
        One picture per column, pixels row by row. Without a negative number they are drawn as ink; with one, blue is above
        zero and orange below, all to one scale.
    titles : m objects
        What to write above each.
    shape : (rows, columns)
        Of a picture.
    per_row : int
        Pictures in a row.
    alt : str
        What the pictures are, in words.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the columns are no pictures of that shape.

    Examples
    --------
    >>> images(np.eye(4), [3, 1, 4, 1], shape=(2, 2), alt="Scans").axes[0].get_label()
    'Scans: 3, 1, 4, 1.'
    """
    columns, titles = np.asarray(columns, dtype=float), list(titles)
    rows, across = shape
    if columns.ndim != 2 or columns.shape[0] != rows * across or columns.shape[1] == 0:
        raise ValueError(f"images: the columns have shape {columns.shape}, expected ({rows * across}, m) for pictures of {rows} × {across} pixels")
    m = columns.shape[1]
    largest = float(np.abs(columns).max()) or 1.0
    signed = bool((columns < 0).any())
    in_row = min(per_row, m)
    lines = -(-m // in_row)
    cell = width / in_row
    fig, axes = figure(in_row, lines, width=width)
    fig.set_figheight(lines * (cell * rows / across + (0.3 if titles else 0.02)) + 0.1)
    panels = np.atleast_1d(axes).ravel()
    for panel in panels[m:]:
        panel.remove()
    for x, ax in enumerate(panels[:m]):
        picture = columns[:, x].reshape(rows, across) / largest
        for colour, part in ((POSITIVE if signed else INK, picture), (NEGATIVE, -picture)):
            _squares(ax, part, colour)
        drawing_on(ax, (0, across), (rows, 0))
        frame = Path([(0, 0), (across, 0), (across, rows), (0, rows), (0, 0)])
        ax.add_patch(PathPatch(frame, facecolor="none", edgecolor=to_rgba(NEUTRAL, 0.6), linewidth=0.8, clip_on=False))
        if titles:
            ax.set_title(str(titles[x]), fontsize=11.5, loc="center", pad=3)
        ax.set_label("")
    said = ", ".join(map(str, titles)) if titles else f"{m} pictures of {rows} × {across} pixels"
    panels[0].set_label(f"{alt or 'Pictures'}: {said}.")
    return fig


def _squares(ax: Axes, picture: np.ndarray, colour: str) -> None:
    """The positive pixels, one path for each level of darkness."""
    level = np.ceil(np.clip(picture, 0, 1) * _LEVELS - 1e-9).astype(int)
    for step in range(1, _LEVELS + 1):
        spots = np.argwhere(level == step)
        if len(spots):
            corner = np.array([[0, 0], [_SIDE, 0], [_SIDE, _SIDE], [0, _SIDE], [0, 0]])
            vertices = np.concatenate([corner + spot for spot in spots[:, ::-1]])
            codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(spots)
            ax.add_patch(PathPatch(Path(vertices, codes), facecolor=colour, alpha=step / _LEVELS, linewidth=0))


@house
def confusion(counts: ArrayLike, ax: Axes | None = None, *, title: str = "") -> Axes:
    """Draw a confusion matrix: what is right in blue on the diagonal, what is taken for something else in orange beside it.

    Parameters
    ----------
    counts : (K, K)
        Row: what the example shows. Column: what the net says.
    ax : Axes
        Where to draw; a new figure when left out.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Raises
    ------
    ValueError
        If the counts are no square matrix.

    Examples
    --------
    >>> confusion([[5, 0], [2, 3]]).get_label()
    'Confusion matrix: 8 of 10 right. Most often wrong: 1 taken for 0, 2 times.'
    """
    counts = np.asarray(counts)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"confusion: the counts have shape {counts.shape}, expected (K, K)")
    K = len(counts)
    ax = axes_for(ax, width=min(WIDTH, 0.5 * K + 2.0), height=min(WIDTH, 0.42 * K + 1.5))
    beside = counts * (1 - np.eye(K, dtype=int))
    most = max(int(beside.max()), 1)
    for (i, k), count in np.ndenumerate(counts):
        share = count / max(counts[i].sum(), 1) if i == k else np.sqrt(count / most)
        colour = POSITIVE if i == k else NEGATIVE
        ax.fill(
            [k, k + 1, k + 1, k], [i, i, i + 1, i + 1], facecolor=to_rgba(colour, 0.55 * float(share)), edgecolor=to_rgba(NEUTRAL, 0.4), linewidth=0.6
        )
        if count:
            ax.text(k + 0.5, i + 0.5, str(count), ha="center", va="center", fontsize=11, weight="normal" if i == k else "bold")
    for axis, name in ((ax.xaxis, "the net says"), (ax.yaxis, "it shows")):
        axis.set_ticks(np.arange(K) + 0.5, [str(k) for k in range(K)])
        axis.set_label_text(name)
    ax.set_xlim(0, K)
    ax.set_ylim(K, 0)
    ax.set_aspect("equal")
    cells_on(ax)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    if title:
        ax.set_title(title)
    ax.set_label(_confusion_in_words(counts, beside))
    return ax


def _confusion_in_words(counts: np.ndarray, beside: np.ndarray) -> str:
    words = f"Confusion matrix: {int(np.trace(counts))} of {int(counts.sum())} right."
    if not beside.any():
        return words
    i, k = np.unravel_index(int(beside.argmax()), beside.shape)
    times = f"{beside[i, k]} time{'s' * int(beside[i, k] > 1)}"
    return f"{words} Most often wrong: {i} taken for {k}, {times}."
