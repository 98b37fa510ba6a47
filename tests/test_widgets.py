"""The widgets without a browser: the state's numbers, the traits, the words, and the page that needs no kernel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import which

import numpy as np
import pytest
from numpy.testing import assert_allclose

import bpkit as bp
from bpkit.core.tape import Var
from bpkit.exhibits import nets, palette
from bpkit.exhibits.readable import number
from bpkit.widgets import _base
from bpkit.widgets._error_flow import state

COMBINATIONS = [
    (bp.sigmoid, bp.sigmoid, bp.quadratic),
    (bp.tanh, bp.identity, bp.quadratic),
    (bp.relu, bp.softmax, bp.cross_entropy),
    (bp.sigmoid, bp.sigmoid, bp.binary_cross_entropy),
    (bp.softmax, bp.softmax, bp.quadratic),
]


@pytest.fixture(params=COMBINATIONS, ids=lambda three: "-".join(map(repr, three)))
def case(request):
    hidden, output, cost = request.param
    rng = np.random.default_rng(5)
    net = bp.init([3, 4, 3, 2], activation=hidden, output=output, cost=cost, rng=rng)
    x, y = rng.normal(size=(3, 1)), np.array([[1.0], [0.0]])
    cache = bp.forward(net, x)
    return net, x, y, cache, bp.backward(net, cache, y)


# ── The state ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_state_holds_what_forward_and_backward_find(case):
    net, x, y, cache, grads = case
    layers = state(net, x, y)["layers"]
    for l in range(net.L + 1):
        assert [neuron["a"] for neuron in layers[l]] == cache.a[l][:, 0].tolist()
    for l in range(1, net.L + 1):
        assert [neuron["z"] for neuron in layers[l]] == cache.z[l][:, 0].tolist()
        assert [neuron["delta"] for neuron in layers[l]] == grads.delta[l][:, 0].tolist()
    assert state(net, x, y)["cost"] == pytest.approx(float(bp.cost_of(net, x, y)), rel=1e-12)


def test_the_terms_of_a_neuron_add_up_and_times_the_slope_are_its_error(case):
    net, x, y, cache, grads = case
    layers = state(net, x, y)["layers"]
    for l in range(1, net.L):
        sums = []
        for j, neuron in enumerate(layers[l]):
            assert [term["w"] for term in neuron["terms"]] == net.W[l + 1][:, j].tolist()
            assert [term["delta"] for term in neuron["terms"]] == grads.delta[l + 1][:, 0].tolist()
            assert_allclose([term["product"] for term in neuron["terms"]], net.W[l + 1][:, j] * grads.delta[l + 1][:, 0], rtol=1e-15)
            assert_allclose(sum(term["product"] for term in neuron["terms"]), neuron["sum"], rtol=1e-12, atol=1e-15)
            sums.append(neuron["sum"])
            if net.activations[l].elementwise:
                assert_allclose(neuron["sum"] * neuron["slope"], neuron["delta"], rtol=1e-12, atol=1e-15)
            else:
                assert neuron["slope"] is None
        mixed = net.activations[l].jacobian(cache.z[l][:, 0]).T @ sums
        assert_allclose(mixed, grads.delta[l][:, 0], rtol=1e-9, atol=1e-15)


def test_the_output_is_the_cost_gradient_times_the_slope_where_that_is_how_it_comes_about(case):
    net, x, y, _, _ = case
    for j, neuron in enumerate(state(net, x, y)["layers"][-1]):
        assert neuron["y"] == y[j, 0]
        if net.activations[-1].elementwise:
            assert_allclose(neuron["gradient"] * neuron["slope"], neuron["delta"], rtol=1e-9)
            assert "σ′" in neuron["say"]
        else:
            assert neuron["gradient"] is None
            assert "σ′" not in neuron["say"]


def test_softmax_with_cross_entropy_says_a_minus_y():
    rng = np.random.default_rng(0)
    net = bp.init([2, 2, 2], output=bp.softmax, cost=bp.cross_entropy, rng=rng)
    neuron = state(net, np.ones((2, 1)), np.array([[1.0], [0.0]]))["layers"][-1][0]
    assert neuron["say"] == f"δ²₁ = a²₁ − y₁ = {number(neuron['a'])} − 1.00 = {number(neuron['delta'])}"


def test_an_output_that_is_certain_and_wrong_has_a_state():
    net = bp.Network((None, np.array([[2000.0]])), (None, np.zeros((1, 1))), (None, bp.sigmoid), bp.binary_cross_entropy)
    (neuron,) = state(net, np.ones((1, 1)), np.zeros((1, 1)))["layers"][1]
    assert neuron["gradient"] is None
    assert neuron["delta"] == 1.0
    json.dumps(state(net, np.ones((1, 1)), np.zeros((1, 1))), allow_nan=False)


def test_there_is_a_step_for_forward_and_one_per_layer_from_the_last_to_the_first(case):
    net, x, y, _, _ = case
    steps = state(net, x, y)["steps"]
    assert [step["layer"] for step in steps] == [None, 3, 2, 1]
    assert [step["title"] for step in steps] == ["Forward", "Layer 3, BP1", "Layer 2, BP2", "Layer 1, BP2"]


def test_the_state_is_json_and_the_same_each_time(case):
    net, x, y, _, _ = case
    assert json.dumps(state(net, x, y), allow_nan=False) == json.dumps(state(net, x, y), allow_nan=False)


def test_the_example_is_the_one_that_is_asked_for():
    net, x, y = nets.two_three_two()
    both = bp.widgets.error_flow(net, np.hstack([x, 2 * x]), np.hstack([y, y]), example=1)
    assert both.state == bp.widgets.error_flow(net, 2 * x[:, 0], y[:, 0]).state


@pytest.mark.parametrize(
    ("sizes", "x", "example", "message"),
    [
        ([9, 2], np.ones((9, 1)), 0, "up to 8 layers of up to 8 neurons, found 9-2"),
        ([2] * 9, np.ones((2, 1)), 0, "up to 8 layers"),
        ([2, 2], np.ones((2, 1)), 1, r"x has shape \(2, 1\), expected \(n, m\) with a column 1"),
        ([2, 2], np.ones((3, 1)), 0, r"x has shape \(3, 1\), expected \(2"),
        ([2, 2], np.ones((2, 1, 1)), 0, r"x has shape \(2, 1, 1\)"),
        ([2, 2], np.full((2, 1), np.nan), 0, "x is nan"),
    ],
)
def test_bad_input_is_one_line(sizes, x, example, message):
    net = bp.init(sizes, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=message) as caught:
        bp.widgets.error_flow(net, x, np.ones((2, x.shape[1])), example=example)
    assert "\n" not in str(caught.value)


# ── The words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_words_say_every_error(case):
    net, x, y, _, grads = case
    words = str(bp.widgets.error_flow(net, x, y))
    for l in range(1, net.L + 1):
        for delta in grads.delta[l][:, 0]:
            assert number(delta) in words


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (2, 3, "2.00"),
        (-0.06821, 3, "−0.0682"),
        (0.3125, 3, "0.313"),
        (0.99951, 3, "1.00"),
        (1234, 3, "1234"),
        (12345, 3, "1.23·10⁴"),
        (9.9999e-4, 3, "0.00100"),
        (1e-4, 2, "1.0·10⁻⁴"),
        (np.inf, 3, "inf"),
        (-np.inf, 3, "−inf"),
        (np.nan, 3, "nan"),
    ],
)
def test_numbers_are_written_for_readers(value, digits, text):
    assert number(value, digits) == text


# ── The widget and its page ───────────────────────────────────────────────────────────────────────────────────────────


def widget():
    return bp.widgets.error_flow(*nets.two_three_two())


def test_step_is_a_trait_that_stays_among_the_steps():
    pytest.importorskip("anywidget")
    flow = widget()
    assert flow.step == 0
    heard = []
    flow.observe(lambda change: heard.append(change["new"]), "step")
    flow.step = 2
    flow.step = 99
    flow.step = -1
    assert heard == [2, 0]
    assert flow.get_state(["step"]) == {"step": 0}
    assert set(flow.get_state()) >= {"state", "step", "_esm", "_css"}


def test_a_notebook_gets_what_outlives_its_kernel_the_page_and_the_words():
    flow = example("error_flow")
    bundle = flow._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == str(flow)
    assert re.sub(r' data-twin="[^"]*"', "", bundle["text/html"]) == flow.to_html()


def test_a_page_names_its_own_model_and_opens_at_its_step():
    first, other = widget(), widget()
    first.step = 2
    pages = [shown._repr_mimebundle_()["text/html"] for shown in (first, first, other)]
    assert pages[0] == pages[1] and first.twin != other.twin
    assert [re.findall(r'data-twin="(.*?)" data-step="(.*?)"', page) for page in pages[1:]] == [[(first.twin, "2")], [(other.twin, "0")]]


@pytest.mark.slow
def test_pages_are_counted_alike_in_every_process():
    """From 1 on, whatever this one has shown, and under the name that the page has here."""
    code = "import bpkit as bp; flow = bp.widgets.error_flow(*bp.nets.two_three_two()); flow._repr_mimebundle_(); print(flow.twin)"
    name = re.findall(r'data-bpkit="(\w+)"', page_of("error_flow"))[0]
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == f"{name}-1\n"


def squared():
    x = Var(0.5)
    return bp.widgets.tape(x * x, {"x": x})


def learning():
    rng = np.random.default_rng(0)
    x, labels = rng.normal(size=(16, 6)), np.array([0, 1, 2, 0, 1, 2])
    nets_seen = [bp.init([16, 5, 3], activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng) for _ in range(2)]
    return bp.widgets.training(nets_seen, (x, labels), (x, labels))


NET_X_Y = nets.two_three_two()
# one of each; a widget that is not here is not tested for what all have to do
EXAMPLES = {
    "attention": bp.widgets.attention,
    "descent": bp.widgets.descent,
    "errata_bench": lambda: bp.widgets.errata_bench("T"),
    "error_flow": lambda: bp.widgets.error_flow(*NET_X_Y),
    "forward_pass": lambda: bp.widgets.forward_pass(*NET_X_Y[:2]),
    "full_step": lambda: bp.widgets.full_step(*NET_X_Y),
    "normalisation_and_residuals": bp.widgets.normalisation_and_residuals,
    "notation": lambda: bp.widgets.notation(NET_X_Y[0]),
    "objectives": bp.widgets.objectives,
    "paths": lambda: bp.widgets.paths([[[4.0], [3.0]], [[6.0, 4.0]]], [["x"], ["u", "v"], ["z"]]),
    "saturation": bp.widgets.saturation,
    "tape": squared,
    "training": learning,
    "v_curve": bp.widgets.v_curve,
    "loss_scale": bp.widgets.loss_scale,
    "weights_used_again": bp.widgets.weights_used_again,
}
each_widget = pytest.mark.parametrize("name", bp.widgets.__all__)


@cache
def example(name):
    return EXAMPLES[name]()


@cache
def page_of(name):
    return example(name).to_html()


@pytest.mark.slow
@each_widget
def test_the_page_is_whole_the_same_each_time_and_asks_for_nothing(name):
    page = page_of(name)
    assert page == EXAMPLES[name]().to_html()
    alone = page.replace('src="data:image/svg+xml;base64,', "")
    outside = re.findall(
        r'(?:src|href)\s*=\s*"(?!#)[^"]*"|@import|url\((?!#)[^)]*\)|\bimport\b[^\n]*from|\bfetch\(|https?://(?!www\.w3\.org/2000/svg)', alone
    )
    assert outside == []
    assert page.count("export default widget;") == 1
    assert len(page) < 250_000


@each_widget
def test_the_page_has_the_styles_of_its_widget_and_the_colours_they_use(name):
    page = page_of(name)
    style = page[page.index("<style>") : page.index("</style>")]
    own = Path(_base.__file__).parent / "js" / f"{name}.css"
    assert not own.exists() or own.read_text(encoding="utf-8") in style
    assert style.startswith(f"<style>{palette.widget_style()}")


@pytest.mark.slow
@each_widget
@pytest.mark.skipif(which("node") is None, reason="needs node")
def test_the_script_is_a_module_in_which_no_name_is_taken_twice(name, tmp_path):
    module = tmp_path / "widget.mjs"
    module.write_text(str(example(name)._esm), encoding="utf-8")
    subprocess.run(["node", "--check", module], check=True)


def test_the_page_carries_the_state():
    (carried,) = re.findall(r'<script type="application/json">(.*?)</script>', page_of("error_flow"), flags=re.DOTALL)
    read, held = json.loads(carried), example("error_flow").state
    assert read["steps"] == held["steps"]
    assert_allclose([neuron["delta"] for neuron in read["layers"][1]], [neuron["delta"] for neuron in held["layers"][1]], rtol=1e-11)


def test_where_no_script_runs_a_picture_with_its_words_stands():
    pytest.importorskip("matplotlib")
    page = page_of("error_flow")
    still = page[: page.index("<script")]
    assert 'class="bpkit-image" alt="Error flowing back through the network 2-3-2.' in still


def test_a_state_cannot_close_its_script():
    class Sly(_base.CourseWidget):
        _esm = _base.module("error_flow")

        def __str__(self):
            return "<sly>"

    page = Sly({"label": "</script><b>", "steps": [{}]}).to_html()
    assert "</script><b>" not in page
    assert "<pre>&lt;sly&gt;</pre>" in page


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["anywidget", "matplotlib"])
def test_without_its_optional_friends_the_widget_still_shows_itself(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import importlib.util as util; found = util.find_spec\n"
        f"util.find_spec = lambda name, *rest: None if name == {missing!r} else found(name, *rest)\n"
        "import bpkit as bp; flow = bp.widgets.error_flow(*bp.nets.two_three_two()); bundle = flow._repr_mimebundle_()\n"
        "assert 'δ¹₁' in bundle['text/plain'] and 'mount(widget' in bundle['text/html'], bundle\n"
        "print(flow.step, bundle['text/html'].count('class=\"bpkit-image\"'))"
    )
    ran = subprocess.run([sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["0", "1" if missing == "anywidget" else "0"]


def test_only_widgets_import_anywidget():
    code = "import sys, bpkit as bp; bp.check; bp.fit; bp.widgets; assert not {'anywidget', 'ipywidgets'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_widget_is_named_with_those_that_there_are():
    with pytest.raises(AttributeError, match=r"no 'eror_flow'; it has: .*error_flow"):
        bp.widgets.eror_flow  # noqa: B018 - asking for it is the test


def test_a_script_defines_its_widget_and_imports_nothing():
    """`module` puts the common functions before it and exports what it defines; the script of a new lesson's widget is no exception."""
    scripts = [
        *(Path(bp.widgets.__file__).parent / "js").glob("*.js"),
        *Path(bp.__file__).parent.glob("authoring/templates/lesson/bpkit/widgets/js/*"),
    ]
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"^(import|export)\b", text, re.MULTILINE), script.name
        assert script.name == "common.js" or re.search(r"^const widget = ", text, re.MULTILINE), script.name
    assert len(scripts) > 10
