"""12.3: batch normalisation, backward, in the compact form."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.lesson_12.shared import ALLOWED, Array, backward, backward_oracle, cases_backward, common, standardised
from bpkit.exercises.model import Exercise, Mistake


def _batch_norm_backward(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    centred = z - z.mean(axis=1, keepdims=True)
    s = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + eps)
    z_hat = centred / s
    through = g.mean(axis=1, keepdims=True) + z_hat * (g * z_hat).mean(axis=1, keepdims=True)
    return [gamma / s * (g - through), (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


def _flat_means(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    z_hat, s = standardised(z, eps, 1)
    dz = gamma / s * (g - g.mean(axis=1) - z_hat * (g * z_hat).mean(axis=1))
    return [dz, (g * z_hat).sum(axis=1, keepdims=True), g.sum(axis=1, keepdims=True)]


def _factor_on_g_alone(z: Array, gamma: Array, g: Array, eps: float) -> list[Array]:
    z_hat, s = standardised(z, eps, 1)
    dz = gamma / s * g - g.mean(axis=1, keepdims=True) - z_hat * (g * z_hat).mean(axis=1, keepdims=True)
    return [dz, *backward(1)(z, gamma, g, eps)[1:]]


EXERCISE = Exercise(
    id="12.3",
    name="batch_norm_backward",
    title="Batch normalisation, backward, in one line",
    points=2,
    minutes=8,
    difficulty=2,
    allows=ALLOWED,
    part=("∂C/∂z", "∂C/∂γ", "∂C/∂β"),
    cases=cases_backward,
    zeros=(0,),
    reference=_batch_norm_backward,
    oracle=lambda z, gamma, g, eps: backward_oracle(z, gamma, g, eps, 1),
    hints=(
        "Three results with three shapes. γ and β serve every example, so each of them collects a sum; z gets back an array of its own shape.",
        "For z, take two things off g: its mean over the row, and the normalised value times the mean of g times the normalised value.",
        "What is left is scaled once, by γ over s. s has ε in it, under the root, as in the forward pass.",
    ),
    mistakes=(
        *common(1, "row", "the examples"),
        Mistake(
            "keepdims forgotten in the means",
            _flat_means,
            "The means of g are flat, of shape (n,). numpy lines a flat array up with the last axis, the examples. "
            "As columns, (n, 1), they belong to the neurons.",
        ),
        Mistake(
            "γ/s in front of g alone",
            _factor_on_g_alone,
            "γ over s scales your g, and not what is taken off it. All three terms have that factor.",
        ),
        Mistake(
            "layer norm",
            backward(0),
            "Your means run over the neurons of one example. Batch normalisation takes the mean of one neuron over the examples.",
        ),
    ),
)
