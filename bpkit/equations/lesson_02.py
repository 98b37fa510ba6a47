"""The named equations of lesson 02, each with both sides as they are written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import (
    Pass,
    away,
    entries,
    hidden_layers,
    in_rows,
    jacobian_of,
    on,
    one,
    parameter_layers,
    per_layer,
    sigma,
    sigma_prime,
    slope_of,
)


def _chain_rule(p: Pass) -> tuple[Array, Array]:
    def summed(l: int) -> Array:
        reached = jacobian_of(lambda z: p.affine(l + 1, sigma(z)), p.z[l])
        later = p.error(l + 1).ravel()
        return entries((reached.shape[1],), lambda j: sum(later[k] * reached[k, j] for k in range(len(later))))

    return per_layer(p.error, summed, hidden_layers(p))


def _composition(rng: np.random.Generator) -> tuple[Callable[[Array], complex], Callable[[Array], Array], Array]:
    """z = f(g(x)) with g: R³ → R⁴ and f: R⁴ → R, both smooth and neither linear."""
    A, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
    return lambda y: (v * np.sin(y) * y[::-1]).sum(), lambda x: np.exp(A @ x / 3) + (A @ x) ** 2, rng.normal(size=(3, 1))


def _chain_rule_general(rng: np.random.Generator) -> tuple[Array, Array]:
    f, g, x = _composition(rng)
    outer, inner = slope_of(f, g(x)), jacobian_of(g, x)
    return slope_of(lambda v: f(g(v)), x), entries((3, 1), lambda i, _: sum(outer[j, 0] * inner[j, i] for j in range(4)))


def _total_differential_general(rng: np.random.Generator) -> tuple[Array, Array]:
    f, g, x = _composition(rng)
    dx = rng.normal(size=x.shape)
    dy = jacobian_of(g, x) @ dx
    return slope_of(lambda t: f(g(x + t[0] * dx)), np.zeros(1)), (slope_of(f, g(x)).T @ dy).ravel()


def _total_differential(p: Pass) -> tuple[Array, Array]:
    """A step of the first weighted input, followed to every later layer: dC is the same, wherever it is written."""
    first = p.first + 1
    dz = {first: np.linspace(-1, 1, p.z[first].size).reshape(p.z[first].shape)}
    for l in range(first, p.last):
        dz[l + 1] = (jacobian_of(lambda z, l=l: p.affine(l + 1, sigma(z)), p.z[l]) @ dz[l].ravel()).reshape(p.z[l + 1].shape)  # type: ignore[misc]
    change = slope_of(lambda t: p.cost_after(first, p.z[first] + t[0] * dz[first]), np.zeros(1))
    return per_layer(lambda l: change, lambda l: (p.error(l) * dz[l]).sum(keepdims=True), parameter_layers(p))


def _composition_jacobian(rng: np.random.Generator) -> tuple[Array, Array]:
    """f: R⁴ → R² after g: R³ → R⁴, neither linear."""
    f, g, x = _between(rng)
    return jacobian_of(lambda v: f(g(v)), x), jacobian_of(f, g(x)) @ jacobian_of(g, x)


def _between(rng: np.random.Generator) -> tuple[Callable[[Array], Array], Callable[[Array], Array], Array]:
    B, (_, g, x) = rng.normal(size=(2, 4)), _composition(rng)
    return lambda y: np.sin(B @ y) + B @ (y * y[::-1]), g, x


def _two_links(p: Pass) -> tuple[Array, Array]:
    """Two layers in one go, against the product of the two links; in rows the order of the factors is turned."""
    l = p.first + 1

    def link(to: int) -> Callable[[Array], Array]:
        return lambda z: p.affine(to, sigma(z))

    inner, outer = jacobian_of(link(l + 1), p.z[l]), jacobian_of(link(l + 2), p.z[l + 1])
    both = jacobian_of(lambda z: link(l + 2)(link(l + 1)(z)), p.z[l])
    return (both.T, inner.T @ outer.T) if p.row else (both, outer @ inner)


def _path_sum(p: Pass) -> tuple[Array, Array]:
    l = p.first + 1
    inner = jacobian_of(lambda z: p.affine(l + 1, sigma(z)), p.z[l])
    outer = jacobian_of(lambda z: p.affine(l + 2, sigma(z)), p.z[l + 1])
    end = p.error(l + 2).ravel()
    paths = np.array([sum(end[k] * outer[k, j] * inner[j, i] for k in range(len(end)) for j in range(len(inner))) for i in range(inner.shape[1])])
    return p.error(l).ravel(), paths


def _path_sum_general(rng: np.random.Generator) -> tuple[Array, Array]:
    u, y, x = _between(rng)
    v = rng.normal(size=(2, 1))

    def z(at: Array) -> complex:
        return (v * np.exp(at / 9)).sum()

    inner, outer, end = jacobian_of(y, x), jacobian_of(u, y(x)), slope_of(z, u(y(x))).ravel()
    paths = [sum(end[k] * outer[k, j] * inner[j, i] for k in range(2) for j in range(4)) for i in range(3)]
    return slope_of(lambda at: z(u(y(at))), x).ravel(), np.array(paths)


def _linear_jacobian(row: bool) -> Sides:
    """In rows ∂(xω)/∂x is read as the matrix that dx is multiplied by from the right."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        W, x = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
        return (jacobian_of(lambda v: v @ W.T, x.T).T, W.T) if row else (jacobian_of(lambda v: W @ v, x), W)

    return sides


def _elementwise_jacobian(rng: np.random.Generator) -> tuple[Array, Array]:
    z = rng.normal(size=(4, 1))
    return jacobian_of(sigma, z), np.diag(sigma_prime(z).ravel())


def _jvp(row: bool) -> Sides:
    """How g moves along a step, against the Jacobian times the step."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        _, g, x = _composition(rng)
        step = rng.normal(size=x.shape)
        moved, product = jacobian_of(lambda t: g(x + t[0] * step), np.zeros(1)), jacobian_of(g, x) @ step
        return (moved.T, step.T @ jacobian_of(g, x).T) if row else (moved, product)

    return sides


def _vjp(row: bool) -> Sides:
    """The slope of Σ ȳ ∘ g at x, against the transposed Jacobian times ȳ."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        _, g, x = _composition(rng)
        weights = rng.normal(size=(4, 1))
        slope, J = slope_of(lambda v: (weights * g(v)).sum(), x), jacobian_of(g, x)
        return (slope.T, weights.T @ J) if row else (slope, J.T @ weights)

    return sides


EQUATIONS = (
    equation(
        "chain rule",
        "What reaches z through several quantities y arrives as the sum over them: slope of z at y_j times slope of y_j at x_i.",
        r"every symbol is a number; $x$ has $n$ entries, $y$ has $m$",
        "lesson 02; Ge Li, section 3",
        ours=Form(
            r"\frac{\partial z}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}",
            _chain_rule_general,
        ),
        N=Form(
            r"\frac{\partial C}{\partial z_j^l} = \sum_k \frac{\partial C}{\partial z_k^{l+1}}\, \frac{\partial z_k^{l+1}}{\partial z_j^l}",
            on(one, _chain_rule),
        ),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon_j^m} = \sum_i \frac{\partial L}{\partial \epsilon_i^{m+1}}\,"
            r" \frac{\partial \epsilon_i^{m+1}}{\partial y_j^m}\, \frac{\partial y_j^m}{\partial \epsilon_j^m}",
            on(in_rows, _chain_rule),
        ),
        U=Form(
            r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \frac{\partial J}{\partial z_j^{(l+1)}}\,"
            r" \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
            on(away, _chain_rule),
            stated=False,
        ),
        P=Form(
            r"\frac{\partial z}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}",
            _chain_rule_general,
            note=r"the condition is printed for $y_1 \dots y_n$; it is needed for $y_1 \dots y_m$",
        ),
    ),
    equation(
        "total differential",
        "The first-order change of z reads the same whether y is a free variable or itself a function of x.",
        r"$f'(y)$: $(1, m)$; $g'(x)$: $(m, n)$; $\mathrm{d}y$: $(m, 1)$; $\mathrm{d}x$: $(n, 1)$",
        "lesson 02; Ge Li, section 3",
        ours=Form(
            r"\mathrm{d}z = f'(y)\, \mathrm{d}y = f'(y)\, g'(x)\, \mathrm{d}x, \qquad y = g(x)",
            _total_differential_general,
        ),
        N=Form(r"\mathrm{d}C = \sum_j \delta_j^l\, \mathrm{d}z_j^l \quad \text{for every } l", on(one, _total_differential), stated=False),
        R=Form(
            r"\mathrm{d}L = \mathrm{d}\epsilon^m \left(\frac{\partial L}{\partial \epsilon^m}\right)^{\!T} \quad \text{for every } m",
            on(in_rows, _total_differential),
            stated=False,
        ),
        U=Form(
            r"\mathrm{d}J = (\delta^{(l)})^T\, \mathrm{d}z^{(l)} \quad \text{for every } l",
            on(away, _total_differential),
            stated=False,
        ),
        P=Form(r"\mathrm{d}z = (f \circ g)'(x)\, \mathrm{d}x = f'(y)\, g'(x)\, \mathrm{d}x = f'(y)\, \mathrm{d}y", _total_differential_general),
    ),
    equation(
        "sum over paths",
        "With two layers between, each way from x to z is worth the product of its three slopes, and all ways add up.",
        r"every symbol is a number; $x \to y \to u \to z$",
        "lesson 02",
        ours=Form(
            r"\frac{\partial z}{\partial x_i} = \sum_{j} \sum_{k} \frac{\partial z}{\partial u_k}\,"
            r" \frac{\partial u_k}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}",
            _path_sum_general,
        ),
        N=Form(
            r"\frac{\partial C}{\partial z_i^l} = \sum_j \sum_k \frac{\partial C}{\partial z_k^{l+2}}\,"
            r" \frac{\partial z_k^{l+2}}{\partial z_j^{l+1}}\, \frac{\partial z_j^{l+1}}{\partial z_i^l}",
            on(one, _path_sum),
            stated=False,
        ),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon_i^m} = \sum_j \sum_k \frac{\partial L}{\partial \epsilon_k^{m+2}}\,"
            r" \frac{\partial \epsilon_k^{m+2}}{\partial \epsilon_j^{m+1}}\, \frac{\partial \epsilon_j^{m+1}}{\partial \epsilon_i^m}",
            on(in_rows, _path_sum),
            stated=False,
        ),
        U=Form(
            r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \sum_k \frac{\partial J}{\partial z_k^{(l+2)}}\,"
            r" \frac{\partial z_k^{(l+2)}}{\partial z_j^{(l+1)}}\, \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
            on(away, _path_sum),
            stated=False,
        ),
        P=Form(
            r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \sum_k \frac{\partial J}{\partial z_k^{(l+2)}}\,"
            r" \frac{\partial z_k^{(l+2)}}{\partial z_j^{(l+1)}}\, \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
            on(one, _path_sum),
            stated=False,
        ),
    ),
    equation(
        "Jacobian of a composition",
        "The matrix of all slopes of f after g is the matrix of f, taken at g(x), times the matrix of g.",
        r"$x$: $(n, 1)$; $g(x)$: $(m, 1)$; $g'(x)$: $(m, n)$; $f'$: $(p, m)$; $(f \circ g)'$: $(p, n)$",
        "lesson 02; Ge Li, section 3",
        ours=Form(r"(f \circ g)'(x) = f'(g(x))\, g'(x)", _composition_jacobian),
        N=Form(
            r"\frac{\partial z^{l+2}}{\partial z^l} = \frac{\partial z^{l+2}}{\partial z^{l+1}}\, \frac{\partial z^{l+1}}{\partial z^l}",
            on(one, _two_links),
            stated=False,
        ),
        R=Form(
            r"\frac{\partial \epsilon^{m+2}}{\partial \epsilon^m} ="
            r" \frac{\partial \epsilon^{m+1}}{\partial \epsilon^m} \cdot \frac{\partial \epsilon^{m+2}}{\partial \epsilon^{m+1}}",
            on(in_rows, _two_links),
            stated=False,
            note="in rows the inner factor stands on the left",
        ),
        U=Form(
            r"\frac{\partial z^{(l+2)}}{\partial z^{(l)}} ="
            r" \frac{\partial z^{(l+2)}}{\partial z^{(l+1)}}\, \frac{\partial z^{(l+1)}}{\partial z^{(l)}}",
            on(away, _two_links),
            stated=False,
        ),
        P=Form(r"(f \circ g)'(x) = f'(y)\, g'(x)", _composition_jacobian),
    ),
    equation(
        "linear Jacobian",
        "The Jacobian of a linear map is its matrix.",
        r"$x$: $(n, 1)$; $W$: $(m, n)$",
        "lesson 02",
        ours=Form(r"\frac{\partial (W x)}{\partial x} = W", _linear_jacobian(row=False)),
        N=Form(r"\frac{\partial z_j^l}{\partial a_k^{l-1}} = w_{jk}^l", _linear_jacobian(row=False), stated=False),
        R=Form(
            r"\mathrm{d}(y \cdot \omega) = \mathrm{d}y \cdot \omega",
            _linear_jacobian(row=True),
            stated=False,
            note="rows: the matrix stands on the right",
        ),
        U=Form(r"\frac{\partial (W x)}{\partial x} = W", _linear_jacobian(row=False), stated=False),
        P=Form(r"\frac{\partial z_k^{(l+1)}}{\partial a_j^{(l)}} = w_{kj}^{(l+1)}", _linear_jacobian(row=False)),
    ),
    equation(
        "elementwise Jacobian",
        "A function applied entry by entry has its slopes on the diagonal, and zeros beside it.",
        r"$z$: $(n, 1)$; $\mathrm{diag}$: $(n, n)$",
        "lesson 02",
        ours=Form(r"\frac{\partial \sigma(z)}{\partial z} = \mathrm{diag}\!\left(\sigma'(z)\right)", _elementwise_jacobian),
        N=Form(r"\frac{\partial a_k^l}{\partial z_j^l} = \sigma'(z_j^l)\, \mathbb{1}_{j=k}", _elementwise_jacobian, stated=False),
        R=Form(
            r"\frac{\partial y^m}{\partial \epsilon^m} = \mathrm{diag}\!\left(\mathrm{Act}'_m(\epsilon^m)\right)",
            _elementwise_jacobian,
            stated=False,
        ),
        U=Form(r"\frac{\partial a^{(l)}}{\partial z^{(l)}} = \mathrm{diag}\!\left(f'(z^{(l)})\right)", _elementwise_jacobian, stated=False),
        P=Form(r"\frac{\partial a_k^{(l)}}{\partial z_j^{(l)}} = f'(z_j^{(l)})\, \mathbb{1}_{j=k}", _elementwise_jacobian, stated=False),
    ),
    equation(
        "JVP",
        "Forward: the Jacobian turns a change of the inputs into the change of the outputs.",
        r"$\mathrm{d}x$: $(n, 1)$; $g'(x)$: $(m, n)$; $\mathrm{d}y$: $(m, 1)$",
        "lesson 02",
        ours=Form(r"\mathrm{d}y = g'(x)\, \mathrm{d}x", _jvp(row=False)),
        N=Form(r"\mathrm{d}z^{l+1} = \frac{\partial z^{l+1}}{\partial z^l}\, \mathrm{d}z^l", _jvp(row=False), stated=False),
        R=Form(
            r"\mathrm{d}\epsilon^{m+1} = \mathrm{d}\epsilon^m \cdot \frac{\partial \epsilon^{m+1}}{\partial \epsilon^m}",
            _jvp(row=True),
            stated=False,
        ),
        U=Form(r"\mathrm{d}z^{(l+1)} = \frac{\partial z^{(l+1)}}{\partial z^{(l)}}\, \mathrm{d}z^{(l)}", _jvp(row=False), stated=False),
        P=Form(r"\mathrm{d}y = g'(x)\, \mathrm{d}x", _jvp(row=False)),
    ),
    equation(
        "VJP",
        "Backward: the transposed Jacobian turns the slopes of a number at the outputs into its slopes at the inputs.",
        r"$\nabla_y z$: $(m, 1)$; $g'(x)$: $(m, n)$; $\nabla_x z$: $(n, 1)$",
        "lesson 02",
        ours=Form(r"\nabla_x z = g'(x)^\top\, \nabla_y z", _vjp(row=False)),
        N=Form(r"\nabla_{z^l} C = \left(\frac{\partial z^{l+1}}{\partial z^l}\right)^{\!T} \nabla_{z^{l+1}} C", _vjp(row=False), stated=False),
        R=Form(
            r"\frac{\partial L}{\partial \epsilon^m} ="
            r" \frac{\partial L}{\partial \epsilon^{m+1}} \cdot \left(\frac{\partial \epsilon^{m+1}}{\partial \epsilon^m}\right)^{\!T}",
            _vjp(row=True),
            stated=False,
        ),
        U=Form(
            r"\nabla_{z^{(l)}} J = \left(\frac{\partial z^{(l+1)}}{\partial z^{(l)}}\right)^{\!T} \nabla_{z^{(l+1)}} J",
            _vjp(row=False),
            stated=False,
        ),
        P=Form(r"\frac{\partial z}{\partial x} = \frac{\partial z}{\partial y}\, g'(x)", _vjp(row=True), note="slopes of a number as a row"),
    ),
)
