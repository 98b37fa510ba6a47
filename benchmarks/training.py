"""How fast `fit` trains, beside a loop written by hand and beside its peers, in one process.

    python benchmarks/training.py [--examples 3840] [--rounds 5] [--only-to-beat]

Everybody trains 784-30-10 with sigmoids, and 784-256-128-10 with relus, softmax and cross-entropy, on the same synthetic
images, from data to trained weights, on one thread: the time of set-up, shuffling and gathering counts, that of compiling
does not. Rounds are interleaved, so that a noisy machine is noisy for all, and times are divided by bp.fit's of the same
round; the quartiles of the loop by hand and of JAX are in brackets. A peer that is not installed is left out. The last
column is how near to JAX numpy could come if all between its matrix products took no time: the mini-batches gathered and
fit's products on them alone, with the update where a product makes it, divided by JAX's whole training.
"""

# ruff: noqa: E402 - BLAS reads its number of threads when numpy is imported
from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)  # set to an older processor it slows numpy alone
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
if hasattr(os, "sched_setaffinity"):  # and not every peer can be told to keep to one thread
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import argparse
import time
import warnings
from collections.abc import Callable
from functools import cache

import numpy as np

import bpkit as bp
from bpkit.core.training_step import GEMM, Plan

EPOCHS = 5
SHALLOW, DEEP = (784, 30, 10), (784, 256, 128, 10)
ETA = {SHALLOW: 0.5, DEEP: 0.01}
BATCH_SIZES = (10, 64, 256)
PARITY = int(np.lcm.reduce(BATCH_SIZES))


def start(sizes: tuple[int, ...], dtype: type) -> bp.Network:
    rng = np.random.default_rng(2)
    if sizes == SHALLOW:
        return bp.init(list(sizes), rng=rng, dtype=dtype)
    return bp.init(list(sizes), activation=bp.relu, output=bp.softmax, cost=bp.cross_entropy, rng=rng, dtype=dtype)


def bpkit_fit(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    trained, _ = bp.fit(net, x, y, epochs=EPOCHS, batch_size=batch_size, eta=ETA[net.sizes], rng=np.random.default_rng(0), progress=False)
    return [*trained.W[1:], *trained.b[1:]]


def by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """The same training, written for the one network: the loop to measure a general `fit` by. It records no cost."""
    return (shallow_by_hand if net.sizes == SHALLOW else deep_by_hand)(net, x, y, batch_size)


def shallow_by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    dtype, n, m = net.dtype, net.sizes, batch_size
    # examples in rows, to gather; a column of ones for the biases; -W and -b, so that sigma takes three calls
    all_x = np.empty((x.shape[1], n[0] + 1), dtype)
    all_x[:, :-1], all_x[:, -1] = x.T, 1
    all_y = np.ascontiguousarray(y.T)
    V1, V2 = (-np.hstack([net.W[l], net.b[l]]) for l in (1, 2))
    x_rows, y_rows = np.empty((m, n[0] + 1), dtype), np.empty((m, n[2]), dtype)
    x_in, y_in = x_rows.T, y_rows.T
    a1_and_1 = np.ones((n[1] + 1, m), dtype)
    a1, a2 = a1_and_1[:-1], np.empty((n[2], m), dtype)
    e1, e2, t1, t2 = np.empty_like(a1), np.empty_like(a2), np.empty_like(a1), np.empty_like(a2)
    G1, G2 = np.empty_like(V1), np.empty_like(V2)
    V2_back, a1_and_1_T = V2[:, :-1].T, a1_and_1.T
    rate, one = np.array(ETA[SHALLOW] / m, dtype), np.array(1, dtype)
    dot, exp, add, reciprocal, subtract, multiply = np.dot, np.exp, np.add, np.reciprocal, np.subtract, np.multiply
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in rng.permutation(x.shape[1]).reshape(-1, m):
            all_x.take(indices, 0, x_rows, "clip")
            all_y.take(indices, 0, y_rows, "clip")
            dot(V1, x_in, a1)
            exp(a1, a1)
            add(a1, one, a1)
            reciprocal(a1, a1)
            dot(V2, a1_and_1, a2)
            exp(a2, a2)
            add(a2, one, a2)
            reciprocal(a2, a2)
            subtract(a2, y_in, e2)
            multiply(e2, rate, e2)
            multiply(e2, a2, e2)
            subtract(a2, one, t2)
            multiply(e2, t2, e2)
            dot(V2_back, e2, e1)
            multiply(e1, a1, e1)
            subtract(a1, one, t1)
            multiply(e1, t1, e1)
            dot(e2, a1_and_1_T, G2)
            subtract(V2, G2, V2)
            dot(e1, x_rows, G1)
            subtract(V1, G1, V1)
    return [-V1[:, :-1], -V2[:, :-1], -V1[:, -1:], -V2[:, -1:]]


def deep_by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    dtype, n, m = net.dtype, net.sizes, batch_size
    all_x = np.empty((x.shape[1], n[0] + 1), dtype)
    all_x[:, :-1], all_x[:, -1] = x.T, 1
    all_y = np.ascontiguousarray(y.T)
    V1, V2, V3 = (np.hstack([net.W[l], net.b[l]]) for l in (1, 2, 3))
    x_rows, y_rows = np.empty((m, n[0] + 1), dtype), np.empty((m, n[3]), dtype)
    a1_and_1, a2_and_1 = np.ones((n[1] + 1, m), dtype), np.ones((n[2] + 1, m), dtype)
    a1, a2, a3, row = a1_and_1[:-1], a2_and_1[:-1], np.empty((n[3], m), dtype), np.empty(m, dtype)
    e1, e2, e3, t1, t2 = np.empty_like(a1), np.empty_like(a2), np.empty_like(a3), np.empty_like(a1), np.empty_like(a2)
    G1, G2, G3 = np.empty_like(V1), np.empty_like(V2), np.empty_like(V3)
    x_in, y_in, V2_back, V3_back, a1_and_1_T, a2_and_1_T = x_rows.T, y_rows.T, V2[:, :-1].T, V3[:, :-1].T, a1_and_1.T, a2_and_1.T
    rate, zero = np.array(ETA[DEEP] / m, dtype), np.array(0, dtype)
    dot, matmul, exp, maximum, sign = np.dot, np.matmul, np.exp, np.maximum, np.sign
    add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in rng.permutation(x.shape[1]).reshape(-1, m):
            all_x.take(indices, 0, x_rows, "clip")
            all_y.take(indices, 0, y_rows, "clip")
            dot(V1, x_in, a1)
            maximum(a1, zero, out=a1)
            dot(V2, a1_and_1, a2)
            maximum(a2, zero, out=a2)
            dot(V3, a2_and_1, a3)
            maximum.reduce(a3, 0, None, row)
            subtract(a3, row, a3)
            exp(a3, a3)
            add.reduce(a3, 0, None, row)
            divide(a3, row, a3)
            subtract(a3, y_in, e3)
            multiply(e3, rate, e3)
            matmul(V3_back, e3, e2)
            sign(a2, t2)
            multiply(e2, t2, e2)
            matmul(V2_back, e2, e1)
            sign(a1, t1)
            multiply(e1, t1, e1)
            dot(e3, a2_and_1_T, G3)
            subtract(V3, G3, V3)
            dot(e2, a1_and_1_T, G2)
            subtract(V2, G2, V2)
            dot(e1, x_rows, G1)
            subtract(V1, G1, V1)
    return [*(V[:, :-1] for V in (V1, V2, V3)), *(V[:, -1:] for V in (V1, V2, V3))]


def pure_functions(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """The library's own reading version: forward, backward, sgd."""
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in rng.permutation(x.shape[1]).reshape(-1, batch_size):
            grads = bp.backward(net, bp.forward(net, x[:, indices]), y[:, indices])
            net = bp.sgd(net, grads, eta=ETA[net.sizes])
    return [*net.W[1:], *net.b[1:]]


def products_alone(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    """fit's gathering and its matrix products, without activations and cost: it learns nothing that helps."""
    plan = Plan(net, x, y, batch_size=batch_size, optimiser="sgd", settings={"eta": ETA[net.sizes], "l1": 0.0, "l2": 0.0})
    batch = plan._batches[batch_size]
    makers = (np.dot, np.matmul, *(gemm for gemm, _ in GEMM.values()))
    products = [call for call in batch._calls if getattr(call, "func", None) in makers]
    take, gathered = batch._examples.take, batch._gathered
    rng = np.random.default_rng(0)
    batch.train(rng.permutation(x.shape[1])[:batch_size])  # numbers as they are met in training
    for _ in range(EPOCHS):
        for indices in rng.permutation(x.shape[1]).reshape(-1, batch_size):
            take(indices, 0, gathered, "clip")
            for product in products:
                product()


@cache
def jax_epoch(sizes: tuple[int, ...], batch_size: int) -> Callable:
    """One epoch in one compiled scan: (W and b of each layer), examples and targets in rows, their order → W and b."""
    import jax

    def cost(layers, x, y):  # type: ignore[no-untyped-def]
        a = x
        for W, b in layers[:-1]:
            a = (jax.nn.sigmoid if sizes == SHALLOW else jax.nn.relu)(a @ W.T + b)
        z = a @ layers[-1][0].T + layers[-1][1]
        if sizes == SHALLOW:
            return ((jax.nn.sigmoid(z) - y) ** 2).sum() / (2 * batch_size)
        return -(y * jax.nn.log_softmax(z)).sum() / batch_size

    def epoch(layers, x, y, order):  # type: ignore[no-untyped-def]
        def step(layers, indices):  # type: ignore[no-untyped-def]
            grads = jax.grad(cost)(layers, x[indices], y[indices])
            return jax.tree.map(lambda w, g: w - ETA[sizes] * g, layers, grads), None

        return jax.lax.scan(step, layers, order.reshape(-1, batch_size))[0]

    return jax.jit(epoch, donate_argnums=0)


def jax_scan(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    import jax

    jax.config.update("jax_enable_x64", True)
    epoch = jax_epoch(net.sizes, batch_size)
    layers = [(jax.numpy.array(W), jax.numpy.array(b[:, 0])) for W, b in zip(net.W[1:], net.b[1:], strict=True)]
    rows, targets = jax.numpy.array(x.T), jax.numpy.array(y.T)
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        layers = epoch(layers, rows, targets, rng.permutation(x.shape[1]))
    return [*(np.asarray(W) for W, _ in layers), *(np.asarray(b)[:, None] for _, b in layers)]


def pytorch_eager(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    import torch

    torch.set_num_threads(1)
    linear = [torch.nn.Linear(before, after) for before, after in zip(net.sizes, net.sizes[1:], strict=False)]
    between = torch.nn.Sigmoid if net.sizes == SHALLOW else torch.nn.ReLU
    layers = [module for layer in linear for module in (layer, between())][: None if net.sizes == SHALLOW else -1]
    model = torch.nn.Sequential(*layers).to(torch.float64 if net.dtype == np.float64 else torch.float32)
    with torch.no_grad():
        for l, layer in enumerate(linear, start=1):
            layer.weight.copy_(torch.from_numpy(net.W[l]))
            layer.bias.copy_(torch.from_numpy(net.b[l][:, 0]))
    descent = torch.optim.SGD(model.parameters(), lr=ETA[net.sizes])
    rows, targets = torch.from_numpy(np.ascontiguousarray(x.T)), torch.from_numpy(np.ascontiguousarray(y.T))
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in torch.from_numpy(rng.permutation(len(rows))).split(batch_size):
            descent.zero_grad()
            found = model(rows[indices])
            if net.sizes == SHALLOW:
                cost = ((found - targets[indices]) ** 2).sum() / (2 * len(indices))
            else:
                cost = torch.nn.functional.cross_entropy(found, targets[indices])
            cost.backward()
            descent.step()
    return [*(layer.weight.detach().numpy() for layer in linear), *(layer.bias.detach().numpy()[:, None] for layer in linear)]


def scikit_learn(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    """MLPClassifier cannot be given the quadratic cost, so it trains its own, softmax and cross-entropy: as much work."""
    from sklearn.neural_network import MLPClassifier

    settings = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "learning_rate_init": ETA[net.sizes], "n_iter_no_change": EPOCHS + 1}
    settings |= {"hidden_layer_sizes": net.sizes[1:-1], "activation": "logistic" if net.sizes == SHALLOW else "relu"}
    model = MLPClassifier(batch_size=batch_size, max_iter=EPOCHS, random_state=0, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that so few epochs have not converged
        model.fit(x.T, y.argmax(axis=0))


CONTESTANTS: dict[str, tuple[str | None, Callable]] = {
    "bp.fit": (None, bpkit_fit),
    "loop by hand": (None, by_hand),
    "JAX, an epoch in one scan": ("jax", jax_scan),
    "bp.forward, backward, sgd": (None, pure_functions),
    "PyTorch eager": ("torch", pytorch_eager),
    "scikit-learn MLPClassifier": ("sklearn", scikit_learn),
    "gather and products alone": (None, products_alone),
}
JAX, PRODUCTS = "JAX, an epoch in one scan", "gather and products alone"
TO_BEAT = ("loop by hand", JAX)


def installed(module: str | None) -> bool:
    try:
        return module is None or __import__(module) is not None
    except ImportError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=3_840, help="rounded down to a multiple of every batch size (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="(default: %(default)s)")
    parser.add_argument("--only-to-beat", action="store_true", help="leave out those that are slower by far")
    arguments = parser.parse_args()
    examples = max(PARITY, arguments.examples // PARITY * PARITY)

    contestants = {name: run for name, (module, run) in CONTESTANTS.items() if installed(module)}
    for name in CONTESTANTS.keys() - contestants.keys():
        print(f"{name} is not installed: left out.")
    if arguments.only_to_beat:
        contestants = {name: run for name, run in contestants.items() if name in ("bp.fit", *TO_BEAT, PRODUCTS)}
    rng = np.random.default_rng(1)
    images = rng.random((examples, SHALLOW[0])) * (rng.random((examples, SHALLOW[0])) < 0.2)
    labels = np.eye(SHALLOW[-1])[rng.integers(0, SHALLOW[-1], examples)]
    print(f"sgd; {examples} examples, {EPOCHS} epochs, {arguments.rounds} rounds, 1 thread, numpy {np.__version__}.")
    print("bp.fit's time ÷ theirs in the same round, median (thousand examples a second); below 1 bp.fit is first.\n")
    columns = [*contestants, *(["products alone ÷ JAX"] if JAX in contestants else [])]
    print(f"| net | dtype | mini-batch | {' | '.join(columns)} |")
    print(f"|---|---|---|{'---|' * len(columns)}")
    for sizes in (SHALLOW, DEEP):
        for dtype in (np.float64, np.float32):
            x, y = images.astype(dtype).T, labels.astype(dtype).T
            net = start(sizes, dtype)
            for batch_size in BATCH_SIZES:
                cells = race(contestants, arguments.rounds, net, x, y, batch_size)
                print(f"| {'-'.join(map(str, sizes))} | {np.dtype(dtype)} | {batch_size} | {' | '.join(cells)} |", flush=True)


def race(contestants: dict[str, Callable], rounds: int, net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[str]:
    # rounding grows from step to step wherever a relu changes its mind, so that some hundred steps are compared
    few = x[:, :PARITY], y[:, :PARITY]
    wanted = by_hand(net, *few, batch_size)
    for name, run in contestants.items():
        if (weights := run(net, *few, batch_size)) is not None:
            check_same(name, weights, wanted)
        run(net, x, y, batch_size)  # what compiles does so here
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for round_ in range(rounds):
        for name in np.random.default_rng(round_).permutation(list(contestants)):
            begin = time.process_time()
            contestants[name](net, x, y, batch_size)
            seconds[name].append(time.process_time() - begin)
    cells = []
    for name, times in seconds.items():
        low, middle, high = np.quantile(np.array(seconds["bp.fit"]) / times, (0.25, 0.5, 0.75))
        quartiles = f" [{low:.2f}, {high:.2f}]" if name in TO_BEAT else ""
        cells.append(f"{middle:.2f}{quartiles} ({EPOCHS * x.shape[1] / np.median(times) / 1e3:.0f})")
    if JAX in contestants:
        low, middle, high = np.quantile(np.array(seconds[PRODUCTS]) / seconds[JAX], (0.25, 0.5, 0.75))
        cells.append(f"{middle:.2f} [{low:.2f}, {high:.2f}]")
    return cells


def check_same(name: str, weights: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    """A race counts only between runners who arrive at the same weights."""
    tolerance = 1e-9 if weights[0].dtype == np.float64 else 1e-3  # float32 rounds differently in another order of sums
    for ours, theirs in zip(weights, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, err_msg=name)


if __name__ == "__main__":
    main()
