"""The exercises of lesson 05, propagating the error (BP2), with the mistakes that they tell apart."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.proof import Proof, Step

Array = np.ndarray
Layers = list[Any]  # of arrays, None at the places of layers that have none


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


# ---- 05.1 one derivative ------------------------------------------------------------------------------------------


def _cases_one(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, k, j in ((3, 3, 2, 0), (3, 3, 0, 1), (4, 2, 1, 0), (2, 4, 1, 3)):
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n, 1)), k, j)
        cases.append(Case(f"W_next {n_next}×{n}, k = {k}, j = {j}", args))
    return cases


def _dz_next_dz(W_next: Array, z: Array, k: int, j: int) -> float:
    return float(W_next[k, j] * _prime(z[j, 0]))


def _dz_next_dz_oracle(W_next: Array, z: Array, k: int, j: int) -> Array:
    return oracles.jacobian(lambda moved: W_next @ sigmoid(moved), z)[k, 0, j, 0]


DZ_NEXT_DZ = Exercise(
    id="05.1",
    name="dz_next_dz",
    title="One derivative: how z_k of the next layer moves with z_j",
    points=1,
    minutes=5,
    difficulty=1,
    allows=("sigmoid",),
    cases=_cases_one,
    reference=_dz_next_dz,
    oracle=_dz_next_dz_oracle,
    hints=(
        "Write z_k of the next layer as a sum over the neurons of this layer. Which single term contains z_j?",
        "z_j reaches z_k in two links: first through the activation of neuron j, then along one weight. Multiply the derivatives of the two links.",
        "The weight leads to neuron k from neuron j; the activation's slope is taken at z_j. `bp.sigmoid.prime(z)` gives slopes.",
    ),
    mistakes=(
        Mistake(
            "w_jk for w_kj",
            lambda W_next, z, k, j: W_next[j, k] * _prime(z[j, 0]),
            "You took the weight in row j, column k. The first index of a weight is where it leads to, the second where it comes from. "
            "Which neuron does this path arrive at?",
        ),
        Mistake(
            "σ' left out",
            lambda W_next, z, k, j: W_next[k, j],
            "That is how z_k moves with the activation a_j. But you are asked about z_j, which lies one link further back: how does a_j move with "
            "z_j?",
        ),
        Mistake(
            "a for σ'",
            lambda W_next, z, k, j: W_next[k, j] * sigmoid(z[j, 0]),
            "You multiply the weight by the activation itself. You want to know how fast the activation changes when z_j moves, not how large it is.",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda W_next, z, k, j: W_next[k, j] * _prime(sigmoid(z[j, 0])),
            "You take the slope at the activation a_j. The activation function was applied to z_j: that is where its slope is needed.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda W_next, z, k, j: W_next[k, j] * z[j, 0] * (1 - z[j, 0]),
            "You use z(1 - z). The rule a(1 - a) for the sigmoid's slope is right with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "slope of neuron k",
            lambda W_next, z, k, j: W_next[k, j] * _prime(z[k, 0]),
            "The weight is the one that is needed, the slope belongs to another neuron. Through whose activation function does z_j pass?",
        ),
        Mistake(
            "z for σ'",
            lambda W_next, z, k, j: W_next[k, j] * z[j, 0],
            "You multiply the weight by z_j itself. That would be the value if neurons passed on z without an activation; you need a derivative.",
        ),
    ),
)


# ---- 05.2, 05.3 one layer of errors -----------------------------------------------------------------------------------


def _cases_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (2, 4, 3), (4, 3, 1)):
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), rng.normal(size=(n, m)))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", args))
    return cases


def _hidden_error(W_next: Array, delta_next: Array, z: Array) -> Array:
    return (W_next.T @ delta_next) * _prime(z)


def _hidden_error_oracle(W_next: Array, delta_next: Array, z: Array) -> Array:
    # Σ δ_next ∘ z_next changes with z as the cost does, when δ_next is the slope of the cost at z_next
    return oracles.gradient(lambda moved: np.sum(delta_next * (W_next @ sigmoid(moved))), z)


def _only_last_path(W_next: Array, delta_next: Array, z: Array) -> Array:
    delta = np.zeros_like(z)
    for k in range(len(W_next)):
        delta = W_next[k][:, None] * delta_next[k] * _prime(z)
    return delta


def _sum_over_j(W_next: Array, delta_next: Array, z: Array) -> Array:
    return delta_next * (W_next @ _prime(z))


def _path_indices_swapped(W_next: Array, delta_next: Array, z: Array) -> Array:
    delta = np.zeros_like(z)
    for j in range(z.shape[0]):
        for k in range(delta_next.shape[0]):
            delta[j] += W_next[j, k] * delta_next[k] * _prime(z[j])
    return delta


_AVERAGED = Mistake(
    "averaged over the examples",
    lambda W_next, delta_next, z: _hidden_error(W_next, delta_next, z) / z.shape[1],
    "You divide by the number of examples. δ belongs to one example, a column each; the mean over examples comes later, "
    "when the gradients of weights and biases are formed.",
)
_MEAN_OF_PATHS = Mistake(
    "mean over the paths",
    lambda W_next, delta_next, z: _hidden_error(W_next, delta_next, z) / W_next.shape[0],
    "You average over the neurons k of the next layer. Each path carries its whole share of the change, and the shares add up.",
)
_NO_SLOPE = Mistake(
    "σ' dropped",
    lambda W_next, delta_next, z: W_next.T @ delta_next,
    "You carried the error back to the activation a of this layer and stopped there. δ is taken at z: one more link of the chain is missing.",
)
_A_FOR_SLOPE = Mistake(
    "a for σ'",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * sigmoid(z),
    "Your last factor is the activation σ(z). A widely read text prints the formula this way, and its readers noticed. "
    "How does the activation change when z moves?",
)
_SLOPE_AT_A = Mistake(
    "σ'(a) for σ'(z)",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * _prime(sigmoid(z)),
    "You evaluate the slope at a = σ(z), so σ is applied once too often. Which number went into the activation function?",
)
_Z_ONE_MINUS_Z = Mistake(
    "z(1 - z) for σ'",
    lambda W_next, delta_next, z: (W_next.T @ delta_next) * z * (1 - z),
    "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
)

HIDDEN_ERROR_SUM = Exercise(
    id="05.2",
    name="hidden_error_sum",
    title="The error of a layer as a sum over paths, in loops",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_layer,
    reference=_hidden_error,
    oracle=_hidden_error_oracle,
    hints=(
        "Start with one neuron j and write down every way in which a change of z_j can reach the cost. There is one path for each neuron k of the "
        "next layer.",
        "Each path contributes the error of neuron k times the derivative from 05.1. For a fixed j, let the inner loop run over k and collect.",
        "Begin with zeros of z's shape. In the inner loop add to row j: the weight to k from j, times row k of delta_next, times the slope at z_j. "
        "A whole row is all examples at once.",
    ),
    mistakes=(
        Mistake(
            "= for +=",
            _only_last_path,
            "Only the last neuron of the next layer counts: each turn of your loop overwrites the turn before. A change of z_j reaches the cost "
            "along all paths.",
        ),
        Mistake(
            "sum over j",
            _sum_over_j,
            "You sum over the neurons j of this layer, so one number comes out for each neuron k of the next. "
            "Which neuron's error do you want, and which index has to disappear?",
        ),
        Mistake(
            "w_jk for w_kj",
            _path_indices_swapped,
            "You read the weight as W_next[j, k]. Its rows belong to the next layer: the first index says where a weight leads to.",
        ),
        _NO_SLOPE,
        _A_FOR_SLOPE,
        _SLOPE_AT_A,
        _Z_ONE_MINUS_Z,
        _AVERAGED,
        _MEAN_OF_PATHS,
    ),
)

HIDDEN_ERROR = Exercise(
    id="05.3",
    name="hidden_error",
    title="BP2 in matrix form",
    points=3,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_layer,
    reference=_hidden_error,
    oracle=_hidden_error_oracle,
    hints=(
        "Go by shapes: delta_next has a row per neuron of the next layer, the answer a row per neuron of this one. What turns one into the other?",
        "The sum in 05.2 runs over the first index of W_next. A matrix product sums over the last index of its left factor. What must happen to "
        "W_next first?",
        "Two steps: carry delta_next back through the transposed weights, then scale each entry by the slope of the activation at its own z.",
    ),
    mistakes=(
        Mistake(
            "transpose forgotten",
            lambda W_next, delta_next, z: (W_next @ delta_next) * _prime(z),
            "You multiply by W_next as it stands: that carries values forward, from this layer to the next. "
            "Where the layers differ in size the shapes tell you; here they agree by chance. Which index does the sum in BP2 run over?",
        ),
        _NO_SLOPE,
        _SLOPE_AT_A,
        Mistake(
            "σ' of the next layer",
            lambda W_next, delta_next, z: W_next.T @ (delta_next * _prime(z)),
            "You apply the slope before going back through the weights, to the errors of the next layer. "
            "The slope in BP2 belongs to the layer that you arrive at.",
        ),
        _A_FOR_SLOPE,
        _Z_ONE_MINUS_Z,
        Mistake(
            "matrix product with σ'",
            lambda W_next, delta_next, z: (W_next.T @ delta_next) @ _prime(z).T,
            "Your last step is a matrix product and mixes neurons and examples. Each entry of the error has its own slope: think entry by entry.",
        ),
        Mistake(
            "sign",
            lambda W_next, delta_next, z: -(W_next.T @ delta_next) * _prime(z),
            "Every entry has the opposite sign. δ is the slope of the cost itself; the minus sign of gradient descent comes with the update, not "
            "here.",
        ),
        _AVERAGED,
        _MEAN_OF_PATHS,
    ),
)


# ---- 05.4 all layers -----------------------------------------------------------------------------------------------------


def _forward(W: Layers, b: Layers, z: Array, l: int) -> Layers:
    """Weighted inputs from layer l to the last, given z of layer l."""
    zs: Layers = [None] * l + [z]
    for weights, bias in zip(W[l + 1 :], b[l + 1 :], strict=True):
        zs.append(weights @ sigmoid(zs[-1]) + bias)
    return zs


def _cases_net(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3, 3), 5), ((4, 3, 5, 2), 3), ((2, 3, 2), 1)):
        W: Layers = [None, *(rng.normal(size=(n, n_prev)) for n_prev, n in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(n, 1)) for n in sizes[1:])]
        z = _forward(W, b, W[1] @ rng.normal(size=(sizes[0], m)) + b[1], 1)
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, m = {m}", (W, z, rng.normal(size=(sizes[-1], m)))))
    return cases


def _backwards(W: Layers, z: Layers, delta_L: Array, step: Any) -> Layers:
    """δ of every layer, from the last to the first, by `step(l, δ of layer l + 1)`."""
    delta: Layers = [None] * len(z)
    delta[-1] = delta_L
    for layer in range(len(z) - 2, 0, -1):
        delta[layer] = step(layer, delta[layer + 1])
    return delta


def _all_errors(W: Layers, z: Layers, delta_L: Array) -> Layers:
    return _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * _prime(z[l]))


def _all_errors_oracle(W: Layers, z: Layers, delta_L: Array) -> Layers:
    b: Layers = [None, None, *(z[l] - W[l] @ sigmoid(z[l - 1]) for l in range(2, len(z)))]

    def cost_from(layer: int) -> Any:
        return lambda moved: np.sum(delta_L * _forward(W, b, moved, layer)[-1])

    return [None, *(oracles.gradient(cost_from(layer), z[layer]) for layer in range(1, len(z)))]


ALL_ERRORS = Exercise(
    id="05.4",
    name="all_errors",
    title="All errors of a net, last layer to first",
    points=3,
    minutes=12,
    difficulty=3,
    allows=("sigmoid",),
    part="delta[{}]",
    cases=_cases_net,
    reference=_all_errors,
    oracle=_all_errors_oracle,
    hints=(
        "The last entry is given. Every other entry needs the one behind it, so the loop runs downwards.",
        "For layer l you need three things: the weights between l and l + 1, the error of layer l + 1, and z of layer l. Say which list index "
        "each has.",
        "Make a list as long as z, filled with None, and set its last entry. For l from L - 1 down to 1 apply 05.3 to W[l + 1], delta[l + 1] and "
        "z[l].",
    ),
    mistakes=(
        Mistake(
            "W of the wrong layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l].T @ delta) * _prime(z[l])),
            "For layer l you use W[l], the weights that lead into layer l. The error comes back along the weights that lead out of it.",
        ),
        Mistake(
            "same W throughout",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[-1].T @ delta) * _prime(z[l])),
            "Every step goes back through the last layer's weights. Each pair of neighbouring layers has its own.",
        ),
        Mistake(
            "z of the wrong layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * _prime(z[l + 1])),
            "The weights are the right ones, the slopes are those of layer l + 1. The error arrives at layer l: whose activation function does it "
            "pass?",
        ),
        Mistake(
            "transpose forgotten",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1] @ delta) * _prime(z[l])),
            "You go through the weights in the forward direction. Compare with 05.3.",
        ),
        Mistake(
            "σ' dropped",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: W[l + 1].T @ delta),
            "The errors go back through the weights alone. Every layer on the way has an activation function with a slope.",
        ),
        Mistake(
            "a for σ'",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * sigmoid(z[l])),
            "The factor at each layer is the activation, where its derivative belongs.",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * _prime(sigmoid(z[l]))),
            "The slopes are taken at the activations. z holds weighted inputs: σ' takes them as they are.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta) * z[l] * (1 - z[l])),
            "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "always from the last layer",
            lambda W, z, delta_L: _backwards(W, z, delta_L, lambda l, delta: (W[l + 1].T @ delta_L) * _prime(z[l])),
            "Each layer starts again from delta_L. The recursion goes layer by layer: what comes into layer l is the error of layer l + 1.",
        ),
        Mistake(
            "last layer scaled again",
            lambda W, z, delta_L: _all_errors(W, z, delta_L * _prime(z[-1])),
            "You multiply delta_L by the last layer's slope. It is δ of the last layer already: BP1 has put that slope in.",
        ),
        Mistake(
            "front to back",
            lambda W, z, delta_L: [None, *_all_errors(W, z, delta_L)[:0:-1]],
            "The errors are right and stand in reverse order: delta[l] has to belong to layer l.",
        ),
        Mistake(
            "None at index 0 missing",
            lambda W, z, delta_L: _all_errors(W, z, delta_L)[1:],
            "The errors are right, one place too early. List index is layer: delta[0] is None, because the inputs have no error.",
        ),
    ),
)


# ---- 05.5 the proof in order ------------------------------------------------------------------------------------------------

PROOF = Proof(
    (
        Step("D", r"Take the definition: $\delta^l_j = \dfrac{\partial C_x}{\partial z^l_j}$."),
        Step(
            "F",
            r"Let every path count: $\delta^l_j = \sum_k \dfrac{\partial C_x}{\partial z^{l+1}_k}\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$.",
            "D",
            "chain rule before the definition",
            "Step F rewrites a derivative of the cost. Which step says that δ is that derivative?",
        ),
        Step(
            "B",
            r"Recognise the next layer's error: $\delta^l_j = \sum_k \delta^{l+1}_k\,\dfrac{\partial z^{l+1}_k}{\partial z^l_j}$.",
            "F",
            "next error before the sum over paths",
            "Step B names a factor in a sum over k. At that point of your proof, where does the sum come from?",
        ),
        Step("G", r"Write out one weighted input: $z^{l+1}_k = \sum_i w^{l+1}_{ki}\,\sigma(z^l_i) + b^{l+1}_k$."),
        Step(
            "C",
            r"Differentiate; only the term $i = j$ contains $z^l_j$: "
            r"$\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\,\sigma'(z^l_j)$.",
            "G",
            "derivative before the function",
            "Step C differentiates z_k term by term. The terms must stand there before they can be differentiated.",
        ),
        Step(
            "H",
            r"Put the derivative in: $\delta^l_j = \sum_k \delta^{l+1}_k\,w^{l+1}_{kj}\,\sigma'(z^l_j)$.",
            "BC",
            "substituted too early",
            "Step H joins two strands: a sum that holds a derivative, and the value of that derivative. One of the two is not there yet.",
        ),
        Step(
            "A",
            r"The slope does not depend on $k$: $\delta^l_j = \Big(\sum_k w^{l+1}_{kj}\,\delta^{l+1}_k\Big)\,\sigma'(z^l_j)$.",
            "H",
            "factor taken out too early",
            "Step A takes a factor out of a sum. In your order that factor has not come into the sum yet.",
        ),
        Step(
            "E",
            r"Read all $j$ at once; the sum is row $j$ of a matrix product: "
            r"$\delta^l = \big((W^{l+1})^{\mathsf T}\delta^{l+1}\big) \odot \sigma'(z^l)$.",
            "A",
            "matrix form too early",
            "Step E reads a sum over k as a matrix product. It needs the slope outside of that sum.",
        ),
    )
)

PROOF_ORDER = PROOF.exercise(
    id="05.5",
    name="proof_order",
    title="Put the proof of BP2 in order",
    points=2,
    minutes=8,
    difficulty=2,
    hints=(
        "Two steps rest on nothing: one says what δ is, one says what z is. Everything else follows from these.",
        "There are two strands. One turns the definition of δ into a sum over k, the other finds the derivative inside it. They meet in one step.",
        "After they meet, two steps remain: first tidy the sum, then read it as a matrix product. The second strand may stand anywhere before the "
        "meeting.",
    ),
)


# ---- 05.6 ratio of gradients ----------------------------------------------------------------------------------------------


def _cases_ratio(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, m in (((3, 3, 3, 3), 5), ((5, 4, 2, 3, 2), 1)):
        delta: Layers = [None, *(rng.normal(size=(n, m)) * rng.uniform(0.2, 2.0) for n in sizes)]
        cases.append(Case(f"layers of {', '.join(map(str, sizes))} neurons, m = {m}", (delta,)))
    return cases


def _ratios(norm: Any) -> Any:
    return lambda delta: np.array([norm(here) / norm(behind) for here, behind in itertools.pairwise(delta[1:])])


GRADIENT_RATIO = Exercise(
    id="05.6",
    name="gradient_ratio",
    title="How much of the error survives each layer",
    points=1,
    minutes=5,
    difficulty=1,
    cases=_cases_ratio,
    allows=("sigmoid",),  # as its neighbours, so that the grader runs the notebook's cells once for all
    reference=_ratios(np.linalg.norm),
    oracle=_ratios(lambda delta: np.sqrt(np.trace(delta.T @ delta))),
    hints=(
        "Going back from layer l + 1 to layer l, by what factor does the size of the error change?",
        "The size of a matrix here is the root of the sum of its squared entries: `np.linalg.norm(delta[l])`.",
        "For each l from 1 to L - 1, put the norm of layer l over the norm of layer l + 1. The result has L - 1 numbers, layer 1 first.",
    ),
    mistakes=(
        Mistake(
            "inverted",
            lambda delta: 1 / _ratios(np.linalg.norm)(delta),
            "You divide the later layer by the earlier one. The error travels backwards: a vanishing error should give numbers below 1.",
        ),
        Mistake(
            "squared norms",
            _ratios(lambda delta: np.sum(delta**2)),
            "Each number is the square of what is asked. Did you forget the root of the sum of squares?",
        ),
        Mistake(
            "compared with the last layer",
            lambda delta: np.array([np.linalg.norm(d) / np.linalg.norm(delta[-1]) for d in delta[1:-1]]),
            "You compare each layer with the last one. Asked is the factor of a single step, from layer l + 1 to layer l.",
        ),
        Mistake("sum for norm", _ratios(np.sum), "You add the entries up, so that positive and negative errors cancel. Their squares do not."),
        Mistake(
            "mean of sizes",
            _ratios(lambda delta: np.mean(np.abs(delta))),
            "You compare mean absolute values. Asked is the norm, root of the sum of squares.",
        ),
        Mistake(
            "largest entry for norm", _ratios(lambda delta: np.max(np.abs(delta))), "You compare the largest entries. The norm counts all of them."
        ),
        Mistake(
            "spectral norm",
            _ratios(lambda delta: np.linalg.norm(delta, 2)),
            "You use the matrix 2-norm, the largest stretch. Asked is the root of the sum of all squared entries, which is what "
            "`np.linalg.norm` gives when you name no order.",
        ),
        Mistake(
            "last layer first",
            lambda delta: _ratios(np.linalg.norm)(delta)[::-1],
            "The numbers are right and stand in reverse order: entry 0 belongs to layer 1.",
        ),
    ),
)


# ---- 05.7 the layer's Jacobian ---------------------------------------------------------------------------------------------


def _cases_jacobian(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W_next {n_next}×{n}", (rng.normal(size=(n_next, n)), rng.normal(size=(n, 1)))) for n_next, n in ((3, 3), (2, 4), (4, 2))]


LAYER_JACOBIAN = Exercise(
    id="05.7",
    name="layer_jacobian",
    title="The Jacobian of one layer",
    points=2,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=_cases_jacobian,
    reference=lambda W_next, z: W_next * _prime(z).T,
    oracle=lambda W_next, z: oracles.jacobian(lambda moved: W_next @ sigmoid(moved), z)[:, 0, :, 0],
    hints=(
        "Entry (k, j) is the derivative from 05.1. Write the entries of a 2×2 case down: which factor changes along a row, which down a column?",
        "A Jacobian of a composition is the product of the Jacobians, the outer one on the left. Here: weights after activation.",
        "The activation's Jacobian is diagonal, with the slopes on it. Multiplying by a diagonal matrix from the right scales columns.",
    ),
    mistakes=(
        Mistake(
            "diag on the wrong side",
            lambda W_next, z: np.diag(_prime(z).ravel()) @ W_next,
            "Your slopes scale the rows of W_next, one for each neuron k of the next layer. The slopes belong to the neurons j that the weights "
            "come from.",
        ),
        Mistake(
            "transposed",
            lambda W_next, z: (W_next * _prime(z).T).T,
            "This is the matrix that carries errors back. The Jacobian of the forward step has a row for each output, a neuron of the next layer.",
        ),
        Mistake(
            "σ' left out", lambda W_next, z: W_next + 0 * z.T, "That is the Jacobian with respect to the activations. One link further back stands z."
        ),
        Mistake(
            "a for σ'",
            lambda W_next, z: W_next * sigmoid(z).T,
            "You scale by the activations. A Jacobian holds derivatives: how fast does each activation change?",
        ),
        Mistake(
            "σ'(a) for σ'(z)",
            lambda W_next, z: W_next * _prime(sigmoid(z)).T,
            "The slopes are taken at the activations. Take them at z, where the activation function was applied.",
        ),
        Mistake(
            "z(1 - z) for σ'",
            lambda W_next, z: W_next * (z * (1 - z)).T,
            "You use z(1 - z) as the slope. The rule a(1 - a) holds with the activation a in it; with z it is another function.",
        ),
        Mistake(
            "product with the vector of slopes",
            lambda W_next, z: W_next @ _prime(z),
            "A matrix times the vector of slopes sums over j and leaves a column. The Jacobian keeps every pair (k, j) apart.",
        ),
    ),
)


EXERCISES = (DZ_NEXT_DZ, HIDDEN_ERROR_SUM, HIDDEN_ERROR, ALL_ERRORS, PROOF_ORDER, GRADIENT_RATIO, LAYER_JACOBIAN)


def proof_table() -> str:
    """The steps of BP2's proof under their letters, as a Markdown table."""
    return PROOF.table()
