"""`bpkit lab`: nothing of a learner's is ever lost, and JupyterLab opens on the map of the course without a request."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from bpkit.cli import main
from bpkit.course.pins import install_command
from bpkit.desk import lab
from bpkit.desk.copies import copy_lessons
from bpkit.errors import CourseError

FIRST, SECOND = "00_start_here.ipynb", "05_propagating_the_error.ipynb"


@pytest.fixture
def shipped(tmp_path):
    """A course of two lessons."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    for name in (FIRST, SECOND):
        (folder / name).write_text(f"{name}, as shipped")
    (folder / "notes.txt").write_text("not a lesson")
    return folder


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "somewhere" / "mine"


def test_lessons_are_copied_once(shipped, mine):
    copied = copy_lessons(shipped, mine)
    assert copied.added == (FIRST, SECOND)
    assert {path.name for path in mine.iterdir() if path.name[0] != "."} == {FIRST, SECOND}
    again = copy_lessons(shipped, mine)
    assert (again.added, again.updated, again.carried, again.kept) == ((), (), {}, {})


def test_what_is_no_notebook_any_more_is_never_overwritten(shipped, mine):
    copy_lessons(shipped, mine)
    (mine / SECOND).write_text("my answers")
    assert not copy_lessons(shipped, mine).kept, "nothing newer is there"
    (shipped / SECOND).write_text("shipped again, better")
    copied = copy_lessons(shipped, mine)
    assert list(copied.kept) == [SECOND]
    assert (mine / SECOND).read_text() == "my answers"
    assert "kept as you left it" in str(copied) and "cannot be read as a notebook" in str(copied)


def test_an_untouched_lesson_follows_the_shipped_one(shipped, mine):
    copy_lessons(shipped, mine)
    (shipped / SECOND).write_text("shipped again, better")
    copied = copy_lessons(shipped, mine)
    assert copied.updated == (SECOND,)
    assert (mine / SECOND).read_text() == "shipped again, better"
    (shipped / SECOND).write_text("and again")
    assert copy_lessons(shipped, mine).updated == (SECOND,)


def test_new_lessons_are_added_and_those_taken_back_stay(shipped, mine):
    copy_lessons(shipped, mine)
    (shipped / "06_all_of_it.ipynb").write_text("new")
    (shipped / SECOND).unlink()
    copied = copy_lessons(shipped, mine)
    assert copied.added == ("06_all_of_it.ipynb",)
    assert (mine / SECOND).exists()


def test_a_lesson_that_was_there_before_counts_as_the_learners(shipped, mine):
    mine.mkdir(parents=True)
    (mine / FIRST).write_text("from elsewhere")
    assert list(copy_lessons(shipped, mine).kept) == [FIRST]
    assert (mine / FIRST).read_text() == "from elsewhere"


@pytest.mark.parametrize("record", [b"", b"not json", b"[]", b"\xff\xfe"])
def test_without_a_readable_record_nothing_is_overwritten(shipped, mine, record):
    copy_lessons(shipped, mine)
    (mine / ".bpkit-lessons.json").write_bytes(record)
    (shipped / FIRST).write_text("better")
    assert list(copy_lessons(shipped, mine).kept) == [FIRST]
    assert (mine / FIRST).read_text() == f"{FIRST}, as shipped"


def code(name, source):
    return {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def prose(name, source):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


LESSON = [
    prose("top", "# 05 · Errors"),
    code("guess-1", "guess = ...  # a number"),
    code("task-1", "def hidden_error(W, z):\n    return ...  # your code here"),
    code("check-1", 'bp.check("05.3", hidden_error)'),
    code("values", "order = ...  # your answer here"),
]


def write(folder, cells, name=SECOND):
    (folder / name).write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))


def cells_of(path):
    return json.loads(path.read_text())["cells"]


def edited(cells, **sources):
    return [{**cell, "source": sources.get(cell["id"].replace("-", "_"), cell["source"])} for cell in cells]


def test_a_lesson_that_was_only_run_and_saved_follows_the_shipped_one(shipped, mine):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    ran = [
        {**cell, **({"execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["hm"]}]} if "outputs" in cell else {})}
        for cell in LESSON
    ]
    write(mine, [{**cell, "source": cell["source"].splitlines(True), "metadata": {"trusted": True}} for cell in ran])
    better = edited(LESSON, top="# 05 · Errors, better")
    write(shipped, better)
    assert copy_lessons(shipped, mine).updated == (SECOND,)
    assert cells_of(mine / SECOND) == better


ANSWER = "def hidden_error(W, z):\n    return half(W) @ z"


def worked():
    cells = edited(LESSON, guess_1="guess = 7", task_1=ANSWER)
    return [*cells[:2], code("own-1", "def half(W):\n    return W / 2"), *cells[2:], prose("own-2", "To ask on Monday.")]


def test_answers_go_into_the_new_version_and_the_old_file_stays(shipped, mine):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    write(mine, worked())
    before = (mine / SECOND).read_text()
    assert str(copy_lessons(shipped, mine)) == f"Your lessons: {mine}", "nothing newer, nothing to say"
    # the task has another place, and its cell another name
    new = [LESSON[0], prose("new", "New words."), LESSON[4], *LESSON[1:2], {**LESSON[2], "id": "task-2"}, LESSON[3]]
    write(shipped, new)
    copied = copy_lessons(shipped, mine)
    old = SECOND.replace(".ipynb", ".old.ipynb")
    assert f"  updated, with your answers to hidden_error and 2 cells of your own in it: {SECOND} (as it was: {old})" in str(copied)
    assert (mine / old).read_text() == before
    assert [(cell["id"], cell["source"]) for cell in cells_of(mine / SECOND)] == [
        ("top", "# 05 · Errors"),
        ("new", "New words."),
        ("values", "order = ...  # your answer here"),
        ("guess-1", "guess = 7"),
        ("own-1", "def half(W):\n    return W / 2"),
        ("task-2", ANSWER),
        ("check-1", 'bp.check("05.3", hidden_error)'),
        ("own-2", "To ask on Monday."),
    ]
    assert str(copy_lessons(shipped, mine)) == f"Your lessons: {mine}"


def test_each_old_file_has_a_name_of_its_own(shipped, mine):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    write(mine, worked())
    for version in ("two", "three"):
        write(shipped, edited(LESSON, top=f"# {version}"))
        copy_lessons(shipped, mine)
    olds = sorted(path.name for path in mine.glob("*.old*"))
    assert olds == ["05_propagating_the_error.old.ipynb", "05_propagating_the_error.old2.ipynb"]
    assert [cell["source"] for cell in cells_of(mine / SECOND) if cell["id"] == "task-1"] == [ANSWER]


@pytest.mark.parametrize(
    "answer",
    [
        "def hidden_error(W, z)\n    return W @ z",
        "hidden_error = lambda W, z: W @ z",
        "helper = 2\ndef hidden_error(W, z):\n    return helper * W @ z",
    ],
    ids=["does not compile", "a lambda", "with a helper"],
)
def test_an_answer_in_any_form_is_carried(shipped, mine, answer):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    write(mine, edited(LESSON, task_1=answer))
    write(shipped, edited(LESSON, top="# new"))
    (work, _) = copy_lessons(shipped, mine).carried[SECOND]
    assert work.answers == ("hidden_error",) and work.own == 0
    assert cells_of(mine / SECOND)[2]["source"] == answer


def test_of_two_answers_the_last_is_carried_and_none_is_lost(shipped, mine):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    cells = edited(LESSON, task_1=ANSWER)
    write(mine, [*cells[:3], code("again", ANSWER.replace("half(W)", "W.T")), *cells[3:]])
    write(shipped, edited(LESSON, top="# new"))
    copy_lessons(shipped, mine)
    assert "W.T" in cells_of(mine / SECOND)[2]["source"]
    assert "half(W)" in (mine / SECOND.replace(".ipynb", ".old.ipynb")).read_text()


def test_a_copy_that_an_older_bpkit_recorded_is_kept(shipped, mine):
    write(shipped, LESSON)
    copy_lessons(shipped, mine)
    record = json.loads((mine / ".bpkit-lessons.json").read_text())
    (mine / ".bpkit-lessons.json").write_text(json.dumps({name: entry["file"] for name, entry in record.items()}))
    write(mine, worked())
    assert not copy_lessons(shipped, mine).kept
    write(shipped, edited(LESSON, top="# new"))
    assert copy_lessons(shipped, mine).kept == {SECOND: "bpkit has a newer one"}


def test_a_lesson_deleted_to_start_over_comes_back(shipped, mine):
    copy_lessons(shipped, mine)
    (mine / FIRST).unlink()
    assert copy_lessons(shipped, mine).added == (FIRST,)


def test_a_full_disk_leaves_the_old_lesson_whole(shipped, mine, monkeypatch):
    copy_lessons(shipped, mine)
    (shipped / FIRST).write_text("better")

    def full(self, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CourseError, match="No space left on device"):
        copy_lessons(shipped, mine)
    assert (mine / FIRST).read_text() == f"{FIRST}, as shipped"
    assert list(mine.glob("*.partial")) == list(mine.glob(".*.partial")) == []


def test_the_courses_own_folder_is_refused(shipped):
    with pytest.raises(CourseError, match="the course's own folder"):
        copy_lessons(shipped, shipped)


def test_a_course_without_lessons_is_refused(tmp_path, mine):
    with pytest.raises(CourseError, match="no lessons in"):
        copy_lessons(tmp_path, mine)


def one_line(capsys) -> str:
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["lab", str(tmp_path / "file"), "--no-browser"]) == 2
    assert "name a folder that you can write: bpkit lab DIR" in one_line(capsys)


def test_a_missing_jupyterlab_is_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert main(["lab", str(tmp_path)]) == 2
    assert one_line(capsys) == f"bpkit lab: JupyterLab is not installed; install it with: {install_command('lab')}"


@pytest.mark.parametrize("port", ["0", "-1", "65536"])
def test_a_port_that_is_none_is_one_line(port, capsys, tmp_path):
    pytest.importorskip("jupyterlab")
    assert main(["lab", str(tmp_path), "--port", port]) == 2
    assert f"from 1 to 65535, found {port}" in one_line(capsys)


def test_a_busy_port_is_one_line_and_copies_nothing(capsys, mine):
    pytest.importorskip("jupyterlab")
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        assert main(["lab", str(mine), "--port", str(busy.getsockname()[1])]) == 2
    assert "leave --port out" in one_line(capsys)
    assert not mine.exists()


def tree(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def running(tmp_path):
    """`bpkit lab` in a new home, from its first line to the one that says how to end it."""
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-m", "bpkit.cli", "lab", str(tmp_path / "lessons"), "--no-browser"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")} | {"HOME": str(home)}
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert server.stdout is not None
    said = []
    for line in server.stdout:
        said.append(line.rstrip())
        if line.startswith("Ctrl-C"):
            break
    yield server, said
    server.kill()
    server.wait(60)
    server.stdout.close()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends the signal of a Ctrl-C")
def test_the_server_opens_the_map_quietly_and_ctrl_c_ends_it(request, tmp_path):
    pytest.importorskip("jupyterlab")
    server, said = request.getfixturevalue("running")
    (address,) = (line.split()[1] for line in said if line.startswith("JupyterLab: "))
    assert "/lab/tree/course_map.md?token=" in address
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    root = address.split("/lab/")[0]
    assert '"news": {"disabled": true}' in browser.open(address).read().decode()
    assert {FIRST, SECOND} <= {entry["name"] for entry in json.load(browser.open(f"{root}/api/contents"))["content"]}
    notification = json.load(browser.open(f"{root}/lab/api/settings/@jupyterlab/apputils-extension:notification"))
    assert notification["schema"]["properties"]["fetchNews"]["default"] == "false"

    # a lesson is opened and its kernel started, without a word in the terminal
    assert json.load(browser.open(f"{root}/api/contents/{FIRST}"))["type"] == "notebook"
    authorized = {"Authorization": f"token {address.split('token=')[1]}"}
    kernel = json.load(browser.open(Request(f"{root}/api/kernels", data=b"{}", headers=authorized)))["id"]
    client = pytest.importorskip("jupyter_client").BlockingKernelClient(
        connection_file=str(tmp_path / "lessons" / ".bpkit-jupyter" / "runtime" / f"kernel-{kernel}.json")
    )
    client.load_connection_file()
    client.hb_channel.time_to_dead = 60.0  # on a busy machine a kernel that starts may miss a heartbeat
    client.start_channels()
    client.wait_for_ready(timeout=120)
    client.stop_channels()

    server.send_signal(signal.SIGINT)
    rest, _ = server.communicate(timeout=300)
    assert server.returncode == 0
    # three things that a learner has to know, and nothing in the home folder
    assert [line.split(":")[0] for line in said if not line.startswith(" ")] == ["Your lessons", "JupyterLab", "Ctrl-C here ends it."]
    assert rest == ""
    assert {path for path in tree(tmp_path / "home") if not path.startswith(".ipython")} == set()
    assert not any("jpserver" in path for path in tree(tmp_path / "lessons"))
