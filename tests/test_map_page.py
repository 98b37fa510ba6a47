"""The first page of `bpkit lab`: where to go on, and what is left."""

from __future__ import annotations

import re

import pytest

from bpkit.course.folders import find_course
from bpkit.desk.copies import copy_lessons
from bpkit.desk.map_page import NAME, map_page, write_map
from bpkit.exercises import registry
from bpkit.exercises.progress import Progress, Record, load
from bpkit.language import LANGUAGES, VARIABLE

IDS = list(registry())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    mine = tmp_path_factory.mktemp("desk")
    copy_lessons(find_course().lessons, mine)
    return mine


def page(folder, last="", **records):
    return map_page(Progress({name.replace("_", ".")[1:]: Record(status, 1) for name, status in records.items()}, last, folder=folder))


def test_on_the_first_day_it_says_where_to_begin(folder):
    assert "**Begin with** [00 Start here](00_start_here.ipynb)." in page(folder)


def test_on_the_second_day_it_goes_on_where_the_learner_left(folder):
    said = page(folder, last="05.3", e00_1="right", e05_3="right", e05_1="wrong")
    assert re.search(r"\*\*Continue at\*\* \[05\.1 dz_next_dz\]\(05_propagating_the_error\.ipynb#cell-id=[\w-]+\)", said)
    assert "](05_propagating_the_error.ipynb#cell-id" in said and "05.1](" in said


def test_every_lesson_and_every_exercise_is_a_link(folder):
    said = page(folder)
    assert [i for i in IDS if not re.search(rf"\[{re.escape(i)}\]\([\w.]+#cell-id=[\w-]+\) ○", said)] == []
    assert said.count("\n| [") == len({i[:2] for i in IDS})


def test_no_column_breaks_its_points_in_two(folder, monkeypatch):
    for code in LANGUAGES:
        monkeypatch.setenv(VARIABLE, code)
        rows = [line.split("|") for line in page(folder).splitlines() if line.startswith("| [")]
        assert rows and all(re.fullmatch(r"0\S+\d+", row[3].strip(" ").replace("\N{NO-BREAK SPACE}", "_")) for row in rows), code


def test_minutes_left_fall_to_nothing(folder):
    (first, *_) = load(folder).lessons()
    assert first.minutes_left == first.minutes > 0
    everything = Progress({i: Record("right", 1) for i in IDS}, folder=folder)
    assert sum(lesson.minutes_left for lesson in everything.lessons()) == 0
    said = map_page(everything)
    assert "Everything is right" in said and f"All {len(IDS)} exercises are right." in said and "| done |" in said
    half = Progress({"00.1": Record("right", 1)}, folder=folder).lessons()[0]
    assert 0 < half.minutes_left < half.minutes


def test_a_page_of_the_learners_own_is_left_alone(tmp_path):
    assert write_map(tmp_path) == write_map(tmp_path) == NAME
    (tmp_path / NAME).write_text("# My own notes")
    assert write_map(tmp_path) is None
    assert (tmp_path / NAME).read_text() == "# My own notes"
