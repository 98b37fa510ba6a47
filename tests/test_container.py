"""The Dockerfile: no engine runs in these tests, so they hold to account what can be read."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

from bpkit.cli import main
from bpkit.course.pins import USES

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


def test_the_image_installs_pinned_versions_and_asks_for_no_others():
    said = DOCKERFILE.replace("\\\n", "")
    assert re.findall(r"bpkit pins (\w+)", said) == ["cluster"] and "cluster" in USES
    installs = re.findall(r"pip (?:install|wheel) ([^&\n]*)", said)
    assert len(installs) == 4 and all("--no-deps" in words for words in installs)
    assert re.search(r"&& pip check$", said, re.MULTILINE)


def test_the_wheel_in_the_image_is_made_from_all_that_a_wheel_holds():
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    inside = {name if name in kept else name.split("/")[0] for name in (*wheel["only-include"], *wheel["force-include"])}
    assert kept >= {*inside, *PROJECT["project"]["license-files"], PROJECT["project"]["readme"], "pyproject.toml"}
