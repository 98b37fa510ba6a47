"""The command line: help for everything, one line for every failure."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from bpkit import cli
from bpkit.cli import COMMANDS, main
from bpkit.course.pins import install_command
from bpkit.errors import CourseError


@pytest.fixture
def command(monkeypatch):
    """Puts a command in the place of `exercises`, which needs no extra, or of another."""

    def put(run, name="exercises", add_arguments=lambda parser: None):
        module = SimpleNamespace(add_arguments=add_arguments, run=run)
        real = cli.import_module
        monkeypatch.setattr(cli, "import_module", lambda path: module if path == COMMANDS[name][0] else real(path))
        return name

    return put


def raising(error):
    def run(arguments):
        raise error

    return run


def test_alone_it_prints_help_that_names_every_command(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    assert all(f"\n    {name}" in printed for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([name, "--help"])
    assert stopped.value.code == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"usage: bpkit {name}")
    assert COMMANDS[name][1][1:].split(",")[0].split()[0] in printed


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "in", "--out", "out", "--layout", "sakai"], "bpkit grade: argument --layout: invalid choice: 'sakai'"),
        (["report", "out", "--late", "ten"], "bpkit report: argument --late: 'ten', expected e.g. '10% per day'"),
        (["grade", "in"], "bpkit grade: the following arguments are required: --out; see `bpkit grade --help`"),
    ],
)
def test_arguments_that_are_wrong_are_one_line(arguments, words, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    printed = capsys.readouterr().err
    assert stopped.value.code == 2 and printed.startswith(words) and printed.count("\n") == 1


def test_version(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.startswith("bpkit ")


@pytest.mark.parametrize(
    ("words", "told"),
    [(["no-such"], "invalid choice: 'no-such'"), (["exercises", "--no-such"], "--no-such"), (["lab", "--port", "many"], "'many'")],
)
def test_bad_arguments_are_told_without_a_traceback(words, told, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert told in capsys.readouterr().err.splitlines()[-1]


def test_a_course_error_is_one_line_and_exit_code_2(command, capsys):
    name = command(raising(CourseError("found a pear, expected an apple, in the basket")))
    assert main([name]) == 2
    assert capsys.readouterr().err == f"bpkit {name}: found a pear, expected an apple, in the basket\n"


def test_ctrl_c_is_one_line_and_the_shells_exit_code(command, capsys):
    assert main([command(raising(KeyboardInterrupt()))]) == 130
    assert capsys.readouterr().err == "bpkit exercises: stopped\n"


@pytest.mark.parametrize("when", ["as it loads", "as it runs"])
def test_a_missing_package_names_the_extra_that_has_it(command, capsys, monkeypatch, when):
    error = ModuleNotFoundError("No module named 'jupytext'", name="jupytext.cell")
    if when == "as it runs":
        command(raising(error), name="build")
    else:
        monkeypatch.setattr(cli, "import_module", raising(error))
    assert main(["build"]) == 2
    assert capsys.readouterr().err == f"bpkit build: the package jupytext.cell is missing; install it with: {install_command('slides')}\n"


def test_a_missing_module_of_our_own_is_a_bug_and_shows_itself(command):
    command(raising(ModuleNotFoundError("No module named 'bpkit.gone'", name="bpkit.gone")), name="build")
    with pytest.raises(ModuleNotFoundError, match=r"bpkit\.gone"):
        main(["build"])


def test_the_exit_code_is_the_commands(command):
    assert main([command(lambda arguments: 1)]) == 1


def test_a_reader_that_leaves_early_is_no_error():
    # more than a pipe holds, so that the writer is still writing when the reader has gone
    code = "import sys; from bpkit import cli; from types import SimpleNamespace as S\n"
    code += "cli.import_module = lambda path: S(add_arguments=lambda parser: None, run=lambda arguments: print('x' * 10**6) or 0)\n"
    code += "sys.exit(cli.main(['exercises']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        assert writer.stdout is not None and writer.stderr is not None
        writer.stdout.read(1)
        writer.stdout.close()
        assert writer.stderr.read() == b""
        assert writer.wait() == 141


@pytest.mark.parametrize("waits", [False, True])
def test_a_program_that_ends_at_once_loses_no_output_and_leaves_what_is_to_be_done_at_its_end(waits):
    """Also where somebody still waits for a thread: then it ends as any program does."""
    lines = [
        "import atexit, sys, threading, time",
        "from bpkit.cli import program",
        "atexit.register(print, 'done at the end')",
        *(["threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()"] if waits else []),
        "sys.argv = ['bpkit', 'exercises', '99.9']",
        "sys.stdout.write('kept, ')",
        "sys.exit(program())",
    ]
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, f"kept, {'thread' + chr(10) if waits else ''}done at the end\n")
    assert ended.stderr.startswith("bpkit exercises: there is no exercise '99.9'")
