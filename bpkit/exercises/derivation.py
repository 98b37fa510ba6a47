"""Judging a printed derivation: its numbered lines, what each claims in numbers, and the first that claims too much."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bpkit.exercises.model import Mistake
from bpkit.exercises.run import Unreadable

ALL_RIGHT = 0  # the verdict that no line is wrong
_RTOL = 1e-6  # complex steps and plain products differ by rounding only


@dataclass(frozen=True)
class Line:
    """One line of a derivation.

    Parameters
    ----------
    text
        The line, in Markdown with LaTeX.
    verdict
        What to tell who calls this line the first wrong one; left out for the line that is.
    sides
        Draws numbers and works out both sides of what the line claims; left out where a line only gives a name.
    """

    text: str
    verdict: str = ""
    sides: Callable[[np.random.Generator], tuple[Any, Any]] | None = None

    def holds(self, rng: np.random.Generator) -> bool:
        """Whether both sides agree; arrays of different shape do not."""
        if self.sides is None:
            return True
        left, right = (np.asarray(side) for side in self.sides(rng))
        scale = max(np.abs(left).max(), np.abs(right).max())
        return left.shape == right.shape and bool(np.abs(left - right).max() <= _RTOL * scale)


@dataclass(frozen=True)
class Derivation:
    """Numbered lines, counted from 1, of which `wrong` is the first that is not so.

    Parameters
    ----------
    lines
        As they stand on the page.
    wrong
        The number of the first wrong line; `ALL_RIGHT` where there is none.
    all_right
        What to tell who finds no fault where there is one.
    """

    lines: tuple[Line, ...]
    wrong: int
    all_right: str = ""

    @staticmethod
    def read(value: Any) -> int | None:
        """The line that an answer names: a number, or text such as ``"line 3"``; `ALL_RIGHT` for "all right"."""
        if isinstance(value, str):
            words = value.lower().replace("line", " ").strip()
            return ALL_RIGHT if words == "all right" else int(words) if words.isdecimal() else None
        if isinstance(value, bool):
            return None
        try:
            number = np.asarray(value)
        except ValueError:  # a ragged list
            return None
        whole = number.size == 1 and number.dtype.kind in "iuf" and bool(np.isfinite(number).all()) and bool((number == np.floor(number)).all())
        return int(number.item()) if whole else None

    def holds(self, value: Any) -> bool:
        """Whether an answer names the first wrong line."""
        return self.read(value) == self.wrong

    def explain(self, value: Any) -> str | None:
        """What is wrong with an answer that names no line at all."""
        named = self.read(value)
        if named is not None and 0 <= named <= len(self.lines):
            return None
        found = value.found if isinstance(value, Unreadable) else repr(str(value)[:40])
        return f"Write the number of one line, 1 to {len(self.lines)}, or 0 if every line is right. Found {found}."

    def first_false(self, rng: np.random.Generator) -> int:
        """The first line whose two sides differ in numbers; owes nothing to `wrong`."""
        return next((number for number, line in enumerate(self.lines, 1) if not line.holds(rng)), ALL_RIGHT)

    def mistakes(self) -> tuple[Mistake, ...]:
        """Every other verdict, "all right" among them, each with its reason."""
        lines = [(number, f"line {number}", line.verdict) for number, line in enumerate(self.lines, 1)]
        others = [verdict for verdict in (*lines, (ALL_RIGHT, "all right", self.all_right)) if verdict[0] != self.wrong]
        return tuple(Mistake(name, number, hint, partial(self._names, number)) for number, name, hint in others)

    def _names(self, number: int, value: Any) -> bool:
        return self.read(value) == number

    def table(self) -> str:
        """The lines as a Markdown table, by number."""
        return numbered([line.text for line in self.lines])


def numbered(texts: Sequence[str]) -> str:
    """Texts as a Markdown table, counted from 1."""
    return "\n".join(["| | line |", "|--:|:--|", *(f"| **{number}** | {text} |" for number, text in enumerate(texts, 1))])
