"""11.16: a convolution in two dimensions, both gradients."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _slid(x: Array, k: Array) -> Array:
    """k over x, as it stands."""
    rows, columns = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    return sum(k[a, b] * x[a : a + rows, b : b + columns] for a, b in np.ndindex(k.shape))


def _cases_convolution(rng: np.random.Generator) -> list[Case]:
    cases = []
    for h, w, p, q in ((5, 5, 3, 3), (4, 7, 2, 4), (4, 1, 3, 1)):
        args = (rng.normal(size=(h, w)), rng.normal(size=(p, q)), rng.normal(size=(h - p + 1, w - q + 1)))
        cases.append(Case(f"x {h}×{w}, k {p}×{q}", args))
    return cases


def _repair_convolution(x: Array, k: Array, g: Array) -> list[Array]:
    dx, dk = np.zeros(x.shape), np.zeros(k.shape)
    rows, columns = g.shape
    for a, b in np.ndindex(k.shape):
        dx[a : a + rows, b : b + columns] += k[a, b] * g
        dk[a, b] = np.sum(g * x[a : a + rows, b : b + columns])
    return [dx, dk]


def _repair_convolution_oracle(x: Array, k: Array, g: Array) -> list[Array]:
    return [
        oracles.gradient(lambda moved: np.sum(g * _slid(moved, k)), x),
        oracles.gradient(lambda moved: np.sum(g * _slid(x, moved)), k),
    ]


def _full(g: Array, k: Array) -> Array:
    """k over g with zeros around, of the input's shape."""
    return _slid(np.pad(g, [(size - 1, size - 1) for size in k.shape]), k)


def _overwritten(g: Array, k: Array) -> Array:
    dx = np.zeros((g.shape[0] + k.shape[0] - 1, g.shape[1] + k.shape[1] - 1))
    for a, b in np.ndindex(k.shape):
        dx[a : a + g.shape[0], b : b + g.shape[1]] = k[a, b] * g
    return dx


def _overwritten_by_outputs(g: Array, k: Array) -> Array:
    dx = np.zeros((g.shape[0] + k.shape[0] - 1, g.shape[1] + k.shape[1] - 1))
    for i, j in np.ndindex(g.shape):
        dx[i : i + k.shape[0], j : j + k.shape[1]] = g[i, j] * k
    return dx


def _in_parts(
    back: Callable[[Array, Array], Array] = lambda g, k: _full(g, k[::-1, ::-1]),
    kernel: Callable[[Array, Array], Array] = _slid,
    factor: Callable[[Array], float] = lambda g: 1.0,
) -> Answer:
    return lambda x, k, g: [factor(g) * back(g, k), factor(g) * kernel(x, g)]


EXERCISE = Exercise(
    id="11.16",
    name="repair_convolution",
    title="A convolution in two dimensions: both gradients",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_convolution,
    allows=ALLOWED,
    part=("dx", "dk"),
    reference=_repair_convolution,
    oracle=_repair_convolution_oracle,
    hints=(
        "Two loops over the places a, b of the kernel are enough. For one such place the forward pass reads a window of x, as large as g.",
        "The way back writes to the window that the way forward has read. Several places write to the same entry of x: what must happen there?",
        "The gradient of one kernel entry: the window that it reads, times g, summed. The gradient of x: each window gains the entry times g.",
    ),
    mistakes=(
        Mistake(
            "dk before dx",
            lambda x, k, g: _repair_convolution(x, k, g)[::-1],
            "Both are right, in the wrong order: the input comes first.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "back",
                    _full,
                    "kernel run forwards over g",
                    "Your dx runs the kernel over g just as it ran over x. Try a kernel with a single 1 in a corner: every g goes to the wrong "
                    "place of x.",
                ),
                Slip(
                    "back",
                    lambda g, k: _full(g, k[::-1]),
                    "turned in its rows only",
                    "Along one of the axes your dx is right. What holds for the rows of the kernel holds for its columns.",
                ),
                Slip(
                    "back",
                    lambda g, k: _full(g, k[:, ::-1]),
                    "turned in its columns only",
                    "Along one of the axes your dx is right. What holds for the columns of the kernel holds for its rows.",
                ),
                Slip(
                    "back",
                    lambda g, k: _full(g, k.T),
                    "kernel transposed",
                    "You transpose the kernel. The way back needs the transpose of the whole map from x to y, of which the kernel is only a piece.",
                    alone=True,
                ),
                Slip(
                    "back",
                    _overwritten,
                    "windows overwritten",
                    "The windows of x overlap, and in your dx the last place of the kernel overwrites what the others have brought.",
                ),
                Slip(
                    "back",
                    _overwritten_by_outputs,
                    "windows overwritten, output by output",
                    "The windows of x overlap, and in your dx the window of each output overwrites what those before it have brought.",
                ),
                Slip(
                    "back",
                    lambda g, k: _full(g, np.ones(k.shape)),
                    "k left out of dx",
                    "Your dx gives every x the same share of g. How much an output moves with x depends on the entry of the kernel between them.",
                    alone=True,
                ),
                Slip(
                    "kernel",
                    lambda x, g: _slid(x, g[::-1, ::-1]),
                    "g turned round for dk",
                    "In your dk the g runs backwards. The same entry of k joins x at i + a with y at i: both run the same way.",
                ),
                Slip(
                    "kernel",
                    lambda x, g: _slid(x, g)[::-1, ::-1],
                    "dk turned round",
                    "Your dk holds the right numbers, each at the opposite place of the kernel. Something was turned round that runs forwards.",
                ),
                Slip(
                    "kernel",
                    lambda x, g: _slid(x, g) / g.size,
                    "dk averaged over the places",
                    "Your dk is a mean over the places. A parameter's gradient is the sum over its uses.",
                ),
                Slip(
                    "kernel",
                    lambda x, g: g[-1, -1] * x[g.shape[0] - 1 :, g.shape[1] - 1 :],
                    "dk from the last output",
                    "In your dk only the last output counts. Does your loop overwrite what it has, or add to it?",
                ),
                Slip(
                    "kernel",
                    lambda x, g: _slid(x, np.ones(g.shape)),
                    "g left out of dk",
                    "Your dk adds up windows of x. Each window has to meet the slopes of the outputs that it makes.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda g: -1.0,
                    "sign",
                    "Every entry has the opposite sign. A gradient points uphill; the minus belongs to the step.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda g: 1.0 / g.size,
                    "averaged over the outputs",
                    "You divide by the number of outputs. There is no mean here: g holds the slope of C for every one of them.",
                    alone=True,
                ),
            ),
        ),
    ),
)
