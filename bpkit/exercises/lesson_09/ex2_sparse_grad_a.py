"""09.2: sparse coding: the gradient with respect to the dictionary A."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import AVERAGED_HINT, SPARSE, Array, coded
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_A(rng: np.random.Generator) -> list[Case]:
    return [Case(f"A {n}×{k}, m = {m}", (*coded(rng, n, k, m), float(rng.uniform(0.3, 2.0)))) for n, k, m in SPARSE]


def _sparse_A(A: Array, s: Array, x: Array, gamma: float) -> Array:
    return 2 * (A @ s - x) @ s.T + 2 * gamma * A


EXERCISE = Exercise(
    id="09.2",
    name="sparse_grad_A",
    title="Sparse coding: the gradient with respect to the dictionary A",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_A,
    reference=_sparse_A,
    oracle=lambda A, s, x, gamma: oracles.gradient(lambda moved: np.sum((moved @ s - x) ** 2) + gamma * np.sum(moved**2), A),
    hints=(
        "A is used twice: it multiplies s, and it is squared in the penalty. Two ways lead from A to the objective; what does that mean for its "
        "gradient?",
        "For the first use compare with BP4: the gradient of weights is the error in front of them times what came in, transposed. Here s came in.",
        "For the second use take one entry: how does γa² move with a? Each of the two parts has the shape of A. Add them.",
    ),
    mistakes=(
        Mistake(
            "∇_s for ∇_A (text U)",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x),
            "That is the gradient with respect to s, and it has the shape of s. A published text announces the gradient for A and derives this one. "
            "What came in at the use of A?",
        ),
        Mistake(
            "∇_s with the penalty of A",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x) + 2 * gamma * A,
            "Your first term is the gradient with respect to s, your second the one with respect to A. They only have the same shape by chance.",
        ),
        Mistake(
            "∇_s with half the penalty of A",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x) + gamma * A,
            "Your first term is the gradient with respect to s and has its shape; your second belongs to A. Start with the use of A in As.",
        ),
        Mistake(
            "sᵀ missing",
            lambda A, s, x, gamma: 2 * (A @ s - x) + 2 * gamma * A,
            "Your first term is the error at As. To become a gradient of weights it must still meet what came in along them.",
        ),
        Mistake(
            "sᵀ misplaced",
            lambda A, s, x, gamma: 2 * s.T @ (A @ s - x) + 2 * gamma * A,
            "sᵀ stands on the wrong side of the error. Go by indices: row i of A leads to entry i of As, column j comes from entry j of s.",
        ),
        Mistake(
            "s not transposed",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s + 2 * gamma * A,
            "You multiply the error by s as it stands. The sum has to run over the examples, which are the columns of both.",
        ),
        Mistake(
            "first part transposed",
            lambda A, s, x, gamma: 2 * s @ (A @ s - x).T + 2 * gamma * A,
            "Your first part has its rows and columns swapped: row i of A belongs to the entry of As that it leads to.",
        ),
        Mistake(
            "entry by entry with s",
            lambda A, s, x, gamma: 2 * (A @ s - x) * s + 2 * gamma * A,
            "Every pair of an error and an input needs an entry of its own. An entry-by-entry product keeps only some of the pairs.",
        ),
        Mistake(
            "entry by entry with sᵀ",
            lambda A, s, x, gamma: 2 * (A @ s - x) * s.T + 2 * gamma * A,
            "For a single example an entry-by-entry product of a column and a row happens to give every pair. For several the pairs of all examples "
            "have to be summed: that is another kind of product.",
        ),
        Mistake(
            "γ once",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A,
            "The first part is right. The penalty has squares in it as well: what does γa² hand back to a?",
        ),
        Mistake(
            "2 missing in the first part",
            lambda A, s, x, gamma: (A @ s - x) @ s.T + 2 * gamma * A,
            "The part of the penalty is right. The other part is half of what it should be: the residual is squared, too.",
        ),
        Mistake(
            "both factors 2 missing",
            lambda A, s, x, gamma: (A @ s - x) @ s.T + gamma * A,
            "Every entry is half of what it should be. Neither of the two squares has a ½ in front.",
        ),
        Mistake(
            "penalty left out",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T,
            "One use of A is missing: it stands in the penalty, too.",
        ),
        Mistake(
            "only the penalty",
            lambda A, s, x, gamma: 2 * gamma * A,
            "That is the part of the penalty. A also multiplies s.",
        ),
        Mistake(
            "value of the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * np.sum(A**2),
            "You add the penalty itself, one number, to every entry. Its gradient is asked: an entry for each entry of A.",
        ),
        Mistake(
            "norm for its square in the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A / np.linalg.norm(A),
            "The first part is right. The second is the gradient of the length of A; the penalty is the length squared.",
        ),
        Mistake(
            "length of A in the penalty's part",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * np.linalg.norm(A),
            "The part of the penalty is one number, added everywhere. Each entry of A is squared by itself, so each gets back its own number.",
        ),
        Mistake(
            "squares in the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A**2,
            "The first part is right. In the second you left the squares standing where their derivatives belong.",
        ),
        Mistake(
            "γ on both parts",
            lambda A, s, x, gamma: 2 * gamma * ((A @ s - x) @ s.T + A),
            "γ stands in front of the penalty only. It cannot scale the other part.",
        ),
        Mistake(
            "penalty subtracted",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T - 2 * gamma * A,
            "The two parts of the objective are added, so their gradients are. The minus sign of a descent step is not part of the gradient.",
        ),
        Mistake(
            "sign of the residual",
            lambda A, s, x, gamma: 2 * (x - A @ s) @ s.T + 2 * gamma * A,
            "The part of the penalty is right, the other has the opposite sign. Which of the two terms in the residual contains A?",
        ),
        Mistake(
            "averaged over the examples",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T / s.shape[1] + 2 * gamma * A,
            AVERAGED_HINT,
        ),
    ),
)
