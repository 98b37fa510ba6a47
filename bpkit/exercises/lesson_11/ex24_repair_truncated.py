"""11.24: the second piece of a recurrent net, back to the first moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_11.shared import ALLOWED, Array, prime, states
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_truncated(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, T, tau in ((3, 4, 3), (2, 4, 1), (4, 7, 5)):
        W, x = 0.7 * rng.normal(size=(n, n)), rng.normal(size=(n, T))
        args = (W, states(W, x, rng.normal(size=n) * (n > 2)), (20 if n == 4 else 1) * rng.normal(size=(n, T)), tau)
        cases.append(Case(f"{n} neurons, T = {T}, τ = {tau}", args))
    return cases


def _repair_truncated(W: Array, h: Array, g: Array, tau: int) -> Array:
    dW, back = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        if t > tau:
            back = back + g[:, t - 1]
        delta = back * (1 - h[:, t] ** 2)
        dW += np.outer(delta, h[:, t - 1])
        back = W.T @ delta
    return dW


def _repair_truncated_oracle(W: Array, h: Array, g: Array, tau: int) -> Array:
    x = np.arctanh(h[:, 1:]) - W @ h[:, :-1]  # what was added at each moment

    def B(moved: Array) -> Any:
        return np.sum((g * states(moved, x, h[:, 0])[:, 1:])[:, tau:])

    return oracles.gradient(B, W)


def _in_parts(
    last: Callable[[int], int] = lambda tau: 1,
    counted: Callable[[int, int, int], bool] = lambda t, tau, T: t > tau,
    slope: Callable[[Array, int], Any] = lambda h, t: 1 - h[:, t] ** 2,
    carried: Callable[[Array, Array], Array] = lambda W, delta: W.T @ delta,
    met: Callable[[Array, Array, int], Array] = lambda delta, h, t: np.outer(delta, h[:, t - 1]),
    column: Callable[[int], int] = lambda t: t - 1,
    factor: Callable[[int, int], float] = lambda T, tau: 1.0,
) -> Answer:
    """Back from T to the moment `last`, in which moments are `counted` in the cost."""

    def answer(W: Array, h: Array, g: Array, tau: int) -> Array:
        T = g.shape[1]
        dW, back = np.zeros(W.shape), np.zeros(len(W))
        for t in range(T, last(tau) - 1, -1):
            delta = (back + g[:, column(t)] * counted(t, tau, T)) * slope(h, t)
            dW += met(delta, h, t)
            back = carried(W, delta)
        return dW * factor(T, tau)

    return answer


def _slope_before_the_cost(W: Array, h: Array, g: Array, tau: int) -> Array:
    dW, back = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        delta = back * (1 - h[:, t] ** 2) + g[:, t - 1] * (t > tau)
        dW += np.outer(delta, h[:, t - 1])
        back = W.T @ delta
    return dW


def _no_slope_before_the_cut(W: Array, h: Array, g: Array, tau: int) -> Array:
    linear = h.copy()
    linear[:, : tau + 1] = 0  # where h is 0 the slope is 1
    dW, back = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        delta = (back + g[:, t - 1] * (t > tau)) * (1 - linear[:, t] ** 2)
        dW += np.outer(delta, h[:, t - 1])
        back = W.T @ delta
    return dW


def _forwards_before_the_cut(W: Array, h: Array, g: Array, tau: int) -> Array:
    dW, delta = np.zeros(W.shape), np.zeros(len(W))
    for t in range(g.shape[1], 0, -1):
        back = W.T @ delta + g[:, t - 1] if t > tau else W @ delta
        delta = back * (1 - h[:, t] ** 2)
        dW += np.outer(delta, h[:, t - 1])
    return dW


EXERCISE = Exercise(
    id="11.24",
    name="repair_truncated",
    title="A recurrent net: the gradient of the second piece",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_truncated,
    allows=ALLOWED,
    reference=_repair_truncated,
    plain=(1,),
    oracle=_repair_truncated_oracle,
    equivalent={"tolerance, t > tau → t > tau + 0.001": "both are whole numbers"},
    hints=(
        "Go back from T with line 2. The costs that count are those of the second piece; ask where the way back has to end.",
        "At τ and before, no cost of B comes in. What comes back from the moment after still does, and W is used there, too.",
        "A loop from T down to 1. In each turn: add g if t lies in the second piece; scale by the slope; one term for W; carry back.",
    ),
    mistakes=(
        Mistake(
            "g added behind the slope",
            _slope_before_the_cost,
            "Your g does not meet the slope of its moment. g is taken at the state h, δ at z, which lies before the tanh.",
        ),
        Mistake(
            "slope dropped before the cut",
            _no_slope_before_the_cut,
            "At the moments up to τ no slope comes in. No cost of B enters there, and the error still goes back through every tanh.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "last",
                    lambda tau: tau + 1,
                    "stopped at the cut",
                    "You stop where the second piece begins. Its first state was made by the first piece, with the same W: a nudge of W moves it.",
                ),
                Slip(
                    "last",
                    lambda tau: tau,
                    "one step over the cut",
                    "You go one moment over the cut and stop there. What made that state was made with W as well.",
                ),
                Slip(
                    "last",
                    lambda tau: 2,
                    "first moment left out",
                    "You leave out the first moment. The state before it is not always 0, and W meets it.",
                    alone=True,
                ),
                Slip(
                    "counted",
                    lambda t, tau, T: True,
                    "the costs of both pieces",
                    "You count the costs of both pieces. Asked is the gradient of B, which has those after τ.",
                ),
                Slip(
                    "counted",
                    lambda t, tau, T: t >= tau,
                    "the cost at the cut, too",
                    "You count the cost at τ. It belongs to the first piece.",
                ),
                Slip(
                    "counted",
                    lambda t, tau, T: t <= tau,
                    "the other piece",
                    "You count the costs up to τ. They make up A; asked is the gradient of B.",
                    alone=True,
                ),
                Slip(
                    "counted",
                    lambda t, tau, T: t == T,
                    "the last cost alone",
                    "You count the last cost only. Every moment after τ has one.",
                    alone=True,
                ),
                Slip(
                    "column",
                    lambda t: t - 2,
                    "g of the moment before",
                    "Each moment gets the g of the one before. Column 0 of g belongs to moment 1.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda h, t: 1.0,
                    "slope dropped",
                    "No slope of tanh comes in. δ is taken at z, before the tanh.",
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 - h[:, t - 1] ** 2,
                    "slope of the moment before",
                    "Your slopes are those of the moment before. Which state came out of the tanh that you go back through?",
                ),
                Slip(
                    "slope",
                    lambda h, t: h[:, t] * (1 - h[:, t]),
                    "the sigmoid's slope",
                    "h(1 - h) is the slope of a sigmoid. These states come out of a tanh.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda h, t: prime(h[:, t]),
                    "the sigmoid's slope, at h",
                    "You call the sigmoid's slope, and give it the state. These states have been through a tanh already.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 - np.tanh(h[:, t]) ** 2,
                    "slope at h",
                    "You take the slope of tanh at h, so tanh is applied once too often.",
                    alone=True,
                ),
                Slip(
                    "carried",
                    lambda W, delta: W @ delta,
                    "transpose forgotten",
                    "You carry the error back through W as it stands. Which of its indices does the sum run over?",
                ),
                Slip(
                    "met",
                    lambda delta, h, t: np.outer(delta, h[:, t]),
                    "state after for state before",
                    "Each error meets the state of its own moment in your sum. W was applied to the state before.",
                ),
                Slip(
                    "met",
                    lambda delta, h, t: np.outer(h[:, t - 1], delta),
                    "transposed",
                    "Rows and columns of your result are swapped: W leads to its row's neuron from its column's.",
                ),
                Slip(
                    "factor",
                    lambda T, tau: 1.0 / T,
                    "averaged over the moments",
                    "You divide by the number of moments. B is a sum.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda T, tau: 1.0 / (T - tau),
                    "averaged over the piece",
                    "You divide by the number of moments in the second piece. B is a sum.",
                    alone=True,
                ),
                Slip(
                    "factor",
                    lambda T, tau: -1.0,
                    "sign",
                    "Every entry has the opposite sign. A gradient points uphill; the minus belongs to the step.",
                    alone=True,
                ),
            ),
            # on this side of the cut all costs are those of the second piece, or at the cut itself
            told=(
                frozenset({"stopped at the cut", "the costs of both pieces"}),
                frozenset({"stopped at the cut", "the cost at the cut, too"}),
                frozenset({"one step over the cut", "the costs of both pieces"}),
            ),
        ),
        Mistake(
            "W forwards before the cut",
            _forwards_before_the_cut,
            "Behind the cut the error goes back through the transpose, before it through W as it stands. One and the same W is used at all moments.",
        ),
    ),
)
