"""09.5: ICA's reconstruction cost: one matrix, used twice."""

from __future__ import annotations

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_09.shared import AVERAGED_HINT, SIGN_HINT, Array
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_ica(rng: np.random.Generator) -> list[Case]:
    cases = []
    for k, n, m in ((2, 4, 5), (3, 3, 3), (4, 2, 1)):
        cases.append(Case(f"W {k}×{n}, m = {m}", (rng.normal(size=(k, n)), rng.normal(size=(n, m)))))
    return cases


def _rebuilt(W: Array, x: Array) -> Array:
    """The residual of the reconstruction."""
    return W.T @ (W @ x) - x


def _inner_use(W: Array, x: Array) -> Array:
    return 2 * W @ _rebuilt(W, x) @ x.T


def _outer_use(W: Array, x: Array) -> Array:
    return 2 * (W @ x) @ _rebuilt(W, x).T


def _ica(W: Array, x: Array) -> Array:
    return _inner_use(W, x) + _outer_use(W, x)


EXERCISE = Exercise(
    id="09.5",
    name="ica_grad",
    title="ICA's reconstruction cost: one matrix, used twice",
    points=3,
    minutes=12,
    difficulty=3,
    cases=_cases_ica,
    reference=_ica,
    oracle=lambda W, x: oracles.gradient(lambda moved: np.sum((moved.T @ (moved @ x) - x) ** 2), W),
    hints=(
        "Give the two uses two names: h = Px, y = Qᵀh, with P = Q = W. Differentiate with respect to each as if the other were a constant.",
        "The error at y is twice the residual. P is a matrix of weights with x coming in: what is the error at h? Q stands there transposed.",
        "For a matrix that is used transposed, take the gradient of the transposed matrix as usual, and turn it. Then both parts have the shape "
        "of W; add them.",
    ),
    mistakes=(
        Mistake(
            "inner use only",
            _inner_use,
            "You have one of two parts, the one of the W that meets x first. Where else does W stand?",
        ),
        Mistake(
            "outer use only",
            _outer_use,
            "You have one of two parts, the one of the W that stands there transposed. The other W, next to x, moves as well.",
        ),
        Mistake(
            "not turned back",
            lambda W, x: _inner_use(W, x) + _outer_use(W, x).T,
            "One of your parts belongs to the transposed W: it has the shape of Wᵀ. Only where W is square can you add it to the other unnoticed.",
        ),
        Mistake(
            "Wᵀ for W (text U)",
            lambda W, x: 2 * W.T @ _rebuilt(W, x) @ x.T + _outer_use(W, x),
            "Your first part goes back through Wᵀ, as a published text prints it. Forward, this step multiplies by Wᵀ; backward goes through the "
            "transpose of that. A symmetric W would not notice.",
        ),
        Mistake(
            "Wᵀ for W, inner use only",
            lambda W, x: 2 * W.T @ _rebuilt(W, x) @ x.T,
            "You have one of two parts, and on the way back through Wᵀ you forgot to transpose it.",
        ),
        Mistake(
            "doubled",
            lambda W, x: 2 * _ica(W, x),
            "Every entry is twice what it should be. The sum over the two uses is there already: nothing is left to be doubled.",
        ),
        Mistake(
            "inner use counted twice",
            lambda W, x: 2 * _inner_use(W, x),
            "You took one use and doubled it. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "outer use counted twice",
            lambda W, x: 2 * _outer_use(W, x),
            "You took one use and doubled it. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "mean of the uses",
            lambda W, x: _ica(W, x) / 2,
            "Every entry is half of what it should be. Did you average over the two uses, or lose the 2 of the square?",
        ),
        Mistake("sign", lambda W, x: -_ica(W, x), SIGN_HINT),
        Mistake(
            "parts subtracted",
            lambda W, x: _inner_use(W, x) - _outer_use(W, x),
            "Both parts are there, with a minus between them. Where would a minus come from?",
        ),
        Mistake(
            "2 missing in the inner part",
            lambda W, x: _inner_use(W, x) / 2 + _outer_use(W, x),
            "One of your parts is half of what it should be. The same error, with the 2 of the square, goes back to both uses.",
        ),
        Mistake(
            "2 missing in the outer part",
            lambda W, x: _inner_use(W, x) + _outer_use(W, x) / 2,
            "One of your parts is half of what it should be. The same error, with the 2 of the square, goes back to both uses.",
        ),
        Mistake(
            "x for the residual in the first part",
            lambda W, x: 2 * W @ x @ x.T + _outer_use(W, x),
            "In one part the residual is missing: what comes back from the end of the net is the residual, not x.",
        ),
        Mistake(
            "reconstruction for the residual",
            lambda W, x: 2 * W @ (W.T @ W @ x) @ x.T + 2 * (W @ x) @ (W.T @ W @ x).T,
            "You send the reconstruction back. What is squared is its difference from x.",
        ),
        Mistake(
            "x for h in the second part",
            lambda W, x: _inner_use(W, x) + 2 * x @ _rebuilt(W, x).T,
            "What comes in at the second use is not x any more: it has passed the first.",
        ),
        Mistake(
            "transposed",
            lambda W, x: _ica(W, x).T,
            "Rows and columns are swapped. A gradient has the shape of what it belongs to, here W.",
        ),
        Mistake("averaged over the examples", lambda W, x: _ica(W, x) / x.shape[1], AVERAGED_HINT),
        Mistake(
            "∇_x for ∇_W",
            lambda W, x: 2 * W.T @ W @ _rebuilt(W, x) - 2 * _rebuilt(W, x),
            "That is how the cost moves with x. Here x is given, and W moves.",
        ),
    ),
)
