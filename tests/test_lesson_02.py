"""What lesson 02 says of its theorems holds by numbers, and the lessons that use them say so."""

from pathlib import Path

import numpy as np
from course_sources import source_of

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"


def text_of(slug):
    return "\n\n".join(cell.text for cell in source_of(SOLUTIONS / f"{slug}.py").cells if cell.kind == "markdown")


def left_over(f, place, row, direction, size):
    """How far f is from its linear part after a step, over the step's length."""
    step = size * direction / np.linalg.norm(direction)
    return abs(f(place + step) - f(place) - row @ step) / size


def test_a_composition_of_differentiable_maps_leaves_nothing_over_in_any_direction():
    def fork(v):
        x, y = v
        return x * y * np.sin(x + y**2)

    place = np.array([0.7, -0.4])
    x, y = place
    u, v = x * y, x + y**2
    row = np.array([np.sin(v), u * np.cos(v)]) @ np.array([[y, x], [1.0, 2 * y]])  # f'(g(x)) g'(x)
    for direction in np.random.default_rng(2).normal(size=(20, 2)):
        errors = [left_over(fork, place, row, direction, size) for size in (1e-2, 1e-3, 1e-4)]
        assert errors[0] < 0.1 and errors[2] < errors[0] / 50


def test_partial_derivatives_of_the_inner_map_give_partial_derivatives_and_no_more():
    """The theorem's conclusion is about axes: its inner map here is not differentiable, and neither is the composition."""

    def g(v):
        x, y = v
        return x * x * y / (x * x + y * y) if np.any(v) else 0.0

    origin = np.zeros(2)
    for axis in np.eye(2):
        assert left_over(g, origin, np.zeros(2), axis, 1e-6) == 0
    assert left_over(g, origin, np.zeros(2), np.ones(2), 1e-6) > 0.3


def test_what_later_lessons_use_is_stated_and_proved():
    text = text_of("02_chain_rule")
    assert "a composition of differentiable maps is differentiable" in text
    box = text.partition("<details><summary>Optional: both proofs")[2].partition("</details>")[0]
    assert "**The chain rule.**" in box and "**A composition of differentiable maps.**" in box and box.count(r"\blacksquare") == 2
    for user in ("09_any_function", "10_autodiff"):
        assert "composition of differentiable maps" in text_of(user)
