"""12.2: the gradient through batch normalisation, each of the three paths by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_12.shared import ALLOWED, Array, cases_backward, standardised
from bpkit.exercises.model import Answer, Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs


def _batch_norm_paths(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    m = z.shape[1]
    centred = z - z.sum(axis=1, keepdims=True) / m
    s = np.sqrt((centred * centred).sum(axis=1, keepdims=True) / m + eps)
    direct = gamma * g / s
    mean = -np.repeat(direct.sum(axis=1, keepdims=True) / m, m, axis=1)
    variance = -centred / s**2 * (direct * centred).sum(axis=1, keepdims=True) / m
    return [direct, mean, variance]


def _oracle(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    """z stands in three places: let it move in one of them at a time."""

    def cost(itself: Array, in_mean: Array, in_variance: Array) -> Any:
        centred = in_variance - in_variance.mean(axis=1, keepdims=True)
        s = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + eps)
        return np.sum(g * gamma * (itself - in_mean.mean(axis=1, keepdims=True)) / s)

    return [
        oracles.gradient(lambda moved: cost(moved, z, z), z),
        oracles.gradient(lambda moved: cost(z, moved, z), z),
        oracles.gradient(lambda moved: cost(z, z, moved), z),
    ]


# each path from its parts
def _in_parts(
    arriving: Callable[[Array, Array], Array] = lambda gamma, g: gamma * g,
    direct: Callable[[Array, Array], Array] = lambda d, s: d / s,
    mean: Callable[[Array, Array, int], Any] = lambda d, s, m: -d.sum(axis=1, keepdims=True) / m / s + 0 * d,
    variance: Callable[[Array, Array, Array, int], Any] = lambda d, z_hat, s, m: -z_hat / s * (d * z_hat).sum(axis=1, keepdims=True) / m,
    epsilon: Callable[[float], float] = lambda eps: eps,
) -> Answer:
    def answer(z: Array, gamma: Array, g: Array, eps: float) -> list[Any]:
        z_hat, s = standardised(z, epsilon(eps), 1)
        d, m = arriving(gamma, g), z.shape[1]
        return [direct(d, s), mean(d, s, m), variance(d, z_hat, s, m)]

    return answer


_SLIPS = (
    Slip("arriving", lambda gamma, g: g, "γ left out", "γ is missing: the first step back goes through the product with it"),
    Slip("direct", lambda d, s: d, "s left out of the direct path", "the direct path is not divided by s"),
    Slip("mean", lambda d, s, m: -d.sum(axis=1, keepdims=True) / s + 0 * d, "1/m left out of the mean's path", "the mean's path has no 1/m"),
    Slip("mean", lambda d, s, m: d.mean(axis=1, keepdims=True) / s + 0 * d, "sign of the mean's path", "the mean's path has the wrong sign"),
    Slip("mean", lambda d, s, m: -d.mean(axis=1, keepdims=True) + 0 * d, "s left out of the mean's path", "the mean's path is not divided by s"),
    Slip(
        "variance",
        lambda d, z_hat, s, m: -z_hat / s * (d * z_hat).sum(axis=1, keepdims=True),
        "1/m left out of the variance's path",
        "the variance's path has no 1/m",
    ),
    Slip(
        "variance",
        lambda d, z_hat, s, m: z_hat / s * (d * z_hat).mean(axis=1, keepdims=True),
        "sign of the variance's path",
        "the variance's path has the wrong sign",
    ),
    Slip(
        "variance",
        lambda d, z_hat, s, m: -z_hat / s * (d * z_hat).mean(axis=1, keepdims=True) / 2,
        "2 of the square left out",
        "the variance's path is half of what it should be",
    ),
    Slip(
        "variance",
        lambda d, z_hat, s, m: -2 * z_hat / s * (d * z_hat).mean(axis=1, keepdims=True),
        "½ of the root left out",
        "the variance's path is twice what it should be",
    ),
    Slip("epsilon", lambda eps: 0.0, "ε left out", "ε is missing under the root"),
)
_SAYS = {
    "γ left out": "γ enters none of your paths. The first step back from the result goes through the product with γ.",
    "s left out of the direct path": "Your direct path is not divided by s. With mean and variance fixed, how does the normalised value move with z?",
    "1/m left out of the mean's path": "Your path through the mean has the full sum. Each example moves the mean by 1/m of what it moves itself.",
    "sign of the mean's path": "Your path through the mean has the wrong sign: the mean is subtracted.",
    "s left out of the mean's path": "Your path through the mean is not divided by s. The mean is subtracted before the division.",
    "1/m left out of the variance's path": "Your path through the variance has the full sum. A variance is a mean: each example has a share of 1/m.",
    "sign of the variance's path": "Your path through the variance has the wrong sign: a larger divisor makes the result smaller.",
    "2 of the square left out": "Your path through the variance is half of what it should be. Differentiate the square in it once more.",
    "½ of the root left out": "Your path through the variance is twice what it should be. Differentiate the root, a power of one half, once more.",
    "ε left out": "You compute without ε. It stands under the root in the forward pass, so s has it in the backward pass too.",
}


def _right(*given: Any) -> list[Any]:
    return _in_parts()(*given)


EXERCISE = Exercise(
    id="12.2",
    name="batch_norm_paths",
    title="The gradient through batch normalisation, path by path",
    points=3,
    minutes=14,
    difficulty=3,
    allows=ALLOWED,
    part=("direct", "through the mean", "through the variance"),
    cases=cases_backward,
    zeros=(0,),
    reference=_batch_norm_paths,
    oracle=_oracle,
    hints=(
        "Write the normalised value with z in three places: z itself, z in the mean, z in the variance. Let one of them move and hold the other two "
        "fixed.",
        "The direct path stays with its example. The other two collect over all examples first, into one number for each neuron, and give every "
        "example its share of it.",
        "For the mean: sum what arrives over the row, take the minus, divide by s and by m, and give each example the same. For the variance: what "
        "arrives, times how far the entry lies from the mean, summed; then the derivatives of the root and of the square.",
    ),
    mistakes=(
        *(Mistake(slip.name, _in_parts(**{slip.part: slip.wrong}), _SAYS[slip.name]) for slip in _SLIPS),
        Mistake(
            "one path after the other, added up",
            lambda *given: [(r := _right(*given))[0], r[0] + r[1], r[0] + r[1] + r[2]],
            "You add each path to those before. Asked is each by itself; their sum is the gradient.",
        ),
        Mistake(
            "all added up", lambda *given: sum(_right(*given)), "That is the gradient, the sum of the three paths. Asked is each path by itself."
        ),
        Mistake(
            "s left out everywhere",
            lambda z, gamma, g, eps: [path * standardised(z, eps, 1)[1] for path in _right(z, gamma, g, eps)],
            "None of your paths is divided by s. All three come back through the division: how does the normalised value move with what is above it?",
        ),
        Mistake(
            "s squared everywhere",
            lambda z, gamma, g, eps: [path / standardised(z, eps, 1)[1] for path in _right(z, gamma, g, eps)],
            "All your paths are divided by s once too often. The forward pass divides by s, not by the variance.",
        ),
        Mistake(
            "s squared in the variance's path",
            _in_parts(variance=lambda d, z_hat, s, m: -z_hat / s**2 * (d * z_hat).mean(axis=1, keepdims=True)),
            "Your path through the variance is divided by s once too often. Count the powers of s in the three steps on it.",
        ),
        Mistake(
            "γ in the direct path only",
            lambda z, gamma, g, eps: [(r := _right(z, gamma, g, eps))[0], r[1] / gamma, r[2] / gamma],
            "γ enters your direct path and not the others. All three begin behind the product with γ.",
        ),
        Mistake(
            "mean and variance swapped",
            lambda *given: [(r := _right(*given))[0], r[2], r[1]],
            "The last two have changed places: first the path through the mean, then that through the variance.",
        ),
        Mistake(
            "mean's path as one column",
            lambda *given: [(r := _right(*given))[0], r[1][:, :1], r[2]],
            "Your path through the mean has one number for each neuron. Every example gets it: give the array the shape of z.",
        ),
        Mistake(
            "last two without their sums",
            _in_parts(mean=lambda d, s, m: -d / m / s, variance=lambda d, z_hat, s, m: -(z_hat**2) * d / s / m),
            "Your paths through mean and variance stay with one example. A nudge of one entry moves the mean, and the mean moves every example: sum "
            "over "
            "all that arrives.",
        ),
        Mistake(
            "sum of the mean's path missing",
            _in_parts(mean=lambda d, s, m: -d / m / s),
            "Your path through the mean stays with one example. The mean moves every example: sum over all that arrives.",
        ),
        Mistake(
            "sum of the variance's path missing",
            _in_parts(variance=lambda d, z_hat, s, m: -(z_hat**2) * d / s / m),
            "Your path through the variance stays with one example. The divisor serves every example: sum over all that arrives.",
        ),
        Mistake(
            "ẑ not given back",
            _in_parts(variance=lambda d, z_hat, s, m: -(d * z_hat).mean(axis=1, keepdims=True) / s + 0 * d),
            "Your path through the variance gives each example the same. Who lies far from the mean moves the variance more. How does it do so?",
        ),
        Mistake(
            "variance's path is 0",
            _in_parts(variance=lambda d, z_hat, s, m: 0 * d),
            "Your path through the variance comes out as 0. If its sums stand in your code: the mean of a product is not the product of the means.",
        ),
        Mistake(
            "ẑ left out of the variance's sum",
            _in_parts(variance=lambda d, z_hat, s, m: -z_hat * d.mean(axis=1, keepdims=True) / s),
            "Your path through the variance sums what arrives, without ẑ. The divisor acts on each entry in proportion to ẑ.",
        ),
        Mistake(
            "z - μ for ẑ in the variance's path",
            _in_parts(variance=lambda d, z_hat, s, m: -z_hat * s * (d * z_hat).mean(axis=1, keepdims=True)),
            "Your path through the variance lacks two divisions by s. In each of its two places stands ẑ, or z - μ over s.",
        ),
        Mistake(
            "s missing in the variance's path",
            _in_parts(variance=lambda d, z_hat, s, m: -z_hat * (d * z_hat).mean(axis=1, keepdims=True)),
            "Your path through the variance lacks one division by s. How does the normalised value move with s?",
        ),
        Mistake(
            "z for z - μ in the variance's path",
            lambda z, gamma, g, eps: [*(r := _right(z, gamma, g, eps))[:2], r[2] + _shift(z, gamma, g, eps)],
            "Your path through the variance gives back z, where the distance from the mean belongs: that is what is squared.",
        ),
        Mistake(
            "variance's path stops at the variance",
            _in_parts(variance=lambda d, z_hat, s, m: -(d * z_hat).sum(axis=1, keepdims=True) / (2 * s**2) + 0 * d),
            "Your path through the variance stops at ∂C/∂v. One step is missing: how the variance moves with each z.",
        ),
        Mistake(
            "ε left out of the variance's path",
            _in_parts(variance=lambda d, z_hat, s, m: -z_hat / s * (d * z_hat).mean(axis=1, keepdims=True) / (z_hat**2).mean(axis=1, keepdims=True)),
            "Direct path and path through the mean have ε, your path through the variance has not: one of its divisions is by the variance alone. s "
            "holds ε wherever it stands.",
        ),
        Mistake(
            "layer norm",
            lambda z, gamma, g, eps: [np.transpose(r) for r in _in_parts(arriving=lambda gamma, g: gamma * g)(z.T, gamma.T, g.T, eps)],
            "Your sums run over the neurons of one example. Mean and variance of a batch run over the examples of one neuron.",
        ),
        *pairs(_in_parts, _SLIPS),
        Mistake(
            "means over all neurons",
            _in_parts(
                mean=lambda d, s, m: -d.mean() / s + 0 * d,
                variance=lambda d, z_hat, s, m: -z_hat / s * (d * z_hat).mean(),
            ),
            "Your two means run over everything. Each neuron, a row, has a mean and a variance of its own.",
        ),
    ),
)


def _shift(z: Array, gamma: Array, g: Array, eps: float) -> Array:
    """What comes in addition where z is given back in the place of z - μ."""
    z_hat, s = standardised(z, eps, 1)
    return -z.mean(axis=1, keepdims=True) / s**2 * (gamma * g * z_hat).mean(axis=1, keepdims=True)
