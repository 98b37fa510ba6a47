"""The same walls in the fallback sandbox and for an ordinary user: a sample of the attacks, each way."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import pytest
from attacks import ATTACKS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap (apt install bubblewrap)"
    ),
]

HERE = Path(__file__).resolve().parent
NOBODY = 65_534
SAMPLE = (
    "loop in an answer that catches everything",
    "30 GB in an answer",
    "fork bomb in a cell",
    "fork bomb in an answer",
    "daemon left behind",
    "signals to the parent and to all",
    "os._exit in an answer",
    "files",
    "environment",
    "sockets",
    "writing outside",
    "privileges",
    "leaves a file",
    "looks for what was left",
    "metadata stripped",
)
SCRIPT = """
import json, sys, tempfile
from pathlib import Path
from attacks import ATTACKS
from bpkit.grading import grade
from bpkit.grading.collect import Submission
from bpkit.grading.sandbox import Limits

mode, names = sys.argv[1], json.loads(sys.argv[2])
grade.best_mode = lambda: mode
plan = grade.Plan(7, Limits(seconds=20.0))
said = {}
with tempfile.TemporaryDirectory() as folder:
    for attack in ATTACKS:
        if attack.name in names:
            path = Path(folder) / "05_propagating_the_error.ipynb"
            path.write_bytes(attack.file())
            graded = grade.grade_handed(grade.read_submission(Submission(attack.name, (path,)), plan), plan)
            said[attack.name] = [graded.sandbox, {row.exercise: row.mistake or f"[{row.status}] {row.message}" for row in graded.rows}]
grade.close_sandboxes()
print(json.dumps(said))
"""


def _packages() -> str:
    return os.pathsep.join([str(HERE), str(HERE.parent), str(HERE.parent.parent), sysconfig.get_path("purelib")])


@cache
def _as_nobody() -> list[str]:
    """A command prefix that runs Python as an ordinary user; empty where no such Python is there."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return []
    for python in (sys.executable, "/usr/bin/python3"):
        command = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", python, "-B"]
        environment = {"PATH": os.defpath, "PYTHONPATH": _packages()}
        tried = subprocess.run(
            [*command, "-c", "import os, sys, numpy, bpkit, attacks; open(os.path.realpath(sys._base_executable))"],
            env=environment,
            capture_output=True,
            cwd="/",
            check=False,
        )
        if tried.returncode == 0:
            return command
    return []


def _grade(command: list[str], mode: str) -> dict[str, tuple[str, dict[str, str]]]:
    environment = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": _packages(), "HOME": "/nonexistent"}
    done = subprocess.run(
        [*command, "-c", SCRIPT, mode, json.dumps(SAMPLE)], env=environment, capture_output=True, text=True, cwd="/tmp", timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _check(said: dict[str, tuple[str, dict[str, str]]], mode: str) -> None:
    assert said.keys() == set(SAMPLE)
    for attack in ATTACKS:
        if attack.name in SAMPLE:
            used, rows = said[attack.name]
            assert used == mode
            for exercise, text in rows.items():
                expected = attack.becomes.get(exercise, "[right]")
                assert text == expected or text.startswith(expected), f"{attack.name} {exercise}: {text}"


def test_fallback_with_a_bubblewrap_for_each_submission():
    _check(_grade([sys.executable, "-B"], "single"), "single")


@pytest.mark.parametrize("mode", ["nested", "single"])
def test_ordinary_user(mode: str):
    command = _as_nobody()
    if not command:
        pytest.skip("started as an ordinary user (then every test shows it), or no Python here that another user may run")
    _check(_grade(command, mode), mode)
