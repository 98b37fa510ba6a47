"""11.12: the relu repaired: the slope from the output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_10.shared import RELU
from bpkit.exercises.lesson_11.shared import ALLOWED, CARRIED, Array, analytic_relu, hidden_error
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import mistakes_of


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 3, 1)):
        z = rng.normal(size=(n, m))
        z[0, 0], z[1, 0] = abs(z[0, 0]), -abs(z[1, 0])  # in every case one neuron is on and one is off
        z[2, 0] = rng.uniform(1e-20, 1e-19)  # and one on by very little
        if m > 2:  # between any two limits that somebody may ask for
            z[:3, 1], z[:3, 2] = rng.uniform((0.1, 0.3, 0.55), (0.25, 0.45, 0.95)), rng.uniform((1.1, 1.1, 7), (3, 3, 9))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), analytic_relu(z))))
    return cases


def _repair_relu(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (a > 0)


def _repair_relu_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    # where a is 0 any negative z has led to it
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ analytic_relu(z))), np.where(a > 0, a, -1.0))


def _in_parts(slope: Callable[[Array], Any] = lambda a: a > 0, **parts: Any) -> Answer:
    return hidden_error(slope, **parts)


# where every gradient that passes happens to be positive, cutting off the negative ones is not seen beside another slip
_TOLD = tuple(frozenset({"negative gradients cut off, too", slip.name}) for slip in (*RELU, *CARRIED))

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
    plain=(2,),
    oracle=_repair_relu_oracle,
    hints=(
        "Only a = relu(z) is kept. Can you tell from a whether the neuron was on?",
        "An output of relu is never negative. It is 0 for every neuron that is off, and at z = 0 this course agrees on slope 0.",
        "BP2 as ever, with the transposed weights, then a factor that is 1 where the activation is larger than 0 and 0 elsewhere.",
    ),
    mistakes=(
        Mistake(
            "condition on the error",
            lambda W_next, delta_next, a: np.maximum(W_next.T @ delta_next, 0),
            "You asked of the error whether it is positive. Relu was applied to z on the way forward; an error may have either sign.",
        ),
        Mistake(
            "mask of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (a > 0)),
            "You switch off errors of the next layer. It is neurons of this layer that are on or off.",
        ),
        Mistake(
            "the mask alone",
            lambda W_next, delta_next, a: 1.0 * (a > 0),
            "That is the slope of relu. What comes back through the weights has to meet it.",
        ),
        Mistake(
            "the sigmoid's slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a * (1 - a),
            "a(1 - a) is the slope of the sigmoid, written through its own activation. These neurons are relu: the slope is 1 or 0.",
        ),
        Mistake(
            "the slope of tanh",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a**2),
            "1 - a² is the slope of tanh. These neurons are relu: the slope is 1 or 0.",
        ),
        Mistake(
            "on from 1 only",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a > 1),
            "You let pass what is larger than 1. A neuron is on as soon as its output is larger than 0.",
        ),
        Mistake(
            "errors of one sign only",
            lambda W_next, delta_next, a: (W_next.T @ np.maximum(delta_next, 0)) * (a > 0),
            "You cut off the negative errors of the next layer. An error may have either sign; it is this layer's outputs that say what passes.",
        ),
        Mistake(
            "on for any example",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a.max(axis=1, keepdims=True) > 0),
            "A neuron that is on for one example passes the errors of all. Each example has neurons on and off of its own.",
        ),
        *mistakes_of(_in_parts, (*RELU, *CARRIED), told=_TOLD),
        Mistake(
            "the activation for the slope, up to 1",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.minimum(a, 1.0),
            "Where a neuron is on by less than 1, your factor is its activation. However little it is on, the slope of relu is 1.",
        ),
    ),
)
