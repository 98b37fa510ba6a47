"""How far numerical slopes are off by their step, and what a kink does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from bpkit.core.functions import relu
from bpkit.exhibits.readable import number, superscript
from bpkit.plots._house import HUES, INK, LINES, NEGATIVE, POSITIVE, WIDTH, axes_for, figure, house

LEAST = 1e-17  # where an error of 0 is drawn; half a unit in the last place of 1 is 1.1e-16


@house
def v_curve(h: ArrayLike, errors: Mapping[str, ArrayLike], ax: Axes | None = None, *, marked: float | None = None, title: str = "") -> Axes:
    """Draw the errors of numerical slopes over the step, both on logarithmic axes, a line for each scheme.

    Parameters
    ----------
    h : (n,)
        Steps, above 0.
    errors : name → (n,)
        Errors at these steps, never negative; nan where there is none. Below 1e-17 they are drawn on the bottom line.
    ax : Axes
        Where to draw; a new figure when left out.
    marked : float
        A step to mark.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there are no errors, their count differs from that of the steps, or one is negative.

    Examples
    --------
    >>> v_curve([1e-8, 1e-5, 1e-2], {"central": [1e-8, 1e-11, 1e-5]}).get_label()
    'Error of numerical slopes over the step h, from 10⁻⁸ to 10⁻². central: least near h = 10⁻⁵, about 10⁻¹¹.'
    """
    steps = np.asarray(h, dtype=float).reshape(-1)
    if not errors or not len(steps) or not (steps > 0).all():
        raise ValueError("v_curve: expected steps above 0 and for at least one scheme the errors at them")
    ax = axes_for(ax, height=0.58 * WIDTH)
    ax.set_xscale("log")
    ax.set_yscale("log")
    words = [f"Error of numerical slopes over the step h, from {_power(steps.min())} to {_power(steps.max())}."]
    for k, (name, values) in enumerate(errors.items()):
        series = np.asarray(values, dtype=float).reshape(-1)
        if len(series) != len(steps) or (series < 0).any() or np.isnan(series).all():
            raise ValueError(f"v_curve: errors[{name!r}] has {len(series)} entries, expected {len(steps)} that are not negative")
        ax.plot(steps, np.maximum(series, LEAST), color=HUES[k % len(HUES)], linestyle=LINES[k % len(LINES)], label=name)
        words.append(f"{name}: {_where_least(steps, series)}.")
    if marked is not None:
        ax.axvline(marked, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
        words.append(f"Marked: h = {number(marked)}.")
    ax.set_xlabel("step h")
    ax.set_ylabel("error of the slope")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    if title:
        ax.set_title(title)
    ax.set_label(" ".join(words))
    return ax


def _where_least(steps: np.ndarray, series: np.ndarray) -> str:
    least = int(np.nanargmin(series))
    if series[least] > 1e-15:
        return f"least near h = {_power(steps[least])}, about {_power(series[least])}"
    # down there only rounding is left, and no step is better than another
    return f"below 10⁻¹³ for h up to {_power(steps[series < 1e-13].max())}"


def _power(value: float) -> str:
    return f"10{superscript(round(float(np.log10(value))))}"


@house
def kink(places: Sequence[float], h: float, *, width: float = WIDTH) -> Figure:
    """Draw relu and its central difference at some z, a panel each: the line through the two points that the difference looks at.

    Parameters
    ----------
    places : numbers
        Where the slope is taken.
    h : float
        The step to either side.
    width : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Raises
    ------
    ValueError
        If there is no place, or h is not above 0.

    Examples
    --------
    >>> kink([0.5], h=1.0).axes[0].get_label()
    'relu at z = 0.500 with h = 1.00: the difference says 0.750, relu′ says 1.00; the kink lies between the two points.'
    """
    if not len(places) or not h > 0:
        raise ValueError(f"kink: found {len(places)} places and h = {h}, expected at least one place and a step above 0")
    fig, axes = figure(len(places), width=width, height=0.65 * width / len(places) + 0.95)
    reach = max(max(abs(float(z)) for z in places) + h, 2 * h) * 1.12
    over = np.linspace(-reach, reach, 401)
    for ax, z in zip(np.atleast_1d(axes), map(float, places), strict=True):
        ends = np.array([z - h, z + h])
        slope = float(np.diff(relu(ends))[0] / (2 * h))
        right = float(relu.prime(np.array(z)))
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.plot(over, relu(over), color=POSITIVE, linestyle="-", label="relu")
        ax.plot(ends, relu(ends), marker="o", color=NEGATIVE, linestyle=LINES[1], label="difference", zorder=4)
        ax.plot([z], relu(np.array([z])), marker="o", color=INK, markersize=6, linestyle="none", zorder=5)
        ax.set_aspect("equal", adjustable="box")
        ax.set_xlim(-reach, reach)
        ax.set_ylim(-0.25 * reach, 1.05 * reach)
        ax.set_xlabel("weighted input z")
        ax.set_title(f"says {number(slope, 2)}, should be {number(right, 1)}", fontsize=12)
        ax.set_label(
            f"relu at z = {number(z)} with h = {number(h)}: the difference says {number(slope)}, relu′ says {number(right)}; "
            f"{'the kink lies between the two points' if abs(z) < h else 'both points lie on one piece'}."
        )
    np.atleast_1d(axes)[0].legend(loc="upper left", fontsize=10)
    return fig
