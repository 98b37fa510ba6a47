"""What an executed notebook records of its outputs: a digest of them, and which code drew its pictures.

nbval runs the cells again and compares what they print; of a drawing or a widget it compares nothing. So a build writes into the notebook's
metadata which modules of `plots` and `widgets` its cells loaded, with what these draw by: the widgets' scripts and styles, and the
modules of `exhibits` and the `image` that they import. The mathematics is left out: what it changes are numbers, and these nbval compares.
"""

from __future__ import annotations

import ast
import io
import json
import tokenize
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

_PACKAGE = Path(__file__).parents[1]
_SCRIPTS = _PACKAGE / "widgets" / "js"
# run after a notebook's last cell: prints the modules of `plots` and `widgets` that it loaded; it imports nothing, as importing
# nbformat there takes longer than the whole kernel
WHICH_DREW = 'import sys\nprint(*(name for name in sys.modules if name.startswith(("bpkit.plots._", "bpkit.widgets._"))))'


def record_of(notebook: NotebookNode, drew: dict[str, str]) -> dict[str, Any]:
    """What a solved notebook's metadata says under "bpkit"."""
    outputs = json.dumps([cell.get("outputs") for cell in notebook.cells], sort_keys=True, ensure_ascii=False)
    return {"drawn_by": drew, "outputs": _short(outputs)}


def changed_since(notebook: NotebookNode) -> list[str]:
    """How the outputs of a recorded notebook, and the code that draws, differ from what its metadata says of them."""
    recorded = notebook.metadata.get("bpkit")
    if not isinstance(recorded, dict) or not isinstance(recorded.get("drawn_by"), dict):
        return ["does not say which code drew its pictures"]
    drew = recorded["drawn_by"]
    faults = []
    if recorded != record_of(notebook, drew):
        faults.append("its outputs are not those of its last build")
    if other := [f"bpkit/{name}" for name, was in drew.items() if not (_PACKAGE / name).is_file() or digest(_PACKAGE / name) != was]:
        faults.append(f"its pictures were drawn before {' and '.join(other)} changed")
    return faults


def drawn_by(modules: Iterable[str]) -> dict[str, str]:
    """The files by which these modules draw, each with its digest; files are named as below bpkit/."""
    found: set[Path] = set()
    waiting = [_file_of(module) for module in modules]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _needed_by(path)
    return {path.relative_to(_PACKAGE).as_posix(): digest(path) for path in sorted(found)}


@cache
def digest(path: Path) -> str:
    """What a file does, in twelve digits: the comments and docstrings of Python do not count."""
    text = path.read_text(encoding="utf-8")
    return _short(_code_of(text) if path.suffix == ".py" else text)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _file_of(module: str) -> Path:
    return _PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


@cache
def _needed_by(path: Path) -> list[Path]:
    """`core.image` and the modules of `exhibits`, where a module imports them; for a widget also the files in js/ that it names."""
    if path.suffix != ".py":
        return []
    needed = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "bpkit.core.image":
            needed.append(_PACKAGE / "core" / "image.py")
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bpkit.exhibits"):
            names = [alias.name for alias in node.names] if node.module == "bpkit.exhibits" else [node.module.split(".")[2]]
            needed += [_PACKAGE / "exhibits" / f"{name}.py" for name in names]
        elif path.parent == _SCRIPTS.parent and isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            needed += [file for kind in ("js", "css") if (file := _SCRIPTS / f"{node.value}.{kind}").is_file()]
    return needed


def _code_of(text: str) -> str:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node, clean=False) is not None:
            words = node.body[0]
            lines[words.lineno - 1 : words.end_lineno] = [""] * ((words.end_lineno or words.lineno) - words.lineno + 1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            line, column = token.start
            lines[line - 1] = lines[line - 1][:column]
    return "\n".join(line.rstrip() for line in lines if line.strip())
