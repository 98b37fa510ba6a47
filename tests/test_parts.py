"""Mistakes put together from two slips, and that a mistake can be told from anything else that raises."""

from __future__ import annotations

import pytest

from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.exercises.parts import Slip, pairs


def formula(factor=2, term=1):
    return lambda x: factor * x + term


SLIPS = (
    Slip("factor", 3, "three", "it is three times"),
    Slip("factor", 4, "four", "it is four times"),
    Slip("term", 0, "no term", "nothing is added"),
)


def test_each_two_slips_of_different_parts_are_one_mistake_that_says_both():
    made = pairs(formula, SLIPS)
    assert [mistake.name for mistake in made] == ["three, no term", "four, no term"]
    assert [mistake.answer(5) for mistake in made] == [15, 20]
    assert made[0].hint == "Two things: it is three times; and nothing is added."


def test_pairs_whose_numbers_are_another_mistakes_are_left_out():
    assert [mistake.name for mistake in pairs(formula, SLIPS, ("three, no term",))] == ["four, no term"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("exercise", [e for i, e in registry().items() if e.kind == "function" and i < "05"], ids=lambda e: e.id)
def test_every_mistake_gives_a_value_somewhere(exercise):
    """What raises in every case would be taken for anything else that raises the same."""
    judge = Judge.drawn(exercise, 2)
    for mistake in exercise.mistakes:
        assert any("returned" in record for record in judge.run_mistake(mistake)), mistake.name
