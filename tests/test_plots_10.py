"""A tape as a picture: what it reads from the nodes, its lines, its words, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from bpkit.core import tape
from bpkit.core.tape import Var
from bpkit.exhibits.recording import Recording

plots = pytest.importorskip("bpkit.plots", reason="matplotlib is not installed", exc_type=ImportError)


def recurrent():
    """Two steps with one weight."""
    w, x = Var(0.5), Var(2.0)
    return 0.5 * (tape.tanh(w * tape.tanh(w * x)) - 1.0) ** 2, {"w": w, "x": x}


def test_the_pushes_read_from_a_tape_add_up_to_its_gradients():
    root, names = recurrent()
    read = Recording.of(root, names)
    tape.backward(root)
    assert read.gradients[:2] == pytest.approx([float(names["w"].grad), float(names["x"].grad)], rel=1e-14)
    for k, gradient in enumerate(read.gradients[:-1]):
        arrived = [push.amount for pushes in read.pushes for push in pushes if push.parent == k]
        assert sum(arrived) == pytest.approx(gradient, rel=1e-14)


@pytest.mark.parametrize(
    ("make", "formula"),
    [
        (lambda x: x + 2.0, "x + 2.00"),
        (lambda x: x - 2.0, "x − 2.00"),
        (lambda x: 2.0 - x, "2.00 − x"),
        (lambda x: x + -0.5, "x − 0.500"),
        (lambda x: 3.0 * x, "3.00 · x"),
        (lambda x: -x, "−x"),
        (lambda x: x**3, "x³"),
        (lambda x: x**0.5, "power(x)"),
        (tape.sigmoid, "σ(x)"),
        (tape.exp, "exp(x)"),
        (lambda x: x / x, "x / x"),
        (lambda x: x - x, "x − x"),
    ],
)
def test_constants_are_found_from_the_numbers(make, formula):
    x = Var(1.5)
    assert Recording.of(make(x), {"x": x}).entries[-1].formula == formula


def test_lines_of_one_node_do_not_cross():
    root, names = recurrent()
    arcs = Recording.of(root, names).arcs()
    for one in arcs:
        for other in arcs:
            left, right = sorted([one, other], key=lambda arc: arc.left)
            crossing = left.left < right.left < left.right < right.right
            assert not crossing or not {one.parent, one.child} & {other.parent, other.child}


def test_the_words_hold_every_value_and_gradient():
    root, names = recurrent()
    words = plots.tape(root, {**names, "C": root}).get_label()
    assert "v₃ = w · v₂ 0.381" in words and "C = 0.500 · v₆ 0.203" in words and "Gradients: w −0.653, x −0.0580." in words
    assert "Back" not in plots.tape(root, names, gradients=False).get_label()


def test_the_picture_is_the_same_each_time_and_has_a_box_for_each_node():
    root, names = recurrent()
    first, second = plots.picture(plots.tape(root, names)), plots.picture(plots.tape(root, names))
    assert first.html == second.html and first.alt == second.alt
    assert len([patch for patch in plots.tape(root, names).patches if type(patch).__name__ == "FancyBboxPatch"]) == 9


def test_arrays_are_refused_in_words():
    with pytest.raises(ValueError, match=r"single numbers, found an array of shape \(2,\)"):
        Recording.of(tape.sum(Var(np.ones(2))), {})
