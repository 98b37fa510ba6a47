"""The bank tests itself: an exercise that fails here is not an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from bpkit.exercises.judge import Judge
from bpkit.exercises.judging.known import BankError
from bpkit.exercises.model import Exercise
from bpkit.exercises.mutants import Mutants, try_mutants
from bpkit.exercises.outcome import Outcome
from bpkit.exercises.run import Wire, WireError, decode, encode

_NUDGE = 1e-3  # of the largest entry: rounding leaves far less
_COARSE = 3e-7  # of each: more than the judge lets pass, less than any mistake leaves


@dataclass(frozen=True)
class SelfTest:
    """What was tried on one exercise, what failed and what was told; `mutants` where they were tried, too."""

    exercise: str
    seeds: int
    mistakes: int
    cases: int
    judged: int
    near_misses: int
    mutants: Mutants | None
    faults: tuple[str, ...]
    told: tuple[tuple[str, Outcome], ...]  # of each wrong answer and near miss on the first seed

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.faults

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"{len(self.faults)} faults, first: {self.faults[0]}"
        killed = f", {self.mutants.tried - len(self.mutants.survivors)} of {self.mutants.tried} mutants killed" if self.mutants else ""
        return (
            f"{self.exercise:<5}  {self.mistakes:3d} mistakes, {self.cases:2d} cases × {self.seeds} seeds, {self.judged} answers judged, "
            f"{self.near_misses} near misses{killed}: {verdict}"
        )


def self_test(exercise: Exercise, seeds: int, mutants: bool = False, near_misses: int | None = None) -> SelfTest:
    """Try the stub, the solution and every mistake on many seeds, near misses on the first one, and small changes of the solution if `mutants`.

    The stub has to be "not attempted", the solution right and without notes, and every mistake wrong and named as itself. A near
    miss is what the solution or a mistake returned, but for one number or the last digits: it has to be wrong, and no mistake's name may
    stand for it; `near_misses` says how many are tried, all unless given. No mutant may pass. A value exercise draws no inputs, so one seed says all.
    """
    faults: list[str] = []
    told: list[tuple[str, Outcome]] = []
    seeds, cases, near = seeds if exercise.kind == "function" else 1, 0, 0
    stub = (lambda *args: ...) if exercise.kind == "function" else ...
    for seed in range(seeds):
        judge = Judge.drawn(exercise, seed)
        cases = len(judge.cases)
        by_mistake = [(m, judge.run_mistake(m)) for m in exercise.mistakes]
        try:
            judge.verify()
        except BankError as error:
            faults.append(f"seed {seed}: {error}")
            continue
        tried: list[tuple[str, list[Wire], str, str | None]] = [
            ("the stub", judge.run(stub), "not attempted", None),
            ("the solution", judge.run(exercise.reference), "right", None),
        ]
        tried += [(f"mistake {m.name!r}", records, "wrong", m.name) for m, records in by_mistake]
        for what, records, status, mistake in tried:
            outcome = judge(records)
            if seed == 0 and status == "wrong":
                told.append((what, outcome))
            if (outcome.status, outcome.mistake) != (status, mistake) or (status == "right" and outcome.notes):
                faults.append(f"seed {seed}: {what} is judged {outcome.status!r}, mistake {outcome.mistake!r} ({outcome.message})")
        for what, records in islice(_near_misses(exercise, tried[1:]), near_misses) if seed == 0 else ():
            near += 1
            outcome = judge(records)
            told.append((f"near miss, {what}", outcome))
            if outcome.status != "wrong" or outcome.mistake in {m.name for m in exercise.mistakes}:
                faults.append(f"seed {seed}: near miss, {what}, is judged {outcome.status!r}, mistake {outcome.mistake!r}")
        faults += [f"seed {seed}: {fault}" for fault in judge.faults]
    tested = try_mutants(exercise) if mutants else None
    faults += [f"a mutant passes: {survivor}" for survivor in (tested.survivors if tested else ())]
    judged = seeds * (2 + len(exercise.mistakes))
    return SelfTest(exercise.id, seeds, len(exercise.mistakes), cases, judged, near, tested, tuple(faults), tuple(told))


def _near_misses(exercise: Exercise, tried: list[tuple[str, list[Wire], str, str | None]]) -> Iterator[tuple[str, list[Wire]]]:
    """What was returned, with one number changed in the last case that has one; and what the solution returned, right to six digits.

    There is none where several answers are right, or where a mistake recognises itself.
    """
    if exercise.accepts is not None:
        return
    what, records, *_ = tried[0]
    coarse = [_coarse(record.get("returned")) for record in records]
    if any(coarse):
        yield f"{what}, to six digits", [{**record, "returned": c or record["returned"]} for record, c in zip(records, coarse, strict=True)]
    told_apart = {m.name for m in exercise.mistakes if m.recognise is not None}
    for what, records, _, mistake in tried:
        for k in reversed(range(len(records))):
            if mistake not in told_apart and (nudged := _nudged(records[k].get("returned"))) is not None:
                yield f"{what}, but for one number", [*records[:k], {**records[k], "returned": nudged}, *records[k + 1 :]]
                break


def _coarse(wire: Any) -> Wire | None:
    """A returned value with every real number moved a little, up and down by turns; None where it has none that is finite and not 0."""
    value = decode(wire)
    leaves = [leaf for leaf in _float_leaves(value) if np.any(np.isfinite(leaf) & (leaf != 0))]
    if not leaves:
        return None
    if isinstance(value, float):
        return encode(value * (1 + _COARSE))
    for leaf in leaves:
        leaf *= 1 + _COARSE * np.resize([1.0, -1.0, -1.0], leaf.shape)
    return encode(value)


def _nudged(wire: Any) -> Wire | None:
    """A returned value with its largest real number moved a little; None where it has none that is finite."""
    try:
        value = decode(wire)
    except WireError:
        return None
    numbers = [leaf for leaf in _float_leaves(value) if np.all(np.isfinite(leaf))]
    if not numbers:
        return None
    largest = max(numbers, key=lambda leaf: float(np.max(np.abs(leaf))))
    where = np.unravel_index(np.argmax(np.abs(largest)), largest.shape)
    if isinstance(value, float):
        return encode(value + _NUDGE * (abs(value) or 1.0))
    largest[where] += _NUDGE * (np.abs(largest[where]) or 1.0)
    return encode(value)


def _float_leaves(value: Any) -> list[np.ndarray]:
    if isinstance(value, list):
        return [leaf for item in value if not isinstance(item, float) for leaf in _float_leaves(item)]
    leaf = np.asarray(value) if isinstance(value, float | np.ndarray) else np.empty(0)
    return [leaf] if leaf.dtype.kind == "f" and leaf.size else []
