"""`bpkit gradescope-zip`: packs an autograder for Gradescope."""

from __future__ import annotations

import argparse
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.exercises import of_lesson
from bpkit.grading.wheel import own_wheel, zipped

_TEMPLATES = Path(__file__).parent / "templates_ci" / "gradescope"
_EPILOG = """
example:
  bpkit gradescope-zip --out autograder.zip --lesson 05

Upload the file under Configure Autograder, choose Ubuntu, and press Test Autograder with a notebook of your own before you
open the assignment. The zip holds a wheel of this bpkit, setup.sh (installs it and bubblewrap), and run_autograder (runs
`bpkit grade` on the submission and hands results.json back). Each exercise is a test with its points and its feedback.

Where Gradescope's container lets bubblewrap make no namespaces, grading refuses and Gradescope reports that the autograder
failed: nobody gets 0 points by accident. --unsafe-no-sandbox grades there all the same. The container is thrown away after each
submission, so that others stay safe; but the code of a submission then runs beside the grader and could forge its own points.
Every result says so.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("--out", required=True, metavar="FILE.zip", help="where the zip goes")
    parser.add_argument("--lesson", default="", metavar="NN", help="grade this lesson only (default: whichever is handed in)")
    parser.add_argument("--unsafe-no-sandbox", action="store_true", help="grade without a sandbox; see below")


def run(args: argparse.Namespace) -> int:
    """Write the zip."""
    out = Path(args.out)
    if out.suffix != ".zip":
        raise CourseError(f"--out {args.out}, expected a file that ends in .zip")
    content = bundle(args.lesson, args.unsafe_no_sandbox)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CourseError(f"cannot write {out}: {error.strerror}") from error
    print(f"{out} ({len(content) / 1e3:.0f} kB): upload it to Gradescope under Configure Autograder.")
    return 0


def bundle(lesson: str = "", unsafe: bool = False) -> bytes:
    """The zip's bytes; the same each time.

    Raises
    ------
    CourseError
        If the lesson has no exercises.
    """
    options = []
    if lesson:
        number = lesson.zfill(2)
        if not of_lesson(number):
            raise CourseError(f"there is no lesson {lesson!r} with exercises; see `bpkit exercises`")
        options += ["--lesson", number]
    if unsafe:
        options.append("--unsafe-no-sandbox")
    name, wheel = own_wheel()
    programs = {program: (_TEMPLATES / program).read_text(encoding="utf-8") for program in ("setup.sh", "run_autograder")}
    programs["run_autograder"] = programs["run_autograder"].replace("@OPTIONS@", " ".join(options))
    return zipped({program: text.encode() for program, text in programs.items()} | {name: wheel}, tuple(programs))
