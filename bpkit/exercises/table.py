"""`bpkit exercises`: what there is to do, and which mistakes each exercise can name."""

from __future__ import annotations

import argparse
import json

from bpkit.errors import CourseError
from bpkit.exercises import registry
from bpkit.exercises.model import Exercise
from bpkit.exercises.selftest import self_test


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's flags."""
    parser.add_argument("--json", action="store_true", help="print a JSON list, for other programs")
    parser.add_argument(
        "--self-test", type=int, metavar="SEEDS", help="try stub, solution and every mistake of each exercise on this many seeds; exit 1 if one fails"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the table, or the self-test's figures."""
    exercises = registry().values()
    if arguments.self_test is not None:
        if arguments.self_test < 1:
            raise CourseError(f"--self-test takes a number of seeds from 1 on, found {arguments.self_test}")
        results = []
        for exercise in exercises:
            results.append(self_test(exercise, arguments.self_test))
            print(results[-1], flush=True)
        print(f"{len(results)} exercises, {sum(r.mistakes for r in results)} mistakes, {sum(r.judged for r in results)} answers judged")
        return 0 if all(result.ok for result in results) else 1
    if arguments.json:
        print(json.dumps([_row(exercise) for exercise in exercises], indent=1, ensure_ascii=False))
        return 0
    width = max(len(exercise.name) for exercise in exercises)
    for e in exercises:
        print(f"{e.id}  {e.name:<{width}}  {e.points} p  {e.minutes:>2} min  {'•' * e.difficulty:<3}  {e.title}")
        print(f"{'':7}{'':{width}}  tells apart: {', '.join(mistake.name for mistake in e.mistakes)}")
    return 0


def _row(exercise: Exercise) -> dict[str, object]:
    plain = {name: getattr(exercise, name) for name in ("id", "lesson", "title", "points", "minutes", "difficulty", "kind", "name")}
    return {**plain, "mistakes": [mistake.name for mistake in exercise.mistakes]}
