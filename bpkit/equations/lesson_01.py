"""The named equations of lesson 01, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, equation
from bpkit.equations.sources import NIELSEN
from bpkit.equations.worlds import Pass, away, entries, in_rows, on, one, ours, parameter_layers, per_layer, sigma


def _forward_components(p: Pass) -> tuple[Array, Array]:
    def in_sums(l: int) -> Array:
        a, W, b = p.a[l - 1], p.W[l - p.shift], p.b[l - p.shift]
        if p.row:
            return entries(p.z[l].shape, lambda x, i: sum(W[j, i] * a[x, j] for j in range(a.shape[1])) + b[0, i])
        return entries(p.z[l].shape, lambda j, x: sum(W[j, k] * a[k, x] for k in range(a.shape[0])) + b[j, 0])

    return per_layer(lambda l: p.z[l], in_sums, parameter_layers(p))


def _forward(p: Pass) -> tuple[Array, Array]:
    """The matrix form against np.einsum's sum over the index that both factors share."""

    def in_sums(l: int) -> Array:
        W, b = p.W[l - p.shift], p.b[l - p.shift]
        return sigma(np.einsum("kj,xk->xj" if p.row else "jk,kx->jx", W, p.a[l - 1]) + b)

    return per_layer(lambda l: p.a[l], in_sums, parameter_layers(p))


EQUATIONS = (
    equation(
        "forward in components",
        "A neuron's weighted input is the weighted sum of the activations that feed it, plus its bias.",
        "every symbol is a number",
        f"lesson 01; {NIELSEN}, eq. 23",
        ours=Form(r"z_j^l = \sum_{k=1}^{n_{l-1}} w_{jk}^l\, a_k^{l-1} + b_j^l", on(ours, _forward_components)),
        N=Form(r"z_j^l = \sum_k w_{jk}^l\, a_k^{l-1} + b_j^l", on(one, _forward_components)),
        R=Form(
            r"\epsilon_i^m = \sum_{j=1}^{\mathrm{size}(m-1)} \omega_{ji}^m\, y_j^{m-1} + b_i^m",
            on(in_rows, _forward_components),
        ),
        U=Form(r"z_i^{(l+1)} = \sum_{j=1}^{s_l} W_{ij}^{(l)} a_j^{(l)} + b_i^{(l)}", on(away, _forward_components), stated=False),
        P=Form(
            r"z_j^{(l)} = \sum_{i=1}^{n_{l-1}} w_{ji}^{(l)} a_i^{(l-1)} + b_j^{(l)}",
            on(one, _forward_components),
            note=r"printed with the sum up to $n_l$ and with $b_i$",
        ),
    ),
    equation(
        "forward",
        "A layer's weighted input is its weights times the activations before it, plus its biases; its activation is σ of that.",
        r"$z, a$: $(n_l, m)$; $W$: $(n_l, n_{l-1})$; $b$: $(n_l, 1)$",
        f"lesson 01; {NIELSEN}, eq. 25",
        ours=Form(r"z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l)", on(ours, _forward)),
        N=Form(r"a^l = \sigma(w^l a^{l-1} + b^l)", on(one, _forward), stated=False),
        R=Form(r"y^m = \mathrm{Act}_m(y^{m-1} \cdot \omega^m + b^m)", on(in_rows, _forward)),
        U=Form(r"z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, \quad a^{(l+1)} = f(z^{(l+1)})", on(away, _forward), stated=False),
        P=Form(r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}, \quad a^{(l)} = f(z^{(l)})", on(one, _forward)),
    ),
)
