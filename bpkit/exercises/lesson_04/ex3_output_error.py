"""04.3: BP1 for sigmoid outputs and the quadratic cost."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, prime, shaped
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _cases_bp1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 1)):
        z = rng.normal(size=(n, m))
        cases.append(Case(f"{n} outputs, m = {m}", (sigmoid(z), rng.uniform(size=(n, m)), z)))
    return cases


def _explain_bp1(returned: Any, a: Array, y: Array, z: Array) -> str | None:
    found = shaped(returned, a.shape)
    if found is None:
        return None
    against = np.argwhere(found * (a - y) < 0)
    if len(against) == a.size:
        return "Every entry has the wrong sign (an output that is too high has a positive error), and the sizes are not right either."
    if len(against):
        j, i = against[0]
        way = "higher" if a[j, i] > y[j, i] else "lower"
        return (
            f"In row {j}, column {i} (counting from 0) the output is {way} than its target, and your error has the wrong sign for that. "
            "A slope of the sigmoid is positive and changes no sign."
        )
    if np.any(np.abs(found) > np.abs(a - y) / 4 + 1e-9):
        return "The signs are right. But the sigmoid's slope is at most 0.25, and somewhere your error is more than that part of a - y."
    return None


EXERCISE = Exercise(
    id="04.3",
    name="output_error",
    title="BP1 for sigmoid outputs and the quadratic cost",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_bp1,
    reference=lambda a, y, z: (a - y) * prime(z),
    explain=_explain_bp1,
    oracle=lambda a, y, z: oracles.gradient(lambda moved: np.sum((sigmoid(moved) - y) ** 2) / 2, z),
    hints=(
        "From z_j to the cost there are two links: z_j moves a_j, and a_j moves the cost. You have the derivative of each.",
        "Neuron j's error is the product of two numbers that belong to neuron j. Nothing is summed.",
        "Multiply 04.2 and 04.1 entry by entry. The slope takes z.",
    ),
    mistakes=(
        Mistake(
            "σ' dropped",
            lambda a, y, z: a - y,
            "You stopped at the activation. δ is taken at z: how much does a_j give way when z_j is pushed?",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda a, y, z: (a - y) * prime(a),
            "The slope is taken at a, so the sigmoid is applied once too often. Its slope is needed where it was applied.",
        ),
        Mistake(
            "a for σ'",
            lambda a, y, z: (a - y) * a,
            "You multiply by the activation itself; asked is how fast it changes.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda a, y, z: (a - y) * z * (1 - z),
            "You use z(1 - z) as the slope. The rule holds with the activation in it.",
        ),
        Mistake("y - a", lambda a, y, z: (y - a) * prime(z), "Every entry has the opposite sign. An output that is too high has a positive error."),
        Mistake(
            "matrix product",
            lambda a, y, z: (a - y) @ prime(z).T,
            "Your product is a matrix product, which mixes neurons and examples. BP1 multiplies entry by entry.",
        ),
        Mistake(
            "matrix product, not transposed",
            lambda a, y, z: (a - y) @ prime(z),
            "Your product is a matrix product, and only where there are as many outputs as examples does it fit at all. "
            "BP1 multiplies entry by entry.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y, z: (a - y) * prime(z) / z.shape[1],
            "You divide by the number of examples. Each column is the error of one example; the mean comes later.",
        ),
        Mistake("factor 2", lambda a, y, z: 2 * (a - y) * prime(z), "Every entry is twice too large: the ½ of the cost cancels the 2."),
        Mistake(
            "brackets missing",
            lambda a, y, z: a - y * prime(z),
            "The slope multiplies the target alone: a product binds closer than a minus. Where do brackets belong?",
        ),
        Mistake(
            "y - a, σ' dropped",
            lambda a, y, z: y - a,
            "Two things: the sign (an output that is too high has a positive error), and the slope between z and a is missing.",
        ),
        Mistake(
            "y - a, σ'(a)",
            lambda a, y, z: (y - a) * prime(a),
            "Two things: the sign (an output that is too high has a positive error), and the slope is taken at a, where it belongs at z.",
        ),
        Mistake(
            "y - a, factor 2",
            lambda a, y, z: 2 * (y - a) * prime(z),
            "Two things: the sign (an output that is too high has a positive error), and a 2 that the ½ of the cost cancels.",
        ),
        Mistake("slope at the target", lambda a, y, z: (a - y) * y * (1 - y), "You built the slope from the target y. It belongs to the activation."),
        Mistake("half of the slope", lambda a, y, z: (a - y) * (1 - a), "Of the slope a(1 - a) one factor is missing."),
        Mistake("a(1 - z)", lambda a, y, z: (a - y) * a * (1 - z), "You mix a and z in the slope. Both of its factors belong to the activation."),
        Mistake("slope of tanh", lambda a, y, z: (a - y) * (1 - a**2), "1 - a² is the slope of tanh. These outputs are sigmoids."),
        Mistake(
            "slope squared", lambda a, y, z: (a - y) * prime(z) ** 2, "The slope is in it twice. Between z and the cost the sigmoid is passed once."
        ),
        Mistake("slope alone", lambda a, y, z: prime(z), "That is the slope of the activation only. How the cost moves with a is missing."),
        Mistake("divided by the slope", lambda a, y, z: (a - y) / prime(z), "You divide by the slope. Links of a chain are multiplied."),
        Mistake("added", lambda a, y, z: a - y + prime(z), "You add the two derivatives. One link after the other: they are multiplied."),
        Mistake("z for a", lambda a, y, z: (z - y) * prime(z), "You compare z with the target. What the net says is a."),
        Mistake("z for σ'", lambda a, y, z: (a - y) * z, "You multiply by z. Asked is how fast a rises there."),
        Mistake(
            "the cost, not its gradient",
            lambda a, y, z: (a - y) ** 2 / 2 * prime(z),
            "Your first factor is a term of the cost. What belongs there is its derivative with respect to a.",
        ),
        Mistake("absolute value", lambda a, y, z: np.abs(a - y) * prime(z), "You dropped the sign of a - y, and with it which way z has to go."),
        Mistake(
            "averaged over the outputs",
            lambda a, y, z: (a - y) * prime(z) / len(a),
            "You divide by the number of outputs. The cost of one example is half a sum over them, no mean.",
        ),
    ),
)
