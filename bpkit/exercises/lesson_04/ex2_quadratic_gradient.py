"""04.2: How the quadratic cost moves with each output."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _cases_outputs(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} outputs, m = {m}", (sigmoid(rng.normal(size=(n, m))), rng.uniform(size=(n, m)))) for n, m in ((3, 3), (2, 5), (4, 1))]


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
        Mistake("a + y", lambda a, y: a + y, "You add the target. What is inside the square?"),
    ),
)
