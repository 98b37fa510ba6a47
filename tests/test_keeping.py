"""Answers are kept, given back, and shown beside the course's own, once that is open."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

import bpkit as bp
from bpkit.exercises import keeping, registry
from bpkit.exercises.progress import load

RIGHT = "def square(x):\n    return x * x"
WRONG = ("def square(x):\n    return 2 * x", "def square(x):\n    return x + x + 0", "def square(x):\n    return x**3")


class Shell:
    """What bpkit asks of a notebook's IPython."""

    def __init__(self):
        self.user_ns = {"In": [""]}
        self.below = []

    def run(self, cell):
        self.user_ns["In"].append(cell)
        scope = {}
        exec(cell, scope)
        return scope

    def set_next_input(self, text, replace):
        assert replace is False, "never overwrites"
        self.below.append(text)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shell = Shell()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return shell


def check(shell, cell, **more):
    return bp.check("00.1", shell.run(cell)["square"], **more)


def test_a_right_answer_comes_back_in_a_new_cell(shell):
    check(shell, RIGHT)
    shell.run("square = None")
    card = bp.restore("00.1")
    assert shell.below == [RIGHT] and card.code == RIGHT and "in a new cell below" in str(card)


def test_a_later_wrong_try_does_not_replace_it_and_a_later_right_one_does(shell):
    check(shell, RIGHT)
    check(shell, WRONG[0])
    assert load().of("00.1").answer == RIGHT
    better = RIGHT.replace("x * x", "x**2")
    check(shell, better)
    assert bp.restore("00.1").code == better


def test_a_value_is_kept_with_its_cell(shell):
    cell = "layer_sizes = [2, 3, 2]"
    bp.check("00.2", shell.run(cell)["layer_sizes"])
    assert bp.restore("00.2").code == cell


def test_an_empty_cell_that_was_run_meanwhile_is_no_answer(shell):
    square = shell.run(RIGHT)["square"]
    shell.run("def square(x):\n    return ...  # your code here")
    bp.check("00.1", square)
    assert bp.restore("00.1").code == RIGHT


def test_a_lambda_inside_the_call_is_not_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert bp.check("00.1", lambda x: x * x).passed
    assert bp.restore("00.1").code == ""


def test_what_is_not_known_is_said(shell):
    assert "No right answer" in bp.restore("00.1").words and shell.below == []
    assert "There is no exercise" in bp.restore("00.9").message


def test_without_a_notebook_the_code_is_there_to_paste(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    card = bp.reset("00.1")
    assert "to paste" in card.words and "return ...  # your code here" in card.code


def test_the_empty_cell_comes_again(shell):
    check(shell, RIGHT)
    card = bp.reset("00.1")
    assert shell.below == [card.code] and card.code.startswith("def square(x):")


def test_every_exercise_can_be_reset_and_has_a_solution(shell):
    for exercise in registry().values():
        assert exercise.name in keeping.stub(exercise), exercise.id
        compile(keeping.worked(exercise), exercise.id, "exec")
        assert exercise.name in keeping.worked(exercise) and "..." not in keeping.worked(exercise)


def test_the_solution_opens_when_ones_own_is_right(shell):
    assert bp.solution("00.1").code == ""
    check(shell, RIGHT)
    card = bp.solution("00.1")
    assert card.code == keeping.worked(registry()["00.1"])
    assert "-    return x * x" in card.changes and "+    return x**2" in card.changes and "Both are right" in card.words
    check(shell, card.code)
    assert "the same, line for line" in bp.solution("00.1").words


def test_it_opens_after_all_hints_and_three_different_tries_and_the_card_says_so(shell):
    for _ in range(3):
        bp.hint("00.1")
    assert bp.solution("00.1").words == "The solution of 00.1 opens when yours is right, or after 3 more different tries."
    for cell in (*WRONG[:2], WRONG[0], WRONG[1].replace("x + x", "x  +  x")):
        assert "solution" not in str(check(shell, cell))
    assert "after 1 more different try." in bp.solution("00.1").words
    assert 'our solution is open now: bp.solution("00.1")' in str(check(shell, WRONG[2]))
    card = bp.solution("00.1")
    assert card.code and "Both are right" not in card.words and "-    return x**3" in card.changes


def test_staff_can_leave_the_solutions_out(shell, monkeypatch):
    check(shell, RIGHT)
    monkeypatch.setenv("BPKIT_NO_SOLUTIONS", "1")
    assert (bp.solution("00.1").code, bp.solution("00.1").words) == ("", "The solutions are not in this copy of the course: ask the staff.")


def test_a_demonstration_is_no_try(shell):
    assert not check(shell, WRONG[0], record=False).passed
    assert load().of("00.1").tries == 0


def test_a_file_of_an_older_bpkit_is_read_and_kept(shell, tmp_path):
    (tmp_path / ".bpkit-progress.json").write_text(json.dumps({"version": 1, "exercises": {"00.1": {"status": "right", "tries": 4, "hints": 1}}}))
    check(shell, RIGHT)
    record = load().of("00.1")
    assert (record.status, record.tries, record.hints, record.answer) == ("right", 5, 1, RIGHT)


def test_cards_draw_themselves(shell):
    check(shell, RIGHT)
    html = bp.solution("00.1")._repr_mimebundle_()["text/html"]
    assert ">def square(x):" in html and "From yours to ours:" in html and "&lt;" not in html.split("</style>")[1][:100]
