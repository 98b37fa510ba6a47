"""Turn what an answer returned into an outcome; the side that knows what is right, and never runs beside student code."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bpkit.exercises.judging import patterns
from bpkit.exercises.judging.comparing import quiet
from bpkit.exercises.judging.conduct import NOT_AGAIN, outcome_of_right_results
from bpkit.exercises.judging.describing import described_outcome
from bpkit.exercises.judging.elsewhere import parts_right_elsewhere, right_elsewhere
from bpkit.exercises.judging.factors import Factors
from bpkit.exercises.judging.formula import Formula
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.mistakes import Mistakes
from bpkit.exercises.judging.overwritten import overwritten
from bpkit.exercises.judging.records import TooSlow, has_todo, result_of
from bpkit.exercises.judging.second_slips import SecondSlips
from bpkit.exercises.judging.shares import Shares
from bpkit.exercises.judging.which_cases import Separation, where_told
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.outcome import Outcome, could_not_run, not_attempted, outcome
from bpkit.exercises.run import Wire, WireError

_NO_PATTERN = "; no simple pattern fits"  # as bpkit.core.describe says it


def _ended(said: str) -> str:
    """What an answer raised has no full stop, as Python writes it; a sentence that follows needs one."""
    return said if said.endswith((".", "?", "!")) else f"{said}."


def judge(exercise: Exercise, cases: Sequence[Case], records: Sequence[Wire]) -> Outcome:
    """Judge one answer; whoever judges many keeps a `Judge`."""
    return Judge(exercise, tuple(cases))(records)


@dataclass(frozen=True)
class Judge(Known):
    """Judges answers to one exercise on fixed cases.

    Its parameters, and how it is drawn from a seed, are those of `Known`. What it tries is in the order of this module from top to bottom.
    """

    def __call__(self, records: Sequence[Wire]) -> Outcome:
        """The outcome of an answer, given the records of `run_exercise`.

        Records that `run_exercise` cannot have written count as "could not run": nothing in them is trusted.
        """
        with quiet():
            return self._outcome(records)

    def passes(self, records: Sequence[Wire]) -> bool:
        """Whether an answer is right, for whoever need not know what is wrong with it: that takes most of the time."""
        with quiet():
            return self._outcome(records, told=False).passed

    def _outcome(self, records: Sequence[Wire], told: bool = True) -> Outcome:
        """Read the records, compare each result with what is right, and go on by whether all are; `told` says what is wrong."""
        exercise = self.exercise
        try:
            results = [result_of(record) for record in records]
            again = result_of({"returned": records[-1]["again"]}) if records and "again" in records[-1] else None
            mutated = {k for record in records for k in record.get("mutated", ()) if type(k) is int}
            narrow = any(record.get("narrow") is True for record in records)
            undrawn = set.intersection(*({k for k in record.get("undrawn", ()) if type(k) is int} for record in records)) if records else set()
        except (WireError, KeyError, TypeError, AttributeError, ValueError, RecursionError, MemoryError):
            return could_not_run(exercise, "what came back from your code was not in the form that the checker writes")
        if any(has_todo(result) for result in results):
            return not_attempted(exercise)
        if not results or (len(results) < len(self.cases) and not isinstance(results[-1], TooSlow)):
            return could_not_run(exercise, "your code ended before every case was run")

        right = [self.is_right(k, result, narrow) for k, result in enumerate(results)]
        if all(right):
            return outcome_of_right_results(self, results, again, mutated, undrawn, narrow)
        if not told:
            return outcome(exercise, "wrong", "")
        return self._wrong(results, right, again, narrow)

    def _wrong(self, results: Sequence[Any], right: Sequence[bool], again: Any, narrow: bool) -> Outcome:
        """What is told of a wrong answer, and its share: the mistake that it makes in every case, or else what can be seen of it."""
        alike = self._mistakes.alike(results)
        mistake = self._mistakes.recognise(results, alike)
        # the cases of special numbers are spoken of only where all others are right
        teller = self if all(right[: len(self.as_drawn.cases)]) else self.as_drawn
        results, right = results[: len(teller.cases)], right[: len(teller.cases)]
        if mistake is not None:
            told = outcome(self.exercise, "wrong", mistake.hint, mistake=mistake.name, where=where_told(teller, right))
        elif right[0] and again is not None and not self.is_right(0, again, narrow):
            told = outcome(self.exercise, "wrong", NOT_AGAIN, mistake="not repeatable", where=where_told(teller, right))
        else:
            told = teller._unnamed(results, right, alike, narrow)
        return dataclasses.replace(told, share=teller._shares.share(results, right, narrow))

    def _unnamed(self, results: Sequence[Any], right: Sequence[bool], alike: Callable[[Mistake, int], bool], narrow: bool) -> Outcome:
        """What can be seen of an answer in its first wrong case, and what relates it to the right one."""
        first = right.index(False)
        told = described_outcome(self, results[first], first, right, narrow)
        more = self._mistakes.guess(results, right, alike)
        if told.mistake is None:
            more = more or self._relation(results, right) or self._pattern(results, right, told)
        if told.where and told.mistake in (None, "raised", "not finite"):
            told = dataclasses.replace(told, where=where_told(self, right, self._separation.separated(results, right)))
        # what follows is the pattern that the description did not find
        return dataclasses.replace(told, message=f"{_ended(told.message.replace(_NO_PATTERN, ''))} {more}") if more else told

    def _relation(self, results: Sequence[Any], right: Sequence[bool]) -> str:
        """What the results have to do with the right ones, a known mistake's or the inputs, in every case: the first relation that is found."""
        return (
            patterns.one_array_throughout(self, results)
            or self._second_slips.multiple(results)
            or right_elsewhere(self._formula, results)
            or self._second_slips.by_part(results)
            or parts_right_elsewhere(self._formula, results)
            or overwritten(self._formula, results)
            or self._factors.scaled(results)
            or self._factors.scaled_layer(results)
            or patterns.entries_of_an_input(self, results, right)
            or self._factors.single_number(results)
        )

    def _pattern(self, results: Sequence[Any], right: Sequence[bool], told: Outcome) -> str:
        """Which entries are wrong, or that all are near, or in which case there is more amiss, where no relation is found."""
        return patterns.wrong_where(self, results) or patterns.nearly_right(self, results, told) or patterns.of_another_form(self, results, right)

    # Those that are asked; each keeps what it has worked out for the next answer.

    @cached_property
    def _mistakes(self) -> Mistakes:
        return Mistakes(self)

    @cached_property
    def _second_slips(self) -> SecondSlips:
        return SecondSlips(self)

    @cached_property
    def _formula(self) -> Formula:
        return Formula(self)

    @cached_property
    def _factors(self) -> Factors:
        return Factors(self)

    @cached_property
    def _separation(self) -> Separation:
        return Separation(self)

    @cached_property
    def _shares(self) -> Shares:
        return Shares(self)
