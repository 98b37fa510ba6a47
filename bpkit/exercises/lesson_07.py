"""The exercises of lesson 07, update rules, with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_06 import _backprop, _explain_backprop, _forward
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import gradient
from bpkit.exercises.run import Seed

Array = np.ndarray
Layers = list[Any]  # of arrays, None at the places of layers that have none

_SHAPES = ((3, 3), (2, 4), (4, 1))
_ALLOWS = ("sigmoid",)  # the same for all, so that the grader runs the notebook's cells once


def _eta(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.1, 0.7))


# ---- 07.1 gradient descent -------------------------------------------------------------------------------------------------


def _cases_step(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {n}×{k}", (rng.normal(size=(n, k)), rng.normal(size=(n, k)), _eta(rng))) for n, k in _SHAPES]


GD_STEP = Exercise(
    id="07.1",
    name="gd_step",
    title="One step of gradient descent",
    points=1,
    minutes=4,
    difficulty=1,
    allows=_ALLOWS,
    cases=_cases_step,
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
    ),
)


# ---- 07.2 one step of training -----------------------------------------------------------------------------------------------


def _cases_train(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 4), ((4, 3, 5, 2), 3), ((2, 3, 2), 1)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        args = (W, b, rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m)), float(rng.uniform(0.5, 3)))
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", args))
    return cases


def _moved(parameters: Layers, gradients: Layers, eta: float) -> Layers:
    return [None, *(p - eta * g for p, g in zip(parameters[1:], gradients[1:], strict=True))]


def _train_step(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    dW, db = _backprop(W, b, x, y)
    return [_moved(W, dW, eta), _moved(b, db, eta)]


def _train_step_oracle(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    def new(parameters: Layers, l: int) -> Array:
        kept = parameters[l]

        def cost(moved: Array) -> Any:
            parameters[l] = moved
            return np.sum((_forward(W, b, x)[1][-1] - y) ** 2) / 2 / x.shape[1]

        try:
            return kept - eta * gradient(cost, kept)
        finally:
            parameters[l] = kept

    layers = range(1, len(W))
    return [[None, *(new(W, l) for l in layers)], [None, *(new(b, l) for l in layers)]]


def _update_first(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """Each layer is updated before the error goes back through it."""
    _, a = _forward(W, b, x)
    W, b = list(W), list(b)
    delta = (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        W[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1]
        b[l] = b[l] - eta * delta.mean(axis=1, keepdims=True)
        if l > 1:
            delta = (W[l].T @ delta) * a[l - 1] * (1 - a[l - 1])
    return [W, b]


def _two_steps(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    W, b = _train_step(W, b, x, y, eta)
    return _train_step(W, b, x, y, eta)


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    new_W, new_b = _train_step(W, b, x, y, eta)
    return [[*W[:-1], new_W[-1]], [*b[:-1], new_b[-1]]]


def _with_gradients(change: Callable[[Layers, Layers, int], tuple[Layers, Layers]]) -> Callable[..., list[Layers]]:
    def step(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
        dW, db = _backprop(W, b, x, y)
        dW, db = change(dW, db, x.shape[1])
        return [_moved(W, dW, eta), _moved(b, db, eta)]

    return step


def _scaled(layers: Layers, factor: float) -> Layers:
    return [None, *(factor * array for array in layers[1:])]


def _from_the_front(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """Layer by layer from the first, the gradient of each taken with those before it moved already."""
    W, b = list(W), list(b)
    for l in range(1, len(W)):
        dW, db = _backprop(W, b, x, y)
        W[l], b[l] = W[l] - eta * dW[l], b[l] - eta * db[l]
    return [W, b]


def _weights_first(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """The biases' gradients are those of the net whose weights have moved."""
    new_W = _moved(W, _backprop(W, b, x, y)[0], eta)
    return [new_W, _moved(b, _backprop(new_W, b, x, y)[1], eta)]


def _one_example_at_a_time(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    for i in range(x.shape[1]):
        W, b = _train_step(W, b, x[:, [i]], y[:, [i]], eta)
    return [W, b]


def _slope_dropped(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> list[Layers]:
    """On the way back the slope of the hidden layers is missing."""
    _, a = _forward(W, b, x)
    new_W, new_b, delta = list(W), list(b), (a[-1] - y) * a[-1] * (1 - a[-1])
    for l in range(len(W) - 1, 0, -1):
        new_W[l], new_b[l] = W[l] - eta * delta @ a[l - 1].T / x.shape[1], b[l] - eta * delta.mean(axis=1, keepdims=True)
        delta = W[l].T @ delta
    return [new_W, new_b]


def _explain_train_step(got: Any, W: Layers, b: Layers, x: Array, y: Array, eta: float) -> str | None:
    """Read the gradients back from the steps, and say where on the way back the first wrong one is."""
    try:
        steps = [[None, *((old - new) / eta for old, new in zip(here[1:], there[1:], strict=True))] for here, there in zip((W, b), got, strict=True)]
    except (TypeError, ValueError, IndexError):
        return None
    words = _explain_backprop(steps, W, b, x, y)
    return f"Going by how far each parameter moved, {words}" if words else None


TRAIN_STEP = Exercise(
    id="07.2",
    name="train_step",
    title="All gradients first, then the update",
    points=3,
    minutes=10,
    difficulty=2,
    allows=_ALLOWS,
    part=("W[{}]", "b[{}]"),
    explain=_explain_train_step,
    seconds=10.0,
    cases=_cases_train,
    reference=_train_step,
    oracle=_train_step_oracle,
    hints=(
        "Two phases. The first only computes: forward, errors, gradients of every layer. The second changes parameters.",
        "BP2 needs the weights with which the forward pass was made. What does that say about when you may change them?",
        "Use your `backprop` of lesson 06 to get both lists of gradients, then make new lists: each array minus η times its gradient.",
    ),
    mistakes=(
        Mistake(
            "update before propagate",
            _update_first,
            "The last layer is right. You change a layer's weights and then send the error back through the changed ones, as a published text does. "
            "The error belongs to the net that made the forward pass.",
        ),
        Mistake("only the last layer", _last_layer_only, "Only the last layer moves. The hidden layers have gradients too: that is what BP2 is for."),
        Mistake(
            "biases not updated",
            lambda W, b, x, y, eta: [_train_step(W, b, x, y, eta)[0], b],
            "The weights are right, the biases stand still. They have gradients of their own.",
        ),
        Mistake(
            "update from the front",
            _from_the_front,
            "The first layer is right. The gradients of the others are those of a net whose first layers have moved already. "
            "All gradients belong to one net, the old one.",
        ),
        Mistake(
            "weights moved before the biases' gradients",
            _weights_first,
            "The weights are right. The biases' gradients were taken after the weights had moved. Compute all gradients, then move everything.",
        ),
        Mistake(
            "one example at a time",
            _one_example_at_a_time,
            "You take a step for each example. Asked is one step for all of them, with the mean of their gradients.",
        ),
        Mistake(
            "slopes of the hidden layers dropped",
            _slope_dropped,
            "The last layer is right. On the way back the error lacks the slope of each layer that it passes.",
        ),
        Mistake(
            "1/m twice",
            _with_gradients(lambda dW, db, m: (_scaled(dW, 1 / m), _scaled(db, 1 / m))),
            "Your step is too short by the number of examples: the mean is taken twice.",
        ),
        Mistake(
            "order swapped",
            lambda W, b, x, y, eta: _train_step(W, b, x, y, eta)[::-1],
            "The lists stand in the other order: the new weights first, then the new biases.",
        ),
        Mistake("sign", lambda W, b, x, y, eta: _train_step(W, b, x, y, -eta), "You step uphill: the cost grows. Minus η, or a - y turned round?"),
        Mistake(
            "no 1/m",
            _with_gradients(lambda dW, db, m: (_scaled(dW, m), _scaled(db, m))),
            "Your step is too long by the number of examples: somewhere a sum stands for a mean.",
        ),
        Mistake("η missing", lambda W, b, x, y, eta: _train_step(W, b, x, y, 1.0), "The step has the length of the gradient whatever η is."),
        Mistake(
            "gradients returned",
            lambda W, b, x, y, eta: _backprop(W, b, x, y),
            "You return the gradients. Asked are the new weights and biases.",
        ),
        Mistake(
            "two steps",
            _two_steps,
            "You took the step twice. Is the update inside a loop that it should stand behind?",
        ),
    ),
)


# ---- 07.3, 07.4 regularisation ------------------------------------------------------------------------------------------------


def _cases_regularised(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k in _SHAPES:
        W, b = rng.normal(size=(n, k)), rng.normal(size=(n, 1))
        args = (W, b, rng.normal(size=(n, k)), rng.normal(size=(n, 1)), _eta(rng), float(rng.uniform(0.2, 0.9)))
        cases.append(Case(f"W {n}×{k}", args))
    return cases


def _l2_step(W: Array, b: Array, dW: Array, db: Array, eta: float, lam: float) -> list[Array]:
    return [W - eta * (dW + lam * W), b - eta * db]


def _l2_oracle(W: Array, b: Array, dW: Array, db: Array, eta: float, lam: float) -> list[Array]:
    penalised = gradient(lambda V: np.sum(dW * V) + lam / 2 * np.sum(V * V), W)
    return [W - eta * penalised, b - eta * db]


L2_STEP = Exercise(
    id="07.3",
    name="l2_step",
    title="A step with L2 regularisation",
    points=1,
    minutes=6,
    difficulty=2,
    allows=_ALLOWS,
    part=("W", "b"),
    cases=_cases_regularised,
    reference=_l2_step,
    oracle=_l2_oracle,
    hints=(
        "The cost has λ/2 times the sum of the squared weights added to it. Differentiate that with respect to one weight.",
        "The gradient of the weights grows by λ times the weights. The biases are not in the penalty.",
        "Everything is taken at the old weights: first the whole gradient, then one step.",
    ),
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
    ),
)


def _cases_l1(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k in _SHAPES:
        W, dW, eta, lam = rng.normal(size=(n, k)), rng.normal(size=(n, k)), _eta(rng), float(rng.uniform(0.2, 0.9))
        zero, turns, lands_near = rng.permutation(n * k)[:3]
        W.flat[zero] = 0.0
        W.flat[turns] = 0.4 * eta * dW.flat[turns]  # the gradient's step takes it across 0
        W.flat[lands_near] = eta * (dW.flat[lands_near] + 0.5 * lam)  # and this one to where the penalty would
        cases.append(Case(f"W {n}×{k}, one weight exactly 0", (W, dW, eta, lam)))
    return cases


def _l1_oracle(W: Array, dW: Array, eta: float, lam: float) -> Array:
    """The slope of |w| as a central difference: ±1 on either side of 0, and 0 at 0."""
    h = 1e-4 * np.where(W == 0, 1, np.abs(W))  # never across 0 from a weight that is not 0
    return W - eta * (dW + lam * (np.abs(W + h) - np.abs(W - h)) / (2 * h))


L1_STEP = Exercise(
    id="07.4",
    name="l1_step",
    title="A step with L1 regularisation",
    points=1,
    minutes=5,
    difficulty=1,
    allows=_ALLOWS,
    cases=_cases_l1,
    reference=lambda W, dW, eta, lam: W - eta * (dW + lam * np.sign(W)),
    oracle=_l1_oracle,
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
    ),
)


# ---- 07.5 mini-batches ------------------------------------------------------------------------------------------------------------


def _cases_batches(rng: np.random.Generator) -> list[Case]:
    return [
        Case(f"m = {m}, size = {size}", (Seed(int(rng.integers(1 << 30))), m, size)) for m, size in ((23, 5), (24, 6), (17, 8), (12, 1), (11, 40))
    ]


def _minibatches(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(0, m, size)]


def _shuffled_in_place(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    order = np.arange(m)
    rng.shuffle(order)
    return np.split(order, range(size, m, size))


def _batches(value: Any) -> list[Array] | None:
    """An answer as a list of arrays of whole numbers, or None."""
    if isinstance(value, np.ndarray) and value.ndim == 2:
        value = list(value)
    if not isinstance(value, list):
        return None
    try:
        arrays = [np.asarray(batch) for batch in value]
    except ValueError:
        return None
    whole = all(array.ndim == 1 and array.dtype.kind in "iuf" and np.all(array == np.round(array)) for array in arrays)
    return [array.astype(int) for array in arrays] if whole else None


def _all_there(batches: Sequence[Array], m: int) -> bool:
    return bool(batches) and np.array_equal(np.sort(np.concatenate(batches)), np.arange(m))


def _sizes_fit(batches: Sequence[Array], m: int, size: int) -> bool:
    return [len(batch) for batch in batches] == [min(size, m - start) for start in range(0, m, size)]


def _in_order(batches: Sequence[Array]) -> bool:
    joined = np.concatenate(batches)
    return bool(np.all(np.diff(joined) == 1))


def _neighbours_together(batches: Sequence[Array]) -> bool:
    """Whether every batch holds neighbours of the old order, whatever their order within it; a batch of one or of all tells nothing."""
    return len(batches) > 1 and len(batches[0]) > 1 and all(np.ptp(batch) == len(batch) - 1 for batch in batches if len(batch))


def _batches_hold(value: Any, rng: np.random.Generator, m: int, size: int) -> bool:
    batches = _batches(value)
    if batches is None or not _all_there(batches, m) or not _sizes_fit(batches, m, size):
        return False
    return not _in_order(batches) and not _neighbours_together(batches)


def _explain_batches(value: Any, rng: np.random.Generator, m: int, size: int) -> str | None:
    batches = _batches(value)
    if batches is None:
        return "Return a list of arrays of indices, one array for each mini-batch; found something else."
    if not batches:
        return "The list is empty."
    joined = np.concatenate(batches)
    if joined.size and (joined.min() < 0 or joined.max() >= m):
        return f"Indices run from 0 to m - 1 = {m - 1}; found {joined.min()} to {joined.max()}."
    if not _all_there(batches, m):
        missing = m - len(np.unique(joined))
        return f"{missing} of {m} examples are in no batch, and {joined.size - len(np.unique(joined))} stand there more than once."
    if not _sizes_fit(batches, m, size):
        sizes = [len(batch) for batch in batches][:8]
        return f"Every example is there once, but the batches have sizes {sizes}; expected {size} each, and the rest in the last."
    return None


def _recognised(test: Callable[[list[Array], int, int], bool]) -> Callable[..., bool]:
    def recognise(value: Any, rng: np.random.Generator, m: int, size: int) -> bool:
        batches = _batches(value)
        return batches is not None and test(batches, m, size)

    return recognise


def _remainder_dropped(batches: list[Array], m: int, size: int) -> bool:
    joined = np.concatenate([*batches, np.array([], int)])
    return all(len(batch) == size for batch in batches) and joined.size == m // size * size and len(np.unique(joined)) == joined.size


def _repeats(batches: list[Array], m: int, size: int) -> bool:
    """As many indices as examples or nearly, all in range, in batches of the right size, yet not each once."""
    joined = np.concatenate([*batches, np.array([], int)])
    full = all(len(batch) in (size, min(size, m)) for batch in batches[:-1]) and joined.size >= m // size * size
    return full and joined.size > 0 and joined.min() >= 0 and joined.max() < m


def _counted_from_1(batches: list[Array], m: int, size: int) -> bool:
    return _all_there([batch - 1 for batch in batches], m)


def _shuffled_within(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.permutation(np.arange(start, min(start + size, m))) for start in range(0, m, size)]


def _blocks_shuffled(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    blocks = [np.arange(start, min(start + size, m)) for start in range(0, m, size)]
    return [blocks[k] for k in rng.permutation(len(blocks))]


def _blocks_out_of_order(batches: list[Array], m: int, size: int) -> bool:
    """The old blocks, each in its old order, in any order."""
    if not batches or not all(len(batch) for batch in batches) or not _all_there(batches, m):
        return False
    return _sizes_fit(sorted(batches, key=lambda batch: int(batch[0])), m, size) and all(np.all(np.diff(batch) == 1) for batch in batches)


def _remainder_first(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return _minibatches(rng, m, size)[::-1]


def _remainder_joined(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    *rest, last = _minibatches(rng, m, size)
    return [*rest, last] if len(last) == size or not rest else [*rest[:-1], np.concatenate([rest[-1], last])]


def _one_batch_only(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.permutation(m)[:size]]


def _draw_with_repeats(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return [rng.integers(0, m, size=min(size, m - start)) for start in range(0, m, size)]


def _size_batches(rng: np.random.Generator, m: int, size: int) -> list[Array]:
    return np.array_split(rng.permutation(m), size)


MINIBATCHES = Exercise(
    id="07.5",
    name="minibatches",
    title="Shuffled mini-batches, every example once",
    points=2,
    minutes=8,
    difficulty=2,
    allows=_ALLOWS,
    cases=_cases_batches,
    reference=_minibatches,
    oracle=_shuffled_in_place,
    accepts=_batches_hold,
    explain=_explain_batches,
    hints=(
        "Shuffle the numbers 0 to m - 1 once, then cut the row into pieces.",
        "`rng.permutation(m)` shuffles. Pieces begin at 0, size, 2·size, … What happens to the last one when m is not a multiple of size?",
        "Slicing beyond the end of an array is allowed and gives what is left: the last batch comes out shorter by itself.",
    ),
    mistakes=(
        Mistake(
            "not shuffled",
            lambda rng, m, size: [np.arange(start, min(start + size, m)) for start in range(0, m, size)],
            "The examples stand in their old order. Data often comes sorted by class; then each batch would see one class.",
            recognise=_recognised(lambda batches, m, size: _all_there(batches, m) and _sizes_fit(batches, m, size) and _in_order(batches)),
        ),
        Mistake(
            "only the order of the batches shuffled",
            _blocks_shuffled,
            "You shuffle the batches, not the examples: neighbours of the old order stay together for ever. Shuffle first, then cut.",
            recognise=_recognised(_blocks_out_of_order),
        ),
        Mistake(
            "shuffled within the batches",
            _shuffled_within,
            "You cut first and shuffle each piece: the same examples always meet in one batch. Shuffle all of them, then cut.",
            recognise=_recognised(
                lambda batches, m, size: (
                    bool(batches)
                    and _all_there(batches, m)
                    and _sizes_fit(batches, m, size)
                    and (len(batches) == 1 or size == 1 or _neighbours_together(batches))
                )
            ),
        ),
        Mistake(
            "remainder in the first batch",
            _remainder_first,
            "Every example is there once, but the short batch stands first. Let it come last.",
            recognise=_recognised(lambda batches, m, size: bool(batches) and _all_there(batches, m) and _sizes_fit(batches[::-1], m, size)),
        ),
        Mistake(
            "remainder joined to the batch before",
            _remainder_joined,
            "You give the remainder to the batch before it, which gets longer than size. Let it be a short batch of its own.",
            recognise=_recognised(
                lambda batches, m, size: (
                    bool(batches)
                    and _all_there(batches, m)
                    and (len(batches[-1]) == size + m % size or m % size == 0 or m < size)
                    and all(len(batch) == size for batch in batches[:-1])
                )
            ),
        ),
        Mistake(
            "one batch only",
            _one_batch_only,
            "You return one mini-batch. Asked are all of an epoch: go on until every example has been in one.",
            recognise=_recognised(lambda batches, m, size: len(batches) == 1 and len(np.unique(batches[0])) == len(batches[0]) == min(size, m)),
        ),
        Mistake(
            "counted from 1",
            lambda rng, m, size: [batch + 1 for batch in _minibatches(rng, m, size)],
            "Your indices run from 1 to m. Arrays count from 0: the first example would never be used, and m does not exist.",
            recognise=_recognised(_counted_from_1),
        ),
        Mistake(
            "remainder dropped",
            lambda rng, m, size: [batch for batch in _minibatches(rng, m, size) if len(batch) == size],
            "The last examples are in no batch when m is not a multiple of size. Let the last batch be shorter.",
            recognise=_recognised(_remainder_dropped),
        ),
        Mistake(
            "number of batches for their size",
            _size_batches,
            "You make `size` batches. Asked are batches of `size` examples.",
            recognise=_recognised(lambda batches, m, size: len(batches) == size and len(np.unique(np.concatenate([*batches, [-1]]))) == m + 1),
        ),
        Mistake(
            "repeats",
            _draw_with_repeats,
            "Some examples come more than once and others never. Do you draw anew for each batch? In an epoch each example comes once.",
            recognise=_recognised(_repeats),
        ),
    ),
)


# ---- 07.6 momentum ------------------------------------------------------------------------------------------------------------------


def _cases_momentum(rng: np.random.Generator) -> list[Case]:
    return [
        Case(f"W {n}×{k}", (rng.normal(size=(n, k)), rng.normal(size=(n, k)), rng.normal(size=(n, k)), _eta(rng), float(rng.uniform(0.75, 0.95))))
        for n, k in _SHAPES
    ]


def _momentum(W: Array, v: Array, dW: Array, eta: float, mu: float) -> list[Array]:
    v = mu * v - eta * dW
    return [W + v, v]


def _momentum_oracle(W: Array, v: Array, dW: Array, eta: float, mu: float) -> list[Array]:
    """Heavy ball: with W_before = W - v, the next point is W + μ (W - W_before) - η ∂C/∂W."""
    before = W - v
    after = W + mu * (W - before) - eta * dW
    return [after, after - W]


MOMENTUM_STEP = Exercise(
    id="07.6",
    name="momentum_step",
    title="A step with momentum",
    points=2,
    minutes=8,
    difficulty=2,
    allows=_ALLOWS,
    part=("W", "v"),
    cases=_cases_momentum,
    reference=_momentum,
    oracle=_momentum_oracle,
    hints=(
        "The velocity keeps the fraction μ of itself and is pushed by the gradient. The weights move by the velocity.",
        "Which of the two terms carries η, and which carries μ? A ball that rolls on without any gradient has no η in it.",
        "First the new velocity, from the old one and the gradient; then the new weights, with the new velocity. Return both.",
    ),
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


# ---- 07.7 Adam ------------------------------------------------------------------------------------------------------------------------


def _cases_adam(rng: np.random.Generator) -> list[Case]:
    cases = []
    for (n, k), t in zip(_SHAPES, (1, 3, 10), strict=True):
        W, mean, dW = (rng.normal(size=(n, k)) for _ in range(3))
        square = rng.uniform(0.1, 2, size=(n, k))
        args = (W, mean, square, dW, t, _eta(rng), float(rng.uniform(0.85, 0.95)), float(rng.uniform(0.97, 0.99)), float(rng.uniform(0.05, 0.2)))
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


ADAM_STEP = Exercise(
    id="07.7",
    name="adam_step",
    title="A step of Adam",
    points=3,
    minutes=10,
    difficulty=3,
    allows=_ALLOWS,
    part=("W", "mean", "square"),
    cases=_cases_adam,
    reference=_adam,
    oracle=_adam_oracle,
    hints=(
        "Two running means: one of the gradient, one of its square, each with its own β. Both are updated before anything else.",
        "Both begin at zero, so in the first steps they are too small. Dividing by 1 - β to the power t puts that right; the first step has t = 1.",
        "The step is η times the corrected mean, divided by the root of the corrected square plus ε. Return weights, mean and square, not corrected.",
    ),
    mistakes=(
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
            "ε missing",
            lambda W, mean, square, dW, t, eta, beta1, beta2, eps: _adam(W, mean, square, dW, t, eta, beta1, beta2, 0.0),
            "ε plays no part. Where all gradients were zero you would divide by zero.",
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
        Mistake("state not returned", lambda *args: _adam(*args)[0], "Return the two running means too: the next step needs them."),
    ),
)


def _with_square(
    W: Array, mean: Array, square: Array, dW: Array, size: Array, t: int, eta: float, beta1: float, beta2: float, eps: float
) -> list[Array]:
    mean, square = beta1 * mean + (1 - beta1) * dW, beta2 * square + (1 - beta2) * size
    return [W - eta * mean / (1 - beta1**t) / (np.sqrt(square / (1 - beta2**t)) + eps), mean, square]


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


# ---- 07.8 stopping ----------------------------------------------------------------------------------------------------------------------

_HISTORIES = (
    ("falling", [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]),
    ("flat for three epochs", [1.0, 0.5, 0.4, 0.4, 0.4, 0.4]),
    ("flat for two epochs", [1.0, 0.5, 0.4, 0.4, 0.4]),
    ("rising", [1.0, 0.5, 0.4, 0.6, 0.8, 1.0]),
    ("slowly falling", [1.0, 0.5, 0.496, 0.492, 0.488, 0.484]),
    ("a dip among the last three", [1.0, 0.5, 0.4, 0.3, 0.45, 0.4]),
    ("worse than long ago", [1.0, 0.3, 0.5, 0.45, 0.42, 0.4]),
    ("too short", [1.0, 1.0]),
    ("flat for two epochs behind a fall", [1.0, 0.9, 0.6, 0.6, 0.6]),
)
_IMPATIENT = (
    ("one flat epoch", 1, [1.0, 0.5, 0.5]),
    ("falling", 1, [1.0, 0.5, 0.3]),
    ("flat for two epochs", 2, [1.0, 0.5, 0.4, 0.4, 0.4]),
    ("flat for four epochs", 5, [1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]),
)


def _cases_history(rng: np.random.Generator) -> list[Case]:
    unit = float(rng.uniform(0.5, 2))
    told = (*((label, 3, history) for label, history in _HISTORIES), *_IMPATIENT)
    return [Case(f"{label}, patience {patience}", ([unit * cost for cost in history], 0.01 * unit, patience)) for label, patience, history in told]


def _should_stop(history: list[float], tol: float, patience: int) -> bool:
    return len(history) > patience and min(history[:-patience]) - min(history[-patience:]) <= tol


def _should_stop_oracle(history: list[float], tol: float, patience: int) -> bool:
    """Count the epochs since the best cost was last lowered by more than tol."""
    if len(history) <= patience:
        return False
    threshold = min(history[: len(history) - patience]) - tol
    return not any(cost < threshold for cost in history[len(history) - patience :])


def _step_by_step(history: list[float], tol: float, patience: int) -> bool:
    """Count the epochs that did not beat the best so far by tol, with a best that creeps along."""
    best, waited = history[0], 0
    for cost in history[1:]:
        waited = 0 if best - cost > tol else waited + 1
        best = min(best, cost)
    return waited >= patience


def _epochs_since_the_last_fall(history: list[float], tol: float, patience: int) -> bool:
    waited = 0
    for before, cost in pairwise(history):
        waited = 0 if before - cost > tol else waited + 1
    return waited >= patience


def _explain_stop(got: Any, history: list[float], tol: float, patience: int) -> str | None:
    """What the rule has to look at in this case, beside what the answer said."""
    if not isinstance(got, bool | int | float):
        return None
    before, window = ([round(cost, 3) for cost in part] for part in (history[:-patience], history[-patience:]))
    told = f"before the window {before}, in the window {window}" if before else f"only {len(history)} epochs, {window}"
    return f"With patience {patience} and tol {tol:.3f}: {told}. You return {bool(got)}."


SHOULD_STOP = Exercise(
    id="07.8",
    name="should_stop",
    title="Small enough for long enough",
    points=1,
    minutes=6,
    difficulty=2,
    allows=_ALLOWS,
    cases=_cases_history,
    reference=_should_stop,
    oracle=_should_stop_oracle,
    explain=_explain_stop,
    hints=(
        "Compare two numbers: the best cost before the last `patience` epochs, and the best cost within them.",
        "The difference has a sign. What does it mean when the cost rises?",
        "With too few epochs there is nothing to compare, so go on. `history[-patience:]` is the window, `history[:-patience]` what came before.",
    ),
    mistakes=(
        Mistake(
            "compares unsigned",
            lambda history, tol, patience: len(history) > patience and abs(min(history[:-patience]) - min(history[-patience:])) <= tol,
            "You look at the size of the change. A cost that rises fast changes a lot, and your rule would go on for ever.",
        ),
        Mistake(
            "patience one too short",
            lambda history, tol, patience: _should_stop(history, tol, patience - 1),
            "You stop one epoch too early: `patience` epochs without progress are allowed to pass.",
        ),
        Mistake(
            "patience one too long",
            lambda history, tol, patience: _should_stop(history, tol, patience + 1),
            "You stop one epoch too late: after `patience` epochs without progress it is time.",
        ),
        Mistake(
            "last step only",
            lambda history, tol, patience: len(history) > patience and history[-2] - history[-1] <= tol,
            "You compare the last two epochs. A single epoch without progress is no reason to stop, and slow progress adds up.",
        ),
        Mistake(
            "last epoch for the best of the window",
            lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - history[-1] <= tol,
            "You compare the last epoch alone with the best before. One of the epochs in the window may have been better.",
        ),
        Mistake(
            "slow progress not added up",
            _step_by_step,
            "You ask each epoch for its own fall by tol. Slow progress adds up: compare the best of the whole window with the best before it.",
        ),
        Mistake(
            "epoch against epoch",
            _epochs_since_the_last_fall,
            "You compare each epoch with the one before it. A cost that rises and comes back has made no progress: compare with the best before.",
        ),
        Mistake(
            "one value for the best before",
            lambda history, tol, patience: len(history) > patience and history[-patience - 1] - min(history[-patience:]) <= tol,
            "Before the window you look at a single epoch. The best of all the epochs before it counts.",
        ),
        Mistake(
            "unsigned, two epochs",
            lambda history, tol, patience: len(history) > patience and abs(history[-patience - 1] - history[-1]) <= tol,
            "You compare two single epochs, and only the size of what lies between. A rising cost changes a lot; and in each part the best counts.",
        ),
        Mistake(
            "spread of the window",
            lambda history, tol, patience: len(history) > patience and max(history[-patience:]) - min(history[-patience:]) <= tol,
            "You look at the window alone: how far its costs lie apart. A noisy or rising cost would go on for ever. What was reached before it?",
        ),
        Mistake(
            "small changes within the window",
            lambda history, tol, patience: len(history) > patience and all(abs(a - b) <= tol for a, b in pairwise(history[-patience - 1 :])),
            "You ask for small changes from epoch to epoch. Small steps down add up, and a cost that rises changes a lot.",
        ),
        Mistake(
            "cost below tol",
            lambda history, tol, patience: history[-1] < tol,
            "You wait for the cost itself to be small. Nobody knows how small it can get; the rule asks whether it still falls.",
        ),
        Mistake("inverted", lambda history, tol, patience: not _should_stop(history, tol, patience), "Your answer is the opposite: True means stop."),
        Mistake(
            "stops when there is nothing to compare",
            lambda history, tol, patience: len(history) <= patience or _should_stop(history, tol, patience),
            "You stop when there are fewer epochs than patience asks for. Go on until there is something to compare.",
        ),
        Mistake(
            "compares with the epoch before the window",
            lambda history, tol, patience: len(history) > patience and history[-patience - 1] - history[-1] <= tol,
            "You compare two single epochs. Take the best before the window and the best within it.",
        ),
    ),
)


EXERCISES = (GD_STEP, TRAIN_STEP, L2_STEP, L1_STEP, MINIBATCHES, MOMENTUM_STEP, ADAM_STEP, SHOULD_STOP)
