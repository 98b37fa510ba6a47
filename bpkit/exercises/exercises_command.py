"""`bpkit exercises`: what there is to do, and which mistakes each exercise can name; and the course in a table."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from bpkit.course.contents import contents
from bpkit.course.folders import find_course
from bpkit.errors import CourseError
from bpkit.exercises import find, of_lesson, registry
from bpkit.exercises.model import Exercise
from bpkit.exercises.selftest import SelfTest, self_test


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument("wanted", nargs="*", metavar="ID", help="exercises or lessons, e.g. 05.6 or 05 (default: all)")
    parser.add_argument("--table", action="store_true", help="print a line per lesson: words, exercises, mistakes, figures, minutes")
    parser.add_argument("--json", action="store_true", help="print a JSON list, for other programs")
    parser.add_argument(
        "--self-test", type=int, metavar="SEEDS", help="try stub, solution and every mistake of each exercise on this many seeds; exit 1 if one fails"
    )
    parser.add_argument(
        "--mutants", action="store_true", help="with --self-test: also try small changes of each solution, which a case has to refuse"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the table, or the self-test's figures."""
    exercises = _chosen(arguments.wanted)
    if arguments.table and arguments.wanted:
        raise CourseError(f"--table is of the whole course; expected no IDs beside it, found {' '.join(arguments.wanted)}")
    if arguments.self_test is not None:
        if arguments.self_test < 1:
            raise CourseError(f"--self-test takes a number of seeds from 1 on, found {arguments.self_test}")
        results = []
        for exercise in exercises:
            results.append(self_test(exercise, arguments.self_test, arguments.mutants))
            tested = results[-1].mutants
            print(results[-1], *(tested.survivors if tested else ()), sep="\n  survives: ", flush=True)
        print(_summary(results))
        return 0 if all(result.ok for result in results) else 1
    if arguments.table:
        print(course_table())
        return 0
    if arguments.json:
        print(json.dumps([_row(exercise) for exercise in exercises], indent=1, ensure_ascii=False))
        return 0
    width = max(len(exercise.name) for exercise in exercises)
    for e in exercises:
        print(f"{e.id}  {e.name:<{width}}  {e.points} p  {e.minutes:>2} min  {'•' * e.difficulty:<3}  {e.title}{' (partial credit)' * e.partial}")
        print(f"{'':7}{'':{width}}  tells apart: {', '.join(mistake.name for mistake in e.mistakes)}")
    return 0


def _summary(results: Sequence[SelfTest]) -> str:
    """The sums, in a line."""
    mistakes, judged, near = (sum(numbers) for numbers in zip(*((r.mistakes, r.judged, r.near_misses) for r in results), strict=True))
    line = f"{len(results)} exercises, {mistakes} mistakes, {judged} answers judged, {near} near misses"
    mutants = [result.mutants for result in results if result.mutants]
    tried, survivors = sum(each.tried for each in mutants), sum(len(each.survivors) for each in mutants)
    return f"{line}, {tried - survivors} of {tried} mutants killed" if mutants else line


def _chosen(wanted: Sequence[str]) -> list[Exercise]:
    """The exercises of these ids and lessons, each once, in the order of the course; all of them where none is named."""
    if not wanted:
        return list(registry().values())
    chosen: set[str] = set()
    for word in wanted:
        lesson = of_lesson(word.zfill(2)) if word.isdigit() else ()
        if lesson:
            chosen.update(exercise.id for exercise in lesson)
            continue
        found = find(word)
        if isinstance(found, str):
            raise CourseError(found)
        chosen.add(found.id)
    return [exercise for exercise_id, exercise in registry().items() if exercise_id in chosen]


def course_table() -> str:
    """A line per lesson and one for all: its words, formulas, exercises, mistakes, points, figures, widgets, minutes.

    Minutes are those that the lesson promises; words, formulas and figures are counted in the notebook that learners open.
    """
    rows = []
    for lesson in contents(find_course()):
        own = of_lesson(lesson.number)
        of_bank = (len(own), sum(len(exercise.mistakes) for exercise in own), sum(exercise.points for exercise in own))
        rows.append((f"{lesson.number} {lesson.title}", lesson.words, lesson.formulas, *of_bank, lesson.figures, lesson.widgets, lesson.minutes))
    rows.append((f"{len(rows)} lessons", *(sum(column) for column in list(zip(*rows, strict=True))[1:])))
    head = ("lesson", "words", "formulas", "exercises", "mistakes", "points", "figures", "widgets", "minutes")
    first = max(len(row[0]) for row in rows)
    return "\n".join(
        f"{name:<{first}}" + "".join(f"  {number:>{len(title)}}" for number, title in zip(numbers, head[1:], strict=True))
        for name, *numbers in (head, *rows)
    )


def _row(exercise: Exercise) -> dict[str, object]:
    plain = {name: getattr(exercise, name) for name in ("id", "lesson", "title", "points", "minutes", "difficulty", "kind", "name", "partial")}
    return {**plain, "mistakes": [mistake.name for mistake in exercise.mistakes]}
