"""The parts of later nets: each value beside its VJP, which turns g, the gradient of the result, into that of every argument.

Examples stand in the last axis, as columns do. A VJP adds up over all that shares a parameter and knows no 1/m: put that into g.
Every formula takes complex arrays, so that a complex step can check it, and leaves float32 as it is.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.differences import parameter

Array = np.ndarray


# ── Normalisation ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _standardised(x: Array, axis: Any, epsilon: float) -> tuple[Array, Array]:
    """x with mean 0 and variance 1 along the axes, and the standard deviation that it was divided by."""
    centred = x - x.mean(axis=axis, keepdims=True)
    s = np.sqrt((centred * centred).mean(axis=axis, keepdims=True) + epsilon)
    return centred / s, s


def layer_norm(x: Array, gamma: Array, beta: Array, epsilon: float = 1e-5) -> Array:
    """γ ⊙ (x - μ)/s + β with the mean and deviation of each column: one example is normalised by itself.

    Parameters
    ----------
    x : (n, m)
    gamma, beta : (n, 1)
    epsilon : float
        Added to the variance, so that a constant column can be divided.

    Returns
    -------
    (n, m)

    Examples
    --------
    >>> layer_norm(np.array([[1.0], [3.0]]), np.ones((2, 1)), np.zeros((2, 1)), epsilon=0.0)
    array([[-1.],
           [ 1.]])
    """
    return gamma * _standardised(x, 0, epsilon)[0] + beta


def layer_norm_vjp(x: Array, gamma: Array, g: Array, epsilon: float = 1e-5) -> tuple[Array, Array, Array]:
    """The gradients of x (n, m), gamma (n, 1) and beta (n, 1), from that of the result, g (n, m)."""
    # every sum is a matrix product, which is the quickest, and so is γ/s; dot starts sooner than @; and what can be overwritten is
    dtype = np.result_type(x, gamma, g, np.float16)
    x, gamma, g = (array.astype(dtype, copy=False) for array in (x, gamma, g))
    mean, ones = np.full(len(x), 1 / len(x), dtype), np.ones(x.shape[1], dtype)
    centred = x - mean.dot(x)
    product = centred * centred
    scale = 1 / np.sqrt(mean.dot(product) + epsilon)
    np.multiply(g, centred, product)
    weights = gamma[:, 0] * mean
    dx = gamma.dot(scale[None])
    dx *= g
    centred *= weights.dot(product) * scale * (scale * scale)
    dx -= centred  # what comes back through the deviation
    dx -= weights.dot(g) * scale  # and through the mean
    return dx, product.dot(scale)[:, None], g.dot(ones)[:, None]


def batch_norm(x: Array, gamma: Array, beta: Array, epsilon: float = 1e-5) -> Array:
    """γ ⊙ (x - μ)/s + β with the mean and deviation of each row: the examples of a batch meet, as they do in training.

    Parameters
    ----------
    x : (n, m), or (n, …, m) as channels of images are
    gamma, beta : (n, 1), or (n, 1, …, 1)

    Returns
    -------
    as x

    Examples
    --------
    >>> batch_norm(np.array([[1.0, 3.0]]), np.ones((1, 1)), np.zeros((1, 1)), epsilon=0.0)
    array([[-1.,  1.]])
    """
    return gamma * _standardised(x, tuple(range(1, x.ndim)), epsilon)[0] + beta


def batch_norm_vjp(x: Array, gamma: Array, g: Array, epsilon: float = 1e-5) -> tuple[Array, Array, Array]:
    """The gradients of x, gamma and beta, from that of the result, g; shapes as in `batch_norm`."""
    rest = tuple(range(1, x.ndim))
    x_hat, s = _standardised(x, rest, epsilon)
    dgamma, dbeta = (g * x_hat).sum(axis=rest, keepdims=True), g.sum(axis=rest, keepdims=True)
    # less what comes back through the mean, and through the deviation
    return (g - (dbeta + x_hat * dgamma) / x[0].size) * (gamma / s), dgamma, dbeta


# ── Attention ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def attention_weights(Q: Array, K: Array, mask: Array | None = None) -> Array:
    """softmax(KᵀQ/√d), down each column: how much each query looks at each key.

    Parameters
    ----------
    Q, K : (…, d, n_q), (…, d, n_k)
        A query or a key in each column; leading axes, such as heads, are computed side by side.
    mask : (n_k, n_q) of bool, optional
        True where a query may look. Every query needs one key at least.

    Returns
    -------
    (…, n_k, n_q)
        Each column sums to 1.
    """
    _every_query_sees_a_key(mask)
    S = _scores(Q, K, mask)
    e = np.exp(S - S.real.max(axis=-2, keepdims=True))
    return e / e.sum(axis=-2, keepdims=True)


def _scores(Q: Array, K: Array, mask: Array | None) -> Array:
    """KᵀQ/√d, and minus infinity where a query may not look."""
    S: Array = K.swapaxes(-1, -2) @ Q / math.sqrt(Q.shape[-2])
    return S if mask is None else np.where(mask, S, -np.inf)


def _every_query_sees_a_key(mask: Array | None) -> None:
    if mask is not None and not mask.any(axis=-2).all():
        raise ValueError(f"mask leaves query {int(np.argmin(mask.any(axis=-2)))} no key to look at, expected a True in every column")


def attention(Q: Array, K: Array, V: Array, mask: Array | None = None) -> Array:
    """V softmax(KᵀQ/√d): for each query a mean of the values, weighted by how well it fits their keys.

    Parameters
    ----------
    Q, K, mask
        As for `attention_weights`.
    V : (…, d_v, n_k)

    Returns
    -------
    (…, d_v, n_q)

    Examples
    --------
    >>> attention(np.zeros((1, 1)), np.ones((1, 2)), np.array([[1.0, 3.0]]))
    array([[2.]])
    """
    return V @ attention_weights(Q, K, mask)


def attention_vjp(Q: Array, K: Array, V: Array, g: Array, mask: Array | None = None) -> tuple[Array, Array, Array]:
    """The gradients of Q, K and V, each of its shape, from that of the result, g (…, d_v, n_q)."""
    A = attention_weights(Q, K, mask)
    dA = V.swapaxes(-1, -2) @ g
    dS = A * (dA - (A * dA).sum(axis=-2, keepdims=True)) / math.sqrt(Q.shape[-2])
    return K @ dS, Q @ dS.swapaxes(-1, -2), g @ A.swapaxes(-1, -2)


def streaming_attention(Q: Array, K: Array, V: Array, mask: Array | None = None, size: int = 64) -> tuple[Array, Array]:
    """`attention` that takes the keys in blocks and never holds all weights.

    Parameters
    ----------
    Q, K, V, mask
        As for `attention`.
    size : int
        Keys in a block.

    Returns
    -------
    O : (…, d_v, n_q)
        The result.
    lse : (…, 1, n_q)
        The log-sum-exp of each query's scores, from which `streaming_attention_vjp` makes the weights again.

    Examples
    --------
    >>> O, lse = streaming_attention(np.zeros((1, 1)), np.ones((1, 2)), np.array([[1.0, 3.0]]), size=1)
    >>> print(O, lse - np.log(2))
    [[2.]] [[0.]]
    """
    _every_query_sees_a_key(mask)
    m: Any = -np.inf  # numbers of no precision of their own, so that float32 stays float32
    l: Any = 0.0
    o: Any = 0.0
    for keys in _blocks(K, size):
        S = _scores(Q, K[..., keys], None if mask is None else mask[keys])
        larger = np.maximum(m, S.real.max(axis=-2, keepdims=True))
        shift = np.where(np.isfinite(larger), larger, 0)  # of a query that has seen no key yet, every exponential is 0
        kept, e = np.exp(m - shift), np.exp(S - shift)
        m, l, o = larger, kept * l + e.sum(axis=-2, keepdims=True), kept * o + V[..., keys] @ e
    return o / l, m + np.log(l)


def streaming_attention_vjp(
    Q: Array, K: Array, V: Array, O: Array, lse: Array, g: Array, mask: Array | None = None, size: int = 64
) -> tuple[Array, Array, Array]:
    """The gradients of Q, K and V by blocks of keys, from what `streaming_attention` returned and g, the gradient of O."""
    dQ, dK, dV = np.zeros_like(Q), np.zeros_like(K), np.zeros_like(V)
    D = (g * O).sum(axis=-2, keepdims=True)
    for keys in _blocks(K, size):
        A = np.exp(_scores(Q, K[..., keys], None if mask is None else mask[keys]) - lse)
        dS = A * (V[..., keys].swapaxes(-1, -2) @ g - D) / math.sqrt(Q.shape[-2])
        dQ += K[..., keys] @ dS
        dK[..., keys] = Q @ dS.swapaxes(-1, -2)
        dV[..., keys] = g @ A.swapaxes(-1, -2)
    return dQ, dK, dV


def _blocks(K: Array, size: int) -> list[slice]:
    if size < 1:
        raise ValueError(f"size is {size}, expected at least one key in a block")
    return [slice(start, start + size) for start in range(0, K.shape[-1], size)]


# ── Embedding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def embedding(E: Array, tokens: Array) -> Array:
    """The columns of E that the tokens name: E times one-hot columns, without the product.

    Parameters
    ----------
    E : (d, words)
    tokens : whole numbers from 0 to words - 1, of any shape

    Returns
    -------
    (d, *tokens.shape)

    Examples
    --------
    >>> embedding(np.array([[1.0, 2.0, 3.0]]), np.array([2, 0, 2]))
    array([[3., 1., 3.]])
    """
    return E[:, tokens]


def embedding_vjp(E: Array, tokens: Array, g: Array) -> Array:
    """The gradient of E (d, words) from that of the result, g (d, *tokens.shape): a word used twice collects both."""
    dE = np.zeros_like(E, dtype=g.dtype)
    np.add.at(dE.T, tokens.ravel(), g.reshape(len(g), -1).T)  # dE[:, tokens] += g would keep one of the uses
    return dE


# ── A recurrent cell ──────────────────────────────────────────────────────────────────────────────────────────────────


def recurrent_cell(x: Array, h: Array, W: Array, U: Array, b: Array) -> Array:
    """tanh(W x + U h + b): the next state from an input and the state before.

    Parameters
    ----------
    x : (n_x, m)
    h : (n_h, m)
    W, U, b : (n_h, n_x), (n_h, n_h), (n_h, 1)

    Returns
    -------
    (n_h, m)

    Examples
    --------
    >>> recurrent_cell(np.zeros((1, 1)), np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 1)))
    array([[0.]])
    """
    return np.tanh(W @ x + U @ h + b)


def recurrent_cell_vjp(x: Array, h: Array, W: Array, U: Array, after: Array, g: Array) -> tuple[Array, Array, Array, Array, Array]:
    """The gradients of x, h, W, U and b from g (n_h, m), that of the next state `after`, which the forward pass kept."""
    delta = (1 - after * after) * g
    return W.T @ delta, U.T @ delta, delta @ x.T, delta @ h.T, delta.sum(axis=1, keepdims=True)


# ── Convolution and pooling ───────────────────────────────────────────────────────────────────────────────────────────


def _patches(x: Array, height: int, width: int, stride: int, padding: int) -> Array:
    """Each place that the kernel visits as a column: (c, height, width, rows, columns, m), a view of the padded x."""
    if padding:
        inside, x = x, np.zeros((len(x), x.shape[1] + 2 * padding, x.shape[2] + 2 * padding, x.shape[3]), x.dtype)  # np.pad takes three times as long
        x[:, padding:-padding, padding:-padding] = inside
    if x.shape[1] < height or x.shape[2] < width:
        raise ValueError(f"a kernel of {height} × {width} does not fit into images of {x.shape[1]} × {x.shape[2]}, padding included")
    windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(1, 2))
    return windows[:, ::stride, ::stride].transpose(0, 4, 5, 1, 2, 3)


def _put_back(d: Array, shape: tuple[int, ...], stride: int, padding: int) -> Array:
    """The transpose of `_patches`: every patch is added where it was taken."""
    c, height, width, rows, columns, m = d.shape
    padded = np.zeros((c, shape[1] + 2 * padding, shape[2] + 2 * padding, m), d.dtype)
    for i in range(height):
        for j in range(width):
            padded[:, i : i + stride * rows : stride, j : j + stride * columns : stride] += d[:, i, j]
    return padded[:, padding : padding + shape[1], padding : padding + shape[2]]


def convolution(x: Array, K: Array, b: Array, stride: int = 1, padding: int = 0) -> Array:
    """A kernel laid on the image at every place, multiplied and summed; not turned over, as in all libraries of nets.

    Parameters
    ----------
    x : (c_in, height, width, m)
        Images, an example in the last axis.
    K : (c_out, c_in, k_height, k_width)
    b : (c_out, 1)
    stride : int
        From place to place.
    padding : int
        Rows and columns of zeros around the image.

    Returns
    -------
    (c_out, rows, columns, m)
        With rows = (height + 2 padding - k_height) // stride + 1, and columns likewise.

    Examples
    --------
    >>> x = np.arange(4.0).reshape(1, 1, 4, 1)
    >>> convolution(x, np.array([-1.0, 1.0]).reshape(1, 1, 1, 2), np.zeros((1, 1))).ravel()
    array([1., 1., 1.])
    """
    patches = _patches(x, K.shape[2], K.shape[3], stride, padding)
    a = K.reshape(len(K), -1) @ patches.reshape(K[0].size, -1) + b
    return a.reshape(len(K), *patches.shape[3:])


def convolution_vjp(x: Array, K: Array, g: Array, stride: int = 1, padding: int = 0) -> tuple[Array, Array, Array]:
    """The gradients of x, K and b, each of its shape, from that of the result, g (c_out, rows, columns, m)."""
    patches = _patches(x, K.shape[2], K.shape[3], stride, padding)
    G = g.reshape(len(K), -1)
    dK = (G @ patches.reshape(K[0].size, -1).T).reshape(K.shape)
    dx = _put_back((K.reshape(len(K), -1).T @ G).reshape(patches.shape), x.shape, stride, padding)
    return dx, dK, G.sum(axis=1, keepdims=True)


def _tiles(x: Array, size: int) -> Array:
    """x (c, height, width, m) cut into tiles, (c, rows, columns, size², m)."""
    c, height, width, m = x.shape
    if height % size or width % size:
        raise ValueError(f"images of {height} × {width} do not divide into tiles of {size} × {size}")
    return x.reshape(c, height // size, size, width // size, size, m).swapaxes(2, 3).reshape(c, height // size, width // size, size**2, m)


def _untiled(tiles: Array, size: int) -> Array:
    c, rows, columns, _, m = tiles.shape
    return tiles.reshape(c, rows, columns, size, size, m).swapaxes(2, 3).reshape(c, rows * size, columns * size, m)


def max_pool(x: Array, size: int = 2) -> Array:
    """The largest number of each tile of size × size.

    Parameters
    ----------
    x : (c, height, width, m)
        Height and width are multiples of size.

    Returns
    -------
    (c, height / size, width / size, m)

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(1, 4, 4, 1)).ravel()
    array([ 5.,  7., 13., 15.])
    """
    tiles = _tiles(x, size)
    return np.take_along_axis(tiles, tiles.real.argmax(axis=3, keepdims=True), axis=3)[:, :, :, 0]


def max_pool_vjp(x: Array, g: Array, size: int = 2) -> Array:
    """The gradient of x from that of the result, g: all of it to the largest of the tile; of several, to the first, row by row."""
    tiles = _tiles(x, size)
    d = np.zeros(tiles.shape, g.dtype)
    np.put_along_axis(d, tiles.real.argmax(axis=3, keepdims=True), g[:, :, :, None], axis=3)
    return _untiled(d, size)


def mean_pool(x: Array, size: int = 2) -> Array:
    """The mean of each tile of size × size; shapes as for `max_pool`."""
    return _tiles(x, size).mean(axis=3)


def mean_pool_vjp(x: Array, g: Array, size: int = 2) -> Array:
    """The gradient of x from that of the result, g: an equal share for each number of the tile."""
    return np.repeat(np.repeat(g / size**2, size, axis=1), size, axis=2)


# ── Products with a Jacobian and with a Hessian ───────────────────────────────────────────────────────────────────────


def jvp(f: Callable[[Array], Any], x: Any, v: Any) -> Array:
    """J v: how f(x) moves as x moves along v; a few values of f, however many inputs there are.

    By a complex step, exact to rounding, where f takes complex numbers and real differences find the same; by those otherwise,
    to some ten digits. At a kink the two sides are averaged.

    Parameters
    ----------
    f : function of an array
    x, v : arrays of one shape

    Returns
    -------
    as f(x)

    Examples
    --------
    >>> jvp(np.exp, np.array([0.0, 1.0]), np.array([2.0, 0.0]))
    array([2., 0.])
    """
    x, v = parameter(x, "x"), parameter(v, "v")
    if x.shape != v.shape:
        raise ValueError(f"v has shape {v.shape}, expected {x.shape}, the shape of x")
    x, v = x.astype(np.float64), v.astype(np.float64)
    length = float(np.abs(v / np.maximum(1.0, np.abs(x))).max(initial=0.0)) or 1.0  # no entry moves by more than itself

    def central(t: float) -> Array:
        return (np.asarray(f(x + t * v), np.float64) - f(x - t * v)) / (2 * t)

    t = 2.0**-9 / length
    real = (4 * central(t / 2) - central(t)) / 3
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            value = np.asarray(f(x + 1e-20j / length * v))
    except Exception:  # whatever f raises for complex numbers, it does not take them
        return real
    if value.dtype.kind != "c":
        return real
    by_complex = value.imag * (length / 1e-20)
    scale = max(float(np.abs(by_complex).max(initial=0.0)), float(np.abs(np.asarray(f(x))).max(initial=0.0)) * length)
    same = any(bool((np.abs(by_complex - found) <= 1e-5 * scale).all()) for found in (real, central(2.0**-22 / length)))
    return by_complex if same else real


def hvp(gradient: Callable[[Array], Array], x: Any, v: Any) -> Array:
    """H v, the Hessian of a cost times v, without the Hessian: the JVP of its gradient.

    Parameters
    ----------
    gradient : function
        The gradient of the cost, in the shape of its argument.
    x, v : arrays of one shape

    Returns
    -------
    array of that shape

    Examples
    --------
    >>> hvp(lambda w: 3 * w**2, np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    found = jvp(gradient, x, v)
    if found.shape != np.shape(x):
        raise ValueError(f"gradient returned shape {found.shape}, expected {np.shape(x)}, the shape of x")
    return found
