"""The exercises of lesson 01, forward propagation, with the mistakes that they tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.core.functions import sigmoid as library_sigmoid
from bpkit.core.network import Network, init
from bpkit.core.network import forward as library_forward
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray
Layers = list[Any]  # of arrays, None at the places of layers that have none


def _sigma(z: Array) -> Array:
    """σ(z) for z of any size, without a warning."""
    return np.exp(-np.logaddexp(0, -z))


# ---- 01.1 one weighted input -------------------------------------------------------------------------------------------


def _cases_one(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, j in ((3, 3, 1), (2, 4, 1), (4, 2, 0)):
        args = (rng.normal(size=(n, n_prev)), rng.normal(size=(n_prev, 1)), rng.normal(size=(n, 1)), j)
        cases.append(Case(f"W {n}×{n_prev}, j = {j}", args))
    return cases


def _augmented(W: Array, a_prev: Array, b: Array) -> Array:
    """W a + b as one product: the bias as the weight of a further input that is always 1."""
    return np.block([W, b]) @ np.block([[a_prev], [np.ones((1, a_prev.shape[1]))]])


def _summed(term: Callable[..., Any], after: Callable[..., Any] = lambda W, a, b, j: b[j, 0]) -> Callable[..., float]:
    """The loop over k: `term(W, a, b, j, k)` summed, then `after` added."""
    return lambda W, a_prev, b, j: float(sum(term(W, a_prev, b, j, k) for k in range(len(a_prev))) + after(W, a_prev, b, j))


def _weighted_input(W: Array, a_prev: Array, b: Array, j: int) -> float:
    return float(W[j] @ a_prev[:, 0] + b[j, 0])


def _how_many_terms(returned: Any, W: Array, a_prev: Array, b: Array, j: int) -> str | None:
    if np.size(returned) != 1 or np.asarray(returned).dtype.kind not in "iuf" or not np.isfinite(returned):
        return None
    terms = f"{W.shape[1]} products and one bias"
    return f"For j = {j} and W {W.shape[0]}×{W.shape[1]} it gives another number. Print the terms that you add: there should be {terms}."


WEIGHTED_INPUT = Exercise(
    id="01.1",
    name="weighted_input",
    title="The weighted input of one neuron, in a loop",
    points=1,
    minutes=6,
    difficulty=1,
    cases=_cases_one,
    reference=_weighted_input,
    oracle=lambda W, a_prev, b, j: _augmented(W, a_prev, b)[j, 0],
    explain=_how_many_terms,
    hints=(
        "Write z_j for a net with two inputs without a sum sign. How many products are there, and how often does the bias appear?",
        "Start a total at 0 and let k run over the neurons of the layer before. Each turn adds one weight times one activation.",
        "The weight leads to neuron j from neuron k, so j is its first index. After the loop, once, comes the bias of neuron j.",
    ),
    mistakes=(
        Mistake(
            "w_kj",
            _summed(lambda W, a, b, j, k: W[k, j] * a[k, 0]),
            "You read the weights down column j of W. The first index of a weight says where it leads to: which index does neuron j have to be?",
        ),
        Mistake(
            "bias missing",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0], lambda *_: 0.0),
            "The products are right, and something that belongs to neuron j alone is not in the sum. What would z_j be if all activations were 0?",
        ),
        Mistake(
            "bias added n times",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] + b[j, 0], lambda *_: 0.0),
            "The bias stands inside your loop, so it is added once for each input. A neuron has one bias.",
        ),
        Mistake(
            "bias of neuron k",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] + b[k, 0], lambda *_: 0.0),
            "You add b[k] in every turn of the loop. The bias belongs to the neuron whose z you compute, and comes once.",
        ),
        Mistake(
            "bias of the last neuron",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0], lambda W, a, b, j: b[-1, 0]),
            "The products are right, the bias is that of another neuron. Which index does it need?",
        ),
        Mistake(
            "bias subtracted",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0], lambda W, a, b, j: -b[j, 0]),
            "You subtract the bias, as one subtracts a threshold. In this course the bias is added.",
        ),
        Mistake(
            "= for +=",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] if k == len(a) - 1 else 0.0),
            "Only the last input counts: each turn of your loop overwrites the turn before.",
        ),
        Mistake(
            "first input left out",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] if k else 0.0),
            "The first input is missing. On paper neurons count from 1, in numpy from 0: where does your loop start?",
        ),
        Mistake(
            "last input left out",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] if k < len(a) - 1 else 0.0),
            "The last input is missing. `range(n)` ends before n, so n itself is where it has to stop.",
        ),
        Mistake(
            "a_j for a_k",
            _summed(lambda W, a, b, j, k: W[j, k] * a[j, 0]),
            "Every weight meets the same activation, number j. Each weight comes from a neuron of its own.",
        ),
        Mistake(
            "activation applied",
            lambda W, a_prev, b, j: float(sigmoid(np.array(_weighted_input(W, a_prev, b, j)))),
            "You went one step too far: this is the activation. Asked is the number that goes into σ.",
        ),
        Mistake(
            "biases of the whole layer",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0], lambda W, a, b, j: b.sum()),
            "The products are right, and the biases of all neurons of the layer are added. Only one of them belongs to neuron j.",
        ),
        Mistake(
            "weights read down the column",
            lambda W, a_prev, b, j: float(sum(W[k, j] * a_prev[k, 0] for k in range(len(W))) + b[j, 0]),
            "You read the weights down column j of W, and your loop runs over the rows. Row j is what leads to neuron j.",
        ),
        Mistake(
            "stopped after one turn",
            _summed(lambda W, a, b, j, k: 0.0 if k else W[j, k] * a[k, 0]),
            "Only the first input counts. Does your loop end after its first turn, for instance by a `return` inside of it?",
        ),
        Mistake(
            "neuron j - 1",
            lambda W, a_prev, b, j: _weighted_input(W, a_prev, b, j - 1),
            "This is the weighted input of another neuron. j counts from 0 already, as numpy does.",
        ),
        Mistake(
            "mean for sum",
            _summed(lambda W, a, b, j, k: W[j, k] * a[k, 0] / len(a)),
            "You take the mean of the products. A neuron adds them up.",
        ),
        Mistake(
            "weights without activations",
            _summed(lambda W, a, b, j, k: W[j, k]),
            "You add up the weights alone. Each weight multiplies the activation that it carries.",
        ),
    ),
)


# ---- 01.2 a layer ------------------------------------------------------------------------------------------------------


def _cases_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 3), (2, 4, 5), (4, 3, 1), (3, 2, 3)):
        args = (rng.normal(size=(n, n_prev)), rng.normal(size=(n_prev, m)), rng.normal(size=(n, 1)))
        cases.append(Case(f"W {n}×{n_prev}, m = {m}", args))
    return cases


LAYER = Exercise(
    id="01.2",
    name="layer",
    title="The weighted inputs of a layer, for a batch",
    points=2,
    minutes=6,
    difficulty=1,
    cases=_cases_layer,
    reference=lambda W, a_prev, b: W @ a_prev + b,
    oracle=_augmented,
    hints=(
        "The answer has a row for each neuron of this layer and a column for each example. Which product of W and a_prev has this shape?",
        "A matrix product sums over the last index of its left factor, and that is where the sum over k in 01.1 has its index.",
        "Two operations: the matrix product of W and a_prev, then plus b. numpy adds the one column of b to every column by itself.",
    ),
    mistakes=(
        Mistake(
            "Wᵀ",
            lambda W, a_prev, b: W.T @ a_prev + b,
            "You transposed W. It has a row for each neuron that it leads to, and the sum runs along a row. Where the layers differ in size, the "
            "shapes tell you.",
        ),
        Mistake(
            "elementwise",
            lambda W, a_prev, b: W * a_prev + b,
            "`*` multiplies entry by entry and sums nothing. A neuron adds up what all its inputs bring: which operator does that?",
        ),
        Mistake(
            "b as (n,)",
            lambda W, a_prev, b: W @ a_prev + b.ravel(),
            "You made b flat. numpy lines a flat array of n numbers up with the last axis, the examples, so it becomes a row. "
            "With the shape it came in, each number meets its neuron.",
        ),
        Mistake(
            "factors swapped",
            lambda W, a_prev, b: a_prev @ W + b,
            "You multiply a_prev by W from the right: that is how it goes where examples are rows. Here they are columns.",
        ),
        Mistake(
            "bias missing",
            lambda W, a_prev, b: W @ a_prev,
            "That is the matrix product alone. What would z be if all activations were 0?",
        ),
        Mistake(
            "bias subtracted",
            lambda W, a_prev, b: W @ a_prev - b,
            "You subtract the bias, as one subtracts a threshold. In this course the bias is added.",
        ),
        Mistake(
            "bias added n times",
            lambda W, a_prev, b: W @ a_prev + W.shape[1] * b,
            "The bias comes in once for each input. A neuron has one bias: it belongs outside of the sum over k.",
        ),
        Mistake(
            "one bias for all",
            lambda W, a_prev, b: W @ a_prev + b[0],
            "Every neuron gets the bias of the first. Each has its own, and b as it comes has them in the right places.",
        ),
        Mistake(
            "transposed",
            lambda W, a_prev, b: (W @ a_prev + b).T,
            "The numbers are right, rows and columns are swapped: a row for each neuron, a column for each example.",
        ),
        Mistake(
            "activation applied",
            lambda W, a_prev, b: sigmoid(W @ a_prev + b),
            "You went one step too far: these are activations. Asked is what goes into σ.",
        ),
        Mistake(
            "bias in front of the product",
            lambda W, a_prev, b: W @ (a_prev + b),
            "You add b to the activations and multiply then, so the bias goes through the weights. It is added after the product.",
        ),
    ),
)


# ---- 01.3 the sigmoid --------------------------------------------------------------------------------------------------


def _cases_sigmoid(rng: np.random.Generator) -> list[Case]:
    large = rng.normal(scale=3, size=(2, 4))
    large[0, 1], large[1, 2], large[1, 0] = -1000.0, 1000.0, -60.0
    return [
        Case("z of shape (3, 3)", (rng.normal(scale=3, size=(3, 3)),)),
        Case("z of shape (2, 4), with 1000 and -1000 in it", (large,)),
        Case("z of shape (3, 1)", (rng.normal(scale=3, size=(3, 1)),)),
    ]


def _numbers(returned: Any, z: Array) -> Array | None:
    """What was returned as an array of z's shape, or None."""
    try:
        a = np.asarray(returned, dtype=float)
    except (TypeError, ValueError):
        return None
    return a if a.shape == z.shape else None


def _overflows(returned: Any, z: Array) -> bool:
    """Right where z is moderate; somewhere not finite where it is large."""
    a, far = _numbers(returned, z), np.abs(z) > 700
    if a is None or not np.allclose(a[~far], _sigma(z[~far]), rtol=1e-6, atol=1e-9):
        return False
    return not far.any() or not np.isfinite(a[far]).all()


def _lacks_brackets(returned: Any, z: Array) -> bool:
    a, moderate = _numbers(returned, z), np.abs(z) < 500
    return a is not None and bool(np.allclose(a[moderate], 1 + np.exp(-z[moderate]), rtol=1e-6))


def _limited(returned: Any, z: Array) -> bool:
    """σ of z kept within some range, as told by the entries that lie furthest out."""
    a = _numbers(returned, z)
    if a is None or not ((a > 0) & (a < 1)).all():
        return False
    limit = np.max(np.abs(np.log(a) - np.log1p(-a)))
    return bool(np.allclose(a, _sigma(np.clip(z, -limit, limit)), rtol=1e-6))


def _which_curve(returned: Any, z: Array) -> str | None:
    """What can be said of a curve that is wrong nearly everywhere."""
    a = _numbers(returned, z)
    if a is None or not np.isfinite(a).all() or np.isclose(a, _sigma(z), rtol=1e-6).mean() > 0.3:
        return None
    if ((a < 0) | (a > 1)).any():
        return f"Your values run from {a.min():.3g} to {a.max():.3g}. Those of the sigmoid lie between 0 and 1."
    if (np.diff(a.ravel()[np.argsort(z, axis=None)]) < 0).any():
        return "Your values lie between 0 and 1, but somewhere they fall while z rises. The sigmoid rises everywhere."
    return "Your curve rises between 0 and 1, along another way than the sigmoid. Compare with the formula at z = 1, by hand."


def _e_over_e_plus_one(z: Array) -> Array:
    with np.errstate(all="ignore"):
        return np.exp(z) / (np.exp(z) + 1)


SIGMOID = Exercise(
    id="01.3",
    name="sigmoid",
    title="The sigmoid, right for every number",
    points=2,
    minutes=6,
    difficulty=2,
    cases=_cases_sigmoid,
    reference=_sigma,
    oracle=lambda z: (1 + np.tanh(z / 2)) / 2,
    explain=_which_curve,
    hints=(
        "`np.exp` works entry by entry, so one line can serve an array of any shape. Then try your line on -1000, 0 and 1000.",
        "An exponential of a large positive number overflows to infinity. Infinity over infinity is not a number; 1 over infinity is 0, and that is "
        "right.",
        "Write it with a 1 above the fraction line, so that only the denominator can become infinite. numpy then warns of the overflow, and the "
        "value is right. `np.errstate` silences it.",
    ),
    mistakes=(
        Mistake(
            "overflow",
            _e_over_e_plus_one,
            "Right for moderate z, and not a number where z is large: there your exponential is infinite, above and below the fraction line. "
            "Divide both by it, on paper.",
            recognise=_overflows,
        ),
        Mistake(
            "sign",
            lambda z: _sigma(-z),
            "Your curve falls where the sigmoid rises. What should come out for a large positive z?",
        ),
        Mistake(
            "tanh",
            np.tanh,
            "This is tanh, which runs from -1 to 1. The sigmoid is its relative that runs from 0 to 1.",
        ),
        Mistake(
            "both signs alike",
            lambda z: _sigma(np.abs(z)),
            "For negative z you return what belongs to their size. Keeping the exponent from becoming large is right; which fraction does it need "
            "then, when z is negative?",
        ),
        Mistake(
            "brackets missing",
            lambda z: 1 + np.exp(np.minimum(-z, 700)),
            "You get numbers above 1. Division comes before addition: what belongs under the fraction line needs brackets.",
            recognise=_lacks_brackets,
        ),
        Mistake(
            "steeper",
            lambda z: _sigma(2 * z),
            "Your curve has the right ends and is twice as steep in between. If you start from tanh: at which argument?",
        ),
        Mistake(
            "2 for e",
            lambda z: _sigma(np.log(2) * z),
            "You raise 2 to the power. The base of the sigmoid's exponential is e: `np.exp`.",
        ),
        Mistake(
            "slope for value",
            lambda z: _sigma(z) * _sigma(-z),
            "This is the slope of the sigmoid. Asked is its value.",
        ),
        Mistake(
            "step",
            lambda z: (z > 0).astype(float),
            "You return 0 or 1 and nothing in between. The sigmoid passes smoothly from one to the other.",
        ),
        Mistake(
            "softmax",
            lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).sum(axis=0),
            "Your columns add up to 1: that is the softmax, in which every entry depends on its whole column. The sigmoid takes each z by itself.",
        ),
        Mistake(
            "too tight a limit",
            lambda z: _sigma(np.clip(z, -5, 5)),
            "You limit z before the exponential, and too tightly: numbers of moderate size are changed. How large may z be before e to its size "
            "overflows?",
            recognise=_limited,
        ),
    ),
)


# ---- 01.4 shapes -------------------------------------------------------------------------------------------------------

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
        written = f"({', '.join(map(str, got))})" if isinstance(got, list) else str(got)
        return f"{name} is not {written}: {_ADVICE[name[-4]]}."
    return None


SHAPES = Exercise(
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
    ),
)


# ---- 01.5 the whole net --------------------------------------------------------------------------------------------------


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


FORWARD = Exercise(
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


# ---- 01.6 counting -------------------------------------------------------------------------------------------------------


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    drawn = [[int(n) for n in rng.integers(3, 12, size=layers)] for layers in (5, 3)]
    return [Case("-".join(map(str, sizes)), (sizes,)) for sizes in ([3, 3, 2], [784, 30, 10], *drawn)]


def _count(sizes: Sequence[int], per_pair: Callable[[int, int], int]) -> int:
    return sum(per_pair(n_prev, n) for n_prev, n in itertools.pairwise(sizes))


def _your_count(returned: Any, sizes: Sequence[int]) -> str | None:
    if not isinstance(returned, float | int):
        return None
    return f"For the net {'-'.join(map(str, sizes))} you count {returned:g}. Draw it: how many lines, and how many circles that are not inputs?"


COUNT_PARAMETERS = Exercise(
    id="01.6",
    name="count_parameters",
    title="How many numbers a net has to learn",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_sizes,
    reference=lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev + n),
    explain=_your_count,
    oracle=lambda sizes: init(sizes, rng=np.random.default_rng(0)).n_parameters,
    hints=(
        "Count on the 3-3-2 net by hand first: how many lines are there between layer 0 and layer 1, and how many biases?",
        "Layer l has as many weights as its matrix has entries, and as many biases as it has neurons. Add up the layers.",
        "Let l run from 1 to the last layer. Each l adds the product of its size and the size before it, and then its size once more.",
    ),
    mistakes=(
        Mistake(
            "no biases",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev),
            "You counted the weights. Every neuron behind the inputs has one more number to learn.",
        ),
        Mistake(
            "input biases",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev + n) + sizes[0],
            "You gave the inputs biases too. Layer 0 computes nothing: it has no z to add a bias to.",
        ),
        Mistake(
            "off by one",
            lambda sizes: _count(sizes[:-1], lambda n_prev, n: n * n_prev + n),
            "The last layer is not counted. Your loop ends one layer early.",
        ),
        Mistake(
            "first layer left out",
            lambda sizes: _count(sizes[1:], lambda n_prev, n: n * n_prev + n),
            "The weights that come from the inputs are not counted. Your loop starts one layer late.",
        ),
        Mistake(
            "bias for each input",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev + n_prev),
            "You add a bias for each neuron that a layer comes from. They belong to the neurons that it leads to.",
        ),
        Mistake(
            "one bias a layer",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev + 1),
            "You count one bias for each layer. Here every neuron has its own.",
        ),
        Mistake(
            "bias for each weight",
            lambda sizes: _count(sizes, lambda n_prev, n: 2 * n * n_prev),
            "You count a bias for each weight. A neuron adds up all its inputs and then adds one bias.",
        ),
        Mistake(
            "biases as neurons",
            lambda sizes: _count(sizes, lambda n_prev, n: (n + 1) * (n_prev + 1)),
            "You gave every layer a further neuron that stands for the bias, and lines lead to it as well. Nothing leads to a bias.",
        ),
        Mistake(
            "biases of the outputs only",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev) + sizes[-1],
            "All weights are there, and the biases of the last layer only. The hidden neurons have biases too.",
        ),
        Mistake(
            "biases of the outputs left out",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev) + sum(sizes[1:-1]),
            "All weights and the hidden biases are there. The outputs are neurons too.",
        ),
        Mistake(
            "every pair of layers",
            lambda sizes: sum(n * n_prev for n_prev, n in itertools.combinations(sizes, 2)) + sum(sizes[1:]),
            "You join every layer with every other. Weights lead from a layer to the next, and to no other.",
        ),
        Mistake(
            "neurons counted",
            lambda sizes: int(np.sum(sizes)),
            "You counted the neurons. Asked are the numbers that the net can learn: weights and biases.",
        ),
        Mistake(
            "product of all",
            lambda sizes: int(np.prod(sizes)),
            "You multiply all sizes together. Weights join neighbouring layers: each pair of layers has its own product, and they add up.",
        ),
    ),
)


EXERCISES = (WEIGHTED_INPUT, LAYER, SIGMOID, SHAPES, FORWARD, COUNT_PARAMETERS)
