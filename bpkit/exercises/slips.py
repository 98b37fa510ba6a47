"""Mistakes built from the parts of a formula, so that two slips at once are told too."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bpkit.exercises.model import Answer, Mistake


@dataclass(frozen=True)
class Slip:
    """One part of a formula, got wrong.

    Parameters
    ----------
    part
        Which part, as the formula names it.
    name, hint
        As of a `Mistake`.
    wrong
        What stands in the part's place.
    alone
        Whether it is left out of the pairs: where it is rare, or changes what the other parts mean.
    """

    part: str
    name: str
    wrong: Any
    hint: str
    alone: bool = False


def mistakes_of(formula: Callable[..., Answer], slips: Sequence[Slip], told: Collection[frozenset[str]] = ()) -> tuple[Mistake, ...]:
    """Every slip by itself, then every two of different parts, but for those in `told`, which are the same as some other mistake.

    `formula` takes what stands in each part's place, by keyword, and gives the answer.
    """
    singles = [Mistake(slip.name, formula(**{slip.part: slip.wrong}), slip.hint) for slip in slips]
    pairs = [
        Mistake(
            f"{a.name}; {b.name}",
            formula(**{a.part: a.wrong, b.part: b.wrong}),
            f"Two slips at once: {a.name}; and {b.name}. Mend one of them and check again: what is left is then told by itself.",
        )
        for a, b in itertools.combinations([slip for slip in slips if not slip.alone], 2)
        if a.part != b.part and frozenset({a.name, b.name}) not in told
    ]
    return (*singles, *pairs)
