"""08.4: train until it reads digits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import combinations, permutations
from typing import Any, Literal

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.core.functions import cross_entropy, relu, softmax
from bpkit.core.network import Network, backward, forward
from bpkit.core.updates import sgd
from bpkit.data import digits
from bpkit.exercises.lesson_08.shared import ALLOWED, Array, Layers, he_weights, one_hot_columns
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.run import Seed

Trained = list[Any]  # weights, biases, costs by epoch
Examples = list[Array]  # x, y


# ---- the cases -------------------------------------------------------------------------------------------------------
# In the small ones every order of the examples can be followed, so they tell exactly what was done. The last one trains on
# scans that stand sorted by class.

_SMALL = (
    # label, sizes of the layers, examples to train on, to watch, epochs, size of a batch
    ("one epoch, all 5 examples in one batch", (3, 5, 4, 5), 5, 4, 1, 20),
    ("three epochs, one layer, one batch of 5", (4, 5), 5, 3, 3, 5),
    ("seven epochs, 5 examples in batches of 2", (3, 4, 5), 5, 4, 7, 2),
)
_SCANS, _WATCHED, _HIDDEN = 100, 60, 30
_REACHES = 0.4  # of the shipped digits' held-back fifth


def _cases_fit(rng: np.random.Generator) -> list[Case]:
    return [*(_small_case(rng, *row) for row in _SMALL), _scans_case(rng)]


def _small_case(rng: np.random.Generator, label: str, sizes: tuple[int, ...], m: int, watched: int, epochs: int, size: int) -> Case:
    b: Layers = [None, *(rng.uniform(0.1, 0.5, size=(n, 1)) for n in sizes[1:])]
    sets = [[rng.normal(size=(sizes[0], k)), one_hot_columns(rng.permutation(np.arange(k) % sizes[-1]), sizes[-1])] for k in (m, watched)]
    if epochs > 3:  # the opposite of what is learned, so that its cost rises, and who stops then is told
        sets[1] = [sets[0][0][:, :watched] + rng.normal(size=(sizes[0], watched)) / 10, np.roll(sets[0][1][:, :watched], 1, axis=0)]
    W = he_weights(rng, list(sizes))
    while not all(np.all(np.any(layer > 0, axis=1)) for layer in _activations(W, b, sets[0][0])[1:-1]):
        W = he_weights(rng, list(sizes))  # until every neuron is on for some example
    eta = float(rng.uniform(0.2, 0.4))
    if epochs == 1:  # where all lead to the same net: it reads some of what is watched and not all, so that no share is a list of zeros or ones
        net = _stepped(W, b, sets[0][0], sets[0][1], eta)
        while not 0 < _hits(*net, *sets[1]) < 1:
            sets[1][0] = rng.normal(size=sets[1][0].shape)
    return Case(label, (Seed(int(rng.integers(1 << 30))), W, b, *sets, eta, epochs, size))


def _scans_case(rng: np.random.Generator) -> Case:
    scans = digits().train
    mixed = rng.permutation(len(scans.labels))
    of_class = [mixed[scans.labels[mixed] == label] for label in range(10)]
    train = np.concatenate([scans_of[: _SCANS // 10] for scans_of in of_class])
    held_back = rng.permutation(np.concatenate([scans_of[_SCANS // 10 :] for scans_of in of_class]))[:_WATCHED]
    b: Layers = [None, np.zeros((_HIDDEN, 1)), np.zeros((10, 1))]
    false = (scans.labels[held_back] + 1) % 10  # who trains on them learns nonsense
    sets = [
        [scans.x[:, of] - 0.3, one_hot_columns(labels, 10)] for of, labels in ((train, scans.labels[train]), (held_back, false))
    ]  # a pixel's mean
    return Case(f"{_SCANS} scans", (Seed(int(rng.integers(1 << 30))), he_weights(rng, [64, _HIDDEN, 10]), b, *sets, 0.6, 3, 25))


# ---- one net, or a stack of nets along the first axis ------------------------------------------------------------------


def _softmax(z: Array) -> Array:
    e = np.exp(z - np.maximum.reduce(z, axis=-2, keepdims=True))
    return e / np.add.reduce(e, axis=-2, keepdims=True)


def _activations(W: Layers, b: Layers, x: Array) -> Layers:
    a, last = [x], len(W) - 1
    for l in range(1, last + 1):
        z = W[l] @ a[-1] + b[l]
        a.append(np.maximum(z, 0) if l < last else _softmax(z))
    return a


def _slope(a: Array) -> Array:
    return a > 0


def _gradients(W: Layers, b: Layers, x: Array, y: Array, slope: Callable[[Array], Any] = _slope) -> tuple[Layers, Layers]:
    a, m = _activations(W, b, x), x.shape[-1]
    dW: Layers = [None] * len(W)
    db: Layers = [None] * len(W)
    delta = (a[-1] - y) / m
    for l in range(len(W) - 1, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].swapaxes(-1, -2), np.add.reduce(delta, axis=-1, keepdims=True)
        if l > 1:
            delta = (W[l].swapaxes(-1, -2) @ delta) * slope(a[l - 1])
    return dW, db


def _cost(W: Layers, b: Layers, x: Array, y: Array) -> Any:
    share = np.sum(_activations(W, b, x)[-1] * y, axis=-2)
    return -np.mean(np.log(np.maximum(share, 5e-324)), axis=-1)  # what underflows stays apart from 0 as long as it can


def _hits(W: Layers, b: Layers, x: Array, y: Array) -> Any:
    return np.mean(_activations(W, b, x)[-1].argmax(axis=-2) == y.argmax(axis=-2), axis=-1)


def _moved(W: Layers, b: Layers, gradients: tuple[Layers, Layers], eta: float) -> tuple[Layers, Layers]:
    dW, db = gradients
    return [None, *[p - eta * g for p, g in zip(W[1:], dW[1:], strict=True)]], [None, *[p - eta * g for p, g in zip(b[1:], db[1:], strict=True)]]


def _stepped(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    return _moved(W, b, _gradients(W, b, x, y), eta)


# ---- ways to train, right and wrong ------------------------------------------------------------------------------------


def _cut(m: int, size: int) -> list[int]:
    """The sizes of an epoch's batches, in order."""
    return [min(size, m - start) for start in range(0, m, size)]


@dataclass(frozen=True)
class _Way:
    """A way to train. It can be gone, with what the generator draws, and a result can be held against all orders that it may draw.

    Parameters
    ----------
    step
        What a batch does to the parameters.
    measure
        What is written down, given W, b, train and held_back.
    before
        Whether it is written down before each epoch instead of after it.
    cut
        The sizes of an epoch's batches.
    order
        Whether the examples are shuffled anew for each epoch, once, never, or x and y apart.
    learns_from
        Of train and held_back.
    first_epoch_only, returns_old
        Whether it returns after one epoch; whether it returns the parameters that were given.
    """

    step: Callable[..., tuple[Layers, Layers]] = _stepped
    measure: Callable[..., Any] = lambda W, b, train, held_back: _cost(W, b, *held_back)
    before: bool = False
    cut: Callable[[int, int], list[int]] = _cut
    order: Literal["anew", "once", "never", "apart"] = "anew"
    learns_from: Callable[[Examples, Examples], Examples] = lambda train, held_back: train
    first_epoch_only: bool = False
    returns_old: bool = False

    def train(
        self, rng: np.random.Generator, W: Layers, b: Layers, train: Examples, held_back: Examples, eta: float, epochs: int, size: int
    ) -> Trained:
        """Go this way."""
        (x, y), costs, given = self.learns_from(train, held_back), [], (W, b)
        m = x.shape[1]
        order = np.arange(m)
        for epoch in range(1 if self.first_epoch_only else epochs):
            if self.before:
                costs.append(float(self.measure(W, b, train, held_back)))
            if self.order in ("anew", "apart") or (self.order == "once" and epoch == 0):
                order = rng.permutation(m)
            of_y, start = rng.permutation(m) if self.order == "apart" else order, 0
            for n in self.cut(m, size):
                W, b = self.step(W, b, x[:, order[start : start + n]], y[:, of_y[start : start + n]], eta)
                start += n
            if not self.before:
                costs.append(float(self.measure(W, b, train, held_back)))
        return [*(given if self.returns_old else (W, b)), costs]

    def gives(self, value: Any, *args: Any) -> bool:
        """Whether this way may lead to a value; True where there are too many orders to try them all."""
        roads = self.roads(value, *args)
        return roads is None or len(roads) > 0

    def roads(self, value: Any, *args: Any) -> Array | None:
        """What may have been drawn on the way to a value: a row for each possibility, with the number of each epoch's order; None for too many."""
        _, W, b, train, held_back, eta, epochs, size = args
        returned = _as_net(_Itself(value), _Itself(W), _Itself(b))
        nowhere = np.empty((0, 0), dtype=int)
        if returned is None or len(returned.costs) != (1 if self.first_epoch_only else epochs):
            return nowhere
        if self.returns_old and not _arrived(returned, _stacked(W, b)).all():
            return nowhere
        x, y = self.learns_from(train, held_back)
        sizes = tuple(self.cut(x.shape[1], size))
        orders = _orders(x.shape[1], sizes, self.order)
        if orders is None:
            return None
        epoch = _epoch(self.step, _Itself(W), _Itself(b), _Itself(x), _Itself(y), eta, sizes, self.order)
        stack, roads, last = _stacked(W, b) if self.before else [], np.zeros((1, 0), dtype=int), len(returned.costs) - 1
        for k, cost in enumerate(returned.costs):
            if self.before:
                close = _close(self.measure(*stack, train, held_back), cost, returned.rtol)
                stack, roads = [_of(part, close) for part in stack], roads[close]
            if not len(roads):
                return nowhere
            count, road = epoch.choices(k), tuple(roads[0].tolist()) if len(roads) == 1 else None
            if len(roads) * count > _MOST:
                return None
            drawn = roads[:, -1] if self.order == "once" and k > 0 else np.tile(np.arange(count), len(roads))
            on = np.repeat(np.arange(len(roads)), count)
            stack = _through(epoch, [_of(part, on) for part in stack], drawn) if road is None else _reached(epoch, road)
            there = np.ones(len(drawn), dtype=bool)
            if k == last and not self.returns_old:
                there = _arrived(returned, stack) if road is None else _reached_by(_Itself(returned), epoch, road)
            if not self.before and there.any():
                if road is None:
                    costs = self.measure(*stack, train, held_back)
                else:
                    costs = _reached_costs(self.measure, epoch, road, *map(_Itself, (*train, *held_back)))
                there = there & _close(costs, cost, returned.rtol)
            if not there.any():
                return nowhere
            stack, roads = [_of(part, there) for part in stack], np.column_stack([roads[on], drawn])[there]
        if self.order == "apart" and epochs > 1:  # once, all may be in pairs by chance
            paired = np.all([np.all(y[:, of_x] == y[:, of_y], axis=(0, 2)) for of_x, of_y in orders], axis=0)
            roads = roads[~np.all(paired[roads], axis=1)]
        return roads


def _close(theirs: Any, cost: float, rtol: float) -> Array:
    """Which of some costs are one that came back."""
    near = np.atleast_1d((np.abs(theirs - cost) <= 1e-12 + rtol * abs(cost)) | (theirs == cost) | (np.isnan(theirs) & np.isnan(cost)))
    # where training blows up a share is 0, and its logarithm is what its writer made of it
    return near if math.isfinite(cost) else near | np.atleast_1d(theirs > _BLOWN_UP)


@dataclass(frozen=True, eq=False)
class _Itself:
    """A key that only the very same object equals."""

    it: Any

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and self.it is other.it


@dataclass(frozen=True, eq=False)
class _Epoch:
    """Where a first epoch begins and how it goes; two with the same numbers are the same."""

    step: Callable[..., tuple[Layers, Layers]]
    W: Layers
    b: Layers
    x: Array
    y: Array
    eta: float
    sizes: tuple[int, ...]
    order: str

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        numbers = b"".join([p.tobytes() for p in (*self.W[1:], *self.b[1:], self.x, self.y)])
        return self.step, numbers, self.eta, self.sizes, self.order

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Epoch) and self._key == other._key

    @cached_property
    def orders(self) -> list[tuple[Array, Array]]:
        """For each batch its examples, a row for each order."""
        return _orders(self.x.shape[1], self.sizes, self.order) or []

    def choices(self, k: int) -> int:
        """How many orders may be drawn for epoch k."""
        return 1 if not self.orders or (self.order == "once" and k > 0) else len(self.orders[0][0])


@lru_cache(maxsize=256)
def _epoch(step: Callable[..., Any], W: _Itself, b: _Itself, x: _Itself, y: _Itself, eta: float, sizes: tuple[int, ...], order: str) -> _Epoch:
    return _Epoch(step, W.it, b.it, x.it, y.it, eta, sizes, order)


def _stacked(W: Layers, b: Layers) -> list[Layers]:
    """A stack of one net."""
    return [[None, *(p[None] for p in part[1:])] for part in (W, b)]


# No answer changes where an order leads, and most draw the same ones: what follows is worked out once for all of them, and all mistakes.
_KEPT = 512


@lru_cache(maxsize=_KEPT)
def _reached(epoch: _Epoch, road: tuple[int, ...]) -> list[Layers]:
    """Where every order of an epoch leads, after epochs with the orders of `road`."""
    count = epoch.choices(len(road))
    if road:
        before = [_of(part, [road[-1] if epoch.choices(len(road) - 1) > 1 else 0]) for part in _reached(epoch, road[:-1])]
    else:
        before = _stacked(epoch.W, epoch.b)
    drawn = np.array(road[-1:]) if road and epoch.order == "once" else np.arange(count)
    return _through(epoch, [[None, *(np.repeat(p, count, axis=0) for p in part[1:])] for part in before], drawn)


@lru_cache(maxsize=_KEPT)
def _reached_costs(measure: Callable[..., Any], epoch: _Epoch, road: tuple[int, ...], *sets: _Itself) -> Array:
    """What is written down there; given x and y to train on, then those to watch."""
    x, y, x_watched, y_watched = (part.it for part in sets)
    return np.atleast_1d(measure(*_reached(epoch, road), [x, y], [x_watched, y_watched]))


def _through(epoch: _Epoch, stack: list[Layers], drawn: Array) -> list[Layers]:
    """A stack of nets after an epoch, each with the order that it has drawn."""
    W, b = stack
    for of_x, of_y in epoch.orders:
        W, b = epoch.step(W, b, _columns(epoch.x, of_x[drawn]), _columns(epoch.y, of_y[drawn]), epoch.eta)
    return [W, b]


_MOST = 1000  # nets in a stack; more take too long, and the cases before have told
_BLOWN_UP = 20.0  # a cost that no training that works comes near


def _of(part: Layers, which: Any) -> Layers:
    return [None, *(p[which] for p in part[1:])]


def _columns(x: Array, picked: Array) -> Array:
    """For each row of places the columns there: (n, m), (k, s) → (k, n, s)."""
    return x.T[picked].swapaxes(-1, -2)


@cache
def _orders(m: int, sizes: tuple[int, ...], order: str) -> list[tuple[Array, Array]] | None:
    """For each batch the places in x and in y that it may hold, a row for each way to go through an epoch; None if there are too many."""
    within = math.factorial(m) if order == "apart" else 1
    if order != "never" and math.prod(math.comb(m - sum(sizes[:k]), n) for k, n in enumerate(sizes)) * within > _MOST:
        return None
    of_x = np.array([np.arange(sum(sizes))] if order == "never" else list(_splits(tuple(range(m)), sizes)), dtype=int)
    of_y = of_x
    if order == "apart":
        paired = np.array(list(permutations(range(m))))[:, : sum(sizes)]
        of_x, of_y = np.repeat(of_x, len(paired), axis=0), np.tile(paired, (len(of_x), 1))
    ends = np.cumsum(sizes)[:-1]
    return list(zip(np.split(of_x, ends, axis=1), np.split(of_y, ends, axis=1), strict=True)) if sizes else []


def _splits(places: tuple[int, ...], sizes: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every way to fill batches of these sizes, whatever the order within one."""
    if not sizes:
        yield ()
        return
    for batch in combinations(places, sizes[0]):
        for rest in _splits(tuple(p for p in places if p not in batch), sizes[1:]):
            yield (*batch, *rest)


_FIT = _Way()


def _fit(rng: np.random.Generator, W: Layers, b: Layers, train: Examples, held_back: Examples, eta: float, epochs: int, size: int) -> Trained:
    return _FIT.train(rng, W, b, train, held_back, eta, epochs, size)


def _shuffled(roads: Array | None, args: tuple[Any, ...]) -> bool:
    """Whether the examples were mixed anew: not the same ones in a batch together in every epoch, whatever the order of the batches.

    It says so of a fair shuffle, but for once in ten million times. True where every batch holds all examples.
    """
    m, epochs, size = args[3][0].shape[1], args[6], args[7]
    if size >= m or epochs == 1 or roads is None:
        return True
    together = _together(m, tuple(_cut(m, size)))
    return any(len({together[order] for order in road}) > 1 for road in roads)


@cache
def _together(m: int, sizes: tuple[int, ...]) -> list[frozenset[frozenset[int]]]:
    """For each order the batches that it makes, as sets."""
    batches = [of_x.tolist() for of_x, _ in _orders(m, sizes, "anew") or []]
    return [frozenset(map(frozenset, row)) for row in zip(*batches, strict=True)]


def _fit_oracle(rng: np.random.Generator, W: Layers, b: Layers, train: Examples, held_back: Examples, eta: float, epochs: int, size: int) -> Trained:
    """The same with bpkit's own passes, which differences have checked."""
    net = Network(tuple(W), tuple(b), (None, *[relu] * (len(W) - 2), softmax), cross_entropy)
    costs = []
    for _ in range(epochs):
        order = rng.permutation(train[0].shape[1])
        for batch in np.split(order, range(size, len(order), size)):
            net = sgd(net, backward(net, forward(net, train[0][:, batch]), train[1][:, batch]), eta=eta)
        cache = forward(net, held_back[0])
        costs.append(float(net.cost.output_value(cache.z[-1], cache.output, held_back[1], softmax)))
    return [list(net.W), list(net.b), costs]


# ---- what came back ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Returned:
    """An answer of the right form, and how closely its numbers can be meant."""

    W: Layers
    b: Layers
    costs: Array
    rtol: float


def _is_like(found: Any, wanted: Array) -> bool:
    return isinstance(found, np.ndarray) and found.dtype.kind == "f" and found.shape == wanted.shape


@lru_cache(maxsize=16)  # all mistakes look at the same few
def _as_net(answer: _Itself, given_W: _Itself, given_b: _Itself) -> _Returned | None:
    """An answer as weights, biases and costs, or None where it is no such triple."""
    value, W0, b0 = answer.it, given_W.it, given_b.it
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(part, list) for part in value[:2]):
        return None
    for part, like in zip(value[:2], (W0, b0), strict=True):
        if len(part) != len(like) or part[0] is not None or not all(_is_like(p, q) for p, q in zip(part[1:], like[1:], strict=True)):
            return None
    costs = _numbers(value[2])
    if costs is None:
        return None
    narrow = any(np.array_equal(p, p.astype(np.float32)) for p in (*value[0][1:], *value[1][1:]))
    return _Returned(value[0], value[1], costs, 2e-5 if narrow else 1e-6)


def _numbers(value: Any) -> Array | None:
    """A list or a row of real numbers."""
    if isinstance(value, list):
        value = [item.item() if isinstance(item, np.ndarray) and item.size == 1 else item for item in value]
    try:
        costs = np.array(value)
    except ValueError:
        return None
    return costs.astype(float) if costs.ndim == 1 and costs.dtype.kind in "iuf" else None


def _near(p: Array, q: Array, rtol: float) -> Array:
    """Which arrays of a stack q are one array p, or each its own of a stack p."""
    size = np.abs(q)
    near = np.abs(p - q) <= rtol * np.max(size, axis=(1, 2), keepdims=True, initial=0, where=np.isfinite(size))
    if not near.all():  # where training has blown up, nan is as near as can be
        near |= (p == q) | (np.isnan(p) & np.isnan(q))
    return np.asarray(near.all(axis=(1, 2)))


def _arrived(returned: _Returned, stack: list[Layers]) -> Array:
    """Which nets of a stack are the one that came back."""
    arrived = np.ones(len(stack[0][1]), dtype=bool)
    for mine, part in zip((returned.W, returned.b), stack, strict=True):
        for p, q in zip(mine[1:], part[1:], strict=True):
            arrived &= _near(p, q, returned.rtol)
            if not arrived.any():
                return arrived
    return arrived


@lru_cache(maxsize=_KEPT)
def _reached_by(returned: _Itself, epoch: _Epoch, road: tuple[int, ...]) -> Array:
    """Which of the nets reached is the one that came back."""
    return _arrived(returned.it, _reached(epoch, road))


@cache
def _unseen() -> tuple[Array, Array]:
    """Scans that no answer ever gets, and their labels."""
    test = digits().test
    return test.x - 0.3, test.labels


def _accuracy(net: _Returned) -> float:
    x, labels = _unseen()
    return float(np.mean(_activations(net.W, net.b, x)[-1].argmax(axis=0) == labels))


def _is_small(args: tuple[Any, ...]) -> bool:
    return args[3][0].shape[1] < _SCANS


def _watched_is_last(net: _Returned, args: tuple[Any, ...]) -> bool:
    return bool(np.isclose(net.costs[-1], _cost(net.W, net.b, *args[4]), rtol=net.rtol, atol=0))


def _fit_holds(value: Any, *args: Any) -> bool:
    if _is_small(args):
        roads = _FIT.roads(value, *args)
        return roads is None or (len(roads) > 0 and _shuffled(roads, args))
    net = _as_net(_Itself(value), _Itself(args[1]), _Itself(args[2]))
    return net is not None and len(net.costs) == args[6] and _watched_is_last(net, args) and _accuracy(net) >= _REACHES


def _explain_fit(value: Any, *args: Any) -> str | None:
    _, W0, b0, train, _, _, epochs, _ = args
    if not isinstance(value, list) or len(value) != 3:
        found = f"{len(value)} items" if isinstance(value, list) else "something else"
        return f"Return three things: the weights, the biases and the list of costs; found {found}."
    for name, part, like in zip("Wb", value[:2], (W0, b0), strict=True):
        if not isinstance(part, list) or len(part) != len(like) or part[0] is not None:
            return f"{name} has to be a list of {len(like)} items, as it was given: None for layer 0, then one array for each layer."
        for l in range(1, len(like)):
            shape = getattr(part[l], "shape", None)
            if shape != like[l].shape:
                return f"{name}[{l}] {'is no array' if shape is None else f'has shape {shape}'}, expected an array of shape {like[l].shape}."
            if part[l].dtype.kind != "f":
                return f"{name}[{l}] is an array of dtype {part[l].dtype}, expected real numbers."
    costs = _numbers(value[2])
    if costs is None or len(costs) != epochs:
        found = "something else" if costs is None else f"{len(costs)} entries"
        return f"The costs should be a list with one number for each of the {epochs} epochs; found {found}."
    net = _Returned(value[0], value[1], costs, 2e-5)
    if not all(np.all(np.isfinite(part)) for part in (*net.W[1:], *net.b[1:], costs)):
        return "Some weights, biases or costs are no finite numbers any more. Does the cost fall at all?"
    if not all(np.any(layer > 0) for layer in _activations(net.W, net.b, train[0])[1:-1]):
        return "A hidden layer is off for every training example, so nothing can be learned any more. Is a step far too large, or are its weights 0?"
    if (words := _explain_steps(net, args)) or not _is_small(args):
        return words or _explain_reading(net, args)
    return _explain_costs(net, args)


def _of_an_earlier_epoch(net: _Returned, args: tuple[Any, ...]) -> str | None:
    """Whether W and b, which are not right, are those of an earlier epoch, by their cost."""
    if _watched_is_last(net, args):
        return None
    cost = _cost(net.W, net.b, *args[4])
    epoch = next((k for k, told in enumerate(net.costs[:-1], start=1) if np.isclose(told, cost, rtol=net.rtol, atol=0)), None)
    if epoch is None:
        return None
    return f"By their cost on held_back, the W and b that you return are those of epoch {epoch}. Asked are W and b after the last epoch."


def _explain_steps(net: _Returned, args: tuple[Any, ...]) -> str | None:
    """Where W and b are wrong, in a case whose steps can be followed."""
    rng, W, b, train, _, _, epochs, size = args
    m = train[0].shape[1]
    if not _is_small(args):
        return None
    if size < m:
        if _FIT.gives([net.W, net.b, list(net.costs)], *args):
            return "The same examples stay together in a batch in every epoch. In each epoch, shuffle the examples first, then cut."
        return _of_an_earlier_epoch(net, args) or (
            f"One batch is handled rightly. But with {m} examples in batches of {size}, no order of them leads to the W, b and costs that you "
            "return. Is every example in one batch of each epoch, and does each step begin where the one before it ended?"
        )
    wanted = _FIT.train(rng, *args[1:])
    parts = [
        (f"{name}[{l}]", *(part[l] for part in pair))
        for name, *pair in zip("Wb", (net.W, net.b), (W, b), wanted[:2], strict=True)
        for l in range(1, len(W))
    ]
    wrong = [part for part in parts if not _near(part[1], part[3][None], net.rtol)]
    if not wrong:
        return None
    name, mine, start, goal = wrong[-1]
    right = [part[0] for part in parts if part not in wrong]
    if epochs > 1:
        return _of_an_earlier_epoch(net, args) or (
            f"One epoch is right. After {epochs}, {name} is not where {epochs} steps lead. Does each epoch begin where the one before it ended, and "
            "with the same eta?"
        )
    # a step is read back from a difference, with the rounding of both
    if all(np.allclose(size * (mine - start), m * (goal - start), rtol=1e-4, atol=1e-9 * size) for _, mine, start, goal in parts):
        return (
            f"With all {m} examples in one batch of up to {size} your step is {m}/{size} of what is asked. Do you divide by `size`? The mean is over "
            "the examples that the batch has, and the last one may be shorter."
        )
    moved = describe_difference(mine - start, goal - start, rtol=1e-4)
    words = f"One epoch with all examples in one batch is one step from the W and b that are given. Going by how far it moved, {name} is wrong"
    return words + (f": {moved}." if moved.kind is not None else ".") + (f" Right: {', '.join(right)}." if right else "")


def _explain_reading(net: _Returned, args: tuple[Any, ...]) -> str | None:
    x, y = args[3]
    if (accuracy := _accuracy(net)) < _REACHES:
        return (
            f"Small nets train as they should. But with {x.shape[1]} scans your net reads {math.floor(100 * accuracy)} % of digits right that it has "
            f"never seen; {100 * _REACHES:.0f} % are asked. Its cost on the training set went from {_cost(args[1], args[2], x, y):.2f} to "
            f"{_cost(net.W, net.b, x, y):.2f}."
        )
    return _explain_costs(net, args)


def _explain_costs(net: _Returned, args: tuple[Any, ...]) -> str | None:
    if _watched_is_last(net, args):
        return None
    return (
        f"W and b are right. But your last cost is {net.costs[-1]:.4g}, and the net that you return has another mean cross-entropy on "
        "`held_back`. Which net, which examples, and is it the mean?"
    )


# ---- wrong steps -------------------------------------------------------------------------------------------------------


def _biases_still(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    return _stepped(W, b, x, y, eta)[0], b


def _weights_still(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    return W, _stepped(W, b, x, y, eta)[1]


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    new_W, new_b = _stepped(W, b, x, y, eta)
    return [*W[:-1], new_W[-1]], [*b[:-1], new_b[-1]]


def _moved_on_the_way_back(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    """Each layer takes its step before the error goes back through it."""
    W, b = [*W], [*b]
    a = _activations(W, b, x)
    delta = (a[-1] - y) / x.shape[-1]
    for l in range(len(W) - 1, 0, -1):
        W[l] = W[l] - eta * (delta @ a[l - 1].swapaxes(-1, -2))
        b[l] = b[l] - eta * np.add.reduce(delta, axis=-1, keepdims=True)
        delta = (W[l].swapaxes(-1, -2) @ delta) * _slope(a[l - 1])
    return W, b


def _summed(W: Layers, b: Layers, x: Array, y: Array, eta: float) -> tuple[Layers, Layers]:
    return _stepped(W, b, x, y, eta * x.shape[-1])


def _with_slope(slope: Callable[[Array], Any]) -> Callable[..., tuple[Layers, Layers]]:
    return lambda W, b, x, y, eta: _moved(W, b, _gradients(W, b, x, y, slope), eta)


def _both(train: Examples, held_back: Examples) -> Examples:
    return [np.hstack([mine, theirs]) for mine, theirs in zip(train, held_back, strict=True)]


def _joined(m: int, size: int) -> list[int]:
    """The remainder goes to the batch before it."""
    sizes = _cut(m, size)
    return sizes if len(sizes) == 1 or m % size == 0 else [*sizes[:-2], sizes[-2] + sizes[-1]]


def _mistake(name: str, hint: str, **way: Any) -> Mistake:
    trained = _Way(**way)
    return Mistake(name, trained.train, hint, recognise=trained.gives)


EXERCISE = Exercise(
    id="08.4",
    name="fit",
    title="Train until it reads digits",
    points=4,
    minutes=15,
    difficulty=3,
    allows=(*ALLOWED, "init"),
    seconds=20.0,
    cases=_cases_fit,
    reference=_fit,
    plain=(1, 2, 3, 4),
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
        _mistake(
            "trained weights not returned",
            "Your costs change, but W and b come back as they went in. Which variables hold the trained ones?",
            returns_old=True,
        ),
        _mistake(
            "no step",
            "W and b come back as they went in, and the cost stands still. Is the step computed and then thrown away?",
            step=lambda W, b, x, y, eta: (W, b),
        ),
        _mistake(
            "one epoch",
            "There is one cost, and more epochs were asked. Does `return` stand inside the loop over epochs?",
            first_epoch_only=True,
        ),
        _mistake(
            "biases not updated",
            "The weights have learned, the biases stand where they began. They have gradients of their own.",
            step=_biases_still,
        ),
        _mistake("weights not updated", "The biases have learned, the weights stand where they began.", step=_weights_still),
        _mistake(
            "only the last layer",
            "Only the last layer has moved. The hidden layers have gradients too: that is what BP2 is for.",
            step=_last_layer_only,
        ),
        _mistake(
            "weights moved on the way back",
            "You move the weights of a layer, and then the error goes back through them. It was made with the old ones: first all gradients, then "
            "the step.",
            step=_moved_on_the_way_back,
        ),
        _mistake(
            "no 1/m",
            "Your steps are too long by the number of examples in a batch: somewhere a sum stands for a mean.",
            step=_summed,
        ),
        _mistake(
            "slopes of the hidden layers dropped",
            "The last layer's step is right. On the way back the error lacks the slope of each hidden layer that it passes.",
            step=_with_slope(lambda a: 1.0),
        ),
        _mistake(
            "a sigmoid's slope",
            "On the way back you multiply by a(1 - a). That is a sigmoid's slope; these hidden layers are relus.",
            step=_with_slope(lambda a: a * (1 - a)),
        ),
        _mistake(
            "a for the slope",
            "On the way back you multiply by the activations of the hidden layers. What belongs there is their slope, 1 or 0.",
            step=_with_slope(lambda a: a),
        ),
        _mistake(
            "half a step",
            "Your steps have the right direction and half of their length. Cross-entropy has no ½ in front, and η is the whole rate.",
            step=lambda W, b, x, y, eta: _stepped(W, b, x, y, eta / 2),
        ),
        _mistake(
            "step doubled",
            "Your steps have the right direction and twice their length. Is every batch learned twice, or a factor 2 left of a square?",
            step=lambda W, b, x, y, eta: _stepped(W, b, x, y, 2 * eta),
        ),
        _mistake(
            "sign",
            "You step uphill: the cost on the training set grows. Which way do you step?",
            step=lambda W, b, x, y, eta: _stepped(W, b, x, y, -eta),
        ),
        _mistake(
            "whole set in one step",
            "You take one step an epoch, with all examples in it. `size` says how many examples a step sees.",
            cut=lambda m, size: [m],
        ),
        _mistake(
            "one batch an epoch",
            "Each epoch of yours takes one step. An epoch goes through all examples, batch after batch. Does your inner loop end after the first?",
            cut=lambda m, size: [min(size, m)],
        ),
        _mistake(
            "remainder dropped",
            "The examples that do not fill a batch are left out. Let the last batch of an epoch be shorter.",
            cut=lambda m, size: [size] * (m // size),
        ),
        _mistake(
            "remainder joined to the batch before",
            "You give the remainder to the batch before it, which gets longer than size. Let it be a short batch of its own.",
            cut=_joined,
        ),
        _mistake(
            "remainder in the first batch",
            "The short batch stands first in your epochs. Let it come last.",
            cut=lambda m, size: _cut(m, size)[::-1],
        ),
        _mistake(
            "no shuffling",
            "Your batches hold the examples in the order of the file. Data often stands sorted by class, as in this check: "
            "who goes through it in order shows the net one class for a long time, and then never again.",
            order="never",
        ),
        _mistake(
            "shuffled once",
            "You draw one order and keep it: every epoch has the same batches. Draw a new one for each epoch.",
            order="once",
        ),
        _mistake(
            "trains on test alone",
            "The net has learned from `held_back` alone. In this check its labels are false on purpose, so that training on them shows. "
            "`held_back` is there to be measured on.",
            learns_from=lambda train, held_back: held_back,
        ),
        _mistake(
            "trains on test",
            "The net has learned from `held_back` as well. In this check its labels are false on purpose, so that training on them shows. "
            "What a net was trained on says nothing about new examples.",
            learns_from=_both,
        ),
        _mistake(
            "cost before the epoch",
            "W and b are right. Your costs are taken before each epoch: the first one belongs to the untrained net.",
            before=True,
        ),
        _mistake(
            "cost on the training set",
            "W and b are right. Your costs are those of the training set. What you want to watch are examples that the net does not learn from.",
            measure=lambda W, b, train, held_back: _cost(W, b, *train),
        ),
        _mistake(
            "accuracy for cost",
            "W and b are right. Your list holds the share of right answers. Asked is the cross-entropy.",
            measure=lambda W, b, train, held_back: _hits(W, b, *held_back),
        ),
        _mistake(
            "share of wrong answers for cost",
            "W and b are right. Your list holds the share of wrong answers. Asked is the cross-entropy.",
            measure=lambda W, b, train, held_back: 1 - _hits(W, b, *held_back),
        ),
        _mistake(
            "sign of the cost",
            "W and b are right. Your costs are negative: the logarithm of a share is, and the cost has a minus sign before it.",
            measure=lambda W, b, train, held_back: -_cost(W, b, *held_back),
        ),
        _mistake(
            "cost summed over the examples",
            "W and b are right. Your costs are sums over the examples; the cost is their mean.",
            measure=lambda W, b, train, held_back: held_back[0].shape[1] * _cost(W, b, *held_back),
        ),
        _mistake(
            "cost per output",
            "W and b are right. Your costs are means over the outputs too. Within an example the terms are added, the mean is over examples.",
            measure=lambda W, b, train, held_back: _cost(W, b, *held_back) / len(held_back[1]),
        ),
        # those with the most orders to try come last
        _mistake(
            "one example at a time",
            "You take a step for each example. `size` says how many examples share a step.",
            cut=lambda m, size: [1] * m,
        ),
        _mistake(
            "x and y shuffled apart",
            "No picture has kept its own target: x and y stand in different orders. When you shuffle, pick the same columns of both.",
            order="apart",
        ),
    ),
)
