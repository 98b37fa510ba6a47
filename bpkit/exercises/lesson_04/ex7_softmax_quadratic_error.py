"""04.7: the output error of softmax with the quadratic cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import (
    MEANS,
    Array,
    columns_sum_to_zero,
    mean_of_the_examples,
    prime,
    softmax_columns,
    subtracted_from_each,
    vjp_of_softmax,
)
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs


def _cases_softmax_quadratic(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 1)):
        z, y = rng.normal(size=(n, m)), rng.uniform(size=(n, m))
        z[0, 0] = z[1, 0]  # two outputs are alike
        if m == 5:  # one wanted class each
            y[:, 3:] = rng.permutation(np.eye(2))
        cases.append(Case(f"{n} outputs, m = {m}", (softmax_columns(z), y)))
    return cases


def _back(subtracted: Callable[[Array, Array], Any]) -> Callable[[Array, Array], Array]:
    return lambda a, g: a * (g - subtracted(a, g))


def _error(
    gradient: Callable[[Array, Array], Array] = lambda a, y: a - y,
    jacobian: Callable[[Array, Array], Array] = vjp_of_softmax,
    factor: Callable[[Array], float] = lambda a: 1.0,
) -> Callable[[Array, Array], Array]:
    """The error with parts of it replaced, or put to it."""
    return lambda a, y: jacobian(a, gradient(a, y)) * factor(a)


_SLIPS = (
    Slip("gradient", lambda a, y: y - a, "y - a", "the sign of the gradient at a is turned"),
    Slip("gradient", lambda a, y: np.abs(a - y), "absolute value", "the sign of a - y is dropped"),
    Slip("gradient", lambda a, y: (a - y) ** 2 / 2, "the cost, not its gradient", "the terms of the cost stand where their derivative belongs"),
    Slip("jacobian", lambda a, g: a * (1 - a) * g, "elementwise", "a(1 - a) multiplies entry by entry, where softmax mixes the neurons"),
    Slip("jacobian", lambda a, g: g, "no Jacobian", "the Jacobian of softmax is missing"),
    Slip("jacobian", lambda a, g: a * g, "diag(a) alone", "of the Jacobian the part -a aᵀ is missing"),
    Slip("jacobian", lambda a, g: prime(a) * g, "σ'(a)", "the sigmoid's slope at a stands where softmax needs its whole Jacobian"),
    Slip("jacobian", lambda a, g: a * (g + np.sum(a * g, axis=0)), "sign of the sum", "the second part of the Jacobian has the wrong sign"),
    *(Slip("jacobian", _back(slip.wrong), slip.name, slip.says) for slip in MEANS),
    Slip("factor", lambda a: 2.0, "factor 2", "the ½ of the cost cancels the 2"),
    Slip("factor", lambda a: 0.5, "halved", "the 2 that comes down from the square cancels the ½"),
    Slip(
        "factor", lambda a: 1 / a.shape[1], "averaged over the examples", "it is divided by the number of examples, where each column is one example"
    ),
    Slip("factor", lambda a: 1 / a.shape[0], "averaged over the outputs", "it is divided by the number of outputs"),
)


EXERCISE = Exercise(
    id="04.7",
    name="softmax_quadratic_error",
    title="The output error of softmax with the quadratic cost",
    points=2,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_softmax_quadratic,
    reference=lambda a, y: vjp_of_softmax(a, a - y),
    plain=(0, 1),
    oracle=lambda a, y: oracles.gradient(lambda moved: np.sum((softmax_columns(moved) - y) ** 2) / 2, np.log(a)),
    explain=lambda returned, a, y: subtracted_from_each(returned, a, a - y, "a - y") or columns_sum_to_zero(returned, a.shape, "δ"),
    hints=(
        "BP1 as you used it in 04.3 multiplies entry by entry. That needs each output to depend on its own z alone. Is it so here?",
        "Where the activation mixes neurons, δ is the transposed Jacobian times the gradient with respect to a.",
        "You have both parts: the gradient from 04.2, and 04.6 applies the Jacobian.",
    ),
    mistakes=(
        Mistake(
            "elementwise",
            lambda a, y: (a - y) * a * (1 - a),
            "You multiply by a(1 - a) entry by entry, the rule for sigmoid outputs. Softmax mixes the neurons: the whole Jacobian is needed.",
        ),
        Mistake(
            "no Jacobian", lambda a, y: a - y, "That is the gradient with respect to the outputs a. It is the error itself for another cost only."
        ),
        Mistake("y - a", lambda a, y: vjp_of_softmax(a, y - a), "Every entry has the opposite sign. Look at the gradient with respect to a."),
        Mistake(
            "averaged over the examples",
            lambda a, y: vjp_of_softmax(a, a - y) / a.shape[1],
            "You divide by the number of examples. Each column is the error of one example.",
        ),
        Mistake("diag(a) alone", lambda a, y: a * (a - y), "You multiply by a: the diagonal part of the Jacobian. The part -a aᵀ is missing."),
        Mistake(
            "plain mean",
            lambda a, y: a * ((a - y) - (a - y).mean(axis=0)),
            "You subtract the plain mean of a - y. The Jacobian weighs with the activations.",
        ),
        Mistake(
            "sum not weighted",
            lambda a, y: a * ((a - y) - (a - y).sum(axis=0)),
            "You subtract the plain sum of a - y. The Jacobian weighs with the activations.",
        ),
        Mistake("factor 2", lambda a, y: 2 * vjp_of_softmax(a, a - y), "Every entry is twice too large: the ½ of the cost cancels the 2."),
        Mistake(
            "σ'(a)",
            lambda a, y: (a - y) * prime(a),
            "You multiply by the sigmoid's slope at a. There is no sigmoid here: softmax mixes the neurons and needs its whole Jacobian.",
        ),
        Mistake(
            "cross-entropy's gradient",
            lambda a, y: vjp_of_softmax(a, -y / a),
            "The Jacobian is right, the cost is another: -y/a is the gradient of cross-entropy. Here the cost is the quadratic one.",
        ),
        Mistake(
            "examples mixed",
            lambda a, y: a * (a - y) - a @ a.T @ (a - y),
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "wrong axis",
            lambda a, y: a * ((a - y) - np.sum(a * (a - y), axis=1, keepdims=True)),
            "You sum along the rows, over the examples. The weighted mean runs over the outputs of one example.",
        ),
        Mistake(
            "one mean for all examples",
            lambda a, y: a * ((a - y) - np.sum(a * (a - y))),
            "Your weighted mean runs over all examples at once. Each column has its own.",
        ),
        Mistake(
            "sign of the sum",
            lambda a, y: a * ((a - y) + np.sum(a * (a - y), axis=0)),
            "The second part has the wrong sign: the outputs compete.",
        ),
        Mistake(
            "a left out",
            lambda a, y: (a - y) - np.sum(a * (a - y), axis=0),
            "One factor is missing: in row j of the Jacobian every entry contains a_j.",
        ),
        Mistake(
            "Jacobian twice",
            lambda a, y: vjp_of_softmax(a, vjp_of_softmax(a, a - y)),
            "The Jacobian is applied twice. Between z and a softmax is passed once.",
        ),
        Mistake(
            "targets for the gradient",
            lambda a, y: vjp_of_softmax(a, y),
            "You send the targets through the Jacobian. What goes through it is the gradient at a.",
        ),
        Mistake(
            "the cost, not its gradient",
            lambda a, y: vjp_of_softmax(a, (a - y) ** 2 / 2),
            "You send the terms of the cost through the Jacobian. What goes through it is their derivative.",
        ),
        Mistake("halved", _error(factor=lambda a: 0.5), "Every entry is half of what it should be. What comes down from the square?"),
        Mistake(
            "averaged over the outputs",
            _error(factor=lambda a: 1 / a.shape[0]),
            "You divide by the number of outputs. The cost is half a sum, no mean.",
        ),
        Mistake(
            "np.mean for a weighted mean",
            _error(jacobian=_back(MEANS[-1].wrong)),
            "You divide the weighted sum by the number of outputs. The weights sum to 1 already.",
        ),
        Mistake(
            "a left out once",
            lambda a, y: a * (a - y) - np.sum(a * (a - y), axis=0),
            "The first part is right. In the second, a aᵀ g, the number aᵀg still has to meet the column a.",
        ),
        Mistake("absolute value", _error(lambda a, y: np.abs(a - y)), "You dropped the sign of a - y, and with it which way z has to go."),
        Mistake("squares", _error(lambda a, y: (a - y) ** 2), "You send squares through the Jacobian. The derivative of a square is not a square."),
        Mistake("a + y", _error(lambda a, y: a + y), "You add the target. What is inside the square?"),
        Mistake(
            "targets left out", _error(lambda a, y: a), "You send the outputs themselves through the Jacobian. The error has to know the targets."
        ),
        Mistake(
            "Jacobian of the targets",
            lambda a, y: vjp_of_softmax(y, a - y),
            "You built the Jacobian from the targets. It is made of the activations.",
        ),
        Mistake(
            "a and its gradient swapped",
            lambda a, y: vjp_of_softmax(a - y, a),
            "Activations and gradient have changed places. The Jacobian is made of a, and a - y goes through it.",
        ),
        Mistake(
            "first example's Jacobian for all",
            lambda a, y: (np.diag(a[:, 0]) - np.outer(a[:, 0], a[:, 0])) @ (a - y),
            "Only the first column is right: you use the first example's Jacobian for all. Each column has activations of its own.",
        ),
        Mistake(
            "slope once more",
            lambda a, y: vjp_of_softmax(a, a - y) * a * (1 - a),
            "The Jacobian is right, and a slope a(1 - a) is put to it. Between z and a softmax is passed once, and it has one Jacobian.",
        ),
        Mistake(
            "second part alone", lambda a, y: -a * np.sum(a * (a - y), axis=0), "Only the second part, a aᵀ g, is there. What is it subtracted from?"
        ),
        *pairs(_error, _SLIPS, ("the cost, not its gradient; factor 2",)),  # squares
        Mistake(
            "softmax once more",
            lambda a, y: vjp_of_softmax(softmax_columns(a), softmax_columns(a) - y),
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake(
            "targets left out of the mean",
            lambda a, y: a * ((a - y) - np.sum(a * a, axis=0)),
            "The weighted mean is that of a. It is the gradient a - y whose mean is subtracted.",
        ),
        Mistake(
            "y for the factor a",
            lambda a, y: y * ((a - y) - np.sum(a * (a - y), axis=0)),
            "The bracket is right, and the target multiplies it. In row j of the Jacobian every entry contains a_j.",
        ),
        Mistake(
            "weighted with the targets",
            lambda a, y: a * ((a - y) - np.sum(y * (a - y), axis=0)),
            "You weigh the mean with the targets. The Jacobian weighs with the activations.",
        ),
        mean_of_the_examples(
            lambda a, y: vjp_of_softmax(a, a - y),
            "You take the mean over the examples, one column for all. Each column is the error of one example; the mean comes later.",
        ),
        Mistake(
            "slopes less their plain mean",
            lambda a, y: (lambda s: s - s.mean(axis=0))((a - y) * a * (1 - a)),
            "You multiply entry by entry, the rule for sigmoid outputs, and take off the mean so that each column sums to 0. What an output loses "
            "to another "
            "is weighted with both activations: that needs the whole Jacobian.",
        ),
        Mistake(
            "diag(a) less its plain mean",
            lambda a, y: (lambda s: s - s.mean(axis=0))((a - y) * a),
            "The first part is right. From it you subtract the plain mean, the same for every output. In a aᵀ g the sum meets each output's own "
            "activation.",
        ),
        Mistake(
            "targets divided by their sum",
            lambda a, y: vjp_of_softmax(a, a - y / y.sum(axis=0)),
            "You divide the targets by their sum first. The quadratic cost takes them as they are.",
        ),
        Mistake(
            "largest target alone",
            lambda a, y: vjp_of_softmax(a, a - (y == y.max(axis=0))),
            "You make 1 of the largest target and 0 of the others. The quadratic cost takes them as they are.",
        ),
        Mistake(
            "a - y added",
            lambda a, y: a - y + vjp_of_softmax(a, a - y),
            "You add a - y itself. It has gone through the Jacobian already, and nothing else leads from z to the cost.",
        ),
    ),
)
