"""Finds generated files that differ from their source, and solutions that lie where learners look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat

from bpkit.authoring.build import solved_differences, student_text, worked_text
from bpkit.authoring.edition import sources_of
from bpkit.authoring.source import Source, shown
from bpkit.course.folders import Course, files_of
from bpkit.language import SOURCE

# shorter lines ("n = len(W)") stand in every program; a whole block says more
_TELLING_LINE, _TELLING_BLOCK = 24, 12


def drift(course: Course, wanted: Sequence[str] = (), language: str = SOURCE) -> list[str]:
    """One line per file and fault; empty when every generated file of an edition agrees with its source."""
    sources = sources_of(course, language, wanted)
    assert course.solutions is not None
    written = shown(course.solutions)
    course, build = course.edition(language), "bpkit build" if language == SOURCE else f"bpkit build --language {language}"
    assert course.solutions is not None
    problems = []
    for source in sources:
        remedy = f"run: {build} {source.number}"
        solved, student = course.solutions / f"{source.slug}.ipynb", course.lessons / f"{source.slug}.ipynb"
        if not solved.exists():
            problems.append(f"{shown(solved)}: missing; {remedy}")
        else:
            problems += [f"{shown(solved)}: {fault}; {remedy}" for fault in solved_differences(source, solved)]
        if not student.exists():
            problems.append(f"{shown(student)}: missing; {remedy}")
        elif student.read_bytes() != student_text(source).encode():
            problems.append(f"{shown(student)}: differs from what {shown(source.path)} makes; {remedy}")
    if not wanted:
        worked = course.worked
        if not worked or not worked.exists() or worked.read_bytes() != worked_text(sources).encode():
            problems.append(f"{shown(worked or course.lessons)}: differs from what the sources make; run: {build} --only-changed")
        known = {source.slug for source in sources}
        for folder in (course.lessons, course.solutions):
            problems += [f"{shown(path)}: has no source in {written}; delete it" for path in sorted(folder.glob("*.ipynb")) if path.stem not in known]
    return problems + list(leaks(sources, course))


def leaks(sources: Sequence[Source], course: Course) -> Iterator[str]:
    """Solution text that stands in a student notebook or a deck."""
    places = [(path, _squashed_cells(path)) for path in files_of(course.lessons, ".ipynb")]
    places += [(path, [_squashed(path.read_text(encoding="utf-8"))]) for path in files_of(course.slides, ".py")]
    for source in sources:
        for cell in source.cells:
            for piece in cell.solutions():
                for path, texts in places:
                    found = next((line for line in _telling(piece) if any(_squashed(line) in text for text in texts)), None)
                    if found is not None:
                        yield f"{shown(path)}: gives away the solution of {source.place(cell)}: {' '.join(found.split())!r}"


def _telling(piece: str) -> Iterator[str]:
    lines = [line.split("  #")[0] for line in piece.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    yield from (line for line in lines if len(_squashed(line)) >= _TELLING_LINE)
    whole = "\n".join(lines)
    if len(_squashed(whole)) >= _TELLING_BLOCK:
        yield whole


def _squashed(text: str) -> str:
    return "".join(text.split())


def _squashed_cells(path: Path) -> list[str]:
    try:
        notebook = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return []  # an unreadable student notebook is told as drift
    return [_squashed(cell.source) for cell in notebook.cells]
