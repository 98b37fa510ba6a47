"""Curves: slopes of activations, errors by depth, costs by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from bpkit.core.functions import Activation
from bpkit.core.training import History
from bpkit.exhibits.readable import number
from bpkit.plots._house import INK, LINES, NEGATIVE, POSITIVE, axes_for, house


@house
def activation_and_slope(activation: Activation, ax: Axes | None = None, *, low: float = -6.0, high: float = 6.0, at: Sequence[float] = ()) -> Axes:
    """Draw an activation and its slope over z.

    Parameters
    ----------
    activation : Activation
        An elementwise one.
    ax : Axes
        Where to draw; a new figure when left out.
    low, high : float
        The range of z.
    at : numbers
        Values of z to mark on both curves.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> from bpkit.core.functions import sigmoid
    >>> activation_and_slope(sigmoid).get_label()
    'sigmoid and its slope for z from −6.00 to 6.00. The slope is largest, 0.250, at z = 0, and 0.00247 at both ends.'
    """
    if not activation.elementwise:
        raise ValueError(f"{activation!r} mixes the neurons of a layer and has no slope of one z, expected an elementwise activation")
    if not low < high:
        raise ValueError(f"z runs from {low} to {high}, expected low < high")
    z = np.linspace(low, high, 481)
    value, slope = activation(z), activation.prime(z)
    ax = axes_for(ax)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.plot(z, value, color=POSITIVE, linestyle="-", label="value  a = σ(z)")
    ax.plot(z, slope, color=NEGATIVE, linestyle=LINES[1], label="slope  σ′(z)")
    for where in at:
        ax.plot([where] * 2, [float(activation(where)), float(activation.prime(where))], "o", color=INK, linestyle=":", linewidth=1.2, zorder=4)
    ax.set_xlabel("weighted input z")
    ax.set_title(repr(activation))
    ax.legend(loc="best")
    ax.set_label(_slope_in_words(activation, z, slope, at))
    return ax


def _slope_in_words(activation: Activation, z: np.ndarray, slope: np.ndarray, at: Sequence[float]) -> str:
    steepest = z[np.flatnonzero(slope == slope.max())]
    place = f"at z = {number(steepest[0])}" if steepest.size == 1 else f"for z from {number(steepest[0])} to {number(steepest[-1])}"
    first, last = number(slope[0]), number(slope[-1])
    ends = f"{first} at both ends" if first == last else f"{first} at the left end, {last} at the right"
    words = f"{activation!r} and its slope for z from {number(z[0])} to {number(z[-1])}."
    words += f" The slope is largest, {number(slope.max())}, {place}, and {ends}."
    marked = [f"at z = {number(where)} the value is {number(activation(where))} and the slope {number(activation.prime(where))}" for where in at]
    return f"{words} Marked: {'; '.join(marked)}." if marked else words


@house
def gradient_by_depth(
    norms: Mapping[str, ArrayLike],
    ax: Axes | None = None,
    *,
    ylabel: str = "size of the error, ‖δ‖ of layer l",
    title: str = "",
) -> Axes:
    """Draw how large the error is in every layer, one line per network, on a logarithmic scale.

    Parameters
    ----------
    norms : name → sizes in layers 1 … L
        Networks of different depth may stand together.
    ax : Axes
        Where to draw; a new figure when left out.
    ylabel, title : str

    Returns
    -------
    Axes
        `show` finds its words there. A size of 0 has no place on the scale: its point is left out, the words name it.

    Raises
    ------
    ValueError
        If there is no network, or a size is negative.

    Examples
    --------
    >>> ax = gradient_by_depth({"sigmoid": [1e-4, 1e-2, 1.0]})
    >>> ax.get_label()
    'Size of the error by layer. sigmoid: 1.00·10⁻⁴ in layer 1, 1.00 in layer 3.'
    """
    series = {name: np.asarray(sizes, dtype=float).reshape(-1) for name, sizes in norms.items()}
    if not series or any(sizes.size == 0 for sizes in series.values()):
        raise ValueError("norms has a network without sizes, expected for each name the sizes in layers 1 to L")
    for name, sizes in series.items():
        if (sizes < 0).any():
            raise ValueError(f"norms[{name!r}] has {sizes.min()} in layer {sizes.argmin() + 1}, expected sizes, which are never negative")
    ax = axes_for(ax)
    words = ["Size of the error by layer."]
    for (name, sizes), marker in zip(series.items(), "osD^v" * len(series), strict=False):
        layers = np.arange(1, len(sizes) + 1)
        ax.plot(layers, np.where(sizes > 0, sizes, np.nan), marker=marker, label=name)
        words.append(f"{name}: {number(sizes[0])} in layer 1, {number(sizes[-1])} in layer {len(sizes)}.")
    deepest = max(map(len, series.values()))
    ax.set_yscale("log")
    ax.set_xticks([l for l in range(1, deepest + 1) if deepest <= 12 or l == 1 or l % 5 == 0])
    ax.set_xlim(0.6, deepest + 0.4)
    ax.set_xlabel("layer l     (the error travels this way  ←)")
    ax.set_ylabel(ylabel)
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return ax


@house
def loss_curve(history: History, ax: Axes | None = None, *, log: bool = False, title: str = "") -> Axes:
    """Draw the cost over the epochs, with the validation's where there was one and its best epoch marked.

    Parameters
    ----------
    history : History
        From `fit`.
    ax : Axes
        Where to draw; a new figure when left out.
    log : bool
        Whether the cost stands on a logarithmic scale.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> from bpkit.core.training import History
    >>> loss_curve(History(cost=(0.5, 0.25), validation_cost=(0.5, 0.375), best_epoch=2)).get_label()
    'Cost over 2 epochs. Training: from 0.500 to 0.250. Validation: from 0.500 to 0.375, lowest in epoch 2.'
    """
    if not history.cost:
        raise ValueError("loss_curve: the history has no epochs, expected at least one")
    ax = axes_for(ax)
    words = [f"Cost over {history.epochs} epoch{'s' * (history.epochs > 1)}."]
    for name, costs in (("training", history.cost), ("validation", history.validation_cost)):
        if costs:
            ax.plot(range(1, len(costs) + 1), costs, label=name, marker="o" if len(costs) == 1 else "")
            words.append(f"{name.capitalize()}: from {number(costs[0])} to {number(costs[-1])}.")
    if history.validation_cost:
        best = history.best_epoch
        ax.plot([best], [history.validation_cost[best - 1]], "o", color=NEGATIVE, label=f"lowest, epoch {best}", zorder=4)
        words[-1] = f"{words[-1][:-1]}, lowest in epoch {best}."
    if log:
        ax.set_yscale("log")
        ax.grid(True)
    else:
        ax.set_ylim(bottom=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("epoch")
    ax.set_ylabel("cost C")
    ax.legend(loc="upper right")
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return ax
