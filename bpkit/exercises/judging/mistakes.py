"""Which of the known mistakes an answer makes: the one that gives its very results, or one whose numbers some case has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bpkit.exercises.judging.comparing import apart, mark_of
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.multiples import varies
from bpkit.exercises.judging.records import Ended, Raised
from bpkit.exercises.judging.results import breaks, clash, differ, form_of, has_nan, same
from bpkit.exercises.judging.values import first_leaf
from bpkit.exercises.model import Mistake

_OF_SHAPES = ("ValueError", "IndexError", "LinAlgError")  # what arrays that do not fit raise


@dataclass(frozen=True)
class Mistakes:
    """Looks for a known mistake; what each one's results look like is worked out once."""

    known: Known

    def alike(self, results: Sequence[Any]) -> Callable[[Mistake, int], bool]:
        """Whether a mistake gives the result that an answer has in a case; each is compared once, when it is asked for first."""
        found: dict[tuple[str, int], bool] = {}
        marks = [mark_of(result) for result in results]

        def alike(mistake: Mistake, k: int) -> bool:
            key = mistake.name, k
            if key not in found:
                found[key] = not apart(marks[k], self.known.their_mark(mistake, k)) and same(results[k], self.known.theirs(mistake, k))
            return found[key]

        return alike

    def recognise(self, results: Sequence[Any], alike: Callable[[Mistake, int], bool]) -> Mistake | None:
        """The known mistake that gives these very results in every case, or that recognises them, if there is one."""
        if len(results) < len(self.known.cases):
            return None
        given = self.known.inputs() if any(m.recognise for m in self.known.exercise.mistakes) else []
        drawn = len(results) - self.known.special
        for mistake in self.known.mistakes:
            if mistake.recognise is not None:
                ask = f"recognise of {mistake.name!r}"
                if all(
                    (isinstance(result, Raised) and case.refuses is not None)
                    or (not isinstance(result, Ended) and self.known.ask(ask, lambda *g, m=mistake: bool(m.recognise(*g)), result, *args))
                    or (isinstance(result, Raised) and k >= drawn)
                    for k, (result, args, case) in enumerate(zip(results, given, self.known.cases, strict=True))
                ):
                    return mistake
            elif self._gives(mistake, results, alike):
                return mistake
        return None

    def _gives(self, mistake: Mistake, results: Sequence[Any], alike: Callable[[Mistake, int], bool]) -> bool:
        """Whether a mistake has these very results; where nothing but errors came, their words count too, as one type has many causes."""
        drawn = len(results) - self.known.special
        if not all(alike(mistake, k) or (k >= drawn and self._breaks(mistake, k, result)) for k, result in enumerate(results)):
            return False
        if not all(alike(mistake, k) for k in range(drawn, len(results))) and all(self.known.theirs_right(mistake, k) for k in range(drawn)):
            return False
        errors = [(mine, self.known.theirs(mistake, k)) for k, mine in enumerate(results) if isinstance(mine, Raised)]
        return len(errors) < len(results) or any(mine.message == theirs.message for mine, theirs in errors)

    def _breaks(self, mistake: Mistake, k: int, result: Any) -> bool:
        """Whether an answer or a mistake has no numbers in a case, and the other does not speak against it: division by 0 ends in many ways."""
        theirs = self.known.theirs(mistake, k)
        return any(isinstance(value, Raised) or has_nan(value) for value in (result, theirs)) and not clash(result, theirs)

    def guess(self, results: Sequence[Any], right: Sequence[bool], alike: Callable[[Mistake, int], bool]) -> str:
        """A known mistake whose numbers some case has, and that no case speaks against; said as a guess, with the case it rests on.

        It is the same idea, written so that another shape comes out elsewhere, or arrays that do not fit. Where something
        else was raised, that is all there is to tell.
        """
        if len(results) < len(self.known.cases) or any(isinstance(r, Raised) and r.type not in _OF_SHAPES for r in results):
            return ""
        differing = self._differing(results)
        for mistake in self.known.mistakes:
            if mistake.recognise is None and (telling := self._rests_on(mistake, results, right, alike, differing)) is not None:
                case = self.known.cases[telling]
                return f'In the case {case.label}, your numbers are those of "{mistake.name}": {mistake.hint}'
        return ""

    def _rests_on(
        self,
        mistake: Mistake,
        results: Sequence[Any],
        right: Sequence[bool],
        alike: Callable[[Mistake, int], bool],
        differing: Callable[[Mistake, int], bool],
    ) -> int | None:
        """The first wrong case with a mistake's numbers; None if there is none, or if some case speaks against the mistake."""
        telling = None
        for k in range(len(results)):
            if alike(mistake, k):
                if telling is None and not right[k] and varies(first_leaf(self.known.theirs(mistake, k))):
                    telling = k
            elif right[k] and breaks(self.known.theirs(mistake, k), self.known.expected[k]):
                continue  # it may have been left there: "where the shapes allow it", "where there is something to divide by"
            elif right[k] != self.known.theirs_right(mistake, k) or differing(mistake, k) or clash(results[k], self.known.theirs(mistake, k)):
                return None
        return telling

    def _differing(self, results: Sequence[Any]) -> Callable[[Mistake, int], bool]:
        """What `differ` says of an answer's result and a mistake's in a case; asked once for all mistakes whose results have the same form."""
        found: dict[tuple[int, Any], bool] = {}

        def differing(mistake: Mistake, k: int) -> bool:
            key = mistake.name, k
            if key not in self._forms:
                self._forms[key] = form_of(self.known.theirs(mistake, k))
            asked = k, self._forms[key]
            if asked not in found:
                found[asked] = differ(results[k], self.known.theirs(mistake, k))
            return found[asked]

        return differing

    @cached_property
    def _forms(self) -> dict[tuple[str, int], Any]:
        return {}
