"""One sigmoid neuron whose weighted input can be dragged, with the slopes of two costs compared."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.core.functions import binary_cross_entropy, quadratic, sigmoid
from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, style, table

REACH = 8.0  # z runs from -8 to 8
_TOLD = (-8.0, -4.0, -2.0, 0.0, 2.0, 4.0, 8.0)


class Saturation(CourseWidget):
    """What `saturation` returns."""

    _esm = module("saturation")
    _css = style("forward_pass", "saturation")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def saturation(z: float = -4.0, y: float = 1.0) -> Saturation:
    """Drag z, or move it with ← and →, and compare how steeply the quadratic cost and cross-entropy change with it.

    Parameters
    ----------
    z : float
        Where to start, from -8 to 8.
    y : float
        The target, 0 or 1; it can be switched.

    Returns
    -------
    Saturation
        Shows itself in a notebook; `str()` says the slopes in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If z is out of reach, or the target is another one.

    Examples
    --------
    >>> print(saturation())
    One sigmoid neuron, target 1: how steeply two costs change with z
        z          a  slope σ′(z)  δ quadratic  δ cross-entropy  times as steep
    −8.00  3.35·10⁻⁴    3.35·10⁻⁴   −3.35·10⁻⁴            −1.00            2983
    −4.00     0.0180       0.0177      −0.0173           −0.982            56.6
    −2.00      0.119        0.105      −0.0925           −0.881            9.52
        0      0.500        0.250       −0.125           −0.500            4.00
     2.00      0.881        0.105      −0.0125           −0.119            9.52
     4.00      0.982       0.0177   −3.18·10⁻⁴          −0.0180            56.6
     8.00       1.00    3.35·10⁻⁴   −1.12·10⁻⁷       −3.35·10⁻⁴            2983
    """
    return Saturation(state(z, y), _still(z, y))


def _still(z: float, y: float) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.saturation(z, y, reach=REACH)).html


def at(z: float, y: float) -> dict[str, float]:
    """Everything about the neuron at one z.

    Parameters
    ----------
    z : float
    y : float

    Returns
    -------
    dict
        "a" and "slope" of the sigmoid; for "quadratic" and "crossEntropy" the cost, its "…Gradient" with respect to a, and the
        "…Error" δ with respect to z; "ratio" of the two errors.
    """
    column, target = np.array([[float(z)]]), np.array([[float(y)]])
    a, slope = sigmoid(column), sigmoid.prime(column)
    told = {"z": float(z), "y": float(y), "a": a.item(), "slope": slope.item()}
    for name, cost in (("quadratic", quadratic), ("crossEntropy", binary_cross_entropy)):
        told[name] = cost.output_value(column, a, target, sigmoid)
        told[f"{name}Gradient"] = cost.gradient(a, target).item()
        told[f"{name}Error"] = cost.output_error(column, a, target, sigmoid).item()
    return {**told, "ratio": 1 / slope.item()}


def state(z: float, y: float) -> dict[str, Any]:
    """Where to start, as JSON; from there on the browser computes.

    Parameters
    ----------
    z, y : float

    Returns
    -------
    dict
        "z", "y" and "reach"; "told", what `at` says for some z; "steps", of which there is one.
    """
    if not -REACH <= z <= REACH:
        raise ValueError(f"saturation: z is {z}, expected a number from {-REACH:g} to {REACH:g}")
    if y not in (0, 1):
        raise ValueError(f"saturation: y is {y}, expected the target 0 or 1")
    return {
        "label": f"One sigmoid neuron, target {y:g}: how steeply two costs change with z",
        "z": float(z),
        "y": float(y),
        "reach": REACH,
        "told": [at(each, y) for each in _TOLD],
        "steps": [{"title": "Drag z", "say": ""}],
    }


_COLUMNS = {
    "z": "z",
    "a": "a",
    "slope": "slope σ′(z)",
    "quadraticError": "δ quadratic",
    "crossEntropyError": "δ cross-entropy",
    "ratio": "times as steep",
}


def as_text(state: dict[str, Any]) -> str:
    """The slopes at some z, as a table."""
    rows = [list(_COLUMNS.values()), *([number(row[name]) for name in _COLUMNS] for row in state["told"])]
    return f"{state['label']}\n{table(rows)}"
