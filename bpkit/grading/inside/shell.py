"""What runs a cell's statements as a notebook's kernel does, and the shell that stands in for the kernel's."""

from __future__ import annotations
import __future__

import ast
import builtins
import contextlib
import inspect
import os
import sys
import types
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple

from .cells import binds, loads, parse_cell
from .doubts import looked_up
from .standins import Inert, touch

_MAX_OUTPUTS = 1000
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_FUTURE = 0  # what `from __future__ import` sets
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


class ZMQInteractiveShell(Inert):
    """What `get_ipython()` gives: magics that change what later cells find do so, the rest is without effect."""

    def __init__(self, namespace: dict[str, Any], run: Callable[[str], None]) -> None:
        super().__init__("get_ipython()")
        self.__dict__.update(user_ns=namespace, config={"IPKernelApp": {}}, _given=set(namespace), _run=run)

    def __bool__(self) -> bool:
        return True

    def getoutput(self, command: str) -> Any:
        raise OSError(f"no programs can be run while grading: !{command[:60]}")

    def run_cell(self, source: str, *_: Any, **__: Any) -> None:
        self._run(source)

    def ex(self, source: str) -> None:
        self._run(source)

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> Any:
        match name:
            case "time" | "prun":
                return self._run(line)
            case "cd":
                os.chdir(os.path.expanduser(line.removeprefix("-q").strip().strip("\"'") or "~"))
            case "pwd":
                return os.getcwd()
            case "env" | "set_env":
                return self._env(line)
            case "run":
                self._run_file(line.split())
            case "reset" if "-f" in line.split():
                for word in [word for word in self.user_ns if not word.startswith("_") and word not in self._given]:
                    del self.user_ns[word]
            case "pylab":
                self._run("import numpy; np = numpy\nfrom matplotlib import pyplot; plt = pyplot\nfrom pylab import *\nfrom numpy import *")
            case _:
                touch()
                return Inert(f"%{name}")
        return None

    magic = run_line_magic

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        match name:
            case "writefile" | "file":
                words = line.split()
                with open(os.path.expanduser(words[-1].strip("\"'")), "a" if "-a" in words[:-1] else "w", encoding="utf-8") as file:
                    file.write(cell)
            case "time" | "prun" | "capture":
                self._run(cell)
        return None

    def _env(self, line: str) -> Any:
        name, separator, value = line.partition("=") if "=" in line else line.partition(" ")
        if separator:
            os.environ[name.strip()] = value.strip()
            return None
        return os.environ[name.strip()] if name else dict(os.environ)

    def _run_file(self, words: list[str]) -> None:
        """Run a file of Python in a namespace of its own (with -i in the notebook's), and take over what it defines."""
        given = "-i" in words
        words = [word.strip("\"'") for word in words if word not in ("-i", "-n", "-e", "-t")]
        path = words[0] if words[0].endswith(".py") else f"{words[0]}.py"
        with open(path, encoding="utf-8") as file:
            code = compile(file.read(), path, "exec", dont_inherit=True)
        names = self.user_ns if given else {"__name__": "__main__", "__file__": path, "__builtins__": builtins}
        before, sys.argv = sys.argv, words
        try:
            exec(code, names)
        finally:
            sys.argv = before
        if not given:
            self.user_ns.update({name: value for name, value in names.items() if not (name.startswith("__") and name.endswith("__"))})


class Given(NamedTuple):
    """Cells as every notebook of a lesson has them, read ahead: the statements of each, and the code of these where it stands in the lesson."""

    cells: dict[str, list[ast.stmt]]
    codes: dict[ast.stmt, types.CodeType]


def read_ahead(cells: Sequence[str]) -> Given:
    """Read what can be read of a lesson's cells. They are not run, and a submission's cell that differs in one character is none of them."""
    given = Given({}, {})
    for number, source in enumerate(cells):
        with contextlib.suppress(Exception):
            given.cells[source] = parse_cell(source).body
            for statement in given.cells[source]:
                given.codes[statement] = code = compile(*_tree(statement, file_of(number)), _FLAGS, True)
                binds(statement), loads(statement), looked_up(code)  # which remember it
    return given


def file_of(number: int) -> str:
    """What a cell is called where it raises."""
    return f"<code cell {number + 1}>"


def _tree(statement: ast.stmt, file: str) -> tuple[ast.Expression | ast.Module, str, str]:
    """What to compile for a statement, and how."""
    if isinstance(statement, ast.Expr):
        return ast.Expression(statement.value), file, "eval"
    return ast.Module([statement], []), file, "exec"


class Kernel:
    """Runs one statement after the other in a namespace: features of `from __future__` last, `await` may stand anywhere.

    What it needs of the builtins and of the interpreter is held from before the first statement, as these may replace it.
    """

    def __init__(self, namespace: dict[str, Any], ready: dict[ast.stmt, types.CodeType] | None = None) -> None:
        self.namespace = namespace
        self.ready = ready or {}  # the code of statements, as it is without features of `from __future__`
        self.flags = _FLAGS
        self.future = _FUTURE
        self.loop: Any = None
        self.importers, self.here = sys.path_importer_cache, os.getcwd
        self.compile, self.eval, self.modules, self.coroutine = compile, eval, sys.modules, inspect.CO_COROUTINE
        self.tree = _tree

    def run(self, statement: ast.stmt, file: str) -> Any:
        """Run a statement; the value of an expression."""
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self.importers.pop(self.here(), None)  # a file that was just written may have come within a tick of the last look
        code = self.ready.get(statement) if self.flags == _FLAGS else None
        if code is None or code.co_filename != file:
            code = self.compile(*self.tree(statement, file), self.flags, True)
        self.flags |= code.co_flags & self.future
        if code.co_flags & self.coroutine or "asyncio" in self.modules:
            return self._turn(self._in_loop(code))
        return self.eval(code, self.namespace)

    def shown(self, value: Any, number: int, statement: ast.stmt, source: str) -> None:
        """Keep the value of a cell's last expression, as the kernel does where no semicolon follows it."""
        names, outputs = self.namespace, self.namespace.get("Out")
        last = source.split("\n")[(statement.end_lineno or 0) - 1 :]
        quiet = bool(last) and last[0].encode()[statement.end_col_offset or 0 :].lstrip().startswith(b";")
        if quiet or value is None or not isinstance(outputs, dict) or len(outputs) > _MAX_OUTPUTS:
            return
        outputs[number] = names[f"_{number}"] = value
        names.update(_=value, __=names.get("_", ""), ___=names.get("__", ""))

    def between(self) -> None:
        """Let tasks that a cell has started go on, as they do while a kernel waits for the next cell."""
        if self.loop is not None:
            self._turn(self._rest())

    async def _in_loop(self, code: types.CodeType) -> Any:
        value = self.eval(code, self.namespace)
        return await value if code.co_flags & self.coroutine else value

    async def _rest(self) -> None:
        for _ in range(20):
            await sys.modules["asyncio"].sleep(0)

    def _turn(self, what: Coroutine[Any, Any, Any]) -> Any:
        if self.loop is None:
            import asyncio

            self.loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(what)
