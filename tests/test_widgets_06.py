"""The widget of one whole step without a browser: its arrays are bpkit's, each entry's sum comes out, its page asks for nothing."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.widgets._full_step import state

NET, X1, Y1 = nets.two_three_two()
X = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


@pytest.mark.parametrize("sizes", [(2, 3, 2), (3, 4, 2, 3)])
@pytest.mark.parametrize("m", [1, 4])
def test_every_array_is_what_bpkit_computes(sizes, m):
    rng = np.random.default_rng(4)
    net = bp.init(list(sizes), activation=bp.tanh, rng=rng)
    x, y = rng.normal(size=(sizes[0], m)), rng.normal(size=(sizes[-1], m))
    shown = {name: np.array(array["values"]) for name, array in state(net, x, y, 0.5)["arrays"].items()}
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    after = bp.sgd(net, grads, eta=0.5)
    for l in range(1, net.L + 1):
        for name, values in (
            ("z", cache.z[l]),
            ("a", cache.a[l]),
            ("δ", grads.delta[l]),
            ("dW", grads.W[l]),
            ("db", grads.b[l]),
            ("new W", after.W[l]),
            ("new b", after.b[l]),
        ):
            np.testing.assert_array_equal(shown[f"{name}{l}"], values)


def test_the_steps_go_forward_back_and_then_update():
    steps = state(NET, X, Y, 1.0)["steps"]
    assert [step["title"] for step in steps] == [
        "Start",
        "Forward, layer 1",
        "Forward, layer 2",
        "BP1, layer 2",
        "BP2, layer 1",
        "BP4 and BP3, layer 2",
        "BP4 and BP3, layer 1",
        "Update, η = 1",
    ]
    found = [name for step in steps for name in step["new"]]
    assert len(found) == len(set(found)) and set(found).isdisjoint(steps[0]["known"])
    after = bp.sgd(NET, bp.backward(NET, bp.forward(NET, X), Y), eta=1.0)
    assert f"was {bp.cost_of(NET, X, Y):.4f} and is {bp.cost_of(after, X, Y):.4f}" in steps[-1]["say"]


def evaluated(say):
    """Both sides of the last sum in an entry's words that is written out in numbers."""
    *_, total, result = say.split(" = ")
    total = re.sub(r"(\d)\(", r"\1*(", total.replace("−", "-").replace("×", "*").replace("·10⁻⁵", "e-5").replace("·10⁻⁴", "e-4"))
    return eval(total), float(result.replace("−", "-").replace("·10⁻⁵", "e-5").replace("·10⁻⁴", "e-4"))


@pytest.mark.parametrize("x", [X, X1])
def test_each_entry_s_words_hold_a_sum_that_comes_out(x):
    y = Y if x is X else Y1
    arrays = state(NET, x, y, 1.0)["arrays"]
    checked = 0
    for name in ("z1", "z2", "δ1", "δ2", "dW1", "dW2", "db1", "new W1", "new b2"):
        for row in arrays[name]["cells"]:
            for cell in row:
                if re.search(r"×|/ 3", cell["say"]):
                    total, result = evaluated(cell["say"])
                    assert total == pytest.approx(result, abs=0.006 * max(1, abs(result)))  # written with three digits
                    checked += 1
    assert checked >= 30


def test_each_entry_names_the_entries_that_it_is_made_of():
    arrays = state(NET, X, Y, 1.0)["arrays"]
    assert arrays["dW2"]["cells"][0][2]["of"] == {"δ2": [[0, 0], [0, 1], [0, 2]], "a1": [[2, 0], [2, 1], [2, 2]]}
    assert arrays["δ1"]["cells"][2][1]["of"] == {"W2": [[0, 2], [1, 2]], "δ2": [[0, 1], [1, 1]], "z1": [[2, 1]]}
    assert arrays["db1"]["cells"][1][0]["of"] == {"δ1": [[1, 0], [1, 1], [1, 2]]}
    for array in arrays.values():
        for source, cells in (pair for row in array["cells"] for cell in row for pair in cell.get("of", {}).items()):
            values = np.array(arrays[source]["values"])
            assert all(0 <= i < values.shape[0] and 0 <= k < values.shape[1] for i, k in cells)


def test_its_words_hold_the_gradients_and_one_example_is_a_batch_of_one():
    widget = bp.widgets.full_step(NET, X, Y)
    json.dumps(widget.state, allow_nan=False)
    assert "∂C/∂W²: −0.00782, −0.0271, −0.00419" in str(widget)
    assert bp.widgets.full_step(NET, X1[:, 0], Y1[:, 0]).state["m"] == 1


@pytest.mark.parametrize(
    ("net", "x", "y", "message"),
    [
        (NET, np.ones((2, 5)), np.ones((2, 5)), r"x has shape \(2, 5\), expected \(2, m\) with m from 1 to 4"),
        (NET, X, Y[:, :2], "x has 3 examples, y has 2"),
        (NET, X[:1], Y, r"x has shape \(1, 3\)"),
        (bp.init([2, 5, 2], rng=np.random.default_rng(0)), X, Y, "up to 4 neurons, found 2-5-2"),
        (bp.init([2, 2], output=bp.softmax, rng=np.random.default_rng(0)), X, Y, "elementwise activations, found softmax"),
    ],
)
def test_what_it_cannot_draw_it_refuses_in_words(net, x, y, message):
    with pytest.raises(ValueError, match=message):
        bp.widgets.full_step(net, x, y)
