"""Pins a Pyodide for `bpkit site --lite`: python requirements/pyodide.py FOLDER, where the files of the npm package `pyodide` lie."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

PINNED = Path(__file__).resolve().parents[1] / "bpkit" / "authoring" / "templates" / "lite" / "pyodide.json"
CORE = ("pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip")
# what lessons need, and what their kernel asks for as it starts
WANTED = ("numpy", "matplotlib", "ipython", "jedi", "micropip", "sqlite3", "ssl")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(packages: dict[str, Any]) -> dict[str, Any]:
    """Of a list of packages those that are wanted, with all that they depend on."""
    known = {_plain(name): name for name in packages}
    found: dict[str, Any] = {}
    ahead = list(WANTED)
    while ahead:
        name = known[_plain(ahead.pop())]
        if name not in found:
            found[name] = packages[name]
            ahead += packages[name]["depends"]
    return dict(sorted(found.items()))


def main(folder: Path) -> None:
    """Write the digests of Pyodide's own files, and what its lock says of the packages."""
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in CORE}
    pinned = {"files": digests, "info": lock["info"], "packages": needed(lock["packages"])}
    PINNED.write_text(json.dumps(pinned, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
