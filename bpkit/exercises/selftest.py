"""The bank tests itself: an exercise that fails here is not an exercise."""

from __future__ import annotations

from dataclasses import dataclass

from bpkit.exercises.judge import BankError, Judge
from bpkit.exercises.model import Exercise
from bpkit.exercises.run import Wire


@dataclass(frozen=True)
class SelfTest:
    """What was tried on one exercise and what failed."""

    exercise: str
    seeds: int
    mistakes: int
    judged: int
    faults: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not self.faults

    def __str__(self) -> str:
        verdict = "ok" if self.ok else f"{len(self.faults)} faults, first: {self.faults[0]}"
        return f"{self.exercise}  {self.mistakes:2d} mistakes × {self.seeds} seeds, {self.judged} answers judged: {verdict}"


def self_test(exercise: Exercise, seeds: int) -> SelfTest:
    """Try the stub, the solution and every mistake on many seeds.

    The stub has to be "not attempted", the solution right and without notes, and every mistake wrong and named as itself.
    A value exercise draws no inputs, so one seed says all.
    """
    faults: list[str] = []
    seeds = seeds if exercise.kind == "function" else 1
    stub = (lambda *args: ...) if exercise.kind == "function" else ...
    for seed in range(seeds):
        judge = Judge.drawn(exercise, seed)
        try:
            judge.verify()
        except BankError as error:
            faults.append(f"seed {seed}: {error}")
            continue
        tried: list[tuple[str, list[Wire], str, str | None]] = [
            ("the stub", judge.run(stub), "not attempted", None),
            ("the solution", judge.run(exercise.reference), "right", None),
        ]
        tried += [(f"mistake {m.name!r}", judge.run_mistake(m), "wrong", m.name) for m in exercise.mistakes]
        for what, records, status, mistake in tried:
            outcome = judge(records)
            if (outcome.status, outcome.mistake) != (status, mistake) or (status == "right" and outcome.notes):
                faults.append(f"seed {seed}: {what} is judged {outcome.status!r}, mistake {outcome.mistake!r} ({outcome.message})")
        faults += [f"seed {seed}: {fault}" for fault in judge.faults]
    return SelfTest(exercise.id, seeds, len(exercise.mistakes), seeds * (2 + len(exercise.mistakes)), tuple(faults))
