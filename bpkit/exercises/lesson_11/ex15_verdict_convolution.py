"""11.15: a convolution, from the output to input and kernel: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, verdict


def _signal(sides: Callable[..., Pair]) -> Sides:
    """A signal of seven numbers and a kernel of three; `sides` gets x, k and g."""
    return lambda rng: sides(rng.normal(size=7), rng.normal(size=3), rng.normal(size=5))


def _slid(x: Array, k: Array) -> Array:
    """The forward pass: k over x, as it stands."""
    return sum(k[a] * x[a : len(x) - len(k) + 1 + a] for a in range(len(k)))


def _slopes(x: Array, k: Array) -> Array:
    """∂y_i/∂x_t as printed."""
    return np.array([[k[t - i] if 0 <= t - i < len(k) else 0.0 for t in range(len(x))] for i in range(len(x) - len(k) + 1)])


def _slope_of_input(x: Array, k: Array, g: Array) -> Array:
    return oracles.gradient(lambda moved: np.sum(g * _slid(moved, k)), x)


def _slope_of_kernel(x: Array, k: Array, g: Array) -> Array:
    return oracles.gradient(lambda moved: np.sum(g * _slid(x, moved)), k)


CONVOLUTION = Derivation(
    (
        Line(
            r"$y_i = \sum_{a=0}^{K-1} k_a\, x_{i+a}$ for $i = 0, \dots, n - K$; $\;g_i = \dfrac{\partial C}{\partial y_i}$",
            "Line 1 is right: it says what is computed. Mathematicians call it a correlation, nets a convolution; a name makes no line wrong.",
        ),
        Line(
            r"$\dfrac{\partial y_i}{\partial x_t} = k_{t-i}$ if $0 \le t - i < K$, else 0",
            "Line 2 is right: x_t comes into y_i at the place a = t - i of the kernel, if the kernel has such a place.",
            _signal(lambda x, k, g: (oracles.jacobian(lambda moved: _slid(moved, k), x), _slopes(x, k))),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial x_t} = \sum_i g_i\, k_{t-i}$, over the $i$ for which $k$ has that place",
            "Line 3 is right: one term for every output that x_t reaches. Watch the index of k, and on which side of the minus i stands.",
            _signal(lambda x, k, g: (_slope_of_input(x, k, g), g @ _slopes(x, k))),
        ),
        Line(
            r"lay $K - 1$ zeros to either side of $g$ and call it $\hat g$, so that $\hat g_j = g_{j-K+1}$. Then it is the forward pass again: "
            r"$\;\dfrac{\partial C}{\partial x_t} = \sum_{a=0}^{K-1} k_a\, \hat g_{t+a}$",
            sides=_signal(lambda x, k, g: (_slope_of_input(x, k, g), _slid(np.pad(g, len(k) - 1), k))),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial k_a} = \sum_i g_i\, x_{i+a}$",
            "Line 5 is right: entry a of the kernel is used at every place i, and a parameter's gradient is the sum over its uses.",
            _signal(lambda x, k, g: (_slope_of_kernel(x, k, g), np.array([sum(g[i] * x[i + a] for i in range(5)) for a in range(3)]))),
        ),
        Line(
            r"so that, too, is the forward pass again: $g$ slides over $x$ as if it were the kernel",
            "Line 6 is right, though you may expect something to be turned round: both indices run forwards here. "
            "Is it the same in the line that it compares itself with?",
            _signal(lambda x, k, g: (_slope_of_kernel(x, k, g), _slid(x, g))),
        ),
    ),
    wrong=4,
    all_right="One line is wrong. Take the kernel (1, 0, 0): where does each x go, and where does its gradient come from?",
)


EXERCISE = verdict(
    "11.15",
    "verdict_convolution",
    "A convolution: the first wrong line",
    CONVOLUTION,
    3,
    (
        "Take n = 3 and K = 2: then there are two outputs. Write all of them out, and every gradient by hand.",
        "Try a kernel with a single 1, at its first place. Forward it hands on some of the x; back, it has to hand the g to just these.",
        "Two of the lines say that something is the forward pass again. Put the index of the sum before it into each of the two.",
    ),
)
