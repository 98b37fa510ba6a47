"""A roster names people, maps what platforms call them, and tells who handed in nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpkit.errors import CourseError
from bpkit.grading.collect import Submission
from bpkit.grading.roster import NOTHING, named, read_roster

OURS = "name,login,id,section\nAnna Berg,ab12,7001,Monday\nBen Cole,cole,7002,Monday\nCem Dal,cd,7003,Tuesday\nAnna Berg,ab99,7004,Tuesday\n"
CANVAS = (
    "Student,ID,SIS Login ID,Section,Homework 5 (123)\n"
    '    Points Possible,,,,14\n"Berg, Anna",311,ab12,Monday,\n"Çöl, Ben",312,cole,Monday,\n"Student, Test",9,,,\n'
)
MOODLE = (
    "Identifier;Full name;Email address;Status\nParticipant 311;Anna Berg;anna@example.org;Submitted\nParticipant 313;Ben Cole;cole@example.org;\n"
)


GERMAN = "ID;Nachname;Vorname;E-Mail-Adresse\nTeilnehmer/in313;Cole;Ben;cole@example.org\n"
CLASSROOM = '"identifier","github_username","github_id","name"\n"7002","cole-b","99",""\n'
BRIGHTSPACE = "OrgDefinedId,Username,Last Name,First Name,Email\n#7002,#cole,Cole,Ben,cole@example.org\n"
NAMES_AND_SECTIONS = "name,section\nAnna Berg,Monday\nAnna Berg,Tuesday\n"


@pytest.fixture
def roster(tmp_path):
    def read(text):
        (tmp_path / "class.csv").write_text(text, encoding="utf-8")
        return read_roster(tmp_path / "class.csv")

    return read


def handed(*students):
    return [Submission(student, (Path(f"{student}.ipynb"),)) for student in students]


@pytest.mark.parametrize(
    ("table", "student", "name"),
    [
        (OURS, "cole", "Ben Cole"),
        (OURS, "Ben Cole", "Ben Cole"),
        (OURS, "cole ben", "Ben Cole"),
        (OURS, "7002", "Ben Cole"),
        (OURS, "Tuesday/cd", "Cem Dal"),
        (OURS, "ab99", "Anna Berg (ab99)"),
        (OURS, "Anna Berg (7004)", "Anna Berg (ab99)"),
        (CANVAS, "berganna", "Berg, Anna"),
        (CANVAS, "Anna Berg", "Berg, Anna"),
        (CANVAS, "colben", "Çöl, Ben"),
        (CANVAS, "berganna (311)", "Berg, Anna"),
        (MOODLE, "Ben Cole (313)", "Ben Cole"),
        (MOODLE, "cole@example.org", "Ben Cole"),
        (MOODLE, "COLE", "Ben Cole"),
        (GERMAN, "Ben Cole (313)", "Ben Cole"),
        (CLASSROOM, "cole-b", "cole-b"),
        (BRIGHTSPACE, "Ben Cole (102)", "Ben Cole"),
        (BRIGHTSPACE, "cole", "Ben Cole"),
        (NAMES_AND_SECTIONS, "Tuesday/Anna Berg", "Anna Berg (Tuesday)"),
        ("sep=;\nname;login\nBen Cole;cole\n", "cole", "Ben Cole"),
    ],
)
def test_people_are_found_by_what_platforms_call_them(table, student, name, roster):
    submissions, strangers = named(handed(student), roster(table))
    assert [each.student for each in submissions if each.files] == [name] and strangers == []


def test_everybody_is_there_once_and_who_handed_in_nothing_is_told(roster):
    submissions, strangers = named(handed("cole", "ab12", "eve"), roster(OURS))
    assert [(each.student, each.problems) for each in submissions] == [
        ("Anna Berg (ab12)", ()),
        ("Anna Berg (ab99)", NOTHING),
        ("Ben Cole", ()),
        ("Cem Dal", NOTHING),
        ("eve", ()),
    ]
    assert strangers == ["eve"]


def test_whom_two_people_could_be_stays_as_the_files_say(roster):
    submissions, strangers = named(handed("Anna Berg"), roster(OURS))
    assert strangers == ["Anna Berg"] and sum(each.problems == NOTHING for each in submissions) == 4


def test_one_person_in_two_sections_is_one(roster):
    submissions, _ = named(handed("Tue/Anna Berg"), roster("name,login,section\nAnna Berg,ab12,Mon\nAnna Berg,ab12,Tue\n"))
    assert [(each.student, len(each.files)) for each in submissions] == [("Anna Berg", 1)]


def test_two_hand_ins_of_one_person_are_one(roster):
    submissions, _ = named(handed("cole", "Ben Cole"), roster(OURS))
    (ben,) = (each for each in submissions if each.files)
    assert ben.student == "Ben Cole" and len(ben.files) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("grade,points\n1,2\n", "found the columns 'grade', 'points', expected one called name or login"),
        ("name\n", "names nobody"),
        ("name\nAnna\nAnna\n", "has 'Anna' twice, and no login"),
        ("PK\x03\x04", "found a spreadsheet program's own file, expected CSV"),
    ],
)
def test_a_table_that_cannot_serve_is_one_line(text, words, roster):
    with pytest.raises(CourseError, match=words):
        named([], roster(text))


def test_no_such_file_is_one_line(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        read_roster(tmp_path / "none.csv")
