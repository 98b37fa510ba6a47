"""Runs the cells of a source in a fresh kernel and keeps what is the same on every run."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4

from bpkit.authoring.drawing import WHICH_DREW, drawn_by, record_of
from bpkit.authoring.source import Source, as_cell, as_notebook, shown
from bpkit.errors import CourseError
from bpkit.language import VARIABLE

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
# a widget's model has a random id; its HTML and text twins say what it shows
_NOT_RECORDED = "application/vnd.jupyter.widget-view+json"
# matplotlib says so once on a new machine
_NOT_A_WARNING = "Matplotlib is building the font cache"


def execute(source: Source, *, timeout: int = 300) -> NotebookNode:
    """Run the solved cells top to bottom; return the notebook with its outputs.

    The kernel works in an empty folder of its own, without the user's IPython profile, on one thread, so that two
    runs give the same bytes.

    Raises
    ------
    CourseError
        If a cell raises, hangs, warns on stderr or prints a memory address; with file and line.
    """
    notebook = as_notebook([as_cell(cell, cell.solved()) for cell in source.cells])
    drew = _run(notebook, source, timeout) if any(cell.kind == "code" for cell in source.cells) else []
    for cell, ran in zip(source.cells, notebook.cells, strict=True):
        if cell.kind == "code":
            ran.outputs = _lasting(ran.outputs)
            _refuse_what_does_not_last(source.place(cell), ran.outputs, allowed="raises-exception" in cell.tags)
    notebook.metadata.bpkit = record_of(notebook, drawn_by(drew))
    return notebook


def _run(notebook: NotebookNode, source: Source, timeout: int) -> list[str]:
    """Fill in the outputs of a notebook's cells; return the modules that drew."""
    notebook.cells.append(v4.new_code_cell(WHICH_DREW))
    with tempfile.TemporaryDirectory(prefix="bpkit-build-") as folder:
        work = Path(folder) / "work"
        work.mkdir()
        environment = os.environ | {
            "IPYTHONDIR": str(Path(folder) / "ipython"),
            VARIABLE: source.language,
            "PYTHONHASHSEED": "0",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "SOURCE_DATE_EPOCH": "0",
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            # the solution stands in its own cell
            "BPKIT_NO_SOLUTIONS": "1",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--log-level=ERROR"],
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(work)}},
        )
        try:
            client.execute(env=environment)
        except CellTimeoutError as error:
            raise CourseError(f"{shown(source.path)}: a cell ran for more than {timeout} s") from error
        except DeadKernelError as error:
            raise CourseError(f"{shown(source.path)}: the kernel died while a cell ran") from error
    # the kernel writes its own language_info; the course's is the same on every machine
    notebook.metadata = as_notebook([]).metadata
    (drew,) = _lasting(notebook.cells.pop().outputs)
    return str(drew.text).split()


def _lasting(outputs: list[NotebookNode]) -> list[NotebookNode]:
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr" and output.text.startswith(_NOT_A_WARNING):
                continue
            if kept and kept[-1].output_type == "stream" and kept[-1].name == output.name:
                kept[-1].text += output.text
                continue
        elif output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]
        else:
            output.data.pop(_NOT_RECORDED, None)
        kept.append(output)
    return kept


def _refuse_what_does_not_last(place: str, outputs: list[NotebookNode], *, allowed: bool) -> None:
    for output in outputs:
        if output.output_type == "error":
            if not allowed:
                raise CourseError(f"{place}: the cell raised {_one_line(f'{output.ename}: {output.evalue}')}; tag it 'raises-exception' if it should")
        elif output.output_type == "stream":
            if output.name == "stderr":
                raise CourseError(f"{place}: the cell wrote to stderr, which names files and lines of this machine: {_one_line(output.text)}")
            _refuse_address(place, output.text)
        else:
            for kind in ("text/plain", "text/html"):
                _refuse_address(place, output.data.get(kind, ""))


def _refuse_address(place: str, text: str) -> None:
    if address := _ADDRESS.search(text):
        raise CourseError(f"{place}: the output holds a memory address, new on every run ({address[0]}); end the line with ';' or show a value")


def _one_line(text: str, limit: int = 200) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else words[:limit] + " …"
