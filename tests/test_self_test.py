"""The self-test of every exercise finds no fault, and what it hears of mistakes and near misses is Chinese in the Chinese edition."""

from __future__ import annotations

import re
from functools import cache

import pytest
from chinese import left_in_english

from bpkit import language
from bpkit.exercises import registry
from bpkit.exercises.selftest import SelfTest, self_test

EXERCISES = registry()
FIGURE = re.compile(r"\d+(?:\.\d+)?(?:e[-+]\d+)?")
each_exercise = pytest.mark.parametrize("exercise_id", EXERCISES)


@cache
def report_of(exercise_id: str, light: bool) -> SelfTest:
    """One run for all that is asked of it: it takes as long as a tenth of the suite."""
    # an answer to 08.4 trains four nets, so a seed of it takes as long as one of many others together;
    # `bpkit exercises --self-test 200` tries all of them
    seeds = 1 if light else 4 if exercise_id == "08.4" else 8
    return self_test(EXERCISES[exercise_id], seeds, near_misses=6 if light else None)


@each_exercise
def test_it_finds_no_fault(exercise_id, light):
    report = report_of(exercise_id, light)
    assert report.ok, "\n".join(report.faults[:5])
    assert len(report.told) == report.mistakes + report.near_misses


@pytest.mark.slow
@each_exercise
def test_what_is_told_is_chinese(exercise_id, light):
    told: dict[str, tuple[str, str]] = {}  # what differs in its figures alone, or in the mistake that is guessed, is looked at once
    for what, outcome in report_of(exercise_id, light).told:
        for text in (outcome.message, outcome.where):
            told.setdefault(FIGURE.sub("0", text.partition(', your numbers are those of "')[0]), (what, text))
    for what, english in told.values():
        with language.speaking("zh"):
            chinese = language.translated(english)
        assert not left_in_english(chinese), f"{exercise_id}, {what}: {english!r} is said as {chinese!r}"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("结果不对：every entry is wrong", ["every entry is wrong"]),
        ("结果不对, 差了 1", ["结果不对, 差了 1"]),
        ("它抛出了 IndexError：list index out of range。在 `the line of code`", []),
        ("x 的形状为 (2, 3)；W 是 2×4", []),
    ],
)
def test_english_and_narrow_signs_are_seen_and_what_python_says_is_not(said, left):
    assert left_in_english(said) == left
