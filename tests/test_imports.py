"""Imports run one way, and `import bpkit` loads numpy only."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import bpkit as bp
from bpkit.grading import import_graph
from bpkit.grading.import_graph import module_of

imports_of = cache(import_graph.imports_of)
PACKAGE = Path(bp.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# room → the rooms that it may import, each above those that it stands on. A room is a module or a folder of bpkit; `bpkit` itself
# stands for the public names. Of the wings, `core` knows nobody and `exhibits` the mathematics alone.
MAY_IMPORT = {
    "errors": "",
    "language": "",
    "core": "language",
    "exhibits": "core language",
    "course": "errors language",
    "data": "core",
    "equations": "course language",
    "plots": "core exhibits language",
    "widgets": "core exhibits language plots",
    "exercises": "core course data errors exhibits language",
    "desk": "course errors exercises language",
    "authoring": "bpkit course equations errors exercises exhibits language plots",
    "grading": "authoring bpkit course errors exercises exhibits language",
    "cli": "course errors language",
}
# what comes from elsewhere, but for numpy → the only rooms that may import it
ONLY_IN = {
    "matplotlib": "plots",
    "cycler": "plots",
    "IPython": "authoring plots",
    "ipywidgets": "widgets",
    "anywidget": "exercises widgets",
    "traitlets": "exercises widgets desk",
    "jupyterlab": "desk",
    "ipykernel": "desk",
    "jupytext": "authoring",
    "nbclient": "authoring",
    "sphinx": "authoring",
    "docutils": "authoring",
    "nbconvert": "authoring",
    "playwright": "authoring",
    "nbformat": "authoring grading",
    "jinja2": "authoring grading",
    "markupsafe": "grading",
    "distributed": "grading",
    "tqdm": "core grading",
    "babel": "authoring",
    "fontTools": "authoring",
    "yaml": "grading",
}


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).with_suffix("").parts[0]


def needed(module: Path) -> set[Path]:
    """The modules of bpkit that a module imports, anywhere in it; the package itself is its public names."""
    files = {module_of(name, PACKAGE.parent) for name in imports_of(module) if name.split(".")[0] == "bpkit"}
    return {file for file in files if file is not None}


def outside(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"bpkit"}


def test_the_rooms_import_one_way():
    order = tuple(TopologicalSorter({room: set(others.split()) - {"bpkit"} for room, others in MAY_IMPORT.items()}).static_order())
    assert set(order) == set(MAY_IMPORT)


def test_every_room_is_in_the_table():
    assert {room_of(module) for module in MODULES} - {"__init__"} == set(MAY_IMPORT)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room):
    allowed = {room, *MAY_IMPORT[room].split()}
    for module in MODULES:
        if room_of(module) == room:
            found = {"bpkit" if file == PACKAGE / "__init__.py" else room_of(file) for file in needed(module)}
            assert found <= allowed, f"{module.name} imports {found - allowed}"


def test_no_module_needs_itself_not_even_through_an_import_inside_a_function():
    graph = {module: needed(module) - {module, PACKAGE / "__init__.py"} for module in MODULES}
    assert len(tuple(TopologicalSorter(graph).static_order())) == len(MODULES)


def test_packages_from_elsewhere_come_in_by_their_own_door():
    for module in MODULES:
        for package in outside(imports_of(module)) - {"numpy"}:
            assert room_of(module) in ONLY_IN.get(package, "").split(), f"{module.relative_to(PACKAGE)} imports {package}"


def test_what_runs_beside_the_learners_code_stands_alone():
    run = PACKAGE / "exercises" / "run.py"
    assert needed(run) == set()
    assert outside(imports_of(run)) == {"numpy"}


def test_what_is_mounted_into_the_sandbox_needs_nothing_but_itself():
    for module in (PACKAGE / "grading" / "inside").glob("*.py"):
        assert all(file.parent == module.parent for file in needed(module)), module
        assert outside(imports_of(module)) <= {"numpy"}, module


def loaded_by(code: str) -> set[str]:
    """The packages from outside the standard library that the code brings into a fresh interpreter."""
    report = (
        "import sys; before = set(sys.modules)\n{}\nprint(*{{name.split('.')[0] for name in set(sys.modules) - before}} - sys.stdlib_module_names)"
    )
    done = subprocess.run([sys.executable, "-c", report.format(code)], capture_output=True, text=True, check=True)
    # compiled extensions of numpy register helpers of Cython's under names of their own
    return {name for name in done.stdout.splitlines()[-1].split() if not name.startswith(("_cython", "cython_runtime"))}


@pytest.mark.parametrize(
    "code",
    [
        "import bpkit",
        "import bpkit as bp; [getattr(bp, name) for name in bp.__all__ if name not in ('plots', 'widgets')]",
        "import bpkit as bp; bp.check('00.1', lambda x: x * x)",
    ],
    ids=["import", "every public name but pictures", "a check"],
)
def test_only_numpy_is_loaded(code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert loaded_by(code) <= {"bpkit", "numpy"}


@pytest.mark.parametrize("words", ["", "--help", "--version", "lab --help", "lab --port 0"])
def test_the_command_line_starts_without_numpy(words):
    code = f"from bpkit.cli import main\ntry:\n    main({words.split()})\nexcept SystemExit:\n    pass"
    assert loaded_by(code) == {"bpkit"}


def test_grading_reads_its_command_line_without_numpy():
    # the sandboxes start while numpy and the bank are imported
    code = "import argparse\nfrom bpkit.grading import grade_command\ngrade_command.add_arguments(argparse.ArgumentParser())"
    assert "numpy" not in loaded_by(code)


def _house() -> tuple[set[str], set[tuple[str, str]]]:
    """The checkout as rooms (folders and modules of bpkit; the folders beside it that hold code) and who imports whom."""
    root = PACKAGE.parent
    beside = [root / name for name in ("benchmarks", "slides", "solutions")]
    files = {module: room_of(module) for module in MODULES} | {file: folder.name for folder in beside for file in sorted(folder.rglob("*.py"))}
    arrows = set()
    for file, room in files.items():
        arrows |= {(room, room_of(found)) for found in needed(file)}
    return set(files.values()), {(here, there) for here, there in arrows if here != there}


if __name__ == "__main__":
    rooms, arrows = _house()
    for room in sorted(rooms):
        print(f"{room:<12} → {' '.join(sorted(there for here, there in arrows if here == room)) or '–'}")
    print(f"{len(rooms)} rooms, {len(arrows)} arrows")
