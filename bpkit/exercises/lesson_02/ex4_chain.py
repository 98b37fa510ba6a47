"""02.4: the Jacobian of a composition that keeps what lies in between."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_chain(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_z, n_y, n_x in ((3, 3, 3), (2, 4, 1), (1, 1, 2), (3, 2, 3)):
        args = (rng.normal(size=(n_z, n_y)), rng.normal(size=(n_y, n_x)))
        cases.append(Case(f"J_outer {n_z}×{n_y}, J_inner {n_y}×{n_x}", args))
    return cases


def _chain_oracle(J_outer: Array, J_inner: Array) -> Array:
    # two maps, neither of them linear, whose Jacobians at 0 are the given ones
    def composed(x: Array) -> Array:
        y = J_inner @ np.sin(x)
        return np.vstack([J_outer @ np.expm1(y), y])

    return oracles.jacobian(composed, np.zeros((J_inner.shape[1], 1)))[:, 0, :, 0]


def _above(top: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Array]:
    """The answer with the rows of z made in another way."""
    return lambda J_outer, J_inner: np.vstack([top(J_outer, J_inner), J_inner])


EXERCISE = Exercise(
    id="02.4",
    name="chain",
    title="The Jacobian of a composition that keeps what lies in between",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_chain,
    reference=_above(lambda J_outer, J_inner: J_outer @ J_inner),
    oracle=_chain_oracle,
    hints=(
        "A row for each output and a column for each input: how many rows are that, if z and y are both outputs?",
        "The rows of y are simple: how does y move with x? You are given that. For the rows of z, entry (k, i) is a sum over all y_j between them.",
        "Rows of z above rows of y, as in the task. In the product the index that is summed over stands in the middle.",
    ),
    mistakes=(
        Mistake(
            "rows of y missing",
            lambda J_outer, J_inner: J_outer @ J_inner,
            "Those are the rows of z. The outputs y count as well: they have rows of their own.",
        ),
        Mistake(
            "rows of z missing",
            lambda J_outer, J_inner: J_inner.copy(),
            "Those are the rows of y. How z moves with x is missing.",
        ),
        Mistake(
            "y above z",
            lambda J_outer, J_inner: np.vstack([J_inner, J_outer @ J_inner]),
            "All rows are right and in the wrong order: the task puts z above y.",
        ),
        Mistake(
            "side by side",
            lambda J_outer, J_inner: np.hstack([J_outer @ J_inner, J_inner]),
            "You put the two beside each other. More outputs are more rows; the inputs, and so the columns, are the same.",
        ),
        Mistake(
            "identity for the rows of y",
            lambda J_outer, J_inner: np.vstack([J_outer @ J_inner, np.eye(*J_inner.shape)]),
            "The lower rows say that y is x. They have to say how y moves with x.",
        ),
        Mistake(
            "rows of y by y",
            lambda J_outer, J_inner: np.vstack([J_outer, np.eye(len(J_inner))]),
            "Your rows say how z and y move with y. The inputs are x.",
        ),
        Mistake(
            "not carried back to x",
            lambda J_outer, J_inner: np.vstack([J_outer, J_inner]),
            "You stack what was given. The upper rows say how z moves with y; one step further back lies x.",
        ),
        Mistake(
            "two arrays",
            lambda J_outer, J_inner: [J_outer @ J_inner, J_inner],
            "Both parts are right, and they are two arrays. The Jacobian is one: the rows of y go on below those of z.",
        ),
        Mistake(
            "y above z; reversed",
            lambda J_outer, J_inner: np.vstack([J_inner, J_inner @ J_outer]),
            "Two things: the task puts z above y; and the factors stand in the order in which the functions are applied.",
        ),
        Mistake(
            "added up",
            lambda J_outer, J_inner: J_outer @ J_inner + J_inner,
            "You add the two. z and y are outputs beside each other, not parts of one sum.",
        ),
        Mistake(
            "transposed",
            lambda J_outer, J_inner: np.vstack([J_outer @ J_inner, J_inner]).T,
            "The numbers are right, with rows and columns exchanged. Rows belong to the outputs, columns to the inputs x.",
        ),
        Mistake(
            "sign",
            lambda J_outer, J_inner: -np.vstack([J_outer @ J_inner, J_inner]),
            "Every entry has the opposite sign. No sign enters where slopes are multiplied.",
        ),
        Mistake(
            "reversed",
            _above(lambda J_outer, J_inner: J_inner @ J_outer),
            "The factors stand in the order in which the functions are applied. Read the sum over j: which matrix has j as its column index?",
        ),
        Mistake(
            "elementwise",
            _above(lambda J_outer, J_inner: J_outer * J_inner),
            "You multiply entry by entry. From x_i to z_k there is a path through every y_j: what has to be summed?",
        ),
        Mistake(
            "outer transposed",
            _above(lambda J_outer, J_inner: J_outer.T @ J_inner),
            "You turned J_outer round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "inner transposed",
            _above(lambda J_outer, J_inner: J_outer @ J_inner.T),
            "You turned J_inner round first. Both matrices have the form outputs by inputs already.",
        ),
        Mistake(
            "both transposed",
            _above(lambda J_outer, J_inner: J_outer.T @ J_inner.T),
            "You turned both matrices round first. They have the form outputs by inputs already.",
        ),
        Mistake(
            "sum for product",
            _above(lambda J_outer, J_inner: J_outer + J_inner),
            "You add the two Jacobians. Slopes along one path are multiplied.",
        ),
        Mistake(
            "reversed; outer transposed",
            _above(lambda J_outer, J_inner: J_inner @ J_outer.T),
            "Two things: the factors stand in the order in which the functions are applied; and J_outer is turned round, which has the form outputs "
            "by inputs already.",
        ),
        Mistake(
            "reversed; inner transposed",
            _above(lambda J_outer, J_inner: J_inner.T @ J_outer),
            "Two things: the factors stand in the order in which the functions are applied; and J_inner is turned round, which has the form outputs "
            "by inputs already.",
        ),
        Mistake(
            "first path only",
            _above(lambda J_outer, J_inner: J_outer[:, :1] @ J_inner[:1]),
            "Only the path through the first entry of y counts. From x_i to z_k there is a path through every y_j, and they add up.",
        ),
        Mistake(
            "last path only",
            _above(lambda J_outer, J_inner: J_outer[:, -1:] @ J_inner[-1:]),
            "Only the path through the last entry of y counts. Does each turn of your loop overwrite the turn before?",
        ),
        Mistake(
            "first path left out",
            _above(lambda J_outer, J_inner: J_outer[:, 1:] @ J_inner[1:]),
            "The path through the first entry of y is missing. In numpy the first index is 0.",
        ),
        Mistake(
            "last path left out",
            _above(lambda J_outer, J_inner: J_outer[:, :-1] @ J_inner[:-1]),
            "The path through the last entry of y is missing. `range(n)` ends before n, so n itself is where it has to stop.",
        ),
        Mistake(
            "mean of paths",
            _above(lambda J_outer, J_inner: J_outer @ J_inner / len(J_inner)),
            "You average over the entries of y. Each path carries its whole share of the change, and the shares add up.",
        ),
        Mistake(
            "slopes added along a path",
            _above(lambda J_outer, J_inner: (J_outer[:, :, None] + J_inner[None]).sum(axis=1)),
            "Along a path you add the two slopes. Slopes along one path are multiplied; what arrives along several paths is added.",
        ),
        Mistake(
            "product of sums",
            _above(lambda J_outer, J_inner: J_outer.sum(axis=1, keepdims=True) * J_inner.sum(axis=0)),
            "You add up the slopes of each matrix first and multiply then. The sum of products is not the product of sums.",
        ),
        Mistake(
            "inverse of the inner one",
            _above(lambda J_outer, J_inner: J_outer @ np.linalg.pinv(J_inner)),
            "You divide by J_inner. Slopes along a path are multiplied.",
        ),
    ),
)
