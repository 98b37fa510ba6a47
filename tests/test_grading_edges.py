"""One hand-in costs no other anything, and none pays for what happens to its sandbox from outside."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from grading_class import class_of_thirty

from bpkit.cli import main
from bpkit.errors import CourseError
from bpkit.exercises import find, of_lesson
from bpkit.exercises.judge import Judge
from bpkit.exercises.run import decode
from bpkit.grading import grade, whole_class
from bpkit.grading.collect import Submission, collect
from bpkit.grading.grade import Plan, bounded, close_sandboxes, grade_handed, read_submission
from bpkit.grading.journal import Journal
from bpkit.grading.notebooks import Notebook
from bpkit.grading.records import Graded
from bpkit.grading.sandbox import (
    Limits,
    Parts,
    Replies,
    Sandbox,
    SandboxBroken,
    _bubblewrap_command,
    _compile_ahead,
    best_mode,
    close_spare,
    hidden,
)
from bpkit.grading.turns import Turns
from bpkit.grading.whole_class import grade_all

needs_sandbox = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap (apt install bubblewrap)"
)
NAME = "05_propagating_the_error.ipynb"
COUNT = len(of_lesson("05"))
UNSAFE = Plan(1, Limits(), unsafe=True)  # what is tested here does not need the sandbox's walls


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_sandboxes()


def _hand_in(place: Path, *before: str) -> None:
    place.mkdir(parents=True)
    (place / NAME).write_text(json.dumps(class_of_thirty.notebook({}, before=before)))


def _graded(place: Path, plan: Plan = UNSAFE, workers: int = 1) -> tuple[dict[str, Graded], dict[str, str]]:
    with Journal(place.parent / "out") as journal:
        grade_all(collect([str(place)]), plan, journal, workers)
        return {submission.student: submission for submission in journal.submissions()}, journal.troubles()


def _statuses(graded: Graded) -> list[str]:
    return [row.status for row in graded.rows]


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "-1", "1e300", "1" + "0" * 400, "true", "null", '"3"', "[1]"])
@pytest.mark.parametrize("claim", ['{"records": [], "used": [], "seconds": %s}', '{"too_large": %s}'])
def test_a_number_that_no_clock_and_no_file_has_is_could_not_grade(claim: str, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    forged = {slot: (claim % number).encode() for slot in range(COUNT)}

    monkeypatch.setattr(Sandbox, "run", lambda *_: Replies(payloads=forged))
    _hand_in(tmp_path / "in" / "anna")
    (graded,), troubles = _graded(tmp_path / "in")[0].values(), _graded(tmp_path / "in")[1]
    assert _statuses(graded) == ["could not run"] * COUNT and not troubles
    assert {row.seconds for row in graded.rows} == {0.0}
    if "null" not in number:
        assert "no clock tells" in graded.rows[0].message or "nothing has" in graded.rows[0].message


def test_numbers_are_bounded():
    assert bounded(3, 10) == 3.0 and bounded(10.0, 10) == 10.0 and bounded(0, 10) == 0.0
    assert [bounded(odd, 10) for odd in (float("nan"), float("inf"), -1e-9, 10.1, 10**400, True, None, "3")] == [None] * 8


@needs_sandbox
def test_code_that_bends_arithmetic_costs_nobody_else(tmp_path: Path):
    _hand_in(tmp_path / "in" / "bent", "import builtins\nbuiltins.round = lambda *_: float('nan')")
    _hand_in(tmp_path / "in" / "honest")
    graded, troubles = _graded(tmp_path / "in", Plan(1))
    assert _statuses(graded["honest"]) == ["right"] * COUNT
    assert not any(row.points for row in graded["bent"].rows) and len(graded["bent"].rows) == COUNT and not troubles


@pytest.mark.parametrize(
    "claim",
    [
        {"errors": [{"cell": 10**18, "type": "E", "message": "m", "line": 1}, {"cell": -7, "type": "E", "message": "m", "line": 10**300}]},
        {"exercise": 10**300, "ended": "signal 9"},
        {"defined": {"hidden_error": [10**300, -1, True, "x"]}},
    ],
)
def test_places_that_do_not_exist_are_not_looked_for(claim: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    killed = [{"cell": 10**300, "how": "signal 9"}, {"cell": "x"}, 3]
    monkeypatch.setattr(Sandbox, "run", lambda *_: Replies(notes=[json.dumps(claim).encode()], summary={"killed": killed}))
    _hand_in(tmp_path / "in" / "anna")
    graded, troubles = _graded(tmp_path / "in")
    assert _statuses(graded["anna"]) == ["could not run"] * COUNT and not troubles
    assert all(len(row.message) < 200 for row in graded["anna"].rows)


# ---- every step for one student --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ['"\\ud800"', '"\\u0000\\u2028"', "[[4]]", "9" * 30])
def test_any_format_number_is_one_line(form: str, tmp_path: Path):
    (tmp_path / NAME).write_text(f'{{"nbformat": {form}, "cells": []}}')
    handed = read_submission(Submission("anna", (tmp_path / NAME,)), UNSAFE)
    (problem,) = handed.problems
    problem.encode()
    assert "notebook format" in problem and problem.isprintable() and not handed.trouble


def _fails_for_ben(step: Callable[..., Any], of: Callable[..., str]) -> Callable[..., Any]:
    def wrapped(*args: Any) -> Any:
        if "ben" in of(*args):
            raise RuntimeError("a fault that nobody has thought of")
        return step(*args)

    return wrapped


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "name", "of"),
    [
        (grade, "read_bytes", lambda path: str(path)),
        (grade, "lesson_of", lambda notebook, name: notebook.cells[0]),
        (grade, "_run", lambda group, notebook, plan: notebook.cells[0]),
        (grade, "_row", lambda student, exercise, judged, plan, *more: student if more else ""),
        (whole_class, "read_submission", lambda submission, plan: submission.student),
        (whole_class, "grade_handed", lambda handed, plan: handed.student),
    ],
)
def test_a_fault_of_ours_at_one_hand_in_costs_the_others_nothing(where: Any, name: str, of: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for student in ("anna", "ben", "cem"):
        _hand_in(tmp_path / "in" / student, f"# {student}")
    with monkeypatch.context() as broken:
        broken.setattr(where, name, _fails_for_ben(getattr(where, name), of))
        graded, troubles = _graded(tmp_path / "in")
    assert _statuses(graded["anna"]) == _statuses(graded["cem"]) == ["right"] * COUNT
    assert _statuses(graded["ben"]) == ["could not run"] * COUNT
    assert list(troubles) == ["ben"] and "a fault that nobody has thought of" in troubles["ben"]
    graded, troubles = _graded(tmp_path / "in")
    assert _statuses(graded["ben"]) == ["right"] * COUNT and not troubles


@pytest.mark.parametrize("odd", [{"message": "\ud800"}, {"cell": 10**30}, {"mistake": object()}])
def test_rows_that_no_journal_can_hold_are_could_not_grade(odd: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for student in ("anna", "ben", "cem"):
        _hand_in(tmp_path / "in" / student)

    def handed_back(handed: grade.Handed, plan: Plan) -> Graded:
        graded = grade_handed(handed, plan)
        rows = graded.rows if handed.student != "ben" else tuple(replace(row, **odd) for row in graded.rows)
        return replace(graded, rows=rows)

    monkeypatch.setattr(whole_class, "grade_handed", handed_back)
    graded, troubles = _graded(tmp_path / "in")
    assert _statuses(graded["anna"]) == _statuses(graded["cem"]) == ["right"] * COUNT
    assert _statuses(graded["ben"]) == ["could not run"] * COUNT and list(troubles) == ["ben"]


# ---- whose fault it was ----------------------------------------------------------------------------------------------


def _descendants(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += [int(child) for child in (task / "children").read_text().split()]
    return [pid, *(below for child in children for below in _descendants(child))]


_FUNCTION = "def hidden_error(W_next, delta_next, z):\n    time.sleep(0.3)\n    return W_next.T @ delta_next * bp.sigmoid.prime(z)\n"
_LAST = "def layer_jacobian(W_next, z):\n    time.sleep(0.3)\n    return W_next * bp.sigmoid.prime(z).T\n"
_PLAIN = (
    "def hidden_error(W_next, delta_next, z):\n    for _ in range(10_000_000):\n        pass\n"
    "    return W_next.T @ delta_next * bp.sigmoid.prime(z)\n"
)
_VALUE = f"proof_order = (time.sleep(1.0), {class_of_thirty.RIGHT['05.5'].split('=', 1)[1].strip()})[1]"


@needs_sandbox
@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "processes", "victim"),
    [
        *(({"05.3": _FUNCTION, "05.7": _LAST}, 6, depth) for depth in range(6)),
        *(({"05.7": _LAST}, 5, depth) for depth in range(5)),
        *(({"05.3": _PLAIN}, 5, depth) for depth in range(5)),
        *(({"05.5": _VALUE}, 5, depth) for depth in range(5)),
    ],
)
def test_whoever_is_killed_from_outside_loses_nothing(answers: dict[str, str], processes: int, victim: int, tmp_path: Path):
    """Each process in turn: bubblewrap and its child, the interpreter, init, the runner and, for an answer that has one of its own, that."""
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / NAME).write_text(
        json.dumps(class_of_thirty.notebook({exercise: f"import time\n{answer}" for exercise, answer in answers.items()}))
    )
    plan = Plan(1)
    handed = read_submission(Submission("anna", (tmp_path / "anna" / NAME,)), plan)
    sandbox = grade._sandbox(False)
    killed = []

    def kill() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not killed:
            time.sleep(0.05)
            there = _descendants(sandbox._process.pid) if sandbox._process else []
            if len(there) == processes:
                killed.append(there[victim])
                os.kill(there[victim], signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    graded = grade_handed(handed, plan)
    killer.join()
    assert killed
    assert _statuses(graded) == ["right"] * COUNT and not graded.trouble


@pytest.mark.parametrize(
    ("places", "tries", "troubled"),
    [([[3], [3], [3]], 2, False), ([[3], [], []], 2, False), ([[3], [4], [4]], 3, False), ([[3], [4], [5]], 3, True)],
    ids=["its own doing", "once from outside", "once from outside and its own doing", "elsewhere each time"],
)
def test_what_kills_itself_is_killed_at_the_same_place_again(
    places: list[list[int]], tries: int, troubled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    runs = iter(places)
    count = [0]

    def run(*_: Any) -> Replies:
        count[0] += 1
        return Replies(summary={"killed": [{"cell": cell, "how": "signal 9"} for cell in next(runs)]})

    (group, *_) = grade.bench("05", 1)
    monkeypatch.setattr(grade, "best_mode", lambda: "none")
    monkeypatch.setattr(Sandbox, "run", run)
    claims = grade._run(group, Notebook(("x = 1",) * 9), Plan(1))
    assert count == [tries] and bool(claims.trouble) == troubled


def test_what_ends_every_sandbox_is_not_graded_and_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for student in ("anna", "ben"):
        _hand_in(tmp_path / "in" / student, f"# {student}")
    plan, tries, real = Plan(1), [], Sandbox.run

    def run(sandbox: Sandbox, work: bytes, *more: Any) -> Replies:
        if b"# ben" in work:
            tries.append(1)
            return Replies(lost="its sandbox ended before it had answered")
        return real(sandbox, work, *more)

    monkeypatch.setattr(grade, "best_mode", lambda: "none")
    with monkeypatch.context() as broken:
        broken.setattr(Sandbox, "run", run)
        graded, troubles = _graded(tmp_path / "in", plan)
    assert len(tries) == grade.TRIES * len(grade.bench("05", 1))
    assert _statuses(graded["anna"]) == ["right"] * COUNT and _statuses(graded["ben"]) == ["could not run"] * COUNT
    assert "not the submission's fault" in graded["ben"].rows[0].message and list(troubles) == ["ben"]
    graded, troubles = _graded(tmp_path / "in", plan)
    assert _statuses(graded["ben"]) == ["right"] * COUNT and not troubles


@pytest.mark.parametrize(("failures", "graded_then"), [(1, True), (grade.TRIES - 1, True), (grade.TRIES, False)])
def test_a_sandbox_that_does_not_start_at_once_is_started_again(failures: int, graded_then: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _hand_in(tmp_path / "in" / "anna", "# anna")
    _hand_in(tmp_path / "in" / "ben")
    left, real = [None] * failures * len(grade.bench("05", 1)), Sandbox.run

    def run(sandbox: Sandbox, work: bytes, *more: Any) -> Replies:
        if left and b"# anna" in work:
            left.pop()
            raise SandboxBroken("it ended without a word")
        return real(sandbox, work, *more)

    monkeypatch.setattr(grade, "best_mode", lambda: "none")
    monkeypatch.setattr(Sandbox, "run", run)
    graded, troubles = _graded(tmp_path / "in", Plan(1))
    assert _statuses(graded["anna"]) == ["right" if graded_then else "could not run"] * COUNT
    assert _statuses(graded["ben"]) == ["right"] * COUNT
    assert troubles == ({} if graded_then else {"anna": "the sandbox did not start: it ended without a word"})


@needs_sandbox
def test_a_probe_that_is_ended_from_outside_is_made_again(monkeypatch: pytest.MonkeyPatch):
    said = iter(["it ended without a word", "", "", ""])
    monkeypatch.setattr("bpkit.grading.sandbox._works", lambda sandbox: next(said))
    assert best_mode.__wrapped__() == "nested"
    close_spare()


@needs_sandbox
def test_trouble_is_told_in_the_exit_code_and_undone_by_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    _hand_in(tmp_path / "in" / "anna")
    _hand_in(tmp_path / "in" / "ben", "# ben")
    command = ["grade", str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--quiet"]
    with monkeypatch.context() as broken:
        broken.setattr(grade, "_run", _fails_for_ben(grade._run, lambda group, notebook, plan: notebook.cells[0]))
        assert main(command) == 2
    assert "1 submission could not be graded through no fault of their own (ben: " in capsys.readouterr().err
    assert main(command) == 0
    with open(tmp_path / "out" / "grades.csv", newline="") as file:
        assert {row["status"] for row in csv.DictReader(file)} == {"right"}


# ---- nothing is shared, and nobody gets another's reply --------------------------------------------------------------


def _job(cell: str) -> bytes:
    exercises = [{"name": "answer", "driver": "value", "cases": [[]], "seconds": 1.0}]
    return json.dumps({"cells": [cell], "sources": {}, "allowed": {}, "exercises": exercises}).encode()


def _answer(replies: Replies) -> Any:
    return decode(json.loads(replies.payloads[0])["records"][0]["returned"])


@pytest.mark.parametrize("mode", ["none", pytest.param("nested", marks=needs_sandbox)])
def test_a_fault_while_a_reply_is_read_leaves_the_worker_in_step(mode: Any, monkeypatch: pytest.MonkeyPatch):
    def fails(_: bytes) -> Any:
        raise OverflowError("int too large to convert to float")

    with Sandbox(mode) as sandbox:
        with monkeypatch.context() as broken, pytest.raises(OverflowError):
            broken.setattr("bpkit.grading.sandbox.read_json", fails)
            sandbox.run(_job("answer = 1"), Limits().for_job(1))
        for number in (2, 3):
            assert _answer(sandbox.run(_job(f"answer = {number}"), Limits().for_job(1))) == number


def test_the_word_that_a_job_is_done_counts_for_that_job_only(monkeypatch: pytest.MonkeyPatch):
    sandbox = Sandbox("none")
    for word, done in ((b'{"done": 7}\n', True), (b'{"done": 6}\n', False), (b'{"done": true}\n', False), (b"", False), (None, False)):
        monkeypatch.setattr(sandbox, "_listen", lambda seconds, word=word: word)
        assert sandbox._is_done(7) is done


@pytest.mark.parametrize("mode", ["none", pytest.param("nested", marks=needs_sandbox)])
def test_no_open_file_carries_anything_to_the_next_hand_in(mode: Any):
    """Whatever can be read again from its beginning by the next one is a channel: standard error was such a file."""
    write = "import os\nfor fd in range(3):\n    try:\n        os.write(fd, b'the answer is 42')\n    except OSError:\n        pass\nanswer = 1"
    read = """
import os, stat
answer = 0
for fd in range(256):
    try:
        answer += stat.S_ISREG(os.fstat(fd).st_mode)
        answer += len(os.pread(fd, 100, 0))
    except OSError:
        pass
"""
    with Sandbox(mode) as sandbox:
        assert _answer(sandbox.run(_job(write), Limits().for_job(1))) == 1
        assert _answer(sandbox.run(_job(read), Limits().for_job(1))) == 0


def test_the_lesson_s_cells_are_read_where_somebody_has_one(monkeypatch: pytest.MonkeyPatch):
    content = {**json.loads(_job("")), "given": ["given = 1", "given = 2"]}
    said, real = [], socket.send_fds

    def send_fds(link: socket.socket, lines: list[bytes], *more: Any) -> int:
        said.append(json.loads(lines[0])["read"])
        return real(link, lines, *more)

    monkeypatch.setattr(socket, "send_fds", send_fds)
    with Sandbox("none") as sandbox:
        for cell in ("answer = 1", "given = 2\nanswer = 2", "given = 1\nanswer = 3"):
            own = json.dumps({"cells": cell.split("\n")}).encode()
            assert _answer(sandbox.run(own, Limits().for_job(1), cell, Parts("those", content))) == int(cell[-1])
    assert said == [[], ["those"], []]


# ---- who returns the same --------------------------------------------------------------------------------------------


def test_the_same_records_are_judged_once_and_others_by_themselves(monkeypatch: pytest.MonkeyPatch):
    judge = Judge.drawn(find("05.3"), 1)
    right, wrong = judge.run(judge.exercise.reference), judge.run(judge.exercise.mistakes[0].answer)
    mutated = [{**right[0], "mutated": [0]}, *right[1:]]
    asked, real = [], Judge.__call__
    monkeypatch.setattr(Judge, "__call__", lambda self, records: asked.append(records) or real(self, records))
    judged = grade._remembering(judge)
    for records in (right, wrong, mutated):
        plainly = real(judge, records)
        assert judged(json.loads(json.dumps(records))) == judged(json.loads(json.dumps(records))) == plainly
    assert asked == [right, wrong, mutated]
    assert [judged(records).status for records in (right, wrong, mutated)] == ["right", "wrong", "wrong"]


def test_records_that_cannot_be_remembered_are_judged_all_the_same(monkeypatch: pytest.MonkeyPatch):
    judge = Judge.drawn(find("05.3"), 1)
    judged = grade._remembering(judge)
    deep: Any = []
    for _ in range(3000):
        deep = [deep]
    long = [{"returned": {"text": "x" * 2000}, "mutated": []}] * 9
    for records in (deep, long):
        asked: list[Any] = []
        monkeypatch.setattr(Judge, "__call__", lambda self, records, asked=asked: asked.append(records))
        judged(records), judged(records)
        assert len(asked) == 2 and asked[0] is records


# ---- what a hand-in may take -----------------------------------------------------------------------------------------

_NOBODYS_MEMORY = """
import ctypes, mmap, os, platform, socket
libc = ctypes.CDLL(None, use_errno=True)
answer = []

def note(name, call):
    try:
        result = call()
    except OSError:
        return
    if result is None or not isinstance(result, int) or result >= 0:
        answer.append(name)

for form in ("shmget", "semget", "msgget"):
    note(form, lambda: getattr(libc, form)(0, *(() if form == "msgget" else (4096,)), 0o1600))
note("shared pages", lambda: mmap.mmap(-1, 4096))
note("pages of the null device", lambda: mmap.mmap(os.open("/dev/zero", os.O_RDWR), 4096))
note("a file in memory", lambda: libc.memfd_create(b"x", 0))
pair = socket.socketpair()
note("a large send buffer", lambda: pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 10**6))
note("a large receive buffer", lambda: pair[0].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 10**6))
note("many files", lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(200)] and None)
"""
_ORDINARY_MEMORY = """
import mmap, os, socket
pages = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
with open("/tmp/pages", "w+b") as file:
    file.truncate(4096)
    shared = mmap.mmap(file.fileno(), 4096)
one, other = socket.socketpair()
one.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
one.sendall(b"x" * 100_000)
answer = len(other.recv(10))
"""


@needs_sandbox
@pytest.mark.skipif(os.uname().machine not in ("x86_64", "aarch64"), reason="the filter knows the calls of these machines")
def test_memory_that_no_process_has_is_refused_and_other_memory_is_not():
    with Sandbox("nested") as sandbox:
        assert _answer(sandbox.run(_job(_NOBODYS_MEMORY), Limits().for_job(1))) == []
        assert _answer(sandbox.run(_job(_ORDINARY_MEMORY), Limits().for_job(1))) == 10


@needs_sandbox
@pytest.mark.slow
def test_memory_that_several_processes_hold_together_counts_once():
    """Seven processes with 150 MB, each below its limit, hold more than all may together only where each has written its own."""
    share = "import os, time\npile = bytearray(b'x') * (150 << 20)\nr, w = os.pipe()\nfor _ in range(6):\n    if os.fork() == 0:\n        {}\n"
    share += "        os.write(w, b'.')\n        time.sleep(20)\n        os._exit(0)\n"
    share += "held = [os.read(r, 1) for _ in range(6)]\ntime.sleep(1)\nanswer = 1"
    limits = Limits(seconds=30, memory=400).for_job(1)
    with Sandbox("nested") as sandbox:
        held = sandbox.run(_job(share.format("pass")), limits)
        assert not held.stopped and _answer(held) == 1
        written = share.format("pile[::4096] = b'y' * len(pile[::4096])")
        assert "its processes together held" in sandbox.run(_job(written), limits).stopped


@needs_sandbox
def test_hand_ins_beside_each_other_have_processors_of_their_own(monkeypatch: pytest.MonkeyPatch):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor cannot be shared out")
    widen = "import os\nos.setsid()\nos.sched_setaffinity(0, range(os.cpu_count()))\n"
    ask = f"{widen}answer = [sorted(os.sched_getaffinity(0)), os.getsid(0) == os.getpid()]"
    monkeypatch.setattr("bpkit.grading.sandbox._shares", [2])
    with Sandbox("nested") as one, Sandbox("nested") as other:
        (first, leads), (second, _) = (_answer(sandbox.run(_job(ask), Limits().for_job(1))) for sandbox in (one, other))
    assert set(first) | set(second) == os.sched_getaffinity(0) and not set(first) & set(second) and not leads


def test_the_last_try_is_made_alone():
    turns, beside, log = Turns(), threading.Event(), []

    def ordinary() -> None:
        with turns.together():
            beside.wait(10)
            log.append("ordinary")

    def last() -> None:
        with turns.alone():
            log.append("alone")

    threads = [threading.Thread(target=ordinary) for _ in range(2)] + [threading.Thread(target=last)]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    late = threading.Thread(target=ordinary)
    late.start()
    time.sleep(0.05)
    assert log == []
    beside.set()
    for thread in (*threads, late):
        thread.join(10)
    assert log == ["ordinary", "ordinary", "alone", "ordinary"]


def test_the_last_try_runs_beside_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (group, *_) = grade.bench("05", 1)
    how: list[str] = []

    class Told(Turns):
        def together(self) -> Any:
            how.append("together")
            return super().together()

        def alone(self) -> Any:
            how.append("alone")
            return super().alone()

    monkeypatch.setattr(grade, "_turns", Told())
    monkeypatch.setattr(grade, "best_mode", lambda: "none")
    monkeypatch.setattr(Sandbox, "run", lambda *_: Replies(lost="it ended"))
    grade._run(group, Notebook(("x = 1",)), Plan(1))
    assert how == ["together"] * (grade.TRIES - 1) + ["alone"]


# ---- what a hand-in sees ---------------------------------------------------------------------------------------------


def test_no_copy_of_the_exercises_is_in_what_a_hand_in_sees(tmp_path: Path):
    """However deep below a place that the interpreter needs it is installed."""
    library, deep = tmp_path / "lib", tmp_path / "lib" / "a" / "b" / "env" / "lib" / "python3" / "site-packages"
    modules, python = library / "python3" / "lib-dynload", library / "python3" / "python"
    for place in (deep / "bpkit", modules, library / "python3" / "dist-packages", library / "extra", tmp_path / "elsewhere"):
        place.mkdir(parents=True)
    seen = hidden([str(library)], [str(python), str(modules)], [modules, library / "extra", tmp_path / "elsewhere"], deep / "bpkit")
    assert seen == sorted(map(str, (deep, library / "extra", library / "python3" / "dist-packages")))
    (library / "python3" / "bpkit").mkdir()
    assert str(library / "python3" / "bpkit") in hidden([str(library)], [str(python)], [], library / "python3" / "bpkit")
    assert hidden([str(library)], [], [], tmp_path / "elsewhere" / "bpkit") == [str(library / "python3" / "dist-packages")]
    with pytest.raises(CourseError, match="which submissions would see"):
        hidden([str(library)], [str(deep / "bpkit" / "python")], [], deep / "bpkit")


@needs_sandbox
def test_the_exercises_are_nowhere_in_the_sandbox():
    look = (
        "import os\nanswer = []\nfor folder, folders, files in os.walk('/'):\n"
        "    answer += [name for name in (*folders, *files) if 'bpkit' in name or name.startswith('ex3_hidden_error')]\n"
    )
    with Sandbox("nested") as sandbox:
        assert _answer(sandbox.run(_job(look), Limits().for_job(1))) == []


# ---- values that cannot be judged ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OverflowError("int too large"), MemoryError(), RecursionError(), KeyError("x")])
def test_an_answer_at_which_the_judge_raises_is_wrong(error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any) -> Any:
        raise error

    _hand_in(tmp_path / "in" / "anna")
    with monkeypatch.context() as broken:
        broken.setattr("bpkit.exercises.judge.Judge.__call__", fails)
        grade._bench.cache_clear()  # the judges of other tests remember what they said
        graded, troubles = _graded(tmp_path / "in")
    assert _statuses(graded["anna"]) == ["wrong"] * COUNT and not troubles
    assert f"nothing that can be judged ({type(error).__name__})" in graded["anna"].rows[0].message


# ---- one try for everybody -------------------------------------------------------------------------------------------

_GUESSING = """
import os
guess = []
def hidden_error(W_next, delta_next, z):
    if not guess:
        guess.append(os.path.exists("/tmp/tried"))
        open("/tmp/tried", "w").close()
    return W_next.T @ delta_next * (bp.sigmoid.prime(z) if guess[0] else 1)
"""


@needs_sandbox
def test_code_that_answers_otherwise_the_second_time_has_no_second_time(tmp_path: Path):
    """Whether an answer runs again may not depend on whether it was right: code can tell, and tries what it has not tried yet."""
    (tmp_path / "in" / "guesses").mkdir(parents=True)
    (tmp_path / "in" / "guesses" / NAME).write_text(json.dumps(class_of_thirty.notebook({"05.3": _GUESSING})))
    (graded,) = _graded(tmp_path / "in", Plan(1))[0].values()
    assert {row.exercise: row.status for row in graded.rows if row.status != "right"} == {"05.3": "wrong"}


@needs_sandbox
def test_no_answer_costs_another(tmp_path: Path):
    """Each runs on what the cells have left, whatever the ones before it have done to it."""
    spoil = (
        "def dz_next_dz(W_next, z, k, j):\n    global hidden_error\n    import builtins\n    value = W_next[k, j] * bp.sigmoid.prime(z[j, 0])\n"
        "    hidden_error = None\n    np.allclose = np.zeros_like = np.array = builtins.range = None\n    return value\n"
    )
    (tmp_path / "in" / "spoils").mkdir(parents=True)
    (tmp_path / "in" / "spoils" / NAME).write_text(json.dumps(class_of_thirty.notebook({"05.1": spoil})))
    (graded,) = _graded(tmp_path / "in", Plan(1))[0].values()
    assert {row.exercise for row in graded.rows if row.status == "right"} >= set(class_of_thirty.EXERCISES) - {"05.1"}


_NEVER = "while True:\n        try:\n            while True: pass\n        except BaseException: pass"
_BODIES = {"05.3": "def hidden_error(W_next, delta_next, z):", "05.7": "def layer_jacobian(W_next, z):"}


@needs_sandbox
@pytest.mark.parametrize(
    "end",
    [
        "os._exit(0)",
        "os._exit(3)",
        "os.kill(os.getpid(), 11)",
        "os.kill(os.getpid(), 9)",
        pytest.param("while True: pass", marks=pytest.mark.slow),
        pytest.param(_NEVER, marks=pytest.mark.slow),
        "raise SystemExit",
    ],
)
def test_the_last_answer_ends_as_any_other(end: str, tmp_path: Path):
    """It runs in the process that the cells have run in, and the others in copies of that."""
    ends = {}
    for exercise, head in _BODIES.items():
        place = tmp_path / exercise / "in"
        (place / "anna").mkdir(parents=True)
        (place / "anna" / NAME).write_text(json.dumps(class_of_thirty.notebook({exercise: f"import os\n{head}\n    {end}\n"})))
        graded, troubles = _graded(place, Plan(1, Limits(seconds=14)))
        (row,) = [row for row in graded["anna"].rows if row.status != "right"]
        ends[row.exercise] = (row.status, row.mistake, row.message.partition(": ")[2] or row.message)
        assert not troubles
    assert ends.keys() == _BODIES.keys() and ends["05.3"] == ends["05.7"] and ends["05.3"][0] == "wrong"


@needs_sandbox
@pytest.mark.parametrize("exercise", _BODIES)
def test_no_answer_has_the_threads_of_a_cell(exercise: str, tmp_path: Path):
    thread = "import threading, time\nstop = threading.Event()\nthreading.Thread(target=stop.wait, daemon=True).start()"
    body = f"{thread}\n{_BODIES[exercise]}\n    import sys\n    raise ValueError(f'threads: {{len(sys._current_frames())}}')\n"
    place = tmp_path / "in"
    (place / "anna").mkdir(parents=True)
    (place / "anna" / NAME).write_text(json.dumps(class_of_thirty.notebook({exercise: body})))
    graded, _ = _graded(place, Plan(1))
    (row,) = [row for row in graded["anna"].rows if row.exercise == exercise]
    assert "threads: 1" in row.message


@needs_sandbox
def test_chance_is_the_same_for_everybody():
    """In every process of every hand-in, so that a row does not depend on it."""
    draw = "import random\nanswer = [random.random(), [random.random() for _ in range(3)][-1]]"
    with Sandbox("nested") as one, Sandbox("nested") as other:
        drawn = {str(_answer(sandbox.run(_job(draw), Limits().for_job(1)))) for sandbox in (one, one, other)}
    assert len(drawn) == 1


def test_what_a_sandbox_imports_lies_compiled_beside_its_source(tmp_path, monkeypatch):
    """It cannot write, so that each would compile it anew."""
    module = tmp_path / "module.py"
    module.write_text("answer = 42\n")
    compiled = Path(importlib.util.cache_from_source(str(module)))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    _compile_ahead([module])
    assert not compiled.exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    _compile_ahead([module])
    assert compiled.exists()


@pytest.mark.skipif(sys.dont_write_bytecode, reason="nothing is compiled ahead")
def test_a_sandbox_sees_the_compiled_form_of_run():
    command = _bubblewrap_command("nested")
    assert f"/inside/__pycache__/{Path(importlib.util.cache_from_source('run.py')).name}" in command
