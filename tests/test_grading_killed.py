"""A run that is killed at any moment: the next one goes on, and no row is lost, repeated or changed."""

from __future__ import annotations

import json
import os
import random
import shutil
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


def test_kill_9_at_random_moments_loses_repeats_and_changes_nothing(tmp_path: Path):
    place = tmp_path / "in"
    students = list(class_of_thirty.CLASS)[:: len(class_of_thirty.CLASS) // STUDENTS][:STUDENTS]
    for student in students:
        (place / student).mkdir(parents=True)
        text = json.dumps(class_of_thirty.notebook(class_of_thirty.CLASS[student][0]))
        (place / student / "05_propagating_the_error.ipynb").write_text(text)
    began = time.monotonic()
    assert _start(place, tmp_path / "whole").wait(PATIENCE) == 0
    lasts = time.monotonic() - began
    whole = _rows(tmp_path / "whole")
    assert len(whole) == STUDENTS * 7
    moments = random.Random(5)
    amid = 0
    for kill in range(KILLS):
        out = tmp_path / f"out{kill}"
        process = _start(place, out)
        time.sleep(moments.uniform(0, lasts))
        process.kill()
        process.wait(PATIENCE)
        before = _rows(out)
        amid += 0 < len(before) < len(whole)
        assert _start(place, out).wait(PATIENCE) == 0
        after = _rows(out)
        assert _without_times(after) == _without_times(whole)
        assert {key: after[key] for key in before} == before  # to the last digit of the seconds
        assert not [path for path in out.rglob("*") if path.name.endswith(".part")]
    print(f"{KILLS} kills, {amid} of them with some rows written and some not")
