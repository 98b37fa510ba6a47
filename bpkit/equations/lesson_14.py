"""The named equations of lesson 14, each with both sides as they are written. None of the source texts states one of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.equations.model import Array, Equation, Form, Sides, equation
from bpkit.equations.worlds import slope_of


def _line(rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """An input of 7 numbers, a kernel of 3 weights, and an error for each of the 5 places."""
    return rng.normal(size=7), rng.normal(size=3), rng.normal(size=5)


def _laid_on(k: Array, x: Array) -> Array:
    return np.array([sum(k[u] * x[i + u] for u in range(len(k))) for i in range(len(x) - len(k) + 1)])


def _convolution(rng: np.random.Generator) -> tuple[Array, Array]:
    x, k, _ = _line(rng)
    return np.correlate(x, k, "valid"), _laid_on(k, x)


def _matrix(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        x, k, _ = _line(rng)
        T = np.array([[k[j - i] if 0 <= j - i <= len(k) - 1 else 0.0 for j in range(7)] for i in range(5)])
        return _laid_on(k, x), x @ T.T if row else T @ x

    return sides


def _to_input(rng: np.random.Generator) -> tuple[Array, Array]:
    x, k, delta = _line(rng)
    found = [sum(k[u] * delta[j - u] for u in range(3) if 0 <= j - u <= 4) for j in range(7)]
    return slope_of(lambda v: (delta * _laid_on(k, v)).sum(), x), np.array(found)


def _to_kernel(rng: np.random.Generator) -> tuple[Array, Array]:
    x, k, delta = _line(rng)
    found = [sum(delta[i] * x[i + u] for i in range(5)) for u in range(3)]
    return slope_of(lambda v: (delta * _laid_on(v, x)).sum(), k), np.array(found)


def _places(rng: np.random.Generator) -> tuple[Array, Array]:
    """Counted, and by the formula."""
    n, p, q, s = rng.integers(5, 30, size=20), rng.integers(0, 3, size=20), rng.integers(1, 6, size=20), rng.integers(1, 5, size=20)
    counted = [sum(1 for start in range(0, a + 2 * b, d) if start + c <= a + 2 * b) for a, b, c, d in zip(n, p, q, s, strict=True)]
    return np.array(counted, float), np.floor((n + 2 * p - q) / s) + 1


class _Sequence:
    """Four moments of a recurrent net with 3 neurons, 2 inputs and 5 examples, and what the cost sends to each state."""

    def __init__(self, rng: np.random.Generator, row: bool = False) -> None:
        self.row = row
        turn: Callable[[Array], Array] = np.transpose if row else np.asarray
        self.W, self.U, self.b = (turn(rng.normal(size=shape) / 2) for shape in ((3, 2), (3, 3), (3, 1)))
        self.x = [np.zeros(0), *(turn(rng.normal(size=(2, 5))) for _ in range(4))]
        self.g = [np.zeros(0), *(turn(rng.normal(size=(3, 5))) for _ in range(4))]
        self.h0 = turn(rng.normal(size=(3, 5)))
        self.h = self.states(self.W, self.U, self.b)

    def weighted(self, t: int, before: Array, W: Array, U: Array, b: Array) -> Array:
        return self.x[t] @ W + before @ U + b if self.row else W @ self.x[t] + U @ before + b

    def states(self, W: Array, U: Array, b: Array) -> list[Array]:
        h = [self.h0]
        for t in range(1, 5):
            h.append(np.tanh(self.weighted(t, h[-1], W, U, b)))
        return h

    def cost(self, W: Array, U: Array, b: Array) -> complex:
        return complex(sum((g * h).sum() for g, h in zip(self.g[1:], self.states(W, U, b)[1:], strict=True)))

    def cost_from(self, t: int, z: Array) -> complex:
        """The cost of the moments from t on, if the weighted input of t were z."""
        h, total = np.tanh(z), 0j
        for later in range(t, 5):
            total += (self.g[later] * h).sum()
            h = np.tanh(self.weighted(later + 1, h, self.W, self.U, self.b)) if later < 4 else h
        return total

    def deltas(self) -> list[Array]:
        """By nudging each weighted input, so without the recursion."""
        z = [np.zeros(0), *(self.weighted(t, self.h[t - 1], self.W, self.U, self.b) for t in range(1, 5))]
        return [np.zeros(0), *(slope_of(lambda v, t=t: self.cost_from(t, v), z[t]) for t in range(1, 5))]  # type: ignore[misc]


def _state(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        net = _Sequence(rng, row)
        return net.h[3], np.tanh(net.x[3] @ net.W + net.h[2] @ net.U + net.b if row else net.W @ net.x[3] + net.U @ net.h[2] + net.b)

    return sides


def _through_time(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        net = _Sequence(rng, row)
        delta = net.deltas()
        back = [delta[t + 1] @ net.U.T if row else net.U.T @ delta[t + 1] for t in range(1, 4)]
        right = [(net.g[t] + back[t - 1]) * (1 - net.h[t] * net.h[t]) for t in range(1, 4)]
        return np.array(delta[1:]), np.array([*right, net.g[4] * (1 - net.h[4] * net.h[4])])

    return sides


def _weights(row: bool) -> Sides:
    def sides(rng: np.random.Generator) -> tuple[Array, Array]:
        net = _Sequence(rng, row)
        delta, ones = net.deltas(), np.ones((5, 1))
        slopes = (
            slope_of(lambda v: net.cost(net.W, v, net.b), net.U),
            slope_of(lambda v: net.cost(v, net.U, net.b), net.W),
            slope_of(lambda v: net.cost(net.W, net.U, v), net.b),
        )
        if row:
            sums = [(net.h[t - 1].T @ delta[t], net.x[t].T @ delta[t], ones.T @ delta[t]) for t in range(1, 5)]
        else:
            sums = [(delta[t] @ net.h[t - 1].T, delta[t] @ net.x[t].T, delta[t] @ ones) for t in range(1, 5)]
        found = [sum(parts) for parts in zip(*sums, strict=True)]
        return np.concatenate([a.ravel() for a in slopes]), np.concatenate([np.ravel(a) for a in found])

    return sides


def _clipped(rng: np.random.Generator) -> tuple[Array, Array]:
    """The direction by itself with the shorter of two lengths, against the formula; one gradient too long, one short enough."""
    G, limit = rng.normal(size=9), 1.0
    found, wanted = [], []
    for grad in (G / np.linalg.norm(G) * 3, G / np.linalg.norm(G) * 0.4):
        length = np.sqrt((grad**2).sum())
        wanted.append(grad / length * np.minimum(limit, length))
        found.append(min(1, limit / length) * grad)
    return np.array(wanted), np.array(found)


def _said(name: str, says: str, shapes: str, source: str, latex: str, sides: Sides, rows: tuple[str, Sides] | None = None) -> Equation:
    """An equation that reads the same in every text but R's, where an example is a row; none of them states it."""
    in_rows, row_sides = rows or (latex, sides)
    return equation(
        name,
        says,
        shapes,
        source,
        ours=Form(latex, sides),
        N=Form(latex.replace(r"\top", "T"), sides, stated=False),
        R=Form(in_rows.replace(r"\top", "T"), row_sides, stated=False),
        U=Form(latex.replace(r"\top", "T"), sides, stated=False),
        P=Form(latex.replace(r"\top", "T"), sides, stated=False),
    )


_LINE = r"$x$: $(n,)$; $k$: $(q,)$; $z$ and $\delta$: $(n - q + 1,)$"
_TIME = r"$h_t$, $\delta_t$, $g_t$: $(n_h, m)$; $x_t$: $(n_x, m)$; $W$: $(n_h, n_x)$; $U$: $(n_h, n_h)$; $b$: $(n_h, 1)$"

EQUATIONS = (
    _said(
        "convolution",
        "The kernel is laid on the input at every place, multiplied and summed; it is not turned.",
        _LINE,
        "lesson 14; LeCun et al. 1998",
        r"z_i = \sum_{u=0}^{q-1} k_u\, x_{i+u}, \qquad i = 0, \dots, n - q",
        _convolution,
    ),
    _said(
        "convolution as a matrix",
        "A convolution is a product with a matrix whose rows hold the kernel, each one place further on.",
        _LINE + r"; $T$: $(n - q + 1,\, n)$",
        "lesson 14",
        r"z = T x, \qquad t_{i,\, i+u} = k_u, \qquad 0 \text{ elsewhere}",
        _matrix(False),
        (
            r"z = x \cdot T^\top, \qquad t_{i,\, i+u} = k_u, \qquad 0 \text{ elsewhere}",
            _matrix(True),
        ),
    ),
    _said(
        "convolution, to the input",
        "The error of the input is the full correlation of the outputs' error with the kernel turned round.",
        _LINE,
        "lesson 14",
        r"\frac{\partial F}{\partial x_j} = \sum_{u=0}^{q-1} k_u\, \delta_{j-u}, \qquad \delta_i = 0 \text{ unless } 0 \le i \le n - q",
        _to_input,
    ),
    _said(
        "convolution, to the kernel",
        "The gradient of the kernel is the correlation of the input with the error; nothing is turned.",
        _LINE,
        "lesson 14",
        r"\frac{\partial F}{\partial k_u} = \sum_{i} \delta_i\, x_{i+u}",
        _to_kernel,
    ),
    _said(
        "output size",
        "How many places a kernel of q weights has on n inputs, with p zeros on each side and steps of s.",
        r"$n$, $p$, $q$, $s$: whole numbers, $n + 2p \ge q$",
        "lesson 14; Dumoulin and Visin 2016",
        r"\text{places} = \left\lfloor \frac{n + 2p - q}{s} \right\rfloor + 1",
        _places,
    ),
    _said(
        "recurrent state",
        "The state of a moment comes from its input and the state before, by the same weights at every moment.",
        _TIME,
        "lesson 14",
        r"h_t = \tanh(z_t), \qquad z_t = W x_t + U h_{t-1} + b",
        _state(False),
        (r"h_t = \tanh(z_t), \qquad z_t = x_t \cdot W + h_{t-1} \cdot U + b", _state(True)),
    ),
    _said(
        "BPTT",
        "The error of a moment: what the cost sends to its state, and what the moment after sends back, times the slope.",
        _TIME,
        "lesson 14; Werbos 1990",
        r"\delta_t = \left( g_t + U^\top \delta_{t+1} \right) \odot (1 - h_t \odot h_t), \qquad \delta_{T+1} = 0",
        _through_time(False),
        (
            r"\delta_t = \left( g_t + \delta_{t+1} \cdot U^\top \right) \odot (1 - h_t \odot h_t), \qquad \delta_{T+1} = 0",
            _through_time(True),
        ),
    ),
    _said(
        "BPTT, weights",
        "The gradients of the weights are sums over the moments, for every moment uses the same ones.",
        _TIME + r"; $\mathbf{1}$: $(m, 1)$",
        "lesson 14; Werbos 1990",
        r"\frac{\partial C}{\partial U} = \sum_{t} \delta_t\, h_{t-1}^\top, \qquad \frac{\partial C}{\partial W} = \sum_{t} \delta_t\, x_t^\top, "
        r"\qquad \frac{\partial C}{\partial b} = \sum_{t} \delta_t \mathbf{1}",
        _weights(False),
        (
            r"\frac{\partial C}{\partial U} = \sum_{t} h_{t-1}^\top \cdot \delta_t, "
            r"\qquad \frac{\partial C}{\partial W} = \sum_{t} x_t^\top \cdot \delta_t, "
            r"\qquad \frac{\partial C}{\partial b} = \sum_{t} \mathbf{1}^\top \cdot \delta_t",
            _weights(True),
        ),
    ),
    _said(
        "clipping by norm",
        "A gradient longer than the limit keeps its direction and gets the limit's length.",
        r"$G$, $G'$: all arrays of the gradient as one column; $\theta$: a number",
        "lesson 14; Pascanu, Mikolov and Bengio 2013",
        r"G' = \min\!\left( 1,\; \frac{\theta}{\lVert G \rVert} \right) G",
        _clipped,
    ),
)
