"""10.5: How a gradient goes back through relu."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_10.shared import RELU, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m in ((3, 3), (4, 2), (5, 1)):
        z = rng.uniform(0.1, 2.0, size=(n, m)) * np.where(np.arange(n * m).reshape(n, m) % 2, 1, -1)
        z[0, 0] = z[-1, -1] = 0.0  # the kink itself
        z.flat[1] = rng.uniform(0.1, 0.9) if m > 1 else rng.uniform(0.1, 0.15)  # on, and not by far; by itself above the mean
        if n == 3:  # hardly anything below 0, so that neither the mean nor the median stands in for it
            z, z.flat[1], z.flat[5] = np.abs(z), rng.uniform(0.1, 0.15), rng.uniform(1.8, 2.0)
        if n == 4:
            z.flat[5] = rng.uniform(7, 9)  # far on
        z.flat[2:4] = rng.uniform(1, 10, size=2) * [1e-20, -1e-6]  # all but 0, and not 0
        z, G = rng.permutation(z, axis=0), _mixed_signs(rng, (n, m))
        G[z == 0] = np.abs(G[z == 0]) * [1, -1]  # and at the kink, too
        if n == 4:
            G[(z > 0.05) & (z < 1)] /= 1000  # however little arrives, it passes
        cases.append(Case(f"z {n}×{m}, two entries exactly 0", (z, G)))
    return cases


def _mixed_signs(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Both signs in both halves, so that no mask by sign can hide."""
    signs = np.where(np.arange(shape[0] * shape[1]).reshape(shape) // 2 % 2, 1, -1)
    return rng.uniform(0.3, 2.0, size=shape) * signs


def _relu_vjp(z: Array, G: Array) -> Array:
    return G * (z > 0)


def _in_parts(
    slope: Callable[[Array], Array] = lambda z: z > 0,
    arriving: Callable[[Array], Array] = lambda G: G,
) -> Answer:
    return lambda z, G: arriving(G) * slope(z)


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
            "relu of G",
            lambda z, G: np.maximum(G, 0),
            "You cut off negative gradients. A gradient may well be negative; whether it passes depends on z.",
        ),
        Mistake(
            "relu of z times G",
            lambda z, G: np.maximum(z * G, 0),
            "You cut off the product of z and G where it is negative. Whether a gradient passes depends on z alone, and it passes as it is.",
        ),
        *mistakes_of(
            _in_parts,
            (
                *RELU,
                Slip(
                    "slope",
                    lambda z: z >= 0,
                    "passes at 0",
                    "All is right but the entries where z is exactly 0. There this course takes the slope 0.",
                ),
                Slip(
                    "slope",
                    lambda z: np.heaviside(z, 0.5),
                    "half at 0",
                    "All is right but the entries where z is exactly 0: you take the slope ½ there. Any value between 0 and 1 can be argued for; "
                    "this course takes 0.",
                ),
                Slip(
                    "slope",
                    np.sign,
                    "sign for mask",
                    "Where z is negative you turn the gradient's sign. Does relu fall there when z rises?",
                ),
                Slip("slope", lambda z: z, "z for slope", "You multiply by z itself. Relu's slope is asked: how fast it moves when z moves."),
                Slip(
                    "slope",
                    lambda z: z > 1,
                    "above 1 for above 0",
                    "Some entries of z are positive, and nothing passes there. From where on does relu react to a change of z?",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda z: z > -1e-3,
                    "a tolerance below 0",
                    "Where z is negative and tiny, or 0, your gradient passes. However little it is below 0, relu is off: compare with 0 itself.",
                    alone=True,
                ),
                Slip(
                    "arriving",
                    np.ones_like,
                    "G left out",
                    "That is the slope of relu. What arrives from behind has to be carried through it.",
                ),
            ),
            told=(frozenset({"everything passes", "negative gradients cut off, too"}),),
        ),
        Mistake(
            "z where relu is off",
            lambda z, G: np.where(z > 0, G, z),
            "Where relu is on your gradient is right. Where it is off you hand z itself on: nothing that arrives there moves anything.",
        ),
        Mistake(
            "negative z only",
            lambda z, G: G * (z < 0),
            "You let pass what arrives where z is negative. There relu is flat: it is the other side that rises.",
        ),
        Mistake(
            "above the mean for above 0",
            lambda z, G: G * (z > z.mean()),
            "You let pass what arrives where z is above its mean. Relu compares each entry with 0, whatever the others are.",
        ),
        Mistake(
            "on for any example",
            lambda z, G: G * (z.max(axis=1, keepdims=True) > 0),
            "A neuron that is on for one example passes the gradients of all. Each entry of z decides for itself.",
        ),
        Mistake(
            "the sigmoid for the slope",
            lambda z, G: G * oracles.sigmoid(z),
            "You scale by the sigmoid of z. That is the slope of softplus, a smooth relu; this one has slope 1 or 0.",
        ),
        Mistake(
            "the sigmoid's slope",
            lambda z, G: G * oracles.sigmoid(z) * (1 - oracles.sigmoid(z)),
            "You scale by the slope of the sigmoid. Relu has slope 1 where z is positive, 0 elsewhere.",
        ),
        Mistake(
            "z for the slope, up to 1",
            lambda z, G: G * np.clip(z, 0.0, 1.0),
            "Where z lies between 0 and 1 your factor is z itself. However little it is above 0, the slope of relu is 1.",
        ),
    ),
)
