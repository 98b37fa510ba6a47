"""What several exercises of lesson 05 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Answer, Case, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip

Array = np.ndarray


Layers = list[Any]  # of arrays, None at the places of layers that have none


def sigmoid_prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def cases_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (1, 4, 3), (4, 3, 1), (4, 2, 2), (3, 1, 2)):
        W_next, delta_next, z = rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), rng.normal(size=(n, m))
        if m == 5:
            z[:, -1] += np.copysign(4, z[:, -1])  # where the slope is nearly 0, and not 0
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", (W_next, delta_next, z)))
    return cases


def reference_hidden_error(W_next: Array, delta_next: Array, z: Array) -> Array:
    return (W_next.T @ delta_next) * sigmoid_prime(z)


def hidden_error_oracle(W_next: Array, delta_next: Array, z: Array) -> Array:
    # Σ δ_next ∘ z_next changes with z as the cost does, when δ_next is the slope of the cost at z_next
    return oracles.gradient(lambda moved: np.sum(delta_next * (W_next @ sigmoid(moved))), z)


# ---- BP2 by its parts: the error is carried back through the weights, met by a slope, and scaled by a factor


def hidden_error_by(
    slope: Callable[[Array], Any] = sigmoid_prime,
    carried: Callable[[Array, Array], Array] = lambda W_next, delta_next: W_next.T @ delta_next,
    factor: Callable[[Array, Array], float] = lambda W_next, z: 1.0,
) -> Answer:
    return lambda W_next, delta_next, z: factor(W_next, z) * carried(W_next, delta_next) * slope(z)


SLOPES = (
    Slip(
        "slope",
        lambda z: 1.0,
        "σ' dropped",
        "You carried the error back to the activation a of this layer and stopped there. δ is taken at z: one more link of the chain is missing.",
    ),
    Slip(
        "slope",
        sigmoid,
        "a for σ'",
        "Your last factor is the activation σ(z). A widely read text prints the formula this way, and its readers noticed. "
        "How does the activation change when z moves?",
    ),
    Slip(
        "slope",
        lambda z: sigmoid_prime(sigmoid(z)),
        "σ'(a) for σ'(z)",
        "You evaluate the slope at a = σ(z), so σ is applied once too often. Which number went into the activation function?",
    ),
    Slip(
        "slope",
        lambda z: z * (1 - z),
        "z(1 - z) for σ'",
        "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: 1 - np.tanh(z) ** 2,
        "slope of tanh at z",
        "Your last factor is the slope of tanh. These neurons are sigmoids.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: (z > 0).astype(float),
        "slope of relu",
        "Your last factor is 1 or 0, the slope of relu. These neurons are sigmoids.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: 1 - sigmoid(z),
        "1 - a for σ'",
        "Your last factor is 1 - a, half of the sigmoid's slope. The slope is a product of two factors, and the other one is missing.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: z,
        "z for σ'",
        "Your last factor is z itself. How fast does the activation change when z moves? That is a derivative.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: 1 - sigmoid(z) ** 2,
        "slope of tanh",
        "1 - a² is the slope of tanh, written with its activation. These neurons are sigmoids.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: sigmoid_prime(z) ** 2,
        "slope squared",
        "The slope is in it twice. On the way back to z the activation function is passed once.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: sigmoid_prime(z)[:, :1],
        "slopes of the first example",
        "Every example gets the slopes of the first one. Each has a z of its own, a column each.",
        alone=True,
    ),
    Slip(
        "slope",
        lambda z: sigmoid_prime(z).mean(axis=1, keepdims=True),
        "slopes averaged over the examples",
        "You average the slopes over the examples. Each example has a z of its own, a column each, and so slopes of its own.",
        alone=True,
    ),
)


TRANSPOSE_FORGOTTEN = Slip(
    "carried",
    lambda W_next, delta_next: W_next @ delta_next,
    "transpose forgotten",
    "You multiply by W_next as it stands: that carries values forward, from this layer to the next. "
    "Where the layers differ in size the shapes tell you; here they agree by chance. Which index does the sum in BP2 run over?",
)


PATHS = (
    Slip(
        "carried",
        lambda W_next, delta_next: np.outer(W_next[-1], delta_next[-1]),
        "= for +=",
        "Only the last neuron of the next layer counts, as if each turn of a loop overwrote the turn before. A change of z_j reaches the cost "
        "along all paths.",
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: np.outer(W_next[0], delta_next[0]),
        "first path only",
        "Only the first neuron of the next layer counts. A change of z_j reaches the cost along all paths: does your loop end after one turn?",
        alone=True,
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: np.abs(W_next).T @ delta_next,
        "size of the weights",
        "You take the size of the weights. Along a negative weight the error comes back with the other sign.",
        alone=True,
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: W_next.T @ delta_next.sum(axis=1, keepdims=True),
        "errors added up over the examples",
        "You add up the errors of all examples before they go back. Each column is one example, and its error stays in it.",
        alone=True,
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: np.linalg.pinv(W_next) @ delta_next,
        "inverse for transpose",
        "You go back through the inverse of the weights, or their pseudo-inverse. Nothing is to be recovered: an error comes back along the same "
        "weights, multiplied by each.",
        alone=True,
    ),
    Slip(
        "factor",
        lambda W_next, z: 1.0 / z.shape[1],
        "averaged over the examples",
        "You divide by the number of examples. δ belongs to one example, a column each; the mean over examples comes later, "
        "when the gradients of weights and biases are formed.",
    ),
    Slip(
        "factor",
        lambda W_next, z: 1.0 / len(W_next),
        "mean over the paths",
        "You average over the neurons k of the next layer. Each path carries its whole share of the change, and the shares add up.",
    ),
    Slip(
        "factor",
        lambda W_next, z: -1.0,
        "sign",
        "Every entry has the opposite sign. δ is the slope of the cost itself; the minus sign of gradient descent comes with the update, not here.",
    ),
)


SLOPE_ADDED = Mistake(
    "slope added",
    lambda W_next, delta_next, z: W_next.T @ delta_next + sigmoid_prime(z),
    "You add the slope. Links of a chain, one after the other, are multiplied.",
)


ERROR_ADDED = Mistake(
    "error of the next layer added",
    lambda W_next, delta_next, z: W_next.T @ delta_next * sigmoid_prime(z) + delta_next,
    "You add the error of the next layer as it is. It comes back along the weights alone: nothing leads past them.",
)


SLOPE_AT_THE_SUM = Mistake(
    "slope at what came back",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * sigmoid_prime(W_next.T @ delta_next),
    "You take the slope at the sum that came back, where it belongs to z. Did you write the sum into z? After `out = z` both names stand for one "
    "array.",
)


SLOPE_OF_NEXT_Z = Mistake(
    "σ' at z of the next layer",
    lambda W_next, delta_next, z: W_next.T @ (delta_next * sigmoid_prime(W_next @ sigmoid(z))),
    "You work out z of the next layer and take its slope. The slope that belongs to the next layer is in delta_next already; which one does "
    "an error meet that arrives at this layer?",
)
