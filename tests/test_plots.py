"""The pictures: what is drawn, what is said about it, and that the page can use it. Pixels are looked at by eye."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp
from bpkit.exhibits import nets, palette
from bpkit.exhibits.readable import number

plots = pytest.importorskip("bpkit.plots", reason="matplotlib is not installed")
house = pytest.importorskip("bpkit.plots._house")
networks = pytest.importorskip("bpkit.plots._networks")
patches = pytest.importorskip("matplotlib.patches")


def passed(running):
    net, x, y = running
    cache = bp.forward(net, x)
    return net, cache, bp.backward(net, cache, y)


def artist(ax, gid):
    (found,) = ax.findobj(lambda each: each.get_gid() == gid)
    return found


# ── Networks ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("running", [nets.two_three_two(), nets.three_three_two()], ids=["2-3-2", "3-3-2"])
def test_flow_sums_to_what_bp2_sums(running):
    net, cache, grads = passed(running)
    edges = networks.flow(net, grads)
    assert {edge.layer for edge in edges} == {2}
    sums = np.zeros((3, 1))
    for edge in edges:
        sums[edge.k] += edge.value
    slope = bp.sigmoid.prime(cache.z[1])
    assert_allclose(sums * slope, grads.delta[1], rtol=1e-12)


@pytest.mark.parametrize("running", [nets.two_three_two(), nets.three_three_two()], ids=["2-3-2", "3-3-2"])
def test_error_flow_draws_width_by_size_and_sign_by_colour_and_line(running):
    net, cache, grads = passed(running)
    ax = plots.error_flow(net, cache, grads)
    edges = networks.flow(net, grads)
    lines = [artist(ax, f"edge-{edge.layer}-{edge.j}-{edge.k}") for edge in edges]
    widths = np.array([line.get_linewidth() for line in lines])
    sizes = np.array([abs(edge.value) for edge in edges])
    slope, thinnest = np.polyfit(sizes, widths, 1)
    assert_allclose(widths, thinnest + slope * sizes, rtol=1e-9)
    assert slope > 0 and thinnest > 0
    for edge, line in zip(edges, lines, strict=True):
        hue = house.POSITIVE if edge.value > 0 else house.NEGATIVE
        assert_allclose(line.get_edgecolor(), house.to_rgba(hue))
        assert (line.get_linestyle() in ("-", "solid")) == (edge.value > 0)


def test_error_flow_writes_delta_into_the_neurons_and_terms_onto_the_lines():
    net, cache, grads = passed(nets.two_three_two())
    ax = plots.error_flow(net, cache, grads)
    texts = [text.get_text() for text in ax.texts]
    for delta in (*grads.delta[1][:, 0], *grads.delta[2][:, 0]):
        assert number(delta) in texts
    assert artist(ax, "label-2-1-0").get_text() == number(net.W[2][1, 0] * grads.delta[2][1, 0], 2)


def test_error_flow_shows_the_example_that_is_asked_for():
    net, x, y = nets.two_three_two()
    x, y = np.hstack([x, -x]), np.hstack([y, 1 - y])
    cache = bp.forward(net, x)
    grads = bp.backward(net, cache, y)
    texts = [text.get_text() for text in plots.error_flow(net, cache, grads, example=1).texts]
    assert number(grads.delta[1][0, 1]) in texts
    assert number(grads.delta[1][0, 0]) not in texts
    with pytest.raises(ValueError, match="example is 2, expected 0 to 1"):
        plots.error_flow(net, cache, grads, example=2)


def test_error_flow_says_every_error_and_every_term():
    net, cache, grads = passed(nets.two_three_two())
    words = plots.error_flow(net, cache, grads).get_label()
    assert words.startswith("Error flowing back through the network 2-3-2.")
    for j in range(3):
        assert f"δ¹{'₁₂₃'[j]} = {number(grads.delta[1][j, 0])}" in words
    for edge in networks.flow(net, grads):
        assert f"{number(edge.value)} from {edge.j + 1} to {edge.k + 1}" in words


def test_every_line_ends_at_its_two_circles():
    net, cache, grads = passed(nets.two_three_two())
    ax = plots.error_flow(net, cache, grads)
    spots = networks.positions(net.sizes)
    for edge in networks.flow(net, grads):
        start, end = artist(ax, f"edge-{edge.layer}-{edge.j}-{edge.k}")._posA_posB
        assert_allclose(np.hypot(*(np.array(start) - spots[edge.layer - 1][edge.k])), networks._RADIUS)
        assert_allclose(np.hypot(*(np.array(end) - spots[edge.layer][edge.j])), networks._RADIUS)


def test_network_draws_a_circle_per_neuron_and_a_line_per_weight():
    net, cache, _ = passed(nets.two_three_two())
    ax = plots.network(net, values=[a[:, 0] for a in cache.a])
    assert len(ax.findobj(patches.Circle)) == 7
    assert len(ax.findobj(patches.FancyArrowPatch)) == 12
    assert artist(ax, "edge-2-0-1").get_linestyle() not in ("-", "solid"), "W[2][0, 1] is negative"
    assert artist(ax, "label-1-2-1").get_text() == "2.0"
    assert "w²₁₂ −2.00" in ax.get_label() and "a²₁ = 0.491" in ax.get_label()


def test_numbers_are_left_off_the_lines_of_a_large_network():
    net = bp.init([5, 6, 5, 4], rng=np.random.default_rng(0))
    assert not plots.network(net).findobj(lambda each: str(each.get_gid()).startswith("label"))


# ── Curves and maps ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_gradient_by_depth_draws_the_sizes_it_is_given():
    sizes = {"sigmoid": [1e-4, 1e-2, 1.0], "relu, scale 2": [100.0, 10.0, 1.0, 0.1]}
    ax = plots.gradient_by_depth(sizes)
    assert ax.get_yscale() == "log"
    for line, (name, values) in zip(ax.get_lines(), sizes.items(), strict=True):
        assert line.get_label() == name
        assert_array_equal(line.get_xdata(), range(1, len(values) + 1))
        assert_array_equal(line.get_ydata(), values)
    assert len({(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.get_lines()}) == 2
    assert "relu, scale 2: 100 in layer 1, 0.100 in layer 4." in ax.get_label()


def test_gradient_by_depth_leaves_out_a_vanished_point_and_names_it():
    ax = plots.gradient_by_depth({"relu": [0.0, 1.0]})
    assert np.isnan(ax.get_lines()[0].get_ydata()[0])
    assert "relu: 0 in layer 1" in ax.get_label()


@pytest.mark.parametrize(
    ("norms", "message"), [({}, "a network without sizes"), ({"a": []}, "a network without sizes"), ({"a": [1, -2]}, "-2.0 in layer 2")]
)
def test_gradient_by_depth_says_what_is_wrong(norms, message):
    with pytest.raises(ValueError, match=message):
        plots.gradient_by_depth(norms)


@pytest.mark.parametrize("activation", [bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu, bp.softplus, bp.identity], ids=repr)
def test_activation_and_slope_draws_both(activation):
    ax = plots.activation_and_slope(activation, at=[-1.0, 2.0])
    value, slope = (line for line in ax.get_lines() if len(line.get_xdata()) > 2)
    z = value.get_xdata()
    assert_allclose(value.get_ydata(), activation(z))
    assert_allclose(slope.get_ydata(), activation.prime(z))
    assert value.get_linestyle() != slope.get_linestyle()
    assert f"at z = −1.00 the value is {number(activation(-1.0))}" in ax.get_label()


def test_activation_and_slope_refuses_what_mixes_neurons():
    with pytest.raises(ValueError, match="softmax mixes the neurons"):
        plots.activation_and_slope(bp.softmax)
    with pytest.raises(ValueError, match="expected low < high"):
        plots.activation_and_slope(bp.sigmoid, low=1, high=1)


def test_heat_map_centres_its_colours_on_zero_and_writes_the_numbers():
    array = np.array([[1.0, -4.0, 0.5], [0.0, 2.0, np.nan]])
    ax = plots.heat_map(array, "dW")
    (mesh,) = ax.collections
    assert mesh.norm.vmin == -4 and mesh.norm.vmax == 4
    assert [text.get_text() for text in ax.texts] == ["1.0", "−4.0", "0.50", "0", "2.0", "nan"]
    assert ax.get_label() == "dW, 2 × 3: row 1: 1.00, −4.00, 0.500; row 2: 0, 2.00, nan."


def test_heat_map_of_many_entries_says_its_range_and_has_a_scale():
    array = np.random.default_rng(0).normal(size=(20, 30))
    array[3, 4] = -9
    ax = plots.heat_map(array)
    assert not ax.texts
    assert len(ax.figure.axes) == 2
    assert "largest in size at row 4, entry 5" in ax.get_label()


@pytest.mark.parametrize("array", [np.ones(3), np.ones((0, 2)), np.ones((2, 2, 2))], ids=["a vector", "empty", "three axes"])
def test_heat_map_says_what_is_wrong(array):
    with pytest.raises(ValueError, match="expected a matrix"):
        plots.heat_map(array)


def test_loss_curve_draws_both_costs_and_marks_the_best_epoch():
    rng = np.random.default_rng(0)
    net, x, y = nets.two_three_two()
    _, history = bp.fit(net, x, y, epochs=5, eta=1.0, rng=rng, batch_size=1, validation=(x, y))
    ax = plots.loss_curve(history)
    training, validation, best = ax.get_lines()
    assert_array_equal(training.get_ydata(), history.cost)
    assert_array_equal(validation.get_ydata(), history.validation_cost)
    assert list(best.get_xdata()) == [history.best_epoch]
    assert f"lowest in epoch {history.best_epoch}" in ax.get_label()
    with pytest.raises(ValueError, match="no epochs"):
        plots.loss_curve(bp.History(cost=()))


# ── Onto the page ─────────────────────────────────────────────────────────────────────────────────────────────────────


def drawing(made):
    """The SVG document that a picture carries."""
    (carried,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', made.html)
    return b64decode(carried).decode()


def drawn():
    return plots.error_flow(*passed(nets.two_three_two()))


def test_picture_is_an_image_with_a_name():
    made = plots.picture(drawn(), 'errors & "terms" <b>')
    assert made.html.startswith('<figure class="bpkit-figure"') and ' alt="errors &amp; &quot;terms&quot; &lt;b&gt;"' in made.html
    assert ElementTree.fromstring(drawing(made)).tag == "{http://www.w3.org/2000/svg}svg"
    assert made._repr_mimebundle_() == {"text/html": made.html, "text/plain": 'errors & "terms" <b>'}


def test_picture_keeps_to_what_an_untrusted_notebook_may_hold():
    # a front end takes the style sheet out, and with it only the theme's hint
    unstyled = re.sub(r"<style>.*?</style>", "", plots.picture(drawn()).html)
    assert re.findall(r"<(\w+)", unstyled) == ["figure", "img"]
    attributes = re.findall(r'([\w-]+)="', unstyled.replace(re.search(r"base64,[^\"]*", unstyled)[0], ""))
    assert set(attributes) <= {"class", "style", "alt", "width", "src"}


def test_picture_says_what_the_drawing_says_itself():
    ax = drawn()
    assert str(plots.picture(ax)) == ax.get_label()
    assert str(plots.picture(ax.figure)) == ax.get_label()


def test_a_figure_without_words_is_refused():
    fig, ax = plots.figure()
    ax.plot([1, 2])
    with pytest.raises(ValueError, match="no text alternative"):
        plots.show(fig)


@pytest.mark.slow
def test_the_same_figure_gives_the_same_bytes_in_another_process():
    code = (
        "import bpkit as bp; net, x, y = bp.nets.two_three_two(); cache = bp.forward(net, x);"
        "print(bp.plots.picture(bp.plots.error_flow(net, cache, bp.backward(net, cache, y))).html)"
    )
    other = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, check=True, encoding="utf-8").stdout
    assert other.strip() == plots.picture(drawn()).html


def test_picture_leaves_the_page_as_it_is_and_asks_for_nothing():
    made = plots.picture(drawn())
    svg = drawing(made)
    assert re.findall(r"<style>(.*?)</style>", made.html) == ['[data-jp-theme-light="false"] .bpkit-image { color-scheme: dark; }']
    assert "<script" not in svg and "http" not in svg.replace("http://www.w3.org/2000/svg", "", 1) and "<metadata" not in svg
    referred = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg))
    defined = set(re.findall(r' id="([^"]+)"', svg))
    assert {first or second for first, second in referred} <= defined


def test_text_takes_the_colour_of_the_page():
    svg = drawing(plots.picture(drawn()))
    assert "#000" not in svg and "currentColor" in svg
    for ink, paper in zip(palette.PAGE["ink"], palette.PAGE["paper"], strict=True):
        assert f"svg{{color:{ink};--paper:{paper}}}" in svg
    assert "@media(prefers-color-scheme:dark)" in svg and 'style="fill:var(--paper)"' in svg
    fig, ax = plots.figure()
    ax.plot([1, 2])
    assert "#000" not in drawing(plots.picture(fig, "a line"))


def test_show_closes_what_pyplot_opened_and_displays_in_text_where_there_is_no_page(capsys):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    fig = pyplot.figure()
    plots.show(fig, "an empty figure")
    assert not pyplot.fignum_exists(fig.number)
    assert capsys.readouterr().out == "an empty figure\n"


def test_the_house_style_stays_in_the_house():
    import matplotlib

    before = dict(matplotlib.rcParams)
    plots.picture(drawn())
    assert dict(matplotlib.rcParams) == before


def test_only_plots_imports_matplotlib():
    code = (
        "import sys, bpkit as bp; bp.forward; bp.fit; bp.check; assert 'matplotlib' not in sys.modules; bp.plots; assert 'matplotlib' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
