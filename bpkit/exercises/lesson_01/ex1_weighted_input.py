"""01.1: the weighted input of one neuron, in a loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_01.shared import Array, augmented
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid


def _cases_one(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, j in ((3, 3, 1), (2, 4, 1), (4, 2, 0)):
        args = (rng.normal(size=(n, n_prev)), rng.normal(size=(n_prev, 1)), rng.normal(size=(n, 1)), j)
        cases.append(Case(f"W {n}×{n_prev}, j = {j}", args))
    return cases


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
    ),
)
