"""Reads the code out of notebook files that may be damaged, huge or hostile.

Standard library only: a large file is read by this module run as a script, in a process with a limit on its memory.
"""

from __future__ import annotations

import gc
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_FILE = 100_000_000
MAX_INLINE = 4_000_000  # larger files are parsed in a process of their own
MAX_CELLS = 2_000
MAX_CODE = 2_000_000
_MEMORY, _SECONDS = 1 << 30, 60


class Unreadable(Exception):
    """Why a file cannot be read as a notebook: what was found and what was expected, in one line."""


@dataclass(frozen=True)
class Notebook:
    """What grading needs of a notebook.

    Parameters
    ----------
    cells
        The code cells' text, in order.
    lesson
        The lesson that its metadata names, or "".
    notes
        What was odd about the file and did not matter.
    """

    cells: tuple[str, ...]
    lesson: str = ""
    notes: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The content of a regular file; no link is followed and nothing else is opened.

    Raises
    ------
    Unreadable
        If it is not a regular file, cannot be opened or is too large.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        link = path.is_symlink()
        raise Unreadable("a symbolic link; links are not followed" if link else f"cannot be opened: {error.strerror}") from None
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise Unreadable("not a regular file")
    with os.fdopen(fd, "rb") as file:
        if found.st_size > MAX_FILE:
            raise Unreadable(f"{found.st_size / 1e6:.0f} MB large, expected at most {MAX_FILE / 1e6:.0f} MB; clear its outputs and hand it in again")
        try:
            return file.read(found.st_size)
        except OSError as error:
            raise Unreadable(f"cannot be read: {error.strerror}") from None


def read_notebook(raw: bytes) -> Notebook:
    """The code of a notebook file.

    Raises
    ------
    Unreadable
        If it is not a notebook; the message says what was found and what was expected.
    """
    if len(raw) <= MAX_INLINE:
        return parse(raw)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", __file__], input=raw, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "unreadable" in answer:
        raise Unreadable(answer["unreadable"])
    if "cells" not in answer:
        raise Unreadable(f"{len(raw) / 1e6:.0f} MB of a structure that takes too much memory to read; clear its outputs and hand it in again")
    return Notebook(tuple(answer["cells"]), answer["lesson"], tuple(answer["notes"]))


def parse(raw: bytes) -> Notebook:
    """`read_notebook` within this process."""
    if not raw.strip(b"\0 \t\r\n"):
        raise Unreadable("an empty file, expected a Jupyter notebook")
    notes: list[str] = []
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
        notes.append("the file is not all UTF-8; the damaged characters were replaced")
    if text.startswith("\ufeff"):
        text = text[1:]
    try:
        # numbers do not matter here, and a huge one may not stop the reading
        found = json.loads(text, parse_int=lambda digits: int(digits[:18]), parse_float=lambda _: 0.0)
    except RecursionError:
        raise Unreadable("JSON that is nested too deeply, expected a Jupyter notebook") from None
    except ValueError as error:
        cut = text.lstrip().startswith("{") and not text.rstrip().endswith("}")
        what = "JSON that is cut off" if cut else "not JSON"
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"{what}{where}, expected a Jupyter notebook") from None
    return _notebook(found, notes)


def _notebook(found: Any, notes: list[str]) -> Notebook:
    if not isinstance(found, dict):
        raise Unreadable(f"JSON that is {_kind(found)}, expected a Jupyter notebook")
    major = found.get("nbformat")
    if major not in (4, None):
        shown = str(major)[:20].encode("unicode_escape").decode()  # it may be any text
        raise Unreadable(f"notebook format {shown}, expected 4; open it in JupyterLab and save it again")
    cells = found.get("cells")
    if not isinstance(cells, list):
        raise Unreadable('a JSON object without a list of "cells", expected a Jupyter notebook')
    if major is None:
        notes.append("the notebook does not say its format; it was read as format 4")
    sources: list[str] = []
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            notes.append(f"code cell {len(sources) + 1} holds {_kind(source)} instead of text and was left out")
            source = ""
        sources.append(source.encode("utf-8", "replace").decode())  # lone surrogates cannot be sent on
    if len(sources) > MAX_CELLS or sum(map(len, sources)) > MAX_CODE:
        raise Unreadable(f"{len(sources)} code cells with {sum(map(len, sources))} characters, expected at most {MAX_CELLS} and {MAX_CODE}")
    metadata = found.get("metadata")
    ours = metadata.get("bpkit") if isinstance(metadata, dict) else None
    lesson = ours.get("lesson") if isinstance(ours, dict) else ""
    return Notebook(tuple(sources), lesson if isinstance(lesson, str) and re.fullmatch(r"\d\d", lesson) else "", tuple(notes[:20]))


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}
    return names[type(value)]


def _main() -> None:
    """Read a notebook from stdin within a limit on memory; write its code to stdout."""
    gc.disable()  # looking through millions of lists for cycles takes longer than reading them
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        notebook = parse(sys.stdin.buffer.read())
    except Unreadable as why:
        answer: dict[str, Any] = {"unreadable": str(why)}
    else:
        answer = {"cells": notebook.cells, "lesson": notebook.lesson, "notes": notebook.notes}
    print(json.dumps(answer))


if __name__ == "__main__":
    _main()
