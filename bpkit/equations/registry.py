"""All named equations, by name, in the order of the lessons."""

from __future__ import annotations

from collections.abc import Mapping

from bpkit.equations import lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06, lesson_07, lesson_08, lesson_09, lesson_10, lesson_11
from bpkit.equations.model import Equation

EQUATIONS: Mapping[str, Equation] = {
    equation.name: equation
    for lesson in (lesson_01, lesson_02, lesson_03, lesson_04, lesson_05, lesson_06, lesson_07, lesson_08, lesson_09, lesson_10, lesson_11)
    for equation in lesson.EQUATIONS
}


def named(name: str) -> Equation:
    """The equation of that name; a wrong name is answered with the names there are."""
    if name not in EQUATIONS:
        raise ValueError(f"no equation is called {name!r}; expected one of: {', '.join(EQUATIONS)}")
    return EQUATIONS[name]
