"""11.23: a recurrent net, taken piece by piece: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Pair, Sides, states, verdict

_TAU, _T = 2, 5


def _sequence(sides: Callable[..., Pair]) -> Sides:
    """Three neurons, five moments; `sides` gets W, x, h and the slopes g of the costs, each a moment's own."""

    def drawn(rng: np.random.Generator) -> Pair:
        W, x, g = 0.7 * rng.normal(size=(3, 3)), rng.normal(size=(3, _T)), rng.normal(size=(3, _T))
        return sides(W, x, states(W, x), g)

    return drawn


def _cost(W: Array, x: Array, g: Array, moments: range) -> Any:
    """The sum of C_t over some moments, where C_t is the product of g_t and h_t."""
    h = states(W, x)
    return sum(g[:, t - 1] @ h[:, t] for t in moments)


def _errors(W: Array, h: Array, g: Array, moments: range) -> dict[int, Array]:
    """δ_t by line 2, started at the last of the moments."""
    delta: dict[int, Array] = {}
    back = np.zeros(len(W))
    for t in reversed(moments):
        delta[t] = (g[:, t - 1] + back) * (1 - h[:, t] ** 2)
        back = W.T @ delta[t]
    return delta


def _uses(W: Array, h: Array, g: Array, moments: range) -> Array:
    """Σ δ_t h_{t-1}ᵀ over some moments, with the errors of these moments alone."""
    return np.sum([np.outer(delta, h[:, t - 1]) for t, delta in _errors(W, h, g, moments).items()], axis=0)


_ALL, _FIRST, _SECOND = range(1, _T + 1), range(1, _TAU + 1), range(_TAU + 1, _T + 1)


def _slope(moments: range) -> Callable[[Array, Array, Array], Array]:
    return lambda W, x, g: oracles.gradient(lambda moved: _cost(moved, x, g, moments), W)


def _first_error(W: Array, x: Array, h: Array, g: Array) -> Pair:
    """δ_1: all that z_1 does, by the forward pass from there on, and by line 2."""

    def cost(z: Array) -> Any:
        state, total = np.tanh(z), g[:, 0] @ np.tanh(z)
        for t in range(2, _T + 1):
            state = np.tanh(W @ state + x[:, t - 1])
            total = total + g[:, t - 1] @ state
        return total

    return oracles.gradient(cost, W @ h[:, 0] + x[:, 0]), _errors(W, h, g, _ALL)[1]


TRUNCATED = Derivation(
    (
        Line(
            r"$h_t = \tanh(z_t)$ with $z_t = W h_{t-1} + x_t$ for $t = 1, \dots, T$; the cost is $C = A + B$ with "
            r"$A = \displaystyle\sum_{t \le \tau} C_t(h_t)$ and $B = \displaystyle\sum_{t > \tau} C_t(h_t)$",
            "Line 1 is right: a net with one weight matrix for all moments, and a sum that is written in two pieces.",
        ),
        Line(
            r"with $g_t = \dfrac{\partial C_t}{\partial h_t}$ and $\delta_t = \dfrac{\partial C}{\partial z_t}$: $\;\delta_t = \left( g_t + W^\top "
            r"\delta_{t+1} \right) \odot (1 - h_t^2)$, and $\delta_{T+1} = 0$",
            "Line 2 is right: the state has a cost of its own and hands on to the next moment. Two ways on, two terms.",
            _sequence(_first_error),
        ),
        Line(
            r"$\dfrac{\partial C}{\partial W} = \displaystyle\sum_{t=1}^{T} \delta_t\, h_{t-1}^\top$",
            "Line 3 is right: W is used once at every moment, and the gradients of its uses add up.",
            _sequence(lambda W, x, h, g: (_slope(_ALL)(W, x, g), _uses(W, h, g, _ALL))),
        ),
        Line(
            r"for the first piece line 2 is started at $\tau$, as if nothing came after: $\;\delta^A_{\tau+1} = 0$ and "
            r"$\dfrac{\partial A}{\partial W} = \displaystyle\sum_{t \le \tau} \delta^A_t\, h_{t-1}^\top$",
            "Line 4 is right, though it cuts the net off: what comes after τ has no say in A. Does it also work the other way round?",
            _sequence(lambda W, x, h, g: (_slope(_FIRST)(W, x, g), _uses(W, h, g, _FIRST))),
        ),
        Line(
            r"for the second piece $h_\tau$ is what the first has computed, a number that is known: "
            r"$\;\dfrac{\partial B}{\partial W} = \displaystyle\sum_{t > \tau} \delta_t\, h_{t-1}^\top$",
            sides=_sequence(lambda W, x, h, g: (_slope(_SECOND)(W, x, g), _uses(W, h, g, _SECOND))),
        ),
        Line(
            r"so, with the memory of one piece at a time: $\;\dfrac{\partial C}{\partial W} = \dfrac{\partial A}{\partial W} + "
            r"\dfrac{\partial B}{\partial W}$, exactly the sum of lines 4 and 5",
            "Line 6 adds two gradients, and the gradient of a sum is the sum of the gradients. One of the two was handed to it too short.",
            _sequence(lambda W, x, h, g: (_slope(_ALL)(W, x, g), _uses(W, h, g, _FIRST) + _uses(W, h, g, _SECOND))),
        ),
    ),
    wrong=5,
    all_right="One line is wrong. Let τ = 1, T = 2, one neuron, and h₀ not 0: then C₂ holds W twice, one inside the other. Differentiate.",
)


EXERCISE = verdict(
    "11.23",
    "verdict_truncated",
    "A recurrent net, piece by piece: the first wrong line",
    TRUNCATED,
    3,
    (
        "Draw the net unrolled, with an arrow from W into each moment. Which arrows lie on a way to A, and which on a way to B?",
        "One nudge: move W a little, everywhere. Which of the states change, and which costs hear of it?",
        "A number that has been computed is still a function of what it was computed from. Which line forgets this?",
    ),
)
