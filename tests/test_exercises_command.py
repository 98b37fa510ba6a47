"""`bpkit exercises`: the list, the JSON, and the table of the course."""

from __future__ import annotations

import json
import re

from bpkit.cli import main
from bpkit.course.contents import contents
from bpkit.course.folders import find_course
from bpkit.exercises import of_lesson, registry, selftest
from bpkit.exercises.judge import Judge
from bpkit.exercises.mutants import Mutants, try_mutants


def printed(capsys, *words):
    assert main(["exercises", *words]) == 0
    return capsys.readouterr().out


def test_every_exercise_is_listed_with_the_mistakes_it_can_name(capsys):
    listed = printed(capsys)
    for exercise in registry().values():
        title = re.escape(f"{exercise.title}{' (partial credit)' * exercise.partial}")
        assert re.search(rf"^{re.escape(exercise.id)}  {exercise.name} .*{exercise.minutes} min  •+ +{title}$", listed, re.MULTILINE)
        assert f"tells apart: {', '.join(mistake.name for mistake in exercise.mistakes)}\n" in listed


def test_the_json_says_the_same_to_programs(capsys):
    rows = json.loads(printed(capsys, "--json"))
    assert [row["id"] for row in rows] == list(registry())
    assert set(rows[0]) == {"id", "lesson", "title", "points", "minutes", "difficulty", "kind", "name", "partial", "mistakes"}


def test_the_table_has_a_line_per_lesson_and_its_columns_add_up(capsys):
    head, *lines, last = printed(capsys, "--table").splitlines()
    assert head.split() == ["lesson", "words", "formulas", "exercises", "mistakes", "points", "figures", "widgets", "minutes"]
    lessons, sums = contents(find_course()), [0] * 8
    for line, lesson in zip(lines, lessons, strict=True):
        numbers = [int(number) for number in line.split()[-8:]]
        own = of_lesson(lesson.number)
        mistakes, points = sum(len(exercise.mistakes) for exercise in own), sum(exercise.points for exercise in own)
        assert line.startswith(f"{lesson.number} {lesson.title} ")
        assert numbers == [lesson.words, lesson.formulas, len(own), mistakes, points, lesson.figures, lesson.widgets, lesson.minutes]
        sums = [total + number for total, number in zip(sums, numbers, strict=True)]
    assert last.split() == [str(len(lessons)), "lessons", *map(str, sums)]
    assert len({len(line) for line in (head, *lines, last)}) == 1


def test_a_number_of_seeds_below_one_is_refused(capsys):
    assert main(["exercises", "--self-test", "0"]) == 2
    assert "from 1 on, found 0" in capsys.readouterr().err


def test_the_self_test_counts_what_it_judged(capsys):
    own = of_lesson("00")
    *each, last = printed(capsys, "00", "--self-test", "2").splitlines()
    mistakes = sum(len(exercise.mistakes) for exercise in own)
    assert len(each) == len(own) and last.startswith(f"{len(own)} exercises, {mistakes} mistakes, ") and "mutants" not in last
    near = 0
    for line, exercise in zip(each, own, strict=True):
        found = re.fullmatch(rf"{exercise.id} +(\d+) mistakes, +(\d+) cases × \d seeds, \d+ answers judged, (\d+) near misses: ok", line)
        assert found and int(found[1]) == len(exercise.mistakes) and int(found[2]) == len(Judge.drawn(exercise, 0).cases)
        near += int(found[3])
    assert last.endswith(f" {near} near misses") and near > 0


def test_the_self_test_counts_the_mutants_that_were_killed_and_fails_where_one_survives(capsys, monkeypatch):
    line, last = printed(capsys, "00.1", "--self-test", "1", "--mutants").splitlines()
    tried = try_mutants(registry()["00.1"]).tried
    assert tried > 0 and f", {tried} of {tried} mutants killed: ok" in line and last.endswith(f", {tried} of {tried} mutants killed")
    monkeypatch.setattr(selftest, "try_mutants", lambda exercise: Mutants(3, ("one line → another",)))
    assert main(["exercises", "00.1", "--self-test", "1", "--mutants"]) == 1
    told = capsys.readouterr().out
    assert "2 of 3 mutants killed: 1 faults, first: a mutant passes: one line → another\n  survives: one line → another\n" in told


def test_exercises_and_lessons_can_be_named_in_any_order_and_twice(capsys):
    rows = json.loads(printed(capsys, "--json", "05.6", "0", "05.6"))
    assert [row["id"] for row in rows] == [*(exercise.id for exercise in of_lesson("00")), "05.6"]
    assert printed(capsys, "05.6", "--self-test", "1").startswith("05.6  ")


def test_an_exercise_that_is_not_there_is_named_with_those_that_are(capsys):
    assert main(["exercises", "05.66"]) == 2
    assert "no exercise '05.66'; lesson 05 has 05.1 to " in capsys.readouterr().err
    assert main(["exercises", "05", "--table"]) == 2
    assert "whole course" in capsys.readouterr().err
