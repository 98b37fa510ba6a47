"""11.7: text U, sparse coding: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Pair, Sides, sum_of_squares, verdict


def _sparse(sides: Callable[..., Pair]) -> Sides:
    """`sides` gets A, s, x and γ."""
    return lambda rng: sides(rng.normal(size=(2, 3)), rng.normal(size=(3, 1)), rng.normal(size=(2, 1)), 0.7)


SPARSE = Derivation(
    (
        Line(
            r"wanted: $\nabla_A F$ of $F = \lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$. The second term gives $2 \gamma A$; "
            r"draw the first as a net: $z^{(2)} = As$, $z^{(3)} = As - x$, $F_1 = \sum_k (z^{(3)}_k)^2$",
            "Line 1 is right: the net computes the first term, and the second is a sum of squares.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: gamma * sum_of_squares(moved), A), 2 * gamma * A)),
        ),
        Line(
            r"$\delta^{(3)} = 2 z^{(3)} = 2(As - x)$",
            "Line 2 is right: the last layer squares and sums, so the slope at its input is twice that input. No error has to come in from behind.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(sum_of_squares, A @ s - x), 2 * (A @ s - x))),
        ),
        Line(
            r"$\delta^{(2)} = \left( I^\top \delta^{(3)} \right) \odot 1 = 2(As - x)$",
            "Line 3 is right: subtracting the constant x changes no slope, and the weights between these layers are the identity.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda z: sum_of_squares(z - x), A @ s), 2 * (A @ s - x))),
        ),
        Line(
            r"$\delta^{(1)} = \left( A^\top \delta^{(2)} \right) \odot 1 = 2 A^\top (As - x)$",
            "Line 4 is right: it is the slope at the input of the net, and layer 1 has the identity as its activation function. "
            "Say which variable that input is.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: sum_of_squares(A @ moved - x), s), 2 * A.T @ (A @ s - x))),
        ),
        Line(
            r"so the first term's gradient is $\nabla F_1 = \delta^{(1)} = 2 A^\top (As - x)$",
            sides=_sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: sum_of_squares(moved @ s - x), A), 2 * A.T @ (A @ s - x))),
        ),
        Line(
            r"$\nabla_A F = 2 A^\top (As - x) + 2 \gamma A$",
            "Line 6 adds the two terms, as line 1 announced; its shapes do not even fit. Which of the two terms has the wrong shape, "
            "and where was it made?",
            _sparse(
                lambda A, s, x, gamma: (
                    oracles.gradient(lambda moved: sum_of_squares(moved @ s - x) + gamma * sum_of_squares(moved), A),
                    2 * A.T @ (A @ s - x),
                )
            ),
        ),
    ),
    wrong=5,
    all_right="One line is wrong. Write the shape of A, of s and of every right side beside its line: a gradient has the shape of its variable.",
)


EXERCISE = verdict(
    "11.7",
    "verdict_sparse",
    "Text U, sparse coding: the first wrong line",
    SPARSE,
    2,
    (
        "Keep the question in mind: with respect to what is the gradient wanted?",
        "Every δ is the slope at the input of a layer. For each of the three, name the quantity it is the slope of F at.",
        "A is not a quantity that flows through this net. What is it, and how does one get from a δ to the gradient of such a thing?",
    ),
)
