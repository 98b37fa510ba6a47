"""Hand-ins as platforms give them back: people in, rows out."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from grading_class import class_of_thirty

from bpkit.course.folders import find_course
from bpkit.errors import CourseError
from bpkit.grading import archives, grade
from bpkit.grading.collect import Submission, collect
from bpkit.grading.recognise import LAYOUTS
from bpkit.language import LANGUAGES

NAME = "05_propagating_the_error.ipynb"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "x = 1"}], "nbformat": 4})
GRADESCOPE = """\
submission_101:
  :submitters:
  - :name: Anna Berg
    :sid: '7001'
    :email: anna@example.org
  :created_at: 2026-11-03 12:05:00.123456 Z
  :score: 3.0
  :results:
    tests:
    - name: shapes
      score: 1
    extra: !ruby/object:Thing
      name: nobody
  :history:
  - :id: 99
    :created_at: 2026-11-01 10:00:00 Z
    :submitters:
    - :name: Somebody Before
submission_102:
  :submitters:
  - :name: 'Ben O''Cole'
    :sid: "7002"
  - :name: Cem Dal
    :sid: '7003'
  :created_at: 2026-11-04 08:00:00 +0100
"""

# layout → what lies in the folder (a name, or a name and its content), what is said, and who handed in which files at what time
CASES = {
    "students": (["anna/" + NAME, f"ben/deep/{NAME}"], "one sub-folder or file per student, 2", {"anna": [NAME], "ben": [NAME]}),
    "files": (["anna.ipynb", "ben.IPYNB", "cem.ipynb.txt"], "one sub-folder or file per student, 3", {n: [] for n in ("anna", "ben", "cem")}),
    "moodle": (
        [
            f"Anna Berg_311_assignsubmission_file_/{NAME}",
            "Anna Berg_311_assignsubmission_onlinetext_/onlinetext.html",
            f"Anna Berg_312_assignsubmission_file_/{NAME}",
            f"Ben Cole_313_assignsubmission_file_/{NAME}",
        ],
        "Moodle download, 3",
        {"Anna Berg (311)": [NAME], "Anna Berg (312)": [NAME], "Ben Cole (313)": [NAME]},
    ),
    "moodle, flat": ([f"Anna Berg_311_assignsubmission_file_{NAME}"], "Moodle download, 1", {"Anna Berg (311)": None}),
    "canvas": (
        [
            f"berganna_11_901_{NAME}",
            ("dalcem_13_text.html", "<p>see my repository</p>"),
            "colebenn_LATE_12_902_05-1.ipynb",
            "colebenn_12_900_05.ipynb",
            "colebenn_LATE_12_904_help.py",
        ],
        "Canvas download, 3",
        {"berganna (11)": None, "dalcem (13)": None, "colebenn (12)": ["colebenn_LATE_12_902_05-1.ipynb"]},
    ),
    "canvas-quiz": (
        ["berg_anna11_question_77_901_05.ipynb", "berg_anna11_question_78_902_helper.py", "cole_ben13_question_77_903_05.ipynb"],
        "Canvas quiz download, 2",
        {"berg_anna (11)": ["berg_anna11_question_77_901_05.ipynb"], "cole_ben (13)": ["cole_ben13_question_77_903_05.ipynb"]},
    ),
    "gradescope": (
        [("submission_metadata.yml", GRADESCOPE), f"submission_101/{NAME}", f"submission_102/{NAME}"],
        "Gradescope export, 3",
        {"Anna Berg (7001)": [NAME], "Ben O'Cole (102)": [NAME], "Cem Dal (102)": [NAME]},
    ),
    "blackboard": (
        [
            "Homework 5_ab12_attempt_2026-11-03-12-05-00_05.ipynb",
            "Homework 5_ab12_attempt_2026-11-04-09-00-00_05.ipynb",
            "Homework 5_ab12_attempt_2026-11-04-09-00-00.txt",
            "Homework 5_cd34_attempt_2026-11-02-09-00-00_05.ipynb",
        ],
        "Blackboard download, 2",
        {"ab12": ["Homework 5_ab12_attempt_2026-11-04-09-00-00_05.ipynb"], "cd34": None},
    ),
    "brightspace": (
        [
            "index.html",
            f"101-55 - Anna Berg - Nov 3, 2026 905 AM/{NAME}",
            f"101-55 - Anna Berg - Nov 3, 2026 1205 PM/{NAME}",
            f"102-55 - Ben - Cole - November 4, 2026 1:05 PM/{NAME}",
        ],
        "Brightspace download, 2",
        {"Anna Berg (101)": [NAME], "Ben - Cole (102)": [NAME]},
    ),
    "classroom": (
        [f"homework-5-ab-12/{NAME}", "homework-5-ab-12/.git/HEAD", f"homework-5-cole/{NAME}", "homework-5-cole/.git/HEAD"],
        "GitHub Classroom repositories, 2",
        {"ab-12": [NAME], "cole": [NAME]},
    ),
    "nbgrader": (
        [f"submitted/anna/05/{NAME}", ("submitted/anna/05/timestamp.txt", "2026-11-03 12:05:00.123456 UTC"), f"release/05/{NAME}"],
        "nbgrader course, 1",
        {"anna": [NAME]},
    ),
    "a level too many": (
        [f"Homework 5/anna/{NAME}", f"Homework 5/ben/{NAME}"],
        "folder in a folder, one sub-folder or file per student, 2",
        {"anna": [NAME], "ben": [NAME]},
    ),
    "sections": (
        [f"Monday/anna/{NAME}", f"Monday/ben/{NAME}", f"Tuesday/anna/{NAME}", f"Tuesday/cem/{NAME}"],
        "sections, 4",
        {f"{section}/{student}": [NAME] for section, student in (("Monday", "anna"), ("Monday", "ben"), ("Tuesday", "anna"), ("Tuesday", "cem"))},
    ),
    "a folder per lesson": (
        [f"anna/05/{NAME}", "anna/06/06_backpropagation.ipynb", f"ben/05/{NAME}", "ben/06/06_backpropagation.ipynb"],
        "one sub-folder or file per student, 2",
        {"anna": [NAME, "06_backpropagation.ipynb"], "ben": [NAME, "06_backpropagation.ipynb"]},
    ),
}


# what a demanding day brings beside those: what lies in the folder → who is there with how many notebooks
ODD_DAYS = {
    "moodle, a stray folder": (
        [f"Anna Berg_311_assignsubmission_file_/{NAME}", f"Ben Cole_313_assignsubmission_file_/{NAME}", f"late/{NAME}"],
        {"Anna Berg (311)": 1, "Ben Cole (313)": 1, "late": 1},
    ),
    "canvas, anonymous": (["anon_x7Yz1_901_05.ipynb", "anon_LATE_k2Lm9_902_05.ipynb"], {"anon (x7Yz1)": 1, "anon (k2Lm9)": 1}),
    "canvas, groups": (["lab_a_21_901_05.ipynb", "lab_a_21_902_help.py", "lab_b_LATE_22_903_05.ipynb"], {"lab_a (21)": 1, "lab_b (22)": 1}),
    "not canvas": (
        ["hw_5_2026_anna.ipynb", "hw_5_2026_ben.ipynb", "ml_hw_5_2026_cem.ipynb"],
        {f"{n}": 1 for n in ("hw_5_2026_anna", "hw_5_2026_ben", "ml_hw_5_2026_cem")},
    ),
    "canvas, two labs": (["berganna_11_901_lab-5.ipynb", "berganna_11_902_lab-6.ipynb"], {"berganna (11)": 2}),
    "blackboard, underscores": (
        ["Homework_5_a_b_attempt_2026-11-03-12-05-00_05.ipynb", "Homework_5_cole_attempt_2026-11-03-12-05-00.txt"],
        {"a_b": 1, "cole": 0},
    ),
    "brightspace, 24 hours": ([f"101-55 - Anna Berg - Nov 3, 2026 1405/{NAME}", "index.html"], {"Anna Berg (101)": 1}),
    "classroom, no history": ([f"hw5-ada/{NAME}", "hw5-ada/.github/x", f"hw5-ben/{NAME}", "hw5-ben/.github/x"], {"ada": 1, "ben": 1}),
    "own file names a level down": (["week 5/anna/mine.ipynb", "week 5/ben/homework.ipynb"], {"anna": 1, "ben": 1}),
    "sections with own file names": (
        ["Mo/anna/mine.ipynb", "Mo/ben/hw.ipynb", "Tu/cem/x.ipynb", "Tu/dan/y.ipynb"],
        {f"{s}/{n}": 1 for s, n in (("Mo", "anna"), ("Mo", "ben"), ("Tu", "cem"), ("Tu", "dan"))},
    ),
    "files of one name are one person's": (["anna.ipynb", "anna.pdf", "anna.py", "ben.ipynb", "ben.ipynb.txt"], {"anna": 1, "ben": 2}),
    "a notebook whatever it is called": (
        ["anna.ipynb", ("ben.txt", NOTEBOOK), ("cem.json", NOTEBOOK), ("dan", NOTEBOOK), "eve.gdoc", "fay.jpg", ("README.md", "Tasks\n=======\n")],
        {"anna": 1, "ben": 1, "cem": 1, "dan": 1, "eve": 0, "fay": 0},
    ),
    "downloads side by side": (
        [
            *(f"A/{name}_assignsubmission_file_/{NAME}" for name in ("Anna_1", "Ben_2")),
            "A/Anna_1_assignsubmission_onlinetext_/onlinetext.html",
            *(f"B/{name}_assignsubmission_file_/{NAME}" for name in ("Anna_3", "Cem_4")),
            "late/dan.ipynb",
        ],
        {"Anna (1)": 1, "Ben (2)": 1, "Anna (3)": 1, "Cem (4)": 1, "late": 1},
    ),
    "a file as Canvas calls it in one's own folder": (["anna/berg_1_2_05.ipynb", "ben/cole_2_3_05.ipynb"], {"anna": 1, "ben": 1}),
    "repositories in one's own folder": (
        [
            f"{name}/{repository}"
            for name in ("anna", "ben")
            for repository in ("bp-a/05_x.ipynb", "bp-a/.git/HEAD", "bp-b/06_y.ipynb", "bp-b/.git/HEAD")
        ],
        {"anna": 2, "ben": 2},
    ),
    "sections a level down": (
        [f"class/{section}/{name}/{NAME}" for section, name in (("Mo", "anna"), ("Mo", "ben"), ("Tu", "anna"), ("Tu", "cem"))] + ["class/notes.txt"],
        {"Mo/anna": 1, "Mo/ben": 1, "Tu/anna": 1, "Tu/cem": 1},
    ),
    "a section with what was handed out": (
        [f"{section}/{name}/{NAME}" for section in ("Mo", "Tu") for name in ("anna", section, "cem", "dan")] + [f"Mo/{NAME}"],
        {f"{section}/{name}": 1 for section in ("Mo", "Tu") for name in ("anna", section, "cem", "dan")} | {"Mo/05_propagating_the_error": 1},
    ),
    "three levels too many": ([f"a/b/c/anna/{NAME}", f"a/b/c/ben/{NAME}"], {"anna": 1, "ben": 1}),
    "blackboard, logins that begin alike": (
        [
            "HW_5_ab_1_attempt_2026-11-03-12-05-00_05.ipynb",
            "HW_5_ab_2_attempt_2026-11-03-12-05-00_05.ipynb",
            ("HW_5_ab_2_attempt_2026-11-03-12-05-00.txt", "Name: Ben (B.) Cole (ab_2)\nAssignment: HW_5\n"),
        ],
        {"ab_1": 1, "ab_2": 1},
    ),
    "brightspace in other languages": (
        [
            f"101-55 - Anna Berg - 3. November 2026 1305/{NAME}",
            f"101-55 - Anna Berg - 4. November 2026 905/{NAME}",
            f"102-55 - Zoé - 3 déc., 2026 13 h 05/{NAME}",
            f"103-55 - Ana - mañana 2026 1305/{NAME}",
            "103-55 - Ana - mañana 2026 1405/06.ipynb",
        ],
        {"Anna Berg (101)": 1, "Zoé (102)": 1, "Ana (103)": 2},
    ),
    "classroom, with its tables": (
        [f"hw5-ada/{NAME}", "hw5-ada/.git/HEAD", f"hw5-ben/{NAME}", "hw5-ben/.git/HEAD", "classroom_roster.csv", "grades.csv"],
        {"ada": 1, "ben": 1},
    ),
}


def lay_out(folder: Path, files: list) -> Path:
    for entry in files:
        name, content = entry if isinstance(entry, tuple) else (entry, NOTEBOOK if ".ipynb" in entry.lower() else "")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def zipped(folder: Path, archive: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, inside + path.relative_to(folder).as_posix())
    return archive


def gathered(path: Path, **more):
    said: list[str] = []
    submissions = collect([str(path)], say=said.append, **more)
    return said, {each.student: [file.name for file in each.files] for each in submissions}


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("case", CASES)
def test_everybody_appears_once_under_their_own_name(case, packed, tmp_path):
    files, words, people = CASES[case]
    folder = lay_out(tmp_path / "class", files)
    said, found = gathered(zipped(folder, tmp_path / "class.zip") if packed else folder)
    assert found.keys() == people.keys()
    assert {student: names for student, names in found.items() if people[student]} == {student: names for student, names in people.items() if names}
    assert all(names for student, names in found.items() if student != "dalcem (13)")
    assert said == [f"{words[0].upper()}{words[1:]} student{'' if words.endswith(' 1') else 's'}."]


@pytest.mark.parametrize("case", ODD_DAYS)
def test_nobody_is_lost_on_odd_days(case, tmp_path):
    files, people = ODD_DAYS[case]
    assert {student: len(names) for student, names in gathered(lay_out(tmp_path / "class", files))[1].items()} == people


def test_one_repository_and_nbgraders_own_folder(tmp_path):
    one = lay_out(tmp_path / "hw5-submissions", [f"hw5-ada/{NAME}", "hw5-ada/.git/HEAD"])
    assert gathered(one)[1] == {"ada": [NAME]}
    lay_out(tmp_path / "course", CASES["nbgrader"][0])
    (anna,) = collect([str(tmp_path / "course" / "submitted")])
    assert (anna.student, anna.submitted_at) == ("anna", "2026-11-03T12:05:00+00:00")


def test_the_same_folders_in_every_student_are_read_in_two_ways(tmp_path):
    folder = lay_out(tmp_path / "class", [f"{student}/{part}/{NAME}" for student in ("anna", "ben") for part in ("draft", "final")])
    with pytest.raises(CourseError, match="anna is a section with the students draft and final, or a student"):
        gathered(folder)
    assert gathered(folder, layout="students")[1].keys() == {"anna", "ben"}


def test_two_canvas_folders_with_people_of_one_name(tmp_path):
    lay_out(tmp_path, [f"A/linethan_1001_901_{NAME}", f"B/linethan_1002_902_{NAME}"])
    assert [each.student for each in collect([str(tmp_path / "A"), str(tmp_path / "B")])] == ["linethan (1001)", "linethan (1002)"]


@pytest.mark.parametrize("case", [case for case in CASES if case in LAYOUTS])
def test_a_layout_can_be_forced_and_another_is_refused(case, tmp_path):
    folder = lay_out(tmp_path / "class", CASES[case][0])
    assert gathered(folder, layout=case)[1].keys() == CASES[case][2].keys()
    other = "canvas" if case == "moodle" else "moodle"
    with pytest.raises(CourseError, match=f"does not look like a {other.title()} download; `--layout` takes one of: students"):
        gathered(folder, layout=other)


def test_what_platforms_tell_of_times_is_kept(tmp_path):
    def told(case):
        return {each.student: each for each in collect([str(lay_out(tmp_path / case, CASES[case][0]))])}

    assert told("gradescope")["Anna Berg (7001)"].submitted_at == "2026-11-03T12:05:00+00:00"
    assert told("gradescope")["Cem Dal (102)"].submitted_at == "2026-11-04T08:00:00+01:00"
    assert told("nbgrader")["anna"].submitted_at == "2026-11-03T12:05:00+00:00"
    assert [each.late for each in told("canvas").values()] == [False, True, False]
    assert told("brightspace")["Anna Berg (101)"].submitted_at == "2026-11-03T12:05:00"
    assert told("brightspace")["Ben - Cole (102)"].submitted_at == "2026-11-04T13:05:00"
    (problem,) = told("brightspace")["Anna Berg (101)"].problems
    assert problem == "the attempt of 2026-11-03 09:05:00 is older and does not count"
    assert told("blackboard")["ab12"].submitted_at == "2026-11-04T09:00:00"
    assert told("students")["anna"].submitted_at == "" and told("students")["anna"].late is None


def test_a_folder_that_can_be_read_in_two_ways_is_refused_with_both(tmp_path):
    folder = lay_out(tmp_path / "class", [f"anna/first/{NAME}", f"anna/second/{NAME}", f"ben/only/{NAME}"])
    with pytest.raises(CourseError, match=r"two ways: anna is a section .* while ben is a student; say --layout sections or --layout students"):
        gathered(folder)
    assert gathered(folder, layout="students")[1].keys() == {"anna", "ben"}
    assert gathered(folder, layout="sections")[1].keys() == {"anna/first", "anna/second", "ben/only"}


def test_one_name_in_two_folders_is_two_people_but_where_they_hand_in_different_lessons(tmp_path):
    lay_out(tmp_path, [f"A/anna/{NAME}", f"A/ben/{NAME}", f"B/anna/{NAME}", "C/ben/06_backpropagation.ipynb"])

    def students(*folders):
        return {each.student: len(each.files) for each in collect([str(tmp_path / folder) for folder in folders])}

    assert students("A", "B") == {"A/anna": 1, "B/anna": 1, "ben": 1}
    assert students("A", "C") == {"anna": 1, "ben": 2}


TWO_WAYS = {
    "a stray notebook": (
        [f"{section}/{name}/{NAME}" for section in ("Mo", "Tu") for name in "abcd"] + ["late.ipynb"],
        "Mo is a section with a folder",
    ),
    "a notebook per student": (
        [f"{section}/{name}.ipynb" for section, names in (("Mo", "abc"), ("Tu", "ade")) for name in names],
        "Mo is a section with the students a and b, or a student with several notebooks",
    ),
}


@pytest.mark.parametrize("case", TWO_WAYS)
def test_a_section_is_never_taken_for_a_student_without_a_word(case, tmp_path):
    files, words = TWO_WAYS[case]
    folder = lay_out(tmp_path / "class", files)
    with pytest.raises(CourseError, match=f"two ways: {words}.*; say --layout sections or --layout students"):
        gathered(folder)
    people = {name.removesuffix(f"/{NAME}").removesuffix(".ipynb") for name in files}
    assert gathered(folder, layout="sections")[1].keys() == people
    assert gathered(folder, layout="students")[1].keys() == {name.partition("/")[0].removesuffix(".ipynb") for name in files}


def test_a_folder_more_above_sections_is_gone_through_where_they_are_forced_and_named_where_they_are_refused(tmp_path):
    files, _ = TWO_WAYS["a stray notebook"]
    lay_out(tmp_path / "in" / "class", files)
    with pytest.raises(CourseError, match="in/class can be read in two ways"):
        gathered(tmp_path / "in")
    assert gathered(tmp_path / "in", layout="sections")[1].keys() == gathered(tmp_path / "in" / "class", layout="sections")[1].keys()


def test_nobody_is_asked_where_all_have_the_same_own_notebooks(tmp_path):
    files = [f"{student}/{name}.ipynb" for student in ("anna", "ben") for name in ("part 1", "part 2")]
    assert gathered(lay_out(tmp_path / "class", files))[1].keys() == {"anna", "ben"}


def test_zip_files_of_sections_and_of_downloads_in_one_folder(tmp_path):
    (tmp_path / "in").mkdir(), (tmp_path / "downloads").mkdir()
    for section, students in (("A", ("anna", "ben")), ("B", ("anna", "cem"))):
        zipped(lay_out(tmp_path / section, [f"{name}/{NAME}" for name in students]), tmp_path / "in" / f"{section}.zip", f"{section}/")
    assert gathered(tmp_path / "in") == (["Sections, 4 students."], {name: [NAME] for name in ("A/anna", "A/ben", "B/anna", "B/cem")})
    for week, numbers in (("1", "12"), ("2", "34")):
        files = [f"Anna_{number}_assignsubmission_file_/{NAME}" for number in numbers]
        zipped(lay_out(tmp_path / week, files), tmp_path / "downloads" / f"HW{week}.zip")
    said, found = gathered(tmp_path / "downloads")
    assert said == ["Moodle download, 2 students."] * 2 and found == {f"Anna ({number})": [NAME] for number in "1234"}


def test_a_layout_that_is_forced_takes_what_fits_and_all_else(tmp_path):
    folder = lay_out(tmp_path / "class", [f"Anna Berg_311_assignsubmission_file_/{NAME}", f"ben/{NAME}", f"cem/{NAME}"])
    assert gathered(folder, layout="moodle") == (["Moodle download, 3 students."], {"Anna Berg (311)": [NAME], "ben": [NAME], "cem": [NAME]})
    bare = lay_out(tmp_path / "repositories", [f"hw5-ada/{NAME}", f"hw5-ben/{NAME}"])
    assert gathered(bare)[1].keys() == {"hw5-ada", "hw5-ben"} and gathered(bare, layout="classroom")[1].keys() == {"ada", "ben"}


def test_files_that_are_nobodys_are_named(tmp_path):
    folder = lay_out(tmp_path / "class", ["anna.ipynb", ("README.md", "Tasks\n=======\n"), "roster.csv"])
    assert gathered(folder)[0] == ["One sub-folder or file per student, 1 student.", "Left out, as no hand-in: README.md, roster.csv."]


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("2026-11-03 12:05:00.123456 UTC", "2026-11-03T12:05:00+00:00"),
        ("2026-11-03 12:05:00.123456 Europe/Berlin", "2026-11-03T12:05:00+01:00"),
        ("2026-11-03 12:05:00", "2026-11-03T12:05:00+00:00"),
        ("2026-11-03 12:05:00 XYZT", ""),
        ("yesterday", ""),
    ],
)
def test_nbgraders_times_have_a_zone_or_are_in_utc(text, when, tmp_path):
    lay_out(tmp_path, [f"submitted/anna/05/{NAME}", ("submitted/anna/05/timestamp.txt", text)])
    assert collect([str(tmp_path)])[0].submitted_at == when


def test_attempts_whose_time_cannot_be_read_are_all_looked_at(tmp_path):
    said = {each.student: each for each in collect([str(lay_out(tmp_path, ODD_DAYS["brightspace in other languages"][0]))])}
    assert said["Zoé (102)"].submitted_at == "2026-12-03T13:05:00" and said["Anna Berg (101)"].submitted_at == "2026-11-04T09:05:00"
    assert said["Ana (103)"].submitted_at == "" and "which attempt is the newest is not known" in said["Ana (103)"].problems[0]


def test_where_the_grades_go_is_no_student(tmp_path):
    folder = lay_out(tmp_path / "class", [f"anna/{NAME}", "graded/feedback/anna.html", f"graded/{NAME}"])
    assert gathered(folder, leave_out=folder / "graded")[1].keys() == {"anna"}


def test_a_zip_of_one_student_among_folders(tmp_path):
    lay_out(tmp_path / "own", [NAME, "helper.py"])
    folder = lay_out(tmp_path / "class", [f"anna/{NAME}"])
    zipped(tmp_path / "own", folder / "ben.zip", "ben's homework/")
    (folder / "cem.zip").write_bytes(b"Rar! no zip")
    submissions = {each.student: each for each in collect([str(folder)])}
    assert [path.name for path in submissions["ben"].files] == [NAME] and [path.name for path in submissions["ben"].others] == ["helper.py"]
    assert submissions["cem"].problems == ("cem.zip is no zip archive that can be read; please unpack it and hand in its files",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ben.pdf", b"%PDF-1.7", "a PDF; hand in the notebook itself"),
        ("ben.html", b"<!DOCTYPE html><html>", "a saved web page; download the notebook itself"),
        ("ben.py", b"x = 1", "a Python file; hand in the notebook itself"),
        ("ben.docx", b"PK\x03\x04word", "a zip file under another name, such as a Word document"),
        ("ben.txt", b"My work is here:\nhttps://colab.research.google.com/drive/1abc?usp=sharing\n", "a link; download the notebook itself"),
        ("ben.html", b'<p>Hi, <a href="https://colab.research.google.com/drive/1abc">my work</a></p>', "a link; download the notebook itself"),
        ("ben.py", b"# a ruler\n=======\n", "a Python file; hand in the notebook itself"),
        ("ben.ipynb.json", NOTEBOOK.encode(), None),
        ("ben.html", NOTEBOOK.encode(), None),
    ],
)
def test_a_file_that_is_no_notebook_is_a_row_and_one_under_another_name_counts(name, content, words, tmp_path):
    folder = lay_out(tmp_path / "class", [f"anna/{NAME}"])
    (folder / name).write_bytes(content)
    ben = next(each for each in collect([str(folder)]) if each.student == "ben")
    assert (len(ben.files) == 1 and not ben.problems) if words is None else (not ben.files and words in ben.problems[0])


@pytest.mark.parametrize(
    ("bound", "value", "words"),
    [("MAX_FILES", 1, "holds 2 files, expected at most 1"), ("MAX_BYTES", 5, "unpacks to"), ("MAX_DEPTH", 1, "nests folders more than 1 deep")],
)
def test_a_zip_beyond_a_bound_is_one_line_and_leaves_nothing(bound, value, words, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, bound, value)
    archive = zipped(lay_out(tmp_path / "class", [f"anna/{NAME}", f"ben/{NAME}"]), tmp_path / "class.zip")
    before = set(Path(archives._workshop()).rglob("*/*"))
    with pytest.raises(CourseError, match=words):
        gathered(archive)
    assert set(Path(archives._workshop()).rglob("*/*")) == before


def test_a_zip_that_names_a_file_elsewhere_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as packed:
        packed.writestr("../anna/05.ipynb", NOTEBOOK)
    with pytest.raises(CourseError, match="names a file outside its own folder"):
        gathered(tmp_path / "class.zip")


def test_metadata_that_is_no_yaml_is_one_line(tmp_path):
    folder = lay_out(tmp_path / "class", [("submission_metadata.yml", "submission_1:\n  :submitters: [\n"), f"submission_1/{NAME}"])
    with pytest.raises(CourseError, match=r"submission_metadata.yml cannot be read \(line 3\); expected YAML as Gradescope exports it"):
        gathered(folder)
    assert gathered(folder, layout="students")[1].keys() >= {"submission_1"}


def test_a_zip_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "_FREE", 100)
    monkeypatch.setattr(archives, "MAX_RATIO", 2)
    archive = zipped(lay_out(tmp_path / "class", [("anna/05.ipynb", NOTEBOOK + " " * 5000)]), tmp_path / "class.zip")
    with pytest.raises(CourseError, match="unpacks to more than 2 times its size"):
        gathered(archive)


def test_a_link_in_a_zip_is_not_made_and_files_keep_their_times(tmp_path):
    with zipfile.ZipFile(tmp_path / "class.zip", "w") as packed:
        link = zipfile.ZipInfo("anna/elsewhere.ipynb")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "05.ipynb")
        packed.writestr(zipfile.ZipInfo("anna/05.ipynb", (2026, 11, 3, 12, 5, 0)), NOTEBOOK)
    (anna,) = collect([str(tmp_path / "class.zip")])
    (file,) = anna.files
    assert file.name == "05.ipynb" and datetime.fromtimestamp(file.stat().st_mtime) == datetime(2026, 11, 3, 12, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_handed_out_never_counts_where_a_worked_copy_lies_beside_it(tmp_path, language):
    (tmp_path / "anna").mkdir()
    worked, stub = tmp_path / "anna" / "05_propagating_the_error-Copy1.ipynb", tmp_path / "anna" / NAME
    worked.write_text(json.dumps(class_of_thirty.notebook({})))
    stub.write_bytes((find_course().edition(language).lessons / NAME).read_bytes())
    os.utime(worked, (0, 0))
    handed = grade.read_submission(Submission("anna", (worked, stub)), grade.Plan(1))
    assert handed.notebooks["05"][0] == worked.name
    assert any(f"{worked.name} counts, {NAME} (as handed out) does not" in problem for problem in handed.problems)


RENAMED = {
    "canvas": "berganna_11_{}_",
    "moodle, flat": "Anna Berg_311_assignsubmission_file_",
    "blackboard": "Homework 5_ab12_attempt_2026-11-03-12-05-00_",
}


def test_a_later_version_bears_the_lessons_name_too(tmp_path):
    answer = json.dumps({"cells": [{"cell_type": "code", "source": "def hidden_error(a, b, c):\n    return 1"}], "nbformat": 4})
    names = [f"berganna_11_901_{NAME.replace('.ipynb', '-2.ipynb')}", "berganna_11_902_zzz.ipynb"]
    (anna,) = collect([str(lay_out(tmp_path / "class", [(name, answer) for name in names]))])
    assert grade.read_submission(anna, grade.Plan(1)).notebooks["05"][0] == names[0]


@pytest.mark.parametrize("platform", RENAMED)
def test_files_beside_a_notebook_have_the_names_that_they_had_before_the_platform_gave_them_others(tmp_path, platform):
    answer = json.dumps({"cells": [{"cell_type": "code", "source": "def hidden_error(a, b, c):\n    return 1"}], "nbformat": 4})
    files = {NAME: answer, "zzz.ipynb": answer, "helper.py": "x = 1", "data.csv": "1", "more-2.py": "y = 1"}
    names = {RENAMED[platform].format(900 + k) + name: content for k, (name, content) in enumerate(files.items())}
    folder = lay_out(tmp_path / "class", list(names.items()))
    if platform == "blackboard":  # which says in a file of its own how the login is called
        lay_out(folder, [("Homework 5_ab12_attempt_2026-11-03-12-05-00.txt", "Name: Anna Berg (ab12)")])
    (anna,) = collect([str(folder)])
    handed = grade.read_submission(anna, grade.Plan(1))
    name, notebook = handed.notebooks["05"]
    assert name.endswith(NAME), "the one with the lesson's name counts"
    assert {name for name, _ in notebook.beside} == {"helper.py", "data.csv", "more-2.py", "more.py"}


OWN_CELLS = {
    "an empty cell at its end": lambda cells: [*cells, ""],
    "an import": lambda cells: [*cells, "import numpy as np"],
    "other line ends": lambda cells: [cell.replace("\n", "\r\n") for cell in cells],
    "blanks at the ends of lines": lambda cells: [cell.replace("\n", "  \n") for cell in cells],
}


@pytest.mark.parametrize("change", OWN_CELLS)
def test_what_was_opened_and_not_worked_on_never_counts_either(tmp_path, change):
    given = json.loads((find_course().lessons / NAME).read_text(encoding="utf-8"))
    sources = OWN_CELLS[change](["".join(cell["source"]) for cell in given["cells"] if cell["cell_type"] == "code"])
    (tmp_path / NAME).write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources], "nbformat": 4}))
    worked = tmp_path / "Copy of 05.ipynb"
    worked.write_text(json.dumps({"cells": [{"cell_type": "code", "source": "def hidden_error(a, b, c):\n    return 1"}], "nbformat": 4}))
    os.utime(worked, (0, 0))
    assert grade.read_submission(Submission("anna", (worked, tmp_path / NAME)), grade.Plan(1)).notebooks["05"][0] == worked.name


def test_answers_in_a_module_beside_tell_the_lesson_and_count_as_answers(tmp_path):
    def handed(cell, name):
        (tmp_path / name).write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell}], "nbformat": 4}))
        (tmp_path / "mynet.py").write_text("def hidden_error(a, b, c):\n    return 1")
        return grade.read_submission(Submission("anna", (tmp_path / name,), (), (tmp_path / "mynet.py",)), grade.Plan(1))

    assert handed("from mynet import *", "mine.ipynb").notebooks.keys() == {"05"}
    (tmp_path / "mynet.py").unlink()
    (tmp_path / NAME).write_text(json.dumps({"cells": [{"cell_type": "code", "source": "import numpy"}], "nbformat": 4}))
    both = Submission("anna", (tmp_path / NAME, tmp_path / "worked.ipynb"))
    (tmp_path / "worked.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": "from mynet import hidden_error"}], "nbformat": 4}))
    assert grade.read_submission(both, grade.Plan(1)).notebooks["05"][0] == "worked.ipynb"


def test_of_two_notebooks_with_answers_the_one_with_the_lessons_name_counts(tmp_path):
    for name in (NAME, "mine.ipynb"):
        (tmp_path / name).write_text(
            json.dumps({"cells": [{"cell_type": "code", "source": "def hidden_error(a, b, c):\n    return 1"}], "nbformat": 4})
        )
    handed = grade.read_submission(Submission("anna", (tmp_path / "mine.ipynb", tmp_path / NAME)), grade.Plan(1))
    assert handed.notebooks["05"][0] == NAME and "mine.ipynb does not" in handed.problems[-1]
