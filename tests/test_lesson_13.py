"""What lesson 13 says in words and numbers is what comes out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from course_sources import source_of

import bpkit as bp
from bpkit.exercises.lesson_13.ex7_stream_proof_order import PROOF

ROOT = Path(__file__).resolve().parent.parent
SOURCE = source_of(ROOT / "solutions" / "13_attention.py")
TEXT = "\n\n".join(cell.text for cell in SOURCE.cells if cell.kind == "markdown")
CODE = [cell.text for cell in SOURCE.cells if cell.kind == "code"]


def run(*beginnings, **given):
    """The names that some cells define, run in order, each told by how it begins."""
    names = {"np": np, "bp": bp, "guess": ..., **given}
    for begin in beginnings:
        exec(next(text for text in CODE if text.startswith(begin)), names)
    return names


def test_it_shows_its_own_figure_and_widget():
    assert any("bp.plots.attention(" in text for text in CODE) and any("bp.widgets.attention(" in text for text in CODE)


def test_it_shows_the_bank_its_own_proof():
    assert PROOF.table() in TEXT


def test_a_word_that_stands_twice_loses_the_first_gradient_to_numpy_s_line():
    names = run("words =", "g = rng.normal(size=(2, 5))")
    first, second = names["g"][0, [0, 3]]
    assert (first, second) == (0.6, 0.9) and f"where {first} and {second} come back?" in TEXT
    assert names["dE"][0, 0] == second and bp.embedding_vjp(names["E"], names["tokens"], names["g"])[0, 0] == pytest.approx(1.5)
    assert f"{second} alone." in TEXT and "The sum is 1.5." in TEXT


def test_the_result_of_a_place_is_that_of_its_word_until_a_mask_comes():
    names = run("words =", "g = rng.normal(size=(2, 5))", "Wq, Wk, Wv", "causal =")
    assert np.allclose(names["O"][:, 0], names["O"][:, 3])
    assert not np.allclose(names["A"][:, 0], names["A"][:, 3])
    assert names["A"].min() == 0 and names["A"][0, 0] == 1


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_without_the_scale_one_key_takes_all_and_with_it_nothing_changes_with_d(seed):
    spread = run("def spread")["spread"]
    for d in (4, 64, 1024):
        plain, scaled = spread(d, 1, seed), spread(d, d**-0.5, seed)
        assert plain[0] == pytest.approx(d, rel=0.05) and scaled[0] == pytest.approx(1, rel=0.05)
        assert 0.3 < scaled[1] < 0.4 and 0.3 < scaled[2] < 0.4
    assert round(plain[1], 2) == 0.97 and plain[2] < 0.06
    assert "0.97: one key takes everything" in TEXT


def test_the_streaming_sums_pass_over_blocks_that_hide_every_key():
    """The theorem's formulas, to the letter: without passing over, what is hidden first leaves a nan for ever."""
    rng = np.random.default_rng(4)
    s, V = np.array([-np.inf, -np.inf, 0.3, -np.inf, 2.0, -1.0]), rng.normal(size=(2, 6))
    want = V @ bp.softmax(s[:, None]).ravel()
    for blocks in ([[0], [1], [2, 3], [4, 5]], [[0, 1], [5], [3], [4, 2]], [[0, 1, 2, 3, 4, 5]]):
        for passes_over in (True, False):
            m, l, o = -np.inf, 0.0, np.zeros(2)
            for block in blocks:
                larger = max(m, s[block].max())
                if passes_over and larger == -np.inf:
                    continue
                with np.errstate(invalid="ignore"):
                    e = np.exp(s[block] - larger)
                    m, l, o = larger, np.exp(m - larger) * l + e.sum(), np.exp(m - larger) * o + V[:, block] @ e
            hides_first = np.isinf(s[blocks[0]]).all()
            assert np.isnan(o).any() == (hides_first and not passes_over)
            if passes_over:
                np.testing.assert_allclose(o / l, want, rtol=1e-14)
    assert "pass over a block as long as $m'$ would still be $-\\infty$" in TEXT


def test_the_query_that_sees_itself_alone_gets_exactly_nothing():
    names = run("words =", "g = rng.normal(size=(2, 5))", "Wq, Wk, Wv", "causal =", "g = rng.normal(size=(2, 5)).round(1)\ndA")
    assert names["dS"][0, 0] == 0
    np.testing.assert_allclose(names["dS"].sum(axis=0), 0, atol=1e-14)
    assert (names["dS"][~names["causal"]] == 0).all()


def test_what_it_counts():
    d, h = 512, 8
    assert 4 * d**2 * 1024 == 2 * d * 1024**2
    assert h * 4096**2 / (d * 4096) == 64 and "$h n^2 / (d n) = h n / d = 64$" in TEXT
    assert f"{h * 16384**2 / 1e6:.1f}" == "2147.5" and "2147.5 million weights" in TEXT
    assert round(4 * h * 16384**2 / 1e9, 1) == 8.6 and "8.6 billion bytes" in TEXT
    # what is kept for A overtakes the rest where h n² = 5 d n
    assert 5 * d / h < 4096 / 2


def test_the_products_are_counted_where_they_are_made():
    products = run("class Counted", "def products", d=16, n=128)["products"]
    Q, K, V, g = np.random.default_rng(0).normal(size=(4, 16, 128))
    assert products(bp.attention, Q, K, V)[0] == 2 and products(bp.attention_vjp, Q, K, V, g)[0] == 5
    forward, kept = products(bp.streaming_attention, Q, K, V)
    backward, found = products(bp.streaming_attention_vjp, Q, K, V, *kept, g)
    assert (forward, backward) == (2, 5)
    for one, other in zip(found, bp.attention_vjp(Q, K, V, g), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_every_shape_of_a_mistake_about_heads_fits():
    Q = np.arange(24.0).reshape(6, 4)
    assert Q.reshape(2, 3, 4).shape == Q.reshape(3, 2, 4).swapaxes(0, 1).shape
    assert not np.array_equal(Q.reshape(2, 3, 4), Q.reshape(3, 2, 4).swapaxes(0, 1))


def test_each_number_with_decimals_in_the_prose_stands_in_an_output():
    notebook = json.loads((ROOT / "solutions" / "13_attention.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in notebook["cells"] if cell["cell_type"] == "code" for output in cell["outputs"]]
    text = "".join("".join(output.get("text", output.get("data", {}).get("text/plain", ""))) for output in outputs)
    shown = set(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.])", text))
    quoted = set(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.])", re.sub(r"\b(?:04|13)\.\d+", "", TEXT)))
    # besides: a section of a paper
    assert quoted - shown == {"3.2"}
