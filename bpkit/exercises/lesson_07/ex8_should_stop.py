"""07.8: small enough for long enough."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from bpkit.exercises.lesson_07.shared import ALLOWS
from bpkit.exercises.model import Case, Exercise, Mistake

# label, patience, tol, costs; all binary fractions of a few digits where a fall is exactly tol
_HISTORIES = (
    ("falling all the time", 3, 0.01, [1.0, 0.9, 0.8, 0.7, 0.6, 0.5]),
    ("flat for three epochs", 3, 0.01, [1.0, 0.5, 0.4, 0.4, 0.4, 0.4]),
    ("flat for two epochs", 3, 0.01, [1.0, 0.5, 0.4, 0.4, 0.4]),
    ("rising in the end", 3, 0.01, [1.0, 0.5, 0.4, 0.6, 0.8, 1.0]),
    ("slowly falling", 3, 0.01, [1.0, 0.5, 0.496, 0.492, 0.488, 0.484]),
    ("slowly falling, by less than tol in each epoch", 3, 0.01, [1.0, 0.5, 0.491, 0.482, 0.473, 0.464]),
    ("falling by less than tol", 3, 0.01, [1.0, 0.5, 0.498, 0.496, 0.494, 0.492]),
    ("a dip among the last three", 3, 0.01, [1.0, 0.5, 0.4, 0.3, 0.45, 0.4]),
    ("worse than long ago", 3, 0.01, [1.0, 0.3, 0.5, 0.45, 0.42, 0.4]),
    ("worse than long ago, better than just before", 2, 0.01, [1.0, 0.3, 0.9, 0.8, 0.6, 0.5]),
    ("lower by one and a half tol at once", 3, 0.01, [1.0, 0.5, 0.484, 0.484, 0.484]),
    ("lower in the last epoch alone", 3, 0.01, [1.0, 0.5, 0.5, 0.5, 0.475]),
    ("too short", 3, 0.01, [1.0, 1.0]),
    ("as long as patience", 3, 0.01, [1.0, 1.0, 1.0]),
    ("flat for two epochs behind a fall", 3, 0.01, [1.0, 0.9, 0.6, 0.6, 0.6]),
    ("lower by exactly tol", 3, 0.125, [1.0, 0.5, 0.5, 0.4375, 0.375]),
    ("lower by a little more than tol", 3, 0.125, [1.0, 0.5, 0.5, 0.4375, 0.3671875]),
    ("lower by a hair more than tol", 3, 0.125, [1.0, 0.5, 0.5, 0.4375, 0.375 - 2.0**-12]),
    ("large costs, falling by twice tol", 3, 0.5, [900.0, 500.0, 500.0, 499.5, 499.0]),
    ("large costs, falling by half of tol", 3, 0.5, [900.0, 500.0, 500.0, 500.0, 499.75]),
    ("small costs, falling by half of tol", 3, 0.0625, [0.25, 0.125, 0.125, 0.125, 0.09375]),
    ("flat from the start", 3, 0.01, [1.0, 1.0, 1.0, 1.0]),
    ("a rise before a flat window", 3, 0.01, [0.5, 1.0, 0.5, 0.5, 0.5]),
    ("below tol and still falling", 3, 0.25, [2.0, 1.5, 1.0, 0.5, 0.25, 0.125]),
    ("below tol and too short", 3, 0.25, [0.5, 0.125]),
    ("one flat epoch", 1, 0.01, [1.0, 0.5, 0.5]),
    ("falling all the time", 1, 0.01, [1.0, 0.5, 0.3]),
    ("flat for two epochs", 2, 0.01, [1.0, 0.5, 0.4, 0.4, 0.4]),
    ("flat for four epochs", 5, 0.01, [1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]),
    ("a dip early in the window", 5, 0.01, [1.0, 0.9, 0.5, 0.9, 0.9, 0.9, 0.9]),
    ("flat for five epochs", 5, 0.01, [1.0, 0.9, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]),
    # short ones that no two rules near the right one or near a known mistake answer alike by chance
    *(
        (f"costs in the ratio {numbers}", patience, float(tol), [float(cost) for cost in numbers.split(", ")])
        for patience, tol, numbers in (
            (1, 3, "8, 8, 10"),
            (1, 2, "6, 3, 8, 10, 3, 6"),
            (1, 1, "8, 2, 8"),
            (2, 2, "8, 11, 5"),
            (4, 1, "4, 12, 11, 5, 8, 8, 3, 5, 8"),
            (1, 3, "1, 9, 6"),
            (2, 2, "12, 3, 9, 7, 5"),
            (2, 1, "6, 9, 4, 4, 7, 1, 10"),
            (2, 3, "9, 10, 2, 2, 1"),
            (4, 2, "8, 6, 11, 1, 7"),
            (1, 3, "8, 12"),
            (1, 2, "5, 3, 2"),
            (2, 3, "6, 4, 1, 11"),
        )
    ),
)


def _cases_history(rng: np.random.Generator) -> list[Case]:
    unit = 2.0 ** int(rng.integers(-1, 2))  # a power of two leaves every comparison as it is
    return [
        Case(f"{label}, patience {patience}", ([unit * cost for cost in history], tol * unit, patience))
        for label, patience, tol, history in _HISTORIES
    ]


def _should_stop(history: list[float], tol: float, patience: int) -> bool:
    return len(history) > patience and min(history[:-patience]) - min(history[-patience:]) <= tol


def _should_stop_oracle(history: list[float], tol: float, patience: int) -> bool:
    """Count the epochs since the best cost was last lowered by more than tol."""
    if len(history) <= patience:
        return False
    threshold = min(history[: len(history) - patience]) - tol
    return not any(cost < threshold for cost in history[len(history) - patience :])


def _step_by_step(history: list[float], tol: float, patience: int) -> bool:
    """Count the epochs that did not beat the best so far by tol, with a best that creeps along."""
    best, waited = history[0], 0
    for cost in history[1:]:
        waited = 0 if best - cost > tol else waited + 1
        best = min(best, cost)
    return waited >= patience


def _epochs_since_the_last_fall(history: list[float], tol: float, patience: int) -> bool:
    waited = 0
    for before, cost in pairwise(history):
        waited = 0 if before - cost > tol else waited + 1
    return waited >= patience


def _from_the_last_progress(history: list[float], tol: float, patience: int) -> bool:
    """Count the epochs since progress, with a best that only progress lowers."""
    best, waited = history[0], 0
    for cost in history[1:]:
        waited = 0 if best - cost > tol else waited + 1
        best = best if waited else cost
    return waited >= patience


def _once_and_for_all(history: list[float], tol: float, patience: int) -> bool:
    return any(_should_stop(history[: epoch + 1], tol, patience) for epoch in range(len(history)))


def _explain_stop(got: Any, history: list[float], tol: float, patience: int) -> str | None:
    """What the rule has to look at in this case, beside what the answer said."""
    if not isinstance(got, bool | int | float | np.ndarray) or np.ndim(got) or np.iscomplexobj(got):
        return None
    if got not in (0, 1):
        return f"You return {float(got):g}. Asked is True, to stop, or False."
    before, window = ([round(cost, 3) for cost in part] for part in (history[:-patience], history[-patience:]))
    told = f"before the window {before}, in the window {window}" if before else f"only {len(history)} epochs, {window}"
    return f"With patience {patience} and tol {tol:.3f}: {told}. You return {bool(got)}."


EXERCISE = Exercise(
    id="07.8",
    name="should_stop",
    title="Small enough for long enough",
    points=1,
    minutes=6,
    difficulty=2,
    allows=ALLOWS,
    cases=_cases_history,
    zeros=(1,),
    reference=_should_stop,
    oracle=_should_stop_oracle,
    equivalent={"tolerance, len(history) > patience → len(history) > patience + 0.001": "both are whole numbers"},
    explain=_explain_stop,
    hints=(
        "Compare two numbers: the best cost before the last `patience` epochs, and the best cost within them.",
        "The difference has a sign. What does it mean when the cost rises?",
        "With too few epochs there is nothing to compare, so go on. `history[-patience:]` is the window, `history[:-patience]` what came before.",
    ),
    mistakes=(
        Mistake(
            "compares unsigned",
            lambda history, tol, patience: len(history) > patience and abs(min(history[:-patience]) - min(history[-patience:])) <= tol,
            "You look at the size of the change. A cost that rises fast changes a lot, and your rule would go on for ever.",
        ),
        Mistake(
            "patience one too short",
            lambda history, tol, patience: _should_stop(history, tol, patience - 1),
            "You stop one epoch too early: `patience` epochs without progress are allowed to pass.",
        ),
        Mistake(
            "patience one too long",
            lambda history, tol, patience: _should_stop(history, tol, patience + 1),
            "You stop one epoch too late: after `patience` epochs without progress it is time.",
        ),
        Mistake(
            "tolerance ignored",
            lambda history, tol, patience: _should_stop(history, 0.0, patience),
            "Any fall counts as progress in your rule, however small. Progress is a fall of more than tol.",
        ),
        Mistake(
            "tolerance taken as a share",
            lambda history, tol, patience: _should_stop(history, tol * min(history[:-patience], default=0.0), patience),
            "You compare shares of a cost with tol. Here tol is a difference of costs, not a share of one.",
        ),
        Mistake(
            "a fall of exactly tol counts as progress",
            lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - min(history[-patience:]) < tol,
            "A fall of exactly tol is progress in your rule. Asked is: no progress of more than tol.",
        ),
        Mistake(
            "last step only",
            lambda history, tol, patience: len(history) > patience and history[-2] - history[-1] <= tol,
            "You compare the last two epochs. A single epoch without progress is no reason to stop, and slow progress adds up.",
        ),
        Mistake(
            "last epoch for the best of the window",
            lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - history[-1] <= tol,
            "You compare the last epoch alone with the best before. One of the epochs in the window may have been better.",
        ),
        Mistake(
            "slow progress not added up",
            _step_by_step,
            "You ask each epoch for its own fall by tol. Slow progress adds up: compare the best of the whole window with the best before it.",
        ),
        Mistake(
            "best lowered by progress alone",
            _from_the_last_progress,
            "You keep an old best until a cost beats it by more than tol. A small fall lowers the best as well: compare with the lowest cost "
            "before the window.",
        ),
        Mistake(
            "an earlier stop kept",
            _once_and_for_all,
            "You stop if the rule held at any epoch so far. Asked is whether it holds now, for the last `patience` epochs of `history`.",
        ),
        Mistake(
            "epoch against epoch",
            _epochs_since_the_last_fall,
            "You compare each epoch with the one before it. A cost that rises and comes back has made no progress: compare with the best before.",
        ),
        Mistake(
            "one value for the best before",
            lambda history, tol, patience: len(history) > patience and history[-patience - 1] - min(history[-patience:]) <= tol,
            "Before the window you look at a single epoch. The best of all the epochs before it counts.",
        ),
        Mistake(
            "window before for the best before",
            lambda history, tol, patience: len(history) > patience and min(history[-2 * patience : -patience]) - min(history[-patience:]) <= tol,
            "You compare two windows. What came before the window reaches back to the first epoch, and its best counts.",
        ),
        Mistake(
            "unsigned, two epochs",
            lambda history, tol, patience: len(history) > patience and abs(history[-patience - 1] - history[-1]) <= tol,
            "You compare two single epochs, and only the size of what lies between. A rising cost changes a lot; and in each part the best counts.",
        ),
        Mistake(
            "spread of the window",
            lambda history, tol, patience: len(history) > patience and max(history[-patience:]) - min(history[-patience:]) <= tol,
            "You look at the window alone: how far its costs lie apart. A noisy or rising cost would go on for ever. What was reached before it?",
        ),
        Mistake(
            "small changes within the window",
            lambda history, tol, patience: len(history) > patience and all(abs(a - b) <= tol for a, b in pairwise(history[-patience - 1 :])),
            "You ask for small changes from epoch to epoch. Small steps down add up, and a cost that rises changes a lot.",
        ),
        Mistake(
            "cost below tol",
            lambda history, tol, patience: history[-1] < tol,
            "You wait for the cost itself to be small. Nobody knows how small it can get; the rule asks whether it still falls.",
        ),
        Mistake("never stops", lambda history, tol, patience: False, "You never stop, whatever the costs. What has to hold for a stop?"),
        Mistake("always stops", lambda history, tol, patience: True, "You always stop, whatever the costs. What has to hold for a stop?"),
        Mistake(
            "the first epoch for the best before",
            lambda history, tol, patience: len(history) > patience and history[0] - min(history[-patience:]) <= tol,
            "You compare with the first epoch. The fall since then contains old progress: compare with the best before the window.",
        ),
        Mistake(
            "the worst before the window",
            lambda history, tol, patience: len(history) > patience and max(history[:-patience]) - min(history[-patience:]) <= tol,
            "You compare with the highest cost before the window. The lowest one says what had been reached.",
        ),
        Mistake(
            "means for the best",
            lambda history, tol, patience: len(history) > patience and np.mean(history[:-patience]) - np.mean(history[-patience:]) <= tol,
            "You compare means. The mean before the window remembers the first, high costs: the lowest cost says what had been reached.",
        ),
        Mistake("inverted", lambda history, tol, patience: not _should_stop(history, tol, patience), "Your answer is the opposite: True means stop."),
        Mistake(
            "stops when there is nothing to compare",
            lambda history, tol, patience: len(history) <= patience or _should_stop(history, tol, patience),
            "You stop when there are fewer epochs than patience asks for. Go on until there is something to compare.",
        ),
        Mistake(
            "compares with the epoch before the window",
            lambda history, tol, patience: len(history) > patience and history[-patience - 1] - history[-1] <= tol,
            "You compare two single epochs. Take the best before the window and the best within it.",
        ),
        Mistake(
            "first epoch for the best of the window",
            lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - history[-patience] <= tol,
            "You look at the first epoch of the window alone. A later one may be better, and the best of the window counts.",
        ),
        Mistake(
            "mean of the window",
            lambda history, tol, patience: len(history) > patience and min(history[:-patience]) - np.mean(history[-patience:]) <= tol,
            "You compare with the mean of the window. The best of its epochs counts.",
        ),
        Mistake(
            "difference the wrong way round",
            lambda history, tol, patience: len(history) > patience and min(history[-patience:]) - min(history[:-patience]) <= tol,
            "You subtract the best before the window from the best within it, so a fall is negative, and always at most tol. Which way round "
            "is progress positive?",
        ),
        Mistake(
            "last epoch for the window",
            lambda history, tol, patience: len(history) > patience and min(history[:-1]) - history[-1] <= tol,
            "You compare the last epoch with all epochs before it. The window holds the last `patience` epochs, and its best counts.",
        ),
        Mistake(
            "inverted where there is something to compare",
            lambda history, tol, patience: len(history) > patience and not _should_stop(history, tol, patience),
            "Where there is something to compare, your answer is the opposite: True means stop.",
        ),
    ),
)
