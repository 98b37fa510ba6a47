"""07.4: a step with L1 regularisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS, SHAPES, Array, draw_eta, explain_step
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_l1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k in SHAPES:
        W, dW = rng.normal(size=(n, k)), rng.normal(size=(n, k))
        eta, lam = (draw_eta(rng), float(rng.uniform(0.2, 0.9))) if k > 1 else rng.uniform(1.2, 2.0, size=2).tolist()
        zero, another, turns, lands_near, *rest = rng.permutation(n * k)
        W.flat[[zero, another]] = 0.0
        W.flat[rest[:1]] *= 1e-6  # all but 0, and not 0
        W.flat[turns] = 0.4 * eta * dW.flat[turns]  # the gradient's step takes it across 0
        W.flat[lands_near] = eta * (dW.flat[lands_near] + 0.5 * lam)  # and this one to where the penalty would
        cases.append(Case(f"W {n}×{k}, two weights exactly 0", (W, dW, eta, lam)))
    return cases


def _l1_oracle(W: Array, dW: Array, eta: float, lam: float) -> Array:
    """The slope of |w| as a central difference: ±1 on either side of 0, and 0 at 0."""
    h = 1e-4 * np.where(W == 0, 1, np.abs(W))  # never across 0 from a weight that is not 0
    return W - eta * (dW + lam * (np.abs(W + h) - np.abs(W - h)) / (2 * h))


def _l1_step(W: Array, dW: Array, eta: float, lam: float) -> Array:
    return W - eta * (dW + lam * np.sign(W))


def _explain_l1(got: Any, W: Array, dW: Array, eta: float, lam: float) -> str | None:
    terms = {"W": W, "dW": dW, "the signs of W": np.sign(W), "the sizes of W": np.abs(W), "1": np.ones_like(W)}
    return explain_step(got, ["the result"], [W], [_l1_step(W, dW, eta, lam)], terms, {"η": eta, "λ": lam})


def _smoothed(returned: Any, W: Array, dW: Array, eta: float, lam: float) -> bool:
    """Whether the penalty's slope has the sign of the weight, and the larger the weight the nearer it is to 1 in size."""
    try:
        found = np.asarray(returned, dtype=float)
    except (TypeError, ValueError):
        return False
    if found.shape != W.shape or not np.isfinite(found).all():
        return False
    slope = ((W - found) / eta - dW) / lam
    sizes = np.abs(slope).ravel()[np.argsort(np.abs(W), axis=None, kind="stable")]
    turns = np.flatnonzero(np.diff(np.sort(np.abs(W), axis=None)) > 1e-12)
    differ = np.ptp(np.abs(slope[W != 0])) > 1e-6 or np.ptp(np.abs(W[W != 0])) < 1e-12
    rises = bool(np.all(sizes[turns + 1] - sizes[turns] >= -1e-7) and differ)
    signs = bool(np.all(np.abs(slope[W == 0]) < 1e-9) and np.all(np.sign(slope[W != 0]) == np.sign(W[W != 0])))
    return rises and signs and bool(sizes.max() < 1 + 1e-9 and np.min(np.abs(slope), where=np.abs(W) > 0.5, initial=1.0) > 0.8)


EXERCISE = Exercise(
    id="07.4",
    name="l1_step",
    title="A step with L1 regularisation",
    points=1,
    minutes=5,
    difficulty=1,
    allows=ALLOWS,
    cases=_cases_l1,
    reference=_l1_step,
    oracle=_l1_oracle,
    explain=_explain_l1,
    hints=(
        "The cost has λ times the sum of the weights' sizes added to it. What is the slope of |w| for positive w, and for negative w?",
        "The slope is +1 or -1, whatever the size of the weight. At w = 0 there is none; this course takes 0 there.",
        "`np.sign` gives -1, 0 or 1.",
    ),
    mistakes=(
        Mistake(
            "|w| for sign",
            lambda W, dW, eta, lam: W - eta * (dW + lam * np.abs(W)),
            "You add the penalty itself to the gradient. Its derivative is asked: how does |w| change when w moves?",
        ),
        Mistake(
            "sign at 0",
            lambda W, dW, eta, lam: W - eta * (dW + lam * np.where(W >= 0, 1.0, -1.0)),
            "A weight that is exactly 0 is pushed away from 0. There the slope is taken as 0.",
        ),
        Mistake(
            "sign at 0, pushed up",
            lambda W, dW, eta, lam: W - eta * (dW + lam * np.where(W > 0, 1.0, -1.0)),
            "A weight that is exactly 0 counts as negative in your code and is pushed up. There the slope is taken as 0.",
        ),
        Mistake(
            "held at 0",
            lambda W, dW, eta, lam: np.sign(W - eta * dW) * np.maximum(np.abs(W - eta * dW) - eta * lam, 0),
            "You step first, then shorten what comes out and stop at 0. That is a known method (soft thresholding), but another one: here the "
            "slope of the penalty is taken at the old weights, like the gradient.",
        ),
        Mistake(
            "decay after the step",
            lambda W, dW, eta, lam: (W - eta * dW) - eta * lam * np.sign(W - eta * dW),
            "You take the sign of the weights after the step. Both parts of the gradient belong to the old weights.",
        ),
        Mistake(
            "sign of the gradient",
            lambda W, dW, eta, lam: W - eta * (dW + lam * np.sign(dW)),
            "You take the sign of the gradient. The penalty looks at the weights and does not know the data.",
        ),
        Mistake("L2 for L1", lambda W, dW, eta, lam: W - eta * (dW + lam * W), "You take weights back in proportion to their size. That is L2."),
        Mistake("sign of the penalty", lambda W, dW, eta, lam: W - eta * (dW - lam * np.sign(W)), "Your penalty pushes weights away from 0."),
        Mistake(
            "η missing at the penalty",
            lambda W, dW, eta, lam: W - eta * dW - lam * np.sign(W),
            "The penalty is part of the cost, so its gradient takes the learning rate too.",
        ),
        Mistake("penalty left out", lambda W, dW, eta, lam: W - eta * dW, "That is the plain step: λ plays no part."),
        Mistake(
            "divided by the length of W",
            lambda W, dW, eta, lam: W - eta * (dW + lam * W / np.linalg.norm(W)),
            "You divide the weights by their length. L1 takes the same amount from each weight, whatever its size.",
        ),
        Mistake(
            "positive weights alone",
            lambda W, dW, eta, lam: W - eta * (dW + lam * (W > 0)),
            "Positive weights are right. Negative ones have a slope too: the size of w falls when such a weight rises.",
        ),
        Mistake(
            "0 where a weight changes its sign",
            lambda W, dW, eta, lam: (lambda new: np.where(np.sign(new) == np.sign(W), new, 0))(W - eta * (dW + lam * np.sign(W))),
            "You set a weight to 0 where the step changes its sign. That is a rule to get exact zeros; the plain step jumps over 0.",
        ),
        Mistake(
            "smoothed sign",
            lambda W, dW, eta, lam: W - eta * (dW + lam * W / (np.abs(W) + 0.01)),
            "Your slope of the penalty rises through 0 without a jump, so that small weights have too small a one. The slope of |w| is 1 or -1, "
            "however small w is, and 0 at 0 alone.",
            recognise=_smoothed,
        ),
    ),
)
