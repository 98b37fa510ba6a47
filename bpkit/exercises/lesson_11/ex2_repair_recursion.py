"""11.2: text A repaired, for tanh and from the activations alone."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, AVERAGED, PATHS_AVERAGED, Array, prime
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_tanh(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 3, 1)):
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), np.tanh(rng.normal(size=(n, m))))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", args))
    return cases


def _repair_recursion(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (1 - a**2)


def _repair_recursion_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ np.tanh(z))), np.arctanh(a))


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
    oracle=_repair_recursion_oracle,
    hints=(
        "The shape of the formula is right: go back through the weights, then scale every entry. Only the factor is another one.",
        "You need tanh'(z) and have no z, only a = tanh(z). Write tanh as a quotient of exponentials, or use cosh: what is the slope in terms of a?",
        "The slope of tanh is 1 where a is 0, and dies out where a nears 1 or -1 from inside. It is a polynomial of degree 2 in a.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a,
            "That is the published line: scaled by how active the neuron is. With tanh it even turns the sign of every error whose "
            "activation is negative.",
        ),
        Mistake(
            "the sigmoid's slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a * (1 - a),
            "a(1 - a) is the slope of the sigmoid, written through its own activation. These neurons are tanh, and at a = 0 tanh is at its steepest.",
        ),
        Mistake(
            "1 - a, not squared",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a),
            "Your slope is 2 where a nears -1 and 0 where it nears 1. The curve of tanh looks the same on both sides.",
        ),
        Mistake(
            "a² alone",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a**2,
            "Your factor is largest where tanh is flat and 0 where it is steepest: it is what is missing to the slope.",
        ),
        Mistake(
            "size of a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.abs(a),
            "You keep the sign right and the size of the activation as the factor. At a = 0 nothing would come back, and there tanh gives way most.",
        ),
        Mistake(
            "slope at a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - np.tanh(a) ** 2),
            "You take the slope at a, so tanh is applied once too often. a has been through tanh already.",
        ),
        Mistake(
            "the sigmoid's slope, at a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * prime(a),
            "You call the sigmoid's slope, and give it the activation. These neurons are tanh, and a has been through tanh already.",
        ),
        Mistake(
            "sign",
            lambda W_next, delta_next, a: -_repair_recursion(W_next, delta_next, a),
            "Every entry has the opposite sign. Tanh rises everywhere: its slope is never negative.",
        ),
        Mistake(
            "slope dropped",
            lambda W_next, delta_next, a: W_next.T @ delta_next,
            "You took the wrong factor out and put nothing in its place. That is the error at the activation, and δ is taken at z.",
        ),
        Mistake(
            "transpose forgotten",
            lambda W_next, delta_next, a: (W_next @ delta_next) * (1 - a**2),
            "The factor is right. The weights are taken in the forward direction: which of their two indices does the sum run over?",
        ),
        Mistake(
            "slope of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (1 - a**2)),
            "You scale before you go back through the weights. The slope belongs to the layer that you arrive at.",
        ),
        Mistake("averaged over the examples", lambda W_next, delta_next, a: _repair_recursion(W_next, delta_next, a) / a.shape[1], AVERAGED),
        Mistake("mean over the paths", lambda W_next, delta_next, a: _repair_recursion(W_next, delta_next, a) / len(W_next), PATHS_AVERAGED),
    ),
)
