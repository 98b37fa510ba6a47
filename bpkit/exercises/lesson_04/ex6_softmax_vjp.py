"""04.6: jᵀg for softmax, without building J."""

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


def _cases_vjp(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (2, 5), (4, 1)):
        z, g = rng.normal(size=(n, m)), rng.normal(size=(n, m))
        z[0, 0] = z[1, 0]  # two outputs are alike
        cases.append(Case(f"{n} outputs, m = {m}", (softmax_columns(z), g)))
    return cases


def _vjp(
    outer: Callable[[Array], Any] = lambda a: a,
    mean: Callable[[Array, Array], Any] = lambda a, g: np.sum(a * g, axis=0),
    sign: float = -1.0,
    factor: Callable[[Array], float] = lambda a: 1.0,
) -> Callable[[Array, Array], Array]:
    """The product with parts of it replaced."""
    return lambda a, g: outer(a) * (g + sign * mean(a, g)) * factor(a)


_SLIPS = (
    Slip("outer", lambda a: 1.0, "a left out", "the factor a in front is missing"),
    Slip("outer", lambda a: 1 - a, "1 - a in front", "in front stands 1 - a, where the row of the Jacobian has a"),
    *MEANS,
    Slip("sign", 1.0, "sign of the sum", "the second part has the wrong sign"),
    Slip("factor", lambda a: -1.0, "negated", "every sign is wrong"),
    Slip("factor", lambda a: 2.0, "twice", "every entry is twice too large"),
    Slip(
        "factor", lambda a: 1 / a.shape[1], "averaged over the examples", "it is divided by the number of examples, where each column is one example"
    ),
    Slip("factor", lambda a: 1 / a.shape[0], "averaged over the outputs", "it is divided by the number of outputs"),
)


EXERCISE = Exercise(
    id="04.6",
    name="softmax_vjp",
    title="Jᵀg for softmax, without building J",
    points=2,
    minutes=10,
    difficulty=3,
    allows=("sigmoid",),
    cases=_cases_vjp,
    reference=vjp_of_softmax,
    # log a is one z with softmax(z) = a; Σ g ∘ softmax moves with z as Jᵀg says
    plain=(0,),
    oracle=lambda a, g: oracles.gradient(lambda moved: np.sum(g * softmax_columns(moved)), np.log(a)),
    explain=lambda returned, a, g: subtracted_from_each(returned, a, g, "g") or columns_sum_to_zero(returned, a.shape, "Jᵀg"),
    hints=(
        "Write (diag(a) - a aᵀ) g out for one column. Which part of it is a single number?",
        "aᵀg is one number for each example: the mean of g, weighted with the activations.",
        "Subtract that weighted mean from g, column by column, and multiply by a entry by entry.",
    ),
    mistakes=(
        Mistake(
            "slope of the logarithm",
            lambda a, g: g - a * g.sum(axis=0),
            "That is what goes back through the logarithm of softmax. Here a itself is the output, and its slopes have a factor a more.",
        ),
        Mistake(
            "plain mean of g",
            lambda a, g: a * (g - g.mean(axis=0)),
            "You subtract the plain mean of g. The Jacobian weighs each entry of g with its activation.",
        ),
        Mistake(
            "elementwise",
            lambda a, g: a * (1 - a) * g,
            "You use the diagonal of the Jacobian alone, as if each output depended on its own z only.",
        ),
        Mistake(
            "zeros",
            lambda a, g: np.zeros_like(a),
            "All zeros. That is the right answer for one kind of g only: when all its entries are equal. These are not.",
        ),
        Mistake("the sum left out", lambda a, g: a * g, "That is diag(a) g. The second part of the Jacobian, a aᵀ, is missing."),
        Mistake(
            "one mean for all examples",
            lambda a, g: a * (g - np.sum(a * g)),
            "Your weighted mean runs over all examples at once. Each column has its own.",
        ),
        Mistake(
            "sum not weighted",
            lambda a, g: a * (g - g.sum(axis=0)),
            "You subtract the plain sum of g. In a aᵀ g each entry of g meets its activation before the sum.",
        ),
        Mistake(
            "sign of the sum",
            lambda a, g: a * (g + np.sum(a * g, axis=0)),
            "The second part has the wrong sign: the outputs compete.",
        ),
        Mistake("a left out", lambda a, g: g - np.sum(a * g, axis=0), "One factor is missing: in row j of the Jacobian every entry contains a_j."),
        Mistake(
            "a left out once",
            lambda a, g: a * g - np.sum(a * g, axis=0),
            "The first part is right. In the second, a aᵀ g, the number aᵀg still has to meet the column a.",
        ),
        Mistake(
            "examples mixed",
            lambda a, g: a * g - a @ a.T @ g,
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "examples mixed, the other way",
            lambda a, g: a * g - a @ (a.T @ g).T,
            "Right for one example. With several, your matrix products mix them: each column has a Jacobian of its own.",
        ),
        Mistake(
            "wrong axis",
            lambda a, g: a * (g - np.sum(a * g, axis=1, keepdims=True)),
            "You sum along the rows, over the examples. The weighted mean runs over the outputs of one example.",
        ),
        Mistake(
            "one Jacobian for all",
            lambda a, g: (np.diag(a[:, 0]) - np.outer(a[:, 0], a[:, 0])) @ g,
            "Only the first column is right: you use the first example's Jacobian for all. Each column has activations of its own.",
        ),
        Mistake(
            "np.mean for a weighted mean",
            lambda a, g: a * (g - np.mean(a * g, axis=0)),
            "You divide the weighted sum by the number of outputs. The weights sum to 1 already.",
        ),
        Mistake("negated", lambda a, g: -vjp_of_softmax(a, g), "Every sign is wrong. Which of the two parts is subtracted?"),
        Mistake(
            "softmax once more",
            lambda a, g: vjp_of_softmax(softmax_columns(a), g),
            "You apply softmax to what is a softmax output already. The function is given a, not z.",
        ),
        Mistake("a and g swapped", lambda a, g: vjp_of_softmax(g, a), "a and g have changed places. The Jacobian is made of a."),
        Mistake(
            "averaged over the examples",
            lambda a, g: vjp_of_softmax(a, g) / a.shape[1],
            "You divide by the number of examples. Each column belongs to one example.",
        ),
        Mistake("diag(a) missing", lambda a, g: -a * np.sum(a * g, axis=0), "Only the second part, a aᵀ g, is there. What is it subtracted from?"),
        Mistake("1 - a in front", _vjp(lambda a: 1 - a), "In front stands 1 - a. Which factor has every entry in row j of the Jacobian?"),
        Mistake(
            "a for the mean",
            lambda a, g: a * (g - a),
            "You subtract the activations from g. What is subtracted is one number for each example: the mean of g, weighted with them.",
        ),
        Mistake(
            "largest entry of g",
            lambda a, g: a * (g - g.max(axis=0)),
            "You subtract the largest entry of g, as one does to keep exponentials small. Here it is the mean of g, weighted with the activations.",
        ),
        Mistake(
            "first example's mean for all",
            _vjp(mean=lambda a, g: np.sum(a[:, 0] * g[:, 0])),
            "Only the first column is right: its weighted mean is subtracted from all. Each column has its own.",
        ),
        Mistake(
            "last example's Jacobian for all",
            lambda a, g: (np.diag(a[:, -1]) - np.outer(a[:, -1], a[:, -1])) @ g,
            "Only the last column is right: you use the last example's Jacobian for all. Does each turn of your loop overwrite the one before?",
        ),
        Mistake("a twice in front", _vjp(lambda a: a**2), "The factor a is in front twice."),
        Mistake(
            "divided by the sum",
            lambda a, g: a * g / np.sum(a * g, axis=0),
            "You divide by the weighted mean. It is subtracted from g.",
        ),
        Mistake(
            "elementwise; negated", lambda a, g: -a * (1 - a) * g, "Two things: you use the diagonal of the Jacobian alone; and every sign is wrong."
        ),
        Mistake(
            "slope of the sigmoid at a",
            lambda a, g: g * prime(a),
            "You apply the sigmoid's slope to the activations of softmax. There is no sigmoid here.",
        ),
        *pairs(_vjp, _SLIPS),
        Mistake("1 - a", lambda a, g: (1 - a) * g, "You multiply by 1 - a. Write the product of one row of the Jacobian with g out."),
        mean_of_the_examples(vjp_of_softmax, "You take the mean over the examples, one column for all. Each example has a column of its own."),
        Mistake(
            "a for g in front",
            lambda a, g: a * (a - np.sum(a * g, axis=0)),
            "The weighted mean is right. It is subtracted from a, where each output's own slope g belongs.",
        ),
        Mistake(
            "1 - a multiplied in as well",
            lambda a, g: a * (1 - a) * (g - np.sum(a * g, axis=0)),
            "A factor 1 - a is too many: the weighted mean that is subtracted has taken its place.",
        ),
    ),
)
