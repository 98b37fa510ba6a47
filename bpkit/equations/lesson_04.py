"""The named equations of lesson 04, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.sources import NIELSEN
from bpkit.equations.worlds import Pass, away, entries, in_rows, jacobian_of, on, one, ours, sigma, sigma_prime, slope_of, softmax


def _bp1(p: Pass) -> tuple[Array, Array]:
    L, slope = p.last, p.output_slope()
    return p.error(L), entries(slope.shape, lambda i, j: slope[i, j] * sigma_prime(p.z[L][i, j]))


def _bp1a(p: Pass) -> tuple[Array, Array]:
    return p.error(p.last), p.output_slope() * sigma_prime(p.z[p.last])


def _bp1j(row: bool) -> Sides:
    """A softmax output: one example, the Jacobian by complex step."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, y = rng.normal(size=(4, 1)), rng.random(size=(4, 1))
        if row:
            z, y = z.T, y.T

        def cost(a: Array) -> complex:
            return 0.5 * ((a - y) ** 2).sum()

        jacobian, gradient = jacobian_of(softmax, z), slope_of(cost, softmax(z))
        return slope_of(lambda v: cost(softmax(v)), z), gradient @ jacobian if row else jacobian.T @ gradient

    return sides


def _softmax_jacobian(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z = rng.normal(size=(1, 4) if row else (4, 1))
        a = softmax(z)
        return jacobian_of(softmax, z), np.diag(a.ravel()) - (a.T @ a if row else a @ a.T)

    return sides


def _sigmoid_slope(p: Pass) -> tuple[Array, Array]:
    return slope_of(lambda z: sigma(z).sum(), p.z[p.last]), p.a[p.last] * (1 - p.a[p.last])


def _softmax_vjp(row: bool) -> Sides:
    """The slope of Σ g ∘ softmax at z, against the formula that builds no matrix."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, g = rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
        if row:
            z, g = z.T, g.T
        a = softmax(z)
        return slope_of(lambda v: (g * softmax(v)).sum(), z), a * (g - (g @ a.T if row else a.T @ g))

    return sides


def _cross_entropy_error(row: bool) -> Sides:
    """Both pairs in which the slope cancels: sigmoid with the binary cost, then softmax with the categorical one."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, y, weights = rng.normal(size=(4, 1)), rng.random(size=(4, 1)), rng.random(size=(4, 1))
        if row:
            z, y, weights = z.T, y.T, weights.T
        classes = weights / weights.sum()

        def binary(v: Array) -> complex:
            return -(y * np.log(sigma(v)) + (1 - y) * np.log(1 - sigma(v))).sum()

        def categorical(v: Array) -> complex:
            return -(classes * np.log(softmax(v))).sum()

        found = np.concatenate([slope_of(binary, z).ravel(), slope_of(categorical, z).ravel()])
        return found, np.concatenate([(sigma(z) - y).ravel(), (softmax(z) - classes).ravel()])

    return sides


EQUATIONS = (
    equation(
        "BP1",
        "An output neuron's error is how steeply the cost rises with its activation, times how steeply the activation rises with z.",
        "every symbol is a number",
        f"lesson 04; {NIELSEN}, BP1",
        ours=Form(r"\delta_j^L = \frac{\partial C_x}{\partial a_j^L}\, \sigma'(z_j^L)", on(ours, _bp1)),
        N=Form(r"\delta_j^L = \frac{\partial C}{\partial a_j^L}\, \sigma'(z_j^L)", on(one, _bp1)),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon_i^D} = \mathrm{Loss}'(y_i^D) \cdot \mathrm{Act}'_D(\epsilon_i^D)",
            on(in_rows, _bp1),
        ),
        U=Form(
            r"\delta_i^{(n_l)} = \frac{\partial J}{\partial a_i^{(n_l)}}\, f'(z_i^{(n_l)})",
            on(away, _bp1),
            stated=False,
            note=r"the text takes $J$ as a function of $z$ and stops at its derivative",
        ),
        P=Form(r"\delta_p^{(L)} = \frac{\partial J(W,b)}{\partial a_p^{(L)}}\, f'(z_p^{(L)})", on(one, _bp1)),
    ),
    equation(
        "BP1a",
        "BP1 for the whole output layer at once.",
        r"every factor: $(n_L, m)$",
        f"lesson 04; {NIELSEN}, BP1a",
        ours=Form(r"\delta^L = \nabla_a C_x \odot \sigma'(z^L)", on(ours, _bp1a)),
        N=Form(r"\delta^L = \nabla_a C \odot \sigma'(z^L)", on(one, _bp1a)),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \odot \mathrm{Act}'_D(\epsilon^D)",
            on(in_rows, _bp1a),
            note=r"the left side is printed with an index $i$, though it is the whole row",
        ),
        U=Form(r"\delta^{(n_l)} = \nabla_a J \bullet f'(z^{(n_l)})", on(away, _bp1a), stated=False),
        P=Form(r"\delta^{(L)} = \nabla_a J(W,b) \odot f'(z^{(L)})", on(one, _bp1a), stated=False),
    ),
    equation(
        "BP1 with mixing",
        "Where an activation depends on several z (softmax), σ' gives way to the whole Jacobian, transposed.",
        r"one example: $\delta, \nabla_a C_x$: $(n_L, 1)$; $\partial a / \partial z$: $(n_L, n_L)$",
        "lesson 04",
        ours=Form(r"\delta^L = \left(\frac{\partial a^L}{\partial z^L}\right)^{\!\top} \nabla_a C_x", _bp1j(row=False)),
        N=Form(
            r"\delta_j^L = \sum_k \frac{\partial C}{\partial a_k^L}\, \frac{\partial a_k^L}{\partial z_j^L}",
            _bp1j(row=False),
            stated=False,
            note="A's formula was a picture and is lost",
        ),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \cdot \frac{\partial y^D}{\partial \epsilon^D}",
            _bp1j(row=True),
            stated=False,
        ),
        U=Form(r"\delta^{(n_l)} = \left(\frac{\partial a^{(n_l)}}{\partial z^{(n_l)}}\right)^{\!T} \nabla_a J", _bp1j(row=False), stated=False),
        P=Form(
            r"\delta_p^{(L)} = \sum_k \frac{\partial J(W,b)}{\partial a_k^{(L)}}\, \frac{\partial a_k^{(L)}}{\partial z_p^{(L)}}",
            _bp1j(row=False),
            stated=False,
        ),
    ),
    equation(
        "softmax Jacobian",
        "Raising one z raises its own share of the softmax and lowers every other in proportion.",
        r"one example: $a$: $(n, 1)$; $\partial a / \partial z$: $(n, n)$",
        "lesson 04",
        ours=Form(r"\frac{\partial a}{\partial z} = \mathrm{diag}(a) - a\, a^\top", _softmax_jacobian(row=False)),
        N=Form(
            r"\frac{\partial a_j^L}{\partial z_k^L} = a_j^L (\mathbb{1}_{j=k} - a_k^L)",
            _softmax_jacobian(row=False),
            note="A announces it; the formula itself was a picture and is lost",
            stated=False,
        ),
        R=Form(r"\frac{\partial y^D}{\partial \epsilon^D} = \mathrm{diag}(y^D) - (y^D)^T y^D", _softmax_jacobian(row=True), stated=False),
        U=Form(
            r"\frac{\partial a^{(n_l)}}{\partial z^{(n_l)}} = \mathrm{diag}(a^{(n_l)}) - a^{(n_l)} (a^{(n_l)})^T",
            _softmax_jacobian(row=False),
            stated=False,
        ),
        P=Form(
            r"\frac{\partial a_p^{(L)}}{\partial z_q^{(L)}} = a_p^{(L)} (\mathbb{1}_{p=q} - a_q^{(L)})",
            _softmax_jacobian(row=False),
            stated=False,
        ),
    ),
    equation(
        "sigmoid slope",
        "The sigmoid's slope, from its own value.",
        "the same shape on both sides",
        f"lesson 04; {NIELSEN.replace('2', '1')}",
        ours=Form(r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) = a\,(1 - a)", on(ours, _sigmoid_slope)),
        N=Form(r"\sigma'(z_j^l) = a_j^l (1 - a_j^l)", on(one, _sigmoid_slope), stated=False, note="A's formula was a picture and is lost"),
        R=Form(r"\mathrm{Act}'(\epsilon^m) = y^m \odot (1 - y^m)", on(in_rows, _sigmoid_slope), stated=False),
        U=Form(r"f'(z_i^{(l)}) = a_i^{(l)} (1 - a_i^{(l)})", on(away, _sigmoid_slope), stated=False),
        P=Form(r"f'(z_j^{(l)}) = a_j^{(l)} (1 - a_j^{(l)})", on(one, _sigmoid_slope), stated=False),
    ),
    equation(
        "softmax VJP",
        "The transposed Jacobian of softmax times g, without the matrix: g less its mean weighted with a, times a.",
        r"one example: $a, g$: $(n, 1)$; $a^\top g$: a number",
        "lesson 04",
        ours=Form(
            r"\left(\frac{\partial a}{\partial z}\right)^{\!\top} g = a \odot \left(g - a^\top g\right)",
            _softmax_vjp(row=False),
        ),
        N=Form(
            r"\sum_k \frac{\partial a_k^L}{\partial z_j^L}\, g_k = a_j^L \left(g_j - \sum_k a_k^L g_k\right)",
            _softmax_vjp(row=False),
            stated=False,
        ),
        R=Form(
            r"g \cdot \frac{\partial y^D}{\partial \epsilon^D} = y^D \odot \left(g - g \cdot (y^D)^T\right)",
            _softmax_vjp(row=True),
            stated=False,
        ),
        U=Form(
            r"\left(\frac{\partial a^{(n_l)}}{\partial z^{(n_l)}}\right)^{\!T} g = a^{(n_l)} \bullet \left(g - (a^{(n_l)})^T g\right)",
            _softmax_vjp(row=False),
            stated=False,
        ),
        P=Form(
            r"\sum_k \frac{\partial a_k^{(L)}}{\partial z_p^{(L)}}\, g_k = a_p^{(L)} \left(g_p - \sum_k a_k^{(L)} g_k\right)",
            _softmax_vjp(row=False),
            stated=False,
        ),
    ),
    equation(
        "BP1 with cross-entropy",
        "Sigmoid with binary cross-entropy, and softmax with categorical: the slopes cancel, and the error is how far the output is off.",
        r"every symbol: $(n_L, m)$; for softmax each column of $y$ sums to 1",
        "lesson 04; Nielsen, ch. 3",
        ours=Form(r"\delta^L = a^L - y", _cross_entropy_error(row=False)),
        N=Form(r"\delta_j^L = a_j^L - y_j", _cross_entropy_error(row=False), stated=False),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^D} = y^D - l",
            _cross_entropy_error(row=True),
            stated=False,
            note="$t$ for the target, since R calls the output $y$",
        ),
        U=Form(r"\delta^{(n_l)} = a^{(n_l)} - y", _cross_entropy_error(row=False), stated=False),
        P=Form(r"\delta_p^{(L)} = a_p^{(L)} - y_p", _cross_entropy_error(row=False), stated=False),
    ),
)
