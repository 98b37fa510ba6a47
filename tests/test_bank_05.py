"""Slips of lesson 05 that are named, written as learners write them, and what is near them and is not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp


def slope(z):
    return bp.sigmoid(z) * (1 - bp.sigmoid(z))


def collected_in_z(W_next, delta_next, z):
    out = z
    for j in range(len(z)):
        out[j] = sum(W_next[k, j] * delta_next[k] for k in range(len(W_next)))
        out[j] *= slope(z[j])
    return out


def by_inverse(inverse):
    return lambda W_next, delta_next, z: inverse(W_next) @ delta_next * slope(z)


def ratios(size):
    return lambda delta: [size(a) / size(b) for a, b in itertools.pairwise(delta[1:])]


def measured(h):
    def jacobian(W_next, z):
        moved = [W_next @ (bp.sigmoid(z + h * e[:, None]) - bp.sigmoid(z)) / h for e in np.eye(len(z))]
        return np.hstack(moved)

    return jacobian


NAMED = [
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z[j, 0]) * slope(W[k] @ bp.sigmoid(z))[0], "slopes of both layers"),
    ("05.1", lambda W, z, k, j: W[k, j] * (1 + bp.sigmoid(z[j, 0])) * (1 - bp.sigmoid(z[j, 0])), "slope of tanh"),
    ("05.1", lambda W, z, k, j: W[k, j] / np.cosh(z[j, 0]) ** 2, "slope of tanh at z"),
    ("05.1", lambda W, z, k, j: W[k - 1, j - 1] * slope(z[j - 1])[0], "counted from 1"),
    ("05.1", lambda W, z, k, j: W[k - 1, j] * slope(z[j])[0], None),
    ("05.1", lambda W, z, k, j: W[k, j] * slope(z[j, 0]) * slope(z[k, 0]), None),
    ("05.2", collected_in_z, "slope at what came back"),
    ("05.2", lambda W, delta, z: W.T @ delta * slope(delta[: len(z)] if len(delta) >= len(z) else z), None),
    ("05.3", lambda W, delta, z: (s := W.T @ delta) * slope(s), "slope at what came back"),
    ("05.3", lambda W, delta, z: (s := W.T @ delta) * slope(s) * slope(z), None),
    ("05.3", by_inverse(np.linalg.pinv), "inverse for transpose"),
    ("05.3", by_inverse(lambda W: np.linalg.pinv(W.T).T * 1.5), None),
    ("05.3", lambda W, delta, z: W.T @ delta * slope(z).mean(axis=1)[:, None], "slopes averaged over the examples"),
    ("05.3", lambda W, delta, z: W.T @ delta * slope(z.mean(axis=1, keepdims=True)), None),
    ("05.3", lambda W, delta, z: W.T @ delta * slope(z[:, [-1]]), None),
    ("05.3", lambda W, delta, z: W.T @ delta * slope(z).mean(axis=0), None),
    ("05.6", ratios(lambda d: sum(np.linalg.norm(c) for c in d.T)), "mean of the examples' norms"),
    (
        "05.6",
        lambda delta: [
            np.mean([np.linalg.norm(p) / np.linalg.norm(q) for p, q in zip(a.T, b.T, strict=True)]) for a, b in itertools.pairwise(delta[1:])
        ],
        "mean of the examples' ratios",
    ),
    ("05.6", ratios(lambda d: np.linalg.norm(d.sum(axis=1))), None),
    ("05.6", lambda delta: np.log(ratios(np.linalg.norm)(delta)), "logarithms"),
    ("05.6", lambda delta: np.log1p(ratios(np.linalg.norm)(delta)), None),
    ("05.7", lambda W, z: W @ np.diag(np.diag(slope(z)).repeat(len(z))), "first slope for all"),
    ("05.7", lambda W, z: W * np.diag(slope(z)), "first slope for all"),
    ("05.7", lambda W, z: W * slope(z)[-1], None),
    ("05.7", measured(1e-2), None),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED)
def test_slips_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


@pytest.mark.parametrize("eps", [1e-8, 1e-12])
def test_a_number_added_below_the_bar_shows_where_errors_are_small(eps):
    assert outcome_of("05.6", lambda delta: [a / (b + eps) for a, b in itertools.pairwise(map(np.linalg.norm, delta[1:]))]).status == "wrong"


def test_an_inverse_that_only_square_weights_have_is_told_from_the_square_case():
    outcome = outcome_of("05.3", by_inverse(np.linalg.inv))
    assert outcome.mistake is None and 'In the case W_next 3×3, m = 5, your numbers are those of "inverse for transpose"' in outcome.message
    outcome = outcome_of("05.3", by_inverse(lambda W: 2.5 * np.linalg.inv(W)))
    assert "inverse for transpose" not in outcome.message


def test_the_examples_apart_are_right_for_one_example():
    outcome = outcome_of("05.6", ratios(lambda d: np.mean(np.linalg.norm(d, axis=0))))
    assert outcome.where.startswith("right for layers of 5, 4, 2, 3, 2 neurons, m = 1")
