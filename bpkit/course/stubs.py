"""What a lesson leaves for the learner to write: which cells ask for which names, and which names a cell gives a value."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

# what a line says that is left for the learner to write: in a function, and elsewhere
YOUR_CODE, YOUR_ANSWER = "your code here", "your answer here"
# a line in whose place the learner writes, as lessons are built with it
_LINE = re.compile(r"(?:=|return) \.\.\.  # ")
_BINDS = re.compile(r"^(?:(?:async )?def|class) (\w+)|^(\w+)(?:: [^=\n]+)? = ", re.MULTILINE)


def is_stub(source: str) -> bool:
    """Whether a cell has a line that is left for the learner to write.

    Examples
    --------
    >>> is_stub("x = ...  # your answer here"), is_stub("x = 3")
    (True, False)
    """
    return bool(_LINE.search(source))


def asked_by(source: str) -> set[str]:
    """The names that a stub asks for, each that of an outermost statement with a line to write in.

    Examples
    --------
    >>> asked_by("n = 3\\ndef twice(x):\\n    return ...  # your code here")
    {'twice'}
    """
    asked, name = set(), ""
    for line in source.split("\n"):
        if found := _BINDS.match(line):
            name = found[1] or found[2]
        if _LINE.search(line):
            asked.add(name)
    return asked - {""}


def names_bound(source: str) -> list[str]:
    """The names that a cell gives a value at its outermost level; read line by line where it does not compile."""
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return [function or value for function, value in _BINDS.findall(source)]
    return [name for statement in statements for name in _bound_by(statement)]


def stub_of(notebook: Path, name: str) -> str:
    """The cell of a lesson that asks for a name; empty where there is none, or no such notebook."""
    try:
        cells = ["".join(cell["source"]) for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return next((source for source in cells if name in asked_by(source)), "")


def _bound_by(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
