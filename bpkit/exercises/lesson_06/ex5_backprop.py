"""06.5: the whole algorithm."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.lesson_06.shared import Array, Layers, backprop_by, explain_backprop, forward_pass, prime
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((4, 3, 3, 3, 2), 5), ((3, 3, 3, 3), 3), ((2, 3, 1), 1), ((3, 4), 2)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        x, y = rng.normal(size=(sizes[0], m)), rng.uniform(size=(sizes[-1], m))
        if m == 5:
            x[:, -1] *= 6  # where the slopes are nearly 0, and not 0
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, b, x, y)))
    return cases


def _backprop_oracle(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    def slope(parameters: Layers, l: int) -> Array:
        kept = parameters[l]

        def cost(moved: Array) -> Any:
            parameters[l] = moved
            return np.sum((forward_pass(W, b, x)[1][-1] - y) ** 2) / 2 / x.shape[1]

        try:
            return oracles.gradient(cost, kept)
        finally:
            parameters[l] = kept

    layers = range(1, len(W))
    return [[None, *(slope(W, l) for l in layers)], [None, *(slope(b, l) for l in layers)]]


def _in_parts(scale: Callable[[int], float] = lambda m: 1.0, **equations: Callable[..., Array]) -> Answer:
    """The algorithm with some of its equations replaced, and all of its results scaled by a function of the number of examples."""

    def answer(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
        return [[None, *(scale(x.shape[1]) * g for g in part[1:])] for part in backprop_by(W, b, x, y, **equations)]

    return answer


def _updates_on_the_way(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """Each layer's weights are changed before the error goes back through them."""
    z, a = forward_pass(W, b, x)
    W = list(W)
    delta = (a[-1] - y) * prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
        W[l] = W[l] - dW[l]
        if l > 1:
            delta = (W[l].T @ delta) * prime(z[l - 1])
    return [dW, db]


def _wrong_layer(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """The error goes back through the weights that lead into the layer."""
    z, a = forward_pass(W, b, x)
    delta = (a[-1] - y) * prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l].T @ delta) * prime(z[l])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _own_activation(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    z, a = forward_pass(W, b, x)
    dW, db = backprop_by(W, b, x, y)
    delta = (a[-1] - y) * prime(z[-1])
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * prime(z[l])
        dW[l] = delta @ a[l].T / x.shape[1]
    return [dW, db]


def _linear_output(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """The last layer's activation is left out in the forward pass."""
    z, a = forward_pass(W, b, x)
    a[-1] = z[-1]
    delta = (a[-1] - y) * prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * prime(z[l])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _next_slope(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """Each step back multiplies by the slope of the layer that it leaves."""
    z, a = forward_pass(W, b, x)
    delta = (a[-1] - y) * prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ delta) * prime(z[l + 1])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _from_the_last_error(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    """Each step back starts again from the last layer's error."""
    z, a = forward_pass(W, b, x)
    last = delta = (a[-1] - y) * prime(z[-1])
    dW, db = [None] * len(W), [None] * len(W)
    for l in range(len(W) - 1, 0, -1):
        if l < len(W) - 1:
            delta = (W[l + 1].T @ last) * prime(z[l])
        dW[l], db[l] = delta @ a[l - 1].T / x.shape[1], delta.mean(axis=1, keepdims=True)
    return [dW, db]


def _layers_reversed(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    dW, db = backprop_by(W, b, x, y)
    return [[None, *dW[:0:-1]], [None, *db[:0:-1]]]


def _last_layer_only(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    return [[None, *(0 * g for g in gradients[1:-1]), gradients[-1]] for gradients in backprop_by(W, b, x, y)]


def _stepped(W: Layers, b: Layers, x: Array, y: Array) -> list[Layers]:
    gradients = backprop_by(W, b, x, y)
    return [[None, *(v - g for v, g in zip(old[1:], new[1:], strict=True))] for old, new in zip((W, b), gradients, strict=True)]


EXERCISE = Exercise(
    id="06.5",
    name="backprop",
    title="The whole algorithm",
    points=5,
    minutes=20,
    difficulty=3,
    allows=("sigmoid",),
    part=("dW[{}]", "db[{}]"),
    cases=_cases_net,
    reference=backprop_by,
    plain=(3,),
    oracle=_backprop_oracle,
    equivalent={"tolerance, l < len(W) - 1 → l < len(W) - 1 + -0.001": "both are whole numbers"},
    explain=explain_backprop,
    seconds=10.0,
    hints=(
        "Five steps: forward, keeping every z and a; BP1; BP2 downwards; BP3 and BP4 at each layer. You have written each of them.",
        "Two lists grow from the front (z, a), three fill from the back (δ, dW, db). Index = layer. Layer 0 has no z: δ stops at layer 1.",
        "Layer l's gradient of the weights needs δ of layer l and the activations of layer l - 1; its error needs W of layer l + 1, δ of layer l + 1 "
        "and z of layer l. If one layer is right and the one before it is not, the step between them is wrong.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "σ'(a) for σ'(z)",
            _in_parts(first=lambda a, y, z: (a - y) * prime(a), step=lambda W_next, delta, z, a: (W_next.T @ delta) * prime(a)),
            "You take the slopes at the activations. They belong to the weighted inputs.",
        ),
        Mistake(
            "W of the wrong layer",
            _wrong_layer,
            "The last layer is right. On the way back to layer l you use W of layer l, the weights that lead into it.",
        ),
        Mistake(
            "own activation for the one before",
            _own_activation,
            "The errors are right. The gradient of a layer's weights needs what came in along them: the activations before.",
        ),
        Mistake(
            "slope of the next layer",
            _next_slope,
            "The last layer is right. On the way back to layer l the slope has to be taken at z of layer l, the layer where you arrive.",
        ),
        Mistake(
            "always from the last layer",
            _from_the_last_error,
            "Every step back starts from δ of the last layer. What goes back from layer l + 1 to layer l is δ of layer l + 1.",
        ),
        Mistake(
            "last layer linear",
            _linear_output,
            "Already the last layer is wrong. In the forward pass the last layer has an activation function like every other.",
        ),
        Mistake("order swapped", lambda W, b, x, y: backprop_by(W, b, x, y)[::-1], "The lists stand in the other order: weights first, then biases."),
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
        *mistakes_of(
            _in_parts,
            (
                Slip("scale", lambda m: -1.0, "y - a", "Every gradient has the opposite sign, from the last layer on."),
                Slip("scale", lambda m: 2.0, "factor 2", "Every gradient is twice too large: the ½ of the cost cancels the 2."),
                Slip("scale", lambda m: 0.5, "halved", "Every gradient is half of what it should be: the 2 of the square cancels the ½.", alone=True),
                Slip("scale", lambda m: 1.0 * m, "no 1/m", "Every gradient is the sum over the examples; the cost is their mean."),
                Slip(
                    "scale",
                    lambda m: 1.0 / m,
                    "1/m twice",
                    "Every gradient is too small by the number of examples: the 1/m stands in δ and in the gradients. Once is enough.",
                ),
                Slip(
                    "first",
                    lambda a, y, z: a - y,
                    "σ' dropped in BP1",
                    "In the last layer the slope is missing, so every gradient before it is off as well. δ is taken at z.",
                ),
                Slip(
                    "first",
                    lambda a, y, z: (a - y) * prime(a),
                    "σ'(a) in BP1",
                    "In the last layer you take the slope at the activation. It belongs to the weighted input.",
                ),
                Slip(
                    "first",
                    lambda a, y, z: z - y,
                    "last layer linear, slope and all",
                    "Already the last layer is wrong. You let it pass on z as it is: it has an activation function like every other layer.",
                    alone=True,
                ),
                Slip(
                    "first",
                    lambda a, y, z: (a - y) ** 2 * prime(z),
                    "squares in BP1",
                    "In the last layer your error holds squares, so it never turns its sign. The derivative of a square is not a square.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: W_next.T @ delta,
                    "σ' dropped in BP2",
                    "The last layer is right. On the way back the slope of each layer is missing.",
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * a,
                    "a for σ' in BP2",
                    "The last layer is right. On the way back you multiply by the activation, where its derivative belongs.",
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * prime(a),
                    "σ'(a) in BP2",
                    "The last layer is right. On the way back you take the slopes at the activations. They belong to the weighted inputs.",
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * (1 - a**2),
                    "slope of tanh in BP2",
                    "The last layer is right. On the way back you use 1 - a², the slope of tanh. These neurons are sigmoids.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * (z > 0),
                    "slope of relu in BP2",
                    "The last layer is right. On the way back you use the slope of relu, 1 or 0. These neurons are sigmoids.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta.mean(axis=1, keepdims=True)) * prime(z),
                    "δ averaged over the examples in BP2",
                    "The last layer is right. On the way back you average δ over the examples. Each column belongs to one example and goes back by "
                    "itself; the mean comes in BP3 and BP4.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * z,
                    "z for σ' in BP2",
                    "The last layer is right. On the way back you multiply by z, where the slope at z belongs.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * z * (1 - z),
                    "z(1 - z) in BP2",
                    "The last layer is right. On the way back you use z(1 - z). The rule a(1 - a) holds with the activation a in it.",
                    alone=True,
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next @ delta) * prime(z),
                    "transpose forgotten",
                    "The last layer is right. On the way back you multiply by W as it stands; going back sums over where a weight leads to.",
                ),
                Slip(
                    "step",
                    lambda W_next, delta, z, a: (W_next.T @ delta) * prime(z) / z.shape[1],
                    "1/m at each layer",
                    "The last layer is right, the one before it is too small by the number of examples, the next by its square. The 1/m "
                    "must not stand in the recursion.",
                    alone=True,
                ),
                Slip(
                    "weights",
                    lambda delta, a_prev: delta @ a_prev.T,
                    "no 1/m in the weights",
                    "The gradients of the biases are right. Those of the weights are sums over the examples, where the mean is asked.",
                ),
                Slip(
                    "weights",
                    lambda delta, a_prev: a_prev @ delta.T / delta.shape[1],
                    "gradient of W transposed",
                    "The gradients of the biases are right, those of the weights stand the wrong way round. They have the shape of W.",
                ),
                Slip(
                    "weights",
                    lambda delta, a_prev: np.outer(delta.mean(axis=1), a_prev.mean(axis=1)),
                    "product of means",
                    "The gradients of the biases are right. For the weights you average first and multiply then; the mean of products is another "
                    "number.",
                    alone=True,
                ),
                Slip(
                    "biases",
                    lambda delta: delta.sum(axis=1, keepdims=True),
                    "no 1/m in the biases",
                    "The gradients of the weights are right. Those of the biases are sums over the examples, where the mean is asked.",
                ),
                Slip(
                    "biases",
                    lambda delta: delta.mean(axis=1),
                    "biases flat",
                    "The gradients of the weights are right. Those of the biases lie flat, (n,), where a column (n, 1) is asked.",
                ),
                Slip(
                    "biases",
                    lambda delta: delta.sum(axis=0, keepdims=True) / delta.shape[1],
                    "biases summed over the neurons",
                    "The gradients of the weights are right. Those of the biases are added up over the neurons; each neuron has its own.",
                    alone=True,
                ),
                Slip(
                    "biases",
                    lambda delta: delta.mean(axis=0, keepdims=True),
                    "biases averaged over the neurons",
                    "The gradients of the weights are right. Those of the biases are means over the neurons: examples are columns, and the mean has "
                    "to run along the rows.",
                    alone=True,
                ),
                Slip(
                    "biases",
                    lambda delta: delta.sum() / delta.shape[1],
                    "one bias for a whole layer",
                    "The gradients of the weights are right. Each bias gradient is a single number; here each neuron has a bias of its own "
                    "(that was 06.3).",
                    alone=True,
                ),
                Slip(
                    "biases",
                    lambda delta: delta,
                    "biases: one per example",
                    "The gradients of the weights are right. Those of the biases still have a column for each example: take the mean over the "
                    "columns.",
                    alone=True,
                ),
            ),
            told=(
                frozenset({"no 1/m in the weights", "no 1/m in the biases"}),
                frozenset({"σ'(a) in BP1", "σ'(a) in BP2"}),
            ),
        ),
    ),
)
