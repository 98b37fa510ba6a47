"""Lesson 08's exercises as learners answer them: other right ways pass, wrong ways beyond the bank's are told something that helps."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from course_sources import source_of
from judged import outcome_of

import bpkit as bp
from bpkit.course.folders import find_course
from bpkit.exercises import of_lesson, registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.lesson_08 import ex4_fit

# ---- right in other ways ---------------------------------------------------------------------------------------------


def one_hot_in_a_loop(labels, K):
    y = np.zeros((K, len(labels)))
    for example, label in enumerate(labels):
        y[label, example] = 1
    return y


def weights_by_uniform(rng, sizes):
    return [None, *(rng.uniform(-np.sqrt(6 / k), np.sqrt(6 / k), size=(n, k)) for k, n in itertools.pairwise(sizes))]


def weights_with_scale(rng, sizes):
    W = [None]
    for l in range(1, len(sizes)):
        W.append(rng.normal(0, (2 / sizes[l - 1]) ** 0.5, (sizes[l], sizes[l - 1])))
    return tuple(W)


def weights_by_signs(rng, sizes):
    return [None, *(rng.choice([-1.0, 1.0], size=(n, k)) * np.sqrt(2 / k) for k, n in itertools.pairwise(sizes))]


def with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=lambda rng, m: rng.permutation(m)):
    """fit by bpkit's own parts."""
    net = bp.Network(W, b, [None, *[bp.relu] * (len(W) - 2), bp.softmax], bp.cross_entropy)
    x, y = train
    costs = []
    for _ in range(epochs):
        picked = order(rng, x.shape[1])
        for start in range(0, len(picked), size):
            batch = picked[start : start + size]
            net = bp.sgd(net, bp.backward(net, bp.forward(net, x[:, batch]), y[:, batch]), eta=eta)
        costs.append(bp.cost_of(net, *held_back))
    return net.W, net.b, costs


def shuffled_in_place(rng, W, b, train, held_back, eta, epochs, size):
    """Own copies, shuffled as pairs and cut into batches; own passes with einsum; arrays updated in place."""
    W, b = [w if w is None else w.copy() for w in W], [c if c is None else c.copy() for c in b]
    both, n = np.vstack(train).T.copy(), len(train[0])
    costs = np.zeros(epochs)
    for epoch in range(epochs):
        rng.shuffle(both)
        for start in range(0, len(both), size):
            x, y = both[start : start + size, :n].T, both[start : start + size, n:].T
            a = passed(W, b, x)
            delta = (a[-1] - y) / x.shape[1]
            for l in range(len(W) - 1, 0, -1):
                back = W[l].T @ delta
                W[l] -= eta * np.einsum("jm,km->jk", delta, a[l - 1])
                b[l] -= eta * delta.sum(axis=1, keepdims=True)
                delta = back * (a[l - 1] > 0)
        costs[epoch] = -np.sum(held_back[1] * np.log(passed(W, b, held_back[0])[-1])) / held_back[0].shape[1]
    return [W, b, costs]


def passed(W, b, x):
    a = [x]
    for l in range(1, len(W)):
        z = W[l] @ a[-1] + b[l]
        e = np.exp(z - z.max(axis=0))
        a.append(np.maximum(z, 0) if l < len(W) - 1 else e / e.sum(axis=0))
    return a


def reshuffling_what_is_shuffled(rng, W, b, train, held_back, eta, epochs, size):
    """Each epoch shuffles the order of the one before."""
    kept = []

    def order(rng, m):
        kept.append(rng.permutation(kept[-1] if kept else m))
        return kept[-1]

    return with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=order)


def balanced_pieces(rng, W, b, train, held_back, eta, epochs, size):
    net = bp.Network(W, b, [None, *[bp.relu] * (len(W) - 2), bp.softmax], bp.cross_entropy)
    costs = []
    for _ in range(epochs):
        order = rng.permutation(train[0].shape[1])
        for batch in np.array_split(order, -(-len(order) // size)):
            net = bp.sgd(net, bp.backward(net, bp.forward(net, train[0][:, batch]), train[1][:, batch]), eta=eta)
        costs.append(bp.cost_of(net, *held_back))
    return net.W, net.b, costs


def standardise_by_rows(train, test):
    out = np.zeros_like(train), np.zeros_like(test)
    for i, row in enumerate(train):
        spread = row.std() or 1.0
        out[0][i], out[1][i] = (row - row.mean()) / spread, (test[i] - row.mean()) / spread
    return out


def standardise_with_where(train, test):
    mean = train.mean(1)[:, None]
    spread = np.sqrt(((train - mean) ** 2).mean(1))[:, None]
    return tuple(np.divide(part - mean, spread, out=part - mean, where=spread > 0) for part in (train, test))


def confusion_as_a_product(true, predicted, K):
    return one_hot_in_a_loop(true, K) @ one_hot_in_a_loop(predicted, K).T


def confusion_by_bincount(true, predicted, K):
    return np.bincount(K * true + predicted, minlength=K * K).reshape(K, K)


def best_with_a_counter(history, patience):
    lowest, best, waited = float("inf"), 0, 0
    for epoch in range(len(history)):
        if history[epoch] < lowest:
            lowest, best, waited = history[epoch], epoch + 1, 0
        else:
            waited += 1
            if waited == patience:
                return best
    return best


def best_by_slices(history, patience):
    epoch = 0
    while epoch < len(history):
        window = history[epoch + 1 : epoch + 1 + patience]
        lower = [k for k, cost in enumerate(window) if cost < history[epoch]]
        if not lower:
            break
        epoch += lower[0] + 1
    return epoch + 1


RIGHT_WAYS = {
    "08.1": [
        one_hot_in_a_loop,
        lambda labels, K: (np.arange(K)[:, None] == labels).astype(float),
        lambda labels, K: np.arange(K)[:, None] == labels,
        lambda labels, K: np.eye(K)[labels].T,
        lambda labels, K: [[1 if label == k else 0 for label in labels] for k in range(K)],
    ],
    "08.2": [weights_by_uniform, weights_with_scale, weights_by_signs],
    "08.3": [lambda K: -np.log(1 / K), lambda K: np.log2(K) * np.log(2), lambda K: bp.cross_entropy(np.full((K, 1), 1 / K), np.eye(K)[:, :1])],
    "08.4": [
        with_bpkit,
        shuffled_in_place,
        lambda *args: with_bpkit(*args, order=lambda rng, m: rng.choice(m, m, replace=False)),
        lambda *args: with_bpkit(*args, order=lambda rng, m: np.argsort(rng.random(m))),
        reshuffling_what_is_shuffled,
        balanced_pieces,
    ],
    "08.5": [standardise_by_rows, standardise_with_where],
    "08.6": [confusion_as_a_product, confusion_by_bincount, lambda t, p, K: np.histogram2d(t, p, bins=np.arange(K + 1) - 0.5)[0]],
    "08.7": [best_with_a_counter, best_by_slices, lambda history, patience: np.int64(best_with_a_counter(history, patience))],
}


@pytest.mark.parametrize(("exercise_id", "answer"), [(i, way) for i, ways in RIGHT_WAYS.items() for way in ways])
def test_other_right_ways_pass_without_notes(exercise_id, answer):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.notes) == ("right", ()), outcome.message


def standardise_where_it_changes(limit):
    def answer(train, test):
        spread = train.std(axis=1, keepdims=True)
        return [(part - train.mean(axis=1, keepdims=True)) / np.where(spread < limit, 1, spread) for part in (train, test)]

    return answer


@pytest.mark.parametrize(("limit", "mistake"), [(1e-8, None), (1e-2, "small spreads taken for 0"), (0.1, "small spreads taken for 0")])
def test_a_pixel_that_hardly_changes_is_not_one_that_never_does(limit, mistake):
    outcome = outcome_of("08.5", standardise_where_it_changes(limit))
    assert (outcome.passed, outcome.mistake) == (mistake is None, mistake)


def test_float32_is_told_not_failed():
    outcome = outcome_of("08.5", lambda train, test: [part.astype(np.float32) for part in standardise_by_rows(train, test)])
    assert outcome.passed and "float32" in outcome.notes[0]


def test_weights_and_training_in_float32_are_right():
    assert outcome_of("08.2", lambda rng, sizes: [W if W is None else W.astype(np.float32) for W in weights_with_scale(rng, sizes)]).passed

    def narrow(rng, W, b, *rest):
        W, b = ([None, *(p.astype(np.float32) for p in part[1:])] for part in (W, b))
        return with_bpkit(rng, W, b, *rest)

    assert outcome_of("08.4", narrow).passed


# ---- wrong in ways that the bank does not know ------------------------------------------------------------------------


def changed(change):
    """A right answer to 08.4 that is spoilt at its end."""
    return lambda *args: change(*(list(part) for part in with_bpkit(*args)))


def ordered(order):
    return lambda *args: with_bpkit(*args, order=order)


def full_batches_only(rng, W, b, train, held_back, eta, epochs, size):
    return with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=lambda rng, m: rng.permutation(m)[: m // size * size])


def one_batch_an_epoch(rng, W, b, train, held_back, eta, epochs, size):
    return with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=lambda rng, m: rng.permutation(m)[:size])


def blocks(rng, W, b, train, held_back, eta, epochs, size):
    def order(rng, m):
        starts = rng.permutation(m // size) * size
        return np.concatenate([*(np.arange(start, start + size) for start in starts), np.arange(m // size * size, m)]).astype(int)

    return with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=order)


def own_start(rng, W, b, *rest):
    fresh = [None, *(rng.normal(size=w.shape) * np.sqrt(2 / w.shape[1]) for w in W[1:])]
    return with_bpkit(rng, fresh, [None, *(0 * c for c in b[1:])], *rest)


def shuffled_once(rng, W, b, train, *rest):
    order = rng.permutation(train[0].shape[1])
    return with_bpkit(rng, W, b, train, *rest, order=lambda rng, m: order)


def every_epoch_from_the_start(rng, W, b, train, held_back, eta, epochs, size):
    trained = [with_bpkit(rng, W, b, train, held_back, eta, 1, size) for _ in range(epochs)]
    return *trained[-1][:2], [costs[0] for _, _, costs in trained]


def every_batch_from_the_epoch_s_start(rng, W, b, train, held_back, eta, epochs, size):
    x, y = train
    costs = []
    for _ in range(epochs):
        order = rng.permutation(x.shape[1])
        for start in range(0, len(order), size):
            batch = order[start : start + size]
            new_W, new_b, _ = with_bpkit(rng, W, b, [x[:, batch], y[:, batch]], held_back, eta, 1, size)
        W, b = new_W, new_b
        costs.append(-np.mean(np.log(np.sum(passed(W, b, held_back[0])[-1] * held_back[1], axis=0))))
    return W, b, costs


def costs_of(measure):
    """A right net beside a list of other numbers."""

    def answer(rng, W, b, train, held_back, eta, epochs, size):
        costs = []
        for _ in range(epochs):
            W, b, _ = with_bpkit(rng, W, b, train, held_back, eta, 1, size)
            costs.append(measure(passed(W, b, held_back[0])[-1], held_back[1]))
        return W, b, costs

    return answer


def in_place_on_the_callers(rng, W, b, train, held_back, eta, epochs, size):
    trained = with_bpkit(rng, W, b, train, held_back, eta, epochs, size)
    for l in range(1, len(W)):
        W[l][:], b[l][:] = trained[0][l], trained[1][l]
    return W, b, trained[2]


def bad_epochs_never_forgotten(history, patience):
    lowest, best, bad = float("inf"), 0, 0
    for epoch, cost in enumerate(history, 1):
        if cost < lowest:
            lowest, best = cost, epoch
        else:
            bad += 1
        if bad == patience:
            break
    return best


BEYOND_THE_BANK = [
    ("08.1", lambda labels, K: np.hstack([np.eye(K)[:, labels[:K]], np.zeros((K, max(0, len(labels) - K)))]), None, "not right"),
    ("08.1", lambda labels, K: labels, "shape", "expected shape (12, 7)"),
    ("08.1", lambda labels, K: np.eye(K)[:, np.sort(labels)], "labels sorted", "Column x belongs to example x"),
    ("08.1", lambda labels, K: 2 * one_hot_in_a_loop(labels, K) - 1, "-1 for 0", "elsewhere"),
    ("08.1", lambda labels, K: np.eye(K)[:, labels[::-1]], None, "columns"),
    ("08.1", lambda labels, K: [one_hot_in_a_loop(labels, K)[:, :1]], "shape", "expected shape (12, 7)"),
    ("08.2", lambda rng, sizes: weights_with_scale(rng, sizes)[1], None, "Return a list of 4 items"),
    ("08.2", lambda rng, sizes: [None, *(3 * W for W in weights_with_scale(rng, sizes)[1:])], None, "3.01 times the standard deviation"),
    ("08.2", lambda rng, sizes: [None, *(W + 0.1 for W in weights_with_scale(rng, sizes)[1:])], None, "mean 0.1"),
    ("08.2", lambda rng, sizes: [None, *(W[:, :1] for W in weights_with_scale(rng, sizes)[1:])], None, "W[1] has shape (60, 1), expected (60, 300)"),
    ("08.2", lambda rng, sizes: [0, *weights_with_scale(rng, sizes)[1:]], None, "Item 0"),
    ("08.2", lambda rng, sizes: weights_with_scale(np.random.default_rng(0), sizes), "generator not used", "draws nothing from rng"),
    (
        "08.2",
        lambda rng, sizes: (rng.random(), weights_with_scale(np.random.default_rng(0), sizes))[1],
        "generator not used",
        "another generator gives the same one",
    ),
    ("08.2", lambda rng, sizes: (rng.random(), weights_with_scale(np.random, sizes))[1], "generator not used", "somewhere else, too"),
    ("08.3", lambda K: np.log(1 / K) / K, None, "not right"),
    ("08.3", lambda K: [np.log(K)] * 2, "shape", "expected a single number"),
    ("08.3", lambda K: np.log(K - 1), "K - 1 classes", "the right one too"),
    ("08.3", lambda K: "ln K", "dtype", "the text 'ln K'"),
    ("08.4", ordered(lambda rng, m: rng.permutation(m) * 0 + np.arange(m)), "no shuffling", "in the order of the file"),
    ("08.4", shuffled_once, "shuffled once", "draw one order and keep it"),
    ("08.4", full_batches_only, "remainder dropped", "left out"),
    ("08.4", one_batch_an_epoch, "one batch an epoch", "takes one step"),
    ("08.4", blocks, None, "The same examples stay together in a batch"),
    ("08.4", own_start, None, "from the W and b that are given"),
    ("08.4", every_epoch_from_the_start, None, "Does each epoch begin where the one before it ended"),
    ("08.4", every_batch_from_the_epoch_s_start, None, "does each step begin where the one before it ended?"),
    ("08.4", ordered(lambda rng, m: rng.integers(0, m, size=m)), None, ""),
    ("08.4", costs_of(lambda a, y: -np.mean(np.log(a) * y)), "cost per output", "means over the outputs"),
    ("08.4", costs_of(lambda a, y: np.sum((a - y) ** 2) / 2 / y.shape[1]), None, "W and b are right. But your last cost"),
    ("08.4", costs_of(lambda a, y: np.mean(a.argmax(axis=0) == y.argmax(axis=0))), "accuracy for cost", "share of right answers"),
    ("08.4", costs_of(lambda a, y: -np.mean(np.log2(np.sum(a * y, axis=0)))), None, "W and b are right. But your last cost"),
    ("08.4", in_place_on_the_callers, "input mutated", "changes W"),
    ("08.4", changed(lambda W, b, costs: [W, b]), None, "Return three things"),
    ("08.4", changed(lambda W, b, costs: [W[1:], b, costs]), None, "W has to be a list of 4 items"),
    ("08.4", changed(lambda W, b, costs: [W, [0.0] * len(b), costs]), None, "b has to be a list of 4 items"),
    ("08.4", changed(lambda W, b, costs: [[None, *(w.T for w in W[1:])], b, costs]), None, "W[1] has shape (3, 5)"),
    ("08.4", changed(lambda W, b, costs: [W, b, costs[:-1]]), None, "one number for each of the 1 epochs; found 0"),
    ("08.4", changed(lambda W, b, costs: [W, b, np.array(0.5)]), None, "found something else"),
    ("08.4", changed(lambda W, b, costs: [W, b, [1j * c for c in costs]]), None, "found something else"),
    ("08.4", changed(lambda W, b, costs: [W, b, [[c] * 2 for c in costs]]), None, "found something else"),
    ("08.4", changed(lambda W, b, costs: [W, b, np.full((1, 1), costs[-1])]), None, "found something else"),
    ("08.4", changed(lambda W, b, costs: [[w if w is None else w * 1j for w in W], b, costs]), None, "complex"),
    ("08.4", changed(lambda W, b, costs: [[np.zeros(1), *W[1:]], b, costs]), None, "None for layer 0"),
    ("08.4", changed(lambda W, b, costs: [W, b, 0.5]), None, "found something else"),
    ("08.4", changed(lambda W, b, costs: [W, b, costs[::-1]]), None, "your last cost is"),
    ("08.4", changed(lambda W, b, costs: [[None, *(w * np.nan for w in W[1:])], b, costs]), None, "no finite numbers any more"),
    ("08.4", lambda rng, W, b, train, held_back, eta, epochs, size: W + b, None, "found 8 items"),
    ("08.4", lambda rng, W, b, train, held_back, eta, epochs, size: W[0] @ train, "raised", "W[0] @ train"),
    ("08.5", lambda train, test: [train / 16, test / 16], None, "train is not right"),
    ("08.5", lambda train, test: standardise_by_rows(train, test)[::-1], "shape", "expected shape (4, 4)"),
    ("08.5", lambda train, test: [part / np.linalg.norm(part, axis=0) for part in (train, test)], None, "train is not right"),
    ("08.5", lambda train, test: [standardise_by_rows(train, test)[0], standardise_by_rows(train, test)[1] * 2], None, "test is not right"),
    ("08.6", lambda true, predicted, K: (true == predicted).mean(), "shape", "expected shape (3, 3)"),
    ("08.6", lambda true, predicted, K: confusion_by_bincount(true, predicted, K)[::-1], None, "row"),
    ("08.6", lambda true, predicted, K: confusion_by_bincount(true, predicted, K) + np.eye(K), None, "not right"),
    ("08.6", lambda true, predicted, K: confusion_by_bincount(true, predicted, K).ravel(), "shape", "expected shape (3, 3)"),
    ("08.7", lambda history, patience: best_with_a_counter(history, 3), None, "patience 1 you name"),
    ("08.7", bad_epochs_never_forgotten, "patience counted in all", "starts the count again"),
    ("08.7", lambda history, patience: best_with_a_counter([1.0, *history], patience) - 1, None, ""),
    ("08.7", lambda history, patience: float("nan"), None, "found nan"),
    ("08.7", lambda history, patience: -np.inf, None, "found -inf"),
    ("08.7", lambda history, patience: 1j, "dtype", "complex"),
    ("08.7", lambda history, patience: np.array([2.5]), None, "found 2.5"),
    ("08.7", lambda history, patience: None, "returned None", "`return`"),
    ("08.7", lambda history, patience: max(history), None, "whole number from 1 to 7"),
    ("08.7", lambda history, patience: 2, None, "Is its cost the lowest"),
    ("08.7", lambda history, patience: len(history) if len(history) == 7 else 1, None, "training had stopped"),
    ("08.7", lambda history, patience: history, "shape", "expected a single number"),
    ("08.7", lambda history, patience: best_with_a_counter(history, patience) + 1, None, "you name epoch 4"),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake", "words"), BEYOND_THE_BANK)
def test_answers_beyond_the_bank_are_refused_with_a_message_that_helps(exercise_id, answer, mistake, words):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message
    assert words in outcome.message


def test_a_known_idea_written_in_another_way_is_still_named():
    assert outcome_of("08.1", lambda labels, K: one_hot_in_a_loop(labels, K).T).mistake == "transposed"
    assert outcome_of("08.6", lambda true, predicted, K: confusion_as_a_product(predicted, true, K)).mistake == "transposed"
    assert outcome_of("08.7", lambda history, patience: len(history) - 1 + 1).mistake == "last epoch"
    assert outcome_of("08.4", lambda rng, W, b, *rest: [W, b, with_bpkit(rng, W, b, *rest)[2]]).mistake == "trained weights not returned"
    in_order = outcome_of("08.4", lambda *args: with_bpkit(*args, order=lambda rng, m: np.arange(m)))
    assert in_order.mistake == "no shuffling" and "sorted by class" in in_order.message


def test_training_on_the_watched_set_is_seen_from_what_the_net_says():
    def both(rng, W, b, train, held_back, *rest):
        mixed = [np.hstack([held_back[0], train[0]]), np.hstack([held_back[1], train[1]])]
        return with_bpkit(rng, W, b, mixed, held_back, *rest)

    def afterwards(rng, W, b, train, held_back, eta, epochs, size):
        W, b, _ = with_bpkit(rng, W, b, train, held_back, eta, epochs, size)
        return with_bpkit(rng, list(W), list(b), held_back, held_back, eta, epochs, size)

    assert outcome_of("08.4", both).mistake == "trains on test"
    assert outcome_of("08.4", afterwards).status == "wrong"


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 40), marks=pytest.mark.slow)])
def test_a_fair_shuffle_is_never_taken_for_none(seeds):
    exercise = registry()["08.4"]
    for seed in seeds:
        judge = Judge.drawn(exercise, seed)
        assert judge(judge.run(with_bpkit)).passed


@pytest.mark.parametrize("seeds", [range(5), pytest.param(range(5, 20), marks=pytest.mark.slow)])
@pytest.mark.parametrize("wrong", [shuffled_once, blocks, ordered(lambda rng, m: np.arange(m))])
def test_no_shuffling_at_all_passes_with_no_seed(wrong, seeds):
    exercise = registry()["08.4"]
    for seed in seeds:
        judge = Judge.drawn(exercise, seed)
        assert judge(judge.run(wrong)).status == "wrong"


def test_batches_made_once_are_no_shuffle_whatever_their_order():
    def batches_made_once(rng, W, b, train, held_back, eta, epochs, size):
        kept = []

        def order(rng, m):
            if not kept:
                kept.append(rng.permutation(m))
            full = m // size * size
            return np.concatenate([*rng.permutation(kept[0][:full].reshape(-1, size)), kept[0][full:]])

        return with_bpkit(rng, W, b, train, held_back, eta, epochs, size, order=order)

    outcome = outcome_of("08.4", batches_made_once)
    assert outcome.status == "wrong" and "The same examples stay together in a batch" in outcome.message


def test_a_fair_shuffle_is_taken_for_none_less_than_once_in_ten_million_times():
    *_, (_, _, m, _, epochs, size) = ex4_fit._SMALL
    together = ex4_fit._together(m, tuple(ex4_fit._cut(m, size)))
    most_alike = max(together.count(batches) for batches in together) / len(together)
    assert most_alike ** (epochs - 1) < 1e-7


def test_a_second_answer_with_the_same_draws_is_judged_without_a_step(monkeypatch):
    judge, steps = Judge.drawn(registry()["08.4"], 23), []
    records = judge.run(with_bpkit)
    assert judge(records).passed
    gradients = ex4_fit._gradients
    monkeypatch.setattr(ex4_fit, "_gradients", lambda *given: (steps.append(1), gradients(*given))[1])
    assert judge(records).passed and not steps


def test_every_way_to_fill_the_batches_is_tried_once():
    splits = list(ex4_fit._splits(tuple(range(5)), (2, 2, 1)))
    assert len(splits) == 5 * 4 * 3 * 2 // (2 * 2) == len(set(splits))
    assert all(sorted(split) == list(range(5)) for split in splits)


def test_a_net_that_reads_nearly_enough_is_not_told_that_it_reads_enough(monkeypatch):
    judge = Judge.drawn(registry()["08.4"], 5)
    judge.verify()  # the bank holds as it is
    monkeypatch.setattr(ex4_fit, "_accuracy", lambda net: ex4_fit._REACHES - 1e-4)
    outcome = judge(judge.run(with_bpkit))
    reads, asked = (int(number) for number in re.findall(r"(\d+) %", outcome.message))
    assert outcome.status == "wrong" and reads == asked - 1


def test_the_answer_never_gets_the_labels_that_decide():
    judge = Judge.drawn(registry()["08.4"], 5)
    test = bp.data.digits().test
    decisive = {column.tobytes() for column in test.x.T}
    _, _, _, train, held_back, *_ = judge.cases[-1].args
    for x, _ in (train, held_back):
        assert len(x) == 64 and not {(column + 0.3).tobytes() for column in x.T} & decisive
    # the labels to watch are wrong, every one
    labels = {column.tobytes(): label for column, label in zip(bp.data.digits().train.x.T, bp.data.digits().train.labels, strict=True)}
    near = [labels.get(np.round((column + 0.3) * 16).astype(float).__truediv__(16).tobytes()) for column in held_back[0].T]
    assert all(true is not None and true != false for true, false in zip(near, held_back[1].argmax(axis=0), strict=True))


@pytest.mark.filterwarnings("ignore:.*encountered")
def test_the_messages_hold_no_expected_number():
    for exercise in of_lesson("08"):
        if exercise.accepts is not None:
            continue
        judge = Judge.drawn(exercise, 3)
        numbers = {
            f"{value:.6g}" for wanted in judge.expected for leaf in (wanted if isinstance(wanted, list) else [wanted]) for value in np.ravel(leaf)
        }
        for mistake in exercise.mistakes:
            message = judge(judge.run(mistake.answer)).message
            assert not any(len(number) > 4 and number in message for number in numbers), message


def test_who_trains_rightly_reads_far_more_than_is_asked():
    """Or now and then a right answer would be refused."""
    reached = []
    for seed in range(60):
        *_, case = registry()["08.4"].cases(np.random.default_rng(seed))
        W, b, costs = registry()["08.4"].reference(np.random.default_rng(seed), *case.args[1:])
        reached.append(ex4_fit._accuracy(ex4_fit._Returned(W, b, np.array(costs), 1e-6)))
    assert min(reached) > ex4_fit._REACHES + 0.1


def test_where_the_orders_of_an_epoch_lead_is_worked_out_once_for_all_answers(monkeypatch):
    judge, steps = Judge.drawn(registry()["08.4"], 23), []
    gradients = ex4_fit._gradients
    monkeypatch.setattr(ex4_fit, "_gradients", lambda *given: (steps.append(1), gradients(*given))[1])
    records = [judge.run_mistake(mistake) for mistake in registry()["08.4"].mistakes[3:5]]
    counts = []
    for record in records:
        steps.clear()
        assert judge(record).status == "wrong"
        counts.append(len(steps))
    assert counts[1] <= counts[0] / 2


@pytest.mark.parametrize("cost", [0.0, 1.0])
def test_costs_that_never_change_are_no_shares(cost):
    """Some nets read nothing of four examples, or all: a list of zeros is the share of right answers there, and nobody has counted any."""
    right = registry()["08.4"].reference
    for seed in range(12):
        outcome = outcome_of("08.4", lambda *given: [*right(*given)[:2], [cost] * given[6]], seed)
        assert (outcome.status, outcome.mistake) == ("wrong", None), outcome.message


# ---- slips that are named, and what is near them and is not ------------------------------------------------------------


def clipped_weights(bound):
    return lambda rng, sizes: [None, *(np.clip(rng.normal(size=(n, k)), -bound, bound) * np.sqrt(2 / k) for k, n in itertools.pairwise(sizes))]


def reseeded(rng, sizes):
    seed = rng.integers(1 << 30)
    return [None, *(np.random.default_rng(seed).normal(size=(n, k)) * np.sqrt(2 / k) for k, n in itertools.pairwise(sizes))]


def cut_from_one_draw(rng, sizes):
    draws = rng.normal(size=(max(sizes), max(sizes)))
    return [None, *(draws[:n, :k] * np.sqrt(2 / k) for k, n in itertools.pairwise(sizes))]


def cut_one_after_the_other(rng, sizes):
    """The draws are made all at once and used up in order: right."""
    draws = rng.normal(size=sum(n * k for k, n in itertools.pairwise(sizes)))
    W, start = [None], 0
    for k, n in itertools.pairwise(sizes):
        W.append(draws[start : start + n * k].reshape(n, k) * np.sqrt(2 / k))
        start += n * k
    return W


def smoothed(right, others):
    return lambda labels, K: np.where(np.arange(K)[:, None] == labels, right, others / (K - 1))


def stop_minus(patience_more):
    def answer(history, patience):
        best = 0
        for epoch, cost in enumerate(history):
            if cost < history[best]:
                best = epoch
            elif epoch - best >= patience:
                break
        return max(epoch + 1 - patience - patience_more, 1)

    return answer


NAMED = [
    ("08.1", lambda labels, K: np.eye(K)[labels].reshape(K, len(labels)), "reshape for transpose"),
    ("08.1", lambda labels, K: np.eye(K)[:, labels].reshape(len(labels), K).T, None),
    ("08.1", lambda labels, K: np.eye(K)[:, np.searchsorted(np.unique(labels), labels)], "rows numbered by the classes that occur"),
    ("08.1", smoothed(0.9, 0.1), "softened"),
    ("08.1", smoothed(0.8, 0.1), "softened"),
    ("08.1", smoothed(0.1, 0.9), None),
    ("08.1", smoothed(2.0, 0.0), None),
    ("08.2", clipped_weights(1), "clipped"),
    ("08.2", clipped_weights(0.5), "clipped"),
    ("08.2", lambda rng, sizes: [None, *(rng.choice([-1.0, 1.0], size=(n, k)) / np.sqrt(k) for k, n in itertools.pairwise(sizes))], "2 left out"),
    ("08.2", cut_from_one_draw, "the same draws in two layers"),
    ("08.2", reseeded, "the same draws in two layers"),
    ("08.6", lambda true, predicted, K: np.histogram2d(true, predicted, bins=K)[0], "bins over the labels that occur"),
    ("08.6", lambda true, predicted, K: np.histogram2d(predicted, true, bins=K)[0], None),
    ("08.6", lambda true, predicted, K: np.bincount(true, minlength=K)[:, None] * np.bincount(predicted, minlength=K), "counts multiplied"),
    ("08.6", lambda true, predicted, K: confusion_as_a_product(true, predicted, K).astype(np.uint8), "8 bits"),
    ("08.6", lambda true, predicted, K: confusion_as_a_product(true, predicted, K).astype(int).astype(np.int8), None),
    ("08.7", lambda history, patience: best_with_a_counter(history[:-1] or history, patience), "last epoch not looked at"),
    ("08.7", lambda history, patience: best_with_a_counter(history[1:] or history, patience), None),
    ("08.7", stop_minus(0), "patience taken away from the last epoch"),
    ("08.7", stop_minus(1), None),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), NAMED)
def test_slips_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.status, outcome.mistake) == ("wrong", mistake), outcome.message


@pytest.mark.parametrize("answer", [cut_one_after_the_other, clipped_weights(4), weights_by_signs])
def test_draws_of_one_array_used_up_in_order_and_clips_that_hardly_clip_are_right(answer):
    for seed in range(3):
        assert outcome_of("08.2", answer, seed).passed


def test_counts_above_255_do_not_fit_into_8_bits_and_fit_into_16():
    small = outcome_of("08.6", lambda true, predicted, K: confusion_as_a_product(true, predicted, K).astype(np.int16))
    assert small.passed, small.message


def test_the_weights_of_an_earlier_epoch_are_known_by_their_cost():
    def best_epoch_returned(rng, W, b, train, held_back, eta, epochs, size):
        best, costs = None, []
        for _ in range(epochs):
            W, b, cost = with_bpkit(rng, W, b, train, held_back, eta, 1, size)
            costs += cost
            if best is None or costs[-1] < best[0]:
                best = costs[-1], W, b
        return best[1], best[2], costs

    message = outcome_of("08.4", best_epoch_returned).message
    assert "the W and b that you return are those of epoch" in message
    assert "those of epoch" not in outcome_of("08.4", every_batch_from_the_epoch_s_start).message


def _rounds(digits):
    return lambda K: round(float(np.log(K)), digits)


def _prepared(shift, spread):
    """Both sets, each with its own shift and spread, made of the two and of which it is."""

    def answer(train, test):
        return [(part - shift(train, part)) / spread(train, part) for part in (train, test)]

    return answer


def _mean_of_train(train, part):
    return train.mean(axis=1, keepdims=True)


def _spread_of_train(train, part):
    s = train.std(axis=1, keepdims=True)
    return np.where(s == 0, 1, s)


def _with_margin(better):
    def answer(history, patience):
        best, low = 1, history[0]
        for epoch, cost in enumerate(history, 1):
            if better(cost, low):
                best, low = epoch, cost
            elif epoch - best >= patience:
                break
        return best

    return answer


def _evenly(limit):
    return lambda rng, sizes: [None, *(rng.uniform(-limit(k), limit(k), size=(n, k)) for k, n in itertools.pairwise(sizes))]


_least_of = _with_margin(lambda cost, low: cost < low)

SLIPS_OF_SCALE = [
    ("08.2", _evenly(lambda k: np.sqrt(2 / k)), "root of 2/n as the limit of a uniform draw"),
    ("08.2", _evenly(lambda k: np.sqrt(6 / k)), "right"),
    ("08.2", lambda rng, sizes: [None, *(rng.normal(size=(n, k)) * np.sqrt(2 / k / 3) for k, n in itertools.pairwise(sizes))], None),
    ("08.3", _rounds(2), "rounded"),
    ("08.3", _rounds(0), "rounded"),
    ("08.3", lambda K: float(np.floor(100 * np.log(K)) / 100), None),
    ("08.5", _prepared(lambda train, part: part.mean(axis=1, keepdims=True), _spread_of_train), "test's own mean alone"),
    (
        "08.5",
        _prepared(_mean_of_train, lambda train, part: np.where(np.ptp(part, axis=1) == 0, 1, part.std(axis=1))[:, None]),
        "test's own spread alone",
    ),
    ("08.5", _prepared(lambda train, part: np.median(part, axis=1, keepdims=True), _spread_of_train), None),
    ("08.5", _prepared(_mean_of_train, lambda train, part: np.maximum(train.std(axis=1, keepdims=True), 1)), "spreads below 1 raised to 1"),
    ("08.5", _prepared(_mean_of_train, lambda train, part: np.maximum(train.std(axis=1, keepdims=True), 0.8)), None),
    ("08.6", lambda t, p, K: np.outer(np.bincount(t, minlength=K), np.bincount(p, minlength=K)) / len(t), "counts multiplied, over m"),
    ("08.6", lambda t, p, K: np.histogram2d(np.r_[t, p], np.r_[p, t], bins=K, range=[[0, K]] * 2)[0], None),
    ("08.7", _with_margin(lambda cost, low: cost < 0.99 * low), "only a clear improvement"),
    ("08.7", _with_margin(lambda cost, low: round(cost, 2) < round(low, 2)), "only a clear improvement"),
    ("08.7", _with_margin(lambda cost, low: cost < 0.7 * low), None),
    ("08.6", lambda t, p, K: np.histogram2d(np.sort(t), np.sort(p), bins=K, range=[[0, K]] * 2)[0], "each sorted by itself"),
    ("08.6", lambda t, p, K: np.histogram2d(np.sort(t), np.sort(p)[::-1], bins=K, range=[[0, K]] * 2)[0], None),
    (
        "08.7",
        lambda history, patience: _least_of([0.5 * a + 0.5 * b for a, b in zip([history[0], *history], history, strict=False)], patience),
        "smoothed costs",
    ),
    ("08.7", lambda history, patience: _least_of([0.9 * a + 0.1 * b for a, b in zip([history[0], *history], history, strict=False)], patience), None),
    ("08.1", lambda labels, K: np.eye(K)[:, sorted(labels)[::-1]], None),
]


@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), SLIPS_OF_SCALE)
def test_slips_of_scale_and_count_are_named_and_what_is_near_them_is_not(exercise_id, answer, mistake):
    outcome = outcome_of(exercise_id, answer)
    assert (outcome.passed or outcome.mistake) == (True if mistake == "right" else mistake), outcome.message


def test_mistakes_entered_both_ways_are_told_and_a_matrix_that_is_the_other_way_round_is_not_called_it():
    def both_ways(true, predicted, K):
        counts = np.zeros((K, K), dtype=int)
        for t, p in zip(true, predicted, strict=True):
            for place in {(t, p), (p, t)}:
                counts[place] += 1
        return counts

    assert outcome_of("08.6", both_ways).mistake == "mistakes entered both ways"
    assert outcome_of("08.6", lambda t, p, K: both_ways(t, p, K) / 2).mistake is None
    assert outcome_of("08.6", lambda t, p, K: np.histogram2d(p, t, bins=K, range=[[0, K]] * 2)[0]).mistake == "transposed"


def test_a_constant_pixel_that_comes_out_as_0_is_told():
    def cleaned_up(train, test):
        mean, spread = train.mean(axis=1, keepdims=True), train.std(axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            return [np.nan_to_num((part - mean) / spread, posinf=0, neginf=0) for part in (train, test)]

    assert outcome_of("08.5", cleaned_up).mistake == "constant pixels 0 in the test set"
    assert outcome_of("08.5", lambda train, test: [part * 0 for part in cleaned_up(train, test)]).mistake is None


def _trained(divisor, moving=False):
    """Training in the lesson's way; each batch's gradients are divided by what `divisor` says of its length and size."""

    def fit(rng, W, b, train, held_back, eta, epochs, size):
        W, b, L, history = list(W), list(b), len(W) - 1, []

        def outputs(x):
            a = [x]
            for l in range(1, L + 1):
                z = W[l] @ a[-1] + b[l]
                e = np.exp(z - z.max(axis=0))
                a.append(np.maximum(z, 0) if l < L else e / e.sum(axis=0))
            return a

        for _ in range(epochs):
            order = rng.permutation(train[0].shape[1])
            for start in range(0, len(order), size):
                k = order[start : start + size]
                a, new_W, new_b = outputs(train[0][:, k]), list(W), list(b)
                delta = (a[L] - train[1][:, k]) / divisor(len(k), size)
                for l in range(L, 0, -1):
                    new_W[l], new_b[l] = W[l] - eta * delta @ a[l - 1].T, b[l] - eta * delta.sum(axis=1, keepdims=True)
                    delta = ((new_W if moving else W)[l].T @ delta) * (a[l - 1] > 0)
                W, b = new_W, new_b
            history.append(-np.mean(np.log(np.sum(held_back[1] * outputs(held_back[0])[L], axis=0))))
        return W, b, history

    return fit


def test_weights_that_move_on_the_way_back_and_a_division_by_size_are_told():
    assert outcome_of("08.4", _trained(lambda here, size: here, moving=True)).mistake == "weights moved on the way back"
    assert outcome_of("08.4", _trained(lambda here, size: here)).passed
    by_size = outcome_of("08.4", _trained(lambda here, size: size))
    assert by_size.status == "wrong" and "Do you divide by `size`?" in by_size.message
    near = outcome_of("08.4", _trained(lambda here, size: size + 1))
    assert near.status == "wrong" and "Do you divide" not in near.message


def test_ten_classes_or_two_layers_are_not_taken_for_granted():
    def spread(rng, n_prev, n):
        return rng.normal(size=(n, n_prev)) * np.sqrt(2 / n_prev)

    ends = lambda rng, sizes: [None, spread(rng, *sizes[:2]), *([spread(rng, *sizes[-2:])] if len(sizes) > 2 else [])]  # noqa: E731
    assert outcome_of("08.1", lambda labels, K: np.eye(10)[labels].T[:K]).status == "wrong"
    assert outcome_of("08.2", ends).status == "wrong"
    tens = lambda true, predicted, K: np.bincount(10 * true + predicted, minlength=100).reshape(10, 10)[:K, :K]  # noqa: E731
    assert outcome_of("08.6", tens).status == "wrong"
    assert outcome_of("08.6", lambda true, predicted, K: np.bincount(K * true + predicted, minlength=K * K).reshape(K, K)).status == "right"


def test_a_pixel_is_constant_where_its_deviation_is_0_not_where_it_is_small_or_at_a_mean_of_a_half():
    def scaled(constant):
        def answer(train, test):
            mean, spread = train.mean(axis=1, keepdims=True), train.std(axis=1, keepdims=True)
            spread = np.where(constant(mean, spread), 1, spread)
            return [(train - mean) / spread, (test - mean) / spread]

        return answer

    rules = (lambda mean, spread: spread < 1e-4, lambda mean, spread: mean == 0.5, lambda mean, spread: spread == 0)
    assert [outcome_of("08.5", scaled(rule)).status for rule in rules] == ["wrong", "wrong", "right"]


def test_the_task_of_fit_says_what_may_be_called_and_how_many_scans_there_are():
    course = find_course()
    assert course.solutions is not None
    (task,) = [cell.text for cell in source_of(course.solutions / "08_training.py").cells if cell.text.startswith("### 08.4")]
    assert set(re.findall(r"`bp\.(\w+)`", task)) == set(registry()["08.4"].allows)
    assert f"on a\n{'hundred' if ex4_fit._SCANS == 100 else ex4_fit._SCANS} scans" in task


def test_draws_that_are_cut_off_are_not_taken_for_a_2_left_out():
    def redrawn(rng, sizes):
        W = [None]
        for k, n in itertools.pairwise(sizes):
            draws = rng.normal(size=(n, k))
            while np.any(far := np.abs(draws) > 1.5):
                draws[far] = rng.normal(size=int(far.sum()))
            W.append(draws * np.sqrt(2 / k))
        return W

    told = outcome_of("08.2", redrawn)
    assert told.status == "wrong" and told.mistake is None and "times the standard deviation that is asked" in told.message, told
