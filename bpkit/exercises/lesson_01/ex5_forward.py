"""01.5: the forward pass through the whole net."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.functions import sigmoid as library_sigmoid
from bpkit.core.network import Network
from bpkit.core.network import forward as library_forward
from bpkit.exercises.lesson_01.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid

Layers = list[Any]  # of arrays, None at the places of layers that have none


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 5), ((2, 4, 3), 3), ((4, 3, 2, 3), 1)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, b, rng.normal(size=(sizes[0], m)))))
    return cases


def _pass(
    weighted: Callable[..., Any] = lambda W, b, z, a, l: W[l] @ a[l - 1] + b[l],
    activate: Callable[..., Any] = lambda z, l, L: sigmoid(z),
    start: Callable[[Array], Array] = lambda x: x,
) -> Callable[..., Any]:
    """A forward pass with one of its parts replaced."""

    def forward(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
        zs: Layers = [None]
        activations: Layers = [start(x)]
        for l in range(1, len(W)):
            zs.append(weighted(W, b, zs, activations, l))
            activations.append(activate(zs[l], l, len(W) - 1))
        return zs, activations

    return forward


def _forward(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    zs: Layers = [None]
    activations: Layers = [x]
    for l in range(1, len(W)):
        zs.append(W[l] @ activations[l - 1] + b[l])
        activations.append(sigmoid(zs[l]))
    return zs, activations


def _forward_oracle(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    """By the library; a sigmoid net has no derivative to measure here."""
    cache = library_forward(Network(tuple(W), tuple(b), (None, *[library_sigmoid] * (len(W) - 1))), x)
    return list(cache.z), list(cache.a)


def _of_result(change: Callable[[Layers, Layers], Any]) -> Callable[..., Any]:
    return lambda W, b, x: change(*_forward(W, b, x))


def _first_wrong_step(returned: Any, W: Layers, b: Layers, x: Array) -> str | None:
    """The first array that is wrong, in the order in which a forward pass makes them."""
    if not (isinstance(returned, list) and [len(part) if isinstance(part, list) else 0 for part in returned] == [len(W)] * 2):
        return None
    before = ""
    for l in range(len(W)):
        for name, found, right in zip(("zs", "activations"), returned, _forward(W, b, x), strict=True):
            if right[l] is None:
                continue
            found_here = found[l]
            if not isinstance(found_here, np.ndarray) or found_here.shape != right[l].shape:
                return None
            if not np.allclose(found_here, right[l], rtol=1e-6):
                return f"The first that is wrong is {name}[{l}]{before}. Which line of yours makes {name}[{l}], and from what?"
            before = f"; {name}[{l}] is still right"
    return None


EXERCISE = Exercise(
    id="01.5",
    name="forward",
    title="The forward pass through the whole net",
    points=3,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    part=("zs[{}]", "activations[{}]"),
    cases=_cases_net,
    reference=_forward,
    oracle=_forward_oracle,
    explain=_first_wrong_step,
    hints=(
        "Two lists grow side by side. What do you know before the first layer is computed, and where does it belong?",
        "For layer l you need W[l], b[l] and the activations of layer l - 1. The result of σ goes into the list that the next turn reads.",
        "Begin with zs = [None] and activations = [x]. For l from 1 to L append z of layer l, as in 01.2, and then σ of it. Return both lists.",
    ),
    mistakes=(
        Mistake(
            "σ on an activation",
            _pass(lambda W, b, z, a, l: W[l] @ sigmoid(a[l - 1]) + b[l]),
            "You apply σ to what goes into each layer. Those are activations already, or the inputs: σ comes once, after the weights.",
        ),
        Mistake(
            "σ on an activation, inputs excepted",
            _pass(lambda W, b, z, a, l: W[l] @ (sigmoid(a[l - 1]) if l > 1 else a[0]) + b[l]),
            "From layer 2 on, σ is applied to what goes in. Those are activations: they have been through σ once.",
        ),
        Mistake(
            "σ twice",
            _pass(activate=lambda z, l, L: sigmoid(sigmoid(z))),
            "Your activations have been through σ twice.",
        ),
        Mistake(
            "input activated",
            _pass(start=sigmoid),
            "You applied σ to the inputs. Layer 0 computes nothing: its activation is x as it comes.",
        ),
        Mistake(
            "a⁰ left out",
            _of_result(lambda zs, activations: (zs, activations[1:])),
            "Your list of activations begins with layer 1. List index is layer: activations[0] is the input.",
        ),
        Mistake(
            "a⁰ and None left out",
            _of_result(lambda zs, activations: (zs[1:], activations[1:])),
            "The numbers are right, one place too early: both lists begin with layer 0. What has it to offer for z, and what for a?",
        ),
        Mistake(
            "None at index 0 missing",
            _of_result(lambda zs, activations: (zs[1:], activations)),
            "The numbers are right, but zs begins one place too early. zs[l] has to belong to layer l, and layer 0 has no z.",
        ),
        Mistake(
            "last layer linear",
            _pass(activate=lambda z, l, L: sigmoid(z) if l < L else z),
            "The last layer has been left without its activation. Here every layer has a sigmoid, the last one too.",
        ),
        Mistake(
            "softmax in the last layer",
            _pass(activate=lambda z, l, L: sigmoid(z) if l < L else np.exp(z) / np.exp(z).sum(axis=0)),
            "The last layer has a softmax. Lesson 04 brings that; here every layer has a sigmoid.",
        ),
        Mistake(
            "tanh",
            _pass(activate=lambda z, l, L: np.tanh(z)),
            "Your layers use tanh. Asked is the sigmoid.",
        ),
        Mistake(
            "all layers linear",
            _pass(activate=lambda z, l, L: z),
            "No layer applies σ: what you pass on is z.",
        ),
        Mistake(
            "z passed on",
            _pass(lambda W, b, z, a, l: W[l] @ (z[l - 1] if l > 1 else a[0]) + b[l]),
            "Each layer reads z of the layer before. Its activations, σ of z, are what the next layer gets to see.",
        ),
        Mistake(
            "same W twice",
            _pass(lambda W, b, z, a, l: W[1] @ a[l - 1] + b[l]),
            "Every layer multiplies by the first layer's weights. Which index has to move with the layer?",
        ),
        Mistake(
            "same W and b twice",
            _pass(lambda W, b, z, a, l: W[1] @ a[l - 1] + b[1]),
            "Every layer uses the weights and biases of layer 1. Which index has to move with the layer?",
        ),
        Mistake(
            "same b twice",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] + b[1]),
            "Every layer adds the first layer's biases.",
        ),
        Mistake(
            "always from x",
            _pass(lambda W, b, z, a, l: W[l] @ a[0] + b[l]),
            "Every layer reads the input x. Each reads the layer before it; only the first one gets x.",
        ),
        Mistake(
            "bias missing",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1]),
            "No layer adds its biases.",
        ),
        Mistake(
            "Wᵀ",
            _pass(lambda W, b, z, a, l: W[l].T @ a[l - 1] + b[l]),
            "You transposed the weights. Their rows are the neurons that they lead to, and the sum runs along a row.",
        ),
        Mistake(
            "lists swapped",
            _of_result(lambda zs, activations: (activations, zs)),
            "The two lists are right and come in the wrong order: first the weighted inputs, then the activations.",
        ),
        Mistake(
            "last layer missing",
            _of_result(lambda zs, activations: (zs[:-1], activations[:-1])),
            "Your lists end one layer early. W has L + 1 entries, and `range` stops before its end.",
        ),
        Mistake(
            "activations for z",
            _of_result(lambda zs, activations: ([None, *activations[1:]], activations)),
            "Your zs are activations. Keep z before σ is applied: the backward pass will need both.",
        ),
        Mistake(
            "only the output",
            _of_result(lambda zs, activations: activations[-1]),
            "You return what the net says at the end. Asked are all weighted inputs and all activations: the backward pass will need every one.",
        ),
    ),
)
