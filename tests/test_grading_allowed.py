"""What of bpkit an answer may call: cut out whole, and nothing beside it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import bpkit as bp
from bpkit.exercises import registry
from bpkit.grading.allowed import sources_of


@pytest.mark.parametrize("name", ["identity", "sigmoid", "tanh", "relu", "leaky_relu", "softplus", "softmax", "quadratic", "cross_entropy"])
def test_a_cut_out_name_works_by_itself_as_it_does_in_bpkit(name: str, monkeypatch: pytest.MonkeyPatch):
    sources, homes = sources_of(frozenset({name}))
    module = ModuleType("cut_out")
    monkeypatch.setitem(sys.modules, "cut_out", module)  # dataclasses look their module up
    exec(sources[homes[name]], module.__dict__)
    z = np.random.default_rng(0).uniform(0.1, 0.9, size=(3, 4))
    mine, theirs = getattr(module, name), getattr(bp, name)
    arguments = (z, z[::-1]) if hasattr(theirs, "gradient") else (z,)
    np.testing.assert_array_equal(mine(*arguments), theirs(*arguments))


def test_nothing_else_comes_along():
    sources, _ = sources_of(frozenset({"sigmoid"}))
    assert list(sources) == ["bpkit.core.functions"]
    for other in ("Softmax", "CrossEntropy", "output_error"):
        assert f"class {other}" not in sources["bpkit.core.functions"]
    assert sources_of(frozenset()) == ({}, {})


def test_every_allowed_name_of_the_bank_runs_without_the_rest_of_bpkit(tmp_path: Path):
    names = frozenset(name for exercise in registry().values() for name in exercise.allows)
    sources, homes = sources_of(names)
    assert set(homes) == names
    for module, source in {"bpkit.__init__": "", **sources}.items():
        place = tmp_path.joinpath(*module.split(".")).with_suffix(".py")
        place.parent.mkdir(exist_ok=True)
        place.write_text(source, encoding="utf-8")
    lines = [f"import sys; sys.path.insert(0, {str(tmp_path)!r})", *(f"from {home} import {name}" for name, home in homes.items())]
    lines += [f"import bpkit; assert bpkit.__path__ == [{str(tmp_path / 'bpkit')!r}]"]
    done = subprocess.run([sys.executable, "-I", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
