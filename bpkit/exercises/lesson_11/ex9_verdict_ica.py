"""11.9: text U, ICA: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Pair, Sides, ica_misfit, sum_of_squares, verdict


def _ica(sides: Callable[..., Pair]) -> Sides:
    """`sides` gets W, square and not symmetric, and x."""
    return lambda rng: sides(rng.normal(size=(3, 3)), rng.normal(size=(3, 1)))


ICA = Derivation(
    (
        Line(
            r"$F = \lVert W^\top W x - x \rVert^2$ as a net: $z^{(2)} = Wx$, $z^{(3)} = W^\top z^{(2)}$, $z^{(4)} = z^{(3)} - x$, "
            r"$F = \sum_k (z^{(4)}_k)^2$",
            "Line 1 is right: read it from the inside, and it is F. That W comes in twice is the difficulty, not a mistake.",
            _ica(lambda W, x: (sum_of_squares(ica_misfit(W, x)), np.sum((np.einsum("ji,j->i", W, (W @ x)[:, 0]) - x[:, 0]) ** 2))),
        ),
        Line(
            r"$\delta^{(4)} = 2 \left( W^\top W x - x \right)$",
            "Line 2 is right: the slope of a sum of squares is twice what is squared.",
            _ica(lambda W, x: (oracles.gradient(sum_of_squares, ica_misfit(W, x)), 2 * ica_misfit(W, x))),
        ),
        Line(
            r"$\delta^{(3)} = \left( I^\top \delta^{(4)} \right) \odot 1$",
            "Line 3 is right: subtracting x changes no slope.",
            _ica(lambda W, x: (oracles.gradient(lambda z: sum_of_squares(z - x), W.T @ W @ x), 2 * ica_misfit(W, x))),
        ),
        Line(
            r"$\delta^{(2)} = \left( (W^\top)^\top \delta^{(3)} \right) \odot 1$",
            "Line 4 is right, though it looks doubled: the weights from layer 2 to layer 3 are the transpose of W, and BP2 transposes the weights.",
            _ica(lambda W, x: (oracles.gradient(lambda z: sum_of_squares(W.T @ z - x), W @ x), W @ (2 * ica_misfit(W, x)))),
        ),
        Line(
            r"$\delta^{(1)} = \left( W^\top \delta^{(2)} \right) \odot 1$",
            "Line 5 is right: it is the slope at the net's input, with the x that is subtracted at the end held fast. It is not used below.",
            _ica(lambda W, x: (oracles.gradient(lambda z: sum_of_squares(W.T @ W @ z - x), x), W.T @ W @ (2 * ica_misfit(W, x)))),
        ),
        Line(
            r"the use as $W^\top$: $\;\nabla_{W^\top} F = \delta^{(3)} (a^{(2)})^\top = 2 \left( W^\top W x - x \right) (Wx)^\top$",
            "Line 6 is right: BP4 for the weights between layers 2 and 3, the error behind them times the activations before them.",
            _ica(lambda W, x: (oracles.gradient(lambda V: sum_of_squares(V @ W @ x - x), W.T), 2 * ica_misfit(W, x) @ (W @ x).T)),
        ),
        Line(
            r"the use as $W$: $\;\nabla_W F = \delta^{(2)} (a^{(1)})^\top = W^\top\, 2 \left( W^\top W x - x \right) x^\top$",
            sides=_ica(lambda W, x: (oracles.gradient(lambda V: sum_of_squares(W.T @ V @ x - x), W), W.T @ (2 * ica_misfit(W, x)) @ x.T)),
        ),
        Line(
            r"both uses: $\;\nabla_W F = W^\top\, 2 \left( W^\top W x - x \right) x^\top + 2\, (Wx) \left( W^\top W x - x \right)^\top$",
            "Line 8 adds the two uses, and turns the gradient of the transpose back before it does: both are as they should be. "
            "One of the two terms was handed to it wrong.",
            _ica(
                lambda W, x: (
                    oracles.gradient(lambda V: sum_of_squares(V.T @ V @ x - x), W),
                    W.T @ (2 * ica_misfit(W, x)) @ x.T + 2 * (W @ x) @ ica_misfit(W, x).T,
                )
            ),
        ),
    ),
    wrong=7,
    all_right="One line is wrong. Take W with 2 rows and 4 columns, and write the shape under every factor: does every product exist?",
)


EXERCISE = verdict(
    "11.9",
    "verdict_ica",
    "Text U, ICA: the first wrong line",
    ICA,
    3,
    (
        "Each line after the first names earlier symbols. Put in for every symbol exactly what the earlier line says it is.",
        "Shapes: let W be 2×4 and x 4×1. Go through the products from left to right.",
        "Count the transposes that stand over W in each line, and compare with the line that it quotes.",
    ),
)
