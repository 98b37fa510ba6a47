"""15.7: the VJP of a fixed point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _fixed_point(W: Array, drive: Array, a: Array) -> Array:
    """By Newton's method from a."""
    for _ in range(60):
        moved = np.tanh(W @ a + drive)
        step = np.linalg.solve(np.eye(len(a)) - (1 - moved**2) * W, moved - a)
        a = a + step
        if np.abs(step).max() < 1e-15:
            break
    return a


def _settles(W: Array, a: Array) -> bool:
    """Whether an iteration for u that goes through the equations one by one, or takes their diagonal out, comes to an end."""
    M = np.eye(len(a)) - ((1 - a**2) * W).T
    parts = [share * np.diag(np.diag(M)) for share in (1, 2)]  # 2: half of each move
    solved = [part + rest for part in parts for rest in (0 * M, np.tril(M, -1), np.triu(M, 1))]
    return any(np.abs(np.linalg.eigvals(np.eye(len(a)) - np.linalg.solve(part, M))).max() < 1.1 for part in solved)


def _drawn(rng: np.random.Generator, n: int, k: int, turn: bool) -> tuple[Array, ...]:
    """A contraction; or W with eigenvalues beyond 1 and -1, where iterating runs away from its fixed point, slowed down or not."""
    W = rng.normal(size=(n, n))
    W *= 0.7 / np.linalg.norm(W, 2)
    U, x = rng.normal(size=(n, k)), rng.normal(size=(k, 1)) * (0.6 if n > 1 else 0.3)
    if turn:
        u = np.linalg.qr(rng.normal(size=(n, 2)))[0]
        W += 3 * u[:, :1] @ u[:, :1].T - 2.5 * u[:, 1:] @ u[:, 1:].T
        a = rng.uniform(-0.3, 0.3, size=(n, 1))
        if _settles(W, a):
            return _drawn(rng, n, k, turn)
        U += (np.arctanh(a) - W @ a - U @ x) @ x.T / np.sum(x * x)  # so that a is a fixed point
    else:
        a = _fixed_point(W, U @ x, np.zeros((n, 1)))
    return W, U, x, a, rng.normal(size=(n, 1))


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        Case("3 neurons, 3 inputs", _drawn(rng, 3, 3, False)),
        Case("1 neuron, 4 inputs", _drawn(rng, 1, 4, False)),
        Case("4 neurons, 2 inputs, iterating runs away", _drawn(rng, 4, 2, True)),
    ]


def _fixed_point_vjp(W: Array, U: Array, x: Array, a: Array, g: Array) -> list[Array]:
    slope = 1 - a**2
    u = np.linalg.solve(np.eye(len(a)) - W.T * slope.T, g)
    delta = slope * u
    return [delta @ a.T, U.T @ delta]


def _by_newton(W: Array, U: Array, x: Array, a: Array, g: Array) -> list[Array]:
    """Move each weight and input into the complex plane, and find the fixed point that belongs to it."""

    def moved(place: tuple[int, ...], of_W: bool) -> float:
        parts = [W.astype(complex), x.astype(complex)]
        parts[0 if of_W else 1][place] += 1e-30j
        found, drive = a.astype(complex), U @ parts[1]
        for _ in range(2):  # the real part is there already: one step is exact, the other for good measure
            after = np.tanh(parts[0] @ found + drive)
            found = found + np.linalg.solve(np.eye(len(a)) - (1 - after**2) * parts[0], after - found)
        return float(np.imag(np.sum(g * found)) / 1e-30)

    return [np.array([moved(i, True) for i in np.ndindex(W.shape)]).reshape(W.shape), np.array([[moved((k, 0), False)] for k in range(len(x))])]


def _slope_first(W: Array, U: Array, x: Array, a: Array, g: Array) -> list[Array]:
    delta = np.linalg.solve(np.eye(len(a)) - W.T * (1 - a**2).T, (1 - a**2) * g)
    return [delta @ a.T, U.T @ delta]


def _through_W_again(W: Array, U: Array, x: Array, a: Array, g: Array) -> list[Array]:
    of_W, of_x = _fixed_point_vjp(W, U, x, a, g)
    delta = of_W @ a / np.sum(a**2)
    return [of_W, of_x + U.T @ (W.T @ delta)]


def _in_parts(
    matrix: Callable[[Array, Array], Array] = lambda W, slope: W.T * slope.T,
    solved: Callable[[Array, Array], Array] = lambda J, g: np.linalg.solve(np.eye(len(J)) - J, g),
    delta: Callable[[Array, Array], Array] = lambda slope, u: slope * u,
    slope: Callable[[Array], Array] = lambda a: 1 - a**2,
    outer: Callable[[Array, Array, Array], Array] = lambda delta, a, x: delta @ a.T,
) -> Answer:
    def answer(W: Array, U: Array, x: Array, a: Array, g: Array) -> list[Array]:
        u = solved(matrix(W, slope(a)), g)
        back = delta(slope(a), u)
        return [outer(back, a, x), U.T @ back]

    return answer


def _unrolled(steps: int) -> Callable[[Array, Array], Array]:
    def summed(J: Array, g: Array) -> Array:
        u = g
        for _ in range(steps):
            u = g + J @ u
        return u

    return summed


def _explain(value: Any, W: Array, U: Array, x: Array, a: Array, g: Array) -> str | None:
    """Whether the answer sums up some number of iterations."""
    try:
        found = np.asarray(value[0], float)
        if found.shape != W.shape:
            return None
    except (TypeError, ValueError, IndexError):
        return None
    slope, u = 1 - a**2, g
    runs_away = np.abs(np.linalg.eigvals(slope * W)).max() > 1
    if runs_away and not np.isfinite(found).all():
        return "Some entries are nan or infinite. Do you iterate? Iterations run away here, and still the fixed point has a gradient. Solve."
    right = _fixed_point_vjp(W, U, x, a, g)[0]
    if np.abs(found - right).max() <= 1e-7 * np.abs(right).max():
        return None  # this part is right, and a long sum comes as near
    for count in range(1, 200):
        u = g + (slope * W).T @ u
        summed = (slope * u) @ a.T
        if np.abs(found - summed).max() <= 1e-9 * np.abs(summed).max():
            ends = "here they run away, and no number of them will do" if runs_away else "the sum goes on"
            return f"You went back through {count + 1} iterations; {ends}. The system gives the end of the sum at once: solve it."
    return None


EXERCISE = Exercise(
    id="15.7",
    name="fixed_point_vjp",
    title="The VJP of a fixed point",
    points=3,
    minutes=10,
    difficulty=2,
    part=("the gradient of W", "the gradient of x"),
    cases=_cases,
    reference=_fixed_point_vjp,
    plain=(0, 1, 2, 3),
    oracle=_by_newton,
    explain=_explain,
    oracle_rtol=1e-6,
    equivalent={"operator, delta @ a.T → delta * a.T": "a column times a row is the same either way"},
    hints=(
        "One backward step through the layer is BP2 and BP4 as ever. New is only what goes into it: not g, but the u that solves a linear system.",
        "The Jacobian of the layer in a has the slope of neuron j in all of row j. Transposed, the slopes scale columns. Write it down for two "
        "neurons.",
        "Solve with the identity minus the transposed Jacobian on the left and g on the right. Then scale u by the slopes: that is the error of the "
        "layer, and from it come both gradients as in lesson 06.",
    ),
    mistakes=(
        Mistake(
            "x first",
            lambda *given: _fixed_point_vjp(*given)[::-1],
            "Both gradients are there, in the other order: that of W comes first.",
        ),
        Mistake(
            "sign",
            lambda *given: [-part for part in _fixed_point_vjp(*given)],
            "Every entry has the opposite sign. A gradient points uphill, and nothing here turns it. Which way round do you subtract J from I?",
        ),
        Mistake(
            "slope before the system",
            _slope_first,
            "The slopes come before the system is solved, and it is the system for u. Solve for u first, with g on the right.",
        ),
        Mistake(
            "u for the error in the gradient of x",
            lambda W, U, x, a, g: [
                _fixed_point_vjp(W, U, x, a, g)[0],
                U.T @ np.linalg.solve(np.eye(len(a)) - W.T * (1 - a**2).T, g),
            ],
            "The gradient of W is right. In that of x the slopes are missing: x enters z, not the activation.",
        ),
        Mistake(
            "U not transposed",
            lambda W, U, x, a, g: [
                _fixed_point_vjp(W, U, x, a, g)[0],
                U @ ((1 - a**2) * np.linalg.solve(np.eye(len(a)) - W.T * (1 - a**2).T, g)),
            ],
            "The gradient of W is right. To x it goes back through U turned round; it fits as it stands where U is square.",
        ),
        Mistake(
            "u for the error in the gradient of W",
            lambda W, U, x, a, g: [
                np.linalg.solve(np.eye(len(a)) - W.T * (1 - a**2).T, g) @ a.T,
                _fixed_point_vjp(W, U, x, a, g)[1],
            ],
            "The gradient of x is right. In that of W the slopes are missing: W enters z, not the activation.",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "matrix",
                    lambda W, slope: slope * W,
                    "Jacobian not transposed",
                    "You solve with the Jacobian as it stands, which carries tangents forwards. What carries gradients backwards?",
                ),
                Slip(
                    "matrix",
                    lambda W, slope: slope * W.T,
                    "slopes on the wrong side",
                    "The transpose of the Jacobian turns the order of its factors round: first the slope, then the weights. Yours has the slopes of "
                    "the neuron that is arrived at.",
                ),
                Slip(
                    "matrix",
                    lambda W, slope: W * slope.T,
                    "W not transposed",
                    "The slopes scale columns, as they should, but W stands as it does in the forward pass.",
                ),
                Slip(
                    "matrix",
                    lambda W, slope: W.T,
                    "slopes left out of the system",
                    "Your system knows the weights alone. A step back through the layer passes its slopes, in the system as well.",
                ),
                Slip(
                    "solved",
                    lambda J, g: g,
                    "nothing solved",
                    "You went back through one iteration and took the a that went in for a constant. It moves too: that is what the system is for.",
                    alone=True,
                ),
                Slip(
                    "solved",
                    lambda J, g: np.linalg.solve(np.eye(len(J)) + J, g),
                    "plus for minus in the system",
                    "You add the Jacobian to the identity. Write u = g + Jᵀu and bring both u to one side.",
                ),
                Slip(
                    "solved",
                    lambda J, g: np.linalg.solve(J, g),
                    "identity left out",
                    "You solve with the Jacobian alone. Write u = g + Jᵀu and bring both u to one side: one of them has no matrix.",
                ),
                Slip(
                    "solved",
                    lambda J, g: (np.eye(len(J)) - J) @ g,
                    "multiplied for solved",
                    "You multiply by the matrix of the system. It stands on the side of the unknown.",
                ),
                Slip(
                    "solved",
                    lambda J, g: np.linalg.solve(np.eye(len(J)) - J, np.linalg.solve(np.eye(len(J)) - J, g)),
                    "solved twice",
                    "You solve the system twice. What one solution gives is u already.",
                    alone=True,
                ),
                Slip(
                    "solved",
                    _unrolled(1),
                    "two steps back",
                    "You went back through two iterations. The sum goes on, and where iterating runs away no number of steps will do.",
                    alone=True,
                ),
                Slip(
                    "solved",
                    _unrolled(200),
                    "unrolled",
                    "You sum the iterations up. Where the layer contracts that is right, and it gets there in the end; in the last case it runs "
                    "away, and still the fixed point has a gradient. Solve.",
                    alone=True,
                ),
                Slip(
                    "delta",
                    lambda slope, u: u,
                    "u for the error",
                    "u is the gradient at the activation. For weights and input you need it at z, one link further back.",
                ),
                Slip(
                    "slope",
                    lambda a: a * (1 - a),
                    "the sigmoid's slope",
                    "a(1 - a) is the slope of the sigmoid. This layer's activation is tanh.",
                ),
                Slip(
                    "slope",
                    lambda a: 1 - np.tanh(a) ** 2,
                    "tanh once too often",
                    "a is the activation: tanh has been applied. You apply it again in the slope.",
                ),
                Slip(
                    "slope",
                    lambda a: 1 - a,
                    "square forgotten in the slope",
                    "The slope of tanh is 1 minus a square.",
                ),
                Slip(
                    "outer",
                    lambda delta, a, x: delta @ x.T,
                    "x for a in the gradient of W",
                    "The gradient of W is an error times what W was multiplied with. W meets a; it is U that meets x.",
                ),
                Slip(
                    "outer",
                    lambda delta, a, x: a @ delta.T,
                    "gradient of W transposed",
                    "The gradient of W has the shape of W, and here that hides a transpose: row for the neuron that W leads to.",
                ),
            ),
            told=(  # the slopes cancel
                frozenset({"identity left out", "the sigmoid's slope"}),
                frozenset({"identity left out", "tanh once too often"}),
                frozenset({"identity left out", "square forgotten in the slope"}),
            ),
        ),
        Mistake(
            "slope on g too",
            lambda W, U, x, a, g: _fixed_point_vjp(W, U, x, a, (1 - a**2) * g),
            "The slope comes in twice: before the system is solved, and behind it. g arrives at a itself; only what you solved for goes back through "
            "tanh.",
        ),
        Mistake(
            "weighted input for the activation beside δ",
            _in_parts(outer=lambda delta, a, x: delta @ np.arctanh(a).T),
            "The gradient of x is right. In that of W you multiply δ with the weighted input. W meets what comes out of tanh and goes in again.",
        ),
        Mistake(
            "way through W added to the gradient of x",
            _through_W_again,
            "The gradient of W is right. To that of x you add one more way back through W. The system that you solved has gone back through W as "
            "often as there is a way; x enters z through U alone.",
        ),
    ),
)
