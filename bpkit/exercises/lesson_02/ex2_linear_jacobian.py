"""02.2: the Jacobian of y = Wx."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_linear(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {n}×{n_prev}", (rng.normal(size=(n, n_prev)),)) for n, n_prev in ((3, 3), (2, 4), (4, 3))]


def _linear_jacobian(W: Array) -> Array:
    return W.copy()


EXERCISE = Exercise(
    id="02.2",
    name="linear_jacobian",
    title="The Jacobian of y = Wx",
    points=1,
    minutes=3,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_linear,
    reference=_linear_jacobian,
    oracle=lambda W: oracles.jacobian(lambda x: W @ x, np.linspace(-1.0, 2.0, W.shape[1])[:, None])[:, 0, :, 0],
    hints=(
        "Write out entry j of Wx as a sum. Which of its terms contain one particular entry of x?",
        "The derivative of that term with respect to the entry of x is one weight. Which row and which column of W does it stand in?",
        "The Jacobian has a row for each output and a column for each input. Compare with the shape of W before you turn anything round.",
    ),
    mistakes=(
        Mistake(
            "Wᵀ",
            lambda W: W.T.copy(),
            "Rows and columns are exchanged. In a Jacobian the row says which output moves and the column which input is nudged; compare with "
            "the indices of a weight.",
        ),
        Mistake(
            "column sums",
            lambda W: W.sum(axis=0),
            "You add over the outputs, so one number is left for each input. A Jacobian keeps every pair of output and input apart.",
        ),
        Mistake(
            "row sums",
            lambda W: W.sum(axis=1, keepdims=True),
            "You add over the inputs: that is how y changes when all entries of x rise together. A Jacobian nudges one at a time.",
        ),
        Mistake(
            "diagonal only",
            lambda W: W * np.eye(*W.shape),
            "You kept the diagonal. That would be right if each output followed one input alone; here each follows all of them.",
        ),
        Mistake(
            "transpose times itself",
            lambda W: W.T @ W,
            "W enters twice. The map is linear in x, so how often can a weight stand in its derivative?",
        ),
        Mistake(
            "inverse",
            np.linalg.pinv,
            "That matrix leads from y back to x. Asked is how y moves when x is nudged.",
        ),
        Mistake(
            "identity",
            lambda W: np.eye(*W.shape),
            "That is the Jacobian of a map that passes x on as it is. How strongly does entry j of y follow entry i of x here?",
        ),
        Mistake(
            "W times its transpose",
            lambda W: W @ W.T,
            "W enters twice. The map is linear in x, so how often can a weight stand in its derivative?",
        ),
        Mistake(
            "ones",
            np.ones_like,
            "Every entry of yours is 1. How strongly does entry j of y follow entry i of x?",
        ),
        Mistake(
            "Wᵀ; sign",
            lambda W: -W.T,
            "Two things: rows and columns are exchanged; and every sign is turned.",
        ),
        Mistake("squares", lambda W: W**2, "Your entries are squares of the weights. The map is linear: each weight stands in its derivative once."),
        Mistake(
            "sizes of the weights",
            np.abs,
            "Your entries have lost their signs. Along a negative weight y falls when x rises.",
        ),
        Mistake(
            "right of the diagonal only",
            np.triu,
            "You kept what lies on the diagonal and right of it. Each output follows every input: no entry is 0 by itself.",
        ),
    ),
)
