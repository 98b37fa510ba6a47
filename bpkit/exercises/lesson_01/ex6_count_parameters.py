"""01.6: How many numbers a net has to learn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.core.network import init
from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    drawn = [[int(n) for n in rng.integers(3, 12, size=layers)] for layers in (5, 3)]
    return [Case("-".join(map(str, sizes)), (sizes,)) for sizes in ([3, 3, 2], [784, 30, 10], *drawn)]


def _count(sizes: Sequence[int], per_pair: Callable[[int, int], int]) -> int:
    return sum(per_pair(n_prev, n) for n_prev, n in itertools.pairwise(sizes))


def _your_count(returned: Any, sizes: Sequence[int]) -> str | None:
    if not isinstance(returned, float | int):
        return None
    return f"For the net {'-'.join(map(str, sizes))} you count {returned:g}. Draw it: how many lines, and how many circles that are not inputs?"


EXERCISE = Exercise(
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
