"""Grading on a Dask cluster: a real scheduler and real workers, one of which is killed."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.exercises import of_lesson
from bpkit.grading.cluster import Cluster, _watch, cluster, grade_there
from bpkit.grading.collect import collect
from bpkit.grading.digest import bank_digest
from bpkit.grading.grade import Plan, read_submission
from bpkit.grading.sandbox import best_mode

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="the extra 'cluster' is not installed")

STUDENTS = 16
PATIENCE = 300  # seconds for what takes three, however busy the machine is
ANSWERS = ("def square(x):\n    return x**2", "def square(x):\n    return 2 * x", "def square(x):\n    return ...", "def square(x:\n")


@pytest.fixture(autouse=True)
def _needs_a_sandbox():
    try:
        best_mode()
    except CourseError as error:
        pytest.skip(f"no sandbox here: {error}")


@pytest.fixture
def submissions(tmp_path) -> Path:
    """A class whose notebooks take a moment, the later ones longer, so that a worker can be killed while it has some."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    for k in range(STUDENTS):
        cells = [f"import time; time.sleep({0.25 if k < STUDENTS // 2 else 1.0})", ANSWERS[k % len(ANSWERS)], "layer_sizes = [2, 3, 2]"]
        nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), folder / f"s{k:02}.ipynb")
    return folder


@dataclass
class Machines:
    """A scheduler and its workers, each a process."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


@contextlib.contextmanager
def machines(folder: Path, workers: int, **settings: str) -> Iterator[Machines]:
    """Start a scheduler and workers on loopback, wait until they know each other; end them all."""
    from distributed import Client

    told = folder / "scheduler.json"
    environment = {**os.environ, **settings, "DASK_TEMPORARY_DIRECTORY": str(folder)}
    started: list[subprocess.Popen[bytes]] = []

    def start(program: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *words, "--no-dashboard"]
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    try:
        scheduler = start("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(told))
        _until(lambda: told.exists() and told.stat().st_size > 0, scheduler)
        address = json.loads(told.read_text())["address"]
        made = Machines(address, scheduler, [start("dask_worker", address, "--no-nanny", "--nthreads", "1") for _ in range(workers)])
        if workers:
            with Client(address, timeout=PATIENCE, set_as_default=False) as client:
                client.wait_for_workers(workers, timeout=PATIENCE)
        yield made
    finally:
        for process in started:
            process.kill()
            process.wait(PATIENCE)


def _until(done: Callable[[], bool], process: subprocess.Popen[Any]) -> None:
    """Wait until something is so, or a process has ended without it."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)


def _rows(out: Path) -> list[dict[str, str]]:
    with (out / "grades.csv").open(newline="", encoding="utf-8") as file:
        return [{name: cell for name, cell in row.items() if name != "seconds"} for row in csv.DictReader(file)]


def _graded(journal: Path) -> int:
    """How many submissions a journal has, while another process writes it."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        return int(db.execute("SELECT COUNT(*) FROM handins").fetchone()[0])
    return 0


@contextlib.contextmanager
def _run_of_which_three_are_graded(words: list[str], out: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """A run on the cluster whose journal has three submissions and not all; ended, should it not end by itself."""
    command = [sys.executable, "-m", "bpkit.cli", *words, "--cluster", address]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        _until(lambda: _graded(out / "grades.sqlite") >= 3, run)
        assert _graded(out / "grades.sqlite") < STUDENTS, "this is not the middle of the run"
        yield run
    finally:
        run.kill()
        run.communicate(timeout=PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("forgiving", ["3", "0"], ids=["graded by the other worker", "graded here"])
def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(tmp_path, submissions, forgiving):
    assert main(["grade", str(submissions), "--out", str(tmp_path / "here"), "--seed", "7", "--quiet", "--lesson", "00"]) == 0
    out = tmp_path / "there"
    words = ["grade", str(submissions), "--out", str(out), "--seed", "7", "--quiet", "--lesson", "00"]
    with (
        machines(tmp_path, 2, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=forgiving) as some,
        _run_of_which_three_are_graded(words, out, some.address) as run,
    ):
        some.workers[0].send_signal(signal.SIGKILL)
        _, said = run.communicate(timeout=PATIENCE)
        assert run.returncode == 0, said
    rows = _rows(out)
    assert [(row["student"], row["exercise"]) for row in rows] == [(f"s{k:02}", e.id) for k in range(STUDENTS) for e in of_lesson("00")]
    assert rows == _rows(tmp_path / "here")
    assert _graded(out / "grades.sqlite") == STUDENTS


@pytest.mark.slow
def test_a_lost_scheduler_is_one_line_and_the_next_run_goes_on(tmp_path, submissions, capsys):
    out = tmp_path / "out"
    words = ["grade", str(submissions), "--out", str(out), "--lesson", "00"]
    with machines(tmp_path, 1) as some, _run_of_which_three_are_graded([*words, "--quiet"], out, some.address) as run:
        for process in (some.scheduler, *some.workers):
            process.kill()
        _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2 and said.count("\n") == 1 and "the connection was lost" in said, said
    kept = _graded(out / "grades.sqlite")
    assert 3 <= kept < STUDENTS
    assert main(words) == 0
    assert f"{STUDENTS} submissions ({kept} of them graded before)" in capsys.readouterr().out
    assert len(_rows(out)) == STUDENTS * len(of_lesson("00"))


def test_the_work_sent_away_is_plain_and_small(submissions):
    plan = Plan(7, lesson="00")
    handed = read_submission(collect([str(submissions)])[0], plan)
    sent = pickle.dumps((grade_there, handed, plan, bank_digest()))
    assert len(sent) < 2000
    _, again, plan_again, _ = pickle.loads(sent)
    assert (again, plan_again) == (handed, plan)


def test_a_worker_with_other_exercises_is_refused(submissions):
    plan = Plan(7, lesson="00")
    handed = read_submission(collect([str(submissions)])[0], plan)
    with pytest.raises(CourseError, match="another version of bpkit"):
        grade_there(handed, plan, "0123")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://x", "127.0.0.1:99999"])
def test_no_scheduler_is_one_line(address, monkeypatch):
    monkeypatch.setattr("bpkit.grading.cluster._ANSWER", 1)
    with pytest.raises(CourseError, match=r"no Dask scheduler answers there .*expected tcp://host:port"), cluster(address, Plan(1)):
        pass


@pytest.mark.slow
def test_a_scheduler_without_workers_is_one_line(tmp_path, monkeypatch):
    with machines(tmp_path, 0) as none:
        monkeypatch.setattr("bpkit.grading.cluster._WORKER", 2)
        with pytest.raises(CourseError, match=r"the scheduler has no workers; start some with: dask worker tcp"), cluster(none.address, Plan(1)):
            pass


@pytest.mark.slow
def test_submit_says_how_many_threads_there_are(tmp_path):
    with machines(tmp_path, 1) as one, cluster(one.address, Plan(1)) as there:
        assert isinstance(there, Cluster) and there.threads == 1


@pytest.mark.slow
def test_no_worker_left_is_told_with_what_to_do_and_ends_after_the_time_that_was_set(tmp_path, submissions):
    out = tmp_path / "out"
    words = ["grade", str(submissions), "--out", str(out), "--lesson", "00", "--quiet", "--cluster-wait", "8"]
    with machines(tmp_path, 1) as some, _run_of_which_three_are_graded(words, out, some.address) as run:
        some.workers[0].send_signal(signal.SIGKILL)
        _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 2, said
    told, last = said.splitlines()
    assert told.startswith(f"--cluster {some.address}: no worker is left; start some with: dask worker {some.address} (ends in ")
    assert "no worker came in 8 s (--cluster-wait); every row so far is kept" in last
    assert 3 <= _graded(out / "grades.sqlite") < STUDENTS


def test_a_worker_that_comes_back_in_time_ends_nothing(monkeypatch, capsys):
    """Each look finds workers or none; a time without any counts from the last that was there."""
    monkeypatch.setattr("bpkit.grading.cluster._LOOK", 0.01)
    monkeypatch.setattr("bpkit.grading.cluster._GRACE", 0.02)
    answer: Future[Any] = Future()
    ended = threading.Event()
    looks = iter([{}, {}, {}, {"w": 1}, {}, {}, {}, {"w": 1}])

    def workers() -> dict[str, int]:
        found = next(looks, None)
        if found is None:
            ended.set()
            return {"w": 1}
        time.sleep(0.02)
        return found

    _watch(workers, "tcp://x:1", 0.5, {answer}, ended)
    assert not answer.done()
    assert capsys.readouterr().err.count("no worker is left; start some with: dask worker tcp://x:1") == 2


def test_a_scheduler_that_does_not_answer_is_not_taken_for_one_without_workers(monkeypatch):
    monkeypatch.setattr("bpkit.grading.cluster._LOOK", 0.001)
    answer: Future[Any] = Future()
    ended = threading.Event()
    looks = iter(range(5))

    def workers() -> dict[str, int]:
        if next(looks, None) is None:
            ended.set()
        raise OSError("gone")

    _watch(workers, "tcp://x:1", 0.0001, {answer}, ended)
    assert not answer.done()
