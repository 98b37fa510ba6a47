"""What is known of an exercise on fixed cases: its inputs, what is right, and what each known mistake gives."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np

from bpkit.exercises.judging.comparing import Mark, agree, distance, is_lone, mark_of, quiet
from bpkit.exercises.judging.records import Ended, Raised, result_of
from bpkit.exercises.judging.round_numbers import round_case, round_points, zero_cases
from bpkit.exercises.judging.values import arrays_in, leaves, named
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import DRIVERS, Inputs, Wire, decode_input, encode_case, run_case, run_exercise

_running = threading.Lock()  # threads share what is known, and each mistake runs once


class BankError(Exception):
    """An exercise's oracle and reference disagree: nothing can be judged by it."""


@dataclass(frozen=True)
class Known:
    """An exercise on fixed cases; what is expected, and what each mistake gives, is worked out once.

    Parameters
    ----------
    exercise
        What is judged.
    cases
        The inputs: ``exercise.cases(rng)``, and behind them those with special numbers.
    special
        How many of the last cases are those of `bpkit.exercises.judging.round_numbers`.
    """

    exercise: Exercise
    cases: tuple[Case, ...]
    special: int = 0

    @classmethod
    def drawn(cls, exercise: Exercise, seed: int | Sequence[int]) -> Self:
        """What is known on cases that come from a seed, the same for the same exercise and seed."""
        words = [seed] if isinstance(seed, int) else list(seed)
        rng = np.random.default_rng([*words, *(int(word) for word in exercise.id.split("."))])
        cases = tuple(exercise.cases(rng))
        rounded, names = round_case(cases, exercise.plain, rng), argument_names(exercise)
        special = [] if rounded is None else [rounded]
        special += round_points(cases, exercise.plain, names) + zero_cases(cases, exercise.zeros, names)
        return cls(exercise, (*cases, *special), len(special))

    @cached_property
    def as_drawn(self) -> Self:
        """The same without the special cases, in which zeros hide what relates the numbers; what is worked out serves both."""
        if not self.special:
            return self
        fewer = type(self)(self.exercise, self.cases[: -self.special])
        for name in ("expected", "wire_cases", "_read", "_kept"):
            fewer.__dict__[name] = getattr(self, name)[: -self.special]
        for name in ("_mistaken", "_right_by_mistake", "_marks", "faults"):
            fewer.__dict__[name] = getattr(self, name)
        return fewer

    @cached_property
    def wire_cases(self) -> list[list[Wire]]:
        """The inputs as plain data, to be sent beside the learner's code."""
        return [encode_case(case.args) for case in self.cases]

    @cached_property
    def _read(self) -> list[Inputs]:
        """The same, read once for all that are run here."""
        return [Inputs(wires) for wires in self.wire_cases]

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
                pairs = zip(leaves(value), leaves(oracle), strict=True)
                sound = all(a.shape == b.shape and distance(a, b).error <= exercise.oracle_rtol for a, b in pairs)
            if not sound:
                raise BankError(f"exercise {exercise.id}: oracle and reference disagree in the case {case.label!r}")
            values.append(value)
        return values

    def verify(self) -> None:
        """Work out what is right, so that a bank that is unsound is told before anybody is judged by it, and threads may share what is known.

        Raises
        ------
        BankError
            If oracle and reference disagree.
        """
        _ = self.expected, self.as_drawn

    @cached_property
    def names(self) -> list[str]:
        """The names of the inputs."""
        return argument_names(self.exercise)

    def inputs(self) -> list[list[Any]]:
        """The inputs of every case, to be looked at."""
        return [self.seen(k) for k in range(len(self.cases))]

    def compares(self, results: Sequence[Any]) -> bool:
        """Whether a function whose result is told by its inputs was seen in several cases, all that there are: what holds in all tells something."""
        return self.exercise.accepts is None and self.exercise.driver == "call" and len(results) >= max(2, len(self.cases))

    def part_name(self, part: int) -> str:
        """The name of one of the answer's parts."""
        return named(part, self.expected[0][part], self.exercise.part)[0]

    def seen(self, k: int) -> list[Any]:
        """A case's inputs for the exercise's own functions, which look at them: a generator, a function or a graph is made anew, arrays are not."""
        kept = self._kept[k]
        return [_relisted(kept[place]) if place in kept else decode_input(wire) for place, wire in enumerate(self.wire_cases[k])]

    @cached_property
    def _kept(self) -> list[dict[int, Any]]:
        """For each case its inputs that hold numbers alone, by place; the arrays are read-only."""
        return [{k: _frozen(decode_input(wire)) for k, wire in enumerate(wires) if _is_plain(wire)} for wires in self.wire_cases]

    def _args(self, k: int) -> list[Any]:
        """Fresh copies of a case's inputs."""
        return self._read[k].fresh()

    def is_right(self, k: int, result: Any, narrow: bool = False) -> bool:
        """Whether a result is right in a case; `narrow` where the code was seen to use float32 on the way."""
        if (refuses := self.cases[k].refuses) is not None:
            return isinstance(result, Raised) or not (isinstance(result, Ended) or refuses(result))
        if isinstance(result, Ended):
            return False
        if self.exercise.accepts is None:
            return agree(result, self.expected[k], narrow)
        if is_lone(result, self.expected[k]):
            return False
        return self.ask("accepts", lambda *given: bool(self.exercise.accepts(*given)), result, *self.seen(k)) or False  # type: ignore[misc]

    def run(self, answer: Any) -> list[Wire]:
        """Run an answer here, in this process; the grader runs it in its sandbox instead."""
        return run_exercise(answer, self.exercise.driver, self._read, self.exercise.seconds)

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """The known mistakes, those of a single slip first: they are what most answers have."""
        return sorted(self.exercise.mistakes, key=lambda mistake: mistake.slips)

    def theirs(self, mistake: Mistake, k: int) -> Any:
        """What a known mistake gives in a case, a value or the way it ended; run when it is asked for first, the cases before it as well."""
        found = self._mistaken.setdefault(mistake.name, [])
        if len(found) <= k:
            with _running, quiet():
                while len(found) <= k:
                    found.append(result_of(run_case(mistake.answer, self.exercise.driver, self._read[len(found)], self.exercise.seconds)))
        return found[k]

    def run_mistake(self, mistake: Mistake) -> list[Wire]:
        """The records of one of the exercise's mistakes; what it gives in each case is known from then on."""
        with quiet():
            records = self.run(mistake.answer)
            if len(records) == len(self.cases):
                self._mistaken.setdefault(mistake.name, [result_of(record) for record in records])
        return records

    @cached_property
    def _mistaken(self) -> dict[str, list[Any]]:
        return {}

    def theirs_right(self, mistake: Mistake, k: int) -> bool:
        """Whether what a known mistake gives in a case is right there, as it may be in some."""
        key = mistake.name, k
        if key not in self._right_by_mistake:
            self._right_by_mistake[key] = self.is_right(k, self.theirs(mistake, k))
        return self._right_by_mistake[key]

    @cached_property
    def _right_by_mistake(self) -> dict[tuple[str, int], bool]:
        return {}

    def their_mark(self, mistake: Mistake, k: int) -> Mark:
        """The mark of what a known mistake gives in a case."""
        key = mistake.name, k
        if key not in self._marks:
            self._marks[key] = mark_of(self.theirs(mistake, k))
        return self._marks[key]

    @cached_property
    def _marks(self) -> dict[tuple[str, int], Mark]:
        return {}

    @cached_property
    def faults(self) -> list[str]:
        """What the exercise's own functions raised so far where they should have answered."""
        return []

    def ask(self, question: str, ask: Callable[..., Any], *given: Any) -> Any:
        """What one of the exercise's own functions says; None, and a fault of the bank, where it breaks on an odd answer."""
        try:
            return ask(*given)
        except Exception as error:
            self.faults.append(f"{question} raised {type(error).__name__}: {error}")
            return None

    @cached_property
    def reseeded(self) -> list[tuple[int, int]]:
        """Pairs of cases that have everything in common but the generator."""
        plain = [[{} if "seed" in wire else wire for wire in wires] for wires in self.wire_cases]
        return [(one, other) for one, other in itertools.combinations(range(len(plain)), 2) if plain[one] == plain[other]]

    @cached_property
    def common_lengths(self) -> list[tuple[list[int], list[tuple[int, int]]]]:
        """The lengths, case by case, that axes of the inputs have in common, and these axes by place and number; none that never changes."""
        inputs = self.inputs()
        found: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for place in range(len(inputs[0])):
            arrays = [args[place] for args in inputs]
            if all(isinstance(array, np.ndarray) for array in arrays) and len({array.ndim for array in arrays}) == 1:
                for axis in range(arrays[0].ndim):
                    found.setdefault(tuple(array.shape[axis] for array in arrays), []).append((place, axis))
        return [(list(lengths), axes) for lengths, axes in found.items() if len(set(lengths)) > 1]


def argument_names(exercise: Exercise) -> list[str]:
    """The names of what an answer is called with; none where it is a class."""
    code = getattr(exercise.reference, "__code__", None)
    return [] if code is None else list(code.co_varnames[: code.co_argcount])


def _is_plain(wire: Any) -> bool:
    """Whether an encoded input stands for nothing but what it holds."""
    return all(map(_is_plain, wire["list"])) if "list" in wire else not wire.keys() & {"probe", "seed", "shape", "graph"}


def _frozen(value: Any) -> Any:
    """The same value, whose arrays are read-only from now on."""
    for array in arrays_in(value):
        array.setflags(write=False)
    return value


def _relisted(value: Any) -> Any:
    """The same value with lists of its own and the same arrays."""
    return [_relisted(item) for item in value] if isinstance(value, list) else value
