"""04.3: BP1 for sigmoid outputs and the quadratic cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, prime, shaped
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.pooled import column_for_all
from bpkit.exercises.slips import Slip, pairs


def _cases_bp1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, spread in ((3, 3, 1.0), (2, 5, 3.0), (4, 1, 1.0)):
        z = rng.normal(scale=spread, size=(n, m))
        y = rng.uniform(size=(n, m))
        if m == 5:  # targets that ask for all or nothing, and an output that is sure of itself
            y[:, 3:], z[0, 0] = rng.permutation(np.eye(2)), rng.choice([-1, 1]) * rng.uniform(5.5, 7)
        cases.append(Case(f"{n} outputs, m = {m}", (sigmoid(z), y, z)))
    return cases


def _one_number_along(axis: int, numbers: Array) -> bool:
    """Whether each column (0) or row (1) repeats one number, and not all repeat the same."""
    first = numbers.take([0], axis)
    return numbers.shape[axis] > 1 and np.allclose(numbers, first, rtol=1e-6, atol=0) and not np.allclose(first, first.flat[0], rtol=1e-6, atol=0)


def _explain_bp1(returned: Any, a: Array, y: Array, z: Array) -> str | None:
    found = shaped(returned, a.shape)
    if found is None:
        return None
    against = np.argwhere(found * (a - y) < 0)
    if len(against) == a.size:
        return "Every entry has the wrong sign (an output that is too high has a positive error), and the sizes are not right either."
    right = (a - y) * prime(z)
    if len(against) and np.allclose(np.abs(found[tuple(against.T)]), np.abs(right[tuple(against.T)]), rtol=1e-6):
        j, i = against[0]
        way = "higher" if a[j, i] > y[j, i] else "lower"
        return (
            f"In row {j}, column {i} (counting from 0) the output is {way} than its target, and your error has the wrong sign for that. "
            "A slope of the sigmoid is positive and changes no sign."
        )
    if not len(against) and np.any(np.abs(found) > np.abs(a - y) / 4 + 1e-9):
        return "The signs are right. But the sigmoid's slope is at most 0.25, and somewhere your error is more than that part of a - y."
    if _one_number_along(0, found / (a - y)):
        return "In each column you multiply a - y by one number for all outputs. Each output has its own z, and a slope of its own."
    if _one_number_along(1, found / prime(z)):
        return "In each row you multiply the slopes by one number for all examples. Each example has its own output and its own target."
    return None


def _error(
    difference: Callable[..., Array] = lambda a, y, z: a - y,
    slope: Callable[..., Any] = lambda a, y, z: prime(z),
    factor: Callable[[Array], float] = lambda z: 1.0,
) -> Callable[[Array, Array, Array], Array]:
    """BP1 with parts of it replaced, or put to it."""
    return lambda a, y, z: difference(a, y, z) * slope(a, y, z) * factor(z)


_SLIPS = (
    Slip("difference", lambda a, y, z: y - a, "y - a", "the sign is turned (an output that is too high has a positive error)"),
    Slip("difference", lambda a, y, z: np.abs(a - y), "absolute value", "the sign of a - y is dropped"),
    Slip("difference", lambda a, y, z: z - y, "z for a", "z is compared with the target, where the net says a"),
    Slip("difference", lambda a, y, z: (a - y) ** 2 / 2, "the cost, not its gradient", "a term of the cost stands where its derivative belongs"),
    Slip("slope", lambda a, y, z: 1.0, "σ' dropped", "the slope between z and a is missing"),
    Slip("slope", lambda a, y, z: prime(a), "σ'(a)", "the slope is taken at a, where it belongs at z"),
    Slip("slope", lambda a, y, z: a, "a for σ'", "the activation stands where its slope belongs"),
    Slip("slope", lambda a, y, z: z * (1 - z), "z(1 - z) for σ'", "z(1 - z) stands for the slope, a rule that holds with the activation in it"),
    Slip("slope", lambda a, y, z: 1 - a, "half of the slope", "of the slope a(1 - a) one factor is missing"),
    Slip("slope", lambda a, y, z: prime(z) ** 2, "slope squared", "the slope is in it twice"),
    Slip("slope", lambda a, y, z: 1 / prime(z), "divided by the slope", "it is divided by the slope, where links of a chain are multiplied"),
    Slip("factor", lambda z: 2.0, "factor 2", "the ½ of the cost cancels the 2"),
    Slip("factor", lambda z: 0.5, "halved", "the 2 that comes down from the square cancels the ½"),
    Slip(
        "factor", lambda z: 1 / z.shape[1], "averaged over the examples", "it is divided by the number of examples, where each column is one example"
    ),
    Slip("factor", lambda z: 1 / z.shape[0], "averaged over the outputs", "it is divided by the number of outputs, which the cost adds up"),
)


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
    plain=(0, 1, 2),
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
        *pairs(_error, _SLIPS),
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
        Mistake("halved", _error(factor=lambda z: 0.5), "Every entry is half of what it should be. What comes down from the square?"),
        Mistake("a + y", lambda a, y, z: (a + y) * prime(z), "You add the target. What is inside the square?"),
        Mistake("targets alone", lambda a, y, z: y * prime(z), "The target alone meets the slope. It is the difference from the output that counts."),
        Mistake(
            "targets left out", lambda a, y, z: a * prime(z), "The output alone meets the slope. It is the difference from the target that counts."
        ),
        Mistake(
            "slope of the difference",
            lambda a, y, z: prime(a - y),
            "You put the difference into σ'. The slope is taken at z, and multiplies the difference.",
        ),
        Mistake(
            "slope at z - y",
            lambda a, y, z: (a - y) * prime(z - y),
            "The slope is taken at z - y. What went into the activation function?",
        ),
        Mistake(
            "slope of tanh at z",
            lambda a, y, z: (a - y) * (1 - np.tanh(z) ** 2),
            "You use the slope of tanh. These outputs are sigmoids.",
        ),
        Mistake("a(1 + a)", lambda a, y, z: (a - y) * a * (1 + a), "In the slope of the sigmoid a sign is not right: far to the right it is flat."),
        Mistake(
            "brackets missing in the slope",
            lambda a, y, z: (a - y) * a * 1 - a,
            "`a * 1 - a` multiplies first. Where do brackets belong in the slope?",
        ),
        Mistake(
            "y - a; brackets missing",
            lambda a, y, z: y - a * prime(z),
            "Two things: the sign is turned; and the slope multiplies a alone, a product binds closer than a minus.",
        ),
        Mistake(
            "y - a; matrix product",
            lambda a, y, z: (y - a) @ prime(z).T,
            "Two things: the sign is turned; and your product is a matrix product, where BP1 multiplies entry by entry.",
        ),
        Mistake(
            "sigmoid once more",
            lambda a, y, z: (a - y) * sigmoid(a),
            "You multiply by σ(a). Asked is how fast a rises at z.",
        ),
        Mistake(
            "Jacobian of softmax",
            lambda a, y, z: a * ((a - y) - np.sum(a * (a - y), axis=0)),
            "You let the outputs compete, as softmax does. Each sigmoid depends on its own z alone.",
        ),
        Mistake("absolute value", lambda a, y, z: np.abs(a - y) * prime(z), "You dropped the sign of a - y, and with it which way z has to go."),
        Mistake(
            "averaged over the outputs",
            lambda a, y, z: (a - y) * prime(z) / len(a),
            "You divide by the number of outputs. The cost of one example is half a sum over them, no mean.",
        ),
        Mistake(
            "mean of the examples",
            lambda a, y, z: np.repeat(((a - y) * prime(z)).mean(axis=1, keepdims=True), z.shape[1], axis=1),
            "You take the mean over the examples, one column for all. Each column is the error of one example; the mean comes later.",
            recognise=column_for_all(lambda a, y, z: ((a - y) * prime(z)).mean(axis=1, keepdims=True), lambda a, y, z: z.shape[1]),
        ),
        Mistake(
            "slope at a - y",
            lambda a, y, z: (a - y) * prime(a - y),
            "You take the slope at a - y. The activation function was applied to z: that is where its slope is needed.",
        ),
        Mistake(
            "slopes averaged over the examples",
            lambda a, y, z: (a - y) * prime(z).mean(axis=1, keepdims=True),
            "You average the slopes over the examples. Each example has a z of its own, a column each, and so slopes of its own.",
        ),
    ),
)
