"""09.4: the gradient of a parameter that is used several times."""

from __future__ import annotations

import functools

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_parts(rng: np.random.Generator) -> list[Case]:
    cases = []
    for uses, shape in ((2, (3, 3)), (3, (2, 4)), (4, (3, 1))):
        cases.append(Case(f"{uses} uses of a {shape[0]}×{shape[1]} matrix", ([rng.normal(size=shape) for _ in range(uses)],)))
    one, other = rng.normal(size=(2, 3, 2))
    cases.append(Case("3 uses of a 3×2 matrix, two of them with the same gradient", ([one, other, one.copy()],)))
    cases.append(Case("1 use of a 2×3 matrix", ([rng.normal(size=(2, 3))],)))
    return cases


def _shared_oracle(parts: list[Array]) -> Array:
    # a function that uses W once for each part, with that part as its slope
    return oracles.gradient(lambda W: sum(np.sum(part * W) for part in parts), np.zeros(parts[0].shape))


def _multiplied(parts: list[Array]) -> Array:
    return functools.reduce(np.multiply, parts)


def _shared_gradient(parts: list[Array]) -> Array:
    total = np.zeros_like(parts[0])
    for part in parts:
        total += part
    return total


EXERCISE = Exercise(
    id="09.4",
    equivalent={"constant, 0 → 1": "every part has the same shape"},
    name="shared_gradient",
    title="The gradient of a parameter that is used several times",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_parts,
    reference=_shared_gradient,
    oracle=_shared_oracle,
    hints=(
        "Nudge the parameter: the nudge arrives at every use at once. What does the objective do, to first order?",
        "The changes that the single uses cause add up. So do their slopes, entry by entry.",
        "Start from zeros of the right shape, or from a copy, and go through the list. Leave the list itself as it was.",
    ),
    mistakes=(
        Mistake(
            "last use only",
            lambda parts: parts[-1],
            "Only the last use counts. Does your loop overwrite what it has, or add to it?",
        ),
        Mistake("first use only", lambda parts: parts[0], "Only the first use counts. Is the `return` inside your loop?"),
        Mistake(
            "mean",
            lambda parts: np.mean(parts, axis=0),
            "You average over the uses. A parameter that is used twice moves the objective at two places: nothing is shared out between them.",
        ),
        Mistake(
            "product",
            _multiplied,
            "You multiply the parts. Factors belong to links one behind the other; the uses stand side by side.",
        ),
        Mistake(
            "summed to one number",
            lambda parts: np.sum(parts),
            "Everything is added up to a single number. The parts are added entry by entry: the gradient keeps the shape of the parameter.",
        ),
        Mistake(
            "not added",
            lambda parts: np.array(parts),
            "The parts are stacked, not added. The gradient has the shape of the parameter, however often it is used.",
        ),
        Mistake(
            "a sum for each use",
            lambda parts: [np.sum(part) for part in parts],
            "You add the entries of each part. What has to be added are the parts, entry by entry.",
        ),
        Mistake(
            "first and last",
            lambda parts: parts[0] + parts[-1],
            "You add the first part and the last. With more uses than two, that is not the same as adding all.",
        ),
        Mistake(
            "first part twice",
            lambda parts: functools.reduce(np.add, parts, parts[0]),
            "One part too many: the sum begins with the first part, and then the loop adds it again.",
        ),
        Mistake(
            "two uses only",
            lambda parts: parts[0] + parts[1],
            "You add the first two parts. The list can hold more.",
        ),
        Mistake(
            "first part missing",
            lambda parts: functools.reduce(np.add, parts[1:], np.zeros_like(parts[0])),
            "The first part does not count. Where does your loop begin?",
        ),
        Mistake(
            "last part missing",
            lambda parts: functools.reduce(np.add, parts[:-1], np.zeros_like(parts[0])),
            "The last part does not count. Where does your loop end?",
        ),
        Mistake(
            "equal parts once",
            lambda parts: sum({part.tobytes(): part for part in parts}.values()),
            "Where two uses have the same gradient it counts once. Does a set or a dictionary hold the parts?",
        ),
        Mistake(
            "parts subtracted",
            lambda parts: functools.reduce(np.subtract, parts),
            "You subtract the later parts from the first. What moves at every use adds up.",
        ),
        Mistake(
            "largest part",
            lambda parts: np.max(parts, axis=0),
            "Of each entry you keep the largest part. All uses count, the small and the negative ones too.",
        ),
        Mistake(
            "part of the largest size",
            lambda parts: np.take_along_axis(np.array(parts), np.abs(parts).argmax(axis=0)[None], axis=0)[0],
            "Of each entry you keep the part of the largest size. All uses count, the small ones too.",
        ),
        Mistake(
            "sizes added",
            lambda parts: np.sum(np.abs(parts), axis=0),
            "You add the sizes of the parts. Where two uses pull in opposite directions, they take from each other.",
        ),
        Mistake(
            "sign",
            lambda parts: -np.sum(parts, axis=0),
            "Every entry has the opposite sign. Nothing in a sum of uses turns a sign.",
        ),
        Mistake(
            "doubled",
            lambda parts: 2 * np.sum(parts, axis=0),
            "Every entry is twice what it should be. The sum over the uses is there already.",
        ),
        Mistake(
            "first part for every use",
            lambda parts: len(parts) * parts[0],
            "You take the first part as often as there are uses. Each use has a part of its own.",
        ),
        Mistake(
            "last part for every use",
            lambda parts: len(parts) * parts[-1],
            "You take the last part as often as there are uses. Each use has a part of its own.",
        ),
        Mistake(
            "root of the sum of squares",
            lambda parts: np.sqrt(np.sum(np.square(parts), axis=0)),
            "You square the parts, add, and take the root, as for a length. A nudge reaches every use at once: what they do to the objective adds up "
            "as it is, signs and all.",
        ),
    ),
)
