"""The named equations of lesson 11, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import Pass, away, entries, in_rows, on, one, ours, parameter_layers, per_layer, slope_of, softmax


def _tanh_slope(p: Pass) -> tuple[Array, Array]:
    z = p.z[p.last]
    return slope_of(lambda v: np.tanh(v).sum(), z), 1 - np.tanh(z) ** 2


def _relu_slope(p: Pass) -> tuple[Array, Array]:
    """Of all layers, so that some z is negative."""

    def relu(z: Array) -> Array:
        return np.where(z.real > 0, z, 0)

    return per_layer(lambda l: slope_of(lambda z: relu(z).sum(), p.z[l]), lambda l: (relu(p.z[l]) > 0) * 1.0, parameter_layers(p))


def _error_for_any_targets(row: bool) -> Sides:
    """Targets whose sum is not 1, and each error as the text writes it."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, q = rng.normal(size=4), rng.random(4)
        p = softmax(z)
        found = slope_of(lambda v: -(q * np.log(softmax(v))).sum(), z)
        return (found[None], entries((1, 4), lambda _, j: p[j] * q.sum() - q[j])) if row else (found, entries((4,), lambda j: p[j] * q.sum() - q[j]))

    return sides


EQUATIONS = (
    equation(
        "tanh slope",
        "The slope of tanh, from its own value.",
        "the same shape on both sides",
        "lesson 11",
        ours=Form(r"\tanh'(z) = 1 - \tanh^2(z) = 1 - a^2", on(ours, _tanh_slope)),
        N=Form(r"\sigma'(z_j^l) = 1 - (a_j^l)^2", on(one, _tanh_slope), stated=False),
        R=Form(r"\mathrm{Act}'(\epsilon^m) = 1 - y^m \odot y^m", on(in_rows, _tanh_slope), stated=False),
        U=Form(r"f'(z_i^{(l)}) = 1 - (a_i^{(l)})^2", on(away, _tanh_slope), stated=False),
        P=Form(r"f'(z_j^{(l)}) = 1 - (a_j^{(l)})^2", on(one, _tanh_slope), stated=False),
    ),
    equation(
        "relu slope",
        "The slope of relu, from its own value: 1 where that is above 0, else 0.",
        "the same shape on both sides",
        "lesson 11",
        ours=Form(r"\mathrm{relu}'(z) = [z > 0] = [a > 0]", on(ours, _relu_slope)),
        N=Form(r"\sigma'(z_j^l) = [a_j^l > 0]", on(one, _relu_slope), stated=False),
        R=Form(r"\mathrm{Act}'(\epsilon^m) = [y^m > 0]", on(in_rows, _relu_slope), stated=False),
        U=Form(r"f'(z_i^{(l)}) = [a_i^{(l)} > 0]", on(away, _relu_slope), stated=False),
        P=Form(r"f'(z_j^{(l)}) = [a_j^{(l)} > 0]", on(one, _relu_slope), stated=False),
    ),
    equation(
        "softmax error for any targets",
        "With softmax and categorical cross-entropy: the output times what the targets add up to, less the target.",
        "one number for each of $n$ classes",
        "lesson 11",
        ours=Form(r"\delta_j = p_j \sum_k q_k - q_j", _error_for_any_targets(row=False)),
        N=Form(r"\delta_j^L = a_j^L \sum_k y_k - y_j", _error_for_any_targets(row=False), stated=False),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon_j^D} = y_j^D \sum_k t_k - t_j",
            _error_for_any_targets(row=True),
            stated=False,
        ),
        U=Form(r"\delta_j^{(n_l)} = a_j^{(n_l)} \sum_k y_k - y_j", _error_for_any_targets(row=False), stated=False),
        P=Form(r"\delta_j^{(L)} = a_j^{(L)} \sum_k y_k - y_j", _error_for_any_targets(row=False), stated=False),
    ),
)
