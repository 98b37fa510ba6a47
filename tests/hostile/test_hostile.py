"""Every hostile and broken submission, graded in one run between honest ones: a row per exercise, the right status, nobody else touched."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from pathlib import Path

import pytest
from attacks import ATTACKS, CANARY, DAEMON, EXERCISES, LEFT, MEMORY_BOMB, PORT, SECRET, Attack, as_meant, said
from grading_class import class_of_thirty

from bpkit.grading.collect import Submission, collect
from bpkit.grading.grade import Plan, close_sandboxes, grade_handed, read_submission
from bpkit.grading.journal import Journal
from bpkit.grading.records import Graded
from bpkit.grading.sandbox import Limits
from bpkit.grading.whole_class import grade_all

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap (apt install bubblewrap)"
    ),
    pytest.mark.timeout(1800),  # all of them are graded at once, before the first test
]

HONEST = ("0 honest", "m honest", "zz honest")
LIMITS = Limits(seconds=20.0, memory=1024)


def _processes() -> set[str]:
    names = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            names.add(comm.read_text().strip())
        except OSError:
            continue
    return names


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    folder = tmp_path_factory.mktemp("hostile")
    for attack in ATTACKS:
        place = folder / "submissions" / attack.name
        place.mkdir(parents=True)
        (place / "05_propagating_the_error.ipynb").write_bytes(attack.file())
    for name in HONEST:
        place = folder / "submissions" / name
        place.mkdir()
        (place / "05_propagating_the_error.ipynb").write_text(json.dumps(class_of_thirty.notebook({})))
    with socket.socket(socket.AF_UNIX) as canary, socket.socket() as listener:
        canary.bind(CANARY)
        canary.listen()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", PORT))
        listener.listen()
        with Journal(folder / "out") as journal:
            grade_all(collect([str(folder / "submissions")]), Plan(20_311_203, LIMITS), journal, workers=2)
            close_sandboxes()
            return {submission.student: submission for submission in journal.submissions()}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "-"))
def test_attack_gets_its_rows_and_nothing_else(attack: Attack, graded: dict[str, Graded]):
    rows = graded[attack.name].rows
    assert [row.exercise for row in rows] == list(EXERCISES)
    wrong = [f"{row.exercise} {said(row)}: {row.message}" for row in rows if not as_meant(row, attack.becomes.get(row.exercise, "[right]"))]
    assert not wrong, f"{wrong}; {graded[attack.name].problems}"
    for row in rows:
        assert (row.points > 0) == (row.status == "right")
        assert row.message and "\n" not in row.message and len(row.message) <= 600


@pytest.mark.parametrize("name", HONEST)
def test_honest_submissions_between_attacks_are_right(name: str, graded: dict[str, Graded]):
    assert [row.status for row in graded[name].rows] == ["right"] * len(EXERCISES)


def test_every_submission_is_there_once(graded: dict[str, Graded]):
    assert len(graded) == len(ATTACKS) + len(HONEST)


def test_nothing_of_a_submission_survives_it(graded: dict[str, Graded]):
    assert DAEMON not in _processes()
    assert not Path(LEFT).exists()
    assert not Path(SECRET).exists()
    assert not list(Path("/").glob("bpkit-was-here"))


def test_no_message_tells_an_expected_value(graded: dict[str, Graded]):
    order = class_of_thirty.RIGHT["05.5"].split('"')[1]
    assert not [row for submission in graded.values() for row in submission.rows if order in row.message]


def test_the_memory_of_all_processes_together_is_limited(tmp_path: Path):
    path = tmp_path / "05_propagating_the_error.ipynb"
    path.write_text(json.dumps(class_of_thirty.notebook({}, before=(MEMORY_BOMB,))))
    plan = Plan(1, Limits(seconds=60.0, memory=400))
    graded = grade_handed(read_submission(Submission("many", (path,)), plan), plan)
    close_sandboxes()
    assert len(graded.rows) == len(EXERCISES)
    for row in graded.rows:
        assert row.status == "could not run" and "its processes together held" in row.message
