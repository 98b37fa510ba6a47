"""Lesson 14's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import numpy as np
import pytest
from judged import judge_of, outcome_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.lesson_14.ex5_bptt import _truncated
from bpkit.exercises.lesson_14.ex7_long_run import MATRICES

# ---- right in other ways ---------------------------------------------------------------------------------------------


def matrix_by_entries(k, n):
    return [[k[j - i] if 0 <= j - i < len(k) else 0 for j in range(n)] for i in range(n - len(k) + 1)]


def input_by_turning(K, delta):
    height, width = K.shape
    padded = np.pad(delta, ((height - 1, height - 1), (width - 1, width - 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(0, 1))
    return np.einsum("ijeuv,uv->ije", windows, K[::-1, ::-1])


def input_in_loops(K, delta):
    rows, columns, m = delta.shape
    dx = np.zeros((rows + len(K) - 1, columns + len(K[0]) - 1, m))
    for e in range(m):
        for i in range(rows):
            for j in range(columns):
                for u in range(len(K)):
                    for v in range(len(K[0])):
                        dx[i + u, j + v, e] += K[u, v] * delta[i, j, e]
    return dx


def input_by_places(K, delta):
    dx = np.zeros((delta.shape[0] + K.shape[0] - 1, delta.shape[1] + K.shape[1] - 1, delta.shape[2]))
    for i, j in np.ndindex(*delta.shape[:2]):
        dx[i : i + K.shape[0], j : j + K.shape[1]] += K[:, :, None] * delta[i, j]
    return dx


def kernel_by_places(x, delta, shape, stride):
    dK = np.zeros(shape)
    for i, j in np.ndindex(*delta.shape[:2]):
        patch = x[i * stride : i * stride + shape[0], j * stride : j * stride + shape[1]]
        dK += np.sum(patch * delta[i, j], axis=2)
    return dK


def kernel_by_dilating(x, delta, shape, stride):
    rows, columns, m = delta.shape
    dilated = np.zeros((stride * (rows - 1) + 1, stride * (columns - 1) + 1, m))
    dilated[::stride, ::stride] = delta
    return [[np.einsum("ije,ije->", x[u : u + len(dilated), v : v + dilated.shape[1]], dilated) for v in range(shape[1])] for u in range(shape[0])]


def kernel_in_float32(x, delta, shape, stride):
    return kernel_by_places(x.astype(np.float32), delta.astype(np.float32), shape, stride).astype(np.float32)


def pool_by_tiles(x, g, size):
    height, width, m = x.shape
    tiles = x.reshape(height // size, size, width // size, size, m).transpose(0, 2, 4, 1, 3).reshape(*g.shape, size * size)
    one = np.eye(size * size)[tiles.argmax(axis=-1)] * g[..., None]
    return one.reshape(*g.shape, size, size).transpose(0, 3, 1, 4, 2).reshape(x.shape)


def pool_by_looking(x, g, size):
    dx = [[[0.0] * x.shape[2] for _ in range(x.shape[1])] for _ in range(x.shape[0])]
    for i, j, e in np.ndindex(*g.shape):
        places = [(i * size + u, j * size + v) for u in range(size) for v in range(size)]
        row, column = max(places, key=lambda place, e=e: x[place[0], place[1], e])  # the first of equals
        dx[row][column][e] = g[i, j, e]
    return dx


def bptt_unrolled(x, h, U, g):
    """Every use on its own: the deltas first, in a list, then the sums."""
    T = len(x) - 1
    delta = [None] * (T + 2)
    delta[T + 1] = np.zeros_like(h[0])
    for t in reversed(range(1, T + 1)):
        delta[t] = (g[t] + np.einsum("ij,ie->je", U, delta[t + 1])) * (1 - h[t]) * (1 + h[t])
    dW = sum(np.einsum("ie,je->ij", delta[t], x[t]) for t in range(1, T + 1))
    dU = sum(delta[t] @ h[t - 1].T for t in range(1, T + 1))
    return [dW, dU, np.sum(delta[1:-1], axis=(0, 2))[:, None]]


def clipped_in_place_of_copies(grads, limit):
    column = np.concatenate([grad.ravel() for grad in grads])
    scale = limit / max(np.linalg.norm(column), limit)
    return tuple(grad * scale for grad in grads)


def clipped_with_a_small_number(grads, limit):
    """As libraries do, so that nothing is divided by 0."""
    norm = np.sqrt(sum((grad**2).sum() for grad in grads))
    return [min(1.0, limit / (norm + 1e-6)) * grad for grad in grads]


def clipped_by_loops(grads, limit):
    total = 0.0
    for grad in grads:
        for entry in grad.flat:
            total += entry * entry
    if total > limit**2:
        return [(grad * limit / total**0.5).tolist() for grad in grads]
    return [grad.copy() for grad in grads]


RIGHT_WAYS = {
    "14.1": [
        matrix_by_entries,
        lambda k, n: np.array([np.correlate(unit, k, "valid") for unit in np.eye(n)]).T,
        lambda k, n: sum(weight * np.eye(n - len(k) + 1, n, u) for u, weight in enumerate(k)),
        lambda k, n: np.vstack([np.pad(k, (i, n - len(k) - i)) for i in range(n - len(k) + 1)]).astype(np.float32),
    ],
    "14.2": [input_by_turning, input_in_loops, input_by_places],
    "14.3": [kernel_by_places, kernel_by_dilating, kernel_in_float32],
    "14.4": [pool_by_tiles, pool_by_looking],
    "14.5": [bptt_unrolled],
    "14.6": [[-1, 0.5], (-1.0, 0.5), np.array([-1.0, 0.5]), np.array([[-1.0], [0.5]])],
    "14.7": ["vvneee", "V V N E E E", list("VVNEEE"), "V, V, N, E, E, E"],
    "14.8": [clipped_in_place_of_copies, clipped_by_loops, clipped_with_a_small_number],
}


@pytest.mark.parametrize(("exercise", "answer"), [(number, answer) for number, answers in RIGHT_WAYS.items() for answer in answers])
def test_other_right_ways_pass(exercise, answer):
    outcome = outcome_of(exercise, answer)
    assert outcome.passed, outcome.message


def test_the_lessons_own_library_agrees_with_the_bank():
    """One channel and one kernel of bpkit's layers are what the exercises ask for."""

    def to_input(K, delta):
        x = np.zeros((1, delta.shape[0] + K.shape[0] - 1, delta.shape[1] + K.shape[1] - 1, delta.shape[2]))
        return bp.convolution_vjp(x, K[None, None], delta[None])[0][0]

    def to_kernel(x, delta, shape, stride):
        return bp.convolution_vjp(x[None], np.zeros((1, 1, *shape)), delta[None], stride=stride)[1][0, 0]

    def through_time(x, h, U, g):
        W, back, totals = np.zeros((len(U), len(x[1]))), 0.0, [0.0, 0.0, 0.0]
        for t in range(len(x) - 1, 0, -1):
            _, back, *parts = bp.recurrent_cell_vjp(x[t], h[t - 1], W, U, h[t], g[t] + back)
            totals = [total + part for total, part in zip(totals, parts, strict=True)]
        return totals

    answers = {"14.2": to_input, "14.3": to_kernel, "14.4": lambda x, g, size: bp.max_pool_vjp(x[None], g[None], size)[0], "14.5": through_time}
    for exercise, answer in answers.items():
        outcome = outcome_of(exercise, answer)
        assert outcome.passed, outcome.message


# ---- wrong in ways that the bank does not list -----------------------------------------------------------------------


def one_step_only(x, h, U, g):
    right = registry()["14.5"].reference
    return right([None, x[-1]], h[-2:], U, [None, g[-1]])


OTHER_WRONG_WAYS = {
    "14.1": [lambda k, n: np.eye(n), lambda k, n: 2 * matrix_by_entries(k, n), lambda k, n: np.array(matrix_by_entries(k, n)) + 0.1],
    "14.2": [lambda K, delta: delta, lambda K, delta: 2 * input_in_loops(K, delta), lambda K, delta: input_in_loops(K, delta) + 0.1],
    "14.3": [
        lambda x, delta, shape, stride: np.zeros(shape),
        lambda x, delta, shape, stride: kernel_by_places(x, delta, shape, 1),
        lambda x, delta, shape, stride: kernel_by_places(x, delta, shape, stride) / stride,
    ],
    "14.4": [lambda x, g, size: x, lambda x, g, size: pool_by_tiles(x, g, size) / 2, lambda x, g, size: g],
    "14.5": [one_step_only, lambda x, h, U, g: bptt_unrolled(x, h, U, g)[::-1], lambda x, h, U, g: bptt_unrolled(x, h, 2 * U, g)],
    "14.6": [[1.0, 2.0], "two", [-1.0], -1.0, [float("nan"), 0.5]],
    "14.7": ["VVVVVN", "vanish", "VVN", 6, "VVNEEEE"],
    "14.8": [
        lambda grads, limit: grads,
        lambda grads, limit: [grad / limit for grad in grads],
        lambda grads, limit: [limit * grad for grad in grads],
    ],
}


@pytest.mark.parametrize(("exercise", "answer"), [(number, answer) for number, answers in OTHER_WRONG_WAYS.items() for answer in answers])
def test_other_wrong_ways_are_refused_in_words(exercise, answer):
    outcome = outcome_of(exercise, answer)
    assert not outcome.passed and len(outcome.message) > 20, outcome.message


def test_truncation_is_told_apart_from_what_is_near_it():
    """Nothing sent back is named; one step of the last moment alone is another slip, and is not told as the first."""
    named = {mistake.name: mistake for mistake in registry()["14.5"].mistakes}
    assert outcome_of("14.5", named["nothing sent back in time"].answer).mistake == "nothing sent back in time"
    assert outcome_of("14.5", one_step_only).mistake != "nothing sent back in time"


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ([0.5, -1], "swapped"),
        ([-1, -1.5], "the part left out"),
        ([-0.5, 0.5], "averaged over two uses"),
        ([-0.5, 0.25], "a factor u too many"),
        ([-2.5, 0.5], "factor u on the way left out"),
        ([-1.0, 3.0], None),
    ],
)
def test_the_two_slopes_are_told_one_by_one(wrong, name):
    outcome = outcome_of("14.6", wrong)
    assert outcome.mistake == name
    if name is None:
        assert "whole slope is right" in outcome.message


@pytest.mark.parametrize("wrong", [[-2.5, -2.5], [-2.5, 1.0], [-0.5, 2.0]])
def test_no_slope_is_called_right_that_is_not(wrong):
    assert "slope is right" not in outcome_of("14.6", wrong).message


def test_each_verdict_of_the_long_run_has_words_of_its_own():
    right = "VVNEEE"
    for place, letter in enumerate(MATRICES):
        for verdict in "VEN":
            said = right[:place] + verdict + right[place + 1 :]
            outcome = outcome_of("14.7", said)
            assert outcome.passed == (said == right)
            assert outcome.passed or outcome.mistake, (letter, verdict, outcome.message)


def test_ties_decide_in_the_cases_of_pooling():
    """A wrong convention at ties alone is refused on every draw, whatever the seed."""
    exercise = registry()["14.4"]
    conventions = ["all of it to every tied entry", "shared among tied entries", "last of the tied entries", "first by columns", "nothing where tied"]
    named = {mistake.name: mistake for mistake in exercise.mistakes}
    for name in conventions:
        for seed in range(5):
            assert outcome_of("14.4", named[name].answer, seed).mistake == name


def test_a_mean_over_weights_is_not_called_one_over_places():
    def answer(divide):
        return lambda x, delta, shape, stride: kernel_by_places(x, delta, shape, stride) / divide(delta, shape)

    assert outcome_of("14.3", answer(lambda delta, shape: delta[:, :, 0].size)).mistake == "mean over the places"
    assert outcome_of("14.3", answer(lambda delta, shape: np.prod(shape))).mistake == "divided by the kernel's size"
    cases = judge_of("14.3", 11).cases
    assert all(case.args[1][:, :, 0].size != np.prod(case.args[2].sizes) for case in cases)


def test_truncation_after_two_steps_is_told_and_after_three_is_not_called_it():
    named = {mistake.name: mistake for mistake in registry()["14.5"].mistakes}
    assert outcome_of("14.5", named["truncated after two steps"].answer).mistake == "truncated after two steps"
    assert outcome_of("14.5", _truncated(3)).mistake is None
    assert outcome_of("14.5", _truncated(6)).passed


def test_one_example_for_all_is_not_called_the_sum_of_all():
    assert (
        outcome_of("14.2", lambda K, delta: input_in_loops(K, np.repeat(delta[:, :, :1], delta.shape[2], axis=2))).mistake == "first example for all"
    )
    assert outcome_of("14.2", lambda K, delta: input_in_loops(K, delta[:, :, ::-1])).mistake is None


def test_a_slip_that_only_a_square_kernel_allows_is_told_by_that_case():
    found = outcome_of("14.2", lambda K, delta: input_in_loops(K.T if K.shape[0] == K.shape[1] else K, delta))
    assert 'those of "kernel transposed"' in found.message
    near = outcome_of("14.2", lambda K, delta: input_in_loops(K.T[::-1] if K.shape[0] == K.shape[1] else K, delta))
    assert near.status == "wrong" and "those of" not in near.message


def _carried(back):
    """BPTT, where an error goes back to the moment before by `back`."""

    def answer(x, h, U, g):
        dW, dU, db, carried = 0, 0, 0, 0
        for t in range(len(x) - 1, 0, -1):
            delta = (g[t] + carried) * (1 - h[t] ** 2)
            dW, dU, db = dW + delta @ x[t].T, dU + delta @ h[t - 1].T, db + delta.sum(axis=1, keepdims=True)
            carried = back(U, delta)
        return dW, dU, db

    return answer


def _clipped_where(long):
    def answer(grads, limit):
        norm = np.sqrt(sum(np.sum(grad**2) for grad in grads))
        return [grad * limit / norm if long(grad, limit) else grad for grad in grads]

    return answer


def _filled(until):
    def answer(k, n):
        T = np.zeros((n - len(k) + 1, n))
        for i in range(len(T)):
            stop = until(i, len(k), n)
            T[i, i:stop] = np.resize(k, stop - i)
        return T

    return answer


def _pooled_from(start):
    def answer(x, g, size):
        dx = np.zeros(x.shape)
        for i, j, e in np.ndindex(*g.shape):
            row, column = start(i, size), start(j, size)
            u, v = divmod(int(np.argmax(x[row : row + size, column : column + size, e])), size)
            dx[row + u, column + v, e] += g[i, j, e]
        return dx

    return answer


def _kernel_with(images):
    def answer(x, delta, shape, stride):
        rows, columns, _ = delta.shape
        dK = np.zeros(shape)
        for u, v in np.ndindex(*shape):
            patch = images(x)[u : u + stride * rows : stride, v : v + stride * columns : stride]
            dK[u, v] = np.sum(delta * patch[:rows, :columns])
        return dK

    return answer


def _sloped(times):
    def answer(x, h, U, g):
        dW, dU, db, carried = 0, 0, 0, 0
        for t in range(len(x) - 1, 0, -1):
            slope = 1 - h[t] ** 2
            delta = (g[t] + carried) * slope
            dW, dU, db = dW + delta @ x[t].T, dU + delta @ h[t - 1].T, db + delta.sum(axis=1, keepdims=True)
            carried = U.T @ (slope ** (times - 1) * delta)
        return dW, dU, db

    return answer


NAMED_AND_NEAR = [
    ("14.1", _filled(lambda i, q, n: n), "kernel repeated to the end of the row"),
    ("14.1", _filled(lambda i, q, n: min(i + q + 1, n)), None),
    ("14.1", _filled(lambda i, q, n: i + q), "right"),
    ("14.2", lambda K, delta: input_in_loops(K, 0 * delta + delta.mean(axis=2, keepdims=True)), "the mean of the examples in each"),
    ("14.2", lambda K, delta: input_in_loops(K, 0 * delta + delta.max(axis=2, keepdims=True)), None),
    ("14.5", _carried(lambda U, delta: U.T @ U.T @ delta), "two moments back"),
    ("14.5", _carried(lambda U, delta: U.T @ U.T @ U.T @ delta), None),
    ("14.8", _clipped_where(lambda grad, limit: np.linalg.norm(grad) > limit), "decided array by array"),
    ("14.8", _clipped_where(lambda grad, limit: np.linalg.norm(grad) > limit / 2), None),
    ("14.4", _pooled_from(lambda i, size: i), "tiles that overlap"),
    ("14.4", _pooled_from(lambda i, size: i * size), "right"),
    ("14.4", _pooled_from(lambda i, size: max(i * size - 1, 0)), None),
    (
        "14.8",
        lambda grads, limit: [grad * limit / (limit + np.sqrt(sum(np.sum(other**2) for other in grads))) for grad in grads],
        "limit over limit plus norm",
    ),
    ("14.8", lambda grads, limit: [grad * limit / np.hypot(limit, np.sqrt(sum(np.sum(other**2) for other in grads))) for grad in grads], None),
    ("14.3", _kernel_with(lambda x: x.mean(axis=2, keepdims=True)), "x averaged over the examples"),
    ("14.3", _kernel_with(lambda x: x), "right"),
    ("14.3", _kernel_with(lambda x: x.max(axis=2, keepdims=True)), None),
    ("14.5", _sloped(2), "slope once more before U"),
    ("14.5", _sloped(1), "right"),
    ("14.5", _sloped(3), None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED_AND_NEAR)
def test_uses_in_space_and_time_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def _searched(begin, found_none):
    """The largest of each tile by a search that begins with a number, and what is done where nothing is above it."""

    def answer(x, g, size):
        dx = np.zeros(x.shape)
        for i, j, e in np.ndindex(*g.shape):
            tile = x[i * size : (i + 1) * size, j * size : (j + 1) * size, e]
            largest, place = begin, found_none
            for u, v in np.ndindex(tile.shape):
                if tile[u, v] > largest:
                    largest, place = tile[u, v], (u, v)
            if place is not None:
                dx[i * size + place[0], j * size + place[1], e] = g[i, j, e]
        return dx

    return answer


def _looked_up(x, g, size):
    """The largest of each tile by its value in the whole image."""
    dx = np.zeros(x.shape)
    for i, j, e in np.ndindex(*g.shape):
        u, v = np.argwhere(x[:, :, e] == x[i * size : (i + 1) * size, j * size : (j + 1) * size, e].max())[0]
        dx[u, v, e] += g[i, j, e]
    return dx


@pytest.mark.parametrize("seed", range(5))
def test_a_tile_of_negative_numbers_and_a_value_in_two_tiles_decide(seed):
    assert outcome_of("14.4", _searched(0, (0, 0)), seed).mistake == "search for the largest begins at 0"
    assert outcome_of("14.4", _searched(-np.inf, None), seed).passed
    for wrong in (_searched(-1, (0, 0)), _searched(-99, (0, 0)), _looked_up):
        outcome = outcome_of("14.4", wrong, seed)
        assert not outcome.passed and outcome.mistake is None
    named = {mistake.name: mistake for mistake in registry()["14.4"].mistakes}
    assert outcome_of("14.4", named["nothing below zero"].answer, seed).mistake == "nothing below zero"


def _clipped(limit):
    return lambda x, h, U, g: [np.clip(part, -limit, limit) for part in registry()["14.5"].reference(x, h, U, g)]


def test_gradients_cut_off_at_a_limit_are_refused_and_told():
    assert outcome_of("14.5", _clipped(5)).mistake == "clipped at 5"
    assert outcome_of("14.5", _clipped(10)).status == "wrong"
    assert outcome_of("14.5", _clipped(1e9)).passed


def test_a_weight_is_known_by_its_place():
    def matrix(k, n):
        T, weights = np.zeros((n - len(k) + 1, n)), list(k)
        for i in range(len(T)):
            for weight in weights:
                T[i, i + weights.index(weight)] = weight
        return T

    def back(K, delta):
        rows, columns, m = delta.shape
        dx, weights = np.zeros((rows + len(K) - 1, columns + len(K[0]) - 1, m)), list(K.ravel())
        for weight in weights:
            u, v = divmod(weights.index(weight), K.shape[1])
            dx[u : u + rows, v : v + columns] += weight * delta
        return dx

    for seed in range(5):
        assert not outcome_of("14.1", matrix, seed).passed
        assert not outcome_of("14.2", back, seed).passed


def test_a_gradient_of_three_arrays_is_clipped_and_one_without_length_stays():
    def by_two(grads, limit):
        norm = np.hypot(np.linalg.norm(grads[0]), np.linalg.norm(grads[-1]))
        return [grad * (min(1.0, limit / norm) if norm else 1.0) for grad in grads]

    assert not outcome_of("14.8", by_two).passed
    assert outcome_of("14.8", lambda grads, limit: [g * limit / max(limit, np.sqrt(sum((h**2).sum() for h in grads))) for g in grads]).passed


def test_columns_that_no_place_reaches_are_among_the_cases():
    def from_the_end(x, delta, shape, stride):
        rows, columns, _ = delta.shape
        x = x[:, x.shape[1] - stride * (columns - 1) - shape[1] :]
        return np.array(
            [[np.sum(x[u : u + stride * rows : stride, v : v + stride * columns : stride] * delta) for v in range(shape[1])] for u in range(shape[0])]
        )

    assert not outcome_of("14.3", from_the_end).passed


def test_a_table_whose_axis_of_examples_is_missing_is_not_called_a_row():
    told = outcome_of("14.2", lambda *given: np.squeeze(registry()["14.2"].reference(*given)))
    assert told.message.endswith("it has shape (4, 2), expected shape (4, 2, 1): reshape it."), told.message
