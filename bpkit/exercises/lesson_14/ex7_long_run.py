"""14.7: six recurrent matrices, judged by eye: does an error vanish, explode, or neither?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.proof import Proof

MATRICES: dict[str, Array] = {
    "A": np.array([[0.9, 0.0], [0.7, -0.8]]),
    "B": np.array([[0.5, 10.0], [0.0, 0.5]]),
    "C": np.array([[0.6, -0.8], [0.8, 0.6]]),
    "D": np.array([[1.0, 1.0], [0.0, 1.0]]),
    "E": np.array([[0.7, -0.8], [0.8, 0.7]]),
    "F": np.array([[0.8, 0.5], [0.3, 0.6]]),
}
_RIGHT = "VVNEEE"
_WORDS = {"V": "vanishes", "E": "explodes", "N": "neither"}


def _by(measure: Callable[[Array], float]) -> str:
    """The verdicts of somebody who compares one number of each matrix with 1."""
    numbers = [round(measure(U), 9) for U in MATRICES.values()]
    return "".join("V" if number < 1 else "E" if number > 1 else "N" for number in numbers)


def _oracle() -> str:
    """The verdicts by carrying an error back through 200 moments, and through as many again."""
    verdicts = ""
    for U in MATRICES.values():
        sizes = []
        for moments in (200, 400):
            delta = np.linalg.matrix_power(U.T, moments) @ np.array([[0.6], [0.8]])
            sizes.append(float(np.linalg.norm(delta)))
        first, second = sizes
        verdicts += "V" if second < first / 1.5 else "E" if second > 1.5 * first else "N"
    return verdicts


def _said(value: Any) -> str | None:
    """The verdicts of an answer; None if it is no row of six."""
    letters = Proof.read(value)
    return letters if len(letters) == len(MATRICES) and set(letters) <= set(_WORDS) else None


def _is(verdicts: str) -> Callable[[Any], bool]:
    return lambda value: _said(value) == verdicts


def _wrong_at(letter: str) -> Callable[[Any], bool]:
    place = list(MATRICES).index(letter)
    return lambda value: (said := _said(value)) is not None and said[place] != _RIGHT[place]


def _with(letter: str, verdict: str) -> str:
    place = list(MATRICES).index(letter)
    return _RIGHT[:place] + verdict + _RIGHT[place + 1 :]


def _explain(value: Any) -> str | None:
    if _said(value) is None:
        return 'Write six letters as text, one for each of the matrices A to F: V vanishes, E explodes, N neither, such as "VENVEN".'
    return None


EXERCISE = Exercise(
    id="14.7",
    name="long_run",
    title="Vanish, explode or neither: six recurrent matrices",
    points=2,
    minutes=8,
    difficulty=2,
    kind="value",
    reference=_RIGHT,
    oracle=_oracle,
    accepts=_is(_RIGHT),
    explain=_explain,
    hints=(
        "In the long run the eigenvalues decide. For a triangular matrix they stand on the diagonal; otherwise ask trace and determinant.",
        "Complex eigenvalues of a 2×2 matrix have the root of the determinant as their size. An eigenvalue's size counts, not its sign and not "
        "its real part.",
        "One of the six has the eigenvalue 1 twice and only one direction that belongs to it. Multiply it by itself a few times.",
    ),
    mistakes=(
        Mistake(
            "by the largest singular value",
            _by(lambda U: float(np.linalg.norm(U, 2))),
            "That is what the largest stretch of one step says. It bounds what can happen, from above; a direction that is stretched once may be "
            "shrunk by every step that follows.",
            _is(_by(lambda U: float(np.linalg.norm(U, 2)))),
        ),
        Mistake(
            "by the radius alone",
            _by(lambda U: float(np.abs(np.linalg.eigvals(U)).max())),
            "Five are right. Where the largest eigenvalue has the size 1 it does not decide by itself: take powers of those two, and look at their "
            "entries.",
            _is(_by(lambda U: float(np.abs(np.linalg.eigvals(U)).max()))),
        ),
        Mistake(
            "by the determinant",
            _by(lambda U: float(abs(np.linalg.det(U)))),
            "That is what the determinants say. A determinant is the product of the eigenvalues: one of them can be large where another is small.",
            _is(_by(lambda U: float(abs(np.linalg.det(U))))),
        ),
        Mistake(
            "by the largest entry",
            _by(lambda U: float(np.abs(U).max())),
            "That is what the largest entries say. Several entries below 1 add up in each step, and a large one can stand where it is met only once.",
            _is(_by(lambda U: float(np.abs(U).max()))),
        ),
        Mistake(
            "by the real parts",
            _by(lambda U: float(np.linalg.eigvals(U).real.max())),
            "That is what the real parts of the eigenvalues say. They decide in differential equations; for powers the size counts.",
            _is(_by(lambda U: float(np.linalg.eigvals(U).real.max()))),
        ),
        Mistake(
            "by the trace",
            _by(lambda U: float(abs(np.trace(U)))),
            "That is what the traces say. A trace is the sum of the eigenvalues, and each of them acts for itself.",
            _is(_by(lambda U: float(abs(np.trace(U))))),
        ),
        Mistake(
            "all explode",
            "EEEEEE",
            "You say that all six explode. Carry an error back through a hundred moments of one of the triangular ones.",
            _is("EEEEEE"),
        ),
        Mistake(
            "all vanish",
            "VVVVVV",
            "You say that all six vanish. One of them turns every error by an angle and leaves its length.",
            _is("VVVVVV"),
        ),
        Mistake(
            "B by its corner",
            _with("B", "E"),
            "B has a large entry, and it is met once: look at the square of B, then at its tenth power. What stands on the diagonal?",
            _wrong_at("B"),
        ),
        Mistake(
            "a turn taken for something else",
            _with("C", "V"),
            "C turns: the squares of each of its rows and columns add up to 1. What does a turn do to a length?",
            _wrong_at("C"),
        ),
        Mistake(
            "A wrong",
            _with("A", "N"),
            "A is triangular. Its eigenvalues stand on the diagonal, and one is negative: does a sign change a size?",
            _wrong_at("A"),
        ),
        Mistake(
            "E by its entries",
            _with("E", "V"),
            "E turns as C does, and its columns are longer than 1. The sum of their squares says by how much an error grows in each step.",
            _wrong_at("E"),
        ),
        Mistake(
            "F by its entries",
            _with("F", "V"),
            "All entries of F are below 1 and positive. Carry the error (1, 1) back through one step: how large is it then?",
            _wrong_at("F"),
        ),
        Mistake(
            "D by its eigenvalue",
            _with("D", "V"),
            "D has the eigenvalue 1 twice. Compute its square and its cube, and look at the corner.",
            _wrong_at("D"),
        ),
    ),
)
