"""01.2: the weighted inputs of a layer, for a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_01.shared import Array, augmented
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.oracles import sigmoid
from bpkit.exercises.pooled import column_for_all
from bpkit.exercises.slips import Slip, pairs


def _cases_layer(rng: np.random.Generator) -> list[Case]:
    cases = []
    for n, n_prev, m in ((3, 3, 3), (2, 4, 5), (4, 3, 1), (1, 1, 3)):
        args = (rng.normal(size=(n, n_prev)), rng.normal(size=(n_prev, m)), rng.normal(size=(n, 1)))
        cases.append(Case(f"W {n}×{n_prev}, m = {m}", args))
    return cases


def _layer(
    product: Callable[[Array, Array], Array] = lambda W, a: W @ a,
    bias: Callable[[Array, int], Any] = lambda b, n_prev: b,
    finish: Callable[[Array], Array] = lambda z: z,
) -> Callable[[Array, Array, Array], Array]:
    """The layer with parts of it replaced."""
    return lambda W, a_prev, b: finish(product(W, a_prev) + bias(b, W.shape[1]))


_SLIPS = (
    Slip("product", lambda W, a: W.T @ a, "Wᵀ", "W is transposed, where its rows lead to the neurons already"),
    Slip("product", lambda W, a: W * a, "elementwise", "`*` multiplies entry by entry and sums nothing"),
    Slip("product", lambda W, a: a @ W, "factors swapped", "a_prev is multiplied by W from the right, as where examples are rows"),
    Slip("bias", lambda b, n_prev: 0, "bias missing", "no bias is added"),
    Slip("bias", lambda b, n_prev: -b, "bias subtracted", "the bias is subtracted, where this course adds it"),
    Slip("bias", lambda b, n_prev: b.ravel(), "b as (n,)", "b is made flat, so that it lines up with the examples"),
    Slip("bias", lambda b, n_prev: n_prev * b, "bias added n times", "the bias comes in once for each input"),
    Slip("bias", lambda b, n_prev: b[0], "one bias for all", "every neuron gets the bias of the first"),
    Slip("finish", sigmoid, "activation applied", "σ is applied, where what goes into it is asked"),
    Slip("finish", lambda z: z.T, "transposed", "rows and columns of the result are swapped"),
)


def _of_pooled(pool: Callable[[Array], Array]) -> Callable[[Array, Array, Array], Array]:
    """The layer's column for all examples made one."""
    return lambda W, a_prev, b: W @ pool(a_prev) + b


def _added_up(a_prev: Array) -> Array:
    return a_prev.sum(axis=1, keepdims=True)


def _averaged(a_prev: Array) -> Array:
    return a_prev.mean(axis=1, keepdims=True)


EXERCISE = Exercise(
    id="01.2",
    name="layer",
    title="The weighted inputs of a layer, for a batch",
    points=2,
    minutes=6,
    difficulty=1,
    cases=_cases_layer,
    reference=lambda W, a_prev, b: W @ a_prev + b,
    oracle=augmented,
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
        Mistake(
            "a_prev transposed",
            lambda W, a_prev, b: W @ a_prev.T + b,
            "You transposed a_prev. It has a row for each neuron that the weights come from, and that is what the sum runs over.",
        ),
        Mistake(
            "both transposed",
            lambda W, a_prev, b: W.T @ a_prev.T + b,
            "You transposed both factors. As they come, the sum runs over the neurons of the layer before: last index of W, first of a_prev.",
        ),
        Mistake(
            "σ on a_prev",
            lambda W, a_prev, b: W @ sigmoid(a_prev) + b,
            "You apply σ to what comes in. Those are activations already: they have been through σ.",
        ),
        Mistake(
            "biases of the whole layer",
            lambda W, a_prev, b: W @ a_prev + b.sum(),
            "Every neuron gets the sum of all biases. Each has its own, and b as it comes has them in the right places.",
        ),
        Mistake(
            "mean for sum",
            lambda W, a_prev, b: W @ a_prev / len(a_prev) + b,
            "You divide the sum by the number of inputs. A neuron adds up what they bring.",
        ),
        Mistake(
            "bias as a factor",
            lambda W, a_prev, b: W @ a_prev * b,
            "You multiply by the bias. It is added: it moves z, whatever the activations are.",
        ),
        *pairs(_layer, _SLIPS),
        Mistake(
            "tanh applied",
            lambda W, a_prev, b: np.tanh(W @ a_prev + b),
            "You have applied tanh already. Asked is the weighted input, before any activation.",
        ),
        Mistake(
            "bias added m times",
            lambda W, a_prev, b: W @ a_prev + b * a_prev.shape[1],
            "Your bias grows with the number of examples. Each example gets it once.",
        ),
        Mistake(
            "mean of the biases",
            lambda W, a_prev, b: W @ a_prev + b.mean(),
            "Every neuron gets the mean of all biases. Each has its own, and b as it comes has them in the right places.",
        ),
        *(
            Mistake(
                name,
                _of_pooled(pool),
                "You make one example of them all before the product. Each column is an example of its own and gets a column of its own.",
                recognise=column_for_all(_of_pooled(pool), lambda W, a_prev, b: a_prev.shape[1]),
            )
            for name, pool in (("examples added up", _added_up), ("examples averaged", _averaged))
        ),
        Mistake(
            "bias beside each weight",
            lambda W, a_prev, b: (W + b) @ a_prev,
            "The bias stands in the brackets with the weights, so every activation multiplies it. It is added once, after the product.",
        ),
        Mistake(
            "divided by the number of examples",
            lambda W, a_prev, b: W @ a_prev / a_prev.shape[1] + b,
            "You divide the product by the number of examples. Each column is an example of its own: nothing is averaged.",
        ),
        Mistake(
            "bias for the first example alone",
            lambda W, a_prev, b: W @ a_prev + b * (np.arange(a_prev.shape[1]) == 0),
            "The first column is right, the others lack the bias. The biases belong to the neurons: every example gets them.",
        ),
        Mistake(
            "bias for the first neuron alone",
            lambda W, a_prev, b: W @ a_prev + b * (np.arange(len(b)) == 0)[:, None],
            "The first row is right, the others lack their bias. Each neuron has one.",
        ),
    ),
)
