"""The exercises of lesson 08, training a classifier, with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.core.functions import cross_entropy, relu, softmax
from bpkit.core.network import Network, backward, forward
from bpkit.core.updates import sgd
from bpkit.data import digits
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Seed

# the same for all, so that the grader runs the notebook's cells once
_ALLOWED = ("Network", "forward", "backward", "predict", "cost_of", "sgd", "relu", "sigmoid", "softmax", "cross_entropy", "accuracy")

Array = np.ndarray
Layers = list[Any]  # of arrays, None at the places of layers that have none
Trained = list[Any]  # weights, biases, costs by epoch


# ---- 08.1 labels as columns ------------------------------------------------------------------------------------------------


def _cases_labels(rng: np.random.Generator) -> list[Case]:
    seven = np.array([3, 0, 9, 1, 0, 5, 2])  # neither the largest class at its end nor every class
    four = np.array([2, 0, 3, 0])
    return [
        Case("K = 10, m = 7", (rng.permutation(seven), 10)),
        Case("K = 4, m = 4", (four[[0, *(1 + rng.permutation(3))]], 4)),
        Case("K = 5, m = 1", (np.array([int(rng.integers(1, 4))]), 5)),
    ]


def _one_hot(labels: Array, K: int) -> Array:
    return np.eye(K)[:, labels]


def _one_hot_oracle(labels: Array, K: int) -> Array:
    """Entry k, x answers a question: does example x show class k?"""
    return np.array([[float(k == label) for label in labels] for k in range(K)])


ONE_HOT = Exercise(
    id="08.1",
    name="one_hot",
    title="Labels as columns of targets",
    points=1,
    minutes=5,
    difficulty=1,
    allows=_ALLOWED,
    cases=_cases_labels,
    reference=_one_hot,
    oracle=_one_hot_oracle,
    hints=(
        "Every example is a column, as everywhere in this course. How many rows does it have?",
        "Column x has a single 1. It stands in the row whose number is the label of example x; rows count from 0.",
        "Column k of the K × K identity matrix is the target of class k. Indexing with an array of labels picks columns, one for each label.",
    ),
    mistakes=(
        Mistake(
            "transposed", lambda labels, K: np.eye(K)[labels], "Your examples lie in rows. In this course a column is an example: K rows, m columns."
        ),
        Mistake(
            "off by one",
            lambda labels, K: np.eye(K)[:, labels - 1],
            "The ones stand one row too high, and class 0 lands in the last row. Labels and rows both count from 0.",
        ),
        Mistake(
            "off by one, downwards",
            lambda labels, K: np.eye(K)[:, (labels + 1) % K],
            "The ones stand one row too low. Labels and rows both count from 0.",
        ),
        Mistake(
            "off by one, transposed",
            lambda labels, K: np.eye(K)[labels - 1],
            "Your examples lie in rows, a column is asked for each; and labels count from 0, as rows do.",
        ),
        Mistake(
            "rows from the bottom",
            lambda labels, K: np.eye(K)[::-1][:, labels],
            "Class 0 has its one in the last row of yours. It belongs into the first.",
        ),
        Mistake(
            "zeros and ones swapped",
            lambda labels, K: 1 - _one_hot(labels, K),
            "You mark the classes that the example is not. One entry of a column is 1, the others are 0.",
        ),
        Mistake(
            "as many rows as classes that occur",
            lambda labels, K: np.eye(len(np.unique(labels)))[:, np.unique(labels, return_inverse=True)[1].ravel()],
            "You make a row for each class that occurs among these labels. A batch need not show every class: K says how many there are.",
        ),
        Mistake(
            "as many rows as the largest label asks for",
            lambda labels, K: np.eye(labels.max() + 1)[:, labels],
            "You take the largest label that occurs for the last class. A batch need not show every class: K says how many there are.",
        ),
        Mistake(
            "the label for the 1",
            lambda labels, K: _one_hot(labels, K) * labels,
            "You write the label itself into its row. A target is a share: 1 for the class, 0 for the others.",
        ),
        Mistake(
            "only the last example",
            lambda labels, K: _one_hot(labels, K) * (np.arange(len(labels)) == len(labels) - 1),
            "Only the last column has its one. Is something made anew inside your loop that should be made before it?",
        ),
        Mistake(
            "every class that occurs in every column",
            lambda labels, K: np.repeat(np.isin(np.arange(K), labels)[:, None].astype(float), len(labels), axis=1),
            "Every column of yours marks all the classes of the batch. Row and column have to be chosen in pairs: label x goes with column x.",
        ),
    ),
)


# ---- 08.2 the first weights ---------------------------------------------------------------------------------------------------


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    # wide enough that the spread of a layer's weights can be measured to a percent
    return [Case(f"sizes {list(sizes)}", (Seed(int(rng.integers(1 << 30))), list(sizes))) for sizes in ((300, 60, 150), (120, 120, 50), (400, 100))]


def _init_weights(rng: np.random.Generator, sizes: list[int]) -> Layers:
    return [None, *(rng.normal(size=(n, n_prev)) * np.sqrt(2 / n_prev) for n_prev, n in pairwise(sizes))]


def _uniform_weights(rng: np.random.Generator, sizes: list[int]) -> Layers:
    """The same spread from another distribution: uniform on ±r has variance r²/3."""
    return [None, *(rng.uniform(-1, 1, size=(n, n_prev)) * np.sqrt(6 / n_prev) for n_prev, n in pairwise(sizes))]


def _scaled_weights(scale: Callable[[int, int], float]) -> Callable[..., Layers]:
    """Normal weights whose spread follows from the sizes before and behind them."""
    return lambda rng, sizes: [None, *(rng.normal(size=(n, n_prev)) * scale(n_prev, n) for n_prev, n in pairwise(sizes))]


def _as_layers(value: Any, sizes: list[int]) -> list[Array] | None:
    """W[1] … W[L] of an answer as real arrays, or None where it is no such list."""
    if not isinstance(value, list) or len(value) != len(sizes) or value[0] is not None:
        return None
    try:
        layers = [np.asarray(W) for W in value[1:]]
    except ValueError:
        return None
    return layers if all(W.ndim == 2 and W.dtype.kind in "iuf" and np.all(np.isfinite(W)) for W in layers) else None


def _fitting(value: Any, sizes: list[int]) -> list[Array] | None:
    layers = _as_layers(value, sizes)
    fits = layers is not None and all(W.shape == (n, n_prev) for W, (n_prev, n) in zip(layers, pairwise(sizes), strict=True))
    return layers if fits else None


# Of N independent draws the standard deviation is known to about 1/√2N of itself, so 1 % where there are 6,000; fat tails need more room.
_NEAR = 0.06


def _near(found: float, wanted: float) -> bool:
    return abs(found / wanted - 1) < _NEAR


def _spreads_hold(layers: Sequence[Array], sizes: list[int], scale: Callable[[int, int], float]) -> bool:
    return all(_near(float(W.std()), scale(n_prev, n)) for W, (n_prev, n) in zip(layers, pairwise(sizes), strict=True))


def _centred(W: Array) -> bool:
    """Whether the mean is what chance leaves of 0: within five of its standard errors."""
    return abs(float(W.mean())) <= 5 * float(W.std()) / np.sqrt(W.size)


def _rows_differ(W: Array) -> bool:
    return len(np.unique(W, axis=0)) == len(W) and len(np.unique(W, axis=1).T) == W.shape[1]


def _he(n_prev: int, n: int) -> float:
    return float(np.sqrt(2 / n_prev))


def _weights_hold(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    layers = _fitting(value, sizes)
    return layers is not None and _spreads_hold(layers, sizes, _he) and all(map(_centred, layers)) and all(map(_rows_differ, layers))


def _explain_weights(value: Any, rng: np.random.Generator, sizes: list[int]) -> str | None:
    L = len(sizes) - 1
    if not isinstance(value, list) or len(value) != L + 1:
        found = f"a list of {len(value)} items" if isinstance(value, list) else "something else"
        return f"Return a list of {L + 1} items for sizes {sizes}: None for layer 0, then W[1] to W[{L}]; found {found}."
    if value[0] is not None:
        return "Item 0 of the list has to be None, so that W[l] belongs to layer l: the input layer has no weights."
    layers = _as_layers(value, sizes)
    if layers is None:
        return "Every item but the first has to be a matrix of finite real numbers; one of yours is not."
    for l, (W, (n_prev, n)) in enumerate(zip(layers, pairwise(sizes), strict=True), start=1):
        if W.shape != (n, n_prev):
            return f"W[{l}] has shape {W.shape}, expected {(n, n_prev)} for sizes {sizes}."
        if not _centred(W):
            return f"The weights of W[{l}] have mean {W.mean():.3g}; they should scatter around 0, to both sides."
        if not _near(float(W.std()), _he(n_prev, n)):
            times = W.std() / _he(n_prev, n)
            return f"For sizes {sizes}: the weights of W[{l}] have {times:.3g} times the standard deviation that is asked."
        if not _rows_differ(W):
            return f"Some neurons of layer {l} begin with equal weights. They will stay equal for ever: each weight needs a draw of its own."
    return None


def _spread_of(scale: Callable[[int, int], float]) -> Callable[..., bool]:
    """Recognises independent, centred weights of another spread."""

    def recognise(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
        layers = _fitting(value, sizes)
        return layers is not None and all(map(_centred, layers)) and _spreads_hold(layers, sizes, scale)

    return recognise


def _all_layers(test: Callable[[Array], bool]) -> Callable[..., bool]:
    def recognise(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
        layers = _fitting(value, sizes)
        return layers is not None and all(map(test, layers))

    return recognise


def _turned(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    layers = _as_layers(value, sizes)
    return layers is not None and all(W.shape == pair for W, pair in zip(layers, pairwise(sizes), strict=True))


def _no_none(value: Any, rng: np.random.Generator, sizes: list[int]) -> bool:
    return isinstance(value, list) and len(value) == len(sizes) - 1 and _fitting([None, *value], sizes) is not None


INIT_WEIGHTS = Exercise(
    id="08.2",
    name="init_weights",
    title="Weights to begin with",
    points=2,
    minutes=10,
    difficulty=2,
    allows=_ALLOWED,
    cases=_cases_sizes,
    reference=_init_weights,
    oracle=_uniform_weights,
    accepts=_weights_hold,
    explain=_explain_weights,
    hints=(
        "Three things are asked of each layer: the shape, the mean 0, and a spread that depends on one of its two sizes.",
        "`rng.normal(size=shape)` draws with standard deviation 1. What factor makes the variance 2 over the number of neurons before?",
        "The variance is the square of the standard deviation, so take a root. `sizes[l - 1]` is the number of neurons before layer l.",
    ),
    mistakes=(
        Mistake(
            "zeros",
            lambda rng, sizes: [None, *(np.zeros((n, k)) for k, n in pairwise(sizes))],
            "All weights are 0. Then every neuron of a layer computes the same and gets the same gradient: they stay equal for ever.",
            recognise=_all_layers(lambda W: not np.any(W)),
        ),
        Mistake(
            "all equal",
            lambda rng, sizes: [None, *(np.full((n, k), np.sqrt(2 / k)) for k, n in pairwise(sizes))],
            "All weights of a layer are equal. Then every neuron computes the same and gets the same gradient: they stay equal for ever.",
            recognise=_all_layers(lambda W: bool(np.any(W)) and np.ptp(W) == 0),
        ),
        Mistake(
            "equal neurons",
            lambda rng, sizes: [None, *(np.repeat(rng.normal(size=(1, k)) * np.sqrt(2 / k), n, axis=0) for k, n in pairwise(sizes))],
            "All neurons of a layer begin with the same weights. They get the same gradient and stay equal for ever: draw for every neuron anew.",
            recognise=_all_layers(lambda W: np.ptp(W) > 0 and len(np.unique(W, axis=0)) == 1),
        ),
        Mistake(
            "unscaled",
            _scaled_weights(lambda k, n: 1.0),
            "The spread is 1 in every layer. A neuron with many inputs then gets a large z: it adds up many products.",
            recognise=_spread_of(lambda k, n: 1.0),
        ),
        Mistake(
            "2 left out",
            _scaled_weights(lambda k, n: np.sqrt(1 / k)),
            "Your variance is 1 over the neurons before: right for tanh. Relu lets half of them through, so the activations shrink layer by layer.",
            recognise=_spread_of(lambda k, n: np.sqrt(1 / k)),
        ),
        Mistake(
            "wrong fan",
            _scaled_weights(lambda k, n: np.sqrt(2 / n)),
            "You divide by the neurons of the layer itself. A neuron adds up as many products as there are neurons before it.",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / n)),
        ),
        Mistake(
            "both fans",
            _scaled_weights(lambda k, n: np.sqrt(2 / (k + n))),
            "You divide by the neurons before plus those of the layer, a rule made for tanh. Here the forward pass alone decides: what is added up?",
            recognise=_spread_of(lambda k, n: np.sqrt(2 / (k + n))),
        ),
        Mistake(
            "variance for standard deviation",
            _scaled_weights(lambda k, n: 2 / k),
            "You scale by the variance. What multiplies the draws, or stands as `scale`, is the standard deviation.",
            recognise=_spread_of(lambda k, n: 2 / k),
        ),
        Mistake(
            "root of the factor left out",
            _scaled_weights(lambda k, n: 2 / np.sqrt(k)),
            "The root is taken of the neurons before, but not of the 2.",
            recognise=_spread_of(lambda k, n: 2 / np.sqrt(k)),
        ),
        Mistake(
            "multiplied",
            _scaled_weights(lambda k, n: np.sqrt(k / 2)),
            "The more neurons there are before, the larger your weights. It has to be the other way round.",
            recognise=_spread_of(lambda k, n: np.sqrt(k / 2)),
        ),
        Mistake(
            "the input's size in every layer",
            lambda rng, sizes: [None, *(rng.normal(size=(n, k)) * np.sqrt(2 / sizes[0]) for k, n in pairwise(sizes))],
            "Every layer of yours is scaled by the size of the input. What counts is the layer before.",
            recognise=lambda value, rng, sizes: _spread_of(lambda k, n: np.sqrt(2 / sizes[0]))(value, rng, sizes),
        ),
        Mistake(
            "not centred",
            lambda rng, sizes: [None, *(rng.uniform(size=(n, k)) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "None of your weights is negative. `rng.uniform` and `rng.random` draw between 0 and 1; the weights have to scatter around 0.",
            recognise=_all_layers(lambda W: np.ptp(W) > 0 and W.min() >= 0),
        ),
        Mistake(
            "transposed",
            lambda rng, sizes: [None, *(rng.normal(size=(k, n)) * np.sqrt(2 / k) for k, n in pairwise(sizes))],
            "Your shapes are turned. In this course W leads to its row's neuron from its column's neuron.",
            recognise=_turned,
        ),
        Mistake(
            "no None for layer 0",
            lambda rng, sizes: _init_weights(rng, sizes)[1:],
            "Your list begins with the weights of layer 1. Item 0 has to be None, so that W[l] belongs to layer l.",
            recognise=_no_none,
        ),
    ),
)


# ---- 08.3 the cost of guessing ------------------------------------------------------------------------------------------------


def _cases_classes(rng: np.random.Generator) -> list[Case]:
    return [Case(f"K = {K}", (K,)) for K in (10, 2, 3, int(rng.integers(11, 500)))]


def _chance_oracle(K: int) -> float:
    """The mean cost of a net that gives every class the same z, one example of each class."""
    z = np.full((K, K), 0.3)
    return float(cross_entropy.output_value(z, softmax(z), np.eye(K), softmax))


CHANCE_LOSS = Exercise(
    id="08.3",
    name="chance_loss",
    title="What guessing costs",
    points=1,
    minutes=4,
    difficulty=1,
    allows=_ALLOWED,
    cases=_cases_classes,
    reference=lambda K: np.log(K),
    oracle=_chance_oracle,
    hints=(
        "A net that knows nothing gives every class the same share of 1. How large is it?",
        "Cross-entropy with a one-hot target is minus the logarithm of one share: the one that the right class got.",
        "Minus the logarithm of one over K can be written without the minus sign. The logarithm is the natural one, as in the cost.",
    ),
    mistakes=(
        Mistake("log2", lambda K: np.log2(K), "That is the logarithm to base 2, so the cost in bits. Cross-entropy here uses the natural one."),
        Mistake("log10", lambda K: np.log10(K), "That is the logarithm to base 10. Cross-entropy uses the natural one."),
        Mistake("1/K", lambda K: 1 / K, "That is the share that each class gets, and the accuracy of guessing. Asked is the cost of it."),
        Mistake("share of wrong guesses", lambda K: 1 - 1 / K, "That is how often guessing is wrong. Asked is the cross-entropy."),
        Mistake("sign", lambda K: -np.log(K), "A cost is not negative: the logarithm of a share is, and the cost has a minus sign before it."),
        Mistake(
            "summed over the classes",
            lambda K: K * np.log(K),
            "You count the logarithm once for each class. The target is 1 for one class alone, and 0 takes out the others.",
        ),
        Mistake(
            "binary cross-entropy",
            lambda K: np.log(K) - (K - 1) * np.log(1 - 1 / K),
            "You add what the wrong classes cost, as for K separate sigmoids. With softmax only the right class's share counts.",
        ),
        Mistake(
            "mean over the outputs",
            lambda K: np.log(K) / K,
            "You divide by the number of classes. The mean is over examples; within an example the terms are added.",
        ),
        Mistake(
            "quadratic cost",
            lambda K: (1 - 1 / K) / 2,
            "That is what guessing costs by the quadratic cost. Asked is cross-entropy.",
        ),
    ),
)


# ---- 08.4 training ------------------------------------------------------------------------------------------------------------

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
        W = _init_weights(rng, [64, *hidden, K])
        b: Layers = [None, *(np.zeros((n, 1)) for n in (*hidden, K))]
        # the labels to watch are false: who trains on them gives himself away
        false = (scans.labels[held_back] + 1) % K
        sets = [_examples(scans.x[:, train], scans.labels[train], K), _examples(scans.x[:, held_back], false, K)]
        cases.append(Case(label, (Seed(int(rng.integers(1 << 30))), W, b, *sets, eta, epochs, size)))
    return cases


def _examples(x: Array, labels: Array, K: int) -> list[Array]:
    return [x - 0.3, _one_hot(labels, K)]  # 0.3 is a pixel's mean


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


FIT = Exercise(
    id="08.4",
    name="fit",
    title="Train until it reads digits",
    points=4,
    minutes=15,
    difficulty=3,
    allows=_ALLOWED,
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


# ---- 08.5 standardise -----------------------------------------------------------------------------------------------------------


def _cases_standardise(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, m, k, blank in ((4, 4, 3, 1), (5, 8, 6, 3), (3, 6, 1, 0)):
        spread, shift = rng.uniform(0.5, 3, size=(n, 1)), rng.normal(size=(n, 1))
        train, test = rng.normal(size=(n, m)) * spread + shift, rng.normal(size=(n, k)) * spread + shift
        train[blank] = 0.5  # a pixel that is always the same in the training set, and not in the test set
        cases.append(Case(f"train {n}×{m}, test {n}×{k}, pixel {blank} constant in train", (train, test)))
    return cases


def _scaled(train: Array, test: Array, shift: Any, spread: Any) -> list[Array]:
    return [(train - shift) / spread, (test - shift) / spread]


def _without_zeros(spread: Array) -> Array:
    return np.where(spread == 0, 1.0, spread)


def _standardise(train: Array, test: Array) -> list[Array]:
    return _scaled(train, test, train.mean(axis=1, keepdims=True), _without_zeros(train.std(axis=1, keepdims=True)))


def _standardise_oracle(train: Array, test: Array) -> list[Array]:
    """Pixel by pixel, with the spread from all pairs: the mean squared difference of two draws is twice the variance."""
    both = [train.copy(), test.copy()]
    for i, row in enumerate(train):
        centre = sum(row) / len(row)
        spread = np.sqrt(sum((a - b) ** 2 for a in row for b in row) / (2 * len(row) ** 2))
        for part in both:
            part[i] = (part[i] - centre) / (spread if spread > 0 else 1)
    return both


def _row_spread(x: Array, **options: Any) -> Array:
    return _without_zeros(x.std(axis=1, keepdims=True, **options))


def _row_mean(x: Array) -> Array:
    return x.mean(axis=1, keepdims=True)


STANDARDISE = Exercise(
    id="08.5",
    name="standardise",
    title="Pixels on one scale",
    points=2,
    minutes=8,
    difficulty=2,
    allows=_ALLOWED,
    part=("train", "test"),
    cases=_cases_standardise,
    reference=_standardise,
    oracle=_standardise_oracle,
    hints=(
        "Each pixel is a row. It needs two numbers, its mean and its standard deviation, and both come from one of the two sets.",
        "Whatever you do to the training set, do exactly the same to the test set, with the same numbers.",
        "`mean` and `std` with `axis=1, keepdims=True` give a column. Where the standard deviation is 0, put 1 before you divide.",
    ),
    mistakes=(
        Mistake(
            "test's own statistics",
            lambda train, test: [_standardise(train, test)[0], _scaled(test, test, _row_mean(test), _row_spread(test))[0]],
            "The training set is right. You scale the test set by its own mean and spread: "
            "the same picture would come out differently in another test set.",
        ),
        Mistake(
            "test's own statistics, constant pixels divided by 0",
            lambda train, test: [(part - _row_mean(part)) / part.std(axis=1, keepdims=True) for part in (train, test)],
            "Two things: each set is scaled by its own mean and spread, and a pixel that never changes has spread 0 and is divided by it.",
        ),
        Mistake(
            "constant pixels divided by 0",
            lambda train, test: _scaled(train, test, _row_mean(train), train.std(axis=1, keepdims=True)),
            "A pixel that never changes in the training set has standard deviation 0, and you divide by it. Divide such pixels by 1.",
        ),
        Mistake(
            "a tiny number for a constant pixel",
            lambda train, test: _scaled(train, test, _row_mean(train), train.std(axis=1, keepdims=True) + 1e-8),
            "Adding a tiny number to the standard deviation avoids 0/0. But where a pixel is constant in the training set and not in the test set, "
            "you divide by that tiny number and a pixel becomes larger than a million.",
        ),
        Mistake(
            "one mean and spread for all pixels",
            lambda train, test: _scaled(train, test, train.mean(), train.std()),
            "You take one mean and one spread for the whole set. Each pixel has its own.",
        ),
        Mistake(
            "each picture by its own",
            lambda train, test: [(part - part.mean(axis=0)) / part.std(axis=0) for part in (train, test)],
            "You scale every column, so every picture, by its own mean and spread. Asked is every pixel, over the pictures of the training set.",
        ),
        Mistake(
            "both sets together",
            lambda train, test: _scaled(train, test, _row_mean(np.hstack([train, test])), _row_spread(np.hstack([train, test]))),
            "Mean and spread are taken over both sets. Then the test set has a say in how the net is trained: it must not.",
        ),
        Mistake(
            "test set's numbers for both",
            lambda train, test: _scaled(train, test, _row_mean(test), _row_spread(test)),
            "Mean and spread come from the test set. They have to come from what the net may learn from.",
        ),
        Mistake(
            "test set as it was",
            lambda train, test: [_standardise(train, test)[0], test],
            "The training set is right. The test set comes back unchanged: a net that learned on one scale would be tested on another.",
        ),
        Mistake(
            "not centred",
            lambda train, test: _scaled(train, test, 0.0, _row_spread(train)),
            "The spread is right, but the mean is not subtracted.",
        ),
        Mistake(
            "only centred",
            lambda train, test: _scaled(train, test, _row_mean(train), 1.0),
            "The mean is subtracted, but the pixels keep their different spreads.",
        ),
        Mistake(
            "variance for standard deviation",
            lambda train, test: _scaled(train, test, _row_mean(train), _without_zeros(train.var(axis=1, keepdims=True))),
            "You divide by the variance. The standard deviation is its root, and has the unit of the pixel.",
        ),
        Mistake(
            "mean subtracted last",
            lambda train, test: [part / _row_spread(train) - _row_mean(train) for part in (train, test)],
            "You divide first and subtract the mean afterwards. The mean belongs to the pixels as they were.",
        ),
        Mistake(
            "divided by m - 1",
            lambda train, test: _scaled(train, test, _row_mean(train), _row_spread(train, ddof=1)),
            "Your standard deviation divides by m - 1. Here the spread of the training set itself is meant: divide by m, as `np.std` does by itself.",
        ),
        Mistake(
            "squeezed into 0 to 1",
            lambda train, test: _scaled(train, test, train.min(axis=1, keepdims=True), _without_zeros(np.ptp(train, axis=1, keepdims=True))),
            "You bring every pixel into the range from 0 to 1. Asked are mean 0 and standard deviation 1.",
        ),
        Mistake(
            "only the training set returned",
            lambda train, test: _standardise(train, test)[0],
            "Return both: the training set and the test set, each scaled.",
        ),
    ),
)


# ---- 08.6 confusion ---------------------------------------------------------------------------------------------------------------


def _cases_confusion(rng: np.random.Generator) -> list[Case]:
    cases = []
    for K, m in ((3, 20), (10, 200), (4, 1)):
        true = rng.integers(0, K, size=m)
        predicted = np.where(rng.random(m) < 0.5, true, (true + rng.integers(1, 3, size=m)) % K)
        if m > 1:
            true[:3], predicted[:3] = 0, 1  # one kind of mistake more often than once, and more often than its mirror image
            predicted[(true == 1) & (predicted == 0)] = 1
            true[true == K - 1], predicted[predicted == K - 1] = K - 2, K - 2  # the last class does not occur
        else:
            predicted = (true + 1) % K
        cases.append(Case(f"K = {K}, m = {m}", (true, predicted, K)))
    return cases


def _confusion(true: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (true, predicted), 1)
    return counts


def _confusion_oracle(true: Array, predicted: Array, K: int) -> Array:
    """Entry i, j answers a question: how many examples of class i were called j?"""
    return np.array([[np.sum((true == i) & (predicted == j)) for j in range(K)] for i in range(K)])


def _confusion_once(true: Array, predicted: Array, K: int) -> Array:
    counts = np.zeros((K, K), dtype=int)
    counts[true, predicted] += 1
    return counts


def _share(counts: Array, total: Array) -> Array:
    return counts / total


def _occurring(true: Array, predicted: Array, K: int) -> Array:
    n = max(true.max(), predicted.max()) + 1
    return _confusion(true, predicted, n)


CONFUSION = Exercise(
    id="08.6",
    name="confusion_matrix",
    title="What is taken for what",
    points=1,
    minutes=6,
    difficulty=2,
    allows=_ALLOWED,
    cases=_cases_confusion,
    reference=_confusion,
    oracle=_confusion_oracle,
    hints=(
        "Start with K × K zeros. Every example adds 1 to one entry.",
        "The row is what the example shows, the column is what the net says it shows.",
        "In a loop over examples this is one line. If you index with whole arrays: numpy adds to an entry once, however often it is named; "
        "`np.add.at` counts each time.",
    ),
    mistakes=(
        Mistake(
            "transposed",
            lambda true, predicted, K: _confusion(predicted, true, K),
            "Rows and columns are swapped. A row is what the example shows, a column what the net says.",
        ),
        Mistake(
            "normalised by row",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.maximum(np.bincount(true, minlength=K), 1)[:, None]),
            "You give shares of each row. Asked are counts.",
        ),
        Mistake(
            "normalised by row, empty rows divided by 0",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.bincount(true, minlength=K)[:, None]),
            "You divide each row by its sum; a class that does not occur has none. Asked are counts.",
        ),
        Mistake(
            "normalised by column",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.maximum(np.bincount(predicted, minlength=K), 1)),
            "You give shares of each column. Asked are counts.",
        ),
        Mistake(
            "normalised",
            lambda true, predicted, K: _share(_confusion(true, predicted, K), np.array(len(true))),
            "You give shares of all examples. Asked are counts.",
        ),
        Mistake(
            "repeats counted once",
            _confusion_once,
            "No entry of yours is larger than 1. `counts[true, predicted] += 1` adds 1 to an entry once, however often it is named.",
        ),
        Mistake(
            "only the mistakes",
            lambda true, predicted, K: _confusion(true, predicted, K) * (1 - np.eye(K, dtype=int)),
            "The diagonal is 0. What is recognised counts too.",
        ),
        Mistake(
            "only what is right",
            lambda true, predicted, K: _confusion(true, predicted, K) * np.eye(K, dtype=int),
            "Only the diagonal is filled. The examples that are taken for something else are missing.",
        ),
        Mistake(
            "as many rows as classes that occur",
            _occurring,
            "A class that does not occur among these examples has no row and no column in yours. K says how many classes there are.",
        ),
        Mistake(
            "one count for each class",
            lambda true, predicted, K: np.bincount(true[true == predicted], minlength=K),
            "You count the hits of each class. Asked is a matrix that also says what the others were taken for.",
        ),
    ),
)


# ---- 08.7 when to stop ---------------------------------------------------------------------------------------------------------------

_HISTORIES = (
    ("lowest in the middle", [0.9, 0.5, 0.3, 0.4, 0.45, 0.5, 0.6]),
    ("still falling", [0.9, 0.7, 0.5, 0.4, 0.35]),
    ("lower again after patience ran out", [0.9, 0.5, 0.6, 0.7, 0.65, 0.3, 0.4]),
    ("lower again long after patience ran out", [0.9, 0.5, 0.6, 0.7, 0.65, 0.66, 0.3]),
    ("four times worse, then lower", [0.9, 0.5, 0.6, 0.7, 0.8, 0.85, 0.3]),
    ("worse once, then lower", [0.9, 0.5, 0.6, 0.3, 0.35]),
    ("lower again just in time", [0.9, 0.5, 0.6, 0.7, 0.3, 0.4, 0.5, 0.6]),
    ("the same low twice", [0.9, 0.4, 0.5, 0.4, 0.6]),
    ("three times the same", [0.9, 0.4, 0.4, 0.4, 0.2]),
    ("down and up, always above the best", [0.9, 0.2, 0.8, 0.5, 0.7, 0.1]),
    ("best at once", [0.3, 0.5, 0.6, 0.9]),
    ("one epoch", [0.7]),
)


def _cases_best(rng: np.random.Generator) -> list[Case]:
    unit = float(rng.uniform(0.5, 2))
    return [Case(f"{label}, patience 3", ([unit * cost for cost in history], 3)) for label, history in _HISTORIES]


def _best_epoch(history: list[float], patience: int) -> int:
    best = 1
    for epoch, cost in enumerate(history, start=1):
        if cost < history[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def _best_oracle(history: list[float], patience: int) -> int:
    """The first record after which no new record follows within `patience` epochs, or the last record of all."""
    records = [k for k, cost in enumerate(history) if all(cost < before for before in history[:k])]
    for record, following in pairwise([*records, len(history) + patience]):
        if following - record > patience:
            return record + 1
    return records[-1] + 1


def _with_rule(better: Callable[[float, float], bool] = lambda cost, best: cost < best, slack: int = 0) -> Callable[[list[float], int], int]:
    def best_epoch(history: list[float], patience: int) -> int:
        best = 1
        for epoch, cost in enumerate(history, start=1):
            if epoch > 1 and better(cost, history[best - 1]):
                best = epoch
            elif epoch - best >= patience + slack:
                break
        return best

    return best_epoch


def _stopping_epoch(history: list[float], patience: int) -> int:
    return min(_best_epoch(history, patience) + patience, len(history))


def _first_rise(history: list[float], patience: int) -> int:
    for epoch in range(1, len(history)):
        if history[epoch] >= history[epoch - 1]:
            return epoch
    return len(history)


def _rises_in_a_row(history: list[float], patience: int) -> int:
    rises = 0
    for k in range(1, len(history)):
        rises = rises + 1 if history[k] >= history[k - 1] else 0
        if rises == patience:
            return int(np.argmin(history[: k + 1])) + 1
    return int(np.argmin(history)) + 1


def _explain_epoch(value: Any, history: list[float], patience: int) -> str | None:
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) != 1:
        return None  # the shape says it
    epoch = float(np.asarray(value).item())
    if epoch != int(epoch) or not 1 <= epoch <= len(history):
        return f"Asked is an epoch, so a whole number from 1 to {len(history)} for these {len(history)} costs; found {epoch:g}."
    costs = ", ".join(f"{cost:.2f}" for cost in history)
    stop = min(_best_epoch(history, patience) + patience, len(history))
    if epoch > stop:
        return f"For the costs {costs} and patience {patience} you name epoch {epoch:g}: training had stopped before."
    return f"For the costs {costs} and patience {patience} you name epoch {epoch:g}. Is its cost the lowest until training stops?"


BEST_EPOCH = Exercise(
    id="08.7",
    name="best_epoch",
    title="The epoch to go back to",
    points=1,
    minutes=8,
    difficulty=2,
    allows=_ALLOWED,
    cases=_cases_best,
    reference=_best_epoch,
    oracle=_best_oracle,
    explain=_explain_epoch,
    hints=(
        "Go through the costs once and keep one number: the epoch with the lowest cost so far.",
        "At every epoch one of two things holds. Either there is a new lowest cost, or some epochs have gone by without one: how many?",
        "Give up when the epoch minus the best epoch has reached `patience`. Epochs count from 1, and only a cost that is truly lower is a new best.",
    ),
    mistakes=(
        Mistake(
            "last epoch",
            lambda history, patience: len(history),
            "You take the last epoch. The cost on held-back examples may have been lower long before.",
        ),
        Mistake(
            "the epoch at which it stops",
            _stopping_epoch,
            "You name the epoch at which patience ran out. Asked is the one to go back to: the best until then.",
        ),
        Mistake(
            "patience ignored",
            lambda history, patience: int(np.argmin(history)) + 1,
            "You look at the whole history. After `patience` epochs without a new lowest cost training ends, and later epochs never happen.",
        ),
        Mistake(
            "counted from 0",
            lambda history, patience: _best_epoch(history, patience) - 1,
            "Your count starts at 0. The first epoch is epoch 1.",
        ),
        Mistake(
            "the later of two equal ones",
            _with_rule(better=lambda cost, best: cost <= best),
            "Where two epochs are equally good you take the later one. Only a lower cost is a reason to go on.",
        ),
        Mistake(
            "patience one too short",
            _with_rule(slack=-1),
            "You give up one epoch too early: `patience` epochs may pass without a new lowest cost.",
        ),
        Mistake("patience one too long", _with_rule(slack=1), "You give up one epoch too late: when `patience` epochs have passed, training ends."),
        Mistake(
            "highest for lowest",
            lambda history, patience: _best_epoch([-cost for cost in history], patience),
            "You look for the highest value. That would be right for accuracies; these are costs.",
        ),
        Mistake(
            "first rise",
            _first_rise,
            "You stop at the first epoch that is not lower than the one before. Costs on held-back examples go up and down: hence the patience.",
        ),
        Mistake(
            "rises in a row",
            _rises_in_a_row,
            "You count epochs that are worse than the one before them. What counts is whether there is a new lowest cost.",
        ),
        Mistake(
            "patience ignored, counted from 0",
            lambda history, patience: int(np.argmin(history)),
            "Two things: the first epoch is epoch 1, and after `patience` epochs without a new lowest cost training ends.",
        ),
        Mistake(
            "the lowest cost",
            lambda history, patience: min(history),
            "That is the lowest cost of the whole history. Asked is an epoch: the best one until training stops.",
        ),
        Mistake(
            "the cost for the epoch",
            lambda history, patience: history[_best_epoch(history, patience) - 1],
            "That is the lowest cost. Asked is its epoch.",
        ),
    ),
)


EXERCISES = (ONE_HOT, INIT_WEIGHTS, CHANCE_LOSS, FIT, STANDARDISE, CONFUSION, BEST_EPOCH)
