"""What an answer with the right results must still keep to: inputs left alone, chance from the generator, the same result again, float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises.judging.comparing import NARROW, RTOL, agree, distance
from bpkit.exercises.judging.form import structure
from bpkit.exercises.judging.known import Known
from bpkit.exercises.judging.values import leaves
from bpkit.exercises.outcome import Outcome, outcome

NOT_AGAIN = (
    "A second call with the same inputs gave another result. What stays from one call to the next: a default argument such as `[]` or `set()`, "
    "something outside the function, a mark on an input?"
)


def outcome_of_right_results(known: Known, results: Sequence[Any], again: Any, mutated: set[int], undrawn: set[int], narrow: bool) -> Outcome:
    """The outcome of an answer whose results are right in every case.

    Parameters
    ----------
    again
        The result of a second call with the inputs of the first case; None where there was none.
    mutated, undrawn
        The places of the inputs that were changed in some case, and of the generators that none was drawn from in any.
    narrow
        Whether the code was seen to use float32 on the way.
    """
    exercise, notes, names = known.exercise, [], known.names
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
    if again is not None and not known.is_right(0, again, narrow):
        return outcome(exercise, "wrong", NOT_AGAIN, mistake="not repeatable")
    if any("seed" in wire for wire in known.wire_cases[0]) and again is not None and not agree(again, results[0]):
        message = "The result fits, but with the same generator it is another one in every call: chance comes from somewhere else, too."
        return outcome(exercise, "wrong", message, mistake="generator not used")
    for one, other in known.reseeded:
        if agree(results[other], results[one]):
            message = "The result fits, but another generator gives the same one: something is drawn, and the result does not depend on it."
            return outcome(exercise, "wrong", message, mistake="generator not used")
    if exercise.accepts is None and exercise.kind == "function":
        pairs = [
            (np.asarray(piece), leaf)
            for result, want, case in zip(results, known.expected, known.cases, strict=True)
            if case.refuses is None
            for piece, leaf in zip(structure(result, want, "")[0], leaves(want), strict=True)
            if leaf.dtype.kind == "f"
        ]
        if any(got.dtype in NARROW or distance(got.reshape(leaf.shape), leaf).error > RTOL for got, leaf in pairs):
            if exercise.needs_float64:
                return outcome(exercise, "wrong", "Right to about 7 digits: float32 somewhere; this task asks for float64.", mistake="dtype")
            notes.append("right to float32 precision (about 7 digits); the inputs were float64")
    return outcome(exercise, "right", "Right.", notes=tuple(notes))
