"""The named equations of lesson 06, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, equation
from bpkit.equations.sources import NIELSEN
from bpkit.equations.worlds import Pass, away, entries, in_rows, on, one, ours, parameter_layers, per_layer, slope_of


def _bp3(p: Pass) -> tuple[Array, Array]:
    ones = np.ones((p.m, 1))
    return per_layer(
        lambda l: p.parameter_slope(p.b, l - p.shift) / p.m,
        lambda l: (p.error(l) if p.row else p.error(l) @ ones) / p.m,
        parameter_layers(p),
    )


def _bp4(p: Pass) -> tuple[Array, Array]:
    return per_layer(
        lambda l: p.parameter_slope(p.W, l - p.shift) / p.m,
        lambda l: (p.a[l - 1].T @ p.error(l) if p.row else p.error(l) @ p.a[l - 1].T) / p.m,
        parameter_layers(p),
    )


def _bp3_components(p: Pass) -> tuple[Array, Array]:
    return per_layer(
        lambda l: p.parameter_slope(p.b, l - p.shift),
        lambda l: entries(p.b[l - p.shift].shape, lambda *place: p.error(l)[place]),
        parameter_layers(p),
    )


def _bp4_components(p: Pass) -> tuple[Array, Array]:
    """One example: a weight's two indices say which error and which activation."""

    def products(l: int) -> Array:
        delta, a = p.error(l).ravel(), p.a[l - 1].ravel()
        return entries(p.W[l - p.shift].shape, lambda to, start: delta[start] * a[to] if p.row else delta[to] * a[start])

    return per_layer(lambda l: p.parameter_slope(p.W, l - p.shift), products, parameter_layers(p))


def _scalar_bias(p: Pass) -> tuple[Array, Array]:
    """All biases of a layer moved together, as if they were one number."""

    def together(l: int) -> Array:
        kept = p.b[l - p.shift]

        def cost(t: Array) -> complex:
            p.b[l - p.shift] = kept + t[0]
            return p.cost_after(p.first + 1, p.affine(p.first + 1, p.a[p.first]))

        try:
            return slope_of(cost, np.zeros(1)) / p.m
        finally:
            p.b[l - p.shift] = kept

    return per_layer(together, lambda l: p.error(l).sum(keepdims=True) / p.m, parameter_layers(p))


EQUATIONS = (
    equation(
        "BP3 in components",
        "How fast the cost of one example changes with a bias: exactly as fast as with its neuron's weighted input.",
        "every symbol is a number",
        f"lesson 06; {NIELSEN}, BP3",
        ours=Form(r"\frac{\partial C_x}{\partial b_j^l} = \delta_j^l", on(one, _bp3_components)),
        N=Form(
            r"\frac{\partial C}{\partial b_j^l} = \delta_j^l", on(one, _bp3_components), stated=False, note="A's formula was a picture and is lost"
        ),
        R=Form(r"\mathrm{d}b_j^m = \frac{\partial L}{\partial \epsilon_j^m}", on(in_rows, _bp3_components)),
        U=Form(r"\frac{\partial J}{\partial b_j^{(l)}} = \delta_j^{(l+1)}", on(away, _bp3_components), stated=False),
        P=Form(
            r"\frac{\partial J(W,b)}{\partial b_j^{(l)}} = \delta_j^{(l)}",
            on(one, _bp3_components),
            note=r"printed with $b_i$ and $\delta_j$",
        ),
    ),
    equation(
        "BP4 in components",
        "How fast the cost of one example changes with a weight: the error where it leads to, times the activation where it comes from.",
        "every symbol is a number",
        f"lesson 06; {NIELSEN}, BP4",
        ours=Form(r"\frac{\partial C_x}{\partial w_{jk}^l} = \delta_j^l\, a_k^{l-1}", on(one, _bp4_components)),
        N=Form(
            r"\frac{\partial C}{\partial w_{jk}^l} = a_k^{l-1} \delta_j^l",
            on(one, _bp4_components),
            stated=False,
            note="A's formula was a picture and is lost",
        ),
        R=Form(
            r"\frac{\partial L}{\partial \omega_{kj}^m} = \frac{\partial L}{\partial \epsilon_j^m}\, y_k^{m-1}",
            on(in_rows, _bp4_components),
        ),
        U=Form(r"\frac{\partial J}{\partial W_{jk}^{(l)}} = a_k^{(l)} \delta_j^{(l+1)}", on(away, _bp4_components), stated=False),
        P=Form(
            r"\frac{\partial J(W,b)}{\partial w_{ji}^{(l)}} = \delta_j^{(l)} a_i^{(l-1)}",
            on(one, _bp4_components),
            note=r"for the last layer printed with $a_p$, the neuron's own index",
        ),
    ),
    equation(
        "BP3 with one bias",
        "A bias that a whole layer shares collects the errors of all its neurons.",
        r"$b^l$: a number; $\delta^l$: $(n_l, m)$, example $x$ in column $x$",
        "lesson 06; R",
        ours=Form(r"\frac{\partial C}{\partial b^l} = \frac{1}{m} \sum_{x=1}^{m} \sum_{j=1}^{n_l} \delta_{jx}^l", on(ours, _scalar_bias)),
        N=Form(r"\frac{\partial C}{\partial b^l} = \sum_{j} \delta_j^l", on(one, _scalar_bias), stated=False),
        R=Form(r"\mathrm{d}b^m = \sum_{i=1}^{\mathrm{size}(m)} \frac{\partial L}{\partial \epsilon_i^m}", on(in_rows, _scalar_bias)),
        U=Form(r"\frac{\partial J}{\partial b^{(l)}} = \sum_{j} \delta_j^{(l+1)}", on(away, _scalar_bias), stated=False),
        P=Form(r"\frac{\partial J(W,b)}{\partial b^{(l)}} = \sum_{j=1}^{n_l} \delta_j^{(l)}", on(one, _scalar_bias), stated=False),
    ),
    equation(
        "BP3",
        "A bias adds straight into z, so its gradient is the error itself, averaged over the examples.",
        r"$\partial C / \partial b$: $(n_l, 1)$; $\delta$: $(n_l, m)$; $\mathbf{1}$: $(m, 1)$",
        f"lesson 06; {NIELSEN}, BP3",
        ours=Form(r"\frac{\partial C}{\partial b^l} = \frac{1}{m}\, \delta^l\, \mathbf{1}", on(ours, _bp3)),
        N=Form(r"\frac{\partial C}{\partial b_j^l} = \delta_j^l", on(one, _bp3), stated=False, note="A's formula was a picture and is lost"),
        R=Form(r"\mathrm{d}b^m = \frac{\partial L}{\partial \epsilon^m}", on(in_rows, _bp3)),
        U=Form(r"\nabla_{b^{(l)}} J = \delta^{(l+1)}", on(away, _bp3), stated=False),
        P=Form(
            r"\frac{\partial J(W,b)}{\partial b_j^{(l)}} = \delta_j^{(l)}",
            on(one, _bp3),
            note=r"printed with $b_i$ and $\delta_j$",
        ),
    ),
    equation(
        "BP4",
        "A weight's gradient is the error it leads to times the activation it comes from, averaged over the examples.",
        r"$\partial C / \partial W$: $(n_l, n_{l-1})$; $\delta$: $(n_l, m)$; $a$: $(n_{l-1}, m)$",
        f"lesson 06; {NIELSEN}, BP4",
        ours=Form(r"\frac{\partial C}{\partial W^l} = \frac{1}{m}\, \delta^l\, (a^{l-1})^\top", on(ours, _bp4)),
        N=Form(
            r"\frac{\partial C}{\partial w_{jk}^l} = a_k^{l-1} \delta_j^l", on(one, _bp4), stated=False, note="A's formula was a picture and is lost"
        ),
        R=Form(r"\mathrm{d}\omega^m = (y^{m-1})^T\, \frac{\partial L}{\partial \epsilon^m}", on(in_rows, _bp4)),
        U=Form(r"\nabla_{W^{(l)}} J = \delta^{(l+1)} (a^{(l)})^T", on(away, _bp4)),
        P=Form(
            r"\frac{\partial J(W,b)}{\partial w_{ji}^{(l)}} = \delta_j^{(l)} a_i^{(l-1)}",
            on(one, _bp4),
            note=r"for the last layer printed with $a_p$, the neuron's own index",
        ),
    ),
)
