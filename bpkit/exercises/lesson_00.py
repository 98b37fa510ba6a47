"""The exercises of lesson 00: two easy ones, to meet the checker."""

from __future__ import annotations

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_square(rng: np.random.Generator) -> list[Case]:
    return [Case("a single number", (float(rng.uniform(2.5, 4)),)), Case("an array of shape (2, 3)", (rng.normal(size=(2, 3)),))]


SQUARE = Exercise(
    id="00.1",
    name="square",
    title="Square every entry",
    points=1,
    minutes=2,
    difficulty=1,
    cases=_cases_square,
    reference=lambda x: x**2,
    oracle=lambda x: np.exp(2 * np.log(np.abs(x))),
    hints=(
        "The function gets x and has to return something: replace the three dots.",
        "Multiply x by itself. numpy does it for each entry of an array.",
        "Python writes powers with two stars.",
    ),
    mistakes=(
        Mistake("doubled", lambda x: 2 * x, "You doubled x. To square is to multiply x by itself."),
        Mistake("matrix product", lambda x: x @ x.T if np.ndim(x) else x * x, "`@` is the matrix product. Here each entry is squared on its own."),
        Mistake("power of two", lambda x: 2**x, "You raised 2 to the power x; base and exponent are swapped."),
    ),
)

SIZES = (2, 3, 2)

LAYER_SIZES = Exercise(
    id="00.2",
    name="layer_sizes",
    title="Read the layer sizes off a drawing",
    points=1,
    minutes=2,
    difficulty=1,
    kind="value",
    reference=list(SIZES),
    oracle=lambda: [2, 3, 2],
    hints=(
        "Count the circles of each column of the drawing, from left to right.",
        "The inputs count as a layer of their own: layer 0.",
        "Write a list with one number for each of the three columns.",
    ),
    mistakes=(
        Mistake("input layer left out", list(SIZES[1:]), "You started at layer 1. The inputs are layer 0, and the list begins with it."),
        Mistake("output layer left out", list(SIZES[:-1]), "Your list ends one layer early: the last column, the outputs, counts too."),
        Mistake(
            "bias counted as a neuron",
            [3, 4, 2],
            "It looks as if you counted a bias as a neuron in each layer. Here a bias belongs to its neuron and has no circle.",
        ),
        Mistake("number of layers", 3, "That is how many columns there are. Asked is a list: how many neurons each of them has."),
    ),
)

EXERCISES = (SQUARE, LAYER_SIZES)
