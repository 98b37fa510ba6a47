"""Mistakes built from a formula's parts: each slip, every two of different parts, and none that another mistake is already."""

from __future__ import annotations

from bpkit.exercises.slips import Slip, mistakes_of


def line(slope=2, start=1):
    return lambda x: slope * x + start


SLIPS = (
    Slip("slope", "slope 3", 3, "The slope is too large. Why?"),
    Slip("slope", "slope 0", 0, "Nothing rises. Why?", alone=True),
    Slip("start", "start 0", 0, "The start is left out. Why?"),
    Slip("start", "start 5", 5, "The start is too high. Why?"),
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
