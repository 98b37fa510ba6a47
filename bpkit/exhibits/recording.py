"""A small tape as a picture needs it: every node with its formula, and every push of the backward pass with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bpkit.core.tape import Var, topological_order
from bpkit.exhibits.readable import number, subscript, superscript

_BETWEEN = {"add": "+", "sub": "−", "mul": "·", "div": "/", "matmul": "·"}
_NAMES = {"sigmoid": "σ", "log_sum_exp": "log Σ exp"}


@dataclass(frozen=True)
class Entry:
    """One node: its name, what it is made of (empty for an input), its value, and the slope of each use of a parent."""

    name: str
    formula: str
    value: float
    parents: tuple[int, ...]
    slopes: tuple[float, ...]


@dataclass(frozen=True)
class Push:
    """What a node sends to one of its parents, and what the parent has before and after."""

    parent: int
    slope: float
    amount: float
    before: float
    after: float


@dataclass(frozen=True)
class Arc:
    """One use of a parent by a child as a line over the tape: which use of the child it is, and where it stands on both, in steps of a node."""

    parent: int
    child: int
    use: int
    left: float
    right: float


@dataclass(frozen=True)
class Recording:
    """The nodes in the order of computing, and for each of them its gradient and its pushes; the last node pushes first."""

    entries: tuple[Entry, ...]
    gradients: tuple[float, ...]
    pushes: tuple[tuple[Push, ...], ...]

    @classmethod
    def of(cls, root: Var, names: Mapping[str, Var]) -> Recording:
        """Read a tape of numbers.

        Parameters
        ----------
        root : Var
            A number made of numbers.
        names : name → Var
            What to call them. The named inputs come first; what has no name is called v₁, v₂, … in the order of computing.

        Raises
        ------
        ValueError
            If a node is an array of several numbers.

        Examples
        --------
        >>> x, y = Var(2.0), Var(3.0)
        >>> read = Recording.of((x + y) * x, {"x": x, "y": y})
        >>> [f"{entry.name} = {entry.formula}" for entry in read.entries if entry.formula]
        ['v₁ = x + y', 'v₂ = v₁ · x']
        >>> read.gradients
        (7.0, 2.0, 2.0, 1.0)
        """
        order = topological_order(root)
        first = [var for var in names.values() if not var.parents and var in order]
        order = first + [node for node in order if node not in first]
        told: dict[Var, str] = {}
        for node in order:
            if np.size(node.value) != 1:
                raise ValueError(f"a tape is drawn of single numbers, found an array of shape {node.value.shape}")
            given = [name for name, var in names.items() if var is node]
            told[node] = given[0] if given else f"v{subscript(1 + sum(text.startswith('v') for text in told.values()))}"
        place = {node: k for k, node in enumerate(order)}
        entries = tuple(
            Entry(
                told[node],
                _formula(node, [told[parent] for parent in node.parents]),
                float(node.value),
                tuple(place[parent] for parent in node.parents),
                tuple(float(vjp(np.ones_like(node.value))) for vjp in node.vjps),
            )
            for node in order
        )
        return cls(entries, *_backwards(entries))

    def arcs(self) -> tuple[Arc, ...]:
        """A line for each use; at every node long lines stand inside of short ones, so that those of one node do not cross.

        Examples
        --------
        >>> x = Var(2.0)
        >>> [(arc.parent, arc.child, round(arc.left, 2), round(arc.right, 2)) for arc in Recording.of(x * x, {"x": x}).arcs()]
        [(0, 1, 0.26, 0.74), (0, 1, 0.13, 0.87)]
        """
        uses = [(child - parent, use, parent, child) for child, entry in enumerate(self.entries) for use, parent in enumerate(entry.parents)]
        rightwards, leftwards, found = [0] * len(self.entries), [0] * len(self.entries), []
        for _, use, parent, child in sorted(uses):
            found.append(Arc(parent, child, use, parent + 0.26 - 0.13 * rightwards[parent], child - 0.26 + 0.13 * leftwards[child]))
            rightwards[parent] += 1
            leftwards[child] += 1
        return tuple(found)


def _backwards(entries: tuple[Entry, ...]) -> tuple[tuple[float, ...], tuple[tuple[Push, ...], ...]]:
    gradients = [0.0] * (len(entries) - 1) + [1.0]
    pushes: list[tuple[Push, ...]] = [()] * len(entries)
    for k in reversed(range(len(entries))):
        made = []
        for parent, slope in zip(entries[k].parents, entries[k].slopes, strict=True):
            before, amount = gradients[parent], slope * gradients[k]
            gradients[parent] = before + amount
            made.append(Push(parent, slope, amount, before, gradients[parent]))
        pushes[k] = tuple(made)
    return tuple(gradients), tuple(pushes)


def _formula(node: Var, parents: list[str]) -> str:
    """How a node is made; a constant among its operands is found from the numbers."""
    if not parents:
        return ""
    if len(parents) == 2:
        return f"{parents[0]} {_BETWEEN[node.made_by]} {parents[1]}"
    parent, value, at = parents[0], float(node.value), float(node.parents[0].value)
    slope = float(node.vjps[0](np.ones_like(node.value)))
    match node.made_by:
        case "add":
            return f"{parent} {'+' if value >= at else '−'} {number(abs(value - at))}"
        case "sub":
            return f"{parent} − {number(at - value)}" if slope > 0 else f"{number(value + at)} − {parent}"
        case "mul":
            return f"−{parent}" if slope == -1 else f"{number(slope)} · {parent}"
        case "power" if value and round(slope * at / value) == round(slope * at / value, 9):
            return f"{parent}{superscript(round(slope * at / value))}"
    return f"{_NAMES.get(node.made_by, node.made_by)}({parent})"
