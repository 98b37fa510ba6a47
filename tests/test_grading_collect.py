"""Who handed in what: folders, files, links and names of every kind."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from bpkit.errors import CourseError
from bpkit.grading.collect import collect, printable, told_apart


def _touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")


def test_a_student_per_subfolder_and_per_file(tmp_path: Path):
    _touch(tmp_path / "anna" / "05.ipynb", tmp_path / "anna" / "deeper" / "00.ipynb", tmp_path / "ben.ipynb")
    _touch(tmp_path / "anna" / ".ipynb_checkpoints" / "05-checkpoint.ipynb", tmp_path / ".DS_Store", tmp_path / "notes.txt")
    found = {submission.student: [path.name for path in submission.files] for submission in collect([str(tmp_path)])}
    assert found == {"anna": ["05.ipynb", "00.ipynb"], "ben": ["ben.ipynb"]}


def test_a_hidden_folder_is_said_where_it_may_be_somebodys(tmp_path: Path):
    _touch(tmp_path / "anna" / "05.ipynb", tmp_path / "..ben" / "05.ipynb", tmp_path / ".cem" / "home" / "05.ipynb")
    _touch(
        tmp_path / ".git" / "05.ipynb",
        tmp_path / ".ipynb_checkpoints" / "05-checkpoint.ipynb",
        tmp_path / ".empty" / "notes.txt",
        tmp_path / ".a.ipynb",
    )
    said: list[str] = []
    assert [submission.student for submission in collect([str(tmp_path)], say=said.append)] == ["anna"]
    assert [line.split(" is left out")[0] for line in said[1:]] == ["..ben", ".cem"]


def test_files_named_directly_and_twice(tmp_path: Path):
    _touch(tmp_path / "one" / "05.ipynb", tmp_path / "two" / "05.ipynb", tmp_path / "cem.ipynb")
    found = collect(
        [str(tmp_path / "one" / "05.ipynb"), str(tmp_path / "two" / "05.ipynb"), str(tmp_path / "cem.ipynb"), str(tmp_path / "cem.ipynb")]
    )
    assert [(submission.student, len(submission.files)) for submission in found] == [("cem", 1), ("one/05", 1), ("two/05", 1)]


def test_no_link_is_followed_and_each_is_reported(tmp_path: Path):
    outside = tmp_path / "outside"
    _touch(outside / "secret.ipynb")
    place = tmp_path / "submissions"
    _touch(place / "anna" / "05.ipynb")
    (place / "anna" / "more.ipynb").symlink_to(outside / "secret.ipynb")
    (place / "anna" / "folder").symlink_to(outside)
    (place / "eve").symlink_to(outside)
    (place / "mallory.ipynb").symlink_to(outside / "secret.ipynb")
    (place / "anna" / "loop").symlink_to(place)
    found = {submission.student: submission for submission in collect([str(place)])}
    assert [path.name for path in found["anna"].files] == ["05.ipynb"]
    assert len(found["anna"].problems) == 3 and all("links are not followed" in problem for problem in found["anna"].problems)
    assert found["eve"].files == () and "links are not followed" in found["eve"].problems[0]
    assert found["mallory"].files == () and "links are not followed" in found["mallory"].problems[0]


def test_folders_without_a_notebook_are_students_too(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    _touch(tmp_path / "pdf" / "homework.pdf", tmp_path / "pdf" / "answer.py")
    (tmp_path / "pdf" / "homework.pdf").write_bytes(b"%PDF-1.7 and so on")
    (tmp_path / "pdf" / "answer.py").write_text("x = 1")
    found = {submission.student: submission.problems for submission in collect([str(tmp_path)])}
    assert found == {
        "empty": ("the folder is empty",),
        "pdf": (
            "answer.py is not a notebook: a Python file; hand in the notebook itself, the .ipynb",
            "homework.pdf is not a notebook: a PDF; hand in the notebook itself, the .ipynb",
        ),
    }


def test_a_notebook_far_below_counts_and_one_too_far_is_said(tmp_path: Path):
    _touch(
        tmp_path / "anna" / "Users/anna/Documents/uni/summer/ml/hw5" / "05.ipynb",
        tmp_path / "ben" / "/".join("x" * 13) / "05.ipynb",
    )
    anna, ben = collect([str(tmp_path)])
    assert [path.name for path in anna.files] == ["05.ipynb"] and not anna.problems
    assert not ben.files and ben.problems == ("x was not looked at: folders are nested more than 12 deep",)


@pytest.mark.parametrize("name", ["Zoë Ünal", "李雷", "=1+1", "a b'c\"d", "-rf", "name\nwith a line end", "new\ttab", "x" * 200])
def test_odd_names_stay_names(tmp_path: Path, name: str):
    _touch(tmp_path / name / "05.ipynb")
    (submission,) = collect([str(tmp_path)])
    assert submission.student == name.replace("\n", " ").replace("\t", " ") and len(submission.files) == 1


def test_names_that_are_not_text(tmp_path: Path):
    os.mkdir(os.fsencode(tmp_path) + b"/anna\xff")
    (submission,) = collect([str(tmp_path)])
    assert submission.student == "anna\\xff"
    submission.student.encode()
    assert printable("plain") == "plain"


def test_names_that_look_the_same_are_people_of_their_own(tmp_path: Path):
    folder = os.fsencode(tmp_path)
    names = [b"anna b", b"anna\tb", b"anna\nb", b"cem\xff", b"cem\\xff", b"dan\x7f", b"dan "]
    for k, name in enumerate(names):
        os.mkdir(folder + b"/" + name)
        with open(folder + b"/" + name + b"/05.ipynb", "w") as file:
            file.write(str(k))
    found = {submission.files[0].read_text(): submission.student for submission in collect([str(tmp_path)])}
    assert len(set(found.values())) == len(names) == len(found)
    assert (found["0"], found["4"], found["6"]) == ("anna b", "cem\\xff", "dan ")
    assert all(re.fullmatch(r"anna b \([0-9a-f]{6}\)", found[k]) for k in "12") and found["3"].startswith("cem\\xff (")
    assert found == {submission.files[0].read_text(): submission.student for submission in collect([str(tmp_path)])}
    shutil.rmtree(folder + b"/anna b")
    shutil.rmtree(folder + b"/anna\nb")
    assert "anna b" in {submission.student for submission in collect([str(tmp_path)])}


def test_nobody_can_be_called_as_somebody_else_is_told_apart():
    (_, apart) = told_apart(["anna b", "anna\tb"]).values()
    names = told_apart(["anna b", "anna\tb", apart])
    assert len(set(names.values())) == 3 and names[apart] == apart


def test_files_whose_names_look_the_same_are_people_of_their_own(tmp_path: Path):
    _touch(tmp_path / "anna b.ipynb", tmp_path / "anna\tb.ipynb", tmp_path / "ben" / "05.ipynb", tmp_path / "ben.ipynb")
    assert len({submission.student for submission in collect([str(tmp_path)])}) == 4


@pytest.mark.parametrize(
    ("path", "message"),
    [("nowhere", "there is no .*nowhere; expected a notebook"), ("essay.txt", "is not a notebook; expected a file that ends in .ipynb")],
)
def test_paths_that_cannot_be_graded_are_one_line(tmp_path: Path, path: str, message: str):
    _touch(tmp_path / "essay.txt")
    with pytest.raises(CourseError, match=message):
        collect([str(tmp_path / path)])


def test_a_folder_without_any_submission(tmp_path: Path):
    with pytest.raises(CourseError, match="no notebook found in"):
        collect([str(tmp_path)])
