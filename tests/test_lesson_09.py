"""What lesson 09 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.exercises.lesson_09.ex6_shared_proof_order import PROOF

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "09_any_function.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
NET, X, Y = bp.nets.two_three_two()
CODING, PENALTY, ICA, FORM = bp.objectives.all_four()


def test_it_shows_the_bank_its_own_proof():
    assert PROOF.table() in TEXT


def test_its_numbers_are_those_of_the_course_s_net():
    np.testing.assert_array_equal(CODING["A"].value, NET.W[2])
    np.testing.assert_allclose(CODING["s"].value, bp.forward(NET, X).z[1], rtol=1e-15)
    np.testing.assert_array_equal(ICA["W"].value, NET.W[1])
    for net in (CODING, ICA):
        np.testing.assert_array_equal(net["x"].value, X)


def test_the_numbers_in_the_tables_come_out():

    def told(array):
        return ", ".join(f"{value:g}".replace("-", "−") for value in array.ravel())

    for key in ("F", "q", "r", "z", "s"):
        line = next(line for line in TEXT.splitlines() if line.startswith("| ") and rf"| $\delta_{key}$ |" in line)
        assert line.split("|")[-2].strip() == told(CODING[key].gradient)
    to_P, to_z = CODING.uses_of("A")
    assert f"row 1: {told(to_P.share[0])}" in TEXT and f"row 1: {told(to_z.share[0])}" in TEXT


def test_read_literally_the_penalty_has_another_shape_and_no_root():
    V, s = PENALTY["V"].value, PENALTY["s"].value
    assert (V @ s @ s.T).shape == (2, 3) != (V @ s**2).shape
    assert np.sum(V @ s @ s.T + 0.1 < 0) == 3


def test_tied_weights_get_the_sum_of_both_layers_gradients():
    def tied(W):
        return bp.Network((None, W, W.T), NET.b, NET.activations, NET.cost)

    grads = bp.backward(tied(NET.W[1]), bp.forward(tied(NET.W[1]), X), Y)
    report = bp.check_grad(lambda W: bp.cost_of(tied(W), X, Y), NET.W[1], grads.W[1] + grads.W[2].T)
    assert report.ok


def test_the_counterexample_has_partial_derivatives_and_breaks_the_sum():
    def F(u, v):
        return 0.0 if u == v == 0 else u**2 * v / (u**2 + v**2)

    assert all(F(t, 0) == F(0, t) == 0 for t in (-1.0, 1e-3, 2.0))
    assert F(0.3, 0.3) == pytest.approx(0.15)


def test_text_u_s_reconstruction_gradient_is_right_for_symmetric_matrices_only():
    rng = np.random.default_rng(4)
    W, x = rng.normal(size=(4, 4)), rng.normal(size=(4, 3))
    for matrix, right in ((W, False), (W + W.T, True)):
        r = matrix.T @ matrix @ x - x
        printed = 2 * matrix.T @ r @ x.T + 2 * (matrix @ x) @ r.T
        found = bp.check_grad(lambda v: np.sum((v.T @ v @ x - x) ** 2), matrix, printed)
        assert found.ok is right
    identity = np.eye(3)
    assert not (identity.T @ identity @ x[:3] - x[:3]).any()


@pytest.mark.parametrize(
    ("F", "gradient", "shape"),
    [
        (lambda X: np.sum((X.T @ X - np.eye(3)) ** 2), lambda X: 4 * X @ (X.T @ X - np.eye(3)), (4, 3)),
        (lambda W: np.sum(np.log1p(np.exp(W @ np.ones((3, 1))))), lambda W: bp.sigmoid(W @ np.ones((3, 1))) @ np.ones((1, 3)), (2, 3)),
    ],
)
def test_the_functions_to_choose_from_have_these_gradients(F, gradient, shape):
    assert bp.check_grad(F, np.random.default_rng(1).normal(size=shape), gradient).ok


def test_a_step_taken_twice_adds_both_uses():
    rng = np.random.default_rng(2)
    W, x, a = rng.normal(size=(3, 3)), rng.normal(size=(3, 1)), rng.normal(size=(3, 1))
    h = np.tanh(W @ x)
    second, first = a @ h.T, ((W.T @ a) * (1 - h**2)) @ x.T
    assert bp.check_grad(lambda v: (a.T @ v @ np.tanh(v @ x)).item(), W, first + second, scheme="richardson").ok


def test_it_tags_its_equations():
    names = {
        "shared parameter",
        "transposed use",
        "sparse coding, s",
        "sparse coding, A",
        "topographic penalty",
        "ICA reconstruction",
        "quadratic form",
    }
    assert set(re.findall(r"\\tag\{([^}]*)\}", TEXT)) == names


def test_it_counts_its_guesses_and_exercises():
    assert sum(cell.text.startswith("guess = ...") for cell in SOURCE.cells) == 6
    assert "seven exercises and six guesses" in TEXT


def test_copies_of_one_matrix_move_by_root_u_times_its_step():
    H = np.random.default_rng(0).normal(size=(3, 2))
    for uses in (2, 3, 7):
        assert np.linalg.norm([H] * uses) == pytest.approx(np.sqrt(uses) * np.linalg.norm(H), rel=1e-14)


def test_the_table_of_text_u_blames_it_for_nothing_that_a_copy_lost():
    table = TEXT.partition("## Text U, corrected")[2].partition("## Recap")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == 5 and "five slips" in table and "z_i x_i" not in TEXT
    assert '$l$ is "the number of layers"' in rows[0] and "the last one is $n_l$" in rows[0]  # 神经网络的层数; 第l层神经元的个数
    assert r"\nabla_X F" in table and r"\nabla_A F" in table  # as it stands, and as announced
    A, s, x = np.random.default_rng(1).normal(size=(3, 2)), np.ones((2, 1)), np.ones((3, 1))
    by_input = bp.complex_step(lambda s: ((A @ s - x) ** 2).sum(), s)
    np.testing.assert_allclose(A.T @ (2 * (A @ s - x)), by_input, rtol=1e-12)
