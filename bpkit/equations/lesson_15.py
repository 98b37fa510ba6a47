"""The named equations of lesson 15, each with both sides as they are written."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import H, jacobian_of, sigma, sigma_prime, slope_of


def _dual_product(rng: np.random.Generator) -> tuple[Array, Array]:
    """ε as the matrix whose square is 0: a dual number is then a matrix, and the product that of matrices."""
    a, a_dot, b, b_dot = rng.normal(size=4)
    epsilon, one = np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)
    return (a * one + a_dot * epsilon) @ (b * one + b_dot * epsilon), a * b * one + (a_dot * b + a * b_dot) * epsilon


def _layer_jvp(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        W, W_dot = rng.normal(size=(2, 3, 4))
        b, b_dot = rng.normal(size=(2, 3, 1))
        a, a_dot = rng.normal(size=(2, 4, 1 if row else 5))
        if row:
            stepped = sigma((a + 1j * H * a_dot).T @ (W + 1j * H * W_dot).T + (b + 1j * H * b_dot).T)
            return stepped.imag / H, sigma_prime(a.T @ W.T + b.T) * (a_dot.T @ W.T + a.T @ W_dot.T + b_dot.T)
        stepped = sigma((W + 1j * H * W_dot) @ (a + 1j * H * a_dot) + b + 1j * H * b_dot)
        return stepped.imag / H, sigma_prime(W @ a + b) * (W @ a_dot + W_dot @ a + b_dot)

    return sides


def _hvp(rng: np.random.Generator) -> tuple[Array, Array]:
    """The cost Σ exp(A w): its Hessian from a complex step of each entry of the gradient."""
    A, w, v = rng.normal(size=(5, 4)), rng.normal(size=(4, 1)), rng.normal(size=(4, 1))

    def gradient(at: Array) -> Array:
        return A.T @ np.exp(A @ at)

    return jacobian_of(gradient, w) @ v, gradient(w + 1j * H * v).imag / H


def _checkpoints(rng: np.random.Generator) -> tuple[Array, Array]:
    """Hold and drop the numbers of the layers, and count."""
    k, segments = (int(number) for number in rng.integers(2, 8, size=2))
    n = k * segments
    held, again = {*range(0, n + 1, k)}, 0
    most = len(held)
    for start in reversed(range(0, n, k)):
        inside = set(range(start + 1, start + k))
        again += len(inside)
        most = max(most, len(held | inside))
        held -= {start + k}
    return np.array([most, again]), np.array([n / k + k, n - n / k])


def _square_root_rule(rng: np.random.Generator) -> tuple[Array, Array]:
    k, n = rng.uniform(1, 20, size=3), rng.uniform(20, 400, size=3)
    return k + n / k, 2 * np.sqrt(n) + (np.sqrt(k) - np.sqrt(n / k)) ** 2


def _fixed_point_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    """a = tanh(W a + θ): both sides of the system, then the gradient of θ, with u from how g·a moves with θ."""
    W, theta, g = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))
    W *= 0.6 / np.linalg.norm(W, 2)

    def settled(at: Array) -> Array:
        a = np.zeros_like(at)
        for _ in range(200):
            a = np.tanh(W @ a + at)
        return a

    a = settled(theta)
    J, B = (1 - a**2) * W, np.diag(1 - a.ravel() ** 2)
    nudged = slope_of(lambda at: (g * settled(at)).sum(), theta)
    u = nudged / (1 - a**2)
    return np.concatenate([(np.eye(3) - J).T @ u, nudged]), np.concatenate([g, B.T @ np.linalg.solve((np.eye(3) - J).T, g)])


def _loss_scaling(rng: np.random.Generator) -> tuple[Array, Array]:
    A, w, s = rng.normal(size=(5, 4)), rng.normal(size=(4, 1)), 2.0**10
    return slope_of(lambda at: np.sin(A @ at).sum(), w), slope_of(lambda at: s * np.sin(A @ at).sum(), w) / s


def _written(formula: Callable[[str, str], str], sides: Sides) -> dict[str, Form]:
    """A formula with the cost and the weights in each text's letters; none of the texts has it."""
    letters = {"ours": ("C", "w"), "N": ("C", "w"), "R": ("L", r"\omega"), "U": ("J", "W"), "P": ("J", "w")}
    return {convention: Form(formula(cost, weights), sides, stated=convention == "ours") for convention, (cost, weights) in letters.items()}


def _everywhere(latex: str, sides: Sides) -> dict[str, Form]:
    """A formula without any letter that the texts would write otherwise."""
    return _written(lambda cost, weights: latex, sides)


EQUATIONS = (
    equation(
        "dual product",
        "Two values multiply, and beside ε stands the product rule.",
        "numbers, or arrays of one shape",
        "lesson 15; Griewank and Walther, Evaluating Derivatives, ch. 3",
        **_everywhere(r"(a + \dot a\, \varepsilon)(b + \dot b\, \varepsilon) = a b + (\dot a b + a \dot b)\, \varepsilon", _dual_product),
    ),
    equation(
        "layer JVP",
        "A layer's activation moves with the activations before it, with its weights and with its biases, each entry at its own slope.",
        r"$a^l, z^l$: $(n_l, m)$; $W^l$: $(n_l, n_{l-1})$; $b^l$: $(n_l, 1)$; a dot changes no shape",
        "lesson 15",
        ours=Form(
            r"\dot a^l = \sigma'(z^l) \odot \left( W^l \dot a^{l-1} + \dot W^l a^{l-1} + \dot b^l \right)",
            _layer_jvp(False),
        ),
        N=Form(
            r"\dot a^l = \sigma'(z^l) \odot \left( w^l \dot a^{l-1} + \dot w^l a^{l-1} + \dot b^l \right)",
            _layer_jvp(False),
            stated=False,
        ),
        R=Form(
            r"\dot y^m = \mathrm{Act}'_m(\epsilon^m) \odot \left( \dot y^{m-1} \cdot \omega^m + y^{m-1} \cdot \dot \omega^m + \dot b^m \right)",
            _layer_jvp(True),
            stated=False,
        ),
        U=Form(
            r"\dot a^{(l+1)} = f'(z^{(l+1)}) \bullet \left( W^{(l)} \dot a^{(l)} + \dot W^{(l)} a^{(l)} + \dot b^{(l)} \right)",
            _layer_jvp(False),
            stated=False,
        ),
        P=Form(
            r"\dot a^{(l)} = f'(z^{(l)}) \odot \left( W^{(l)} \dot a^{(l-1)} + \dot W^{(l)} a^{(l-1)} + \dot b^{(l)} \right)",
            _layer_jvp(False),
            stated=False,
        ),
    ),
    equation(
        "HVP",
        "The Hessian times a vector is how the gradient moves when the weights move along that vector.",
        r"$w, v$: $(N, 1)$; $H$: $(N, N)$, never formed",
        "lesson 15; Pearlmutter, Fast Exact Multiplication by the Hessian",
        **_written(
            lambda cost, weights: rf"H v = \frac{{\mathrm{{d}}}}{{\mathrm{{d}}t}} \nabla {cost}({weights} + t v) \Big\vert_{{t = 0}}",
            _hvp,
        ),
    ),
    equation(
        "checkpoints",
        "With a checkpoint every k layers: the most activations held at once, and the steps that are done again.",
        "numbers; k divides n",
        "lesson 15; Chen and others, Training Deep Nets with Sublinear Memory Cost",
        **_everywhere(r"\text{held} = \frac{n}{k} + k, \qquad \text{again} = n - \frac{n}{k}", _checkpoints),
    ),
    equation(
        "square root rule",
        "Where k divides n, what is held is never less than twice the root of n, and that is reached where k is the root.",
        "numbers above 0",
        "lesson 15",
        **_everywhere(r"k + \frac{n}{k} = 2 \sqrt n + \left( \sqrt k - \sqrt{n / k} \right)^2", _square_root_rule),
    ),
    equation(
        "fixed point VJP",
        "Solve one linear system for u, then go back through the layer once with u in the place of the gradient.",
        r"$a, g, u$: $(n, 1)$; $J = \partial f / \partial a$: $(n, n)$; $B = \partial f / \partial \theta$: $(n, p)$; $\bar \theta$: $(p, 1)$",
        "lesson 15; Bai, Kolter and Koltun, Deep Equilibrium Models",
        **_everywhere(r"(I - J)^\top u = g, \qquad \bar \theta = B^\top u", _fixed_point_vjp),
    ),
    equation(
        "loss scaling",
        "Multiply the loss before going back, and divide what arrives.",
        "s is a number, a power of two",
        "lesson 15; Micikevicius and others, Mixed Precision Training",
        **_written(
            lambda cost, weights: (
                rf"\frac{{\partial {cost}}}{{\partial {weights}}} = \frac{{1}}{{s}}\, \frac{{\partial (s {cost})}}{{\partial {weights}}}"
            ),
            _loss_scaling,
        ),
    ),
)
