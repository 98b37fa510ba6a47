"""What is missing or too many, where a list or an axis is longer or shorter than is asked and the rest is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Array = np.ndarray


def missing_or_too_many(mine: Sequence[Any] | Array, want: Sequence[Any] | Array, same: Callable[[Any, Any], bool]) -> tuple[str, int, int] | None:
    """What one sequence lacks, or has too many, so that the rest is the other one item by item.

    Returns
    -------
    tuple[str, int, int] | None
        "missing" with the first place and the number of the items of `want` that `mine` lacks, or "too many" with those of `mine` that
        `want` has not; None where they are of one length or where the rest is not the same.
    """
    if len(mine) == len(want):
        return None
    short, long = (mine, want) if len(mine) < len(want) else (want, mine)

    def agree(k: int, other: int) -> bool:
        one, two = short[k], long[other]
        return same(one, two) if short is mine else same(two, one)

    more = len(long) - len(short)
    before = next((k for k in range(len(short)) if not agree(k, k)), len(short))
    if len(short) == 0 or not all(agree(k, k + more) for k in range(before, len(short))):
        return None
    # where all would fit either way the last ones are said to be missing: whatever ends early lacks these
    return ("missing" if short is mine else "too many"), before, more


def in_words(found: tuple[str, int, int], length: int, line: str) -> str:
    """The same in words, to stand behind what was found, of things called `line` ("item", "row"), the longer sequence having `length` of them."""
    what, first, number = found
    if number == 1:
        at_the_end, at_the_start = first == length - 1, first == 0
        which = f"the last {line}" if at_the_end else f"the first {line}" if at_the_start else f"the {line} at place {first}"
        return f"; {which} is missing, the rest is right" if what == "missing" else f"; {which} is too many, the rest is right"
    which = (
        f"the last {number} {line}s"
        if first + number == length
        else f"the first {number} {line}s"
        if first == 0
        else f"{number} {line}s from place {first} on"
    )
    return f"; {which} are missing, the rest is right" if what == "missing" else f"; {which} are too many, the rest is right"
