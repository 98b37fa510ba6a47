"""The README's three commands for those who have a wheel and no checkout, run in a clean environment, for each of its three uses."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from bpkit.course.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
(COMMANDS,) = re.findall(r"```\n(python3 -m venv .*\n.*\n.*\n)```", README)
MAKE_VENV, INSTALL, OPEN_LAB = COMMANDS.splitlines()


def test_the_wheel_is_called_what_the_readme_calls_it():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f'"bpkit_course-{version}-py3-none-any.whl[lab]"' in INSTALL
    assert version == VERSION


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = ["wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT]
    subprocess.run([sys.executable, "-m", "pip", *command], check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


def place_at(folder: Path, wheel: Path):
    """A folder with the wheel in it, and a function that runs a line of the README there, on a machine that has no bpkit."""
    shutil.copy(wheel, folder)
    ours = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    # thousands of files, few of which are imported here; of this option pip wants to hear the opposite
    ours["PIP_NO_COMPILE"] = "no"
    # pip and npm keep their configuration and what they have fetched in the home folder
    for name, where in {"PIP_CONFIG_FILE": "~/.config/pip/pip.conf", "XDG_CACHE_HOME": "~/.cache", "NPM_CONFIG_USERCONFIG": "~/.npmrc"}.items():
        if Path(where).expanduser().exists():
            ours[name] = str(Path(where).expanduser())
    environment = {**{name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}, **ours}

    def run(line: str) -> str:
        done = subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=500, check=False)
        if "No matching distribution found" in done.stderr and "CI" not in os.environ:
            pytest.skip(f"no package index here: {done.stderr[-200:]}")
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run.environment = environment
    return folder, run


@pytest.fixture
def place(wheel, tmp_path):
    return place_at(tmp_path, wheel)


@pytest.fixture(scope="module")
def place_with_lab(wheel, tmp_path_factory):
    folder, run = place_at(tmp_path_factory.mktemp("lab"), wheel)
    installed(run, "lab")
    return folder, run


def installed(run, extra: str) -> None:
    run(MAKE_VENV)
    run(INSTALL.replace("[lab]", f"[{extra}]"))


@pytest.mark.slow
def test_lab_from_a_wheel(place_with_lab):
    folder, run = place_with_lab
    command = f"exec {OPEN_LAB} --no-browser lessons"
    with subprocess.Popen(["bash", "-c", command], cwd=folder, env=run.environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            lines = []
            for line in server.stdout:
                lines.append(line)
                if line.startswith("JupyterLab: "):
                    break
            assert lines[-1].startswith("JupyterLab: "), lines
            address = lines[-1].split(" ", 1)[1].strip()
            with urllib.request.urlopen(address, timeout=60) as page:
                assert page.status == 200 and b"jupyter-config-data" in page.read()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)
    assert len(list((folder / "lessons").glob("*.ipynb"))) == len(list((ROOT / "lessons").glob("*.ipynb")))


@pytest.mark.slow
def test_grade_from_a_wheel(place):
    folder, run = place
    installed(run, "grade")
    if shutil.which("bwrap") is None:
        pytest.skip("no bubblewrap here")
    (folder / "submissions" / "ada").mkdir(parents=True)
    shutil.copy(next((ROOT / "lessons").glob("05_*.ipynb")), folder / "submissions" / "ada")
    run(f"{OPEN_LAB.removesuffix('lab')}grade submissions --out grades")
    assert "not attempted" in (folder / "grades" / "grades.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_slides_from_a_wheel(place_with_lab):
    # what decks need is what the lab needs, and more
    folder, run = place_with_lab
    run(INSTALL.replace("[lab]", "[slides]"))
    run(f"{OPEN_LAB.removesuffix('lab')}slides 05 --out decks")
    (deck,) = (folder / "decks").glob("05_*.html")
    assert deck.stat().st_size > 500_000


@pytest.mark.slow
def test_the_pinned_versions_from_a_wheel(place):
    _, run = place
    run(MAKE_VENV)
    python = "bpkit-env/bin/python"
    run(f"{python} -m pip install --no-deps bpkit_course-*.whl")
    run(f'{python} -m pip install --no-deps -r "$(bpkit-env/bin/bpkit pins grade)" && {python} -m pip check')
    pinned = set(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / "requirements/grade.txt").read_text(encoding="utf-8"), re.MULTILINE))
    listed = set(run(f"{python} -m pip freeze --exclude bpkit-course --exclude pip --exclude setuptools").split())
    assert {line.lower().replace("_", "-") for line in listed} <= {line.lower() for line in pinned} and len(listed) > 5
