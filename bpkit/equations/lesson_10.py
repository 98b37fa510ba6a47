"""The named equations of lesson 10, each with both sides as they are written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import H, entries, sigma, sigma_prime, slope_of, softmax


def _adjoint(rng: np.random.Generator) -> tuple[Array, Array]:
    """A small program with forks; every quantity's gradient from those of what was made of it, against nudging it."""
    inputs = rng.normal(size=2)

    def values(moved: int = -1, step: complex = 0) -> list[complex]:
        v: list[complex] = []
        for make in (
            lambda: inputs[0],
            lambda: inputs[1],
            lambda: v[0] * v[1],
            lambda: np.sin(v[2]) + v[0],
            lambda: v[2] * v[3],
            lambda: v[4] * v[0],
        ):
            v.append(make() + (step if len(v) == moved else 0))
        return v

    v = np.real(values())
    slopes = {(0, 2): v[1], (1, 2): v[0], (2, 3): np.cos(v[2]), (0, 3): 1.0, (2, 4): v[3], (3, 4): v[2], (4, 5): v[0], (0, 5): v[4]}
    nudged = np.array([np.imag(values(k, 1j * H)[-1]) / H for k in range(6)])
    return nudged[:5], entries((5,), lambda i: sum(nudged[j] * slope for (start, j), slope in slopes.items() if start == i))


def _vjps(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    return rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))


def _matmul_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    A, B, G = _vjps(rng)
    by_step = [slope_of(lambda v: (G * (v @ B)).sum(), A), slope_of(lambda v: (G * (A @ v)).sum(), B)]
    return np.concatenate([part.ravel() for part in by_step]), np.concatenate([(G @ B.T).ravel(), (A.T @ G).ravel()])


def _broadcast_vjp(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        G, b = rng.normal(size=(3, 5)), rng.normal(size=(3, 1))
        if row:
            G, b = G.T, b.T
        along = 0 if row else 1
        summed = entries(b.shape, lambda *place: sum(np.take(G, x, axis=along)[max(place)] for x in range(5)))
        return slope_of(lambda v: (G * (v + np.zeros_like(G))).sum(), b), summed

    return sides


def _elementwise_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    z, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    return slope_of(lambda v: (g * sigma(v)).sum(), z), g * sigma_prime(z)


def _log_sum_exp_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    z, g = rng.normal(size=(4, 1)), rng.normal()
    return slope_of(lambda v: g * np.log(np.exp(v).sum()), z), g * softmax(z)


def _gradients_written(formula: Callable[[Callable[..., str]], str], sides: Sides) -> dict[str, Form]:
    """A formula about the gradients of some quantities, in each text's way of writing a gradient; none of the texts has it."""
    written = {
        "ours": r"\bar{{{0}}}{1}",
        "N": r"\frac{{\partial C}}{{\partial {0}{1}}}",
        "R": r"\frac{{\partial L}}{{\partial {0}{1}}}",
        "U": r"\nabla_{{{0}{1}}} F",
        "P": r"\frac{{\partial J}}{{\partial {0}{1}}}",
    }
    return {
        convention: Form(
            formula(lambda letter, index="", pattern=pattern: pattern.format(letter, index)),
            sides,
            stated=convention == "ours",
        )
        for convention, pattern in written.items()
    }


EQUATIONS = (
    equation(
        "adjoint",
        "A quantity's gradient collects from everything that was made of it: the gradient there, times the slope of that step.",
        r"every symbol is a number; the sum runs over all $v_j$ that $v_i$ went into",
        "lesson 10; Griewank and Walther, Evaluating Derivatives, ch. 3",
        **_gradients_written(lambda g: rf"{g('v', '_i')} = \sum_{{j:\, i \to j}} {g('v', '_j')}\, \frac{{\partial v_j}}{{\partial v_i}}", _adjoint),
    ),
    equation(
        "matmul VJP",
        "Through a product Y = AB each factor's gradient is that of the product times the other factor, transposed.",
        r"$A$: $(n, k)$; $B$: $(k, m)$; $Y$: $(n, m)$",
        "lesson 10",
        **_gradients_written(lambda g: rf"{g('A')} = {g('Y')}\, B^\top, \quad {g('B')} = A^\top\, {g('Y')}", _matmul_vjp),
    ),
    equation(
        "broadcast VJP",
        "An entry that broadcasting copied collects from all its copies.",
        r"$b$: $(n, 1)$, copied along the $m$ columns of $Y$: $(n, m)$",
        "lesson 10",
        **{
            **_gradients_written(lambda g: rf"{g('b', '_j')} = \sum_{{x=1}}^{{m}} {g('Y', '_{jx}')}", _broadcast_vjp(row=False)),
            "R": Form(r"\frac{\partial L}{\partial b_j} = \sum_{x=1}^{n} \frac{\partial L}{\partial Y_{xj}}", _broadcast_vjp(row=True), stated=False),
        },
    ),
    equation(
        "elementwise VJP",
        "Through a function of each entry by itself a gradient is multiplied by the slope, entry by entry.",
        r"every factor: $(n, m)$",
        "lesson 10",
        **_gradients_written(lambda g: rf"{g('z')} = {g('a')} \odot \sigma'(z)", _elementwise_vjp),
    ),
    equation(
        "log-sum-exp VJP",
        "Through the logarithm of a sum of exponentials a gradient is shared out by softmax.",
        r"$z$: $(n, 1)$; $v = \log \sum_j e^{z_j}$ is a number",
        "lesson 10",
        **_gradients_written(lambda g: rf"{g('z')} = {g('v')}\, \mathrm{{softmax}}(z)", _log_sum_exp_vjp),
    ),
)
