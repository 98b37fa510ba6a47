"""Answers with two slips at once: a formula is a product of parts, and each slip does one of them wrongly."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bpkit.exercises.model import Mistake


@dataclass(frozen=True)
class Slip:
    """One part of a formula done wrongly.

    Parameters
    ----------
    part
        The keyword of the formula that it replaces.
    wrong
        What stands there.
    name
        As in the bank's list of single mistakes.
    brief
        What is wrong, without capital and full stop: it stands beside that of another slip.
    """

    part: str
    wrong: Any
    name: str
    brief: str


def pairs(formula: Callable[..., Any], slips: Sequence[Slip], but: Collection[str] = ()) -> tuple[Mistake, ...]:
    """A mistake for each two slips of different parts, which says both.

    Parameters
    ----------
    formula
        Makes an answer of its parts, given by keyword; parts that are not given are right.
    slips
        The slips that are put together.
    but
        Names of pairs, ``"one, other"``, that are left out, because together they give the numbers of another mistake.
    """
    return tuple(
        Mistake(name, formula(**{one.part: one.wrong, other.part: other.wrong}), f"Two things: {one.brief}; and {other.brief}.")
        for one, other in itertools.combinations(slips, 2)
        if one.part != other.part and (name := f"{one.name}, {other.name}") not in but
    )
