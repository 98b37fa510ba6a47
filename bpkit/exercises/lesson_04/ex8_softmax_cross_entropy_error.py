"""04.8: the output error of softmax with cross-entropy."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, columns_sum_to_zero, softmax_columns, vjp_of_softmax
from bpkit.exercises.model import Case, Exercise, Mistake


def _one_hot(rng: np.random.Generator, n: int, m: int) -> Array:
    return np.eye(n)[:, rng.integers(0, n, size=m)]


def _cases_classes(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} classes, m = {m}", (softmax_columns(rng.normal(size=(n, m))), _one_hot(rng, n, m))) for n, m in ((3, 3), (2, 5), (4, 1))]


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
    ),
)
