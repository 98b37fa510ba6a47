"""Where a net with two inputs changes its mind: its output over the plane."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bpkit.core.network import Network, predict
from bpkit.plots._house import INK, NEGATIVE, PAPER, POSITIVE, WIDTH, figure, house

_FINE = 121  # points along each side


@house
def boundary(nets: Mapping[str, Network], x: ArrayLike, y: ArrayLike, *, margin: float = 0.5, width: float = WIDTH) -> Figure:
    """Draw the plane as each net divides it, with the examples on top; one panel for each net. Blue is above one half, orange below.

    Parameters
    ----------
    nets : names and nets
        Of two inputs and one output.
    x : (2, m)
        The examples.
    y : (1, m)
        What they should give: a disc is drawn for above one half, a square for below.
    margin : float
        How far the plane reaches beyond the examples.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is no net, or one that has not two inputs and one output.

    Examples
    --------
    >>> from bpkit.data import xor
    >>> from bpkit.core.network import init
    >>> boundary({"one neuron": init([2, 1], rng=np.random.default_rng(0))}, *xor()).axes[0].get_title(loc="left")
    'one neuron'
    """
    for name, net in nets.items():
        if (net.sizes[0], net.sizes[-1]) != (2, 1):
            raise ValueError(f"boundary: {name} has {net.sizes[0]} inputs and {net.sizes[-1]} outputs, expected 2 and 1")
    if not nets:
        raise ValueError("boundary: found no net, expected one or more")
    x, wanted = np.asarray(x, dtype=float), np.asarray(y)[0] > 0.5
    low, high = x.min(axis=1) - margin, x.max(axis=1) + margin
    along, up = np.linspace(low[0], high[0], _FINE), np.linspace(low[1], high[1], _FINE)
    plane = np.array([each.ravel() for each in np.meshgrid(along, up)])
    fig, axes = figure(len(nets), width=width, height=width / max(len(nets), 2))
    for ax, (name, net) in zip(np.atleast_1d(axes), nets.items(), strict=True):
        out = predict(net, plane).reshape(_FINE, _FINE)
        ax.contourf(along, up, out, levels=[-np.inf, 0.5, np.inf], colors=[NEGATIVE, POSITIVE], alpha=0.3)
        if out.min() < 0.5 < out.max():
            ax.contour(along, up, out, levels=[0.5], colors=INK, linewidths=1.6)
        for is_one, marker, colour in ((True, "o", POSITIVE), (False, "s", NEGATIVE)):
            ax.plot(*x[:, wanted == is_one], marker, markersize=11, markerfacecolor=colour, markeredgecolor=PAPER, markeredgewidth=1.5, linestyle="")
        ax.set(title=name, xlabel="x₁", ylabel="x₂", aspect="equal")
        ax.set_label(_in_words(name, predict(net, x)[0] > 0.5, wanted, x))
    return fig


def _in_words(name: str, said: np.ndarray, wanted: np.ndarray, x: np.ndarray) -> str:
    missed = [f"({a:g}, {b:g})" for a, b in x[:, said != wanted].T]
    bad = f"; on the wrong side: {', '.join(missed)}" if missed else ""
    return f"{name}: {int(np.sum(said == wanted))} of {wanted.size} examples lie on their side of the line where the output is one half{bad}."
