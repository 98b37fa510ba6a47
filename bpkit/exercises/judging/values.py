"""What an answer returned, taken apart: its parts with their names, its arrays, and how each is called in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.run import Unreadable

SEQUENCES = (list, tuple)  # a union would be built anew in each of a million calls
PartLabel = str | tuple[str, ...]  # `Exercise.part`


def named(k: int, item: Any, label: PartLabel) -> tuple[str, PartLabel]:
    """The name of a sequence's item, and the label of the item's own items."""
    if isinstance(label, str):
        name = label.format(k)
        return name, name + "[{}]"
    return label[k].removesuffix("[{}]") if isinstance(item, SEQUENCES) else label[k].format(k), label[k]


def parts_of(want: Any, label: PartLabel, name: str = "") -> list[str]:
    """The names of the parts of a value, in the order of `leaves`; what is no sequence has one part, itself."""
    if not isinstance(want, SEQUENCES):
        return [name]
    items = [(item, *named(k, item, label)) for k, item in enumerate(want) if item is not None]
    return [part for item, its_name, inner in items for part in parts_of(item, inner, its_name)]


def leaves(want: Any) -> list[np.ndarray]:
    """The arrays of a value, one for each part; where a sequence has None there is none."""
    if not isinstance(want, SEQUENCES):
        return [np.asarray(want)]
    return [leaf for item in want if item is not None for leaf in leaves(item)]


def arrays_in(value: Any) -> list[np.ndarray]:
    """The arrays in an input, however deep."""
    if isinstance(value, list | tuple):
        return [array for item in value for array in arrays_in(item)]
    return [value] if isinstance(value, np.ndarray) else []


def items_of(got: Any) -> Any:
    """What a sequence is asked for takes an array apart."""
    return list(got) if isinstance(got, np.ndarray) and got.ndim > 0 else got


def first_leaf(value: Any) -> Any:
    """The first array of a value; a single 0 where it has none."""
    if isinstance(value, list):
        return next((leaf for item in value if item is not None for leaf in leaves(item)), np.zeros(()))
    return value if isinstance(value, np.ndarray) else np.zeros(())


def shape_in_words(array: np.ndarray) -> str:
    """An array's shape, to stand behind "expected"."""
    return "a single number" if array.shape == () else f"shape {array.shape}"


def described(value: Any) -> str:
    """What kind of value it is, to stand behind "it is"."""
    if isinstance(value, Unreadable):
        return value.found
    if isinstance(value, list):
        return f"a list of {len(value)} items"
    if isinstance(value, str):
        return f"the text {value[:40]!r}"
    if value is None:
        return "None"
    array = np.asarray(value)
    return "a single number" if array.shape == () else f"an array of shape {array.shape}"


def value_in_words(value: Any) -> str:
    """A value in words, a single number by its own digits."""
    array = np.asarray(value) if isinstance(value, int | float | np.ndarray) else np.zeros(2)
    return f"{array.item():.6g}" if array.size == 1 and array.dtype.kind in "biuf" else described(value)
