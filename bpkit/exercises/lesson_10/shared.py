"""What several exercises of lesson 10 need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bpkit.exercises.run import Graph, Node

Array = np.ndarray


def drawn_graph(
    rng: np.random.Generator, parents: Sequence[Sequence[int]], sizes: Sequence[int] = (), passed_on: Sequence[int] = (), stale: bool = False
) -> Graph:
    """A graph of columns, its root a number, with names that say nothing about its order; nodes in `passed_on` hand their gradient on as it is."""
    sizes = sizes or [1] * len(parents)
    shapes = [*((n, 1) for n in sizes[:-1]), ()]
    names = [f"v{k}" for k in rng.permutation(len(parents))]
    nodes = [(names[k], rng.normal(size=shapes[k]), tuple(row), rng.normal(size=shapes[k]) if stale else 0.0) for k, row in enumerate(parents)]
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
