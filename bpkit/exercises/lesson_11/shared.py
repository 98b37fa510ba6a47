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


ALLOWED = ("sigmoid", "tanh", "relu", "softmax")  # the same throughout, so that the grader runs the notebook's cells once for all


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


EVERY_COLUMN = "Every example gets the errors of all in your answer. A column is one example, and its error goes back by itself."

CARRIED = (
    Slip(
        "carried",
        lambda W_next, delta_next: W_next.T @ delta_next.sum(axis=1, keepdims=True) + np.zeros(delta_next.shape[1]),
        "the sum in every column",
        EVERY_COLUMN,
        alone=True,
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: W_next.T @ delta_next.mean(axis=1, keepdims=True) + np.zeros(delta_next.shape[1]),
        "the mean in every column",
        EVERY_COLUMN,
        alone=True,
    ),
    Slip(
        "carried",
        lambda W_next, delta_next: np.linalg.pinv(W_next) @ delta_next,
        "pseudo-inverse for the transpose",
        "The factor behind is right. You go back through the pseudo-inverse of the weights. That would undo the forward step; an error goes back "
        "through the transpose.",
        alone=True,
    ),
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


# ---- the second part ---------------------------------------------------------------------------------------------------


def mean_over(values: Array, axis: int) -> Array:
    return values.mean(axis=axis, keepdims=True)


def standardised(z: Array, epsilon: float, axis: int = 0) -> Array:
    """Mean 0 and variance just below 1 along an axis."""
    centred = z - mean_over(z, axis)
    return centred / np.sqrt(mean_over(centred**2, axis) + epsilon)


def normalised_parts(
    axis: int,
    weight: Callable[[Array], Any] = lambda gamma: gamma,
    mean: Callable[[Array, int], Any] = mean_over,
    spread: Callable[[Array, Array, int], Any] = lambda d, h, axis: h * mean_over(d * h, axis),
    deviation: Callable[[Array, int, float], Array] = lambda centred, axis, epsilon: np.sqrt(mean_over(centred**2, axis) + epsilon),
    over: Callable[[Array], Any] = lambda s: 1 / s,
    factor: Callable[[int], float] = lambda size: 1.0,
) -> Answer:
    """The gradient for the input of a normalisation along `axis`, one part for each thing to get wrong."""

    def answer(z: Array, gamma: Array, g: Array, epsilon: float) -> Array:
        centred = z - mean_over(z, axis)
        s = deviation(centred, axis, epsilon)
        h, d = centred / s, weight(gamma) * g
        return factor(z.shape[axis]) * over(s) * (d - mean(d, axis) - spread(d, h, axis))

    return answer


def weighted_partly(axis: int, in_mean: bool, in_deviation: bool) -> Answer:
    """The gradient for the input where γ stands where g stands alone, and in one of the two means at most."""

    def answer(z: Array, gamma: Array, g: Array, epsilon: float) -> Array:
        h, d = standardised(z, epsilon, axis), gamma * g
        s = np.sqrt(mean_over((z - mean_over(z, axis)) ** 2, axis) + epsilon)
        for_mean, for_deviation = d if in_mean else g, d if in_deviation else g
        return (d - mean_over(for_mean, axis) - h * mean_over(for_deviation * h, axis)) / s

    return answer


HALF_NORMALISED = (
    "What comes back through the deviation holds the normalised values twice: in a mean, and in front of it. In your answer one of the two is not "
    "normalised."
)


def half_normalised(axis: int) -> dict[str, Answer]:
    """The gradient for the input where one of the two normalised values on the path through the deviation is another number."""

    def made(before: Callable[..., Array], within: Callable[..., Array]) -> Answer:
        def answer(z: Array, gamma: Array, g: Array, epsilon: float) -> Array:
            mu, h, d = mean_over(z, axis), standardised(z, epsilon, axis), gamma * g
            s = np.sqrt(mean_over((z - mu) ** 2, axis) + epsilon)
            return (d - mean_over(d, axis) - before(z, mu, h) * mean_over(d * within(z, mu, h), axis)) / s

        return answer

    def normalised(z: Array, mu: Array, h: Array) -> Array:
        return h

    return {
        "the input in front of the mean": made(lambda z, mu, h: z, normalised),
        "the input in the mean": made(normalised, lambda z, mu, h: z),
        "the centred input once": made(normalised, lambda z, mu, h: z - mu),  # in which place makes no difference
    }


SUMS_FOR_MEANS = "What comes back through mean and deviation is a sum in your answer, twice. Both are means: each entry has only its share in them."


def normalised_slips(all_of: str) -> tuple[Slip, ...]:
    """What goes wrong in a normalisation over the examples, or over the neurons."""
    return (
        Slip(
            "mean",
            lambda d, axis: 0.0,
            "no path through the mean",
            f"Your gradient for the input does not add up to 0 over {all_of}. The same shift of all of them moves no output: a way is missing.",
        ),
        Slip(
            "spread",
            lambda d, h, axis: 0.0,
            "no path through the deviation",
            "The way through the mean is there, and s is held fast. It is made from the same numbers as the mean.",
        ),
        Slip(
            "spread",
            lambda d, h, axis: mean_over(d * h, axis),
            "last factor left out",
            f"What comes back through the deviation is the same for {all_of} in your answer. Each moves s by as much as it is away from the mean.",
        ),
        Slip(
            "mean",
            lambda d, axis: d.sum(axis=axis, keepdims=True),
            "sum for the mean",
            f"What comes back through the mean is a sum in your answer. μ is a mean over {all_of}: each has only its share of it.",
            alone=True,
        ),
        Slip(
            "spread",
            lambda d, h, axis: h * (d * h).sum(axis=axis, keepdims=True),
            "sum in the deviation",
            f"What comes back through the deviation is a sum in your answer. v is a mean over {all_of}.",
            alone=True,
        ),
        Slip(
            "spread",
            lambda d, h, axis: -h * mean_over(d * h, axis),
            "deviation added",
            "What comes back through the deviation has the wrong sign. A larger s makes every normalised value smaller in size.",
            alone=True,
        ),
        Slip(
            "spread",
            lambda d, h, axis: h * mean_over(d * h, axis) / 2,
            "half of the deviation",
            "What comes back through the deviation is half of what it should be. The half of the root meets the two of the square.",
            alone=True,
        ),
        Slip(
            "spread",
            lambda d, h, axis: 2 * h * mean_over(d * h, axis),
            "twice the deviation",
            "What comes back through the deviation is twice what it should be. The two of the square meets the half of the root.",
            alone=True,
        ),
        Slip(
            "factor",
            float,
            "means not divided",
            f"You have the formula times the number of {all_of.removeprefix('the ')}: some write it so, and divide at the very end.",
            alone=True,
        ),
        Slip(
            "factor",
            lambda size: -1.0,
            "sign",
            "Every entry for the input has the opposite sign. A gradient points uphill; the minus belongs to the step.",
            alone=True,
        ),
        Slip(
            "mean",
            lambda d, axis: -mean_over(d, axis),
            "mean added",
            "What comes back through the mean has the wrong sign. The mean is subtracted.",
            alone=True,
        ),
        Slip(
            "over",
            lambda s: 1.0,
            "1/s left out",
            "Every path ends in the division by s, and your result is not divided by it.",
        ),
        Slip(
            "over",
            lambda s: 1 / s**2,
            "variance for the deviation",
            "You divide by the square of s. The forward pass divides by s.",
        ),
        Slip(
            "over",
            lambda s: s,
            "times s",
            "You multiply by s at the end. The forward pass divides by it, and so does the way back.",
            alone=True,
        ),
        Slip(
            "weight",
            lambda gamma: 1.0,
            "γ left out",
            "γ is missing: the output is γ times the normalised value, plus β.",
        ),
        Slip(
            "weight",
            np.abs,
            "γ without its sign",
            "You take the size of γ for γ. A negative γ turns the slope round.",
            alone=True,
        ),
        Slip(
            "deviation",
            lambda centred, axis, epsilon: np.sqrt(mean_over(centred**2, axis)),
            "ε left out",
            "The form is right, and your s is too small: there is an ε in it.",
        ),
        Slip(
            "deviation",
            lambda centred, axis, epsilon: np.sqrt((centred**2).sum(axis=axis, keepdims=True) / (centred.shape[axis] - 1) + epsilon),
            "one less in the variance",
            f"Your variance divides by one less than the number of {all_of.removeprefix('the ')}. This one is a plain mean of squares.",
            alone=True,
        ),
        Slip(
            "deviation",
            lambda centred, axis, epsilon: np.sqrt(mean_over(centred**2, axis)) + epsilon,
            "ε outside the root",
            "You add ε to the deviation. It belongs to the variance, under the root.",
            alone=True,
        ),
    )


def softmax_columns(z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum(axis=0, keepdims=True)


def softmax_rows(z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def attended(Q: Array, K: Array, V: Array) -> Array:
    """A token in each row."""
    return softmax_rows(Q @ K.T / np.sqrt(Q.shape[1])) @ V


def smoothed(y: Array, alpha: float) -> Array:
    """The targets of the case on label smoothing, which do not add up to 1."""
    return (1 - alpha) * y + alpha / len(y) * (1 - y)


def states(W: Array, x: Array, h0: Array | None = None) -> Array:
    """h_0, h_1, …, each a column: h_t = tanh(W h_{t-1} + x_t), from 0 unless `h0` is given."""
    h = [np.zeros(len(W)) if h0 is None else h0]
    for moment in x.T:
        h.append(np.tanh(W @ h[-1] + moment))
    return np.stack(h, axis=1)
