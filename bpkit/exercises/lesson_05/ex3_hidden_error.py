"""05.3: BP2 in matrix form."""

from __future__ import annotations

from bpkit.exercises.lesson_05.shared import (
    ERROR_ADDED,
    PATHS,
    SLOPE_ADDED,
    SLOPE_AT_THE_SUM,
    SLOPE_OF_NEXT_Z,
    SLOPES,
    TRANSPOSE_FORGOTTEN,
    cases_layer,
    hidden_error_by,
    hidden_error_oracle,
    reference_hidden_error,
    sigmoid_prime,
)
from bpkit.exercises.model import Exercise, Mistake
from bpkit.exercises.slips import mistakes_of

EXERCISE = Exercise(
    id="05.3",
    name="hidden_error",
    title="BP2 in matrix form",
    points=3,
    minutes=8,
    difficulty=2,
    allows=("sigmoid",),
    cases=cases_layer,
    reference=reference_hidden_error,
    oracle=hidden_error_oracle,
    hints=(
        "Go by shapes: delta_next has a row per neuron of the next layer, the answer a row per neuron of this one. What turns one into the other?",
        "The sum in 05.2 runs over the first index of W_next. A matrix product sums over the last index of its left factor. What must happen to "
        "W_next first?",
        "Two steps: carry delta_next back through the transposed weights, then scale each entry by the slope of the activation at its own z.",
    ),
    partial=True,
    mistakes=(
        Mistake(
            "σ' of the next layer",
            lambda W_next, delta_next, z: W_next.T @ (delta_next * sigmoid_prime(z)),
            "You apply the slope before going back through the weights, to the errors of the next layer. "
            "The slope in BP2 belongs to the layer that you arrive at.",
        ),
        Mistake(
            "matrix product with σ'",
            lambda W_next, delta_next, z: (W_next.T @ delta_next) @ sigmoid_prime(z).T,
            "Your last step is a matrix product and mixes neurons and examples. Each entry of the error has its own slope: think entry by entry.",
        ),
        ERROR_ADDED,
        SLOPE_ADDED,
        SLOPE_AT_THE_SUM,
        SLOPE_OF_NEXT_Z,
        *mistakes_of(hidden_error_by, (TRANSPOSE_FORGOTTEN, *SLOPES, *PATHS)),
    ),
)
