"""What staff choose about the reports: partial credit, and the course's solutions on the pages."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from grading_class import class_of_thirty
from grading_rows import RUN, row
from test_grading_commands import needs_sandbox

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.exercises import registry
from bpkit.exercises.judge import Judge
from bpkit.grading.records import Graded, Override
from bpkit.grading.reports import feedback_pages

PARTIAL = [exercise.id for exercise in registry().values() if exercise.partial]


def _filled(value: object, fill: float) -> object:
    """The same structure, each array full of one number."""
    if isinstance(value, list | tuple):
        return [_filled(item, fill) for item in value]
    return None if value is None else np.full(np.shape(value), fill)


def _share_of(exercise_id: str, mistake: str) -> float:
    judge = Judge.drawn(registry()[exercise_id], 5)
    (answer,) = (known for known in judge.exercise.mistakes if known.name == mistake)
    judged = judge(judge.run_mistake(answer))
    assert (judged.status, judged.points) == ("wrong", 0), "whether it earns points is for staff to say"
    return judged.share


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))])
@pytest.mark.parametrize("exercise_id", PARTIAL)
def test_what_is_wrong_all_over_earns_nothing(exercise_id, seed):
    judge = Judge.drawn(registry()[exercise_id], seed)
    for fill in (0.0, 1.0):
        queue = [_filled(want, fill) for want in judge.expected]
        records = judge.run(lambda *_, queue=queue: queue[0])
        for k, want in enumerate(queue):  # each case its own structure
            records[k] = judge.run(lambda *_, want=want: want)[k]
        assert judge(records).share == 0.0
    assert all(0 <= judge(judge.run_mistake(mistake)).share < 1 for mistake in judge.exercise.mistakes[:12])
    assert judge(judge.run(judge.exercise.reference)).share == 0.0, "the share is that of a wrong answer"


def _inputs(value: object, given: list[np.ndarray]) -> object:
    """The same structure, each array an input of its shape where there is one."""
    if isinstance(value, list | tuple):
        return [_inputs(item, given) for item in value]
    return None if value is None else next((array for array in given if array.shape == np.shape(value)), np.zeros(np.shape(value)))


def _arrays(value: object) -> list[np.ndarray]:
    if isinstance(value, list | tuple):
        return [array for item in value for array in _arrays(item)]
    return [value] if isinstance(value, np.ndarray) else []


@pytest.mark.parametrize("exercise_id", PARTIAL)
def test_the_inputs_themselves_earn_nothing(exercise_id):
    judge = Judge.drawn(registry()[exercise_id], 0)
    for turn in (1, -1):  # the first input of a shape, and the last
        records = []
        for k, want in enumerate(judge.expected):
            answer = _inputs(want, _arrays(list(judge.cases[k].args))[::turn])
            records.append(judge.run(lambda *_, answer=answer: answer)[k])
        assert judge(records).share == 0.0


def test_the_share_is_what_is_right_of_cases_and_parts():
    assert _share_of("06.2", "no 1/m") == 0.25, "right for m = 1 alone, one case of four"
    # nets of 4, 3, 2 layers and of one: of each the weights and biases of the last one are right
    assert _share_of("06.5", "σ' dropped in BP2") == pytest.approx(np.mean([2 / 8, 2 / 6, 2 / 4, 2 / 2]))
    assert _share_of("05.4", "σ' dropped") == 0.0, "the error of the last layer is given, and the others are wrong"
    assert _share_of("05.2", "mean over the paths") == 0.0, "an exercise that does not say so has no share"


def test_an_answer_that_raises_has_no_share_of_the_cases_it_spoils():
    judge = Judge.drawn(registry()["06.5"], 1)

    def answer(W, b, x, y):
        if x.shape[1] > 1:
            raise RuntimeError
        return judge.exercise.reference(W, b, x, y)

    shares = judge(judge.run(answer)).share
    assert shares == sum(case.args[2].shape[1] == 1 for case in judge.as_drawn.cases) / len(judge.as_drawn.cases) > 0


def test_a_row_with_partial_credit_says_so_and_rounds_down():
    wrong = row("ada", "06.5", "wrong", share=0.6678, mistake="slip", message="Look at BP2.")
    paid = wrong.with_partial_credit()
    assert paid.points == np.floor(0.6678 * wrong.max * 100) / 100 and paid.points < 0.6678 * wrong.max
    assert paid.notes == (f"{paid.points:g} of {wrong.max:g} points for what is right of it",) and paid.message == "Look at BP2."
    assert (paid.status, paid.mistake) == ("wrong", "slip")
    assert replace(wrong, share=0.0).with_partial_credit().points == 0
    assert row("ada", "06.5").with_partial_credit() == row("ada", "06.5")


def _points(out: Path) -> dict[str, float]:
    with open(out / "grades.csv", newline="", encoding="utf-8") as file:
        return {line["exercise"]: float(line["points"]) for line in csv.DictReader(file)}


AVERAGED = "def hidden_error(W_next, delta_next, z):\n    return W_next.T @ delta_next * bp.sigmoid.prime(z) / z.shape[1]\n"


@needs_sandbox
def test_staff_choose_and_change_their_mind_without_grading_anew(tmp_path, capsys):
    place = tmp_path / "in" / "ada"
    place.mkdir(parents=True)
    book = class_of_thirty.notebook({"05.3": AVERAGED})
    (place / "05_propagating_the_error.ipynb").write_text(json.dumps(book))
    out, page = tmp_path / "out", tmp_path / "out" / "feedback" / "ada.html"
    grade = ["grade", str(tmp_path / "in"), "--out", str(out), "--seed", "3"]
    assert main(grade) == 0
    assert _points(out)["05.3"] == 0 and "The course's" not in page.read_text()

    assert main(["report", str(out), "--partial"]) == 0
    assert _points(out)["05.3"] == 0.6, "right for m = 1, one case of five, of 3 points"
    assert "0.6 of 3 points for what is right of it." in page.read_text()
    assert main(["report", str(out), "--due", "2031-03-03 23:59 UTC"]) == 0
    assert _points(out)["05.3"] == 0.6, "what is not said stays"
    capsys.readouterr()
    assert main([*grade, "--with-solutions"]) == 0
    assert "1 of them graded before" in capsys.readouterr().out
    assert "The course's <code>hidden_error</code>" in page.read_text() and 'class="goes"' in page.read_text()

    assert main(["report", str(out), "--no-partial", "--without-solutions"]) == 0
    assert _points(out)["05.3"] == 0 and "The course's" not in page.read_text()

    assert main(["override", "ada", "05.3", "2", "--why", "the idea is there", "--out", str(out)]) == 0
    assert main(["report", str(out), "--partial"]) == 0
    assert _points(out)["05.3"] == 2.0
    assert "(the grader gave 0.6): the idea is there" in page.read_text() and "for what is right of it" not in page.read_text()
    assert "the idea is there" not in (out / "course.html").read_text(), "what is one student's stands on that student's page"


def test_a_page_shows_the_solution_and_what_differs(monkeypatch):
    graded = Graded(
        "ada", "05.ipynb", (row("ada", "05.3", "wrong", code="def hidden_error(W_next, delta_next, z):\n    return W_next @ delta_next\n"),)
    )
    page = feedback_pages.page(replace(RUN, solutions=True), graded)
    assert '<span class="goes">-    return W_next @ delta_next</span>' in page and 'class="comes"' in page
    assert "The course's" not in feedback_pages.page(RUN, graded)
    feedback_pages._worked.cache_clear()
    monkeypatch.setattr(feedback_pages, "all_worked", lambda: None)
    with pytest.raises(CourseError, match="comes without the course's solutions"):
        feedback_pages.page(replace(RUN, solutions=True), graded)
    feedback_pages._worked.cache_clear()


def test_points_set_by_hand_lie_over_partial_credit():
    paid = row("ada", "05.3", "wrong", share=0.5, message="Look again.").with_partial_credit()
    decided = Override("ada", "05.3", 2.5, "the idea is there", 0.0, "2031-03-03 08:15 UTC").over(paid)
    assert decided.points == 2.5 and "the grader gave 1.5" in decided.message


def test_pages_speak_the_language_that_was_chosen_and_grades_do_not():
    wrong = row("anna", "00.1", "wrong", mistake="doubled", message="You doubled x. To square is to multiply x by itself.")
    submission = Graded("anna", "00_start_here.ipynb", (wrong,))
    english, chinese = (feedback_pages.page(replace(RUN, language=code), submission) for code in ("en", "zh"))
    assert '<html lang="en">' in english
    assert "wrong: doubled" in english
    assert '<html lang="zh">' in chinese
    assert "doubled" not in chinese
    assert "错：" in chinese


@pytest.mark.parametrize("code", ["fr", ""])
def test_a_language_that_is_not_there_is_refused_with_those_that_are(code, capsys):
    with pytest.raises(SystemExit):
        main(["report", "nowhere", "--language", code])
    assert "expected one of: en (English), zh" in capsys.readouterr().err
