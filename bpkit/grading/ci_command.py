"""`bpkit ci-workflow`: writes the workflow that grades a student's repository on every push."""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from pathlib import Path

from bpkit.errors import CourseError

_TEMPLATES = Path(__file__).parent / "templates_ci"
_PLACES = {"github": Path(".github/workflows/grade.yml"), "gitlab": Path(".gitlab-ci.yml")}
_EPILOG = """
examples:
  bpkit ci-workflow github --write               into .github/workflows/grade.yml of the repository that you are in
  bpkit ci-workflow gitlab > .gitlab-ci.yml
  bpkit ci-workflow github --requirement "bpkit[grade] @ git+https://git.example/course.git"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("service", choices=sorted(_PLACES), help="where the repository is")
    parser.add_argument("--write", action="store_true", help="write the file where the service looks for it, instead of printing it")
    parser.add_argument("--requirement", metavar="SPEC", help="what pip installs there (default: this version of bpkit[grade])")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="grade without a sandbox, for runners that allow none; every report says so")


def run(args: argparse.Namespace) -> int:
    """Print or write the workflow."""
    text = workflow(args.service, args.requirement, args.unsafe_no_sandbox)
    if not args.write:
        print(text, end="")
        return 0
    place = _PLACES[args.service]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CourseError(
            f"{place} is there already; look at the new one with `bpkit ci-workflow {args.service}`, or move the old one away"
        ) from None
    except OSError as error:
        raise CourseError(f"cannot write {place}: {error.strerror}") from error
    print(f"{place}: commit it, and each push is graded.")
    return 0


def workflow(service: str, requirement: str | None = None, unsafe: bool = False) -> str:
    """The workflow's text.

    Raises
    ------
    CourseError
        If the requirement has a character that ends a quotation in the shell.
    """
    requirement = requirement or f"bpkit[grade]=={version('bpkit')}"
    if set(requirement) & set("\"'`$\\\n"):
        raise CourseError(f"--requirement {requirement!r}: expected a requirement as pip takes it, without quotes, $, ` or \\")
    text = (_TEMPLATES / f"{service}.yml").read_text(encoding="utf-8")
    return text.replace("@REQUIREMENT@", json.dumps(requirement)).replace("@OPTIONS@", " --unsafe-no-sandbox" if unsafe else "")
