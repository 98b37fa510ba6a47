"""Objectives as nets of arrays, and the backward pass through each of them, one array after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exhibits.arrangement import BETWEEN, CELL, TITLE, arrange
from bpkit.exhibits.objectives import Node, Objective, all_four
from bpkit.exhibits.readable import compact, number, shape_words
from bpkit.widgets._base import CourseWidget, can_plot, module, plain, style

_MOST = 4  # rows and columns of an array that can be read


class Objectives(CourseWidget):
    """What `objectives` returns."""

    _esm = module("objectives")
    _css = style("objectives")
    _texts = ("name",)

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def objectives(*nets: Objective) -> Objectives:
    """Choose an objective and step back through its net: Next, Back, or ← →; ↑ ↓ go through the uses of an array.

    Parameters
    ----------
    nets : Objective
        From bpkit.exhibits.objectives; the four of lesson 09 when left out.

    Returns
    -------
    Objectives
        Shows itself in a notebook; `str()` says the same in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If an array has more rows or columns than can be read.

    Examples
    --------
    >>> from bpkit.exhibits.objectives import example, ica
    >>> print(objectives(ica(**example("ICA reconstruction"))))
    Backward through ICA reconstruction
    0. ICA reconstruction, forward. ‖WᵀW x − x‖² = 46.6. W is used 2 times.
    1. ICA reconstruction, δF. δF = 1, 1 × 1. Every way back starts with it.
    2. ICA reconstruction, δq. δq = 1, 2 × 1, norm 1.41.
    3. ICA reconstruction, δr. δr = 2 r ⊙ δq, 2 × 1, norm 13.6.
    4. ICA reconstruction, δy. δy = δr, 2 × 1, norm 13.6.
    5. ICA reconstruction, δh. δh = W δy, 3 × 1, norm 32.6.
    6. ICA reconstruction, δW. δW = δh xᵀ + h δyᵀ, 3 × 2, norm 120. 2 uses: for h, norm 73.0; for y, norm 57.1.
    """
    nets = nets or all_four()
    return Objectives(state(nets), _still(nets[0]))


def _still(net: Objective) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.objective(net)).html


def state(nets: tuple[Objective, ...]) -> dict[str, Any]:
    """All steps of all nets, as JSON.

    Parameters
    ----------
    nets : tuple of Objective

    Returns
    -------
    dict
        "nets": for each "name", "formula", "width", "height", "first" (its first step), "boxes" (place, label, value, gradient, shared) and
        "arrows" (points, words). "steps": for each net the forward pass, then a step for each array with a gradient: "net", "node",
        "known" (arrays whose gradient stands there), "uses" (end, back, shape, norm, share) and "sum" of them.
    """
    for net in nets:
        for node in net.nodes:
            if max(node.value.shape) > _MOST:
                raise ValueError(f"objectives draws arrays of up to {_MOST} × {_MOST}, found {node.key} with {shape_words(node.value.shape)}")
    drawn: list[dict[str, Any]] = []
    steps: list[dict[str, Any]] = []
    for place, net in enumerate(nets):
        drawn.append({**_drawing(net), "first": len(steps)})
        steps += _steps(net, place)
    names = ", ".join(net.name for net in nets)
    return {
        "label": f"Backward through {names}",
        "heights": {"cell": CELL, "title": TITLE, "between": BETWEEN},
        "nets": drawn,
        "steps": steps,
    }


def _drawing(net: Objective) -> dict[str, Any]:
    drawn = arrange(net)
    boxes = [
        {
            "key": node.key,
            "label": node.label,
            "left": box.left,
            "top": box.top,
            "width": box.width,
            "height": box.height,
            "value": _cells(node.value),
            "gradient": None if node.gradient is None else _cells(node.gradient),
            "shared": _is_shared(net, node),
        }
        for node in net.nodes
        for box in (drawn.boxes[node.key],)
    ]
    arrows = [
        {
            "start": arrow.use.start,
            "end": arrow.use.end,
            "back": arrow.use.back,
            "points": [list(point) for point in arrow.points],
            "wordsAt": list(arrow.words_at),
            "shared": _is_shared(net, net[arrow.use.start]),
        }
        for arrow in drawn.arrows
    ]
    return {"name": net.name, "formula": net.formula, "width": drawn.width, "height": drawn.height, "boxes": boxes, "arrows": arrows}


def _is_shared(net: Objective, node: Node) -> bool:
    return node.gradient is not None and len(net.uses_of(node.key)) > 1


def _cells(array: np.ndarray) -> dict[str, Any]:
    """An array's numbers, and how they are written."""
    return {"values": plain(array), "texts": [[compact(value) for value in row] for row in array]}


def _steps(net: Objective, place: int) -> list[dict[str, Any]]:
    shared = [f"{node.key} is used {len(net.uses_of(node.key))} times" for node in net.nodes if _is_shared(net, node)]
    forward = f"{net.formula} = {number(net.value)}.{''.join(f' {words}.' for words in shared)}"
    made = [{"label": node.label, "shape": shape_words(node.value.shape), "norm": _norm(node.value)} for node in net.nodes if "=" in node.label]
    steps: list[dict[str, Any]] = [
        {"title": f"{net.name}, forward", "say": forward, "net": place, "node": None, "known": [], "uses": [], "made": made}
    ]
    known: list[str] = []
    for node in net.backward:
        assert node.gradient is not None
        known.append(node.key)
        uses = [
            {"end": use.end, "back": use.back, "shape": shape_words(use.share.shape), "norm": _norm(use.share), "share": _cells(use.share)}
            for use in net.uses_of(node.key)
            if use.share is not None
        ]
        shape, norm = shape_words(node.gradient.shape), _norm(node.gradient)
        steps.append(
            {
                "title": f"{net.name}, δ{node.key}",
                "say": _say(node.key, uses, shape, norm),
                "net": place,
                "node": node.key,
                "known": list(known),
                "uses": uses,
                "sum": {"shape": shape, "norm": norm},
            }
        )
    return steps


def _norm(array: np.ndarray) -> float:
    return float(np.linalg.norm(array))


def _say(key: str, uses: list[dict[str, Any]], shape: str, norm: float) -> str:
    if not uses:
        return f"δ{key} = 1, {shape}. Every way back starts with it."
    words = f"δ{key} = {' + '.join(use['back'] for use in uses)}, {shape}, norm {number(norm)}."
    if len(uses) > 1:
        told = "; ".join(f"for {use['end']}, norm {number(use['norm'])}" for use in uses)
        words += f" {len(uses)} uses: {told}."
    return words


def as_text(state: dict[str, Any]) -> str:
    """The steps in words."""
    return "\n".join([state["label"], *(f"{count}. {step['title']}. {step['say']}" for count, step in enumerate(state["steps"]))])
