"""Which share of a wrong answer is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import agree, as_array, distance
from bpkit.exercises.judging.form import structure
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.records import Ended
from bpkit.exercises.judging.values import arrays_in, leaves


@dataclass(frozen=True)
class Shares:
    """Counts the right parts of a wrong answer; which parts an answer has to work out is known once."""

    known: Known

    def share(self, results: Sequence[Any], right: Sequence[bool], narrow: bool) -> float:
        """Which share of a wrong answer is right, where the exercise lets that count: the mean over the cases of the share of their parts.

        A part that is an input as it came was not worked out: it counts for nothing, and neither does a case that has no other part.
        """
        if not self.known.exercise.partial:
            return 0.0
        shares = [
            1.0 if fine else self._share_of_parts(k, result, own, narrow)
            for k, (result, fine) in enumerate(zip(results, right, strict=True))
            if (own := self._worked_out[k])
        ]
        # a case that was not reached has nothing right
        return sum(shares) / max(sum(bool(own) for own in self._worked_out), 1)

    def _share_of_parts(self, k: int, result: Any, own: Sequence[int], narrow: bool) -> float:
        """Which share of a case's own parts, given by their places, is right."""
        want = self.known.expected[k]
        if isinstance(result, Ended) or self.known.exercise.accepts is not None:
            return 0.0
        pieces, problem = structure(result, want, self.known.exercise.part)
        right = leaves(want)
        if problem or len(right) < 2:
            return 0.0
        arrays = {place: as_array(pieces[place], right[place]) for place in own}
        return sum(isinstance(a, np.ndarray) and distance(a, right[place]).close(narrow) for place, a in arrays.items()) / len(own)

    @cached_property
    def _worked_out(self) -> list[list[int]]:
        """For each case the places of the parts that are no input of it."""
        given = [[array for arg in self.known.seen(k) for array in arrays_in(arg)] for k in range(len(self.known.cases))]
        return [
            [place for place, leaf in enumerate(leaves(want)) if not any(agree(array, leaf) for array in inputs)]
            for want, inputs in zip(self.known.expected, given, strict=True)
        ]
