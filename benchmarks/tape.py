"""How long gradients take on bpkit's tape and on HIPS autograd, micrograd, PyTorch and JAX: arrays of a net's size, and many small numbers.

    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python benchmarks/tape.py [--rounds 20]

All run in one process, in an order drawn anew for each round; the time is that of the processor, and each ratio is within one round. What one
leaves behind for Python's garbage collector is collected before the next begins. A peer that is not installed is left out with a line that
says so.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import sys
from collections.abc import Callable
from time import process_time

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is imported

import bpkit as bp  # noqa: E402
from bpkit import tape  # noqa: E402

SIZES, M, STEPS = (784, 30, 10), 10, 300
CALLS = 10  # of each in a round
Way = Callable[[], list[np.ndarray]]


def ways() -> dict[str, dict[str, Way]]:
    """Problem → who → a function that returns the gradients."""
    rng = np.random.default_rng(0)
    net = bp.init(list(SIZES), activation=bp.sigmoid, cost=bp.quadratic, rng=rng)
    x, y = rng.uniform(size=(SIZES[0], M)), np.eye(SIZES[-1])[:, rng.integers(SIZES[-1], size=M)]
    parameters = [net.W[1], net.b[1], net.W[2], net.b[2]]

    def net_cost(sigmoid: Callable, total: Callable) -> Callable:
        def cost(W1, b1, W2, b2):  # type: ignore[no-untyped-def]
            return total((sigmoid(W2 @ sigmoid(W1 @ x + b1) + b2) - y) ** 2) / (2 * M)

        return cost

    def chain(tanh: Callable) -> Callable:
        def cost(w, u):  # type: ignore[no-untyped-def]
            h = u
            for _ in range(STEPS):
                h = tanh(w * h + u)
            return h * h

        return cost

    numbers = [np.array(0.9), np.array(0.3)]

    def by_tape(cost: Callable, arguments: list[np.ndarray]) -> Way:
        def run() -> list[np.ndarray]:
            variables = [tape.Var(argument) for argument in arguments]
            tape.backward(cost(*variables))
            return [variable.grad for variable in variables]

        return run

    def by_hand() -> list[np.ndarray]:
        grads = bp.backward(net, bp.forward(net, x), y)
        return [grads.W[1], grads.b[1], grads.W[2], grads.b[2]]

    big, small = "784-30-10, batch 10", f"a chain of {STEPS} steps on single numbers"
    found: dict[str, dict[str, Way]] = {
        big: {"bp.tape": by_tape(net_cost(tape.sigmoid, tape.sum), parameters), "bp.backward (BP1 to BP4)": by_hand},
        small: {"bp.tape": by_tape(chain(tape.tanh), numbers)},
    }
    try:
        import autograd.numpy as anp
        from autograd import grad

        gradient = grad(net_cost(lambda z: 0.5 * (anp.tanh(0.5 * z) + 1), anp.sum), (0, 1, 2, 3))
        gradient_of_chain = grad(chain(anp.tanh), (0, 1))
        found[big]["HIPS autograd"] = lambda: list(gradient(*parameters))
        found[small]["HIPS autograd"] = lambda: list(gradient_of_chain(0.9, 0.3))
    except ImportError:
        print("autograd is not installed: left out")
    try:
        from micrograd.engine import Value

        def micrograd_tanh(x: Value) -> Value:  # it has none; this is one as it writes its own
            t = math.tanh(x.data)
            out = Value(t, (x,), "tanh")

            def _backward() -> None:
                x.grad += (1 - t * t) * out.grad

            out._backward = _backward
            return out

        def by_micrograd() -> list[np.ndarray]:
            w, u = Value(0.9), Value(0.3)
            chain(micrograd_tanh)(w, u).backward()
            return [np.array(w.grad), np.array(u.grad)]

        sys.setrecursionlimit(20_000)  # its topological sort calls itself
        found[small]["micrograd"] = by_micrograd
    except ImportError:
        print("micrograd is not installed: left out")
    try:
        import torch

        torch.set_num_threads(1)

        def by_torch(cost: Callable, arguments: list[np.ndarray]) -> Way:
            def run() -> list[np.ndarray]:
                tensors = [torch.tensor(argument, requires_grad=True) for argument in arguments]
                cost(*tensors).backward()
                return [tensor.grad.numpy() for tensor in tensors]

            return run

        tx, ty = torch.tensor(x), torch.tensor(y)
        found[big]["PyTorch eager"] = by_torch(
            lambda W1, b1, W2, b2: ((torch.sigmoid(W2 @ torch.sigmoid(W1 @ tx + b1) + b2) - ty) ** 2).sum() / (2 * M), parameters
        )
        found[small]["PyTorch eager"] = by_torch(chain(torch.tanh), numbers)
    except ImportError:
        print("torch is not installed: left out")
    try:
        import jax

        jax.config.update("jax_enable_x64", True)
        compiled = jax.jit(jax.grad(net_cost(jax.nn.sigmoid, jax.numpy.sum), (0, 1, 2, 3)))
        compiled_chain = jax.jit(jax.grad(chain(jax.numpy.tanh), (0, 1)))
        found[big]["JAX, compiled"] = lambda: [np.asarray(g) for g in compiled(*parameters)]
        found[small]["JAX, compiled"] = lambda: [np.asarray(g) for g in compiled_chain(*numbers)]
    except ImportError:
        print("jax is not installed: left out")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=20, help=f"medians are taken over so many rounds of {CALLS} (default 20)")
    rounds = arguments.parse_args().rounds
    for problem, runs in ways().items():
        want = runs["bp.tape"]()
        seconds: dict[str, list[float]] = {who: [] for who in runs}
        for who, run in runs.items():
            for mine, theirs in zip(want, run(), strict=True):  # the first run, which may compile, is not timed
                if not np.allclose(mine, theirs, rtol=1e-9, atol=1e-12):
                    raise SystemExit(f"{problem}: {who} finds other gradients than bp.tape")
        for round_ in range(rounds):
            for who in np.random.default_rng(round_).permutation(list(runs)):
                gc.collect()
                start = process_time()
                for _ in range(CALLS):
                    runs[who]()
                seconds[who].append((process_time() - start) / CALLS)
        print(f"\n{problem}; float64, one thread, medians of {rounds} rounds of {CALLS}\n")
        print("| engine | time | bp.tape's ÷ it [quartiles] |\n|---|---:|---:|")
        for who, times in seconds.items():
            low, middle, high = np.quantile(np.array(seconds["bp.tape"]) / times, (0.25, 0.5, 0.75))
            print(f"| {who} | {1000 * np.median(times):.2f} ms | {middle:.2f} [{low:.2f}, {high:.2f}] |")


if __name__ == "__main__":
    main()
