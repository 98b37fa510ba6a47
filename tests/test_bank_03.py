"""Lesson 03's exercises: other right ways pass, and wrong ways beyond the bank are refused with a message that helps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp


def mean_of_two_sides(f, x, h):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


def stepping_with(h, dtype=float):
    """The right loop with a step and a number type of one's own."""

    def answer(C, W):
        w = np.array(W, dtype=dtype)
        gradient = np.zeros_like(w)
        for i in np.ndindex(w.shape):
            kept = w[i]
            w[i] = kept + h
            up = C(w)
            w[i] = kept - h
            down = C(w)
            w[i] = kept
            gradient[i] = (up - down) / (2 * h)
        return gradient

    return answer


nudged_and_put_back = stepping_with(1e-5)


def nudged_to_one_side(C, W, h):
    w = np.array(W, dtype=float)
    slopes = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.copy()
        moved[i] += h
        slopes[i] = (C(moved) - C(w)) / h
    return slopes


def left_where_it_is(C, W, h):
    w = np.array(W, dtype=float)
    slopes = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        before = C(w)
        w[i] += h
        slopes[i] = (C(w) - before) / h
    return slopes


def through_unit_matrices(C, W):
    W = np.asarray(W, dtype=np.float64)
    units = np.eye(W.size).reshape(-1, *W.shape)
    return np.array([(C(W + 1e-4 * unit) - C(W - 1e-4 * unit)) / 2e-4 for unit in units]).reshape(W.shape)


def rows_of_lists(C, W):
    h, rows = 6e-6, []
    for j in range(W.shape[0]):
        row = []
        for k in range(W.shape[1]):
            unit = np.zeros(W.shape)
            unit[j, k] = h
            row.append((C(W + unit) - C(W - unit)) / (2 * h))
        rows.append(row)
    return rows


def flat_inside(C, W):
    flat = np.array(W, dtype=float).ravel()
    slopes = []
    for i in range(flat.size):
        step = np.zeros(flat.size)
        step[i] = 1e-5
        slopes.append((C((flat + step).reshape(W.shape)) - C((flat - step).reshape(W.shape))) / 2e-5)
    return np.reshape(slopes, W.shape)


def by_complex_step(C, W):
    slopes = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        w = W.astype(complex)
        w[i] += 1e-20j
        slopes[i] = C(w).imag / 1e-20
    return slopes


def relative_in_a_loop(a, b):
    worst = 0.0
    for one, other in zip(a.ravel(), b.ravel(), strict=True):
        worst = max(worst, abs(one - other) / max(abs(one), abs(other), 1e-4))
    return worst


def straddling_by_definition(z, h):
    return (z - h < 0) & (z + h > 0)


def straddling_by_measuring(z, h):
    measured = (bp.relu(z + h) - bp.relu(z - h)) / (2 * h)
    return ~np.isclose(measured, bp.relu.prime(z))


RIGHT_WAYS = {
    "03.1": [mean_of_two_sides, lambda f, x, h: 0.5 / h * (f(x + h) - f(x - h)), lambda f, x, h: np.array([(f(x + h) - f(x - h)) / h / 2])],
    "03.2": [nudged_and_put_back, through_unit_matrices, rows_of_lists, flat_inside, by_complex_step],
    "03.3": [
        relative_in_a_loop,
        lambda a, b: (abs(a - b) / np.max([abs(a), abs(b), np.full(a.shape, 1e-4)], axis=0)).max(),
        lambda a, b: np.max(np.minimum(abs(a - b) / np.maximum(abs(a), 1e-4), abs(a - b) / np.maximum(abs(b), 1e-4))),
    ],
    "03.4": [1e-5, 6e-6, 1e-6, 1e-4, "1e-5", np.float64(3e-6), np.cbrt(2.2e-16), np.array([1e-5])],
    "03.5": [
        lambda f, x: f(x + 1e-20j).imag / 1e-20,
        lambda f, x: f(complex(x, 1e-100)).imag * 1e100,
        lambda f, x: ((f(x + 1e-20j) - f(x)) / 1e-20).imag,
        lambda f, x: -(1j * f(x + 1e-12j)).imag * 0 + np.imag(f(np.array([x + 1e-12j])))[0] / 1e-12,
        lambda f, x: bp.complex_step(f, x),
    ],
    "03.6": ["ADF", "fda", "A, D and F", "A and D and F", ["A", "D", "F"], ("D", "A", "F")],
    "03.7": [
        straddling_by_definition,
        straddling_by_measuring,
        lambda z, h: np.sign(z - h) * np.sign(z + h) < 0,
        lambda z, h: np.array([[1 if -h < entry < h else 0 for entry in row] for row in z]),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    for seed in (11, 12):
        outcome = outcome_of(exercise_id, answer, seed)
        assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


def test_letters_beside_other_words_are_not_read_as_letters():
    assert outcome_of("03.6", "A and D").mistake == "hidden by symmetry"
    assert outcome_of("03.6", "ADAND").mistake is None


FLOAT32 = {
    "03.2": lambda C, W: nudged_and_put_back(C, W).astype(np.float32),
    "03.3": lambda a, b: np.float32(relative_in_a_loop(a, b)),
    "03.5": lambda f, x: np.float32(f(x + 1e-20j).imag / 1e-20),
}


@pytest.mark.parametrize("exercise_id", FLOAT32)
def test_float32_results_are_told_not_failed(exercise_id):
    outcome = outcome_of(exercise_id, FLOAT32[exercise_id])
    assert outcome.passed
    assert "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not list, or written otherwise than the bank writes them


def left_above(h):
    """Steps up only, and leaves each entry there."""

    def answer(C, W):
        w = W.astype(float)
        gradient, before = np.zeros(w.shape), C(w)
        for i in np.ndindex(w.shape):
            w[i] += h
            gradient[i] = (C(w) - before) / h
        return gradient

    return answer


def in_place_and_not_restored(C, W):
    gradient = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        W[i] += 1e-6
        up = C(W)
        W[i] -= 2e-6
        gradient[i] = (up - C(W)) / 2e-6
    return gradient


def in_place_and_restored_by_adding(C, W):
    W = W.astype(float, copy=False)
    gradient = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        W[i] += 1e-5
        up = C(W)
        W[i] -= 2e-5
        gradient[i] = (up - C(W)) / 2e-5
        W[i] += 1e-5
    return gradient


def copies_and_keeps_the_type(C, W):
    return stepping_with(1e-5, W.dtype)(C, W).astype(float)


def zeros_like_integers(C, W):
    gradient = np.zeros_like(W)
    for i in np.ndindex(W.shape):
        up, down = W.astype(float), W.astype(float)
        up[i] += 1e-5
        down[i] -= 1e-5
        gradient[i] = (C(up) - C(down)) / 2e-5
    return gradient


def plus_zero(C, W):
    return stepping_with(1e-5, (W + 0.0).dtype)(C, W)


def in_place_addition(C, W):
    gradient = np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        step = np.zeros(W.shape)
        step[i] = 1e-5
        up, down = W.copy(), W.copy()
        up += step
        down -= step
        gradient[i] = (C(up) - C(down)) / 2e-5
    return gradient


def only_square(C, W):
    return np.array([[nudged_and_put_back(C, W)[j, k] for k in range(len(W))] for j in range(len(W))])


def loops_over_the_rows_twice(C, W):
    W, h = W.astype(float), 1e-5
    gradient = np.zeros(W.shape)
    for i in range(len(W)):
        for j in range(len(W)):
            W[i, j] += h
            up = C(W)
            W[i, j] -= 2 * h
            gradient[i, j] = (up - C(W)) / (2 * h)
            W[i, j] += h
    return gradient


def neither_put_back(C, W):
    """Nudges one copy up and another one down, and leaves both as they are."""
    up, down, gradient = W.astype(float), W.astype(float), np.zeros(W.shape)
    for i in np.ndindex(W.shape):
        up[i] += 1e-5
        down[i] -= 1e-5
        gradient[i] = (C(up) - C(down)) / 2e-5
    return gradient


def column_by_column(C, W):
    """Moves down the columns and never puts an entry back."""
    w, h = W.astype(float), 1e-6
    gradient = np.zeros(w.shape)
    for k, j in itertools.product(range(w.shape[1]), range(w.shape[0])):
        w[j, k] += h
        up = C(w)
        w[j, k] -= 2 * h
        gradient[j, k] = (up - C(w)) / (2 * h)
    return gradient


BEYOND_THE_BANK = [
    ("03.1", lambda f, x, h: 2 / h * (f(x + h) - f(x - h)), "divided by h, times 2", "brackets"),
    ("03.1", lambda f, x, h: f(x + h) - f(x), None, "not right"),
    ("03.1", lambda f, x, h: (f(x - h) - f(x + h)) / h, "sign; missing 2", "Two things"),
    ("03.1", lambda f, x, h: (f(x - h) - f(x + h)) / 2 * h, "sign; brackets around 2h missing", "Two things"),
    ("03.1", lambda f, x, h: (f(x - h) - f(x + h)) / 5 * h, None, "not right"),
    ("03.1", lambda f, x, h: f(x + h) - h * f(x - h) / 2, "no brackets at all", "subtracts last"),
    ("03.1", lambda f, x, h: (f(x + h), f(x - h)), "shape", "expected a single number"),
    ("03.1", lambda f, x, h: np.imag(f(x + 1e-20j)) / 1e-20, "a step of one's own", "Use the h"),
    ("03.1", lambda f, x: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5, "wrong arguments", "(f, x, h)"),
    ("03.1", lambda f, x, h: print(f(x + h) - f(x - h)), "returned None", "`return`"),
    ("03.1", lambda f, x, h: (f[x + h] - f[x - h]) / (2 * h), "raised", "not subscriptable"),
    ("03.2", stepping_with(1e-12), None, "far from the best step"),
    ("03.7", lambda z, h: (z > -h) & (z <= h), "upper end counted", "z = h"),
    ("03.7", lambda z, h: (z > 0) & (z < h), "above the kink only", "Two things"),
    ("03.7", lambda z, h: np.abs(z) < 1.5 * h, None, "entries are wrong"),
    ("03.2", stepping_with(3e-2), None, "far from the best step"),
    ("03.2", stepping_with(1e-5, np.float32), "float32", "7 digits"),
    ("03.2", stepping_with(1e-3, np.float32), "float32", "7 digits"),
    ("03.2", plus_zero, "float32", "7 digits"),
    ("03.2", copies_and_keeps_the_type, "integer input truncated", "3.00001"),
    ("03.2", zeros_like_integers, "integer result", "zeros_like"),
    ("03.2", in_place_addition, "raised", "int64"),
    ("03.2", left_above(1e-7), "x not restored", "still displaced"),
    ("03.2", column_by_column, "x not restored", "still displaced"),
    ("03.2", in_place_and_not_restored, "x not restored", "Put each entry back"),
    ("03.2", in_place_and_restored_by_adding, "input mutated", "changes W"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W).ravel().tolist(), "flat result", "shape of its W"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W).reshape(-1, 1), "flat result", "shape of its W"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W).reshape(W.shape[::-1]), "shape", "expected shape"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W) / W.size, None, "×"),
    ("03.2", lambda C, W: C(W), "shape", "a single number"),
    ("03.2", neither_put_back, "neither copy restored", "still displaced"),
    ("03.2", lambda C, W: neither_put_back(lambda M: C(M.T), W.T).T, "neither copy restored", "still displaced"),
    ("03.2", lambda C, W: np.cumsum(nudged_and_put_back(C, W), axis=1).reshape(W.shape) + 0.1, None, ""),
    ("03.2", lambda C, W: np.abs(nudged_and_put_back(C, W)), None, "sign"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W) + 0j, "dtype", "complex"),
    ("03.2", only_square, "shape", "expected shape (1, 4)"),
    ("03.2", loops_over_the_rows_twice, "as many columns as rows", "How many columns"),
    ("03.2", lambda C, W: (C(W + 1e-5 * np.eye(len(W))) - C(W)) / 1e-5, "shape", "expected shape (3, 3)"),
    ("03.2", lambda C, W: [[1.0, 2.0], [3.0]], "shape", "ragged"),
    ("03.2", lambda C, W: {"W": W}, "dtype", "a dictionary"),
    ("03.3", lambda a, b: np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4), "shape", "expected a single number"),
    ("03.3", lambda a, b: bool(relative_in_a_loop(a, b) < 1e-6), None, "could hide"),
    ("03.3", lambda a, b: np.linalg.norm(a - b) / np.linalg.norm(a + b), None, "could hide"),
    ("03.3", lambda a, b: -relative_in_a_loop(a, b), None, "no sign"),
    ("03.3", lambda a, b: np.max(abs(a - b) / np.maximum(np.minimum(abs(a), abs(b)), 1e-4)), "smaller size below the bar", "smaller of the two"),
    ("03.3", lambda a, b: np.sum(abs(a - b)) / np.sum(abs(a) + abs(b)), None, "could hide"),
    ("03.3", lambda a, b: 100 * relative_in_a_loop(a, b), "in per cent", "ratio"),
    ("03.3", lambda a, b: relative_in_a_loop(a[:1], b[:1]), None, "could hide"),
    ("03.3", lambda a, b: max(abs(a - b) / max(abs(a), abs(b), 1e-4)), "raised", "ambiguous"),
    ("03.4", 1e-15, "smaller is better", "rounding"),
    ("03.4", 2.2e-16, "the machine epsilon", "no digit of the slope"),
    ("03.4", 3e-16, "smaller is better", "rounding"),
    ("03.4", 1e-20, "lost beside w", "w + h is stored as w"),
    ("03.4", 1e5, "minus of the exponent left out", "lack its minus"),
    ("03.4", 100.0, "too large", "right branch"),
    ("03.4", 1.5e-8, "best for one side", "one-sided"),
    ("03.4", "1e-5 or so", None, "one number"),
    ("03.4", 0, None, "positive number"),
    ("03.4", 1.0, "too large", "right branch"),
    ("03.4", [1e-5, 1e-6], None, "one number"),
    ("03.5", lambda f, x: f(x + 1e-20j) / 1e-20, "imaginary part not taken", "value of f stays"),
    ("03.5", lambda f, x: f(x + 1e-20j), "dtype", "complex"),
    ("03.5", lambda f, x: abs(f(x + 1e-20j)) / 1e-20, "size for imaginary part", "length"),
    ("03.5", lambda f, x: f(x + 1e-20j).real / 1e-20, "real part", "other part"),
    ("03.5", lambda f, x: np.imag(f(x + 1e-20)), "no imaginary part left", "imaginary unit"),
    ("03.5", lambda f, x: (f(x + 1e-8) - f(x)) / 1e-8, "a difference after all", "subtracts nothing"),
    ("03.5", lambda f, x: f(x + 1e-50j).imag, "not divided by h", "h times"),
    ("03.5", lambda f, x: f(x + 1e-20j).imaginary / 1e-20, "raised", "imaginary"),
    ("03.5", lambda f, x: f(x + 1e-321j).imag / 1e-321, "step out of digits", "Take a larger one"),
    ("03.5", lambda f, x: f(x + 5e-323j).imag / 5e-323, "step out of digits", "Take a larger one"),
    ("03.5", lambda f, x: np.round(f(x + 1e-20j).imag / 1e-20, 2), None, "not right"),
    ("03.5", lambda f, x: math.exp(x + 1e-20j), "raised", "complex"),
    ("03.5", lambda f, x: [[1.0, 2.0], [3.0]], "shape", "ragged"),
    ("03.4", [[1.0, 2.0], [3.0]], None, "one number"),
    ("03.6", "BC", "a plain one missed", "plainest"),
    ("03.6", "AG", None, "A to F"),
    ("03.6", 3, None, "A to F"),
    ("03.6", "none", "nobody suspected", "acquit all six"),
    ("03.6", "ADEF", "tiny entries taken for a mistake", "floor"),
    ("03.6", "ABCD", "kink taken for a mistake", "kinks"),
    ("03.7", lambda z, h: np.argwhere(np.abs(z) < h), "shape", "expected shape (5, 5)"),
    ("03.7", lambda z, h: z[np.abs(z) < h], "shape", "expected shape (5, 5)"),
    ("03.7", lambda z, h: np.sum(np.abs(z) < h), "shape", "a single number"),
    ("03.7", lambda z, h: np.isclose(z, 0), "only exact zeros", "near enough"),
    ("03.7", lambda z, h: abs(z) < h and True, "raised", "ambiguous"),
    ("03.7", lambda z, h: [abs(entry) < h for entry in z.ravel()], "shape", "expected shape (5, 5)"),
    ("03.7", lambda z, h: np.abs(z) < 1e-5, "only exact zeros", "near enough"),
    ("03.7", lambda z, h: (bp.relu(z + h) - bp.relu(z - h)) / (2 * h) != (z > 0), "compared to the last digit", "but for rounding"),
    ("03.7", lambda z, h: (bp.relu(z + h) - bp.relu(z - h)) / h / 2 != bp.relu.prime(z), "compared to the last digit", "but for rounding"),
    ("03.7", lambda z, h: (np.abs(z) < h) | (z > 5 * h), None, "not right"),
    ("03.7", lambda z, h: np.abs(z) < max(h, 0.2), None, "not right"),
    ("03.7", lambda z, h: ["yes" if abs(entry) < h else "no" for entry in z.ravel()], "dtype", ""),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    with np.errstate(all="ignore"):
        outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


NEAR_A_MISTAKE = [
    ("03.1", lambda f, x, h: abs(mean_of_two_sides(f, x, h)), "sign dropped", "falls"),
    ("03.1", lambda f, x, h: max(0, mean_of_two_sides(f, x, h)), "never below 0", "falls"),
    ("03.1", lambda f, x, h: h * (f(x + h) - f(x - h)), None, ""),
    ("03.2", lambda C, W: np.zeros(W.shape), None, "came out as 0"),
    ("03.2", lambda C, W: 1e-9 * np.cos(np.arange(W.size)).reshape(W.shape), None, ""),
    ("03.2", lambda C, W: nudged_and_put_back(C, W) + 0.1 * (W.dtype == np.float32), None, ""),
    ("03.2", lambda C, W: nudged_and_put_back(C, W) * (1.2 if W.dtype == np.float32 else 1.0), None, ""),
    ("03.2", lambda C, W: 1e-4 * np.abs(nudged_and_put_back(C, W)) * nudged_and_put_back(C, W), None, ""),
    ("03.2", lambda C, W: 2e-6 * nudged_and_put_back(C, W), "difference not divided", "tiny"),
    ("03.2", lambda C, W: nudged_and_put_back(C, W) + 0.1, None, ""),
    ("03.2", lambda C, W: np.round(nudged_and_put_back(C, W), 3), None, "rounded to 3 decimals"),
    ("03.2", lambda C, W: 1.01 * nudged_and_put_back(C, W), None, "1.01 ×"),
    ("03.2", lambda C, W: nudged_to_one_side(C, W, 1e-6), "one-sided", "off by the same amount"),
    ("03.2", lambda C, W: nudged_to_one_side(C, W, -1.5e-8), "one-sided", "off by the same amount"),
    ("03.2", lambda C, W: nudged_to_one_side(C, W, np.sqrt(np.finfo(float).eps)), "one-sided", "off by the same amount"),
    ("03.2", lambda C, W: nudged_to_one_side(C, W, 1e-5) + 0.1, None, ""),
    ("03.2", lambda C, W: 1e-6 * nudged_to_one_side(C, W, 1e-6), "difference not divided", "nobody divided"),
    ("03.2", lambda C, W: 1.2e-5 * nudged_and_put_back(C, W), "difference not divided", "nobody divided"),
    ("03.2", lambda C, W: 1.234e-5 * nudged_and_put_back(C, W), None, ""),
    ("03.2", lambda C, W: left_where_it_is(C, W, 1e-6), "x not restored", "still displaced"),
    ("03.2", lambda C, W: left_where_it_is(C, W, 1e-6) + 0.1, None, ""),
    ("03.3", lambda a, b: 1.5 * relative_in_a_loop(a, b), None, "larger than"),
    ("03.3", lambda a, b: 0.9 * relative_in_a_loop(a, b), None, "could hide"),
    ("03.4", 2e-7, None, "left branch"),
    ("03.4", 1e-9, None, "left branch"),
    ("03.4", 5e-4, None, "right branch"),
    ("03.4", -0.5, None, "positive number"),
    ("03.4", 1e-7, None, "left branch"),
    ("03.5", lambda f, x: abs(f(x + 1e-20j).imag / 1e-20), "sign dropped", "falls"),
    ("03.5", lambda f, x: max(0.0, f(x + 1e-20j).imag / 1e-20), "never below 0", "falls"),
    ("03.5", lambda f, x: f(x + 1e-20j).imag / 1e-40, None, ""),
    ("03.5", lambda f, x: (f(x + 1e-20j) + f(x - 1e-20j)).imag / 2e-20, "no imaginary part left", "cancel"),
    ("03.5", lambda f, x: f(x + 1e-20j).imag / 1e-20 * (1 if f(x) < 1e6 else 1.1), None, ""),
    ("03.5", lambda f, x: -f(x + 1e-20j).imag, None, ""),
    ("03.5", lambda f, x: 1.234 * f(x + 1e-20j).imag, None, ""),
    ("03.5", lambda f, x: f(x + 2.5e-20j).imag, "not divided by h", "h times"),
    ("03.5", lambda f, x: 1.01 * f(x + 1e-20j).imag, None, ""),
    ("03.5", lambda f, x: f(x + 2.5e-20j).imag, "not divided by h", "tiny"),
    ("03.5", lambda f, x: 1e-6 * (f(x + 1e-6) - f(x - 1e-6)) / 2e-6, None, ""),
    ("03.5", lambda f, x: f(x + 1e-20j) / 1e-20, "imaginary part not taken", "Take out"),
    ("03.5", lambda f, x: f(x - 1e-30j) / -1e-30j, "imaginary part not taken", "Take out"),
    ("03.5", lambda f, x: f(x + 1e-20j) / 1e-14j, "dtype", "complex"),
    ("03.5", lambda f, x: 1.3 * f(x + 1e-20j) / 1e-20j + 0.2, "dtype", "complex"),
    ("03.5", lambda f, x: f(x + 1e-2j).imag / 1e-2, "step too long", "grows like h²"),
    ("03.5", lambda f, x: f(x + 1e-3j).imag / 1e-3, "step too long", "grows like h²"),
    ("03.5", lambda f, x: f(x + 1e-2j).imag / 1e-2 * (1 + 1e-6), None, ""),
    ("03.5", lambda f, x: (f(x + 1e-3) - f(x - 1e-3)) / 2e-3, "a difference after all", "loses its digits"),
    ("03.5", lambda f, x: f(x + 1e-20j).imag / 1e-20 * (1 + 1e-4), None, ""),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), NEAR_A_MISTAKE)
def test_what_is_near_a_mistake_is_not_taken_for_it(exercise_id, answer, mistake, words):
    for seed in range(5):
        outcome = outcome_of(exercise_id, answer, seed)
        assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
        assert words in outcome.message


def steps_of(size):
    def answer(C, W):
        w, gradient = W.astype(float), np.zeros(W.shape)
        for i in np.ndindex(W.shape):
            step = np.zeros(W.shape)
            step[i] = 1e-5 * size(w[i])
            with np.errstate(all="ignore"):
                gradient[i] = (C(w + step) - C(w - step)) / (2 * step[i])
        return gradient

    return answer


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("size", "mistake"), [(lambda w: w, "no step from 0"), (abs, "no step from 0"), (lambda w: max(1, abs(w)), None)])
def test_a_step_that_is_a_share_of_the_entry_is_none_where_the_entry_is_0(size, mistake, seed):
    outcome = outcome_of("03.2", steps_of(size), seed)
    assert (outcome.passed, outcome.mistake) == (mistake is None, mistake), outcome.message


def relative_error_where(counted):
    return lambda a, b: np.max(np.where(counted(a, b), np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4), 0))


def nudged_by_value(C, W):
    W, gradient = np.array(W, dtype=float), np.zeros(W.shape)
    for value in W.flat:
        here = value == W
        gradient[here] = (C(W + 1e-5 * here) - C(W - 1e-5 * here)) / 2e-5
    return gradient


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("exercise_id", "wrong"),
    [
        ("03.2", nudged_by_value),
        ("03.3", relative_error_where(lambda a, b: a != 0)),
        ("03.3", relative_error_where(lambda a, b: a * b != 0)),
        ("03.3", relative_error_where(lambda a, b: a * b >= 0)),
    ],
)
def test_equal_entries_and_an_entry_that_is_0_on_one_side_count(exercise_id, wrong, seed):
    assert outcome_of(exercise_id, wrong, seed).status == "wrong"


def relative_errors(a, b):
    return np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda a, b: np.max(np.where(b == 0, 0, relative_errors(a, b))),
        lambda a, b: np.max(np.where(a == 0, 0, relative_errors(a, b))),
        lambda a, b: np.max(np.abs(a - b) / np.maximum(np.abs(a), np.where(a == 0, 1e-4, np.maximum(np.abs(b), 1e-4)))),
        lambda a, b: min(1.0, np.max(relative_errors(a, b))),
        lambda a, b: max(relative_errors(a, b)[i, j] for i in range(len(a)) for j in range(a.shape[1])),
    ],
)
def test_gradients_of_any_shape_that_are_0_on_one_side_or_of_opposite_signs_count(wrong):
    for seed in range(10):
        assert not outcome_of("03.3", wrong, seed).passed


def test_one_answer_for_all_entries_is_not_taken_for_an_or():
    told = outcome_of("03.7", lambda z, h: np.full(np.shape(z), bool((np.abs(z) < h).any())))
    assert told.mistake == "one answer for all", told
