"""05.1: one derivative: how z_k of the next layer moves with z_j."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.lesson_05.shared import Array, sigmoid_prime
from bpkit.exercises.measured import by_a_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.products import number_of, product_of


def _cases_one(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, k, j, sign, side in ((3, 3, 2, 0, 1, 1), (3, 3, 1, 1, -1, -1), (4, 1, 2, 0, -1, 1), (2, 4, 1, 3, 1, -1)):
        W_next, z = rng.normal(size=(n_next, n)), rng.normal(size=(n, 1))
        W_next[k, j] = sign * abs(W_next[k, j])  # the slope is positive anyway, so that the weight alone decides which way z_k moves
        z[j, 0] = side * abs(z[j, 0])
        cases.append(Case(f"W_next {n_next}×{n}, k = {k}, j = {j}", (W_next, z, k, j)))
    return cases


def _dz_next_dz(W_next: Array, z: Array, k: int, j: int) -> float:
    return float(W_next[k, j] * sigmoid_prime(z[j, 0]))


def _dz_next_dz_oracle(W_next: Array, z: Array, k: int, j: int) -> Array:
    return oracles.jacobian(lambda moved: W_next @ sigmoid(moved), z)[k, 0, j, 0]


def _which_factors(returned: Any, W_next: Array, z: Array, k: int, j: int) -> str | None:
    number = number_of(returned)
    if number is None:
        return None
    factors = {f"W_next[{k}, {j}]": float(W_next[k, j])}
    if j < len(W_next) and k < len(z):
        factors[f"W_next[{j}, {k}]"] = float(W_next[j, k])
    factors |= {f"σ'(z[{i}])": float(sigmoid_prime(z[i, 0])) for i in range(len(z))}
    factors |= {f"z[{j}]": float(z[j, 0]), f"σ(z[{j}])": float(sigmoid(z[j, 0])), "2": 2.0, "½": 0.5}
    if not (words := product_of(number, factors)):
        return None
    return f"With k = {k} and j = {j} your number is {words}. Which weight and which slope belong there?"


EXERCISE = Exercise(
    id="05.1",
    name="dz_next_dz",
    title="One derivative: how z_k of the next layer moves with z_j",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_one,
    reference=_dz_next_dz,
    oracle=_dz_next_dz_oracle,
    explain=_which_factors,
    hints=(
        "Write z_k of the next layer as a sum over the neurons of this layer. Which single term contains z_j?",
        "z_j reaches z_k in two links: first through the activation of neuron j, then along one weight. Multiply the derivatives of the two links.",
        "The weight leads to neuron k from neuron j; the activation's slope is taken at z_j. `bp.sigmoid.prime(z)` gives slopes.",
    ),
    mistakes=(
        Mistake(
            "w_jk for w_kj",
            lambda W_next, z, k, j: W_next[j, k] * sigmoid_prime(z[j, 0]),
            "You took the weight in row j, column k. The first index of a weight is where it leads to, the second where it comes from. "
            "Which neuron does this path arrive at?",
        ),
        Mistake(
            "σ' left out",
            lambda W_next, z, k, j: W_next[k, j],
            "That is how z_k moves with the activation a_j. But you are asked about z_j, which lies one link further back: how does a_j move with "
            "z_j?",
        ),
        Mistake(
            "a for σ'",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid(z[j, 0]),
            "You multiply the weight by the activation itself. You want to know how fast the activation changes when z_j moves, not how large it is.",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(sigmoid(z[j, 0])),
            "You take the slope at the activation a_j. The activation function was applied to z_j: that is where its slope is needed.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda W_next, z, k, j: W_next[k, j] * z[j, 0] * (1 - z[j, 0]),
            "You use z(1 - z). The rule a(1 - a) for the sigmoid's slope is right with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "slope alone",
            lambda W_next, z, k, j: sigmoid_prime(z[j, 0]),
            "That is how a_j moves with z_j. One more link leads from a_j to z_k: how strongly does a_j enter there?",
        ),
        Mistake(
            "summed over the neurons j",
            lambda W_next, z, k, j: (W_next @ sigmoid_prime(z))[k, 0],
            "You sum over all neurons of this layer, as if all of them moved. z_j alone moves, and reaches z_k along one weight.",
        ),
        Mistake(
            "sign",
            lambda W_next, z, k, j: -W_next[k, j] * sigmoid_prime(z[j, 0]),
            "The sign is turned. The slope of a sigmoid is positive, so z_k moves the way that the weight says.",
        ),
        Mistake(
            "size of the weight",
            lambda W_next, z, k, j: abs(W_next[k, j]) * sigmoid_prime(z[j, 0]),
            "You take the size of the weight. Along a negative weight z_k falls when z_j rises.",
        ),
        Mistake(
            "slope of neuron k",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z[k, 0]),
            "The weight is the one that is needed, the slope belongs to another neuron. Through whose activation function does z_j pass?",
        ),
        Mistake(
            "z for σ'",
            lambda W_next, z, k, j: W_next[k, j] * z[j, 0],
            "You multiply the weight by z_j itself. That would be the value if neurons passed on z without an activation; you need a derivative.",
        ),
        Mistake(
            "slope of the next layer",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime((W_next @ sigmoid(z))[k, 0]),
            "You take the slope at z_k of the next layer, where the path ends. On its way it passes the activation function of neuron j.",
        ),
        Mistake(
            "slope of the product",
            lambda W_next, z, k, j: sigmoid_prime(W_next[k, j] * z[j, 0]),
            "You put the weight inside the activation function. First comes the activation of z_j, then the weight: the two links are multiplied.",
        ),
        Mistake(
            "1 - a for σ'",
            lambda W_next, z, k, j: W_next[k, j] * (1 - sigmoid(z[j, 0])),
            "Your factor 1 - a is half of the sigmoid's slope. The slope is a product of two factors, and the other one is missing.",
        ),
        Mistake(
            "summed over the neurons k",
            lambda W_next, z, k, j: W_next[:, j].sum() * sigmoid_prime(z[j, 0]),
            "You sum over the neurons of the next layer. One of them is asked about, neuron k; the sum over paths comes with the error.",
        ),
        Mistake(
            "slopes of both layers",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z[j, 0]) * sigmoid_prime((W_next @ sigmoid(z))[k, 0]),
            "One slope too many: you go on to the activation of neuron k. Asked is how its z moves.",
        ),
        Mistake(
            "slope of tanh",
            lambda W_next, z, k, j: W_next[k, j] * (1 - sigmoid(z[j, 0]) ** 2),
            "1 - a² is the slope of tanh, written with its activation. These neurons are sigmoids.",
        ),
        Mistake(
            "slope of tanh at z",
            lambda W_next, z, k, j: W_next[k, j] * (1 - np.tanh(z[j, 0]) ** 2),
            "Your last factor is the slope of tanh. These neurons are sigmoids.",
        ),
        Mistake(
            "counted from 1",
            lambda W_next, z, k, j: W_next[k - 1, j - 1] * sigmoid_prime(z[j - 1, 0]),
            "Your number is that of neurons k - 1 and j - 1. The two indices count from 0, as numpy does.",
        ),
        Mistake(
            "divided by the weight",
            lambda W_next, z, k, j: sigmoid_prime(z[j, 0]) / W_next[k, j],
            "You divide by the weight. A heavier weight passes on more of a change, not less.",
        ),
        Mistake(
            "slope of the first neuron",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z[0, 0]),
            "The weight is the one that is needed, the slope is always that of the first neuron. Through whose activation function does z_j pass?",
        ),
        Mistake(
            "slope of the last neuron",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z[-1, 0]),
            "The weight is the one that is needed, the slope is always that of the last neuron. Through whose activation function does z_j pass?",
        ),
        Mistake(
            "mean of the slopes",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z).mean(),
            "You take the mean of the slopes of this layer. One neuron's slope counts: z_j passes its own activation function alone.",
        ),
        Mistake(
            "sum of the slopes",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(z).sum(),
            "You add up the slopes of this layer. One neuron's slope counts: z_j passes its own activation function alone.",
        ),
        Mistake(
            "slope at the weighted z",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid_prime(W_next[k, j] * z[j, 0]),
            "You take the slope at the weight times z_j, as if the weight came first. z_j goes into its activation function as it is; the weight "
            "comes after.",
        ),
        Mistake(
            "slope of relu",
            lambda W_next, z, k, j: W_next[k, j] * float(z[j, 0] > 0),
            "Your slope is 1 or 0, that of relu. These neurons are sigmoids.",
            recognise=lambda value, W_next, z, k, j: any(agree(value, W_next[k, j] * float(on)) for on in (z[j, 0] > 0, z[j, 0] >= 0)),
        ),
        Mistake(
            "measured",
            lambda W_next, z, k, j: float(W_next[k, j] * (sigmoid(z[j, 0] + 0.01) - sigmoid(z[j, 0])) / 0.01),
            "The weight is right. Beside it stands a difference over a step, near the slope and not equal to it. The slope's formula needs no step.",
            recognise=lambda returned, W_next, z, k, j: by_a_step(returned, lambda h: float(W_next[k, j] * sigmoid(z[j, 0] + h))),
        ),
    ),
)
