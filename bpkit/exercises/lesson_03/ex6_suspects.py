"""03.6: six claimed gradients: which are wrong?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.proof import Proof
from bpkit.exhibits.six_claims import six_claims

_CLAIMS = {claim.letter: claim for claim in six_claims()}


_GUILTY = "ADF"


def _wrong_somewhere() -> str:
    """The claims that disagree with a complex step at random places, where no kink and no symmetry interferes."""
    rng = np.random.default_rng(4)
    found = ""
    for letter, claim in _CLAIMS.items():
        for _ in range(3):
            W = rng.normal(size=claim.W.shape)
            slopes = oracles.gradient(claim.C, W)
            if np.abs(claim.gradient(W) - slopes).max() > 1e-6 * np.abs(slopes).max():
                found += letter
                break
    return found


def _suspected(value: Any) -> set[str] | None:
    """The letters of an answer; None if it names something that is no claim."""
    if isinstance(value, str):
        value = re.sub(r"\band\b", " ", value, flags=re.IGNORECASE)
        if value.strip().lower() in ("", "none"):
            return set()
    letters = Proof.read(value)
    nobody = isinstance(value, list) and not value
    return set(letters) if (letters or nobody) and set(letters) <= set(_CLAIMS) else None


def _missing(letter: str) -> Callable[[Any], bool]:
    return lambda value: (found := _suspected(value)) is not None and letter not in found


def _accused(letter: str) -> Callable[[Any], bool]:
    return lambda value: (found := _suspected(value)) is not None and letter in found


def _explain_suspects(value: Any) -> str | None:
    if _suspected(value) is None:
        return 'Write the letters of the wrong gradients as text, such as "AB"; the claims are A to F.'
    return None


EXERCISE = Exercise(
    id="03.6",
    name="suspects",
    title="Six claimed gradients: which are wrong?",
    points=2,
    minutes=8,
    difficulty=2,
    kind="value",
    allows=("check_grad", "complex_step", "numerical_gradient", "six_claims"),
    reference=_GUILTY,
    oracle=_wrong_somewhere,
    accepts=lambda value: _suspected(value) == set(_GUILTY),
    explain=_explain_suspects,
    hints=(
        "Check each claim at its own point first, entry by entry, and write the errors down. Which are clear either way?",
        "Before you accuse: does a shorter or longer step change the verdict? Is there a kink, a huge value, a tiny entry? A wrong "
        "gradient is wrong for "
        "every scheme.",
        "Before you acquit: how large is the error compared with 1e-7? And is the point a good one, or has it a symmetry that a mistake could hide "
        "behind? `claim.C` and `claim.gradient` take any W of the right shape.",
    ),
    mistakes=(
        Mistake(
            "nobody suspected",
            "none",
            "You acquit all six. One of them is off by half of its size at the very point that it came with. Print the two gradients side by side.",
            lambda value: _suspected(value) == set(),
        ),
        Mistake(
            "all suspected",
            "ABCDEF",
            "You accuse all six. At least one agrees with a complex step to the last digits. What does your check say at a random W?",
            lambda value: _suspected(value) == set(_CLAIMS),
        ),
        Mistake(
            "a plain one missed",
            "DF",
            "You missed the plainest one: it is off by half of its size, with every scheme and step.",
            _missing("A"),
        ),
        Mistake(
            "kink taken for a mistake",
            "ABDF",
            "One that you accuse is right. Its cost has kinks, and at the given point one lies within your step. Halve h a few times and watch the "
            "error, or take a complex step.",
            _accused("B"),
        ),
        Mistake(
            "round-off taken for a mistake",
            "ACDF",
            "One that you accuse is right. Its cost has a huge value, and the difference of two huge values has few digits left. Take a larger "
            "step, or a scheme that subtracts nothing.",
            _accused("C"),
        ),
        Mistake(
            "tiny entries taken for a mistake",
            "ADEF",
            "One that you accuse is right. Some of its entries are so small that the error in them is rounding alone. Has your relative error "
            "a floor?",
            _accused("E"),
        ),
        Mistake(
            "tolerance too loose",
            "AF",
            "You acquit one whose error is between 0.1 and 2 per cent at every step. That is no rounding: a right gradient in float64 agrees to many "
            "more digits. What may it have left out?",
            _missing("D"),
        ),
        Mistake(
            "hidden by symmetry",
            "AD",
            "You acquit one that is right only at the point that it came with. Look at that point: it is special. Check again at a random W.",
            _missing("F"),
        ),
    ),
)
