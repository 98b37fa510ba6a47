"""15.1: a quotient of dual numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bpkit.exercises.lesson_15.shared import Array, nearly
from bpkit.exercises.model import Answer, Case, Exercise, Mistake
from bpkit.exercises.slips import Slip, mistakes_of


def _cases(rng: np.random.Generator) -> list[Case]:
    cases = []
    for shape in ((3, 3), (2, 1, 4), (4,)):
        a, a_dot, b_dot = rng.normal(size=(3, *shape))
        b = rng.uniform(0.4, 2.5, size=shape) * np.where(np.arange(a.size).reshape(shape) % 2, 1, -1)
        if len(shape) == 3:  # so fast that no difference with a step comes near
            a_dot, b_dot = 1e4 * a_dot, 1e4 * b_dot
        if len(shape) == 1:  # so small that what is added below the line is seen
            b[1] = rng.uniform(0.6, 0.9)
            a, a_dot, b, b_dot = (1e-3 * part for part in (a, a_dot, b, b_dot))
        cases.append(Case(f"arrays of shape {shape}", (a, a_dot, b, b_dot)))
    return cases


def _dual_quotient(a: Array, a_dot: Array, b: Array, b_dot: Array) -> list[Array]:
    value = a / b
    return [value, (a_dot - value * b_dot) / b]


def _by_complex_step(a: Array, a_dot: Array, b: Array, b_dot: Array) -> list[Array]:
    quotient = (a + 1e-30j * a_dot) / (b + 1e-30j * b_dot)
    return [quotient.real, quotient.imag / 1e-30]


Term = Callable[[Array, Array, Array, Array], Any]


def _in_parts(
    first: Term = lambda a, a_dot, b, b_dot: a_dot * b,
    second: Term = lambda a, a_dot, b, b_dot: a * b_dot,
    sign: int = -1,
    below: Callable[[Array], Any] = lambda b: b * b,
) -> Answer:
    """The value is right; the tangent is (first ± second) / below."""
    return lambda *given: [given[0] / given[2], (first(*given) + sign * second(*given)) / below(given[2])]


def _explain(value: Any, *given: Array) -> str | None:
    if not nearly(value, _dual_quotient(*given)):
        return None
    return (
        "You are off by less than a tenth of the largest entry, and that is more than rounding. Is something small added below the line, or is "
        "the tangent a difference with a step? The rule needs neither."
    )


EXERCISE = Exercise(
    id="15.1",
    name="dual_quotient",
    title="A quotient of dual numbers",
    points=2,
    minutes=7,
    difficulty=2,
    part=("the value", "the tangent"),
    cases=_cases,
    reference=_dual_quotient,
    explain=_explain,
    plain=(2,),
    oracle=_by_complex_step,
    hints=(
        "The value is what it always was. For the tangent, call the quotient q and write down what q times b must be, as dual numbers.",
        "The product rule for q times b gives one equation, in which the tangent of q is the only unknown.",
        "The tangent of a is the value of q times the tangent of b, and the tangent of q times the value of b, added. Solve for the tangent of q.",
    ),
    mistakes=(
        Mistake(
            "quotient of the tangents",
            lambda a, a_dot, b, b_dot: [a / b, a_dot / b_dot],
            "You divide the tangents by each other. Let b stand still, so that its tangent is 0: is the answer infinite then?",
        ),
        Mistake(
            "b's tangent squared below",
            lambda a, a_dot, b, b_dot: [a / b, (a_dot * b - a * b_dot) / b_dot**2],
            "Below the line stands the square of a tangent. Let b stand still: what do you divide by then?",
        ),
        Mistake(
            "product for quotient",
            lambda a, a_dot, b, b_dot: [a * b, a_dot * b + a * b_dot],
            "That is the product of the two. Here the first is divided by the second.",
        ),
        Mistake(
            "value multiplied",
            lambda a, a_dot, b, b_dot: [a * b, (a_dot * b - a * b_dot) / (b * b)],
            "The tangent is that of a quotient, but the value beside it is a product.",
        ),
        Mistake(
            "tangent first",
            lambda a, a_dot, b, b_dot: _dual_quotient(a, a_dot, b, b_dot)[::-1],
            "Both arrays are right, in the other order: the value comes first.",
        ),
        Mistake(
            "b over a",
            lambda a, a_dot, b, b_dot: _dual_quotient(b, b_dot, a, a_dot),
            "You divided b by a. Asked is a by b.",
        ),
        Mistake(
            "sign",
            lambda a, a_dot, b, b_dot: [a / b, -_dual_quotient(a, a_dot, b, b_dot)[1]],
            "Every entry of the tangent has the opposite sign. Let b stand still: when a grows, does a quotient with a positive b fall?",
        ),
        Mistake(
            "relative tangent",
            lambda a, a_dot, b, b_dot: [a / b, a_dot / a - b_dot / b],
            "You have the tangent in proportion to the value, as a logarithm gives it. Asked is the tangent itself.",
        ),
        Mistake(
            "a below for b",
            lambda a, a_dot, b, b_dot: [a / b, (a_dot * b - a * b_dot) / (a * a)],
            "Below the line of your tangent stands the square of a. Let b stand still: what does a quotient of a by a constant move by?",
        ),
        Mistake(
            "moved by the whole tangent",
            lambda a, a_dot, b, b_dot: [a / b, (a + a_dot) / (b + b_dot) - a / b],
            "You moved both by their whole tangents and took the difference. A tangent is a speed at this place, not the way of a long step.",
        ),
        Mistake(
            "b's term divided once",
            lambda a, a_dot, b, b_dot: [a / b, a_dot / b - a * b_dot / b],
            "The first term is right. In the second something is missing: it is the value of the quotient, not a, that meets the tangent of b.",
        ),
        Mistake(
            "first divided by b, second by nothing",
            lambda a, a_dot, b, b_dot: [a / b, a_dot / b - a * b_dot],
            "The second term is a product of a and the tangent of b, as in a product. How does 1/b move when b moves?",
        ),
        *mistakes_of(
            _in_parts,
            (
                Slip(
                    "first",
                    lambda a, a_dot, b, b_dot: 0 * a,
                    "a's tangent left out",
                    "Your tangent does not notice how a moves. Let b stand still: the quotient still moves when a does.",
                ),
                Slip(
                    "first",
                    lambda a, a_dot, b, b_dot: a_dot,
                    "a's term once more divided by b",
                    "Let b stand still. Then the quotient is a constant times a, and the constant is 1/b. Your first term divides by b twice.",
                ),
                Slip(
                    "second",
                    lambda a, a_dot, b, b_dot: 0 * a,
                    "b's tangent left out",
                    "Your tangent does not notice how b moves. It is no constant: it comes with a tangent of its own.",
                ),
                Slip(
                    "second",
                    lambda a, a_dot, b, b_dot: b_dot,
                    "a left out of b's term",
                    "How much a movement of b matters depends on the size of a: let a be 0, and nothing moves. Your second term does not know a.",
                ),
                Slip(
                    "second",
                    lambda a, a_dot, b, b_dot: a_dot * b_dot,
                    "tangents multiplied",
                    "A product of two tangents stands beside ε², and that is 0. The second term holds one tangent and one value.",
                    alone=True,
                ),
                Slip(
                    "sign",
                    1,
                    "plus for minus",
                    "Your two terms are added. When b grows, does a quotient of positive numbers grow?",
                ),
                Slip(
                    "below",
                    lambda b: b,
                    "b below for its square",
                    "The tangent is too large or too small by a factor b. Check with b standing still at 2.",
                ),
                Slip(
                    "below",
                    lambda b: 1,
                    "nothing divided",
                    "Your tangent is not divided by anything. Check with b standing still at 2: the quotient moves half as fast as a.",
                ),
                Slip(
                    "below",
                    lambda b: 2 * b,
                    "twice b below for its square",
                    "Below the line you have twice b, the derivative of its square. What you need is solved from an equation: nothing below the "
                    "line is differentiated.",
                    alone=True,
                ),
            ),
            told=(
                frozenset({"a's tangent left out", "a left out of b's term"}),
                frozenset({"b's tangent left out", "plus for minus"}),
                frozenset({"a's tangent left out", "b's tangent left out"}),
                frozenset({"a's term once more divided by b", "nothing divided"}),
                frozenset({"a's term once more divided by b", "b below for its square"}),
            ),
        ),
        Mistake(
            "size squared below, as of a complex number",
            lambda a, a_dot, b, b_dot: [a / b, (a_dot * b - a * b_dot) / (b * b + b_dot * b_dot)],
            "Below the line you add the square of the tangent of b, as for a complex number. Multiply b + b'ε by b - b'ε: what is left of ε²?",
        ),
        Mistake(
            "b times its size below",
            _in_parts(below=lambda b: b * np.abs(b)),
            "Where b is negative your tangent has the wrong sign. A square below the line is positive: do you multiply b with its size?",
        ),
    ),
)
