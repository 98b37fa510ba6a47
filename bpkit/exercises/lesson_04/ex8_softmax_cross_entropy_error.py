"""04.8: the output error of softmax with cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, columns_sum_to_zero, softmax_columns, vjp_of_softmax
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs


def _one_hot(rng: np.random.Generator, n: int, m: int) -> Array:
    return np.eye(n)[:, rng.integers(0, n, size=m)]


def _cases_classes(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} classes, m = {m}", (softmax_columns(rng.normal(size=(n, m))), _one_hot(rng, n, m))) for n, m in ((3, 3), (2, 5), (4, 1))]


def _error(
    difference: Callable[[Array, Array], Array] = lambda a, y: a - y,
    slope: Callable[[Array], Any] = lambda a: 1.0,
    factor: Callable[[Array], float] = lambda a: 1.0,
) -> Callable[[Array, Array], Array]:
    """The error with parts of it replaced, or put to it."""
    return lambda a, y: difference(a, y) * slope(a) * factor(a)


_SLIPS = (
    Slip("difference", lambda a, y: y - a, "y - a", "the sign is turned (a class that is given too much probability has a positive error)"),
    Slip("difference", lambda a, y: np.abs(a - y), "absolute value", "the sign of a - y is dropped"),
    Slip("slope", lambda a: a * (1 - a), "extra σ'", "a slope is multiplied once more, which has cancelled in this pairing"),
    Slip("factor", lambda a: 2.0, "factor 2", "a 2 is too many, no square is differentiated"),
    Slip("factor", lambda a: 0.5, "halved", "a ½ is too many"),
    Slip(
        "factor", lambda a: 1 / a.shape[1], "averaged over the examples", "it is divided by the number of examples, where each column is one example"
    ),
    Slip("factor", lambda a: 1 / a.shape[0], "averaged over the classes", "it is divided by the number of classes"),
)


EXERCISE = Exercise(
    id="04.8",
    name="softmax_cross_entropy_error",
    title="The output error of softmax with cross-entropy",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_classes,
    reference=lambda a, y: a - y,
    explain=lambda returned, a, y: columns_sum_to_zero(returned, a.shape, "δ"),
    oracle=lambda a, y: oracles.gradient(lambda moved: -np.sum(y * np.log(softmax_columns(moved))), np.log(a)),
    hints=(
        "Write the cost of one example with z instead of a: the logarithm undoes the exponential. What is left to differentiate?",
        "Or use 04.6 with the gradient of cross-entropy, -y/a. The sum of a times it is a single number that you know, because y sums to 1.",
        "Almost everything cancels. What remains compares the outputs with the targets, and nothing else.",
    ),
    mistakes=(
        Mistake(
            "elementwise",
            lambda a, y: -y * (1 - a),
            "You multiply -y/a by a(1 - a) entry by entry. Softmax mixes the neurons: outputs whose target is 0 have an error too.",
        ),
        Mistake(
            "extra σ'",
            lambda a, y: (a - y) * a * (1 - a),
            "You multiply by a slope once more. In this pairing the slope has cancelled already: that is what makes it learn fast.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y: (a - y) / a.shape[1],
            "You divide by the number of examples. Each column is the error of one example; 1/m comes once, later.",
        ),
        Mistake("y - a", lambda a, y: y - a, "Every entry has the opposite sign: a class that is given too much probability has a positive error."),
        Mistake(
            "gradient at a",
            lambda a, y: -y / a,
            "That is the gradient of the cost with respect to a. δ is taken at z, behind the Jacobian of softmax.",
        ),
        Mistake(
            "softmax once more",
            lambda a, y: softmax_columns(a) - y,
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake("absolute value", lambda a, y: np.abs(a - y), "You dropped the sign, and with it the direction in which z has to move."),
        Mistake(
            "quadratic cost",
            lambda a, y: vjp_of_softmax(a, a - y),
            "This is the error of softmax with the quadratic cost, as in 04.7. With another cost, something else goes through the Jacobian.",
        ),
        Mistake(
            "binary cross-entropy's gradient",
            lambda a, y: (1 - y) / (1 - a) - y / a,
            "This is the gradient at a of the binary cross-entropy. Here the classes share one probability, and δ is taken at z.",
        ),
        Mistake("factor 2", lambda a, y: 2 * (a - y), "Every entry is twice too large. No square is differentiated here."),
        Mistake("halved", lambda a, y: (a - y) / 2, "Every entry is half of what it should be. This cost has no ½ in front."),
        Mistake("averaged over the classes", lambda a, y: (a - y) / len(a), "You divide by the number of classes. The cost adds them up."),
        Mistake(
            "gradient at a; sign",
            lambda a, y: y / a,
            "Two things: that is the gradient with respect to a, where δ is taken at z; and its sign is turned.",
        ),
        Mistake(
            "minus the targets", lambda a, y: -y, "That is -y: the gradient -y/a times a. The part of the Jacobian that mixes the classes is missing."
        ),
        Mistake("a + y", lambda a, y: a + y, "You add the target. A class that is given too little probability has a negative error."),
        Mistake("squares", lambda a, y: (a - y) ** 2, "Your entries are squares, so none is negative. No square is in this cost."),
        Mistake("times a", lambda a, y: (a - y) * a, "A factor a is too many. In this pairing everything else has cancelled."),
        Mistake("times 1 - a", lambda a, y: (a - y) * (1 - a), "A factor 1 - a is too many. In this pairing everything else has cancelled."),
        Mistake(
            "elementwise; sign",
            lambda a, y: y * (1 - a),
            "Two things: softmax mixes the neurons, outputs whose target is 0 have an error too; and the sign is turned.",
        ),
        Mistake(
            "terms of the cost through the Jacobian",
            lambda a, y: vjp_of_softmax(a, -y * np.log(a)),
            "You send the terms of the cost through the Jacobian. What goes through it is their derivative.",
        ),
        Mistake(
            "targets through the Jacobian",
            lambda a, y: vjp_of_softmax(a, y),
            "You send the targets through the Jacobian. What goes through it is the gradient of the cost at a.",
        ),
        Mistake(
            "binary cross-entropy",
            lambda a, y: vjp_of_softmax(a, (1 - y) / (1 - a) - y / a),
            "The Jacobian is right, the cost is the binary cross-entropy. Here only the wanted class's logarithm counts.",
        ),
        Mistake(
            "softmax of the targets",
            lambda a, y: a - softmax_columns(y),
            "You apply softmax to the targets. They are probabilities already: a single 1.",
        ),
        Mistake("logarithms alone", lambda a, y: -np.log(a), "These are logarithms. They disappear when you differentiate."),
        Mistake("a²", lambda a, y: a**2 - y, "Your outputs are squared."),
        *pairs(_error, _SLIPS),
        Mistake("targets left out", lambda a, y: +a, "This is the output itself. The error has to know which class was wanted."),
        Mistake("1 for every class", lambda a, y: a - 1, "You treat every class as the wanted one. The targets say which it is."),
        Mistake(
            "wanted class left out",
            lambda a, y: a * (1 - y),
            "The other classes are right; the wanted class has no error here. It gets too little probability: which sign must its error have?",
        ),
        Mistake("terms of the cost", lambda a, y: -y * np.log(a), "These are the terms of the cost. Differentiate them, with respect to z."),
        Mistake("log a", lambda a, y: np.log(a) - y, "You compare logarithms with the targets. The logarithm disappears when you differentiate."),
        Mistake(
            "rounded outputs",
            lambda a, y: a - (a == a.max(axis=0)),
            "You compare with the class that the net thinks most likely. The targets y say which class was wanted.",
        ),
        Mistake(
            "answer for probabilities",
            lambda a, y: (a == a.max(axis=0)) - y,
            "You turn the outputs into one answer, 1 for the largest. The error needs the probabilities themselves: how sure the net was counts.",
        ),
    ),
)
