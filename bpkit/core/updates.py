"""One training step at a time: each takes a network with its gradients and returns a new network, changing nothing.

The steps that remember something return their memory beside the network; None begins.

    net = bp.sgd(net, grads, eta=0.5)
    net, state = bp.momentum(net, grads, state, eta=0.1, mu=0.9)

Regularisation adds to the gradients before the step, for the weights and never for the biases:

    net = bp.sgd(net, bp.l2(net, grads, 1e-4), eta=0.5)

The penalty λ/2 Σw² + λ' Σ|w| is added to the mean cost as it stands: no 1/m and no 1/n in it. Texts that write
λ/2n Σw² mean by λ our λ times the number n of training examples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bpkit.core.functions import Array
from bpkit.core.network import Gradients, Network

Layers = tuple[Any, ...]  # (None, array of layer 1, …, array of layer L)


@dataclass(frozen=True, repr=False, eq=False)
class Velocity:
    """What momentum and Nesterov remember: the velocity v of every parameter, in units of the parameter."""

    W: Layers
    b: Layers

    def __repr__(self) -> str:
        return f"Velocity(layers 1 to {len(self.W) - 1})"


@dataclass(frozen=True, repr=False, eq=False)
class AdamState:
    """What Adam remembers: running means of the gradient and of its square, and the number t of steps taken."""

    mean: Velocity
    square: Velocity
    t: int

    def __repr__(self) -> str:
        return f"AdamState(layers 1 to {len(self.mean.W) - 1}, t = {self.t})"


def sgd(net: Network, grads: Gradients, *, eta: float) -> Network:
    """One step of gradient descent, w ← w - η ∂C/∂w.

    Parameters
    ----------
    net : Network
    grads : Gradients
        From backward(net, cache, y).
    eta : float
        Learning rate η > 0.

    Returns
    -------
    Network
        A new one; `net` is as it was.

    Raises
    ------
    ValueError
        If η is not above 0, or the gradients belong to a network of other sizes.

    Examples
    --------
    >>> from bpkit.core.network import backward, cost_of, forward, init
    >>> net = init([2, 3, 1], rng=np.random.default_rng(0))
    >>> x, y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([[0.0, 1.0]])
    >>> after = sgd(net, backward(net, forward(net, x), y), eta=0.5)
    >>> cost_of(after, x, y) < cost_of(net, x, y)
    True
    """
    _check(net, grads, eta=eta)
    W, b = _each(lambda w, g: w - eta * g, net, grads)
    return replace(net, W=W, b=b)


def momentum(net: Network, grads: Gradients, state: Velocity | None = None, *, eta: float, mu: float = 0.9) -> tuple[Network, Velocity]:
    """One step with momentum, v ← μ v - η ∂C/∂w and w ← w + v.

    Parameters
    ----------
    net : Network
    grads : Gradients
    state : Velocity or None
        The velocity that the last step returned; None for the first step, from rest.
    eta, mu : float
        Learning rate η > 0, and 0 ≤ μ < 1: how much of the velocity survives a step.

    Returns
    -------
    (Network, Velocity)

    Source
    ------
    Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
    """
    v = _carried_on(net, grads, state, eta, mu)
    W, b = _each(lambda w, v: w + v, net, v)
    return replace(net, W=W, b=b), v


def nesterov(net: Network, grads: Gradients, state: Velocity | None = None, *, eta: float, mu: float = 0.9) -> tuple[Network, Velocity]:
    """One step of Nesterov's accelerated gradient: the gradient is taken where momentum is about to carry the network.

    The network in hand is that place ahead, w = θ + μ v, so the ordinary backward pass gives the gradient there. One
    step is v ← μ v - η ∂C/∂w, then w ← w + μ v - η ∂C/∂w: momentum's step, with the velocity counted once more.

    Parameters
    ----------
    net : Network
    grads : Gradients
    state : Velocity or None
        The velocity that the last step returned; None for the first step, from rest.
    eta, mu : float
        Learning rate η > 0, and 0 ≤ μ < 1: how much of the velocity survives a step.

    Returns
    -------
    (Network, Velocity)

    Source
    ------
    Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep learning" (2013);
    written for the place ahead by Bengio, Boulanger-Lewandowski and Pascanu, "Advances in optimizing recurrent
    networks" (2013).
    """
    v = _carried_on(net, grads, state, eta, mu)
    W, b = _each(lambda w, v, g: w + mu * v - eta * g, net, v, grads)
    return replace(net, W=W, b=b), v


def adam(
    net: Network,
    grads: Gradients,
    state: AdamState | None = None,
    *,
    eta: float = 1e-3,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Network, AdamState]:
    """One step of Adam: w ← w - η m̂ / (√ŝ + ε), with m̂ and ŝ the running means of g and g², freed of their start at 0.

    Parameters
    ----------
    net : Network
    grads : Gradients
    state : AdamState or None
        What the last step returned; None for the first step.
    eta : float
        Learning rate η > 0: about how far a parameter moves in a step.
    beta1, beta2 : float
        How much of the running mean of g, and of g², survives a step; in [0, 1).
    epsilon : float
        Keeps the quotient finite where all gradients were 0.

    Returns
    -------
    (Network, AdamState)

    Source
    ------
    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.
    """
    _check(net, grads, eta=eta, beta1=beta1, beta2=beta2, epsilon=epsilon)
    last = state or AdamState(_at_rest(net), _at_rest(net), 0)
    t = last.t + 1
    mean = Velocity(*_each(lambda m, g: beta1 * m + (1 - beta1) * g, last.mean, grads))
    square = Velocity(*_each(lambda s, g: beta2 * s + (1 - beta2) * g * g, last.square, grads))

    def step(w: Array, m: Array, s: Array) -> Array:
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        return w - eta * m_hat / (np.sqrt(s_hat) + epsilon)

    W, b = _each(step, net, mean, square)
    return replace(net, W=W, b=b), AdamState(mean, square, t)


def l2(net: Network, grads: Gradients, strength: float) -> Gradients:
    """The gradients of the cost plus λ/2 Σw² over all weights: adds λ w to ∂C/∂w.

    Examples
    --------
    >>> from bpkit.core.network import backward, forward, init
    >>> net = init([2, 1], rng=np.random.default_rng(0))
    >>> grads = backward(net, forward(net, np.ones((2, 1))), np.ones((1, 1)))
    >>> bool(np.allclose(l2(net, grads, 0.1).W[1] - grads.W[1], 0.1 * net.W[1]))
    True
    """
    _check(net, grads, l2=strength)
    return _with_weights(grads, lambda g, w: g + strength * w, net)


def l1(net: Network, grads: Gradients, strength: float) -> Gradients:
    """The gradients of the cost plus λ Σ|w| over all weights: adds λ sign(w), which is 0 at w = 0."""
    _check(net, grads, l1=strength)
    return _with_weights(grads, lambda g, w: g + strength * np.sign(w), net)


def penalty(net: Network, *, l1: float = 0.0, l2: float = 0.0) -> float:
    """What l1 and l2 add to the mean cost: l1 Σ|w| + l2/2 Σw², over all weights and no bias.

    Examples
    --------
    >>> from bpkit.core.network import init
    >>> net = init([2, 1], rng=np.random.default_rng(0))
    >>> penalty(net, l2=0.0)
    0.0
    """
    return float(sum(l1 * np.abs(W).sum() + l2 / 2 * (W * W).sum() for W in net.W[1:]))


def _each(step: Callable[..., Array], *holders: Any) -> tuple[Layers, Layers]:
    """step applied to the matching arrays of everything that has W and b, layer by layer."""
    W = (None, *(step(*arrays) for arrays in zip(*(holder.W[1:] for holder in holders), strict=True)))
    b = (None, *(step(*arrays) for arrays in zip(*(holder.b[1:] for holder in holders), strict=True)))
    return W, b


def _with_weights(grads: Gradients, change: Callable[[Array, Array], Array], net: Network) -> Gradients:
    return replace(grads, W=(None, *(change(g, w) for g, w in zip(grads.W[1:], net.W[1:], strict=True))))


def _carried_on(net: Network, grads: Gradients, state: Velocity | None, eta: float, mu: float) -> Velocity:
    """The velocity after a step, μ v - η ∂C/∂w."""
    _check(net, grads, eta=eta, mu=mu)
    return Velocity(*_each(lambda v, g: mu * v - eta * g, state or _at_rest(net), grads))


def _at_rest(net: Network) -> Velocity:
    return Velocity(*_each(np.zeros_like, net))


def _check(net: Network, grads: Gradients, **settings: float) -> None:
    """Raise unless the gradients have the network's shapes and the settings lie where they make sense."""
    check_settings(**settings)
    found = [None if W is None else W.shape for W in grads.W]
    wanted = [None if W is None else W.shape for W in net.W]
    if found != wanted:
        raise ValueError(f"the gradients' W have shapes {found}, expected {wanted}: they belong to another network")


def check_settings(**settings: float) -> None:
    """Raise ValueError for a learning rate, a decay or a strength out of its range, by its name."""
    for name, value in settings.items():
        if name in ("eta", "epsilon"):
            sensible, wanted = 0 < value < np.inf, "a finite number above 0"
        elif name in ("l1", "l2"):
            sensible, wanted = 0 <= value < np.inf, "a finite number, 0 or above"
        else:
            sensible, wanted = 0 <= value < 1, "0 or above, and below 1"
        if not sensible:
            raise ValueError(f"{name} is {value}, expected {wanted}")
