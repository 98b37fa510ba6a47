"""Writes each student's page: outcome, hint, place, the picture of wrong entries, and the student's own code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from markupsafe import Markup

from bpkit.errors import CourseError
from bpkit.exercises.feedback import with_code
from bpkit.exercises.keeping import all_worked, difference
from bpkit.exhibits.palette import report_style
from bpkit.grading.records import Graded, Row, Run
from bpkit.grading.reports.files import write_whole
from bpkit.grading.reports.pages import SIGNS, changes_html, code_html, filled, numeral, pieces, plural, security_policy, text_of
from bpkit.grading.reports.told import KEPT, Told, told
from bpkit.language import speaking, translated


def write(run: Run, submissions: Iterable[Graded], out: Path, names: dict[str, str]) -> None:
    """Write ``feedback/<student>.html`` for each submission."""
    folder = out / "feedback"
    for submission in submissions:
        write_whole(f"{folder}/{names[submission.student]}.html", page(run, submission))


def page(run: Run, submission: Graded) -> str:
    """One student's page. It needs nothing but itself, and says nothing of other students or of the seed.

    Of the answers wanted it says nothing either, unless staff chose to show the course's solutions.

    Raises
    ------
    CourseError
        If they did, and this bpkit comes without them.
    """
    with speaking(run.language):
        return _page(run, submission)


def _page(run: Run, submission: Graded) -> str:
    rows = submission.rows
    count: Counter[str] = Counter(row.status for row in rows)
    tally = " · ".join(f"{count[status]} {translated(status)}" for status in SIGNS if count[status])
    drawn = [(row.lesson, *_exercise(row, run.solutions)) for row in rows]
    marks = Markup("".join([mark for _, mark, _ in drawn]))
    lessons = [(lesson, Markup("".join([card for _, _, card in cards]))) for lesson, cards in groupby(drawn, key=itemgetter(0))]
    problems = [Markup("".join(f'<li class="breakable">{with_code(translated(problem))}</li>\n' for problem in submission.problems))]
    points, most = numeral(sum(row.points for row in rows)), translated(plural(sum(row.max for row in rows), "point"))
    frame = _frame(run, submission.versions, bool(submission.problems), tuple(lesson for lesson, _ in lessons))
    about = (submission.student, submission.student, submission.file, points, most, tally, marks)
    return filled(frame, [*about, *(problems if submission.problems else ()), *(cards for _, cards in lessons)])


@lru_cache(64)
def _frame(run: Run, versions: str, has_problems: bool, lessons: tuple[str, ...]) -> list[str]:
    """What a page shares with others, but for the cards of its exercises."""
    style = report_style() + text_of("style.css") + text_of("feedback.css")
    return pieces("feedback.html", run=run, versions=versions, has_problems=has_problems, lessons=lessons, policy=security_policy(), style=style)


def _exercise(row: Row, solutions: bool) -> tuple[str, str]:
    """An exercise's mark at the top of the page, and its card."""
    ours, changes = _solution(row) if solutions and row.exercise else ("", "")
    shared, shown = told(row), (bool(row.code), ours, bool(changes))
    mark, *card = _card(row, *shown) if shared is None else _card_once(shared, *shown)
    return mark, filled(card, [*([code_html(row.code)] if row.code else ()), *([changes_html(changes)] if changes else ())])


def _card(row: Row | Told, has_code: bool, ours: str, differs: bool) -> list[str]:
    """The mark, and the pieces of the card."""
    return pieces("exercise.html", row=row, has_code=has_code, ours=ours, differs=differs)


_card_once = lru_cache(KEPT)(_card)


@cache
def _worked() -> dict[str, dict[str, str]]:
    worked = all_worked()
    if worked is None:
        raise CourseError("this bpkit comes without the course's solutions: no page can show them; expected one that was not made for graders alone")
    return worked


def _solution(row: Row) -> tuple[str, str]:
    """The course's own solution of an exercise, and how the learner's code differs from it; each empty where there is none."""
    ours = _worked().get(row.lesson, {}).get(row.name, "")
    return ours, difference(row.code, ours) if row.code and ours else ""
