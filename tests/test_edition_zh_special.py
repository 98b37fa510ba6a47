"""What is said of special numbers, of single numbers and before a mistake's hint is Chinese in the Chinese edition."""

from __future__ import annotations

import numpy as np
import pytest
from chinese import left_in_english

from bpkit import language
from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.judging.amounts import _OF_AN_ARRAY, _POWERS, _TIMES
from bpkit.exercises.selftest import _nudged

FUNCTIONS = [exercise for exercise in registry().values() if exercise.kind == "function"]
AMOUNTS = [words.format(name="x") for words in _OF_AN_ARRAY]


def chinese(said: str) -> str:
    with language.speaking("zh"):
        return language.translated(said)


@pytest.mark.slow
@pytest.mark.parametrize("exercise", FUNCTIONS, ids=[exercise.id for exercise in FUNCTIONS])
def test_a_case_of_special_numbers_is_named_in_chinese(exercise):
    judge = Judge.drawn(exercise, 0)
    records = judge.run(exercise.reference)
    for k in range(len(judge.cases) - judge.special, len(judge.cases)):
        nudged = _nudged(records[k].get("returned"))
        if exercise.accepts is None and nudged is not None:
            outcome = judge([*records[:k], {**records[k], "returned": nudged}, *records[k + 1 :]])
            assert outcome.status == "wrong" and judge.cases[k].label in outcome.where
            for text in (outcome.message, outcome.where):
                assert not left_in_english(chinese(text)), (text, chinese(text))


@pytest.mark.parametrize(
    "said",
    [
        *(f"Your number is nothing but {amount}." for amount in AMOUNTS),
        *(f"In dW, your number is {amount}, divided by the number of columns of `y`." for amount in AMOUNTS),
        *(f"Your number is the right one {way.format(amount=amount)}." for way in _TIMES for amount in AMOUNTS[:3]),
        *(f"Your numbers are the right ones, {way.format(amount=amount)}." for way in _POWERS for amount in AMOUNTS[:3]),
        *(f"Your number is {words} in every case." for words in ("too large", "too small", "off by the same amount")),
        "Your numbers are the right ones with the last row of `K` left out. Does a loop or a slice of yours begin or end one place off?",
        "The wrong entries of dW are exactly those where `x` is other than 0.",
        "The wrong entries are all among those where `x` is more than 0.",
        "Write each of ABC once, as text such as 'CBA'. Found 'ADA'; missing: BC, not among them: D, more than once: A.",
    ],
)
def test_what_relates_numbers_is_said_in_chinese(said):
    found = chinese(said)
    assert not left_in_english(found) and " is " not in found and "your" not in found.lower(), found


@pytest.mark.slow
@pytest.mark.parametrize("exercise", FUNCTIONS, ids=[exercise.id for exercise in FUNCTIONS])
def test_a_mistake_that_is_guessed_from_one_case_is_told_in_chinese(exercise):
    label = exercise.cases(np.random.default_rng(0))[0].label
    mistake = max(
        exercise.mistakes, key=lambda mistake: (mistake.name.count("; "), mistake.hint.count(": ") + mistake.hint.count("; "), mistake.name)
    )
    said = f'In the case {label}, your numbers are those of "{mistake.name}": {mistake.hint}'
    found = chinese(said)
    assert found.startswith("在情形") and not left_in_english(found), (said, found)
