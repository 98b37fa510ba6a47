"""The name `bpkit` is another project's on the public index: nothing sends anybody there, and its files do not pass for ours."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bpkit_course
from bpkit.course.pins import USES, install_command
from bpkit.grading.ci_command import workflow
from bpkit.grading.gradescope_command import bundle
from bpkit.grading.wheel import own_wheel

ROOT = Path(__file__).resolve().parent.parent
_NAME = r"bpkit(?:[-_]course)?"
# by its name alone, that is not as part of a path or of a wheel's name, nor with a place behind it
_FROM_AN_INDEX = re.compile(
    rf"""\bpip3?\ (?:install|download|wheel)\b [^\n`]* (?<![\w./-]) {_NAME} (?:\[[\w,\ -]+\])? (?:[=<>~!]=\ ?[\w.]+)? (?![\w./-]|\ @)"""
    rf"""|(?<![-_\w]) bpkit\[[a-z]""",
    re.VERBOSE,
)


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("pip install bpkit", True),
        ("python -m pip install -q 'bpkit[" + "lab]'", True),
        ("pip install numpy bpkit-course==0.1.0", True),
        ('    pip install --no-deps "bpkit_course"', True),
        ("the extra bpkit[" + "slides]", True),
        ("pip install bpkit_course-0.1.0-py3-none-any.whl[lab]", False),
        ('pip install "bpkit-course @ git+https://git.example/c.git"', False),
        ("pip uninstall bpkit bpkit-course", False),
        ("pip install -r /somewhere/bpkit/_course/requirements/lab.txt", False),
        ('pip install --no-deps -r "$(bpkit pins lab)"', False),
        ("pip install --editable . # bpkit", False),
        ("`pip install --no-deps -r lab.txt` installs it beside bpkit", False),
        ("`pip install bpkit` installs it", True),
    ],
)
def test_what_sends_somebody_to_the_index_is_recognised(text, sends):
    if "$(" in text or "#" in text:
        text = re.sub(r"\$\(bpkit pins \w+\)|#.*", "", text)
    assert bool(_FROM_AN_INDEX.search(text)) == sends


def sent(text: str) -> list[str]:
    """The lines that tell somebody to install ours by name."""
    # a command in the place of a file's name is no package
    return [line for line in text.splitlines() if _FROM_AN_INDEX.search(re.sub(r"\$\(bpkit pins \w+\)|#.*", "", line))]


@pytest.mark.slow
def test_no_file_sends_anybody_to_the_index():
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout: which files are ours is not known")
    files = [ROOT / name for name in tracked.stdout.split("\0") if name]
    found = {}
    for file in files:
        if file != Path(__file__) and file.is_file():
            try:
                found[str(file)] = sent(file.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                continue
    assert len(found) > 100
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_nothing_that_is_generated_sends_anybody_to_the_index(tmp_path):
    (tmp_path / "a.zip").write_bytes(bundle())
    with zipfile.ZipFile(tmp_path / "a.zip") as packed:
        scripts = [packed.read(name).decode() for name in packed.namelist() if not name.endswith(".whl")]
    texts = [workflow("github"), workflow("gitlab"), *scripts, *(install_command(use) for use in USES)]
    assert [sent(text) for text in texts] == [[]] * len(texts)


# ---- the other project beside ours -----------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    """A folder of installed packages with ours in it, as from its wheel; and a function that starts the command there."""
    folder = tmp_path / "site"
    (tmp_path / "own.whl").write_bytes(own_wheel()[1])
    with zipfile.ZipFile(tmp_path / "own.whl") as packed:
        packed.extractall(folder)

    def start(*before: Path) -> subprocess.CompletedProcess[str]:
        code = f"import sys; sys.path[:0] = {[str(each) for each in (*before, folder)]}; import bpkit_course; sys.exit(bpkit_course.main())"
        return subprocess.run([sys.executable, "-c", code, "exercises"], cwd=tmp_path, capture_output=True, text=True)

    return folder, start


@pytest.mark.slow
def test_ours_alone_runs(site):
    _, start = site
    done = start()
    assert done.returncode == 0 and "hidden_error" in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("package", [("bpkit/__init__.py",), ("bpkit/__init__.py", "bpkit/cli.py"), ("bpkit.py",)])
def test_another_package_before_ours_is_refused_in_one_line_and_not_run(site, tmp_path, package):
    _, start = site
    for name in package:
        file = tmp_path / "other" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("raise SystemExit('a stranger runs')\n")
    done = start(tmp_path / "other")
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert str(tmp_path / "other" / package[0]) in line and f"{sys.executable} -m pip uninstall bpkit" in line


@pytest.mark.slow
def test_another_package_mixed_into_ours_is_refused_in_one_line(site):
    folder, start = site
    (folder / "bpkit/__init__.py").write_text("raise SystemExit('a stranger runs')\n")
    (folder / "bpkit-0.0.7.dist-info").mkdir()
    done = start()
    assert done.returncode == 2 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert "another distribution, bpkit 0.0.7, has put its files among ours" in line and "uninstall bpkit bpkit-course" in line


def test_the_installed_command_looks_first(tmp_path):
    """In this environment `bpkit` starts at the look, not at the command line behind it."""
    script = Path(sys.executable).with_name("bpkit")
    if not script.is_file():
        pytest.skip("bpkit is not installed here")
    assert "bpkit_course" in script.read_text(encoding="utf-8")
    assert bpkit_course.foreign(ROOT) == ""
