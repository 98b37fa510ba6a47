"""10.4: undo broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Shape


def _cases_broadcast(rng: np.random.Generator) -> list[Case]:
    pairs = (
        ((3, 1), (3, 5)),
        ((3, 3), (3, 3)),
        ((4,), (3, 4)),
        ((1, 3), (3, 3)),
        ((), (2, 3)),
        ((3, 1), (2, 3, 4)),
        ((2, 1, 4), (2, 3, 4)),
        ((2, 1), (2, 1)),
    )
    return [Case(f"{shape} broadcast to {result}", (rng.normal(size=result), Shape(shape))) for shape, result in pairs]


def _unbroadcast(G: Array, shape: Sequence[int], total: Any = np.sum, leading: bool = False, ones: bool = True) -> Any:
    G = total(G, axis=tuple(range(G.ndim - len(shape))), keepdims=leading)
    first = G.ndim - len(shape)
    return total(G, axis=tuple(first + k for k, n in enumerate(shape) if n == 1), keepdims=ones)


def _unbroadcast_oracle(G: Array, shape: Sequence[int]) -> Array:
    return oracles.gradient(lambda moved: np.sum(G * np.broadcast_to(moved, G.shape)), np.zeros(tuple(shape)))


def _first_copy(G: Array, axis: tuple[int, ...], keepdims: bool) -> Any:
    return G[tuple((slice(0, 1) if keepdims else 0) if k in axis else slice(None) for k in range(G.ndim))]


EXERCISE = Exercise(
    id="10.4",
    name="unbroadcast",
    title="Undo broadcasting",
    points=2,
    minutes=10,
    difficulty=3,
    cases=_cases_broadcast,
    reference=_unbroadcast,
    oracle=_unbroadcast_oracle,
    hints=(
        "Broadcasting copies. Every copy of an entry is one use of it. What does a number get that is used several times?",
        "Two things may have happened: axes were put in front, and axes of size 1 were stretched. Undo them one after the other.",
        "First sum over as many leading axes as G has too many. Then sum over the axes where `shape` says 1, and keep these axes: `np.sum` has an "
        "argument for that.",
    ),
    mistakes=(
        Mistake(
            "size-1 axes not summed",
            lambda G, shape: np.sum(G, axis=tuple(range(G.ndim - len(shape)))),
            "You undo the axes that were put in front. An axis of size 1 was stretched as well: its one entry was used at every place along it.",
        ),
        Mistake(
            "size-1 axes lost",
            lambda G, shape: _unbroadcast(G, shape, ones=False),
            "You sum along the stretched axes, and they are gone. The operand has them, with size 1, and its gradient has the operand's shape.",
        ),
        Mistake(
            "leading axes kept",
            lambda G, shape: _unbroadcast(G, shape, leading=True),
            "Axes that broadcasting put in front stay, with size 1. The operand does not have them at all.",
        ),
        Mistake(
            "leading axes not summed",
            lambda G, shape: (
                np.sum(G, axis=tuple(G.ndim - len(shape) + k for k, n in enumerate(shape) if n == 1), keepdims=True) if len(shape) else G
            ),
            "You undo the stretched axes. But where G has more axes than the operand, broadcasting repeated the whole operand along each of them.",
        ),
        Mistake(
            "nothing summed",
            lambda G, shape: G,
            "You return G as it came. Where an entry was copied, several entries of G belong to it.",
        ),
        Mistake(
            "mean for sum",
            lambda G, shape: _unbroadcast(G, shape, total=np.mean),
            "You average over the copies. Each use moves the result by its whole share, and the shares add up.",
        ),
        Mistake(
            "first copy only",
            lambda G, shape: _unbroadcast(G, shape, total=_first_copy),
            "You take what arrives at the first copy. The other copies are the same entry too.",
        ),
        Mistake(
            "everything summed",
            lambda G, shape: np.full(tuple(shape), np.sum(G)),
            "Every entry gets the sum of all of G. Only the copies of one entry belong together.",
        ),
        Mistake(
            "summed where it was not stretched",
            lambda G, shape: (
                np.broadcast_to(_unbroadcast(np.sum(G, axis=-1, keepdims=True) * np.ones_like(G), shape), tuple(shape)) if len(shape) else np.sum(G)
            ),
            "You sum along the last axis in every case. Which axes were stretched stands in `shape`.",
        ),
    ),
)
