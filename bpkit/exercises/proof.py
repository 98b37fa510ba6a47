"""Ordering the steps of a proof: which orders hold, and the first step that comes too early."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bpkit.exercises import oracles
from bpkit.exercises.model import Exercise, Mistake


@dataclass(frozen=True)
class Step:
    """One step of a proof.

    Parameters
    ----------
    letter
        What the learner writes.
    text
        The step, in Markdown with LaTeX.
    rests_on
        The letters of the steps that must stand before it.
    too_early
        The mistake's name when it is the first step to stand too early.
    hint
        What to tell then.
    """

    letter: str
    text: str
    rests_on: str = ""
    too_early: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Proof:
    """The steps of a proof, listed under shuffled letters."""

    steps: tuple[Step, ...]

    @property
    def letters(self) -> str:
        """All letters, in the alphabet's order."""
        return "".join(sorted(step.letter for step in self.steps))

    @staticmethod
    def read(value: Any) -> str:
        """The letters of an answer: a string with or without separators, or a list of letters."""
        if isinstance(value, Sequence) and all(isinstance(item, str) for item in value):
            return "".join(letter for item in value for letter in item.upper() if letter.isalnum())
        return ""

    def is_order(self, order: str) -> bool:
        """Whether each letter stands there once."""
        return "".join(sorted(order)) == self.letters

    def first_illegal(self, order: str) -> Step | None:
        """The first step that stands before something that it rests on."""
        by_letter = {step.letter: step for step in self.steps}
        for k, letter in enumerate(order):
            if not set(by_letter[letter].rests_on) <= set(order[:k]):
                return by_letter[letter]
        return None

    def holds(self, value: Any) -> bool:
        """Whether an answer is an order in which every step stands on what came before."""
        order = self.read(value)
        return self.is_order(order) and self.first_illegal(order) is None

    def explain(self, value: Any) -> str | None:
        """What is wrong with an answer that is no order at all."""
        order = self.read(value)
        if self.is_order(order):
            return None
        missing = "".join(letter for letter in self.letters if letter not in order)
        unknown = "".join(dict.fromkeys(letter for letter in order if letter not in self.letters))
        twice = "".join(letter for letter in self.letters if order.count(letter) > 1)
        told = ((f"missing: {missing}", missing), (f"not among them: {unknown}", unknown), (f"more than once: {twice}", twice))
        faults = [words for words, letters in told if letters]
        return f"Write each of {self.letters} once, as text such as {self.letters[::-1]!r}. Found {order or 'no letters'!r}; {', '.join(faults)}."

    def exercise(self, **told: Any) -> Exercise:
        """The exercise of putting the steps in order; `told` is what differs from proof to proof, from the number to the hints."""
        return Exercise(
            kind="value",
            reference=self.sorted(),
            oracle=lambda: oracles.first_order(self.letters, {step.letter: step.rests_on for step in self.steps}),
            accepts=self.holds,
            explain=self.explain,
            mistakes=self.mistakes(),
            **told,
        )

    def mistakes(self) -> tuple[Mistake, ...]:
        """For each step that rests on another, the answer in which it is the first to stand too early."""
        return tuple(self._mistake(step) for step in self.steps if step.rests_on)

    def _mistake(self, step: Step) -> Mistake:
        def recognise(value: Any) -> bool:
            order = self.read(value)
            return self.is_order(order) and self.first_illegal(order) is step

        others = [other for other in self.sorted() if other != step.letter]
        return Mistake(step.too_early, step.letter + "".join(others), step.hint, recognise)

    def sorted(self) -> str:
        """One order that holds: always the first listed step whose grounds are laid."""
        order = ""
        while len(order) < len(self.steps):
            order += next(step.letter for step in self.steps if step.letter not in order and set(step.rests_on) <= set(order))
        return order

    def table(self) -> str:
        """The steps as a Markdown table, by letter."""
        rows = [f"| **{step.letter}** | {step.text} |" for step in sorted(self.steps, key=lambda step: step.letter)]
        return "\n".join(["| | step |", "|:--|:--|", *rows])
