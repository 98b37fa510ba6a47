"""Path graphs: which ways lead from an input to the output, and what each contributes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import ArrayLike

from bpkit.exhibits.paths import Chain
from bpkit.exhibits.readable import number
from bpkit.plots._house import INK, NEGATIVE, NEUTRAL, PAPER, POSITIVE, WIDTH, axes_for, drawing_on, house

_RADIUS = 0.3  # of a quantity's circle, where the distance between two of a layer is 1
_STEP = 1.9  # from layer to layer
_DASHED = (0, (2.2, 0.9))


@house
def path_graph(
    jacobians: Sequence[ArrayLike],
    names: Sequence[Sequence[str]],
    start: int | None = None,
    ax: Axes | None = None,
    *,
    title: str = "",
) -> Axes:
    """Draw a chain of functions as a graph: an arrow for each local slope; the ways from one input to the output are lit.

    Parameters
    ----------
    jacobians : matrices
        The local slopes of each step, a row for each quantity of the later layer. A slope of 0 is no arrow.
    names : per layer, names
        Such as [["x₁", "x₂"], ["z¹₁", "z¹₂"], ["C"]]; the last layer has one.
    start : int
        The input whose paths are lit, from 0; none when left out.
    ax : Axes
        Where to draw; a new figure when left out.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> path_graph([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]], 0).get_label()
    'Graph of local slopes: x to u 4.00, x to v 3.00, u to z 6.00, v to z 4.00. Lit, from x to z: x → u → z 24.0, x → v → z 12.0; sum 36.0.'
    """
    chain = Chain.of(jacobians, names)
    spots = [np.column_stack([np.full(n, l * _STEP), (n - 1) / 2 - np.arange(n)]) for l, n in enumerate(chain.sizes)]
    half, right = (max(chain.sizes) - 1) / 2 + 0.42, (len(spots) - 1) * _STEP + 0.45
    width = min(WIDTH, 1.25 * (right + 0.45))
    ax = axes_for(ax, width, height=width * 2 * half / (right + 0.45) + (0.5 if title else 0.1))
    drawing_on(ax, (-0.45, right), (-half, half))
    if title:
        ax.set_title(title)
    lit = (
        set()
        if start is None
        else {(l, *pair) for path in chain.paths(start) for l, pair in enumerate(zip(path.nodes, path.nodes[1:], strict=False))}
    )
    for l, J in enumerate(chain.jacobians):
        for (to, come), slope in np.ndenumerate(J):
            if slope:
                _link(ax, spots[l][come], spots[l + 1][to], slope, start is None or (l, come, to) in lit)
    reached = {(0, start)} | {(l + 1, to) for l, _, to in lit}
    for l, (layer, places) in enumerate(zip(chain.names, spots, strict=True)):
        for j, (name, (x, y)) in enumerate(zip(layer, places, strict=True)):
            aside = start is not None and (l, j) not in reached
            ax.add_patch(Circle((x, y), _RADIUS, facecolor="none", edgecolor=INK, linewidth=1.4, alpha=0.35 if aside else 1, zorder=3))
            ax.text(x, y, _math(name), ha="center", va="center", fontsize=15, alpha=0.45 if aside else 1, zorder=5)
    ax.set_label(_in_words(chain, start))
    return ax


def _link(ax: Axes, left: np.ndarray, right: np.ndarray, slope: float, lit: bool) -> None:
    along = (right - left) / np.hypot(*(right - left))
    start, end = left + _RADIUS * along, right - _RADIUS * along
    colour = POSITIVE if slope > 0 else NEGATIVE
    ax.add_patch(
        FancyArrowPatch(
            tuple(start),
            tuple(end),
            arrowstyle="-|>",
            mutation_scale=15 if lit else 10,
            shrinkA=0,
            shrinkB=0,
            linewidth=2.6 if lit else 1.0,
            linestyle="-" if slope > 0 or not lit else _DASHED,
            color=colour if lit else to_rgba(NEUTRAL, 0.55),
            joinstyle="miter",
            capstyle="butt",
            zorder=2 if lit else 1,
        )
    )
    # the steeper an arrow, the nearer to its beginning its number stands, so that numbers of crossing arrows keep apart
    x, y = start + max(0.15, 0.375 - 0.13 * abs(right - left)[1]) * (end - start)
    text = ax.text(x, y, number(slope), ha="center", va="center", fontsize=11, alpha=1 if lit else 0.5, zorder=4 if lit else 1.5)
    text.set_bbox({"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"})


def _math(name: str) -> str:
    upper = "".join(mark for mark in name[1:] if mark in "⁰¹²³⁴⁵⁶⁷⁸⁹")
    lower = "".join(mark for mark in name[1:] if mark not in upper)
    marks = "".join(f"{sign}{{{unicodedata.normalize('NFKC', part)}}}" for sign, part in (("^", upper), ("_", lower)) if part)
    return f"${name[0]}{marks}$"


def _in_words(chain: Chain, start: int | None) -> str:
    links = [
        f"{chain.names[l][come]} to {chain.names[l + 1][to]} {number(J[to, come])}"
        for l, J in enumerate(chain.jacobians)
        for come in range(J.shape[1])
        for to in range(J.shape[0])
        if J[to, come]
    ]
    words = f"Graph of local slopes: {', '.join(links)}."
    if start is None:
        return words
    paths = chain.paths(start)
    said = ", ".join(f"{chain.told(path)} {number(path.product)}" for path in paths)
    return f"{words} Lit, from {chain.names[0][start]} to {chain.names[-1][0]}: {said}; sum {number(sum(path.product for path in paths))}."


@house
def path_shares(jacobians: Sequence[ArrayLike], names: Sequence[Sequence[str]], start: int, ax: Axes | None = None) -> Axes:
    """Draw what each path from one input contributes, one bar after the other, up to their sum.

    Parameters
    ----------
    jacobians, names, start
        As for `path_graph`.
    ax : Axes
        Where to draw; a new figure when left out.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> path_shares([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]], 0).get_label()
    'What each path from x contributes to ∂z/∂x: x → u → z 24.0, x → v → z 12.0; sum 36.0.'
    """
    chain = Chain.of(jacobians, names)
    paths = chain.paths(start)
    products = np.array([path.product for path in paths])
    before = np.concatenate([[0.0], np.cumsum(products)])
    top, bottom = chain.names[-1][0], chain.names[0][start]
    rows = [*(chain.told(path) for path in paths), f"∂{top}/∂{bottom}"]
    ax = axes_for(ax, height=0.36 * len(rows) + 0.9)
    reach = float(np.ptp(before)) or 1.0
    for row, (begin, size) in enumerate([*zip(before, products, strict=False), (0.0, float(before[-1]))]):
        total = row == len(paths)
        colour = POSITIVE if size >= 0 else NEGATIVE
        ax.barh(row, size, left=begin, height=0.62, color=to_rgba(colour, 0.85 if total else 0.45), edgecolor=colour, linewidth=1.5,
                linestyle="-" if size >= 0 else _DASHED)  # fmt: skip
        text = ax.text(max(begin, begin + size) + 0.025 * reach, row, number(size), va="center", fontsize=11, weight="bold" if total else "normal")
        text.set_bbox({"boxstyle": "round,pad=0.1", "facecolor": PAPER, "edgecolor": "none"})
    for row, end in enumerate(before[1:]):
        ax.plot([end, end], [row - 0.31, row + 1.31], color=INK, linewidth=0.9, linestyle=(0, (1, 1.5)))
    ax.axvline(0, color=INK, linewidth=1)
    ax.set_yticks(range(len(rows)), rows)
    ax.invert_yaxis()
    ax.grid(False, axis="y")
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(min(before.min(), 0) - 0.04 * reach, max(before.max(), 0) + 0.2 * reach)
    ax.set_xlabel(f"contribution to ∂{top}/∂{bottom}")
    said = ", ".join(f"{chain.told(path)} {number(path.product)}" for path in paths)
    ax.set_label(f"What each path from {bottom} contributes to ∂{top}/∂{bottom}: {said}; sum {number(products.sum())}.")
    return ax
