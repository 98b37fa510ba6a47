"""Cells as a notebook takes them, and what can be saved of those that fail."""

from __future__ import annotations

import ast
import contextlib
import re
import sys
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from .standins import Inert

_LINE = re.compile(r"^(\s*)(?:([%!?]+)(.*)|([\w.]+\?\??\s*|.*\?\?\s*))$", re.DOTALL)
_VALUE = re.compile(r"^(\s*[^=%!#'\"]+=\s*)([%!]+)(.*)$", re.DOTALL)
_WORD = re.compile(r"\s*([\w.]+)\s*(.*)$", re.DOTALL)
_PROMPT = re.compile(r"^(?:>>>|\.\.\.|In \[\d+\]:|   +\.\.\.:)(?: |$)")
_CAPTURE_OPTIONS = re.compile(r"(?:--\S+\s+)*")
# the line of these, after their options, or the cell below them is run as if they were not there
_RUNS = {"time": re.compile(r"(?:--[\w-]+\s+)*"), "prun": re.compile(r"(?:-\w\s+)*")}
_ACTS = ("run", "cd", "pwd", "env", "set_env", "reset", "pylab")  # what these do, the shell that stands in does too
# one word that is no Python, alone in its cell, may be a magic without its sign
_BARE = ("pip", "conda", "ls", "cat", "cp", "mv", "rm", "mkdir", "matplotlib", "load_ext", "config", "timeit", *_RUNS, *_ACTS)


def parse_cell(source: str) -> ast.Module:
    """Parse a cell as a notebook would: magics that run or bind something do so, other magics, shell lines and help requests do nothing.

    Lines are changed only where Python itself stumbles over them, so that text inside a string stays as it is, and keep their
    numbers.

    Raises
    ------
    SyntaxError
        If what remains is not Python.
    """
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = []
    while lines[first := next((k for k, line in enumerate(lines) if line.strip()), 0)].startswith("%%"):
        name, rest = _name_and_rest(lines[first][2:])
        body = "\n".join(lines[first + 1 :])
        lines[first] = ""
        if name in ("writefile", "file"):
            lines = [*lines[:first], _ask("run_cell_magic", "writefile", rest, body if body.endswith("\n") else body + "\n")]
        elif name == "capture":
            kept = _CAPTURE_OPTIONS.sub("", rest + " ", count=1).strip()
            heads += [f"{kept} = {_ask('run_line_magic', name, '')}"] if kept.isidentifier() else []
        elif name not in _RUNS:
            return ast.Module(body=[], type_ignores=[])
    if heads:
        lines[0] = "; ".join(heads)
    for change in (_unindented, _unprompted, _unmagic):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError:
            lines = change(lines)
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            # a magic without an indent below a block's head is noticed one line late
            at = (error.lineno or 0) - 1
            below = _replace_magic(lines, at) or _replace_magic(lines, at - 1)
            if not below:
                raise
            while below < len(lines) and lines[below].lstrip().startswith(("!", "%")):  # below one, such a line is another
                below = _replace_magic(lines, below)


def _ask(method: str, *arguments: str) -> str:
    return f"get_ipython().{method}({', '.join(map(repr, arguments))})"


def _name_and_rest(text: str) -> tuple[str, str]:
    found = _WORD.match(text)
    return (found[1], found[2].strip()) if found else ("", "")


def _unindented(lines: list[str]) -> list[str]:
    """A cell that is indented as a whole, as after pasting, without its indent."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _unprompted(lines: list[str]) -> list[str]:
    """A cell pasted with the prompts of a console, without them."""
    first = next((line for line in lines if line.strip()), "")
    return [_PROMPT.sub("", line) for line in lines] if _PROMPT.match(first) else lines


def _unmagic(lines: list[str]) -> list[str]:
    """A cell of one line that is a magic without its sign, with it."""
    said = [line for line in lines if line.strip()]
    bare = len(said) == 1 and _name_and_rest(said[0])[0] in _BARE
    return [f"%{line}" if bare and line.strip() else line for line in lines]


def _replace_magic(lines: list[str], at: int) -> int:
    """Put Python in the place of the magic, shell or help line that line `at` is part of; the line below it, or 0 if there was none."""
    if not 0 <= at < len(lines):
        return 0
    while at > 0 and lines[at - 1].endswith("\\"):
        at -= 1
    last = at
    while lines[last].endswith("\\") and last + 1 < len(lines):
        last += 1
    whole = " ".join(line.removesuffix("\\") for line in lines[at : last + 1])
    if (found := _VALUE.match(whole)) is not None:
        plain = found[1] + _value(found[2], found[3])
    elif (found := _LINE.match(whole)) is not None:
        plain = found[1] + (_statement(found[2], found[3]) if found[2] else "pass")
    else:
        return 0
    lines[at : last + 1] = [plain, *[""] * (last - at)]
    return last + 1


def _statement(sign: str, text: str) -> str:
    name, rest = _name_and_rest(text)
    if sign != "%" or name not in (*_RUNS, *_ACTS):
        return "pass"
    return (_RUNS[name].sub("", rest, count=1) or "pass") if name in _RUNS else _ask("run_line_magic", name, rest)


def _value(sign: str, text: str) -> str:
    name, rest = _name_and_rest(text)
    if sign != "%":
        return _ask("getoutput", text.strip())
    return (_RUNS[name].sub("", rest, count=1) or "None") if name in _RUNS else _ask("run_line_magic", name, rest)


_F_STRING = re.compile(r"(?<!\w)(?:[fF][rR]?|[rR][fF])(\"\"\"|\'\'\'|\"|')")
_LONGEST, _DEEPEST = 300, 3  # what is looked at of f-strings: characters of a line, and how many within each other


def _without_f_strings(line: str, deep: int = 0) -> str:
    """A line without its f-strings, read as Python 3.12 reads them: quotes and backslashes may stand in their fields."""
    kept, at = "", 0
    while len(line) <= _LONGEST and deep < _DEEPEST and (opens := _F_STRING.search(line, at)) is not None:
        end = _end_of_f_string(line, opens.end(), opens[1], deep)
        if end is None:
            break
        kept, at = f'{kept}{line[at : opens.start()]}""', end
    return kept + line[at:]


def _end_of_f_string(line: str, at: int, quote: str, deep: int) -> int | None:
    while at < len(line):
        if line.startswith(quote, at):
            return at + len(quote)
        if line[at] == "{" and line[at : at + 2] != "{{":
            end = next((end for end in range(at + 1, len(line)) if line[end] == "}" and _is_field(line[at + 1 : end], deep)), None)
            if end is None:
                return None
            at = end + 1
        else:
            at += 2 if line[at] == "\\" or line[at : at + 2] in ("{{", "}}") else 1
    return None


_FORMAT = re.compile(r"(?:![rsa])?(?::(?:[^{}'\"]|\{[^{}]*\})*)?$")


def _is_field(text: str, deep: int) -> bool:
    plain = _without_f_strings(text, deep + 1)
    for expression in (plain, _FORMAT.sub("", plain, count=1)):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            ast.parse(f"({expression}\n)", mode="eval")
            return expression.strip() != ""
    return False


# what later versions of Python have brought, and what earlier ones take in its place, line by line
_NEWER: tuple[tuple[tuple[int, int], Callable[[str], str]], ...] = (
    ((3, 12), partial(re.compile(r"^(\s*)type\s+(\w+)\s*(?:\[.*\]\s*)?=").sub, r"\1\2 =")),
    ((3, 12), partial(re.compile(r"^(\s*(?:async\s+def|def|class)\s+\w+)\s*\[[^()]*\]").sub, r"\1")),
    ((3, 12), _without_f_strings),
    ((3, 14), partial(re.compile(r"^(\s*except\*?)\s+([\w.]+(?:\s*,\s*[\w.]+)+)\s*:").sub, r"\1 (\2):")),
    ((3, 14), partial(re.compile(r"(?<!\w)(?:[tT][rR]?|[rR][tT])(?=[\"'])").sub, "f")),
)


def newer_syntax(source: str) -> str:
    """What to say of a cell that this Python does not take and a newer one does; "" of any other."""
    lines = source.split("\n")
    for version, older in _NEWER:
        changed = [older(line) for line in lines]
        if changed != lines and sys.version_info < version:
            lines = changed
            with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
                parse_cell("\n".join(lines))
                return f"; Python {version[0]}.{version[1]} and newer take it, this is Python {sys.version_info[0]}.{sys.version_info[1]}"
    return ""


# ---- what a statement needs and makes --------------------------------------------------------------------------------


_BINDS = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|([\w, \t]+?)[ \t]*(?::[^=\n]*)?=(?!=)|.*\bimport\b(.*))", re.MULTILINE)


def bound(text: str) -> set[str]:
    """The names that code seems to define; found without parsing it, as it may not be Python."""
    return {name for found in _BINDS.findall(text) for part in found for name in re.findall(r"[^\W\d]\w*", part)}


@cache
def binds(statement: ast.AST) -> frozenset[str]:
    """The names that a statement makes or changes, as far as its text shows."""
    made: set[str] = set()
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                made.add(name)
                continue
            case ast.Lambda():
                continue
            case ast.alias():
                made.add((node.asname or node.name).split(".")[0])
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.ExceptHandler(name=str(name)):
                made.add(name)
            case (
                ast.Attribute(ctx=ast.Store() | ast.Del())
                | ast.Subscript(ctx=ast.Store() | ast.Del())
                | ast.Expr(value=ast.Call(func=ast.Attribute()))
            ):
                made |= _root(node)
        todo += ast.iter_child_nodes(node)
    return frozenset(made)


def _root(node: ast.AST) -> set[str]:
    """The name at the left end of `name.part[0].method()`."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Expr | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


@cache
def loads(statement: ast.stmt) -> frozenset[str]:
    """The names that running a statement looks up, but for what waits in the body of a function."""
    read: set[str] = set()
    todo: list[ast.AST] = [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [*node.decorator_list, *node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read.add(node.target.id)
        todo += ast.iter_child_nodes(node)
    return frozenset(read)


def stops(statement: ast.stmt, error: BaseException) -> bool:
    """Whether a statement ends its cell on purpose, so that only definitions count below it."""
    return isinstance(statement, ast.Raise) or isinstance(error, SystemExit | KeyboardInterrupt)


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
