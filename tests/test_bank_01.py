"""Lesson 01's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from judged import outcome_of

import bpkit as bp
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.judge import Judge


def plain_sigmoid(z):
    return 1 / (1 + np.exp(-z))


# ---- right in other ways ---------------------------------------------------------------------------------------------


def weighted_input_loop(W, a_prev, b, j):
    z = b[j]
    for k in range(W.shape[1]):
        z = z + W[j, k] * a_prev[k]
    return z


def layer_in_three_loops(W, a_prev, b):
    n, m = len(W), len(a_prev[0])
    z = [[float(b[j][0]) for _ in range(m)] for j in range(n)]
    for j, x, k in itertools.product(range(n), range(m), range(len(a_prev))):
        z[j][x] += W[j][k] * a_prev[k][x]
    return z


def layer_column_by_column(W, a_prev, b):
    return np.column_stack([W @ column + b.ravel() for column in a_prev.T])


def sigmoid_by_masks(z):
    a = np.empty(z.shape)
    a[z >= 0] = 1 / (1 + np.exp(-z[z >= 0]))
    a[z < 0] = np.exp(z[z < 0]) / (1 + np.exp(z[z < 0]))
    return a


def sigmoid_number_by_number(z):
    def one(number):
        return 1 / (1 + math.exp(-number)) if number > 0 else math.exp(number) / (1 + math.exp(number))

    return np.reshape([one(number) for number in z.flat], z.shape)


def forward_with_prepared_lists(W, b, x):
    L = len(W) - 1
    zs, activations = [None] * (L + 1), [None] * (L + 1)
    activations[0] = x
    for l in range(1, L + 1):
        zs[l] = np.einsum("jk,km->jm", W[l], activations[l - 1]) + b[l]
        activations[l] = bp.sigmoid(zs[l])
    return [zs, activations]


def forward_by_recursion(W, b, x, l=0):
    if l == 0:
        zs, activations = forward_by_recursion(W, b, x, 1)
        return (None, *zs), (x, *activations)
    if l == len(W):
        return [], []
    z = (x.T @ W[l].T).T + b[l]
    zs, activations = forward_by_recursion(W, b, plain_sigmoid(z), l + 1)
    return [z, *zs], [plain_sigmoid(z), *activations]


RIGHT_WAYS = {
    "01.1": [
        weighted_input_loop,
        lambda W, a_prev, b, j: (W @ a_prev + b)[j],
        lambda W, a_prev, b, j: np.einsum("k,k", W[j], a_prev[:, 0]) + b[j, 0],
        lambda W, a_prev, b, j: sum(w * a for w, a in zip(W[j], a_prev, strict=True)) + b[j],
    ],
    "01.2": [
        layer_in_three_loops,
        layer_column_by_column,
        lambda W, a_prev, b: np.einsum("jk,km->jm", W, a_prev) + b,
        lambda W, a_prev, b: (a_prev.T @ W.T + b.T).T,
        lambda W, a_prev, b: np.dot(W, a_prev) + np.tile(b, a_prev.shape[1]),
        lambda W, a_prev, b: (W[:, :, None] * a_prev[None]).sum(axis=1) + b,
    ],
    "01.3": [
        sigmoid_by_masks,
        sigmoid_number_by_number,
        lambda z: (1 + np.tanh(z / 2)) / 2,
        lambda z: np.exp(-np.logaddexp(0, -z)),
        lambda z: 1 / (1 + np.exp(-np.clip(z, -500, 500))),
        lambda z: np.where(z >= 0, 1, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z))),
    ],
    "01.4": [
        [[3, 4], [3, 1], [3, 5], [3, 5], [2, 3], [2, 1], [2, 5], [2, 5]],
        np.array([(3, 4), (3, 1), (3, 5), (3, 5), (2, 3), (2, 1), (2, 5), (2, 5)]),
    ],
    "01.5": [forward_with_prepared_lists, forward_by_recursion],
    "01.6": [
        lambda sizes: sum((n_prev + 1) * n for n_prev, n in itertools.pairwise(sizes)),
        lambda sizes: np.sum(np.array(sizes[1:]) * (np.array(sizes[:-1]) + 1)),
        lambda sizes: float(sum(sizes[l] * sizes[l + 1] for l in range(len(sizes) - 1)) + sum(sizes) - sizes[0]),
    ],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


@pytest.mark.filterwarnings("ignore:overflow")
def test_the_sigmoid_may_overflow_where_the_value_is_right():
    assert outcome_of("01.3", plain_sigmoid).passed


@pytest.mark.parametrize("exercise_id", ["01.2", "01.3"])
def test_float32_is_told_not_failed(exercise_id):
    reference = registry()[exercise_id].reference
    outcome = outcome_of(exercise_id, lambda *given: reference(*(np.asarray(g, np.float32) for g in given)))
    assert outcome.passed and "float32" in outcome.notes[0]


def test_float32_somewhere_in_a_net_is_told_not_failed():
    def forward(W, b, x):
        narrow = [None, *(w.astype(np.float32) for w in W[1:])]
        return registry()["01.5"].reference(narrow, [None, *(c.astype(np.float32) for c in b[1:])], x.astype(np.float32))

    outcome = outcome_of("01.5", forward)
    assert outcome.passed and "float32" in outcome.notes[0]


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def adds_to_its_own_bias(W, a_prev, b, j):
    for k in range(len(a_prev)):
        b[j] += W[j, k] * a_prev[k]
    return b[j]


def overwrites_the_input(W, b, x):
    x[:] = bp.sigmoid(x)
    return registry()["01.5"].reference(W, b, x)


def counts_by_taking_the_list_apart(sizes):
    n, count = sizes.pop(), 0
    while sizes:
        count += n * sizes[-1] + n
        n = sizes.pop()
    return count


def product_in_zs(W, b, x):
    zs, activations = [None], [x]
    for l in range(1, len(W)):
        zs.append(W[l] @ activations[-1])
        activations.append(plain_sigmoid(zs[-1] + b[l]))
    return zs, activations


def forward_until(stop):
    """A right forward pass that then spoils one array."""

    def forward(W, b, x):
        zs, activations = registry()["01.5"].reference(W, b, x)
        stop(zs, activations)
        return zs, activations

    return forward


def spoil(zs, activations):
    activations[2] = np.maximum(zs[2], 0)


BEYOND_THE_BANK = [
    ("01.1", lambda W, a_prev, b, j: W @ a_prev + b, "shape", "expected a single number"),
    ("01.1", lambda W, a_prev, b, j: W[j] * a_prev[:, 0] + b[j], "shape", "expected a single number"),
    ("01.1", lambda W, a_prev, b, j: (W[j] @ a_prev[:, 0]) * b[j, 0], "bias as a factor", "A bias is added"),
    (
        "01.1",
        lambda W, a_prev, b, j: W[j] @ a_prev[:, 0] + b.mean(),
        None,
        "another number. Print the terms that you add: there should be 3 products",
    ),
    ("01.1", lambda W, a_prev, b, j: 2 * (W[j] @ a_prev[:, 0] + b[j, 0]), None, "it is 2 × what it should be"),
    ("01.1", lambda W, a_prev, b, j: sum(W[j, k] * a_prev[k, 0] for k in range(len(a_prev) - 1)), "last input left out; bias missing", "Two things"),
    ("01.1", lambda W, a_prev, b, j: W[j, 0] * a_prev[0, 0], "stopped after one turn; bias missing", "first input"),
    ("01.1", lambda W, a_prev, b, j: np.sum(W[j] @ a_prev[:, 0] + b), None, "Print the terms"),
    ("01.1", adds_to_its_own_bias, "input mutated", "changes b"),
    ("01.1", lambda W, a_prev, b, j: "z", "dtype", "the text 'z'"),
    ("01.1", lambda W, a_prev, b, j: print("z", end=""), "returned None", "`return`"),
    ("01.2", lambda W, a_prev, b: np.outer(W, a_prev) + b, "raised", "could not be broadcast"),
    ("01.2", lambda W, a_prev, b: np.maximum(W @ a_prev + b, 0), None, "exactly those that are 0 here"),
    ("01.2", lambda W, a_prev, b: (W @ a_prev + b) / a_prev.shape[1], None, "every entry is 1/3 × what it should be"),
    ("01.2", lambda W, a_prev, b: (W @ a_prev + b).sum(axis=1, keepdims=True), "shape", "expected shape (3, 3)"),
    ("01.2", lambda W, a_prev, b: W @ a_prev.sum(axis=1, keepdims=True) + b, "examples added up", "an example of its own"),
    ("01.2", lambda W, a_prev, b: (W @ a_prev + b).mean(axis=1, keepdims=True) + 0 * a_prev[:1], "examples averaged", "an example of its own"),
    ("01.2", lambda W, a_prev, b: W @ a_prev[:, :1] + b + 0 * a_prev[:1], None, "copies of its first column"),
    ("01.2", lambda W, a_prev, b: W @ a_prev + np.mean(b), "mean of the biases", "Each has its own"),
    ("01.2", lambda W, a_prev, b: W @ a_prev + np.median(b), None, "off by one amount"),
    ("01.2", lambda W, a_prev, b: (W @ a_prev, b), "shape", "ragged"),
    ("01.2", lambda W, a_prev: W @ a_prev, "wrong arguments", "(W, a_prev, b)"),
    ("01.3", lambda z: 1 / (1 + math.exp(-z)), "raised", "TypeError"),
    ("01.3", lambda z: 1 / (1 + np.exp(-z)) if z > 0 else np.exp(z), "raised", "truth value"),
    ("01.3", lambda z: np.maximum(z, 0), None, "lie between 0 and 1"),
    ("01.3", lambda z: np.clip(0.2 * z + 0.5, 0, 1), None, "along another way"),
    ("01.3", lambda z: np.exp(-(z**2)), None, "they fall while z rises"),
    ("01.3", lambda z: np.nan_to_num(np.exp(np.minimum(z, 709)) / (1 + np.exp(np.minimum(z, 709)))) * (z < 900), "nan replaced", "nan into 0"),
    ("01.3", lambda z: np.exp(-z) / (1 + np.exp(-z)), "sign; overflow", "Two things"),
    ("01.3", lambda z: plain_sigmoid(np.clip(z, 0, 0)), "constant", "Does z enter"),
    ("01.3", lambda z: plain_sigmoid(np.clip(z, -5, 100)), None, "0.00669285"),
    ("01.3", lambda z: np.where(z > 6, 1, np.where(z < -6, 0, plain_sigmoid(np.clip(z, -6, 6)))), "0 and 1 beyond a limit", "no such limit"),
    ("01.3", lambda z: np.where(np.abs(z) > 6, z > 0, plain_sigmoid(np.clip(z, -4, 4))), None, "not right"),
    ("01.3", lambda z: np.where(np.abs(z) > 6, 0, plain_sigmoid(np.clip(z, -6, 6))), None, "not right"),
    ("01.3", lambda z: plain_sigmoid(np.clip(z, -6, 6)), "too tight a limit", "too tightly"),
    ("01.3", 0.5, "not a function", "without calling it"),
    ("01.4", [(4, 3), (3, 1), (3, 5), (3, 5), (2, 3), (2, 1), (2, 5), (2, 5)], None, "W[1] is not (4, 3)"),
    ("01.4", [(3, 4), (3, 1), 3, (3, 5), (2, 3), (2, 1), (2, 5), (2, 5)], None, "z[1] is not 3"),
    ("01.4", [(3, 4), (3, 1), (3, 5), (4, 5), (2, 3), (2, 1), (2, 5), (3, 5)], "a of the layer before", "what goes into the layer"),
    ("01.4", [(3, 4), (3, 1), (3, 5), (5, 3), (2, 3), (2, 1), (2, 5), (2, 5)], None, "a[1] is not (5, 3): the activation function works"),
    ("01.4", ["(3, 4)"] * 8, None, "you wrote the text '(3, 4)'"),
    ("01.4", [(3, 4), (3,), (3, 5), (3, 5), (2, 3), (2, 1), (2, 5), (2, 5)], None, "b[1] is not (3,): one number"),
    ("01.4", [(4, 3), (3,), (3, 5), (3, 5), (3, 2), (2,), (2, 5), (2, 5)], "W transposed; b flat", "Two things"),
    ("01.4", [(3, 4)] * 7, "shape", "expected a list of 8 items"),
    ("01.4", {"W": (3, 4)}, "shape", "a dictionary"),
    ("01.5", forward_until(spoil), None, "The first that is wrong is activations[2]; zs[2] is still right"),
    ("01.5", forward_until(lambda zs, activations: activations.pop()), "shape", "activations: it is a list of 4 items"),
    ("01.5", lambda W, b, x: list(zip(*registry()["01.5"].reference(W, b, x), strict=True)), "layer by layer", "two lists"),
    ("01.5", lambda W, b, x: registry()["01.5"].reference(W, [None, *(-c for c in b[1:])], x)[::-1], "bias subtracted; lists swapped", "Two things"),
    ("01.5", lambda W, b, x: registry()["01.5"].reference(W, [None, *(2 * c for c in b[1:])], x), None, "zs[1]; activations[0] is still right"),
    ("01.5", lambda W, b, x: [W[l] @ x + b[l] for l in range(len(W))], "raised", "TypeError"),
    ("01.5", lambda W, b, x: [[z if z is None else np.round(z, 2) for z in p] for p in registry()["01.5"].reference(W, b, x)], None, "rounded to 2"),
    ("01.5", product_in_zs, "bias missing in zs", "with its bias"),
    ("01.5", overwrites_the_input, "input activated", "Layer 0 computes nothing"),
    ("01.6", lambda sizes: [n * n_prev + n for n_prev, n in itertools.pairwise(sizes)], "shape", "expected a single number"),
    ("01.6", lambda sizes: sum(n * n + n for n in sizes), None, "you count 30"),
    ("01.6", lambda sizes: sum(n * n_prev for n_prev, n in itertools.pairwise(sizes[:-1])), "off by one; no biases", "Two things"),
    ("01.6", lambda sizes: sum(sizes[l] * sizes[l + 1] for l in range(len(sizes))), "raised", "IndexError"),
    ("01.6", lambda sizes: math.prod(sizes) + sum(sizes) - sizes[0], "product of all, and the biases", "they add up"),
    ("01.6", counts_by_taking_the_list_apart, "input mutated", "changes sizes"),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


@pytest.mark.parametrize("wrong", [abs, lambda z: max(0, z), lambda z: min(0, z)])
def test_a_weighted_input_without_its_sign_is_refused(wrong):
    assert outcome_of("01.1", lambda W, a_prev, b, j: wrong(float(W[j] @ a_prev[:, 0] + b[j, 0]))).status == "wrong"


def test_a_weighted_input_takes_both_signs_whatever_is_drawn():
    for seed in range(20):
        expected = Judge.drawn(registry()["01.1"], seed).expected
        assert min(expected) < -1e-3 < 1e-3 < max(expected)


@pytest.mark.slow
def forward_up_to_layer_3(W, b, x):
    return registry()["01.5"].reference(W[:4], b[:4], x)


@pytest.mark.parametrize(
    ("exercise_id", "wrong"),
    [
        ("01.1", lambda W, a_prev, b, j: b[j, 0] + sum(W[j, a_prev[:, 0].tolist().index(a)] * a for a in a_prev[:, 0].tolist())),
        ("01.1", lambda W, a_prev, b, j: b[j, 0] + sum(w * a for w, a in dict(zip(W[j].tolist(), a_prev[:, 0].tolist(), strict=True)).items())),
        ("01.1", lambda W, a_prev, b, j: b[j, 0] + sum(set((W[j] * a_prev[:, 0]).tolist()))),
        ("01.5", forward_up_to_layer_3),
        ("01.6", lambda sizes: sum(n * sizes[max(0, sizes.index(n) - 1)] + n for n in sizes[1:])),
        ("01.6", lambda sizes: sum(n * n_prev + n for n_prev, n in set(itertools.pairwise(sizes)))),
        ("01.6", lambda sizes: sum({n: n * n_prev + n for n_prev, n in itertools.pairwise(sizes)}.values())),
        ("01.6", lambda sizes: sum(n * n_prev for n_prev, n in itertools.pairwise(sizes)) + sum(set(sizes[1:]))),
        ("01.6", lambda sizes: sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(1, min(5, len(sizes))))),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_what_comes_again_is_neither_found_by_its_value_nor_counted_once(exercise_id, wrong, seed):
    assert outcome_of(exercise_id, wrong, seed=seed).status == "wrong"


def test_the_explanations_hold_no_expected_number():
    for exercise in of_lesson("01"):
        judge = Judge.drawn(exercise, 3)
        for wanted in judge.expected if exercise.kind == "function" else ():
            leaves = [leaf for part in (wanted if isinstance(wanted, tuple) else (wanted,)) for leaf in (part if isinstance(part, list) else (part,))]
            numbers = {f"{value:.6g}" for leaf in leaves if leaf is not None for value in np.ravel(leaf)}
            for mistake in exercise.mistakes:
                message = judge(judge.run_mistake(mistake)).message
                assert not any(len(number) > 4 and number in message for number in numbers), message


@pytest.mark.filterwarnings("ignore:.*encountered")
def test_every_mistake_that_a_learner_may_write_in_two_ways_is_named_in_both():
    def transposed_by_hand(W, a_prev, b):
        return np.einsum("kj,km->jm", W, a_prev) + b

    def same_weights_in_every_turn(W, b, x):
        zs, activations, weights = [None], [x], W[1]
        for bias in b[1:]:
            zs.append(weights @ activations[-1] + bias)
            activations.append(plain_sigmoid(zs[-1]))
        return zs, activations

    assert outcome_of("01.2", transposed_by_hand).mistake == "Wᵀ"
    assert outcome_of("01.5", same_weights_in_every_turn).mistake == "same W twice"
    assert outcome_of("01.3", lambda z: np.exp(z) / (1 + np.exp(z))).mistake == "overflow"
    assert outcome_of("01.3", lambda z: 1 / (1 + 1 / np.exp(z)) * np.where(z > 700, np.nan, 1)).mistake == "overflow"


def forward_with_the_last_layer_behind_the_loop(W, b, x):
    zs, activations = [None], [x]
    for l in range(1, len(W) - 1):
        zs.append(W[l] @ activations[-1] + b[l])
        activations.append(bp.sigmoid(zs[-1]))
    zs.append(W[l + 1] @ activations[-1] + b[l + 1])
    activations.append(bp.sigmoid(zs[-1]))
    return zs, activations


@pytest.mark.parametrize(
    ("exercise_id", "wrong"),
    [
        ("01.1", lambda W, a_prev, b, j: W[j] @ a_prev[:, 0] + b.squeeze()[j]),
        ("01.1", lambda W, a_prev, b, j: W[j, 0] * a_prev[0, 0] + W[j, 1] * a_prev[1, 0] + W[j, 2:] @ a_prev[2:, 0] + b[j, 0]),
        ("01.2", lambda W, a_prev, b: W @ a_prev + b.squeeze()[:, None]),
        ("01.3", lambda z: [[1 / (1 + math.exp(-max(number, -700))) for number in row] for row in z]),
        ("01.3", lambda z: 1 / (1 + np.exp(-np.clip(z, -15, 15)))),
        ("01.5", forward_with_the_last_layer_behind_the_loop),
        ("01.6", lambda sizes: sum(n * n_prev + n * (n > 1) for n_prev, n in itertools.pairwise(sizes))),
    ],
)
def test_one_neuron_one_layer_and_any_shape_count(exercise_id, wrong):
    for seed in range(5):
        assert not outcome_of(exercise_id, wrong, seed).passed


def test_how_often_products_count_is_told_only_where_no_other_way_gives_the_same_number():
    def until_a_weight_of_0(W, a_prev, b, j):
        total = b[j, 0]
        for k in range(len(a_prev)):
            if W[j, k] == 0:
                break
            total += W[j, k] * a_prev[k, 0]
        return total

    told = outcome_of("01.1", until_a_weight_of_0)
    assert told.status == "wrong" and "count" not in told.message, told.message


@pytest.mark.parametrize("number", [0.0, 1.0])
def test_what_never_rises_is_not_called_a_curve_that_rises(number):
    assert outcome_of("01.3", lambda z: np.full(np.shape(z), number)).message.startswith(f"You return {number:g} for every z.")
