"""14.1: convolution along a line as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for K, n in ((3, 5), (2, 6), (4, 4), (1, 3)):  # the last but one has a single place, the last a single weight
        k = rng.normal(size=K)
        if K == 4:
            k[3] = k[1]  # a weight is known by its place, not by its value
        cases.append(Case(f"{K} weights, n = {n}", (k, n)))
    return cases


def _reference(k: Array, n: int) -> Array:
    T = np.zeros((n - len(k) + 1, n))
    for i in range(len(T)):
        T[i, i : i + len(k)] = k
    return T


def _oracle(k: Array, n: int) -> Array:
    return np.column_stack([np.correlate(unit, k, "valid") for unit in np.eye(n)])


def _placed(rows: Callable[[int, int], int], start: Callable[[int, int], int], order: slice = slice(None)) -> Any:
    """The weights, from a start in each row and round the end if need be."""

    def answer(k: Array, n: int) -> Array:
        T = np.zeros((rows(n, len(k)), n))
        for i in range(len(T)):
            for place, weight in enumerate(k[order]):
                T[i, (start(i, len(k)) + place) % n] = weight
        return T

    return answer


def _banded(n: int, K: int) -> int:
    return n - K + 1


EXERCISE = Exercise(
    id="14.1",
    name="convolution_matrix",
    title="Convolution along a line as a matrix",
    points=2,
    minutes=7,
    difficulty=2,
    cases=_cases,
    reference=_reference,
    oracle=_oracle,
    hints=(
        "Each output is one row of the matrix. How many outputs are there when the whole kernel has to lie on the input?",
        "Write the first two outputs as sums. The same weights meet inputs that lie one place further on: what does that do to the row?",
        "Start with zeros. In row i the kernel stands as it is, from column i on, and everything else stays zero.",
    ),
    mistakes=(
        Mistake(
            "kernel turned round",
            _placed(_banded, lambda i, K: i, slice(None, None, -1)),
            "You turned the kernel round, as mathematics does when it says convolution. Nets leave it as it is: the first weight meets the first "
            "input of the patch.",
        ),
        Mistake(
            "transposed",
            lambda k, n: _reference(k, n).T,
            "Your matrix leads from outputs to inputs. A row belongs to an output and says what each input counts there.",
        ),
        Mistake(
            "round the end",
            _placed(lambda n, K: n, lambda i, K: i),
            "You have a row for each input, and kernels that run off the end come in again at the front. Only places where the whole kernel lies on "
            "the input give an output.",
        ),
        Mistake(
            "cut off at the end",
            lambda k, n: _reference(k, n + len(k) - 1)[:, :n],
            "You have a row for each input; at the end the kernel lies on nothing. Count the places where all of it lies on the input.",
        ),
        Mistake(
            "padded to the input's length",
            lambda k, n: _reference(k, n + len(k) - 1)[:, (len(k) - 1) // 2 : (len(k) - 1) // 2 + n],
            "As many rows as columns: that is the matrix with zeros put around the input. Here nothing is put around it.",
        ),
        Mistake(
            "every place that touches",
            lambda k, n: _reference(k, n + 2 * (len(k) - 1))[:, len(k) - 1 : len(k) - 1 + n],
            "You count each place where the kernel touches the input. It has to lie on it with all of its weights.",
        ),
        Mistake(
            "kernel not moved",
            _placed(_banded, lambda i, K: 0),
            "All your rows are the same: the kernel lies at the first place throughout. Where does it lie for output i?",
        ),
        Mistake(
            "moved by its own length",
            _placed(_banded, lambda i, K: i * K),
            "From row to row your kernel moves on by its own length, so that patches do not overlap. It moves on by one place.",
        ),
        Mistake(
            "moved backwards",
            lambda k, n: _reference(k, n)[::-1],
            "The right rows in reverse order: output 0 is made where the kernel lies at the front of the input.",
        ),
        Mistake(
            "one place too few",
            lambda k, n: _reference(k, n)[:-1],
            "One row is missing. With a kernel as long as the input there is still one place.",
        ),
        Mistake(
            "one place too many",
            _placed(lambda n, K: n - K + 2, lambda i, K: i),
            "One row too many: its kernel does not fit on the input. How many places are there for a kernel as long as the input?",
        ),
        Mistake(
            "mean of the weights",
            lambda k, n: np.where(_reference(np.ones(len(k)), n) > 0, np.mean(k), 0.0),
            "Every weight became the same number. The kernel's weights stay apart: each meets its own input of the patch.",
        ),
        Mistake(
            "weights divided by their number",
            lambda k, n: _reference(k, n) / len(k),
            "Each entry is divided by the kernel's length. An output is the sum over the patch, not the mean.",
        ),
        Mistake(
            "a single row",
            lambda k, n: np.append(k, np.zeros(n - len(k))),
            "That is one row, for one output. The matrix has a row for each place of the kernel.",
        ),
        Mistake(
            "last weight left out",
            lambda k, n: _reference(np.append(k[:-1], 0.0), n),
            "The last weight of the kernel stands nowhere. A slice ends one before its end.",
        ),
        Mistake(
            "kernel repeated to the end of the row",
            lambda k, n: np.array([[k[(j - i) % len(k)] if j >= i else 0.0 for j in range(n)] for i in range(n - len(k) + 1)]),
            "In each row the kernel begins anew behind its end. It lies on the input once for each output; all else in the row is 0.",
        ),
        Mistake(
            "diagonals on the other side",
            lambda k, n: sum(k[u] * np.eye(n - len(k) + 1, n, -u) for u in range(len(k))),
            "Your weights after the first lie to the left of it. In a row they follow it to the right: place i sees the inputs from i on.",
        ),
    ),
)
