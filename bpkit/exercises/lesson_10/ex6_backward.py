"""10.6: the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_10.shared import Array, all_nodes, depth_first, drawn_graph
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Node

Use = tuple[Node, Callable[[Any], Any]]


def _cases_backward(rng: np.random.Generator) -> list[Case]:
    def case(label: str, parents: Sequence[Sequence[int]], sizes: Sequence[int], passed_on: Sequence[int] = (), **how: bool) -> Case:
        return Case(label, (drawn_graph(rng, parents, sizes, passed_on, **how),))

    return [
        case("a chain of three nodes", [[], [0], [1]], [3, 3, 1]),
        case("a diamond", [[], [0], [0], [1, 2]], [2, 3, 3, 1]),
        case("a sum of two nodes that are used again", [[], [], [0, 1], [0], [1], [2, 3, 4]], [2, 2, 2, 3, 3, 1], passed_on=[2]),
        case("the same, its last node's parents in another order", [[], [], [0, 1], [0], [1], [4, 3, 2]], [2, 2, 2, 3, 3, 1], passed_on=[2]),
        case("a diamond whose nodes hold gradients of an earlier call", [[], [0], [0, 1], [1, 2]], [3, 2, 3, 1], stale=True),
        case("one node alone", [[]], [1]),
        case("a long way and a short way to the same node", [[], [0], [1], [2], [1, 3]], [2, 3, 2, 3, 1]),
        case("the same with the long way first", [[], [0], [1], [2], [3, 1]], [2, 3, 2, 3, 1]),
        case("nodes that use a parent twice", [[], [0, 0], [1, 1], [2, 0]], [3, 3, 2, 1], passed_on=[1]),
        case("a diamond whose nodes have equal values", [[], [0], [0], [1, 2]], [2, 2, 2, 1], alike=True),
    ]


Grads = dict[str, Array]


def _uses(node: Node) -> list[Use]:
    """Each parent with the VJP of that use of it."""
    return list(zip(node.parents, node.vjps, strict=True))


def _grads(
    order: Sequence[Node],
    seed: Callable[[Node], Any] = lambda root: np.ones_like(root.value),
    fresh: Callable[[Node], Any] = lambda node: np.zeros_like(node.value),
    join: Callable[[Any, Any], Any] = lambda so_far, more: so_far + more,
    uses: Callable[[Node], Sequence[Use]] = _uses,
    given: Callable[[Node, Any], Any] = lambda node, grad: grad,
) -> Grads:
    """The gradients by name after a backward pass through the nodes, the root last in `order`, with its steps as given."""
    grads = {node.name: fresh(node) for node in order}
    grads[order[-1].name] = seed(order[-1])
    for node in reversed(order):
        for parent, vjp in uses(node):
            grads[parent.name] = join(grads[parent.name], vjp(given(node, grads[node.name])))
    return grads


def _pass_with(**steps: Any) -> Callable[[Node], None]:
    """A backward pass with other steps."""

    def answer(root: Node) -> None:
        grads = _grads(depth_first(root), **steps)
        for node in all_nodes(root):
            node.grad = grads[node.name]

    return answer


def _backward(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


def _paths_summed(root: Node) -> list[Array]:
    """What arrives at each node along every single path from the root, added up."""
    total = {node.name: np.zeros_like(node.value) for node in all_nodes(root)}

    def walk(node: Node, g: Array) -> None:
        total[node.name] = total[node.name] + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            walk(parent, vjp(g))

    walk(root, np.ones_like(root.value))
    return [total[name] for name in sorted(total)]


# ---- what depends on the order in which an answer goes through the nodes is recognised in any order


def _orders(root: Node, before: Callable[[Node, Sequence[Node]], bool]) -> Iterator[list[Node]]:
    """Every order of the nodes, the root first, in which each may stand where it stands by what is before it; turned round, the root last."""

    def extend(order: list[Node], rest: list[Node]) -> Iterator[list[Node]]:
        if not rest:
            yield order[::-1]
        for node in rest:
            if before(node, order):
                yield from extend([*order, node], [other for other in rest if other is not node])

    yield from extend([root], [node for node in all_nodes(root) if node is not root])


def _complete(root: Node) -> Iterator[list[Node]]:
    """The orders in which all children of a node have pushed before it does."""
    children = {node.name: [child for child in all_nodes(root) if node in child.parents] for node in all_nodes(root)}
    return _orders(root, lambda node, order: all(child in order for child in children[node.name]))


def _met(root: Node) -> Iterator[list[Node]]:
    """The orders in which some child of a node has pushed before it does."""
    return _orders(root, lambda node, order: any(node in child.parents for child in order))


def _holds(got: Any, grads: Grads) -> bool:
    """Whether an answer left these gradients."""
    return agree(got, [grads[name] for name in sorted(grads)])


def _in_any(orders: Callable[[Node], Iterator[list[Node]]], *changes: dict[str, Any]) -> Callable[[Any, Node], bool]:
    """Recognises a backward pass with one of the changes, whichever of the orders it took."""
    return lambda got, root: any(_holds(got, _grads(order, **change)) for order in orders(root) for change in changes)


def _first_to_arrive(so_far: Any, more: Any) -> Any:
    return more if so_far is None else so_far


def _added_in_place(so_far: Any, more: Any) -> Any:
    if so_far is None:
        return more
    so_far += more
    return so_far


def _nothing(node: Node) -> Any:
    return None


ONE_USE = (
    {"uses": lambda node: list(dict(_uses(node)).items())},
    {"uses": lambda node: [use for k, use in enumerate(_uses(node)) if use[0] not in node.parents[:k]]},
)


def _vjp_by_index(node: Node) -> list[Use]:
    return [(parent, node.vjps[node.parents.index(parent)]) for parent in node.parents]


def _pushed_again(root: Node, walk: str, turned: bool = False) -> Grads:
    """A node pushes what it has whenever it is met: by recursion, after each of its pushes or after all, from a queue or a stack."""
    grads = {node.name: np.zeros_like(node.value) for node in all_nodes(root)}
    grads[root.name] = np.ones_like(root.value)

    def push(use: Use, node: Node) -> None:
        grads[use[0].name] = grads[use[0].name] + use[1](grads[node.name])

    def visit(node: Node) -> None:
        uses = _uses(node)[::-1] if turned else _uses(node)
        for use in uses:
            push(use, node)
            if walk == "each":
                visit(use[0])
        for parent, _ in uses if walk == "all" else ():
            visit(parent)

    if walk in ("each", "all"):
        visit(root)
        return grads
    todo = [root]
    while todo:
        node = todo.pop(0 if walk == "queue" else -1)
        for use in _uses(node)[::-1] if turned else _uses(node):
            push(use, node)
            todo.append(use[0])
    return grads


def _whenever_met(root: Node) -> None:
    grads = _pushed_again(root, "each")
    for node in all_nodes(root):
        node.grad = grads[node.name]


def _is_pushed_again(got: Any, root: Node) -> bool:
    return any(_holds(got, _pushed_again(root, walk, turned)) for walk in ("each", "all", "queue", "stack") for turned in (False, True))


def _depth_first_once(root: Node, turned: bool = False) -> Grads:
    """Every node is visited once, and goes on to a parent right after it has pushed to it."""
    grads = {node.name: np.zeros_like(node.value) for node in all_nodes(root)}
    grads[root.name] = np.ones_like(root.value)
    seen: list[Node] = []

    def visit(node: Node) -> None:
        seen.append(node)
        for parent, vjp in _uses(node)[::-1] if turned else _uses(node):
            grads[parent.name] = grads[parent.name] + vjp(grads[node.name])
            if parent not in seen:
                visit(parent)

    visit(root)
    return grads


def _are_late(got: Any, root: Node) -> bool:
    return _in_any(_met, {})(got, root) or any(_holds(got, _depth_first_once(root, turned)) for turned in (False, True))


def _along_each_way(root: Node, fresh: Callable[[Node], Any], join: Callable[[Any, Any], Any], turned: bool = False) -> Grads:
    """Every way from the root is walked by itself, and what arrives on it is joined to what is there."""
    grads = {node.name: fresh(node) for node in all_nodes(root)}

    def walk(node: Node, g: Any) -> None:
        grads[node.name] = join(grads[node.name], g)
        for parent, vjp in _uses(node)[::-1] if turned else _uses(node):
            walk(parent, vjp(g))

    walk(root, np.ones_like(root.value))
    return grads


def _walked(fresh: Callable[[Node], Any], join: Callable[[Any, Any], Any]) -> tuple[Callable[[Node], None], Callable[[Any, Node], bool]]:
    """An answer that walks every way, and what recognises it whichever way it takes first."""

    def answer(root: Node) -> None:
        grads = _along_each_way(root, fresh, join)
        for node in all_nodes(root):
            node.grad = grads[node.name]

    return answer, lambda got, root: any(_holds(got, _along_each_way(root, fresh, join, turned)) for turned in (False, True))


_LAST_WAY = _walked(_nothing, lambda so_far, more: more)
_ON_TOP = _walked(lambda node: node.grad, lambda so_far, more: so_far + more)


def _breadth_first(root: Node) -> None:
    order, queue = [], [root]
    while queue:
        node = queue.pop(0)
        order.append(node)
        queue += [parent for parent in dict.fromkeys(node.parents) if parent not in order and parent not in queue]
    grads = _grads(order[::-1])
    for node in order:
        node.grad = grads[node.name]


def _front_to_back(root: Node) -> None:
    order = depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in order:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


def _only_the_root(root: Node) -> None:
    for node in all_nodes(root):
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)


def _wiped_out(root: Node, also_the_root: bool) -> None:
    _backward(root)
    for node in all_nodes(root):
        if node.parents and (also_the_root or node is not root):
            node.grad = np.zeros_like(node.value)


EXERCISE = Exercise(
    id="10.6",
    equivalent={"constant, True → False": "parents and VJPs are as many, checked or not"},
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
            _pass_with(fresh=lambda node: node.grad),
            "What an earlier call left in the nodes is still there, and the new gradients are added to it. Clean up first, all nodes.",
        ),
        Mistake(
            "the root's own gradient kept too",
            _pass_with(seed=lambda root: root.grad + np.ones_like(root.value), fresh=lambda node: node.grad),
            "What an earlier call left is still there, even in the root, to which you add 1. Clean up first, all nodes; then the root is exactly 1.",
        ),
        Mistake(
            "new gradients added to earlier ones",
            _ON_TOP[0],
            "What you add up is right, and it comes on top of what an earlier call left in the nodes. Clean up first, all nodes.",
            recognise=_ON_TOP[1],
        ),
        Mistake(
            "the last way only",
            _LAST_WAY[0],
            "You follow every way from the root by itself, and each overwrites what an earlier one left at a node. The node moves the root on all of "
            "them.",
            recognise=_LAST_WAY[1],
        ),
        Mistake(
            "inputs not cleaned up",
            _pass_with(fresh=lambda node: np.zeros_like(node.value) if node.parents else node.grad),
            "You clean up the nodes that have parents. The inputs hold gradients of an earlier call too, and the new ones are added to them.",
        ),
        Mistake(
            "only the inputs cleaned up",
            _pass_with(fresh=lambda node: node.grad if node.parents else np.zeros_like(node.value)),
            "You clean up the nodes without parents. Those in between hold gradients of an earlier call too, and push them on.",
        ),
        Mistake(
            "seed not 1",
            _pass_with(seed=lambda root: root.value),
            "You start with the root's value. The root's gradient is the derivative of the root with respect to itself.",
        ),
        Mistake(
            "no seed",
            _pass_with(seed=lambda root: np.zeros_like(root.value)),
            "All gradients are 0: nothing was there to push. What is the derivative of the root with respect to itself? Is it set, and set after the "
            "cleaning?",
        ),
        Mistake(
            "nothing pushed",
            _only_the_root,
            "Only the root has a gradient, all others are 0. Does the root itself push, and does what it pushes get into its parents' `grad`?",
        ),
        Mistake(
            "VJPs not applied",
            _pass_with(uses=lambda node: [(parent, lambda g: g) for parent in node.parents]),
            "You hand each node's gradient on to its parents as it is. What becomes of it on the way back to a parent, that use's VJP says.",
        ),
        Mistake(
            "= for +=",
            _pass_with(join=lambda so_far, more: more),
            "Where two children push to the same node, the later one overwrites the earlier. The node moves the root through both.",
            recognise=_in_any(_complete, {"join": lambda so_far, more: more}),
        ),
        Mistake(
            "only the first to arrive",
            _pass_with(fresh=_nothing, join=_first_to_arrive),
            "A node keeps the first gradient that arrives, and what comes later is dropped. The node moves the root on every way that leads there.",
            recognise=_in_any(_complete, {"fresh": _nothing, "join": _first_to_arrive}),
        ),
        Mistake(
            "x·x counted once",
            _pass_with(**ONE_USE[0]),
            "Where a node uses the same parent twice, only one of the two uses counts. Does a set or a dictionary of parents hold it once?",
            recognise=_in_any(lambda root: iter([depth_first(root)]), *ONE_USE),
        ),
        Mistake(
            "the same VJP for both uses",
            _pass_with(uses=_vjp_by_index),
            "Where a node uses the same parent twice, the VJP of the first use serves for both. `index` finds the first place only: go through "
            "parents and VJPs side by side.",
        ),
        Mistake(
            "own gradient left out",
            _pass_with(given=lambda node, grad: np.ones_like(node.value)),
            "Each VJP is given ones, or the root's gradient. What a node passes on depends on what has arrived at that node.",
        ),
        Mistake(
            "value for gradient",
            _pass_with(given=lambda node, grad: node.value),
            "Each VJP is given its node's value. What goes back through it is the node's gradient.",
        ),
        Mistake(
            "order not turned round",
            _front_to_back,
            "The gradient comes no further than to the parents of the last node. Every node has to push, and only after all has arrived that "
            "arrives: in which order do you go through them, and through how many?",
        ),
        Mistake(
            "pushed before complete",
            _whenever_met,
            "You go on to a parent as soon as one child has pushed. When a second child pushes later, the parent passes on again what it had passed "
            "on before. When is a node's gradient complete?",
            recognise=_is_pushed_again,
        ),
        Mistake(
            "late arrivals not passed on",
            _breadth_first,
            "Every node pushes once, and some before all their children have pushed: what arrives later goes no further. Neither breadth first nor "
            "depth first from the root is order enough. When is a node's gradient complete?",
            recognise=_are_late,
        ),
        Mistake(
            "one array for two gradients",
            _pass_with(fresh=_nothing, join=_added_in_place),
            "A VJP may hand on the very array that it was given, as that of a sum does. Two nodes then hold the same array, and adding to one in "
            "place "
            "changes the other. Where does your code change an array that it did not make?",
            recognise=_in_any(_complete, {"fresh": _nothing, "join": _added_in_place}),
        ),
        Mistake(
            "only the first parent",
            _pass_with(uses=lambda node: _uses(node)[:1]),
            "Of each node only the first parent gets something. Every parent moved it.",
        ),
        Mistake(
            "results in between wiped out",
            lambda root: _wiped_out(root, also_the_root=True),
            "The inputs are right, and the gradients of all nodes in between are 0. Asked is the gradient of every node.",
        ),
        Mistake(
            "results in between wiped out, but for the root",
            lambda root: _wiped_out(root, also_the_root=False),
            "The root and the inputs are right, and the gradients of all nodes in between are 0. Asked is the gradient of every node.",
        ),
        Mistake(
            "VJPs from the end",
            _pass_with(uses=lambda node: list(zip(node.parents, node.vjps[::-1], strict=True))),
            "You go through the VJPs from the end, and through the parents from the beginning. The first VJP belongs to the first parent.",
        ),
        Mistake(
            "every gradient begins at 1",
            _pass_with(fresh=lambda node: np.ones_like(node.value)),
            "Every node begins with 1, the root and all others. Only the root's own gradient is 1 from the start; what do the others begin with?",
        ),
    ),
)
