"""01.6: How many numbers a net has to learn."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bpkit.core.network import init
from bpkit.exercises.model import Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, pairs


def _cases_sizes(rng: np.random.Generator) -> list[Case]:
    drawn = [*(int(n) for n in rng.integers(3, 12, size=3)), 1]
    one, two, three = (int(n) for n in rng.permutation(np.arange(3, 12))[:3])
    again = [one, two, one, two, three, two]  # no layer is found by its size, nor does a pair of neighbours come once
    return [Case("-".join(map(str, sizes)), (sizes,)) for sizes in ([3, 3, 2], [784, 30, 10], again, drawn, [one, two])]


def _count(sizes: Sequence[int], per_pair: Callable[[int, int], int]) -> int:
    return sum(per_pair(n_prev, n) for n_prev, n in itertools.pairwise(sizes))


def _your_count(returned: Any, sizes: Sequence[int]) -> str | None:
    if not isinstance(returned, float | int):
        return None
    return f"For the net {'-'.join(map(str, sizes))} you count {returned:g}. Draw it: how many lines, and how many circles that are not inputs?"


def _counted(
    layers: Callable[[Sequence[int]], Sequence[int]] = lambda sizes: sizes,
    weights: Callable[[int, int], int] = lambda n_prev, n: n * n_prev,
    biases: Callable[[int, int], int] = lambda n_prev, n: n,
) -> Callable[[Sequence[int]], int]:
    """The count with parts of it replaced."""
    return lambda sizes: _count(layers(sizes), lambda n_prev, n: weights(n_prev, n) + biases(n_prev, n))


_SLIPS = (
    Slip("layers", lambda sizes: sizes[:-1], "off by one", "the last layer is not counted"),
    Slip("layers", lambda sizes: sizes[1:], "first layer left out", "the layer behind the inputs is not counted"),
    Slip("weights", lambda n_prev, n: n * n, "size squared", "the weights are counted as the square of a layer's size"),
    Slip("biases", lambda n_prev, n: 0, "no biases", "the biases are not counted"),
    Slip("biases", lambda n_prev, n: 1, "one bias a layer", "every neuron has a bias of its own, not every layer"),
    Slip("biases", lambda n_prev, n: n_prev, "bias for each input", "the biases belong to the neurons that a layer leads to"),
    Slip("biases", lambda n_prev, n: 2 * n, "biases twice", "the biases are counted twice"),
)


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
        Mistake(
            "biases alone",
            lambda sizes: sum(sizes[1:]),
            "You counted the neurons behind the inputs, which are as many as the biases. The weights are missing.",
        ),
        Mistake(
            "size squared",
            _counted(weights=lambda n_prev, n: n * n),
            "You multiply each size by itself. Weights lead from one layer to the next: the sizes of both belong into the product.",
        ),
        Mistake("biases twice", _counted(biases=lambda n_prev, n: 2 * n), "You count the biases twice. A neuron has one."),
        Mistake(
            "biases subtracted",
            _counted(biases=lambda n_prev, n: -n),
            "You subtract the biases. They are numbers to learn, as the weights are.",
        ),
        Mistake(
            "round in a circle",
            lambda sizes: sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(len(sizes))),
            "You also join the last layer with the first: for l = 0, `sizes[l - 1]` is the last size. Where does l have to start?",
        ),
        Mistake(
            "round in a circle, biases right",
            lambda sizes: sum(sizes[l] * sizes[l - 1] for l in range(len(sizes))) + sum(sizes[1:]),
            "You also join the last layer with the first: for l = 0, `sizes[l - 1]` is the last size. Where does l have to start?",
        ),
        Mistake(
            "sizes added",
            _counted(weights=lambda n_prev, n: n + n_prev, biases=lambda n_prev, n: 0),
            "For each pair of layers you add the two sizes. Every neuron of one is joined with every neuron of the other: how many lines is that?",
        ),
        Mistake(
            "half of it",
            lambda sizes: _count(sizes, lambda n_prev, n: n * n_prev + n) / 2,
            "Your count is half of it. Every line is a weight of its own, and no line was counted twice.",
        ),
        Mistake(
            "all biases, last weights missing",
            lambda sizes: _count(sizes[:-1], lambda n_prev, n: n * n_prev) + sum(sizes[1:]),
            "All biases are there, and the weights that lead to the last layer are not. Your loop over the weights ends one layer early.",
        ),
        Mistake(
            "all biases, first weights missing",
            lambda sizes: _count(sizes[1:], lambda n_prev, n: n * n_prev) + sum(sizes[1:]),
            "All biases are there, and the weights that come from the inputs are not. Your loop over the weights starts one layer late.",
        ),
        *pairs(_counted, _SLIPS),
        Mistake(
            "product of all, and the biases",
            lambda sizes: int(np.prod(sizes)) + sum(sizes[1:]),
            "All biases are there. For the weights you multiply all sizes together: each pair of neighbouring layers has its own product, and "
            "they add up.",
        ),
        Mistake(
            "first layer alone",
            lambda sizes: sizes[1] * sizes[0] + sizes[1],
            "Only the first layer is counted. Does your loop end after its first turn, for instance by a `return` inside of it?",
        ),
        Mistake(
            "last layer alone",
            lambda sizes: sizes[-1] * sizes[-2] + sizes[-1],
            "Only the last layer is counted, as if each turn of your loop overwrote the turn before. The layers add up.",
        ),
    ),
)
