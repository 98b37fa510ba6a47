"""What decides a grade is digested: an edit there has everybody graded anew, and an edit elsewhere nobody."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import bpkit
from bpkit.exercises import registry
from bpkit.grading.digest import bank_digest, deciding_files
from bpkit.grading.import_graph import imported_at_least, imports_of, module_of, name_of, reached
from bpkit.grading.once import once

PACKAGE = Path(bpkit.__file__).parent
LESSONS = sorted({exercise.lesson for exercise in registry().values()})


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(PACKAGE, tmp_path_factory.mktemp("copy") / "bpkit", ignore=shutil.ignore_patterns("__pycache__")))


def _written(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        path = folder / name.replace("__", "/")
        path = path / "__init__.py" if name.endswith("__") else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_imports_are_found_wherever_they_stand(tmp_path: Path):
    text = """
import os, p.one
from p import two
from . import three
from .deep import four as other
if TYPE_CHECKING:
    from p.five import Five
try:
    import p.six
except ImportError:
    from p import seven
def f():
    with open("x") as file:
        from ..p import eight
    match file:
        case 1:
            import p.nine
class C:
    import p.ten
"""
    path = _written(tmp_path, p__="", p__a=text) / "p/a.py"
    loads = {"os", "p.one", "p.two", "p.three", "p.deep.four", "p.six", "p.seven", "p.ten"}
    assert imports_of(path, as_it_loads=True) == loads
    assert imports_of(path) == loads | {"p.five.Five", "p.eight", "p.nine"}


def test_a_module_reaches_what_its_imports_reach(tmp_path: Path):
    root = _written(
        tmp_path,
        p__="",
        p__a="def f():\n    from p.sub import b\n",
        p__sub__="from .c import thing",
        p__sub__b="import os,p.d",
        p__sub__c="thing = 'import p.unrelated'",
        p__d="import p.a  # round again",
        p__unrelated="",
        p__sub__unrelated="",
    )
    found = [path.relative_to(root).as_posix() for path in reached([root / "p/a.py"])]
    assert found == ["p/__init__.py", "p/a.py", "p/d.py", "p/sub/__init__.py", "p/sub/b.py", "p/sub/c.py"]
    assert name_of(root / "p/sub/b.py") == "p.sub.b"
    assert module_of("p.sub.b.something", root) == root / "p/sub/b.py"
    assert module_of("p.sub.nothing", root) == root / "p/sub/__init__.py"


@pytest.mark.slow
def test_the_quick_reading_misses_no_import():
    """It looks at lines that begin as an import does; here every module is parsed whole."""
    for path in PACKAGE.rglob("*.py"):
        assert imports_of(path) <= imported_at_least(path), path


@pytest.mark.slow
@pytest.mark.parametrize("lesson", ["05", "08", "11"])
def test_whatever_a_lesson_has_loaded_is_digested(lesson: str):
    """What running the bank imports, and the graph does not see, would be left out."""
    code = (
        "import sys\nfrom bpkit.exercises import of_lesson\nfrom bpkit.exercises.judge import Judge\n"
        f"for exercise in of_lesson({lesson!r}):\n    judge = Judge.drawn(exercise, 1)\n    judge.verify()\n"
        "    for mistake in exercise.mistakes:\n        judge.run_mistake(mistake)\n"
        "print(*[module.__file__ for name, module in sys.modules.items() if name.split('.')[0] == 'bpkit'], sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {Path(line) for line in done.stdout.splitlines()} <= set(deciding_files(PACKAGE, [lesson]))


@pytest.mark.parametrize(
    ("edited", "lessons", "decides"),
    [
        ("core/network.py", ["08"], True),
        ("core/network.py", ["00"], False),
        ("exercises/lesson_06/shared.py", ["07"], True),
        ("exercises/lesson_06/shared.py", ["01"], False),
        ("exercises/lesson_05/ex3_hidden_error.py", ["05"], True),
        ("exercises/lesson_05/ex3_hidden_error.py", ["00"], False),
        ("exercises/judge.py", ["00"], True),
        ("exercises/judging/comparing.py", ["00"], True),
        ("exercises/judging/relations.py", ["00"], True),
        ("exercises/run.py", ["00"], True),
        ("grading/records.py", ["00"], True),
        ("grading/inside/cells.py", ["00"], True),
        ("core/functions.py", ["05"], True),
        ("plots/_house.py", LESSONS, False),
        ("widgets/_base.py", LESSONS, False),
        ("grading/reports/pages.py", LESSONS, False),
    ],
)
def test_an_edit_counts_where_it_decides_a_grade(edited: str, lessons: list[str], decides: bool):
    assert ((PACKAGE / edited) in deciding_files(PACKAGE, lessons)) == decides
    assert (PACKAGE / edited).is_file()


@pytest.mark.slow
def test_data_counts_where_it_is_reached(copied: Path):
    with_data = [lesson for lesson in LESSONS if copied / "data/digits.npz" in deciding_files(copied, [lesson])]
    assert with_data == [lesson for lesson in LESSONS if copied / "data/_digits.py" in deciding_files(copied, [lesson])]
    assert with_data and with_data != LESSONS


@pytest.mark.parametrize("edited", ["core/network.py", "data/digits.npz", "grading/inside/standins.py"])
def test_the_digest_of_a_copy_changes_with_an_edit(edited: str, copied: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bpkit, "__file__", str(copied / "__init__.py"))
    fresh = bank_digest.__wrapped__
    before, plots, kept = fresh(("08",)), copied / "plots" / "_house.py", (copied / edited).read_bytes()
    plots.write_bytes(plots.read_bytes() + b"\n")
    assert fresh(("08",)) == before
    (copied / edited).write_bytes(kept + b"\n")
    assert fresh(("08",)) != before
    (copied / edited).write_bytes(kept)
    assert fresh(("08",)) == before


def test_the_public_names_are_not_a_way_round():
    """`bpkit.sigmoid` is found when it is asked for: a bank that took its parts from there would hide them from the digest."""
    hidden = {"bpkit", *(f"bpkit.{name}" for name in bpkit._HOME)}
    for path in deciding_files(PACKAGE):
        if path.suffix == ".py" and path.relative_to(PACKAGE).parts[0] != "grading":
            assert not imports_of(path) & hidden, path


@pytest.mark.slow
def test_digesting_takes_less_than_parsing():
    def seconds(action: Callable[[], object]) -> float:
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    files = [path for path in deciding_files(PACKAGE, ["05"]) if path.suffix == ".py"]
    parsing = min(seconds(lambda: [ast.parse(path.read_bytes()) for path in files]) for _ in range(5))
    assert min(seconds(lambda: bank_digest.__wrapped__(("05",))) for _ in range(5)) < 0.75 * parsing


def test_threads_that_ask_together_get_one_answer_that_was_worked_out_once():
    together, made = threading.Barrier(4), []

    @once
    def answer(lesson):
        made.append(lesson)
        time.sleep(0.01)
        return object()

    def ask(_):
        together.wait(timeout=30)
        return answer("05")

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(ask, range(4)))
    assert made == ["05"] and len(set(map(id, told))) == 1
