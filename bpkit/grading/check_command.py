"""`bpkit check`: says which exercises of one's own notebook are right."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.collect import Submission, printable
from bpkit.grading.grade import Handed, Plan, close_sandboxes, grade_handed, read_submission
from bpkit.grading.records import UNSAFE
from bpkit.grading.sandbox import Limits, best_mode
from bpkit.language import translated

_EPILOG = """
example:
  bpkit check lessons/05_propagating_the_error.ipynb

A line per exercise of the notebook's lesson. The cells run from top to bottom in a fresh Python, in bubblewrap where that is
installed and otherwise with your own rights, as in JupyterLab.
exit code: 0 all right, 1 some wrong or not attempted, 2 could not run.
"""
_MARKS = {"right": "✓", "wrong": "✗", "not attempted": "·", "could not run": "!"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = translated(_EPILOG)
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="your notebook")
    parser.add_argument("--timeout", type=float, default=Limits.seconds, metavar="S", help="seconds for a notebook (default: %(default)g)")


def run(args: argparse.Namespace) -> int:
    """Check and say."""
    if not args.timeout > 0:
        raise CourseError(f"--timeout {args.timeout:g}, expected a number of seconds above 0")
    try:
        best_mode()
        unsafe = False
    except CourseError:
        unsafe = True  # one's own notebook may do what it does in JupyterLab
    plan = Plan(secrets.randbits(62), Limits(seconds=args.timeout), unsafe=unsafe)
    worst = 0
    try:
        for name in args.notebooks:
            path = Path(name)
            if not path.exists():
                raise CourseError(f"there is no {printable(name)}; expected a notebook (.ipynb)")
            handed = read_submission(Submission(printable(path.stem), (path.resolve(),), others=_beside(path.resolve())), plan)
            if not handed.notebooks:
                raise CourseError("; ".join(handed.problems))
            worst = max(worst, _show(name, handed, plan, len(args.notebooks) > 1))
    finally:
        close_sandboxes()
    return worst


def _beside(notebook: Path) -> tuple[Path, ...]:
    """The files in a notebook's folder, which it may import or read."""
    try:
        return tuple(path for path in notebook.parent.iterdir() if path.is_file() and path != notebook)
    except OSError:
        return ()


def _show(name: str, handed: Handed, plan: Plan, several: bool) -> int:
    """Print a notebook's rows; return the exit code that they call for."""
    graded = grade_handed(handed, plan)
    if several:
        print(f"{printable(name)}:")
    for row in graded.rows:
        said = "right" if row.status == "right" else f"{row.mistake or row.status}: {row.message.removeprefix(UNSAFE).strip()}"
        print(f"{_MARKS[row.status]} {row.exercise} {row.name:<20} {said}")
        for more in (row.where, *row.notes):
            if more:
                print(f"{'':30}{more}")
    for problem in graded.problems:
        print(f"  {problem}")
    print(f"  {sum(row.points for row in graded.rows):g} of {sum(row.max for row in graded.rows):g} points")
    if any(row.status == "could not run" for row in graded.rows):
        return 2
    return 0 if all(row.status == "right" for row in graded.rows) else 1
