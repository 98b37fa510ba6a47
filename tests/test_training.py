"""`fit` against the pure functions, which are compared with the oracle elsewhere; and what it promises around its steps."""

import subprocess
import sys
import weakref
from dataclasses import dataclass
from itertools import product

import numpy as np
import oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import bpkit as bp
from bpkit.core import training_step


@dataclass(frozen=True, repr=False)
class Wave(bp.Activation):
    """An activation that the engine has no calls for."""

    name = "wave"

    def __call__(self, z):
        return z + np.sin(z)

    def prime(self, z):
        return 1 + np.cos(z)


@dataclass(frozen=True, repr=False)
class Huber(bp.Cost):
    """A cost that the engine has no calls for."""

    name = "huber"

    def per_example(self, a, y):
        return (np.sqrt(1 + (a - y) ** 2) - 1).sum(axis=0)

    def gradient(self, a, y):
        return (a - y) / np.sqrt(1 + (a - y) ** 2)


ACTIVATIONS = [bp.identity, bp.sigmoid, bp.tanh, bp.relu, bp.leaky_relu.with_slope(0.2), bp.softplus, bp.softmax, Wave()]
# the logarithms need outputs between 0 and 1
OUTPUTS = [*product(ACTIVATIONS, [bp.quadratic, Huber()]), *product([bp.sigmoid, bp.softmax], [bp.binary_cross_entropy, bp.cross_entropy])]
STEPS = {"sgd": None, "momentum": bp.momentum, "nesterov": bp.nesterov, "adam": bp.adam}
N = 11


def network(activation=bp.sigmoid, output=None, cost=bp.quadratic, sizes=(5, 4, 3), **options):
    net = bp.init(sizes, activation=activation, output=output, rng=np.random.default_rng(3), **options)  # `init` refuses some pairs
    rng = np.random.default_rng(4)
    return bp.Network(net.W, [None, *(b + 0.1 * rng.normal(size=b.shape).astype(b.dtype) for b in net.b[1:])], net.activations, cost)


def data(net, n=N, seed=5):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(net.sizes[0], n)), oracle.targets(net.cost, (net.sizes[-1], n), rng)


def fit(net, x, y, *, epochs=2, eta=0.05, seed=6, **options):
    return bp.fit(net, x, y, epochs=epochs, eta=eta, rng=np.random.default_rng(seed), progress=False, **options)


def by_pure_functions(net, x, y, *, epochs=2, eta=0.05, seed=6, batch_size=10, optimiser="sgd", l1=0.0, l2=0.0, **settings):
    """The same training in the words of bpkit.core.network and bpkit.core.updates."""
    rng, state, costs = np.random.default_rng(seed), None, []
    for _ in range(epochs):
        order, cost = rng.permutation(x.shape[1]), 0.0
        for start in range(0, len(order), batch_size):
            some = order[start : start + batch_size]
            cost += bp.cost_of(net, x[:, some], y[:, some]) * len(some)
            grads = bp.backward(net, bp.forward(net, x[:, some]), y[:, some])
            grads = bp.l2(net, bp.l1(net, grads, l1), l2)
            if optimiser == "sgd":
                net = bp.sgd(net, grads, eta=eta)
            else:
                net, state = STEPS[optimiser](net, grads, state, eta=eta, **settings)
        costs.append(cost / len(order))
    return net, costs


@pytest.fixture(params=["OpenBLAS itself", "numpy alone"])
def products(request, monkeypatch):
    """Both ways of making a product, wherever numpy brings OpenBLAS along."""
    if request.param == "numpy alone":
        monkeypatch.setattr(training_step, "GEMM", {})
    elif not training_step.GEMM:
        pytest.skip("numpy has another BLAS here, or none")


def assert_same(net, want, rtol=0.0, atol=1e-12):
    for l in range(1, want.L + 1):
        assert_allclose(net.W[l], want.W[l], rtol=rtol, atol=atol)
        assert_allclose(net.b[l], want.b[l], rtol=rtol, atol=atol)


# 4 leaves 3 examples for a last, smaller batch
@pytest.mark.parametrize("batch_sizes", [(4,), pytest.param((1, N, 20), marks=pytest.mark.slow)])
@pytest.mark.parametrize("optimiser", STEPS)
@pytest.mark.parametrize(("output", "cost"), OUTPUTS, ids=repr)
def test_fit_takes_the_steps_of_the_pure_functions(output, cost, optimiser, batch_sizes):
    for activation, batch_size in product(ACTIVATIONS, batch_sizes):
        net = network(activation, output, cost)
        x, y = data(net)
        options = {"eta": 0.01, "batch_size": batch_size, "optimiser": optimiser}  # η small, or momentum makes some explode
        got, history = fit(net, x, y, **options)
        want, costs = by_pure_functions(net, x, y, **options)
        assert_same(got, want)
        assert_allclose(history.cost, costs, rtol=1e-11)


@pytest.mark.parametrize("optimiser", STEPS)
@pytest.mark.parametrize(("l1", "l2"), [(0.02, 0.0), (0.0, 0.03), (0.02, 0.03)])
@pytest.mark.usefixtures("products")
def test_fit_penalises_weights_as_the_pure_functions_do(optimiser, l1, l2):
    net = network()
    net.W[1][0, 0] = 0.0
    x, y = data(net)
    options = {"batch_size": 4, "optimiser": optimiser, "l1": l1, "l2": l2}
    assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0])


def test_fit_hands_the_optimisers_settings_on():
    net = network()
    x, y = data(net)
    for options in ({"optimiser": "momentum", "mu": 0.5}, {"optimiser": "nesterov", "mu": 0.5}):
        assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0])
    options = {"optimiser": "adam", "beta1": 0.5, "beta2": 0.8, "epsilon": 1e-2}
    assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0])


@pytest.mark.parametrize("optimiser", STEPS)
@pytest.mark.parametrize("room", [1, 64, 200, 300])
@pytest.mark.usefixtures("products")
def test_weights_that_exceed_the_cache_are_updated_in_blocks_to_the_same_effect(optimiser, room, monkeypatch):
    monkeypatch.setattr(training_step, "BLOCK_BYTES", room)
    net = network(sizes=(5, 7, 2, 4))
    x, y = data(net)
    options = {"batch_size": 4, "optimiser": optimiser, "l1": 0.01, "l2": 0.02}
    assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0])


@pytest.mark.parametrize("batch_size", [training_step.BLOCK_BATCH, training_step.BLOCK_BATCH + 1])
def test_large_batches_update_all_weights_at_once(batch_size, monkeypatch):
    monkeypatch.setattr(training_step, "BLOCK_BYTES", 64)
    net = network(sizes=(5, 7, 2, 4))
    x, y = data(net, n=2 * batch_size + 5)
    settings = {"eta": 0.1, "mu": 0.9, "l1": 0.0, "l2": 0.0}
    plan = training_step.Plan(net, x, y, batch_size=batch_size, optimiser="momentum", settings=settings)
    assert (len(plan._weights.blocks) == 1) == (batch_size > training_step.BLOCK_BATCH)
    options = {"batch_size": batch_size, "optimiser": "momentum"}
    assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0])


@pytest.mark.parametrize(("rows", "inner", "columns"), [(20, 12, 3), (3, 12, 20), (20, 5, 3), (20, 12, 16), (3, 12, 3), (1, 20, 20), (7, 1, 2)])
@pytest.mark.parametrize("layouts", product("CFG", "CFG", "CG"), ids="".join)
@pytest.mark.usefixtures("products")
def test_a_product_in_parts_is_the_product(rows, inner, columns, layouts, monkeypatch):
    for name, value in {"SMALL_PRODUCT": 200, "SMALL_RESULT": 30, "NARROW": 4, "LONG_SUM": 10, "MOST_PARTS": 8, "WIDE_REGISTERS": True}.items():
        monkeypatch.setattr(training_step, name, value)

    def laid_out(shape, layout):
        room = np.random.default_rng(0).normal(size=(shape[0], shape[1] + 2) if layout == "G" else shape)
        return np.asfortranarray(room) if layout == "F" else room[:, : shape[1]]

    left, right, out = (laid_out(shape, layout) for shape, layout in zip([(rows, inner), (inner, columns), (rows, columns)], layouts, strict=True))
    calls = training_step._product(left, right, out)
    for call in calls:
        call()
    assert_allclose(out, left @ right, rtol=1e-12, atol=1e-12)
    in_parts = {(20, 12, 3), (3, 12, 20), (1, 20, 20)} | ({(20, 5, 3)} if layouts[1] != "F" else set())  # short sums along memory stay whole
    assert (len(calls) > 1) == ((rows, inner, columns) in in_parts)
    if training_step.GEMM:
        for call in training_step._product(left, right, out, subtracted=0.5):
            call()
        assert_allclose(out, left @ right / 2, rtol=1e-12, atol=1e-12)
    monkeypatch.setattr(training_step, "WIDE_REGISTERS", False)
    assert len(training_step._product(left, right, out)) == 1


@pytest.mark.skipif(not training_step.GEMM, reason="numpy has another BLAS here, or none")
def test_a_product_keeps_the_arrays_whose_addresses_it_knows():
    arrays = [np.ones((3, 4)), np.ones((4, 2)), np.empty((3, 2))]
    kept = [weakref.ref(array) for array in arrays]
    calls = training_step._product(*arrays)
    del arrays
    assert all(array() is not None for array in kept)
    for call in calls:
        call()
    assert_array_equal(kept[2](), np.full((3, 2), 4.0))


def test_without_openblas_there_is_no_product_of_its_own(monkeypatch):
    def cannot(name):
        raise OSError(name)

    for library in (cannot, lambda name: object()):  # none to be had, and one by other names
        monkeypatch.setattr(training_step.ctypes, "CDLL", library)
        assert training_step._numpys_gemm() == {}
    monkeypatch.setattr(training_step, "ctypes", None)
    assert training_step._numpys_gemm() == {}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_weights_and_examples_begin_where_lines_of_the_cache_do(dtype):
    net = network(sizes=(5, 7, 2, 4), dtype=dtype)
    x, y = (each.astype(dtype) for each in data(net))
    settings = {"eta": 0.1, "l1": 0.0, "l2": 0.0}
    plan = training_step.Plan(net, x, y, batch_size=4, optimiser="sgd", settings=settings)
    for array in (plan._batches[4]._gathered, *plan._weights.V[1:]):
        assert array.ctypes.data % training_step.LINE == array.strides[0] % training_step.LINE == 0


@pytest.mark.parametrize(("dtype", "atol"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@pytest.mark.parametrize("batch_size", [10, 64])
@pytest.mark.parametrize("sizes", [(784, 30, 10), pytest.param((784, 256, 10), marks=pytest.mark.slow)])
@pytest.mark.usefixtures("products")
def test_after_a_hundred_steps_the_weights_are_those_of_the_pure_functions(sizes, batch_size, dtype, atol):
    net = network(bp.sigmoid, sizes=sizes, dtype=dtype)
    x, y = data(net, n=100 * batch_size)
    options = {"epochs": 1, "eta": 0.5, "batch_size": batch_size}
    assert_same(fit(net, x, y, **options)[0], by_pure_functions(net, x, y, **options)[0], rtol=0, atol=atol)


def test_the_smallest_learning_rate_leaves_the_weights_where_they_are():
    net = network()
    assert_same(fit(net, *data(net), eta=5e-324)[0], net)  # η/m is 0


def test_costs_that_are_computed_a_few_batches_at_a_time_add_up(monkeypatch):
    monkeypatch.setattr(training_step, "SEEN_BYTES", 200)
    net = network()
    x, y = data(net, n=50)
    assert_allclose(fit(net, x, y, batch_size=3)[1].cost, by_pure_functions(net, x, y, batch_size=3)[1], rtol=1e-12)


def test_softmax_and_cross_entropy_with_targets_that_do_not_sum_to_one():
    net = network(bp.tanh, bp.softmax, bp.cross_entropy)
    x, y = data(net)
    y = 1.7 * y
    got, history = fit(net, x, y)
    want, costs = by_pure_functions(net, x, y)
    assert_same(got, want)
    assert_allclose(history.cost, costs, rtol=1e-12)


@pytest.mark.parametrize("gemm", [training_step.GEMM, {}], ids=["as it is", "numpy alone"])
@given(n=st.integers(1, 30), batch_size=st.integers(1, 40), depth=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_fit_agrees_with_the_pure_functions_for_any_size(gemm, n, batch_size, depth, seed):
    sizes = np.random.default_rng(seed).integers(1, 6, depth + 1).tolist()
    net = network(bp.tanh, sizes=sizes)
    x, y = data(net, n)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training_step, "GEMM", gemm)
        assert_same(fit(net, x, y, batch_size=batch_size)[0], by_pure_functions(net, x, y, batch_size=batch_size)[0])


@pytest.mark.parametrize("optimiser", STEPS)
def test_float32_stays_float32(optimiser):
    net = network(bp.relu, bp.softmax, bp.cross_entropy, dtype=np.float32)
    x, y = data(net)
    got, _ = fit(net, x, y, optimiser=optimiser, batch_size=4)
    want, _ = by_pure_functions(net, x, y, optimiser=optimiser, batch_size=4)
    assert got.dtype == np.float32
    assert_same(got, want, atol=1e-4)  # float32 carries seven digits, and Adam divides by small roots


@pytest.mark.parametrize("optimiser", ["momentum", "nesterov", "adam"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_of_a_dead_neuron_fades_to_zero_and_not_to_subnormal_numbers(optimiser, dtype):
    net = network(bp.relu, bp.identity, dtype=dtype)
    x, y = data(net, n=200)
    net.b[1][0], net.W[1][0, 0], x[0, 0] = -1e3, 1.0, 1e6  # the first example alone reaches the first neuron
    options = {"eta": 1e-9, "mu": 0.8, "beta1": 0.8, "beta2": 0.8, "epsilon": 1e-8, "l1": 0.0, "l2": 0.0}
    plan = training_step.Plan(net, x.astype(dtype), y.astype(dtype), batch_size=1, optimiser=optimiser, settings=options)
    plan.epoch(np.arange(200))
    for _ in range(20):
        plan.epoch(np.arange(1, 200))
    for memory in plan.rule.memory:
        size = abs(memory[memory != 0])
        assert len(size) > 0
        assert size.min() >= np.finfo(dtype).tiny


def test_extreme_inputs_train_without_a_warning_and_without_nan(recwarn):
    for output, cost in ((bp.sigmoid, bp.binary_cross_entropy), (bp.softmax, bp.cross_entropy)):
        net = network(bp.sigmoid, output, cost)
        x, y = data(net)
        got, history = fit(net, 1e4 * x, y, eta=100.0)
        assert np.isfinite(history.cost).all()
        assert all(np.isfinite(W).all() for W in got.W[1:])
    assert not recwarn


def test_nothing_is_mutated_and_nothing_is_shared():
    net = network()
    x, y = data(net)
    arrays = [x, y, *net.W[1:], *net.b[1:]]
    before = [array.copy() for array in arrays]
    after, _ = fit(net, x, y)
    for array, was in zip(arrays, before, strict=True):
        assert_array_equal(array, was)
    for l in (1, 2):
        assert not np.shares_memory(after.W[l], net.W[l])
        assert after.W[l].flags.c_contiguous
        assert after.W[l].flags.owndata


def test_same_seed_same_network_and_another_seed_another():
    net = network()
    x, y = data(net)
    first, first_history = fit(net, x, y)
    again, again_history = fit(net, x, y)
    other, _ = fit(net, x, y, seed=7)
    assert_array_equal(first.W[1], again.W[1])
    assert first_history == again_history
    assert (first.W[1] != other.W[1]).any()


def test_data_may_lie_in_memory_as_it_likes():
    net = network()
    x, y = data(net)
    want, _ = fit(net, x, y)
    wide = np.zeros((5, 3 * N))[:, ::3]
    wide[:] = x
    for other in (np.asfortranarray(x), wide, x[::-1][::-1], x.tolist()):
        assert_array_equal(fit(net, other, np.asfortranarray(y))[0].W[1], want.W[1])


def test_fit_learns_xor():
    x, y = np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), np.array([[0, 1, 1, 0]])
    net = bp.init([2, 4, 1], activation=bp.tanh, output=bp.sigmoid, cost=bp.binary_cross_entropy, rng=np.random.default_rng(0))
    net, history = fit(net, x, y, epochs=300, eta=0.1, batch_size=4, optimiser="adam")
    assert history.cost[-1] < 0.01
    assert bp.accuracy(bp.predict(net, x), y) == 1.0


# ── History, early stopping, metrics ──────────────────────────────────────────────────────────────────────────────────


def overfitting():
    """A network, noise to learn by heart, and other noise that gets worse by that."""
    net = network(bp.tanh, bp.identity, sizes=(5, 20, 3))
    return net, data(net, n=8), data(net, n=30, seed=8)


def test_early_stopping_waits_patiently_then_returns_the_best_network():
    net, (x, y), held_out = overfitting()
    best, history = fit(net, x, y, epochs=200, eta=0.3, validation=held_out, patience=5)
    assert history.epochs < 200
    assert history.best_epoch == 1 + int(np.argmin(history.validation_cost))
    assert history.epochs == history.best_epoch + 5
    assert history.stopped == "no lower validation cost for 5 epochs"
    assert bp.cost_of(best, *held_out) == min(history.validation_cost)
    # the best network is the one after that many epochs, not an average or a later one
    assert_same(best, fit(net, x, y, epochs=history.best_epoch, eta=0.3)[0], atol=0)


def test_patience_returns_the_best_network_of_a_training_that_ran_to_its_end():
    net, (x, y), held_out = overfitting()
    best, history = fit(net, x, y, epochs=200, eta=0.3, validation=held_out, patience=199)
    assert (history.epochs, history.stopped) == (200, "")
    assert bp.cost_of(best, *held_out) == min(history.validation_cost) < history.validation_cost[-1]


def test_validation_without_patience_watches_and_returns_the_last_network():
    net, (x, y), held_out = overfitting()
    last, history = fit(net, x, y, epochs=200, eta=0.3, validation=held_out)
    assert history.epochs == len(history.validation_cost) == 200
    assert bp.cost_of(last, *held_out) == history.validation_cost[-1]
    assert_same(last, fit(net, x, y, epochs=200, eta=0.3)[0], atol=0)


def test_metrics_are_measured_on_the_validation_set_or_else_on_the_training_set():
    net, (x, y), held_out = overfitting()
    metrics = {"accuracy": bp.accuracy, "largest output": lambda a, y: a.max()}
    for watched, options in ((held_out, {"validation": held_out}), ((x, y), {})):
        last, history = fit(net, x, y, epochs=3, metrics=metrics, **options)
        assert list(history.metrics) == ["accuracy", "largest output"]
        assert [len(values) for values in history.metrics.values()] == [3, 3]
        assert history.metrics["accuracy"][-1] == bp.accuracy(bp.predict(last, watched[0]), watched[1])
        assert history.metrics["largest output"][-1] == bp.predict(last, watched[0]).max()


@pytest.mark.parametrize(("cost", "output"), [(bp.quadratic, bp.identity), (bp.cross_entropy, bp.softmax), (Huber(), bp.identity)], ids=repr)
@pytest.mark.parametrize("eta", [0.05, 1e200], ids=["in a few epochs", "at once"])
def test_a_training_that_diverges_ends_and_says_so(cost, output, eta, recwarn):
    net = network(Wave(), output, cost, sizes=(5, 20, 20, 3))
    x, y = data(net)
    y = 1e3 * y
    _, history = fit(net, 1e3 * x, y, epochs=3000, eta=eta, validation=(x, y), metrics={"accuracy": bp.accuracy})
    assert not np.isfinite(history.cost[-1])
    assert np.isfinite(history.cost[:-1]).all()
    assert history.stopped == f"the cost is {history.cost[-1]} in epoch {history.epochs}; a smaller eta may help"
    assert len(history.validation_cost) == len(history.metrics["accuracy"]) == history.epochs
    assert not recwarn


def test_history_is_frozen_and_tells_its_story_in_text_and_html():
    history = bp.History(
        cost=(0.5, 0.25, 0.125), validation_cost=(0.5, 0.3, 0.4), metrics={"<b>share": (0.1, 0.9, 0.8)}, best_epoch=2, stopped="patience & time"
    )
    assert str(history) == (
        "3 epochs: cost 0.5 → 0.125 █▃▁, validation cost 0.5 → 0.4 █▁▅, <b>share 0.1 → 0.8 ▁█▇, best after epoch 2, stopped: patience & time"
    )
    html = history._repr_html_()
    assert "&lt;b&gt;share" in html
    assert "<b>" not in html
    assert "patience &amp; time" in html
    assert html.count('<img class="bpkit-image" alt="') == html.count(" after epoch 3") == 3
    with pytest.raises(AttributeError):
        history.cost = ()


@pytest.mark.parametrize("cost", [(0.5,), (0.5, 0.5), (0.5, float("nan")), (float("inf"),), tuple(np.linspace(1, 0, 500))])
def test_history_of_any_course_can_be_shown(cost):
    history = bp.History(cost)
    assert str(history).startswith(f"{len(cost)} epoch")
    assert "\n" not in str(history)
    assert len(str(history)) < 90
    assert "nan,nan" not in history._repr_html_()


@pytest.mark.parametrize(
    ("a", "y", "want"),
    [
        ([[0.9, 0.2, 0.4], [0.1, 0.8, 0.6]], [[1, 0, 1], [0, 1, 0]], 2 / 3),
        ([[0.5, 0.49, 0.9]], [[1, 1, 0]], 1 / 3),
        ([[2.0], [3.0]], [[0.2], [0.8]], 1.0),
    ],
)
def test_accuracy_counts_the_examples_whose_class_is_right(a, y, want):
    assert bp.accuracy(np.array(a), np.array(y)) == want


def test_accuracy_refuses_labels_of_another_shape():
    with pytest.raises(ValueError, match=r"a has shape \(3, 4\) and y \(4,\), expected one shape"):
        bp.accuracy(np.zeros((3, 4)), np.zeros(4))


# ── The bar ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_bar_is_drawn_in_text_when_wanted_and_never_otherwise(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    net = network()
    x, y = data(net)
    bp.fit(net, x, y, epochs=3, eta=0.1, rng=np.random.default_rng(0), progress=False)
    assert capsys.readouterr() == ("", "")
    bp.fit(net, x, y, epochs=3, eta=0.1, rng=np.random.default_rng(0))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "0/3" in shown.err
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    bp.fit(net, x, y, epochs=3, eta=0.1, rng=np.random.default_rng(0))
    shown = capsys.readouterr()
    assert "0/3" in shown.out
    assert shown.err == ""


def test_fit_works_without_tqdm():
    program = """
import sys
sys.modules["tqdm"] = None
import numpy as np, bpkit as bp
rng = np.random.default_rng(0)
print(bp.fit(bp.init([2, 1], rng=rng), np.ones((2, 3)), np.ones((1, 3)), epochs=2, eta=1.0, rng=rng)[1].epochs)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("2\n", "")


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0, expected a whole number above 0"),
        ({"epochs": 2.5}, ValueError, "epochs is 2.5, expected a whole number above 0"),
        ({"batch_size": -1}, ValueError, "batch_size is -1, expected a whole number above 0"),
        ({"eta": 0}, ValueError, "eta is 0, expected a finite number above 0"),
        ({"eta": np.nan}, ValueError, "eta is nan, expected a finite number above 0"),
        ({"mu": 1}, ValueError, "mu is 1, expected 0 or above, and below 1"),
        ({"l2": -1}, ValueError, "l2 is -1, expected a finite number, 0 or above"),
        ({"optimiser": "adagrad"}, ValueError, "optimiser is 'adagrad', expected one of sgd, momentum, nesterov, adam"),
        ({"rng": 0}, TypeError, "fit: rng is of type int, expected a Generator"),
        ({"rng": np.random.RandomState(0)}, TypeError, "fit: rng is of type RandomState, expected a Generator"),
        ({"patience": 3}, ValueError, "patience is 3 but there is no validation set"),
        ({"validation": np.zeros((5, 2))}, ValueError, r"validation is of type ndarray, expected a pair \(x, y\)"),
        ({"validation": (np.zeros((4, 2)), np.zeros((3, 2)))}, ValueError, r"validation x has shape \(4, 2\), expected \(5, m\)"),
        ({"validation": (np.zeros((5, 2)), np.zeros((3, 1)))}, ValueError, r"validation y has shape \(3, 1\), expected \(3, 2\)"),
    ],
)
def test_fit_says_what_is_wrong_with_its_arguments(options, error, message):
    net = network()
    x, y = data(net)
    with pytest.raises(error, match=message):
        bp.fit(net, x, y, **{"epochs": 1, "eta": 0.1, "rng": np.random.default_rng(0), "progress": False, **options})


def test_fit_says_what_is_wrong_with_the_data():
    net = network(bp.sigmoid, bp.sigmoid, bp.binary_cross_entropy)
    x, y = data(net)
    for bad_x, bad_y, message in [
        (x.T, y, r"x has shape \(11, 5\), expected \(5, m\).*pass x.T"),
        (x, y[0], r"y has shape \(11,\), expected \(3, 11\)"),
        (np.where(x == x[2, 3], np.nan, x), y, "x is nan in row 2, column 3"),
        (x[:, :0], y[:, :0], "expected at least one example"),
        (x, 3 * y, r"binary_cross_entropy: y contains .*, expected values in \[0, 1\]"),
    ]:
        with pytest.raises(ValueError, match=message):
            fit(net, bad_x, bad_y)


def test_fit_refuses_a_complex_network():
    net = network()
    complex_net = bp.Network([None, *(W.astype(complex) for W in net.W[1:])], [None, *(b.astype(complex) for b in net.b[1:])], net.activations)
    with pytest.raises(TypeError, match="the network's dtype is complex128, expected real numbers"):
        fit(complex_net, *data(net))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "nesterov", "adam"])
def test_five_epochs_and_five_more_are_ten(optimiser, dtype):
    net = bp.init([3, 8, 2], activation=bp.tanh, output=bp.sigmoid, rng=np.random.default_rng(0), dtype=dtype)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(3, 45)), rng.uniform(size=(2, 45))

    def train(net, epochs, rng, **more):
        return bp.fit(net, x, y, epochs=epochs, eta=0.05, optimiser=optimiser, l2=0.01, rng=rng, progress=False, **more)

    whole, _ = train(net, 10, np.random.default_rng(2))
    rng = np.random.default_rng(2)
    half, history = train(net, 5, rng)
    both, _ = train(half, 5, rng, resume=history)
    for l in (1, 2):
        assert_array_equal(both.W[l], whole.W[l])
        assert_array_equal(both.b[l], whole.b[l])


def test_a_memory_that_does_not_fit_is_refused_with_the_reason():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(3, 20)), rng.uniform(size=(2, 20))
    given = {"x": x, "y": y, "epochs": 1, "eta": 0.1, "rng": rng, "progress": False}
    _, history = bp.fit(bp.init([3, 2], rng=rng), optimiser="adam", **given)
    for net, optimiser, why in (
        (bp.init([3, 2], rng=rng), "momentum", "memory of 'adam', expected that of 'momentum'"),
        (bp.init([3, 4, 2], rng=rng), "adam", "of other layers"),
        (bp.init([3, 2], rng=rng, dtype=np.float32), "adam", "or another dtype"),
    ):
        with pytest.raises(ValueError, match=why):
            bp.fit(net, optimiser=optimiser, resume=history, **given)
    with pytest.raises(TypeError, match="resume is dict, expected the History"):
        bp.fit(bp.init([3, 2], rng=rng), resume={}, **given)


@pytest.mark.parametrize("epoch", [1, 3])
def test_ctrl_c_returns_the_network_and_the_history_so_far(epoch):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(3, 20)), rng.uniform(size=(2, 20))
    calls = []

    def interrupt(a, y):
        calls.append(a)
        if len(calls) == epoch:
            raise KeyboardInterrupt
        return 0.5

    start = bp.init([3, 2], rng=rng)
    net, history = bp.fit(start, x, y, epochs=9, eta=0.5, rng=rng, validation=(x, y), metrics={"half": interrupt}, progress=False)
    assert history.epochs == len(history.validation_cost) == len(history.metrics["half"]) == epoch - 1
    assert history.stopped == f"interrupted in epoch {epoch}" and history.stopped in str(history) and history.stopped in history._repr_html_()
    assert np.abs(net.W[1] - start.W[1]).max() > 1e-3


def test_an_output_that_is_nan_is_no_right_answer():
    y = np.eye(3)[:, [0, 1, 2, 0]]
    a = y.copy()
    assert bp.accuracy(a, y) == 1
    a[1, 0] = np.nan
    assert bp.accuracy(a, y) == 0.75
    assert bp.accuracy(np.full((1, 4), np.nan), np.zeros((1, 4))) == 0
