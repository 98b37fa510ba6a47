"""10.6: the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.lesson_10.shared import Array, all_nodes, depth_first, drawn_graph
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Node


def _cases_backward(rng: np.random.Generator) -> list[Case]:
    def case(label: str, parents: Sequence[Sequence[int]], sizes: Sequence[int], passed_on: Sequence[int] = (), stale: bool = False) -> Case:
        return Case(label, (drawn_graph(rng, parents, sizes, passed_on, stale),))

    return [
        case("a chain of three nodes", [[], [0], [1]], [3, 3, 1]),
        case("a diamond", [[], [0], [0], [1, 2]], [2, 3, 3, 1]),
        case("a sum of two nodes that are used again", [[], [], [0, 1], [0], [1], [2, 3, 4]], [2, 2, 2, 3, 3, 1], passed_on=[2]),
        case("the same, its last node's parents in another order", [[], [], [0, 1], [0], [1], [4, 3, 2]], [2, 2, 2, 3, 3, 1], passed_on=[2]),
        case("a diamond whose nodes hold gradients of an earlier call", [[], [0], [0, 1], [1, 2]], [3, 2, 3, 1], stale=True),
        case("one node alone", [[]], [1]),
    ]


def _sweep(
    order: Sequence[Node],
    seed: Callable[[Node], Any] = lambda root: np.ones_like(root.value),
    fresh: Callable[[Node], Any] = lambda node: np.zeros_like(node.value),
    join: Callable[[Any, Any], Any] = lambda so_far, more: so_far + more,
) -> None:
    """A backward pass through the nodes, the root last in `order`, with its three steps as given."""
    for node in order:
        node.grad = fresh(node)
    order[-1].grad = seed(order[-1])
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = join(parent.grad, vjp(node.grad))


def _backward(root: Node) -> None:
    _sweep(depth_first(root))


def _paths_summed(root: Node) -> list[Array]:
    """What arrives at each node along every single path from the root, added up."""
    total = {node.name: np.zeros_like(node.value) for node in all_nodes(root)}

    def walk(node: Node, g: Array) -> None:
        total[node.name] = total[node.name] + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            walk(parent, vjp(g))

    walk(root, np.ones_like(root.value))
    return [total[name] for name in sorted(total)]


def _whenever_met(root: Node) -> None:
    for node in all_nodes(root):
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)

    def push(node: Node) -> None:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)
            push(parent)

    push(root)


def _front_to_back(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in order:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


def _one_array_for_two(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = None
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            if parent.grad is None:
                parent.grad = vjp(node.grad)
            else:
                parent.grad += vjp(node.grad)


def _only_inputs_reset(root: Node) -> None:
    _sweep(depth_first(root), fresh=lambda node: node.grad if node.parents else np.zeros_like(node.value))


def _inputs_alone_keep(root: Node) -> None:
    _backward(root)
    for node in all_nodes(root):
        if node.parents:
            node.grad = np.zeros_like(node.value)


def _slopes_alone(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(np.ones_like(node.value))


def _first_parents_alone(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in list(zip(node.parents, node.vjps, strict=True))[:1]:
            parent.grad = parent.grad + vjp(node.grad)


EXERCISE = Exercise(
    id="10.6",
    name="backward",
    title="The backward pass",
    points=3,
    minutes=12,
    difficulty=3,
    drive="gradients",
    allows=("topological_order",),
    part="v{}.grad",
    cases=_cases_backward,
    reference=_backward,
    oracle=_paths_summed,
    hints=(
        "Three things, in this order: clean up, start, go back. What must every node's gradient be before anything is pushed? What is the root's?",
        "A node may push only when its own gradient is complete, that is when all its children have pushed. Which order of the nodes guarantees "
        "that?",
        "Set every gradient to zeros of the value's shape and the root's to ones. Go through the topological order from its end; for each parent and "
        "its VJP, add what the VJP makes of the node's gradient.",
    ),
    mistakes=(
        Mistake(
            "gradients of an earlier call kept",
            lambda root: _sweep(depth_first(root), fresh=lambda node: node.grad),
            "What an earlier call left in the nodes is still there, and the new gradients are added to it. Clean up first, all nodes.",
        ),
        Mistake(
            "the root's own gradient kept too",
            lambda root: _sweep(depth_first(root), seed=lambda root: root.grad + np.ones_like(root.value), fresh=lambda node: node.grad),
            "What an earlier call left is still there, even in the root, to which you add 1. Clean up first, all nodes; then the root is exactly 1.",
        ),
        Mistake(
            "only the inputs cleaned up",
            _only_inputs_reset,
            "You clean up the nodes without parents. Those in between hold gradients of an earlier call too, and push them on.",
        ),
        Mistake(
            "seed not 1",
            lambda root: _sweep(depth_first(root), seed=lambda root: root.value),
            "You start with the root's value. The root's gradient is the derivative of the root with respect to itself.",
        ),
        Mistake(
            "no seed",
            lambda root: _sweep(depth_first(root), seed=lambda root: np.zeros_like(root.value)),
            "All gradients are 0: nothing was there to push. What is the derivative of the root with respect to itself?",
        ),
        Mistake(
            "= for +=",
            lambda root: _sweep(depth_first(root), join=lambda so_far, more: more),
            "Where two children push to the same node, the later one overwrites the earlier. The node moves the root through both.",
        ),
        Mistake(
            "own gradient left out",
            _slopes_alone,
            "Each VJP is given ones, or the root's gradient. What a node passes on depends on what has arrived at that node.",
        ),
        Mistake(
            "order not turned round",
            _front_to_back,
            "You go through the nodes in the order of computing, so the inputs push first, when nothing has arrived at them. Where does the "
            "gradient start?",
        ),
        Mistake(
            "pushed before complete",
            _whenever_met,
            "You go on to a parent as soon as one child has pushed. When a second child pushes later, the parent passes on again what it had passed "
            "on before. When is a node's gradient complete?",
        ),
        Mistake(
            "one array for two gradients",
            _one_array_for_two,
            "A VJP may hand on the very array that it was given, as that of a sum does. Two nodes then hold the same array, and adding to one in "
            "place "
            "changes the other. Where does your code change an array that it did not make?",
        ),
        Mistake(
            "only the first parent",
            _first_parents_alone,
            "Of each node only the first parent gets something. Every parent moved it.",
        ),
        Mistake(
            "results in between wiped out",
            _inputs_alone_keep,
            "The inputs are right, and the gradients of all nodes in between are 0. Asked is the gradient of every node.",
        ),
    ),
)
