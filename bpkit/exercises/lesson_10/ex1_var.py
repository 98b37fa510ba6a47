"""10.1: a number that remembers what it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Program = Sequence[Sequence[Any]]


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


Uses = list[tuple[Var, float]]


def _uses(node: Var) -> Uses:
    return list(zip(node.parents, node.slopes, strict=True))


def _pushing(
    uses: Callable[[Var], Any] = _uses, joined: Callable[[Var, float, Var], float] = lambda parent, slope, node: parent.grad + slope * node.grad
) -> Any:
    """A push that goes through `uses`, and leaves `joined` in each parent."""

    def push(node: Var) -> None:
        for parent, slope in uses(node):
            parent.grad = joined(parent, slope, node)

    return push


def _push_then_clear(node: Var) -> None:
    Var.push(node)
    node.grad = 0.0


def _push_on(node: Var) -> None:
    for parent, slope in _uses(node):
        parent.grad += slope * node.grad
        _push_on(parent)


def _read_before_written(node: Var) -> None:
    for parent, grad in [(parent, parent.grad + slope * node.grad) for parent, slope in _uses(node)]:
        parent.grad = grad


def _first_term_moved(self: Var, other: Any) -> Any:
    self.value += other.value
    return type(self)(self.value, (self, other), (1.0, 1.0))


def _first_factor_moved(self: Var, other: Any) -> Any:
    slopes = other.value, self.value
    self.value *= other.value
    return type(self)(self.value, (self, other), slopes)


def _made(forgetting: str = "", start: float = 0.0, **parts: Any) -> type[Var]:
    """A class with other slopes, another push, results of an operation that forget what they were made from, or gradients that do not begin at 0."""
    changed: dict[str, Any] = {name: staticmethod(part) if name.startswith("slope") else part for name, part in parts.items()}

    class Changed(Var):
        def __init__(self, value: float, parents: Any = (), slopes: Any = ()) -> None:
            super().__init__(value, parents, slopes)
            self.grad = start

    for name, part in changed.items():
        setattr(Changed, name, part)
    for method in forgetting.split():
        setattr(Changed, method, lambda self, other, method=method: Changed(getattr(Var, method)(self, other).value))
    return Changed


def _cases_program(rng: np.random.Generator) -> list[Case]:
    programs: list[tuple[str, int, Program]] = [
        ("x·y + z, every number used once", 3, [["*", 0, 1], ["+", 3, 2]]),
        ("x·y + x", 2, [["*", 0, 1], ["+", 2, 0]]),
        ("x·x", 1, [["*", 0, 0]]),
        ("(x + y)·(x·y)", 2, [["+", 0, 1], ["*", 0, 1], ["*", 2, 3]]),
        ("s = x + x, then s·s·s + y", 2, [["+", 0, 0], ["*", 2, 2], ["*", 3, 2], ["+", 4, 1]]),
    ]
    signs = rng.choice([-1, 1]) * np.array([1, -1, 1])  # both, so that some gradients are below 0
    cases = [Case(label, ((rng.uniform(0.4, 1.6, size=n) * signs[:n]).tolist(), steps)) for label, n, steps in programs]
    y, z = rng.uniform(0.4, 1.6, size=2).tolist()
    zeros: Program = [["*", 0, 1], ["*", 2, 3], ["+", 4, 5]]  # the first factor is 0 once, the second once
    return [*cases, Case("x·y + z·w, x and w are 0", ([0.0, y, z, 0.0], zeros)), Case("x·y + z, x and y are equal", ([y, y, z], programs[0][2]))]


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


EXERCISE = Exercise(
    id="10.1",
    equivalent={"constant, True → False": "parents and slopes are as many, checked or not"},
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
            "nothing pushed back",
            _made(forgetting="__add__ __mul__"),
            "The values are right, and no gradient leaves the last node. Do the results know what they were made from? And does `push` change its "
            "parents' gradients, or its own?",
        ),
        Mistake(
            "products push nothing back",
            _made(forgetting="__mul__"),
            "Sums push their gradients back, products do not. Does the result of a product know what it was made from, with a slope for each?",
        ),
        Mistake(
            "sums push nothing back",
            _made(forgetting="__add__"),
            "Products push their gradients back, sums do not. Does the result of a sum know what it was made from, with a slope for each?",
        ),
        Mistake(
            "gradients begin at 1",
            _made(start=1.0),
            "Every number begins with a gradient of 1, and what is pushed comes on top. Only the last result's is 1, and the check sets it.",
        ),
        Mistake(
            "push goes on by itself",
            _made(push=_push_on),
            "A push goes on to the parents of the parents, and they push again when their turn comes. `push` moves the gradient one step; whoever "
            "calls it sees to the order.",
        ),
        Mistake(
            "own gradient cleared",
            _made(push=_push_then_clear),
            "A node that has pushed is left with a gradient of 0. Every number is to keep its own.",
        ),
        Mistake(
            "slopes of sum and product exchanged",
            _made(slope_of_sum=lambda a, b: (b, a), slope_of_product=lambda a, b: (1.0, 1.0)),
            "Your sum has the slopes of a product, and your product those of a sum. Move the first term of 3 + 5, and the first factor of 3·5, by a "
            "little: how much does each result move?",
        ),
        Mistake(
            "sum for the value of a product",
            _made(__mul__=lambda self, other: type(self)(self.value + other.value, (self, other), (other.value, self.value))),
            "The gradients are those of a product and its value is that of a sum. Does your `__mul__` multiply the values?",
        ),
        Mistake(
            "a sum changes its first term",
            _made(__add__=_first_term_moved),
            "Your sum writes its value into its first term as well. Whoever uses that number later finds another one: make a new number, and leave "
            "the two as they are.",
        ),
        Mistake(
            "a product changes its first factor",
            _made(__mul__=_first_factor_moved),
            "Your product writes its value into its first factor as well. Whoever uses that number later finds another one: make a new number, and "
            "leave the two as they are.",
        ),
        *mistakes_of(
            _made,
            (
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: slope * node.grad),
                    "= for +=",
                    "A number that is used twice keeps only the last gradient that was pushed to it. It moves the result along both ways. What "
                    "should happen to the gradient that is there already?",
                ),
                Slip(
                    "push",
                    _read_before_written,
                    "x·x counted once",
                    "Where both operands are the same number, only one of the two uses is counted. Does your list of parents, a dictionary perhaps, "
                    "hold the same Var twice? Or are both gradients read before one is written?",
                ),
                Slip(
                    "push",
                    _pushing(uses=lambda node: _uses(node)[:1]),
                    "only the first parent",
                    "The second operand gets nothing. Both moved the result. Does a `return` or the end of a loop stand too early?",
                ),
                Slip(
                    "push",
                    _pushing(uses=lambda node: _uses(node)[1:]),
                    "only the last parent",
                    "The first operand gets nothing. Both moved the result. Is the line that adds inside your loop?",
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad + slope),
                    "own gradient left out",
                    "Each parent gets the bare slope of the operation. That is how the node moves with its parent; but how does the end result move "
                    "with the node?",
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad + slope * node.value),
                    "value for own gradient",
                    "Each slope meets the node's value. What has to be passed on is the node's gradient.",
                    alone=True,
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad + parent.value * node.grad),
                    "parent's value for the slope",
                    "Each parent gets its own value times the node's gradient. The slope says how fast the node moves with that parent: is that the "
                    "parent's value, in a sum, in a product?",
                    alone=True,
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad + slope + node.grad),
                    "slope added to the gradient",
                    "You add slope and gradient. Links one behind the other multiply; only different ways are added.",
                    alone=True,
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad - slope * node.grad),
                    "sign",
                    "What is pushed is subtracted. A gradient points uphill, and nothing here turns it.",
                    alone=True,
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: parent.grad + slope * node.grad / 2),
                    "shared out",
                    "Each parent gets half of what it should. Two parents share nothing: each moves the result by its whole slope.",
                    alone=True,
                ),
                Slip(
                    "push",
                    _pushing(joined=lambda parent, slope, node: (parent.grad or 1.0) * slope * node.grad),
                    "ways multiplied",
                    "What arrives at a number on two ways is multiplied. Along one way slopes multiply; what do different ways do?",
                    alone=True,
                ),
                Slip(
                    "slope_of_product",
                    lambda a, b: (a, b),
                    "slopes of a product swapped",
                    "In a product each factor gets its own value as its slope. Move the first factor of 3·5 by a little: by how much of it does the "
                    "product move?",
                ),
                Slip(
                    "slope_of_product",
                    lambda a, b: (1.0, 1.0),
                    "slopes of a product 1",
                    "A product hands its gradient on unchanged, as if it had the slopes of a sum. Are its slopes 1 and 1, or does `push` leave them "
                    "out? Move the first factor of 3·5 by a little: by how much of it does the product move?",
                ),
                Slip(
                    "slope_of_product",
                    lambda a, b: (a * b, a * b),
                    "slopes of a product are the product",
                    "Both slopes of your product are the product itself. Hold one factor fixed: the product is then a constant times the other. "
                    "Which constant?",
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (b, a),
                    "slopes of a sum as of a product",
                    "Your sum has the slopes of a product. Move the first term of 3 + 5 by a little: by how much of it does the sum move?",
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (a, b),
                    "slopes of a sum are values",
                    "In a sum each term gets its own value as its slope. Does the speed at which 3 + 5 moves with its first term depend on the 3?",
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (a + b, a + b),
                    "slopes of a sum are the sum",
                    "Both slopes of your sum are the sum itself. Does the speed at which 3 + 5 moves with its first term depend on the two?",
                    alone=True,
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (1.0, 0.0),
                    "slope of the second term 0",
                    "The second term of a sum gets nothing. Move the second term of 3 + 5: does the sum stand still?",
                    alone=True,
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (0.0, 1.0),
                    "slope of the first term 0",
                    "The first term of a sum gets nothing. Move the first term of 3 + 5: does the sum stand still?",
                    alone=True,
                ),
                Slip(
                    "slope_of_product",
                    lambda a, b: (b, 0.0),
                    "slope of the second factor 0",
                    "The second factor of a product gets nothing. Move the second factor of 3·5: does the product stand still?",
                    alone=True,
                ),
                Slip(
                    "slope_of_product",
                    lambda a, b: (0.0, a),
                    "slope of the first factor 0",
                    "The first factor of a product gets nothing. Move the first factor of 3·5: does the product stand still?",
                    alone=True,
                ),
                Slip(
                    "slope_of_sum",
                    lambda a, b: (0.5, 0.5),
                    "slopes of a sum ½",
                    "A sum hands half of its gradient to each term, as a mean would. Move the first term of 3 + 5: by how much of it does the sum "
                    "move?",
                    alone=True,
                ),
            ),
            told=(
                frozenset({"slopes of a product 1", "slopes of a sum as of a product"}),
                frozenset({"slopes of a product swapped", "slopes of a sum are values"}),  # each parent's value for the slope
            ),
        ),
        Mistake(
            "slopes by division",
            _made(slope_of_product=lambda a, b: (a * b / a if a else 0.0, a * b / b if b else 0.0)),
            "Right until a factor is 0. You find the slope of a product by dividing the product by that factor, and have none to divide by then. "
            "Does the other factor need the product?",
        ),
    ),
)
