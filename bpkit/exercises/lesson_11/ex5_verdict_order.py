"""11.5: text R, the loop: the first wrong line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.lesson_11.shared import Array, Layers, Pair, Sides, loss_slopes, prime, row_forward, verdict
from bpkit.exercises.oracles import sigmoid


def _row_loop(sides: Callable[..., Pair]) -> Sides:
    """A 4-3-2 net and one example; `sides` gets w, b, x, t, ε, y and ∂L/∂ε of both layers."""

    def drawn(rng: np.random.Generator) -> Pair:
        w: Layers = [None, rng.normal(size=(4, 3)), rng.normal(size=(3, 2))]
        b: Layers = [None, rng.normal(size=(1, 3)), rng.normal(size=(1, 2))]
        x, t = rng.normal(size=(1, 4)), rng.random(size=(1, 2))
        eps, y = row_forward(w, b, x)
        last = oracles.gradient(lambda moved: 0.5 * np.sum((sigmoid(moved) - t) ** 2), eps[2])
        first = oracles.gradient(lambda moved: 0.5 * np.sum((sigmoid(np.tanh(moved) @ w[2] + b[2]) - t) ** 2), eps[1])
        return sides(w, b, x, t, eps, y, [None, first, last])

    return drawn


_ALPHA = 0.5


def _updated(w: Layers, b: Layers, x: Array, t: Array, eps: Layers, y: Layers, error: Layers) -> Pair:
    dw, db = loss_slopes(w, b, x, t)
    right = np.concatenate([(w[2] - _ALPHA * dw[2]).ravel(), (b[2] - _ALPHA * db[2]).ravel()])
    return right, np.concatenate([(w[2] - _ALPHA * (y[1].T @ error[2])).ravel(), (b[2] - _ALPHA * error[2]).ravel()])


def _through_new_weights(w: Layers, eps: Layers, y: Layers, error: Layers) -> Array:
    return (1 - np.tanh(eps[1]) ** 2) * (error[2] @ (w[2] - _ALPHA * (y[1].T @ error[2])).T)


ORDER = Derivation(
    (
        Line(
            r"$y^0 = X$; for $m = 1, \dots, D$: $\epsilon^m = y^{m-1} \omega^m + b^m$ and $y^m = \mathrm{Act}_m(\epsilon^m)$; keep them all",
            "Line 1 is right: an example is a row here, so the weights stand on the right of what they act on.",
            _row_loop(lambda w, b, x, t, eps, y, error: (eps[1], np.einsum("xj,ji->xi", x, w[1]) + b[1])),
        ),
        Line(
            r"$\dfrac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \odot \mathrm{Act}'_D(\epsilon^D)$",
            "Line 2 is right: BP1 in rows. The activation is elementwise, and its slope is taken where the activation was applied.",
            _row_loop(lambda w, b, x, t, eps, y, error: (error[2], (y[2] - t) * prime(eps[2]))),
        ),
        Line(
            r"for $m = D, D-1, \dots$: $\;d\omega^m = (y^{m-1})^\top\, \dfrac{\partial L}{\partial \epsilon^m}$",
            "Line 3 is right, though it looks turned round: in rows, the weight to i from j stands in row j, so the activations come first, "
            "and transposed.",
            _row_loop(lambda w, b, x, t, eps, y, error: (loss_slopes(w, b, x, t)[0][2], y[1].T @ error[2])),
        ),
        Line(
            r"$db^m = \dfrac{\partial L}{\partial \epsilon^m}$",
            "Line 4 is right for one row, which is what the text declares: the bias is added to ε unchanged. With several rows it would need a sum.",
            _row_loop(lambda w, b, x, t, eps, y, error: (loss_slopes(w, b, x, t)[1][2], error[2])),
        ),
        Line(
            r"$\omega^m \leftarrow \omega^m - \alpha\, d\omega^m$ and $b^m \leftarrow b^m - \alpha\, db^m$",
            "Line 5 does what it says: both parameters of layer m take the step of gradient descent. Whether the next lines still find what they "
            "need is the question to ask of them.",
            _row_loop(_updated),
        ),
        Line(
            r"$\dfrac{\partial L}{\partial \epsilon^{m-1}} = \mathrm{Act}'_m(\epsilon^{m-1}) \odot "
            r"\left[ \dfrac{\partial L}{\partial \epsilon^m}\, (\omega^m)^\top \right]$",
            sides=_row_loop(lambda w, b, x, t, eps, y, error: (error[1], _through_new_weights(w, eps, y, error))),
        ),
        Line(
            r"in the next turn, with $m - 1$ for $m$: $\;d\omega^{m-1} = (y^{m-2})^\top\, \dfrac{\partial L}{\partial \epsilon^{m-1}}$",
            "Line 7 is line 3 again, one layer further down, and as right as line 3 if it is handed the right error. Who hands it over?",
            _row_loop(lambda w, b, x, t, eps, y, error: (loss_slopes(w, b, x, t)[0][1], x.T @ _through_new_weights(w, eps, y, error))),
        ),
    ),
    wrong=6,
    all_right="One line is wrong. Play computer: write down after each line which value every symbol has now, and which value the next line means.",
)


EXERCISE = verdict(
    "11.5",
    "verdict_order",
    "Text R, the loop: the first wrong line",
    ORDER,
    3,
    (
        "This is a program, not a proof. A symbol can have another value below a line than above it.",
        "Two symbols change in the loop. For each, find the lines that read it after it has changed.",
        "The forward pass was made with certain weights. Which line needs exactly these, and are they still there when it is reached?",
    ),
)
