"""Mistakes built from a formula's parts: each slip, every two of different parts, and none that another mistake is already."""

from __future__ import annotations

import pytest

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.slips import Slip, beside, mistakes_of, pairs


def line(slope=2, start=1):
    return lambda x: slope * x + start


SLIPS = (
    Slip("slope", 3, "slope 3", "The slope is too large. Why?"),
    Slip("slope", 0, "slope 0", "Nothing rises. Why?", alone=True),
    Slip("start", 0, "start 0", "The start is left out. Why?"),
    Slip("start", 5, "start 5", "The start is too high. Why?"),
)


def test_each_slip_and_every_pair_of_different_parts_is_a_mistake():
    made = mistakes_of(line, SLIPS)
    assert [mistake.name for mistake in made] == [
        "slope 3",
        "slope 0",
        "start 0",
        "start 5",
        "slope 3; start 0",
        "slope 3; start 5",
    ]
    assert [mistake.answer(10) for mistake in made] == [31, 1, 20, 25, 30, 35]
    assert made[0].hint == "The slope is too large. Why?"
    assert made[4].hint.startswith("Two slips at once: slope 3; and start 0.")


def test_a_pair_that_is_another_mistake_is_left_out():
    made = mistakes_of(line, SLIPS, told=[frozenset({"start 0", "slope 3"})])
    assert [mistake.name for mistake in made][4:] == ["slope 3; start 5"]


def test_each_two_slips_of_different_parts_are_one_mistake_that_says_both():
    made = pairs(line, SLIPS)
    assert [mistake.name for mistake in made] == ["slope 3; start 0", "slope 3; start 5"]
    assert [mistake.answer(10) for mistake in made] == [30, 35]
    assert made[0].hint == "Two things: The slope is too large. Why?; and The start is left out. Why?."


def test_pairs_whose_numbers_are_another_mistakes_are_left_out():
    assert [mistake.name for mistake in pairs(line, SLIPS, ("slope 3; start 0",))] == ["slope 3; start 5"]


def test_slips_of_one_result_among_several_say_where_they_are():
    first, *_ = beside(SLIPS, "dW", "db is right.")
    assert (first.part, first.wrong, first.name, first.says) == ("slope", 3, "slope 3 in dW", "db is right. The slope is too large. Why?")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise", [e for i, e in registry().items() if e.kind == "function" and i < "05"], ids=lambda e: e.id)
def test_every_mistake_gives_a_value_somewhere(exercise):
    """What raises in every case would be taken for anything else that raises the same."""
    judge = Judge.drawn(exercise, 2)
    for mistake in exercise.mistakes:
        assert any("returned" in record for record in judge.run_mistake(mistake)), mistake.name
