"""04.1: the slope of the sigmoid."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL
from bpkit.exercises.lesson_04.shared import Array, overflows, prime, shaped
from bpkit.exercises.measured import by_a_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _cases_slope(rng: np.random.Generator) -> list[Case]:
    steep = rng.permutation([-1, -1, 1, 1]) * (np.array([5, 7, 10, 15]) + rng.uniform(0.1, 0.9, size=4))
    far = np.array([[-1000.0, -40.0, 0.0], [40.0, 1000.0, rng.uniform(0.5, 1.5)]])
    return [
        Case("moderate z, shape (3, 1, 4)", (2 * rng.normal(size=(3, 1, 4)),)),
        Case("z of whole numbers, shape (3, 3)", (rng.permutation(np.arange(-4, 5)).reshape(3, 3),)),
        Case("one whole number", (int(rng.choice([-2, -1, 1, 2])),)),
        Case("z up to ±1000, shape (2, 3)", (far,)),
        Case(
            "z between 5 and 16 and between -16 and -5, shape (4,)",
            (steep,),
        ),
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


def _cut_off(returned: Any, z: Array | float) -> bool:
    """Whether it is the slope up to some |z| and 0 beyond; not where it is right altogether."""
    z = np.asarray(z, dtype=float)
    found, near = shaped(returned, z.shape), np.abs(z) < 10
    if found is None:
        return False
    gone = near & (found == 0)
    bound = np.min(np.abs(z), where=gone, initial=np.inf)
    wanted = _slope(z)
    right = np.abs(found - wanted) <= RTOL * np.max(wanted)
    if np.ndim(z) == 0:
        return bool(right)
    # nobody sets such a limit below 1: zeros there have another reason
    return bool(np.all(right | (found == 0)) and np.all(np.abs(z)[~gone & near] <= bound) and bound >= 1)


def _limited(returned: Any, z: Array | float) -> bool:
    """Whether it is the slope at z kept within some range, as told by the entries that lie furthest out."""
    found = shaped(returned, np.shape(z))
    if found is None or np.any(found <= 0) or np.any(found > 0.25 + 1e-9):
        return False
    limit = np.max(np.arccosh(np.maximum(1, 0.5 / np.sqrt(found)))) * 2
    return bool(0.1 < limit < 20 and np.allclose(found, _slope(np.clip(z, -limit, limit)), rtol=1e-6))


def _cut_to_whole_numbers(returned: Any, z: Array | float) -> bool:
    """Whether it is an array of whole numbers where z is one, all 0 as every slope is below 1, and right elsewhere."""
    found, wanted = shaped(returned, np.shape(z)), _slope(np.asarray(z, dtype=float))
    if found is None:
        return False
    if np.asarray(z).dtype.kind == "i":  # zeros among floats have another reason
        return np.asarray(returned).dtype.kind == "i" and not found.any()
    return bool(np.all(np.abs(found - wanted) <= RTOL * np.max(wanted)))


EXERCISE = Exercise(
    id="04.1",
    name="sigmoid_prime",
    title="The slope of the sigmoid",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    withholds=("sigmoid.prime", "sigmoid.jacobian", "sigmoid.vjp"),
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
            recognise=overflows(_slope, safe=30.0),  # no exponential overflows below, not in float32 either and not squared
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
            "1 - a; sign",
            lambda z: sigmoid(np.clip(z, -500, 500)) - 1,
            "Two things: a factor a is missing; and your slope is negative, where the sigmoid rises.",
        ),
        Mistake(
            "inner derivative missing; sign",
            lambda z: -(sigmoid(np.clip(z, -500, 500)) ** 2),
            "Two things: the derivative of u = 1 + exp(-z) is missing; and your slope is negative, where the sigmoid rises.",
        ),
        Mistake(
            "(1 - a)²",
            lambda z: (1 - sigmoid(np.clip(z, -500, 500))) ** 2,
            "This is (1 - a)²: far to the left it is 1, where the sigmoid is flat. The two factors are not the same.",
        ),
        Mistake(
            "second derivative",
            lambda z: _slope(z) * (1 - 2 * sigmoid(np.clip(z, -500, 500))),
            "That is how the slope itself changes, the second derivative. Asked is the first.",
        ),
        Mistake("a + (1 - a)", lambda z: np.ones(np.shape(z)), "You return 1 everywhere: a and 1 - a are multiplied, not added."),
        Mistake(
            "a(1 + a)",
            lambda z: (lambda a: a * (1 + a))(sigmoid(np.clip(z, -500, 500))),
            "Far to the right your slope is 2, where the sigmoid is flat.",
        ),
        Mistake(
            "a(1 - a²)",
            lambda z: (lambda a: a * (1 - a**2))(sigmoid(np.clip(z, -500, 500))),
            "A square is too many: the slope is a product of two factors, without squares.",
        ),
        Mistake(
            "quotient",
            lambda z: np.exp(-np.clip(z, -500, 500)),
            "You divide 1 - a by a. The two factors are multiplied.",
        ),
        Mistake("root", lambda z: np.sqrt(_slope(z)), "This is the root of the slope. Was a square forgotten in the denominator?"),
        Mistake(
            "slope of tanh",
            lambda z: 1 - np.tanh(z) ** 2,
            "This is the slope of tanh. The sigmoid has another.",
        ),
        Mistake(
            "z times a", lambda z: z * sigmoid(np.clip(z, -500, 500)), "You multiply z by the activation. Both factors belong to the activation."
        ),
        Mistake(
            "twice", lambda z: 2 * _slope(z), "Every slope is twice as steep as it should be. There is no square here that would bring down a 2."
        ),
        Mistake(
            "constant",
            lambda z: np.full(np.shape(z), 0.25),
            "You return 1/4 everywhere: that is the slope at z = 0 alone.",
        ),
        Mistake(
            "cut off",
            lambda z: np.where(np.abs(z) > 5, 0, _slope(z)),
            "You return 0 beyond some z. The slope becomes small there, and is not 0: the formula with a needs no such limit.",
            recognise=lambda returned, z: _cut_off(returned, z),
        ),
        Mistake(
            "z cut off",
            lambda z: _slope(np.clip(z, -5, 5)),
            "At moderate z your slope does not fall any more. Is z limited before the exponential, and too tightly, or the slope itself?",
            recognise=lambda returned, z: _limited(returned, z),
        ),
        Mistake(
            "cut to whole numbers",
            lambda z: np.asarray(_slope(z)).astype(np.asarray(z).dtype),
            "For a z of whole numbers your values are cut to whole numbers. Which number type has the array that you write them into? "
            "`np.zeros_like` and "
            "`copy` take over that of their model.",
            recognise=lambda returned, z: _cut_to_whole_numbers(returned, z),
        ),
        Mistake(
            "a(1 - z)",
            lambda z: sigmoid(np.clip(z, -500, 500)) * (1 - np.asarray(z)),
            "You mix a and z in one product. Both factors belong to the activation.",
        ),
        Mistake(
            "σ(1 - z) for 1 - σ(z)",
            lambda z: sigmoid(np.clip(z, -500, 500)) * sigmoid(np.clip(1 - np.asarray(z), -500, 500)),
            "Your second factor is the sigmoid of 1 - z. What is missing is what the activation itself lacks to 1.",
        ),
        *(
            Mistake(
                name,
                lambda z, p=p, q=q: (lambda a: a**p * (1 - a) ** q)(sigmoid(np.clip(z, -500, 500))),
                "One factor is squared. Each of the two stands in the slope once.",
            )
            for name, p, q in (("a²(1 - a)", 2, 1), ("a(1 - a)²", 1, 2))
        ),
        Mistake(
            "matrix product",
            lambda z: (lambda a: a @ (1 - a))(sigmoid(np.clip(z, -500, 500))),
            "`@` is the matrix product, which adds along rows and columns. Each z has a slope of its own: multiply entry by entry.",
        ),
        Mistake(
            "measured",
            lambda z: (sigmoid(np.clip(np.asarray(z) + 1e-3, -500, 500)) - sigmoid(np.clip(z, -500, 500))) / 1e-3,
            "These are differences over a step, near the slopes and not equal to them. Nothing has to be measured: the activation gives the slope.",
            recognise=lambda returned, z: by_a_step(returned, lambda h: sigmoid(np.clip(np.asarray(z) + h, -500, 500))),
        ),
        Mistake(
            "four times",
            lambda z: 4 * prime(z),
            "Your slope is four times too large: at its steepest, at z = 0, it is 1. There a(1 - a) is a quarter.",
        ),
    ),
)
