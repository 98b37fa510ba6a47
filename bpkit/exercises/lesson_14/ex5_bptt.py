"""14.5: backpropagation through time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_14.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Moments = list[Any]  # of arrays, by time; None where there is none


def _states(x: Moments, h0: Array, W: Array, U: Array, b: Array) -> Moments:
    h: Moments = [h0]
    for now in x[1:]:
        h.append(np.tanh(W @ now + U @ h[-1] + b))
    return h


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_x, T, m in ((3, 3, 3, 2), (2, 4, 6, 1), (1, 2, 1, 3)):
        W, U, b = rng.normal(size=(n, n_x)) / 2, rng.normal(size=(n, n)), rng.normal(size=(n, 1)) / 2
        x: Moments = [None, *(rng.normal(size=(n_x, m)) for _ in range(T))]
        size = 1e4 if T > 3 else 1  # beyond any limit that somebody may clip at
        g: Moments = [None, *(size * rng.normal(size=(n, m)) for _ in range(T))]
        if T > 3:
            g[3][:] = 0.0  # the error passes through a moment to which the cost sends nothing
        h = _states(x, rng.uniform(-0.9, 0.9, size=(n, m)), W, U, b)
        cases.append(Case(f"{n} neuron{'s' if n > 1 else ''}, {n_x} inputs, T = {T}, m = {m}", (x, h, U, g)))
    return cases


def _reference(x: Moments, h: Moments, U: Array, g: Moments) -> tuple[Array, Array, Array]:
    dW, dU, db = np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))
    carried: Any = 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = (1 - h[t] ** 2) * (g[t] + carried)
        dW += delta @ x[t].T
        dU += delta @ h[t - 1].T
        db += delta.sum(axis=1, keepdims=True)
        carried = U.T @ delta
    return dW, dU, db


def _oracle(x: Moments, h: Moments, U: Array, g: Moments) -> tuple[Array, Array, Array]:
    # W and b are not given, and need not be: nudges of the three move the weighted inputs that the states tell
    z = [None, *(np.arctanh(state) for state in h[1:])]

    def cost(dW: Any, dU: Any, db: Any) -> Any:
        before, total = h[0], 0.0
        for t in range(1, len(x)):
            now = np.tanh(z[t] + dW @ x[t] + (U + dU) @ before - U @ h[t - 1] + db)
            before, total = now, total + np.sum(g[t] * now)
        return total

    W0, U0, b0 = np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))
    return (
        oracles.gradient(lambda v: cost(v, U0, b0), W0),
        oracles.gradient(lambda v: cost(W0, v, b0), U0),
        oracles.gradient(lambda v: cost(W0, U0, v), b0),
    )


def _formula(
    slope: Callable[[Moments, int], Array] = lambda h, t: 1 - h[t] ** 2,
    carry: Callable[[Array, Array], Any] = lambda U, delta: U.T @ delta,
    direct: Callable[[Moments, int], Any] = lambda g, t: g[t],
    meets: Callable[[Moments, int], Array] = lambda h, t: h[t - 1],
    collect: Callable[[Array, Array], Array] = lambda total, new: total + new,
    factor: Callable[[Moments, Moments], float] = lambda x, h: 1.0,
) -> Answer:
    """An answer with a part for each thing to get wrong; time runs backwards."""

    def answer(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
        totals: list[Any] = [np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))]
        carried: Any = 0.0
        for t in range(len(x) - 1, 0, -1):
            delta = slope(h, t) * (direct(g, t) + carried)
            new = delta @ x[t].T, delta @ meets(h, t).T, delta.sum(axis=1, keepdims=True)
            totals = [collect(total, part) for total, part in zip(totals, new, strict=True)]
            carried = carry(U, delta)
        return [factor(x, h) * total for total in totals]

    return answer


def _truncated(steps: int) -> Answer:
    """What each moment's cost sends goes back through so many moments."""

    def answer(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
        totals: list[Any] = [np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))]
        for start in range(1, len(x)):
            error = g[start]
            for t in range(start, max(start - steps, 0), -1):
                delta = (1 - h[t] ** 2) * error
                new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
                totals = [total + part for total, part in zip(totals, new, strict=True)]
                error = U.T @ delta
        return totals

    return answer


def _forwards(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    totals: list[Any] = [0.0, 0.0, 0.0]
    carried: Any = 0.0
    for t in range(1, len(x)):
        delta = (1 - h[t] ** 2) * (g[t] + carried)
        new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
        totals = [total + part for total, part in zip(totals, new, strict=True)]
        carried = U.T @ delta
    return totals


def _slope_of_z_carried(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    """δ's own slope is right, but the error of the state goes on through U, not that of the weighted input."""
    totals: list[Any] = [0.0, 0.0, 0.0]
    carried: Any = 0.0
    for t in range(len(x) - 1, 0, -1):
        whole = g[t] + carried
        delta = (1 - h[t] ** 2) * whole
        new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
        totals = [total + part for total, part in zip(totals, new, strict=True)]
        carried = U.T @ whole
    return totals


def _slope_twice(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    """What goes back through U meets the slope of the moment before at once, and then again in that moment's δ."""
    totals: list[Any] = [0.0, 0.0, 0.0]
    carried: Any = 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = (1 - h[t] ** 2) * (g[t] + carried)
        new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
        totals = [total + part for total, part in zip(totals, new, strict=True)]
        carried = (U.T @ delta) * (1 - h[t - 1] ** 2)
    return totals


def _first_example_in_db(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    one = [[None if part is None else part[:, :1] for part in parts] for parts in (x, h, g)]
    return [*_reference(x, h, U, g)[:2], _reference(one[0], one[1], U, one[2])[2]]


def _moments(x: Moments, h: Moments, U: Array, g: Moments, first: int, end: int, piled: bool = False, late: bool = False) -> list[Any]:
    """Back through some of the moments; what is sent back kept on top of what was, or added behind the slope."""
    totals: list[Any] = [np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1))]
    carried: Any = 0.0
    for t in range(end - 1, first - 1, -1):
        slope = 1 - h[t] ** 2
        delta = slope * g[t] + (carried if late else slope * carried)
        new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
        totals = [total + part for total, part in zip(totals, new, strict=True)]
        carried = U.T @ delta + (carried if piled else 0.0)
    return totals


def _x_of_the_moment_before(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    earlier = [None, np.zeros_like(x[1]), *x[1:-1]]
    return [_reference(earlier, h, U, g)[0], *_reference(x, h, U, g)[1:]]


def _shared_out(part: int, change: Callable[[Array, int], Any]) -> Answer:
    """The right answer but for one of the three gradients."""

    def answer(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
        found = list(_reference(x, h, U, g))
        found[part] = change(found[part], h[0].shape[1])
        return found

    return answer


def _slope_on_carried(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    totals: list[Any] = [0.0, 0.0, 0.0]
    carried: Any = 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = g[t] + (1 - h[t] ** 2) * carried
        new = delta @ x[t].T, delta @ h[t - 1].T, delta.sum(axis=1, keepdims=True)
        totals = [total + part for total, part in zip(totals, new, strict=True)]
        carried = U.T @ delta
    return totals


def _slope_again(x: Moments, h: Moments, U: Array, g: Moments) -> list[Any]:
    """What goes back through U has met the slope of its own moment twice."""
    dW, dU, db, carried = np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1)), np.zeros(h[0].shape)
    for t in range(len(x) - 1, 0, -1):
        slope = 1 - h[t] ** 2
        delta = slope * (g[t] + carried)
        dW, dU, db = dW + delta @ x[t].T, dU + delta @ h[t - 1].T, db + delta.sum(axis=1, keepdims=True)
        carried = U.T @ (slope * delta)
    return [dW, dU, db]


EXERCISE = Exercise(
    id="14.5",
    name="bptt",
    title="Backpropagation through time",
    points=4,
    minutes=14,
    difficulty=3,
    part=("dW", "dU", "db"),
    cases=_cases,
    reference=_reference,
    plain=(1,),
    oracle=_oracle,
    hints=(
        "Unroll the net: each moment is a layer, and all of these layers have the same W, U and b. Time runs backwards, as layers do.",
        "The state of moment t is used twice: by the cost at t, and by the state of t + 1. Both send something back, and the two are added before "
        "the slope of tanh comes in. That slope is one minus the square of the state.",
        "Keep what the moment after sends back, zero at the end. For t from T down to 1: delta is the slope times (g of t plus what was sent back); "
        "add this moment's shares to the three gradients, dU with the state before; then send delta back through the transposed U.",
    ),
    mistakes=(
        Mistake(
            "truncated after two steps",
            _truncated(2),
            "What a moment's cost sends goes back through one moment more and stops. That is truncation after two steps: it goes back to the first.",
        ),
        Mistake(
            "time runs forwards",
            _forwards,
            "Your loop runs from the first moment to the last. The error of a moment needs what the moment after it sends back.",
        ),
        Mistake(
            "slope missing on the way back",
            _slope_of_z_carried,
            "At each moment the slope is there, and what you send on to the moment before has not passed it. It is delta that goes back through U.",
        ),
        Mistake(
            "slope twice on the way back",
            _slope_twice,
            "What comes back meets the slope of tanh twice: as you send it back, and again in the delta of the moment that it comes to.",
        ),
        Mistake(
            "first example alone in db",
            _first_example_in_db,
            "dW and dU are right. db holds the first example alone: the examples stand side by side, and their shares are added.",
        ),
        Mistake(
            "first moment left out",
            lambda x, h, U, g: _moments(x, h, U, g, 2, len(x)),
            "The first moment sends nothing to the weights. They are used at every moment, from 1 on.",
        ),
        Mistake(
            "last moment left out",
            lambda x, h, U, g: _moments(x, h, U, g, 1, len(x) - 1),
            "The last moment is missing: it has a cost of its own, and uses the weights too.",
        ),
        Mistake(
            "what comes back piles up",
            lambda x, h, U, g: _moments(x, h, U, g, 1, len(x), piled=True),
            "You add to what was sent back before. A state is used by the moment after it alone: each moment replaces what the later one sent.",
        ),
        Mistake(
            "slope on the direct share alone",
            lambda x, h, U, g: _moments(x, h, U, g, 1, len(x), late=True),
            "Only the cost's own share meets the slope. What comes from the moment after goes through tanh as well.",
        ),
        Mistake(
            "input of the moment before",
            _x_of_the_moment_before,
            "dU and db are right. In dW delta meets the input of the moment before; W meets that of its own.",
        ),
        *(
            Mistake(
                f"clipped at {limit}",
                lambda x, h, U, g, limit=limit: [np.clip(part, -limit, limit) for part in _reference(x, h, U, g)],
                "Your gradients are cut off at a limit. Clipping is a second step, against explosions; asked is the gradient as it is.",
            )
            for limit in (1, 5)
        ),
        Mistake(
            "bias averaged",
            _shared_out(2, lambda db, m: db / m),
            "dW and dU are right. In db you average over the examples, where the other two add up.",
        ),
        Mistake(
            "dU transposed",
            _shared_out(1, lambda dU, m: dU.T),
            "dW and db are right; dU has its rows and columns swapped. Row i of U leads to neuron i.",
        ),
        *mistakes_of(
            _formula,
            (
                Slip(
                    "slope",
                    lambda h, t: np.ones_like(h[t]),
                    "slope left out",
                    "The slope of tanh is missing. The states have passed an activation function at every moment.",
                ),
                Slip(
                    "slope",
                    lambda h, t: h[t] * (1 - h[t]),
                    "slope of a sigmoid",
                    "You use h(1 - h), the slope of a sigmoid. These states come from tanh.",
                    alone=True,
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 - np.tanh(h[t]) ** 2,
                    "slope at h for slope at z",
                    "You apply tanh to the states once more. They have passed it already: their own squares tell the slope.",
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 - h[t - 1] ** 2,
                    "slope of the moment before",
                    "The slope belongs to the moment whose weighted input is asked about: h at t comes out of z at t.",
                ),
                Slip(
                    "slope",
                    lambda h, t: (1 - h[t]) ** 2,
                    "1 - h, squared as a whole",
                    "You square 1 - h as a whole. The slope of tanh is one minus the square of its value.",
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 - h[t],
                    "square left out of the slope",
                    "The slope of tanh is one minus the square of its value.",
                    alone=True,
                ),
                Slip(
                    "carry",
                    lambda U, delta: U @ delta,
                    "U not transposed",
                    "You send errors through U as it stands, the way values go. Backwards the sum runs over where a weight leads to.",
                ),
                Slip(
                    "carry",
                    lambda U, delta: 0.0,
                    "nothing sent back in time",
                    "Each moment counts by itself: nothing goes back from a moment to the one before. That is truncation after a single step.",
                ),
                Slip(
                    "direct",
                    lambda g, t: g[t] if t == len(g) - 1 else 0.0,
                    "cost at the last moment only",
                    "You start with the last moment's g and use no other. The state of each moment enters the cost directly, too.",
                ),
                Slip(
                    "slope",
                    lambda h, t: 1 + h[t] ** 2,
                    "plus in the slope",
                    "Your slope is one plus the square of the state. tanh is steepest at 0: its slope falls as the state grows.",
                    alone=True,
                ),
                Slip(
                    "direct",
                    lambda g, t: g[-1],
                    "the last g at every moment",
                    "You add the last moment's g at every moment. Each moment has its own.",
                    alone=True,
                ),
                Slip(
                    "meets",
                    lambda h, t: h[t],
                    "state of the same moment for dU",
                    "In dU delta meets the state of its own moment. What went into U at moment t was another state.",
                ),
                Slip(
                    "meets",
                    lambda h, t: h[t - 1] if t > 1 else np.zeros_like(h[0]),
                    "first state left out",
                    "dU misses the share of the first moment: the state before it is given, and it is not zero.",
                    alone=True,
                ),
                Slip(
                    "collect",
                    lambda total, new: new,
                    "= for +=",
                    "Only one moment counts in your gradients, the last that your loop came to. The weights are used at every moment.",
                ),
                Slip(
                    "factor",
                    lambda x, h: 1 / (len(x) - 1),
                    "mean over the moments",
                    "You divide by the number of moments. A shared weight gets the sum of what its uses send back.",
                ),
                Slip(
                    "factor",
                    lambda x, h: 1 / h[0].shape[1],
                    "averaged over the examples",
                    "You divide by the number of examples. The mean belongs to the cost, and stands in g already.",
                    alone=True,
                ),
                Slip("factor", lambda x, h: -1.0, "sign", "The sign of every entry is turned.", alone=True),
            ),
        ),
        Mistake(
            "slope on what comes back alone",
            _slope_on_carried,
            "Only what comes back through U meets the slope. What the cost sends to a state directly goes through tanh as well.",
        ),
        Mistake(
            "two moments back",
            _formula(carry=lambda U, delta: U.T @ (U.T @ delta)),
            "What comes back from the moment behind goes through U twice. Between two neighbouring moments U is used once.",
        ),
        Mistake(
            "slope once more before U",
            _slope_again,
            "What comes back from the moment behind meets the slope there twice: δ has it already, and U follows next.",
        ),
    ),
)
