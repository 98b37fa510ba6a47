"""A known mistake with another slip beside it: a factor or a size in front, or one that was made in some parts alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.multiples import Lead, lead_of, ratio_of, tells, times
from bpkit.exercises.judging.results import common_length, same, wrong_parts
from bpkit.exercises.judging.values import SEQUENCES, arrays_in, first_leaf, leaves
from bpkit.exercises.model import Mistake

_FACTORS = {-1.0: "the negatives of", 2.0: "two times", 0.5: "half of", -2.0: "-2 ×", -0.5: "-½ ×"}


@dataclass(frozen=True)
class SecondSlips:
    """Looks for a known mistake that explains the results up to another slip."""

    known: Known

    def multiple(self, results: Sequence[Any]) -> str:
        """A known mistake of whose numbers each case has a multiple, by a simple factor or a size: another slip. Or a size times the right ones."""
        if self.known.exercise.accepts is not None or len(results) < max(2, len(self.known.cases)):
            return ""
        if words := self._sized(results, self.known.expected.__getitem__):
            return f"Your numbers are the right ones, {words}."
        if self._some_part_is_right(results):  # what is right has no factor, and the other parts are looked at by themselves
            return ""
        for mistake in self.known.mistakes:
            if mistake.recognise is not None or mistake.slips > 1:
                continue
            lead = self._their_lead(mistake)
            ratio = ratio_of(results[0], self.known.theirs(mistake, 0), lead) if lead else None
            if ratio is None or self._is_a_multiple(mistake):
                continue
            factor = next((factor for factor in _FACTORS if math.isclose(ratio, factor, rel_tol=1e-6)), None)
            if factor is not None and all(same(mine, times(factor, self.known.theirs(mistake, k))) for k, mine in enumerate(results)):
                return f'Your numbers are {_FACTORS[factor]} those of "{mistake.name}". Without that factor we would say: {mistake.hint}'
            if words := self._sized(results, partial(self.known.theirs, mistake), mistake):
                return f'Your numbers are those of "{mistake.name}", {words}. Without that factor we would say: {mistake.hint}'
        return ""

    def _some_part_is_right(self, results: Sequence[Any]) -> bool:
        """Whether an answer of several parts has one that is right in every case, and is not zero throughout."""
        pairs = list(zip(results, self.known.expected, strict=True))
        if (size := common_length((*results, *self.known.expected))) < 2:
            return False
        return any(
            all(same(mine[k], want[k]) for mine, want in pairs) and any(np.any(leaf) for _, want in pairs for leaf in leaves([want[k]]))
            for k in range(size)
        )

    def _their_lead(self, mistake: Mistake) -> Lead | None:
        """The lead of what a mistake gives in the first case."""
        if mistake.name not in self._leads:
            self._leads[mistake.name] = lead_of(self.known.theirs(mistake, 0))
        return self._leads[mistake.name]

    @cached_property
    def _leads(self) -> dict[str, Lead | None]:
        return {}

    def _is_a_multiple(self, mistake: Mistake) -> bool:
        """Whether a mistake is always the same multiple of what is right: a multiple of it is one, too, and may have nothing to do with it."""
        if mistake.name not in self._multiples:
            self._multiples[mistake.name] = self._multiple_of_the_right(mistake)
        return self._multiples[mistake.name]

    @cached_property
    def _multiples(self) -> dict[str, bool]:
        return {}

    def _multiple_of_the_right(self, mistake: Mistake) -> bool:
        ratio = ratio_of(self.known.theirs(mistake, 0), self.known.expected[0])
        return ratio is not None and all(same(self.known.theirs(mistake, k), times(ratio, want)) for k, want in enumerate(self.known.expected))

    def _sized(self, results: Sequence[Any], theirs: Callable[[int], Any], mistake: Mistake | None = None) -> str:
        """By which size of an input other results are multiplied or divided to give these, in every case, in words; empty if by none.

        A mistake that is none where the size is 1 is one of that size itself: multiplied by it, it may be quite another one.
        """
        ratios = [ratio_of(results[0], theirs(0))]
        if ratios[0] is None or math.isclose(ratios[0], 1, rel_tol=1e-6):
            return ""
        for words, sizes in self._sizes.items():
            if mistake is not None and any(size == 1 and self.known.theirs_right(mistake, k) for k, size in enumerate(sizes)):
                continue
            for way, power in ((f"multiplied by {words}", 1), (f"divided by {words}", -1)):
                factors = [float(size) ** power for size in sizes]
                if math.isclose(ratios[0], factors[0], rel_tol=1e-6) and all(
                    same(mine, times(factor, theirs(k))) for k, (mine, factor) in enumerate(zip(results, factors, strict=True))
                ):
                    return way
        return ""

    @cached_property
    def _sizes(self) -> dict[str, list[int]]:
        """How many rows and columns the inputs have, case by case; each list of sizes once, and none that never changes."""
        sizes: dict[str, list[int]] = {}
        inputs = self.known.inputs()
        for place, name in enumerate(self.known.names[: len(inputs[0])]):
            arrays = [next(iter(arrays_in(args[place])), None) for args in inputs]
            if any(array is None or array.ndim != 2 for array in arrays):
                continue
            for axis, what in ((1, "columns"), (0, "rows")):
                found = [array.shape[axis] for array in arrays if array is not None]
                if len(set(found)) > 1 and found not in sizes.values():
                    sizes[f"the number of {what} of `{name}`"] = found
        return sizes

    def by_part(self, results: Sequence[Any]) -> str:
        """The known mistakes whose numbers the wrong parts of an answer have: one that was made in a part alone, or others in other parts."""
        if self.known.exercise.accepts is not None or len(results) < len(self.known.cases):
            return ""
        wrong = wrong_parts(results, self.known.expected)
        swapped = {part: other for part in wrong if (other := self._right_as(results, part)) is not None}
        if swapped:
            name = self.known.part_name
            return " ".join(f"In {name(part)}, your numbers are those that {name(other)} should have." for part, other in swapped.items())
        single = [mistake for mistake in self.known.mistakes if mistake.recognise is None and mistake.slips == 1]
        theirs = {part: [mistake for mistake in single if self._gives_part(mistake, results, part)] for part in wrong}
        common = [mistake for mistake in single if all(mistake in theirs[part] for part in wrong)]
        told = [(self.known.part_name(part), (common or theirs[part])[0]) for part in wrong if theirs[part]]
        return " ".join(f'In {part}, your numbers are those of "{mistake.name}".' for part, mistake in told)

    def _right_as(self, results: Sequence[Any], part: int) -> int | None:
        """Which other part the numbers of a wrong one would be right for, in every case."""
        expected = self.known.expected
        if not tells(first_leaf(results[0][part])):
            return None
        others = (other for other in range(len(expected[0])) if other != part)
        return next((other for other in others if all(same(mine[part], want[other]) for mine, want in zip(results, expected, strict=True))), None)

    def _gives_part(self, mistake: Mistake, results: Sequence[Any], part: int) -> bool:
        """Whether a mistake has an answer's numbers in one part, in every case, and enough of them to tell."""
        for k, result in enumerate(results):
            other = self.known.theirs(mistake, k)
            if not isinstance(other, SEQUENCES) or len(other) != len(result) or not same(result[part], other[part]):
                return False
        return tells(first_leaf(results[0][part]))
