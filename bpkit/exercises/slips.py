"""Mistakes built from the parts of a formula, each done wrongly by a slip, so that two slips at once are told too."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bpkit.exercises.model import Answer, Mistake


@dataclass(frozen=True)
class Slip:
    """One part of a formula, got wrong.

    Parameters
    ----------
    part
        The keyword of the formula that it replaces.
    wrong
        What stands there.
    name
        As of a `Mistake`.
    says
        For `mistakes_of`, the hint of the slip by itself. For `pairs`, what is wrong, without capital and full stop: it stands beside that of
        another slip.
    alone
        Whether it is left out of the pairs: where it is rare, or changes what the other parts mean.
    """

    part: str
    wrong: Any
    name: str
    says: str
    alone: bool = False


def pairs(formula: Callable[..., Any], slips: Sequence[Slip], but: Collection[str] = ()) -> tuple[Mistake, ...]:
    """A mistake for each two slips of different parts, which says both; for slips whose own mistakes stand elsewhere.

    Parameters
    ----------
    formula
        Makes an answer of its parts, given by keyword; parts that are not given are right.
    slips
        The slips that are put together.
    but
        Names of pairs, ``"one; other"``, that are left out, because together they give the numbers of another mistake.
    """
    named = ((_name(one, other), one, other) for one, other in _couples(slips))
    return tuple(
        Mistake(name, _both(formula, one, other), f"Two things: {one.says}; and {other.says}.", slips=2)
        for name, one, other in named
        if name not in but
    )


def mistakes_of(formula: Callable[..., Answer], slips: Sequence[Slip], told: Collection[frozenset[str]] = ()) -> tuple[Mistake, ...]:
    """Every slip by itself, then every two of different parts, but for those in `told`, which are the same as some other mistake.

    `formula` takes what stands in each part's place, by keyword, and gives the answer.
    """
    singles = [Mistake(slip.name, formula(**{slip.part: slip.wrong}), slip.says) for slip in slips]
    doubles = [
        Mistake(
            _name(one, other),
            _both(formula, one, other),
            f"Two slips at once: {one.name}; and {other.name}. Mend one of them and check again: what is left is then told by itself.",
            slips=2,
        )
        for one, other in _couples(slips)
        if frozenset({one.name, other.name}) not in told
    ]
    return (*singles, *doubles)


def beside(slips: Sequence[Slip], result: str, others: str) -> tuple[Slip, ...]:
    """The same slips in an answer of several results: each name says which result is spoilt, and each hint first what is said of the others."""
    return tuple(dataclasses.replace(slip, name=f"{slip.name} in {result}", says=f"{others} {slip.says}") for slip in slips)


def _couples(slips: Sequence[Slip]) -> Iterator[tuple[Slip, Slip]]:
    """Each two slips that can be made at once."""
    together = itertools.combinations([slip for slip in slips if not slip.alone], 2)
    return ((one, other) for one, other in together if one.part != other.part)


def _name(one: Slip, other: Slip) -> str:
    return f"{one.name}; {other.name}"


def _both(formula: Callable[..., Any], one: Slip, other: Slip) -> Any:
    return formula(**{one.part: one.wrong, other.part: other.wrong})
