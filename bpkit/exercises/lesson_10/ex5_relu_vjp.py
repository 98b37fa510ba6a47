"""10.5: How a gradient goes back through relu."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_10.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (4, 2), (5, 1)):
        z = rng.uniform(0.1, 2.0, size=(n, m)) * np.where(np.arange(n * m).reshape(n, m) % 2, 1, -1)
        z[0, 0] = z[-1, -1] = 0.0  # the kink itself
        cases.append(Case(f"z {n}×{m}, two entries exactly 0", (rng.permutation(z, axis=0), _mixed_signs(rng, (n, m)))))
    return cases


def _mixed_signs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Both signs in both halves, so that no mask by sign can hide."""
    signs = np.where(np.arange(shape[0] * shape[1]).reshape(shape) // 2 % 2, 1, -1)
    return rng.uniform(0.3, 2.0, size=shape) * signs


def _relu_vjp(z: Array, G: Array) -> Array:
    return G * (z > 0)


EXERCISE = Exercise(
    id="10.5",
    name="relu_vjp",
    title="How a gradient goes back through relu",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_relu,
    reference=_relu_vjp,
    # at 0 itself the agreed slope 0: a complex step leaves the real part, and with it the branch, as it is
    oracle=lambda z, G: oracles.gradient(lambda moved: np.sum(G * np.where(moved.real > 0, moved, 0)), z),
    hints=(
        "Where z is positive relu passes a change on unchanged. Where z is negative a small change of z does nothing.",
        "So each entry of G passes, or it does not. Which array decides: z, the output, or G?",
        "Multiply G by a mask that is True where z is above 0. At exactly 0 this course takes the slope 0.",
    ),
    mistakes=(
        Mistake(
            "mask ≥ 0 on the output",
            lambda z, G: G * (np.maximum(z, 0) >= 0),
            "Your mask lets everything pass: the output of relu is never below 0. Public courses print this line. What do you want to know of z?",
        ),
        Mistake(
            "passes at 0",
            lambda z, G: G * (z >= 0),
            "All is right but the entries where z is exactly 0. There this course takes the slope 0.",
        ),
        Mistake(
            "half at 0",
            lambda z, G: G * np.heaviside(z, 0.5),
            "All is right but the entries where z is exactly 0: you take the slope ½ there. Any value between 0 and 1 can be argued for; this "
            "course takes 0.",
        ),
        Mistake(
            "relu of G",
            lambda z, G: np.maximum(G, 0),
            "You cut off negative gradients. A gradient may well be negative; whether it passes depends on z.",
        ),
        Mistake(
            "masked by z and by G",
            lambda z, G: G * (z > 0) * (G > 0),
            "The mask of z is right. But you also drop what is negative in G: a gradient may well be negative.",
        ),
        Mistake(
            "output for slope",
            lambda z, G: G * np.maximum(z, 0),
            "You multiply by the output of relu. Its slope is asked: how fast it moves, not how large it is.",
        ),
        Mistake("G left out", lambda z, G: 1.0 * (z > 0), "That is the slope of relu. What arrives from behind has to be carried through it."),
        Mistake(
            "mask turned round",
            lambda z, G: G * (z <= 0),
            "Gradients pass where z is negative and stop where it is positive. Where does relu react to a small change of z?",
        ),
        Mistake(
            "sign for mask",
            lambda z, G: G * np.sign(z),
            "Where z is negative you turn the gradient's sign. Does relu fall there when z rises?",
        ),
        Mistake("z for slope", lambda z, G: G * z, "You multiply by z itself. Relu's slope is asked: how fast it moves when z moves."),
    ),
)
