"""Hand-ins that take all they can get of a machine: whoever is graded beside them gets the rows that they would get anyway."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from grading_class import class_of_thirty

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap (apt install bubblewrap)"
    ),
    pytest.mark.timeout(3600),
]
ROUNDS = int(os.environ.get("BPKIT_ROUNDS", "1"))
NAME = "05_propagating_the_error.ipynb"
HONEST = 12

PRIVATE = """
import os, time
for _ in range(12):
    if os.fork() == 0:
        pile = [bytearray(b"x") * (20 << 20) for _ in range(20)]
        time.sleep(1000)
time.sleep(5)
"""
SHARED = """
import ctypes, mmap, os, time
libc = ctypes.CDLL(None)
libc.shmat.restype = ctypes.c_void_p
for _ in range(12):
    if os.fork() == 0:
        for _ in range(30):
            try:
                segment = libc.shmget(0, 100 << 20, 0o1600)
                if segment >= 0:
                    place = libc.shmat(segment, None, 0)
                    ctypes.memset(place, 1, 100 << 20)
                    libc.shmdt(ctypes.c_void_p(place))
                pages = mmap.mmap(-1, 100 << 20)
                pages[:] = bytes(100 << 20)
                pages.madvise(mmap.MADV_DONTNEED)
            except (OSError, MemoryError):
                pass
        time.sleep(1000)
time.sleep(5)
"""
SPINNING = """
import os
for _ in range(14):
    if os.fork() == 0:
        try:
            os.setsid()
            os.sched_setaffinity(0, range(os.cpu_count()))
        except OSError:
            pass
        while True:
            pass
while True:
    pass
"""


def _hand_in(place: Path, student: str, *before: str, **answers: str) -> None:
    (place / student).mkdir(parents=True)
    (place / student / NAME).write_text(
        json.dumps(class_of_thirty.notebook({name.replace("_", "."): text for name, text in answers.items()}, before))
    )


def _grade(place: Path, out: Path, *more: str, into: Path | None = None) -> tuple[dict[str, set[str]], subprocess.CompletedProcess[str]]:
    """Grade in a process of its own, in a control group if one is given; each student's statuses."""
    command = [sys.executable, "-m", "bpkit.cli", "grade", str(place), "--out", str(out), "--seed", "3", "--quiet", *more]
    if into is not None:
        command = ["/bin/sh", "-c", f'echo $$ > {into / "cgroup.procs"}; exec "$@"', "sh", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    statuses: dict[str, set[str]] = {}
    with open(out / "grades.csv", newline="") as file:
        for row in csv.DictReader(file):
            statuses.setdefault(row["student"], set()).add(row["status"])
    return statuses, done


@pytest.fixture
def two_gigabytes() -> Iterator[Path]:
    """A control group whose processes hold 2 GB together at most; skips where this user may not make one."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(root) / f"bpkit-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(2 << 30))
        except OSError:
            group.rmdir()
            continue
        yield group
        for _ in range(100):
            try:
                group.rmdir()
                return
            except OSError:  # its last processes are still on their way out
                time.sleep(0.05)
        return
    pytest.skip("this user may not make a control group with a limit on memory")


@pytest.mark.parametrize("hog", [PRIVATE, SHARED], ids=["private", "shared"])
def test_two_that_take_all_memory_cost_no_honest_row(hog: str, tmp_path: Path, two_gigabytes: Path):
    for number in range(HONEST):
        _hand_in(tmp_path / "in", f"honest {number:02}")
    for student in ("honest 02 hog", "honest 03 hog"):  # two workers have both at a time
        _hand_in(tmp_path / "in", student, hog)
    for number in range(ROUNDS):
        statuses, done = _grade(
            tmp_path / "in", tmp_path / f"out{number}", "--memory", "512", "--workers", "4", "--timeout", "30", into=two_gigabytes
        )
        assert done.returncode == 0, done.stderr
        assert len(statuses) == HONEST + 2
        assert {student: said for student, said in statuses.items() if "hog" not in student and said != {"right"}} == {}


def test_one_that_takes_all_processors_costs_no_honest_row(tmp_path: Path):
    """The honest answer computes for most of the time that it is given: with less than its share it would be too slow."""
    answer = (
        "import time\ndef hidden_error(W_next, delta_next, z):\n    until = time.process_time() + 0.4\n"
        "    while time.process_time() < until:\n        pass\n    return W_next.T @ delta_next * bp.sigmoid.prime(z)\n"
    )
    for number in range(2):
        _hand_in(tmp_path / "in", f"hog {number}", SPINNING)
        _hand_in(tmp_path / "in", f"honest {number}", **{"05_3": answer})
    _hand_in(tmp_path / "in", "hog", SPINNING)
    for number in range(ROUNDS):
        statuses, done = _grade(tmp_path / "in", tmp_path / f"out{number}", "--workers", "2", "--timeout", "30")
        assert done.returncode == 0, done.stderr
        assert [statuses[f"honest {k}"] for k in range(2)] == [{"right"}] * 2
