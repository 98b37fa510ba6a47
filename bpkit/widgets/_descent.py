"""Gradient descent with momentum on a bowl and in a ravine, its learning rate and its memory under the hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, style, table

SURFACES = {"bowl": (1.0, 1.0), "ravine": (1.0, 25.0)}  # curvatures along w₁ and w₂
ETA = (0.01, 2.5)
MU_MAX = 0.99
REACH = (10.0, 3.2)  # of the picture, in w₁ and w₂
GOAL = 1e-3  # arrived: this share of the cost at the start
LONGEST = 2000  # steps that are tried before one gives up
_TOLD = (("bowl", 0.1, 0.0), ("bowl", 1.0, 0.0), ("bowl", 1.9, 0.0), ("bowl", 2.1, 0.0), ("ravine", 0.02, 0.0), ("ravine", 0.075, 0.0),
         ("ravine", 0.082, 0.0), ("ravine", 0.082, 0.5), ("ravine", 1 / 9, 4 / 9), ("ravine", 1 / 9, 0.9))  # fmt: skip


class Descent(CourseWidget):
    """What `descent` returns."""

    _esm = module("descent")
    _css = style("forward_pass", "descent")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def descent(surface: str = "ravine", eta: float = 0.02, mu: float = 0.0, start: tuple[float, float] = (-9.0, 1.5)) -> Descent:
    """Choose bowl or ravine, slide η (← →) and μ (↑ ↓), click where to start; the path and its cost follow at once.

    Parameters
    ----------
    surface : "bowl" or "ravine"
    eta, mu : float
        Learning rate from 0.01 to 2.5, and 0 ≤ μ ≤ 0.99.
    start : (float, float)
        Within (±10, ±3.2).

    Returns
    -------
    Descent
        Shows itself in a notebook; `str()` says in words what some η and μ do, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the surface has another name, or a number is out of its range.

    Examples
    --------
    >>> print(descent())
    Gradient descent with momentum: cost ½ (c₁ w₁² + c₂ w₂²), from (−9.00, 1.50)
    surface       η      μ  largest η  factor along  factor across  steps to 1/1000
       bowl   0.100      0       2.00         0.900          0.900               33
       bowl    1.00      0       2.00             0              0                1
       bowl    1.90      0       2.00        −0.900         −0.900               33
       bowl    2.10      0       2.00         −1.10          −1.10         diverges
     ravine  0.0200      0     0.0800         0.980          0.500              158
     ravine  0.0750      0     0.0800         0.925         −0.875               41
     ravine  0.0820      0     0.0800         0.918          −1.05         diverges
     ravine  0.0820  0.500      0.120         0.761          0.707               15
     ravine   0.111  0.444      0.116         0.667         −0.667               16
     ravine   0.111  0.900      0.152         0.949          0.949               68
    """
    begin = state(surface, eta, mu, start)
    return Descent(begin, _still(begin))


def _still(state: dict[str, Any]) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    curvature = SURFACES[state["surface"]]
    path = trajectory(curvature, state["start"], state["eta"], state["mu"], 60)
    title = f"{state['surface']}, η = {number(state['eta'])}, μ = {number(state['mu'])}"
    return plots.picture(plots.descent({title: path}, curvature, reach=REACH)).html


def trajectory(curvature: tuple[float, float], start: tuple[float, float], eta: float, mu: float, steps: int) -> np.ndarray:
    """Where each step leads, v ← μ v - η c w and w ← w + v, from rest: (steps + 1, 2).

    A path that has left for good, beyond 10⁶, ends there.
    """
    c, w, v = np.asarray(curvature), np.asarray(start, dtype=float), np.zeros(2)
    path = [w]
    for _ in range(steps):
        v = mu * v - eta * c * w
        w = w + v
        path.append(w)
        if np.abs(w).max() > 1e6:
            break
    return np.array(path)


def rate(c: float, eta: float, mu: float) -> tuple[float, str]:
    """By what a step multiplies the distance in a direction of curvature c, in the long run, and how it moves there.

    The factor is the larger root of r² - (1 + μ - ηc) r + μ = 0; for a complex pair its size, √μ.

    Examples
    --------
    >>> rate(25.0, 0.082, 0.0)
    (-1.0500000000000003, 'diverges')
    """
    p = 1 + mu - eta * c
    inner = p * p - 4 * mu
    if inner < -1e-12:
        return float(np.sqrt(mu)), "swings"
    factor = (p + np.copysign(np.sqrt(max(inner, 0.0)), p)) / 2
    if abs(factor) > 1 + 1e-12:
        return float(factor), "diverges"
    if abs(factor) < 1e-12:
        return 0.0, "arrives"
    return float(factor), "jumps" if factor < 0 else "walks"


def at(surface: str, eta: float, mu: float, start: tuple[float, float]) -> dict[str, Any]:
    """Everything about one choice.

    Parameters
    ----------
    surface : str
    eta, mu : float
    start : (float, float)

    Returns
    -------
    dict
        "limit", the η at which it begins to diverge; "along" and "across", each [factor, how]; "steps" after which the
        cost stays below a thousandth of the start's, None if it does not within 2000.
    """
    c = SURFACES[surface]
    path = trajectory(c, start, eta, mu, LONGEST)
    costs = (np.asarray(c) * path**2).sum(axis=1) / 2
    above = np.flatnonzero(costs > GOAL * costs[0])
    last = int(above[-1]) + 1
    return {
        "surface": surface,
        "eta": float(eta),
        "mu": float(mu),
        "limit": 2 * (1 + mu) / max(c),
        "along": list(rate(c[0], eta, mu)),
        "across": list(rate(c[1], eta, mu)),
        "steps": last if last < len(path) else None,
    }


def state(surface: str, eta: float, mu: float, start: tuple[float, float]) -> dict[str, Any]:
    """Where to begin, as JSON; from there on the browser computes.

    Parameters
    ----------
    surface : str
    eta, mu : float
    start : (float, float)

    Returns
    -------
    dict
        What was given; "surfaces", "reach", "etaRange", "muMax", "goal" and "longest" for the browser; "told", what `at` says
        for some choices; "steps", of which there is one.
    """
    if surface not in SURFACES:
        raise ValueError(f"descent: surface is {surface!r}, expected one of {', '.join(SURFACES)}")
    if not ETA[0] <= eta <= ETA[1]:
        raise ValueError(f"descent: eta is {eta}, expected a number from {ETA[0]:g} to {ETA[1]:g}")
    if not 0 <= mu <= MU_MAX:
        raise ValueError(f"descent: mu is {mu}, expected a number from 0 to {MU_MAX:g}")
    if len(start) != 2 or not all(abs(w) <= most for w, most in zip(start, REACH, strict=True)) or not any(start):
        raise ValueError(f"descent: start is {start}, expected two numbers within ±{REACH[0]:g} and ±{REACH[1]:g}, not both 0")
    begin = (float(start[0]), float(start[1]))
    return {
        "label": f"Gradient descent with momentum: cost ½ (c₁ w₁² + c₂ w₂²), from ({number(begin[0])}, {number(begin[1])})",
        "surface": surface,
        "eta": float(eta),
        "mu": float(mu),
        "start": list(begin),
        "surfaces": {name: list(c) for name, c in SURFACES.items()},
        "reach": list(REACH),
        "etaRange": list(ETA),
        "muMax": MU_MAX,
        "goal": GOAL,
        "longest": LONGEST,
        "told": [at(*told, begin) for told in _TOLD],
        "steps": [{"title": "Choose η and μ", "say": ""}],
    }


_COLUMNS = ("surface", "η", "μ", "largest η", "factor along", "factor across", "steps to 1/1000")


def as_text(state: dict[str, Any]) -> str:
    """What some choices of η and μ do, as a table."""
    rows = [list(_COLUMNS)]
    for told in state["told"]:
        diverges = "diverges" in (told["along"][1], told["across"][1])
        end = "diverges" if diverges else "more than 2000" if told["steps"] is None else str(told["steps"])
        numbers = (told["eta"], told["mu"], told["limit"], told["along"][0], told["across"][0])
        rows.append([told["surface"], *map(number, numbers), end])
    return f"{state['label']}\n{table(rows)}"
