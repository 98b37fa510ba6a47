"""Ways down a valley: what the steps of different update rules do on a quadratic surface of two parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import number
from bpkit.language import translated
from bpkit.plots._house import HUES, INK, LINES, NEGATIVE, NEUTRAL, PAPER, POSITIVE, WIDTH, figure, house


@house
def descent(
    paths: Mapping[str, ArrayLike],
    curvature: Sequence[float],
    *,
    reach: tuple[float, float] = (10.0, 2.6),
    columns: int = 1,
    width: float = WIDTH,
) -> Figure:
    """Draw paths over the contours of the cost ½ (c₁w₁² + c₂w₂²), one panel for each.

    Parameters
    ----------
    paths : title → (steps + 1, 2)
        The start and where each step leads.
    curvature : (c₁, c₂)
        Above 0. Equal ones make a bowl, unequal ones a ravine.
    reach : (float, float)
        A panel shows w₁ and w₂ up to these, on one scale, so that right angles look right.
    columns : int
        Panels beside each other.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there. Where a path leaves the panel it is cut off; the words say how far it went.

    Raises
    ------
    ValueError
        If there is no path, one is not a list of pairs, or the curvature is not two numbers above 0.

    Examples
    --------
    >>> fig = descent({"one step": [[-8, 1], [-4, -1], [-2, 0]]}, (1, 25))
    >>> fig.axes[0].get_label()
    'one step: from (−8.00, 1.00), cost 44.5, to (−2.00, 0), cost 2.00, in 2 steps.'
    """
    c = np.asarray(curvature, dtype=float)
    if c.shape != (2,) or not (c > 0).all():
        raise ValueError(f"curvature is {curvature}, expected two numbers above 0")
    drawn = {title: np.asarray(path, dtype=float) for title, path in paths.items()}
    if not drawn:
        raise ValueError("paths is empty, expected at least one")
    for title, path in drawn.items():
        if path.ndim != 2 or path.shape[1] != 2 or len(path) < 1:
            raise ValueError(f"paths[{title!r}] has shape {path.shape}, expected (steps + 1, 2)")
    rows = -(-len(drawn) // columns)
    panel = (width / columns - 0.5) * reach[1] / reach[0]
    fig, axes = figure(columns, rows, width=width, height=rows * (panel + 0.72))
    flat: list[Axes] = list(np.atleast_1d(axes).ravel())
    for ax in flat[len(drawn) :]:
        ax.remove()
    for ax, (title, path) in zip(flat, drawn.items(), strict=False):
        _panel(ax, title, path, c, reach)
    return fig


def _panel(ax: Axes, title: str, path: np.ndarray, c: np.ndarray, reach: tuple[float, float]) -> None:
    with np.errstate(over="ignore"):
        costs = (c * path**2).sum(axis=1) / 2
    across, up = np.meshgrid(np.linspace(-reach[0], reach[0], 241), np.linspace(-reach[1], reach[1], 121))
    surface = (c[0] * across**2 + c[1] * up**2) / 2
    ax.contour(across, up, surface, levels=costs[0] * 3.0 ** np.arange(-6, 3), colors=NEUTRAL, linewidths=1.0, alpha=0.75)
    inside = np.flatnonzero((np.abs(path) > 4 * np.array(reach)).any(axis=1))
    seen = path[: inside[0] + 1] if inside.size else path  # what lies far outside would only make the drawing large
    gone = not (np.abs(path[-1]) <= reach).all()
    ax.plot(seen[:, 0], seen[:, 1], color=NEGATIVE if gone else POSITIVE, linestyle="-", linewidth=1.6, marker="o", markersize=4.2, zorder=3)
    ax.plot(*path[0], "o", color=INK, markerfacecolor=PAPER, markeredgewidth=1.8, markersize=9, linestyle="none", zorder=4)
    ax.plot(0, 0, "+", color=INK, markersize=11, markeredgewidth=1.8, linestyle="none", zorder=4)
    ax.set_xlim(-reach[0], reach[0])
    ax.set_ylim(-reach[1], reach[1])
    ax.set_aspect("equal")
    ax.grid(False)
    steps = f"{len(path) - 1} step{'s' * (len(path) != 2)}"
    ax.set_title(f"{title}: cost {number(costs[0])} → {number(costs[-1])} in {steps}")
    ends = [", ".join(number(entry) for entry in place) for place in (path[0], path[-1])]
    ax.set_label(f"{title}: from ({ends[0]}), cost {number(costs[0])}, to ({ends[1]}), cost {number(costs[-1])}, in {steps}.")


@house
def cost_by_step(
    runs: Mapping[str, ArrayLike],
    *,
    xlabel: str = "steps",
    ylabel: str = "cost C",
    log: bool = True,
    title: str = "",
    width: float = WIDTH,
    height: float | None = None,
) -> Figure:
    """Draw how a cost falls, one line for each run.

    Parameters
    ----------
    runs : name → costs, or (places on the axis, costs)
        The first cost belongs to 0 steps, unless the places are given.
    xlabel, ylabel, title : str
    log : bool
        Whether the cost stands on a logarithmic scale.
    width, height : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is no run, or places and costs differ in number.

    Examples
    --------
    >>> cost_by_step({"plain": [1.0, 0.5], "momentum": ([0, 8], [1.0, 0.25])}).axes[0].get_label()
    'cost C by steps. plain: 1.00 at 0, 0.500 at 1. momentum: 1.00 at 0, 0.250 at 8.'
    """
    if not runs:
        raise ValueError("runs is empty, expected at least one")
    fig, ax = figure(width=width, height=height or 0.46 * width)
    words = [f"{translated(ylabel)}{translated(' by ')}{translated(xlabel)}."]
    for (name, run), colour, line in zip(runs.items(), HUES * len(runs), LINES * len(runs), strict=False):
        places, costs = (np.asarray(part, dtype=float) for part in (run if isinstance(run, tuple) else (range(len(np.asarray(run))), run)))
        if places.shape != costs.shape or costs.ndim != 1 or not costs.size:
            raise ValueError(f"runs[{name!r}] has places of shape {places.shape} and costs of shape {costs.shape}, expected one length")
        ax.plot(places, costs, color=colour, linestyle=line, label=name)
        words.append(f"{name}: {number(costs[0])} at {places[0]:g}, {number(costs[-1])} at {places[-1]:g}.")
    if log:
        ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend(loc="best")
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return fig
