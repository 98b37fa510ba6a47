"""Turn what an answer returned into an outcome; the side that knows what is right, and never runs beside student code."""

from __future__ import annotations

import dataclasses
import itertools
import math
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from operator import itemgetter
from typing import Any

import numpy as np

from bpkit.core.describe import Difference, describe_difference
from bpkit.exercises.amounts import amounts, factor_told, single_number_told
from bpkit.exercises.changes import CHANGES, POOLED, TELLING_OF_SIGNS, each, real
from bpkit.exercises.layers import first_made
from bpkit.exercises.lengths import in_words, missing_or_too_many
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.outcome import Entries, Outcome
from bpkit.exercises.relations import explains, product_with
from bpkit.exercises.run import (
    ARRAY_FOR_NUMBER,
    DRIVERS,
    Lone,
    Unreadable,
    Wire,
    WireError,
    decode,
    decode_input,
    encode_case,
    run_case,
    run_exercise,
)
from bpkit.exercises.separating import Property, properties, separation

# Answers are compared entry by entry, relative to the largest entry of the array.
RTOL = 1e-7  # far above float64 round-off, far below what any mistake leaves
RTOL_MIXED = 2e-6  # float32 on the way, and seen there
RTOL_FLOAT32 = 2e-5  # float32 throughout
_MOST_LABELS = 5
_NO_PATTERN = "; no simple pattern fits"  # as bpkit.core.describe says it
_NEARLY = 1e-3  # of the largest entry: what is off by less was hardly made by another formula
_MORE_THAN_ROUNDING = (
    "; float64 does not round so much: is a small constant added or left out, a number cut off or rounded, or something only approximated?"
)
_NOT_AGAIN = (
    "A second call with the same inputs gave another result. What stays from one call to the next: a default argument such as `[]` or `set()`, "
    "something outside the function, a mark on an input?"
)
_OF_SHAPES = ("ValueError", "IndexError", "LinAlgError")  # what arrays that do not fit raise
_NARROW = (np.dtype(np.float32), np.dtype(np.float16))
_running = threading.Lock()  # threads share a judge, and each mistake runs once


class BankError(Exception):
    """An exercise's oracle and reference disagree: nothing can be judged by it."""


@dataclass(frozen=True)
class Problem:
    """One way in which a returned value is not what a case asks for."""

    kind: str
    message: str
    part: str = ""
    got: np.ndarray | None = None
    wrong: np.ndarray | None = None
    yours: str = ""


@dataclass(frozen=True)
class _Fit:
    """How closely two values agree where their structure does: the worst entry, and the numbers that it is one of."""

    error: float
    got: np.ndarray

    def close(self, narrow: bool = False) -> bool:
        """Whether rounding explains the difference; `narrow` where the code was seen to use float32 on the way."""
        if self.error <= (RTOL_MIXED if narrow else RTOL):
            return True
        return self.error <= RTOL_FLOAT32 and (self.got.dtype in _NARROW or _holds_float32(self.got))


# ---- outcomes that need no judging ---------------------------------------------------------------------------------


def outcome(exercise: Exercise, status: Any, message: str, **more: Any) -> Outcome:
    """An outcome of `exercise`; the points follow from the status."""
    points = exercise.points if status == "right" else 0
    return Outcome(exercise.id, exercise.name, status, message, points, exercise.points, **more)


def not_attempted(exercise: Exercise) -> Outcome:
    """The exercise was left as it came."""
    returns = "A method of {} still returns" if isinstance(exercise.reference, type) else "{} still returns"
    stub = ("{} is still" if exercise.kind == "value" else returns).format(exercise.name)
    return outcome(exercise, "not attempted", f"{stub} `...`. Write your answer in its place and run the cell again.")


def could_not_run(exercise: Exercise, reason: str) -> Outcome:
    """Nothing can be said about the answer, and why."""
    return outcome(exercise, "could not run", reason)


# ---- comparing values ----------------------------------------------------------------------------------------------


def _shape(array: np.ndarray) -> str:
    return "a single number" if array.shape == () else f"shape {array.shape}"


def _has_todo(value: Any) -> bool:
    return value is Ellipsis or (isinstance(value, list) and any(_has_todo(item) for item in value))


PartLabel = str | tuple[str, ...]
_SEQUENCES = (list, tuple)  # a union would be built anew in each of a million calls


def _named(k: int, item: Any, label: PartLabel) -> tuple[str, PartLabel]:
    """The name of a sequence's item, and the label of the item's own items."""
    if isinstance(label, str):
        name = label.format(k)
        return name, name + "[{}]"
    return label[k].removesuffix("[{}]") if isinstance(item, _SEQUENCES) else label[k].format(k), label[k]


def _parts(want: Any, label: PartLabel, name: str = "") -> list[str]:
    """The names of the parts of a value, in the order of `_leaves`; what is no sequence has one part, itself."""
    if not isinstance(want, _SEQUENCES):
        return [name]
    named = [(item, *_named(k, item, label)) for k, item in enumerate(want) if item is not None]
    return [part for item, its_name, inner in named for part in _parts(item, inner, its_name)]


def _leaves(want: Any) -> list[np.ndarray]:
    """The arrays of a value, one for each part; where a sequence has None there is none."""
    if not isinstance(want, _SEQUENCES):
        return [np.asarray(want)]
    return [leaf for item in want if item is not None for leaf in _leaves(item)]


def _arrays(value: Any) -> list[np.ndarray]:
    """The arrays in an input, however deep."""
    if isinstance(value, list | tuple):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []


def _is_plain(wire: Any) -> bool:
    """Whether an encoded input stands for nothing but what it holds."""
    return all(map(_is_plain, wire["list"])) if "list" in wire else not wire.keys() & {"probe", "seed", "shape", "graph"}


def _frozen(value: Any) -> Any:
    for array in _arrays(value):
        array.setflags(write=False)
    return value


def _relisted(value: Any) -> Any:
    """The same value with lists of its own and the same arrays."""
    return [_relisted(item) for item in value] if isinstance(value, list) else value


def _items(got: Any) -> Any:
    """What a sequence is asked for takes an array apart."""
    return list(got) if isinstance(got, np.ndarray) and got.ndim > 0 else got


def _structure(got: Any, want: Any, label: PartLabel, name: str = "") -> tuple[list[Any], Problem | None]:
    """Lay `got` along the parts of `want`: the matching pieces, or the problem that stops it."""
    if got is None:
        return [], Problem("returned None", "it is None" if name else "it returned None. Is a `return` missing?", name)
    if not isinstance(want, _SEQUENCES):
        return [got], None
    items = _items(got)
    if not isinstance(items, list) or len(items) != len(want):
        words = f"it is {_describe(got)}, expected a list of {len(want)} items"
        if not name:
            words = f"it returned {_describe(got)}, expected a list of {len(want)} items"
        return [], Problem("shape", f"{words}{_length_told(items, want) if isinstance(items, list) else ''}", name)
    for k, item in enumerate(want):
        if item is None and items[k] is not None:
            place = (label if isinstance(label, str) else label[k]).format(k)
            return [], Problem("not None", f"it is {_describe(items[k])}, expected None: there is nothing to find at this place", place)
    pieces: list[Any] = []
    for k, item in enumerate(want):
        if isinstance(item, _SEQUENCES):
            its_name, inner = _named(k, item, label)
            nested, problem = _structure(items[k], item, inner, its_name)
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
    if not any(_varies(_first_leaf(item)) for item in shorter if item is not None):
        return ""
    found = missing_or_too_many(items, want, same)
    if found is None:
        return ""
    if found[0] == "missing" and all(item is None for item in want[found[1] : found[1] + found[2]]):
        return f": the rest is right, but None is missing at place {found[1]}"
    return in_words(found, max(len(items), len(want)), "entry")


def _axis_told(array: np.ndarray, want: np.ndarray) -> str:
    """The same for the rows or columns of an array, or for its entries where it has one axis."""
    axes = [axis for axis in range(want.ndim) if array.shape[axis] != want.shape[axis]] if array.ndim == want.ndim <= 2 else []
    if len(axes) != 1 or 0 in array.shape or not _varies(array if array.size < want.size else want):
        return ""
    scale = float(np.abs(want).max(initial=0.0)) or 1.0
    found = missing_or_too_many(
        np.moveaxis(array, axes[0], 0), np.moveaxis(want, axes[0], 0), lambda mine, right: bool((np.abs(mine - right) <= RTOL * scale).all())
    )
    line = "entry" if want.ndim == 1 else ("row", "column")[axes[0]]
    return in_words(found, max(array.shape[axes[0]], want.shape[axes[0]]), line) if found else ""


def _describe(value: Any) -> str:
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


def _lone(got: Any, want: Any) -> bool:
    """Whether a comma too many made a tuple out of what is wanted by itself."""
    if not isinstance(got, Lone) or isinstance(want, list | tuple):
        return False
    try:
        inner, shape = np.asarray(got[0]), np.shape(want)
    except ValueError:
        return False
    return inner.dtype.kind in "biufcU" and (inner.shape == shape or (shape == () and inner.size == 1))


def _say_value(value: Any) -> str:
    """A value in words, a single number by its own digits."""
    array = np.asarray(value) if isinstance(value, int | float | np.ndarray) else np.zeros(2)
    return f"{array.item():.6g}" if array.size == 1 and array.dtype.kind in "biuf" else _describe(value)


def _as_array(got: Any, want: np.ndarray) -> np.ndarray | Problem:
    """A returned piece as an array of the wanted shape, or what stands in the way."""
    if _lone(got, want):
        return Problem("trailing comma", f"it is a tuple of one item, expected {_shape(want)} by itself: a comma at the end of a line makes a tuple")
    if isinstance(got, list):
        try:
            got = np.array(got)
        except ValueError:
            return Problem("shape", f"it is a ragged list, expected {_shape(want)}")
    if got is None:
        return Problem("returned None", "it is None")
    if isinstance(got, Unreadable):
        return Problem("dtype", f"it is {got.found}, expected numbers of {_shape(want)}")
    array = np.asarray(got)
    if want.dtype.kind == "U":
        return array if array.dtype.kind == "U" else Problem("dtype", f"it is {_describe(got)}, expected text")
    if array.dtype == object:
        return Problem("dtype", f"it holds no numbers, or not only numbers, expected numbers of {_shape(want)}")
    if array.dtype.kind not in "biufc":
        return Problem("dtype", f"it is {_describe(got)}, expected numbers of {_shape(want)}")
    if array.dtype.kind == "c" and want.dtype.kind != "c":
        return Problem("dtype", f"it is complex ({array.dtype}), expected real numbers")
    if want.shape == () and array.size == 1:
        return array.reshape(())
    if array.shape != want.shape:
        hint = ""
        if array.size == want.size and want.shape[-1] == 1 and array.ndim <= 2:
            hint = ": the numbers stand in a row, a column is asked"
        elif array.size == want.size and 1 in want.shape and array.ndim <= 2 and _holds(array.reshape(want.shape), want):
            hint = ": reshape it"
        elif array.ndim == 2 and array.shape == want.shape[::-1] and _holds(array.T, want):
            hint = ": rows and columns are swapped"
        elif array.dtype.kind in "biuf" and want.dtype.kind in "biuf":
            hint = _axis_told(array, want)
        return Problem("shape", f"it has {_shape(array)}, expected {_shape(want)}{hint}")
    return array


def _holds(array: np.ndarray, want: np.ndarray) -> bool:
    """Whether an array in another shape holds the wanted numbers, or a multiple of them: a shape alone is no proof."""
    if array.dtype.kind not in "biuf" or want.dtype.kind not in "biuf":
        return False
    return _distance(array, want).close() or _ratio(array.astype(float), want.astype(float)) is not None


def _wrong_numbers(got: np.ndarray, want: np.ndarray, part: str) -> Problem:
    """Numbers of the right shape that are not the right ones: which, and the pattern if there is one."""
    if want.dtype.kind not in "biuf":
        return Problem("unexplained", "is not right", part)
    if not np.isfinite(want).all():
        wrong = ~((got == want) | (np.isnan(got) & np.isnan(want)))
        return Problem("unexplained", "is not right", part, got, wrong)
    difference = describe_difference(got, want, rtol=RTOL)
    words = f": {difference}" if difference.kind is not None or got.size > 1 or "nearly right" in difference.words else ""
    yours = _yours(got, difference)
    if (
        RTOL < difference.relative_error < _NEARLY
        and any(words in difference.words for words in ("nearly right", "off by at most"))
        and got.dtype == np.float64
        and want.dtype.kind == "f"
    ):
        yours += _MORE_THAN_ROUNDING
    return Problem("unexplained", f"is not right{words}".rstrip("."), part, got, difference.wrong, yours)


def _yours(got: np.ndarray, difference: Difference) -> str:
    """The learner's own number where it first goes wrong."""
    if got.size == 1:
        return f"; yours is {got.item():.6g}"
    first = np.argwhere(difference.wrong)
    return f"; the first wrong entry is {[int(k) for k in first[0]]}, yours is {got[tuple(first[0])]:.6g}" if len(first) else ""


def _distance(got: np.ndarray, want: np.ndarray) -> _Fit:
    if want.dtype.kind == "U":
        return _Fit(0.0 if np.array_equal(got, want) else np.inf, got)
    with np.errstate(over="ignore", invalid="ignore"):
        real = got if got.dtype == np.float64 else got.astype(np.result_type(got, float), copy=False)
        difference = np.abs(real - want)
        worst, scale = float(difference.max(initial=0.0)), float(np.abs(want).max(initial=0.0))
        if not math.isfinite(worst):
            # what is not finite agrees with its like alone
            same = (got == want) | (np.isnan(got) & np.isnan(want))
            worst = float(np.max(np.where(np.isfinite(difference), difference, np.inf), initial=0.0, where=~same))
            scale = float(np.max(np.abs(want), initial=0.0, where=np.isfinite(want)))
    return _Fit(worst / (scale or 1.0), got)


def _holds_float32(got: np.ndarray) -> bool:
    """Whether a float64 array holds nothing but float32 numbers.

    One number in 2**29 is one by chance, but short ones such as 0.5 and 3 always are: some entry has to use the last bits.
    """
    if got.dtype != np.float64 or not np.all((got == got.astype(np.float32)) | np.isnan(got)):
        return False
    bits = np.ascontiguousarray(got[np.isfinite(got)].astype(np.float32)).view(np.uint32)
    return bool(np.any(bits & 0x7F))


def agree(got: Any, want: Any, narrow: bool = False) -> bool:
    """Whether two values are the same answer: same structure and shape, entries equal within the tolerance."""
    if not isinstance(want, _SEQUENCES):
        leaf = np.asarray(want)
        array = _as_array(got, leaf)
        return isinstance(array, np.ndarray) and _distance(array, leaf).close(narrow)
    items = _items(got)
    if not isinstance(items, list) or len(items) != len(want):
        return False
    return all(mine is None if item is None else agree(mine, item, narrow) for mine, item in zip(items, want, strict=True))


_Mark = tuple[float, float] | None


def _mark(value: Any) -> _Mark:
    """The sum of a value's numbers, and by how much at most that of the same answer differs; None where this tells nothing.

    Most results that are not the same are told apart by it, in far less time than by comparing their entries.
    """
    if isinstance(value, float):
        return (value, 2 * RTOL_FLOAT32 * (abs(value) or 1.0)) if math.isfinite(value) else None
    if isinstance(value, _SEQUENCES):
        total = allowed = 0.0
        for item in value:
            if item is not None:
                if (mark := _mark(item)) is None:
                    return None
                total, allowed = total + mark[0], allowed + mark[1]
        return total, allowed
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return None
    array = array.astype(float, copy=False)
    total, largest = float(array.sum()), float(np.abs(array).max(initial=0))
    return (total, 2 * RTOL_FLOAT32 * array.size * (largest or 1.0)) if math.isfinite(total) else None


def _apart(mine: _Mark, theirs: _Mark) -> bool:
    """Whether two marks are surely those of different answers."""
    return mine is not None and theirs is not None and abs(mine[0] - theirs[0]) > theirs[1]


@contextmanager
def _quiet() -> Iterator[None]:
    """Let wrong numbers overflow and divide by zero without a warning: that is what makes them wrong."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


# ---- the judge -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judge:
    """Judges answers to one exercise on fixed cases; what is expected is worked out once.

    Parameters
    ----------
    exercise
        What is judged.
    cases
        The inputs: ``tuple(exercise.cases(rng))``.
    """

    exercise: Exercise
    cases: tuple[Case, ...]

    @classmethod
    def drawn(cls, exercise: Exercise, seed: int | Sequence[int]) -> Judge:
        """A judge whose cases come from a seed, the same for the same exercise and seed."""
        words = [seed] if isinstance(seed, int) else list(seed)
        rng = np.random.default_rng([*words, *(int(word) for word in exercise.id.split("."))])
        return cls(exercise, tuple(exercise.cases(rng)))

    @cached_property
    def wire_cases(self) -> list[list[Wire]]:
        """The inputs as plain data, to be sent beside the learner's code."""
        return [encode_case(case.args) for case in self.cases]

    @cached_property
    def expected(self) -> list[Any]:
        """What is right in each case: by the oracle, and by the reference, which must agree.

        Raises
        ------
        BankError
            If they do not.
        """
        exercise, values = self.exercise, []
        for k, case in enumerate(self.cases):
            value = exercise.reference if exercise.kind == "value" else DRIVERS[exercise.driver](exercise.reference, *self._args(k))
            oracle = exercise.oracle(*self._args(k))
            if exercise.accepts is not None:
                sound = all(exercise.accepts(right, *self._args(k)) for right in (value, oracle))
            else:
                pairs = zip(_leaves(value), _leaves(oracle), strict=True)
                sound = all(a.shape == b.shape and _distance(a, b).error <= exercise.oracle_rtol for a, b in pairs)
            if not sound:
                raise BankError(f"exercise {exercise.id}: oracle and reference disagree in the case {case.label!r}")
            values.append(value)
        return values

    def verify(self) -> None:
        """Work out what is right, so that a bank that is unsound is told before anybody is judged by it, and threads may share the judge.

        Raises
        ------
        BankError
            If oracle and reference disagree.
        """
        _ = self.expected, self._mistaken

    @cached_property
    def _right_by_mistake(self) -> dict[tuple[str, int], bool]:
        return {}

    def _theirs_right(self, mistake: Mistake, k: int) -> bool:
        """Whether what a known mistake gives in a case is right there, as it may be in some."""
        key = mistake.name, k
        if key not in self._right_by_mistake:
            self._right_by_mistake[key] = self._is_right(k, self._theirs(mistake, k))
        return self._right_by_mistake[key]

    @cached_property
    def _by_size(self) -> list[Mistake]:
        """The known mistakes, those of a single slip first: they are what most answers have."""
        return sorted(self.exercise.mistakes, key=lambda mistake: mistake.slips)

    @cached_property
    def _mistaken(self) -> dict[str, list[Any]]:
        return {}

    def _theirs(self, mistake: Mistake, k: int) -> Any:
        """What a known mistake gives in a case, a value or the way it ended; run when it is asked for first, the cases before it as well."""
        found = self._mistaken.setdefault(mistake.name, [])
        if len(found) <= k:
            with _running, _quiet():
                while len(found) <= k:
                    found.append(_result(run_case(mistake.answer, self.exercise.driver, self.wire_cases[len(found)], self.exercise.seconds)))
        return found[k]

    @cached_property
    def _marks(self) -> dict[tuple[str, int], _Mark]:
        return {}

    def _their_mark(self, mistake: Mistake, k: int) -> _Mark:
        key = mistake.name, k
        if key not in self._marks:
            self._marks[key] = _mark(self._theirs(mistake, k))
        return self._marks[key]

    def run_mistake(self, mistake: Mistake) -> list[Wire]:
        """The records of one of the exercise's mistakes; what it gives in each case is known from then on."""
        with _quiet():
            records = self.run(mistake.answer)
            if len(records) == len(self.cases):
                self._mistaken.setdefault(mistake.name, [_result(record) for record in records])
        return records

    def run(self, answer: Any) -> list[Wire]:
        """Run an answer here, in this process; the grader runs it in its sandbox instead."""
        return run_exercise(answer, self.exercise.driver, self.wire_cases, self.exercise.seconds)

    def __call__(self, records: Sequence[Wire]) -> Outcome:
        """The outcome of an answer, given the records of `run_exercise`.

        Records that `run_exercise` cannot have written count as "could not run": nothing in them is trusted.
        """
        with _quiet():
            return self._outcome(records)

    def passes(self, records: Sequence[Wire]) -> bool:
        """Whether an answer is right, for whoever need not know what is wrong with it: that takes most of the time."""
        with _quiet():
            return self._outcome(records, told=False).passed

    def _outcome(self, records: Sequence[Wire], told: bool = True) -> Outcome:
        exercise = self.exercise
        try:
            results = [_result(record) for record in records]
            again = _result({"returned": records[-1]["again"]}) if records and "again" in records[-1] else None
            mutated = {k for record in records for k in record.get("mutated", ()) if type(k) is int}
            narrow = any(record.get("narrow") is True for record in records)
            undrawn = set.intersection(*({k for k in record.get("undrawn", ()) if type(k) is int} for record in records)) if records else set()
        except (WireError, KeyError, TypeError, AttributeError, ValueError, RecursionError, MemoryError):
            return could_not_run(exercise, "what came back from your code was not in the form that the checker writes")
        if any(_has_todo(result) for result in results):
            return not_attempted(exercise)
        if not results or (len(results) < len(self.cases) and not isinstance(results[-1], _TooSlow)):
            return could_not_run(exercise, "your code ended before every case was run")

        right = [self._is_right(k, result, narrow) for k, result in enumerate(results)]
        if all(right):
            return self._right(results, again, mutated, undrawn, narrow)
        if not told:
            return outcome(exercise, "wrong", "")
        return dataclasses.replace(self._wrong(results, right, again, narrow), share=self._share(results, right, narrow))

    def _wrong(self, results: Sequence[Any], right: Sequence[bool], again: Any, narrow: bool) -> Outcome:
        exercise, first = self.exercise, right.index(False)
        alike = self._alike(results)
        mistake = self._recognise(results, alike)
        if mistake is not None:
            return outcome(exercise, "wrong", mistake.hint, mistake=mistake.name, where=self._where(right))
        if right[0] and again is not None and not self._is_right(0, again, narrow):
            return outcome(exercise, "wrong", _NOT_AGAIN, mistake="not repeatable", where=self._where(right))
        told = self._explain(results[first], first, right, narrow)
        more = self._guess(results, right, alike)
        if told.mistake is None:
            more = (
                more
                or self._one_array(results)
                or self._multiple(results)
                or self._elsewhere(results)
                or self._by_part(results)
                or self._elsewhere_in_parts(results)
                or self._scaled(results)
                or self._layer_scaled(results)
                or self._picked(results, right)
                or self._single(results)
            )
            more = more or self._where_input(results) or self._near(results, told) or self._misfit(results, right)
        if told.where and told.mistake in (None, "raised", "not finite"):
            told = dataclasses.replace(told, where=self._where(right, self._separated(results, right)))
        # what follows is the pattern that the description did not find
        return dataclasses.replace(told, message=f"{told.message.replace(_NO_PATTERN, '')} {more}") if more else told

    @cached_property
    def faults(self) -> list[str]:
        """What the exercise's own functions raised so far where they should have answered."""
        return []

    def _ask(self, question: str, ask: Callable[..., Any], *given: Any) -> Any:
        """What one of the exercise's own functions says; None, and a fault of the bank, where it breaks on an odd answer."""
        try:
            return ask(*given)
        except Exception as error:
            self.faults.append(f"{question} raised {type(error).__name__}: {error}")
            return None

    @cached_property
    def _reseeded(self) -> list[tuple[int, int]]:
        """Pairs of cases that have everything in common but the generator."""
        plain = [[{} if "seed" in wire else wire for wire in wires] for wires in self.wire_cases]
        return [(one, other) for one, other in itertools.combinations(range(len(plain)), 2) if plain[one] == plain[other]]

    def _args(self, k: int) -> list[Any]:
        """Fresh copies of a case's inputs."""
        return [decode_input(wire) for wire in self.wire_cases[k]]

    @cached_property
    def _kept(self) -> list[dict[int, Any]]:
        """For each case its inputs that hold numbers alone, by place; the arrays are read-only."""
        return [{k: _frozen(decode_input(wire)) for k, wire in enumerate(wires) if _is_plain(wire)} for wires in self.wire_cases]

    def _seen(self, k: int) -> list[Any]:
        """A case's inputs for the exercise's own functions, which look at them: a generator, a function or a graph is made anew, arrays are not."""
        kept = self._kept[k]
        return [_relisted(kept[place]) if place in kept else decode_input(wire) for place, wire in enumerate(self.wire_cases[k])]

    # -- right

    def _is_right(self, k: int, result: Any, narrow: bool = False) -> bool:
        if isinstance(result, _Ended):
            return False
        if self.exercise.accepts is None:
            return agree(result, self.expected[k], narrow)
        if _lone(result, self.expected[k]):
            return False
        return self._ask("accepts", lambda *given: bool(self.exercise.accepts(*given)), result, *self._seen(k)) or False  # type: ignore[misc]

    def _right(self, results: Sequence[Any], again: Any, mutated: set[int], undrawn: set[int], narrow: bool) -> Outcome:
        exercise, notes, names = self.exercise, [], _argument_names(self.exercise) if self.exercise.kind == "function" else []
        if mutated:
            changed = [names[k] if k < len(names) else f"argument {k + 1}" for k in sorted(mutated)]
            message = f"The numbers are right, but your function changes {changed[0]}, which belongs to the caller. Work on a copy."
            if len(mutated) > 1:
                message = f"The numbers are right, but your function changes {' and '.join(changed)}, which belong to the caller. Work on a copy."
            return outcome(exercise, "wrong", message, mistake="input mutated")
        if undrawn:
            drawn = " and ".join(names[k] if k < len(names) else f"argument {k + 1}" for k in sorted(undrawn))
            message = f"The result fits, but your function draws nothing from {drawn}: its chance comes from elsewhere, or is the same every time."
            return outcome(exercise, "wrong", message, mistake="generator not used")
        if again is not None and not self._is_right(0, again, narrow):
            return outcome(exercise, "wrong", _NOT_AGAIN, mistake="not repeatable")
        if any("seed" in wire for wire in self.wire_cases[0]) and again is not None and not agree(again, results[0]):
            message = "The result fits, but with the same generator it is another one in every call: chance comes from somewhere else, too."
            return outcome(exercise, "wrong", message, mistake="generator not used")
        for one, other in self._reseeded:
            if agree(results[other], results[one]):
                message = "The result fits, but another generator gives the same one: something is drawn, and the result does not depend on it."
                return outcome(exercise, "wrong", message, mistake="generator not used")
        if exercise.accepts is None and exercise.kind == "function":
            pairs = [
                (np.asarray(piece), leaf)
                for result, want in zip(results, self.expected, strict=True)
                for piece, leaf in zip(_structure(result, want, "")[0], _leaves(want), strict=True)
                if leaf.dtype.kind == "f"
            ]
            if any(got.dtype in _NARROW or _distance(got.reshape(leaf.shape), leaf).error > RTOL for got, leaf in pairs):
                if exercise.needs_float64:
                    return outcome(exercise, "wrong", "Right to about 7 digits: float32 somewhere; this task asks for float64.", mistake="dtype")
                notes.append("right to float32 precision (about 7 digits); the inputs were float64")
        return outcome(exercise, "right", "Right.", notes=tuple(notes))

    # -- wrong

    def _share(self, results: Sequence[Any], right: Sequence[bool], narrow: bool) -> float:
        """Which share of a wrong answer is right, where the exercise lets that count: the mean over the cases of the share of their parts.

        A part that is an input as it came was not worked out: it counts for nothing, and neither does a case that has no other part.
        """
        if not self.exercise.partial:
            return 0.0
        shares = [
            1.0 if fine else self._share_of_parts(k, result, own, narrow)
            for k, (result, fine) in enumerate(zip(results, right, strict=True))
            if (own := self._worked_out[k])
        ]
        # a case that was not reached has nothing right
        return sum(shares) / max(sum(bool(own) for own in self._worked_out), 1)

    def _share_of_parts(self, k: int, result: Any, own: Sequence[int], narrow: bool) -> float:
        want = self.expected[k]
        if isinstance(result, _Ended) or self.exercise.accepts is not None:
            return 0.0
        pieces, problem = _structure(result, want, self.exercise.part)
        leaves = _leaves(want)
        if problem or len(leaves) < 2:
            return 0.0
        arrays = {place: _as_array(pieces[place], leaves[place]) for place in own}
        return sum(isinstance(a, np.ndarray) and _distance(a, leaves[place]).close(narrow) for place, a in arrays.items()) / len(own)

    @cached_property
    def _worked_out(self) -> list[list[int]]:
        """For each case the places of the parts that are no input of it."""
        given = [[array for arg in self._seen(k) for array in _arrays(arg)] for k in range(len(self.cases))]
        return [
            [place for place, leaf in enumerate(_leaves(want)) if not any(agree(array, leaf) for array in inputs)]
            for want, inputs in zip(self.expected, given, strict=True)
        ]

    def _alike(self, results: Sequence[Any]) -> Callable[[Mistake, int], bool]:
        """Whether a mistake gives the result that an answer has in a case; each is compared once, when it is asked for first."""
        known: dict[tuple[str, int], bool] = {}
        marks = [_mark(result) for result in results]

        def alike(mistake: Mistake, k: int) -> bool:
            key = mistake.name, k
            if key not in known:
                known[key] = not _apart(marks[k], self._their_mark(mistake, k)) and _same(results[k], self._theirs(mistake, k))
            return known[key]

        return alike

    def _recognise(self, results: Sequence[Any], alike: Callable[[Mistake, int], bool]) -> Mistake | None:
        """The known mistake that gives these very results in every case, or that recognises them, if there is one."""
        if len(results) < len(self.cases):
            return None
        given = [self._seen(k) for k in range(len(self.cases))] if any(m.recognise for m in self.exercise.mistakes) else []
        for mistake in self._by_size:
            if mistake.recognise is not None:
                ask = f"recognise of {mistake.name!r}"
                if all(
                    not isinstance(result, _Ended) and self._ask(ask, lambda *g, m=mistake: bool(m.recognise(*g)), result, *args)
                    for result, args in zip(results, given, strict=True)
                ):
                    return mistake
            elif self._gives(mistake, results, alike):
                return mistake
        return None

    def _gives(self, mistake: Mistake, results: Sequence[Any], alike: Callable[[Mistake, int], bool]) -> bool:
        """Whether a mistake has these very results; where nothing but errors came, their words count too, as one type has many causes."""
        if not all(alike(mistake, k) for k in range(len(results))):
            return False
        errors = [(mine, self._theirs(mistake, k)) for k, mine in enumerate(results) if isinstance(mine, _Raised)]
        return len(errors) < len(results) or any(mine.message == theirs.message for mine, theirs in errors)

    def _guess(self, results: Sequence[Any], right: Sequence[bool], alike: Callable[[Mistake, int], bool]) -> str:
        """A known mistake whose numbers some case has, and that no case speaks against; said as a guess, with the case it rests on.

        It is the same idea, written so that another shape comes out elsewhere, or arrays that do not fit. Where something
        else was raised, that is all there is to tell.
        """
        if len(results) < len(self.cases) or any(isinstance(r, _Raised) and r.type not in _OF_SHAPES for r in results):
            return ""
        differ = self._differing(results)
        for mistake in self._by_size:
            if mistake.recognise is None and (telling := self._rests_on(mistake, results, right, alike, differ)) is not None:
                return f'In the case {self.cases[telling].label}, your numbers are those of "{mistake.name}": {mistake.hint}'
        return ""

    def _rests_on(
        self,
        mistake: Mistake,
        results: Sequence[Any],
        right: Sequence[bool],
        alike: Callable[[Mistake, int], bool],
        differ: Callable[[Mistake, int], bool],
    ) -> int | None:
        """The first wrong case with a mistake's numbers; None if there is none, or if some case speaks against the mistake."""
        telling = None
        for k in range(len(results)):
            if alike(mistake, k):
                if telling is None and not right[k] and _varies(_first_leaf(self._theirs(mistake, k))):
                    telling = k
            elif right[k] and _breaks(self._theirs(mistake, k), self.expected[k]):
                continue  # it may have been left there: "where the shapes allow it", "where there is something to divide by"
            elif right[k] != self._theirs_right(mistake, k) or differ(mistake, k) or _clash(results[k], self._theirs(mistake, k)):
                return None
        return telling

    @cached_property
    def _forms(self) -> dict[tuple[str, int], Any]:
        return {}

    def _differing(self, results: Sequence[Any]) -> Callable[[Mistake, int], bool]:
        """What `_differ` says of an answer's result and a mistake's in a case; asked once for all mistakes whose results have the same form."""
        known: dict[tuple[int, Any], bool] = {}

        def differ(mistake: Mistake, k: int) -> bool:
            key = mistake.name, k
            if key not in self._forms:
                self._forms[key] = _form(self._theirs(mistake, k))
            asked = k, self._forms[key]
            if asked not in known:
                known[asked] = _differ(results[k], self._theirs(mistake, k))
            return known[asked]

        return differ

    def _multiple(self, results: Sequence[Any]) -> str:
        """A known mistake of whose numbers each case has a multiple, by a simple factor or a size: another slip. Or a size times the right ones."""
        if self.exercise.accepts is not None or len(results) < max(2, len(self.cases)):
            return ""
        if words := self._sized(results, self.expected.__getitem__):
            return f"Your numbers are the right ones, {words}."
        if self._some_part_is_right(results):  # what is right has no factor, and the other parts are looked at by themselves
            return ""
        for mistake in self._by_size:
            if mistake.recognise is not None or mistake.slips > 1:
                continue
            lead = self._their_lead(mistake)
            ratio = _ratio(results[0], self._theirs(mistake, 0), lead) if lead else None
            if ratio is None or self._is_a_multiple(mistake):
                continue
            factor = next((factor for factor in _FACTORS if math.isclose(ratio, factor, rel_tol=1e-6)), None)
            if factor is not None and all(_same(mine, _times(factor, self._theirs(mistake, k))) for k, mine in enumerate(results)):
                return f'Your numbers are {_FACTORS[factor]} those of "{mistake.name}". Without that factor we would say: {mistake.hint}'
            if words := self._sized(results, partial(self._theirs, mistake), mistake):
                return f'Your numbers are those of "{mistake.name}", {words}. Without that factor we would say: {mistake.hint}'
        return ""

    def _some_part_is_right(self, results: Sequence[Any]) -> bool:
        """Whether an answer of several parts has one that is right in every case, and is not zero throughout."""
        pairs = [(mine, want) for mine, want in zip(results, self.expected, strict=True)]
        sizes = {len(value) if isinstance(value, _SEQUENCES) else 0 for pair in pairs for value in pair}
        if len(sizes) > 1 or (size := sizes.pop()) < 2:
            return False
        return any(
            all(_same(mine[k], want[k]) for mine, want in pairs) and any(np.any(leaf) for _, want in pairs for leaf in _leaves([want[k]]))
            for k in range(size)
        )

    @cached_property
    def _leads(self) -> dict[str, _Lead | None]:
        return {}

    def _their_lead(self, mistake: Mistake) -> _Lead | None:
        if mistake.name not in self._leads:
            self._leads[mistake.name] = _lead(self._theirs(mistake, 0))
        return self._leads[mistake.name]

    @cached_property
    def _multiples(self) -> dict[str, bool]:
        return {}

    def _is_a_multiple(self, mistake: Mistake) -> bool:
        """Whether a mistake is always the same multiple of what is right: a multiple of it is one, too, and may have nothing to do with it."""
        if mistake.name not in self._multiples:
            self._multiples[mistake.name] = self._multiple_of_the_right(mistake)
        return self._multiples[mistake.name]

    def _multiple_of_the_right(self, mistake: Mistake) -> bool:
        ratio = _ratio(self._theirs(mistake, 0), self.expected[0])
        return ratio is not None and all(_same(self._theirs(mistake, k), _times(ratio, want)) for k, want in enumerate(self.expected))

    def _sized(self, results: Sequence[Any], theirs: Callable[[int], Any], mistake: Mistake | None = None) -> str:
        """By which size of an input other results are multiplied or divided to give these, in every case, in words; empty if by none.

        A mistake that is none where the size is 1 is one of that size itself: multiplied by it, it may be quite another one.
        """
        ratios = [_ratio(results[0], theirs(0))]
        if ratios[0] is None or math.isclose(ratios[0], 1, rel_tol=1e-6):
            return ""
        for words, sizes in self._sizes.items():
            if mistake is not None and any(size == 1 and self._theirs_right(mistake, k) for k, size in enumerate(sizes)):
                continue
            for way, power in ((f"multiplied by {words}", 1), (f"divided by {words}", -1)):
                factors = [float(size) ** power for size in sizes]
                if math.isclose(ratios[0], factors[0], rel_tol=1e-6) and all(
                    _same(mine, _times(factor, theirs(k))) for k, (mine, factor) in enumerate(zip(results, factors, strict=True))
                ):
                    return way
        return ""

    @cached_property
    def _sizes(self) -> dict[str, list[int]]:
        """How many rows and columns the inputs have, case by case; each list of sizes once, and none that never changes."""
        sizes: dict[str, list[int]] = {}
        inputs = [self._seen(k) for k in range(len(self.cases))]
        for place, name in enumerate(_argument_names(self.exercise)[: len(inputs[0])]):
            arrays = [next(iter(_arrays(args[place])), None) for args in inputs]
            if any(array is None or array.ndim != 2 for array in arrays):
                continue
            for axis, what in ((1, "columns"), (0, "rows")):
                found = [array.shape[axis] for array in arrays if array is not None]
                if len(set(found)) > 1 and found not in sizes.values():
                    sizes[f"the number of {what} of `{name}`"] = found
        return sizes

    def _elsewhere(self, results: Sequence[Any]) -> str:
        """Where else these results are right, in every case: in another order, for other inputs, or nowhere, as they never change."""
        exercise = self.exercise
        if exercise.accepts is not None or exercise.driver != "call" or len(results) < max(2, len(self.cases)):
            return ""
        if not all(_is_finite(result) for result in results):
            return ""
        if order := self._reordered(results):
            return f"Your parts are right, in another order: asked are {order}."
        if all(_same(results[0], other) for other in results[1:]) and not all(_same(self.expected[0], other) for other in self.expected[1:]):
            return "Your result is the same in every case, whatever the inputs."
        if all(_is_negligible(result, want) for result, want in zip(results, self.expected, strict=True)):
            return ""  # many changes leave nothing
        inputs = [self._seen(k) for k in range(len(self.cases))]
        names = _argument_names(exercise)[: len(inputs[0])]
        for place, name in enumerate(names):
            if self._is_an_item(results, [args[place] for args in inputs]):
                return f"Your result is one of the arrays in `{name}`, as it came."
            if not all(_is_finite(args[place]) and _same(result, args[place]) for result, args in zip(results, inputs, strict=True)):
                continue
            leaves = [leaf for result in results for leaf in _leaves(result)]
            # three small whole numbers may be those of an input by chance
            if _tells(leaves[0]) or any(np.any(leaf % 1) for leaf in leaves) or len({float(leaf.flat[0]) for leaf in leaves}) > 3:
                return f"Your result is `{name}` as it came."
        if not any(np.any(leaf % 1) for result in results for leaf in _leaves(result)):  # of whole numbers many agree by chance
            return ""
        marked = [(result, _mark(result)) for result in results]
        if words := self._for_other_inputs(marked, names, None):
            return f"Your numbers are the right ones {words}."
        return self._left_out(marked) or self._item_left_out(results) or self._surplus(results)

    def _elsewhere_in_parts(self, results: Sequence[Any]) -> str:
        """For which other inputs the wrong parts of an answer are right, in every case, or which input they are as it came."""
        if self.exercise.accepts is not None or self.exercise.driver != "call" or len(results) < max(2, len(self.cases)):
            return ""
        if not all(_is_finite(result) for result in results):
            return ""
        inputs, told = [self._seen(k) for k in range(len(self.cases))], []
        names = _argument_names(self.exercise)[: len(inputs[0])]
        for part in self._wrong_parts(results):
            own = [result[part] for result in results]
            if not any(np.any(leaf % 1) for value in own for leaf in _leaves(value)):
                continue
            part_name = _named(part, self.expected[0][part], self.exercise.part)[0]
            came = next((name for k, name in enumerate(names) if all(_same(mine, args[k]) for mine, args in zip(own, inputs, strict=True))), None)
            if came:
                told.append(f"In {part_name}, your result is `{came}` as it came.")
            elif words := self._for_other_inputs([([value], _mark(value)) for value in own], names, part):
                told.append(f"In {part_name}, your numbers are the right ones {words}.")
        return " ".join(told)

    def _wrong_parts(self, results: Sequence[Any]) -> list[int]:
        """The places of the parts that are wrong in some case, of an answer of a few parts."""
        sizes = {len(value) if isinstance(value, _SEQUENCES) else 0 for value in (*results, *self.expected)}
        if len(sizes) > 1 or not 2 <= (size := sizes.pop()) <= 4 or any(part is None for part in self.expected[0]):
            return []
        pairs = list(zip(results, self.expected, strict=True))
        return [part for part in range(size) if not all(_same(mine[part], want[part]) for mine, want in pairs)]

    def _for_other_inputs(self, marked: Sequence[tuple[Any, _Mark]], names: Sequence[str], part: int | None) -> str:
        """For which other inputs the formula gives these results in every case, in words; a single part of them where `part` says which."""
        right_for = partial(self._right_for, marked, part)
        wanted = self.expected if part is None else [[want[part]] for want in self.expected]
        if sum(not agree(result, want) for (result, _), want in zip(marked, wanted, strict=True)) < 2:
            return ""  # a single case may agree with much
        for place, name in enumerate(names):
            for words, change in CHANGES.items() if self._is_smooth(place) else ((words, CHANGES[words]) for words in TELLING_OF_SIGNS):
                if right_for(partial(_replaced, place=place, change=change), words, place):
                    return f"with `{name}` replaced by {words}"
        for one, other in itertools.combinations(range(len(names)), 2):
            if right_for(partial(_swapped, one=one, other=other), _swapped, one, other):
                return f"with `{names[one]}` and `{names[other]}` swapped"
        for one, other in itertools.permutations(range(len(names)), 2):
            if right_for(partial(_in_place_of, one=one, other=other), _in_place_of, one, other):
                return f"with `{names[other]}` in place of `{names[one]}`"
        return self._pooled(marked, names, part)

    @cached_property
    def _smooth(self) -> dict[int, bool]:
        return {}

    def _is_smooth(self, place: int) -> bool:
        """Whether a small change of an input moves what is right in some case; where it does not, its signs or its order alone count."""
        if place not in self._smooth:
            nudged = each(lambda value: real(value) * _NUDGE)
            values = [self._value_for(partial(_replaced, place=place, change=nudged), (_NUDGE, place), k)[0] for k in range(len(self.cases))]
            self._smooth[place] = any(value is None or not agree(value, want) for value, want in zip(values, self.expected, strict=True))
        return self._smooth[place]

    def _pooled(self, marked: Sequence[tuple[Any, _Mark]], names: Sequence[str], part: int | None) -> str:
        """The same where all inputs with a column for each example are changed alike; a sum or mean over them may have another factor."""
        for lengths, axes in self._lengths:
            places = [place for place, axis in axes if axis == 1]
            if not places or len(places) < len(axes):
                continue
            all_of = [f"`{names[place]}`" for place in places]
            for words, change in POOLED.items():
                what = partial(_all_replaced, places=places, change=change)
                for power, factor in ((0, ""), (1, ", and divided by their number"), (-1, ", and multiplied by their number")):
                    scaled = [(_times(float(length) ** power, result), None) for (result, _), length in zip(marked, lengths, strict=True)]
                    if self._right_for(scaled if power else marked, part, what, words, tuple(places)):
                        return f"with every column of {' and '.join(all_of)} replaced by {words}{factor}"
        return ""

    def _scaled(self, results: Sequence[Any]) -> str:
        """An input by which the right numbers are multiplied or divided, in every case: all of them, or those of the parts that are wrong."""
        if self.exercise.accepts is not None or self.exercise.driver != "call" or len(results) < max(2, len(self.cases)):
            return ""
        if not all(_is_finite(result) for result in results):
            return ""
        if not any(isinstance(value, _SEQUENCES) for value in (*results, *self.expected)):
            words = self._scaled_by(list(zip(results, self.expected, strict=True)))
            return f"Your numbers are the right ones, {words}." if words else ""
        sizes = {len(value) if isinstance(value, _SEQUENCES) else 0 for value in (*results, *self.expected)}
        if len(sizes) > 1 or not 2 <= (size := sizes.pop()) <= 4 or any(part is None for part in self.expected[0]):
            return ""
        told = []
        for part in range(size):
            pairs = [(mine[part], want[part]) for mine, want in zip(results, self.expected, strict=True)]
            if any(isinstance(value, _SEQUENCES) for pair in pairs for value in pair) or all(_same(mine, want) for mine, want in pairs):
                continue
            if words := self._scaled_by(pairs):
                name = _named(part, self.expected[0][part], self.exercise.part)[0]
                told.append(f"In {name}, your numbers are the right ones, {words}.")
        return " ".join(told)

    def _scaled_by(self, pairs: Sequence[tuple[Any, Any]]) -> str:
        """In words the input that stands between what came back and what is wanted."""
        arrays = [(np.asarray(mine), np.asarray(want)) for mine, want in pairs]
        if any(mine.shape != want.shape or not np.any(want) for mine, want in arrays):
            return ""
        names, inputs = _argument_names(self.exercise), [self._seen(k) for k in range(len(self.cases))]
        for place, name in enumerate(names[: len(inputs[0])]):
            given = [np.asarray(args[place]) if isinstance(args[place], int | float | np.ndarray) else np.zeros(0) for args in inputs]
            if any(not _fits_in(value, want.shape) for value, (_, want) in zip(given, arrays, strict=True)) or not _vary(given):
                continue
            ways = {
                f"multiplied by `{name}`": 1,
                f"divided by `{name}`": -1,
                f"multiplied by `{name}` squared": 2,
                f"divided by `{name}` squared": -2,
            }
            for way, power in ways.items():
                if all(_same(mine, want * value.astype(float) ** power) for value, (mine, want) in zip(given, arrays, strict=True)):
                    return way
        return explains(names, inputs, arrays, _same) or factor_told(self._amounts, arrays) or product_with(names, inputs, arrays, _same)

    @cached_property
    def _amounts(self) -> dict[str, list[float]]:
        """Single numbers that the inputs have, such as a size or a length."""
        return amounts(_argument_names(self.exercise), [self._seen(k) for k in range(len(self.cases))])

    def _single(self, results: Sequence[Any]) -> str:
        """What results of one number each are, or by what they are off, in every case."""
        if self.exercise.accepts is not None or self.exercise.driver != "call" or len(results) < len(self.cases):
            return ""
        whole_or_parts: list[int | None] = [*self._wrong_parts(results)] or [None]
        told = []
        for part in whole_or_parts:
            pairs = [(mine, want) if part is None else (mine[part], want[part]) for mine, want in zip(results, self.expected, strict=True)]
            if not all(not isinstance(value, _SEQUENCES) and _is_finite(value) and np.size(value) == 1 for pair in pairs for value in pair):
                continue
            words = single_number_told(self._amounts, [(float(np.asarray(mine).item()), float(np.asarray(want).item())) for mine, want in pairs])
            if words and part is not None:
                told.append(f"In {_named(part, self.expected[0][part], self.exercise.part)[0]}, your number {words}.")
            elif words:
                told.append(f"Your number {words}.")
        return " ".join(told)

    def _near(self, results: Sequence[Any], told: Outcome) -> str:
        """Whether all numbers are near the right ones in every case, as those of an approximation are; of a single case it may have been told."""
        if self.exercise.accepts is not None or len(results) < len(self.cases) or any(words in told.message for words in ("nearly right", "rounded")):
            return ""
        if not all(_is_finite(value) and _form(value) == _form(want) for value, want in zip(results, self.expected, strict=True)):
            return ""
        pairs = [(a, b) for one, want in zip(results, self.expected, strict=True) for a, b in zip(_leaves(one), _leaves(want), strict=True)]
        mine, right = (np.concatenate([array.ravel() for array in arrays]) for arrays in zip(*pairs, strict=True))
        wrong = np.abs(mine - right) > RTOL * np.abs(right)
        off = np.abs(mine - right)[wrong] / np.abs(right)[wrong]
        if wrong.sum() < _FEW_NUMBERS or off.max() > _NEAR or np.ptp(right[wrong]) < 10 * _NEAR * np.abs(right).max():
            return ""
        return f"Each of your numbers is within {100 * _NEAR:g} % of what it should be. Is something only approximated, rounded or cut off?"

    def _one_array(self, results: Sequence[Any]) -> str:
        """Whether every list that came back holds one and the same array again and again, where the right ones differ."""
        if len(results) < len(self.cases) or not all(isinstance(result, list) for result in results):
            return ""
        many = 0
        for mine, want in zip(results, self.expected, strict=True):
            if isinstance(want, list) and len(mine) == len(want):
                items = [(one, other) for one, other in zip(mine, want, strict=True) if isinstance(one, np.ndarray) and isinstance(other, np.ndarray)]
                if len({np.shape(one) for one, _ in items}) == 1 and len(items) > 1 and not all(_same(items[0][1], other) for _, other in items):
                    if not np.any(items[0][0]) or not all(np.array_equal(items[0][0], one) for one, _ in items):
                        return ""
                    many += len(items) - 1
        if many < 2:
            return ""
        return "All arrays of your list are one and the same. Is a single array changed in place and put into the list again and again?"

    def _layer_scaled(self, results: Sequence[Any]) -> str:
        """The factor, made of an item of an input's list, in the layer that goes wrong first; in every case that is as far from the end."""
        if self.exercise.accepts is not None or self.exercise.driver != "call" or len(results) < max(2, len(self.cases)):
            return ""
        if not all(isinstance(value, list) and len(value) > 1 for value in (*results, *self.expected)):
            return ""
        backs = []
        for mine, want in zip(results, self.expected, strict=True):
            if len(mine) != len(want) or any(isinstance(item, _SEQUENCES) for item in want):
                return ""
            wrong = [k for k, (one, other) in enumerate(zip(mine, want, strict=True)) if other is not None and not agree(one, other)]
            names = _parts(want, self.exercise.part)
            places = [k for k, other in enumerate(want) if other is not None]
            if not wrong or len(names) != len(places):
                return ""
            name = first_made(names, [names[places.index(k)] for k in wrong])[0]
            backs.append((len(want) - places[names.index(name)], name))
        if len({back for back, _ in backs}) > 1:
            return ""
        (back, name), inputs = backs[0], [self._seen(k) for k in range(len(self.cases))]
        pairs = [(np.asarray(mine[-back]), np.asarray(want[-back])) for mine, want in zip(results, self.expected, strict=True)]
        for place, arg in enumerate(_argument_names(self.exercise)[: len(inputs[0])]):
            for from_end in (back, back - 1, back + 1):
                if not all(isinstance(args[place], list) and 1 <= from_end <= len(args[place]) for args in inputs):
                    continue
                items = [[args[place][-from_end]] for args in inputs]
                if words := explains([f"{arg}[{len(inputs[0][place]) - from_end}]"], items, pairs, _same):
                    return f"In {name}, your numbers are the right ones, {words}."
        return ""

    def _picked(self, results: Sequence[Any], right: Sequence[bool]) -> str:
        """The input whose entries an answer hands on, in every case, where the right numbers are other ones in all that are wrong."""
        if self.exercise.driver != "call" or len(results) < len(self.cases) or right.count(False) < 2:
            return ""
        if not all(_is_finite(result) and not isinstance(result, _SEQUENCES) for result in results):
            return ""
        inputs = [self._seen(k) for k in range(len(self.cases))]
        for place, name in enumerate(_argument_names(self.exercise)[: len(inputs[0])]):
            found = [_entries_from(result, args[place]) for result, args in zip(results, inputs, strict=True)]
            wanted = [_entries_from(want, args[place]) for want, args, fine in zip(self.expected, inputs, right, strict=True) if not fine]
            if all(found) and not any(wanted):
                return f"Each of your numbers is an entry of `{name}` as it came."
        return ""

    def _is_an_item(self, results: Sequence[Any], lists: Sequence[Any]) -> bool:
        """Whether each result is an array of a list of arrays, which for some cases has several."""
        if not all(isinstance(arrays, list) and len(arrays) and all(map(_is_finite, arrays)) for arrays in lists):
            return False
        several = any(len(arrays) > 1 for arrays in lists)
        return several and all(any(_same(mine, array) for array in arrays) for mine, arrays in zip(results, lists, strict=True))

    @cached_property
    def _lengths(self) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """The lengths, case by case, that axes of the inputs have in common, and these axes by place and number; none that never changes."""
        inputs = [self._seen(k) for k in range(len(self.cases))]
        found: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for place in range(len(inputs[0])):
            arrays = [args[place] for args in inputs]
            if all(isinstance(array, np.ndarray) for array in arrays) and len({array.ndim for array in arrays}) == 1:
                for axis in range(arrays[0].ndim):
                    found.setdefault(tuple(array.shape[axis] for array in arrays), []).append((place, axis))
        return [(list(lengths), axes) for lengths, axes in found.items() if len(set(lengths)) > 1]

    def _left_out(self, marked: Sequence[tuple[Any, _Mark]]) -> str:
        """The first or last of what the formula runs over, if an answer is right without it, as where a loop begins late or ends early."""
        names, inputs = _argument_names(self.exercise), self._seen(0)
        for place, at in itertools.product(range(len(inputs)), (0, -1)):
            for axis in range(np.ndim(inputs[place]) if isinstance(inputs[place], np.ndarray) else 0):
                if self._right_for(
                    marked, None, partial(_replaced, place=place, change=partial(_emptied, axis=axis, at=at)), _emptied, place, axis, at
                ):
                    return _left_out_of(names[place], inputs[place], axis, at)
        for lengths, axes in self._lengths:
            cases = [k for k, length in enumerate(lengths) if length > 1]  # a single one left out leaves nothing to compare
            place, axis = axes[0]
            if len(cases) < 2:
                continue
            for at in (0, -1):
                if all(self._right_without(marked[k][0], k, axes, at, lengths[k]) for k in cases):
                    return _left_out_of(names[place], inputs[place], axis, at)
        return ""

    def _item_left_out(self, results: Sequence[Any]) -> str:
        """The same for the first or last item of a list of arrays; what is made of a list of one tells nothing."""
        names, lists = _argument_names(self.exercise), [self._seen(k) for k in range(len(self.cases))]
        for place, at in itertools.product(range(len(lists[0])), (0, -1)):
            if not all(isinstance(args[place], list) for args in lists):
                continue
            cases = [k for k, args in enumerate(lists) if len(args[place]) > 1]
            without = partial(_replaced, place=place, change=itemgetter(slice(1, None) if at == 0 else slice(-1)))
            values = [self._value_for(without, (_replaced, place, at), k)[0] for k in cases]
            if len(cases) > 1 and all(value is not None and agree(results[k], value) for k, value in zip(cases, values, strict=True)):
                return _left_out_of_all(f"the last array of `{names[place]}`" if at else f"the first array of `{names[place]}`")
        return ""

    def _right_without(self, result: Any, k: int, axes: Sequence[tuple[int, int]], at: int, length: int) -> bool:
        """Whether a result is what the formula gives without one place of an axis; a mean may have been divided by the whole length."""
        value, _ = self._value_for(partial(_cut, axes=axes, at=at), (_cut, tuple(axes), at), k)
        return value is not None and (agree(result, value) or agree(result, _times((length - 1) / length, value)))

    def _surplus(self, results: Sequence[Any]) -> str:
        """An input of whose entries the result has too many or too few, in every case: another factor in front of one term."""
        names, inputs = _argument_names(self.exercise), [self._seen(k) for k in range(len(self.cases))]
        for place in range(min(len(names), len(inputs[0]))):
            given = [args[place] for args in inputs]
            if all(_off_by(result, want, array) for result, want, array in zip(results, self.expected, given, strict=True)):
                return f"Your numbers are off by a multiple of `{names[place]}`. Look at the term in which it stands by itself."
        return ""

    def _by_part(self, results: Sequence[Any]) -> str:
        """The known mistakes whose numbers the wrong parts of an answer have: one that was made in a part alone, or others in other parts."""
        sizes = {len(value) if isinstance(value, _SEQUENCES) else 0 for value in (*results, *self.expected)}
        if self.exercise.accepts is not None or len(results) < len(self.cases) or len(sizes) > 1 or not 2 <= (size := sizes.pop()) <= 4:
            return ""
        if any(part is None for part in self.expected[0]):
            return ""
        wrong = [k for k in range(size) if not all(_same(mine[k], want[k]) for mine, want in zip(results, self.expected, strict=True))]
        known = [mistake for mistake in self._by_size if mistake.recognise is None and mistake.slips == 1]
        theirs = {part: [mistake for mistake in known if self._gives_part(mistake, results, part)] for part in wrong}
        common = [mistake for mistake in known if all(mistake in theirs[part] for part in wrong)]
        names = [_named(part, self.expected[0][part], self.exercise.part)[0] for part in range(size)]
        told = [(names[part], (common or theirs[part])[0]) for part in wrong if theirs[part]]
        return " ".join(f'In {part}, your numbers are those of "{mistake.name}".' for part, mistake in told)

    def _gives_part(self, mistake: Mistake, results: Sequence[Any], part: int) -> bool:
        """Whether a mistake has an answer's numbers in one part, in every case, and enough of them to tell."""
        for k, result in enumerate(results):
            other = self._theirs(mistake, k)
            if not isinstance(other, _SEQUENCES) or len(other) != len(result) or not _same(result[part], other[part]):
                return False
        return _tells(_first_leaf(results[0][part]))

    def _reordered(self, results: Sequence[Any]) -> str:
        """The order of the parts that is asked, where an answer has the right ones in another; empty where it has not."""
        sizes = {len(value) if isinstance(value, list | tuple) else 0 for value in (*results, *self.expected)}
        if len(sizes) > 1 or not 2 <= (size := sizes.pop()) <= 4 or any(part is None for part in self.expected[0]):
            return ""
        for order in itertools.permutations(range(size)):
            if all(all(_same(mine[k], want[place]) for k, place in enumerate(order)) for mine, want in zip(results, self.expected, strict=True)):
                return ", ".join(_parts(self.expected[0], self.exercise.part))
        return ""

    @cached_property
    def _changed(self) -> dict[tuple[Any, int], tuple[Any, _Mark]]:
        return {}

    def _right_for(self, marked: Sequence[tuple[Any, _Mark]], part: int | None, change: Callable[[list[Any]], list[Any]], *what: Any) -> bool:
        """Whether the formula gives these results for changed inputs in every case, and not zeros alone, which come of much else.

        `part` says which of several parts the results are, each a list of that part alone. `what` names the change, for its values
        are worked out once.
        """
        tells = False
        for k, (result, mark) in enumerate(marked):
            value, its_mark = self._value_for(change, what, k)
            if value is not None and part is not None:
                value, its_mark = [value[part]], _mark(value[part])
            if value is None or _apart(mark, its_mark) or not agree(result, value):
                return False
            tells = tells or any(np.any(leaf) for leaf in _leaves(value))
        return tells

    def _value_for(self, change: Callable[[list[Any]], list[Any]], what: Any, k: int) -> tuple[Any, _Mark]:
        """What the formula gives for a case's inputs, changed, and its mark; None where that is nothing, or not finite numbers."""
        if (what, k) not in self._changed:
            try:
                value = self.exercise.reference(*change(self._seen(k)))
            except Exception:  # the formula may make nothing of such inputs
                value = None
            self._changed[what, k] = (value, _mark(value)) if _is_finite(value) else (None, None)
        return self._changed[what, k]

    def _where_input(self, results: Sequence[Any]) -> str:
        """The input by whose sign the wrong entries are told from the right ones, in every case."""
        if self.exercise.driver != "call" or len(results) < max(2, len(self.cases)):
            return ""
        wrong = []
        for mine, want in zip(results, self.expected, strict=True):
            if not isinstance(want, np.ndarray) or not isinstance(mine, np.ndarray) or mine.shape != want.shape or not _is_finite(mine):
                return ""
            wrong.append(np.abs(mine - want) > RTOL * (np.abs(want).max(initial=0.0) or 1.0))
        inputs = [self._seen(k) for k in range(len(self.cases))]
        for place, name in enumerate(_argument_names(self.exercise)[: len(inputs[0])]):
            given = [args[place] for args in inputs]
            if not all(isinstance(array, np.ndarray) and array.shape == where.shape for array, where in zip(given, wrong, strict=True)):
                continue
            for words, signs in _SIGNS.items():
                if all(np.array_equal(signs(array), where) for array, where in zip(given, wrong, strict=True)) and _splits(wrong):
                    return f"The wrong entries are exactly those where `{name}` is {words}."
            if bound := _beyond(name, np.concatenate([array.ravel() for array in given]), np.concatenate([where.ravel() for where in wrong])):
                return f"The wrong entries are exactly those where {bound}."
        return ""

    def _misfit(self, results: Sequence[Any], right: Sequence[bool]) -> str:
        """The first case in which an answer does not even have the form that is asked, where another one shows wrong numbers only."""
        if self.exercise.accepts is not None:
            return ""
        for case, result, want, fine in zip(self.cases, results, self.expected, right, strict=False):
            if not case.label:  # a single case, which has been told
                return ""
            if isinstance(result, _Raised):
                return f"For {case.label} it raised {result.type}: {result.message}."
            if fine or isinstance(result, _Ended):
                continue
            problem = self._laid_along(result, want)
            if isinstance(problem, Problem) and problem.kind == "shape":
                return f"For {case.label}: {problem.part}{': ' if problem.part else ''}{problem.message}."
        return ""

    def _where(self, right: Sequence[bool], by: tuple[str, str] | None = None) -> str:
        """Which cases are right and which are not, where that tells something, and by what they differ."""
        if len(right) < 2 or not any(right):
            return ""
        good = _listed([case.label for case, ok in zip(self.cases, right, strict=False) if ok])
        bad = _listed([case.label for case, ok in zip(self.cases, right, strict=False) if not ok])
        if by is not None:
            return f"right for {good}; wrong for {bad}. Among these it is right wherever {by[0]}, wrong wherever {by[1]}"
        return f"right for {good}; wrong for {bad}"

    def _separated(self, results: Sequence[Any], right: Sequence[bool]) -> tuple[str, str] | None:
        """The property of the inputs by which the right cases differ from the wrong ones."""
        if len(right) < len(self.cases) or all(right) or not any(right):
            return None
        wrong = [(mine, want) for mine, want, fine in zip(results, self.expected, right, strict=True) if not fine]
        spread = self.exercise.accepts is not None or all(_mostly_wrong(mine, want) for mine, want in wrong)
        return separation(self._properties, right, spread)

    @cached_property
    def _properties(self) -> list[Property]:
        """What may be said of the inputs, by which right cases may differ from wrong ones."""
        return properties(_argument_names(self.exercise), [self._seen(k) for k in range(len(self.cases))])

    def _explain(self, result: Any, k: int, right: Sequence[bool], narrow: bool) -> Outcome:
        """A wrong answer that no mistake of the bank gives: what can be seen from outside."""
        exercise, label = self.exercise, self.cases[k].label
        place = f"For {label}: " if label else ""
        if isinstance(result, _TooSlow):
            return outcome(exercise, "wrong", f"{place}stopped after {result.seconds:g} s. Does a loop never end?", mistake="too slow")
        if isinstance(result, _Raised):
            at = f" at `{result.line}`" if result.line else ""
            advice = ". If it holds one number, `.item()` takes it out" if result.message == ARRAY_FOR_NUMBER else ""
            return outcome(
                exercise, "wrong", f"{place}it raised {result.type}{at}: {result.message}{advice}", mistake="raised", where=self._where(right)
            )
        if isinstance(result, _Signature):
            message = f"{exercise.name} takes {result.found}, expected ({', '.join(_argument_names(exercise))})."
            return outcome(exercise, "wrong", message, mistake="wrong arguments")
        if isinstance(result, _Uncallable):
            kind = "class" if isinstance(exercise.reference, type) else "function"
            message = f"{exercise.name} is {result.found}, expected a {kind}. Give the {kind} itself, without calling it."
            return outcome(exercise, "wrong", message, mistake="not a function")
        if _lone(result, self.expected[k]):
            message = f"{place}it is a tuple of one item: a comma at the end of a line makes a tuple. Take the comma away."
            return outcome(exercise, "wrong", message, mistake="trailing comma", where=self._where(right))
        if exercise.explain is not None and (words := self._ask("explain", exercise.explain, result, *self._seen(k))):
            return outcome(exercise, "wrong", str(words), where=self._where(right))
        if exercise.accepts is not None:
            return outcome(exercise, "wrong", f"{place}{exercise.name} is {_say_value(result)}; that is not right.", where=self._where(right))
        problem = self._problem(result, self.expected[k], narrow)
        if problem.kind != "unexplained":
            part = f"{problem.part}: " if problem.part else ""
            stop = "" if problem.message.endswith("?") else "."
            return outcome(exercise, "wrong", f"{place}{part}{problem.message}{stop}", mistake=problem.kind, where=self._where(right))
        entries = None
        if exercise.kind == "function" and problem.got is not None and problem.wrong is not None and problem.got.ndim <= 2:
            title = ", ".join(words for words in (problem.part, label) if words)
            entries = Entries(title, np.atleast_2d(problem.got), np.atleast_2d(problem.wrong))
        stop = "" if problem.yours.endswith("?") else "."
        message = f"{place}{problem.part or 'the result'} {problem.message}{problem.yours}{stop}"
        return outcome(exercise, "wrong", message, where=self._where(right), entries=entries)

    def _laid_along(self, got: Any, want: Any) -> list[np.ndarray] | Problem:
        """A returned value as an array for each part, or the first thing that is wrong with its form."""
        pieces, problem = _structure(got, want, self.exercise.part)
        if problem:
            return problem
        arrays = []
        for name, piece, leaf in zip(_parts(want, self.exercise.part), pieces, _leaves(want), strict=True):
            array = _as_array(piece, leaf)
            if isinstance(array, Problem):
                return Problem(array.kind, array.message, name)
            if not np.all(np.isfinite(array)) and np.all(np.isfinite(leaf)):
                bad = ~np.isfinite(array)
                more = f"; the first is {[int(k) for k in np.argwhere(bad)[0]]}" if array.size > 1 and not bad.all() else ""
                return Problem("not finite", f"{int(bad.sum())} of {array.size} entries are nan or infinite{more}", name)
            arrays.append(array)
        return arrays

    def _problem(self, got: Any, want: Any, narrow: bool = False) -> Problem:
        """The first thing that is wrong with a returned value."""
        arrays = self._laid_along(got, want)
        if isinstance(arrays, Problem):
            return arrays
        parts = list(zip(_parts(want, self.exercise.part), arrays, _leaves(want), strict=True))
        right = [name for name, array, leaf in parts if _distance(array, leaf).close(narrow)]
        wrong = {name: (array, leaf) for name, array, leaf in parts if name not in right}
        assert wrong, "a value that is not right has a part that is not right"
        first, way = first_made([name for name, *_ in parts], list(wrong))
        found = _wrong_numbers(*wrong[first], first)
        words = f" ({' and '.join(right)} {'is' if len(right) == 1 else 'are'} right)" if right else ""
        return dataclasses.replace(found, message=f"{found.message}{words}{way}")


def judge(exercise: Exercise, cases: Sequence[Case], records: Sequence[Wire]) -> Outcome:
    """Judge one answer; whoever judges many keeps a `Judge`."""
    return Judge(exercise, tuple(cases))(records)


def _listed(labels: Sequence[str]) -> str:
    """The labels of cases; of many the first few, for nobody reads forty."""
    said, more = "; ".join(labels[:_MOST_LABELS]), len(labels) - _MOST_LABELS
    return f"{said} and {more} more" if more > 1 else "; ".join(labels)


# ---- records, read without trust -------------------------------------------------------------------------------------


class _Ended:
    """A call that did not end by returning a value."""


@dataclass(frozen=True)
class _Raised(_Ended):
    type: str
    message: str
    line: str


@dataclass(frozen=True)
class _TooSlow(_Ended):
    seconds: float


@dataclass(frozen=True)
class _Signature(_Ended):
    found: str


@dataclass(frozen=True)
class _Uncallable(_Ended):
    found: str


def _result(record: Any) -> Any:
    """What a record says: a returned value, or how the call ended otherwise."""
    match record:
        case {"returned": wire}:
            return decode(wire)
        case {"raised": {"type": str(kind), "message": str(message), "line": str(line)}}:
            return _Raised(kind[:80], message[:400], line[:200])
        case {"too_slow": int() | float() as seconds}:
            return _TooSlow(float(seconds))
        case {"signature": str(found)}:
            return _Signature(found[:200])
        case {"uncallable": wire}:
            value = decode(wire)
            return value if value is Ellipsis else _Uncallable(_describe(value))
    raise WireError("a record of no known form")


def _same(mine: Any, other: Any) -> bool:
    if isinstance(mine, _Ended) or isinstance(other, _Ended):
        return isinstance(mine, _Raised) and isinstance(other, _Raised) and mine.type == other.type
    return not isinstance(other, Unreadable) and agree(mine, other)


def _form(value: Any) -> Any:
    """All of a result that `_differ` asks for: how lists nest, and of what shape and kind the arrays are."""
    if isinstance(value, _SEQUENCES):
        return tuple(map(_form, value))
    if isinstance(value, _Ended | Unreadable):
        return type(value)
    array = np.asarray(value)
    return None if value is None else (array.shape, array.dtype.kind, array.dtype.kind not in "fc" or bool(np.isfinite(array).all()))


def _differ(mine: Any, other: Any) -> bool:
    """Whether two results are finite numbers of the same shapes, so that their not being the same says something."""
    if isinstance(mine, _Ended | Unreadable) or isinstance(other, _Ended | Unreadable):
        return False
    if not isinstance(other, _SEQUENCES):
        array = _as_array(mine, np.asarray(other))
        return isinstance(array, np.ndarray) and array.dtype.kind in "biufc" and bool(np.isfinite(array).all()) and bool(np.isfinite(other).all())
    items = _items(mine)
    if not isinstance(items, list) or len(items) != len(other):
        return False
    return all(one is None if item is None else _differ(one, item) for one, item in zip(items, other, strict=True))


def _mostly_wrong(mine: Any, want: Any) -> bool:
    """Whether at least half of a result's numbers are wrong, or it holds no numbers in the form that is asked."""
    if not _is_finite(mine) or not _is_finite(want) or not _differ(mine, want):
        return True
    pairs = list(zip(_leaves(_items(mine) if isinstance(want, _SEQUENCES) else mine), _leaves(want), strict=False))
    if any(one.size != other.size for one, other in pairs):
        return True
    wrong = [np.abs(one.ravel() - other.ravel()) > RTOL * (np.abs(other).max(initial=0.0) or 1.0) for one, other in pairs]
    return 2 * sum(int(where.sum()) for where in wrong) >= sum(where.size for where in wrong)


def _is_negligible(value: Any, want: Any) -> bool:
    """Whether finite numbers are zero beside those that are wanted, but for rounding."""
    largest, wanted = (max((float(np.abs(leaf).max(initial=0)) for leaf in _leaves(part)), default=0.0) for part in (value, want))
    return largest <= RTOL * wanted


def _clash(mine: Any, other: Any) -> bool:
    """Whether two results have finite numbers in the same places that are not the same, whatever is not finite in others."""
    if isinstance(mine, _Ended | Unreadable) or isinstance(other, _Ended | Unreadable):
        return False
    if isinstance(other, _SEQUENCES):
        items = _items(mine)
        if not isinstance(items, list) or len(items) != len(other):
            return False
        return any(one is not None and item is not None and _clash(one, item) for one, item in zip(items, other, strict=True))
    theirs = np.asarray(other)
    ours = _as_array(mine, theirs)
    if not isinstance(ours, np.ndarray) or ours.dtype.kind not in "biufc" or theirs.dtype.kind not in "biufc":
        return False
    both = np.isfinite(ours) & np.isfinite(theirs)
    return not _distance(ours[both], theirs[both]).close()


def _breaks(value: Any, want: Any) -> bool:
    """Whether a result is an error, or not finite, or of another shape than what is wanted: no numbers to compare."""
    if isinstance(value, _Ended | Unreadable):
        return isinstance(value, _Raised)
    return not _is_finite(value) or _shapes(value) != _shapes(want)


def _shapes(value: Any) -> Any:
    return tuple(map(_shapes, value)) if isinstance(value, _SEQUENCES) else np.shape(value)


def _is_finite(value: Any) -> bool:
    """Whether a value is made of finite real numbers, and has some."""
    try:
        leaves = [] if isinstance(value, _Ended | Unreadable | str) or value is None else _leaves(value)
    except ValueError:  # ragged
        return False
    return bool(leaves) and all(leaf.dtype.kind in "iuf" and leaf.size and bool(np.isfinite(leaf).all()) for leaf in leaves)


_NUDGE = 1.001
_NEAR, _FEW_NUMBERS = 0.02, 3  # of the right number; so many that are near by chance
# a bound is named where it is one of so many ways to choose as many entries
_FEW_BOUNDS = 5000
# by what an input may tell wrong entries from right ones
_SIGNS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "less than 0": lambda array: array < 0,
    "more than 0": lambda array: array > 0,
    "0": lambda array: array == 0,
    "at most 0": lambda array: array <= 0,
    "at least 0": lambda array: array >= 0,
}


def _splits(wrong: Sequence[np.ndarray]) -> bool:
    """Whether there are enough right and wrong entries for their places to be no chance."""
    together = np.concatenate([where.ravel() for where in wrong])
    return together.size >= 12 and 2 <= int(together.sum()) <= together.size - 2


def _beyond(name: str, numbers: np.ndarray, wrong: np.ndarray) -> str:
    """The bound beyond which an input's numbers have the wrong entries and no right one, in words; empty where there is none, or by chance."""
    if math.comb(int(wrong.size), int(wrong.sum())) < _FEW_BOUNDS or numbers.dtype.kind != "f":
        return ""
    for what, sizes in ((f"|{name}|", np.abs(numbers)), (name, numbers)):
        if sizes[wrong].min() > sizes[~wrong].max():
            return f"`{what}` is {sizes[wrong].min():.4g} or more, and right where it is {sizes[~wrong].max():.4g} or less"
        if sizes[wrong].max() < sizes[~wrong].min():
            return f"`{what}` is {sizes[wrong].max():.4g} or less, and right where it is {sizes[~wrong].min():.4g} or more"
    return ""


def _cut(args: list[Any], axes: Sequence[tuple[int, int]], at: int) -> list[Any]:
    """The inputs without one place of an axis that some of them share."""
    for place, axis in axes:
        args[place] = np.delete(args[place], at, axis)
    return args


def _replaced(args: list[Any], place: int, change: Callable[[Any], Any]) -> list[Any]:
    return [*args[:place], change(args[place]), *args[place + 1 :]]


def _all_replaced(args: list[Any], places: Sequence[int], change: Callable[[Any], Any]) -> list[Any]:
    return [change(arg) if place in places else arg for place, arg in enumerate(args)]


def _swapped(args: list[Any], one: int, other: int) -> list[Any]:
    args[one], args[other] = args[other], args[one]
    return args


def _emptied(value: Any, axis: int, at: int) -> np.ndarray:
    """The same array of floats with zeros in the first or last place along an axis."""
    emptied = np.array(real(value))
    emptied[(slice(None),) * axis + (at,)] = 0
    return emptied


def _left_out_of(name: str, array: np.ndarray, axis: int, at: int) -> str:
    line = "entry" if array.ndim == 1 else ("row", "column")[axis] if array.ndim == 2 else f"place along axis {axis}"
    left = f"the last {line} of `{name}`" if at else f"the first {line} of `{name}`"
    return _left_out_of_all(left)


def _left_out_of_all(left: str) -> str:
    return f"Your numbers are the right ones with {left} left out. Does a loop or a slice of yours begin or end one place off?"


def _in_place_of(args: list[Any], one: int, other: int) -> list[Any]:
    args[one] = args[other]
    return args


def _off_by(got: Any, want: Any, array: Any) -> bool:
    """Whether an array differs from the one that is wanted by a multiple of a third, which is no multiple of either."""
    arrays = [np.asarray(value) for value in (got, want, array) if isinstance(value, np.ndarray)]
    if len(arrays) < 3 or len({a.shape for a in arrays}) > 1 or arrays[0].size < 3 or any(a.dtype.kind != "f" for a in arrays):
        return False
    mine, right, given = arrays
    tolerance = RTOL * float(np.abs(right).max())

    def is_a_multiple(values: np.ndarray) -> bool:
        factor = float(np.vdot(values, given)) / (float(np.vdot(given, given)) or math.nan)
        return bool((np.abs(values - factor * given) <= tolerance).all())

    return is_a_multiple(mine - right) and not is_a_multiple(right) and float(np.abs(mine - right).max()) > 1e3 * tolerance


def _entries_from(value: Any, given: Any) -> bool:
    """Whether every number of an array is one of those of another, and they are no whole numbers, which may agree by chance."""
    if not isinstance(given, np.ndarray) or given.dtype.kind != "f" or isinstance(value, _SEQUENCES):
        return False
    array = np.asarray(value)
    return array.dtype.kind == "f" and bool(np.any(array % 1)) and bool(np.isin(array, given).all())


def _vary(given: Sequence[np.ndarray]) -> bool:
    """Whether some numbers of an input differ in size, within a case or between two: a factor that never changes may be no input."""
    return len({abs(float(number)) for value in given for number in value.flat}) > 1


def _fits_in(value: np.ndarray, shape: tuple[int, ...]) -> bool:
    """Whether real numbers, none of them 0, stand beside those of a shape, entry by entry or a row or column for all."""
    if value.dtype.kind not in "if" or not value.size or not np.isfinite(value).all() or np.any(value == 0):
        return False
    try:
        return np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        return False


_FACTORS = {-1.0: "the negatives of", 2.0: "two times", 0.5: "half of", -2.0: "-2 ×", -0.5: "-½ ×"}


@dataclass(frozen=True)
class _Lead:
    """The first array of a result, by what another is told to be no multiple of it in far less time than by its entries."""

    shape: tuple[int, ...]
    at: int
    largest: float
    total: float


def _lead(value: Any) -> _Lead | None:
    """None where a multiple would tell nothing."""
    leaf = np.asarray(_first_leaf(value)) if not isinstance(value, _Ended | Unreadable) else np.zeros(())
    if not _tells(leaf) or leaf.dtype.kind != "f":
        return None
    at = int(np.argmax(np.abs(leaf)))
    return _Lead(leaf.shape, at, float(leaf.ravel()[at]), float(leaf.sum(dtype=float)))


def _ratio(mine: Any, theirs: Any, lead: _Lead | None = None) -> float | None:
    """The factor by which all numbers of two results differ; None if there is none. `lead` is that of `theirs`, where it is known."""
    lead = lead or _lead(theirs)
    if lead is None or isinstance(mine, _Ended | Unreadable):
        return None
    ours = np.asarray(_first_leaf(mine))
    if ours.shape != lead.shape or ours.dtype.kind != "f":
        return None
    largest = float(ours.ravel()[lead.at])
    ratio = largest / (lead.largest or math.nan)
    if abs(ours.sum(dtype=float) - ratio * lead.total) > 2 * RTOL_FLOAT32 * ours.size * abs(largest):
        return None
    return ratio if math.isfinite(ratio) and ratio and _same(mine, _times(ratio, theirs)) else None


def _times(factor: float, value: Any) -> Any:
    """A result of numbers, multiplied; anything else as it is."""
    if isinstance(value, list):
        return [_times(factor, item) for item in value]
    return factor * value if isinstance(value, float | np.ndarray) and np.asarray(value).dtype.kind in "fc" else value


def _first_leaf(value: Any) -> Any:
    if isinstance(value, list):
        return next((leaf for item in value if item is not None for leaf in _leaves(item)), np.zeros(()))
    return value if isinstance(value, np.ndarray) else np.zeros(())


def _tells(value: Any) -> bool:
    """Whether two arrays equal to this one have something in common: one number may agree by chance, and nan with any nan."""
    array = np.asarray(value)
    return array.size > 1 and (array.dtype.kind not in "fc" or bool(np.isfinite(array).any()))


def _varies(value: Any) -> bool:
    """Whether two arrays equal to this one have something in common that few others have: zeros, or ones, have many causes."""
    array = np.asarray(value)
    if not _tells(array) or array.dtype.kind not in "iufc":
        return _tells(array)
    finite = array[np.isfinite(array)]
    return bool(np.ptp(np.abs(finite)) > 0)


def _argument_names(exercise: Exercise) -> list[str]:
    code = getattr(exercise.reference, "__code__", None)  # a class has none
    return [] if code is None else list(code.co_varnames[: code.co_argcount])
