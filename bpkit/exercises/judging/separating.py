"""What the cases in which an answer is right have in common and those in which it is wrong have not: an observation, and no cause.

Everything that is said is true of every case. With one case alone on a side many properties split the cases by chance, so only those count
that learners' slips are known to turn on, such as a matrix that is square and a batch of one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# How many ways there are to part the cases as they are parted: a property that is no known turning point must be one out of so many.
_CHOICES = {"evident": 3, "sign": 6, "any": 20, "bound": 200}
_GAP = 0.2  # of the range of all numbers has to lie between those below a bound and those beyond it


@dataclass(frozen=True)
class Property:
    """What may be said of a case's inputs, what is said where it does not hold, and in which cases it does.

    Parameters
    ----------
    holds, fails
        In words.
    where
        Whether it holds, case by case.
    kind
        Properties of one kind say nearly the same.
    weight
        How much it takes to be no chance: "evident", "sign", "any" or "bound".
    """

    holds: str
    fails: str
    where: tuple[bool, ...]
    kind: str
    weight: str = "evident"


def properties(names: Sequence[str], inputs: Sequence[Sequence[Any]]) -> list[Property]:
    """All that may be said of the inputs of each case, from the most telling one on, and that holds in some cases and not in others.

    Parameters
    ----------
    names
        The names of the inputs.
    inputs
        Of each case.
    """
    return [known for known in _properties(names, inputs) if len(set(known.where)) > 1]


def separation(known: Sequence[Property], right: Sequence[bool], spread: bool = True) -> tuple[str, str] | None:
    """What holds wherever it is right and what wherever it is wrong, in words; None if nothing does, or several things of different kinds.

    Where one case stands alone it is the one that has the property: what the others have and this one has not is no sign of anything.
    `spread` says whether most of each wrong case is wrong. Where it is single entries, they may be missing in any case by chance.
    """
    if all(right) or not any(right):
        return None
    wrong = tuple(not fine for fine in right)
    choices = math.comb(len(right), sum(right))
    if not spread and choices < _CHOICES["any"]:
        return None
    found: dict[str, tuple[str, str]] = {}
    for one in known:
        if choices >= _CHOICES[one.weight] and one.where in (wrong, tuple(right)) and one.where.count(False) > 1:
            found.setdefault(one.kind, (one.fails, one.holds) if one.where == wrong else (one.holds, one.fails))
    return next(iter(found.values())) if len(found) == 1 else None


def _properties(names: Sequence[str], inputs: Sequence[Sequence[Any]]) -> Iterator[Property]:
    """From the most telling one on."""
    columns = [(f"`{name}`", [args[place] for args in inputs]) for place, name in enumerate(names[: len(inputs[0])])]
    matrices = [(name, values) for name, values in columns if all(isinstance(value, np.ndarray) and value.ndim == 2 for value in values)]
    for name, values in matrices:
        if any(value.shape == (1, 1) for value in values):
            continue
        yield _of(f"{name} is square", f"{name} is not square", [value.shape[0] == value.shape[1] for value in values], "sizes")
    for name, values in matrices:
        yield _of(f"{name} has one column", f"{name} has several columns", [value.shape[1] == 1 for value in values], "one column")
        yield _of(f"{name} has one row", f"{name} has several rows", [value.shape[0] == 1 for value in values], "one row")
    yield from _coinciding(matrices)
    for name, values in columns:
        if all(isinstance(value, list) for value in values):
            yield from _of_lists(name, values)
        elif all(type(value) is bool for value in values):
            yield _of(f"{name} is True", f"{name} is False", list(values), name)
        elif all(type(value) in (int, float) for value in values):
            yield from _of_numbers(name, values)
        elif all(isinstance(value, str) for value in values):
            for text in sorted(set(values)):
                yield _of(f"{name} is {text!r}", f"{name} is something else", [value == text for value in values], name)
        elif all(value is None or isinstance(value, np.ndarray) for value in values) and any(value is None for value in values):
            yield _of(f"{name} is None", f"{name} is not None", [value is None for value in values], name)
        elif all(isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size for value in values):
            yield from _of_arrays(name, values)
    for (one, ours), (other, theirs) in itertools.combinations(columns, 2):
        if all(type(value) is int for value in (*ours, *theirs)):
            pairs = list(zip(ours, theirs, strict=True))
            yield _of(f"{one} and {other} are equal", f"{one} and {other} differ", [a == b for a, b in pairs], "whole numbers")
            yield _of(f"{one} is less than {other}", f"{one} is at least {other}", [a < b for a, b in pairs], "whole numbers", "sign")
            yield _of(f"{one} is more than {other}", f"{one} is at most {other}", [a > b for a, b in pairs], "whole numbers", "sign")
            for (big, by), turned in (((one, other), False), ((other, one), True)):
                ways = [(b, a) if turned else (a, b) for a, b in pairs]
                if all(divisor > 0 for _, divisor in ways):
                    yield _of(
                        f"{big} is a multiple of {by}",
                        f"{big} is no multiple of {by}",
                        [n % divisor == 0 for n, divisor in ways],
                        "multiples",
                        "sign",
                    )
    for name, values in matrices:
        yield _of(
            f"{name} has more rows than columns",
            f"{name} has no more rows than columns",
            [value.shape[0] > value.shape[1] for value in values],
            "sizes",
            "any",
        )
        yield _of(
            f"{name} has more columns than rows",
            f"{name} has no more columns than rows",
            [value.shape[1] > value.shape[0] for value in values],
            "sizes",
            "any",
        )


def _of(holds: str, fails: str, where: Sequence[bool], kind: str, weight: str = "evident") -> Property:
    return Property(holds, fails, tuple(bool(it) for it in where), kind, weight)


def _coinciding(matrices: Sequence[tuple[str, Sequence[np.ndarray]]]) -> Iterator[Property]:
    """Sizes that are equal in some cases alone; sizes of one matrix are told by its being square."""
    sides = [(name, what, [value.shape[axis] for value in values]) for name, values in matrices for axis, what in ((0, "rows"), (1, "columns"))]
    for (one, what, ours), (other, its, theirs) in itertools.combinations(sides, 2):
        if one != other and set(ours) != {1} and set(theirs) != {1}:
            same = [a == b for a, b in zip(ours, theirs, strict=True)]
            yield _of(f"{one} has as many {what} as {other} has {its}", f"{one} has not as many {what} as {other} has {its}", same, "sizes")


def _of_lists(name: str, values: Sequence[list[Any]]) -> Iterator[Property]:
    yield _of(f"{name} has no item", f"{name} has items", [not value for value in values], "items")
    items = [[item for item in value if item is not None] for value in values]
    yield _of(f"{name} has one item", f"{name} has several items", [len(value) == 1 for value in items], "items")
    if all(isinstance(item, np.ndarray) for value in items for item in value):
        yield _of(
            f"all arrays of {name} have one shape",
            f"the arrays of {name} have several shapes",
            [len({a.shape for a in value}) == 1 for value in items],
            "sizes",
        )
    if all(type(item) in (int, float) for value in items for item in value):
        yield _of(f"{name} has equal items", f"{name} has no equal items", [len(set(value)) < len(value) for value in items], "ties")
    yield from _bounded(f"the number of items of {name}", [len(value) for value in items])


def _of_numbers(name: str, values: Sequence[float]) -> Iterator[Property]:
    yield _of(f"{name} is equal to 0", f"{name} is not 0", [value == 0 for value in values], name)
    yield _of(f"{name} is negative", f"{name} is not negative", [value < 0 for value in values], name, "sign")
    yield _of(f"{name} is positive", f"{name} is not positive", [value > 0 for value in values], name, "sign")
    if all(type(value) is int for value in values):
        if min(values) > 0:  # otherwise it is an index, and 1 is a place like any other
            yield _of(f"{name} is equal to 1", f"{name} is not 1", [value == 1 for value in values], name)
        yield _of(f"{name} is even", f"{name} is odd", [value % 2 == 0 for value in values], name, "any")
    yield from _bounded(name, values)
    yield from _bounded("`|{}|`".format(name.strip("`")), [abs(value) for value in values])


def _of_arrays(name: str, values: Sequence[np.ndarray]) -> Iterator[Property]:
    if any(value.dtype.kind == "f" for value in values):  # among whole numbers there are zeros and equal ones by chance
        yield _of(f"{name} is equal to 0", f"{name} is not 0", [not value.any() for value in values], f"zeros of {name}")
        yield _of(
            f"{name} has entries that are 0", f"{name} has no entry that is 0", [bool((value == 0).any()) for value in values], f"zeros of {name}"
        )
        yield _of(
            f"{name} has entries that are equal",
            f"{name} has no entries that are equal",
            [len(np.unique(value)) < value.size for value in values],
            "ties",
        )
        whole = [bool((value == np.round(value)).all()) for value in values]
        yield _of(f"{name} holds whole numbers alone", f"{name} holds fractions", whole, f"zeros of {name}")
    yield _of(
        f"{name} has negative entries", f"{name} has no negative entries", [bool((value < 0).any()) for value in values], f"signs of {name}", "any"
    )
    if all(value.ndim == 1 for value in values):
        yield _of(f"{name} has one entry", f"{name} has several entries", [value.size == 1 for value in values], "items")
        yield from _bounded(f"the number of entries of {name}", [value.size for value in values])
    if all(value.ndim > 2 for value in values):
        yield _of(
            f"{name} has length 1 along its last axis", f"{name} is longer along its last axis", [value.shape[-1] == 1 for value in values], "one"
        )
    largest = [float(np.abs(value).max()) for value in values]
    if all(math.isfinite(size) for size in largest):
        yield from _bounded(f"the largest |entry| of {name}", largest)


def _bounded(what: str, numbers: Sequence[float]) -> Iterator[Property]:
    """A bound between neighbours, said with the numbers on both sides."""
    ordered = sorted(set(numbers))
    for below, above in itertools.pairwise(ordered):
        where = [number >= above for number in numbers]
        if above - below >= _GAP * (ordered[-1] - ordered[0]):
            yield _of(f"{what} is {above:.4g} or more", f"{what} is {below:.4g} or less", where, f"size of {what}", "bound")
