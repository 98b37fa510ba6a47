"""Lesson 04's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.judge import Judge


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def slopes(z):
    return bp.sigmoid(z) * (1 - bp.sigmoid(z))


def vjp(a, g):
    return a * (g - (a * g).sum(axis=0))


# ---- right in other ways ---------------------------------------------------------------------------------------------


def jacobian_in_loops(z):
    a = softmax(z)[:, 0]
    return [[a[i] * ((i == j) - a[j]) for j in range(len(a))] for i in range(len(a))]


def vjp_by_jacobians(a, g):
    return np.column_stack([(np.diag(share) - np.outer(share, share)) @ slope for share, slope in zip(a.T, g.T, strict=True)])


def vjp_in_loops(a, g):
    columns = range(len(a[0]))
    means = [sum(a[i][x] * g[i][x] for i in range(len(a))) for x in columns]
    return [[a[j][x] * (g[j][x] - means[x]) for x in columns] for j in range(len(a))]


def vjp_by_einsum(a, g):
    J = np.einsum("im,ij->ijm", a, np.eye(len(a))) - np.einsum("im,jm->ijm", a, a)
    return np.einsum("ijm,im->jm", J, g)


def count_by_count(a, y):
    delta = -np.array(y)
    for x in range(y.shape[1]):
        for j in range(len(y)):
            delta[:, x] += y[j, x] * a[:, x]
    return delta


def cross_entropy_number_by_number(a, y):
    total = 0.0
    for q, p in zip(a.ravel(), y.ravel(), strict=True):
        total -= (p * math.log(q) if p else 0) + ((1 - p) * math.log(1 - q) if p < 1 else 0)
    return total / a.shape[1]


def cross_entropy_clipped(a, y):
    a = np.clip(a, 1e-15, 1 - 1e-15)
    return -np.mean(np.sum(y * np.log(a) + (1 - y) * np.log(1 - a), axis=0))


def cross_entropy_where(a, y):
    first = y * np.log(a, out=np.zeros_like(a), where=y > 0)
    second = (1 - y) * np.log(1 - a, out=np.zeros_like(a), where=y < 1)
    return -(first + second).sum() / a.shape[1]


RIGHT_WAYS = {
    "04.1": [
        lambda z: bp.sigmoid(z) - bp.sigmoid(z) ** 2,
        lambda z: bp.sigmoid(z) * bp.sigmoid(-np.asarray(z)),
        lambda z: (1 - np.tanh(np.asarray(z) / 2) ** 2) / 4,
        lambda z: np.exp(-np.logaddexp(0, z) - np.logaddexp(0, -np.asarray(z))),
    ],
    "04.2": [
        lambda a, y: -(y - a),
        lambda a, y: [[a[j][x] - y[j][x] for x in range(len(a[0]))] for j in range(len(a))],
        lambda a, y: np.subtract(a.T, y.T).T,
    ],
    "04.3": [
        lambda a, y, z: (a - y) * a * (1 - a),
        lambda a, y, z: np.einsum("jx,jx->jx", a - y, slopes(z)),
        lambda a, y, z: np.column_stack([np.diag(slopes(z[:, x])) @ (a - y)[:, x] for x in range(z.shape[1])]),
        lambda a, y, z: [[(a[j][x] - y[j][x]) * a[j][x] * (1 - a[j][x]) for x in range(len(a[0]))] for j in range(len(a))],
        lambda a, y, z: (y - a) * a * (a - 1),
    ],
    "04.4": [
        lambda z: np.exp(z - np.logaddexp.reduce(z, axis=0)),
        lambda z: np.column_stack([softmax(column) for column in z.T]),
        lambda z: 1 / np.exp(z[None] - z[:, None]).sum(axis=1),
        lambda z: (np.exp(z.T - z.T.max(axis=1, keepdims=True)) / np.exp(z.T - z.T.max(axis=1, keepdims=True)).sum(axis=1)[:, None]).T,
        lambda z: softmax(z).tolist(),
    ],
    "04.5": [
        jacobian_in_loops,
        lambda z: softmax(z) * (np.eye(len(z)) - softmax(z).T),
        lambda z: np.diagflat(softmax(z)) - np.einsum("io,jo->ij", softmax(z), softmax(z)),
        lambda z: np.diag(softmax(z)[:, 0]) - np.outer(softmax(z), softmax(z)),
    ],
    "04.6": [vjp_by_jacobians, vjp_in_loops, vjp_by_einsum, lambda a, g: a * g - a * np.diag(a.T @ g)],
    "04.7": [
        lambda a, y: vjp(a, a - y),
        lambda a, y: vjp_by_jacobians(a, a - y),
        lambda a, y: a * (a - y) - a * np.einsum("jx,jx->x", a, a - y),
        lambda a, y: vjp_in_loops(a, (a - y).tolist()),
    ],
    "04.8": [
        count_by_count,
        lambda a, y: vjp_by_jacobians(a, -y / a),
        lambda a, y: np.sum(y, axis=0, keepdims=True) * a - y,
        lambda a, y: np.column_stack([sum(k * (p - np.eye(len(p))[j]) for j, k in enumerate(t)) for p, t in zip(a.T, y.T, strict=True)]),
    ],
    "04.9": [
        cross_entropy_number_by_number,
        cross_entropy_clipped,
        cross_entropy_where,
        lambda a, y: np.array([[cross_entropy_where(a, y)]]),
        lambda a, y: -(np.nansum(y * np.log(a)) + np.nansum((1 - y) * np.log(1 - a))) / a.shape[1],
    ],
}


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.parametrize("exercise_id", ["04.2", "04.3", "04.5", "04.6", "04.7", "04.8"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(exercise_id, lambda *given: reference(*(np.asarray(g, np.float32) for g in given)))
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def works_in_the_array_it_was_given(a, y):
    a -= y
    return a


def naive_softmax_in_place(z):
    np.exp(z - z.max(axis=0), out=z)
    return z / z.sum(axis=0)


BEYOND_THE_BANK = [
    ("04.1", lambda z: math.exp(-z) / (1 + math.exp(-z)) ** 2, "raised", "TypeError"),
    ("04.1", lambda z: bp.sigmoid(z) * (1 + bp.sigmoid(z)), "a(1 + a)", "where the sigmoid is flat"),
    ("04.1", lambda z: bp.sigmoid(z) * (2 - bp.sigmoid(z)), None, "rises by no more than 0.25"),
    ("04.1", lambda z: np.sign(z) * slopes(z), None, "The sigmoid rises everywhere"),
    ("04.1", lambda z: np.where(np.abs(z) > 6, 0, slopes(z)), "cut off", "is not 0"),
    ("04.1", lambda z: slopes(np.clip(z, -4, 4)), "z cut off", "too tightly"),
    ("04.1", lambda z: -1 / (1 + np.exp(-np.clip(z, -500, 500))) ** 2, "inner derivative missing; sign", "Two things"),
    ("04.1", lambda z: (np.asarray(z) > 0).astype(float), None, "rises by no more than 0.25"),
    ("04.1", lambda z: (bp.sigmoid(np.asarray(z) + 1e-3) - bp.sigmoid(z)) / 1e-3, "measured", "Nothing has to be measured"),
    ("04.1", lambda z: (bp.sigmoid(np.asarray(z) + 0.05) - bp.sigmoid(np.asarray(z) - 0.05)) / 0.1, "measured", "Nothing has to be measured"),
    ("04.1", lambda z: slopes(np.asarray(z) + 1e-3), None, "is not right"),
    ("04.1", lambda z: bp.sigmoid(z) * bp.sigmoid(1 - z), "σ(1 - z) for 1 - σ(z)", "the sigmoid of 1 - z"),
    ("04.1", lambda z: bp.sigmoid(z) * slopes(z), "a²(1 - a)", "squared"),
    ("04.1", lambda z: bp.sigmoid(z) @ (1 - bp.sigmoid(z)), "matrix product", "entry by entry"),
    ("04.1", lambda z: np.diag(slopes(np.ravel(z))), "shape", "expected shape (3, 1, 4)"),
    ("04.2", lambda a, y: np.sum((a - y) ** 2) / 2, "shape", "a single number, expected shape (3, 3)"),
    ("04.2", lambda a, y: (a - y).sum(axis=0), "shape", "expected shape (3, 3)"),
    ("04.2", lambda a, y: (a - y) - (a - y).mean(axis=0), None, "off by one amount along its whole length"),
    ("04.2", lambda a, y: (a - y).T, None, "transpose"),
    ("04.2", works_in_the_array_it_was_given, "input mutated", "changes a"),
    ("04.3", lambda a, y, z: (a - y) @ slopes(z), "matrix product, not transposed", "entry by entry"),
    ("04.3", lambda a, y, z: (y - a) * a, "y - a; a for σ'", "Two things"),
    ("04.3", lambda a, y, z: (y - a) * a**2, None, "Every entry has the wrong sign"),
    ("04.3", lambda a, y, z: (a - y) * bp.sigmoid.prime(a) / a.shape[1], "σ'(a); averaged over the examples", "Two things"),
    ("04.3", lambda a, y, z: 4 * (a - y) * slopes(z), None, "slope is at most 0.25"),
    ("04.3", lambda a, y, z: vjp(a, a - y), "Jacobian of softmax", "depends on its own z alone"),
    ("04.3", lambda a, y, z: ((a - y) * slopes(z)).mean(axis=1, keepdims=True), "mean of the examples", "the mean comes later"),
    ("04.3", lambda a, y, z: ((a - y) * slopes(z)).sum(axis=1, keepdims=True), "shape", "expected shape (3, 3)"),
    ("04.3", lambda a, y, z: (a - y) * slopes(z).mean(axis=0), None, "by one number for all outputs"),
    ("04.3", lambda a, y, z: (a - y) * slopes(z).mean(), None, "not right"),
    ("04.3", lambda a, y, z: (a - y).mean(axis=1, keepdims=True) * slopes(z), None, "by one number for all examples"),
    ("04.6", lambda a, g: vjp(a, g).mean(axis=1, keepdims=True) + 0 * a, "mean of the examples", "a column of its own"),
    ("04.7", lambda a, y: vjp(a, a - y).mean(axis=1, keepdims=True), "mean of the examples", "the mean comes later"),
    ("04.8", lambda a, y: (a * y.sum(axis=0) - y).mean(axis=1, keepdims=True) + 0 * a, "mean of the examples", "the mean comes later"),
    ("04.8", lambda a, y: (a * y.sum(axis=0) - y)[:, :1] + 0 * a, None, ""),
    ("04.2", lambda a, y: (a - y).mean(axis=1, keepdims=True) + 0 * a, "mean of the examples", "each has its column"),
    ("04.2", lambda a, y: (a - y).mean(axis=0, keepdims=True) + 0 * a, None, "not right"),
    ("04.2", lambda a, y: (a > 0.5) - y, "outputs rounded", "as they are"),
    ("04.3", lambda a, y: (a - y) * a * (1 - a), "wrong arguments", "(a, y, z)"),
    ("04.4", lambda z: np.exp(z - z.max(axis=0)) / np.exp(z - z.max(axis=0)).mean(axis=0), "mean for sum", "With their sum"),
    ("04.4", lambda z: 3 * softmax(z), None, "Yours sum to 3, 3, 3"),
    ("04.4", lambda z: softmax(np.minimum(z, 700)), None, "the shares are not"),
    ("04.4", lambda z: np.exp(z - z.max(axis=0)) / (np.exp(z - z.max(axis=0)).sum(axis=0) + 1e-3), None, "come short of it"),
    ("04.4", lambda z: 0.95 * softmax(z), None, "Yours sum to 0.95"),
    ("04.4", lambda z: (lambda e: e / e.sum())(np.exp(z - z.max(axis=0))), "one sum for all shifted columns", "All entries together"),
    ("04.4", lambda z: (z - z.mean(axis=0)) / (z - z.min(axis=0)).sum(axis=0), None, "exponentials, which are positive"),
    ("04.4", lambda z: softmax(3 * z), None, "larger by 1 in z"),
    ("04.4", lambda z: softmax(np.sin(z * 3)), None, "does not get the largest share"),
    ("04.4", naive_softmax_in_place, "input mutated", "changes z"),
    ("04.5", lambda z: softmax(z) - softmax(z) @ softmax(z).T, "a without its matrix", "on the diagonal alone"),
    ("04.5", lambda z: softmax(z) * slopes(z).T, None, "whatever one of them gains"),
    ("04.5", lambda z: np.diagflat(bp.sigmoid(z)) + bp.sigmoid(z) @ bp.sigmoid(z).T, "sigmoid for softmax; plus a aᵀ", "Two things"),
    ("04.5", lambda z: np.diagflat(softmax(z)) - 2 * softmax(z) @ softmax(z).T, "a aᵀ twice", "How often"),
    ("04.5", lambda z: np.diagflat(softmax(z)) * 2 - softmax(z) @ softmax(z).T, None, "has to sum to 0"),
    ("04.5", lambda z: np.where(np.eye(len(z)) == 1, softmax(z), -softmax(z) * softmax(z).T), "a on the diagonal", "the second part is missing"),
    ("04.5", lambda z: np.diagflat(z) - softmax(z) @ softmax(z).T, "z on the diagonal", "in place of the activation"),
    ("04.5", lambda z: (lambda a: np.diagflat(a) - a @ a.T)(softmax(z.T).T), "every activation 1", "along the rows"),
    ("04.5", lambda z: softmax(z) * softmax(z), "shape", "expected shape (3, 3)"),
    ("04.5", lambda z: bp.softmax.jacobian(z)[None], "shape", "expected shape (3, 3)"),
    ("04.6", lambda a, g: a * (g - g.max(axis=0)), "largest entry of g", "weighted with the activations"),
    ("04.6", lambda a, g: a * (g - np.median(g, axis=0)), None, "another number than the mean of g"),
    ("04.6", lambda a, g: a * (g.mean(axis=0) - g), "plain mean; negated", "Two things"),
    ("04.2", lambda a, y: (y - a) / a.shape[1], "y - a; averaged over the examples", "Two things"),
    ("04.2", lambda a, y: -3 * (a - y), None, "-3 × what it should be"),
    ("04.7", lambda a, y: a * (1 - a) * (y - a), "y - a; elementwise", "Two things"),
    ("04.8", lambda a, y: 2 * (y - a * y.sum(axis=0)), "sign; factor 2", "Two things"),
    ("04.8", lambda a, y: 2 * (a - y), "targets taken to sum to 1; factor 2", "Two things"),
    ("04.6", lambda a, g: (np.diagflat(a) - a @ a.T) @ g, "raised", "ValueError"),
    ("04.6", lambda a, g: a * (g - a), "a for the mean", "one number for each example"),
    ("04.6", lambda a, g: np.sum(a * g, axis=0), "shape", "expected shape (3, 3)"),
    ("04.7", lambda a, y: vjp(a, a - y) / len(a), "averaged over the outputs", "no mean"),
    ("04.7", lambda a, y: vjp(a, a - y) / 7, None, "what it should be"),
    ("04.7", lambda a, y: a * ((a - y) - (a - y).max(axis=0)), None, "another number than the mean of a - y"),
    ("04.7", lambda a, y: np.sum((a - y) ** 2, axis=0), "shape", "expected shape (3, 3)"),
    ("04.7", lambda a, y: a * (a - y - np.sum(a**2, axis=0)), "targets left out of the mean", "whose mean is subtracted"),
    ("04.7", lambda a, y: y * (a - y - np.sum(a * (a - y), axis=0)), "y for the factor a", "contains a_j"),
    ("04.7", lambda a, y: a * (a - y - np.sum(y * (a - y), axis=0)), "weighted with the targets", "weighs with the activations"),
    ("04.8", lambda a, y: a * y.max(axis=0) - y, "largest count for the sum", "has a sum there"),
    ("04.8", lambda a, y: a * np.maximum(y.sum(axis=0), 1 * (y.sum(axis=0) == 0)) - y, "1 for a sum of 0", "so it may be 0"),
    ("04.8", lambda a, y: (a - y) * y.any(axis=0), "columns of zeros left out; targets taken to sum to 1", "which is right"),
    ("04.8", lambda a, y: a * y.sum(axis=0) - y * (1 - a), None, "has to sum to 0"),
    ("04.8", lambda a, y: 3 * (a * y.sum(axis=0) - y), None, "3 × what it should be"),
    ("04.8", lambda a, y: -np.log(a[y == 1]), "shape", "expected shape (3, 4)"),
    ("04.9", lambda a, y: cross_entropy_clipped(np.clip(a, 1e-3, 1 - 1e-3), y), None, "How far do you keep the outputs away"),
    ("04.9", lambda a, y: -(y * np.log(a) + (1 - y) * np.log(1 - a)), "shape", "expected a single number"),
    ("04.9", lambda a, y: float(np.sum(y * np.log(np.clip(a, 1e-15, 1)))), None, "negative"),
    ("04.9", lambda a, y: np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)), "mean over outputs too; sign", "Two things"),
    ("04.9", lambda a, y: -np.sum(y * np.log(a)), "(1 - y) term missing; sum for mean", "Two things"),
    ("04.9", lambda a, y: cross_entropy_where(a, y) + cross_entropy_where(y, y), None, "Write it out"),
    ("04.9", lambda a, y: cross_entropy_where(a, y) - cross_entropy_where(y, y), "entropy of the targets subtracted", "even then"),
    ("04.9", lambda a, y: float(np.sum(np.abs(a - y))), None, "Write it out for one output and one example"),
    ("04.9", lambda a, y: -np.sum(np.nan_to_num(a * np.log(y) + (1 - a) * np.log(1 - y), posinf=0, neginf=0)), None, "Write it out for one output"),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


# the idea is the bank's, the way of writing it is not
OTHERWISE_WRITTEN = [
    ("04.1", lambda z: np.exp(z) / (1 + np.exp(z)) ** 2, "overflow"),
    ("04.1", lambda z: 1 / (1 / np.exp(z) + 2 + np.exp(z)) * np.where(np.abs(z) > 700, np.inf, 1), "overflow"),
    ("04.1", lambda z: np.exp(-np.abs(z)) * 0 + 1 - bp.sigmoid(z), "1 - a"),
    ("04.3", lambda a, y, z: a - y * a * (1 - a), "brackets missing"),
    ("04.4", lambda z: np.exp(z) / sum(np.exp(row) for row in z), "overflow"),
    ("04.4", lambda z: np.exp(z - z.max(axis=1, keepdims=True)) / np.exp(z - z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True), "wrong axis"),
    ("04.5", lambda z: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)), "np.diag of a column"),
    ("04.6", lambda a, g: a * g - np.einsum("jx,jx->x", a, g), "a left out once"),
    ("04.7", lambda a, y: bp.sigmoid.prime(a) * (a - y), "σ'(a)"),
    ("04.8", lambda a, y: np.where(y > 0, y * (a - 1), 0), "elementwise"),
    ("04.8", lambda a, y: np.where(y == 1, a - 1, a - y), "targets taken to sum to 1"),
    ("04.9", lambda a, y: -np.mean(y * np.log(a) + (1 - y) * np.log(1 - a)), "mean over outputs too"),
    ("04.9", lambda a, y: -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)), "sum for mean"),
    ("04.9", lambda a, y: -np.sum(y * np.log(a)) / a.shape[1], "(1 - y) term missing"),
    ("04.9", lambda a, y: -np.mean(y * np.log(a)), "categorical; averaged over everything"),
    ("04.9", lambda a, y: np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / a.shape[1], "sign"),
    ("04.9", lambda a, y: -np.sum(y * np.log2(a) + (1 - y) * np.log2(1 - a)) / a.shape[1], "log base 2"),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), OTHERWISE_WRITTEN)
def test_a_known_idea_written_in_another_way_is_named(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert outcome.mistake == mistake, outcome.message


def test_the_column_sums_that_are_told_are_those_of_the_answer():
    outcome = outcome_of("04.8", lambda a, y: a * y.sum(axis=0) - y + 0.25)
    assert "Your column 0 (counting from 0) sums to 0.75." in outcome.message


def test_the_column_that_is_blamed_is_one_at_fault():
    outcome = outcome_of("04.8", lambda a, y: a * y.sum(axis=0) - y + 0.25 * (np.arange(a.shape[1]) == a.shape[1] - 1))
    assert "column 0 " not in outcome.message
    assert "sums to 0.75." in outcome.message


def shifted(by):
    def answer(z):
        e = np.exp(z - by(z))
        return e / e.sum(axis=0)

    return answer


def written_into(out, z):
    out[...] = slopes(z)
    return out


def cost_of_what_is_missed(a, y):
    """Takes what equals its target to cost nothing, which holds for 0 and 1 alone."""
    missed = a != y
    return (
        -np.sum(np.where(missed, y, 0) * np.log(np.where(missed, a, 1)) + np.where(missed, 1 - y, 0) * np.log1p(-np.where(missed, a, 0))) / a.shape[1]
    )


NEAR_A_MISTAKE = [
    ("04.4", lambda z: np.exp(z - 1000) / np.exp(z - 1000).sum(axis=0), "a fixed shift"),
    ("04.4", lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=0), "shifted by the largest entry of all examples"),
    ("04.4", lambda z: softmax(np.where(z > 700, z - 1000, z)), None),
    ("04.4", shifted(lambda z: np.where(z.max(axis=0) > 710, z.max(axis=0), 0)), "all exponentials 0"),
    ("04.4", shifted(lambda z: np.where(z.max(axis=0) < 0, z.max(axis=0), 0)), None),
    ("04.4", shifted(lambda z: np.where(z.max() > 709, z.max(axis=0), 0)), "largest entry subtracted from 709 on"),
    ("04.4", shifted(lambda z: np.where(z.max() > 710, z.max(axis=0), 0)), None),
    ("04.4", shifted(lambda z: np.where(z.max() >= 800, z.max(axis=0), 0)), None),
    ("04.4", shifted(lambda z: np.median(z, axis=0)), "shifted by each column's median"),
    ("04.4", shifted(lambda z: z[0]), "shifted by each column's first entry"),
    ("04.4", shifted(lambda z: z.mean(axis=0)), "shifted by each column's mean"),
    ("04.4", shifted(lambda z: z.max(axis=0) - 700), "right"),
    ("04.4", shifted(lambda z: z.max(axis=0) + 5), "right"),
    ("04.1", lambda z: bp.sigmoid(z) @ (1 - bp.sigmoid(z)) if np.shape(z) == (3, 3) else slopes(z), None),
    ("04.1", lambda z: np.full(np.shape(z), 0.25), "constant"),
    ("04.1", lambda z: 0.9 * slopes(np.clip(z, -5, 5)), None),
    ("04.1", lambda z: np.where(np.abs(z) > 5, 1e-3, slopes(z)), None),
    ("04.4", lambda z: softmax(z - 1000), "right"),
    ("04.1", lambda z: slopes(z) * (np.shape(z) != (3, 3)), None),
    ("04.1", lambda z: np.where(np.abs(z) > 3, 0.0, slopes(z)), "cut off"),
    ("04.1", lambda z: written_into(np.zeros_like(z), z), "cut to whole numbers"),
    ("04.1", lambda z: written_into(np.array(z), z), "cut to whole numbers"),
    ("04.1", lambda z: written_into(np.zeros(np.shape(z)), z), "right"),
    ("04.9", cost_of_what_is_missed, None),
    ("04.1", lambda z: slopes(z) * np.nan, None),
    ("04.1", lambda z: np.where(np.abs(z) > 500, np.nan, slopes(z)), "overflow"),
    ("04.1", lambda z: np.where(np.abs(z) < 0.5, np.nan, slopes(z)), None),
    ("04.9", lambda a, y: 1.01 * clipped_cost(a, y, 1e-15), None),
]


def clipped_cost(a, y, eps):
    a = np.clip(a, eps, 1 - eps)
    return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / a.shape[1]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NEAR_A_MISTAKE)
def test_what_is_near_a_mistake_is_not_taken_for_it(exercise_id, answer, mistake):
    for seed in range(5):
        outcome = outcome_of(exercise_id, answer, seed)
        if mistake == "right":
            assert outcome.passed, outcome.message
        else:
            assert (outcome.status, outcome.mistake if outcome.mistake != "not finite" else None) == ("wrong", mistake), outcome.message
            assert mistake is not None or "to the last digits" not in outcome.message


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize("end", [0, 1])
def test_an_output_that_is_certain_and_wrong_costs_at_either_end(end):
    def cost(a, y):
        first = np.where((y > 0) & ((a > 0) | (end == 1)), y * np.log(a), 0)
        second = np.where((y < 1) & ((a < 1) | (end == 0)), (1 - y) * np.log(1 - a), 0)
        return -np.sum(first + second) / a.shape[1]

    assert outcome_of("04.9", cost).status == "wrong"


@pytest.mark.parametrize("wrong", [lambda a, y: np.clip(a, 0, 1) - y, lambda a, y: a - np.clip(y, 0, 1), lambda a, y: np.abs(a) - np.abs(y)])
def test_outputs_and_targets_of_the_quadratic_cost_may_be_any_numbers(wrong):
    assert outcome_of("04.2", wrong).status == "wrong"


def test_a_cost_of_outputs_kept_too_far_from_the_ends_is_told():
    assert "How far do you keep the outputs" in outcome_of("04.9", lambda a, y: clipped_cost(a, y, 1e-3)).message


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*encountered")
def test_the_explanations_hold_no_expected_number():
    for exercise in of_lesson("04"):
        judge = Judge.drawn(exercise, 3)
        numbers = {f"{value:.6g}" for wanted in judge.expected for value in np.ravel(wanted)}
        for mistake in exercise.mistakes:
            message = judge(judge.run_mistake(mistake)).message
            assert not any(len(number) > 4 and number in message for number in numbers), message


@pytest.mark.parametrize(
    ("exercise_id", "wrong"),
    [
        ("04.1", lambda z: slopes(np.atleast_2d(z)).reshape(np.shape(z)[-2:])),
        ("04.1", lambda z: np.where(np.abs(z) > 15, 0, slopes(z))),
        ("04.3", lambda a, y, z: (a - y) * np.maximum(a * (1 - a), 0.01)),
        ("04.3", lambda a, y, z: np.where(y == 0, 0, a - y) * a * (1 - a)),
        ("04.4", lambda z: softmax(z.T).T if len(z) == 1 else softmax(z)),
        ("04.5", lambda z: np.where(z == z.T, softmax(z), 0) - softmax(z) @ softmax(z).T),
        ("04.5", lambda z: 0.0 if len(z) == 1 else np.diagflat(softmax(z)) - softmax(z) @ softmax(z).T),
        ("04.7", lambda a, y: vjp(a, np.where(y == 0, 0, a - y))),
    ],
)
def test_a_single_output_entries_alike_and_targets_of_0_count(exercise_id, wrong):
    for seed in range(5):
        assert not outcome_of(exercise_id, wrong, seed).passed


@pytest.mark.parametrize("eps", [1e-8, 1e-10, 1e-15])
def test_a_tiny_step_away_from_the_ends_is_right_whatever_is_drawn(eps):
    for seed in range(20):
        assert outcome_of("04.9", lambda a, y: clipped_cost(a, y, eps), seed).passed
        added = outcome_of("04.9", lambda a, y: -np.sum(y * np.log(a + eps) + (1 - y) * np.log(1 - a + eps)) / a.shape[1], seed)
        assert added.passed, added.message


def test_softmax_in_float32_is_right_also_where_z_is_near_1000():
    for seed in range(8):
        assert outcome_of("04.4", lambda z: registry()["04.4"].reference(np.asarray(z, np.float32)), seed).status == "right"
