"""11.12: the relu repaired: the slope from the output."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, AVERAGED, PATHS_AVERAGED, Array, analytic_relu
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 3, 1)):
        z = rng.normal(size=(n, m))
        z[0, 0], z[1, 0] = abs(z[0, 0]), -abs(z[1, 0])  # in every case one neuron is on and one is off
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), analytic_relu(z))))
    return cases


def _repair_relu(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (a > 0)


def _repair_relu_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    # where a is 0 any negative z has led to it
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ analytic_relu(z))), np.where(a > 0, a, -1.0))


EXERCISE = Exercise(
    id="11.12",
    name="repair_relu",
    title="The relu repaired: the slope from the output",
    points=2,
    minutes=3,
    difficulty=1,
    cases=_cases_relu,
    allows=ALLOWED,
    reference=_repair_relu,
    oracle=_repair_relu_oracle,
    hints=(
        "Only a = relu(z) is kept. Can you tell from a whether the neuron was on?",
        "An output of relu is never negative. It is 0 for every neuron that is off, and at z = 0 this course agrees on slope 0.",
        "BP2 as ever, with the transposed weights, then a factor that is 1 where the activation is larger than 0 and 0 elsewhere.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a >= 0),
            "That is the published line: no output of relu is below 0, so your factor is 1 everywhere. Neurons that are off must pass nothing back.",
        ),
        Mistake(
            "a for the slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a,
            "You scale by the activation. Neurons that are off do pass nothing, but those that are on have slope 1, however active they are.",
        ),
        Mistake(
            "condition on the error",
            lambda W_next, delta_next, a: np.maximum(W_next.T @ delta_next, 0),
            "You asked of the error whether it is positive. Relu was applied to z on the way forward; an error may have either sign.",
        ),
        Mistake(
            "condition on both",
            lambda W_next, delta_next, a: np.maximum(W_next.T @ delta_next, 0) * (a > 0),
            "The neurons that are off are right. For those that are on you keep only positive errors; a negative one has to go back as well.",
        ),
        Mistake(
            "those that are off",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a == 0),
            "Your condition is turned round: the error comes back where the neuron was off.",
        ),
        Mistake(
            "sign of a, -1 for off",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.where(a > 0, 1, -1),
            "Neurons that are off pass back the negative of the error. Relu is flat there: they pass back nothing.",
        ),
        Mistake(
            "leaky",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.where(a > 0, 1, 0.01),
            "Neurons that are off pass back a hundredth. That is the slope of leaky relu; this forward pass cut off at 0.",
        ),
        Mistake(
            "transpose forgotten",
            lambda W_next, delta_next, a: (W_next @ delta_next) * (a > 0),
            "The condition is right. The weights are taken in the forward direction; the tutorial's rows need no transpose, your columns do.",
        ),
        Mistake(
            "mask of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (a > 0)),
            "You switch off errors of the next layer. It is neurons of this layer that are on or off.",
        ),
        Mistake("averaged over the examples", lambda W_next, delta_next, a: _repair_relu(W_next, delta_next, a) / a.shape[1], AVERAGED),
        Mistake("mean over the paths", lambda W_next, delta_next, a: _repair_relu(W_next, delta_next, a) / len(W_next), PATHS_AVERAGED),
        Mistake(
            "downhill",
            lambda W_next, delta_next, a: -_repair_relu(W_next, delta_next, a),
            "Every entry has the opposite sign. The tutorial's e point downhill and are added; here δ is the slope itself, as "
            "everywhere in this course.",
        ),
    ),
)
