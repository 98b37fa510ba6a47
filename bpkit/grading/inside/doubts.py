"""Which names may not be what they are in the learner's own notebook, because a cell could not do here what it did there."""

from __future__ import annotations

import ast
import dis
import types
from collections.abc import Set
from functools import cache
from typing import Any

from .cells import binds, loads
from .standins import Inert


class Doubts:
    """Names that a failed statement should have made, that the grader's stand-ins have a part in, and what follows from these.

    A doubt costs nobody anything: an answer that is right is right. One that is wrong and rests on a doubtful name could not
    be run.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self.cells: dict[str, tuple[int, str]] = {}  # name → the cell, and why

    def failed(self, names: Set[str], cell: int) -> None:
        """A statement that should have made these names did not run to its end."""
        self.cells |= dict.fromkeys(filter(self._may_change, names), (cell, "failed"))

    def _may_change(self, name: str) -> bool:
        return not isinstance(self.namespace.get(name), types.ModuleType)

    def ran(self, statement: ast.stmt, cell: int, touched: bool) -> None:
        """A statement did; what it made is as sound as what it used."""
        if not (self.cells or touched or isinstance(statement, ast.If | ast.While)):
            return
        made = set(filter(self._may_change, binds(statement)))
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            for name in made:
                self.cells.pop(name, None)
            return
        if chosen_by_check(statement):
            source: tuple[int, str] | None = (cell, "check")
        elif touched or any(isinstance(self.namespace.get(name), Inert) for name in made):
            source = (cell, "inert")
        else:
            source = next(iter(self.of(loads(statement)).values()), None) if self.cells else None
        for name in made:
            if source is not None:
                self.cells[name] = source
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                self.cells.pop(name, None)

    def of(self, names: Set[str]) -> dict[str, tuple[int, str]]:
        """The doubtful ones among names and all that the functions and classes of these names use."""
        found: dict[str, tuple[int, str]] = {}
        todo, seen = sorted(names), set(names)
        while todo and self.cells:
            name = todo.pop()
            if name in self.cells:
                found[name] = self.cells[name]
            more = self._uses(self.namespace.get(name)) - seen
            seen |= more
            todo += sorted(more)
        return found

    def _uses(self, thing: Any) -> set[str]:
        """The global names that a function, or a class's methods, look up themselves."""
        parts = vars(thing).values() if isinstance(thing, type) else [thing]
        names: set[str] = set()
        for part in parts:
            if isinstance(part, types.FunctionType) and part.__globals__ is self.namespace:
                names |= looked_up(part.__code__)
        return names


@cache
def looked_up(code: types.CodeType) -> frozenset[str]:
    """The global names that code, and code within it, looks up."""
    names = frozenset(str(step.argval) for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
    return names.union(*(looked_up(constant) for constant in code.co_consts if isinstance(constant, types.CodeType)))


def chosen_by_check(statement: ast.stmt) -> bool:
    """Whether what `check` says decides what a statement does: while grading it says that everything is right."""
    return isinstance(statement, ast.If | ast.While) and any(
        isinstance(node, ast.Call) and (node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")) == "check"
        for node in ast.walk(statement.test)
    )
