"""What a wrong gradient looks like from outside: where a check passes it, and how a net learns by it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, NullLocator, ScalarFormatter

from bpkit.exhibits.clinic import ERRATA, Comparison, compare, descend
from bpkit.exhibits.readable import number
from bpkit.plots._house import INK, LINES, NEGATIVE, NEUTRAL, POSITIVE, WIDTH, figure, house

_TIGHT, _LOOSE = 1e-7, 1e-2
_FLOOR = 1e-8  # closer than that is round-off, which differs between machines, and is drawn here


@house
def errata_hiding(*, width: float = WIDTH, height: float | None = None) -> Figure:
    """Draw how far each published gradient is from the measured one, from where its error hides to where it shows.

    Parameters
    ----------
    width, height : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there. Dotted: a tight tolerance, 1e-7, and a loose one, 1e-2. What is closer than 1e-8 is drawn at 1e-8.

    Examples
    --------
    >>> errata_hiding().axes[2].get_label()
    'Text R, learning rate α from 1.00·10⁻⁴ to 1.00: error of the published gradient from 4.18·10⁻⁶ to 0.0417.'
    """
    fig, axes = _panels(width, height)
    for ax, (key, erratum) in zip(axes, ERRATA.items(), strict=True):
        found = [compare(key, setting) for setting in erratum.settings]
        for tolerance in (_TIGHT, _LOOSE):
            ax.axhline(tolerance, color=INK, linewidth=1.2, linestyle=(0, (1, 1.5)))
        ax.plot(erratum.settings, _drawn(found, "repaired_error"), color=POSITIVE, linestyle=LINES[0], label="repaired")
        ax.plot(erratum.settings, _drawn(found, "error"), color=NEGATIVE, linestyle=LINES[1], marker="o", markersize=5, label="published")
        if key == "R":
            ax.set_xscale("log")
            ax.xaxis.set_major_locator(LogLocator(100))
            ax.xaxis.set_minor_locator(NullLocator())
        if erratum.settings[0] > erratum.settings[-1]:
            ax.invert_xaxis()
        ax.set_yscale("log")
        ax.set_ylim(_FLOOR / 4, 5)
        ax.set_yticks([1e-8, 1e-6, 1e-4, 1e-2, 1])
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_xlabel(erratum.knob, fontsize=10)
        first, last = erratum.settings[0], erratum.settings[-1]
        ax.set_label(
            f"Text {key}, {erratum.knob} from {number(first)} to {number(last)}: error of the published gradient "
            f"from {_told(found[0].error)} to {_told(found[-1].error)}."
        )
    _finish(axes, "error")
    return fig


@house
def errata_training(*, steps: int = 100, width: float = WIDTH, height: float | None = None) -> Figure:
    """Draw the cost over the steps of gradient descent, by each published gradient and by its repair, from the same start.

    Parameters
    ----------
    steps : int
    width, height : float
        Of the figure, in inches.

    Returns
    -------
    Figure
        `show` finds its words there.

    Examples
    --------
    >>> errata_training(steps=10).axes[5].get_label()
    'Text T: cost 5.62 before the first step; after 10, 4.79 by the published gradient, 4.76 by the repaired one.'
    """
    fig, axes = _panels(width, height)
    for ax, key in zip(axes, ERRATA, strict=True):
        published, corrected = descend(key, steps)
        ax.plot(corrected, color=POSITIVE, linestyle=LINES[0], label="repaired")
        ax.plot(published, color=NEGATIVE, linestyle=LINES[1], label="published")
        ax.axhline(published[0], color=NEUTRAL, linewidth=1.2, linestyle=(0, (1, 1.5)))
        ax.set_yscale("log")
        lowest, highest = min(published.min(), corrected.min()), max(published.max(), corrected.max())
        ax.set_ylim(max(lowest, highest / 1e5) / 1.5, highest * 1.8)
        if highest < 30 * lowest:
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            ax.yaxis.set_major_formatter(ScalarFormatter())
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.yaxis.set_minor_locator(NullLocator())
        ax.set_xlabel("steps", fontsize=10)
        ax.set_label(
            f"Text {key}: cost {number(published[0])} before the first step; after {steps}, {number(published[-1])} by the published gradient, "
            f"{number(corrected[-1])} by the repaired one."
        )
    _finish(axes, "cost")
    return fig


def _panels(width: float, height: float | None) -> tuple[Figure, list[Axes]]:
    """Two rows of three, one panel for each erratum, with its title."""
    fig, grid = figure(3, 2, width=width, height=0.68 * width if height is None else height)
    axes = [ax for row in grid for ax in row]
    for ax, (key, erratum) in zip(axes, ERRATA.items(), strict=True):
        ax.set_title(f"{key}: {erratum.title}", fontsize=10)
        ax.tick_params(labelsize=10)
    return fig, axes


def _finish(axes: list[Axes], what: str) -> None:
    """One legend for all, and what is measured at the left edge."""
    for ax in axes[::3]:
        ax.set_ylabel(what, fontsize=10)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)


def _drawn(found: list[Comparison], name: str) -> list[float]:
    return [max(getattr(each, name), _FLOOR) for each in found]


def _told(error: float) -> str:
    return number(error) if error > _TIGHT else "round-off"
