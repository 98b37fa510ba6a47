"""04.8: the output error of softmax with cross-entropy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, columns_sum_to_zero, mean_of_the_examples, softmax_columns, vjp_of_softmax
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs


def _cases(rng: np.random.Generator) -> list[Case]:
    """Targets that sum to 1 in the first case alone; in the others as often as each class was wanted, which may be never."""

    def case(label: str, y: Array) -> Case:
        return Case(label, (softmax_columns(rng.normal(size=y.shape)), y))

    one_hot = np.eye(3)[:, rng.permutation([0, 1, 1, 2])]
    counts = rng.integers(1, 6, size=(2, 4)).astype(float)
    counts[:, int(rng.integers(4))] = 0.0
    shares = rng.uniform(0.1, 0.9, size=(4, 1))
    return [
        case("3 classes, m = 4, one wanted class each", one_hot),
        case("2 classes, m = 4, counts, and one column of zeros", counts),
        case("4 classes, m = 1, parts of a count", shares * (rng.uniform(1.5, 2.5) / shares.sum())),
        case("3 classes, m = 3, counts", rng.integers(0, 4, size=(3, 3)) + np.eye(3)[:, rng.permutation(3)]),
    ]


def _right(a: Array, y: Array) -> Array:
    return a * y.sum(axis=0) - y


def _error(
    difference: Callable[[Array, Array], Array] = _right,
    slope: Callable[[Array], Any] = lambda a: 1.0,
    factor: Callable[[Array], float] = lambda a: 1.0,
) -> Callable[[Array, Array], Array]:
    """The error with parts of it replaced, or put to it."""
    return lambda a, y: difference(a, y) * slope(a) * factor(a)


_SLIPS = (
    Slip("difference", lambda a, y: a - y, "targets taken to sum to 1", "a - y rests on a y that sums to 1, which these columns need not do"),
    Slip("difference", lambda a, y: -_right(a, y), "sign", "the sign is turned (a class that is given too much probability has a positive error)"),
    Slip("difference", lambda a, y: np.abs(_right(a, y)), "absolute value", "the sign is dropped"),
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
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases,
    reference=_right,
    explain=lambda returned, a, y: columns_sum_to_zero(returned, a.shape, "δ"),
    plain=(0, 1),
    oracle=lambda a, y: oracles.gradient(lambda moved: -np.sum(y * np.log(softmax_columns(moved))), np.log(a)),
    hints=(
        "Go through the first way again, line by line. In which line is it used that y sums to 1? What stands there without it?",
        "Put g = -y/a into the softmax VJP of 04.6. The sum of a times g is one number for each column; which?",
        "Each class's probability counts as often as something was wanted at all. Where nothing was, there is no error.",
    ),
    mistakes=(
        Mistake(
            "targets taken to sum to 1",
            lambda a, y: a - y,
            "That is the error where a column of y sums to 1. Here a column may sum to 5, or to 0. Which line of the derivation used the 1?",
        ),
        Mistake(
            "targets divided by their sum",
            lambda a, y: a - y / y.sum(axis=0),
            "You turn the counts into shares first. That is another cost: in this one an input that was seen five times counts five times.",
        ),
        Mistake(
            "targets divided by their sum, where there is one",
            lambda a, y: a - y / np.where(y.sum(axis=0) == 0, 1, y.sum(axis=0)),
            "You turn the counts into shares first. That is another cost: in this one an input that was seen five times counts five times.",
        ),
        Mistake(
            "counts taken for 0 and 1",
            lambda a, y: a - (y > 0),
            "You ask whether a class was wanted at all. It counts how often.",
        ),
        Mistake(
            "a divided by the sum",
            lambda a, y: a / y.sum(axis=0) - y,
            "The sum of the column is a factor, and you divide by it. What does the sum of a times -y/a come to?",
        ),
        Mistake(
            "everything times the sum",
            lambda a, y: (a - y) * y.sum(axis=0),
            "The sum of the column stands at both terms. Only one of the two terms of the softmax VJP has it.",
        ),
        Mistake(
            "targets times the sum",
            lambda a, y: a - y * y.sum(axis=0),
            "The sum of the column stands at the wrong term. Which of the two terms of the softmax VJP has a sum in it?",
        ),
        Mistake(
            "sum over the examples",
            lambda a, y: a * y.sum(axis=1, keepdims=True) - y,
            "You sum each row of y: over the examples. Each column is one example; sum down the columns.",
        ),
        Mistake(
            "sum over everything",
            lambda a, y: a * y.sum() - y,
            "You sum all of y. Each column is one example and has a sum of its own.",
        ),
        Mistake(
            "number of classes for the sum",
            lambda a, y: a * len(a) - y,
            "The factor of a is the number of classes. It has to be the sum of the column of y.",
        ),
        Mistake(
            "mean for the sum",
            lambda a, y: a * y.mean(axis=0) - y,
            "The factor of a is the mean of the column of y. The derivation has a sum there.",
        ),
        Mistake(
            "elementwise",
            lambda a, y: -y * (1 - a),
            "You multiply -y/a by a(1 - a) entry by entry. Softmax mixes the neurons: outputs whose target is 0 have an error too.",
        ),
        Mistake(
            "extra σ'",
            lambda a, y: _right(a, y) * a * (1 - a),
            "You multiply by a slope once more. In this pairing the slope has cancelled already: that is what makes it learn fast.",
        ),
        Mistake(
            "averaged over the examples",
            lambda a, y: _right(a, y) / a.shape[1],
            "You divide by the number of examples. Each column is the error of one example; 1/m comes once, later.",
        ),
        Mistake(
            "sign", lambda a, y: -_right(a, y), "Every entry has the opposite sign: a class that is given too much probability has a positive error."
        ),
        Mistake(
            "gradient at a",
            lambda a, y: -y / a,
            "That is the gradient of the cost with respect to a. δ is taken at z, behind the Jacobian of softmax.",
        ),
        Mistake(
            "softmax once more",
            lambda a, y: _right(softmax_columns(a), y),
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake("absolute value", lambda a, y: np.abs(_right(a, y)), "You dropped the sign, and with it the direction in which z has to move."),
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
        Mistake("factor 2", lambda a, y: 2 * _right(a, y), "Every entry is twice too large. No square is differentiated here."),
        Mistake("halved", lambda a, y: _right(a, y) / 2, "Every entry is half of what it should be. This cost has no ½ in front."),
        Mistake("averaged over the classes", lambda a, y: _right(a, y) / len(a), "You divide by the number of classes. The cost adds them up."),
        Mistake(
            "gradient at a; sign",
            lambda a, y: y / a,
            "Two things: that is the gradient with respect to a, where δ is taken at z; and its sign is turned.",
        ),
        Mistake(
            "minus the targets", lambda a, y: -y, "That is -y: the gradient -y/a times a. The part of the Jacobian that mixes the classes is missing."
        ),
        Mistake(
            "a + y",
            lambda a, y: a * y.sum(axis=0) + y,
            "You add the target. A class that is given too little probability has a negative error.",
        ),
        Mistake("times a", lambda a, y: _right(a, y) * a, "A factor a is too many. In this pairing everything else has cancelled."),
        Mistake("times 1 - a", lambda a, y: _right(a, y) * (1 - a), "A factor 1 - a is too many. In this pairing everything else has cancelled."),
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
        Mistake("logarithms alone", lambda a, y: -np.log(a), "These are logarithms. They disappear when you differentiate."),
        *pairs(_error, _SLIPS),
        Mistake("targets left out", lambda a, y: +a, "This is the output itself. The error has to know which classes were wanted."),
        Mistake(
            "wanted classes left out",
            lambda a, y: np.where(y > 0, 0.0, a * y.sum(axis=0)),
            "The classes that nobody wanted are right; the others have no error here. One of them may have too little probability.",
        ),
        Mistake("terms of the cost", lambda a, y: -y * np.log(a), "These are the terms of the cost. Differentiate them, with respect to z."),
        Mistake(
            "most wanted class alone",
            lambda a, y: a - (y == y.max(axis=0)),
            "You take the class that was wanted most often as the only one. The counts say how often each was.",
        ),
        Mistake(
            "answer for probabilities",
            lambda a, y: (a == a.max(axis=0)) - y,
            "You turn the outputs into one answer, 1 for the largest. The error needs the probabilities themselves: how sure the net was counts.",
        ),
        Mistake(
            "largest count for the sum",
            lambda a, y: a * y.max(axis=0) - y,
            "The factor of a is the largest count of the column. The derivation has a sum there.",
        ),
        Mistake(
            "1 for a sum of 0",
            lambda a, y: a * np.where(y.sum(axis=0) == 0, 1, y.sum(axis=0)) - y,
            "Right, but where nothing was wanted at all: there you take 1 for the sum. Nothing is divided by it, so it may be 0.",
        ),
        Mistake(
            "columns of zeros left out; targets taken to sum to 1",
            lambda a, y: (a - y) * (y.sum(axis=0) > 0),
            "Where nothing was wanted you say 0, which is right. The other columns need not sum to 1: which line of the derivation used the 1?",
        ),
        mean_of_the_examples(
            _right,
            "You take the mean over the examples, one column for all. Each column is the error of one example; the mean comes later.",
        ),
        Mistake(
            "y inside the bracket with the sum",
            lambda a, y: a * (y.sum(axis=0) - y),
            "The factor a meets y as well. Only the sum of the targets is multiplied by a: where do the brackets end?",
        ),
        Mistake(
            "most counted class alone",
            lambda a, y: y.sum(axis=0) * (a - (y == y.max(axis=0))),
            "You give all counts of a column to its most counted class. Each class has its own count.",
        ),
    ),
)
