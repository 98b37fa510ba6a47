"""The exercises of lesson 10, from backpropagation to autodiff, with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Graph, Node, Shape

Array = np.ndarray
Program = Sequence[Sequence[Any]]


# ---- 10.1 a variable that remembers -------------------------------------------------------------------------------


class Var:
    """A number that remembers what it was made from."""

    slope_of_sum: Callable[[float, float], tuple[float, float]] = staticmethod(lambda a, b: (1.0, 1.0))
    slope_of_product: Callable[[float, float], tuple[float, float]] = staticmethod(lambda a, b: (b, a))

    def __init__(self, value: float, parents: Any = (), slopes: Any = ()) -> None:
        self.value, self.parents, self.slopes, self.grad = value, parents, slopes, 0.0

    def __add__(self, other: Any) -> Any:
        return type(self)(self.value + other.value, (self, other), self.slope_of_sum(self.value, other.value))

    def __mul__(self, other: Any) -> Any:
        return type(self)(self.value * other.value, (self, other), self.slope_of_product(self.value, other.value))

    def push(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope * self.grad


class _Overwrites(Var):
    def push(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad = slope * self.grad


class _EachParentOnce(Var):
    def push(self) -> None:
        for parent, slope in dict(zip(self.parents, self.slopes, strict=True)).items():
            parent.grad += slope * self.grad


class _FirstParentOnly(Var):
    def push(self) -> None:
        for parent, slope in list(zip(self.parents, self.slopes, strict=True))[:1]:
            parent.grad += slope * self.grad


class _SlopesAlone(Var):
    def push(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad += slope


class _Multiplies(Var):
    def push(self) -> None:
        for parent, slope in zip(self.parents, self.slopes, strict=True):
            parent.grad = (parent.grad or 1.0) * slope * self.grad


class _Forgets(Var):
    def __init__(self, value: float, parents: Any = (), slopes: Any = ()) -> None:
        super().__init__(value)


def _with_slopes(of_sum: Any = Var.slope_of_sum, of_product: Any = Var.slope_of_product) -> type[Var]:
    return type("Var", (Var,), {"slope_of_sum": staticmethod(of_sum), "slope_of_product": staticmethod(of_product)})


def _cases_program(rng: np.random.Generator) -> list[Case]:
    programs: list[tuple[str, int, Program]] = [
        ("x·y + z, every number used once", 3, [["*", 0, 1], ["+", 3, 2]]),
        ("x·y + x", 2, [["*", 0, 1], ["+", 2, 0]]),
        ("x·x", 1, [["*", 0, 0]]),
        ("(x + y)·(x·y)", 2, [["+", 0, 1], ["*", 0, 1], ["*", 2, 3]]),
        ("s = x + x, then s·s·s + y", 2, [["+", 0, 0], ["*", 2, 2], ["*", 3, 2], ["+", 4, 1]]),
    ]
    return [Case(label, ((rng.uniform(0.4, 1.6, size=n) * rng.choice([-1, 1], size=n)).tolist(), steps)) for label, n, steps in programs]


def _program_oracle(inputs: Sequence[float], steps: Program) -> list[Array]:
    def values(moved: int = -1) -> list[complex]:
        """Every value; the one at `moved` is nudged into the complex plane, and all that follow feel it."""
        found: list[complex] = []
        for k in range(len(inputs) + len(steps)):
            if k < len(inputs):
                found.append(inputs[k])
            else:
                operation, left, right = steps[k - len(inputs)]
                found.append(found[left] + found[right] if operation == "+" else found[left] * found[right])
            if k == moved:
                found[k] += 1e-30j
        return found

    return [np.real(values()), np.array([np.imag(values(k)[-1]) / 1e-30 for k in range(len(inputs) + len(steps))])]


VAR = Exercise(
    id="10.1",
    name="Var",
    title="A number that remembers what it was made from",
    points=3,
    minutes=14,
    difficulty=2,
    drive="program",
    part=("the value", "the gradient"),
    cases=_cases_program,
    reference=Var,
    oracle=_program_oracle,
    hints=(
        "A result needs three things: its value, the two Vars that it was made from, and for each of them one number: how fast the result moves "
        "when that one moves.",
        "A sum moves as fast as either of its terms. A product moves with its first factor at a speed that the other factor sets. Make the result "
        "with the class itself: `Var(value, parents, slopes)`.",
        "In `push`, each parent gets its slope times the node's own gradient. The parent may have received something from elsewhere before: "
        "what comes now joins it.",
    ),
    mistakes=(
        Mistake(
            "= for +=",
            _Overwrites,
            "A number that is used twice keeps only the last gradient that was pushed to it. It moves the result along both ways. What should happen "
            "to the gradient that is there already?",
        ),
        Mistake(
            "x·x counted once",
            _EachParentOnce,
            "Where both operands are the same number, only one of the two uses is counted. Does your list of parents, a dictionary perhaps, hold "
            "the same Var twice?",
        ),
        Mistake(
            "only the first parent",
            _FirstParentOnly,
            "The second operand gets nothing. Both moved the result. Does a `return` or the end of a loop stand too early?",
        ),
        Mistake(
            "own gradient left out",
            _SlopesAlone,
            "Each parent gets the bare slope of the operation. That is how the node moves with its parent; but how does the end result move with "
            "the node?",
        ),
        Mistake(
            "ways multiplied",
            _Multiplies,
            "What arrives at a number on two ways is multiplied. Along one way slopes multiply; what do different ways do?",
        ),
        Mistake(
            "nothing pushed back",
            _Forgets,
            "The values are right, and no gradient leaves the last node. Do the results know what they were made from? And does `push` change its "
            "parents' gradients, or its own?",
        ),
        Mistake(
            "slopes of a product swapped",
            _with_slopes(of_product=lambda a, b: (a, b)),
            "In a product each factor gets its own value as its slope. Move the first factor of 3·5 by a little: by how much of it does the product "
            "move?",
        ),
        Mistake(
            "slopes of a product 1",
            _with_slopes(of_product=lambda a, b: (1.0, 1.0)),
            "A product hands its gradient on unchanged, as if it had the slopes of a sum. Are its slopes 1 and 1, or does `push` leave them out? "
            "Move the first factor of 3·5 by a little: by how much of it does the product move?",
        ),
        Mistake(
            "slopes of a sum as of a product",
            _with_slopes(of_sum=lambda a, b: (b, a)),
            "Your sum has the slopes of a product. Move the first term of 3 + 5 by a little: by how much of it does the sum move?",
        ),
        Mistake(
            "slopes of a sum are values",
            _with_slopes(of_sum=lambda a, b: (a, b)),
            "In a sum each term gets its own value as its slope. Does the speed at which 3 + 5 moves with its first term depend on the 3?",
        ),
        Mistake(
            "slopes of a product are the product",
            _with_slopes(of_product=lambda a, b: (a * b, a * b)),
            "Both slopes of your product are the product itself. Hold one factor fixed: the product is then a constant times the other. Which "
            "constant?",
        ),
    ),
)


# ---- graphs, for 10.2 and 10.6 --------------------------------------------------------------------------------------


def _graph(
    rng: np.random.Generator, parents: Sequence[Sequence[int]], sizes: Sequence[int] = (), passed_on: Sequence[int] = (), stale: bool = False
) -> Graph:
    """A graph of columns, its root a number, with names that say nothing about its order; nodes in `passed_on` hand their gradient on as it is."""
    sizes = sizes or [1] * len(parents)
    shapes = [*((n, 1) for n in sizes[:-1]), ()]
    names = [f"v{k}" for k in rng.permutation(len(parents))]
    nodes = [(names[k], rng.normal(size=shapes[k]), tuple(row), rng.normal(size=shapes[k]) if stale else 0.0) for k, row in enumerate(parents)]
    jacobians = [tuple(None if k in passed_on else rng.normal(size=(sizes[k], sizes[p])) for p in row) for k, row in enumerate(parents)]
    return Graph(tuple(nodes), tuple(jacobians))


def _all_nodes(root: Node) -> list[Node]:
    found, todo = {root.name: root}, [root]
    while todo:
        for parent in todo.pop().parents:
            if parent.name not in found:
                found[parent.name] = parent
                todo.append(parent)
    return [found[name] for name in sorted(found)]


# ---- 10.2 an order ----------------------------------------------------------------------------------------------------


def _cases_order(rng: np.random.Generator) -> list[Case]:
    random: list[list[int]] = [[], [], *(rng.choice(k, size=2, replace=False).tolist() for k in range(2, 8))]
    last = [k for k in range(8) if all(k not in row for row in random)]
    graphs: dict[str, list[list[int]]] = {
        "a diamond: two ways from the root to one input": [[], [0], [0], [1, 2]],
        "a long way and a short way to the same input": [[], [0], [1], [2], [0, 3]],
        "the same with the long way first": [[], [0], [1], [2], [3, 0]],
        "a node that uses its parent twice": [[], [0, 0], [1, 0]],
        "one node alone": [[]],
        f"{len(random) + 1} nodes at random": [*random, last],
    }
    return [Case(label, (_graph(rng, parents),)) for label, parents in graphs.items()]


def _depth_first(root: Node) -> list[Node]:
    order: list[Node] = []

    def visit(node: Node) -> None:
        if node not in order:
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(root)
    return order


def _by_rounds(root: Node) -> list[str]:
    """Round after round, every node whose parents have all been taken."""
    waiting, order = _all_nodes(root), []
    while waiting:
        ready = [node for node in waiting if all(parent.name in order for parent in node.parents)]
        order += [node.name for node in ready]
        waiting = [node for node in waiting if node not in ready]
    return order


def _names(got: Any) -> list[str] | None:
    if not isinstance(got, list) or not all(isinstance(item, str | Node) for item in got):
        return None
    return [str(item) for item in got]


def _in_order(names: Sequence[str], root: Node) -> bool:
    """Whether all parents among the names stand before their children."""
    place = {name: k for k, name in enumerate(names)}
    return all(
        place[parent.name] < place[node.name] for node in _all_nodes(root) if node.name in place for parent in node.parents if parent.name in place
    )


def _holds_order(got: Any, root: Node) -> bool:
    names = _names(got)
    return names is not None and sorted(names) == [node.name for node in _all_nodes(root)] and _in_order(names, root)


def _right_or(test: Callable[[list[str], Node], bool]) -> Callable[..., bool]:
    """A mistake need not show in every graph: there the order is right."""

    def recognise(got: Any, root: Node) -> bool:
        names = _names(got)
        return names is not None and (_holds_order(got, root) or test(names, root))

    return recognise


def _missing(names: Sequence[str], root: Node) -> set[str]:
    return {node.name for node in _all_nodes(root)} - set(names)


def _only_missing(which: Callable[[Node], set[str]]) -> Callable[..., bool]:
    return _right_or(lambda names, root: len(set(names)) == len(names) and _missing(names, root) == which(root) and _in_order(names, root))


def _inputs(root: Node) -> set[str]:
    return {node.name for node in _all_nodes(root) if not node.parents}


def _every_way(root: Node) -> list[Node]:
    return [each for parent in root.parents for each in _every_way(parent)] + [root]


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
    if names is None:
        return "Expected a list of the nodes themselves, something else came back."
    strange = [name for name in names if name not in {node.name for node in _all_nodes(root)}]
    if strange:
        return f"Your list holds {strange[0]!r}, which is not a node of the graph."
    if missing := sorted(_missing(names, root)):
        return f"Your list misses {' and '.join(missing)}. Every node that the root rests on belongs to it, however far back."
    if twice := [name for name in names if names.count(name) > 1]:
        return f"{twice[0]} stands {names.count(twice[0])} times in your list. Every node belongs to it once."
    for node in _all_nodes(root):
        for parent in node.parents:
            if names.index(node.name) < names.index(parent.name):
                return f"{node.name} stands before {parent.name}, which is one of its parents."
    return None


TOPOLOGICAL_ORDER = Exercise(
    id="10.2",
    name="topological_order",
    title="Every node once, parents before children",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_order,
    reference=_depth_first,
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
            recognise=_right_or(lambda names, root: len(set(names)) < len(names)),
        ),
        Mistake(
            "root left out",
            lambda root: _depth_first(root)[:-1],
            "The root itself is not in your list. It rests on all others, so it comes last.",
            recognise=_only_missing(lambda root: {root.name}),
        ),
        Mistake(
            "inputs left out",
            lambda root: [node for node in _depth_first(root) if node.parents],
            "The nodes without parents are not in your list. These are the inputs and parameters, the very ones whose gradients are wanted.",
            recognise=_only_missing(_inputs),
        ),
        Mistake(
            "back to front",
            lambda root: _depth_first(root)[::-1],
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


# ---- 10.3 the product of matrices -----------------------------------------------------------------------------------------


def _cases_matmul(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k, m in ((3, 3, 3), (2, 4, 3), (3, 2, 1)):
        args = (rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m)))
        cases.append(Case(f"A {n}×{k}, B {k}×{m}", args))
    return cases


def _matmul_vjp(A: Array, B: Array, G: Array) -> list[Array]:
    return [G @ B.T, A.T @ G]


def _matmul_oracle(A: Array, B: Array, G: Array) -> list[Array]:
    return [oracles.gradient(lambda moved: np.sum(G * (moved @ B)), A), oracles.gradient(lambda moved: np.sum(G * (A @ moved)), B)]


MATMUL_VJP = Exercise(
    id="10.3",
    name="matmul_vjp",
    title="How a gradient goes back through a matrix product",
    points=2,
    minutes=8,
    difficulty=2,
    part=("the gradient of A", "the gradient of B"),
    cases=_cases_matmul,
    reference=_matmul_vjp,
    oracle=_matmul_oracle,
    hints=(
        "Go by shapes: the gradient of A has A's shape. Which of the three matrices can be multiplied, and how, so that this shape comes out?",
        "In components: entry (i, k) of A goes into every entry of row i of the product, each time with a weight from row k of B. Add up what "
        "comes back.",
        "For A, G stands on the left and B transposed on the right. For B it is the mirror image: A transposed stands on the left.",
    ),
    mistakes=(
        Mistake(
            "swapped",
            lambda A, B, G: _matmul_vjp(A, B, G)[::-1],
            "Both gradients are right, in the wrong order: the first belongs to A.",
        ),
        Mistake(
            "untransposed",
            lambda A, B, G: [G @ B, A @ G],
            "G meets B and A as they stand. Only square matrices let that pass. In the sum for A, which index of B is summed over?",
        ),
        Mistake(
            "factors in the other order",
            lambda A, B, G: [B.T @ G, G @ A.T],
            "The right matrices, multiplied in the wrong order; only square ones let that pass. Row i of A's gradient comes from row i of G.",
        ),
        Mistake(
            "gradient of A untransposed",
            lambda A, B, G: [G @ B, A.T @ G],
            "The gradient of B is right. In that of A you take B as it stands: which of its indices does the sum run over?",
        ),
        Mistake(
            "gradient of B untransposed",
            lambda A, B, G: [G @ B.T, A @ G],
            "The gradient of A is right. In that of B you take A as it stands: which of its indices does the sum run over?",
        ),
        Mistake(
            "results transposed",
            lambda A, B, G: [(G @ B.T).T, (A.T @ G).T],
            "Both results are transposed. A gradient has the shape of what it belongs to, entry for entry.",
        ),
        Mistake(
            "own matrix used",
            lambda A, B, G: [G @ A.T, B.T @ G],
            "A's gradient is made from A, and B's from B. In a product each factor's slope is the other factor.",
        ),
        Mistake(
            "G left out",
            lambda A, B, G: _matmul_vjp(A, B, np.ones_like(G)),
            "Your gradients do not depend on G, as if every entry of the product counted 1. G says how much each of them counts.",
        ),
        Mistake(
            "averaged over the columns",
            lambda A, B, G: [part / G.shape[1] for part in _matmul_vjp(A, B, G)],
            "You divide by the number of columns. A product of matrices knows nothing of examples; a mean comes from the cost, and is in G already.",
        ),
        Mistake(
            "only the gradient of A averaged",
            lambda A, B, G: [G @ B.T / G.shape[1], A.T @ G],
            "In A's gradient you divide by the number of columns, as BP4 does. A product of matrices knows nothing of examples; a mean comes from "
            "the "
            "cost, and is in G already.",
        ),
    ),
)


# ---- 10.4 broadcasting undone ------------------------------------------------------------------------------------------------


def _cases_broadcast(rng: np.random.Generator) -> list[Case]:
    pairs = (
        ((3, 1), (3, 5)),
        ((3, 3), (3, 3)),
        ((4,), (3, 4)),
        ((1, 3), (3, 3)),
        ((), (2, 3)),
        ((3, 1), (2, 3, 4)),
        ((2, 1, 4), (2, 3, 4)),
        ((2, 1), (2, 1)),
    )
    return [Case(f"{shape} broadcast to {result}", (rng.normal(size=result), Shape(shape))) for shape, result in pairs]


def _unbroadcast(G: Array, shape: Sequence[int], total: Any = np.sum, leading: bool = False, ones: bool = True) -> Any:
    G = total(G, axis=tuple(range(G.ndim - len(shape))), keepdims=leading)
    first = G.ndim - len(shape)
    return total(G, axis=tuple(first + k for k, n in enumerate(shape) if n == 1), keepdims=ones)


def _unbroadcast_oracle(G: Array, shape: Sequence[int]) -> Array:
    return oracles.gradient(lambda moved: np.sum(G * np.broadcast_to(moved, G.shape)), np.zeros(tuple(shape)))


def _first_copy(G: Array, axis: tuple[int, ...], keepdims: bool) -> Any:
    return G[tuple((slice(0, 1) if keepdims else 0) if k in axis else slice(None) for k in range(G.ndim))]


UNBROADCAST = Exercise(
    id="10.4",
    name="unbroadcast",
    title="Undo broadcasting",
    points=2,
    minutes=10,
    difficulty=3,
    cases=_cases_broadcast,
    reference=_unbroadcast,
    oracle=_unbroadcast_oracle,
    hints=(
        "Broadcasting copies. Every copy of an entry is one use of it. What does a number get that is used several times?",
        "Two things may have happened: axes were put in front, and axes of size 1 were stretched. Undo them one after the other.",
        "First sum over as many leading axes as G has too many. Then sum over the axes where `shape` says 1, and keep these axes: `np.sum` has an "
        "argument for that.",
    ),
    mistakes=(
        Mistake(
            "size-1 axes not summed",
            lambda G, shape: np.sum(G, axis=tuple(range(G.ndim - len(shape)))),
            "You undo the axes that were put in front. An axis of size 1 was stretched as well: its one entry was used at every place along it.",
        ),
        Mistake(
            "size-1 axes lost",
            lambda G, shape: _unbroadcast(G, shape, ones=False),
            "You sum along the stretched axes, and they are gone. The operand has them, with size 1, and its gradient has the operand's shape.",
        ),
        Mistake(
            "leading axes kept",
            lambda G, shape: _unbroadcast(G, shape, leading=True),
            "Axes that broadcasting put in front stay, with size 1. The operand does not have them at all.",
        ),
        Mistake(
            "leading axes not summed",
            lambda G, shape: (
                np.sum(G, axis=tuple(G.ndim - len(shape) + k for k, n in enumerate(shape) if n == 1), keepdims=True) if len(shape) else G
            ),
            "You undo the stretched axes. But where G has more axes than the operand, broadcasting repeated the whole operand along each of them.",
        ),
        Mistake(
            "nothing summed",
            lambda G, shape: G,
            "You return G as it came. Where an entry was copied, several entries of G belong to it.",
        ),
        Mistake(
            "mean for sum",
            lambda G, shape: _unbroadcast(G, shape, total=np.mean),
            "You average over the copies. Each use moves the result by its whole share, and the shares add up.",
        ),
        Mistake(
            "first copy only",
            lambda G, shape: _unbroadcast(G, shape, total=_first_copy),
            "You take what arrives at the first copy. The other copies are the same entry too.",
        ),
        Mistake(
            "everything summed",
            lambda G, shape: np.full(tuple(shape), np.sum(G)),
            "Every entry gets the sum of all of G. Only the copies of one entry belong together.",
        ),
        Mistake(
            "summed where it was not stretched",
            lambda G, shape: (
                np.broadcast_to(_unbroadcast(np.sum(G, axis=-1, keepdims=True) * np.ones_like(G), shape), tuple(shape)) if len(shape) else np.sum(G)
            ),
            "You sum along the last axis in every case. Which axes were stretched stands in `shape`.",
        ),
    ),
)


# ---- 10.5 relu --------------------------------------------------------------------------------------------------------------


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (4, 2), (5, 1)):
        z = rng.uniform(0.1, 2.0, size=(n, m)) * np.where(np.arange(n * m).reshape(n, m) % 2, 1, -1)
        z[0, 0] = z[-1, -1] = 0.0  # the kink itself
        cases.append(Case(f"z {n}×{m}, two entries exactly 0", (rng.permutation(z, axis=0), _mixed_signs(rng, (n, m)))))
    return cases


def _mixed_signs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Both signs in both halves, so that no mask by sign can hide."""
    signs = np.where(np.arange(shape[0] * shape[1]).reshape(shape) // 2 % 2, 1, -1)
    return rng.uniform(0.3, 2.0, size=shape) * signs


def _relu_vjp(z: Array, G: Array) -> Array:
    return G * (z > 0)


RELU_VJP = Exercise(
    id="10.5",
    name="relu_vjp",
    title="How a gradient goes back through relu",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_relu,
    reference=_relu_vjp,
    # at 0 itself the agreed slope 0: a complex step leaves the real part, and with it the branch, as it is
    oracle=lambda z, G: oracles.gradient(lambda moved: np.sum(G * np.where(moved.real > 0, moved, 0)), z),
    hints=(
        "Where z is positive relu passes a change on unchanged. Where z is negative a small change of z does nothing.",
        "So each entry of G passes, or it does not. Which array decides: z, the output, or G?",
        "Multiply G by a mask that is True where z is above 0. At exactly 0 this course takes the slope 0.",
    ),
    mistakes=(
        Mistake(
            "mask ≥ 0 on the output",
            lambda z, G: G * (np.maximum(z, 0) >= 0),
            "Your mask lets everything pass: the output of relu is never below 0. Public courses print this line. What do you want to know of z?",
        ),
        Mistake(
            "passes at 0",
            lambda z, G: G * (z >= 0),
            "All is right but the entries where z is exactly 0. There this course takes the slope 0.",
        ),
        Mistake(
            "half at 0",
            lambda z, G: G * np.heaviside(z, 0.5),
            "All is right but the entries where z is exactly 0: you take the slope ½ there. Any value between 0 and 1 can be argued for; this "
            "course takes 0.",
        ),
        Mistake(
            "relu of G",
            lambda z, G: np.maximum(G, 0),
            "You cut off negative gradients. A gradient may well be negative; whether it passes depends on z.",
        ),
        Mistake(
            "masked by z and by G",
            lambda z, G: G * (z > 0) * (G > 0),
            "The mask of z is right. But you also drop what is negative in G: a gradient may well be negative.",
        ),
        Mistake(
            "output for slope",
            lambda z, G: G * np.maximum(z, 0),
            "You multiply by the output of relu. Its slope is asked: how fast it moves, not how large it is.",
        ),
        Mistake("G left out", lambda z, G: 1.0 * (z > 0), "That is the slope of relu. What arrives from behind has to be carried through it."),
        Mistake(
            "mask turned round",
            lambda z, G: G * (z <= 0),
            "Gradients pass where z is negative and stop where it is positive. Where does relu react to a small change of z?",
        ),
        Mistake(
            "sign for mask",
            lambda z, G: G * np.sign(z),
            "Where z is negative you turn the gradient's sign. Does relu fall there when z rises?",
        ),
        Mistake("z for slope", lambda z, G: G * z, "You multiply by z itself. Relu's slope is asked: how fast it moves when z moves."),
    ),
)


# ---- 10.6 the backward pass ----------------------------------------------------------------------------------------------------


def _cases_backward(rng: np.random.Generator) -> list[Case]:
    def case(label: str, parents: Sequence[Sequence[int]], sizes: Sequence[int], passed_on: Sequence[int] = (), stale: bool = False) -> Case:
        return Case(label, (_graph(rng, parents, sizes, passed_on, stale),))

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
    _sweep(_depth_first(root))


def _paths_summed(root: Node) -> list[Array]:
    """What arrives at each node along every single path from the root, added up."""
    total = {node.name: np.zeros_like(node.value) for node in _all_nodes(root)}

    def walk(node: Node, g: Array) -> None:
        total[node.name] = total[node.name] + g
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            walk(parent, vjp(g))

    walk(root, np.ones_like(root.value))
    return [total[name] for name in sorted(total)]


def _whenever_met(root: Node) -> None:
    for node in _all_nodes(root):
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)

    def push(node: Node) -> None:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)
            push(parent)

    push(root)


def _front_to_back(root: Node) -> None:
    order = _depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in order:
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(node.grad)


def _one_array_for_two(root: Node) -> None:
    order = _depth_first(root)
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
    _sweep(_depth_first(root), fresh=lambda node: node.grad if node.parents else np.zeros_like(node.value))


def _inputs_alone_keep(root: Node) -> None:
    _backward(root)
    for node in _all_nodes(root):
        if node.parents:
            node.grad = np.zeros_like(node.value)


def _slopes_alone(root: Node) -> None:
    order = _depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in zip(node.parents, node.vjps, strict=True):
            parent.grad = parent.grad + vjp(np.ones_like(node.value))


def _first_parents_alone(root: Node) -> None:
    order = _depth_first(root)
    for node in order:
        node.grad = np.zeros_like(node.value)
    root.grad = np.ones_like(root.value)
    for node in reversed(order):
        for parent, vjp in list(zip(node.parents, node.vjps, strict=True))[:1]:
            parent.grad = parent.grad + vjp(node.grad)


BACKWARD = Exercise(
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
            lambda root: _sweep(_depth_first(root), fresh=lambda node: node.grad),
            "What an earlier call left in the nodes is still there, and the new gradients are added to it. Clean up first, all nodes.",
        ),
        Mistake(
            "the root's own gradient kept too",
            lambda root: _sweep(_depth_first(root), seed=lambda root: root.grad + np.ones_like(root.value), fresh=lambda node: node.grad),
            "What an earlier call left is still there, even in the root, to which you add 1. Clean up first, all nodes; then the root is exactly 1.",
        ),
        Mistake(
            "only the inputs cleaned up",
            _only_inputs_reset,
            "You clean up the nodes without parents. Those in between hold gradients of an earlier call too, and push them on.",
        ),
        Mistake(
            "seed not 1",
            lambda root: _sweep(_depth_first(root), seed=lambda root: root.value),
            "You start with the root's value. The root's gradient is the derivative of the root with respect to itself.",
        ),
        Mistake(
            "no seed",
            lambda root: _sweep(_depth_first(root), seed=lambda root: np.zeros_like(root.value)),
            "All gradients are 0: nothing was there to push. What is the derivative of the root with respect to itself?",
        ),
        Mistake(
            "= for +=",
            lambda root: _sweep(_depth_first(root), join=lambda so_far, more: more),
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


# ---- 10.7 log-sum-exp -----------------------------------------------------------------------------------------------------------


def _cases_log_sum_exp(rng: np.random.Generator) -> list[Case]:
    cases = [Case(f"z {n}×{m}", (rng.normal(size=(n, m)), rng.normal(size=(1, m)))) for n, m in ((3, 3), (4, 2), (3, 1))]
    far = rng.normal(size=(3, 2)) + np.array([[1000.0, -1000.0]])
    return [*cases, Case("z 3×2, one column near 1000, one near -1000", (far, rng.normal(size=(1, 2))))]


def _softmax(z: Array, axis: int | None = 0) -> Array:
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _log_sum_exp(z: Array) -> Array:
    top = z.real.max(axis=0, keepdims=True)
    return top + np.log(np.sum(np.exp(z - top), axis=0, keepdims=True))


LOG_SUM_EXP_VJP = Exercise(
    id="10.7",
    name="log_sum_exp_vjp",
    title="How a gradient goes back through log Σ exp",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_log_sum_exp,
    reference=lambda z, g: g * _softmax(z),
    oracle=lambda z, g: oracles.gradient(lambda moved: np.sum(g * _log_sum_exp(moved)), z),
    hints=(
        "Take one column. Differentiate log(e^z1 + e^z2 + …) with respect to z1: first the logarithm, then what is inside. Where have you met the "
        "fraction that comes out?",
        "Each column has its own fraction and its own entry of g. A row of shape (1, m) times a matrix (n, m) scales columns.",
        "e to the power of 1000 is infinite in float64. Numerator and denominator may be divided by the same number: subtract each column's largest "
        "entry before exp.",
    ),
    mistakes=(
        Mistake(
            "overflow",
            lambda z, g: g * np.exp(z) / np.exp(z).sum(axis=0, keepdims=True),
            "The formula is right, and float64 is not large enough for e to the power of 1000, nor fine enough for -1000. What may you subtract "
            "from a "
            "whole column without changing the fraction?",
        ),
        Mistake(
            "one shift for all columns",
            lambda z, g: g * np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=0, keepdims=True),
            "You subtract the largest entry of all of z. In a column that lies far below it every exp becomes 0. Each column needs a shift of its "
            "own.",
        ),
        Mistake(
            "shift along the rows",
            lambda z, g: g * np.exp(z - z.max(axis=1, keepdims=True)) / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=0, keepdims=True),
            "You subtract the largest entry of each row. That changes the fractions: all entries of one column must be shifted by the same number.",
        ),
        Mistake(
            "no softmax",
            lambda z, g: g * np.ones_like(z),
            "Every entry of a column gets the same, as if the column had been summed. A larger z counts more in log Σ exp: which function says "
            "how much?",
        ),
        Mistake(
            "shared equally",
            lambda z, g: g * np.ones_like(z) / len(z),
            "Every entry of a column gets the same share, as if the column had been averaged. A larger z counts more: which function says how much?",
        ),
        Mistake(
            "exp without its sum",
            lambda z, g: g * np.exp(z),
            "You carry g through exp. Behind it stands a logarithm of a sum, and its slope is a factor too.",
        ),
        Mistake(
            "shifted exp without its sum",
            lambda z, g: g * np.exp(z - z.max(axis=0, keepdims=True)),
            "The largest entry of each column gets all of g, and the others something on top. Divide by what makes the shares of a column add up "
            "to 1.",
        ),
        Mistake(
            "softmax along the rows",
            lambda z, g: g * _softmax(z, axis=1),
            "Your shares add up to 1 along each row. A column is one example, and log Σ exp was taken down each column.",
        ),
        Mistake(
            "softmax over everything",
            lambda z, g: g * _softmax(z, axis=None),
            "Your shares add up to 1 over all of z. A column is one example, and its shares add up to 1 by themselves.",
        ),
        Mistake(
            "g scales the rows",
            lambda z, g: g.T * _softmax(z),
            "Your g multiplies rows; where z is not square that does not even fit. Each column is one example, and has its own entry of g.",
        ),
        Mistake(
            "g left out",
            lambda z, g: _softmax(z),
            "That is the slope. How much each column counts stands in g.",
        ),
        Mistake(
            "softmax's own VJP",
            lambda z, g: np.zeros_like(z),
            "All zeros: this is what the VJP of softmax makes of the same g for a whole column. Softmax is the slope of log Σ exp here, not a "
            "step on "
            "the way.",
        ),
        Mistake(
            "largest entry only",
            lambda z, g: g * (z == z.max(axis=0, keepdims=True)),
            "Only the largest entry of each column gets something: that is the VJP of the maximum. log Σ exp is a soft maximum, and all entries "
            "count.",
        ),
        Mistake(
            "log of softmax",
            lambda z, g: g * (z - _log_sum_exp(z)),
            "You multiply g by the logarithm of the shares. The slope is the share itself.",
        ),
        Mistake(
            "g summed",
            lambda z, g: np.sum(g) * _softmax(z),
            "Every column gets the sum of all of g. Each column has its own entry.",
        ),
    ),
)


EXERCISES = (VAR, TOPOLOGICAL_ORDER, MATMUL_VJP, UNBROADCAST, RELU_VJP, BACKWARD, LOG_SUM_EXP_VJP)
