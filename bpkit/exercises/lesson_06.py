"""The exercises of lesson 06, from error to gradient (BP3, BP4, the whole algorithm), with the mistakes that they tell apart."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.run import Probe

Array = np.ndarray
Layers = list[Any]  # of arrays, None at the places of layers that have none


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


# ---- 06.1, 06.2 gradients of the weights ----------------------------------------------------------------------------------


def _cases_layer(shapes: tuple[tuple[int, int, int], ...]) -> Callable[[np.random.Generator], list[Case]]:
    def cases(rng: np.random.Generator) -> list[Case]:
        return [
            Case(f"{n} neurons, {n_prev} before them, m = {m}", (rng.normal(size=(n, m)), rng.normal(size=(n_prev, m)))) for n, n_prev, m in shapes
        ]

    return cases


def _weight_gradient_oracle(delta: Array, a_prev: Array) -> Array:
    # Σ δ ∘ z / m moves with the weights as the mean cost does, when δ is the slope of each example's cost at z
    start = np.zeros((delta.shape[0], a_prev.shape[0]))
    return oracles.gradient(lambda W: np.sum(delta * (W @ a_prev)) / delta.shape[1], start)


WEIGHT_GRADIENT_ONE = Exercise(
    id="06.1",
    name="weight_gradient_one",
    title="Gradient of the weights, one example",
    points=1,
    minutes=6,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_layer(((3, 3, 1), (2, 4, 1), (4, 1, 1))),
    reference=lambda delta, a_prev: delta @ a_prev.T,
    oracle=_weight_gradient_oracle,
    hints=(
        "The weight to neuron j from neuron k touches two numbers: what goes in at k, and the error that comes back at j.",
        "Every error meets every input: a table with a row for each neuron j and a column for each neuron k.",
        "An outer product: a column times a row. Which of the two vectors has to lie down?",
    ),
    mistakes=(
        Mistake(
            "transposed",
            lambda delta, a_prev: a_prev @ delta.T,
            "Your table has a row for each neuron of the layer before. The gradient has W's shape: a row for each neuron that the weights lead to.",
        ),
        Mistake(
            "elementwise",
            lambda delta, a_prev: delta * a_prev,
            "You multiply entry by entry, so neuron j meets only the input with its own number. A printed text has this slip in an index. "
            "Each weight has two indices: how many numbers should come out?",
        ),
        Mistake(
            "inner product",
            lambda delta, a_prev: delta.T @ a_prev,
            "A single number came out: everything was summed. Each weight has its own derivative, and nothing is summed for one example.",
        ),
        Mistake(
            "delta for a_prev",
            lambda delta, a_prev: delta @ delta.T,
            "You multiply the error with itself. The second factor is what came in along the weight.",
        ),
        Mistake(
            "a_prev left out",
            lambda delta, a_prev: delta + 0 * a_prev.T,
            "Each row repeats the error. A weight with input 0 cannot matter: where does the input come in?",
        ),
        Mistake(
            "two columns multiplied",
            lambda delta, a_prev: delta @ a_prev,
            "A column times a column is no matrix product: the inner sizes do not meet. One of the two vectors has to lie down.",
        ),
        Mistake(
            "added",
            lambda delta, a_prev: delta + a_prev.T,
            "You add error and input. Slopes along a way through the net are multiplied.",
        ),
        Mistake(
            "sign",
            lambda delta, a_prev: -delta @ a_prev.T,
            "Every sign is turned. The minus of gradient descent belongs to the update, not to the gradient.",
        ),
    ),
)

WEIGHT_GRADIENT = Exercise(
    id="06.2",
    name="weight_gradient",
    title="BP4 for a batch",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_layer(((3, 3, 5), (2, 4, 3), (4, 3, 1))),
    reference=lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    oracle=_weight_gradient_oracle,
    hints=(
        "Each example gives one outer product, as in 06.1. The cost is the mean over the examples: what follows for its gradient?",
        "A matrix product sums over the index that both factors share. Which index do you want to sum over here?",
        "Errors times transposed activations sums the outer products over the examples. One division is left.",
    ),
    mistakes=(
        Mistake(
            "no 1/m",
            lambda delta, a_prev: delta @ a_prev.T,
            "You sum over the examples; the cost is their mean. Twice the same examples would give twice the gradient.",
        ),
        Mistake(
            "1/m twice",
            lambda delta, a_prev: delta @ a_prev.T / delta.shape[1] ** 2,
            "You divide by the number of examples twice. δ belongs to one example and carries no 1/m: one division is enough.",
        ),
        Mistake(
            "transposed",
            lambda delta, a_prev: a_prev @ delta.T / delta.shape[1],
            "Rows and columns are swapped. The gradient has the shape of W: a row for each neuron that the weights lead to.",
        ),
        Mistake(
            "first example only",
            lambda delta, a_prev: delta[:, :1] @ a_prev[:, :1].T,
            "Only the first example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "= for +=",
            lambda delta, a_prev: np.outer(delta[:, -1], a_prev[:, -1]) / delta.shape[1],
            "Only the last example counts, divided by m. In a loop each example has to be added to what is there: `+=`.",
        ),
        Mistake(
            "last example only",
            lambda delta, a_prev: np.outer(delta[:, -1], a_prev[:, -1]),
            "Only the last example counts. Does each turn of your loop overwrite the one before?",
        ),
        Mistake(
            "one per example",
            lambda delta, a_prev: np.einsum("jx,kx->xjk", delta, a_prev),
            "You keep one gradient for each example. All examples share the weights: take the mean over them.",
        ),
        Mistake(
            "summed over the neurons",
            lambda delta, a_prev: delta.T @ a_prev / delta.shape[1],
            "Your product has a row and a column for each example: it summed over the neurons. Which index do both factors share that should vanish?",
        ),
        Mistake(
            "elementwise",
            lambda delta, a_prev: delta * a_prev / delta.shape[1],
            "You multiply entry by entry, so neuron j meets only the input with its own number. Each weight has two indices, j and k.",
        ),
        Mistake(
            "product of means",
            lambda delta, a_prev: delta.mean(axis=1, keepdims=True) @ a_prev.mean(axis=1, keepdims=True).T,
            "You average errors and activations first and multiply then. The mean of products is not the product of means.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta, a_prev: delta @ a_prev.T / delta.shape[0],
            "You divide by a number of neurons: they are rows. Examples are columns.",
        ),
        Mistake(
            "sign",
            lambda delta, a_prev: -delta @ a_prev.T / delta.shape[1],
            "Every sign is turned: the minus belongs to the update, not to the gradient.",
        ),
    ),
)


# ---- 06.3, 06.4 gradients of the biases -----------------------------------------------------------------------------------


def _cases_delta(rng: np.random.Generator) -> list[Case]:
    return [Case(f"{n} neurons, m = {m}", (rng.normal(size=(n, m)),)) for n, m in ((3, 3), (2, 5), (4, 1))]


def _bias_gradient_oracle(delta: Array) -> Array:
    return oracles.gradient(lambda b: np.sum(delta * (b + np.zeros_like(delta))) / delta.shape[1], np.zeros((len(delta), 1)))


BIAS_GRADIENT = Exercise(
    id="06.3",
    name="bias_gradient",
    title="BP3 for a batch",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_delta,
    reference=lambda delta: delta.mean(axis=1, keepdims=True),
    oracle=_bias_gradient_oracle,
    hints=(
        "A bias is added to its neuron's z with slope 1. For one example its derivative is the error itself.",
        "For a batch, take the mean over the examples, which are the columns. What shape has b?",
        "`np.mean` along the right axis; `keepdims=True` keeps the column standing.",
    ),
    mistakes=(
        Mistake(
            "sum over the examples",
            lambda delta: delta.sum(axis=1, keepdims=True),
            "You sum over the examples; the cost is their mean.",
        ),
        Mistake(
            "shape (n,)",
            lambda delta: delta.mean(axis=1),
            "Your numbers lie in a flat array, shape (n,). Biases are columns, (n, 1): a flat array spreads over the rows when it meets a column.",
        ),
        Mistake(
            "summed over the neurons",
            lambda delta: delta.sum(axis=0, keepdims=True) / delta.shape[1],
            "You add up the neurons and keep the examples. Each neuron has a bias of its own, which all examples share.",
        ),
        Mistake(
            "mean over the neurons",
            lambda delta: delta.mean(axis=0, keepdims=True),
            "Your mean runs over the neurons. Examples are columns: it has to run along the rows.",
        ),
        Mistake(
            "mean over the neurons, flat",
            lambda delta: delta.mean(axis=0),
            "Your mean runs down, over the neurons, and a flat array came out. Examples are columns, and a column of biases is asked.",
        ),
        Mistake(
            "sum over the neurons, flat",
            lambda delta: delta.sum(axis=0),
            "Your sum runs down, over the neurons, and a flat array came out. Asked is the mean over the examples, standing as a column.",
        ),
        Mistake("one number", lambda delta: delta.mean(), "A single number came out. Each neuron has a bias of its own."),
        Mistake(
            "1/m twice",
            lambda delta: delta.mean(axis=1, keepdims=True) / delta.shape[1],
            "You divide by the number of examples twice; δ carries no 1/m.",
        ),
        Mistake(
            "sum, flat",
            lambda delta: delta.sum(axis=1),
            "Two things: you sum over the examples where the cost is their mean, and a flat array came out where a column is asked.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta: delta.sum(axis=1, keepdims=True) / len(delta),
            "The sum runs over the examples, as it should. But `len(delta)` counts rows, which are neurons.",
        ),
        Mistake(
            "first example only",
            lambda delta: delta[:, :1],
            "Only the first example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "last example only",
            lambda delta: delta[:, -1:],
            "Only the last example counts. Each column is an example, and the cost is the mean over all of them.",
        ),
        Mistake(
            "no mean at all",
            lambda delta: delta + 0.0,
            "That is one derivative for each example. The bias is shared by all examples: take their mean.",
        ),
        Mistake("sign", lambda delta: -delta.mean(axis=1, keepdims=True), "Every sign is turned: the minus belongs to the update."),
    ),
)


SCALAR_BIAS_GRADIENT = Exercise(
    id="06.4",
    name="scalar_bias_gradient",
    title="One bias for a whole layer",
    points=1,
    minutes=5,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_delta,
    reference=lambda delta: delta.sum() / delta.shape[1],
    oracle=lambda delta: oracles.gradient(lambda b: np.sum(delta * (b + np.zeros_like(delta))) / delta.shape[1], np.zeros(())),
    hints=(
        "The one bias is added to every neuron's z. Along how many ways does it reach the cost?",
        "Ways add up. Over the neurons you sum; over the examples you take the mean, because the cost does.",
        "Sum everything, then divide by the number of columns.",
    ),
    mistakes=(
        Mistake(
            "one per neuron",
            lambda delta: delta.mean(axis=1, keepdims=True),
            "You return a number for each neuron. This layer has one bias in all, so there is one derivative.",
        ),
        Mistake(
            "mean over the neurons",
            lambda delta: delta.mean(),
            "You take the mean over the neurons as well. The bias reaches the cost through each of them, and ways add up.",
        ),
        Mistake("sum over the examples", lambda delta: delta.sum(), "You sum over the examples; the cost is their mean."),
        Mistake(
            "one per example",
            lambda delta: delta.sum(axis=0),
            "You return a number for each example. The bias is shared by all of them.",
        ),
        Mistake(
            "divided by the number of neurons",
            lambda delta: delta.sum() / len(delta),
            "You divide by the number of rows, which are neurons. The mean runs over the examples, which are columns.",
        ),
        Mistake(
            "first example only",
            lambda delta: delta[:, 0].sum(),
            "Only the first example counts; the cost is the mean over all of them.",
        ),
        Mistake("sign", lambda delta: -delta.sum() / delta.shape[1], "The sign is turned: the minus belongs to the update."),
    ),
)


# ---- 06.5 the whole algorithm -------------------------------------------------------------------------------------------------


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((4, 3, 3, 3, 2), 5), ((3, 3, 3), 3), ((2, 3, 2), 1)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        args = (W, b, rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m)))
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", args))
    return cases


def _forward(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    z: Layers = [None]
    a: Layers = [x]
    for weights, bias in zip(W[1:], b[1:], strict=True):
        z.append(weights @ a[-1] + bias)
        a.append(sigmoid(z[-1]))
    return z, a


def _backprop(
    W: Layers,
    b: Layers,
    x: Array,
    y: Array,
    *,
    first: Callable[..., Array] = lambda a, y, z: (a - y) * _prime(z),
    step: Callable[..., Array] = lambda W_next, delta, z, a: (W_next.T @ delta) * _prime(z),
    weights: Callable[..., Array] = lambda delta, a_prev: delta @ a_prev.T / delta.shape[1],
    biases: Callable[..., Array] = lambda delta: delta.mean(axis=1, keepdims=True),
) -> list[Layers]:
    """The whole algorithm; a mistake replaces one of its four equations."""
    z, a = _forward(W, b, x)
    delta = first(a[-1], y, z[-1])
    dW: Layers = [None] * len(W)
    db: Layers = [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = step(W[l + 1], delta, z[l], a[l])
        dW[l], db[l] = weights(delta, a[l - 1]), biases(delta)
    return [dW, db]


def _backprop_oracle(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    def slope(parameters: Layers, l: int) -> Array:
        kept = parameters[l]

        def cost(moved: Array) -> Any:
            parameters[l] = moved
            return np.sum((_forward(W, b, x)[1][-1] - y) ** 2) / 2 / x.shape[1]

        try:
            return oracles.gradient(cost, kept)
        finally:
            parameters[l] = kept

    layers = range(1, len(W))
    return [[None, *(slope(W, l) for l in layers)], [None, *(slope(b, l) for l in layers)]]


def _with(**equations: Callable[..., Array]) -> Callable[..., list[Layers]]:
    return lambda W, b, x, y: _backprop(W, b, x, y, **equations)


def _updates_on_the_way(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """Each layer's weights are changed before the error goes back through them."""
    z, a = _forward(W, b, x)
    W = list(W)
    delta = (a[-1] - y) * _prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
        W[l] = W[l] - dW[l]
        if l > 1:
            delta = (W[l].T @ delta) * _prime(z[l - 1])
    return [dW, db]


def _one_over_m_at_each_step(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    m = x.shape[1]
    return _backprop(W, b, x, y, step=lambda W_next, delta, z, a: (W_next.T @ delta) * _prime(z) / m)


def _wrong_layer(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """The error goes back through the weights that lead into the layer."""
    z, a = _forward(W, b, x)
    delta = (a[-1] - y) * _prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l].T @ delta) * _prime(z[l])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _own_activation(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    z, a = _forward(W, b, x)
    dW, db = _backprop(W, b, x, y)
    delta = (a[-1] - y) * _prime(z[-1])
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * _prime(z[l])
        dW[l] = delta @ a[l].T / x.shape[1]
    return [dW, db]


def _linear_output(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """The last layer's activation is left out in the forward pass."""
    z, a = _forward(W, b, x)
    a[-1] = z[-1]
    delta = (a[-1] - y) * _prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * _prime(z[l])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _next_slope(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """Each step back multiplies by the slope of the layer that it leaves."""
    z, a = _forward(W, b, x)
    delta = (a[-1] - y) * _prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * _prime(z[l + 1])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _layers_reversed(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    dW, db = _backprop(W, b, x, y)
    return [[None, *dW[:0:-1]], [None, *db[:0:-1]]]


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    return [[None, *(0 * g for g in gradients[1:-1]), gradients[-1]] for gradients in _backprop(W, b, x, y)]


def _stepped(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    gradients = _backprop(W, b, x, y)
    return [[None, *(v - g for v, g in zip(old[1:], new[1:], strict=True))] for old, new in zip((W, b), gradients, strict=True)]


def _explain_backprop(got: Any, W: Layers, b: Layers, x: Array, y: Array) -> str | None:
    """Where on the way back the first wrong layer is, if dW and db of a layer are right together and wrong together."""
    right: list[bool] = []
    try:
        for l in range(1, len(W)):
            parts = [(np.asarray(mine[l], dtype=float), wanted[l]) for mine, wanted in zip(got, _backprop(W, b, x, y), strict=True)]
            if any(mine.shape != wanted.shape or not np.isfinite(mine).all() for mine, wanted in parts):
                return None
            both = {np.allclose(mine, wanted, rtol=1e-5, atol=1e-5 * np.abs(wanted).max()) for mine, wanted in parts}
            if len(both) > 1:
                return None
            right.append(both.pop())
    except (TypeError, ValueError, IndexError):
        return None
    L = len(right)
    if not right[-1]:
        return f"dW[{L}] and db[{L}] of the last layer are wrong already. Look at the forward pass and at BP1."
    l = max(l for l in range(1, L + 1) if not right[l - 1])
    return f"dW[{l + 1}] and db[{l + 1}] are right, dW[{l}] and db[{l}] are not: look at the step from δ of layer {l + 1} to δ of layer {l}."


BACKPROP = Exercise(
    id="06.5",
    name="backprop",
    title="The whole algorithm",
    points=5,
    minutes=20,
    difficulty=3,
    allows=("sigmoid",),
    part=("dW[{}]", "db[{}]"),
    cases=_cases_net,
    reference=_backprop,
    oracle=_backprop_oracle,
    explain=_explain_backprop,
    seconds=10.0,
    hints=(
        "Five steps: forward, keeping every z and a; BP1; BP2 downwards; BP3 and BP4 at each layer. You have written each of them.",
        "Two lists grow from the front (z, a), three fill from the back (δ, dW, db). Index = layer. Layer 0 has no z: δ stops at layer 1.",
        "Layer l's gradient of the weights needs δ of layer l and the activations of layer l - 1; its error needs W of layer l + 1, δ of layer l + 1 "
        "and z of layer l. If one layer is right and the one before it is not, the step between them is wrong.",
    ),
    mistakes=(
        Mistake(
            "σ' dropped in BP1",
            _with(first=lambda a, y, z: a - y),
            "In the last layer the slope is missing, so every gradient before it is off as well. δ is taken at z.",
        ),
        Mistake(
            "σ' dropped in BP2",
            _with(step=lambda W_next, delta, z, a: W_next.T @ delta),
            "The last layer is right. On the way back the slope of each layer is missing.",
        ),
        Mistake(
            "a for σ' in BP2",
            _with(step=lambda W_next, delta, z, a: (W_next.T @ delta) * a),
            "The last layer is right. On the way back you multiply by the activation, where its derivative belongs.",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            _with(first=lambda a, y, z: (a - y) * _prime(a), step=lambda W_next, delta, z, a: (W_next.T @ delta) * _prime(a)),
            "You take the slopes at the activations. They belong to the weighted inputs.",
        ),
        Mistake(
            "σ'(a) in BP1",
            _with(first=lambda a, y, z: (a - y) * _prime(a)),
            "In the last layer you take the slope at the activation. It belongs to the weighted input.",
        ),
        Mistake(
            "σ'(a) in BP2",
            _with(step=lambda W_next, delta, z, a: (W_next.T @ delta) * _prime(a)),
            "The last layer is right. On the way back you take the slopes at the activations. They belong to the weighted inputs.",
        ),
        Mistake("y - a", _with(first=lambda a, y, z: (y - a) * _prime(z)), "Every gradient has the opposite sign, from the last layer on."),
        Mistake(
            "factor 2", _with(first=lambda a, y, z: 2 * (a - y) * _prime(z)), "Every gradient is twice too large: the ½ of the cost cancels the 2."
        ),
        Mistake(
            "transpose forgotten",
            _with(step=lambda W_next, delta, z, a: (W_next @ delta) * _prime(z)),
            "The last layer is right. On the way back you multiply by W as it stands; going back sums over where a weight leads to.",
        ),
        Mistake(
            "W of the wrong layer",
            _wrong_layer,
            "The last layer is right. On the way back to layer l you use W of layer l, the weights that lead into it.",
        ),
        Mistake(
            "no 1/m",
            _with(weights=lambda delta, a_prev: delta @ a_prev.T, biases=lambda delta: delta.sum(axis=1, keepdims=True)),
            "Every gradient is the sum over the examples; the cost is their mean.",
        ),
        Mistake(
            "no 1/m in the weights",
            _with(weights=lambda delta, a_prev: delta @ a_prev.T),
            "The gradients of the biases are right. Those of the weights are sums over the examples, where the mean is asked.",
        ),
        Mistake(
            "no 1/m in the biases",
            _with(biases=lambda delta: delta.sum(axis=1, keepdims=True)),
            "The gradients of the weights are right. Those of the biases are sums over the examples, where the mean is asked.",
        ),
        Mistake(
            "1/m twice",
            _with(first=lambda a, y, z: (a - y) * _prime(z) / a.shape[1]),
            "Every gradient is too small by the number of examples: the 1/m stands in δ and in the gradients. Once is enough.",
        ),
        Mistake(
            "1/m at each layer",
            _one_over_m_at_each_step,
            "The last layer is right, the one before it is too small by the number of examples, the next by its square. The 1/m "
            "must not stand in the recursion.",
        ),
        Mistake(
            "gradient of W transposed",
            _with(weights=lambda delta, a_prev: a_prev @ delta.T / delta.shape[1]),
            "The gradients of the biases are right, those of the weights stand the wrong way round. They have the shape of W.",
        ),
        Mistake(
            "own activation for the one before",
            _own_activation,
            "The errors are right. The gradient of a layer's weights needs what came in along them: the activations before.",
        ),
        Mistake(
            "biases summed over the neurons",
            _with(biases=lambda delta: delta.sum(axis=0, keepdims=True) / delta.shape[1]),
            "The gradients of the weights are right. Those of the biases are added up over the neurons; each neuron has its own.",
        ),
        Mistake(
            "one bias for a whole layer",
            _with(biases=lambda delta: delta.sum() / delta.shape[1]),
            "The gradients of the weights are right. Each bias gradient is a single number; here each neuron has a bias of its own (that was 06.3).",
        ),
        Mistake(
            "biases: one per example",
            _with(biases=lambda delta: delta),
            "The gradients of the weights are right. Those of the biases still have a column for each example: take the mean over the columns.",
        ),
        Mistake(
            "product of means",
            _with(weights=lambda delta, a_prev: delta.mean(axis=1, keepdims=True) @ a_prev.mean(axis=1, keepdims=True).T),
            "The gradients of the biases are right. For the weights you average first and multiply then; the mean of products is another number.",
        ),
        Mistake(
            "slope of the next layer",
            _next_slope,
            "The last layer is right. On the way back to layer l the slope has to be taken at z of layer l, the layer where you arrive.",
        ),
        Mistake(
            "last layer linear",
            _linear_output,
            "Already the last layer is wrong. In the forward pass the last layer has an activation function like every other.",
        ),
        Mistake("order swapped", lambda W, b, x, y: _backprop(W, b, x, y)[::-1], "The lists stand in the other order: weights first, then biases."),
        Mistake(
            "layers in reverse order",
            _layers_reversed,
            "Your lists start with the last layer, the one that was found first. List index = layer: put each gradient at its own place.",
        ),
        Mistake(
            "only the last layer",
            _last_layer_only,
            "The last layer is right, all gradients before it are 0. Let δ go on to the layers before, and fill in theirs.",
        ),
        Mistake(
            "parameters after a step",
            _stepped,
            "You return weights and biases after a step. Asked are the gradients; what is done with them comes in lesson 07.",
        ),
        Mistake(
            "updated before propagated",
            _updates_on_the_way,
            "The last layer is right. Before you go back through a layer's weights you have changed them: the error has to go back "
            "through the old ones. First all gradients, then the update.",
        ),
    ),
)


# ---- 06.6 rows ------------------------------------------------------------------------------------------------------------------


def _cases_rows(rng: np.random.Generator) -> list[Case]:
    return [
        Case(
            f"m = {m} rows, {n_prev} neurons before, {n} here",
            (rng.normal(size=(m, n)), sigmoid(rng.normal(size=(m, n_prev))), rng.normal(size=(n_prev, n))),
        )
        for m, n_prev, n in ((3, 3, 3), (5, 4, 2), (1, 3, 4))
    ]


def _row_backward(delta: Array, y_prev: Array, w: Array) -> list[Array]:
    return [y_prev.T @ delta / len(delta), delta.mean(axis=0, keepdims=True), (delta @ w.T) * y_prev * (1 - y_prev)]


def _row_backward_oracle(delta: Array, y_prev: Array, w: Array) -> list[Array]:
    m, before = len(delta), np.log(y_prev / (1 - y_prev))
    b = np.zeros((1, w.shape[1]))
    return [
        oracles.gradient(lambda moved: np.sum(delta * (y_prev @ moved)) / m, w),
        oracles.gradient(lambda moved: np.sum(delta * (y_prev @ w + moved)) / m, b),
        oracles.gradient(lambda moved: np.sum(delta * (sigmoid(moved) @ w)), before),
    ]


def _rows_with(**wrong: Callable[[Array, Array, Array], Any]) -> Callable[[Array, Array, Array], list[Any]]:
    """One step back with one of its three results replaced."""

    def answer(delta: Array, y_prev: Array, w: Array) -> list[Any]:
        right = zip(("dw", "db", "delta_prev"), _row_backward(delta, y_prev, w), strict=True)
        return [wrong[name](delta, y_prev, w) if name in wrong else value for name, value in right]

    return answer


ROW_BACKWARD = Exercise(
    id="06.6",
    name="row_backward",
    title="One step back in row convention",
    points=3,
    minutes=12,
    difficulty=3,
    part=("dw", "db", "delta_prev"),
    allows=("sigmoid",),
    cases=_cases_rows,
    reference=_row_backward,
    oracle=_row_backward_oracle,
    hints=(
        "Every formula is the transpose of yours: transpose both sides, and turn each product around.",
        "Go by shapes. The gradient of w has w's shape (n_prev, n); the bias is a row (1, n); the error before has a row for each example.",
        "The slope of the layer before comes from y_prev, which is its sigmoid output: no z is needed. The mean over the rows runs down.",
    ),
    mistakes=(
        Mistake(
            "column formulas",
            lambda delta, y_prev, w: [delta @ y_prev.T / delta.shape[1], delta.mean(axis=1, keepdims=True), (w.T @ delta) * y_prev * (1 - y_prev)],
            "You used the formulas for columns as they are. With examples as rows every product turns around.",
        ),
        Mistake(
            "y_prev not transposed",
            lambda delta, y_prev, w: [y_prev @ delta / len(delta), delta.mean(axis=0, keepdims=True), (delta @ w.T) * y_prev * (1 - y_prev)],
            "In the gradient of w the sum has to run over the examples, which are the rows of both factors. Which factor must be turned?",
        ),
        Mistake(
            "gradient of w transposed",
            lambda delta, y_prev, w: [delta.T @ y_prev / len(delta), *_row_backward(delta, y_prev, w)[1:]],
            "The gradient of w has w's shape: a row for each neuron before, a column for each neuron here.",
        ),
        Mistake(
            "w not transposed",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], (delta @ w) * y_prev * (1 - y_prev)],
            "The gradients are right. Going back, w has to be transposed here too: compare the shapes with layers of different size.",
        ),
        Mistake(
            "no 1/m",
            lambda delta, y_prev, w: [y_prev.T @ delta, delta.sum(axis=0, keepdims=True), _row_backward(delta, y_prev, w)[2]],
            "The gradients are sums over the examples; the cost is their mean.",
        ),
        Mistake(
            "divided by the number of columns",
            lambda delta, y_prev, w: [
                y_prev.T @ delta / delta.shape[1],
                delta.sum(axis=0, keepdims=True) / delta.shape[1],
                _row_backward(delta, y_prev, w)[2],
            ],
            "You divide by the number of columns, which are neurons here. Examples are rows.",
        ),
        Mistake(
            "slope left out",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], delta @ w.T],
            "The gradients are right. The error before lacks the slope of the activation that it passes.",
        ),
        Mistake(
            "σ' of y_prev",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], (delta @ w.T) * _prime(y_prev)],
            "The gradients are right. You take the slope at y_prev, an activation already. A sigmoid's slope can be written with its output.",
        ),
        Mistake(
            "1/m in the error",
            lambda delta, y_prev, w: [*_row_backward(delta, y_prev, w)[:2], _row_backward(delta, y_prev, w)[2] / len(delta)],
            "The gradients are right. The error belongs to one example each: no 1/m goes back.",
        ),
        Mistake(
            "no 1/m in dw",
            _rows_with(dw=lambda delta, y_prev, w: y_prev.T @ delta),
            "db and delta_prev are right. dw is the sum over the rows; the cost is the mean over the examples.",
        ),
        Mistake(
            "no 1/m in db",
            _rows_with(db=lambda delta, y_prev, w: delta.sum(axis=0, keepdims=True)),
            "dw and delta_prev are right. db is the sum over the rows; the cost is the mean over the examples.",
        ),
        Mistake(
            "db flat",
            _rows_with(db=lambda delta, y_prev, w: delta.mean(axis=0)),
            "dw and delta_prev are right, and db's numbers are. But they lie in a flat array, (n,); a bias is a row here, (1, n).",
        ),
        Mistake(
            "db over the neurons",
            _rows_with(db=lambda delta, y_prev, w: delta.mean(axis=1, keepdims=True)),
            "dw and delta_prev are right. Your mean for db runs along the rows, over the neurons. Examples are rows: it has to run down.",
        ),
        Mistake(
            "one bias for the layer",
            _rows_with(db=lambda delta, y_prev, w: delta.sum() / len(delta)),
            "dw and delta_prev are right. db is a single number, as for one bias in the whole layer (06.4). Here each neuron has its own.",
        ),
        Mistake(
            "db not averaged",
            _rows_with(db=lambda delta, y_prev, w: delta),
            "dw and delta_prev are right. db still has a row for each example, as in text R, which forgot the batch: take the mean over the rows.",
        ),
        Mistake(
            "y for its slope",
            _rows_with(delta_prev=lambda delta, y_prev, w: (delta @ w.T) * y_prev),
            "The gradients are right. Going back you multiply by the output y_prev, where the slope belongs.",
        ),
        Mistake(
            "through the new w",
            _rows_with(delta_prev=lambda delta, y_prev, w: (delta @ (w - y_prev.T @ delta / len(delta)).T) * y_prev * (1 - y_prev)),
            "The gradients are right. The error went back through weights that were changed already, as in text R. First go back, then update.",
        ),
        Mistake(
            "bias first",
            lambda delta, y_prev, w: [_row_backward(delta, y_prev, w)[k] for k in (1, 0, 2)],
            "The arrays stand in another order. Asked are dw, db, delta_prev.",
        ),
        Mistake(
            "error first",
            lambda delta, y_prev, w: [_row_backward(delta, y_prev, w)[k] for k in (2, 0, 1)],
            "The arrays stand in another order. Asked are dw, db, delta_prev, in the order in which they are found.",
        ),
        Mistake(
            "sign",
            lambda delta, y_prev, w: [-part for part in _row_backward(delta, y_prev, w)],
            "Every sign is turned: the minus belongs to the update.",
        ),
    ),
)


# ---- 06.7 the duplication test ------------------------------------------------------------------------------------------------------


def _cases_duplication(rng: np.random.Generator) -> list[Case]:
    cases: list[Case] = []
    # divided by m once, as it should be; not at all; twice; once
    for power, (n, n_out, m) in ((1, (3, 3, 4)), (0, (4, 2, 3)), (2, (3, 2, 5)), (1, (2, 3, 1))):
        args = (Probe("linear gradient", (n, n_out, power)), rng.normal(size=(n, m)), rng.normal(size=(n_out, m)))
        cases.append(Case(f"gradient function {len(cases) + 1}, m = {m}", args))
    return cases


def _ratio_of(duplicate: Callable[[Array], Array]) -> Callable[..., float]:
    return lambda gradient, x, y: float(np.linalg.norm(gradient(duplicate(x), duplicate(y))) / np.linalg.norm(gradient(x, y)))


def _twice(v: Array) -> Array:
    return np.concatenate([v, v], axis=1)


DUPLICATED_RATIO = Exercise(
    id="06.7",
    name="duplicated_ratio",
    title="Give every example twice",
    points=1,
    minutes=6,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_duplication,
    reference=_ratio_of(_twice),
    oracle=_ratio_of(lambda v: np.repeat(v, 2, axis=1)),
    hints=(
        "The mean over examples does not change when every example is there twice. The function that you are given may or may not respect that.",
        "Make a batch in which every column stands twice, inputs and targets alike, and call the function on it.",
        "Put the norm of the second gradient over the norm of the first. `np.concatenate([x, x], axis=1)` doubles the columns.",
    ),
    mistakes=(
        Mistake(
            "inverted",
            lambda gradient, x, y: 1 / _ratio_of(_twice)(gradient, x, y),
            "You divide the other way round. Asked is the gradient of the doubled batch over the gradient of the batch.",
        ),
        Mistake(
            "2: sum for mean",
            lambda gradient, x, y: 2.0,
            "You say 2 whatever the function. That holds for a gradient that sums over the examples. Measure it: call the function.",
        ),
        Mistake(
            "1: nothing measured",
            lambda gradient, x, y: 1.0,
            "You say 1 whatever the function. That is what a right gradient gives; this test is there to find the others.",
        ),
        Mistake(
            "doubled numbers",
            lambda gradient, x, y: float(np.linalg.norm(gradient(2 * x, 2 * y)) / np.linalg.norm(gradient(x, y))),
            "You doubled the numbers. Asked is a batch in which every example stands twice.",
        ),
        Mistake(
            "difference",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y))) - np.linalg.norm(gradient(x, y))),
            "You subtract the norms. A ratio tells the same for small gradients and large ones.",
        ),
        Mistake(
            "targets not doubled",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), y)) / np.linalg.norm(gradient(x, y))),
            "You doubled the inputs and not the targets: now the examples outnumber their answers. Both have a column for each example.",
        ),
        Mistake(
            "rows doubled",
            lambda gradient, x, y: _ratio_of(lambda v: np.concatenate([v, v]))(gradient, x, y),
            "A ValueError every time: the arrays do not fit the net. Examples are columns: the batch gets twice as many, and keeps its rows.",
        ),
        Mistake(
            "squared",
            lambda gradient, x, y: _ratio_of(_twice)(gradient, x, y) ** 2,
            "You compare sums of squares. The norm is the root of that sum.",
        ),
        Mistake(
            "equal or not",
            lambda gradient, x, y: float(np.isclose(_ratio_of(_twice)(gradient, x, y), 1)),
            "You answer yes or no. The ratio says more: it tells a sum from a mean that was divided twice.",
        ),
        Mistake(
            "relative difference",
            lambda gradient, x, y: float(np.linalg.norm(gradient(_twice(x), _twice(y)) - gradient(x, y)) / np.linalg.norm(gradient(x, y))),
            "You return how far apart the two gradients are. Asked is the norm of one over the norm of the other.",
        ),
        Mistake(
            "number of examples",
            lambda gradient, x, y: float(x.shape[1]),
            "That is the number of examples. Call the function on the batch and on the doubled batch, and compare what comes back.",
        ),
    ),
)


# ---- 06.8 the price ------------------------------------------------------------------------------------------------------------------


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    drawn = [int(n) for n in rng.integers(3, 20, size=4)]
    return [
        Case("sizes [784, 30, 10], m = 10", ([784, 30, 10], 10)),
        Case(f"sizes {drawn}, m = 7", (drawn, 7)),
        Case("sizes [5, 4], m = 1", ([5, 4], 1)),
    ]


def _forward_products(sizes: list[int], m: int) -> int:
    return m * sum(n * n_prev for n_prev, n in pairwise(sizes))


def _flops(sizes: list[int], m: int) -> list[int]:
    forward = _forward_products(sizes, m)
    return [forward, 2 * forward - m * sizes[0] * sizes[1]]


def _flops_oracle(sizes: list[int], m: int) -> list[int]:
    """Count the multiplications of every matrix product, product by product."""

    def product(rows: int, inner: int, columns: int) -> int:
        return rows * inner * columns

    forward = sum(product(sizes[l], sizes[l - 1], m) for l in range(1, len(sizes)))
    gradients = sum(product(sizes[l], m, sizes[l - 1]) for l in range(1, len(sizes)))
    errors = sum(product(sizes[l], sizes[l + 1], m) for l in range(1, len(sizes) - 1))
    return [forward, gradients + errors]


FLOPS = Exercise(
    id="06.8",
    name="flops",
    title="What forward and backward cost",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    part=("forward", "backward"),
    cases=_cases_sizes,
    reference=_flops,
    oracle=_flops_oracle,
    hints=(
        "A product of an (n, k) and a (k, m) matrix takes n·k·m multiplications. List the matrix products of the forward pass.",
        "The backward pass has two kinds of matrix products: one for the gradient of each W, one for carrying the error back to each hidden layer.",
        "BP4 has as many multiplications as the forward pass, in every layer. BP2 runs through every W but one. Which one is left out?",
    ),
    mistakes=(
        Mistake(
            "backward = forward",
            lambda sizes, m: [_forward_products(sizes, m)] * 2,
            "You say that backward costs as much as forward. Count its matrix products: there are two kinds.",
        ),
        Mistake(
            "backward = twice forward",
            lambda sizes, m: [_forward_products(sizes, m), 2 * _forward_products(sizes, m)],
            "Nearly. The error is not carried back to the inputs: one matrix product fewer.",
        ),
        Mistake(
            "m left out",
            lambda sizes, m: _flops(sizes, 1),
            "That is the price of one example. The batch has m of them.",
        ),
        Mistake(
            "BP4 left out",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] - _forward_products(sizes, m)],
            "The second number counts the errors alone. The gradients of the weights are matrix products as well.",
        ),
        Mistake(
            "biases counted",
            lambda sizes, m: [_forward_products(sizes, m) + m * sum(sizes[1:]), _flops(sizes, m)[1] + m * sum(sizes[1:])],
            "You counted the biases too. They are added, not multiplied.",
        ),
        Mistake(
            "additions counted",
            lambda sizes, m: [2 * count for count in _flops(sizes, m)],
            "You count each multiplication with its addition. Asked are multiplications alone.",
        ),
        Mistake(
            "last W left out",
            lambda sizes, m: [_forward_products(sizes, m), 2 * _forward_products(sizes, m) - m * sizes[-1] * sizes[-2]],
            "Nearly. You leave out BP2's product with the last W. That one is needed; which layer's error does nobody ask for?",
        ),
        Mistake(
            "slopes counted",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] + m * sum(sizes[1:-1])],
            "You counted the ⊙ with the slopes too. Asked are the multiplications in matrix products alone.",
        ),
        Mistake(
            "slopes of every layer counted",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] + m * sum(sizes[1:])],
            "You counted the ⊙ with the slopes too. Asked are the multiplications in matrix products alone.",
        ),
        Mistake(
            "both passes together",
            lambda sizes, m: [_forward_products(sizes, m), _forward_products(sizes, m) + _flops(sizes, m)[1]],
            "The second number contains the forward pass. Asked is the backward pass alone.",
        ),
        Mistake(
            "ratio",
            lambda sizes, m: [_forward_products(sizes, m), _flops(sizes, m)[1] / _forward_products(sizes, m)],
            "The second number is the ratio of the two. Asked is the count of the backward pass itself.",
        ),
        Mistake("order swapped", lambda sizes, m: _flops(sizes, m)[::-1], "The numbers are right, in the other order: forward first."),
    ),
)


EXERCISES = (WEIGHT_GRADIENT_ONE, WEIGHT_GRADIENT, BIAS_GRADIENT, SCALAR_BIAS_GRADIENT, BACKPROP, ROW_BACKWARD, DUPLICATED_RATIO, FLOPS)
