"""What an exercise is: declared once, used by the notebook, the grader, the tests and the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Answer = Callable[..., Any]
Kind = Literal["function", "value"]


@dataclass(frozen=True)
class Case:
    """One set of inputs.

    Parameters
    ----------
    label
        The case in the learner's words, e.g. ``"W 2×3, m = 5"``; it is shown, so it says nothing about the answer.
    args
        What the answer is called with: arrays, numbers, strings, booleans, None, lists and tuples of these,
        and the stand-ins of `bpkit.exercises.run`: `Probe` (a function), `Seed` (a generator), `Shape` (a tuple), `Graph` (nodes).
    refuses
        Only where the task leaves open what comes out: takes the returned value and says whether it is wrong all the same. An error that
        was raised counts as right.
    """

    label: str
    args: tuple[Any, ...] = ()
    refuses: Callable[[Any], bool] | None = None


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that learners give, as code that gives it.

    Parameters
    ----------
    name
        Short and stable, e.g. ``"transpose forgotten"``; it stands in grades.csv and in the class report.
    answer
        For a function exercise, a function of the exercise's signature; for a value exercise, the wrong value.
    hint
        What to tell who makes it: where to look and why, never the right answer.
    recognise
        Only where numbers alone cannot tell the mistake (orders of a proof, random draws): takes the returned value and the
        case's args, and says whether it is this mistake.
    slips
        How many things are done wrongly at once; an answer is compared with mistakes of fewer first.
    """

    name: str
    answer: Any
    hint: str
    recognise: Callable[..., bool] | None = None
    slips: int = 1


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Parameters
    ----------
    id
        ``"05.3"``: lesson and number.
    name
        The name that the learner defines: a function or a class, or for ``kind="value"`` a variable.
    title
        The task in a few words.
    points, minutes, difficulty
        Weight in the grade; promised working time; 1 (•) to 3 (•••).
    hints
        Opened one at a time; the last all but gives the step, in words.
    cases
        Draws the inputs from a generator. At least one square (not symmetric) and one non-square case, m > 1 and
        m = 1, entries of order one. Never all ones.
    plain
        Positions of the arguments that take no round numbers (see `bpkit.exercises.judging.round_numbers`).
    zeros
        Positions of the arguments that are 0, in all entries, in one more case each: what a formula may divide by, or take for nothing to do.
    oracle
        The expected value without the formula under test: finite differences or complex step of a forward pass,
        an identity, an invariance. Takes the case's args.
    reference
        The expected value by the formula. The judge refuses to work where oracle and reference disagree.
    mistakes
        The wrong answers that are told apart and named.
    allows
        Names from bpkit that an answer may call, e.g. ``("sigmoid",)``; in the grader no other is there.
    withholds
        Attributes of what is allowed that an answer may not call, because they are the answer, e.g. ``("sigmoid.prime",)``.
    part
        Names the parts of an answer that is a sequence, e.g. ``"delta[{}]"``; a tuple names each item on its own, e.g.
        ``("zs[{}]", "activations[{}]")`` for an answer of two lists.
    needs_float64
        Whether float32 answers are refused (rare: only where the task asks for float64).
    accepts
        Only where more than one value is right (orders of a proof, random draws): takes the returned value and the case's
        args, and says whether it is right.
    explain
        Takes the same; says in words what is wrong with a value that no mistake gives, or None.
    oracle_rtol
        How closely oracle and reference must agree, relative to the largest entry.
    seconds
        The time that one call may take before it counts as too slow.
    drive
        How an answer is used: a name in `bpkit.exercises.run.DRIVERS`. Other than ``"call"`` where the answer is a class, or
        leaves its result in its arguments.
    partial
        Whether a part of the answer, or a case, that is right may earn its share of the points, if staff ask for it.
    equivalent
        Mutants of the reference that are right all the same (see `bpkit.exercises.mutants`), each name with the reason.
    """

    id: str
    name: str
    title: str
    points: int
    minutes: int
    difficulty: Literal[1, 2, 3]
    hints: tuple[str, str, str]
    reference: Any
    oracle: Answer
    mistakes: tuple[Mistake, ...]
    cases: Callable[[np.random.Generator], Sequence[Case]] = lambda rng: (Case(""),)
    plain: tuple[int, ...] = ()
    zeros: tuple[int, ...] = ()
    kind: Kind = "function"
    allows: tuple[str, ...] = ()
    withholds: tuple[str, ...] = ()
    part: str | tuple[str, ...] = "[{}]"
    needs_float64: bool = False
    accepts: Callable[..., bool] | None = None
    explain: Callable[..., str | None] | None = None
    oracle_rtol: float = 1e-7
    seconds: float = 5.0
    drive: str = "call"
    partial: bool = False
    equivalent: Mapping[str, str] = field(default_factory=dict)

    @property
    def driver(self) -> str:
        """How `bpkit.exercises.run.run_exercise` has to run an answer."""
        return "value" if self.kind == "value" else self.drive

    @property
    def lesson(self) -> str:
        """The lesson's two digits."""
        return self.id.split(".")[0]
