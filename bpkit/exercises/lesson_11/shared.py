"""What several exercises of lesson 11 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation
from bpkit.exercises.model import Answer, Exercise
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip

Array = np.ndarray


Layers = list[Any]  # of arrays, None at index 0


Pair = tuple[Any, Any]


Sides = Callable[[np.random.Generator], Pair]


ALLOWED = ("sigmoid", "tanh", "relu")  # the same throughout, so that the grader runs the notebook's cells once for all


def prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def verdict(id: str, name: str, title: str, derivation: Derivation, minutes: int, hints: tuple[str, str, str]) -> Exercise:
    return Exercise(
        id=id,
        name=name,
        title=title,
        points=1,
        minutes=minutes,
        difficulty=2,
        kind="value",
        reference=derivation.wrong,
        oracle=lambda: derivation.first_false(np.random.default_rng(11)),
        accepts=derivation.holds,
        explain=derivation.explain,
        hints=hints,
        mistakes=derivation.mistakes(),
    )


# how an error comes back to a layer: `carried` through the weights, met by `slope`, both (n, m), then scaled by `factor` of examples and paths
def hidden_error(
    slope: Callable[[Array], Any],
    carried: Callable[[Array, Array], Array] = lambda W_next, delta_next: W_next.T @ delta_next,
    arriving: Callable[[Array], Array] = lambda error: error,
    factor: Callable[[int, int], float] = lambda m, paths: 1.0,
) -> Answer:
    return lambda W_next, delta_next, a: factor(a.shape[1], len(W_next)) * arriving(carried(W_next, delta_next)) * slope(a)


CARRIED = (
    Slip(
        "carried",
        lambda W_next, delta_next: W_next @ delta_next,
        "transpose forgotten",
        "The factor behind is right. The weights are taken in the forward direction: which of their two indices does the sum run over?",
    ),
    Slip(
        "factor",
        lambda m, paths: 1.0 / m,
        "averaged over the examples",
        "You divide by the number of examples. An error belongs to one example, a column each; the mean comes with the weights' gradients.",
    ),
    Slip(
        "factor",
        lambda m, paths: 1.0 / paths,
        "mean over the paths",
        "You average over the neurons of the next layer. A change of z reaches the cost along every path, and the paths add up.",
    ),
)


def row_forward(w: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    """ε and y of every layer, examples as rows: tanh inside, sigmoid at the end."""
    eps: Layers = [None]
    y: Layers = [x]
    for m in range(1, len(w)):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(sigmoid(eps[m]) if m == len(w) - 1 else np.tanh(eps[m]))
    return eps, y


def quadratic_loss(w: Layers, b: Layers, x: Array, t: Array) -> Any:
    return 0.5 * np.sum((row_forward(w, b, x)[1][-1] - t) ** 2)


def loss_slopes(w: Layers, b: Layers, x: Array, t: Array) -> tuple[Layers, Layers]:
    """∂L/∂ω and ∂L/∂b by complex step."""

    def slope(parameters: Layers, m: int, cost: Callable[[Layers], Any]) -> Array:
        return oracles.gradient(lambda moved: cost([*parameters[:m], moved, *parameters[m + 1 :]]), parameters[m])

    layers = range(1, len(w))
    return (
        [None, *(slope(w, m, lambda moved: quadratic_loss(moved, b, x, t)) for m in layers)],
        [None, *(slope(b, m, lambda moved: quadratic_loss(w, moved, x, t)) for m in layers)],
    )


def sum_of_squares(v: Array) -> Any:
    return np.sum(v**2)


def ica_misfit(W: Array, x: Array) -> Array:
    return W.T @ W @ x - x


def analytic_relu(z: Array) -> Array:
    return np.where(np.real(z) > 0, z, 0 * z)
