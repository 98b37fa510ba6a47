"""The parts of the sandboxed side that can be looked at without a sandbox: cells, magics, stand-ins."""

from __future__ import annotations

import ast
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bpkit.grading import inside
from bpkit.grading.inside.cells import parse_cell
from bpkit.grading.inside.runner import restore
from bpkit.grading.inside.shell import Kernel, file_of, read_ahead
from bpkit.grading.inside.standins import Inert, InertBase


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("x = 3\n%timeit x", "x = 3\npass"),
        ("!pip install numpy\nx = 1", "pass\nx = 1"),
        ("!pip install \\\n  numpy \\\n  scipy\nx = 1", "pass\nx = 1"),
        ("files = !ls \\\n -l\nx = files", "files = get_ipython().getoutput('ls   -l')\nx = files"),
        ("x[0] = !ls", "x[0] = get_ipython().getoutput('ls')"),
        ("t = %timeit -o 1\n", "t = get_ipython().run_line_magic('timeit', '-o 1')"),
        ("%time x = 1\ny = %time 2", "x = 1\ny = 2"),
        ("%prun -q x = 1", "x = 1"),
        (
            "%cd data\nif x:\n    %run a.py\n    %time y = 2",
            "get_ipython().run_line_magic('cd', 'data')\nif x:\n    get_ipython().run_line_magic('run', 'a.py')\n    y = 2",
        ),
        ("    a = 1\n    b = 2", "a = 1\nb = 2"),
        (">>> a = 1\n... \n>>> b = 2", "a = 1\nb = 2"),
        ("pip install numpy", "pass"),
        ("%%capture out\n%%time\nx = 1", "out = get_ipython().run_line_magic('capture', '')\nx = 1"),
        ("%%writefile -a a.py\nx = 1\n", "get_ipython().run_cell_magic('writefile', '-a a.py', 'x = 1\\n')"),
        ("%%timeit\nx = 1", ""),
        ("x?\n?x\nx.y??\ny = 2", "pass\npass\npass\ny = 2"),
        ("if True:\n    %autoreload 2\n    !ls\ny = 1", "if True:\n    pass\n    pass\ny = 1"),
        ("%%time\nx = 1", "x = 1"),
        ("%%bash\nrm -rf /", ""),
        ("%%html\n<b>", ""),
        ("x = '''\n%not a magic\n!nor this\n'''", "x = '\\n%not a magic\\n!nor this\\n'"),
        ("x = 10 \\\n% 3", "x = 10 % 3"),
        ("x = (7\n% 2)", "x = 7 % 2"),
        ("x = 1\r\n%magic\r\ny = 2\r\n", "x = 1\npass\ny = 2"),
    ],
)
def test_what_belongs_to_a_notebook_becomes_nothing(cell: str, left: str):
    assert ast.unparse(parse_cell(cell)) == left


@pytest.mark.parametrize("cell", ["def f(:", "x = 'open", "return return", "a b"])
def test_what_is_not_python_is_an_error(cell: str):
    with pytest.raises(SyntaxError):
        parse_cell(cell)


def test_a_stand_in_absorbs_whatever_is_done_with_it():
    thing = Inert("bpkit.plots")
    with thing.subplots(2, figsize=(1, 2)) as figure:
        figure.axis[0]["x"] = 3
        del figure.axis[0]
        figure.title = "x"
    assert list(thing.fit(1, 2)) == [] and not thing and len(thing) == 0 and 1 not in thing
    assert list(range(thing.L)) == [] and float(thing) == 0.0 and f"{thing.loss:.3f}" == ""
    assert thing != thing and not thing < 1
    for result in (thing + 1, 1 + thing, -thing, thing @ 2, thing**2, abs(thing)):
        assert isinstance(result, Inert)

    @thing.interact(x=1)
    def f() -> int:
        return 3

    class Mine(thing.Widget):  # type: ignore[misc, name-defined]
        pass

    assert f() == 3 and Mine.__mro__ == (Mine, InertBase, object) and Mine(1, x=2).x == 2

    class Both(thing.Widget, thing.Other):  # type: ignore[misc, name-defined]
        pass

    class Beside(thing.Widget, dict):  # type: ignore[misc, name-defined, type-arg]
        pass

    assert Both.__mro__ == (Both, InertBase, object) and Beside(a=1) == {"a": 1}
    assert not hasattr(thing, "__array__") and not hasattr(thing, "__next__")


def test_names_taken_by_a_later_cell_are_given_back_to_the_answer():
    namespace: dict[str, object] = {}
    exec("def slope(z):\n    return z\nconstant = 2\ndef answer(z):\n    return slope(z) * constant\n", namespace)
    then = dict(namespace)
    exec("slope = [1, 2]\nconstant = 3\nother = 5\n", namespace)
    assert restore("answer", namespace, then) == {"constant": 3, "slope": [1, 2]}
    assert namespace["answer"](4) == 8  # type: ignore[operator]
    exec("def slope(z):\n    return 10 * z\n", namespace)
    assert restore("answer", namespace, then) == {}
    assert namespace["answer"](4) == 80  # type: ignore[operator]


_REHEARSAL = """
import linecache, signal, types
from bpkit.exercises import run
from bpkit.grading.inside.rehearsal import rehearse
from bpkit.grading.inside.runner import Runner
from bpkit.grading.inside.standins import touches, used, withheld
got, errors = [], []
def run_exercise(*job):
    got.extend(run.run_exercise(*job))
    return got
answer = Runner._answer
Runner._answer = lambda self, *more: (errors.extend(self.errors), answer(self, *more))
rehearse(types.SimpleNamespace(**{**vars(run), "run_exercise": run_exercise}))
assert [record.keys() >= {"returned"} for record in got] == [True, True], got
assert [error["message"] for error in errors] == ["no"], errors
assert (used, withheld, touches, linecache.cache) == ([], set(), [0, 0], {})
assert signal.getsignal(signal.SIGALRM) == signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
"""


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="cells and answers have no time limits here")
def test_the_rehearsal_runs_to_its_end_and_leaves_nothing_behind():
    subprocess.run([sys.executable, "-c", _REHEARSAL], check=True)


def test_the_sandboxed_side_imports_nothing_but_numpy_and_the_standard_library():
    folder = Path(inside.__file__).parent
    for path in (*folder.glob("*.py"), folder.parent.parent / "exercises" / "run.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        roots = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                roots.add(str(node.module).split(".")[0])
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module] if node.module else [alias.name for alias in node.names]
                assert node.level == 1 and all((folder / f"{module}.py").exists() for module in modules), path
        assert roots - set(sys.stdlib_module_names) <= {"numpy"}, path


# ---- cells of the lesson, read ahead ----------------------------------------------------------------------------------


def _unused(*_: object) -> object:
    raise AssertionError("compiled again")


def test_a_cell_of_the_lesson_that_is_where_it_was_needs_no_compiler():
    given = read_ahead(["x = 1", "y = x + 1\ny"])
    namespace: dict[str, object] = {}
    kernel = Kernel(namespace, given.codes)
    kernel.compile = _unused
    values = [kernel.run(statement, file_of(number)) for number, source in enumerate(given.cells) for statement in given.cells[source]]
    assert values == [None, None, 2] and namespace["y"] == 2


def test_a_cell_of_the_lesson_that_was_moved_raises_where_it_is_now():
    given = read_ahead(["1 / 0"])
    with pytest.raises(ZeroDivisionError) as raised:
        Kernel({}, given.codes).run(given.cells["1 / 0"][0], file_of(6))
    assert raised.traceback[-1].frame.code.raw.co_filename == "<code cell 7>"


def test_a_cell_of_the_lesson_below_a_feature_of_the_future_has_it():
    source = "def f(z: not_defined): pass"
    given = read_ahead([source])
    kernel = Kernel({}, given.codes)
    for statement in parse_cell("from __future__ import annotations").body:
        kernel.run(statement, file_of(4))
    kernel.run(given.cells[source][0], file_of(0))
    with pytest.raises(NameError, match="not_defined"):
        Kernel({}, given.codes).run(given.cells[source][0], file_of(0))


def test_a_cell_of_the_lesson_that_is_no_python_or_does_not_compile_is_left_to_the_run():
    given = read_ahead(["def", "return 1", "x = 1"])
    assert list(given.cells) == ["return 1", "x = 1"] and len(given.codes) == 1
    with pytest.raises(SyntaxError):
        Kernel({}, given.codes).run(given.cells["return 1"][0], file_of(1))
