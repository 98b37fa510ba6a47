"""`bpkit grade` and `bpkit check` as they are called: files, exit codes, words."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from grading_class import class_of_thirty

import bpkit
from bpkit.cli import main
from bpkit.exercises import registry
from bpkit.grading import sandbox
from bpkit.grading.records import UNSAFE

needs_sandbox = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap (apt install bubblewrap)"
)
NOTEBOOKS = Path(__file__).parent / "notebooks"
EXERCISES = list(class_of_thirty.EXERCISES)


def _write(place: Path, answers: dict[str, str | None], name: str = "05_propagating_the_error.ipynb") -> None:
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_text(json.dumps(class_of_thirty.notebook(answers)))


def _table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@needs_sandbox
def test_the_class_of_thirty_gets_what_its_authors_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    class_of_thirty.write_class(tmp_path / "in")
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--timeout", "20", "--seed", "42"]) == 0
    rows = _table(tmp_path / "out" / "grades.csv")
    assert list(rows[0]) == ["student", "lesson", "exercise", "points", "max", "status", "mistake", "message", "seconds"]
    assert [(row["student"], row["exercise"]) for row in rows] == [
        (student, exercise) for student in sorted(class_of_thirty.CLASS) for exercise in EXERCISES
    ]
    for row in rows:
        said = row["mistake"].removeprefix("'") or f"[{row['status']}]"
        assert said == class_of_thirty.expected(row["student"], row["exercise"]), row
        assert row["lesson"] == "05" and UNSAFE not in row["message"]
    summary = {row["student"]: (row["points"], row["max"]) for row in _table(tmp_path / "out" / "summary.csv")}
    assert summary["anna"] == ("14", "14") and summary["umut blank"] == ("0", "14") and len(summary) == 30
    said = capsys.readouterr().out
    right = sum(row["status"] == "right" for row in rows)
    assert f"30 submissions (0 of them graded before): {right} right" in said and "seed 42" in said


@needs_sandbox
def test_a_value_may_be_found_with_what_its_exercise_allows(tmp_path: Path):
    lines = ["import numpy as np, bpkit as bp", "rng, suspects = np.random.default_rng(1), ''", "for claim in bp.six_claims():"]
    lines += ["    W = rng.normal(size=claim.W.shape)", "    if not bp.check_grad(claim.C, W, claim.gradient(W)).ok: suspects += claim.letter"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    nbformat.write(notebook, tmp_path / "03_gradient_checking.ipynb")
    assert main(["grade", str(tmp_path / "03_gradient_checking.ipynb"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert {row["exercise"]: row["status"] for row in _table(tmp_path / "out" / "grades.csv")}["03.6"] == "right"


@needs_sandbox
def test_a_helper_that_is_the_answer_is_withheld_from_its_exercise_alone(tmp_path: Path):
    cells = [
        "import numpy as np, bpkit as bp",
        "sigmoid_prime = bp.sigmoid.prime",
        "def output_error(a, y, z):\n    return (a - y) * sigmoid_prime(z)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "04_output_error.ipynb")
    assert main(["grade", str(tmp_path / "04_output_error.ipynb"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    rows = {row["exercise"]: row for row in _table(tmp_path / "out" / "grades.csv")}
    assert (rows["04.1"]["status"], rows["04.1"]["mistake"], rows["04.3"]["status"]) == ("wrong", "not allowed", "right")
    assert "It calls bp.sigmoid.prime, which this exercise does not allow" in rows["04.1"]["message"]


def test_what_is_withheld_is_there_and_belongs_to_something_allowed():
    for exercise in registry().values():
        for name in exercise.withholds:
            owner, attribute = name.split(".")
            assert owner in exercise.allows and callable(getattr(getattr(bpkit, owner), attribute)), exercise.id


@needs_sandbox
def test_a_second_run_keeps_what_is_graded_and_grades_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _write(tmp_path / "in" / "anna", {})
    _write(tmp_path / "in" / "ben", {"05.3": "def hidden_error(W_next, delta_next, z):\n    return z\n"})
    command = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    assert main(command) == 0
    first = _table(tmp_path / "out" / "grades.csv")
    assert main(command) == 0
    assert "2 submissions (2 of them graded before)" in capsys.readouterr().out
    assert _table(tmp_path / "out" / "grades.csv") == first
    _write(tmp_path / "in" / "ben", {})
    assert main(command) == 0
    assert "(1 of them graded before)" in capsys.readouterr().out
    assert [row["status"] for row in _table(tmp_path / "out" / "grades.csv")] == ["right"] * 14
    assert main([*command, "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main([*command, "--timeout", "90"]) == 0
    assert "(0 of them graded before)" in capsys.readouterr().out


@needs_sandbox
def test_everyone_in_a_mixed_folder_has_rows(tmp_path: Path):
    place = tmp_path / "in"
    _write(place / "anna", {})
    _write(place / "two lessons", {})
    shutil.copy(NOTEBOOKS.parent.parent / "lessons" / "00_start_here.ipynb", place / "two lessons")
    _write(place / "twice", {"05.3": None}, "05_a.ipynb")
    _write(place / "twice", {})
    (place / "empty").mkdir()
    shutil.copy(NOTEBOOKS / "cut_off.ipynb", place / "broken.ipynb")
    (place / "linked.ipynb").symlink_to(place / "anna" / "05_propagating_the_error.ipynb")
    (place / "=cmd|'C calc'!A0").mkdir()
    assert main(["grade", str(place), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    rows: dict[str, list[dict[str, str]]] = {}
    for row in _table(tmp_path / "out" / "grades.csv"):
        rows.setdefault(row["student"], []).append(row)
    assert rows.keys() == {"anna", "two lessons", "twice", "empty", "broken", "linked", "'=cmd|'C calc'!A0"}
    assert [row["exercise"] for row in rows["two lessons"]] == ["00.1", "00.2", *EXERCISES]
    assert [row["status"] for row in rows["twice"]] == ["right"] * 7
    for student, why in {"empty": "the folder is empty", "broken": "JSON that is cut off", "linked": "links are not followed"}.items():
        assert [row["exercise"] for row in rows[student]] == EXERCISES
        assert all(row["status"] == "could not run" and why in row["message"] for row in rows[student])


@needs_sandbox
def test_a_folder_of_nothing_but_broken_files_still_has_a_row_for_each(tmp_path: Path):
    (tmp_path / "in").mkdir()
    shutil.copy(NOTEBOOKS / "not_json.ipynb", tmp_path / "in" / "anna.ipynb")
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    (row,) = _table(tmp_path / "out" / "grades.csv")
    assert (row["student"], row["exercise"], row["status"]) == ("anna", "", "could not run")
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--quiet", "--lesson", "5"]) == 0
    assert [row["exercise"] for row in _table(tmp_path / "out" / "grades.csv")] == EXERCISES


@needs_sandbox
def test_other_seeds_draw_other_inputs_and_give_the_same_grades(tmp_path: Path):
    _write(tmp_path / "in" / "anna", {"05.3": class_of_thirty.CLASS["max sign"][0]["05.3"]})
    grades = []
    for seed in ("1", "2"):
        assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / seed), "--quiet", "--seed", seed]) == 0
        grades.append([(row["exercise"], row["mistake"]) for row in _table(tmp_path / seed / "grades.csv")])
        with sqlite3.connect(tmp_path / seed / "grades.sqlite") as db:
            assert db.execute("SELECT value FROM about WHERE key = 'seed'").fetchone() == (seed,)
    assert grades[0] == grades[1]


def test_without_a_sandbox_grading_refuses_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    _write(tmp_path / "in" / "anna", {})
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.best_mode.cache_clear()
    try:
        assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 2
    finally:
        sandbox.best_mode.cache_clear()
    said = capsys.readouterr().err
    assert "sudo apt install bubblewrap" in said and "--unsafe-no-sandbox" in said and said.count("\n") == 1
    assert not (tmp_path / "out").exists()


@needs_sandbox
def test_a_sandbox_that_does_not_work_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    broken = tmp_path / "bin" / "bwrap"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    broken.chmod(0o755)
    _write(tmp_path / "in" / "anna", {})
    monkeypatch.setenv("PATH", f"{broken.parent}{os.pathsep}{os.environ['PATH']}")
    sandbox.best_mode.cache_clear()
    try:
        assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 2
    finally:
        sandbox.best_mode.cache_clear()
    said = capsys.readouterr().err
    assert "No permissions to create new namespace" in said and said.count("\n") == 1


def test_unsafe_grading_says_so_in_every_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _write(tmp_path / "in" / "anna", {"05.3": None, "05.7": "def layer_jacobian(W_next, z):\n    import os\n    os._exit(3)\n"})
    assert main(["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--unsafe-no-sandbox"]) == 0
    rows = {row["exercise"]: row for row in _table(tmp_path / "out" / "grades.csv")}
    assert all(row["message"].startswith(UNSAFE) for row in rows.values())
    assert rows["05.3"]["status"] == "not attempted" and rows["05.7"]["mistake"] == "raised" and rows["05.4"]["status"] == "right"
    assert UNSAFE in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["grade", "nowhere", "--out", "out"], "there is no nowhere"),
        (["grade", "{notebooks}", "--out", "out", "--lesson", "77"], "there is no lesson '77'"),
        (["grade", "{notebooks}", "--out", "out", "--memory", "10"], "--memory 10 is too little"),
        (["grade", "{notebooks}", "--out", "{notebooks}/not_json.ipynb/out"], "cannot write to"),
        (["check", "nowhere.ipynb"], "there is no nowhere.ipynb"),
        (["check", "{notebooks}/not_json.ipynb"], "not JSON (line 1, column 1), expected a Jupyter notebook"),
        (["check", "{notebooks}/nbformat_3.ipynb"], "notebook format 3, expected 4"),
        (["check", "{notebooks}/no_exercise.ipynb"], "none of its 2 code cells defines an exercise"),
    ],
)
@needs_sandbox
def test_what_cannot_be_used_is_one_line_and_exit_2(words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([word.replace("{notebooks}", str(NOTEBOOKS)) for word in words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and "Traceback" not in error


@pytest.mark.parametrize(
    ("name", "code", "line"),
    [
        ("byte_order_mark", 0, "✓ 05.3 hidden_error         right"),
        ("import_cell_missing", 0, "14 of 14 points"),
        ("magics_and_shell_lines", 0, "14 of 14 points"),
        ("cell_raises_above_the_answer", 0, "code cell 4: ZeroDivisionError: division by zero (line 1)"),
        ("cells_out_of_order", 0, "14 of 14 points"),
        ("exercise_twice", 1, "hidden_error is defined 2 times (code cells 4, 9); the last one counts"),
        ("exercise_deleted", 1, "· 05.3 hidden_error         not attempted: No cell defines hidden_error."),
        ("exercise_renamed", 2, "no cell defines hidden_error; code cell 4 defines hiden_error. Is that meant?"),
        ("syntax_error", 2, "code cell 4, which defines hidden_error, failed: SyntaxError"),
        ("wrong_arguments", 1, "hidden_error takes (W_next, delta_next), expected (W_next, delta_next, z)."),
        ("wrong_shape", 1, "it has shape (5, 3), expected shape (3, 5)"),
        ("not_a_number", 1, "15 of 15 entries are nan or infinite"),
        ("complex_numbers", 1, "it is complex (complex128), expected real numbers"),
        ("object_array", 0, "14 of 14 points"),
    ],
)
def test_check_says_what_is_wrong_and_where(name: str, code: int, line: str, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(NOTEBOOKS / f"{name}.ipynb")]) == code
    said = capsys.readouterr().out
    assert line in said and "Traceback" not in said


def test_check_works_without_bubblewrap(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.best_mode.cache_clear()
    try:
        assert main(["check", str(NOTEBOOKS / "exercise_twice.ipynb"), str(NOTEBOOKS / "byte_order_mark.ipynb")]) == 1
    finally:
        sandbox.best_mode.cache_clear()
    said = capsys.readouterr().out
    assert "exercise_twice.ipynb:" in said and "✗ 05.3 hidden_error         σ' dropped: " in said and UNSAFE not in said


@needs_sandbox
def test_who_was_renamed_or_removed_leaves_the_reports_and_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    _write(tmp_path / "in" / "ada", {})
    _write(tmp_path / "in" / "Jon Doe", {})
    command = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "in" / "graded")]

    def students() -> list[str]:
        return sorted({row["student"] for row in _table(tmp_path / "in" / "graded" / "grades.csv")})

    assert main(command) == 0 and students() == ["Jon Doe", "ada"]
    assert "One sub-folder or file per student, 2 students." in capsys.readouterr().out
    assert main(["override", "Jon Doe", "05.3", "1", "--why", "as agreed", "--out", str(tmp_path / "in" / "graded")]) == 0
    (tmp_path / "in" / "Jon Doe").rename(tmp_path / "in" / "John Doe")
    assert main(command) == 0 and students() == ["John Doe", "ada"]
    said = capsys.readouterr().out
    assert "1 student graded before is not in this class any more: Jon Doe." in said
    assert "Set by hand: Jon Doe, 05.3: 1 points" in said and "[not in this class any more, or under another name]" in said
    assert not [page for page in (tmp_path / "in" / "graded" / "feedback").iterdir() if "Jon" in page.name]
    # one late file joins the class that is there
    _write(tmp_path, {}, "late.ipynb")
    assert main(["grade", str(tmp_path / "late.ipynb"), "--out", str(tmp_path / "in" / "graded"), "--quiet"]) == 0
    assert students() == ["John Doe", "ada", "late"]
    capsys.readouterr()
    assert main(["report", str(tmp_path / "in" / "graded"), "--removed"]) == 0
    assert capsys.readouterr().out == "Jon Doe\n"
    # and who comes back is there again
    (tmp_path / "in" / "John Doe").rename(tmp_path / "in" / "Jon Doe")
    assert main([*command, "--quiet"]) == 0 and students() == ["Jon Doe", "ada"]


def test_help_is_useful(capsys: pytest.CaptureFixture[str]):
    for command in ("grade", "check"):
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        said = capsys.readouterr().out
        assert "example" in said and "exit code" in said


@needs_sandbox
def test_a_sandbox_that_fails_for_one_submission_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    _write(tmp_path / "in" / "anna", {})
    command = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    with monkeypatch.context() as broken:
        broken.setattr(sandbox.Sandbox, "run", lambda *_: sandbox.Replies(summary={"failed": "OSError: no space left"}))
        broken.setattr("bpkit.grading.grade.best_mode", lambda: "nested")
        broken.setattr("bpkit.grading.grade_command.best_mode", lambda: "nested")
        assert main(command) == 2
    rows = _table(tmp_path / "out" / "grades.csv")
    assert {(row["status"], row["points"]) for row in rows} == {("could not run", "0")}
    assert "the sandbox could not be set up: OSError: no space left" in rows[0]["message"]
    assert "1 submission could not be graded through no fault of their own (anna: the sandbox could not be set up" in capsys.readouterr().err
    assert main(command) == 0
    assert "1 submission (0 of them graded before): 7 right." in capsys.readouterr().out


@pytest.mark.slow
@needs_sandbox
def test_two_runs_on_one_folder(tmp_path: Path):
    for student, waits in (("anna", "import time\ntime.sleep(1)\n\n"), ("ben", ""), ("cem", "")):
        _write(tmp_path / "in" / student, {"05.3": waits + class_of_thirty.RIGHT["05.3"]})
    command = [sys.executable, "-m", "bpkit.cli", "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--workers", "1"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (tmp_path / "out" / "grades.sqlite").exists():
            assert first.poll() is None
            time.sleep(0.01)
        first.send_signal(signal.SIGSTOP)  # so that it is not done before the second has looked, however slow that is
        second = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        first.send_signal(signal.SIGCONT)
        assert first.wait(300) == 0
    finally:
        first.kill()
    assert second.returncode == 2 and "another bpkit grade is writing to" in second.stderr and second.stderr.count("\n") == 1
    rows = _table(tmp_path / "out" / "grades.csv")
    assert len(rows) == 21 and {row["status"] for row in rows} == {"right"}
