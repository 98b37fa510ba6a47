"""A run that is killed at any moment: the next one goes on, and no row is lost, repeated or changed."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from grading_class import class_of_thirty

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),  # BPKIT_KILLS=50 takes minutes
    pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap"),
]
KILLS = int(os.environ.get("BPKIT_KILLS", "6"))
STUDENTS = 12
PATIENCE = 300  # seconds for a run that takes three, however busy the machine is


def _rows(out: Path) -> dict[tuple[str, str], dict[str, object]]:
    if not (out / "grades.sqlite").exists():
        return {}
    with sqlite3.connect(out / "grades.sqlite") as db:
        db.row_factory = sqlite3.Row
        try:
            found = [dict(row) for row in db.execute("SELECT * FROM grades")]
        except sqlite3.OperationalError:  # killed before the tables were made
            return {}
    rows = {(row["student"], row["exercise"]): row for row in found}
    assert len(rows) == len(found)
    return rows


def _start(place: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bpkit.cli", "grade", str(place), "--out", str(out), "--seed", "11", "--quiet", "--workers", "2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _without_times(rows: dict[tuple[str, str], dict[str, object]]) -> dict[tuple[str, str], dict[str, object]]:
    return {key: row | {"seconds": 0} for key, row in rows.items()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float, dict[tuple[str, str], dict[str, object]]]:
    """A class, how long a run over it lasts, and the rows that it gives when nobody is killed."""
    folder = tmp_path_factory.mktemp("class")
    students = list(class_of_thirty.CLASS)[:: len(class_of_thirty.CLASS) // STUDENTS][:STUDENTS]
    for student in students:
        (folder / "in" / student).mkdir(parents=True)
        text = json.dumps(class_of_thirty.notebook(class_of_thirty.CLASS[student][0]))
        (folder / "in" / student / "05_propagating_the_error.ipynb").write_text(text)
    began = time.monotonic()
    assert _start(folder / "in", folder / "whole").wait(PATIENCE) == 0
    lasts = time.monotonic() - began
    rows = _rows(folder / "whole")
    assert len(rows) == STUDENTS * 7
    return folder / "in", lasts, rows


Whole = tuple[Path, float, dict[tuple[str, str], dict[str, object]]]


def test_kill_9_at_random_moments_loses_repeats_and_changes_nothing(whole: Whole, tmp_path: Path):
    place, lasts, rows = whole
    moments = random.Random(5)
    amid = 0
    for kill in range(KILLS):
        out = tmp_path / f"out{kill}"
        process = _start(place, out)
        time.sleep(moments.uniform(0, lasts))
        process.kill()
        process.wait(PATIENCE)
        before = _rows(out)
        amid += 0 < len(before) < len(rows)
        assert _start(place, out).wait(PATIENCE) == 0
        after = _rows(out)
        assert _without_times(after) == _without_times(rows)
        assert {key: after[key] for key in before} == before  # to the last digit of the seconds
        assert not [path for path in out.rglob("*") if path.name.endswith(".part")]
    print(f"{KILLS} kills of the grader, {amid} of them with some rows written and some not")


def _below(pid: int) -> list[int]:
    """All processes below one."""
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(child) for child in (task / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        return []
    return [pid for child in children for pid in (child, *_below(child))]


def test_kill_9_of_a_random_sandbox_process_loses_repeats_and_changes_nothing(whole: Whole, tmp_path: Path):
    """Whoever is hit is run again; nobody is left for the next run."""
    place, lasts, rows = whole
    moments = random.Random(7)
    hit = 0
    for kill in range(KILLS):
        out = tmp_path / f"out{kill}"
        process = _start(place, out)
        time.sleep(moments.uniform(0.2 * lasts, 0.8 * lasts))  # before and after there are no sandboxes
        if victims := _below(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(moments.choice(victims), signal.SIGKILL)
                hit += 1
        assert process.wait(PATIENCE) == 0
        assert _without_times(_rows(out)) == _without_times(rows)
    print(f"{KILLS} runs, a sandbox process killed in {hit} of them")
    assert hit
