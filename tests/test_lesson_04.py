"""What lesson 04 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "04_output_error.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
NET, X, Y = bp.nets.two_three_two()
CACHE = bp.forward(NET, X)
A2, SLOPES = CACHE.a[2], bp.sigmoid.prime(CACHE.z[2])
DELTA = (A2 - Y) * SLOPES
Z, TARGET = np.array([[1.0], [2.0], [0.5]]), np.array([[1.0], [0.0], [0.0]])
A = bp.softmax(Z)
J = bp.softmax.jacobian(Z)


def test_every_number_with_four_digits_comes_out():
    elementwise = (A - TARGET) * A * (1 - A)
    by_jacobian = bp.softmax.vjp(Z, A, A - TARGET)
    saturated = bp.sigmoid(np.array([-4.0, 4.0]))
    arrays = [CACHE.a[1], A2, A2 - Y, SLOPES, DELTA, A, A - TARGET, J, elementwise, by_jacobian, saturated]
    computed = {f"{abs(value):.4f}" for array in arrays for value in np.ravel(array)}
    quoted = set(re.findall(r"\d+\.\d{4}(?!\d)", TEXT))
    assert quoted and quoted <= computed, quoted - computed


def test_the_steepest_weight_is_as_told():
    slopes = DELTA @ CACHE.a[1].T
    assert np.unravel_index(np.argmax(np.abs(slopes)), slopes.shape) == (1, 2)
    assert np.all(slopes[0] < 0) and np.all(slopes[1] > 0)
    for row in slopes:
        np.testing.assert_allclose(row / row[0], CACHE.a[1][:, 0] / CACHE.a[1][0, 0], rtol=1e-12)


def test_the_third_output_is_too_high_and_has_a_negative_error():
    paths = J[:, 2] * (A - TARGET)[:, 0]
    assert A[2, 0] > TARGET[2, 0] and paths.sum() < 0 < paths[2]
    np.testing.assert_allclose(paths.sum(), bp.complex_step(lambda v: bp.quadratic(bp.softmax(v), TARGET), Z)[2, 0], rtol=1e-10)


def test_the_saturated_neuron_is_off_by_more_and_has_the_smaller_error():
    off, slope = np.abs(bp.sigmoid(np.array([0.0, -4.0])) - 1), bp.sigmoid.prime(np.array([0.0, -4.0]))
    assert 1.9 < off[1] / off[0] < 2  # "nearly twice"
    assert slope[0] / slope[1] == pytest.approx(14, abs=0.5)  # "a fourteenth"
    assert bp.sigmoid.prime(np.array([0.0])) == 1 / 4


def test_raising_one_z_shrinks_the_others_by_one_factor():
    after = bp.softmax(Z + np.array([[0.0], [0.0], [1.0]]))
    factors = (after / A)[:2, 0]
    assert factors[0] == pytest.approx(factors[1], rel=1e-12) and factors[0] < 1


def test_the_quadratic_neuron_waits_some_200_steps():
    said = {}
    for cost in (bp.quadratic, bp.binary_cross_entropy):
        w = b = 2.0
        steps = 0
        while (a := bp.sigmoid(np.array([[w + b]])))[0, 0] >= 0.5:
            delta = cost.output_error(np.array([[w + b]]), a, np.zeros((1, 1)), bp.sigmoid)[0, 0]
            w, b, steps = w - 0.15 * delta, b - 0.15 * delta, steps + 1
        said[cost.name] = steps
    assert 200 < said["quadratic"] < 250 and said["binary_cross_entropy"] < 20


@pytest.mark.parametrize(
    ("activation", "cost", "formula"),
    [
        (bp.sigmoid, bp.quadratic, lambda a, y: (a - y) * a * (1 - a)),
        (bp.softmax, bp.quadratic, lambda a, y: a * (a - y - (a * (a - y)).sum(axis=0))),
        (bp.sigmoid, bp.binary_cross_entropy, lambda a, y: a - y),
        (bp.softmax, bp.cross_entropy, lambda a, y: a - y),
    ],
)
def test_the_table_of_errors_holds(activation, cost, formula):
    rng = np.random.default_rng(4)
    z, y = rng.normal(size=(4, 3)), np.eye(4)[:, [2, 0, 3]]

    def total(v):
        return cost.per_example(activation(v), y).sum()

    np.testing.assert_allclose(formula(activation(z), y), bp.complex_step(total, z), rtol=1e-10, atol=1e-14)


def test_a_sigmoid_is_a_softmax_over_z_and_0():
    z = np.linspace(-3, 3, 7)[None]
    both = bp.softmax(np.vstack([z, 0 * z]))
    np.testing.assert_allclose(both, np.vstack([bp.sigmoid(z), 1 - bp.sigmoid(z)]), rtol=1e-12)
    y = np.full_like(z, 0.3)
    np.testing.assert_allclose(bp.cross_entropy(both, np.vstack([y, 1 - y])), bp.binary_cross_entropy(bp.sigmoid(z), y), rtol=1e-12)


def test_it_tags_its_equations():
    tags = {"sigmoid slope", "BP1", "BP1a", "softmax Jacobian", "BP1 with mixing", "softmax VJP", "BP1 with cross-entropy"}
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == tags


def test_ones_pass_the_formulas_that_send_equal_entries_to_0_and_no_others():
    def vjp(g):
        return bp.softmax.vjp(Z, A, g)

    ones, unequal = np.ones_like(A), np.array([[0.3], [-1.0], [0.5]])
    formulas = {
        "the plain mean": lambda g: A * (g - g.mean()),
        "entry by entry": lambda g: A * (1 - A) * g,
        "a aᵀ alone": lambda g: A @ (A.T @ g),
    }
    off = {name: [np.abs(formula(g) - vjp(g)).max() for g in (ones, unequal)] for name, formula in formulas.items()}
    assert np.abs(vjp(ones)).max() < 1e-15
    assert {name for name, (with_ones, _) in off.items() if with_ones < 1e-15} == {"the plain mean"}
    assert all(with_unequal > 0.1 for _, with_unequal in off.values())
    deck = (Path(__file__).resolve().parent.parent / "slides" / "04_output_error.py").read_text(encoding="utf-8")
    assert "finds nothing wrong" not in TEXT and "passes for any formula" not in deck


def test_bp1_fails_for_a_softmax_and_the_mixing_form_holds_for_every_pair():
    y = TARGET
    for activation in (bp.sigmoid, bp.softmax):
        for cost in (bp.quadratic, bp.cross_entropy):
            a = activation(Z)
            measured = bp.complex_step(lambda v, f=activation, c=cost: c(f(v), y), Z)
            slopes = a - y if cost is bp.quadratic else -y / a
            np.testing.assert_allclose(activation.jacobian(Z).reshape(3, 3).T @ slopes, measured, rtol=1e-10, atol=1e-14)
            entry_by_entry = slopes * a * (1 - a)
            assert np.allclose(entry_by_entry, measured) == (activation is bp.sigmoid)
    assert "BP1 always holds" not in TEXT


def test_the_surroundings_of_a_minimum_need_not_be_smooth():
    for w in (1e-3, 1e-9):
        assert [bp.numerical_gradient(lambda v: np.abs(v).sum(), np.array([side * w]), w / 10)[0] for side in (1, -1)] == pytest.approx([1, -1])
