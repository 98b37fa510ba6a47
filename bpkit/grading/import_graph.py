"""Which modules of a package a module needs, read from their sources: nothing is imported to find out.

A module that is found by its name at run time (`importlib.import_module`) is not seen: who uses these graphs names it.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path


def name_of(path: Path) -> str:
    """The dotted name of a module's file, with those of the packages that it lies in.

    Examples
    --------
    >>> import bpkit.grading
    >>> name_of(Path(bpkit.grading.__file__)), name_of(Path(bpkit.grading.__file__).with_name("grade.py"))
    ('bpkit.grading', 'bpkit.grading.grade')
    """
    return ".".join(_located(path)[1])


def imports_of(path: Path, as_it_loads: bool = False) -> set[str]:
    """The dotted names that a module imports: ``from a import b`` gives ``a.b``, whether b is a module or something in one.

    Parameters
    ----------
    path
        The module's file.
    as_it_loads
        Leave out what its functions import when they are called, and what only type checkers see.
    """
    return _named(ast.parse(path.read_bytes()), path, as_it_loads)


# the word, and what stands behind it, with the lines of its brackets: much faster to find than where a line begins
_IMPORT = re.compile(rb"import\b[^\n(]*(?:\([^)]*\))?")
# what most say, and needs no parser: `from .a.b import c, d as e`, in brackets or not, and `import a.b as c, d`
_FROM = re.compile(r"from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(?:([\w \t,]+)|\(([\w\s,]+)\))[ \t]*(?:#.*)?", re.ASCII)
_WHOLE = re.compile(r"import[ \t]+([\w. \t,]+)(?:#.*)?", re.ASCII)


def imported_at_least(path: Path) -> set[str]:
    """What `imports_of` gives, and perhaps an import that only stands in a text; in a fraction of the time, as only such lines are read."""
    text, package = path.read_bytes(), _package_of(path)
    names: set[str] = set()
    for word in _IMPORT.finditer(text):
        line = text[text.rfind(b"\n", 0, word.start()) + 1 : word.end()].lstrip()
        if line.startswith((b"from", b"import")):
            names.update(_named_in_line(line.decode("utf-8", "replace"), path, package))
    return names


def _named_in_line(line: str, path: Path, package: Sequence[str]) -> Iterable[str]:
    if plain := _FROM.fullmatch(line):
        origin = _origin(package, len(plain[1]), plain[2])
        return [f"{origin}.{name.split()[0]}" for name in (plain[3] or plain[4]).split(",") if name.strip()]
    if plain := _WHOLE.fullmatch(line):
        return [name.split()[0] for name in plain[1].split(",") if name.strip()]
    try:
        return _named(ast.parse(line), path)
    except SyntaxError:  # a sentence begins so
        return ()


def _package_of(path: Path) -> tuple[str, ...]:
    """The parts of the dotted name of the package that a module's relative imports start from."""
    _, parts = _located(path)
    return parts if path.name == "__init__.py" else parts[:-1]


def _origin(package: Sequence[str], level: int, module: str) -> str:
    """The dotted name that `from` names, with so many dots before the module's."""
    start = package[: len(package) + 1 - level] if level else ()
    return ".".join((*start, module) if module else start)


def _named(tree: ast.Module, path: Path, as_it_loads: bool = False) -> set[str]:
    package = _package_of(path)
    names: set[str] = set()
    for node in _statements(tree, as_it_loads):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(package, node.level, node.module or "")
            names.update(f"{origin}.{alias.name}" for alias in node.names)
    return names


def module_of(name: str, root: Path) -> Path | None:
    """The file of the longest part of a dotted name that is a module below `root`, the folder that its first package lies in."""
    return _modules_below(root)(name)


def _modules_below(root: Path) -> Callable[[str], Path | None]:
    """`module_of` for one root, which looks at no place twice, and nowhere below a module that is no package."""

    @cache
    def found(name: str) -> Path | None:
        outer = name.rpartition(".")[0]
        above = found(outer) if outer else None
        if above is not None and above.name == f"{outer.rpartition('.')[2]}.py":
            return above
        place = f"{root}{os.sep}{name.replace('.', os.sep)}"
        return next((Path(file) for file in (f"{place}.py", f"{place}{os.sep}__init__.py") if os.path.isfile(file)), above)

    return found


def reached(paths: Iterable[Path]) -> list[Path]:
    """These modules and all modules of their own packages that they import, directly or not, with the packages' ``__init__.py``; sorted."""
    todo, seen, below = list(paths), set[Path](), cache(_modules_below)
    while todo:
        path = todo.pop()
        if path in seen:
            continue
        seen.add(path)
        root, parts = _located(path)
        # whoever loads a.b.c has loaded a and a.b before
        packages = [".".join(parts[:depth]) for depth in range(1, len(parts))]
        own = [name for name in imported_at_least(path) if name.split(".", 1)[0] == parts[0]]
        todo += [file for name in (*packages, *own) if (file := below(root)(name)) is not None]
    return sorted(seen)


def _statements(node: ast.AST, as_it_loads: bool) -> Iterator[ast.AST]:
    """The statements below a node; expressions hold none."""
    for field in ("body", "handlers", "orelse", "finalbody", "cases"):
        if as_it_loads and field == "body" and _only_later(node):
            continue
        for child in getattr(node, field, ()):
            yield child
            yield from _statements(child, as_it_loads)


def _only_later(node: ast.AST) -> bool:
    """Whether the body of a statement does not run as its module loads: a function's, or what stands below `if TYPE_CHECKING`."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            return True
    return False


def _located(path: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that a module's outermost package lies in, and the parts of the module's dotted name."""
    root, parts = _package(path.parent)
    return root, parts if path.name == "__init__.py" else (*parts, path.stem)


@cache
def _package(folder: Path) -> tuple[Path, tuple[str, ...]]:
    if not (folder / "__init__.py").is_file():
        return folder, ()
    root, parts = _package(folder.parent)
    return root, (*parts, folder.name)
