"""04.2: How the quadratic cost moves with each output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, mean_of_the_examples, shaped
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, pairs


def _cases_outputs(rng: np.random.Generator) -> list[Case]:
    cases = [Case(f"{n} outputs, m = {m}", (sigmoid(rng.normal(size=(n, m))), rng.uniform(size=(n, m)))) for n, m in ((3, 3), (2, 5))]
    signs = rng.permutation([-1, -1, 1, 1])[:, None]
    beyond = signs * rng.uniform(1.1, 3, size=(4, 1)), rng.uniform(1.1, 3, size=(4, 1))  # outputs need not lie between 0 and 1
    cases.append(Case("4 outputs, m = 1", beyond))
    wanted = np.eye(3)[:, rng.permutation(3)[:2]]
    return [*cases, Case("3 outputs, m = 2, one wanted class each", (sigmoid(rng.normal(size=(3, 2))), wanted))]


def _gradient(
    difference: Callable[[Array, Array], Array] = lambda a, y: a - y,
    factor: Callable[[Array], float] = lambda a: 1.0,
    slope: Callable[[Array], Any] = lambda a: 1.0,
) -> Callable[[Array, Array], Array]:
    """The gradient with parts of it replaced, or put to it."""
    return lambda a, y: difference(a, y) * factor(a) * slope(a)


_SLIPS = (
    Slip("difference", lambda a, y: y - a, "y - a", "the sign is turned (an output that is too high makes the cost rise)"),
    Slip("difference", lambda a, y: np.abs(a - y), "absolute value", "the sign of a - y is dropped"),
    Slip("slope", lambda a: a * (1 - a), "σ' included", "the slope of the sigmoid leads on to z, where the gradient at a is asked"),
    Slip("factor", lambda a: 2.0, "factor 2", "the ½ of the cost cancels the 2"),
    Slip("factor", lambda a: 0.5, "halved", "the 2 that comes down from the square cancels the ½"),
    Slip(
        "factor", lambda a: 1 / a.shape[1], "averaged over the examples", "it is divided by the number of examples, where each column is one example"
    ),
    Slip("factor", lambda a: 1 / a.shape[0], "averaged over the outputs", "it is divided by the number of outputs, which the cost adds up"),
    Slip("factor", lambda a: 1 / a.size, "averaged over all entries", "it is divided by the number of all entries"),
)


def _rounded(returned: Any, a: Array, y: Array) -> bool:
    """Whether the outputs are rounded, to whole numbers or to 0 and 1."""
    found = shaped(returned, a.shape)
    return found is not None and any(np.allclose(found, way - y, rtol=0, atol=1e-6) for way in (np.round(a), (a > 0.5).astype(float)))


EXERCISE = Exercise(
    id="04.2",
    name="quadratic_gradient",
    title="How the quadratic cost moves with each output",
    points=1,
    minutes=4,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_outputs,
    reference=lambda a, y: a - y,
    plain=(0, 1),
    oracle=lambda a, y: oracles.gradient(lambda moved: np.sum((moved - y) ** 2) / 2, a),
    hints=(
        "For one example the cost is half the sum of the squared differences. Which terms of that sum contain a_j?",
        "One term does. The 2 that comes down from the square meets the ½ in front.",
        "The result has a's shape: each output is compared with its own target. Which of the two carries the plus sign?",
    ),
    mistakes=(
        Mistake(
            "factor 2", lambda a, y: 2 * (a - y), "Every entry is twice as large as it should be. The cost has ½ in front, so that a 2 is cancelled."
        ),
        Mistake(
            "y - a",
            lambda a, y: y - a,
            "Every entry has the opposite sign. Raise an output that is too high: the cost must go up, so its slope is positive.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y: (a - y) / a.shape[1],
            "You divide by the number of examples. Asked is the gradient of C_x, the cost of one example, column by column; "
            "the mean comes once, when gradients of weights are formed.",
        ),
        Mistake(
            "averaged over the outputs",
            lambda a, y: (a - y) / a.shape[0],
            "You divide by the number of outputs. The cost adds their squares up; it takes no mean over them.",
        ),
        Mistake("halved", lambda a, y: (a - y) / 2, "Every entry is half of what it should be. What comes down from the square?"),
        Mistake("absolute value", lambda a, y: np.abs(a - y), "You dropped the sign. It says whether an output is too high or too low."),
        Mistake("the cost, not its gradient", lambda a, y: (a - y) ** 2 / 2, "These are the terms of the cost. Differentiate them."),
        Mistake("squares", lambda a, y: (a - y) ** 2, "Your entries are squares, so none is negative. The derivative of a square is not a square."),
        Mistake(
            "averaged over all entries",
            lambda a, y: (a - y) / a.size,
            "You divide by the number of all entries. Asked is the gradient of one example's cost, which is a sum over its outputs: no mean.",
        ),
        Mistake(
            "gradient of np.mean",
            lambda a, y: 2 * (a - y) / a.size,
            "This is the gradient of the mean of all squares. Here the cost is half a sum, for each example by itself.",
        ),
        Mistake(
            "2/m",
            lambda a, y: 2 * (a - y) / a.shape[1],
            "A 2 is too many and a division by the number of examples too. Look at C_x, one example, with its ½.",
        ),
        Mistake(
            "2/n",
            lambda a, y: 2 * (a - y) / a.shape[0],
            "A 2 is too many and a division by the number of outputs too. Look at C_x again: half a sum.",
        ),
        Mistake(
            "σ' included",
            lambda a, y: (a - y) * a * (1 - a),
            "You went one step too far: the slope of the sigmoid leads on to z. Asked is the gradient with respect to a.",
        ),
        Mistake(
            "gradient of the distance",
            lambda a, y: (a - y) / np.linalg.norm(a - y, axis=0),
            "You divide each column by its length: the gradient of the distance itself. The cost is half the square of the distance.",
        ),
        Mistake(
            "gradient of absolute values", lambda a, y: np.sign(a - y), "Only signs are left. With squares, an output further off has a steeper cost."
        ),
        Mistake(
            "cross-entropy's",
            lambda a, y: (a - y) / (a * (1 - a)),
            "This is the gradient of another cost, the cross-entropy. The quadratic cost has no denominator.",
        ),
        Mistake("targets left out", lambda a, y: +a, "This is the output itself. The gradient has to know which output was wanted."),
        Mistake("1 for every target", lambda a, y: a - 1, "You treat every target as 1. Each output is compared with its own."),
        Mistake(
            "targets rounded",
            lambda a, y: a - np.round(y),
            "You use each target as if it were 0 or 1. It may lie in between.",
        ),
        Mistake(
            "difference of squares",
            lambda a, y: a**2 - y**2,
            "You square before you subtract. In the cost the difference is squared, and its derivative is no square.",
        ),
        Mistake("a alone halved", lambda a, y: a / 2 - y, "The ½ reached a alone: a product binds closer than a minus."),
        Mistake("a alone doubled", lambda a, y: 2 * a - y, "The 2 reached a alone: a product binds closer than a minus."),
        Mistake("times a", lambda a, y: (a - y) * a, "A factor a is too many. What is inside the square, and what is its derivative?"),
        Mistake(
            "squares, sign kept",
            lambda a, y: -((a - y) ** 2) / 2,
            "These are the terms of the cost with a minus. Differentiate them.",
        ),
        Mistake(
            "matrix product",
            lambda a, y: (a - y) @ (a - y).T,
            "Your product is a matrix product, which mixes outputs and examples. Each output is compared with its own target.",
        ),
        Mistake("logarithms", lambda a, y: np.log(a) - np.log(y), "You compare logarithms. The quadratic cost has none."),
        *pairs(_gradient, _SLIPS),
        Mistake("a + y", lambda a, y: a + y, "You add the target. What is inside the square?"),
        mean_of_the_examples(
            lambda a, y: a - y,
            "You take the mean over the examples, one column for all. Asked is the gradient of C_x, the cost of one example: each has its column.",
        ),
        Mistake(
            "outputs rounded",
            lambda a, y: np.round(a) - y,
            "You round the outputs to 0 and 1 first. The cost takes them as they are: how sure the net was counts.",
            recognise=lambda returned, a, y: _rounded(returned, a, y),
        ),
        Mistake(
            "0 where nothing is wanted",
            lambda a, y: np.where(y > 0, a - y, 0),
            "Where the target is 0 you say 0. An output that should be 0 and is not costs something too.",
        ),
    ),
)
