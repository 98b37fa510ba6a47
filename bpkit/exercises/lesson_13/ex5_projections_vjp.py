"""13.5: from the heads back to the sequence and to the three matrices that made queries, keys and values of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_13.shared import Array
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

_SIZES = ((3, 1, 3, 2), (2, 2, 4, 4), (1, 3, 1, 3), (2, 3, 4, 1))  # heads, rows of a head, rows of x, places


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for h, e, d, n in _SIZES:
        matrices = tuple(rng.normal(size=(h * e, d)) for _ in range(3))
        back = tuple(rng.normal(size=(h, e, n)) for _ in range(3))
        label = f"{h} head{'s' if h > 1 else ''} of {e} rows, x of shape ({d}, {n})"
        cases.append(Case(label, (rng.normal(size=(d, n)), *matrices, *back)))
    return cases


def _projections_vjp(x: Array, Wq: Array, Wk: Array, Wv: Array, dQ: Array, dK: Array, dV: Array) -> tuple[Array, Array, Array, Array]:
    n = x.shape[1]
    dQ, dK, dV = dQ.reshape(len(Wq), n), dK.reshape(len(Wk), n), dV.reshape(len(Wv), n)
    return Wq.T @ dQ + Wk.T @ dK + Wv.T @ dV, dQ @ x.T, dK @ x.T, dV @ x.T


def _oracle(x: Array, Wq: Array, Wk: Array, Wv: Array, dQ: Array, dK: Array, dV: Array) -> tuple[Array, ...]:
    """Complex steps through the forward pass, head by head with slices: Σ dQ ∘ Q + Σ dK ∘ K + Σ dV ∘ V moves as they say."""
    e = dQ.shape[1]

    def cost(x: Array, W: Array, back: Array) -> Any:
        return sum(np.sum(back[j] * (W[j * e : (j + 1) * e] @ x)) for j in range(len(back)))

    def to_matrix(W: Array, back: Array) -> Array:
        return oracles.gradient(lambda moved: cost(x, moved, back), W)

    uses = ((Wq, dQ), (Wk, dK), (Wv, dV))
    to_x = oracles.gradient(lambda moved: sum(cost(moved, W, back) for W, back in uses), x)
    return to_x, *(to_matrix(W, back) for W, back in uses)


def _merged(D: Array) -> Array:
    return D.reshape(-1, D.shape[-1])


def _uses(W: Sequence[Array], D: Sequence[Array], which: Sequence[int]) -> Array:
    """What some of the three uses of x send back to it."""
    return np.asarray(np.sum([W[k].T @ D[k] for k in which], axis=0))


def _in_parts(
    merged: Callable[[Array], Array] = _merged,
    dx: Callable[[list[Array], list[Array]], Array] = lambda W, D: _uses(W, D, (0, 1, 2)),
    dW: Callable[[Array, Array], Array] = lambda D, x: D @ x.T,
) -> Answer:
    def answer(x: Array, Wq: Array, Wk: Array, Wv: Array, dQ: Array, dK: Array, dV: Array) -> tuple[Array, ...]:
        D = [merged(part) for part in (dQ, dK, dV)]
        return dx([Wq, Wk, Wv], D), *(dW(part, x) for part in D)

    return answer


def _one_use(k: int) -> Callable[[list[Array], list[Array]], Array]:
    return lambda W, D: _uses(W, D, [k])


def _but_one(k: int) -> Callable[[list[Array], list[Array]], Array]:
    return lambda W, D: _uses(W, D, [j for j in range(3) if j != k])


def _one_matrix(k: int) -> Callable[[list[Array], list[Array]], Array]:
    return lambda W, D: W[k].T @ (D[0] + D[1] + D[2])


_SLIPS = (
    Slip(
        "merged",
        lambda D: D.swapaxes(0, 1).reshape(-1, D.shape[-1]),
        "heads interleaved",
        "You lay the heads into each other, row 0 of each head first. The forward pass cut the rows into blocks, one block for each head: put "
        "the blocks below each other.",
    ),
    Slip(
        "merged",
        lambda D: D[::-1].reshape(-1, D.shape[-1]),
        "heads in reverse",
        "The last head stands on top in your answer. Head 0 was cut from the first rows.",
    ),
    Slip(
        "merged",
        lambda D: D.reshape(D.shape[-1], -1).T,
        "reshaped to the wrong axis",
        "Your reshape mixes places with rows: the last axis counts the places and stays as it is.",
    ),
    Slip(
        "merged",
        lambda D: np.tile(D.sum(axis=0), (len(D), 1)),
        "heads added up",
        "You add the heads up. Each head was made from rows of its own, and goes back to these.",
    ),
    Slip(
        "merged",
        lambda D: np.tile(D[0], (len(D), 1)),
        "the first head for all",
        "Every head gets the gradient of the first in your answer.",
        alone=True,
    ),
    *(
        Slip(
            "dx",
            _one_use(k),
            f"x through the {what} alone",
            f"Your dx knows one use of x, in the {what}. How often is x used, and what does lesson 09 do with uses?",
        )
        for k, what in enumerate(("queries", "keys", "values"))
    ),
    *(
        Slip(
            "dx",
            _but_one(k),
            f"x without the {what}",
            "Your dx counts two of the three uses of x. Which arrow is missing in the drawing?",
            alone=True,
        )
        for k, what in enumerate(("queries", "keys", "values"))
    ),
    *(
        Slip(
            "dx",
            _one_matrix(k),
            f"x through the matrix of the {what}",
            f"All three gradients go back to x through the matrix of the {what}. Each has to go through the matrix that it came through.",
            alone=True,
        )
        for k, what in enumerate(("queries", "keys", "values"))
    ),
    Slip(
        "dx",
        lambda W, D: _uses(W, D, (0, 1, 2)) / 3,
        "mean of the three uses",
        "You average the three uses of x. A nudge of x goes all three ways at once, so they add up.",
    ),
    Slip(
        "dx",
        lambda W, D: W[0] @ D[0] + W[1] @ D[1] + W[2] @ D[2],
        "x through the matrices as they stand",
        "You go back to x through the matrices as they stand, which is the forward direction. It fits where they are square.",
    ),
    Slip(
        "dx",
        lambda W, D: (W[0] + W[1] + W[2]).T @ (D[0] + D[1] + D[2]),
        "matrices added before the product",
        "You add the three matrices up, and the three gradients. Each gradient goes back through its own matrix.",
    ),
    Slip(
        "dW",
        lambda D, x: x @ D.T,
        "gradients of the matrices transposed",
        "Your gradients of the matrices have rows and columns swapped. The gradient of a matrix has its shape.",
        alone=True,
    ),
    Slip(
        "dW",
        lambda D, x: D @ x.T / x.shape[1],
        "averaged over the places",
        "You divide the gradients of the matrices by the number of places. The gradients that came in have all factors in them.",
    ),
    Slip(
        "dW",
        lambda D, x: np.outer(D.sum(axis=1), x.sum(axis=1)),
        "summed before the product",
        "You sum over the places before you multiply. Each place pairs its own x with its own gradient; then they are added.",
    ),
)


EXERCISE = Exercise(
    id="13.5",
    name="projections_vjp",
    title="From the heads back to the sequence",
    points=3,
    minutes=10,
    difficulty=2,
    cases=_cases,
    reference=_projections_vjp,
    oracle=_oracle,
    part=("dx", "dWq", "dWk", "dWv"),
    hints=(
        "Two steps: put the heads together again, then go back through three matrix products.",
        "A reshape moves no number: its gradient is reshaped the other way. To which shape, when the queries were one matrix times x before they "
        "were cut?",
        "x goes into three products, and each of them sends something back to it. Each of the three matrices is used once.",
    ),
    mistakes=(
        *mistakes_of(_in_parts, _SLIPS),
        Mistake(
            "sign",
            lambda *given: tuple(-part for part in _projections_vjp(*given)),
            "Every sign is wrong. A way back has no minus sign of its own.",
        ),
        Mistake(
            "the matrices in another order",
            lambda x, Wq, Wk, Wv, dQ, dK, dV: [_projections_vjp(x, Wq, Wk, Wv, dQ, dK, dV)[k] for k in (0, 3, 2, 1)],
            "The gradients of the matrices stand in another order than queries, keys, values.",
        ),
        Mistake(
            "x last",
            lambda *given: [_projections_vjp(*given)[k] for k in (1, 2, 3, 0)],
            "The gradient of x stands last in your answer. It is asked first.",
        ),
        Mistake(
            "keys and values swapped",
            lambda x, Wq, Wk, Wv, dQ, dK, dV: _projections_vjp(x, Wq, Wk, Wv, dQ, dV, dK),
            "The gradients of keys and values have changed places on their way back.",
        ),
        Mistake(
            "forward once more",
            lambda x, Wq, Wk, Wv, dQ, dK, dV: (x, Wq @ x, Wk @ x, Wv @ x),
            "You compute queries, keys and values once more. Their gradients came in; what do these say about x and the matrices?",
        ),
    ),
)
