"""`bpkit export-nbgrader`: writes lessons as nbgrader assignments."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from nbformat import NotebookNode

from bpkit.authoring.source import Cell, Source, as_cell, as_notebook, as_text, read_source
from bpkit.course.folders import files_of, find_course
from bpkit.errors import CourseError
from bpkit.exercises import of_lesson
from bpkit.exercises.model import Exercise
from bpkit.grading.reports.files import write_whole

_CHECK = re.compile(r"""bp\.check\("(?P<id>\d\d\.\d+)", \w+\)""")
_MARKER = re.compile(r"^([ \t]*)# (BEGIN|END) SOLUTION[ \t]*$", re.MULTILINE)
_CONFIG = 'c = get_config()\n\nc.CourseDirectory.course_id = "bpkit"\n'
_EPILOG = """
example:
  bpkit export-nbgrader course/
  cd course
  nbgrader generate_assignment 05_propagating_the_error
  … students hand in …
  nbgrader autograde 05_propagating_the_error

Writes source/NN_slug/NN_slug.ipynb for each lesson and, where there is none, nbgrader_config.py. Solutions stand between
### BEGIN SOLUTION and ### END SOLUTION; each exercise has a locked test cell with its points that asks bp.check. The kernel that
grades needs bpkit. Names of cells stay the same from export to export, so that nbgrader's database stays valid.

nbgrader runs the tests in the student's own kernel, without a sandbox: a submission that patches numpy or bp.check, or overwrites its
marks, gets what it wants, and bpkit with its references can be read there. `bpkit grade` takes the same notebooks and has none of this.

nbgrader 0.9.6 refuses a submission in which an answer cell was split or copied, so that two cells have one grade_id, and the students
after it are not graded: autograde ends there and speaks of an old metadata format. Move that submission away and run autograde again.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.add_argument("folder", metavar="DIR", help="nbgrader's course folder; made if it is not there")
    parser.add_argument("lessons", nargs="*", metavar="NN", help="lessons (default: all that have exercises)")


def run(args: argparse.Namespace) -> int:
    """Write the assignments."""
    course = find_course()
    if course.solutions is None:
        raise CourseError("an installed bpkit has no solutions to export; run this in a checkout of the course")
    folder = Path(args.folder)
    paths = [path for path in files_of(course.solutions, ".py", args.lessons) if of_lesson(path.stem[:2])]
    if not paths:
        raise CourseError(f"no lesson with exercises found in {course.solutions}")
    for path in paths:
        source = read_source(path)
        write_whole(folder / "source" / source.slug / f"{source.slug}.ipynb", as_text(assignment(source)))
        points = sum(exercise.points for exercise in of_lesson(source.number))
        print(f"{source.slug}: {len(of_lesson(source.number))} exercises, {points} points")
    config = folder / "nbgrader_config.py"
    if not config.exists():
        write_whole(config, _CONFIG)
    print(f"Next: cd {folder} && nbgrader generate_assignment {paths[-1].stem}")
    return 0


def assignment(source: Source) -> NotebookNode:
    """A lesson as nbgrader's instructors write it: solutions marked, test cells with points.

    Raises
    ------
    CourseError
        If an exercise of the lesson has no cell that checks it, or several.
    """
    exercises = {exercise.id: exercise for exercise in of_lesson(source.number)}
    cells = []
    for cell in source.cells:
        if "solution" not in cell.tags:
            cells.append(_cell(cell, source, exercises))
    tested = [cell.metadata["nbgrader"]["grade_id"] for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]
    for exercise in exercises.values():
        if (count := tested.count(_test_id(exercise))) != 1:
            found = "no cell" if count == 0 else f"{count} cells"
            raise CourseError(f'{source.path.name}: found {found} with bp.check("{exercise.id}", {exercise.name}) on the last line, expected one')
    return as_notebook(cells)


def _cell(cell: Cell, source: Source, exercises: dict[str, Exercise]) -> NotebookNode:
    lines = cell.text.rstrip().split("\n")
    check = _CHECK.fullmatch(lines[-1]) if cell.kind == "code" else None
    if check and cell.blocks:
        raise CourseError(f"{source.place(cell)}: a solution and its bp.check stand in one cell, but nbgrader locks cells that have tests; split it")
    if check and check["id"] in exercises:
        exercise = exercises[check["id"]]
        lines[-1:] = [f"outcome = {check[0]}", "display(outcome)", "assert outcome.passed, outcome.message"]
        return _marked(as_cell(cell, "\n".join(lines)), _test_id(exercise), grade=True, locked=True, points=exercise.points)
    if cell.blocks:
        return _marked(as_cell(cell, _MARKER.sub(r"\1### \2 SOLUTION", cell.text)), cell.id, solution=True)
    return as_cell(cell, cell.text)


def _test_id(exercise: Exercise) -> str:
    return f"exercise-{exercise.id.replace('.', '-')}"


def _marked(
    cell: NotebookNode, grade_id: str, *, grade: bool = False, locked: bool = False, solution: bool = False, points: float = 0
) -> NotebookNode:
    meta = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution, "locked": locked, "task": False}
    cell.metadata = {**cell.metadata, "nbgrader": meta | ({"points": points} if grade else {})}
    return cell
