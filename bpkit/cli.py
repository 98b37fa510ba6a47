"""The command line: finds the module behind a command, and turns a CourseError into one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

from bpkit.errors import CourseError

# name → (module with `add_arguments(parser)` and `run(args) -> exit code`, what it does, the extra that it needs)
COMMANDS = {
    "lab": ("bpkit.lab", "open the lessons in JupyterLab", "lab"),
    "check": ("bpkit.grading.check_command", "say which exercises of a notebook are right", "grade"),
    "grade": ("bpkit.grading.grade_command", "grade a folder of submissions in a sandbox", "grade"),
    "exercises": ("bpkit.exercises.table", "list the exercises and the mistakes that each can name", None),
    "slides": ("bpkit.authoring.slides_command", "build the slide decks", "slides"),
    "build": ("bpkit.authoring.build_command", "generate notebooks from their sources, or check that none has drifted", "slides"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (2: it could not run)."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="bpkit", description="The backpropagation course that knows why you are wrong.")
    parser.add_argument("--version", action="version", version=f"bpkit {version('bpkit')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, summary, extra) in COMMANDS.items():
        # only the command that was asked for is imported, so that each starts fast and needs its own extra alone
        wanted = name in words[:1]
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.", add_help=wanted)
        if wanted:
            try:
                implementation = import_module(module)
            except ModuleNotFoundError as missing:
                if extra is None or (missing.name or "").startswith("bpkit"):
                    raise
                print(f"bpkit {name}: the package {missing.name} is missing; install it with: pip install 'bpkit[{extra}]'", file=sys.stderr)
                return 2
            implementation.add_arguments(command)
            command.set_defaults(run=implementation.run)
    arguments = parser.parse_args(words)
    try:
        return int(arguments.run(arguments))
    except CourseError as error:
        print(f"bpkit {arguments.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"bpkit {arguments.command}: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
