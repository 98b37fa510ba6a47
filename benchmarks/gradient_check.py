"""How long it takes to check every gradient of 784-30-10, by us and by our peers, and how exact the numbers are.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/gradient_check.py [--rounds 5]

All run in one process, in turn, round by round, so that a busy machine disturbs all alike. A peer that is not installed
is left out with a line that says so. The slowest is timed on a part and scaled up, and its row says so. The structured
loops by hand move each weight and run what is above it, for one network and in arrays that are there already: at the end
check_network is divided by them, round by round, for 784-256-128-10 as well. check_network leaves out what nothing moves,
as an input that is 0, so the rows say how many of the inputs are.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter, process_time

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402

SIZES, M = (784, 30, 10), 10
DEEP = (784, 256, 128, 10)
LOOP = "per-element central-difference loop"
TORCH = "torch.autograd.gradcheck"


@dataclass(frozen=True)
class Entry:
    """One way of checking: `run` returns the numerical gradient as one vector, or None where the tool keeps it."""

    name: str
    run: Callable[[], np.ndarray | None]
    parameters: int
    rounds: int | None = None


def problem(sizes: tuple[int, ...] = SIZES, zeros: float = 0.5) -> tuple[bp.Network, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    parts = (bp.sigmoid, bp.sigmoid, bp.quadratic) if sizes == SIZES else (bp.relu, bp.softmax, bp.cross_entropy)
    net = bp.init(list(sizes), activation=parts[0], output=parts[1], cost=parts[2], rng=rng)
    x = rng.uniform(size=(SIZES[0], M)) * (rng.uniform(size=(SIZES[0], M)) >= zeros)
    return net, x, np.eye(SIZES[-1])[:, rng.integers(SIZES[-1], size=M)]


def flat(layers: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([a.ravel() for a in layers])


def entries(net: bp.Network, x: np.ndarray, y: np.ndarray) -> list[Entry]:
    grads = bp.backward(net, bp.forward(net, x), y)
    parameters = [net.W[1], net.b[1], net.W[2], net.b[2]]
    n = sum(p.size for p in parameters)

    def checked(scheme: str) -> Callable[[], np.ndarray]:
        def run() -> np.ndarray:
            report = bp.check_network(net, x, y, grads, scheme=scheme)
            if not report.ok:
                raise SystemExit(f"a right gradient was called wrong:\n{report}")
            return flat([p.numerical for p in report.parameters])

        return run

    def cost(W1: np.ndarray, b1: np.ndarray, W2: np.ndarray, b2: np.ndarray) -> float:
        a = 1 / (1 + np.exp(-(W1 @ x + b1)))
        a = 1 / (1 + np.exp(-(W2 @ a + b2)))
        return ((a - y) ** 2).sum() / (2 * M)

    def loop() -> np.ndarray:
        moved = [p.copy() for p in parameters]
        found = [np.empty(p.size) for p in parameters]
        h = 1e-5
        for p, g in zip(moved, found, strict=True):
            entries = p.reshape(-1)
            for i in range(p.size):
                kept = entries[i]
                entries[i] = kept + h
                up = cost(*moved)
                entries[i] = kept - h
                g[i] = (up - cost(*moved)) / (2 * h)
                entries[i] = kept
        return np.concatenate(found)

    def whole(vector: np.ndarray) -> float:
        parts, start = [], 0
        for p in parameters:
            parts.append(vector[start : start + p.size].reshape(p.shape))
            start += p.size
        return cost(*parts)

    ways = [
        Entry("**bp.check_network**", checked("auto"), n),
        Entry("bp.check_network, every weight moved (central)", checked("central"), n),
        Entry("bp.check_network, every weight moved (Richardson)", checked("richardson"), n),
        Entry("structured central-difference loop by hand", lambda: shallow_by_hand(net, x, y, 1e-5), n),
        Entry(LOOP, loop, n),
    ]
    try:
        import torch

        torch.set_num_threads(1)
        tensors = [torch.tensor(p, requires_grad=True) for p in parameters]
        tx, ty = torch.tensor(x), torch.tensor(y)

        def torch_cost(W1, b1, W2, b2):  # type: ignore[no-untyped-def]
            return ((torch.sigmoid(W2 @ torch.sigmoid(W1 @ tx + b1) + b2) - ty) ** 2).sum() / (2 * M)

        def torch_check() -> None:
            torch.autograd.gradcheck(torch_cost, tensors)

        ways.append(Entry(TORCH, torch_check, n))
    except ImportError:
        print("torch is not installed: left out")
    try:
        from scipy.optimize import approx_fprime

        ways.append(Entry("scipy.optimize.approx_fprime", lambda: approx_fprime(flat(parameters), whole), n))
    except ImportError:
        print("scipy is not installed: left out")
    try:
        import numdifftools

        few = [net.W[2], net.b[2]]

        def last_layer(vector: np.ndarray) -> float:
            return cost(net.W[1], net.b[1], vector[: few[0].size].reshape(few[0].shape), vector[few[0].size :].reshape(few[1].shape))

        ways.append(Entry("numdifftools.Gradient", lambda: numdifftools.Gradient(last_layer)(flat(few)), sum(p.size for p in few), rounds=1))
    except ImportError:
        print("numdifftools is not installed: left out")
    return ways


def shallow_by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, h: float) -> np.ndarray:
    """The least that moves each weight: w_jk moves z_j alone, and from there all k are one array."""
    W1, b1, W2, b2 = net.W[1], net.b[1], net.W[2], net.b[2]
    z1 = W1 @ x + b1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ a1 + b2
    ends = np.vstack([x, np.ones(M)])  # what a weight, and last the bias, is multiplied by
    room = np.empty((len(z2), len(ends), M))

    def costs(w: np.ndarray, moved: np.ndarray) -> np.ndarray:
        z = np.multiply(w, moved, out=room)
        z += z2[:, None]
        np.negative(z, out=z)
        np.exp(z, out=z)
        z += 1
        np.reciprocal(z, out=z)
        z -= y[:, None]
        return np.einsum("ikm,ikm->k", z, z)

    def slopes(j: int) -> np.ndarray:
        up, down = (1 / (1 + np.exp(-(z1[j] + step * ends))) - a1[j] for step in (h, -h))
        w = W2[:, j, None, None]
        return (costs(w, up) - costs(w, down)) / (4 * M * h)

    first = np.array([slopes(j) for j in range(len(z1))])

    def last(i: int) -> np.ndarray:
        up, down = (1 / (1 + np.exp(-(z2[i] + step * np.vstack([a1, np.ones(M)])))) - y[i] for step in (h, -h))
        return ((up * up).sum(axis=1) - (down * down).sum(axis=1)) / (4 * M * h)

    second = np.array([last(i) for i in range(len(z2))])
    return flat([first[:, :-1], first[:, -1], second[:, :-1], second[:, -1]])


def deep_by_hand(net: bp.Network, x: np.ndarray, y: np.ndarray, h: float) -> np.ndarray:
    """The same for relu, relu, softmax and cross-entropy, with so many k at a time as a cache holds."""
    (W1, W2, W3), (b1, b2, b3), many = net.W[1:], net.b[1:], 100
    z1 = W1 @ x + b1
    a1 = np.maximum(z1, 0)
    z2 = W2 @ a1 + b2
    a2 = np.maximum(z2, 0)
    z3 = W3 @ a2 + b3
    ends1, ends2, ends3 = (np.vstack([a, np.ones(M)]) for a in (x, a1, a2))
    room2, room3 = np.empty((len(z2), many, M)), np.empty((len(z3), len(ends1), M))

    def costs(z: np.ndarray) -> np.ndarray:  # log Σ exp z - z of the class, for z (10, k, m)
        right = np.einsum("ikm,im->k", z, y)
        np.exp(z, out=z)
        return np.log(z.sum(axis=0)).sum(axis=1) - right

    def first(j: int, step: float) -> np.ndarray:
        moved = np.maximum(z1[j] + step * ends1, 0) - a1[j]
        found = []
        for start in range(0, len(ends1), many):
            piece = moved[start : start + many]
            a = np.multiply(W2[:, j, None, None], piece, out=room2[:, : len(piece)])
            a += z2[:, None]
            np.maximum(a, 0, out=a)
            z = (W3 @ a.reshape(len(a), -1)).reshape(len(W3), len(piece), M)
            z += b3[:, None]
            found.append(costs(z))
        return np.concatenate(found)

    def second(j: int, step: float) -> np.ndarray:
        moved = np.maximum(z2[j] + step * ends2, 0) - a2[j]
        z = np.multiply(W3[:, j, None, None], moved, out=room3[:, : len(moved)])
        z += z3[:, None]
        return costs(z)

    def third(i: int, step: float) -> np.ndarray:
        z = np.repeat(z3[:, None], len(ends3), axis=1)
        z[i] += step * ends3
        return costs(z)

    found = []
    for costs_of, z in ((first, z1), (second, z2), (third, z3)):
        slopes = np.array([costs_of(j, h) - costs_of(j, -h) for j in range(len(z))]) / (2 * M * h)
        found += [slopes[:, :-1], slopes[:, -1]]
    return flat(found)


def beside_loops(sizes: tuple[int, ...], rounds: int, zeros: float) -> None:
    """Rows of check_network's central and Richardson's differences beside the loop that takes the same differences."""
    net, x, y = problem(sizes, zeros)
    grads = bp.backward(net, bp.forward(net, x), y)
    exact = flat([part[l] for l in range(1, net.L + 1) for part in (grads.W, grads.b)])
    by_hand = shallow_by_hand if sizes == SIZES else deep_by_hand
    loops: dict[str, Callable[[], np.ndarray]] = {
        "central": lambda: by_hand(net, x, y, 1e-5),
        "richardson": lambda: (4 * by_hand(net, x, y, 5e-4) - by_hand(net, x, y, 1e-3)) / 3,
    }
    for scheme, loop in loops.items():
        seconds = np.empty((rounds, 2))
        for round_ in range(rounds + 1):
            for k, run in enumerate((lambda: bp.check_network(net, x, y, grads, scheme=scheme).ok, loop)):  # noqa: B023 - called at once
                start = process_time()
                found = run()
                if round_:  # the first is not timed
                    seconds[round_ - 1, k] = process_time() - start
        error = np.linalg.norm(found - exact) / np.linalg.norm(exact)  # at a kink of relu a long step may be far off
        mine, other = 1000 * np.median(seconds, axis=0)
        low, middle, high = np.quantile(seconds[:, 0] / seconds[:, 1], (0.25, 0.5, 0.75))
        print(
            f"| {'-'.join(map(str, sizes))} | {zeros:.0%} "
            f"| {scheme} | {mine:.1f} ms | {other:.1f} ms | {error:.0e} | {middle:.2f} [{low:.2f}, {high:.2f}] |",
            flush=True,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=5, help="medians are taken over so many rounds (default 5)")
    rounds = arguments.parse_args().rounds
    net, x, y = problem()
    grads = bp.backward(net, bp.forward(net, x), y)
    exact = flat([grads.W[1], grads.b[1], grads.W[2], grads.b[2]])
    ways = entries(net, x, y)
    seconds: dict[str, list[float]] = {way.name: [] for way in ways}
    errors: dict[str, str] = {}
    for round_ in range(rounds):
        for way in ways:
            if way.rounds is not None and round_ >= way.rounds:
                continue
            # what takes milliseconds is repeated, so that one interruption does not make the figure
            repeats = 5 if seconds[way.name] and seconds[way.name][0] < 0.05 else 1
            for _ in range(repeats):
                start = perf_counter()
                found = way.run()
                seconds[way.name].append((perf_counter() - start) * exact.size / way.parameters)
            want = exact[-way.parameters :]
            errors[way.name] = "not told" if found is None else f"{np.linalg.norm(found - want) / np.linalg.norm(want):.0e}"

    median = {name: float(np.median(times)) for name, times in seconds.items()}
    print(f"{'-'.join(map(str, SIZES))}, sigmoid, quadratic cost, batch {M}, float64: {exact.size:,} parameters.")
    print(f"Medians of {rounds} rounds, one thread.\n")
    print("| method | time | × bp.check_network | error in norm |")
    print("|---|---:|---:|---:|")
    for way in ways:
        note = "" if way.parameters == exact.size else f" ({way.parameters} parameters, scaled up)"
        t = median[way.name]
        print(f"| {way.name}{note} | {1000 * t:.1f} ms | {t / median[ways[0].name]:.0f} | {errors[way.name]} |")

    print("\n| net | inputs that are 0 | scheme | bp.check_network | structured loop by hand | its error in norm | bpkit ÷ loop [quartiles] |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for sizes, zeros in ((SIZES, 0.5), (SIZES, 0.0), (DEEP, 0.5), (DEEP, 0.0)):
        beside_loops(sizes, 4 * rounds if sizes == SIZES else rounds, zeros)


if __name__ == "__main__":
    main()
