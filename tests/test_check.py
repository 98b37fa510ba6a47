"""What a learner meets: check, hint, progress, and the two forms of everything shown."""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest

import bpkit as bp
from bpkit.exercises import check as check_module
from bpkit.exercises import clicks, registry
from bpkit.exercises import progress as progress_file
from bpkit.exercises.borrowed import borrowed
from bpkit.exercises.feedback import OutcomeCard
from bpkit.exercises.outcome import Entries


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hidden_error(W_next, delta_next, z):
    return (W_next.T @ delta_next) * bp.sigmoid.prime(z)


def without_slope(W_next, delta_next, z):
    return W_next.T @ delta_next


def test_check_names_the_mistake_and_accepts_the_right_answer():
    wrong = bp.check("05.3", without_slope)
    assert (wrong.passed, wrong.status, wrong.mistake, wrong.points) == (False, "wrong", "σ' dropped", 0)
    right = bp.check("05.3", hidden_error)
    assert (right.passed, right.mistake, right.points) == (True, None, 3)


def own_softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def through_a_helper(z):
    return bp.softmax(z)


softmax_under_its_own_name = bp.softmax


@pytest.mark.parametrize(
    ("answer", "mistake"),
    [
        (lambda z, g: g * own_softmax(z), None),
        (lambda z, g: g * bp.softmax(z), "not allowed"),
        (lambda z, g: g * through_a_helper(z), "not allowed"),
        (lambda z, g: g * softmax_under_its_own_name(z), "not allowed"),
        (lambda z, g: next(g * bp.softmax(z) for _ in range(1)), "not allowed"),
        (lambda z, g: bp.softmax(z), "g left out"),
    ],
)
def test_what_the_grader_does_not_have_is_not_allowed_here_either(answer, mistake):
    outcome = bp.check("10.7", answer)
    assert (outcome.mistake, outcome.passed) == (mistake, mistake is None)
    assert mistake != "not allowed" or ("bp.softmax" in outcome.message and "numpy alone" in outcome.message)


def test_a_method_of_the_learners_own_is_no_function_of_the_package():
    class Net:
        def softmax(self, z):
            return own_softmax(z) + 0 * bp.sigmoid(z)

    outcome = bp.check("10.7", lambda z, g: g * Net().softmax(z))
    assert outcome.mistake == "not allowed" or outcome.passed
    assert "bp.softmax" not in outcome.message


def test_fit_is_not_allowed_where_it_is_to_be_written():
    def fit(rng, W, b, train, held_back, eta, epochs, size):
        return bp.fit(bp.Network(W, b), *train, eta=eta, epochs=epochs, rng=rng)

    assert borrowed(fit) - set(registry()["08.4"].allows) == {"fit"}


def test_a_blank_exercise_is_not_attempted():
    outcome = bp.check("05.3", lambda W_next, delta_next, z: ...)
    assert outcome.status == "not attempted" and outcome.message.startswith("hidden_error still returns `...`.")


def test_checking_twice_shows_the_same_text():
    assert str(bp.check("05.3", without_slope)) == str(bp.check("05.3", without_slope))


def test_hints_open_one_at_a_time_and_stay_open():
    lines = [len(str(bp.hint("05.3")).splitlines()) - 2 for _ in range(4)]
    assert lines == [1, 2, 3, 3]
    assert "the last one" in str(bp.hint("05.3"))


def test_what_was_right_stays_right_in_the_progress():
    bp.check("05.3", hidden_error)
    bp.check("05.3", without_slope)
    record = bp.progress().of("05.3")
    assert (record.status, record.tries, record.hints) == ("right", 2, 0)
    assert "3 of 14 points" in str(bp.progress())


def test_a_damaged_progress_file_is_kept_aside(own_folder):
    (own_folder / progress_file.FILE).write_text("{not json")
    assert "damaged" in bp.progress().note
    assert (own_folder / ".bpkit-progress.damaged.json").read_text() == "{not json"
    bp.check("05.3", hidden_error)
    assert bp.progress().of("05.3").status == "right"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_costs_nothing_but_the_record(own_folder):
    own_folder.chmod(0o500)
    assert bp.check("05.3", hidden_error).passed


def test_the_progress_file_is_plain_and_versioned(own_folder):
    bp.check("05.3", hidden_error)
    assert json.loads((own_folder / progress_file.FILE).read_text()) == {
        "version": 1,
        "last": "05.3",
        "exercises": {"05.3": {"status": "right", "tries": 1, "hints": 0, "answer": inspect.getsource(hidden_error).strip()}},
    }


class Words(HTMLParser):
    """The text of a piece of HTML; fails on a tag that is not closed."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def read(html):
    words = Words()
    words.feed(html)
    assert not words.open
    return words


def scaled(W_next, delta_next, z):
    return hidden_error(W_next, delta_next, z) * np.arange(z.shape[1])


LESSONS = len({exercise.lesson for exercise in registry().values()})
SHOWN = [
    (lambda: bp.check("05.3", hidden_error), ["05.3 hidden_error: right", "3 of 3 points"]),
    (lambda: bp.check("05.3", without_slope), ["wrong: σ' dropped", "one more link of the chain is missing", 'bp.hint("05.3") opens a hint']),
    (lambda: bp.check("05.3", scaled), ["is not right", "✗", "W_next 3×3, m = 5"]),
    (lambda: bp.check("05.3", lambda W_next, delta_next, z: ...), ["not attempted", "still returns ..."]),
    (lambda: bp.check("99.9", None), ["could not run", "There is no exercise"]),
    (lambda: bp.hint("05.3"), ["Go by shapes", "1 of 3 hints open"]),
    (bp.progress, ["05 Propagating the error: BP2", "0 of 14", "not begun", f"0 of {LESSONS} lessons done", "00.1 square"]),
]


@pytest.mark.parametrize(("show", "facts"), SHOWN)
def test_html_and_text_say_the_same(show, facts):
    shown = show()
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == str(shown)
    in_html = "".join(read(bundle["text/html"]).text)
    for fact in facts:
        assert fact in str(shown)
        assert fact in in_html


def test_what_a_learner_writes_is_escaped():
    def answer(x):
        raise ValueError("<script>alert(1)</script>")

    html = bp.check("00.1", answer)._repr_mimebundle_()["text/html"]
    assert "<script>" not in html and "&lt;script&gt;" in html


def html_of(card):
    return card._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    "answer", [without_slope, scaled, lambda W_next, delta_next, z: ..., lambda W_next: None], ids=["named", "unnamed", "blank", "raises"]
)
def test_the_next_hint_is_a_click_away_inside_the_one_before_it(answer):
    card = bp.check("05.3", answer)
    before, *opening = html_of(card).split("<details")
    assert [re.sub(r"<summary>(.*)</summary>.*", r"\1", piece.split(">", 1)[1]) for piece in opening] == [f"Hint {k} of 3" for k in (1, 2, 3)]
    assert not any("</details>" in piece for piece in opening[:-1]) and opening[-1].count("</details>") == 3
    # collapsed, without a script, and not in what is compared with a recorded output
    assert not re.search(r"<script|<details[^>]* open|\son\w+=", html_of(card))
    for hint in registry()["05.3"].hints:
        assert hint not in str(card) and before.count(hint) == 0


def test_a_right_answer_has_the_solution_a_click_away_and_no_hints():
    html = html_of(bp.check("05.3", hidden_error))
    assert "<summary>Our solution</summary>" in html and "return (W_next.T @ delta_next) * bp.sigmoid.prime(z)" in html
    assert "Hint 1" not in html


def test_where_solutions_are_left_out_no_card_has_one(monkeypatch):
    monkeypatch.setenv("BPKIT_NO_SOLUTIONS", "1")
    assert "bpkit-help" not in html_of(bp.check("05.3", hidden_error))
    assert check_module._opened(registry()["05.3"], 3) == ("", "")


def test_a_demonstration_opens_nothing():
    assert "<details" not in html_of(bp.check("05.3", without_slope, record=False))


def test_hints_opened_by_click_count_as_those_of_bp_hint_and_open_the_solution():
    exercise = registry()["05.3"]
    bp.hint("05.3")
    said, solution = check_module._opened(exercise, 1)
    assert (bp.progress().of("05.3").hints, solution) == (1, "")
    assert "after 2 more hints and 3 more different tries" in said
    for k in range(3):
        progress_file.record(bp.check("05.3", without_slope, record=False), tried=str(k))
    assert "after 1 more hint." in check_module._opened(exercise, 2)[0]
    said, solution = check_module._opened(exercise, 77)
    assert said == "" and "<summary>Our solution</summary>" in solution
    assert bp.progress().of("05.3").hints == 3
    # the next card has it from the start, and fewer clicks take nothing back
    check_module._opened(exercise, 1)
    assert "<summary>Our solution</summary>" in html_of(bp.check("05.3", without_slope))


def test_in_a_live_notebook_one_model_counts_the_clicks_of_an_exercise(monkeypatch):
    pytest.importorskip("anywidget")
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(clicks, "_LISTENING", {})
    html_of(bp.check("05.3", without_slope))
    assert clicks._LISTENING == {}, "no kernel runs"
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=True, user_ns={})))
    for _ in range(2):
        html_of(bp.check("05.3", without_slope))
    (model,) = clicks._LISTENING.values()
    model.hints = 2
    assert bp.progress().of("05.3").hints == 2
    assert (model.exercise, model.solution) == ("05.3", "") and "after 1 more hint" in model.said


def test_large_pictures_of_entries_are_cut():
    entries = Entries("z", np.zeros((40, 40)), np.ones((40, 40), bool))
    outcome = OutcomeCard("05.3", "hidden_error", "wrong", "m", 0, 3, entries=entries)
    assert "first 12 rows" in outcome._repr_mimebundle_()["text/html"]
    assert max(len(line) for line in str(outcome).splitlines()) < 80


def test_a_class_that_says_no_module_is_judged_like_another():
    scope = {}
    exec("make = lambda init: type('Var', (), {'__init__': init})", scope)

    def init(self, value, parents=(), slopes=()):
        self.value, self.parents, self.slopes, self.grad = value, parents, slopes, 0.0

    plain = scope["make"](init)
    with pytest.raises(AttributeError):
        _ = plain.__module__
    assert bp.check("10.1", plain, record=False).status == "wrong"
