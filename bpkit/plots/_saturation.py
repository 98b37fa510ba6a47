"""Quadratic cost and cross-entropy of one sigmoid neuron over its weighted input, and how steeply each falls."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from bpkit.core.functions import binary_cross_entropy, quadratic, sigmoid
from bpkit.exhibits.readable import number
from bpkit.plots._house import INK, LINES, NEGATIVE, NEUTRAL, POSITIVE, WIDTH, figure, house

_SERIES = (("cross-entropy", binary_cross_entropy, POSITIVE, LINES[0]), ("quadratic", quadratic, NEGATIVE, LINES[1]))


@house
def saturation(z: float, y: float = 1.0, *, reach: float = 8.0, width: float = WIDTH) -> Figure:
    """Draw both costs of a sigmoid neuron over z, and below them their slopes δ; one z is marked.

    Parameters
    ----------
    z : float
        The weighted input to mark.
    y : float
        The target, 0 to 1.
    reach : float
        z runs from -reach to reach.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If z is not drawn, or y is no target of cross-entropy.

    Examples
    --------
    >>> fig = saturation(-4.0)
    >>> fig.axes[1].get_label()
    'Slopes δ at z = −4.00: cross-entropy −0.982, quadratic −0.0173.'
    """
    if not -reach <= z <= reach:
        raise ValueError(f"z is {z}, expected a number from {-reach} to {reach}")
    if not 0 <= y <= 1:
        raise ValueError(f"y is {y}, expected a target from 0 to 1")
    fig, (above, below) = figure(1, 2, width=width, height=0.72 * width)
    over = np.linspace(-reach, reach, 481)[None]
    at = np.array([[float(z)]])
    said: tuple[list[str], list[str]] = ([], [])
    for name, cost, colour, line in _SERIES:

        def values(z: np.ndarray, cost=cost) -> np.ndarray:
            return cost.output_values(z, sigmoid(z), np.full_like(z, y), sigmoid)

        def slopes(z: np.ndarray, cost=cost) -> np.ndarray:
            return cost.output_error(z, sigmoid(z), np.full_like(z, y), sigmoid)[0]

        for ax, what, words in ((above, values, said[0]), (below, slopes, said[1])):
            ax.plot(over[0], what(over), color=colour, linestyle=line, label=name)
            ax.plot(at[0], what(at), "o", color=colour, zorder=4)
            words.append(f"{name} {number(what(at)[0])}")
    for ax in (above, below):
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.axvline(z, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
        ax.set_xlim(-reach, reach)
    above.set_ylabel("cost $C_x$")
    above.legend(loc="upper center")
    above.set_title(f"one sigmoid neuron, target y = {y:g}, marked z = {number(z)}")
    below.set_ylabel(r"slope $\delta = \partial C_x / \partial z$")
    below.set_xlabel("weighted input z")
    above.set_label(f"Two costs of a sigmoid neuron with target {y:g} over z from {number(-reach)} to {number(reach)}. "
                    f"At z = {number(z)}: {', '.join(said[0])}.")  # fmt: skip
    below.set_label(f"Slopes δ at z = {number(z)}: {', '.join(said[1])}.")
    return fig


@house
def shares(columns: dict[str, np.ndarray], *, wanted: int | None = None, width: float = WIDTH) -> Figure:
    """Draw the outputs of a softmax as bars that share one probability, one panel for each set of outputs.

    Parameters
    ----------
    columns : title → (n,) or (n, 1)
        Each sums to 1.
    wanted : int
        The class of the target, from 0; its bars are filled.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is none, or one does not sum to 1.

    Examples
    --------
    >>> shares({"before": np.array([0.25, 0.75])}, wanted=1).axes[0].get_label()
    'before: 0.250, 0.750.'
    """
    flat = {title: np.asarray(values, dtype=float).reshape(-1) for title, values in columns.items()}
    if not flat:
        raise ValueError("columns is empty, expected at least one set of outputs")
    for title, values in flat.items():
        if abs(values.sum() - 1) > 1e-9 or (values < 0).any():
            raise ValueError(f"{title!r} sums to {values.sum():g} or has a negative entry, expected shares of 1")
    fig, axes = figure(len(flat), width=width, height=0.36 * width)
    for ax, (title, values) in zip(np.atleast_1d(axes), flat.items(), strict=True):
        for j, value in enumerate(values):
            ax.bar(j + 1, value, color=POSITIVE if j == wanted else "none", edgecolor=POSITIVE if j == wanted else NEUTRAL, linewidth=2)
            ax.text(j + 1, value + 0.02, number(value), ha="center", va="bottom", fontsize=11)
        ax.set_ylim(0, 1.08)
        ax.set_xticks(range(1, len(values) + 1))
        ax.set_title(title)
        ax.set_xlabel("output")
        ax.grid(False, axis="x")
        ax.set_label(f"{title}: {', '.join(map(number, values))}.")
    return fig


@house
def outputs_by_step(runs: dict[str, np.ndarray], *, target: float, width: float = WIDTH) -> Figure:
    """Draw how the output of one neuron moves while it learns, one line for each run.

    Parameters
    ----------
    runs : name → outputs before the first step and after each
    target : float
        Where the output should go; drawn as a dotted line.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is no run.

    Examples
    --------
    >>> outputs_by_step({"quadratic": np.array([0.98, 0.5, 0.25])}, target=0).axes[0].get_label()
    'Output of a neuron by step, target 0. quadratic: 0.980 before the first step, 0.250 after 2.'
    """
    if not runs:
        raise ValueError("runs is empty, expected at least one")
    fig, ax = figure(width=width, height=0.45 * width)
    ax.axhline(target, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
    looks = {name: (colour, line) for name, _, colour, line in _SERIES}
    words = [f"Output of a neuron by step, target {target:g}."]
    for name, outputs in runs.items():
        values = np.asarray(outputs, dtype=float).reshape(-1)
        colour, line = looks.get(name, (NEUTRAL, LINES[2]))
        ax.plot(values, color=colour, linestyle=line, label=name)
        words.append(f"{name}: {number(values[0])} before the first step, {number(values[-1])} after {len(values) - 1}.")
    ax.set_ylim(-0.04, 1.04)
    ax.set_xlabel("steps of gradient descent")
    ax.set_ylabel("output a")
    ax.legend(loc="best")
    ax.set_label(" ".join(words))
    return fig
