"""One neuron's batch under batch normalisation: move one example and see the others, and the paths of the gradient, move with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exhibits.readable import number
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

REACH = 4.0  # the example that moves goes from -4 to 4
STEP = 0.25
EPSILON = 1e-5
MODES = ("training", "evaluation")
PATHS = ("d: direct", "μ: mean", "s: width", "Σ: sum")


class NormalisationAndResiduals(CourseWidget):
    """What `normalisation_and_residuals` returns."""

    _esm = module("normalisation_and_residuals")
    _css = style("normalisation_and_residuals")
    _texts = ("names",)

    def picture(self) -> str:
        if not can_plot():
            return super().picture()
        from bpkit import plots

        return plots.picture(plots.who_moves_whom(self.state["tables"])).html

    def in_words(self) -> str:
        return as_text(self.state)


def normalisation_and_residuals(
    z: Sequence[float] = (-1.0, -0.5, 1.75, 0.5), g: Sequence[float] = (-1.0, 1.0, -0.25, 1.0)
) -> NormalisationAndResiduals:
    """Move example 1 with the slider or ← and →, switch between training and evaluation, and watch ẑ and the three paths.

    Parameters
    ----------
    z : sequence of 3 to 6 numbers
        The weighted inputs of one neuron at the start, from -4 to 4; their mean and variance are the running ones of evaluation.
    g : sequence of as many numbers
        The gradient behind the normalisation, ∂C/∂u with γ = 1. It is held where it is while z moves.

    Returns
    -------
    NormalisationAndResiduals
        Shows itself in a notebook; `str()` says it in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If the numbers are too few, too many or out of reach.

    Examples
    --------
    >>> print(str(normalisation_and_residuals()).splitlines()[0])
    Batch normalisation of one neuron, 4 examples; example 1 can be moved
    """
    return NormalisationAndResiduals(state(z, g))


def at(z: np.ndarray, g: np.ndarray, mean: float, variance: float, moves: bool) -> dict[str, Any]:
    """The normalised values and the paths back, for one mean and variance.

    Parameters
    ----------
    z, g : (m,)
    mean, variance : float
        What is subtracted, and the square of what is divided by, without ε.
    moves : bool
        Whether these two are functions of z, so that the gradient takes the paths through them.

    Returns
    -------
    dict
        "zHat" of the examples, "mean", "s", and "paths": direct, through the mean, through s, and their sum.
    """
    s = np.sqrt(variance + EPSILON)
    z_hat = (z - mean) / s
    direct = g / s
    paths = [direct, -np.full(len(z), direct.mean()) * moves, -z_hat * (direct * z_hat).mean() * moves]
    rows = [*paths, sum(paths)]
    return {"zHat": z_hat.tolist(), "mean": float(mean), "s": float(s), "paths": [(row + 0.0).tolist() for row in rows]}


def state(z: Sequence[float], g: Sequence[float]) -> dict[str, Any]:
    """Every place of example 1 with its numbers and words, as JSON.

    Raises
    ------
    ValueError
        If the numbers are too few, too many or out of reach.
    """
    start, back = np.array(z, dtype=float), np.array(g, dtype=float)
    if start.ndim != 1 or not 3 <= len(start) <= 6:
        raise ValueError(f"normalisation_and_residuals: z has shape {start.shape}, expected 3 to 6 numbers")
    if back.shape != start.shape:
        raise ValueError(f"normalisation_and_residuals: g has shape {back.shape}, expected {start.shape}, a number for each example")
    if not np.all(np.abs(start) <= REACH):
        raise ValueError(f"normalisation_and_residuals: z holds {start[np.argmax(np.abs(start))]:g}, expected numbers from {-REACH:g} to {REACH:g}")
    if not np.isfinite(back).all():
        raise ValueError(f"normalisation_and_residuals: g holds {back[~np.isfinite(back)][0]:g}, expected finite numbers")
    if np.ptp(start[1:]) == 0:
        raise ValueError("normalisation_and_residuals: the examples that stand still are all equal, expected two that differ")
    places = np.arange(-REACH, REACH + STEP / 2, STEP)
    steps = [_step(float(place), start, back) for place in places]
    largest = max(abs(value) for step in steps for mode in MODES for row in step[mode]["paths"] for value in row)
    here = int(np.argmin(np.abs(places - start[0])))
    return {
        "label": f"Batch normalisation of one neuron, {len(start)} examples; example 1 can be moved",
        "reach": REACH,
        "start": here,
        "rest": start[1:].tolist(),
        "names": list(PATHS),
        "largest": largest,
        "tables": {mode: _table(steps[here][mode], back) for mode in MODES},
        "steps": steps,
    }


def _step(place: float, start: np.ndarray, g: np.ndarray) -> dict[str, Any]:
    z = np.array([place, *start[1:]])
    told = {"training": at(z, g, z.mean(), z.var(), True), "evaluation": at(z, g, start.mean(), start.var(), False)}
    return {
        "title": f"z of example 1 = {number(place)}",
        "say": "",
        "z": z.tolist(),
        **{mode: {**told[mode], "say": _say(mode, place, told[mode])} for mode in MODES},
    }


def _table(told: dict[str, Any], g: np.ndarray) -> list[list[float]]:
    """How much of the cost each example's ẑ moves when the z of another does: row x, column x'; each column adds up to the gradient at z."""
    z_hat, m = np.array(told["zHat"]), len(g)
    jacobian = np.eye(m)
    if any(told["paths"][1]) or any(told["paths"][2]):
        jacobian = jacobian - 1 / m - np.outer(z_hat, z_hat) / m
    return plain(g[:, None] * jacobian / told["s"])


def _say(mode: str, place: float, told: dict[str, Any]) -> str:
    others = ", ".join(number(value) for value in told["zHat"][1:])
    by = f"{number(told['mean'])}, s {number(told['s'])}."
    total = sum(told["paths"][3])
    said = [f"z of example 1 is {number(place)}."]
    if mode == "training":
        said += [f"Mean {by}", f"The others' ẑ, whose z stand still: {others}.", f"The gradients at z add up to {number(round(total, 12) + 0.0)}."]
    else:
        said += [f"Running mean {by}", f"The others' ẑ stand still: {others}."]
        said += [f"Only the direct path is left; the gradients at z add up to {number(total)}."]
    return " ".join(said)


def as_text(state: dict[str, Any]) -> str:
    """Some places of example 1, each in both modes."""
    count = len(state["steps"])
    shown = sorted({0, state["start"], count - 1})
    return "\n".join([state["label"], *(f"{mode}: {state['steps'][k][mode]['say']}" for k in shown for mode in MODES)])
