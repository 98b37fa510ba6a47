"""Generates the solved and the student notebook of a lesson."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from bpkit.authoring.drawing import changed_since
from bpkit.authoring.execute import execute
from bpkit.authoring.source import Source, as_cell, as_notebook, as_text, shown
from bpkit.course.folders import Course
from bpkit.course.stubs import asked_by
from bpkit.errors import CourseError


def student_text(source: Source) -> str:
    """The student notebook's file: stubs for solutions, no outputs, no cell that is all solution."""
    return as_text(as_notebook([as_cell(cell, cell.stubbed()) for cell in source.cells if "solution" not in cell.tags]))


def build_lesson(source: Source, course: Course, *, only_changed: bool = False) -> list[Path]:
    """Write both notebooks of a lesson; return the files that changed.

    Parameters
    ----------
    only_changed
        Run the cells only if the source, or the code that draws, differs from what the notebook records. Not the default, for outputs also
        change with the rest of bpkit.
    """
    assert course.solutions is not None
    solved = course.solutions / f"{source.slug}.ipynb"
    texts = {course.lessons / f"{source.slug}.ipynb": student_text(source)}
    if not (only_changed and solved.exists() and not solved_differences(source, solved)):
        texts[solved] = as_text(execute(source))
    return [path for path, text in texts.items() if write_if_changed(path, text)]


def worked_text(sources: Iterable[Source]) -> str:
    """The file of worked solutions: lesson → name that it asks for → the cell that gives it."""
    worked: dict[str, dict[str, str]] = {}
    for source in sources:
        cells = {name: cell.solved() for cell in source.cells if cell.kind == "code" and cell.blocks for name in sorted(asked_by(cell.stubbed()))}
        worked[source.number] = dict(sorted(cells.items()))
    return json.dumps(worked, indent=1, ensure_ascii=False) + "\n"


def solved_differences(source: Source, path: Path) -> list[str]:
    """How a recorded solved notebook differs from its source: code, order, metadata, cells never run, outputs edited, pictures drawn by other code.

    Running the cells again is nbval's work.
    """
    try:
        text = path.read_text(encoding="utf-8")
        recorded = nbformat.reads(text, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        return [f"cannot be read as a notebook: {' '.join(str(error).split())[:120]}"]
    expected = as_notebook([as_cell(cell, cell.solved()) for cell in source.cells])
    expected.metadata.bpkit = recorded.metadata.get("bpkit", {})
    found = {cell.id: cell for cell in recorded.cells if "id" in cell}
    problems = []
    for cell, want in zip(source.cells, expected.cells, strict=True):
        got = found.get(want.id)
        if got is None:
            problems.append(f"the cell of {source.place(cell)} is missing")
        elif got.source != want.source or got.cell_type != want.cell_type:
            problems.append(f"cell {want.id} differs from {source.place(cell)}")
        elif want.cell_type == "code":
            want.outputs, want.execution_count = got.outputs, got.execution_count
            if want.source.strip() and got.execution_count is None:
                problems.append(f"cell {want.id} was never run ({source.place(cell)})")
    known = {cell.id for cell in expected.cells}
    problems += [f"cell {name} is not in {shown(source.path)}" for name in found if name not in known]
    if not problems and (as_text(expected) != text or not _counts_up(expected)):
        problems.append("order, metadata or formatting differ from what a build writes")
    return problems + changed_since(recorded)


def write_if_changed(path: Path, content: str | bytes) -> bool:
    """Write a file whole or not at all, and only if its content is new; say whether it was."""
    whole = content if isinstance(content, bytes) else content.encode()
    try:
        if path.exists() and path.read_bytes() == whole:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_bytes(whole)
        os.replace(beside, path)
    except OSError as error:
        raise CourseError(f"{shown(path)}: cannot be written: {error.strerror or error}") from error
    return True


def _counts_up(notebook: NotebookNode) -> bool:
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    return counts == list(range(1, len(counts) + 1))
