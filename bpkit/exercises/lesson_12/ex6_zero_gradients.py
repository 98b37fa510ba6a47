"""12.6: which gradients are zero by construction?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_12.shared import ALLOWED, Array, standardised
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.proof import Proof

_LETTERS = "ABCDEFGH"
_ZERO = "AEGH"


def _zero_at_random_places() -> str:
    """The letters whose gradient vanishes for every weight, data and cost that is drawn."""
    largest = dict.fromkeys(_LETTERS, 0.0)
    for seed in range(3):
        for letter, size in _sizes(np.random.default_rng(seed)).items():
            largest[letter] = max(largest[letter], size)
    return "".join(letter for letter, size in largest.items() if size < 1e-12)


def _sizes(rng: np.random.Generator) -> dict[str, float]:
    n, n_prev, m, eps = 4, 3, 5, 1e-5
    W, b, a, target = rng.normal(size=(n, n_prev)), rng.normal(size=(n, 1)), rng.normal(size=(n_prev, m)), rng.normal(size=(n, m))
    a[1] = 0.7  # the input that is the same in every example
    gamma, beta = rng.normal(size=(n, 1)), rng.normal(size=(n, 1))
    mean, s = rng.normal(size=(n, 1)), rng.uniform(1, 2, size=(n, 1))

    def cost(u: Array) -> Any:
        return ((np.tanh(u) - target[:, : u.shape[1]]) ** 2).sum()

    def normal(z: Array, axis: int = 1) -> Array:
        return gamma * standardised(z, eps, axis)[0] + beta

    def relu(z: Array) -> Array:
        return np.where(z.real > 0, z, 0)

    def size(f: Callable[[Array], Any], at: Array, of: Callable[[Array], Any] = lambda gradient: gradient) -> float:
        return float(np.abs(of(oracles.gradient(lambda moved: cost(f(moved)), at))).max())

    return {
        "A": size(lambda b: normal(W @ a + b), b),
        "B": size(lambda b: gamma * (W @ a + b - mean) / s + beta, b),
        "C": size(lambda b: normal(relu(W @ a + b)), b),
        "D": size(lambda beta: gamma * standardised(W @ a + b, eps, 1)[0] + beta, beta),
        "E": size(lambda W: normal(W @ a + b), W, lambda gradient: gradient[:, 1]),
        "F": size(lambda b: normal(W @ a + b, 0), b),
        "G": size(lambda b: normal(W @ a + b, 0), b, np.sum),
        "H": size(lambda W: normal(W @ a[:, :1] + b), W),
    }


def _named(value: Any) -> set[str] | None:
    """The letters of an answer; None if it names something else."""
    if isinstance(value, str):
        value = re.sub(r"\band\b", " ", value, flags=re.IGNORECASE)
        if value.strip().lower() in ("", "none"):
            return set()
    letters = Proof.read(value)
    return set(letters) if (letters or (isinstance(value, list) and not value)) and set(letters) <= set(_LETTERS) else None


def _explain(value: Any) -> str | None:
    if _named(value) is None:
        return 'Write the letters of the gradients that are zero as text, such as "BC"; the candidates are A to H.'
    return None


def _made(name: str, changed: str, hint: str) -> Mistake:
    """The mistake of having one letter too many, or too few."""
    wanted = changed not in _ZERO
    answer = "".join(sorted(set(_ZERO) ^ {changed}))
    return Mistake(name, answer, hint, lambda value: (found := _named(value)) is not None and (changed in found) is wanted)


EXERCISE = Exercise(
    id="12.6",
    name="zero_gradients",
    title="Which gradients are zero by construction?",
    points=2,
    minutes=7,
    difficulty=2,
    kind="value",
    allows=ALLOWED,
    reference=_ZERO,
    oracle=_zero_at_random_places,
    accepts=lambda value: _named(value) == set(_ZERO),
    explain=_explain,
    hints=(
        "Ask of each: if this parameter moves, does the result of the normalisation move at all? Where nothing moves, the gradient is zero.",
        "Adding one number to all that is normalised together changes nothing: the mean takes it off again. Whose nudge does exactly this?",
        "Go through who is normalised together: in batch normalisation a neuron's row, in layer normalisation an example's column. In evaluation the "
        "mean "
        "is a fixed number, and relu in between bends what was added. A batch of one has one entry in each row.",
    ),
    mistakes=(
        Mistake(
            "none named",
            "none",
            "You name none. Begin with A: add 1 to the bias and follow the row through the mean. What is left of it?",
            lambda value: _named(value) == set(),
        ),
        Mistake(
            "all named",
            _LETTERS,
            "You name all. Is there none among them that moves the result? β is added after everything else.",
            lambda value: _named(value) == set(_LETTERS),
        ),
        Mistake(
            "the others named",
            "BCDF",
            "You name exactly those that are not zero. Asked are those that are.",
            lambda value: _named(value) == set(_LETTERS) - set(_ZERO),
        ),
        _made("bias before batch norm", "A", "A is missing. A bias moves its whole row by the same amount, and the row's mean moves with it."),
        _made(
            "bias in evaluation",
            "B",
            "One of those that you name is not zero: in evaluation the running mean is a number from before. It does not follow when the bias moves.",
        ),
        _made(
            "relu in between",
            "C",
            "One of those that you name is not zero: relu stands between the bias and the mean. Some examples pass the nudge on, others are cut off.",
        ),
        _made("β taken for b", "D", "One of those that you name is not zero: β is added after the normalisation, and nothing takes it off again."),
        _made(
            "constant input",
            "E",
            "One is missing: a weight whose input is the same in every example acts as a bias does.",
        ),
        _made(
            "layer norm taken for batch norm",
            "F",
            "One of those that you name is not zero: with layer normalisation the mean runs over the neurons. One bias moves one entry of the column "
            "against the others.",
        ),
        _made(
            "common shift of all biases",
            "G",
            "One is missing: add the same number to all biases. What does layer normalisation leave of it?",
        ),
        _made("batch of one", "H", "One is missing: in a batch of one, each row has a single entry. What is a single number minus its mean?"),
    ),
)
