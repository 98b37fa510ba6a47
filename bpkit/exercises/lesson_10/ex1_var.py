"""10.1: a number that remembers what it was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake

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
