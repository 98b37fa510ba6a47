"""What lesson 06 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "06_backpropagation.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
NET, X1, Y1 = bp.nets.two_three_two()
CACHE = bp.forward(NET, X1)
GRADS = bp.backward(NET, CACHE, Y1)
X = np.array([[1.0, -1.0, 0.5], [2.0, 0.5, -1.0]])
Y = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


def test_every_number_with_four_digits_is_one_of_the_nets():
    arrays = [*CACHE.a[1:], *CACHE.z[1:], *GRADS.delta[1:], *GRADS.W[1:]]
    computed = {f"{abs(value):.4f}" for array in arrays for value in array.ravel()}
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", TEXT))
    assert quoted and quoted <= computed


def test_the_first_guess():
    dW = GRADS.W[2]
    assert abs(NET.W[2][0, 1]) > abs(NET.W[2][0, 2]) and abs(dW[0, 1]) < abs(dW[0, 2])
    np.testing.assert_allclose(dW[1] / dW[0], np.full(3, GRADS.delta[2][1, 0] / GRADS.delta[2][0, 0]), rtol=1e-12)
    assert f"{GRADS.delta[2][1, 0] / GRADS.delta[2][0, 0]:.2f}" == "-1.13"
    rows = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in NET.W[2])
    assert rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}" in TEXT


def test_the_first_two_examples_want_opposite_things():
    batch = bp.forward(NET, X)
    delta = bp.backward(NET, batch, Y).delta[2]
    tables = [np.outer(delta[:, i], batch.a[1][:, i]) for i in range(3)]
    assert np.all(np.sign(tables[0]) == -np.sign(tables[1]))
    np.testing.assert_array_equal(X[:, :1], X1)
    np.testing.assert_array_equal(Y[:, :1], Y1)


def costs_after(for_W, for_b):
    net = NET
    for _ in range(20):
        g = bp.backward(net, bp.forward(net, X), Y)
        W, b = (None, *(for_W * dW for dW in g.W[1:])), (None, *(for_b * db for db in g.b[1:]))
        net = bp.sgd(net, bp.Gradients(g.delta, W, b), eta=0.5)
    return bp.cost_of(net, X, Y)


def test_anna_is_faster_and_ben_walks_uphill():
    start = bp.cost_of(NET, X, Y)
    assert costs_after(3, 1) < costs_after(1, 1) < start < costs_after(-1, -1)


@pytest.mark.parametrize("eta", [1.0, 0.1, 0.001])
def test_the_update_on_the_way_costs_a_part_that_is_proportional_to_eta(eta):
    batch = bp.forward(NET, X)
    g = bp.backward(NET, batch, Y)
    slope = bp.sigmoid.prime(batch.z[1])
    wrong = ((NET.W[2] - eta * g.W[2]).T @ g.delta[2]) * slope
    np.testing.assert_allclose(g.delta[1] - wrong, eta * (g.W[2].T @ g.delta[2]) * slope, rtol=1e-9, atol=1e-12)


def test_the_batch_given_twice():
    once, twice = (bp.backward(NET, bp.forward(NET, x), y) for x, y in ((X, Y), (np.hstack([X, X]), np.hstack([Y, Y]))))
    for l in (1, 2):
        np.testing.assert_allclose(twice.W[l], once.W[l], rtol=1e-12)
        np.testing.assert_allclose(twice.b[l], once.b[l], rtol=1e-12, atol=1e-16)


def test_rows_are_columns_transposed():
    batch = bp.forward(NET, X)
    g = bp.backward(NET, batch, Y)
    d, y, w = g.delta[2].T, batch.a[1].T, NET.W[2].T
    np.testing.assert_allclose(y.T @ d / 3, g.W[2].T, rtol=1e-12)
    np.testing.assert_allclose(d.mean(axis=0, keepdims=True), g.b[2].T, rtol=1e-12)
    np.testing.assert_allclose((d @ w.T) * y * (1 - y), g.delta[1].T, rtol=1e-12)
    np.testing.assert_allclose(X.T @ NET.W[1].T + NET.b[1].T, batch.z[1].T, rtol=1e-12)


def test_the_counts():
    rng = np.random.default_rng(0)
    assert bp.init([784, 30, 10], rng=rng).n_parameters == 23_860 and 2 * 23_860 == 47_720
    for sizes in (rng.integers(1, 50, size=n) for n in (2, 3, 5, 9, 30)):
        products = sizes[1:] * sizes[:-1]
        assert 1 <= (2 * products.sum() - products[0]) / products.sum() < 2


def test_it_tags_its_equations():
    tags = {"BP1a", "BP2", "BP3", "BP4", "BP3 in components", "BP4 in components", "BP3 with one bias"}
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == tags


def test_the_core_formula_of_text_p_is_one_step_of_a_hidden_weight():
    eta = 0.7
    stepped = bp.sgd(NET, GRADS, eta=eta)
    for j in range(3):
        for k in range(2):
            back = sum(GRADS.delta[2][i, 0] * NET.W[2][i, j] for i in range(2)) * bp.sigmoid.prime(CACHE.z[1])[j, 0]
            assert stepped.W[1][j, k] == pytest.approx(NET.W[1][j, k] - eta * back * X1[k, 0], rel=1e-13)
    assert "反向传播核心算式" in TEXT


def test_the_three_steps_of_text_a_are_those_of_its_sentence():
    """BP推导有三部曲,先求出 [δ],再根据 [δ] 分别求出 [∂C/∂w]、[∂C/∂b]; what starts them, its 导火索, is the last layer's."""
    said = TEXT.partition("三部曲")[2].partition("P ends")[0]
    places = [said.index(part) for part in (r"$\delta$ first", r"\partial C/\partial w", r"\partial C/\partial b", "导火索", r"\delta^L")]
    assert places == sorted(places)


def test_column_beside_column_is_text_rs_matrix_and_its_bias_is_a_row():
    error, outputs = GRADS.delta[2].T, CACHE.a[1].T  # rows, as R has them
    columns = [error[0, j] * outputs.T for j in range(2)]
    np.testing.assert_allclose(np.hstack(columns), outputs.T @ error, rtol=1e-15)
    batch = bp.forward(NET, X)
    rows = bp.backward(NET, batch, Y).delta[2].T
    assert rows.shape == (3, 2) and NET.b[2].T.shape == (1, 2)  # the printed db has a row for each example
    np.testing.assert_allclose(rows.sum(axis=0, keepdims=True) / 3, bp.backward(NET, batch, Y).b[2].T, rtol=1e-12)
