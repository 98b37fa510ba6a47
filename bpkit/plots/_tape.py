"""A tape: its nodes in the order of computing, above them who uses whom, below them what comes back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyBboxPatch, PathPatch, Polygon
from matplotlib.path import Path

from bpkit.core.tape import Var
from bpkit.exhibits.readable import number
from bpkit.exhibits.recording import Recording
from bpkit.language import translated
from bpkit.plots._house import INK, NEGATIVE, NEUTRAL, PAPER, POSITIVE, WIDTH, axes_for, drawing_on, house

_HALF = (0.43, 0.42)  # of a box, where the distance between two of them is 1
_FLAT = 0.36  # how high an arc rises for each node that it passes
_DASHED = (0, (2.2, 0.9))


@house
def tape(root: Var, names: Mapping[str, Var], ax: Axes | None = None, *, gradients: bool = True, title: str = "") -> Axes:
    """Draw what a number was made of as a tape: a box for each node, an arc above for each use, an arc below for each push.

    Parameters
    ----------
    root : bpkit.core.tape.Var
        A number made of numbers.
    names : name → Var
        What to call them; what has no name is v₁, v₂, … in the order of computing.
    ax : Axes
        Where to draw; a new figure when left out.
    gradients : bool
        Whether the backward pass is shown.
    title : str

    Returns
    -------
    Axes
        `show` finds its words there.

    Examples
    --------
    >>> x, y = Var(2.0), Var(3.0)
    >>> tape((x + y) * x, {"x": x, "y": y}).get_label()
    'Tape: x 2.00; y 3.00; v₁ = x + y 5.00; v₂ = v₁ · x 10.0. Back: v₂ gives v₁ 2.00, x 5.00; v₁ gives x 2.00, y 2.00. Gradients: x 7.00, y 2.00.'
    """
    read = Recording.of(root, names)
    n = len(read.entries)
    longest = max((arc.right - arc.left for arc in read.arcs()), default=0.4)
    top = _HALF[1] + _FLAT * (longest + 0.6) * 0.75 + 0.08
    bottom = top + 0.12 if gradients else _HALF[1] + 0.1
    width = min(WIDTH, 1.28 * n)
    ax = axes_for(ax, width, height=width * (top + bottom) / n + (0.45 if title else 0.1))
    drawing_on(ax, (-0.5, n - 0.5), (-bottom, top))
    if title:
        ax.set_title(title)
    size = width / n / 1.28  # of the letters
    largest = max((abs(push.amount) for pushes in read.pushes for push in pushes), default=1.0) or 1.0
    for arc in read.arcs():
        _arc(ax, arc.left, arc.right, 1, to_rgba(NEUTRAL, 0.9), 1.3, "-")
        if gradients:
            push = read.pushes[arc.child][arc.use]
            colour = POSITIVE if push.amount >= 0 else NEGATIVE
            spot = _arc(ax, arc.right, arc.left, -1, colour, 1.2 + 2.6 * abs(push.amount) / largest, "-" if push.amount >= 0 else _DASHED)
            text = ax.text(*spot, number(push.amount), ha="center", va="center", fontsize=10.5 * size, color=INK, zorder=5)
            text.set_bbox({"boxstyle": "round,pad=0.12", "facecolor": PAPER, "edgecolor": "none"})
    for k, entry in enumerate(read.entries):
        _box(ax, k, entry.name, entry.formula, entry.value, read.gradients[k] if gradients else None, size)
    ax.set_label(_in_words(read, gradients))
    return ax


def _arc(ax: Axes, start: float, end: float, side: int, colour: object, width: float, line: object) -> tuple[float, float]:
    """An arrow from one place to another, above the boxes (1) or below (-1); returns where its number stands."""
    foot = side * (_HALF[1] + 0.01)
    height = side * _FLAT * (abs(end - start) + 0.6)
    control = [(start, foot), (start, foot + height), (end, foot + height), (end, foot + side * 0.09)]
    path = Path(control, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    ax.add_patch(PathPatch(path, facecolor="none", edgecolor=colour, linewidth=width, linestyle=line, capstyle="butt", zorder=2))
    head = 0.045 + 0.008 * width
    corners = [(end, foot), (end - head, foot + side * 0.13), (end + head, foot + side * 0.13)]
    ax.add_patch(Polygon(corners, facecolor=colour, edgecolor="none", zorder=3))
    return (start + end) / 2, foot + 0.75 * height


def _box(ax: Axes, k: int, name: str, formula: str, value: float, gradient: float | None, size: float) -> None:
    half, tall = _HALF
    ax.add_patch(
        FancyBboxPatch(
            (k - half, -tall), 2 * half, 2 * tall, boxstyle="round,pad=0,rounding_size=0.08", facecolor=PAPER, edgecolor=INK, linewidth=1.3, zorder=4
        )
    )
    rows = [(name, 14.0, "bold")] + ([(formula, 10.5, "normal")] if formula else []) + [(number(value), 12.0, "normal")]
    if gradient is not None:
        rows.append((f"∂ {number(gradient)}", 12.0, "bold"))
    for y, (text, points, weight) in zip(np.linspace(0.28, -0.28, len(rows)), rows, strict=True):
        ax.text(k, y, text, ha="center", va="center", fontsize=points * size, weight=weight, zorder=5)


def _in_words(read: Recording, gradients: bool) -> str:
    item, part = translated("; "), translated(", ")
    made = item.join(f"{entry.name}{' = ' * bool(entry.formula)}{entry.formula} {number(entry.value)}" for entry in read.entries)
    words = f"Tape: {made}."
    if not gradients:
        return words
    gives = translated("gives")
    text = item.join(
        f"{read.entries[k].name} {gives} " + part.join(f"{read.entries[push.parent].name} {number(push.amount)}" for push in read.pushes[k])
        for k in reversed(range(len(read.entries)))
        if read.pushes[k]
    )
    inputs = part.join(f"{entry.name} {number(gradient)}" for entry, gradient in zip(read.entries, read.gradients, strict=True) if not entry.parents)
    return f"{words} Back: {text}. Gradients: {inputs}."
