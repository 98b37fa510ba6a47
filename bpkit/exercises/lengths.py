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
    """The same in words, of things called `line` ("item", "row"), the longer sequence having `length` of them."""
    what, first, number = found
    if first + number == length:
        which = f"the last {line} is" if number == 1 else f"the last {number} {line}s are"
    elif first == 0:
        which = f"the first {line} is" if number == 1 else f"the first {number} {line}s are"
    else:
        which = f"the {line} at place {first} is" if number == 1 else f"{number} {line}s from place {first} on are"
    return f"{which} {what}, the rest is right"
