"""`bpkit exercises`: what there is to do, and which mistakes each exercise can name."""

from __future__ import annotations

import argparse
import json

from bpkit.errors import CourseError
from bpkit.exercises import registry
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
    rows = [
        {
            "id": exercise.id,
            "lesson": exercise.lesson,
            "title": exercise.title,
            "points": exercise.points,
            "minutes": exercise.minutes,
            "difficulty": exercise.difficulty,
            "kind": exercise.kind,
            "name": exercise.name,
            "mistakes": [mistake.name for mistake in exercise.mistakes],
        }
        for exercise in exercises
    ]
    if arguments.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['id']}  {row['name']:<{width}}  {row['points']} p  {row['minutes']:>2} min  {'•' * row['difficulty']:<3}  {row['title']}")
        print(f"{'':7}{'':{width}}  tells apart: {', '.join(row['mistakes'])}")
    return 0
