"""04.5: the Jacobian of softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_04.shared import Array, prime, shaped, softmax_columns
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, pairs


def _cases_column(rng: np.random.Generator) -> list[Case]:
    columns = [rng.normal(size=(n, 1)) for n in (3, 1, 5)]
    columns[2][4] = columns[2][1]  # no entry is found by its value
    return [Case("1 output" if n == 1 else f"{n} outputs", (z,)) for n, z in zip(map(len, columns), columns, strict=True)]


def _softmax_jacobian(z: Array) -> Array:
    a = softmax_columns(z)
    return np.diag(a.ravel()) - a @ a.T


def _built(
    activations: Callable[[Array], Array] = softmax_columns,
    diagonal: Callable[[Array], Array] = lambda a: np.diagflat(a),
    outer: Callable[[Array], Any] = lambda a: a @ a.T,
    sign: float = 1.0,
) -> Callable[[Array], Array]:
    """The Jacobian with parts of it replaced."""

    def answer(z: Array) -> Array:
        a = activations(z)
        return np.array(sign * (diagonal(a) - outer(a)))

    return answer


_SLIPS = (
    Slip("activations", sigmoid, "sigmoid for softmax", "the activations are sigmoids, where those of softmax sum to 1"),
    Slip("activations", lambda z: z, "z for a", "z stands where the activations belong"),
    Slip("activations", np.exp, "not divided by the sum", "plain exponentials stand where softmax divides them by their sum"),
    Slip("diagonal", lambda a: np.eye(len(a)), "I - a aᵀ", "on the diagonal stands a 1, where the derivative of the numerator belongs"),
    Slip("diagonal", lambda a: np.diagflat(a * (1 - a)), "a² subtracted twice", "on the diagonal a(1 - a) contains the square already"),
    Slip(
        "diagonal",
        lambda a: np.diag(a) + np.zeros((len(a), 1)),
        "np.diag of a column",
        "`np.diag` takes a number out of a column, and builds a matrix from a flat array only",
    ),
    Slip("outer", lambda a: -a @ a.T, "plus a aᵀ", "the second part has the wrong sign"),
    Slip("outer", lambda a: 2 * a @ a.T, "a aᵀ twice", "the outer product is subtracted twice"),
    Slip("outer", lambda a: 0, "diag(a) alone", "the denominator, which contains every z, is not differentiated"),
    Slip("outer", lambda a: a.T @ a, "inner product", "behind the minus stands one number, where the outer product has one for each pair"),
    Slip("sign", -1.0, "negated", "every sign is wrong (raising z_j raises a_j)"),
)

_ALIKE = ("I - a aᵀ; diag(a) alone", "a² subtracted twice; diag(a) alone")  # the identity, and the diagonal only


def _explain_jacobian(returned: Any, z: Array) -> str | None:
    found = shaped(returned, (len(z), len(z)))
    if found is None or np.allclose(found.sum(axis=0), 0, atol=1e-6):
        return None
    sums = found.sum(axis=0)
    worst = int(np.argmax(np.abs(sums)))
    return (
        "The outputs always sum to 1: whatever one of them gains, the others lose. So each column of the Jacobian has to sum to 0. "
        f"Your column {worst} (counting from 0) sums to {sums[worst]:.2g}."
    )


EXERCISE = Exercise(
    id="04.5",
    equivalent={"operator, a @ a.T → a * a.T": "a column times a row, entry by entry, is their outer product"},
    name="softmax_jacobian",
    title="The Jacobian of softmax",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_column,
    reference=_softmax_jacobian,
    oracle=lambda z: oracles.jacobian(softmax_columns, z)[:, 0, :, 0],
    explain=_explain_jacobian,
    hints=(
        "Row i, column j: how does a_i move with z_j? Differentiate a fraction. Two cases: i = j and i ≠ j.",
        "With i ≠ j only the denominator contains z_j. With i = j the numerator contains it too, and one more term appears.",
        "Off the diagonal stands minus a product of two activations; on the diagonal an activation is added to that. Write it as a diagonal matrix "
        "and an outer product.",
    ),
    mistakes=(
        Mistake(
            "diagonal only",
            lambda z: np.diag((softmax_columns(z) * (1 - softmax_columns(z))).ravel()),
            "Your diagonal is right, and everything beside it is zero, as for a sigmoid. But raising one z takes probability from all other outputs.",
        ),
        Mistake(
            "sign off the diagonal",
            lambda z: 2 * np.diag((softmax_columns(z) * (1 - softmax_columns(z))).ravel()) - _softmax_jacobian(z),
            "Off the diagonal every sign is wrong. When one z rises, what happens to the other outputs? Each column of the Jacobian sums to 0.",
        ),
        Mistake(
            "a aᵀ alone",
            lambda z: softmax_columns(z) @ softmax_columns(z).T,
            "You have the outer product of the activations, without the diagonal part and with its sign turned.",
        ),
        Mistake(
            "minus a aᵀ alone",
            lambda z: -softmax_columns(z) @ softmax_columns(z).T,
            "Off the diagonal this is right. On the diagonal the numerator contains z_j as well: one term is missing.",
        ),
        Mistake(
            "diag(a) alone", lambda z: np.diag(softmax_columns(z).ravel()), "That is the numerator's part. The denominator contains every z as well."
        ),
        Mistake("negated", lambda z: -_softmax_jacobian(z), "Every sign is wrong. Raising z_j raises a_j: the diagonal is positive."),
        Mistake(
            "row of slopes",
            lambda z: softmax_columns(z) * (1 - softmax_columns(z)),
            "You return one number for each output. A Jacobian has one for each pair of an output and an input.",
        ),
        Mistake(
            "np.diag of a column",
            lambda z: np.diag(softmax_columns(z)) - softmax_columns(z) @ softmax_columns(z).T,
            "Look at what `np.diag` makes of an array of shape (n, 1): it takes one number out. It builds a matrix from a flat array only.",
        ),
        Mistake(
            "inner product",
            lambda z: np.diag(softmax_columns(z).ravel()) - softmax_columns(z).T @ softmax_columns(z),
            "Behind the minus stands one number, a row times a column. The outer product, a column times a row, has an entry for each pair.",
        ),
        Mistake(
            "plus a aᵀ",
            lambda z: np.diag(softmax_columns(z).ravel()) + softmax_columns(z) @ softmax_columns(z).T,
            "The second part has the wrong sign. When one z rises, what happens to the other outputs?",
        ),
        Mistake(
            "I - a aᵀ",
            lambda z: np.eye(len(z)) - softmax_columns(z) @ softmax_columns(z).T,
            "Beside the diagonal this is right. On it stands a 1, where the derivative of the numerator belongs.",
        ),
        Mistake(
            "a² subtracted twice",
            lambda z: np.diag((softmax_columns(z) * (1 - softmax_columns(z))).ravel()) - softmax_columns(z) @ softmax_columns(z).T,
            "Beside the diagonal this is right. On it the square of the activation is subtracted twice: a(1 - a) contains it already.",
        ),
        Mistake(
            "sigmoid for softmax",
            lambda z: np.diag(sigmoid(z).ravel()) - sigmoid(z) @ sigmoid(z).T,
            "The form is right, with sigmoids in it. The activations here are softmax's, and sum to 1.",
        ),
        Mistake(
            "Jacobian of sigmoid",
            lambda z: np.diag(prime(z).ravel()),
            "This is the Jacobian of sigmoid outputs, which do not feel each other. Softmax outputs do.",
        ),
        Mistake(
            "z for a",
            lambda z: np.diag(z.ravel()) - z @ z.T,
            "The form is right, with z in it. Compute the activations first.",
        ),
        Mistake(
            "not divided by the sum",
            lambda z: np.diag(np.exp(z).ravel()) - np.exp(z) @ np.exp(z).T,
            "The form is right, with plain exponentials in it. Softmax divides them by their sum first.",
        ),
        Mistake(
            "a(1 - a) beside the diagonal",
            lambda z: np.diag(softmax_columns(z).ravel()) - softmax_columns(z) @ (1 - softmax_columns(z)).T,
            "Beside the diagonal only the denominator contains z_j, and its derivative brings in an activation, not 1 minus one.",
        ),
        Mistake(
            "a aᵀ twice", _built(outer=lambda a: 2 * a @ a.T), "The outer product is subtracted twice. How often does z_j stand in the denominator?"
        ),
        Mistake(
            "a without its matrix",
            _built(diagonal=lambda a: a),
            "The diagonal is right. Beside it stands a part of the numerator's derivative, which belongs on the diagonal alone: as a column, a is "
            "repeated in every column.",
        ),
        Mistake(
            "rows for columns",
            lambda z: (lambda a: a * (np.eye(len(a)) - a))(softmax_columns(z)),
            "The diagonal is right. Beside it a_i is multiplied by itself: one of the two factors belongs to the other index, and so to a row.",
        ),
        Mistake(
            "a² on the diagonal",
            _built(diagonal=lambda a: np.diagflat(a**2)),
            "Beside the diagonal this is right. On it nothing is left: the numerator's part is a, not its square.",
        ),
        Mistake(
            "1 - a on the diagonal",
            _built(diagonal=lambda a: np.diagflat(1 - a)),
            "Beside the diagonal this is right. On it, look at the derivative of the numerator again.",
        ),
        Mistake(
            "diagonal left 0",
            _built(diagonal=lambda a: np.diagflat(a**2), outer=lambda a: -(a @ a.T) + 2 * np.diagflat(a**2)),
            "Two things: the diagonal is missing; and beside it the sign is wrong.",
        ),
        Mistake(
            "identity less a",
            lambda z: np.eye(len(z)) - softmax_columns(z),
            "That is half of a product: one more factor, an activation, is missing in every entry.",
        ),
        Mistake("identity", lambda z: np.eye(len(z)), "That is the Jacobian of passing z on as it is."),
        Mistake(
            "slope of the sigmoid at a",
            lambda z: np.diagflat(prime(softmax_columns(z))),
            "You apply the sigmoid's slope to the activations of softmax. There is no sigmoid here.",
        ),
        Mistake(
            "diagonal only; negated",
            lambda z: (lambda a: -np.diagflat(a * (1 - a)))(softmax_columns(z)),
            "Two things: everything beside the diagonal is zero, as for a sigmoid; and every sign is wrong.",
        ),
        *pairs(_built, _SLIPS, _ALIKE),
        Mistake(
            "a on the diagonal",
            _built(outer=lambda a: a @ a.T - np.diagflat(a**2)),
            "Beside the diagonal this is right. On it z_j stands in the numerator and in the denominator: the second part is missing.",
        ),
        Mistake(
            "z on the diagonal",
            lambda z: np.diagflat(z) - softmax_columns(z) @ softmax_columns(z).T,
            "Beside the diagonal this is right. On it stands z in place of the activation.",
        ),
        Mistake(
            "every activation 1",
            lambda z: np.eye(len(z)) - np.ones((len(z), len(z))),
            "All your activations are 1: the sum of your softmax runs along the rows, which have one entry each.",
        ),
        Mistake(
            "exponentials on the diagonal",
            lambda z: np.diagflat(np.exp(z)) - softmax_columns(z) @ softmax_columns(z).T,
            "Beside the diagonal this is right. On it stand exponentials that are not divided by their sum.",
        ),
        Mistake(
            "shifted exponentials on the diagonal",
            lambda z: np.diagflat(np.exp(z - z.max())) - softmax_columns(z) @ softmax_columns(z).T,
            "Beside the diagonal this is right. On it stand exponentials that are not divided by their sum.",
        ),
        Mistake(
            "a subtracted as a column",
            lambda z: np.diagflat(softmax_columns(z)) - softmax_columns(z),
            "You subtract a itself, where its outer product belongs: a matrix less a column takes it off every column. How does a_i move with "
            "another z_j?",
        ),
        Mistake(
            "a subtracted as a row",
            lambda z: np.diagflat(softmax_columns(z)) - softmax_columns(z).T,
            "You subtract a itself, where its outer product belongs: a matrix less a row takes it off every row. How does a_i move with another z_j?",
        ),
    ),
)
