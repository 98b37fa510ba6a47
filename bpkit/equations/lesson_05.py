"""The named equations of lesson 05, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, equation
from bpkit.equations.sources import NIELSEN
from bpkit.equations.worlds import Pass, away, entries, hidden_layers, in_rows, jacobian_of, on, one, ours, per_layer, sigma, sigma_prime


def _bp2_components(p: Pass) -> tuple[Array, Array]:
    def summed(l: int) -> Array:
        W, later, z = p.W[l + 1 - p.shift], p.error(l + 1), p.z[l]
        if p.row:
            return entries(z.shape, lambda x, j: sigma_prime(z[x, j]) * sum(later[x, i] * W[j, i] for i in range(later.shape[1])))
        return entries(z.shape, lambda j, x: sigma_prime(z[j, x]) * sum(W[k, j] * later[k, x] for k in range(later.shape[0])))

    return per_layer(p.error, summed, hidden_layers(p))


def _bp2(p: Pass) -> tuple[Array, Array]:
    def product(l: int) -> Array:
        W, later = p.W[l + 1 - p.shift], p.error(l + 1)
        return sigma_prime(p.z[l]) * (later @ W.T if p.row else W.T @ later)

    return per_layer(p.error, product, hidden_layers(p))


def _layer_jacobian(p: Pass, l: int) -> Array:
    """By the formula; in rows ∂ε^{m+1}/∂ε^m is read as the matrix that dε^m is multiplied by from the right."""
    W, slope = p.W[l + 1 - p.shift], np.diag(sigma_prime(p.z[l]).ravel())
    return slope @ W if p.row else W @ slope


def _jacobian_sides(p: Pass) -> tuple[Array, Array]:
    def by_complex_step(l: int) -> Array:
        found = jacobian_of(lambda z: p.affine(l + 1, sigma(z)), p.z[l])
        return found.T if p.row else found

    return per_layer(by_complex_step, lambda l: _layer_jacobian(p, l), hidden_layers(p))


def _bp2_unrolled(p: Pass) -> tuple[Array, Array]:
    def product(l: int) -> Array:
        back = p.error(p.last)
        for k in reversed(range(l, p.last)):
            back = back @ _layer_jacobian(p, k).T if p.row else _layer_jacobian(p, k).T @ back
        return back

    return per_layer(p.error, product, hidden_layers(p))


EQUATIONS = (
    equation(
        "BP2 in components",
        "A hidden neuron's error: the errors of all neurons it feeds, each times the weight that leads there, summed; then times its own slope.",
        "every symbol is a number",
        f"lesson 05; {NIELSEN}, eq. 45",
        ours=Form(r"\delta_j^l = \sigma'(z_j^l) \sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1}", on(ours, _bp2_components)),
        N=Form(
            r"\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)",
            on(one, _bp2_components),
            note=r"A prints the activation where $\sigma'$ belongs; N is right",
        ),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon_j^m} = \mathrm{Act}'_m(\epsilon_j^m)"
            r" \sum_{i=1}^{\mathrm{size}(m+1)} \frac{\partial L}{\partial \epsilon_i^{m+1}}\, \omega_{ji}^{m+1}",
            on(in_rows, _bp2_components),
        ),
        U=Form(
            r"\delta_i^{(l)} = \left(\sum_{j=1}^{s_{l+1}} W_{ji}^{(l)} \delta_j^{(l+1)}\right) \bullet f'(z_i^{(l)})",
            on(away, _bp2_components),
        ),
        P=Form(r"\delta_j^{(l)} = \sum_{k=1}^{n_{l+1}} \delta_k^{(l+1)} w_{kj}^{(l+1)} f'(z_j^{(l)})", on(one, _bp2_components)),
    ),
    equation(
        "BP2",
        "Carry the errors back through the transposed weights, then multiply each by its own neuron's slope.",
        r"$\delta^l, z^l$: $(n_l, m)$; $W^{l+1}$: $(n_{l+1}, n_l)$; $\delta^{l+1}$: $(n_{l+1}, m)$",
        f"lesson 05; {NIELSEN}, BP2",
        ours=Form(r"\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot \sigma'(z^l)", on(ours, _bp2)),
        N=Form(r"\delta^l = \left( (w^{l+1})^T \delta^{l+1} \right) \odot \sigma'(z^l)", on(one, _bp2)),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^m} = \mathrm{Act}'_m(\epsilon^m) \odot"
            r" \left[ \frac{\partial L}{\partial \epsilon^{m+1}} \cdot (\omega^{m+1})^T \right]",
            on(in_rows, _bp2),
        ),
        U=Form(r"\delta^{(l)} = \left( (W^{(l)})^T \delta^{(l+1)} \right) \bullet f'(z^{(l)})", on(away, _bp2)),
        P=Form(r"\delta^{(l)} = \left( (W^{(l+1)})^T \delta^{(l+1)} \right) \odot f'(z^{(l)})", on(one, _bp2), stated=False),
    ),
    equation(
        "layer Jacobian",
        "How every weighted input of one layer moves with every weighted input of the layer before.",
        r"one example: $J^l, W^{l+1}$: $(n_{l+1}, n_l)$; $\mathrm{diag}$: $(n_l, n_l)$",
        "lesson 05",
        ours=Form(r"J^l = \frac{\partial z^{l+1}}{\partial z^l} = W^{l+1}\, \mathrm{diag}\!\left(\sigma'(z^l)\right)", on(one, _jacobian_sides)),
        N=Form(r"\frac{\partial z_k^{l+1}}{\partial z_j^l} = w_{kj}^{l+1} \sigma'(z_j^l)", on(one, _jacobian_sides)),
        R=Form(
            r"\mathrm{d}\epsilon^{m+1} = \mathrm{d}\epsilon^m \cdot \mathrm{diag}\!\left(\mathrm{Act}'_m(\epsilon^m)\right) \omega^{m+1}",
            on(in_rows, _jacobian_sides),
            stated=False,
        ),
        U=Form(
            r"\frac{\partial z^{(l+1)}}{\partial z^{(l)}} = W^{(l)}\, \mathrm{diag}\!\left(f'(z^{(l)})\right)",
            on(away, _jacobian_sides),
            stated=False,
        ),
        P=Form(
            r"\frac{\partial z_k^{(l+1)}}{\partial a_j^{(l)}}\, \frac{\partial a_j^{(l)}}{\partial z_j^{(l)}} = w_{kj}^{(l+1)} f'(z_j^{(l)})",
            on(one, _jacobian_sides),
        ),
    ),
    equation(
        "BP2 unrolled",
        "The error of layer l is the output error pulled back through one transposed Jacobian per layer.",
        r"one example: $\delta^l$: $(n_l, 1)$; $J^l$: $(n_{l+1}, n_l)$; $\delta^L$: $(n_L, 1)$",
        "lesson 05",
        ours=Form(r"\delta^l = (J^l)^\top (J^{l+1})^\top \cdots (J^{L-1})^\top\, \delta^L", on(one, _bp2_unrolled)),
        N=Form(
            r"\delta^l = \Sigma'(z^l) (w^{l+1})^T \cdots \Sigma'(z^{L-1}) (w^L)^T\, \delta^L",
            on(one, _bp2_unrolled),
            stated=False,
            note=r"Nielsen's book has it as a problem, with $\Sigma'$ the diagonal matrix of the $\sigma'$",
        ),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^m} = \frac{\partial L}{\partial \epsilon^D} \cdot"
            r" (\omega^D)^T \mathrm{diag}(\mathrm{Act}'_{D-1}) \cdots (\omega^{m+1})^T \mathrm{diag}(\mathrm{Act}'_m)",
            on(in_rows, _bp2_unrolled),
            stated=False,
        ),
        U=Form(
            r"\delta^{(l)} = \mathrm{diag}(f'(z^{(l)})) (W^{(l)})^T \cdots \mathrm{diag}(f'(z^{(n_l-1)})) (W^{(n_l-1)})^T\, \delta^{(n_l)}",
            on(away, _bp2_unrolled),
            stated=False,
        ),
        P=Form(
            r"\delta^{(l)} = \mathrm{diag}(f'(z^{(l)})) (W^{(l+1)})^T \cdots \mathrm{diag}(f'(z^{(L-1)})) (W^{(L)})^T\, \delta^{(L)}",
            on(one, _bp2_unrolled),
            stated=False,
        ),
    ),
)
