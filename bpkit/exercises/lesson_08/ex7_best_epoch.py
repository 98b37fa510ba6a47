"""08.7: the epoch to go back to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_08.shared import ALLOWED
from bpkit.exercises.model import Case, Exercise, Mistake

_HISTORIES = (
    ("lowest in the middle", 3, [0.9, 0.5, 0.3, 0.4, 0.45, 0.5, 0.6]),
    ("still falling", 3, [0.9, 0.7, 0.5, 0.4, 0.35]),
    ("lower again after patience ran out", 3, [0.9, 0.5, 0.6, 0.7, 0.65, 0.3, 0.4]),
    ("lower again long after patience ran out", 3, [0.9, 0.5, 0.6, 0.7, 0.65, 0.66, 0.3]),
    ("four times worse, then lower", 3, [0.9, 0.5, 0.6, 0.7, 0.8, 0.85, 0.3]),
    ("worse once, then lower", 3, [0.9, 0.5, 0.6, 0.3, 0.35]),
    ("lower again just in time", 3, [0.9, 0.5, 0.6, 0.7, 0.3, 0.4, 0.5, 0.6]),
    ("worse every other epoch", 3, [0.9, 0.7, 0.8, 0.6, 0.7, 0.5, 0.6, 0.4, 0.5, 0.3]),
    ("the same low twice", 3, [0.9, 0.4, 0.5, 0.4, 0.6]),
    ("three times the same", 3, [0.9, 0.4, 0.4, 0.4, 0.2]),
    ("down and up, always above the best", 3, [0.9, 0.2, 0.8, 0.5, 0.7, 0.1]),
    ("lower by a hair", 3, [0.9, 0.5, 0.4998, 0.6, 0.7, 0.8]),
    ("best at once", 3, [0.3, 0.5, 0.6, 0.9]),
    ("one epoch", 3, [0.7]),
    ("costs in the thousands", 3, [9000.0, 5000.0, 3000.0, 4000.0]),
    ("worse once, then lower", 1, [0.9, 0.5, 0.6, 0.3]),
    ("worse twice, then lower", 2, [0.9, 0.5, 0.6, 0.55, 0.3]),
    ("worse once, then lower", 2, [0.9, 0.5, 0.6, 0.3, 0.2]),
    ("lower again just in time", 5, [0.9, 0.5, 0.6, 0.7, 0.65, 0.66, 0.3, 0.4]),
    ("lower again, then at an end", 5, [0.9, 0.3, 0.5]),
    ("lower again after patience ran out", 5, [0.9, 0.5, 0.6, 0.7, 0.65, 0.66, 0.6, 0.3]),
    # equal costs next to a stop, where counts of worse epochs, of epochs without a record and of rises differ
    ("equal costs, then lower", 1, [0.6, 0.6, 0.7, 0.5, 0.3, 0.6, 0.9, 0.2, 0.5]),
    ("equal costs from the start", 3, [0.5, 0.5, 0.5, 0.7, 0.9, 0.4, 0.9]),
    ("back at the first cost, then lower", 4, [0.5, 0.7, 0.7, 0.5, 0.6, 0.8, 0.1, 0.9]),
)


def _cases_best(rng: np.random.Generator) -> list[Case]:
    unit = float(rng.uniform(0.5, 2))
    return [Case(f"{label}, patience {patience}", ([unit * cost for cost in history], patience)) for label, patience, history in _HISTORIES]


def _best_epoch(history: list[float], patience: int) -> int:
    best = 1
    for epoch, cost in enumerate(history, start=1):
        if cost < history[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best


def _best_oracle(history: list[float], patience: int) -> int:
    """The first record after which no new record follows within `patience` epochs, or the last record of all."""
    records = [k for k, cost in enumerate(history) if all(cost < before for before in history[:k])]
    for record, following in pairwise([*records, len(history) + patience]):
        if following - record > patience:
            return record + 1
    return records[-1] + 1


def _with_rule(better: Callable[[float, float], bool] = lambda cost, best: cost < best, slack: int = 0) -> Callable[[list[float], int], int]:
    def best_epoch(history: list[float], patience: int) -> int:
        best = 1
        for epoch, cost in enumerate(history, start=1):
            if epoch > 1 and better(cost, history[best - 1]):
                best = epoch
            elif epoch - best >= patience + slack:
                break
        return best

    return best_epoch


def _stopping_epoch(history: list[float], patience: int) -> int:
    return min(_best_epoch(history, patience) + patience, len(history))


def _first_rise(history: list[float], patience: int) -> int:
    for epoch in range(1, len(history)):
        if history[epoch] >= history[epoch - 1]:
            return epoch
    return len(history)


def _rises_in_a_row(history: list[float], patience: int) -> int:
    rises = 0
    for k in range(1, len(history)):
        rises = rises + 1 if history[k] >= history[k - 1] else 0
        if rises == patience:
            return int(np.argmin(history[: k + 1])) + 1
    return int(np.argmin(history)) + 1


def _bad_epochs_in_all(history: list[float], patience: int) -> int:
    """The epochs without a new lowest cost are counted and never forgotten."""
    best, bad = 1, 0
    for epoch, cost in enumerate(history[1:], start=2):
        if cost < history[best - 1]:
            best = epoch
        elif (bad := bad + 1) >= patience:
            break
    return best


def _explain_epoch(value: Any, history: list[float], patience: int) -> str | None:
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) != 1:
        return None  # the shape says it
    if np.iscomplexobj(value):
        return None  # the dtype says it
    epoch = float(np.asarray(value).item())
    if not (epoch.is_integer() and 1 <= epoch <= len(history)):  # nor is nan
        return f"Asked is an epoch, so a whole number from 1 to {len(history)} for these {len(history)} costs; found {epoch:g}."
    costs = ", ".join(f"{cost:.2f}" for cost in history)
    stop = min(_best_epoch(history, patience) + patience, len(history))
    if epoch > stop:
        return f"For the costs {costs} and patience {patience} you name epoch {epoch:g}: training had stopped before."
    return f"For the costs {costs} and patience {patience} you name epoch {epoch:g}. Is its cost the lowest until training stops?"


def _stop(history: list[float], patience: int) -> int:
    """The epoch that training ends at for want of progress; the best one where it does not."""
    best = _best_epoch(history, patience)
    return best + patience if best + patience <= len(history) else best


def _by_a_margin(value: Any, history: list[float], patience: int) -> bool:
    """Whether it is the epoch of somebody who takes a cost for lower only where it is so by some share or amount, or after rounding."""
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) != 1 or np.iscomplexobj(value):
        return False
    margins = (0.05, 0.02, 0.01, 0.005, 0.001, 1e-4)
    rules = [lambda cost, best, by=by: cost < (1 - by) * best for by in margins]
    rules += [lambda cost, best, by=by: cost < best - by for by in margins]
    rules += [lambda cost, best, digits=digits: round(cost, digits) < round(best, digits) for digits in (1, 2, 3)]
    return any(np.asarray(value).item() == _with_rule(better=rule)(history, patience) for rule in rules)


def _of_smoothed_costs(value: Any, history: list[float], patience: int) -> bool:
    """Whether it is the best epoch by means of two costs; two that are equal may differ by their rounding, by how they are written."""
    if not isinstance(value, int | float | np.number | np.ndarray) or np.size(value) != 1 or np.iscomplexobj(value):
        return False
    ways = [[(a + b) / 2 for a, b in pairwise(history)], [0.5 * a + 0.5 * b for a, b in pairwise(history)]]
    ways += [[0.5 * b + 0.5 * a for a, b in pairwise(history)], [round((a + b) / 2, 9) for a, b in pairwise(history)]]
    return any(np.asarray(value).item() == _best_epoch([history[0], *smoothed], patience) for smoothed in ways)


EXERCISE = Exercise(
    id="08.7",
    name="best_epoch",
    title="The epoch to go back to",
    points=1,
    minutes=8,
    difficulty=2,
    allows=ALLOWED,
    cases=_cases_best,
    reference=_best_epoch,
    oracle=_best_oracle,
    equivalent={"tolerance, epoch - best >= patience → epoch - best >= patience + -0.001": "both are whole numbers"},
    explain=_explain_epoch,
    hints=(
        "Go through the costs once and keep one number: the epoch with the lowest cost so far.",
        "At every epoch one of two things holds. Either there is a new lowest cost, or some epochs have gone by without one: how many?",
        "Give up when the epoch minus the best epoch has reached `patience`. Epochs count from 1, and only a cost that is truly lower is a new best.",
    ),
    mistakes=(
        Mistake(
            "patience counted in all",
            _bad_epochs_in_all,
            "You count the epochs without a new lowest cost in all. A new lowest cost starts the count again: what matters is how many passed since.",
        ),
        Mistake(
            "last epoch",
            lambda history, patience: len(history),
            "You take the last epoch. The cost on held-back examples may have been lower long before.",
        ),
        Mistake(
            "the epoch at which it stops",
            _stopping_epoch,
            "You name the epoch at which patience ran out. Asked is the one to go back to: the best until then.",
        ),
        Mistake(
            "patience ignored",
            lambda history, patience: int(np.argmin(history)) + 1,
            "You look at the whole history. After `patience` epochs without a new lowest cost training ends, and later epochs never happen.",
        ),
        Mistake(
            "counted from 0",
            lambda history, patience: _best_epoch(history, patience) - 1,
            "Your count starts at 0. The first epoch is epoch 1.",
        ),
        Mistake(
            "the later of two equal ones",
            _with_rule(better=lambda cost, best: cost <= best),
            "Where two epochs are equally good you take the later one. Only a lower cost is a reason to go on.",
        ),
        Mistake(
            "patience one too short",
            _with_rule(slack=-1),
            "You give up one epoch too early: `patience` epochs may pass without a new lowest cost.",
        ),
        Mistake("patience one too long", _with_rule(slack=1), "You give up one epoch too late: when `patience` epochs have passed, training ends."),
        Mistake(
            "last epoch not looked at",
            lambda history, patience: _best_epoch(history[:-1] or history, patience),
            "You never look at the last epoch of `history`. It may be the lowest.",
        ),
        Mistake(
            "patience taken away from the last epoch",
            lambda history, patience: max(_stopping_epoch(history, patience) - patience, 1),
            "You take `patience` away from the epoch at which you end. That is the best one only where patience ran out; `history` may end before.",
        ),
        Mistake(
            "highest for lowest",
            lambda history, patience: _best_epoch([-cost for cost in history], patience),
            "You look for the highest value. That would be right for accuracies; these are costs.",
        ),
        Mistake(
            "first rise",
            _first_rise,
            "You stop at the first epoch that is not lower than the one before. Costs on held-back examples go up and down: hence the patience.",
        ),
        Mistake(
            "rises in a row",
            _rises_in_a_row,
            "You count epochs that are worse than the one before them. What counts is whether there is a new lowest cost.",
        ),
        Mistake(
            "patience ignored; counted from 0",
            lambda history, patience: int(np.argmin(history)),
            "Two things: the first epoch is epoch 1, and after `patience` epochs without a new lowest cost training ends.",
        ),
        Mistake(
            "the lowest cost",
            lambda history, patience: min(history),
            "That is the lowest cost of the whole history. Asked is an epoch: the best one until training stops.",
        ),
        Mistake(
            "the cost for the epoch",
            lambda history, patience: history[_best_epoch(history, patience) - 1],
            "That is the lowest cost. Asked is its epoch.",
        ),
        Mistake(
            "the epoch of the stop",
            _stop,
            "You name the epoch at which training stops. Asked is the one to go back to: that with the lowest cost until then.",
        ),
        Mistake(
            "only a clear improvement",
            _with_rule(better=lambda cost, best: cost < 0.99 * best),
            "A cost that is lower by very little is no new lowest one in your count. Do you ask for some margin, or round? Lower is lower.",
            recognise=_by_a_margin,
        ),
        Mistake(
            "smoothed costs",
            lambda history, patience: _best_epoch([history[0], *((a + b) / 2 for a, b in pairwise(history))], patience),
            "You look for the lowest mean of two epochs that follow each other. Asked is the lowest cost, as it stands in `history`.",
            recognise=_of_smoothed_costs,
        ),
    ),
)
