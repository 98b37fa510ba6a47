"""The map of the course as a page of its own, which JupyterLab opens first: where to go on, and how much is left."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from bpkit.course.contents import cell_with_heading
from bpkit.desk.copies import replace_file
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import SIGNS
from bpkit.exercises.progress import LessonProgress, Progress, load
from bpkit.language import translated

NAME = "course_map.md"
_MEANING = {"right": "right", "wrong": "tried, not right yet", "not attempted": "open"}
_OURS = "<!-- bpkit lab writes this page anew each time it starts -->"


def write_map(folder: Path) -> str | None:
    """Write the page beside the learner's lessons; its name, or None where a file of theirs has that name."""
    place = folder / NAME
    if place.exists() and not place.read_text(encoding="utf-8", errors="replace").startswith(_OURS):
        return None
    replace_file(place, map_page(load(folder)).encode())
    return NAME


def map_page(progress: Progress) -> str:
    """The page's Markdown."""
    lessons = progress.lessons()
    lines = [_OURS, f"# {translated('The course')}", "", _step(progress), ""]
    heads = (translated(head) for head in ("lesson", "minutes left", "points", "exercises"))
    lines += [f"| {' | '.join(heads)} |", "| --- | ---: | ---: | --- |"]
    lines += [_row(lesson) for lesson in lessons]
    right, of = sum(lesson.right for lesson in lessons), sum(len(lesson.exercises) for lesson in lessons)
    left = sum(lesson.minutes_left for lesson in lessons)
    rest = f"{right} of {of} exercises are right; {_duration(left)} of the course are left." if left else f"All {of} exercises are right."
    lines += ["", translated(rest)]
    lines += ["", " · ".join(f"{SIGNS[status]} {translated(words)}" for status, words in _MEANING.items())]
    lines += ["", translated("The page shows what was done when `bpkit lab` started; `bp.progress()` in a notebook shows the same as it is now.")]
    return "\n".join([*lines, *(["", translated(progress.note)] if progress.note else []), ""])


def _step(progress: Progress) -> str:
    following = progress.up_next()
    if following is None:
        return translated("Everything is right. Go and differentiate something of your own.")
    lesson, exercise, _ = following
    if not progress.records:
        return translated(f"**Begin with** {_link(lesson, _name(lesson))}.")
    place = _link(lesson, f"{exercise.id} {exercise.name}", exercise)
    return translated(f"**Continue at** {place} · {exercise.title}, in {_link(lesson, _name(lesson))}.")


def _row(lesson: LessonProgress) -> str:
    exercises = " · ".join(f"{_link(lesson, exercise.id, exercise)} {SIGNS[record.status]}" for exercise, record in lesson.exercises)
    # on one line, also in a column that could be narrower
    points = translated(f"{lesson.points} of {lesson.max_points}").replace(" ", "\N{NO-BREAK SPACE}")
    return f"| {_link(lesson, _name(lesson))} | {lesson.minutes_left or translated('done')} | {points} | {exercises} |"


def _name(lesson: LessonProgress) -> str:
    return f"{lesson.lesson} {lesson.title}"


def _link(lesson: LessonProgress, words: str, exercise: Exercise | None = None) -> str:
    """A link into the learner's notebook, to an exercise or to its top; plain words where it does not lie in the folder."""
    if lesson.notebook is None:
        return words
    cell = cell_with_heading(lesson.notebook, f"{exercise.id} {exercise.name}") if exercise else ""
    return f"[{words}]({quote(lesson.notebook.name)}{f'#cell-id={quote(cell)}' if cell else ''})"


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return translated(f"{hours} h {rest} min") if hours else translated(f"{rest} min")
