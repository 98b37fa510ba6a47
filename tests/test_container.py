"""The Dockerfile: no engine runs in these tests, so they hold to account what can be read."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from bpkit.cli import main

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_RUN = re.compile(r"docker run (?:.*\\\n)*.*")


def _command(text: str) -> list[str]:
    """The `docker run` in a text, as words."""
    (found,) = _RUN.findall(text)
    return shlex.split(found.replace("\\\n", " ").replace("#", " "))


def test_the_page_on_grading_runs_the_container_as_the_dockerfile_says():
    assert _command(DOCKERFILE) == _command((ROOT / "docs" / "grading.md").read_text(encoding="utf-8"))


def test_the_container_gets_a_command_that_grade_understands(capsys):
    words = _command(DOCKERFILE)
    entrypoint = ["bpkit", "grade"]
    assert f"ENTRYPOINT {entrypoint}".replace("'", '"') in DOCKERFILE
    # the folders are the container's: not there, which is all that grade has to say
    assert main([*entrypoint[1:], *words[words.index("bpkit") + 1 :]]) == 2
    assert "there is no /submissions" in capsys.readouterr().err


def test_the_image_installs_extras_that_there_are():
    (extras,) = re.findall(r"bpkit-\*\.whl\)\[([\w,]+)\]", DOCKERFILE)
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_the_wheel_in_the_image_is_made_from_all_that_a_wheel_holds():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert kept >= {*wheel["packages"], *wheel["force-include"], *PROJECT["project"]["license-files"], PROJECT["project"]["readme"], "pyproject.toml"}
