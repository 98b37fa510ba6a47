"""Brings a learner's work into a new version of a lesson: answers where their stubs stand, cells of their own before the answer they were for."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bpkit.course.stubs import asked_by, is_stub, names_bound

Cell = dict[str, Any]
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
        if stub.get("cell_type") == "code" and is_stub(source_of(stub)) and (answer := _answer_to(stub, code)):
            answers += sorted(asked_by(source_of(stub)) - {_GUESS})
            stub["source"] = answer["source"]
            filled[str(answer.get("id", ""))] = stub
    own = _insert_own(mine, notebook, known, filled)
    return Carried(notebook, tuple(answers), own)


def _answer_to(stub: Cell, code: list[Cell]) -> Cell | None:
    """The learner's cell in place of a stub: the last that gives its name a value, or for a guess the cell of the same id."""
    names = asked_by(source_of(stub)) - {_GUESS}
    same = [cell for cell in code if names.intersection(names_bound(source_of(cell))) or (not names and cell.get("id") == stub.get("id"))]
    worked = [cell for cell in same if not is_stub(source_of(cell)) and source_of(cell).strip()]
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
