"""Six gradients that somebody claims, each beside its cost: for the learner to check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from bpkit.language import translated

Array = np.ndarray


class Claim(NamedTuple):
    """A cost, a point, and what somebody says the gradient is.

    Parameters
    ----------
    letter
        Its name.
    says
        The cost in words.
    C
        The cost: takes an array of W's shape, also a complex one, and returns a number.
    W
        The point that came with the claim.
    gradient
        What is claimed: takes an array of W's shape and returns one.
    """

    letter: str
    says: str
    C: Callable[[Array], Any]
    W: Array
    gradient: Callable[[Array], Array]

    def __repr__(self) -> str:
        return translated(f"{self.letter}: {self.says}; W is {' × '.join(map(str, self.W.shape))}")


def six_claims() -> tuple[Claim, ...]:
    """The claims, A to F; the same at every call.

    Examples
    --------
    >>> six_claims()[1]
    B: a layer of relus against targets, quadratic cost; W is 3 × 2
    """
    return (_form(), _relus(), _lengths(), _classifier(), _fit(), _autoencoder())


def _form() -> Claim:
    A = np.random.default_rng(1).normal(size=(4, 4))
    return Claim("A", "the quadratic form wᵀAw / 2", lambda w: np.sum(w * (A @ w)) / 2, np.random.default_rng(2).normal(size=(4, 1)), lambda w: A @ w)


def _relus() -> Claim:
    rng = np.random.default_rng(3)
    x, y, W = rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(3, 2))
    W[1, 0] -= (W[1] @ x[:, 2] - 2e-6) / x[0, 2]

    def relu(z: Array) -> Array:
        return np.where(z.real > 0, z, 0)

    def C(W: Array) -> Any:
        return np.sum((relu(W @ x) - y) ** 2) / (2 * x.shape[1])

    def gradient(W: Array) -> Array:
        z = W @ x
        return ((relu(z) - y) * (z > 0)) @ x.T / x.shape[1]

    return Claim("B", "a layer of relus against targets, quadratic cost", C, W, gradient)


def _lengths() -> Claim:
    W = np.random.default_rng(5).normal(size=(2, 3))
    return Claim("C", "100 million plus the sum of √(1 + w²)", lambda W: 1e8 + np.sum(np.sqrt(1 + W**2)), W, lambda W: W / np.sqrt(1 + W**2))


def _classifier() -> Claim:
    rng = np.random.default_rng(6)
    x, W, labels, decay = rng.normal(size=(4, 8)), rng.normal(size=(3, 4)), rng.integers(3, size=8), 1e-3
    y = np.eye(3)[labels].T

    def C(W: Array) -> Any:
        z = W @ x
        return np.mean(np.log(np.sum(np.exp(z), axis=0)) - np.sum(y * z, axis=0)) + decay / 2 * np.sum(W**2)

    def gradient(W: Array) -> Array:
        a = np.exp(W @ x)
        return (a / a.sum(axis=0) - y) @ x.T / x.shape[1]

    return Claim("D", "softmax with cross-entropy, plus 0.0005 times the sum of all w²", C, W, gradient)


def _fit() -> Claim:
    rng = np.random.default_rng(7)
    x, y, W = rng.normal(size=(3, 5)) * np.array([[1.0], [1e-7], [1.0]]), rng.normal(size=(2, 5)), rng.normal(size=(2, 3))
    return Claim(
        "E",
        "a linear layer against targets, quadratic cost; the second input is tiny",
        lambda W: np.sum((W @ x - y) ** 2) / (2 * x.shape[1]),
        W,
        lambda W: (W @ x - y) @ x.T / x.shape[1],
    )


def _autoencoder() -> Claim:
    rng = np.random.default_rng(8)
    x, W = rng.normal(size=(3, 6)), rng.normal(size=(3, 3))

    def C(W: Array) -> Any:
        return np.sum((W.T @ W @ x - x) ** 2) / (2 * x.shape[1])

    def gradient(W: Array) -> Array:
        r = W.T @ W @ x - x
        return (W.T @ r @ x.T + W @ x @ r.T) / x.shape[1]

    return Claim("F", "WᵀWx against x itself, quadratic cost", C, (W + W.T) / 2, gradient)
