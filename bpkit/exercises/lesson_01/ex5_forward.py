"""01.5: the forward pass through the whole net."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.core.functions import sigmoid as library_sigmoid
from bpkit.core.network import Network
from bpkit.core.network import forward as library_forward
from bpkit.exercises.lesson_01.shared import Array
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.slips import Slip, pairs

Layers = list[Any]  # of arrays, None at the places of layers that have none


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3, 3), 5), ((2, 4, 3), 3), ((4, 3, 2, 3), 1), ((2, 1), 4)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, b, rng.normal(size=(sizes[0], m)))))
    return cases


def _pass(
    weighted: Callable[..., Any] = lambda W, b, z, a, l: W[l] @ a[l - 1] + b[l],
    activate: Callable[..., Any] = lambda z, l, L: sigmoid(z),
    start: Callable[[Array], Array] = lambda x: x,
    finish: Callable[[Layers, Layers], Any] = lambda zs, activations: (zs, activations),
) -> Callable[..., Any]:
    """A forward pass with one of its parts replaced."""

    def forward(W: Layers, b: Layers, x: Array) -> Any:
        zs: Layers = [None]
        activations: Layers = [start(x)]
        for l in range(1, len(W)):
            zs.append(weighted(W, b, zs, activations, l))
            activations.append(activate(zs[l], l, len(W) - 1))
        return finish(zs, activations)

    return forward


def _forward(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    zs: Layers = [None]
    activations: Layers = [x]
    for l in range(1, len(W)):
        zs.append(W[l] @ activations[l - 1] + b[l])
        activations.append(sigmoid(zs[l]))
    return zs, activations


def _products_in_zs(W: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    """The bias added on the way to σ, and not to what is kept."""
    zs, activations = _forward(W, b, x)
    return [None, *(z - c for z, c in zip(zs[1:], b[1:], strict=True))], activations


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
                told = f"The first that is wrong is {name}[{l}]{before}. Which line of yours makes {name}[{l}], and from what?"
                difference = describe_difference(found_here, right[l])
                return told if difference.kind is None else f"{told} What can be seen there: {difference}."
            before = f"; {name}[{l}] is still right"
    return None


def _relu(z: Array) -> Array:
    return np.maximum(z, 0)


_SLIPS = (
    Slip("start", sigmoid, "input activated", "σ is applied to the inputs, where layer 0 computes nothing"),
    Slip("weighted", lambda W, b, z, a, l: W[l] @ a[l - 1], "bias missing", "no layer adds its biases"),
    Slip("weighted", lambda W, b, z, a, l: W[l] @ a[l - 1] - b[l], "bias subtracted", "the biases are subtracted, where this course adds them"),
    Slip(
        "weighted", lambda W, b, z, a, l: W[l].T @ a[l - 1] + b[l], "Wᵀ", "the weights are transposed, where their rows lead to the neurons already"
    ),
    Slip("activate", lambda z, l, L: sigmoid(z) if l < L else z, "last layer linear", "the last layer has no activation"),
    Slip("activate", lambda z, l, L: z, "all layers linear", "no layer applies σ"),
    Slip("activate", lambda z, l, L: np.tanh(z), "tanh", "your layers use tanh, where the sigmoid is asked"),
    Slip("activate", lambda z, l, L: _relu(z), "relu", "your layers use relu, where the sigmoid is asked"),
    Slip(
        "finish",
        lambda zs, activations: (zs, activations[1:]),
        "a⁰ left out",
        "the list of activations begins with layer 1, where activations[0] is x",
    ),
    Slip(
        "finish",
        lambda zs, activations: (zs[1:], activations),
        "None at index 0 missing",
        "zs begins one place too early, where zs[l] belongs to layer l",
    ),
    Slip(
        "finish", lambda zs, activations: (zs[1:], activations[1:]), "a⁰ and None left out", "both lists begin with layer 1, where index 0 is layer 0"
    ),
    Slip("finish", lambda zs, activations: (activations, zs), "lists swapped", "the two lists come in the wrong order"),
)


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
    partial=True,
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
        Mistake("relu", _pass(activate=lambda z, l, L: _relu(z)), "Your layers use relu. Asked is the sigmoid."),
        Mistake(
            "relu in the hidden layers",
            _pass(activate=lambda z, l, L: _relu(z) if l < L else sigmoid(z)),
            "Your hidden layers use relu. Here every layer has a sigmoid.",
        ),
        Mistake(
            "softmax in every layer",
            _pass(activate=lambda z, l, L: np.exp(z) / np.exp(z).sum(axis=0)),
            "Your layers have a softmax. Lesson 04 brings that; here every layer has a sigmoid.",
        ),
        Mistake(
            "σ' for σ",
            _pass(activate=lambda z, l, L: sigmoid(z) * (1 - sigmoid(z))),
            "You apply the slope of the sigmoid. Asked is its value.",
        ),
        Mistake("σ(-z)", _pass(activate=lambda z, l, L: sigmoid(-z)), "Your activations fall where z rises. Which sign does z have in σ?"),
        Mistake(
            "σ twice in the last layer",
            _pass(activate=lambda z, l, L: sigmoid(z) if l < L else sigmoid(sigmoid(z))),
            "The last activations have been through σ twice. Is σ applied once more after the loop?",
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
            "bias subtracted",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] - b[l]),
            "You subtract the biases, as one subtracts thresholds. In this course they are added.",
        ),
        Mistake(
            "bias missing behind the first layer",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] + (b[1] if l == 1 else 0)),
            "Only the first layer adds its biases. Every layer has some.",
        ),
        Mistake(
            "bias missing in the last layer",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] + (b[l] if l < len(W) - 1 else 0)),
            "The last layer adds no biases. It has some, as every layer.",
        ),
        Mistake(
            "bias as a factor",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] * b[l]),
            "You multiply by the biases. They are added.",
        ),
        Mistake(
            "layers from the end",
            _pass(lambda W, b, z, a, l: W[len(W) - l] @ a[l - 1] + b[len(W) - l]),
            "You use the weights of the last layer first. Forward, layer l has W[l] and b[l].",
        ),
        Mistake(
            "last b everywhere",
            _pass(lambda W, b, z, a, l: W[l] @ a[l - 1] + b[-1]),
            "Every layer adds the last layer's biases. Which index has to move with the layer?",
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
            "z for activations",
            _of_result(lambda zs, activations: (zs, [activations[0], *zs[1:]])),
            "Your net computes the right thing, and in the list of activations stands z. Which of the two goes into it?",
        ),
        Mistake(
            "one list for both",
            _of_result(lambda zs, activations: (activations, activations)),
            "Your two lists are the same: `zs = activations = []` makes one list with two names.",
        ),
        Mistake(
            "None for a⁰",
            _of_result(lambda zs, activations: (zs, [None, *activations[1:]])),
            "Everything but activations[0] is right. What goes into layer 1? That is the activation of layer 0.",
        ),
        Mistake(
            "both lists reversed",
            _of_result(lambda zs, activations: (zs[::-1], activations[::-1])),
            "Your lists begin with the last layer. List index is layer: index 0 is the input's.",
        ),
        Mistake(
            "layer by layer",
            _of_result(lambda zs, activations: [list(pair) for pair in zip(zs, activations, strict=True)]),
            "You return a pair for each layer. Asked are two lists, one of all z and one of all activations.",
        ),
        Mistake(
            "only the output",
            _of_result(lambda zs, activations: activations[-1]),
            "You return what the net says at the end. Asked are all weighted inputs and all activations: the backward pass will need every one.",
        ),
        *pairs(_pass, _SLIPS),
        Mistake(
            "bias missing in zs",
            _products_in_zs,
            "Your activations are right, and what you keep in zs is the product alone. z is what σ is applied to, with its bias.",
        ),
    ),
)
