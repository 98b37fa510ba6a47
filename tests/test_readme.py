"""README and CONTRIBUTING tell the truth: their code runs, their commands and files are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpkit.cli import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_its_python_runs_and_finds_the_gradient_right(capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(code, {})
    assert "the gradient is right" in capsys.readouterr().out


def test_its_commands_are_there():
    named = set(re.findall(r"`bpkit ([a-z][a-z-]*)", PAGES))
    assert {"lab", "slides", "grade"} <= named <= set(COMMANDS)


def test_its_make_targets_are_there():
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", PAGES, re.MULTILINE))
    assert named
    for target in {first or second for first, second in named}:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target


def test_the_list_of_targets_is_complete():
    phony = re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert sorted(phony[1].split()) == sorted(re.findall(r"^([a-z-]+):.*  ## ", MAKEFILE, re.MULTILINE))


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGES))
def test_its_links_lead_somewhere(link):
    assert link.startswith("https://") or (ROOT / link).is_file()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:bpkit|solutions|slides|lessons)/[\w./]*)`", PAGES))))
def test_its_paths_are_there(path):
    pattern = path.replace("NN_slug", "05_*").replace("NN", "05")
    assert list(ROOT.glob(pattern.rstrip("/"))), path
