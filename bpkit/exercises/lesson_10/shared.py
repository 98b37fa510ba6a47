"""What several exercises of lesson 10 need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpkit.exercises.run import Graph, Node
from bpkit.exercises.slips import Slip

Array = np.ndarray


def drawn_graph(
    rng: np.random.Generator,
    parents: Sequence[Sequence[int]],
    sizes: Sequence[int] = (),
    passed_on: Sequence[int] = (),
    stale: bool = False,
    alike: bool = False,
) -> Graph:
    """A graph of columns, its root a number, with names that say nothing about its order.

    Nodes in `passed_on` hand their gradient on as it is; if `alike`, all nodes have the same numbers, so that no value tells two of them apart.
    """
    sizes = sizes or [1] * len(parents)
    shapes = [*((n, 1) for n in sizes[:-1]), ()]
    names = [f"v{k}" for k in rng.permutation(len(parents))]
    values = [np.ones(shape) if alike else rng.normal(size=shape) for shape in shapes]
    nodes = [(names[k], values[k], tuple(row), rng.normal(size=shapes[k]) if stale else 0.0) for k, row in enumerate(parents)]
    jacobians = [tuple(None if k in passed_on else rng.normal(size=(sizes[k], sizes[p])) for p in row) for k, row in enumerate(parents)]
    return Graph(tuple(nodes), tuple(jacobians))


def all_nodes(root: Node) -> list[Node]:
    found, todo = {root.name: root}, [root]
    while todo:
        for parent in todo.pop().parents:
            if parent.name not in found:
                found[parent.name] = parent
                todo.append(parent)
    return [found[name] for name in sorted(found)]


def depth_first(root: Node) -> list[Node]:
    order: list[Node] = []

    def visit(node: Node) -> None:
        if node not in order:
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


# what goes wrong where an error goes back through relu; `slope` gets z, or the output in its place, `arriving` the error that has arrived
RELU = (
    Slip(
        "slope",
        lambda a: np.maximum(a, 0) >= 0,
        "everything passes",
        "Everything passes back, as if nothing were ever off. A mask that asks the output for ≥ 0 does that, since no output of relu is below 0; "
        "public courses print one. What do you want to know of z?",
    ),
    Slip(
        "slope",
        lambda a: np.maximum(a, 0),
        "output for slope",
        "You multiply by the output of relu. Its slope is asked: how fast it moves, not how large it is.",
    ),
    Slip(
        "slope",
        lambda a: a <= 0,
        "mask turned round",
        "Gradients pass where z is negative and stop where it is positive. Where does relu react to a small change of z?",
    ),
    Slip(
        "slope",
        lambda a: np.where(a > 0, 1, -1),
        "-1 for off",
        "What is off passes back the negative of its gradient. Relu is flat there: nothing is passed back.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda a: a > 1e-3,
        "a tolerance above 0",
        "What is on by very little passes nothing in your answer. However little it is above 0, relu is on: compare with 0 itself.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda a: (a > 0) & (a < 1),
        "cut off above 1",
        "Where z is larger than 1 nothing passes in your answer. Relu has no upper limit: it rises wherever z is above 0.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda a: (a > 0) & (a < 6),
        "cut off where z is large",
        "Where z is large nothing passes in your answer. Relu has no upper limit: it rises wherever z is above 0.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda a: np.where(a > 0, 1, 0.01),
        "leaky",
        "What is off passes back a hundredth. That is the slope of leaky relu; this one cuts off at 0.",
        alone=True,
    ),
    Slip(
        "arriving",
        lambda G: np.maximum(G, 0),
        "negative gradients cut off, too",
        "The mask of relu is right. But you also drop what is negative in the gradient that arrives: it may well be negative and has to pass.",
    ),
    Slip(
        "arriving",
        np.abs,
        "size of the gradient",
        "The mask is right. Of the gradient that arrives you pass on the size alone: its sign belongs to it.",
        alone=True,
    ),
    Slip(
        "arriving",
        np.negative,
        "sign",
        "Every entry has the opposite sign. The slope of relu is never negative, and what passes keeps its sign.",
        alone=True,
    ),
)
