"""What the numeric core is compared with: networks and costs written for HIPS autograd, sharing no line with bpkit."""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
from autograd import elementwise_grad, grad, jacobian

import bpkit as bp

ACTIVATIONS = {
    bp.identity: lambda z: 1.0 * z,
    bp.sigmoid: lambda z: 0.5 * (anp.tanh(0.5 * z) + 1.0),
    bp.tanh: lambda z: (anp.exp(2 * z) - 1) / (anp.exp(2 * z) + 1),
    bp.relu: lambda z: 0.5 * (z + anp.abs(z)),
    bp.leaky_relu: lambda z: 0.505 * z + 0.495 * anp.abs(z),
    bp.softplus: lambda z: anp.logaddexp(0.0, z),
    bp.softmax: lambda z: anp.exp(z) / anp.sum(anp.exp(z), axis=0, keepdims=True),
}
COSTS = {
    bp.quadratic: lambda a, y: anp.sum((a - y) ** 2) / (2 * y.shape[1]),
    bp.binary_cross_entropy: lambda a, y: -anp.sum(y * anp.log(a) + (1 - y) * anp.log(1 - a)) / y.shape[1],
    bp.cross_entropy: lambda a, y: -anp.sum(y * anp.log(a)) / y.shape[1],
}


def cost(parameters, sigmas, cost_name, x, y):
    """The mean cost of a network given as a list of (W, b)."""
    a = x
    for (W, b), sigma in zip(parameters, sigmas, strict=True):
        a = ACTIVATIONS[sigma](anp.dot(W, a) + b)
    return COSTS[cost_name](a, y)


def cost_and_gradients(net: bp.Network, x: np.ndarray, y: np.ndarray):
    """The cost, and [(∂C/∂W[l], ∂C/∂b[l]) for l = 1 … L]."""
    parameters = list(zip(net.W[1:], net.b[1:], strict=True))
    arguments = (net.activations[1:], net.cost, x, y)
    return cost(parameters, *arguments), grad(cost)(parameters, *arguments)


def derivative(sigma: bp.Activation, z: np.ndarray) -> np.ndarray:
    """σ'(z) of an elementwise activation."""
    return elementwise_grad(ACTIVATIONS[sigma])(z)


def jacobian_of(sigma: bp.Activation, z: np.ndarray) -> np.ndarray:
    """∂a/∂z of one example given as (n,)."""
    return jacobian(lambda column: ACTIVATIONS[sigma](column[:, None])[:, 0])(z)


def output_error(sigma: bp.Activation, cost_name: bp.Cost, z: np.ndarray, y: np.ndarray) -> np.ndarray:
    """∂C_x/∂z, one example per column."""
    return grad(lambda z: COSTS[cost_name](ACTIVATIONS[sigma](z), y))(z) * y.shape[1]


def targets(cost_name: bp.Cost, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Random targets that this cost accepts; distributions for cross-entropy."""
    if cost_name is bp.cross_entropy:
        return rng.dirichlet(np.ones(shape[0]), shape[1]).T
    return rng.uniform(0.05, 0.95, shape)
