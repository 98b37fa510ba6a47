"""Where the course's files are found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpkit.course import folders
from bpkit.course.folders import Course, files_of, find_course
from bpkit.errors import CourseError

ROOT = Path(__file__).resolve().parent.parent


def test_a_checkout_is_found_beside_the_package():
    assert find_course() == Course.at(ROOT)


def test_an_installed_wheel_carries_lessons_and_decks_but_no_solutions(tmp_path):
    package = tmp_path / "bpkit"
    (package / "_course" / "lessons").mkdir(parents=True)
    (package / "_course" / "slides").mkdir()
    for room in ("course", "language"):
        (package / room).mkdir()
    for name in ("__init__.py", "errors.py", "course/__init__.py", "course/folders.py", "language/__init__.py"):
        shutil.copy(ROOT / "bpkit" / name, package / name)
    code = "from bpkit.course.folders import find_course; c = find_course(); print(c.lessons); print(c.slides); print(c.solutions)"
    told = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.split() == [str(package / "_course" / "lessons"), str(package / "_course" / "slides"), "None"]


def test_a_broken_installation_names_both_places(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "__file__", str(tmp_path / "bpkit" / "course" / "folders.py"))
    with pytest.raises(CourseError, match=r"neither .*lessons .* nor .*_course"):
        find_course()


@pytest.fixture
def folder(tmp_path):
    for name in ("05_five.py", "00_zero.py", "11_eleven.py", "conftest.py", "05_five.ipynb"):
        (tmp_path / name).touch()
    return tmp_path


def test_all_lessons_come_in_course_order(folder):
    assert [path.name for path in files_of(folder, ".py")] == ["00_zero.py", "05_five.py", "11_eleven.py"]


@pytest.mark.parametrize("word", ["5", "05", "05_five", "solutions/05_five.py", "05_five.ipynb"])
def test_a_lesson_is_named_by_number_slug_or_path(folder, word):
    assert [path.name for path in files_of(folder, ".py", [word, "05"])] == ["05_five.py"]


def test_an_unknown_lesson_lists_those_there_are(folder):
    with pytest.raises(CourseError, match=r"no lesson '07' in .*; there are: 00_zero, 05_five, 11_eleven"):
        files_of(folder, ".py", ["07"])
