"""Wrong rules near the right one neither pass nor are taken for a known mistake by chance; usual slips are named, and what is near them is not."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from judged import outcome_of

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge

# ---- 07.8: what is compared with what, and how ---------------------------------------------------------------------------

BEFORE = {
    "lowest before the window": lambda h, p: min(h[:-p]),
    "last before": lambda h, p: h[-p - 1],
    "first": lambda h, p: h[0],
    "highest before": lambda h, p: max(h[:-p]),
    "mean before": lambda h, p: np.mean(h[:-p]),
    "lowest of all": lambda h, p: min(h),
    "lowest before the window's second": lambda h, p: min(h[: len(h) - p + 1]),
    "lowest but for the last before": lambda h, p: min(h[: -p - 1] or h[:1]),
    "lowest but for the last of all": lambda h, p: min(h[:-1]),
    "lowest of the window before": lambda h, p: min(h[-2 * p : -p]),
    "lowest but for the first": lambda h, p: min(h[1:-p] or h[:1]),
}
WITHIN = {
    "lowest": lambda h, p: min(h[-p:]),
    "last": lambda h, p: h[-1],
    "first": lambda h, p: h[-p],
    "mean": lambda h, p: np.mean(h[-p:]),
    "median": lambda h, p: np.median(h[-p:]),
    "highest": lambda h, p: max(h[-p:]),
    "lowest and one before": lambda h, p: min(h[-p - 1 :]),
    "lowest but for the first": lambda h, p: min(h[1 - p :] if p > 1 else h[-1:]),
    "lowest of all": lambda h, p: min(h),
}
SIGN = {"as it is": lambda d: d, "size": abs, "turned": lambda d: -d}
TOLERANCE = {
    "tol": lambda tol, before: tol,
    "0": lambda tol, before: 0.0,
    "2 tol": lambda tol, before: 2 * tol,
    "half": lambda tol, before: tol / 2,
    "share": lambda tol, before: tol * before,
}
COMPARED = {"<=": lambda fall, tol: fall <= tol, "<": lambda fall, tol: fall < tol}
ENOUGH = {">": lambda n, p: n > p, "> p + 1": lambda n, p: n > p + 1, "> 2 p": lambda n, p: n > 2 * p, ">= 2 p": lambda n, p: n >= 2 * p and n > p}


def by_comparison(before, within, sign, tolerance, compared, enough):
    def stops(history, tol, patience):
        if not enough(len(history), patience):
            return False
        reached = before(history, patience)
        return bool(compared(sign(reached - within(history, patience)), tolerance(tol, reached)))

    return stops


def by_waiting(lowered_by_progress_alone, for_good, last_for_best):
    def stops(history, tol, patience):
        best, waited, stopped = history[0], 0, False
        for last, cost in itertools.pairwise(history):
            waited = 0 if (last if last_for_best else best) - cost > tol else waited + 1
            best = (best if waited else cost) if lowered_by_progress_alone else min(best, cost)
            stopped = (stopped and for_good) or waited >= patience
        return stopped

    return stops


def stop_rules():
    for parts in itertools.product(*(part.items() for part in (BEFORE, WITHIN, SIGN, TOLERANCE, COMPARED, ENOUGH))):
        yield ", ".join(name for name, _ in parts), by_comparison(*(rule for _, rule in parts))
    for ways in itertools.product((False, True), repeat=3):
        yield f"waiting {ways}", by_waiting(*ways)


def some_costs_with_tol(rng):
    return [float(rng.randint(1, 12)) for _ in range(rng.randint(2, 9))], float(rng.randint(1, 3)), rng.randint(1, 4)


# ---- 08.7: what is a record, what is counted, when it stops, what is returned ----------------------------------------------

RECORD = {"<": lambda cost, best: cost < best, "<=": lambda cost, best: cost <= best, ">": lambda cost, best: cost > best}
COUNTED = {
    "since the record": lambda bad, record, cost, last, best, since: since,
    "all without a record": lambda bad, record, cost, last, best, since: bad + (not record),
    "rises in a row": lambda bad, record, cost, last, best, since: bad + 1 if cost >= last else 0,
    "strict rises in a row": lambda bad, record, cost, last, best, since: bad + 1 if cost > last else 0,
    "all rises": lambda bad, record, cost, last, best, since: bad + (cost >= last),
    "worse than the record": lambda bad, record, cost, last, best, since: 0 if record else bad + (cost > best),
    "worse than the record in a row": lambda bad, record, cost, last, best, since: bad + 1 if cost > best else 0,
}
STOPS = {
    "patience": lambda p: p,
    "one more": lambda p: p + 1,
    "one less": lambda p: max(p - 1, 1),
    "3": lambda p: 3,
    "never": lambda p: np.inf,
    "twice": lambda p: 2 * p,
}
RETURNED = {
    "record": lambda h, best, at, p: best + 1,
    "record from 0": lambda h, best, at, p: best,
    "stop": lambda h, best, at, p: at + 1,
    "patience before the stop": lambda h, best, at, p: at + 1 - p,
    "lowest until the stop": lambda h, best, at, p: int(np.argmin(h[: at + 1])) + 1,
    "lowest before the stop": lambda h, best, at, p: int(np.argmin(h[: max(at, 1)])) + 1,
    "last lowest until the stop": lambda h, best, at, p: at + 1 - int(np.argmin(h[: at + 1][::-1])),
    "last lowest of all": lambda h, best, at, p: len(h) - int(np.argmin(h[::-1])),
}


def by_counting(is_record, counted, stops, returned):
    def best_epoch(history, patience):
        best = bad = epoch = 0
        for epoch, cost in enumerate(history[1:], start=1):
            record = is_record(cost, history[best])
            best = epoch if record else best
            bad = counted(bad, record, cost, history[epoch - 1], history[best], epoch - best)
            if bad >= stops(patience):
                break
        return returned(history, best, epoch, patience)

    return best_epoch


def epoch_rules():
    for parts in itertools.product(*(part.items() for part in (RECORD, COUNTED, STOPS, RETURNED))):
        yield ", ".join(name for name, _ in parts), by_counting(*(rule for _, rule in parts))


def some_costs(rng):
    return [float(rng.randint(1, 9)) for _ in range(rng.randint(1, 9))], rng.randint(1, 4)


# ---- both ----------------------------------------------------------------------------------------------------------------


def what(rule, inputs):
    try:
        return rule(*inputs)
    except (IndexError, ValueError, ZeroDivisionError) as error:
        return type(error).__name__


@pytest.mark.slow
@pytest.mark.parametrize(
    ("exercise_id", "rules", "some", "at_least"), [("07.8", stop_rules, some_costs_with_tol, 5000), ("08.7", epoch_rules, some_costs, 500)]
)
def test_no_rule_passes_or_is_taken_for_a_known_mistake_by_chance(exercise_id, rules, some, at_least):
    exercise, rng = registry()[exercise_id], random.Random(5)
    cases = [case.args for case in Judge.drawn(exercise, 0).cases]
    others = [some(rng) for _ in range(500)]
    known = [("right", exercise.reference), *((m.name, m.answer) for m in exercise.mistakes if m.recognise is None)]
    by_verdicts = {tuple(what(rule, case) for case in cases): name for name, rule in known}
    alone = {name: [what(rule, inputs) for inputs in others] for name, rule in known}
    by_chance, tried = [], 0
    for name, rule in rules():
        tried += 1
        found = by_verdicts.get(tuple(what(rule, case) for case in cases))
        if found is not None and [what(rule, inputs) for inputs in others] != alone[found]:
            by_chance.append((name, found))
    assert tried > at_least
    assert by_chance == []


# ---- slips of a blind trial, and what is near them ------------------------------------------------------------------------


def fork(x, y, v=lambda x, y: x + 2 * y, of_y=lambda y: 2 * y):
    u, at = x * y, v(x, y)
    return y * np.sin(at) + u * np.cos(at), x * np.sin(at) + u * np.cos(at) * of_y(y)


def layer_norm(x, gamma, g, epsilon, for_mean, for_deviation):
    centred = x - x.mean(axis=0)
    s = np.sqrt((centred**2).mean(axis=0) + epsilon)
    h, d = centred / s, gamma * g
    dx = (d - for_mean(gamma, g).mean(axis=0) - h * (for_deviation(gamma, g) * h).mean(axis=0)) / s
    return [dx, (g * h).sum(axis=1, keepdims=True)]


def in_time(x, h, U, g, slope):
    dW, dU, db, carried = np.zeros((len(U), len(x[1]))), np.zeros(U.shape), np.zeros((len(U), 1)), 0.0
    for t in range(len(x) - 1, 0, -1):
        delta = slope(h[t]) * (g[t] + carried)
        dW, dU, db = dW + delta @ x[t].T, dU + delta @ h[t - 1].T, db + delta.sum(axis=1, keepdims=True)
        carried = U.T @ delta
    return dW, dU, db


def first_copies(G, shape, taken=0):
    for _ in range(G.ndim - len(shape)):
        G = G[taken]
    return G.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def weights_with(power):
    return lambda S, lse, V, g, o: power(S, lse) * (V.T @ g - (o * g).sum(axis=0))


def with_gamma(gamma, g):
    return gamma * g


def without_gamma(gamma, g):
    return g


SLIPS = [
    ("02.1", fork, "2y for y² in v"),
    ("02.1", lambda x, y: fork(x, y, v=lambda x, y: x + 3 * y), None),
    ("02.1", lambda x, y: (y * np.cos(x + y**2), 2 * x * y * np.cos(x + y**2)), "product of the slopes"),
    ("02.1", lambda x, y: (y * np.cos(x + y**2), 3 * x * y * np.cos(x + y**2)), None),
    ("10.4", first_copies, "first copy along the new axes"),
    ("10.4", lambda G, shape: first_copies(G, shape, taken=-1), None),
    ("11.26", lambda *args: layer_norm(*args, without_gamma, with_gamma), "γ left out of the path through the mean"),
    ("11.26", lambda *args: layer_norm(*args, with_gamma, without_gamma), "γ left out of the path through the deviation"),
    ("11.26", lambda *args: layer_norm(*args, without_gamma, without_gamma), "γ in neither mean"),
    ("11.26", lambda *args: layer_norm(*args, lambda gamma, g: g / 2, with_gamma), None),
    ("13.8", weights_with(lambda S, lse: np.exp(lse - S)), "sign of the exponent"),
    ("13.8", weights_with(lambda S, lse: np.exp((lse - S) / 2)), None),
    ("14.5", lambda *args: in_time(*args, lambda h: (1 - h) ** 2), "1 - h, squared as a whole"),
    ("14.5", lambda *args: in_time(*args, lambda h: (1 - h) ** 3), None),
]


@pytest.mark.filterwarnings("ignore:.*encountered")
@pytest.mark.parametrize(("exercise_id", "answer", "mistake"), SLIPS)
def test_a_slip_is_named_and_what_is_near_it_is_not(exercise_id, answer, mistake):
    for seed in range(3):
        outcome = outcome_of(exercise_id, answer, seed)
        assert outcome.status == "wrong"
        assert (None if outcome.mistake == "not finite" else outcome.mistake) == mistake, outcome.message
