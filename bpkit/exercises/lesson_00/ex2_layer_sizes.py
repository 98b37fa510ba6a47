"""00.2: read the layer sizes off a drawing."""

from __future__ import annotations

from bpkit.exercises.model import Exercise, Mistake

SIZES = (2, 3, 2)


EXERCISE = Exercise(
    id="00.2",
    name="layer_sizes",
    title="Read the layer sizes off a drawing",
    points=1,
    minutes=2,
    difficulty=1,
    kind="value",
    part="layer {}",
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
            "It looks as if you counted a bias as a neuron in each layer that feeds another. Here a bias belongs to its neuron and has no circle.",
        ),
        Mistake(
            "bias counted in every layer",
            [3, 4, 3],
            "Every number is one too large. Did you count a bias as a neuron? Here a bias belongs to its neuron and has no circle.",
        ),
        Mistake("layers numbered", [0, 1, 2], "These are the numbers of the layers. Asked is how many neurons each of them has."),
        Mistake(
            "layers numbered from one", [1, 2, 3], "You numbered the layers. Asked is how many neurons each has; and the first layer is layer 0."
        ),
        Mistake("weights counted", [6, 6], "Those are the lines between the columns: the weights. Neurons are the circles."),
        Mistake("weights in one number", 12, "That is how many lines the drawing has: all weights. Count the circles, column by column."),
        Mistake("all neurons in one number", 7, "That is how many circles there are in all. Asked is a list: how many stand in each column."),
        Mistake(
            "neurons behind the inputs in one number",
            5,
            "That is how many circles compute something. Asked is a list: how many circles stand in each column, the inputs included.",
        ),
        Mistake(
            "numbers to learn in one number",
            17,
            "That is how many weights and biases the drawing has. Count the circles, column by column.",
        ),
        Mistake(
            "one number",
            3,
            "That is one number: there are so many columns, and so many circles in the middle. Asked is a list with a number for each column.",
        ),
        Mistake("neurons in order of size", [2, 2, 3], "The numbers are there, but not in their places: go through the columns from left to right."),
        Mistake(
            "cost counted as a layer",
            [*SIZES, 1],
            "Your list ends with a 1 too many. The cost is one number, and no layer: the drawing has three columns.",
        ),
        Mistake("running totals", [2, 5, 7], "You add up from column to column. Asked is how many circles each column has by itself."),
    ),
)
