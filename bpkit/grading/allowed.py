"""Cuts out of bpkit the definitions that an answer may call, so that the sandbox holds these and nothing else of it."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import bpkit


@cache
def sources_of(names: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The source of public names of bpkit and of all that they need.

    Parameters
    ----------
    names
        Public names, e.g. ``{"sigmoid"}``.

    Returns
    -------
    sources
        Module name → the part of its source that is needed.
    homes
        Each of the names → the module that has it.

    Examples
    --------
    >>> sources, homes = sources_of(frozenset({"sigmoid"}))
    >>> homes
    {'sigmoid': 'bpkit.core.functions'}
    >>> "class Sigmoid" in sources["bpkit.core.functions"], "class Softmax" in sources["bpkit.core.functions"]
    (True, False)
    """
    homes = {name: bpkit._HOME[name] for name in sorted(names)}
    wanted: dict[str, set[str]] = {}
    for name, module in homes.items():
        wanted.setdefault(module, set()).add(name)
    sources: dict[str, str] = {}
    done: dict[str, set[str]] = {}
    while todo := {module: needed for module, needed in wanted.items() if not needed <= done.get(module, set())}:
        for module, needed in todo.items():
            sources[module], imported = _cut(module, frozenset(needed))
            done[module] = set(needed)
            for other, more in imported.items():
                wanted.setdefault(other, set()).update(more)
    return sources, homes


@cache
def _cut(module: str, names: frozenset[str]) -> tuple[str, dict[str, set[str]]]:
    """The statements of a module that define `names`, directly or not, and what they import from other parts of bpkit."""
    spec = find_spec(module)
    assert spec is not None and spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    makers: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _makes(statement):
            makers.setdefault(name, []).append(statement)
    kept: set[ast.stmt] = {node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"}
    todo, seen = list(names), set()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        for statement in makers.get(name, []):
            kept.add(statement)
            todo += [node.id for node in ast.walk(statement) if isinstance(node, ast.Name)]
    imported: dict[str, set[str]] = {}
    for node in kept:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bpkit."):
            imported.setdefault(str(node.module), set()).update(alias.name for alias in node.names)
    body = [node for node in tree.body if node in kept]
    return ast.unparse(ast.Module(body=body, type_ignores=[])), imported


def _makes(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top of a module defines."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            return [(alias.asname or alias.name).split(".")[0] for alias in aliases]
        case ast.Assign(targets=targets):
            return [node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []
