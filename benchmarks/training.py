"""How fast `fit` trains, beside a loop written by hand and beside its peers, in one process.

    python benchmarks/training.py [--examples 5120] [--rounds 7]

Everybody trains 784-30-10 with sigmoids on the same synthetic images, from data to trained weights, on one thread: the
time of set-up, shuffling and gathering counts. Rounds are interleaved, so that a noisy machine is noisy for all, and
times are divided by the hand-written loop's of the same round. A peer that is not installed is left out.
"""

# ruff: noqa: E402 - BLAS reads its number of threads when numpy is imported
from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np

import bpkit as bp

EPOCHS = 5
ETA = 0.5
SIZES = (784, 30, 10)
BATCH_SIZES = (10, 64, 256)


def bpkit_fit(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    trained, _ = bp.fit(net, x, y, epochs=EPOCHS, batch_size=batch_size, eta=ETA, rng=np.random.default_rng(0), progress=False)
    return [*trained.W[1:], *trained.b[1:]]


def by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """The same training, written for this one network: the loop to measure a general `fit` by. It records no cost."""
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
    rate, one = np.array(ETA / m, dtype), np.array(1, dtype)
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


def pure_functions(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    """The library's own reading version: forward, backward, sgd."""
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in rng.permutation(x.shape[1]).reshape(-1, batch_size):
            grads = bp.backward(net, bp.forward(net, x[:, indices]), y[:, indices])
            net = bp.sgd(net, grads, eta=ETA)
    return [*net.W[1:], *net.b[1:]]


def pytorch_eager(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> list[np.ndarray]:
    import torch

    torch.set_num_threads(1)
    layers = [torch.nn.Linear(SIZES[0], SIZES[1]), torch.nn.Sigmoid(), torch.nn.Linear(SIZES[1], SIZES[2]), torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers).to(torch.float64 if net.dtype == np.float64 else torch.float32)
    with torch.no_grad():
        for l, layer in ((1, layers[0]), (2, layers[2])):
            layer.weight.copy_(torch.from_numpy(net.W[l]))
            layer.bias.copy_(torch.from_numpy(net.b[l][:, 0]))
    descent = torch.optim.SGD(model.parameters(), lr=ETA)
    rows, targets = torch.from_numpy(np.ascontiguousarray(x.T)), torch.from_numpy(np.ascontiguousarray(y.T))
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for indices in torch.from_numpy(rng.permutation(len(rows))).split(batch_size):
            descent.zero_grad()
            cost = ((model(rows[indices]) - targets[indices]) ** 2).sum() / (2 * len(indices))
            cost.backward()
            descent.step()
    return [parameter.detach().numpy() for parameter in (layers[0].weight, layers[2].weight, layers[0].bias[:, None], layers[2].bias[:, None])]


def scikit_learn(net: bp.Network, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
    """MLPClassifier cannot be given the quadratic cost, so it trains its own, softmax and cross-entropy: as much work."""
    from sklearn.neural_network import MLPClassifier

    settings = {"solver": "sgd", "momentum": 0.0, "alpha": 0.0, "learning_rate_init": ETA, "n_iter_no_change": EPOCHS + 1}
    model = MLPClassifier(hidden_layer_sizes=SIZES[1:2], activation="logistic", batch_size=batch_size, max_iter=EPOCHS, random_state=0, **settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that so few epochs have not converged
        model.fit(x.T, y.argmax(axis=0))


CONTESTANTS: dict[str, tuple[str | None, Callable]] = {
    "loop by hand": (None, by_hand),
    "bp.fit": (None, bpkit_fit),
    "bp.forward, backward, sgd": (None, pure_functions),
    "PyTorch eager": ("torch", pytorch_eager),
    "scikit-learn MLPClassifier": ("sklearn", scikit_learn),
}


def installed(module: str | None) -> bool:
    try:
        return module is None or __import__(module) is not None
    except ImportError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=5_120, help="rounded down to a multiple of every batch size (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="(default: %(default)s)")
    arguments = parser.parse_args()
    whole = int(np.lcm.reduce(BATCH_SIZES))
    examples = max(whole, arguments.examples // whole * whole)

    contestants = {name: run for name, (module, run) in CONTESTANTS.items() if installed(module)}
    for name in CONTESTANTS.keys() - contestants.keys():
        print(f"{name} is not installed: left out.")
    print(f"784-30-10, sigmoid, quadratic, sgd; {examples} examples, {EPOCHS} epochs, {arguments.rounds} rounds, 1 thread, numpy {np.__version__}.")
    print("Time ÷ the loop by hand's in the same round, median (thousand examples a second).\n")
    print(f"| dtype | mini-batch | {' | '.join(contestants)} |")
    print(f"|---|---|{'---|' * len(contestants)}")

    rng = np.random.default_rng(1)
    images = rng.random((examples, SIZES[0])) * (rng.random((examples, SIZES[0])) < 0.2)
    labels = np.eye(SIZES[2])[rng.integers(0, SIZES[2], examples)]
    for dtype in (np.float64, np.float32):
        x, y = images.astype(dtype).T, labels.astype(dtype).T
        net = bp.init(SIZES, rng=np.random.default_rng(2), dtype=dtype)
        for batch_size in BATCH_SIZES:
            seconds: dict[str, list[float]] = {name: [] for name in contestants}
            for round_ in range(arguments.rounds):
                for name in np.random.default_rng(round_).permutation(list(contestants)):
                    start = time.process_time()
                    weights = contestants[name](net, x, y, batch_size)
                    seconds[name].append(time.process_time() - start)
                    if round_ == 0 and weights is not None:
                        check_same(name, weights, by_hand(net, x, y, batch_size))
            base = np.array(seconds["loop by hand"])
            cells = [f"{np.median(np.array(t) / base):.2f} ({EPOCHS * examples / np.median(t) / 1e3:.0f})" for t in seconds.values()]
            print(f"| {np.dtype(dtype)} | {batch_size} | {' | '.join(cells)} |", flush=True)


def check_same(name: str, weights: list[np.ndarray], wanted: list[np.ndarray]) -> None:
    """A race counts only between runners who arrive at the same weights."""
    tolerance = 1e-9 if weights[0].dtype == np.float64 else 1e-3  # float32 rounds differently in another order of sums
    for ours, theirs in zip(weights, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance, err_msg=name)


if __name__ == "__main__":
    main()
