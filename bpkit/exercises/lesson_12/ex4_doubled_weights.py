"""12.4: what happens to the numbers of a normalised layer when its weights double."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_12.shared import ALLOWED, Array, standardised
from bpkit.exercises.model import Exercise, Mistake

_PARTS = ("ẑ", "s", "∂C/∂z", "∂C/∂W", "relative step")
_FACTORS = [1.0, 2.0, 0.5, 0.5, 0.25]


def _measured() -> list[float]:
    """By complex step, on one layer drawn at random, before and after."""
    rng = np.random.default_rng(12)
    W, a, target = rng.normal(size=(3, 4)), rng.normal(size=(4, 6)), rng.normal(size=(3, 6))

    def cost(z: Array) -> Any:
        return ((np.tanh(standardised(z, 0.0, 1)[0]) - target) ** 2).sum()

    def sizes(W: Array) -> Array:
        z_hat, s = standardised(W @ a, 0.0, 1)
        dz, dW = oracles.gradient(cost, W @ a), oracles.gradient(lambda moved: cost(moved @ a), W)
        return np.array([np.linalg.norm(v) for v in (z_hat, s, dz, dW)] + [np.linalg.norm(dW) / np.linalg.norm(W)])

    return [float(factor) for factor in sizes(2 * W) / sizes(W)]


def _numbers(value: Any) -> Array | None:
    """The five numbers of an answer, or None."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        return None
    try:
        found = np.asarray(value, float).ravel()
    except (TypeError, ValueError):
        return None
    return found if found.size == len(_FACTORS) else None


def _is(want: Sequence[float]) -> Callable[[Any], bool]:
    return lambda value: (found := _numbers(value)) is not None and bool(np.allclose(found, want, rtol=1e-9))


def _part(k: int, wrong: float, name: str, hint: str) -> Mistake:
    """One of the five, wrong in a way that says what was thought."""

    def recognise(value: Any) -> bool:
        found = _numbers(value)
        return found is not None and bool(np.isclose(found[k], wrong, rtol=1e-9))

    return Mistake(name, [*_FACTORS[:k], wrong, *_FACTORS[k + 1 :]], hint, recognise)


def _whole(name: str, wrong: list[float], hint: str) -> Mistake:
    return Mistake(name, wrong, hint, _is(wrong))


EXERCISE = Exercise(
    id="12.4",
    name="doubled_weights",
    title="Double the weights in front of a batch norm",
    points=2,
    minutes=6,
    difficulty=2,
    kind="value",
    allows=ALLOWED,
    part=_PARTS,
    reference=_FACTORS,
    oracle=_measured,
    hints=(
        "Begin forward: which of z, its mean and s double? Then divide. What does the rest of the net see?",
        "Behind the normalised values nothing has changed, so the gradient that arrives there is the old one. Going back to z it is divided by one "
        "of "
        "the numbers that did change.",
        "BP4 multiplies the gradient at z by the activations, which are the old ones. Last, the step: it changed by what its gradient changed, and "
        "is "
        "compared with weights that are twice as long.",
    ),
    mistakes=(
        _whole("nothing changes", [1.0] * 5, "You say that nothing changes. The result of the layer does not; but what it was divided by does."),
        _whole("everything doubles", [2.0] * 5, "You say that everything doubles. The weighted inputs do; then they are divided by their own width."),
        _whole("inverted", [1.0, 0.5, 2.0, 2.0, 4.0], "You turned the factors round: asked is the number after the doubling over the number before."),
        _whole(
            "without normalisation",
            [2.0, 2.0, 1.0, 1.0, 0.5],
            "That is a layer without normalisation, followed by something linear. Here the weighted inputs are divided by their own width.",
        ),
        _part(0, 2.0, "ẑ doubled", "ẑ does not double: what z was divided by has changed, too."),
        _part(0, 0.5, "ẑ halved", "ẑ is not halved: z and its divisor change together."),
        _part(1, 4.0, "variance for s", "4 is what the variance changes by. s is its root."),
        _part(1, 1.0, "s unchanged", "s is the width of z, and z is twice as wide."),
        _part(1, 0.5, "s halved", "s is the width of z. Is that larger or smaller when the weights double?"),
        _part(2, 2.0, "∂C/∂z doubled", "Going back through a division, the gradient is divided by the same number. Did that grow or shrink?"),
        _part(2, 1.0, "∂C/∂z unchanged", "The gradient at ẑ is the old one. On the way to z it is divided by s."),
        _part(2, 0.25, "∂C/∂z divided twice", "You divide by s twice on the way to z. The compact form has it once."),
        _part(3, 2.0, "∂C/∂W doubled", "BP4 multiplies the gradient at z by the activations in front. Did any of the two double?"),
        _part(
            3, 1.0, "∂C/∂W unchanged", "BP4 multiplies the gradient at z by the activations in front. These are the old ones; is the gradient at z?"
        ),
        _part(3, 0.25, "∂C/∂W divided twice", "The activations in BP4 come from the layer before. They do not know that W has changed."),
        _part(4, 0.5, "step not compared", "That is what the step itself changes by. Compare it with the weights, which are twice as long."),
        _part(4, 1.0, "step in proportion", "A step in proportion to the weights would have to grow with them. Did the gradient grow?"),
        _part(4, 4.0, "step the wrong way", "Is the new step shorter or longer than before, against weights that are longer?"),
        _part(4, 0.125, "step divided once too often", "The gradient shrinks by one factor and the weights grow by one. You count three."),
        _part(4, 2.0, "step doubled", "Is the new step shorter or longer than before, against weights that have doubled?"),
    ),
)
