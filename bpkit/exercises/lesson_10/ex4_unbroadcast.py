"""10.4: undo broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.judging.comparing import agree
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
        ((1, 1, 1), (2, 3, 4)),
        ((4,), (1, 4)),
        ((1, 4, 1), (2, 3, 4, 5)),
        ((3,), (2, 2, 3, 3)),
        ((1, 1, 3), (2, 3, 3)),
    )
    return [Case(f"{shape} broadcast to {result}", (rng.normal(size=result), Shape(shape))) for shape, result in pairs]


def _reference(G: Array, shape: Sequence[int]) -> Any:
    first = G.ndim - len(shape)
    G = np.sum(G, axis=tuple(range(first)))
    return np.sum(G, axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def _unbroadcast(G: Array, shape: Sequence[int], total: Any = np.sum, leading: bool = False, ones: bool = True) -> Any:
    G = total(G, axis=tuple(range(G.ndim - len(shape))), keepdims=leading)
    first = G.ndim - len(shape)
    return total(G, axis=tuple(first + k for k, n in enumerate(shape) if n == 1), keepdims=ones)


def _unbroadcast_oracle(G: Array, shape: Sequence[int]) -> Array:
    return oracles.gradient(lambda moved: np.sum(G * np.broadcast_to(moved, G.shape)), np.zeros(tuple(shape)))


def _one_leading_axis(G: Array, shape: Sequence[int]) -> Any:
    return _stretched_summed(np.sum(G, axis=0) if G.ndim > len(shape) else G, shape)


def _one_stretched_axis(G: Array, shape: Sequence[int]) -> Any:
    G = np.sum(G, axis=tuple(range(G.ndim - len(shape))))
    return np.sum(G, axis=tuple(shape).index(1), keepdims=True) if 1 in shape else G


def _last_axes_summed(G: Array, shape: Sequence[int]) -> Any:
    return _stretched_summed(np.sum(G, axis=tuple(range(len(shape), G.ndim))), shape)


def _stretched(G: Array, shape: Sequence[int], total: Any) -> Any:
    return total(G, axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def _stretched_summed(G: Array, shape: Sequence[int]) -> Any:
    return _stretched(G, shape, np.sum)


def _first_copy(G: Array, axis: tuple[int, ...], keepdims: bool) -> Any:
    return G[tuple((slice(0, 1) if keepdims else 0) if k in axis else slice(None) for k in range(G.ndim))]


def _without_keepdims(G: Array, shape: Sequence[int]) -> Any:
    G = np.sum(G, axis=tuple(range(G.ndim - len(shape))))
    for axis, n in enumerate(shape):
        G = np.sum(G, axis=axis) if n == 1 else G
    return G.reshape(tuple(shape))


def _from_the_left(G: Array, shape: Sequence[int]) -> Any:
    """What comes of the axes of size 1 where the missing ones are taken to be the last; brought into the shape that is asked."""
    padded = (*shape, *(1,) * (G.ndim - len(shape)))
    return np.resize(G.sum(axis=tuple(k for k, n in enumerate(padded) if n == 1), keepdims=True), tuple(shape))


EXERCISE = Exercise(
    id="10.4",
    name="unbroadcast",
    title="Undo broadcasting",
    points=2,
    minutes=10,
    difficulty=3,
    cases=_cases_broadcast,
    reference=_reference,
    oracle=_unbroadcast_oracle,
    hints=(
        "Broadcasting copies. Every copy of an entry is one use of it. What does a number get that is used several times?",
        "Two things may have happened: axes were put in front, and axes of size 1 were stretched. Undo them one after the other.",
        "First sum over as many leading axes as G has too many. Then sum over the axes where `shape` says 1, and keep these axes: `np.sum` has an "
        "argument for that.",
    ),
    mistakes=(
        Mistake(
            "largest for sum",
            lambda G, shape: _unbroadcast(G, shape, total=np.max),
            "You take the largest of the gradients at the copies. Each copy sends back its own, and one operand gets them all.",
        ),
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
            "one leading axis only",
            _one_leading_axis,
            "You sum over one of the axes that broadcasting put in front. There can be more of them: how many has G too many?",
        ),
        Mistake(
            "one stretched axis only",
            _one_stretched_axis,
            "You sum over the first axis where `shape` says 1, and over no other. Several axes can have been stretched at once.",
        ),
        Mistake(
            "last axes summed for leading ones",
            _last_axes_summed,
            "Where G has more axes than the operand you sum over its last ones. Broadcasting lines shapes up from the right: new axes come in front.",
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
            "mean along the stretched axes",
            lambda G, shape: _stretched(np.sum(G, axis=tuple(range(G.ndim - len(shape)))), shape, np.mean),
            "Over the axes that broadcasting put in front you add, along those that it stretched you average. Both kinds of copies are uses, and "
            "what uses send back is added.",
        ),
        Mistake(
            "mean along the new axes",
            lambda G, shape: _stretched(np.mean(G, axis=tuple(range(G.ndim - len(shape)))), shape, np.sum),
            "Along the axes that broadcasting stretched you add, over those that it put in front you average. Both kinds of copies are uses, and "
            "what uses send back is added.",
        ),
        Mistake(
            "first copy only",
            lambda G, shape: _unbroadcast(G, shape, total=_first_copy),
            "You take what arrives at the first copy. The other copies are the same entry too.",
        ),
        Mistake(
            "first copy along the new axes",
            lambda G, shape: _stretched_summed(G[(0,) * (G.ndim - len(shape))], shape),
            "Along the axes that broadcasting put in front you take what arrives at the first copy. The other copies are the same operand too.",
        ),
        Mistake(
            "everything summed",
            lambda G, shape: np.full(tuple(shape), np.sum(G)),
            "Every entry gets the sum of all of G. Only the copies of one entry belong together.",
        ),
        Mistake(
            "everything summed where something was copied",
            lambda G, shape: G if G.shape == tuple(shape) else np.full(tuple(shape), np.sum(G)),
            "Every entry gets the sum of all of G. Only the copies of one entry belong together.",
        ),
        Mistake(
            "summed where it was not stretched",
            lambda G, shape: (
                np.broadcast_to(_unbroadcast(np.sum(G, axis=-1, keepdims=True) * np.ones_like(G), shape), tuple(shape)) if len(shape) else np.sum(G)
            ),
            "You sum along the last axis in every case. Which axes were stretched stands in `shape`.",
        ),
        Mistake(
            "the largest",
            lambda G, shape: np.full(shape, np.max(G)),
            "Each entry gets the largest number of all. What arrives at the copies of an entry is added up.",
        ),
        Mistake(
            "axes renumbered on the way",
            _without_keepdims,
            "You sum over one axis after the other, and each sum takes an axis away: the next one then has another number. Keep the axes, or "
            "sum over all at once.",
        ),
        Mistake(
            "copies taken to lie side by side",
            lambda G, shape: G.reshape((*shape, -1)).sum(axis=-1),
            "You cut G, number after number, into as many pieces as the operand has entries. The copies of an entry lie side by side only where the "
            "last axes were stretched: sum along axes.",
        ),
        Mistake(
            "first copy as often as there are",
            lambda G, shape: G.size // max(int(np.prod(tuple(shape))), 1) * _unbroadcast(G, shape, total=_first_copy),
            "You take what arrives at the first copy, as often as there are copies. At each copy something else arrives.",
        ),
        Mistake(
            "shapes lined up from the left",
            _from_the_left,
            "You line the shapes up from the left. Broadcasting lines them up from the right: where G has more axes, the new ones are its first.",
            recognise=lambda value, G, shape: agree(np.ravel(value), np.ravel(_from_the_left(G, shape))) if isinstance(value, np.ndarray) else False,
        ),
    ),
)
