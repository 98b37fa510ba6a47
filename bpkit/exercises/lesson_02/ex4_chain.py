"""02.4: the Jacobian of a composition."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_chain(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_z, n_y, n_x in ((3, 3, 3), (2, 4, 3), (1, 3, 2), (3, 2, 3)):
        args = (rng.normal(size=(n_z, n_y)), rng.normal(size=(n_y, n_x)))
        cases.append(Case(f"J_outer {n_z}×{n_y}, J_inner {n_y}×{n_x}", args))
    return cases


def _chain_oracle(J_outer: Array, J_inner: Array) -> Array:
    # two maps, neither of them linear, whose Jacobians at 0 are the given ones
    def composed(x: Array) -> Array:
        y = J_inner @ np.sin(x)
        return J_outer @ np.expm1(y)

    return oracles.jacobian(composed, np.zeros((J_inner.shape[1], 1)))[:, 0, :, 0]


EXERCISE = Exercise(
    id="02.4",
    name="chain",
    title="The Jacobian of a composition",
    points=1,
    minutes=3,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_chain,
    reference=lambda J_outer, J_inner: J_outer @ J_inner,
    oracle=_chain_oracle,
    hints=(
        "The result has a row for each entry of z and a column for each entry of x. Which shape is that?",
        "Entry (k, i) is a sum over all y_j between them: the slope of z_k at y_j times the slope of y_j at x_i. "
        "Which product of matrices is this sum?",
        "The index that is summed over has to stand in the middle, last in the left factor and first in the right one.",
    ),
    mistakes=(
        Mistake(
            "reversed",
            lambda J_outer, J_inner: J_inner @ J_outer,
            "The factors stand in the order in which the functions are applied. Read the sum over j: which matrix has j as its column index?",
        ),
        Mistake(
            "transposed",
            lambda J_outer, J_inner: (J_outer @ J_inner).T,
            "The numbers are right, with rows and columns exchanged. Rows belong to the outputs z, columns to the inputs x.",
        ),
        Mistake(
            "elementwise",
            lambda J_outer, J_inner: J_outer * J_inner,
            "You multiply entry by entry. From x_i to z_k there is a path through every y_j: what has to be summed?",
        ),
        Mistake(
            "outer transposed",
            lambda J_outer, J_inner: J_outer.T @ J_inner,
            "You turned J_outer round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "inner transposed",
            lambda J_outer, J_inner: J_outer @ J_inner.T,
            "You turned J_inner round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "both transposed",
            lambda J_outer, J_inner: J_outer.T @ J_inner.T,
            "You turned both matrices round first. They have the form outputs by inputs already.",
        ),
        Mistake(
            "sum for product",
            lambda J_outer, J_inner: J_outer + J_inner,
            "You add the two Jacobians. Slopes along one path are multiplied.",
        ),
        Mistake(
            "outer alone",
            lambda J_outer, J_inner: J_outer.copy(),
            "That is how z moves with y. One step further back lies x.",
        ),
        Mistake(
            "inner alone",
            lambda J_outer, J_inner: J_inner.copy(),
            "That is how y moves with x. One step further on lies z.",
        ),
        Mistake(
            "reversed; outer transposed",
            lambda J_outer, J_inner: J_inner @ J_outer.T,
            "Two things: the factors stand in the order in which the functions are applied; and J_outer is turned round, which has the form outputs "
            "by inputs already.",
        ),
        Mistake(
            "reversed; inner transposed",
            lambda J_outer, J_inner: J_inner.T @ J_outer,
            "Two things: the factors stand in the order in which the functions are applied; and J_inner is turned round, which has the form outputs "
            "by inputs already.",
        ),
        Mistake(
            "first path only",
            lambda J_outer, J_inner: J_outer[:, :1] @ J_inner[:1],
            "Only the path through the first entry of y counts. From x_i to z_k there is a path through every y_j, and they add up.",
        ),
        Mistake(
            "last path only",
            lambda J_outer, J_inner: J_outer[:, -1:] @ J_inner[-1:],
            "Only the path through the last entry of y counts. Does each turn of your loop overwrite the turn before?",
        ),
        Mistake(
            "first path left out",
            lambda J_outer, J_inner: J_outer[:, 1:] @ J_inner[1:],
            "The path through the first entry of y is missing. In numpy the first index is 0.",
        ),
        Mistake(
            "last path left out",
            lambda J_outer, J_inner: J_outer[:, :-1] @ J_inner[:-1],
            "The path through the last entry of y is missing. `range(n)` ends before n, so n itself is where it has to stop.",
        ),
        Mistake(
            "mean of paths",
            lambda J_outer, J_inner: J_outer @ J_inner / len(J_inner),
            "You average over the entries of y. Each path carries its whole share of the change, and the shares add up.",
        ),
        Mistake(
            "slopes added along a path",
            lambda J_outer, J_inner: (J_outer[:, :, None] + J_inner[None]).sum(axis=1),
            "Along a path you add the two slopes. Slopes along one path are multiplied; what arrives along several paths is added.",
        ),
        Mistake(
            "product of sums",
            lambda J_outer, J_inner: J_outer.sum(axis=1, keepdims=True) * J_inner.sum(axis=0),
            "You add up the slopes of each matrix first and multiply then. The sum of products is not the product of sums.",
        ),
        Mistake(
            "inverse of the inner one",
            lambda J_outer, J_inner: J_outer @ np.linalg.pinv(J_inner),
            "You divide by J_inner. Slopes along a path are multiplied.",
        ),
        Mistake(
            "sign",
            lambda J_outer, J_inner: -J_outer @ J_inner,
            "Every entry has the opposite sign. No sign enters where slopes are multiplied.",
        ),
    ),
)
