"""02.8: carry a vector back through a chain of Jacobians."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_02.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake

_HUGE = 2.0**70


def _cases_vjp(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes in ((3, 3, 3, 3, 3), (4, 2, 5, 3), (2, 4, 3, 1), (3, 2, 3), (1, 3)):
        jacobians = [rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes)]
        cases.append(Case(f"sizes {'-'.join(map(str, sizes))}", (jacobians, rng.normal(size=(sizes[-1], 1)))))
    return [*cases, _exact_for_a_column(rng)]


def _exact_for_a_column(rng: np.random.Generator) -> Case:
    """Whole numbers: each column on the way has a 0, which meets huge numbers in the next Jacobian and so costs nothing, in float32 too.

    In a product of two neighbouring Jacobians the huge numbers stand beside small ones that count, and a float has no room for both.
    """
    while True:
        column = v = _some(rng, (3, 1))
        jacobians: list[Array] = []
        for _ in range(3):
            J = _some(rng, (3, 3))
            one, two = column[1, 0], column[2, 0]
            if jacobians:  # its first number is 0
                J[:, 0] = _HUGE, two, -one
                J[0] = _HUGE * _some(rng, (3,))
            else:
                J[:, 0] = one * two, column[0, 0] * two, -2 * column[0, 0] * one
            jacobians.insert(0, J)
            column = J.T @ column
            if not np.all(column[1:]):
                break
        else:
            return Case("sizes 3-3-3-3, whole numbers, some of them huge", (jacobians, v))


def _some(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(1, 5, size=shape) * rng.choice([-1.0, 1.0], size=shape)


def _whole(jacobians: Sequence[Array]) -> bool:
    return all(np.array_equal(J, np.round(J)) for J in jacobians)


def _oracle(jacobians: Sequence[Array], v: Array) -> Array:
    if _whole(jacobians):  # the chain is linear: its values at the unit steps, in Python's exact whole numbers
        *exact, weights = (np.array([[int(entry) for entry in row] for row in array], dtype=object) for array in (*jacobians, v))
        return np.array([[np.sum(weights * _through(exact, unit[:, None]))] for unit in np.eye(3, dtype=int).astype(object)], dtype=float)
    # Σ v ∘ output is a scalar whose gradient at the input is asked
    return oracles.gradient(lambda x: np.sum(v * _through(jacobians, np.sin(x))), np.zeros((jacobians[0].shape[1], 1)))


def _multiplied_first(value: Any, jacobians: Sequence[Array], v: Array) -> bool:
    """Whether it is right but where a product of Jacobians loses what stands beside huge numbers: there 0 or huge itself is left."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    wanted = _vjp_chain(jacobians, v)
    if found.shape != wanted.shape or not np.isfinite(found).all():
        return False
    size = float(np.abs(wanted).max())
    if _whole(jacobians):
        return not found.any() or float(np.abs(found).max()) > 1e6 * size
    return float(np.abs(found - wanted).max()) <= 1e-6 * size


def _of_length_1(value: Any, jacobians: Sequence[Array], v: Array) -> bool:
    """Whether it is the right column scaled to length 1; where whole numbers cancel, scaling on the way leaves any direction."""
    try:
        found = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    wanted = _vjp_chain(jacobians, v)
    if found.shape != wanted.shape or not np.isclose(np.linalg.norm(found), 1, rtol=1e-6):
        return False
    return _whole(jacobians) or bool(np.allclose(found, wanted / np.linalg.norm(wanted), rtol=0, atol=1e-6))


def _product_first(jacobians: Sequence[Array], v: Array) -> Array:
    return np.array(_through(jacobians, np.eye(jacobians[0].shape[1])).T @ v)


def _through(jacobians: Sequence[Array], v: Array) -> Array:
    for J in jacobians:
        v = J @ v
    return v


def _vjp_chain(jacobians: Sequence[Array], v: Array) -> Array:
    return _through([J.T for J in jacobians[::-1]], v)


EXERCISE = Exercise(
    id="02.8",
    name="vjp_chain",
    title="Carry a vector back through a chain of Jacobians",
    points=3,
    minutes=9,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_vjp,
    reference=_vjp_chain,
    oracle=_oracle,
    hints=(
        "v has an entry for each output of the whole chain. Which of the Jacobians is the only one that has a row for each of them?",
        "Transposing a product turns its order round. Which transposed matrix then stands next to v?",
        "Go through the list from its end. Each time multiply what you have, from the left, by the transposed Jacobian; it never becomes larger "
        "than a column.",
    ),
    mistakes=(
        Mistake(
            "wrong end first",
            lambda jacobians, v: _through([J.T for J in jacobians], v),
            "You start with the first Jacobian, which belongs to the inputs. v belongs to the outputs. Where all layers have one size the shapes "
            "do not tell.",
        ),
        Mistake(
            "transpose forgotten",
            lambda jacobians, v: _through(jacobians[::-1], v),
            "You go from the last Jacobian to the first, and multiply by each as it stands. As it stands it carries changes forward.",
        ),
        Mistake(
            "forward, not back",
            _through,
            "You carry v forward, as if it were a step of the inputs. v weighs the outputs; asked is what that means for the inputs.",
        ),
        Mistake(
            "last Jacobian only",
            lambda jacobians, v: jacobians[-1].T @ v,
            "You stop one step back, at the inputs of the last function. Go on to the inputs of the first.",
        ),
        Mistake(
            "first Jacobian left out",
            lambda jacobians, v: _vjp_chain(jacobians[1:], v),
            "You stop before the first Jacobian. Its columns are the inputs that you want to reach.",
        ),
        Mistake(
            "last Jacobian left out",
            lambda jacobians, v: _vjp_chain(jacobians[:-1], v),
            "The last Jacobian is missing. It is the first one that v has to pass.",
        ),
        Mistake(
            "elementwise",
            lambda jacobians, v: np.sum(_through(jacobians, np.eye(jacobians[0].shape[1])) * v, axis=1, keepdims=True),
            "You weigh the rows by v and then add up along each row, over the inputs. Which index has to remain at the end?",
        ),
        Mistake(
            "Jacobian of the chain",
            lambda jacobians, v: _through(jacobians, np.eye(jacobians[0].shape[1])),
            "That is the whole Jacobian of the chain. v has not been used; and with it the whole matrix is never needed.",
        ),
        Mistake(
            "Jacobians multiplied first",
            _product_first,
            "Right, until a product of Jacobians needs more digits than a float has. You multiply Jacobians with each other, which also costs more "
            "work. With what does v have to be multiplied so that it stays a column?",
            _multiplied_first,
        ),
        Mistake(
            "v left out",
            lambda jacobians, v: np.sum(_through(jacobians, np.eye(jacobians[0].shape[1])), axis=0)[:, None],
            "You add up all outputs with equal weight. v says how much each of them counts.",
        ),
        Mistake(
            "row, not column",
            lambda jacobians, v: _vjp_chain(jacobians, v).T,
            "The numbers are right and stand in a row. In this course a vector is a column: one entry for each input, below each other.",
        ),
        Mistake(
            "column of length 1",
            lambda jacobians, v: _vjp_chain(jacobians, v) / np.linalg.norm(_vjp_chain(jacobians, v)),
            "The direction is right, and the column is scaled to length 1. Its length says how strongly the inputs act: keep it.",
            _of_length_1,
        ),
        Mistake(
            "inverse for transpose",
            lambda jacobians, v: _through([np.linalg.pinv(J) for J in jacobians[::-1]], v),
            "You undo each Jacobian, as if you were looking for the step that leads to v. Slopes are carried back by the transpose.",
        ),
    ),
)
