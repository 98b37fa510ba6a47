"""The package itself, on the site: who has a notebook somewhere else installs bpkit from there with one line."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from bpkit.course.folders import WORKED
from bpkit.errors import CourseError


def site_address(given: str) -> str:
    """The address at which the site will stand, without a slash at its end.

    Raises
    ------
    CourseError
        If no package could be installed from below it.

    Examples
    --------
    >>> site_address("https://example.org/course/")
    'https://example.org/course'
    """
    try:
        parts = urlsplit(given)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    # an at sign: a password would stand on every page
    if not whole or parts.query or parts.fragment or any(letter.isspace() or letter in "@`\"'<>\\{}" for letter in given):
        raise CourseError(f"--address: found {given!r}, expected where the site will stand, such as https://example.org/course")
    return given.rstrip("/")


@dataclass(frozen=True)
class Package:
    """A wheel, and the address of the site that it will lie on, where that is known."""

    wheel: Path
    address: str | None = None
    # whether JupyterLite lies beside the pages
    lite: bool = False

    @property
    def install(self) -> str | None:
        """What a cell of any notebook runs to have bpkit, and matplotlib for its pictures."""
        return self.address and f"%pip install {self.address}/{self.wheel.name} matplotlib"


def build_wheel(root: Path, folder: Path, solutions: bool = True) -> Path:
    """Build a checkout's wheel into a new folder; where the build backend is installed, without a network.

    Raises
    ------
    CourseError
        If it cannot be built.
    """
    here = ["--no-index", "--no-build-isolation"] if find_spec("hatchling") else []
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        *here,
        "--wheel-dir",
        str(folder),
        str(root),
    ]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    built = sorted(folder.glob("*.whl"))
    if done.returncode or len(built) != 1:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise CourseError(f"the wheel cannot be built: {said[-1].strip() if said else f'found {len(built)} of them, expected one'}")
    if not solutions:
        _without(built[0], WORKED)
    return built[0]


def _without(wheel: Path, name: str) -> None:
    """Take the files of a name out of a wheel, in whatever folder, and out of its list of files."""
    with zipfile.ZipFile(wheel) as packed:
        members = {member: packed.read(member) for member in packed.infolist() if PurePosixPath(member.filename).name != name}
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for member, content in members.items():
            if member.filename.endswith(".dist-info/RECORD"):
                lines = content.decode().splitlines(keepends=True)
                content = "".join(line for line in lines if PurePosixPath(line.split(",")[0]).name != name).encode()
            packed.writestr(member, content)
