"""09.7: the gradient of tr(XᵀAX)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_form(rng: np.random.Generator) -> list[Case]:
    return [Case(f"X {n}×{p}", (rng.normal(size=(n, p)), rng.normal(size=(n, n)))) for n, p in ((4, 2), (3, 3), (3, 1))]


def _form(X: Array, A: Array) -> Array:
    return (A + A.T) @ X


def _right_side(f: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Any]:
    return lambda X, A: X @ f(X, A)


MIRRORED = "You take one triangle of A and mirror it. A is not symmetric: both its triangles count."


EXERCISE = Exercise(
    id="09.7",
    name="quadratic_form_grad",
    title="The gradient of tr(XᵀAX)",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_form,
    reference=_form,
    oracle=lambda X, A: oracles.gradient(lambda moved: np.trace(moved.T @ A @ moved), X),
    hints=(
        "The trace of a product is a sum over pairs of equal entries: the trace of XᵀY is the sum of X ⊙ Y. Draw the net with Y = AX.",
        "X is used twice: once as a factor of the entry-by-entry product, once on the way through A. What does each use get back?",
        "The factor X gets back what it is multiplied with. The way through A goes back as in BP2, through its transpose. A is not symmetric.",
    ),
    mistakes=(
        Mistake(
            "2AX",
            lambda X, A: 2 * A @ X,
            "That holds where A is symmetric. Here it is not: the two uses of X get back two different things.",
        ),
        Mistake(
            "2AᵀX",
            lambda X, A: 2 * A.T @ X,
            "That holds where A is symmetric. Here it is not: the two uses of X get back two different things.",
        ),
        Mistake("one use only", lambda X, A: A @ X, "That is the part of one use. X stands there twice."),
        Mistake(
            "the use behind A only",
            lambda X, A: A.T @ X,
            "That is the part of the X on which A acts. X stands there twice.",
        ),
        Mistake(
            "mean of the uses",
            lambda X, A: _form(X, A) / 2,
            "Every entry is half of what it should be. The gradients of two uses are added, and the form has no ½ in front.",
        ),
        Mistake(
            "one part transposed",
            lambda X, A: A.T @ X + X.T @ A,
            "Your two parts differ in shape. What comes back to a use has the shape of X, whichever use it is.",
        ),
        Mistake(
            "the other part transposed",
            lambda X, A: A @ X + X.T @ A,
            "Your two parts differ in shape. What comes back to a use has the shape of X, whichever use it is.",
        ),
        Mistake(
            "on the wrong side",
            _right_side(lambda X, A: A + A.T),
            "A acts on the rows of X, from the left. In your gradient it acts from the right, which fits only where X is square.",
        ),
        Mistake(
            "averaged over the columns",
            lambda X, A: _form(X, A) / X.shape[1],
            "You divide by the number of columns. The trace sums over them, with no mean.",
        ),
        Mistake(
            "A Aᵀ X",
            lambda X, A: A @ A.T @ X,
            "You multiply A with its transpose. The two uses of X get back a part each, and parts are added.",
        ),
        Mistake("X left out", lambda X, A: A + A.T, "A quadratic form has a gradient that grows with X. In yours there is no X."),
        Mistake(
            "twice the sum",
            lambda X, A: 2 * _form(X, A),
            "Every entry is twice what it should be. The two uses are both there; nothing more has to be doubled.",
        ),
        Mistake("parts subtracted", lambda X, A: (A - A.T) @ X, "The two uses are added. Where does your minus come from?"),
        Mistake(
            "parts subtracted the other way",
            lambda X, A: (A.T - A) @ X,
            "The two uses are added. Where does your minus come from?",
        ),
        Mistake("sign", lambda X, A: -_form(X, A), "Every entry has the opposite sign. The form has no minus in it."),
        Mistake(
            "A left out",
            lambda X, A: 2 * X,
            "That is the gradient of the sum of all squares of X. Where has A gone?",
        ),
        Mistake(
            "squares only",
            lambda X, A: 2 * np.diag(A)[:, None] * X,
            "You count the squares of the entries, with A's diagonal. The form also has the products of different rows of X.",
        ),
        Mistake(
            "diagonal left out",
            lambda X, A: (A + A.T - 2 * np.diag(np.diag(A))) @ X,
            "You leave out the diagonal of A. It multiplies the squares of the entries of X, and these move as well.",
        ),
        Mistake(
            "diagonal once",
            lambda X, A: (A + A.T - np.diag(np.diag(A))) @ X,
            "You count the diagonal of A once. It belongs to both uses of X, like all of A. Some formulas for symmetric matrices do that where it is "
            "the matrix that moves.",
        ),
        Mistake(
            "upper triangle mirrored",
            lambda X, A: (np.triu(A) + np.triu(A).T) @ X,
            MIRRORED,
        ),
        Mistake(
            "lower triangle mirrored",
            lambda X, A: (np.tril(A) + np.tril(A).T) @ X,
            MIRRORED,
        ),
        Mistake(
            "the sum in every column",
            lambda X, A: _form(X.sum(axis=1, keepdims=True) + np.zeros(X.shape[1]), A),
            "Every column is the same in your answer, made from the sum of all columns of X. In the trace each column meets itself alone.",
        ),
        Mistake("transposed", lambda X, A: _form(X, A).T, "Rows and columns are swapped. A gradient has the shape of what it belongs to, here X."),
        Mistake(
            "the form itself",
            lambda X, A: np.trace(X.T @ A @ X),
            "That is the value of the form, one number. Asked is how it moves with each entry of X.",
        ),
        Mistake(
            "∇_A for ∇_X",
            lambda X, A: X @ X.T,
            "That is how the form moves with A. Here X moves, and the answer must have the shape of X.",
        ),
        Mistake(
            "not added, multiplied",
            lambda X, A: A.T @ A @ X,
            "You multiplied what the two uses get back. They stand side by side, so they are added.",
        ),
    ),
)
