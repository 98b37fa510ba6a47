"""The figures of lesson 15: which activations are held when, and where gradients lie in float16's window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from bpkit.exhibits.readable import superscript
from bpkit.plots._house import INK, NEGATIVE, NEUTRAL, POSITIVE, WIDTH, axes_for, figure, house

_KEPT, _AGAIN = 1, 2


def _moments(n: int, k: int) -> list[dict[int, int]]:
    """After each step, forwards, again or backwards, which layers' activations are held, and whether one was computed again."""
    held, moments = {0: _KEPT}, []
    for l in range(1, n + 1):
        moments.append(held | {l: _KEPT})  # the one in hand, whether or not it stays
        if l % k == 0 or l == n:
            held[l] = _KEPT
    for start in reversed(range(0, n, k)):
        end = min(start + k, n)
        for l in range(start + 1, end):
            held[l] = _AGAIN
            moments.append(dict(held))
        for l in range(end, start, -1):
            moments.append(dict(held))
            del held[l]
    return moments


@house
def held_activations(n: int, ks: Sequence[int], *, width: float = WIDTH) -> Figure:
    """Draw, for each distance of checkpoints, which of n layers' activations are held while time passes.

    Parameters
    ----------
    n : int
        Number of layers, 2 to 40.
    ks : whole numbers
        A panel for each: a checkpoint every k layers. With k = 1 that is plain backpropagation.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If n or a k is out of reach.

    Examples
    --------
    >>> held_activations(16, (4,)).axes[0].get_label()
    '16 layers, a checkpoint every 4: at most 8 activations held at once, 12 steps done again.'
    """
    if not 2 <= n <= 40:
        raise ValueError(f"n is {n}, expected a number of layers from 2 to 40")
    if not ks or not all(1 <= k <= n for k in ks):
        raise ValueError(f"ks is {tuple(ks)}, expected whole numbers from 1 to {n}")
    all_moments = [_moments(n, k) for k in ks]
    longest = max(map(len, all_moments))
    fig, axes = figure(1, len(ks), width=width, height=0.34 * width * len(ks))
    for ax, k, moments in zip(np.atleast_1d(axes), ks, all_moments, strict=True):
        _raster(ax, n, moments)
        ax.axvline(n, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
        ax.set_xlim(0, longest)
        ax.set_ylim(-0.5, n + 0.5)
        ax.set_ylabel("layer")
        # what only passes through in the forward pass is not counted as held
        most = max(len(held) for held in moments[n:])
        again = len(moments) - 2 * n
        every = "every activation kept" if k == 1 else f"a checkpoint every {k}"
        ax.set_title(f"{every}: {most} held, {again} steps again")
        ax.set_label(f"{n} layers, {every}: at most {most} activations held at once, {again} steps done again.")
    np.atleast_1d(axes)[-1].set_xlabel("steps: forwards up to the dotted line, then back")
    return fig


def _raster(ax: Axes, n: int, moments: list[dict[int, int]]) -> None:
    """A bar for each stretch of time in which a layer's activation is held."""
    for l in range(n + 1):
        t = 0
        while t < len(moments):
            kind = moments[t].get(l)
            end = t + 1
            while end < len(moments) and moments[end].get(l) == kind:
                end += 1
            if kind is not None:
                look: dict[str, Any] = {"facecolor": POSITIVE} if kind == _KEPT else {"facecolor": "none", "edgecolor": NEGATIVE, "hatch": "////"}
                ax.add_patch(Rectangle((t, l - 0.36), end - t, 0.72, linewidth=1.2, **look))
            t = end
    ax.grid(False)


@house
def half_window(exponents: ArrayLike, scale: int = 0, ax: Axes | None = None) -> Axes:
    """Draw how many numbers lie in each power of two, after scaling, beside the window of float16.

    Parameters
    ----------
    exponents : whole numbers
        For each number, the power of two at or below its size.
    scale : int
        The scale is 2 to this.
    ax : Axes
        Where to draw; a new figure when left out.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> half_window([-26, -20, -3], 2).get_label()
    'Of 3 numbers times 2², in float16: 0 % become 0, 67 % are subnormal, 33 % normal, 0 % infinite.'
    """
    moved = np.asarray(exponents, dtype=int) + scale
    ax = axes_for(ax, height=0.45 * WIDTH)
    ax.axvspan(-25, -14, color=NEUTRAL, alpha=0.16, linewidth=0)
    ax.axvspan(-14, 16, color=NEUTRAL, alpha=0.36, linewidth=0)
    places, counts = np.unique(moved, return_counts=True)
    for place, count in zip(places, counts, strict=True):
        lost = place < -25 or place > 15
        look: dict[str, Any] = {"facecolor": "none", "edgecolor": NEGATIVE, "hatch": "////"} if lost else {"facecolor": POSITIVE}
        ax.bar(place + 0.5, count, width=0.86, **look)
    ax.set_xlim(-48, 24)
    ax.set_xticks([-40, -24, -14, 0, 16], [f"2{superscript(power)}" for power in (-40, -24, -14, 0, 16)])
    ax.set_xlabel("size of a gradient, times the scale")
    ax.set_ylabel("how many")
    ax.grid(False)
    ax.set_title(f"scale 2{superscript(scale)}; grey: float16, light where digits are lost")
    shares = [np.mean(where) for where in (moved < -25, (moved >= -25) & (moved < -14), (moved >= -14) & (moved <= 15), moved > 15)]
    zero, subnormal, normal, infinite = (f"{100 * share:.0f}" for share in shares)
    ax.set_label(f"Of {moved.size} numbers times 2{superscript(scale)}, in float16: {zero} % become 0, {subnormal} % are subnormal, "
                 f"{normal} % normal, {infinite} % infinite.")  # fmt: skip
    return ax
