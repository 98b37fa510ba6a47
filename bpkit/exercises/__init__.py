"""The bank of exercises: one module per lesson, found by id."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from bpkit.exercises.model import Exercise


@cache
def registry() -> MappingProxyType[str, Exercise]:
    """Every exercise by id, in the order of the course."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("lesson_*.py"))
    found = [exercise for name in names for exercise in import_module(f"bpkit.exercises.{name}").EXERCISES]
    return MappingProxyType({exercise.id: exercise for exercise in found})


def of_lesson(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, named by its two digits."""
    return tuple(exercise for exercise in registry().values() if exercise.lesson == lesson)


def find(exercise_id: object) -> Exercise | str:
    """The exercise with that id, or one sentence that says why there is none and what there is."""
    bank = registry()
    if isinstance(exercise_id, str) and exercise_id in bank:
        return bank[exercise_id]
    lesson = re.match(r"\d{1,2}", str(exercise_id))
    near = of_lesson(lesson[0].zfill(2)) if lesson else ()
    there = (
        f"lesson {near[0].lesson} has {near[0].id} to {near[-1].id}"
        if near
        else f"the lessons are {', '.join(sorted({e.lesson for e in bank.values()}))}"
    )
    return f'there is no exercise {str(exercise_id)[:40]!r}; {there}, written like "05.3"'
