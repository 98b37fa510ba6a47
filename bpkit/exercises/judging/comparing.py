"""Whether two values are the same answer: same structure and shape, entries equal but for rounding."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpkit.exercises.judging.values import SEQUENCES, described, items_of, shape_in_words
from bpkit.exercises.run import Lone, Unreadable

# Answers are compared entry by entry, relative to the largest entry of the array.
RTOL = 1e-7  # far above float64 round-off, far below what any mistake leaves
RTOL_MIXED = 2e-6  # float32 on the way, and seen there
RTOL_FLOAT32 = 2e-5  # float32 throughout
NARROW = (np.dtype(np.float32), np.dtype(np.float16))


@dataclass(frozen=True)
class Problem:
    """One way in which a returned value is not what a case asks for.

    Parameters
    ----------
    kind, message
        In a word, for the table of mistakes, and in a sentence.
    part
        The name of the part that has it; empty for the whole value.
    got, wrong
        The numbers that came back, where there are any, and which of them are wrong.
    yours
        The learner's own number where it first goes wrong, in words.
    """

    kind: str
    message: str
    part: str = ""
    got: np.ndarray | None = None
    wrong: np.ndarray | None = None
    yours: str = ""


@dataclass(frozen=True)
class Fit:
    """How closely two values agree where their structure does: the worst entry, and the numbers that it is one of."""

    error: float
    got: np.ndarray

    def close(self, narrow: bool = False) -> bool:
        """Whether rounding explains the difference; `narrow` where the code was seen to use float32 on the way."""
        if self.error <= (RTOL_MIXED if narrow else RTOL):
            return True
        return self.error <= RTOL_FLOAT32 and (self.got.dtype in NARROW or _holds_float32(self.got))


def agree(got: Any, want: Any, narrow: bool = False) -> bool:
    """Whether two values are the same answer: same structure and shape, entries equal within the tolerance."""
    if not isinstance(want, SEQUENCES):
        leaf = np.asarray(want)
        array = as_array(got, leaf)
        return isinstance(array, np.ndarray) and distance(array, leaf).close(narrow)
    items = items_of(got)
    if not isinstance(items, list) or len(items) != len(want):
        return False
    return all(mine is None if item is None else agree(mine, item, narrow) for mine, item in zip(items, want, strict=True))


def is_lone(got: Any, want: Any) -> bool:
    """Whether a comma too many made a tuple out of what is wanted by itself."""
    if not isinstance(got, Lone) or isinstance(want, list | tuple):
        return False
    try:
        inner, shape = np.asarray(got[0]), np.shape(want)
    except ValueError:
        return False
    return inner.dtype.kind in "biufcU" and (inner.shape == shape or (shape == () and inner.size == 1))


def as_array(got: Any, want: np.ndarray) -> np.ndarray | Problem:
    """A returned piece as an array of the wanted shape, or what stands in the way; what a wrong shape is told by is in `form`."""
    if is_lone(got, want):
        return Problem(
            "trailing comma", f"it is a tuple of one item, expected {shape_in_words(want)} by itself: a comma at the end of a line makes a tuple"
        )
    if isinstance(got, list):
        try:
            got = np.array(got)
        except ValueError:
            return Problem("shape", f"it is a ragged list, expected {shape_in_words(want)}")
    if got is None:
        return Problem("returned None", "it is None")
    if isinstance(got, Unreadable):
        return Problem("dtype", f"it is {got.found}, expected numbers of {shape_in_words(want)}")
    array = np.asarray(got)
    if want.dtype.kind == "U":
        return array if array.dtype.kind == "U" else Problem("dtype", f"it is {described(got)}, expected text")
    if array.dtype == object:
        return Problem("dtype", f"it holds no numbers, or not only numbers, expected numbers of {shape_in_words(want)}")
    if array.dtype.kind not in "biufc":
        return Problem("dtype", f"it is {described(got)}, expected numbers of {shape_in_words(want)}")
    if array.dtype.kind == "c" and want.dtype.kind != "c":
        return Problem("dtype", f"it is complex ({array.dtype}), expected real numbers")
    if want.shape == () and array.size == 1:
        return array.reshape(())
    if array.shape != want.shape:
        return Problem("shape", "", got=array)
    return array


def distance(got: np.ndarray, want: np.ndarray) -> Fit:
    """How far the worst entry is off, as a share of the largest one that is wanted; both arrays have one shape."""
    if want.dtype.kind == "U":
        return Fit(0.0 if np.array_equal(got, want) else np.inf, got)
    with np.errstate(over="ignore", invalid="ignore"):
        real = got if got.dtype == np.float64 else got.astype(np.result_type(got, float), copy=False)
        difference = np.abs(real - want)
        worst, scale = float(difference.max(initial=0.0)), float(np.abs(want).max(initial=0.0))
        if not math.isfinite(worst):
            # what is not finite agrees with its like alone
            same = (got == want) | (np.isnan(got) & np.isnan(want))
            worst = float(np.max(np.where(np.isfinite(difference), difference, np.inf), initial=0.0, where=~same))
            scale = float(np.max(np.abs(want), initial=0.0, where=np.isfinite(want)))
    return Fit(worst / (scale or 1.0), got)


def _holds_float32(got: np.ndarray) -> bool:
    """Whether a float64 array holds nothing but float32 numbers.

    One number in 2**29 is one by chance, but short ones such as 0.5 and 3 always are: some entry has to use the last bits.
    """
    if got.dtype != np.float64 or not np.all((got == got.astype(np.float32)) | np.isnan(got)):
        return False
    bits = np.ascontiguousarray(got[np.isfinite(got)].astype(np.float32)).view(np.uint32)
    return bool(np.any(bits & 0x7F))


Mark = tuple[float, float] | None


def mark_of(value: Any) -> Mark:
    """The sum of a value's numbers, and by how much at most that of the same answer differs; None where this tells nothing.

    Most results that are not the same are told apart by it, in far less time than by comparing their entries.
    """
    if isinstance(value, float):
        return (value, 2 * RTOL_FLOAT32 * (abs(value) or 1.0)) if math.isfinite(value) else None
    if isinstance(value, SEQUENCES):
        total = allowed = 0.0
        for item in value:
            if item is not None:
                if (mark := mark_of(item)) is None:
                    return None
                total, allowed = total + mark[0], allowed + mark[1]
        return total, allowed
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return None
    array = array.astype(float, copy=False)
    total, largest = float(array.sum()), float(np.abs(array).max(initial=0))
    return (total, 2 * RTOL_FLOAT32 * array.size * (largest or 1.0)) if math.isfinite(total) else None


def apart(mine: Mark, theirs: Mark) -> bool:
    """Whether two marks are surely those of different answers."""
    return mine is not None and theirs is not None and abs(mine[0] - theirs[0]) > theirs[1]


@contextmanager
def quiet() -> Iterator[None]:
    """Let wrong numbers overflow and divide by zero without a warning: that is what makes them wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
