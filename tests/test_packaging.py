"""What an installation carries: a learner without git gets the lessons; the pins name no place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built without a network."""
    pytest.importorskip("hatchling", reason="builds the wheel without isolation (make test installs it)")
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Runs code in a folder of its own where bpkit is this wheel and no checkout, and everything else is as it is here."""
    folder = tmp_path_factory.mktemp("elsewhere")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)

    def run(code: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(folder)}
        done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("import bpkit; print(bpkit.__file__)").strip() == str(site / "bpkit" / "__init__.py")
    return run


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return set(packed.namelist())


@pytest.mark.slow
def test_the_wheel_carries_every_lesson_and_deck_source_and_no_solved_notebook(wheel):
    names = names_in(wheel)
    for folder, suffix in (("lessons", "ipynb"), ("slides", "py")):
        ours = {f"bpkit/_course/{folder}/{path.name}" for path in (ROOT / folder).glob(f"*.{suffix}")}
        assert ours
        assert ours <= names
    solutions = {path.name for path in (ROOT / "solutions").glob("*.py")} - {path.name for path in (ROOT / "slides").glob("*.py")}
    assert not [name for name in names if "_course/solutions" in name or Path(name).name in solutions]
    assert "bpkit/_course/worked.json" in names, "what bp.solution shows"
    assert not [name for name in names if "node_modules" in name or "__pycache__" in name]


def test_the_wheel_carries_the_decks_catalogues_and_no_other(wheel):
    ours = {f"bpkit/_course/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "languages").glob("*/deck*.po")}
    assert ours
    assert {name for name in names_in(wheel) if name.endswith(".po")} == ours, "those of lessons hold the words of solutions"


def test_the_wheel_carries_everything_that_the_package_reads(wheel):
    tracked = subprocess.run(["git", "ls-files", "bpkit"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode != 0:
        pytest.skip("not a git checkout: what belongs to the package is not known")
    assert set(tracked.stdout.split()) <= names_in(wheel)


def test_an_installed_bpkit_finds_its_lessons_and_copies_them(installed, tmp_path):
    code = "from pathlib import Path; from bpkit.course.folders import find_course; from bpkit.desk.copies import copy_lessons\n"
    code += f"print(find_course().solutions); print(copy_lessons(find_course().lessons, Path({str(tmp_path)!r})))"
    printed = installed(code)
    assert printed.startswith("None\n")
    ours = {path.name for path in (ROOT / "lessons").glob("*.ipynb")}
    assert {path.name for path in tmp_path.glob("*.ipynb")} == ours
    assert all(f"new: {name}" in printed for name in ours)


@pytest.mark.slow
def test_an_installed_bpkit_lists_its_exercises_and_checks_one(installed):
    code = "from bpkit.cli import main; main(['exercises'])\nimport bpkit as bp; print(bp.check('00.1', lambda x: x * x).status)"
    printed = installed(code)
    assert "05.3  hidden_error" in printed
    assert printed.splitlines()[-1] == "right"


@pytest.mark.slow
def test_an_installed_bpkit_draws_its_widget(installed):
    code = "import bpkit as bp; print('bpkit-widget' in bp.widgets.error_flow(*bp.nets.two_three_two()).to_html())"
    assert installed(code) == "True\n"


@pytest.mark.parametrize("pins", PINS, ids=lambda path: path.name)
def test_pins_carry_hashes_and_no_address(pins):
    text = pins.read_text()
    assert not re.search(r"://|^--|^-[ief] |file:| @ ", text, re.MULTILINE)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert entries
    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []

    assert "\nrfc3987-syntax==" not in text, "it takes a second of every start; pyproject.toml says of what"


def requirements(*extras: str) -> dict[str, str]:
    """The lower bound of everything that the project and the extras ask for, extras of extras included."""
    found = {}
    for requirement in [*PROJECT["dependencies"], *(each for extra in extras for each in PROJECT["optional-dependencies"][extra])]:
        if inner := re.fullmatch(r"bpkit-course\[([\w,]+)\]", requirement):
            found |= requirements(*inner[1].split(","))
        else:
            match = re.fullmatch(r"([\w-]+)>=([\d.]+)", requirement)
            assert match, f"{requirement}: a lower bound and nothing else"
            found[match[1]] = match[2]
    return found


def pinned(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


LOCKED = {
    "lab.txt": ["lab"],
    "grade.txt": ["grade"],
    "cluster.txt": ["grade", "cluster"],
    "slides.txt": ["slides"],
    "site.txt": ["site"],
    "lite.txt": ["lite"],
    "test.txt": ["dev"],
    "oldest.txt": ["test"],
    "bench.txt": ["bench"],
}


@pytest.mark.parametrize(("name", "extras"), LOCKED.items())
def test_everything_asked_for_is_pinned(name, extras):
    # torch's build is the machine's own choice; its version stands in pyproject.toml
    assert set(requirements(*extras)) - {"torch"} <= set(pinned(name))


def test_every_lock_is_looked_at():
    # the other two hold what builds and what installs
    assert {path.name for path in PINS} == {*LOCKED, "build.txt", "uv.txt"}


def test_the_oldest_pins_are_the_lower_bounds():
    oldest = pinned("oldest.txt")
    for package, bound in requirements("test").items():
        (version,) = oldest[package]
        # 1.26 and 1.26.0 are one version
        assert f"{version}.".startswith(f"{bound}."), f"{package}: {version} is tested, {bound} is promised"


@pytest.mark.parametrize("name", sorted({path.name for path in PINS} - {"oldest.txt"}))
def test_each_lock_has_the_versions_of_the_tests(name):
    tests = pinned("test.txt")
    assert {package: versions for package, versions in pinned(name).items() if not versions <= tests.get(package, versions)} == {}
