"""The exercises of lesson 11, the errata clinic: six printed derivations judged line by line and repaired."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises import oracles
from bpkit.exercises.derivation import Derivation, Line
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid

Array = np.ndarray
Layers = list[Any]  # of arrays, None at index 0
Pair = tuple[Any, Any]
Sides = Callable[[np.random.Generator], Pair]

_ALLOWED = ("sigmoid", "tanh", "relu")  # the same throughout, so that the grader runs the notebook's cells once for all


def _prime(z: Array) -> Array:
    s = sigmoid(z)
    return s * (1 - s)


def _verdict(id: str, name: str, title: str, derivation: Derivation, minutes: int, hints: tuple[str, str, str]) -> Exercise:
    return Exercise(
        id=id,
        name=name,
        title=title,
        points=1,
        minutes=minutes,
        difficulty=2,
        kind="value",
        reference=derivation.wrong,
        oracle=lambda: derivation.first_false(np.random.default_rng(11)),
        accepts=derivation.holds,
        explain=derivation.explain,
        hints=hints,
        mistakes=derivation.mistakes(),
    )


# ---- text A: the recursion ----------------------------------------------------------------------------------------


def _recursion(sides: Callable[..., Pair]) -> Sides:
    """Two layers of sigmoid neurons and the quadratic cost; `sides` gets W, b, z, the cost at the next z, and its slope there."""

    def drawn(rng: np.random.Generator) -> Pair:
        W, b, z, y = rng.normal(size=(2, 3)), rng.normal(size=(2, 1)), rng.normal(size=(3, 1)), rng.random(size=(2, 1))

        def cost(z_next: Array) -> Any:
            return 0.5 * np.sum((sigmoid(z_next) - y) ** 2)

        return sides(W, b, z, cost, oracles.gradient(cost, W @ sigmoid(z) + b))

    return drawn


def _link(W: Array, z: Array) -> Array:
    """∂z_next / ∂z, row: neuron of the next layer."""
    return oracles.jacobian(lambda moved: W @ sigmoid(moved), z)[:, 0, :, 0]


def _true_error(W: Array, b: Array, z: Array, cost: Callable[[Array], Any]) -> Array:
    return oracles.gradient(lambda moved: cost(W @ sigmoid(moved) + b), z)


RECURSION = Derivation(
    (
        Line(
            r"$\delta^l_j = \dfrac{\partial C}{\partial z^l_j}$",
            "Line 1 is right: it gives a name to a derivative. A definition can be clumsy, it cannot be false.",
        ),
        Line(
            r"$\delta^l_j = \displaystyle\sum_k \frac{\partial C}{\partial z^{l+1}_k}\, \frac{\partial z^{l+1}_k}{\partial z^l_j}$",
            "Line 2 is right: the one neuron j feeds every neuron k of the next layer, so the chain rule has one term for each of them. "
            "Nothing has been differentiated yet.",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (delta_next * _link(W, z)).sum(axis=0)[:, None])),
        ),
        Line(
            r"$z^{l+1}_k = \displaystyle\sum_j w^{l+1}_{kj}\, \sigma(z^l_j) + b^{l+1}_k$",
            "Line 3 is right: it is the forward pass. That its j runs over all neurons, while the j of line 2 is one of them, is untidy but true.",
            _recursion(
                lambda W, b, z, cost, delta_next: (
                    W @ sigmoid(z) + b,
                    np.array([[sum(W[k, j] * sigmoid(z[j, 0]) for j in range(3)) + b[k, 0]] for k in range(2)]),
                )
            ),
        ),
        Line(
            r"$\dfrac{\partial z^{l+1}_k}{\partial z^l_j} = w^{l+1}_{kj}\, a^l_j$",
            sides=_recursion(lambda W, b, z, cost, delta_next: (_link(W, z), W * sigmoid(z)[:, 0])),
        ),
        Line(
            r"$\delta^l_j = \displaystyle\sum_k \delta^{l+1}_k\, w^{l+1}_{kj}\, a^l_j$",
            "Line 5 is not so, but it only puts lines 2 and 4 together, and putting together is allowed. Which of the two brought the fault in?",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (W.T @ delta_next) * sigmoid(z))),
        ),
        Line(
            r"$\delta^l = \left( (W^{l+1})^\top \delta^{l+1} \right) \odot a^l$",
            "Line 6 says the same as line 5 for all j at once, and the transpose is where it belongs. The fault came in further up.",
            _recursion(lambda W, b, z, cost, delta_next: (_true_error(W, b, z, cost), (W.T @ delta_next) * sigmoid(z))),
        ),
    ),
    wrong=4,
    all_right="One line is wrong. Take one weight, nudge z_j, and compare what z_k of the next layer does with what each line says it does.",
)

VERDICT_RECURSION = _verdict(
    "11.1",
    "verdict_recursion",
    "Text A, the recursion: the first wrong line",
    RECURSION,
    2,
    (
        "Read each line as a claim about a nudge: who is moved, who answers, by how much?",
        "A derivative of a sum is the sum of the derivatives of its terms. Do that to the sum that gives z_k, with pencil and paper.",
        "One of the lines differentiates. Does what stands there say how large something is, or how fast it changes?",
    ),
)


def _cases_tanh(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 3, 1)):
        args = (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), np.tanh(rng.normal(size=(n, m))))
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", args))
    return cases


def _repair_recursion(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (1 - a**2)


def _repair_recursion_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ np.tanh(z))), np.arctanh(a))


_AVERAGED = "You divide by the number of examples. An error belongs to one example, a column each; the mean comes with the weights' gradients."
_PATHS_AVERAGED = "You average over the neurons of the next layer. Line 2 adds the paths up, and it is right."

REPAIR_RECURSION = Exercise(
    id="11.2",
    name="repair_recursion",
    title="Text A repaired, for tanh and from the activations alone",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_tanh,
    allows=_ALLOWED,
    reference=_repair_recursion,
    oracle=_repair_recursion_oracle,
    hints=(
        "The shape of the formula is right: go back through the weights, then scale every entry. Only the factor is another one.",
        "You need tanh'(z) and have no z, only a = tanh(z). Write tanh as a quotient of exponentials, or use cosh: what is the slope in terms of a?",
        "The slope of tanh is 1 where a is 0, and dies out where a nears 1 or -1 from inside. It is a polynomial of degree 2 in a.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a,
            "That is the published line: scaled by how active the neuron is. With tanh it even turns the sign of every error whose "
            "activation is negative.",
        ),
        Mistake(
            "the sigmoid's slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a * (1 - a),
            "a(1 - a) is the slope of the sigmoid, written through its own activation. These neurons are tanh, and at a = 0 tanh is at its steepest.",
        ),
        Mistake(
            "1 - a, not squared",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - a),
            "Your slope is 2 where a nears -1 and 0 where it nears 1. The curve of tanh looks the same on both sides.",
        ),
        Mistake(
            "a² alone",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a**2,
            "Your factor is largest where tanh is flat and 0 where it is steepest: it is what is missing to the slope.",
        ),
        Mistake(
            "size of a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.abs(a),
            "You keep the sign right and the size of the activation as the factor. At a = 0 nothing would come back, and there tanh gives way most.",
        ),
        Mistake(
            "slope at a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (1 - np.tanh(a) ** 2),
            "You take the slope at a, so tanh is applied once too often. a has been through tanh already.",
        ),
        Mistake(
            "the sigmoid's slope, at a",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * _prime(a),
            "You call the sigmoid's slope, and give it the activation. These neurons are tanh, and a has been through tanh already.",
        ),
        Mistake(
            "sign",
            lambda W_next, delta_next, a: -_repair_recursion(W_next, delta_next, a),
            "Every entry has the opposite sign. Tanh rises everywhere: its slope is never negative.",
        ),
        Mistake(
            "slope dropped",
            lambda W_next, delta_next, a: W_next.T @ delta_next,
            "You took the wrong factor out and put nothing in its place. That is the error at the activation, and δ is taken at z.",
        ),
        Mistake(
            "transpose forgotten",
            lambda W_next, delta_next, a: (W_next @ delta_next) * (1 - a**2),
            "The factor is right. The weights are taken in the forward direction: which of their two indices does the sum run over?",
        ),
        Mistake(
            "slope of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (1 - a**2)),
            "You scale before you go back through the weights. The slope belongs to the layer that you arrive at.",
        ),
        Mistake("averaged over the examples", lambda W_next, delta_next, a: _repair_recursion(W_next, delta_next, a) / a.shape[1], _AVERAGED),
        Mistake("mean over the paths", lambda W_next, delta_next, a: _repair_recursion(W_next, delta_next, a) / len(W_next), _PATHS_AVERAGED),
    ),
)


# ---- text P: the last layer ---------------------------------------------------------------------------------------


def _last_layer(sides: Callable[..., Pair]) -> Sides:
    """A last layer with as many neurons as the one before; `sides` gets J as a function of z^L, W, a^{L-1} and z^L."""

    def drawn(rng: np.random.Generator) -> Pair:
        W, b, a, y = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.random(size=(3, 1)), rng.random(size=(3, 1))
        return sides(lambda z: 0.5 * np.sum((sigmoid(z) - y) ** 2), W, a, W @ a + b)

    return drawn


def _slopes_of_weights(J: Callable[[Array], Any], W: Array, a: Array, z: Array) -> Array:
    return oracles.gradient(lambda moved: J(z + (moved - W) @ a), W)


def _by_first_index(J: Callable[[Array], Any], W: Array, a: Array, z: Array) -> Pair:
    return _slopes_of_weights(J, W, a, z), np.repeat(oracles.gradient(J, z) * a, 3, axis=1)


LAST_LAYER = Derivation(
    (
        Line(
            r"$\delta_p^{(L)} = \dfrac{\partial J}{\partial z_p^{(L)}}$",
            "Line 1 is right: it gives a name to a derivative, and the neuron has the same letter on both sides.",
        ),
        Line(
            r"$\delta_p^{(L)} = \dfrac{\partial J}{\partial a_p^{(L)}}\, f'\!\left(z_p^{(L)}\right)$",
            "Line 2 is right, though a sum seems to be missing: with an elementwise f, the input of neuron p reaches the cost through its own output "
            "alone. For a softmax it would be wrong.",
            _last_layer(
                lambda J, W, a, z: (oracles.gradient(J, z), oracles.gradient(lambda out: J(np.log(out / (1 - out))), sigmoid(z)) * _prime(z))
            ),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}}\, a_p^{(L-1)}$",
            sides=_last_layer(_by_first_index),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial w_{pq}^{(L)}} = \delta_p^{(L)}\, a_p^{(L-1)}$",
            "Line 4 puts the name from line 1 into line 3, and that is all it does. If something is wrong with it, it was wrong before.",
            _last_layer(_by_first_index),
        ),
        Line(
            r"$\dfrac{\partial J}{\partial b_q^{(L)}} = \dfrac{\partial J}{\partial z_p^{(L)}} = \delta_p^{(L)}$",
            "Line 5 is wrong too: its left side asks about neuron q, its right side answers for p. But it is not the first. "
            "Compare the letters of the lines above in the same way.",
            _last_layer(lambda J, W, a, z: (np.tile(oracles.gradient(J, z).T, (3, 1)), np.tile(oracles.gradient(J, z), (1, 3)))),
        ),
        Line(
            r"for every layer: $\dfrac{\partial J}{\partial w_{ji}^{(l)}} = \delta_j^{(l)}\, a_i^{(l-1)}$",
            "Line 6 is right, and it contradicts a line above it for l = L. One of the two has a left side with two indices and uses "
            "only one of them.",
            _last_layer(
                lambda J, W, a, z: (
                    _slopes_of_weights(J, W, a, z),
                    np.array([[oracles.gradient(J, z)[j, 0] * a[i, 0] for i in range(3)] for j in range(3)]),
                )
            ),
        ),
    ),
    wrong=3,
    all_right="One line is wrong. Count the free letters on both sides of every equation: what is asked for on the left has to be used on the right.",
)

VERDICT_LAST_LAYER = _verdict(
    "11.3",
    "verdict_last_layer",
    "Text P, the last layer: the first wrong line",
    LAST_LAYER,
    2,
    (
        "A weight has two indices. Say aloud where it leads to and where it comes from, and look for both in each formula.",
        "Fix p and let q run: the weights into one neuron, from several. Would all of them have the same gradient?",
        "Write z_p out as a sum over q. What stands beside the weight in that sum is what its derivative must contain.",
    ),
)


def _cases_last_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 5), (2, 4, 3), (4, 2, 1)):
        cases.append(Case(f"layer of {n} behind {n_prev}, m = {m}", (rng.normal(size=(n, m)), rng.normal(size=(n_prev, m)))))
    return cases


def _repair_last_layer(delta: Array, a_prev: Array) -> list[Array]:
    return [delta @ a_prev.T / delta.shape[1], delta.mean(axis=1, keepdims=True)]


def _repair_last_layer_oracle(delta: Array, a_prev: Array) -> list[Array]:
    # the cost changes with W and b as the mean over the examples of δ · z does, when δ is its slope at z
    def cost(W: Array, b: Array) -> Any:
        return np.mean(np.sum(delta * (W @ a_prev + b), axis=0))

    W, b = np.zeros((len(delta), len(a_prev))), np.zeros((len(delta), 1))
    return [oracles.gradient(lambda moved: cost(moved, b), W), oracles.gradient(lambda moved: cost(W, moved), b)]


def _with_bias(weights: Callable[[Array, Array], Array]) -> Callable[[Array, Array], list[Array]]:
    """A mistake in the weights beside the right biases."""
    return lambda delta, a_prev: [weights(delta, a_prev), delta.mean(axis=1, keepdims=True)]


REPAIR_LAST_LAYER = Exercise(
    id="11.4",
    name="repair_last_layer",
    title="Text P repaired, for m examples",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_last_layer,
    allows=_ALLOWED,
    part=("dW", "db"),
    reference=_repair_last_layer,
    oracle=_repair_last_layer_oracle,
    hints=(
        "Repair the letters first, for one example: which activation belongs to the weight to p from q?",
        "For every pair (p, q) you need one number, so for one example the gradient is a table of products with a row for each "
        "p, a column for each q.",
        "Over m examples the table becomes a matrix product, errors on the left, activations turned on the right, and the one 1/m. "
        "The bias is a weight whose activation is always 1.",
    ),
    mistakes=(
        Mistake(
            "as published",
            _with_bias(lambda delta, a_prev: np.mean(delta * a_prev, axis=1, keepdims=True) * np.ones((len(delta), len(a_prev)))),
            "That is the published line: every weight into neuron p gets the same gradient, whatever it comes from. And where the "
            "two layers differ in "
            "size there is no a_p at all.",
        ),
        Mistake(
            "elementwise product",
            _with_bias(lambda delta, a_prev: delta * a_prev / delta.shape[1]),
            "An elementwise product pairs neuron p with neuron p: the published letters, in code. Each error has to meet each activation.",
        ),
        Mistake(
            "p and q swapped",
            _with_bias(lambda delta, a_prev: a_prev @ delta.T / delta.shape[1]),
            "You exchanged both letters: the error of neuron q with the activation of neuron p. A weight's gradient has the weight's shape: "
            "rows are where it leads to.",
        ),
        Mistake(
            "both factors by their last index",
            _with_bias(lambda delta, a_prev: np.ones((len(delta), 1)) * np.mean(delta * a_prev, axis=1)[None, :]),
            "You made both letters q. The error belongs to the neuron that the weight leads to, and that letter was right as printed.",
        ),
        Mistake(
            "no 1/m",
            lambda delta, a_prev: [delta @ a_prev.T, delta.sum(axis=1, keepdims=True)],
            "You sum over the examples. The cost of a batch is a mean, so its slope is one as well.",
        ),
        Mistake(
            "1/m in the weights only",
            lambda delta, a_prev: [delta @ a_prev.T / delta.shape[1], delta.sum(axis=1, keepdims=True)],
            "The weights are right, the biases are summed over the examples. Weights and biases belong to the same cost.",
        ),
        Mistake(
            "1/m in the biases only",
            _with_bias(lambda delta, a_prev: delta @ a_prev.T),
            "The biases are right, the weights are summed over the examples. Weights and biases belong to the same cost.",
        ),
        Mistake(
            "1/m twice",
            lambda delta, a_prev: [part / delta.shape[1] for part in _repair_last_layer(delta, a_prev)],
            "You divide by the number of examples twice.",
        ),
        Mistake(
            "db per example",
            lambda delta, a_prev: [delta @ a_prev.T / delta.shape[1], delta],
            "The weights are right. Your db has a column for each example; the layer has one column of biases, which all examples share.",
        ),
        Mistake(
            "db per neuron before",
            lambda delta, a_prev: [delta @ a_prev.T / delta.shape[1], a_prev.mean(axis=1, keepdims=True)],
            "The weights are right. Your db has an entry for each neuron of the layer before. Line 5 confuses p and q as well; which is a bias of?",
        ),
        Mistake(
            "one db for the layer",
            lambda delta, a_prev: [delta @ a_prev.T / delta.shape[1], delta.sum(axis=0).mean().reshape(1, 1)],
            "The weights are right. Your db is one number for the whole layer. Here every neuron has a bias of its own.",
        ),
    ),
)


# ---- text R: the order of the loop ----------------------------------------------------------------------------------


def _row_forward(w: Layers, b: Layers, x: Array) -> tuple[Layers, Layers]:
    """ε and y of every layer, examples as rows: tanh inside, sigmoid at the end."""
    eps: Layers = [None]
    y: Layers = [x]
    for m in range(1, len(w)):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(sigmoid(eps[m]) if m == len(w) - 1 else np.tanh(eps[m]))
    return eps, y


def _loss(w: Layers, b: Layers, x: Array, t: Array) -> Any:
    return 0.5 * np.sum((_row_forward(w, b, x)[1][-1] - t) ** 2)


def _loss_slopes(w: Layers, b: Layers, x: Array, t: Array) -> tuple[Layers, Layers]:
    """∂L/∂ω and ∂L/∂b by complex step."""

    def slope(parameters: Layers, m: int, cost: Callable[[Layers], Any]) -> Array:
        return oracles.gradient(lambda moved: cost([*parameters[:m], moved, *parameters[m + 1 :]]), parameters[m])

    layers = range(1, len(w))
    return (
        [None, *(slope(w, m, lambda moved: _loss(moved, b, x, t)) for m in layers)],
        [None, *(slope(b, m, lambda moved: _loss(w, moved, x, t)) for m in layers)],
    )


def _row_loop(sides: Callable[..., Pair]) -> Sides:
    """A 4-3-2 net and one example; `sides` gets w, b, x, t, ε, y and ∂L/∂ε of both layers."""

    def drawn(rng: np.random.Generator) -> Pair:
        w: Layers = [None, rng.normal(size=(4, 3)), rng.normal(size=(3, 2))]
        b: Layers = [None, rng.normal(size=(1, 3)), rng.normal(size=(1, 2))]
        x, t = rng.normal(size=(1, 4)), rng.random(size=(1, 2))
        eps, y = _row_forward(w, b, x)
        last = oracles.gradient(lambda moved: 0.5 * np.sum((sigmoid(moved) - t) ** 2), eps[2])
        first = oracles.gradient(lambda moved: 0.5 * np.sum((sigmoid(np.tanh(moved) @ w[2] + b[2]) - t) ** 2), eps[1])
        return sides(w, b, x, t, eps, y, [None, first, last])

    return drawn


_ALPHA = 0.5


def _updated(w: Layers, b: Layers, x: Array, t: Array, eps: Layers, y: Layers, error: Layers) -> Pair:
    dw, db = _loss_slopes(w, b, x, t)
    right = np.concatenate([(w[2] - _ALPHA * dw[2]).ravel(), (b[2] - _ALPHA * db[2]).ravel()])
    return right, np.concatenate([(w[2] - _ALPHA * (y[1].T @ error[2])).ravel(), (b[2] - _ALPHA * error[2]).ravel()])


def _through_new_weights(w: Layers, eps: Layers, y: Layers, error: Layers) -> Array:
    return (1 - np.tanh(eps[1]) ** 2) * (error[2] @ (w[2] - _ALPHA * (y[1].T @ error[2])).T)


ORDER = Derivation(
    (
        Line(
            r"$y^0 = X$; for $m = 1, \dots, D$: $\epsilon^m = y^{m-1} \omega^m + b^m$ and $y^m = \mathrm{Act}_m(\epsilon^m)$; keep them all",
            "Line 1 is right: an example is a row here, so the weights stand on the right of what they act on.",
            _row_loop(lambda w, b, x, t, eps, y, error: (eps[1], np.einsum("xj,ji->xi", x, w[1]) + b[1])),
        ),
        Line(
            r"$\dfrac{\partial L}{\partial \epsilon^D} = \mathrm{Loss}'(y^D) \odot \mathrm{Act}'_D(\epsilon^D)$",
            "Line 2 is right: BP1 in rows. The activation is elementwise, and its slope is taken where the activation was applied.",
            _row_loop(lambda w, b, x, t, eps, y, error: (error[2], (y[2] - t) * _prime(eps[2]))),
        ),
        Line(
            r"for $m = D, D-1, \dots$: $\;d\omega^m = (y^{m-1})^\top\, \dfrac{\partial L}{\partial \epsilon^m}$",
            "Line 3 is right, though it looks turned round: in rows, the weight to i from j stands in row j, so the activations come first, "
            "and transposed.",
            _row_loop(lambda w, b, x, t, eps, y, error: (_loss_slopes(w, b, x, t)[0][2], y[1].T @ error[2])),
        ),
        Line(
            r"$db^m = \dfrac{\partial L}{\partial \epsilon^m}$",
            "Line 4 is right for one row, which is what the text declares: the bias is added to ε unchanged. With several rows it would need a sum.",
            _row_loop(lambda w, b, x, t, eps, y, error: (_loss_slopes(w, b, x, t)[1][2], error[2])),
        ),
        Line(
            r"$\omega^m \leftarrow \omega^m - \alpha\, d\omega^m$ and $b^m \leftarrow b^m - \alpha\, db^m$",
            "Line 5 does what it says: both parameters of layer m take the step of gradient descent. Whether the next lines still find what they "
            "need is the question to ask of them.",
            _row_loop(_updated),
        ),
        Line(
            r"$\dfrac{\partial L}{\partial \epsilon^{m-1}} = \mathrm{Act}'_m(\epsilon^{m-1}) \odot "
            r"\left[ \dfrac{\partial L}{\partial \epsilon^m}\, (\omega^m)^\top \right]$",
            sides=_row_loop(lambda w, b, x, t, eps, y, error: (error[1], _through_new_weights(w, eps, y, error))),
        ),
        Line(
            r"in the next turn, with $m - 1$ for $m$: $\;d\omega^{m-1} = (y^{m-2})^\top\, \dfrac{\partial L}{\partial \epsilon^{m-1}}$",
            "Line 7 is line 3 again, one layer further down, and as right as line 3 if it is handed the right error. Who hands it over?",
            _row_loop(lambda w, b, x, t, eps, y, error: (_loss_slopes(w, b, x, t)[0][1], x.T @ _through_new_weights(w, eps, y, error))),
        ),
    ),
    wrong=6,
    all_right="One line is wrong. Play computer: write down after each line which value every symbol has now, and which value the next line means.",
)

VERDICT_ORDER = _verdict(
    "11.5",
    "verdict_order",
    "Text R, the loop: the first wrong line",
    ORDER,
    3,
    (
        "This is a program, not a proof. A symbol can have another value below a line than above it.",
        "Two symbols change in the loop. For each, find the lines that read it after it has changed.",
        "The forward pass was made with certain weights. Which line needs exactly these, and are they still there when it is reached?",
    ),
)


def _cases_order(rng: np.random.Generator) -> list[Case]:
    cases = []
    for sizes, n in (((3, 3, 3, 3), 5), ((4, 2, 3), 3), ((2, 3, 4, 2), 1)):
        w: Layers = [None, *(rng.normal(size=pair) for pair in itertools.pairwise(sizes))]
        b: Layers = [None, *(rng.normal(size=(1, size)) for size in sizes[1:])]
        args = (w, b, rng.normal(size=(n, sizes[0])), rng.random(size=(n, sizes[-1])), float(rng.uniform(0.4, 0.8)))
        cases.append(Case(f"layers {'-'.join(map(str, sizes))}, {n} row{'s' if n > 1 else ''}", args))
    return cases


def _backwards(w: Layers, eps: Layers, last: Array, step: Callable[[int, Array], Array]) -> Layers:
    """∂L/∂ε of every layer, by `step(m, error of layer m)` for the layer before."""
    error: Layers = [None] * len(w)
    error[-1] = last
    for m in range(len(w) - 1, 1, -1):
        error[m - 1] = step(m, error[m])
    return error


def _row_errors(w: Layers, eps: Layers, y: Layers, t: Array) -> Layers:
    last = (y[-1] - t) * _prime(eps[-1])
    return _backwards(w, eps, last, lambda m, error: (error @ w[m].T) * (1 - np.tanh(eps[m - 1]) ** 2))


def _rows_summed(error: Array) -> Array:
    return error.sum(axis=0, keepdims=True)


def _stepped(w: Layers, b: Layers, y: Layers, error: Layers, alpha: float, bias: Callable[[Array], Array] = _rows_summed) -> list[Layers]:
    layers = range(1, len(w))
    return [[None, *(w[m] - alpha * y[m - 1].T @ error[m] for m in layers)], [None, *(b[m] - alpha * bias(error[m]) for m in layers)]]


def _repair_order(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    eps, y = _row_forward(w, b, x)
    return _stepped(w, b, y, _row_errors(w, eps, y, t), alpha)


def _repair_order_oracle(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    dw, db = _loss_slopes(w, b, x, t)
    layers = range(1, len(w))
    return [[None, *(w[m] - alpha * dw[m] for m in layers)], [None, *(b[m] - alpha * db[m] for m in layers)]]


def _with_errors(errors: Callable[..., Layers], bias: Callable[[Array], Array] = _rows_summed) -> Callable[..., list[Layers]]:
    """A mistake in the errors, then the step as it should be."""

    def answer(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
        eps, y = _row_forward(w, b, x)
        return _stepped(w, b, y, errors(w, eps, y, t, alpha), alpha, bias)

    return answer


def _slope_of(m: int, eps: Array, D: int) -> Array:
    return _prime(eps) if m == D else 1 - np.tanh(eps) ** 2


def _in_published_order(slope_of_layer_before: bool) -> Callable[..., Layers]:
    def errors(w: Layers, eps: Layers, y: Layers, t: Array, alpha: float) -> Layers:
        def step(m: int, error: Array) -> Array:
            new = w[m] - alpha * y[m - 1].T @ error
            return (error @ new.T) * _slope_of(m - 1 if slope_of_layer_before else m, eps[m - 1], len(w) - 1)

        return _backwards(w, eps, (y[-1] - t) * _prime(eps[-1]), step)

    return errors


def _slope_of_layer_behind(w: Layers, eps: Layers, y: Layers, t: Array, alpha: float) -> Layers:
    last = (y[-1] - t) * _prime(eps[-1])
    return _backwards(w, eps, last, lambda m, error: (error @ w[m].T) * _slope_of(m, eps[m - 1], len(w) - 1))


def _forward_again(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    w, b = list(w), list(b)
    for m in range(len(w) - 1, 0, -1):
        eps, y = _row_forward(w, b, x)
        error = _row_errors(w, eps, y, t)
        w[m], b[m] = w[m] - alpha * y[m - 1].T @ error[m], b[m] - alpha * _rows_summed(error[m])
    return [w, b]


def _sigmoid_throughout(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    eps: Layers = [None]
    y: Layers = [x]
    for m in range(1, len(w)):
        eps.append(y[-1] @ w[m] + b[m])
        y.append(sigmoid(eps[m]))
    error = _backwards(w, eps, (y[-1] - t) * _prime(eps[-1]), lambda m, error: (error @ w[m].T) * _prime(eps[m - 1]))
    return _stepped(w, b, y, error, alpha)


def _moves(w: Layers, b: Layers, x: Array, t: Array, alpha: float) -> list[Layers]:
    pairs = zip((w, b), _repair_order(w, b, x, t, alpha), strict=True)
    return [[None, *(new[m] - old[m] for m in range(1, len(w)))] for old, new in pairs]


REPAIR_ORDER = Exercise(
    id="11.6",
    name="repair_order",
    title="Text R repaired: one step of training, in rows",
    points=3,
    minutes=7,
    difficulty=3,
    cases=_cases_order,
    allows=_ALLOWED,
    part=("w[{}]", "b[{}]"),
    reference=_repair_order,
    oracle=_repair_order_oracle,
    hints=(
        "Two phases, as in lesson 07: first find every gradient, then move every parameter. Nothing that moves may be read again.",
        "In line 6 two things are not what they should be: which ω stands there by then, and whose activation function the slope belongs to.",
        "Go back from layer D to layer 2 with the old weights, and keep each error. Then make new lists. With several rows, b sees every row: "
        "its gradient is the sum of the error's rows, and there is no 1/n in this text.",
    ),
    mistakes=(
        Mistake(
            "as published",
            _with_errors(_in_published_order(slope_of_layer_before=False)),
            "That is the published loop: the last layer moves first, and the error goes back through what it has become. And the slope in line 6 is "
            "that of another layer's activation function.",
        ),
        Mistake(
            "update before propagate",
            _with_errors(_in_published_order(slope_of_layer_before=True)),
            "The last layer is right. You still send the error back through weights that have moved. Did you keep the old ones under another name? "
            "A name is no copy: after `-=` on the array both names show the new numbers.",
        ),
        Mistake(
            "slope of the layer behind",
            _with_errors(_slope_of_layer_behind),
            "The order is repaired. But line 6 also takes the slope of layer m's activation function at the input of layer m - 1. "
            "Here the last layer "
            "and the others differ in their function, so it shows.",
        ),
        Mistake(
            "forward again after each layer",
            _forward_again,
            "You run the forward pass again after every layer's update, so each layer gets the gradient of another net. One step of gradient descent "
            "takes all gradients at one place.",
        ),
        Mistake(
            "slope at y",
            _with_errors(
                lambda w, eps, y, t, alpha: _backwards(
                    w, eps, (y[-1] - t) * _prime(eps[-1]), lambda m, error: (error @ w[m].T) * (1 - np.tanh(y[m - 1]) ** 2)
                )
            ),
            "You take the slope of tanh at y, so tanh is applied twice. It was applied to ε.",
        ),
        Mistake(
            "y for the slope",
            _with_errors(lambda w, eps, y, t, alpha: _backwards(w, eps, (y[-1] - t) * _prime(eps[-1]), lambda m, error: (error @ w[m].T) * y[m - 1])),
            "On the way back you scale by the outputs of the layer, as text A does. It takes their slope.",
        ),
        Mistake(
            "slope dropped",
            _with_errors(lambda w, eps, y, t, alpha: _backwards(w, eps, (y[-1] - t) * _prime(eps[-1]), lambda m, error: error @ w[m].T)),
            "On the way back no slope comes in. ε of the layer before lies behind its activation function.",
        ),
        Mistake(
            "Loss' alone in the last layer",
            _with_errors(
                lambda w, eps, y, t, alpha: _backwards(w, eps, y[-1] - t, lambda m, error: (error @ w[m].T) * (1 - np.tanh(eps[m - 1]) ** 2))
            ),
            "Line 2 is right as printed, with two factors; one of yours is missing. The loss is the quadratic one, so nothing cancels.",
        ),
        Mistake(
            "tanh in the last layer",
            _with_errors(
                lambda w, eps, y, t, alpha: _backwards(
                    w, eps, (y[-1] - t) * (1 - np.tanh(eps[-1]) ** 2), lambda m, error: (error @ w[m].T) * (1 - np.tanh(eps[m - 1]) ** 2)
                )
            ),
            "The last layer's slope is that of tanh. Its activation function is the sigmoid.",
        ),
        Mistake(
            "sigmoid in the hidden layers",
            _sigmoid_throughout,
            "You use the sigmoid in every layer. In this net the hidden layers are tanh, on the way forward and on the way back.",
        ),
        Mistake(
            "no half in the loss",
            lambda w, b, x, t, alpha: _repair_order(w, b, x, t, 2 * alpha),
            "Every parameter moves twice as far as it should. The loss has a half in front of its squares.",
        ),
        Mistake(
            "db not summed",
            _with_errors(lambda w, eps, y, t, alpha: _row_errors(w, eps, y, t), bias=lambda error: error),
            "The weights are right. Line 4 holds for one row: with several rows your b gets a row for each example. All rows share one bias.",
        ),
        Mistake(
            "db averaged",
            _with_errors(lambda w, eps, y, t, alpha: _row_errors(w, eps, y, t), bias=lambda error: error.mean(axis=0, keepdims=True)),
            "The weights are right, the biases take the mean over the rows. This text's L is a sum over the rows, for weights and biases alike.",
        ),
        Mistake(
            "db summed over the neurons",
            _with_errors(lambda w, eps, y, t, alpha: _row_errors(w, eps, y, t), bias=lambda error: error.sum(keepdims=True)),
            "The weights are right. Your db is one number: the text's variant with one bias for a whole layer. Here every neuron has its own.",
        ),
        Mistake(
            "averaged over the rows",
            lambda w, b, x, t, alpha: _repair_order(w, b, x, t, alpha / len(x)),
            "You divide by the number of rows. That is this course's cost; the text's L is a sum, and the task keeps it.",
        ),
        Mistake(
            "uphill",
            lambda w, b, x, t, alpha: _repair_order(w, b, x, t, -alpha),
            "Every parameter moves the wrong way. A gradient points uphill.",
        ),
        Mistake(
            "gradients for parameters",
            _moves,
            "You return by how much everything moves. Asked are the parameters after the step.",
        ),
    ),
)


# ---- text U, example 1: the wrong variable -----------------------------------------------------------------------------


def _sparse(sides: Callable[..., Pair]) -> Sides:
    """`sides` gets A, s, x and γ."""
    return lambda rng: sides(rng.normal(size=(2, 3)), rng.normal(size=(3, 1)), rng.normal(size=(2, 1)), 0.7)


def _sum_of_squares(v: Array) -> Any:
    return np.sum(v**2)


SPARSE = Derivation(
    (
        Line(
            r"wanted: $\nabla_A F$ of $F = \lVert As - x \rVert^2 + \gamma \lVert A \rVert^2$. The second term gives $2 \gamma A$; "
            r"draw the first as a net: $z^{(2)} = As$, $z^{(3)} = As - x$, $F_1 = \sum_k (z^{(3)}_k)^2$",
            "Line 1 is right: the net computes the first term, and the second is a sum of squares.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: gamma * _sum_of_squares(moved), A), 2 * gamma * A)),
        ),
        Line(
            r"$\delta^{(3)} = 2 z^{(3)} = 2(As - x)$",
            "Line 2 is right: the last layer squares and sums, so the slope at its input is twice that input. No error has to come in from behind.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(_sum_of_squares, A @ s - x), 2 * (A @ s - x))),
        ),
        Line(
            r"$\delta^{(2)} = \left( I^\top \delta^{(3)} \right) \odot 1 = 2(As - x)$",
            "Line 3 is right: subtracting the constant x changes no slope, and the weights between these layers are the identity.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda z: _sum_of_squares(z - x), A @ s), 2 * (A @ s - x))),
        ),
        Line(
            r"$\delta^{(1)} = \left( A^\top \delta^{(2)} \right) \odot 1 = 2 A^\top (As - x)$",
            "Line 4 is right: it is the slope at the input of the net, and layer 1 has the identity as its activation function. "
            "Say which variable that input is.",
            _sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: _sum_of_squares(A @ moved - x), s), 2 * A.T @ (A @ s - x))),
        ),
        Line(
            r"so the first term's gradient is $\nabla F_1 = \delta^{(1)} = 2 A^\top (As - x)$",
            sides=_sparse(lambda A, s, x, gamma: (oracles.gradient(lambda moved: _sum_of_squares(moved @ s - x), A), 2 * A.T @ (A @ s - x))),
        ),
        Line(
            r"$\nabla_A F = 2 A^\top (As - x) + 2 \gamma A$",
            "Line 6 adds the two terms, as line 1 announced; its shapes do not even fit. Which of the two terms has the wrong shape, "
            "and where was it made?",
            _sparse(
                lambda A, s, x, gamma: (
                    oracles.gradient(lambda moved: _sum_of_squares(moved @ s - x) + gamma * _sum_of_squares(moved), A),
                    2 * A.T @ (A @ s - x),
                )
            ),
        ),
    ),
    wrong=5,
    all_right="One line is wrong. Write the shape of A, of s and of every right side beside its line: a gradient has the shape of its variable.",
)

VERDICT_SPARSE = _verdict(
    "11.7",
    "verdict_sparse",
    "Text U, sparse coding: the first wrong line",
    SPARSE,
    2,
    (
        "Keep the question in mind: with respect to what is the gradient wanted?",
        "Every δ is the slope at the input of a layer. For each of the three, name the quantity it is the slope of F at.",
        "A is not a quantity that flows through this net. What is it, and how does one get from a δ to the gradient of such a thing?",
    ),
)


def _cases_sparse(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, k, m in ((3, 3, 3), (2, 4, 5), (4, 3, 1)):
        args = (rng.normal(size=(n, k)), rng.normal(size=(k, m)), rng.normal(size=(n, m)), float(rng.uniform(0.3, 1.5)))
        cases.append(Case(f"A {n}×{k}, m = {m}", args))
    return cases


def _repair_sparse(A: Array, S: Array, X: Array, gamma: float) -> Array:
    return 2 * (A @ S - X) @ S.T + 2 * gamma * A


REPAIR_SPARSE = Exercise(
    id="11.8",
    name="repair_sparse",
    title="Text U, example 1, repaired: the gradient for A",
    points=2,
    minutes=4,
    difficulty=2,
    cases=_cases_sparse,
    allows=_ALLOWED,
    reference=_repair_sparse,
    oracle=lambda A, S, X, gamma: oracles.gradient(lambda moved: _sum_of_squares(moved @ S - X) + gamma * _sum_of_squares(moved), A),
    hints=(
        "A is a weight matrix: it leads from s to As. Lesson 06 has the formula for such a thing.",
        "BP4: the error behind the weights times the activations before them. Which of the three δ lies behind A, and what lies before it?",
        "The error is twice the misfit, the activations are S, turned; then the second term of line 1. Check that the result has A's shape.",
    ),
    mistakes=(
        Mistake(
            "∇_S as published",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X),
            "That is the published result: the slope of the first term at S, the net's input. It has the shape of S. Asked is the gradient for A.",
        ),
        Mistake(
            "∇_S plus the second term",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X) + 2 * gamma * A,
            "Your first term is still the slope at S; it can only be added to the second where A and S happen to agree in shape.",
        ),
        Mistake(
            "S put behind the published line",
            lambda A, S, X, gamma: 2 * A.T @ (A @ S - X) @ S.T + 2 * gamma * A,
            "You put the missing activations behind the published line and kept what was there too. The error behind A has not yet "
            "gone back through A.",
        ),
        Mistake(
            "first term transposed",
            lambda A, S, X, gamma: 2 * S @ (A @ S - X).T + 2 * gamma * A,
            "The two factors are the right ones, the wrong way round: rows of A belong to entries of x, columns to entries of s.",
        ),
        Mistake(
            "S not transposed",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S + 2 * gamma * A,
            "The factors are the right ones. Each entry of the misfit has to meet each entry of s of the same example: which index is summed?",
        ),
        Mistake(
            "second term left out",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T,
            "The first term is right. F has a second one, and it depends on A.",
        ),
        Mistake(
            "γ once",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + gamma * A,
            "The first term is right. What is the slope of a square?",
        ),
        Mistake(
            "2 missing in the first term",
            lambda A, S, X, gamma: (A @ S - X) @ S.T + 2 * gamma * A,
            "The second term is right. The first is a sum of squares without a half in front.",
        ),
        Mistake(
            "both halved",
            lambda A, S, X, gamma: (A @ S - X) @ S.T + gamma * A,
            "Every entry is half of what a nudge shows. This F has no half in front of its squares.",
        ),
        Mistake(
            "γ squared",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T + 2 * gamma**2 * A,
            "The first term is right. γ is not squared in F.",
        ),
        Mistake(
            "averaged over the examples",
            lambda A, S, X, gamma: 2 * (A @ S - X) @ S.T / S.shape[1] + 2 * gamma * A,
            "You divide the first term by the number of columns. F is a sum over them; a 1/m would have to stand in F.",
        ),
        Mistake(
            "sign",
            lambda A, S, X, gamma: 2 * (X - A @ S) @ S.T + 2 * gamma * A,
            "Your first term has the opposite sign: x minus As, or As minus x?",
        ),
    ),
)


# ---- text U, example 3: a transpose undone -----------------------------------------------------------------------------


def _ica(sides: Callable[..., Pair]) -> Sides:
    """`sides` gets W, square and not symmetric, and x."""
    return lambda rng: sides(rng.normal(size=(3, 3)), rng.normal(size=(3, 1)))


def _misfit(W: Array, x: Array) -> Array:
    return W.T @ W @ x - x


ICA = Derivation(
    (
        Line(
            r"$F = \lVert W^\top W x - x \rVert^2$ as a net: $z^{(2)} = Wx$, $z^{(3)} = W^\top z^{(2)}$, $z^{(4)} = z^{(3)} - x$, "
            r"$F = \sum_k (z^{(4)}_k)^2$",
            "Line 1 is right: read it from the inside, and it is F. That W comes in twice is the difficulty, not a mistake.",
            _ica(lambda W, x: (_sum_of_squares(_misfit(W, x)), np.sum((np.einsum("ji,j->i", W, (W @ x)[:, 0]) - x[:, 0]) ** 2))),
        ),
        Line(
            r"$\delta^{(4)} = 2 \left( W^\top W x - x \right)$",
            "Line 2 is right: the slope of a sum of squares is twice what is squared.",
            _ica(lambda W, x: (oracles.gradient(_sum_of_squares, _misfit(W, x)), 2 * _misfit(W, x))),
        ),
        Line(
            r"$\delta^{(3)} = \left( I^\top \delta^{(4)} \right) \odot 1$",
            "Line 3 is right: subtracting x changes no slope.",
            _ica(lambda W, x: (oracles.gradient(lambda z: _sum_of_squares(z - x), W.T @ W @ x), 2 * _misfit(W, x))),
        ),
        Line(
            r"$\delta^{(2)} = \left( (W^\top)^\top \delta^{(3)} \right) \odot 1$",
            "Line 4 is right, though it looks doubled: the weights from layer 2 to layer 3 are the transpose of W, and BP2 transposes the weights.",
            _ica(lambda W, x: (oracles.gradient(lambda z: _sum_of_squares(W.T @ z - x), W @ x), W @ (2 * _misfit(W, x)))),
        ),
        Line(
            r"$\delta^{(1)} = \left( W^\top \delta^{(2)} \right) \odot 1$",
            "Line 5 is right: it is the slope at the net's input, with the x that is subtracted at the end held fast. It is not used below.",
            _ica(lambda W, x: (oracles.gradient(lambda z: _sum_of_squares(W.T @ W @ z - x), x), W.T @ W @ (2 * _misfit(W, x)))),
        ),
        Line(
            r"the use as $W^\top$: $\;\nabla_{W^\top} F = \delta^{(3)} (a^{(2)})^\top = 2 \left( W^\top W x - x \right) (Wx)^\top$",
            "Line 6 is right: BP4 for the weights between layers 2 and 3, the error behind them times the activations before them.",
            _ica(lambda W, x: (oracles.gradient(lambda V: _sum_of_squares(V @ W @ x - x), W.T), 2 * _misfit(W, x) @ (W @ x).T)),
        ),
        Line(
            r"the use as $W$: $\;\nabla_W F = \delta^{(2)} (a^{(1)})^\top = W^\top\, 2 \left( W^\top W x - x \right) x^\top$",
            sides=_ica(lambda W, x: (oracles.gradient(lambda V: _sum_of_squares(W.T @ V @ x - x), W), W.T @ (2 * _misfit(W, x)) @ x.T)),
        ),
        Line(
            r"both uses: $\;\nabla_W F = W^\top\, 2 \left( W^\top W x - x \right) x^\top + 2\, (Wx) \left( W^\top W x - x \right)^\top$",
            "Line 8 adds the two uses, and turns the gradient of the transpose back before it does: both are as they should be. "
            "One of the two terms was handed to it wrong.",
            _ica(
                lambda W, x: (
                    oracles.gradient(lambda V: _sum_of_squares(V.T @ V @ x - x), W),
                    W.T @ (2 * _misfit(W, x)) @ x.T + 2 * (W @ x) @ _misfit(W, x).T,
                )
            ),
        ),
    ),
    wrong=7,
    all_right="One line is wrong. Take W with 2 rows and 4 columns, and write the shape under every factor: does every product exist?",
)

VERDICT_ICA = _verdict(
    "11.9",
    "verdict_ica",
    "Text U, ICA: the first wrong line",
    ICA,
    3,
    (
        "Each line after the first names earlier symbols. Put in for every symbol exactly what the earlier line says it is.",
        "Shapes: let W be 2×4 and x 4×1. Go through the products from left to right.",
        "Count the transposes that stand over W in each line, and compare with the line that it quotes.",
    ),
)


def _cases_ica(rng: np.random.Generator) -> list[Case]:
    return [Case(f"W {p}×{n}, m = {m}", (rng.normal(size=(p, n)), rng.normal(size=(n, m)))) for p, n, m in ((4, 4, 5), (2, 4, 3), (3, 2, 1))]


def _outer_use(W: Array, X: Array) -> Array:
    return 2 * (W @ X) @ _misfit(W, X).T


def _inner_use(W: Array, X: Array) -> Array:
    return 2 * W @ _misfit(W, X) @ X.T


REPAIR_ICA = Exercise(
    id="11.10",
    name="repair_ica",
    title="Text U, example 3, repaired: both uses of W",
    points=3,
    minutes=5,
    difficulty=3,
    cases=_cases_ica,
    allows=_ALLOWED,
    reference=lambda W, X: _inner_use(W, X) + _outer_use(W, X),
    oracle=lambda W, X: oracles.gradient(lambda V: _sum_of_squares(V.T @ V @ X - X), W),
    hints=(
        "Two uses, two terms; one of the two printed terms is right. Give the misfit a name, and write both with it.",
        "Line 4 says what the error behind the first use is. What is left of two transposes, one over the other?",
        "The error behind the first use is W times twice the misfit; what comes in there is X. The other term stands in line 8 as it should.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W, X: 2 * W.T @ _misfit(W, X) @ X.T + _outer_use(W, X),
            "That is the published line. On a W that is not square its first product does not exist; on a symmetric W it is right by chance, "
            "and no check on such a W can see it.",
        ),
        Mistake(
            "printed term turned as a whole",
            lambda W, X: 2 * X @ _misfit(W, X).T @ W + _outer_use(W, X),
            "You transposed the printed term as a whole. One symbol in it is wrong, not the order of its factors.",
        ),
        Mistake(
            "only the use as W",
            lambda W, X: _inner_use(W, X),
            "Your term is right, and it is one of two: W is used a second time, as a transpose.",
        ),
        Mistake(
            "only the use as Wᵀ",
            lambda W, X: _outer_use(W, X),
            "Your term is right, and it is one of two: you threw the wrong line away where it had to be repaired.",
        ),
        Mistake(
            "one use doubled",
            lambda W, X: 2 * _inner_use(W, X),
            "You counted the first use twice. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "the other use doubled",
            lambda W, X: 2 * _outer_use(W, X),
            "You counted the use as a transpose twice. The two uses stand at different places of the net and have different gradients.",
        ),
        Mistake(
            "second use not turned back",
            lambda W, X: _inner_use(W, X) + 2 * _misfit(W, X) @ (W @ X).T,
            "Your second term is the gradient for the transpose of W, as line 6 has it. It has to be turned before it is added.",
        ),
        Mistake(
            "mean of the two uses",
            lambda W, X: (_inner_use(W, X) + _outer_use(W, X)) / 2,
            "Every entry is half of what a nudge shows: you averaged the two uses, or left out the 2 of the squares.",
        ),
        Mistake(
            "2 missing in the first term",
            lambda W, X: _inner_use(W, X) / 2 + _outer_use(W, X),
            "The second term is right. In the first the 2 of the squares has gone.",
        ),
        Mistake(
            "2 missing in the second term",
            lambda W, X: _inner_use(W, X) + _outer_use(W, X) / 2,
            "The first term is right. In the second the 2 of the squares has gone.",
        ),
        Mistake(
            "averaged over the examples",
            lambda W, X: (_inner_use(W, X) + _outer_use(W, X)) / X.shape[1],
            "You divide by the number of columns. F is a sum over them; a 1/m would have to stand in F.",
        ),
        Mistake(
            "the x at the end moved too",
            lambda W, X: 2 * W @ (W.T @ W @ X) @ X.T + 2 * (W @ X) @ (W.T @ W @ X).T,
            "You left the subtracted X out of the misfit. The error starts from the difference.",
        ),
        Mistake(
            "sign",
            lambda W, X: -(_inner_use(W, X) + _outer_use(W, X)),
            "Every entry has the opposite sign. The misfit is what the net gives back, minus X.",
        ),
    ),
)


# ---- a relu in a tutorial ----------------------------------------------------------------------------------------------


def _relu(z: Array) -> Array:
    return np.where(np.real(z) > 0, z, 0 * z)


def _tutorial(sides: Callable[..., Pair]) -> Sides:
    """One example as a row, a hidden relu layer, no biases; `sides` gets x, W1, W2 and y. One neuron of three is off."""

    def drawn(rng: np.random.Generator) -> Pair:
        x, W1 = rng.normal(size=(1, 4)), rng.normal(size=(4, 3))
        W1[:, 0] *= -np.sign((x @ W1)[0, 0])
        return sides(x, W1, rng.normal(size=(3, 2)), rng.normal(size=(1, 2)))

    return drawn


def _half_squares(x: Array, W1: Array, W2: Array, y: Array) -> Any:
    return 0.5 * np.sum((y - _relu(x @ W1) @ W2) ** 2)


def _published_hidden(x: Array, W1: Array, W2: Array, y: Array) -> Array:
    h = _relu(x @ W1)
    return ((y - h @ W2) @ W2.T) * (h >= 0)


def _downhill_weights(x: Array, W1: Array, W2: Array, y: Array) -> Array:
    slopes = oracles.gradient(lambda V: _half_squares(x, V, W2, y), W1), oracles.gradient(lambda V: _half_squares(x, W1, V, y), W2)
    return -np.concatenate([slope.ravel() for slope in slopes])


TUTORIAL = Derivation(
    (
        Line(
            r"$\mathrm{relu}(z) = [z \ge 0] \cdot z$, and $h = \mathrm{relu}(x W_1)$",
            "Line 1 is right, though you may expect > : where z is 0 the product is 0 either way. The brackets are 1 where the "
            "condition holds, else 0.",
            _tutorial(lambda x, W1, W2, y: (_relu(x @ W1), (x @ W1 >= 0) * (x @ W1))),
        ),
        Line(
            r"the slope, found from the output: $\mathrm{relu}'(z) = [h \ge 0]$",
            sides=_tutorial(lambda x, W1, W2, y: (oracles.jacobian(_relu, x @ W1).reshape(3, 3).diagonal(), (_relu(x @ W1) >= 0)[0] * 1.0)),
        ),
        Line(
            r"$o = h W_2$, and downhill at the output is $e_2 = y - o$",
            "Line 3 is right, though the sign is turned: for half the squared distance the gradient is o minus y, and downhill is its negative.",
            _tutorial(
                lambda x, W1, W2, y: (
                    -oracles.gradient(lambda o: 0.5 * np.sum((y - o) ** 2), _relu(x @ W1) @ W2),
                    y - _relu(x @ W1) @ W2,
                )
            ),
        ),
        Line(
            r"downhill at $z = x W_1$ is $e_1 = \left( e_2 W_2^\top \right) \odot [h \ge 0]$",
            "Line 4 is wrong, and only because of what a line above told it: going back through the weights and scaling by a slope is right.",
            _tutorial(
                lambda x, W1, W2, y: (
                    -oracles.gradient(lambda z: 0.5 * np.sum((y - _relu(z) @ W2) ** 2), x @ W1),
                    _published_hidden(x, W1, W2, y),
                )
            ),
        ),
        Line(
            r"$W_1 \leftarrow W_1 + \eta\, x^\top e_1$ and $W_2 \leftarrow W_2 + \eta\, h^\top e_2$",
            "The plus in line 5 is right, for both e point downhill; and both were found before either weight moves. What it is handed for layer 1 "
            "was spoilt earlier.",
            _tutorial(
                lambda x, W1, W2, y: (
                    _downhill_weights(x, W1, W2, y),
                    np.concatenate([(x.T @ _published_hidden(x, W1, W2, y)).ravel(), (_relu(x @ W1).T @ (y - _relu(x @ W1) @ W2)).ravel()]),
                )
            ),
        ),
    ),
    wrong=2,
    all_right="One line is wrong. Put in a neuron whose z is -1, and follow it through every line.",
)

VERDICT_RELU = _verdict(
    "11.11",
    "verdict_relu",
    "A tutorial's relu: the first wrong line",
    TUTORIAL,
    2,
    (
        "Two neurons tell the story: one with z = 2, one with z = -1. Give every line both.",
        "Signs first: which of the lines are about going uphill, which about downhill, and do they agree among themselves?",
        "Each bracket is a question that is answered with 1 or 0. For which neurons could its answer ever be 0?",
    ),
)


def _cases_relu(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n_next, n, m in ((3, 3, 5), (5, 4, 3), (4, 3, 1)):
        z = rng.normal(size=(n, m))
        z[0, 0], z[1, 0] = abs(z[0, 0]), -abs(z[1, 0])  # in every case one neuron is on and one is off
        cases.append(Case(f"W_next {n_next}×{n}, m = {m}", (rng.normal(size=(n_next, n)), rng.normal(size=(n_next, m)), _relu(z))))
    return cases


def _repair_relu(W_next: Array, delta_next: Array, a: Array) -> Array:
    return (W_next.T @ delta_next) * (a > 0)


def _repair_relu_oracle(W_next: Array, delta_next: Array, a: Array) -> Array:
    # where a is 0 any negative z has led to it
    return oracles.gradient(lambda z: np.sum(delta_next * (W_next @ _relu(z))), np.where(a > 0, a, -1.0))


REPAIR_RELU = Exercise(
    id="11.12",
    name="repair_relu",
    title="The relu repaired: the slope from the output",
    points=2,
    minutes=3,
    difficulty=1,
    cases=_cases_relu,
    allows=_ALLOWED,
    reference=_repair_relu,
    oracle=_repair_relu_oracle,
    hints=(
        "Only a = relu(z) is kept. Can you tell from a whether the neuron was on?",
        "An output of relu is never negative. It is 0 for every neuron that is off, and at z = 0 this course agrees on slope 0.",
        "BP2 as ever, with the transposed weights, then a factor that is 1 where the activation is larger than 0 and 0 elsewhere.",
    ),
    mistakes=(
        Mistake(
            "as published",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a >= 0),
            "That is the published line: no output of relu is below 0, so your factor is 1 everywhere. Neurons that are off must pass nothing back.",
        ),
        Mistake(
            "a for the slope",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * a,
            "You scale by the activation. Neurons that are off do pass nothing, but those that are on have slope 1, however active they are.",
        ),
        Mistake(
            "condition on the error",
            lambda W_next, delta_next, a: np.maximum(W_next.T @ delta_next, 0),
            "You asked of the error whether it is positive. Relu was applied to z on the way forward; an error may have either sign.",
        ),
        Mistake(
            "condition on both",
            lambda W_next, delta_next, a: np.maximum(W_next.T @ delta_next, 0) * (a > 0),
            "The neurons that are off are right. For those that are on you keep only positive errors; a negative one has to go back as well.",
        ),
        Mistake(
            "those that are off",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * (a == 0),
            "Your condition is turned round: the error comes back where the neuron was off.",
        ),
        Mistake(
            "sign of a, -1 for off",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.where(a > 0, 1, -1),
            "Neurons that are off pass back the negative of the error. Relu is flat there: they pass back nothing.",
        ),
        Mistake(
            "leaky",
            lambda W_next, delta_next, a: (W_next.T @ delta_next) * np.where(a > 0, 1, 0.01),
            "Neurons that are off pass back a hundredth. That is the slope of leaky relu; this forward pass cut off at 0.",
        ),
        Mistake(
            "transpose forgotten",
            lambda W_next, delta_next, a: (W_next @ delta_next) * (a > 0),
            "The condition is right. The weights are taken in the forward direction; the tutorial's rows need no transpose, your columns do.",
        ),
        Mistake(
            "mask of the next layer",
            lambda W_next, delta_next, a: W_next.T @ (delta_next * (a > 0)),
            "You switch off errors of the next layer. It is neurons of this layer that are on or off.",
        ),
        Mistake("averaged over the examples", lambda W_next, delta_next, a: _repair_relu(W_next, delta_next, a) / a.shape[1], _AVERAGED),
        Mistake("mean over the paths", lambda W_next, delta_next, a: _repair_relu(W_next, delta_next, a) / len(W_next), _PATHS_AVERAGED),
        Mistake(
            "downhill",
            lambda W_next, delta_next, a: -_repair_relu(W_next, delta_next, a),
            "Every entry has the opposite sign. The tutorial's e point downhill and are added; here δ is the slope itself, as "
            "everywhere in this course.",
        ),
    ),
)


DERIVATIONS = {"A": RECURSION, "P": LAST_LAYER, "R": ORDER, "U1": SPARSE, "U3": ICA, "T": TUTORIAL}

EXERCISES = (
    VERDICT_RECURSION,
    REPAIR_RECURSION,
    VERDICT_LAST_LAYER,
    REPAIR_LAST_LAYER,
    VERDICT_ORDER,
    REPAIR_ORDER,
    VERDICT_SPARSE,
    REPAIR_SPARSE,
    VERDICT_ICA,
    REPAIR_ICA,
    VERDICT_RELU,
    REPAIR_RELU,
)
