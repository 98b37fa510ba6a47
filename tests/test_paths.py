"""Paths through a chain of Jacobians, their picture and their widget: numbers, words, and what is refused."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

import bpkit as bp
from bpkit.exhibits import nets
from bpkit.exhibits.paths import Chain
from bpkit.exhibits.readable import number
from bpkit.widgets._paths import as_text, state


def running(net_of=nets.two_three_two):
    """The local slopes from the input of a running net to its cost, and the cost as a function of the input."""
    net, x, y = net_of()
    cache = bp.forward(net, x)
    output = (cache.a[2] - y) * bp.sigmoid.prime(cache.z[2])
    jacobians = [net.W[1], net.W[2] * bp.sigmoid.prime(cache.z[1]).T, output.T]
    names = [[f"x{'₁₂₃'[i]}" for i in range(len(x))], ["z¹₁", "z¹₂", "z¹₃"], ["z²₁", "z²₂"], ["C"]]
    return jacobians, names, bp.numerical_gradient(lambda moved: bp.cost_of(net, moved, y), x).ravel()


def random_chain(seed, sizes=(3, 4, 2, 3, 1)):
    rng = np.random.default_rng(seed)
    jacobians = [rng.normal(size=(n, n_prev)) * (rng.random(size=(n, n_prev)) < 0.7) for n_prev, n in itertools.pairwise(sizes)]
    return Chain.of(jacobians, [[f"{letter}{j}" for j in range(n)] for letter, n in zip("abcde", sizes, strict=True)])


@pytest.mark.parametrize("seed", range(20))
def test_the_products_of_all_paths_add_up_to_the_product_of_the_jacobians(seed):
    chain = random_chain(seed)
    product = np.linalg.multi_dot(chain.jacobians[::-1])[0]
    sums = [sum(path.product for path in chain.paths(start)) for start in range(3)]
    assert_allclose(sums, product, rtol=1e-12, atol=1e-14)
    assert_allclose(chain.backwards()[0], product, rtol=1e-12, atol=1e-14)


def test_a_slope_of_zero_is_no_path():
    chain = Chain.of([[[1.0], [0.0], [2.0]], [[3.0, 4.0, 0.0]]], [["x"], ["u", "v", "w"], ["z"]])
    assert [path.nodes for path in chain.paths(0)] == [(0, 0, 0)]


@pytest.mark.parametrize("net_of", [nets.two_three_two, nets.three_three_two])
def test_the_paths_of_a_net_add_up_to_what_nudging_its_input_finds(net_of):
    jacobians, names, measured = running(net_of)
    chain = Chain.of(jacobians, names)
    found = [sum(path.product for path in chain.paths(start)) for start in range(len(measured))]
    assert_allclose(found, measured, rtol=1e-7)


@pytest.mark.parametrize(
    ("jacobians", "names", "words"),
    [
        ([np.ones((2, 1))], [["x"], ["u", "v"]], "2 quantities, expected 1"),
        ([np.ones((1, 2))], [["x"], ["z"]], "shape (1, 2), expected (1, 1)"),
        ([np.ones((1, 1))], [["x"]], "names has 1 layers and jacobians 1"),
        ([], [["x"]], "expected one layer more"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_its_place(jacobians, names, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Chain.of(jacobians, names)


# ── The picture ───────────────────────────────────────────────────────────────────────────────────────────────────────

plots = pytest.importorskip("bpkit.plots", reason="matplotlib is not installed")
patches = pytest.importorskip("matplotlib.patches")


def arrows(ax):
    return ax.findobj(patches.FancyArrowPatch)


def test_the_paths_from_the_start_are_drawn_wide_the_other_arrows_thin():
    jacobians, names, _ = running()
    wide = [arrow.get_linewidth() > 2 for arrow in arrows(plots.path_graph(jacobians, names, 0))]
    assert (len(wide), sum(wide)) == (14, 11), "the three arrows out of the other input are not lit"
    assert all(arrow.get_linewidth() > 2 for arrow in arrows(plots.path_graph(jacobians, names)))


def test_a_negative_slope_is_dashed_and_has_another_colour():
    looks = {(arrow.get_linestyle() != "-", arrow.get_edgecolor()) for arrow in arrows(plots.path_graph([[[2.0, -1.0]]], [["x", "y"], ["z"]]))}
    assert len(looks) == 2 and {dashed for dashed, _ in looks} == {True, False}


def test_the_words_name_every_path_with_its_product_and_the_sum():
    jacobians, names, measured = running()
    chain = Chain.of(jacobians, names)
    for draw in (plots.path_graph, plots.path_shares):
        label = draw(jacobians, names, 1).get_label()
        for path in chain.paths(1):
            assert f"{chain.told(path)} {number(path.product)}" in label
        assert f"sum {number(measured[1])}" in label


def test_the_last_bar_ends_where_the_shares_before_it_have_led():
    jacobians, names, measured = running()
    bars = [bar for bar in plots.path_shares(jacobians, names, 0).patches if bar.get_width()]
    assert len(bars) == 7
    assert_allclose([bar.get_x() for bar in bars[1:6]], np.cumsum([bar.get_width() for bar in bars[:5]]), rtol=1e-12)
    assert (bars[6].get_x(), bars[6].get_width()) == pytest.approx((0, measured[0]), rel=1e-7)


# ── The widget ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_state_has_a_step_for_the_graph_for_each_input_and_for_the_way_back():
    jacobians, names, measured = running()
    shown = state(Chain.of(jacobians, names))
    assert [step["title"] for step in shown["steps"]] == ["The graph", "Paths from x₁", "Paths from x₂", "From C back"]
    assert_allclose([entry["sum"] for entry in shown["inputs"]], measured, rtol=1e-7)
    assert json.loads(json.dumps(shown)) == shown


def test_the_sums_of_the_way_back_use_only_what_was_formed_before():
    chain = random_chain(3, (3, 4, 2, 3, 1))
    shown = state(chain)
    known = {(4, 0): 1.0}
    for entry in shown["back"]:
        total = sum(term["slope"] * known[entry["layer"] + 1, term["to"]] for term in entry["terms"])
        assert entry["sum"] == pytest.approx(total, rel=1e-12, abs=1e-14)
        known[entry["layer"], entry["node"]] = entry["sum"]
    assert len(known) == sum(chain.sizes)


def test_the_text_says_every_path_and_every_sum():
    jacobians, names, _ = running()
    shown = state(Chain.of(jacobians, names))
    text = as_text(shown)
    for said in [path["say"] for entry in shown["inputs"] for path in entry["paths"]] + [entry["say"] for entry in shown["back"]]:
        assert said in text
    assert text == str(bp.widgets.paths(jacobians, names))


def test_an_input_without_a_path_is_said_to_have_none():
    shown = state(Chain.of([[[2.0, 0.0]]], [["x", "y"], ["z"]]))
    assert shown["inputs"][0]["say"] == "1 path reaches x: ∂z/∂x = 2.00"
    assert shown["inputs"][1]["say"] == "No path reaches y: ∂z/∂y = 0"


def test_the_page_holds_the_still_picture_and_needs_nothing_else():
    html = bp.widgets.paths(*running()[:2]).to_html()
    assert "Graph of local slopes" in html and "http" not in html.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    ("sizes", "words"), [((6, 1), "up to 5 quantities"), ((1,) * 7, "up to 6 layers"), ((1, 5, 5, 1), "up to 24 paths from an input, found 25")]
)
def test_a_graph_that_could_not_be_read_is_refused(sizes, words):
    names = [[f"{letter}{j}" for j in range(n)] for letter, n in zip("abcdefg", sizes, strict=False)]
    with pytest.raises(ValueError, match=words):
        bp.widgets.paths([np.ones((n, n_prev)) for n_prev, n in itertools.pairwise(sizes)], names)
