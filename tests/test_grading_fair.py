"""Nothing is called wrong for what only the sandbox lacks, and whoever hands in modules or sleeping cells is told so."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bpkit.cli import main
from bpkit.grading.collect import collect
from bpkit.grading.grade import Plan, close_sandboxes, grade_handed, read_submission
from bpkit.grading.inside.cells import newer_syntax
from bpkit.grading.notebooks import MAX_BESIDE
from bpkit.grading.records import Graded, Row

pytestmark = pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap")
PLAN = Plan(20_311_203)
HEAD = "def hidden_error(W_next, delta_next, z):\n    s = 1 / (1 + np.exp(-z))\n"
RIGHT = f"{HEAD}    return (W_next.T @ delta_next) * s * (1 - s)\n"
SCALED = f"{HEAD}    return (W_next.T @ delta_next) * s * (1 - s) * scale\n"
UNSCALED = f"{HEAD}    return (W_next.T @ delta_next)\n"


@pytest.fixture(scope="module", autouse=True)
def _sandboxes_end() -> Iterator[None]:
    yield
    close_sandboxes()


def _graded(folder: Path, *cells: Any, **beside: str | bytes) -> tuple[Row, Graded]:
    """What becomes of 05.3; cells are code, or pairs of their kind and text."""
    pairs = [("code", cell) if isinstance(cell, str) else cell for cell in cells]
    notebook = {"nbformat": 4, "cells": [{"cell_type": kind, "source": text, "metadata": {}} for kind, text in pairs]}
    student = folder / "ada"
    student.mkdir()
    (student / "05_mine.ipynb").write_text(json.dumps(notebook))
    for name, text in beside.items():
        (student / f"{name}.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    (submission,) = collect([str(folder)])
    graded = grade_handed(read_submission(submission, PLAN), PLAN)
    return next(row for row in graded.rows if row.exercise == "05.3"), graded


@pytest.mark.parametrize(
    "above",
    [
        "import not_there\nscale = 1.0",
        "data = np.load('not_there.npy')\ndata /= 2\nscale = 1.0",
        "x = np.float(3)\nscale = 1.0",
        "scale = 1.0\nprint(open('not_there').read())",
        "await nothing_there()\nscale = 1.0",
        "import bpkit as bp\nassert bp.check('05.3', lambda *_: 0).passed\nscale = 1.0",
        "import bpkit as bp\nnet = bp.Network([2, 3])\nnet.fit(1, 2)\nfor w in net.weights:\n    print(w.shape[0])\nscale = 1.0",
        "%time scale = 1.0",
    ],
)
def test_what_does_not_depend_on_a_failed_statement_is_run(above: str, tmp_path: Path):
    assert _graded(tmp_path, f"import numpy as np\n{above}", SCALED)[0].status == "right"


@pytest.mark.parametrize(
    ("above", "why"),
    [
        ("scale = np.load('not_there.npy')", "it uses scale: code cell 2 did not run to its end here: FileNotFoundError"),
        ("data = np.load('not_there.npy')\nscale = data.max()", "it uses scale: code cell 2 did not run to its end here: FileNotFoundError"),
        ("scale = 3.0\nscale /= float(open('not_there').read())", "it uses scale: code cell 2 did not run to its end here: FileNotFoundError"),
        ("box = [3.0]\nbox.append(not_there)\nscale = sum(box)", "it uses scale: code cell 2 did not run to its end here: NameError"),
        (
            "f = lambda: not_there\nscale = 3.0\nfor k in range(2):\n    scale = f()",
            "it uses scale: code cell 2 did not run to its end here: NameError",
        ),
        ("scale = 2.0\nimport not_there\nscale = 3.0", "it uses scale: code cell 2 did not run to its end here: ModuleNotFoundError"),
        ("scale = (", "it uses scale: code cell 2 did not run to its end here: SyntaxError"),
        ("raise RuntimeError('stop')\nscale = 3.0", "it uses scale: code cell 2 did not run to its end here: RuntimeError: stop"),
        ("said = !echo 1\nscale = float(said[0])", "it uses scale: code cell 2 did not run to its end here: OSError: no programs"),
        ("import bpkit as bp\nscale = bp.Network([2, 3]).L * 0.5", "it uses scale: code cell 2 makes it with parts of bpkit"),
        (
            "import bpkit as bp\nif bp.check('05.2', 3).passed:\n    scale = 2.0\nelse:\n    scale = 1.0",
            "it uses scale: code cell 2 chooses it by what check says",
        ),
    ],
)
def test_a_wrong_answer_that_rests_on_what_failed_could_not_be_run(above: str, why: str, tmp_path: Path):
    row, _ = _graded(tmp_path, "import numpy as np", above, SCALED)
    assert row.status == "could not run" and row.message.startswith(why) and row.points == 0


@pytest.mark.parametrize("above", ["", "import not_there\nscale = 1.0", "scale = np.load('not_there.npy')\nshape = 3", "scale = bp.Network(1).L"])
def test_a_wrong_answer_that_rests_on_nothing_of_that_is_wrong(above: str, tmp_path: Path):
    row, _ = _graded(tmp_path, "import numpy as np\nimport bpkit as bp", above, UNSCALED)
    assert (row.status, row.mistake) == ("wrong", "σ' dropped")


def test_a_name_made_anew_is_not_doubted(tmp_path: Path):
    row, _ = _graded(tmp_path, "import numpy as np", "scale = np.load('not_there.npy')", "scale = 2.0", SCALED)
    assert row.status == "wrong"


def test_modules_of_the_hand_in_are_there_to_import(tmp_path: Path):
    row, graded = _graded(tmp_path, "from mynet import *", "import bpkit as bp\nbp.check('05.3', hidden_error)", mynet=f"import numpy as np\n{RIGHT}")
    assert row.status == "right" and graded.problems == ()


def test_modules_of_the_hand_in_take_no_name_that_is_ours(tmp_path: Path):
    forged = f"import numpy as np\n{RIGHT}\n"
    row, _ = _graded(
        tmp_path,
        "import numpy as np\nfrom bpkit import hidden_error",
        bpkit=forged,
        runner=forged,
        inside=forged,
        numpy="raise OSError",
        json="1 / 0",
    )
    assert row.status != "right"


def test_a_changed_module_is_graded_anew_and_a_large_one_is_named(tmp_path: Path):
    keys = []
    for number, text in enumerate(("a = 1", "a = 2", b"#" * (MAX_BESIDE + 1))):
        (folder := tmp_path / str(number)).mkdir()
        _, graded = _graded(folder, "import numpy as np", RIGHT, mynet=text)
        keys.append(graded.key)
    assert len(set(keys)) == 3
    assert graded.problems == ("mynet.py was not there for the notebook: files beside it may hold 1 MB together",)


@pytest.mark.parametrize(("kind", "word"), [("markdown", "Markdown"), ("raw", "raw")])
def test_an_answer_in_a_cell_that_is_no_code_is_named(kind: str, word: str, tmp_path: Path):
    row, _ = _graded(tmp_path, "import numpy as np", (kind, RIGHT))
    assert row.status == "could not run"
    assert row.message == f"hidden_error stands in a {word} cell, below code cell 1, which is not run; expected a code cell"


def test_an_answer_quoted_in_prose_is_not_one(tmp_path: Path):
    row, _ = _graded(tmp_path, "import numpy as np", ("markdown", f"Write\n\n```python\n{RIGHT}```\n"))
    assert row.status == "not attempted"


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ("type Vector = list[float]\nx = 1", (3, 12)),
        ("def f[T](x: T) -> T:\n    return x", (3, 12)),
        ("x = {'a': 1}\ny = f'{x['a']}'", (3, 12)),
        ("y = f'{\"\\n\".join([])}'", (3, 12)),
        ("x = {'a': 1}\nprint(f'{f'{x['a']:>4}'}', f'{x['a']!r:>{8}}')", (3, 12)),
        ("try:\n    x = 1\nexcept ValueError, TypeError:\n    x = 2", (3, 14)),
        ("x = t'{1}'", (3, 14)),
    ],
)
def test_syntax_that_a_newer_python_takes_is_told_as_that(source: str, version: tuple[int, int]):
    if sys.version_info >= version:
        compile(source, "", "exec")
    else:
        assert newer_syntax(source).startswith(f"; Python 3.{version[1]} and newer take it, this is Python 3.")


@pytest.mark.parametrize(
    "source", ["x = (", "type = 3\ny = (", "x = f'{a'", "def f(:\n    pass", "except A, B:", "x = f'{'", "print 'x'", "type X = ("]
)
def test_syntax_that_no_python_takes_is_not(source: str):
    assert newer_syntax(source) == ""


def test_check_of_ones_own_notebook_has_the_modules_beside_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    cells = ["import numpy as np\nfrom mynet import hidden_error", "import bpkit as bp\nbp.check('05.3', hidden_error)"]
    notebook = {"nbformat": 4, "cells": [{"cell_type": "code", "source": text, "metadata": {}} for text in cells]}
    (tmp_path / "05_mine.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "mynet.py").write_text(f"import numpy as np\n{RIGHT}")
    main(["check", str(tmp_path / "05_mine.ipynb")])
    assert "✓ 05.3 hidden_error" in capsys.readouterr().out
