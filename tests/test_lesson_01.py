"""What lesson 01 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "01_forward_propagation.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
NET, X, _ = bp.nets.three_three_two()
CACHE = bp.forward(NET, X)


def test_every_number_with_four_digits_is_one_of_the_nets():
    arrays = [*CACHE.z[1:], *CACHE.a[1:], bp.sigmoid(np.array([-1.0, 2.0]))]
    computed = {f"{abs(value):.4f}" for array in arrays for value in array.ravel()}
    by_hand = f"{abs(0.2689 - 2 * 0.6225 + 0.5 * 0.8808 + 0.5):.4f}"
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", TEXT))
    assert quoted and quoted <= {*computed, by_hand}
    assert by_hand == "0.0357" and f"{-CACHE.z[2][0, 0]:.4f}" == "0.0356"


def test_the_wrong_guesses_come_from_the_mistakes_that_are_named():
    products = NET.W[1][1] * X[:, 0]
    bias = NET.b[1][1, 0]
    assert products.sum() == 3 and (products + bias).sum() == -4.5
    assert NET.W[2][0, 1] == -2 and NET.W[2][1, 1] == NET.W[2][0, 0] == 1 and NET.W[2][1, 0] == -1.5


def test_the_matrices_in_the_prose_are_the_nets():
    for matrix in (NET.W[1], NET.W[2], X, NET.b[1], NET.b[2], NET.W[1] @ X, CACHE.z[1]):
        rows = r" \\ ".join(" & ".join(f"{value:g}" for value in row) for row in matrix)
        assert rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}" in TEXT


def test_a_flat_bias_goes_wrong_in_the_three_ways_it_says():
    W, flat = NET.W[1], NET.b[1].ravel()
    assert (W @ np.ones((3, 3)) + flat).shape == (3, 3)
    assert (W @ np.ones((3, 1)) + flat).shape == (3, 3)
    with pytest.raises(ValueError):
        W @ np.ones((3, 5)) + flat


def test_far_inputs_saturate_the_hidden_layer():
    for factor in (1e3, 1e6):
        far = bp.forward(NET, factor * X)
        assert far.a[1].ravel() == pytest.approx([0, 1, 1], abs=1e-300)
        assert far.z[2].ravel() == pytest.approx([-1, 2], rel=1e-12)


def test_what_the_widget_can_and_cannot_do():
    rest = CACHE.z[2][0, 0] - NET.b[2][0, 0]
    assert bp.sigmoid(np.array(rest + 2.75)) > 0.9 > bp.sigmoid(np.array(rest + 2.65))
    best = np.maximum(NET.W[2][0], 0).sum() + NET.b[2][0, 0]  # each hidden activation lies between 0 and 1
    assert best == 2 and f"{bp.sigmoid(np.array(best)):.4f}" == "0.8808"


def test_the_counts():
    assert (NET.W[1].size, NET.b[1].size, NET.W[2].size, NET.b[2].size, NET.n_parameters) == (9, 3, 6, 2, 20)
    assert 1000 / np.log(10) == pytest.approx(434, abs=0.5) and 1e307 < np.finfo(float).max < 1e309
    z = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(bp.tanh(z), 2 * bp.sigmoid(2 * z) - 1, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(bp.sigmoid(-z), 1 - bp.sigmoid(z), rtol=1e-12)


def test_it_tags_its_equations():
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == {"forward in components", "forward"}
