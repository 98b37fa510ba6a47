"""Puts a learner's guess beside what was measured, without judging it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bpkit.language import translated


@dataclass(frozen=True)
class Beside:
    """A guess and a measurement, one under the other."""

    guess: Any
    measured: Any

    def __repr__(self) -> str:
        none = translated("none yet: write one in the cell above, run it, then run this cell again")
        guess = none if self.guess is ... else _shown(self.guess)
        return f"{translated('your guess   ')}{guess}\n{translated('measured     ')}{_shown(self.measured)}"


def beside(guess: Any, measured: Any) -> Beside:
    """Show a guess beside the measurement. Nothing is marked: a wrong guess is what makes a result stick.

    Examples
    --------
    >>> beside("neuron 3", "neuron 2")
    your guess   neuron 3
    measured     neuron 2
    >>> beside(..., 0.25)
    your guess   none yet: write one in the cell above, run it, then run this cell again
    measured     0.25
    """
    return Beside(guess, measured)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
