"""Lesson 10: what its prose says of numbers comes out when it is computed, and other engines agree where they are installed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.core import tape

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "10_autodiff.py")
PROSE = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")


def cell_with(words):
    return next(cell.text for cell in SOURCE.cells if cell.kind == "code" and words in cell.text)


def test_the_first_example():
    x, y = tape.Var(2.0), tape.Var(3.0)
    tape.backward((x + y) * x)
    assert (x.grad, y.grad) == (7, 2) and "7. If you said 5" in PROSE


def test_recursion_along_every_path_against_a_good_order():
    def pushes(steps):
        """What each level of a chain of doublings pushes when every push is passed on at once."""
        return 2 * (1 + pushes(steps - 1)) if steps else 0

    assert pushes(30) == sum(2**k for k in range(1, 31)) == pytest.approx(2e9, rel=0.1)
    assert "Two billion, against 60" in PROSE


def test_the_sizes_it_names():
    assert pytest.approx(7e6, rel=0.02) == 300 * 23520 and "Seven million" in PROSE
    assert 784 * 30 + 30 + 30 * 10 + 10 == 23860 and "23,860" in PROSE
    computed = 3 * (30 + 10) * 100 + 2 * 10 * 100 + 2
    assert computed == 14002 and computed + 784 * 100 == 92402 and "92,402" in PROSE
    assert f"{1000 + np.log1p(np.exp(-1)):.4f}" == "1000.3133" and "1000.3133" in PROSE
    assert f"{1 / (2 * np.sqrt(2)):.4f}" == "0.3536" and "0.3536" in PROSE


def test_a_second_call_without_cleaning_gives_32():
    x = tape.Var(2.0)
    f = (x * x) * x
    for node in bp.topological_order(f):
        node.grad = 0.0
    for wanted in (12, 32):
        f.grad = 1.0
        for node in reversed(bp.topological_order(f)):
            for parent, vjp in zip(node.parents, node.vjps, strict=True):
                parent.grad = parent.grad + vjp(node.grad)
        assert x.grad == wanted
    assert "Neither 12 nor 24" in PROSE and "20 from the second" in PROSE


def test_every_number_with_four_digits_is_one_that_a_cell_prints():
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", PROSE))
    assert quoted == {"1000.3133", "0.3536"}


@pytest.mark.parametrize(("package", "name"), [("torch", "PyTorch"), ("jax", "JAX")])
def test_its_cells_for_other_engines_print_the_same_gradient(package, name, capsys):
    pytest.importorskip(package)
    space = {"np": np, "bp": bp}
    for words in ("import torch", "import jax"):
        exec(cell_with(words), space)
    lines = dict(line.split("[") for line in capsys.readouterr().out.splitlines() if "[" in line)
    numbers = {key.strip(): np.array(ast.literal_eval(f"[{','.join(values.strip(']').split())}]")) for key, values in lines.items()}
    np.testing.assert_allclose(numbers[name], numbers["bpkit"], atol=1e-4)


def test_the_first_product_needs_its_input_on_the_way_back():
    """Change it between forward and backward, and the gradient is another: the engine has not copied what it keeps."""
    x = np.array([[1.0], [2.0]])
    W = tape.Var(np.ones((3, 2)))
    f = tape.sum(W @ x)
    x *= 10
    tape.backward(f)
    np.testing.assert_array_equal(W.grad, np.tile([10.0, 20.0], (3, 1)))
