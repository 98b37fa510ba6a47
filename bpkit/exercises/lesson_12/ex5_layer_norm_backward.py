"""12.5: layer normalisation, backward."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.lesson_12.shared import ALLOWED, Array, backward, backward_oracle, common, draw_gamma, standardised
from bpkit.exercises.model import Answer, Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((5, 2), (3, 3), (4, 1)):
        z, g = rng.normal(size=(n, m)), rng.normal(size=(n, m))
        if n == m:
            z[:, 0] *= 0.01  # an example whose neurons hardly differ: its variance lies below ε
        z += rng.normal(size=(1, m))
        cases.append(Case(f"{n} neurons, m = {m}", (z, draw_gamma(rng, n), g, float(rng.uniform(0.05, 0.3)))))
    return cases


def _layer_norm_backward(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    centred = z - z.mean(axis=0)
    s = np.sqrt((centred * centred).mean(axis=0) + eps)
    z_hat, direct = centred / s, gamma * g
    through = direct.mean(axis=0) + z_hat * (direct * z_hat).mean(axis=0)
    return [(direct - through) / s, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


def _gamma_outside(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    z_hat, s = standardised(z, eps, 0)
    dz = gamma * (g - g.mean(axis=0) - z_hat * (g * z_hat).mean(axis=0)) / s
    return [dz, *backward(0)(z, gamma, g, eps)[1:]]


def _gamma_partly(in_mean: bool) -> Answer:
    """γ in front of g, and not in both of the means."""

    def answer(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
        z_hat, s = standardised(z, eps, 0)
        dz = (gamma * g - (gamma * g if in_mean else g).mean(axis=0) - z_hat * (g * z_hat).mean(axis=0)) / s
        return [dz, *backward(0)(z, gamma, g, eps)[1:]]

    return answer


def _width_of_the_row(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    s = np.sqrt(z.var(axis=1, keepdims=True) + eps)
    z_hat, direct = (z - z.mean(axis=0)) / s, gamma * g
    through = direct.mean(axis=0) + z_hat * (direct * z_hat).mean(axis=0)
    return [(direct - through) / s, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


EXERCISE = Exercise(
    id="12.5",
    name="layer_norm_backward",
    title="Layer normalisation, backward",
    points=2,
    minutes=8,
    difficulty=2,
    allows=ALLOWED,
    part=("∂C/∂z", "∂C/∂γ", "∂C/∂β"),
    cases=_cases,
    zeros=(0,),
    reference=_layer_norm_backward,
    oracle=lambda z, gamma, g, eps: backward_oracle(z, gamma, g, eps, 0),
    hints=(
        "The three paths are those of 12.2; what changes is who is normalised together. Which axis do mean and variance run along now?",
        "γ is not the same for all that are normalised together. Can it be taken out of a mean over the neurons?",
        "Multiply g by γ first. From that take its mean over the column, and the normalised value times the mean of its product with it; divide by "
        "s. "
        "γ and β still serve all examples: their sums run along the other axis.",
    ),
    mistakes=(
        *common(0, "column", "the neurons"),
        Mistake(
            "γ taken out of the means",
            _gamma_outside,
            "You multiply by γ at the end. In batch normalisation one γ belongs to all that is averaged, and may leave the mean; here each neuron of "
            "the "
            "column has its own.",
        ),
        Mistake(
            "γ in the direct path alone",
            _gamma_partly(in_mean=False),
            "γ multiplies your g where it stands alone, and not in the two means. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "γ left out of the variance's path",
            _gamma_partly(in_mean=True),
            "Your path through the variance has no γ. All three paths begin behind the product with γ.",
        ),
        Mistake(
            "number of examples for neurons",
            backward(
                0,
                mean_path=lambda direct, x_hat, axis: direct.sum(axis=0) / direct.shape[1],
                variance_path=lambda direct, x_hat, axis: x_hat * (direct * x_hat).sum(axis=0) / direct.shape[1],
            ),
            "Your two sums run over the neurons and are divided by the number of examples. How many entries have a mean in common?",
        ),
        Mistake(
            "batch norm",
            backward(1),
            "Your means run over the examples of one neuron. Layer normalisation takes the mean of one example over its neurons.",
        ),
        Mistake(
            "∂C/∂γ and ∂C/∂β not summed",
            lambda z, gamma, g, eps: [backward(0)(z, gamma, g, eps)[0], g * standardised(z, eps, 0)[0], g],
            "Your gradients of γ and β have a column for each example. The same γ and β serve them all: sum over the examples.",
        ),
        Mistake(
            "∂C/∂γ and ∂C/∂β summed over the neurons",
            lambda z, gamma, g, eps: [
                backward(0)(z, gamma, g, eps)[0],
                (g * standardised(z, eps, 0)[0]).sum(axis=0, keepdims=True),
                g.sum(axis=0, keepdims=True),
            ],
            "Your gradients of γ and β sum over the neurons. Each neuron has a γ and a β of its own, which serve all examples: sum over these.",
        ),
        Mistake(
            "mean of the column, width of the row",
            _width_of_the_row,
            "You take the mean down each column and the variance along each row. Both belong to one example, so both run down the column.",
        ),
    ),
)
