"""All named equations, by name, in the order of the lessons: those of the modules ``lesson_NN.py`` beside this one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

from bpkit.equations.model import Equation

_LESSONS = [import_module(f"bpkit.equations.{path.stem}") for path in sorted(Path(__file__).parent.glob("lesson_[0-9][0-9].py"))]

EQUATIONS: Mapping[str, Equation] = {equation.name: equation for lesson in _LESSONS for equation in lesson.EQUATIONS}


def named(name: str) -> Equation:
    """The equation of that name; a wrong name is answered with the names there are."""
    if name not in EQUATIONS:
        raise ValueError(f"no equation is called {name!r}; expected one of: {', '.join(EQUATIONS)}")
    return EQUATIONS[name]
