"""Two graders on one machine give no two sandboxes one user id: the kernel counts an id's processes wherever they run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bpkit.grading import student_ids
from bpkit.grading.student_ids import StudentId

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="names that the kernel takes back are Linux's")
ANOTHER = """
import sys
from bpkit.grading import student_ids
student_ids.COUNT = int(sys.argv[1])
ids = [student_ids.StudentId() for _ in range(int(sys.argv[2]))]
print(*(id.number for id in ids), flush=True)
sys.stdin.read()
"""


def test_another_grader_leaves_the_ids_that_are_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(student_ids, "COUNT", 6)
    held = [StudentId() for _ in range(3)]
    with subprocess.Popen([sys.executable, "-c", ANOTHER, "6", "3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        theirs = [int(number) for number in other.stdout.readline().split()]
        assert sorted([id.number for id in held] + theirs) == list(range(student_ids.FIRST, student_ids.FIRST + 6))
        held[0].close()
        assert StudentId().number == held[0].number, "an id is given back"
        other.kill()
    ids = [StudentId() for _ in range(3)]
    assert {id.number for id in ids} <= {held[0].number, *theirs}, "the ids of a grader that was killed are free"


def test_where_all_are_held_one_is_shared(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(student_ids, "COUNT", 1)
    first, second = StudentId(), StudentId()
    assert first.number == second.number == student_ids.FIRST
    second.close()
    first.close()
