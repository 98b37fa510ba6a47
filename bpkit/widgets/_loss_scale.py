"""Gradients of a deep net by size, and the window of float16: what a loss scale saves, and when it is too much."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.core.network import backward, forward
from bpkit.exhibits import nets
from bpkit.exhibits.readable import superscript
from bpkit.widgets._base import CourseWidget, can_plot, module, style

FATES = ("zero", "subnormal", "normal", "infinite")
_LARGEST = 28


class LossScale(CourseWidget):
    """What `loss_scale` returns."""

    _esm = module("loss_scale")
    _css = style("saturation", "loss_scale")

    def picture(self) -> str:
        if not can_plot():
            return super().picture()
        from bpkit import plots

        bins = self.state["bins"]
        sizes = np.repeat([each["power"] for each in bins], [each["count"] for each in bins])
        return plots.picture(plots.half_window(sizes, self.state["start"])).html

    def in_words(self) -> str:
        told = [self.state["steps"][power]["say"] for power in (0, 8, 16, 24)]
        return "\n".join([self.state["label"], *told])


def loss_scale(start: int = 0, *, layers: int = 12) -> LossScale:
    """Move the loss scale with ← and →, and watch which weight gradients of a deep net float16 can hold.

    Parameters
    ----------
    start : int
        The power of two to start with, from 0 to 28.
    layers : int
        Of the sigmoid net, from 2 to 16.

    Returns
    -------
    LossScale
        Shows itself in a notebook; `str()` says it in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If start or layers is out of reach.

    Examples
    --------
    >>> print(str(loss_scale()).splitlines()[1])
    Scale 2⁰: of 10800 gradients 24 % become 0, 44 % are subnormal and lose digits, 33 % are normal, none is infinite.
    """
    return LossScale(state(start, layers))


def state(start: int, layers: int) -> dict[str, Any]:
    """The sizes of the gradients, and for each scale what float16 makes of them, as JSON.

    Returns
    -------
    dict
        "bins": for each power of two its "power" and the "count" of gradients from it to the next; "steps": for each scale its "power", "shares" by
        fate, "lost" by layer in percent; "start"; "total".
    """
    if not 0 <= start <= _LARGEST:
        raise ValueError(f"loss_scale: start is {start}, expected a power of two from 0 to {_LARGEST}")
    if not 2 <= layers <= 16:
        raise ValueError(f"loss_scale: layers is {layers}, expected a whole number from 2 to 16")
    net, x, y = nets.deep(layers)
    by_layer = [np.abs(part).ravel() for part in backward(net, forward(net, x), y).W[1:]]
    sizes = np.concatenate(by_layer)
    powers, counts = np.unique(np.frexp(sizes)[1] - 1, return_counts=True)
    return {
        "label": f"Weight gradients of a sigmoid net of {layers} layers, by size, in float16",
        "bins": [{"power": int(power), "count": int(count)} for power, count in zip(powers, counts, strict=True)],
        "total": int(sizes.size),
        "start": int(start),
        "steps": [_step(power, sizes, by_layer) for power in range(_LARGEST + 1)],
    }


def _step(power: int, sizes: np.ndarray, by_layer: list[np.ndarray]) -> dict[str, Any]:
    shares = dict(zip(FATES, _fates(sizes, power), strict=True))
    lost = [round(100 * (1 - sum(_fates(part, power)[1:3]))) for part in by_layer]
    return {"title": f"scale 2{superscript(power)}", "say": _say(power, shares, sizes.size), "power": power, "shares": shares, "lost": lost}


def _fates(sizes: np.ndarray, power: int) -> list[float]:
    """The shares of those that become 0, are subnormal, normal, infinite."""
    with np.errstate(over="ignore"):
        half = (sizes * 2.0**power).astype(np.float16).astype(float)
    zero, infinite, normal = half == 0, np.isinf(half), (half >= 2.0**-14) & np.isfinite(half)
    return [float(np.mean(kind)) for kind in (zero, ~(zero | infinite | normal), normal, infinite)]


def _share(share: float) -> str:
    return "none" if share == 0 else "under 1 %" if share < 0.005 else f"{100 * share:.0f} %"


def _say(power: int, shares: dict[str, float], total: int) -> str:
    zero, subnormal, normal, infinite = (_share(shares[fate]) for fate in FATES)
    no_zero, no_subnormal, no_infinite = (shares[fate] == 0 for fate in ("zero", "subnormal", "infinite"))
    said = (
        f"Scale 2{superscript(power)}: of {total} gradients {zero} {'becomes' if no_zero else 'become'} 0, "
        f"{subnormal} {'is subnormal and loses' if no_subnormal else 'are subnormal and lose'} digits, {normal} are normal, "
        f"{infinite} {'is' if no_infinite else 'are'} infinite."
    )
    return said + (" The step is skipped and the scale halved." if shares["infinite"] else "")
