"""Which answers run in one process: those of which it is plain to see that they leave nothing behind. All others have one of their own."""

from __future__ import annotations

import json
import math
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from grading_class import class_of_thirty

import bpkit
from bpkit.grading.collect import Submission
from bpkit.grading.grade import Plan, close_sandboxes, grade_handed, read_submission
from bpkit.grading.inside.traces import leaves_nothing

NAME = "05_propagating_the_error.ipynb"
_ABOVE = (
    "import numpy as np, math, itertools, functools\nfrom numpy import exp\nrng = np.random.default_rng(0)\npile = []\nknown = {}\neta = 0.1\n"
    "sizes, piles = (2, 3), ([],)\n"
    "W0 = np.ones(3)\ncounter = itertools.count()\ndef helper(z):\n    return exp(z) * eta\n"
    "def keeps(z):\n    pile.append(z)\n    return z\n"
    "class Slope:\n    def __call__(self, z):\n        return z * (1 - z)\nslope = Slope()\n"
    "class Counts:\n    def __call__(self, z):\n        self.n = 1\n        return z\ncounts = Counts()\n"
    "class Grows:\n    seen = []\n    def __call__(self, z):\n        self.seen.append(z)\n        return z\ngrows = Grows()\n"
    "class Full:\n    def __call__(self, z):\n        self.pile.append(z)\nfull = Full()\nfull.pile = []\n"
)


def _leaves_nothing(source: str, name: str = "answer", driver: str = "call") -> bool:
    namespace: dict[str, object] = {"__name__": "__main__", "bp": bpkit}
    exec(_ABOVE + source, namespace)
    return leaves_nothing(namespace[name], driver, namespace, bpkit)


@pytest.mark.parametrize(
    "body",
    [
        "return (z.T @ z) * bp.sigmoid.prime(z)",
        "delta = [None] * 3\n    delta[0] = z\n    delta.append(2)\n    return delta",
        "z[0] = 1\n    return helper(z) + math.exp(1) + eta",
        "return slope(z)",
        "return z * sizes[0]",
        "s = lambda v: v * bp.sigmoid(v)\n    return [sum(s(k) for k in z)]",
        "try:\n        return np.linalg.norm(z)\n    except ValueError as error:\n        raise TypeError('no') from error",
        "print(z)\n    return np.zeros_like(z)",
        "return answer(z - 1) if z > 0 else not_there",
    ],
)
def test_plain_functions_leave_nothing(body: str):
    assert _leaves_nothing(f"def answer(z):\n    {body}\n")


@pytest.mark.parametrize(
    "source",
    [
        "def answer(z):\n    global eta\n    eta = 2\n",
        "def answer(z):\n    global eta\n    del eta\n",
        "def answer(z):\n    np.dot = None\n",
        "def answer(z):\n    answer.calls = 1\n",
        "def answer(z):\n    import random\n    return random.random()\n",
        "def answer(z):\n    pile.append(z)\n",
        "def answer(z):\n    piles[0].append(z)\n",
        "def answer(z):\n    known[1] = z\n",
        "def answer(z):\n    np.add(W0, z, out=W0)\n",
        "def answer(z):\n    return rng.normal()\n",
        "def answer(z):\n    return next(counter)\n",
        "def answer(z):\n    np.random.seed(0)\n",
        "random = 3\ndef answer(z):\n    np.random.seed(0)\n",
        "def answer(z):\n    np.seterr(all='raise')\n",
        "def answer(z):\n    np.save('x.npy', z)\n",
        "def answer(z):\n    open('x', 'w').close()\n",
        "def answer(z):\n    globals()['eta'] = 2\n",
        "def answer(z):\n    exec('eta = 2')\n",
        "def answer(z):\n    setattr(np, 'dot', None)\n",
        "def answer(z):\n    return answer.__globals__\n",
        "def answer(z):\n    return (lambda: keeps(z))()\n",
        "def answer(z, seen=[]):\n    seen.append(z)\n",
        "def answer(z, *, seen={}):\n    seen[1] = z\n",
        "def made():\n    seen = []\n    def answer(z):\n        seen.append(z)\n    return answer\nanswer = made()\n",
        "def inner(z):\n    return z\ninner.seen = []\ndef answer(z):\n    return inner(z)\n",
        "@functools.lru_cache\ndef answer(z):\n    return z\n",
        "@functools.lru_cache\ndef cached(z):\n    return z\ndef answer(z):\n    return cached(z)\n",
        "def answer(z):\n    return keeps(z)\n",
        "def answer(z):\n    return counts(z)\n",
        "def answer(z):\n    return grows(z)\n",
        "def answer(z):\n    return full(z)\n",
        "def answer(z):\n    raise KeyboardInterrupt\n",
        "def answer(z):\n    exit()\n",
        "class answer:\n    pass\n",
        "answer = np.exp\n",
        "answer = Counts()\n",
        "def answer(z):\n" + "".join(f"    f{k}(z)\n" for k in range(60)) + "".join(f"def f{k}(z):\n    return z\n" for k in range(60)),
    ],
)
def test_what_might_leave_something_has_a_process_of_its_own(source: str):
    assert not _leaves_nothing(source)


@pytest.mark.parametrize(("value", "plain"), [("'ABC'", True), ("3.0", True), ("[1, 'a']", True), ("W0", True), ("[[1]]", False), ("slope", False)])
def test_values_that_nothing_can_act_through_are_plain(value: str, plain: bool):
    assert _leaves_nothing(f"answer = {value}\n", driver="value") == plain
    assert not _leaves_nothing("answer = np.array([None])\n", driver="value")


def test_other_ways_of_being_run_have_a_process_of_their_own():
    assert not _leaves_nothing("def answer(z):\n    return z\n", driver="gradients")


def test_a_namespace_of_its_own_is_not_the_notebook_s():
    elsewhere: dict[str, object] = {"np": np, "math": math}
    exec("def answer(z):\n    return z\n", elsewhere)
    assert not leaves_nothing(elsewhere["answer"], "call", {}, types.ModuleType("bpkit"))


# ---- in the sandbox --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def _sandboxes_end() -> Iterator[None]:
    yield
    close_sandboxes()


_SPOILING = {
    "a list": ("pile = [1.0]\n", "pile.append(2.0); pile[0] = 7.0", "pile[0]"),
    "a dictionary": ("known = {'s': 1.0}\n", "known['s'] = 7.0", "known['s']"),
    "a global": ("scale = 1.0\n", "globals().update(scale=7.0)", "scale"),
    "an attribute": ("class Scale:\n    by = 1.0\n", "Scale.by = 7.0", "Scale.by"),
    "numpy": ("", "np.pi = 7.0", "(np.pi / 3.141592653589793)"),
}


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("bwrap") is None, reason="the sandbox needs Linux and bubblewrap")
@pytest.mark.parametrize("kind", _SPOILING)
def test_what_one_answer_leaves_no_other_finds(kind: str, tmp_path: Path):
    above, spoils, used = _SPOILING[kind]
    link = f"{above}def dz_next_dz(W_next, z, k, j):\n    value = W_next[k, j] * bp.sigmoid.prime(z[j, 0])\n    {spoils}\n    return value\n"
    error = f"def hidden_error(W_next, delta_next, z):\n    return W_next.T @ delta_next * bp.sigmoid.prime(z) * {used}\n"
    (tmp_path / NAME).write_text(json.dumps(class_of_thirty.notebook({"05.1": link, "05.3": error})))
    graded = grade_handed(read_submission(Submission("anna", (tmp_path / NAME,)), Plan(1)), Plan(1))
    assert {row.exercise: row.message for row in graded.rows if row.status != "right"} == {}
