"""Mutants of a reference, and that a bank whose cases cannot tell one is found out."""

from __future__ import annotations

import dataclasses

import pytest

from bpkit.exercises import registry
from bpkit.exercises.mutants import mutants, try_mutants


def add_up(x):
    total = 0
    for value in x:
        if value > 1:
            total += -value * 2
    return total


@pytest.mark.parametrize(
    "name",
    [
        "= for +=, total += -value * 2 → total = -value * 2",
        "comparison, value > 1 → value >= 1",
        "constant, 2 → 3",
        "operator, -value * 2 → -value / 2",
        "sign, -value → value",
        "sign, return total → return -total",
        "tolerance, value > 1 → value > 1 + -0.001",
        "statement dropped, total += -value * 2 → nothing",
    ],
)
def test_each_kind_of_change_is_made(name):
    made = dict(mutants(add_up))
    assert (name in made and made[name]([3.0, 1.0, 2.0]) != add_up([3.0, 1.0, 2.0])) or ">= 1" in name


def test_a_lambda_has_mutants_too():
    assert [name for name, _ in mutants(registry()["06.4"].reference)]


def test_cases_that_cannot_tell_a_mutant_let_it_survive_and_a_reason_settles_it():
    exercise = registry()["05.4"]
    assert try_mutants(exercise).tried > 0
    lax = dataclasses.replace(exercise, accepts=lambda *given: True)
    survivors = try_mutants(lax).survivors
    assert survivors
    assert survivors[0] not in try_mutants(dataclasses.replace(lax, equivalent={survivors[0]: "a reason"})).survivors
