"""The bank of exercises: a package per lesson with a module per exercise, found by their names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from bpkit.exercises.model import Exercise


@cache
def modules() -> MappingProxyType[str, str]:
    """The module of every exercise by id, in the order of the course: ``lesson_05/ex3_hidden_error.py`` has 05.3."""
    found = {}
    for path in Path(__file__).parent.glob("lesson_[0-9][0-9]/ex*.py"):
        lesson, number = path.parent.name.removeprefix("lesson_"), re.match(r"ex(\d+)_", path.name)
        if number:
            found[lesson, int(number[1])] = f"bpkit.exercises.{path.parent.name}.{path.stem}"
    return MappingProxyType({f"{lesson}.{number}": found[lesson, number] for lesson, number in sorted(found)})


@cache
def _exercise(exercise_id: str) -> Exercise:
    return import_module(modules()[exercise_id]).EXERCISE


@cache
def registry() -> MappingProxyType[str, Exercise]:
    """Every exercise by id, in the order of the course."""
    return MappingProxyType({exercise_id: _exercise(exercise_id) for exercise_id in modules()})


def of_lesson(lesson: str) -> tuple[Exercise, ...]:
    """The exercises of a lesson, named by its two digits."""
    return tuple(_exercise(exercise_id) for exercise_id in modules() if exercise_id.startswith(f"{lesson}."))


def known(exercise_id: str) -> Exercise | None:
    """The exercise with that id, or None."""
    return _exercise(exercise_id) if exercise_id in modules() else None


def called(names: Iterable[str]) -> list[Exercise]:
    """The exercises whose answers have one of these names. No other is loaded: an exercise's module is called by its number and name."""
    wanted = set(names)
    likely = {exercise_id for name in wanted for exercise_id in _by_name().get(name.lower(), ())}
    return [exercise for exercise_id in modules() if exercise_id in likely and (exercise := _exercise(exercise_id)).name in wanted]


@cache
def _by_name() -> dict[str, list[str]]:
    """The exercises by what their modules are called behind the number."""
    found: dict[str, list[str]] = {}
    for exercise_id, module in modules().items():
        found.setdefault(module.rpartition(".")[2].partition("_")[2], []).append(exercise_id)
    return found


def find(exercise_id: object) -> Exercise | str:
    """The exercise with that id, or one sentence that says why there is none and what there is."""
    there = modules()
    if isinstance(exercise_id, str) and exercise_id in there:
        return _exercise(exercise_id)
    lesson = re.match(r"\d{1,2}", str(exercise_id))
    near = [other for other in there if lesson and other.startswith(f"{lesson[0].zfill(2)}.")]
    known = f"lesson {near[0][:2]} has {near[0]} to {near[-1]}" if near else f"the lessons are {', '.join(sorted({other[:2] for other in there}))}"
    return f'there is no exercise {str(exercise_id)[:40]!r}; {known}, written like "05.3"'
