"""What starts the course elsewhere: GitHub Pages, Binder, a container for development. None of them runs in these tests, so they hold to account
what can be read: versions of Python, targets of make, locks, folders and options that are there."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from bpkit.authoring.site_command import add_arguments

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
REQUIRES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
OLDEST, TOO_NEW = (int(minor) for minor in re.fullmatch(r">=3\.(\d+),<3\.(\d+)", REQUIRES).groups())
PAGES = ROOT / ".github" / "workflows" / "pages.yml"
BINDER = ROOT / "binder"
CONTAINER = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
STEPS = yaml.safe_load(PAGES.read_text(encoding="utf-8"))["jobs"]["publish"]["steps"]
USED = {step["uses"].split("@")[0]: step for step in STEPS if "uses" in step}
FILES = [PAGES, *BINDER.iterdir(), ROOT / ".devcontainer" / "devcontainer.json"]


def minors() -> dict[str, str]:
    """The Python of each, 3.minor."""
    return {
        "pages": USED["actions/setup-python"]["with"]["python-version"],
        "binder": (BINDER / "runtime.txt").read_text(encoding="utf-8").strip().removeprefix("python-"),
        "container": re.fullmatch(r"python:(3\.\d+)-\w+", CONTAINER["image"])[1],
    }


@pytest.mark.parametrize("where", minors())
def test_its_python_is_one_that_the_pinned_versions_are_for(where):
    major, minor = minors()[where].split(".")
    assert major == "3" and OLDEST <= int(minor) < TOO_NEW


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_names_no_machine_and_no_place_of_packages(file):
    said = file.read_text(encoding="utf-8")
    assert "://" not in said and "index-url" not in said
    assert not re.search(r"(?<![\w.}])/(?!bin/bash\b)\w", said.replace("actions/", ""))


# ---- GitHub Pages --------------------------------------------------------------------------------------------------------


def test_the_workflow_uses_official_actions_of_one_major_version_each():
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)
    needed = ("checkout", "setup-python", "configure-pages", "upload-pages-artifact", "deploy-pages")
    assert [f"actions/{name}" for name in needed] == list(USED)
    assert yaml.safe_load(PAGES.read_text(encoding="utf-8"))["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), [("permissions:", "permission:"), ("minutes: 30", "minutes: soon"), ("- run: ", "- runs: ")])
def test_make_lint_refuses_a_workflow_that_github_would(tmp_path, right, wrong):
    """By the very command of `make lint`, which asks no other machine for the schema."""
    program = Path(sys.executable).with_name("check-jsonschema")
    if not program.exists():
        pytest.skip("check-jsonschema is not installed (make test installs it)")
    (options,) = re.findall(r"^\t\$\(BIN\)/check-jsonschema (.*) \.github/workflows/\*\.yml$", MAKEFILE, re.MULTILINE)
    assert "vendor." in options
    said = PAGES.read_text(encoding="utf-8")
    for text, accepted in ((said, True), (said.replace(right, wrong, 1), False)):
        file = tmp_path / "workflow.yml"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run([program, *shlex.split(options), file], capture_output=True, text=True)
        assert (done.returncode == 0) == accepted, done.stdout


def test_the_workflow_publishes_what_make_site_builds_with_options_that_it_has():
    *decks, command = (step["run"] for step in STEPS if "run" in step)
    make, target, options = shlex.split(command)
    assert (make, target) == ("make", "site")
    assert decks == ["make slides", "make slides ARGS='--language zh --out build/slides/zh'"]
    (recipe,) = re.findall(r"^site: .*\n\t(.*)", MAKEFILE, re.MULTILINE)
    out = USED["actions/upload-pages-artifact"]["with"]["path"]
    assert recipe == f"$(BIN)/bpkit site --out {out} $(ARGS)"
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_arguments(parser)
    words = shlex.split(options.removeprefix("ARGS="))
    given = parser.parse_args(["--out", out, *words])
    assert f"bpkit slides --out {given.decks} " in MAKEFILE
    address = given.address
    # JupyterLite, with a Pyodide that is fetched there
    assert given.lite is None
    asked = re.fullmatch(r"\$\{\{ steps\.(\w+)\.outputs\.base_url \}\}", address)
    assert USED["actions/configure-pages"]["id"] == asked[1]


# ---- Binder --------------------------------------------------------------------------------------------------------------


def test_binder_installs_the_lock_of_the_lab_and_bpkit_with_what_builds_it():
    script = BINDER / "postBuild"
    assert os.access(script, os.X_OK) and script.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    said = script.read_text(encoding="utf-8")
    installs = [shlex.split(line) for line in said.splitlines() if " pip install " in line]
    assert len(installs) == 2 and all("--no-deps" in words for words in installs)
    lock = ROOT / installs[0][installs[0].index("-r") + 1]
    assert lock == ROOT / "requirements" / "lab.txt"
    # bpkit itself is built without asking an index for its backend
    assert "--no-build-isolation" in installs[1] and installs[1][-1] == "."
    pinned = lock.read_text(encoding="utf-8")
    assert all(re.search(rf"^{name}==", pinned, re.MULTILINE) for name in ("hatchling", "editables", "jupyterlab", "ipykernel"))


def test_binder_takes_no_container_of_ours_for_its_own():
    """A Dockerfile beside these files would be all that it reads; that of the course grades."""
    assert {path.name for path in BINDER.iterdir()} == {"postBuild", "runtime.txt"}


# ---- a container for development -----------------------------------------------------------------------------------------


def test_the_container_is_set_up_by_the_makefile_from_the_lock_of_the_lab():
    words = shlex.split(CONTAINER["onCreateCommand"])
    assert words[:2] == ["make", ".venv/.lab"]
    # the make that runs the tests hands its own variables on, such as another VENV
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VENV"))}
    done = subprocess.run([*words, "--dry-run", "--always-make"], cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0
    assert "requirements/install.py requirements/lab.txt --editable ." in done.stdout
    interpreter = CONTAINER["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    assert interpreter == "${containerWorkspaceFolder}/.venv/bin/python"


def test_all_containers_have_the_same_python():
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM python:(3\.\d+)-", dockerfile, re.MULTILINE)) == {minors()["container"]}
