"""Reads a percent-format source into cells that know their line, their id and their stub."""

from __future__ import annotations

import ast
import re
import textwrap
import unicodedata
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode, v4, writes

from bpkit.course.stubs import YOUR_ANSWER, YOUR_CODE
from bpkit.errors import CourseError
from bpkit.language import SOURCE

_MARKER = re.compile(r"(?P<indent>[ \t]*)# (?P<which>BEGIN|END) SOLUTION[ \t]*")
_ALMOST_A_MARKER = re.compile(r"\s*#[#\s]*(begin|end)[\s_-]*solution\b", re.IGNORECASE)
_CELL = re.compile(r"# %%(?!%)")
_HEADING = re.compile(r"^#{1,6}\s+(.+)$", re.MULTILINE)

# what a notebook says about its language, and nothing that changes from machine to machine
NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Block:
    """The lines of a cell from BEGIN to END SOLUTION, both included; `text` is what stands between them."""

    first: int
    last: int
    text: str
    stub: str


@dataclass(frozen=True)
class Cell:
    """One cell of a source.

    Parameters
    ----------
    kind
        ``"code"``, ``"markdown"`` or ``"raw"``.
    text
        As written, markers included.
    line
        Where the text begins in the source file, counted from 1.
    id
        The lesson's number, the heading above and the place below it: stays when other sections change.
    """

    kind: str
    text: str
    line: int
    id: str
    metadata: dict[str, Any] = field(default_factory=dict)
    blocks: tuple[Block, ...] = ()

    @property
    def tags(self) -> tuple[str, ...]:
        """The cell's tags."""
        return tuple(self.metadata.get("tags", ()))

    def solved(self) -> str:
        """The text without its markers."""
        return self._with_blocks(lambda block: block.text)

    def stubbed(self) -> str:
        """The text with a stub for each solution block."""
        return self._with_blocks(lambda block: block.stub)

    def solutions(self) -> Iterator[str]:
        """The pieces of text that no learner may find in a lesson."""
        if "solution" in self.tags:
            yield self.solved()
        else:
            yield from (block.text for block in self.blocks)

    def _with_blocks(self, replacement: Any) -> str:
        lines = self.text.split("\n")
        for block in reversed(self.blocks):
            lines[block.first : block.last + 1] = replacement(block).split("\n")
        return "\n".join(lines)


@dataclass(frozen=True)
class Source:
    """A lesson or a deck as its author wrote it."""

    path: Path
    cells: tuple[Cell, ...]
    language: str = SOURCE

    @property
    def slug(self) -> str:
        """``05_propagating_the_error``."""
        return self.path.stem

    @property
    def number(self) -> str:
        """The lesson's two digits."""
        return self.slug[:2]

    def place(self, cell: Cell) -> str:
        """``file:line`` of a cell, as editors and terminals understand it."""
        return f"{shown(self.path)}:{cell.line}"


def shown(path: Path) -> str:
    """The path as the user would type it: relative to where the command runs, if it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_source(path: Path) -> Source:
    """Read one percent-format file.

    Raises
    ------
    CourseError
        If it is not text, has text before its first cell, a solution marker is malformed or a code cell does not compile; with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{shown(path)}: cannot be read as UTF-8 text: {error}") from error
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines) if _CELL.match(line)]
    header = lines[: starts[0]] if starts else lines
    if not starts or any(line and not line.startswith("#") for line in header):
        raise CourseError(f"{shown(path)}:1: found text under no '# %%' line; everything but the header's comments belongs to a cell")
    # the header is for jupytext in the lab; what it says of the kernel differs between machines
    # a comment is a comment: without this, `# copy the weights` and `# rm it` would come out as commands of the shell
    notebook = jupytext.reads("\n".join(lines[starts[0] :]), fmt={"extension": ".py", "format_name": "percent", "comment_magics": False})
    if len(notebook.cells) != len(starts):
        raise CourseError(f"{shown(path)}: found {len(starts)} '# %%' lines, but jupytext reads {len(notebook.cells)} cells: is one inside a text?")
    cells = []
    taken: Counter[str] = Counter()
    section = "top"
    for found, start in zip(notebook.cells, starts, strict=True):
        first = start + 1
        while found.source[:1].strip() and first < len(lines) - 1 and not lines[first].strip():
            first += 1
        line = first + 1
        heading = _HEADING.search(found.source) if found.cell_type == "markdown" else None
        section = _ascii_slug(heading[1]) if heading else section
        taken[section] += 1
        where = f"{shown(path)}:"
        if found.cell_type == "code":
            blocks = tuple(solution_blocks(found.source, f"{where}{line}"))
        else:
            blocks = ()
            _refuse_markers(found.source, where, line)
        identity = f"{path.stem[:2]}-{section}-{taken[section]}"
        cell = Cell(found.cell_type, found.source, line, identity, dict(found.metadata), blocks)
        if cell.kind == "code" and "raises-exception" not in cell.tags:
            _refuse_what_does_not_compile(cell, where)
        cells.append(cell)
    return Source(path, tuple(cells))


def as_notebook(cells: list[NotebookNode]) -> NotebookNode:
    """A notebook of these cells with the course's fixed metadata."""
    notebook = v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA)
    notebook.nbformat_minor = 5
    return notebook


def as_cell(cell: Cell, text: str) -> NotebookNode:
    """A notebook cell with this text and the source cell's id and metadata."""
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}[cell.kind]
    return make(text, id=cell.id, metadata=cell.metadata)


def as_text(notebook: NotebookNode) -> str:
    """The bytes of a notebook file: one way of writing each notebook."""
    return writes(notebook) + "\n"


def _ascii_slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "section"


def _refuse_what_does_not_compile(cell: Cell, where: str) -> None:
    """The cell as written, so that the line is the source's, and as the learner gets it."""
    for text, whose in ((cell.text, ""), (cell.stubbed(), " for the learner, with the stub in place of the solution")):
        if text == cell.text and whose:
            continue
        error = _syntax_error(text)
        if error and _syntax_error(TransformerManager().transform_cell(text)):
            line = cell.line if whose else cell.line + (error.lineno or 1) - 1
            raise CourseError(f"{where}{line}: the cell is not Python{whose}: {error.msg}")


def _syntax_error(text: str) -> SyntaxError | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # the kernel tells it when the cell runs
            compile(text, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return error
    return None


def _refuse_markers(text: str, where: str, line: int) -> None:
    for offset, words in enumerate(text.split("\n")):
        if _ALMOST_A_MARKER.match("#" + words):
            raise CourseError(f"{where}{line + offset}: a solution marker in a text cell; markers work in code cells, or tag the cell 'solution'")


def solution_blocks(text: str, place: str) -> Iterator[Block]:
    """The blocks of a code cell that begins at `place`, a file and a line.

    Raises
    ------
    CourseError
        If a marker is malformed, or a block leaves nothing to fill in; with the line.
    """
    file, _, first = place.rpartition(":")
    where, line = f"{file}:", int(first)
    lines = text.split("\n")
    begin: int | None = None
    for number, words in enumerate(lines):
        marker = _MARKER.fullmatch(words)
        here = f"{where}{line + number}"
        if marker is None:
            if _ALMOST_A_MARKER.match(words):
                raise CourseError(f"{here}: found {words.strip()!r}, expected exactly '# BEGIN SOLUTION' or '# END SOLUTION'")
        elif marker["which"] == "BEGIN":
            if begin is not None:
                raise CourseError(f"{here}: BEGIN SOLUTION inside the block that began at line {line + begin}; blocks do not nest")
            begin = number
        elif begin is None:
            raise CourseError(f"{here}: END SOLUTION without a BEGIN SOLUTION above it in the same cell")
        else:
            inside = "\n".join(lines[begin + 1 : number])
            yield Block(begin, number, inside, _stub(text, inside, lines[begin], begin, where, line))
            begin = None
    if begin is not None:
        raise CourseError(f"{where}{line + begin}: BEGIN SOLUTION without an END SOLUTION below it in the same cell")


def _stub(cell: str, inside: str, marker: str, begin: int, where: str, line: int) -> str:
    here = f"{where}{line + begin}"
    indent = marker[: len(marker) - len(marker.lstrip())]
    try:
        whole, block = ast.parse(cell), ast.parse(textwrap.dedent(inside))
    except SyntaxError as error:
        place = f"{where}{line + (error.lineno or 1) - 1}" if error.lineno else here
        raise CourseError(f"{place}: a cell with a solution block must be Python from its first to its last line: {error.msg}") from error
    if not block.body:
        raise CourseError(f"{here}: nothing stands between BEGIN and END SOLUTION")
    # ast counts lines from 1; the line after the marker is the first that is surely inside
    first = begin + 1 + next(number for number, words in enumerate(inside.split("\n"), 1) if words.strip() and not words.lstrip().startswith("#"))
    functions = (node for node in ast.walk(whole) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    if any(node.body[0].lineno <= first <= (node.end_lineno or 0) for node in functions):
        return f"{indent}return ...  # {YOUR_CODE}"
    names = list(dict.fromkeys(_assigned(block.body)))
    if not names:
        raise CourseError(f"{here}: the solution block assigns no name, so nothing would be left for the learner to fill in")
    return "\n".join(f"{indent}{name} = ...  # {YOUR_ANSWER}" for name in names)


def _assigned(statements: list[ast.stmt]) -> Iterator[str]:
    """Names that the statements bind by assignment or definition, outside the bodies of functions and classes."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target] if isinstance(statement, ast.AnnAssign) else []
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        for part in ("body", "orelse", "finalbody"):
            yield from _assigned(getattr(statement, part, []))
        for handler in getattr(statement, "handlers", []):
            yield from _assigned(handler.body)
