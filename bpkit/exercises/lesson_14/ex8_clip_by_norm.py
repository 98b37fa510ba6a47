"""14.8: clip a gradient by its norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _norm(grads: list[Array]) -> float:
    return float(np.sqrt(sum((grad**2).sum() for grad in grads)))


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for label, norm, limit, shapes in (
        ("too long", 5.0, 2.0, ((3, 3), (3, 2), (3,))),
        ("short enough", 2.0, 3.0, ((2, 4), (2, 2), (2, 1))),
        ("much too long", 30.0, 4.0, ((2, 2), (4, 1), (5,), (1, 2))),
        ("two parts, each of them short enough", 1.5, 1.2, ((3, 2), (2, 3))),
        ("one part, a hair above the limit", 2.0, 2.0, ((2, 3),)),
        ("a hair below the limit", 2.0, 2.0, ((3, 2), (1, 3))),
        ("very short", 0.5, 0.8, ((2, 3), (3, 1))),
    ):
        size = 1.0 if label == "very short" else 100.0  # so large that some 1e-6 beside the norm, against dividing by 0, does not show
        norm, limit = size * norm * rng.uniform(0.95, 1.05), size * limit * rng.uniform(0.95, 1.05)
        parts = [rng.normal(size=shape) for shape in shapes]
        if "a hair" in label:  # far more than rounding, far less than a tolerance
            norm = limit + (5e-4 if "above" in label else -5e-4)
        if label.startswith("two parts"):
            parts = [part / np.linalg.norm(part) for part in parts]
        if label == "much too long":  # most of it in the second array
            parts = [part / np.linalg.norm(part) * (1 + 2 * k) for k, part in enumerate(parts)]
        cases.append(Case(label, ([norm / _norm(parts) * part for part in parts], limit)))
    return cases


def _reference(grads: list[Array], limit: float) -> list[Array]:
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
    if norm <= limit:
        return list(grads)
    return [limit / norm * grad for grad in grads]


def _oracle(grads: list[Array], limit: float) -> list[Array]:
    """All entries as one column; its direction by itself, and the shorter of two lengths."""
    column = np.concatenate([grad.ravel() for grad in grads])
    length = float(np.sqrt(column @ column))
    column = column / (length or 1.0) * min(length, limit)
    ends = np.cumsum([grad.size for grad in grads])
    return [part.reshape(grad.shape) for part, grad in zip(np.split(column, ends[:-1]), grads, strict=True)]


def _by(size: Callable[[list[Array]], float]) -> Any:
    """Scaled by one factor, from another measure of size."""
    return lambda grads, limit: [min(1.0, limit / size(grads)) * grad for grad in grads]


EXERCISE = Exercise(
    id="14.8",
    name="clip_by_norm",
    title="Clip a gradient by its norm",
    points=2,
    minutes=6,
    difficulty=1,
    cases=_cases,
    zeros=(0,),
    reference=_reference,
    oracle=_oracle,
    equivalent={"comparison, norm <= limit → norm < limit": "where the norm is the limit, the factor is 1"},
    hints=(
        "The gradient is all arrays together, one long column. How long is it?",
        "The direction stays when every entry of every array is multiplied by the same number. Which number makes the length the limit?",
        "Add up the squares of all entries of all arrays and take one root. If that is above the limit, multiply each array by the limit over it; if "
        "not, give the arrays back as they are.",
    ),
    mistakes=(
        Mistake(
            "each array by itself",
            lambda grads, limit: [min(1.0, limit / np.linalg.norm(grad)) * grad for grad in grads],
            "You clip each array by its own norm. Then arrays are shortened by different factors, and the step points another way.",
        ),
        Mistake(
            "each array by its sum of squares",
            lambda grads, limit: [min(1.0, limit / np.sum(grad**2)) * grad for grad in grads],
            "Two things: each array is clipped by itself, where all have one norm; and the root is missing.",
        ),
        Mistake(
            "multiplied by the limit",
            lambda grads, limit: [limit * grad if _norm(grads) > limit else grad for grad in grads],
            "You multiply by the limit. The factor has to make the length the limit: by what do you divide?",
        ),
        Mistake(
            "entry by entry",
            lambda grads, limit: [np.clip(grad, -limit, limit) for grad in grads],
            "You clip each entry. That keeps signs, not the direction, and the length can still be above the limit.",
        ),
        Mistake(
            "entry by entry at a share of the limit",
            lambda grads, limit: [np.clip(grad, -limit / _norm(grads), limit / _norm(grads)) for grad in grads],
            "You clip each entry, at the limit over the norm. The factor is right as a factor: multiply by it.",
        ),
        Mistake(
            "always scaled",
            lambda grads, limit: [limit / _norm(grads) * grad for grad in grads],
            "A gradient that is short enough becomes longer. Clipping shortens, and leaves the rest alone.",
        ),
        Mistake(
            "only the short ones scaled",
            lambda grads, limit: [max(1.0, limit / _norm(grads)) * grad for grad in grads],
            "Short gradients become longer and long ones stay long. Which of two factors, the ratio or 1, is to be taken?",
        ),
        Mistake(
            "scaled to length 1",
            lambda grads, limit: [grad / _norm(grads) if _norm(grads) > limit else grad for grad in grads],
            "A gradient that is too long gets the length 1. It shall get the length of the limit.",
        ),
        Mistake(
            "always to length 1",
            lambda grads, limit: [grad / _norm(grads) for grad in grads],
            "Every gradient gets the length 1, and the limit has no say.",
        ),
        Mistake(
            "set to zero",
            lambda grads, limit: [grad if _norm(grads) <= limit else 0 * grad for grad in grads],
            "A gradient that is too long is thrown away. Its direction is worth keeping.",
        ),
        Mistake(
            "ratio turned over",
            lambda grads, limit: [_norm(grads) / limit * grad if _norm(grads) > limit else grad for grad in grads],
            "Long gradients become longer: the ratio stands upside down.",
        ),
        Mistake(
            "root forgotten",
            _by(lambda grads: _norm(grads) ** 2),
            "You compare the sum of squares with the limit. The norm is its root.",
        ),
        Mistake(
            "compared without the root",
            lambda grads, limit: [limit / _norm(grads) * grad if _norm(grads) ** 2 > limit else grad for grad in grads],
            "You scale by the norm and decide by its square. Compare the norm itself with the limit.",
        ),
        Mistake(
            "limit squared",
            lambda grads, limit: [limit**2 / _norm(grads) ** 2 * grad if _norm(grads) > limit else grad for grad in grads],
            "Your factor is the square of the one that is needed: it comes from comparing squares, and its root has to be taken.",
        ),
        Mistake(
            "sum of the norms",
            _by(lambda grads: float(sum(np.linalg.norm(grad) for grad in grads))),
            "You add the norms of the arrays. Lengths of parts at right angles do not add; their squares do.",
        ),
        Mistake(
            "largest of the norms",
            _by(lambda grads: float(max(np.linalg.norm(grad) for grad in grads))),
            "You take the largest norm of an array for the norm of all. The others count as well.",
        ),
        Mistake(
            "first array alone",
            _by(lambda grads: float(np.linalg.norm(grads[0]))),
            "You measure the first array and scale all by it. The norm is that of all entries together.",
        ),
        Mistake(
            "largest entry",
            _by(lambda grads: float(max(np.abs(grad).max() for grad in grads))),
            "You measure by the largest entry. The norm is the root of the sum of all squares.",
        ),
        Mistake(
            "sum of sizes",
            _by(lambda grads: float(sum(np.abs(grad).sum() for grad in grads))),
            "You add up sizes. The norm is the root of the sum of squares.",
        ),
        Mistake(
            "root mean square",
            _by(lambda grads: _norm(grads) / np.sqrt(sum(grad.size for grad in grads))),
            "You take the root of the mean square. The norm sums the squares and does not divide.",
        ),
        Mistake(
            "spectral norm",
            _by(lambda grads: float(np.sqrt(sum(np.linalg.norm(grad, 2) ** 2 for grad in grads)))),
            "You use the largest stretch of each matrix. Asked is the root of the sum of all squared entries.",
        ),
        Mistake(
            "cut down by the excess",
            lambda grads, limit: [grad - grad / _norm(grads) * limit if _norm(grads) > limit else grad for grad in grads],
            "You take the limit's length away. What is left shall have that length.",
        ),
        Mistake(
            "decided array by array",
            lambda grads, limit: [grad * limit / _norm(grads) if np.linalg.norm(grad) > limit else grad for grad in grads],
            "The factor is the right one, made of the whole norm. But an array that is short by itself stays as it is: whether to clip is asked "
            "once, of the whole gradient.",
        ),
        Mistake(
            "limit over limit plus norm",
            lambda grads, limit: [limit / (limit + _norm(grads)) * grad for grad in grads],
            "You divide by the limit plus the norm, so that every gradient becomes shorter. One that is short enough stays as it is.",
        ),
    ),
)
