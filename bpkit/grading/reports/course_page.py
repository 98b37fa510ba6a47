"""Draws course.html: which exercises and which mistakes a class struggles with, and whom to write to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from bpkit.course.folders import course_spoken
from bpkit.course.taught import Section, Slide, sections, slides
from bpkit.errors import CourseError
from bpkit.exhibits.palette import report_style
from bpkit.grading.records import Run
from bpkit.grading.reports.class_figures import ClassFigures, ExerciseFigures, MistakeFigures, histogram
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.pages import CLASSES, SIGNS, render, security_policy, text_of
from bpkit.language import SOURCE, speaking, translated

_TOP_MISTAKES = 8
# a browser shows so many rows at once without pausing; what is left out stands in summary.csv and grades.csv
_MOST_STUDENTS, _MOST_NAMES = 3000, 300
_LABEL_FROM = 4.5  # per cent of a bar's width from which a number fits in


def write(run: Run, figures: ClassFigures, out: Path, names: dict[str, str]) -> None:
    """Write ``course.html``, which links to the students' pages."""
    write_whole(out / "course.html", page(run, figures, names))


def page(run: Run, figures: ClassFigures, names: dict[str, str]) -> str:
    """The class at a glance, as one page that needs nothing else. It is for staff: it has names, and the seed."""
    with speaking(run.language):
        return _page(run, figures, names)


def _page(run: Run, figures: ClassFigures, names: dict[str, str]) -> str:
    bins = histogram(figures.students)
    top = figures.mistakes[:_TOP_MISTAKES]
    places = _places(top)
    script = text_of("course.js")
    return render(
        "course.html",
        run=run,
        figures=figures,
        top=top,
        places_of=lambda found: _places_of(found, places),
        # the site has every language's pages in a folder of their own; decks have titles in English
        site=run.site and run.site.rstrip("/") + ("" if run.language == SOURCE else f"/{run.language}"),
        english=run.language == SOURCE,
        most_students=_MOST_STUDENTS,
        most_names=_MOST_NAMES,
        lessons=[(lesson, list(group)) for lesson, group in groupby(figures.exercises, key=lambda e: e.lesson)],
        bins=bins,
        tallest=max((count for _, count in bins), default=0) or 1,
        segments=_segments,
        strip=_strip,
        page_of=lambda student: f"feedback/{quote(names[student])}.html",
        policy=security_policy(script),
        script=script,
        style=report_style() + text_of("style.css") + text_of("course.css"),
    )


@dataclass(frozen=True)
class _Place:
    """Where some exercises of a mistake are taught."""

    section: Section
    slide: Slide | None
    exercises: list[str]


def _places(top: Iterable[MistakeFigures]) -> dict[str, tuple[Section, Slide | None]]:
    """Where each exercise of the lessons with these mistakes is taught; nothing where no course is at hand."""
    try:
        course = course_spoken()
    except CourseError:
        return {}
    places: dict[str, tuple[Section, Slide | None]] = {}
    lessons = {found.lesson for found in top}
    treated = slides(course, lessons)
    for lesson in lessons:
        places |= {exercise: (section, treated.get(exercise)) for exercise, section in sections(course, lesson).items()}
    return places


def _places_of(found: MistakeFigures, places: dict[str, tuple[Section, Slide | None]]) -> list[_Place]:
    """Where a mistake is taught, each place once."""
    there: dict[tuple[Section, Slide | None], list[str]] = {}
    for made in found.made:
        if made.exercise in places:
            there.setdefault(places[made.exercise], []).append(made.exercise)
    return [_Place(*place, exercises) for place, exercises in there.items()]


def _segments(exercise: ExerciseFigures) -> list[dict[str, object]]:
    """The pieces of an exercise's bar, in per cent of its width."""
    pieces: list[dict[str, object]] = []
    left = 0.0
    for status in SIGNS:
        width = 100 * exercise.counts[status] / exercise.total
        if width:
            pieces.append(
                {"status": status, "count": exercise.counts[status], "x": round(left, 3), "width": round(width, 3), "label": width >= _LABEL_FROM}
            )
        left += width
    return pieces


def _strip(marks: Iterable[str]) -> list[tuple[str, str, str]]:
    """Neighbouring exercises of one status as one piece: class, signs, words for those who do not see the signs."""
    pieces = []
    for status, group in groupby(marks):
        count = len(list(group))
        pieces.append((CLASSES[status], SIGNS[status] * count, f"{count} {translated(status)}"))
    return pieces
