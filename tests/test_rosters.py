"""Exports of Canvas and Moodle in every form that their own importers take back; what is written is read again by those importers' rules."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from grading_rows import row

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.reports import canvas, moodle

TOTALS = (
    "Homework Week 05 Current Points",
    "Week 05 Final Score",
    "Week 05 Unposted Final Score",
    "Current Score",
    "Override Score",
    "Override Status (05)",
)


def _submission(student: str, *statuses: str, lesson: str = "05") -> Graded:
    return Graded(student, "f", tuple(row(student, f"{lesson}.{k}", status, message="m") for k, status in enumerate(statuses, 1)))


def _file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def canvas_imports(path: Path) -> dict[str, dict[str, str]]:
    """What Canvas's importer takes from a file: for each ID, the grade by assignment. It refuses other headings, and so does this."""
    text = path.read_text(encoding="utf-8")
    counts = {mark: {len(line) for line in csv.reader(text.splitlines()[:3], delimiter=mark)} for mark in ";,"}
    widths = {mark: widths.pop() if len(widths) == 1 else 0 for mark, widths in counts.items()}
    lines = list(csv.reader(text.splitlines(), delimiter=";" if widths[";"] > widths[","] else ","))
    header = lines[0]
    names = 2 if header[0] == "LastName" and header[1] == "FirstName" else 1
    assert names == 2 or ("Student" in header[0] and "ID" in header[1])
    assert "ID" in header[names]
    last = names + 1 + sum(heading in ("SIS User ID", "SIS Login ID", "Integration ID", "Root Account") for heading in header)
    assert "Section" in header[last]
    passed_over = re.compile("Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|Override")
    assignments = [heading for heading in header[last + 1 :] if not passed_over.search(heading)]
    people = (line for line in lines[1:] if "Points Possible" not in line[0] and any(cell not in ("", "Manual Posting") for cell in line))
    return {line[names]: {name: line[header.index(name)].strip().replace(",", ".") for name in assignments} for line in people}


def test_first_and_last_names_in_columns_of_their_own(tmp_path):
    text = "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,Lesson 05 (4711)\nPoints Possible,,,,,,3\n"
    text += "Lovelace,Ada,101,u1,x1,A,\nAli,Ben,102,u2,x2,A,\n"
    notes = canvas.write(
        [_submission("Ada Lovelace", "right"), _submission("Ali, Ben", "right", "right")], tmp_path, canvas.read(_file(tmp_path, text))
    )
    assert canvas_imports(tmp_path / "canvas.csv") == {"101": {"Lesson 05 (4711)": "1"}, "102": {"Lesson 05 (4711)": "3"}}
    assert notes == []


def test_totals_of_assignment_groups_are_no_assignments(tmp_path):
    header = ",".join(("Student,ID,SIS Login ID,Section,Lesson 05 (4711)", *TOTALS))
    text = f'{header}\n    Points Possible,,,,1{",(solo lectura)" * len(TOTALS)}\n"Lovelace, Ada",101,ada,A,{",7" * len(TOTALS)}\n'
    assert canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_file(tmp_path, text))) == []
    assert canvas_imports(tmp_path / "canvas.csv") == {"101": {"Lesson 05 (4711)": "1"}}
    with pytest.raises(CourseError, match="'Week 05 Final Score' is no assignment: Canvas's importer passes over it"):
        canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_file(tmp_path, text), ["Week 05 Final Score"]))


def test_a_column_that_canvas_calls_read_only_is_not_filled_in(tmp_path):
    text = "Student,ID,SIS Login ID,Section,Lesson 05 (1),Lesson 05 twice (2)\n    Points Possible,,,,1,(read only)\nAda,101,ada,A,,\n"
    canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_file(tmp_path, text)))
    assert canvas_imports(tmp_path / "canvas.csv")["101"] == {"Lesson 05 (1)": "1", "Lesson 05 twice (2)": ""}


def test_semicolons_decimal_commas_and_an_email_as_login(tmp_path):
    text = "Student;ID;SIS Login ID;Section;Lesson 05 (4711)\n    Points Possible;;;;1,0\nAda;101;ada@uni.example;A;\nBen;102;ben;A;0,5\n"
    notes = canvas.write([_submission("ada", "right"), _submission("ben@uni.example", "wrong")], tmp_path, canvas.read(_file(tmp_path, text)))
    assert canvas_imports(tmp_path / "canvas.csv") == {"101": {"Lesson 05 (4711)": "1"}, "102": {"Lesson 05 (4711)": "0"}}
    assert notes == []


def test_one_mailbox_at_two_places_is_told_and_fills_in_nothing(tmp_path):
    text = "Student,ID,SIS Login ID,Section,Lesson 05\nAda,101,ada@uni.example,A,\nAda,102,ada@other.example,A,\n"
    notes = canvas.write([_submission("ada", "right"), _submission("ada@other.example", "right")], tmp_path, canvas.read(_file(tmp_path, text)))
    assert any("more than one row" in note and "'ada'" in note for note in notes)
    assert {line["Lesson 05"] for line in canvas_imports(tmp_path / "canvas.csv").values()} == {"", "1"}


def test_excused_and_not_assigned_stay_as_staff_have_them(tmp_path):
    text = "Student,ID,SIS Login ID,Section,Lesson 05\nAda,101,ada,A,EX\nBen,102,ben,A,N/A\nCem,103,cem,A,2\n"
    notes = canvas.write([_submission(name, "right") for name in ("ada", "ben", "cem")], tmp_path, canvas.read(_file(tmp_path, text)))
    assert [line["Lesson 05"] for line in canvas_imports(tmp_path / "canvas.csv").values()] == ["EX", "N/A", "1"]
    assert notes == ["2 cells stay EX or N/A, as Canvas has it, e.g. that of 'ada'"]


CHOICE = "Student,ID,SIS Login ID,Section,HW 5: Propagating (4711),Quiz 5 (4712),Backpropagation (4713)\nAda,101,ada,A,,,\n"


@pytest.mark.parametrize(
    ("chosen", "filled"),
    [
        ("Quiz 5", "Quiz 5 (4712)"),
        ("quiz 5 (4712)", "Quiz 5 (4712)"),
        ("4713", "Backpropagation (4713)"),
        ("05=HW 5: Propagating", "HW 5: Propagating (4711)"),
        ("5=4712", "Quiz 5 (4712)"),
    ],
)
def test_staff_choose_the_assignment(tmp_path, chosen, filled):
    canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_file(tmp_path, CHOICE), [chosen]))
    assert [name for name, points in canvas_imports(tmp_path / "canvas.csv")["101"].items() if points] == [filled]


def test_each_of_several_lessons_has_its_column(tmp_path):
    both = Graded("ada", "f", (*_submission("ada", "right").rows, *_submission("ada", "wrong", lesson="04").rows))
    canvas.write([both], tmp_path, canvas.read(_file(tmp_path, CHOICE), ["05=Quiz 5", "04=Backpropagation"]))
    assert canvas_imports(tmp_path / "canvas.csv")["101"] == {CHOICE.split(",")[4]: "", "Quiz 5 (4712)": "1", "Backpropagation (4713)": "0"}
    with pytest.raises(CourseError, match=r"found --column 'Quiz 5', expected the number of a lesson that was graded \(04, 05\), = and a heading"):
        canvas.write([both], tmp_path, canvas.read(_file(tmp_path, CHOICE), ["Quiz 5"]))


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ([], "found for lesson 05 the assignment columns 'HW 5: .*', 'Quiz 5 .*', expected one .*, or --column '05=…' with the heading of one"),
        (["Nothing"], "found for --column 'Nothing' the columns 'Student', .*, expected the heading of one of them"),
        (["07=Quiz 5"], "found --column '07=Quiz 5', expected the number of a lesson that was graded"),
        (["Quiz 5", "4711"], "found --column twice for lesson 05"),
        (["Section"], "'Section' is no assignment"),
    ],
)
def test_a_choice_that_does_not_fit_is_one_line(tmp_path, chosen, said):
    with pytest.raises(CourseError, match=said) as told:
        canvas.write([_submission("ada", "right")], tmp_path, canvas.read(_file(tmp_path, CHOICE), chosen))
    assert "\n" not in str(told.value)


def test_headings_that_canvas_never_writes_and_never_takes_are_refused(tmp_path):
    said = "expected one called 'Student', or 'LastName' and 'FirstName', in English: Canvas's own importer knows no other language"
    with pytest.raises(CourseError, match=said):
        canvas.read(_file(tmp_path, "Estudiante,ID,Sección,Lesson 05 (4711)\nAda,101,A,\n"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_an_encoding_that_says_what_it_is_is_read_as_that(tmp_path, encoding):
    text = "Student\tID\tSIS Login ID\tSection\tLesson 05\nLovelacé 雷\t101\tada\tA\t\n"
    assert canvas.write([_submission("Lovelacé 雷", "right")], tmp_path, canvas.read(_file(tmp_path, text, encoding))) == []
    assert canvas_imports(tmp_path / "canvas.csv") == {"101": {"Lesson 05": "1"}}


# the worksheet's headings, what stands before a participant's number, what says that a grade is closed
MOODLES = {
    "English": ("Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed", "Participant ", "No"),
    "German": ("ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden", "Teilnehmer/in", "Nein"),
    "French": ("Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée", "Participant", "Non"),
    "Spanish": (
        "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Calificación máxima,La calificación puede cambiarse",
        "Participante",
        "No",
    ),
    "Chinese": ("标识符,全名,电子邮件地址,状态,成绩,最高分,允许更改成绩", "参与人", "否"),
}


@pytest.mark.parametrize("language", MOODLES)
def test_a_worksheet_in_the_language_of_its_staff(tmp_path, language):
    header, participant, no = MOODLES[language]
    lines = [f'{participant}{k},{name},{name}@uni.example,x,,"100,00",{can}' for k, name, can in ((7, "ada", "x"), (8, "ben", no), (19, "cem", "x"))]
    submissions = [
        _submission("ada", "right", "wrong"),
        _submission("ben", "right", "right"),
        _submission("C_19_assignsubmission_file", "right", "right"),
    ]
    notes = moodle.write(submissions, tmp_path, moodle.read(_file(tmp_path, "\n".join([header, *lines]))))
    table = list(csv.reader((tmp_path / "moodle.csv").read_text(encoding="utf-8").splitlines()))
    assert table[0] == header.split(",") and [line[4] for line in table[1:]] == ["33.33", "", "100.00"]
    assert notes == ["1 grades are closed in Moodle and stay as they were"]


@pytest.mark.parametrize(("name", "language", "encoding"), [("Lovelacé", "German", "cp1252"), ("李雷", "Chinese", "gb18030")])
def test_what_an_old_spreadsheet_saved_is_read_and_told(tmp_path, name, language, encoding):
    path = _file(tmp_path, f"{MOODLES[language][0]}\nX7,{name},ada@uni.example,-,,100,-\n", encoding)
    notes = moodle.write([_submission(name, "right")], tmp_path, moodle.read(path))
    assert (tmp_path / "moodle.csv").read_text(encoding="utf-8").splitlines()[1] == f"X7,{name},ada@uni.example,-,100.00,100,-"
    assert any("is not UTF-8" in note for note in notes)


def test_without_names_people_are_found_by_number(tmp_path):
    path = _file(tmp_path, "Identifier,Status,Grade,Maximum Grade,Grade can be changed\nParticipant 4711,Submitted,,100.00,Yes\n")
    moodle.write([_submission("Participant_4711_assignsubmission_file_", "right")], tmp_path, moodle.read(path))
    assert "Participant 4711,Submitted,100.00,100.00,Yes" in (tmp_path / "moodle.csv").read_text()


def test_an_export_of_moodles_gradebook_takes_points_in_the_chosen_column(tmp_path):
    path = _file(tmp_path, "Username,ID number,Assignment: L5 (Real)\nada,1,-\nben,2,\n")
    notes = moodle.write([_submission("ada", "right", "wrong")], tmp_path, moodle.read(path, ["Assignment: L5 (Real)"]))
    assert (tmp_path / "moodle.csv").read_text().splitlines()[1:] == ["ada,1,1.00", "ben,2,"]
    assert "the file has no maximum grade, so points are filled in as they are, out of 3" in notes


@pytest.mark.parametrize(
    ("text", "chosen", "said"),
    [
        ("Username,Assignment: L5\nada,\n", [], "found the columns 'Username', 'Assignment: L5', expected one called 'Identifier'"),
        ("Name,Points\nada,\n", ["Points"], "found the columns 'Name', 'Points', expected one called 'Identifier'"),
        ("Username,L5,L6\nada,,\n", ["L5", "L6"], "found --column 2 times, expected one for Moodle"),
        ("Username,L5\nada,\n", ["L7"], "found for --column 'L7' the columns 'Username', 'L5'"),
        ("Identifier,Grade,Maximum Grade\nParticipant 7,,-\n", [], "row 2 has the Maximum Grade '-', expected a number"),
    ],
)
def test_a_worksheet_that_does_not_fit_is_one_line(tmp_path, text, chosen, said):
    with pytest.raises(CourseError, match=said):
        moodle.write([_submission("7", "right")], tmp_path, moodle.read(_file(tmp_path, text), chosen))


@pytest.mark.parametrize(("words", "found"), [([], "no file"), (["--canvas", "x.csv", "--moodle", "y.csv"], "two files")])
def test_a_column_belongs_to_one_file(tmp_path, words, found, capsys):
    with Journal(tmp_path) as journal:
        journal.add(Graded("ada", "f", _submission("ada", "right").rows, (), "k", ("05",), "nested"))
    assert main(["report", str(tmp_path), "--column", "Quiz 5", *words]) == 2
    assert capsys.readouterr().err.startswith(f"bpkit report: found --column with {found}, expected it with one of --canvas and --moodle")
