"""Sandboxes that are started together import once, and have as little of each other as those that were started one by one."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bpkit.exercises.run import decode
from bpkit.grading import sandbox as sandboxes
from bpkit.grading.programs import can_tell_processes
from bpkit.grading.sandbox import Limits, Sandbox, best_mode, close_spare, launch_ahead, share_processors, take_sandbox

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap"),
    pytest.mark.skipif(not can_tell_processes(), reason="this system does not name a process for as long as it is held"),
]
OPEN_FILES = """
import os, stat
answer = []
for fd in range(1024):
    try:
        answer.append([fd, stat.S_IFMT(os.fstat(fd).st_mode)])
    except OSError:
        pass
"""
# a name in the abstract is the whole network namespace's, and needs no file
WAITS = """
import socket, time
place = socket.socket(socket.AF_UNIX)
place.bind("\\0meeting")
place.listen()
socket.socket(socket.AF_UNIX).connect("\\0meeting")
time.sleep(2)
place.settimeout(0)
answer = 0
try:
    while place.accept():
        answer += 1
except BlockingIOError:
    pass
"""
CALLS = """
import socket, time
answer = 0
for _ in range(15):
    try:
        socket.socket(socket.AF_UNIX).connect("\\0meeting")
        answer += 1
    except OSError:
        time.sleep(0.1)
"""


@pytest.fixture
def two() -> Iterator[tuple[Sandbox, Sandbox]]:
    close_spare()  # which an earlier test may have left
    share_processors(2)
    launch_ahead(2)
    one, other = take_sandbox("nested"), take_sandbox("nested")
    yield one, other
    one.close()
    other.close()
    share_processors(1)


def _run(sandbox: Sandbox, cell: str) -> Any:
    exercises = [{"name": "answer", "driver": "value", "cases": [[]], "seconds": 1.0}]
    work = json.dumps({"cells": [cell], "sources": {}, "allowed": {}, "exercises": exercises}).encode()
    replies = sandbox.run(work, Limits(seconds=20).for_job(1))
    return _plain(decode(json.loads(replies.payloads[0])["records"][0]["returned"]))


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_one_program_serves_both_and_ends_with_the_second(two: tuple[Sandbox, Sandbox]):
    one, other = two
    assert _run(one, "answer = 1") == 1 and _run(other, "answer = 2") == 2
    assert one._program is other._program and one._program is not None
    program = one._program.process
    one.close()
    assert program.poll() is None and _run(other, "answer = 3") == 3
    other.close()
    assert program.poll() is not None


def test_each_has_namespaces_a_session_and_a_user_of_its_own(two: tuple[Sandbox, Sandbox]):
    for sandbox in two:
        _run(sandbox, "answer = 1")
    assert two[0]._copy and two[1]._copy and two[0]._program
    copies = [sandbox._copy.pid for sandbox in two if sandbox._copy]
    status = Path(f"/proc/{copies[0]}/status").read_text().splitlines()
    original = int(next(line.split()[1] for line in status if line.startswith("PPid:")))
    assert sorted(_children(original)) == sorted(copies)
    for kind in ("net", "ipc", "uts", "mnt"):
        assert len({os.readlink(f"/proc/{pid}/ns/{kind}") for pid in (os.getpid(), original, *copies)}) == 4, kind
    assert len({os.getsid(pid) for pid in (os.getpid(), original, *copies)}) == 4
    assert [os.sched_getaffinity(pid) == os.sched_getaffinity(0) for pid in copies] == [os.cpu_count() == 1] * 2
    if os.geteuid() == 0:
        assert two[0]._student and two[1]._student and two[0]._student.number != two[1]._student.number


def test_a_hand_in_has_the_open_files_that_it_has_in_a_sandbox_by_itself(two: tuple[Sandbox, Sandbox]):
    with Sandbox("nested") as alone:
        expected = _run(alone, OPEN_FILES)
    assert len(expected) > 3
    assert [_run(sandbox, OPEN_FILES) for sandbox in two] == [expected, expected]


def test_hand_ins_beside_each_other_do_not_meet(two: tuple[Sandbox, Sandbox]):
    with ThreadPoolExecutor(2) as pool:
        waits, calls = pool.submit(_run, two[0], WAITS), pool.submit(_run, two[1], CALLS)
        assert waits.result() == 1  # its own call
        assert calls.result() == 0


def test_the_end_of_one_costs_the_other_nothing(two: tuple[Sandbox, Sandbox]):
    one, other = two
    for sandbox in two:
        _run(sandbox, "answer = 1")
    assert one._copy is not None and one._program is other._program
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(_run, other, "import time\ntime.sleep(1)\nanswer = 2")
        os.kill(one._copy.pid, signal.SIGKILL)
        while one._copy.poll() is None:
            time.sleep(0.01)
        assert _run(one, "answer = 3") == 3
        assert one._program is not other._program and one._copy is None
        assert beside.result() == 2


def test_where_copies_do_not_work_each_sandbox_has_a_program_of_its_own(monkeypatch: pytest.MonkeyPatch):
    def fails(_: int) -> Any:
        raise OSError("no such thing")

    close_spare()
    monkeypatch.setattr(sandboxes, "Copy", fails)
    launch_ahead(2)
    try:
        assert best_mode.__wrapped__() == "nested"
        with take_sandbox("nested") as sandbox:
            assert _run(sandbox, "answer = 1") == 1
    finally:
        close_spare()


def test_none_ahead_is_none():
    close_spare()
    launch_ahead(0)
    assert not sandboxes._spare
