"""08.4: train until it reads digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpkit.core.functions import cross_entropy, relu, softmax
from bpkit.core.network import Network, backward, forward
from bpkit.core.updates import sgd
from bpkit.data import digits
from bpkit.exercises.lesson_08.shared import ALLOWED, Array, Layers, he_weights, one_hot_columns
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Seed

Trained = list[Any]  # weights, biases, costs by epoch


# The task: few epochs over scans that stand sorted by class, so that who does not shuffle forgets the first classes.
_REACHES = 0.82  # of the shipped digits' held-back fifth; the worst of 300 right answers got 0.90


_TASKS = (
    # classes, hidden layers, examples to train on, examples to watch, η, epochs, size
    ("ten classes, 728 examples", 10, (30,), 728, 714, 0.1, 5, 10),
    ("four classes, 287 examples, three layers", 4, (40, 30), 287, 285, 0.05, 4, 4),
)


def _cases_fit(rng: np.random.Generator) -> list[Case]:
    scans = digits().train
    cases = []
    for label, K, hidden, m, watched, eta, epochs, size in _TASKS:
        picked = rng.permutation(np.flatnonzero(scans.labels < K))[: m + watched]
        train, held_back = np.sort(picked[:m]), picked[m:]
        train = train[np.argsort(scans.labels[train], kind="stable")]
        W = he_weights(rng, [64, *hidden, K])
        b: Layers = [None, *(np.zeros((n, 1)) for n in (*hidden, K))]
        # the labels to watch are false: who trains on them gives himself away
        false = (scans.labels[held_back] + 1) % K
        sets = [_examples(scans.x[:, train], scans.labels[train], K), _examples(scans.x[:, held_back], false, K)]
        cases.append(Case(label, (Seed(int(rng.integers(1 << 30))), W, b, *sets, eta, epochs, size)))
    return cases


def _examples(x: Array, labels: Array, K: int) -> list[Array]:
    return [x - 0.3, one_hot_columns(labels, K)]  # 0.3 is a pixel's mean


def _activations(W: Layers, b: Layers, x: Array) -> Layers:
    a, last = [x], len(W) - 1
    for l in range(1, last + 1):
        z = W[l] @ a[-1] + b[l]
        a.append(np.maximum(z, 0) if l < last else softmax(z))
    return a


def _gradients(W: Layers, b: Layers, x: Array, y: Array) -> tuple[Layers, Layers]:
    a, m = _activations(W, b, x), x.shape[1]
    dW: Layers = [None] * len(W)
    db: Layers = [None] * len(W)
    delta = a[-1] - y
    for l in range(len(W) - 1, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T / m, delta.mean(axis=1, keepdims=True)
        delta = (W[l].T @ delta) * (a[l - 1] > 0)
    return dW, db


def _cost(W: Layers, b: Layers, x: Array, y: Array) -> float:
    share = np.sum(_activations(W, b, x)[-1] * y, axis=0)
    return float(-np.mean(np.log(np.maximum(share, 1e-300))))


def _stepped(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    dW, db = _gradients(W, b, x, y)
    layers = range(1, len(W))
    return [None, *(W[l] - eta * dW[l] for l in layers)], [None, *(b[l] - eta * db[l] for l in layers)]


Orders = Callable[[np.random.Generator, int], tuple[Array, Array]]


def _shuffled(rng: np.random.Generator, m: int) -> tuple[Array, Array]:
    order = rng.permutation(m)
    return order, order


def _training(
    orders: Orders = _shuffled,
    step: Callable[..., tuple[Layers, Layers]] = _stepped,
    measure: Callable[..., float] = lambda W, b, train, held_back: _cost(W, b, *held_back),
    watch_before: bool = False,
) -> Callable[..., Trained]:
    """A way to train: how each epoch orders x and y, how a batch changes the parameters, what is written down and when."""

    def fit(
        rng: np.random.Generator, W: Layers, b: Layers, train: list[Array], held_back: list[Array], eta: float, epochs: int, size: int
    ) -> Trained:
        x, y = train
        costs = []
        for _ in range(epochs):
            if watch_before:
                costs.append(measure(W, b, train, held_back))
            of_x, of_y = orders(rng, x.shape[1])
            for start in range(0, len(of_x), size):
                batch = slice(start, start + size)
                W, b = step(W, b, x[:, of_x[batch]], y[:, of_y[batch]], eta)
            if not watch_before:
                costs.append(measure(W, b, train, held_back))
        return [W, b, costs]

    return fit


_fit = _training()


def _fit_oracle(
    rng: np.random.Generator, W: Layers, b: Layers, train: list[Array], held_back: list[Array], eta: float, epochs: int, size: int
) -> Trained:
    """The same with bpkit's own passes, which differences have checked."""
    net = Network(tuple(W), tuple(b), (None, *[relu] * (len(W) - 2), softmax), cross_entropy)
    costs = []
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(train[0].shape[1]), train[0].shape[1] // size):
            grads = backward(net, forward(net, train[0][:, batch]), train[1][:, batch])
            net = sgd(net, grads, eta=eta)
        cache = forward(net, held_back[0])
        costs.append(float(net.cost.output_value(cache.z[-1], cache.output, held_back[1], softmax)))
    return [list(net.W), list(net.b), costs]


@dataclass(frozen=True)
class _Seen:
    """What can be seen of a returned net: how it does on digits that the answer never met, and on those that it met."""

    W: Layers
    b: Layers
    costs: Array
    recall: Array  # of each class, on the held-back fifth
    accuracy: float
    fooled: float  # how often it gives the false labels of the watched examples
    first: float  # cost on the training set before
    last: float  # and after training
    watched: tuple[float, float]  # cost on the watched examples, before and after
    hits: float  # share of the watched examples that it gets "right"


def _see(
    value: Any, rng: np.random.Generator, W0: Layers, b0: Layers, train: list[Array], held_back: list[Array], eta: float, epochs: int, size: int
) -> _Seen | None:
    net = _as_net(value, W0, b0)
    if net is None:
        return None
    W, b, costs = net
    if not all(np.all(np.isfinite(part)) for part in (*W[1:], *b[1:])):
        return None
    K, test = len(train[1]), digits().test
    known = test.labels < K
    x, labels = test.x[:, known] - 0.3, test.labels[known]
    said = _activations(W, b, x)[-1].argmax(axis=0)
    recall = np.array([np.mean(said[labels == k] == k) for k in range(K)])
    hits = float(np.mean(_activations(W, b, held_back[0])[-1].argmax(axis=0) == held_back[1].argmax(axis=0)))
    watched = (_cost(W0, b0, *held_back), _cost(W, b, *held_back))
    return _Seen(W, b, costs, recall, float(np.mean(said == labels)), hits, _cost(W0, b0, *train), _cost(W, b, *train), watched, hits)


def _is_like(found: Any, wanted: Array) -> bool:
    return isinstance(found, np.ndarray) and found.dtype.kind == "f" and found.shape == wanted.shape


def _as_net(value: Any, W0: Layers, b0: Layers) -> tuple[Layers, Layers, Array] | None:
    """An answer as weights, biases and costs, or None where it is no such triple."""
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(part, list) for part in value[:2]):
        return None
    for part, like in zip(value[:2], (W0, b0), strict=True):
        if len(part) != len(like) or not all(_is_like(p, q) for p, q in zip(part[1:], like[1:], strict=True)):
            return None
    try:
        costs = np.array(value[2], dtype=float)
    except (TypeError, ValueError):
        return None
    return (value[0], value[1], costs) if costs.ndim == 1 else None


def _equal(found: float, wanted: float) -> bool:
    return bool(np.isclose(found, wanted, rtol=1e-5, atol=0))


def _same_layers(one: Layers, other: Layers) -> bool:
    return all(np.array_equal(p, q) for p, q in zip(one[1:], other[1:], strict=True))


def _fit_holds(value: Any, *args: Any) -> bool:
    seen = _see(value, *args)
    if seen is None or len(seen.costs) != args[6]:
        return False
    moved = all(not np.array_equal(p, q) for part, old in ((seen.W, args[1]), (seen.b, args[2])) for p, q in zip(part[1:], old[1:], strict=True))
    return moved and seen.accuracy >= _REACHES and _equal(seen.costs[-1], seen.watched[1])


def _explain_fit(value: Any, *args: Any) -> str | None:
    _, W0, b0, train, _, _, epochs, _ = args
    if not isinstance(value, list) or len(value) != 3:
        found = f"{len(value)} items" if isinstance(value, list) else "something else"
        return f"Return three things: the weights, the biases and the list of costs; found {found}."
    for name, part, like in zip("Wb", value[:2], (W0, b0), strict=True):
        if not isinstance(part, list) or len(part) != len(like):
            return f"{name} has to be a list of {len(like)} items, as it was given: None for layer 0, then one array for each layer."
        for l in range(1, len(like)):
            shape = getattr(part[l], "shape", None)
            if shape != like[l].shape:
                return f"{name}[{l}] {'is no array' if shape is None else f'has shape {shape}'}, expected an array of shape {like[l].shape}."
    costs = value[2]
    if not isinstance(costs, list | np.ndarray) or len(costs) != epochs:
        found = f"{len(costs)} entries" if isinstance(costs, list | np.ndarray) else "something else"
        return f"The costs should be a list with one entry for each of the {epochs} epochs; found {found}."
    seen = _see(value, *args)
    if seen is None:
        return "Some weights, biases or costs are no finite numbers any more. Does the cost fall at all?"
    if not all(np.any(layer > 0) for layer in _activations(seen.W, seen.b, train[0])[1:-1]):
        return "A hidden layer is off for every training example, so nothing can be learned any more: a step was far too large."
    if seen.accuracy < _REACHES:
        return (
            f"The net that you return reads {100 * seen.accuracy:.0f} % of digits right that it has never seen; {100 * _REACHES:.0f} % are asked. "
            f"Its cost on the training set went from {seen.first:.2f} to {seen.last:.2f}."
        )
    if not _equal(seen.costs[-1], seen.watched[1]):
        return (
            f"The net is good. But your last cost is {seen.costs[-1]:.4g}, and the net that you return has another mean cross-entropy on "
            "`held_back`. Which net, which examples, and is it the mean?"
        )
    return None


def _when(test: Callable[[_Seen, tuple[Any, ...]], bool]) -> Callable[..., bool]:
    def recognise(value: Any, *args: Any) -> bool:
        seen = _see(value, *args)
        return seen is not None and len(seen.costs) == args[6] and test(seen, args)

    return recognise


def _in_file_order(seen: _Seen, args: tuple[Any, ...]) -> bool:
    """The very net that comes out without shuffling; or good at the class that stood last, and another class as good as lost."""
    forgets = seen.recall[-1] > 0.9 and seen.recall[:-1].min() < 0.65 and seen.fooled < 1.7 / len(seen.recall)
    return bool(forgets and seen.accuracy < _REACHES) or _near_layers(seen.W, _training(orders=_in_order)(*args)[0])


def _learned_nothing(seen: _Seen, args: tuple[Any, ...]) -> bool:
    """Moved, but to where it gives every class its share whatever the picture shows; its neurons are alive."""
    alive = all(np.any(layer > 0) for layer in _activations(seen.W, seen.b, args[3][0])[1:-1])
    return alive and _moved_least(seen, args) >= 0.7 * args[5] and 0.93 < seen.last / np.log(len(seen.recall)) < 1.12 and seen.accuracy < 0.55


def _moved_least(seen: _Seen, args: tuple[Any, ...]) -> float:
    """How far the layer that moved least has come, in parts of its size; a few steps come less far than 0.7 η, an epoch much further."""
    return min(float(np.linalg.norm(p - q) / np.linalg.norm(q)) for p, q in zip(seen.W[1:], args[1][1:], strict=True))


def _blown_up(value: Any, *args: Any) -> bool:
    """The cost grew beyond anything that wrong labels explain, or beyond all numbers."""
    net = _as_net(value, args[1], args[2])
    if net is None or len(net[2]) != args[6]:
        return False
    seen = _see(value, *args)
    return seen is None or (seen.last > 15 and seen.fooled < 0.5)


def _near_layers(one: Layers, other: Layers) -> bool:
    return all(np.allclose(p, q, rtol=1e-5, atol=1e-9) for p, q in zip(one[1:], other[1:], strict=True))


def _whole_set_at_once(seen: _Seen, args: tuple[Any, ...]) -> bool:
    _, W, b, train, _, eta, epochs, _ = args
    for _ in range(epochs):
        W, b = _stepped(W, b, train[0], train[1], eta)
    return _near_layers(seen.W, W)


def _one_epoch(value: Any, *args: Any) -> bool:
    net = _as_net(value, args[1], args[2])
    return net is not None and len(net[2]) == 1


def _apart(rng: np.random.Generator, m: int) -> tuple[Array, Array]:
    return rng.permutation(m), rng.permutation(m)


def _in_order(rng: np.random.Generator, m: int) -> tuple[Array, Array]:
    return np.arange(m), np.arange(m)


def _with_test(rng: np.random.Generator, W: Layers, b: Layers, train: list[Array], held_back: list[Array], *rest: Any) -> Trained:
    both = [np.hstack([mine, theirs]) for mine, theirs in zip(train, held_back, strict=True)]
    return _fit(rng, W, b, both, held_back, *rest)


def _on_test(rng: np.random.Generator, W: Layers, b: Layers, train: list[Array], held_back: list[Array], *rest: Any) -> Trained:
    return _fit(rng, W, b, held_back, held_back, *rest)


def _old_parameters(rng: np.random.Generator, W: Layers, b: Layers, *rest: Any) -> Trained:
    return [W, b, _fit(rng, W, b, *rest)[2]]


def _never_steps(*args: Any) -> Trained:
    _, W, b, _, held_back, _, epochs, _ = args
    return [W, b, [_cost(W, b, *held_back)] * epochs]


def _first_epoch_only(*args: Any) -> Trained:
    return _fit(*args[:6], 1, args[7])


def _whole_batch(*args: Any) -> Trained:
    return _fit(*args[:7], args[3][0].shape[1])


def _one_batch(*args: Any) -> Trained:
    def first_of(rng: np.random.Generator, m: int) -> tuple[Array, Array]:
        order = rng.permutation(m)[: args[7]]
        return order, order

    return _training(orders=first_of)(*args)


def _biases_still(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    return _stepped(W, b, x, y, eta)[0], b


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    new_W, new_b = _stepped(W, b, x, y, eta)
    return [*W[:-1], new_W[-1]], [*b[:-1], new_b[-1]]


def _hits(W: Layers, b: Layers, x: Array, y: Array) -> float:
    return float(np.mean(_activations(W, b, x)[-1].argmax(axis=0) == y.argmax(axis=0)))


EXERCISE = Exercise(
    id="08.4",
    name="fit",
    title="Train until it reads digits",
    points=4,
    minutes=15,
    difficulty=3,
    allows=ALLOWED,
    seconds=20.0,
    cases=_cases_fit,
    reference=_fit,
    oracle=_fit_oracle,
    accepts=_fit_holds,
    explain=_explain_fit,
    hints=(
        "Two loops: over epochs, and in each epoch over mini-batches. In the inner one, all gradients first, then the step.",
        "Each epoch needs an order of its own. Pick the same columns of x and of y, or the targets no longer belong to their pictures.",
        "`rng.permutation` gives the order, a slice of it the batch, the given `gradients` both lists, and lesson 07's step the new ones. "
        "The cost on `held_back` is taken once an epoch, behind the inner loop; nothing else touches `held_back`.",
    ),
    mistakes=(
        Mistake(
            "trained weights not returned",
            _old_parameters,
            "Your costs change, but W and b come back as they went in. Which variables hold the trained ones?",
            recognise=_when(lambda seen, args: _same_layers(seen.W, args[1]) and not _equal(seen.costs[-1], seen.watched[0])),
        ),
        Mistake(
            "no step",
            _never_steps,
            "W and b come back as they went in, and the cost stands still. Is the step computed and then thrown away?",
            recognise=_when(lambda seen, args: _same_layers(seen.W, args[1]) and _equal(seen.costs[-1], seen.watched[0])),
        ),
        Mistake(
            "one epoch",
            _first_epoch_only,
            "There is one cost, and more epochs were asked. Does `return` stand inside the loop over epochs?",
            recognise=_one_epoch,
        ),
        Mistake(
            "biases not updated",
            _training(step=_biases_still),
            "The weights have learned, the biases stand where they began. They have gradients of their own.",
            recognise=_when(lambda seen, args: _same_layers(seen.b, args[2]) and not _same_layers(seen.W, args[1])),
        ),
        Mistake(
            "only the last layer",
            _training(step=_last_layer_only),
            "Only the last layer has moved. The hidden layers have gradients too: that is what BP2 is for.",
            recognise=_when(lambda seen, args: not _same_layers(seen.W, args[1]) and _same_layers(seen.W[:-1], args[1][:-1])),
        ),
        Mistake(
            "whole set in one step",
            _whole_batch,
            "You take one step an epoch, with all examples in it. `size` says how many examples a step sees.",
            recognise=_when(_whole_set_at_once),
        ),
        Mistake(
            "one batch an epoch",
            _one_batch,
            "The weights have hardly moved. An epoch goes through all examples, batch after batch. Does your inner loop end after the first?",
            recognise=_when(lambda seen, args: _moved_least(seen, args) < 0.7 * args[5] and seen.accuracy < _REACHES),
        ),
        Mistake(
            "sign",
            _training(step=lambda W, b, x, y, eta: _stepped(W, b, x, y, -eta)),
            "The cost on the training set is far higher after training than before, or no number any more. Which way do you step?",
            recognise=_blown_up,
        ),
        Mistake(
            "no shuffling",
            _training(orders=_in_order),
            "The net knows the class that stood last in the file and has forgotten others. The examples stand sorted by class: "
            "who goes through them in order shows the net one class for a long time, and then never again.",
            recognise=_when(_in_file_order),
        ),
        Mistake(
            "x and y shuffled apart",
            _training(orders=_apart),
            "The net has moved and has learned nothing: it gives each class its share, whatever the picture shows. "
            "When you shuffle, does each picture keep its own target?",
            recognise=_when(_learned_nothing),
        ),
        Mistake(
            "trains on test alone",
            _on_test,
            "The net has learned the labels of `held_back`. In this check they are false on purpose, so that training on them shows. "
            "`held_back` is there to be measured on.",
            recognise=_when(lambda seen, args: seen.fooled > 0.5 and seen.last > 3),
        ),
        Mistake(
            "trains on test",
            _with_test,
            "The net has learned from `held_back` as well. In this check its labels are false on purpose, so that training on them shows. "
            "What a net was trained on says nothing about new examples.",
            recognise=_when(lambda seen, args: seen.fooled >= 1 / len(seen.recall)),
        ),
        Mistake(
            "cost before the epoch",
            _training(watch_before=True),
            "The net is good. Your costs are taken before each epoch: the first one belongs to the untrained net.",
            recognise=_when(lambda seen, args: seen.accuracy >= _REACHES and _equal(seen.costs[0], seen.watched[0])),
        ),
        Mistake(
            "cost on the training set",
            _training(measure=lambda W, b, train, held_back: _cost(W, b, *train)),
            "The net is good. Your costs are those of the training set. What you want to watch are examples that the net does not learn from.",
            recognise=_when(lambda seen, args: seen.accuracy >= _REACHES and _equal(seen.costs[-1], seen.last)),
        ),
        Mistake(
            "accuracy for cost",
            _training(measure=lambda W, b, train, held_back: _hits(W, b, *held_back)),
            "The net is good. Your list holds the share of right answers. Asked is the cross-entropy.",
            recognise=_when(lambda seen, args: seen.accuracy >= _REACHES and bool(np.isclose(seen.costs[-1], seen.hits, rtol=1e-9, atol=1e-12))),
        ),
        Mistake(
            "cost summed over the examples",
            _training(measure=lambda W, b, train, held_back: held_back[0].shape[1] * _cost(W, b, *held_back)),
            "The net is good. Your costs are sums over the examples; the cost is their mean.",
            recognise=_when(lambda seen, args: seen.accuracy >= _REACHES and _equal(seen.costs[-1], args[4][0].shape[1] * seen.watched[1])),
        ),
        Mistake(
            "cost per output",
            _training(measure=lambda W, b, train, held_back: _cost(W, b, *held_back) / len(held_back[1])),
            "The net is good. Your costs are means over the outputs too. Within an example the terms are added, the mean is over examples.",
            recognise=_when(lambda seen, args: seen.accuracy >= _REACHES and _equal(seen.costs[-1], seen.watched[1] / len(args[4][1]))),
        ),
    ),
)
