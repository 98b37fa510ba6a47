"""The named equations of lesson 12, each with both sides as they are written; none of the course's texts has them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from bpkit.equations.model import Array, Equation, Form, Sides, equation
from bpkit.equations.worlds import entries, jacobian_of, slope_of

EPSILON = 0.1


def _standardised(z: Array, axis: int, epsilon: float = EPSILON) -> tuple[Array, Array]:
    """With mean 0 along the axis, over what it was divided by; and that."""
    centred = z - z.mean(axis=axis, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=axis, keepdims=True) + epsilon)
    return centred / s, s


def _drawn(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """z, γ, β and g."""
    return rng.normal(size=(3, 5)) + rng.normal(size=(3, 1)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1)), rng.normal(size=(3, 5))


def _forward(axis: int) -> Sides:
    """With whole arrays, against entry by entry."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, gamma, beta, _ = _drawn(rng)

        def value(j: int, x: int) -> float:
            row = z[j] if axis == 1 else z[:, x]
            mu = sum(row) / len(row)
            v = sum((entry - mu) ** 2 for entry in row) / len(row)
            return float(gamma[j, 0] * (z[j, x] - mu) / np.sqrt(v + EPSILON) + beta[j, 0])

        return gamma * _standardised(z, axis)[0] + beta, entries(z.shape, value)

    return sides


def _batch_backward(rng: np.random.Generator) -> tuple[Array, Array]:
    z, gamma, _, g = _drawn(rng)
    z_hat, s = _standardised(z, 1)
    mean = g.mean(axis=1, keepdims=True)
    by_formula = gamma / s * (g - mean - z_hat * (g * z_hat).mean(axis=1, keepdims=True))
    return slope_of(lambda v: (g * gamma * _standardised(v, 1)[0]).sum(), z), by_formula


def _layer_backward(rng: np.random.Generator) -> tuple[Array, Array]:
    z, gamma, _, g = _drawn(rng)
    z_hat, s = _standardised(z, 0)
    g_hat = gamma * g
    by_formula = (g_hat - g_hat.mean(axis=0) - z_hat * (g_hat * z_hat).mean(axis=0)) / s
    return slope_of(lambda v: (g * gamma * _standardised(v, 0)[0]).sum(), z), by_formula


def _batch_jacobian(rng: np.random.Generator) -> tuple[Array, Array]:
    row, m = rng.normal(size=(1, 5)), 5
    z_hat, s = _standardised(row, 1)
    by_formula = (np.eye(m) - np.ones((m, m)) / m - z_hat.T @ z_hat / m) / s
    return jacobian_of(lambda v: _standardised(v, 1)[0], row), by_formula


def _evaluation(rng: np.random.Generator) -> tuple[Array, Array]:
    z, gamma, beta, g = _drawn(rng)
    mean, variance = rng.normal(size=(3, 1)), rng.uniform(0.5, 2, size=(3, 1))
    by_step = slope_of(lambda v: (g * (gamma * (v - mean) / np.sqrt(variance + EPSILON) + beta)).sum(), z)
    return by_step, gamma / np.sqrt(variance + EPSILON) * g


def _of_weights(rng: np.random.Generator) -> tuple[Array, Callable[[Array], complex]]:
    """Weights in front of a batch normalisation without ε, and the cost as a function of them."""
    W, a, target = rng.normal(size=(3, 4)), rng.normal(size=(4, 6)), rng.normal(size=(3, 6))
    return W, lambda V: ((np.tanh(_standardised(V @ a, 1, 0.0)[0]) - target) ** 2).sum()


def _scale(rng: np.random.Generator) -> tuple[Array, Array]:
    W, cost = _of_weights(rng)
    return np.array([cost(rng.uniform(0.2, 5) * W)]), np.array([cost(W)])


def _scaled_gradient(rng: np.random.Generator) -> tuple[Array, Array]:
    W, cost = _of_weights(rng)
    c, slope = rng.uniform(0.2, 5), slope_of(cost, W)
    # a sum that is zero is compared beside one that is not
    return np.concatenate([[1 + (W * slope).sum()], slope_of(cost, c * W).ravel()]), np.concatenate([[1.0], slope.ravel() / c])


def _blocks(rng: np.random.Generator) -> tuple[list[Array], list[Array]]:
    """The weights of three residual blocks, and a of every layer, for one example."""
    W, a = [rng.normal(size=(4, 4)) for _ in range(3)], [rng.normal(size=(4, 1))]
    for V in W:
        a.append(a[-1] + np.tanh(V @ a[-1]))
    return W, a


def _through(W: list[Array], a: Array) -> Array:
    for V in W:
        a = a + np.tanh(V @ a)
    return a


def _branches(W: list[Array], a: list[Array]) -> list[Array]:
    return [(1 - np.tanh(V @ before) ** 2) * V for V, before in zip(W, a, strict=False)]


def _residual_block(rng: np.random.Generator) -> tuple[Array, Array]:
    W, a = _blocks(rng)
    added = [after - before for before, after in itertools.pairwise(a)]
    return np.concatenate(added), np.concatenate([np.tanh(V @ before) for V, before in zip(W, a, strict=False)])


def _residual_gradient(rng: np.random.Generator) -> tuple[Array, Array]:
    W, a = _blocks(rng)
    g, J = rng.normal(size=(4, 1)), _branches(W, a)[2]
    jacobian = jacobian_of(lambda v: _through(W[2:], v), a[2])
    by_step = slope_of(lambda v: (g * _through(W[2:], v)).sum(), a[2])
    return np.concatenate([jacobian, by_step], axis=1), np.concatenate([np.eye(4) + J, g + J.T @ g], axis=1)


def _residual_product(rng: np.random.Generator) -> tuple[Array, Array]:
    W, a = _blocks(rng)
    g = last = rng.normal(size=(4, 1))
    for J in reversed(_branches(W, a)):
        g = (np.eye(4) + J).T @ g
    return slope_of(lambda v: (last * _through(W, v)).sum(), a[0]), g


def _dropout(rng: np.random.Generator) -> tuple[Array, Array]:
    """On average over all masks of three neurons, each weighed with its chance, the layer is as it was."""
    a, p = rng.normal(size=(3, 1)), rng.uniform(0.1, 0.9)
    mean = np.zeros_like(a)
    for r in np.ndindex(2, 2, 2):
        mask = np.array(r)[:, None]
        mean = mean + np.prod(np.where(mask, 1 - p, p)) * mask * a / (1 - p)
    return mean, a


def _dropout_backward(rng: np.random.Generator) -> tuple[Array, Array]:
    a, g, p = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.uniform(0.1, 0.9)
    r = (rng.random(size=(3, 4)) < 1 - p).astype(float)
    r[0, 0] = 1
    return slope_of(lambda v: (g * r * v / (1 - p)).sum(), a), r * g / (1 - p)


def _everywhere(name: str, says: str, shapes: str, latex: str, sides: Sides) -> Equation:
    """An equation that none of the course's texts has: in each of them it is written as here."""
    source = "lesson 12"
    others = {text: Form(latex, sides, stated=False) for text in "NRUP"}
    return equation(name, says, shapes, source, ours=Form(latex, sides), **others)


EQUATIONS = (
    _everywhere(
        "batch norm",
        "Each neuron gets mean 0 and width 1 over the examples of the batch, then a width and a place of its own.",
        r"$z, \hat z, u$: $(n, m)$; $\mu, s, \gamma, \beta$: $(n, 1)$",
        r"\hat z_{jx} = \frac{z_{jx} - \mu_j}{s_j}, \qquad u_{jx} = \gamma_j\, \hat z_{jx} + \beta_j",
        _forward(1),
    ),
    _everywhere(
        "batch norm backward",
        "Take off the gradient's mean over the batch, and its part along the normalised values; scale the rest by γ over s.",
        r"$\delta, g, \hat z$: $(n, m)$; $\gamma, s$ and the means, over each row: $(n, 1)$",
        r"\delta = \frac{\gamma}{s} \odot \big( g - \overline{g} - \hat z \odot \overline{g \odot \hat z} \big)",
        _batch_backward,
    ),
    _everywhere(
        "batch norm Jacobian",
        "Examples against examples: the identity without the directions of a common shift and of a common stretch.",
        r"one neuron: $I$, $\mathbf 1 \mathbf 1^\top$, $\hat z\, \hat z^\top$: $(m, m)$; $\hat z, \mathbf 1$: columns of $m$",
        r"\frac{\partial \hat z}{\partial z} = \frac1s \Big( I - \frac1m \mathbf 1 \mathbf 1^\top - \frac1m\, \hat z\, \hat z^\top \Big)",
        _batch_jacobian,
    ),
    _everywhere(
        "scale invariance",
        "In front of a normalisation without ε, the length of the weights does not matter.",
        r"$W$: $(n, n_{l-1})$; $c > 0$ a number",
        r"C(c\, W) = C(W) \quad \text{for all } c > 0",
        _scale,
    ),
    _everywhere(
        "scaled gradient",
        "The gradient is perpendicular to the weights, and weights c times as long get a gradient that is c times shorter.",
        r"$W$ and both gradients: $(n, n_{l-1})$; $c > 0$ a number; no $\varepsilon$",
        r"\Big\langle W,\; \frac{\partial C}{\partial W} \Big\rangle = 0, \qquad"
        r" \frac{\partial C}{\partial W} (c W) = \frac1c\, \frac{\partial C}{\partial W} (W)",
        _scaled_gradient,
    ),
    _everywhere(
        "evaluation mode",
        "With running numbers in the place of mean and variance, each entry is scaled and shifted, and its gradient scaled alike.",
        r"$z, u, g$: $(n, m)$; $\gamma, \beta, r_\mu, r_v$: $(n, 1)$",
        r"u_{jx} = \gamma_j\, \frac{z_{jx} - r_{\mu j}}{\sqrt{r_{vj} + \varepsilon}} + \beta_j, \qquad"
        r" \frac{\partial C}{\partial z_{jx}} = \frac{\gamma_j}{\sqrt{r_{vj} + \varepsilon}}\; g_{jx}",
        _evaluation,
    ),
    _everywhere(
        "layer norm",
        "Each example gets mean 0 and width 1 over its neurons, then every neuron a width and a place of its own.",
        r"$z, u$: $(n, m)$; $\mu, v$: $(1, m)$; $\gamma, \beta$: $(n, 1)$",
        r"\mu_x = \frac1n \sum_{j=1}^n z_{jx}, \quad v_x = \frac1n \sum_{j=1}^n (z_{jx} - \mu_x)^2, \quad"
        r" u_{jx} = \gamma_j\, \frac{z_{jx} - \mu_x}{\sqrt{v_x + \varepsilon}} + \beta_j",
        _forward(0),
    ),
    _everywhere(
        "layer norm backward",
        "As for a batch, with means over each column; γ differs from neuron to neuron and stays inside of them.",
        r"$\delta, g, \hat g, \hat z$: $(n, m)$; $s$ and the means, over each column: $(1, m)$; $\gamma$: $(n, 1)$",
        r"\delta = \frac1s \odot \big( \hat g - \overline{\hat g} - \hat z \odot \overline{\hat g \odot \hat z} \big), \qquad"
        r" \hat g = \gamma \odot g",
        _layer_backward,
    ),
    _everywhere(
        "residual block",
        "A block computes what is added to its input.",
        r"$a^l, a^{l-1}$ and the branch: $(n, m)$",
        r"a^l = a^{l-1} + F^l(a^{l-1})",
        _residual_block,
    ),
    _everywhere(
        "residual gradient",
        "What comes back is the gradient itself, plus what the branch hands back.",
        r"one example: $I, J^l$: $(n, n)$; $g^l = \partial C / \partial a^l$: $(n, 1)$",
        r"\frac{\partial a^l}{\partial a^{l-1}} = I + J^l, \qquad g^{l-1} = g^l + (J^l)^\top g^l",
        _residual_gradient,
    ),
    _everywhere(
        "residual product",
        "Down the whole net each block offers a way around itself.",
        r"one example: $I, J^l$: $(n, n)$; $g^0, g^L$: $(n, 1)$",
        r"g^0 = (I + J^1)^\top (I + J^2)^\top \cdots (I + J^L)^\top\, g^L",
        _residual_product,
    ),
    _everywhere(
        "dropout",
        "Drop each entry with the chance p and make the others larger, so that the mean is kept.",
        r"$a, \tilde a, r$: $(n, m)$; $p$ a number",
        r"\tilde a = \frac{r \odot a}{1 - p}, \qquad r_{jx} = 1 \text{ with chance } 1 - p, \text{ else } 0",
        _dropout,
    ),
    _everywhere(
        "dropout backward",
        "The gradient gets the same mask and the same factor.",
        r"$g, r$ and the result: $(n, m)$; $p$ a number",
        r"\frac{\partial C}{\partial a} = \frac{r \odot g}{1 - p}, \qquad g = \frac{\partial C}{\partial \tilde a}",
        _dropout_backward,
    ),
)
