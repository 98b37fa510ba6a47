"""What several exercises of lesson 05 need."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Mistake
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray


Layers = list[Any]  # of arrays, None at the places of layers that have none


def sigmoid_prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def cases_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (2, 4, 3), (4, 3, 1)):
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), rng.normal(size=(n, m)))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", args))
    return cases


def reference_hidden_error(W_next: Array, delta_next: Array, z: Array) -> Array:
    return (W_next.T @ delta_next) * sigmoid_prime(z)


def hidden_error_oracle(W_next: Array, delta_next: Array, z: Array) -> Array:
    # Σ δ_next ∘ z_next changes with z as the cost does, when δ_next is the slope of the cost at z_next
    return oracles.gradient(lambda moved: np.sum(delta_next * (W_next @ sigmoid(moved))), z)


AVERAGED = Mistake(
    "averaged over the examples",
    lambda W_next, delta_next, z: reference_hidden_error(W_next, delta_next, z) / z.shape[1],
    "You divide by the number of examples. δ belongs to one example, a column each; the mean over examples comes later, "
    "when the gradients of weights and biases are formed.",
)


MEAN_OF_PATHS = Mistake(
    "mean over the paths",
    lambda W_next, delta_next, z: reference_hidden_error(W_next, delta_next, z) / W_next.shape[0],
    "You average over the neurons k of the next layer. Each path carries its whole share of the change, and the shares add up.",
)


NO_SLOPE = Mistake(
    "σ' dropped",
    lambda W_next, delta_next, z: W_next.T @ delta_next,
    "You carried the error back to the activation a of this layer and stopped there. δ is taken at z: one more link of the chain is missing.",
)


A_FOR_SLOPE = Mistake(
    "a for σ'",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * sigmoid(z),
    "Your last factor is the activation σ(z). A widely read text prints the formula this way, and its readers noticed. "
    "How does the activation change when z moves?",
)


SLOPE_AT_A = Mistake(
    "σ'(a) for σ'(z)",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * sigmoid_prime(sigmoid(z)),
    "You evaluate the slope at a = σ(z), so σ is applied once too often. Which number went into the activation function?",
)


Z_ONE_MINUS_Z = Mistake(
    "z(1 - z) for σ'",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * z * (1 - z),
    "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
)


ONE_MINUS_A = Mistake(
    "1 - a for σ'",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * (1 - sigmoid(z)),
    "Your last factor is 1 - a, half of the sigmoid's slope. The slope is a product of two factors, and the other one is missing.",
)
