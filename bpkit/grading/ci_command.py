"""`bpkit ci-workflow`: writes the workflow that grades a student's repository on every push."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.wheel import own_wheel, wheel_name

_TEMPLATES = Path(__file__).parent / "templates_ci"
_PLACES = {"github": Path(".github/workflows/grade.yml"), "gitlab": Path(".gitlab-ci.yml")}
_WHEELS = Path(".bpkit")  # where a repository keeps the bpkit that grades it
_EPILOG = """
examples:
  bpkit ci-workflow github --write               into .github/workflows/grade.yml of the repository that you are in
  bpkit ci-workflow gitlab --requirement "bpkit-course @ git+https://git.example/course.git" > .gitlab-ci.yml

The workflow installs bpkit from a wheel in the repository, .bpkit/bpkit_course-….whl, which --write puts there; or from
what --requirement names. Then it installs the versions that this bpkit was tested with (`bpkit pins grade`).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("service", choices=sorted(_PLACES), help="where the repository is")
    parser.add_argument("--write", action="store_true", help="write the file where the service looks for it, instead of printing it")
    parser.add_argument("--requirement", metavar="SPEC", help="the bpkit that pip installs there: a URL, or a wheel's path (default: see below)")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="grade without a sandbox, for runners that allow none; every report says so")


def run(args: argparse.Namespace) -> int:
    """Print or write the workflow."""
    text = workflow(args.service, args.requirement, args.unsafe_no_sandbox)
    if not args.write:
        print(text, end="")
        if args.requirement is None:
            print(f"{_WHEELS / wheel_name()} has to be in the repository, too: --write puts it there.", file=sys.stderr)
        return 0
    place = _PLACES[args.service]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
        written = str(place)
        if args.requirement is None:
            name, wheel = own_wheel()
            _WHEELS.mkdir(exist_ok=True)
            (_WHEELS / name).write_bytes(wheel)
            written += f" and {_WHEELS / name}"
    except FileExistsError:
        raise CourseError(
            f"{place} is there already; look at the new one with `bpkit ci-workflow {args.service}`, or move the old one away"
        ) from None
    except OSError as error:
        raise CourseError(f"cannot write {error.filename or place}: {error.strerror}") from error
    print(f"{written}: commit, and each push is graded.")
    return 0


def workflow(service: str, requirement: str | None = None, unsafe: bool = False) -> str:
    """The workflow's text.

    Raises
    ------
    CourseError
        If the requirement has a character that ends a quotation in the shell, or names no place.
    """
    requirement = requirement or (_WHEELS / wheel_name()).as_posix()
    if set(requirement) & set("\"'`$\\\n"):
        raise CourseError(f"--requirement {requirement!r}: expected a requirement as pip takes it, without quotes, $, ` or \\")
    if "/" not in requirement:
        # by a bare name pip would take somebody else's package
        raise CourseError(f"--requirement {requirement!r}: expected where our bpkit is, a URL or a path with a /; it is on no package index")
    text = (_TEMPLATES / f"{service}.yml").read_text(encoding="utf-8")
    return text.replace("@REQUIREMENT@", json.dumps(requirement)).replace("@OPTIONS@", " --unsafe-no-sandbox" if unsafe else "")
