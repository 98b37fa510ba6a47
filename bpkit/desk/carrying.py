"""Brings a learner's work into a new version of a lesson: answers where their stubs stand, cells of their own before the answer they were for."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Cell = dict[str, Any]
# a line in whose place the learner writes, as lessons are built with it
_STUB = re.compile(r"(?:=|return) \.\.\.  # ")
_BINDS = re.compile(r"^(?:(?:async )?def|class) (\w+)|^(\w+)(?:: [^=\n]+)? = ", re.MULTILINE)
_GUESS = "guess"  # every guess has this name, so it says nothing of where it belongs


@dataclass(frozen=True)
class Carried:
    """A new version of a lesson with a learner's work in it.

    Parameters
    ----------
    notebook
        The new version, as read from its JSON.
    answers
        The names whose answers were carried.
    own
        How many cells of the learner's own.
    """

    notebook: Cell
    answers: tuple[str, ...]
    own: int


def source_of(cell: Cell) -> str:
    """A cell's text; on disk it may be a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def ids_of(notebook: Cell) -> list[str]:
    """The names of a notebook's cells."""
    return [str(cell.get("id", "")) for cell in notebook["cells"]]


def texts_of(notebook: Cell) -> list[list[str]]:
    """What a learner can write in a notebook: the kind and the text of each cell, without outputs and metadata."""
    return [[str(cell.get("cell_type", "")), source_of(cell)] for cell in notebook["cells"]]


def carried(mine: Cell, shipped: Cell, were_shipped: Iterable[str]) -> Carried:
    """The shipped notebook with the learner's work in it.

    Parameters
    ----------
    mine, shipped
        Two notebooks as read from JSON: the learner's, made from an older version, and the new one.
    were_shipped
        The ids of that older version's cells: others in `mine` are the learner's own.
    """
    notebook = copy.deepcopy(shipped)
    known = {*were_shipped, *ids_of(shipped)}
    code = [cell for cell in mine["cells"] if cell.get("cell_type") == "code"]
    answers: list[str] = []
    filled: dict[str, Cell] = {}  # id of the learner's cell → the new version's cell that now holds it
    for stub in notebook["cells"]:
        if stub.get("cell_type") == "code" and _STUB.search(source_of(stub)) and (answer := _answer_to(stub, code)):
            answers += sorted(_asked(stub) - {_GUESS})
            stub["source"] = answer["source"]
            filled[str(answer.get("id", ""))] = stub
    own = _insert_own(mine, notebook, known, filled)
    return Carried(notebook, tuple(answers), own)


def _answer_to(stub: Cell, code: list[Cell]) -> Cell | None:
    """The learner's cell in place of a stub: the last that gives its name a value, or for a guess the cell of the same id."""
    names = _asked(stub) - {_GUESS}
    same = [cell for cell in code if names.intersection(_names(source_of(cell))) or (not names and cell.get("id") == stub.get("id"))]
    worked = [cell for cell in same if not _STUB.search(source_of(cell)) and source_of(cell).strip()]
    return worked[-1] if worked else None


def _insert_own(mine: Cell, notebook: Cell, known: set[str], filled: dict[str, Cell]) -> int:
    """Put the learner's own cells before the next answer of theirs, for which they may define something; the rest at the end."""
    waiting: list[Cell] = []
    own = 0
    for cell in mine["cells"]:
        place = filled.get(str(cell.get("id", "")))
        if place is not None:
            at = next(k for k, each in enumerate(notebook["cells"]) if each is place)
            notebook["cells"][at:at] = waiting
            waiting = []
        elif cell.get("id") not in known and source_of(cell).strip():
            waiting.append({**copy.deepcopy(cell), **({"outputs": [], "execution_count": None} if cell.get("cell_type") == "code" else {})})
            own += 1
    notebook["cells"] += waiting
    return own


def _asked(stub: Cell) -> set[str]:
    """The names that a stub asks for, each that of an outermost statement with a line to write in."""
    lines = source_of(stub).split("\n")
    asked, name = set(), ""
    for line in lines:
        if found := _BINDS.match(line):
            name = found[1] or found[2]
        if _STUB.search(line):
            asked.add(name)
    return asked - {""}


def _names(source: str) -> list[str]:
    """The names that a cell gives a value at its outermost level; read line by line where it does not compile."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return [function or value for function, value in _BINDS.findall(source)]
    return [name for statement in statements for name in _bound_by(statement)]


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
