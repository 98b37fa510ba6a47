"""The named equations of lesson 08, each with both sides as they are written."""

from __future__ import annotations

import numpy as np

from bpkit.equations.model import Array, Form, Sides, equation
from bpkit.equations.worlds import softmax


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
    return np.array([-np.log(softmax(np.full((K, 1), z))[K // 2, 0]) for K in classes]), np.log(classes)


EQUATIONS = (
    equation(
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
    equation(
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
)
