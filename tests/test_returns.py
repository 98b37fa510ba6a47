"""What goes back to Canvas and Moodle is what their importers take: read again by readers written after these."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from grading_rows import RUN, row
from platform_readers import LANGUAGES, canvas_comments_zip, canvas_gradebook, moodle_feedback_zip, moodle_worksheet

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.grading.collect import Submission
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.reports import canvas, moodle, returns


def _submission(student: str, status: str = "right", exercise: str = "05.1", file: str = "f.ipynb") -> Graded:
    return Graded(student, file, (row(student, exercise, status, message="m"),), lessons=(exercise[:2],), key=student, sandbox="nested")


def _file(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "export.csv"
    path.write_bytes(text.encode(encoding))
    return path


def _canvas(tmp_path: Path, text: str, submissions: list[Graded], encoding: str = "utf-8", columns: dict[str, str] | None = None):
    notes = canvas.write(submissions, tmp_path, canvas.read(_file(tmp_path, text, encoding)), columns)
    return canvas_gradebook(tmp_path / "canvas.csv"), notes


# ---- Canvas: gradebooks -----------------------------------------------------------------------------------------------

PEOPLE = "SIS User ID,SIS Login ID,Section"
GRADEBOOKS = {
    "as usual": f'Student,ID,{PEOPLE},Lesson 05 (4711)\n    Points Possible,,,,,1\n"Lovelace, Ada",101,s1,ada,A,\n',
    "two names": f"LastName,FirstName,ID,{PEOPLE},Lesson 05 (4711)\n    Points Possible,,,,,,1\nLovelace,Ada,101,,ada,A,\n",
    "without SIS numbers": "Student,ID,SIS Login ID,Section,Lesson 05 (4711)\n    Points Possible,,,,1\n,101,ada,A,\n",
    "integration and root account": "Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Lesson 05 (4711)\n,101,,ada,,,A,\n",
    "hidden grades": f'Student,ID,{PEOPLE},Lesson 05 (4711)\n,,,,,Manual Posting\n    Points Possible,,,,,1\n"Lovelace, Ada",101,,ada,A,\n',
    "groups of assignments": (
        f"Student,ID,{PEOPLE},Lesson 05 (4711),Week 05 Current Points,Week 05 Final Points,Week 05 Current Score,Week 05 Unposted Final Score,"
        "Current Grade (Term 5),Override Score\n    Points Possible,,,,,1,(read only),(read only),(read only),(read only),(read only),\n"
        ",101,,ada,A,,,,,,,\n"
    ),
    "read-only in German": f"Student,ID,{PEOPLE},Lesson 05 (4711),Woche 05 gesamt\n    Points Possible,,,,,1,(schreibgeschützt)\n,101,,ada,A,,\n",
    "a column of notes": f"Student,ID,{PEOPLE},Notes on 5,Lesson 05 (4711)\n    Points Possible,,,,,,1\n,101,,ada,A,late,\n",
    "semicolons": "Student;ID;SIS User ID;SIS Login ID;Section;Lesson 05 (4711)\n    Points Possible;;;;;1,00\nLovelace, Ada;101;s1;ada;A;\n",
    "an e-mail as login": f"Student,ID,{PEOPLE},Lesson 05 (4711)\n    Points Possible,,,,,1\n,101,,ada@uni.example,A,\n",
    "German": (
        "Student,ID,SIS-Benutzer-ID,SIS-Anmelde-ID,Abschnitt,Lesson 05 (4711),Aktuelle Punktzahl\n    Mögliche Punktzahl,,,,,1,\n,101,,ada,A,,\n"
    ),
    "French": (
        "Étudiant,ID,ID d’utilisateur SIS,ID de connexion SIS,Section,Lesson 05 (4711),Note finale (nombre)\n"
        "    Points possibles,,,,,1,\n,101,,ada,A,,\n"
    ),
    "Spanish": (
        "Estudiante,ID,ID SIS de Usuario,ID SIS de Ingreso,Sección,Lesson 05 (4711),Puntuación Final\n    Puntos Posibles,,,,,1,\n,101,,ada,A,,\n"
    ),
    "Chinese": "学生,ID,用户学号,登录名或学号,班级,Lesson 05 (4711),最终分数\n    满分,,,,,1,\n,101,,ada,A,,\n",
}


@pytest.mark.parametrize("name", GRADEBOOKS)
def test_canvas_takes_back_every_gradebook_with_the_one_grade_in_it(tmp_path, name):
    book, notes = _canvas(tmp_path, GRADEBOOKS[name], [_submission("ada")])
    assert book.grades["101"]["Lesson 05 (4711)"] == "1", notes
    others = {title: grade for title, grade in book.grades["101"].items() if title != "Lesson 05 (4711)"}
    assert not set(others.values()) - {"", "late"} and set(others) <= {"Notes on 5", "Woche 05 gesamt"}
    assert list(book.grades) == ["101"] and book.possible.get("Lesson 05 (4711)", "1") in ("1", "1.00", "1,00")


@pytest.mark.parametrize("student", ["Ada Lovelace", "lovelace, ada", "101"])
def test_first_and_last_name_in_columns_of_their_own_are_one_name(tmp_path, student):
    book, _ = _canvas(tmp_path, GRADEBOOKS["two names"], [_submission(student)])
    assert book.grades["101"]["Lesson 05 (4711)"] == "1"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_what_a_spreadsheet_saved_is_read_and_given_back_in_utf_8(tmp_path, encoding):
    text = f'Student,ID,{PEOPLE},Lesson 05 (4711)\n    Points Possible,,,,,1\n"Müller, Ada",101,s1,ada,A,\n'
    book, notes = _canvas(tmp_path, text, [_submission("Ada Müller")], encoding)
    assert book.grades["101"]["Lesson 05 (4711)"] == "1"
    assert "Müller" in (tmp_path / "canvas.csv").read_text(encoding="utf-8") and bool(notes) == (encoding != "utf-8-sig")


def test_canvas_keeps_who_is_excused_or_not_assigned(tmp_path):
    text = f"Student,ID,{PEOPLE},Lesson 05 (4711)\n    Points Possible,,,,,1\nA,1,,ada,A,EX\nB,2,,ben,A,N/A\nC,3,,cem,A,0\n"
    book, notes = _canvas(tmp_path, text, [_submission(name) for name in ("ada", "ben", "cem")])
    assert [grades["Lesson 05 (4711)"] for grades in book.grades.values()] == ["EX", "N/A", "1"]
    assert any("'ada' (EX), 'ben' (N/A)" in note for note in notes)


TWO = f"Student,ID,{PEOPLE},HW 5: Propagating (4711),Quiz 5 (4712),Backprop (4713)\n    Points Possible,,,,,1,1,1\n,101,,ada,A,,,\n"


@pytest.mark.parametrize("named", ["Quiz 5 (4712)", "quiz 5", "4712"])
def test_the_column_can_be_named_in_full_by_its_title_or_number(tmp_path, named):
    for columns in ({"": named}, {"05": named}):
        book, _ = _canvas(tmp_path, TWO, [_submission("ada")], columns=columns)
        assert list(book.grades["101"].values()) == ["", "1", ""]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, r"'HW 5: Propagating \(4711\)', 'Quiz 5 \(4712\)', expected one with this number.*--column NAME"),
        ({"": "Essay"}, r"'Backprop \(4713\)', expected one called 'Essay'"),
        ({"07": "Quiz 5"}, r"--column 07=Quiz 5: found the lessons 05 graded"),
    ],
)
def test_a_column_that_is_not_clear_is_refused(tmp_path, columns, said):
    with pytest.raises(CourseError, match=said):
        _canvas(tmp_path, TWO, [_submission("ada")], columns=columns)


def test_one_name_is_not_enough_for_two_lessons(tmp_path):
    both = Graded("ada", "f", (row("ada", "05.1"), row("ada", "06.1")))
    with pytest.raises(CourseError, match="2 lessons are graded; expected one --column LESSON=NAME for each"):
        _canvas(tmp_path, TWO, [both], columns={"": "Quiz 5"})
    book, _ = _canvas(tmp_path, TWO, [both], columns={"05": "Quiz 5", "06": "Backprop"})
    first, *others = book.grades["101"].values()
    assert first == "" and all(others)


# ---- Moodle: worksheets -----------------------------------------------------------------------------------------------

WORKSHEETS = {
    "en": "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Last modified (submission),Last modified (grade)",
    "de": (
        "ID,Vollständiger Name,E-Mail-Adresse,Status,Bewertung,Bestwertung,Bewertung kann geändert werden,Zuletzt geändert (Abgabe),"
        "Zuletzt geändert (Bewertung)"
    ),
    "fr": (
        "Identifiant,Nom complet,Adresse de courriel,Statut,Note,Note maximale,La note peut être modifiée,Dernière modification (travail remis),"
        "Dernière modification (note)"
    ),
    "es": (
        "Identificador,Nombre completo,Dirección de correo,Estado,Calificación,Calificación máxima,La calificación puede ser cambiada,"
        "Última modificación (entrega),Última modificación (calificación)"
    ),
    "zh_cn": "标识符,全名,电子邮件地址,状态,成绩,最高分,允许更改成绩,上次修改（作业）,上次修改（评分）",
}
NO = {"en": "No", "de": "Nein", "fr": "Non", "es": "No", "zh_cn": "否"}


@pytest.mark.parametrize("separator", [",", ";", "\t", ":"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_moodle_takes_back_its_worksheet_in_its_own_language(tmp_path, language, separator):
    who = LANGUAGES[language][1]
    people = [
        ("7", "Ada Lovelace", "ada@uni.example", "x"),
        ("8", "Ben Ali", "ben@uni.example", NO[language]),
        ("9", "Jo Doe", "jo@uni.example", "x"),
    ]
    header = WORKSHEETS[language].replace(",", separator)
    lines = [separator.join([who + n, name, email, "", "", '"50,00"', change, "-", "-"]) for n, name, email, change in people]
    submissions = [_submission("ada"), _submission("Ben Ali"), _submission("Jo Doe_9_assignsubmission_file", "wrong")]
    notes = moodle.write(submissions, tmp_path, moodle.read(_file(tmp_path, "\n".join([header, *lines]))))
    assert moodle_worksheet(tmp_path / "moodle.csv", language, separator) == {7: 50.0, 9: 0.0}
    assert notes == ["1 grade is closed in Moodle and stays as it was"]


def test_a_blind_worksheet_is_filled_in_by_number(tmp_path):
    text = "Identifier,Status,Grade,Maximum Grade,Grade can be changed,Last modified (grade)\nParticipant 7,x,,100.00,Yes,-\n"
    moodle.write([_submission("Participant_7_assignsubmission_file")], tmp_path, moodle.read(_file(tmp_path, text)))
    assert moodle_worksheet(tmp_path / "moodle.csv", "en") == {7: 100.0}


def test_grades_of_a_whole_course_are_filled_in_under_the_named_column(tmp_path):
    text = "Vorname,Nachname,Anmeldename,ID-Nummer,Aufgabe: L5 (Punkte)\nAda,Lovelace,ada@uni.example,1,-\nBen,Ali,,2,-\n"
    roster = moodle.read(_file(tmp_path, text))
    notes = moodle.write([_submission("ada"), _submission("Ben Ali", "wrong")], tmp_path, roster, "aufgabe: l5 (punkte)")
    lines = (tmp_path / "moodle.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[-1] for line in lines] == ["Aufgabe: L5 (Punkte)", "1", "0"]
    assert notes == ["the export says nothing of maximum grades; 'Aufgabe: L5 (Punkte)' was filled in with points out of 1"]
    for column, said in ((None, "expected a worksheet with 'Identifier' and 'Grade', or --column NAME"), ("Grade", "expected one called 'Grade'")):
        with pytest.raises(CourseError, match=said):
            moodle.write([_submission("ada")], tmp_path, moodle.read(_file(tmp_path, text)), column)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Identifier,Grade,Scale,Last modified (grade)\nParticipant 7,,good bad,-\n",
            "is graded with words .'Scale'.; expected one graded with points",
        ),
        ("Identifier,Grade,Last modified (grade)\nParticipant 7,,-\n", "expected one called 'Maximum Grade'"),
        ("Name,Points\nAda,1\n", "found the columns 'Name', 'Points', expected one called 'Identifier'"),
    ],
)
def test_a_worksheet_that_takes_no_points_is_refused(tmp_path, text, said):
    with pytest.raises(CourseError, match=said):
        moodle.read(_file(tmp_path, text))


def test_a_worksheet_that_moodle_would_not_take_back_says_so(tmp_path):
    text = "Identifier,Grade,Maximum Grade\nParticipant 7,,100\n"
    notes = moodle.write([_submission("7")], tmp_path, moodle.read(_file(tmp_path, text)))
    assert any("without which Moodle does not take it back" in note for note in notes)


# ---- feedback, packed -------------------------------------------------------------------------------------------------


def test_moodle_stores_each_page_with_its_participant(tmp_path):
    class_ = [
        _submission("Ada_Lovelace_7_assignsubmission_file_"),
        _submission("Wei_8_assignsubmission_file"),
        _submission("ben"),
        _submission("zoe"),
    ]
    text = "Identifier,Full name,Email address,Grade,Maximum Grade\nParticipant 9,Ali_Ben_3/4,ben@uni.example,,100\n"
    notes = returns.moodle_feedback(RUN, lambda: class_, tmp_path, moodle.read(_file(tmp_path, text)))
    stored = moodle_feedback_zip(tmp_path / "moodle_feedback.zip", {7, 8, 9})
    assert {number: list(files) for number, files in stored.items()} == {7: ["feedback.html"], 8: ["feedback.html"], 9: ["feedback.html"]}
    assert "Feedback for ben" in stored[9]["feedback.html"] and "Feedback for Wei" in stored[8]["feedback.html"]
    assert notes[0].startswith("3 feedback pages") and notes[1] == "no number in Moodle is known for 'zoe', and no page of theirs is in it"


def test_canvas_attaches_each_page_to_its_persons_submission(tmp_path):
    class_ = [
        _submission("ada", file="lovelaceada_101_998_05_propagating_the_error-1.ipynb"),
        _submission("ben", file="aliben_LATE_102_999_05_propagating_the_error.ipynb, 06_backpropagation.ipynb"),
        _submission("anon_Xy7b2_997_05"),
        _submission("anon_LATE_12345_996_05"),
        _submission("cem", file="05_propagating_the_error.ipynb"),
    ]
    notes = returns.canvas_comments(RUN, lambda: class_, tmp_path)
    handed_in = {"101": {"998": "a.ipynb"}, "102": {"999": "b.ipynb"}, "103": {"997": "c.ipynb"}, "104": {"996": "d.ipynb"}}
    found = canvas_comments_zip(tmp_path / "canvas_comments.zip", handed_in, {"Xy7b2": "103", "12345": "104"})
    assert {person: [name for name, _ in files] for person, files in found.items()} == {k: [*v.values()] for k, v in handed_in.items()}
    assert "Feedback for ada" in found["101"][0][1]
    assert any("under the name of the file" in note for note in notes) and "for 'cem', and no page" in notes[-1]


def test_archives_are_the_same_bytes_again_and_refused_when_they_would_be_empty(tmp_path):
    class_ = [_submission("Ada_7_assignsubmission_file")]
    for name in ("a", "b"):
        returns.moodle_feedback(RUN, lambda: class_, tmp_path / name)
    assert (tmp_path / "a" / "moodle_feedback.zip").read_bytes() == (tmp_path / "b" / "moodle_feedback.zip").read_bytes()
    with pytest.raises(CourseError, match="found no participant's number for 'ada'; expected folders as Moodle names them"):
        returns.moodle_feedback(RUN, lambda: [_submission("ada")], tmp_path)
    with pytest.raises(CourseError, match="found no numbers of Canvas in the files of 'ada'; expected files as Canvas names them"):
        returns.canvas_comments(RUN, lambda: [_submission("ada")], tmp_path)
    assert not list(tmp_path.glob("*.zip"))


def test_the_command_packs_and_fills_in(tmp_path, capsys):
    with Journal(tmp_path / "out") as journal:
        journal.add(_submission("lovelaceada_101_998_05_propagating_the_error", file="lovelaceada_101_998_05_propagating_the_error.ipynb"))
        journal.add(_submission("Ben Ali_8_assignsubmission_file"))
    (tmp_path / "c.csv").write_text(TWO)
    command = ["report", str(tmp_path / "out"), "--canvas", str(tmp_path / "c.csv"), "--column", "5=4713", "--canvas-comments", "--moodle-feedback"]
    assert main(command) == 0
    assert list(canvas_gradebook(tmp_path / "out" / "canvas.csv").grades["101"].values()) == ["", "", "1"]
    said = capsys.readouterr().out
    assert "canvas_comments.zip: 1 feedback page for Canvas" in said and "moodle_feedback.zip: 1 feedback page for Moodle" in said
    with zipfile.ZipFile(tmp_path / "out" / "moodle_feedback.zip") as archive:
        assert archive.namelist() == ["Ben Ali_8_assignfeedback_file_/feedback.html"]
    with pytest.raises(SystemExit):
        main(["report", str(tmp_path / "out"), "--column", " "])


CALLED = {
    "Ada Lovelace": ("Ada Lovelace_7_assignsubmission_file_", "Ada Lovelace_7_assignsubmission_onlinetext_"),
    "Ben Ali (ba12)": ("Ben Ali_8_assignsubmission_file_",),
    "Ben Ali (ba13)": ("Ben Ali_9_assignsubmission_file_",),
    "Cem": ("Cem_10_assignsubmission_file_", "Cem_11_assignsubmission_file_"),
}


def test_whom_a_roster_named_is_known_by_what_was_handed_in(tmp_path):
    class_ = [_submission(student) for student in CALLED]
    notes = returns.moodle_feedback(RUN, lambda: class_, tmp_path, called=CALLED)
    stored = moodle_feedback_zip(tmp_path / "moodle_feedback.zip", {7, 8, 9, 10, 11})
    assert {number for number, files in stored.items() if files} == {7, 8, 9} and "Feedback for Ben Ali (ba13)" in stored[9]["feedback.html"]
    assert "no number in Moodle is known for 'Cem'" in notes[1]
    sheet = moodle.read(_file(tmp_path, "Identifier,Full name,Grade,Maximum Grade\nParticipant 8,Ben Ali,,10\nParticipant 9,Ben Ali,,10\n"))
    sheet.called = CALLED
    moodle.write([_submission("Ben Ali (ba12)"), _submission("Ben Ali (ba13)", "wrong")], tmp_path, sheet)
    assert [line.split(",")[2] for line in (tmp_path / "moodle.csv").read_text().splitlines()[1:]] == ["10.00", "0.00"]


@pytest.mark.parametrize(
    ("student", "row"), [("Ben Ali (ba13)", 1), ("Ben Ali (Teilnehmer/in9)", 1), ("Mo/Eve", 2), ("Ben Ali", None), ("Ben Ali (Mo)", None)]
)
def test_what_tells_two_apart_behind_a_name_finds_the_row(tmp_path, student, row):
    head = "Identifier,Full name,Username,Grade,Maximum Grade\n"
    text = f"{head}Teilnehmer/in8,Ben Ali,ba12,,1\nTeilnehmer/in9,Ben Ali,ba13,,1\nTeilnehmer/in10,Eve,e,,1\n"
    assert moodle.rows_of([student], moodle.read(_file(tmp_path, text))) == ({} if row is None else {student: row})


def test_canvas_attaches_pages_to_what_could_not_be_graded_and_to_zip_files(tmp_path):
    class_ = [_submission("ada (101)", file="05.ipynb"), _submission("ben (102)", "could not run", file=""), _submission("cem (103)", file="")]
    called = {"ada (101)": ("ada_101_998_work.zip",), "ben (102)": ("ben_102_999_report.pdf",), "cem (103)": ("cem_103_text.html",)}
    notes = returns.canvas_comments(RUN, lambda: class_, tmp_path, called)
    found = canvas_comments_zip(tmp_path / "canvas_comments.zip", {"101": {"998": "work.zip"}, "102": {"999": "report.pdf"}})
    assert {person: [name for name, _ in files] for person, files in found.items()} == {"101": ["work.zip"], "102": ["report.pdf"]}
    assert "for 'cem (103)', and no page" in notes[-1]


def test_the_journal_keeps_what_hand_ins_were_called(tmp_path):
    with Journal(tmp_path) as journal:
        journal.attend([Submission("ada", (), called=("a_1_2_x.zip", "a_1_3_y.py"))], whole_class=True)
        assert journal.called() == {"ada": ("a_1_2_x.zip", "a_1_3_y.py")}


@pytest.mark.parametrize(
    ("pack", "mine", "others"),
    [
        (returns.moodle_feedback, "Cem_9_assignsubmission_file", ("Ada_7_assignsubmission_file", "Ben_7_assignsubmission_file_")),
        (returns.canvas_comments, "cem_9_91_05", ("ada_7_71_05", "ben_LATE_7_72_05")),
    ],
)
def test_nobody_gets_a_page_that_may_be_anothers(tmp_path, pack, mine, others):
    notes = pack(RUN, lambda: [_submission(mine), *map(_submission, others)], tmp_path)
    (path,) = tmp_path.glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert "_9_" in name and f"Feedback for {mine}" in archive.read(name).decode()
    assert any("several submissions have the" in note and all(repr(student) in note for student in others) for note in notes)
