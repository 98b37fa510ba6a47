"""05.7: the Jacobian of one layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_05.shared import Array, sigmoid_prime
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.products import product_of


def _cases_jacobian(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W_next {n_next}×{n}", (rng.normal(size=(n_next, n)), rng.normal(size=(n, 1)))) for n_next, n in ((3, 3), (2, 4), (4, 1))]


def _which_factor_of_a_column(returned: Any, W_next: Array, z: Array) -> str | None:
    """By what the first wrong column of the weights is multiplied, where it is a product of slopes or activations."""
    try:
        found = np.asarray(returned)
    except ValueError:  # a ragged list
        return None
    if found.shape != W_next.shape or found.dtype.kind != "f" or not np.isfinite(found).all():
        return None
    wrong = np.flatnonzero(~np.isclose(found, W_next * sigmoid_prime(z).T, rtol=1e-7, atol=0).all(axis=0))
    if not len(wrong):
        return None
    column = int(wrong[0])
    ratios = found[:, column] / W_next[:, column]
    if not np.allclose(ratios, ratios[0], rtol=1e-7, atol=0):
        return None
    factors = {f"σ'(z[{i}])": float(sigmoid_prime(z[i, 0])) for i in range(len(z))}
    factors |= {f"σ(z[{i}])": float(sigmoid(z[i, 0])) for i in range(len(z))} | {"2": 2.0, "½": 0.5}
    words = product_of(float(ratios[0]), factors, most=2)
    return f"For W_next {len(W_next)}×{len(z)}: you multiply column {column} of W_next (counting from 0) by {words}." if words else None


EXERCISE = Exercise(
    id="05.7",
    name="layer_jacobian",
    title="The Jacobian of one layer",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_jacobian,
    reference=lambda W_next, z: W_next * sigmoid_prime(z).T,
    explain=_which_factor_of_a_column,
    oracle=lambda W_next, z: oracles.jacobian(lambda moved: W_next @ sigmoid(moved), z)[:, 0, :, 0],
    hints=(
        "Entry (k, j) is the derivative from 05.1. Write the entries of a 2×2 case down: which factor changes along a row, which down a column?",
        "A Jacobian of a composition is the product of the Jacobians, the outer one on the left. Here: weights after activation.",
        "The activation's Jacobian is diagonal, with the slopes on it. Multiplying by a diagonal matrix from the right scales columns.",
    ),
    mistakes=(
        Mistake(
            "diag on the wrong side",
            lambda W_next, z: np.diag(sigmoid_prime(z).ravel()) @ W_next,
            "Your slopes scale the rows of W_next, one for each neuron k of the next layer. The slopes belong to the neurons j that the weights "
            "come from.",
        ),
        Mistake(
            "transposed",
            lambda W_next, z: (W_next * sigmoid_prime(z).T).T,
            "This is the matrix that carries errors back. The Jacobian of the forward step has a row for each output, a neuron of the next layer.",
        ),
        Mistake(
            "σ' left out", lambda W_next, z: W_next + 0 * z.T, "That is the Jacobian with respect to the activations. One link further back stands z."
        ),
        Mistake(
            "a for σ'",
            lambda W_next, z: W_next * sigmoid(z).T,
            "You scale by the activations. A Jacobian holds derivatives: how fast does each activation change?",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda W_next, z: W_next * sigmoid_prime(sigmoid(z)).T,
            "The slopes are taken at the activations. Take them at z, where the activation function was applied.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda W_next, z: W_next * (z * (1 - z)).T,
            "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "product with the vector of slopes",
            lambda W_next, z: W_next @ sigmoid_prime(z),
            "A matrix times the vector of slopes sums over j and leaves a column. The Jacobian keeps every pair (k, j) apart.",
        ),
        Mistake(
            "z for σ'",
            lambda W_next, z: W_next * z.T,
            "You scale by z itself. A Jacobian holds derivatives: how fast does each activation change?",
        ),
        Mistake(
            "1 - a for σ'",
            lambda W_next, z: W_next * (1 - sigmoid(z)).T,
            "Your factor 1 - a is half of the sigmoid's slope. The slope is a product of two factors, and the other one is missing.",
        ),
        Mistake(
            "slope of the next layer",
            lambda W_next, z: W_next * sigmoid_prime(W_next @ sigmoid(z)),
            "You take the slopes at z of the next layer, where this Jacobian ends. On the way lies the activation function of this layer.",
        ),
        Mistake(
            "slopes of both layers",
            lambda W_next, z: sigmoid_prime(W_next @ sigmoid(z)) * W_next * sigmoid_prime(z).T,
            "One slope too many: you go on to the activations of the next layer. Asked is how its z moves.",
        ),
        Mistake(
            "slope added",
            lambda W_next, z: W_next + sigmoid_prime(z).T,
            "You add the slopes. Links of a chain, one after the other, are multiplied.",
        ),
        Mistake(
            "slope of the product",
            lambda W_next, z: sigmoid_prime(W_next * z.T),
            "You put the weights inside the activation function. First comes the activation of z, then the weights: the two links are multiplied.",
        ),
        Mistake(
            "first slope for all",
            lambda W_next, z: W_next * sigmoid_prime(z)[0, 0],
            "You scale every column by the slope of the first neuron. Did you give `np.diag` a column? It makes a matrix of a flat array; out of a "
            "column it takes the one entry on its diagonal.",
        ),
        Mistake(
            "one slope for all",
            lambda W_next, z: W_next * sigmoid_prime(z).mean(),
            "You take the mean of the slopes. Each neuron that a weight comes from has a slope of its own.",
        ),
        Mistake(
            "sign",
            lambda W_next, z: -W_next * sigmoid_prime(z).T,
            "Every entry has the opposite sign. The slope of a sigmoid is positive, so the weight alone decides the sign.",
        ),
        Mistake(
            "slope at the weighted z",
            lambda W_next, z: W_next * sigmoid_prime(W_next * z.T),
            "You take the slopes at the weights times z, as if the weights came first. z goes into the activation function as it is; the weights "
            "come after.",
        ),
        Mistake(
            "slope of the next layer without its activations",
            lambda W_next, z: W_next * sigmoid_prime(W_next @ z),
            "You take the slopes at W_next times z, one for each row. On its way from z to the next layer a change passes the activation function "
            "of this layer, "
            "at z.",
        ),
        Mistake(
            "slopes divided by their sum",
            lambda W_next, z: W_next * (sigmoid_prime(z) / sigmoid_prime(z).sum()).T,
            "You divide the slopes by their sum. Each of them counts fully: nothing is shared out.",
        ),
        Mistake(
            "slope of relu",
            lambda W_next, z: W_next * (z > 0).T,
            "Your slopes are 1 and 0, those of relu. These neurons are sigmoids.",
        ),
        Mistake(
            "slope of tanh at z",
            lambda W_next, z: W_next * (1 - np.tanh(z) ** 2).T,
            "Your slopes are those of tanh. These neurons are sigmoids.",
        ),
        Mistake(
            "slope of tanh",
            lambda W_next, z: W_next * (1 - sigmoid(z) ** 2).T,
            "1 - a² is the slope of tanh, written with its activation. These neurons are sigmoids.",
        ),
    ),
)
