"""10.3: How a gradient goes back through a matrix product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_matmul(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k, m in ((3, 3, 3), (2, 4, 3), (3, 1, 2), (1, 2, 1)):
        args = (rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m)))
        cases.append(Case(f"A {n}×{k}, B {k}×{m}", args))
    return cases


def _matmul_vjp(A: Array, B: Array, G: Array) -> list[Array]:
    return [G @ B.T, A.T @ G]


def _matmul_oracle(A: Array, B: Array, G: Array) -> list[Array]:
    return [oracles.gradient(lambda moved: np.sum(G * (moved @ B)), A), oracles.gradient(lambda moved: np.sum(G * (A @ moved)), B)]


def _in_parts(
    of_A: Callable[[Array, Array, Array], Array] = lambda A, B, G: G @ B.T,
    of_B: Callable[[Array, Array, Array], Array] = lambda A, B, G: A.T @ G,
) -> Answer:
    return lambda A, B, G: [of_A(A, B, G), of_B(A, B, G)]


_ALIKE = ("untransposed", "in the other order", "transposed", "without G")  # in both gradients these have a name of their own


EXERCISE = Exercise(
    id="10.3",
    name="matmul_vjp",
    title="How a gradient goes back through a matrix product",
    points=2,
    minutes=8,
    difficulty=2,
    part=("the gradient of A", "the gradient of B"),
    cases=_cases_matmul,
    reference=_matmul_vjp,
    oracle=_matmul_oracle,
    hints=(
        "Go by shapes: the gradient of A has A's shape. Which of the three matrices can be multiplied, and how, so that this shape comes out?",
        "In components: entry (i, k) of A goes into every entry of row i of the product, each time with a weight from row k of B. Add up what "
        "comes back.",
        "For A, G stands on the left and B transposed on the right. For B it is the mirror image: A transposed stands on the left.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "swapped",
            lambda A, B, G: _matmul_vjp(A, B, G)[::-1],
            "Both gradients are right, in the wrong order: the first belongs to A.",
        ),
        Mistake(
            "untransposed",
            lambda A, B, G: [G @ B, A @ G],
            "G meets B and A as they stand. Only square matrices let that pass. In the sum for A, which index of B is summed over?",
        ),
        Mistake(
            "factors in the other order",
            lambda A, B, G: [B.T @ G, G @ A.T],
            "The right matrices, multiplied in the wrong order; only square ones let that pass. Row i of A's gradient comes from row i of G.",
        ),
        Mistake(
            "results transposed",
            lambda A, B, G: [(G @ B.T).T, (A.T @ G).T],
            "Both results are transposed. A gradient has the shape of what it belongs to, entry for entry.",
        ),
        Mistake(
            "own matrix used",
            lambda A, B, G: [G @ A.T, B.T @ G],
            "A's gradient is made from A, and B's from B. In a product each factor's slope is the other factor.",
        ),
        Mistake(
            "G left out",
            lambda A, B, G: _matmul_vjp(A, B, np.ones_like(G)),
            "Your gradients do not depend on G, as if every entry of the product counted 1. G says how much each of them counts.",
        ),
        Mistake(
            "averaged over the columns",
            lambda A, B, G: [part / G.shape[1] for part in _matmul_vjp(A, B, G)],
            "You divide by the number of columns. A product of matrices knows nothing of examples; a mean comes from the cost, and is in G already.",
        ),
        Mistake(
            "sums before the product in the gradient of A",
            _in_parts(of_A=lambda A, B, G: np.outer(G.sum(axis=1), B.sum(axis=1))),
            "The gradient of B is right. In that of A you add the columns up before you multiply. Each column of G meets the same column of B, and "
            "these products are added.",
        ),
        Mistake(
            "sums before the product in the gradient of B",
            _in_parts(of_B=lambda A, B, G: np.outer(A.sum(axis=0), G.sum(axis=0))),
            "The gradient of A is right. In that of B you add the rows up before you multiply. Each row of G meets the same row of A, and these "
            "products are added.",
        ),
        Mistake(
            "sums before the products",
            lambda A, B, G: [np.outer(G.sum(axis=1), B.sum(axis=1)), np.outer(A.sum(axis=0), G.sum(axis=0))],
            "You add columns and rows up before you multiply. Each column of G meets the same column of B, each row of G the same row of A, and "
            "these products are added.",
        ),
        Mistake(
            "pseudo-inverses",
            lambda A, B, G: [G @ np.linalg.pinv(B), np.linalg.pinv(A) @ G],
            "You go back through pseudo-inverses. They would undo the product; a gradient goes back through the transposes.",
        ),
        Mistake(
            "the product for G",
            lambda A, B, G: _matmul_vjp(A, B, A @ B),
            "The product itself stands where G belongs. Asked is how the result moves with the product, not how large that is.",
        ),
        Mistake(
            "swapped and untransposed",
            lambda A, B, G: [A @ G, G @ B],
            "Two slips at once: the first gradient belongs to A and is made from B, and the matrix that G meets is transposed on the way back.",
        ),
        Mistake(
            "sign",
            lambda A, B, G: [-part for part in _matmul_vjp(A, B, G)],
            "Every entry has the opposite sign. A product has no minus in it.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "of_A",
                    lambda A, B, G: G @ B,
                    "gradient of A untransposed",
                    "The gradient of B is right. In that of A you take B as it stands: which of its indices does the sum run over?",
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: B.T @ G,
                    "gradient of A in the other order",
                    "The gradient of B is right. In that of A the matrices are the right ones, in the wrong order: row i of it comes from row i of "
                    "G.",
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: B @ G.T,
                    "gradient of A transposed",
                    "The gradient of B is right. That of A is transposed: a gradient has the shape of what it belongs to, entry for entry.",
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: np.ones_like(G) @ B.T,
                    "gradient of A without G",
                    "The gradient of B is right. That of A does not depend on G, as if every entry of the product counted 1.",
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: G @ A.T,
                    "gradient of A from A",
                    "The gradient of B is right. That of A is made from A itself. In a product each factor's slope is the other factor.",
                    alone=True,
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: G @ B.T / G.shape[1],
                    "only the gradient of A averaged",
                    "In A's gradient you divide by the number of columns, as BP4 does. A product of matrices knows nothing of examples; a mean comes "
                    "from the cost, and is in G already.",
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: G @ np.linalg.pinv(B),
                    "gradient of A through a pseudo-inverse",
                    "The gradient of B is right. In that of A you go back through the pseudo-inverse of B. That would undo the product; a gradient "
                    "goes back through the transpose.",
                    alone=True,
                ),
                Slip(
                    "of_A",
                    lambda A, B, G: A @ B @ B.T,
                    "the product for G in A's gradient",
                    "The gradient of B is right. In that of A the product itself stands where G belongs. Asked is how the result moves with the "
                    "product, not how large that is.",
                    alone=True,
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: np.linalg.pinv(A) @ G,
                    "gradient of B through a pseudo-inverse",
                    "The gradient of A is right. In that of B you go back through the pseudo-inverse of A. That would undo the product; a gradient "
                    "goes back through the transpose.",
                    alone=True,
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: A.T @ A @ B,
                    "the product for G in B's gradient",
                    "The gradient of A is right. In that of B the product itself stands where G belongs. Asked is how the result moves with the "
                    "product, not how large that is.",
                    alone=True,
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: A @ G,
                    "gradient of B untransposed",
                    "The gradient of A is right. In that of B you take A as it stands: which of its indices does the sum run over?",
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: G @ A.T,
                    "gradient of B in the other order",
                    "The gradient of A is right. In that of B the matrices are the right ones, in the wrong order: column j of it comes from column "
                    "j of G.",
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: G.T @ A,
                    "gradient of B transposed",
                    "The gradient of A is right. That of B is transposed: a gradient has the shape of what it belongs to, entry for entry.",
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: A.T @ np.ones_like(G),
                    "gradient of B without G",
                    "The gradient of A is right. That of B does not depend on G, as if every entry of the product counted 1.",
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: B.T @ G,
                    "gradient of B from B",
                    "The gradient of A is right. That of B is made from B itself. In a product each factor's slope is the other factor.",
                    alone=True,
                ),
                Slip(
                    "of_B",
                    lambda A, B, G: A.T,
                    "the matrix A for B's gradient",
                    "The gradient of A is right. For B you return A transposed: the slope alone. G says how much each entry of the product counts.",
                    alone=True,
                ),
            ),
            told=[frozenset({f"gradient of A {how}", f"gradient of B {how}"}) for how in _ALIKE],
        ),
        Mistake(
            "doubled",
            lambda A, B, G: (2 * G @ B.T, 2 * A.T @ G),
            "Both are twice what they should be. No square is differentiated here.",
        ),
        Mistake(
            "A overwritten by its gradient",
            lambda A, B, G: (G @ B.T, (G @ B.T).T @ G),
            "The gradient of A is right. In that of B it stands where A belongs: is A overwritten before it is needed?",
        ),
        Mistake(
            "B overwritten by its gradient",
            lambda A, B, G: (G @ (A.T @ G).T, A.T @ G),
            "The gradient of B is right. In that of A it stands where B belongs: is B overwritten before it is needed?",
        ),
    ),
)
