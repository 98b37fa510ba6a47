"""01.1: the weighted input of one neuron, in a loop."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.core.describe import describe_difference
from bpkit.exercises.lesson_01.shared import Array, augmented
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.products import number_of
from bpkit.exercises.slips import Slip, pairs


def _cases_one(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, j, below in ((3, 3, 1, True), (2, 4, 1, False), (4, 2, 0, True), (1, 1, 0, False)):
        W, a_prev, b = rng.normal(size=(n, n_prev)), rng.normal(size=(n_prev, 1)), rng.normal(size=(n, 1))
        if n_prev == 4:  # inputs alike, and weights alike: none is found by its value, and none is counted once for all
            a_prev[2:], W[j, 2:] = a_prev[:2], W[j, 1]
            W[j, 0] = 0.0  # what comes after a weight of 0 counts
        if (_weighted_input(W, a_prev, b, j) < 0) is not below:  # z_j takes both signs, whatever is drawn
            W[j], b[j] = -W[j], -b[j]
        if n_prev == 3:  # the largest product is neither the first nor the last
            order = np.argsort(W[j] * a_prev[:, 0])[[0, 2, 1]]
            W[j], a_prev = W[j, order], a_prev[order]
        cases.append(Case(f"W {n}×{n_prev}, j = {j}", (W, a_prev, b, j)))
    return cases


def _summed(term: Callable[..., Any], after: Callable[..., Any] = lambda W, a, b, j: b[j, 0]) -> Callable[..., float]:
    """The loop over k: `term(W, a, b, j, k)` summed, then `after` added."""
    return lambda W, a_prev, b, j: float(sum(term(W, a_prev, b, j, k) for k in range(len(a_prev))) + after(W, a_prev, b, j))


def _weighted_input(W: Array, a_prev: Array, b: Array, j: int) -> float:
    return float(W[j] @ a_prev[:, 0] + b[j, 0])


def _made_of_other_terms(found: float, W: Array, a_prev: Array, b: Array, j: int) -> str | None:
    """Which terms a number is the sum of, if they are those of this neuron or of others."""

    def same(number: float) -> bool:
        return math.isclose(found, number, rel_tol=1e-9)

    rows, neurons = range(len(W)), range(len(W[j]))
    for row, of in itertools.product(rows, rows):
        if same(W[row] @ a_prev[:, 0] + b[of, 0]):
            return f"your number is the sum with row {row} of W and the bias of neuron {of}, counting from 0."
    for order in itertools.permutations(neurons):
        if same(W[j] @ a_prev[list(order), 0] + b[j, 0]):
            met = ", ".join(map(str, order))
            return f"your number comes out if the weights of row {j} meet the activations in the order {met}, counting from 0."
    products = W[j] * a_prev[:, 0]
    ways = [
        counts for counts in itertools.product((1, 0, -1, 2), repeat=len(products) + 1) if same(float(products @ counts[:-1] + counts[-1] * b[j, 0]))
    ]
    if len(ways) == 1:  # a product of 0, or two that are equal, may be counted in several ways: which of them it was is not known
        each = ", ".join(map(str, ways[0][:-1]))
        return f"your number comes out if the products for k = 0, 1 and so on count {each} times, and the bias {ways[0][-1]} times."
    return None


def _how_many_terms(returned: Any, W: Array, a_prev: Array, b: Array, j: int) -> str | None:
    found = number_of(returned)
    if found is None:
        return None
    terms = f"{W.shape[1]} products and one bias"
    difference = describe_difference(found, _weighted_input(W, a_prev, b, j))
    if difference.ok:
        return None
    if not difference.kind and (other := _made_of_other_terms(found, W, a_prev, b, j)):
        return f"For j = {j} and W {W.shape[0]}×{W.shape[1]}: {other}"
    how = f"{difference}; yours is {found:.6g}" if difference.kind else f"yours is {found:.6g}, another number"
    return f"For j = {j} and W {W.shape[0]}×{W.shape[1]}: {how}. Print the terms that you add: there should be {terms}."


def _neuron(
    weight: Callable[..., Any] = lambda W, j, k: W[j, k],
    carried: Callable[..., Any] = lambda a, j, k: a[k, 0],
    turns: Callable[[int], Any] = range,
    bias: Callable[..., Any] = lambda b, j, n: b[j, 0],
    finish: Callable[[float], Any] = float,
) -> Callable[..., Any]:
    """The loop with parts of it replaced."""

    def answer(W: Array, a_prev: Array, b: Array, j: int) -> Any:
        total = sum(weight(W, j, k) * carried(a_prev, j, k) for k in turns(len(a_prev)))
        return finish(float(total + bias(b, j, len(turns(len(a_prev))))))

    return answer


_SLIPS = (
    Slip("weight", lambda W, j, k: W[k, j], "w_kj", "the weights are read down column j of W, where row j leads to neuron j"),
    Slip("carried", lambda a, j, k: a[j, 0], "a_j for a_k", "every weight meets the activation number j, where each has one of its own"),
    Slip("turns", lambda n: range(1, n), "first input left out", "the first input is missing, which has the index 0"),
    Slip("turns", lambda n: range(n - 1), "last input left out", "the last input is missing, `range(n)` ends before n"),
    Slip("turns", lambda n: range(n - 1, n), "= for +=", "each turn of your loop overwrites the turn before, so that only the last input counts"),
    Slip("turns", lambda n: range(1), "stopped after one turn", "only the first input counts, as if the loop ended after its first turn"),
    Slip("bias", lambda b, j, n: 0.0, "bias missing", "something that belongs to neuron j alone is not in the sum"),
    Slip("bias", lambda b, j, n: -b[j, 0], "bias subtracted", "the bias is subtracted, where this course adds it"),
    Slip("bias", lambda b, j, n: n * b[j, 0], "bias added n times", "the bias stands inside the loop and is added in every turn"),
    Slip("bias", lambda b, j, n: b[-1, 0], "bias of the last neuron", "the bias is that of the last neuron"),
    Slip("bias", lambda b, j, n: b[0, 0], "bias of the first neuron", "the bias is that of the first neuron"),
    Slip("finish", lambda z: float(sigmoid(np.array(z))), "activation applied", "σ is applied, where the number that goes into it is asked"),
)
_ONE_TURN = ("= for +=; bias added n times", "stopped after one turn; bias added n times")  # one turn adds the bias once


EXERCISE = Exercise(
    id="01.1",
    name="weighted_input",
    title="The weighted input of one neuron, in a loop",
    points=1,
    minutes=6,
    difficulty=1,
    cases=_cases_one,
    reference=_weighted_input,
    oracle=lambda W, a_prev, b, j: augmented(W, a_prev, b)[j, 0],
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
        Mistake(
            "bias of the first neuron",
            _neuron(bias=lambda b, j, n: b[0, 0]),
            "The products are right, the bias is that of the first neuron. Which index does it need?",
        ),
        Mistake(
            "bias added twice",
            _neuron(bias=lambda b, j, n: 2 * b[j, 0]),
            "The bias is in the sum twice. Did the total begin with it, and was it added once more after the loop?",
        ),
        Mistake(
            "bias as a factor",
            lambda W, a_prev, b, j: float((W[j] @ a_prev[:, 0]) * b[j, 0]),
            "You multiply the sum by the bias. A bias is added: it moves z, whatever the activations are.",
        ),
        Mistake(
            "weights plus activations",
            _summed(lambda W, a, b, j, k: W[j, k] + a[k, 0]),
            "You add each weight to its activation. A weight says how strongly an activation counts: it multiplies it.",
        ),
        Mistake(
            "row of the first neuron",
            lambda W, a_prev, b, j: float(W[0] @ a_prev[:, 0] + b[j, 0]),
            "The bias is right, the weights are those of the first neuron. Which row of W leads to neuron j?",
        ),
        Mistake(
            "as many turns as neurons",
            lambda W, a_prev, b, j: float(sum(W[j, k] * a_prev[k, 0] for k in range(len(W))) + b[j, 0]),
            "Your loop runs over the rows of W, the neurons of this layer. The sum runs over the neurons of the layer before: which size is theirs?",
        ),
        Mistake(
            "σ on the activations",
            _neuron(carried=lambda a, j, k: sigmoid(a[k, 0])),
            "You apply σ to what comes in. Those are activations already: they have been through σ.",
        ),
        Mistake("sign", _neuron(finish=lambda z: -z), "The sign is turned. Nothing is subtracted in a weighted input."),
        Mistake(
            "never below 0",
            _neuron(finish=lambda z: max(0.0, z)),
            "Where z is positive you are right. A weighted input may be negative; what becomes of it is the activation function's affair.",
        ),
        Mistake("size of z", _neuron(finish=abs), "Where z is positive you are right. A weighted input may be negative: keep its sign."),
        *pairs(_neuron, _SLIPS, _ONE_TURN),
        Mistake(
            "bias inside the products",
            lambda W, a_prev, b, j: float(W[j] @ (a_prev[:, 0] + b[j, 0])),
            "The bias is added to every activation, before the weights. It is added once, to the sum.",
        ),
        Mistake(
            "product of the terms",
            lambda W, a_prev, b, j: float(np.prod(W[j] * a_prev[:, 0]) + b[j, 0]),
            "You multiply the terms with each other. They are added: in your loop, is it += or *=?",
        ),
        Mistake(
            "bias beside each weight",
            lambda W, a_prev, b, j: float((W[j] + b[j, 0]) @ a_prev[:, 0]),
            "The bias stands in the brackets with the weight, so every activation multiplies it. It is added once, to the sum, and nothing "
            "multiplies it.",
        ),
        Mistake(
            "bias met by its activation",
            lambda W, a_prev, b, j: float(W[j] @ a_prev[:, 0] + b[j, 0] * a_prev[j, 0]),
            "Your bias is multiplied by an activation. A bias is there whatever comes in: it is added as it is.",
        ),
        Mistake(
            "counted from the end",
            lambda W, a_prev, b, j: float(sum(W[j, k] * a_prev[-k, 0] for k in range(len(a_prev))) + b[j, 0]),
            "The activations are read from the end: `a_prev[-k]` counts backwards. Weight k meets activation k.",
        ),
        Mistake(
            "activations in reverse order",
            lambda W, a_prev, b, j: float(W[j] @ a_prev[::-1, 0] + b[j, 0]),
            "The activations are read from the end. Weight k meets activation k.",
        ),
        Mistake(
            "total not begun at 0",
            lambda W, a_prev, b, j: _weighted_input(W, a_prev, b, j) + 1,
            "Every number is too large by 1. At which number does your total begin?",
        ),
        Mistake(
            "largest product",
            lambda W, a_prev, b, j: float(np.max(W[j] * a_prev[:, 0]) + b[j, 0]),
            "You keep the largest product alone. A neuron adds up what all its inputs bring.",
        ),
    ),
)
