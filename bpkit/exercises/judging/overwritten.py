"""Which input an answer overwrites with one of its results before another result is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import agree
from bpkit.exercises.judging.formula import Formula, replaced
from bpkit.exercises.judging.results import is_finite, wrong_parts


def overwritten(formula: Formula, results: Sequence[Any]) -> str:
    """An input that gave way to a right part of its own shape, where the wrong parts are what the formula makes of that, in every case."""
    known = formula.known
    if not known.compares(results) or not all(map(is_finite, results)):
        return ""
    wrong = wrong_parts(results, known.expected)
    made_of: dict[tuple[str, int], list[int]] = {}
    for part in wrong:
        if found := _overwritten_for(formula, results, part, wrong):
            made_of.setdefault(found, []).append(part)
    return " ".join(_told(name, known.part_name(other), [known.part_name(part) for part in parts]) for (name, other), parts in made_of.items())


def _told(name: str, by: str, parts: Sequence[str]) -> str:
    spoilt = " and ".join(parts)
    return f"In {spoilt}, your numbers are the right ones with `{name}` replaced by {by}. Is `{name}` overwritten before it is needed?"


def _overwritten_for(formula: Formula, results: Sequence[Any], part: int, wrong: Sequence[int]) -> tuple[str, int] | None:
    """The input and the right part that stands in its place where a wrong part is made."""
    known = formula.known
    for place, name in enumerate(known.names[: len(known.seen(0))]):
        for other in range(len(known.expected[0])):
            if other not in wrong and all(_fits(args[place], want[other]) for args, want in zip(known.inputs(), known.expected, strict=True)):
                values = [_with(formula, k, place, want[other]) for k, want in enumerate(known.expected)]
                if all(value is not None and agree(result[part], value[part]) for result, value in zip(results, values, strict=True)):
                    return name, other
    return None


def _fits(given: Any, part: Any) -> bool:
    """Whether a part is an array that may stand where a given array of floats does."""
    return isinstance(given, np.ndarray) and isinstance(part, np.ndarray) and given.shape == part.shape and given.dtype.kind == "f"


def _with(formula: Formula, k: int, place: int, part: Any) -> Any:
    """What the formula gives for a case with a result in an input's place."""
    return formula.value_for(lambda args: replaced(args, place, lambda _: np.array(part)), (overwritten, place, part.tobytes()), k)[0]
