"""What the bank says of every mistake and near miss is Chinese in the Chinese edition, set in Chinese signs."""

from __future__ import annotations

import re

import pytest

from bpkit import language
from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.selftest import _near_misses

FIGURE = re.compile(r"\d+(?:\.\d+)?(?:e[-+]\d+)?")
CODE = re.compile(r"`[^`]*`")
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [a-z]{2,}){2,}")
NARROW = re.compile(r".{0,9}(?:(?<=[\u3400-\u9fff])[,;:] |[,;:] (?=[\u3400-\u9fff])).{0,9}")
# what Python and numpy say of an error themselves: they say it in English
RAISED = (
    re.compile(r"unsupported operand type\(s\) for"),
    re.compile(r"object has no attribute"),
    re.compile(r"is out of bounds for (?:axis|array of dimension)"),
    re.compile(r"list index out of range"),
    re.compile(r"has a mismatch in its core dimension \d+, with gufunc signature"),
    re.compile(r"operands could not be broadcast together with shapes"),
    re.compile(r"all the input array dimensions except for the concatenation axis must match exactly, but along dimension \d+, [^。]*"),
    re.compile(r"(?:setting an|inhomogeneous|cannot (?:unpack|reshape)|not enough values|too many values|can only)[^。]*"),
)
EXERCISES = list(registry().values())


def left_in_english(said: str) -> list[str]:
    text = CODE.sub("", said)
    for raised in RAISED:
        text = raised.sub("", text)
    return [found[0] for pattern in (ENGLISH, NARROW) for found in pattern.finditer(text)]


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


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise", EXERCISES, ids=[exercise.id for exercise in EXERCISES])
def test_what_is_said_of_a_mistake_or_near_miss_is_chinese(exercise):
    judge = Judge.drawn(exercise, 0).as_drawn
    wrong = [(mistake.name, judge.run_mistake(mistake), "wrong", mistake.name) for mistake in exercise.mistakes]
    near = _near_misses(exercise, [("the reference", judge.run(exercise.reference), "right", None), *wrong])
    told: dict[str, tuple[str, str]] = {}  # what differs in its figures alone is looked at once
    for what, records in [*((name, records) for name, records, *_ in wrong), *near]:
        outcome = judge(records)
        for text in (outcome.message, outcome.where or ""):
            told.setdefault(FIGURE.sub("0", text), (what, text))
    for what, english in told.values():
        with language.speaking("zh"):
            chinese = language.translated(english)
        assert not left_in_english(chinese), f"{exercise.id}, {what}: {english!r} is said as {chinese!r}"
