"""What an answer takes from bpkit: the grader has only what an exercise allows, and a check at home says so first."""

from __future__ import annotations

import dis
import sys
import types
from itertools import pairwise
from typing import Any


def borrowed(answer: Any) -> set[str]:
    """The public names of bpkit that an answer, or what it calls of the learner's own, takes from the package or was given by import."""
    package = sys.modules["bpkit"]
    public = {id(value): name for name, value in vars(package).items() if name in package.__all__ and callable(value)}  # those in use so far
    todo: list[Any] = [answer]
    seen: set[int] = set()
    taken: set[str] = set()
    while todo and len(seen) < 1000:
        thing = todo.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if id(thing) in public:
            taken.add(public[id(thing)])
        elif isinstance(thing, type) and getattr(thing, "__module__", None) == "__main__":
            todo += [part for part in vars(thing).values() if isinstance(part, types.FunctionType)]
        elif isinstance(thing, types.FunctionType) and not str(getattr(thing, "__module__", None)).startswith("bpkit."):
            for code in _codes(thing.__code__):
                named = {name: thing.__globals__[name] for name in code.co_names if name in thing.__globals__}
                modules = {name for name, value in named.items() if value is package}
                todo += [value for name, value in named.items() if name not in modules]
                steps = pairwise(dis.get_instructions(code))
                taken |= {str(then.argval) for one, then in steps if one.argval in modules and then.opname in ("LOAD_ATTR", "LOAD_METHOD")}
    return taken


def _codes(code: types.CodeType) -> list[types.CodeType]:
    """A function's code and that of the functions inside it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return [code, *(each for part in inner for each in _codes(part))]
