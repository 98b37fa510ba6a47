"""What lesson 14 says is so: the claims of its text that no cell of it measures, and the examples that it shares with the bank."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.exercises import registry
from bpkit.exercises.lesson_14.ex6_truncated_slope import INPUTS, U
from bpkit.exercises.lesson_14.ex7_long_run import MATRICES

SOURCE = source_of(Path(__file__).resolve().parent.parent / "solutions" / "14_weights_used_again.py")
PROSE = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")


def test_it_shows_its_own_figure_and_widget():
    code = [cell.text for cell in SOURCE.cells if cell.kind == "code"]
    assert any("bp.plots.weights_used_again(" in text for text in code) and any("bp.widgets.weights_used_again(" in text for text in code)


def test_the_matrices_of_the_text_are_those_of_the_bank():
    found = {}
    for letter, entries in re.findall(r"([A-F]) = \\begin\{pmatrix\} (.*?) \\end\{pmatrix\}", PROSE):
        found[letter] = [[float(entry) for entry in row.split("&")] for row in entries.split(r"\\")]
    assert sorted(found) == sorted(MATRICES)
    for letter, matrix in MATRICES.items():
        np.testing.assert_array_equal(found[letter], matrix)


def test_the_inputs_of_the_text_are_those_of_the_bank():
    assert all(f"$x_{t} = {x:g}$" in PROSE for t, x in enumerate(INPUTS, start=1)) and U == 0.5 and r"$u = \tfrac12$" in PROSE
    assert registry()["14.6"].reference == registry()["14.6"].oracle()


def test_a_turned_kernel_is_the_transpose_with_any_stride_and_padding():
    rng = np.random.default_rng(0)
    for n, q, s, p in ((8, 3, 2, 0), (8, 3, 2, 1), (9, 4, 3, 2), (7, 2, 1, 1)):
        k, places = rng.normal(size=q), (n + 2 * p - q) // s + 1
        delta = rng.normal(size=places)
        dilated = np.zeros(s * (places - 1) + 1)
        dilated[::s] = delta
        full = np.correlate(np.pad(dilated, q - 1), k[::-1], "valid")
        by_hand = np.pad(full, (0, n + 2 * p - full.size))[p : p + n]
        x = rng.normal(size=n)

        def cost(v, k=k, s=s, p=p, delta=delta):
            return delta @ np.correlate(np.pad(v, p), k, "valid")[::s]

        np.testing.assert_allclose(by_hand, bp.numerical_gradient(cost, x), atol=1e-8)


def test_truncated_after_one_step_no_cost_has_these_as_its_gradient():
    """The mixed derivatives of the two kept parts are as the text says, and differ; those of the whole gradient agree."""
    x1, x2, x3 = -3.0, 2.0, 1.0

    def states(u, w):
        h1 = w * x1
        h2 = u * h1 + w * x2
        return h1, h2

    def kept(v):
        u, w = v
        return np.array([states(u, w)[1], x3 + 0 * w])

    def whole(v):
        u, w = v
        h1, h2 = states(u, w)
        return np.array([h2 + u * h1, x3 + u * x2 + u * u * x1])

    at = np.array([0.5, 1.3])
    half, full = bp.numerical_jacobian(kept, at), bp.numerical_jacobian(whole, at)
    np.testing.assert_allclose(half[0, 1], 0.5 * x1 + x2)
    assert abs(half[1, 0]) < 1e-9 < abs(half[0, 1])
    np.testing.assert_allclose(full[0, 1], full[1, 0])
    np.testing.assert_allclose(whole(at), bp.numerical_gradient(lambda v: v[0] * states(*v)[1] + v[1] * x3, at))


def test_the_largest_singular_value_bounds_every_step_with_tanh():
    rng = np.random.default_rng(3)
    for scale in (0.3, 1.0, 3.0):
        U, x, h = scale * rng.normal(size=(5, 5)), rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
        after, delta = bp.recurrent_cell(x, h, np.eye(5), U, np.zeros((5, 1))), rng.normal(size=(5, 2))
        before = (U.T @ delta) * (1 - after**2)
        assert np.all(np.linalg.norm(before, axis=0) <= np.linalg.norm(U, 2) * np.linalg.norm(delta, axis=0))


def test_the_radius_is_never_above_the_singular_value():
    rng = np.random.default_rng(4)
    for n in (1, 2, 5, 20):
        U = rng.normal(size=(n, n))
        assert np.abs(np.linalg.eigvals(U)).max() <= np.linalg.norm(U, 2) * (1 + 1e-12)


# ---- the digits ----------------------------------------------------------------------------------------------------------


def the_two_nets():
    """The lesson's own code for both nets, without its training."""
    space = {"np": np, "bp": bp}
    for begins in ("split = ", "def gradients", "def new_params", "def train", "def dense_net", "def dense_gradients"):
        cell = next(cell.text for cell in SOURCE.cells if cell.kind == "code" and cell.text.startswith(begins))
        exec(cell, space)
    return space


@pytest.mark.slow
def test_the_dense_net_that_it_compares_with_is_lesson_08s():
    space = the_two_nets()
    params = space["new_dense"](np.random.default_rng(0))
    net, split = space["dense_net"](params), space["split"]
    assert net.sizes == (64, 30, 10) and net.n_parameters == 2260 == sum(p.size for p in params)
    x, y = split.train.x[:, :3], np.eye(10)[:, split.train.labels[:3]]

    def cost(moved):
        return bp.cost_of(space["dense_net"](moved), x, y)

    assert bp.check_grad(cost, params, list(space["dense_gradients"](params, x.reshape(1, 8, 8, 3), y))).ok
    accuracy = bp.accuracy(bp.predict(net, split.test.x), np.eye(10)[:, split.test.labels])
    assert space["misread"](params) == pytest.approx(1 - accuracy)


@pytest.mark.slow
def test_trained_alike_the_convolutional_net_misreads_less_from_other_starts_too():
    space = the_two_nets()
    pool, misread = space["pool"], {"conv": 0.0, "dense": 0.0}
    for seed in (3, 4, 5):
        for kind, new, by in (("conv", "new_params", "gradients"), ("dense", "new_dense", "dense_gradients")):
            rng = np.random.default_rng(seed)
            misread[kind] += space["misread"](space["train"](space[new](rng), pool.x, pool.labels, rng, by=space[by]))
    assert misread["conv"] <= 0.9 * misread["dense"]


# ---- what libraries agree on at a tie ----------------------------------------------------------------------------------

TABLE = re.search(r"^\| \| PyTorch .*?\n\n", PROSE, re.MULTILINE | re.DOTALL)[0].splitlines()
TIES = {what.strip(): [cell.strip() for cell in cells] for what, *cells in (line.split("|")[1:-1] for line in TABLE if "--" not in line and line)}
TIE = np.full((2, 2), 2.0)


def said(shares):
    shares = np.ravel(shares)
    return "¼ each" if np.all(shares == 0.25) else ", ".join(f"{share:g}" for share in shares)


def found_with(library):
    """What a tile of equal numbers gets, from pooling and from the maximum, and the library's version."""
    if library == "PyTorch":
        torch = pytest.importorskip("torch")
        pooled, largest = (torch.tensor(TIE, requires_grad=True) for _ in range(2))
        torch.nn.functional.max_pool2d(pooled[None, None], 2).sum().backward()
        largest.max().backward()
        return [said(pooled.grad), said(largest.grad)], torch.__version__.partition("+")[0]
    if library == "JAX":
        jax = pytest.importorskip("jax")

        def pool(x):
            return jax.lax.reduce_window(x, -np.inf, jax.lax.max, (2, 2), (2, 2), "VALID").sum()

        return [said(jax.grad(f)(jax.numpy.array(TIE))) for f in (pool, jax.numpy.max)], jax.__version__
    autograd = pytest.importorskip("autograd")
    return ["has none", said(autograd.grad(pytest.importorskip("autograd.numpy").max)(TIE))], metadata.version("autograd")


@pytest.mark.parametrize("library", ["PyTorch", "JAX", "autograd"])
def test_what_a_library_does_at_a_tie(library):
    column = next(k for k, head in enumerate(TIES[""]) if head.startswith(library))
    found, version = found_with(library)
    if TIES[""][column] != f"{library} {version}":
        pytest.skip(f"the table is about {TIES[''][column]}, found {version}")
    assert found == [TIES["max pooling"][column], TIES["maximum of an array"][column]]


def test_bpkit_gives_a_tie_to_the_first():
    assert bp.max_pool_vjp(TIE.reshape(1, 2, 2, 1), np.ones((1, 1, 1, 1))).ravel().tolist() == [1, 0, 0, 0]
