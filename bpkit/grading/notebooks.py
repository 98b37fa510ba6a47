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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_FILE = 100_000_000
MAX_INLINE = 4_000_000  # larger files are parsed in a process of their own
MAX_CELLS = 2_000
MAX_CODE = 2_000_000
MAX_ASLEEP, MAX_ASLEEP_TEXT = 50, 20_000
MAX_BESIDE, MAX_FILES_BESIDE = 1_000_000, 100
_BESIDE = (".py", ".csv", ".tsv", ".txt", ".json", ".dat", ".npy", ".npz")
_ASLEEP = {"markdown": "Markdown", "raw": "raw"}
_DEFINES = re.compile(r"^(?:(?:async[ \t]+)?(?:def|class)[ \t]+\w+|\w+[ \t]*=(?!=))", re.MULTILINE)
_VERSION = re.compile(r"-\d+(?=\.\w+$)")
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
    asleep
        Cells that hold definitions and are no code cells: what they are instead, after how many code cells they stand, their text.
    beside
        What was handed in beside it for its cells to import or read: the path from its folder, and the content in base64.
    """

    cells: tuple[str, ...]
    lesson: str = ""
    notes: tuple[str, ...] = ()
    asleep: tuple[tuple[str, int, str], ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


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


def first_version(name: str) -> str:
    """A file's name without the number that a platform gives to a later version.

    Examples
    --------
    >>> first_version("helper-1.py")
    'helper.py'
    """
    return _VERSION.sub("", name)


def read_beside(notebook: Path, others: Sequence[Path], own_names: Mapping[Path, str] | None = None) -> tuple[dict[str, bytes], list[str]]:
    """The modules and small data files in a notebook's folder and below, by their path from there; and what was left out, in words.

    A file that a platform gave another name stands under the one that it had before, and also without the number of a later version
    (`helper-1.py`), where no other is called so.
    """
    found: dict[str, bytes] = {}
    left_out: list[str] = []
    first_versions: dict[str, bytes] = {}
    room = MAX_BESIDE
    for path in sorted(others):
        if path.suffix not in _BESIDE or not path.is_relative_to(notebook.parent):
            continue
        try:
            body = read_bytes(path) if path.stat().st_size <= room and len(found) < MAX_FILES_BESIDE else None
        except (Unreadable, OSError):
            continue
        if body is None:
            left_out.append(f"{path.name} was not there for the notebook: files beside it may hold {MAX_BESIDE / 1e6:g} MB together")
        else:
            own_name = (own_names or {}).get(path)
            found[own_name or path.relative_to(notebook.parent).as_posix()] = body
            room -= len(body)
            if own_name and (plain := first_version(own_name)) != own_name:
                first_versions[plain] = body
    return first_versions | found, left_out


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
    asleep = tuple((kind, after, text) for kind, after, text in answer["asleep"])
    return Notebook(tuple(answer["cells"]), answer["lesson"], tuple(answer["notes"]), asleep)


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
        if known := _known_kind(raw):
            raise Unreadable(known) from None
        raise Unreadable(f"{what}{where}, expected a Jupyter notebook") from None
    return _notebook(found, notes)


_LINK = re.compile(rb"https?://(?:colab\.research\.google\.com|drive\.google\.com|\S+\.ipynb\b)")
_SHORT = 5_000  # bytes up to which a text with such an address in it is a message that has nothing else to say

# how a file begins that is handed in for a notebook → what it is, and what to hand in
_KINDS = (
    (rb"%PDF", "a PDF; hand in the notebook itself, the .ipynb"),
    (rb"PK\x03\x04", "a zip file under another name, such as a Word document; hand in the notebook itself, the .ipynb"),
    (rb"version https://git-lfs", "a Git LFS pointer: the notebook itself was not pushed; run `git lfs push --all origin`"),
    (rb"(?s)<(?:!doctype html|html|head|\?xml)", "a saved web page; download the notebook itself (on GitHub: Raw, then save)"),
    (rb"\S*\bcolab\.\S+\s*$|\[InternetShortcut\]", "a link; download the notebook itself (in Colab: File, Download .ipynb)"),
)
_CONFLICT = re.compile(rb"^(?:<{7} |={7}$|>{7} )", re.MULTILINE)


def _known_kind(raw: bytes) -> str:
    """What a file is that is no notebook; "" where its beginning says nothing."""
    head = raw[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if len(raw) <= _SHORT and not head.startswith(b"{") and b"\0" not in raw and _LINK.search(raw):
        return _KINDS[-1][1]
    for pattern, words in _KINDS:
        if re.match(pattern, head, re.IGNORECASE):
            return words
    if head.startswith((b"{", b"<<<<<<< ")) and (conflict := _CONFLICT.search(raw)) is not None:
        line = raw.count(b"\n", 0, conflict.start()) + 1
        return f"a notebook with a merge conflict (line {line}: {conflict[0].decode().strip()}); settle it, open it in JupyterLab and save it"
    return ""


def what_it_is(path: Path) -> str:
    """What a file is that was handed in where a notebook is expected, in words."""
    try:
        raw = read_bytes(path)
    except Unreadable as why:
        return str(why)
    if not raw:
        return "an empty file"
    plain = {".py": "a Python file", ".docx": "a Word document"}.get(path.suffix.lower(), f"a file that ends in {path.suffix or 'nothing'}")
    return _known_kind(raw) or f"{plain}; hand in the notebook itself, the .ipynb"


def says_what_it_is(path: Path) -> bool:
    """Whether what a file holds shows that it was handed in, whatever its name is: a notebook, or what stands in for one, such as a link."""
    try:
        return is_notebook(path) or bool(_known_kind(read_bytes(path)))
    except Unreadable:
        return False


def is_notebook(path: Path) -> bool:
    """Whether a file holds a notebook, whatever its name is."""
    try:
        raw = read_bytes(path) if path.stat().st_size <= MAX_INLINE else b""
        return raw.lstrip()[:1] == b"{" and bool(parse(raw).cells)
    except (Unreadable, OSError):
        return False


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
    asleep: list[tuple[str, int, str]] = []
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if (kind := cell.get("cell_type")) != "code":
            if isinstance(source, str) and kind in _ASLEEP and len(asleep) < MAX_ASLEEP and _DEFINES.search(source) and "```" not in source:
                asleep.append((_ASLEEP[kind], len(sources), source[:MAX_ASLEEP_TEXT].encode("utf-8", "replace").decode()))
            continue
        if not isinstance(source, str):
            notes.append(f"code cell {len(sources) + 1} holds {_kind(source)} instead of text and was left out")
            source = ""
        sources.append(source.encode("utf-8", "replace").decode())  # lone surrogates cannot be sent on
    if len(sources) > MAX_CELLS or sum(map(len, sources)) > MAX_CODE:
        raise Unreadable(f"{len(sources)} code cells with {sum(map(len, sources))} characters, expected at most {MAX_CELLS} and {MAX_CODE}")
    metadata = found.get("metadata")
    ours = metadata.get("bpkit") if isinstance(metadata, dict) else None
    lesson = ours.get("lesson") if isinstance(ours, dict) else ""
    lesson = lesson if isinstance(lesson, str) and re.fullmatch(r"\d\d", lesson) else ""
    return Notebook(tuple(sources), lesson, tuple(notes[:20]), tuple(asleep))


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
        answer = {"cells": notebook.cells, "lesson": notebook.lesson, "notes": notebook.notes, "asleep": notebook.asleep}
    print(json.dumps(answer))


if __name__ == "__main__":
    _main()
