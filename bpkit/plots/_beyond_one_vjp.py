"""The figure of lesson 15. TODO: draw what the lesson is about."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from bpkit.exhibits.readable import number
from bpkit.plots._house import axes_for, house


@house
def beyond_one_vjp(c: float = 2.0, ax: Axes | None = None) -> Axes:
    """Draw y = c x.

    Parameters
    ----------
    c : float
        The factor.
    ax : Axes
        Where to draw; a new figure when left out.

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> beyond_one_vjp(3.0).get_label()
    'A line through 0: y is 3.00 times x.'
    """
    ax = axes_for(ax)
    x = np.linspace(-1, 1, 5)
    ax.plot(x, c * x)
    ax.set_xlabel("x")
    ax.set_ylabel("y")
    ax.set_label(f"A line through 0: y is {number(c)} times x.")
    return ax
