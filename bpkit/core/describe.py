"""Say in words how one array differs from another, so that a learner hears what is wrong and not only that something is.

Every statement is checked against the numbers before it is made, and a statement that the numbers would support by
chance is not made at all. No text contains an expected value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from bpkit.language import translated

Array = np.ndarray
Index = tuple[int, ...]

# A statement must explain this many decimal digits more than it has room to adjust.
_EVIDENCE = 4.0
# How many different statements are tried on one pair of arrays, as a power of ten.
_TRIES = 1.0
# How many digits have to be right for numbers on a grid of decimals to be called rounded.
_ROUNDED = 2.0
# How many relations to the right numbers are tried, as a power of ten.
_RELATIONS = 1.3
# A choice of entries by their sign must be one out of 10**this many to be named.
_CHOSEN = 3.0
_NAMED_FACTORS = (2.0, 0.5, -2.0, -0.5)
# Below this part of the largest entry a difference is small; a factor so near to 1 is next to none.
_SMALL = 1e-2
_SMALL_ALONE = 1e-4
_NEXT_TO_1 = 1e-3
# Only a comparison as strict as this tells a fraction or a constant from a number that is near it.
_STRICT = 1e-6
_LARGEST_DENOMINATOR = 12
# So many whole numbers have to be those below the right ones.
_LEAST_FLOORED = 4
# So many places are listed one by one.
_MOST_LISTED = 4
_CONSTANTS = {
    "ln 2": math.log(2),
    "1/ln 2": 1 / math.log(2),
    "ln 10": math.log(10),
    "1/ln 10": 1 / math.log(10),
    "√2": math.sqrt(2),
    "1/√2": 1 / math.sqrt(2),
    "π": math.pi,
    "1/π": 1 / math.pi,
    "2π": 2 * math.pi,
    "√(2π)": math.sqrt(2 * math.pi),
    "1/√(2π)": 1 / math.sqrt(2 * math.pi),
    "e": math.e,
    "1/e": 1 / math.e,
}


@dataclass(frozen=True, eq=False)
class Difference:
    """How an array differs from the one that was expected. `str()` says it in one sentence.

    Parameters
    ----------
    ok
        Whether they agree.
    kind
        None where they agree and where no pattern holds. Otherwise one of "not numbers", "complex", "shape", "not finite",
         "whole numbers", "zero", "rounded", "sign", "factor", "related", "transposed", "one entry", "one row", "one column", "one slice",
        "rows reversed", "columns reversed", "entries reversed", "permuted rows", "permuted columns",
        "constant offset", "row factors", "column factors", "row offset", "column offset", "permuted entries", "one for all", "affine", "sums",
        "some entries".
    words
        The sentence.
    wrong
        True where an entry is wrong; of the shape of the array that was got.
    relative_error
        Largest absolute error, divided by the largest expected entry; dimensionless.
    factor
        What the wrong entries are a multiple of the right ones by, where one number holds for all of them.
    where
        The place in words where the kind is about a place: "row 3", "entry [2, 1]".
    worst
        Index of the largest error; None where there is none to point at.
    """

    ok: bool
    kind: str | None
    words: str
    wrong: Array = field(repr=False)
    relative_error: float
    factor: float | None = None
    where: str = ""
    worst: Index | None = None

    def __str__(self) -> str:
        return translated(self.words)


def describe_difference(
    got: Any,
    expected: Any,
    *,
    rtol: float = 1e-7,
    atol: float = 0.0,
    factors: Mapping[str, float] | None = None,
) -> Difference:
    """How `got` differs from `expected`, in words and in a mask.

    Parameters
    ----------
    got
        What is judged: anything numpy can make an array of.
    expected
        What it should be: finite real numbers.
    rtol
        An entry is wrong when it is off by more than this part of the largest expected entry. Relative to each entry
        would reject right gradients: rounding is as large in small entries as in large ones.
    atol
        Added to that tolerance; in the units of the arrays. For an expected array of zeros it is all there is.
    factors
        Factors with a meaning, e.g. ``{"m": 5}`` for five examples; they are named where they fit.

    Returns
    -------
    Difference

    Raises
    ------
    TypeError, ValueError
        If `expected` is not an array of finite real numbers, or a tolerance is not a number of at least 0.

    Source
    ------
    The scale rule: N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), §6.2, norm-wise errors.

    Examples
    --------
    >>> right = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> print(describe_difference(-right, right))
    every entry is -1 × what it should be
    >>> print(describe_difference(right.T, right))
    it is the transpose of what it should be
    >>> print(describe_difference(5 * right, right, factors={"m": 5}))
    every entry is 5 × what it should be, and 5 is m
    """
    want = np.asarray(expected)
    if want.dtype.kind not in "biuf":
        raise TypeError(f"expected is of dtype {want.dtype}, it must be an array of real numbers")
    want = want.astype(np.float64)
    if not np.isfinite(want).all():
        raise ValueError(f"expected has {np.count_nonzero(~np.isfinite(want))} entries that are NaN or infinite, it must be finite")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if not (np.ndim(value) == 0 and value >= 0 and math.isfinite(value)):
            raise ValueError(f"{name} is {value!r}, it must be a finite number of at least 0")

    unreadable = _not_real_numbers(got)
    if isinstance(unreadable, Difference):
        return unreadable
    have = unreadable
    if have.shape != want.shape:
        return _other_shape(have, want, rtol, atol)
    dtype = np.asarray(got).dtype
    whole = str(dtype) if dtype.kind in "biu" and (want != np.round(want)).any() else ""
    return _Comparison(have, want, rtol, atol, factors or {}, whole).difference()


def _not_real_numbers(got: Any) -> Array | Difference:
    """`got` as float64, or the Difference that says why it cannot be."""
    try:
        have = np.asarray(got)
    except (ValueError, TypeError):  # ragged
        have = np.asarray(None)
    if have.dtype.kind == "c":
        imaginary = ~((have.imag == 0) | np.isnan(have))
        if imaginary.any():
            words = f"{_count(imaginary)} complex; real numbers are expected"
            return Difference(False, "complex", words, imaginary, math.inf, worst=_first(imaginary))
        have = have.real
    if have.dtype.kind not in "biuf":
        words = f"it is no array of numbers: found {type(got).__name__} of dtype {have.dtype}"
        return Difference(False, "not numbers", words, np.ones(have.shape, bool), math.inf)
    return have.astype(np.float64)


def _other_shape(have: Array, want: Array, rtol: float, atol: float) -> Difference:
    everything = np.ones(have.shape, bool)
    found = f"it has shape {have.shape}, expected {want.shape}"
    if not have.size or not want.size or not np.isfinite(have).all():
        return Difference(False, "shape", found, everything, math.inf)
    tolerance = atol + rtol * np.abs(want).max()

    def same(a: Array) -> bool:
        return a.shape == want.shape and bool((np.abs(a - want) <= tolerance).all())

    if have.ndim == 2 and min(have.shape) > 1 and same(have.T):
        return Difference(False, "transposed", f"{found}: it is the transpose of what it should be", everything, math.inf)
    more = ""
    if have.size == want.size and same(have.reshape(want.shape)):
        more = ": the numbers are right, the shape is not"
    elif have.ndim == 2 and want.ndim and want.shape in (have.shape[:1], (have.shape[0], 1)):
        if same(have.mean(axis=1).reshape(want.shape)):
            more = ": the mean over its columns is right"
        elif same(have.sum(axis=1).reshape(want.shape)):
            more = ": the sum over its columns is right"
    return Difference(False, "shape", found + more, everything, math.inf)


class _Comparison:
    """Two arrays of one shape, divided by the largest expected entry, and what can be said about them."""

    def __init__(self, have: Array, want: Array, rtol: float, atol: float, factors: Mapping[str, float], whole: str) -> None:
        self.whole = whole  # the dtype of what was got, where it holds no fractions and fractions are expected
        self.plain = (have, want)
        self.finite = np.isfinite(have)
        scale = float(np.abs(want).max(initial=0.0))
        # Without an expected entry to measure by, measure by what was got, so that the statements still mean something.
        unit = scale or float(np.abs(have[self.finite]).max(initial=0.0)) or 1.0
        self.have, self.want = have / unit, want / unit
        self.tolerance = (rtol if scale else 0.0) + atol / unit
        # Statements are tested to the rounding of float64 at best: a zero tolerance would allow none.
        self.tight = max(self.tolerance, 1e-14)
        with np.errstate(invalid="ignore", over="ignore"):
            self.off = np.where(self.finite, np.abs(self.have - self.want), np.inf)
        self.wrong = self.off > self.tolerance
        self.error = float(self.off.max(initial=0.0)) if scale else (math.inf if self.off.any() else 0.0)
        self.factors = {name: float(value) for name, value in factors.items() if value not in (0, 1)}

    def difference(self) -> Difference:
        if not self.wrong.any():
            return Difference(True, None, "it is right", self.wrong, self.error, worst=self._worst())
        for statement in self._statements():
            if statement is not None:
                return statement
        if self._is_small():
            part = "itself" if self.wrong.size == 1 else "the largest entry"
            return self._say(None, f"{_count(self.wrong)} nearly right, off by at most {self.error:.1e} of {part}")
        return self._say(None, f"{_count(self.wrong)} wrong; no simple pattern fits")

    def _is_small(self) -> bool:
        """Whether all that is wrong is wrong by little, beside the largest entry and beside itself; of a whole number alone none is little."""
        if self.want.size == 1 and (self.plain[1] % 1 == 0).all():
            return False
        return self.error < (_SMALL if self.want.size > 1 else _SMALL_ALONE) and bool(
            (self.off <= np.maximum(5 * _SMALL * np.abs(self.want), 0.1 * _SMALL)).all()
        )

    def _statements(self) -> Iterator[Difference | None]:
        """From the simplest statement to the least simple one."""
        yield self._not_finite()
        yield self._cut()
        yield self._zero()
        yield self._rounded()
        yield self._zero_lines()
        yield self._nearly()
        yield self._multiple()
        yield self._related()
        yield self._transposed()
        yield self._one_for_all()
        yield self._one_place()
        yield from self._reordered()
        yield self._offset()
        yield from self._along_an_axis()
        yield self._same_numbers()
        yield self._affine()
        yield self._one_number()
        yield self._other_sums()
        yield self._some_entries()

    def _say(self, kind: str | None, words: str, factor: float | None = None, where: str = "") -> Difference:
        return Difference(False, kind, words, self.wrong, self.error, factor, where, self._worst())

    def _worst(self) -> Index | None:
        return tuple(int(i) for i in np.unravel_index(int(self.off.argmax()), self.off.shape)) if self.off.size else None

    def _holds(self, model: Array, free: int = 0, orders: float = 0.0, part: Array | None = None) -> bool:
        """Whether `have` is `model` and this can hardly be chance.

        Each entry that the model moves away from what is expected by d, and that is then met to within t, counts
        log10(d/t) digits. A model with `free` numbers fitted to the data loses its best entries, and one that was
        chosen out of 10**orders loses as many digits.
        """
        have, want = (self.have, self.want) if part is None else (self.have[part], self.want[part])
        with np.errstate(invalid="ignore", over="ignore"):
            misfit = np.abs(have - model)
            # Against the size of what is claimed too: a tiny multiple is not proven by being tiny.
            size = min(1.0, float(np.abs(model).max(initial=0.0)))
            if not (misfit <= self.tight * size).all():
                return False
            moved = np.abs(model - want).ravel() / self.tight
        digits = np.sort(np.log10(np.maximum(moved, 1.0)))[: moved.size - free]
        return bool(digits.sum() - orders - _TRIES >= _EVIDENCE)

    # --- statements about the whole -------------------------------------------------------------------------------

    def _not_finite(self) -> Difference | None:
        bad = ~self.finite
        if not bad.any():
            return None
        what = "NaN" if np.isnan(self.have[bad]).all() else "infinite" if not np.isnan(self.have[bad]).any() else "NaN or infinite"
        rest = "" if bad.all() else "; the others are right" if np.array_equal(self.wrong, bad) else "; others are wrong too"
        return self._say("not finite", f"{_count(bad)} {what}{rest}", where=_place(bad))

    def _cut(self) -> Difference | None:
        """Whole numbers because of their dtype, where fractions are expected."""
        if not self.whole:
            return None
        have, want = self.plain
        cut = ": each is what it should be without its fraction" if np.array_equal(have, np.trunc(want)) and have.any() else ""
        return self._say("whole numbers", f"{_count(self.wrong)} wrong; the dtype is {self.whole}, which holds no fractions{cut}")

    def _rounded(self) -> Difference | None:
        """Rounded to so many decimals: so few digits that they cannot be chance have to be right in all."""
        have, want = self.plain
        for decimals in range(7):
            if not np.array_equal(have, np.round(have, decimals)):
                continue
            digits = np.log10(np.maximum(np.abs(have) * 10.0**decimals, 1.0)).sum()
            if digits >= _ROUNDED and (np.abs(have - np.round(want, decimals)) <= 1e-9 * 10.0**-decimals).all():
                to = f"{decimals} decimal{'' if decimals == 1 else 's'}" if decimals else "whole numbers"
                return self._say("rounded", f"{_count(np.ones_like(self.wrong))} what it should be, rounded to {to}")
            break
        if have.size >= _LEAST_FLOORED and np.array_equal(have, np.floor(want)) and np.ptp(have) > 0:
            return self._say("rounded", f"{_count(np.ones_like(self.wrong))} what it should be, rounded down to a whole number")
        return None

    def _zero_lines(self) -> Difference | None:
        """Rows (or columns) of zeros are wrong and nothing else is."""
        for name, axis in (("row", 1), ("column", 0)) if self.want.ndim == 2 and min(self.want.shape) > 1 else ():
            lines = np.flatnonzero(self.wrong.any(axis=axis))
            zero = (self.have == 0).all(axis=axis)
            # where most of a line should be 0 anyway it is single entries that are wrong
            whole = 2 * self.wrong.sum(axis=axis) > self.wrong.shape[axis]
            if 1 < len(lines) < len(zero) and zero[lines].all() and whole[lines].all():
                place = f"{name}s {', '.join(str(i) for i in lines)}"
                return self._say("some entries", f"{place} (counting from 0) are 0, the others are right", where=place)
        return None

    def _zero(self) -> Difference | None:
        if self.have.any():
            return None
        return self._say("zero", f"{_count(np.ones_like(self.wrong))} 0", factor=0.0)

    def _fitted(self, part: Array) -> float | None:
        """The one factor by which the entries in `part` differ from what they should be; None if there is none."""
        have, want = self.have[part], self.want[part]
        if not have.any():
            return None
        for named in (-1.0, *_NAMED_FACTORS, *(s * f for v in self.factors.values() for f in (v, 1 / v) for s in (1, -1))):
            if self._holds(named * want, part=part):
                return named
        power = float(want @ want)
        c = float(have @ want) / power if power > 0 else math.nan
        if not math.isfinite(c) or abs(c - 1) < 100 * self.tight or not self._holds(c * want, free=1, part=part):
            return None
        return next((near for _, near in _readable(c, self.tight) if self._holds(near * want, free=1, part=part)), c)

    def _times(self, c: float) -> str:
        """`c` as a reader would say it, and the meaning that it has here."""
        text = _number(c)
        for name, value in self.factors.items():
            for meaning, f in ((name, value), (f"1/{name}", 1 / value), (f"-{name}", -value), (f"-1/{name}", -1 / value)):
                if math.isclose(c, f, rel_tol=1e-14):
                    return f"{text} × what {{}} should be, and {text} is {meaning}"
        return f"{text} × what {{}} should be"

    def _nearly(self) -> Difference | None:
        """One factor that is next to 1, or one amount that is next to nothing, stands between the two."""
        if not self._is_small() or self.want.size < 2 or not self.wrong.all():
            return None
        power = float((self.want * self.want).sum())
        c = float((self.have * self.want).sum()) / power
        if abs(c - 1) < _NEXT_TO_1 and self._holds(c * self.want, free=1):
            way = "large" if c > 1 else "small"
            return self._say(None, f"every entry is nearly right, too {way} in size by the same part of itself, {abs(c - 1):.1e}", factor=c)
        shift = float((self.have - self.want).mean())
        if self._holds(self.want + shift, free=1):
            way = "large" if shift > 0 else "small"
            return self._say(None, f"every entry is nearly right, too {way} by the same amount, {abs(shift):.1e} of the largest entry")
        return None

    def _multiple(self) -> Difference | None:
        c = self._fitted(np.ones(self.want.shape, bool))
        if c is None:
            return None
        subject = _count(np.ones_like(self.wrong))
        return self._say("sign" if c == -1 else "factor", f"{subject} {self._times(c).format('it')}", factor=c)

    def _related(self) -> Difference | None:
        """What the numbers have to do with those expected, where they have digits enough to show it."""
        have, want = self.plain
        telling = [_has_digits(float(mine)) and _has_digits(float(right)) for mine, right in zip(have.flat, want.flat, strict=True)]
        if not have.size or not self._wide(_RELATIONS) or sum(telling) < min(2, have.size) or not self.wrong.all():
            return None
        with np.errstate(all="ignore"):
            relations = {
                "the reciprocal of": 1 / want,
                "minus the reciprocal of": -1 / want,
                "the square of": want * want,
                "the square root of": np.sqrt(want),
                "1 minus": 1 - want,
                "the exponential of": np.exp(want),
                "the logarithm of": np.log(want),
                "minus the logarithm of": -np.log(want),
                "the sigmoid of": 1 / (1 + np.exp(-want)),
                "the tanh of": np.tanh(want),
            }
            for words, value in relations.items():
                if (np.abs(have - value) <= self.tight * np.abs(value)).all():
                    return self._say("related", f"it is {words} what it should be" if have.size == 1 else f"each is {words} what it should be")
        return None

    def _wide(self, orders: float) -> bool:
        """Whether a number met to the tolerance is evidence enough against so many tries."""
        return -math.log10(self.tight) - orders >= _EVIDENCE

    def _transposed(self) -> Difference | None:
        if self.want.ndim != 2 or self.want.shape[0] != self.want.shape[1] or not self._holds(self.want.T):
            return None
        return self._say("transposed", "it is the transpose of what it should be")

    def _offset(self) -> Difference | None:
        shift = self.have - self.want
        if not self._holds(self.want + shift.mean(), free=1):
            return None
        return self._say("constant offset", "every entry is off by the same amount")

    def _one_for_all(self) -> Difference | None:
        """All rows or all columns are one and the same, made of those that should be there."""
        if self.want.ndim != 2:
            return None
        ways: dict[str, Callable[[Array], Array]] = {
            "the mean of those that should be there": lambda lines: lines.mean(axis=1, keepdims=True),
            "the sum of those that should be there": lambda lines: lines.sum(axis=1, keepdims=True),
            "the first of those that should be there": lambda lines: lines[:, :1],
            "the last of those that should be there": lambda lines: lines[:, -1:],
        }
        for name, have, want in (("column", self.have, self.want), ("row", self.have.T, self.want.T)):
            if have.shape[1] < 2 or have.shape[0] < 2 or np.ptp(have, axis=1).any():
                continue
            for words, way in ways.items():
                model = 0 * want + way(want)
                if self._holds(model if name == "column" else model.T):
                    return self._say("one for all", f"every {name} is the same one: {words}")
            if have.any() and np.ptp(have) > 0 and np.ptp(want, axis=1).any():
                return self._say("one for all", f"every {name} is the same one, and they should differ")
        return None

    def _affine(self) -> Difference | None:
        """One factor and one amount more stand between the two."""
        right = self.want - self.want.mean()
        power = float((right * right).sum())
        if self.want.size < 4 or not power or not np.isfinite(self.have).all():
            return None
        c = float((self.have * right).sum()) / power
        if abs(c) < 100 * self.tight or not self._holds(c * right + self.have.mean(), free=2):
            return None
        return self._say("affine", f"every entry is {self._times(c).format('it')}, and off by the same amount besides")

    def _one_number(self) -> Difference | None:
        """All entries are one and the same number."""
        if self.have.size < 3 or np.ptp(self.have) > 0 or np.ptp(self.want) <= self.tolerance:
            return None
        return self._say("one for all", "every entry is the same number, and they should differ")

    def _other_sums(self) -> Difference | None:
        """The columns should all have one sum, 0 or 1, and it is the rows that have it; or the other way round."""
        have, want = self.plain
        if want.ndim != 2 or min(want.shape) < 2:
            return None
        for total in (1.0, 0.0):
            for name, other, axis in (("columns", "rows", 0), ("rows", "columns", 1)):
                due, due_across, mine, mine_across = (
                    bool((np.abs(array.sum(axis=k) - total) <= 10 * self.tight * np.abs(array).max()).all())
                    for array, k in ((want, axis), (want, 1 - axis), (have, axis), (have, 1 - axis))
                )
                if due and mine_across and not mine and not due_across:
                    return self._say("sums", f"{_count(self.wrong)} wrong; the {name} should each sum to {total:g}, and here the {other} do")
        return None

    # --- statements about a place ---------------------------------------------------------------------------------

    def _one_place(self) -> Difference | None:
        """One entry, row or column alone is wrong; with the factor if there is one."""
        if self.wrong.size == 1:
            return None
        index = np.argwhere(self.wrong)
        if len(index) == 1:
            place = f"entry {[int(i) for i in index[0]]}"
            return self._say("one entry", self._alone(place, self.wrong), self._fitted(self.wrong), place)
        for axis in range(self.wrong.ndim if self.wrong.ndim > 1 else 0):
            position = int(index[0][axis])
            if self.wrong.shape[axis] == 1 or (index[:, axis] != position).any():
                continue
            name = ("row", "column")[axis] if self.wrong.ndim == 2 else f"index {position} of axis {axis}"
            place = f"{name} {position}" if self.wrong.ndim == 2 else name
            part = np.zeros_like(self.wrong)
            part[(slice(None),) * axis + (position,)] = True
            kind = f"one {name}" if self.wrong.ndim == 2 else "one slice"
            return self._say(kind, self._alone(place, part), self._fitted(part), place)
        return None

    def _alone(self, place: str, part: Array) -> str:
        text = f"{place} (counting from 0) alone is wrong"
        c = self._fitted(part)
        if c is not None:
            return f"{text}: it is {self._times(c).format('it')}"
        if not self.have[part].any():
            return f"{text}: it is 0" if part.sum() == 1 else f"{text}: all of it is 0"
        wrong = int(self.wrong.sum())
        return text if wrong == part.sum() else f"{text}, in {wrong} of its {int(part.sum())} entries"

    def _some_entries(self) -> Difference | None:
        if self.wrong.all():
            return None
        text = f"{_count(self.wrong)} wrong, the others are right"
        c = self._fitted(self.wrong)
        if c == -1:
            return self._say("some entries", f"{text}; the wrong ones have the wrong sign and the right size", factor=c)
        if c is not None:
            return self._say("some entries", f"{text}; each wrong one is {self._times(c).format('it')}", factor=c)
        mine = self.have
        tests: tuple[tuple[str, Callable[[Array], Array]], ...] = (
            ("those that are 0 here", lambda a: a == 0),
            ("those that are positive here", lambda a: a > 0),
            ("those that are negative here", lambda a: a < 0),
        )
        for name, test in tests:
            # as many entries chosen blindly would hit these so seldom; zeros mark themselves
            chance = _log10_choices(mine.size, int(self.wrong.sum())) >= _CHOSEN
            if np.array_equal(test(mine), self.wrong) and (chance or name.startswith("those that are 0")):
                return self._say("some entries", f"{text}; the wrong ones are exactly {name}")
        if not mine[self.wrong].any():
            return self._say("some entries", f"{text}; each wrong one is 0 here")
        if line := _right_line(self.wrong):
            return self._say("some entries", f"{text}: those of {line}, counting from 0")
        if end := self._cut_off():
            text = f"{text}; the wrong ones are all {end}"
        elif self._is_small():
            text = f"{text}; the wrong ones are off by at most {self.error:.1e} of the largest entry"
        elif self.wrong.sum() > 1 and np.ptp(mine[self.wrong]) == 0:
            text = f"{text}; each wrong one is {self.plain[0][self.wrong][0]:.6g} here"
        elif line := self._one_line():
            text = f"{text}; the wrong {line}s are all the same"
        if place := _figure(self.wrong):
            return self._say("some entries", f"{text}; the wrong ones are {place}", where=place)
        if place := _place(self.wrong):
            return self._say("some entries", f"{text}; they are all in {place}", where=place)
        if place := _listed(self.wrong):
            return self._say("some entries", f"{text}; the wrong ones are entries {place}", where=place)
        return self._say("some entries", text)

    def _one_line(self) -> str:
        """ "row" or "column", where all that are wrong are one and the same and should differ; empty otherwise."""
        if self.want.ndim != 2:
            return ""
        for name, wrong, have, want in (("row", self.wrong, self.have, self.want), ("column", self.wrong.T, self.have.T, self.want.T)):
            lines = wrong.any(axis=1)
            if lines.sum() > 1 < have.shape[1] and not np.ptp(have[lines], axis=0).any() and np.ptp(want[lines], axis=0).all():
                return name
        return ""

    def _cut_off(self) -> str:
        """The number that all wrong entries are, where it is the end of the range and where some right ones are not there; empty otherwise."""
        have, _ = self.plain
        size = np.unique(np.abs(have[self.wrong]))
        beyond = (self.want[self.wrong] * np.sign(have[self.wrong]) > np.abs(self.have[self.wrong])).all()
        if len(size) == 1 and size[0] and len(np.unique(have[self.wrong])) == 2 and (np.abs(have) <= size[0]).all() and beyond:
            return f"{size[0]:.6g} or {-size[0]:.6g}, and none here is larger: they are cut off there"
        ends = np.unique(have[self.wrong])
        if len(ends) != 1 or self.wrong.sum() < 2 or self.wrong.sum() == self.wrong.size or ends[0] == 0:
            return ""
        end = float(ends[0])
        if (have <= end).all() and (self.want[self.wrong] > self.have[self.wrong]).all():
            return f"{end:.6g}, the largest number here: they are cut off there"
        if (have >= end).all() and (self.want[self.wrong] < self.have[self.wrong]).all():
            return f"{end:.6g}, the smallest number here: they are cut off there"
        return ""

    # --- statements about order and about rows and columns --------------------------------------------------------

    def _reordered(self) -> Iterator[Difference | None]:
        names = {1: ("entries",), 2: ("rows", "columns")}.get(self.want.ndim, ())
        for axis, name in enumerate(names):
            if self._holds(np.flip(self.want, axis)):
                yield self._say(f"{name} reversed", f"its {name} are right but in reverse order")
        for axis, name in enumerate(names):
            if self.want.ndim == 2 and self._permuted(axis):
                yield self._say(f"permuted {name}", f"its {name} are right but in another order")

    def _permuted(self, axis: int) -> bool:
        have, want = (self.have, self.want) if axis == 0 else (self.have.T, self.want.T)
        # Rows in order of one projection; a pairing that this misses goes unmentioned, none is claimed in error.
        direction = np.random.default_rng(0).uniform(1, 2, size=want.shape[1])
        there, here = np.argsort(want @ direction, kind="stable"), np.argsort(have @ direction, kind="stable")
        model = np.empty_like(want)
        model[here] = want[there]
        return self._holds(model if axis == 0 else model.T, orders=_log10_factorial(len(want)))

    def _same_numbers(self) -> Difference | None:
        there, here = np.argsort(self.want, axis=None), np.argsort(self.have, axis=None)
        model = np.empty(self.want.size)
        model[here] = self.want.ravel()[there]
        if not self._holds(model.reshape(self.want.shape), orders=_log10_factorial(model.size)):
            return None
        return self._say("permuted entries", "it has the right numbers in the wrong places")

    def _along_an_axis(self) -> Iterator[Difference | None]:
        """Each row (or column) is off by its own factor or by its own amount."""
        if self.want.ndim != 2:
            return
        for name, axis in (("row", 1), ("column", 0)):
            power = (self.want**2).sum(axis=axis, keepdims=True)
            c = np.divide((self.have * self.want).sum(axis=axis, keepdims=True), power, out=np.zeros_like(power), where=power > 0)
            if self._lines_hold(c * self.want, axis):
                yield self._say(f"{name} factors", f"each {name} is a multiple of what it should be, each by a factor of its own")
        for name, axis in (("row", 1), ("column", 0)):
            if self._lines_hold(self.want + (self.have - self.want).mean(axis=axis, keepdims=True), axis):
                yield self._say(f"{name} offset", f"each {name} is off by one amount along its whole length, each by an amount of its own")

    def _lines_hold(self, model: Array, axis: int) -> bool:
        """As `_holds`, one number fitted to each line. Each line that is wrong must carry evidence of its own."""
        if not (np.abs(self.have - model) <= self.tight * min(1.0, float(np.abs(model).max()))).all():
            return False
        lines = np.flatnonzero(self.wrong.any(axis=axis))
        if len(lines) < 2 or (self.have == 0).all(axis=axis)[lines].any():  # a row of zeros is no multiple worth the name
            return False
        moved = np.abs(model - self.want) if axis == 1 else np.abs(model - self.want).T
        digits = np.sort(np.log10(np.maximum(moved[lines] / self.tight, 1.0)), axis=1)[:, :-1].sum(axis=1)
        return bool((digits >= _EVIDENCE + _TRIES).all())


def _count(mask: Array) -> str:
    """ "3 of 6 entries are", "every entry is", "it is"."""
    n = int(mask.sum())
    if mask.size == 1:
        return "it is"
    return "every entry is" if n == mask.size else f"{n} of {mask.size} entries {'is' if n == 1 else 'are'}"


def _first(mask: Array) -> Index:
    return tuple(int(i) for i in np.argwhere(mask)[0])


def _place(mask: Array) -> str:
    """The rows or columns that hold every marked entry, where others hold none."""
    if mask.ndim != 2 or mask.all():
        return ""
    found = []
    for name, axis in (("row", 1), ("column", 0)):
        lines = np.flatnonzero(mask.any(axis=axis))
        if len(lines) < mask.shape[1 - axis]:
            found.append((len(lines) / mask.shape[1 - axis], f"{name}{'s' if len(lines) > 1 else ''} {_positions(lines)}"))
    return min(found)[1] if found else ""


def _positions(lines: Array) -> str:
    """Places in words: one by one, or from the first to the last where many follow each other."""
    first, last = int(lines[0]), int(lines[-1])
    return f"{first} to {last}" if len(lines) > 3 and last - first + 1 == len(lines) else ", ".join(str(i) for i in lines)


def _figure(mask: Array) -> str:
    """The figure that all marked entries make and no other entry belongs to."""
    if mask.ndim != 2 or min(mask.shape) < 2 or mask.sum() < 3:
        return ""
    i, j = np.indices(mask.shape)
    figures = {
        "those on the diagonal": i == j,
        "those off the diagonal": i != j,
        "those above the diagonal": i < j,
        "those below the diagonal": i > j,
        "those on and above the diagonal": i <= j,
        "those on and below the diagonal": i >= j,
        "those at the border": (i == 0) | (j == 0) | (i == mask.shape[0] - 1) | (j == mask.shape[1] - 1),
    }
    return next((words for words, figure in figures.items() if np.array_equal(mask, figure)), "")


def _listed(mask: Array) -> str:
    """The places of the marked entries one by one, where they are few."""
    if mask.ndim == 1:
        return _positions(np.flatnonzero(mask))
    places = [str([int(k) for k in place]) for place in np.argwhere(mask)]
    return ", ".join(places) if len(places) <= _MOST_LISTED else ""


def _right_line(wrong: Array) -> str:
    """The row or column that holds all unmarked entries, and no marked one."""
    for name, axis in (("row", 1), ("column", 0)) if wrong.ndim == 2 and min(wrong.shape) > 1 else ():
        right = np.flatnonzero(~wrong.any(axis=axis))
        if len(right) == 1 and wrong.size - wrong.sum() == wrong.shape[axis]:
            return f"{name} {right[0]}"
    return ""


def _round_numbers(c: float) -> Iterator[tuple[str, float]]:
    """The whole number and the unit fraction next to `c`, as text and as a number."""
    if 0.9 < abs(c) < 1e6:
        yield f"{round(c)}", float(round(c))
    elif 1e-6 < abs(c) <= 0.9:
        n = round(1 / abs(c))
        yield f"{'-' if c < 0 else ''}1/{n}", math.copysign(1 / n, c)


def _readable(c: float, tight: float) -> Iterator[tuple[str, float]]:
    """The round numbers next to `c`, and where the comparison is strict a fraction or a constant next to it."""
    yield from _round_numbers(c)
    if tight > _STRICT or not math.isfinite(c) or not 1e-3 < abs(c) < 1e3:
        return
    sign = "-" if c < 0 else ""
    fraction = Fraction(abs(c)).limit_denominator(_LARGEST_DENOMINATOR)
    if fraction.denominator > 1 and 1 < fraction.numerator <= _LARGEST_DENOMINATOR:
        yield f"{sign}{fraction}", math.copysign(float(fraction), c)
    yield from ((f"{sign}{name}", math.copysign(value, c)) for name, value in _CONSTANTS.items())


def _number(c: float) -> str:
    """A factor as a reader would write it: 2, 1/5, -1, 2/3, π, else four digits."""
    return next((text for text, near in _readable(c, 0.0) if math.isclose(c, near, rel_tol=1e-14)), f"about {c:.4g}")


def _has_digits(value: float) -> bool:
    """Whether a number is none of the short ones, such as 2 and 0.25, of which many are related by chance."""
    return value != 0 and math.isfinite(value) and value != float(f"{value:.5g}")


def _log10_choices(n: int, k: int) -> float:
    return _log10_factorial(n) - _log10_factorial(k) - _log10_factorial(n - k)


def _log10_factorial(n: int) -> float:
    return math.lgamma(n + 1) / math.log(10)
