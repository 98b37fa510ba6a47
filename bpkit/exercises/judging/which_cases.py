"""In which cases an answer is right, in which it is wrong, and by what these differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.results import mostly_wrong
from bpkit.exercises.judging.separating import Property, properties, separation

_MOST_LABELS = 5


def where_told(known: Known, right: Sequence[bool], by: tuple[str, str] | None = None) -> str:
    """Which cases are right and which are not, where that tells something, and by what they differ."""
    if len(right) < 2 or not any(right):
        return ""
    good = _listed([case.label for case, ok in zip(known.cases, right, strict=False) if ok])
    bad = _listed([case.label for case, ok in zip(known.cases, right, strict=False) if not ok])
    if by is not None:
        return f"right for {good}; wrong for {bad}. Among these it is right wherever {by[0]}, wrong wherever {by[1]}"
    return f"right for {good}; wrong for {bad}"


def _listed(labels: Sequence[str]) -> str:
    """The labels of cases; of many the first few, for nobody reads forty."""
    said, more = "; ".join(labels[:_MOST_LABELS]), len(labels) - _MOST_LABELS
    return f"{said} and {more} more" if more > 1 else "; ".join(labels)


@dataclass(frozen=True)
class Separation:
    """Looks for what parts the right cases from the wrong ones."""

    known: Known

    def separated(self, results: Sequence[Any], right: Sequence[bool]) -> tuple[str, str] | None:
        """The property of the inputs by which the right cases differ from the wrong ones."""
        if len(right) < len(self.known.cases) or all(right) or not any(right):
            return None
        wrong = [(mine, want) for mine, want, fine in zip(results, self.known.expected, right, strict=True) if not fine]
        spread = self.known.exercise.accepts is not None or all(mostly_wrong(mine, want) for mine, want in wrong)
        return separation(self._properties, right, spread)

    @cached_property
    def _properties(self) -> list[Property]:
        """What may be said of the inputs, by which right cases may differ from wrong ones."""
        return properties(self.known.names, self.known.inputs())
