"""Counts what a class did: per exercise, per mistake, per student. Pure figures; the pages draw them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from bpkit.exercises import known
from bpkit.grading.records import Graded, Mark, Marked, Row

UNEXPLAINED = "none of the known mistakes"
# names that point into the text which an exercise shows: in another exercise they are another mistake
_OF_ONE_TEXT = re.compile(r"line \d+|all right|as published")


@dataclass(frozen=True)
class Made:
    """A mistake in one exercise: how many made it, and what most of them were told."""

    exercise: str
    title: str
    count: int
    message: str


@dataclass(frozen=True)
class MistakeFigures:
    """One mistake, and everybody who made it. One that the bank knows is one in all exercises of a lesson that have it."""

    mistake: str
    lesson: str
    made: tuple[Made, ...]
    students: tuple[str, ...]

    @property
    def messages(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What they were told, each text once, with the exercises that say it."""
        told: dict[str, list[str]] = defaultdict(list)
        for each in self.made:
            told[each.message].append(each.exercise)
        return tuple((message, tuple(exercises)) for message, exercises in told.items())


@dataclass(frozen=True)
class ExerciseFigures:
    """How an exercise went. `counts` has a number per status; `mistakes` the names by how often they were made."""

    exercise: str
    lesson: str
    name: str
    title: str
    max: float
    counts: Counter[str]
    mistakes: tuple[tuple[str, int], ...]
    seconds: float

    @property
    def total(self) -> int:
        """Students who were asked."""
        return self.counts.total()

    @property
    def right_of_attempted(self) -> tuple[int, int]:
        """How many are right, of how many that could be judged."""
        return self.counts["right"], self.counts["right"] + self.counts["wrong"]


@dataclass(frozen=True)
class StudentFigures:
    """How a student did; `marks` is a status per exercise, lesson by lesson."""

    student: str
    points: float
    max: float
    marks: tuple[tuple[str, tuple[str, ...]], ...]
    seconds: float
    attention: str = ""


@dataclass(frozen=True)
class ClassFigures:
    """The whole class."""

    exercises: tuple[ExerciseFigures, ...]
    mistakes: tuple[MistakeFigures, ...]
    students: tuple[StudentFigures, ...]

    @property
    def counts(self) -> Counter[str]:
        """Exercises of all students by status."""
        return sum((exercise.counts for exercise in self.exercises), Counter())

    @property
    def median_points(self) -> float:
        """The points that half of the class reaches."""
        return median(student.points for student in self.students) if self.students else 0

    @property
    def attention(self) -> tuple[StudentFigures, ...]:
        """Students whom somebody should write to: nothing handed in, or something that could not be graded."""
        return tuple(student for student in self.students if student.attention)

    @property
    def hardest(self) -> ExerciseFigures | None:
        """The exercise with the smallest share of right answers among those judged; None where nobody was wrong."""
        missed = [exercise for exercise in self.exercises if exercise.right_of_attempted[0] < exercise.right_of_attempted[1]]
        return min(missed, key=lambda e: e.right_of_attempted[0] / e.right_of_attempted[1], default=None)


@dataclass
class _Tally:
    row: Row | Mark
    counts: Counter[str] = field(default_factory=Counter)
    mistakes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    messages: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: list[float] = field(default_factory=list)


def class_figures(submissions: Iterable[Graded]) -> ClassFigures:
    """Count a class. Reads each submission once and keeps none of their code."""
    counted = ClassCount()
    for submission in submissions:
        counted.add(submission)
    return counted.figures()


class ClassCount:
    """Counts a class, one submission after the other."""

    def __init__(self) -> None:
        self._tallies: dict[str, _Tally] = {}
        self._students: list[StudentFigures] = []

    def add(self, submission: Graded | Marked) -> None:
        """Count one submission; nothing of its code is kept."""
        for row in submission.rows:
            if not row.exercise:  # nothing in what was handed in tells the lesson
                continue
            tally = self._tallies.get(row.exercise) or self._tallies.setdefault(row.exercise, _Tally(row))
            tally.counts[row.status] += 1
            tally.seconds.append(row.seconds)
            if row.status == "wrong":
                mistake = row.mistake or UNEXPLAINED
                tally.mistakes[mistake].append(submission.student)
                tally.messages[mistake][row.message] += 1
        self._students.append(_student(submission))

    def figures(self) -> ClassFigures:
        """The figures of all that were counted."""
        in_order = [self._tallies[exercise] for exercise in sorted(self._tallies, key=_course_order)]
        return ClassFigures(
            tuple(_exercise(tally) for tally in in_order),
            tuple(sorted(_mistakes(in_order), key=_talk_order)),
            tuple(sorted(self._students, key=lambda s: (s.student.casefold(), s.student))),
        )


def _course_order(exercise: str) -> tuple[str, int, str]:
    """Sorts 11.2 before 11.10."""
    return exercise.partition(".")[0], len(exercise), exercise


def _mistakes(tallies: Iterable[_Tally]) -> Iterable[MistakeFigures]:
    cards: dict[tuple[str, str], list[_Tally]] = defaultdict(list)
    for tally in tallies:
        for mistake in tally.mistakes:
            shared = _taught(tally.row.exercise, mistake) and not _OF_ONE_TEXT.fullmatch(mistake)
            cards[mistake, tally.row.lesson if shared else tally.row.exercise].append(tally)
    for (mistake, _), found in cards.items():
        made = (Made(t.row.exercise, t.row.title, len(t.mistakes[mistake]), _told(t, mistake)) for t in found)
        students = {student for t in found for student in t.mistakes[mistake]}
        yield MistakeFigures(mistake, found[0].row.lesson, tuple(made), tuple(sorted(students)))


def _told(tally: _Tally, mistake: str) -> str:
    """What the mistake means: the bank's own words, beside which a row's may be of its student alone; else what most were told."""
    exercise = known(tally.row.exercise)
    hints = [each.hint for each in exercise.mistakes if each.name == mistake] if exercise else []
    return hints[0] if hints else _most_common(tally.messages[mistake])


def _talk_order(found: MistakeFigures) -> tuple[object, ...]:
    """The commonest first; of equally common ones what the bank knows, then what stands in an easier exercise."""
    first = found.made[0].exercise
    difficulty = min((exercise.difficulty for made in found.made if (exercise := known(made.exercise))), default=0)
    return -len(found.students), found.mistake == UNEXPLAINED, not _taught(first, found.mistake), difficulty, _course_order(first), found.mistake


def _taught(exercise: str, mistake: str) -> bool:
    """Whether the exercise knows this mistake: a lecture helps against these more than against a misprint that raises."""
    taught = known(exercise)
    return taught is not None and any(each.name == mistake for each in taught.mistakes)


def histogram(students: Iterable[StudentFigures], most_bins: int = 21) -> list[tuple[str, int]]:
    """Students per number of points: a bin per point where these are few, else twenty bins of equal width.

    Examples
    --------
    >>> histogram([StudentFigures("a", 1, 2, (), 0), StudentFigures("b", 2, 2, (), 0)])
    [('0', 0), ('1', 1), ('2', 1)]
    """
    everyone = list(students)
    top = max((student.max for student in everyone), default=0)
    whole = all(float(student.points).is_integer() for student in everyone)
    if whole and top < most_bins:
        found = Counter(int(student.points) for student in everyone)
        return [(str(points), found[points]) for points in range(int(top) + 1)]
    bins = most_bins - 1
    width = top / bins
    found = Counter(min(int(student.points / width), bins - 1) for student in everyone)
    return [(f"{k * width:.3g}–{(k + 1) * width:.3g}", found[k]) for k in range(bins)]


def _exercise(tally: _Tally) -> ExerciseFigures:
    row = tally.row
    named = sorted(((mistake, len(made_by)) for mistake, made_by in tally.mistakes.items()), key=lambda pair: (-pair[1], pair[0]))
    return ExerciseFigures(row.exercise, row.lesson, row.name, row.title, row.max, tally.counts, tuple(named), median(tally.seconds))


def _student(submission: Graded | Marked) -> StudentFigures:
    rows = submission.rows
    lessons: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        lessons[row.lesson].append(row.status)
    return StudentFigures(
        submission.student,
        sum(row.points for row in rows),
        sum(row.max for row in rows),
        tuple((lesson, tuple(marks)) for lesson, marks in sorted(lessons.items())),
        sum(row.seconds for row in rows),
        _attention(submission),
    )


def _attention(submission: Graded | Marked) -> str:
    failed = [row for row in submission.rows if row.status == "could not run"]
    if failed:
        message = _most_common(Counter(row.message for row in failed))
        if len(failed) == len(submission.rows):
            return f"Nothing could be run: {message}"
        return f"{', '.join(row.exercise for row in failed)} could not run: {message}"
    if all(row.status == "not attempted" for row in submission.rows):
        return "Nothing was attempted."
    return ""


def _most_common(found: Counter[str]) -> str:
    # the alphabet decides between equals, so that the same journal gives the same page
    return min(found, key=lambda text: (-found[text], text))
