"""10.2: every node once, parents before children."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.lesson_10.shared import all_nodes, depth_first, drawn_graph
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Named, Node


def _cases_order(rng: np.random.Generator) -> list[Case]:
    random: list[list[int]] = [[], [], *(rng.choice(k, size=2, replace=False).tolist() for k in range(2, 8))]
    last = [k for k in range(8) if all(k not in row for row in random)]
    graphs: dict[str, list[list[int]]] = {
        "a diamond: two ways from the root to one input": [[], [0], [0], [1, 2]],
        "a long way and a short way to the same input": [[], [0], [1], [2], [1, 3], [0, 4]],
        "the same with the long way first": [[], [0], [1], [2], [3, 1], [4, 0]],
        "a node that uses its parent twice, and one with three parents": [[], [], [0, 0], [2, 1, 0]],
        "one node alone": [[]],
        f"{len(random) + 1} nodes at random": [*random, last],
    }
    equal = Case("a diamond whose nodes have equal values", (drawn_graph(rng, [[], [0], [0], [1, 2]], alike=True),))
    return [*(Case(label, (drawn_graph(rng, parents),)) for label, parents in graphs.items()), equal]


def _by_rounds(root: Node) -> list[Node]:
    """Round after round, every node whose parents have all been taken."""
    waiting: list[Node] = all_nodes(root)
    order: list[Node] = []
    while waiting:
        ready = [node for node in waiting if all(parent in order for parent in node.parents)]
        order += ready
        waiting = [node for node in waiting if node not in ready]
    return order


def _names(got: Any) -> list[str] | None:
    if not isinstance(got, list) or not all(isinstance(item, Named | Node) for item in got):
        return None
    return [str(item) for item in got]


def _in_order(names: Sequence[str], root: Node) -> bool:
    """Whether all parents among the names stand before their children."""
    place = {name: k for k, name in enumerate(names)}
    return all(
        place[parent.name] < place[node.name] for node in all_nodes(root) if node.name in place for parent in node.parents if parent.name in place
    )


def _holds_order(got: Any, root: Node) -> bool:
    names = _names(got)
    return names is not None and sorted(names) == [node.name for node in all_nodes(root)] and _in_order(names, root)


def _right_or(test: Callable[[list[str], Node], bool]) -> Callable[..., bool]:
    """A mistake need not show in every graph: there the order is right."""

    def recognise(got: Any, root: Node) -> bool:
        names = _names(got)
        return names is not None and (_holds_order(got, root) or test(names, root))

    return recognise


def _missing(names: Sequence[str], root: Node) -> set[str]:
    return {node.name for node in all_nodes(root)} - set(names)


def _only_missing(which: Callable[[Node], set[str]]) -> Callable[..., bool]:
    return _right_or(lambda names, root: len(set(names)) == len(names) and _missing(names, root) == which(root) and _in_order(names, root))


def _inputs(root: Node) -> set[str]:
    return {node.name for node in all_nodes(root) if not node.parents}


def _every_way(root: Node) -> list[Node]:
    return [each for parent in root.parents for each in _every_way(parent)] + [root]


def _ways(root: Node) -> dict[str, int]:
    """How many ways lead from the root to each node."""
    return dict(Counter(node.name for node in _every_way(root)))


def _before_its_parents(root: Node) -> list[Node]:
    order: list[Node] = []

    def visit(node: Node) -> None:
        if node not in order:
            order.append(node)
            for parent in node.parents:
                visit(parent)

    visit(root)
    return order[::-1]


def _explain_order(got: Any, root: Node) -> str | None:
    names = _names(got)
    texts = [item for item in got if type(item) is str] if isinstance(got, list) else []
    if texts and len(texts) == len(got):
        return "Your list holds text. Asked are the nodes themselves, not their names."
    if texts:
        return f"Your list holds {texts[0]!r}, which is not a node of the graph."
    if names is None:
        return "Expected a list of the nodes themselves, something else came back."
    strange = [name for name in names if name not in {node.name for node in all_nodes(root)}]
    if strange:
        return f"Your list holds {strange[0]!r}, which is not a node of the graph."
    if missing := sorted(_missing(names, root)):
        return f"Your list misses {' and '.join(missing)}. Every node that the root rests on belongs to it, however far back."
    if twice := [name for name in names if names.count(name) > 1]:
        return f"{twice[0]} stands {names.count(twice[0])} times in your list. Every node belongs to it once."
    for node in all_nodes(root):
        for parent in node.parents:
            if names.index(node.name) < names.index(parent.name):
                return f"{node.name} stands before {parent.name}, which is one of its parents."
    return None


EXERCISE = Exercise(
    id="10.2",
    name="topological_order",
    title="Every node once, parents before children",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_order,
    reference=depth_first,
    oracle=_by_rounds,
    accepts=_holds_order,
    explain=_explain_order,
    hints=(
        "When may a node be put on the list? When all its parents are on it. So deal with the parents first, whatever it takes, then with the node.",
        "That is a recursion: to visit a node, visit each of its parents, then append the node. A node may be reached on many ways: how do you "
        "notice "
        "that you have been there?",
        "Keep a set of the nodes seen and return at once from a visit to one of them. The order of the two remaining lines decides: first the loop "
        "over the parents, then the append.",
    ),
    mistakes=(
        Mistake(
            "visits twice",
            _every_way,
            "A node stands in your list several times, once for each way that leads to it. With many ways that list grows without bound. How do you "
            "notice that you have been at a node?",
            recognise=_right_or(lambda names, root: all(names.count(name) == ways for name, ways in _ways(root).items())),
        ),
        Mistake(
            "root left out",
            lambda root: depth_first(root)[:-1],
            "The root itself is not in your list. It rests on all others, so it comes last.",
            recognise=_only_missing(lambda root: {root.name}),
        ),
        Mistake(
            "inputs left out",
            lambda root: [node for node in depth_first(root) if node.parents],
            "The nodes without parents are not in your list. These are the inputs and parameters, the very ones whose gradients are wanted.",
            recognise=_only_missing(_inputs),
        ),
        Mistake(
            "back to front",
            lambda root: depth_first(root)[::-1],
            "Your order is right for going back from the result, and asked is the order of computing: parents before children, the root last.",
            recognise=_right_or(lambda names, root: not _missing(names, root) and _in_order(names[::-1], root)),
        ),
        Mistake(
            "parents after children",
            _before_its_parents,
            "Some node stands before one of its parents. Does it go on the list before all its parents have been dealt with, or in the order in "
            "which it is met? Follow your code where a long way and a short way lead to the same input.",
            recognise=_right_or(lambda names, root: not _missing(names, root) and len(set(names)) == len(names) and not _in_order(names, root)),
        ),
    ),
)
