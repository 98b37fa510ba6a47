"""02.2: the Jacobian of a linear map that takes the mean off first."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_linear(rng: np.random.Generator) -> list[Case]:
    arrays = [rng.normal(size=shape) for shape in ((3, 3), (2, 4), (4, 1), (1, 3), (4, 3))]
    arrays[1][0, 3] = arrays[1][0, 1]  # no weight is found by its value
    return [Case(f"W {len(W)}×{W.shape[1]}", (W,)) for W in arrays]


def _linear_jacobian(W: Array) -> Array:
    return np.asarray(W - W.mean(axis=1, keepdims=True))


EXERCISE = Exercise(
    id="02.2",
    name="linear_jacobian",
    title="The Jacobian of a linear map that takes the mean off first",
    points=1,
    minutes=6,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_linear,
    reference=_linear_jacobian,
    oracle=lambda W: oracles.jacobian(lambda x: W @ (x - x.mean()), np.linspace(-1.0, 2.0, W.shape[1])[:, None])[:, 0, :, 0],
    hints=(
        "Nudge one entry of x by h. The mean rises by h/n, so all entries of what W gets change, one of them otherwise than the rest. By how much?",
        "Write entry j of y as a sum over k, with the mean written out. Which terms contain one particular x_i? There are more than one.",
        "From x_i to y_j leads one weight. What goes through the mean is the same for all i: each weight of the row has a share in it.",
    ),
    mistakes=(
        Mistake(
            "mean taken for a constant",
            lambda W: W.copy(),
            "That is the Jacobian of Wx: the mean is treated as a number that stays. It moves with every entry of x.",
        ),
        Mistake(
            "Wᵀ",
            lambda W: _linear_jacobian(W).T,
            "Rows and columns are exchanged. In a Jacobian the row says which output moves and the column which input is nudged; compare with "
            "the indices of a weight.",
        ),
        Mistake(
            "Wᵀ; mean taken for a constant",
            lambda W: W.T.copy(),
            "Two things: rows and columns are exchanged; and the mean is treated as a number that stays.",
        ),
        Mistake(
            "mean of the columns",
            lambda W: W - W.mean(axis=0),
            "You take off the mean of each column of W: that takes the mean off y. The mean of x meets all weights of a row.",
        ),
        Mistake(
            "row means laid along the columns",
            lambda W: W - W.mean(axis=1),
            "The means of the rows are right and lie along the columns: a shape (m,) is taken for a row. `keepdims=True` keeps them a column.",
        ),
        Mistake(
            "mean of all weights",
            lambda W: W - W.mean(),
            "You take off the mean of all weights. For one output, only its own row of W counts.",
        ),
        Mistake(
            "sum for mean",
            lambda W: W - W.sum(axis=1, keepdims=True),
            "You take off the sum of a row. A nudge of one entry moves the mean of x by a part of it: which?",
        ),
        Mistake(
            "divided by the outputs",
            lambda W: W - W.sum(axis=1, keepdims=True) / len(W),
            "You divide by the number of outputs. The mean of x is over its own entries.",
        ),
        Mistake(
            "own share alone",
            lambda W: W * (1 - 1 / W.shape[1]),
            "You count what the nudged entry loses itself. The other entries lose as much, and their weights pass it on.",
        ),
        Mistake(
            "the others' share alone",
            lambda W: W - (W.sum(axis=1, keepdims=True) - W) / W.shape[1],
            "You count what the other entries lose. The nudged one loses as much of its own rise.",
        ),
        Mistake(
            "one share",
            lambda W: W - 1 / W.shape[1],
            "You take off 1/n, the rise of the mean itself. On its way to an output it meets weights.",
        ),
        Mistake(
            "mean added",
            lambda W: W + W.mean(axis=1, keepdims=True),
            "The share of the mean is added. It is taken off x, so a larger mean makes y smaller where the weights are positive.",
        ),
        Mistake(
            "mean alone",
            lambda W: -np.repeat(W.mean(axis=1, keepdims=True), W.shape[1], axis=1),
            "That is what goes through the mean. The direct way from x_i to y_j is missing.",
        ),
        Mistake(
            "sign",
            lambda W: -_linear_jacobian(W),
            "Every sign is turned. Where the direct weight is large and positive, y rises with x.",
        ),
        Mistake(
            "row sums",
            lambda W: W.sum(axis=1, keepdims=True),
            "You add over the inputs: one number for each output. A Jacobian nudges one input at a time.",
        ),
        Mistake(
            "column sums",
            lambda W: W.sum(axis=0),
            "You add over the outputs, so one number is left for each input. A Jacobian keeps every pair of output and input apart.",
        ),
        Mistake(
            "centring alone",
            lambda W: np.eye(W.shape[1]) - 1 / W.shape[1],
            "That is how the centred x moves with x. What W does with it is missing.",
        ),
        Mistake(
            "diagonal only",
            lambda W: _linear_jacobian(W) * np.eye(*W.shape),
            "You kept the diagonal. That would be right if each output followed one input alone; here each follows all of them.",
        ),
        Mistake(
            "median",
            lambda W: W - np.median(W, axis=1, keepdims=True),
            "You take off the median of each row. The mean of x meets every weight of the row: their mean comes off.",
        ),
        Mistake(
            "divided by n - 1",
            lambda W: W - W.sum(axis=1, keepdims=True) / max(W.shape[1] - 1, 1),
            "You divide the sum of a row by n - 1, as for a variance that is estimated. The mean of x divides by n.",
        ),
        Mistake(
            "rows scaled as well",
            lambda W: (W - W.mean(axis=1, keepdims=True)) / W.std(axis=1, keepdims=True),
            "The mean is right. You also divide by the standard deviation of each row; here the mean alone is taken off.",
        ),
    ),
)
