"""`bpkit pins`: the list of exact versions that a use of bpkit was tested with, and the command that installs them."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from bpkit.errors import CourseError

USES = ("lab", "grade", "cluster", "slides", "site", "lite")
_EPILOG = """
example:
  python -m pip install --no-deps -r "$(bpkit pins lab)"

installs what `bpkit lab` needs, exactly as it was tested; each file is checked against its hash.
"""


def pins(use: str) -> Path:
    """The file of pinned versions: a checkout's own, or the one that came in the wheel.

    Raises
    ------
    CourseError
        If neither is there.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package.parent / "requirements", package / "_course" / "requirements"):
        if (folder / f"{use}.txt").is_file():
            return folder / f"{use}.txt"
    raise CourseError(f"no {use}.txt in {package.parent / 'requirements'} (a checkout) nor in {folder} (an installed wheel); install bpkit again")


def install_command(use: str) -> str:
    """What installs all that this use needs, beside the bpkit that is running."""
    return shlex.join([sys.executable, "-m", "pip", "install", "--no-deps", "-r", str(pins(use))])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("use", choices=USES, help="what the versions are for")


def run(args: argparse.Namespace) -> int:
    """Print where the file lies."""
    print(pins(args.use))
    return 0
