"""06.1: gradient of the weights, one example."""

from __future__ import annotations

from bpkit.exercises.lesson_06.shared import cases_layer, weight_gradient_oracle
from bpkit.exercises.model import Exercise, Mistake

EXERCISE = Exercise(
    id="06.1",
    equivalent={"operator, delta @ a_prev.T → delta * a_prev.T": "a column times a row, entry by entry, is their outer product"},
    name="weight_gradient_one",
    title="Gradient of the weights, one example",
    points=1,
    minutes=6,
    difficulty=1,
    allows=("sigmoid",),
    cases=cases_layer(((3, 3, 1), (2, 4, 1), (4, 1, 1), (1, 3, 1))),
    reference=lambda delta, a_prev: delta @ a_prev.T,
    oracle=weight_gradient_oracle,
    hints=(
        "The weight to neuron j from neuron k touches two numbers: what goes in at k, and the error that comes back at j.",
        "Every error meets every input: a table with a row for each neuron j and a column for each neuron k.",
        "An outer product: a column times a row. Which of the two vectors has to lie down?",
    ),
    mistakes=(
        Mistake(
            "transposed",
            lambda delta, a_prev: a_prev @ delta.T,
            "Your table has a row for each neuron of the layer before. The gradient has W's shape: a row for each neuron that the weights lead to.",
        ),
        Mistake(
            "elementwise",
            lambda delta, a_prev: delta * a_prev,
            "You multiply entry by entry, so neuron j meets only the input with its own number. A printed text has this slip in an index. "
            "Each weight has two indices: how many numbers should come out?",
        ),
        Mistake(
            "inner product",
            lambda delta, a_prev: delta.T @ a_prev,
            "A single number came out: everything was summed. Each weight has its own derivative, and nothing is summed for one example.",
        ),
        Mistake(
            "delta for a_prev",
            lambda delta, a_prev: delta @ delta.T,
            "You multiply the error with itself. The second factor is what came in along the weight.",
        ),
        Mistake(
            "a_prev left out",
            lambda delta, a_prev: delta + 0 * a_prev.T,
            "Each row repeats the error. A weight with input 0 cannot matter: where does the input come in?",
        ),
        Mistake(
            "two columns multiplied",
            lambda delta, a_prev: delta @ a_prev,
            "A column times a column is no matrix product: the inner sizes do not meet. One of the two vectors has to lie down.",
        ),
        Mistake(
            "added",
            lambda delta, a_prev: delta + a_prev.T,
            "You add error and input. Slopes along a way through the net are multiplied.",
        ),
        Mistake(
            "sign",
            lambda delta, a_prev: -delta @ a_prev.T,
            "Every sign is turned. The minus of gradient descent belongs to the update, not to the gradient.",
        ),
        Mistake(
            "delta left out",
            lambda delta, a_prev: 0 * delta + a_prev.T,
            "Each row repeats the activations. A weight to a neuron without error does no harm: where does the error come in?",
        ),
        Mistake(
            "slope for a_prev",
            lambda delta, a_prev: delta @ (a_prev * (1 - a_prev)).T,
            "Your second factor is a slope of the layer before. What came in along the weight is its activation, as it is.",
        ),
        Mistake(
            "errors added up",
            lambda delta, a_prev: 0 * delta + delta.sum() * a_prev.T,
            "Every row holds the errors of all neurons. A weight leads to one neuron, whose error alone counts.",
        ),
        Mistake(
            "averaged over the neurons",
            lambda delta, a_prev: delta @ a_prev.T / len(a_prev),
            "You divide by the number of neurons before. There is one example, and no mean over neurons.",
        ),
        Mistake(
            "halved",
            lambda delta, a_prev: delta @ a_prev.T / 2,
            "Every entry is half of what it should be. The ½ of the quadratic cost has met its 2 in δ already.",
        ),
    ),
)
