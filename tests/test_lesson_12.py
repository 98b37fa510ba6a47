"""What lesson 12 says in words and numbers is what comes out."""

import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.course.pages import plain
from bpkit.equations import EQUATIONS

SOLUTIONS = Path(__file__).resolve().parent.parent / "solutions"
SOURCE = source_of(SOLUTIONS / "12_normalisation_and_residuals.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")


def in_one_line(text):
    return re.sub(r"\s+", " ", text)


def lesson(slug):
    return in_one_line("\n\n".join(cell.text for cell in source_of(SOLUTIONS / f"{slug}.py").cells if cell.kind == "markdown"))


@pytest.fixture(scope="module")
def ran():
    """What the cells leave behind, without the checks, pictures and pages of words."""
    names = {}
    for cell in SOURCE.cells:
        if cell.kind == "code" and not re.search(r"bp\.(check|plots|widgets|words|equations|beside)\b", cell.text):
            exec(compile(cell.text, SOURCE.slug, "exec"), names)
        elif cell.kind == "code" and "bp.beside(" in cell.text:
            body = "\n".join(line for line in cell.text.splitlines() if not line.startswith("bp.beside("))
            exec(compile(body, SOURCE.slug, "exec"), names)
    return names


def test_it_shows_its_own_figure_and_widget():
    code = [cell.text for cell in SOURCE.cells if cell.kind == "code"]
    assert any("bp.plots.who_moves_whom(" in text for text in code) and any("bp.widgets.normalisation_and_residuals(" in text for text in code)


@pytest.mark.parametrize(
    ("number", "slug", "said"),
    [
        ("01", "01_forward_propagation", "product treats each column by itself"),
        ("05", "05_propagating_the_error", r"Nothing changes for $m$ examples: a matrix product treats each column by itself, and so does $\odot$."),
        ("05", "05_propagating_the_error", "Each column is one example and has its own error"),
        ("06", "06_backpropagation", r"In this course $\delta$ belongs to one example"),
        ("06", "06_backpropagation", "BP4 for each example"),
    ],
)
def test_the_claims_that_it_breaks_stand_in_those_lessons(number, slug, said):
    assert said in lesson(slug) and said in in_one_line(TEXT)


def test_a_nudge_moves_all_costs_under_a_batch_norm_and_one_without(ran):
    off = ~np.eye(4, dtype=bool)
    assert np.all(np.abs(ran["batch"]) > 1e-6) and not np.abs(ran["plain"][off]).max() > 1e-12
    for normal in (ran["evaluation"], ran["layer_normed"]):
        assert np.abs(ran["who_moves_whom"](normal)[off]).max() < 1e-12


def test_rows_that_differ_by_a_factor_are_normalised_alike(ran):
    W = ran["net"].W[1]
    np.testing.assert_allclose(W[2], -2 * W[0])
    np.testing.assert_allclose(ran["normed"](ran["z1"])[2], -ran["normed"](ran["z1"])[0], rtol=1e-4)


def test_bp4_holds_for_the_sum_and_a_column_is_no_examples_gradient(ran):
    net, X, costs, normed = ran["net"], ran["X"], ran["costs"], ran["normed"]
    by_w = bp.complex_step(lambda W: costs(W @ X + net.b[1], normed).sum(), net.W[1])
    np.testing.assert_allclose(ran["delta"](normed, 4) @ X.T, by_w, rtol=1e-9)
    alone = bp.complex_step(lambda W: costs(W @ X + net.b[1], normed)[0], net.W[1])
    assert not np.allclose(np.outer(ran["delta"](normed, 4)[:, 0], X[:, 0]), alone, rtol=0.05)


def test_paths_and_one_line_and_jacobian_are_one(ran):
    np.testing.assert_allclose(sum(ran["paths"]), ran["delta"](ran["normed"], 4)[0], rtol=1e-9)
    np.testing.assert_allclose(ran["J"], ran["J"].T)


@pytest.mark.parametrize("m", [1, 2])
def test_a_batch_of_one_or_two_hands_nothing_back_without_epsilon(m):
    rng = np.random.default_rng(m)
    z, g, one = rng.normal(size=(3, m)), rng.normal(size=(3, m)), np.ones((3, 1))
    assert np.abs(bp.batch_norm_vjp(z, one, g, 1e-300)[0]).max() * z.std() < 1e-12 or m == 1


def test_the_length_grows_by_the_squares_of_the_steps(ran):
    gradient, W = ran["first_layer_gradient"], ran["net"].W[1]
    dW = gradient(W)
    assert abs((W * dW).sum()) < 1e-12 and np.linalg.norm(W - 20 * dW) > np.linalg.norm(W)
    assert np.linalg.norm(W - 20 * dW) ** 2 == pytest.approx(np.linalg.norm(W) ** 2 + 400 * np.linalg.norm(dW) ** 2)
    assert np.linalg.norm(gradient(W, 10.0)) == pytest.approx(np.linalg.norm(dW) / 10)


def test_layer_norm_does_not_see_the_length_of_the_whole_matrix_but_that_of_a_row():
    rng = np.random.default_rng(3)
    W, b, a, one = rng.normal(size=(3, 2)), rng.normal(size=(3, 1)), rng.normal(size=(2, 4)), np.ones((3, 1))

    def normed(W, b):
        return bp.layer_norm(W @ a + b, one, 0 * one, 0.0)

    np.testing.assert_allclose(normed(7 * W, 7 * b), normed(W, b))
    assert not np.allclose(normed(W * [[7], [1], [1]], b), normed(W, b))


def test_what_it_says_of_depth(ran):
    survives, kept = ran["survives"], ran["gradient_kept"]
    assert 1e-31 / 3 < survives(100, 0.5, 0)[0] < 1e-30 and round(survives(100, 0.5, 1)[0]) == 20
    for L in (10, 30, 100):
        for skip in (0, 1):
            measured, estimated = survives(L, 0.5, skip)
            assert abs(np.log(estimated / measured)) < 1
    assert kept("post-norm", 2.0) > 1e4 and kept("residual", 2.0) > 1e4 and kept("pre-norm", 2.0) < 1e2
    for L in (25, 100):
        assert 1 < kept("pre-norm", 1.0, 4 * L) / kept("pre-norm", 1.0, L) < 3
    assert all(kept(kind, 0.5) > 1 for kind in ("residual", "post-norm", "pre-norm")) and kept("plain", 0.5) < 1e-30


def test_its_gradients_through_norms_and_blocks_are_measured_ones(ran):
    rng = np.random.default_rng(5)
    one, V, a, g = np.ones((4, 1)), rng.normal(size=(4, 4)), rng.normal(size=(4, 3)), rng.normal(size=(4, 3))

    def norm(a):
        return bp.layer_norm(a, one, 0 * one)

    blocks = {
        "plain": lambda a: np.tanh(V @ a),
        "residual": lambda a: a + np.tanh(V @ a),
        "post-norm": lambda a: norm(a + np.tanh(V @ a)),
        "pre-norm": lambda a: a + np.tanh(V @ norm(a)),
    }
    for kind, block in blocks.items():
        h = np.tanh(V @ (norm(a) if kind == "pre-norm" else a))
        found = ran["one_block_back"](kind, one, V, a, h, h if kind == "plain" else a + h, g)
        np.testing.assert_allclose(found, bp.complex_step(lambda v, block=block: (g * block(v)).sum(), a), rtol=1e-9)


def test_the_mean_over_the_masks_passes_what_is_linear_only(ran):
    assert ran["same"] == [True, False]
    np.testing.assert_allclose(ran["z2"].var(axis=0).ravel(), ran["variance"].ravel())


def test_dropout_keeps_the_mean_and_adds_p_over_1_minus_p_times_the_square():
    rng, p = np.random.default_rng(8), 0.3
    a = rng.normal(size=(4, 1))
    drawn = (rng.random(size=(4, 200_000)) < 1 - p) * a / (1 - p)
    np.testing.assert_allclose(drawn.mean(axis=1), a[:, 0], atol=0.02)
    np.testing.assert_allclose(drawn.var(axis=1), p / (1 - p) * a[:, 0] ** 2, rtol=0.02)


def test_its_equations_are_tagged_once_each():
    tags = re.findall(r"\\tag\{([^}]*)\}", TEXT)
    assert len(tags) == len(set(tags)) == 13


def test_it_counts_its_guesses_and_exercises():
    assert sum(cell.text.startswith("guess = ...") for cell in SOURCE.cells) == 4
    assert "eight exercises and four guesses" in TEXT


def test_its_equations_can_be_read_without_latex():
    texts = {name: plain(EQUATIONS[name].latex) for name in ("batch norm backward", "batch norm Jacobian", "scaled gradient", "dropout backward")}
    hat, wave = "\N{COMBINING CIRCUMFLEX ACCENT}", "\N{COMBINING TILDE}"
    assert texts == {
        "batch norm backward": f"δ = γ/s ⊙ (g - mean(g) - z{hat} ⊙ mean(g ⊙ z{hat}))",
        "batch norm Jacobian": f"∂z{hat}/∂z = 1/s (I - 1/m 1 1ᵀ - 1/m z{hat} z{hat}ᵀ)",
        "scaled gradient": "⟨W, ∂C/∂W⟩ = 0, ∂C/∂W (c W) = 1/c ∂C/∂W (W)",
        "dropout backward": f"∂C/∂a = r ⊙ g/(1 - p), g = ∂C/∂a{wave}",
    }
