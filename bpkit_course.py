"""What the command `bpkit` starts: it makes sure that `bpkit` is ours, since the public index has another project of that name.

It stands outside the package, where the other project's files can neither hide nor replace it.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> int:
    """Run the command line; or say in one line why it cannot, exit code 2."""
    in_the_way = foreign(Path(__file__).resolve().parent)
    if in_the_way:
        print(f"bpkit: {in_the_way}", file=sys.stderr)
        return 2
    from bpkit.cli import program

    return program()


def foreign(home: Path) -> str:
    """What of another project stands in the place of our package in `home`, or among its files, and how to remove it; else empty."""
    uninstall = f"{sys.executable} -m pip uninstall bpkit"
    ours = home / "bpkit" / "__init__.py"
    spec = find_spec("bpkit")
    origin = spec.origin if spec else None
    if origin is None or Path(origin).resolve() != ours:
        return f"found another project's package of this name in {origin or 'no place'}, expected ours in {ours}; remove it with: {uninstall}"
    # our own distribution is bpkit-course: bpkit_course-….dist-info
    for about in (*home.glob("bpkit-*.dist-info"), *home.glob("bpkit-*.egg-info")):
        found = about.stem.replace("-", " ")
        remedy = f"remove both, then install ours again: {uninstall} bpkit-course"
        return f"another distribution, {found}, has put its files among ours in {ours.parent}; {remedy}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
