"""The small nets that run through the whole course, with their numbers fixed, so that every lesson computes with the same ones."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from bpkit.core.functions import Activation, Array, quadratic, sigmoid
from bpkit.core.network import Network


class Running(NamedTuple):
    """A net with one input and its target, or with m of them as columns."""

    net: Network
    x: Array
    y: Array


def two_three_two() -> Running:
    """The course's running net: 2 inputs, 3 hidden neurons, 2 outputs; sigmoid, quadratic cost.

    Its weighted inputs in layer 1 are -1, 0.5 and 2: a neuron that is mostly off, one in the middle and one near its ceiling.

    Examples
    --------
    >>> from bpkit.core.network import forward
    >>> net, x, y = two_three_two()
    >>> forward(net, x).z[1].ravel()
    array([-1. ,  0.5,  2. ])
    """
    W1 = np.array([[0.5, -1.0], [1.5, 0.5], [-1.0, 2.0]])
    b1 = np.array([[0.5], [-2.0], [-1.0]])
    return Running(_net(W1, b1), x=np.array([[1.0], [2.0]]), y=_Y.copy())


def three_three_two() -> Running:
    """Ge Li's shape: 3 inputs, 3 hidden neurons, 2 outputs.

    It differs from the 2-3-2 net in its first layer only, and its weighted inputs there come out the same: -1, 0.5 and 2.

    Examples
    --------
    >>> from bpkit.core.network import forward
    >>> net, x, y = three_three_two()
    >>> forward(net, x).z[1].ravel()
    array([-1. ,  0.5,  2. ])
    """
    W1 = np.array([[0.5, -1.0, 1.0], [1.5, 0.5, -0.5], [-1.0, 2.0, 0.5]])
    b1 = np.array([[1.5], [-2.5], [-0.5]])
    return Running(_net(W1, b1), x=np.array([[1.0], [2.0], [-1.0]]), y=_Y.copy())


def deep(L: int, *, width: int = 30, m: int = 10, activation: Activation = sigmoid, scale: float = 1.0, seed: int = 0) -> Running:
    """A random net with L layers of equal width, for measuring what depth does to an error.

    Parameters
    ----------
    L
        Number of layers with weights.
    width, m
        Neurons in every layer, the input included; examples.
    activation
        Of every layer.
    scale
        The weights have standard deviation scale / √width: at scale 1, z has about the mean square of the activations as its variance.
    seed
        Of the random generator; the same seed gives the same directions at any scale.

    Examples
    --------
    >>> deep(20).net
    Network(30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30-30, sigmoid, quadratic, float64)
    """
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(width, m)), rng.random(size=(width, m))
    W = [scale / np.sqrt(width) * rng.normal(size=(width, width)) for _ in range(L)]
    b = [np.zeros((width, 1)) for _ in range(L)]
    return Running(Network((None, *W), (None, *b), (None, *[activation] * L), quadratic), x, y)


_Y = np.array([[1.0], [0.0]])


def _net(W1: Array, b1: Array) -> Network:
    """The second layer, which both running nets share, behind a first one."""
    W2 = np.array([[1.0, -2.0, 0.5], [-1.5, 1.0, 2.0]])
    b2 = np.array([[0.5], [-1.0]])
    return Network((None, W1, W2), (None, b1, b2), (None, sigmoid, sigmoid), quadratic)
