"""Writes the summary that GitHub shows with a job, in Markdown."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

from bpkit.errors import CourseError
from bpkit.grading.records import Graded, Run
from bpkit.grading.reports.class_figures import ClassFigures, class_figures
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.pages import SIGNS, numeral, plural, share

_FEW = 3  # submissions up to which each exercise gets its line
_MOST = 900_000  # bytes; GitHub refuses a summary above 1 MiB
_MARKS = {"right": "✅", "wrong": "❌", "not attempted": "⬜", "could not run": "⚠️"}


def write(
    run: Run,
    read: Callable[[], Iterable[Graded]],
    out: Path,
    environment: Mapping[str, str] = os.environ,
    figures: ClassFigures | None = None,
) -> None:
    """Write ``summary.md``, and add it to the job's summary where GitHub Actions asks for one. The figures are counted where they are not given.

    Raises
    ------
    CourseError
        If GitHub's file cannot be written.
    """
    text = markdown(run, read, figures)
    write_whole(out / "summary.md", text)
    if where := environment.get("GITHUB_STEP_SUMMARY"):
        try:
            with Path(where).open("a", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except OSError as error:
            raise CourseError(f"cannot write GITHUB_STEP_SUMMARY, {where}: {error.strerror}") from error


def markdown(run: Run, read: Callable[[], Iterable[Graded]], figures: ClassFigures | None = None) -> str:
    """A table of exercises for a student or three; of the class for more."""
    lines = [] if run.sandboxed else ["> [!WARNING]", "> Graded without a sandbox.", ""]
    few = list(islice(read(), _FEW + 1))
    if len(few) <= _FEW:
        for submission in few:
            lines += _student(submission)
    else:
        lines += _class(figures or class_figures(read()))
    text = "\n".join([*lines, f"Graded by bpkit {run.version} with {run.versions}.", ""])
    return text if len(text.encode("utf-8", "replace")) < _MOST else text[: _MOST // 4] + "\n\n… cut here; the files have all of it.\n"


def _student(submission: Graded) -> list[str]:
    points, most = sum(row.points for row in submission.rows), sum(row.max for row in submission.rows)
    lines = [f"## {_cell(submission.student)}: {numeral(points)} of {numeral(most)} points", "", "| | Exercise | Points | |", "|---|---|---:|---|"]
    for row in submission.rows:
        said = "" if row.status == "right" else ". ".join(text for text in (row.mistake, row.message) if text)
        task, points_of = _cell(f"{row.exercise} {row.title}"), f"{numeral(row.points)} of {numeral(row.max)}"
        lines.append(f"| {_MARKS[row.status]} {row.status} | {task} | {points_of} | {_cell(said)} |")
    return [*lines, "", *(f"- {_cell(problem)}" for problem in submission.problems), ""]


def _class(figures: ClassFigures) -> list[str]:
    lines = [f"## {plural(len(figures.students), 'submission')}, median {numeral(figures.median_points)} points", ""]
    lines += [
        f"| Exercise | {' | '.join(f'{_MARKS[status]} {status}' for status in SIGNS)} | right of those tried | most common mistake |",
        "|---|" + "---:|" * 5 + "---|",
    ]
    for exercise in figures.exercises:
        mistake, count = exercise.mistakes[0] if exercise.mistakes else ("", 0)
        often = f"{mistake} ({count})" if count else ""
        counts = " | ".join(str(exercise.counts[status]) for status in SIGNS)
        lines.append(f"| {_cell(f'{exercise.exercise} {exercise.title}')} | {counts} | {share(*exercise.right_of_attempted)} | {_cell(often)} |")
    if figures.attention:
        lines += ["", f"**{plural(len(figures.attention), 'submission')} blank or not gradable**; `course.html` names them."]
    return [*lines, ""]


# what GitHub makes a link of, wherever it stands in a text: an address, a person, an issue, a commit
_LINKED = re.compile(r"://|\bwww\.|\b(?:mailto|xmpp):|@|#\d|\bGH-\d|\b[0-9a-f]{7,40}\b", re.IGNORECASE)


def _cell(text: str) -> str:
    """Text that stays text in a Markdown table: no markup, no link, no mention, no new row.

    What would become a link without any markup stands as code, in which nothing does.
    """
    one_line = " ".join(text.split())
    if _LINKED.search(one_line):
        fence = "`" * (max(map(len, re.findall("`+", one_line)), default=0) + 1)
        return f"{fence} {one_line.replace('|', '¦')} {fence}"
    return re.sub(r"([\\`*_{}\[\]()#+!|~$>-])", r"\\\1", one_line.replace("&", "&amp;").replace("<", "&lt;"))
