"""07.6: a step with momentum."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS, SHAPES, Array, draw_eta, explain_step
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_momentum(rng: np.random.Generator) -> list[Case]:
    def case(n: int, k: int, mu: float, note: str = "") -> Case:
        eta = draw_eta(rng) if k > 1 else float(rng.uniform(1.2, 2.0))
        return Case(f"W {n}×{k}{note}", (rng.normal(size=(n, k)), rng.normal(size=(n, k)), rng.normal(size=(n, k)), eta, mu))

    return [*(case(n, k, float(rng.uniform(0.75, 0.95))) for n, k in SHAPES), case(3, 2, 0.0, ", μ = 0")]


def _momentum(W: Array, v: Array, dW: Array, eta: float, mu: float) -> list[Array]:
    v = mu * v - eta * dW
    return [W + v, v]


def _momentum_oracle(W: Array, v: Array, dW: Array, eta: float, mu: float) -> list[Array]:
    """Heavy ball: with W_before = W - v, the next point is W + μ (W - W_before) - η ∂C/∂W."""
    before = W - v
    after = W + mu * (W - before) - eta * dW
    return [after, after - W]


def _explain_momentum(got: Any, W: Array, v: Array, dW: Array, eta: float, mu: float) -> str | None:
    return explain_step(got, ["W", "v"], [W, v], _momentum(W, v, dW, eta, mu), {"the old v": v, "dW": dW, "W": W}, {"η": eta, "μ": mu})


EXERCISE = Exercise(
    id="07.6",
    name="momentum_step",
    title="A step with momentum",
    points=2,
    minutes=8,
    difficulty=2,
    allows=ALLOWS,
    part=("W", "v"),
    cases=_cases_momentum,
    zeros=(1, 2),
    reference=_momentum,
    oracle=_momentum_oracle,
    explain=_explain_momentum,
    hints=(
        "The velocity keeps the fraction μ of itself and is pushed by the gradient. The weights move by the velocity.",
        "Which of the two terms carries η, and which carries μ? A ball that rolls on without any gradient has no η in it.",
        "First the new velocity, from the old one and the gradient; then the new weights, with the new velocity. Return both.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "η on the wrong term",
            lambda W, v, dW, eta, mu: [W + eta * mu * v - dW, eta * mu * v - dW],
            "The learning rate scales the gradient's push. In your velocity it scales what was left from before.",
        ),
        Mistake(
            "η and μ swapped",
            lambda W, v, dW, eta, mu: _momentum(W, v, dW, mu, eta),
            "You keep the fraction η of the velocity and push with μ: the two have changed places.",
        ),
        Mistake(
            "η on the whole velocity",
            lambda W, v, dW, eta, mu: [W + eta * (mu * v - dW), mu * v - dW],
            "You scale the whole velocity by η when the weights move. Here η is inside the velocity, with the gradient alone.",
        ),
        Mistake(
            "velocity not returned",
            lambda W, v, dW, eta, mu: _momentum(W, v, dW, eta, mu)[0],
            "Return the new velocity too: the next step needs it.",
        ),
        Mistake(
            "old velocity returned",
            lambda W, v, dW, eta, mu: [_momentum(W, v, dW, eta, mu)[0], v],
            "The weights are right, but the velocity that you return is the old one: nothing would build up.",
        ),
        Mistake(
            "old velocity used",
            lambda W, v, dW, eta, mu: [W + v, _momentum(W, v, dW, eta, mu)[1]],
            "The velocity is right. The weights move by the new velocity, not by the old one.",
        ),
        Mistake("sign of the push", lambda W, v, dW, eta, mu: _momentum(W, v, -dW, eta, mu), "The gradient pushes uphill in your velocity."),
        Mistake(
            "sign of the move",
            lambda W, v, dW, eta, mu: [W - _momentum(W, v, dW, eta, mu)[1], _momentum(W, v, dW, eta, mu)[1]],
            "The velocity is right; the weights move against it.",
        ),
        Mistake(
            "μ missing",
            lambda W, v, dW, eta, mu: _momentum(W, v, dW, eta, 1.0),
            "Your velocity keeps all of itself: without friction the ball never comes to rest.",
        ),
        Mistake(
            "velocity ignored",
            lambda W, v, dW, eta, mu: [W - eta * dW, -eta * dW],
            "That is the plain step: what the velocity brings along from before plays no part.",
        ),
        Mistake(
            "looked ahead",
            lambda W, v, dW, eta, mu: [W + mu * _momentum(W, v, dW, eta, mu)[1] - eta * dW, _momentum(W, v, dW, eta, mu)[1]],
            "The velocity is right. You counted it once more in the move: that is Nesterov's variant. Here the weights move by the velocity.",
        ),
        Mistake(
            "η outside, as other libraries have it",
            lambda W, v, dW, eta, mu: [W - eta * (mu * v + dW), mu * v + dW],
            "You sum up plain gradients and multiply by η at the end, as some libraries do. Here η is in the velocity, which is added.",
        ),
        Mistake(
            "running mean, η outside",
            lambda W, v, dW, eta, mu: [W - eta * (mu * v + (1 - mu) * dW), mu * v + (1 - mu) * dW],
            "Your velocity is a running mean of gradients and η comes at the end: that is one half of Adam. Here the push is η times the gradient, "
            "and the velocity is added.",
        ),
        Mistake(
            "gradient taken off as well",
            lambda W, v, dW, eta, mu: [W + _momentum(W, v, dW, eta, mu)[1] - eta * dW, _momentum(W, v, dW, eta, mu)[1]],
            "The velocity is right. The gradient's push is in it already; you take it off the weights a second time.",
        ),
        Mistake(
            "other texts' sign",
            lambda W, v, dW, eta, mu: [W - (mu * v + eta * dW), mu * v + eta * dW],
            "Your velocity points uphill and is taken away, as some texts write it. With a velocity given as one that is added, "
            "its old part then pulls the wrong way.",
        ),
        Mistake(
            "1 - μ on the gradient",
            lambda W, v, dW, eta, mu: _momentum(W, v, (1 - mu) * dW, eta, mu),
            "You weigh the gradient with 1 - μ, a running mean. Here the gradient's push carries η alone.",
        ),
        Mistake(
            "only the step",
            lambda W, v, dW, eta, mu: [_momentum(W, v, dW, eta, mu)[1]] * 2,
            "The velocity is right. In the first place you return the step; asked are the new weights.",
        ),
        Mistake(
            "order swapped",
            lambda W, v, dW, eta, mu: _momentum(W, v, dW, eta, mu)[::-1],
            "The numbers are right, in the other order: weights first, velocity second.",
        ),
    ),
)
