"""The training step of `fit`, compiled to a list of calls on arrays that exist already.

A step on a small mini-batch takes some 50 µs, so every array that is made, converted or looked up costs a part of it.
A plan lays out all arrays once. What each call works on never changes after that, so a step is a flat list of calls
with their arguments bound, written down by code that reads like BP1 to BP4. The mathematics is that of bpkit.core.network
and bpkit.core.updates; the layout differs:

- Biases are the last column of the weights, and activations carry a row of ones: one product does both.
- Layers of sigmoids store -W and -b, so that the product is -z, as σ wants it. A layer's `sign` keeps account, and
  e = sign · scale · δ / m takes the place of δ: the signs cancel in BP2, and BP4 is the update without a further pass.
- `out` is given by position where numpy allows it, and constants are 0-d arrays: nothing to parse or to convert.
- All weights lie in one array and are updated in as few blocks as the cache allows, a gradient being used while near.
- Rows of weights and of examples begin where lines of the cache do, and end in numbers that nothing reads.
- Where numpy brings OpenBLAS along, products ask it directly: it can add to what it finds, so that V ← V - η/m e aᵀ is one call
  without a gradient, and it takes operands with gaps between their rows. Elsewhere they are numpy's own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy import (
    absolute,
    add,
    copyto,
    divide,
    dot,
    exp,
    expm1,
    greater,
    log1p,
    matmul,
    maximum,
    multiply,
    negative,
    reciprocal,
    sign,
    sqrt,
    square,
    subtract,
    tanh,
    vdot,
)

from bpkit.core.functions import (
    Activation,
    Array,
    BinaryCrossEntropy,
    Cost,
    CrossEntropy,
    Identity,
    LeakyReLU,
    Quadratic,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
)
from bpkit.core.network import Network

try:
    from numpy._core._multiarray_umath import __cpu_features__ as PROCESSOR  # what np.show_runtime prints
except ImportError:
    PROCESSOR = {}

try:
    import ctypes
except ImportError:  # a Python may be built without
    ctypes = None  # type: ignore[assignment]


def _numpys_gemm() -> dict[str, tuple[Any, Any]]:
    """OpenBLAS's matrix product, and what it takes numbers as, by number type; empty where numpy has another BLAS, or none."""
    try:
        from numpy._core import _multiarray_umath

        # by way of what is linked to it; as it is named here, sizes have 64 bits
        library = ctypes.CDLL(_multiarray_umath.__file__)
        found = {"float64": (library.scipy_cblas_dgemm64_, ctypes.c_double), "float32": (library.scipy_cblas_sgemm64_, ctypes.c_float)}
    except (ImportError, OSError, AttributeError):
        return {}
    for function, _ in found.values():
        function.restype = None
    return found


GEMM = _numpys_gemm()
ROW_MAJOR, AS_IT_LIES, TRANSPOSED = 101, 111, 112  # as CBLAS counts them

Call = Callable[[], Any]

BLOCK_BYTES = 2**18  # weights updated at once, where batches are small: with gradient and memory they fit a level-2 cache
BLOCK_BATCH = 32  # the largest batch that is small in this
SEEN_BYTES = 2**16  # outputs collected before their cost is computed, all at once

LINE = 64  # bytes that the processor moves at once

# Products that OpenBLAS, on processors with wide registers, takes as they lie: multiplications, and entries of the result. Half the time where
# a mini-batch of 10 meets 256 neurons. On other processors parts only cost time, so there are none.
SMALL_PRODUCT, SMALL_RESULT = 10**6, 2**10
NARROW, LONG_SUM, MOST_PARTS = 64, 128, 24
WIDE_REGISTERS = any(PROCESSOR.get(name) for name in ("AVX512_SKX", "X86_V4"))


class Plan:
    """A network and its training data, laid out for mini-batches.

    Parameters
    ----------
    net : Network
    x, y : (n_0, N) and (n_L, N)
        Copied, example by example, so that a mini-batch is gathered in long pieces.
    batch_size : int
        The last mini-batch of an epoch is smaller where this does not divide N.
    optimiser : str
        A key of OPTIMISERS.
    settings : float
        eta, mu, beta1, beta2, epsilon, l1 and l2, as in bpkit.core.updates.
    """

    def __init__(self, net: Network, x: Array, y: Array, *, batch_size: int, optimiser: str, settings: dict[str, float]) -> None:
        self._net = net
        self._n_examples = x.shape[1]
        examples = np.empty((self._n_examples, _whole_lines(len(x) + 1, net.dtype)), net.dtype)
        examples[:, : len(x)], examples[:, len(x)] = x.T, 1
        targets = np.ascontiguousarray(y.T)

        kernels: list[Any] = [None, *(_kernel_of(sigma) for sigma in net.activations[1:])]
        rule = self.rule = OPTIMISERS[optimiser](settings)
        self._batch_size = min(batch_size, self._n_examples)
        self._weights = _Weights(net, kernels, rule, BLOCK_BYTES // net.dtype.itemsize if self._batch_size <= BLOCK_BATCH else None)
        self._last_size = self._n_examples % self._batch_size
        self._batches = {
            size: _Batch(net, kernels, self._weights, rule, examples, targets, size) for size in (self._batch_size, self._last_size) if size > 0
        }

    def epoch(self, order: Array) -> float:
        """Train once on every example, in the order given.

        Returns
        -------
        float
            The mean cost, every example counted as it was met, just before the step that learned from it.
        """
        whole = self._n_examples - self._last_size
        # overflow in exp is σ's way to 0; a network that diverges shows in the cost
        with np.errstate(all="ignore"):
            cost = self._batches[self._batch_size].train(order[:whole])
            if self._last_size:
                cost += self._batches[self._last_size].train(order[whole:])
        return cost / self._n_examples

    def network(self) -> Network:
        """The network as it is now, in arrays of its own."""
        W, b = self._weights.plain()
        return replace(self._net, W=W, b=b)


class _Batch:
    """All that a step on `size` examples needs: its arrays, and the calls that fill them in order."""

    def __init__(self, net: Network, kernels: list[Any], weights: _Weights, rule: _Descent, examples: Array, targets: Array, size: int) -> None:
        L, sizes, dtype, V = net.L, net.sizes, net.dtype, weights.V
        self._examples, self._targets, self._size, self._rule = examples, targets, size, rule
        self._gathered = _zeros((size, examples.shape[1]), dtype)
        self._y = np.empty((sizes[-1], size), dtype)

        a_and_1 = [self._gathered[:, : sizes[0] + 1].T, *(_zeros((n + 1, size), dtype) for n in sizes[1:])]
        for each in a_and_1[1:]:
            each[-1] = 1
        a = [each[:-1] for each in a_and_1]
        # a takes the place of z where the kernel can do without z; the cost may want the last one
        z: list[Any] = [None, *(a[l] if l < L and kernels[l].in_place else np.empty_like(a[l]) for l in range(1, L + 1))]
        e: list[Any] = [None, *map(np.empty_like, a[1:])]
        spare: list[Any] = [None, *map(np.empty_like, a[1:])]
        self._cost = _CostOf(net.cost, kernels[L], z[L], a[L], targets)

        calls: list[Call] = rule.each_step()
        for l in range(1, L + 1):
            calls += _product(V[l], a_and_1[l - 1], z[l])
            calls += kernels[l].value(z[l], a[l], spare[l])
        scale = rule.scale / size
        inside = scale if weights.inside else None  # of the last products, which then need no scale in e
        calls += self._cost.output_error(self._y, e[L], spare[L], 1.0 if weights.inside else scale)  # BP1
        for l in range(L - 1, 0, -1):
            calls += _product(V[l + 1][:, :-1].T, e[l + 1], e[l])  # BP2
            calls += kernels[l].pull_back(z[l], a[l], e[l], spare[l])
        for block in weights.blocks:
            for l, rows, place in block.parts:
                calls += _product(e[l][rows], a_and_1[l - 1].T, place, inside)  # BP4, and BP3 in the column of the ones
            calls += block.update
        self._calls = calls

    def train(self, order: Array) -> float:
        """Step through the examples of `order`, `size` at a time; return the sum of their costs."""
        take, gathered, y, calls = self._examples.take, self._gathered, self._y, self._calls
        output, seen = self._cost.output, self._cost.seen
        batches = order.reshape(-1, self._size)
        room = seen.shape[1] // self._size
        cost = 0.0
        for start in range(0, len(batches), room):
            some = batches[start : start + room]
            wanted = np.ascontiguousarray(self._targets.take(some.ravel(), 0).T)
            for indices, targets, keep in zip(some, self._by_batch(wanted), self._by_batch(seen), strict=False):
                take(indices, 0, gathered, "clip")  # "clip", because checking the indices takes a copy and these are right
                copyto(y, targets)
                for call in calls:
                    call()
                copyto(keep, output)
            cost += self._cost.of_seen(wanted) * some.size
            self._rule.forget_traces()
        return cost

    def _by_batch(self, columns: Array) -> Array:
        """(n, k · size) as k batches, (k, n, size)."""
        return columns.reshape(len(columns), -1, self._size).swapaxes(0, 1)


# ── Costs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _CostOf:
    """The cost of a batch's outputs: its error in every step, its value for many batches at once, when that is cheap.

    Attributes
    ----------
    output : (n_L, size)
        What the value is computed from: z where the cost and the activation cancel, and a otherwise.
    seen : (n_L, k · size)
        Room for the outputs of k batches.
    """

    def __init__(self, cost: Cost, kernel: _Kernel, z: Array, a: Array, all_y: Array) -> None:
        self._cost, self._kernel, self._z, self._a = cost, kernel, z, a
        pair = type(cost), type(kernel.sigma)
        self._cancels = pair in ((BinaryCrossEntropy, Sigmoid), (CrossEntropy, Softmax))
        self._is_difference = self._cancels and (pair[0] is BinaryCrossEntropy or bool((all_y.sum(axis=1) == 1).all()))
        self.output = z if self._cancels else a
        batches = max(1, len(all_y) // a.shape[1])
        self.seen = np.empty((len(a), min(batches, max(1, SEEN_BYTES // a.nbytes)) * a.shape[1]), a.dtype)

    def output_error(self, y: Array, e: Array, spare: Array, factor: float) -> list[Call]:
        """Calls for e ← sign · factor · δ^L (BP1)."""
        cost, kernel, z, a = self._cost, self._kernel, self._z, self._a
        signed = _constant(kernel.sign * factor, a.dtype)
        if self._is_difference or type(cost) is Quadratic:
            times = signed if self._is_difference else _constant(factor, a.dtype)
            calls: list[Call] = [partial(subtract, a, y, e), *([] if times == 1 else [partial(multiply, e, times, e)])]
            return calls if self._is_difference else calls + kernel.pull_back(z, a, e, spare)
        return [lambda: multiply(cost.output_error(kernel.sign * z, a, y, kernel.sigma), signed, e)]

    def of_seen(self, y: Array) -> float:
        """The mean cost of the outputs seen last, whose targets are the columns of y."""
        output = self.seen[:, : y.shape[1]]
        if type(self._cost) is Quadratic:
            error = output - y
            return float(vdot(error, error)) / (2 * y.shape[1])
        if not self._cancels:
            return self._cost(output, y)
        z, sigma = self._kernel.sign * output, self._kernel.sigma
        return self._cost.output_value(z, sigma(z), y, sigma)


# ── Activations ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Kernel:
    """An activation as calls on given arrays; as it stands here, for any activation, by way of its own methods."""

    sigma: Any
    sign = 1  # the weights are stored times this
    in_place = False  # whether a may lie where z was: `pull_back` then uses a alone

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        """a ← σ(z), where z comes times `sign`."""
        return [lambda: copyto(a, self.sigma(z))]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        """e ← sign · Jᵀ e."""
        return [lambda: copyto(e, self.sigma.vjp(z, a, e))]


class _IdentityKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        return [] if z is a else [partial(copyto, a, z)]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        return []


class _SigmoidKernel(_Kernel):
    sign = -1
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        return [partial(exp, z, a), partial(add, a, _constant(1, a.dtype), a), partial(reciprocal, a, a)]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        # -σ' = a (a - 1)
        return [partial(multiply, e, a, e), partial(subtract, a, _constant(1, a.dtype), spare), partial(multiply, e, spare, e)]


class _TanhKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        return [partial(tanh, z, a)]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        return [partial(multiply, a, a, spare), partial(subtract, _constant(1, a.dtype), spare, spare), partial(multiply, e, spare, e)]


class _ReLUKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        return [partial(maximum, z, np.zeros_like(a), out=a)]  # maximum is slow beside a constant

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        positive = np.empty(a.shape, bool)
        return [partial(greater, a, _constant(0, a.dtype), positive), partial(multiply, e, positive, e)]


class _LeakyReLUKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        return [partial(multiply, z, _constant(self.sigma.slope, a.dtype), spare), partial(maximum, z, spare, out=a)]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        # sign(a) is 1, 0 or -1, and no slope is below 0 or above 1
        slopes = np.full_like(a, self.sigma.slope)
        return [partial(sign, a, spare), partial(maximum, spare, slopes, out=spare), partial(multiply, e, spare, e)]


class _SoftplusKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        # max(z, 0) + log(1 + e^-|z|)
        return [
            partial(absolute, z, spare),
            partial(negative, spare, spare),
            partial(exp, spare, spare),
            partial(log1p, spare, spare),
            partial(maximum, z, np.zeros_like(a), out=a),
            partial(add, a, spare, a),
        ]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        # σ(z) = 1 - e^-a
        return [partial(negative, a, spare), partial(expm1, spare, spare), partial(multiply, e, spare, e), partial(negative, e, e)]


class _SoftmaxKernel(_Kernel):
    in_place = True

    def value(self, z: Array, a: Array, spare: Array) -> list[Call]:
        row = spare[0]
        return [
            partial(maximum.reduce, z, 0, None, row),
            partial(subtract, z, row, a),
            partial(exp, a, a),
            partial(add.reduce, a, 0, None, row),
            partial(divide, a, row, a),
        ]

    def pull_back(self, z: Array, a: Array, e: Array, spare: Array) -> list[Call]:
        row = np.empty_like(spare[0])
        return [
            partial(multiply, a, e, spare),
            partial(add.reduce, spare, 0, None, row),
            partial(subtract, e, row, e),
            partial(multiply, a, e, e),
        ]


KERNELS: dict[type[Activation], type[_Kernel]] = {
    Identity: _IdentityKernel,
    Sigmoid: _SigmoidKernel,
    Tanh: _TanhKernel,
    ReLU: _ReLUKernel,
    LeakyReLU: _LeakyReLUKernel,
    Softplus: _SoftplusKernel,
    Softmax: _SoftmaxKernel,
}


def _kernel_of(sigma: Activation) -> _Kernel:
    return KERNELS.get(type(sigma), _Kernel)(sigma)


# ── Updates ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Memory:
    """What an optimiser carries from step to step: its running means, laid out as the plan's weights are, and its steps so far."""

    optimiser: str
    arrays: tuple[Array, ...]
    steps: int


class _Descent:
    """V ← V - g, where g is η times the gradient; the optimisers that follow differ in what they make of g."""

    def __init__(self, settings: dict[str, float]) -> None:
        self.settings = settings
        self.memory: list[Array] = []

    @property
    def scale(self) -> float:
        """What the gradient comes multiplied with."""
        return self.settings["eta"]

    def each_step(self) -> list[Call]:
        """Calls to make once, before the step."""
        return []

    def update(self, V: Array, g: Array, spare: Array) -> list[Call]:
        """Calls that change V; g is free to be overwritten."""
        return [partial(subtract, V, g, V)]

    def remember(self, V: Array) -> Array:
        """Zeros in the shape of V, to be kept from step to step."""
        self.memory.append(np.zeros_like(V))
        return self.memory[-1]

    def memory_now(self) -> Memory:
        """What the next step would go on from, in arrays of its own."""
        return Memory(_name_of(type(self)), tuple(v.copy() for v in self.memory), 0)

    def go_on_from(self, memory: Memory) -> None:
        """Take over the memory of an earlier training.

        Raises
        ------
        ValueError
            If it is another optimiser's, or that of a network of other layers or another dtype.
        """
        if memory.optimiser != (mine := _name_of(type(self))):
            raise ValueError(f"resume is the memory of {memory.optimiser!r}, expected that of {mine!r}: go on with the optimiser that began")
        have, want = ([(v.shape, v.dtype.name) for v in arrays] for arrays in (memory.arrays, self.memory))
        if have != want:
            raise ValueError("resume is the memory of a network of other layers or another dtype, expected that of the network at hand")
        for v, kept in zip(self.memory, memory.arrays, strict=True):
            v[...] = kept

    def forget_traces(self) -> None:
        """Set to 0 what has faded: where gradients stay 0, μ v ends among the subnormal numbers, many times as slow, and stays."""
        for v in self.memory:
            v[absolute(v) < 2**20 * np.finfo(v.dtype).tiny] = 0


class _Momentum(_Descent):
    def update(self, V: Array, g: Array, spare: Array) -> list[Call]:
        v, mu = self.remember(V), _constant(self.settings["mu"], V.dtype)
        return [partial(multiply, v, mu, v), partial(subtract, v, g, v), partial(add, V, v, V)]


class _Nesterov(_Descent):
    def update(self, V: Array, g: Array, spare: Array) -> list[Call]:
        v, mu = self.remember(V), _constant(self.settings["mu"], V.dtype)
        return [
            partial(multiply, v, mu, v),
            partial(subtract, v, g, v),
            partial(subtract, V, g, V),
            partial(multiply, v, mu, g),
            partial(add, V, g, V),
        ]


class _Adam(_Descent):
    """η m̂ / (√ŝ + ε), both corrections moved into two numbers of the step: (η √c₂ / c₁) m / (√s + ε √c₂), c_i = 1 - β_iᵗ."""

    scale = 1.0  # Adam's own means must see the gradient as it is

    def __init__(self, settings: dict[str, float]) -> None:
        super().__init__(settings)
        self.t = 0
        self.eta, self.epsilon = np.empty(()), np.empty(())

    def each_step(self) -> list[Call]:
        return [self._correct]

    def memory_now(self) -> Memory:
        return replace(super().memory_now(), steps=self.t)

    def go_on_from(self, memory: Memory) -> None:
        super().go_on_from(memory)
        self.t = memory.steps

    def _correct(self) -> None:
        self.t += 1
        c1, c2 = 1 - self.settings["beta1"] ** self.t, 1 - self.settings["beta2"] ** self.t
        self.eta[...] = self.settings["eta"] * c2**0.5 / c1
        self.epsilon[...] = self.settings["epsilon"] * c2**0.5

    def update(self, V: Array, g: Array, spare: Array) -> list[Call]:
        # 0-d arrays of the weights' own dtype, that _correct writes into
        self.eta, self.epsilon = self.eta.astype(V.dtype, copy=False), self.epsilon.astype(V.dtype, copy=False)
        m, s = self.remember(V), self.remember(V)
        beta1, beta2 = _constant(self.settings["beta1"], V.dtype), _constant(self.settings["beta2"], V.dtype)
        rest1, rest2 = _constant(1 - self.settings["beta1"], V.dtype), _constant(1 - self.settings["beta2"], V.dtype)
        return [
            partial(multiply, m, beta1, m),
            partial(multiply, g, rest1, spare),
            partial(add, m, spare, m),
            partial(multiply, s, beta2, s),
            partial(square, g, g),
            partial(multiply, g, rest2, g),
            partial(add, s, g, s),
            partial(sqrt, s, g),
            partial(add, g, self.epsilon, g),
            partial(divide, m, g, g),
            partial(multiply, g, self.eta, g),
            partial(subtract, V, g, V),
        ]


OPTIMISERS: dict[str, type[_Descent]] = {"sgd": _Descent, "momentum": _Momentum, "nesterov": _Nesterov, "adam": _Adam}


def _name_of(rule: type[_Descent]) -> str:
    return next(name for name, known in OPTIMISERS.items() if known is rule)


class _Weights:
    """All weights and biases in one array, layer after layer, and the blocks in which a step changes them.

    Attributes
    ----------
    V : (None, V[1], …, V[L])
        Views of the array: sign · [W b] of each layer.
    inside : bool
        Whether products may subtract from the weights: the place of a gradient is then V itself, and nothing is left to call.
    blocks : list of _Block
        A single one if all weights fit the cache, so that a rule's calls are made once and not for every layer.
    """

    def __init__(self, net: Network, kernels: list[Any], rule: _Descent, most: int | None) -> None:
        self._signs = [kernel.sign for kernel in kernels[1:]]
        shapes = [(W.shape[0], _whole_lines(W.shape[1] + 1, net.dtype)) for W in net.W[1:]]
        flat = _zeros((sum(height * width for height, width in shapes),), net.dtype)
        is_weight = np.zeros_like(flat)
        self.V: list[Any] = [None, *(V[:, : n + 1] for V, n in zip(_views(flat, shapes), net.sizes, strict=False))]
        for V, mask, s, W, b in zip(self.V[1:], _views(is_weight, shapes), self._signs, net.W[1:], net.b[1:], strict=True):
            V[:] = s * np.hstack([W, b])
            mask[:, : W.shape[1]] = 1

        self.blocks = []
        self.inside = net.dtype.name in GEMM and type(rule) is _Descent and not rule.settings["l1"] and not rule.settings["l2"]
        if self.inside:
            self.blocks += [_Block([(l, slice(None), V)], []) for l, V in enumerate(self.V[1:], start=1)]
            return
        cuts = _cut(shapes, most or flat.size)
        lengths = [sum((stop - start) * shapes[l - 1][1] for l, start, stop in cut) for cut in cuts]
        gradient, spare = np.zeros((2, max(lengths)), flat.dtype)
        begin = 0
        for cut, length in zip(cuts, lengths, strict=True):
            here = slice(begin, begin + length)
            v, g, free = flat[here], gradient[:length], spare[:length]
            places = _views(g, [(stop - start, shapes[l - 1][1]) for l, start, stop in cut])
            parts = [(l, slice(start, stop), place[:, : net.sizes[l - 1] + 1]) for (l, start, stop), place in zip(cut, places, strict=True)]
            self.blocks.append(_Block(parts, _regularise(v, g, free, is_weight[here], rule) + rule.update(v, g, free)))
            begin += length

    def plain(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """(None, W[1], …) and (None, b[1], …), copied."""
        plain = [s * V for s, V in zip(self._signs, self.V[1:], strict=True)]
        return (None, *(V[:, :-1].copy() for V in plain)), (None, *(V[:, -1:].copy() for V in plain))


@dataclass(frozen=True)
class _Block:
    """Weights that are updated together: where their gradient must be put, and the calls that then change them."""

    parts: list[tuple[int, slice, Array]]  # layer, its rows, the place of their gradient
    update: list[Call]


def _cut(shapes: list[tuple[int, int]], most: int) -> list[list[tuple[int, int, int]]]:
    """The rows of all layers in order, as lists of (layer, start, stop) of at most `most` entries; a row stays whole."""
    cuts: list[list[tuple[int, int, int]]] = [[]]
    room = most
    for l, (height, width) in enumerate(shapes, start=1):
        start = 0
        while start < height:
            if width > room and cuts[-1]:
                cuts.append([])
                room = most
            stop = min(height, start + max(1, room // width))
            cuts[-1].append((l, start, stop))
            room -= (stop - start) * width
            start = stop
    return cuts


def _views(flat: Array, shapes: list[tuple[int, int]]) -> list[Array]:
    """Consecutive parts of a flat array, in these shapes."""
    ends = np.cumsum([height * width for height, width in shapes])
    return [flat[end - height * width : end].reshape(height, width) for end, (height, width) in zip(ends, shapes, strict=True)]


def _regularise(v: Array, g: Array, spare: Array, is_weight: Array, rule: _Descent) -> list[Call]:
    """Calls for g ← g + scale (l1 sign(w) + l2 w) at the weights, and nothing at the biases."""
    l1, l2 = (rule.scale * rule.settings[name] * is_weight for name in ("l1", "l2"))
    calls: list[Call] = []
    if l1.any():
        calls += [partial(sign, v, spare), partial(multiply, spare, l1, spare), partial(add, g, spare, g)]
    if l2.any():
        calls += [partial(multiply, v, l2, spare), partial(add, g, spare, g)]
    return calls


def _product(left: Array, right: Array, out: Array, subtracted: float | None = None) -> list[Call]:
    """Calls for out ← left · right, or for out ← out - subtracted · left · right where there is GEMM: one, or a few, each for a part of `out`.

    BLAS first copies its operands into another order, which a narrow result does not repay. What is small it takes as it lies.
    """
    narrow, long, inner = min(out.shape), max(out.shape), left.shape[1]
    # where the sums run along memory, it takes small results alone as they lie, and short sums gain nothing
    sums_along = right.strides[0] < right.strides[1]
    most = min(SMALL_RESULT if sums_along else SMALL_PRODUCT, SMALL_PRODUCT // inner) // narrow
    parts = -(-long // max(most, 1))
    if not WIDE_REGISTERS or narrow > NARROW or parts > MOST_PARTS or (sums_along and inner < LONG_SUM):
        parts = 1
    size = -(-long // parts) if parts == 1 else min(most, _whole_lines(-(-long // parts), out.dtype))
    calls: list[Call] = []
    for here in (slice(start, start + size) for start in range(0, long, size)):
        operands = (left[here], right, out[here]) if out.shape[0] == long else (left, right[:, here], out[:, here])
        if out.dtype.name in GEMM:
            calls.append(_gemm(*operands, subtracted))
            continue
        # dot starts sooner, but copies what has gaps between its rows
        gaps = not operands[2].flags.c_contiguous or any(not (array.flags.c_contiguous or array.flags.f_contiguous) for array in operands[:2])
        calls.append(partial(matmul if gaps else dot, *operands))
    return calls


def _gemm(left: Array, right: Array, out: Array, subtracted: float | None) -> Call:
    """out ← left · right, or out ← out - subtracted · left · right, by OpenBLAS; `out` in rows, the others in rows or in columns."""
    gemm, number = GEMM[out.dtype.name]
    # from_param converts once, and not in every call
    size, as_number, at = ctypes.c_int64.from_param, number.from_param, ctypes.c_void_p.from_param

    def lies(array: Array) -> tuple[Any, Any, Any]:
        """How it lies, where, and how far it is from row to row, or from column to column."""
        across = int(array.strides[1] != array.itemsize)  # the axis along which it lies in pieces, of the other's length
        step = max(array.strides[across] // array.itemsize, array.shape[1 - across])
        return ctypes.c_int.from_param((AS_IT_LIES, TRANSPOSED)[across]), at(array.ctypes.data), size(step)

    (left_way, *left_place), (right_way, *right_place), (_, *out_place) = map(lies, (left, right, out))
    factor, kept = (1, 0) if subtracted is None else (-subtracted, 1)
    call = partial(gemm, ctypes.c_int.from_param(ROW_MAJOR), left_way, right_way, *map(size, (*out.shape, left.shape[1])))
    call = partial(call, as_number(factor), *left_place, *right_place, as_number(kept), *out_place)
    call.__dict__["arrays"] = left, right, out  # alive as long as the call, which knows their addresses alone
    return call


def _whole_lines(width: int, dtype: Any) -> int:
    """How many numbers a row of so many must have room for, to end where a line does."""
    each = LINE // np.dtype(dtype).itemsize
    return -(-width // each) * each


def _zeros(shape: tuple[int, ...], dtype: Any) -> Array:
    """Zeros that begin where a line does."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    room = np.zeros(size + LINE, np.uint8)
    begin = -room.ctypes.data % LINE
    return room[begin : begin + size].view(dtype).reshape(shape)


def _constant(value: Any, dtype: Any) -> Array:
    return np.array(value, dtype)
