"""04.1: the slope of the sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_04.shared import Array, overflows, prime, shaped
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _cases_slope(rng: np.random.Generator) -> list[Case]:
    far = np.array([[-1000.0, -40.0, 0.0], [40.0, 1000.0, rng.uniform(0.5, 1.5)]])
    return [
        Case("moderate z, shape (3, 4)", (2 * rng.normal(size=(3, 4)),)),
        Case("one number", (float(rng.uniform(0.3, 2)),)),
        Case("z up to ±1000, shape (2, 3)", (far,)),
    ]


def _slope(z: Array) -> Array:
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def _slope_oracle(z: Array) -> Array:
    z = np.asarray(z, float)
    near = np.clip(z, -200, 200)  # beyond, the slope is below 1e-86 and the complex step would overflow first
    return np.imag(sigmoid(near + 1e-30j)) / 1e-30


def _explain_slope(returned: Any, z: Array | float) -> str | None:
    found = shaped(returned, np.shape(z))
    if found is None:
        return None
    if np.any(found < 0):
        return "Somewhere your slope is negative. The sigmoid rises everywhere."
    if np.any(found > 0.25 + 1e-7):
        return f"Your slope reaches {found.max():.2g}. At its steepest, at z = 0, the sigmoid rises by no more than 0.25 per unit of z."
    return None


EXERCISE = Exercise(
    id="04.1",
    name="sigmoid_prime",
    title="The slope of the sigmoid",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_slope,
    reference=_slope,
    oracle=_slope_oracle,
    explain=_explain_slope,
    hints=(
        "You know the sigmoid's value a at z. Its slope can be written with a alone.",
        "Differentiate 1 / (1 + exp(-z)) by the chain rule and look for a and 1 - a in what comes out.",
        "First compute the activation, then multiply it by what is missing to 1. `bp.sigmoid(z)` gives the activation, at any z.",
    ),
    mistakes=(
        Mistake(
            "z(1 - z)",
            lambda z: z * (1 - z),
            "You put z into the rule a(1 - a). The rule is about the activation: apply the sigmoid first.",
        ),
        Mistake(
            "σ'(σ(z))",
            lambda z: prime(sigmoid(np.clip(z, -500, 500))),
            "You apply the sigmoid twice before the slope is taken. This function is given z, not a.",
        ),
        Mistake(
            "sigmoid itself",
            lambda z: sigmoid(np.clip(z, -500, 500)),
            "That is the activation. Asked is how fast it changes: at z = 1000 it hardly does.",
        ),
        Mistake(
            "overflow",
            lambda z: np.exp(-np.asarray(z)) / (1 + np.exp(-np.asarray(z))) ** 2,
            "Right for moderate z; far out your exponential is infinite above and below the fraction line, and that is not a number. "
            "Write the slope with the activation instead.",
            recognise=overflows(_slope),
        ),
        Mistake(
            "sign",
            lambda z: -_slope(z),
            "Your slope is negative. The sigmoid rises everywhere. Which signs do the inner derivative of -z and the derivative of 1/u bring in?",
        ),
        Mistake("1 - a²", lambda z: 1 - sigmoid(np.clip(z, -500, 500)) ** 2, "1 - a² is the slope of tanh. The sigmoid has another."),
        Mistake(
            "1 - a",
            lambda z: 1 - sigmoid(np.clip(z, -500, 500)),
            "This is 1 - a: far to the left it is 1, where the sigmoid is flat. Was a square forgotten in the denominator, or a factor a?",
        ),
        Mistake(
            "inner derivative missing",
            lambda z: sigmoid(np.clip(z, -500, 500)) ** 2,
            "This is a². You differentiated 1/u; by the chain rule the derivative of u = 1 + exp(-z) has to follow as a factor.",
        ),
        Mistake(
            "z for one of the a",
            lambda z: z * (1 - sigmoid(np.clip(z, -500, 500))),
            "You mix z and a in one product. Both factors belong to the activation.",
        ),
        Mistake(
            "a(1 - z)",
            lambda z: sigmoid(np.clip(z, -500, 500)) * (1 - np.asarray(z)),
            "You mix a and z in one product. Both factors belong to the activation.",
        ),
    ),
)
