"""09.1: sparse coding: the gradient with respect to the code s."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_09.shared import AVERAGED_HINT, SIGN_HINT, SIGNS_ALONE, SPARSE, X_ADDED, X_LEFT_OUT, Array, coded
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_s(rng: np.random.Generator) -> list[Case]:
    return [Case(f"A {n}×{k}, m = {m}", coded(rng, n, k, m)) for n, k, m in (*SPARSE, (1, 3, 2))]


def _sparse_s(A: Array, s: Array, x: Array) -> Array:
    return 2 * A.T @ (A @ s - x)


EVERY_COLUMN = "Every column is the same in your answer, made from all examples. Each column of s is a code of its own, with a gradient of its own."


def _in_parts(
    residual: Callable[[Array, Array, Array], Array] = lambda A, s, x: A @ s - x,
    factor: Callable[[int], float] = lambda m: 2.0,
    carried: Callable[[Array, Array], Array] = lambda A, r: A.T @ r,
) -> Answer:
    return lambda A, s, x: factor(s.shape[1]) * carried(A, residual(A, s, x))


EXERCISE = Exercise(
    id="09.1",
    name="sparse_grad_s",
    title="Sparse coding: the gradient with respect to the code s",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_s,
    reference=_sparse_s,
    oracle=lambda A, s, x: oracles.gradient(lambda moved: np.sum((A @ moved - x) ** 2), s),
    hints=(
        "Draw the objective as a net: s goes in, A multiplies, x is subtracted, each entry is squared, all are added. Now walk back from the end.",
        "The sum hands 1 to each square. A square hands back twice its input. Subtracting a constant hands back what it gets. What does a "
        "multiplication by A hand back?",
        "Compare with BP2: the error of a layer comes back through the transposed weights. Here A is the matrix of weights, and 2(As - x) is the "
        "error in front of it.",
    ),
    mistakes=(
        Mistake(
            "∇_A for ∇_s",
            lambda A, s, x: 2 * (A @ s - x) @ s.T,
            "That is how the objective moves with A. Here s moves, and the answer must have the shape of s.",
        ),
        Mistake(
            "x not carried back",
            lambda A, s, x: 2 * A.T @ A @ s - 2 * x,
            "Your two terms lie in different places: one has been carried back to s, the other still stands where x is subtracted.",
        ),
        Mistake(
            "2 on one term only",
            lambda A, s, x: 2 * A.T @ A @ s - A.T @ x,
            "You multiplied out and lost a factor on one of the two terms. Leave the residual together.",
        ),
        Mistake(
            "square for its derivative",
            lambda A, s, x: A.T @ (A @ s - x) ** 2,
            "You send the squared residuals back. A square hands back its derivative, not its value.",
        ),
        Mistake(
            "norm for its square",
            lambda A, s, x: A.T @ (A @ s - x) / np.linalg.norm(A @ s - x),
            "That is the gradient of the length of the residual. The objective is the length squared.",
        ),
        Mistake(
            "a length for each example",
            lambda A, s, x: A.T @ ((A @ s - x) / np.linalg.norm(A @ s - x, axis=0)),
            "That is the gradient of the lengths of the columns, added up. The objective has no root in it.",
        ),
        Mistake(
            "the objective itself",
            lambda A, s, x: np.sum((A @ s - x) ** 2),
            "That is the value of the objective, one number. Asked is how it moves with each entry of s.",
        ),
        Mistake(
            "summed over the examples",
            lambda A, s, x: _sparse_s(A, s, x).sum(axis=1, keepdims=True),
            "You add the examples up. Each column of s is a code of its own, with a gradient of its own.",
        ),
        Mistake(
            "transposed",
            lambda A, s, x: _sparse_s(A, s, x).T,
            "Rows and columns are swapped. A gradient has the shape of what it belongs to, here s.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip("residual", lambda A, s, x: x - A @ s, "sign", SIGN_HINT),
                X_LEFT_OUT,
                X_ADDED,
                Slip(
                    "residual",
                    lambda A, s, x: np.abs(A @ s - x),
                    "absolute values",
                    "You send the size of the residuals back. Their signs belong to the gradient: they say in which direction to move.",
                    alone=True,
                ),
                Slip(
                    "residual",
                    lambda A, s, x: (A @ s - x) ** 2,
                    "residual squared",
                    "The 2 is there, and the residual behind it is still squared. A square hands back twice its input.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda m: 1.0,
                    "2 missing",
                    "Every entry is half of what it should be. The objective has no ½ in front: what does the square hand back?",
                ),
                Slip("factor", lambda m: 2.0 / m, "averaged over the examples", AVERAGED_HINT),
                Slip(
                    "factor",
                    lambda m: 1.0 / m,
                    "halved and averaged",
                    "You took the quadratic cost of the earlier lessons, with its ½ and its mean over examples. This objective has neither.",
                ),
                Slip(
                    "carried",
                    lambda A, r: A @ r,
                    "A for Aᵀ",
                    "You go back through A as it stands. That is the direction of the forward pass; it even fits where A is square. "
                    "Which index of A does the sum run over on the way back?",
                ),
                Slip(
                    "carried",
                    lambda A, r: r,
                    "stopped at the residual",
                    "You stopped one step early: this is the error at As. How does it get from there back to s?",
                ),
                Slip(
                    "carried",
                    lambda A, r: A.T * r,
                    "entry by entry with Aᵀ",
                    "Your last step multiplies entry by entry. Every entry of s moves every entry of As, so on the way back there is a sum.",
                    alone=True,
                ),
                Slip(
                    "carried",
                    lambda A, r: np.linalg.pinv(A) @ r,
                    "pseudo-inverse for Aᵀ",
                    "You go back through the pseudo-inverse of A. That would undo the multiplication; a gradient goes back through the transpose.",
                    alone=True,
                ),
                Slip(
                    "carried",
                    lambda A, r: A.T @ r.sum(axis=1, keepdims=True) + np.zeros(r.shape[1]),
                    "the sum in every column",
                    EVERY_COLUMN,
                    alone=True,
                ),
                Slip(
                    "carried",
                    lambda A, r: A.T @ r.mean(axis=1, keepdims=True) + np.zeros(r.shape[1]),
                    "the mean in every column",
                    EVERY_COLUMN,
                    alone=True,
                ),
            ),
        ),
        Mistake(
            "the s that solves it",
            lambda A, s, x: np.linalg.pinv(A) @ x,
            "That is the s at which the gradient is 0. Asked is the gradient at the s that is given.",
        ),
        Mistake(
            "doubled",
            lambda A, s, x: 4 * A.T @ (A @ s - x),
            "Every entry is twice what it should be. One 2 comes down from the square, and there is no other.",
        ),
        Mistake(
            "penalty on s",
            lambda A, s, x: 2 * A.T @ (A @ s - x) + 2 * s,
            "A part 2s is too many: this objective has no penalty on s.",
        ),
        Mistake(
            "absolute values for squares",
            lambda A, s, x: A.T @ np.sign(A @ s - x),
            SIGNS_ALONE,
            recognise=lambda value, A, s, x: any(agree(value, c * A.T @ np.sign(A @ s - x)) for c in (1, 2)),
        ),
    ),
)
