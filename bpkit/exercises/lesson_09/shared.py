"""What several exercises of lesson 09 need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.model import Answer, Mistake
from bpkit.exercises.slips import Slip, mistakes_of

Array = np.ndarray


AVERAGED_HINT = (
    "You divide by the number of examples. The objective here is a sum over all entries, with no mean in it; "
    "a factor that the objective does not have cannot be in its gradient."
)


SIGN_HINT = "Every entry has the opposite sign. Look at the order of the two terms in the residual, and at which of them depends on what you move."


# rows of A, columns of A, examples; the all-square one stands second: where shapes do not fit, the first case says so
SPARSE = ((4, 2, 5), (3, 3, 3), (2, 4, 1))


def coded(rng: np.random.Generator, n: int, k: int, m: int) -> tuple[Array, Array, Array]:
    return rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m))


# ---- the gradient of |As - x|² + γ|A|² for A


SIGNS_ALONE = (
    "Only the sign of the residual comes back in your answer. That is the slope of an absolute value; what a square hands back grows with what is "
    "squared."
)

X_LEFT_OUT = Slip(
    "residual",
    lambda A, s, x: A @ s,
    "x left out",
    "x has vanished from your gradient. A constant that is subtracted has no gradient of its own, but it is still in the residual that gets squared.",
)


X_ADDED = Slip(
    "residual",
    lambda A, s, x: A @ s + x,
    "x added",
    "Your residual is As plus x. The objective squares a difference.",
    alone=True,
)


def dictionary_gradient(
    residual: Callable[[Array, Array, Array], Array] = lambda A, s, x: A @ s - x,
    factor: Callable[[int], float] = lambda m: 2.0,
    carried: Callable[[Array, Array, Array], Array] = lambda A, s, r: r @ s.T,
    penalty: Callable[[Array, float], Any] = lambda A, gamma: 2 * gamma * A,
) -> Answer:
    """An answer that has one part for each thing to get wrong."""
    return lambda A, s, x, gamma: factor(s.shape[1]) * carried(A, s, residual(A, s, x)) + penalty(A, gamma)


TWO_LOST = "You multiplied out and lost a factor on one of the two terms. Leave the residual together."

POOLED_HINT = (
    "In the first part you put the examples together before you multiply. Each example's error meets the s of the same example, and these products "
    "are added."
)


DICTIONARY: tuple[Mistake, ...] = (
    Mistake(
        "the A that solves it",
        lambda A, s, x, gamma: x @ s.T @ np.linalg.inv(s @ s.T + gamma * np.eye(len(s))),
        "That is the A at which the gradient is 0. Asked is the gradient at the A that is given.",
    ),
    Mistake(
        "penalty for each example",
        lambda A, s, x, gamma: dictionary_gradient()(A, s, x, gamma * s.shape[1]),
        "The first part is right. Your penalty comes in once for each example; in the objective it stands once.",
    ),
    Mistake(
        "norms for their squares",
        lambda A, s, x, gamma: (A @ s - x) @ s.T / np.linalg.norm(A @ s - x) + gamma * A / np.linalg.norm(A),
        "That is the gradient of the norms themselves. The objective has their squares, which have no root.",
    ),
    Mistake(
        "∇_s for ∇_A (text U)",
        dictionary_gradient(carried=lambda A, s, r: A.T @ r, penalty=lambda A, gamma: 0.0),
        "That is the gradient with respect to s, and it has the shape of s. A published text announces the gradient for A and derives this one. "
        "What came in at the use of A?",
    ),
    Mistake(
        "both factors 2 missing",
        dictionary_gradient(factor=lambda m: 1.0, penalty=lambda A, gamma: gamma * A),
        "Every entry is half of what it should be. Neither of the two squares has a ½ in front.",
    ),
    Mistake(
        "sign",
        lambda A, s, x, gamma: -dictionary_gradient()(A, s, x, gamma),
        "Every entry has the opposite sign. The minus sign of a descent step is not part of the gradient.",
    ),
    Mistake(
        "only the penalty",
        lambda A, s, x, gamma: 2 * gamma * A,
        "That is the part of the penalty. A also multiplies s.",
    ),
    Mistake(
        "γ on the first part",
        lambda A, s, x, gamma: 2 * gamma * (A @ s - x) @ s.T + 2 * A,
        "γ has come to stand in front of the residual's part. It weighs the penalty.",
    ),
    Mistake(
        "γ on both parts",
        lambda A, s, x, gamma: gamma * dictionary_gradient()(A, s, x, 1.0),
        "γ stands in front of the penalty only. It cannot scale the other part.",
    ),
    *mistakes_of(
        dictionary_gradient,
        (
            Slip(
                "residual",
                lambda A, s, x: x - A @ s,
                "sign of the residual",
                "The part of the penalty is right, the other has the opposite sign. Which of the two terms in the residual contains A?",
            ),
            X_LEFT_OUT,
            X_ADDED,
            Slip("residual", lambda A, s, x: A @ s - x / 2, "2 on As only", TWO_LOST, alone=True),
            Slip("residual", lambda A, s, x: A @ s / 2 - x, "2 on x only", TWO_LOST, alone=True),
            Slip(
                "factor",
                lambda m: 1.0,
                "2 missing in the first part",
                "The part of the penalty is right. The other part is half of what it should be: the residual is squared, too.",
            ),
            Slip("factor", lambda m: 2.0 / m, "averaged over the examples", AVERAGED_HINT),
            Slip(
                "factor",
                lambda m: 1.0 / m,
                "halved and averaged",
                "The first part is that of the quadratic cost of the earlier lessons, with its ½ and its mean over examples. This objective has "
                "neither.",
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: A.T @ r,
                "∇_s in the first part",
                "Your first term is the gradient with respect to s, your second belongs to A. They have the same shape only by chance.",
            ),
            Slip(
                "carried",
                lambda A, s, r: A.T @ r @ s.T,
                "sᵀ behind the gradient of s",
                "You carry the residual back through A and put what came in behind it. The error that meets it is the one at As: it has not gone "
                "back through A.",
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: r,
                "sᵀ missing",
                "Your first term is the error at As. To become a gradient of weights it must still meet what came in along them.",
            ),
            Slip(
                "carried",
                lambda A, s, r: s.T @ r,
                "sᵀ misplaced",
                "sᵀ stands on the wrong side of the error. Go by indices: row i of A leads to entry i of As, column j comes from entry j of s.",
            ),
            Slip(
                "carried",
                lambda A, s, r: r @ s,
                "s not transposed",
                "You multiply the error by s as it stands. The sum has to run over the examples, which are the columns of both.",
            ),
            Slip(
                "carried",
                lambda A, s, r: s @ r.T,
                "first part transposed",
                "Your first part has its rows and columns swapped: row i of A belongs to the entry of As that it leads to.",
            ),
            Slip(
                "carried",
                lambda A, s, r: r * s,
                "entry by entry with s",
                "Every pair of an error and an input needs an entry of its own. An entry-by-entry product keeps only some of the pairs.",
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: r * s.T,
                "entry by entry with sᵀ",
                "For a single example an entry-by-entry product of a column and a row happens to give every pair. For several the pairs of all "
                "examples have to be summed: that is another kind of product.",
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: np.outer(r.sum(axis=1), s.sum(axis=1)),
                "product of sums",
                POOLED_HINT,
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: np.outer(r.mean(axis=1), s.sum(axis=1)),
                "product of a mean and a sum",
                POOLED_HINT,
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: np.outer(r.mean(axis=1), s.mean(axis=1)),
                "product of means",
                POOLED_HINT,
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: np.outer(r[:, -1], s[:, -1]),
                "last example only",
                "In the first part only the last example counts. Does your loop overwrite what it has, or add to it?",
                alone=True,
            ),
            Slip(
                "carried",
                lambda A, s, r: np.outer(r[:, 0], s[:, 0]),
                "first example only",
                "In the first part only the first example counts. Is the `return` inside your loop?",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * np.eye(*A.shape),
                "identity in the penalty's part",
                "The first part is right. In the second stands the identity matrix. Each entry of A is squared in the penalty, and gets back its own "
                "number.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma * A,
                "γ once",
                "The first part is right. The penalty has squares in it as well: what does γa² hand back to a?",
            ),
            Slip(
                "penalty",
                lambda A, gamma: 4 * gamma * A,
                "penalty doubled",
                "The first part is right. That of the penalty is twice too large: one 2 comes down from the square, and there is no other.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma * np.sign(A),
                "signs in the penalty",
                "The first part is right. The second is the gradient of the sum of sizes; the penalty is a sum of squares.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * np.sign(A),
                "signs for A in the penalty",
                "The first part is right. In the second stand the signs of A: a square hands back twice its input, not the sign of it.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * np.abs(A),
                "sizes for A in the penalty",
                "The first part is right. In the second stand the sizes of A: the slope of a square has the sign of what is squared.",
                alone=True,
            ),
            Slip(
                "residual",
                lambda A, s, x: np.sign(A @ s - x),
                "signs of the residual",
                SIGNS_ALONE,
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * np.sum(A),
                "sum of A in the penalty's part",
                "The part of the penalty is one number, added everywhere. Each entry of A is squared by itself, so each gets back its own number.",
                alone=True,
            ),
            Slip("penalty", lambda A, gamma: 0.0, "penalty left out", "One use of A is missing: it stands in the penalty, too."),
            Slip(
                "penalty",
                lambda A, gamma: -2 * gamma * A,
                "penalty subtracted",
                "The two parts of the objective are added, so their gradients are. The minus sign of a descent step is not part of the gradient.",
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma**2 * A,
                "γ squared",
                "The first part is right. γ is not squared in the objective.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * A,
                "γ left out",
                "The first part is right. The penalty has a weight in front, and its gradient has it too.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma,
                "γ without A",
                "The part of the penalty is one number, added everywhere. How does γa² move with a?",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma,
                "γ alone",
                "The part of the penalty is one number, added everywhere. How does γa² move with a?",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * A * np.eye(*A.shape),
                "diagonal of A in the penalty's part",
                "The first part is right. Your penalty reaches the diagonal of A alone: every entry of A is squared in it.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma * np.sum(A**2),
                "value of the penalty",
                "You add the penalty itself, one number, to every entry. Its gradient is asked: an entry for each entry of A.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma * A / np.linalg.norm(A),
                "norm for its square in the penalty",
                "The first part is right. The second is the gradient of the length of A; the penalty is the length squared.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: 2 * gamma * np.linalg.norm(A),
                "length of A in the penalty's part",
                "The part of the penalty is one number, added everywhere. Each entry of A is squared by itself, so each gets back its own number.",
                alone=True,
            ),
            Slip(
                "penalty",
                lambda A, gamma: gamma * A**2,
                "squares in the penalty",
                "The first part is right. In the second you left the squares standing where their derivatives belong.",
                alone=True,
            ),
        ),
        told=(
            frozenset({"∇_s in the first part", "penalty left out"}),
            frozenset({"2 missing in the first part", "γ once"}),
            frozenset({"sign of the residual", "penalty subtracted"}),
        ),
    ),
)


# ---- the gradient of |WᵀWx - x|² for W


def rebuilt(W: Array, x: Array) -> Array:
    """The residual of the reconstruction."""
    return W.T @ (W @ x) - x


def reconstruction_gradient(
    residual: Callable[[Array, Array], Array] = rebuilt,
    inner: Callable[[Array, Array, Array], Any] = lambda W, x, r: 2 * W @ r @ x.T,
    outer: Callable[[Array, Array, Array], Any] = lambda W, x, r: 2 * (W @ x) @ r.T,
    factor: Callable[[int], float] = lambda m: 1.0,
) -> Answer:
    """An answer that has one part for each thing to get wrong; the inner use of W is the one that meets x first."""

    def answer(W: Array, x: Array) -> Any:
        r = residual(W, x)
        return factor(x.shape[1]) * (inner(W, x, r) + outer(W, x, r))

    return answer


TWICE_HINT = "You took one use and doubled it. The two uses stand at different places of the net and have different gradients."


HALF_HINT = "One of your parts is half of what it should be. The same error, with the 2 of the square, goes back to both uses."


RECONSTRUCTION: tuple[Mistake, ...] = (
    Mistake(
        "inner use counted twice",
        lambda W, x: 4 * W @ rebuilt(W, x) @ x.T,
        TWICE_HINT,
    ),
    Mistake(
        "outer use counted twice",
        lambda W, x: 4 * (W @ x) @ rebuilt(W, x).T,
        TWICE_HINT,
    ),
    Mistake(
        "parts subtracted",
        lambda W, x: 2 * W @ rebuilt(W, x) @ x.T - 2 * (W @ x) @ rebuilt(W, x).T,
        "Both parts are there, with a minus between them. Where would a minus come from?",
    ),
    Mistake(
        "transposed",
        lambda W, x: reconstruction_gradient()(W, x).T,
        "Rows and columns are swapped. A gradient has the shape of what it belongs to, here W.",
    ),
    Mistake(
        "stopped at the residual",
        lambda W, x: 2 * rebuilt(W, x),
        "You stopped where the way back begins: this is the error at the end of the net. How does it get from there to each use of W?",
    ),
    Mistake(
        "last example only",
        lambda W, x: reconstruction_gradient()(W, x[:, -1:]),
        "Only the last example counts. Does your loop overwrite what it has, or add to it?",
    ),
    Mistake(
        "first example only",
        lambda W, x: reconstruction_gradient()(W, x[:, :1]),
        "Only the first example counts. Is the `return` inside your loop?",
    ),
    Mistake(
        "residual squared",
        lambda W, x: W @ rebuilt(W, x) ** 2 @ x.T + W @ x @ (rebuilt(W, x) ** 2).T,
        "You send the squared residuals back. A square hands back its derivative, not its value.",
    ),
    Mistake(
        "∇_x for ∇_W",
        lambda W, x: 2 * W.T @ W @ rebuilt(W, x) - 2 * rebuilt(W, x),
        "That is how the cost moves with x. Here x is given, and W moves.",
    ),
    *mistakes_of(
        reconstruction_gradient,
        (
            Slip("residual", lambda W, x: -rebuilt(W, x), "sign", SIGN_HINT),
            Slip(
                "residual",
                lambda W, x: rebuilt(W, x) + x,
                "reconstruction for the residual",
                "You send the reconstruction back. What is squared is its difference from x.",
            ),
            Slip(
                "inner",
                lambda W, x, r: 0.0,
                "outer use only",
                "You have one of two parts, the one of the W that stands there transposed. The other W, next to x, moves as well.",
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * W.T @ r @ x.T,
                "Wᵀ for W (text U)",
                "Your first part goes back through Wᵀ, as a published text prints it. Forward, this step multiplies by Wᵀ; backward goes through the "
                "transpose of that. A symmetric W would not notice.",
            ),
            Slip("inner", lambda W, x, r: W @ r @ x.T, "2 missing in the inner part", HALF_HINT),
            Slip(
                "inner",
                lambda W, x, r: 2 * x @ r.T @ W,
                "printed term turned as a whole",
                "You transposed the term that a published text prints, as a whole. One symbol in it is wrong, not the order of its factors.",
                alone=True,
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * x @ r.T @ W.T,
                "inner part transposed",
                "The part of the W next to x is turned round: it has the shape of Wᵀ. Only where W is square can the two be added unnoticed.",
                alone=True,
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * W @ x @ x.T,
                "x for the residual in the first part",
                "In one part the residual is missing: what comes back from the end of the net is the residual, not x.",
                alone=True,
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * r @ x.T,
                "W left out on the way back",
                "In the part of the W next to x the error is the one at the end of the net. It has to go back through the other W first.",
            ),
            Slip(
                "residual",
                lambda W, x: W.T @ (W @ x) + x,
                "x added",
                "Your residual is WᵀWx plus x. The cost squares a difference.",
                alone=True,
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * W @ (r + x) @ x.T,  # the same as with the other part
                "reconstruction for the residual in one part",
                "In one of the two parts the reconstruction comes back. What is squared is its difference from x, and it goes back to both uses.",
                alone=True,
            ),
            Slip(
                "inner",
                lambda W, x, r: 2 * np.linalg.pinv(W.T) @ r @ x.T,
                "pseudo-inverse in the inner part",
                "In the part of the W next to x you go back through a pseudo-inverse. That would undo the multiplication; a gradient goes back "
                "through the transpose.",
                alone=True,
            ),
            Slip(
                "outer",
                lambda W, x, r: 0.0,
                "inner use only",
                "You have one of two parts, the one of the W that meets x first. Where else does W stand?",
            ),
            Slip(
                "outer",
                lambda W, x, r: 2 * r @ (W @ x).T,
                "not turned back",
                "One of your parts belongs to the transposed W: it has the shape of Wᵀ. Where W is square it can be added to the other unnoticed.",
            ),
            Slip("outer", lambda W, x, r: (W @ x) @ r.T, "2 missing in the outer part", HALF_HINT),
            Slip(
                "outer",
                lambda W, x, r: 2 * (W @ r) @ r.T,
                "residual for x in the second part",
                "In the part of the outer use the residual has gone through W. What came in at that use is Wx.",
                alone=True,
            ),
            Slip(
                "outer",
                lambda W, x, r: 2 * x @ r.T,
                "x for h in the second part",
                "What comes in at the second use is not x any more: it has passed the first.",
            ),
            Slip(
                "factor",
                lambda m: 2.0,
                "doubled",
                "Every entry is twice what it should be. The sum over the two uses is there already: nothing is left to be doubled.",
                alone=True,
            ),
            Slip(
                "factor",
                lambda m: 0.5,
                "halved",
                "Every entry is half of what it should be. Did you average over the two uses, or lose the 2 of the square?",
            ),
            Slip("factor", lambda m: 1.0 / m, "averaged over the examples", AVERAGED_HINT),
            Slip(
                "factor",
                lambda m: 0.5 / m,
                "halved and averaged",
                "You took the quadratic cost of the earlier lessons, with its ½ and its mean over examples. This one has neither.",
                alone=True,
            ),
        ),
        told=(
            frozenset({"outer use only", "inner use only"}),
            frozenset({"outer use only", "reconstruction for the residual"}),  # 2 Wx (WᵀWx)ᵀ is "x for the residual in the first part" too
            frozenset({"2 missing in the inner part", "2 missing in the outer part"}),
            frozenset({"2 missing in the inner part", "inner use only"}),
            frozenset({"2 missing in the outer part", "outer use only"}),
        ),
    ),
)
