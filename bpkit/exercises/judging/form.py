"""Whether a value has the form that is asked, its structure, its shapes and its kind of numbers, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import RTOL, Problem, agree, as_array, distance
from bpkit.exercises.judging.lengths import in_words, missing_or_too_many
from bpkit.exercises.judging.multiples import ratio_of, varies
from bpkit.exercises.judging.values import SEQUENCES, PartLabel, described, first_leaf, items_of, leaves, named, parts_of, shape_in_words


def laid_along(got: Any, want: Any, label: PartLabel) -> list[np.ndarray] | Problem:
    """A returned value as an array for each part, or the first thing that is wrong with its form."""
    pieces, problem = structure(got, want, label)
    if problem:
        return problem
    arrays = []
    for name, piece, leaf in zip(parts_of(want, label), pieces, leaves(want), strict=True):
        array = as_array(piece, leaf)
        if isinstance(array, Problem):
            return Problem(array.kind, array.message if array.got is None else _other_shape(array.got, leaf), name)
        if not np.all(np.isfinite(array)) and np.all(np.isfinite(leaf)):
            bad = ~np.isfinite(array)
            more = f"; the first is {[int(k) for k in np.argwhere(bad)[0]]}" if array.size > 1 and not bad.all() else ""
            return Problem("not finite", f"{int(bad.sum())} of {array.size} entries are nan or infinite{more}", name)
        arrays.append(array)
    return arrays


def structure(got: Any, want: Any, label: PartLabel, name: str = "") -> tuple[list[Any], Problem | None]:
    """Lay `got` along the parts of `want`: the matching pieces, or the problem that stops it."""
    if got is None:
        return [], Problem("returned None", "it is None" if name else "it returned None. Is a `return` missing?", name)
    if not isinstance(want, SEQUENCES):
        return [got], None
    items = items_of(got)
    if not isinstance(items, list) or len(items) != len(want):
        words = f"it is {described(got)}, expected a list of {len(want)} items"
        if not name:
            words = f"it returned {described(got)}, expected a list of {len(want)} items"
        return [], Problem("shape", f"{words}{_length_told(items, want) if isinstance(items, list) else ''}", name)
    for k, item in enumerate(want):
        if item is None and items[k] is not None:
            place = (label if isinstance(label, str) else label[k]).format(k)
            return [], Problem("not None", f"it is {described(items[k])}, expected None: there is nothing to find at this place", place)
    pieces: list[Any] = []
    for k, item in enumerate(want):
        if isinstance(item, SEQUENCES):
            its_name, inner = named(k, item, label)
            nested, problem = structure(items[k], item, inner, its_name)
            if problem:
                return [], problem
            pieces += nested
        elif item is not None:
            pieces.append(items[k])
    return pieces, None


def _length_told(items: list[Any], want: Sequence[Any]) -> str:
    """Which items are missing or too many, where the others are right and have numbers enough to tell."""

    def same(mine: Any, right: Any) -> bool:
        return mine is None if right is None else agree(mine, right)

    shorter = items if len(items) < len(want) else list(want)
    if not any(varies(first_leaf(item)) for item in shorter if item is not None):
        return ""
    found = missing_or_too_many(items, want, same)
    if found is None:
        return ""
    if found[0] == "missing" and all(item is None for item in want[found[1] : found[1] + found[2]]):
        return f": the rest is right, but None is missing at place {found[1]}"
    return in_words(found, max(len(items), len(want)), "entry")


def _other_shape(array: np.ndarray, want: np.ndarray) -> str:
    """What is said of an array of another shape than is wanted, with what the two have to do with each other where the numbers tell it."""
    if array.shape == ():
        return f"it is a single number, expected {shape_in_words(want)}"
    hint = ""
    if want.shape == (array.size, 1) and array.shape in ((array.size,), (1, array.size)):
        hint = ": the numbers stand in a row, a column is asked"
    elif array.size == want.size and 1 in want.shape and array.ndim <= 2 and _holds(array.reshape(want.shape), want):
        hint = ": reshape it"
    elif array.ndim == 2 and array.shape == want.shape[::-1] and _holds(array.T, want):
        hint = ": rows and columns are swapped"
    elif array.dtype.kind in "biuf" and want.dtype.kind in "biuf":
        hint = _axis_told(array, want)
    return f"it has {shape_in_words(array)}, expected {shape_in_words(want)}{hint}"


def _holds(array: np.ndarray, want: np.ndarray) -> bool:
    """Whether an array in another shape holds the wanted numbers, or a multiple of them: a shape alone is no proof."""
    if array.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return False
    return distance(array, want).close() or ratio_of(array.astype(float), want.astype(float)) is not None


def _axis_told(array: np.ndarray, want: np.ndarray) -> str:
    """Which rows or columns of an array are missing or too many, or which entries where it has one axis, where the others are right."""
    axes = [axis for axis in range(want.ndim) if array.shape[axis] != want.shape[axis]] if array.ndim == want.ndim <= 2 else []
    if len(axes) != 1 or 0 in array.shape or not varies(array if array.size < want.size else want):
        return ""
    scale = float(np.abs(want).max(initial=0.0)) or 1.0
    found = missing_or_too_many(
        np.moveaxis(array, axes[0], 0), np.moveaxis(want, axes[0], 0), lambda mine, right: bool((np.abs(mine - right) <= RTOL * scale).all())
    )
    line = "entry" if want.ndim == 1 else ("row", "column")[axes[0]]
    return in_words(found, max(array.shape[axes[0]], want.shape[axes[0]]), line) if found else ""
