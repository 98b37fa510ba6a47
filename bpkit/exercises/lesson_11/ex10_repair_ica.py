"""11.10: text U, example 3, repaired: both uses of W."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, ica_misfit, sum_of_squares
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_ica(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {p}×{n}, m = {m}", (rng.normal(size=(p, n)), rng.normal(size=(n, m)))) for p, n, m in ((4, 4, 5), (2, 4, 3), (3, 2, 1))]


def _outer_use(W: Array, X: Array) -> Array:
    return 2 * (W @ X) @ ica_misfit(W, X).T


def _inner_use(W: Array, X: Array) -> Array:
    return 2 * W @ ica_misfit(W, X) @ X.T


EXERCISE = Exercise(
    id="11.10",
    name="repair_ica",
    title="Text U, example 3, repaired: both uses of W",
    points=3,
    minutes=5,
    difficulty=3,
    cases=_cases_ica,
    allows=ALLOWED,
    reference=lambda W, X: _inner_use(W, X) + _outer_use(W, X),
    oracle=lambda W, X: oracles.gradient(lambda V: sum_of_squares(V.T @ V @ X - X), W),
    hints=(
        "Two uses, two terms; one of the two printed terms is right. Give the misfit a name, and write both with it.",
        "Line 4 says what the error behind the first use is. What is left of two transposes, one over the other?",
        "The error behind the first use is W times twice the misfit; what comes in there is X. The other term stands in line 8 as it should.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W, X: 2 * W.T @ ica_misfit(W, X) @ X.T + _outer_use(W, X),
            "That is the published line. On a W that is not square its first product does not exist; on a symmetric W it is right by chance, "
            "and no check on such a W can see it.",
        ),
        Mistake(
            "printed term turned as a whole",
            lambda W, X: 2 * X @ ica_misfit(W, X).T @ W + _outer_use(W, X),
            "You transposed the printed term as a whole. One symbol in it is wrong, not the order of its factors.",
        ),
        Mistake(
            "only the use as W",
            lambda W, X: _inner_use(W, X),
            "Your term is right, and it is one of two: W is used a second time, as a transpose.",
        ),
        Mistake(
            "only the use as Wᵀ",
            lambda W, X: _outer_use(W, X),
            "Your term is right, and it is one of two: you threw the wrong line away where it had to be repaired.",
        ),
        Mistake(
            "one use doubled",
            lambda W, X: 2 * _inner_use(W, X),
            "You counted the first use twice. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "the other use doubled",
            lambda W, X: 2 * _outer_use(W, X),
            "You counted the use as a transpose twice. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "second use not turned back",
            lambda W, X: _inner_use(W, X) + 2 * ica_misfit(W, X) @ (W @ X).T,
            "Your second term is the gradient for the transpose of W, as line 6 has it. It has to be turned before it is added.",
        ),
        Mistake(
            "mean of the two uses",
            lambda W, X: (_inner_use(W, X) + _outer_use(W, X)) / 2,
            "Every entry is half of what a nudge shows: you averaged the two uses, or left out the 2 of the squares.",
        ),
        Mistake(
            "2 missing in the first term",
            lambda W, X: _inner_use(W, X) / 2 + _outer_use(W, X),
            "The second term is right. In the first the 2 of the squares has gone.",
        ),
        Mistake(
            "2 missing in the second term",
            lambda W, X: _inner_use(W, X) + _outer_use(W, X) / 2,
            "The first term is right. In the second the 2 of the squares has gone.",
        ),
        Mistake(
            "averaged over the examples",
            lambda W, X: (_inner_use(W, X) + _outer_use(W, X)) / X.shape[1],
            "You divide by the number of columns. F is a sum over them; a 1/m would have to stand in F.",
        ),
        Mistake(
            "the x at the end moved too",
            lambda W, X: 2 * W @ (W.T @ W @ X) @ X.T + 2 * (W @ X) @ (W.T @ W @ X).T,
            "You left the subtracted X out of the misfit. The error starts from the difference.",
        ),
        Mistake(
            "sign",
            lambda W, X: -(_inner_use(W, X) + _outer_use(W, X)),
            "Every entry has the opposite sign. The misfit is what the net gives back, minus X.",
        ),
    ),
)
