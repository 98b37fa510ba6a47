"""A feed-forward network as plain data, with its forward pass and its backward pass (BP1 to BP4).

Layers are 0 … L and every list is indexed by layer, as superscripts are on paper: a[0] is the input x, W[l] leads
from layer l-1 to layer l, and what layer 0 lacks (W, b, z, δ) is None. Columns are examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from bpkit.core.functions import Activation, Array, Cost, labels_hint, quadratic, sigmoid


@dataclass(frozen=True, repr=False, eq=False)
class Network:
    """Weights, biases, activations and the cost; a step of training makes a new one.

    Parameters
    ----------
    W : (None, W[1], …, W[L])
        W[l] has shape (n_l, n_{l-1}); W[l][j, k] leads to neuron j from neuron k.
    b : (None, b[1], …, b[L])
        b[l] has shape (n_l, 1).
    activations : (None, σ[1], …, σ[L])
    cost : Cost

    Examples
    --------
    >>> net = Network(W=[None, np.eye(2)], b=[None, np.zeros((2, 1))], activations=[None, sigmoid], cost=quadratic)
    >>> net
    Network(2-2, sigmoid, quadratic, float64)
    """

    W: tuple[Any, ...]
    b: tuple[Any, ...]
    activations: tuple[Any, ...]
    cost: Cost = quadratic

    def __post_init__(self) -> None:
        for field in ("W", "b", "activations"):
            object.__setattr__(self, field, tuple(getattr(self, field)))
        _check_layers(self)

    @property
    def L(self) -> int:
        """The last layer's number: how many layers have weights."""
        return len(self.W) - 1

    @property
    def sizes(self) -> tuple[int, ...]:
        """Neurons per layer, n_0 … n_L."""
        return (self.W[1].shape[1], *(W.shape[0] for W in self.W[1:]))

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.W[1].dtype

    @property
    def n_parameters(self) -> int:
        return sum(parameter.size for parameter in (*self.W[1:], *self.b[1:]))

    def __repr__(self) -> str:
        *hidden, last = map(repr, self.activations[1:])
        if len(set(hidden)) == 1:
            hidden = hidden[:1]
        names = last if set(hidden) <= {last} else " → ".join([*hidden, last])
        return f"Network({'-'.join(map(str, self.sizes))}, {names}, {self.cost!r}, {self.dtype})"


@dataclass(frozen=True, repr=False, eq=False)
class Cache:
    """What the forward pass keeps for the backward pass: z[1] … z[L] and a[0] … a[L], each (n_l, m)."""

    z: tuple[Any, ...]
    a: tuple[Any, ...]

    @property
    def output(self) -> Array:
        """a[L], what the network says."""
        return self.a[-1]

    def __repr__(self) -> str:
        return f"Cache({_shape(self.a)})"


@dataclass(frozen=True, repr=False, eq=False)
class Gradients:
    """What the backward pass finds.

    Attributes
    ----------
    delta : (None, δ[1], …, δ[L])
        Errors ∂C_x/∂z, (n_l, m): one example per column, no 1/m.
    W, b : (None, …)
        ∂C/∂W[l] and ∂C/∂b[l] of the mean cost, with the shapes of W[l] and b[l].
    """

    delta: tuple[Any, ...]
    W: tuple[Any, ...]
    b: tuple[Any, ...]

    def __repr__(self) -> str:
        norms = ", ".join(f"{np.linalg.norm(W):.3g}" for W in self.W[1:])
        return f"Gradients({_shape(self.delta[1:])}; ‖∂C/∂W‖ by layer: {norms})"


def init(
    sizes: Sequence[int],
    *,
    activation: Activation = sigmoid,
    output: Activation | None = None,
    cost: Cost = quadratic,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
) -> Network:
    """A network with random weights and zero biases.

    A neuron adds up n_in products, so weights of variance 1/n_in give z the variance of its inputs: the layer starts
    where its activation is steep, however wide it is. The relu family halves the variance, so its factor is about 2.

    Parameters
    ----------
    sizes : n_0 … n_L
        Neurons per layer, input first; at least two.
    activation, output : Activation
        For the hidden layers and for the last; the last takes `activation` when `output` is left out.
    cost : Cost
    rng : numpy.random.Generator
        The only source of chance; make one with np.random.default_rng(seed).
    dtype : float64 or float32
        Everything is computed in it.

    Returns
    -------
    Network

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here, or if such outputs can never be what the cost is made for; the message
        says what was found.

    Source
    ------
    Variance 1/n_in: LeCun, Bottou, Orr and Müller, "Efficient BackProp" (1998). Factor 2 for relu: He, Zhang, Ren and
    Sun, "Delving Deep into Rectifiers" (2015).

    Examples
    --------
    >>> from bpkit.core.functions import cross_entropy, relu, softmax
    >>> init([64, 32, 10], activation=relu, output=softmax, cost=cross_entropy, rng=np.random.default_rng(0))
    Network(64-32-10, relu → softmax, cross_entropy, float64)
    """
    sizes = _checked_sizes(sizes)
    check_generator(rng, "init")
    dtype = np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"init: dtype is {dtype}, expected float64 or float32")
    hidden = [activation] * (len(sizes) - 2)
    activations = [None, *hidden, activation if output is None else output]
    _check_outputs(cost, activations[-1], sizes[-1])

    W: list[Any] = [None]
    b: list[Any] = [None]
    for l in range(1, len(sizes)):
        sigma = activations[l]
        scale = np.sqrt(getattr(sigma, "gain", 1.0) / sizes[l - 1])
        W.append((scale * rng.standard_normal((sizes[l], sizes[l - 1]))).astype(dtype))
        b.append(np.zeros((sizes[l], 1), dtype))
    return Network(tuple(W), tuple(b), tuple(activations), cost)


def forward(net: Network, x: ArrayLike) -> Cache:
    """Run the network: z[l] = W[l] a[l-1] + b[l] and a[l] = σ(z[l]).

    Parameters
    ----------
    net : Network
    x : (n_0, m)
        One example per column.

    Returns
    -------
    Cache
        z[l] and a[l] of every layer; a[0] is x, in the network's dtype.

    Raises
    ------
    ValueError, TypeError
        If x is not a finite real (n_0, m) array with m ≥ 1; the message says what was found.

    Examples
    --------
    >>> net = init([2, 3, 1], rng=np.random.default_rng(0))
    >>> cache = forward(net, np.ones((2, 4)))
    >>> cache
    Cache(layers 2-3-1, m = 4)
    >>> cache.a[2].shape
    (1, 4)
    """
    x = _examples("x", x, net.sizes[0], net)
    L, W, b, sigma = net.L, net.W, net.b, net.activations
    z: list[Any] = [None] * (L + 1)
    a: list[Any] = [x] + [None] * L

    for l in range(1, L + 1):
        z[l] = W[l] @ a[l - 1] + b[l]
        a[l] = sigma[l](z[l])

    return Cache(tuple(z), tuple(a))


def backward(net: Network, cache: Cache, y: ArrayLike) -> Gradients:
    """Carry the error back through the network and read off every gradient (BP1 to BP4).

    Parameters
    ----------
    net : Network
    cache : Cache
        From forward(net, x).
    y : (n_L, m)
        Targets, one example per column.

    Returns
    -------
    Gradients
        delta[l] per example; W[l] and b[l] of the mean cost, so that 1/m stands once, here.

    Raises
    ------
    ValueError, TypeError
        If y is not a finite real array of the output's shape, or the cache is not this network's.

    Source
    ------
    The four equations as in Nielsen, "Neural Networks and Deep Learning" (2015), chapter 2.

    Examples
    --------
    >>> net = init([2, 3, 1], rng=np.random.default_rng(0))
    >>> grads = backward(net, forward(net, np.ones((2, 4))), np.ones((1, 4)))
    >>> grads.delta[1].shape, grads.W[1].shape, grads.b[1].shape
    ((3, 4), (3, 2), (3, 1))
    """
    _check_cache(net, cache)
    L, W, sigma, z, a = net.L, net.W, net.activations, cache.z, cache.a
    m = a[0].shape[1]
    y = _examples("y", y, net.sizes[L], net, m)
    delta: list[Any] = [None] * (L + 1)
    dW: list[Any] = [None] * (L + 1)
    db: list[Any] = [None] * (L + 1)

    delta[L] = net.cost.output_error(z[L], a[L], y, sigma[L])  # BP1
    for l in range(L - 1, 0, -1):
        delta[l] = sigma[l].vjp(z[l], a[l], W[l + 1].T @ delta[l + 1])  # BP2: (Wᵀδ) ⊙ σ'(z)
    for l in range(1, L + 1):
        db[l] = delta[l].sum(axis=1, keepdims=True) / m  # BP3
        dW[l] = delta[l] @ a[l - 1].T / m  # BP4: outer products, summed over the m examples

    return Gradients(tuple(delta), tuple(dW), tuple(db))


def predict(net: Network, x: ArrayLike) -> Array:
    """The network's output a[L] for the examples in the columns of x."""
    return forward(net, x).output


def cost_of(net: Network, x: ArrayLike, y: ArrayLike) -> Any:
    """The mean cost over the examples in the columns of x and y; finite however certain and wrong the network is.

    Examples
    --------
    >>> net = init([2, 3, 1], rng=np.random.default_rng(0))
    >>> x, y = np.ones((2, 4)), np.ones((1, 4))
    >>> bool(np.isclose(cost_of(net, x, y), quadratic(predict(net, x), y)))
    True
    """
    cache = forward(net, x)
    y = _examples("y", y, net.sizes[-1], net, cache.output.shape[1])
    return net.cost.output_value(cache.z[-1], cache.output, y, net.activations[-1])


# ── Bad input becomes one line ────────────────────────────────────────────────────────────────────────────────────────


def check_generator(rng: Any, where: str) -> None:
    """Raise TypeError unless rng is a numpy Generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{where}: rng is of type {type(rng).__name__}, expected a Generator such as np.random.default_rng(0)")


def check_data(net: Network, x: ArrayLike, y: ArrayLike, names: tuple[str, str] = ("x", "y")) -> tuple[Array, Array]:
    """x and y as arrays of the network's dtype, or an error that says what is wrong with them."""
    x = _examples(names[0], x, net.sizes[0], net)
    y = _examples(names[1], y, net.sizes[-1], net, x.shape[1])
    net.cost.check_targets(y)
    return x, y


def _examples(name: str, values: ArrayLike, rows: int, net: Network, m: int | None = None) -> Array:
    """values as a finite (rows, m) array of the network's dtype."""
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} is a list whose rows differ in length, expected a ({rows}, {m or 'm'}) array") from None
    wanted = f"({rows}, {m or 'm'}), one example per column"
    if array.dtype.kind not in "fiub" and not (array.dtype.kind == "c" and net.dtype.kind == "c"):
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers of shape {wanted}")
    if array.ndim != 2:
        hint = f"; a single example is {name}[:, None]" if array.shape == (rows,) and m in (None, 1) else labels_hint(array, rows, m)
        raise ValueError(f"{name} has shape {array.shape}, expected {wanted}{hint}")
    if array.shape[0] != rows or (m is not None and array.shape[1] != m):
        hint = f"; its examples seem to lie in rows, so pass {name}.T" if array.shape[1] == rows and m in (None, array.shape[0]) else ""
        hint = hint or labels_hint(array, rows, m)
        raise ValueError(f"{name} has shape {array.shape}, expected {wanted}{hint}")
    if array.shape[1] == 0:
        raise ValueError(f"{name} has shape {array.shape}, expected at least one example (column)")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes inf, and is refused as such
        array = array.astype(net.dtype, copy=False)
    if not np.isfinite(array).all():
        i, j = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(f"{name} is {array[i, j]} in row {i}, column {j}, expected finite numbers")
    return array


def _check_outputs(cost: Cost, output: Any, n: int) -> None:
    """Raise where the outputs can never be what the cost is made for; what is no cost or activation at all is told by others."""
    if isinstance(cost, Cost) and isinstance(output, Activation):
        try:
            cost.check_outputs(output, n)
        except ValueError as error:
            raise ValueError(f"init: {error}") from None


def _check_layers(net: Network) -> None:
    """Raise where the parts of a network do not fit together."""
    W, b, activations = net.W, net.b, net.activations
    if not (len(W) == len(b) == len(activations) >= 2):
        raise ValueError(f"W, b and activations have lengths {len(W)}, {len(b)} and {len(activations)}, expected one length L+1 ≥ 2 with None first")
    for name, parts in (("W", W), ("b", b), ("activations", activations)):
        if parts[0] is not None:
            raise ValueError(f"{name}[0] is of type {type(parts[0]).__name__}, expected None: layer 0 is the input")
    if not isinstance(net.cost, Cost):
        raise TypeError(f"cost is of type {type(net.cost).__name__}, expected a Cost such as bp.quadratic")
    for l in range(1, len(W)):
        if not isinstance(activations[l], Activation):
            raise TypeError(f"activations[{l}] is of type {type(activations[l]).__name__}, expected an Activation such as bp.sigmoid")
        for name, parameter in ((f"W[{l}]", W[l]), (f"b[{l}]", b[l])):
            if not isinstance(parameter, np.ndarray) or parameter.dtype.kind not in "fc" or parameter.dtype != W[1].dtype:
                found = getattr(parameter, "dtype", type(parameter).__name__)
                raise TypeError(f"{name} is of type {found}, expected an array of floats, of one dtype in all layers")
        if W[l].ndim != 2 or (l > 1 and W[l].shape[1] != W[l - 1].shape[0]) or 0 in W[l].shape:
            rows = W[l].shape[0] if W[l].ndim else "n"
            raise ValueError(f"W[{l}] has shape {W[l].shape}, expected ({rows}, {W[l - 1].shape[0] if l > 1 else 'n_0'})")
        if b[l].shape != (W[l].shape[0], 1):
            raise ValueError(f"b[{l}] has shape {b[l].shape}, expected {(W[l].shape[0], 1)}")


def _check_cache(net: Network, cache: Cache) -> None:
    found = tuple(a.shape[0] for a in cache.a)
    if found != net.sizes:
        raise ValueError(
            f"the cache is of layers {'-'.join(map(str, found))}, expected {'-'.join(map(str, net.sizes))}: it comes from another network"
        )


def _checked_sizes(sizes: Sequence[int]) -> list[int]:
    try:
        checked = [int(n) for n in sizes if n == int(n) and n > 0]
        count = len(sizes)
    except (TypeError, ValueError):
        checked, count = [], 0
    if count < 2 or len(checked) != count:
        raise ValueError(f"sizes is {' '.join(repr(sizes).split())}, expected at least two whole numbers above 0, such as [784, 30, 10]")
    return checked


def _shape(layers: Sequence[Array]) -> str:
    return f"layers {'-'.join(str(a.shape[0]) for a in layers)}, m = {layers[0].shape[1]}"
