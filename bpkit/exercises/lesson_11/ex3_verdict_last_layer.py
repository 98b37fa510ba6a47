"""11.3: text P, the last layer: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, prime, verdict
from bpkit.exercises.oracles import sigmoid


def _last_layer(sides: Callable[..., Pair]) -> Sides:
    """A last layer with as many neurons as the one before; `sides` gets J as a function of z^L, W, a^{L-1} and z^L."""

    def drawn(rng: np.random.Generator) -> Pair:
        W, b, a, y = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.random(size=(3, 1)), rng.random(size=(3, 1))
        return sides(lambda z: 0.5 * np.sum((sigmoid(z) - y) ** 2), W, a, W @ a + b)

    return drawn


def _slopes_of_weights(J: Callable[[Array], Any], W: Array, a: Array, z: Array) -> Array:
    return oracles.gradient(lambda moved: J(z + (moved - W) @ a), W)


def _by_first_index(J: Callable[[Array], Any], W: Array, a: Array, z: Array) -> Pair:
    return _slopes_of_weights(J, W, a, z), np.repeat(oracles.gradient(J, z) * a, 3, axis=1)


LAST_LAYER = Derivation(
    (
        Line(
            r"$\delta_p^{(L)} = \dfrac{\partial J}{\partial z_p^{(L)}}$",
            "Line 1 is right: it gives a name to a derivative, and the neuron has the same letter on both sides.",
        ),
        Line(
            r"$\delta_p^{(L)} = \dfrac{\partial J}{\partial a_p^{(L)}}\, f'\!\left(z_p^{(L)}\right)$",
            "Line 2 is right, though a sum seems to be missing: with an elementwise f, the input of neuron p reaches the cost through its own output "
            "alone. For a softmax it would be wrong.",
            _last_layer(lambda J, W, a, z: (oracles.gradient(J, z), oracles.gradient(lambda out: J(np.log(out / (1 - out))), sigmoid(z)) * prime(z))),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}}\, a_p^{(L-1)}$",
            sides=_last_layer(_by_first_index),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \delta_p^{(L)}\, a_p^{(L-1)}$",
            "Line 4 puts the name from line 1 into line 3, and that is all it does. If something is wrong with it, it was wrong before.",
            _last_layer(_by_first_index),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial b_q^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}} = \delta_p^{(L)}$",
            "Line 5 is wrong too: its left side asks about neuron q, its right side answers for p. But it is not the first. "
            "Compare the letters of the lines above in the same way.",
            _last_layer(lambda J, W, a, z: (np.tile(oracles.gradient(J, z).T, (3, 1)), np.tile(oracles.gradient(J, z), (1, 3)))),
        ),
        Line(
            r"for every layer: $\dfrac{\partial J}{\partial w_{ji}^{(l)}} = \delta_j^{(l)}\, a_i^{(l-1)}$",
            "Line 6 is right, and it contradicts a line above it for l = L. One of the two has a left side with two indices and uses "
            "only one of them.",
            _last_layer(
                lambda J, W, a, z: (
                    _slopes_of_weights(J, W, a, z),
                    np.array([[oracles.gradient(J, z)[j, 0] * a[i, 0] for i in range(3)] for j in range(3)]),
                )
            ),
        ),
    ),
    wrong=3,
    all_right="One line is wrong. Count the free letters on both sides of every equation: what is asked for on the left has to be used on the right.",
)


EXERCISE = verdict(
    "11.3",
    "verdict_last_layer",
    "Text P, the last layer: the first wrong line",
    LAST_LAYER,
    2,
    (
        "A weight has two indices. Say aloud where it leads to and where it comes from, and look for both in each formula.",
        "Fix p and let q run: the weights into one neuron, from several. Would all of them have the same gradient?",
        "Write z_p out as a sum over q. What stands beside the weight in that sum is what its derivative must contain.",
    ),
)
