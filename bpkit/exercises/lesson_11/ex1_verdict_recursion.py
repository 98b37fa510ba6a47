"""11.1: text A, the recursion: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, verdict
from bpkit.exercises.oracles import sigmoid


def _recursion(sides: Callable[..., Pair]) -> Sides:
    """Two layers of sigmoid neurons and the quadratic cost; `sides` gets W, b, z, the cost at the next z, and its slope there."""

    def drawn(rng: np.random.Generator) -> Pair:
        W, b, z, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1)), rng.random(size=(2, 1))

        def cost(z_next: Array) -> Any:
            return 0.5 * np.sum((sigmoid(z_next) - y) ** 2)

        return sides(W, b, z, cost, oracles.gradient(cost, W @ sigmoid(z) + b))

    return drawn


def _link(W: Array, z: Array) -> Array:
    """∂z_next / ∂z, row: neuron of the next layer."""
    return oracles.jacobian(lambda moved: W @ sigmoid(moved), z)[:, 0, :, 0]


def _true_error(W: Array, b: Array, z: Array, cost: Callable[[Array], Any]) -> Array:
    return oracles.gradient(lambda moved: cost(W @ sigmoid(moved) + b), z)


RECURSION = Derivation(
    (
        Line(
            r"$\delta^l_j = \dfrac{\partial C}{\partial z^l_j}$",
            "Line 1 is right: it gives a name to a derivative. A definition can be clumsy, it cannot be false.",
        ),
        Line(
            r"$\delta^l_j = \displaystyle\sum_k \frac{\partial C}{\partial z^{l+1}_k}\, \frac{\partial z^{l+1}_k}{\partial z^l_j}$",
            "Line 2 is right: the one neuron j feeds every neuron k of the next layer, so the chain rule has one term for each of them. "
            "Nothing has been differentiated yet.",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (delta_next * _link(W, z)).sum(axis=0)[:, None])),
        ),
        Line(
            r"$z^{l+1}_k = \displaystyle\sum_j w^{l+1}_{kj}\, \sigma(z^l_j) + b^{l+1}_k$",
            "Line 3 is right: it is the forward pass. That its j runs over all neurons, while the j of line 2 is one of them, is untidy but true.",
            _recursion(
                lambda W, b, z, cost, delta_next: (
                    W @ sigmoid(z) + b,
                    np.array([[sum(W[k, j] * sigmoid(z[j, 0]) for j in range(3)) + b[k, 0]] for k in range(2)]),
                )
            ),
        ),
        Line(
            r"$\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\, a^l_j$",
            sides=_recursion(lambda W, b, z, cost, delta_next: (_link(W, z), W * sigmoid(z)[:, 0])),
        ),
        Line(
            r"$\delta^l_j = \displaystyle\sum_k \delta^{l+1}_k\, w^{l+1}_{kj}\, a^l_j$",
            "Line 5 is not so, but it only puts lines 2 and 4 together, and putting together is allowed. Which of the two brought the fault in?",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (W.T @ delta_next) * sigmoid(z))),
        ),
        Line(
            r"$\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot a^l$",
            "Line 6 says the same as line 5 for all j at once, and the transpose is where it belongs. The fault came in further up.",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (W.T @ delta_next) * sigmoid(z))),
        ),
    ),
    wrong=4,
    all_right="One line is wrong. Take one weight, nudge z_j, and compare what z_k of the next layer does with what each line says it does.",
)


EXERCISE = verdict(
    "11.1",
    "verdict_recursion",
    "Text A, the recursion: the first wrong line",
    RECURSION,
    2,
    (
        "Read each line as a claim about a nudge: who is moved, who answers, by how much?",
        "A derivative of a sum is the sum of the derivatives of its terms. Do that to the sum that gives z_k, with pencil and paper.",
        "One of the lines differentiates. Does what stands there say how large something is, or how fast it changes?",
    ),
)
