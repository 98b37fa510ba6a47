"""11.2: text A repaired, for tanh and from the activations alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, CARRIED, Array, hidden_error, prime
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_tanh(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 1, 1)):
        z = rng.normal(size=(n, m))
        if n == 4:
            z[0, :2] = rng.uniform(4, 5, size=2) * [1, -1]  # all but flat, and not flat
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), np.tanh(z))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", args))
    return cases


def _repair_recursion(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (1 - a**2)


def _repair_recursion_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ np.tanh(z))), np.arctanh(a))


def _in_parts(slope: Callable[[Array], Any] = lambda a: 1 - a**2, **parts: Any) -> Answer:
    return hidden_error(slope, **parts)


EXERCISE = Exercise(
    id="11.2",
    name="repair_recursion",
    title="Text A repaired, for tanh and from the activations alone",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_tanh,
    allows=ALLOWED,
    reference=_repair_recursion,
    plain=(2,),
    oracle=_repair_recursion_oracle,
    hints=(
        "The shape of the formula is right: go back through the weights, then scale every entry. Only the factor is another one.",
        "You need tanh'(z) and have no z, only a = tanh(z). Write tanh as a quotient of exponentials, or use cosh: what is the slope in terms of a?",
        "The slope of tanh is 1 where a is 0, and dies out where a nears 1 or -1 from inside. It is a polynomial of degree 2 in a.",
    ),
    mistakes=(
        Mistake(
            "slope of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (1 - a**2)),
            "You scale before you go back through the weights. The slope belongs to the layer that you arrive at.",
        ),
        Mistake(
            "matrix product with the slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) @ (1 - a**2),
            "You join the slope with a matrix product. Each entry of the error is scaled by the slope at its own place.",
        ),
        Mistake(
            "slope added",
            lambda W_next, delta_next, a: W_next.T @ delta_next + (1 - a**2),
            "You add the slope. Links of a chain, one after the other, are multiplied.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "slope",
                    lambda a: (1 - a**2) ** 2,
                    "slope squared",
                    "The slope is in it twice. On the way back the activation function is passed once.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: -2 * a,
                    "slope of the slope",
                    "You differentiate 1 - a² once more. 1 - a² is the slope already, written with the activation.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: 1 / (1 + a**2),
                    "slope of the arctangent",
                    "1 over 1 + a² is the slope of the arctangent. These neurons are tanh.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: a,
                    "as published",
                    "That is the published line: scaled by how active the neuron is. With tanh it even turns the sign of every error whose "
                    "activation is negative.",
                ),
                Slip(
                    "slope",
                    lambda a: a * (1 - a),
                    "the sigmoid's slope",
                    "a(1 - a) is the slope of the sigmoid, written through its own activation. These neurons are tanh, and at a = 0 tanh is at its "
                    "steepest.",
                ),
                Slip(
                    "slope",
                    lambda a: 1 - a,
                    "1 - a, not squared",
                    "Your slope is 2 where a nears -1 and 0 where it nears 1. The curve of tanh looks the same on both sides.",
                ),
                Slip(
                    "slope",
                    lambda a: 1 + a**2,
                    "plus for minus",
                    "Your slope grows where a nears 1 or -1. There tanh is flat.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: (1 - a) ** 2,
                    "1 - a, squared as a whole",
                    "You square the difference. The curve of tanh looks the same on both sides, and your slope does not.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: 1 - np.abs(a),
                    "size of a for its square",
                    "Your slope has the right ends, 1 at a = 0 and 0 where a nears 1 or -1, and runs straight between them. It is a polynomial of "
                    "degree 2 in a.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: a**2,
                    "a² alone",
                    "Your factor is largest where tanh is flat and 0 where it is steepest: it is what is missing to the slope.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: a**2 - 1,
                    "sign",
                    "Every entry has the opposite sign. Tanh rises everywhere: its slope is never negative. Have its two terms changed places?",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: np.sqrt(1 - a**2),
                    "root of the slope",
                    "Your factor is the root of the slope: the rule for sine and cosine, not for tanh and its slope.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    np.abs,
                    "size of a",
                    "You keep the sign right and the size of the activation as the factor. At a = 0 nothing would come back, and there tanh gives "
                    "way most.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda a: 1 - np.tanh(a) ** 2,
                    "slope at a",
                    "You take the slope at a, so tanh is applied once too often. a has been through tanh already.",
                ),
                Slip(
                    "slope",
                    prime,
                    "the sigmoid's slope, at a",
                    "You call the sigmoid's slope, and give it the activation. These neurons are tanh, and a has been through tanh already.",
                ),
                Slip(
                    "slope",
                    lambda a: 1.0,
                    "slope dropped",
                    "You took the wrong factor out and put nothing in its place. That is the error at the activation, and δ is taken at z.",
                ),
                *CARRIED,
            ),
        ),
        Mistake(
            "slope averaged over the examples",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a**2).mean(axis=1, keepdims=True),
            "Every example of yours has the same slope, the mean of all. Each example is at another place of the curve, and has its own.",
        ),
        Mistake(
            "slope at the mean activation",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a.mean(axis=1, keepdims=True) ** 2),
            "Every example of yours has the same slope, that of the mean activation. Each example is at another place of the curve, and has its own.",
        ),
    ),
)
