"""Cells as a notebook takes them, and what can be saved of those that fail."""

from __future__ import annotations

import ast
import re
from typing import Any

from .standins import Inert

_MAGIC_LINE = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?\??\s*|.*\?\?\s*)$")
_MAGIC_VALUE = re.compile(r"^(\s*[\w., ]+=\s*)[%!].*$")
_RUNS_ITS_BODY = ("time", "timeit", "capture", "prun")


def parse_cell(source: str) -> ast.Module:
    """Parse a cell as a notebook would: magics, shell lines and help requests become nothing.

    Lines are changed only where Python itself stumbles over them, so that text inside a string stays as it is.

    Raises
    ------
    SyntaxError
        If what remains is not Python.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first = next((k for k, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        word = lines[first][2:].split() or [""]
        if word[0] not in _RUNS_ITS_BODY:
            return ast.Module(body=[], type_ignores=[])
        lines[first] = ""
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            # a magic without an indent below a block's head is noticed one line late
            for k in (at, at - 1):
                if 0 <= k < len(lines):
                    plain = _MAGIC_VALUE.sub(r"\1None", lines[k])
                    if plain == lines[k]:
                        plain = _MAGIC_LINE.sub(r"\1pass", lines[k])
                    if plain != lines[k]:
                        lines[k] = plain
                        break
            else:
                raise


def only_defines(statement: ast.stmt, names: frozenset[str]) -> bool:
    """Whether a statement only makes something available: it is run even where the cell has raised before it."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return True
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
    return any(isinstance(target, ast.Name) and target.id in names for target in targets)


def stand_in(statement: ast.stmt, namespace: dict[str, Any], answers: frozenset[str]) -> None:
    """Give inert values to the names that a statement could not bind for want of bpkit, so that later cells do not fail too."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id not in answers:
            namespace.setdefault(node.id, Inert(node.id))


class CellTooSlow(BaseException):
    """Raised in a cell when its time is up; not an Exception, so that `except Exception` lets it through."""


def describe(error: BaseException) -> dict[str, Any]:
    try:
        message = str(error)
    except BaseException:
        message = ""
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename.startswith("<code cell"):
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line, message = error.lineno or 0, str(error.msg)
    return {"type": type(error).__name__[:80], "message": message[:300], "line": line}
