"""The course's named equations, each written once: in our notation, in each source text's, and as a numeric check.

Every formula that a lesson or a deck tags, e.g. ``\\tag{BP2}``, is one of these; a test compares them. The checks differentiate
a forward pass of their own by complex step, so that no formula of the library vouches for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bpkit.pages import Page, plain, plain_words

Array = np.ndarray
Sides = Callable[[np.random.Generator], tuple[Array, Array]]

CONVENTIONS = {
    "ours": "this course",
    "N": "N, A: after Nielsen (反向传播公式推导; 读懂反向传播算法)",
    "R": "R: rows (bp神经网络反向传播)",
    "U": "U: weights lead away from layer l (UFLDL, 用反向传导思想求导)",
    "P": "P: Ge Li, Peking University (Deep Learning Technology and Application)",
}


@dataclass(frozen=True)
class Form:
    """An equation as one text writes it.

    Parameters
    ----------
    latex
        The formula, without dollar signs.
    sides
        Draws a random net in this text's convention and evaluates both sides as they are written.
    stated
        Whether the text itself states it; if not, it is our translation into the text's letters.
    note
        What was put right, where the printed formula has a slip; formulas in it stand between dollar signs.
    """

    latex: str
    sides: Sides
    stated: bool = True
    note: str = ""


@dataclass(frozen=True)
class Equation:
    """A named equation.

    Parameters
    ----------
    name
        What ``\\tag{…}`` says.
    says
        The equation in words.
    shapes
        The shapes in our notation, m examples as columns; formulas in it stand between dollar signs.
    source
        Where it comes from: the lesson that derives it, and the literature.
    forms
        Convention ("ours", "N", "R", "U", "P") → `Form`.
    """

    name: str
    says: str
    shapes: str
    source: str
    forms: Mapping[str, Form]

    @property
    def latex(self) -> str:
        """The formula in our notation, without dollar signs."""
        return self.forms["ours"].latex

    def check(self, rng: np.random.Generator, convention: str = "ours") -> float:
        """Evaluate both sides on a random net; return their relative difference in the 2-norm.

        Examples
        --------
        >>> EQUATIONS["BP2"].check(np.random.default_rng(0)) < 1e-12
        True
        """
        left, right = self.forms[convention].sides(rng)
        if left.shape != right.shape:
            raise ValueError(f"{self.name} ({convention}): the left side has shape {left.shape}, the right side {right.shape}")
        return float(np.linalg.norm(left - right) / max(np.linalg.norm(left), np.linalg.norm(right)))


# ---------------------------------------------------------------------------------------------------------------------
# Differentiation without any formula of the course: f(v + ih) = f(v) + ih f'(v) + O(h²), with nothing subtracted.

_H = 1e-30


def _slope(f: Callable[[Array], complex], at: Array) -> Array:
    """∂f/∂v for every entry of `at`, f real-valued."""
    return _jacobian(lambda v: np.asarray(f(v)), at).reshape(at.shape)


def _jacobian(f: Callable[[Array], Array], at: Array) -> Array:
    """Rows: entries of f(v). Columns: entries of v."""
    columns = []
    for i in np.ndindex(at.shape):
        nudged = at.astype(complex)
        nudged[i] += 1j * _H
        columns.append(f(nudged).imag.ravel() / _H)
    return np.stack(columns, axis=1)


def _sigma(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def _sigma_prime(z: Array) -> Array:
    return _sigma(z) * (1 - _sigma(z))


def _softmax(z: Array) -> Array:
    return np.exp(z) / np.exp(z).sum()


class _Pass:
    """A random 3-4-4-2 net with sigmoid and quadratic cost, run forwards in one text's convention.

    `W[i]`, `b[i]` carry the text's superscript i; so do `z[l]`, `a[l]`. With `row`, an example is a row. `shift` is how
    far the superscript of the weights into layer l lies below l.
    """

    def __init__(self, rng: np.random.Generator, m: int, *, row: bool = False, shift: int = 0) -> None:
        sizes = (3, 4, 4, 2)
        self.row, self.shift, self.m = row, shift, m
        self.first, self.last = shift, shift + len(sizes) - 1
        turn: Callable[[Array], Array] = np.transpose if row else np.asarray
        self.W: dict[int, Array] = {}
        self.b: dict[int, Array] = {}
        for to, (n_prev, n) in enumerate(pairwise(sizes), start=1):
            self.W[to], self.b[to] = turn(rng.normal(size=(n, n_prev))), turn(rng.normal(size=(n, 1)))
        x, self.y = turn(rng.normal(size=(sizes[0], m))), turn(rng.random(size=(sizes[-1], m)))
        self.z: dict[int, Array] = {}
        self.a: dict[int, Array] = {self.first: x}
        for l in range(self.first + 1, self.last + 1):
            self.z[l] = self.affine(l, self.a[l - 1])
            self.a[l] = _sigma(self.z[l])

    def affine(self, l: int, a: Array) -> Array:
        """The weighted input of layer l."""
        W, b = self.W[l - self.shift], self.b[l - self.shift]
        return a @ W + b if self.row else W @ a + b

    def cost_of(self, a: Array) -> complex:
        """Σ_x C_x for the output a."""
        return 0.5 * ((a - self.y) ** 2).sum()

    def cost_after(self, l: int, z: Array) -> complex:
        """Σ_x C_x if layer l's weighted input were z."""
        for k in range(l + 1, self.last + 1):
            z = self.affine(k, _sigma(z))
        return self.cost_of(_sigma(z))

    def error(self, l: int) -> Array:
        """∂C_x/∂z of layer l for every example, by complex step."""
        return _slope(lambda z: self.cost_after(l, z), self.z[l])

    def output_slope(self) -> Array:
        """∂C_x/∂a of the last layer, by complex step."""
        return _slope(self.cost_of, self.a[self.last])

    def parameter_slope(self, parameters: dict[int, Array], i: int) -> Array:
        """∂(Σ_x C_x)/∂W^i or ∂(Σ_x C_x)/∂b^i, by complex step."""
        kept = parameters[i]

        def cost(value: Array) -> complex:
            parameters[i] = value
            return self.cost_after(self.first + 1, self.affine(self.first + 1, self.a[self.first]))

        try:
            return _slope(cost, kept)
        finally:
            parameters[i] = kept


def _ours(rng: np.random.Generator) -> _Pass:
    return _Pass(rng, m=5)


def _one(rng: np.random.Generator) -> _Pass:
    """N, A and P: columns as ours, one example."""
    return _Pass(rng, m=1)


def _rows(rng: np.random.Generator) -> _Pass:
    """R: an example is a row, ω^m is (size(m-1), size(m)); y^m is declared with one row."""
    return _Pass(rng, m=1, row=True)


def _away(rng: np.random.Generator) -> _Pass:
    """U: layers 1 … n_l, and W^(l) leads from layer l to layer l + 1."""
    return _Pass(rng, m=1, shift=1)


def _on(world: Callable[[np.random.Generator], _Pass], sides: Callable[[_Pass], tuple[Array, Array]]) -> Sides:
    return lambda rng: sides(world(rng))


def _per_layer(left: Callable[[int], Array], right: Callable[[int], Array], layers: Iterable[int]) -> tuple[Array, Array]:
    """Both sides for every layer, laid end to end."""
    layers = list(layers)
    return np.concatenate([left(l).ravel() for l in layers]), np.concatenate([right(l).ravel() for l in layers])


def _parameter_layers(p: _Pass) -> range:
    return range(p.first + 1, p.last + 1)


def _hidden_layers(p: _Pass) -> range:
    return range(p.first + 1, p.last)


# ---------------------------------------------------------------------------------------------------------------------
# Both sides of each equation. Where a text writes components, so does its check: loops, one entry at a time.


def _entries(shape: tuple[int, ...], value: Callable[..., complex]) -> Array:
    return np.array([value(*i) for i in np.ndindex(shape)]).reshape(shape)


def _forward_components(p: _Pass) -> tuple[Array, Array]:
    def in_sums(l: int) -> Array:
        a, W, b = p.a[l - 1], p.W[l - p.shift], p.b[l - p.shift]
        if p.row:
            return _entries(p.z[l].shape, lambda x, i: sum(W[j, i] * a[x, j] for j in range(a.shape[1])) + b[0, i])
        return _entries(p.z[l].shape, lambda j, x: sum(W[j, k] * a[k, x] for k in range(a.shape[0])) + b[j, 0])

    return _per_layer(lambda l: p.z[l], in_sums, _parameter_layers(p))


def _forward(p: _Pass) -> tuple[Array, Array]:
    """The matrix form against np.einsum's sum over the index that both factors share."""

    def in_sums(l: int) -> Array:
        W, b = p.W[l - p.shift], p.b[l - p.shift]
        return _sigma(np.einsum("kj,xk->xj" if p.row else "jk,kx->jx", W, p.a[l - 1]) + b)

    return _per_layer(lambda l: p.a[l], in_sums, _parameter_layers(p))


def _bp1(p: _Pass) -> tuple[Array, Array]:
    L, slope = p.last, p.output_slope()
    return p.error(L), _entries(slope.shape, lambda i, j: slope[i, j] * _sigma_prime(p.z[L][i, j]))


def _bp1a(p: _Pass) -> tuple[Array, Array]:
    return p.error(p.last), p.output_slope() * _sigma_prime(p.z[p.last])


def _bp1j(row: bool) -> Sides:
    """A softmax output: one example, the Jacobian by complex step."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, y = rng.normal(size=(4, 1)), rng.random(size=(4, 1))
        if row:
            z, y = z.T, y.T

        def cost(a: Array) -> complex:
            return 0.5 * ((a - y) ** 2).sum()

        jacobian, gradient = _jacobian(_softmax, z), _slope(cost, _softmax(z))
        return _slope(lambda v: cost(_softmax(v)), z), gradient @ jacobian if row else jacobian.T @ gradient

    return sides


def _chain_rule(p: _Pass) -> tuple[Array, Array]:
    def summed(l: int) -> Array:
        reached = _jacobian(lambda z: p.affine(l + 1, _sigma(z)), p.z[l])
        later = p.error(l + 1).ravel()
        return _entries((reached.shape[1],), lambda j: sum(later[k] * reached[k, j] for k in range(len(later))))

    return _per_layer(p.error, summed, _hidden_layers(p))


def _bp2_components(p: _Pass) -> tuple[Array, Array]:
    def summed(l: int) -> Array:
        W, later, z = p.W[l + 1 - p.shift], p.error(l + 1), p.z[l]
        if p.row:
            return _entries(z.shape, lambda x, j: _sigma_prime(z[x, j]) * sum(later[x, i] * W[j, i] for i in range(later.shape[1])))
        return _entries(z.shape, lambda j, x: _sigma_prime(z[j, x]) * sum(W[k, j] * later[k, x] for k in range(later.shape[0])))

    return _per_layer(p.error, summed, _hidden_layers(p))


def _bp2(p: _Pass) -> tuple[Array, Array]:
    def product(l: int) -> Array:
        W, later = p.W[l + 1 - p.shift], p.error(l + 1)
        return _sigma_prime(p.z[l]) * (later @ W.T if p.row else W.T @ later)

    return _per_layer(p.error, product, _hidden_layers(p))


def _layer_jacobian(p: _Pass, l: int) -> Array:
    """By the formula; in rows ∂ε^{m+1}/∂ε^m is read as the matrix that dε^m is multiplied by from the right."""
    W, slope = p.W[l + 1 - p.shift], np.diag(_sigma_prime(p.z[l]).ravel())
    return slope @ W if p.row else W @ slope


def _jacobian_sides(p: _Pass) -> tuple[Array, Array]:
    def by_complex_step(l: int) -> Array:
        found = _jacobian(lambda z: p.affine(l + 1, _sigma(z)), p.z[l])
        return found.T if p.row else found

    return _per_layer(by_complex_step, lambda l: _layer_jacobian(p, l), _hidden_layers(p))


def _bp2_unrolled(p: _Pass) -> tuple[Array, Array]:
    def product(l: int) -> Array:
        back = p.error(p.last)
        for k in reversed(range(l, p.last)):
            back = back @ _layer_jacobian(p, k).T if p.row else _layer_jacobian(p, k).T @ back
        return back

    return _per_layer(p.error, product, _hidden_layers(p))


def _bp3(p: _Pass) -> tuple[Array, Array]:
    ones = np.ones((p.m, 1))
    return _per_layer(
        lambda l: p.parameter_slope(p.b, l - p.shift) / p.m,
        lambda l: (p.error(l) if p.row else p.error(l) @ ones) / p.m,
        _parameter_layers(p),
    )


def _bp4(p: _Pass) -> tuple[Array, Array]:
    return _per_layer(
        lambda l: p.parameter_slope(p.W, l - p.shift) / p.m,
        lambda l: (p.a[l - 1].T @ p.error(l) if p.row else p.error(l) @ p.a[l - 1].T) / p.m,
        _parameter_layers(p),
    )


def _bp3_components(p: _Pass) -> tuple[Array, Array]:
    return _per_layer(
        lambda l: p.parameter_slope(p.b, l - p.shift),
        lambda l: _entries(p.b[l - p.shift].shape, lambda *place: p.error(l)[place]),
        _parameter_layers(p),
    )


def _bp4_components(p: _Pass) -> tuple[Array, Array]:
    """One example: a weight's two indices say which error and which activation."""

    def products(l: int) -> Array:
        delta, a = p.error(l).ravel(), p.a[l - 1].ravel()
        return _entries(p.W[l - p.shift].shape, lambda to, start: delta[start] * a[to] if p.row else delta[to] * a[start])

    return _per_layer(lambda l: p.parameter_slope(p.W, l - p.shift), products, _parameter_layers(p))


def _scalar_bias(p: _Pass) -> tuple[Array, Array]:
    """All biases of a layer moved together, as if they were one number."""

    def together(l: int) -> Array:
        kept = p.b[l - p.shift]

        def cost(t: Array) -> complex:
            p.b[l - p.shift] = kept + t[0]
            return p.cost_after(p.first + 1, p.affine(p.first + 1, p.a[p.first]))

        try:
            return _slope(cost, np.zeros(1)) / p.m
        finally:
            p.b[l - p.shift] = kept

    return _per_layer(together, lambda l: p.error(l).sum(keepdims=True) / p.m, _parameter_layers(p))


def _update(p: _Pass) -> tuple[Array, Array]:
    """At η = 0 the stepped net's cost falls at the rate of the squared gradient, so both sign and size of the step count."""
    slopes = {i: (p.parameter_slope(p.W, i) / p.m, p.parameter_slope(p.b, i) / p.m) for i in p.W}
    W, b = dict(p.W), dict(p.b)

    def cost_after_step(eta: Array) -> complex:
        for i, (dW, db) in slopes.items():
            p.W[i], p.b[i] = W[i] - eta * dW, b[i] - eta * db
        return p.cost_after(p.first + 1, p.affine(p.first + 1, p.a[p.first])) / p.m

    fall = _slope(lambda eta: cost_after_step(eta[0]), np.zeros(1))
    return fall, np.array([-sum((dW**2).sum() + (db**2).sum() for dW, db in slopes.values())])


def _penalised_update(decay: Callable[[Array], Array], penalty: Callable[[Array], complex]) -> Callable[[_Pass], tuple[Array, Array]]:
    """New weights: stepped against the slope of cost and penalty, both by complex step, and by the formula. η = 0.3, λ = 0.2."""

    def sides(p: _Pass) -> tuple[Array, Array]:
        def dW(l: int) -> Array:
            return p.parameter_slope(p.W, l - p.shift) / p.m

        def by_slope(l: int) -> Array:
            W = p.W[l - p.shift]
            return W - 0.3 * (dW(l) + 0.2 * _slope(penalty, W))

        return _per_layer(by_slope, lambda l: p.W[l - p.shift] - 0.3 * (dW(l) + 0.2 * decay(p.W[l - p.shift])), _parameter_layers(p))

    return sides


def _half_squares(W: Array) -> complex:
    return (W * W).sum() / 2


def _sizes(W: Array) -> complex:
    return np.sqrt(W * W).sum()  # Σ|w|, written so that a complex step goes through


def _gradients_of_a_run(rng: np.random.Generator) -> tuple[Array, list[Array]]:
    """Where a run starts, and the gradients that it meets."""
    return rng.normal(size=(2, 3)), [rng.normal(size=(2, 3)) for _ in range(6)]


def _momentum(rng: np.random.Generator) -> tuple[Array, Array]:
    """Six steps as they are written, against the two-point form, in which no velocity is kept. η = 0.3, μ = 0.8."""
    W, gradients = _gradients_of_a_run(rng)
    v, before, here = np.zeros_like(W), W, W
    for g in gradients:
        v = 0.8 * v - 0.3 * g
        W = W + v
        before, here = here, here + 0.8 * (here - before) - 0.3 * g
    return W, here


def _running_means(gradients: Iterable[Array], beta: float) -> Array:
    mean = np.zeros((2, 3))
    for g in gradients:
        mean = beta * mean + (1 - beta) * g
    return mean


def _weighted(gradients: list[Array], beta: float) -> tuple[Array, float]:
    """The sum of gradients with weights β^(t-k), and the weights' sum."""
    weights = [beta ** (len(gradients) - k) for k in range(1, len(gradients) + 1)]
    return sum((weight * g for weight, g in zip(weights, gradients, strict=True)), np.zeros((2, 3))), sum(weights)


def _adam_means(rng: np.random.Generator) -> tuple[Array, Array]:
    """Six steps as they are written, against the sums that they unroll to."""
    _, gradients = _gradients_of_a_run(rng)
    squares = [g * g for g in gradients]
    means = [_running_means(gradients, 0.9), _running_means(squares, 0.99)]
    return np.stack(means), np.stack([(1 - beta) * _weighted(each, beta)[0] for each, beta in ((gradients, 0.9), (squares, 0.99))])


def _bias_correction(rng: np.random.Generator) -> tuple[Array, Array]:
    _, gradients = _gradients_of_a_run(rng)
    total, weights = _weighted(gradients, 0.9)
    return _running_means(gradients, 0.9) / (1 - 0.9 ** len(gradients)), total / weights


def _adam(rng: np.random.Generator) -> tuple[Array, Array]:
    """The sixth step, with the corrections where they are written and drawn into the step's length. η = 0.3, ε = 0.1."""
    W, gradients = _gradients_of_a_run(rng)
    u, s = _running_means(gradients, 0.9), _running_means([g * g for g in gradients], 0.99)
    first, second = 1 - 0.9 ** len(gradients), 1 - 0.99 ** len(gradients)
    return W - 0.3 * (u / first) / (np.sqrt(s / second) + 0.1), W - 0.3 * np.sqrt(second) / first * u / (np.sqrt(s) + 0.1 * np.sqrt(second))


def _step_forms(latex: str, sides: Mapping[str, Sides] | Sides) -> dict[str, Form]:
    """A step in every text's letters: W, g and e stand in `latex` as <W>, <g> and <e> for weights, their gradient and the learning rate."""
    letters = {
        "ours": ("W^l", r"\frac{\partial C}{\partial W^l}", r"\eta"),
        "N": ("w^l", r"\frac{\partial C}{\partial w^l}", r"\eta"),
        "R": (r"\omega^m", r"\mathrm{d}\omega^m", r"\alpha"),
        "U": ("W^{(l)}", r"\nabla_{W^{(l)}} J", r"\alpha"),
        "P": ("W^{(l)}", r"\frac{\partial J}{\partial W^{(l)}}", r"\alpha"),
    }
    forms = {}
    for convention, (W, g, eta) in letters.items():
        written = latex.replace("<W>", W).replace("<g>", g).replace("<e>", eta)
        forms[convention] = Form(written, sides[convention] if isinstance(sides, Mapping) else sides, stated=False)
    return forms


def _in_every_world(sides: Callable[[_Pass], tuple[Array, Array]]) -> dict[str, Sides]:
    return {"ours": _on(_ours, sides), "N": _on(_one, sides), "R": _on(_rows, sides), "U": _on(_away, sides), "P": _on(_one, sides)}


def _softmax_jacobian(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z = rng.normal(size=(1, 4) if row else (4, 1))
        a = _softmax(z)
        return _jacobian(_softmax, z), np.diag(a.ravel()) - (a.T @ a if row else a @ a.T)

    return sides


def _sigmoid_slope(p: _Pass) -> tuple[Array, Array]:
    return _slope(lambda z: _sigma(z).sum(), p.z[p.last]), p.a[p.last] * (1 - p.a[p.last])


def _tanh_slope(p: _Pass) -> tuple[Array, Array]:
    z = p.z[p.last]
    return _slope(lambda v: np.tanh(v).sum(), z), 1 - np.tanh(z) ** 2


def _relu_slope(p: _Pass) -> tuple[Array, Array]:
    """Of all layers, so that some z is negative."""

    def relu(z: Array) -> Array:
        return np.where(z.real > 0, z, 0)

    return _per_layer(lambda l: _slope(lambda z: relu(z).sum(), p.z[l]), lambda l: (relu(p.z[l]) > 0) * 1.0, _parameter_layers(p))


def _softmax_vjp(row: bool) -> Sides:
    """The slope of Σ g ∘ softmax at z, against the formula that builds no matrix."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, g = rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
        if row:
            z, g = z.T, g.T
        a = _softmax(z)
        return _slope(lambda v: (g * _softmax(v)).sum(), z), a * (g - (g @ a.T if row else a.T @ g))

    return sides


def _cross_entropy_error(row: bool) -> Sides:
    """Both pairs in which the slope cancels: sigmoid with the binary cost, then softmax with the categorical one."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        z, y, weights = rng.normal(size=(4, 1)), rng.random(size=(4, 1)), rng.random(size=(4, 1))
        if row:
            z, y, weights = z.T, y.T, weights.T
        classes = weights / weights.sum()

        def binary(v: Array) -> complex:
            return -(y * np.log(_sigma(v)) + (1 - y) * np.log(1 - _sigma(v))).sum()

        def categorical(v: Array) -> complex:
            return -(classes * np.log(_softmax(v))).sum()

        found = np.concatenate([_slope(binary, z).ravel(), _slope(categorical, z).ravel()])
        return found, np.concatenate([(_sigma(z) - y).ravel(), (_softmax(z) - classes).ravel()])

    return sides


def _spread_of_z(row: bool) -> Sides:
    """A mean over every choice of signs for weights ±s, which are independent and have mean 0: no chance is left."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        a, s = rng.normal(size=(5, 1)), rng.random()
        weights = s * (1 - 2.0 * np.array(list(np.ndindex(2, 2, 2, 2, 2))))
        z = a.T @ weights.T if row else weights @ a
        return np.array([(z**2).mean()]), np.array([(weights**2).mean() * (a**2).sum()])

    return sides


def _chance_cost(rng: np.random.Generator) -> tuple[Array, Array]:
    """Cross-entropy of K equal weighted inputs, whichever class is the right one."""
    z, classes = rng.normal(), np.arange(2, 12)
    return np.array([-np.log(_softmax(np.full((K, 1), z))[K // 2, 0]) for K in classes]), np.log(classes)


def _composition(rng: np.random.Generator) -> tuple[Callable[[Array], complex], Callable[[Array], Array], Array]:
    """z = f(g(x)) with g: R³ → R⁴ and f: R⁴ → R, both smooth and neither linear."""
    A, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 1))
    return lambda y: (v * np.sin(y) * y[::-1]).sum(), lambda x: np.exp(A @ x / 3) + (A @ x) ** 2, rng.normal(size=(3, 1))


def _chain_rule_general(rng: np.random.Generator) -> tuple[Array, Array]:
    f, g, x = _composition(rng)
    outer, inner = _slope(f, g(x)), _jacobian(g, x)
    return _slope(lambda v: f(g(v)), x), _entries((3, 1), lambda i, _: sum(outer[j, 0] * inner[j, i] for j in range(4)))


def _total_differential_general(rng: np.random.Generator) -> tuple[Array, Array]:
    f, g, x = _composition(rng)
    dx = rng.normal(size=x.shape)
    dy = _jacobian(g, x) @ dx
    return _slope(lambda t: f(g(x + t[0] * dx)), np.zeros(1)), (_slope(f, g(x)).T @ dy).ravel()


def _total_differential(p: _Pass) -> tuple[Array, Array]:
    """A step of the first weighted input, followed to every later layer: dC is the same, wherever it is written."""
    first = p.first + 1
    dz = {first: np.linspace(-1, 1, p.z[first].size).reshape(p.z[first].shape)}
    for l in range(first, p.last):
        dz[l + 1] = (_jacobian(lambda z, l=l: p.affine(l + 1, _sigma(z)), p.z[l]) @ dz[l].ravel()).reshape(p.z[l + 1].shape)  # type: ignore[misc]
    change = _slope(lambda t: p.cost_after(first, p.z[first] + t[0] * dz[first]), np.zeros(1))
    return _per_layer(lambda l: change, lambda l: (p.error(l) * dz[l]).sum(keepdims=True), _parameter_layers(p))


def _composition_jacobian(rng: np.random.Generator) -> tuple[Array, Array]:
    """f: R⁴ → R² after g: R³ → R⁴, neither linear."""
    f, g, x = _between(rng)
    return _jacobian(lambda v: f(g(v)), x), _jacobian(f, g(x)) @ _jacobian(g, x)


def _between(rng: np.random.Generator) -> tuple[Callable[[Array], Array], Callable[[Array], Array], Array]:
    B, (_, g, x) = rng.normal(size=(2, 4)), _composition(rng)
    return lambda y: np.sin(B @ y) + B @ (y * y[::-1]), g, x


def _two_links(p: _Pass) -> tuple[Array, Array]:
    """Two layers in one go, against the product of the two links; in rows the order of the factors is turned."""
    l = p.first + 1

    def link(to: int) -> Callable[[Array], Array]:
        return lambda z: p.affine(to, _sigma(z))

    inner, outer = _jacobian(link(l + 1), p.z[l]), _jacobian(link(l + 2), p.z[l + 1])
    both = _jacobian(lambda z: link(l + 2)(link(l + 1)(z)), p.z[l])
    return (both.T, inner.T @ outer.T) if p.row else (both, outer @ inner)


def _path_sum(p: _Pass) -> tuple[Array, Array]:
    l = p.first + 1
    inner = _jacobian(lambda z: p.affine(l + 1, _sigma(z)), p.z[l])
    outer = _jacobian(lambda z: p.affine(l + 2, _sigma(z)), p.z[l + 1])
    end = p.error(l + 2).ravel()
    paths = np.array([sum(end[k] * outer[k, j] * inner[j, i] for k in range(len(end)) for j in range(len(inner))) for i in range(inner.shape[1])])
    return p.error(l).ravel(), paths


def _path_sum_general(rng: np.random.Generator) -> tuple[Array, Array]:
    u, y, x = _between(rng)
    v = rng.normal(size=(2, 1))

    def z(at: Array) -> complex:
        return (v * np.exp(at / 9)).sum()

    inner, outer, end = _jacobian(y, x), _jacobian(u, y(x)), _slope(z, u(y(x))).ravel()
    paths = [sum(end[k] * outer[k, j] * inner[j, i] for k in range(2) for j in range(4)) for i in range(3)]
    return _slope(lambda at: z(u(y(at))), x).ravel(), np.array(paths)


def _linear_jacobian(row: bool) -> Sides:
    """In rows ∂(xω)/∂x is read as the matrix that dx is multiplied by from the right."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        W, x = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))
        return (_jacobian(lambda v: v @ W.T, x.T).T, W.T) if row else (_jacobian(lambda v: W @ v, x), W)

    return sides


def _elementwise_jacobian(rng: np.random.Generator) -> tuple[Array, Array]:
    z = rng.normal(size=(4, 1))
    return _jacobian(_sigma, z), np.diag(_sigma_prime(z).ravel())


def _jvp(row: bool) -> Sides:
    """How g moves along a step, against the Jacobian times the step."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        _, g, x = _composition(rng)
        step = rng.normal(size=x.shape)
        moved, product = _jacobian(lambda t: g(x + t[0] * step), np.zeros(1)), _jacobian(g, x) @ step
        return (moved.T, step.T @ _jacobian(g, x).T) if row else (moved, product)

    return sides


def _vjp(row: bool) -> Sides:
    """The slope of Σ ȳ ∘ g at x, against the transposed Jacobian times ȳ."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        _, g, x = _composition(rng)
        weights = rng.normal(size=(4, 1))
        slope, J = _slope(lambda v: (weights * g(v)).sum(), x), _jacobian(g, x)
        return (slope.T, weights.T @ J) if row else (slope, J.T @ weights)

    return sides


def _shared(rng: np.random.Generator) -> tuple[Array, Array]:
    """F(W) = ‖WᵀWx - x‖², which uses W twice; W neither square nor symmetric."""
    W, x = rng.normal(size=(2, 4)), rng.normal(size=(4, 1))

    def F(outer: Array, inner: Array) -> complex:
        return ((outer.T @ inner @ x - x) ** 2).sum()

    return _slope(lambda V: F(V, V), W), _slope(lambda V: F(V, W), W) + _slope(lambda V: F(W, V), W)


def _objective(row: bool, draw: Mapping[str, tuple[int, int]], by: str, F: Callable[..., complex], gradient: Callable[..., Array]) -> Sides:
    """A function of matrices: its slope by one of them, against a formula. In rows every matrix is given transposed."""

    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        given = {name: rng.uniform(0.2, 1.2, size=shape[::-1] if row else shape) for name, shape in draw.items()}
        return _slope(lambda v: F(**{**given, by: v}), given[by]), gradient(**given)

    return sides


def _sparse(row: bool, by: str) -> Sides:
    def F(A: Array, s: Array, x: Array) -> complex:
        return (((s @ A if row else A @ s) - x) ** 2).sum() + 0.7 * (A**2).sum()

    def gradient(A: Array, s: Array, x: Array) -> Array:
        r = (s @ A if row else A @ s) - x
        if by == "s":
            return 2 * r @ A.T if row else 2 * A.T @ r
        return (2 * s.T @ r if row else 2 * r @ s.T) + 2 * 0.7 * A

    return _objective(row, {"A": (2, 3), "s": (3, 4), "x": (2, 4)}, by, F, gradient)


def _topographic(row: bool) -> Sides:
    def roots(V: Array, s: Array) -> Array:
        return ((s * s) @ V if row else V @ (s * s)) + 0.3

    def gradient(V: Array, s: Array) -> Array:
        back = roots(V, s) ** -0.5
        return (back @ V.T if row else V.T @ back) * s

    return _objective(row, {"V": (2, 3), "s": (3, 4)}, "s", lambda V, s: (roots(V, s) ** 0.5).sum(), gradient)


def _reconstruction(row: bool) -> Sides:
    def residual(W: Array, x: Array) -> Array:
        return (x @ W @ W.T if row else W.T @ W @ x) - x

    def gradient(W: Array, x: Array) -> Array:
        r = residual(W, x)
        return 2 * x.T @ r @ W + 2 * r.T @ x @ W if row else 2 * W @ r @ x.T + 2 * (W @ x) @ r.T

    return _objective(row, {"W": (2, 3), "x": (3, 4)}, "W", lambda W, x: (residual(W, x) ** 2).sum(), gradient)


def _quadratic_form(row: bool) -> Sides:
    return _objective(
        row,
        {"X": (3, 2), "A": (3, 3)},
        "X",
        lambda X, A: np.trace(X @ A @ X.T if row else X.T @ A @ X),
        lambda X, A: X @ (A + A.T) if row else (A + A.T) @ X,
    )


def _transposed_use(rng: np.random.Generator) -> tuple[Array, Array]:
    """A function of Wᵀ, by W and by the transpose itself."""
    W, v = rng.normal(size=(2, 4)), rng.normal(size=(4, 3))

    def F(M: Array) -> complex:
        return np.exp(M.T @ v / 3).sum()

    return _slope(lambda moved: F(moved.T), W), _slope(F, W.T).T


# Differences. A random polynomial ends the series where the equation does, so that both sides are the same to rounding.


def _polynomial(rng: np.random.Generator, degree: int) -> tuple[np.polynomial.Polynomial, float, float]:
    """A polynomial, a place of order one and a step."""
    return np.polynomial.Polynomial(rng.normal(size=degree + 1)), float(rng.normal()), float(rng.uniform(0.1, 0.5))


def _one_sided(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 2)
    return np.array([(C(w + h) - C(w)) / h]), np.array([C.deriv()(w) + h / 2 * C.deriv(2)(w)])


def _central(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 4)
    return np.array([(C(w + h) - C(w - h)) / (2 * h)]), np.array([C.deriv()(w) + h**2 / 6 * C.deriv(3)(w)])


def _complex_step(rng: np.random.Generator) -> tuple[Array, Array]:
    C, w, h = _polynomial(rng, 4)
    return np.array([C(w + 1j * h).imag / h]), np.array([C.deriv()(w) - h**2 / 6 * C.deriv(3)(w)])


def _best_step(rng: np.random.Generator) -> tuple[Array, Array]:
    """The step at which the sum of both errors is flat, by halving, beside the formula."""
    C, third, epsilon = rng.uniform(0.1, 10), rng.uniform(0.1, 10), 2.0**-52

    def steepness(h: float) -> float:
        return float(_slope(lambda at: at[0] ** 2 / 6 * third + epsilon * C / (2 * at[0]), np.array([h]))[0])

    low, high = 1e-8, 1e-2
    for _ in range(100):
        middle = np.sqrt(low * high)
        low, high = (middle, high) if steepness(middle) < 0 else (low, middle)
    return np.array([low]), np.array([(3 * epsilon * C / (2 * third)) ** (1 / 3)])


def _entry_by_entry(rng: np.random.Generator) -> tuple[Array, Array]:
    """Moving one weight alone, beside the slope by complex step; the cost is quadratic in W, so that no h is too large."""
    W, x, y = rng.normal(size=(3, 2)), rng.normal(size=(2, 4)), rng.normal(size=(3, 4))

    def cost(W: Array) -> complex:
        return 0.5 * ((W @ x - y) ** 2).sum()

    left = np.zeros(W.shape)
    for j, k in np.ndindex(W.shape):
        E = np.zeros(W.shape)
        E[j, k] = 0.25
        left[j, k] = (cost(W + E) - cost(W - E)).real / 0.5
    return _slope(cost, W), left


def _relative_error(rng: np.random.Generator) -> tuple[Array, Array]:
    """The least E within which every entry is, of g, of n or of the floor, beside the formula."""
    g = rng.normal(size=(3, 4)) * 10.0 ** rng.integers(-6, 1, size=(3, 4))
    n = g + 1e-5 * rng.normal(size=g.shape)
    low, high = 0.0, 2.0
    for _ in range(100):
        E = (low + high) / 2
        within = np.all((abs(g - n) <= E * abs(g)) | (abs(g - n) <= E * abs(n)) | (abs(g - n) <= E * 1e-4))
        low, high = (low, E) if within else (E, high)
    return np.array([high]), np.array([(abs(g - n) / np.maximum(np.maximum(abs(g), abs(n)), 1e-4)).max()])


def _in_letters(latex: str, sides: Sides) -> dict[str, Form]:
    """One formula in every text's letters: our C and w, spelt @C and @w. None of the texts states it."""
    letters = {"ours": "Cw", "N": "Cw", "R": ("L", r"\omega"), "U": "JW", "P": "Jw"}
    return {
        convention: Form(latex.replace("@C", cost).replace("@w", weight), sides, stated=convention == "ours")
        for convention, (cost, weight) in letters.items()
    }


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
    nudged = np.array([np.imag(values(k, 1j * _H)[-1]) / _H for k in range(6)])
    return nudged[:5], _entries((5,), lambda i: sum(nudged[j] * slope for (start, j), slope in slopes.items() if start == i))


def _vjps(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    return rng.normal(size=(2, 3)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))


def _matmul_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    A, B, G = _vjps(rng)
    by_step = [_slope(lambda v: (G * (v @ B)).sum(), A), _slope(lambda v: (G * (A @ v)).sum(), B)]
    return np.concatenate([part.ravel() for part in by_step]), np.concatenate([(G @ B.T).ravel(), (A.T @ G).ravel()])


def _broadcast_vjp(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        G, b = rng.normal(size=(3, 5)), rng.normal(size=(3, 1))
        if row:
            G, b = G.T, b.T
        along = 0 if row else 1
        summed = _entries(b.shape, lambda *place: sum(np.take(G, x, axis=along)[max(place)] for x in range(5)))
        return _slope(lambda v: (G * (v + np.zeros_like(G))).sum(), b), summed

    return sides


def _elementwise_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    z, g = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    return _slope(lambda v: (g * _sigma(v)).sum(), z), g * _sigma_prime(z)


def _log_sum_exp_vjp(rng: np.random.Generator) -> tuple[Array, Array]:
    z, g = rng.normal(size=(4, 1)), rng.normal()
    return _slope(lambda v: g * np.log(np.exp(v).sum()), z), g * _softmax(z)


def _gradients_written(formula: Callable[[Callable[..., str]], str], sides: Sides, row_sides: Sides | None = None) -> dict[str, Form]:
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
            row_sides if convention == "R" and row_sides is not None else sides,
            stated=convention == "ours",
        )
        for convention, pattern in written.items()
    }


# ---------------------------------------------------------------------------------------------------------------------
# The equations.


def _equation(name: str, says: str, shapes: str, source: str, **forms: Form) -> Equation:
    return Equation(name, says, shapes, source, {convention: forms[convention] for convention in CONVENTIONS})


_NIELSEN = "Nielsen, Neural Networks and Deep Learning, ch. 2"
_KINGMA = "Kingma and Ba, Adam: a method for stochastic optimization (2015)"

EQUATIONS: Mapping[str, Equation] = {
    equation.name: equation
    for equation in (
        _equation(
            "forward in components",
            "A neuron's weighted input is the weighted sum of the activations that feed it, plus its bias.",
            "every symbol is a number",
            f"lesson 01; {_NIELSEN}, eq. 23",
            ours=Form(r"z_j^l = \sum_{k=1}^{n_{l-1}} w_{jk}^l\, a_k^{l-1} + b_j^l", _on(_ours, _forward_components)),
            N=Form(r"z_j^l = \sum_k w_{jk}^l\, a_k^{l-1} + b_j^l", _on(_one, _forward_components)),
            R=Form(
                r"\epsilon_i^m = \sum_{j=1}^{\mathrm{size}(m-1)} \omega_{ji}^m\, y_j^{m-1} + b_i^m",
                _on(_rows, _forward_components),
            ),
            U=Form(r"z_i^{(l+1)} = \sum_{j=1}^{s_l} W_{ij}^{(l)} a_j^{(l)} + b_i^{(l)}", _on(_away, _forward_components), stated=False),
            P=Form(
                r"z_j^{(l)} = \sum_{i=1}^{n_{l-1}} w_{ji}^{(l)} a_i^{(l-1)} + b_j^{(l)}",
                _on(_one, _forward_components),
                note=r"printed with the sum up to $n_l$ and with $b_i$",
            ),
        ),
        _equation(
            "forward",
            "A layer's weighted input is its weights times the activations before it, plus its biases; its activation is σ of that.",
            r"$z, a$: $(n_l, m)$; $W$: $(n_l, n_{l-1})$; $b$: $(n_l, 1)$",
            f"lesson 01; {_NIELSEN}, eq. 25",
            ours=Form(r"z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma(z^l)", _on(_ours, _forward)),
            N=Form(r"a^l = \sigma(w^l a^{l-1} + b^l)", _on(_one, _forward)),
            R=Form(r"y^m = \mathrm{Act}_m(y^{m-1} \cdot \omega^m + b^m)", _on(_rows, _forward)),
            U=Form(r"z^{(l+1)} = W^{(l)} a^{(l)} + b^{(l)}, \quad a^{(l+1)} = f(z^{(l+1)})", _on(_away, _forward), stated=False),
            P=Form(r"z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}, \quad a^{(l)} = f(z^{(l)})", _on(_one, _forward)),
        ),
        _equation(
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
                _on(_one, _chain_rule),
            ),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon_j^m} = \sum_i \frac{\partial L}{\partial \epsilon_i^{m+1}}\,"
                r" \frac{\partial \epsilon_i^{m+1}}{\partial y_j^m}\, \frac{\partial y_j^m}{\partial \epsilon_j^m}",
                _on(_rows, _chain_rule),
            ),
            U=Form(
                r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \frac{\partial J}{\partial z_j^{(l+1)}}\,"
                r" \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
                _on(_away, _chain_rule),
                stated=False,
            ),
            P=Form(
                r"\frac{\partial z}{\partial x_i} = \sum_{j=1}^{m} \frac{\partial z}{\partial y_j}\, \frac{\partial y_j}{\partial x_i}",
                _chain_rule_general,
                note=r"the condition is printed for $y_1 \dots y_n$; it is needed for $y_1 \dots y_m$",
            ),
        ),
        _equation(
            "total differential",
            "The first-order change of z reads the same whether y is a free variable or itself a function of x.",
            r"$f'(y)$: $(1, m)$; $g'(x)$: $(m, n)$; $\mathrm{d}y$: $(m, 1)$; $\mathrm{d}x$: $(n, 1)$",
            "lesson 02; Ge Li, section 3",
            ours=Form(
                r"\mathrm{d}z = f'(y)\, \mathrm{d}y = f'(y)\, g'(x)\, \mathrm{d}x, \qquad y = g(x)",
                _total_differential_general,
            ),
            N=Form(r"\mathrm{d}C = \sum_j \delta_j^l\, \mathrm{d}z_j^l \quad \text{for every } l", _on(_one, _total_differential), stated=False),
            R=Form(
                r"\mathrm{d}L = \mathrm{d}\epsilon^m \left(\frac{\partial L}{\partial \epsilon^m}\right)^{\!T} \quad \text{for every } m",
                _on(_rows, _total_differential),
                stated=False,
            ),
            U=Form(
                r"\mathrm{d}J = (\delta^{(l)})^T\, \mathrm{d}z^{(l)} \quad \text{for every } l",
                _on(_away, _total_differential),
                stated=False,
            ),
            P=Form(r"\mathrm{d}z = (f \circ g)'(x)\, \mathrm{d}x = f'(y)\, g'(x)\, \mathrm{d}x = f'(y)\, \mathrm{d}y", _total_differential_general),
        ),
        _equation(
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
                _on(_one, _path_sum),
                stated=False,
            ),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon_i^m} = \sum_j \sum_k \frac{\partial L}{\partial \epsilon_k^{m+2}}\,"
                r" \frac{\partial \epsilon_k^{m+2}}{\partial \epsilon_j^{m+1}}\, \frac{\partial \epsilon_j^{m+1}}{\partial \epsilon_i^m}",
                _on(_rows, _path_sum),
                stated=False,
            ),
            U=Form(
                r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \sum_k \frac{\partial J}{\partial z_k^{(l+2)}}\,"
                r" \frac{\partial z_k^{(l+2)}}{\partial z_j^{(l+1)}}\, \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
                _on(_away, _path_sum),
                stated=False,
            ),
            P=Form(
                r"\frac{\partial J}{\partial z_i^{(l)}} = \sum_j \sum_k \frac{\partial J}{\partial z_k^{(l+2)}}\,"
                r" \frac{\partial z_k^{(l+2)}}{\partial z_j^{(l+1)}}\, \frac{\partial z_j^{(l+1)}}{\partial z_i^{(l)}}",
                _on(_one, _path_sum),
                stated=False,
            ),
        ),
        _equation(
            "Jacobian of a composition",
            "The matrix of all slopes of f after g is the matrix of f, taken at g(x), times the matrix of g.",
            r"$x$: $(n, 1)$; $g(x)$: $(m, 1)$; $g'(x)$: $(m, n)$; $f'$: $(p, m)$; $(f \circ g)'$: $(p, n)$",
            "lesson 02; Ge Li, section 3",
            ours=Form(r"(f \circ g)'(x) = f'(g(x))\, g'(x)", _composition_jacobian),
            N=Form(
                r"\frac{\partial z^{l+2}}{\partial z^l} = \frac{\partial z^{l+2}}{\partial z^{l+1}}\, \frac{\partial z^{l+1}}{\partial z^l}",
                _on(_one, _two_links),
                stated=False,
            ),
            R=Form(
                r"\frac{\partial \epsilon^{m+2}}{\partial \epsilon^m} ="
                r" \frac{\partial \epsilon^{m+1}}{\partial \epsilon^m} \cdot \frac{\partial \epsilon^{m+2}}{\partial \epsilon^{m+1}}",
                _on(_rows, _two_links),
                stated=False,
                note="in rows the inner factor stands on the left",
            ),
            U=Form(
                r"\frac{\partial z^{(l+2)}}{\partial z^{(l)}} ="
                r" \frac{\partial z^{(l+2)}}{\partial z^{(l+1)}}\, \frac{\partial z^{(l+1)}}{\partial z^{(l)}}",
                _on(_away, _two_links),
                stated=False,
            ),
            P=Form(r"(f \circ g)'(x) = f'(y)\, g'(x)", _composition_jacobian),
        ),
        _equation(
            "linear Jacobian",
            "The Jacobian of a linear map is its matrix.",
            r"$x$: $(n, 1)$; $W$: $(m, n)$",
            "lesson 02",
            ours=Form(r"\frac{\partial (W x)}{\partial x} = W", _linear_jacobian(row=False)),
            N=Form(r"\frac{\partial z_j^l}{\partial a_k^{l-1}} = w_{jk}^l", _linear_jacobian(row=False)),
            R=Form(
                r"\mathrm{d}(y \cdot \omega) = \mathrm{d}y \cdot \omega",
                _linear_jacobian(row=True),
                stated=False,
                note="rows: the matrix stands on the right",
            ),
            U=Form(r"\frac{\partial (W x)}{\partial x} = W", _linear_jacobian(row=False), stated=False),
            P=Form(r"\frac{\partial z_k^{(l+1)}}{\partial a_j^{(l)}} = w_{kj}^{(l+1)}", _linear_jacobian(row=False)),
        ),
        _equation(
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
        _equation(
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
        _equation(
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
        _equation(
            "one-sided difference",
            "One step to one side: the error is half the step times the bend.",
            "every symbol is a number",
            "lesson 03; Press et al., Numerical Recipes, section 5.7",
            **_in_letters(r"\frac{@C(@w + h) - @C(@w)}{h} = @C'(@w) + \frac{h}{2}\, @C''(@w) + O(h^2)", _one_sided),
        ),
        _equation(
            "central difference",
            "One step to either side: the bend cancels, and the error falls with the square of the step.",
            "every symbol is a number",
            "lesson 03; Press et al., Numerical Recipes, section 5.7",
            **_in_letters(r"\frac{@C(@w + h) - @C(@w - h)}{2h} = @C'(@w) + \frac{h^2}{6}\, @C'''(@w) + O(h^4)", _central),
        ),
        _equation(
            "best step",
            "Where the curve's error and the rounding's together are least: near the cube root of ε.",
            "every symbol is a number",
            "lesson 03; Press et al., Numerical Recipes, section 5.7",
            **_in_letters(
                r"h^* = \left( \frac{3\, \epsilon\, \lvert @C \rvert}{2\, \lvert @C''' \rvert} \right)^{1/3}",
                _best_step,
            ),
        ),
        _equation(
            "complex step",
            "A step along the imaginary axis: the slope stands in the imaginary part, and nothing is subtracted.",
            "every symbol is a number",
            "lesson 03; Squire and Trapp, SIAM Review 40 (1998)",
            **_in_letters(r"\frac{\mathrm{Im}\, @C(@w + ih)}{h} = @C'(@w) - \frac{h^2}{6}\, @C'''(@w) + O(h^4)", _complex_step),
        ),
        _equation(
            "numerical gradient",
            "Nudge one weight up and down and leave all others; then the next one.",
            "$W, E_{jk}$: $(n_l, n_{l-1})$; $E_{jk}$ has a 1 at row $j$, column $k$, and 0 elsewhere",
            "lesson 03; UFLDL, Gradient checking",
            **_in_letters(
                r"\frac{\partial @C}{\partial @w_{jk}} \approx \frac{@C(W + h E_{jk}) - @C(W - h E_{jk})}{2h}",
                _entry_by_entry,
            ),
        ),
        _equation(
            "relative error",
            "The worst entry of two gradients g and n: how far apart, as a part of the larger, or of the floor where both are tiny.",
            "$g, n$: the shape of the parameter; $E$: a number",
            "lesson 03; CS231n, Neural Networks Part 3, Gradient checks",
            **_in_letters(
                r"E = \max_{jk} \frac{\lvert g_{jk} - n_{jk} \rvert}{\max(\lvert g_{jk} \rvert,\, \lvert n_{jk} \rvert,\, 10^{-4})}",
                _relative_error,
            ),
        ),
        _equation(
            "BP1",
            "An output neuron's error is how steeply the cost rises with its activation, times how steeply the activation rises with z.",
            "every symbol is a number",
            f"lesson 04; {_NIELSEN}, BP1",
            ours=Form(r"\delta_j^L = \frac{\partial C_x}{\partial a_j^L}\, \sigma'(z_j^L)", _on(_ours, _bp1)),
            N=Form(r"\delta_j^L = \frac{\partial C}{\partial a_j^L}\, \sigma'(z_j^L)", _on(_one, _bp1)),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon_i^D} = \mathrm{Loss}'(y_i^D) \cdot \mathrm{Act}'_D(\epsilon_i^D)",
                _on(_rows, _bp1),
            ),
            U=Form(
                r"\delta_i^{(n_l)} = \frac{\partial J}{\partial a_i^{(n_l)}}\, f'(z_i^{(n_l)})",
                _on(_away, _bp1),
                stated=False,
                note=r"the text takes $J$ as a function of $z$ and stops at its derivative",
            ),
            P=Form(r"\delta_p^{(L)} = \frac{\partial J(W,b)}{\partial a_p^{(L)}}\, f'(z_p^{(L)})", _on(_one, _bp1)),
        ),
        _equation(
            "BP1a",
            "BP1 for the whole output layer at once.",
            r"every factor: $(n_L, m)$",
            f"lesson 04; {_NIELSEN}, BP1a",
            ours=Form(r"\delta^L = \nabla_a C_x \odot \sigma'(z^L)", _on(_ours, _bp1a)),
            N=Form(r"\delta^L = \nabla_a C \odot \sigma'(z^L)", _on(_one, _bp1a)),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \odot \mathrm{Act}'_D(\epsilon^D)",
                _on(_rows, _bp1a),
                note=r"the left side is printed with an index $i$, though it is the whole row",
            ),
            U=Form(r"\delta^{(n_l)} = \nabla_a J \bullet f'(z^{(n_l)})", _on(_away, _bp1a), stated=False),
            P=Form(r"\delta^{(L)} = \nabla_a J(W,b) \odot f'(z^{(L)})", _on(_one, _bp1a), stated=False),
        ),
        _equation(
            "BP1 with mixing",
            "Where an activation depends on several z (softmax), σ' gives way to the whole Jacobian, transposed.",
            r"one example: $\delta, \nabla_a C_x$: $(n_L, 1)$; $\partial a / \partial z$: $(n_L, n_L)$",
            "lesson 04",
            ours=Form(r"\delta^L = \left(\frac{\partial a^L}{\partial z^L}\right)^{\!\top} \nabla_a C_x", _bp1j(row=False)),
            N=Form(r"\delta_j^L = \sum_k \frac{\partial C}{\partial a_k^L}\, \frac{\partial a_k^L}{\partial z_j^L}", _bp1j(row=False)),
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
        _equation(
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
        _equation(
            "sigmoid slope",
            "The sigmoid's slope, from its own value.",
            "the same shape on both sides",
            f"lesson 04; {_NIELSEN.replace('2', '1')}",
            ours=Form(r"\sigma'(z) = \sigma(z)\,(1 - \sigma(z)) = a\,(1 - a)", _on(_ours, _sigmoid_slope)),
            N=Form(r"\sigma'(z_j^l) = a_j^l (1 - a_j^l)", _on(_one, _sigmoid_slope), stated=False, note="A's formula was a picture and is lost"),
            R=Form(r"\mathrm{Act}'(\epsilon^m) = y^m \odot (1 - y^m)", _on(_rows, _sigmoid_slope), stated=False),
            U=Form(r"f'(z_i^{(l)}) = a_i^{(l)} (1 - a_i^{(l)})", _on(_away, _sigmoid_slope), stated=False),
            P=Form(r"f'(z_j^{(l)}) = a_j^{(l)} (1 - a_j^{(l)})", _on(_one, _sigmoid_slope), stated=False),
        ),
        _equation(
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
        _equation(
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
        _equation(
            "BP2 in components",
            "A hidden neuron's error: the errors of all neurons it feeds, each times the weight that leads there, summed; then times its own slope.",
            "every symbol is a number",
            f"lesson 05; {_NIELSEN}, eq. 45",
            ours=Form(r"\delta_j^l = \sigma'(z_j^l) \sum_{k=1}^{n_{l+1}} w_{kj}^{l+1}\, \delta_k^{l+1}", _on(_ours, _bp2_components)),
            N=Form(
                r"\delta_j^l = \sum_k w_{kj}^{l+1} \delta_k^{l+1} \sigma'(z_j^l)",
                _on(_one, _bp2_components),
                note=r"A prints the activation where $\sigma'$ belongs; N is right",
            ),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon_j^m} = \mathrm{Act}'_m(\epsilon_j^m)"
                r" \sum_{i=1}^{\mathrm{size}(m+1)} \frac{\partial L}{\partial \epsilon_i^{m+1}}\, \omega_{ji}^{m+1}",
                _on(_rows, _bp2_components),
            ),
            U=Form(
                r"\delta_i^{(l)} = \left(\sum_{j=1}^{s_{l+1}} W_{ji}^{(l)} \delta_j^{(l+1)}\right) \bullet f'(z_i^{(l)})",
                _on(_away, _bp2_components),
            ),
            P=Form(r"\delta_j^{(l)} = \sum_{k=1}^{n_{l+1}} \delta_k^{(l+1)} w_{kj}^{(l+1)} f'(z_j^{(l)})", _on(_one, _bp2_components)),
        ),
        _equation(
            "BP2",
            "Carry the errors back through the transposed weights, then multiply each by its own neuron's slope.",
            r"$\delta^l, z^l$: $(n_l, m)$; $W^{l+1}$: $(n_{l+1}, n_l)$; $\delta^{l+1}$: $(n_{l+1}, m)$",
            f"lesson 05; {_NIELSEN}, BP2",
            ours=Form(r"\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot \sigma'(z^l)", _on(_ours, _bp2)),
            N=Form(r"\delta^l = \left( (w^{l+1})^T \delta^{l+1} \right) \odot \sigma'(z^l)", _on(_one, _bp2)),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon^m} = \mathrm{Act}'_m(\epsilon^m) \odot"
                r" \left[ \frac{\partial L}{\partial \epsilon^{m+1}} \cdot (\omega^{m+1})^T \right]",
                _on(_rows, _bp2),
            ),
            U=Form(r"\delta^{(l)} = \left( (W^{(l)})^T \delta^{(l+1)} \right) \bullet f'(z^{(l)})", _on(_away, _bp2)),
            P=Form(r"\delta^{(l)} = \left( (W^{(l+1)})^T \delta^{(l+1)} \right) \odot f'(z^{(l)})", _on(_one, _bp2), stated=False),
        ),
        _equation(
            "layer Jacobian",
            "How every weighted input of one layer moves with every weighted input of the layer before.",
            r"one example: $J^l, W^{l+1}$: $(n_{l+1}, n_l)$; $\mathrm{diag}$: $(n_l, n_l)$",
            "lesson 05",
            ours=Form(
                r"J^l = \frac{\partial z^{l+1}}{\partial z^l} = W^{l+1}\, \mathrm{diag}\!\left(\sigma'(z^l)\right)", _on(_one, _jacobian_sides)
            ),
            N=Form(r"\frac{\partial z_k^{l+1}}{\partial z_j^l} = w_{kj}^{l+1} \sigma'(z_j^l)", _on(_one, _jacobian_sides)),
            R=Form(
                r"\mathrm{d}\epsilon^{m+1} = \mathrm{d}\epsilon^m \cdot \mathrm{diag}\!\left(\mathrm{Act}'_m(\epsilon^m)\right) \omega^{m+1}",
                _on(_rows, _jacobian_sides),
                stated=False,
            ),
            U=Form(
                r"\frac{\partial z^{(l+1)}}{\partial z^{(l)}} = W^{(l)}\, \mathrm{diag}\!\left(f'(z^{(l)})\right)",
                _on(_away, _jacobian_sides),
                stated=False,
            ),
            P=Form(
                r"\frac{\partial z_k^{(l+1)}}{\partial a_j^{(l)}}\, \frac{\partial a_j^{(l)}}{\partial z_j^{(l)}} = w_{kj}^{(l+1)} f'(z_j^{(l)})",
                _on(_one, _jacobian_sides),
            ),
        ),
        _equation(
            "BP2 unrolled",
            "The error of layer l is the output error pulled back through one transposed Jacobian per layer.",
            r"one example: $\delta^l$: $(n_l, 1)$; $J^l$: $(n_{l+1}, n_l)$; $\delta^L$: $(n_L, 1)$",
            "lesson 05",
            ours=Form(r"\delta^l = (J^l)^\top (J^{l+1})^\top \cdots (J^{L-1})^\top\, \delta^L", _on(_one, _bp2_unrolled)),
            N=Form(
                r"\delta^l = \Sigma'(z^l) (w^{l+1})^T \cdots \Sigma'(z^{L-1}) (w^L)^T\, \delta^L",
                _on(_one, _bp2_unrolled),
                stated=False,
                note=r"Nielsen's book has it as a problem, with $\Sigma'$ the diagonal matrix of the $\sigma'$",
            ),
            R=Form(
                r"\frac{\partial L}{\partial \epsilon^m} = \frac{\partial L}{\partial \epsilon^D} \cdot"
                r" (\omega^D)^T \mathrm{diag}(\mathrm{Act}'_{D-1}) \cdots (\omega^{m+1})^T \mathrm{diag}(\mathrm{Act}'_m)",
                _on(_rows, _bp2_unrolled),
                stated=False,
            ),
            U=Form(
                r"\delta^{(l)} = \mathrm{diag}(f'(z^{(l)})) (W^{(l)})^T \cdots \mathrm{diag}(f'(z^{(n_l-1)})) (W^{(n_l-1)})^T\, \delta^{(n_l)}",
                _on(_away, _bp2_unrolled),
                stated=False,
            ),
            P=Form(
                r"\delta^{(l)} = \mathrm{diag}(f'(z^{(l)})) (W^{(l+1)})^T \cdots \mathrm{diag}(f'(z^{(L-1)})) (W^{(L)})^T\, \delta^{(L)}",
                _on(_one, _bp2_unrolled),
                stated=False,
            ),
        ),
        _equation(
            "BP3 in components",
            "How fast the cost of one example changes with a bias: exactly as fast as with its neuron's weighted input.",
            "every symbol is a number",
            f"lesson 06; {_NIELSEN}, BP3",
            ours=Form(r"\frac{\partial C_x}{\partial b_j^l} = \delta_j^l", _on(_one, _bp3_components)),
            N=Form(r"\frac{\partial C}{\partial b_j^l} = \delta_j^l", _on(_one, _bp3_components)),
            R=Form(r"\mathrm{d}b_j^m = \frac{\partial L}{\partial \epsilon_j^m}", _on(_rows, _bp3_components)),
            U=Form(r"\frac{\partial J}{\partial b_j^{(l)}} = \delta_j^{(l+1)}", _on(_away, _bp3_components), stated=False),
            P=Form(
                r"\frac{\partial J(W,b)}{\partial b_j^{(l)}} = \delta_j^{(l)}",
                _on(_one, _bp3_components),
                note=r"printed with $b_i$ and $\delta_j$",
            ),
        ),
        _equation(
            "BP4 in components",
            "How fast the cost of one example changes with a weight: the error where it leads to, times the activation where it comes from.",
            "every symbol is a number",
            f"lesson 06; {_NIELSEN}, BP4",
            ours=Form(r"\frac{\partial C_x}{\partial w_{jk}^l} = \delta_j^l\, a_k^{l-1}", _on(_one, _bp4_components)),
            N=Form(r"\frac{\partial C}{\partial w_{jk}^l} = a_k^{l-1} \delta_j^l", _on(_one, _bp4_components)),
            R=Form(
                r"\frac{\partial L}{\partial \omega_{kj}^m} = \frac{\partial L}{\partial \epsilon_j^m}\, y_k^{m-1}",
                _on(_rows, _bp4_components),
            ),
            U=Form(r"\frac{\partial J}{\partial W_{jk}^{(l)}} = a_k^{(l)} \delta_j^{(l+1)}", _on(_away, _bp4_components), stated=False),
            P=Form(
                r"\frac{\partial J(W,b)}{\partial w_{ji}^{(l)}} = \delta_j^{(l)} a_i^{(l-1)}",
                _on(_one, _bp4_components),
                note=r"for the last layer printed with $a_p$, the neuron's own index",
            ),
        ),
        _equation(
            "BP3 with one bias",
            "A bias that a whole layer shares collects the errors of all its neurons.",
            r"$b^l$: a number; $\delta^l$: $(n_l, m)$, example $x$ in column $x$",
            "lesson 06; R",
            ours=Form(r"\frac{\partial C}{\partial b^l} = \frac{1}{m} \sum_{x=1}^{m} \sum_{j=1}^{n_l} \delta_{jx}^l", _on(_ours, _scalar_bias)),
            N=Form(r"\frac{\partial C}{\partial b^l} = \sum_{j} \delta_j^l", _on(_one, _scalar_bias), stated=False),
            R=Form(r"\mathrm{d}b^m = \sum_{i=1}^{\mathrm{size}(m)} \frac{\partial L}{\partial \epsilon_i^m}", _on(_rows, _scalar_bias)),
            U=Form(r"\frac{\partial J}{\partial b^{(l)}} = \sum_{j} \delta_j^{(l+1)}", _on(_away, _scalar_bias), stated=False),
            P=Form(r"\frac{\partial J(W,b)}{\partial b^{(l)}} = \sum_{j=1}^{n_l} \delta_j^{(l)}", _on(_one, _scalar_bias), stated=False),
        ),
        _equation(
            "BP3",
            "A bias adds straight into z, so its gradient is the error itself, averaged over the examples.",
            r"$\partial C / \partial b$: $(n_l, 1)$; $\delta$: $(n_l, m)$; $\mathbf{1}$: $(m, 1)$",
            f"lesson 06; {_NIELSEN}, BP3",
            ours=Form(r"\frac{\partial C}{\partial b^l} = \frac{1}{m}\, \delta^l\, \mathbf{1}", _on(_ours, _bp3)),
            N=Form(r"\frac{\partial C}{\partial b_j^l} = \delta_j^l", _on(_one, _bp3)),
            R=Form(r"\mathrm{d}b^m = \frac{\partial L}{\partial \epsilon^m}", _on(_rows, _bp3)),
            U=Form(r"\nabla_{b^{(l)}} J = \delta^{(l+1)}", _on(_away, _bp3), stated=False),
            P=Form(
                r"\frac{\partial J(W,b)}{\partial b_j^{(l)}} = \delta_j^{(l)}",
                _on(_one, _bp3),
                note=r"printed with $b_i$ and $\delta_j$",
            ),
        ),
        _equation(
            "BP4",
            "A weight's gradient is the error it leads to times the activation it comes from, averaged over the examples.",
            r"$\partial C / \partial W$: $(n_l, n_{l-1})$; $\delta$: $(n_l, m)$; $a$: $(n_{l-1}, m)$",
            f"lesson 06; {_NIELSEN}, BP4",
            ours=Form(r"\frac{\partial C}{\partial W^l} = \frac{1}{m}\, \delta^l\, (a^{l-1})^\top", _on(_ours, _bp4)),
            N=Form(r"\frac{\partial C}{\partial w_{jk}^l} = a_k^{l-1} \delta_j^l", _on(_one, _bp4)),
            R=Form(r"\mathrm{d}\omega^m = (y^{m-1})^T\, \frac{\partial L}{\partial \epsilon^m}", _on(_rows, _bp4)),
            U=Form(r"\nabla_{W^{(l)}} J = \delta^{(l+1)} (a^{(l)})^T", _on(_away, _bp4)),
            P=Form(
                r"\frac{\partial J(W,b)}{\partial w_{ji}^{(l)}} = \delta_j^{(l)} a_i^{(l-1)}",
                _on(_one, _bp4),
                note=r"for the last layer printed with $a_p$, the neuron's own index",
            ),
        ),
        _equation(
            "update",
            "Once every gradient is known, step each parameter against its own.",
            "every term: the shape of its parameter",
            f"lesson 07; {_NIELSEN}, ch. 1",
            ours=Form(
                r"W^l \leftarrow W^l - \eta\, \frac{\partial C}{\partial W^l}, \qquad b^l \leftarrow b^l - \eta\, \frac{\partial C}{\partial b^l}",
                _on(_ours, _update),
            ),
            N=Form(
                r"w^l \to w^l - \eta\, \frac{\partial C}{\partial w^l}, \quad b^l \to b^l - \eta\, \frac{\partial C}{\partial b^l}",
                _on(_one, _update),
                note="A says it in words",
            ),
            R=Form(
                r"\omega^m = \omega^m - \alpha\, \mathrm{d}\omega^m, \quad b^m = b^m - \alpha\, \mathrm{d}b^m",
                _on(_rows, _update),
                note=r"printed before the error of layer $m-1$ is computed from $\omega^m$; it must come after",
            ),
            U=Form(
                r"W^{(l)} = W^{(l)} - \alpha\, \nabla_{W^{(l)}} J, \quad b^{(l)} = b^{(l)} - \alpha\, \nabla_{b^{(l)}} J",
                _on(_away, _update),
                stated=False,
            ),
            P=Form(
                r"w_{ji}^{(l)} = w_{ji}^{(l)} - \alpha \frac{\partial J(W,b)}{\partial w_{ji}^{(l)}}, \quad"
                r" b_j^{(l)} = b_j^{(l)} - \alpha \frac{\partial J(W,b)}{\partial b_j^{(l)}}",
                _on(_one, _update),
            ),
        ),
        _equation(
            "spread of z",
            "Independent weights of mean 0 make a z whose mean square is their variance times the squared length of what comes in.",
            r"numbers; $\mathbb{E}$: mean over draws of the weights, with $b = 0$",
            "lesson 08; LeCun, Bottou, Orr and Müller, Efficient BackProp; He, Zhang, Ren and Sun, Delving Deep into Rectifiers",
            ours=Form(
                r"\mathbb{E}\, (z_j^l)^2 = \mathrm{Var}(w^l) \sum_{k=1}^{n_{l-1}} (a_k^{l-1})^2",
                _spread_of_z(row=False),
            ),
            N=Form(r"\mathbb{E}\, (z_j^l)^2 = \mathrm{Var}(w^l) \sum_k (a_k^{l-1})^2", _spread_of_z(row=False), stated=False),
            R=Form(
                r"\mathbb{E}\, (\epsilon_i^m)^2 = \mathrm{Var}(\omega^m) \sum_{j=1}^{\mathrm{size}(m-1)} (y_j^{m-1})^2",
                _spread_of_z(row=True),
                stated=False,
            ),
            U=Form(
                r"\mathbb{E}\, (z_i^{(l+1)})^2 = \mathrm{Var}(W^{(l)}) \sum_{j=1}^{s_l} (a_j^{(l)})^2",
                _spread_of_z(row=False),
                stated=False,
            ),
            P=Form(
                r"\mathbb{E}\, (z_j^{(l)})^2 = \mathrm{Var}(w^{(l)}) \sum_{i=1}^{n_{l-1}} (a_i^{(l-1)})^2",
                _spread_of_z(row=False),
                stated=False,
            ),
        ),
        _equation(
            "chance cost",
            "A net that gives each of K classes the same share pays, by cross-entropy, the logarithm of K.",
            r"numbers; $K$: how many classes",
            "lesson 08; CS231n, notes on training neural networks",
            ours=Form(r"C_{\text{chance}} = -\ln \frac{1}{K} = \ln K", _chance_cost),
            N=Form(r"C_{\text{chance}} = \ln K", _chance_cost, stated=False),
            R=Form(r"L_{\text{chance}} = \ln K", _chance_cost, stated=False),
            U=Form(r"J_{\text{chance}} = \ln K", _chance_cost, stated=False),
            P=Form(r"J_{\text{chance}} = \ln K", _chance_cost, stated=False),
        ),
        _equation(
            "step and cost",
            "A short step against the gradient lowers the cost by the learning rate times the gradient's squared length.",
            r"numbers; $\nabla C$: all gradients laid end to end",
            "lesson 07; Nielsen, Neural Networks and Deep Learning, ch. 1",
            ours=Form(r"\Delta C \approx -\eta\, \lVert \nabla C \rVert^2", _on(_ours, _update)),
            N=Form(r"\Delta C \approx -\eta\, \lVert \nabla C \rVert^2", _on(_one, _update), stated=False),
            R=Form(r"\Delta L \approx -\alpha\, \lVert \nabla L \rVert^2", _on(_rows, _update), stated=False),
            U=Form(r"\Delta J \approx -\alpha\, \lVert \nabla J \rVert^2", _on(_away, _update), stated=False),
            P=Form(r"\Delta J \approx -\alpha\, \lVert \nabla J \rVert^2", _on(_one, _update), stated=False),
        ),
        _equation(
            "update with L2",
            "The penalty λ/2 Σw² adds λw to each weight's gradient, and nothing to a bias's.",
            "every term: the shape of the weights; λ: a number",
            "lesson 07; Krogh and Hertz, A simple weight decay can improve generalization (1991); left out in R",
            **_step_forms(
                r"<W> \leftarrow <W> - <e> \left( <g> + \lambda\, <W> \right)", _in_every_world(_penalised_update(np.asarray, _half_squares))
            ),
        ),
        _equation(
            "update with L1",
            "A penalty of λ times the sum of the weights' sizes adds λ times the weight's sign to its gradient, whatever the weight's size.",
            "every term: the shape of the weights; λ: a number",
            "lesson 07; Tibshirani, Regression shrinkage and selection via the lasso (1996); left out in R",
            **_step_forms(
                r"<W> \leftarrow <W> - <e> \left( <g> + \lambda\, \mathrm{sign}(<W>) \right)", _in_every_world(_penalised_update(np.sign, _sizes))
            ),
        ),
        _equation(
            "momentum",
            "The velocity keeps a part of itself and is pushed downhill; the weights move by the velocity.",
            "v: the shape of the weights; μ: a number, 0 or above and below 1",
            "lesson 07; Polyak, Some methods of speeding up the convergence of iteration methods (1964)",
            **_step_forms(r"v \leftarrow \mu\, v - <e>\, <g>, \qquad <W> \leftarrow <W> + v", _momentum),
        ),
        _equation(
            "Adam's means",
            "Running means of a weight's gradient and of its square; both begin at 0.",
            "u, s: the shape of the weights; both β: numbers, 0 or above and below 1",
            f"lesson 07; {_KINGMA}",
            **_step_forms(
                r"u \leftarrow \beta_1 u + (1 - \beta_1)\, <g>, \qquad s \leftarrow \beta_2 s + (1 - \beta_2) \left( <g> \right)^2", _adam_means
            ),
        ),
        _equation(
            "bias correction",
            "Divided by one minus β to the power t, the running mean is a weighted mean of the t gradients so far, its weights adding up to 1.",
            "u, g: the shape of the weights; t: how many gradients there were",
            f"lesson 07; {_KINGMA}, section 3",
            **_step_forms(r"u \,/\, (1 - \beta_1^t) = \frac{\sum_{k=1}^{t} \beta_1^{t-k} g_k}{\sum_{k=1}^{t} \beta_1^{t-k}}", _bias_correction),
        ),
        _equation(
            "Adam",
            "Each weight steps by its corrected mean gradient over the root of its corrected mean square: about η, whatever the gradient's size.",
            "every term: the shape of the weights; root, square and quotient entry by entry",
            f"lesson 07; {_KINGMA}, algorithm 1",
            **_step_forms(
                r"<W> \leftarrow <W> - <e>\, \frac{u \,/\, (1 - \beta_1^t)}{\left( \sqrt{s \,/\, (1 - \beta_2^t)} + \epsilon \right)}", _adam
            ),
        ),
        _equation(
            "shared parameter",
            "The gradient of a parameter that is used several times is the sum of the gradients at its uses.",
            r"every term: the shape of $W$",
            "lesson 09; UFLDL, example 3",
            ours=Form(r"\frac{\partial F}{\partial W} = \sum_{u} \frac{\partial F}{\partial W_{[u]}}", _shared),
            N=Form(r"\frac{\partial C}{\partial w} = \sum_{u} \frac{\partial C}{\partial w_{[u]}}", _shared, stated=False),
            R=Form(r"\mathrm{d}\omega = \sum_{u} \mathrm{d}\omega_{[u]}", _shared, stated=False),
            U=Form(r"\nabla_W F = \sum_{u} \nabla_{W_{[u]}} F", _shared, note="stated in words, without proof"),
            P=Form(r"\frac{\partial J}{\partial w} = \sum_{u} \frac{\partial J}{\partial w_{[u]}}", _shared, stated=False),
        ),
        _equation(
            "transposed use",
            "Where a parameter is used transposed, the gradient of that use is turned back into the parameter's own shape.",
            r"$W_{[u]}$: the shape of $W$; $W_{[u]}^\top$: that of $W^\top$",
            "lesson 09",
            ours=Form(
                r"\frac{\partial F}{\partial W_{[u]}} = \left( \frac{\partial F}{\partial W_{[u]}^\top} \right)^\top",
                _transposed_use,
            ),
            N=Form(
                r"\frac{\partial C}{\partial w_{[u]}} = \left( \frac{\partial C}{\partial w_{[u]}^T} \right)^T",
                _transposed_use,
                stated=False,
            ),
            R=Form(r"\mathrm{d}\omega_{[u]} = \left( \mathrm{d}\omega_{[u]}^T \right)^T", _transposed_use, stated=False),
            U=Form(r"\nabla_{W_{[u]}} F = \left( \nabla_{W_{[u]}^T} F \right)^T", _transposed_use, note="said in words, in example 3"),
            P=Form(
                r"\frac{\partial J}{\partial w_{[u]}} = \left( \frac{\partial J}{\partial w_{[u]}^T} \right)^T",
                _transposed_use,
                stated=False,
            ),
        ),
        _equation(
            "sparse coding, s",
            "Sparse coding by its code: twice the residual, carried back through the transposed dictionary.",
            r"of $\lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$; $s$: $(k, m)$; $A$: $(n, k)$; $x$: $(n, m)$",
            "lesson 09; UFLDL, example 1",
            ours=Form(r"\frac{\partial F}{\partial s} = 2 A^\top (A s - x)", _sparse(False, "s")),
            N=Form(r"\frac{\partial F}{\partial s} = 2 A^T (A s - x)", _sparse(False, "s"), stated=False),
            R=Form(r"\mathrm{d}s = 2 (s A - x) \cdot A^T", _sparse(True, "s"), stated=False),
            U=Form(r"\nabla_s F = A^T\, 2 (A s - x)", _sparse(False, "s"), note=r"announced as the gradient for $A$"),
            P=Form(r"\frac{\partial F}{\partial s} = 2 A^T (A s - x)", _sparse(False, "s"), stated=False),
        ),
        _equation(
            "sparse coding, A",
            "Sparse coding by its dictionary: twice the residual times what came in, plus the penalty's own slope.",
            r"of $\lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$; $A$: $(n, k)$; $As - x$: $(n, m)$; $s$: $(k, m)$",
            "lesson 09; UFLDL, example 1",
            ours=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^\top + 2 \gamma A", _sparse(False, "A")),
            N=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^T + 2 \gamma A", _sparse(False, "A"), stated=False),
            R=Form(r"\mathrm{d}A = 2 s^T \cdot (s A - x) + 2 \gamma A", _sparse(True, "A"), stated=False),
            U=Form(r"\nabla_A F = 2 (A s - x) s^T + 2 \gamma A", _sparse(False, "A"), stated=False, note="announced, not derived"),
            P=Form(r"\frac{\partial F}{\partial A} = 2 (A s - x)\, s^T + 2 \gamma A", _sparse(False, "A"), stated=False),
        ),
        _equation(
            "topographic penalty",
            "The penalty on groups: the reciprocal roots, carried back from groups to entries, times the entries.",
            r"of $\sum \sqrt{V(s \odot s) + \epsilon}$; $s$: $(n, m)$; $V$: $(g, n)$; the root: $(g, m)$, entry by entry",
            "lesson 09; UFLDL, example 2",
            ours=Form(
                r"\frac{\partial F}{\partial s} = \left( V^\top \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
                _topographic(False),
            ),
            N=Form(
                r"\frac{\partial F}{\partial s} = \left( V^T \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
                _topographic(False),
                stated=False,
            ),
            R=Form(
                r"\mathrm{d}s = \left( \left( (s \odot s) \cdot V + \epsilon \right)^{-1/2} \cdot V^T \right) \odot s",
                _topographic(True),
                stated=False,
            ),
            U=Form(
                r"\nabla_s F = \left( V^T \left( V (s \bullet s) + \epsilon \right)^{-1/2} \right) \bullet s",
                _topographic(False),
                note=r"printed with $s s^T$ for $s \bullet s$",
            ),
            P=Form(
                r"\frac{\partial F}{\partial s} = \left( V^T \left( V (s \odot s) + \epsilon \right)^{-1/2} \right) \odot s",
                _topographic(False),
                stated=False,
            ),
        ),
        _equation(
            "ICA reconstruction",
            "The reconstruction by its matrix: a part for each of its two uses.",
            r"of $\lVert W^\top W x - x \rVert^2$; $W$: $(k, n)$; $x$, $r$: $(n, m)$",
            "lesson 09; UFLDL, example 3",
            ours=Form(
                r"\frac{\partial F}{\partial W} = 2\, W r\, x^\top + 2\, (W x)\, r^\top, \qquad r = W^\top W x - x",
                _reconstruction(False),
            ),
            N=Form(
                r"\frac{\partial F}{\partial W} = 2\, W r\, x^T + 2\, (W x)\, r^T, \quad r = W^T W x - x",
                _reconstruction(False),
                stated=False,
            ),
            R=Form(
                r"\mathrm{d}W = 2 x^T \cdot r \cdot W + 2 r^T \cdot (x \cdot W), \quad r = x \cdot W \cdot W^T - x",
                _reconstruction(True),
                stated=False,
            ),
            U=Form(
                r"\nabla_W F = W\, 2 (W^T W x - x) x^T + 2 (W x) (W^T W x - x)^T",
                _reconstruction(False),
                note=r"printed with $W^T$ for the first $W$",
            ),
            P=Form(
                r"\frac{\partial F}{\partial W} = 2\, W r\, x^T + 2\, (W x)\, r^T, \quad r = W^T W x - x",
                _reconstruction(False),
                stated=False,
            ),
        ),
        _equation(
            "quadratic form",
            "A part for each use of the matrix; the two agree only where the form is symmetric.",
            r"of $\mathrm{tr}(X^\top A X)$; $X$: $(n, p)$; $A$: $(n, n)$",
            "lesson 09",
            ours=Form(r"\frac{\partial F}{\partial X} = (A + A^\top)\, X", _quadratic_form(False)),
            N=Form(r"\frac{\partial F}{\partial X} = (A + A^T)\, X", _quadratic_form(False), stated=False),
            R=Form(r"\mathrm{d}X = X \cdot (A + A^T)", _quadratic_form(True), stated=False),
            U=Form(r"\nabla_X F = (A + A^T) X", _quadratic_form(False), stated=False),
            P=Form(r"\frac{\partial F}{\partial X} = (A + A^T)\, X", _quadratic_form(False), stated=False),
        ),
        _equation(
            "adjoint",
            "A quantity's gradient collects from everything that was made of it: the gradient there, times the slope of that step.",
            r"every symbol is a number; the sum runs over all $v_j$ that $v_i$ went into",
            "lesson 10; Griewank and Walther, Evaluating Derivatives, ch. 3",
            **_gradients_written(
                lambda g: rf"{g('v', '_i')} = \sum_{{j:\, i \to j}} {g('v', '_j')}\, \frac{{\partial v_j}}{{\partial v_i}}", _adjoint
            ),
        ),
        _equation(
            "matmul VJP",
            "Through a product Y = AB each factor's gradient is that of the product times the other factor, transposed.",
            r"$A$: $(n, k)$; $B$: $(k, m)$; $Y$: $(n, m)$",
            "lesson 10",
            **_gradients_written(lambda g: rf"{g('A')} = {g('Y')}\, B^\top, \quad {g('B')} = A^\top\, {g('Y')}", _matmul_vjp),
        ),
        _equation(
            "broadcast VJP",
            "An entry that broadcasting copied collects from all its copies.",
            r"$b$: $(n, 1)$, copied along the $m$ columns of $Y$: $(n, m)$",
            "lesson 10",
            **{
                **_gradients_written(lambda g: rf"{g('b', '_j')} = \sum_{{x=1}}^{{m}} {g('Y', '_{jx}')}", _broadcast_vjp(row=False)),
                "R": Form(
                    r"\frac{\partial L}{\partial b_j} = \sum_{x=1}^{n} \frac{\partial L}{\partial Y_{xj}}", _broadcast_vjp(row=True), stated=False
                ),
            },
        ),
        _equation(
            "elementwise VJP",
            "Through a function of each entry by itself a gradient is multiplied by the slope, entry by entry.",
            r"every factor: $(n, m)$",
            "lesson 10",
            **_gradients_written(lambda g: rf"{g('z')} = {g('a')} \odot \sigma'(z)", _elementwise_vjp),
        ),
        _equation(
            "log-sum-exp VJP",
            "Through the logarithm of a sum of exponentials a gradient is shared out by softmax.",
            r"$z$: $(n, 1)$; $v = \log \sum_j e^{z_j}$ is a number",
            "lesson 10",
            **_gradients_written(lambda g: rf"{g('z')} = {g('v')}\, \mathrm{{softmax}}(z)", _log_sum_exp_vjp),
        ),
        _equation(
            "tanh slope",
            "The slope of tanh, from its own value.",
            "the same shape on both sides",
            "lesson 11",
            ours=Form(r"\tanh'(z) = 1 - \tanh^2(z) = 1 - a^2", _on(_ours, _tanh_slope)),
            N=Form(r"\sigma'(z_j^l) = 1 - (a_j^l)^2", _on(_one, _tanh_slope), stated=False),
            R=Form(r"\mathrm{Act}'(\epsilon^m) = 1 - y^m \odot y^m", _on(_rows, _tanh_slope), stated=False),
            U=Form(r"f'(z_i^{(l)}) = 1 - (a_i^{(l)})^2", _on(_away, _tanh_slope), stated=False),
            P=Form(r"f'(z_j^{(l)}) = 1 - (a_j^{(l)})^2", _on(_one, _tanh_slope), stated=False),
        ),
        _equation(
            "relu slope",
            "The slope of relu, from its own value: 1 where that is above 0, else 0.",
            "the same shape on both sides",
            "lesson 11",
            ours=Form(r"\mathrm{relu}'(z) = [z > 0] = [a > 0]", _on(_ours, _relu_slope)),
            N=Form(r"\sigma'(z_j^l) = [a_j^l > 0]", _on(_one, _relu_slope), stated=False),
            R=Form(r"\mathrm{Act}'(\epsilon^m) = [y^m > 0]", _on(_rows, _relu_slope), stated=False),
            U=Form(r"f'(z_i^{(l)}) = [a_i^{(l)} > 0]", _on(_away, _relu_slope), stated=False),
            P=Form(r"f'(z_j^{(l)}) = [a_j^{(l)} > 0]", _on(_one, _relu_slope), stated=False),
        ),
    )
}

# what → (Chinese, then the symbol in each convention); "–": the text has no symbol for it
SYMBOLS: Mapping[str, tuple[str, ...]] = {
    "layers": ("层", r"$0 \dots L$", r"$1 \dots L$", r"$0 \dots D$", r"$1 \dots n_l$", r"$0 \dots L$"),
    "input": ("输入", r"$x = a^0$", r"$x = a^1$", r"$X = y^0$", r"$x = a^{(1)}$", r"$x = a^{(0)}$"),
    "weights into layer l": ("权重", r"$W^l$", r"$w^l$", r"$\omega^l$", r"$W^{(l-1)}$", r"$W^{(l)}$"),
    "one weight: from neuron k, to neuron j": ("", r"$w_{jk}^l$", r"$w_{jk}^l$", r"$\omega_{kj}^l$", r"$W_{jk}^{(l-1)}$", r"$w_{jk}^{(l)}$"),
    "bias": ("偏置", r"$b^l$", r"$b^l$", r"$b^l$", r"$b^{(l-1)}$", r"$b^{(l)}$"),
    "weighted input": ("带权输入", r"$z^l$", r"$z^l$", r"$\epsilon^l$", r"$z^{(l)}$", r"$z^{(l)}$"),
    "activation": ("激活值", r"$a^l$", r"$a^l$", r"$y^l$", r"$a^{(l)}$", r"$a^{(l)}$"),
    "activation function": ("激活函数", r"$\sigma$", r"$\sigma$", r"$\mathrm{Act}_l$", r"$f^{(l)}$", r"$f$"),
    "cost": ("代价函数", r"$C$", r"$C$", r"$L$", r"$J$", r"$J(W,b)$"),
    "error": (
        "误差",
        r"$\delta^l$",
        r"$\delta^l$",
        r"$\frac{\partial L}{\partial \epsilon^l}$",
        r"$\delta^{(l)}$",
        r"$\delta^{(l)}$",
    ),
    "elementwise product": ("逐元素乘积", r"$\odot$", r"$\odot$", r"$\odot$", r"$\bullet$", "–"),
    "learning rate": ("学习率", r"$\eta$", r"$\eta$", r"$\alpha$", "–", r"$\alpha$"),
    "one example is": ("", "a column", "a column", "a row", "a column", "a column"),
}

# ---------------------------------------------------------------------------------------------------------------------
# Showing them.


def named(name: str) -> Equation:
    """The equation of that name; a wrong name is answered with the names there are."""
    if name not in EQUATIONS:
        raise ValueError(f"no equation is called {name!r}; expected one of: {', '.join(EQUATIONS)}")
    return EQUATIONS[name]


def card(*names: str) -> Page:
    """The equations of a recap: formula, words, shapes.

    Examples
    --------
    >>> print(card("BP2"))
    BP2
        δ^l = ((W^{l+1})ᵀ δ^{l+1}) ⊙ σ'(z^l)
        Carry the errors back through the transposed weights, then multiply each by its own neuron's slope.
        δ^l, z^l: (n_l, m); W^{l+1}: (n_{l+1}, n_l); δ^{l+1}: (n_{l+1}, m)
    """
    chosen = [named(name) for name in names]
    rows = [f"| **{e.name}** | $\\displaystyle {e.latex}$ | {e.says}<br>{e.shapes} |" for e in chosen]
    text = [f"{e.name}\n    {plain(e.latex)}\n    {e.says}\n    {plain_words(e.shapes)}" for e in chosen]
    return Page("\n".join(["| | | |", "|:--|:--|:--|", *rows]), "\n".join(text))


def rosetta(*names: str) -> Page:
    """How the source texts write what we write: the symbols, or the named equations.

    Examples
    --------
    >>> print(rosetta("BP4"))
    BP4: A weight's gradient is the error it leads to times the activation it comes from, averaged over the examples.
        ours  ∂C/∂W^l = 1/m δ^l (a^{l-1})ᵀ
        N     ∂C/∂w_{jk}^l = a_k^{l-1} δ_j^l
        R     dω^m = (y^{m-1})ᵀ ∂L/∂ε^m
        U     ∇_{W^{(l)}} J = δ^{(l+1)} (a^{(l)})ᵀ
        P     ∂J(W,b)/∂w_{ji}^{(l)} = δ_j^{(l)} a_i^{(l-1)}   (for the last layer printed with a_p, the neuron's own index)
    """
    return _rosetta_equations([named(name) for name in names]) if names else _rosetta_symbols()


def _rosetta_symbols() -> Page:
    rows = [["", "中文", "ours", "N, A", "R", "U", "P"], *([what, *symbols] for what, symbols in SYMBOLS.items())]
    markdown = ["| " + " | ".join(row) + " |" for row in rows]
    markdown.insert(1, "|:--|" + ":-:|" * 6)
    # Chinese characters are two columns wide in a fixed-width font: they go last, where nothing has to line up behind them
    plain_rows = [[plain(cell.strip("$")) for cell in (row[0], *row[2:], row[1])] for row in rows]
    widths = [max(len(row[i]) for row in plain_rows) for i in range(6)]
    text = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip() for row in plain_rows]
    return Page("\n".join(markdown), "\n".join(text))


def _rosetta_equations(equations: Iterable[Equation]) -> Page:
    markdown, text = [], []
    for e in equations:
        markdown += [f"**{e.name}**: {e.says}", "", "| | |", "|:--|:--|"]
        text.append(f"{e.name}: {e.says}")
        for convention, form in e.forms.items():
            remarks = [form.note] if form.note else []
            if not form.stated:
                remarks.insert(0, "our translation")
            remark = f"   ({'; '.join(remarks)})" if remarks else ""
            markdown.append(f"| {'N, A' if convention == 'N' else convention} | $\\displaystyle {form.latex}$ {remark} |")
            text.append(f"    {convention:<5} {plain(form.latex)}{plain_words(remark)}")
        markdown.append("")
    return Page("\n".join(markdown), "\n".join(text))


_DISPLAYED = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
_TAG = re.compile(r"\\tag\{([^}]*)\}")


def differences(markdown: str) -> list[str]:
    """One line for each tagged display formula that is not the named equation, word for word (spacing aside).

    Examples
    --------
    >>> differences(r"$$\\delta^l = W^{l+1} \\delta^{l+1} \\tag{BP2}$$")[0][:35]
    'BP2: found \\\\delta^l = W^{l+1} \\\\delt'
    """
    found = []
    for displayed in _DISPLAYED.findall(markdown):
        tag, formula = "".join(_TAG.findall(displayed)), _squeezed(_TAG.sub("", displayed))
        if not tag:
            continue
        if tag not in EQUATIONS:
            found.append(f"{tag}: no equation has this name")
        elif formula != _squeezed(EQUATIONS[tag].latex):
            found.append(f"{tag}: found {formula}, expected {_squeezed(EQUATIONS[tag].latex)}")
    return found


def _squeezed(latex: str) -> str:
    return " ".join(latex.split())
