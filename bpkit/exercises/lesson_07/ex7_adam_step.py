"""07.7: a step of Adam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.exercises.lesson_07.shared import ALLOWS, SHAPES, Array, draw_eta, explain_step
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_adam(rng: np.random.Generator) -> list[Case]:
    cases = []
    for (n, k), t in zip(SHAPES, (1, 3, 40), strict=True):
        W, mean, dW = (rng.normal(size=(n, k)) for _ in range(3))
        square = rng.uniform(0.1, 2, size=(n, k))
        eta = draw_eta(rng) if k > 1 else float(rng.uniform(1.2, 2.0))
        args = (W, mean, square, dW, t, eta, float(rng.uniform(0.85, 0.95)), float(rng.uniform(0.97, 0.99)), float(rng.uniform(0.05, 0.2)))
        cases.append(Case(f"W {n}×{k}, step t = {t}", args))
    return cases


def _adam(
    W: Array,
    mean: Array,
    square: Array,
    dW: Array,
    t: int,
    eta: float,
    beta1: float,
    beta2: float,
    eps: float,
    *,
    clock: int = 0,
    inside: bool = False,
    correct: bool = True,
) -> list[Array]:
    mean, square = beta1 * mean + (1 - beta1) * dW, beta2 * square + (1 - beta2) * dW**2
    t = t + clock
    mean_hat, square_hat = (mean / (1 - beta1**t), square / (1 - beta2**t)) if correct else (mean, square)
    root = np.sqrt(square_hat + eps) if inside else np.sqrt(square_hat) + eps
    return [W - eta * mean_hat / root, mean, square]


def _adam_oracle(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    """The same with the corrections drawn into the step length, as the authors of Adam rewrite it at the end of their section 2."""
    mean, square = mean + (1 - beta1) * (dW - mean), square + (1 - beta2) * (dW * dW - square)
    root = np.sqrt(1 - beta2**t)
    return [W - eta * root / (1 - beta1**t) * mean / (np.sqrt(square) + eps * root), mean, square]


def _explain_adam(
    got: Any, W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float
) -> str | None:
    terms = {"W": W, "dW": dW, "dW squared": dW * dW, "the old mean": mean, "the old square": square}
    factors = {"η": eta, "β1": beta1, "β2": beta2, "1 - β1": 1 - beta1, "1 - β2": 1 - beta2, "ε": eps}
    wanted = _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)
    words = explain_step(got, ["W", "mean", "square"], [W, mean, square], wanted, terms, factors)
    return words or _explain_state(got, [mean, square], wanted, terms, factors)


def _explain_state(got: Any, starts: list[Array], wanted: list[Array], terms: Mapping[str, Array], factors: Mapping[str, float]) -> str | None:
    """Which of the two running means is wrong already, for W follows from them; None where both are right or a form is wrong."""
    if not isinstance(got, list) or len(got) != 3:
        return None
    state = [np.asarray(part) if isinstance(part, np.ndarray) else np.zeros(0) for part in got]
    if any(part.shape != right.shape or part.dtype.kind != "f" or not np.all(np.isfinite(part)) for part, right in zip(state, wanted, strict=True)):
        return None
    told = [describe_difference(mine, right, rtol=1e-6) for mine, right in zip(state, wanted, strict=True)]
    wrong = [k for k in (1, 2) if not told[k].ok]
    if told[0].ok or not wrong:
        return None
    words = explain_step(got[1:], ["mean", "square"], starts, wanted[1:], terms, factors)
    names = ["W", "mean", "square"]
    if words is None:
        how = f": {told[wrong[0]]}" if told[wrong[0]].kind else ""
        fine = f" ({names[3 - wrong[0]]} is right)" if len(wrong) == 1 else ""
        words = f"{names[wrong[0]]} is not right{how}{fine}."
    return " ".join((words, "W follows from it, so look there first."))


EXERCISE = Exercise(
    id="07.7",
    equivalent={
        "statement dropped, t = t + clock → nothing": "clock is 0 but in a mistake",
        "operator, t + clock → t - clock": "clock is 0 but in a mistake",
        "operator, square_hat + eps → square_hat - eps": "the branch of a mistake",
    },
    name="adam_step",
    title="A step of Adam",
    points=3,
    minutes=10,
    difficulty=3,
    allows=ALLOWS,
    part=("W", "mean", "square"),
    cases=_cases_adam,
    zeros=(3, 6),
    reference=_adam,
    plain=(2,),
    oracle=_adam_oracle,
    explain=_explain_adam,
    hints=(
        "Two running means: one of the gradient, one of its square, each with its own β. Both are updated before anything else.",
        "Both begin at zero, so in the first steps they are too small. Dividing by 1 - β to the power t puts that right; the first step has t = 1.",
        "The step is η times the corrected mean, divided by the root of the corrected square plus ε. Return weights, mean and square, not corrected.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "β times t for its power",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _stepped(
                W, _adam(W, mean, square, dW, t, eta, beta1, beta2, eps), 1 / (1 - beta1 * t), 1 / (1 - beta2 * t), eta, eps
            ),
            "The running means are right. In the correction you multiply β by t: after t steps β has been a factor t times.",
        ),
        Mistake(
            "no bias correction",
            lambda *args: _adam(*args, correct=False),
            "The running means are right, but they begin at zero and are too small at first. They have to be corrected before they are used.",
        ),
        Mistake(
            "ε inside the root",
            lambda *args: _adam(*args, inside=True),
            "You add ε before taking the root. It stands outside: its task is to keep the denominator away from zero.",
        ),
        Mistake(
            "ε beside the root of the uncorrected square",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, beta1, beta2, eps / np.sqrt(1 - beta2**t)),
            "The running means are right. You add ε before the square is corrected, as one way to save work has it: the correction then enlarges ε "
            "too. Here ε is added to the root of the corrected square.",
        ),
        Mistake(
            "t from 0",
            lambda *args: _adam(*args, clock=-1),
            "Your correction uses t - 1. The first step has t = 1: with 0 you would divide by zero.",
        ),
        Mistake(
            "t one too large",
            lambda *args: _adam(*args, clock=1),
            "Your correction uses t + 1. The t that you are given counts this step already.",
        ),
        Mistake(
            "old means used",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: [
                W - eta * (mean / (1 - beta1**t)) / (np.sqrt(square / (1 - beta2**t)) + eps),
                *_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1:],
            ],
            "The running means that you return are right. The step uses the old ones, from before this gradient came in.",
        ),
        Mistake(
            "corrected means returned",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: [
                _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[0],
                _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1] / (1 - beta1**t),
                _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[2] / (1 - beta2**t),
            ],
            "The weights are right. The means that you return are the corrected ones; the next step would correct them again.",
        ),
        Mistake(
            "β1 and β2 swapped",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, beta2, beta1, eps),
            "The two β have changed places: β1 belongs to the gradient, β2 to its square.",
        ),
        Mistake(
            "gradient not squared",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _with_square(W, mean, square, dW, np.abs(dW), t, eta, beta1, beta2, eps),
            "Your second mean collects the gradient's size. It is a mean of squares.",
        ),
        Mistake(
            "root left out",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _without_root(W, mean, square, dW, t, eta, beta1, beta2, eps),
            "You divide by the mean square itself. The root brings it back to the gradient's own unit.",
        ),
        Mistake(
            "β and 1 - β swapped",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _swapped_weights(W, mean, square, dW, t, eta, beta1, beta2, eps),
            "Your running means forget nearly everything at each step: β says how much of the old mean stays.",
        ),
        Mistake(
            "only the mean corrected",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _half_corrected(W, mean, square, dW, t, eta, beta1, beta2, eps, of_mean=True),
            "The running means are right. You correct the mean of the gradient; the mean of its square begins at zero too.",
        ),
        Mistake(
            "only the square corrected",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _half_corrected(W, mean, square, dW, t, eta, beta1, beta2, eps, of_mean=False),
            "The running means are right. You correct the mean of the square; the mean of the gradient begins at zero too.",
        ),
        Mistake(
            "corrected without the power",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _uncounted(W, mean, square, dW, t, eta, beta1, beta2, eps),
            "The running means are right. Your correction is the same at every step; it has to fade as t grows.",
        ),
        Mistake(
            "corrected with the other β",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _stepped(
                W, _adam(W, mean, square, dW, t, eta, beta1, beta2, eps), 1 / (1 - beta2**t), 1 / (1 - beta1**t), eta, eps
            ),
            "The running means are right. Each is corrected with the other's β: β1 belongs to the gradient, β2 to its square.",
        ),
        Mistake(
            "multiplied by the correction",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _stepped(
                W, _adam(W, mean, square, dW, t, eta, beta1, beta2, eps), 1 - beta1**t, 1 - beta2**t, eta, eps
            ),
            "The running means are right. They are too small at first, and your correction makes them smaller still.",
        ),
        Mistake(
            "1 - β left out",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _stepped(
                W, [W, beta1 * mean + dW, beta2 * square + dW**2], 1 / (1 - beta1**t), 1 / (1 - beta2**t), eta, eps
            ),
            "The new gradient enters your means with its full weight. In a running mean the weights of old and new add up to 1.",
        ),
        Mistake(
            "β1 for both",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, beta1, beta1, eps),
            "The mean of the gradient is right. The mean of its square has a β of its own.",
        ),
        Mistake(
            "mean squared",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _with_square(
                W, mean, square, dW, (beta1 * mean + (1 - beta1) * dW) ** 2, t, eta, beta1, beta2, eps
            ),
            "The mean of the gradient is right. The second mean collects squares of the gradient; yours collects squares of its mean.",
        ),
        Mistake(
            "ε missing",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, beta1, beta2, 0.0),
            "Another `eps` leaves your numbers as they are. Is it left out, or does a number of your own stand in its place?",
        ),
        Mistake(
            "plain gradient over the root",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: [
                W - eta * dW / (np.sqrt(_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[2] / (1 - beta2**t)) + eps),
                *_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1:],
            ],
            "The running means are right. You step with this gradient alone; the corrected mean belongs over the root.",
        ),
        Mistake(
            "order of the state swapped",
            lambda *args: [_adam(*args)[k] for k in (0, 2, 1)],
            "The three arrays are right, in another order: weights, mean of the gradient, mean of its square.",
        ),
        Mistake(
            "sign",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, -eta, beta1, beta2, eps),
            "The means are right; the step goes uphill.",
        ),
        Mistake(
            "old mean used",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: [
                W - eta * mean / (1 - beta1**t) / (np.sqrt(_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[2] / (1 - beta2**t)) + eps),
                *_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1:],
            ],
            "The running means are right. Your step uses the mean from before this gradient; at t = 1 that is no step at all.",
        ),
        Mistake(
            "correction outside the root",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: [
                W
                - eta
                * _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1]
                / (1 - beta1**t)
                / (np.sqrt(_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[2]) / (1 - beta2**t) + eps),
                *_adam(W, mean, square, dW, t, eta, beta1, beta2, eps)[1:],
            ],
            "The running means are right. You correct the root of the mean square. The mean itself is corrected, then its root taken.",
        ),
        Mistake(
            "η left out",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, 1.0, beta1, beta2, eps),
            "The running means are right. The learning rate plays no part in your step.",
        ),
        Mistake(
            "β of the text in place of those given",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, 0.9, 0.999, eps),
            "Another `beta1` or `beta2` leaves your numbers as they are: 0.9 and 0.999 stand in their place.",
        ),
        Mistake(
            "one square for the whole matrix",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _with_square(W, mean, square, dW, np.sum(dW**2), t, eta, beta1, beta2, eps),
            "The mean of the gradient is right. Into the second mean goes one number for all weights, the sum of all squares. Each has its own.",
        ),
        Mistake(
            "one mean square for the whole matrix",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _with_square(W, mean, square, dW, np.mean(dW**2), t, eta, beta1, beta2, eps),
            "The mean of the gradient is right. Into the second mean goes one number for all weights, the mean of all squares. Each has its own.",
        ),
        Mistake(
            "variance for the square",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _with_square(
                W, mean, square, dW, (dW - beta1 * mean - (1 - beta1) * dW) ** 2, t, eta, beta1, beta2, eps
            ),
            "The mean of the gradient is right. The second mean collects squares of what the gradient differs by from its mean. Here it collects "
            "squares of the gradient itself.",
        ),
        Mistake(
            "the square never falls",
            lambda *args: _never_falling(*args),
            "The mean of the gradient is right. Your second mean keeps the old value where the new one would be smaller, as a variant of Adam does "
            "(AMSGrad). Here it may fall.",
        ),
        Mistake("state not returned", lambda *args: _adam(*args)[0], "Return the two running means too: the next step needs them."),
        Mistake(
            "larger of the two for mean square",
            lambda *args: _larger_square(*args),
            "The mean is right. In the second mean you keep the larger of the old one and the new square, as one variant has it. Here the two are "
            "weighed "
            "and added.",
        ),
        Mistake(
            "β over t",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _stepped(
                W, _adam(W, mean, square, dW, t, eta, beta1, beta2, eps), 1 / (1 - beta1 / t), 1 / (1 - beta2 / t), eta, eps
            ),
            "The running means are right. For the correction you divide β by t: it is raised to the power t, as every step multiplies once more.",
        ),
    ),
)


def _with_square(
    W: Array, mean: Array, square: Array, dW: Array, size: Array, t: int, eta: float, beta1: float, beta2: float, eps: float
) -> list[Array]:
    mean, square = beta1 * mean + (1 - beta1) * dW, beta2 * square + (1 - beta2) * size
    return [W - eta * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps), mean, square]


def _never_falling(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    _, new_mean, new_square = _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)
    return _stepped(W, [W, new_mean, np.maximum(square, new_square)], 1 / (1 - beta1**t), 1 / (1 - beta2**t), eta, eps)


def _larger_square(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    state = [W, beta1 * mean + (1 - beta1) * dW, np.maximum(beta2 * square, dW**2)]
    return _stepped(W, state, 1 / (1 - beta1**t), 1 / (1 - beta2**t), eta, eps)


def _stepped(W: Array, state: list[Array], of_mean: float, of_square: float, eta: float, eps: float) -> list[Array]:
    """A step with the two new means corrected by these factors."""
    _, mean, square = state
    return [W - eta * of_mean * mean / (np.sqrt(of_square * square) + eps), mean, square]


def _swapped_weights(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    mean, square = (1 - beta1) * mean + beta1 * dW, (1 - beta2) * square + beta2 * dW**2
    return [W - eta * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps), mean, square]


def _half_corrected(
    W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float, *, of_mean: bool
) -> list[Array]:
    _, mean, square = _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)
    mean_hat, square_hat = (mean / (1 - beta1**t), square) if of_mean else (mean, square / (1 - beta2**t))
    return [W - eta * mean_hat / (np.sqrt(square_hat) + eps), mean, square]


def _uncounted(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    _, mean, square = _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)
    return [W - eta * mean / (1 - beta1) / (np.sqrt(square / (1 - beta2)) + eps), mean, square]


def _without_root(W: Array, mean: Array, square: Array, dW: Array, t: int, eta: float, beta1: float, beta2: float, eps: float) -> list[Array]:
    _, mean, square = _adam(W, mean, square, dW, t, eta, beta1, beta2, eps)
    return [W - eta * mean / (1 - beta1**t) / (square / (1 - beta2**t) + eps), mean, square]
