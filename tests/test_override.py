"""Points that staff set by hand: kept through grading anew, in every report, and undone."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from grading_rows import row, wrong

from bpkit.cli import main
from bpkit.grading.journal import Journal
from bpkit.grading.records import UNSAFE, Graded, Override, Row


def _graded(student: str, key: str, *rows: Row) -> Graded:
    return Graded(student, f"{student}.ipynb", rows, (), key, ("05",), "nested")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Two students: one with a wrong answer and one that could not run, one with everything right."""
    with Journal(tmp_path / "out") as journal:
        journal.add(
            _graded("ada", "k1", row("ada", "05.1"), wrong("ada", "05.3", 0), row("ada", "05.4", "could not run", message="The clock ran out."))
        )
        journal.add(_graded("ben", "k2", row("ben", "05.1"), row("ben", "05.3"), row("ben", "05.4")))
    return tmp_path / "out"


def _override(out: Path, *words: str) -> int:
    return main(["override", *words, "--out", str(out)])


def _row(out: Path, student: str, exercise: str) -> dict[str, str]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return next(r for r in csv.DictReader(file) if (r["student"], r["exercise"]) == (student, exercise))


def test_points_and_why_stand_in_grades_csv_on_the_page_and_for_gradescope(out: Path):
    assert _override(out, "ada", "05.3", "1,5", "--why", "right but for <a sign>") == 0
    got = _row(out, "ada", "05.3")
    assert got["points"] == "1.5" and got["status"] == "wrong" and got["mistake"]
    assert got["message"].startswith("The course staff set the points to 1.5 (the grader gave 0): right but for <a sign> – ")
    page = (out / "feedback" / "ada.html").read_text()
    assert "right but for &lt;a sign&gt;" in page and "1.5 of" in page
    assert "right but for <a sign>" in (out / "gradescope" / "ada.json").read_text()
    assert "The course staff" not in (out / "feedback" / "ben.html").read_text()


def test_full_points_make_it_right_and_name_no_mistake(out: Path):
    most = _row_max(out, "05.3")
    assert _override(out, "ada", "05.3", most, "--why", "It is right.") == 0
    got = _row(out, "ada", "05.3")
    assert (got["points"], got["status"], got["mistake"]) == (most, "right", "")
    page = (out / "feedback" / "ada.html").read_text()
    assert page.count("the course staff set the points to") == 1 and "It is right." in page and "It is right.." not in page
    assert "It is right" in (out / "gradescope" / "ada.json").read_text()


def _row_max(out: Path, exercise: str) -> str:
    assert main(["report", str(out)]) == 0
    return _row(out, "ben", exercise)["max"]


@pytest.mark.parametrize("points", ["0", "1"])
def test_what_could_not_run_and_was_judged_by_hand_has_its_number_on_every_platform(out: Path, points: str):
    assert main(["report", str(out)]) == 0
    assert "could not run" in (out / "grades.csv").read_text()
    assert _override(out, "ada", "05.4", points, "--why", "read by hand") == 0
    assert _row(out, "ada", "05.4")["status"] == "wrong"
    with (out / "canvas.csv").open(newline="") as file:
        line = next(r for r in csv.DictReader(file) if r["Student"] == "ada")
    assert line["Lesson 05"] == f"{float(_row(out, 'ada', '05.1')['max']) + float(points):g}"


def test_fewer_points_for_a_right_answer_leave_it_right_and_say_why(out: Path):
    assert _override(out, "ben", "05.1", "0", "--why", "handed in a neighbour's notebook") == 0
    got = _row(out, "ben", "05.1")
    assert (got["points"], got["status"]) == ("0", "right")
    assert "neighbour" in got["message"] and "neighbour" in (out / "feedback" / "ben.html").read_text()


def test_it_outlives_regrading_and_is_told_when_the_grader_has_changed_its_mind(out: Path, capsys: pytest.CaptureFixture[str]):
    assert _override(out, "ada", "05.3", "1", "--why", "half right") == 0
    with Journal(out) as journal:
        journal.add(_graded("ada", "k3", row("ada", "05.3")))
        (ada, _) = journal.submissions()
        assert [(r.exercise, r.points) for r in ada.rows] == [("05.3", 1)]
    capsys.readouterr()
    assert _override(out) == 0
    said = capsys.readouterr().out
    assert main(["report", str(out)]) == 0
    assert said.strip() in capsys.readouterr().out
    assert said.startswith("ada, 05.3: 1 points, set ") and "half right [look again: the grader gave 0 then, and gives " in said
    with Journal(out) as journal:
        journal.add(_graded("ada", "k4", row("ada", "05.1")))
    assert _override(out) == 0
    assert "[nothing is graded there now]" in capsys.readouterr().out


def test_remove_gives_the_graders_points_back(out: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["report", str(out)]) == 0
    before = (out / "grades.csv").read_bytes()
    assert _override(out, "ada", "05.3", "1", "--why", "half right") == 0
    assert _override(out, "ada", "05.3", "2", "--why", "more than half") == 0
    assert "more than half" in (out / "grades.csv").read_text() and "half right" not in (out / "grades.csv").read_text()
    capsys.readouterr()
    assert main(["report", str(out)]) == 0
    assert "more than half" not in capsys.readouterr().out, "nothing is in doubt"
    assert _override(out, "ada", "05.3", "--remove") == 0
    assert (out / "grades.csv").read_bytes() == before
    capsys.readouterr()
    assert _override(out) == 0
    assert capsys.readouterr().out == "No points were set by hand.\n"


def test_a_row_without_a_sandbox_still_says_so():
    bare = row("ada", "05.3", "wrong", message=f"Look. {UNSAFE}")
    for points in (0, bare.max):
        assert UNSAFE in Override("ada", "05.3", points, "why", 0, "today").over(bare).message


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["adda", "05.3", "1", "--why", "x"], "there is no student 'adda'"),
        (["adda", "05.3", "1", "--why", "x"], "such as 'ada'"),
        (["ada", "05.9", "1", "--why", "x"], "ada has no exercise '05.9' in {out}/grades.sqlite; expected one of 05.1, 05.3, 05.4"),
        (["ada", "05.3", "99", "--why", "x"], "found the points '99', expected a number from 0 to"),
        (["ada", "05.3", "nan", "--why", "x"], "found the points 'nan', expected a number from 0 to"),
        (["ada", "05.3", "-0.5", "--why", "x"], "-0.5"),
        (["ada", "05.3", "--why", "x"], "found no points, expected a number from 0 to"),
        (["ada", "05.3", "1"], "found no reason, expected --why"),
        (["ada", "05.3", "1", "--why", " "], "found no reason, expected --why"),
        (["ada"], "found the student 'ada' alone, expected STUDENT EXERCISE POINTS"),
        (["ada", "05.3", "--remove"], "nothing was set for 'ada' '05.3' in {out}/grades.sqlite; found: none"),
        (["ada", "05.3", "1", "--remove"], "found --remove together with points or a reason"),
    ],
)
def test_what_does_not_fit_is_one_line_and_changes_nothing(out: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]):
    try:
        assert _override(out, *words) == 2
    except SystemExit as stopped:  # argparse's own line
        assert stopped.code == 2
    told = capsys.readouterr().err
    assert said.format(out=out) in told and told.splitlines()[-1].startswith("bpkit override: ")
    with Journal(out) as journal:
        assert journal.overrides() == []


def test_a_folder_without_grades_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert _override(tmp_path, "ada", "05.3", "1", "--why", "x") == 2
    assert capsys.readouterr().err == (
        f"bpkit override: there is no grades.sqlite in {tmp_path}; expected with --out a folder that `bpkit grade --out` wrote\n"
    )


def test_points_of_whom_the_class_has_not_any_more_are_kept_and_told(out: Path, capsys: pytest.CaptureFixture[str]):
    with Journal(out) as journal:
        journal.attend([], whole_class=True)
    assert _override(out, "ada", "05.3", "1", "--why", "she came back") == 0
    assert "ada is not in this class any more and has no report" in capsys.readouterr().out
    assert _override(out) == 0
    assert "[not in this class any more, or under another name]" in capsys.readouterr().out
