"""Random nets in each text's convention, and their derivatives by complex step, so that no formula of the library vouches for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np

from bpkit.equations.model import Array, Sides

# f(v + ih) = f(v) + ih f'(v) + O(h²), with nothing subtracted
H = 1e-30


def slope_of(f: Callable[[Array], complex], at: Array) -> Array:
    """∂f/∂v for every entry of `at`, f real-valued."""
    return jacobian_of(lambda v: np.asarray(f(v)), at).reshape(at.shape)


def jacobian_of(f: Callable[[Array], Array], at: Array) -> Array:
    """Rows: entries of f(v). Columns: entries of v."""
    columns = []
    for i in np.ndindex(at.shape):
        nudged = at.astype(complex)
        nudged[i] += 1j * H
        columns.append(f(nudged).imag.ravel() / H)
    return np.stack(columns, axis=1)


def sigma(z: Array) -> Array:
    """The sigmoid, of complex numbers too."""
    return 1 / (1 + np.exp(-z))


def sigma_prime(z: Array) -> Array:
    """Its slope."""
    return sigma(z) * (1 - sigma(z))


def softmax(z: Array) -> Array:
    """Of one example."""
    return np.exp(z) / np.exp(z).sum()


class Pass:
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
            self.a[l] = sigma(self.z[l])

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
            z = self.affine(k, sigma(z))
        return self.cost_of(sigma(z))

    def error(self, l: int) -> Array:
        """∂C_x/∂z of layer l for every example, by complex step."""
        return slope_of(lambda z: self.cost_after(l, z), self.z[l])

    def output_slope(self) -> Array:
        """∂C_x/∂a of the last layer, by complex step."""
        return slope_of(self.cost_of, self.a[self.last])

    def parameter_slope(self, parameters: dict[int, Array], i: int) -> Array:
        """∂(Σ_x C_x)/∂W^i or ∂(Σ_x C_x)/∂b^i, by complex step."""
        kept = parameters[i]

        def cost(value: Array) -> complex:
            parameters[i] = value
            return self.cost_after(self.first + 1, self.affine(self.first + 1, self.a[self.first]))

        try:
            return slope_of(cost, kept)
        finally:
            parameters[i] = kept


def ours(rng: np.random.Generator) -> Pass:
    """This course: five examples, each a column."""
    return Pass(rng, m=5)


def one(rng: np.random.Generator) -> Pass:
    """N, A and P: columns as ours, one example."""
    return Pass(rng, m=1)


def in_rows(rng: np.random.Generator) -> Pass:
    """R: an example is a row, ω^m is (size(m-1), size(m)); y^m is declared with one row."""
    return Pass(rng, m=1, row=True)


def away(rng: np.random.Generator) -> Pass:
    """U: layers 1 … n_l, and W^(l) leads from layer l to layer l + 1."""
    return Pass(rng, m=1, shift=1)


def on(world: Callable[[np.random.Generator], Pass], sides: Callable[[Pass], tuple[Array, Array]]) -> Sides:
    """Both sides of an equation on nets of one convention."""
    return lambda rng: sides(world(rng))


def per_layer(left: Callable[[int], Array], right: Callable[[int], Array], layers: Iterable[int]) -> tuple[Array, Array]:
    """Both sides for every layer, laid end to end."""
    layers = list(layers)
    return np.concatenate([left(l).ravel() for l in layers]), np.concatenate([right(l).ravel() for l in layers])


def parameter_layers(p: Pass) -> range:
    """The layers that have weights and biases."""
    return range(p.first + 1, p.last + 1)


def hidden_layers(p: Pass) -> range:
    """Those of them that are not the last."""
    return range(p.first + 1, p.last)


def entries(shape: tuple[int, ...], value: Callable[..., complex]) -> Array:
    """An array whose entries are worked out one at a time, as a text that writes components says."""
    return np.array([value(*i) for i in np.ndindex(shape)]).reshape(shape)
