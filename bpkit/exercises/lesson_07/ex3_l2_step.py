"""07.3: a step with L2 regularisation."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS, SHAPES, Array, draw_eta, explain_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import gradient


def _cases_regularised(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k in SHAPES:
        W, b = rng.normal(size=(n, k)), rng.normal(size=(n, 1))
        # so much once that a weight is taken across 0
        eta, lam = (draw_eta(rng), float(rng.uniform(0.2, 0.9))) if k > 1 else rng.uniform(1.2, 2.0, size=2).tolist()
        args = (W, b, rng.normal(size=(n, k)), rng.normal(size=(n, 1)), eta, lam)
        cases.append(Case(f"W {n}×{k}", args))
    return cases


def _l2_step(W: Array, b: Array, dW: Array, db: Array, eta: float, lam: float) -> list[Array]:
    return [W - eta * (dW + lam * W), b - eta * db]


def _l2_oracle(W: Array, b: Array, dW: Array, db: Array, eta: float, lam: float) -> list[Array]:
    penalised = gradient(lambda V: np.sum(dW * V) + lam / 2 * np.sum(V * V), W)
    return [W - eta * penalised, b - eta * db]


def _explain_l2(got: Any, W: Array, b: Array, dW: Array, db: Array, eta: float, lam: float) -> str | None:
    terms = {"W": W, "dW": dW, "the signs of W": np.sign(W), "W squared": W * W, "b": b, "db": db}
    return explain_step(got, ["W", "b"], [W, b], _l2_step(W, b, dW, db, eta, lam), terms, {"η": eta, "λ": lam})


EXERCISE = Exercise(
    id="07.3",
    name="l2_step",
    title="A step with L2 regularisation",
    points=1,
    minutes=6,
    difficulty=2,
    allows=ALLOWS,
    part=("W", "b"),
    cases=_cases_regularised,
    zeros=(5,),
    reference=_l2_step,
    oracle=_l2_oracle,
    explain=_explain_l2,
    hints=(
        "The cost has λ/2 times the sum of the squared weights added to it. Differentiate that with respect to one weight.",
        "The gradient of the weights grows by λ times the weights. The biases are not in the penalty.",
        "Everything is taken at the old weights: first the whole gradient, then one step.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "bias regularised",
            lambda W, b, dW, db, eta, lam: [_l2_step(W, b, dW, db, eta, lam)[0], b - eta * (db + lam * b)],
            "The weights are right. You shrink the biases as well; the penalty is on weights alone.",
        ),
        Mistake(
            "2λ",
            lambda W, b, dW, db, eta, lam: _l2_step(W, b, dW, db, eta, 2 * lam),
            "The shrinking is twice too strong. The penalty is λ/2 times the squares: what does the ½ do to the 2?",
        ),
        Mistake(
            "decay after the step",
            lambda W, b, dW, db, eta, lam: [(W - eta * dW) * (1 - eta * lam), b - eta * db],
            "You take the step first and shrink what comes out. Both parts of the gradient belong to the old weights.",
        ),
        Mistake(
            "sign of the penalty",
            lambda W, b, dW, db, eta, lam: _l2_step(W, b, dW, db, eta, -lam),
            "Your weights grow where they should shrink.",
        ),
        Mistake(
            "η missing at the penalty",
            lambda W, b, dW, db, eta, lam: [W - eta * dW - lam * W, b - eta * db],
            "The penalty is part of the cost, so its gradient takes the learning rate too.",
        ),
        Mistake("penalty left out", lambda W, b, dW, db, eta, lam: [W - eta * dW, b - eta * db], "That is the plain step: λ plays no part."),
        Mistake(
            "L1 for L2",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * np.sign(W)), b - eta * db],
            "You take every weight back by the same amount. That is L1; L2 takes back in proportion to the weight.",
        ),
        Mistake(
            "penalty for its gradient",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam / 2 * np.sum(W * W)), b - eta * db],
            "You add the penalty itself to every gradient. Its derivative with respect to each weight is asked.",
        ),
        Mistake(
            "squares for weights",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W**2), b - eta * db],
            "You add the squared weights to the gradient. What is the derivative of a square?",
        ),
        Mistake(
            "penalty alone",
            lambda W, b, dW, db, eta, lam: [(1 - eta * lam) * W, b - eta * db],
            "The weights only shrink: the cost's own gradient is missing from their step.",
        ),
        Mistake(
            "biases not updated",
            lambda W, b, dW, db, eta, lam: [_l2_step(W, b, dW, db, eta, lam)[0], b],
            "The weights are right. The biases have no penalty, but they still take their plain step.",
        ),
        Mistake(
            "order swapped",
            lambda W, b, dW, db, eta, lam: _l2_step(W, b, dW, db, eta, lam)[::-1],
            "The arrays are right, in the other order: weights first, then biases.",
        ),
        Mistake(
            "only the weights returned",
            lambda W, b, dW, db, eta, lam: _l2_step(W, b, dW, db, eta, lam)[0],
            "Return both: the new weights and the new biases.",
        ),
        Mistake(
            "sum of the weights",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W.sum()), b - eta * db],
            "You take the same amount from every weight, made of the sum of them all. The slope of the penalty at a weight is made of that weight "
            "alone.",
        ),
        Mistake(
            "size of the weights",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * np.abs(W)), b - eta * db],
            "Negative weights move away from 0 in your step. The slope of a square has the sign of the weight.",
        ),
        Mistake(
            "divided by the length of W",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W / np.linalg.norm(W)), b - eta * db],
            "You divide the weights by their length, as if the penalty were the length itself. It is made of squares: no root.",
        ),
        Mistake(
            "penalty averaged over the weights",
            lambda W, b, dW, db, eta, lam: [W - eta * (dW + lam * W / W.size), b - eta * db],
            "You divide the penalty by the number of weights. It is a sum over all of them, not a mean.",
        ),
        Mistake(
            "λ on the gradient as well",
            lambda W, b, dW, db, eta, lam: [W - eta * lam * (dW + W), b - eta * db],
            "λ multiplies the gradient of the cost, too. It weighs the penalty alone.",
        ),
        Mistake(
            "1 - λ on the gradient",
            lambda W, b, dW, db, eta, lam: [W - eta * ((1 - lam) * dW + lam * W), b - eta * db],
            "The gradient of the cost is weighed with 1 - λ, as in a mean of the two. It counts fully, and the penalty comes on top.",
        ),
    ),
)
