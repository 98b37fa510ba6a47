"""00.1: square every entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from bpkit.exercises.model import Case, Exercise, Mistake


def _cases_square(rng: np.random.Generator) -> list[Case]:
    signs = rng.permutation([-1, -1, -1, 1, 1, 1]).reshape(2, 3)
    return [
        Case("a whole number", (int(rng.choice([3, 5, 6, 7])),)),  # 2 and 4 are squared by other means as well
        Case("a single number", (float(rng.uniform(2.5, 4)),)),
        Case("an array of shape (2, 3)", (signs * rng.uniform(0.3, 2, size=(2, 3)),)),
        Case("an array of shape (3, 3)", (rng.normal(size=(3, 3)),)),
        Case("an array of shape (4,), whole numbers", (rng.permutation([1, 3, 5, 6]),)),
    ]


def _x_to_the_x(returned: Any, x: Any) -> bool:
    """Whether it is x to the power x, which is not a number where x is negative, or for some is taken of its size."""
    try:
        found, x = np.asarray(returned, dtype=float), np.asarray(x, dtype=float)
    except (TypeError, ValueError):
        return False
    if found.shape != x.shape:
        return False
    with np.errstate(all="ignore"):
        ways = np.abs(x) ** x, np.float_power(x, x)
    return bool(np.all(np.isnan(found) & (x < 0) | np.any([np.isclose(found, way, rtol=1e-9, atol=0) for way in ways], axis=0)))


EXERCISE = Exercise(
    id="00.1",
    name="square",
    title="Square every entry",
    points=1,
    minutes=2,
    difficulty=1,
    cases=_cases_square,
    reference=lambda x: x**2,
    oracle=lambda x: (x + 1) * (x - 1) + 1,
    hints=(
        "The function gets x and has to return something: replace the three dots.",
        "Multiply x by itself. numpy does it for each entry of an array.",
        "Python writes powers with two stars.",
    ),
    mistakes=(
        Mistake("doubled", lambda x: 2 * x, "You doubled x. To square is to multiply x by itself."),
        Mistake("power of two", lambda x: 2**x, "You raised 2 to the power x; base and exponent are swapped."),
        Mistake("^ for a power", lambda x: x ^ 2, "In Python `^` combines the bits of whole numbers. Powers have a sign of their own."),
        Mistake("cubed", lambda x: x**3, "You multiplied x by itself once too often."),
        Mistake("square root", lambda x: np.sqrt(x), "You went the other way: the root of x is the number whose square is x."),
        Mistake("sign kept", lambda x: x * np.abs(x), "The sizes are right, but your results keep the sign of x. What is minus two times minus two?"),
        Mistake("e to the power x", lambda x: np.exp(x), "You raised e to the power x. x itself is multiplied, by x."),
        Mistake("two added", lambda x: x + 2, "You added 2. The 2 of a square says how often x stands in a product."),
        Mistake("fourth power", lambda x: np.square(np.square(x)), "You squared twice. Once is asked."),
        Mistake(
            "x to the power x", lambda x: np.abs(x) ** x, "You raised x to the power x. In a square the exponent is 2, whatever x is.", _x_to_the_x
        ),
        Mistake(
            "reciprocal of the square",
            lambda x: 1 / np.square(x),
            "You divide by the square of x. A negative exponent does that; asked is the square itself.",
        ),
        Mistake("unchanged", lambda x: x, "Your function returns x as it came."),
        Mistake(
            "matrix product", lambda x: x @ x, "`@` is the matrix product, which adds along rows and columns. Here each entry is squared on its own."
        ),
        Mistake(
            "matrix product with the transpose",
            lambda x: x @ x.T,
            "`@` is the matrix product, here of x and its transpose. Each entry is to be squared on its own; and x may be a plain number.",
        ),
        Mistake(
            "dot product",
            lambda x: np.dot(x, x),
            "`np.dot` squares a number, but of two arrays it forms the matrix product. Each entry is to be squared on its own.",
        ),
        Mistake(
            "sum of squares",
            lambda x: np.sum(np.square(x)),
            "You added the squares up. Asked is an array of the same shape as x, with the square of each entry.",
        ),
        Mistake(
            "mean of squares",
            lambda x: np.mean(np.square(x)),
            "You averaged the squares. Asked is an array of the same shape as x, with the square of each entry.",
        ),
        Mistake(
            "length",
            lambda x: np.sqrt(np.sum(np.square(x))),
            "That is the length of x as a vector: squared, added up, and the root taken. Only the first of the three is asked.",
        ),
        Mistake("digits cut off", lambda x: int(x) ** 2, "`int` cuts off what stands behind the point, and takes no array. Square x as it is."),
        Mistake("rounded", lambda x: np.round(np.square(x)), "You rounded. Return what comes out, with all its digits."),
        Mistake("x rounded", lambda x: np.round(x) ** 2, "You rounded x before you squared it. Square x as it is."),
    ),
)
