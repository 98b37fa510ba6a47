"""05.2: the error of a layer as a sum over paths, in loops."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bpkit.exercises.lesson_05.shared import (
    ERROR_ADDED,
    PATHS,
    SLOPE_ADDED,
    SLOPE_AT_THE_SUM,
    SLOPE_OF_NEXT_Z,
    SLOPES,
    Array,
    cases_layer,
    hidden_error_by,
    hidden_error_oracle,
    reference_hidden_error,
    sigmoid_prime,
)
from bpkit.exercises.model import Answer, Exercise, Mistake
from bpkit.exercises.slips import mistakes_of


def _sum_over_j(W_next: Array, delta_next: Array, z: Array) -> Array:
    return delta_next * (W_next @ sigmoid_prime(z))


def _in_loops(collect: Callable[..., Array]) -> Answer:
    """The answer that collects one path after the other, from each neuron k of the next layer to each neuron j of this one."""

    def answer(W_next: Array, delta_next: Array, z: Array) -> Array:
        delta = np.zeros_like(z)
        for j in range(z.shape[0]):
            for k in range(delta_next.shape[0]):
                delta[j] = collect(delta[j], W_next, delta_next, z, j, k)
        return delta

    return answer


def _never_started_anew(W_next: Array, delta_next: Array, z: Array) -> Array:
    return np.cumsum(W_next.T @ delta_next, axis=0) * sigmoid_prime(z)


def _over(rows: Callable[[Array, Array], range], paths: Callable[[Array, Array], range]) -> Callable[[Array, Array, Array], Array]:
    """The loops over other ranges; what no turn reaches stays 0."""

    def answer(W_next: Array, delta_next: Array, z: Array) -> Array:
        delta = np.zeros(z.shape)
        for j in rows(W_next, z):
            for k in paths(W_next, z):
                delta[j] += W_next[k, j] * delta_next[k] * sigmoid_prime(z[j])
        return delta

    return answer


EXERCISE = Exercise(
    id="05.2",
    name="hidden_error_sum",
    title="The error of a layer as a sum over paths, in loops",
    points=2,
    minutes=10,
    difficulty=2,
    allows=("sigmoid",),
    cases=cases_layer,
    reference=reference_hidden_error,
    oracle=hidden_error_oracle,
    hints=(
        "Start with one neuron j and write down every way in which a change of z_j can reach the cost. There is one path for each neuron k of the "
        "next layer.",
        "Each path contributes the error of neuron k times the derivative from 05.1. For a fixed j, let the inner loop run over k and collect.",
        "Begin with zeros of z's shape. In the inner loop add to row j: the weight to k from j, times row k of delta_next, times the slope at z_j. "
        "A whole row is all examples at once.",
    ),
    mistakes=(
        Mistake(
            "sum over j",
            _sum_over_j,
            "You sum over the neurons j of this layer, so one number comes out for each neuron k of the next. "
            "Which neuron's error do you want, and which index has to disappear?",
        ),
        Mistake(
            "w_jk for w_kj",
            _in_loops(lambda so_far, W, delta, z, j, k: so_far + W[j, k] * delta[k] * sigmoid_prime(z[j])),
            "You read the weight as W_next[j, k]. Its rows belong to the next layer: the first index says where a weight leads to.",
        ),
        ERROR_ADDED,
        SLOPE_ADDED,
        SLOPE_AT_THE_SUM,
        SLOPE_OF_NEXT_Z,
        *mistakes_of(hidden_error_by, (*SLOPES, *PATHS)),
        Mistake(
            "slope at z of the next neuron",
            _in_loops(lambda so_far, W, delta, z, j, k: so_far + W[k, j] * delta[k] * sigmoid_prime(z[k])),
            "You take the slope at z[k]. k counts the neurons of the next layer; the slope belongs to the neuron that the error arrives at.",
        ),
        Mistake(
            "slope inside the loop over paths",
            _in_loops(lambda so_far, W, delta, z, j, k: (so_far + W[k, j] * delta[k]) * sigmoid_prime(z[j])),
            "Your slope is multiplied into what was collected so far, once for each k. It is one factor of every path: each path meets it once.",
        ),
        Mistake(
            "sum not started anew",
            _never_started_anew,
            "Row 0 is right, and each later row holds the sums of the rows before it too. Where does your sum begin for each j?",
        ),
        Mistake(
            "first example for all",
            lambda W_next, delta_next, z: (W_next.T @ delta_next[:, :1]) * sigmoid_prime(z),
            "Every column gets the errors of the first example. Each column of delta_next is one example.",
        ),
        Mistake(
            "k over this layer",
            _over(rows=lambda W_next, z: range(len(z)), paths=lambda W_next, z: range(len(z))),
            "Your k runs over the neurons of this layer. It is an index of the next one: as many turns as W_next has rows. Where the layers are of "
            "one size "
            "the two agree.",
        ),
        Mistake(
            "j over the next layer",
            _over(rows=lambda W_next, z: range(len(W_next)), paths=lambda W_next, z: range(len(W_next))),
            "Your j runs over the neurons of the next layer. It is an index of this one: as many turns as W_next has columns. Where the layers are "
            "of one "
            "size the two agree.",
        ),
    ),
)
