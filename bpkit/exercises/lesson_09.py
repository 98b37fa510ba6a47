"""The exercises of lesson 09, backpropagation as a way of thinking, with the mistakes that they tell apart."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.proof import Proof, Step

Array = np.ndarray

_AVERAGED_HINT = (
    "You divide by the number of examples. The objective here is a sum over all entries, with no mean in it; "
    "a factor that the objective does not have cannot be in its gradient."
)
_SIGN_HINT = "Every entry has the opposite sign. Look at the order of the two terms in the residual, and at which of them depends on what you move."


# ---- 09.1, 09.2 sparse coding -------------------------------------------------------------------------------------------

# rows of A, columns of A, examples; the all-square one stands second: where shapes do not fit, the first case says so
_SPARSE = ((4, 2, 5), (3, 3, 3), (2, 4, 1))


def _coded(rng: np.random.Generator, n: int, k: int, m: int) -> tuple[Array, Array, Array]:
    return rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m))


def _cases_s(rng: np.random.Generator) -> list[Case]:
    return [Case(f"A {n}×{k}, m = {m}", _coded(rng, n, k, m)) for n, k, m in _SPARSE]


def _cases_A(rng: np.random.Generator) -> list[Case]:
    return [Case(f"A {n}×{k}, m = {m}", (*_coded(rng, n, k, m), float(rng.uniform(0.3, 2.0)))) for n, k, m in _SPARSE]


def _sparse_s(A: Array, s: Array, x: Array) -> Array:
    return 2 * A.T @ (A @ s - x)


def _sparse_A(A: Array, s: Array, x: Array, gamma: float) -> Array:
    return 2 * (A @ s - x) @ s.T + 2 * gamma * A


SPARSE_GRAD_S = Exercise(
    id="09.1",
    name="sparse_grad_s",
    title="Sparse coding: the gradient with respect to the code s",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_s,
    reference=_sparse_s,
    oracle=lambda A, s, x: oracles.gradient(lambda moved: np.sum((A @ moved - x) ** 2), s),
    hints=(
        "Draw the objective as a net: s goes in, A multiplies, x is subtracted, each entry is squared, all are added. Now walk back from the end.",
        "The sum hands 1 to each square. A square hands back twice its input. Subtracting a constant hands back what it gets. What does a "
        "multiplication by A hand back?",
        "Compare with BP2: the error of a layer comes back through the transposed weights. Here A is the matrix of weights, and 2(As - x) is the "
        "error in front of it.",
    ),
    mistakes=(
        Mistake(
            "2 missing",
            lambda A, s, x: A.T @ (A @ s - x),
            "Every entry is half of what it should be. The objective has no ½ in front: what does the square hand back?",
        ),
        Mistake(
            "A for Aᵀ",
            lambda A, s, x: 2 * A @ (A @ s - x),
            "You go back through A as it stands. That is the direction of the forward pass; it even fits where A is square. "
            "Which index of A does the sum run over on the way back?",
        ),
        Mistake(
            "2 and the transpose missing",
            lambda A, s, x: A @ (A @ s - x),
            "Two things went wrong: the way back through A, and what a square hands back. Take the steps of the net one at a time.",
        ),
        Mistake("sign", lambda A, s, x: 2 * A.T @ (x - A @ s), _SIGN_HINT),
        Mistake(
            "∇_A for ∇_s",
            lambda A, s, x: 2 * (A @ s - x) @ s.T,
            "That is how the objective moves with A. Here s moves, and the answer must have the shape of s.",
        ),
        Mistake(
            "stopped at the residual",
            lambda A, s, x: 2 * (A @ s - x),
            "You stopped one step early: this is the error at As. How does it get from there back to s?",
        ),
        Mistake(
            "x left out",
            lambda A, s, x: 2 * A.T @ A @ s,
            "x has vanished from your gradient. A constant that is subtracted has no gradient of its own to add, but it is still in the residual "
            "that gets squared.",
        ),
        Mistake(
            "entry by entry with Aᵀ",
            lambda A, s, x: 2 * A.T * (A @ s - x),
            "Your last step multiplies entry by entry. Every entry of s moves every entry of As, so on the way back there is a sum.",
        ),
        Mistake(
            "x not carried back",
            lambda A, s, x: 2 * A.T @ A @ s - 2 * x,
            "Your two terms lie in different places: one has been carried back to s, the other still stands where x is subtracted.",
        ),
        Mistake(
            "absolute values",
            lambda A, s, x: 2 * A.T @ np.abs(A @ s - x),
            "You send the size of the residuals back. Their signs belong to the gradient: they say in which direction to move.",
        ),
        Mistake(
            "2 on one term only",
            lambda A, s, x: 2 * A.T @ A @ s - A.T @ x,
            "You multiplied out and lost a factor on one of the two terms. Leave the residual together.",
        ),
        Mistake(
            "square for its derivative",
            lambda A, s, x: A.T @ (A @ s - x) ** 2,
            "You send the squared residuals back. A square hands back its derivative, not its value.",
        ),
        Mistake(
            "norm for its square",
            lambda A, s, x: A.T @ (A @ s - x) / np.linalg.norm(A @ s - x),
            "That is the gradient of the length of the residual. The objective is the length squared.",
        ),
        Mistake("averaged over the examples", lambda A, s, x: _sparse_s(A, s, x) / s.shape[1], _AVERAGED_HINT),
        Mistake(
            "halved and averaged",
            lambda A, s, x: _sparse_s(A, s, x) / (2 * s.shape[1]),
            "You took the quadratic cost of the earlier lessons, with its ½ and its mean over examples. This objective has neither.",
        ),
        Mistake(
            "summed over the examples",
            lambda A, s, x: _sparse_s(A, s, x).sum(axis=1, keepdims=True),
            "You add the examples up. Each column of s is a code of its own, with a gradient of its own.",
        ),
        Mistake(
            "transposed",
            lambda A, s, x: _sparse_s(A, s, x).T,
            "Rows and columns are swapped. A gradient has the shape of what it belongs to, here s.",
        ),
    ),
)

SPARSE_GRAD_A = Exercise(
    id="09.2",
    name="sparse_grad_A",
    title="Sparse coding: the gradient with respect to the dictionary A",
    points=2,
    minutes=10,
    difficulty=2,
    cases=_cases_A,
    reference=_sparse_A,
    oracle=lambda A, s, x, gamma: oracles.gradient(lambda moved: np.sum((moved @ s - x) ** 2) + gamma * np.sum(moved**2), A),
    hints=(
        "A is used twice: it multiplies s, and it is squared in the penalty. Two ways lead from A to the objective; what does that mean for its "
        "gradient?",
        "For the first use compare with BP4: the gradient of weights is the error in front of them times what came in, transposed. Here s came in.",
        "For the second use take one entry: how does γa² move with a? Each of the two parts has the shape of A. Add them.",
    ),
    mistakes=(
        Mistake(
            "∇_s for ∇_A (text U)",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x),
            "That is the gradient with respect to s, and it has the shape of s. A published text announces the gradient for A and derives this one. "
            "What came in at the use of A?",
        ),
        Mistake(
            "∇_s with the penalty of A",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x) + 2 * gamma * A,
            "Your first term is the gradient with respect to s, your second the one with respect to A. They only have the same shape by chance.",
        ),
        Mistake(
            "∇_s with half the penalty of A",
            lambda A, s, x, gamma: 2 * A.T @ (A @ s - x) + gamma * A,
            "Your first term is the gradient with respect to s and has its shape; your second belongs to A. Start with the use of A in As.",
        ),
        Mistake(
            "sᵀ missing",
            lambda A, s, x, gamma: 2 * (A @ s - x) + 2 * gamma * A,
            "Your first term is the error at As. To become a gradient of weights it must still meet what came in along them.",
        ),
        Mistake(
            "sᵀ misplaced",
            lambda A, s, x, gamma: 2 * s.T @ (A @ s - x) + 2 * gamma * A,
            "sᵀ stands on the wrong side of the error. Go by indices: row i of A leads to entry i of As, column j comes from entry j of s.",
        ),
        Mistake(
            "s not transposed",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s + 2 * gamma * A,
            "You multiply the error by s as it stands. The sum has to run over the examples, which are the columns of both.",
        ),
        Mistake(
            "first part transposed",
            lambda A, s, x, gamma: 2 * s @ (A @ s - x).T + 2 * gamma * A,
            "Your first part has its rows and columns swapped: row i of A belongs to the entry of As that it leads to.",
        ),
        Mistake(
            "entry by entry with s",
            lambda A, s, x, gamma: 2 * (A @ s - x) * s + 2 * gamma * A,
            "Every pair of an error and an input needs an entry of its own. An entry-by-entry product keeps only some of the pairs.",
        ),
        Mistake(
            "entry by entry with sᵀ",
            lambda A, s, x, gamma: 2 * (A @ s - x) * s.T + 2 * gamma * A,
            "For a single example an entry-by-entry product of a column and a row happens to give every pair. For several the pairs of all examples "
            "have to be summed: that is another kind of product.",
        ),
        Mistake(
            "γ once",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A,
            "The first part is right. The penalty has squares in it as well: what does γa² hand back to a?",
        ),
        Mistake(
            "2 missing in the first part",
            lambda A, s, x, gamma: (A @ s - x) @ s.T + 2 * gamma * A,
            "The part of the penalty is right. The other part is half of what it should be: the residual is squared, too.",
        ),
        Mistake(
            "both factors 2 missing",
            lambda A, s, x, gamma: (A @ s - x) @ s.T + gamma * A,
            "Every entry is half of what it should be. Neither of the two squares has a ½ in front.",
        ),
        Mistake(
            "penalty left out",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T,
            "One use of A is missing: it stands in the penalty, too.",
        ),
        Mistake(
            "only the penalty",
            lambda A, s, x, gamma: 2 * gamma * A,
            "That is the part of the penalty. A also multiplies s.",
        ),
        Mistake(
            "value of the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * np.sum(A**2),
            "You add the penalty itself, one number, to every entry. Its gradient is asked: an entry for each entry of A.",
        ),
        Mistake(
            "norm for its square in the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A / np.linalg.norm(A),
            "The first part is right. The second is the gradient of the length of A; the penalty is the length squared.",
        ),
        Mistake(
            "length of A in the penalty's part",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + 2 * gamma * np.linalg.norm(A),
            "The part of the penalty is one number, added everywhere. Each entry of A is squared by itself, so each gets back its own number.",
        ),
        Mistake(
            "squares in the penalty",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T + gamma * A**2,
            "The first part is right. In the second you left the squares standing where their derivatives belong.",
        ),
        Mistake(
            "γ on both parts",
            lambda A, s, x, gamma: 2 * gamma * ((A @ s - x) @ s.T + A),
            "γ stands in front of the penalty only. It cannot scale the other part.",
        ),
        Mistake(
            "penalty subtracted",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T - 2 * gamma * A,
            "The two parts of the objective are added, so their gradients are. The minus sign of a descent step is not part of the gradient.",
        ),
        Mistake(
            "sign of the residual",
            lambda A, s, x, gamma: 2 * (x - A @ s) @ s.T + 2 * gamma * A,
            "The part of the penalty is right, the other has the opposite sign. Which of the two terms in the residual contains A?",
        ),
        Mistake(
            "averaged over the examples",
            lambda A, s, x, gamma: 2 * (A @ s - x) @ s.T / s.shape[1] + 2 * gamma * A,
            _AVERAGED_HINT,
        ),
    ),
)


# ---- 09.3 the topographic penalty ----------------------------------------------------------------------------------------


def _cases_topographic(rng: np.random.Generator) -> list[Case]:
    cases = []
    for g, n, m in ((2, 4, 5), (3, 3, 3), (4, 3, 1)):
        # groups take squares with weights that are not negative, so that there is a root
        s = rng.normal(size=(n, m)) if m > 1 else rng.uniform(0.3, 1.5, size=(n, m))  # so that text U's root has a value somewhere
        args = (rng.uniform(0.2, 1.5, size=(g, n)), s, float(rng.uniform(0.2, 1.0)))
        cases.append(Case(f"V {g}×{n}, m = {m}", args))
    return cases


def _under_root(V: Array, s: Array, eps: float) -> Array:
    return V @ s**2 + eps


def _topographic(V: Array, s: Array, eps: float) -> Array:
    return V.T @ _under_root(V, s, eps) ** -0.5 * s


TOPOGRAPHIC_GRAD = Exercise(
    id="09.3",
    name="topographic_grad",
    title="The smoothed topographic penalty",
    points=3,
    minutes=10,
    difficulty=3,
    cases=_cases_topographic,
    reference=_topographic,
    oracle=lambda V, s, eps: oracles.gradient(lambda moved: np.sum(np.sqrt(V @ moved**2 + eps)), s),
    hints=(
        "Name what lies between s and the objective: the squares q, the groups u = Vq, p = u + ε, the roots. Go back over them one at a time.",
        "A root hands back ½ over the root. Adding ε hands back what it gets. V hands back through its transpose. A square hands back twice its "
        "input, entry by entry.",
        "Two factors, ½ and 2, meet and cancel. What is left: the reciprocal roots, carried back through the transposed V, and s entry by entry.",
    ),
    mistakes=(
        Mistake(
            "V for Vᵀ",
            lambda V, s, eps: V @ _under_root(V, s, eps) ** -0.5 * s,
            "You carry the groups back through V as it stands. Where V is square it fits, and where V is symmetric nobody notices. "
            "Which way does V lead: from entries to groups, or back?",
        ),
        Mistake(
            "ε left out",
            lambda V, s, eps: V.T @ _under_root(V, s, 0.0) ** -0.5 * s,
            "The roots in your gradient are not those of the objective: something that stands under them is missing.",
        ),
        Mistake(
            "factor ½",
            lambda V, s, eps: _topographic(V, s, eps) / 2,
            "Every entry is half of what it should be. You have the derivative of the root; what does the square of s hand back?",
        ),
        Mistake(
            "factor 2",
            lambda V, s, eps: 2 * _topographic(V, s, eps),
            "Every entry is twice what it should be. You have the derivative of the square; look at the root's once more.",
        ),
        Mistake(
            "s sᵀ read literally (text U)",
            lambda V, s, eps: V.T @ (V @ s @ s.T + eps) ** -0.5 @ s,
            "You used the matrix product of s with its transpose. A published text writes it so and means something else: its net squares each "
            "entry of s. With the matrix product the numbers under the root can even be negative.",
        ),
        Mistake(
            "s sᵀ read literally, times s entry by entry",
            lambda V, s, eps: V.T @ (V @ s @ s.T + eps) ** -0.5 * s,
            "You used the matrix product of s with its transpose. A published text writes it so and means something else: its net squares each "
            "entry of s.",
        ),
        Mistake(
            "s left out",
            lambda V, s, eps: V.T @ _under_root(V, s, eps) ** -0.5,
            "You stopped at the squares. One step is left, from the squares to s.",
        ),
        Mistake(
            "½ and s left out",
            lambda V, s, eps: V.T @ (_under_root(V, s, eps) ** -0.5 / 2),
            "This is the gradient with respect to the squares of s. One step is left: how does a square move with s?",
        ),
        Mistake(
            "stopped at the groups",
            lambda V, s, eps: _under_root(V, s, eps) ** -0.5 / 2,
            "You stopped early: this is what comes back to the groups, one number for each. Two steps are left until s.",
        ),
        Mistake(
            "s before Vᵀ",
            lambda V, s, eps: V.T @ (_under_root(V, s, eps) ** -0.5 * s),
            "You multiply by s before you have gone back through V. There the numbers still belong to groups, not to entries of s.",
        ),
        Mistake(
            "matrix product with s",
            lambda V, s, eps: V.T @ _under_root(V, s, eps) ** -0.5 @ s,
            "Your last step is a matrix product. Each entry of s is squared by itself, so each gets back its own number.",
        ),
        Mistake(
            "root for its derivative",
            lambda V, s, eps: V.T @ _under_root(V, s, eps) ** 0.5 * s,
            "You send the roots themselves back. A root hands back its derivative.",
        ),
        Mistake(
            "reciprocal without a root",
            lambda V, s, eps: V.T @ (1 / _under_root(V, s, eps)) * s,
            "The power is not right: differentiating the power ½ leaves another power. Which?",
        ),
        Mistake(
            "ε outside the root",
            lambda V, s, eps: V.T @ (1 / (_under_root(V, s, 0.0) ** 0.5 + eps)) * s,
            "You add ε to the root. In the objective it stands under the root.",
        ),
        Mistake(
            "ε before V",
            lambda V, s, eps: V.T @ (V @ (s**2 + eps)) ** -0.5 * s,
            "You add ε to the squares, before they are grouped. In the objective it is added to the groups.",
        ),
        Mistake(
            "(Vs) ⊙ s for V(s ⊙ s)",
            lambda V, s, eps: V.T @ (V @ s * s + eps) ** -0.5 * s,
            "Under the root you multiply Vs by s. Squares come first, then groups; `@` and `*` are worked off from the left.",
        ),
        Mistake(
            "reciprocal after Vᵀ",
            lambda V, s, eps: s / (V.T @ _under_root(V, s, eps) ** 0.5),
            "You carry the roots back and then take the reciprocal. What goes back through V is what the roots hand back.",
        ),
        Mistake(
            "square left out under the root",
            lambda V, s, eps: V.T @ (V @ s + eps) ** -0.5 * s,
            "Under the root stands V times s itself. The objective groups the squares.",
        ),
        Mistake(
            "groups left out",
            lambda V, s, eps: s / (s**2 + eps) ** 0.5,
            "That is the penalty without groups, each entry by itself. V has dropped out.",
        ),
        Mistake("averaged over the examples", lambda V, s, eps: _topographic(V, s, eps) / s.shape[1], _AVERAGED_HINT),
        Mistake("sign", lambda V, s, eps: -_topographic(V, s, eps), "Every entry has the opposite sign. The penalty grows when an entry grows."),
    ),
)


# ---- 09.4 a shared parameter ---------------------------------------------------------------------------------------------


def _cases_parts(rng: np.random.Generator) -> list[Case]:
    cases = []
    for uses, shape in ((2, (3, 3)), (3, (2, 4)), (4, (3, 1))):
        cases.append(Case(f"{uses} uses of a {shape[0]}×{shape[1]} matrix", ([rng.normal(size=shape) for _ in range(uses)],)))
    return cases


def _shared_oracle(parts: list[Array]) -> Array:
    # a function that uses W once for each part, with that part as its slope
    return oracles.gradient(lambda W: sum(np.sum(part * W) for part in parts), np.zeros(parts[0].shape))


def _multiplied(parts: list[Array]) -> Array:
    return functools.reduce(np.multiply, parts)


SHARED_GRADIENT = Exercise(
    id="09.4",
    name="shared_gradient",
    title="The gradient of a parameter that is used several times",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_parts,
    reference=lambda parts: functools.reduce(np.add, parts),
    oracle=_shared_oracle,
    hints=(
        "Nudge the parameter: the nudge arrives at every use at once. What does the objective do, to first order?",
        "The changes that the single uses cause add up. So do their slopes, entry by entry.",
        "Start from zeros of the right shape, or from a copy, and go through the list. Leave the list itself as it was.",
    ),
    mistakes=(
        Mistake(
            "last use only",
            lambda parts: parts[-1],
            "Only the last use counts. Does your loop overwrite what it has, or add to it?",
        ),
        Mistake("first use only", lambda parts: parts[0], "Only the first use counts. Is the `return` inside your loop?"),
        Mistake(
            "mean",
            lambda parts: np.mean(parts, axis=0),
            "You average over the uses. A parameter that is used twice moves the objective at two places: nothing is shared out between them.",
        ),
        Mistake(
            "product",
            _multiplied,
            "You multiply the parts. Factors belong to links one behind the other; the uses stand side by side.",
        ),
        Mistake(
            "summed to one number",
            lambda parts: np.sum(parts),
            "Everything is added up to a single number. The parts are added entry by entry: the gradient keeps the shape of the parameter.",
        ),
        Mistake(
            "not added",
            lambda parts: np.array(parts),
            "The parts are stacked, not added. The gradient has the shape of the parameter, however often it is used.",
        ),
        Mistake(
            "a sum for each use",
            lambda parts: [np.sum(part) for part in parts],
            "You add the entries of each part. What has to be added are the parts, entry by entry.",
        ),
        Mistake(
            "first and last",
            lambda parts: parts[0] + parts[-1],
            "You add the first part and the last. With more uses than two, that is not the same as adding all.",
        ),
        Mistake(
            "first part twice",
            lambda parts: functools.reduce(np.add, parts, parts[0]),
            "One part too many: the sum begins with the first part, and then the loop adds it again.",
        ),
        Mistake(
            "two uses only",
            lambda parts: parts[0] + parts[1],
            "You add the first two parts. The list can hold more.",
        ),
        Mistake(
            "first part missing",
            lambda parts: functools.reduce(np.add, parts[1:], np.zeros_like(parts[0])),
            "The first part does not count. Where does your loop begin?",
        ),
    ),
)


# ---- 09.5 ICA reconstruction -------------------------------------------------------------------------------------------


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


ICA_GRAD = Exercise(
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
        Mistake("sign", lambda W, x: -_ica(W, x), _SIGN_HINT),
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
        Mistake("averaged over the examples", lambda W, x: _ica(W, x) / x.shape[1], _AVERAGED_HINT),
        Mistake(
            "∇_x for ∇_W",
            lambda W, x: 2 * W.T @ W @ _rebuilt(W, x) - 2 * _rebuilt(W, x),
            "That is how the cost moves with x. Here x is given, and W moves.",
        ),
    ),
)


# ---- 09.6 the proof of the theorem ------------------------------------------------------------------------------------------

PROOF = Proof(
    (
        Step("E", r"Give each use a name of its own: the function that they enter is $F(W_{[1]}, \dots, W_{[U]})$."),
        Step(
            "B",
            r"Put one matrix into all places: $G(W) = F(c(W))$ with the copying map $c(W) = (W, \dots, W)$.",
            "E",
            "copies before the places",
            "Step B puts one matrix into several places. In your order, which step says that there are several places?",
        ),
        Step(
            "G",
            r"Both are differentiable: $F$ at the point $c(W)$, as the theorem asks; $c$ everywhere, since it is linear.",
            "B",
            "conditions before the composition",
            "Step G speaks of two functions, one inside the other. At that point of your proof there is no inner function yet.",
        ),
        Step(
            "A",
            r"So the chain rule holds: $\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \sum_{k,l} "
            r"\dfrac{\partial F}{\partial w_{[u]kl}}\, \dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$.",
            "G",
            "chain rule before its conditions",
            "Step A uses the chain rule. It is a theorem with conditions: which step says that they are met?",
        ),
        Step(
            "H",
            r"Look at one entry of one copy: $w_{[u]kl} = w_{kl}$.",
            "B",
            "an entry before the copies",
            "Step H looks at an entry of a copy. Where are the copies made?",
        ),
        Step(
            "D",
            r"Differentiate it: $\dfrac{\partial w_{[u]kl}}{\partial w_{ij}}$ is 1 where $k = i$ and $l = j$, and 0 elsewhere.",
            "H",
            "derivative before the function",
            "Step D differentiates an entry of a copy. It has to be said first what that entry is.",
        ),
        Step(
            "F",
            r"Put it in; of each inner sum one term is left: "
            r"$\dfrac{\partial G}{\partial w_{ij}} = \sum_{u} \dfrac{\partial F}{\partial w_{[u]ij}}$.",
            "AD",
            "substituted too early",
            "Step F joins two strands: a double sum with a derivative in it, and the value of that derivative. One of the two is not there yet.",
        ),
        Step(
            "C",
            r"Read all $i, j$ at once: $\dfrac{\partial G}{\partial W} = \sum_u \dfrac{\partial F}{\partial W_{[u]}}$.",
            "F",
            "matrix form too early",
            "Step C reads a formula for single entries as one for whole matrices. That formula does not stand there yet.",
        ),
    )
)

SHARED_PROOF_ORDER = PROOF.exercise(
    id="09.6",
    name="shared_proof_order",
    title="Put the proof of the shared-parameter theorem in order",
    points=2,
    minutes=8,
    difficulty=2,
    hints=(
        "One step rests on nothing: it gives names. The next writes what you want to differentiate as one function inside another.",
        "From there two strands start. One leads over the conditions to a double sum, the other finds the derivative that stands inside it.",
        "They meet where that derivative is put in. After that, one step remains: from single entries to whole matrices.",
    ),
)


# ---- 09.7 a quadratic form ---------------------------------------------------------------------------------------------------


def _cases_form(rng: np.random.Generator) -> list[Case]:
    return [Case(f"X {n}×{p}", (rng.normal(size=(n, p)), rng.normal(size=(n, n)))) for n, p in ((4, 2), (3, 3), (3, 1))]


def _form(X: Array, A: Array) -> Array:
    return (A + A.T) @ X


def _right_side(f: Callable[[Array, Array], Array]) -> Callable[[Array, Array], Any]:
    return lambda X, A: X @ f(X, A)


QUADRATIC_FORM_GRAD = Exercise(
    id="09.7",
    name="quadratic_form_grad",
    title="The gradient of tr(XᵀAX)",
    points=2,
    minutes=8,
    difficulty=2,
    cases=_cases_form,
    reference=_form,
    oracle=lambda X, A: oracles.gradient(lambda moved: np.trace(moved.T @ A @ moved), X),
    hints=(
        "The trace of a product is a sum over pairs of equal entries: the trace of XᵀY is the sum of X ⊙ Y. Draw the net with Y = AX.",
        "X is used twice: once as a factor of the entry-by-entry product, once on the way through A. What does each use get back?",
        "The factor X gets back what it is multiplied with. The way through A goes back as in BP2, through its transpose. A is not symmetric.",
    ),
    mistakes=(
        Mistake(
            "2AX",
            lambda X, A: 2 * A @ X,
            "That holds where A is symmetric. Here it is not: the two uses of X get back two different things.",
        ),
        Mistake(
            "2AᵀX",
            lambda X, A: 2 * A.T @ X,
            "That holds where A is symmetric. Here it is not: the two uses of X get back two different things.",
        ),
        Mistake("one use only", lambda X, A: A @ X, "That is the part of one use. X stands there twice."),
        Mistake(
            "the use behind A only",
            lambda X, A: A.T @ X,
            "That is the part of the X on which A acts. X stands there twice.",
        ),
        Mistake(
            "mean of the uses",
            lambda X, A: _form(X, A) / 2,
            "Every entry is half of what it should be. The gradients of two uses are added, and the form has no ½ in front.",
        ),
        Mistake(
            "one part transposed",
            lambda X, A: A.T @ X + X.T @ A,
            "Your two parts differ in shape. What comes back to a use has the shape of X, whichever use it is.",
        ),
        Mistake(
            "the other part transposed",
            lambda X, A: A @ X + X.T @ A,
            "Your two parts differ in shape. What comes back to a use has the shape of X, whichever use it is.",
        ),
        Mistake(
            "on the wrong side",
            _right_side(lambda X, A: A + A.T),
            "A acts on the rows of X, from the left. In your gradient it acts from the right, which fits only where X is square.",
        ),
        Mistake("X left out", lambda X, A: A + A.T, "A quadratic form has a gradient that grows with X. In yours there is no X."),
        Mistake(
            "twice the sum",
            lambda X, A: 2 * _form(X, A),
            "Every entry is twice what it should be. The two uses are both there; nothing more has to be doubled.",
        ),
        Mistake("parts subtracted", lambda X, A: (A - A.T) @ X, "The two uses are added. Where does your minus come from?"),
        Mistake("transposed", lambda X, A: _form(X, A).T, "Rows and columns are swapped. A gradient has the shape of what it belongs to, here X."),
        Mistake(
            "the form itself",
            lambda X, A: np.trace(X.T @ A @ X),
            "That is the value of the form, one number. Asked is how it moves with each entry of X.",
        ),
        Mistake(
            "∇_A for ∇_X",
            lambda X, A: X @ X.T,
            "That is how the form moves with A. Here X moves, and the answer must have the shape of X.",
        ),
        Mistake(
            "not added, multiplied",
            lambda X, A: A.T @ A @ X,
            "You multiplied what the two uses get back. They stand side by side, so they are added.",
        ),
    ),
)


EXERCISES = (SPARSE_GRAD_S, SPARSE_GRAD_A, TOPOGRAPHIC_GRAD, SHARED_GRADIENT, ICA_GRAD, SHARED_PROOF_ORDER, QUADRATIC_FORM_GRAD)


def proof_table() -> str:
    """The steps of the theorem's proof under their letters, as a Markdown table."""
    return PROOF.table()
