"""What staff decide: points of their own, kept when graded anew, and what lateness costs, by the platform's own times."""

from __future__ import annotations

import csv
import json
import math
from datetime import timedelta
from pathlib import Path

import pytest
from grading_rows import row

from bpkit.cli import main
from bpkit.grading.collect import Submission
from bpkit.grading.decisions import HandedIn, Lateness, Override, decided, due_of, rule_of
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.reports import class_figures
from bpkit.grading.reports.pages import numeral

DUE = due_of("2031-03-03 12:00+00:00")


def _graded(student: str, *statuses: str) -> Graded:
    rows = tuple(row(student, f"05.{k}", status, message="m") for k, status in enumerate(statuses, 1))
    return Graded(student, "f.ipynb", rows, key=student, lessons=("05",), sandbox="nested", graded_with="Python 3.12.3, numpy 2.1.0")


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# ---- rules and times --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "late", "cost"),
    [
        ("10% per day", timedelta(seconds=1), 1.0),  # of 10 points reached, of 20 possible
        ("10% per day", timedelta(days=1), 1.0),
        ("10% per day", timedelta(days=1, seconds=1), 2.0),
        ("10% per day, at most 3", timedelta(days=9), 3.0),
        ("10 % a day at most 3 days", timedelta(days=9), 3.0),
        ("10% per day, at most 25%", timedelta(days=9), 2.5),
        ("10% per day", timedelta(days=30), 10.0),
        ("10% of max per day", timedelta(hours=30), 4.0),
        ("2,5 points per hour", timedelta(minutes=61), 5.0),
        ("1 point each week, at most 2 points", timedelta(days=60), 2.0),
        ("3 points per day", timedelta(days=9), 10.0),
    ],
)
def test_each_begun_hour_day_or_week_costs_what_the_rule_says(rule, late, cost):
    read = rule_of(rule)
    assert math.isclose(read.cost(read.begun(late), 10, 20), cost)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ten per day", "expected e.g. '10% per day'"),
        ("10% per month", "expected e.g."),
        ("0% per day", "expected more than 0 and at most 100%"),
        ("101% per day", "expected more than 0 and at most 100%"),
        ("2 points of max per day", "points are not 'of max'"),
        ("10% per day, at most 3 hours", "'at most' counts hours, expected days or a percentage"),
        ("2 points per day, at most 30%", "expected days or points"),
    ],
)
def test_a_rule_that_says_nothing_clear_is_refused(text, said):
    with pytest.raises(ValueError, match=said):
        rule_of(text)


@pytest.mark.parametrize("text", ["tomorrow", "2031-03-03", "2031-13-03 10:00", "2031-03-03 10:00 Europe/Nowhere", "10:00"])
def test_a_time_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="expected a date and a time"):
        due_of(text)


def test_times_are_compared_across_offsets():
    assert due_of("2031-07-03 14:00 Europe/Berlin") == due_of("2031-07-03T12:00+00:00") == due_of("2031-07-03 12:00 UTC")
    assert due_of("2031-07-03 14:00").tzinfo is not None
    lateness = Lateness(due_of("2031-07-03 14:00 Europe/Berlin"), rule_of("10% per day"))
    for at, late in (("2031-07-03T12:00:00Z", False), ("2031-07-03T12:00:01Z", True), ("2031-07-03T14:00:00", False), ("2031-07-03T14:00:01", True)):
        assert bool(decided(_graded("ada", "right"), {}, HandedIn(at), lateness).decisions) == late, at


# ---- what becomes of a submission ---------------------------------------------------------------------------------------


def test_lateness_is_taken_off_every_row_and_told_with_its_sum():
    graded = _graded("ada", "right", "wrong", "right")
    full = sum(each.points for each in graded.rows)
    late = decided(graded, {}, HandedIn("2031-03-04T13:30:00Z"), Lateness(DUE, rule_of("10% per day, at most 3")))
    assert math.isclose(sum(each.points for each in late.rows), 0.8 * full)
    assert [math.isclose(a.points, 0.8 * b.points) for a, b in zip(late.rows, graded.rows, strict=True)] == [True] * 3
    (said,) = late.decisions
    assert "1 day 1 hour after the due time (2031-03-03 12:00)" in said and "at 2031-03-04 13:30" in said
    assert f"2 days count, which is {numeral(0.2 * full)} of the {numeral(full)} points reached" in said
    assert [each.max for each in late.rows] == [each.max for each in graded.rows]


@pytest.mark.parametrize(
    ("handed_in", "said"),
    [
        (HandedIn("2031-03-03T12:00:00Z"), ()),
        (HandedIn("", False), ()),
        (HandedIn("on Monday"), ("When this was handed in is unknown; nothing was taken off for it.",)),
        (HandedIn(), ("When this was handed in is unknown; nothing was taken off for it.",)),
        (HandedIn("", True), ("The platform calls this late, but not by how much; nothing was taken off for it.",)),
    ],
)
def test_nothing_is_taken_off_in_time_or_where_the_time_is_unknown(handed_in, said):
    graded = _graded("ada", "right")
    found = decided(graded, {}, handed_in, Lateness(DUE, rule_of("10% per day")))
    assert (found.rows, found.decisions) == (graded.rows, said)


def test_without_a_rule_a_late_hand_in_is_told_and_costs_nothing():
    found = decided(_graded("ada", "right"), {}, HandedIn("2031-03-05T12:00:00Z"), Lateness(DUE))
    assert found.rows == _graded("ada", "right").rows and "2 days after the due time" in found.decisions[0]


def test_nothing_reached_costs_nothing():
    found = decided(_graded("ada", "wrong"), {}, HandedIn("2031-03-05T12:00:00Z"), Lateness(DUE, rule_of("1 point per day")))
    assert found.rows[0].points == 0 and "which is 0 of the 0 points" in found.decisions[0]


def test_points_of_staff_are_not_made_less_by_lateness():
    graded = _graded("ada", "right", "wrong")
    override = Override("ada", "05.2", 1.0, "seen by hand", "")
    found = decided(graded, {"05.2": override}, HandedIn("2031-03-04T12:00:00Z"), Lateness(DUE, rule_of("100% per day")))
    assert [each.points for each in found.rows] == [0, 1.0]
    assert found.rows[1].decision == "The course staff gave 1 of 2 points here, in place of 0: seen by hand" and not found.rows[0].decision
    assert not decided(graded, {}, HandedIn(), Lateness()).decisions


# ---- the journal and the commands --------------------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path) -> Path:
    with Journal(tmp_path / "graded") as journal:
        journal.add(_graded("ada", "right", "wrong", "could not run"))
        journal.add(_graded("ben", "right", "right", "right"))
        journal.note_times([Submission("ada", (), submitted_at="2031-03-04T12:00:00+00:00", late=True), Submission("ben", ())])
    return tmp_path / "graded"


def test_points_given_by_hand_reach_every_report_and_stay_when_graded_anew(out, capsys):
    assert main(["override", "ADA", "05.2", "1,5", "--why", "right <but> for a sign", "--out", str(out)]) == 0
    assert "ada has 1.5 of 2 points in 05.2: right <but> for a sign" in capsys.readouterr().out
    with Journal(out) as journal:
        journal.add(_graded("ada", "right", "not attempted", "could not run"))
    assert main(["report", str(out)]) == 0
    said = "The course staff gave 1.5 of 2 points here, in place of 0: right &lt;but&gt; for a sign"
    assert said in (out / "feedback" / "ada.html").read_text() and "course staff" not in (out / "feedback" / "ben.html").read_text()
    assert {each["exercise"]: each["points"] for each in _table(out / "grades.csv") if each["student"] == "ada"}["05.2"] == "1.5"
    results = json.loads((out / "gradescope" / "ada.json").read_text())
    assert results["score"] == 2.5 and "right <but> for a sign" in results["tests"][1]["output"]
    assert "right &lt;but&gt; for a sign" not in (out / "junit.xml").read_text()  # what was not attempted has no text there


def test_what_could_not_run_counts_once_staff_gave_points(out):
    assert main(["report", str(out)]) == 0
    assert [each["Lesson 05"] for each in _table(out / "canvas.csv")][1:] == ["", "6"]
    assert main(["override", "ada", "05.3", "3", "--why", "ran on my machine", "--out", str(out)]) == 0
    assert [each["Lesson 05"] for each in _table(out / "canvas.csv")][1:] == ["4", "6"]
    assert [each["Grade"] for each in _table(out / "moodle.csv")] == ["4", "6"]
    with Journal(out) as journal:
        assert not class_figures.class_figures(journal.submissions()).attention


def test_points_can_be_listed_and_lifted(out, capsys):
    assert main(["override", "ada", "05.2", "2", "--why", "fair", "--out", str(out)]) == 0
    assert main(["override", "ada", "05.2", "1", "--why", "on second thoughts", "--out", str(out)]) == 0
    capsys.readouterr()
    assert main(["override", "--list", "--out", str(out)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("ada  05.2  1  ") and line.endswith("on second thoughts")
    with Journal(out) as journal:
        journal.override(Override("zoe", "05.2", 1.0, "gone", "then"))
    assert main(["report", str(out)]) == 0
    assert "points were given for what is not graded now: zoe 05.2" in capsys.readouterr().out
    for student in ("zoe", "ada"):
        assert main(["override", student, "05.2", "--lift", "--out", str(out)]) == 0
    assert main(["override", "ada", "05.2", "--lift", "--out", str(out)]) == 2
    assert "ada has no points of yours in 05.2" in capsys.readouterr().err
    assert "course staff" not in (out / "feedback" / "ada.html").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ada", "05.2", "2"], "found no reason, expected --why TEXT"),
        (["ada", "05.2", "2.5", "--why", "x"], "found the points '2.5', expected a number from 0 to 2, which 05.2 is worth"),
        (["ada", "05.2", "nan", "--why", "x"], "found the points 'nan'"),
        (["ada", "05.2", "--why", "x"], "found no points, expected STUDENT EXERCISE POINTS"),
        (["adaa", "05.2", "1", "--why", "x"], "found the student 'adaa', expected one with a row for 05.2, as 'ada'"),
        (["ada", "07.1", "1", "--why", "x"], "found the exercise '07.1', expected one that is graded"),
        ([], "found no points"),
        (["--lift"], "found no student or no exercise"),
    ],
)
def test_points_that_make_no_sense_are_refused_in_one_line(out, capsys, words, said):
    assert main(["override", *words, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_folder_without_a_journal_is_refused(tmp_path, capsys):
    assert main(["override", "ada", "05.2", "1", "--why", "x", "--out", str(tmp_path)]) == 2
    assert "there is no grades.sqlite in" in capsys.readouterr().err


def test_the_due_time_is_kept_by_the_folder_until_it_is_forgotten(out, capsys):
    late = ["--due", "2031-03-03 12:00+00:00", "--late", "50% per day"]
    for more in (late, []):
        assert main(["report", str(out), *more]) == 0
        assert "the platform does not tell when 1 student handed in" in capsys.readouterr().out
        points = {(each["student"], each["exercise"]): each["points"] for each in _table(out / "grades.csv")}
        assert points["ada", "05.1"] == "0.5" and points["ben", "05.1"] == "1"
        assert "1 day after the due time" in (out / "feedback" / "ada.html").read_text()
        assert "When this was handed in is unknown" in (out / "feedback" / "ben.html").read_text()
        assert "after the due time" in json.loads((out / "gradescope" / "ada.json").read_text())["output"]
    assert main(["report", str(out), "--due", "none"]) == 0
    assert "after the due time" not in (out / "feedback" / "ada.html").read_text()
    assert "handed in" not in capsys.readouterr().out


def test_a_rule_without_a_due_time_is_refused(out, capsys):
    assert main(["report", str(out), "--late", "10% per day"]) == 2
    assert "needs to know when it was due: give --due, too" in capsys.readouterr().err
    for wrong in (["--late", "much"], ["--due", "soon"]):
        with pytest.raises(SystemExit):
            main(["report", str(out), *wrong])


def test_every_report_names_the_python_and_numpy_that_graded(out):
    assert main(["report", str(out)]) == 0
    for file in ("feedback/ada.html", "course.html", "gradescope/ada.json", "summary.md", "junit.xml"):
        assert "Python 3.12.3, numpy 2.1.0" in (out / file).read_text(), file
    with Journal(out) as journal:
        journal.add(Graded("cem", "f", (row("cem", "05.1"),), key="c", lessons=("05",), sandbox="nested", graded_with="Python 3.13.0, numpy 2.2.0"))
        assert journal.run().grader.endswith("Python 3.12.3, numpy 2.1.0; Python 3.13.0, numpy 2.2.0")


def test_the_time_is_the_one_that_the_platform_tells_last(out):
    with Journal(out) as journal:
        journal.set_lateness("2031-03-03T12:00:00+00:00", "10% per day")
        journal.note_times([Submission("ada", (), submitted_at="2031-03-01T12:00:00+00:00")])
        assert not next(iter(journal.submissions())).decisions
