"""The tape widget without a browser: its steps, its words, its page, and what it refuses."""

from __future__ import annotations

import itertools
import json

import pytest

import bpkit as bp
from bpkit.core import tape
from bpkit.core.tape import Var
from bpkit.exhibits.recording import Recording
from bpkit.widgets._tape import state


def recurrent():
    w, x = Var(0.5), Var(2.0)
    return 0.5 * (tape.tanh(w * tape.tanh(w * x)) - 1.0) ** 2, {"w": w, "x": x}


def test_each_step_is_a_push_and_the_last_step_has_the_tapes_gradients():
    root, names = recurrent()
    read = Recording.of(root, names)
    steps = state(read)["steps"]
    pushing = [step["node"] for step in steps if "node" in step]
    assert pushing == sorted(pushing, reverse=True) and len(steps) == len(pushing) + 3
    assert steps[-1]["gradients"] == list(read.gradients) and all(steps[-1]["complete"])
    assert steps[0]["gradients"] == [None] * 9 and steps[1]["gradients"] == [None] * 8 + [1.0]
    json.dumps(state(read), allow_nan=False)


def test_a_node_pushes_only_when_it_is_complete():
    root, names = recurrent()
    steps = state(Recording.of(root, names))["steps"]
    for before, step in itertools.pairwise(steps):
        if "node" in step:
            assert before["complete"][step["node"]]
    waiting = next(step for step in steps if step.get("node") == 4)  # the later use of w
    assert waiting["gradients"][0] is not None and not waiting["complete"][0]


def test_a_number_that_is_used_twice_by_one_node_collects_both():
    x = Var(3.0)
    words = str(bp.widgets.tape(x * x, {"x": x}))
    assert "v₁ gives x: 3.00 × 1.00 = 3.00, and x has 3.00\n   v₁ gives x: 3.00 × 1.00 = 3.00, and x has 3.00 + 3.00 = 6.00" in words
    assert "∂v₁/∂x = 6.00" in words


def test_several_users_are_counted():
    x, y = Var(1.0), Var(2.0)
    s = x + y
    words = str(bp.widgets.tape(s * x + s * y, {"x": x, "y": y, "s": s}))
    assert "s pushes. Its 2 users have pushed, so its gradient is complete." in words


def test_a_tape_that_is_too_long_to_read_is_refused():
    x = y = Var(0.5)
    for _ in range(12):
        y = y + x
    with pytest.raises(ValueError, match="up to 12 nodes, found 13"):
        bp.widgets.tape(y, {"x": x})
