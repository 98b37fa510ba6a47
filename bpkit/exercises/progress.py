"""What a learner has done so far: a small file in the learner's own folder, and its map of the course."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, groupby
from pathlib import Path
from typing import Any

from bpkit.course.contents import Lesson, contents
from bpkit.course.folders import course_spoken
from bpkit.errors import CourseError
from bpkit.exercises import registry
from bpkit.exercises.model import Exercise
from bpkit.exercises.outcome import Outcome

FILE = ".bpkit-progress.json"
_VERSION = 1
_MOST_TRIES = 10
_STATUSES = ("right", "wrong", "not attempted")


@dataclass(frozen=True)
class Record:
    """One exercise so far.

    Parameters
    ----------
    status
        The best that was reached.
    tries, hints
        How often it was checked, how many hints were opened.
    answer
        The source of the last answer that was right, as far as it is known.
    wrong
        What tells different wrong tries apart, one entry for each of the first few.
    """

    status: str = "not attempted"
    tries: int = 0
    hints: int = 0
    answer: str = ""
    wrong: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Record:
        """What a file says of an exercise. What another version of bpkit left out, or says otherwise, counts as not there."""
        status = entry.get("status")
        tries, hints = (number if isinstance(number := entry.get(key), int) else 0 for key in ("tries", "hints"))
        answer, wrong = entry.get("answer"), entry.get("wrong")
        return cls(
            status if status in _STATUSES else "not attempted",
            tries,
            hints,
            answer if isinstance(answer, str) else "",
            tuple(each for each in wrong if isinstance(each, str)) if isinstance(wrong, list) else (),
        )

    def entry(self) -> dict[str, Any]:
        """The record as a file has it, without a source that is not known."""
        return {key: value for key, value in vars(self).items() if value not in ("", ())}


@dataclass(frozen=True)
class LessonProgress:
    """One lesson so far.

    Parameters
    ----------
    lesson
        Its two digits.
    exercises
        Each with its record.
    title
        Empty where the lessons themselves are not at hand.
    minutes
        What the lesson promises to take; 0 where the lessons themselves are not at hand.
    notebook
        The learner's own; None where it does not lie in the learner's folder.
    """

    lesson: str
    exercises: tuple[tuple[Exercise, Record], ...]
    title: str = ""
    minutes: int = 0
    notebook: Path | None = None

    @property
    def points(self) -> int:
        """Points reached."""
        return sum(exercise.points for exercise, record in self.exercises if record.status == "right")

    @property
    def max_points(self) -> int:
        """Points there are."""
        return sum(exercise.points for exercise, _ in self.exercises)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(record.status == "right" for _, record in self.exercises)

    @property
    def state(self) -> str:
        """Done, not begun, or how far."""
        if self.right == len(self.exercises):
            return "done"
        begun = any(record.status != "not attempted" for _, record in self.exercises)
        return f"{self.right} of {len(self.exercises)} right" if begun else "not begun"

    @property
    def minutes_left(self) -> int:
        """The share of the lesson's minutes that its open exercises have among all, each with what there is to read for it."""
        everything = sum(exercise.minutes for exercise, _ in self.exercises)
        still_open = sum(exercise.minutes for exercise, record in self.exercises if record.status != "right")
        return round(self.minutes * still_open / everything)

    @property
    def first_open(self) -> tuple[Exercise, Record] | None:
        """The first exercise that is not right."""
        return next(((exercise, record) for exercise, record in self.exercises if record.status != "right"), None)


@dataclass(frozen=True)
class Progress:
    """The course so far.

    Parameters
    ----------
    records
        Exercise → what is known of it; also of exercises that this version of bpkit does not have.
    last
        The exercise that was worked on last.
    note
        What the learner has to know about the file.
    folder
        Where the file and the learner's notebooks lie.
    content
        The file as it was read, so that nothing in it is lost.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    last: str = ""
    note: str = ""
    folder: Path = field(default_factory=Path.cwd)
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def of(self, exercise_id: str) -> Record:
        """What is known of one exercise."""
        return self.records.get(exercise_id, Record())

    def lessons(self) -> list[LessonProgress]:
        """Every lesson of the course, in order."""
        known = _known_lessons()
        found = []
        for number, own in groupby(registry().values(), key=lambda exercise: exercise.lesson):
            lesson = known.get(number)
            notebook = self.folder / f"{lesson.slug}.ipynb" if lesson else None
            title, minutes = (lesson.title, lesson.minutes) if lesson else ("", 0)
            exercises = tuple((exercise, self.of(exercise.id)) for exercise in own)
            found.append(LessonProgress(number, exercises, title, minutes, notebook if notebook and notebook.is_file() else None))
        return found

    def up_next(self) -> tuple[LessonProgress, Exercise, Record] | None:
        """What to do next: go on where the learner was, then with what follows, then with what was skipped; None when all is right."""
        lessons = self.lessons()
        begun = [lesson.lesson for lesson in lessons if lesson.state != "not begun"]
        here = self.last[:2] if self.last[:2] in {lesson.lesson for lesson in lessons} else max(begun, default="")
        ahead = [lesson for lesson in lessons if lesson.lesson >= here]
        for lesson in [*ahead, *lessons]:
            if lesson.first_open:
                return lesson, *lesson.first_open
        return None

    def unknown(self) -> list[str]:
        """Exercises in the file that this version of bpkit does not have."""
        return sorted(set(self.records) - set(registry()))


def _known_lessons() -> dict[str, Lesson]:
    """The course's lessons by number; none where they are not installed."""
    with suppress(CourseError):
        return {lesson.number: lesson for lesson in contents(course_spoken())}
    return {}


def load(folder: Path | None = None) -> Progress:
    """Read the learner's file; a file that cannot be read is set aside, never overwritten."""
    folder = folder or Path.cwd()
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        records = {str(i): Record.of(entry) for i, entry in content.get("exercises", {}).items()}
        return Progress(records, str(content.get("last", "")), folder=folder, content=content)
    except FileNotFoundError:
        return Progress(folder=folder)
    except OSError as error:
        return Progress(note=f"Your progress could not be read ({error.strerror}: {path.name}).", folder=folder)
    except (ValueError, TypeError, AttributeError):
        aside = next(free for k in count(1) if not (free := path.with_suffix(f".damaged{k if k > 1 else ''}.json")).exists())
        os.replace(path, aside)
        return Progress(note=f"{path.name} was damaged; it is kept as {aside.name}, and a new one is begun.", folder=folder)


def _change(exercise_id: str, change: Callable[[Record], Record]) -> Record:
    """Change one exercise's record in the file, and nothing else in it."""
    progress = load()
    record = change(progress.of(exercise_id))
    before = progress.content
    exercises = dict(before.get("exercises", {}))
    exercises[exercise_id] = {**exercises.get(exercise_id, {}), **record.entry()}
    version = max(_VERSION, before["version"]) if isinstance(before.get("version"), int) else _VERSION
    _write({**before, "version": version, "last": exercise_id, "exercises": dict(sorted(exercises.items()))}, progress.folder)
    return record


def _write(content: Mapping[str, Any], folder: Path) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one."""
    with suppress(OSError):  # a folder that cannot be written to costs the record, never the feedback
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=FILE, delete=False) as file:
            json.dump(content, file, indent=1, ensure_ascii=False)
        os.replace(file.name, folder / FILE)


def record(outcome: Outcome, answer: str = "", tried: str = "") -> Record:
    """Remember an outcome; what was once right stays right. Returns what is known now.

    Parameters
    ----------
    answer
        The source of the answer.
    tried
        What tells it from other wrong tries.
    """
    if outcome.status not in ("right", "wrong"):
        return load().of(outcome.exercise)

    def change(before: Record) -> Record:
        right = outcome.status == "right"
        fresh = not right and tried and tried not in before.wrong
        return Record(
            "right" if right or before.status == "right" else "wrong",
            before.tries + 1,
            before.hints,
            answer if right and answer else before.answer,
            (*before.wrong, tried)[:_MOST_TRIES] if fresh else before.wrong,
        )

    return _change(outcome.exercise, change)


def open_hint(exercise_id: str, available: int) -> int:
    """Open one more hint of an exercise; returns how many are open now."""
    return _change(exercise_id, lambda before: replace(before, hints=min(before.hints + 1, available))).hints


def hints_opened(exercise_id: str, number: int) -> Record:
    """Remember that so many hints of an exercise are open, if no more were; returns what is known now."""
    known = load().of(exercise_id)
    return known if known.hints >= number else _change(exercise_id, lambda before: replace(before, hints=number))
