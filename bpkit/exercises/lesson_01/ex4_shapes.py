"""01.4: the shape of every array of a net."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from bpkit.core.network import forward as library_forward
from bpkit.core.network import init
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs

SIZES, M = (4, 3, 2), 5


def _shapes(W: Any = lambda n, n_prev: (n, n_prev), b: Any = lambda n: (n, 1), z: Any = lambda n: (n, M)) -> list[Any]:
    """The shapes of W, b, z, a in layer 1, then in layer 2."""
    return [shape for n_prev, n in itertools.pairwise(SIZES) for shape in (W(n, n_prev), b(n), z(n), z(n))]


def _shapes_of_a_net() -> list[Any]:
    """Read off arrays that exist."""
    rng = np.random.default_rng(0)
    net = init(SIZES, rng=rng)
    cache = library_forward(net, rng.normal(size=(SIZES[0], M)))
    return [array.shape for l in (1, 2) for array in (net.W[l], net.b[l], cache.z[l], cache.a[l])]


_PART = tuple(f"the shape of {letter}[{l}]" for l in (1, 2) for letter in "Wbza")


_ADVICE = {
    "W": "a row for each neuron that the weights lead to, a column for each that they come from",
    "b": "one number for each neuron of the layer, standing in a column",
    "z": "a row for each neuron of the layer, a column for each example",
    "a": "the activation function works entry by entry and changes no shape",
}


def _first_wrong_shape(found: Any) -> str | None:
    """Which of the eight shapes is the first wrong one, and how to think about it."""
    if not isinstance(found, list) or len(found) != len(_PART):
        return None
    for name, got, right in zip(_PART, found, _shapes(), strict=True):
        if np.array_equal(np.asarray(got, dtype=object), np.asarray(right, dtype=object)):
            continue
        if isinstance(got, str):
            return f"For {name} you wrote the text {got[:20]!r}. A pair of numbers is asked, such as (4, 5) without quotation marks."
        written = f"({', '.join(map(str, got))}{',' * (len(got) == 1)})" if isinstance(got, list) else str(got)
        return f"{name} is not {written}: {_ADVICE[name[-4]]}."
    return None


_SLIPS = (
    Slip("W", lambda n, n_prev: (n_prev, n), "W transposed", "the weight matrices have rows and columns swapped"),
    Slip("W", lambda n, n_prev: (n, n_prev + 1), "a column too many in W", "W has a column too many: the biases stand in an array of their own"),
    Slip("b", lambda n: (n,), "b flat", "a flat array of biases lines up with the examples, they need to be a column"),
    Slip("b", lambda n: n, "b as a number", "the shape of the biases is a pair too"),
    Slip("b", lambda n: (1, n), "b as a row", "a row would give each example its own bias, where each neuron has one"),
    Slip("b", lambda n: (n, M), "a bias for each example", "biases belong to the neurons, not to the examples"),
    Slip("b", lambda n: (1, 1), "one bias a layer", "each neuron has a bias of its own"),
    Slip("z", lambda n: (M, n), "examples as rows", "z and a have a row for each example, where an example is a column"),
    Slip("z", lambda n: (n, 1), "examples left out", "z and a have room for one example, and five go through the net at once"),
)


EXERCISE = Exercise(
    id="01.4",
    name="shapes",
    title="The shape of every array of a net",
    points=1,
    minutes=4,
    difficulty=1,
    kind="value",
    part=_PART,
    reference=_shapes(),
    oracle=_shapes_of_a_net,
    explain=_first_wrong_shape,
    hints=(
        "Begin with z[1]: how many neurons does layer 1 have, how many examples are there?",
        "The matrix product of W[1] and a[0] has to have the shape of z[1]. That fixes both numbers of W[1]'s shape.",
        "Rows are neurons of the layer that the superscript names. Columns are the neurons before it for W, a single 1 for b, the examples for z "
        "and a.",
    ),
    mistakes=(
        Mistake(
            "W transposed",
            _shapes(W=lambda n, n_prev: (n_prev, n)),
            "Your weight matrices have their rows and columns swapped. Rows: the neurons that the weights lead to.",
        ),
        Mistake(
            "b flat",
            _shapes(b=lambda n: (n,)),
            "Everything but the biases is right. A flat array lines up with the examples when it is added; a bias needs to be a column.",
        ),
        Mistake(
            "b as a row",
            _shapes(b=lambda n: (1, n)),
            "Everything but the biases is right. A row would give each example its own bias; each neuron has one.",
        ),
        Mistake(
            "a bias for each example",
            _shapes(b=lambda n: (n, M)),
            "You gave every example biases of its own. They belong to the neurons, and the batch may have any size.",
        ),
        Mistake(
            "one bias a layer",
            _shapes(b=lambda n: (1, 1)),
            "You gave each layer a single bias. Here each neuron has its own.",
        ),
        Mistake(
            "examples as rows",
            _shapes(z=lambda n: (M, n)),
            "Your z and a have a row for each example. In this course an example is a column.",
        ),
        Mistake(
            "row convention",
            _shapes(lambda n, n_prev: (n_prev, n), lambda n: (1, n), lambda n: (M, n)),
            "These fit together, in the convention where examples are rows (text R). In this course they are columns: every matrix is transposed.",
        ),
        Mistake(
            "examples left out",
            _shapes(z=lambda n: (n, 1)),
            "That is right for one example. Here five go through the net at once.",
        ),
        Mistake(
            "a list for each layer",
            [_shapes()[:4], _shapes()[4:]],
            "The shapes are right, and they stand in two lists. Asked is one list of eight.",
        ),
        Mistake(
            "letter by letter",
            [shape for k in range(4) for shape in _shapes()[k::4]],
            "The shapes are right, in another order: both W, both b and so on. Asked is layer by layer.",
        ),
        Mistake(
            "layers shifted",
            _shapes()[4:] + _shapes()[:4],
            "You have the layers in the wrong order. The list begins with layer 1, the first after the inputs.",
        ),
        Mistake(
            "b as a number",
            _shapes(b=lambda n: n),
            "Everything but the biases is right. The shape of an array is a pair here: a bias array has a row for each neuron. And how many columns?",
        ),
        Mistake(
            "a column too many in W",
            _shapes(W=lambda n, n_prev: (n, n_prev + 1)),
            "Your weight matrices have a column too many, as if the biases stood in them. They stand in b.",
        ),
        Mistake(
            "one flat list",
            [number for shape in _shapes() for number in shape],
            "The numbers are right, and they stand in one row. Asked are eight pairs, such as (4, 5).",
        ),
        Mistake(
            "a of the layer before",
            [shape for n_prev, n in itertools.pairwise(SIZES) for shape in ((n, n_prev), (n, 1), (n, M), (n_prev, M))],
            "Everything but a is right. a of a layer is σ of its z: you wrote what goes into the layer.",
        ),
        Mistake(
            "numbers of entries",
            [int(np.prod(shape)) for shape in _shapes()],
            "That is how many entries each array has. Its shape says in how many rows and columns they stand.",
        ),
        *pairs(_shapes, _SLIPS),
    ),
)
