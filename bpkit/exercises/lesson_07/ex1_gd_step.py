"""07.1: one step of gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS, SHAPES, Array, draw_eta, explain_step
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import gradient


def _cases_step(rng: np.random.Generator) -> list[Case]:
    rates = (draw_eta(rng), draw_eta(rng), float(rng.uniform(1.2, 2.0)))  # nothing forbids a rate above 1
    return [Case(f"W {n}×{k}", (rng.normal(size=(n, k)), rng.normal(size=(n, k)), eta)) for (n, k), eta in zip(SHAPES, rates, strict=True)]


def _explain_gd(got: Any, W: Array, dW: Array, eta: float) -> str | None:
    return explain_step(got, ["the result"], [W], [W - eta * dW], {"W": W, "dW": dW, "1": np.ones_like(W)}, {"η": eta})


EXERCISE = Exercise(
    id="07.1",
    name="gd_step",
    title="One step of gradient descent",
    points=1,
    minutes=4,
    difficulty=1,
    allows=ALLOWS,
    cases=_cases_step,
    explain=_explain_gd,
    reference=lambda W, dW, eta: W - eta * dW,
    # the minimum of the cost's tangent plane plus ‖V - W‖² / 2η lies where its gradient, taken at W, is undone
    oracle=lambda W, dW, eta: W - gradient(lambda V: eta * np.sum(dW * V) + np.sum((V - W) ** 2) / 2, W),
    hints=(
        "The gradient points uphill. Which way do you want to go?",
        "How far you go is the learning rate times the gradient.",
        "New weights: the old ones minus η times the gradient. Make a new array; the caller may still need the old one.",
    ),
    mistakes=(
        Mistake("sign", lambda W, dW, eta: W + eta * dW, "You step uphill: the cost grows. The gradient points to where the cost rises fastest."),
        Mistake("η missing", lambda W, dW, eta: W - dW, "You take the whole gradient as your step. The learning rate says how much of it."),
        Mistake("only the step", lambda W, dW, eta: -eta * dW, "That is the step. Asked are the new weights: where do you arrive?"),
        Mistake("η on the weights", lambda W, dW, eta: eta * W - dW, "The learning rate scales the step, not the weights."),
        Mistake("divided by η", lambda W, dW, eta: W - dW / eta, "You divide by the learning rate. A small η has to give a small step."),
        Mistake(
            "normalised",
            lambda W, dW, eta: W - eta * dW / np.linalg.norm(dW),
            "You divide by the gradient's length, so that every step is as long as η. Here a flat place gives a short step.",
        ),
        Mistake(
            "η for every entry",
            lambda W, dW, eta: W - eta,
            "Every weight moves by the same amount. How far each one moves is up to its own gradient.",
        ),
        Mistake(
            "sign of the gradient",
            lambda W, dW, eta: W - eta * np.sign(dW),
            "You use the gradient's sign only, so that all weights move equally far. Here a steep slope gives a long step.",
        ),
        Mistake(
            "η times both",
            lambda W, dW, eta: eta * (W - dW),
            "η stands before the whole difference and scales the weights too. It scales the step alone.",
        ),
        Mistake(
            "gradient minus weights",
            lambda W, dW, eta: eta * dW - W,
            "The difference is the wrong way round. Start from the weights and take the step away.",
        ),
        Mistake("η missing, sign", lambda W, dW, eta: W + dW, "You add the whole gradient: uphill, and without the learning rate."),
        Mistake(
            "squared gradient",
            lambda W, dW, eta: W - eta * dW**2,
            "You step by the squares of the gradient, so every weight moves down. Its sign says which way to go.",
        ),
        Mistake(
            "size of the gradient",
            lambda W, dW, eta: W - eta * np.abs(dW),
            "You step by the size of the gradient, so every weight moves down. Its sign says which way to go.",
        ),
        Mistake(
            "scaled by the gradient",
            lambda W, dW, eta: W * (1 - eta * dW),
            "Each weight is multiplied by 1 - η times its gradient, so a weight of 0 never moves. The step is subtracted, whatever the weight is.",
        ),
        Mistake(
            "η squared",
            lambda W, dW, eta: W - eta**2 * dW,
            "η is in your step twice. Does a line scale the gradient that another scales again?",
        ),
        Mistake(
            "weights and gradient swapped",
            lambda W, dW, eta: dW - eta * W,
            "The weights and their gradient have changed places.",
        ),
    ),
)
