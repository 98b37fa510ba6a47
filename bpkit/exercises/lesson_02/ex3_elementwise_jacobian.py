"""02.3: the Jacobian of a = σ(z), entry by entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def _elementwise_jacobian(z: Array) -> Array:
    s = sigmoid(z)
    return np.diagflat(s * (1 - s))


def _same_numbers(value: Any, numbers: Array) -> bool:
    """Whether a returned value holds these numbers, as a column, a row or a flat list."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return found.size == numbers.size and bool(np.allclose(found.ravel(), numbers.ravel(), rtol=1e-9, atol=0))


def _one_number_on_the_diagonal(value: Any, z: Array) -> bool:
    """Whether it is a multiple of the identity."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    if found.shape != (z.size, z.size) or not found.any() or not np.isfinite(found).all():
        return False
    return bool(np.allclose(found, found[0, 0] * np.eye(z.size), rtol=1e-9, atol=0))


def _cases_elementwise(rng: np.random.Generator) -> list[Case]:
    columns = [rng.normal(size=(n, 1)) for n in (3, 1, 5)]
    columns[2][4] = columns[2][1]  # no entry is found by its value
    return [Case(f"n = {len(z)}", (z,)) for z in columns]


EXERCISE = Exercise(
    id="02.3",
    name="elementwise_jacobian",
    title="The Jacobian of a = σ(z), entry by entry",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    withholds=("sigmoid.jacobian",),
    cases=_cases_elementwise,
    reference=_elementwise_jacobian,
    oracle=lambda z: oracles.jacobian(sigmoid, z)[:, 0, :, 0],
    hints=(
        "n numbers go in and n come out. What shape must the Jacobian have?",
        "Nudge the second entry of z alone. Which entries of a move? Where in column 2 can there be anything but 0?",
        "The slopes stand on the diagonal, each at its own z, with zeros elsewhere. `np.diag` builds such a matrix from a flat array of n numbers.",
    ),
    mistakes=(
        Mistake(
            "vector, not matrix",
            _prime,
            "These are the n slopes that are not 0. A Jacobian has an entry for every pair of an output and an input: place them in a matrix.",
            recognise=lambda value, z: _same_numbers(value, _prime(z)),
        ),
        Mistake(
            "σ'(a)",
            lambda z: np.diagflat(_prime(sigmoid(z))),
            "The slopes are taken at the activations. σ was applied to z: that is where its slope is needed.",
        ),
        Mistake(
            "a on the diagonal",
            lambda z: np.diagflat(sigmoid(z)),
            "The values of σ stand on the diagonal. A Jacobian holds derivatives: how fast does each value move?",
        ),
        Mistake(
            "z(1 - z)",
            lambda z: np.diagflat(z * (1 - z)),
            "You use z(1 - z). The rule a(1 - a) for the sigmoid's slope is right with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "np.diag of a column",
            lambda z: np.diag(_prime(z)),
            "`np.diag` does two things: from a flat array it makes a matrix, out of a two-dimensional one it reads the diagonal. "
            "z is a column and has two dimensions.",
        ),
        Mistake(
            "every pair filled, by rows",
            lambda z: _prime(z) + np.zeros((1, z.size)),
            "Each row repeats one slope, as if every output followed every input. Which entries of a move when only one entry of z is nudged?",
        ),
        Mistake(
            "every pair filled, by columns",
            lambda z: _prime(z).T + np.zeros((z.size, 1)),
            "Each column repeats one slope, as if every output followed every input. Which entries of a move when only one entry of z is nudged?",
        ),
        Mistake(
            "σ' of a diagonal matrix",
            lambda z: _prime(np.diagflat(z)),
            "The diagonal is right. Beside it you took the slope at 0, which is not 0: first the slopes, then the matrix.",
        ),
        Mistake(
            "outer product of slopes",
            lambda z: _prime(z) @ _prime(z).T,
            "You multiply every slope with every slope. Output j passes through one activation function only, its own.",
        ),
        Mistake(
            "identity",
            lambda z: np.eye(z.size),
            "The places are right, the slopes are missing: that is the Jacobian of passing z on as it is.",
        ),
        Mistake(
            "σ of a diagonal matrix",
            lambda z: sigmoid(np.diagflat(z)),
            "Two things: the values of σ stand where its slopes belong; and beside the diagonal you took σ at 0, which is not 0.",
        ),
        Mistake("1 - a", lambda z: np.diagflat(1 - sigmoid(z)), "Of the slope a(1 - a) one factor is missing."),
        Mistake("a²", lambda z: np.diagflat(sigmoid(z) ** 2), "The squares of the activations stand on the diagonal. The slope is a(1 - a)."),
        Mistake("1 - a²", lambda z: np.diagflat(1 - sigmoid(z) ** 2), "1 - a² is the slope of tanh. The sigmoid has another."),
        Mistake(
            "tanh",
            lambda z: np.diagflat(1 - np.tanh(z) ** 2),
            "The places are right, the slopes are those of tanh. Asked is the sigmoid.",
        ),
        Mistake(
            "a(1 - z)", lambda z: np.diagflat(sigmoid(z) * (1 - z)), "You mix a and z in the slope. Both of its factors belong to the activation."
        ),
        Mistake(
            "z on the diagonal",
            np.diagflat,
            "z itself stands on the diagonal. A Jacobian holds derivatives: how fast does each entry of a move?",
        ),
        Mistake(
            "softmax",
            lambda z: np.diagflat(np.exp(z) / np.exp(z).sum()) - np.outer(np.exp(z), np.exp(z)) / np.exp(z).sum() ** 2,
            "That is the Jacobian of softmax, whose outputs depend on every entry of z. The sigmoid takes each entry by itself.",
        ),
        Mistake(
            "softmax's form",
            lambda z: np.diagflat(sigmoid(z)) - sigmoid(z) @ sigmoid(z).T,
            "The diagonal is right. Beside it stand products of two activations, as for softmax: does output j follow another entry of z?",
        ),
        Mistake(
            "first slope everywhere",
            lambda z: np.eye(z.size) * _prime(z)[0],
            "The first slope stands at every place of the diagonal. Each neuron has its own z, and its own slope.",
        ),
        Mistake(
            "mean slope everywhere",
            lambda z: np.eye(z.size) * _prime(z).mean(),
            "The mean of all slopes stands at every place of the diagonal. Each neuron has its own z, and its own slope.",
        ),
        Mistake(
            "sum of the slopes everywhere",
            lambda z: np.eye(z.size) * _prime(z).sum(),
            "The sum of all slopes stands at every place of the diagonal. Each neuron has its own z, and its own slope.",
        ),
        Mistake(
            "identity added",
            lambda z: np.eye(z.size) + _prime(z),
            "You add the slopes to the identity. Multiply entry by entry, and zeros stay zeros.",
        ),
        Mistake(
            "one slope everywhere",
            lambda z: np.eye(z.size) * _prime(z.mean()),
            "One and the same number stands at every place of the diagonal. Each neuron has its own z, and its own slope.",
            recognise=_one_number_on_the_diagonal,
        ),
    ),
)
