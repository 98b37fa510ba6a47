"""The command line: finds the module behind a command, and turns a CourseError into one line."""

from __future__ import annotations

import argparse
import atexit
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from bpkit.course.pins import install_command
from bpkit.course.version import VERSION
from bpkit.errors import CourseError
from bpkit.language import translated

# name → (module with `add_arguments(parser)` and `run(args) -> exit code`, what it does, whose pinned versions it needs)
COMMANDS = {
    "lab": ("bpkit.desk.lab", "open the lessons in JupyterLab", "lab"),
    "check": ("bpkit.grading.check_command", "say which exercises of a notebook are right", "grade"),
    "grade": ("bpkit.grading.grade_command", "grade a folder of submissions in a sandbox", "grade"),
    "report": ("bpkit.grading.report_command", "write the reports of a graded folder anew, for Canvas or Moodle, too", "grade"),
    "override": ("bpkit.grading.override_command", "set the points of one exercise of one student by hand", "grade"),
    "similar": ("bpkit.grading.similar_command", "list nearly equal answers of a class, for staff to look at", "grade"),
    "gradescope-zip": ("bpkit.grading.gradescope_command", "pack an autograder for Gradescope", "grade"),
    "ci-workflow": ("bpkit.grading.ci_command", "print the workflow that grades a repository on every push", None),
    "export-nbgrader": ("bpkit.grading.nbgrader_command", "write the lessons as nbgrader assignments", "slides"),
    "pins": ("bpkit.course.pins", "say where the exact versions are listed that a command was tested with", None),
    "exercises": ("bpkit.exercises.exercises_command", "list the exercises and the mistakes that each can name", None),
    "slides": ("bpkit.authoring.slides_command", "build the slide decks", "slides"),
    "site": ("bpkit.authoring.site_command", "build the course as static pages, for a host or a USB stick", "site"),
    "new-lesson": ("bpkit.authoring.new_lesson_command", "write the skeletons of a new lesson", "slides"),
    "build": ("bpkit.authoring.build_command", "generate notebooks from their sources, or check that none has drifted", "slides"),
}


class _Parser(argparse.ArgumentParser):
    """Says its help in the reader's language."""

    def format_help(self) -> str:
        for action in self._actions:
            if action.help and action.help is not argparse.SUPPRESS:
                action.help = translated(action.help)
        self.description = translated(self.description or "")
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def program() -> int:
    """Run one command as a program of its own; return only where somebody still waits for a thread of it.

    Else it ends here: the interpreter would take apart object by object what the system takes back whole, which takes it longer than
    grading a hand-in.
    """
    code = main()
    if threading.active_count() == 1:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (2: it could not run)."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _Parser(prog="bpkit", description="The backpropagation course that knows why you are wrong.")
    parser.add_argument("--version", action="version", version=f"bpkit {VERSION}", help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    name = words[0] if words else ""
    # the others are made only where they are listed
    for other in (name,) if name in COMMANDS else COMMANDS:
        said = translated(COMMANDS[other][1])
        commands.add_parser(other, help=said, description=_sentence(said), add_help=name == other)
    try:
        if name in COMMANDS:
            # only the command that was asked for is imported, so that each starts fast and needs its own packages alone
            implementation = import_module(COMMANDS[name][0])
            implementation.add_arguments(commands.choices[name])
        arguments = parser.parse_args(words)
        if arguments.command is None:
            parser.print_help()
            return 0
        code = int(implementation.run(arguments))
        sys.stdout.flush()
        return code
    except CourseError as error:
        return _fail(f"bpkit {name}: {translated(str(error))}")
    except ModuleNotFoundError as missing:
        use = COMMANDS[name][2] if name in COMMANDS else None
        if use is None or (missing.name or "").split(".")[0] == "bpkit":
            raise
        return _fail(f"bpkit {name}: the package {missing.name} is missing; install it with: {install_command(use)}")
    except KeyboardInterrupt:
        return _fail(f"bpkit {name}: stopped", 130)
    except BrokenPipeError:
        # the reader, such as `head`, has all it wanted; without this Python would complain again when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}{translated('.')}"


def _fail(line: str, code: int = 2) -> int:
    print(line, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(program())
