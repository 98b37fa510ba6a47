"""What lateness costs, by the platform's own times; the folder keeps the due time and the rule."""

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
from bpkit.grading.journal import Journal
from bpkit.grading.late import HandedIn, Lateness, after, due_of, rule_of
from bpkit.grading.records import Graded
from bpkit.grading.reports.pages import numeral

DUE = due_of("2031-03-03 12:00+00:00")


def _graded(student: str, *statuses: str) -> Graded:
    rows = tuple(row(student, f"05.{k}", status, message="m") for k, status in enumerate(statuses, 1))
    return Graded(student, "f.ipynb", rows, key=student, lessons=("05",), sandbox="nested")


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
        assert bool(after(_graded("ada", "right"), (), HandedIn(at), lateness).problems) == late, at


# ---- what becomes of a submission ---------------------------------------------------------------------------------------


def test_lateness_is_taken_off_every_row_and_told_with_its_sum():
    graded = _graded("ada", "right", "wrong", "right")
    full = sum(each.points for each in graded.rows)
    late = after(graded, (), HandedIn("2031-03-04T13:30:00Z"), Lateness(DUE, rule_of("10% per day, at most 3")))
    assert math.isclose(sum(each.points for each in late.rows), 0.8 * full)
    assert [math.isclose(a.points, 0.8 * b.points) for a, b in zip(late.rows, graded.rows, strict=True)] == [True] * 3
    (said,) = late.problems
    assert "1 day 1 hour after the due time (2031-03-03 12:00)" in said and "at 2031-03-04 13:30" in said
    assert f"2 days count, which is {numeral(0.2 * full)} of the {numeral(full)} points reached" in said
    assert [each.max for each in late.rows] == [each.max for each in graded.rows]


@pytest.mark.parametrize("rule", ["1 point per day", "33.3% per day", "7% of max per day"])
def test_rows_are_hundredths_and_add_up_to_what_is_left(rule):
    graded = _graded("ada", *["right"] * 7)
    late = after(graded, (), HandedIn("2031-03-03T13:30:00Z"), Lateness(DUE, rule_of(rule)))
    full = sum(row.points for row in graded.rows)
    assert math.isclose(sum(row.points for row in late.rows), round(full - rule_of(rule).cost(1, full, sum(row.max for row in graded.rows)), 2))
    assert all(row.points == round(row.points, 2) <= before.points for row, before in zip(late.rows, graded.rows, strict=True))


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
    found = after(graded, (), handed_in, Lateness(DUE, rule_of("10% per day")))
    assert (found.rows, found.problems) == (graded.rows, said)


def test_without_a_rule_a_late_hand_in_is_told_and_costs_nothing():
    found = after(_graded("ada", "right"), (), HandedIn("2031-03-05T12:00:00Z"), Lateness(DUE))
    assert found.rows == _graded("ada", "right").rows and "2 days after the due time" in found.problems[0]


def test_nothing_reached_costs_nothing():
    found = after(_graded("ada", "wrong"), (), HandedIn("2031-03-05T12:00:00Z"), Lateness(DUE, rule_of("1 point per day")))
    assert found.rows[0].points == 0 and "which is 0 of the 0 points" in found.problems[0]


def test_points_of_staff_are_not_made_less_by_lateness():
    found = after(_graded("ada", "right", "right"), {"05.2"}, HandedIn("2031-03-04T12:00:00Z"), Lateness(DUE, rule_of("100% per day")))
    assert [each.points for each in found.rows] == [0, 2]
    assert not after(_graded("ada", "right"), (), HandedIn(), Lateness()).problems


# ---- the journal and the commands --------------------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path) -> Path:
    with Journal(tmp_path / "graded") as journal:
        journal.add(_graded("ada", "right", "wrong", "could not run"))
        journal.add(_graded("ben", "right", "right", "right"))
        journal.attend([Submission("ada", (), submitted_at="2031-03-04T12:00:00+00:00", late=True), Submission("ben", ())], whole_class=True)
    return tmp_path / "graded"


def test_the_due_time_is_kept_by_the_folder_until_it_is_forgotten(out, capsys):
    late = ["--due", "2031-03-03 12:00+00:00", "--late", "50% per day"]
    for more in (late, []):
        assert main(["report", str(out), *more]) == 0
        assert "when 1 student handed in is not known" in capsys.readouterr().out
        points = {(each["student"], each["exercise"]): each["points"] for each in _table(out / "grades.csv")}
        assert points["ada", "05.1"] == "0.5" and points["ben", "05.1"] == "1"
        assert "1 day after the due time" in (out / "feedback" / "ada.html").read_text()
        assert "When this was handed in is unknown" in (out / "feedback" / "ben.html").read_text()
        assert "after the due time" in json.loads((out / "gradescope" / "ada.json").read_text())["output"]
    assert main(["report", str(out), "--due", "none"]) == 0
    assert "after the due time" not in (out / "feedback" / "ada.html").read_text()
    assert "is not known" not in capsys.readouterr().out


def test_a_rule_without_a_due_time_is_refused(out, capsys):
    assert main(["report", str(out), "--late", "10% per day"]) == 2
    assert "needs to know when it was due: give --due, too" in capsys.readouterr().err
    for wrong in (["--late", "much"], ["--due", "soon"]):
        with pytest.raises(SystemExit):
            main(["report", str(out), *wrong])


def test_the_time_is_the_one_that_the_platform_tells_last(out):
    with Journal(out) as journal:
        journal.set_lateness("2031-03-03T12:00:00+00:00", "10% per day")
        journal.attend([Submission("ada", (), submitted_at="2031-03-01T12:00:00+00:00")], whole_class=False)
        assert not next(iter(journal.submissions())).problems
