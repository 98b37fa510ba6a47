"""What an input may have been replaced by before the right formula: each change by the words in which it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Change = Callable[[Any], Any]


def each(change: Change) -> Change:
    """Does something to every array or number of an input."""

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(item) for item in value]
        return change(value) if value is not None else None

    return changed


def real(value: Any) -> Any:
    """A number or array of floats, as it is.

    Raises
    ------
    TypeError
        If it is something else, which has no negative, square or root.
    """
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return value
    raise TypeError("no real numbers")


def _number(value: Any) -> Any:
    """The same for numbers that may be whole, which stay as they are where they are rounded."""
    if type(value) is int or (isinstance(value, np.ndarray) and value.dtype.kind == "i"):
        return value
    return real(value)


def _whole(value: Any) -> int:
    """The same for a whole number, which has neighbours."""
    if type(value) is int:
        return value
    raise TypeError("no whole number")


def _matrix(value: Any) -> np.ndarray:
    """The same for a matrix."""
    if np.ndim(real(value)) == 2:
        return np.asarray(value)
    raise TypeError("no matrix")


def _square(value: Any) -> np.ndarray:
    """The same for a square matrix, which can be turned over."""
    if _matrix(value).shape[0] == value.shape[1]:
        return np.asarray(value)
    raise TypeError("no square matrix")


def _array(value: Any) -> np.ndarray:
    """The same for an array of at least one axis."""
    if np.ndim(real(value)):
        return np.asarray(value)
    raise TypeError("no array")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise TypeError("no list")


def _list_reversed(value: Any) -> list[Any]:
    """A list the other way round; a None at its beginning stays where it is."""
    items = _list(value)
    return [*items[:1], *items[:0:-1]] if items and items[0] is None else items[::-1]


def _sigmoid(value: Any) -> Any:
    return 1 / (1 + np.exp(-value))


CHANGES: dict[str, Change] = {
    "0": each(lambda value: 0 * real(value)),
    "1": each(lambda value: 0 * real(value) + 1),
    "its negative": each(lambda value: -real(value)),
    "its size": each(lambda value: abs(real(value))),
    "its square": each(lambda value: real(value) ** 2),
    "its root": each(lambda value: real(value) ** 0.5),
    "its reciprocal": each(lambda value: 1 / real(value)),
    "its double": each(lambda value: 2 * real(value)),
    "its half": each(lambda value: real(value) / 2),
    "its transpose": each(lambda value: _square(value).T),
    "its numbers in the order of `reshape` instead of the transpose": each(lambda value: _matrix(value).reshape(value.shape[::-1]).T),
    "the transpose of its pseudo-inverse": each(lambda value: np.linalg.pinv(_matrix(value)).T),
    "its sign": each(lambda value: np.sign(real(value))),
    "1 minus itself": each(lambda value: 1 - real(value)),
    "its exponential": each(lambda value: np.exp(real(value))),
    "its logarithm": each(lambda value: np.log(real(value))),
    "its sigmoid": each(lambda value: _sigmoid(real(value))),
    "the slope of the sigmoid there": each(lambda value: _sigmoid(real(value)) * _sigmoid(-value)),
    "its tanh": each(lambda value: np.tanh(real(value))),
    "itself with 0 for everything negative": each(lambda value: np.maximum(real(value), 0)),
    "itself with 0 for everything positive": each(lambda value: np.minimum(real(value), 0)),
    "itself cut off at -1 and 1": each(lambda value: np.clip(real(value), -1, 1)),
    "itself rounded to whole numbers": each(lambda value: np.round(_number(value))),
    "itself without its fractions": each(lambda value: np.trunc(_number(value))),
    "itself rounded down to whole numbers": each(lambda value: np.floor(_number(value))),
    "the mean over its columns": each(lambda value: 0 * _matrix(value) + value.mean(axis=1, keepdims=True)),
    "the sum over its columns": each(lambda value: 0 * _matrix(value) + value.sum(axis=1, keepdims=True)),
    "the mean over its rows": each(lambda value: 0 * _matrix(value) + value.mean(axis=0)),
    "the mean of all its entries": each(lambda value: 0 * _array(value) + value.mean()),
    "itself without the mean over its columns": each(lambda value: _matrix(value) - value.mean(axis=1, keepdims=True)),
    "itself without the mean over its rows": each(lambda value: _matrix(value) - value.mean(axis=0)),
    "itself divided by its length": each(lambda value: real(value) / np.linalg.norm(value)),
    "itself with every column divided by its length": each(lambda value: _matrix(value) / np.linalg.norm(value, axis=0)),
    "itself with every row divided by its length": each(lambda value: _matrix(value) / np.linalg.norm(value, axis=1, keepdims=True)),
    "copies of its first column": each(lambda value: 0 * _matrix(value) + value[:, :1]),
    "copies of its last column": each(lambda value: 0 * _matrix(value) + value[:, -1:]),
    "its columns in reverse order": each(lambda value: _matrix(value)[:, ::-1]),
    "its rows in reverse order": each(lambda value: _array(value)[::-1]),
    "its columns one place further": each(lambda value: np.roll(_matrix(value), 1, axis=1)),
    "its columns one place back": each(lambda value: np.roll(_matrix(value), -1, axis=1)),
    "its list in reverse order": _list_reversed,
    "one more": lambda value: _whole(value) + 1,
    "one less": lambda value: _whole(value) - 1,
}
# Of an input that counts by its signs or its order alone many changes leave the same: those that are left tell it apart from what it was.
TELLING_OF_SIGNS = (
    "0",
    "1",
    "its negative",
    "its size",
    "its transpose",
    "its numbers in the order of `reshape` instead of the transpose",
    "copies of its first column",
    "copies of its last column",
    "its columns in reverse order",
    "its rows in reverse order",
    "its columns one place further",
    "its columns one place back",
    "its list in reverse order",
)
# what every example may have been replaced by, in all inputs with a column for each
POOLED: dict[str, Change] = {
    "the last one": lambda value: 0 * _matrix(value) + value[:, -1:],
    "the first one": lambda value: 0 * _matrix(value) + value[:, :1],
    "the mean of them all": lambda value: 0 * _matrix(value) + value.mean(axis=1, keepdims=True),
}
