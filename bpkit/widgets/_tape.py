"""The backward pass of a tape, node by node: who pushes, what arrives, and what has been collected so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpkit.core.tape import Var
from bpkit.exhibits.readable import number
from bpkit.exhibits.recording import Recording
from bpkit.widgets._base import CourseWidget, can_plot, module, style

_MOST = 12


class Tape(CourseWidget):
    """What `tape` returns."""

    _esm = module("tape")
    _css = style("tape")

    def __init__(self, state: dict[str, Any], still: str = "") -> None:
        super().__init__(state)
        self._still = still

    def picture(self) -> str:
        return self._still or super().picture()

    def in_words(self) -> str:
        return as_text(self.state)


def tape(root: Var, names: Mapping[str, Var]) -> Tape:
    """Step through the backward pass of a tape: Next, Back, or ← →; ↑ ↓ go through what a node pushes.

    Parameters
    ----------
    root : bpkit.core.tape.Var
        A number made of numbers.
    names : name → Var
        What to call them; what has no name is v₁, v₂, … in the order of computing.

    Returns
    -------
    Tape
        Shows itself in a notebook; `str()` says the same in words, `.to_html()` is the same for any page.

    Raises
    ------
    ValueError
        If a node is an array of several numbers, or there are too many nodes to read.

    Examples
    --------
    >>> x, y = Var(2.0), Var(3.0)
    >>> print(tape((x + y) * x, {"x": x, "y": y}))
    The tape of v₂, forward and back
    0. Forward. Every node is computed from nodes before it: x = 2.00; y = 3.00; v₁ = x + y = 5.00; v₂ = v₁ · x = 10.0.
    1. The seed. v₂ moves with itself at speed 1: ∂v₂/∂v₂ = 1. All other gradients start at 0.
    2. v₂ pushes. Nobody used it, so its gradient is complete.
       v₂ gives v₁: 2.00 × 1.00 = 2.00, and v₁ has 2.00
       v₂ gives x: 5.00 × 1.00 = 5.00, and x has 5.00
    3. v₁ pushes. Its one user has pushed, so its gradient is complete.
       v₁ gives x: 1.00 × 2.00 = 2.00, and x has 5.00 + 2.00 = 7.00
       v₁ gives y: 1.00 × 2.00 = 2.00, and y has 2.00
    4. Complete. The inputs have nothing to push: ∂v₂/∂x = 7.00, ∂v₂/∂y = 2.00.
    """
    read = Recording.of(root, names)
    return Tape(state(read), _still(root, names))


def _still(root: Var, names: Mapping[str, Var]) -> str:
    if not can_plot():
        return ""
    from bpkit import plots

    return plots.picture(plots.tape(root, names)).html


# ── The state: all pushes, worked out once ────────────────────────────────────────────────────────────────────────────


def state(read: Recording) -> dict[str, Any]:
    """All that there is to show, as JSON.

    Returns
    -------
    dict
        "nodes" (name, formula, value); "arcs" (parent, child, use, left, right), a line for each use; "steps": forward, the
        seed, a step for each node that pushes, with "node", its "pushes" (parent, slope, amount, before, after, say), and in
        each step "gradients" by node, null before anything has arrived, and "complete", whether all users have pushed.
    """
    n, root = len(read.entries), read.entries[-1].name
    if n > _MOST:
        raise ValueError(f"tape draws up to {_MOST} nodes, found {n}")
    gradients: list[float | None] = [None] * n
    waiting = [sum(k in entry.parents for entry in read.entries) for k in range(n)]
    text = "; ".join(" = ".join(filter(None, (entry.name, entry.formula, number(entry.value)))) for entry in read.entries)
    steps: list[dict[str, Any]] = [{"title": "Forward", "say": f"Every node is computed from nodes before it: {text}."}]

    def show(**step: Any) -> None:
        complete = [left == 0 and gradient is not None for left, gradient in zip(waiting, gradients, strict=True)]
        steps.append({**step, "gradients": list(gradients), "complete": complete})

    gradients[-1] = 1.0
    say = f"{root} moves with itself at speed 1: ∂{root}/∂{root} = 1. All other gradients start at 0."
    show(title="The seed", say=say)
    users = list(waiting)
    for k in reversed(range(n)):
        if not read.pushes[k]:
            continue
        pushes = []
        for push in read.pushes[k]:
            pushes.append({**vars(push), "say": _told(read, k, push, gradients[push.parent] is None)})
            gradients[push.parent] = push.after
        for parent in set(read.entries[k].parents):
            waiting[parent] -= 1
        who = ("Nobody used it", "Its one user has pushed")[users[k]] if users[k] < 2 else f"Its {users[k]} users have pushed"
        show(title=f"{read.entries[k].name} pushes", say=f"{who}, so its gradient is complete.", node=k, pushes=pushes)
    inputs = ", ".join(f"∂{root}/∂{entry.name} = {number(read.gradients[k])}" for k, entry in enumerate(read.entries) if not entry.parents)
    show(title="Complete", say=f"The inputs have nothing to push: {inputs}.")
    steps[0] |= {"gradients": [None] * n, "complete": [False] * n}
    return {
        "label": f"The tape of {root}, forward and back",
        "nodes": [{"name": entry.name, "formula": entry.formula, "value": entry.value} for entry in read.entries],
        "arcs": [vars(arc) for arc in read.arcs()],
        "steps": steps,
    }


def _told(read: Recording, k: int, push: Any, first: bool) -> str:
    parent, child = read.entries[push.parent].name, read.entries[k].name
    amount = f"({number(push.amount)})" if push.amount < 0 else number(push.amount)
    has = number(push.after) if first else f"{number(push.before)} + {amount} = {number(push.after)}"
    gradient = read.gradients[k]
    return (
        f"{child} gives {parent}: {number(push.slope)} × {f'({number(gradient)})' if gradient < 0 else number(gradient)} = {number(push.amount)}, "
        f"and {parent} has {has}"
    )


def as_text(state: dict[str, Any]) -> str:
    """The state in words: every node, every push."""
    lines = [state["label"]]
    for count, step in enumerate(state["steps"]):
        lines.append(f"{count}. {step['title']}. {step['say']}")
        lines += [f"   {push['say']}" for push in step.get("pushes", ())]
    return "\n".join(lines)
