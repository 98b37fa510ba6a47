"""What a result has to do with single numbers that the inputs have: a value, how many there are of something, a length, a sum."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

Array = np.ndarray

_POWERS = {
    "multiplied by {amount}": 1.0,
    "divided by {amount}": -1.0,
    "multiplied by the square of {amount}": 2.0,
    "divided by the square of {amount}": -2.0,
    "multiplied by the root of {amount}": 0.5,
    "divided by the root of {amount}": -0.5,
}
_TIMES = {
    "plus {amount}": 1.0,
    "minus {amount}": -1.0,
    "plus two times {amount}": 2.0,
    "minus two times {amount}": -2.0,
    "plus half of {amount}": 0.5,
    "minus half of {amount}": -0.5,
}
_OF_AN_ARRAY: dict[str, Callable[[Array], float]] = {
    "the number of rows of `{name}`": lambda array: array.shape[0] if array.ndim == 2 else np.nan,
    "the number of columns of `{name}`": lambda array: array.shape[1] if array.ndim == 2 else np.nan,
    "the number of entries of `{name}`": lambda array: array.size,
    "the norm of `{name}`": lambda array: float(np.linalg.norm(array.ravel())),
    "the sum of the entries of `{name}`": lambda array: float(array.sum()),
    "the mean of the entries of `{name}`": lambda array: float(array.mean()),
    "the sum of the squared entries of `{name}`": lambda array: float((array * array).sum()),
    "the sum of the sizes of the entries of `{name}`": lambda array: float(np.abs(array).sum()),
    "the largest entry of `{name}`": lambda array: float(array.max()),
    "the smallest entry of `{name}`": lambda array: float(array.min()),
}
_CLOSE = 1e-9
_LEAST = 3  # so many cases it takes where each has one number


def amounts(names: Sequence[str], inputs: Sequence[Sequence[Any]]) -> dict[str, list[float]]:
    """Numbers that the inputs have, case by case, by the words in which they are told; none that never changes."""
    return {words: values for words, values in _amounts(names, inputs) if len(set(values)) > 1 and np.isfinite(values).all()}


def _amounts(names: Sequence[str], inputs: Sequence[Sequence[Any]]) -> Iterator[tuple[str, list[float]]]:
    for place, name in enumerate(names[: len(inputs[0])]):
        values = [args[place] for args in inputs]
        if all(type(value) in (int, float) for value in values):
            yield f"`{name}`", [float(value) for value in values]
        elif all(isinstance(value, list) for value in values):
            yield f"the number of items of `{name}`", [float(sum(item is not None for item in value)) for value in values]
        elif all(isinstance(value, np.ndarray) and value.dtype.kind in "if" and value.size for value in values):
            for words, amount in _OF_AN_ARRAY.items():
                yield words.format(name=name), [float(amount(value)) for value in values]


def factor_told(known: dict[str, list[float]], pairs: Sequence[tuple[Array, Array]]) -> str:
    """By which amount, case by case another one, what came back is a multiple of what is wanted, in words; empty if by none."""
    if any(mine.shape != want.shape or not mine.size or not np.all(np.isfinite(mine)) or not np.any(want) for mine, want in pairs):
        return ""
    if len(pairs) < (_LEAST if any(want.size == 1 for _, want in pairs) else 2):
        return ""
    factors = []
    for mine, want in pairs:
        at = int(np.argmax(np.abs(want)))
        factor = float(mine.flat[at]) / float(want.flat[at])
        if np.abs(mine - factor * want).max() > _CLOSE * abs(factor * float(want.flat[at])):
            return ""
        factors.append(factor)
    if len(set(factors)) < 2:
        return ""
    for words, values in known.items():
        for way, power in _POWERS.items():
            with np.errstate(all="ignore"):
                made = np.power(values, power)
            if len(set(made)) > 1 and np.allclose(factors, made, rtol=_CLOSE, atol=0):
                return way.format(amount=words)
        if "number of" in words and np.allclose(factors, [size / max(size - 1, 1) for size in values], rtol=_CLOSE, atol=0):
            return f"as if divided by one less than {words}"
    return ""


def single_number_told(known: dict[str, list[float]], pairs: Sequence[tuple[float, float]]) -> str:
    """What is said after "your number" of results of one number each: what they are, or by what they are off; empty where nothing always holds."""
    mine, right = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    if len(pairs) < _LEAST or not np.isfinite(mine).all() or len(set(right)) < _LEAST:
        return ""
    near = _CLOSE * np.maximum(np.abs(mine), np.abs(right))
    for words, values in known.items():
        if len(set(values)) >= _LEAST and (np.abs(mine - values) <= near).all():
            return f"is nothing but {words}"
    for (words, values), (by, sizes) in itertools.permutations(known.items(), 2):
        if "number of" in by and len(set(values)) >= _LEAST and np.all(sizes) and (np.abs(mine - np.divide(values, sizes)) <= near).all():
            return f"is {words}, divided by {by}"
    off = mine - right
    if not (np.abs(off) > near).all():
        return ""
    if np.ptp(off) <= near.min():
        return "is off by the same amount in every case"
    for words, values in known.items():
        for way, times in _TIMES.items():
            if len(set(values)) >= _LEAST and (np.abs(off - times * np.array(values)) <= near).all():
                return f"is the right one {way.format(amount=words)}"
    if (off > 0).all():
        return "is too large in every case"
    return "is too small in every case" if (off < 0).all() else ""
